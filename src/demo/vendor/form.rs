//! Form bodies as the vendor's framework (Plug) decodes them: `a[b]=c` nests, `a[]=c` makes a list, the last of
//! two equal keys counts. Failure: `None`, which the framework answers with 400.

use percent_encoding::percent_decode;

use super::json::Json;

/// Bracket levels; the framework has no limit, ours protects the stack.
const DEPTH: usize = 32;

/// `application/x-www-form-urlencoded`.
pub(super) fn urlencoded(body: &[u8]) -> Option<Json> {
    let mut root = Json::Map(Vec::new());
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let key = unescape(halves.next()?)?;
        // A key without `=` is present without a value.
        let value = halves.next().map_or(Some(Json::Null), |value| unescape(value).map(Json::Text))?;
        assign(&mut root, &key, value)?;
    }
    Some(root)
}

/// `multipart/form-data` with text fields; a file part gives no key that ingestion reads.
pub(super) fn multipart(body: &[u8], boundary: &str) -> Option<Json> {
    let mut root = Json::Map(Vec::new());
    let text = std::str::from_utf8(body).ok()?;
    let delimiter = format!("--{boundary}");
    let mut parts = text.split(delimiter.as_str());
    parts.next()?;
    let mut ended = false;
    for part in parts {
        if part.starts_with("--") {
            ended = true;
            break;
        }
        let (head, content) = part.strip_prefix("\r\n")?.split_once("\r\n\r\n")?;
        let content = content.strip_suffix("\r\n")?;
        let disposition = head.split("\r\n").filter_map(|line| line.split_once(':'));
        let disposition = disposition.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("content-disposition"));
        let Some((_, disposition)) = disposition else { continue };
        if parameter(disposition, "filename").is_some() {
            continue;
        }
        if let Some(name) = parameter(disposition, "name") {
            assign(&mut root, name, Json::Text(content.to_owned()))?;
        }
    }
    ended.then_some(root)
}

fn parameter<'a>(disposition: &'a str, wanted: &str) -> Option<&'a str> {
    let mut pairs = disposition.split(';').filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim().trim_matches('"'))
}

/// `+` is a space, escapes must be whole, the result must be UTF-8.
fn unescape(bytes: &[u8]) -> Option<String> {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        let escape = rest.get(at + 1..at + 3)?;
        if !escape.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        rest = rest.get(at + 3..)?;
    }
    let spaced: Vec<u8> = bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// Stores `value` under a key with brackets.
fn assign(root: &mut Json, key: &str, value: Json) -> Option<()> {
    let (first, rest) = key.split_once('[').map_or((key, None), |(first, rest)| (first, Some(rest)));
    let steps: Vec<&str> = match rest.and_then(|rest| rest.strip_suffix(']')) {
        Some(rest) if !first.is_empty() => std::iter::once(first).chain(rest.split("][")).collect(),
        // Brackets that do not close are part of the name.
        _ => vec![key],
    };
    if steps.len() > DEPTH {
        return None;
    }
    let mut place = root;
    for step in steps {
        place = if step.is_empty() {
            if !matches!(place, Json::List(_)) {
                *place = Json::List(Vec::new());
            }
            let Json::List(items) = place else { return None };
            items.push(Json::Null);
            items.last_mut()?
        } else {
            if !matches!(place, Json::Map(_)) {
                *place = Json::Map(Vec::new());
            }
            let Json::Map(members) = place else { return None };
            let index = members.iter().position(|(name, _)| name == step).unwrap_or(members.len());
            if index == members.len() {
                members.push((step.to_owned(), Json::Null));
            }
            members.get_mut(index).map(|(_, value)| value)?
        };
    }
    *place = value;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Json {
        Json::Text(value.to_owned())
    }

    #[test]
    fn escapes_and_plus_are_decoded_and_the_last_key_counts() {
        let form = urlencoded(b"n=a+b%20c&u=%C3%BC&n=z&flag").unwrap();
        assert_eq!(form.get("n"), Some(&text("z")));
        assert_eq!(form.get("u"), Some(&text("ü")));
        assert_eq!(form.get("flag"), Some(&Json::Null));
    }

    #[test]
    fn brackets_nest_and_collect() {
        let form = urlencoded(b"p[plan]=free&p[x][y]=1&l[]=1&l[]=2&odd[=3").unwrap();
        assert_eq!(form.get("p").unwrap().get("plan"), Some(&text("free")));
        assert_eq!(form.get("p").unwrap().get("x").unwrap().get("y"), Some(&text("1")));
        assert_eq!(form.get("l"), Some(&Json::List(vec![text("1"), text("2")])));
        assert_eq!(form.get("odd["), Some(&text("3")));
    }

    #[test]
    fn broken_escapes_and_bytes_are_refused() {
        for bad in [&b"n=%"[..], b"n=%2", b"n=%zz", b"n=%ff", b"n=\xff"] {
            assert_eq!(urlencoded(bad), None);
        }
    }

    #[test]
    fn a_multipart_body_needs_its_end() {
        let whole = "--b\r\ncontent-disposition: form-data; name=\"p[a]\"\r\n\r\n1\r\n\
                     --b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n2\r\n--b--";
        let form = multipart(whole.as_bytes(), "b").unwrap();
        assert_eq!(form.get("p").unwrap().get("a"), Some(&text("1")));
        assert_eq!(form.get("f"), None);
        assert_eq!(multipart(whole.trim_end_matches("--b--").as_bytes(), "b"), None);
        assert_eq!(multipart(b"", "b"), None);
    }
}
