//! Redis and Valkey: `GET`, `HMGET` and `SUBSCRIBE` over RESP2 (redis.io, "Redis serialization protocol
//! specification").
//!
//! Promise: a connection whose answer was not read to the end - the deadline passed, the server made no sense - is
//! closed and never used again. A question on a kept connection that broke is asked once more on a new one. Nothing
//! but these commands, `AUTH` and `SELECT` is ever sent.

use std::path::PathBuf;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use super::pool::{Dial, Pool};
use super::stream::{self, Stream};
use super::tls::Tls;
use super::{Access, Address, Trouble};
use crate::secret::Secret;

/// The longest line of an answer: a length, or an error's text.
const LINE: u64 = 1024;
/// The largest message of a subscription.
const MESSAGE: usize = 64 * 1024;

/// One server.
pub struct Redis(Pool<Server>);

struct Server {
    place: Place,
    user: Option<String>,
    password: Option<Secret>,
    database: u32,
}

enum Place {
    Tcp { host: String, port: u16, tls: Option<Tls> },
    Unix(PathBuf),
}

type Connection = BufReader<Box<dyn Stream>>;

/// One reply.
enum Reply {
    Nothing,
    Number,
    Text,
    Bulk(Vec<u8>),
    List(Vec<Reply>),
}

/// A question in words of the protocol.
struct Command<'a> {
    words: Vec<&'a [u8]>,
    limit: usize,
}

/// Messages of one channel.
pub struct Messages(Connection);

impl Redis {
    /// The addresses that it opens.
    pub const SCHEMES: &'static [&'static str] = &["redis", "rediss", "redis+unix"];

    /// Reads the address; connects later.
    ///
    /// # Errors
    /// What is wrong with the address, in one lower-case sentence.
    pub fn open(access: &Access<'_>) -> Result<Self, String> {
        let (place, user, database) = match access.url.strip_prefix("redis+unix:") {
            Some(path) => {
                let path = path.strip_prefix("//").unwrap_or(path);
                let (path, query) = path.split_once('?').unwrap_or((path, ""));
                let database = query.strip_prefix("db=").unwrap_or(query);
                (Place::Unix(access.base.join(path)), None, database.to_owned())
            }
            None => {
                let address = Address::read(access.url)?;
                let tls = if address.scheme == "rediss" { Some(Tls::open(access.ca_file)?) } else { None };
                let port = address.port.unwrap_or(6379);
                (Place::Tcp { host: address.host, port, tls }, address.user, address.path)
            }
        };
        let database = if database.is_empty() { Ok(0) } else { database.parse() };
        let database = database.map_err(|_| "expected a database number after the address, such as /0")?;
        Ok(Self(Pool::new(Server { place, user, password: access.password.cloned(), database })))
    }

    /// The value of a key of at most `limit` bytes; `None` when there is no such key.
    ///
    /// # Errors
    /// Why there is no answer; [`Trouble::Refused`] for a key of another type.
    pub async fn get(&self, key: &[u8], limit: usize) -> Result<Option<Vec<u8>>, Trouble> {
        match self.ask(&Command { words: vec![b"GET", key], limit }).await? {
            Reply::Nothing => Ok(None),
            Reply::Bulk(value) => Ok(Some(value)),
            _ => Err(nonsense()),
        }
    }

    /// Some fields of a hash, in the given order, of at most `limit` bytes each; `None` for each that is not there.
    ///
    /// # Errors
    /// As for [`Redis::get`].
    pub async fn fields(&self, key: &[u8], fields: &[String], limit: usize) -> Result<Vec<Option<Vec<u8>>>, Trouble> {
        let words = [&b"HMGET"[..], key].into_iter().chain(fields.iter().map(String::as_bytes));
        let Reply::List(values) = self.ask(&Command { words: words.collect(), limit }).await? else {
            return Err(nonsense());
        };
        if values.len() != fields.len() {
            return Err(nonsense());
        }
        let value = |reply| match reply {
            Reply::Nothing => Ok(None),
            Reply::Bulk(value) => Ok(Some(value)),
            _ => Err(nonsense()),
        };
        values.into_iter().map(value).collect()
    }

    /// Subscribes to a channel, on a connection of its own.
    ///
    /// # Errors
    /// Why it cannot.
    pub async fn listen(&self, channel: &str) -> Result<Messages, Trouble> {
        let mut connection = self.0.dialer().dial().await?;
        send(&mut connection, &[b"SUBSCRIBE", channel.as_bytes()]).await?;
        match read(&mut connection, MESSAGE).await? {
            Reply::List(_) => Ok(Messages(connection)),
            _ => Err(nonsense()),
        }
    }

    async fn ask(&self, command: &Command<'_>) -> Result<Reply, Trouble> {
        let _turn = self.0.turn().await?;
        if let Some(connection) = self.0.kept() {
            match self.question(connection, command).await {
                Err(Trouble::Down(_)) => {}
                answered => return answered,
            }
        }
        let connection = self.0.fresh().await?;
        self.question(connection, command).await
    }

    /// Asks on a connection, which is kept after a whole answer.
    async fn question(&self, mut connection: Connection, command: &Command<'_>) -> Result<Reply, Trouble> {
        send(&mut connection, &command.words).await?;
        let reply = read(&mut connection, command.limit).await?;
        self.0.keep(connection);
        Ok(reply)
    }
}

