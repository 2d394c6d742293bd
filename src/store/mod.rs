//! What the sidecar itself remembers about a person: their choice, and the epoch and the salt of their pseudonym.
//!
//! [`ConsentStore`] is the seam; [`sqlite::SqliteStore`] is the embedded store. A store never holds an app user id:
//! a person is known to it by a [`PersonTag`], a keyed digest, so that a stolen file names nobody.
//!
//! Failure: every call ends by its deadline. A store that cannot answer says so; it never answers "no record" or
//! "epoch 0" instead, because both would be taken for the truth (product invariant 1).

pub mod sqlite;
mod worker;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::clock::UnixMillis;
use crate::level::Level;
use crate::person::{AppUserId, Salt};

/// What a store is asked to do, under way.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Consent records by realm and person.
pub trait ConsentStore: Send + Sync {
    /// The person's record; somebody without one gets [`Record::default`], whose epoch is a true 0.
    fn get<'a>(&'a self, realm: &'a str, user: &'a AppUserId, deadline: Duration) -> Pending<'a, Record>;

    /// Changes the person's record at a point in time and answers with what it is now. A change that missed its
    /// deadline may still be carried out.
    fn change<'a>(
        &'a self,
        realm: &'a str,
        user: &'a AppUserId,
        change: Change,
        at: UnixMillis,
        deadline: Duration,
    ) -> Pending<'a, Record>;

    /// Up to `limit` records of a realm in the order of their tags, beginning after `after`.
    fn list<'a>(
        &'a self,
        realm: &'a str,
        after: Option<PersonTag>,
        limit: u32,
        deadline: Duration,
    ) -> Pending<'a, Vec<Entry>>;
}

/// What a person chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Yes.
    Granted,
    /// No.
    Denied,
    /// A level: `off` is a no, every other level is a yes that reaches so far.
    Level(Level),
}

impl Choice {
    /// Every choice, in the order in which the commands list them.
    pub const ALL: [Self; 6] = [
        Self::Granted,
        Self::Denied,
        Self::Level(Level::Off),
        Self::Level(Level::Local),
        Self::Level(Level::Anonymised),
        Self::Level(Level::Full),
    ];

    /// True for a yes, however far it reaches.
    #[must_use]
    pub const fn agrees(self) -> bool {
        !matches!(self, Self::Denied | Self::Level(Level::Off))
    }

    /// The word in the store, in commands and in exports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::Level(level) => level.word(),
        }
    }

    /// Reads a word; words are case-sensitive.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.word() == word)
    }
}

/// One person's record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Record {
    /// What the person chose, and when it was recorded.
    pub choice: Option<(Choice, UnixMillis)>,
    /// How often the pseudonym was renewed.
    pub epoch: u32,
    /// What the pseudonym is salted with; a person who was never given a salt has none.
    pub salt: Option<Salt>,
    /// When the person's consent was last invalidated: claims issued before are not believed.
    pub invalidated: Option<UnixMillis>,
}

impl Record {
    /// True when nobody was identified by this record so far: a salt renames nobody then.
    #[must_use]
    pub fn may_take_salt(&self) -> bool {
        self.salt.is_none() && !self.choice.is_some_and(|(choice, _)| choice.agrees())
    }
}

/// A change of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Records a choice.
    Choose(Choice),
    /// Records a choice; somebody who agrees here for the first time gets a salt of their own.
    ChooseSalted(Choice),
    /// Removes the choice and keeps epoch and salt, which must never go back.
    Forget,
    /// Notes that claims issued before now are not to be believed.
    Invalidate,
    /// Renews the pseudonym: the next epoch.
    NextEpoch,
    /// Renews the pseudonym with another salt and the next epoch. The salt before is destroyed: what was made with it
    /// can be made again by nobody.
    NewSalt,
}

impl Change {
    /// The change that a word asks for: a choice, or `forget`. `salted`: whoever agrees for the first time gets a salt.
    #[must_use]
    pub fn from_word(word: &str, salted: bool) -> Option<Self> {
        match word {
            "forget" => Some(Self::Forget),
            _ if salted => Choice::from_word(word).map(Self::ChooseSalted),
            _ => Choice::from_word(word).map(Self::Choose),
        }
    }

    /// A change and, where it is wanted, a new salt, in the order in which nothing leaves in between under an id that is
    /// not meant: a refusal first, an agreement last.
    #[must_use]
    pub fn in_order(change: Option<Self>, new_salt: bool) -> Vec<Self> {
        let salt = new_salt.then_some(Self::NewSalt);
        let agrees = matches!(change, Some(Self::Choose(choice) | Self::ChooseSalted(choice)) if choice.agrees());
        let both = if agrees { [salt, change] } else { [change, salt] };
        both.into_iter().flatten().collect()
    }
}

/// How the store knows a person: a keyed digest of realm and app user id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonTag(pub [u8; 32]);

/// One line of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Who.
    pub person: PersonTag,
    /// What is recorded.
    pub record: Record,
}

/// Why a store did not answer. Messages hold no id and no value.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It did not answer in time.
    #[error("the consent store did not answer in time")]
    Deadline,
    /// Too many questions are waiting.
    #[error("the consent store has too much to do")]
    Busy,
    /// It was closed.
    #[error("the consent store is closed")]
    Closed,
    /// The record is there and makes no sense.
    #[error("the consent store holds a record that cannot be read: {0}")]
    Corrupt(&'static str),
    /// The system has no random numbers.
    #[error("the system has no random numbers for a salt")]
    Randomness,
    /// The pseudonym cannot be renewed any more.
    #[error("the epoch has reached its end")]
    EpochExhausted,
    /// The database failed.
    #[error("the consent store failed: {0}")]
    Database(#[from] rusqlite::Error),
}

#[cfg(test)]
mod tests {
    use super::{Change, Choice};

    #[test]
    fn a_refusal_comes_before_a_new_salt_and_an_agreement_after_it() {
        let order = |word, salt| Change::in_order(Change::from_word(word, false), salt);
        assert_eq!(order("granted", true), [Change::NewSalt, Change::Choose(Choice::Granted)]);
        assert_eq!(order("denied", true), [Change::Choose(Choice::Denied), Change::NewSalt]);
        assert_eq!(order("forget", true), [Change::Forget, Change::NewSalt]);
        assert_eq!(order("denied", false), [Change::Choose(Choice::Denied)]);
        assert_eq!(Change::in_order(None, true), [Change::NewSalt]);
        assert_eq!(
            Change::from_word("full", true).map(|change| format!("{change:?}")),
            Some("ChooseSalted(Level(Full))".into())
        );
        assert_eq!(Change::from_word("perhaps", true), None);
    }

    #[test]
    fn every_choice_is_read_back_from_its_word() {
        for choice in Choice::ALL {
            assert_eq!(Choice::from_word(choice.word()), Some(choice));
        }
        for wrong in ["", "Granted", "yes", "GRANTED ", "max"] {
            assert_eq!(Choice::from_word(wrong), None);
        }
    }
}
