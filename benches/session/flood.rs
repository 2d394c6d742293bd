//! What a flood of junk seals costs the running binary beside a flood without cookies: CPU per request, over ten
//! seconds each, once the budget for derivations is spent.

use std::fs;
use std::time::{Duration, Instant};

use bauta::demo::vendor::{Rules, Vendor};

use crate::junk;
use crate::support::http::{Connection, request};
use crate::support::serve::Bauta;

const LONG: Duration = Duration::from_secs(10);
/// The kernel's clock ticks per second (`sysconf(_SC_CLK_TCK)` on Linux).
const TICKS: f64 = 100.0;

/// Runs both floods and says what they cost. `seal` is a seal of the right shape.
pub(crate) fn run(seal: &str) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let rules = Rules { keep: 10, ..Rules::default() };
    let vendor = runtime.block_on(Vendor::start("127.0.0.1:0".parse().expect("an address"), rules)).expect("a vendor");
    let name = seal.split('=').next().expect("a name");
    let bauta = Bauta::start(&format!(
        "[[site]]\nname = \"shop\"\nhosts = [\"shop.example\"]\n\
         [site.session]\npreset = \"nuxt\"\ncookie = \"{name}\"\nuser = [\"id\"]\nsecrets = [{{ file = \"session.secret\" }}]\n\
         [site.consent]\nsources = [{{ kind = \"store\" }}]\n\
         [site.quota]\nper_visitor = \"1000000/s\"\nper_address = \"1000000/s\"\n\
         [[site.upstream]]\nvendor = \"plausible\"\nurl = \"{}\"\nsites = [\"shop.example\"]\n",
        vendor.url()
    ));
    // Spends the budget, and warms everything up.
    flood(&bauta, Duration::from_secs(2), Some(seal));
    let without = flood(&bauta, LONG, None);
    let junk = flood(&bauta, LONG, Some(seal));
    println!("flood without cookies  {:8.1} us CPU per request ({} requests)", without.0, without.1);
    println!("flood of junk seals    {:8.1} us CPU per request ({} requests)", junk.0, junk.1);
    println!("junk seals cost {:.2} times as much (limit: 2)", junk.0 / without.0);
    assert!(junk.0 < 2.0 * without.0, "a flood of junk seals costs too much");
}

/// Sends events for so long; CPU per request in microseconds, and how many.
fn flood(bauta: &Bauta, long: Duration, seal: Option<&str>) -> (f64, u64) {
    let mut connection = Connection::open(bauta.address);
    let (before, until) = (cpu(bauta.pid()), Instant::now() + long);
    let mut count = 0;
    while Instant::now() < until {
        count += 1;
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let mut headers = vec![("Host", "shop.example".to_owned()), ("Content-Type", "text/plain".to_owned())];
        headers.push(("User-Agent", agent.to_owned()));
        headers.extend(seal.map(|seal| ("Cookie", junk(seal, unique()))));
        let headers: Vec<_> = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let body = br#"{"n":"pageview","u":"https://shop.example/","d":"shop.example"}"#;
        assert_eq!(connection.send(&request("POST", "/api/event", &headers, body)).status, 202);
    }
    let micros = (cpu(bauta.pid()) - before) * 1_000_000.0;
    (micros / count as f64, count)
}

/// A number that no flood of this run had before.
fn unique() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// CPU seconds of a process so far: fields 14 and 15 of its `stat` (proc(5)).
fn cpu(process: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("a process");
    let fields: Vec<&str> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
    let ticks = |index: usize| fields[index].parse::<f64>().expect("a number");
    (ticks(11) + ticks(12)) / TICKS
}
