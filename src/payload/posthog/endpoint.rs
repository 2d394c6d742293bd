//! Which of PostHog's paths is meant, and what may come and go there.
//!
//! Facts: PostHog/posthog `rust/capture/src/router.rs`, `rust/feature-flags/src/router.rs`, posthog-js
//! `src/utils/request-router.ts`. A path that is not here does not exist: the private API, webhooks and the application's
//! own pages are not for a public proxy (product invariant 8).

/// One of the vendor's endpoints, by its path below our prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `/e/`, `/i/v0/e/`, `/capture/`, `/track/`, `/engage/`: events of a page.
    Events,
    /// `/batch/`: events of a server.
    Batch,
    /// `/i/v1/analytics/events`: the second protocol.
    V1,
    /// `/s/`: recordings.
    Replay,
    /// `/flags/` and `/decide/`.
    Flags,
    /// `/i/v1/logs`.
    Logs,
    /// `/flags/definitions` and `/api/feature_flag/local_evaluation`: for servers, with a private key.
    Definitions,
    /// `/api/projects/@current/feature_flags/<key>/remote_config`: likewise.
    FlagConfig,
    /// `/array/<token>/config` and `/array/<token>/config.js`.
    Config {
        /// As JavaScript.
        script: bool,
    },
    /// `/array/<token>/array.js`: the SDK with the project's configuration in front.
    Bundle,
    /// `/static/...js`: the SDK and its parts.
    Static,
    /// `/api/surveys/`, `/api/early_access_features/`, `/api/web_experiments/`, `/api/product_tours/`.
    Listing,
    /// An endpoint that is refused unless the configuration allows it by name.
    Optional(Optional),
}

/// Endpoints that carry prompts, messages or foreign code, each refused unless allowed by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Optional {
    /// `/i/v0/ai`, `/i/v0/ai/batch/`, `/i/v1/ai/events`: prompts and answers of language models.
    Ai,
    /// `/i/v0/ai/otel`, `/i/v1/traces`: OpenTelemetry traces.
    Otel,
    /// `/i/v1/metrics`.
    Metrics,
    /// `/api/conversations/...`: the support widget.
    Conversations,
    /// `/report/`: reports of browsers about a content security policy.
    Report,
    /// `/site_app/...`: code that the vendor's users wrote.
    SiteApp,
}

impl Optional {
    /// All of them, for the configuration.
    pub const ALL: [Self; 6] = [Self::Ai, Self::Otel, Self::Metrics, Self::Conversations, Self::Report, Self::SiteApp];

    /// The word in the configuration's `allow`, and in the metric of refused requests.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ai => "ai",
            Self::Otel => "otel",
            Self::Metrics => "metrics",
            Self::Conversations => "conversations",
            Self::Report => "report",
            Self::SiteApp => "site_app",
        }
    }
}

/// The methods of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Methods {
    /// GET and HEAD.
    Get,
    /// POST.
    Post,
    /// POST, and GET with the body in the query.
    Both,
}

impl Methods {
    /// The `Allow` header.
    #[must_use]
    pub const fn allow(self) -> &'static str {
        match self {
            Self::Get => "GET, HEAD, OPTIONS",
            Self::Post => "POST, OPTIONS",
            Self::Both => "GET, POST, OPTIONS",
        }
    }

    /// Whether the method is one of them.
    #[must_use]
    pub fn has(self, method: &http::Method) -> bool {
        match *method {
            http::Method::GET => matches!(self, Self::Get | Self::Both),
            http::Method::HEAD => matches!(self, Self::Get),
            http::Method::POST => matches!(self, Self::Post | Self::Both),
            _ => false,
        }
    }
}

/// The project's token in the path of its configuration or of its bundle.
#[must_use]
pub fn project(path: &str) -> Option<&str> {
    path.strip_prefix("/array/")?.split_once('/').map(|(token, _)| token)
}

