//! Every captured request, replayed through a running bauta three times: as a person who agreed, one who refused, and
//! nobody. The judge is a strict stand-in of the vendor: it also gets every request untouched, for comparison.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "a test that panics fails, which is what it is for"
)]

#[path = "captures/posthog.rs"]
mod posthog;
mod support;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use base64::Engine as _;
use bauta::demo::vendor::{Received, Rules, StoredEvent, Vendor};
use bauta::identity::{MasterKey, Pseudonymiser};
use bauta::person::AppUserId;
use bauta::secret::Secret;
use serde_json::Value;
use support::http::{Answer, request, send};
use support::serve::{Bauta, KEY};
use support::{data, mint};

/// Kinds that no pattern can know; the person's own are covered by self-redaction, strangers' are not.
const COUNTED_ONLY: [&str; 3] = ["name", "user_id_path", "user_id_query"];

/// How many properties the vendor stores.
const MOST_PROPS: usize = 30;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Agreed,
    Refused,
    Nobody,
}

fn text<'a>(line: &'a Value, key: &str) -> Option<&'a str> {
    line[key].as_str()
}

fn headers(line: &Value) -> Vec<(String, String)> {
    let pair = |pair: &Value| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned());
    line["headers"].as_array().unwrap().iter().map(pair).collect()
}

fn target(line: &Value) -> String {
    let path = text(line, "path").unwrap();
    match text(line, "query") {
        None | Some("") => path.to_owned(),
        Some(query) => format!("{path}?{query}"),
    }
}

/// The request's bytes. For bauta the session cookie's value is replaced where the browser sent it; for the vendor
/// (nobody named) an event path of the site's own is the vendor's.
fn bytes(line: &Value, who: Option<Who>) -> Vec<u8> {
    let mut headers = headers(line);
    let is_event = text(line, "kind") != Some("script");
    let target = if is_event && who.is_none() { "/api/event".to_owned() } else { target(line) };
    if let (Some(who), Some(cookie), Some(true)) = (who, text(line, "session_cookie"), line["cookie_sent"].as_bool()) {
        let user = text(line, "app_user").unwrap_or("nobody");
        for (_, value) in headers.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("cookie")) {
            let pairs = value.split("; ").filter_map(|pair| match pair.split_once('=') {
                Some((name, _)) if name == cookie => match who {
                    Who::Agreed => Some(format!("{name}={}", mint::session(user, true))),
                    Who::Refused => Some(format!("{name}={}", mint::session(user, false))),
                    Who::Nobody => None,
                },
                _ => Some(pair.to_owned()),
            });
            *value = pairs.collect::<Vec<_>>().join("; ");
        }
    }
    let body = text(line, "body_text").unwrap_or_default();
    request(text(line, "method").unwrap(), &target, &headers, body.as_bytes())
}

/// The site names that a body addresses.
fn sites(line: &Value) -> Vec<String> {
    let body = text(line, "body_text").unwrap_or_default();
    let parsed: Value = serde_json::from_str(body).unwrap_or_else(|_| {
        let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), Value::from(decoded(value)))).collect()
    });
    let named = ["d", "domain"].iter().filter_map(|key| parsed[key].as_str());
    named.flat_map(|list| list.split(',')).map(|name| name.trim().trim_start_matches("www.").to_owned()).collect()
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn quoted(names: &BTreeSet<String>) -> String {
    let names: Vec<String> = names.iter().map(|name| toml::Value::String(name.clone()).to_string()).collect();
    format!("[{}]", names.join(", "))
}

