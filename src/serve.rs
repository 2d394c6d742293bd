//! Running: listeners on their addresses, probes, the admin interface, and an orderly end.
//!
//! Everything that can be wrong is found while the [`Plan`] is built, before an address is bound. [`Plan::run`] ends
//! when it is told to: readiness turns to 503, the listeners close, what is in flight finishes within `limits.drain`.

mod actions;
mod dropper;
mod files;
mod notify;
mod reload;

use std::path::Path;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::Loaded;
use crate::config::fault::{Faults, KeyPath};
use crate::config::file::File;
use crate::runtime::{Runtime, Surroundings};
use crate::server::admin::Admin;
use crate::server::health::{Health, Readiness};
use crate::server::tls::Tls;
use crate::server::{Address, Bound, Counters, Handler, Inherited, Listener, Settings, tls};
use crate::sidecar::Sidecar;

use self::notify::Notifier;
use self::reload::Reloader;

pub use dropper::Dropper;
pub use reload::{Fresh, Load, Rejected, until_mended};

/// Where to listen, and the caps that hold there.
struct Places {
    listen: Address,
    tls: Option<Tls>,
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
            Some(shape) => Some(tls::build(shape, base, &root.key("listen").key("tls"), faults)?),
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
        self.run_with(clock, None, stop).await
    }

    /// [`Self::run`], reading the configuration anew by `load` when it changes; `loaded` is what this plan was
    /// built from.
    ///
    /// # Errors
    /// When an address cannot be bound; nothing runs then.
    pub async fn run_reloading(
        self,
        clock: Arc<dyn Clock>,
        loaded: &Loaded,
        load: Load,
        stop: CancellationToken,
    ) -> Result<(), BindError> {
        self.run_with(clock, Some((loaded, load)), stop).await
    }

    async fn run_with(
        self,
        clock: Arc<dyn Clock>,
        reloading: Option<(&Loaded, Load)>,
        stop: CancellationToken,
    ) -> Result<(), BindError> {
        let Self { places, admin, runtime } = self;
        let sidecar = Arc::new(Sidecar::new(runtime, clock));
        let notifier = Arc::new(Notifier::from_environment());
        let inherited = Inherited::from_environment().map_err(inherited_fault)?;
        let admin_address = admin.address().clone();
        let certificate = places.tls.as_ref().map(|tls| Arc::clone(&tls.certificate));
        let reloader = reloading.map(|(loaded, load)| {
            let (sidecar, notifier) = (Arc::clone(&sidecar), Arc::clone(&notifier));
            Arc::new(Reloader::new(load, loaded, sidecar, admin.token(), certificate, notifier))
        });
        let mut admin = admin
            .with(actions::Invalidate(Arc::clone(&sidecar)))
            .with(actions::Consent { sidecar: Arc::clone(&sidecar), sets: false })
            .with(actions::Consent { sidecar: Arc::clone(&sidecar), sets: true });
        admin = admin.with(actions::Snippet(Arc::clone(&sidecar)));
        if let Some(reloader) = &reloader {
            admin = admin.with(actions::Reload(Arc::clone(reloader)));
        }
        let counters = Arc::new(Counters::default());
        let metrics = {
            let (sidecar, counters) = (Arc::clone(&sidecar), Arc::clone(&counters));
            move || sidecar.render_metrics(&counters)
        };
        let operators = places.settings.for_operators();
        let admin = Listener {
            bound: bind("admin", &admin_address, &inherited).await?,
            tls: None,
            settings: operators,
            handler: Arc::new(admin),
            counters: Arc::new(Counters::default()),
        };
        let house = House { inherited, notifier, admin: Some(admin), loaded: true };
        // Dropped with the listeners: nothing is reloaded once the drain begins.
        let serving = listen(places, sidecar, counters, metrics, house, stop.clone());
        match reloader {
            Some(reloader) => tokio::join!(serving, reloader.run(stop)).0,
            None => serving.await,
        }
    }
}

/// What both ways of running have beside the visitors' listener.
struct House {
    inherited: Inherited,
    notifier: Arc<Notifier>,
    admin: Option<Listener<Admin>>,
    loaded: bool,
}

fn inherited_fault(source: std::io::Error) -> BindError {
    BindError { listener: "all", address: "the sockets of $LISTEN_FDS".to_owned(), source }
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
    let inherited = Inherited::from_environment().map_err(inherited_fault)?;
    let house = House { inherited, notifier: Arc::new(Notifier::from_environment()), admin: None, loaded: false };
    listen(places, dropper, counters, metrics, house, stop).await
}

/// Binds and serves the listeners that both ways of running have.
async fn listen<H: Handler>(
    places: Places,
    handler: Arc<H>,
    counters: Arc<Counters>,
    metrics: impl Fn() -> String + Send + Sync + 'static,
    house: House,
    stop: CancellationToken,
) -> Result<(), BindError> {
    let Places { listen, tls, health, settings } = places;
    let House { inherited, notifier, admin, loaded } = house;
    let tls = tls.map(|tls| tls.acceptor);
    let readiness = Arc::new(Readiness::default());
    if loaded {
        readiness.set_loaded();
    }
    let health = Listener {
        bound: bind("health", &health, &inherited).await?,
        tls: None,
        settings: settings.for_operators(),
        handler: Arc::new(Health::new(Arc::clone(&readiness), metrics)),
        counters: Arc::new(Counters::default()),
    };
    let events = Listener { bound: bind("events", &listen, &inherited).await?, tls, settings, handler, counters };
    readiness.set_bound();
    notifier.ready();

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
        notifier.stopping();
        tracing::info!("draining");
    };
    let serving = async { tokio::join!(events.run(stop.clone()), draining) };
    let (drained, ()) = tokio::select! {
        served = serving => served,
        () = notifier.keep_alive() => return Ok(()),
    };
    if drained.cut > 0 {
        tracing::warn!(connections = drained.cut, "the drain's deadline cut connections off");
    }
    last.cancel();
    while operators.join_next().await.is_some() {}
    tracing::info!("stopped");
    Ok(())
}

async fn bind(listener: &'static str, address: &Address, inherited: &Inherited) -> Result<Bound, BindError> {
    let fault = |source| BindError { listener, address: address.to_string(), source };
    let bound = match inherited.take(listener).map_err(fault)? {
        Some(bound) => bound,
        None => address.bind().await.map_err(fault)?,
    };
    let place = bound.tcp().map_or_else(|| address.to_string(), |address| address.to_string());
    tracing::info!(listener, address = %place, "listening");
    Ok(bound)
}
