//! Reload: configuration, keys, certificate and lists while requests are being answered.
//!
//! Promise: all or nothing. The new state is built and checked whole, beside the old one; only when nothing is wrong
//! does it take the old one's place, in one step. A faulty file changes nothing: every fault is logged,
//! `bauta_config_last_reload_successful` turns 0, and the old state stays. Asked for by a change of the files, by SIGHUP
//! or by `POST /reload`; one at a time. What is bound at the start (addresses, caps of the listeners, logging) is
//! named in the log as waiting for a restart.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::Plan;
use super::files::{self, Watch};
use super::notify::Notifier;
use crate::config::Loaded;
use crate::config::file::File;
use crate::server::admin::Token;
use crate::server::tls::Certificate;
use crate::sidecar::Sidecar;
use crate::telemetry::count;

/// Reads the configuration anew and builds everything. Blocks, so it is called on a thread that may.
pub type Load = Arc<dyn Fn() -> Result<Fresh, Rejected> + Send + Sync>;

/// A sound configuration, read and built.
pub struct Fresh {
    /// What the file says.
    pub loaded: Loaded,
    /// What was built from it.
    pub plan: Plan,
}

/// A configuration that is not taken.
#[derive(Debug)]
pub struct Rejected {
    /// Every fault, as text for people.
    pub faults: Vec<String>,
    /// The files to watch for the mend.
    pub files: BTreeSet<PathBuf>,
}

impl Rejected {
    /// A refusal of the file at `path`, of which `file` could be read; `faults` are for people.
    #[must_use]
    pub fn new(path: &std::path::Path, file: &File, faults: Vec<String>) -> Self {
        let base = path.parent().map(std::path::Path::to_path_buf).unwrap_or_default();
        Self { faults, files: files::of(path, file, &base) }
    }

    fn panicked() -> Self {
        Self {
            faults: vec!["reading the configuration failed inside; please report it".into()],
            files: BTreeSet::new(),
        }
    }
}

/// Calls `load` where blocking is allowed.
async fn call(load: &Load) -> Result<Fresh, Rejected> {
    let load = Arc::clone(load);
    tokio::task::spawn_blocking(move || load()).await.unwrap_or_else(|_| Err(Rejected::panicked()))
}

/// What a reload changes.
pub(super) struct Reloader {
    load: Load,
    sidecar: Arc<Sidecar>,
    token: Token,
    certificate: Option<Arc<Certificate>>,
    /// What the listeners were made from.
    started: File,
    files: Mutex<BTreeSet<PathBuf>>,
    /// What the files held when they were last read.
    seen: Mutex<files::Print>,
    /// Taken from the start on: an unheard SIGHUP would end the process.
    hangup: Mutex<Option<Signal>>,
    /// One at a time.
    turn: tokio::sync::Mutex<()>,
    /// The admin call reloaded: other files may be the ones to watch.
    done: Notify,
    notifier: Arc<Notifier>,
}

impl Reloader {
    pub(super) fn new(
        load: Load,
        loaded: &Loaded,
        sidecar: Arc<Sidecar>,
        token: Token,
        certificate: Option<Arc<Certificate>>,
        notifier: Arc<Notifier>,
    ) -> Self {
        let files = files::of(&loaded.path, &loaded.file, &loaded.base);
        let seen = files::print(&files);
        Self {
            load,
            sidecar,
            token,
            certificate,
            started: loaded.file.clone(),
            files: Mutex::new(files),
            seen: Mutex::new(seen),
            hangup: Mutex::new(signal(SignalKind::hangup()).ok()),
            turn: tokio::sync::Mutex::default(),
            done: Notify::new(),
            notifier,
        }
    }

