//! A shop behind the real binary: sessions as JWTs, the site's own consent cookie, and the vendor's stand-in.

use bauta::demo::vendor::{Rules, Vendor};

use super::http::{Answer, request, send};
use super::serve::Bauta;

/// The shop's name.
pub const HOST: &str = "shop.example";
/// Where the vendor's paths are.
pub const PREFIX: &str = "/stats";
/// The claim of the session.
pub const CLAIM: &str = "{ kind = \"session\", path = [\"analytics\"] }";

/// The vendor's stand-in on a runtime of its own.
pub struct Stand {
    pub vendor: Vendor,
    _runtime: tokio::runtime::Runtime,
}

impl Stand {
    pub fn start(rules: Rules) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let vendor = runtime.block_on(Vendor::start("127.0.0.1:0".parse().unwrap(), rules)).unwrap();
        Self { vendor, _runtime: runtime }
    }

    /// The id that the last event came with.
    pub fn last_id(&self) -> Option<String> {
        self.vendor.events().last().unwrap().props.get("userId").cloned()
    }
}

/// The shop, open.
pub struct Shop {
    pub stand: Stand,
    pub bauta: Bauta,
}

impl Shop {
    /// Opens with these sources of consent, further lines of the site, and of `[site.consent]`.
    pub fn open(sources: &str, site: &str, consent: &str) -> Self {
        let stand = Stand::start(Rules::default());
        let bauta = Bauta::start(&format!(
            "[[site]]\nname = \"shop\"\nhosts = [\"{HOST}\"]\n{site}\n\
             [site.session]\npreset = \"jwt\"\nalgorithms = [\"HS256\"]\ncookie = \"session\"\nuser = [\"sub\"]\n\
             secrets = [{{ file = \"session.secret\" }}]\n\
             [site.consent]\nsources = [{sources}]\n{consent}\n\
             [[site.upstream]]\nvendor = \"plausible\"\nurl = \"{}\"\nsites = [\"{HOST}\"]\npath = \"{PREFIX}/\"\n",
            stand.vendor.url()
        ));
        Self { stand, bauta }
    }

    /// One request of a browser.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut all = vec![("Host".to_owned(), HOST.to_owned())];
        all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        send(self.bauta.address, &request(method, path, &all, body.as_bytes()))
    }

    /// Sends an event with these headers; the answer, and the id that the vendor got.
    pub fn event(&self, headers: &[(&str, &str)]) -> (Answer, Option<String>) {
        let body = format!(r#"{{"n":"pageview","u":"https://{HOST}/secret-page","d":"{HOST}"}}"#);
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let headers = [&[("Content-Type", "text/plain"), ("User-Agent", agent)], headers].concat();
        let answer = self.ask("POST", &format!("{PREFIX}/api/event"), &headers, &body);
        assert_eq!(answer.status, 202);
        (answer, self.stand.last_id())
    }
}
