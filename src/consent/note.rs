//! What an operator should hear about a policy that is valid: at the start, in `check` and on the page.

use std::time::Duration;

/// Something worth saying about a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// No source can grant: nobody will ever be identified.
    NobodyCanConsent,
    /// The only sources that speak for accounts are claims inside the session cookie.
    SnapshotOnly,
    /// Only the browser can grant, and the banner is not said to cover accounts: nobody will be identified.
    DeviceOnly,
    /// The source's own cookie cannot be read.
    Unreadable(&'static str),
    /// A back end's answers count for long, and there is no channel on which it says that one changed.
    LateWithdrawal {
        /// The source's place in the list.
        place: usize,
        /// Its kind.
        kind: &'static str,
        /// How late a withdrawal may be heard.
        after: Duration,
    },
    /// The operator wrote down another legal basis than consent: people who were not asked may be identified.
    LegalBasis(String),
    /// `DO_NOT_TRACK` is set: nothing leaves.
    DoNotTrack,
}

impl Note {
    /// The word in `check --json` and in log fields.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NobodyCanConsent => "nobody_can_consent",
            Self::SnapshotOnly => "snapshot_only",
            Self::DeviceOnly => "device_only",
            Self::Unreadable(_) => "unreadable_source",
            Self::LateWithdrawal { .. } => "late_withdrawal",
            Self::LegalBasis(_) => "legal_basis",
            Self::DoNotTrack => "do_not_track",
        }
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NobodyCanConsent => f.write_str(
                "no consent source can grant, so nobody will be identified; add one to site.consent.sources",
            ),
            Self::SnapshotOnly => f.write_str(
                "consent is read from the session cookie alone, which is a snapshot: somebody who withdraws on one \
                 device stays identified on the others until their cookie is renewed; add { kind = \"store\" } or \
                 call POST /consent/invalidate when they withdraw",
            ),
            Self::DeviceOnly => f.write_str(
                "only the browser can consent, which does not speak for an account on a shared device, so nobody will \
                 be identified; add a source of the account's own, or write the banner's wording into \
                 site.consent.covers_account if it covers account identity",
            ),
            Self::Unreadable(kind) => write!(
                f,
                "{kind} keeps its answer where only the page can read it, so this source is always unknown; let the \
                 page write a bridge cookie and use {{ kind = \"cookie\" }}"
            ),
            Self::LateWithdrawal { kind, after, .. } => write!(
                f,
                "somebody who withdraws may stay identified for {} s: so long an answer of {kind} counts, and there is \
                 no channel on which the application says that it changed",
                after.as_secs()
            ),
            Self::LegalBasis(text) => {
                write!(f, "people may be identified without having been asked, on the operator's legal basis: {text}")
            }
            Self::DoNotTrack => f.write_str("DO_NOT_TRACK is set in the environment: nothing leaves this machine"),
        }
    }
}
