//! The answers of `init`, and the file that is made of them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use toml::Value;

use super::super::{CANNOT, NO, USAGE, out};
use super::Stop;
use super::ask::{Asker, Wrong};
use crate::clock::{Clock as _, SystemClock};
use crate::config::aliases::Aliases;
use crate::config::file::Vendor;
use crate::config::{check_base_url, check_host};
use crate::cookies::Cookies;
use crate::session::{Clues, Detected, PresetFacts, Reader, detect};

/// The pseudonym key.
pub(super) const KEY: &str = "hmac.key";
/// The token of the admin listener.
pub(super) const TOKEN: &str = "admin.token";

/// Everything `init` has to know.
pub(super) struct Answers {
    pub(super) domain: String,
    pub(super) vendor: Vendor,
    pub(super) url: String,
    pub(super) project: Option<Project>,
    pub(super) session: Option<Session>,
    pub(super) consent: Vec<String>,
    pub(super) aliases: Aliases,
}

/// A project of PostHog's.
pub(super) struct Project {
    pub(super) token: String,
    cookieless: bool,
}

/// Asks for the project, and the one thing that decides whether logged-out visitors are counted.
pub(super) fn project(asker: &mut Asker, token: Option<String>, cookieless: bool) -> Result<Project, Stop> {
    let question = "The project's token (phc_..., in PostHog's project settings)?";
    let token = asker.required("--token", question, token, |token| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        match token {
            private if private.starts_with("phx_") => {
                Err("that is a private key; the token begins with phc_".to_owned())
            }
            token if (1..=64).contains(&token.len()) && token.bytes().all(fits) => Ok(token.to_owned()),
            _ => Err("a token is up to 64 letters, digits, _ and -".to_owned()),
        }
    })?;
    let question = "Is the project's cookieless mode on (PostHog: project settings, web analytics)? Without it visitors who \
                    are logged out or refused are not counted at PostHog at all. yes or no";
    let given = cookieless.then(|| "yes".to_owned());
    let answer = asker.optional(question, "no", given, |answer| match answer.to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok("yes".to_owned()),
        "n" | "no" => Ok("no".to_owned()),
        _ => Err("write yes or no".to_owned()),
    })?;
    Ok(Project { token, cookieless: answer == "yes" })
}

