//! Starting and stopping the demo: vendor, bauta, shop.
//!
//! bauta is started from a file, as `bauta serve` starts it: the same loader, the same plan, the same listener, on
//! a unix socket in a folder that only the demo's user may enter. Of the environment only `DO_NOT_TRACK` counts.
//! Failure: [`Unstarted`], and nothing is left behind.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, UnixStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::account::Sessions;
use super::app::App;
use super::front::{Front, Vendors};
use super::listen::Listening;
use super::posthog::{self, PostHog};
use super::scratch::Scratch;
use super::setting::{HOG_TOKEN, SCRIPT, SITE, Setting};
use super::vendor::{Rules, Vendor};
use crate::clock::SystemClock;
use crate::config::fault::Faults;
use crate::config::{self, LoadError};
use crate::runtime::Surroundings;
use crate::serve::{BindError, Plan};

/// The largest body that the front takes: the vendor's own limit, and one byte to know a larger one by.
const LARGEST_BODY: usize = 8_000_001;
/// How long bauta may take to open its socket, and to end.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two looks at the socket.
const LOOK: Duration = Duration::from_millis(5);

/// A running demo. It stops when it is dropped.
#[derive(Debug)]
pub struct Demo {
    shop: Listening,
    vendor: SocketAddr,
    silenced: bool,
    bauta: JoinHandle<Result<(), BindError>>,
    stop: CancellationToken,
    folder: Scratch,
}

/// Why the demo did not start.
#[derive(Debug, thiserror::Error)]
pub enum Unstarted {
    /// A socket, a file or the system's random numbers failed.
    #[error("{what}: {source}")]
    System {
        /// What was being done.
        what: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The demo's configuration was refused.
    #[error("the demo's own configuration was refused")]
    Configuration(#[source] Box<LoadError>),
    /// bauta ended at once.
    #[error("bauta did not start")]
    Bauta(#[source] Option<BindError>),
}

impl Demo {
    /// Serves the shop on `listener`, with bauta and the vendor behind it.
    ///
    /// # Errors
    /// When one of the three does not start; the others are stopped then.
    pub async fn start(
        listener: TcpListener,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, Unstarted> {
        let wrap = |what| move |source| Unstarted::System { what, source };
        let rules = Rules::default().with_script(SCRIPT, SITE);
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let vendor = Vendor::start(any_port, rules).await.map_err(wrap("cannot start the stand-in vendor"))?;
        let rules = posthog::Rules { tokens: Some([HOG_TOKEN.to_owned()].into()), ..posthog::Rules::default() };
        let posthog = PostHog::start(any_port, rules).await.map_err(wrap("cannot start the stand-in for PostHog"))?;
        let folder = Scratch::new().map_err(wrap("cannot make a temporary folder"))?;
        let setting = Setting::fresh(vendor.url(), posthog.url(), folder.path()).map_err(wrap("cannot make keys"))?;
        let file = setting.write(folder.path()).map_err(wrap("cannot write the demo's configuration"))?;

        let (plan, silenced) = plan(&file, environment)?;
        Setting::remove(folder.path()).map_err(wrap("cannot remove the demo's keys"))?;
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let unless_started = stop.clone().drop_guard();
        let mut bauta = tasks.spawn(plan.run(Arc::new(SystemClock), stop.clone()));
        let socket = Setting::socket(folder.path());
        tokio::select! {
            ended = &mut bauta => return Err(Unstarted::Bauta(ended.ok().and_then(Result::err))),
            opened = tokio::time::timeout(PATIENCE, opened(&socket)) => {
                opened.map_err(|_| Unstarted::Bauta(None))?;
            }
        }

        let app = App::new(Sessions::new(setting.session), setting.text, Box::new(SystemClock));
        let vendor_address = vendor.address();
        let front = Arc::new(Front::new(app, socket, Vendors { plausible: vendor, posthog }));
        let shop = Listening::start(listener, LARGEST_BODY, move |request, peer| {
            let front = Arc::clone(&front);
            async move { front.answer(request, peer).await }
        })
        .map_err(wrap("cannot start the shop"))?;
        unless_started.disarm();
        Ok(Self { shop, vendor: vendor_address, silenced, bauta, stop, folder })
    }

    /// Where the shop is.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.shop.address()
    }

    /// Where the stand-in vendor is; `/_events` shows what it stored.
    #[must_use]
    pub const fn vendor(&self) -> SocketAddr {
        self.vendor
    }

    /// Where bauta's sockets are while it runs.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Whether `DO_NOT_TRACK` keeps every event from leaving.
    #[must_use]
    pub const fn is_silenced(&self) -> bool {
        self.silenced
    }

    /// Ends the shop, then bauta, and with them the vendor; frees the ports and removes the folder.
    pub async fn stop(self) {
        let Self { shop, bauta, stop, folder, .. } = self;
        shop.stop().await;
        stop.cancel();
        // Nothing can be in flight any more; what hangs all the same ends with the runtime.
        let _ = tokio::time::timeout(PATIENCE, bauta).await;
        drop(folder);
    }
}

fn plan(file: &Path, environment: impl Iterator<Item = (String, String)>) -> Result<(Plan, bool), Unstarted> {
    let environment = environment.filter(|(name, _)| name == "DO_NOT_TRACK");
    let loaded = config::load(file, environment).map_err(|error| Unstarted::Configuration(Box::new(error)))?;
    let surroundings = Surroundings { do_not_track: loaded.do_not_track, open_store: true };
    let mut faults = Faults::default();
    let plan = Plan::build(&loaded.file, &loaded.base, surroundings, &mut faults);
    let silenced = loaded.do_not_track;
    match plan {
        Some(plan) if faults.is_empty() => Ok((plan, silenced)),
        _ => Err(Unstarted::Configuration(Box::new(loaded.reject(&faults)))),
    }
}

/// Waits until the socket takes connections.
async fn opened(socket: &Path) {
    while UnixStream::connect(socket).await.is_err() {
        tokio::time::sleep(LOOK).await;
    }
}
