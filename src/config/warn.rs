//! What is allowed, and still worth a word at every start and in `check`.
//!
//! A warning with a name can be silenced by writing that name into `acknowledge`; the ones about a switch that is
//! meant to be seen (`DO_NOT_TRACK`, `observe`, another legal basis) cannot. What only the stages know (whether any
//! source can grant) they add to the [`super::Loaded`].

use ipnet::IpNet;

use super::date;
use super::fault::{Fault, KeyPath};
use super::file::{File, Mode, Site, Upstream};
use super::validate::{Base, base_url};
use crate::clock::UnixMillis;
use crate::level::Level;

/// The warnings that `acknowledge` silences.
pub const NAMES: [&str; 9] = [
    "plausible-pseudonyms",
    "no-consent-source",
    "snapshot-consent",
    "device-consent",
    "unreadable-source",
    "late-withdrawal",
    "no-trusted-proxies",
    "trusts-everybody",
    "plain-http",
];

/// One warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Its name.
    pub name: &'static str,
    /// Where, what, and what to do.
    pub fault: Fault,
}

impl Warning {
    /// True when the operator wrote its name into `acknowledge`.
    pub(super) fn is_acknowledged(&self, file: &File) -> bool {
        NAMES.contains(&self.name) && file.acknowledge.iter().any(|word| word == self.name)
    }
}

/// The warnings about a sound file.
pub(super) fn about(file: &File, do_not_track: bool, now: UnixMillis) -> Vec<Warning> {
    let mut warnings = Warnings(Vec::new());
    let root = KeyPath::root();
    if do_not_track {
        warnings.push(
            "do-not-track",
            root.clone(),
            "DO_NOT_TRACK is set in the environment: nothing leaves, every event is kept at local at most",
            "unset DO_NOT_TRACK to forward events",
        );
    }
    proxies(file, &mut warnings);
    for (index, site) in file.site.iter().enumerate() {
        let at = root.key("site").index(index);
        legal_basis(site, &at, &mut warnings);
        observe(site, &at, now, &mut warnings);
        for (index, upstream) in site.upstream.iter().enumerate() {
            vendor(site, upstream, &at.key("upstream").index(index), &mut warnings);
        }
    }
    warnings.0.retain(|warning| !warning.is_acknowledged(file));
    warnings.0
}

struct Warnings(Vec<Warning>);

impl Warnings {
    fn push(&mut self, name: &'static str, key: KeyPath, problem: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Warning { name, fault: Fault { key, problem: problem.into(), fix: fix.into() } });
    }
}

fn proxies(file: &File, warnings: &mut Warnings) {
    let key = KeyPath::root().key("listen").key("trusted_proxies");
    let address = &file.listen.address;
    let local = address.starts_with("unix:")
        || address.parse::<std::net::SocketAddr>().is_ok_and(|address| address.ip().is_loopback());
    if file.listen.trusted_proxies.is_empty() && local {
        let (what, fix) = if address.starts_with("unix:") {
            ("a Unix socket", "write trusted_proxies = [\"unix\"]")
        } else {
            (
                "a loopback address",
                "write trusted_proxies = [\"127.0.0.1/32\", \"::1/128\"] when nginx, Caddy or HAProxy runs here",
            )
        };
        let problem = format!(
            "only a proxy on this machine can reach {what}, and none is trusted: all visitors will seem to come from one address"
        );
        warnings.push("no-trusted-proxies", key.clone(), problem, fix);
    }
    let everybody = |text: &&String| text.parse::<IpNet>().is_ok_and(|network| network.prefix_len() == 0);
    if let Some(text) = file.listen.trusted_proxies.iter().find(everybody) {
        warnings.push(
            "trusts-everybody",
            key,
            format!("{text} believes every client's X-Forwarded-For: anybody can choose their address"),
            "name the networks of your proxies only",
        );
    }
}

fn legal_basis(site: &Site, at: &KeyPath, warnings: &mut Warnings) {
    let consent = &site.consent;
    let at = at.key("consent");
    if let Some(basis) = consent.i_have_another_legal_basis.as_deref().filter(|basis| !basis.trim().is_empty()) {
        warnings.push(
            "legal-basis",
            at.key("i_have_another_legal_basis"),
            format!("people who were not asked are identified, on this basis: {basis}"),
            "remove the key to identify only people who agreed",
        );
    }
}

fn observe(site: &Site, at: &KeyPath, now: UnixMillis, warnings: &mut Warnings) {
    let Some(day) = site.observe_until.as_deref().filter(|day| date::parse(day).is_some()) else { return };
    if site.mode != Mode::Observe {
        return;
    }
    match site.mode_at(now) {
        Mode::Observe => warnings.push(
            "observe",
            at.key("mode"),
            format!("the site only looks until {day}: events pass with whatever the page put into them"),
            "write mode = \"enforce\" to begin",
        ),
        Mode::Enforce => warnings.push(
            "observe-ended",
            at.key("observe_until"),
            format!("observing ended on {day}: the site enforces"),
            "write mode = \"enforce\" and remove this line, or choose a later day",
        ),
    }
}

fn vendor(site: &Site, upstream: &Upstream, at: &KeyPath, warnings: &mut Warnings) {
    let Ok(Base { secure, host }) = base_url(&upstream.url) else { return };
    if (host == "plausible.io" || host.ends_with(".plausible.io"))
        && site.session.is_some()
        && upstream.ceiling == Level::Full
    {
        warnings.push(
            "plausible-pseudonyms",
            at.key("url"),
            "Plausible's documentation counts pseudonymous ids as personal data that must not be put into properties of its cloud, and the properties of a public dashboard are public",
            "ask Plausible and your privacy officer; then acknowledge it, or write ceiling = \"anonymised\"",
        );
    }
    if !secure && !is_near(host) {
        warnings.push(
            "plain-http",
            at.key("url"),
            format!("events travel to {host} without encryption"),
            "write https://, or keep the upstream on your own network",
        );
    }
}

/// Hosts of one's own machine or network: loopback and private addresses, names without a dot, names of clusters.
fn is_near(host: &str) -> bool {
    use std::net::IpAddr;
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_private() || address.is_link_local(),
        Ok(IpAddr::V6(address)) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
        Err(_) => {
            let own = [".local", ".internal", ".svc", ".localhost", ".lan", ".test"];
            !host.contains('.') || own.iter().any(|end| host.ends_with(end))
        }
    }
}
