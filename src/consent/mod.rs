//! Consent: who is asking + what the request and the records say -> one [`Decision`].
//!
//! Promise: *unknown is never a grant*. Sources answer ([`sources`]), pure rules combine the answers ([`combine`]),
//! and [`level`] turns the decision into what may leave for one upstream: the lowest of every word that spoke.
//! A refusal is never raised, a device cannot consent for an account unless the site's banner says so, and a claim
//! inside a self-contained cookie is a snapshot that any record contradicts (product invariants 1 and 7).
//!
//! Input: a person or nobody, cookies, headers. Output: [`Decision`], with the source and the rule that made it.
//! Failure: a source that is slow, broken or absent is unknown; nothing here returns an error once it is built.

mod algebra;
mod answer;
mod asked;
mod combine;
mod fate;
mod invalidation;
mod note;
mod policy;
mod purpose;
mod signals;
pub mod sources;

pub use algebra::{Decision, EpochUnreadable, UpstreamLevels, level};
pub use answer::{Answer, Facts, Reason, Verdict};
pub use asked::Asked;
pub use combine::Voice;
pub use fate::{Fate, Row};
pub use invalidation::{Invalidations, Revocation};
pub use note::Note;
pub use policy::{Policy, Surroundings};
pub use purpose::{Allowed, Purpose};
pub use signals::{Signals, do_not_track};
pub use sources::{Class, OBJECTION_COOKIE};
