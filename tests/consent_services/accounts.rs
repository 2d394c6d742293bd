//! The account behind an e-mail address that a server sends, asked of the application's real stores.

use std::time::Duration;

use bauta::demo::posthog::{PostHog, Rules};
use bauta::identity::{MasterKey, Pseudonymiser};
use bauta::person::AppUserId;
use bauta::secret::Secret;

use crate::support::data;
use crate::support::http::{Connection, request};
use crate::support::serve::{Bauta, HEAD, KEY};
use crate::{are_wanted, servers};

const TOKEN: &str = "phc_services00000000000000000000000000000000000";
const CREDENTIAL: &str = "credential-of-the-test-servers-0001";

/// A bauta whose servers' ids are looked up as the lines say, and its vendor.
struct World {
    vendor: PostHog,
    bauta: Bauta,
    runtime: tokio::runtime::Runtime,
}

impl World {
    fn start(lookup: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let vendor = runtime.block_on(PostHog::start("127.0.0.1:0".parse().unwrap(), Rules::default())).unwrap();
        let file = format!(
            "{HEAD}[limits]\nlookup = \"2s\"\n[[site]]\nname = \"shop\"\nhosts = [\"shop.example\"]\n\
             [site.consent]\nsources = [{{ kind = \"list\", allow = \"agreed.txt\" }}]\n\
             [[site.upstream]]\nvendor = \"posthog\"\nurl = \"{}\"\ntokens = [\"{TOKEN}\"]\n\
             [site.upstream.trusted]\ncredential = {{ file = \"credential.key\" }}\n[site.upstream.trusted.lookup]\n{lookup}\n",
            vendor.url()
        );
        let fill = |folder: &std::path::Path| {
            std::fs::write(folder.join("bauta.toml"), file).unwrap();
            std::fs::write(folder.join("credential.key"), CREDENTIAL).unwrap();
            std::fs::write(folder.join("agreed.txt"), "41\n42\nghost@mail.example\n").unwrap();
        };
        Self { vendor, bauta: Bauta::start_in(fill, &[]), runtime }
    }

    /// Under whom the events of a server's batch arrive.
    fn arrive_as(&self, ids: &[&str]) -> Vec<String> {
        self.vendor.clear();
        let event = |id: &&str| serde_json::json!({"event": "order", "distinct_id": id, "timestamp": "2026-11-20T16:01:52Z", "properties": {}});
        let batch: Vec<_> = ids.iter().map(event).collect();
        let body = serde_json::json!({"api_key": TOKEN, "batch": batch}).to_string();
        let headers =
            [("Host", "shop.example"), ("Content-Type", "application/json"), ("X-Bauta-Credential", CREDENTIAL)];
        let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let answer = Connection::open(self.bauta.address).send(&request("POST", "/batch/", &headers, body.as_bytes()));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let waited = u64::try_from(ids.len()).unwrap();
        assert!(self.runtime.block_on(self.vendor.wait_for(waited, Duration::from_secs(10))), "{}", self.bauta.log());
        self.vendor.events().into_iter().map(|event| event.distinct_id).collect()
    }

    fn looked_up(&self, result: &str) -> u64 {
        self.bauta.metric(&["account_lookups_total", &format!("result=\"{result}\"")])
    }
}

fn pseudonym(user: &str) -> String {
    let key = MasterKey::new("t", &Secret::new(KEY.to_vec())).unwrap();
    let maker = Pseudonymiser::new(&key, "shop", "posthog", 128).unwrap();
    maker.pseudonym(&AppUserId::from_text(user).unwrap(), 0).to_string()
}

/// What every store must do: find, not find, and remember.
fn finds(name: &str, world: &World) {
    let sent = ["m.gonzalez@mail.example", "o'neil@mail.example", "ghost@mail.example", "41"];
    let wanted = [pseudonym("42"), pseudonym("41"), pseudonym("ghost@mail.example"), pseudonym("41")];
    for _ in 0..2 {
        assert_eq!(world.arrive_as(&sent), wanted, "{name}");
    }
    assert_eq!((world.looked_up("found"), world.looked_up("not_found")), (4, 2), "{name}");
    data::say(&format!("accounts {name}: addresses found, not found, remembered"));
}

#[test]
fn postgresql_knows_the_account_of_an_address() {
    if !are_wanted() {
        return;
    }
    let server = servers::postgres();
    server.psql(
        "CREATE TABLE account (id bigint PRIMARY KEY, email text); \
         INSERT INTO account VALUES (42, 'm.gonzalez@mail.example'), (41, 'o''neil@mail.example')",
    );
    let url = format!("url = \"postgres://bauta@127.0.0.1:{}/postgres\"", server.port);
    let world = World::start(&format!("{url}\ntable = \"account\"\nby = \"email\""));
    finds("postgresql", &world);
    drop(server);
    // What is remembered stays; what is not is hashed as it stands, and nobody agreed under it.
    assert_eq!(world.arrive_as(&["m.gonzalez@mail.example"]), [pseudonym("42")]);
    assert_eq!(world.arrive_as(&["41", "ghost@mail.example"]).len(), 2);
}

#[test]
fn mariadb_knows_the_account_of_an_address_and_tells_upper_from_lower_case() {
    if !are_wanted() {
        return;
    }
    let server = servers::mariadb();
    server.mariadb(
        "CREATE TABLE app.account (id bigint PRIMARY KEY, email varchar(200)); \
         INSERT INTO app.account VALUES (42, 'm.gonzalez@mail.example'), (41, 'o\\'neil@mail.example')",
    );
    let url = format!("url = \"mariadb://reader@127.0.0.1:{}/app\"", server.port);
    finds("mariadb", &World::start(&format!("{url}\ntable = \"account\"\nby = \"email\"")));
    let lower = World::start(&format!("{url}\ntable = \"account\"\nby = \"email\"\nlowercase = true"));
    assert_eq!(lower.arrive_as(&["M.Gonzalez@Mail.example"]), [pseudonym("42")]);
}

#[test]
fn redis_knows_the_account_of_an_address_in_a_key_or_a_field() {
    if !are_wanted() {
        return;
    }
    let server = servers::redis();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    server.redis(&[
        words(&["SET", "account-of:m.gonzalez@mail.example", "42"]),
        words(&["SET", "account-of:o'neil@mail.example", "41"]),
        words(&["HSET", "person:m.gonzalez@mail.example", "account", "42", "name", "Maria"]),
        words(&["HSET", "person:o'neil@mail.example", "account", "41"]),
    ]);
    let url = format!("url = \"redis://127.0.0.1:{}/0\"", server.port);
    finds("redis", &World::start(&format!("{url}\nkey = \"account-of:{{id}}\"")));
    finds("redis hash", &World::start(&format!("{url}\nkey = \"person:{{id}}\"\nfield = \"account\"")));
}
