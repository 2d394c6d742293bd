//! A reader of Ruby's Marshal format 4.8 as inert data (ruby/ruby `doc/marshal.rdoc`).
//!
//! Promise: no class is looked up. Objects and structs become maps of their variables, what only their class could
//! read (`_dump`, `marshal_dump`) becomes [`Value::Opaque`]. Rack 2.2 puts a `Rack::Session::SessionId` object beside
//! the user id of every session, so objects must be read and cannot be refused.
//!
//! Links to earlier objects are followed; an object that contains itself is opaque there. Failure: `None`.

use super::DEPTH;
use super::cursor::{Budget, Cursor, float, signed_number, text_or_bytes, whole_number};
use crate::person::Value;

/// Reads one marshalled value.
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    let mut cursor = Cursor(bytes);
    cursor.expect(&[4, 8])?;
    let mut reader = Reader { cursor, symbols: Vec::new(), objects: Vec::new(), budget: Budget::default() };
    reader.value(0)
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    symbols: Vec<String>,
    /// Everything that a link can mean, in the order of its first byte; `None` while it is being read.
    objects: Vec<Option<Value>>,
    budget: Budget,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEPTH {
            return None;
        }
        self.budget.node()?;
        let deeper = depth + 1;
        match self.cursor.byte()? {
            b'0' => Some(Value::Null),
            b'T' => Some(Value::Bool(true)),
            b'F' => Some(Value::Bool(false)),
            b'i' => self.long().map(|number| Value::Number(number.to_string())),
            b':' => self.new_symbol().map(Value::Keyword),
            b';' => self.old_symbol().map(Value::Keyword),
            b'@' => self.link(),
            b'I' => self.with_variables(deeper),
            b'"' => self.bytes().map(text_or_bytes).map(|text| self.entry(text)),
            b'f' => self.bytes().map(number).map(|number| self.entry(number)),
            b'l' => self.bignum(),
            b'[' => {
                let place = self.reserve();
                let items = self.items(deeper)?;
                Some(self.fill(place, Value::List(items)))
            }
            b'{' => self.hash(deeper, false),
            b'}' => self.hash(deeper, true),
            // An instance of a subclass of a core class, or one with a module of its own: the value counts.
            b'C' | b'e' => self.symbol().and_then(|_| self.value(deeper)),
            b'o' | b'S' => {
                let place = self.reserve();
                self.symbol()?;
                let variables = self.variables(deeper)?;
                Some(self.fill(place, Value::Map(variables)))
            }
            b'u' => self.dumped().map(|value| self.entry(value)),
            b'U' => {
                let place = self.reserve();
                self.symbol()?;
                self.value(deeper)?;
                Some(self.fill(place, Value::Opaque))
            }
            b'/' => {
                self.bytes()?;
                self.cursor.byte()?;
                Some(self.entry(Value::Opaque))
            }
            b'c' | b'm' | b'M' => self.bytes().map(|_| Value::Opaque).map(|name| self.entry(name)),
            _ => None,
        }
    }

    /// A value with instance variables: the encoding of a string, the zone of a time.
    fn with_variables(&mut self, depth: usize) -> Option<Value> {
        if self.cursor.0.first() == Some(&b'u') {
            // A dumped object takes its number after its variables are read (`r_object0` in marshal.c).
            self.cursor.byte()?;
            let value = self.dumped()?;
            self.variables(depth)?;
            return Some(self.entry(value));
        }
        let value = self.value(depth)?;
        self.variables(depth)?;
        Some(value)
    }

    fn dumped(&mut self) -> Option<Value> {
        self.symbol()?;
        self.bytes()?;
        Some(Value::Opaque)
    }

    fn items(&mut self, depth: usize) -> Option<Vec<Value>> {
        let count = self.count()?;
        let mut items = self.cursor.room(count)?;
        for _ in 0..count {
            items.push(self.value(depth)?);
        }
        Some(items)
    }

    fn hash(&mut self, depth: usize, with_default: bool) -> Option<Value> {
        let place = self.reserve();
        let count = self.count()?;
        let mut members = self.cursor.room(count)?;
        for _ in 0..count {
            let key = self.value(depth)?;
            members.push((key, self.value(depth)?));
        }
        if with_default {
            self.value(depth)?;
        }
        Some(self.fill(place, Value::Map(members)))
    }

    fn variables(&mut self, depth: usize) -> Option<Vec<(Value, Value)>> {
        let count = self.count()?;
        let mut variables = self.cursor.room(count)?;
        for _ in 0..count {
            let name = self.symbol()?;
            variables.push((Value::Text(name), self.value(depth)?));
        }
        Some(variables)
    }

    fn bignum(&mut self) -> Option<Value> {
        let negative = match self.cursor.byte()? {
            b'+' => false,
            b'-' => true,
            _ => return None,
        };
        let shorts = self.count()?;
        let magnitude = self.cursor.take(shorts.checked_mul(2)?)?;
        let number = whole_number(negative, magnitude)?;
        Some(self.entry(number))
    }

    // ------------------------------------------------------------ links

    fn entry(&mut self, value: Value) -> Value {
        self.objects.push(Some(value.clone()));
        value
    }

    fn reserve(&mut self) -> usize {
        self.objects.push(None);
        self.objects.len() - 1
    }

    fn fill(&mut self, place: usize, value: Value) -> Value {
        if let Some(slot) = self.objects.get_mut(place) {
            *slot = Some(value.clone());
        }
        value
    }

    fn link(&mut self) -> Option<Value> {
        let place = self.count()?;
        match self.objects.get(place)? {
            Some(value) => self.budget.copy(value),
            None => Some(Value::Opaque),
        }
    }

    // ------------------------------------------------------------ atoms

    fn symbol(&mut self) -> Option<String> {
        match self.cursor.byte()? {
            b':' => self.new_symbol(),
            b';' => self.old_symbol(),
            // A symbol with an encoding.
            b'I' => {
                self.cursor.expect(b":")?;
                let symbol = self.new_symbol()?;
                self.variables(DEPTH)?;
                Some(symbol)
            }
            _ => None,
        }
    }

    fn new_symbol(&mut self) -> Option<String> {
        let symbol = std::str::from_utf8(self.bytes()?).ok()?.to_owned();
        self.symbols.push(symbol.clone());
        Some(symbol)
    }

    fn old_symbol(&mut self) -> Option<String> {
        let place = self.count()?;
        self.symbols.get(place).cloned()
    }

    fn bytes(&mut self) -> Option<&[u8]> {
        let length = self.count()?;
        self.cursor.take(length)
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.long()?).ok()
    }

    /// A number of at most four bytes in Ruby's own packing.
    fn long(&mut self) -> Option<i64> {
        let first = i64::from(i8::from_le_bytes(self.cursor.array()?));
        match first {
            0 => Some(0),
            5.. => Some(first - 5),
            ..=-5 => Some(first + 5),
            _ => {
                let mut bytes = if first < 0 { [0xff; 8] } else { [0; 8] };
                let taken = self.cursor.take(usize::try_from(first.abs()).ok()?)?;
                for (slot, byte) in bytes.iter_mut().zip(taken) {
                    *slot = *byte;
                }
                match signed_number(&bytes)? {
                    Value::Number(number) => number.parse().ok(),
                    _ => None,
                }
            }
        }
    }
}

