//! The small grammars of a configuration. Each function says in one sentence what is wrong and how to put it right.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

/// What is wrong, and the fix.
pub(in crate::config) type Wrong = (String, String);

fn wrong<T>(problem: impl Into<String>, fix: impl Into<String>) -> Result<T, Wrong> {
    Err((problem.into(), fix.into()))
}

/// Where a listener binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bind<'a> {
    /// A TCP address.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix(&'a str),
}

/// `ip:port` or `unix:/path`.
pub(super) fn address(text: &str) -> Result<Bind<'_>, Wrong> {
    if let Some(path) = text.strip_prefix("unix:") {
        // sockaddr_un of unix(7) holds 108 bytes with the closing zero.
        return match path.len() {
            _ if !path.starts_with('/') => {
                wrong("expected unix: and an absolute path", "write \"unix:/run/bauta/bauta.sock\"")
            }
            0..=107 => Ok(Bind::Unix(path)),
            _ => wrong("the path of a socket is at most 107 bytes long", "choose a shorter path"),
        };
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok(Bind::Tcp(address));
    }
    let expected = "expected an address as ip:port, or unix:/path";
    match text.rsplit_once(':') {
        Some(("" | "*", port)) if port.parse::<u16>().is_ok() => wrong(
            expected,
            format!("write \"127.0.0.1:{port}\" for this machine only, or \"0.0.0.0:{port}\" for all networks"),
        ),
        Some(("localhost", port)) if port.parse::<u16>().is_ok() => {
            wrong(expected, format!("write \"127.0.0.1:{port}\""))
        }
        Some((_, port)) if port.parse::<u16>().is_ok() => wrong(
            format!("{expected}; a host name is not looked up"),
            format!("write an address, such as \"0.0.0.0:{port}\""),
        ),
        _ => wrong(expected, "write it like \"127.0.0.1:8787\""),
    }
}

/// A network as CIDR, or `unix`.
pub(super) fn network(text: &str) -> Result<Option<IpNet>, Wrong> {
    if text == "unix" {
        return Ok(None);
    }
    if let Ok(network) = text.parse::<IpNet>() {
        return Ok(Some(network));
    }
    match text.parse::<IpAddr>() {
        Ok(address) => {
            let bits = if address.is_ipv4() { 32 } else { 128 };
            wrong("expected a network with its length", format!("write \"{address}/{bits}\" for this one address"))
        }
        Err(_) => {
            wrong("expected a network such as 10.0.0.0/8, or unix", "write the network of the proxy in front of bauta")
        }
    }
}

/// A host name, or an address in the form of a URL, without scheme and port.
pub(super) fn host(text: &str) -> Result<(), Wrong> {
    let expected = "expected a host name";
    if text.is_empty() {
        return wrong(expected, "write it like \"shop.example\"");
    }
    if let Some((_, rest)) = text.split_once("://") {
        let name = rest.split(['/', ':']).next().unwrap_or(rest);
        return wrong(format!("{expected} without a scheme"), format!("write \"{name}\""));
    }
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return match inner.parse::<Ipv6Addr>() {
            Ok(_) => Ok(()),
            Err(_) => wrong(expected, "write an IPv6 address as \"[2001:db8::1]\""),
        };
    }
    if let Some((name, rest)) = text.split_once([':', '/']) {
        let what = if rest.parse::<u16>().is_ok() { "port" } else { "path" };
        return wrong(format!("{expected} without a {what}"), format!("write {name:?}"));
    }
    if text.contains('*') {
        return wrong("a host name stands for one host, not for a pattern", "list each host");
    }
    if !text.is_ascii() {
        return wrong(format!("{expected} in the form browsers send"), "write the xn-- form of the name");
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return wrong(format!("{expected} in lower case"), format!("write {:?}", text.to_ascii_lowercase()));
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if text.len() > 253 || !text.split('.').all(label) {
        return wrong(expected, "write it like \"shop.example\"");
    }
    Ok(())
}

