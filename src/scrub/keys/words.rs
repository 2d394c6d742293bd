//! A key as words: `$initial_userEmail`, `user-e-mail` and `USER_EMAIL` say the same.
//!
//! Words end at anything that is no letter, at a change from lower to upper case, and before the last capital of a
//! run (`userIDNumber`). Letters are folded to lower-case ASCII where Latin script allows it (`é` is `e`, `ß` is
//! `ss`); other scripts lose their accents. Marks that stand on or under a letter are part of its word (`ชื่อ`, `पता`). Digits at the end of a word fall away (`phone2`), articles and prepositions
//! between words as well (`date_of_birth`, `numéro de téléphone`).

/// The longest key that is taken apart, in folded bytes, and the most words of it.
const BYTES: usize = 80;
const WORDS: usize = 8;

/// The words of a key, one behind the other in one buffer: neighbours can be looked up as one compound.
pub(crate) struct Words {
    buffer: [u8; BYTES],
    /// Where each word ends in the buffer.
    ends: [u8; WORDS],
    count: usize,
}

impl Words {
    /// Takes a key apart. What does not fit is left out.
    pub(crate) fn of(key: &str) -> Self {
        let mut words = Self { buffer: [0; BYTES], ends: [0; WORDS], count: 0 };
        let mut writer = Writer { words: &mut words, length: 0, start: 0, last: Last::Edge };
        let mut characters = key.chars().peekable();
        while let Some(character) = characters.next() {
            writer.take(character, characters.peek().copied());
        }
        writer.end_word();
        words
    }

    /// Takes the end of a phrase apart: its last words, as many as there is room for.
    pub(crate) fn last_of(phrase: &str) -> Self {
        let mut blanks = phrase.bytes().enumerate().rev().filter(|(_, own)| *own == b' ');
        let start = blanks.nth(WORDS - 2).map_or(0, |(at, _)| at);
        Self::of(phrase.get(start..).unwrap_or_default())
    }

    /// How many words there are.
    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    /// The words `first` to `last` (included) as one, in UTF-8: look-ups compare bytes.
    pub(crate) fn compound(&self, first: usize, last: usize) -> &[u8] {
        let start = first.checked_sub(1).map_or(0, |before| self.end(before));
        self.buffer.get(start..self.end(last)).unwrap_or_default()
    }

    /// All words as one text; nothing if there is no word.
    pub(crate) fn joined(&self) -> Option<&str> {
        std::str::from_utf8(self.compound(0, self.count.checked_sub(1)?)).ok()
    }

    /// True if the last word so far is one letter.
    fn is_letter_last(&self) -> bool {
        self.count.checked_sub(1).is_some_and(|last| self.compound(last, last).len() == 1)
    }

    fn end(&self, word: usize) -> usize {
        self.ends.get(word).copied().map_or(0, usize::from)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Edge,
    Lower,
    Upper,
    Digit,
}

struct Writer<'a> {
    words: &'a mut Words,
    length: usize,
    start: usize,
    last: Last,
}

