//! `bauta consent`: the embedded consent store, for applications that keep no consent of their own.

mod transfer;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::out::{self, Paint};
use super::{CANNOT, ConfigFile, NO, USAGE};
use crate::clock::{Clock as _, SystemClock, UnixMillis};
use crate::config::file::File;
use crate::person::{AppUserId, Salt};
use crate::runtime::store;
use crate::store::sqlite::SqliteStore;
use crate::store::{Change, Choice, ConsentStore as _, Record, StoreError};

/// How long the store may take; another process may be writing.
const DEADLINE: Duration = Duration::from_secs(5);

/// Read and write the embedded consent store.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Show what a person chose
    Get(Get),
    /// Record what a person chose
    #[command(after_help = "Choices: granted, denied, off, local, anonymised, full, or forget to remove the record.\n\
        A running bauta sees it with the next event. A new salt destroys the one before: nobody can make\n\
        the person's past ids again, whoever has the key.\n\n\
        Examples:\n  bauta consent set 42 granted\n  echo 42 | bauta consent set - denied --site shop\n  \
        bauta consent set 42 forget --new-salt")]
    Set(Set),
    /// Print every record of a site, one JSON object per line; people stand in it as keyed digests
    #[command(after_help = "Examples:\n  bauta consent export > consent.jsonl\n  \
        bauta consent export --with-salts > secret.jsonl   # needed to keep the ids of salted people\n\n\
        Without --with-salts a salted person's line says so, and whoever imports it gives them a new salt.")]
    Export(Export),
    /// Take over records from standard input, one JSON object per line
    #[command(
        after_help = "A line is one of an export, or {\"user\": \"42\", \"choice\": \"granted\"}, with its time in \
        \"decided\" (milliseconds since 1970) if that is known. The later choice stays; epochs never go back, and an \
        older salt never comes back.\n\n\
        Example:\n  bauta consent import < consent.jsonl"
    )]
    Import(Place),
}

#[derive(clap::Args)]
struct Get {
    #[command(flatten)]
    who: Who,
    /// Print the salt of the person's pseudonym: with it and the key, their ids can be made
    #[arg(long)]
    show_salt: bool,
}

#[derive(clap::Args)]
struct Set {
    #[command(flatten)]
    who: Who,
    /// What the person chose
    #[arg(value_name = "CHOICE", required_unless_present = "new_salt")]
    choice: Option<String>,
    /// Replace the salt of the person's pseudonym, which destroys the one before, and renew the epoch
    #[arg(long)]
    new_salt: bool,
}

#[derive(clap::Args)]
struct Export {
    #[command(flatten)]
    place: Place,
    /// Print the salts of pseudonyms as well: keep such a file as you keep the key
    #[arg(long)]
    with_salts: bool,
}

