//! `bauta init`: from nothing to a configuration that works, in under a minute.
//!
//! What is not given as a flag is asked on a terminal, with a default where there is a good one; without a terminal
//! (or with `--yes`) a missing answer is an error that names its flag. Nothing is overwritten without `--force`, and a
//! key not even then: a lost pseudonym key renames every person.

mod ask;
mod file;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use self::ask::Asker;
use self::file::Answers;
use super::{CANNOT, ConfigFile, USAGE, fate, keygen, out, words};
use crate::aliases;
use crate::clock::{Clock as _, SystemClock};
use crate::config::file::Vendor;
use crate::config::identity_state;

/// Write a working bauta.toml and its keys.
#[derive(clap::Args)]
#[command(after_help = "What is not given is asked on a terminal.\n\n\
    Examples:\n  bauta init\n  \
    bauta init --yes --domain shop.example --preset django-signed --secret-file django.secret\n  \
    bauta init --domain shop.example --session-cookie cookie.txt --secret-file session.key\n  \
    bauta init --domain shop.example --preset jwt --cookie token --secret-file jwt.pub")]
pub(crate) struct Args {
    /// The host of your pages
    #[arg(long, value_name = "HOST")]
    domain: Option<String>,
    /// The vendor: plausible or posthog
    #[arg(long, value_name = "WORD", default_value = "plausible")]
    vendor: String,
    /// The vendor's address [default: <https://plausible.io>, <https://eu.i.posthog.com>]
    #[arg(long, value_name = "URL")]
    upstream_url: Option<String>,
    /// The project's token (posthog)
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// The project counts events without ids: logged-out visitors are counted too (posthog)
    #[arg(long)]
    cookieless: bool,
    /// The script of this site, beside script.js (plausible: pa-...)
    #[arg(long, value_name = "NAME", value_parser = words::script)]
    script: Vec<String>,
    /// How the application keeps its session (ring, jwt, flask, ..., none)
    #[arg(long, value_name = "WORD")]
    preset: Option<String>,
    /// A file with the Cookie header of somebody who is logged in: finds --preset, --cookie and --user-path
    #[arg(long, value_name = "FILE")]
    session_cookie: Option<PathBuf>,
    /// The file with the secret or public key of the sessions
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// The name of the session cookie, where the preset has none
    #[arg(long, value_name = "NAME")]
    cookie: Option<String>,
    /// Where the account id stands in the session: the steps, one by one
    #[arg(long, value_name = "STEP", num_args = 1..)]
    user_path: Vec<String>,
    /// Where the answer to the consent question stands in the session, if it does
    #[arg(long, value_name = "STEP", num_args = 1..)]
    consent_path: Vec<String>,
    /// The signature algorithm (preset jwt)
    #[arg(long, value_name = "WORD")]
    algorithm: Option<String>,
    /// The folder to write to
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    dir: PathBuf,
    /// Ask nothing
    #[arg(short, long)]
    yes: bool,
    /// Overwrite an existing bauta.toml (never a key)
    #[arg(long)]
    force: bool,
}

/// Why `init` stops.
struct Stop {
    code: u8,
    problem: String,
    fix: String,
}

impl Stop {
    fn new(code: u8, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { code, problem: problem.into(), fix: fix.into() }
    }
}

pub(crate) fn run(args: Args) -> ExitCode {
    let (dir, force) = (args.dir.clone(), args.force);
    let written = answers(args).and_then(|answers| write(&dir, &answers, force));
    match written {
        Ok(path) => report(path),
        Err(Stop { code, problem, fix }) => out::fail(code, &problem, &fix),
    }
}