/// One bauta for each name of a session cookie in the data.
fn start(cookie: &str, lines: &[Value], vendor: &Vendor) -> Bauta {
    let mut hosts = BTreeSet::new();
    let mut paths = BTreeSet::new();
    let mut names = BTreeSet::new();
    for line in lines {
        let host = headers(line).into_iter().find(|(name, _)| name.eq_ignore_ascii_case("host"));
        hosts.extend(host.map(|(_, value)| value));
        let page = text(line, "page_url").and_then(|url| url.split('/').nth(2).map(ToOwned::to_owned));
        hosts.extend(page.filter(|host| !host.is_empty()));
        names.extend(sites(line));
        let path = text(line, "path").unwrap();
        if text(line, "kind") == Some("event") && path != "/api/event" {
            paths.insert(path.to_owned());
        }
    }
    let mut file = String::new();
    writeln!(file, "[[site]]\nname = \"captures\"\nhosts = {}", quoted(&hosts)).unwrap();
    writeln!(file, "[site.session]\npreset = \"jwt\"\nalgorithms = [\"HS256\"]\nuser = [\"sub\"]").unwrap();
    writeln!(file, "secrets = [{{ file = \"session.secret\" }}]").unwrap();
    writeln!(file, "cookie = {}", toml::Value::String(cookie.to_owned())).unwrap();
    writeln!(file, "[site.consent]\nsources = [{{ kind = \"session\", path = [\"analytics\"] }}]").unwrap();
    writeln!(file, "[site.quota]\nper_visitor = \"1000000/s\"\nper_address = \"1000000/s\"").unwrap();
    writeln!(file, "[[site.upstream]]\nvendor = \"plausible\"\nurl = \"{}\"", vendor.url()).unwrap();
    writeln!(file, "sites = {}\nevent_paths = {}", quoted(&names), quoted(&paths)).unwrap();
    Bauta::start(&file)
}

/// The ids of per-site scripts that the data asks for.
fn rules(lines: &[Value]) -> Rules {
    let id = |line: &Value| {
        let name = text(line, "path")?.strip_prefix("/js/pa-")?.strip_suffix(".js")?;
        Some(name.to_owned())
    };
    lines.iter().filter_map(id).fold(Rules::default(), |rules, id| rules.with_script(&id, "captures"))
}

struct Judge<'a> {
    line: &'a Value,
    who: Who,
    faults: Vec<String>,
}

impl Judge<'_> {
    fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            let id = text(self.line, "id").unwrap_or("?");
            self.faults.push(format!("{id} {:?}: {}", self.who, what()));
        }
    }

    fn compare(&mut self, before: &[StoredEvent], after: &[StoredEvent], pseudonym: Option<&str>) {
        self.check(before.len() == after.len(), || format!("{} events became {}", before.len(), after.len()));
        for (before, after) in before.iter().zip(after) {
            self.check(before.site == after.site, || format!("site {} became {}", before.site, after.site));
            self.check(before.hostname == after.hostname, || "the host changed".into());
            self.check(before.interactive == after.interactive, || "interactive changed".into());
            self.check(before.scroll_depth == after.scroll_depth, || "scroll depth changed".into());
            self.check(before.engagement_time == after.engagement_time, || "engagement time changed".into());
            self.check(before.hash_mode == after.hash_mode, || "hash mode changed".into());
            self.check(before.script_version == after.script_version, || "script version changed".into());
            self.check(before.user_agent == after.user_agent, || "the user agent changed".into());
            for (what, one, two) in [
                ("name", &before.name, &after.name),
                ("url", &before.url, &after.url),
                ("path", &before.pathname, &after.pathname),
            ] {
                self.check(is_redaction(one, two), || format!("{what} {one:?} became {two:?}"));
            }
            let referrers = (before.referrer.as_deref().unwrap_or(""), after.referrer.as_deref().unwrap_or(""));
            self.check(is_redaction(referrers.0, referrers.1), || format!("referrer {referrers:?}"));
            let revenue =
                |event: &StoredEvent| event.revenue.as_ref().map(|it| (it.amount.clone(), it.currency.clone()));
            self.check(revenue(before) == revenue(after), || "revenue changed".into());
            self.compare_props(&before.props, &after.props, pseudonym);
        }
    }

    fn compare_props(&mut self, before: &BTreeMap<String, String>, after: &BTreeMap<String, String>, id: Option<&str>) {
        self.check(after.get("userId").map(String::as_str) == id, || format!("userId is {:?}", after.get("userId")));
        if id.is_some() && before.len() >= MOST_PROPS && !before.contains_key("userId") {
            // The vendor takes 30 and loses the rest by a rule of its own; with ours there, we choose.
            self.check(after.len() == MOST_PROPS, || format!("{} properties instead of 30", after.len()));
            let body = text(self.line, "body_text").unwrap_or_default().to_owned();
            for key in after.keys().filter(|key| key.as_str() != "userId") {
                self.check(body.contains(key.as_str()), || format!("property {key} came from nowhere"));
            }
            return;
        }
        for (key, value) in before.iter().filter(|(key, _)| key.as_str() != "userId") {
            let found = after.get(key).or_else(|| {
                after.iter().find(|(other, _)| !before.contains_key(*other) && is_redaction(key, other)).map(|(_, v)| v)
            });
            match found {
                Some(now) => {
                    self.check(is_redaction(value, now), || format!("property {key}: {value:?} became {now:?}"))
                }
                None => self.check(is_claim(key), || format!("property {key} is gone")),
            }
        }
        for key in after.keys().filter(|key| key.as_str() != "userId") {
            let known = before.contains_key(key) || before.keys().any(|other| is_redaction(other, key));
            self.check(known, || format!("property {key} came from nowhere"));
        }
    }

    fn inspect(&mut self, received: &Received) {
        for name in ["cookie", "referer", "authorization", "x-plausible-ip", "cf-connecting-ip", "forwarded", "origin"]
        {
            self.check(received.header(name).is_none(), || format!("header {name} arrived"));
        }
        self.check(received.header("x-debug-request").is_none(), || "header x-debug-request arrived".into());
        let forwarded: Vec<_> = received.headers.iter().filter(|(name, _)| name == "x-forwarded-for").collect();
        let one = matches!(forwarded.as_slice(), [(_, value)] if value == "127.0.0.1");
        self.check(one, || format!("{} X-Forwarded-For headers, or a forged one", forwarded.len()));
    }
}

