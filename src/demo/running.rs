//! Starting and stopping the demo.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

use super::account::Sessions;
use super::app::App;
use super::front::Front;
use super::listen::Listening;
use super::sidecar::{Setting, Sidecar};
use super::vendor::Vendor;
use crate::clock::SystemClock;

/// The largest body that the front takes: the vendor's own limit, and one byte to know a larger one by.
const LARGEST_BODY: usize = 8_000_001;

/// A running demo. It stops when it is dropped.
#[derive(Debug)]
pub struct Demo {
    listening: Listening,
}

impl Demo {
    /// Serves the shop and bauta on `listener`. `setting` is what `sidecar` was made from.
    ///
    /// # Errors
    /// When the socket does not know its own address.
    pub fn start(
        listener: TcpListener,
        vendor: Vendor,
        setting: Setting,
        sidecar: Arc<dyn Sidecar>,
    ) -> io::Result<Self> {
        let app = App::new(Sessions::new(setting.session), setting.text, Box::new(SystemClock));
        let front = Arc::new(Front::new(app, sidecar, vendor));
        let listening = Listening::start(listener, LARGEST_BODY, move |request, peer| {
            let front = Arc::clone(&front);
            async move { front.answer(request, peer).await }
        })?;
        Ok(Self { listening })
    }

    /// Where the shop is.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// Ends the shop, and with it the vendor; frees both ports.
    pub async fn stop(self) {
        self.listening.stop().await;
    }
}
