//! A whole table as values of one type, every row accounted for.

use std::path::Path;

use super::column::Table;
use super::read::{Counts, Row, TableFile};
use super::rejects::RejectLog;
use crate::fault::{Failure, Fault, Outcome};
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
    let file = TableFile::open(path)?;
    let name = path.display().to_string();
    file.require(table)?;
    rejects.extend(file.misspelt(table).into_iter().map(|fault| fault.at(&name, 1)));
    let (mut rows, mut set_aside) = (Vec::new(), 0);
    let counts = file.for_each(&file.positions(table.header()), |line, row| {
        let (value, faults) = row.map_or_else(|fault| (None, vec![fault]), |row| read(&row));
        set_aside += u64::from(value.is_none());
        rows.extend(value);
        rejects.extend(faults.into_iter().map(|fault| fault.at(&name, line)));
    })?;
    let used = rows.len() as u64;
    Ok((rows, intake(path, table, &counts, used, set_aside)?))
}

/// The rows of a table of figures: one that can't be used spoils the whole, since a figure is never left out in silence.
///
/// # Errors
/// Those of [`read_rows`], and the first row that can't be used.
pub fn read_every_row<T>(
    path: &Path,
    table: &Table,
    read: impl Fn(&Row) -> (Option<T>, Vec<Fault>),
) -> Result<(Vec<T>, Intake), Failure> {
    let mut rejects = RejectLog::default();
    let read = read_rows(path, table, &mut rejects, read)?;
    match rejects.shown().find(|reject| reject.fault.outcome == Outcome::SetAside) {
        Some(reject) => Err(Failure::new(reject.to_string())),
        None => Ok(read),
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
