//! From the bytes of a body to the JSON text that the vendor would read, in the vendor's order.
//!
//! Hints *and* looks count: posthog-js 1.449 sends gzip that nothing announces, older ones announce it in the query, a
//! form's field or a header, and one that is announced and not there is an error (PostHog/posthog
//! `rust/capture/src/v0_request.rs`, `rust/common/compression`). Whatever came in, one canonical form goes out, so the
//! vendor cannot read anything that we did not read.

use std::borrow::Cow;

use bytes::Bytes;

use super::endpoint::Endpoint;
use super::query::Query;
use super::refused::Refused;
use crate::payload::codec::{self, Undecodable};

/// What arrived.
#[derive(Debug, Clone)]
pub struct Sent<'a> {
    /// The query.
    pub query: &'a Query<'a>,
    /// The content type, if it is readable text.
    pub content_type: Option<&'a str>,
    /// The content encoding, likewise.
    pub content_encoding: Option<&'a str>,
    /// The body.
    pub body: Bytes,
}

/// A body that was decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The JSON text.
    pub text: String,
    /// It was compressed on the wire, so what leaves is compressed too.
    pub packed: bool,
}

impl From<Undecodable> for Refused {
    fn from(error: Undecodable) -> Self {
        match error {
            Undecodable::Broken => Self::Encoding,
            Undecodable::TooLarge => Self::TooLarge,
        }
    }
}

/// Decodes the body of an endpoint.
///
/// # Errors
/// [`Refused`], as the vendor would answer.
pub fn decode(endpoint: Endpoint, sent: Sent<'_>) -> Result<Decoded, Refused> {
    let cap = endpoint.decoded_limit();
    match endpoint {
        Endpoint::V1 | Endpoint::Optional(_) | Endpoint::Logs => second(sent, cap, endpoint == Endpoint::V1),
        Endpoint::Flags => flags(sent, cap),
        _ => first(sent, cap),
    }
}

/// The first protocol: base64 or form outside, compression inside, base64 once more on the oldest paths.
fn first(sent: Sent<'_>, cap: usize) -> Result<Decoded, Refused> {
    let mut bytes = match sent.query.get("data") {
        Some(data) => Bytes::from(data.replace(' ', "+")),
        None => sent.body,
    };
    if bytes.is_empty() {
        return Err(Refused::Empty);
    }
    let mut hint = Hint::of(sent.query.get("compression"));
    if !looks_like_form(&bytes)
        && looks_like_base64(&bytes)
        && let Ok(inner) = codec::unbase64(&bytes)
    {
        bytes = Bytes::from(inner);
    }
    if essence(sent.content_type) == Some("application/x-www-form-urlencoded") && !codec::is_gzip(&bytes) {
        let form = Form::read(&bytes);
        hint = hint.or(Hint::of(form.compression.as_deref()));
        let data = form.data.ok_or(Refused::Encoding)?;
        // A form that was not escaped turns the plus of base64 into a blank; lz-string's text is base64 too.
        bytes = Bytes::from(data.replace(' ', "+"));
    }
    hint = hint.or(Hint::of(sent.content_encoding));
    let gzip = |bytes: &[u8]| codec::gunzip(bytes, cap).map(Bytes::from).map_err(Refused::from);
    let mut packed = true;
    if hint == Hint::Lz {
        let text = std::str::from_utf8(&bytes).map_err(|_| Refused::Encoding)?;
        return Ok(Decoded { text: codec::unlz(text, cap)?, packed: true });
    } else if codec::is_gzip(&bytes) || hint == Hint::Gzip {
        bytes = gzip(&bytes)?;
    } else {
        packed = false;
    }
    // Base64 that was not seen above: inside a form, or around compressed bytes.
    if looks_like_base64(&bytes)
        && let Ok(inner) = codec::unbase64(&bytes)
    {
        bytes = if codec::is_gzip(&inner) {
            packed = true;
            gzip(&inner)?
        } else {
            Bytes::from(inner)
        };
    }
    Ok(Decoded { text: utf8(bytes, cap)?, packed })
}

