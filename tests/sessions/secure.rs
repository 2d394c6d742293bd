//! TLS to the application's stores: a file of authorities is all that is trusted, and the name in the address must be the
//! certificate's. Real servers, where `BAUTA_TEST_SERVICES` is set.

use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use bauta::clock::UnixMillis;
use bauta::config::fault::{Faults, KeyPath};
use bauta::config::session::Session;
use bauta::session::{Reader, Refusal};

use crate::fault::Authority;
use crate::services::mariadb::Mariadb;
use crate::services::postgres::Postgres;
use crate::services::redis::Redis;
use crate::services::{self, free_port};
use crate::{read, runtime, say};

/// SHA-256 of the token `abcdefghijklmnop`, as the table of hashed tokens holds it.
const HASHED: &str = "f39dac6cbaba535e2c207cd0cd8f154974223c848f727f98b3564cea569b41cf";
const HEADER: &str = "PHPSESSID=abcdefghijklmnop; session=abcdefghijklmnop";
const NOW: UnixMillis = UnixMillis(1_795_190_000_000);

/// The certificate of `localhost`, where a database that runs as nobody may read its key.
fn certificate() -> (Authority, PathBuf, PathBuf) {
    let authority = Authority::new(&["localhost"]);
    let open =
        |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    open(authority.folder.path(), 0o755);
    open(&authority.key, 0o600);
    if services::is_root() {
        chown(&authority.key, Some(services::NOBODY), Some(services::NOBODY)).expect("a file of nobody's");
    }
    let (certificate, key) = (authority.certificate.clone(), authority.key.clone());
    (authority, certificate, key)
}

/// What a reader finds at an address, trusting the authorities of a file; and why there was no answer.
fn ask(preset: &str, url: &str, password: &str, authorities: &Path) -> (Result<String, Refusal>, Option<&'static str>) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("password"), password).expect("a file");
    let ca_file = authorities.display();
    let text = format!(
        "{preset}\nstore = {{ url = \"{url}\", password = {{ file = \"password\" }}, ca_file = \"{ca_file}\" }}"
    );
    let session: Session = toml::from_str(&text).expect("a session");
    let mut faults = Faults::default();
    let reader = Reader::build(&session, folder.path(), &KeyPath::root(), &mut faults);
    let reader =
        reader.unwrap_or_else(|| panic!("{:?}", faults.iter().map(|fault| &fault.problem).collect::<Vec<_>>()));
    let found = read(&runtime(), &reader, HEADER, NOW);
    (found, reader.lookup_failures().find(|(_, count)| *count > 0).map(|(cause, _)| cause))
}

/// The right authority at the right name reads the session; another authority, another name and no TLS do not. `url` makes
/// an address of a host and of whether TLS is used.
fn only_the_named_server_is_believed(
    preset: &str,
    password: &str,
    own: &Authority,
    url: impl Fn(&str, bool) -> String,
) {
    let stranger = Authority::new(&["localhost"]);
    let here = url("localhost", true);
    assert_eq!(ask(preset, &here, password, &own.ca), (Ok("7".to_owned()), None), "{here}");
    let nobody = (Err(Refusal::Unavailable), Some("down"));
    assert_eq!(ask(preset, &here, password, &stranger.ca), nobody, "{here} with another authority");
    let elsewhere = url("127.0.0.1", true);
    assert_eq!(ask(preset, &elsewhere, password, &own.ca), nobody, "{elsewhere}, which the certificate does not name");
    let (found, cause) = ask(preset, &url("localhost", false), password, &own.ca);
    assert_eq!(found, Err(Refusal::Unavailable), "in the clear");
    assert!(cause.is_some(), "in the clear");
}

#[test]
fn a_store_behind_tls_is_believed_by_its_authority_and_name() {
    if !services::are_wanted() {
        say("sessions tls: only with BAUTA_TEST_SERVICES, as in make test");
        return;
    }
    let (own, certificate, key) = certificate();
    let (certificate, key) = (certificate.display(), key.display());

    let port = free_port();
    let arguments = format!("--tls-port {port} --tls-auth-clients no");
    let mut arguments: Vec<String> = arguments.split(' ').map(str::to_owned).collect();
    arguments.extend(["--tls-cert-file".to_owned(), certificate.to_string()]);
    arguments.extend(["--tls-key-file".to_owned(), key.to_string()]);
    arguments.extend(["--tls-ca-cert-file".to_owned(), own.ca.display().to_string()]);
    let mut redis = Redis::start_with(&arguments);
    redis.command(&[b"SELECT", b"0"]);
    redis.command(&[b"SET", b"PHPREDIS_SESSION:abcdefghijklmnop", b"id|s:1:\"7\";"]);
    only_the_named_server_is_believed("preset = \"php\"\nuser = [\"id\"]", Redis::PASSWORD, &own, |host, tls| {
        format!("{}://{host}:{port}", if tls { "rediss" } else { "redis" })
    });

    let runtime = runtime_with_tasks();
    let settings = ["ssl=on".to_owned(), format!("ssl_cert_file={certificate}"), format!("ssl_key_file={key}")];
    let postgres = Postgres::start_with(&runtime, &settings);
    let table = "CREATE TABLE session (id varchar(64) PRIMARY KEY, user_id text, expires_at bigint)";
    let row = format!("INSERT INTO session VALUES ('{HASHED}', '7', 1795190001)");
    postgres.run(&runtime, &format!("{table}; {row}"));
    postgres.require_tls(&runtime);
    let hashed = "preset = \"hashed-token\"";
    only_the_named_server_is_believed(hashed, Postgres::PASSWORD, &own, |host, tls| {
        let mode = if tls { "verify-full" } else { "disable" };
        format!("postgres://bauta@{host}:{}/postgres?sslmode={mode}", postgres.port())
    });

    let mariadb = Mariadb::start_with(&[format!("--ssl-cert={certificate}"), format!("--ssl-key={key}")]);
    mariadb.run(&format!("CREATE DATABASE app; USE app; {table}; {row}"));
    mariadb.run(&format!(
        "CREATE USER reader@'%' IDENTIFIED BY '{0}' REQUIRE SSL; ALTER USER reader@'127.0.0.1' REQUIRE SSL; \
         GRANT SELECT ON app.* TO reader@'%'",
        Mariadb::PASSWORD
    ));
    only_the_named_server_is_believed(hashed, Mariadb::PASSWORD, &own, |host, tls| {
        let mode = if tls { "verify-full" } else { "disable" };
        format!("mariadb://reader@{host}:{}/app?sslmode={mode}", mariadb.port())
    });
    say("sessions tls: Redis, PostgreSQL and MariaDB; another authority, another name and no TLS are refused");
}

/// The test's own connections to PostgreSQL go on beside it.
fn runtime_with_tasks() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}
