//! The JSON Schema of the configuration, made from the serde types, and the small part of it that we read ourselves.
//!
//! One description serves the editor (`bauta config schema`), the loader's checks of shape and the environment's
//! values, so that they cannot differ.

use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::file::File;

/// The schema as `bauta config schema` prints it.
#[must_use]
pub fn document() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let mut schema = schemars::schema_for!(File);
        schema.insert("title".into(), "bauta.toml".into());
        schema.to_value()
    })
}

/// One node of the schema.
#[derive(Clone, Copy)]
pub(super) struct Schema(&'static Value);

/// What a node asks for.
pub(super) enum Kind {
    /// A table with known keys.
    Table(Keys),
    /// A table with any keys and values of one kind.
    Map(Schema),
    /// A table whose other keys depend on the word at one key.
    Tagged(&'static str, Vec<(&'static str, Keys)>),
    /// A list.
    List(Schema),
    /// One of these words.
    Words(Vec<&'static str>),
    /// Text.
    Text,
    /// A whole number between two bounds.
    Integer(i64, i64),
    /// `true` or `false`.
    Flag,
    /// One of several kinds.
    Either(Vec<Schema>),
    /// Something only serde understands.
    Other,
}

impl Kind {
    /// True when a value is of this kind, whatever is in it.
    pub(super) fn takes(&self, value: &toml::Value) -> bool {
        match self {
            Self::Table(_) | Self::Map(_) | Self::Tagged(..) => value.is_table(),
            Self::List(_) => value.is_array(),
            Self::Words(_) | Self::Text => value.is_str(),
            Self::Integer(..) => value.is_integer(),
            Self::Flag => value.is_bool(),
            Self::Either(several) => several.iter().any(|one| one.kind().takes(value)),
            Self::Other => true,
        }
    }
}

/// The known keys of a table.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    properties: &'static Map<String, Value>,
    required: &'static [Value],
}

impl Keys {
    pub(super) fn get(self, name: &str) -> Option<Schema> {
        self.properties.get(name).map(Schema)
    }

    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        self.properties.keys().map(String::as_str)
    }

    pub(super) fn required(self) -> impl Iterator<Item = (&'static str, Schema)> {
        self.required.iter().filter_map(move |name| {
            let (name, schema) = self.properties.get_key_value(name.as_str()?)?;
            Some((name.as_str(), Schema(schema)))
        })
    }
}

impl Schema {
    /// The whole file.
    pub(super) fn root() -> Self {
        Self(document())
    }

    /// What the documentation says about this key, in one line without a full stop.
    pub(super) fn words(self) -> Option<String> {
        let text = self.0.get("description")?.as_str()?;
        let first = text.split("\n\n").next().unwrap_or(text).replace('\n', " ");
        Some(first.trim_end_matches('.').to_owned())
    }

    /// The default, if it is written down.
    pub(super) fn default(self) -> Option<&'static Value> {
        self.0.get("default")
    }

    /// Follows `$ref` and leaves out the `null` of options.
    fn resolved(self) -> Self {
        let mut node = self.0;
        for _ in 0..8 {
            let target = node
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|name| name.strip_prefix('#'))
                .and_then(|pointer| document().pointer(pointer));
            let some = || {
                let alternatives = node.get("anyOf")?.as_array()?;
                let mut real = alternatives.iter().filter(|one| one.get("type") != Some(&"null".into()));
                let only = real.next()?;
                real.next().is_none().then_some(only)
            };
            match target.or_else(some) {
                Some(next) => node = next,
                None => break,
            }
        }
        Self(node)
    }

    /// What this node asks for.
    pub(super) fn kind(self) -> Kind {
        let node = self.resolved().0;
        if let Some(words) = words_of(node) {
            return Kind::Words(words);
        }
        if let Some((tag, variants)) = tagged(node) {
            return Kind::Tagged(tag, variants);
        }
        if let Some(several) = alternatives(node) {
            return Kind::Either(several.iter().map(Self).collect());
        }
        let is = |name: &str| match node.get("type") {
            Some(Value::String(word)) => word == name,
            Some(Value::Array(words)) => words.iter().any(|word| word == name),
            _ => false,
        };
        if is("object") {
            return match (keys_of(node), node.get("additionalProperties")) {
                (Some(keys), _) => Kind::Table(keys),
                (None, Some(values @ Value::Object(_))) => Kind::Map(Self(values)),
                _ => Kind::Other,
            };
        }
        if is("array") {
            return node.get("items").map_or(Kind::Other, |items| Kind::List(Self(items)));
        }
        if is("string") {
            return Kind::Text;
        }
        if is("boolean") {
            return Kind::Flag;
        }
        if is("integer") {
            let bound = |name: &str| node.get(name).and_then(Value::as_i64);
            let widest = match node.get("format").and_then(Value::as_str) {
                Some("uint32") => u32::MAX.into(),
                Some("uint16") => u16::MAX.into(),
                Some("uint8") => u8::MAX.into(),
                _ => i64::MAX,
            };
            return Kind::Integer(bound("minimum").unwrap_or(i64::MIN), bound("maximum").unwrap_or(widest));
        }
        Kind::Other
    }

    /// The node one key deeper, whatever variant it belongs to.
    pub(super) fn child(self, name: &str) -> Option<Self> {
        match self.kind() {
            Kind::Table(keys) => keys.get(name),
            Kind::Map(values) => Some(values),
            Kind::Tagged(_, variants) => variants.into_iter().find_map(|(_, keys)| keys.get(name)),
            _ => None,
        }
    }

    /// The tables of the whole file that know a key of this name, as they are written in a header.
    pub(super) fn homes(name: &str) -> Vec<String> {
        let mut found = Vec::new();
        Self::root().search(name, "", 0, &mut found);
        found
    }

    fn search(self, name: &str, header: &str, depth: usize, found: &mut Vec<String>) {
        let tables: Vec<Keys> = match self.kind() {
            Kind::Table(keys) => vec![keys],
            Kind::Tagged(_, variants) => variants.into_iter().map(|(_, keys)| keys).collect(),
            Kind::List(items) => return items.search(name, header, depth, found),
            _ => return,
        };
        if depth > 6 {
            return;
        }
        for keys in tables {
            if keys.get(name).is_some() && !found.iter().any(|known| known == header) {
                found.push(header.to_owned());
            }
            for (key, schema) in keys.properties {
                let below = if header.is_empty() { key.clone() } else { format!("{header}.{key}") };
                Self(schema).search(name, &below, depth.saturating_add(1), found);
            }
        }
    }
}

