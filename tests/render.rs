//! The files in deploy/ are what `bauta render` makes of deploy/bauta.toml, and every name in the dashboards and alerts
//! is a metric that a running bauta has.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::http::{request, send};
use support::serve::{Bauta, KEY};

/// Target and folder.
const TARGETS: [(&str, &str); 7] = [
    ("k8s", "kubernetes"),
    ("kustomize", "kustomize/components/bauta"),
    ("compose", "docker"),
    ("nginx", "nginx"),
    ("caddy", "caddy"),
    ("haproxy", "haproxy"),
    ("systemd", "systemd"),
];

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy")
}

/// `bauta render` over a configuration whose keys lie beside it.
fn render(text: &str, target: &str, out: &Path) -> Output {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("bauta.toml", text.as_bytes()), ("hmac.key", &KEY[..]), ("session.key", &KEY[..16])] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    Command::new(env!("CARGO_BIN_EXE_bauta"))
        .args(["render", target, "-c"])
        .arg(folder.path().join("bauta.toml"))
        .arg("--out")
        .arg(out)
        .output()
        .unwrap()
}

#[test]
fn the_committed_files_are_the_rendered_ones() {
    let text = std::fs::read_to_string(deploy().join("bauta.toml")).unwrap();
    // `make deploy-render` sets it, to write the files anew after a change of a template.
    let write = std::env::var_os("BAUTA_WRITE_DEPLOY").is_some();
    let mut compared = 0;
    for (target, folder) in TARGETS {
        let out = tempfile::tempdir().unwrap();
        let ran = render(&text, target, out.path());
        assert!(ran.status.success(), "{target}: {}", String::from_utf8(ran.stderr).unwrap());
        for entry in std::fs::read_dir(out.path()).unwrap() {
            let made = entry.unwrap();
            let kept = deploy().join(folder).join(made.file_name());
            let now = std::fs::read_to_string(made.path()).unwrap();
            if write {
                std::fs::write(&kept, &now).unwrap();
            }
            let before = std::fs::read_to_string(&kept).unwrap_or_default();
            assert!(before == now, "{} is not what render makes: run make deploy-render\n{now}", kept.display());
            assert!(!now.contains('@') || ["systemd", "nginx", "caddy"].contains(&target), "a hole is left:\n{now}");
            compared += 1;
        }
    }
    assert_eq!(compared, 7 + 3 + 1 + 2 + 1 + 1 + 2);
}

#[test]
fn no_rendered_file_holds_a_key() {
    let text = std::fs::read_to_string(deploy().join("bauta.toml")).unwrap();
    let key = &KEY[..];
    for (target, _) in TARGETS {
        let out = tempfile::tempdir().unwrap();
        assert!(render(&text, target, out.path()).status.success());
        for entry in std::fs::read_dir(out.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            assert!(!bytes.windows(8).any(|window| window == &key[..8]), "{target}");
        }
    }
}

#[test]
fn a_key_outside_the_folder_is_refused_with_a_word_on_what_to_do() {
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(outside.path(), KEY).unwrap();
    let text = std::fs::read_to_string(deploy().join("bauta.toml"))
        .unwrap()
        .replace("\"hmac.key\"", &format!("{:?}", outside.path().display().to_string()));
    let out = tempfile::tempdir().unwrap();
    let ran = render(&text, "k8s", out.path());
    assert_eq!(ran.status.code(), Some(65));
    assert!(String::from_utf8(ran.stderr).unwrap().contains("below its folder"));
}

/// Every word that looks like one of our metrics.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c| !is_name(c)).filter(|word| word.starts_with("bauta_")).map(str::to_owned).collect()
}

#[test]
fn every_metric_of_the_dashboard_and_the_alerts_exists() {
    let site = "[[site]]\nname = \"shop\"\n[site.quota]\nper_visitor = \"1/h\"\n[[site.upstream]]\nvendor = \"plausible\"\nurl = \"http://127.0.0.1:9\"\nsites = [\"shop.example\"]\n";
    let bauta = Bauta::start(site);
    // Families appear with their first sample: one of everything.
    let fields = [("Host".to_owned(), "shop.example".to_owned()), ("Content-Type".to_owned(), "text/plain".to_owned())];
    let event = br#"{"n":"pageview","u":"https://shop.example/?email=jo.doe@mail.example","d":"shop.example"}"#;
    for (method, path) in [("POST", "/api/event"), ("POST", "/api/event"), ("GET", "/js/script.js"), ("GET", "/no")] {
        let body = if method == "POST" { &event[..] } else { b"" };
        send(bauta.address, &request(method, path, &fields, body));
    }
    let page = bauta.metrics();
    let known: BTreeSet<&str> =
        page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let mut seen = 0;
    for name in ["dashboards/grafana.json", "prometheus/rules.yml"] {
        let text = std::fs::read_to_string(deploy().join(name)).unwrap();
        for metric in metrics_in(&text) {
            let family = ["_total", "_bucket", "_sum", "_count"]
                .iter()
                .find_map(|tail| metric.strip_suffix(tail))
                .filter(|family| known.contains(family))
                .unwrap_or(&metric);
            assert!(known.contains(family), "{name} asks for {metric}, which /metrics does not have:\n{known:?}");
            seen += 1;
        }
    }
    assert!(seen >= 15, "only {seen} names were found");
    let dashboard = std::fs::read_to_string(deploy().join("dashboards/grafana.json")).unwrap();
    let dashboard: serde_json::Value = serde_json::from_str(&dashboard).unwrap();
    assert!(dashboard["panels"].as_array().unwrap().len() >= 8);
}
