//! A scanned text and the way around in it.
//!
//! [`Document`] owns the text and its tape; a [`Node`] is a place on the tape. Keys are compared after unescaping, as
//! every vendor does (`distinct\u005fid` is `distinct_id`), and every occurrence of a duplicate key is
//! visible: which one counts differs between vendors, so nobody here may rely on the order.
//!
//! Text that stands escaped in the body is read through [`Unescaped`], which remembers where each byte came from: what
//! a detector finds in the unescaped text is cut out of the escaped one without splitting an escape.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use bytes::Bytes;

use super::scan::{self, Limits, Malformed, Shape, Span, Tape, Token};
pub use super::text::Unescaped;
use super::text::{OffsetMap, unescape};

/// A text that was scanned, with its tape. `Debug` shows sizes only.
pub struct Document {
    text: String,
    tape: Tape,
    home: Option<u32>,
}

impl Document {
    /// Reads a body.
    ///
    /// # Errors
    /// [`Malformed`]: not UTF-8, not JSON, or beyond the limits.
    pub fn read(body: Bytes, limits: &Limits) -> Result<Self, Malformed> {
        if body.len() > limits.bytes {
            return Err(Malformed::TooLarge);
        }
        // Without another handle on the buffer this moves it, otherwise it copies.
        Self::read_text(String::from_utf8(Vec::from(body)).map_err(|_| Malformed::Utf8)?, limits)
    }

    /// Reads a body that is already text.
    ///
    /// # Errors
    /// As [`Document::read`], except for UTF-8.
    pub fn read_text(text: String, limits: &Limits) -> Result<Self, Malformed> {
        let mut document = Self { text, tape: SPARE.try_with(Cell::take).unwrap_or_default(), home: None };
        scan::scan_into(&document.text, limits, &mut document.tape)?;
        Ok(document)
    }

    /// The text as it was received.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The memory that it takes, in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.text.len().saturating_add(self.tape.tokens.len().saturating_mul(size_of::<Token>()))
    }

    /// The text by itself; the tape is given up.
    #[must_use]
    pub fn into_text(mut self) -> String {
        std::mem::take(&mut self.text)
    }

    /// The tape.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.tape.tokens
    }

    /// Where lone surrogate escapes stand: six bytes each.
    #[must_use]
    pub fn lone_surrogates(&self) -> &[Span] {
        &self.tape.lone
    }

    /// The outermost value.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        self.node(0)
    }

    /// The node of this token. An index beyond the tape is an empty `null`.
    #[must_use]
    pub fn node(&self, index: u32) -> Node<'_> {
        let token = self.tape.tokens.get(index as usize).unwrap_or(&NOTHING);
        Node { document: self, index, token }
    }

    /// For a document inside a string of another one ([`Node::nested`]): the token of that string.
    pub(crate) const fn home(&self) -> Option<u32> {
        self.home
    }

    fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }
}

thread_local! {
    /// The memory of the last tape this thread dropped: a worker reads one body after the other.
    static SPARE: Cell<Tape> = const { Cell::new(Tape { tokens: Vec::new(), lone: Vec::new() }) };
}

/// The largest tape kept, in tokens: 64 KiB.
const SPARE_TOKENS: usize = 4096;

impl Drop for Document {
    fn drop(&mut self) {
        if self.tape.tokens.capacity() <= SPARE_TOKENS && self.tape.lone.capacity() <= SPARE_TOKENS {
            // At the end of the thread there is nowhere to keep it.
            let _ = SPARE.try_with(|spare| spare.set(std::mem::take(&mut self.tape)));
        }
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("bytes", &self.text.len()).field("tokens", &self.tape.tokens.len()).finish()
    }
}

static NOTHING: Token =
    Token { shape: Shape::Null, escaped: false, depth: 0, span: Span { start: 0, end: 0 }, next: u32::MAX };

// ---------------------------------------------------------------------------------------------------------------------

/// A place in a document: a key or a value. `Debug` shows the shape only.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    document: &'a Document,
    /// By reference: copying tokens about costs more than looking at them where they are.
    token: &'a Token,
    index: u32,
}

