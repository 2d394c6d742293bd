//! Custom properties and revenue as the vendor stores them.
//!
//! Order of work, from plausible/analytics `lib/plausible/ingestion/request.ex`: decode, drop what has no text,
//! reverse, put `path` in front for the three path events, take 30, and only then check the byte limits. Output:
//! the stored properties, or the whole event's refusal.

use std::collections::BTreeMap;

use serde::Serialize;

use super::json::{Json, decode};

/// Properties of one event.
pub type Props = BTreeMap<String, String>;

/// Properties that survive; more is no error, some are just gone.
const KEPT: usize = 30;
/// Bytes of a key; more refuses the event.
const KEY_BYTES: usize = 300;
/// Bytes of a value; more refuses the event.
const VALUE_BYTES: usize = 2000;
/// A map of the Erlang runtime is sorted by key up to this size and ordered by hash above it.
const SORTED: usize = 32;

/// A key or a value is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong;

/// Reads the properties under the first truthy of `m`, `meta`, `p`, `props`. `path` is the page's path if the
/// event is one of the three that carry it.
pub(super) fn read(params: &Json, path: Option<&str>) -> Result<Props, TooLong> {
    let decoded;
    let members = match params.either(&["m", "meta", "p", "props"]) {
        Json::Map(members) => members.as_slice(),
        Json::Text(text) => {
            decoded = decode(text.as_bytes());
            match &decoded {
                Ok(Json::Map(members)) => members.as_slice(),
                Ok(_) | Err(_) => &[],
            }
        }
        _ => &[],
    };
    let mut entries: Vec<&(String, Json)> = members.iter().collect();
    if entries.len() <= SORTED {
        entries.sort_by(|(left, _), (right, _)| left.cmp(right));
    } else {
        entries.sort_by_key(|(key, _)| scattered(key));
    }
    let stored = entries.into_iter().filter(|(key, _)| !key.trim().is_empty());
    let stored = stored.filter_map(|(key, value)| Some((key.clone(), value.stored()?)));
    let mut kept: Vec<(String, String)> = stored.filter(|(_, value)| !value.trim().is_empty()).collect();
    kept.reverse();
    if let Some(path) = path.filter(|_| kept.iter().all(|(key, _)| key != "path")) {
        kept.insert(0, ("path".to_owned(), path.to_owned()));
    }
    kept.truncate(KEPT);
    if kept.iter().any(|(key, value)| key.len() > KEY_BYTES || value.len() > VALUE_BYTES) {
        return Err(TooLong);
    }
    Ok(kept.into_iter().collect())
}

/// A fixed order that follows nothing (FNV-1a): which properties a map of more than 32 loses cannot be foretold.
fn scattered(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A revenue amount as stored. The vendor stores it only for a goal with that currency; this one always does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revenue {
    /// Decimal text.
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
}

/// Reads `revenue`, else `$`: an object or its JSON text. Anything unfit is no revenue and no error.
pub(super) fn revenue(params: &Json) -> Option<Revenue> {
    let decoded;
    let object = match params.either(&["revenue", "$"]) {
        Json::Text(text) => {
            decoded = decode(text.as_bytes()).ok()?;
            &decoded
        }
        other => other,
    };
    let amount = match object.get("amount")? {
        value @ (Json::Text(_) | Json::Number(_)) => value.stored()?,
        _ => return None,
    };
    let currency = match object.get("currency")? {
        Json::Text(code) => code.clone(),
        _ => return None,
    };
    (is_decimal(&amount) && CURRENCIES.split(' ').any(|code| code == currency)).then_some(Revenue { amount, currency })
}

fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = |text: &str| digits(text.strip_prefix(['+', '-']).unwrap_or(text));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    unsigned(whole) && digits(fraction) && unsigned(exponent)
}

