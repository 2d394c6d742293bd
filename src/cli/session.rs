//! `bauta session`: read a cookie, find the preset that reads it, list the presets.
//!
//! A pasted cookie is a secret: it comes on standard input, and nothing of it is printed but the account id.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};

use super::out::{self, Paint};
use super::{CANNOT, ConfigFile, DATA, NO, USAGE};
use crate::clock::{Clock as _, SystemClock};
use crate::config::fault::{Faults, KeyPath};
use crate::cookies::Cookies;
use crate::person;
use crate::session::{CandidateReport, Clues, Detected, Lifetime, Reader, Report, detect};

/// More than any browser sends.
const LARGEST: u64 = 64 * 1024;
/// A person waits longer than a request.
const PATIENCE: Duration = Duration::from_secs(5);

/// Read a session cookie, or find out what reads it.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Say how a cookie from standard input is read: key, account id, end, or why not
    Decode(Decode),
    /// Find the preset of a cookie from standard input, offline
    Detect(Detect),
    /// List the presets
    Presets(Presets),
}

/// Say how a cookie is read.
#[derive(clap::Args)]
#[command(after_help = "The cookie is its value, `name=value`, or a whole Cookie header line.\n\
    Exit code: 0 somebody, 1 nobody.\n\nExamples:\n  bauta session decode < cookie.txt\n  \
    pbpaste | bauta session decode -c bauta.toml --site shop --json")]
