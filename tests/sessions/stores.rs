//! The rows of a line, in the store inside the process.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bauta::clock::UnixMillis;
use bauta::session::resolve::Memory;
use serde_json::Value as Json;

use crate::data::Line;
use crate::translate::bytes;

/// The time of the first line of each framework, from which the lives of its stored values count.
pub(crate) fn first_times(lines: &[Line]) -> BTreeMap<&str, UnixMillis> {
    let mut first: BTreeMap<&str, UnixMillis> = BTreeMap::new();
    for line in lines {
        let known = first.entry(&line.framework).or_insert(line.now);
        *known = (*known).min(line.now);
    }
    first
}

/// True when a live Redis would have no such key any more.
pub(crate) fn is_gone(row: &Json, now: i64, first: i64) -> bool {
    let life = row["ttl_ms"].as_i64().expect("ttl_ms");
    life >= 0 && now >= first + life
}

/// Fills the stores with the rows of a line, without what has expired by its time.
pub(crate) fn fill(memory: &Memory, line: &Line, first: UnixMillis) {
    memory.clear();
    for row in line.config["store"].as_array().into_iter().flatten() {
        let word = |name: &str| row[name].as_str().unwrap_or_else(|| panic!("{name} in the store of {}", line.id));
        match word("kind") {
            "redis" => {
                if is_gone(row, line.now.0, first.0) {
                    continue;
                }
                match word("type") {
                    "string" => memory.put(word("key"), base64(&row["value_b64"])),
                    "hash" => {
                        let fields = row["fields_b64"].as_object().expect("fields").iter();
                        memory
                            .put_hash(word("key"), fields.map(|(name, value)| (name.clone(), base64(value))).collect());
                    }
                    other => panic!("unknown type {other}"),
                }
            }
            "sql" => {
                let columns =
                    row["row"].as_object().expect("a row").iter().filter_map(|(name, value)| column(name, value));
                memory.put_row(word("table"), columns.collect());
            }
            "http" => {
                let cookie = format!("{}={}", line.config["cookie"].as_str().expect("a cookie"), word("match_cookie"));
                let status = row["status"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status");
                let headers = row["headers"].as_object().into_iter().flatten();
                let headers =
                    headers.map(|(name, value)| (name.clone(), value.as_str().expect("text").into())).collect();
                let body = row["body"].as_str().map_or_else(|| row["body"].to_string(), str::to_owned);
                memory.put_response(&cookie, status, headers, body);
            }
            other => panic!("unknown store {other}"),
        }
    }
}

/// A column as a database has it: `expire_unix` is a rendering of the timestamp `expire`, `token_hex` of bytes.
pub(crate) fn column(name: &str, value: &Json) -> Option<(String, Vec<u8>)> {
    let text = match value {
        Json::Null => return None,
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(match name {
        "expire_unix" => ("expire".to_owned(), text.into_bytes()),
        "token_hex" => ("token".to_owned(), bytes(&text)),
        _ => (name.to_owned(), text.into_bytes()),
    })
}

pub(crate) fn base64(value: &Json) -> Vec<u8> {
    STANDARD.decode(value.as_str().expect("base64")).expect("base64")
}
