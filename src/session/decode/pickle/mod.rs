//! A reader of Python's pickle format, protocols 0 to 5, as inert data (python/cpython `Lib/pickletools.py`).
//!
//! Promise: no global is looked up and nothing is called. A global, and whatever would be made with one, becomes
//! [`Value::Opaque`], so that a datetime beside the user id does not hide it and a hostile pickle is a heap of opaque
//! things. Persistent ids, extension codes and out-of-band buffers are refused. Failure: `None`.

mod text;

use std::collections::HashMap;

use self::text::{decimal, quoted, raw_unicode};

use super::DEPTH;
use super::cursor::{Budget, Cursor, float, signed_number, text_or_bytes};
use crate::person::Value;

/// The most entries of the memo.
const MEMO: usize = 10_000;

/// Reads one pickled value.
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    let mut machine = Machine {
        cursor: Cursor(bytes),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
        budget: Budget::default(),
    };
    loop {
        if let Some(value) = machine.step()? {
            return Some(value);
        }
    }
}

/// A value on the stack, and how deep it is nested: the instructions nest without recursion, so nothing else would
/// bound what must later be walked and dropped recursively.
struct Item {
    value: Value,
    depth: usize,
}

struct Machine<'a> {
    cursor: Cursor<'a>,
    stack: Vec<Item>,
    marks: Vec<usize>,
    memo: HashMap<u64, Value>,
    budget: Budget,
}

