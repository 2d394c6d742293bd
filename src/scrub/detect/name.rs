//! Names of persons, by their look: a plain test of a whole value, and a search in prose for the strict preset.

use crate::scrub::hits::Hits;
use crate::scrub::keys::vocabulary;
use crate::scrub::kind::Kind;

/// Two to five capitalised words none of which is a word of products and pages: a person's name where the key says
/// just `name`.
pub(crate) fn is_person(text: &str) -> bool {
    if text.len() > 60 || text.bytes().any(|own| own.is_ascii_digit()) {
        return false;
    }
    if is_east_asian(text) {
        return true;
    }
    let mut capitalised = 0;
    for word in text.split([' ', '\u{a0}']) {
        let mut letters = word.chars();
        if !letters.next().is_some_and(char::is_uppercase) {
            if PARTICLES.contains(&word) {
                continue;
            }
            return false;
        }
        let rest = letters.clone().all(|own| own.is_alphabetic() || matches!(own, '\'' | '’' | '-' | '.'));
        let shouting = word.len() <= 3 && letters.clone().count() >= 2 && letters.all(char::is_uppercase);
        if !rest || shouting || vocabulary::is_common(word) {
            return false;
        }
        capitalised += 1;
    }
    (2..=5).contains(&capitalised)
}

/// One capitalised word that is none of products and pages, or a word in a script without capitals: a person's name where the key
/// says `name` beside other data of a person.
pub(crate) fn is_single(text: &str) -> bool {
    let mut letters = text.chars();
    let first = letters.next().is_some_and(|own| own.is_uppercase() || own.is_alphabetic() && !own.is_lowercase());
    let rest = letters.clone().all(|own| own.is_alphabetic() && !own.is_uppercase() || matches!(own, '\'' | '’' | '-'));
    let long = text.len() >= 3 && letters.next().is_some() || !text.is_ascii();
    first && rest && long && text.len() <= 40 && !vocabulary::is_common(text)
}

/// Two to four words in a script without capitals (Devanagari, Thai, Arabic ...).
pub(crate) fn is_uncased(text: &str) -> bool {
    let letter = |own: char| {
        matches!(own, '\u{590}'..='\u{10FF}' | '\u{1780}'..='\u{17FF}' | '\u{200C}' | '\u{200D}') && !own.is_numeric()
    };
    !text.is_ascii()
        && text.len() <= 120
        && (2..=4).contains(&text.split(' ').count())
        && text.split(' ').all(|word| word.chars().count() >= 2 && word.chars().all(letter))
}

const PARTICLES: [&str; 30] = [
    "de", "da", "do", "di", "du", "van", "von", "der", "den", "del", "della", "la", "le", "bin", "ibn", "al", "el",
    "y", "e", "dos", "das", "ter", "ten", "zu", "af", "av", "de'", "degli", "dei", "&",
];

/// Two to five characters of Chinese, Japanese or Korean names.
fn is_east_asian(text: &str) -> bool {
    let count = text.chars().filter(|own| *own != ' ' && *own != '\u{3000}').count();
    (2..=6).contains(&count)
        && text.chars().all(|own| matches!(own, '\u{3040}'..='\u{30FF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | ' ' | '\u{3000}'))
}

/// Finds names in prose: two to four neighbouring words that would be a name by themselves (`Welcome back, Ada Lovelace`).
/// It takes titles of works and places for names too, and is therefore not part of the recommendation.
pub(crate) fn find(text: &str, hits: &mut Hits) {
    let mut words: Vec<(usize, usize)> = Vec::new();
    let mut start = 0;
    for word in text.split(' ') {
        let end = start + word.len();
        let plain = word.trim_end_matches([',', '.', '!', '?', ':', ';', ')', '"', '\'']);
        let last = plain.len() < word.len();
        let lead = plain.trim_start_matches(['(', '"', '\'']);
        let begin = start + plain.len() - lead.len();
        if begin > start || !is_name_word(lead) {
            mark(text, &mut words, hits);
        }
        if is_name_word(lead) {
            words.push((begin, begin + lead.len()));
        }
        if last || words.len() == 4 {
            mark(text, &mut words, hits);
        }
        start = end + 1;
    }
    mark(text, &mut words, hits);
}

fn mark(text: &str, words: &mut Vec<(usize, usize)>, hits: &mut Hits) {
    if let (Some((start, _)), Some((_, end))) = (words.first(), words.last())
        && words.len() >= 2
        && text.get(*start..*end).is_some_and(is_person)
    {
        hits.mark(*start, *end, Kind::Name);
    }
    words.clear();
}

fn is_name_word(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase)
        && letters.clone().all(|own| own.is_alphabetic() || matches!(own, '\'' | '’' | '-'))
        && letters.any(char::is_lowercase)
        && !vocabulary::is_common(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrub::detect::testing::found;

    #[test]
    fn names_of_persons_are_known() {
        for text in [
            "Ada Lovelace",
            "Eric Mullen",
            "Ariel Gual",
            "María José Carreño",
            "Jan van der Linden",
            "Seán O'Brien",
            "Anne-Marie Dupont",
            "李小龍",
            "김민수",
        ] {
            assert!(is_person(text), "{text}");
        }
    }

    #[test]
    fn one_word_may_be_a_name() {
        assert!(["Ada", "Eglė", "Željka", "太郎", "Георги", "Anne-marie"].iter().all(|own| is_single(own)));
        assert!(!["ada", "Pro", "Newsletter", "USD", "v2", "A", "", "Dark Mode"].iter().any(|own| is_single(own)));
    }

    #[test]
    fn names_of_things_are_not() {
        for text in [
            "Pro Monthly",
            "Plan Upgraded",
            "Team Jahresabo",
            "Checkout Screen",
            "Ada",
            "ada lovelace",
            "LCP",
            "Dark Mode",
            "Google Chrome",
            "Version 2",
            "",
            "Black Friday Sale",
        ] {
            assert!(!is_person(text), "{text}");
        }
    }

    #[test]
    fn names_are_found_in_prose() {
        assert_eq!(found("Welcome back, Ada Lovelace", find), ["Ada Lovelace"]);
        assert_eq!(found("Invoice for Gianluigi Barese - Billing", find), ["Gianluigi Barese"]);
        assert!(found("Mark all as read", find).is_empty());
    }
}