/// The session part.
pub(super) struct Session {
    preset: String,
    cookie: Option<String>,
    /// `secrets`, `public_keys` or `jwks`, and its value.
    proof: (&'static str, String),
    algorithm: Option<String>,
    user: Option<Vec<String>>,
}

/// What was given for the session.
pub(super) struct SessionFlags {
    pub(super) preset: Option<String>,
    /// A file with a `Cookie` header, from which the rest is found.
    pub(super) example: Option<PathBuf>,
    pub(super) secret: Option<PathBuf>,
    pub(super) cookie: Option<String>,
    pub(super) user: Vec<String>,
    pub(super) algorithm: Option<String>,
}

/// A host name; `https://shop.example/` is understood.
pub(super) fn host(text: &str) -> Result<String, Wrong> {
    let bare = text.split_once("://").map_or(text, |(_, rest)| rest);
    let bare = bare.split('/').next().unwrap_or(bare).to_ascii_lowercase();
    check_host(&bare).map(|()| bare).map_err(|(problem, fix)| format!("{problem}; {fix}"))
}

/// The address of a vendor.
pub(super) fn url(text: &str) -> Result<String, Wrong> {
    check_base_url(text).map(|()| text.to_owned()).map_err(|(problem, fix)| format!("{problem}; {fix}"))
}

/// Finds out how the session is read; `None` when it is not.
pub(super) fn session(asker: &mut Asker, mut flags: SessionFlags, dir: &Path) -> Result<Option<Session>, Stop> {
    if let (None, Some(example)) = (&flags.preset, flags.example.take()) {
        let question = "Which file holds the secret or public key of the sessions?";
        let given = flags.secret.take().map(|path| path.display().to_string());
        let secret = asker.required("--secret-file", question, given, some_text)?;
        flags = found(&example, PathBuf::from(secret), flags)?;
    }
    // `init` asks for one file; what needs more than a secret is written by hand, with the guide.
    let presets: Vec<PresetFacts> = Reader::preset_facts().into_iter().filter(PresetFacts::is_simple).collect();
    let names: Vec<&str> = presets.iter().map(|preset| preset.name).collect();
    let question = format!("How does your application keep its session? One of {}, or none", names.join(", "));
    let preset = asker.required("--preset", &question, flags.preset, |word| match named(&presets, word) {
        Some(preset) => Ok(preset.name.to_owned()),
        None if word == "none" => Ok(word.to_owned()),
        None => Err(format!("there is no preset {word:?}; the presets are {}, none", names.join(", "))),
    })?;
    let Some(preset) = named(&presets, &preset) else { return Ok(None) };

    let question = format!("Which file holds {}?", preset.secret);
    let given = flags.secret.map(|path| path.display().to_string());
    let secret = asker.required("--secret-file", &question, given, |path| {
        let found = std::fs::metadata(path).map_err(|error| format!("cannot read {path}: {error}"))?;
        if found.is_file() { Ok(path.to_owned()) } else { Err(format!("{path} is not a file")) }
    })?;
    let cookie = match (flags.cookie, preset.cookies.is_empty()) {
        (None, false) => None,
        (given, _) => Some(asker.required("--cookie", "What is the name of the session cookie?", given, some_text)?),
    };
    let user = match (flags.user.is_empty(), preset.user) {
        (false, _) => Some(flags.user),
        (true, Some(_)) => None,
        (true, None) => {
            let question =
                "Where does the account id stand in the session? The steps, with spaces between them (user id)";
            let steps = asker.required("--user-path", question, None, some_text)?;
            Some(steps.split_whitespace().map(str::to_owned).collect())
        }
    };
    let proof = proof(Path::new(&secret), dir)?;
    let algorithm = match (preset.name, flags.algorithm) {
        ("jwt", None) => {
            let usual = if proof.0 == "secrets" { "HS256" } else { "RS256" };
            Some(asker.optional("Which algorithm signs the tokens?", usual, None, some_text)?)
        }
        (_, given) => given,
    };
    Ok(Some(Session { preset: preset.name.to_owned(), cookie, proof, algorithm, user }))
}

/// The flags that a cookie of somebody who is logged in answers.
fn found(example: &Path, secret: PathBuf, flags: SessionFlags) -> Result<SessionFlags, Stop> {
    let unreadable = |error: std::io::Error| {
        let problem = format!("--session-cookie: cannot read {}: {error}", example.display());
        Stop::new(USAGE, problem, "name a readable file")
    };
    let text = std::fs::read_to_string(example).map_err(unreadable)?;
    let text = text.trim();
    let header = match text.split_once(':') {
        Some((name, value)) if name.eq_ignore_ascii_case("cookie") => value.trim(),
        _ => text,
    };
    let mut clues = Clues::default();
    match proof(&secret, Path::new("."))?.0 {
        "secrets" => clues.secrets.push(secret.clone()),
        "public_keys" => clues.public_keys.push(secret.clone()),
        _ => clues.jwks = Some(secret.clone()),
    }
    let cookies = Cookies::from_text(header);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Stop::new(CANNOT, format!("cannot start: {error}"), ""))?;
    let all = runtime.block_on(detect(&cookies, &clues, Path::new(""), SystemClock.now()));
    let facts = Reader::preset_facts();
    // The best one or none: a format that only signs alike would take the session's id for the account's.
    let is_simple = |found: &&Detected| named(&facts, found.preset).is_some_and(PresetFacts::is_simple);
    let Some(found) = all.first().filter(is_simple) else {
        let problem = match all.first() {
            Some(found) => format!("--session-cookie: preset {} needs more than a secret", found.preset),
            None => "--session-cookie: no preset reads these cookies with this key".to_owned(),
        };
        return Err(Stop::new(
            NO,
            problem,
            "run `bauta session detect`, which says what is left to fill in, or give --preset",
        ));
    };
    out::note(&format!("found preset {}", found.preset));
    let user = if flags.user.is_empty() { found.session.user.clone().unwrap_or_default() } else { flags.user };
    Ok(SessionFlags {
        preset: Some(found.preset.to_owned()),
        example: None,
        secret: Some(secret),
        cookie: flags.cookie.or_else(|| found.session.cookie.clone()),
        user,
        algorithm: flags.algorithm.or_else(|| found.session.algorithms.first().cloned()),
    })
}

fn named<'a>(presets: &'a [PresetFacts], word: &str) -> Option<&'a PresetFacts> {
    presets.iter().find(|preset| preset.name == word || preset.aliases.contains(&word))
}

fn some_text(text: &str) -> Result<String, Wrong> {
    if text.trim().is_empty() { Err("an answer is needed".to_owned()) } else { Ok(text.to_owned()) }
}

