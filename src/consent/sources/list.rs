//! Files with account ids, one per line: who agreed, and who refused.
//!
//! An id is compared exactly; blank lines do not count. A file is looked at again when a request comes and the last
//! look is a second ago, and is read again when it changed. A file that cannot be read leaves its source unknown: an
//! old grant is not served on (product invariant 1). Files are bounded in bytes; ids are held as digests.

use std::collections::HashSet;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{Class, Reply, Source};
use crate::clock::UnixMillis;
use crate::config::consent as config;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::asked::Asked;
use crate::person::AppUserId;

/// How long a look at a file is good for: a revocation by file is heard within a second.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// The largest file that is read: more than a million short ids.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// An allow list, a deny list, or both.
pub(super) struct List {
    allow: Option<Arc<Ids>>,
    deny: Option<Arc<Ids>>,
}

impl List {
    pub(super) fn build(shape: &config::List, base: &Path, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        if shape.allow.is_none() && shape.deny.is_none() {
            faults.push(at.clone(), "expected a file in allow or in deny", "write for example deny = \"refused.txt\"");
            return None;
        }
        let mut open = |key: &str, path: &Option<PathBuf>| {
            let path = base.join(path.as_ref()?);
            let state = State::read(&path);
            if let Err(error) = &state.ids {
                faults.push(
                    at.key(key),
                    format!("{} {error}", path.display()),
                    "make it a readable text file with one account id per line",
                );
            }
            Some(Arc::new(Ids { path, state: Mutex::new(Looked { at: None, state }) }))
        };
        Some(Self { allow: open("allow", &shape.allow), deny: open("deny", &shape.deny) })
    }

    fn files(&self) -> impl Iterator<Item = &Arc<Ids>> {
        self.allow.iter().chain(&self.deny)
    }

    fn look_up(&self, user: &AppUserId) -> Answer {
        let key = key(user.expose());
        let holds = |ids: &Option<Arc<Ids>>| ids.as_ref().map(|ids| ids.holds(&key));
        match (holds(&self.deny), holds(&self.allow)) {
            (Some(Some(true)), _) => Answer::denied_for(Reason::DenyList),
            (Some(None), _) | (_, Some(None)) => Answer::unknown(Reason::BackendError),
            (_, Some(Some(true))) => Answer::granted(),
            _ => Answer::unknown(Reason::Absent),
        }
    }
}

impl Source for List {
    fn word(&self) -> &'static str {
        "list"
    }

    fn class(&self) -> Class {
        Class::List
    }

    fn answer<'a>(&'a self, asked: &'a Asked<'a>) -> Reply<'a> {
        let Some(person) = asked.person else { return Reply::Now(Answer::unknown(Reason::NoAccount)) };
        let due = self.files().filter(|ids| ids.is_due(asked.now)).cloned().collect::<Vec<_>>();
        if due.is_empty() {
            return Reply::Now(self.look_up(&person.user));
        }
        let now = asked.now;
        Reply::Later(Box::pin(async move {
            let looked = tokio::task::spawn_blocking(move || due.iter().for_each(|ids| ids.look(now)));
            match looked.await {
                Ok(()) => self.look_up(&person.user),
                Err(_) => Answer::unknown(Reason::BackendError),
            }
        }))
    }

    fn can_grant(&self) -> bool {
        self.allow.is_some()
    }
}

/// One file.
struct Ids {
    path: PathBuf,
    state: Mutex<Looked>,
}

struct Looked {
    at: Option<UnixMillis>,
    state: State,
}

struct State {
    /// What tells one content of the file from another.
    stamp: Option<Stamp>,
    ids: Result<HashSet<[u8; 16]>, Unreadable>,
}

type Stamp = (u64, u64, i64, i64);

#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
    #[error("is larger than 16 MiB")]
    TooLarge,
    #[error("is not UTF-8 text")]
    NotText,
}

impl Ids {
    fn lock(&self) -> MutexGuard<'_, Looked> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_due(&self, now: UnixMillis) -> bool {
        // A clock that was set back makes a look due as well.
        self.lock().at.is_none_or(|at| now < at || now >= at.after(LOOK_AGAIN))
    }

    fn look(&self, now: UnixMillis) {
        let stamp = std::fs::metadata(&self.path).ok().map(|found| stamp(&found));
        let unchanged = {
            let looked = self.lock();
            stamp.is_some() && stamp == looked.state.stamp && looked.state.ids.is_ok()
        };
        let fresh = (!unchanged).then(|| State::read(&self.path));
        let mut looked = self.lock();
        looked.at = Some(now);
        if let Some(state) = fresh {
            looked.state = state;
        }
    }

    /// `None`: the file cannot be read.
    fn holds(&self, key: &[u8; 16]) -> Option<bool> {
        self.lock().state.ids.as_ref().ok().map(|ids| ids.contains(key))
    }
}

impl State {
    fn read(path: &Path) -> Self {
        let mut stamped = None;
        let ids = read(path, &mut stamped);
        Self { stamp: stamped, ids }
    }
}

fn read(path: &Path, stamped: &mut Option<Stamp>) -> Result<HashSet<[u8; 16]>, Unreadable> {
    let file = std::fs::File::open(path)?;
    // Taken before the content: a change in between is seen at the next look.
    *stamped = Some(stamp(&file.metadata()?));
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| Unreadable::NotText)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Ok(text.lines().filter(|line| !line.trim().is_empty()).map(key).collect())
}

fn stamp(found: &std::fs::Metadata) -> Stamp {
    (found.ino(), found.len(), found.mtime(), found.mtime_nsec())
}

fn key(id: &str) -> [u8; 16] {
    let mut key = [0; 16];
    key.iter_mut().zip(Sha256::digest(id)).for_each(|(slot, byte)| *slot = byte);
    key
}
