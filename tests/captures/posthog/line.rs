//! One captured request, and how it is sent again.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bauta::demo::posthog::PostHog;
use serde_json::Value;

use super::{CREDENTIAL, Run, Seen};
use crate::support::http::{request, send};
use crate::support::mint;

/// A captured request.
pub struct Line {
    pub id: String,
    pub method: String,
    /// The path below our prefix.
    pub path: String,
    pub query: String,
    /// The sidecar's path prefix on that site, without a slash at its end.
    pub prefix: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// What the client is known to have sent.
    pub decoded: Value,
    /// The name of the application's session cookie, where the browser sent it.
    pub session_cookie: Option<String>,
    /// The vendor has such a path; if not, it is the application's own.
    pub is_vendors: bool,
}

/// Whether a cookie is the application's session.
fn is_session(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !name.starts_with("ph_") && (name.contains("sess") || name.ends_with("sid"))
}

impl Line {
    /// Reads a line. Which paths are the vendor's, and which begin with a prefix of the site's, the vendor tells.
    pub fn read(value: &Value, vendor: &PostHog) -> Self {
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let pair = |pair: &Value| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned());
        let headers: Vec<_> = value["headers"].as_array().unwrap().iter().map(pair).collect();
        let cookies = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
        let session_cookie = cookies
            .flat_map(|(_, value)| value.split("; "))
            .filter_map(|pair| pair.split_once('=').map(|(name, _)| name.to_owned()))
            .find(|name| is_session(name));
        let mut line = Self {
            id: text("id"),
            method: text("method"),
            path: text("path"),
            query: text("query"),
            prefix: String::new(),
            headers,
            body: STANDARD.decode(text("body_b64")).unwrap(),
            decoded: value["decoded"]["json"].clone(),
            session_cookie,
            is_vendors: true,
        };
        let knows = |line: &Self| send(vendor.address(), &line.untouched()).status != 404;
        if !knows(&line) {
            let below = line.path.get(1..).and_then(|path| path.find('/')).map(|at| line.path.split_at(at + 1));
            if let Some((first, rest)) = below.map(|(first, rest)| (first.to_owned(), rest.to_owned())) {
                (line.prefix, line.path) = (first, rest);
            }
            if !knows(&line) {
                line.path = format!("{}{}", std::mem::take(&mut line.prefix), line.path);
                line.is_vendors = false;
            }
        }
        line
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The host without its port, and that of the page.
    pub fn hosts(&self) -> Vec<String> {
        let origin = self.header("origin").and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
        let names = self.header("host").into_iter().chain(origin);
        names.map(|host| host.split(':').next().unwrap().to_owned()).collect()
    }

    /// The project tokens in path, query, header and body.
    pub fn tokens(&self) -> Vec<String> {
        let texts =
            [&self.path, &self.query, &self.decoded.to_string(), self.header("authorization").unwrap_or_default()]
                .map(str::to_owned);
        let words = |text: &String| {
            let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            words
                .filter(|word| word.starts_with("phc_") && !word.ends_with("_posthog"))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        texts.iter().flat_map(words).collect()
    }

    /// Whether the person is the session; else it is whom the server names.
    pub fn by_session(&self) -> bool {
        self.session_cookie.is_some()
    }

    fn target(&self, prefix: &str) -> String {
        match self.query.as_str() {
            "" => format!("{prefix}{}", self.path),
            query => format!("{prefix}{}?{query}", self.path),
        }
    }

    /// As captured, for the vendor.
    pub fn untouched(&self) -> Vec<u8> {
        request(&self.method, &self.target(""), &self.headers, &self.body)
    }

    /// As captured, for a sidecar: the session minted, or the servers' credential.
    pub fn bytes(&self, run: Run, cookie: &str, user: &str) -> Vec<u8> {
        let mut headers = self.headers.clone();
        for (_, value) in headers.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("cookie")) {
            let pairs = value.split("; ").filter_map(|pair| match pair.split_once('=') {
                Some((name, _)) if is_session(name) => match run {
                    Run::Nobody => None,
                    _ => Some(format!("{cookie}={}", mint::session(user, run.agreed()))),
                },
                _ => Some(pair.to_owned()),
            });
            *value = pairs.collect::<Vec<_>>().join("; ");
        }
        if !self.by_session() && run != Run::Nobody && self.method != "OPTIONS" {
            headers.push(("X-Bauta-Credential".to_owned(), CREDENTIAL.to_owned()));
        }
        request(&self.method, &self.target(&self.prefix), &headers, &self.body)
    }

    /// The stand-in reads the untouched request as the data says: the judge is judged first.
    pub fn check_untouched(&self, seen: &Seen, faults: &mut Vec<String>) {
        let mut check = |holds: bool, what: &str| {
            if !holds {
                faults.push(format!("{} untouched: {what}", self.id));
            }
        };
        if !self.is_vendors {
            return check(seen.answer.status == 404, "the vendor knows a path of the application");
        }
        let status = seen.answer.status;
        check((200..300).contains(&status) || status == 304, "the vendor refused it");
        if let Some(request) = seen.requests.first().filter(|_| !self.decoded.is_null()) {
            check(request.decoded == self.decoded, "it decoded to something else");
        }
        if self.path.ends_with("/flags/") || self.path.ends_with("/decide/") {
            check(self.method == "OPTIONS" || seen.flags.len() == 1, "no flags were evaluated");
        }
    }
}

/// Writes a secret only its owner may read; gives the path.
pub fn secret_file(folder: &Path, secret: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("credential");
    std::fs::write(&path, secret).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}
