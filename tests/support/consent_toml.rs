//! A line's configuration on its way to a `bauta.toml`.

use bauta::clock::UnixMillis;
use serde_json::Value as Json;

/// A site's configuration on its way to TOML.
#[derive(Default)]
pub(crate) struct Translation {
    consent: toml::Table,
    sources: Vec<toml::Value>,
}

impl Translation {
    pub(crate) fn set(&mut self, key: &str, value: Json) {
        self.consent.insert(key.to_owned(), in_toml(&value));
    }

    pub(crate) fn set_if(&mut self, key: &str, value: Option<&Json>) {
        if let Some(value) = value {
            self.set(key, value.clone());
        }
    }

    /// Whether an option of `[site.consent]` was set.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.consent.contains_key(key)
    }

    pub(crate) fn source(&mut self, keys: &[(&str, Json)]) {
        let keys = keys.iter().map(|(key, value)| ((*key).to_owned(), in_toml(value)));
        self.sources.push(toml::Value::Table(keys.collect()));
    }

    /// The text of a whole `bauta.toml`, with the levels of its upstream.
    pub(crate) fn file(mut self, levels: &[(&str, Option<&Json>)]) -> String {
        self.consent.insert("sources".into(), toml::Value::Array(self.sources));
        let mut upstream = toml::Table::new();
        upstream.insert("vendor".into(), "plausible".into());
        upstream.insert("url".into(), "https://plausible.io".into());
        for (key, level) in levels.iter().filter_map(|(key, level)| Some((*key, (*level)?))) {
            upstream.insert(key.into(), in_toml(level));
        }
        let mut site = toml::Table::new();
        site.insert("name".into(), "shop".into());
        site.insert("consent".into(), toml::Value::Table(self.consent));
        site.insert("upstream".into(), toml::Value::Array(vec![toml::Value::Table(upstream)]));
        let mut file = toml::Table::new();
        file.insert("site".into(), toml::Value::Array(vec![toml::Value::Table(site)]));
        toml::to_string(&file).expect("TOML")
    }
}

/// A JSON pointer (RFC 6901) as a path list.
pub(crate) fn path(pointer: &Json) -> Json {
    let steps = pointer.as_str().expect("a pointer").split('/').skip(1);
    steps.map(|step| Json::from(step.replace("~1", "/").replace("~0", "~"))).collect()
}

/// `2026-05-10T00:00:00Z`, whole seconds.
pub(crate) fn instant(text: &str) -> UnixMillis {
    let numbers = text.split(['-', 'T', ':', 'Z', '.']).filter_map(|part| part.parse::<i64>().ok()).collect::<Vec<_>>();
    let [year, month, day, hour, minute, second, ..] = numbers.as_slice() else { panic!("{text}") };
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if leap(*year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let years = (1970..*year).map(|year| if leap(year) { 366 } else { 365 }).sum::<i64>();
    let months = lengths.iter().take(usize::try_from(month - 1).unwrap()).sum::<i64>();
    UnixMillis::from_seconds((((years + months + day - 1) * 24 + hour) * 60 + minute) * 60 + second)
}

/// JSON as TOML; numbers through their text, since they are kept exactly.
pub(crate) fn in_toml(value: &Json) -> toml::Value {
    match value {
        Json::Bool(flag) => (*flag).into(),
        Json::Number(number) => number.as_i64().expect("a whole number").into(),
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => toml::Value::Array(items.iter().map(in_toml).collect()),
        Json::Null | Json::Object(_) => panic!("no option holds {value}"),
    }
}
