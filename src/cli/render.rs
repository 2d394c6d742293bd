//! `bauta render`: deployment files from a configuration, to read, to change and to keep beside it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use super::{CANNOT, ConfigFile, DATA, out};
use crate::config::file::File;
use crate::render::{self, Facts, Names, Target};

/// Print deployment files made from the configuration.
#[derive(clap::Args)]
#[command(
    after_help = "Several files come one after the other, each under a line that names it; --out writes them.\n\n\
    Examples:\n  bauta render nginx -c bauta.toml\n  bauta render k8s -c bauta.toml --app shop --out deploy/\n  \
    bauta render systemd --out /etc/systemd/system"
)]
pub(crate) struct Args {
    /// What for
    #[arg(value_enum, value_name = "WHAT")]
    target: For,
    #[command(flatten)]
    config: ConfigFile,
    /// The name of bauta's own objects
    #[arg(long, value_name = "NAME", default_value = "bauta")]
    name: String,
    /// The name of the application's Deployment
    #[arg(long, value_name = "NAME", default_value = "shop")]
    app: String,
    /// The image of the application
    #[arg(long, value_name = "IMAGE", default_value = "registry.example/shop:1.0.0")]
    app_image: String,
    /// The image of bauta [default: this version's]
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    /// The folder to write to, instead of printing
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum For {
    // Native sidecar and gateway
    K8s,
    // A component that patches any Deployment
    Kustomize,
    // docker compose
    Compose,
    // Upstream and locations
    Nginx,
    // A site of a Caddyfile
    Caddy,
    // Frontend rules and backends
    Haproxy,
    // A hardened unit and its socket
    Systemd,
}

impl For {
    /// Whether more than one bauta runs from what is rendered.
    const fn is_replicated(self) -> bool {
        matches!(self, Self::K8s | Self::Kustomize)
    }

    const fn target(self) -> Target {
        match self {
            Self::K8s => Target::Kubernetes,
            Self::Kustomize => Target::Kustomize,
            Self::Compose => Target::Compose,
            Self::Nginx => Target::Nginx,
            Self::Caddy => Target::Caddy,
            Self::Haproxy => Target::Haproxy,
            Self::Systemd => Target::Systemd,
        }
    }
}

/// Whether consent and epochs are kept in a file beside one process.
fn has_pod_local_store(file: &File) -> bool {
    file.site.iter().any(|site| site.consent.reads_store())
}

pub(crate) fn run(args: &Args) -> ExitCode {
    // The keys may be elsewhere on the machine that renders: only what the file itself says must be sound.
    let loaded = match args.config.load() {
        Ok(loaded) => loaded,
        Err(error) => return out::bad_config(&error, false),
    };
    let text = match std::fs::read_to_string(&args.config.path) {
        Ok(text) => text,
        Err(error) => return out::fail(CANNOT, &format!("the configuration cannot be read: {error}"), ""),
    };
    let names = Names {
        name: args.name.clone(),
        app: args.app.clone(),
        app_image: args.app_image.clone(),
        image: args.image.clone().unwrap_or_else(|| Names::default().image),
    };
    let facts = match Facts::of(&loaded, text, render::state_beside(&args.config.path), names) {
        Ok(facts) => facts,
        Err(error) => {
            return out::fail(DATA, &error.to_string(), "name keys relative to the configuration, below its folder");
        }
    };
    if args.target.is_replicated() && has_pod_local_store(&loaded.file) {
        let problem = "the store is a file of one pod, and what is rendered has several: a refusal that one pod heard \
                       would be unknown to the others";
        let fix = "take consent from the session, SQL, Redis or HTTP instead of { kind = \"store\" }, and try again";
        return out::fail(DATA, problem, fix);
    }
    let files = render::render(args.target.target(), &facts);
    let Some(folder) = &args.out else {
        for (index, file) in files.iter().enumerate() {
            if files.len() > 1 {
                let yaml = file.name.ends_with(".yaml");
                let rule = if index > 0 && yaml { "---\n" } else { "" };
                out::bytes(format!("{rule}# {}\n", file.name).as_bytes());
            }
            out::bytes(file.text.as_bytes());
        }
        return ExitCode::SUCCESS;
    };
    if let Err(error) = std::fs::create_dir_all(folder) {
        return out::fail(CANNOT, &format!("{} cannot be made: {error}", folder.display()), "choose another --out");
    }
    for file in &files {
        let path = folder.join(file.name);
        if let Err(error) = std::fs::write(&path, &file.text) {
            return out::fail(
                CANNOT,
                &format!("{} cannot be written: {error}", path.display()),
                "choose another --out",
            );
        }
        out::note(&format!("wrote {}", path.display()));
    }
    ExitCode::SUCCESS
}
