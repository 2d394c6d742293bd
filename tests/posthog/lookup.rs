//! Servers that name people by an e-mail address or a handle: the account behind it is looked up, and has the browser's
//! pseudonym. What is not found stands for itself.

use std::path::Path;

use serde_json::{Value, json};

use super::world::{CREDENTIAL, UUID, World, agreed, batch, event, pseudonym};

/// The application's table of accounts. Who agreed stands in the world's list by account.
fn accounts(folder: &Path) -> String {
    let file = folder.join("app.db");
    let table = "CREATE TABLE users (id TEXT, email TEXT, handle TEXT); \
        INSERT INTO users VALUES ('maria', 'm.gonzalez@mail.example', 'mgz'), ('peter', 'p.muster@mail.example', 'pm')";
    rusqlite::Connection::open(&file).unwrap().execute_batch(table).unwrap();
    file.display().to_string()
}

fn lane(url: &str, more: &str) -> String {
    format!(
        "[site.upstream.trusted]\ncredential = {{ file = \"credential.key\" }}\n\
         constants = {{ \"ui@mail.example\" = \"refuse\" }}\n[site.upstream.trusted.lookup]\nurl = \"{url}\"\n{more}"
    )
}

fn served(name: &str, id: &str) -> Value {
    json!({"event": name, "distinct_id": id, "timestamp": "2026-11-20T16:01:52.675Z",
        "properties": {"$lib": "posthog-node", "note": format!("for {id}"), "account_note": "account maria wrote"}})
}

fn looked_up(world: &World, result: &str) -> u64 {
    world.bauta.metric(&["account_lookups_total", &format!("result=\"{result}\"")])
}

#[test]
fn an_address_is_its_accounts_pseudonym_in_events_and_flags() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", accounts(folder.path()));
    let world = World::start(&lane(&url, "table = \"users\"\nby = \"email\"\n"));
    world.post("/i/v0/e/", Some(&agreed("maria")), &batch(&[event("$pageview", UUID)]));
    let events = ["m.gonzalez@mail.example", "maria", "m.gonzalez@mail.example"].map(|id| served("order", id));
    world.serve("/batch/", &batch(&events));
    let ids: Vec<String> = world.events(4).into_iter().map(|event| event.distinct_id).collect();
    assert_eq!(ids, vec![pseudonym("maria"); 4]);
    world.serve("/flags/?v=2", &json!({"token": super::world::TOKEN, "distinct_id": "m.gonzalez@mail.example"}));
    assert_eq!(world.flags()[0].distinct_id, pseudonym("maria"));
    let everything = world.everything();
    assert!(!everything.contains("gonzalez") && !everything.contains("maria"), "{everything}");
    assert_eq!(looked_up(&world, "found"), 2, "once for each id of a request");
}

#[test]
fn consent_is_asked_of_the_account_and_what_is_not_found_stands_for_itself() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", accounts(folder.path()));
    let world = World::start(&lane(&url, "table = \"users\"\nby = \"email\"\n"));
    // Peter's account did not agree; the list names one address as if it were an account.
    let ids = ["p.muster@mail.example", "maria@mail.example", "ui@mail.example", "ghost@mail.example"];
    world.serve("/batch/", &batch(&ids.map(|id| served("order", id))));
    let events = world.events(1);
    assert_eq!(events[0].distinct_id, pseudonym("maria@mail.example"));
    assert_eq!((looked_up(&world, "found"), looked_up(&world, "not_found")), (1, 2));
    assert!(!world.everything().contains("mail.example"), "{}", world.everything());
}

#[test]
fn handles_are_looked_up_where_the_site_says_so_and_pseudonyms_never() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", accounts(folder.path()));
    let world = World::start(&lane(&url, "table = \"users\"\nby = \"handle\"\nids = \"all\"\n"));
    let made = pseudonym("jonas");
    world.serve("/batch/", &batch(&[served("order", "mgz"), served("order", "jonas"), served("order", &made)]));
    let ids: Vec<String> = world.events(3).into_iter().map(|event| event.distinct_id).collect();
    assert_eq!(ids, [pseudonym("maria"), pseudonym("jonas"), made]);
    assert_eq!((looked_up(&world, "found"), looked_up(&world, "not_found")), (1, 1));
}

