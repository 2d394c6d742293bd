//! Kubernetes: a native sidecar, a gateway, and a Kustomize component.

use super::facts::Place;
use super::template::{fill, indent};
use super::{Facts, Rendered};

/// Sidecar, gateway, and what both share.
pub(super) fn plain(facts: &Facts) -> Vec<Rendered> {
    let sidecar = [
        ("container", indent(&container(facts), 8)),
        ("volumes", indent(&volumes(facts), 8)),
        ("ingress_rules", indent(&ingress_rules(facts, &facts.names.app), 4)),
    ];
    let gateway = [
        ("volumes", indent(&volumes(facts), 8)),
        ("egress", indent(&egress(facts), 4)),
        ("ingress_rules", indent(&ingress_rules(facts, &facts.names.name), 4)),
    ];
    vec![
        Rendered::new("configmap.yaml", config_map(facts)),
        Rendered::new("sidecar.yaml", with(facts, include_str!("templates/sidecar.yaml"), &sidecar)),
        Rendered::new("sidecar-httproute.yaml", http_route(facts, &facts.names.app)),
        Rendered::new("sidecar-podmonitor.yaml", pod_monitor(facts, ("bauta", "sidecar"))),
        Rendered::new("gateway.yaml", with(facts, include_str!("templates/gateway.yaml"), &gateway)),
        Rendered::new("gateway-httproute.yaml", http_route(facts, &facts.names.name)),
        Rendered::new("gateway-podmonitor.yaml", pod_monitor(facts, ("app.kubernetes.io/component", "gateway"))),
    ]
}

/// The component and its patch.
pub(super) fn component(facts: &Facts) -> Vec<Rendered> {
    let patch = [("container", indent(&container(facts), 8)), ("volumes", indent(&volumes(facts), 8))];
    vec![
        Rendered::new("kustomization.yaml", with(facts, include_str!("templates/component.yaml"), &[])),
        Rendered::new("patch.yaml", with(facts, include_str!("templates/patch.yaml"), &patch)),
        Rendered::new("configmap.yaml", config_map(facts)),
    ]
}

/// Fills a template with the facts and further parts.
fn with(facts: &Facts, template: &str, parts: &[(&str, String)]) -> String {
    let numbers = [
        ("listen_port", facts.listen_port.to_string()),
        ("health_port", facts.health_port.to_string()),
        ("drain", facts.drain.to_string()),
        ("grace", facts.grace().to_string()),
    ];
    let names = &facts.names;
    let words = [
        ("name", names.name.as_str()),
        ("app", &names.app),
        ("image", &names.image),
        ("app_image", &names.app_image),
        ("config_name", &facts.config_name),
    ];
    let all: Vec<(&str, &str)> =
        parts.iter().chain(&numbers).map(|(name, value)| (*name, value.as_str())).chain(words).collect();
    fill(template, &all)
}

fn container(facts: &Facts) -> String {
    with(facts, include_str!("templates/container.yaml"), &[])
}

fn volumes(facts: &Facts) -> String {
    let mut source = String::new();
    if !facts.secrets.is_empty() {
        source.push_str(&format!("- secret:\n    name: {}\n    items:\n", facts.names.name));
        for path in &facts.secrets {
            source.push_str(&format!("      - key: {}\n        path: {}\n", secret_key(path), yaml(path)));
        }
    }
    with(facts, include_str!("templates/volumes.yaml"), &[("secret_source", indent(&source, 6))])
}

fn config_map(facts: &Facts) -> String {
    let files: Vec<String> =
        facts.secrets.iter().map(|path| format!("--from-file={}={path}", secret_key(path))).collect();
    let command = format!("kubectl create secret generic {} {}", facts.names.name, files.join(" "));
    let state = match &facts.state {
        Some((name, text)) => format!("  {name}: |\n{}", indent(text, 4)),
        None => String::new(),
    };
    let parts = [
        ("secret_command", command.trim_end().to_owned()),
        ("config_text", indent(&facts.config_text, 4)),
        ("state", state),
    ];
    with(facts, include_str!("templates/configmap.yaml"), &parts)
}

/// A Secret's keys hold no slash.
fn secret_key(path: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '_' };
    path.chars().map(allowed).collect()
}

/// A text as a YAML scalar; JSON strings are such.
fn yaml(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/');
    let is_plain =
        text.bytes().all(plain) && text.bytes().next().is_some_and(|byte| byte != b'-' && !byte.is_ascii_digit());
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

fn places(facts: &Facts) -> impl Iterator<Item = &Place> {
    facts.fronts.iter().flat_map(|front| &front.places)
}

fn ingress_rules(facts: &Facts, service: &str) -> String {
    let mut paths = String::new();
    for Place { path, exact } in places(facts) {
        let kind = if *exact { "Exact" } else { "Prefix" };
        let path = if *exact || path == "/" { path.as_str() } else { path.trim_end_matches('/') };
        paths.push_str(&format!(
            "- path: {}\n  pathType: {kind}\n  backend:\n    service:\n      name: {service}\n      port:\n        number: {}\n",
            yaml(path),
            facts.listen_port
        ));
    }
    let hosts: Vec<Option<&str>> = match facts.hosts.is_empty() {
        true => vec![None],
        false => facts.hosts.iter().map(|host| Some(host.as_str())).collect(),
    };
    let rule = |host: Option<&str>| {
        let head = host.map(|host| format!("- host: {}\n  http:\n", yaml(host))).unwrap_or_else(|| "- http:\n".into());
        format!("{head}    paths:\n{}", indent(&paths, 6))
    };
    hosts.into_iter().map(rule).collect()
}

fn http_route(facts: &Facts, service: &str) -> String {
    let matches: String = places(facts)
        .map(|Place { path, exact }| {
            let kind = if *exact { "Exact" } else { "PathPrefix" };
            let path = if *exact || path == "/" { path.as_str() } else { path.trim_end_matches('/') };
            format!("- path:\n    type: {kind}\n    value: {}\n", yaml(path))
        })
        .collect();
    let hosts: String = facts.hosts.iter().map(|host| format!("- {}\n", yaml(host))).collect();
    let parts =
        [("service", service.to_owned()), ("hostnames", indent(&hosts, 4)), ("route_matches", indent(&matches, 8))];
    let text = with(facts, include_str!("templates/httproute.yaml"), &parts);
    if facts.hosts.is_empty() { text.replace("  hostnames:\n", "") } else { text }
}

fn pod_monitor(facts: &Facts, (key, value): (&str, &str)) -> String {
    let parts = [("selector_key", key.to_owned()), ("selector_value", value.to_owned())];
    with(facts, include_str!("templates/podmonitor.yaml"), &parts)
}

fn egress(facts: &Facts) -> String {
    let ports: String = facts.vendor_ports.iter().map(|port| format!("    - port: {port}\n")).collect();
    if ports.is_empty() { String::new() } else { format!("- ports:\n{ports}") }
}
