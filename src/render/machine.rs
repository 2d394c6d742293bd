//! One machine: compose and systemd.

use super::template::fill;
use super::{Facts, Rendered};

/// The compose file.
pub(super) fn compose(facts: &Facts) -> Vec<Rendered> {
    let (port, health, grace) =
        (facts.listen_port.to_string(), facts.health_port.to_string(), facts.grace().to_string());
    let values = [
        ("shown_prefix", facts.shown_prefix()),
        ("listen_port", &port),
        ("health_port", &health),
        ("grace", &grace),
        ("image", &facts.names.image),
        ("config_name", &facts.config_name),
    ];
    vec![Rendered::new("compose.yaml", fill(include_str!("templates/compose.yaml"), &values))]
}

/// The service and its socket.
pub(super) fn systemd(facts: &Facts) -> Vec<Rendered> {
    let files = [&facts.config_name].into_iter().chain(&facts.secrets);
    // A credential's name holds no slash; the configuration finds files of its own folder only.
    let credentials: String = files.map(|name| format!("LoadCredential={name}:/etc/bauta/{name}\n")).collect();
    let grace = facts.grace().to_string();
    let values = [("config_name", facts.config_name.as_str()), ("grace", &grace), ("credentials", &credentials)];
    let socket = fill(include_str!("templates/bauta.socket"), &[("listen_address", facts.listen.as_str())]);
    vec![
        Rendered::new("bauta.service", fill(include_str!("templates/bauta.service"), &values)),
        Rendered::new("bauta.socket", socket),
    ]
}
