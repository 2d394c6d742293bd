//! Every captured request of PostHog's clients, replayed through running sidecars: as people who agreed (with replay
//! blocked and on), who refused, and as nobody. The judge is a strict stand-in of the vendor, which also gets every
//! request untouched, for comparison.

#[path = "posthog/expand.rs"]
mod expand;
#[path = "posthog/judge.rs"]
mod judge;
#[path = "posthog/line.rs"]
mod line;
#[path = "posthog/quiet.rs"]
mod quiet;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;
use std::sync::Arc;

use bauta::demo::posthog::{FlagCall, PostHog, Received, Rules, StoredEvent};
use bauta::identity::{MasterKey, Pseudonymiser};
use bauta::person::AppUserId;
use bauta::secret::Secret;
use serde_json::Value;

use self::judge::Judge;
use self::line::Line;
use super::quoted;
use super::support::data;
use super::support::http::{Answer, send};
use super::support::serve::{Bauta, KEY};

/// What the application's servers send along.
const CREDENTIAL: &str = "credential-of-the-test-servers-0001";
/// Planted values that no rule lets through; the other kinds are counted and printed.
const NEVER: [&str; 8] = ["email", "phone", "card", "iban", "national_id", "url_secret", "app_cookie", "alias"];

/// Whose request it is, and what the sidecar is told about replay and the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Run {
    /// Agreed, replay blocked.
    Agreed,
    /// Agreed, replay scrubbed.
    Recorded,
    /// Refused; the project counts without ids.
    Refused,
    /// Nobody: no session, no credential; the project counts without ids.
    Nobody,
    /// Refused; the project does not count without ids.
    AtHome,
}

impl Run {
    const ALL: [Self; 5] = [Self::Agreed, Self::Recorded, Self::Refused, Self::Nobody, Self::AtHome];

    const fn agreed(self) -> bool {
        matches!(self, Self::Agreed | Self::Recorded)
    }

    const fn cookieless(self) -> bool {
        !matches!(self, Self::AtHome)
    }
}

/// What reached the vendor because of one request, and what the client was told.
struct Seen {
    answer: Answer,
    events: Vec<StoredEvent>,
    flags: Vec<FlagCall>,
    requests: Vec<Arc<Received>>,
}

/// The sidecars that the data needs: one for each prefix, replay rule and default.
struct World {
    vendor: PostHog,
    hosts: BTreeSet<String>,
    tokens: BTreeSet<String>,
    origins: BTreeSet<String>,
    cookie: String,
    /// The account behind the session cookie: the one that the pages planted.
    user: String,
    credential: String,
    running: HashMap<(String, bool, bool, bool), Bauta>,
}

impl World {
    fn bauta(&mut self, prefix: &str, run: Run) -> &Bauta {
        let key = (prefix.to_owned(), run == Run::Recorded, run.agreed(), run.cookieless());
        if !self.running.contains_key(&key) {
            let started = Bauta::start(&self.file(prefix, run));
            self.running.insert(key.clone(), started);
        }
        &self.running[&key]
    }

    fn file(&self, prefix: &str, run: Run) -> String {
        let mut file = String::new();
        writeln!(file, "[[site]]\nname = \"captures\"\nhosts = {}", quoted(&self.hosts)).unwrap();
        writeln!(file, "origins = {}", quoted(&self.origins)).unwrap();
        writeln!(file, "[site.session]\npreset = \"jwt\"\nalgorithms = [\"HS256\"]\nuser = [\"sub\"]").unwrap();
        writeln!(file, "secrets = [{{ file = \"session.secret\" }}]\ncookie = {:?}", self.cookie).unwrap();
        writeln!(file, "[site.consent]\nsources = [{{ kind = \"session\", path = [\"analytics\"] }}]").unwrap();
        if run.agreed() {
            // The servers' accounts have no session: what was agreed with them is said here.
            writeln!(file, "default = \"granted\"\ni_have_another_legal_basis = \"asked on paper\"").unwrap();
        }
        if run == Run::Recorded {
            writeln!(file, "[site.consent.purposes.replay]\nallow = \"granted\"").unwrap();
        }
        writeln!(file, "[site.quota]\nper_visitor = \"1000000/s\"\nper_address = \"1000000/s\"").unwrap();
        writeln!(file, "[[site.upstream]]\nvendor = \"posthog\"\nurl = {:?}", self.vendor.url()).unwrap();
        writeln!(file, "path = {:?}\ntokens = {}", format!("{prefix}/"), quoted(&self.tokens)).unwrap();
        writeln!(file, "cookieless = {}", run.cookieless()).unwrap();
        writeln!(file, "replay = {:?}", if run == Run::Recorded { "scrub" } else { "block" }).unwrap();
        writeln!(file, "[site.upstream.trusted]\ncredential = {{ file = {:?} }}", self.credential).unwrap();
        file
    }

