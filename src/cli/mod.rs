//! The commands: one file each, and the only place that prints (through `out`).
//!
//! A command is a module with `Args` and `fn run(Args) -> ExitCode`, a variant of `Command` and a line in
//! `Command::run`. Exit codes are those of sysexits.h where one fits.

mod audit;
mod check;
mod completions;
mod config;
mod consent;
mod demo;
mod explain;
mod fate;
mod healthcheck;
mod id;
mod init;
mod keygen;
mod man;
mod meaning;
mod online;
mod out;
mod render;
mod scrub;
mod serve;
mod session;
mod snippet;
mod words;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser as _;

use crate::clock::{Clock as _, SystemClock};
use crate::config::fault::Faults;
use crate::config::file::File;
use crate::config::{LoadError, Loaded};
use crate::runtime::{self, Surroundings};
use crate::serve::Plan;

/// The command did what it was asked, and the answer is no: not ready, warnings with `--strict`.
pub(crate) const NO: u8 = 1;
/// The command line cannot be followed; the code of clap.
pub(crate) const USAGE: u8 = 2;
/// A bug of ours was contained (`EX_SOFTWARE`).
pub(crate) const INTERNAL: u8 = 70;
/// Something could not be written or read (`EX_IOERR`).
pub(crate) const CANNOT: u8 = 74;
/// What was given to read is not what it should be (`EX_DATAERR`).
pub(crate) const DATA: u8 = 65;
/// The configuration has faults (`EX_CONFIG`).
pub(crate) const BAD_CONFIG: u8 = 78;

/// A privacy proxy between your visitors and your analytics vendor.
#[derive(clap::Parser)]
#[command(
    name = "bauta",
    version,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Start with `bauta init`. `bauta COMMAND --help` shows options and examples."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Every command, in the order in which people meet them.
#[derive(clap::Subcommand)]
enum Command {
    /// The whole thing on one machine: a shop, bauta, a stand-in vendor
    Demo(demo::Args),
    /// What a site's pages send to its vendor today, from a HAR file
    Audit(audit::Args),
    /// Write a working bauta.toml and its keys
    Init(init::Args),
    /// Validate a configuration: every fault at once, and what leaves for whom
    Check(check::Args),
    /// Run the sidecar
    Serve(serve::Args),
    /// Show what happens to one request, stage by stage
    Explain(explain::Args),
    /// Print what a user is called at each upstream
    Id(id::Args),
    /// Read and write the embedded consent store
    Consent(consent::Args),
    /// Find out how a session cookie is read
    Session(session::Args),
    /// Print the code that your pages need
    Snippet(snippet::Args),
    /// Draw new opaque words for an upstream
    Words(words::Args),
    /// Print deployment files: k8s, kustomize, compose, nginx, caddy, haproxy, systemd
    Render(render::Args),
    /// Remove personal data from events on standard input
    Scrub(scrub::Args),
    /// Make a key or a token
    Keygen(keygen::Args),
    /// Ask a running bauta whether it is ready
    Healthcheck(healthcheck::Args),
    /// Show the options, the configuration in force, or the schema
    Config(config::Args),
    /// Print completions for a shell
    Completions(completions::Args),
    /// Print the manual page
    Man(man::Args),
}

impl Command {
    fn run(self) -> ExitCode {
        match self {
            Self::Demo(args) => demo::run(&args),
            Self::Audit(args) => audit::run(&args),
            Self::Consent(args) => consent::run(&args),
            Self::Session(args) => session::run(&args),
            Self::Snippet(args) => snippet::run(&args),
            Self::Words(args) => words::run(&args),
            Self::Render(args) => render::run(&args),
            Self::Scrub(args) => scrub::run(&args),
            Self::Init(args) => init::run(args),
            Self::Check(args) => check::run(&args),
            Self::Serve(args) => serve::run(&args),
            Self::Explain(args) => explain::run(&args),
            Self::Id(args) => id::run(&args),
            Self::Keygen(args) => keygen::run(&args),
            Self::Healthcheck(args) => healthcheck::run(&args),
            Self::Config(args) => config::run(args),
            Self::Completions(args) => completions::run(&args),
            Self::Man(args) => man::run(&args),
        }
    }
}

/// Runs the command line of this process.
///
/// A panic ends the command with 70 and a line that names the place in the program, never the panic's own message:
/// that could hold what the program was working on.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        out::note(&format!("bauta: internal error at {place}; please report it"));
    }));
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    std::panic::catch_unwind(|| cli.command.run()).unwrap_or_else(|_| ExitCode::from(INTERNAL))
}

/// `--help`, `--version`, or a command line that cannot be understood.
fn usage(error: &clap::Error) -> ExitCode {
    // Nothing is left to do when the reader has gone.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// `-c FILE`, for every command that reads the configuration.
#[derive(clap::Args)]
pub(crate) struct ConfigFile {
    /// The configuration file
    #[arg(short = 'c', long = "config", value_name = "FILE", default_value = "bauta.toml")]
    pub(crate) path: PathBuf,
}

impl ConfigFile {
    /// Loads the file with the checks of all stages.
    ///
    /// # Errors
    /// All faults at once.
    pub(crate) fn load(&self) -> Result<Loaded, LoadError> {
        let mut loaded = crate::config::load_with(&self.path, crate::config::variables(), SystemClock.now(), &stages)?;
        meaning::warn(&mut loaded);
        Ok(loaded)
    }

    /// Loads the file and builds everything that runs. `open_store` opens the embedded store, and makes it.
    ///
    /// # Errors
    /// All faults at once.
    pub(crate) fn plan(&self, open_store: bool) -> Result<(Loaded, Plan), LoadError> {
        let loaded = self.load()?;
        let surroundings = Surroundings { do_not_track: loaded.do_not_track, open_store };
        let mut faults = Faults::default();
        match Plan::build(&loaded.file, &loaded.base, surroundings, &mut faults) {
            Some(plan) => Ok((loaded, plan)),
            None => Err(loaded.reject(&faults)),
        }
    }

    /// [`ConfigFile::plan`] for a command that only looks: a store that is there is read, none is made.
    ///
    /// # Errors
    /// All faults at once.
    pub(crate) fn plan_to_look(&self) -> Result<(Loaded, Plan), LoadError> {
        let loaded = self.load()?;
        let exists = runtime::store::path(&loaded.file, &loaded.base).is_some_and(|path| path.exists());
        self.plan(exists)
    }
}

/// What the stages have against a file. They are built again to run; here only their faults count.
fn stages(file: &File, base: &Path, faults: &mut Faults) {
    let surroundings = Surroundings { do_not_track: false, open_store: false };
    drop(Plan::build(file, base, surroundings, faults));
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
