//! The three ways to hand a request to `explain`: HTTP text, a HAR entry, a curl line.
//!
//! Input is a person's paste: bounded, and every refusal says what is missing.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use serde_json::Value;

use crate::arrived::Arrived;
use crate::client_address::Peer;

/// Larger pastes are refused.
pub(super) const MAX_BYTES: usize = 32 * 1024 * 1024;

/// Why a paste is no request.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    /// Not one of the three.
    #[error("this is neither HTTP text (\"POST /api/event HTTP/1.1\"), nor a HAR entry (JSON), nor a curl line")]
    Unknown,
    /// JSON without a request in it.
    #[error("the JSON holds no HAR request: expected an object with `request`, or a HAR file with `log.entries`")]
    NoEntry,
    /// A part is missing or wrong.
    #[error("{0}")]
    Part(String),
}

fn part(text: impl Into<String>) -> Unreadable {
    Unreadable::Part(text.into())
}

/// Reads a request in whichever form it is. `entry` chooses one of several HAR entries, counted from 1.
pub(super) fn read(text: &str, entry: Option<usize>, peer: Peer) -> Result<Arrived, Unreadable> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let start = text.trim_start();
    if start.starts_with('{') {
        har(start, entry, peer)
    } else if start.starts_with("curl ") || start.starts_with("curl\t") {
        curl(start, peer)
    } else {
        http_text(start, peer)
    }
}

struct Parts {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Parts {
    fn arrive(self, peer: Peer) -> Result<Arrived, Unreadable> {
        let method: Method = self.method.parse().map_err(|_| part(format!("{:?} is no method", self.method)))?;
        let uri: Uri = self.target.parse().map_err(|_| part("the request's address is no address"))?;
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers {
            // HTTP/2 pseudo headers stand in HAR files of Chromium.
            if name.starts_with(':') {
                continue;
            }
            let bad = || part(format!("header {name:?} has a form that HTTP does not allow"));
            let value = HeaderValue::from_str(&value).map_err(|_| bad())?;
            headers.append(HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?, value);
        }
        let host = headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
        let authority = uri.authority().map(ToString::to_string).or_else(|| host.map(ToOwned::to_owned));
        Ok(Arrived {
            method,
            path: uri.path().to_owned(),
            query: uri.query().map(ToOwned::to_owned),
            authority: authority.ok_or_else(|| part("the request has no Host header"))?,
            headers,
            body: Bytes::from(self.body),
            peer,
        })
    }
}

fn http_text(text: &str, peer: Peer) -> Result<Arrived, Unreadable> {
    let (head, body) = ["\r\n\r\n", "\n\n"]
        .iter()
        .filter_map(|end| text.split_once(end))
        .min_by_key(|(head, _)| head.len())
        .unwrap_or((text, ""));
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split_whitespace();
    let (Some(method), Some(target), Some(version)) = (first.next(), first.next(), first.next()) else {
        return Err(Unreadable::Unknown);
    };
    if !version.starts_with("HTTP/") {
        return Err(Unreadable::Unknown);
    }
    let header = |line: &str| {
        let (name, value) = line.split_once(':').ok_or_else(|| part("a header line has no colon"))?;
        Ok((name.trim().to_owned(), value.trim().to_owned()))
    };
    let headers = lines.map(header).collect::<Result<_, Unreadable>>()?;
    // An editor ends the file with a line feed that was not part of the body.
    let body = body.strip_suffix('\n').unwrap_or(body);
    Parts { method: method.into(), target: target.into(), headers, body: body.into() }.arrive(peer)
}

fn har(text: &str, entry: Option<usize>, peer: Peer) -> Result<Arrived, Unreadable> {
    let value: Value = serde_json::from_str(text).map_err(|error| part(format!("the HAR is no JSON: {error}")))?;
    let request = match value.pointer("/log/entries").and_then(Value::as_array) {
        Some(entries) => {
            let is_post = |entry: &&Value| entry.pointer("/request/method").and_then(Value::as_str) == Some("POST");
            let chosen = match entry {
                Some(number) => entries.get(number.wrapping_sub(1)),
                None => entries.iter().find(is_post),
            };
            let all = entries.len();
            let chosen = chosen.ok_or_else(|| part(format!("the HAR has {all} entries; choose one with --entry N")))?;
            chosen.get("request")
        }
        None => value.get("request"),
    };
    let request = request.ok_or(Unreadable::NoEntry)?;
    let text = |pointer: &str| request.pointer(pointer).and_then(Value::as_str).map(ToOwned::to_owned);
    let pair = |header: &Value| Some((header["name"].as_str()?.to_owned(), header["value"].as_str()?.to_owned()));
    let headers = request.get("headers").and_then(Value::as_array).into_iter().flatten().filter_map(pair).collect();
    Parts {
        method: text("/method").ok_or(Unreadable::NoEntry)?,
        target: text("/url").ok_or(Unreadable::NoEntry)?,
        headers,
        body: text("/postData/text").unwrap_or_default().into_bytes(),
    }
    .arrive(peer)
}

fn curl(text: &str, peer: Peer) -> Result<Arrived, Unreadable> {
    let mut words = words(text)?.into_iter().skip(1);
    let mut parts = Parts { method: String::new(), target: String::new(), headers: Vec::new(), body: Vec::new() };
    let mut data = false;
    while let Some(word) = words.next() {
        let (option, attached) = match word.strip_prefix("--").and_then(|long| long.split_once('=')) {
            Some((name, value)) => (format!("--{name}"), Some(value.to_owned())),
            None => (word, None),
        };
        let mut value =
            || attached.clone().or_else(|| words.next()).ok_or_else(|| part(format!("{option} has no value")));
        match option.as_str() {
            "-X" | "--request" => parts.method = value()?,
            "-H" | "--header" => {
                let line = value()?;
                let (name, text) = line.split_once(':').ok_or_else(|| part("a -H value has no colon"))?;
                parts.headers.push((name.trim().into(), text.trim().into()));
            }
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-ascii" => {
                let text = value()?;
                if text.starts_with('@') && option != "--data-raw" {
                    return Err(part("curl would read the body from a file; paste the body itself"));
                }
                if data {
                    parts.body.push(b'&');
                }
                data = true;
                parts.body.extend_from_slice(text.as_bytes());
            }
            "-b" | "--cookie" => parts.headers.push(("cookie".into(), value()?)),
            "-A" | "--user-agent" => parts.headers.push(("user-agent".into(), value()?)),
            "-e" | "--referer" => parts.headers.push(("referer".into(), value()?)),
            "--url" => parts.target = value()?,
            "-o" | "--output" | "-m" | "--max-time" | "--connect-timeout" | "-x" | "--proxy" | "--resolve"
            | "--cacert" => {
                value()?;
            }
            flag if flag.starts_with('-') => {}
            target => parts.target = target.to_owned(),
        }
    }
    if parts.target.is_empty() {
        return Err(part("the curl line has no address"));
    }
    if parts.method.is_empty() {
        parts.method = if data { "POST".into() } else { "GET".into() };
    }
    if data && !parts.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        parts.headers.push(("content-type".into(), "application/x-www-form-urlencoded".into()));
    }
    parts.arrive(peer)
}

