//! Secrets with a shape: JSON web tokens, API keys of known vendors, private keys in armour.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::scrub::base64;
use crate::scrub::features::{before, byte, class, is};
use crate::scrub::hits::Hits;
use crate::scrub::kind::Kind;

/// Finds tokens (RFC 7519) and keys in text with a run of at least sixteen characters.
pub(crate) fn find(text: &str, hits: &mut Hits) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let Some(skip) = bytes.get(at..).and_then(|rest| rest.iter().position(|own| is(*own, class::ALNUM))) else {
            return;
        };
        let start = at + skip;
        let word = bytes.get(start..).unwrap_or_default();
        if word.len() < 16 {
            return;
        }
        let found =
            jwt(word).map(|length| (length, Kind::Jwt)).or_else(|| api_key(word).map(|length| (length, Kind::ApiKey)));
        if let Some((length, kind)) = found {
            hits.mark(start, start + length, kind);
            at = start + length;
        } else {
            // On to the end of this run of letters and digits: keys start at the beginning of a word.
            at = start + word.iter().take_while(|own| is(**own, class::ALNUM)).count();
        }
    }
}

/// Length of the token that starts here: three or five parts of base64url, the first of which holds a JSON object
/// (RFC 7515 section 7.1, RFC 7516 section 7.1).
fn jwt(word: &[u8]) -> Option<usize> {
    // `{` and what may follow it in JSON: the second character holds six bits of which two belong to the brace.
    if !matches!(word, [b'e', b'w'..=b'z' | b'0'..=b'9' | b'-' | b'_', ..]) {
        return None;
    }
    let part =
        |from: usize| word.get(from..).unwrap_or_default().iter().take_while(|own| is(**own, class::WORD)).count();
    let header = part(0);
    if byte(word, header) != b'.' || header < 10 {
        return None;
    }
    let mut end = header;
    let mut parts = 1;
    while byte(word, end) == b'.' && parts < 5 {
        let length = part(end + 1);
        // An encrypted token may have an empty second part; a full stop may end a sentence.
        if length == 0 && !(parts == 1 && byte(word, end + 2) != 0 && is(byte(word, end + 2), class::WORD)) {
            break;
        }
        end += length + 1;
        parts += 1;
    }
    let text = base64::decode(word.get(..header)?)?;
    let object = text.trim_ascii();
    (parts >= 2 && object.starts_with(b"{") && object.ends_with(b"}")).then_some(end)
}

/// How a vendor's keys look: prefix, shortest length of the rest, characters besides letters and digits.
struct Maker(&'static str, usize, &'static [u8]);

