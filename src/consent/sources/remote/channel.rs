//! Messages that an answer changed: a Redis channel, or PostgreSQL's `NOTIFY`.
//!
//! A message is an account id, or `*` for everybody; one that is neither is taken for everybody. PostgreSQL needs a
//! session of its own for this, which a pooler in transaction mode does not give.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::{Backend, LONGEST_USER, Memory};
use crate::backend::{Messages, Notices, Trouble};
use crate::person::AppUserId;

/// How long until a broken channel is opened again.
const PAUSE: Duration = Duration::from_secs(1);
/// After so long a silence the channel is opened anew: nobody says that the other side is gone.
const SILENCE: Duration = Duration::from_secs(60);
/// How long opening may take.
const OPEN: Duration = Duration::from_secs(5);

/// An open channel.
pub(in crate::consent::sources) enum Channel {
    /// Of Redis.
    Redis(Messages),
    /// Of PostgreSQL.
    Postgres(Box<Notices>),
    /// Of a test.
    #[cfg(test)]
    Test(tokio::sync::mpsc::Receiver<Vec<u8>>),
}

impl Channel {
    async fn next(&mut self) -> Result<Vec<u8>, Trouble> {
        match self {
            Self::Redis(messages) => messages.next().await,
            Self::Postgres(notices) => notices.next().await,
            #[cfg(test)]
            Self::Test(messages) => messages.recv().await.ok_or(Trouble::Late),
        }
    }
}

/// Listens for as long as the source lives.
pub(super) async fn attend<B: Backend>(backend: Arc<B>, memory: Arc<Memory>) {
    let mut said = false;
    loop {
        let Some(opening) = backend.channel() else { return };
        let opened = timeout(OPEN, opening).await.unwrap_or(Err(Trouble::Late));
        let trouble = match opened {
            Ok(mut channel) => {
                // What was said while nobody listened is lost.
                memory.forget_all();
                memory.is_heard.store(true, Ordering::Release);
                if std::mem::take(&mut said) {
                    tracing::info!(source = backend.word(), "the consent channel is heard again");
                }
                hear(&mut channel, &memory).await
            }
            Err(trouble) => Some(trouble),
        };
        memory.is_heard.store(false, Ordering::Release);
        if let Some(trouble) = trouble {
            if !std::mem::replace(&mut said, true) {
                tracing::warn!(source = backend.word(), %trouble, "the consent channel is not heard: answers count shorter");
            }
            sleep(PAUSE).await;
        }
    }
}

/// Hears messages until the channel breaks, or is silent for long.
async fn hear(channel: &mut Channel, memory: &Memory) -> Option<Trouble> {
    loop {
        match timeout(SILENCE, channel.next()).await {
            Ok(Ok(message)) => {
                let text = std::str::from_utf8(&message).ok().filter(|text| text.len() <= LONGEST_USER);
                match text.filter(|text| *text != "*").and_then(AppUserId::from_text) {
                    Some(user) => memory.forget(&user),
                    None => memory.forget_all(),
                }
            }
            Ok(Err(trouble)) => return Some(trouble),
            Err(_) => return None,
        }
    }
}
