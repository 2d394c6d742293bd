//! `[keys]`: ids, places and strength of the pseudonym keys.

use std::path::Path;

use super::weak_key::weakness;
use crate::config::fault::{Faults, KeyPath};
use crate::config::file::File;
use crate::secret::Secret;

pub(super) fn check(file: &File, base: &Path, faults: &mut Faults) {
    let at = KeyPath::root().key("keys");
    if file.keys.active.is_none() && file.site.iter().any(|site| site.session.is_some()) {
        faults.push(
            at.key("active"),
            "missing: pseudonyms are made with a key",
            "run `bauta keygen hmac.key` and write [keys] active = { id = \"a\", file = \"hmac.key\" }",
        );
    }
    let active = file.keys.active.iter().map(|key| (at.key("active"), key));
    let previous = file.keys.previous.iter().enumerate().map(|(index, key)| (at.key("previous").index(index), key));
    let mut seen: Vec<(&str, Option<Secret>)> = Vec::new();
    for (at, key) in active.chain(previous) {
        // The id stands in clear at the front of each pseudonym, before an underscore.
        if !(1..=8).contains(&key.id.len()) || !key.id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            faults.push(at.key("id"), "expected 1 to 8 letters or digits", "write it like id = \"a\"");
        }
        if seen.iter().any(|(id, _)| *id == key.id) {
            faults.push(at.key("id"), format!("another key has the id {:?}", key.id), "give each key an id of its own");
        }
        let secret = match key.place().load(base) {
            Ok(secret) => secret,
            Err(error) => {
                faults.push(
                    at,
                    error.to_string(),
                    "make a key with `bauta keygen`, and name it by file, env or credential",
                );
                seen.push((&key.id, None));
                continue;
            }
        };
        if let Some(problem) = weakness(secret.trimmed()) {
            faults.push(at, problem, "make one with `bauta keygen`: who can guess the key can undo the pseudonyms");
        } else if let Some((other, _)) =
            seen.iter().find(|(_, known)| known.as_ref().is_some_and(|known| same(known, &secret)))
        {
            faults.push(at, format!("this is the same key as {other:?}"), "a new id needs a new key");
        }
        seen.push((&key.id, Some(secret)));
    }
}

fn same(one: &Secret, other: &Secret) -> bool {
    use subtle::ConstantTimeEq as _;
    one.trimmed().ct_eq(other.trimmed()).into()
}
