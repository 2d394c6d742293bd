//! `[listen]`, `[health]`, `[admin]` and `[store]`.

use std::net::SocketAddr;
use std::path::Path;

use super::grammar::{Bind, address, network};
use super::readable;
use crate::config::fault::{Faults, KeyPath};
use crate::config::file::File;

pub(super) fn check(file: &File, base: &Path, faults: &mut Faults) {
    let root = KeyPath::root();
    let mut bound: Vec<(&str, Bind<'_>)> = Vec::new();
    for (section, text) in
        [("listen", &file.listen.address), ("health", &file.health.address), ("admin", &file.admin.address)]
    {
        let key = root.key(section).key("address");
        match address(text) {
            Err((problem, fix)) => faults.push(key, problem, fix),
            Ok(bind) => {
                if let Some((other, _)) = bound.iter().find(|(_, taken)| collide(*taken, bind)) {
                    faults.push(
                        key.clone(),
                        format!("{other}.address is the same place"),
                        "give each listener its own port or socket",
                    );
                }
                if section == "admin" && matches!(bind, Bind::Tcp(address) if !address.ip().is_loopback()) {
                    faults.push(
                        key,
                        "expected a loopback address or a Unix socket: this listener changes settings and answers about people",
                        "write \"127.0.0.1:8789\" or \"unix:/run/bauta/admin.sock\"",
                    );
                }
                bound.push((section, bind));
            }
        }
    }
    for (index, text) in file.listen.trusted_proxies.iter().enumerate() {
        if let Err((problem, fix)) = network(text) {
            faults.push(root.key("listen").key("trusted_proxies").index(index), problem, fix);
        }
    }
    if let Some(tls) = &file.listen.tls {
        let at = root.key("listen").key("tls");
        for (name, path) in [("certificate", &tls.certificate), ("key", &tls.key)] {
            if let Err(problem) = readable(base, path) {
                faults.push(at.key(name), problem, "name a PEM file, relative to the configuration file");
            }
        }
    }
    if let Some(token) = &file.admin.token
        && let Err(error) = token.load(base)
    {
        faults.push(root.key("admin").key("token"), error.to_string(), "make one with `bauta keygen admin.token`");
    }
    store(file, faults);
}

/// Two listeners collide when the kernel would refuse the second: the same port on the same or on every address.
fn collide(one: Bind<'_>, other: Bind<'_>) -> bool {
    match (one, other) {
        (Bind::Unix(one), Bind::Unix(other)) => one == other,
        (Bind::Tcp(one), Bind::Tcp(other)) => {
            let everywhere = |address: SocketAddr| address.ip().is_unspecified();
            one.port() != 0
                && one.port() == other.port()
                && (one.ip() == other.ip() || everywhere(one) || everywhere(other))
        }
        _ => false,
    }
}

fn store(file: &File, faults: &mut Faults) {
    let at = KeyPath::root().key("store");
    match file.store.url.strip_prefix("sqlite:") {
        Some(path) if !path.is_empty() && !path.starts_with("//") => {}
        Some(_) => faults.push(
            at.key("url"),
            "expected sqlite: and a file name",
            "write \"sqlite:bauta.db\" or \"sqlite:/var/lib/bauta/bauta.db\"",
        ),
        None => faults.push(
            at.key("url"),
            "expected sqlite: and a file name; there is no other store yet",
            "write \"sqlite:bauta.db\"",
        ),
    }
    if file.store.retention.0.is_zero() {
        faults.push(at.key("retention"), "expected a time above zero", "write it like \"90d\"");
    }
}