impl Writer<'_> {
    fn take(&mut self, character: char, next: Option<char>) {
        if !character.is_ascii_alphanumeric() && character != '_' && is_mark_of_a_letter(character, next) {
            return;
        }
        let kind = match character {
            'a'..='z' => Last::Lower,
            'A'..='Z' => Last::Upper,
            '0'..='9' => Last::Digit,
            own if own.is_alphabetic() => {
                if own.is_uppercase() {
                    Last::Upper
                } else {
                    Last::Lower
                }
            }
            _ => Last::Edge,
        };
        let boundary = match (self.last, kind) {
            (_, Last::Edge) | (Last::Lower | Last::Digit, Last::Upper) => true,
            (Last::Upper, Last::Upper) => next.is_some_and(char::is_lowercase),
            // `2fa` is a word, `sha256sum` are two.
            (Last::Digit, Last::Lower) => self.has_letter(),
            _ => false,
        };
        if boundary {
            self.end_word();
        }
        if kind != Last::Edge {
            self.push(character);
        }
        self.last = kind;
    }

    fn has_letter(&self) -> bool {
        self.words.buffer.get(self.start..self.length).is_some_and(|word| word.iter().any(|own| !own.is_ascii_digit()))
    }

    fn push(&mut self, character: char) {
        if character.is_ascii() {
            if let Some(place) = self.words.buffer.get_mut(self.length) {
                *place = character.to_ascii_lowercase() as u8;
                self.length += 1;
            }
            return;
        }
        let mut own = [0; 4];
        let folded = fold(character);
        let bytes = if folded.is_empty() { lower(character).encode_utf8(&mut own) } else { folded };
        let end = self.length.saturating_add(bytes.len());
        if let Some(place) = self.words.buffer.get_mut(self.length..end) {
            place.copy_from_slice(bytes.as_bytes());
            self.length = end;
        }
    }

    fn end_word(&mut self) {
        let word = self.words.buffer.get(self.start..self.length).unwrap_or_default();
        let kept = word.iter().rposition(|own| !own.is_ascii_digit()).map_or(0, |last| last + 1);
        // `d_o_b` is spelled out: a letter behind a letter is no article.
        let spelled = kept == 1 && self.words.count < WORDS / 2 && self.words.is_letter_last();
        let filler = word.get(..kept).is_none_or(|word| word.is_empty() || is_article(word) && !spelled);
        // The first word is never an article: `la` may be all there is.
        let end = if filler && (self.words.count > 0 || kept == 0) { self.start } else { self.start + kept };
        if end > self.start {
            match self.words.ends.get_mut(self.words.count) {
                Some(place) => {
                    *place = u8::try_from(end).unwrap_or(u8::MAX);
                    self.words.count += 1;
                    self.start = end;
                }
                // No room for another word.
                None => self.length = self.start,
            }
        }
        self.length = self.start;
    }
}

fn is_article(word: &[u8]) -> bool {
    matches!(
        word,
        b"de"
            | b"of"
            | b"du"
            | b"da"
            | b"do"
            | b"di"
            | b"des"
            | b"del"
            | b"della"
            | b"dei"
            | b"dos"
            | b"la"
            | b"le"
            | b"el"
            | b"los"
            | b"the"
            | b"der"
            | b"das"
            | b"den"
            | b"van"
            | b"het"
            | b"av"
            | b"af"
            | b"et"
            | b"and"
            | b"und"
            | b"o"
            | b"y"
            | b"d"
            | b"l"
    )
}

fn lower(character: char) -> char {
    character.to_lowercase().next().unwrap_or(character)
}

/// Combining marks, and the apostrophe of Ukrainian words (`ім'я`): they end no word and add nothing to it.
fn is_mark_of_a_letter(character: char, next: Option<char>) -> bool {
    match character {
        '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5C7}' | '\u{64B}'..='\u{65F}' => true,
        '\u{93C}' | '\u{94D}' | '\u{9BC}' | '\u{9CD}' | '\u{BCD}' | '\u{C4D}' | '\u{E47}'..='\u{E4E}' => true,
        '\'' | '’' | 'ʼ' => next.is_some_and(|next| matches!(next, '\u{400}'..='\u{4FF}')),
        _ => false,
    }
}