impl<'a> Node<'a> {
    /// The document it belongs to.
    #[must_use]
    pub const fn document(&self) -> &'a Document {
        self.document
    }

    /// Its index on the tape.
    #[must_use]
    pub const fn index(&self) -> u32 {
        self.index
    }

    /// Its token.
    #[must_use]
    pub const fn token(&self) -> &'a Token {
        self.token
    }

    /// What it is.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.token.shape
    }

    /// Where it stands; strings and keys without their quotes.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.token.span
    }

    /// Where it stands, strings and keys with their quotes.
    #[must_use]
    pub const fn whole(&self) -> Span {
        let span = self.token.span;
        match self.token.shape {
            Shape::Key | Shape::Text => Span { start: span.start.saturating_sub(1), end: span.end.saturating_add(1) },
            _ => span,
        }
    }

    /// Its bytes as received; strings and keys without their quotes, escapes as they stand.
    #[must_use]
    pub fn raw(&self) -> &'a str {
        self.document.slice(self.token.span)
    }

    /// The text of a string or key, unescaped (a lone surrogate reads as U+FFFD); nothing for other shapes.
    #[must_use]
    #[inline]
    pub fn text(&self) -> Option<Cow<'a, str>> {
        self.is_string().then(|| if self.token.escaped { self.rewritten() } else { Cow::Borrowed(self.raw()) })
    }

    /// Apart from [`Node::text`], so that the common case stays small enough to be inlined.
    #[cold]
    fn rewritten(&self) -> Cow<'a, str> {
        Cow::Owned(unescape(self.raw(), &mut |_, _| {}))
    }

    /// The text of a string or key with the map back to its bytes; nothing for other shapes.
    #[must_use]
    pub fn unescaped(&self) -> Option<Unescaped<'a>> {
        self.is_string().then(|| Unescaped::of(self.raw(), self.token))
    }

    /// True when this is a string or key whose text, unescaped, is the given one.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        let length = self.token.span.len();
        match self.token.escaped {
            false => length == text.len() && self.is_string() && self.raw() == text,
            // An escape is longer than what it stands for.
            true => length > text.len() && self.text().is_some_and(|own| own == text),
        }
    }

    /// The text of a short string or key (up to eight bytes, none of them NUL) as a little-endian word, for comparing it
    /// with many names at once.
    #[must_use]
    #[inline]
    pub(super) fn word(&self) -> Option<u64> {
        if self.token.escaped {
            return pack(self.text()?.as_bytes());
        }
        let length = self.token.span.len();
        let following = self.document.text.as_bytes().get(self.token.span.start as usize..)?;
        match following.first_chunk::<8>() {
            Some(eight) => Some(u64::from_le_bytes(*eight) & SHORT.get(length)?),
            None => pack(following.get(..length)?),
        }
    }

    /// Not `null` and not `false`: what Elixir's `||` takes (plausible/analytics `lib/plausible/ingestion/request.ex`).
    #[must_use]
    pub const fn is_truthy(&self) -> bool {
        !matches!(self.token.shape, Shape::Null | Shape::False)
    }

    const fn is_string(&self) -> bool {
        matches!(self.token.shape, Shape::Text | Shape::Key)
    }

    /// The members of an object as (key, value), in document order, duplicates included; nothing for other shapes.
    #[must_use]
    pub fn members(&self) -> Members<'a> {
        Members(self.children(Shape::Object))
    }

    /// The elements of an array; nothing for other shapes.
    #[must_use]
    pub fn elements(&self) -> Elements<'a> {
        self.children(Shape::Array)
    }

    /// Every value under this key of an object, in document order.
    pub fn get_all<'k>(&self, key: &'k str) -> impl Iterator<Item = Node<'a>> + use<'a, 'k> {
        self.members().filter(move |(own, _)| own.is(key)).map(|(_, value)| value)
    }

    /// The JSON text that stands in this string, as a document of its own: nothing if this is no string, or stands in
    /// a nested document already.
    ///
    /// # Errors
    /// [`Malformed`] when the string does not hold JSON within the limits.
    pub fn nested(&self, limits: &Limits) -> Option<Result<Nested, Malformed>> {
        if self.token.shape != Shape::Text || self.document.home.is_some() {
            return None;
        }
        let unescaped = self.unescaped()?;
        let map = unescaped.map;
        let read = Document::read_text(unescaped.text.into_owned(), limits);
        Some(read.map(|mut document| {
            document.home = Some(self.index);
            Nested { document, map }
        }))
    }

    fn children(&self, shape: Shape) -> Elements<'a> {
        let inside = self.token.shape == shape;
        Elements {
            document: self.document,
            next: self.index.saturating_add(1),
            end: if inside { self.token.next } else { 0 },
        }
    }
}

/// The bits of a word that a text of so many bytes fills.
const SHORT: [u64; 9] =
    [0, 0xFF, 0xFFFF, 0xFF_FFFF, u32::MAX as u64, u64::MAX >> 24, u64::MAX >> 16, u64::MAX >> 8, u64::MAX];

/// Up to eight bytes as a word; none for a NUL, which would look like the end.
#[cold]
fn pack(bytes: &[u8]) -> Option<u64> {
    (bytes.len() <= 8 && !bytes.contains(&0))
        .then(|| bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)))
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("shape", &self.token.shape).field("span", &self.token.span).finish()
    }
}

/// Iterator over the elements of an array.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    document: &'a Document,
    next: u32,
    end: u32,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        if self.next >= self.end {
            return None;
        }
        let node = self.document.node(self.next);
        self.next = node.token.next;
        Some(node)
    }
}

/// Iterator over the members of an object: (key, value).
#[derive(Debug, Clone)]
pub struct Members<'a>(Elements<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = (Node<'a>, Node<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let Elements { document, next: index, end } = self.0;
        if index >= end {
            return None;
        }
        // A value follows its key.
        let [key, value] = document.tape.tokens.get(index as usize..)?.first_chunk()?;
        self.0.next = value.next;
        Some((Node { document, token: key, index }, Node { document, token: value, index: index.wrapping_add(1) }))
    }
}

// ---------------------------------------------------------------------------------------------------------------------

/// A document that stands as text in a string of another one (Plausible's props may be sent so).
#[derive(Debug)]
pub struct Nested {
    document: Document,
    map: OffsetMap,
}

impl Nested {
    /// The inner document. Its nodes may be handed to [`Edits`](super::edit::Edits) like those of the outer one.
    #[must_use]
    pub const fn document(&self) -> &Document {
        &self.document
    }

    /// Where these bytes of the inner text stand in the outer document.
    #[must_use]
    pub fn raw(&self, inner: Span) -> Span {
        self.map.raw(&self.document.text, inner.range())
    }
}