impl<'a> Machine<'a> {
    /// Does one instruction; the value when it was the last one.
    fn step(&mut self) -> Option<Option<Value>> {
        self.budget.node()?;
        let code = self.cursor.byte()?;
        match code {
            b'.' => return self.stack.pop().map(|item| Some(item.value)),
            // PROTO, FRAME: what follows says nothing about the value.
            0x80 => drop(self.cursor.byte()?),
            0x95 => drop(self.cursor.take(8)?),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.stack.pop()?),
            b'1' => drop(self.marked()?),
            b'2' => {
                let top = self.stack.last()?;
                let copy = Item { value: self.budget.copy(&top.value)?, depth: top.depth };
                self.stack.push(copy);
            }
            _ => match self.scalar(code)? {
                Some(value) => self.stack.push(Item { value, depth: 1 }),
                None => self.compound(code)?,
            },
        }
        Some(None)
    }

    /// The instructions that push one scalar. `None` inside: it is another instruction.
    fn scalar(&mut self, code: u8) -> Option<Option<Value>> {
        let value = match code {
            b'N' => Value::Null,
            0x88 => Value::Bool(true),
            0x89 => Value::Bool(false),
            b'K' => Value::Number(self.cursor.byte()?.to_string()),
            b'M' => Value::Number(u16::from_le_bytes(self.cursor.array()?).to_string()),
            b'J' => Value::Number(i32::from_le_bytes(self.cursor.array()?).to_string()),
            0x8a => {
                let length = usize::from(self.cursor.byte()?);
                signed_number(self.cursor.take(length)?)?
            }
            0x8b => {
                let length = self.length32()?;
                signed_number(self.cursor.take(length)?)?
            }
            b'G' => float(f64::from_be_bytes(self.cursor.array()?)),
            b'I' => match self.line()? {
                "00" => Value::Bool(false),
                "01" => Value::Bool(true),
                text => decimal(text)?,
            },
            b'L' => decimal(self.line()?.trim_end_matches('L'))?,
            b'F' => float(self.line()?.parse().ok()?),
            // Unicode text: in one line, and with lengths of 1, 4 and 8 bytes.
            b'V' => Value::Text(raw_unicode(self.line()?)?),
            0x8c => {
                let length = usize::from(self.cursor.byte()?);
                self.text(length)?
            }
            b'X' => {
                let length = self.length32()?;
                self.text(length)?
            }
            0x8d => {
                let length = self.length64()?;
                self.text(length)?
            }
            // Bytes, and the 8-bit text of Python 2.
            b'C' => {
                let length = usize::from(self.cursor.byte()?);
                Value::Bytes(self.cursor.take(length)?.to_vec())
            }
            b'B' => {
                let length = self.length32()?;
                Value::Bytes(self.cursor.take(length)?.to_vec())
            }
            0x8e | 0x96 => {
                let length = self.length64()?;
                Value::Bytes(self.cursor.take(length)?.to_vec())
            }
            b'U' => {
                let length = usize::from(self.cursor.byte()?);
                text_or_bytes(self.cursor.take(length)?)
            }
            b'T' => {
                let length = self.length32()?;
                text_or_bytes(self.cursor.take(length)?)
            }
            b'S' => Value::Text(quoted(self.line()?)?),
            b'c' => {
                self.line()?;
                self.line()?;
                Value::Opaque
            }
            _ => return Some(None),
        };
        Some(Some(value))
    }

    /// The instructions that build containers, use the memo, or would call something.
    fn compound(&mut self, code: u8) -> Option<()> {
        let value = match code {
            b'}' => Value::Map(Vec::new()),
            b']' | b')' | 0x8f => Value::List(Vec::new()),
            b't' | b'l' | 0x91 | b'd' | 0x85..=0x87 => {
                let items = match code {
                    0x85..=0x87 => self.popped(usize::from(code - 0x84))?,
                    _ => self.marked()?,
                };
                let depth = around(&items)?;
                let values = values(items);
                let value = if code == b'd' { Value::Map(pairs(values)?) } else { Value::List(values) };
                self.stack.push(Item { value, depth });
                return Some(());
            }
            b'a' => {
                let items = self.popped(1)?;
                return self.extend(items);
            }
            b'e' | 0x90 => {
                let items = self.marked()?;
                return self.extend(items);
            }
            b's' => {
                let pair = self.popped(2)?;
                return self.set(pair);
            }
            b'u' => {
                let items = self.marked()?;
                return self.set(items);
            }
            b'p' => {
                let place = self.line()?.parse().ok()?;
                return self.remember(place);
            }
            b'q' => {
                let place = u64::from(self.cursor.byte()?);
                return self.remember(place);
            }
            b'r' => {
                let place = u64::from(u32::from_le_bytes(self.cursor.array()?));
                return self.remember(place);
            }
            0x94 => {
                let place = u64::try_from(self.memo.len()).ok()?;
                return self.remember(place);
            }
            b'g' => {
                let place = self.line()?.parse().ok()?;
                self.recall(place)?
            }
            b'h' => {
                let place = u64::from(self.cursor.byte()?);
                self.recall(place)?
            }
            b'j' => {
                let place = u64::from(u32::from_le_bytes(self.cursor.array()?));
                self.recall(place)?
            }
            _ => self.inert(code)?,
        };
        self.stack.push(Item { value, depth: 1 });
        Some(())
    }

    /// What would look up or call: takes its operands and leaves an opaque value.
    fn inert(&mut self, code: u8) -> Option<Value> {
        match code {
            // REDUCE, NEWOBJ, STACK_GLOBAL, BUILD: two operands; NEWOBJ_EX: three.
            b'R' | 0x81 | 0x93 | b'b' => drop(self.popped(2)?),
            0x92 => drop(self.popped(3)?),
            b'i' => {
                self.line()?;
                self.line()?;
                self.marked()?;
            }
            b'o' => drop(self.marked()?),
            _ => return None,
        }
        Some(Value::Opaque)
    }

    // ------------------------------------------------------------ the stack

    fn marked(&mut self) -> Option<Vec<Item>> {
        let mark = self.marks.pop()?;
        if mark > self.stack.len() { None } else { Some(self.stack.split_off(mark)) }
    }

    fn popped(&mut self, count: usize) -> Option<Vec<Item>> {
        let at = self.stack.len().checked_sub(count)?;
        Some(self.stack.split_off(at))
    }

    fn extend(&mut self, items: Vec<Item>) -> Option<()> {
        let depth = around(&items)?;
        let top = self.stack.last_mut()?;
        match &mut top.value {
            Value::List(list) => list.extend(values(items)),
            // A subclass of list or set that was made opaque stays so.
            Value::Opaque => return Some(()),
            _ => return None,
        }
        top.depth = top.depth.max(depth);
        Some(())
    }

    fn set(&mut self, items: Vec<Item>) -> Option<()> {
        let depth = around(&items)?;
        let top = self.stack.last_mut()?;
        match &mut top.value {
            Value::Map(members) => members.extend(pairs(values(items))?),
            Value::Opaque => return Some(()),
            _ => return None,
        }
        top.depth = top.depth.max(depth);
        Some(())
    }

    /// Remembers the top. Python remembers containers before it fills them, and what is recalled later is the filled
    /// one; here a container that occurs twice is opaque the second time.
    fn remember(&mut self, place: u64) -> Option<()> {
        if self.memo.len() >= MEMO {
            return None;
        }
        let copy = match &self.stack.last()?.value {
            // What it holds by the time it is recalled is not known.
            Value::Map(_) | Value::List(_) => Value::Opaque,
            value => self.budget.copy(value)?,
        };
        self.memo.insert(place, copy);
        Some(())
    }

    fn recall(&mut self, place: u64) -> Option<Value> {
        let value = self.memo.get(&place)?;
        self.budget.copy(value)
    }

    // ------------------------------------------------------------ operands

    fn line(&mut self) -> Option<&'a str> {
        let line = std::str::from_utf8(self.cursor.until(b'\n')?).ok()?;
        Some(line.strip_suffix('\r').unwrap_or(line))
    }

    fn length32(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.cursor.array()?)).ok()
    }

    fn length64(&mut self) -> Option<usize> {
        usize::try_from(u64::from_le_bytes(self.cursor.array()?)).ok()
    }

    fn text(&mut self, length: usize) -> Option<Value> {
        Some(text_or_bytes(self.cursor.take(length)?))
    }
}

