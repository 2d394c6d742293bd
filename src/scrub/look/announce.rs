//! Values that their key announces: passwords, names, dates of birth, numbers of a state without check digits.
//!
//! The key alone is not enough: `password` may say `true`, `token` may say `expired`, `name` may be a plan's.
//! Each kind has a plain test of the value, wider where the key is certain.

use super::{Place, Spot};
use crate::scrub::detect::opaque::{Opacity, is_slug, opacity};
use crate::scrub::detect::{geo, name, national, phone};
use crate::scrub::features::{Features, class};
use crate::scrub::hits::{By, Hits};
use crate::scrub::keys::{Key, flag, vocabulary};
use crate::scrub::kind::{Kind, is_mark};
use crate::scrub::policy::Policy;

/// Finds what the key announces. True if nothing else needs to be looked for in this text.
pub(super) fn find(text: &str, spot: Spot, policy: &Policy, hits: &mut Hits) -> bool {
    let Some(kind) = spot.key.kind.filter(|kind| policy.heeds(*kind)) else { return false };
    let trimmed = text.trim();
    if trimmed.is_empty() || is_mark(trimmed) || is_nothing(trimmed) {
        return is_mark(trimmed);
    }
    let weak = spot.key.has(flag::WEAK);
    if kind == Kind::Geo {
        let plain = if weak { false } else { geo::coarsen_all(text, 2, hits) };
        return plain;
    }
    if kind == Kind::ClickId {
        if policy.removes_click_ids() && trimmed.len() >= 8 {
            hits.mark_by(0, text.len(), kind, By::Key);
        }
        return true;
    }
    let start = if is_secret(kind) { scheme_length(text) } else { 0 };
    let rest = text.get(start..).unwrap_or_default();
    let fits = fits(rest.trim(), kind, spot, weak);
    if fits {
        hits.mark_by(start, text.len(), kind, By::Key);
    }
    fits
}

const fn is_secret(kind: Kind) -> bool {
    matches!(kind, Kind::Token | Kind::ApiKey | Kind::Jwt | Kind::SessionId)
}

/// Length of `Bearer ` and its like (IANA registry of HTTP authentication schemes), which say how and not what.
fn scheme_length(text: &str) -> usize {
    const SCHEMES: [&str; 6] = ["bearer ", "basic ", "token ", "digest ", "apikey ", "negotiate "];
    let same = |own: &&&str| text.get(..own.len()).is_some_and(|head| head.eq_ignore_ascii_case(own));
    SCHEMES.iter().find(same).map_or(0, |own| own.len())
}

fn fits(text: &str, kind: Kind, spot: Spot, weak: bool) -> bool {
    let found = Features::of(text);
    let letters = found.any(class::UPPER | class::LOWER | class::WIDE);
    let number = |digits: std::ops::RangeInclusive<u32>, most: usize| {
        digits.contains(&found.digits) && text.len() <= most && is_number_like(text)
    };
    match kind {
        Kind::Phone => phone::is_number(text),
        Kind::Password => is_password(text, found, weak),
        Kind::Token | Kind::ApiKey | Kind::Jwt | Kind::SessionId => is_token(text, found, spot, weak),
        Kind::Otp if weak => opacity(text) == Opacity::Digits && text.len() <= 8,
        Kind::Otp => number(3..=10, 12) && !text.contains('.'),
        Kind::Name if weak => {
            name::is_person(text) || name::is_uncased(text) || spot.key.has(flag::GUESSED) && name::is_single(text)
        }
        Kind::Name => letters && is_name(text, found),
        Kind::Username if weak => is_handle(text, found) || spot.key.has(flag::PERSON) && is_login(text, found),
        Kind::Username => {
            text.len() >= 2
                && text.len() <= 64
                && found.any(class::ALNUM | class::WIDE)
                && !found.any(class::SLASH | class::AT)
        }
        Kind::Dob => (4..=12).contains(&found.digits) && text.len() <= 40 && !found.all(class::COLON | class::SLASH),
        Kind::Address if weak => found.all(class::SPACE | class::DIGIT) && letters && text.len() <= 200,
        Kind::Address => is_place(text, found, letters),
        Kind::Plate => (2..=17).contains(&found.digits) && letters && is_plate(text, found),
        Kind::Passport if weak => is_document_number(text, found),
        Kind::Passport => {
            number(1..=12, 24)
                && (5..=24).contains(&text.len())
                && (letters || found.digits >= 5)
                && !is_slug_of_words(text, found)
        }
        Kind::MedicalId => number(4..=20, 28),
        Kind::Imei => number(14..=22, 26) && !letters,
        Kind::Card => number(12..=19, 26) && !letters,
        Kind::Iban => number(6..=34, 48),
        Kind::Mac => text.len() == 12 && text.bytes().all(|own| own.is_ascii_hexdigit()),
        Kind::Crypto => text.len() >= 25 && !matches!(opacity(text), Opacity::Plain | Opacity::Uuid | Opacity::Digits),
        Kind::Ip | Kind::Email => false,
        _ if weak => number(7..=20, 28) && is_national(text),
        _ => number(5..=20, 32),
    }
}

