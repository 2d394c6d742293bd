//! Query strings and urlencoded forms.

use percent_encoding::percent_decode_str;

/// The pairs of a query string or a form, decoded; `+` is a blank.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let word = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (word(name), word(value)))
        .collect()
}

/// The first value of a name in a query string.
pub(super) fn value(query: &str, wanted: &str) -> Option<String> {
    pairs(query).into_iter().find(|(name, _)| name == wanted).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded() {
        assert_eq!(value("v=2&token=a%2Bb&x=a+b", "token").unwrap(), "a+b");
        assert_eq!(value("v=2&x=a+b", "x").unwrap(), "a b");
        assert_eq!(value("beacon", "beacon").unwrap(), "");
        assert_eq!(value("a=1", "b"), None);
    }
}
