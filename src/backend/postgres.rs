//! PostgreSQL: rows of the application's table, by a role that can only read.
//!
//! Promise: the statement has no name on the server, so that poolers in transaction mode do not mind. The key goes as
//! text and the server gives it the column's type; a key that is no value of that type has no rows. A connection whose
//! answer was not read to the end is closed. Towards other machines TLS is used unless the address says
//! `?sslmode=disable`.

use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, NoTls, TlsConnect, TlsStream};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{Format, IsNull, ToSql, Type};
use tokio_postgres::{AsyncMessage, Client, Config};

use super::pool::{Dial, Pool};
use super::sql::{Dialect, is_name, statement};
use super::stream::{self, Allowance, Metered, Stream};
use super::tls::Tls;
use super::{Access, Address, KeyKind, Query, Row, Trouble};

/// What the server may say beside the row: descriptions, notices, its settings at the start.
const AROUND: usize = 64 * 1024;

/// One database.
pub(super) struct Postgres(Pool<Server>);

struct Server {
    place: Place,
    config: Config,
}

enum Place {
    Tcp { host: String, port: u16, tls: Option<Tls> },
    Unix(PathBuf),
}

/// A connection and what moves its bytes.
struct Connection {
    client: Client,
    driver: Driver,
    allowance: Allowance,
}

type Driver = Box<dyn Messages>;

/// What a connection has to say while it is moved.
trait Messages: Send {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<AsyncMessage, tokio_postgres::Error>>>;
}

impl<T> Messages for tokio_postgres::Connection<Metered, T>
where
    T: AsyncRead + AsyncWrite + Unpin + Send,
{
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<AsyncMessage, tokio_postgres::Error>>> {
        self.poll_message(context)
    }
}

/// Notices of one channel.
pub struct Notices {
    connection: Connection,
}

impl Postgres {
    /// Reads the address; connects later.
    pub(super) fn open(access: &Access<'_>) -> Result<Self, String> {
        let address = Address::read(access.url)?;
        let mut config = Config::new();
        config.user(address.user.as_deref().ok_or("expected a user, as in postgres://reader@host/database")?);
        let (database, options) = address.database()?;
        config.dbname(database);
        config.application_name("bauta");
        if let Some(password) = access.password {
            config.password(password.trimmed());
        }
        let port = address.port.unwrap_or(5432);
        let place = match address.socket() {
            Some(folder) => Place::Unix(folder.join(format!(".s.PGSQL.{port}"))),
            None => {
                let tls = if options.uses_tls(&address) { Some(Tls::open(access.ca_file)?) } else { None };
                config.ssl_mode(if tls.is_some() {
                    tokio_postgres::config::SslMode::Require
                } else {
                    tokio_postgres::config::SslMode::Disable
                });
                Place::Tcp { host: address.host, port, tls }
            }
        };
        Ok(Self(Pool::new(Server { place, config })))
    }

    /// [`super::Sql::rows`]
    pub(super) async fn rows(&self, query: &Query, key: &[u8], most: usize, limit: usize) -> Result<Vec<Row>, Trouble> {
        let _turn = self.0.turn().await?;
        if let Some(connection) = self.0.kept() {
            match self.question(connection, query, key, most, limit).await {
                Err(Trouble::Down(_)) => {}
                answered => return answered,
            }
        }
        let connection = self.0.fresh().await?;
        self.question(connection, query, key, most, limit).await
    }

    async fn question(
        &self,
        mut connection: Connection,
        query: &Query,
        key: &[u8],
        most: usize,
        limit: usize,
    ) -> Result<Vec<Row>, Trouble> {
        let key = match query.kind {
            KeyKind::Text => Key(key.to_vec()),
            KeyKind::Bytes => {
                Key([&b"\\x"[..], key.iter().map(|byte| format!("{byte:02x}")).collect::<String>().as_bytes()].concat())
            }
        };
        let text = statement(query, most, Dialect::Postgres);
        connection.allowance.set(limit.saturating_add(AROUND));
        let parameters: [(&(dyn ToSql + Sync), Type); 1] = [(&key, Type::UNKNOWN)];
        let found = drive(&mut connection.driver, connection.client.query_typed(&text, &parameters)).await;
        let rows = match found {
            Some(Ok(rows)) => rows,
            // Class 22: the key is no value of the column's type.
            Some(Err(error)) if error.code().is_some_and(|code| code.code().starts_with("22")) => Vec::new(),
            Some(Err(error)) => return Err(connection.trouble(&error)),
            None if connection.allowance.is_spent() => return Err(Trouble::TooLarge),
            None => return Err(Trouble::Down("it closed the connection".into())),
        };
        let rows = rows.iter().map(|row| {
            (0..query.columns.len())
                .map(|index| match row.try_get::<_, Option<&str>>(index) {
                    Ok(cell) => Ok(cell.map(|text| text.as_bytes().to_vec())),
                    Err(_) => Err(Trouble::Nonsense("a column is no text".into())),
                })
                .collect()
        });
        let rows: Result<Vec<Row>, Trouble> = rows.collect();
        self.0.keep(connection);
        rows
    }

