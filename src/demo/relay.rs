//! The demo's stand-in for nginx: hands a request to bauta with the visitor's address, and the answer back.
//!
//! Promise: Host, method, path and body stay as they are; exactly one `X-Forwarded-For`, with the peer's address.
//! bauta is told to believe this hop and no other. Failure: 502, as from any web server.

use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;

use super::listen::answer;

/// Longer than bauta's own deadlines for the vendor.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest answer, in bytes: a vendor's script with room to spare.
const ANSWER: usize = 4 * 1024 * 1024;

/// A request of the browser.
#[derive(Clone)]
pub(super) struct Original {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Who sent it.
    pub(super) client: IpAddr,
}

/// Hands a request to what listens at the unix socket `address`.
pub(super) async fn relay(address: &Path, original: Original) -> Response<Full<Bytes>> {
    match tokio::time::timeout(PATIENCE, exchange(address, original)).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) | Err(_) => answer(StatusCode::BAD_GATEWAY, "text/plain; charset=utf-8", "bauta did not answer\n"),
    }
}

async fn exchange(address: &Path, original: Original) -> io::Result<Response<Full<Bytes>>> {
    let mut request = Request::new(Full::new(original.body));
    *request.method_mut() = original.method;
    *request.uri_mut() = original.uri;
    *request.headers_mut() = original.headers;
    let headers = request.headers_mut();
    let forwarded = HeaderValue::try_from(original.client.to_string()).map_err(io::Error::other)?;
    headers.insert(HeaderName::from_static("x-forwarded-for"), forwarded);
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    // The body is whole by now, and hyper writes its length.
    headers.remove(header::TRANSFER_ENCODING);

    let stream = UnixStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let answered = async move {
        let (mut parts, body) = sender.send_request(request).await.map_err(io::Error::other)?.into_parts();
        let body = Limited::new(body, ANSWER).collect().await.map_err(io::Error::other)?.to_bytes();
        for hop in [header::CONNECTION, header::TRANSFER_ENCODING] {
            parts.headers.remove(hop);
        }
        Ok(Response::from_parts(parts, Full::new(body)))
    };
    // The connection works as long as the exchange lasts and ends with its sender.
    let (_, response) = tokio::join!(connection, answered);
    response
}