/// An origin exactly as browsers send it (RFC 6454 section 6.2): scheme, host, and the port only when it is not the
/// scheme's own.
pub(super) fn origin(text: &str) -> Result<(), Wrong> {
    let expected = "expected an origin, scheme://host or scheme://host:port";
    if text == "*" || text == "null" {
        return wrong(format!("{expected}; {text} stands for anybody"), "list each origin that may send with identity");
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return wrong(expected, format!("write \"https://{}\"", text.trim_end_matches('/')));
    };
    let usual = match scheme {
        "https" => "443",
        "http" => "80",
        _ => {
            return wrong(
                format!("{expected}, with http or https"),
                "browsers send analytics from http and https pages only",
            );
        }
    };
    let (authority, path) = match rest.find(['/', '?', '#']) {
        Some(end) => rest.split_at_checked(end).unwrap_or((rest, "")),
        None => (rest, ""),
    };
    if !path.is_empty() {
        return wrong(format!("{expected}, without a path"), format!("write \"{scheme}://{authority}\""));
    }
    let (name, port) = split_port(authority);
    if name.contains('@') {
        return wrong(format!("{expected}, without user and password"), "write scheme and host only");
    }
    host(name).map_err(|(_, fix)| (expected.to_owned(), format!("about the host: {fix}")))?;
    match port {
        None => Ok(()),
        Some(port) if port == usual => {
            wrong(format!("browsers leave out port {usual} of {scheme}"), format!("write \"{scheme}://{name}\""))
        }
        Some(port) if is_port(port) => Ok(()),
        Some(_) => wrong(expected, "a port is a number from 1 to 65535"),
    }
}

/// The base address of an upstream.
pub(in crate::config) fn base_url(text: &str) -> Result<Base<'_>, Wrong> {
    let expected = "expected an http or https address";
    let Some((scheme, rest)) = text.split_once("://") else {
        return wrong(expected, format!("write \"https://{text}\""));
    };
    let secure = match scheme {
        "https" => true,
        "http" => false,
        _ => return wrong(expected, "begin with https://"),
    };
    if text.contains(['?', '#']) {
        return wrong(format!("{expected} without a query"), "leave out everything from ? or # on");
    }
    let (authority, path) = match rest.find('/') {
        Some(end) => rest.split_at_checked(end).unwrap_or((rest, "")),
        None => (rest, ""),
    };
    if authority.contains('@') {
        return wrong(format!("{expected} without user and password"), "leave out everything before and with @");
    }
    let (name, port) = split_port(authority);
    host(name).map_err(|(_, fix)| (expected.to_owned(), format!("about the host: {fix}")))?;
    if port.is_some_and(|port| !is_port(port)) {
        return wrong(expected, "a port is a number from 1 to 65535");
    }
    if !path.is_empty() {
        path_text(path)?;
    }
    Ok(Base { secure, host: name })
}

/// What the checks need to know of an upstream's address.
pub(in crate::config) struct Base<'a> {
    pub(in crate::config) secure: bool,
    pub(in crate::config) host: &'a str,
}

/// A path or path prefix of ours: absolute, plain, without `.` and `..`.
pub(super) fn path_text(text: &str) -> Result<(), Wrong> {
    let expected = "expected a path that begins with /";
    if !text.starts_with('/') {
        return wrong(expected, format!("write {:?}", format!("/{text}")));
    }
    if text.contains(['?', '#']) {
        return wrong("expected a path without a query", "leave out everything from ? or # on");
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&byte);
    if !text.bytes().all(plain) {
        return wrong("expected a path of letters, digits and the signs that need no escape", "choose a plainer path");
    }
    let mut parts = text.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        if part == "." || part == ".." || part.is_empty() && parts.peek().is_some() {
            return wrong("the path has an empty, . or .. part", "write the path as the browser asks for it");
        }
    }
    Ok(())
}

