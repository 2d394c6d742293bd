//! HTML character references (HTML living standard, section 13.5): all numeric ones, and the named ones that can stand
//! in an address, a number or a name.

use super::Unit;
use crate::scrub::features::byte;

/// The longest name in the table.
const LONGEST: usize = 7;

/// Reads a reference at the start of these bytes, which is a `&`. The semicolon may be missing after a number, as
/// browsers accept it.
pub(super) fn reference(bytes: &[u8]) -> Option<Unit> {
    if byte(bytes, 1) == b'#' {
        return numeric(bytes);
    }
    let name = bytes.get(1..)?.iter().take(LONGEST + 1).take_while(|own| own.is_ascii_alphanumeric()).count();
    if byte(bytes, name + 1) != b';' {
        return None;
    }
    let name = std::str::from_utf8(bytes.get(1..=name)?).ok()?;
    let place = NAMED.binary_search_by(|(own, _)| own.cmp(&name)).ok()?;
    NAMED.get(place).map(|(_, character)| (*character, name.len() + 2))
}

fn numeric(bytes: &[u8]) -> Option<Unit> {
    let (radix, start) = if byte(bytes, 2) | 0x20 == b'x' { (16, 3) } else { (10, 2) };
    let digits = bytes.get(start..)?.iter().take(8).take_while(|own| char::from(**own).is_digit(radix)).count();
    let text = std::str::from_utf8(bytes.get(start..start + digits)?).ok()?;
    let character = char::from_u32(u32::from_str_radix(text, radix).ok()?).filter(|own| *own != '\0')?;
    let end = start + digits;
    Some((character, if byte(bytes, end) == b';' { end + 1 } else { end }))
}

