//! The page: no script, one style sheet whose digest stands in the policy.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::leaves;
use crate::consent::{Decision, Verdict};
use crate::runtime::Site;

const STYLE: &str = include_str!("page.css");

/// What the page is about.
pub(super) struct Seen<'a> {
    pub(super) site: &'a Site,
    pub(super) decision: &'a Decision,
    pub(super) logged_in: bool,
    /// There is a store in which an account's objection is kept.
    pub(super) recorded: bool,
    pub(super) observing: bool,
    /// Whether this session gets opaque paths; nothing when the site has none.
    pub(super) opaque: Option<bool>,
    /// The query: what was just done.
    pub(super) notice: Option<&'a str>,
}

/// The digest that lets the style sheet through.
pub(super) fn style_digest() -> String {
    STANDARD.encode(Sha256::digest(STYLE))
}

/// The whole page.
pub(super) fn html(seen: &Seen<'_>) -> String {
    let Seen { site, decision, .. } = seen;
    let verdict = match decision.verdict {
        Verdict::Granted => ("You agreed to be counted.", "granted"),
        Verdict::Denied => ("You objected to being counted by account.", "denied"),
        Verdict::Unknown => ("You have not been asked, or your answer could not be read.", "unknown"),
    };
    let recipients = site.upstreams.iter().map(|upstream| {
        let word = match upstream.vendor {
            crate::config::file::Vendor::Plausible => "Plausible Analytics",
            crate::config::file::Vendor::Posthog => "PostHog",
        };
        let leaves = leaves(site, decision, upstream, seen.logged_in);
        format!("<li><strong>{word}</strong> <span>{}</span></li>\n", escaped(leaves))
    });
    let notice = match seen.notice {
        Some("objected") if decision.verdict == Verdict::Denied => {
            "<p class=\"note\" role=\"status\">Your objection is recorded. It counts from now on.</p>\n"
        }
        Some("browser") => {
            "<p class=\"note\" role=\"status\">Your objection is recorded in this browser only; it could not be stored for your \
             account. Please try again.</p>\n"
        }
        _ => "",
    };
    let observing = if seen.observing {
        "<p class=\"note\">This site is still being set up: visits are sent as the page made them, and the choices below \
         count once that ends.</p>\n"
    } else {
        ""
    };
    let opaque = match seen.opaque {
        Some(true) => {
            "<section>\n<h2>Paths</h2>\n<p>You agreed, so this site counts you over paths of its own that lists of blockers do \
             not know. Object, or switch on Global Privacy Control or Do Not Track, and you get none: what your browser then \
             sends on one is thrown away.</p>\n</section>\n"
        }
        Some(false) => {
            "<section>\n<h2>Paths</h2>\n<p>Who agreed is counted over paths of this site's own that lists of blockers do not \
             know. You get none, and what your browser sends on one is thrown away.</p>\n</section>\n"
        }
        None => "",
    };
    let scope = match (seen.logged_in, seen.recorded) {
        (true, true) => "It counts for your account on every device, and for this browser.",
        (true, false) => "It counts for this browser, whoever uses it.",
        (false, _) => "You are not logged in: it counts for this browser, whoever uses it.",
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>How visits to {name} are counted</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>How visits to {name} are counted</h1>\n{notice}{observing}\
         <section class=\"verdict {class}\">\n<h2>You, right now</h2>\n<p class=\"big\">{verdict}</p>\n\
         <p class=\"quiet\">Decided by: {source} ({reason}).</p>\n<ul>\n{recipients}</ul>\n</section>\n\
         <section>\n<h2>Object</h2>\n<p>You can object here at any time. {scope}</p>\n\
         <form method=\"post\"><button name=\"objection\" value=\"identity\">Do not count me by account</button></form>\n\
         <form method=\"post\"><button name=\"objection\" value=\"everything\" class=\"plain\">Send nothing at all</button></form>\n\
         <p class=\"quiet\">To agree again, use this site's own settings; this page can only lower what is sent. \
         It counts from now on; for the deletion of what was sent before, ask this site.</p>\n</section>\n{opaque}\
         <section>\n<h2>What this means</h2>\n\
         <p>What is sent: which page was opened and from where, what happened on it as far as this site counts that, and \
         your browser's type and address.</p>\n\
         <p>A pseudonym stands for the same person again and again. It cannot be turned back without a key that the \
         recipient does not have, and it is still personal data.</p>\n\
         <p>Cookies, e-mail addresses, names and other personal details are removed before anything is sent.</p>\n\
         <p class=\"quiet\"><a href=\"bauta.json\">The same for programs</a></p>\n</section>\n</main>\n</body>\n</html>\n",
        name = escaped(&site.name),
        verdict = verdict.0,
        class = verdict.1,
        source = escaped(decision.source),
        reason = escaped(&decision.reason.replace('_', " ")),
        recipients = recipients.collect::<String>(),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
