//! Log lines: human on a terminal, JSON otherwise, always on standard error.
//!
//! Nothing personal is ever a field, at any level; what a value type wants to show it must say itself. Control
//! characters are escaped by both formats, so that a line cannot be forged.
//!
//! The lines of a decision log ([`DECISIONS`]) are JSON in either format and at any level, with their target in them:
//! whoever collects the log can tell them from the rest.

use std::io::IsTerminal;

use tracing::{Level, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, Targets, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::file::{Log, LogFormat};

/// The target of decision logs.
pub const DECISIONS: &str = "bauta::decisions";

/// Starts logging for the life of the process. A second call changes nothing.
pub fn start(log: &Log) {
    // An error here means that logging was started before, by a test in the same process.
    let _already = lines(log, std::io::stderr().is_terminal(), std::io::stderr).try_init();
}

fn lines<W>(log: &Log, terminal: bool, to: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Clone + Send + Sync + 'static,
{
    // Only this program's own targets: a library's debug lines are not written for these promises.
    let filter = EnvFilter::new(format!("off,bauta={}", log.level)).and(filter_fn(|line| line.target() != DECISIONS));
    let human = match log.format {
        LogFormat::Auto => terminal,
        LogFormat::Human => true,
        LogFormat::Json => false,
    };
    let colour = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = fmt::layer().with_writer(to.clone()).with_ansi(colour).with_target(false);
    let lines = if human { lines.boxed() } else { lines.json().flatten_event(true).boxed() };
    let decisions = fmt::layer().with_writer(to).json().flatten_event(true).with_current_span(false);
    let decisions = decisions.with_filter(Targets::new().with_target(DECISIONS, Level::INFO));
    tracing_subscriber::registry().with(lines.with_filter(filter)).with(decisions)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn written(log: &Log) -> Vec<String> {
        let kept = Kept::default();
        let to = kept.clone();
        tracing::subscriber::with_default(lines(log, false, move || to.clone()), || {
            tracing::error!(target: "bauta", "a fault");
            tracing::info!(target: "bauta", "a start");
            tracing::error!(target: "of_a_library", "somebody's address");
            tracing::info!(target: DECISIONS, site = "a\nb", pseudonym = None::<&str>);
        });
        let text = kept.0.lock().unwrap().clone();
        String::from_utf8(text).unwrap().lines().map(ToOwned::to_owned).collect()
    }

    #[test]
    fn a_decision_is_one_line_of_json_in_either_format_and_at_any_level() {
        for format in [LogFormat::Human, LogFormat::Json] {
            for (level, others) in [("error", 1), ("info", 2)] {
                let lines = written(&Log { format, level: level.into() });
                assert_eq!(lines.len(), others + 1, "{lines:?}");
                let decision: serde_json::Value = serde_json::from_str(lines.last().unwrap()).unwrap();
                assert_eq!((&decision["target"], &decision["site"]), (&DECISIONS.into(), &"a\nb".into()));
                assert!(decision.get("pseudonym").is_none());
                let json = lines.iter().filter(|line| line.starts_with('{')).count();
                assert_eq!(json, if format == LogFormat::Json { lines.len() } else { 1 }, "{lines:?}");
            }
        }
    }
}
