//! What a sound configuration means for consent: the policies behind the fate table, and what an operator should hear.

use std::sync::Arc;

use crate::config::Loaded;
use crate::config::fault::{Faults, KeyPath};
use crate::config::file::{Site, Upstream};
use crate::config::session::Session;
use crate::consent::{Invalidations, Note, Policy, Surroundings, UpstreamLevels};

/// The site's rules, without a store behind them: good for asking what they would do.
pub(super) fn policy(loaded: &Loaded, site: &Site) -> Option<Policy> {
    let surroundings = Surroundings {
        base: &loaded.base,
        store: None,
        invalidations: Arc::new(Invalidations::default()),
        do_not_track: loaded.do_not_track,
    };
    Policy::build(&site.consent, surroundings, &KeyPath::root(), &mut Faults::default())
}

/// The upstream's levels.
pub(super) fn levels(site: &Site, upstream: &Upstream) -> Option<UpstreamLevels> {
    let (denied, unknown) = (upstream.denied(), upstream.unknown());
    UpstreamLevels::build(denied, unknown, upstream.ceiling, &site.consent, &KeyPath::root(), &mut Faults::default())
}

/// Adds what the consent stage has to say about a file in which it found no fault.
pub(super) fn warn(loaded: &mut Loaded) {
    let mut warnings = Vec::new();
    for (index, site) in loaded.file.site.iter().enumerate() {
        // Without a session there are no accounts to ask.
        let policy = site.session.as_ref().and_then(|_| policy(loaded, site));
        let has_basis = site.consent.i_have_another_legal_basis.is_some();
        let at = KeyPath::root().key("site").index(index).key("consent").key("sources");
        // A session that is looked up says at once what it says on another device.
        let looked_up = |session: &Session| session.store.is_some() || session.endpoint.is_some();
        let snapshot = !site.session.as_ref().is_some_and(looked_up);
        for note in policy.iter().flat_map(|policy| policy.notes(snapshot)) {
            let mut at = at.clone();
            let (name, fix) = match &note {
                Note::NobodyCanConsent if has_basis => continue,
                Note::NobodyCanConsent => (
                    "no-consent-source",
                    "write sources = [{ kind = \"store\" }] and record who agreed with `bauta consent set`",
                ),
                Note::SnapshotOnly => ("snapshot-consent", "add { kind = \"store\" } to the sources"),
                Note::DeviceOnly => ("device-consent", "add a source of the account, or covers_account"),
                Note::Unreadable(_) => ("unreadable-source", "write { kind = \"cookie\" } and let the page set it"),
                Note::LateWithdrawal { place, kind, .. } => {
                    at = at.index(*place).key("ttl");
                    let fix = match *kind {
                        "http" => {
                            "write ttl = \"30s\" or less, or call POST /consent/invalidate when somebody withdraws"
                        }
                        _ => {
                            "write ttl = \"30s\" or less, or name a channel on which the application says what changed"
                        }
                    };
                    ("late-withdrawal", fix)
                }
                // Said by the loader, with their own places.
                Note::LegalBasis(_) | Note::DoNotTrack => continue,
            };
            warnings.push((name, at, note.to_string(), fix));
        }
    }
    for (name, at, problem, fix) in warnings {
        loaded.warn(name, at, problem, fix);
    }
}
