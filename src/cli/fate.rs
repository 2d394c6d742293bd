//! The fate table: for each kind of person and each upstream, what leaves, and what of recordings and of servers' ids. Printed by `check`, by `init` and at every
//! start, so that nobody learns from an empty dashboard what a configuration meant.

use serde_json::{Value, json};

use super::meaning;
use super::out::Paint;
use crate::clock::UnixMillis;
use crate::config::Loaded;
use crate::config::consent::Allow;
use crate::config::file::{Mode, Site, Upstream, Vendor};
use crate::config::upstream::{IdentityMode, LookedUp, ReplayRule};
use crate::consent;
use crate::level::Level;

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fate {
    /// The site's name.
    pub(crate) site: String,
    /// The upstream's name and address.
    pub(crate) upstream: String,
    /// `granted`, `denied`, `unknown`, `no account`, `GPC`; for PostHog also `recordings`, `heat maps`, `servers`.
    pub(crate) who: &'static str,
    /// The level, of a person.
    pub(crate) level: Option<Level>,
    /// What leaves, in words.
    pub(crate) leaves: String,
}

/// The whole table.
pub(crate) fn table(loaded: &Loaded, now: UnixMillis) -> Vec<Fate> {
    let mut fates = Vec::new();
    for site in &loaded.file.site {
        let Some(policy) = meaning::policy(loaded, site) else { continue };
        for upstream in &site.upstream {
            let Some(levels) = meaning::levels(site, upstream) else { continue };
            fates.extend(policy.fate(&levels).map(|fate| Fate {
                site: site.name.clone(),
                upstream: format!("{} ({})", upstream.word(), upstream.url),
                who: fate.row.title(),
                level: Some(fate.level),
                leaves: words(site, upstream, &fate, now),
            }));
            if upstream.vendor == Vendor::Posthog && site.mode_at(now) == Mode::Enforce {
                fates.extend(beside(site, upstream).map(|(who, leaves)| Fate {
                    site: site.name.clone(),
                    upstream: format!("{} ({})", upstream.word(), upstream.url),
                    who,
                    level: None,
                    leaves: leaves.to_owned(),
                }));
            }
        }
    }
    fates
}

fn words(site: &Site, upstream: &Upstream, fate: &consent::Fate, now: UnixMillis) -> String {
    if site.mode_at(now) == Mode::Observe {
        let day = site.observe_until.as_deref().unwrap_or_default();
        return format!("the event as the page sent it, until {day} (observe)");
    }
    if upstream.vendor == Vendor::Posthog {
        return posthog(site, upstream, fate).to_owned();
    }
    let has_account = fate.row != consent::Row::NoAccount && site.session.is_some();
    match fate.level {
        Level::Full if fate.identified && has_account => {
            format!("the scrubbed event with the pseudonym in {}", upstream.property)
        }
        Level::Full | Level::Anonymised if has_account => {
            "the scrubbed event without account identity; the vendor receives IP and browser".to_owned()
        }
        Level::Full | Level::Anonymised => "the scrubbed event; the vendor receives IP and browser".to_owned(),
        Level::Local => "nothing; counted here".to_owned(),
        Level::Off => "nothing; counted here".to_owned(),
    }
}

/// What leaves for PostHog: identity in every place of an event, or events of nobody where the project takes them.
fn posthog(site: &Site, upstream: &Upstream, fate: &consent::Fate) -> &'static str {
    let has_account = fate.row != consent::Row::NoAccount && site.session.is_some();
    match fate.level {
        Level::Full if fate.identified && has_account => match upstream.mode {
            IdentityMode::Property => "the scrubbed event, its ids as sent, with the pseudonym in a property",
            IdentityMode::Rewrite => "the scrubbed event with the pseudonym in the place of every id; flags alike",
            IdentityMode::Personless => "the scrubbed event with the pseudonym, without a person profile; flags alike",
            IdentityMode::Profile if site.consent.purposes.merge.allow != Allow::Never => {
                "the scrubbed event with the pseudonym and a person profile, and once an $identify that joins earlier anonymous \
                 history for who agreed to the purpose merge; flags alike"
            }
            IdentityMode::Profile => "the scrubbed event with the pseudonym and a person profile; flags alike",
        },
        Level::Full if fate.row == consent::Row::NoAccount => {
            "the scrubbed event with the client's own random id; flags alike"
        }
        Level::Full | Level::Anonymised if upstream.cookieless => {
            "the scrubbed event without any id (cookieless); the vendor receives IP and browser"
        }
        Level::Full | Level::Anonymised | Level::Local => "nothing; counted here (the project is not cookieless)",
        Level::Off => "nothing; counted here",
    }
}

/// What leaves beside people's events: recordings, heat maps, and under which name those whom servers name.
fn beside(site: &Site, upstream: &Upstream) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
    let may_record = site.consent.purposes.replay.allow != Allow::Never;
    let recordings = match upstream.replay {
        ReplayRule::Block => "nothing; pages are told not to record",
        _ if !may_record => "nothing; nobody can agree to the purpose replay",
        ReplayRule::Scrub => "for who agreed to the purpose replay: unpacked, scrubbed and packed again",
        ReplayRule::Pass => "for who agreed to the purpose replay: as recorded, with the pseudonym",
    };
    let heat_maps = match may_record {
        false => "nothing; pages are told not to collect them",
        true => "for who agreed to the purpose replay: scrubbed",
    };
    let servers = match upstream.trusted.lookup.as_ref().map(|lookup| lookup.ids) {
        None => {
            "account ids as the browser's pseudonym; e-mail addresses and handles HMACed as they stand (no look-up)"
        }
        Some(LookedUp::Emails) => {
            "account ids, and e-mail addresses that are found, as the browser's pseudonym; others HMACed as they stand"
        }
        Some(LookedUp::All) => {
            "account ids, and addresses and handles that are found, as the browser's pseudonym; others HMACed as they stand"
        }
    };
    let servers = upstream.trusted.is_open().then_some(("servers", servers));
    [("recordings", recordings), ("heat maps", heat_maps)].into_iter().chain(servers)
}