impl Messages {
    /// Waits for the next message.
    ///
    /// # Errors
    /// When the connection broke: nothing is heard any more, and what was said meanwhile is lost.
    pub async fn next(&mut self) -> Result<Vec<u8>, Trouble> {
        loop {
            let Reply::List(parts) = read(&mut self.0, MESSAGE).await? else { return Err(nonsense()) };
            let mut parts = parts.into_iter();
            if let (Some(Reply::Bulk(kind)), _, Some(Reply::Bulk(message))) = (parts.next(), parts.next(), parts.next())
                && kind == b"message"
            {
                return Ok(message);
            }
        }
    }
}

impl Dial for Server {
    type Connection = Connection;

    async fn dial(&self) -> Result<Connection, Trouble> {
        let stream: Box<dyn Stream> = match &self.place {
            Place::Tcp { host, port, tls } => {
                let stream = stream::tcp(host, *port).await?;
                match tls {
                    Some(tls) => Box::new(tls.connect(host, stream).await?),
                    None => Box::new(stream),
                }
            }
            Place::Unix(path) => Box::new(stream::unix(path).await?),
        };
        let mut connection = BufReader::new(stream);
        if let Some(password) = &self.password {
            let user = self.user.as_ref().map(|user| user.as_bytes());
            let words = [Some(&b"AUTH"[..]), user, Some(password.trimmed())];
            send(&mut connection, &words.into_iter().flatten().collect::<Vec<_>>()).await?;
            read(&mut connection, 0).await?;
        }
        if self.database != 0 {
            send(&mut connection, &[b"SELECT", self.database.to_string().as_bytes()]).await?;
            read(&mut connection, 0).await?;
        }
        Ok(connection)
    }
}

/// Writes a command as an array of bulk strings: no word can end another.
async fn send(connection: &mut Connection, words: &[&[u8]]) -> Result<(), Trouble> {
    let mut command = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        command.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        command.extend_from_slice(word);
        command.extend_from_slice(b"\r\n");
    }
    connection.get_mut().write_all(&command).await.map_err(Trouble::down)?;
    connection.get_mut().flush().await.map_err(Trouble::down)
}

/// Reads a reply. Lists hold no lists.
async fn read(connection: &mut Connection, limit: usize) -> Result<Reply, Trouble> {
    let (kind, text) = line(connection).await?;
    if kind != b'*' {
        return single(connection, kind, &text, limit).await;
    }
    let count = length(&text)?.unwrap_or(0);
    if count > 16 {
        return Err(nonsense());
    }
    let mut values = Vec::with_capacity(count);
    for _ in 0..count {
        let (kind, text) = line(connection).await?;
        values.push(single(connection, kind, &text, limit).await?);
    }
    Ok(Reply::List(values))
}

async fn single(connection: &mut Connection, kind: u8, text: &str, limit: usize) -> Result<Reply, Trouble> {
    match kind {
        b'+' => Ok(Reply::Text),
        b':' => Ok(Reply::Number),
        b'$' => Ok(bulk(connection, text, limit).await?.map_or(Reply::Nothing, Reply::Bulk)),
        // The text of an error may quote the key: only its first word, the kind of error, is kept.
        b'-' => Err(Trouble::Refused(text.split(' ').next().unwrap_or_default().to_owned())),
        _ => Err(nonsense()),
    }
}

/// The first byte of a line and the rest of it.
async fn line(connection: &mut Connection) -> Result<(u8, String), Trouble> {
    let mut line = Vec::new();
    connection.take(LINE).read_until(b'\n', &mut line).await.map_err(Trouble::down)?;
    if line.is_empty() {
        return Err(Trouble::Down("it closed the connection".into()));
    }
    let line = line.strip_suffix(b"\r\n").ok_or_else(nonsense)?;
    let (kind, text) = line.split_first().ok_or_else(nonsense)?;
    Ok((*kind, std::str::from_utf8(text).map_err(|_| nonsense())?.to_owned()))
}

async fn bulk(connection: &mut Connection, text: &str, limit: usize) -> Result<Option<Vec<u8>>, Trouble> {
    let Some(length) = length(text)? else { return Ok(None) };
    if length > limit {
        return Err(Trouble::TooLarge);
    }
    let mut value = vec![0; length + 2];
    connection.read_exact(&mut value).await.map_err(Trouble::down)?;
    value.truncate(length);
    Ok(Some(value))
}

/// A length; `None` for -1, which is nil.
fn length(text: &str) -> Result<Option<usize>, Trouble> {
    if text == "-1" { Ok(None) } else { text.parse().map(Some).map_err(|_| nonsense()) }
}

fn nonsense() -> Trouble {
    Trouble::Nonsense("no reply of the protocol".into())
}
