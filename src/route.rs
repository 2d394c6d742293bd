//! (method, host, path) -> what a request is, or why it is refused. No I/O.
//!
//! Only the vendor's analytics paths exist, below the prefix of a configured upstream; everything else is 404, so
//! the proxy is never an open one (product invariant 8). An unknown host is 421 when several sites are configured;
//! with one site every host is that site's, because sidecars are reached under whatever name the neighbour uses.

use std::collections::HashMap;

use http::Method;

use crate::config::file::{Site, Vendor};
use crate::payload::posthog::endpoint::Endpoint;

/// Which site and which of its upstreams a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Index of the site in the configuration.
    pub site: usize,
    /// Index of the upstream in the site.
    pub upstream: usize,
}

/// What a request is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// An event of Plausible's.
    Event(Place),
    /// A CORS preflight of an event.
    Preflight(Place),
    /// A vendor's script, with the path at the vendor.
    Script(Place, String),
    /// One of PostHog's endpoints, with the path at the vendor.
    Posthog(Place, Endpoint, String),
    /// What the site says about itself.
    Statement(Place, Part),
}

/// A part of the site's statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// For programs: `.well-known/bauta.json`.
    Document,
    /// For people: `.well-known/bauta`.
    Page,
}

/// Why a request has no route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// 421: none of several sites has this host.
    UnknownHost,
    /// 404: no upstream has this path.
    UnknownPath,
    /// 404: the path is known and refused unless the configuration allows it by name.
    NotAllowed,
    /// 405: the path exists for the methods named here (the `Allow` header).
    Method(&'static str),
}

/// The paths of all sites, made once from the configuration.
#[derive(Debug, Clone, Default)]
pub struct RouteTable {
    hosts: HashMap<String, usize>,
    sites: Vec<Vec<Paths>>,
    /// Of each site: the alias, its upstream, and the plain path.
    aliases: Vec<HashMap<String, (usize, String)>>,
}

#[derive(Debug, Clone)]
struct Paths {
    prefix: String,
    vendor: Vendor,
    events: Vec<String>,
    scripts: HashMap<String, String>,
    allowed: Vec<String>,
}

impl RouteTable {
    /// Makes the table of the configured sites.
    #[must_use]
    pub fn new(sites: &[Site]) -> Self {
        let hosts = sites
            .iter()
            .enumerate()
            .flat_map(|(index, site)| site.hosts.iter().map(move |host| (host.to_ascii_lowercase(), index)))
            .collect();
        let paths = |site: &Site| {
            let upstreams = site.upstream.iter();
            upstreams
                .map(|upstream| Paths {
                    prefix: upstream.path.trim_end_matches('/').to_owned(),
                    vendor: upstream.vendor,
                    events: upstream.event_paths.clone(),
                    scripts: upstream.script_paths.clone().into_iter().collect(),
                    allowed: upstream.allow.clone(),
                })
                .collect()
        };
        Self { hosts, sites: sites.iter().map(paths).collect(), aliases: sites.iter().map(aliases).collect() }
    }

    /// The upstream of an opaque path, and the plain path that it stands for. Whether this visitor may use it is not
    /// known here.
    #[must_use]
    pub fn alias(&self, host: &str, path: &str) -> Option<(Place, &str)> {
        let site = self.site(host)?;
        let (upstream, plain) = self.aliases.get(site)?.get(path)?;
        Some((Place { site, upstream: *upstream }, plain))
    }

    /// The site that answers for a host (`name` or `name:port`, any case).
    #[must_use]
    pub fn site(&self, host: &str) -> Option<usize> {
        match self.sites.len() {
            0 => None,
            1 => Some(0),
            _ => self.hosts.get(&without_port(host).to_ascii_lowercase()).copied(),
        }
    }