/// The table for a terminal, ending with a line end; empty without an upstream.
pub(crate) fn render(fates: &[Fate], paint: Paint) -> String {
    let mut text = String::new();
    let mut before = None;
    for fate in fates {
        let here = (&fate.site, &fate.upstream);
        if before != Some(here) {
            text.push_str(&format!("{}\n", paint.bold(&format!("what leaves: {} -> {}", fate.site, fate.upstream))));
            before = Some(here);
        }
        let level = format!("{:<10}", fate.level.map_or("", Level::word));
        text.push_str(&format!("  {:<10}  {}  {}\n", fate.who, paint.green(&level), fate.leaves));
    }
    text
}

/// The table for `--json`.
pub(crate) fn json(fates: &[Fate]) -> Value {
    let row = |fate: &Fate| {
        json!({
            "site": fate.site, "upstream": fate.upstream, "who": fate.who, "level": fate.level.map(Level::word), "leaves": fate.leaves,
        })
    };
    fates.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(consent: &str, upstream: &str, do_not_track: &str) -> Loaded {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("k"), "q1Zr8Lk0vN3xT6yB9cD2eF5gH8jK1mP4qS7tU0wX3zA").unwrap();
        let text = format!(
            "keys.active = {{ id = \"a\", file = \"k\" }}\n[[site]]\nname = \"s\"\n[site.session]\npreset = \"ring\"\n\
             [site.consent]\n{consent}\n[[site.upstream]]\nvendor = \"plausible\"\nurl = \"https://plausible.io\"\n\
             sites = [\"s\"]\n{upstream}\n"
        );
        let path = folder.path().join("bauta.toml");
        std::fs::write(&path, text).unwrap();
        let variables = [("DO_NOT_TRACK".to_owned(), do_not_track.to_owned())];
        crate::config::load(&path, variables.into_iter()).unwrap()
    }

    fn fates(consent: &str, upstream: &str, do_not_track: &str) -> Vec<(&'static str, &'static str)> {
        let fates = table(&loaded(consent, upstream, do_not_track), UnixMillis(0));
        fates.into_iter().map(|fate| (fate.who, fate.level.unwrap().word())).collect()
    }

    #[test]
    fn the_defaults_identify_only_who_agreed() {
        assert_eq!(
            fates("sources = [{ kind = \"store\" }]", "", "0"),
            [
                ("granted", "full"),
                ("denied", "anonymised"),
                ("unknown", "anonymised"),
                ("no account", "anonymised"),
                ("GPC", "anonymised")
            ]
        );
        assert_eq!(fates("", "", "0").first(), Some(&("granted", "anonymised")), "nobody can agree without a source");
    }

    #[test]
    fn the_lowest_word_wins() {
        let store = "sources = [{ kind = \"store\" }]";
        let level = |consent: &str, upstream: &str, who: &str| {
            fates(consent, upstream, "0").into_iter().find(|(name, _)| *name == who).map(|(_, level)| level).unwrap()
        };
        assert_eq!(level(store, "ceiling = \"local\"", "granted"), "local");
        assert_eq!(level(store, "unknown = \"off\"", "no account"), "off");
        assert_eq!(level(store, "denied = \"off\"", "GPC"), "off");
        assert_eq!(level(&format!("gpc = \"ignore\"\n{store}"), "", "GPC"), "full");
        assert_eq!(fates(store, "", "1").first(), Some(&("granted", "local")));
    }

    #[test]
    fn what_stands_beside_the_people_of_posthog_is_said() {
        let text = |more: &str| {
            let loaded = loaded("sources = [{ kind = \"store\" }]", "path = \"/stats\"", "0");
            let posthog = format!("vendor = \"posthog\"\nurl = \"https://ph.example\"\ntokens = [\"phc_a\"]\n{more}");
            let mut upstream: Upstream = toml::from_str(&posthog).unwrap();
            upstream.path = "/ph".into();
            let site = &loaded.file.site[0];
            let rows: Vec<_> = beside(site, &upstream).map(|(who, leaves)| format!("{who}: {leaves}")).collect();
            rows.join("\n")
        };
        assert!(!text("").contains("servers"));
        let lane = "[trusted]\nnetworks = [\"10.0.0.0/8\"]\n";
        assert!(text(lane).contains("handles HMACed as they stand (no look-up)"), "{}", text(lane));
        let looked_up =
            format!("replay = \"pass\"\n{lane}lookup = {{ url = \"redis://127.0.0.1\", key = \"a:{{id}}\" }}");
        let said = text(&looked_up);
        assert!(said.contains("addresses that are found") && said.contains("nobody can agree"), "{said}");
    }

    #[test]
    fn columns_are_aligned_and_nothing_is_coloured_off_a_terminal() {
        let loaded = loaded("sources = [{ kind = \"store\" }]", "", "0");
        let text = render(&table(&loaded, UnixMillis(0)), Paint::stdout());
        assert!(!text.contains('\u{1b}'));
        let columns: Vec<Option<usize>> = text.lines().skip(1).map(|line| line.find("the scrubbed")).collect();
        assert_eq!(columns, [Some(26); 5], "{text}");
    }
}
