//! Why a request has no person: one word for each reason, the same in metrics, logs and `bauta session decode`.

/// The reason for which no app user id was read. For the event they all mean the same - no identity leaves -
/// so the difference is for the operator alone.
///
/// The order is the order of rank: when a name was sent several times and none of the values names a person,
/// the highest reason is reported, because it comes from the value that got furthest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// The cookie was not sent, or is empty.
    Absent,
    /// The value is larger than any cookie a browser stores.
    TooLarge,
    /// The value is not of the configured format.
    Malformed,
    /// No configured key made this value. Also a key id or password id that is not configured.
    BadSignature,
    /// The token asks for an algorithm that is not allowed here.
    AlgNotAllowed,
    /// The proof is good, but a claim is not what the configuration asks for, or is missing.
    ClaimMismatch,
    /// There is no such session in the application's store.
    NotFound,
    /// The session is not valid yet.
    NotYetValid,
    /// The session is over.
    Expired,
    /// The session is good and nobody is logged in.
    Anonymous,
    /// Two values name two people, or there are more values than are looked at.
    Ambiguous,
    /// The store, the endpoint or the budget for expensive derivations did not answer in time.
    Unavailable,
}

impl Refusal {
    /// Every reason, in the order of rank.
    pub const ALL: [Self; 12] = [
        Self::Absent,
        Self::TooLarge,
        Self::Malformed,
        Self::BadSignature,
        Self::AlgNotAllowed,
        Self::ClaimMismatch,
        Self::NotFound,
        Self::NotYetValid,
        Self::Expired,
        Self::Anonymous,
        Self::Ambiguous,
        Self::Unavailable,
    ];

    /// The word used in metrics, logs and commands.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::BadSignature => "bad_signature",
            Self::AlgNotAllowed => "alg_not_allowed",
            Self::ClaimMismatch => "claim_mismatch",
            Self::NotFound => "not_found",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::Anonymous => "anonymous",
            Self::Ambiguous => "ambiguous",
            Self::Unavailable => "unavailable",
        }
    }

    /// What it means, in one sentence for the operator.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Absent => "the cookie was not sent, or it is empty",
            Self::TooLarge => "the value is larger than any cookie a browser stores",
            Self::Malformed => "the value is not of the configured format",
            Self::BadSignature => "none of the configured keys made this value",
            Self::AlgNotAllowed => "the token asks for an algorithm that is not in `algorithms`",
            Self::ClaimMismatch => "the proof is good, but a claim is missing or not what the configuration asks for",
            Self::NotFound => "the application's store has no such session",
            Self::NotYetValid => "the session is not valid yet; compare the clocks",
            Self::Expired => "the session is over",
            Self::Anonymous => "the session is good, and nobody is logged in: nothing stands at the path `user`",
            Self::Ambiguous => "the cookie was sent several times and the values name different people",
            Self::Unavailable => "the store, the endpoint or the budget did not answer in time",
        }
    }

    /// True when asking again with the same value gives the same answer whatever the time and the store:
    /// such a refusal may be remembered.
    #[must_use]
    pub const fn is_definite(self) -> bool {
        matches!(self, Self::TooLarge | Self::Malformed | Self::BadSignature | Self::AlgNotAllowed)
    }
}

#[cfg(test)]
mod tests {
    use super::Refusal;

    #[test]
    fn all_reasons_are_listed_once_and_in_order_of_rank() {
        assert!(Refusal::ALL.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn an_unavailable_store_is_never_remembered() {
        assert!(!Refusal::Unavailable.is_definite());
        assert!(!Refusal::NotFound.is_definite());
    }
}
