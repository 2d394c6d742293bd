//! One upstream: its address, its connections, its deadlines.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::HOST;
use http::uri::PathAndQuery;
use http::{Request, Response};
use http_body::Body as _;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::Semaphore;

use super::connect::{Dialer, Resolve};
use super::pieces::Pieces;
use super::pool::{Lease, Pool, Pooling};
use super::target::Target;
use super::{Answer, ForwardError, Outgoing, tls};
use crate::config::fault::{Faults, KeyPath};
use crate::config::file;
use crate::headers::{self, AnswerTo};

/// The largest answer to an event: vendors answer two letters, or a list of errors.
const EVENT_ANSWER: usize = 64 * 1024;
/// The largest answer about flags and configuration: definitions of a project with cohorts.
const FLAGS_ANSWER: usize = 4 * 1024 * 1024;
/// The largest asset: the vendors' scripts are below 200 KiB.
const ASSET_ANSWER: usize = 2 * 1024 * 1024;

/// The way to one vendor's endpoint.
pub struct Upstream {
    target: Arc<Target>,
    dialer: Dialer,
    pool: Pool,
    permits: Arc<Semaphore>,
    connect: Duration,
    answer: Duration,
    asset_answer: usize,
}

impl Upstream {
    /// Reads the address, authorities and deadlines of `[[site.upstream]]`. `base` is the folder of the
    /// configuration file, `at` the table's key. Makes no connection.
    pub fn build(shape: &file::Upstream, base: &Path, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let mut fault = |key: &str, problem: String, fix: &str| faults.push(at.key(key), problem, fix);
        for (key, length) in [("connect_timeout", shape.connect_timeout), ("answer_timeout", shape.answer_timeout)] {
            if length.0.is_zero() {
                fault(key, "must be above zero".to_owned(), "leave it out to get the default");
            }
        }
        let target = match Target::read(&shape.url) {
            Ok(target) => Arc::new(target),
            Err(problem) => {
                fault(
                    "url",
                    format!("{:?} {problem}", without_user(&shape.url)),
                    "write it as \"https://plausible.io\"",
                );
                return None;
            }
        };
        let config = match (&shape.ca_file, target.tls) {
            (Some(file), true) => match tls::authorities(&base.join(file)) {
                Ok(config) => Some(config),
                Err(problem) => {
                    fault("ca_file", problem, "give a PEM file with the certificate authority of the upstream");
                    return None;
                }
            },
            (Some(_), false) => {
                let problem = "has no use without TLS".to_owned();
                fault("ca_file", problem, "write url with https://, or leave ca_file out");
                None
            }
            (None, true) => match tls::web() {
                Ok(config) => Some(config),
                Err(problem) => {
                    fault("url", problem, "report this: the built-in certificate authorities cannot be used");
                    return None;
                }
            },
            (None, false) => None,
        };
        match Dialer::new(Arc::clone(&target), config) {
            Ok(dialer) => Some(Self::with(target, dialer, shape)),
            Err(problem) => {
                fault("url", format!("{:?} {problem}", shape.url), "write the host as in the upstream's certificate");
                None
            }
        }
    }

    fn with(target: Arc<Target>, dialer: Dialer, shape: &file::Upstream) -> Self {
        let pooling = Pooling::default();
        Self {
            target,
            dialer,
            pool: Pool::new(pooling),
            permits: Arc::new(Semaphore::new(pooling.connections)),
            connect: shape.connect_timeout.0,
            answer: shape.answer_timeout.0,
            asset_answer: ASSET_ANSWER,
        }
    }

    /// Other bounds on the connections.
    #[must_use]
    pub fn with_pooling(mut self, pooling: Pooling) -> Self {
        self.pool = Pool::new(pooling);
        self.permits = Arc::new(Semaphore::new(pooling.connections));
        self
    }

    /// Another resolver than the system's.
    #[must_use]
    pub fn with_resolver(mut self, resolver: impl Resolve) -> Self {
        self.dialer = self.dialer.with_resolver(resolver);
        self
    }

    /// Another largest size of assets, in bytes.
    #[must_use]
    pub fn with_largest_asset(mut self, bytes: usize) -> Self {
        self.asset_answer = bytes;
        self
    }