/// `/flags`: JSON or plain text, gzip by hint or look, base64 as a last resort; or base64 in a form.
fn flags(sent: Sent<'_>, cap: usize) -> Result<Decoded, Refused> {
    let mut bytes = match sent.query.get("data") {
        Some(data) => Bytes::from(data.replace(' ', "+")),
        None => sent.body,
    };
    match essence(sent.content_type) {
        Some("application/x-www-form-urlencoded") if !codec::is_gzip(&bytes) => {
            let data = Form::read(&bytes).data.ok_or(Refused::Encoding)?;
            bytes = Bytes::from(data.replace(' ', "+"));
        }
        None | Some("application/json" | "text/plain" | "application/x-www-form-urlencoded") => {}
        Some(_) => return Err(Refused::ContentType),
    }
    if bytes.is_empty() {
        return Err(Refused::Empty);
    }
    let hint = Hint::of(sent.query.get("compression")).or(Hint::of(sent.content_encoding));
    let mut packed = false;
    if codec::is_gzip(&bytes) || hint == Hint::Gzip {
        bytes = Bytes::from(codec::gunzip(&bytes, cap)?);
        packed = true;
    }
    if looks_like_base64(&bytes)
        && let Ok(inner) = codec::unbase64(&bytes)
    {
        bytes = Bytes::from(if codec::is_gzip(&inner) { codec::gunzip(&inner, cap)? } else { inner });
    }
    Ok(Decoded { text: utf8(bytes, cap)?, packed })
}

/// The second protocol: what `Content-Encoding` says, and gzip by its look where a browser sends it.
fn second(sent: Sent<'_>, cap: usize, strict: bool) -> Result<Decoded, Refused> {
    if strict && essence(sent.content_type) != Some("application/json") {
        return Err(Refused::ContentType);
    }
    if sent.body.is_empty() {
        return Err(Refused::Empty);
    }
    let encoding = sent.content_encoding.map(|name| name.trim().to_ascii_lowercase());
    let bytes = match encoding.as_deref() {
        Some("gzip" | "x-gzip") => codec::gunzip(&sent.body, cap)?,
        Some("deflate") => codec::inflate(&sent.body, cap)?,
        Some("br") => codec::unbrotli(&sent.body, cap)?,
        Some("zstd") => codec::unzstd(&sent.body, cap)?,
        None | Some("" | "identity") if codec::is_gzip(&sent.body) && !strict => codec::gunzip(&sent.body, cap)?,
        None | Some("" | "identity") => {
            return Ok(Decoded { text: utf8(sent.body, cap)?, packed: false });
        }
        Some(_) => return Err(Refused::ContentType),
    };
    Ok(Decoded { text: utf8(Bytes::from(bytes), cap)?, packed: true })
}

/// Without another handle on the bytes this moves them.
fn utf8(bytes: Bytes, cap: usize) -> Result<String, Refused> {
    if bytes.len() > cap {
        return Err(Refused::TooLarge);
    }
    String::from_utf8(Vec::from(bytes)).map_err(|_| Refused::Encoding)
}

/// The media type without its parameters, lower case only as clients send it.
fn essence(content_type: Option<&str>) -> Option<&str> {
    content_type.map(|value| value.split(';').next().unwrap_or_default().trim())
}

/// What a client says about its encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hint {
    None,
    Gzip,
    Lz,
    /// Base64 is found by its look.
    Base64,
}

impl Hint {
    fn of(word: Option<&str>) -> Self {
        match word.map(str::trim) {
            Some("gzip" | "gzip-js" | "x-gzip") => Self::Gzip,
            Some("lz64" | "lz-string") => Self::Lz,
            Some("base64" | "b64") => Self::Base64,
            _ => Self::None,
        }
    }

    fn or(self, other: Self) -> Self {
        if self == Self::None { other } else { self }
    }
}

/// How many bytes the vendor looks at to tell a form or base64.
const LOOK: usize = 128;

fn looks_like_form(bytes: &[u8]) -> bool {
    let head = bytes.get(..LOOK.min(bytes.len())).unwrap_or_default();
    let is_there = |name: &[u8]| head.windows(name.len()).any(|window| window == name);
    is_there(b"data=") || is_there(b"compression=") || head.starts_with(b"_=") || is_there(b"&_=") || is_there(b"ip=")
}

fn looks_like_base64(bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii();
    let head = bytes.get(..LOOK.min(bytes.len())).unwrap_or_default();
    !head.is_empty()
        && bytes.len().is_multiple_of(4)
        && head.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte))
}

/// The fields of a form that count.
#[derive(Default)]
struct Form {
    data: Option<String>,
    compression: Option<String>,
}