#[test]
fn a_store_that_is_down_gives_no_more_identity_than_the_id_itself() {
    let world = World::start(&lane("redis://127.0.0.1:9/0", "key = \"account:{id}\"\n"));
    let ids = ["maria@mail.example", "m.gonzalez@mail.example", "p.muster@mail.example"];
    let answer = world.serve("/batch/", &batch(&ids.map(|id| served("order", id))));
    assert_eq!(answer.status, 200);
    assert_eq!(world.events(1)[0].distinct_id, pseudonym("maria@mail.example"));
    assert_eq!(looked_up(&world, "down"), 3);
    assert_eq!(world.bauta.metric(&["events_total", "outcome=\"local\""]), 2, "nobody agreed under these addresses");
}

#[test]
fn a_browser_looks_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", accounts(folder.path()));
    let world = World::start(&lane(&url, "table = \"users\"\nby = \"email\"\n"));
    world.post("/i/v0/e/", Some(&agreed("jonas")), &batch(&[event("e", "m.gonzalez@mail.example")]));
    let nearly = [("Content-Type", "application/json"), ("X-Bauta-Credential", &CREDENTIAL[1..])];
    world.send("POST", "/batch/", &nearly, batch(&[served("e", "m.gonzalez@mail.example")]).to_string().as_bytes());
    assert_eq!(world.events(1)[0].distinct_id, pseudonym("jonas"));
    assert_eq!(looked_up(&world, "found"), 0);
    assert!(!world.everything().contains(&pseudonym("maria")));
}

/// Runs `bauta check` on a configuration whose servers' ids are looked up.
fn check(folder: &Path, lookup: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let file = format!(
        "[keys]\nactive = {{ id = \"a\", file = \"hmac.key\" }}\n[[site]]\nname = \"shop\"\nhosts = [\"shop.example\"]\n\
         [[site.upstream]]\nvendor = \"posthog\"\nurl = \"http://127.0.0.1:9\"\ntokens = [\"phc_a\"]\n\
         [site.upstream.trusted]\nnetworks = [\"10.0.0.0/8\"]\n{lookup}\n"
    );
    std::fs::write(folder.join("bauta.toml"), file).unwrap();
    std::fs::write(folder.join("hmac.key"), super::support::serve::KEY).unwrap();
    let bauta = env!("CARGO_BIN_EXE_bauta");
    let arguments = ["check", "-c", "bauta.toml"].iter().chain(arguments);
    let output = std::process::Command::new(bauta).args(arguments).current_dir(folder).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[test]
fn check_names_what_is_wrong_with_a_look_up_and_tries_it_online() {
    let folder = tempfile::tempdir().unwrap();
    let head = "[site.upstream.trusted.lookup]\n";
    let (code, text) = check(folder.path(), &format!("{head}url = \"postgres://db.example/app\"\nby = \"a b\""), &[]);
    assert_eq!(code, Some(78), "{text}");
    assert!(text.contains("bauta.toml:12:") && text.contains("trusted.lookup.table: missing"), "{text}");
    assert!(text.contains("bauta.toml:14:") && text.contains("trusted.lookup.by: expected a plain name"), "{text}");
    assert!(text.contains("fix: name a table or view"), "{text}");

    let (code, text) = check(folder.path(), "", &[]);
    assert!(code == Some(0) && text.contains("handles HMACed as they stand (no look-up)"), "{text}");

    let file = accounts(folder.path());
    let lookup = |url: &str| format!("{head}url = \"{url}\"\ntable = \"users\"\nby = \"email\"");
    let (_, text) = check(folder.path(), &lookup(&format!("sqlite:{file}")), &["--online"]);
    assert!(text.contains("answers site[0].upstream[0].trusted.lookup"), "{text}");
    assert!(text.contains("e-mail addresses that are found"), "{text}");
    let (code, text) = check(folder.path(), &lookup("sqlite:nowhere.db"), &["--online"]);
    assert!(code == Some(1) && text.contains("no answer site[0].upstream[0].trusted.lookup"), "{text}");
}

#[test]
fn the_statement_says_what_becomes_of_servers_addresses_and_of_recordings() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", accounts(folder.path()));
    let without = "[site.upstream.trusted]\ncredential = { file = \"credential.key\" }".to_owned();
    for (upstream, said) in [
        (String::new(), Value::Null),
        (without, json!("hmac_as_they_stand")),
        (lane(&url, "table = \"users\"\nby = \"email\"\n"), json!("looked_up")),
    ] {
        let world = World::start(&upstream);
        let statement = world.send("GET", "/.well-known/bauta.json", &[], b"");
        let statement: Value = serde_json::from_str(statement.text()).unwrap();
        let recipient = &statement["recipients"][0];
        assert_eq!(recipient["addresses_and_handles_of_servers"], said, "{statement}");
        assert_eq!((&recipient["recordings"], &recipient["heat_maps"]), (&json!("none"), &json!("none")));
    }
}
