//! One request's keys, checked as the vendor checks them: what would be stored, or the answer's `errors`.
//!
//! Aliases and limits are those of plausible/analytics `lib/plausible/ingestion/request.ex`. Input: the decoded
//! keys. Failure: messages by field, among them url, domain, event_name, hash_mode and props.

use std::collections::BTreeMap;

use super::json::{Json, Number};
use super::location::{Location, trim_www};
use super::props::{self, Props, Revenue};

/// Messages by field.
pub(super) type Errors = BTreeMap<&'static str, Vec<&'static str>>;

/// Characters of an event name.
const NAME_CHARS: usize = 120;
/// Bytes of a page address, scheme, host and query included.
const URL_BYTES: usize = 2000;
/// Characters of a referrer; the rest is cut off.
const REFERRER_CHARS: usize = 2000;
/// Thirty days in milliseconds: no engagement is this long.
const LONGEST_ENGAGEMENT: i64 = 30 * 86_400_000;
/// What is stored for a scroll depth that is missing or unfit.
const SCROLL_MISSING: u8 = 255;

/// Names with a meaning of their own at the vendor.
const BUILT_IN: [&str; 8] = [
    "pageview",
    "engagement",
    "Outbound Link: Click",
    "Cloaked Link: Click",
    "File Download",
    "404",
    "WP Form Completions",
    "Form: Submission",
];
/// The built-in names that get a `path` property.
const PATH_EVENTS: [&str; 3] = ["404", "WP Form Completions", "Form: Submission"];

/// An event that passed the checks, before it is counted for its sites.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Submission {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) location: Location,
    pub(super) sites: Vec<String>,
    pub(super) referrer: Option<String>,
    pub(super) props: Props,
    pub(super) revenue: Option<Revenue>,
    pub(super) interactive: bool,
    /// Percent, and milliseconds; only of engagement events.
    pub(super) engagement: Option<(u8, i64)>,
    pub(super) hash_mode: bool,
    pub(super) version: i64,
}

/// Checks the keys.
pub(super) fn read(params: &Json) -> Result<Submission, Errors> {
    let mut errors = Errors::new();
    let mut fault = |field: &'static str, message: &'static str| errors.entry(field).or_default().push(message);

    let name = match name(params) {
        Ok(name) => name,
        Err(message) => {
            fault("event_name", message);
            String::new()
        }
    };
    let hash_mode = match params.either(&["h", "hashMode"]) {
        Json::Null => false,
        value => match value.integer() {
            Some(number) => number == 1,
            None => {
                fault("hash_mode", "is invalid");
                false
            }
        },
    };
    let url = match params.either(&["u", "url"]) {
        Json::Text(url) if url.len() > URL_BYTES => Err("must not be longer than 2000 bytes"),
        Json::Text(url) => Ok(url.as_str()),
        _ => Err("is required"),
    };
    let location = url.ok().map(|url| Location::of(url, hash_mode));
    if let Err(message) = url {
        fault("url", message);
    } else if location.as_ref().is_some_and(|location| location.scheme == "data") {
        fault("url", "scheme is not allowed");
    }
    let sites = sites(params, location.as_ref());
    if sites.is_empty() {
        fault("domain", "can't be blank");
    }
    let engagement = (name == "engagement").then(|| engagement(params)).transpose().unwrap_or_else(|message| {
        fault("event_name", message);
        None
    });
    let path = location.as_ref().map(|location| location.path.as_str());
    let props = props::read(params, path.filter(|_| PATH_EVENTS.contains(&name.as_str()))).unwrap_or_else(|_| {
        fault("props", "keys should have at most 300 bytes and values at most 2000");
        Props::new()
    });
    match (errors.is_empty(), url, location) {
        (true, Ok(url), Some(location)) => Ok(Submission {
            interactive: BUILT_IN.contains(&name.as_str())
                || ["i", "interactive"].iter().all(|key| params.get(key) != Some(&Json::Bool(false))),
            name,
            url: url.to_owned(),
            location,
            sites,
            referrer: referrer(params),
            props,
            revenue: props::revenue(params),
            engagement,
            hash_mode,
            version: params.get("v").and_then(Json::integer).unwrap_or(0),
        }),
        _ => Err(errors),
    }
}

