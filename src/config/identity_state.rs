//! Remembers between two starts what pseudonyms are made of, and refuses a silent change.
//!
//! A changed realm, upstream name, length or key gives every person a new name at the vendor: retention curves break,
//! and an erasure no longer finds what was sent before. A slip of the pen must not do that. So the first start writes
//! a small JSON file, `<configuration>.state` (`bauta.state` beside `bauta.toml`): the realm, upstream name and bits behind each
//! vendor-side site, the active key's id, and of each key a keyed fingerprint, never the key. Later starts compare; a
//! difference is refused unless the operator says `--accept-new-ids`. New sites, upstreams and previous keys rename
//! nobody and are taken down without a question; what was removed stays remembered.
//!
//! The file stands in the folder of the store (`store.url`), which is the folder that has to be writable anyway. Where
//! there is none, a copy beside the configuration is read, so it can be shipped in the same ConfigMap.
//!
//! **Read-only file systems** (Kubernetes): if the file cannot be written, bauta starts and warns that a change will not be
//! noticed. It does not refuse: the guard would then be an outage of its own. A copy shipped with the configuration gives
//! the full guard without a writable volume, and no warning as long as it is up to date.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::fault::{Fault, KeyPath};
use super::file::File;
use super::load::Loaded;
use super::warn::Warning;
use crate::secret::{Secret, SecretError};

/// What pseudonyms are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The id of the key that makes today's pseudonyms.
    active_key: Option<String>,
    /// Key id to fingerprint, of every key ever seen.
    keys: BTreeMap<String, String>,
    /// The vendor-side sites, each with what its people's names were made of.
    pseudonyms: BTreeMap<String, BTreeSet<Made>>,
}

/// The inputs of the pseudonyms of one vendor-side site, the key apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    realm: String,
    upstream: String,
    bits: u16,
}

impl std::fmt::Display for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "realm {:?}, upstream {:?}, {} bits", self.realm, self.upstream, self.bits)
    }
}

/// Why a start is refused.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// People would be renamed.
    #[error("{}", .0.join("; "))]
    Changed(Vec<String>),
    /// The state file holds something else.
    #[error("{path} is damaged: {source}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A key cannot be read (it could be a moment ago).
    #[error(transparent)]
    Key(#[from] SecretError),
}

impl Refused {
    /// What the operator can do about it.
    #[must_use]
    pub const fn fix(&self) -> &'static str {
        match self {
            Self::Changed(_) => {
                "put the old values back; or start once with --accept-new-ids, and every person becomes a new one at the vendor"
            }
            Self::Damaged { .. } => "restore the file; or start once with --accept-new-ids, which writes a new one",
            Self::Key(_) => "make the key readable",
        }
    }
}

/// Where the state of a configuration is kept.
#[must_use]
pub fn path(loaded: &Loaded) -> PathBuf {
    let store = loaded.file.store.url.strip_prefix("sqlite:").unwrap_or_default();
    let folder = loaded.base.join(store).parent().map(Path::to_path_buf).unwrap_or_default();
    folder.join(name(loaded))
}

fn name(loaded: &Loaded) -> PathBuf {
    Path::new(loaded.path.file_name().unwrap_or("bauta.toml".as_ref())).with_extension("state")
}

/// Compares the configuration with what was remembered, and remembers the new state: the one call of a start.
/// `accept` is `--accept-new-ids`. A warning says that nothing could be kept.
///
/// # Errors
/// When people would be renamed without `accept`, or the file is damaged, or a key cannot be read.
pub fn settle(loaded: &Loaded, accept: bool) -> Result<Option<Warning>, Refused> {
    let now = State::of(&loaded.file, |key| key.place().load(&loaded.base))?;
    let path = path(loaded);
    let before = match remembered(loaded) {
        Ok(before) => before,
        Err(Refused::Damaged { .. }) if accept => None,
        Err(refused) => return Err(refused),
    };
    if !accept {
        compare(before.as_ref(), &now)?;
    }
    let next = now.after(before.as_ref(), accept);
    if before.as_ref() == Some(&next) {
        return Ok(None);
    }
    Ok(write(&path, &next).err().map(|error| Warning {
        name: "state-not-kept",
        fault: Fault {
            key: KeyPath::root().key("store").key("url"),
            problem: format!(
                "{} cannot be written ({error}): a changed realm, upstream name or key will not be noticed at the next start",
                path.display()
            ),
            fix: "point store.url at a writable folder, or run `bauta check --write-state` once and ship the file beside the configuration".into(),
        },
    }))
}

/// [`settle`] without writing anything, for `bauta check`.
///
/// # Errors
/// When a start would be refused.
pub fn look(loaded: &Loaded) -> Result<(), Refused> {
    let now = State::of(&loaded.file, |key| key.place().load(&loaded.base))?;
    compare(remembered(loaded)?.as_ref(), &now)
}

