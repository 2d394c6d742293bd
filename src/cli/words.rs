//! `bauta words`: new opaque words for an upstream, to change the ones of before.

use std::process::ExitCode;

use clap::ValueEnum;
use serde_json::json;

use super::{CANNOT, out};
use crate::aliases::{self, Drawn};
use crate::config::aliases::Aliases;
use crate::config::upstream::Vendor;

/// Draw new opaque words for an upstream.
#[derive(clap::Args)]
#[command(after_help = "Put the line into [[site.upstream]], and the words of before into its `previous`.\n\n\
    Examples:\n  bauta words\n  bauta words --script pa-XYZ\n  bauta words --vendor posthog --token phc_...")]
pub(crate) struct Args {
    /// The vendor
    #[arg(long, value_enum, value_name = "WORD", default_value = "plausible")]
    vendor: For,
    /// PostHog: the project's token, which stands in some of the paths
    #[arg(long, value_name = "TOKEN", default_value = "")]
    token: String,
    /// Plausible: another script that gets a word, by its name (pa-..., script.outbound-links); may be repeated
    #[arg(long, value_name = "NAME", value_parser = script)]
    script: Vec<String>,
    /// How many installs' worth
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    count: u32,
    /// Answer as JSON, one object per line
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum For {
    Plausible,
    Posthog,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let vendor = match args.vendor {
        For::Plausible => Vendor::Plausible,
        For::Posthog => Vendor::Posthog,
    };
    let of = Drawn { vendor, token: &args.token, scripts: &args.script };
    for _ in 0..args.count {
        match aliases::draw(of, getrandom::fill) {
            Ok(drawn) if args.json => out::line(&json!({ "root": drawn.root, "words": drawn.words }).to_string()),
            Ok(drawn) => out::line(&format!("aliases = {}", line(&drawn))),
            Err(error) => return out::fail(CANNOT, &format!("the system gives no random bytes: {error}"), ""),
        }
    }
    ExitCode::SUCCESS
}

/// The name of a script of Plausible's, without `.js`.
pub(super) fn script(name: &str) -> Result<String, &'static str> {
    let name = name.strip_suffix(".js").unwrap_or(name);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let known = (1..=80).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(fits);
    if known { Ok(name.to_owned()) } else { Err("expected the name of a script, such as pa-XYZ") }
}

/// The words as one line of TOML.
pub(super) fn line(aliases: &Aliases) -> String {
    let text = |value: &str| toml::Value::from(value).to_string();
    let words: Vec<String> =
        aliases.words.iter().map(|(path, word)| format!("{} = {}", text(path), text(word))).collect();
    format!("{{ root = {}, words = {{ {} }} }}", text(&aliases.root), words.join(", "))
}
