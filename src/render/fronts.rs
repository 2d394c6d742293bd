//! nginx, Caddy and HAProxy: the analytics path goes to bauta, and the page never notices that bauta is away.
//!
//! What is answered then suits the vendor's clients: Plausible's take 202 for success; PostHog's send an event again
//! after 503 with the same number, and do without flags.

use super::facts::{Front, Place};
use super::template::{fill, indent};
use super::{Facts, Rendered};

/// The address under which bauta is reached from the same machine.
fn address(facts: &Facts) -> String {
    let wild = facts.listen.replacen("0.0.0.0:", "127.0.0.1:", 1).replacen("[::]:", "[::1]:", 1);
    if wild.ends_with(":0") { format!("127.0.0.1:{}", facts.listen_port) } else { wild }
}

/// How long a front end waits for events, and for what a page waits for. bauta itself answers events within 3 s (connect
/// and answer of the vendor) and the others within 1 s: these are for when it hangs.
const EVENTS: &str = "5s";
const QUICK: &str = "2s";

/// The answer in bauta's place: its status, its text. A script or a flag is never a success that is none.
fn away(vendor: &str, quick: bool) -> (u16, &'static str) {
    if vendor == "plausible" && !quick { (202, "ok") } else { (503, "try again") }
}

/// What of the quick places lies below a root of opaque paths: their last parts.
fn below<'p>(quick: &'p [Place], root: &str) -> Vec<&'p str> {
    quick.iter().filter_map(|place| place.path.strip_prefix(root)).collect()
}

pub(super) fn nginx(facts: &Facts) -> Vec<Rendered> {
    let template = include_str!("templates/nginx-location.conf");
    let body = format!("{}m", facts.body_megabytes());
    let mut locations = String::new();
    for front in &facts.fronts {
        let mut add = |place: &Place, read: &str, buffering: &str, status: u16, nested: &str| {
            let matching = if place.exact { format!("= {}", place.path) } else { format!("^~ {}", place.path) };
            let away = format!("@bauta_away_{status}");
            let values = [
                ("match", matching.as_str()),
                ("read_timeout", read),
                ("buffering", buffering),
                ("body", &body),
                ("away", &away),
                ("nested", nested),
            ];
            locations.push_str(&fill(template, &values));
            locations.push('\n');
        };
        let events = away(front.vendor, false).0;
        let scripts = away(front.vendor, true).0;
        let own = |place: &&Place| !front.quick.contains(place) && front.recordings.as_ref() != Some(place);
        for place in front.places.iter().filter(own) {
            // The opaque paths that a page waits for stand below their root, where no other rule of the server comes between.
            let leaves = if front.roots.contains(&place.path) { below(&front.quick, &place.path) } else { Vec::new() };
            let nested = match leaves.is_empty() {
                true => String::new(),
                false => {
                    let leaves = leaves.join("|").replace('.', "\\.");
                    let matching = format!("\"^{}({leaves})$\"", place.path);
                    let away = format!("@bauta_away_{scripts}");
                    let values = [("match", matching.as_str()), ("read_timeout", QUICK), ("away", &away)];
                    indent(&fill(include_str!("templates/nginx-nested.conf"), &values), 4)
                }
            };
            add(place, EVENTS, "on", events, &nested);
        }
        if let Some(place) = &front.recordings {
            add(place, EVENTS, "off", events, "");
        }
        for place in &front.quick {
            if !front.roots.iter().any(|root| place.path.starts_with(root)) {
                add(place, QUICK, "on", scripts, "");
            }
        }
    }
    if facts.fronts.iter().any(|front| front.vendor == "plausible") {
        locations.push_str(include_str!("templates/nginx-away-202.conf"));
    }
    locations.push_str(include_str!("templates/nginx-away-503.conf"));
    let upstream = fill(include_str!("templates/nginx-upstream.conf"), &[("front_address", &address(facts))]);
    let locations = fill(include_str!("templates/nginx-locations.conf"), &[("locations", &locations)]);
    vec![Rendered::new("bauta-upstream.conf", upstream), Rendered::new("bauta-locations.conf", locations)]
}

/// A front's paths in the order in which the others look at them: what is narrower first.
struct Part<'p> {
    name: String,
    places: Vec<&'p Place>,
    read: &'static str,
    buffered: bool,
    away: (u16, &'static str),
}

