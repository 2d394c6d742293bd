//! The fate table: for each kind of person and each upstream, what leaves. Printed by `check`, by `init` and at every
//! start, so that nobody learns from an empty dashboard what a configuration meant.

use serde_json::{Value, json};

use super::out::Paint;
use crate::clock::UnixMillis;
use crate::config::consent::Source;
use crate::config::file::{File, Mode, Site, Upstream};
use crate::level::Level;

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fate {
    /// The site's name.
    pub(crate) site: String,
    /// The upstream's name and address.
    pub(crate) upstream: String,
    /// `granted`, `denied`, `unknown`, `no account`, `GPC`.
    pub(crate) who: &'static str,
    /// The level.
    pub(crate) level: Level,
    /// What leaves, in words.
    pub(crate) leaves: String,
}

/// The whole table. `do_not_track` is the environment's `DO_NOT_TRACK`.
pub(crate) fn table(file: &File, do_not_track: bool, now: UnixMillis) -> Vec<Fate> {
    let mut fates = Vec::new();
    for site in &file.site {
        for upstream in &site.upstream {
            for (who, level) in levels(site, upstream, do_not_track) {
                fates.push(Fate {
                    site: site.name.clone(),
                    upstream: format!("{} ({})", upstream.word(), upstream.url),
                    who,
                    level,
                    leaves: words(site, upstream, who, level, now),
                });
            }
        }
    }
    fates
}

/// The level of each kind of person: the lowest of every word that speaks.
fn levels(site: &Site, upstream: &Upstream, do_not_track: bool) -> [(&'static str, Level); 5] {
    let cap = if do_not_track { upstream.ceiling.lower(Level::Local) } else { upstream.ceiling };
    let sources = &site.consent.sources;
    // A device does not speak for an account unless the banner says so.
    let is_account =
        |source: &Source| matches!(source, Source::Session { .. } | Source::Store { .. } | Source::List { .. });
    let is_covered = sources.iter().any(is_account) || site.consent.covers_account.is_some();
    let granted = match (sources.is_empty(), is_covered) {
        (true, _) => upstream.unknown,
        (false, true) => Level::Full,
        (false, false) => Level::Anonymised,
    };
    let gpc = match site.consent.gpc.as_str() {
        "ignore" => granted,
        word => {
            word.strip_prefix("cap:").and_then(Level::from_word).map_or(upstream.denied, |level| granted.lower(level))
        }
    };
    [
        ("granted", granted.lower(cap)),
        ("denied", upstream.denied.lower(cap)),
        ("unknown", upstream.unknown.lower(cap)),
        // Nobody asked them, or a banner did and they said yes: then their event is the same, as nobody is identified.
        ("no account", upstream.unknown.lower(cap)),
        ("GPC", gpc.lower(cap)),
    ]
}

fn words(site: &Site, upstream: &Upstream, who: &str, level: Level, now: UnixMillis) -> String {
    if site.mode_at(now) == Mode::Observe {
        let day = site.observe_until.as_deref().unwrap_or_default();
        return format!("the event as the page sent it, until {day} (observe)");
    }
    let has_account = who != "no account" && site.session.is_some();
    match level {
        Level::Full if has_account => format!("the scrubbed event with the pseudonym in {}", upstream.property),
        Level::Full | Level::Anonymised if !has_account => {
            "the scrubbed event; the vendor receives IP and browser".to_owned()
        }
        Level::Full | Level::Anonymised => {
            "the scrubbed event without account identity; the vendor receives IP and browser".to_owned()
        }
        Level::Local => "nothing; recorded here".to_owned(),
        Level::Off => "nothing; counted here".to_owned(),
    }
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
        let level = format!("{:<10}", fate.level.word());
        text.push_str(&format!("  {:<10}  {}  {}\n", fate.who, paint.green(&level), fate.leaves));
    }
    text
}

/// The table for `--json`.
pub(crate) fn json(fates: &[Fate]) -> Value {
    let row = |fate: &Fate| {
        json!({
            "site": fate.site, "upstream": fate.upstream, "who": fate.who, "level": fate.level.word(), "leaves": fate.leaves,
        })
    };
    fates.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fates(consent: &str, upstream: &str, do_not_track: bool) -> Vec<(&'static str, &'static str)> {
        let text = format!(
            "[[site]]\nname = \"s\"\n[site.session]\npreset = \"ring\"\n[site.consent]\n{consent}\n[[site.upstream]]\nvendor = \"plausible\"\n\
             url = \"https://plausible.io\"\nsites = [\"s\"]\n{upstream}\n"
        );
        let file: File = toml::from_str(&text).unwrap();
        table(&file, do_not_track, UnixMillis(0)).into_iter().map(|fate| (fate.who, fate.level.word())).collect()
    }

    #[test]
    fn the_defaults_identify_only_who_agreed() {
        assert_eq!(
            fates("sources = [{ kind = \"store\" }]", "", false),
            [
                ("granted", "full"),
                ("denied", "anonymised"),
                ("unknown", "anonymised"),
                ("no account", "anonymised"),
                ("GPC", "anonymised")
            ]
        );
    }

    #[test]
    fn without_a_source_nobody_can_agree() {
        assert_eq!(fates("", "", false).first(), Some(&("granted", "anonymised")));
    }

    #[test]
    fn the_lowest_word_wins() {
        let store = "sources = [{ kind = \"store\" }]";
        let level = |consent: &str, upstream: &str, track: bool, who: &str| {
            fates(consent, upstream, track).into_iter().find(|(name, _)| *name == who).map(|(_, level)| level).unwrap()
        };
        assert_eq!(level(store, "ceiling = \"local\"", false, "granted"), "local");
        assert_eq!(level(store, "unknown = \"off\"", false, "no account"), "off");
        assert_eq!(level(store, "denied = \"off\"\nceiling = \"local\"", false, "denied"), "off");
        assert_eq!(level(store, "", true, "granted"), "local");
        assert_eq!(level(&format!("gpc = \"ignore\"\n{store}"), "", false, "GPC"), "full");
        assert_eq!(level(&format!("gpc = \"cap:local\"\n{store}"), "", false, "GPC"), "local");
        assert_eq!(level(store, "denied = \"off\"", false, "GPC"), "off");
        let device = "sources = [{ kind = \"cookie\", cookie = \"c\", granted_values = [\"1\"] }]";
        assert_eq!(level(device, "", false, "granted"), "anonymised");
        assert_eq!(level(&format!("covers_account = \"yes\"\n{device}"), "", false, "granted"), "full");
    }

    #[test]
    fn columns_are_aligned_and_nothing_is_coloured_off_a_terminal() {
        let file: File = toml::from_str(
            "[[site]]\nname = \"s\"\n[[site.upstream]]\nvendor = \"plausible\"\nurl = \"https://plausible.io\"\nsites = [\"s\"]\n",
        )
        .unwrap();
        let text = render(&table(&file, false, UnixMillis(0)), Paint::stdout());
        assert!(!text.contains('\u{1b}'));
        let columns: Vec<Option<usize>> = text.lines().skip(1).map(|line| line.find("the scrubbed")).collect();
        assert_eq!(columns, [Some(26); 5], "{text}");
    }
}
