//! `multipart/form-data` -> the text of a JSON object.
//!
//! RFC 2046 section 5.1 and RFC 7578, as far as Plug reads them (elixir-plug/plug `lib/plug/parsers/multipart.ex`): a part
//! with a name is a field, one with a file name is a file and left out (no analytics field is one), others are skipped.
//! Field names nest by brackets like those of a form. The body is searched, never copied beyond its fields; it must end
//! with the closing delimiter.

use memchr::memmem;

use super::form::Fields;
use super::plausible::Refused;

/// Turns a multipart body into the JSON text of an object.
///
/// # Errors
/// [`Refused::Unparsable`]: no closing delimiter, a part without head, text that is not UTF-8, or the bounds of a form.
pub fn read(body: &[u8], boundary: &str) -> Result<String, Refused> {
    // The longest that RFC 2046 allows.
    if boundary.is_empty() || boundary.len() > 70 {
        return Err(Refused::Unparsable);
    }
    let opening = format!("--{boundary}");
    let delimiter = format!("\r\n{opening}");
    let finder = memmem::Finder::new(delimiter.as_bytes());
    let mut rest = match body.strip_prefix(opening.as_bytes()) {
        Some(rest) => rest,
        None => after(body, &finder).ok_or(Refused::Unparsable)?.1,
    };
    let mut fields = Fields::default();
    while !rest.starts_with(b"--") {
        let line = memmem::find(rest, b"\r\n").and_then(|at| rest.split_at_checked(at));
        let (padding, part) = line.ok_or(Refused::Unparsable)?;
        if !padding.trim_ascii().is_empty() {
            return Err(Refused::Unparsable);
        }
        let (part, next) = after(part, &finder).ok_or(Refused::Unparsable)?;
        // The head begins after the line break of the delimiter and ends at an empty line; it may be empty itself.
        let split = memmem::find(part, b"\r\n\r\n").and_then(|at| part.split_at_checked(at));
        let (head, content) = split.ok_or(Refused::Unparsable)?;
        if let Some(name) = field_name(head)? {
            let text = std::str::from_utf8(content.get(4..).unwrap_or_default()).map_err(|_| Refused::Unparsable)?;
            fields.add(&name, text.to_owned())?;
        }
        rest = next;
    }
    Ok(fields.into_json())
}

/// What stands before and after the next delimiter.
fn after<'b>(body: &'b [u8], delimiter: &memmem::Finder<'_>) -> Option<(&'b [u8], &'b [u8])> {
    let (before, rest) = body.split_at_checked(delimiter.find(body)?)?;
    Some((before, rest.get(delimiter.needle().len()..)?))
}

/// The name in the head of a part, unless it is a file.
fn field_name(head: &[u8]) -> Result<Option<String>, Refused> {
    let head = std::str::from_utf8(head).map_err(|_| Refused::Unparsable)?;
    let disposition = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let disposition = disposition.filter(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"));
    let Some((_, value)) = disposition.map(|(_, value)| value.split_once(';').unwrap_or((value, ""))).next() else {
        return Ok(None);
    };
    let is_file = ["filename", "filename*"].iter().any(|file| parameter(value.as_bytes(), file).is_some());
    Ok(if is_file { None } else { parameter(value.as_bytes(), "name") })
}

/// The value of a header parameter. As Plug reads them: names without case, values bare or quoted with backslash escapes,
/// parts that are neither are skipped, the last of several counts.
pub(super) fn parameter(parameters: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(parameters).ok()?;
    let mut found = None;
    let mut quoted = false;
    for part in text.split(|c: char| {
        quoted ^= c == '"';
        c == ';' && !quoted
    }) {
        if let Some((key, value)) = part.split_once('=')
            && key.trim_matches([' ', '\t', '\r', '\n']).eq_ignore_ascii_case(name)
            && let Some(value) = token(value)
        {
            found = Some(value);
        }
    }
    found
}

/// A bare or quoted value.
fn token(value: &str) -> Option<String> {
    let value = value.trim_end_matches([' ', '\t', '\r', '\n']);
    let Some(inner) = value.strip_prefix('"') else {
        let bare = !value.is_empty() && !value.contains([' ', '\t', '"', '(', ')', '<', '>', '@', ',', ';', ':', '\\']);
        return bare.then(|| value.to_owned());
    };
    let mut text = String::new();
    let mut characters = inner.chars();
    loop {
        match characters.next()? {
            '"' => return characters.as_str().is_empty().then_some(text),
            '\\' => text.push(characters.next()?),
            other => text.push(other),
        }
    }
}