/// Sorted by name.
#[rustfmt::skip]
static NAMED: [(&str, char); 190] = [
    ("AElig", 'Æ'), ("Aacute", 'Á'), ("Acirc", 'Â'), ("Agrave", 'À'), ("Aring", 'Å'), ("Atilde", 'Ã'), ("Auml", 'Ä'),
    ("Ccaron", 'Č'), ("Ccedil", 'Ç'), ("ETH", 'Ð'), ("Eacute", 'É'), ("Ecirc", 'Ê'), ("Egrave", 'È'), ("Euml", 'Ë'),
    ("Iacute", 'Í'), ("Icirc", 'Î'), ("Igrave", 'Ì'), ("Iuml", 'Ï'), ("Lstrok", 'Ł'), ("NewLine", '\u{a}'),
    ("Ntilde", 'Ñ'), ("OElig", 'Œ'), ("Oacute", 'Ó'), ("Ocirc", 'Ô'), ("Ograve", 'Ò'), ("Oslash", 'Ø'),
    ("Otilde", 'Õ'), ("Ouml", 'Ö'), ("Sacute", 'Ś'), ("Scaron", 'Š'), ("THORN", 'Þ'), ("Tab", '\u{9}'),
    ("Uacute", 'Ú'), ("Ucirc", 'Û'), ("Ugrave", 'Ù'), ("Uuml", 'Ü'), ("Yacute", 'Ý'), ("Yuml", 'Ÿ'), ("Zacute", 'Ź'),
    ("Zcaron", 'Ž'), ("Zdot", 'Ż'), ("aacute", 'á'), ("abreve", 'ă'), ("acirc", 'â'), ("acute", '´'), ("aelig", 'æ'),
    ("agrave", 'à'), ("amacr", 'ā'), ("amp", '&'), ("aogon", 'ą'), ("apos", '\''), ("aring", 'å'), ("ast", '*'),
    ("atilde", 'ã'), ("auml", 'ä'), ("brvbar", '¦'), ("bsol", '\\'), ("cacute", 'ć'), ("ccaron", 'č'),
    ("ccedil", 'ç'), ("cdot", 'ċ'), ("cedil", '¸'), ("cent", '¢'), ("colon", ':'), ("comma", ','), ("commat", '@'),
    ("copy", '©'), ("curren", '¤'), ("dash", '\u{2010}'), ("dcaron", 'ď'), ("deg", '°'), ("divide", '÷'),
    ("dollar", '$'), ("dstrok", 'đ'), ("eacute", 'é'), ("ecaron", 'ě'), ("ecirc", 'ê'), ("edot", 'ė'),
    ("egrave", 'è'), ("emacr", 'ē'), ("emsp", '\u{2003}'), ("ensp", '\u{2002}'), ("eogon", 'ę'), ("equals", '='),
    ("eth", 'ð'), ("euml", 'ë'), ("excl", '!'), ("frac12", '½'), ("frac14", '¼'), ("frac34", '¾'), ("gbreve", 'ğ'),
    ("grave", '`'), ("gt", '>'), ("hstrok", 'ħ'), ("hyphen", '\u{2010}'), ("iacute", 'í'), ("icirc", 'î'),
    ("iexcl", '¡'), ("igrave", 'ì'), ("imacr", 'ī'), ("inodot", 'ı'), ("iogon", 'į'), ("iquest", '¿'), ("iuml", 'ï'),
    ("kcedil", 'ķ'), ("lacute", 'ĺ'), ("laquo", '«'), ("lbrack", '['), ("lcaron", 'ľ'), ("lcedil", 'ļ'),
    ("lcub", '{'), ("lmidot", 'ŀ'), ("lowbar", '_'), ("lpar", '('), ("lstrok", 'ł'), ("lt", '<'), ("macr", '¯'),
    ("mdash", '\u{2014}'), ("micro", 'µ'), ("middot", '·'), ("minus", '\u{2212}'), ("nacute", 'ń'),
    ("nbsp", '\u{a0}'), ("ncaron", 'ň'), ("ncedil", 'ņ'), ("ndash", '\u{2013}'), ("not", '¬'), ("ntilde", 'ñ'),
    ("num", '#'), ("oacute", 'ó'), ("ocirc", 'ô'), ("odblac", 'ő'), ("oelig", 'œ'), ("ograve", 'ò'), ("omacr", 'ō'),
    ("ordf", 'ª'), ("ordm", 'º'), ("oslash", 'ø'), ("otilde", 'õ'), ("ouml", 'ö'), ("para", '¶'), ("percnt", '%'),
    ("period", '.'), ("plus", '+'), ("plusmn", '±'), ("pound", '£'), ("quest", '?'), ("quot", '"'), ("racute", 'ŕ'),
    ("raquo", '»'), ("rbrack", ']'), ("rcaron", 'ř'), ("rcub", '}'), ("reg", '®'), ("rpar", ')'), ("sacute", 'ś'),
    ("scaron", 'š'), ("scedil", 'ş'), ("sect", '§'), ("semi", ';'), ("shy", '\u{ad}'), ("sol", '/'), ("sup1", '¹'),
    ("sup2", '²'), ("sup3", '³'), ("szlig", 'ß'), ("tcaron", 'ť'), ("tcedil", 'ţ'), ("thinsp", '\u{2009}'),
    ("thorn", 'þ'), ("times", '×'), ("tstrok", 'ŧ'), ("uacute", 'ú'), ("ucirc", 'û'), ("udblac", 'ű'),
    ("ugrave", 'ù'), ("umacr", 'ū'), ("uml", '¨'), ("uogon", 'ų'), ("uring", 'ů'), ("uuml", 'ü'), ("verbar", '|'),
    ("yacute", 'ý'), ("yen", '¥'), ("yuml", 'ÿ'), ("zacute", 'ź'), ("zcaron", 'ž'), ("zdot", 'ż'),
    ("zwj", '\u{200d}'), ("zwnj", '\u{200c}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_within_the_longest_name() {
        assert!(NAMED.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(NAMED.iter().map(|(name, _)| name.len()).max(), Some(LONGEST));
    }

    #[test]
    fn references_are_read() {
        for (text, expected) in [
            ("&#64;", Some(('@', 5))),
            ("&#64x", Some(('@', 4))),
            ("&#x40;", Some(('@', 6))),
            ("&#0064;", Some(('@', 7))),
            ("&amp;", Some(('&', 5))),
            ("&eacute;", Some(('é', 8))),
            ("&eacute", None),
            ("&unknown;", None),
            ("&", None),
            ("&#", None),
            ("&#0;", None),
            ("&#xD800;", None),
        ] {
            assert_eq!(reference(text.as_bytes()), expected, "{text}");
        }
    }
}
