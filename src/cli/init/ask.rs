//! Questions on a terminal.

use std::io::{BufRead as _, IsTerminal as _, Read as _};

use super::super::{CANNOT, USAGE, out};
use super::Stop;

/// The longest answer that is read.
const MAX_ANSWER: u64 = 4096;

/// What is wrong with an answer.
pub(super) type Wrong = String;

/// Asks, if somebody is there.
pub(super) struct Asker {
    is_quiet: bool,
}

impl Asker {
    pub(super) fn new(is_quiet: bool) -> Self {
        Self { is_quiet: is_quiet || !std::io::stdin().is_terminal() }
    }

    /// Names every flag that is missing when nobody can be asked.
    pub(super) fn needs(&self, flags: &[(&str, bool)]) -> Result<(), Stop> {
        let missing: Vec<&str> = flags.iter().filter(|(_, missing)| *missing).map(|(flag, _)| *flag).collect();
        if !self.is_quiet || missing.is_empty() {
            return Ok(());
        }
        let (verb, missing) = (if missing.len() == 1 { "is" } else { "are" }, missing.join(", "));
        Err(Stop::new(USAGE, format!("{missing} {verb} missing, and there is nobody to ask"), format!("add {missing}")))
    }

    /// An answer that has no default.
    pub(super) fn required(
        &mut self,
        flag: &str,
        question: &str,
        given: Option<String>,
        check: impl Fn(&str) -> Result<String, Wrong>,
    ) -> Result<String, Stop> {
        if let Some(given) = given {
            return check(&given)
                .map_err(|wrong| Stop::new(USAGE, format!("{flag}: {wrong}"), format!("correct {flag}")));
        }
        self.needs(&[(flag, true)])?;
        self.until_right(question, None, check)
    }

    /// An answer with a default.
    pub(super) fn optional(
        &mut self,
        question: &str,
        default: &str,
        given: Option<String>,
        check: impl Fn(&str) -> Result<String, Wrong>,
    ) -> Result<String, Stop> {
        match given {
            Some(given) => check(&given).map_err(|wrong| Stop::new(USAGE, wrong, "correct the flag")),
            None if self.is_quiet => Ok(default.to_owned()),
            None => self.until_right(question, Some(default), check),
        }
    }

    fn until_right(
        &mut self,
        question: &str,
        default: Option<&str>,
        check: impl Fn(&str) -> Result<String, Wrong>,
    ) -> Result<String, Stop> {
        let paint = out::Paint::stderr();
        loop {
            let hint = default.map(|default| format!(" [{default}]")).unwrap_or_default();
            out::note(&format!("{}{hint}", paint.bold(question)));
            let mut answer = String::new();
            let read = std::io::stdin().lock().take(MAX_ANSWER).read_line(&mut answer);
            match read {
                Ok(0) => return Err(Stop::new(CANNOT, "the answers ended", "give the rest as flags")),
                Err(error) => {
                    return Err(Stop::new(CANNOT, format!("cannot read the answer: {error}"), "give it as a flag"));
                }
                Ok(_) => {}
            }
            let answer = match (answer.trim(), default) {
                ("", Some(default)) => default,
                (answer, _) => answer,
            };
            match check(answer) {
                Ok(answer) => return Ok(answer),
                Err(wrong) => out::note(&format!("   {} {wrong}", paint.yellow("?"))),
            }
        }
    }
}