/// A property that claims an identity, which only bauta may set.
fn is_claim(key: &str) -> bool {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    ["userid", "uid", "user", "distinctid", "customerid", "accountid", "memberid"].contains(&plain.as_str())
}

/// Whether `after` is `before` with pieces replaced by marks (`*kind*`, or `*` alone) and nothing else changed.
fn is_redaction(before: &str, after: &str) -> bool {
    if before == after {
        return true;
    }
    let pieces: Vec<&str> = after.split('*').collect();
    if pieces.len() < 2 {
        return false;
    }
    // Between two stars stands either kept text or the name of a kind: both readings are tried.
    fits(before, &pieces, true)
}

fn fits(rest: &str, pieces: &[&str], anchored: bool) -> bool {
    let Some((first, others)) = pieces.split_first() else { return anchored || rest.is_empty() };
    if others.is_empty() {
        return if anchored { rest == *first } else { rest.ends_with(first) };
    }
    let starts: Vec<usize> = if anchored {
        if rest.starts_with(first) { vec![0] } else { vec![] }
    } else {
        rest.match_indices(first).map(|(at, _)| at).collect()
    };
    let as_text =
        starts.into_iter().any(|at| rest.get(at + first.len()..).is_some_and(|rest| fits(rest, others, false)));
    let is_kind =
        !anchored && !first.is_empty() && first.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c == '-');
    as_text || (is_kind && fits(rest, others, false))
}

/// The text and what plain decoders make of it, three rounds deep.
fn forms(text: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::from([text.to_owned()]);
    let mut front = vec![text.to_owned()];
    for _ in 0..3 {
        let mut next = Vec::new();
        for form in front {
            let mut candidates = vec![decoded(&form), decoded(&form.replace('+', " "))];
            if let Ok(Value::String(inner)) = serde_json::from_str(&format!("\"{}\"", form.replace('"', "\\\""))) {
                candidates.push(inner);
            }
            let runs =
                form.split(|c: char| !(c.is_ascii_alphanumeric() || "+/-_".contains(c))).filter(|run| run.len() >= 8);
            for run in runs {
                let run = run.replace('-', "+").replace('_', "/");
                let whole = &run[..run.len() - usize::from(run.len() % 4 == 1)];
                let decoded = base64::engine::general_purpose::STANDARD_NO_PAD.decode(whole).ok();
                candidates.extend(decoded.and_then(|bytes| String::from_utf8(bytes).ok()));
            }
            for candidate in candidates {
                if seen.insert(candidate.clone()) {
                    next.push(candidate);
                }
            }
        }
        front = next;
    }
    seen
}