fn parts<'p>(front: &'p Front, name: &str) -> Vec<Part<'p>> {
    let part = |suffix: &str, places: Vec<&'p Place>, read, buffered, quick| Part {
        name: format!("{name}{suffix}"),
        places,
        read,
        buffered,
        away: away(front.vendor, quick),
    };
    let mut parts = vec![part("_quick", front.quick.iter().collect(), QUICK, true, true)];
    if let Some(place) = &front.recordings {
        parts.push(part("_recordings", vec![place], EVENTS, false, false));
    }
    parts.push(part("", front.places.iter().collect(), EVENTS, true, false));
    parts
}

/// A path for Caddy's matchers.
fn caddy_path(place: &&Place) -> String {
    if place.exact { place.path.clone() } else { format!("{}*", place.path) }
}

pub(super) fn caddy(facts: &Facts) -> Vec<Rendered> {
    let (mut handles, mut aways) = (String::new(), String::new());
    let (body, at) = (format!("{}MB", facts.body_megabytes()), address(facts));
    for (index, front) in facts.fronts.iter().enumerate() {
        for part in parts(front, &format!("{}{index}", front.vendor)) {
            let paths: Vec<String> = part.places.iter().map(caddy_path).collect();
            let paths = paths.join(" ");
            let values = [
                ("matcher", part.name.as_str()),
                ("paths", &paths),
                ("body", &body),
                ("front_address", &at),
                ("read_timeout", part.read),
                ("buffers", if part.buffered { "\t\t\trequest_buffers 1MB\n" } else { "" }),
            ];
            handles.push_str(&fill(include_str!("templates/Caddyhandle"), &values));
            let ((status, text), name) = (part.away, &part.name);
            let again = if status == 503 { "\t\t\theader Retry-After 5\n" } else { "" };
            aways.push_str(&format!(
                "\t\t@away_{name} path {paths}\n\t\thandle @away_{name} {{\n\t\t\theader Cache-Control no-store\n{again}\t\t\trespond {text:?} {status}\n\t\t}}\n"
            ));
        }
    }
    let host = facts.hosts.first().map_or(":443", String::as_str);
    let values = [("shown_prefix", facts.shown_prefix()), ("host", host), ("handles", &handles), ("aways", &aways)];
    vec![Rendered::new("Caddyfile", fill(include_str!("templates/Caddyfile"), &values))]
}

pub(super) fn haproxy(facts: &Facts) -> Vec<Rendered> {
    let (mut uses, mut backends) = (String::new(), String::new());
    let (body, port, at) = (facts.body.to_string(), facts.health_port.to_string(), address(facts));
    for (index, front) in facts.fronts.iter().enumerate() {
        let number = if index == 0 { String::new() } else { index.to_string() };
        for part in parts(front, &format!("bauta_{}{number}", front.vendor)) {
            for (test, exact) in [("path", true), ("path_beg", false)] {
                let paths = part.places.iter().filter(|place| place.exact == exact).map(|place| place.path.as_str());
                let paths: Vec<&str> = paths.collect();
                for some in paths.chunks(8) {
                    uses.push_str(&format!("use_backend {} if {{ {test} {} }}\n", part.name, some.join(" ")));
                }
            }
            let away = match part.away {
                (202, _) => {
                    "http-after-response set-status 202 if { status 502 503 504 } !{ var(txn.answered) -m bool }\n"
                }
                _ => {
                    "http-after-response set-status 503 if { status 502 504 } !{ var(txn.answered) -m bool }\n\
                     http-after-response set-header Retry-After 5 if { status 503 } !{ var(txn.answered) -m bool }\n"
                }
            };
            let away = indent(away, 4);
            let values = [
                ("backend", part.name.as_str()),
                ("read_timeout", part.read),
                ("body_bytes", &body),
                ("front_address", &at),
                ("health_port", &port),
                ("buffered", if part.buffered { "    option http-buffer-request\n" } else { "" }),
                ("away", &away),
            ];
            backends.push_str(&fill(include_str!("templates/haproxy-backend.cfg"), &values));
            backends.push('\n');
        }
    }
    let values = [("uses", indent(&uses, 4)), ("backends", backends)];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    vec![Rendered::new("haproxy.cfg", format!("{}\n", fill(include_str!("templates/haproxy.cfg"), &values).trim_end()))]
}
