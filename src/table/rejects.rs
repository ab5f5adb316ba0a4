//! Rejects on their way to their table: counted as they come, held in bounded memory, written in the order they came.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::{Cell, Format, Kind, Record, Table, TableWriter, column};
use crate::fault::{Failure, Fault, Outcome, Reject};

/// Rejects held in memory; what comes after goes to a temporary file.
const HELD: usize = 50_000;

/// Rejects of each outcome that messages may show.
const SHOWN: usize = 1_000;

/// All rejects of a run: each is written to the rejects table, however many there are.
#[derive(Default)]
pub struct RejectLog {
    held: Vec<Reject>,
    spilled: Option<BufWriter<NamedTempFile>>,
    failed: Option<Failure>,
    set_aside: Tally,
    kept: Tally,
    rules: BTreeMap<(String, &'static str), RejectCount>,
    total: u64,
}

/// Rows of one outcome. Faults of one row come one after the other.
#[derive(Default)]
struct Tally {
    rows: u64,
    last: Option<(String, u64)>,
    shown: Vec<Reject>,
}

impl Tally {
    fn add(&mut self, reject: &Reject) {
        if self.last.as_ref().is_none_or(|(file, line)| *line != reject.line || *file != reject.file) {
            self.rows += 1;
            self.last = Some((reject.file.clone(), reject.line));
        }
        if self.shown.len() < SHOWN {
            self.shown.push(reject.clone());
        }
    }
}

/// How often a rule was broken.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RejectCount {
    /// The rule.
    pub rule: String,
    /// What became of the rows.
    pub outcome: &'static str,
    /// Times.
    pub count: u64,
    /// File and value of one of them: the places of all are in the rejects table.
    pub example: String,
}

impl RejectLog {
    /// Takes a reject.
    pub fn push(&mut self, reject: Reject) {
        self.total += 1;
        self.count(&reject);
        match reject.fault.outcome {
            Outcome::SetAside => self.set_aside.add(&reject),
            Outcome::Kept => self.kept.add(&reject),
        }
        if self.held.len() < HELD {
            self.held.push(reject);
        } else if self.failed.is_none() {
            self.failed = self.spill(&reject).err();
        }
    }

    /// Rows set aside.
    pub fn set_aside(&self) -> u64 {
        self.set_aside.rows
    }

    /// Rows noted and kept.
    pub fn kept(&self) -> u64 {
        self.kept.rows
    }

    /// How many rejects there are.
    pub fn len(&self) -> u64 {
        self.total
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The first thousand of those set aside, then of those kept.
    pub fn shown(&self) -> impl Iterator<Item = &Reject> {
        self.set_aside.shown.iter().chain(&self.kept.shown)
    }

    /// Rejects by rule, the commonest first. Line numbers stay in the rejects table: a summary is the same whatever the
    /// order of the rows.
    pub fn by_rule(&self) -> Vec<RejectCount> {
        let mut rules: Vec<RejectCount> = self.rules.values().cloned().collect();
        rules.sort_by(|a, b| b.count.cmp(&a.count).then(a.rule.cmp(&b.rule)));
        rules
    }

    /// Writes the rejects table and says how many rows it has.
    ///
    /// # Errors
    /// When the disk refuses it, or refused what no longer fitted into memory.
    pub fn write(&mut self, path: &Path, format: Format) -> Result<u64, Failure> {
        if let Some(failure) = self.failed.take() {
            return Err(failure);
        }
        let mut writer = TableWriter::create(path, format, RejectRow::TABLE)?;
        self.held.iter().try_for_each(|reject| writer.write(&RejectRow(reject)))?;
        if let Some(spilled) = &mut self.spilled {
            spilled.flush().map_err(|e| lost(&e))?;
            let file = spilled.get_ref().reopen().map_err(|e| lost(&e))?;
            for line in BufReader::new(file).lines() {
                let spilled: Spilled = serde_json::from_str(&line.map_err(|e| lost(&e))?).map_err(|e| lost(&e))?;
                writer.write(&RejectRow(&spilled.into()))?;
            }
        }
        writer.finish()
    }

    fn count(&mut self, reject: &Reject) {
        let Reject { file, fault, .. } = reject;
        let rule = general(&fault.rule);
        let rule = if fault.column.is_empty() { rule } else { format!("{}: {rule}", fault.column) };
        let example = format!("{file}: {}", fault.value);
        let outcome = fault.outcome.as_str();
        let first = || RejectCount { rule: rule.clone(), outcome, count: 0, example: example.clone() };
        let line = self.rules.entry((rule.clone(), outcome)).or_insert_with(first);
        line.count += 1;
        if example < line.example {
            line.example = example;
        }
    }

    fn spill(&mut self, reject: &Reject) -> Result<(), Failure> {
        if self.spilled.is_none() {
            self.spilled = Some(BufWriter::new(NamedTempFile::new().map_err(|e| lost(&e))?));
        }
        let Some(file) = &mut self.spilled else { return Ok(()) };
        serde_json::to_writer(&mut *file, &Spilled::from(reject)).map_err(|e| lost(&e))?;
        file.write_all(b"\n").map_err(|e| lost(&e))
    }
}

impl Extend<Reject> for RejectLog {
    fn extend<I: IntoIterator<Item = Reject>>(&mut self, rejects: I) {
        rejects.into_iter().for_each(|reject| self.push(reject));
    }
}

impl FromIterator<Reject> for RejectLog {
    fn from_iter<I: IntoIterator<Item = Reject>>(rejects: I) -> RejectLog {
        let mut log = RejectLog::default();
        log.extend(rejects);
        log
    }
}

fn lost(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("rejects beyond {HELD} could not be kept in a temporary file: {error}"))
        .hint("make room in the temporary folder (TMPDIR), or clean the input first")
}

