//! Redis and Valkey: `GET` and `HMGET` over RESP2 (redis.io, "Redis serialization protocol specification").
//!
//! Promise: two questions at most are under way, each on a connection of its own; a connection whose answer was not
//! read to the end - the deadline passed, the server made no sense - is closed and never used again. The first
//! question after a pause finds a closed connection now and then, so a question on a kept connection that fails is
//! asked once more on a new one. Nothing but these two commands, `AUTH` and `SELECT` is ever sent.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::Semaphore;

use super::address::Address;
use super::tls::Tls;
use super::{Answer, Ask, Pending, Source, Unreachable};
use crate::config::session::Store;
use crate::secret::Secret;
use crate::session::decode::LARGEST;

/// How many connections are kept.
const CONNECTIONS: usize = 2;
/// The longest line of an answer: a length, or an error's text.
const LINE: u64 = 1024;

/// One server.
pub(super) struct Redis {
    place: Place,
    user: Option<String>,
    password: Option<Secret>,
    database: u32,
    permits: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

enum Place {
    Tcp { host: String, port: u16, tls: Option<Tls> },
    Unix(PathBuf),
}

type Connection = BufReader<Box<dyn Stream>>;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// One reply.
enum Reply {
    Nothing,
    Text,
    Bulk(Vec<u8>),
    List(Vec<Option<Vec<u8>>>),
}

impl Redis {
    /// Reads the address; connects later.
    pub(super) fn open(store: &Store, password: Option<&Secret>) -> Result<Self, String> {
        let unix = store.url.strip_prefix("redis+unix:");
        let (place, user, database) = match unix {
            Some(path) => {
                let path = path.strip_prefix("//").unwrap_or(path);
                let (path, query) = path.split_once('?').unwrap_or((path, ""));
                (Place::Unix(PathBuf::from(path)), None, query.strip_prefix("db=").unwrap_or("").to_owned())
            }
            None => {
                let address = Address::read(&store.url)?;
                let tls = if address.scheme == "rediss" { Some(Tls::open(store.ca_file.as_deref())?) } else { None };
                let port = address.port.unwrap_or(6379);
                (Place::Tcp { host: address.host, port, tls }, address.user, address.path)
            }
        };
        let database = if database.is_empty() { Ok(0) } else { database.parse() };
        let database = database.map_err(|_| "expected a database number after the address, such as /0")?;
        let (permits, idle) = (Semaphore::new(CONNECTIONS), Mutex::default());
        Ok(Self { place, user, password: password.cloned(), database, permits, idle })
    }

    async fn connect(&self) -> Result<Connection, Unreachable> {
        let stream: Box<dyn Stream> = match &self.place {
            Place::Tcp { host, port, tls } => {
                let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(broken)?;
                stream.set_nodelay(true).map_err(broken)?;
                match tls {
                    Some(tls) => Box::new(tls.connect(host, stream).await?),
                    None => Box::new(stream),
                }
            }
            Place::Unix(path) => Box::new(UnixStream::connect(path).await.map_err(broken)?),
        };
        let mut connection = BufReader::new(stream);
        if let Some(password) = &self.password {
            let user = self.user.as_ref().map(|user| user.as_bytes());
            let words = [Some(&b"AUTH"[..]), user, Some(password.expose())];
            send(&mut connection, words.into_iter().flatten()).await?;
            read(&mut connection).await?;
        }
        if self.database != 0 {
            let number = self.database.to_string();
            send(&mut connection, [b"SELECT", number.as_bytes()].into_iter()).await?;
            read(&mut connection).await?;
        }
        Ok(connection)
    }

