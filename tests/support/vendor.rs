//! The stand-in vendor for tests: `bauta::demo::vendor` on a free port.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::net::SocketAddr;
use std::time::Duration;

use bauta::demo::vendor::{Rules, StoredEvent, Vendor};

/// Longer than any answer takes on a busy machine; a test that waits this long fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A vendor on a free port. `Rules::default()` stores everything that is well-formed;
/// `Rules::strict(sites)` discards what the real service discards.
pub async fn vendor(rules: Rules) -> Vendor {
    Vendor::start(SocketAddr::from(([127, 0, 0, 1], 0)), rules).await.expect("a free port")
}

/// The stored events, once there are `count` of them since the last `clear`.
pub async fn events(vendor: &Vendor, count: u64) -> Vec<StoredEvent> {
    assert!(vendor.wait_for(count, PATIENCE).await, "fewer than {count} events arrived");
    vendor.events()
}
