//! Answers that are remembered for a while, each question asked once at a time.
//!
//! Promise: whoever asks what somebody else is asking waits for that answer; what is remembered is bounded in number and
//! kept under a hash with a random key of this process, so that no memory holds the questions. Whoever asks says for how
//! long an answer counts; an error, and an answer that counts for no time, are not remembered. A question that is dropped
//! leaves its turn to the next.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// What was answered, and until when it counts. Locked while somebody asks.
type Slot<T> = Arc<Mutex<Option<(Instant, T)>>>;

/// A bounded memory of answers.
pub struct Recall<T> {
    slots: Cache<u128, Slot<T>>,
    /// Two halves of a hash that nobody outside can make collide.
    hash: [RandomState; 2],
}

impl<T: Clone> Recall<T> {
    /// Remembers this many answers at most.
    #[must_use]
    pub fn of(most: usize) -> Self {
        Self { slots: Cache::new(most), hash: [RandomState::new(), RandomState::new()] }
    }

    /// What is remembered for a key, or what the question answers, with how long that counts.
    ///
    /// # Errors
    /// The question's own.
    pub async fn ask<E>(&self, key: &[u8], question: impl Future<Output = Result<(T, Duration), E>>) -> Result<T, E> {
        let [one, two] = self.hash.each_ref().map(|hash| u128::from(hash.hash_one(key)));
        let slot = self.slots.get_or_insert_with(&(one << 64 | two), || Ok::<_, E>(Slot::default()))?;
        let mut held = slot.lock().await;
        if let Some((until, answer)) = held.as_ref()
            && Instant::now() < *until
        {
            return Ok(answer.clone());
        }
        // What is over goes before the question, which may be dropped at any time.
        *held = None;
        let (answer, life) = question.await?;
        if !life.is_zero() {
            *held = Some((Instant::now() + life, answer.clone()));
        }
        Ok(answer)
    }
}
