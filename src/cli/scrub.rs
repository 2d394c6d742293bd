//! `bauta scrub`: removes personal data from events on stdin, as a sidecar would; needs no configuration and no key.
//!
//! Input: one JSON object per line with `id`, `upstream` (`plausible` or `posthog`) and `body`. Output, per line: `id`, `body` and
//! `us`, the microseconds of CPU that this thread spent on decoding, scrubbing and encoding the body. A body that cannot
//! be read gives `null`.

use std::io::{self, BufRead, BufWriter, Write};
use std::process::ExitCode;

use crate::payload::document::Document;
use crate::payload::edit::{Edits, Spliced, splice};
use crate::payload::scan::Limits;
use crate::scrub::{OwnTerms, Profile, Report, Scrubber};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A line of the input.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    upstream: String,
    #[serde(borrow)]
    body: &'a RawValue,
}

/// A line of the output.
#[derive(Serialize)]
struct Answer<'a> {
    id: &'a RawValue,
    body: Option<&'a RawValue>,
    us: f64,
}

/// Remove personal data from events on standard input; needs no configuration and no key.
#[derive(clap::Args)]
#[command(
    after_help = "Reads one JSON object per line: {\"id\", \"upstream\": \"plausible\", \"body\"}; writes {\"id\", \"body\", \"us\"}, with the\n\
    microseconds of CPU that the body took. Counts by kind go to standard error.\n\n\
    Example:\n  bauta scrub < events.jsonl > clean.jsonl"
)]
pub(crate) struct Args {}

/// Runs the command.
pub(crate) fn run(_: &Args) -> ExitCode {
    match scrub(&mut io::stdin().lock(), &mut BufWriter::new(io::stdout().lock())) {
        Ok(report) => {
            let _ = summary(&report, &mut io::stderr().lock());
            ExitCode::SUCCESS
        }
        Err(problem) => {
            let _ = writeln!(io::stderr().lock(), "bauta scrub: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn scrub(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<Report> {
    let scrubber = Scrubber::default();
    let own = OwnTerms::none();
    let clock = Clock::new();
    let mut total = Report::default();
    let mut line = String::new();
    let mut number = 0_u64;
    while input.read_line(&mut line)? > 0 {
        number += 1;
        if !line.trim().is_empty() {
            let bad = |problem: &dyn std::fmt::Display| io::Error::other(format!("line {number}: {problem}"));
            let own_line: Line<'_> = serde_json::from_str(&line).map_err(|problem| bad(&problem))?;
            let profile = Profile::from_word(&own_line.upstream)
                .ok_or_else(|| bad(&format_args!("upstream must be \"plausible\" or \"posthog\"")))?;
            let received = own_line.body.get().to_owned();
            let (body, us) = clock.time(|| one(&scrubber, profile, &own, received, &mut total));
            let body = body.and_then(|bytes| String::from_utf8(bytes).ok()).map(RawValue::from_string).transpose()?;
            serde_json::to_writer(&mut *output, &Answer { id: own_line.id, body: body.as_deref(), us })?;
            output.write_all(b"\n")?;
        }
        line.clear();
    }
    output.flush()?;
    Ok(total)
}

/// One body: read, scrub, write.
fn one(scrubber: &Scrubber, profile: Profile, own: &OwnTerms, body: String, total: &mut Report) -> Option<Vec<u8>> {
    let document = Document::read_text(body, &Limits::default()).ok()?;
    let mut edits = Edits::new();
    edits.repair_surrogates(&document);
    scrubber.scrub_document(&document, profile, own, &mut edits, total);
    match splice(&document, &edits) {
        Spliced::Unchanged => Some(document.into_text().into_bytes()),
        Spliced::Edited(bytes) => Some(bytes),
    }
}

/// The CPU time of this thread.
struct Clock {
    /// What reading it twice costs by itself, in microseconds: half a microsecond and more, as it is a call of the kernel.
    cost: f64,
}

impl Clock {
    fn new() -> Self {
        let twice = |_| {
            let before = Self::now();
            Self::now() - before
        };
        Self { cost: (0..64).map(twice).fold(f64::INFINITY, f64::min) }
    }

    #[allow(clippy::cast_precision_loss, reason = "microseconds of one thread are far below 2^52 nanoseconds")]
    fn now() -> f64 {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        time.tv_sec as f64 * 1_000_000.0 + time.tv_nsec as f64 / 1000.0
    }

    /// Runs a piece of work and tells the microseconds that it took, those of the clock left out.
    fn time<T>(&self, work: impl FnOnce() -> T) -> (T, f64) {
        let before = Self::now();
        let result = work();
        let spent = (Self::now() - before - self.cost).max(0.0);
        // The clock counts nanoseconds.
        (result, (spent * 1000.0).round() / 1000.0)
    }
}

/// What was removed, by kind.
fn summary(report: &Report, to: &mut impl Write) -> io::Result<()> {
    writeln!(to, "removed: {}", report.total())?;
    for (kind, count) in report.iter() {
        writeln!(to, "  {:<16}{count}", kind.word())?;
    }
    Ok(())
}