/// Splits a shell line as a browser's "copy as cURL" writes it: `'..'`, `".."`, `$'..'`, backslashes, continued
/// lines. Nothing is expanded.
fn words(text: &str) -> Result<Vec<String>, Unreadable> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars().peekable();
    let open = || part("the curl line ends inside a quotation");
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or_else(open)? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or_else(open)? {
                        '"' => break,
                        '\\' => match chars.next().ok_or_else(open)? {
                            '\n' => {}
                            c @ ('"' | '\\' | '$' | '`') => word.push(c),
                            c => word.extend(['\\', c]),
                        },
                        c => word.push(c),
                    }
                }
            }
            '$' if chars.peek() == Some(&'\'') => {
                chars.next();
                ansi(&mut chars, word.get_or_insert_default()).ok_or_else(open)?;
            }
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some('\r') => {
                    chars.next_if_eq(&'\n');
                }
                Some(c) => word.get_or_insert_default().push(c),
            },
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// The inside of `$'..'`: the C escapes that browsers write.
fn ansi(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, word: &mut String) -> Option<()> {
    loop {
        match chars.next()? {
            '\'' => return Some(()),
            '\\' => match chars.next()? {
                'n' => word.push('\n'),
                'r' => word.push('\r'),
                't' => word.push('\t'),
                kind @ ('x' | 'u') => {
                    let length = if kind == 'x' { 2 } else { 4 };
                    let mut code = 0;
                    for _ in 0..length {
                        let Some(digit) = chars.peek().and_then(|c| c.to_digit(16)) else { break };
                        code = code * 16 + digit;
                        chars.next();
                    }
                    word.push(char::from_u32(code)?);
                }
                c => word.push(c),
            },
            c => word.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_one(text: &str) -> Result<Arrived, Unreadable> {
        read(text, None, Peer::Unix)
    }

    #[test]
    fn http_text_keeps_headers_and_body() {
        let text = "POST /api/event?x=1 HTTP/1.1\r\nHost: shop.example\r\nCookie: a=b\r\n\r\n{\"n\":\"x\"}\n";
        let arrived = read_one(text).unwrap();
        assert_eq!((arrived.method.as_str(), arrived.path.as_str()), ("POST", "/api/event"));
        assert_eq!(arrived.query.as_deref(), Some("x=1"));
        assert_eq!(arrived.authority, "shop.example");
        assert_eq!(arrived.header("cookie"), Some("a=b"));
        assert_eq!(&arrived.body[..], b"{\"n\":\"x\"}");
    }

    #[test]
    fn a_curl_line_as_browsers_copy_it() {
        let line = "curl 'https://shop.example/api/event' \\\n  -H 'content-type: text/plain' -b 'sid=1' \\\n  --data-raw $'{\"n\":\"it\\'s \\u0041\"}' --compressed";
        let arrived = read_one(line).unwrap();
        assert_eq!(arrived.method, Method::POST);
        assert_eq!(arrived.authority, "shop.example");
        assert_eq!(arrived.header("cookie"), Some("sid=1"));
        assert_eq!(std::str::from_utf8(&arrived.body).unwrap(), "{\"n\":\"it's A\"}");
    }

    #[test]
    fn a_har_file_gives_its_first_post_or_the_chosen_entry() {
        let har = r#"{"log":{"entries":[
            {"request":{"method":"GET","url":"https://shop.example/","headers":[]}},
            {"request":{"method":"POST","url":"https://shop.example/api/event","headers":[{"name":":path","value":"/"},{"name":"Cookie","value":"a=b"}],"postData":{"text":"{}"}}}
        ]}}"#;
        assert_eq!(read_one(har).unwrap().path, "/api/event");
        assert_eq!(read(har, Some(1), Peer::Unix).unwrap().path, "/");
        assert!(read(har, Some(3), Peer::Unix).is_err());
        assert!(read(har, Some(0), Peer::Unix).is_err());
    }

    #[test]
    fn what_is_no_request_says_so() {
        for text in ["", "hello", "{\"a\":1}", "curl", "curl -H", "POST /x HTTP/1.1\nHost shop", "curl 'http://a", "{"]
        {
            assert!(read_one(text).is_err(), "{text:?}");
        }
    }
}
