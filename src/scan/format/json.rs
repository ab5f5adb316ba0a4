//! Reading loosely typed JSON: what is absent or of another type is simply not there.

use serde_json::Value;

use super::Context;
use crate::fault::Fault;
use crate::moment::Moment;
use crate::name::Name;

/// The text at `key`, when it is text.
pub fn text<'a>(record: &'a Value, key: &str) -> Option<&'a str> {
    record.get(key)?.as_str()
}

/// The values at `key`: those of a list, or a single one.
pub fn list<'a>(record: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    let (many, one) = match record.get(key) {
        Some(Value::Array(values)) => (values.as_slice(), None),
        Some(Value::Null) | None => (&[][..], None),
        Some(value) => (&[][..], Some(value)),
    };
    many.iter().chain(one)
}

/// The texts among the values at `key`.
pub fn texts<'a>(record: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    list(record, key).filter_map(Value::as_str)
}

/// The texts among the values at `key` that aren't blank.
pub fn words<'a>(record: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    texts(record, key).filter(|text| !text.trim().is_empty())
}

/// A number or text at `key`, as text.
pub fn scalar(record: &Value, key: &str) -> Option<String> {
    match record.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// The time at `key`; without one, the context's.
///
/// # Errors
/// A fault when there is a time and it can't be read.
pub fn time(record: &Value, key: &str, context: &Context) -> Result<Moment, Fault> {
    let fault = |written: &str| {
        Fault::new(key, written, "not a time")
            .hint("write ISO 8601, such as 2026-05-31T12:00:00Z, or seconds since 1970")
    };
    match record.get(key) {
        None | Some(Value::Null) => Ok(context.time()),
        Some(Value::String(written)) => Moment::parse(written).ok_or_else(|| fault(written)),
        // Seconds since 1970, from 1990 to 2100: anything else is some other number.
        Some(Value::Number(n)) => match n.as_f64() {
            Some(s) if (631e6..4.1e9).contains(&s) => Ok(Moment(s as i64)),
            _ => Err(fault(&n.to_string())),
        },
        Some(other) => Err(fault(&other.to_string())),
    }
}

/// The first of several spellings of a key that holds a text or number which isn't blank.
pub fn first(record: &Value, keys: &[&str]) -> Option<String> {
    keys.iter().filter_map(|key| scalar(record, key)).find(|text| !text.trim().is_empty())
}

/// The first candidate that has a registrable domain.
///
/// # Errors
/// What is wrong with the first candidate, when none will do.
pub fn first_name<'a>(column: &str, candidates: impl IntoIterator<Item = &'a str>) -> Result<&'a str, Fault> {
    let mut refused = None;
    for candidate in candidates {
        match Name::parse(column, candidate) {
            Ok(_) => return Ok(candidate),
            Err(fault) => refused = refused.or(Some(fault)),
        }
    }
    Err(refused.unwrap_or_else(|| Fault::new(column, "", "no host name in this record")))
}

/// Each host once, wildcards by the name they stand under; and what has no registrable domain.
pub fn hosts<'a>(column: &str, written: impl IntoIterator<Item = &'a str>) -> (Vec<String>, Vec<Fault>) {
    let (mut hosts, mut refused) = (Vec::new(), Vec::new());
    for text in written {
        match Name::parse(column, text.trim_start_matches("*.")) {
            Ok(name) if hosts.contains(&name.host) => {}
            Ok(name) => hosts.push(name.host),
            Err(fault) => refused.push(fault),
        }
    }
    (hosts, refused)
}
