//! Claims as a table, for contributions: who makes the tail of the years.

use std::cell::RefCell;
use std::path::Path;

use indexmap::IndexMap;

use super::contribution::{Contributions, MeanContribution, MeansByGroup, TailClaims};
use super::occurrences::{OccurrenceLosses, PERSPECTIVES, perspectives, place};
use super::year_losses::YearLosses;
use crate::fault::{Failure, Outcome};
use crate::input::Intake;
use crate::money::Cents;
use crate::table::{Cell, Column, Fields, Kind, Record, RejectLog, Row, Table, TableFile, column, read_rows};

const MONEY: &str = "currency of the losses";

const fn group(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Text, "", false, meaning)
}

/// What a contribution is to, in the order of the table.
const KINDS: [&str; 3] = ["aal", "aep_tvar", "oep_tvar"];

/// What claims can be grouped by.
const DIMENSIONS: [&str; 10] = [
    "policy_id",
    "insured_id",
    "industry",
    "country",
    "revenue_band",
    "vendor",
    "event",
    "coverage",
    "line",
    "segment",
];

/// The table of claims.
pub const CLAIMS_TO_GROUP: Table = Table {
    name: "claims",
    meaning: "Claims by simulated year, for contributions to the tail: those of each year add up to its loss. What a claim may be grouped by is optional; each column that is there gives its contributions.",
    columns: &[
        column("year", Kind::Integer, "", true, "Simulated year, counted from 1"),
        column(
            "occurrence",
            Kind::Integer,
            "",
            false,
            "Within the year, as the losses number it: for contributions to the largest occurrence",
        ),
        column("sample", Kind::Integer, "", false, "Sample of the same years, counted from 1; blank: 1"),
        group(DIMENSIONS[0], "Policy"),
        group(DIMENSIONS[1], "Insured"),
        group(DIMENSIONS[2], "Industry"),
        group(DIMENSIONS[3], "Country"),
        group(DIMENSIONS[4], "Revenue band"),
        group(DIMENSIONS[5], "Vendor"),
        group(DIMENSIONS[6], "Event"),
        group(DIMENSIONS[7], "Coverage"),
        group(DIMENSIONS[8], "Line of business"),
        group(DIMENSIONS[9], "Any other"),
        column("ground_up", Kind::Money, MONEY, false, "Loss before any policy"),
        column("gross", Kind::Money, MONEY, false, "What the policy pays"),
        column("net", Kind::Money, MONEY, false, "What is left after reinsurance"),
    ],
};

/// The table of contributions.
pub const CONTRIBUTIONS: Table = Table {
    name: "contributions",
    meaning: "Which part of the average annual loss, and of the mean beyond the loss at a return period (co-TVaR) of the year's sum and of its largest occurrence, comes from whom. Of one perspective, kind, dimension and return period they add up to the cent.",
    columns: &[
        column("perspective", Kind::Text, "", true, "ground_up, gross or net"),
        column("kind", Kind::Text, "", true, "aal, aep_tvar, or oep_tvar (claims of each year's largest occurrence)"),
        column("return_period", Kind::Number, "years", false, "Of a tail"),
        column("dimension", Kind::Text, "", true, "What claims are grouped by"),
        column(
            "group",
            Kind::Text,
            "",
            false,
            "The group; blank: claims that name none; (unexplained): the part of the tail that no claim explains",
        ),
        column("contribution", Kind::Number, MONEY, true, "Its part"),
        column(
            "standard_error",
            Kind::Number,
            MONEY,
            false,
            "Sampling error of the part, samples of a year taken together; blank for an average where claims are not in order of years, and where too few years tell",
        ),
        column(
            "concentration_index",
            Kind::Number,
            "",
            false,
            "The part over an equal share; blank where no claim explains it",
        ),
    ],
};

/// One row of the table of contributions.
#[derive(Clone, Debug, PartialEq)]
pub struct ContributionLine {
    /// Perspective.
    pub perspective: &'static str,
    /// Kind: `aal`, `aep_tvar` or `oep_tvar`.
    pub kind: &'static str,
    /// Return period; nothing for the average.
    pub return_period: Option<f64>,
    /// What claims are grouped by.
    pub dimension: &'static str,
    /// The group.
    pub group: String,
    /// Its part, in currency units.
    pub contribution: f64,
    /// Standard error.
    pub standard_error: Option<f64>,
    /// Concentration index.
    pub concentration: Option<f64>,
}

impl Record for ContributionLine {
    const TABLE: Table = CONTRIBUTIONS;

    fn cells(&self) -> Vec<Cell> {
        let number = |x: Option<f64>| x.map_or(Cell::Null, Cell::Number);
        vec![
            Cell::text(self.perspective),
            Cell::text(self.kind),
            number(self.return_period),
            Cell::text(self.dimension),
            Cell::text(&self.group),
            Cell::Number(self.contribution),
            number(self.standard_error),
            number(self.concentration),
        ]
    }
}

