//! The client address as the vendor takes it from headers, without any check of trust or form.
//!
//! Order: `X-Plausible-IP`, `CF-Connecting-IP`, `B-Forwarded-For`, `X-Forwarded-For`, `Forwarded`, the TCP peer
//! (plausible/analytics `lib/plausible_web/remote_ip.ex`). Failure: [`Crash`], which the vendor answers with 500.

use std::net::IpAddr;

use http::HeaderMap;

/// A `Forwarded` header without a lower-case `for=` crashes the vendor's reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Crash;

/// The address that decides visitor id, country and filters.
pub(super) fn of(headers: &HeaderMap, peer: IpAddr) -> Result<String, Crash> {
    // Of a repeated header only the first line is read.
    let first = |name: &str| headers.get(name).map(|value| latin1(value.as_bytes())).filter(|text| !text.is_empty());
    if let Some(address) = first("x-plausible-ip").or_else(|| first("cf-connecting-ip")) {
        return Ok(without_port(&address).to_owned());
    }
    if let Some(list) = first("b-forwarded-for").or_else(|| first("x-forwarded-for")) {
        let address = list.split(',').next().unwrap_or_default();
        return Ok(without_port(address.trim()).to_owned());
    }
    if let Some(forwarded) = first("forwarded") {
        let (_, address) = forwarded.split_once("for=").ok_or(Crash)?;
        let address = address.split([';', ',']).next().unwrap_or_default();
        return Ok(without_port(address.trim().trim_matches('"')).to_owned());
    }
    Ok(peer.to_string())
}

/// Header bytes as text, one character for each.
pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn without_port(address: &str) -> &str {
    if let Some(bracketed) = address.strip_prefix('[') {
        return bracketed.split(']').next().unwrap_or_default();
    }
    match address.split_once(':') {
        Some((host, port)) if host.contains('.') && port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn of_headers(headers: &[(&'static str, &'static str)]) -> Result<String, Crash> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        of(&map, IpAddr::from([127, 0, 0, 1]))
    }

    #[test]
    fn headers_outrank_each_other_in_a_fixed_order() {
        let mut headers = vec![
            ("x-plausible-ip", "1.1.1.1"),
            ("cf-connecting-ip", "2.2.2.2"),
            ("b-forwarded-for", "3.3.3.3"),
            ("x-forwarded-for", "4.4.4.4"),
            ("forwarded", "for=5.5.5.5"),
        ];
        for expected in ["1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4", "5.5.5.5", "127.0.0.1"] {
            assert_eq!(of_headers(&headers).as_deref(), Ok(expected));
            if !headers.is_empty() {
                headers.remove(0);
            }
        }
    }

    #[test]
    fn lists_give_their_first_element_and_whole_values_stay_whole() {
        assert_eq!(of_headers(&[("x-forwarded-for", " 9.9.9.9 , 10.0.0.1")]).unwrap(), "9.9.9.9");
        assert_eq!(of_headers(&[("x-forwarded-for", ",10.0.0.1")]).unwrap(), "");
        assert_eq!(of_headers(&[("x-plausible-ip", "9.9.9.9, 1.1.1.1")]).unwrap(), "9.9.9.9, 1.1.1.1");
        assert_eq!(of_headers(&[("x-forwarded-for", "unknown")]).unwrap(), "unknown");
        assert_eq!(of_headers(&[("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "2.2.2.2")]).unwrap(), "1.1.1.1");
    }

    #[test]
    fn ports_and_brackets_are_removed() {
        for (value, address) in [
            ("1.2.3.4:55", "1.2.3.4"),
            ("[2001:db8::1]:55", "2001:db8::1"),
            ("[::1]", "::1"),
            ("2001:db8::2", "2001:db8::2"),
        ] {
            assert_eq!(of_headers(&[("x-forwarded-for", value)]).unwrap(), address);
        }
    }

    #[test]
    fn forwarded_needs_a_lower_case_for() {
        assert_eq!(of_headers(&[("forwarded", "by=x;for=\"[2001:db8::3]:1\";proto=http")]).unwrap(), "2001:db8::3");
        assert_eq!(of_headers(&[("forwarded", "For=1.2.3.4")]), Err(Crash));
    }
}