/// Flags, then questions, then defaults.
fn answers(args: Args) -> Result<Answers, Stop> {
    let target = beside(&args.dir, "bauta.toml");
    if target.exists() && !args.force {
        let problem = format!("{} exists", target.display());
        return Err(Stop::new(CANNOT, problem, "choose another --dir, or overwrite it with --force"));
    }
    let vendor = match args.vendor.as_str() {
        "plausible" => Vendor::Plausible,
        "posthog" => Vendor::Posthog,
        other => {
            let fix = "write --vendor plausible or --vendor posthog";
            return Err(Stop::new(USAGE, format!("there is no vendor {other:?}"), fix));
        }
    };
    let mut asker = Asker::new(args.yes);
    let is_read = args.preset.as_deref() != Some("none");
    asker.needs(&[
        ("--domain", args.domain.is_none()),
        ("--token", args.token.is_none() && vendor == Vendor::Posthog),
        ("--preset", args.preset.is_none() && args.session_cookie.is_none()),
        ("--secret-file", args.secret_file.is_none() && is_read),
    ])?;
    let domain =
        asker.required("--domain", "Which host do your pages have (shop.example)?", args.domain, file::host)?;
    let project = match vendor {
        Vendor::Plausible => {
            if args.token.is_some() || args.cookieless {
                let problem = "--token and --cookieless have a meaning with --vendor posthog only";
                return Err(Stop::new(USAGE, problem, "leave them out, or add --vendor posthog"));
            }
            None
        }
        Vendor::Posthog => Some(file::project(&mut asker, args.token, args.cookieless)?),
    };
    let (question, address) = match vendor {
        Vendor::Plausible => ("The address of Plausible?", "https://plausible.io"),
        Vendor::Posthog => ("The address of PostHog, for events?", "https://eu.i.posthog.com"),
    };
    let url = asker.optional(question, address, args.upstream_url, file::url)?;
    let session = file::session(
        &mut asker,
        file::SessionFlags {
            preset: args.preset,
            example: args.session_cookie,
            secret: args.secret_file,
            cookie: args.cookie,
            user: args.user_path,
            algorithm: args.algorithm,
        },
        &args.dir,
    )?;
    let token = project.as_ref().map_or("", |project| project.token.as_str());
    let drawn = aliases::Drawn { vendor, token, scripts: &args.script };
    let aliases = aliases::draw(drawn, getrandom::fill)
        .map_err(|error| Stop::new(CANNOT, format!("the system gives no random bytes: {error}"), ""))?;
    Ok(Answers { domain, vendor, url, project, session, consent: args.consent_path, aliases })
}

/// Writes the files; returns the path of the configuration.
fn write(dir: &Path, answers: &Answers, force: bool) -> Result<PathBuf, Stop> {
    let cannot = |path: &Path, error: std::io::Error| {
        Stop::new(CANNOT, format!("{} cannot be written: {error}", path.display()), "choose another --dir")
    };
    std::fs::create_dir_all(dir).map_err(|error| cannot(dir, error))?;
    for name in [file::KEY, file::TOKEN] {
        let path = beside(dir, name);
        let key = keygen::make(false)
            .map_err(|error| Stop::new(CANNOT, format!("the system gives no random bytes: {error}"), ""))?;
        match keygen::write_new(&path, &key) {
            Ok(()) => out::note(&format!("wrote {}", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                out::note(&format!("kept  {}", path.display()));
            }
            Err(error) => return Err(cannot(&path, error)),
        }
    }
    let path = beside(dir, "bauta.toml");
    let text = answers.to_toml();
    let written = if force { std::fs::write(&path, text) } else { create(&path, &text) };
    written.map_err(|error| cannot(&path, error))?;
    out::note(&format!("wrote {}", path.display()));
    Ok(path)
}

/// The path of a file in the folder, without a `./` that nobody typed.
fn beside(dir: &Path, name: &str) -> PathBuf {
    if dir == Path::new(".") { name.into() } else { dir.join(name) }
}

fn create(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    std::fs::File::create_new(path)?.write_all(text.as_bytes())
}

/// Loads what was written, as `serve` would, and says what it means and what comes next.
fn report(path: PathBuf) -> ExitCode {
    let config = ConfigFile { path };
    let loaded = match config.load() {
        Ok(loaded) => loaded,
        Err(error) => return out::bad_config(&error, false),
    };
    if let Err(refused) = identity_state::look(&loaded) {
        return out::new_ids(&refused, false);
    }
    let paint = out::Paint::stdout();
    out::line("");
    out::bytes(out::warnings(&loaded, loaded.warnings.iter(), paint).as_bytes());
    let fates = fate::table(&loaded, SystemClock.now());
    out::bytes(fate::render(&fates, paint).as_bytes());
    let name = loaded.path.display();
    out::line(&format!(
        "\nnext:\n  bauta check -c {name}\n  bauta serve -c {name}\n  bauta consent set --help      # record who agreed\n"
    ));
    ExitCode::SUCCESS
}