/// Words that stand where a value is missing, or that say something about it.
fn is_nothing(text: &str) -> bool {
    const WORDS: [&str; 30] = [
        "true",
        "false",
        "null",
        "none",
        "undefined",
        "nan",
        "yes",
        "no",
        "on",
        "off",
        "0",
        "1",
        "n/a",
        "na",
        "unknown",
        "empty",
        "hidden",
        "redacted",
        "required",
        "optional",
        "missing",
        "invalid",
        "valid",
        "expired",
        "present",
        "set",
        "unset",
        "default",
        "anonymous",
        "[object object]",
    ];
    text.len() <= 15 && WORDS.iter().any(|own| text.eq_ignore_ascii_case(own))
}

fn is_password(text: &str, found: Features, weak: bool) -> bool {
    if weak {
        // `Hunter2_7` is no slug, although its parts could be.
        let drawn = text.len() >= 8 && found.all(class::UPPER | class::LOWER | class::DIGIT) && !found.any(class::DASH);
        // Capitals and digits alone are a code.
        let code = found.bits & !(class::UPPER | class::DIGIT | class::DASH | class::UNDERSCORE) == 0;
        let mixed = found.any(class::DIGIT | class::OTHER) || found.all(class::UPPER | class::LOWER);
        return text.len() >= 6
            && !found.any(class::SPACE)
            && mixed
            && !code
            && found.any(class::LOWER | class::UPPER)
            && (!is_slug(text) || drawn);
    }
    text.len() <= 256 && !text.contains("://")
}

/// The id of an invoice, a payment or another object at Stripe (docs.stripe.com, "Expanding responses" and each object's `id`):
/// `in_1QW007ccBCkOYTVzy4sB46yd`. Keys and client secrets have other prefixes or go on behind `_secret_`.
fn is_object_id(text: &str) -> bool {
    const OBJECTS: [&str; 26] = [
        "in", "ii", "il", "pi", "ch", "py", "re", "pm", "cus", "sub", "si", "price", "prod", "plan", "evt", "txn",
        "po", "tr", "seti", "acct", "dp", "du", "qt", "promo", "fee", "ba",
    ];
    text.split_once('_').is_some_and(|(object, rest)| {
        OBJECTS.contains(&object)
            && (14..=32).contains(&rest.len())
            && rest.bytes().all(|own| own.is_ascii_alphanumeric())
    })
}

fn is_token(text: &str, found: Features, spot: Spot, weak: bool) -> bool {
    let (key, spot_is_value) = (spot.key, spot.place == Place::Value);
    // The project's own key is public, and an event without it is refused.
    if text.starts_with("phc_")
        || text.len() < 4
        || found.any(class::SPACE | class::BRACE | class::AT)
        || text.contains("://")
        || text.starts_with('/')
    {
        return false;
    }
    let opacity = opacity(text);
    if weak {
        let announced = key.has(flag::SECRETS_FOLLOW);
        // `content_hash` of a property is a digest; `hash` as a parameter of a link opens something.
        let digest = key.has(flag::DIGESTS) && spot_is_value;
        // `/reset?key=...`: page and parameter say it together.
        let linked = !spot_is_value && (announced || spot.key.has(flag::LINKED)) && !key.has(flag::DIGESTS);
        // State of a view in base64 says what it holds, and is looked through.
        if is_benign_base64(text) || is_object_id(text) {
            return false;
        }
        return match opacity {
            Opacity::Random => !digest,
            Opacity::Hex => announced || linked || (text.len() >= 32 && !digest),
            Opacity::Uuid => announced || (!spot_is_value && !key.has(flag::DIGESTS)),
            Opacity::Mixed => announced || linked || (!spot_is_value && text.len() >= 20),
            Opacity::Plain | Opacity::Digits => false,
        };
    }
    // `xwRik-8ag-qwzplzgwKmY` is no slug, although its parts could be.
    let drawn = text.len() >= 16 && found.all(class::UPPER | class::LOWER | class::DIGIT);
    let word = opacity == Opacity::Plain && !drawn && (text.len() < 16 || is_slug(text));
    !word || (found.any(class::DIGIT) && text.len() >= 6 && !is_slug(text))
}

/// Text in base64 that says something harmless: state of a view, filters. It is looked through, and stays if it holds
/// nothing.
pub(super) fn is_benign_base64(text: &str) -> bool {
    text.len() >= 8 && crate::scrub::base64::decode_text(text.trim_end_matches('=').as_bytes()).is_some()
}

/// `C4F2X9K1M`, `B31045109`: capitals and digits without a break, as states number documents; orders and invoices have words,
/// years and dashes.
fn is_document_number(text: &str, found: Features) -> bool {
    (7..=12).contains(&text.len()) && found.digits >= 2 && found.bits & !(class::UPPER | class::DIGIT) == 0
}

