//! `bauta conventions`: how events and ids are called at each PostHog upstream, as a page for the team; or what would
//! become of names, before anything is switched on.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::json;

use super::ConfigFile;
use super::out;
use crate::config::file::{File, Upstream, Vendor};
use crate::payload::posthog::rename::Conventions;

/// Print the naming conventions of events as Markdown, or try them on names.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  bauta conventions > EVENTS.md\n  printf 'Signed Up\\n$pageview\\n' | bauta conventions --try"
)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// Read names of events from standard input and say what each becomes
    #[arg(long = "try")]
    tries: bool,
    /// Answer as JSON (with --try)
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let loaded = match args.config.load() {
        Ok(loaded) => loaded,
        Err(error) => return out::bad_config(&error, args.json),
    };
    if args.tries {
        let names = std::io::read_to_string(std::io::stdin()).unwrap_or_default();
        for (site, upstream) in upstreams(&loaded.file) {
            let conventions = conventions(upstream);
            for name in names.lines().filter(|name| !name.is_empty()) {
                let becomes = conventions.apply(name).unwrap_or_else(|| name.to_owned());
                out::line(&match args.json {
                    true => {
                        json!({"site": site, "upstream": upstream.word(), "name": name, "becomes": becomes}).to_string()
                    }
                    false => format!("{site} -> {}: {name:?} becomes {becomes:?}", upstream.word()),
                });
            }
        }
    } else {
        out::bytes(page(&loaded.file).as_bytes());
    }
    ExitCode::SUCCESS
}

fn upstreams(file: &File) -> impl Iterator<Item = (&str, &Upstream)> {
    file.site.iter().flat_map(|site| {
        let posthog = site.upstream.iter().filter(|upstream| upstream.vendor == Vendor::Posthog);
        posthog.map(|upstream| (site.name.as_str(), upstream))
    })
}

fn conventions(upstream: &Upstream) -> Conventions {
    Conventions { rename: upstream.rename_events.clone(), snake_case: upstream.snake_case_events }
}

/// The page. The same configuration gives the same page, so that it can be compared in a review.
fn page(file: &File) -> String {
    let mut out = String::from("# Events\n\nWritten by `bauta conventions`. Change bauta.toml, not this page.\n");
    for (site, upstream) in upstreams(file) {
        // Writing into a String cannot fail.
        let _ = section(site, upstream, &mut out);
    }
    out
}

fn section(site: &str, upstream: &Upstream, out: &mut String) -> std::fmt::Result {
    writeln!(out, "\n## {site} at {}\n", upstream.word())?;
    let rule = if upstream.snake_case_events {
        "Names are `snake_case`: `Item Added` arrives as `item_added`. Names with a dollar sign are PostHog's and stay."
    } else {
        "Names arrive as pages send them."
    };
    writeln!(out, "{rule}")?;
    if !upstream.rename_events.is_empty() {
        writeln!(out, "\n| sent | arrives as |\n|---|---|")?;
        for (old, new) in &upstream.rename_events {
            writeln!(out, "| `{old}` | `{new}` |")?;
        }
    }
    writeln!(out, "\n| events | id |\n|---|---|")?;
    for rule in &upstream.event_ids {
        writeln!(out, "| `{}` | keyed name of `{}` in the session |", rule.events.join("`, `"), rule.path.join("."))?;
    }
    writeln!(out, "| all {}| pseudonym of the account |", if upstream.event_ids.is_empty() { "" } else { "others " })?;
    for (constant, rule) in &upstream.trusted.constants {
        let becomes = match rule {
            crate::config::upstream::ConstantRule::Refuse => "does not leave",
            crate::config::upstream::ConstantRule::Anonymous => "a keyed name, no profile",
            crate::config::upstream::ConstantRule::Keep => "as it is",
        };
        writeln!(out, "| sent by servers as `{constant}` | {becomes} |")?;
    }
    for (constant, name) in &upstream.trusted.mapped {
        writeln!(out, "| sent by servers as `{constant}` | `{name}`, no profile |")?;
    }
    if !upstream.traits.is_empty() {
        writeln!(out, "\n| property | from the session | values |\n|---|---|---|")?;
        for one in &upstream.traits {
            writeln!(out, "| `{}` | `{}` | {} |", one.property, one.path.join("."), one.values.join(", "))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_what_the_configuration_does() {
        let file: File = toml::from_str(
            "[[site]]\nname = \"shop\"\n[[site.upstream]]\nvendor = \"posthog\"\nurl = \"https://eu.i.posthog.com\"\n\
             snake_case_events = true\nrename_events = { \"Signed Up\" = \"user_registered\" }\n\
             event_ids = [{ events = [\"agent_*\"], path = [\"user\", \"handle\"] }]\n",
        )
        .unwrap();
        let page = page(&file);
        for line in [
            "| `Signed Up` | `user_registered` |",
            "| `agent_*` | keyed name of `user.handle` in the session |",
            "| all others | pseudonym of the account |",
        ] {
            assert!(page.contains(line), "{line}\n{page}");
        }
        assert_eq!(page, super::page(&file));
    }
}
