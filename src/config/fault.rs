//! Faults of a configuration: all of them at once, each with its key, what was expected and the fix.
//!
//! Whoever validates a part pushes into a [`Faults`]; the loader alone knows files and lines and
//! puts them beside the keys when it prints.

use std::fmt;

/// The place of a key in the configuration: `site[0].session.cookie`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct KeyPath(Vec<Step>);

/// One step of a [`KeyPath`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// A key of a table.
    Key(String),
    /// An element of an array, counted from 0.
    Index(usize),
}

impl KeyPath {
    /// The top of the file.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// This place, one key deeper.
    #[must_use]
    pub fn key(&self, name: &str) -> Self {
        self.with(Step::Key(name.to_owned()))
    }

    /// This place, one array element deeper.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    /// The steps from the top.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The place one step further up; `None` at the top.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }

    /// True when this place is `other` or lies below it.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            let dot = if position == 0 { "" } else { "." };
            match step {
                Step::Key(name) if is_bare(name) => write!(f, "{dot}{name}")?,
                Step::Key(name) => write!(f, "{dot}{name:?}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// True for the keys that TOML lets stand without quotes.
fn is_bare(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

impl From<&[Step]> for KeyPath {
    fn from(steps: &[Step]) -> Self {
        Self(steps.to_vec())
    }
}

/// One thing that is wrong, and how to put it right. Holds no secret and no value of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fault {
    /// Where.
    pub key: KeyPath,
    /// What is wrong and what was expected, in one lower-case sentence without a full stop.
    pub problem: String,
    /// What to do about it, an imperative sentence without a full stop; may show the line to write.
    pub fix: String,
}

/// A collection of faults; empty means that the configuration is sound.
#[derive(Debug, Clone, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a fault.
    pub fn push(&mut self, key: KeyPath, problem: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Fault { key, problem: problem.into(), fix: fix.into() });
    }

    /// Takes over the faults of a later look, except about keys that are known to be faulty.
    pub fn add_new(&mut self, later: &Self) {
        let known = self.0.len();
        for fault in &later.0 {
            if !self.0.iter().take(known).any(|earlier| fault.key.is_within(&earlier.key)) {
                self.0.push(fault.clone());
            }
        }
    }

    /// True when nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The faults in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }
}
