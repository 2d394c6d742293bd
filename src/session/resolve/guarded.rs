//! A source with a deadline, a short memory and a tally.
//!
//! Promise: the same question asked many times at once is asked once, and not again while its answer is remembered.
//! Only definite answers are remembered: a session, no session, an endpoint that knows the cookie or does not. Trouble
//! never is, so whoever logs in after a fault is known at once. What is remembered is bounded in number and in size;
//! keys are remembered by their hash. Failure: `Unavailable`, counted by its cause.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{Answer, Ask, Source, Trouble};
use crate::backend::Recall;
use crate::session::refusal::Refusal;

/// How long an answer is remembered unless the configuration says otherwise. A logout counts after this time.
const LIFE: Duration = Duration::from_secs(2);
/// How many answers are remembered.
const REMEMBERED: usize = 1024;
/// The largest answer that is remembered, in bytes.
const LARGEST: usize = 16 * 1024;

/// A source, guarded.
pub(crate) struct Guarded {
    source: Arc<dyn Source>,
    life: Duration,
    remembered: Recall<Answer>,
    tally: Arc<Tally>,
}

/// Look-ups without an answer, by cause.
#[derive(Debug, Default)]
pub(crate) struct Tally([AtomicU64; Trouble::WORDS.len()]);

impl Tally {
    /// Enters one.
    pub(crate) fn count(&self, trouble: &Trouble) {
        if let Some(counter) = self.0.get(trouble.place()) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The causes and how often each was met.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Trouble::WORDS.into_iter().zip(&self.0).map(|(word, counter)| (word, counter.load(Ordering::Relaxed)))
    }
}

impl Guarded {
    /// Guards a source. `life` is how long answers are remembered, if the configuration says so.
    pub(crate) fn new(source: Arc<dyn Source>, life: Option<Duration>, tally: Arc<Tally>) -> Self {
        Self { source, life: life.unwrap_or(LIFE), remembered: Recall::of(REMEMBERED), tally }
    }

    /// Asks, or recalls.
    pub(crate) async fn ask(&self, ask: Ask<'_>, until: Instant) -> Result<Answer, Refusal> {
        match timeout_at(until, self.answer(ask)).await.unwrap_or(Err(Trouble::Late)) {
            Ok(answer) => Ok(answer),
            Err(trouble) => {
                self.count(&trouble);
                Err(Refusal::Unavailable)
            }
        }
    }

    /// Asks for something that nobody has, to see whether there is an answer at all. Nothing is counted or remembered.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(crate) async fn probe(&self, ask: Ask<'_>, until: Instant) -> Result<Answer, Trouble> {
        timeout_at(until, self.source.ask(ask)).await.unwrap_or(Err(Trouble::Late))
    }

    /// Counts an answer that is none.
    pub(crate) fn count(&self, trouble: &Trouble) {
        self.tally.count(trouble);
    }

    async fn answer(&self, ask: Ask<'_>) -> Result<Answer, Trouble> {
        if self.life.is_zero() {
            return self.source.ask(ask).await;
        }
        let (Ask::Value { key } | Ask::Fields { key, .. } | Ask::Row { key, .. } | Ask::Endpoint { cookie: key }) = ask;
        let question = async {
            let answer = self.source.ask(ask).await?;
            let counts = is_definite(&answer) && size(&answer) <= LARGEST;
            Ok((answer, if counts { self.life } else { Duration::ZERO }))
        };
        self.remembered.ask(key, question).await
    }
}

const fn is_definite(answer: &Answer) -> bool {
    match answer {
        Answer::Nothing | Answer::Value(_) | Answer::Fields(_) => true,
        Answer::Response { status, .. } => matches!(status, 200..=399 | 401 | 403),
    }
}

fn size(answer: &Answer) -> usize {
    match answer {
        Answer::Nothing => 0,
        Answer::Value(value) => value.len(),
        Answer::Fields(values) => values.iter().flatten().map(Vec::len).sum(),
        Answer::Response { header, body, .. } => body.len() + header.as_ref().map_or(0, Vec::len),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::time::{Instant, advance, sleep};

    use super::{Guarded, LIFE};
    use crate::session::refusal::Refusal;
    use crate::session::resolve::{Answer, Ask, Pending, Source, Trouble};

    /// Says the same to everybody after a while, and counts.
    struct Slow {
        answer: Result<Answer, Trouble>,
        asked: AtomicUsize,
    }

    impl Source for Slow {
        fn ask<'a>(&'a self, _: Ask<'a>) -> Pending<'a> {
            Box::pin(async {
                self.asked.fetch_add(1, Ordering::Relaxed);
                sleep(Duration::from_millis(20)).await;
                self.answer.clone()
            })
        }
    }

    fn slow(answer: Result<Answer, Trouble>) -> (Arc<Slow>, Guarded) {
        let source = Arc::new(Slow { answer, asked: AtomicUsize::new(0) });
        let guarded = Guarded::new(Arc::clone(&source) as Arc<dyn Source>, None, Arc::default());
        (source, guarded)
    }

    async fn ask(guarded: &Guarded, key: &str, millis: u64) -> Result<Answer, Refusal> {
        guarded.ask(Ask::Value { key: key.as_bytes() }, Instant::now() + Duration::from_millis(millis)).await
    }

    #[tokio::test(start_paused = true)]
    async fn the_same_question_at_once_is_asked_once_and_remembered_for_a_while() {
        let (source, guarded) = slow(Ok(Answer::Nothing));
        let (one, two, three) = tokio::join!(ask(&guarded, "a", 50), ask(&guarded, "a", 50), ask(&guarded, "b", 50));
        assert!(one.is_ok() && two.is_ok() && three.is_ok());
        assert_eq!(source.asked.load(Ordering::Relaxed), 2);
        assert_eq!(ask(&guarded, "a", 50).await, Ok(Answer::Nothing));
        assert_eq!(source.asked.load(Ordering::Relaxed), 2);
        advance(LIFE).await;
        assert_eq!(ask(&guarded, "a", 50).await, Ok(Answer::Nothing));
        assert_eq!(source.asked.load(Ordering::Relaxed), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn trouble_is_counted_and_not_remembered() {
        let answers = [
            Err(Trouble::Down(String::new())),
            Err(Trouble::TooLarge),
            Ok(Answer::Response { status: 503, header: None, body: Vec::new() }),
        ];
        for answer in answers {
            let (source, guarded) = slow(answer.clone());
            for _ in 0..2 {
                assert_eq!(ask(&guarded, "a", 50).await.is_err(), answer.is_err());
            }
            assert_eq!(source.asked.load(Ordering::Relaxed), 2);
            let counted: u64 = guarded.tally.counts().map(|(_, count)| count).sum();
            assert_eq!(counted, if answer.is_err() { 2 } else { 0 });
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_gives_up_is_counted_as_late_and_leaves_the_turn_to_the_next() {
        let (source, guarded) = slow(Ok(Answer::Nothing));
        let (one, two) = tokio::join!(ask(&guarded, "a", 5), ask(&guarded, "a", 50));
        assert_eq!((one, two), (Err(Refusal::Unavailable), Ok(Answer::Nothing)));
        assert_eq!(source.asked.load(Ordering::Relaxed), 2);
        assert_eq!(guarded.tally.counts().find(|(_, count)| *count > 0), Some(("late", 1)));
    }
}
