//! `bauta session decode`: how a cookie is read, without showing what is in it.

use std::fmt::Write as _;
use std::io::Read as _;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};

use super::out::{self, Paint};
use super::{CANNOT, ConfigFile, NO, USAGE};
use crate::clock::{Clock as _, SystemClock};
use crate::cookies::Cookies;
use crate::runtime::Site;
use crate::session::{CandidateReport, Report};

/// A request's head is not longer.
const MAX_BYTES: u64 = 64 * 1024;
/// A person waits; a store may be slower than an event allows.
const DEADLINE: Duration = Duration::from_secs(5);

/// Find out how a session cookie is read.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Read a cookie from standard input and say which key fitted, who it is, or exactly why not
    #[command(after_help = "Standard input: a Cookie header (`name=value; other=value`), or the value alone.\n\
        Exit code: 0 somebody, 1 nobody.\n\nExample:\n  bauta session decode -c bauta.toml < cookie.txt")]
    Decode(Decode),
}

#[derive(clap::Args)]
struct Decode {
    #[command(flatten)]
    config: ConfigFile,
    /// The site; may be left out when there is one only
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let Act::Decode(args) = &args.act;
    let (_, plan) = match args.config.plan(false) {
        Ok(sound) => sound,
        Err(error) => return out::bad_config(&error, args.json),
    };
    let runtime = plan.into_runtime();
    let site = match (&args.site, runtime.sites.as_slice()) {
        (Some(name), sites) => sites.iter().find(|site| site.name == *name),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    let Some(site) = site else {
        return out::fail(USAGE, "which site?", "give --site and the name of a configured site");
    };
    let mut text = String::new();
    if std::io::stdin().take(MAX_BYTES).read_to_string(&mut text).is_err() {
        return out::fail(CANNOT, "standard input is no text", "paste the Cookie header as the browser sends it");
    }
    match decode(site, text.trim()) {
        Some(report) => {
            if args.json {
                out::json(&as_json(&report));
            } else {
                out::bytes(as_text(&report, Paint::stdout()).as_bytes());
            }
            if report.outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(NO) }
        }
        None => out::fail(USAGE, "the site reads no session", "add [site.session] to the configuration"),
    }
}

fn decode(site: &Site, text: &str) -> Option<Report> {
    let reader = site.session.as_ref()?;
    let text = text.strip_prefix("Cookie:").or_else(|| text.strip_prefix("cookie:")).unwrap_or(text).trim();
    // A value alone gets the name that the site's sessions have.
    let known = reader.cookie_names().any(|name| Cookies::from_text(text).all(name).next().is_some());
    let named = match reader.cookie_names().next() {
        Some(name) if !known && !text.contains(';') => format!("{name}={text}"),
        _ => text.to_owned(),
    };
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    Some(threads.block_on(reader.explain(&Cookies::from_text(&named), SystemClock.now(), DEADLINE)))
}

fn as_text(report: &Report, paint: Paint) -> String {
    let mut text = format!("preset {}, cookie {}\n", report.preset, report.cookies.join(" or "));
    for candidate in &report.candidates {
        let CandidateReport { cookie, passed, stopped_at, key, issued, expires, user_at, refusal } = candidate;
        let rows = [
            ("value of", Some(cookie.clone())),
            ("passed", (!passed.is_empty()).then(|| passed.join(", "))),
            ("key", key.clone()),
            ("issued", issued.clone()),
            ("ends", expires.clone()),
            ("user at", user_at.clone()),
            ("stopped at", stopped_at.map(ToOwned::to_owned)),
            ("because", refusal.map(|refusal| refusal.word().to_owned())),
        ];
        for (name, value) in rows {
            if let Some(value) = value {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "  {name:<10} {value}");
            }
        }
    }
    match &report.outcome {
        Ok(user) => text.push_str(&format!("{} {user}\n", paint.green("user"))),
        Err(refusal) => text.push_str(&format!("{} {}\n", paint.red("nobody:"), refusal.word())),
    }
    text
}

fn as_json(report: &Report) -> Value {
    let candidate = |one: &CandidateReport| {
        json!({
            "cookie": one.cookie, "passed": one.passed, "stopped_at": one.stopped_at, "key": one.key,
            "issued": one.issued, "expires": one.expires, "user_at": one.user_at,
            "refusal": one.refusal.map(|refusal| refusal.word()),
        })
    };
    json!({
        "preset": report.preset,
        "cookies": report.cookies,
        "candidates": report.candidates.iter().map(candidate).collect::<Vec<_>>(),
        "user": report.outcome.as_ref().ok(),
        "refusal": report.outcome.as_ref().err().map(|refusal| refusal.word()),
    })
}
