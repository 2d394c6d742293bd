//! The code that a page needs: scripts and settings for an upstream, under its plain or its opaque paths.
//!
//! Pure: configuration in, text out. Whether a session may have the opaque paths is decided by who asks.

mod paths;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::config::aliases::Aliases;
use crate::config::upstream::{Upstream, Vendor};

/// An upstream as pages see it.
#[derive(Debug, Clone)]
pub struct Page {
    vendor: Vendor,
    prefix: String,
    /// Plausible: the site's name; PostHog: the project's token.
    id: String,
    url: String,
    aliases: Option<Aliases>,
}

/// Which client the page uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// Plausible: `script.js` with attributes; PostHog: `array.js`, version 1.416 or later.
    Script,
    /// Plausible: the per-site `pa-*.js`.
    PerSite,
    /// The npm package: `@plausible-analytics/tracker`, `posthog-js` 1.416 or later.
    Npm,
    /// posthog-js before 1.416, which knows one prefix only, in a bundle or as a script. Its aliased snippet is what the
    /// page needs beside it, and before it.
    Older,
}

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// The client.
    pub client: Client,
    /// `https://numbers.shop.example`, or nothing on the page's own origin.
    pub origin: &'a str,
    /// Whether the opaque paths are given.
    pub aliased: bool,
    /// The nonce of the page's policy.
    pub nonce: Option<&'a str>,
    /// Plausible: the name of the script: `pa-...`, or another than `script` of the classic ones.
    pub script: &'a str,
}

/// Why there is no such snippet.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unfit {
    /// The upstream has no aliases.
    #[error("the upstream has no aliases: `bauta init` writes some")]
    NoAliases,
    /// One of the paths has no alias.
    #[error("{0} has no word under aliases: take new words with `bauta words`, for a script with --script")]
    NoWord(String),
    /// The client belongs to the other vendor, or cannot do it.
    #[error("this client does not go with this upstream, or knows no aliases")]
    Client,
    /// A text that would leave its place in the page.
    #[error("nonce, origin and script name take letters, digits and - . _ : / + = only")]
    Text,
}

/// A snippet and the line of the page's Content-Security-Policy that it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// What goes into the page, or into the application's code.
    pub code: String,
    /// The sources for the policy.
    pub policy: String,
}

impl Page {
    /// Of an upstream's configuration.
    #[must_use]
    pub fn of(upstream: &Upstream) -> Self {
        let ids = match upstream.vendor {
            Vendor::Plausible => &upstream.sites,
            Vendor::Posthog => &upstream.tokens,
        };
        Self {
            vendor: upstream.vendor,
            prefix: upstream.path.trim_end_matches('/').to_owned(),
            id: ids.first().cloned().unwrap_or_default(),
            url: upstream.url.clone(),
            aliases: upstream.aliases.clone(),
        }
    }

    /// The client that this upstream's pages load when nothing is said.
    #[must_use]
    pub const fn has_aliases(&self) -> bool {
        self.aliases.is_some()
    }

    /// Where PostHog's configuration sends a page's events that has the opaque paths.
    #[must_use]
    pub fn events(&self) -> Option<String> {
        self.aliases.as_ref()?.events(&self.prefix)
    }

