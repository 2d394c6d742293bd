//! Loads a configuration: default < file < environment.
//!
//! Input: the path of a TOML file and the variables of the environment. Output: a [`Loaded`] that every stage can
//! rely on, or a [`LoadError`] that lists *all* faults, each with file, line, column, key, expectation and fix.
//! The order of the checks: syntax (alone: what follows a syntax error cannot be judged), shape, meaning.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::fault::{Fault, Faults, KeyPath};
use super::file::File;
use super::locate::{At, Locator, Place, Places, Spot};
use super::report::{LoadError, Located};
use super::shape::{Note, Shaped};
use super::warn::{self, Warning};
use super::{env, parse, probe, shape, validate};
use crate::clock::{Clock as _, SystemClock, UnixMillis};

/// The longest list of faults that is shown.
const MAX_FAULTS: usize = 100;
/// The largest file that is read; ours are a few KiB, a wrong path may be anything.
const MAX_BYTES: u64 = 1 << 20;

/// A configuration in which no fault was found.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What it says.
    pub file: File,
    /// The file it was read from, as it was named.
    pub path: PathBuf,
    /// The folder of the file: relative paths in it start here.
    pub base: PathBuf,
    /// What is allowed but worth a word.
    pub warnings: Vec<Warning>,
    /// `DO_NOT_TRACK` is set: nothing above `local` may leave.
    pub do_not_track: bool,
    locator: Locator,
}

/// Where the value of a key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The file, at this line (from 1).
    File(usize),
    /// The environment variable of this name.
    Environment(String),
}

/// Loads a file, checking everything that can be checked without building the stages.
///
/// # Errors
/// All faults of the file and of our variables, at once.
pub fn load(path: &Path, env: impl Iterator<Item = (String, String)>) -> Result<Loaded, LoadError> {
    load_with(path, env, SystemClock.now(), &|_, _, _| {})
}

/// [`load`], with the checks of the stages: `further` builds what it can from the file (its second argument is the
/// folder of the file) and adds what is wrong. It also runs on a file with faults; what it says about a key that
/// was already found faulty is dropped.
///
/// # Errors
/// All faults of the file and of our variables, at once.
pub fn load_with(
    path: &Path,
    env: impl Iterator<Item = (String, String)>,
    now: UnixMillis,
    further: &dyn Fn(&File, &Path, &mut Faults),
) -> Result<Loaded, LoadError> {
    let base = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let variables: Vec<(String, String)> = env.collect();
    let do_not_track =
        variables.iter().any(|(name, value)| name == "DO_NOT_TRACK" && !matches!(value.as_str(), "" | "0" | "false"));

    let text = match read(path) {
        Ok(text) => text,
        Err(located) => {
            return Err(LoadError { path: path.to_owned(), faults: vec![located], salvaged: Box::default() });
        }
    };
    let parse::Parsed { mut tree, mut places, syntax, too_big } = parse::parse(&text);
    let mut shaped = Shaped::default();
    env::overlay(&mut tree, &mut places, &variables, &mut shaped);
    for key in too_big {
        shaped.note(&key, At::Value, "expected a smaller number", "write a number below 2^63");
    }
    shape::check(&mut tree, &mut shaped);
    let file = probe::read(&tree, &mut shaped);
    let locator = Locator::new(text, places, &shaped.doubtful);

    if let Some(syntax) = syntax {
        let fault = Fault { key: KeyPath::root(), problem: syntax.problem, fix: syntax.fix.to_owned() };
        let faults = vec![Located { spot: locator.span(&syntax.span, true), fault }];
        return Err(LoadError { path: path.to_owned(), faults, salvaged: Box::new(file.unwrap_or_default()) });
    }
    let mut faults = Faults::default();
    if let Some(file) = &file {
        validate::file(file, &base, &mut faults);
        let mut staged = Faults::default();
        further(file, &base, &mut staged);
        faults.add_new(&staged);
    }
    let located = all(shaped, &faults, &locator);
    match file {
        Some(file) if located.is_empty() => {
            let warnings = warn::about(&file, do_not_track, now);
            Ok(Loaded { file, path: path.to_owned(), base, warnings, do_not_track, locator })
        }
        file => Err(LoadError { path: path.to_owned(), faults: located, salvaged: Box::new(file.unwrap_or_default()) }),
    }
}

