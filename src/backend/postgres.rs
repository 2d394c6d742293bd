//! PostgreSQL: one row of the application's table, by a role that can only read.
//!
//! Promise: two connections at most, made when they are first needed and closed after a pause. The statement has no
//! name on the server, so that poolers in transaction mode do not mind. The key goes as text and the server gives it
//! the column's type; a key that is none of that type is no such row. A connection whose answer was not read to the
//! end is closed.

use std::error::Error;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{Format, IsNull, ToSql, Type};
use tokio_postgres::{Client, Config, NoTls};

use super::address::Address;
use super::sql::{Dialect, statement};
use super::{Answer, Ask, KeyKind, Pending, Query, Source, Unreachable};
use crate::config::session::Store;
use crate::secret::Secret;

/// How many connections are kept.
const CONNECTIONS: usize = 2;
/// How long an unused one is kept.
const IDLE: Duration = Duration::from_secs(60);

/// One database.
pub(super) struct Postgres {
    host: String,
    port: u16,
    config: Config,
    permits: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

/// A connection and what moves its bytes.
struct Connection {
    client: Client,
    driver: Pin<Box<dyn Future<Output = ()> + Send>>,
    since: Instant,
}

impl Postgres {
    /// Reads the address; connects later.
    pub(super) fn open(store: &Store, password: Option<&Secret>) -> Result<Self, String> {
        let address = Address::read(&store.url)?;
        let mut config = Config::new();
        config.user(address.user.as_deref().ok_or("expected a user, as in postgres://reader@host/database")?);
        config.dbname(Some(address.path.as_str()).filter(|name| !name.is_empty()).ok_or("expected a database name")?);
        config.application_name("bauta");
        if let Some(password) = password {
            config.password(password.trimmed());
        }
        Ok(Self {
            port: address.port.unwrap_or(5432),
            host: address.host,
            config,
            permits: Semaphore::new(CONNECTIONS),
            idle: Mutex::default(),
        })
    }

    async fn connect(&self) -> Result<Connection, Unreachable> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(|error| broken(&error))?;
        stream.set_nodelay(true).map_err(|error| broken(&error))?;
        let (client, driver) = self.config.connect_raw(stream, NoTls).await.map_err(|error| broken(&error))?;
        let driver = Box::pin(async move { drop(driver.await) });
        Ok(Connection { client, driver, since: Instant::now() })
    }

    async fn exchange(&self, ask: Ask<'_>) -> Result<Answer, Unreachable> {
        let Ask::Row { query, key } = ask else { return Err(Unreachable("it is a database".into())) };
        let _permit = self.permits.acquire().await.map_err(|error| broken(&error))?;
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let (connection, answer) = match kept.filter(|connection| connection.since.elapsed() < IDLE) {
            Some(connection) => match question(connection, query, key).await {
                Ok(answered) => answered,
                Err(_) => question(self.connect().await?, query, key).await?,
            },
            None => question(self.connect().await?, query, key).await?,
        };
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(answer)
    }
}

impl Source for Postgres {
    fn ask<'a>(&'a self, ask: Ask<'a>) -> Pending<'a> {
        Box::pin(self.exchange(ask))
    }
}

async fn question(mut connection: Connection, query: &Query, key: &[u8]) -> Result<(Connection, Answer), Unreachable> {
    let key = match query.kind {
        KeyKind::Text => Key(key.to_vec()),
        KeyKind::Bytes => Key(format!("\\x{}", crate::session::encoding::to_hex(key)).into_bytes()),
    };
    let text = statement(query, Dialect::Postgres);
    let Connection { client, driver, .. } = &mut connection;
    let parameters: [(&(dyn ToSql + Sync), Type); 1] = [(&key, Type::UNKNOWN)];
    let rows = tokio::select! {
        biased;
        rows = client.query_typed(&text, &parameters) => rows,
        () = driver.as_mut() => return Err(Unreachable("it closed the connection".into())),
    };
    let rows = match rows {
        Ok(rows) => rows,
        // Class 22: the key is no value of the column's type.
        Err(error) if error.code().is_some_and(|code| code.code().starts_with("22")) => Vec::new(),
        Err(error) => return Err(broken(&error)),
    };
    connection.since = Instant::now();
    let Some(row) = rows.first() else { return Ok((connection, Answer::Nothing)) };
    let mut cells = Vec::with_capacity(query.columns.len());
    for index in 0..query.columns.len() {
        let cell: Option<&str> = row.try_get(index).map_err(|error| broken(&error))?;
        cells.push(cell.map(|text| text.as_bytes().to_vec()));
    }
    Ok((connection, Answer::Fields(cells)))
}

/// A key as text, whatever the type of its column.
#[derive(Debug)]
struct Key(Vec<u8>);

impl ToSql for Key {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    tokio_postgres::types::to_sql_checked!();
}

/// What went wrong, without what the server says in detail: that may quote the key.
fn broken(error: &dyn Error) -> Unreachable {
    Unreachable(error.to_string())
}
