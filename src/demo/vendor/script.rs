//! The vendor's scripts, as small stand-ins written from their described behaviour.
//!
//! `/js/pa-<id>.js` carries its site's own configuration with an absolute endpoint; the page overrides that with
//! `plausible.init({ endpoint })`. `/js/{plausible,script,analytics}[.extension...].js` reads `data-domain` and
//! `data-api` from its tag; the extensions may stand in any order. Anything else below `/js/` is 404.

use super::filter::Rules;

const PER_SITE: &str = include_str!("pa.js");
const CLASSIC: &str = include_str!("classic.js");

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
    // Accepted by the vendor for old tags, without effect.
    "pageleave",
];

/// A script's text and its `Cache-Control`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Script {
    pub(super) text: String,
    pub(super) cache: &'static str,
}

/// The script at a path. `base` is the vendor's own address.
pub(super) fn find(path: &str, rules: &Rules, base: &str) -> Option<Script> {
    let file = path.strip_prefix("/js/")?.strip_suffix(".js")?;
    if let Some(id) = file.strip_prefix("pa-") {
        let site = rules.scripts.get(id)?;
        let config = serde_json::json!({ "domain": site, "endpoint": format!("{base}/api/event") });
        let text = PER_SITE.replacen("\"%CONFIG%\"", &config.to_string(), 1);
        return Some(Script { text, cache: "public, max-age=60, no-transform" });
    }
    let mut words = file.split('.');
    let name = words.next()?;
    let extensions: Vec<&str> = words.collect();
    let known = match name {
        "plausible" | "script" | "analytics" => extensions.iter().all(|word| EXTENSIONS.contains(word)),
        "p" => extensions.is_empty(),
        _ => false,
    };
    known.then(|| {
        let extensions = serde_json::json!(extensions).to_string();
        let text = CLASSIC.replacen("\"%EXTENSIONS%\"", &extensions, 1);
        Script { text, cache: "public, max-age=86400, must-revalidate" }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exists(path: &str) -> bool {
        find(path, &Rules::default().with_script("Abc_1", "a.test"), "http://v.test").is_some()
    }

    #[test]
    fn classic_scripts_take_extensions_in_any_order() {
        for path in [
            "/js/script.js",
            "/js/plausible.js",
            "/js/analytics.js",
            "/js/p.js",
            "/js/script.hash.local.js",
            "/js/script.local.hash.js",
            "/js/plausible.pageleave.revenue.js",
        ] {
            assert!(exists(path), "{path}");
        }
        for path in [
            "/js/other.js",
            "/js/script.unknown.js",
            "/js/script",
            "/js/p.hash.js",
            "/js/",
            "/script.js",
            "/js/x/script.js",
        ] {
            assert!(!exists(path), "{path}");
        }
    }

    #[test]
    fn a_per_site_script_is_looked_up_and_carries_its_site() {
        assert!(exists("/js/pa-Abc_1.js"));
        assert!(!exists("/js/pa-other.js"));
        let rules = Rules::default().with_script("Abc_1", "a.test");
        let script = find("/js/pa-Abc_1.js", &rules, "http://v.test").unwrap();
        assert!(script.text.contains(r#"{"domain":"a.test","endpoint":"http://v.test/api/event"}"#));
        assert_eq!(script.cache, "public, max-age=60, no-transform");
    }
}
