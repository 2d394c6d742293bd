//! A running bauta between a client and PostHog's stand-in.

use std::time::Duration;

use bauta::demo::posthog::{Cookieless, FlagCall, PostHog, Rules, StoredEvent};
use bauta::identity::{MasterKey, Pseudonymiser};
use bauta::person::AppUserId;
use bauta::secret::Secret;
use serde_json::{Value, json};

use super::support::http::{Answer, Connection, request};
use super::support::mint;
use super::support::serve::{Bauta, KEY};

pub(crate) const HOST: &str = "shop.example";
pub(crate) const TOKEN: &str = "phc_ours0000000000000000000000000000000000000";
pub(crate) const FOREIGN: &str = "phc_foreign00000000000000000000000000000000000";
pub(crate) const CREDENTIAL: &str = "credential-of-the-test-servers-0001";
pub(crate) const UUID: &str = "0190f3a2-7c1d-7abc-8def-0123456789ab";
pub(crate) const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

pub(crate) struct World {
    pub(crate) vendor: PostHog,
    pub(crate) bauta: Bauta,
    runtime: tokio::runtime::Runtime,
}

impl World {
    /// Starts with further lines of `[[site.upstream]]`, and of the tables below it.
    pub(crate) fn start(upstream: &str) -> Self {
        let counts = if upstream.contains("cookieless = true") { Cookieless::Stateless } else { Cookieless::Off };
        Self::with(upstream, Rules { cookieless: counts, ..Rules::default() }, "")
    }

    /// The same with the stand-in's rules and further lines of the site's consent.
    pub(crate) fn with(upstream: &str, rules: Rules, consent: &str) -> Self {
        Self::made(upstream, rules, consent, "")
    }

    /// The same with further lines of `[[site]]`.
    pub(crate) fn of_site(site: &str, upstream: &str) -> Self {
        Self::made(upstream, Rules::default(), "", site)
    }

    fn made(upstream: &str, rules: Rules, consent: &str, site: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let vendor = runtime.block_on(PostHog::start("127.0.0.1:0".parse().unwrap(), rules)).unwrap();
        let file = format!(
            "[limits]\nlookup = \"2s\"\n[[site]]\nname = \"shop\"\nhosts = [\"{HOST}\"]\norigins = [\"https://{HOST}\"]\n{site}\
             [site.session]\npreset = \"jwt\"\nalgorithms = [\"HS256\"]\nuser = [\"sub\"]\ncookie = \"session\"\n\
             secrets = [{{ file = \"session.secret\" }}]\n\
             [site.consent]\nsources = [{{ kind = \"session\", path = [\"analytics\"] }}, {{ kind = \"list\", allow = \"agreed.txt\" }}]\n{consent}\n\
             [site.quota]\nper_visitor = \"10000000/s\"\nper_address = \"10000000/s\"\n\
             [[site.upstream]]\nvendor = \"posthog\"\nurl = \"{}\"\ntokens = [\"{TOKEN}\"]\n{upstream}\n",
            vendor.url()
        );
        Self { vendor, bauta: Bauta::start_in(|folder| fill(folder, &file), &[]), runtime }
    }

    /// Sends one request.
    pub(crate) fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.connect().send(&ask(method, target, headers, body))
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.bauta.address)
    }

    /// Posts JSON, as somebody.
    pub(crate) fn post(&self, target: &str, cookie: Option<&str>, body: &Value) -> Answer {
        let cookie = cookie.map(|cookie| format!("session={cookie}"));
        let mut headers = vec![("Content-Type", "application/json")];
        headers.extend(cookie.as_deref().map(|cookie| ("Cookie", cookie)));
        self.send("POST", target, &headers, body.to_string().as_bytes())
    }

    /// Posts JSON as a server of the application.
    pub(crate) fn serve(&self, target: &str, body: &Value) -> Answer {
        let headers = [("Content-Type", "application/json"), ("X-Bauta-Credential", CREDENTIAL)];
        self.send("POST", target, &headers, body.to_string().as_bytes())
    }

    /// The events at the vendor after so many have arrived.
    pub(crate) fn events(&self, count: usize) -> Vec<StoredEvent> {
        let waited = u64::try_from(count).unwrap();
        assert!(
            self.runtime.block_on(self.vendor.wait_for(waited, Duration::from_secs(20))),
            "{count} events did not arrive:\n{}",
            self.bauta.log()
        );
        self.vendor.events()
    }

    pub(crate) fn flags(&self) -> Vec<FlagCall> {
        self.vendor.flag_calls()
    }

    /// Everything that reached the vendor, as text.
    pub(crate) fn everything(&self) -> String {
        let requests = self.vendor.requests();
        let lines = requests.iter().map(|request| {
            format!("{} {}?{} {:?} {}\n", request.method, request.path, request.query, request.headers, request.decoded)
        });
        lines.collect()
    }
}

fn fill(folder: &std::path::Path, rest: &str) {
    let head = super::support::serve::HEAD;
    std::fs::write(folder.join("bauta.toml"), format!("{head}{rest}")).unwrap();
    std::fs::write(folder.join("credential.key"), CREDENTIAL).unwrap();
    // The accounts of servers have no session: what they agreed to stands in a list.
    std::fs::write(folder.join("agreed.txt"), "maria\njonas\nmaria@mail.example\n").unwrap();
}

pub(crate) fn ask(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let own = [("Host", HOST), ("User-Agent", AGENT)];
    let headers: Vec<(String, String)> =
        own.iter().chain(headers).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    request(method, target, &headers, body)
}

/// The session of a person who agreed.
pub(crate) fn agreed(user: &str) -> String {
    mint::session(user, true)
}

/// One event of a page, as posthog-js sends it.
pub(crate) fn event(name: &str, id: &str) -> Value {
    json!({
        "event": name, "uuid": "0190f3a2-7c1d-7abc-8def-00000000000a", "timestamp": "2026-11-20T16:01:52.675Z",
        "properties": {"token": TOKEN, "distinct_id": id, "$device_id": UUID, "$session_id": "0190f3a2-7c1d-7abc-8def-0123456789cd",
            "$current_url": "https://shop.example/", "$host": HOST, "$raw_user_agent": AGENT, "$process_person_profile": false},
    })
}

pub(crate) fn batch(events: &[Value]) -> Value {
    json!({"api_key": TOKEN, "batch": events, "sent_at": "2026-11-20T16:01:53.000Z"})
}

/// What a person of the application is called at the vendor.
pub(crate) fn pseudonym(user: &str) -> String {
    let key = MasterKey::new("t", &Secret::new(KEY.to_vec())).unwrap();
    let maker = Pseudonymiser::new(&key, "shop", "posthog", 128).unwrap();
    maker.pseudonym(&AppUserId::from_text(user).unwrap(), 0).to_string()
}
