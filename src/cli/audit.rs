//! `bauta audit FILE.har`: what the pages of a site send to an analytics vendor today.

use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;

use super::out::{self, Paint};
use super::{CANNOT, DATA};
use crate::audit::{HarError, ScrubEngine, Tone, audit, read, table};

/// Tell from a HAR file what goes to Plausible or PostHog today, and what would be left with bauta.
#[derive(clap::Args)]
#[command(
    after_help = "How to get the file: open the browser's developer tools, Network; load the pages and click around; \
    then \"Save all as HAR\".\n\nNothing is sent anywhere, and only counts are printed, never values.\n\n\
    Exit code: 0 read, 65 not a HAR file, 74 not readable.\n\nExamples:\n  bauta audit site.har\n  \
    bauta audit site.har --json | jq .findings"
)]
pub(crate) struct Args {
    /// The HAR file; `-` reads standard input
    #[arg(value_name = "FILE.har")]
    file: PathBuf,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let name = if args.file.as_os_str() == "-" { "standard input".into() } else { args.file.display().to_string() };
    let har = if args.file.as_os_str() == "-" {
        read(std::io::stdin().lock())
    } else {
        File::open(&args.file).map_err(HarError::Io).and_then(read)
    };
    let har = match har {
        Ok(har) => har,
        Err(error @ HarError::Io(_)) => return out::fail(CANNOT, &format!("{name} {error}"), "name a HAR file"),
        Err(error) => {
            let fix = "in the browser's developer tools, under Network, choose \"Save all as HAR\"";
            return out::fail(DATA, &format!("{name}, {error}"), fix);
        }
    };
    let report = audit(&har, &ScrubEngine::default());
    if args.json {
        out::json(&serde_json::json!({ "file": name, "report": report }));
        return ExitCode::SUCCESS;
    }
    let paint = Paint::stdout();
    let tone = |tone, text: &str| match tone {
        Tone::Strong => paint.bold(text),
        Tone::Quiet => paint.dim(text),
        Tone::Bad => paint.red(text),
        Tone::Good => paint.green(text),
        Tone::Mixed => paint.yellow(text),
    };
    out::bytes(table(&report, &name, &tone).as_bytes());
    ExitCode::SUCCESS
}
