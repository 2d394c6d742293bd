//! Opaque words for the paths of one install, given to people who agreed and to nobody else.
//!
//! There are no names by default: whatever a product ships becomes a rule on a list. Each install draws its own words
//! from the system's random source, as syllables that can be read out on the telephone, and turns down those that lists
//! know already. A word is no secret, it stands in pages: what guards an alias is the question at every arrival whether
//! this session has agreed. Recordings never get one.

use std::collections::BTreeMap;

use crate::config::aliases::Aliases;
use crate::config::upstream::Vendor;

/// Letters of the first part, and of the others: 8 and 6 were blocked by no list; 4 collide with rules.
const ROOT: usize = 8;
const LEAF: usize = 6;

/// Parts of words that lists match, names of the trade, and rude ones in some languages.
const VETOED: [&str; 46] = [
    "ad", "ads", "pub", "banner", "popu", "promo", "pixel", "beacon", "collect", "event", "track", "metric", "metrik",
    "stat", "count", "log", "data", "tele", "analy", "insight", "visit", "hit", "tag", "gtm", "utm", "piwik", "matomo",
    "umami", "plausi", "posthog", "hog", "ingest", "sex", "porn", "nazi", "kaka", "caca", "pipi", "puta", "kike",
    "nigg", "fuk", "fick", "tete", "zizi", "bite",
];

/// Plausible's paths that pages ask for; a site's own script (`/js/pa-...js`) comes on top.
const PLAUSIBLE: [&str; 2] = ["/api/event", "/js/script.js"];

/// PostHog's paths that pages ask for, whichever version of posthog-js they carry; `<token>` stands for the project's.
/// Recordings and the scripts that make them are not among them, nor is the toolbar, which is for the site's own staff.
const POSTHOG: [&str; 25] = [
    "/e/",
    "/i/v0/e/",
    "/i/v1/logs",
    "/engage/",
    "/flags/",
    "/decide/",
    "/array/<token>/config",
    "/array/<token>/config.js",
    "/api/early_access_features/",
    "/api/product_tours/",
    "/api/surveys/",
    "/api/web_experiments/",
    "/static/array.js",
    "/static/conversations.js",
    "/static/dead-clicks-autocapture.js",
    "/static/element-inference.js",
    "/static/exception-autocapture.js",
    "/static/logs.js",
    "/static/product-tours.js",
    "/static/surveys.js",
    "/static/tracing-headers.js",
    "/static/web-vitals.js",
    "/static/web-vitals-soft-navs.js",
    "/static/web-vitals-with-attribution.js",
    "/static/web-vitals-with-attribution-soft-navs.js",
];

/// A word on the short list that a text contains.
#[must_use]
pub fn veto(text: &str) -> Option<&'static str> {
    VETOED.into_iter().find(|bad| text.contains(bad))
}

/// Whether a vendor's path carries recordings, or the script that makes them.
#[must_use]
pub fn is_replay(path: &str) -> bool {
    let bare = path.trim_end_matches('/');
    matches!(bare, "/s" | "/i/v0/s") || path.starts_with("/s/") || path.contains("recorder") || path.contains("replay")
}

/// Whose words are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Drawn<'a> {
    /// Which vendor's paths get a word.
    pub vendor: Vendor,
    /// PostHog: the project's token, which stands in some of the paths.
    pub token: &'a str,
    /// Plausible: scripts beside `script.js`, by their names (`pa-...`).
    pub scripts: &'a [String],
}

/// Draws the words of an upstream. `random` fills bytes from the system's source.
///
/// # Errors
/// Those of `random`.
pub fn draw<E>(of: Drawn<'_>, mut random: impl FnMut(&mut [u8]) -> Result<(), E>) -> Result<Aliases, E> {
    let paths: Vec<String> = match of.vendor {
        Vendor::Plausible => {
            let scripts = of.scripts.iter().map(|name| format!("/js/{name}.js"));
            PLAUSIBLE.into_iter().map(ToOwned::to_owned).chain(scripts).collect()
        }
        Vendor::Posthog => POSTHOG.into_iter().map(|path| path.replace("<token>", of.token)).collect(),
    };
    let root = word(ROOT, &mut random)?;
    let mut words = BTreeMap::new();
    for path in paths {
        let leaf = loop {
            let leaf = word(LEAF, &mut random)?;
            if !words.values().any(|other| *other == leaf) {
                break leaf;
            }
        };
        words.insert(path, leaf);
    }
    Ok(Aliases { root, words, previous: Vec::new() })
}

/// Consonant and vowel in turn; every word that is not vetoed is as likely as any other.
fn word<E>(letters: usize, random: &mut impl FnMut(&mut [u8]) -> Result<(), E>) -> Result<String, E> {
    const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
    const VOWELS: &[u8; 5] = b"aeiou";
    loop {
        let mut word = String::with_capacity(letters);
        while word.len() < letters {
            let mut byte = [0];
            random(&mut byte)?;
            let [byte] = byte;
            // 240 = 16 times 15: below it each pair comes equally often.
            if byte >= 240 {
                continue;
            }
            let consonant = CONSONANTS.get(usize::from(byte % 16)).copied().unwrap_or(b'b');
            let vowel = VOWELS.get(usize::from(byte / 16 % 5)).copied().unwrap_or(b'a');
            word.push(char::from(consonant));
            word.push(char::from(vowel));
        }
        if veto(&word).is_none() {
            return Ok(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn drawn(vendor: Vendor) -> Aliases {
        draw(Drawn { vendor, token: "phc_a", scripts: &["pa-a".to_owned()] }, getrandom::fill).unwrap()
    }

    #[test]
    fn words_are_of_the_shape_that_no_list_blocks() {
        for vendor in [Vendor::Plausible, Vendor::Posthog] {
            let aliases = drawn(vendor);
            assert_eq!(aliases.root.len(), 8);
            assert!(aliases.words.values().all(|word| word.len() == 6 && word.bytes().all(|b| b.is_ascii_lowercase())));
            assert!(aliases.words.keys().all(|path| !is_replay(path)));
            for (path, _) in aliases.all() {
                assert!(!path.contains("phc_") && !path.contains("array") && veto(&path).is_none(), "{path}");
            }
        }
    }

    #[test]
    fn a_thousand_installs_share_no_root() {
        let roots: HashSet<String> = (0..1000).map(|_| drawn(Vendor::Plausible).root).collect();
        assert!(roots.len() >= 999, "{}", roots.len());
    }

    #[test]
    fn vetoed_words_are_never_drawn_and_recordings_are_known() {
        assert_eq!(veto("kotagulo"), Some("tag"));
        assert_eq!(veto("kelimoru"), None);
        for path in
            ["/s/", "/s", "/i/v0/s/", "/static/recorder.js", "/static/posthog-recorder.js", "/static/lazy-recorder.js"]
        {
            assert!(is_replay(path), "{path}");
        }
        assert!(!is_replay("/static/surveys.js"));
    }
}