/// By the vendors' own documentation of their key formats. The analytics project key `phc_` is public and not in it.
static MAKERS: [Maker; 68] = [
    Maker("sk_live_", 16, b"_"),
    Maker("sk_test_", 16, b"_"),
    Maker("rk_live_", 16, b"_"),
    Maker("rk_test_", 16, b"_"),
    Maker("whsec_", 16, b"+/=_-"),
    Maker("ghp_", 30, b"_"),
    Maker("gho_", 30, b"_"),
    Maker("ghu_", 30, b"_"),
    Maker("ghs_", 30, b"_"),
    Maker("ghr_", 30, b"_"),
    Maker("github_pat_", 22, b"_"),
    Maker("AKIA", 16, b""),
    Maker("ASIA", 16, b""),
    Maker("ABIA", 16, b""),
    Maker("ACCA", 16, b""),
    Maker("xoxb-", 10, b"-"),
    Maker("xoxp-", 10, b"-"),
    Maker("xoxa-", 10, b"-"),
    Maker("xoxr-", 10, b"-"),
    Maker("xoxs-", 10, b"-"),
    Maker("xoxe-", 10, b"-"),
    Maker("xoxe.xoxp-", 10, b"-"),
    Maker("xapp-", 10, b"-"),
    Maker("AIza", 30, b"_-"),
    Maker("ya29.", 20, b"_-"),
    Maker("GOCSPX-", 20, b"_-"),
    Maker("glpat-", 18, b"_-"),
    Maker("gldt-", 18, b"_-"),
    Maker("glrt-", 18, b"_-"),
    Maker("glptt-", 18, b"_-"),
    Maker("SG.", 20, b"._-"),
    Maker("npm_", 30, b""),
    Maker("hf_", 30, b""),
    Maker("sk-ant-", 20, b"_-"),
    Maker("sk-proj-", 20, b"_-"),
    Maker("sk-or-", 20, b"_-"),
    Maker("sk-", 32, b"_-"),
    Maker("shpat_", 24, b""),
    Maker("shpca_", 24, b""),
    Maker("shppa_", 24, b""),
    Maker("shpss_", 24, b""),
    Maker("dop_v1_", 32, b""),
    Maker("doo_v1_", 32, b""),
    Maker("dor_v1_", 32, b""),
    Maker("EAAC", 20, b""),
    Maker("EAAG", 30, b""),
    Maker("EAAB", 30, b""),
    Maker("pypi-", 40, b"_-"),
    Maker("rubygems_", 32, b""),
    Maker("sq0atp-", 20, b"_-"),
    Maker("sq0csp-", 20, b"_-"),
    Maker("sbp_", 32, b""),
    Maker("lin_api_", 30, b""),
    Maker("dckr_pat_", 20, b"_-"),
    Maker("hvs.", 24, b"_-"),
    Maker("PMAK-", 30, b"-"),
    Maker("phx_", 30, b""),
    Maker("phs_", 30, b""),
    Maker("pat-na1-", 30, b"-"),
    Maker("pat-eu1-", 30, b"-"),
    Maker("key-", 32, b""),
    Maker("re_", 24, b"_"),
    Maker("ATATT3", 40, b"_-="),
    Maker("secret_", 40, b""),
    Maker("ntn_", 40, b""),
    Maker("figd_", 30, b"_-"),
    Maker("tfp_", 30, b"_-"),
    Maker("AGE-SECRET-KEY-1", 50, b""),
];

/// Bit per first byte of a prefix.
const FIRST: [u8; 17] = *b"srwgAxyGSnhdEpPlk";

/// Length of the key of a known vendor that starts here.
fn api_key(word: &[u8]) -> Option<usize> {
    if !matches!(byte(word, 0), b'f' | b't') && !FIRST.contains(&byte(word, 0)) {
        return None;
    }
    let start = (byte(word, 0), byte(word, 1));
    let alike = |own: &&Maker| (byte(own.0.as_bytes(), 0), byte(own.0.as_bytes(), 1)) == start;
    MAKERS.iter().filter(alike).find_map(|Maker(prefix, shortest, more)| {
        let rest = word.strip_prefix(prefix.as_bytes())?;
        let length = rest.iter().take_while(|own| own.is_ascii_alphanumeric() || more.contains(own)).count();
        let body = rest.get(..length)?;
        let has = |classes: u32| body.iter().any(|own| is(*own, classes));
        let mixed = has(class::DIGIT) && has(class::UPPER | class::LOWER)
            || has(class::UPPER) && (has(class::LOWER) || more.is_empty());
        // `sk-loading-button-primary-variant-two` is a class name.
        let slug =
            more.contains(&b'-') && !has(class::UPPER) && body.iter().filter(|own| own.is_ascii_digit()).count() < 4;
        (length >= *shortest && mixed && !slug).then_some(prefix.len() + length)
    })
}

