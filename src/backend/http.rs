//! HTTP/1.1 towards one address of the application, or of its identity provider.
//!
//! Promise: requests go to the configured address and nowhere else: a redirect is an answer. A connection that was
//! not read to the end is closed. A kept connection that broke is replaced once.

use std::pin::Pin;

use ::http::header::{ACCEPT, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use ::http::{Method, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;

use super::pool::{Dial, Pool};
use super::stream::{self, Stream};
use super::tls::Tls;
use super::{Access, Address, Trouble};

/// One address.
pub struct Http {
    pool: Pool<Server>,
    authority: HeaderValue,
    target: Uri,
}

struct Server {
    host: String,
    port: u16,
    tls: Option<Tls>,
}

/// A connection and what moves its bytes: nobody else does, so it rests while it is kept.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// One request.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// `GET`, or another method that changes nothing: a request may be sent twice.
    pub method: Method,
    /// The path and query, if they are not those of the address.
    pub target: Option<Uri>,
    /// Fields beside `Host`, `Accept` and `User-Agent`.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Bytes,
}

/// One response.
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The fields.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Http {
    /// Reads the address; connects later.
    ///
    /// # Errors
    /// What is wrong with the address, in one lower-case sentence.
    pub fn open(access: &Access<'_>) -> Result<Self, String> {
        let address = Address::read(access.url)?;
        if !["http", "https"].contains(&address.scheme.as_str()) {
            return Err("expected an http:// or https:// address".into());
        }
        if address.user.is_some() {
            return Err("an endpoint is asked without a user".into());
        }
        let tls = if address.scheme == "https" { Some(Tls::open(access.ca_file)?) } else { None };
        let usual = if tls.is_some() { 443 } else { 80 };
        let name = if address.host.contains(':') { format!("[{}]", address.host) } else { address.host.clone() };
        let authority = match address.port {
            Some(port) if port != usual => format!("{name}:{port}"),
            _ => name,
        };
        let path = address.path.split('#').next().unwrap_or_default();
        let server = Server { port: address.port.unwrap_or(usual), host: address.host, tls };
        Ok(Self {
            pool: Pool::new(server),
            authority: HeaderValue::from_str(&authority).map_err(|_| "this is no host name")?,
            target: format!("/{path}").parse().map_err(|_| "the path cannot be asked for")?,
        })
    }

    /// Sends a request and reads a response whose body has at most `limit` bytes.
    ///
    /// # Errors
    /// Why there is no response.
    pub async fn ask(&self, request: &Request, limit: usize) -> Result<Response, Trouble> {
        let _turn = self.pool.turn().await?;
        if let Some(connection) = self.pool.kept() {
            match self.question(connection, request, limit).await {
                Err(Trouble::Down(_)) => {}
                answered => return answered,
            }
        }
        let connection = self.pool.fresh().await?;
        self.question(connection, request, limit).await
    }

    async fn question(&self, connection: Connection, request: &Request, limit: usize) -> Result<Response, Trouble> {
        let Connection { mut sender, mut driver } = connection;
        let mut message = ::http::Request::new(Full::new(request.body.clone()));
        *message.method_mut() = request.method.clone();
        *message.uri_mut() = request.target.clone().unwrap_or_else(|| self.target.clone());
        let headers = message.headers_mut();
        headers.insert(HOST, self.authority.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static("bauta"));
        headers.extend(request.headers.iter().cloned());
        let (answer, open) = {
            let mut asked = std::pin::pin!(async {
                let response = sender.send_request(message).await.map_err(|error| broken(&error))?;
                let (head, body) = response.into_parts();
                let body = Limited::new(body, limit).collect().await;
                let body = body.map_err(|error| match error.downcast::<hyper::Error>() {
                    Ok(error) => broken(&error),
                    Err(_) => Trouble::TooLarge,
                })?;
                Ok(Response { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes() })
            });
            // The other side may close while the end of its answer is still to be read here.
            let mut open = true;
            loop {
                tokio::select! {
                    biased;
                    answer = asked.as_mut() => break (answer, open),
                    () = driver.as_mut(), if open => open = false,
                }
            }
        };
        if answer.is_ok() && open {
            self.pool.keep(Connection { sender, driver });
        }
        answer
    }
}

impl Dial for Server {
    type Connection = Connection;

    async fn dial(&self) -> Result<Connection, Trouble> {
        let stream = stream::tcp(&self.host, self.port).await?;
        let stream: Box<dyn Stream> = match &self.tls {
            Some(tls) => Box::new(tls.connect(&self.host, stream).await?),
            None => Box::new(stream),
        };
        let (sender, driver) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| broken(&error))?;
        Ok(Connection { sender, driver: Box::pin(async move { drop(driver.await) }) })
    }
}

fn broken(error: &hyper::Error) -> Trouble {
    if error.is_parse() { Trouble::Nonsense("no HTTP/1.1".into()) } else { Trouble::Down(error.to_string()) }
}