#[derive(clap::Args)]
struct Who {
    /// The account id as the application knows it; `-` reads it from standard input
    #[arg(value_name = "USER")]
    user: String,
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
struct Place {
    /// The site; may be left out when there is one only
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    #[command(flatten)]
    config: ConfigFile,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// The realm and the open store.
struct Opened {
    realm: String,
    /// Whoever agrees for the first time gets a salt.
    salted: bool,
    store: Arc<SqliteStore>,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let (who, choice, new_salt, show_salt) = match &args.act {
        Act::Export(Export { place, with_salts }) => {
            return open(place).and_then(|opened| transfer::export(&opened, *with_salts)).unwrap_or_else(|code| code);
        }
        Act::Import(place) => {
            return open(place).and_then(|opened| transfer::import(&opened, place.json)).unwrap_or_else(|code| code);
        }
        Act::Get(get) => (&get.who, None, false, get.show_salt),
        Act::Set(set) => {
            let known = |word: &str| Change::from_word(word, false).is_some();
            if let Some(word) = set.choice.as_deref().filter(|word| !known(word)) {
                let words: Vec<&str> = Choice::ALL.iter().map(|choice| choice.word()).collect();
                let fix = format!("write one of {}, forget", words.join(", "));
                return out::fail(USAGE, &format!("there is no choice {word:?}"), &fix);
            }
            (&set.who, set.choice.as_deref(), set.new_salt, false)
        }
    };
    let done = who.read().and_then(|user| {
        let opened = open(&who.place)?;
        let change = choice.and_then(|word| Change::from_word(word, opened.salted));
        let changes = Change::in_order(change, new_salt);
        let record = wait(carry_out(&opened, &user, &changes))?;
        Ok(show(&opened, &record, (who.place.json, show_salt), !changes.is_empty()))
    });
    done.unwrap_or_else(|code| code)
}

/// Waits for the store.
fn wait<T>(pending: impl Future<Output = Result<T, StoreError>>) -> Result<T, ExitCode> {
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let threads = threads.map_err(|_| out::fail(CANNOT, "no thread can be started", "raise the limit of processes"))?;
    threads
        .block_on(pending)
        .map_err(|error| out::fail(CANNOT, &error.to_string(), "try again; nothing may have been recorded"))
}

async fn carry_out(opened: &Opened, user: &AppUserId, changes: &[Change]) -> Result<Record, StoreError> {
    let Opened { realm, store, .. } = opened;
    for change in changes {
        store.change(realm, user, *change, SystemClock.now(), DEADLINE).await?;
    }
    store.get(realm, user, DEADLINE).await
}

impl Who {
    fn read(&self) -> Result<AppUserId, ExitCode> {
        let typed =
            if self.user == "-" { std::io::read_to_string(std::io::stdin()).ok() } else { Some(self.user.clone()) };
        let user = typed.and_then(|text| AppUserId::from_text(text.trim_end_matches(['\r', '\n'])));
        user.ok_or_else(|| out::fail(USAGE, "there is no user", "give the account id of the application"))
    }
}

fn open(place: &Place) -> Result<Opened, ExitCode> {
    let (loaded, plan) = place.config.plan(false).map_err(|error| out::bad_config(&error, place.json))?;
    let realm = realm(&loaded.file, place.site.as_deref())?;
    let runtime = plan.into_runtime();
    let keys = runtime
        .keys
        .ok_or_else(|| out::fail(CANNOT, "the store needs a key under [keys]", "run `bauta keygen hmac.key`"))?;
    let path = store::path(&loaded.file, &loaded.base)
        .ok_or_else(|| out::fail(CANNOT, "store.url names no file", "write url = \"sqlite:bauta.db\""))?;
    let store = store::open_with(&path, keys.keys())
        .map_err(|error| out::fail(CANNOT, &error.to_string(), "see [store] and [keys] in the configuration"))?;
    let salted = runtime.sites.iter().any(|site| site.realm == realm && site.consent.salts());
    Ok(Opened { realm, salted, store: Arc::new(store) })
}

fn realm(file: &File, site: Option<&str>) -> Result<String, ExitCode> {
    let names = || file.site.iter().map(|site| site.name.as_str()).collect::<Vec<_>>().join(", ");
    let found = match (site, file.site.as_slice()) {
        (Some(name), sites) => sites.iter().find(|site| site.name == name),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    let found = found.ok_or_else(|| out::fail(USAGE, "which site?", &format!("give --site, one of: {}", names())))?;
    Ok(found.realm.clone().unwrap_or_else(|| found.name.clone()))
}

fn show(opened: &Opened, record: &Record, (as_json, with_salt): (bool, bool), changed: bool) -> ExitCode {
    let choice = record.choice.map(|(choice, at)| (choice.word(), at));
    let seconds = |at: UnixMillis| at.seconds();
    if as_json {
        let mut shown = json!({
            "realm": opened.realm,
            "choice": choice.map(|(word, _)| word),
            "recorded_unix": choice.map(|(_, at)| seconds(at)),
            "invalidated_unix": record.invalidated.map(seconds),
            "epoch": record.epoch,
            "salted": record.salt.is_some(),
        });
        if let (true, Some(shown)) = (with_salt, shown.as_object_mut()) {
            shown.insert("salt".into(), json!(record.salt.as_ref().map(Salt::hex)));
        }
        out::json(&shown);
    } else {
        let paint = Paint::stdout();
        let word = choice.map_or("nothing recorded", |(word, _)| word);
        let salt = match &record.salt {
            Some(salt) if with_salt => format!(", salt {}", salt.hex()),
            Some(_) => ", salted".to_owned(),
            None => String::new(),
        };
        out::line(&format!("{}  realm {}, epoch {}{salt}", paint.bold(word), opened.realm, record.epoch));
    }
    match (changed, choice) {
        (false, None) => ExitCode::from(NO),
        _ => ExitCode::SUCCESS,
    }
}