    /// Sends a request and reads the whole answer, within `answer_timeout` from now.
    ///
    /// # Errors
    /// [`ForwardError`]; the connection that was used is closed then.
    pub async fn send(&self, outgoing: Outgoing) -> Result<Answer, ForwardError> {
        tokio::time::timeout(self.answer, self.exchange(outgoing)).await.unwrap_or(Err(ForwardError::Timeout))
    }

    /// The whole address of a target at this upstream: what a copy of it is kept under.
    #[must_use]
    pub fn address_of(&self, target: &PathAndQuery) -> String {
        let scheme = if self.target.tls { "https" } else { "http" };
        let authority = self.target.authority.to_str().unwrap_or_default();
        match self.target.below(target) {
            Some(path) => format!("{scheme}://{authority}{path}"),
            None => format!("{scheme}://{authority}{target}"),
        }
    }

    /// Connections made, and requests that found one waiting, since start.
    #[must_use]
    pub fn connection_counts(&self) -> (u64, u64) {
        self.pool.counts()
    }

    /// Connections open now.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.pool.open_now()
    }

    async fn exchange(&self, outgoing: Outgoing) -> Result<Answer, ForwardError> {
        let to = outgoing.to;
        let mut request = self.request(outgoing)?;
        while let Some(mut lease) = self.pool.take() {
            match lease.sender.try_send_request(request).await {
                Ok(response) => return self.read(lease, response, to).await,
                // Only a request of which nothing was written comes back; anything else may have been read.
                Err(mut failed) => match failed.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(what(failed.error())),
                },
            }
        }
        let mut lease = tokio::time::timeout(self.connect, self.dial()).await.unwrap_or(Err(ForwardError::Connect))?;
        match lease.sender.try_send_request(request).await {
            Ok(response) => self.read(lease, response, to).await,
            Err(failed) => Err(what(failed.error())),
        }
    }

    async fn dial(&self) -> Result<Lease, ForwardError> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().map_err(|_| ForwardError::Busy)?;
        let wire = self.dialer.dial().await?;
        self.pool.open(wire, permit).await
    }

    /// The request as it goes out: our target, our `Host`, the given fields; the length is the connection's.
    fn request(&self, outgoing: Outgoing) -> Result<Request<Pieces>, ForwardError> {
        let mut request = Request::new(outgoing.body);
        *request.method_mut() = outgoing.method;
        *request.uri_mut() = self.target.below(&outgoing.target).ok_or(ForwardError::Protocol)?;
        *request.headers_mut() = outgoing.headers.into_fields();
        request.headers_mut().insert(HOST, self.target.authority.clone());
        Ok(request)
    }

    /// Reads the answer's body and gives the connection back.
    async fn read(&self, lease: Lease, response: Response<Incoming>, to: AnswerTo) -> Result<Answer, ForwardError> {
        let most = match to {
            AnswerTo::Event => EVENT_ANSWER,
            AnswerTo::Flags => FLAGS_ANSWER,
            AnswerTo::Asset => self.asset_answer,
        };
        let (head, body) = response.into_parts();
        let body = collect(body, most).await?;
        self.pool.give_back(lease);
        Ok(Answer { status: head.status, headers: headers::for_page(&head.headers, to), body })
    }
}

/// At most `most` bytes of a body; trailers are dropped.
async fn collect(mut body: Incoming, most: usize) -> Result<Bytes, ForwardError> {
    if body.size_hint().lower() > u64::try_from(most).unwrap_or(u64::MAX) {
        return Err(ForwardError::TooLarge);
    }
    let mut first = Bytes::new();
    let mut more = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| what(&error))?.into_data() else { continue };
        if first.len() + more.len() + data.len() > most {
            return Err(ForwardError::TooLarge);
        }
        if first.is_empty() && more.is_empty() {
            first = data;
        } else {
            more.extend_from_slice(&std::mem::take(&mut first));
            more.extend_from_slice(&data);
        }
    }
    Ok(if more.is_empty() { first } else { more.freeze() })
}

/// hyper's error in our words.
fn what(error: &hyper::Error) -> ForwardError {
    if error.is_parse_too_large() {
        ForwardError::TooLarge
    } else if error.is_parse() || error.is_parse_status() {
        ForwardError::Protocol
    } else {
        ForwardError::Closed
    }
}

/// An address as it may be shown: a password in it is a secret.
fn without_user(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://…@{rest}"),
        _ => url.to_owned(),
    }
}
