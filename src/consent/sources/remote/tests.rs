use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::HeaderMap;
use tokio::sync::mpsc;
use tokio::time::{advance, sleep};

use super::{Backend, Channel, Pending, Remote, Reply, Source, Trouble};
use crate::clock::UnixMillis;
use crate::consent::Invalidations;
use crate::consent::answer::{Answer, Reason, Verdict};
use crate::consent::asked::Asked;
use crate::cookies::Cookies;
use crate::person::{AppUserId, Person, Value};

const DEADLINE: Duration = Duration::from_millis(50);

/// A channel that can be taken once.
type Once = Arc<Mutex<Option<mpsc::Receiver<Vec<u8>>>>>;

/// A back end that says what it is told to, after a while.
#[derive(Clone)]
struct Fake {
    says: Arc<Mutex<Answer>>,
    takes: Arc<Mutex<Duration>>,
    asked: Arc<AtomicUsize>,
    channel: Option<Once>,
}

impl Fake {
    fn new(says: Answer) -> Self {
        let says = Arc::new(Mutex::new(says));
        Self { says, takes: Arc::default(), asked: Arc::default(), channel: None }
    }

    fn says(&self, answer: Answer) {
        *self.says.lock().unwrap() = answer;
    }

    fn times(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Backend for Fake {
    fn word(&self) -> &'static str {
        "sql"
    }

    fn ask<'a>(&'a self, _: &'a AppUserId) -> Pending<'a, Result<Answer, Trouble>> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let answer = *self.says.lock().unwrap();
            let takes = *self.takes.lock().unwrap();
            sleep(takes).await;
            Ok(answer)
        })
    }

    fn channel(&self) -> Option<Pending<'_, Result<Channel, Trouble>>> {
        let channel = self.channel.as_ref()?;
        Some(Box::pin(async move { channel.lock().unwrap().take().map(Channel::Test).ok_or(Trouble::Late) }))
    }
}

async fn ask_at<B: Backend>(remote: &Remote<B>, user: &str, now: i64) -> Answer {
    let person = Person { user: AppUserId::from_text(user).unwrap(), claims: Value::Null, snapshot: true };
    let (cookies, headers) = (Cookies::from_text(""), HeaderMap::new());
    let asked = Asked {
        person: Some(&person),
        realm: "shop",
        cookies: &cookies,
        headers: &headers,
        query: "",
        now: UnixMillis(now),
        deadline: DEADLINE,
    };
    match remote.answer(&asked) {
        Reply::Now(answer) => answer,
        Reply::Later(answer) => answer.await,
    }
}

async fn ask<B: Backend>(remote: &Remote<B>, user: &str) -> Answer {
    ask_at(remote, user, 1_000).await
}

fn remote(fake: &Fake) -> Remote<Fake> {
    Remote::new(fake.clone(), Duration::from_secs(30), Arc::default())
}

#[tokio::test(start_paused = true)]
async fn an_answer_counts_for_its_time_and_no_longer() {
    let fake = Fake::new(Answer::granted());
    let remote = remote(&fake);
    for _ in 0..10 {
        assert_eq!(ask(&remote, "u1").await, Answer::granted());
    }
    assert_eq!(fake.times(), 1);
    fake.says(Answer::denied());
    advance(Duration::from_secs(30)).await;
    assert_eq!(ask(&remote, "u1").await, Answer::denied());
    assert_eq!(fake.times(), 2);
}

