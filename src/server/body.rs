//! Bodies: what handlers answer with, and reading what a visitor sends within a size, a time and a memory budget.
//!
//! The whole event body is read before anybody else hears of the request: bad chunk syntax is then the client's
//! 400 and no failure of the vendor, trailers are dropped, and the framing towards the vendor is ours.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Either, Full};

/// The body of an answer: whole, or a stream.
pub type Body = Either<Full<Bytes>, UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>>;

/// A body that is there as a whole.
#[must_use]
pub fn whole(bytes: impl Into<Bytes>) -> Body {
    Either::Left(Full::new(bytes.into()))
}

/// A body that comes piece by piece.
#[must_use]
pub fn streamed<B>(body: B) -> Body
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    Either::Right(body.map_err(Into::into).boxed_unsync())
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is larger than allowed.
    #[error("the body is larger than allowed")]
    TooLarge,
    /// It was not complete in time.
    #[error("the body was not complete in time")]
    Timeout,
    /// Its framing is wrong, or the client went away.
    #[error("the body is not complete or its framing is wrong")]
    Broken,
    /// Too many large bodies are in memory at once.
    #[error("no room for another large body")]
    NoRoom,
}

impl BodyError {
    /// The status that says so.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
            Self::NoRoom => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Reads a body of at most `cap` bytes within `deadline`. Trailers are dropped.
///
/// # Errors
/// [`BodyError`], with everything read so far thrown away.
pub async fn read_body<B>(body: B, cap: usize, deadline: Duration) -> Result<Bytes, BodyError>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    within(deadline, collect(body, cap, None)).await.map(|(body, _)| body)
}

/// Bodies up to this size are not counted: so many as may be in flight at once cost little.
const SMALL: u64 = 64 * 1024;

/// A body that has grown to this size gets address space for the largest at once. Allocators map a block of more than
/// 32 MiB by itself and give it back when it is freed (glibc `DEFAULT_MMAP_THRESHOLD_MAX`); one that grows in steps
/// leaves holes that stay. Only pages that are written to are memory, and the budget bounds how many bodies get this far.
const LARGE: usize = 1 << 20;
const SPACE: usize = 33 << 20;

/// A budget of memory for large bodies, shared by all requests: as many visitors as may be in flight, each with the
/// largest body allowed, would otherwise fill any machine.
#[derive(Debug)]
pub struct Room {
    free: AtomicU64,
    size: u64,
}

impl Room {
    /// A budget of so many bytes for bodies above 64 KiB.
    #[must_use]
    pub fn of(bytes: u64) -> Arc<Self> {
        Arc::new(Self { free: AtomicU64::new(bytes), size: bytes })
    }

    /// Like [`read_body`], within the budget. What the body took is given back when the second value is dropped.
    ///
    /// # Errors
    /// [`BodyError`], with everything read so far thrown away.
    pub async fn read<B>(
        self: &Arc<Self>,
        body: B,
        cap: usize,
        deadline: Duration,
    ) -> Result<(Bytes, Option<Held>), BodyError>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
    {
        within(deadline, collect(body, cap, Some(self))).await
    }

    /// Takes room for a body of ours; `None` when there is none.
    pub(super) fn take(self: &Arc<Self>, bytes: u64) -> Option<Held> {
        let mut held = Held { room: Arc::clone(self), bytes: 0 };
        held.grow_by(bytes).ok().map(|()| held)
    }

    /// Takes room for what a body became, beyond the `received` bytes that it came in.
    ///
    /// # Errors
    /// [`BodyError::TooLarge`] when it would never fit, [`BodyError::NoRoom`] when it does not now.
    pub fn take_beyond(self: &Arc<Self>, received: usize, became: usize) -> Result<Held, BodyError> {
        let became = u64::try_from(became).unwrap_or(u64::MAX);
        if became > self.size {
            return Err(BodyError::TooLarge);
        }
        let more = became.saturating_sub(u64::try_from(received).unwrap_or(u64::MAX));
        self.take(if more > SMALL { more } else { 0 }).ok_or(BodyError::NoRoom)
    }

    /// Bytes that are free now.
    #[must_use]
    pub fn free(&self) -> u64 {
        self.free.load(Ordering::Relaxed)
    }
}

async fn within(
    deadline: Duration,
    reading: impl Future<Output = Result<(Bytes, Option<Held>), BodyError>>,
) -> Result<(Bytes, Option<Held>), BodyError> {
    tokio::time::timeout(deadline, reading).await.unwrap_or(Err(BodyError::Timeout))
}

