//! Reading a Plausible request body the way the vendor's framework would.
//!
//! The content type picks a [`Parser`]; it sets the size limit, what a failure looks like, and how the body becomes one
//! JSON object. Forms are turned into the object that Plug would make of them and go on as `application/json`; JSON goes
//! on under the content type it came with. Facts: elixir-plug/plug `lib/plug/parsers.ex`, `parsers/*.ex`,
//! `conn/utils.ex`; plausible/analytics `lib/plausible_web/endpoint.ex`, `lib/plausible/ingestion/request.ex`.

use bytes::Bytes;

use super::document::Document;
use super::plausible::Refused;
use super::scan::{Limits, Shape};
use super::{form, multipart};

/// How the vendor reads a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parser {
    /// `text/plain` and every type that no parser claims: the raw body is decoded as JSON and must be an object.
    Raw,
    /// `application/json` and `application/*+json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data` and `multipart/mixed`, with the boundary if there is one.
    Multipart(Option<String>),
    /// No content type, or one that cannot be read: the vendor takes the body as empty.
    Nothing,
}

/// A body that was read, ready to be looked at.
#[derive(Debug)]
pub struct Body {
    /// The event: one JSON object.
    pub document: Document,
    /// The content type to send; nothing means the received one.
    pub content_type: Option<&'static str>,
}

impl Parser {
    /// The parser for the value of the first `Content-Type` header.
    #[must_use]
    pub fn of(content_type: Option<&[u8]>) -> Self {
        let Some((kind, subtype, parameters)) = content_type.and_then(media_type) else { return Self::Nothing };
        match (kind.as_str(), subtype.as_str()) {
            ("application", "json") => Self::Json,
            ("application", "x-www-form-urlencoded") => Self::Form,
            ("application", other) if other.ends_with("+json") => Self::Json,
            ("multipart", "form-data" | "mixed") => Self::Multipart(multipart::parameter(parameters, "boundary")),
            _ => Self::Raw,
        }
    }

    /// How many bytes of body the vendor reads.
    #[must_use]
    pub const fn limit(&self) -> usize {
        match self {
            Self::Raw | Self::Form => 1_000_000,
            Self::Json | Self::Multipart(_) | Self::Nothing => 8_000_000,
        }
    }

    /// What the vendor answers to a longer body.
    #[must_use]
    pub const fn too_large(&self) -> Refused {
        match self {
            Self::Raw => Refused::RawTooLarge,
            _ => Refused::TooLarge,
        }
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`Refused`], as the vendor would answer.
    pub fn read(&self, body: Bytes) -> Result<Body, Refused> {
        if body.len() > self.limit() {
            return Err(self.too_large());
        }
        let limits = Limits { bytes: self.limit(), ..Limits::default() };
        let (document, content_type, unreadable, other_shape) = match self {
            Self::Nothing => return Err(Refused::Empty),
            Self::Raw => (Document::read(body, &limits), None, Refused::NotAnObject, Refused::NotAnObject),
            Self::Json if body.is_empty() => return Err(Refused::Empty),
            // Plug puts any other value under a key of its own, so the event is there and empty.
            Self::Json => (Document::read(body, &limits), None, Refused::Unparsable, Refused::Empty),
            Self::Form => return converted(form::read(&body)?),
            Self::Multipart(boundary) => {
                return converted(multipart::read(&body, boundary.as_deref().ok_or(Refused::Unparsable)?)?);
            }
        };
        let document = document.map_err(|_| unreadable)?;
        if document.root().shape() == Shape::Object { Ok(Body { document, content_type }) } else { Err(other_shape) }
    }
}

/// A form as the JSON object that it means.
fn converted(json: String) -> Result<Body, Refused> {
    // Escapes make the text longer than the form; the form's own limit was checked.
    let limits = Limits { bytes: json.len(), ..Limits::default() };
    let document = Document::read_text(json, &limits).map_err(|_| Refused::Unparsable)?;
    if document.root().members().next().is_none() {
        return Err(Refused::Empty);
    }
    Ok(Body { document, content_type: Some("application/json") })
}

/// Type and subtype in lower case, and what follows the first `;`. As Plug reads it: no wildcards, spaces around.
fn media_type(value: &[u8]) -> Option<(String, String, &[u8])> {
    let value = value.trim_ascii();
    let (essence, parameters) = match value.iter().position(|byte| *byte == b';') {
        Some(at) => (value.get(..at)?, value.get(at.checked_add(1)?..)?),
        None => (value, &[][..]),
    };
    let (kind, subtype) = std::str::from_utf8(essence.trim_ascii()).ok()?.split_once('/')?;
    let named = |text: &str, extra: &[char]| text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(&c));
    (!kind.is_empty() && named(kind, &['-']) && named(subtype, &['-', '.', '+']))
        .then(|| (kind.to_ascii_lowercase(), subtype.to_ascii_lowercase(), parameters))
}