impl Form {
    fn read(bytes: &[u8]) -> Self {
        let mut form = Self::default();
        for pair in bytes.split(|byte| *byte == b'&').take(64) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
            let slot = match name {
                b"data" => &mut form.data,
                b"compression" => &mut form.compression,
                _ => continue,
            };
            if slot.is_none() {
                let spaced: Vec<u8> = value.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
                *slot = percent_encoding::percent_decode(&spaced).decode_utf8().ok().map(Cow::into_owned);
            }
        }
        form
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    const EVENT: &str = r#"{"event":"$pageview","properties":{"token":"phc_a","distinct_id":"d"}}"#;

    fn read(
        endpoint: Endpoint,
        query: &str,
        kind: &str,
        encoding: Option<&str>,
        body: &[u8],
    ) -> Result<Decoded, Refused> {
        let query = Query::of(Some(query));
        let sent = Sent {
            query: &query,
            content_type: Some(kind),
            content_encoding: encoding,
            body: Bytes::copy_from_slice(body),
        };
        decode(endpoint, sent)
    }

    #[test]
    fn every_client_s_encoding_is_read() {
        let gzip = codec::gzip(&[EVENT]);
        let base64 = STANDARD.encode(EVENT);
        let form = |data: &str| {
            let data: String =
                percent_encoding::utf8_percent_encode(data, percent_encoding::NON_ALPHANUMERIC).collect();
            format!("data={data}&compression=base64").into_bytes()
        };
        let lz = lz_str::compress_to_base64(EVENT);
        let lz_form =
            format!("data={}&compression=lz64", lz.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"));
        let is_read = |got: Result<Decoded, Refused>| assert_eq!(got.unwrap().text, EVENT);
        for endpoint in [Endpoint::Events, Endpoint::Batch, Endpoint::Replay, Endpoint::Flags] {
            is_read(read(endpoint, "", "text/plain", None, &gzip));
            is_read(read(endpoint, "compression=gzip-js&_=1", "text/plain", None, &gzip));
            is_read(read(endpoint, "", "application/json", Some("gzip"), &gzip));
            is_read(read(endpoint, "", "application/json", None, EVENT.as_bytes()));
            is_read(read(endpoint, "compression=base64", "application/x-www-form-urlencoded", None, &form(&base64)));
            is_read(read(endpoint, "", "text/plain", None, base64.as_bytes()));
        }
        let plus = format!("data={base64}");
        is_read(read(Endpoint::Events, "", "application/x-www-form-urlencoded", None, plus.as_bytes()));
        is_read(read(Endpoint::Events, "", "application/x-www-form-urlencoded", None, lz_form.as_bytes()));
        let query = format!("data={}", base64.replace('=', "%3D"));
        is_read(read(Endpoint::Events, &query, "text/plain", None, b""));
        is_read(read(Endpoint::V1, "", "application/json", Some("gzip"), &gzip));
        is_read(read(Endpoint::V1, "", "application/json", None, EVENT.as_bytes()));
    }

    #[test]
    fn a_lie_is_refused_as_the_vendor_refuses_it() {
        let gzip = codec::gzip(&[EVENT]);
        let lying = read(Endpoint::Events, "compression=gzip", "text/plain", None, EVENT.as_bytes());
        assert_eq!(lying, Err(Refused::Encoding));
        let truncated = gzip.get(..gzip.len() - 9).unwrap();
        assert_eq!(read(Endpoint::Events, "", "text/plain", None, truncated), Err(Refused::Encoding));
        assert_eq!(read(Endpoint::V1, "", "text/plain", None, EVENT.as_bytes()), Err(Refused::ContentType));
        assert_eq!(read(Endpoint::V1, "", "application/json", Some("lzma"), b"x"), Err(Refused::ContentType));
        assert_eq!(read(Endpoint::Flags, "", "image/png", None, EVENT.as_bytes()), Err(Refused::ContentType));
        assert_eq!(read(Endpoint::Events, "", "text/plain", None, b""), Err(Refused::Empty));
    }

    #[test]
    fn a_bomb_is_too_large() {
        let bomb = codec::gzip(&[vec![b' '; 60_000_000]]);
        for endpoint in [Endpoint::Events, Endpoint::Batch, Endpoint::Replay, Endpoint::Flags] {
            assert_eq!(read(endpoint, "", "text/plain", None, &bomb), Err(Refused::TooLarge));
        }
    }
}
