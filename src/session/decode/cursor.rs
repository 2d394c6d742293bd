//! Reading binary formats from front to back, within bounds.

use crate::person::Value;

/// The most nodes of one decoded value, copies of shared parts included.
const NODES: usize = 100_000;

/// What is left to read.
#[derive(Clone)]
pub(crate) struct Cursor<'a>(pub(crate) &'a [u8]);

impl<'a> Cursor<'a> {
    /// The next so many bytes.
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next bytes, as many as the array holds.
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    /// The next byte.
    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// The bytes up to a delimiter, which is skipped.
    pub(crate) fn until(&mut self, delimiter: u8) -> Option<&'a [u8]> {
        let at = memchr::memchr(delimiter, self.0)?;
        let taken = self.take(at)?;
        self.byte()?;
        Some(taken)
    }

    /// Skips exactly these bytes.
    pub(crate) fn expect(&mut self, expected: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    /// A big-endian length of two bytes.
    pub(crate) fn length16(&mut self) -> Option<usize> {
        self.array().map(|bytes| usize::from(u16::from_be_bytes(bytes)))
    }

    /// A big-endian length of four bytes.
    pub(crate) fn length32(&mut self) -> Option<usize> {
        usize::try_from(u32::from_be_bytes(self.array()?)).ok()
    }

    /// A room for so many elements of at least one byte each: never more than could still follow.
    pub(crate) fn room<T>(&self, count: usize) -> Option<Vec<T>> {
        if count > self.0.len() { None } else { Some(Vec::with_capacity(count.min(1024))) }
    }
}

/// Text when it is UTF-8, bytes otherwise.
pub(crate) fn text_or_bytes(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => Value::Text(text.to_owned()),
        Err(_) => Value::Bytes(bytes.to_vec()),
    }
}

/// A whole number of any size from little-endian bytes of its magnitude; `None` beyond 256 bytes.
pub(crate) fn whole_number(negative: bool, magnitude: &[u8]) -> Option<Value> {
    if magnitude.len() > 256 {
        return None;
    }
    // Base 10^9, least digit first.
    let mut digits: Vec<u64> = vec![0];
    for byte in magnitude.iter().rev() {
        let mut carry = u64::from(*byte);
        for digit in &mut digits {
            let next = *digit * 256 + carry;
            *digit = next % 1_000_000_000;
            carry = next / 1_000_000_000;
        }
        if carry > 0 {
            digits.push(carry);
        }
    }
    let (last, rest) = digits.split_last()?;
    let text = rest.iter().rev().fold(last.to_string(), |text, digit| format!("{text}{digit:09}"));
    let sign = if negative && text != "0" { "-" } else { "" };
    Some(Value::Number(format!("{sign}{text}")))
}

/// A two's-complement whole number from little-endian bytes.
pub(crate) fn signed_number(bytes: &[u8]) -> Option<Value> {
    if bytes.last().is_none_or(|last| *last < 0x80) {
        return whole_number(false, bytes);
    }
    let mut carry = true;
    let magnitude: Vec<u8> = bytes
        .iter()
        .map(|byte| {
            let (flipped, over) = (!byte).overflowing_add(u8::from(carry));
            carry = over;
            flipped
        })
        .collect();
    whole_number(true, &magnitude)
}

/// A floating-point number in its shortest spelling; what is no number has none.
pub(crate) fn float(number: f64) -> Value {
    if number.is_finite() { Value::Number(number.to_string()) } else { Value::Opaque }
}

/// How many nodes may still be made. Formats that can refer back to earlier parts would otherwise grow a small
/// input into a large value.
pub(crate) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(NODES)
    }
}

impl Budget {
    /// Pays for one node.
    pub(crate) fn node(&mut self) -> Option<()> {
        self.0 = self.0.checked_sub(1)?;
        Some(())
    }

    /// Pays for a copy of a value, and makes it.
    pub(crate) fn copy(&mut self, value: &Value) -> Option<Value> {
        self.pay(value)?;
        Some(value.clone())
    }

    fn pay(&mut self, value: &Value) -> Option<()> {
        self.node()?;
        match value {
            Value::List(items) => items.iter().try_for_each(|item| self.pay(item)),
            Value::Map(members) => members.iter().try_for_each(|(key, value)| self.pay(key).and(self.pay(value))),
            _ => Some(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Cursor, signed_number, whole_number};
    use crate::person::Value;

    fn number(value: Option<Value>) -> String {
        match value {
            Some(Value::Number(text)) => text,
            _ => panic!("a number"),
        }
    }

    #[test]
    fn numbers_of_any_size_are_exact() {
        assert_eq!(number(whole_number(false, &[])), "0");
        assert_eq!(number(whole_number(true, &[0])), "0");
        assert_eq!(number(whole_number(false, &[0xff; 8])), u64::MAX.to_string());
        assert_eq!(number(whole_number(true, &[0xff; 16])), format!("-{}", u128::MAX));
        assert_eq!(number(whole_number(false, &[0, 0, 0, 0, 0, 0, 0, 0, 1])), "18446744073709551616");
        assert!(whole_number(false, &[1; 257]).is_none());
        for value in [0_i64, 1, -1, 127, -128, 255, -256, i64::MAX, i64::MIN] {
            assert_eq!(number(signed_number(&value.to_le_bytes())), value.to_string());
        }
        assert_eq!(number(signed_number(&[])), "0");
    }

    #[test]
    fn nothing_is_read_past_the_end() {
        let mut cursor = Cursor(b"ab");
        assert_eq!(cursor.take(3), None);
        assert_eq!(cursor.array::<3>(), None);
        assert_eq!(cursor.until(b'x'), None);
        assert_eq!(cursor.take(2), Some(&b"ab"[..]));
        assert_eq!(cursor.byte(), None);
        assert!(cursor.room::<u8>(1).is_none());
    }

    #[test]
    fn copies_cost_what_they_weigh() {
        let mut budget = Budget(10);
        let list = Value::List(vec![Value::Null; 5]);
        assert!(budget.copy(&list).is_some());
        assert!(budget.copy(&list).is_none());
    }
}