    /// Finds the route.
    ///
    /// # Errors
    /// The [`Refusal`], from which the status follows.
    pub fn find(&self, method: &Method, host: &str, path: &str) -> Result<Route, Refusal> {
        let site = self.site(host).ok_or(Refusal::UnknownHost)?;
        for (upstream, paths) in self.sites.get(site).into_iter().flatten().enumerate() {
            let place = Place { site, upstream };
            let Some(rest) = path.strip_prefix(paths.prefix.as_str()) else { continue };
            if let Some(part) = statement(rest) {
                return match (part, method) {
                    (_, &Method::GET | &Method::HEAD) | (Part::Page, &Method::POST) => {
                        Ok(Route::Statement(place, part))
                    }
                    (Part::Document, _) => Err(Refusal::Method("GET, HEAD")),
                    (Part::Page, _) => Err(Refusal::Method("GET, HEAD, POST")),
                };
            }
            if paths.vendor == Vendor::Posthog {
                match paths.posthog(method, rest) {
                    Some(found) => {
                        return found.map(|(endpoint, path)| match *method {
                            Method::OPTIONS => Route::Preflight(place),
                            _ => Route::Posthog(place, endpoint, path),
                        });
                    }
                    None => continue,
                }
            }
            if paths.is_event(rest) {
                return match *method {
                    Method::POST => Ok(Route::Event(place)),
                    Method::OPTIONS => Ok(Route::Preflight(place)),
                    _ => Err(Refusal::Method("POST, OPTIONS")),
                };
            }
            if let Some(vendor_path) = paths.script(rest) {
                return match *method {
                    Method::GET | Method::HEAD => Ok(Route::Script(place, vendor_path)),
                    _ => Err(Refusal::Method("GET, HEAD")),
                };
            }
        }
        Err(Refusal::UnknownPath)
    }
}

/// The aliases of a site, the current words before earlier ones.
fn aliases(site: &Site) -> HashMap<String, (usize, String)> {
    let mut table = HashMap::new();
    for (index, upstream) in site.upstream.iter().enumerate() {
        let prefix = upstream.path.trim_end_matches('/');
        for (alias, path) in upstream.aliases.iter().flat_map(|aliases| aliases.all()) {
            table.entry(alias).or_insert_with(|| (index, format!("{prefix}{path}")));
        }
    }
    table
}

/// The site's statement (RFC 8615).
fn statement(rest: &str) -> Option<Part> {
    match rest {
        "/.well-known/bauta.json" => Some(Part::Document),
        "/.well-known/bauta" => Some(Part::Page),
        _ => None,
    }
}

impl Paths {
    fn is_event(&self, rest: &str) -> bool {
        rest == "/api/event" || self.events.iter().any(|path| path == rest)
    }

    /// One of PostHog's endpoints with its path at the vendor, or why the method is refused; nothing for another path.
    fn posthog(&self, method: &Method, rest: &str) -> Option<Result<(Endpoint, String), Refusal>> {
        let path = match self.scripts.get(rest) {
            Some(theirs) => theirs.as_str(),
            None if self.events.iter().any(|path| path == rest) => "/i/v0/e/",
            None => rest,
        };
        let endpoint = Endpoint::of(path)?;
        if let Endpoint::Optional(optional) = endpoint
            && !self.allowed.iter().any(|word| word == optional.word())
        {
            return Some(Err(Refusal::NotAllowed));
        }
        let known = *method == Method::OPTIONS || endpoint.methods().has(method);
        Some(if known { Ok((endpoint, path.to_owned())) } else { Err(Refusal::Method(endpoint.methods().allow())) })
    }

    fn script(&self, rest: &str) -> Option<String> {
        if let Some(vendor_path) = self.scripts.get(rest) {
            return Some(vendor_path.clone());
        }
        is_plausible_script(rest).then(|| rest.to_owned())
    }
}

/// `/js/pa-<id>.js`, `/js/p.js`, and `/js/<base>[.<extension>]*.js` in any order (plausible/analytics, tracker
/// variants); anything else below `/js/` is another page of the vendor's application and does not exist here.
fn is_plausible_script(path: &str) -> bool {
    const EXTENSIONS: [&str; 11] = [
        "hash",
        "outbound-links",
        "exclusions",
        "compat",
        "local",
        "manual",
        "file-downloads",
        "pageview-props",
        "tagged-events",
        "revenue",
        "pageleave",
    ];
    let Some(name) = path.strip_prefix("/js/").and_then(|name| name.strip_suffix(".js")) else { return false };
    if let Some(id) = name.strip_prefix("pa-") {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        return (1..=64).contains(&id.len()) && id.bytes().all(allowed);
    }
    let mut parts = name.split('.');
    match parts.next() {
        Some("p") => parts.next().is_none(),
        Some("plausible" | "script" | "analytics") => parts.all(|part| EXTENSIONS.contains(&part)),
        _ => false,
    }
}