/// Finds private keys in PEM armour (RFC 7468 section 10): from the armour's head to its end, or to the end of the text
/// when that was cut off.
pub(crate) fn find_private_key(text: &str, hits: &mut Hits) {
    static HEAD: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"-----BEGIN "));
    static FOOT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"-----END "));
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| HEAD.find(rest.as_bytes())) {
        let start = from + found;
        let rest = text.get(start..).unwrap_or_default();
        let label = rest.get(11..).and_then(|rest| rest.split_once("-----")).map_or("", |(label, _)| label);
        if !label.contains("PRIVATE KEY") || label.len() > 40 {
            from = start + 11;
            continue;
        }
        let foot = FOOT.find(rest.as_bytes());
        let after = foot.and_then(|foot| rest.get(foot + 9..)).and_then(|rest| rest.find("-----"));
        let length = match (foot, after) {
            (Some(foot), Some(after)) => foot + 9 + after + 5,
            _ => rest.len(),
        };
        hits.mark(start, start + length, Kind::PrivateKey);
        from = start + length;
    }
}

/// The name in the path of a home directory: `/Users/ada/`, `/home/ada/`, `C:\Users\ada\`. The rest of the path stays.
pub(crate) fn find_home(text: &str, hits: &mut Hits) {
    const HOMES: [&[u8]; 3] = [b"Users", b"home", b"Documents and Settings"];
    let bytes = text.as_bytes();
    let mut floor = 0;
    for found in memchr::memchr2_iter(b'/', b'\\', bytes) {
        if !matches!(byte(bytes, found + 1), b'U' | b'h' | b'D') || found < floor {
            continue;
        }
        let rest = bytes.get(found + 1..).unwrap_or_default();
        let Some(home) = HOMES.iter().find(|own| rest.starts_with(own)) else { continue };
        let mut start = found + 1 + home.len();
        let separator = byte(bytes, start);
        // `example.org/home/feed` is a page.
        let page = byte(rest, 0) == b'h' && (separator != b'/' || is(before(bytes, found), class::ALNUM | class::DOT));
        if !matches!(separator, b'/' | b'\\') || page {
            continue;
        }
        // Written twice where it was escaped once more.
        start += 1 + usize::from(byte(bytes, start + 1) == b'\\');
        if let Some(name) = account(text, start) {
            hits.mark(start, start + name.len(), Kind::HomePath);
            floor = start + name.len();
        }
    }
}

/// True for a path that starts in a home directory, and may hold nothing else that is worth a look.
pub(crate) fn is_home(text: &str) -> bool {
    text.starts_with("/home/") || text.starts_with("/Users/")
}

/// The account's name at this place.
fn account(text: &str, start: usize) -> Option<&str> {
    let rest = text.get(start..)?;
    let stops = |own: char| matches!(own, '/' | '\\' | '"' | '\'' | '\n' | ':' | '?' | '*' | '<' | '>' | '|' | ')');
    let length = rest.find(stops).unwrap_or(rest.len()).min(rest.floor_char_boundary(64));
    let name = rest.get(..length)?;
    // A name with a blank goes up to the next separator; without one it ends at the blank.
    let ends = matches!(byte(rest.as_bytes(), length), b'/' | b'\\');
    let name = if ends { name } else { name.split([' ', ',', ';']).next()? };
    is_person(name).then_some(name)
}

/// Accounts that no person has.
fn is_person(name: &str) -> bool {
    const SHARED: [&str; 28] = [
        "shared",
        "public",
        "default",
        "all users",
        "default user",
        "runner",
        "runneradmin",
        "ubuntu",
        "root",
        "app",
        "node",
        "user",
        "admin",
        "administrator",
        "vagrant",
        "ec2-user",
        "circleci",
        "travis",
        "jenkins",
        "deploy",
        "www-data",
        "nginx",
        "docker",
        "build",
        "site",
        "containeradministrator",
        "vsts",
        "appuser",
    ];
    !name.is_empty()
        && name.len() <= 64
        && !name.starts_with(['*', '$', '%', '{', '<', '.'])
        && !SHARED.iter().any(|own| name.eq_ignore_ascii_case(own))
}

#[cfg(test)]
#[path = "secret_tests.rs"]
mod tests;
