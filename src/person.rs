//! Who the visitor is, in the application's own words.
//!
//! [`Value`] is the decoded session, whatever format it came in; [`Person`] is what the session
//! stage hands on. Nothing in here prints itself: an [`AppUserId`] and the claims are secrets of
//! the process, and neither type implements `Debug` or `Display` with its contents.

use zeroize::Zeroizing;

/// One node of a decoded session, independent of the format (JSON, EDN, ETF, ...).
///
/// Numbers keep their source text, so an id above 2^53 stays exact.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// `null`, `nil`, `None`.
    Null,
    /// A boolean. Never an id.
    Bool(bool),
    /// A number in its source spelling.
    Number(String),
    /// Text.
    Text(String),
    /// An EDN keyword or an Erlang atom, without its colon.
    Keyword(String),
    /// Raw bytes.
    Bytes(Vec<u8>),
    /// A list, vector, tuple or set.
    List(Vec<Value>),
    /// A map, in source order; keys may be of any kind.
    Map(Vec<(Value, Value)>),
    /// Something that was skipped on purpose (an unknown tag, an object that is not looked up).
    Opaque,
}

impl Value {
    /// Follows a path of steps. A step `x` matches the key `x` or the keyword `:x`; in a list it is an index.
    /// The empty path is the value itself.
    #[must_use]
    pub fn at(&self, path: &[String]) -> Option<&Self> {
        path.iter().try_fold(self, |node, step| node.child(step))
    }

    /// The member `step` of a map, or the element with that index of a list.
    #[must_use]
    pub fn child(&self, step: &str) -> Option<&Self> {
        match self {
            Self::Map(members) => members.iter().find(|(key, _)| key.is_named(step)).map(|(_, value)| value),
            Self::List(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        }
    }

    fn is_named(&self, step: &str) -> bool {
        match self {
            Self::Text(text) => text == step,
            Self::Keyword(word) => word == step || step.strip_prefix(':') == Some(word),
            Self::Number(number) => number == step,
            Self::Bytes(bytes) => bytes == step.as_bytes(),
            _ => false,
        }
    }

    /// The scalar as text: text and keywords as they are, numbers in decimal, bytes as UTF-8.
    /// Booleans, null, lists, maps and opaque values have none.
    #[must_use]
    pub fn scalar(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Keyword(text) | Self::Number(text) => Some(text),
            Self::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(flag) => Self::Bool(flag),
            serde_json::Value::Number(number) => Self::Number(number.to_string()),
            serde_json::Value::String(text) => Self::Text(text),
            serde_json::Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            serde_json::Value::Object(members) => {
                Self::Map(members.into_iter().map(|(key, value)| (Self::Text(key), Self::from(value))).collect())
            }
        }
    }
}

/// The application's own identifier of a person: secret to us, never leaves the process.
///
/// Deliberately without `Debug`, `Display` and `Serialize`.
#[derive(Clone, PartialEq, Eq)]
pub struct AppUserId(Zeroizing<String>);

impl AppUserId {
    /// Makes the canonical id of a scalar: a whole number becomes its decimal text, a keyword loses its colon, a UUID
    /// is written in lower case. `42`, `"42"` and `42.0` are one person. Booleans, containers and blank text are not
    /// ids.
    #[must_use]
    pub fn canonical(value: &Value) -> Option<Self> {
        let text = value.scalar()?;
        if text.trim().is_empty() {
            return None;
        }
        let text = match value {
            Value::Number(number) => whole(number).to_owned(),
            _ if is_uuid(text) => text.to_ascii_lowercase(),
            _ => text.to_owned(),
        };
        Some(Self(Zeroizing::new(text)))
    }

    /// An id from text, as `bauta id` and the stores read it. Blank text is not an id.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::canonical(&Value::Text(text.to_owned()))
    }

    /// The id itself. Only identity, consent look-ups and self-redaction call this.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A number without a fraction of zeros.
fn whole(number: &str) -> &str {
    match number.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => number,
    }
}

/// True for the usual spelling of a UUID (RFC 9562 section 4), in either case.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// A random salt of a person's pseudonym: whoever deletes it makes the ids of the past nobody's.
///
/// Its `Debug` shows nothing of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt {
    bytes: [u8; 64],
    length: u8,
}

impl Salt {
    /// A salt of 128 bits from the operating system.
    ///
    /// # Errors
    /// When the system has no random numbers to give.
    pub fn random() -> Result<Self, getrandom::Error> {
        let (mut bytes, length) = ([0; 64], 16_u8);
        getrandom::fill(bytes.get_mut(..usize::from(length)).unwrap_or_default())?;
        Ok(Self { bytes, length })
    }

    /// Reads a database's cell: 16 to 64 bytes, or PostgreSQL's `\\x` and their hexadecimal digits.
    #[must_use]
    pub fn from_cell(cell: &[u8]) -> Option<Self> {
        let digits = cell.strip_prefix(b"\\x").and_then(|digits| std::str::from_utf8(digits).ok());
        // Random bytes may begin with these two as well.
        digits.and_then(Self::from_hex).or_else(|| Self::new(cell))
    }

    /// Reads 32 to 128 hexadecimal digits.
    #[must_use]
    pub fn from_hex(digits: &str) -> Option<Self> {
        let digits = digits.as_bytes();
        if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        Self::new(&digits.chunks(2).map(pair).collect::<Option<Vec<u8>>>()?)
    }

    /// The salt as hexadecimal digits: for an export that was asked for with its salts.
    #[must_use]
    pub fn hex(&self) -> String {
        self.expose().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Takes 16 to 64 bytes.
    #[must_use]
    pub fn new(salt: &[u8]) -> Option<Self> {
        let length = u8::try_from(salt.len()).ok().filter(|length| (16..=64).contains(length))?;
        let mut bytes = [0; 64];
        bytes.iter_mut().zip(salt).for_each(|(slot, byte)| *slot = *byte);
        Some(Self { bytes, length })
    }

    /// The salt itself. Only identity and the stores call this.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl std::fmt::Debug for Salt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salt(..)")
    }
}

/// A person with a valid session.
#[derive(Clone)]
pub struct Person {
    /// The account id.
    pub user: AppUserId,
    /// Everything the session says, for consent claims, traits and self-redaction.
    pub claims: Value,
    /// True when the claims travelled inside the cookie: a snapshot that another device does not refresh
    /// (product invariant 7).
    pub snapshot: bool,
}
