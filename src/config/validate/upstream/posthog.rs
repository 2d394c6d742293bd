//! What only PostHog upstreams have, and what they must have.

use std::str::FromStr;

use ipnet::IpNet;

use super::super::grammar;
use crate::config::fault::{Faults, KeyPath};
use crate::config::upstream::{FlagsWithoutConsent, IdentityMode, ReplayRule, Trusted, Upstream};
use crate::payload::posthog::endpoint::Optional;

/// Keys that mean nothing to another vendor.
pub(super) fn none(upstream: &Upstream, at: &KeyPath, faults: &mut Faults) {
    let given = [
        ("assets_url", upstream.assets_url.is_some()),
        ("flags_url", upstream.flags_url.is_some()),
        ("tokens", !upstream.tokens.is_empty()),
        ("mode", upstream.mode != IdentityMode::default()),
        ("cookieless", upstream.cookieless),
        ("flags_without_consent", upstream.flags_without_consent != FlagsWithoutConsent::default()),
        ("replay", upstream.replay != ReplayRule::default()),
        ("allow", !upstream.allow.is_empty()),
        ("trusted", upstream.trusted != Trusted::default()),
        ("rename_events", !upstream.rename_events.is_empty()),
        ("snake_case_events", upstream.snake_case_events),
        ("event_ids", !upstream.event_ids.is_empty()),
    ];
    for (key, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
        faults.push(at.key(key), "has a meaning with vendor = \"posthog\" only", "remove the line");
    }
}

/// The keys of a PostHog upstream.
pub(super) fn check(upstream: &Upstream, at: &KeyPath, faults: &mut Faults) {
    if upstream.tokens.is_empty() {
        faults.push(
            at.key("tokens"),
            "missing: without it anybody could use this proxy for their own PostHog project",
            "add tokens = [\"phc_...\"], the project's token from PostHog's settings",
        );
    }
    for (index, token) in upstream.tokens.iter().enumerate() {
        let at = at.key("tokens").index(index);
        if token.starts_with("phx_") {
            faults.push(
                at,
                "is a private key, which must not stand here",
                "write the project's token, which begins with phc_",
            );
        } else if token.is_empty()
            || token.len() > 64
            || !token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        {
            faults.push(
                at,
                "expected a project's token: up to 64 letters, digits, _ and -",
                "copy it from PostHog's project settings",
            );
        }
    }
    for (key, present) in [
        ("sites", !upstream.sites.is_empty()),
        ("keep_props", !upstream.keep_props.is_empty()),
        ("plausible_ip_header", upstream.plausible_ip_header),
    ] {
        if present {
            faults.push(at.key(key), "has a meaning with vendor = \"plausible\" only", "remove the line");
        }
    }
    for (key, url) in [("assets_url", &upstream.assets_url), ("flags_url", &upstream.flags_url)] {
        if let Some(url) = url
            && let Err((problem, fix)) = grammar::base_url(url)
        {
            faults.push(at.key(key), problem, fix);
        }
    }
    for (index, word) in upstream.allow.iter().enumerate() {
        if !Optional::ALL.iter().any(|one| one.word() == word) {
            let known: Vec<&str> = Optional::ALL.iter().map(|one| one.word()).collect();
            faults.push(
                at.key("allow").index(index),
                format!("{word:?} names no endpoint"),
                format!("expected one of {}", known.join(", ")),
            );
        }
    }
    if upstream.trusted.lookup.is_some() && !upstream.trusted.is_open() {
        faults.push(
            at.key("trusted").key("lookup"),
            "nobody is trusted, so no id is ever looked up",
            "add networks or credential to trusted, or remove the table",
        );
    }
    for (id, name) in &upstream.trusted.mapped {
        let at = at.key("trusted").key("mapped").key(id);
        if upstream.trusted.constants.contains_key(id) {
            faults.push(at, "stands in constants as well", "keep one of the two");
        } else if !(1..=200).contains(&name.len()) || name.contains('@') {
            faults.push(
                at,
                "expected a name of 1 to 200 bytes that is no address",
                "write \"account-ui\" = \"web-app\", or give the id a rule in constants",
            );
        }
    }
    for (index, network) in upstream.trusted.networks.iter().enumerate() {
        let at = at.key("trusted").key("networks").index(index);
        match IpNet::from_str(network) {
            Err(_) => faults.push(at, format!("{network:?} is no network"), "write it like \"10.0.0.0/8\""),
            Ok(network) if network.prefix_len() == 0 => faults.push(
                at,
                "trusts everybody to name any account",
                "name the servers' own network, or use a credential",
            ),
            Ok(_) => {}
        }
    }
    for (index, rule) in upstream.event_ids.iter().enumerate() {
        let at = at.key("event_ids").index(index);
        if rule.events.is_empty() || rule.events.iter().any(String::is_empty) {
            faults.push(at.key("events"), "expected names of events", "write events = [\"agent_*\"]");
        }
        if rule.path.is_empty() {
            faults.push(
                at.key("path"),
                "expected the steps to a value in the session",
                "write path = [\"user\", \"handle\"]",
            );
        }
    }
    for (old, new) in &upstream.rename_events {
        let at = at.key("rename_events").key(old);
        if old.starts_with('$') || new.starts_with('$') {
            faults.push(at, "names with a dollar sign belong to PostHog", "rename events of your own only");
        } else if new.is_empty() || new.len() > 200 {
            faults.push(at, "expected a name of 1 to 200 letters", "write the name that the event shall have");
        }
    }
}
