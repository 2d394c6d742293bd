//! `[[site]]`: names, hosts, origins, mode and quota.

use std::collections::HashMap;
use std::path::Path;

use super::{grammar, upstream};
use crate::config::date;
use crate::config::fault::{Faults, KeyPath};
use crate::config::file::{File, Mode, Site};

pub(super) fn check_all(file: &File, base: &Path, faults: &mut Faults) {
    let at = KeyPath::root().key("site");
    if file.site.is_empty() {
        faults.push(
            at.clone(),
            "missing: there is nothing to do without a site",
            "add [[site]] with a name and an upstream, or run `bauta init`",
        );
    }
    let mut names: HashMap<&str, usize> = HashMap::new();
    let mut hosts: HashMap<&str, usize> = HashMap::new();
    for (index, site) in file.site.iter().enumerate() {
        let at = at.index(index);
        check(site, &at, faults);
        if let Some(other) = names.insert(&site.name, index) {
            faults.push(at.key("name"), format!("site[{other}] has the same name"), "give each site a name of its own");
        }
        if site.hosts.is_empty() && file.site.len() > 1 {
            faults.push(
                at.key("hosts"),
                "missing: with several sites each must name its hosts",
                format!("add hosts = [\"{}.example\"]", site.name),
            );
        }
        for (position, host) in site.hosts.iter().enumerate() {
            if let Some(other) = hosts.insert(host, index) {
                let whose = if other == index { "this site".to_owned() } else { format!("site[{other}]") };
                faults.push(
                    at.key("hosts").index(position),
                    format!("{whose} has this host already"),
                    "a host belongs to one site, once",
                );
            }
        }
        upstream::check_all(site, base, &at, faults);
    }
}

fn check(site: &Site, at: &KeyPath, faults: &mut Faults) {
    let mut judge = |key: KeyPath, result: Result<(), grammar::Wrong>| {
        if let Err((problem, fix)) = result {
            faults.push(key, problem, fix);
        }
    };
    judge(at.key("name"), grammar::name(&site.name));
    if let Some(realm) = &site.realm {
        judge(at.key("realm"), grammar::realm(realm));
    }
    for (index, host) in site.hosts.iter().enumerate() {
        judge(at.key("hosts").index(index), grammar::host(host));
    }
    for (index, origin) in site.origins.iter().enumerate() {
        judge(at.key("origins").index(index), grammar::origin(origin));
    }
    match (&site.observe_until, site.mode) {
        (None, Mode::Observe) => faults.push(
            at.key("observe_until"),
            "missing: looking without enforcing ends on a day",
            "add observe_until = \"2027-01-31\", the day on which the site begins to enforce",
        ),
        (Some(day), _) if date::parse(day).is_none() => {
            faults.push(at.key("observe_until"), "expected a day", "write it like \"2027-01-31\"");
        }
        _ => {}
    }
    if site.quota.keys == 0 {
        faults.push(at.key("quota").key("keys"), "expected a number above zero", "leave the line out for the default");
    }
}
