//! E-mail addresses (RFC 5321 section 4.1.2, RFC 6531 for letters beyond ASCII), wherever an `@` stands.
//!
//! Not addresses: `logo@2x.png`, `pkg@1.2.3`, `git@host:path`, `@mention`, `Obj@hash`, and the user of a URL
//! (`https://user:pass@host/`), which is found by the URL's grammar.

use crate::scrub::features::{before, byte, class, is};
use crate::scrub::hits::Hits;
use crate::scrub::kind::Kind;

/// The longest local part (RFC 5321 section 4.5.3.1.1 says 64 octets; encoded and sloppy ones are longer).
const LOCAL: usize = 128;
/// The longest domain (RFC 5321 section 4.5.3.1.2).
const DOMAIN: usize = 255;

/// Finds addresses in text that holds an `@`.
pub(crate) fn find(text: &str, hits: &mut Hits) {
    let bytes = text.as_bytes();
    let mut floor = 0;
    for at in memchr::memchr_iter(b'@', bytes) {
        let Some((start, end)) = address(bytes, at, floor) else { continue };
        hits.mark(start, end, Kind::Email);
        floor = end;
    }
}

fn address(bytes: &[u8], at: usize, floor: usize) -> Option<(usize, usize)> {
    let end = domain_end(bytes, at + 1)?;
    let start = local_start(bytes, at, floor)?;
    let remote_path = byte(bytes, end) == b':'
        && is(byte(bytes, end + 1), class::ALNUM | class::SLASH | class::DOT)
        && !byte(bytes, end + 1).is_ascii_digit();
    let local = bytes.get(start..at)?;
    // `git@github.com:acme/site.git` (scp syntax) names an account of the host.
    if remote_path && local == b"git" || is_userinfo(bytes, start, at) {
        return None;
    }
    Some((start, end))
}

/// Where the domain after an `@` ends; nothing when there is no dotted domain with a top level of letters.
fn domain_end(bytes: &[u8], start: usize) -> Option<usize> {
    let rest = bytes.get(start..)?;
    let mut length = rest
        .iter()
        .take(DOMAIN)
        .take_while(|own| is(**own, class::ALNUM | class::DASH | class::DOT | class::WIDE))
        .count();
    let mut domain = rest.get(..length)?;
    while let Some(shorter) = domain.strip_suffix(b".").or_else(|| domain.strip_suffix(b"-")) {
        domain = shorter;
    }
    length = domain.len();
    let domain = std::str::from_utf8(domain).ok()?;
    let (names, top) = domain.rsplit_once('.')?;
    // Sentence punctuation beyond ASCII ends a domain as well.
    let top_length =
        top.find(|own: char| !own.is_ascii_alphanumeric() && !own.is_alphabetic() && own != '-').unwrap_or(top.len());
    let top = top.get(..top_length)?;
    let top_is_word = top.chars().count() >= 2 && (top.chars().all(char::is_alphabetic) || top.starts_with("xn--"));
    let mut labels = names.split('.');
    let first = labels.next()?;
    if !top_is_word || first.is_empty() || names.contains("..") || !first.starts_with(char::is_alphanumeric) {
        return None;
    }
    let numeric = |label: &str| label.bytes().all(|own| own.is_ascii_digit());
    // `pkg@1.2.3-beta.rc`, and a file's resolution: `logo@2x.png`.
    let version =
        numeric(first) && labels.next().is_some_and(|second| second.starts_with(|own: char| own.is_ascii_digit()));
    let density =
        first.strip_suffix('x').is_some_and(|number| !number.is_empty() && number.len() <= 2 && numeric(number));
    let is_package = version || (density && is_file_type(top));
    (!is_package).then(|| start + length - (domain.len() - names.len() - 1 - top_length))
}

/// Where the local part before an `@` starts.
fn local_start(bytes: &[u8], at: usize, floor: usize) -> Option<usize> {
    if before(bytes, at) == b'"' {
        let from = at.saturating_sub(LOCAL).max(floor);
        let quoted = bytes.get(from..at - 1)?;
        return memchr::memrchr(b'"', quoted).map(|open| from + open);
    }
    let mut start = at;
    while start > floor && at - start < LOCAL && is_local(before(bytes, start)) {
        start -= 1;
    }
    while start < at && !is(byte(bytes, start), class::ALNUM | class::WIDE | class::UNDERSCORE) {
        // An opening quote or a bullet is no part of it; `+tag` alone is.
        start += 1;
    }
    (start < at).then_some(start)
}

