//! `bauta audit` on any file: a report or an error, and neither holds what stood in the file.
#![no_main]

use bauta::audit::{ScrubEngine, audit, read, table};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    const PLANTED: &str = "q7PlantedValue7q";
    let said = match read(data) {
        Ok(har) => table(&audit(&har, &ScrubEngine::default()), "f.har", &|_, text| text.to_owned()),
        Err(error) => error.to_string(),
    };
    assert!(!said.contains(PLANTED), "a value was told");
    assert!(!said.contains('\u{1b}'), "no terminal command gets through");
});