/// Words in lower case with at most three digits behind them: `expired-2024`, and no number of a document.
fn is_slug_of_words(text: &str, found: Features) -> bool {
    found.any(class::LOWER) && found.digits < 4 && is_slug(text)
}

/// At most seventeen characters, and at most one word in lower case: `dinner-plate-28cm` is none, `dubai 12345` may be one.
fn is_plate(text: &str, found: Features) -> bool {
    let words = || text.split(|own: char| !own.is_ascii_lowercase()).filter(|own| own.len() >= 4).count();
    text.chars().count() <= 17 && is_number_like(text) && !(found.any(class::LOWER) && words() > 1)
}

/// Letters, digits, and what stands between groups of them.
fn is_number_like(text: &str) -> bool {
    text.chars().all(|own| {
        own.is_alphanumeric()
            || matches!(
                own,
                ' ' | '-' | '.' | '·' | '・' | '/' | '\u{a0}' | '\u{2011}' | '#' | ':' | '_' | '+' | '(' | ')' | '*'
            )
    })
}

fn is_national(text: &str) -> bool {
    let mut digits = [0_u8; 20];
    let mut count = 0;
    for own in text.bytes().filter(u8::is_ascii_digit) {
        let Some(slot) = digits.get_mut(count) else { return false };
        *slot = own - b'0';
        count += 1;
    }
    text.bytes().all(|own| !own.is_ascii_alphabetic()) && digits.get(..count).is_some_and(national::is_any)
}

/// Anything with letters that could be a name, under a key that says so.
fn is_name(text: &str, found: Features) -> bool {
    text.len() <= 100
        && found.digits <= 3
        // `app_0Xxm3T` is an id.
        && !found.all(class::DIGIT | class::UNDERSCORE | class::UPPER | class::LOWER)
        && !found.any(class::AT | class::EQUALS | class::BRACE)
        && !text.contains("://")
        && !text.starts_with('/')
        && text.split_whitespace().count() <= 7
}

/// One word with a mark of a login in it, and no word of products or pages: `ada.l`, `xadax25`, `ada-lov36`.
fn is_handle(text: &str, found: Features) -> bool {
    let marked = found.any(class::DIGIT | class::UNDERSCORE | class::DOT);
    let mut words = text.split(|own: char| !own.is_alphabetic()).filter(|own| !own.is_empty());
    (4..=40).contains(&text.len())
        && marked
        // `trail-runner-2` names a page.
        && text.bytes().filter(|own| *own == b'-').count() < 2
        && found.any(class::LOWER | class::UPPER)
        && !found.any(class::SPACE | class::AT | class::SLASH | class::COLON)
        && words.all(|own| own.len() > 1 && !vocabulary::is_common(own))
}

/// One word of letters that is none of products and pages, where the key says `login`.
fn is_login(text: &str, found: Features) -> bool {
    (8..=40).contains(&text.len())
        && text.bytes().all(|own| own.is_ascii_lowercase())
        && found.bits & !class::LOWER == 0
        && !vocabulary::is_common(text)
}

fn is_place(text: &str, found: Features, letters: bool) -> bool {
    let words = text.split_whitespace().count() >= 2;
    letters
        && (found.any(class::DIGIT | class::WIDE) || words)
        && text.len() <= 250
        && !found.any(class::AT | class::EQUALS)
        && !text.contains("://")
        && !found.all(class::COLON | class::DIGIT)
        || (found.any(class::WIDE) && text.len() >= 6 && text.len() <= 250)
}

/// A segment of a path behind one that announces a secret: `/reset/3de541cf...`, `/invite/accept/a1b2c3d4e5`.
pub(super) fn is_secret_segment(text: &str, opacity: Opacity, before: Key) -> bool {
    match opacity {
        _ if is_object_id(text) => false,
        Opacity::Random | Opacity::Uuid | Opacity::Hex => true,
        Opacity::Mixed => !is_benign_base64(text),
        // `/verify/123456`; `/share/123456` is the number of a page.
        Opacity::Digits => (4..=8).contains(&text.len()) && matches!(before.kind, Some(Kind::Otp | Kind::Token)),
        Opacity::Plain => false,
    }
}

/// True where opaque text is a secret without any key: parameters and segments of paths.
pub(super) fn is_secret_anyway(text: &str, spot: Spot) -> bool {
    const KNOWN: u32 = flag::DIGESTS | flag::ATTRIBUTION | flag::STYLE | flag::PROTOCOL | flag::NUMBERS | flag::CODES;
    if text.len() < 20 || spot.place == Place::Value || spot.key.has(KNOWN) || opacity(text) != Opacity::Random {
        return false;
    }
    // A path in a parameter has segments of its own; base64 has a `/` as well, but no word before it.
    let path = text.split_once('/').is_some_and(|(first, _)| is_slug(first));
    !path && !is_benign_base64(text) && !is_object_id(text)
}