impl Endpoint {
    /// Finds the endpoint of a path below our prefix, with or without the slash at its end.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let bare = path.strip_suffix('/').unwrap_or(path);
        let found = match bare {
            "/e" | "/i/v0/e" | "/capture" | "/track" | "/engage" | "/i/v0/capture" => Self::Events,
            "/batch" | "/i/v0/batch" => Self::Batch,
            "/i/v1/analytics/events" => Self::V1,
            "/s" | "/i/v0/s" => Self::Replay,
            "/flags" | "/decide" => Self::Flags,
            "/i/v1/logs" => Self::Logs,
            "/flags/definitions" | "/api/feature_flag/local_evaluation" => Self::Definitions,
            "/api/surveys" | "/api/early_access_features" | "/api/web_experiments" | "/api/product_tours" => {
                Self::Listing
            }
            "/i/v0/ai" | "/i/v0/ai/batch" | "/i/v1/ai/events" => Self::Optional(Optional::Ai),
            "/i/v0/ai/otel" | "/i/v1/traces" => Self::Optional(Optional::Otel),
            "/i/v1/metrics" => Self::Optional(Optional::Metrics),
            "/report" => Self::Optional(Optional::Report),
            _ => return Self::below(path),
        };
        Some(found)
    }

    fn below(path: &str) -> Option<Self> {
        if let Some(rest) = path.strip_prefix("/array/") {
            let (_, file) = rest.split_once('/')?;
            return match file {
                "config" => Some(Self::Config { script: false }),
                "config.js" => Some(Self::Config { script: true }),
                "array.js" | "array.full.js" => Some(Self::Bundle),
                _ => None,
            };
        }
        if let Some(rest) = path.strip_prefix("/static/") {
            let fit = |part: &str| {
                let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
                !part.is_empty() && part.len() <= 80 && !part.starts_with('.') && part.bytes().all(fits)
            };
            let script = rest.ends_with(".js") && rest.split('/').count() <= 3 && rest.split('/').all(fit);
            return script.then_some(Self::Static);
        }
        if let Some(rest) = path.strip_prefix("/api/projects/@current/feature_flags/") {
            let key = rest.trim_end_matches('/').strip_suffix("/remote_config")?;
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            return (!key.is_empty() && key.len() <= 400 && key.bytes().all(fits)).then_some(Self::FlagConfig);
        }
        if path.starts_with("/api/conversations/") {
            return Some(Self::Optional(Optional::Conversations));
        }
        (path.starts_with("/site_app/") || path.starts_with("/api/site_app"))
            .then_some(Self::Optional(Optional::SiteApp))
    }

    /// The methods that exist here.
    #[must_use]
    pub const fn methods(self) -> Methods {
        match self {
            Self::Events | Self::Flags => Methods::Both,
            Self::Batch | Self::V1 | Self::Replay | Self::Logs => Methods::Post,
            Self::Optional(Optional::SiteApp) => Methods::Get,
            Self::Optional(Optional::Conversations) => Methods::Both,
            Self::Optional(_) => Methods::Post,
            Self::Definitions
            | Self::FlagConfig
            | Self::Config { .. }
            | Self::Bundle
            | Self::Static
            | Self::Listing => Methods::Get,
        }
    }

    /// How many bytes of body the vendor reads (`rust/capture/src/router.rs`: 2 MB, 20 MB for batches, 25 MB for
    /// recordings).
    #[must_use]
    pub const fn limit(self) -> usize {
        match self {
            Self::Batch | Self::V1 | Self::Optional(_) => 20 * 1024 * 1024,
            Self::Replay => 25 * 1024 * 1024,
            _ => 2 * 1024 * 1024,
        }
    }

    /// How many bytes may come out of a body's encodings: our own cap.
    #[must_use]
    pub const fn decoded_limit(self) -> usize {
        match self {
            Self::Batch | Self::V1 | Self::Replay | Self::Optional(_) => 32 * 1024 * 1024,
            _ => 8 * 1024 * 1024,
        }
    }

    /// True for the paths that only a server with a private key asks for.
    #[must_use]
    pub const fn is_private(self) -> bool {
        matches!(self, Self::Definitions | Self::FlagConfig)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_of_the_clients_is_known_with_and_without_slash() {
        for (path, endpoint) in [
            ("/e/", Endpoint::Events),
            ("/e", Endpoint::Events),
            ("/i/v0/e/", Endpoint::Events),
            ("/engage/", Endpoint::Events),
            ("/batch/", Endpoint::Batch),
            ("/i/v1/analytics/events", Endpoint::V1),
            ("/s/", Endpoint::Replay),
            ("/flags/", Endpoint::Flags),
            ("/decide/", Endpoint::Flags),
            ("/flags/definitions", Endpoint::Definitions),
            ("/api/projects/@current/feature_flags/my-flag/remote_config", Endpoint::FlagConfig),
            ("/array/phc_a/config.js", Endpoint::Config { script: true }),
            ("/array/phc_a/config", Endpoint::Config { script: false }),
            ("/static/array.js", Endpoint::Static),
            ("/static/1.449.2/recorder.js", Endpoint::Static),
            ("/api/surveys/", Endpoint::Listing),
            ("/i/v0/ai/otel", Endpoint::Optional(Optional::Otel)),
            ("/site_app/1/abc/", Endpoint::Optional(Optional::SiteApp)),
        ] {
            assert_eq!(Endpoint::of(path), Some(endpoint), "{path}");
        }
        assert_eq!(project("/array/phc_a/config.js"), Some("phc_a"));
        assert_eq!(project("/e/"), None);
    }

    #[test]
    fn nothing_else_exists() {
        for path in [
            "/",
            "",
            "/api/me",
            "/api/orders",
            "/api/projects/1/persons/",
            "/project/1",
            "/static/",
            "/static/../api",
            "/static/a.html",
            "/static/.js",
            "/array/phc_a/other",
            "/array/phc_a",
            "/public/webhooks",
            "/livestream",
            "/flags/x",
        ] {
            assert_eq!(Endpoint::of(path), None, "{path}");
        }
    }
}
