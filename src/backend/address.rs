//! Addresses of stores and endpoints: `scheme://user@host:port/path`. A password in an address is refused: the address
//! stands in the configuration, and a secret must not.

/// The parts of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) scheme: String,
    pub(super) user: Option<String>,
    /// Without the brackets of IPv6.
    pub(super) host: String,
    pub(super) port: Option<u16>,
    /// Without the slash before it.
    pub(super) path: String,
}

impl Address {
    /// Takes an address apart.
    pub(super) fn read(url: &str) -> Result<Self, String> {
        let shape = "expected an address such as scheme://host:port/name";
        let (scheme, rest) = url.split_once("://").ok_or(shape)?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, _)) if user.contains(':') => {
                return Err("a password does not belong into the address: write it as password = { file = \"...\" }".into());
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
}
