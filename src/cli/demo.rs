//! `bauta demo`: everything on one machine, and one address to open.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use clap::ValueEnum;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::INTERNAL;
use super::out::{self, Paint};
use super::serve::until_told;
use crate::demo::posthog::{self, PostHog};
use crate::demo::vendor::{Fate, Rules, Vendor};
use crate::demo::{Demo, SCRIPT, SITE, Unstarted};

/// The port to begin with; the next nine are tried when it is taken.
const PORT: u16 = 8780;

/// Start a demo shop, bauta and a stand-in vendor on this machine; needs no configuration.
#[derive(clap::Args)]
#[command(after_help = "Exit code: 0 stopped, 70 it could not be started.\n\n\
    Examples:\n  bauta demo\n  bauta demo --open yes\n  bauta demo --address 127.0.0.1:9000")]
pub(crate) struct Args {
    /// Where the shop listens; default: 127.0.0.1:8780 or the next free port
    #[arg(long, value_name = "IP:PORT")]
    address: Option<SocketAddr>,
    /// Open the shop in the browser
    #[arg(long, value_enum, value_name = "WHETHER", default_value = "no")]
    open: Open,
    /// Only the stand-in vendor, for tests in other languages
    #[arg(long, hide = true)]
    vendor_only: bool,
    /// With --vendor-only: bots and engagement without a visit are discarded, as by the real service
    #[arg(long, hide = true, requires = "vendor_only")]
    strict: bool,
    /// With --vendor-only: the sites that exist; without any, every site does
    #[arg(long, hide = true, requires = "vendor_only", value_name = "SITE")]
    site: Vec<String>,
    /// With --vendor-only: a per-site script /js/pa-ID.js
    #[arg(long, hide = true, requires = "vendor_only", value_name = "ID=SITE", value_parser = script)]
    script: Vec<(String, String)>,
    /// With --vendor-only: stand in for PostHog instead
    #[arg(long, hide = true, requires = "vendor_only", conflicts_with_all = ["strict", "site", "script"])]
    posthog: bool,
    /// With --posthog: the project tokens that exist; without any, every token does
    #[arg(long, hide = true, requires = "posthog", value_name = "TOKEN")]
    token: Vec<String>,
    /// With --posthog: the folder `dist` of posthog-js
    #[arg(long, hide = true, requires = "posthog", value_name = "FOLDER")]
    dist: Option<PathBuf>,
    /// With --posthog: the remote configuration asks the page to record
    #[arg(long, hide = true, requires = "posthog")]
    records: bool,
    /// With --posthog: which of the service's hosts this is
    #[arg(long, hide = true, requires = "posthog", value_enum, default_value = "everything")]
    serves: posthog::Serves,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Open {
    Yes,
    No,
}

fn script(text: &str) -> Result<(String, String), &'static str> {
    text.split_once('=').map(|(id, site)| (id.to_owned(), site.to_owned())).ok_or("expected ID=SITE")
}

pub(crate) fn run(args: &Args) -> ExitCode {
    if args.vendor_only {
        return until_told(|stop| vendor_only(args, stop));
    }
    until_told(|stop| demo(args, stop))
}

async fn demo(args: &Args, stop: CancellationToken) -> ExitCode {
    let listener = match bind(args.address).await {
        Ok(listener) => listener,
        Err((address, error)) => return unbound(address, &error),
    };
    let demo = match Demo::start(listener, std::env::vars()).await {
        Ok(demo) => demo,
        Err(Unstarted::Configuration(error)) => return out::bad_config(&error, false),
        Err(error) => return unstarted(&error),
    };
    let url = url(demo.address());
    welcome(&demo, &url);
    if args.open == Open::Yes {
        open(&url);
    }
    stop.cancelled().await;
    demo.stop().await;
    ExitCode::SUCCESS
}

async fn posthog_only(args: &Args, stop: CancellationToken) -> ExitCode {
    let address = args.address.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let rules = posthog::Rules {
        tokens: (!args.token.is_empty()).then(|| args.token.iter().cloned().collect()),
        dist: args.dist.clone(),
        records: args.records,
        serves: args.serves,
        ..posthog::Rules::default()
    };
    match PostHog::start(address, rules).await {
        Ok(vendor) => {
            out::line(vendor.url());
            stop.cancelled().await;
            vendor.stop().await;
            ExitCode::SUCCESS
        }
        Err(error) => unbound(address, &error),
    }
}

async fn vendor_only(args: &Args, stop: CancellationToken) -> ExitCode {
    if args.posthog {
        return posthog_only(args, stop).await;
    }
    let address = args.address.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let mut rules = Rules::default().with_script(SCRIPT, SITE);
    if !args.site.is_empty() {
        rules.sites = Some(args.site.iter().cloned().collect());
    }
    if args.strict {
        (rules.bots, rules.stray_engagement) = (Fate::Discarded, Fate::Discarded);
    }
    for (id, site) in &args.script {
        rules = rules.with_script(id, site);
    }
    match Vendor::start(address, rules).await {
        Ok(vendor) => {
            out::line(vendor.url());
            stop.cancelled().await;
            vendor.stop().await;
            ExitCode::SUCCESS
        }
        Err(error) => unbound(address, &error),
    }
}

/// The address that was asked for, or the first free one from [`PORT`] on.
async fn bind(asked: Option<SocketAddr>) -> Result<TcpListener, (SocketAddr, std::io::Error)> {
    let candidates = match asked {
        Some(address) => vec![address],
        None => (PORT..PORT + 10).map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port))).collect(),
    };
    let mut last = (SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)), std::io::Error::from(ErrorKind::AddrInUse));
    for address in candidates {
        match TcpListener::bind(address).await {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => last = (address, error),
            Err(error) => return Err((address, error)),
        }
    }
    Err(last)
}

fn unbound(address: SocketAddr, error: &std::io::Error) -> ExitCode {
    let problem = format!("cannot listen on {address}: {error}");
    out::fail(INTERNAL, &problem, "free the port, or name another one: bauta demo --address 127.0.0.1:9000")
}

fn unstarted(error: &Unstarted) -> ExitCode {
    let reason = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
    out::fail(INTERNAL, &format!("{error}{reason}"), "see that the temporary folder (TMPDIR) can be written to")
}

/// The address as a browser on this machine reaches it.
fn url(address: SocketAddr) -> String {
    match address.ip().is_unspecified() {
        true => format!("http://localhost:{}/", address.port()),
        false => format!("http://{address}/"),
    }
}

fn welcome(demo: &Demo, url: &str) {
    let paint = Paint::stdout();
    let (name, dim) = (paint.bold("bauta demo"), |text: &str| paint.dim(text));
    out::line(&format!("\n  {name}: a shop, bauta, and a stand-in for the vendor\n"));
    out::line(&format!("  Open   {}\n", paint.bold(&paint.green(url))));
    out::line("  Try    1. log in as Ada and turn on \"Share usage data\"");
    out::line("         2. click \"Your order\": its address holds an e-mail");
    out::line("         3. turn the switch off, log out, and compare\n");
    if demo.is_silenced() {
        out::line(&format!("  {} DO_NOT_TRACK is set: no event leaves bauta.\n", paint.yellow("Note")));
    }
    out::line(&dim(&format!("  What the vendor stored: http://{}/_events", demo.vendor())));
    out::line(&dim("  Ctrl-C stops everything and leaves nothing behind.\n"));
}

/// Asks the desktop to open the address; where there is none, the printed address is enough.
fn open(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let started =
        Command::new(program).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if started.is_err() {
        out::note(&format!("bauta: {program} is not here; open the address yourself"));
    }
}