fn remembered(loaded: &Loaded) -> Result<Option<State>, Refused> {
    let path = path(loaded);
    let beside = loaded.base.join(name(loaded));
    match read(&path) {
        Ok(None) if beside != path => read(&beside),
        read => read,
    }
}

fn compare(before: Option<&State>, now: &State) -> Result<(), Refused> {
    let changes = before.map(|before| before.changes(now)).unwrap_or_default();
    if changes.is_empty() { Ok(()) } else { Err(Refused::Changed(changes)) }
}

/// Writes the state of a configuration beside it, for shipping with it.
///
/// # Errors
/// As [`settle`]; the file system's own errors come back as the second kind.
pub fn write_beside(loaded: &Loaded) -> Result<std::io::Result<PathBuf>, Refused> {
    let now = State::of(&loaded.file, |key| key.place().load(&loaded.base))?;
    let path = loaded.base.join(name(loaded));
    Ok(write(&path, &now).map(|()| path))
}

impl State {
    /// The state of a file, with its keys read by `load`.
    ///
    /// # Errors
    /// When a key cannot be read.
    pub fn of(
        file: &File,
        load: impl Fn(&super::file::Key) -> Result<Secret, SecretError>,
    ) -> Result<Self, SecretError> {
        let mut state = Self { active_key: file.keys.active.as_ref().map(|key| key.id.clone()), ..Self::default() };
        for key in file.keys.active.iter().chain(&file.keys.previous) {
            state.keys.insert(key.id.clone(), fingerprint(&key.id, &load(key)?));
        }
        for site in file.site.iter().filter(|site| site.session.is_some()) {
            for upstream in &site.upstream {
                let made = Made {
                    realm: site.realm().to_owned(),
                    upstream: upstream.pseudonym_name().to_owned(),
                    bits: upstream.bits,
                };
                for name in &upstream.sites {
                    let there = format!("{}:{name}", upstream.vendor.word());
                    state.pseudonyms.entry(there).or_default().insert(made.clone());
                }
            }
        }
        Ok(state)
    }

    /// In what way `now` names people differently; empty when nobody is renamed.
    #[must_use]
    pub fn changes(&self, now: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        if let (Some(was), Some(is)) = (&self.active_key, &now.active_key)
            && was != is
        {
            changes.push(format!("the active key was {was:?} and is {is:?}"));
        }
        for (id, is) in &now.keys {
            if self.keys.get(id).is_some_and(|was| was != is) {
                changes.push(format!("key {id:?} has other bytes than before"));
            }
        }
        for (there, is) in &now.pseudonyms {
            let Some(was) = self.pseudonyms.get(there) else { continue };
            // One that is gone and one that is new: the people of the first have become those of the second.
            if let (Some(gone), Some(new)) = (was.difference(is).next(), is.difference(was).next()) {
                changes.push(format!("people at {there} were named by {gone}, and now by {new}"));
            }
        }
        changes
    }

    /// What to remember: the present, and of the past whatever it does not contradict.
    fn after(self, before: Option<&Self>, accept: bool) -> Self {
        let Some(before) = before else { return self };
        let mut next = self;
        for (id, fingerprint) in &before.keys {
            next.keys.entry(id.clone()).or_insert_with(|| fingerprint.clone());
        }
        for (there, was) in &before.pseudonyms {
            let is_replaced = accept && next.pseudonyms.contains_key(there);
            if !is_replaced {
                next.pseudonyms.entry(there.clone()).or_default().extend(was.iter().cloned());
            }
        }
        next.active_key = next.active_key.or_else(|| before.active_key.clone());
        next
    }
}