fn pairs(items: Vec<Value>) -> Option<Vec<(Value, Value)>> {
    let mut members = Vec::with_capacity(items.len() / 2);
    let mut items = items.into_iter();
    while let Some(key) = items.next() {
        members.push((key, items.next()?));
    }
    Some(members)
}

/// The depth of a container with these elements.
fn around(items: &[Item]) -> Option<usize> {
    let depth = items.iter().map(|item| item.depth).max().unwrap_or(0) + 1;
    if depth > DEPTH { None } else { Some(depth) }
}

fn values(items: Vec<Item>) -> Vec<Value> {
    items.into_iter().map(|item| item.value).collect()
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
    fn plain_data_of_several_protocols_is_read() {
        // pickle.dumps({'a': 1, 'b': [True, None]}, 0) and protocol 5 of {'id': '42', 'n': 2**70}
        let old = b"(dp0\nVa\np1\nI1\nsVb\np2\n(lp3\nI01\naNas.";
        assert_eq!(at(old, &["a"]).unwrap(), "1");
        assert!(matches!(read(old).unwrap().at(&["b".into(), "0".into()]), Some(Value::Bool(true))));
        let new = b"\x80\x05\x95\x1f\0\0\0\0\0\0\0}\x94(\x8c\x02id\x94\x8c\x0242\x94\x8c\x01n\x94\x8a\x09\0\0\0\0\0\0\0\0\x40u.";
        assert_eq!(at(new, &["id"]).unwrap(), "42");
        assert_eq!(at(new, &["n"]).unwrap(), (1_u128 << 70).to_string());
    }

    #[test]
    fn nothing_is_called() {
        let evil = b"cos\nsystem\n(S'id'\ntR.";
        assert!(matches!(read(evil), Some(Value::Opaque)));
        // {'when': datetime(...), 'id': 7}
        let beside = b"\x80\x04}\x94(\x8c\x04when\x94\x8c\x08datetime\x94\x8c\x08datetime\x94\x93\x94C\x01x\x94\x85\x94R\x94\x8c\x02id\x94K\x07u.";
        assert_eq!(at(beside, &["id"]).unwrap(), "7");
        assert!(matches!(read(beside).unwrap().child("when"), Some(Value::Opaque)));
    }

    #[test]
    fn underflow_persistent_ids_and_cuts_are_refused() {
        for bytes in [
            &b""[..],
            b".",
            b"a.",
            b"s.",
            b"R.",
            b"t.",
            b"Px\n.",
            b"\x82\x01.",
            b"\x97.",
            b"K",
            b"h\x09.",
            b"(1.",
            b"e.",
        ] {
            assert!(read(bytes).is_none(), "{}", bytes.escape_ascii());
        }
        assert!(read(&[&b"("[..], &b"]".repeat(500), b"."].concat()).is_some());
        let deep = [b"]".repeat(500), b"a".repeat(499), b".".to_vec()].concat();
        assert!(read(&deep).is_none());
    }

    #[test]
    fn doubling_runs_out_of_budget() {
        let doubled = b"(22t".repeat(60);
        assert!(read(&[&b"K\x01"[..], &doubled, b"."].concat()).is_none());
        let grown = [&b"K\x01"[..], &b"2\x86".repeat(60), b"."].concat();
        assert!(read(&grown).is_none());
    }

    #[test]
    fn escapes_of_old_text_are_decoded() {
        assert_eq!(at(b"V\\u00e9\\x\n.", &[]).unwrap(), "é\\x");
        assert_eq!(at(b"S'a\\'\\x41\\n'\n.", &[]).unwrap(), "a'A\n");
    }
}
