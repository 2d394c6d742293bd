//! MySQL and MariaDB: rows of the application's table, by a user that can only read.
//!
//! Promise: statements have parameters and the transaction is read-only. Times are given in UTC. The key matches
//! exactly: neither letter case nor a number at its start is enough (see the statement). A connection whose answer
//! was not read to the end is closed. Towards other machines TLS is used unless the address says `?sslmode=disable`.

use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::task::{Context, Waker};

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts, OptsBuilder, Params, SslOpts, Value};

use super::pool::{Dial, Pool};
use super::sql::{Dialect, statement};
use super::tls::Tls;
use super::{Access, Address, Query, Row, Trouble};

/// What the server may say beside the row.
const AROUND: usize = 64 * 1024;
/// The largest packet: a row of the largest session.
const PACKET: usize = 1024 * 1024 + AROUND;

/// One database.
pub(super) struct Mysql(Pool<Server>);

struct Server(Opts);

/// A connection that is closed at once when it is dropped. The library would first read what is still to come, on a
/// task of its own, for as long as a server that hangs likes.
struct Connection(Option<Conn>);

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(conn) = self.0.take() {
            // Says goodbye as far as that is possible without waiting.
            let goodbye: Pin<&mut _> = pin!(conn.disconnect());
            let _ = goodbye.poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}

impl Mysql {
    /// Reads the address; connects later.
    pub(super) fn open(access: &Access<'_>) -> Result<Self, String> {
        let address = Address::read(access.url)?;
        let (database, options) = address.database()?;
        let user = address.user.clone().ok_or("expected a user, as in mysql://reader@host/database")?;
        let password = access.password.map(|password| {
            std::str::from_utf8(password.trimmed()).map(str::to_owned).map_err(|_| "the password is no text")
        });
        let mut builder = OptsBuilder::default()
            .user(Some(user))
            .pass(password.transpose()?)
            .db_name(Some(database.to_owned()))
            .prefer_socket(false)
            .max_allowed_packet(Some(PACKET))
            .wait_timeout(Some(120))
            .stmt_cache_size(8)
            .init(vec!["SET SESSION time_zone = '+00:00'", "SET SESSION TRANSACTION READ ONLY"]);
        builder = match address.socket() {
            Some(path) => builder.socket(path.to_str().map(str::to_owned)),
            None => {
                let tls = options.uses_tls(&address);
                if tls {
                    // Reads the file now, so that a fault is found at the start.
                    Tls::open(access.ca_file)?;
                }
                builder
                    .ip_or_hostname(address.host.clone())
                    .tcp_port(address.port.unwrap_or(3306))
                    .ssl_opts(tls.then(|| trust(access.ca_file)))
            }
        };
        Ok(Self(Pool::new(Server(builder.into()))))
    }

    /// [`super::Sql::rows`]
    pub(super) async fn rows(&self, query: &Query, key: &[u8], most: usize, limit: usize) -> Result<Vec<Row>, Trouble> {
        let _turn = self.0.turn().await?;
        let text = statement(query, most, Dialect::Mysql);
        let key = Value::Bytes(key.to_vec());
        let filter = query.filter.iter().map(|(_, value)| Value::Bytes(value.clone().into_bytes()));
        let parameters: Vec<Value> = [key.clone(), key].into_iter().chain(filter).collect();
        if let Some(connection) = self.0.kept() {
            match self.question(connection, &text, parameters.clone(), limit).await {
                Err(Trouble::Down(_)) => {}
                answered => return answered,
            }
        }
        let connection = self.0.fresh().await?;
        self.question(connection, &text, parameters, limit).await
    }

    async fn question(
        &self,
        mut connection: Connection,
        text: &str,
        parameters: Vec<Value>,
        limit: usize,
    ) -> Result<Vec<Row>, Trouble> {
        let Some(conn) = connection.0.as_mut() else { return Err(Trouble::Down("it is closed".into())) };
        let rows: Vec<mysql_async::Row> = conn.exec(text, Params::Positional(parameters)).await.map_err(trouble)?;
        let rows: Vec<Row> = rows.into_iter().map(|row| row.unwrap().into_iter().map(cell).collect()).collect();
        self.0.keep(connection);
        let bytes = |row: &Row| row.iter().flatten().map(Vec::len).sum::<usize>();
        if rows.iter().map(bytes).sum::<usize>() > limit { Err(Trouble::TooLarge) } else { Ok(rows) }
    }
}

fn trust(authorities: Option<&Path>) -> SslOpts {
    match authorities.map(PathBuf::from) {
        Some(path) => SslOpts::default().with_disable_built_in_roots(true).with_root_certs(vec![path.into()]),
        None => SslOpts::default(),
    }
}

impl Dial for Server {
    type Connection = Connection;

    async fn dial(&self) -> Result<Connection, Trouble> {
        Conn::new(self.0.clone()).await.map(|conn| Connection(Some(conn))).map_err(trouble)
    }
}

/// A cell as text.
fn cell(value: Value) -> Option<Vec<u8>> {
    let text = match value {
        Value::NULL => return None,
        Value::Bytes(bytes) => return Some(bytes),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
        Value::Date(year, month, day, hour, minute, second, micros) => {
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06}")
        }
        Value::Time(is_negative, days, hours, minutes, seconds, micros) => {
            let sign = if is_negative { "-" } else { "" };
            format!("{sign}{:02}:{minutes:02}:{seconds:02}.{micros:06}", days * 24 + u32::from(hours))
        }
    };
    Some(text.into_bytes())
}

/// What went wrong, without what the server says: that may quote the key.
fn trouble(error: mysql_async::Error) -> Trouble {
    match error {
        mysql_async::Error::Server(error) => Trouble::Refused(format!("error {}", error.code)),
        mysql_async::Error::Driver(mysql_async::DriverError::PacketOutOfOrder) => {
            Trouble::Nonsense("a packet out of order".into())
        }
        mysql_async::Error::Io(error) if error.to_string().contains("packet") => Trouble::TooLarge,
        other => Trouble::Down(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use mysql_async::Value;

    use super::cell;

    #[test]
    fn cells_become_text() {
        let text = |value| cell(value).map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(text(Value::NULL), None);
        assert_eq!(text(Value::Int(-7)).as_deref(), Some("-7"));
        assert_eq!(text(Value::UInt(u64::MAX)).as_deref(), Some("18446744073709551615"));
        assert_eq!(text(Value::Date(2026, 11, 20, 9, 5, 7, 0)).as_deref(), Some("2026-11-20 09:05:07.000000"));
        assert_eq!(text(Value::Time(true, 1, 2, 3, 4, 5)).as_deref(), Some("-26:03:04.000005"));
    }
}
