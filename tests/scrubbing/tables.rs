//! The table of every kind that a pattern tells: `detectors.jsonl`, made by `tools/detector_tables.py` with check digits of its
//! own. Each kind brings forty right and forty wrong texts at the least, so a new detector fails here until it has its table.

use std::collections::BTreeMap;
use std::path::Path;

use bauta::scrub::{Kind, OwnTerms};
use serde::Deserialize;
use serde_json::json;

/// A text, and whether it is of the kind.
#[derive(Deserialize)]
struct Row {
    kind: String,
    finds: bool,
    key: String,
    text: String,
}

/// The fewest right ones, and the fewest wrong ones, of a kind.
const FEWEST: usize = 40;

/// Kinds that a key, a place or the site's policy tells: they have no shape of their own.
const TOLD_OTHERWISE: [&str; 19] = [
    "national_id",
    "passport",
    "plate",
    "medical_id",
    "imei",
    "token",
    "oauth_code",
    "session_id",
    "otp",
    "password",
    "name",
    "username",
    "dob",
    "address",
    "click_id",
    "own",
    "denied",
    "custom",
    "unreadable",
];

/// Runs all rows; the number of rows, or what went wrong.
pub(crate) fn run(folder: &Path) -> usize {
    let text = std::fs::read_to_string(folder.join("detectors.jsonl")).unwrap();
    let mut counts: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    let mut wrong = Vec::new();
    let rows: Vec<Row> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for row in &rows {
        let body = json!({ "n": "x", "u": "https://example.org/", "d": "example.org", "p": { &row.key: &row.text } })
            .to_string();
        let (_, report) = super::scrub_with(&body, "plausible", &OwnTerms::none());
        let found = report.iter().any(|(kind, _)| kind.word() == row.kind);
        if found != row.finds {
            wrong.push(format!("{} {}: {}", row.kind, if row.finds { "missed" } else { "found" }, row.text));
        }
        counts.entry(row.kind.clone()).or_default()[usize::from(row.finds)] += 1;
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    for kind in Kind::ALL.iter().map(|kind| kind.word()).filter(|kind| !TOLD_OTHERWISE.contains(kind)) {
        let [negatives, positives] = counts.get(kind).copied().unwrap_or_default();
        assert!(positives >= FEWEST && negatives >= FEWEST, "{kind}: {positives} right and {negatives} wrong texts");
    }
    rows.len()
}