/// One dimension's groups, and what they lose by perspective.
struct Dimension {
    name: &'static str,
    groups: IndexMap<String, u32>,
    /// Of the year's sum.
    sums: Vec<TailClaims>,
    /// Of its largest occurrence; none where claims do not name theirs.
    largest: Vec<TailClaims>,
    means: Vec<MeansByGroup>,
}

/// Adds up claims by every dimension that the files have.
struct Ledger {
    dimensions: Vec<Dimension>,
    perspectives: Vec<usize>,
    /// By perspective: the number of each year's largest occurrence; none where claims do not name theirs.
    occurrences: Vec<Vec<Option<i64>>>,
    last: u32,
    sorted: bool,
}

/// Reads files of claims against the years of `losses` and gives the contributions by each dimension that all of them have: to
/// the average, to the tail of the year's sum, and where all files have a column `occurrence` to that of its largest occurrence.
///
/// # Errors
/// When a file can't be read, has no dimension, or lacks a perspective that the losses have.
pub fn read_contributions(
    paths: &[impl AsRef<Path>],
    losses: &OccurrenceLosses,
    return_periods: &[f64],
    rejects: &mut RejectLog,
) -> Result<(Vec<ContributionLine>, Vec<Intake>), Failure> {
    let names = dimensions(paths, losses)?;
    let held: Vec<usize> = (0..3).filter(|at| losses.has[*at]).collect();
    let yearly: Vec<YearLosses> = held.iter().map(|at| losses.yearly(*at)).collect();
    let (numbered, tail) =
        (numbered(paths)?, |own: &[Cents]| TailClaims::of_samples(own, losses.samples as usize, return_periods));
    let dimension = |name| Dimension {
        name,
        groups: IndexMap::new(),
        sums: yearly.iter().map(|own| tail(&own.sums)).collect(),
        largest: yearly.iter().filter(|_| numbered).map(|own| tail(&own.largest)).collect(),
        means: held.iter().map(|_| MeansByGroup::default()).collect(),
    };
    let dimensions = names.into_iter().map(dimension).collect();
    let occurrences = held.iter().filter(|_| numbered).map(|at| losses.largest_occurrences(*at)).collect();
    let ledger = RefCell::new(Ledger { dimensions, perspectives: held, occurrences, last: 0, sorted: true });
    let mut intakes = Vec::new();
    for path in paths {
        let read = |row: &Row| {
            let mut fields = Fields::new(row, &CLAIMS_TO_GROUP);
            ledger.borrow_mut().take(&mut fields, losses, &yearly[0]);
            fields.finish(())
        };
        let (_, intake) = read_rows(path.as_ref(), &CLAIMS_TO_GROUP, rejects, read)?;
        intakes.push(intake);
    }
    Ok((ledger.into_inner().lines(losses, return_periods), intakes))
}

