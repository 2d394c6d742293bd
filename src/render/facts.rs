//! What the files need to know of a configuration.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::config::Loaded;
use crate::config::aliases::Aliases;
use crate::config::file::File;
use crate::config::upstream::{Upstream, Vendor};
use crate::server::Address;

/// The names that are not in a configuration.
#[derive(Debug, Clone)]
pub struct Names {
    /// Of bauta's own objects.
    pub name: String,
    /// Of the application's Deployment and Service.
    pub app: String,
    /// The image of bauta.
    pub image: String,
    /// The image of the application.
    pub app_image: String,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            name: "bauta".into(),
            app: "shop".into(),
            image: concat!("ghcr.io/bauta/bauta:", env!("CARGO_PKG_VERSION")).into(),
            app_image: "registry.example/shop:1.0.0".into(),
        }
    }
}

/// A configuration from which these files cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// A key's file lies elsewhere.
    #[error("{0} is not below the folder of the configuration")]
    Outside(String),
    /// The visitors' address is a unix socket.
    #[error("listen.address is a unix socket, which no neighbour in a container reaches")]
    Socket,
}

/// A path of the visitors that belongs to bauta.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The path, from the first slash.
    pub(super) path: String,
    /// Only this very path, not what is below it.
    pub(super) exact: bool,
}

/// An upstream as the front ends see it.
#[derive(Debug, Clone)]
pub(super) struct Front {
    /// The vendor's word.
    pub(super) vendor: &'static str,
    /// Where it stands, its opaque paths included.
    pub(super) places: Vec<Place>,
    /// The places among and below those that a page waits for: scripts, configuration, flags.
    pub(super) quick: Vec<Place>,
    /// The place among and below those that takes recordings: large bodies that stream.
    pub(super) recordings: Option<Place>,
    /// The first parts of its opaque paths, `/kelimoru/`; they are among the places.
    pub(super) roots: Vec<String>,
    /// The prefix without a slash at the end; empty for the root.
    pub(super) prefix: String,
}

/// A configuration, as the files need it.
#[derive(Debug, Clone)]
pub struct Facts {
    pub(super) names: Names,
    pub(super) config_name: String,
    pub(super) config_text: String,
    pub(super) state: Option<(String, String)>,
    pub(super) secrets: BTreeSet<String>,
    pub(super) hosts: Vec<String>,
    pub(super) fronts: Vec<Front>,
    pub(super) listen: String,
    pub(super) listen_port: u16,
    pub(super) health_port: u16,
    pub(super) drain: u64,
    pub(super) body: u64,
    pub(super) vendor_ports: BTreeSet<u16>,
}

impl Facts {
    /// Reads a configuration; `text` is the file's own text, `state` the name and text of what pseudonyms are made
    /// of (`bauta check --write-state`), if it lies beside it.
    ///
    /// # Errors
    /// When a file of it cannot be shipped with it.
    pub fn of(loaded: &Loaded, text: String, state: Option<(String, String)>, names: Names) -> Result<Self, Unfit> {
        let file = &loaded.file;
        let port = |text: &str, fallback: u16| match text.parse() {
            Ok(Address::Tcp(address)) if address.port() != 0 => Ok(address.port()),
            Ok(Address::Tcp(_)) => Ok(fallback),
            _ => Err(Unfit::Socket),
        };
        let mut secrets = BTreeSet::new();
        if let Ok(tree) = serde_json::to_value(file) {
            collect(&tree, "", &mut secrets);
        }
        if let Some(outside) =
            secrets.iter().find(|path| path.starts_with('/') || path.split('/').any(|part| part == ".."))
        {
            return Err(Unfit::Outside(outside.clone()));
        }
        let config_name = loaded.path.file_name().and_then(|name| name.to_str()).unwrap_or("bauta.toml").to_owned();
        let body = file.limits.body.0;
        Ok(Self {
            names,
            config_name,
            config_text: text,
            state,
            secrets,
            hosts: file.site.iter().flat_map(|site| site.hosts.iter().cloned()).collect(),
            fronts: fronts(file),
            listen: file.listen.address.clone(),
            listen_port: port(&file.listen.address, 8787)?,
            health_port: port(&file.health.address, 8788).unwrap_or(8788),
            drain: file.limits.drain.0.as_secs(),
            body,
            vendor_ports: ports(file),
        })
    }

    /// How long an orchestrator has to wait: its own five seconds, the drain, and room for a late end.
    pub(super) fn grace(&self) -> u64 {
        (self.drain + 15).max(45)
    }

    /// The first path, for sentences.
    pub(super) fn shown_prefix(&self) -> &str {
        self.fronts.iter().flat_map(|front| &front.places).map(|place| place.path.as_str()).next().unwrap_or("/")
    }