    /// Makes the snippet.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn snippet(&self, wanted: &Wanted<'_>) -> Result<Snippet, Unfit> {
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:/+=".contains(&byte));
        if ![wanted.origin, wanted.nonce.unwrap_or_default(), wanted.script].into_iter().all(plain) {
            return Err(Unfit::Text);
        }
        let code = match self.vendor {
            Vendor::Plausible => self.plausible(wanted)?,
            Vendor::Posthog => self.posthog(wanted)?,
        };
        let source = if wanted.origin.is_empty() { "'self'" } else { wanted.origin };
        let inline = match wanted.nonce {
            Some(nonce) => format!(" 'nonce-{nonce}'"),
            None => inline_digests(&code),
        };
        Ok(Snippet { code, policy: format!("script-src {source}{inline}; connect-src {source}") })
    }

    /// Where the page asks for a path of the vendor.
    fn path(&self, wanted: &Wanted<'_>, vendor_path: &str) -> Result<String, Unfit> {
        if !wanted.aliased {
            return Ok(format!("{}{}{vendor_path}", wanted.origin, self.prefix));
        }
        let aliases = self.aliases.as_ref().ok_or(Unfit::NoAliases)?;
        let alias = aliases.of(vendor_path).ok_or_else(|| Unfit::NoWord(vendor_path.to_owned()))?;
        Ok(format!("{}{alias}", wanted.origin))
    }

    fn plausible(&self, wanted: &Wanted<'_>) -> Result<String, Unfit> {
        let event = self.path(wanted, "/api/event")?;
        let nonce = attribute(wanted);
        let credentials = credentials(wanted);
        let id = js(&self.id);
        Ok(match wanted.client {
            Client::Script => {
                let name = if wanted.script.is_empty() { "script" } else { wanted.script };
                let script = self.path(wanted, &format!("/js/{name}.js"))?;
                format!(
                    "{credentials}<script defer{nonce} data-domain=\"{}\" data-api=\"{event}\" src=\"{script}\"></script>\n",
                    self.id
                )
            }
            Client::PerSite => {
                if wanted.script.is_empty() {
                    return Err(Unfit::NoWord("the script's name (pa-...)".to_owned()));
                }
                let script = self.path(wanted, &format!("/js/{}.js", wanted.script))?;
                format!(
                    "{credentials}<script async{nonce} src=\"{script}\"></script>\n<script{nonce}>\n  \
                     window.plausible = window.plausible || function () {{ (plausible.q = plausible.q || []).push(arguments) }};\n  \
                     plausible.init = plausible.init || function (options) {{ plausible.o = options }};\n  \
                     plausible.init({{ endpoint: {} }});\n</script>\n",
                    js(&event)
                )
            }
            Client::Npm => format!(
                "{credentials}import {{ init }} from \"@plausible-analytics/tracker\";\n\
                 init({{ domain: {id}, endpoint: {} }});\n",
                js(&event)
            ),
            Client::Older => return Err(Unfit::Client),
        })
    }

    fn posthog(&self, wanted: &Wanted<'_>) -> Result<String, Unfit> {
        let nonce = attribute(wanted);
        match (wanted.client, &self.aliases) {
            (Client::PerSite, _) => return Err(Unfit::Client),
            (Client::Older, Some(aliases)) if wanted.aliased => {
                let lead = paths::lead(aliases, &self.prefix, wanted.origin);
                return Ok(format!("<script{nonce}>\n{lead}</script>\n"));
            }
            _ => {}
        }
        let host = if wanted.origin.is_empty() {
            format!("window.location.origin + {}", js(&self.prefix))
        } else {
            js(&format!("{}{}", wanted.origin, self.prefix))
        };
        let ui = self.url.replace(".i.posthog.com", ".posthog.com");
        let mut options = format!("  api_host: {host},\n  ui_host: {},\n", js(&ui));
        if !wanted.origin.is_empty() {
            options.push_str("  fetch_options: { credentials: \"include\" },\n");
        }
        if wanted.aliased {
            let aliases = self.aliases.as_ref().ok_or(Unfit::NoAliases)?;
            options.push_str(&paths::option(aliases, &self.prefix));
        }
        let start = format!("posthog.init({}, {{\n{options}}});\n", js(&self.id));
        if wanted.client != Client::Script {
            return Ok(format!("import posthog from \"posthog-js\";\n{start}"));
        }
        let script = self.path(wanted, "/static/array.js")?;
        Ok(format!(
            "<script{nonce}>\n(function (w, d) {{\n  var p = w.posthog = w.posthog || [];\n  if (p.__SV) return;\n  p._i = [];\n  p.__SV = 1;\n  \
             p.init = function (token, options) {{ p._i.push([token, options, \"posthog\"]); }};\n  \
             [\"capture\", \"identify\", \"reset\", \"opt_in_capturing\", \"opt_out_capturing\"].forEach(function (name) {{\n    \
             p[name] = function () {{ p.push([name].concat([].slice.call(arguments))); }};\n  }});\n  \
             var s = d.createElement(\"script\");\n  s.async = true;\n  s.src = {};\n  d.head.appendChild(s);\n}})(window, document);\n{start}</script>\n",
            js(&script)
        ))
    }
}

/// What lets the scripts inside of the code run where there is no nonce: their digests (CSP level 3, section 2.3.1).
fn inline_digests(code: &str) -> String {
    let after = |element: &str| Some(element.split_once('>')?.1.split_once("</script>")?.0.to_owned());
    let bodies = code.split("<script").skip(1).filter_map(after).filter(|body| !body.is_empty());
    bodies.map(|body| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(body)))).collect()
}

fn attribute(wanted: &Wanted<'_>) -> String {
    wanted.nonce.map(|nonce| format!(" nonce=\"{nonce}\"")).unwrap_or_default()
}

/// Plausible's clients send no cookie to another origin and have no option for it: the page's `fetch` is told to, for
/// this origin alone.
fn credentials(wanted: &Wanted<'_>) -> String {
    if wanted.origin.is_empty() {
        return String::new();
    }
    let body = format!(
        "(function (ask) {{\n  window.fetch = function (to, options) {{\n    var ours = String(to && to.url || to).indexOf({}) === 0;\n    \
         return ask.call(this, to, ours ? Object.assign({{}}, options, {{ credentials: \"include\" }}) : options);\n  }};\n}})(window.fetch);\n",
        js(&format!("{}/", wanted.origin))
    );
    match wanted.client {
        Client::Npm | Client::Older => body,
        Client::Script | Client::PerSite => format!("<script{}>\n{body}</script>\n", attribute(wanted)),
    }
}

