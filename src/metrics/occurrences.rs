//! Losses by year and occurrence as a table: the engine's own or anyone's.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::Path;

use indexmap::IndexMap;

use super::ord::{OrdDay, SampleLoss};
use super::year_losses::YearLosses;
use crate::fault::{Failure, Outcome};
use crate::input::Intake;
use crate::money::Cents;
use crate::table::{Fields, Kind, RejectLog, Row, Table, TableFile, column, read_rows};

/// Perspectives, in the order of the columns.
pub const PERSPECTIVES: [&str; 3] = ["ground_up", "gross", "net"];

const MONEY: &str = "any one currency";

/// The table of losses by occurrence.
pub const OCCURRENCE_LOSSES: Table = Table {
    name: "occurrence losses",
    meaning: "Losses by simulated year and occurrence. Rows of one occurrence are added up, so that claims may be given as they are. At least one of ground_up, gross and net is needed.",
    columns: &[
        column("year", Kind::Integer, "", true, "Simulated year, counted from 1"),
        column("occurrence", Kind::Integer, "", true, "Within the year"),
        column("sample", Kind::Integer, "", false, "Sample of the same years, counted from 1; blank: 1"),
        column("event", Kind::Text, "", false, "What happened"),
        column("date", Kind::Date, "", false, "When"),
        column("day", Kind::Integer, "", false, "Day of the year, 1 to 365, where there is no date"),
        column("ground_up", Kind::Money, MONEY, false, "Loss before any policy"),
        column("gross", Kind::Money, MONEY, false, "What policies pay"),
        column("net", Kind::Money, MONEY, false, "What is left after reinsurance"),
    ],
};

/// The most that a year's losses may add up to.
const MOST: i64 = i64::MAX / 4;

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OccurrenceRow {
    /// Counted from 1.
    pub sample: u32,
    /// Counted from 1.
    pub year: u32,
    /// Within the year.
    pub occurrence: i64,
    /// Number of the event: its own where all events are different numbers, else by name; 0 where none is named.
    pub event: u32,
    /// When.
    pub calendar: Option<OrdDay>,
    /// By perspective; nothing in those that the table does not have.
    pub losses: [Cents; 3],
}

/// A table of losses by occurrence that was read.
#[derive(Clone, Debug)]
pub struct OccurrenceLosses {
    /// Rows, in order of sample, year, occurrence and event.
    pub rows: Vec<OccurrenceRow>,
    /// Which perspectives the table has.
    pub has: [bool; 3],
    /// Events, by number.
    pub events: Vec<(u32, String)>,
    /// Simulated years: as given, or the last that the table has.
    pub years: u32,
    /// Samples.
    pub samples: u32,
    /// The account of the file.
    pub intake: Intake,
}

impl OccurrenceLosses {
    /// Reads a table; with `years` nothing, the last year in it is taken for the number of years.
    ///
    /// # Errors
    /// When the file can't be read, lacks a required column or has no perspective, or the years are too many.
    pub fn read(path: &Path, years: Option<u32>, rejects: &mut RejectLog) -> Result<OccurrenceLosses, Failure> {
        let has = perspectives(path)?;
        let names: RefCell<IndexMap<String, u32>> = RefCell::default();
        let sums: RefCell<HashMap<(u32, u32), [i64; 3]>> = RefCell::default();
        let read = |row: &Row| {
            let mut fields = Fields::new(row, &OCCURRENCE_LOSSES);
            let loss = read_one(&mut fields, years, has, &names);
            if fields.faults.iter().all(|f| f.outcome == Outcome::Kept) {
                count(&mut fields, &loss, &mut sums.borrow_mut());
            }
            fields.finish(loss)
        };
        let (mut rows, intake) = read_rows(path, &OCCURRENCE_LOSSES, rejects, read)?;
        let events = numbered(names.into_inner(), &mut rows);
        rows.sort_unstable();
        let last = |of: fn(&OccurrenceRow) -> u32| rows.iter().map(of).max();
        let years = years.or(last(|row| row.year)).unwrap_or(0);
        let samples = last(|row| row.sample).unwrap_or(1);
        if years == 0 {
            return Err(Failure::new(format!("{}: no loss can be used", path.display()))
                .hint("say with --years how many years without one were simulated"));
        }
        YearLosses::check(path, years, samples)?;
        Ok(OccurrenceLosses { rows, has, events, years, samples, intake })
    }

    /// Every sample of a perspective by occurrence and event, those without a loss too.
    pub fn samples_of(&self, perspective: usize) -> Vec<SampleLoss> {
        let one = |row: &OccurrenceRow| {
            let OccurrenceRow { year, occurrence, event, sample, calendar, losses } = *row;
            SampleLoss { year, occurrence, event, sample, calendar, loss: losses[perspective] }
        };
        self.rows.iter().map(one).collect()
    }

    /// The number of each year's largest occurrence, the first of equal ones, in the order of [`YearLosses`]; nothing of
    /// years without a loss.
    pub fn largest_occurrences(&self, perspective: usize) -> Vec<Option<i64>> {
        let yearly = YearLosses::new(self.years, self.samples);
        let mut numbers = vec![None; yearly.sums.len()];
        let mut largest = yearly.largest.clone();
        for own in self.rows.chunk_by(same_occurrence) {
            let loss: Cents = own.iter().map(|row| row.losses[perspective]).sum();
            let at = yearly.at(own[0].sample, own[0].year) as usize;
            if loss > largest[at] {
                (largest[at], numbers[at]) = (loss, Some(own[0].occurrence));
            }
        }
        numbers
    }