#[tokio::test(start_paused = true)]
async fn many_at_once_are_one_question() {
    let fake = Fake::new(Answer::granted());
    *fake.takes.lock().unwrap() = Duration::from_millis(10);
    let remote = Arc::new(remote(&fake));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let remote = Arc::clone(&remote);
        tasks.spawn(async move { ask(&remote, "u1").await });
    }
    assert!(tasks.join_all().await.into_iter().all(|answer| answer == Answer::granted()));
    assert_eq!(fake.times(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_grant_outlives_its_time_when_the_back_end_fails_and_a_refusal_does() {
    let fake = Fake::new(Answer::granted());
    let remote = remote(&fake);
    ask(&remote, "u1").await;
    fake.says(Answer::denied());
    ask(&remote, "u2").await;
    fake.says(Answer::unknown(Reason::BackendError));
    advance(Duration::from_secs(31)).await;
    assert_eq!(ask(&remote, "u1").await, Answer::unknown(Reason::BackendError));
    assert_eq!(ask(&remote, "u2").await.verdict, Verdict::Denied);
    let asked = fake.times();
    ask(&remote, "u1").await;
    assert_eq!(fake.times(), asked, "nobody asks again at once");
    fake.says(Answer::granted());
    advance(Duration::from_secs(1)).await;
    assert_eq!(ask(&remote, "u1").await, Answer::granted());
}

#[tokio::test(start_paused = true)]
async fn a_slow_back_end_is_unknown_within_the_deadline() {
    let fake = Fake::new(Answer::granted());
    *fake.takes.lock().unwrap() = Duration::from_secs(10);
    let remote = remote(&fake);
    let began = tokio::time::Instant::now();
    assert_eq!(ask(&remote, "u1").await, Answer::unknown(Reason::Timeout));
    assert!(began.elapsed() < DEADLINE);
}

#[tokio::test(start_paused = true)]
async fn an_invalidation_ends_what_is_remembered() {
    let fake = Fake::new(Answer::granted());
    let invalidations = Arc::new(Invalidations::default());
    let remote = Remote::new(fake.clone(), Duration::from_secs(30), Arc::clone(&invalidations));
    assert_eq!(ask_at(&remote, "u1", 1_000).await, Answer::granted());
    fake.says(Answer::denied());
    invalidations.note("shop", &AppUserId::from_text("u1").unwrap(), UnixMillis(1_000));
    assert_eq!(ask_at(&remote, "u1", 1_001).await, Answer::denied());
}

#[tokio::test(start_paused = true)]
async fn a_message_ends_what_is_remembered_and_what_is_under_way() {
    let (say, channel) = mpsc::channel(8);
    let mut fake = Fake::new(Answer::granted());
    fake.channel = Some(Arc::new(Mutex::new(Some(channel))));
    let remote = Arc::new(remote(&fake));
    ask(&remote, "u1").await;
    sleep(Duration::from_millis(1)).await;
    assert_eq!(ask(&remote, "u1").await, Answer::granted());
    *fake.takes.lock().unwrap() = Duration::from_millis(20);
    let late = {
        let remote = Arc::clone(&remote);
        let mut task = tokio::task::JoinSet::new();
        task.spawn(async move { ask(&remote, "u2").await });
        task
    };
    sleep(Duration::from_millis(5)).await;
    fake.says(Answer::denied());
    for user in ["u1", "u2"] {
        say.send(user.into()).await.unwrap();
    }
    assert_eq!(late.join_all().await, [Answer::unknown(Reason::Invalidated)]);
    for user in ["u1", "u2"] {
        assert_eq!(ask(&remote, user).await, Answer::denied());
    }
    fake.says(Answer::granted());
    say.send("*".into()).await.unwrap();
    sleep(Duration::from_millis(1)).await;
    assert_eq!(ask(&remote, "u1").await, Answer::granted());
}

#[tokio::test(start_paused = true)]
async fn while_the_channel_is_not_heard_answers_count_shorter() {
    let (say, channel) = mpsc::channel(8);
    let mut fake = Fake::new(Answer::granted());
    fake.channel = Some(Arc::new(Mutex::new(Some(channel))));
    let remote = remote(&fake);
    ask(&remote, "u1").await;
    sleep(Duration::from_millis(1)).await;
    ask(&remote, "u1").await;
    drop(say);
    sleep(Duration::from_millis(1)).await;
    fake.says(Answer::denied());
    advance(Duration::from_secs(6)).await;
    assert_eq!(ask(&remote, "u1").await, Answer::denied());
}
