//! The query of a request: what the decoder needs of it, and what of it leaves.
//!
//! The vendor's own parameters pass, or remote configuration and skew correction break (PostHog/posthog-js issue 2033);
//! the hint of an encoding that we undid does not, nor does anything that could carry an id or text.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Parameters whose values pass when they are short words or numbers.
const KNOWN: [&str; 14] = [
    "_",
    "ip",
    "ver",
    "v",
    "config",
    "retry_count",
    "beacon",
    "token",
    "api_key",
    "send_cohorts",
    "only_evaluate_survey_feature_flags",
    "t",
    "lib",
    "sdk",
];
/// The longest value that passes: a project's token has up to 64 bytes.
const LONGEST: usize = 64;

/// A query, taken apart.
#[derive(Debug, Clone, Default)]
pub struct Query<'q> {
    pairs: Vec<(Cow<'q, str>, Cow<'q, str>)>,
}

impl<'q> Query<'q> {
    /// Takes a query apart. Every pair is looked at: the server bounds the head, and a token may hide at its end.
    #[must_use]
    pub fn of(query: Option<&'q str>) -> Self {
        let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        Self {
            pairs: pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (text(name), text(value))
                })
                .collect(),
        }
    }

    /// The first value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(own, _)| own == name).map(|(_, value)| &**value)
    }

    /// Every value of a parameter.
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.pairs.iter().filter(move |(own, _)| own == name).map(|(_, value)| &**value)
    }

    /// True when `beacon=1`: the page left, and the answer is 204.
    #[must_use]
    pub fn is_beacon(&self) -> bool {
        self.get("beacon") == Some("1")
    }

    /// The query that leaves.
    #[must_use]
    pub fn outgoing(&self) -> String {
        let mut out = String::new();
        for (name, value) in &self.pairs {
            let word = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            let known = KNOWN.contains(&&**name) && value.len() <= LONGEST && value.bytes().all(word);
            // A parameter of a later version: a switch or a small number says nothing about a person.
            let switch = name.len() <= 40
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && (matches!(&**value, "true" | "false")
                    || (value.len() <= 3 && value.bytes().all(|byte| byte.is_ascii_digit())));
            if known || switch {
                out.push_str(if out.is_empty() { "" } else { "&" });
                out.push_str(name);
                out.push('=');
                out.push_str(value);
            }
        }
        out
    }
}

fn text(part: &str) -> Cow<'_, str> {
    let part = if part.contains('+') { Cow::Owned(part.replace('+', " ")) } else { Cow::Borrowed(part) };
    match part {
        Cow::Borrowed(part) => percent_decode_str(part).decode_utf8_lossy(),
        Cow::Owned(part) => Cow::Owned(percent_decode_str(&part).decode_utf8_lossy().into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendor_s_parameters_survive() {
        let query = Query::of(Some("compression=gzip-js&ip=1&_=1795190145243&ver=1.250.0&beacon=1&v=2&config=true"));
        assert_eq!(query.get("compression"), Some("gzip-js"));
        assert!(query.is_beacon());
        assert_eq!(query.outgoing(), "ip=1&_=1795190145243&ver=1.250.0&beacon=1&v=2&config=true");
    }

    #[test]
    fn nothing_that_could_name_somebody_does() {
        let query = Query::of(Some(
            "data=eyJ9&distinct_id=42424242&email=a%40b.example&new_switch=1&v=a%26b&_=%0d%0a&lib=a%40b.example",
        ));
        assert_eq!(query.outgoing(), "new_switch=1");
        assert_eq!(Query::of(None).outgoing(), "");
    }
}
