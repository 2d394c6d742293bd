//! `bauta serve`: run until told to stop.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::ValueEnum;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::out;
use super::{ConfigFile, INTERNAL, fate};
use crate::clock::{Clock as _, SystemClock};
use crate::config::file::File;
use crate::config::identity_state;
use crate::config::{Loaded, render_faults};
use crate::serve::{self, BindError, Fresh, Load, Rejected};
use crate::telemetry::logs;

/// Run until SIGTERM or Ctrl-C; a second one ends the process at once.
#[derive(clap::Args)]
#[command(after_help = "Exit code: 0 stopped, 70 an address cannot be bound, 78 faults in the configuration.\n\n\
    Examples:\n  bauta serve -c /etc/bauta/bauta.toml\n  \
    bauta serve --on-bad-config=drop          # a sidecar never keeps its pod from starting")]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// With a broken configuration: exit with 78, or answer success and forward nothing
    #[arg(long, value_enum, value_name = "WHAT", default_value = "exit")]
    on_bad_config: OnBadConfig,
    /// A changed realm, upstream name or key renames everybody; this says that it is meant
    #[arg(long)]
    accept_new_ids: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OnBadConfig {
    Exit,
    Drop,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let drops = args.on_bad_config == OnBadConfig::Drop;
    let (loaded, plan) = match args.config.plan(true) {
        Ok(sound) => sound,
        Err(error) => {
            let refused = out::bad_config(&error, false);
            let base = error.path.parent().unwrap_or(Path::new(""));
            return if drops { drop_everything(args, &error.salvaged, base) } else { refused };
        }
    };
    logs::start(&loaded.file.log);
    match identity_state::settle(&loaded, args.accept_new_ids) {
        Ok(warning) => warning.iter().for_each(|warning| say(&warning.fault.problem, &warning.fault.fix)),
        Err(refused) => {
            let code = out::new_ids(&refused, false);
            return if drops { drop_everything(args, &loaded.file, &loaded.base) } else { code };
        }
    }
    announce(&loaded);
    let load = anew(&args.config);
    ended(until_told(|stop| async move { plan.run_reloading(Arc::new(SystemClock), &loaded, load, stop).await }))
}

/// Reads the configuration as a start would, and never accepts new ids: that is a decision for a start.
fn anew(config: &ConfigFile) -> Load {
    let config = ConfigFile { path: config.path.clone() };
    Arc::new(move || {
        let (loaded, plan) = config.plan(true).map_err(|error| {
            let one = |located| render_faults(&error.path, &[located], &|_, text| text.to_owned());
            let faults = error.faults.iter().cloned().map(one).collect();
            Rejected::new(&config.path, &error.salvaged, faults)
        })?;
        match identity_state::settle(&loaded, false) {
            Ok(warning) => warning.iter().for_each(|warning| say(&warning.fault.problem, &warning.fault.fix)),
            Err(refused) => {
                let fault = format!("{refused}; fix: {}", refused.fix());
                return Err(Rejected::new(&config.path, &loaded.file, vec![fault]));
            }
        }
        Ok(Fresh { loaded, plan })
    })
}

/// Says at every start what the configuration means.
fn announce(loaded: &Loaded) {
    for warning in &loaded.warnings {
        say(&warning.fault.problem, &warning.fault.fix);
    }
    let fates = fate::table(loaded, SystemClock.now());
    for fate in &fates {
        tracing::info!(site = %fate.site, upstream = %fate.upstream, person = fate.who, level = fate.level.map(crate::level::Level::word), "{}", fate.leaves);
    }
}

fn say(problem: &str, fix: &str) {
    tracing::warn!(fix, "{problem}");
}

/// Answers success and forwards nothing, until the configuration is mended.
fn drop_everything(args: &Args, salvaged: &File, base: &Path) -> ExitCode {
    logs::start(&salvaged.log);
    tracing::error!("the configuration is broken: nothing is forwarded, and clients are told that it was taken");
    let load = anew(&args.config);
    let files = Rejected::new(&args.config.path, salvaged, Vec::new()).files;
    ended(until_told(|stop| async move {
        let broken = stop.child_token();
        let dropping = async {
            let ran = serve::run_dropping(salvaged, base, broken.clone()).await;
            broken.cancel();
            ran
        };
        let mending = async {
            tokio::select! {
                fresh = serve::until_mended(Arc::clone(&load), files) => {
                    broken.cancel();
                    Some(fresh)
                }
                () = broken.cancelled() => None,
            }
        };
        let (mended, ran) = tokio::join!(mending, dropping);
        ran?;
        match mended {
            Some(Fresh { loaded, plan }) if !stop.is_cancelled() => {
                tracing::info!("the configuration is mended");
                announce(&loaded);
                plan.run_reloading(Arc::new(SystemClock), &loaded, load, stop).await
            }
            _ => Ok(()),
        }
    }))
}

fn ended(result: Result<(), BindError>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => out::fail(INTERNAL, &error.to_string(), "free the address, or name another one"),
    }
}

/// Runs a future on a runtime of its own, with SIGTERM and SIGINT wired to its token.
pub(super) fn until_told<F, T>(run: impl FnOnce(CancellationToken) -> F) -> T
where
    F: Future<Output = T>,
{
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            out::fail(INTERNAL, &format!("no threads can be started: {error}"), "raise the limit of processes");
            std::process::exit(INTERNAL.into());
        }
    };
    runtime.block_on(async {
        let stop = CancellationToken::new();
        let told = stop.clone();
        let signals = async move {
            stop_signal().await;
            told.cancel();
            stop_signal().await;
            out::note("bauta: stopped at once");
            std::process::exit(INTERNAL.into());
        };
        // The signals first: whoever reads that we run may send one at once.
        tokio::select! {
            biased;
            never = signals => never,
            result = run(stop) => result,
        }
    })
}

/// Waits for a signal to stop. Where signals cannot be heard, nobody is told to stop this way.
async fn stop_signal() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
