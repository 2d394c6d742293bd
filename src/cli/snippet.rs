//! `bauta snippet`: the code for a site's pages.

use std::process::ExitCode;

use clap::ValueEnum;

use super::{ConfigFile, DATA, out};
use crate::snippet::{Client, Page, Wanted};

/// Print the code that your pages need.
#[derive(clap::Args)]
#[command(
    after_help = "Opaque paths (--aliased) are for pages of people who agreed: ask a running bauta for the snippet of one\n\
    session with POST /snippet on its admin listener (docs/guide/first-party.md).\n\n\
    Examples:\n  bauta snippet\n  bauta snippet --client npm\n  bauta snippet --upstream posthog --nonce r4nd0m\n  \
    bauta snippet --origin https://numbers.shop.example"
)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// The site [default: the first]
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// The upstream [default: the site's first]
    #[arg(long, value_name = "NAME")]
    upstream: Option<String>,
    /// Which client the pages use
    #[arg(long, value_enum, value_name = "CLIENT", default_value = "script")]
    client: For,
    /// Plausible: the name of the script (pa-..., script.outbound-links)
    #[arg(long, value_name = "NAME", default_value = "")]
    script: String,
    /// bauta's own origin, if it is not the pages'
    #[arg(long, value_name = "ORIGIN", default_value = "")]
    origin: String,
    /// The nonce of the pages' Content-Security-Policy
    #[arg(long, value_name = "NONCE")]
    nonce: Option<String>,
    /// The opaque paths
    #[arg(long)]
    aliased: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum For {
    // A script element
    Script,
    // Plausible's per-site script
    PerSite,
    // The npm package
    Npm,
    // posthog-js before 1.416; with --aliased what its pages need beside it
    Older,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let loaded = match args.config.load() {
        Ok(loaded) => loaded,
        Err(error) => return out::bad_config(&error, false),
    };
    let named = |wanted: &Option<String>, name: &str| wanted.as_ref().is_none_or(|wanted| wanted == name);
    let site = loaded.file.site.iter().find(|site| named(&args.site, &site.name));
    let upstream = site.and_then(|site| site.upstream.iter().find(|upstream| named(&args.upstream, upstream.word())));
    let Some(upstream) = upstream else {
        return out::fail(DATA, "there is no such site or upstream", "`bauta config print -c FILE` shows their names");
    };
    let client = match args.client {
        For::Script => Client::Script,
        For::PerSite => Client::PerSite,
        For::Npm => Client::Npm,
        For::Older => Client::Older,
    };
    let origin = args.origin.trim_end_matches('/');
    let wanted = Wanted { client, origin, aliased: args.aliased, nonce: args.nonce.as_deref(), script: &args.script };
    match Page::of(upstream).snippet(&wanted) {
        Ok(made) => {
            out::bytes(made.code.as_bytes());
            out::note(&format!("Content-Security-Policy: {}", made.policy));
            out::note("The path must lie under the Path of the application's session cookie, or nobody is recognised.");
            ExitCode::SUCCESS
        }
        Err(error) => out::fail(DATA, &error.to_string(), "see `bauta snippet --help`"),
    }
}