async fn collect<B>(mut body: B, cap: usize, room: Option<&Arc<Room>>) -> Result<(Bytes, Option<Held>), BodyError>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let announced = body.size_hint().lower();
    if announced > u64::try_from(cap).unwrap_or(u64::MAX) {
        return Err(BodyError::TooLarge);
    }
    let mut held = room.map(|room| Held { room: Arc::clone(room), bytes: 0 });
    let mut first = Bytes::new();
    let mut more = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        let total = first.len() + more.len() + data.len();
        if total > cap {
            return Err(BodyError::TooLarge);
        }
        if let Some(held) = &mut held {
            held.grow_to(u64::try_from(total).unwrap_or(u64::MAX))?;
        }
        if first.is_empty() && more.is_empty() {
            first = data;
        } else {
            if more.is_empty() {
                // What is announced may never come: no more memory than a small body takes is set aside for it.
                more.reserve(usize::try_from(announced.clamp(0, SMALL)).unwrap_or_default().max(total));
                more.extend_from_slice(&first);
                first = Bytes::new();
            }
            if more.capacity() < SPACE && more.len() + data.len() > LARGE && cap > LARGE {
                more.reserve(SPACE - more.len());
            }
            more.extend_from_slice(&data);
        }
    }
    let whole = if more.is_empty() { first } else { more.freeze() };
    Ok((whole, held.filter(|held| held.bytes > 0)))
}

/// What a body takes from the budget; given back on drop.
#[derive(Debug)]
pub struct Held {
    room: Arc<Room>,
    bytes: u64,
}

impl Held {
    fn grow_to(&mut self, total: u64) -> Result<(), BodyError> {
        self.grow_by(if total > SMALL { total.saturating_sub(self.bytes) } else { 0 })
    }

    fn grow_by(&mut self, more: u64) -> Result<(), BodyError> {
        let taken = self.room.free.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |free| free.checked_sub(more));
        taken.map_err(|_| BodyError::NoRoom)?;
        self.bytes += more;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.room.free.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use http_body::Frame;

    use super::*;

    /// A body of given frames, after which it waits for ever if `open`.
    struct Frames(Vec<Frame<Bytes>>, bool);

    impl http_body::Body for Frames {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            if self.0.is_empty() {
                return if self.1 { Poll::Pending } else { Poll::Ready(None) };
            }
            Poll::Ready(Some(Ok(self.0.remove(0))))
        }
    }

    fn pieces(count: usize, size: usize) -> Frames {
        Frames((0..count).map(|_| Frame::data(Bytes::from(vec![b'x'; size]))).collect(), false)
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test]
    async fn one_frame_is_handed_on_without_a_copy() {
        let data = Bytes::from_static(b"hello");
        let read = read_body(Frames(vec![Frame::data(data.clone())], false), 5, SECOND).await.unwrap();
        assert_eq!(read.as_ptr(), data.as_ptr());
    }

    #[tokio::test]
    async fn frames_are_joined_and_trailers_dropped() {
        let mut frames = pieces(2, 3);
        frames.0.push(Frame::trailers(http::HeaderMap::new()));
        assert_eq!(read_body(frames, 6, SECOND).await.unwrap(), "xxxxxx");
    }

    #[tokio::test]
    async fn a_body_above_the_cap_is_too_large() {
        assert_eq!(read_body(pieces(2, 3), 5, SECOND).await, Err(BodyError::TooLarge));
        assert_eq!(read_body(Full::new(Bytes::from_static(b"123456")), 5, SECOND).await, Err(BodyError::TooLarge));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_end_runs_into_the_deadline() {
        let mut frames = pieces(1, 3);
        frames.1 = true;
        assert_eq!(read_body(frames, 5, SECOND).await, Err(BodyError::Timeout));
    }

    #[tokio::test]
    async fn large_bodies_share_a_budget_and_give_it_back() {
        let room = Room::of(200_000);
        let (small, held) = room.read(pieces(64, 1024), 1 << 20, SECOND).await.unwrap();
        assert_eq!((small.len(), held.is_none(), room.free()), (65_536, true, 200_000));
        let (large, held) = room.read(pieces(150, 1000), 1 << 20, SECOND).await.unwrap();
        assert_eq!((large.len(), room.free()), (150_000, 50_000));
        let refused = room.read(pieces(100, 1000), 1 << 20, SECOND).await;
        assert_eq!(refused.err(), Some(BodyError::NoRoom));
        assert_eq!(room.free(), 50_000);
        drop(large);
        assert_eq!(room.free(), 50_000);
        drop(held);
        assert_eq!(room.free(), 200_000);
    }
}