    /// The largest body in words that nginx and Caddy read.
    pub(super) fn body_megabytes(&self) -> u64 {
        self.body.div_ceil(1_000_000).max(1)
    }
}

/// The files that a configuration names, as it names them.
fn collect(value: &Value, key: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| collect(value, key, found)),
        Value::Array(elements) => elements.iter().for_each(|value| collect(value, key, found)),
        Value::String(text) if matches!(key, "file" | "certificate" | "key" | "ca_file" | "public_keys") => {
            found.insert(text.strip_prefix("./").unwrap_or(text).to_owned());
        }
        _ => {}
    }
}

fn fronts(file: &File) -> Vec<Front> {
    let upstreams = file.site.iter().flat_map(|site| &site.upstream);
    let mut fronts: Vec<Front> = Vec::new();
    for upstream in upstreams {
        let vendor = upstream.vendor.word();
        let prefix = upstream.path.trim_end_matches('/').to_owned();
        let place = |path: &str, exact| Place { path: format!("{prefix}{path}"), exact };
        let mut places = match (prefix.is_empty(), vendor) {
            (false, _) => vec![place("/", false)],
            (true, "plausible") => {
                let own = upstream.event_paths.iter().chain(upstream.script_paths.keys()).map(|path| place(path, true));
                [place("/api/event", true), place("/js/", false)].into_iter().chain(own).collect()
            }
            // At the root the application would have no path left: its front end sends what it knows.
            (true, _) => ["/e/", "/i/", "/s/", "/flags/", "/decide/", "/array/", "/static/", "/batch/"]
                .map(|path| place(path, false))
                .to_vec(),
        };
        let (quick, recordings) = narrower(upstream, &place);
        let roots: Vec<String> =
            upstream.aliases.iter().flat_map(Aliases::roots).map(|root| format!("/{root}/")).collect();
        places.extend(roots.iter().map(|root| Place { path: root.clone(), exact: false }));
        if let Some(same) = fronts.iter_mut().find(|front| front.vendor == vendor && front.prefix == prefix) {
            places.retain(|place| !same.places.contains(place));
            same.places.append(&mut places);
            same.roots.extend(roots);
            same.quick.extend(quick.into_iter().filter(|place| !same.quick.contains(place)).collect::<Vec<_>>());
        } else {
            fronts.push(Front { vendor, places, quick, recordings, roots, prefix });
        }
    }
    fronts
}

/// The places of an upstream that a page waits for, and the one that takes recordings. `place` makes one below the prefix.
fn narrower(upstream: &Upstream, place: &impl Fn(&str, bool) -> Place) -> (Vec<Place>, Option<Place>) {
    const POSTHOG: [&str; 5] = ["/array/", "/decide", "/flags", "/static/", "/api/"];
    // At the root `/api/` is the application's, and so is `/flagship`.
    let at_root = upstream.path.trim_end_matches('/').is_empty();
    let is_quick = |path: &str| match upstream.vendor {
        Vendor::Plausible => path.ends_with(".js"),
        Vendor::Posthog => POSTHOG.iter().any(|start| path.starts_with(start)),
    };
    let mut quick: Vec<Place> =
        match upstream.vendor {
            Vendor::Plausible => vec![place("/js/", false)],
            Vendor::Posthog => POSTHOG
                .into_iter()
                .filter(|path| !at_root || *path != "/api/")
                .map(|path| {
                    if at_root { place(&format!("{}/", path.trim_end_matches('/')), false) } else { place(path, false) }
                })
                .collect(),
        };
    quick.extend(upstream.script_paths.keys().map(|path| place(path, true)));
    let aliases = upstream.aliases.iter().flat_map(Aliases::all).filter(|(_, path)| is_quick(path));
    quick.extend(aliases.map(|(path, _)| Place { path, exact: true }));
    let recordings = (upstream.vendor == Vendor::Posthog).then(|| place("/s/", false));
    (quick, recordings)
}

fn ports(file: &File) -> BTreeSet<u16> {
    let port = |url: &str| {
        let (scheme, rest) = url.split_once("://")?;
        let authority = rest.split('/').next()?;
        let given = authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        given.or(if scheme == "http" { Some(80) } else { Some(443) })
    };
    file.site.iter().flat_map(|site| &site.upstream).filter_map(|upstream| port(&upstream.url)).collect()
}

/// What pseudonyms are made of, if it lies beside the configuration.
#[must_use]
pub fn state_beside(path: &Path) -> Option<(String, String)> {
    let state = path.with_extension("state");
    let text = std::fs::read_to_string(&state).ok()?;
    Some((state.file_name()?.to_str()?.to_owned(), text))
}