/// A JavaScript string that cannot end the script element it stands in.
fn js(text: &str) -> String {
    inert(&serde_json::Value::from(text).to_string())
}

fn inert(json: &str) -> String {
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(vendor: &str) -> Page {
        let text = format!(
            "vendor = {vendor:?}\nurl = \"https://eu.i.posthog.com\"\npath = \"/numbers/\"\nsites = [\"shop.example\"]\ntokens = [\"phc_a\"]\n\
             aliases = {{ root = \"kelimoru\", words = {{ \"/api/event\" = \"fobaru\", \"/js/script.js\" = \"gudolo\", \"/static/array.js\" = \"moreli\", \"/flags/\" = \"zuvora\" }} }}"
        );
        Page::of(&toml::from_str::<Upstream>(&text).unwrap())
    }

    fn wanted(client: Client) -> Wanted<'static> {
        Wanted { client, origin: "", aliased: false, nonce: None, script: "" }
    }

    #[test]
    fn the_plain_snippet_names_the_vendors_paths_below_the_prefix() {
        let made = page("plausible").snippet(&wanted(Client::Script)).unwrap();
        assert_eq!(
            made.code,
            "<script defer data-domain=\"shop.example\" data-api=\"/numbers/api/event\" src=\"/numbers/js/script.js\"></script>\n"
        );
        assert_eq!(made.policy, "script-src 'self'; connect-src 'self'");
    }

    #[test]
    fn the_aliased_snippet_names_neither_vendor_nor_prefix_in_its_paths() {
        let made = page("plausible").snippet(&Wanted { aliased: true, ..wanted(Client::Script) }).unwrap();
        assert!(made.code.contains("data-api=\"/kelimoru/fobaru\" src=\"/kelimoru/gudolo.js\""), "{}", made.code);
        assert!(!made.code.contains("/numbers") && !made.code.contains("plausible"));
        let made = page("posthog").snippet(&Wanted { aliased: true, ..wanted(Client::Script) }).unwrap();
        assert!(made.code.contains("s.src = \"/kelimoru/moreli.js\""), "{}", made.code);
        assert!(made.code.contains("\"/numbers/flags/\":\"/kelimoru/zuvora\""), "{}", made.code);
    }

    #[test]
    fn another_origin_gets_credentials_and_a_policy() {
        let other = |client| Wanted { origin: "https://n.shop.example", nonce: Some("abc"), ..wanted(client) };
        for client in [Client::Script, Client::Npm] {
            let made = page("plausible").snippet(&other(client)).unwrap();
            assert!(made.code.contains("credentials: \"include\""), "{}", made.code);
            assert_eq!(
                made.policy,
                "script-src https://n.shop.example 'nonce-abc'; connect-src https://n.shop.example"
            );
        }
        let made = page("posthog").snippet(&other(Client::Older)).unwrap();
        assert!(made.code.contains("fetch_options: { credentials: \"include\" }"), "{}", made.code);
        assert!(made.code.contains("ui_host: \"https://eu.posthog.com\""), "{}", made.code);
    }

    #[test]
    fn what_would_leave_its_place_in_the_page_is_refused() {
        for nonce in ["\"><script>", "a b", "'"] {
            let made = page("plausible").snippet(&Wanted { nonce: Some(nonce), ..wanted(Client::Script) });
            assert_eq!(made, Err(Unfit::Text), "{nonce}");
        }
        assert_eq!(page("plausible").snippet(&wanted(Client::Older)), Err(Unfit::Client));
        assert_eq!(page("posthog").snippet(&wanted(Client::PerSite)), Err(Unfit::Client));
    }

    #[test]
    fn without_a_nonce_the_policy_names_the_scripts_inside_of_the_code() {
        let made = page("posthog").snippet(&wanted(Client::Script)).unwrap();
        let body = made.code.split_once("<script>").unwrap().1.split_once("</script>").unwrap().0;
        let digest = STANDARD.encode(Sha256::digest(body));
        assert_eq!(made.policy, format!("script-src 'self' 'sha256-{digest}'; connect-src 'self'"));
        assert_eq!(
            page("posthog").snippet(&wanted(Client::Npm)).unwrap().policy,
            "script-src 'self'; connect-src 'self'"
        );
    }

    #[test]
    fn an_older_client_is_led_by_the_page_and_stays_as_it_is() {
        let made = page("posthog").snippet(&Wanted { aliased: true, ..wanted(Client::Older) }).unwrap();
        assert!(made.code.contains("window.location.origin, {\"/numbers/api/event\""), "{}", made.code);
        assert!(made.code.contains("\"/numbers/flags/\":\"/kelimoru/zuvora\""), "{}", made.code);
        assert!(!made.code.contains("__") && !made.code.contains("import"), "{}", made.code);
        let bundle = page("posthog").snippet(&wanted(Client::Older)).unwrap();
        assert!(bundle.code.starts_with("import posthog") && !bundle.code.contains("kelimoru"), "{}", bundle.code);
    }
}
