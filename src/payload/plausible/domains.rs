//! The sites an event is for: `d`, else `domain`, else the host of the URL.
//!
//! Which of them counts depends on truthiness and, with duplicate keys, on the decoder. An allow-list must hold in
//! every case, so all values under either key are listed, and the host of every URL as soon as one reading leads there.

use super::{DOMAIN, Refused, Slots, URL};
use crate::payload::scan::Shape;

/// The domains of an event; see [`Slots::domains`](super::Slots::domains).
pub(super) fn of(event: &Slots<'_>) -> Result<Vec<String>, Refused> {
    let mut domains = Vec::new();
    // Whether a reading reaches the next alias, and in the end the URL.
    let mut reached = true;
    let mut url_counts = false;
    for alias in DOMAIN.0 {
        let mut seen = false;
        let mut falsy = false;
        for value in event.occurrences(*alias) {
            seen = true;
            falsy |= !value.is_truthy();
            match value.text() {
                Some(list) => listed(&list, &mut domains),
                // A truthy value that is no text makes the vendor look at the URL at once.
                None => url_counts |= reached && value.is_truthy(),
            }
        }
        reached &= falsy || !seen;
    }
    if reached || url_counts {
        for alias in URL.0 {
            let urls = event.occurrences(*alias).filter(|value| value.shape() == Shape::Text);
            domains.extend(urls.filter_map(|url| host(&url.text()?).map(|host| trimmed(host).to_owned())));
        }
    }
    if domains.is_empty() { Err(Refused::NoDomain) } else { Ok(domains) }
}

/// The names of a comma list. A list of nothing but commas is the site without a name, which the vendor does not know.
fn listed(list: &str, domains: &mut Vec<String>) {
    if list.trim().is_empty() {
        return;
    }
    let before = domains.len();
    domains.extend(list.split(',').map(trimmed).filter(|name| !name.is_empty()).map(str::to_owned));
    if domains.len() == before {
        domains.push(String::new());
    }
}

/// As the vendor's `sanitize_hostname`: spaces around, then one leading `www.`.
fn trimmed(name: &str) -> &str {
    let name = name.trim();
    name.strip_prefix("www.").unwrap_or(name)
}

/// The host of a URL as RFC 3986 appendix B and Elixir's `URI.parse` cut it: what stands between `//` and the next
/// `/`, `?` or `#`, without user information, port and brackets.
fn host(url: &str) -> Option<&str> {
    let rest = match url.find([':', '/', '?', '#']) {
        Some(at) if url.get(at..)?.starts_with(':') => url.get(at.checked_add(1)?..)?,
        _ => url,
    };
    let authority = rest.strip_prefix("//")?.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.strip_prefix('[') {
        Some(literal) => literal.split(']').next()?,
        None => host.split(':').next()?,
    };
    (!host.is_empty()).then_some(host)
}
