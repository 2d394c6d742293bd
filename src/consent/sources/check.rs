//! Checks that several sources' configurations share.

use crate::config::fault::{Faults, KeyPath};

/// The longest text of an option: a cookie's name, a category.
const MAX_TEXT: usize = 256;

/// A path has steps, and none of them is empty.
pub(in crate::consent) fn path(path: &[String], at: &KeyPath, faults: &mut Faults) -> bool {
    let sound = !path.is_empty() && path.iter().all(|step| !step.is_empty());
    if !sound {
        faults.push(
            at.clone(),
            "expected a path: a list of steps, none of them empty",
            "write for example [\"user\", \"analytics\"]",
        );
    }
    sound
}

/// A cookie's name is a token (RFC 6265 section 4.1.1, RFC 9110 section 5.6.2).
pub(super) fn cookie(name: &str, at: &KeyPath, faults: &mut Faults) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let sound = !name.is_empty() && name.len() <= MAX_TEXT && name.bytes().all(token);
    if !sound {
        faults.push(
            at.clone(),
            "expected a cookie name: letters, digits and !#$%&'*+-.^_`|~",
            "write the name as the browser shows it",
        );
    }
    sound
}

/// A word that the site chooses; `expected` says what it names.
pub(super) fn text(text: &str, expected: &str, at: &KeyPath, faults: &mut Faults) -> bool {
    let sound = !text.is_empty() && text.len() <= MAX_TEXT && !text.chars().any(char::is_control);
    if !sound {
        faults.push(at.clone(), format!("expected {expected}"), "write it as the banner's cookie shows it");
    }
    sound
}
