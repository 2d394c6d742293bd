//! `bauta explain`: one request, each stage's decision and the rule behind it, the body before and after.
//!
//! The stages are the very ones of `serve`; nothing is forwarded and nothing is counted.

mod input;
mod report;

use std::io::Read as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use super::out::{self, Paint};
use super::{CANNOT, ConfigFile};
use crate::arrived::Arrived;
use crate::client_address::Peer;
use crate::clock::{Clock as _, SystemClock};
use crate::payload::posthog::endpoint::Methods;
use crate::pipeline::{Context, Naming, Target, decide};
use crate::quota::Keyer;
use crate::route::{Refusal, Route};
use crate::runtime::Runtime;
use crate::server::Room;
use crate::sidecar::agreed;
use report::Report;

/// Show what happens to one request: each stage's decision, the rule behind it, the body before and after.
#[derive(clap::Args)]
#[command(after_help = "Nothing is forwarded. Quotas start empty.\n\n\
    Examples:\n  bauta explain request.http             # \"POST /api/event HTTP/1.1\", headers, body\n  \
    pbpaste | bauta explain -              # what a browser copies as cURL\n  \
    bauta explain site.har --entry 12      # one entry of a HAR file")]
pub(crate) struct Args {
    /// HTTP text, a HAR file or entry, or a curl line; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    config: ConfigFile,
    /// Which entry of a HAR file, counted from 1; default: the first POST
    #[arg(long, value_name = "N")]
    entry: Option<usize>,
    /// The address at the other end of the connection
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:50000")]
    peer: SocketAddr,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let (_, plan) = match args.config.plan_to_look() {
        Ok(sound) => sound,
        Err(error) => return out::bad_config(&error, args.json),
    };
    let arrived = match read(args) {
        Ok(arrived) => arrived,
        Err(problem) => return out::fail(CANNOT, &problem, "see `bauta explain --help` for the three forms"),
    };
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(threads) = threads else {
        return out::fail(CANNOT, "no thread can be started", "raise the limit of processes");
    };
    let mut runtime = plan.into_runtime();
    for site in &mut runtime.sites {
        site.scrubber = std::mem::take(&mut site.scrubber).with_findings();
    }
    let report = threads.block_on(explain(&runtime, &arrived));
    if args.json {
        out::json(&report.json());
    } else {
        out::bytes(report.text(Paint::stdout()).as_bytes());
    }
    ExitCode::SUCCESS
}

fn read(args: &Args) -> Result<Arrived, String> {
    let place =
        if args.file.as_os_str() == "-" { "standard input".to_owned() } else { args.file.display().to_string() };
    let mut text = String::new();
    let limit = u64::try_from(input::MAX_BYTES).unwrap_or(u64::MAX);
    let source: Box<dyn std::io::Read> = if args.file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(&args.file).map_err(|error| format!("{place} cannot be read: {error}"))?)
    };
    source.take(limit).read_to_string(&mut text).map_err(|error| format!("{place} cannot be read: {error}"))?;
    input::read(&text, args.entry, Peer::Tcp(args.peer)).map_err(|error| format!("{place}: {error}"))
}

async fn explain(runtime: &Runtime, arrived: &Arrived) -> Report {
    let alias = runtime.routes.alias(&arrived.authority, &arrived.path);
    let Some((place, plain)) = alias else { return explain_plain(runtime, arrived, Naming::Vendors).await };
    let now = SystemClock.now();
    let client = runtime.trusted.resolve(arrived.peer, &arrived.headers);
    let about = (&arrived.headers, arrived.query.as_deref());
    if !agreed(runtime, place.site, client, about, now).await {
        return Report::refused(
            arrived,
            "an opaque path, and this session has not agreed: an event ends here as `off`",
        );
    }
    explain_plain(runtime, &Arrived { path: plain.to_owned(), ..arrived.clone() }, Naming::Opaque).await
}

async fn explain_plain(runtime: &Runtime, arrived: &Arrived, naming: Naming) -> Report {
    let route = match runtime.routes.find(&arrived.method, &arrived.authority, &arrived.path) {
        Ok(route) => route,
        Err(refusal) => return Report::refused(arrived, words(refusal)),
    };
    let place = match &route {
        Route::Event(place)
        | Route::Preflight(place)
        | Route::Script(place, _)
        | Route::Posthog(place, ..)
        | Route::Statement(place, _) => *place,
    };
    let site = runtime.sites.get(place.site);
    let Some((site, upstream)) = site.and_then(|site| Some((site, site.upstreams.get(place.upstream)?))) else {
        return Report::refused(arrived, "no site or upstream");
    };
    match &route {
        Route::Posthog(_, endpoint, _) if endpoint.methods() == Methods::Get => {
            Report::refused(arrived, "no event: fetched in our own name")
        }
        Route::Event(_) | Route::Posthog(..) => {
            let keyer = Keyer::random();
            let (to, path) = match &route {
                Route::Posthog(_, endpoint, path) => (Target::Posthog(*endpoint), path.as_str()),
                _ => (Target::Plausible, "/api/event"),
            };
            let room = Room::of(u64::MAX);
            let now = SystemClock.now();
            let context = Context { runtime, site, upstream, keyer: &keyer, now, to, path, naming, room: &room };
            let (trace, verdict) = decide(&context, &mut arrived.clone()).await;
            Report::decided(arrived, &context, trace, verdict)
        }
        Route::Statement(..) => Report::refused(arrived, "the site's statement: answered here"),
        Route::Preflight(_) => Report::refused(arrived, "a CORS preflight of an event: answered here with 204"),
        Route::Script(..) => Report::refused(arrived, "a script of the vendor: fetched in our own name"),
    }
}

const fn words(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::UnknownHost => "421: none of the sites has this host",
        Refusal::NotAllowed => "404: the path is refused unless the upstream's `allow` names it",
        Refusal::UnknownPath => "404: no upstream has this path",
        Refusal::Method(_) => "405: the path exists for other methods",
    }
}
