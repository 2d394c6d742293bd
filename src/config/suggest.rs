//! "Did you mean": the known word nearest to an unknown one.

/// The candidate that is most likely meant, if one is near enough: at most a third of the letters differ.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = plain(word);
    let limit = (word.chars().count() / 3).max(1);
    candidates
        .map(|candidate| {
            let other = plain(candidate);
            let distance = distance(&word, &other);
            let is_part = word.len() > 3 && (other.starts_with(&word) || word.starts_with(&other) && other.len() > 3);
            (if is_part { distance.min(limit) } else { distance }, candidate)
        })
        .filter(|(distance, _)| *distance <= limit && *distance < word.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `Trusted-Proxies`, `trustedProxies` and `trusted_proxies` are the same word.
fn plain(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How many letters must be changed, added, left out or swapped with their neighbour (optimal string alignment).
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().take(64).collect();
    let to: Vec<char> = to.chars().take(64).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (row, a) in from.iter().enumerate() {
        let mut current = Vec::with_capacity(above.len());
        current.push(row.saturating_add(1));
        for (column, b) in to.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut best = at(&above, column).saturating_add(usize::from(a != b));
            best = best.min(at(&above, column.saturating_add(1)).saturating_add(1));
            best = best.min(at(&current, column).saturating_add(1));
            if let (Some(row), Some(column)) = (row.checked_sub(1), column.checked_sub(1))
                && from.get(row) == Some(b)
                && to.get(column) == Some(a)
            {
                best = best.min(at(&before, column).saturating_add(1));
            }
            current.push(best);
        }
        before = std::mem::replace(&mut above, current);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let words = ["address", "trusted_proxies", "tls", "secrets", "sources"];
        let nearest = |word| nearest(word, words.into_iter());
        assert_eq!(nearest("adress"), Some("address"));
        assert_eq!(nearest("addrses"), Some("address"));
        assert_eq!(nearest("trusted-proxies"), Some("trusted_proxies"));
        assert_eq!(nearest("trustedProxy"), Some("trusted_proxies"));
        assert_eq!(nearest("secret"), Some("secrets"));
        assert_eq!(nearest("source"), Some("sources"));
        assert_eq!(nearest("colour"), None);
        assert_eq!(nearest("x"), None);
        assert_eq!(nearest(""), None);
    }
}