fn haystack(received: &Received) -> String {
    let mut all = forms(received.body_text());
    all.extend(forms(&format!("{}?{}", received.path, received.query)));
    for (name, value) in received.headers.iter().filter(|(name, _)| name != "user-agent") {
        all.extend(forms(&format!("{name}: {value}")));
    }
    all.into_iter().collect::<Vec<_>>().join("\0").to_lowercase()
}

#[test]
fn plausible_requests_arrive_as_they_were_without_what_is_personal() {
    let lines = data::lines("captures/plausible.jsonl");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let address = "127.0.0.1:0".parse().unwrap();
    let vendor = runtime.block_on(Vendor::start(address, rules(&lines))).unwrap();
    let key = MasterKey::new("t", &Secret::new(KEY.to_vec())).unwrap();
    let maker = Pseudonymiser::new(&key, "captures", "plausible", 128).unwrap();
    let mut running: HashMap<String, Bauta> = HashMap::new();
    let mut misses = Vec::new();
    let mut counted: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for line in &lines {
        let cookie = text(line, "session_cookie").unwrap_or("session").to_owned();
        let bauta = running.entry(cookie.clone()).or_insert_with(|| start(&cookie, &lines, &vendor));
        vendor.clear();
        let untouched = send(vendor.address(), &bytes(line, None));
        let before = vendor.events();
        let mut faults = Vec::new();
        for who in [Who::Agreed, Who::Refused, Who::Nobody] {
            vendor.clear();
            let answer = send(bauta.address, &bytes(line, Some(who)));
            let mut judge = Judge { line, who, faults: Vec::new() };
            judge_answer(&mut judge, &untouched, &answer);
            let identified = who == Who::Agreed && line["cookie_sent"].as_bool() == Some(true);
            let user = text(line, "app_user").filter(|_| identified).and_then(AppUserId::from_text);
            let pseudonym = user.map(|user| maker.pseudonym(&user, 0).to_string());
            if (200..300).contains(&untouched.status) && text(line, "kind") == Some("event") {
                judge.compare(&before, &vendor.events(), pseudonym.as_deref());
            }
            for received in vendor.requests() {
                if text(line, "kind") == Some("event") {
                    judge.inspect(&received);
                }
                let haystack = haystack(&received);
                for planted in line["pii_planted"].as_array().into_iter().flatten() {
                    let (kind, value) = (text(planted, "kind").unwrap(), text(planted, "value").unwrap());
                    let arrived = haystack.contains(&value.to_lowercase());
                    let in_body = text(planted, "in") == Some("body");
                    if COUNTED_ONLY.contains(&kind) && in_body {
                        let count =
                            counted.entry(COUNTED_ONLY.iter().find(|word| **word == kind).unwrap()).or_default();
                        count.0 += usize::from(arrived);
                        count.1 += 1;
                    } else if !COUNTED_ONLY.contains(&kind) {
                        judge.check(!arrived, || format!("a planted {kind} arrived"));
                    }
                }
            }
            faults.append(&mut judge.faults);
        }
        if !faults.is_empty() {
            misses.push(faults.join("\n"));
        }
    }
    for (kind, (arrived, planted)) in counted {
        data::say(&format!(
            "captures/plausible: {kind} arrived {arrived} of {planted} times (not decidable by pattern)"
        ));
    }
    data::report("captures/plausible", lines.len(), &misses);
}

fn judge_answer(judge: &mut Judge<'_>, untouched: &Answer, answer: &Answer) {
    let preflight = text(judge.line, "method") == Some("OPTIONS");
    let same = answer.status == untouched.status;
    judge.check(same || (preflight && answer.status == 204), || {
        format!("status {} instead of {}: {:?}", answer.status, untouched.status, String::from_utf8_lossy(&answer.body))
    });
    judge.check(answer.header("set-cookie").is_none(), || "a cookie was set".into());
    judge.check(
        answer.header("access-control-allow-origin") != Some("*")
            || answer.header("access-control-allow-credentials").is_none(),
        || "credentials for everybody".into(),
    );
}
