//! Column names that are nearly others.

/// The rule of a column that seems misspelt.
pub const NOT_READ: &str = "a column of this name is not read";

/// Whether a column's name is another's with a letter or two wrong, or its beginning: not one that has a meaning of its own, as
/// `PolTax` beside `PolDed`.
pub fn is_slip(name: &str, meant: &str) -> bool {
    let (name, meant) = (name.to_lowercase(), meant.to_lowercase());
    let most = 1 + name.len().min(meant.len()) / 8;
    meant.starts_with(&name) || strsim::damerau_levenshtein(&name, &meant) <= most
}

/// Whether one of two names is the other without its first or last words: `revenue` and `annual_revenue`.
pub fn is_part(a: &str, b: &str) -> bool {
    let (a, b) = (a.to_ascii_lowercase().replace([' ', '-'], "_"), b.to_ascii_lowercase());
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let begins = long.strip_prefix(&short).is_some_and(|rest| rest.starts_with('_'));
    let ends = long.strip_suffix(&short).is_some_and(|rest| rest.ends_with('_'));
    short.len() > 3 && (begins || ends)
}