/// Tells two keys apart without telling anything of either: 64 bits of an HMAC under the key itself.
fn fingerprint(id: &str, key: &Secret) -> String {
    // HMAC takes keys of every length (RFC 2104 section 2), so there is no failure to report.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.trimmed()) else { return String::new() };
    mac.update(b"bauta/state/v1\0");
    mac.update(id.as_bytes());
    mac.finalize().into_bytes().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// A file that is missing or may not be read says nothing; one that holds something else is damaged.
fn read(path: &Path) -> Result<Option<State>, Refused> {
    let Ok(text) = std::fs::read(path) else { return Ok(None) };
    match serde_json::from_slice(&text) {
        Ok(state) => Ok(Some(state)),
        Err(source) => Err(Refused::Damaged { path: path.to_owned(), source }),
    }
}

/// Replaces the file in one step, so that a crash or a second replica never leaves half of it.
fn write(path: &Path, state: &State) -> std::io::Result<()> {
    let mut text = serde_json::to_string_pretty(state).map_err(std::io::Error::other)?;
    text.push('\n');
    let draft = path.with_extension(format!("state.{}", std::process::id()));
    let written = std::fs::File::create(&draft).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    let done = written.and_then(|()| std::fs::rename(&draft, path));
    if done.is_err() {
        // The draft is ours and useless now; that it cannot be removed either changes nothing.
        let _ = std::fs::remove_file(&draft);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    fn state(text: &str, key: u8) -> State {
        let file: File = toml::from_str(text).unwrap();
        State::of(&file, |_| Ok(Secret::new(vec![key; 32]))).unwrap()
    }

    fn file(realm: &str, upstream: &str, id: &str) -> String {
        format!(
            "keys.active = {{ id = {id:?}, file = \"k\" }}\n[[site]]\nname = \"shop\"\nrealm = {realm:?}\n[site.session]\npreset = \"ring\"\n\
             [[site.upstream]]\nvendor = \"plausible\"\nname = {upstream:?}\nurl = \"https://plausible.io\"\nsites = [\"shop.example\"]\n"
        )
    }

    #[test]
    fn the_same_file_changes_nothing_and_each_input_changes_something() {
        let before = state(&file("shop", "plausible", "a"), 1);
        assert_eq!(before.changes(&before), Vec::<String>::new());
        for (text, key) in [
            (file("boutique", "plausible", "a"), 1),
            (file("shop", "stats", "a"), 1),
            (file("shop", "plausible", "b"), 1),
            (file("shop", "plausible", "a"), 2),
            (file("shop", "plausible", "a") + "bits = 96\n", 1),
            (file("shop", "plausible", "a") + "share_group = \"both\"\n", 1),
        ] {
            assert_eq!(before.changes(&state(&text, key)).len(), 1, "{text}");
        }
    }

    #[test]
    fn additions_and_removals_rename_nobody_but_a_rename_in_two_steps_is_seen() {
        let before = state(&file("shop", "plausible", "a"), 1);
        let more = state(
            &(file("shop", "plausible", "a")
                + "[[site.upstream]]\nvendor = \"plausible\"\nname = \"own\"\nurl = \"https://stats.example\"\nsites = [\"shop.example\"]\n"),
            1,
        );
        assert_eq!(before.changes(&more), Vec::<String>::new());
        let none = state("", 1).after(Some(&before), false);
        assert_eq!(none.changes(&state(&file("shop", "plausible", "a"), 1)), Vec::<String>::new());
        assert_eq!(none.changes(&state(&file("shop", "stats", "a"), 1)).len(), 1);
    }

    #[test]
    fn what_was_accepted_is_no_change_any_more() {
        let before = state(&file("shop", "plausible", "a"), 1);
        let now = state(&file("shop", "stats", "b"), 2);
        let next = now.clone().after(Some(&before), true);
        assert_eq!(next.changes(&now), Vec::<String>::new());
        assert_eq!(next.changes(&before).len(), 2, "going back renames again");
    }

    #[test]
    fn the_file_holds_no_key_and_a_damaged_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path();
        let random = "q1Zr8Lk0vN3xT6yB9cD2eF5gH8jK1mP4qS7tU0wX3zA";
        std::fs::write(base.join("k"), random).unwrap();
        let path = base.join("bauta.toml");
        std::fs::write(&path, file("shop", "plausible", "a")).unwrap();
        let loaded = config::load(&path, std::iter::empty()).unwrap();

        assert!(settle(&loaded, false).unwrap().is_none());
        let kept = std::fs::read_to_string(base.join("bauta.state")).unwrap();
        assert!(kept.contains("shop.example") && !kept.contains(random.get(..8).unwrap()), "{kept}");

        std::fs::write(&path, file("boutique", "plausible", "a")).unwrap();
        let renamed = config::load(&path, std::iter::empty()).unwrap();
        assert!(matches!(settle(&renamed, false), Err(Refused::Changed(_))));
        assert!(settle(&renamed, true).unwrap().is_none());
        assert!(settle(&renamed, false).unwrap().is_none());

        std::fs::write(base.join("bauta.state"), "{").unwrap();
        assert!(matches!(settle(&renamed, false), Err(Refused::Damaged { .. })));
        assert!(settle(&renamed, true).unwrap().is_none());
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_a_warning_unless_a_copy_was_shipped() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path();
        std::fs::write(base.join("k"), "q1Zr8Lk0vN3xT6yB9cD2eF5gH8jK1mP4qS7tU0wX3zA").unwrap();
        let path = base.join("shop.toml");
        // A folder that is not there can be written by nobody, root included.
        let text = format!("{}\n[store]\nurl = \"sqlite:missing/bauta.db\"\n", file("shop", "plausible", "a"));
        std::fs::write(&path, &text).unwrap();
        let loaded = config::load(&path, std::iter::empty()).unwrap();
        assert_eq!(settle(&loaded, false).unwrap().map(|warning| warning.name), Some("state-not-kept"));

        assert_eq!(write_beside(&loaded).unwrap().unwrap(), base.join("shop.state"));
        assert!(settle(&loaded, false).unwrap().is_none());
        std::fs::write(&path, text.replace("realm = \"shop\"", "realm = \"other\"")).unwrap();
        let renamed = config::load(&path, std::iter::empty()).unwrap();
        assert!(matches!(settle(&renamed, false), Err(Refused::Changed(_))));
    }
}
