//! What can be wrong with an input, said so that a person can mend it.
//!
//! Three shapes only. A [`Fault`] is about one value or one row: the run goes on, and the row or value appears in the
//! rejects table. A [`Failure`] is about a whole file, option or event: the run cannot start or go on. A [`Warning`] is about
//! a file that is right in itself and may not say what is meant: the run goes on.

use std::fmt;

/// What became of the row in which a fault was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The row is not used.
    SetAside,
    /// The row is used; the value was replaced or left out, as the rule says.
    Kept,
}

impl Outcome {
    /// The word written to the rejects table.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::SetAside => "set aside",
            Outcome::Kept => "kept",
        }
    }
}

/// One broken rule in one row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Column or JSON key; empty when the row as a whole is meant.
    pub column: String,
    /// The value seen, shortened for display.
    pub value: String,
    /// The rule that was broken.
    pub rule: String,
    /// A way out; may be empty.
    pub hint: String,
    /// Whether the row survived.
    pub outcome: Outcome,
}

impl Fault {
    /// A fault that sets its row aside.
    pub fn new(column: &str, value: &str, rule: impl Into<String>) -> Fault {
        Fault {
            column: column.into(),
            value: shorten(value),
            rule: rule.into(),
            hint: String::new(),
            outcome: Outcome::SetAside,
        }
    }

    /// The same fault with a way out.
    pub fn hint(mut self, hint: impl Into<String>) -> Fault {
        self.hint = hint.into();
        self
    }

    /// The same fault as a warning: the row is kept.
    pub fn kept(mut self) -> Fault {
        self.outcome = Outcome::Kept;
        self
    }

    /// The fault at its place in a file.
    pub fn at(self, file: &str, line: u64) -> Reject {
        Reject { file: file.into(), line, fault: self }
    }
}

/// A fault with its place: one row of the rejects table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reject {
    /// File as the user named it.
    pub file: String,
    /// Line (text) or row (Parquet, JSON array), counted from 1; 0 when the file as a whole is meant.
    pub line: u64,
    /// What is wrong.
    pub fault: Fault,
}

impl Reject {
    /// Its place, the value seen and the rule, without the outcome.
    fn told(&self) -> String {
        let Fault { column, value, rule, .. } = &self.fault;
        let what = match (column.as_str(), value.as_str()) {
            ("", "") => String::new(),
            ("", value) => format!("\"{value}\": "),
            (column, value) => format!("{column} = \"{value}\": "),
        };
        format!("{}:{}: {what}{rule}", self.file, self.line)
    }

    /// The same as the reason why a table can't be read, of which every row counts.
    pub fn fatal(&self) -> Failure {
        Failure::new(self.told()).hint(&self.fault.hint)
    }

    /// The same as the first of the reasons why `what` (that nothing of a file can be used).
    pub fn behind(&self, what: &str) -> Failure {
        Failure::new(format!("{what}; the first: {}", self.told())).hint(&self.fault.hint)
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.told(), self.fault.outcome.as_str())?;
        with_hint(f, &self.fault.hint)
    }
}

fn with_hint(f: &mut fmt::Formatter<'_>, hint: &str) -> fmt::Result {
    if hint.is_empty() { Ok(()) } else { write!(f, "\n  hint: {hint}") }
}

/// What is right in itself and may not be what is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// File as the user named it.
    pub file: String,
    /// Line or row, counted from 1; 0 when the file as a whole is meant.
    pub line: u64,
    /// A sentence that is true wherever the file lies: the manifest has it.
    pub message: String,
    /// A way out; may be empty.
    pub hint: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "warning: {}: {}", self.file, self.message)?,
            line => write!(f, "warning: {}:{line}: {}", self.file, self.message)?,
        }
        with_hint(f, &self.hint)
    }
}

/// Why a run could not be done: a sentence, and a way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong, naming file, key and value.
    pub message: String,
    /// A way out; may be empty.
    pub hint: String,
}

impl Failure {
    /// A failure without a hint.
    pub fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), hint: String::new() }
    }

    /// The same failure with a way out.
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = hint.into();
        self
    }

    /// A failure to read or write `path`.
    pub fn io(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Failure {
        let hint = match error.kind() {
            std::io::ErrorKind::NotFound => "check the spelling of the path and the folder you are in",
            std::io::ErrorKind::PermissionDenied => "check the permissions of the file and its folder",
            _ => "",
        };
        Failure::new(format!("cannot {doing} {}: {error}", path.display())).hint(hint)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        with_hint(f, &self.hint)
    }
}

impl std::error::Error for Failure {}

/// At most 80 characters of a value, without control characters, for a message.
pub fn shorten(value: &str) -> String {
    let mut text: String = value.chars().take(80).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if value.chars().nth(80).is_some() {
        text.push('…');
    }
    text
}

/// The candidate nearest to `word`, when it is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let begun: Vec<&&str> = candidates.iter().filter(|c| word.len() >= 4 && c.starts_with(word)).collect();
    if let [only] = begun.as_slice() {
        return Some(only);
    }
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(&word.to_lowercase(), &c.to_lowercase()), c))
        .filter(|(distance, c)| *distance <= 1 + c.len().min(word.len()) / 3)
        .min()
        .map(|(_, c)| c)
}

/// "did you mean …?", or what to say when nothing is near.
pub fn did_you_mean_or<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    otherwise: impl FnOnce() -> String,
) -> String {
    nearest(word, candidates).map_or_else(otherwise, |c| format!("did you mean `{c}`?"))
}

/// "did you mean …?" or nothing.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    did_you_mean_or(word, candidates, String::new)
}
