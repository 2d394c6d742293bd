//! The demo's shop: one page, rendered here with the account in it, and its few files. All embedded, no request
//! leaves for another origin, and the content security policy forbids it too.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::Full;

use super::account::{ACCOUNTS, Account, Sharing};
use super::listen::answer;

const PAGE: &str = include_str!("page.html");
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What the page shows about its visitor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visit {
    pub(super) person: Option<(&'static Account, Sharing)>,
    /// The browser sent `Sec-GPC: 1`.
    pub(super) gpc: bool,
}

/// The page. `configuration` is bauta's, shown at its end.
pub(super) fn page(visit: Visit, configuration: &str) -> Response<Full<Bytes>> {
    let (name, email, uid) = match visit.person {
        Some((account, _)) => (account.name, account.email, account.uid),
        None => ("A Visitor", "visitor@example.org", "none"),
    };
    let html = fill(
        PAGE,
        &[
            ("account", &account_box(visit)),
            ("name", &escape(name)),
            ("email", &escape(email)),
            ("uid", uid),
            ("handle", visit.person.map_or("", |(account, _)| account.handle)),
            ("gpc", if visit.gpc { "on" } else { "off" }),
            ("configuration", &escape(configuration)),
        ],
    );
    guarded(answer(StatusCode::OK, "text/html; charset=utf-8", html), "no-store")
}

/// The page's own files.
pub(super) fn file(path: &str) -> Option<Response<Full<Bytes>>> {
    let (kind, text) = match path {
        "/demo/page.css" => ("text/css; charset=utf-8", include_str!("page.css")),
        "/demo/page.js" => ("text/javascript; charset=utf-8", include_str!("page.js")),
        "/demo/hog.js" => ("text/javascript; charset=utf-8", include_str!("hog.js")),
        "/demo/difference.js" => ("text/javascript; charset=utf-8", include_str!("difference.js")),
        "/demo/mask.svg" | "/favicon.ico" => ("image/svg+xml", include_str!("mask.svg")),
        _ => return None,
    };
    Some(guarded(answer(StatusCode::OK, kind, text), "no-cache"))
}

/// Adds the security headers of the page.
pub(super) fn guarded(mut response: Response<Full<Bytes>>, cache: &'static str) -> Response<Full<Bytes>> {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, cache),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn account_box(visit: Visit) -> String {
    let Some((account, sharing)) = visit.person else {
        let buttons: String = ACCOUNTS
            .iter()
            .map(|account| {
                let (handle, name) = (account.handle, escape(account.name));
                format!(r#"<button name="account" value="{handle}" title="{name}">{}</button>"#, first_word(&name))
            })
            .collect();
        return format!(
            r#"<form class="login" method="post" action="/demo/login"><span>Nobody is logged in. Log in as</span>
            <span class="people">{buttons}</span></form>"#
        );
    };
    let on = sharing == Sharing::Yes;
    format!(
        r#"<div class="person"><span class="avatar" aria-hidden="true">{initial}</span>
        <span><strong>{name}</strong><br><span class="quiet">{email}</span></span></div>
        <form method="post" action="/demo/sharing"><button class="switch" role="switch" aria-checked="{on}" name="share" value="{next}">
        <span class="track" aria-hidden="true"></span><span>Share usage data</span></button></form>
        <form method="post" action="/demo/logout"><button class="plain">Log out</button></form>"#,
        initial = first_word(account.name).chars().take(1).collect::<String>(),
        name = escape(account.name),
        email = escape(account.email),
        next = if on { "no" } else { "yes" },
    )
}

fn first_word(name: &str) -> &str {
    name.split(' ').next().unwrap_or_default()
}

/// Text as HTML text or attribute.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Puts values in place of `{{name}}`, in one pass: a value is never searched for names.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut pieces = template.split("{{");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").unwrap_or((piece, ""));
        text.push_str(values.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value));
        text.push_str(rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_filled_in_once() {
        assert_eq!(escape(r#"<a b="c">&"#), "&lt;a b=&quot;c&quot;&gt;&amp;");
        assert_eq!(fill("a {{x}} b {{y}} {{z}}", &[("x", "{{y}}"), ("y", "1")]), "a {{y}} b 1 ");
    }

    #[test]
    fn every_place_in_the_page_has_a_value_and_nothing_is_inline_or_foreign() {
        let known = ["account", "name", "email", "uid", "handle", "gpc", "configuration"];
        for piece in PAGE.split("{{").skip(1) {
            assert!(known.contains(&piece.split("}}").next().unwrap()), "{piece}");
        }
        for forbidden in ["<style", " style=", "onclick", "http://", "https://", "<script>"] {
            assert!(!PAGE.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn the_switch_shows_and_offers_the_opposite() {
        let on = account_box(Visit { person: Some((&ACCOUNTS[0], Sharing::Yes)), gpc: false });
        assert!(on.contains(r#"aria-checked="true" name="share" value="no""#));
        let nobody = account_box(Visit { person: None, gpc: false });
        assert!(nobody.contains(r#"value="katherine""#) && !nobody.contains("switch"));
    }
}
