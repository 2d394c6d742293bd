//! The embedded store as a source.
//!
//! A store that cannot be read is unknown and gives no epoch: it is never taken for a store without a record.

use std::sync::Arc;

use super::{Class, Reply, Source};
use crate::consent::answer::{Answer, Facts, Reason};
use crate::consent::asked::Asked;
use crate::store::{Choice, ConsentStore, Record, StoreError};

/// The store, or the fact that there is none to read.
pub(in crate::consent) struct Store {
    opened: Option<Arc<dyn ConsentStore>>,
}

impl Store {
    pub(in crate::consent) fn new(opened: Option<Arc<dyn ConsentStore>>) -> Self {
        Self { opened }
    }
}

impl Source for Store {
    fn word(&self) -> &'static str {
        "store"
    }

    fn class(&self) -> Class {
        Class::Store
    }

    fn answer<'a>(&'a self, asked: &'a Asked<'a>) -> Reply<'a> {
        let Some(person) = asked.person else { return Reply::Now(Answer::unknown(Reason::NoAccount)) };
        let Some(store) = &self.opened else { return Reply::Now(Answer::unknown(Reason::BackendError)) };
        Reply::Later(Box::pin(async move {
            match store.get(asked.realm, &person.user, asked.deadline).await {
                Ok(record) => answer(&record),
                Err(StoreError::Deadline) => Answer::unknown(Reason::Timeout),
                Err(_) => Answer::unknown(Reason::BackendError),
            }
        }))
    }
}

fn answer(record: &Record) -> Answer {
    let answer = match record.choice {
        None => Answer::unknown(Reason::Absent),
        Some((Choice::Granted, _)) => Answer::granted(),
        Some((Choice::Denied, _)) => Answer::denied(),
        Some((Choice::Level(level), _)) => Answer::of_level(level),
    };
    let decided = record.choice.map(|(_, at)| at);
    Answer {
        record: Some(Facts { epoch: record.epoch, salt: record.salt, decided, invalidated: record.invalidated }),
        ..answer
    }
}