    /// [`super::Sql::listen`]
    pub(super) async fn listen(&self, channel: &str) -> Result<Notices, Trouble> {
        if !is_name(channel, false) {
            return Err(Trouble::Refused("this is no name of a channel".into()));
        }
        let mut connection = self.0.dialer().dial().await?;
        connection.allowance.set(usize::MAX);
        let text = format!("LISTEN \"{channel}\"");
        let listening = connection.client.batch_execute(&text);
        match drive(&mut connection.driver, listening).await {
            Some(Ok(())) => Ok(Notices { connection }),
            Some(Err(error)) => Err(connection.trouble(&error)),
            None => Err(Trouble::Down("it closed the connection".into())),
        }
    }
}

impl Notices {
    /// Waits for the next notice and gives its payload.
    ///
    /// # Errors
    /// When the connection broke: nothing is heard any more, and what was said meanwhile is lost.
    pub async fn next(&mut self) -> Result<Vec<u8>, Trouble> {
        loop {
            match poll_fn(|context| self.connection.driver.poll(context)).await {
                Some(Ok(AsyncMessage::Notification(notice))) => return Ok(notice.payload().as_bytes().to_vec()),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(self.connection.trouble(&error)),
                None => return Err(Trouble::Down("it closed the connection".into())),
            }
        }
    }
}

impl Connection {
    /// What went wrong, without what the server says in detail: that may quote the key.
    fn trouble(&self, error: &tokio_postgres::Error) -> Trouble {
        if self.allowance.is_spent() {
            return Trouble::TooLarge;
        }
        match error.code() {
            Some(code) => Trouble::Refused(format!("SQLSTATE {}", code.code())),
            None => Trouble::Down(error.to_string()),
        }
    }
}

/// Waits for an answer while the connection is moved; `None` when it ended.
async fn drive<T>(driver: &mut Driver, answer: impl Future<Output = T>) -> Option<T> {
    let mut answer = std::pin::pin!(answer);
    poll_fn(|context| {
        // The driver may end with the answer already handed over, so the answer is looked at last.
        let mut open = true;
        while let Poll::Ready(message) = driver.poll(context) {
            if !matches!(message, Some(Ok(_))) {
                open = false;
                break;
            }
        }
        match answer.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if open => Poll::Pending,
            Poll::Pending => Poll::Ready(None),
        }
    })
    .await
}

impl Dial for Server {
    type Connection = Connection;

    async fn dial(&self) -> Result<Connection, Trouble> {
        let allowance = Allowance::default();
        allowance.set(AROUND);
        let refused = |error: tokio_postgres::Error| match error.code() {
            Some(code) => Trouble::Refused(format!("SQLSTATE {}", code.code())),
            None => Trouble::Down(error.to_string()),
        };
        let metered = |stream: Box<dyn Stream>| Metered::new(stream, allowance.clone());
        let (client, driver): (Client, Driver) = match &self.place {
            Place::Unix(path) => {
                let stream = metered(Box::new(stream::unix(path).await?));
                let (client, driver) = self.config.connect_raw(stream, NoTls).await.map_err(refused)?;
                (client, Box::new(driver))
            }
            Place::Tcp { host, port, tls: None } => {
                let stream = metered(Box::new(stream::tcp(host, *port).await?));
                let (client, driver) = self.config.connect_raw(stream, NoTls).await.map_err(refused)?;
                (client, Box::new(driver))
            }
            Place::Tcp { host, port, tls: Some(tls) } => {
                let stream = metered(Box::new(stream::tcp(host, *port).await?));
                let secure = Secure { tls: tls.clone(), host: host.clone() };
                let (client, driver) = self.config.connect_raw(stream, secure).await.map_err(refused)?;
                (client, Box::new(driver))
            }
        };
        Ok(Connection { client, driver, allowance })
    }
}

// ---------------------------------------------------------------- TLS

struct Secure {
    tls: Tls,
    host: String,
}

impl TlsConnect<Metered> for Secure {
    type Stream = Secured;
    type Error = Trouble;
    type Future = Pin<Box<dyn Future<Output = Result<Secured, Trouble>> + Send>>;

    fn connect(self, stream: Metered) -> Self::Future {
        Box::pin(async move { Ok(Secured(self.tls.connect(&self.host, stream).await?)) })
    }
}

struct Secured(tokio_rustls::client::TlsStream<Metered>);

impl TlsStream for Secured {
    /// Without: the certificate is checked, which is what a binding would add.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Secured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

// ---------------------------------------------------------------- the key

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
