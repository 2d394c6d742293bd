//! The Cookie header: every pair that is told stands in the field, and look-up by name finds exactly those.
#![no_main]

use bauta::cookies::{Cookies, percent_decoded};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let cookies = Cookies::parse(data.split(|byte| *byte == b'\n'));
    let pairs: Vec<_> = cookies.iter().collect();
    assert_eq!(cookies.is_empty(), pairs.is_empty());
    for (name, value) in &pairs {
        assert!(!name.is_empty() && !name.contains(&b';') && !value.contains(&b';'));
        if let Ok(name) = std::str::from_utf8(name) {
            assert_eq!(cookies.all(name).count(), pairs.iter().filter(|(other, _)| *other == name.as_bytes()).count());
        }
        if let Some(decoded) = percent_decoded(value) {
            assert!(decoded.len() <= value.len());
        }
    }
});