/// The name of a host without its port; an IPv6 literal keeps its brackets.
#[must_use]
pub fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(sites: &str) -> RouteTable {
        let file: crate::config::file::File = toml::from_str(sites).unwrap();
        RouteTable::new(&file.site)
    }

    const ONE: &str = r#"
        [[site]]
        name = "shop"
        [[site.upstream]]
        vendor = "plausible"
        url = "https://plausible.io"
        path = "/stats/"
        event_paths = ["/e"]
        script_paths = { "/s.js" = "/js/script.js" }
    "#;

    fn find(method: &str, path: &str) -> Result<Route, Refusal> {
        table(ONE).find(&method.parse().unwrap(), "any.example", path)
    }

    const HERE: Place = Place { site: 0, upstream: 0 };

    #[test]
    fn events_and_scripts_live_below_the_prefix_only() {
        assert_eq!(find("POST", "/stats/api/event"), Ok(Route::Event(HERE)));
        assert_eq!(find("OPTIONS", "/stats/api/event"), Ok(Route::Preflight(HERE)));
        assert_eq!(find("POST", "/stats/e"), Ok(Route::Event(HERE)));
        assert_eq!(find("GET", "/stats/s.js"), Ok(Route::Script(HERE, "/js/script.js".into())));
        assert_eq!(find("GET", "/stats/js/pa-Xy_1.js"), Ok(Route::Script(HERE, "/js/pa-Xy_1.js".into())));
        for path in ["/api/event", "/stats/api/event/", "/stats/api/v2/query", "/statsapi/event", "/stats", "/"] {
            assert_eq!(find("POST", path), Err(Refusal::UnknownPath), "{path}");
        }
    }

    #[test]
    fn another_method_is_told_which_ones_exist() {
        assert_eq!(find("GET", "/stats/api/event"), Err(Refusal::Method("POST, OPTIONS")));
        assert_eq!(find("POST", "/stats/js/script.js"), Err(Refusal::Method("GET, HEAD")));
    }

    #[test]
    fn an_alias_stands_for_one_plain_path_and_earlier_words_stay() {
        let words = "aliases = { root = 'kelimoru', words = { '/api/event' = 'fobaru', '/js/script.js' = 'gudolo' }, previous = [{ root = 'nurobiva', words = { '/api/event' = 'vukezo' } }] }";
        let table = table(&format!("{ONE}\n{words}"));
        for (alias, plain) in [
            ("/kelimoru/fobaru", "/stats/api/event"),
            ("/kelimoru/gudolo.js", "/stats/js/script.js"),
            ("/nurobiva/vukezo", "/stats/api/event"),
        ] {
            assert_eq!(table.alias("any.example", alias), Some((HERE, plain)));
        }
        for path in ["/kelimoru/gudolo", "/kelimoru", "/nurobiva/gudolo.js", "/stats/api/event"] {
            assert_eq!(table.alias("any.example", path), None, "{path}");
        }
    }

    #[test]
    fn script_names_are_the_vendors_own() {
        for name in ["plausible.js", "script.hash.outbound-links.js", "analytics.revenue.js", "p.js", "pa-a.js"] {
            assert!(is_plausible_script(&format!("/js/{name}")), "{name}");
        }
        for name in ["app.js", "script.evil.js", "pa-.js", "pa-a/b.js", "p.hash.js", "plausible.js.map", "../x.js"] {
            assert!(!is_plausible_script(&format!("/js/{name}")), "{name}");
        }
    }

    #[test]
    fn the_statement_stands_below_each_prefix() {
        assert_eq!(find("GET", "/stats/.well-known/bauta.json"), Ok(Route::Statement(HERE, Part::Document)));
        assert_eq!(find("POST", "/stats/.well-known/bauta"), Ok(Route::Statement(HERE, Part::Page)));
        assert_eq!(find("POST", "/stats/.well-known/bauta.json"), Err(Refusal::Method("GET, HEAD")));
        assert_eq!(find("GET", "/.well-known/bauta"), Err(Refusal::UnknownPath));
    }

    #[test]
    fn an_unknown_host_is_refused_only_among_several_sites() {
        let two = table(
            "[[site]]\nname='a'\nhosts=['a.example']\n[[site]]\nname='b'\nhosts=['B.example']\n[[site.upstream]]\nvendor='plausible'\nurl='https://plausible.io'",
        );
        let post = Method::POST;
        assert_eq!(two.find(&post, "c.example", "/api/event"), Err(Refusal::UnknownHost));
        assert_eq!(two.find(&post, "b.EXAMPLE:8080", "/api/event"), Ok(Route::Event(Place { site: 1, upstream: 0 })));
        assert_eq!(two.find(&post, "a.example", "/api/event"), Err(Refusal::UnknownPath));
    }

    #[test]
    fn a_port_is_not_part_of_the_name() {
        assert_eq!(without_port("a.example:80"), "a.example");
        assert_eq!(without_port("[::1]:80"), "[::1]");
        assert_eq!(without_port("[::1]"), "[::1]");
        assert_eq!(without_port("a.example"), "a.example");
    }
}
