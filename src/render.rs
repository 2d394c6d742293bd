//! `bauta render`: deployment files made from a configuration.
//!
//! Input: a loaded configuration, its text, and a few names. Output: named files, ready to be read by people and by the
//! tools they are for; the committed files in `deploy/` are these very ones, rendered from `deploy/bauta.toml`, and a
//! test keeps them equal. Nothing secret is in them: keys are named, never read.

mod facts;
mod fronts;
mod kubernetes;
mod machine;
mod template;

pub use facts::{Facts, Names, Unfit, state_beside};

/// A file that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Its name.
    pub name: &'static str,
    /// Its text.
    pub text: String,
}

impl Rendered {
    fn new(name: &'static str, text: String) -> Self {
        Self { name, text }
    }
}

/// What can be rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A native sidecar beside an application, and a gateway by itself.
    Kubernetes,
    /// A Kustomize component that patches any Deployment.
    Kustomize,
    /// A compose file.
    Compose,
    /// An upstream and the locations of a server.
    Nginx,
    /// A site of a Caddyfile.
    Caddy,
    /// A frontend's rules and the backends.
    Haproxy,
    /// A hardened service and its socket.
    Systemd,
}

/// Renders the files of a target.
#[must_use]
pub fn render(target: Target, facts: &Facts) -> Vec<Rendered> {
    match target {
        Target::Kubernetes => kubernetes::plain(facts),
        Target::Kustomize => kubernetes::component(facts),
        Target::Compose => machine::compose(facts),
        Target::Systemd => machine::systemd(facts),
        Target::Nginx => fronts::nginx(facts),
        Target::Caddy => fronts::caddy(facts),
        Target::Haproxy => fronts::haproxy(facts),
    }
}
