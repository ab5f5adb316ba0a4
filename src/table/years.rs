//! A table of dated rows, year by year, with no more than a year in memory where it is sorted by year.

use std::collections::BTreeMap;
use std::path::Path;

use super::column::Table;
use super::read::{Row, TableFile};
use super::rejects::RejectLog;
use super::rows::intake;
use crate::fault::{Failure, Fault, Outcome};
use crate::input::Intake;
use crate::money::Cents;

/// A row's value, its year, and the amount of money that counts towards the year's total.
pub struct Dated<T> {
    /// Year.
    pub year: i64,
    /// What is added up over the year.
    pub amount: Cents,
    /// The row.
    pub value: T,
}

/// The most that the amounts of a year may add up to: sums of them then stay within 64 bits.
const MOST: i64 = i64::MAX / 4;

/// Hands the rows of each year together to `each`, in ascending order of years.
///
/// With `whole`, the rows are held in memory and sorted; else they must come in that order, and nothing is given back
/// when a year comes after a later one. The faults of all rows go to `rejects`.
///
/// # Errors
/// When the file can't be read or lacks a required column, or those of `each`.
pub fn read_years<T>(
    path: &Path,
    table: &Table,
    rejects: &mut RejectLog,
    whole: bool,
    read: impl Fn(&Row) -> (Option<Dated<T>>, Vec<Fault>),
    each: &mut dyn FnMut(i64, Vec<T>) -> Result<(), Failure>,
) -> Result<Option<Intake>, Failure> {
    let file = TableFile::open(path)?;
    let name = path.display().to_string();
    file.require(table)?;
    rejects.extend(file.misspelt(table).into_iter().map(|fault| fault.at(&name, 1)));
    let mut years = Years { whole, held: BTreeMap::new(), sorted: true, failed: None, used: 0 };
    let mut set_aside = 0;
    let counts = file.for_each(&file.positions(table.header()), |line, row| {
        if !years.sorted || years.failed.is_some() {
            return;
        }
        let (value, mut faults) = row.map_or_else(|fault| (None, vec![fault]), |row| read(&row));
        let overflow = value.and_then(|dated| years.take(dated, each));
        let taken = faults.iter().all(|f| f.outcome == Outcome::Kept) && overflow.is_none();
        faults.extend(overflow);
        set_aside += u64::from(!taken);
        rejects.extend(faults.into_iter().map(|fault| fault.at(&name, line)));
    })?;
    if !years.sorted {
        return Ok(None);
    }
    years.give(each);
    match years.failed {
        Some(failure) => Err(failure),
        None => intake(path, table, &counts, years.used, set_aside).map(Some),
    }
}

/// Rows that wait for the end of their year.
struct Years<T> {
    whole: bool,
    /// Rows and sum of amounts of each year.
    held: BTreeMap<i64, (Vec<T>, i64)>,
    sorted: bool,
    failed: Option<Failure>,
    used: u64,
}

impl<T> Years<T> {
    /// Takes a row; a fault when it would take its year beyond what can be added up.
    fn take(&mut self, row: Dated<T>, each: &mut dyn FnMut(i64, Vec<T>) -> Result<(), Failure>) -> Option<Fault> {
        if !self.whole {
            match self.held.last_key_value() {
                Some((last, _)) if *last > row.year => {
                    self.sorted = false;
                    return None;
                }
                Some((last, _)) if *last < row.year => self.give(each),
                _ => {}
            }
        }
        let (rows, sum) = self.held.entry(row.year).or_default();
        match sum.checked_add(row.amount.0).filter(|sum| *sum <= MOST) {
            Some(more) => *sum = more,
            None => {
                return Some(
                    Fault::new(
                        "",
                        &row.amount.to_string(),
                        "the losses of the year add up to more than can be counted",
                    )
                    .hint("amounts are in units of currency, not in cents: check the column"),
                );
            }
        }
        rows.push(row.value);
        self.used += 1;
        None
    }

    /// Hands out every year that is held.
    fn give(&mut self, each: &mut dyn FnMut(i64, Vec<T>) -> Result<(), Failure>) {
        while let Some((year, (rows, _))) = self.held.pop_first() {
            if self.failed.is_none() && !rows.is_empty() {
                self.failed = each(year, rows).err();
            }
        }
    }
}
