//! `bauta check`: every fault of a configuration at once, or what it means.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::out::{self, Paint};
use super::{CANNOT, ConfigFile, NO, fate, online};
use crate::clock::{Clock as _, SystemClock};
use crate::config::identity_state;
use crate::config::{Loaded, json_faults};

/// Validate a configuration: every fault at once, and what leaves for whom.
#[derive(clap::Args)]
#[command(after_help = "Exit code: 0 sound, 1 warnings with --strict or no answer with --online, 78 faults.\n\n\
    Examples:\n  bauta check -c /etc/bauta/bauta.toml\n  \
    BAUTA__LISTEN__ADDRESS=0.0.0.0:8787 bauta check   # variables count too\n  \
    bauta check --json | jq '.faults[].fix'")]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    /// Ask the session stores, endpoints, key sets, back ends of consent and vendors once
    #[arg(long)]
    online: bool,
    /// Exit with 1 when there are warnings
    #[arg(long)]
    strict: bool,
    /// Write what pseudonyms are made of beside the configuration, to be shipped with it
    #[arg(long)]
    write_state: bool,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let loaded = match args.config.load() {
        Ok(loaded) => loaded,
        Err(error) => return out::bad_config(&error, args.json),
    };
    if args.write_state {
        match identity_state::write_beside(&loaded) {
            Ok(Ok(path)) => out::note(&format!("wrote {}", path.display())),
            Ok(Err(error)) => {
                return out::fail(CANNOT, &format!("the state cannot be written: {error}"), "make the folder writable");
            }
            Err(refused) => return out::new_ids(&refused, args.json),
        }
    } else if let Err(refused) = identity_state::look(&loaded) {
        return out::new_ids(&refused, args.json);
    }
    let fates = fate::table(&loaded, SystemClock.now());
    let tries = if args.online { online::tries(&loaded) } else { Vec::new() };
    let is_reachable = tries.iter().all(|one| one.problem.is_none());
    if args.json {
        out::json(&json!({
            "ok": true,
            "file": loaded.path.display().to_string(),
            "faults": [],
            "warnings": warnings(&loaded),
            "fate": fate::json(&fates),
            "online": tries.iter().map(online::Try::json).collect::<Value>(),
        }));
    } else {
        let paint = Paint::stdout();
        out::line(&format!("{}: {}", loaded.path.display(), paint.green("ok")));
        out::bytes(out::warnings(&loaded, loaded.warnings.iter(), paint).as_bytes());
        out::bytes(fate::render(&fates, paint).as_bytes());
        for one in &tries {
            out::line(&one.text(paint));
        }
    }
    if !is_reachable {
        return ExitCode::from(NO);
    }
    if args.strict && !loaded.warnings.is_empty() { ExitCode::from(NO) } else { ExitCode::SUCCESS }
}

fn warnings(loaded: &Loaded) -> Value {
    let row = |warning: &crate::config::Warning| {
        let mut row = json_faults(&loaded.path, &[loaded.locate_fault(&warning.fault)]);
        let mut row = row.get_mut(0).map(Value::take).unwrap_or_default();
        if let Some(row) = row.as_object_mut() {
            row.insert("name".into(), warning.name.into());
        }
        row
    };
    loaded.warnings.iter().map(row).collect()
}