/// A float as Ruby prints it: `1.5`, `inf`, `nan`.
fn number(text: &[u8]) -> Value {
    let text = std::str::from_utf8(text).ok().and_then(|text| text.split('\0').next());
    text.and_then(|text| text.parse::<f64>().ok()).map_or(Value::Opaque, float)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::person::Value;

    fn at(bytes: &[u8], path: &[&str]) -> Option<String> {
        let path: Vec<String> = path.iter().map(|step| (*step).to_owned()).collect();
        read(bytes)?.at(&path)?.scalar().map(str::to_owned)
    }

    #[test]
    fn numbers_are_read_in_ruby_s_packing() {
        // Marshal.dump of 0, 1, -1, 122, 123, -123, -124, 256, -256, -257, 2**30
        for (bytes, number) in [
            (&b"\x04\x08i\x00"[..], "0"),
            (b"\x04\x08i\x06", "1"),
            (b"\x04\x08i\xfa", "-1"),
            (b"\x04\x08i\x7f", "122"),
            (b"\x04\x08i\x01\x7b", "123"),
            (b"\x04\x08i\x80", "-123"),
            (b"\x04\x08i\xff\x84", "-124"),
            (b"\x04\x08i\x02\x00\x01", "256"),
            (b"\x04\x08i\xff\x00", "-256"),
            (b"\x04\x08i\xfe\xff\xfe", "-257"),
            (b"\x04\x08l+\x07\x00\x00\x00\x40", "1073741824"),
        ] {
            assert_eq!(at(bytes, &[]).as_deref(), Some(number));
        }
    }

    #[test]
    fn an_object_beside_the_id_is_inert() {
        // {"session_id" => #<Rack::Session::SessionId @public_id="ab">, "user_id" => 7, again: the same string}
        let bytes = b"\x04\x08{\x08I\"\x0fsession_id\x06:\x06ETo:\x1dRack::Session::SessionId\x06:\x0f@public_idI\"\x07ab\x06;\x00TI\"\x0cuser_id\x06;\x00Ti\x0cI\"\x0aagain\x06;\x00T@\x08";
        assert_eq!(at(bytes, &["user_id"]).as_deref(), Some("7"));
        assert_eq!(at(bytes, &["session_id", "@public_id"]).as_deref(), Some("ab"));
        assert_eq!(at(bytes, &["again"]).as_deref(), Some("ab"));
    }

    #[test]
    fn what_only_a_class_could_read_is_opaque() {
        assert!(matches!(read(b"\x04\x08u:\x08Foo\x08abc"), Some(Value::Opaque)));
        assert!(matches!(read(b"\x04\x08U:\x08Foo[\x06i\x06"), Some(Value::Opaque)));
        assert!(matches!(read(b"\x04\x08c\x0bString"), Some(Value::Opaque)));
    }

    #[test]
    fn a_list_that_contains_itself_ends() {
        assert!(
            matches!(read(b"\x04\x08[\x06@\x00"), Some(Value::List(items)) if matches!(items[..], [Value::Opaque]))
        );
    }

    #[test]
    fn doubling_links_run_out_of_budget() {
        // [[], [@1,@1], [@2,@2], ...]: each doubles the one before.
        let mut bytes = b"\x04\x08[\x2d[\x00".to_vec();
        for place in 1..40_u8 {
            bytes.extend([b'[', 7, b'@', place + 5, b'@', place + 5]);
        }
        assert!(read(&bytes).is_none());
    }

    #[test]
    fn cut_deep_or_foreign_input_is_refused() {
        let whole = b"\x04\x08{\x06I\"\x07ab\x06:\x06ETi\x01\x7b";
        assert!(read(whole).is_some());
        assert!((0..whole.len()).all(|length| read(&whole[..length]).is_none()));
        assert!(read(&[b"\x04\x08".as_slice(), &b"[\x06".repeat(1000)].concat()).is_none());
        assert!(read(b"\x04\x07i\x00").is_none());
        assert!(read(b"\x04\x08[\x04\xff\xff\xff\x7f").is_none());
        assert!(read(b"\x04\x08i\x04\x00").is_none());
    }
}