/// A reject as it lies in the temporary file.
#[derive(Serialize, Deserialize)]
struct Spilled(String, u64, String, String, String, String, bool);

impl From<&Reject> for Spilled {
    fn from(reject: &Reject) -> Spilled {
        let Reject { file, line, fault: Fault { column, value, rule, hint, outcome } } = reject.clone();
        Spilled(file, line, column, value, rule, hint, outcome == Outcome::SetAside)
    }
}

impl From<Spilled> for Reject {
    fn from(Spilled(file, line, column, value, rule, hint, set_aside): Spilled) -> Reject {
        let outcome = if set_aside { Outcome::SetAside } else { Outcome::Kept };
        Reject { file, line, fault: Fault { column, value, rule, hint, outcome } }
    }
}

/// A rule without the numbers that it quotes: `12 cells where the header has 16` is one rule with `13 cells …`.
fn general(rule: &str) -> String {
    let mut text = String::new();
    for c in rule.chars() {
        match c {
            '0'..='9' if text.ends_with('#') => {}
            '0'..='9' => text.push('#'),
            c => text.push(c),
        }
    }
    text.replace("#-#-#", "#")
}

/// A reject as a row of a table.
pub struct RejectRow<'a>(pub &'a Reject);

impl Record for RejectRow<'_> {
    const TABLE: Table = Table {
        name: "rejects",
        meaning: "What was set aside or noted, with its place and the rule it broke.",
        columns: &[
            column("file", Kind::Text, "", true, "File as it was named"),
            column("line", Kind::Integer, "", true, "Line, or row of a Parquet file, from 1"),
            column("column", Kind::Text, "", false, "Column or key; blank for the whole row"),
            column("value", Kind::Text, "", false, "Value seen"),
            column("rule", Kind::Text, "", true, "Rule that was broken"),
            column("outcome", Kind::Text, "", true, "set aside, or kept (the row is used)"),
            column("hint", Kind::Text, "", false, "A way out"),
        ],
    };

    fn cells(&self) -> Vec<Cell> {
        let Reject { file, line, fault } = self.0;
        vec![
            Cell::text(file),
            Cell::Integer(*line as i64),
            Cell::text(&fault.column),
            Cell::text(&fault.value),
            Cell::text(&fault.rule),
            Cell::text(fault.outcome.as_str()),
            Cell::text(&fault.hint),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_longer_fits_into_memory_reaches_the_table_all_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rejects.csv");
        let mut log = RejectLog::default();
        let many = HELD as u64 + 2_000;
        for line in 1..=many {
            log.push(Fault::new("limit", &format!("-{line}"), format!("negative in row {line}")).at("p.csv", line));
            log.push(Fault::new("name", "é\n", "odd").kept().at("p.csv", line));
        }
        assert_eq!((log.set_aside(), log.kept(), log.len()), (many, many, 2 * many));
        let rules: Vec<(String, u64)> = log.by_rule().into_iter().map(|r| (r.rule, r.count)).collect();
        assert_eq!(rules, [("limit: negative in row #".to_string(), many), ("name: odd".to_string(), many)]);
        assert_eq!(log.write(&path, Format::Csv), Ok(2 * many));
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count() as u64, 2 * many + 1);
        assert!(text.contains(&format!("p.csv,{many},limit,'-{many},negative in row {many},set aside,")));
    }
}