/// ISO 4217, active codes.
const CURRENCIES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN \
    BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD \
    GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR \
    LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP \
    PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP \
    TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG";

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(body: &str) -> Props {
        read(&decode(body.as_bytes()).unwrap(), None).unwrap()
    }

    fn keys(props: &Props) -> String {
        props.keys().cloned().collect::<Vec<_>>().join(" ")
    }

    fn many(prefix: &str, count: usize, more: &str) -> String {
        let members: Vec<String> = (0..count).map(|i| format!("\"{prefix}{i:02}\":1")).collect();
        format!("{{\"p\":{{{}{more}}}}}", members.join(","))
    }

    #[test]
    fn the_first_truthy_name_wins_and_the_others_are_not_read() {
        assert_eq!(keys(&stored(r#"{"props":{"d":1},"p":{"c":1},"meta":{"b":1},"m":{"a":1}}"#)), "a");
        assert_eq!(keys(&stored(r#"{"props":{"d":1},"p":{"c":1},"m":null,"meta":false}"#)), "c");
        assert_eq!(keys(&stored(r#"{"props":{"d":1},"p":{}}"#)), "");
        assert_eq!(keys(&stored(r#"{"props":{"d":1},"m":""}"#)), "");
    }

    #[test]
    fn props_may_be_json_text_and_anything_else_is_none() {
        assert_eq!(keys(&stored(r#"{"p":"{\"a\":1}"}"#)), "a");
        for body in [r#"{"p":"[1]"}"#, r#"{"p":"{"}"#, r#"{"p":[{"a":1}]}"#, r#"{"p":7}"#, r#"{"p":true}"#, "{}"] {
            assert_eq!(stored(body), Props::new(), "{body}");
        }
    }

    #[test]
    fn values_without_text_are_dropped_and_scalars_become_text() {
        let props = stored(
            "{\"p\":{\"null\":null,\"empty\":\"\",\"blank\":\" \u{a0}\\t\",\"list\":[1],\"map\":{\"x\":1},\" \":\"x\",
              \"yes\":true,\"no\":false,\"int\":12345678901234567890123,\"float\":1.50,\"text\":\" a \"}}",
        );
        assert_eq!(keys(&props), "float int no text yes");
        assert_eq!(props["int"], "12345678901234567890123");
        assert_eq!(props["float"], "1.5");
        assert_eq!(props["no"], "false");
        assert_eq!(props["text"], " a ");
    }

    #[test]
    fn up_to_32_keys_the_bytewise_smallest_are_lost() {
        let props = stored(&many("k", 30, r#","userId":"u""#));
        assert_eq!(props.len(), 30);
        assert!(!props.contains_key("k00") && props.contains_key("userId"));
        let props = stored(&many("z", 30, r#","userId":"u""#));
        assert!(!props.contains_key("userId") && props.contains_key("z00"));
    }

    #[test]
    fn values_that_are_dropped_do_not_count() {
        let props = stored(&many("k", 30, r#","userId":null"#));
        assert_eq!(props.len(), 30);
        assert!(props.contains_key("k00"));
    }

    #[test]
    fn above_32_keys_thirty_are_left_whichever_they_are() {
        assert_eq!(stored(&many("k", 50, "")).len(), 30);
    }

    #[test]
    fn a_path_event_has_one_place_less_unless_it_brings_its_path() {
        let with_path = |body: &str| read(&decode(body.as_bytes()).unwrap(), Some("/gone")).unwrap();
        let props = with_path(&many("k", 30, ""));
        assert_eq!((props.len(), props["path"].as_str(), props.contains_key("k00")), (30, "/gone", false));
        assert_eq!(with_path(r#"{"p":{"path":"/own"}}"#)["path"], "/own");
        assert_eq!(with_path(r#"{"p":{"path":""}}"#)["path"], "/gone");
    }

    #[test]
    fn byte_limits_refuse_the_event_and_are_checked_after_the_cut() {
        let one = |key: &str, value: &str| {
            read(&decode(format!(r#"{{"p":{{"{key}":"{value}"}}}}"#).as_bytes()).unwrap(), None)
        };
        assert!(one(&"k".repeat(300), &"v".repeat(2000)).is_ok());
        assert_eq!(one(&"k".repeat(301), "v"), Err(TooLong));
        assert_eq!(one("k", &"v".repeat(2001)), Err(TooLong));
        assert_eq!(one("k", &"ü".repeat(1001)), Err(TooLong));
        let cut = many("k", 30, &format!(r#","a":"{}""#, "v".repeat(3000)));
        assert_eq!(stored(&cut).len(), 30);
    }

    #[test]
    fn revenue_reads_the_long_name_first_and_drops_what_is_unfit() {
        let of =
            |body: &str| revenue(&decode(body.as_bytes()).unwrap()).map(|r| format!("{} {}", r.amount, r.currency));
        assert_eq!(
            of(r#"{"$":{"amount":1,"currency":"USD"},"revenue":{"amount":"9.99","currency":"EUR"}}"#),
            Some("9.99 EUR".into())
        );
        assert_eq!(of(r#"{"$":"{\"amount\":1322.22,\"currency\":\"USD\"}"}"#), Some("1322.22 USD".into()));
        for unfit in [
            r#"{"$":{}}"#,
            r#"{"$":{"amount":1}}"#,
            r#"{"$":{"amount":"x","currency":"EUR"}}"#,
            r#"{"$":{"amount":1,"currency":"XYZ"}}"#,
            r#"{"$":{"amount":true,"currency":"EUR"}}"#,
            r#"{"$":"nope"}"#,
            r#"{"revenue":{},"$":{"amount":1,"currency":"EUR"}}"#,
        ] {
            assert_eq!(of(unfit), None, "{unfit}");
        }
    }
}