/// A name in metrics and commands.
pub(super) fn name(text: &str) -> Result<(), Wrong> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if (1..=64).contains(&text.len()) && text.bytes().all(fits) {
        return Ok(());
    }
    wrong("expected a name of 1 to 64 letters, digits, dots, - or _", "write it like \"shop\"")
}

/// An input of the pseudonyms: any text that people can compare by eye.
pub(super) fn realm(text: &str) -> Result<(), Wrong> {
    if (1..=200).contains(&text.len()) && !text.contains(char::is_control) && text.trim() == text {
        return Ok(());
    }
    wrong("expected 1 to 200 bytes of text without control characters and outer spaces", "write it like \"shop\"")
}

/// A property's name: Plausible cuts longer ones ("plausible/analytics `lib/plausible/props.ex`": 300 bytes).
pub(super) fn property(text: &str) -> Result<(), Wrong> {
    if (1..=300).contains(&text.len()) && !text.contains(char::is_control) {
        return Ok(());
    }
    wrong(format!("expected a property name of 1 to 300 bytes, found {}", text.len()), "write it like \"userId\"")
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (authority, None),
    }
}

fn is_port(text: &str) -> bool {
    !text.starts_with('+') && text.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails<T>(results: impl IntoIterator<Item = Result<T, Wrong>>) -> bool {
        results.into_iter().all(|result| result.is_err())
    }

    #[test]
    fn addresses_are_numbers_with_a_port_or_sockets() {
        assert_eq!(address("[::]:80"), Ok(Bind::Tcp("[::]:80".parse().unwrap())));
        assert_eq!(address("unix:/run/b"), Ok(Bind::Unix("/run/b")));
        assert!(fails(
            ["", ":8787", "localhost:1", "8787", "127.0.0.1", "unix:b", "1.2.3.4:70000", "http://1.2.3.4:5"]
                .map(address)
        ));
        assert!(address(":8787").unwrap_err().1.contains("127.0.0.1:8787"));
    }

    #[test]
    fn origins_are_exactly_what_a_browser_sends() {
        for good in ["https://shop.example", "http://localhost:3000", "https://[::1]:8443", "https://10.0.0.1"] {
            assert_eq!(origin(good), Ok(()), "{good}");
        }
        assert!(fails(
            [
                "shop.example",
                "https://shop.example/",
                "https://Shop.example",
                "https://shop.example:443",
                "http://a:80",
                "null",
                "*",
                "https://*.shop.example",
                "https://u@shop.example",
                "ftp://a",
                "https://",
                "https://a:0",
                "https://a:b",
                "https://a?b",
            ]
            .map(origin)
        ));
    }

    #[test]
    fn hosts_are_bare_lower_case_names() {
        for good in ["shop.example", "localhost", "10.0.0.1", "[::1]", "xn--bcher-kva.example", "a_b.example"] {
            assert_eq!(host(good), Ok(()), "{good}");
        }
        assert!(fails(
            ["", "a:80", "https://a", "a/b", "*.a", "A.b", "bücher.example", "-a.b", "a..b", "a b", "[::g]"].map(host)
        ));
    }

    #[test]
    fn upstream_addresses_have_no_query_and_no_password() {
        assert!(base_url("https://plausible.io").is_ok_and(|base| base.secure && base.host == "plausible.io"));
        assert!(base_url("http://[::1]:8000/stats/").is_ok_and(|base| !base.secure));
        assert!(fails(
            ["plausible.io", "ftp://a", "https://u:p@a", "https://a?b", "https://", "https://a/../b"].map(base_url)
        ));
    }

    #[test]
    fn paths_are_plain_and_absolute() {
        for good in ["/", "/stats", "/stats/", "/a/b.js"] {
            assert_eq!(path_text(good), Ok(()), "{good}");
        }
        assert!(fails(["", "a", "/a//b", "/../a", "/a/./b", "/a?b", "/a b", "/%61"].map(path_text)));
    }
}
