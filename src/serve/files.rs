//! Which files a configuration is made of, and noticing that they changed.
//!
//! A mounted ConfigMap or Secret is a folder of links into `..data`, and the kubelet replaces that one link: the
//! folder is watched, not the file, and what counts is the contents. Where the system gives no watch (too many of
//! them, a network file system), the files are looked at every second instead; with one, every ten seconds all the
//! same, since a watch says nothing of what lies behind a link that leads elsewhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use crate::config::file::File;

/// Between looks without a watch, and with one.
const LOOK_OFTEN: Duration = Duration::from_secs(1);
const LOOK_SELDOM: Duration = Duration::from_secs(10);
/// After a change: whoever writes several files is given this long to finish.
const SETTLE: Duration = Duration::from_millis(100);
/// Of a larger file only size and time count; no key, certificate or list is that large.
const MOST: u64 = 8 << 20;

/// What a set of files holds.
pub(super) type Print = [u8; 32];

/// The configuration file and every file it names. `base` is its folder.
///
/// A name is a text below one of the keys that hold file names, or any text that is the name of a file: so a list
/// or key that a later version learns to read is watched without a word here.
pub(super) fn of(path: &Path, file: &File, base: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::from([path.to_owned()]);
    if let Ok(tree) = serde_json::to_value(file) {
        collect(&tree, "", base, &mut found);
    }
    found
}

fn collect(value: &Value, key: &str, base: &Path, found: &mut BTreeSet<PathBuf>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| collect(value, key, base, found)),
        Value::Array(elements) => elements.iter().for_each(|value| collect(value, key, base, found)),
        Value::String(text) if key == "credential" => {
            if let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY") {
                found.insert(Path::new(&folder).join(text));
            }
        }
        Value::String(text) if !text.is_empty() && text.len() < 4096 => {
            let path = base.join(text);
            if matches!(key, "file" | "certificate" | "key" | "ca_file") || path.is_file() {
                found.insert(path);
            }
        }
        _ => {}
    }
}

/// The contents of all files as one number; a file that cannot be read counts as such. Blocks.
pub(super) fn print(files: &BTreeSet<PathBuf>) -> Print {
    let mut hash = Sha256::new();
    for path in files {
        hash.update(path.as_os_str().as_encoded_bytes());
        let facts = std::fs::metadata(path);
        match facts {
            Ok(facts) if facts.len() > MOST => {
                hash.update(facts.len().to_be_bytes());
                hash.update(format!("{:?}", facts.modified().ok()));
            }
            Ok(_) => match std::fs::read(path) {
                Ok(bytes) => {
                    hash.update([1]);
                    hash.update(Sha256::digest(bytes));
                }
                Err(_) => hash.update([0]),
            },
            Err(_) => hash.update([0]),
        }
    }
    hash.finalize().into()
}

/// [`print()`] on a thread that may block.
pub(super) async fn look(files: &BTreeSet<PathBuf>) -> Print {
    let files = files.clone();
    tokio::task::spawn_blocking(move || print(&files)).await.unwrap_or_default()
}

/// A watch over files.
pub(super) struct Watch {
    files: BTreeSet<PathBuf>,
    seen: Print,
    events: mpsc::Receiver<()>,
    watcher: Option<RecommendedWatcher>,
}

impl Watch {
    /// Watches these files; `seen` is what is known of them already, else they are looked at now.
    pub(super) async fn over(files: BTreeSet<PathBuf>, seen: Option<Print>) -> Self {
        let (told, events) = mpsc::channel(1);
        let watcher = watch(&files, told);
        let seen = match seen {
            Some(seen) => seen,
            None => look(&files).await,
        };
        Self { files, seen, events, watcher }
    }

    /// Waits until the files hold something else. Cancel safe.
    pub(super) async fn changed(&mut self) {
        let pause = if self.watcher.is_some() { LOOK_SELDOM } else { LOOK_OFTEN };
        // The first look at once: they may have changed before the watch was there.
        let mut wait = Duration::ZERO;
        loop {
            tokio::select! {
                Some(()) = self.events.recv() => tokio::time::sleep(SETTLE).await,
                () = tokio::time::sleep(wait) => {}
            }
            wait = pause;
            if look(&self.files).await != self.seen {
                return;
            }
        }
    }
}

/// A watch on the folders of the files, as they are named and as they are found behind links.
fn watch(files: &BTreeSet<PathBuf>, told: mpsc::Sender<()>) -> Option<RecommendedWatcher> {
    let handler = move |_: notify::Result<notify::Event>| {
        // A full channel already says what there is to say.
        let _ = told.try_send(());
    };
    let mut watcher = notify::recommended_watcher(handler).ok()?;
    let named = files.iter().filter_map(|path| path.parent().map(Path::to_path_buf));
    let real = files.iter().filter_map(|path| path.canonicalize().ok()?.parent().map(Path::to_path_buf));
    let here = |folder: PathBuf| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
    let folders: BTreeSet<PathBuf> = named.chain(real).map(here).collect();
    let mut complete = true;
    for folder in folders {
        complete &= watcher.watch(&folder, RecursiveMode::NonRecursive).is_ok();
    }
    // A watch with a gap would be trusted for what it does not see.
    complete.then_some(watcher)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_a_configuration_names_is_found() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("list.txt"), "x").unwrap();
        let text = r#"
            [listen]
            tls = { certificate = "tls.crt", key = "tls.key" }
            [keys]
            active = { id = "a", file = "hmac.key" }
            [[site]]
            name = "shop"
            [[site.upstream]]
            vendor = "plausible"
            url = "https://plausible.io"
            ca_file = "ca.pem"
            keep_props = ["list.txt"]
        "#;
        let file: File = toml::from_str(text).unwrap();
        let found = of(&folder.path().join("bauta.toml"), &file, folder.path());
        let names: Vec<_> = found.iter().filter_map(|path| path.file_name()?.to_str()).collect();
        assert_eq!(names, ["bauta.toml", "ca.pem", "hmac.key", "list.txt", "tls.crt", "tls.key"]);
    }

    #[test]
    fn a_print_follows_contents_and_presence_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let files = BTreeSet::from([path.clone()]);
        let missing = print(&files);
        std::fs::write(&path, "1").unwrap();
        let one = print(&files);
        std::fs::write(&path, "2").unwrap();
        let two = print(&files);
        std::fs::write(&path, "1").unwrap();
        assert!(missing != one && one != two && two != missing);
        assert_eq!(print(&files), one);
    }
}
