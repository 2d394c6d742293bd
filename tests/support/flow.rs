//! A running bauta between a browser and Plausible's stand-in, for one `[site.session]`.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part of this")]

use bauta::demo::vendor::{Rules, Vendor};
use bauta::identity::{MasterKey, Pseudonymiser};
use bauta::person::AppUserId;
use bauta::secret::Secret;

use super::support::http::{Answer, request, send};
use super::support::serve::{Bauta, KEY};

/// The site of these tests.
pub const HOST: &str = "shop.example";

/// The sidecar, the stand-in, and a folder for files that the configuration names.
pub struct Flow {
    pub bauta: Bauta,
    vendor: Vendor,
    _list: tempfile::NamedTempFile,
    _runtime: tokio::runtime::Runtime,
}

impl Flow {
    /// Starts with the lines of `[site.session]`. Of the given people each agreed; everybody else did not.
    pub fn start(session: &str, agreed: &[&str]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let rules = Rules { keep: 10_000, ..Rules::default() };
        let vendor = runtime.block_on(Vendor::start("127.0.0.1:0".parse().unwrap(), rules)).unwrap();
        let list = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(list.path(), agreed.join("\n")).unwrap();
        let bauta = Bauta::start(&format!(
            "[limits]\nlookup = \"2s\"\n[[site]]\nname = \"shop\"\nhosts = [\"{HOST}\"]\n[site.session]\n{session}\n\
             [site.consent]\nsources = [{{ kind = \"list\", allow = {:?} }}]\n\
             [site.quota]\nper_visitor = \"1000000/s\"\nper_address = \"1000000/s\"\n\
             [[site.upstream]]\nvendor = \"plausible\"\nurl = \"{}\"\nsites = [\"{HOST}\"]\n",
            list.path(),
            vendor.url()
        ));
        Self { bauta, vendor, _list: list, _runtime: runtime }
    }

    /// Sends an event with a `Cookie` header; the answer, and who it was for the vendor.
    pub fn event(&self, cookie: Option<&str>) -> (Answer, Option<String>) {
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let mut headers = vec![("Host", HOST), ("Content-Type", "text/plain"), ("User-Agent", agent)];
        headers.extend(cookie.map(|cookie| ("Cookie", cookie)));
        let headers: Vec<_> = headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let body = format!(r#"{{"n":"pageview","u":"https://{HOST}/","d":"{HOST}"}}"#);
        let before = self.vendor.events().len();
        let answer = send(self.bauta.address, &request("POST", "/api/event", &headers, body.as_bytes()));
        let events = self.vendor.events();
        assert_eq!(events.len(), before + 1, "the event did not arrive:\n{}", self.bauta.log());
        (answer, events[before].props.get("userId").cloned())
    }

    /// The pseudonym of the event with this cookie.
    pub fn user(&self, cookie: &str) -> Option<String> {
        self.event(Some(cookie)).1
    }
}

/// What a person of the application is called at the vendor.
pub fn pseudonym(user: &str) -> String {
    let key = MasterKey::new("t", &Secret::new(KEY.to_vec())).unwrap();
    let maker = Pseudonymiser::new(&key, "shop", "plausible", 128).unwrap();
    maker.pseudonym(&AppUserId::from_text(user).unwrap(), 0).to_string()
}
