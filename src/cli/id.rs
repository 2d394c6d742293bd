//! `bauta id USER`: the pseudonyms of a person, with the epoch and the salt that their record keeps.

use std::process::ExitCode;
use std::time::Duration;

use http::HeaderMap;
use serde_json::json;

use super::out::{self, Paint};
use super::{CANNOT, ConfigFile};
use crate::clock::{Clock as _, SystemClock};
use crate::consent::{Asked, EpochUnreadable};
use crate::cookies::Cookies;
use crate::identity::Pseudonymiser;
use crate::person::{AppUserId, Person, Salt, Value};
use crate::runtime::{Runtime, Site, store};

/// How long a database may take: a person waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// Print what a user is called at each upstream, under each key.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  bauta id 42\n  echo 42 | bauta id -                # kept out of the process list\n  \
    bauta id 42 --epoch 0               # before an erasure\n\n\
    The store is asked for the epoch and the salt, or the database that keeps them. Ids made with a salt\n\
    that was replaced cannot be made again."
)]
pub(crate) struct Args {
    /// The account id as the application knows it; `-` reads it from standard input
    #[arg(value_name = "USER")]
    user: String,
    #[command(flatten)]
    config: ConfigFile,
    /// How often an erasure has renamed the person; default: as recorded
    #[arg(long, value_name = "N")]
    epoch: Option<u32>,
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
    epoch: u32,
    salted: bool,
    pseudonym: String,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let (loaded, plan) = match args.config.plan_to_look() {
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
    let mut epoch = args.epoch;
    let is_missing = || store::path(&loaded.file, &loaded.base).is_none_or(|path| !path.exists());
    if epoch.is_none() && loaded.file.site.iter().any(|site| site.consent.reads_store()) && is_missing() {
        out::note("there is no store here: nobody has a record, so the epoch is 0");
        epoch = Some(0);
    }
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(threads) = threads else {
        return out::fail(CANNOT, "no thread can be started", "raise the limit of processes");
    };
    let Ok(rows) = threads.block_on(rows(&runtime, &loaded.file, &user, epoch)) else {
        let fix = "see that the store or the database answers, or give --epoch for the ids without a salt";
        return out::fail(CANNOT, "the person's epoch cannot be read", fix);
    };
    if args.json {
        let row = |row: &Row| {
            let Row { site, realm, upstream, key, epoch, salted, pseudonym } = row;
            json!({ "site": site, "realm": realm, "upstream": upstream, "key": key, "epoch": epoch,
                "salted": salted, "pseudonym": pseudonym })
        };
        out::json(&rows.iter().map(row).collect::<serde_json::Value>());
        return ExitCode::SUCCESS;
    }
    let paint = Paint::stdout();
    let width = rows.iter().map(|row| row.pseudonym.len()).max().unwrap_or_default();
    for Row { site, realm, upstream, key, epoch, salted, pseudonym } in &rows {
        let salt = if *salted { ", salted" } else { "" };
        let made = format!("site {site}, realm {realm}, upstream {upstream}, key {key}, epoch {epoch}{salt}");
        out::line(&format!("{}  {}", paint.bold(&format!("{pseudonym:width$}")), paint.dim(&made)));
    }
    ExitCode::SUCCESS
}

/// The ids at every upstream; an error when nobody can say which epoch counts and none is given.
async fn rows(
    runtime: &Runtime,
    file: &crate::config::file::File,
    user: &AppUserId,
    epoch: Option<u32>,
) -> Result<Vec<Row>, EpochUnreadable> {
    let mut rows = Vec::new();
    for (site, shape) in runtime.sites.iter().zip(&file.site) {
        let (recorded, salt) = recorded(site, user).await;
        let epoch = epoch.map_or(recorded, Ok)?;
        for (upstream, shape) in site.upstreams.iter().zip(&shape.upstream) {
            let label = shape.share_group.as_deref().unwrap_or(&upstream.name);
            for key in runtime.keys.iter().flat_map(|ring| ring.keys()) {
                let Ok(maker) = Pseudonymiser::new(key, &site.realm, label, shape.bits) else { continue };
                rows.push(Row {
                    site: site.name.clone(),
                    realm: site.realm.clone(),
                    upstream: upstream.name.clone(),
                    key: key.id().to_owned(),
                    epoch,
                    salted: salt.is_some(),
                    pseudonym: maker.salted(user, epoch, salt.as_ref()).to_string(),
                });
            }
        }
    }
    Ok(rows)
}

/// What the site's sources record of the person's pseudonym.
async fn recorded(site: &Site, user: &AppUserId) -> (Result<u32, EpochUnreadable>, Option<Salt>) {
    let person = Person { user: user.clone(), claims: Value::Null, snapshot: false };
    let (cookies, headers) = (Cookies::parse(std::iter::empty()), HeaderMap::new());
    let asked = Asked {
        person: Some(&person),
        realm: &site.realm,
        cookies: &cookies,
        headers: &headers,
        query: "",
        now: SystemClock.now(),
        deadline: PATIENCE,
    };
    let decision = site.consent.decide(&asked).await;
    (decision.epoch, decision.salt)
}