fn keys_of(node: &'static Value) -> Option<Keys> {
    let properties = node.get("properties")?.as_object()?;
    let required = node.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    Some(Keys { properties, required })
}

fn alternatives(node: &'static Value) -> Option<&'static Vec<Value>> {
    node.get("oneOf").or_else(|| node.get("anyOf"))?.as_array()
}

/// `"enum": [...]`, or alternatives that are all constants.
fn words_of(node: &'static Value) -> Option<Vec<&'static str>> {
    if let Some(words) = node.get("enum").and_then(Value::as_array) {
        return words.iter().map(Value::as_str).collect();
    }
    let mut words = Vec::new();
    for one in alternatives(node)? {
        match (one.get("const").and_then(Value::as_str), words_of(one)) {
            (Some(word), _) => words.push(word),
            (None, Some(several)) => words.extend(several),
            (None, None) => return None,
        }
    }
    Some(words)
}

/// Alternatives that are all tables with a constant at the same key.
fn tagged(node: &'static Value) -> Option<(&'static str, Vec<(&'static str, Keys)>)> {
    let mut tag = None;
    let mut variants = Vec::new();
    for one in alternatives(node)? {
        let keys = keys_of(one)?;
        let (name, word) =
            keys.properties.iter().find_map(|(name, schema)| Some((name.as_str(), schema.get("const")?.as_str()?)))?;
        if *tag.get_or_insert(name) != name {
            return None;
        }
        variants.push((word, keys));
    }
    Some((tag?, variants))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when somebody adds a shape that the loader would only check by trial.
    #[test]
    fn every_node_of_the_schema_is_understood() {
        fn visit(schema: Schema, at: &str) {
            match schema.kind() {
                Kind::Table(keys) => {
                    keys.names().for_each(|name| visit(keys.get(name).unwrap(), &format!("{at}.{name}")));
                }
                Kind::Tagged(_, variants) => variants.into_iter().for_each(|(word, keys)| {
                    keys.names().for_each(|name| visit(keys.get(name).unwrap(), &format!("{at}<{word}>.{name}")));
                }),
                Kind::Map(inner) | Kind::List(inner) => visit(inner, &format!("{at}[]")),
                Kind::Either(several) => several.into_iter().for_each(|one| visit(one, at)),
                Kind::Other => panic!("{at} is not understood: {}", schema.0),
                Kind::Words(words) => assert!(!words.is_empty()),
                Kind::Text | Kind::Integer(..) | Kind::Flag => {}
            }
        }
        visit(Schema::root(), "");
    }

    #[test]
    fn a_key_knows_the_tables_it_belongs_to() {
        assert_eq!(Schema::homes("gpc"), ["site.consent"]);
        assert_eq!(Schema::homes("trusted_proxies"), ["listen"]);
        assert_eq!(Schema::homes("version"), [""]);
        assert!(Schema::homes("nonsense").is_empty());
    }
}
