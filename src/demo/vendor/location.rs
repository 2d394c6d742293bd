//! The page address of an event as the vendor takes it apart (Elixir's lenient `URI.parse`).

use percent_encoding::percent_decode_str;

/// What the vendor makes of a page address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    /// Lower case; empty when there is none.
    pub(super) scheme: String,
    /// Without `www.`; none for relative addresses and `file:`.
    pub(super) host: Option<String>,
    /// Percent-decoded, with the fragment in hash mode.
    pub(super) path: String,
}

impl Location {
    pub(super) fn of(url: &str, hash_mode: bool) -> Self {
        let (address, fragment) = url.split_once('#').map_or((url, None), |(left, right)| (left, Some(right)));
        let address = address.split('?').next().unwrap_or_default();
        let (scheme, rest) = match address.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_ascii_lowercase(), rest),
            _ => (String::new(), address),
        };
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                let (authority, path) = rest.split_at(end);
                (Some(authority), path)
            }
            None => (None, rest),
        };
        let host = authority.map(host_of).map(trim_www).filter(|host| !host.is_empty()).map(str::to_owned);
        let path = if path.is_empty() { "/".to_owned() } else { unescape(path) };
        let path = match fragment.filter(|_| hash_mode) {
            Some(fragment) => format!("{path}#{}", unescape(fragment)),
            None => path,
        };
        Self { scheme, host, path }
    }

    /// The host, or the word stored when there is none.
    pub(super) fn hostname(&self) -> &str {
        self.host.as_deref().unwrap_or("(none)")
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Without user information, port and brackets.
fn host_of(authority: &str) -> &str {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Without spaces around it and a leading `www.`: hosts and site names are both cleaned like this.
pub(super) fn trim_www(host: &str) -> &str {
    let host = host.trim();
    host.strip_prefix("www.").unwrap_or(host)
}

/// Percent-decoded; left alone where that gives no text.
fn unescape(text: &str) -> String {
    percent_decode_str(text).decode_utf8().map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(url: &str, hash_mode: bool) -> (String, String) {
        let location = Location::of(url, hash_mode);
        (location.hostname().to_owned(), location.path)
    }

    #[test]
    fn host_and_path_are_found_and_decoded() {
        assert_eq!(parts("https://www.a.test/s%C3%BC%C3%9F?q=1#f", false), ("a.test".into(), "/süß".into()));
        assert_eq!(parts("https://u:p@a.test:8443", false), ("a.test".into(), "/".into()));
        assert_eq!(parts("http://[::1]:80/x", false), ("::1".into(), "/x".into()));
        assert_eq!(parts("app://localhost/login?e=x", false), ("localhost".into(), "/login".into()));
    }

    #[test]
    fn addresses_without_a_host_have_none() {
        for (url, path) in [("/rel?x", "/rel"), ("file:///a/b", "/a/b"), ("", "/"), ("rel", "rel")] {
            assert_eq!(parts(url, false), ("(none)".into(), path.into()), "{url}");
        }
    }

    #[test]
    fn the_fragment_counts_in_hash_mode_only() {
        assert_eq!(parts("https://a.test/app#/u/j%40x", true).1, "/app#/u/j@x");
        assert_eq!(parts("https://a.test/app#/u", false).1, "/app");
    }

    #[test]
    fn bytes_that_are_no_text_stay_escaped() {
        assert_eq!(parts("https://a.test/%ff%20", false).1, "/%ff%20");
    }
}
