//! A server that says it is Redis: whatever it answers, the question ends, and a value is never longer than was asked for.
//!
//! The first byte chooses the question. The rest is the answer, sent on every connection until it is used up.
#![no_main]

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use bauta::backend::{Access, Redis};
use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixListener;
use tokio::runtime::Runtime;
use tokio::task::LocalSet;

const LIMIT: usize = 4096;

struct Peer {
    threads: Runtime,
    tasks: LocalSet,
    redis: Redis,
    answer: Rc<RefCell<Vec<u8>>>,
    _folder: tempfile::TempDir,
}

thread_local! {
    static PEER: Peer = peer();
}

fn peer() -> Peer {
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (tasks, folder) = (LocalSet::new(), tempfile::tempdir().expect("a folder"));
    let socket = folder.path().join("redis.sock");
    let answer: Rc<RefCell<Vec<u8>>> = Rc::default();
    let given = Rc::clone(&answer);
    let listener = threads.block_on(async { UnixListener::bind(&socket).expect("a socket") });
    tasks.spawn_local(async move {
        loop {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            let answer = given.borrow().clone();
            tokio::task::spawn_local(async move {
                let mut question = [0; 512];
                // One answer, then the end: what is half read must not wait for more.
                if stream.read(&mut question).await.is_ok_and(|count| count > 0) {
                    let _ = stream.write_all(&answer).await;
                }
            });
        }
    });
    let url = format!("redis+unix:{}", socket.display());
    let access = Access { url: &url, password: None, ca_file: None, base: &PathBuf::new() };
    let redis = Redis::open(&access).expect("an address");
    Peer { threads, tasks, redis, answer, _folder: folder }
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, answer)) = data.split_first() else { return };
    PEER.with(|peer| {
        *peer.answer.borrow_mut() = answer.to_vec();
        let question = async {
            match choice % 3 {
                0 => {
                    if let Ok(Some(value)) = peer.redis.get(b"key", LIMIT).await {
                        assert!(value.len() <= LIMIT, "longer than was asked for");
                    }
                }
                1 => {
                    let fields = ["one".to_owned(), "two".to_owned()];
                    if let Ok(values) = peer.redis.fields(b"key", &fields, LIMIT).await {
                        assert_eq!(values.len(), 2, "other fields than were asked for");
                        assert!(values.iter().flatten().all(|value| value.len() <= LIMIT));
                    }
                }
                _ => {
                    if let Ok(mut messages) = peer.redis.listen("channel").await {
                        while messages.next().await.is_ok() {}
                    }
                }
            }
        };
        let asked = async { tokio::time::timeout(Duration::from_secs(5), question).await };
        assert!(peer.threads.block_on(peer.tasks.run_until(asked)).is_ok(), "the question never ended");
    });
});
