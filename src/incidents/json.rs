//! VERIS records in a JSON file: one object, several, one a line, or an array of them.

use std::path::Path;

use serde_json::Value;
use xxhash_rust::xxh3::xxh3_128;

use super::read::{Count, Reading};
use super::veris;
use crate::fault::{Failure, Fault};
use crate::input::Lines;

/// Reads a file of VERIS records.
///
/// # Errors
/// When it can't be read, or an array in it is cut short: how many records it should hold is then not known.
pub fn read_json_file(path: &Path, reading: &mut Reading) -> Result<Count, Failure> {
    let lines = Lines::of_document(path)?;
    let first = lines.first().map_or("", |(_, text)| text.trim());
    if first.starts_with('[') {
        return array(path, &lines, reading);
    }
    let one_a_line = lines.len() > 1 && serde_json::from_str::<Value>(first).is_ok();
    let mut count = (0, 0, 0);
    if one_a_line {
        lines.iter().for_each(|(number, text)| record(text, *number, reading, &mut count));
        return Ok(count);
    }
    let whole = joined(&lines);
    record(&whole, 1, reading, &mut count);
    Ok(count)
}

fn joined(lines: &[(u64, String)]) -> String {
    lines.iter().flat_map(|(_, text)| [text.as_str(), "\n"]).collect()
}

/// One record of text.
fn record(text: &str, line: u64, reading: &mut Reading, count: &mut Count) {
    count.0 += 1;
    count.2 = count.2.wrapping_add(xxh3_128(text.trim().as_bytes()));
    let (value, faults) = match serde_json::from_str::<Value>(text) {
        Ok(value) => veris::read_json(&value, reading.rates),
        Err(error) => {
            let hint = "the file may be cut short: write or copy it again";
            (None, vec![Fault::new("", text, format!("not JSON: {error}")).hint(hint)])
        }
    };
    count.1 += u64::from(reading.take(line, value, faults));
}

fn array(path: &Path, lines: &[(u64, String)], reading: &mut Reading) -> Result<Count, Failure> {
    let whole = joined(lines);
    let records: Vec<Value> = serde_json::from_str(&whole).map_err(|error| {
        Failure::new(format!("{}: not a whole JSON array: {error}", path.display()))
            .hint("the file may be cut short: write or copy it again; nothing of it was used")
    })?;
    let mut count = (0, 0, 0u128);
    for (number, value) in (1..).zip(&records) {
        count.0 += 1;
        count.2 = count.2.wrapping_add(xxh3_128(value.to_string().as_bytes()));
        let (incident, faults) = veris::read_json(value, reading.rates);
        count.1 += u64::from(reading.take(number, incident, faults));
    }
    Ok(count)
}
