//! `bauta id USER`: the pseudonyms of a person.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::out::{self, Paint};
use super::{CANNOT, ConfigFile};
use crate::identity::Pseudonymiser;
use crate::person::AppUserId;
use crate::runtime::Runtime;

/// Print what a user is called at each upstream, under each key.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  bauta id 42\n  echo 42 | bauta id -                # kept out of the process list\n  \
    bauta id 42 --epoch 1               # after an erasure"
)]
pub(crate) struct Args {
    /// The account id as the application knows it; `-` reads it from standard input
    #[arg(value_name = "USER")]
    user: String,
    #[command(flatten)]
    config: ConfigFile,
    /// How often an erasure has renamed the person
    #[arg(long, value_name = "N", default_value_t = 0)]
    epoch: u32,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// One pseudonym and what it was made of.
struct Row {
    site: String,
    realm: String,
    upstream: String,
    key: String,
    pseudonym: String,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let (loaded, plan) = match args.config.plan(false) {
        Ok(sound) => sound,
        Err(error) => return out::bad_config(&error, args.json),
    };
    let typed = if args.user == "-" { std::io::read_to_string(std::io::stdin()) } else { Ok(args.user.clone()) };
    let user = typed.ok().and_then(|text| AppUserId::from_text(text.trim_end_matches(['\r', '\n'])));
    let Some(user) = user else {
        return out::fail(CANNOT, "there is no user", "give the account id as the application knows it");
    };
    let runtime = plan.into_runtime();
    if runtime.keys.is_none() {
        return out::fail(CANNOT, "there is no pseudonym key", "run `bauta keygen hmac.key` and name it under [keys]");
    }
    let rows = rows(&runtime, &loaded.file, &user, args.epoch);
    if args.json {
        let row = |row: &Row| {
            let Row { site, realm, upstream, key, pseudonym } = row;
            json!({ "site": site, "realm": realm, "upstream": upstream, "key": key, "epoch": args.epoch,
                "pseudonym": pseudonym })
        };
        out::json(&rows.iter().map(row).collect::<Value>());
        return ExitCode::SUCCESS;
    }
    let paint = Paint::stdout();
    let width = rows.iter().map(|row| row.pseudonym.len()).max().unwrap_or_default();
    for Row { site, realm, upstream, key, pseudonym } in &rows {
        let made = format!("site {site}, realm {realm}, upstream {upstream}, key {key}, epoch {}", args.epoch);
        out::line(&format!("{}  {}", paint.bold(&format!("{pseudonym:width$}")), paint.dim(&made)));
    }
    ExitCode::SUCCESS
}

fn rows(runtime: &Runtime, file: &crate::config::file::File, user: &AppUserId, epoch: u32) -> Vec<Row> {
    let mut rows = Vec::new();
    for (site, shape) in runtime.sites.iter().zip(&file.site) {
        for (upstream, shape) in site.upstreams.iter().zip(&shape.upstream) {
            let label = shape.share_group.as_deref().unwrap_or(&upstream.name);
            for key in runtime.keys.iter().flat_map(|ring| ring.keys()) {
                let Ok(maker) = Pseudonymiser::new(key, &site.realm, label, shape.bits) else { continue };
                rows.push(Row {
                    site: site.name.clone(),
                    realm: site.realm.clone(),
                    upstream: upstream.name.clone(),
                    key: key.id().to_owned(),
                    pseudonym: maker.pseudonym(user, epoch).to_string(),
                });
            }
        }
    }
    rows
}