    async fn exchange(&self, ask: Ask<'_>) -> Result<Answer, Unreachable> {
        let _permit = self.permits.acquire().await.map_err(broken)?;
        // Bound before the match: a guard in its head would live across the wait.
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let (connection, reply) = match kept {
            Some(connection) => match question(connection, ask).await {
                Ok(answered) => answered,
                Err(_) => question(self.connect().await?, ask).await?,
            },
            None => question(self.connect().await?, ask).await?,
        };
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(match (reply, ask) {
            (Reply::Nothing, _) => Answer::Nothing,
            (Reply::Bulk(value), Ask::Value { .. }) => Answer::Value(value),
            (Reply::List(values), Ask::Fields { fields, .. }) if values.len() == fields.len() => Answer::Fields(values),
            _ => return Err(Unreachable("it answered something else".into())),
        })
    }
}

impl Source for Redis {
    fn ask<'a>(&'a self, ask: Ask<'a>) -> Pending<'a> {
        Box::pin(self.exchange(ask))
    }
}

/// Asks on a connection, which is given back only with a whole answer.
async fn question(mut connection: Connection, ask: Ask<'_>) -> Result<(Connection, Reply), Unreachable> {
    match ask {
        Ask::Value { key } => send(&mut connection, [b"GET", key].into_iter()).await?,
        Ask::Fields { key, fields } => {
            let words = [&b"HMGET"[..], key].into_iter().chain(fields.iter().map(String::as_bytes));
            send(&mut connection, words).await?;
        }
        Ask::Row { .. } | Ask::Endpoint { .. } => return Err(Unreachable("it is no such store".into())),
    }
    let reply = read(&mut connection).await?;
    Ok((connection, reply))
}

/// Writes a command as an array of bulk strings: no word can end another.
async fn send<'a>(connection: &mut Connection, words: impl Iterator<Item = &'a [u8]> + Clone) -> Result<(), Unreachable> {
    let mut command = format!("*{}\r\n", words.clone().count()).into_bytes();
    for word in words {
        command.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        command.extend_from_slice(word);
        command.extend_from_slice(b"\r\n");
    }
    connection.get_mut().write_all(&command).await.map_err(broken)?;
    connection.get_mut().flush().await.map_err(broken)
}

async fn read(connection: &mut Connection) -> Result<Reply, Unreachable> {
    let (kind, text) = line(connection).await?;
    match kind {
        b'+' | b':' => Ok(Reply::Text),
        b'$' => Ok(bulk(connection, &text).await?.map_or(Reply::Nothing, Reply::Bulk)),
        b'*' => {
            let count = length(&text)?.unwrap_or(0);
            if count > 16 {
                return Err(nonsense());
            }
            let mut values = Vec::with_capacity(count);
            for _ in 0..count {
                let (kind, text) = line(connection).await?;
                if kind != b'$' {
                    return Err(nonsense());
                }
                values.push(bulk(connection, &text).await?);
            }
            Ok(Reply::List(values))
        }
        // The text of an error may quote the key: only its first word, the kind of error, is kept.
        b'-' => Err(Unreachable(format!("it said {}", text.split(' ').next().unwrap_or_default()))),
        _ => Err(nonsense()),
    }
}

/// The first byte of a line and the rest of it.
async fn line(connection: &mut Connection) -> Result<(u8, String), Unreachable> {
    let mut line = Vec::new();
    connection.take(LINE).read_until(b'\n', &mut line).await.map_err(broken)?;
    let line = line.strip_suffix(b"\r\n").ok_or_else(nonsense)?;
    let (kind, text) = line.split_first().ok_or_else(nonsense)?;
    Ok((*kind, std::str::from_utf8(text).map_err(|_| nonsense())?.to_owned()))
}

async fn bulk(connection: &mut Connection, text: &str) -> Result<Option<Vec<u8>>, Unreachable> {
    let Some(length) = length(text)? else { return Ok(None) };
    if length > LARGEST {
        return Err(Unreachable("the value is larger than 1 MiB".into()));
    }
    let mut value = vec![0; length + 2];
    connection.read_exact(&mut value).await.map_err(broken)?;
    value.truncate(length);
    Ok(Some(value))
}

/// A length; `None` for -1, which is nil.
fn length(text: &str) -> Result<Option<usize>, Unreachable> {
    if text == "-1" { Ok(None) } else { text.parse().map(Some).map_err(|_| nonsense()) }
}

fn broken(error: impl std::fmt::Display) -> Unreachable {
    Unreachable(error.to_string())
}

fn nonsense() -> Unreachable {
    Unreachable("its answer cannot be read".into())
}
