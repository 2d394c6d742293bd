//! Signals that are no answer to a question: Global Privacy Control, Do Not Track and the machine's own wish.
//!
//! They can only lower. `Sec-GPC: 1` counts when the header, taken as a list, holds exactly `1`: proxies and
//! HTTP/2 join repeated headers with commas (RFC 9110 section 5.3). `DNT` counts when its value begins with `1`
//! (W3C Tracking Preference Expression, section 5.2: extensions may follow). `DNT: 0` is not consent.

use http::HeaderMap;

use crate::level::Level;

/// What a browser's signal does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It is an objection: the verdict is denied.
    Deny,
    /// It lowers the level and leaves the verdict.
    Cap(Level),
    /// Nothing.
    Ignore,
}

impl Effect {
    /// Reads `deny`, `ignore` or `cap:<level>`.
    #[must_use]
    pub(super) fn from_word(word: &str) -> Option<Self> {
        match word {
            "deny" => Some(Self::Deny),
            "ignore" => Some(Self::Ignore),
            _ => word.strip_prefix("cap:").and_then(Level::from_word).map(Self::Cap),
        }
    }
}

/// The browser's signals of one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signals {
    /// `Sec-GPC: 1` was sent.
    pub gpc: bool,
    /// `DNT: 1` was sent.
    pub dnt: bool,
}

impl Signals {
    /// Reads the signals of a request's headers.
    #[must_use]
    pub fn read(headers: &HeaderMap) -> Self {
        let gpc = headers
            .get_all("sec-gpc")
            .iter()
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .any(|item| item.trim_ascii() == b"1");
        let dnt = headers.get_all("dnt").iter().any(|value| value.as_bytes().trim_ascii().starts_with(b"1"));
        Self { gpc, dnt }
    }
}

/// Whether `DO_NOT_TRACK` in the sidecar's environment asks for silence: set, and neither empty nor `0` nor
/// `false` (consoledonottrack.com asks for `1`). Then nothing leaves: every level is capped at `local`.
#[must_use]
pub fn do_not_track(value: Option<&str>) -> bool {
    value.is_some_and(|value| !matches!(value.trim(), "" | "0" | "false"))
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::{Effect, Signals, do_not_track};
    use crate::level::Level;

    fn signals(lines: &[(&'static str, &'static str)]) -> Signals {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        Signals::read(&headers)
    }

    #[test]
    fn gpc_counts_when_the_list_holds_exactly_one() {
        for sent in ["1", " 1", "0, 1", "1,1", "1 , 0"] {
            assert!(signals(&[("sec-gpc", sent)]).gpc, "{sent}");
        }
        for other in ["", "0", "true", "11", "1;x", "yes", "\"1\""] {
            assert!(!signals(&[("sec-gpc", other)]).gpc, "{other}");
        }
        assert!(signals(&[("sec-gpc", "0"), ("sec-gpc", "1")]).gpc);
    }

    #[test]
    fn dnt_counts_when_it_begins_with_one() {
        assert!(signals(&[("dnt", "1")]).dnt);
        assert!(signals(&[("dnt", "1xyz")]).dnt);
        assert!(!signals(&[("dnt", "0")]).dnt);
        assert!(!signals(&[("dnt", "null")]).dnt);
        assert_eq!(signals(&[]), Signals::default());
    }

    #[test]
    fn effects_are_deny_ignore_and_a_cap() {
        assert_eq!(Effect::from_word("deny"), Some(Effect::Deny));
        assert_eq!(Effect::from_word("ignore"), Some(Effect::Ignore));
        for level in Level::ALL {
            assert_eq!(Effect::from_word(&format!("cap:{level}")), Some(Effect::Cap(level)));
        }
        for wrong in ["", "Deny", "cap", "cap:", "cap:max", "cap: off"] {
            assert_eq!(Effect::from_word(wrong), None);
        }
    }

    #[test]
    fn do_not_track_is_asked_for_by_any_value_but_no() {
        assert!(do_not_track(Some("1")) && do_not_track(Some("true")));
        assert!(!do_not_track(None) && !do_not_track(Some("")) && !do_not_track(Some("0")));
    }
}