/// Whether every file says which occurrence a claim is of.
fn numbered(paths: &[impl AsRef<Path>]) -> Result<bool, Failure> {
    for path in paths {
        if TableFile::open(path.as_ref())?.positions(["occurrence"])[0].is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The dimensions that every file has.
fn dimensions(paths: &[impl AsRef<Path>], losses: &OccurrenceLosses) -> Result<Vec<&'static str>, Failure> {
    let mut names: Vec<&'static str> = DIMENSIONS.to_vec();
    for path in paths.iter().map(AsRef::as_ref) {
        let lacks = |at: &usize| losses.has[*at] && !perspectives(path).is_ok_and(|has| has[*at]);
        perspectives(path)?;
        if let Some(at) = (0..3).find(lacks) {
            return Err(Failure::new(format!(
                "{}:1: required column \"{}\" is missing",
                path.display(),
                PERSPECTIVES[at]
            ))
            .hint("claims need the perspectives that the losses have"));
        }
        let file = TableFile::open(path)?;
        names.retain(|name| file.positions([*name])[0].is_some());
        if names.is_empty() {
            return Err(Failure::new(format!("{}:1: no column to group claims by", path.display()))
                .hint(format!("give all files one of {}", DIMENSIONS.join(", "))));
        }
    }
    Ok(names)
}

impl Ledger {
    /// Takes the claim of a row, unless it has a fault.
    fn take(&mut self, fields: &mut Fields, losses: &OccurrenceLosses, yearly: &YearLosses) {
        let (sample, year) = place(fields, Some(losses.years));
        if sample > losses.samples {
            fields.refuse("sample", &format!("is beyond the {} samples of the losses", losses.samples), "");
        }
        let occurrence = if self.occurrences.is_empty() { 0 } else { fields.whole("occurrence") };
        let amounts: Vec<Cents> = self.perspectives.iter().map(|at| fields.required_money(PERSPECTIVES[*at])).collect();
        if fields.faults.iter().any(|fault| fault.outcome == Outcome::SetAside) {
            return;
        }
        let at = yearly.at(sample, year);
        self.sorted &= year >= self.last;
        self.last = year;
        let of_largest: Vec<bool> =
            self.occurrences.iter().map(|numbers| numbers[at as usize] == Some(occurrence)).collect();
        for dimension in &mut self.dimensions {
            let name = fields.text(dimension.name);
            let next = dimension.groups.len() as u32;
            let group = match dimension.groups.get(name) {
                Some(group) => *group,
                None => *dimension.groups.entry(name.to_string()).or_insert(next),
            };
            for ((tail, means), loss) in dimension.sums.iter_mut().zip(&mut dimension.means).zip(&amounts) {
                tail.add(at, group, *loss);
                means.add(year, group, *loss);
            }
            let largest = dimension.largest.iter_mut().zip(&of_largest).zip(&amounts);
            largest.filter(|((_, of), _)| **of).for_each(|((tail, _), loss)| tail.add(at, group, *loss));
        }
    }

    fn lines(self, losses: &OccurrenceLosses, return_periods: &[f64]) -> Vec<ContributionLine> {
        let mut lines = Vec::new();
        for Dimension { name, groups, sums, largest, means } in self.dimensions {
            // Groups by name, so that cents left by rounding do not depend on the order of rows.
            let mut names: Vec<&String> = groups.keys().collect();
            names.sort();
            let number = |name: &String| names.partition_point(|other| *other < name) as u32;
            let numbers: Vec<u32> = groups.keys().map(number).collect();
            let line = |at: &usize| Line { perspective: PERSPECTIVES[*at], dimension: name, names: &names };
            for (means, at) in means.into_iter().zip(&self.perspectives) {
                let means = means.finish(losses.years as usize).into_iter().map(|own| own.over(losses.samples));
                lines.extend(line(at).averages(means, &numbers, self.sorted));
            }
            for (kind, tails) in [(KINDS[1], sums), (KINDS[2], largest)] {
                for (tail, at) in tails.into_iter().zip(&self.perspectives) {
                    for contributions in tail.renumbered(&numbers).contributions(names.len()) {
                        lines.extend(line(at).tail(kind, &contributions));
                    }
                }
            }
        }
        let order = |line: &ContributionLine| {
            let perspective = PERSPECTIVES.iter().position(|p| *p == line.perspective);
            let period = line.return_period.map(|own| return_periods.iter().position(|p| *p == own));
            let kind = KINDS.iter().position(|kind| *kind == line.kind);
            (perspective, DIMENSIONS.iter().position(|d| *d == line.dimension), kind, period)
        };
        lines.sort_by_key(order);
        lines
    }
}

/// Makes lines of one perspective and dimension.
struct Line<'a> {
    perspective: &'static str,
    dimension: &'static str,
    names: &'a [&'a String],
}

impl Line<'_> {
    fn of(&self, kind: &'static str, return_period: Option<f64>, group: &str, contribution: f64) -> ContributionLine {
        ContributionLine {
            perspective: self.perspective,
            kind,
            return_period,
            dimension: self.dimension,
            group: group.to_string(),
            contribution,
            standard_error: None,
            concentration: None,
        }
    }

    /// Parts of the average annual loss; without standard errors where claims did not come in order of years.
    fn averages(
        &self,
        means: impl Iterator<Item = MeanContribution>,
        numbers: &[u32],
        sorted: bool,
    ) -> Vec<ContributionLine> {
        let mut lines: Vec<ContributionLine> =
            self.names.iter().map(|name| self.of(KINDS[0], None, name, 0.0)).collect();
        for (mean, number) in means.zip(numbers) {
            let line = &mut lines[*number as usize];
            line.contribution = mean.mean.value;
            line.standard_error = mean.mean.standard_error.filter(|_| sorted);
            line.concentration = Some(mean.concentration);
        }
        lines
    }

    fn tail(&self, kind: &'static str, contributions: &Contributions) -> Vec<ContributionLine> {
        let period = Some(contributions.return_period);
        let line = |(name, own): (&&String, &super::Contribution)| ContributionLine {
            standard_error: own.standard_error,
            concentration: Some(own.concentration),
            ..self.of(kind, period, name, own.amount.units())
        };
        let mut lines: Vec<ContributionLine> = self.names.iter().zip(&contributions.groups).map(line).collect();
        if contributions.unexplained != Cents::ZERO {
            lines.push(self.of(kind, period, "(unexplained)", contributions.unexplained.units()));
        }
        lines
    }
}