/// Under which key a file belongs: a PEM public key, a key set, or a secret. The path is written relative to the
/// configuration where that is possible.
fn proof(path: &Path, dir: &Path) -> Result<(&'static str, String), Stop> {
    let unreadable = |error: std::io::Error| {
        Stop::new(USAGE, format!("--secret-file: cannot read {}: {error}", path.display()), "name a readable file")
    };
    let start = std::fs::read(path).map_err(unreadable)?;
    let absolute = std::path::absolute(path).map_err(unreadable)?;
    let folder = std::path::absolute(dir).map_err(unreadable)?;
    let written = absolute.strip_prefix(&folder).unwrap_or(&absolute).display().to_string();
    let place = format!("{{ file = {} }}", text(&written));
    let is_public = start.starts_with(b"-----BEGIN PUBLIC KEY") || start.starts_with(b"-----BEGIN CERTIFICATE");
    if is_public {
        Ok(("public_keys", format!("[{}]", text(&written))))
    } else if start.trim_ascii_start().starts_with(b"{") {
        Ok(("jwks", place))
    } else {
        Ok(("secrets", format!("[{place}]")))
    }
}

fn text(value: &str) -> String {
    Value::from(value).to_string()
}

fn list(values: &[String]) -> String {
    Value::from(values.to_vec()).to_string()
}

impl Answers {
    /// The smallest file that does what was asked, with a comment where somebody will want to change something.
    pub(super) fn to_toml(&self) -> String {
        let name = self.domain.split('.').find(|label| *label != "www").unwrap_or("site");
        let name = if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            name
        } else {
            "site"
        };
        let mut out = format!(
            "# Written by `bauta init`. `bauta config print` shows every option, `bauta check` what this file means.\n\
             version = 1\n\n\
             [listen]\n\
             address = \"127.0.0.1:8787\"\n\
             # The proxy in front of bauta, whose X-Forwarded-For is believed. Here: a web server on this machine.\n\
             trusted_proxies = [\"127.0.0.1/32\", \"::1/128\"]\n\n\
             [admin]\n\
             token = {{ file = \"{TOKEN}\" }}\n\n\
             # Keep {KEY} safe, and the same everywhere: a new key gives every person a new pseudonym.\n\
             [keys]\n\
             active = {{ id = \"a\", file = \"{KEY}\" }}\n\n\
             [[site]]\n\
             name = {}\n\
             hosts = [{}]\n",
            text(name),
            text(&self.domain),
        );
        // Writing into a String cannot fail.
        let _ = self.write_session(&mut out);
        let _ = write!(
            out,
            "\n[[site.upstream]]\n\
             vendor = {}\n\
             url = {}\n\
             {}\
             # Opaque paths of this install alone, for people who agreed (docs/guide/first-party.md). The web server leads\n\
             # /{}/ to bauta, too: `bauta render nginx` writes it.\n\
             aliases = {}\n",
            text(self.vendor.word()),
            text(&self.url),
            self.place(),
            self.aliases.root,
            super::super::words::line(&self.aliases),
        );
        out
    }

    /// What the vendor calls the site, and where bauta stands on it.
    fn place(&self) -> String {
        match &self.project {
            None => format!(
                "# The site as the vendor knows it.\nsites = [{}]\n\
                 # Where bauta stands on your site: \"/stats\" for https://{}/stats/api/event.\npath = \"/\"\n",
                // Plausible leaves out "www." when it reads a site's name.
                text(self.domain.strip_prefix("www.").unwrap_or(&self.domain)),
                self.domain,
            ),
            Some(project) => format!(
                "# The project's token; nothing of another project passes.\ntokens = [{}]\n\
                 # Whether the project counts events without ids. If not, visitors who are logged out or refused stay at home.\n\
                 cookieless = {}\n\
                 # Where bauta stands on your site: api_host: \"https://{}/ph\" in posthog.init.\npath = \"/ph\"\n",
                text(&project.token),
                project.cookieless,
                self.domain,
            ),
        }
    }

    fn write_session(&self, out: &mut String) -> std::fmt::Result {
        let Some(session) = &self.session else {
            return writeln!(out, "\n# Without [site.session] and [site.consent] nobody is identified.");
        };
        writeln!(
            out,
            "\n# How your application's session cookie is read.\n[site.session]\npreset = {}",
            text(&session.preset)
        )?;
        if let Some(cookie) = &session.cookie {
            writeln!(out, "cookie = {}", text(cookie))?;
        }
        writeln!(out, "{} = {}", session.proof.0, session.proof.1)?;
        if let Some(algorithm) = &session.algorithm {
            writeln!(out, "algorithms = [{}]", text(algorithm))?;
        }
        if let Some(user) = &session.user {
            writeln!(out, "user = {}", list(user))?;
        }
        let claim = if self.consent.is_empty() {
            String::new()
        } else {
            format!(", {{ kind = \"session\", path = {} }}", list(&self.consent))
        };
        writeln!(
            out,
            "\n# Who agreed: `bauta consent set` writes the store. Nobody else is identified.\n[site.consent]\nsources = [{{ kind = \"store\" }}{claim}]"
        )
    }
}