    /// The years of a perspective.
    pub fn yearly(&self, perspective: usize) -> YearLosses {
        let mut yearly = YearLosses::new(self.years, self.samples);
        for own in self.rows.chunk_by(same_occurrence) {
            let loss = own.iter().map(|row| row.losses[perspective]).sum();
            yearly.add(own[0].sample, own[0].year, loss);
        }
        yearly
    }
}

fn same_occurrence(a: &OccurrenceRow, b: &OccurrenceRow) -> bool {
    (a.sample, a.year, a.occurrence) == (b.sample, b.year, b.occurrence)
}

/// Which perspectives a table has.
///
/// # Errors
/// When it has none.
pub fn perspectives(path: &Path) -> Result<[bool; 3], Failure> {
    let positions = TableFile::open(path)?.positions(PERSPECTIVES);
    let has = [positions[0].is_some(), positions[1].is_some(), positions[2].is_some()];
    if has == [false; 3] {
        return Err(Failure::new(format!(
            "{}:1: none of the columns ground_up, gross and net is there",
            path.display()
        ))
        .hint("name the column of losses after what it holds: gross is what policies pay"));
    }
    Ok(has)
}

/// Sample and year of a row, counted from 1.
pub(super) fn place(fields: &mut Fields, years: Option<u32>) -> (u32, u32) {
    let mut counted = |column: &str, most: Option<u32>, blank: bool| {
        if blank && fields.text(column).is_empty() {
            return 1;
        }
        let number = fields.counted(column);
        if let Some(most) = most.filter(|most| number > *most) {
            let rule = format!("is beyond the {most} years");
            fields.refuse(column, &rule, "say with --years how many years were simulated");
        }
        number
    };
    (counted("sample", None, true), counted("year", years, false))
}

fn read_one(
    fields: &mut Fields,
    years: Option<u32>,
    has: [bool; 3],
    names: &RefCell<IndexMap<String, u32>>,
) -> OccurrenceRow {
    let (sample, year) = place(fields, years);
    let mut losses = [Cents::ZERO; 3];
    for (at, name) in PERSPECTIVES.iter().enumerate().filter(|(at, _)| has[*at]) {
        losses[at] = fields.required_money(name);
    }
    let sound = fields.faults.iter().all(|fault| fault.outcome == Outcome::Kept);
    let held: Vec<usize> = (0..3).filter(|at| has[*at] && sound).collect();
    for pair in held.windows(2).filter(|pair| losses[pair[1]] > losses[pair[0]]) {
        let rule = format!("is above {}", PERSPECTIVES[pair[0]]);
        fields.warn(PERSPECTIVES[pair[1]], &rule, "are the two columns swapped?");
    }
    let event = match fields.text("event") {
        "" => 0,
        name => {
            let mut names = names.borrow_mut();
            let next = names.len() as u32 + 1;
            *names.entry(name.to_string()).or_insert(next)
        }
    };
    let calendar = calendar(fields, year);
    OccurrenceRow { sample, year, occurrence: fields.whole("occurrence"), event, calendar, losses }
}

/// The date of a row, or its day of the simulated year.
fn calendar(fields: &mut Fields, year: u32) -> Option<OrdDay> {
    if !fields.text("date").is_empty() {
        return fields.date("date").map(OrdDay::of_date);
    }
    if fields.text("day").is_empty() {
        return None;
    }
    let before = fields.faults.len();
    let day = u16::try_from(fields.whole("day")).ok().and_then(|day| OrdDay::of_day(year, day));
    if day.is_none() && fields.faults.len() == before {
        fields.refuse("day", "no day of a year of 365 days", "give days from 1 to 365, or a date");
    }
    day
}

/// Adds a row to the sums of its year; a fault where they would be beyond what can be counted.
fn count(fields: &mut Fields, loss: &OccurrenceRow, sums: &mut HashMap<(u32, u32), [i64; 3]>) {
    let own = sums.entry((loss.sample, loss.year)).or_default();
    for at in 0..3 {
        match own[at].checked_add(loss.losses[at].0).filter(|sum| *sum <= MOST) {
            Some(sum) => own[at] = sum,
            None => fields.refuse(
                PERSPECTIVES[at],
                "the losses of the year add up to more than can be counted",
                "amounts are in units of currency, not in cents: check the column",
            ),
        }
    }
}

/// Gives events their numbers, whatever the order of the rows: their own where all names are numbers and no two the same, else by
/// name.
fn numbered(names: IndexMap<String, u32>, rows: &mut [OccurrenceRow]) -> Vec<(u32, String)> {
    let own: Option<Vec<u32>> =
        names.keys().map(|name| name.parse().ok().filter(|id| (1..=i32::MAX as u32).contains(id))).collect();
    let own = own.filter(|ids| ids.iter().collect::<HashSet<_>>().len() == ids.len());
    let mut sorted: Vec<&String> = names.keys().collect();
    sorted.sort();
    let number = |name: &String, at: usize| match &own {
        Some(ids) => ids[at],
        None => sorted.partition_point(|other| *other < name) as u32 + 1,
    };
    let mut events: Vec<(u32, String)> =
        names.keys().enumerate().map(|(at, name)| (number(name, at), name.clone())).collect();
    for row in rows.iter_mut().filter(|row| row.event > 0) {
        row.event = events[row.event as usize - 1].0;
    }
    events.sort();
    events
}
