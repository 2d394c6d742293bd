//! HTTP/1.1 towards one endpoint of the application.
//!
//! Promise: one `GET` with the one cookie it was asked about, to the configured address and nowhere else: a redirect
//! is an answer. Two connections at most, kept between questions; one that was not read to the end is closed. A kept
//! connection that fails is tried once more as a new one.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::header::{ACCEPT, COOKIE, HOST, HeaderName, HeaderValue, USER_AGENT};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::address::Address;
use super::tls::Tls;
use super::{Answer, Ask, Pending, Source, Unreachable};
use crate::config::session::Endpoint;
use crate::session::decode::LARGEST;

/// How many connections are kept.
const CONNECTIONS: usize = 2;

/// One endpoint.
pub(super) struct Http {
    host: String,
    port: u16,
    tls: Option<Tls>,
    authority: HeaderValue,
    path: Uri,
    header: Option<HeaderName>,
    permits: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

/// A connection and what moves its bytes: nobody else does, so it rests while it is kept.
struct Connection {
    sender: SendRequest<Empty<Bytes>>,
    driver: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Http {
    /// Reads the address; connects later.
    pub(super) fn open(endpoint: &Endpoint) -> Result<Self, String> {
        let address = Address::read(&endpoint.url)?;
        if address.user.is_some() {
            return Err("an endpoint is asked without a user".into());
        }
        let tls = if address.scheme == "https" { Some(Tls::open(endpoint.ca_file.as_deref())?) } else { None };
        let usual = if tls.is_some() { 443 } else { 80 };
        let name = if address.host.contains(':') { format!("[{}]", address.host) } else { address.host.clone() };
        let authority = match address.port {
            Some(port) if port != usual => format!("{name}:{port}"),
            _ => name,
        };
        let path = address.path.split('#').next().unwrap_or_default();
        let header = endpoint.header.as_deref().map(|name| name.parse().map_err(|_| "header is no header name"));
        Ok(Self {
            port: address.port.unwrap_or(usual),
            host: address.host,
            tls,
            authority: HeaderValue::from_str(&authority).map_err(|_| "this is no host name")?,
            path: format!("/{path}").parse().map_err(|_| "the path cannot be asked for")?,
            header: header.transpose()?,
            permits: Semaphore::new(CONNECTIONS),
            idle: Mutex::default(),
        })
    }

    async fn connect(&self) -> Result<Connection, Unreachable> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(broken)?;
        stream.set_nodelay(true).map_err(broken)?;
        match &self.tls {
            Some(tls) => handshake(TokioIo::new(tls.connect(&self.host, stream).await?)).await,
            None => handshake(TokioIo::new(stream)).await,
        }
    }

    async fn exchange(&self, ask: Ask<'_>) -> Result<Answer, Unreachable> {
        let Ask::Endpoint { cookie } = ask else { return Err(Unreachable("it is an endpoint".into())) };
        let _permit = self.permits.acquire().await.map_err(broken)?;
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let (connection, answer) = match kept {
            Some(connection) => match self.question(connection, cookie).await {
                Ok(answered) => answered,
                Err(_) => self.question(self.connect().await?, cookie).await?,
            },
            None => self.question(self.connect().await?, cookie).await?,
        };
        if let Some(connection) = connection {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        Ok(answer)
    }

    /// Asks on a connection, which is given back with a whole answer if it is still open.
    async fn question(
        &self,
        mut connection: Connection,
        cookie: &[u8],
    ) -> Result<(Option<Connection>, Answer), Unreachable> {
        let mut value = HeaderValue::from_bytes(cookie).map_err(broken)?;
        value.set_sensitive(true);
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = self.path.clone();
        let headers = request.headers_mut();
        headers.insert(HOST, self.authority.clone());
        headers.insert(COOKIE, value);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static("bauta"));
        let Connection { sender, driver } = &mut connection;
        let mut asked = std::pin::pin!(async {
            let response = sender.send_request(request).await.map_err(broken)?;
            self.answer(response).await
        });
        // The other side may close while the end of its answer is still to be read here.
        let mut open = true;
        let answer = loop {
            tokio::select! {
                biased;
                answer = asked.as_mut() => break answer?,
                () = driver.as_mut(), if open => open = false,
            }
        };
        Ok((open.then_some(connection), answer))
    }

    async fn answer(&self, response: Response<Incoming>) -> Result<Answer, Unreachable> {
        let (head, body) = response.into_parts();
        let header = self.header.as_ref().and_then(|name| head.headers.get(name));
        let header = header.map(|value| value.as_bytes().to_vec());
        let body = Limited::new(body, LARGEST).collect().await.map_err(broken)?.to_bytes().to_vec();
        Ok(Answer::Response { status: head.status.as_u16(), header, body })
    }
}

impl Source for Http {
    fn ask<'a>(&'a self, ask: Ask<'a>) -> Pending<'a> {
        Box::pin(self.exchange(ask))
    }
}

async fn handshake<T>(io: T) -> Result<Connection, Unreachable>
where
    T: hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static,
{
    let (sender, driver) = http1::handshake(io).await.map_err(broken)?;
    Ok(Connection { sender, driver: Box::pin(async move { drop(driver.await) }) })
}

fn broken(error: impl std::fmt::Display) -> Unreachable {
    Unreachable(error.to_string())
}