struct Decode {
    #[command(flatten)]
    config: ConfigFile,
    /// The site, when there are several
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// Print the decoded session too: personal data, for your eyes only
    #[arg(long)]
    contents: bool,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// Find the preset of a cookie.
#[derive(clap::Args)]
#[command(after_help = "Nothing is asked over the network. Exit code: 0 found, 1 not found.\n\nExamples:\n  \
    bauta session detect --secret-file session.key < cookie-header.txt\n  \
    bauta session detect --jwks jwks.json --json < cookie-header.txt")]
struct Detect {
    /// A file with the framework's secret
    #[arg(long = "secret-file", value_name = "FILE")]
    secrets: Vec<PathBuf>,
    /// A PEM file with a public key
    #[arg(long = "public-key", value_name = "FILE")]
    public_keys: Vec<PathBuf>,
    /// A JSON Web Key Set
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// The application's salt, if the framework has one
    #[arg(long, value_name = "TEXT")]
    salt: Option<String>,
    /// The application's signing_salt (Phoenix)
    #[arg(long, value_name = "TEXT")]
    signing_salt: Option<String>,
    /// The application's encryption_salt (Phoenix)
    #[arg(long, value_name = "TEXT")]
    encryption_salt: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// List the presets.
#[derive(clap::Args)]
struct Presets {
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    match &args.command {
        Command::Decode(args) => decode(args),
        Command::Detect(args) => find(args),
        Command::Presets(args) => presets(args),
    }
}

// ---------------------------------------------------------------- decode

fn decode(args: &Decode) -> ExitCode {
    let loaded = match args.config.load() {
        Ok(loaded) => loaded,
        Err(error) => return out::bad_config(&error, args.json),
    };
    let named = |name: &str| args.site.as_ref().is_none_or(|wanted| wanted == name);
    let mut sites = loaded.file.site.iter().enumerate().filter(|(_, site)| site.session.is_some() && named(&site.name));
    let (Some((index, site)), None) = (sites.next(), sites.next()) else {
        let names: Vec<&str> = loaded.file.site.iter().map(|site| site.name.as_str()).collect();
        let fix = format!("choose one with --site; the sites are {}", names.join(", "));
        return out::fail(USAGE, "there is not exactly one such site with a [site.session]", &fix);
    };
    let mut faults = Faults::default();
    let at = KeyPath::root().key("site").index(index).key("session");
    let reader = site.session.as_ref().and_then(|shape| Reader::build(shape, &loaded.base, &at, &mut faults));
    let (name, Some(reader)) = (site.name.clone(), reader) else {
        return out::bad_config(&loaded.reject(&faults), args.json);
    };
    let header = match pasted(reader.cookie_names().collect::<Vec<_>>().as_slice()) {
        Ok(header) => header,
        Err(code) => return code,
    };
    let Some(runtime) = runtime() else { return out::fail(CANNOT, "cannot start", "") };
    let cookies = Cookies::from_text(&header);
    let now = SystemClock.now();
    let report = runtime.block_on(reader.explain(&cookies, now, PATIENCE));
    let contents = args.contents.then(|| runtime.block_on(reader.read(&cookies, now, PATIENCE)).ok()).flatten();
    let contents = contents.map(|person| to_json(&person.claims));
    if args.json {
        out::json(&as_json(&name, &report, contents));
    } else {
        show(&name, &report);
        if let Some(contents) = contents {
            out::json(&contents);
        }
    }
    if report.outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(NO) }
}

fn as_json(site: &str, report: &Report, contents: Option<Value>) -> Value {
    let candidate = |way: &CandidateReport| {
        json!({
            "cookie": way.cookie, "passed": way.passed, "stopped_at": way.stopped_at, "key": way.key,
            "issued": way.issued, "expires": way.expires, "user_at": way.user_at,
            "refusal": way.refusal.map(|refusal| refusal.word()),
        })
    };
    let (user, refusal) = match &report.outcome {
        Ok(user) => (Some(user), None),
        Err(refusal) => (None, Some(refusal.word())),
    };
    let mut answer = json!({
        "site": site, "preset": report.preset, "cookies": report.cookies, "user": user, "refusal": refusal,
        "candidates": report.candidates.iter().map(candidate).collect::<Value>(),
    });
    if let (Some(contents), Some(answer)) = (contents, answer.as_object_mut()) {
        answer.insert("contents".into(), contents);
    }
    answer
}

fn show(site: &str, report: &Report) {
    let paint = Paint::stdout();
    out::line(&format!("site {site}, preset {}, cookie {}", report.preset, report.cookies.join(" or ")));
    for (index, way) in report.candidates.iter().enumerate() {
        out::line(&format!("value {} of {}", index + 1, report.candidates.len()));
        let field = |name: &str, value: &str| out::line(&format!("  {} {value}", paint.dim(&format!("{name:9}"))));
        if !way.passed.is_empty() {
            field("passed", &way.passed.join(", "));
        }
        let texts = [("key", &way.key), ("issued", &way.issued), ("expires", &way.expires), ("user at", &way.user_at)];
        for (name, text) in texts {
            if let Some(text) = text {
                field(name, text);
            }
        }
        if let Some(refusal) = way.refusal {
            let place = way.stopped_at.map(|step| format!("at {step}: ")).unwrap_or_default();
            field("stopped", &format!("{place}{}", paint.yellow(refusal.word())));
        }
    }
    match &report.outcome {
        Ok(user) => out::line(&format!("{} {}", paint.green("user"), paint.bold(user))),
        Err(refusal) => {
            out::line(&format!("{} {}: {}", paint.red("nobody"), refusal.word(), refusal.meaning()));
        }
    }
}

// ---------------------------------------------------------------- detect

fn find(args: &Detect) -> ExitCode {
    if args.secrets.is_empty() && args.public_keys.is_empty() && args.jwks.is_none() {
        let fix = "give --secret-file, --public-key or --jwks";
        return out::fail(USAGE, "only a key that fits proves a preset", fix);
    }
    let files = args.secrets.iter().chain(&args.public_keys).chain(&args.jwks);
    for path in files {
        if let Err(error) = std::fs::metadata(path) {
            return out::fail(CANNOT, &format!("cannot read {}: {error}", path.display()), "name a readable file");
        }
    }
    let header = match pasted(&[]) {
        Ok(header) => header,
        Err(code) => return code,
    };
    let clues = Clues {
        secrets: args.secrets.clone(),
        public_keys: args.public_keys.clone(),
        jwks: args.jwks.clone(),
        salt: args.salt.clone(),
        signing_salt: args.signing_salt.clone(),
        encryption_salt: args.encryption_salt.clone(),
    };
    let Some(runtime) = runtime() else { return out::fail(CANNOT, "cannot start", "") };
    let cookies = Cookies::from_text(&header);
    let found = runtime.block_on(detect(&cookies, &clues, &PathBuf::new(), SystemClock.now()));
    if args.json {
        out::json(&found.iter().map(detected).collect::<Value>());
    } else if let Some(best) = found.first() {
        explain(best, &found);
    }
    if found.is_empty() {
        let fix = "paste the whole Cookie header, and check that the secret is the one in use; `bauta session presets` \
            says which secret each preset needs";
        return out::fail(NO, "no preset reads any of these cookies with these keys", fix);
    }
    ExitCode::SUCCESS
}

fn detected(found: &Detected) -> Value {
    json!({
        "preset": found.preset, "toml": to_toml(found), "paths": found.paths, "missing": found.missing,
        "refusal": found.refusal.map(|refusal| refusal.word()),
    })
}

fn explain(best: &Detected, all: &[Detected]) {
    let paint = Paint::stderr();
    out::note(&format!("{} {}", paint.green("preset"), paint.bold(best.preset)));
    if let Some(refusal) = best.refusal {
        out::note(&format!("{} {}: {}", paint.yellow("but"), refusal.word(), refusal.meaning()));
    }
    let others: Vec<&str> = all.iter().skip(1).map(|found| found.preset).filter(|name| *name != best.preset).collect();
    if !others.is_empty() {
        out::note(&format!("also fits: {}", others.join(", ")));
    }
    if let Some((_, more)) = best.paths.split_first().filter(|(_, more)| !more.is_empty()) {
        let paths: Vec<String> = more.iter().map(|path| format!("{path:?}")).collect();
        out::note(&format!("the account id may also stand at {}", paths.join(", ")));
    }
    if best.paths.is_empty() && best.refusal.is_none() && best.missing.is_empty() {
        out::note("nobody is logged in with this cookie: paste one from after the login to find the account id");
    }
    if best.missing.contains(&"store") {
        out::note("the cookie only names the session: add store = { url = \"...\" }");
    }
    out::line(&to_toml(best));
}

/// The finished table.
fn to_toml(found: &Detected) -> String {
    let mut table = toml::Table::try_from(&found.session).unwrap_or_default();
    table.remove("own");
    // Each value on its line: tables below the table would be tables of their own.
    let lines: Vec<String> = table.iter().map(|(key, value)| format!("\n{key} = {value}")).collect();
    format!("[site.session]{}", lines.concat())
}

// ---------------------------------------------------------------- presets

fn presets(args: &Presets) -> ExitCode {
    let facts = Reader::preset_facts();
    let lifetime = |lifetime: Lifetime| match lifetime {
        Lifetime::Inside => "inside",
        Lifetime::Never => "never",
        Lifetime::Store => "store",
    };
    if args.json {
        let row = |fact: &crate::session::PresetFacts| {
            json!({ "name": fact.name, "aliases": fact.aliases, "cookies": fact.cookies, "user": fact.user,
                "secret": fact.secret, "expiry": lifetime(fact.lifetime), "needs": fact.needs })
        };
        out::json(&facts.iter().map(row).collect::<Value>());
        return ExitCode::SUCCESS;
    }
    let paint = Paint::stdout();
    let width = facts.iter().map(|fact| fact.name.len()).max().unwrap_or_default();
    for fact in &facts {
        let cookie = if fact.cookies.is_empty() { "your cookie".to_owned() } else { fact.cookies.join(" or ") };
        let end = match fact.lifetime {
            Lifetime::Inside => "the value carries its end",
            Lifetime::Never => "no end inside",
            Lifetime::Store => "the store knows the end",
        };
        let name = paint.bold(&format!("{:width$}", fact.name));
        out::line(&format!("{name}  {cookie}; {}; {}", fact.secret, paint.dim(end)));
    }
    ExitCode::SUCCESS
}

// ---------------------------------------------------------------- what was pasted

/// A `Cookie` header's value from what was pasted: the line with its name, pairs, or, with a name to put before it,
/// a bare value.
fn pasted(names: &[&str]) -> Result<String, ExitCode> {
    let mut text = String::new();
    if std::io::stdin().take(LARGEST + 1).read_to_string(&mut text).is_err() {
        return Err(out::fail(DATA, "the cookie is no text", "paste it as the browser's developer tools show it"));
    }
    let text = text.trim();
    if text.is_empty() || text.len() > usize::try_from(LARGEST).unwrap_or(usize::MAX) {
        let fix = "pipe the value of the session cookie, or the whole Cookie header, into the command";
        return Err(out::fail(DATA, "there is no cookie on standard input", fix));
    }
    let header = match text.split_once(':') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("cookie") => value.trim(),
        _ => text,
    };
    let has_name = |name: &&str| Cookies::from_text(header).iter().any(|(found, _)| found.starts_with(name.as_bytes()));
    match names.first() {
        Some(name) if !names.iter().any(has_name) => Ok(format!("{name}={header}")),
        _ => Ok(header.to_owned()),
    }
}

/// A decoded session as JSON. What JSON has no word for becomes text.
fn to_json(value: &person::Value) -> Value {
    match value {
        person::Value::Null => Value::Null,
        person::Value::Bool(flag) => Value::Bool(*flag),
        person::Value::Number(number) => number.parse().map_or_else(|_| Value::String(number.clone()), Value::Number),
        person::Value::Text(text) | person::Value::Keyword(text) => Value::String(text.clone()),
        person::Value::Bytes(bytes) => Value::String(format!("{} bytes", bytes.len())),
        person::Value::List(items) => items.iter().map(to_json).collect(),
        person::Value::Map(members) => {
            let name = |key: &person::Value| key.scalar().map_or_else(|| "?".to_owned(), str::to_owned);
            Value::Object(members.iter().map(|(key, value)| (name(key), to_json(value))).collect())
        }
        person::Value::Opaque => Value::String("(not read)".into()),
    }
}

fn runtime() -> Option<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().ok()
}
