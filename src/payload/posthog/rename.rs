//! Names of events: a map of the site's own, then `snake_case`, never for the vendor's own events (`$pageview`).

use std::collections::BTreeMap;

/// How names of events are changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conventions {
    /// A name and what it becomes.
    pub rename: BTreeMap<String, String>,
    /// Whether the others become `snake_case`.
    pub snake_case: bool,
}

impl Conventions {
    /// What a name becomes; nothing when it stays.
    #[must_use]
    pub fn apply(&self, name: &str) -> Option<String> {
        if let Some(renamed) = self.rename.get(name) {
            return (renamed != name).then(|| renamed.clone());
        }
        // The vendor's own names, with a dollar sign or as its surveys write them.
        if !self.snake_case || name.starts_with('$') || name.starts_with("survey ") {
            return None;
        }
        let snake = snake_case(name);
        (snake != name && !snake.is_empty()).then_some(snake)
    }
}

/// Words in lower case with `_` between them: `Auth session-Completed` and `authSessionCompleted` are both
/// `auth_session_completed`.
#[must_use]
pub fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len().saturating_add(4));
    let mut before = ' ';
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        if !letter.is_alphanumeric() {
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
        } else {
            let next_is_lower = letters.peek().is_some_and(|next| next.is_lowercase());
            let starts = letter.is_uppercase()
                && (before.is_lowercase() || before.is_numeric() || (before.is_uppercase() && next_is_lower));
            if starts && !out.ends_with('_') {
                out.push('_');
            }
            out.extend(letter.to_lowercase());
        }
        before = letter;
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_however_they_are_joined() {
        for (name, snake) in [
            ("auth session completed", "auth_session_completed"),
            ("Auth Session-Completed", "auth_session_completed"),
            ("authSessionCompleted", "auth_session_completed"),
            ("HTTPServerError", "http_server_error"),
            ("already_right", "already_right"),
            ("  odd -- spaces  ", "odd_spaces"),
            ("Größe gewählt", "größe_gewählt"),
            ("v2Upgrade", "v2_upgrade"),
        ] {
            assert_eq!(snake_case(name), snake, "{name}");
            assert_eq!(snake_case(snake), snake, "twice is once");
        }
    }

    #[test]
    fn the_vendor_s_own_names_stay() {
        let mut conventions = Conventions { rename: BTreeMap::new(), snake_case: true };
        conventions.rename.insert("Signed Up".into(), "user_registered".into());
        assert_eq!(conventions.apply("$pageview"), None);
        assert_eq!(conventions.apply("survey shown"), None);
        assert_eq!(conventions.apply("Signed Up").as_deref(), Some("user_registered"));
        assert_eq!(conventions.apply("Item Added").as_deref(), Some("item_added"));
        assert_eq!(conventions.apply("item_added"), None);
    }
}