fn is_local(own: u8) -> bool {
    is(own, class::ALNUM | class::WIDE | class::DOT | class::DASH | class::UNDERSCORE | class::PLUS)
        || matches!(own, b'\'' | b'&' | b'~' | b'!' | b'#' | b'$' | b'*' | b'^' | b'|')
}

/// True if the text before belongs to the authority of a URL: `//`, then no slash up to the `@`.
fn is_userinfo(bytes: &[u8], start: usize, at: usize) -> bool {
    let from = at.saturating_sub(2 * LOCAL);
    let head = bytes.get(from..start).unwrap_or_default();
    let slash =
        head.iter().rposition(|own| is(*own, class::SLASH | class::SPACE | class::QUERY | class::HASH | class::QUOTE));
    slash.is_some_and(|last| byte(head, last) == b'/' && before(head, last) == b'/')
}

fn is_file_type(top: &str) -> bool {
    const TYPES: [&str; 12] = ["png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "ico", "css", "js", "bmp", "tiff"];
    TYPES.iter().any(|own| top.eq_ignore_ascii_case(own))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrub::detect::testing::found;

    fn emails(text: &str) -> Vec<&str> {
        found(text, find)
    }

    #[test]
    fn addresses_are_found() {
        for address in [
            "a@b.co",
            "ada@example.com",
            "ADA.LOVELACE@EXAMPLE.COM",
            "ada+tag@example.co.uk",
            "ada_lovelace-99@sub.domain.example.org",
            "o'brien@example.ie",
            "r&d@corp.example",
            "jörg@müller.de",
            "用户@例子.广告",
            "user@xn--mnchen-3ya.de",
            "x@xn--p1ai.xn--p1ai",
            "ada@example.photography",
            "1234567@qq.com",
            "someone@163.com",
            "_x@example.com",
            "a.b.c.d.e@example.museum",
            "disposable.style.email.with+symbol@example.com",
            "ada%x@example.com",
            "\"ada lovelace\"@example.com",
            "\"very.unusual\"@strange.example.com",
            "x!y@example.org",
            "a~b@example.net",
        ] {
            let expected = address.strip_prefix("ada%").unwrap_or(address);
            assert_eq!(emails(address), [expected], "{address}");
        }
    }

    #[test]
    fn addresses_are_cut_out_of_text() {
        for (text, expected) in [
            ("mail ada@example.com, please", vec!["ada@example.com"]),
            ("<ada@example.com>", vec!["ada@example.com"]),
            ("(ada@example.com)", vec!["ada@example.com"]),
            ("'ada@example.com'", vec!["ada@example.com"]),
            ("mailto:ada@example.com?subject=x", vec!["ada@example.com"]),
            ("to=ada@example.com;bob@example.org.", vec!["ada@example.com", "bob@example.org"]),
            ("ada@example.com/inbox", vec!["ada@example.com"]),
            ("ada@example.com:25", vec!["ada@example.com"]),
            ("email:ada@example.com", vec!["ada@example.com"]),
            ("Ada <ada@example.com>; Bob <bob@example.com>", vec!["ada@example.com", "bob@example.com"]),
            ("key: (ada@example.com) already exists", vec!["ada@example.com"]),
            ("ada@example.com-", vec!["ada@example.com"]),
            ("ada@example.com…", vec!["ada@example.com"]),
            ("«ada@example.com»", vec!["ada@example.com"]),
        ] {
            let found: Vec<_> = emails(text).into_iter().map(|own| own.trim_start_matches('«')).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one_stays() {
        for text in [
            "logo@2x.png",
            "hero-banner@3x.webp",
            "icon@1x.svg",
            "lodash@4.17.21",
            "@angular/core@17.0.2",
            "react-dom@18.2.0/index.js",
            "pkg@1.2.3-beta.rc",
            "git@github.com:acme/site.git",
            "@mention",
            "via @posthog",
            "@media (min-width:640px)",
            "Object@1b2c3d",
            "java.lang.Object@6d06d69c",
            "user@localhost",
            "web@7b5bc3eeeffa7584c581db40c124d51fc65177a4",
            "a@b",
            "@",
            "@@",
            "a@@b.com",
            "a @ b.com",
            "https://user:pass@example.com/",
            "postgres://app:pw@db.internal.example:5432/x",
            "//user@example.com/x",
            "https://medium.com/@user.name/story",
            "md:grid-cols-2 @lg:p-4",
            "foo@.com",
            "foo@-.com",
            "5@3.50",
            "node@20.x",
        ] {
            assert_eq!(emails(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        assert!(emails(&"@".repeat(1 << 20)).is_empty());
        assert!(emails(&"a".repeat(1 << 20)).is_empty());
        assert_eq!(emails(&"a@b.co ".repeat(1 << 12)).len(), 1 << 12);
    }
}
