//! The `Forwarded` header (RFC 7239 section 4), read strictly.
//!
//! One header line gives its hops from left to right. A line that breaks the grammar anywhere gives nothing at
//! all: the left part of it is the client's, and an unbalanced quote there must not swallow what the proxy wrote.

/// The `for` values of a line, unquoted; `None` in the list for an element without exactly one `for`.
pub(super) fn hops(line: &str) -> Option<Vec<Option<String>>> {
    let mut rest = line;
    let mut hops = Vec::new();
    loop {
        let (hop, end) = element(rest)?;
        hops.push(hop);
        match end.strip_prefix(',') {
            Some(next) => rest = next,
            None => return end.is_empty().then_some(hops),
        }
    }
}

/// One element: `name=value` pairs with `;` between them. Returns what follows it: nothing, or a comma.
fn element(text: &str) -> Option<(Option<String>, &str)> {
    let mut rest = text;
    let mut hop = None;
    let mut several = false;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with([',', ';']) {
            let (name, after) = rest.split_once('=')?;
            if name.is_empty() || !name.bytes().all(is_token) {
                return None;
            }
            let (value, after) = value(after)?;
            rest = after.trim_start_matches([' ', '\t']);
            if name.eq_ignore_ascii_case("for") {
                several |= hop.replace(value).is_some();
            }
        }
        match rest.strip_prefix(';') {
            Some(next) => rest = next,
            None if rest.is_empty() || rest.starts_with(',') => {
                return Some((hop.filter(|_| !several), rest));
            }
            None => return None,
        }
    }
}

/// A token or a quoted string. Unquoted IPv6 is against the grammar but common, so `:`, `[` and `]` are let pass.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find(|c: char| !c.is_ascii() || !(is_token(c as u8) || "[]:".contains(c)));
        let (value, after) = text.split_at(end.unwrap_or(text.len()));
        return (!value.is_empty()).then(|| (value.to_owned(), after));
    };
    let mut value = String::new();
    loop {
        let mut letters = rest.chars();
        match letters.next()? {
            '"' => return Some((value, letters.as_str())),
            '\\' => value.push(letters.next()?),
            letter => value.push(letter),
        }
        rest = letters.as_str();
    }
}

/// `tchar` of RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