/// Latin Extended-A (U+0100 to U+017F) without accents, two of each letter.
const EXTENDED: &[u8; 128] = b"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/// A letter as lower-case ASCII, or without its accent in Greek; empty when there is no such form.
pub(crate) fn fold(character: char) -> &'static str {
    const ASCII: [&str; 26] = [
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v",
        "w", "x", "y", "z",
    ];
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let offset = |first: u8| usize::from((character as u32 as u8).wrapping_sub(first));
    match character {
        'a'..='z' => ASCII.get(offset(b'a')).copied().unwrap_or_default(),
        'A'..='Z' => ASCII.get(offset(b'A')).copied().unwrap_or_default(),
        '0'..='9' => DIGITS.get(offset(b'0')).copied().unwrap_or_default(),
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ß' => "ss",
        'ð' | 'Ð' => "d",
        'à'..='å' | 'À'..='Å' | '\u{1EA0}'..='\u{1EB7}' => "a",
        'ç' | 'Ç' => "c",
        'è'..='ë' | 'È'..='Ë' | '\u{1EB8}'..='\u{1EC7}' => "e",
        'ì'..='ï' | 'Ì'..='Ï' | '\u{1EC8}'..='\u{1ECB}' => "i",
        'ñ' | 'Ñ' => "n",
        'ò'..='ö' | 'Ò'..='Ö' | 'ø' | 'Ø' | 'ơ' | 'Ơ' | '\u{1ECC}'..='\u{1EE3}' => "o",
        'ș' | 'Ș' => "s",
        'ț' | 'Ț' => "t",
        'ù'..='ü' | 'Ù'..='Ü' | 'ư' | 'Ư' | '\u{1EE4}'..='\u{1EF1}' => "u",
        'ý' | 'ÿ' | 'Ý' | '\u{1EF2}'..='\u{1EF9}' => "y",
        '\u{100}'..='\u{17F}' => {
            let plain = EXTENDED.get(offset(0)).copied().unwrap_or_default();
            ASCII.get(usize::from(plain.wrapping_sub(b'a'))).copied().unwrap_or_default()
        }
        'ά' | 'Ά' => "α",
        'έ' | 'Έ' => "ε",
        'ή' | 'Ή' => "η",
        'ί' | 'Ί' | 'ϊ' | 'ΐ' => "ι",
        'ό' | 'Ό' => "ο",
        'ύ' | 'Ύ' | 'ϋ' | 'ΰ' => "υ",
        'ώ' | 'Ώ' => "ω",
        'ς' => "σ",
        'ё' | 'Ё' => "е",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(key: &str) -> Vec<String> {
        let words = Words::of(key);
        (0..words.len()).map(|at| String::from_utf8(words.compound(at, at).to_vec()).unwrap()).collect()
    }

    #[test]
    fn keys_are_taken_apart() {
        for (key, expected) in [
            ("email", vec!["email"]),
            ("$initial_userEmail", vec!["initial", "user", "email"]),
            ("user-e-mail", vec!["user", "e", "mail"]),
            ("USER_EMAIL", vec!["user", "email"]),
            ("userIDNumber", vec!["user", "id", "number"]),
            ("PHPSESSID", vec!["phpsessid"]),
            ("address_line1", vec!["address", "line"]),
            ("phone2", vec!["phone"]),
            ("2fa_code", vec!["2fa", "code"]),
            ("sha256sum", vec!["sha", "sum"]),
            ("date_of_birth", vec!["date", "birth"]),
            ("d-o-b", vec!["d", "o", "b"]),
            ("nombre_y_apellidos", vec!["nombre", "apellidos"]),
            ("Numéro de téléphone", vec!["numero", "telephone"]),
            ("Straße", vec!["strasse"]),
            ("user[email]", vec!["user", "email"]),
            ("contact.phone.0", vec!["contact", "phone"]),
            ("имя", vec!["имя"]),
            ("", vec![]),
            ("___", vec![]),
            ("12345", vec![]),
            ("la", vec!["la"]),
        ] {
            assert_eq!(words(key), expected, "{key}");
        }
    }

    #[test]
    fn neighbours_are_one_compound() {
        let words = Words::of("user_first_name");
        assert_eq!(words.compound(1, 2), b"firstname");
        assert_eq!(words.compound(0, 2), b"userfirstname");
        assert_eq!((words.joined(), Words::of("").joined()), (Some("userfirstname"), None));
    }

    #[test]
    fn long_keys_do_not_overflow() {
        let words = Words::of(&"abc_".repeat(200));
        assert_eq!(words.len(), WORDS);
        assert!(Words::of(&"x".repeat(5000)).len() <= 1);
    }
}
