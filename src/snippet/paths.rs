//! How pages with posthog-js come to the opaque paths. Input: an upstream's words and its prefix; output: JavaScript.
//!
//! From 1.416 on the client has an option for it (`rewriteRequestPath`). Older clients have none: a page that carries one
//! gets a script that gives the browser's own ways of asking (`XMLHttpRequest`, `fetch`, `sendBeacon`, the address of a
//! script) the alias of our own paths, and leaves every other address alone. No script of the vendor's is changed.
//! Recordings have no word, so they keep the plain path.

use serde_json::{Map, Value};

use super::{inert, js};
use crate::config::aliases::Aliases;

/// The page's half for older clients.
const LEAD: &str = include_str!("lead.js");

/// The plain path of each word's, below the prefix, and its alias.
fn table(aliases: &Aliases, prefix: &str) -> String {
    let table: Map<String, Value> =
        aliases.words.keys().filter_map(|path| Some((format!("{prefix}{path}"), aliases.of(path)?.into()))).collect();
    inert(&Value::Object(table).to_string())
}

/// The client's option. A script of a certain version (`/static/1.449.2/surveys.js`) is asked for as the vendor's older
/// clients ask for it, `/static/surveys.js?v=1.449.2`: a word stands for one path.
pub(super) fn option(aliases: &Aliases, prefix: &str) -> String {
    format!(
        "  rewriteRequestPath: function (url) {{\n    var version = /\\/static\\/([0-9.]+)\\//.exec(url.pathname);\n    \
         var to = {}[url.pathname.replace(/(\\/static\\/)[0-9.]+\\//, \"$1\")];\n    \
         if (to) url.pathname = to;\n    if (to && version) url.searchParams.set(\"v\", version[1]);\n    \
         return url;\n  }},\n",
        table(aliases, prefix)
    )
}

/// What a page with an older client needs before every other script. `origin`: bauta's, or nothing on the page's own.
pub(super) fn lead(aliases: &Aliases, prefix: &str, origin: &str) -> String {
    let origin = if origin.is_empty() { "window.location.origin".to_owned() } else { js(origin) };
    LEAD.replace("__ORIGIN__", &origin).replace("__TABLE__", &table(aliases, prefix))
}