    /// Reads everything anew. Gives what waits for a restart.
    ///
    /// # Errors
    /// Every fault, as text for people; nothing has changed then.
    pub(super) async fn reload(&self) -> Result<Vec<&'static str>, Vec<String>> {
        let _turn = self.turn.lock().await;
        self.notifier.reloading();
        let before = self.files();
        // First looked at, then read: what changes in between is seen as a change afterwards.
        let mut seen = files::look(&before).await;
        let result = match call(&self.load).await {
            Ok(fresh) => Ok(self.put_to_work(fresh)),
            Err(rejected) => Err(self.keep(rejected)),
        };
        let after = self.files();
        if after != before {
            seen = files::look(&after).await;
        }
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        self.notifier.ready();
        result
    }

    /// [`Self::reload`] for whoever is not the watch.
    pub(super) async fn reload_for_operator(&self) -> Result<Vec<&'static str>, Vec<String>> {
        let result = self.reload().await;
        self.done.notify_one();
        result
    }

    fn put_to_work(&self, fresh: Fresh) -> Vec<&'static str> {
        let Fresh { loaded, plan } = fresh;
        let waits = waiting(&self.started, &loaded.file);
        *self.lock() = files::of(&loaded.path, &loaded.file, &loaded.base);
        self.token.replace(&plan.admin.token());
        if let (Some(now), Some(new)) = (&self.certificate, &plan.places.tls) {
            now.replace(&new.certificate);
        }
        self.sidecar.replace(plan.runtime);
        let metrics = self.sidecar.metrics();
        metrics.config_ok.set(1);
        metrics.config_at.set(self.sidecar.now().seconds());
        count(&metrics.reloads, "result", "taken");
        for warning in &loaded.warnings {
            tracing::warn!(fix = %warning.fault.fix, "{}", warning.fault.problem);
        }
        for key in &waits {
            tracing::warn!(fix = "restart bauta", "{key} has changed: it counts from the next start on");
        }
        tracing::info!("the configuration was read anew and is in force");
        waits
    }

    fn keep(&self, rejected: Rejected) -> Vec<String> {
        self.lock().extend(rejected.files);
        let metrics = self.sidecar.metrics();
        metrics.config_ok.set(0);
        count(&metrics.reloads, "result", "refused");
        for fault in &rejected.faults {
            tracing::error!("not taken: {fault}");
        }
        tracing::error!(faults = rejected.faults.len(), "the new configuration has faults: the old one stays in force");
        rejected.faults
    }

    fn files(&self) -> BTreeSet<PathBuf> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<PathBuf>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reloads when the files change or on SIGHUP, until told to stop.
    pub(super) async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut hangup = self.hangup.lock().unwrap_or_else(PoisonError::into_inner).take();
        loop {
            let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let mut watch = Watch::over(self.files(), Some(seen)).await;
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.done.notified() => continue,
                () = heard(&mut hangup) => {}
                () = watch.changed() => {}
            }
            // The outcome is in the log and in the metrics.
            let _ = self.reload().await;
        }
    }
}

async fn heard(hangup: &mut Option<Signal>) {
    match hangup {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Tries again whenever the files change or SIGHUP comes, until the configuration is sound: for a sidecar that
/// started with a broken one.
pub async fn until_mended(load: Load, first: BTreeSet<PathBuf>) -> Fresh {
    let mut hangup = signal(SignalKind::hangup()).ok();
    let mut files = first;
    loop {
        let mut watch = Watch::over(files.clone(), None).await;
        // Something may have been mended before the watch began.
        match call(&load).await {
            Ok(fresh) => return fresh,
            Err(rejected) => files = rejected.files,
        }
        tokio::select! {
            () = heard(&mut hangup) => {}
            () = watch.changed() => {}
        }
    }
}

/// The options that a running process cannot change and that differ.
fn waiting(started: &File, now: &File) -> Vec<&'static str> {
    let limits = |file: &File| {
        let limits = &file.limits;
        (
            (limits.connections, limits.in_flight, limits.head, limits.headers),
            (limits.first_byte, limits.head_time, limits.idle, limits.drain),
        )
    };
    let pairs = [
        ("listen.address", started.listen.address != now.listen.address),
        ("listen.tls (on or off)", started.listen.tls.is_some() != now.listen.tls.is_some()),
        ("health.address", started.health.address != now.health.address),
        ("admin.address", started.admin.address != now.admin.address),
        ("[limits] (all but body, body_time and lookup)", limits(started) != limits(now)),
        ("[log]", started.log != now.log),
    ];
    pairs.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
}
