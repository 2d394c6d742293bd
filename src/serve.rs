//! Running: listeners on their addresses, probes, the admin interface, and an orderly end.
//!
//! Everything that can be wrong is found while the [`Plan`] is built, before an address is bound. [`Plan::run`] ends
//! when it is told to: readiness turns to 503, the listeners close, what is in flight finishes within `limits.drain`.

mod actions;
mod dropper;

use std::path::Path;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::fault::{Faults, KeyPath};
use crate::config::file::File;
use crate::runtime::{Runtime, Surroundings};
use crate::server::admin::Admin;
use crate::server::health::{Health, Readiness};
use crate::server::{Address, Bound, Counters, Handler, Listener, Settings, tls};
use crate::sidecar::Sidecar;

pub use dropper::Dropper;

/// Where to listen, and the caps that hold there.
struct Places {
    listen: Address,
    tls: Option<TlsAcceptor>,
    health: Address,
    settings: Settings,
}

impl Places {
    fn build(file: &File, base: &Path, faults: &mut Faults) -> Option<Self> {
        let root = KeyPath::root();
        let listen = Address::read(&file.listen.address, &root.key("listen").key("address"), faults);
        let health = Address::read(&file.health.address, &root.key("health").key("address"), faults);
        let settings = Settings::build(&file.limits, &root.key("limits"), faults);
        let tls = match &file.listen.tls {
            Some(shape) => Some(tls::acceptor(shape, base, &root.key("listen").key("tls"), faults)?),
            None => None,
        };
        Some(Self { listen: listen?, tls, health: health?, settings })
    }
}

/// A sound configuration, ready to run.
pub struct Plan {
    places: Places,
    admin: Admin,
    runtime: Runtime,
}

/// An address could not be bound.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address} for {listener}: {source}")]
pub struct BindError {
    listener: &'static str,
    address: String,
    #[source]
    source: std::io::Error,
}

impl Plan {
    /// Builds everything from a file's shapes and adds every fault that shows. `base` is the folder of the file.
    pub fn build(file: &File, base: &Path, surroundings: Surroundings, faults: &mut Faults) -> Option<Self> {
        let places = Places::build(file, base, faults);
        let admin = Admin::build(&file.admin, base, &KeyPath::root().key("admin"), faults);
        let runtime = Runtime::build(file, base, surroundings, faults);
        Some(Self { places: places?, admin: admin?, runtime: runtime? })
    }

    /// The runtime, for commands that decide without listening.
    #[must_use]
    pub fn into_runtime(self) -> Runtime {
        self.runtime
    }

    /// Runs until `stop` is cancelled and everything in flight has ended.
    ///
    /// # Errors
    /// When an address cannot be bound; nothing runs then.
    pub async fn run(self, clock: Arc<dyn Clock>, stop: CancellationToken) -> Result<(), BindError> {
        let Self { places, admin, runtime } = self;
        let sidecar = Arc::new(Sidecar::new(runtime, clock));
        let admin_address = admin.address().clone();
        let admin = admin.with(actions::Invalidate(Arc::clone(&sidecar)));
        let counters = Arc::new(Counters::default());
        let metrics = {
            let (sidecar, counters) = (Arc::clone(&sidecar), Arc::clone(&counters));
            move || sidecar.render_metrics(&counters)
        };
        let operators = places.settings.for_operators();
        let admin = Listener {
            bound: bind("admin", &admin_address).await?,
            tls: None,
            settings: operators,
            handler: Arc::new(admin),
            counters: Arc::new(Counters::default()),
        };
        listen(places, sidecar, counters, metrics, Some(admin), true, stop).await
    }
}

/// Runs with a broken configuration: the addresses that could be read (else the defaults) are bound, every request gets
/// the answer that the vendors' clients expect, nothing is forwarded, and readiness says so.
///
/// # Errors
/// When an address cannot be bound.
pub async fn run_dropping(salvaged: &File, base: &Path, stop: CancellationToken) -> Result<(), BindError> {
    let addresses = |file: &File| Places::build(file, base, &mut Faults::default());
    let without_tls = || {
        let mut file = salvaged.clone();
        file.listen.tls = None;
        addresses(&file)
    };
    let Some(places) = addresses(salvaged).or_else(without_tls).or_else(|| addresses(&File::default())) else {
        return Ok(());
    };
    let counters = Arc::new(Counters::default());
    let dropper = Arc::new(Dropper::default());
    let metrics = {
        let dropper = Arc::clone(&dropper);
        move || dropper.render_metrics()
    };
    listen(places, dropper, counters, metrics, None, false, stop).await
}

/// Binds and serves the listeners that both ways of running have.
async fn listen<H: Handler>(
    places: Places,
    handler: Arc<H>,
    counters: Arc<Counters>,
    metrics: impl Fn() -> String + Send + Sync + 'static,
    admin: Option<Listener<Admin>>,
    loaded: bool,
    stop: CancellationToken,
) -> Result<(), BindError> {
    let Places { listen, tls, health, settings } = places;
    let readiness = Arc::new(Readiness::default());
    if loaded {
        readiness.set_loaded();
    }
    let health = Listener {
        bound: bind("health", &health).await?,
        tls: None,
        settings: settings.for_operators(),
        handler: Arc::new(Health::new(Arc::clone(&readiness), metrics)),
        counters: Arc::new(Counters::default()),
    };
    let events = Listener { bound: bind("events", &listen).await?, tls, settings, handler, counters };
    readiness.set_bound();

    // The probes outlive the events: the drain must be visible while it lasts.
    let last = CancellationToken::new();
    let mut operators = JoinSet::new();
    operators.spawn(health.run(last.clone()));
    if let Some(admin) = admin {
        operators.spawn(admin.run(last.clone()));
    }
    let draining = async {
        stop.cancelled().await;
        readiness.set_draining();
        tracing::info!("draining");
    };
    let (drained, ()) = tokio::join!(events.run(stop.clone()), draining);
    if drained.cut > 0 {
        tracing::warn!(connections = drained.cut, "the drain's deadline cut connections off");
    }
    last.cancel();
    while operators.join_next().await.is_some() {}
    tracing::info!("stopped");
    Ok(())
}

async fn bind(listener: &'static str, address: &Address) -> Result<Bound, BindError> {
    let bound = address.bind().await.map_err(|source| BindError { listener, address: address.to_string(), source })?;
    let place = bound.tcp().map_or_else(|| address.to_string(), |address| address.to_string());
    tracing::info!(listener, address = %place, "listening");
    Ok(bound)
}