fn name(params: &Json) -> Result<String, &'static str> {
    let name = match params.either(&["n", "name"]) {
        Json::Text(name) => name.clone(),
        Json::Number(Number::Integer(digits)) => digits.clone(),
        Json::Null => return Err("can't be blank"),
        _ => return Err("is invalid"),
    };
    if name.trim().is_empty() {
        Err("can't be blank")
    } else if name.chars().count() > NAME_CHARS {
        Err("should be at most 120 character(s)")
    } else {
        Ok(name)
    }
}

/// The sites of `d`, else of `domain`, else the host of the page.
fn sites(params: &Json, location: Option<&Location>) -> Vec<String> {
    match params.either(&["d", "domain"]) {
        Json::Text(list) if list.trim().is_empty() => Vec::new(),
        Json::Text(list) => list.split(',').map(|site| trim_www(site).to_owned()).collect(),
        Json::Null => location.and_then(|location| location.host.clone()).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn referrer(params: &Json) -> Option<String> {
    match params.either(&["r", "referrer"]) {
        Json::Text(referrer) => Some(referrer.chars().take(REFERRER_CHARS).collect()),
        _ => None,
    }
}

fn engagement(params: &Json) -> Result<(u8, i64), &'static str> {
    let scroll = params.get("sd").and_then(Json::integer).filter(|percent| *percent >= 0);
    let time = params.get("e").and_then(Json::integer).filter(|millis| (0..LONGEST_ENGAGEMENT).contains(millis));
    if scroll.is_none() && time.is_none() {
        return Err("engagement event requires a valid integer value for at least one of 'sd' or 'e' fields");
    }
    let depth = scroll.map_or(SCROLL_MISSING, |percent| u8::try_from(percent.min(100)).unwrap_or(100));
    Ok((depth, time.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::super::json::decode;
    use super::*;

    const PAGE: &str = r#""u":"https://a.test/x","d":"a.test""#;

    fn submit(body: &str) -> Result<Submission, Errors> {
        read(&decode(body.as_bytes()).unwrap())
    }

    fn with(keys: &str) -> Result<Submission, Errors> {
        submit(&format!("{{{keys},{PAGE}}}"))
    }

    fn fields(body: &str) -> Vec<&'static str> {
        submit(body).unwrap_err().into_keys().collect()
    }

    #[test]
    fn short_names_win_over_long_ones() {
        let event = submit(
            r#"{"name":"b","n":"a","url":"https://b.test","u":"https://a.test","domain":"b.test","d":"a.test","referrer":"b","r":"a"}"#,
        );
        let event = event.unwrap();
        assert_eq!(
            (event.name.as_str(), event.location.hostname(), event.sites.as_slice()),
            ("a", "a.test", &["a.test".to_owned()][..])
        );
        assert_eq!(event.referrer.as_deref(), Some("a"));
        let event =
            submit(r#"{"name":"b","n":null,"url":"https://b.test","u":false,"domain":"b.test","d":null}"#).unwrap();
        assert_eq!((event.name.as_str(), event.location.hostname()), ("b", "b.test"));
    }

    #[test]
    fn a_name_is_text_or_an_integer_of_at_most_120_characters() {
        assert_eq!(with(r#""n":404"#).unwrap().name, "404");
        assert!(with(&format!(r#""n":"{}""#, "ü".repeat(120))).is_ok());
        let refused = [
            r#""n":"""#.to_owned(),
            r#""n":"  ""#.into(),
            r#""n":1.5"#.into(),
            r#""n":true"#.into(),
            r#""n":["x"]"#.into(),
            r#""x":1"#.into(),
        ];
        for keys in refused.into_iter().chain([format!(r#""n":"{}""#, "x".repeat(121))]) {
            assert!(with(&keys).unwrap_err().contains_key("event_name"), "{keys}");
        }
        // An empty short name is truthy: the long one is not read.
        assert!(with(r#""n":"","name":"x""#).is_err());
    }

    #[test]
    fn the_page_address_is_text_of_at_most_2000_bytes() {
        let url = |url: &str| submit(&format!(r#"{{"n":"x","d":"a.test","u":"{url}"}}"#));
        let long = |bytes: usize| format!("https://a.test/?{}", "q".repeat(bytes - 16));
        assert!(url(&long(2000)).is_ok());
        assert!(url(&long(2001)).unwrap_err().contains_key("url"));
        assert!(url(&"ü".repeat(1001)).is_err());
        assert!(url("data:text/html,x").unwrap_err().contains_key("url"));
        for fine in ["", "/rel", "app://x/y", "file:///x", "chrome-extension://id/p"] {
            assert!(url(fine).is_ok(), "{fine}");
        }
        assert_eq!(fields(r#"{"n":"x","d":"a.test","u":1}"#), ["url"]);
        assert_eq!(fields("{}"), ["domain", "event_name", "url"]);
    }

    #[test]
    fn sites_are_a_comma_list_or_the_host() {
        let sites = |keys: &str| submit(&format!(r#"{{"n":"x",{keys}}}"#)).map(|event| event.sites.join("+"));
        assert_eq!(sites(r#""u":"/","d":" www.a.test , b.test""#).unwrap(), "a.test+b.test");
        assert_eq!(sites(r#""u":"https://www.a.test/x""#).unwrap(), "a.test");
        for bad in [r#""u":"/x""#, r#""u":"https://a.test","d":" ""#, r#""u":"https://a.test","d":7"#] {
            assert!(sites(bad).unwrap_err().contains_key("domain"), "{bad}");
        }
    }

    #[test]
    fn hash_mode_is_an_integer() {
        assert!(with(r#""n":"x","h":1"#).unwrap().hash_mode);
        assert!(with(r#""n":"x","hashMode":"1""#).unwrap().hash_mode);
        assert!(!with(r#""n":"x","h":0"#).unwrap().hash_mode);
        assert!(!with(r#""n":"x","h":false"#).unwrap().hash_mode);
        for bad in [r#""h":true"#, r#""h":"yes""#, r#""hashMode":false"#, r#""h":{}"#] {
            assert!(with(&format!(r#""n":"x",{bad}"#)).unwrap_err().contains_key("hash_mode"), "{bad}");
        }
    }

    #[test]
    fn a_referrer_is_cut_and_other_types_are_ignored() {
        assert_eq!(with(&format!(r#""n":"x","r":"{}""#, "r".repeat(2001))).unwrap().referrer.unwrap().len(), 2000);
        assert_eq!(with(r#""n":"x","r":7"#).unwrap().referrer, None);
    }

    #[test]
    fn engagement_needs_one_valid_number() {
        let of = |keys: &str| with(&format!(r#""n":"engagement",{keys}"#)).map(|event| event.engagement.unwrap());
        assert_eq!(of(r#""sd":30,"e":254"#).unwrap(), (30, 254));
        assert_eq!(of(r#""sd":"120""#).unwrap(), (100, 0));
        assert_eq!(of(r#""sd":-1,"e":"9""#).unwrap(), (255, 9));
        assert_eq!(of(r#""sd":5,"e":2592000000"#).unwrap(), (5, 0));
        for bad in [r#""sd":"x""#, r#""sd":-1"#, r#""e":1.5"#, r#""x":1"#, r#""e":-1,"sd":null"#] {
            assert!(of(bad).unwrap_err().contains_key("event_name"), "{bad}");
        }
        assert_eq!(with(r#""n":"x","sd":30"#).unwrap().engagement, None);
    }

    #[test]
    fn false_in_either_key_makes_a_custom_event_non_interactive() {
        assert!(!with(r#""n":"x","i":false"#).unwrap().interactive);
        assert!(!with(r#""n":"x","i":true,"interactive":false"#).unwrap().interactive);
        assert!(with(r#""n":"x","i":"false""#).unwrap().interactive);
        assert!(with(r#""n":"pageview","i":false"#).unwrap().interactive);
    }

    #[test]
    fn path_events_carry_their_path() {
        for name in PATH_EVENTS {
            assert_eq!(with(&format!(r#""n":"{name}""#)).unwrap().props["path"], "/x");
        }
        assert!(with(r#""n":404"#).unwrap().props.contains_key("path"));
        assert!(with(r#""n":"pageview""#).unwrap().props.is_empty());
    }

    #[test]
    fn oversized_props_refuse_the_event() {
        let keys = format!(r#""n":"x","p":{{"k":"{}"}}"#, "v".repeat(2001));
        assert!(with(&keys).unwrap_err().contains_key("props"));
    }

    #[test]
    fn unknown_keys_are_ignored_and_the_version_is_a_number() {
        assert_eq!(with(r#""n":"x","w":1280,"zz":1,"v":34"#).unwrap().version, 34);
        assert_eq!(with(r#""n":"x","v":"?""#).unwrap().version, 0);
    }
}