/// Both kinds of faults with their places, in the order of the file, without what only follows from another fault.
fn all(shaped: Shaped, faults: &Faults, locator: &Locator) -> Vec<Located> {
    let Shaped { notes, touched, .. } = shaped;
    let mut located: Vec<Located> =
        notes.into_iter().map(|Note { fault, at }| Located { spot: locator.spot(&fault.key, at), fault }).collect();
    let mut seen: HashSet<&Fault> = HashSet::new();
    for fault in faults.iter() {
        let follows = touched.iter().any(|key| fault.key.is_within(key));
        if !follows && seen.insert(fault) {
            located.push(Located { spot: locator.spot(&fault.key, At::Value), fault: fault.clone() });
        }
    }
    located.sort_by_key(|located| match located.spot {
        Spot::Whole => (0, 0, 0),
        Spot::File { line, column, .. } => (1, line, column),
        Spot::Environment(_) => (2, 0, 0),
    });
    located.truncate(MAX_FAULTS);
    located
}

fn read(path: &Path) -> Result<String, Located> {
    let whole = |problem: String, fix: &str| Located {
        spot: Spot::Whole,
        fault: Fault { key: KeyPath::root(), problem, fix: fix.to_owned() },
    };
    let cannot = |error: std::io::Error| {
        whole(format!("cannot be read: {error}"), "name the file with -c, or make one with `bauta init`")
    };
    let size = std::fs::metadata(path).map_err(cannot)?.len();
    if size > MAX_BYTES {
        return Err(whole(
            "larger than 1 MiB, which no configuration is".into(),
            "name the configuration file with -c",
        ));
    }
    let bytes = std::fs::read(path).map_err(cannot)?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before =
            error.as_bytes().get(..valid).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
        let (line, column) = super::locate::position(before, before.len());
        Located {
            spot: Spot::File { line, column, excerpt: None },
            fault: Fault {
                key: KeyPath::root(),
                problem: "not UTF-8 text".into(),
                fix: "save the file as UTF-8".into(),
            },
        }
    })
}

impl Loaded {
    /// Line and column (from 1) of a key that the file sets.
    #[must_use]
    pub fn locate(&self, key: &KeyPath) -> Option<(usize, usize)> {
        self.locator.line(key)
    }

    /// Who set a key.
    #[must_use]
    pub fn origin(&self, key: &KeyPath) -> Origin {
        match self.locator.places().get(key) {
            Some(Place::Environment(name)) => Origin::Environment(name.clone()),
            Some(Place::File { .. }) => self.locate(key).map_or(Origin::Default, |(line, _)| Origin::File(line)),
            // An element or key of a value that a variable set as a whole.
            None => match key.parent() {
                Some(parent) if is_replaced(self.locator.places(), &parent) => self.origin(&parent),
                _ => Origin::Default,
            },
        }
    }

    /// Adds a warning that only a stage knows of, unless it was acknowledged.
    pub fn warn(&mut self, name: &'static str, key: KeyPath, problem: impl Into<String>, fix: impl Into<String>) {
        let warning = Warning { name, fault: Fault { key, problem: problem.into(), fix: fix.into() } };
        if !warning.is_acknowledged(&self.file) {
            self.warnings.push(warning);
        }
    }

    /// A warning or a later fault, with its place.
    #[must_use]
    pub fn locate_fault(&self, fault: &Fault) -> Located {
        Located { spot: self.locator.spot(&fault.key, At::Value), fault: fault.clone() }
    }

    /// Turns a sound file down after all: for faults that only showed when the stages were built.
    #[must_use]
    pub fn reject(self, faults: &Faults) -> LoadError {
        let located = all(Shaped::default(), faults, &self.locator);
        LoadError { path: self.path, faults: located, salvaged: Box::new(self.file) }
    }
}

fn is_replaced(places: &Places, key: &KeyPath) -> bool {
    match places.get(key) {
        Some(place) => matches!(place, Place::Environment(_)),
        None => key.parent().is_some_and(|parent| is_replaced(places, &parent)),
    }
}
