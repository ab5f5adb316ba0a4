//! A whole table as values of one type, every row accounted for.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt::Display;
use std::hash::Hash;
use std::path::Path;

use super::column::Table;
use super::misspelt::NOT_READ;
use super::read::{Counts, Row, TableFile};
use super::rejects::RejectLog;
use crate::fault::{Failure, Fault, Outcome, Reject};
use crate::input::{Intake, sha256};

/// The rows of a table that can be used; the faults of all go to `rejects`, and none is lost.
///
/// # Errors
/// When the file can't be read or lacks a required column.
pub fn read_rows<T>(
    path: &Path,
    table: &Table,
    rejects: &mut RejectLog,
    read: impl Fn(&Row) -> (Option<T>, Vec<Fault>),
) -> Result<(Vec<T>, Intake), Failure> {
    let mut rows = Vec::new();
    let intake = each_value(path, table, rejects, read, |_, value| rows.push(value))?;
    Ok((rows, intake))
}

/// The same reader, which sets aside a row whose `key`, the value of `column`, a row before it has.
pub fn once<T, K: Eq + Hash + Display>(
    column: &'static str,
    key: impl Fn(&T) -> K,
    read: impl Fn(&Row) -> (Option<T>, Vec<Fault>),
) -> impl Fn(&Row) -> (Option<T>, Vec<Fault>) {
    let seen = RefCell::new(HashSet::new());
    move |row: &Row| {
        let (value, mut faults) = read(row);
        let fresh = |value: &T| {
            let key = key(value);
            let text = key.to_string();
            let fresh = seen.borrow_mut().insert(key);
            if !fresh {
                let rule = "is there twice: the first of the rows is used";
                faults.push(Fault::new(column, &text, rule).hint(format!("one row for each {column}")));
            }
            fresh
        };
        (value.filter(fresh), faults)
    }
}

/// Hands the value of each row that can be used to `each`, with its line (CSV) or row (Parquet) number.
fn each_value<T>(
    path: &Path,
    table: &Table,
    rejects: &mut RejectLog,
    read: impl Fn(&Row) -> (Option<T>, Vec<Fault>),
    mut each: impl FnMut(u64, T),
) -> Result<Intake, Failure> {
    let file = TableFile::open(path)?;
    let name = path.display().to_string();
    file.require(table)?;
    rejects.extend(file.misspelt(table).into_iter().map(|fault| fault.at(&name, 1)));
    let (mut used, mut set_aside) = (0, 0);
    let counts = file.for_each(&file.positions(table.header()), |line, row| {
        let (value, faults) = row.map_or_else(|fault| (None, vec![fault]), |row| read(&row));
        set_aside += u64::from(value.is_none());
        used += u64::from(value.is_some());
        rejects.extend(faults.into_iter().map(|fault| fault.at(&name, line)));
        value.into_iter().for_each(|value| each(line, value));
    })?;
    intake(path, table, &counts, used, set_aside)
}

/// The rows of a table of figures: one that can't be used spoils the whole, since a figure is never left out in silence. So does
/// a column whose name is near to one that is read and absent.
///
/// # Errors
/// Those of [`read_rows`], the first column that seems misspelt, and the first row that can't be used.
pub fn read_every_row<T>(
    path: &Path,
    table: &Table,
    read: impl Fn(&Row) -> (Option<T>, Vec<Fault>),
) -> Result<(Vec<T>, Intake), Failure> {
    let (rows, intake) = read_every_line(path, table, read)?;
    Ok((rows.into_iter().map(|(_, value)| value).collect(), intake))
}

/// Rows, each with its line (CSV) or row (Parquet) number, and the account of their file.
pub type NumberedRows<T> = (Vec<(u64, T)>, Intake);

/// The same with the line (CSV) or row (Parquet) number of each.
///
/// # Errors
/// Those of [`read_every_row`].
pub fn read_every_line<T>(
    path: &Path,
    table: &Table,
    read: impl Fn(&Row) -> (Option<T>, Vec<Fault>),
) -> Result<NumberedRows<T>, Failure> {
    let (mut rejects, mut rows) = (RejectLog::default(), Vec::new());
    let intake = each_value(path, table, &mut rejects, read, |line, value| rows.push((line, value)))?;
    let misspelt = |reject: &&Reject| reject.line == 1 && reject.fault.rule == NOT_READ;
    match rejects.shown().find(|reject| reject.fault.outcome == Outcome::SetAside || misspelt(reject)) {
        Some(reject) => Err(reject.fatal()),
        None => Ok((rows, intake)),
    }
}

/// Hands each row of a table of figures to `each` as it is read: memory follows the block of rows in hand, not the table.
///
/// # Errors
/// Those of [`read_every_row`], or the first of `each`.
pub fn for_every_row<T>(
    path: &Path,
    table: &Table,
    read: impl Fn(&Row) -> (Option<T>, Vec<Fault>),
    mut each: impl FnMut(T) -> Result<(), Failure>,
) -> Result<Intake, Failure> {
    let (mut rejects, mut failed) = (RejectLog::default(), None);
    let intake = each_value(path, table, &mut rejects, read, |_, value| {
        if failed.is_none() {
            failed = each(value).err();
        }
    })?;
    match rejects.shown().find(|reject| reject.fault.outcome == Outcome::SetAside) {
        Some(reject) => Err(reject.fatal()),
        None => failed.map_or(Ok(intake), Err),
    }
}

/// The account of a table that was read to its end.
///
/// # Errors
/// When a row was lost.
pub(super) fn intake(
    path: &Path,
    table: &Table,
    counts: &Counts,
    used: u64,
    set_aside: u64,
) -> Result<Intake, Failure> {
    let intake = Intake {
        file: path.display().to_string(),
        format: table.name.to_string(),
        rows: counts.rows,
        used,
        set_aside,
        time_given: None,
        sha256: sha256(path)?,
        content: format!("{:032x}", counts.content),
    };
    intake.balanced()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::table::{Kind, column};

    const NUMBERS: Table =
        Table { name: "numbers", meaning: "", columns: &[column("n", Kind::Integer, "", true, "A number")] };

    /// So no more than one is held, however long the table.
    #[test]
    fn a_row_is_handed_on_before_the_next_is_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let numbers: Vec<String> = (1..=50_000).map(|n| n.to_string()).collect();
        std::fs::write(file.path(), format!("n\n{}\n", numbers.join("\n"))).unwrap();
        let (held, most, sum) = (Cell::new(0), Cell::new(0), Cell::new(0u64));
        let read = |row: &Row| {
            held.set(held.get() + 1);
            if sum.get() < 40_000 * 40_001 / 2 {
                most.set(most.get().max(held.get()));
            }
            (row.cell(0).parse::<u64>().ok(), Vec::new())
        };
        let each = |n: u64| {
            held.set(held.get() - 1);
            sum.set(sum.get() + n);
            if n == 40_000 { Err(Failure::new("full")) } else { Ok(()) }
        };
        let result = for_every_row(file.path(), &NUMBERS, read, each);
        assert_eq!((result.unwrap_err().message.as_str(), most.get(), sum.get()), ("full", 1, 40_000 * 40_001 / 2));
    }
}
