//! The stand-in vendors as judges: what they took as it was sent, they take as it leaves the scrub stage.
//!
//! They read their rules from the vendors' public source and share no code with the stage; requests are handed to them without
//! a socket.

use std::net::{IpAddr, Ipv4Addr};

use bauta::demo::posthog::{self, PostHog};
use bauta::demo::vendor::{self, Vendor};
use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::Value;

/// Both vendors, and how much they were asked.
pub(crate) struct Judges {
    plausible: Vendor,
    posthog: PostHog,
    runtime: tokio::runtime::Runtime,
    /// Bodies that were taken, before and after.
    pub(crate) taken: u32,
}

impl Judges {
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let free = (Ipv4Addr::LOCALHOST, 0).into();
        let plausible = runtime.block_on(Vendor::start(free, vendor::Rules::default())).unwrap();
        let posthog = runtime.block_on(PostHog::start(free, posthog::Rules::default())).unwrap();
        Self { plausible, posthog, runtime, taken: 0 }
    }

    /// Fails if the vendor refuses what it took before, or stores another number of events.
    pub(crate) fn compare(&mut self, upstream: &str, before: &str, after: &str) {
        let first = self.ask(upstream, before);
        if !first.0.is_success() {
            return;
        }
        let second = self.ask(upstream, after);
        assert_eq!(first, second, "{upstream} took\n{before}\nand not\n{after}");
        self.taken += 1;
    }

    /// The answer's status, and how many events were stored.
    fn ask(&self, upstream: &str, body: &str) -> (StatusCode, usize) {
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let request = |path: &str, kind: &str| {
            let builder =
                Request::post(path).header("content-type", kind).header("user-agent", "Mozilla/5.0 Firefox/140.0");
            builder.body(Ok(Bytes::copy_from_slice(body.as_bytes()))).unwrap()
        };
        self.runtime.block_on(async {
            if upstream == "plausible" {
                let status = self.plausible.answer(request("/api/event", "text/plain"), peer).await.status();
                let stored = self.plausible.events().len();
                self.plausible.clear();
                return (status, stored);
            }
            let status = self.posthog.answer(request(path(body), "application/json"), peer).await.status();
            let stored = self.posthog.events().len();
            self.posthog.clear();
            (status, stored)
        })
    }
}

/// Where a client would send this body.
fn path(body: &str) -> &'static str {
    match serde_json::from_str(body) {
        Ok(Value::Object(own)) if own.contains_key("batch") => "/batch/",
        Ok(Value::Object(own)) if !own.contains_key("event") => "/flags/?v=2",
        _ => "/e/",
    }
}
