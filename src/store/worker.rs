//! A thread that owns a database connection and does one thing after the other.
//!
//! SQLite blocks, so it never runs on the threads that serve requests. The queue is bounded: when it is full the
//! asker hears [`StoreError::Busy`] at once instead of waiting. Dropping the worker lets it finish what is queued,
//! closes the connection and waits for the thread.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::StoreError;

/// Questions that may wait: at 50 microseconds each the last one waits for 50 ms, the default look-up deadline.
const QUEUE: usize = 1024;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// What becomes of a job whose asker has given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Abandoned {
    /// Nobody reads the answer: it is skipped.
    Skip,
    /// It changes something: it is carried out all the same.
    CarryOut,
}

pub(super) struct Worker {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts a thread of that name, which takes over the connection.
    pub(super) fn start(name: &str, connection: Connection) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || work(connection, &jobs))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Has `task` done on the worker's thread and waits for its result, but not longer than `deadline`.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        deadline: Duration,
        abandoned: Abandoned,
        task: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            if abandoned == Abandoned::CarryOut || !reply.is_closed() {
                // The asker may be gone; then nobody needs the result.
                drop(reply.send(task(connection)));
            }
        });
        let queue = self.queue.as_ref().ok_or(StoreError::Closed)?;
        queue.try_send(job).map_err(|refused| match refused {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Closed,
        })?;
        match timeout(deadline, answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(StoreError::Closed),
            Err(_) => Err(StoreError::Deadline),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A panic on the thread was reported there; there is nothing left to put right here.
            drop(thread.join());
        }
    }
}

fn work(mut connection: Connection, jobs: &Receiver<Job>) {
    while let Ok(job) = jobs.recv() {
        job(&mut connection);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use rusqlite::Connection;

    use super::{Abandoned, QUEUE, StoreError, Worker};

    const LONG: Duration = Duration::from_secs(60);

    fn worker() -> Worker {
        Worker::start("test", Connection::open_in_memory().unwrap()).unwrap()
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    }

    #[test]
    fn an_asker_does_not_wait_longer_than_the_deadline() {
        let worker = worker();
        let (release, hold) = channel::<()>();
        block_on(async {
            let slow = worker.run(Duration::ZERO, Abandoned::CarryOut, move |_| {
                hold.recv().ok();
                Ok(())
            });
            assert!(matches!(slow.await, Err(StoreError::Deadline)));
        });
        release.send(()).unwrap();
    }

    #[test]
    fn an_abandoned_question_is_skipped_and_an_abandoned_change_is_not() {
        let worker = worker();
        let (release, hold) = channel::<()>();
        let (done, seen) = channel();
        block_on(async {
            let blocked = worker.run(Duration::ZERO, Abandoned::CarryOut, move |_| {
                hold.recv().ok();
                Ok(())
            });
            blocked.await.unwrap_err();
            for abandoned in [Abandoned::Skip, Abandoned::CarryOut] {
                let done = done.clone();
                let given_up = worker.run(Duration::ZERO, abandoned, move |_| {
                    done.send(abandoned).ok();
                    Ok(())
                });
                given_up.await.unwrap_err();
            }
            release.send(()).unwrap();
            worker.run(LONG, Abandoned::Skip, |_| Ok(())).await.unwrap();
        });
        drop(done);
        assert_eq!(seen.iter().collect::<Vec<_>>(), [Abandoned::CarryOut]);
    }

    #[test]
    fn a_full_queue_is_said_at_once() {
        let worker = worker();
        let (release, hold) = channel::<()>();
        let (started, running) = channel::<()>();
        block_on(async {
            let first = worker.run(Duration::ZERO, Abandoned::CarryOut, move |_| {
                started.send(()).ok();
                hold.recv().ok();
                Ok(())
            });
            first.await.unwrap_err();
            running.recv().unwrap();
            for _ in 0..QUEUE {
                let queued = worker.run(Duration::ZERO, Abandoned::Skip, |_| Ok(()));
                assert!(matches!(queued.await, Err(StoreError::Deadline)));
            }
            assert!(matches!(worker.run(LONG, Abandoned::Skip, |_| Ok(())).await, Err(StoreError::Busy)));
        });
        release.send(()).unwrap();
    }
}