    /// The request as it was captured, straight to the vendor.
    fn untouched(&self, line: &Line) -> Seen {
        seen(&self.vendor, || send(self.vendor.address(), &line.untouched()))
    }

    fn replayed(&mut self, line: &Line, run: Run) -> Seen {
        let address = self.bauta(&line.prefix, run).address;
        let bytes = line.bytes(run, &self.cookie, &self.user);
        seen(&self.vendor, || send(address, &bytes))
    }
}

fn seen(vendor: &PostHog, sent: impl FnOnce() -> Answer) -> Seen {
    vendor.clear();
    let answer = sent();
    Seen { answer, events: vendor.events(), flags: vendor.flag_calls(), requests: vendor.requests() }
}

/// The planted values by kind.
fn planted() -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read_to_string(data::path("captures/posthog.pii.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let list = |value: &Value| value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect();
    file["planted"].as_object().unwrap().iter().map(|(kind, values)| (kind.clone(), list(values))).collect()
}

#[test]
fn the_stand_in_reads_every_captured_request_as_it_was_meant() {
    let values = data::lines("captures/posthog.jsonl");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let vendor = runtime.block_on(PostHog::start("127.0.0.1:0".parse().unwrap(), Rules::default())).unwrap();
    let mut misses = Vec::new();
    for value in &values {
        let line = Line::read(value, &vendor);
        let mut faults = Vec::new();
        line.check_untouched(&seen(&vendor, || send(vendor.address(), &line.untouched())), &mut faults);
        if !faults.is_empty() {
            misses.push(faults.join("\n"));
        }
    }
    data::report("captures/posthog untouched", values.len(), &misses);
}

#[test]
fn posthog_requests_arrive_with_one_pseudonym_and_without_what_is_personal() {
    let values = data::lines("captures/posthog.jsonl");
    let planted = planted();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let rules = Rules { records: true, ..Rules::default() };
    let vendor = runtime.block_on(PostHog::start("127.0.0.1:0".parse().unwrap(), rules)).unwrap();
    let lines: Vec<Line> = values.iter().map(|value| Line::read(value, &vendor)).collect();
    let folder = tempfile::tempdir().unwrap();
    let credential = line::secret_file(folder.path(), CREDENTIAL);
    let mut world = World {
        vendor,
        hosts: lines.iter().flat_map(Line::hosts).collect(),
        origins: lines.iter().filter_map(|line| line.header("origin").map(str::to_owned)).collect(),
        user: planted["alias"][0].clone(),
        tokens: lines.iter().flat_map(Line::tokens).collect(),
        cookie: lines.iter().find_map(|line| line.session_cookie.clone()).unwrap_or_else(|| "sessionid".to_owned()),
        credential,
        running: HashMap::new(),
    };
    let key = MasterKey::new("t", &Secret::new(KEY.to_vec())).unwrap();
    let maker = Pseudonymiser::new(&key, "captures", "posthog", 128).unwrap();
    let pseudonym = |id: &str| AppUserId::from_text(id).map(|user| maker.pseudonym(&user, 0).to_string());
    let user = world.user.clone();
    let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut counted: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut misses = Vec::new();
    for line in &lines {
        let untouched = world.untouched(line);
        let mut faults = Vec::new();
        line.check_untouched(&untouched, &mut faults);
        for run in Run::ALL {
            let seen = world.replayed(line, run);
            let mut judge =
                Judge { line, run, user: &user, faults: &mut faults, pseudonym: &pseudonym, groups: &mut groups };
            judge.judge(&untouched, &seen);
            let haystack: String = seen.requests.iter().map(|request| expand::haystack(request)).collect();
            for (kind, values) in &planted {
                let arrived = values.iter().filter(|value| haystack.contains(&value.to_lowercase())).count();
                if NEVER.contains(&kind.as_str()) {
                    judge.check(arrived == 0, || format!("a planted {kind} arrived"));
                } else if !haystack.is_empty() {
                    let count = counted.entry(kind).or_default();
                    count.0 += arrived;
                    count.1 += values.len();
                }
            }
        }
        if !faults.is_empty() {
            misses.push(faults.join("\n"));
        }
    }
    let many =
        |(key, names): (&String, &BTreeSet<String>)| (names.len() > 1).then(|| format!("group {key}: {names:?}"));
    misses.extend(groups.iter().filter_map(many));
    for (kind, (arrived, looked)) in counted {
        data::say(&format!(
            "captures/posthog: {kind} arrived {arrived} times in {looked} looks (not decidable by pattern)"
        ));
    }
    data::report("captures/posthog", lines.len(), &misses);
}
