//! Addresses of back ends: `scheme://user@host:port/path`. A password in an address is refused: the address stands in
//! the configuration, and a secret must not.

use std::net::IpAddr;
use std::path::PathBuf;

/// The parts of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// What stands before `://`.
    pub(crate) scheme: String,
    /// The user, before `@`.
    pub(crate) user: Option<String>,
    /// Without the brackets of IPv6.
    pub(crate) host: String,
    /// The port, if one is given.
    pub(crate) port: Option<u16>,
    /// Without the slash before it.
    pub(crate) path: String,
}

impl Address {
    /// Takes an address apart.
    pub(crate) fn read(url: &str) -> Result<Self, String> {
        let shape = "expected an address such as scheme://host:port/name";
        let (scheme, rest) = url.split_once("://").ok_or(shape)?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, _)) if user.contains(':') => {
                return Err(
                    "a password does not belong into the address: write it as password = { file = \"...\" }".into()
                );
            }
            Some((user, place)) => (Some(user.to_owned()), place),
            None => (None, authority),
        };
        let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => match place.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, None),
            },
        };
        let port = port.map(|port| port.parse().map_err(|_| "expected a port between 1 and 65535")).transpose()?;
        if host.is_empty() || host.contains(char::is_whitespace) {
            return Err(shape.into());
        }
        Ok(Self { scheme: scheme.to_owned(), user, host: host.to_owned(), port, path: path.to_owned() })
    }

    /// The database and what is asked of the connection (SQL).
    pub(super) fn database(&self) -> Result<(&str, Options), String> {
        let (name, query) = self.path.split_once('?').unwrap_or((self.path.as_str(), ""));
        if name.is_empty() {
            return Err("expected a database name after the host".into());
        }
        match query {
            "" => Ok((name, Options { tls: None })),
            "sslmode=disable" => Ok((name, Options { tls: Some(false) })),
            "sslmode=require" | "sslmode=verify-full" => Ok((name, Options { tls: Some(true) })),
            _ => Err("after the database name only ?sslmode=disable or ?sslmode=verify-full can stand".into()),
        }
    }

    /// The path of a Unix socket, which stands percent-encoded in place of the host: `%2Frun%2Fpostgresql`.
    pub(super) fn socket(&self) -> Option<PathBuf> {
        let path = crate::cookies::percent_decoded(self.host.as_bytes())?;
        let path = std::str::from_utf8(&path).ok()?.to_owned();
        path.starts_with('/').then(|| PathBuf::from(path))
    }
}

/// What an address asks of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Options {
    tls: Option<bool>,
}

impl Options {
    /// True unless it is switched off, or the other side is this machine.
    pub(super) fn uses_tls(self, address: &Address) -> bool {
        let is_here = address.host == "localhost" || address.host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        self.tls.unwrap_or(!is_here)
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn the_parts_are_taken_apart() {
        let address = Address::read("redis://app@[::1]:6380/3").unwrap();
        assert_eq!(address.user.as_deref(), Some("app"));
        assert_eq!((address.host.as_str(), address.port, address.path.as_str()), ("::1", Some(6380), "3"));
        let address = Address::read("http://app/api/me?x=1").unwrap();
        assert_eq!((address.host.as_str(), address.port, address.path.as_str()), ("app", None, "api/me?x=1"));
    }

    #[test]
    fn a_password_is_refused_without_being_repeated() {
        let problem = Address::read("redis://app:sesame@host").unwrap_err();
        assert!(problem.contains("password") && !problem.contains("sesame"));
        for wrong in ["", "host", "redis://", "redis://:6379", "redis://host:port", "redis://ho st"] {
            assert!(Address::read(wrong).is_err(), "{wrong}");
        }
    }
    #[test]
    fn databases_on_other_machines_are_asked_over_tls() {
        let uses = |url: &str| {
            let address = Address::read(url).unwrap();
            address.database().unwrap().1.uses_tls(&address)
        };
        assert!(uses("postgres://reader@db/app") && uses("mysql://reader@127.0.0.1/app?sslmode=verify-full"));
        assert!(!uses("postgres://reader@127.0.0.1/app") && !uses("postgres://reader@db/app?sslmode=disable"));
        assert!(Address::read("postgres://reader@db/app?sslmode=prefer").unwrap().database().is_err());
        assert!(Address::read("postgres://reader@db/").unwrap().database().is_err());
    }

    #[test]
    fn a_socket_stands_in_place_of_the_host() {
        let socket = |url: &str| Address::read(url).unwrap().socket();
        assert_eq!(socket("postgres://reader@%2Frun%2Fpostgresql/app").unwrap().to_str(), Some("/run/postgresql"));
        assert_eq!(socket("postgres://reader@db/app"), None);
    }
}
