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

/// PostHog's parts with a need of their own: replay is large and streams, assets and flags must be quick.
fn posthog_parts(prefix: &str) -> [(String, &'static str, &'static str); 4] {
    [
        (format!("^~ {prefix}/s/"), "5s", "off"),
        (format!("^~ {prefix}/flags"), "2s", "on"),
        (format!("^~ {prefix}/static/"), "2s", "on"),
        (format!("^~ {prefix}/array/"), "2s", "on"),
    ]
}

pub(super) fn nginx(facts: &Facts) -> Vec<Rendered> {
    let template = include_str!("templates/nginx-location.conf");
    let body = format!("{}m", facts.body_megabytes());
    let mut locations = String::new();
    for Front { vendor, places, prefix } in &facts.fronts {
        let away = format!("@bauta_away_{vendor}");
        let mut add = |matching: &str, read: &str, buffering: &str| {
            let values = [
                ("match", matching),
                ("read_timeout", read),
                ("buffering", buffering),
                ("body", &body),
                ("away", &away),
            ];
            locations.push_str(&fill(template, &values));
            locations.push('\n');
        };
        for Place { path, exact } in places {
            add(&if *exact { format!("= {path}") } else { format!("^~ {path}") }, "5s", "on");
        }
        if *vendor == "posthog" && !prefix.is_empty() {
            for (matching, read, buffering) in posthog_parts(prefix) {
                add(&matching, read, buffering);
            }
        }
    }
    let uses = |vendor| facts.fronts.iter().any(|front| front.vendor == vendor);
    if uses("plausible") {
        locations.push_str(include_str!("templates/nginx-away-202.conf"));
    }
    if uses("posthog") {
        locations.push_str(include_str!("templates/nginx-away-503.conf"));
    }
    let upstream = fill(include_str!("templates/nginx-upstream.conf"), &[("front_address", &address(facts))]);
    let locations = fill(include_str!("templates/nginx-locations.conf"), &[("locations", &locations)]);
    vec![Rendered::new("bauta-upstream.conf", upstream), Rendered::new("bauta-locations.conf", locations)]
}

/// A path for Caddy's matchers.
fn caddy_path(place: &Place) -> String {
    if place.exact { place.path.clone() } else { format!("{}*", place.path) }
}

pub(super) fn caddy(facts: &Facts) -> Vec<Rendered> {
    let (mut handles, mut aways) = (String::new(), String::new());
    let body = format!("{}MB", facts.body_megabytes());
    for (index, Front { vendor, places, .. }) in facts.fronts.iter().enumerate() {
        let matcher = format!("{vendor}{index}");
        let paths: Vec<String> = places.iter().map(caddy_path).collect();
        let (paths, at) = (paths.join(" "), address(facts));
        let values = [
            ("matcher", matcher.as_str()),
            ("paths", &paths),
            ("body", &body),
            ("front_address", &at),
            ("read_timeout", "5s"),
        ];
        handles.push_str(&fill(include_str!("templates/Caddyhandle"), &values));
        let (status, text) = away(vendor);
        aways.push_str(&format!(
            "\t\t@away{index} path {paths}\n\t\thandle @away{index} {{\n\t\t\theader Cache-Control no-store\n\t\t\trespond {text:?} {status}\n\t\t}}\n"
        ));
    }
    let host = facts.hosts.first().map_or(":443", String::as_str);
    let values = [("shown_prefix", facts.shown_prefix()), ("host", host), ("handles", &handles), ("aways", &aways)];
    vec![Rendered::new("Caddyfile", fill(include_str!("templates/Caddyfile"), &values))]
}

/// The answer in bauta's place.
fn away(vendor: &str) -> (u16, &'static str) {
    if vendor == "plausible" { (202, "ok") } else { (503, "try again") }
}

pub(super) fn haproxy(facts: &Facts) -> Vec<Rendered> {
    let (mut uses, mut backends) = (String::new(), String::new());
    for (index, Front { vendor, places, .. }) in facts.fronts.iter().enumerate() {
        let backend = format!("bauta_{vendor}{}", if index == 0 { String::new() } else { index.to_string() });
        for Place { path, exact } in places {
            let test = if *exact { "path" } else { "path_beg" };
            uses.push_str(&format!("use_backend {backend} if {{ {test} {path} }}\n"));
        }
        let away = match away(vendor) {
            (202, _) => "http-after-response set-status 202 if { status 502 503 504 } !{ var(txn.answered) -m bool }\n",
            _ => {
                "http-after-response set-status 503 if { status 502 504 } !{ var(txn.answered) -m bool }\n\
                 http-after-response set-header Retry-After 5 if { status 503 } !{ var(txn.answered) -m bool }\n"
            }
        };
        let (body, port, at) = (facts.body.to_string(), facts.health_port.to_string(), address(facts));
        let away = indent(away, 4);
        let values = [
            ("backend", backend.as_str()),
            ("read_timeout", "5s"),
            ("body_bytes", &body),
            ("front_address", &at),
            ("health_port", &port),
            ("away", &away),
        ];
        backends.push_str(&fill(include_str!("templates/haproxy-backend.cfg"), &values));
        backends.push('\n');
    }
    let values = [("uses", indent(&uses, 4)), ("backends", backends)];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    vec![Rendered::new("haproxy.cfg", format!("{}\n", fill(include_str!("templates/haproxy.cfg"), &values).trim_end()))]
}
