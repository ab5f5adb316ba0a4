//! What treaties take as figures: their cost and use, and the curves of their recoveries.

use std::path::Path;

use indexmap::IndexMap;

use super::curve::Curve;
use super::decomposition::Decomposition;
use super::figures::{Figure, figures};
use super::treaty::{TreatyFigures, TreatyYears, treaty_figures};
use super::year_losses::YearLosses;
use crate::fault::{Failure, Fault};
use crate::input::Intake;
use crate::money::Cents;
use crate::table::{RejectLog, Row, read_rows};
use crate::treaty::{CEDED, CededLoss, Cession};

/// What one treaty took in each of some simulated years.
#[derive(Clone, Debug, PartialEq)]
pub struct TreatyLosses {
    /// Its name.
    pub name: String,
    /// Its place: lower numbers come first.
    pub inuring: u32,
    recovered: YearLosses,
    premium: Vec<Cents>,
    attached: Vec<bool>,
    exhausted: Vec<bool>,
}

/// Figures of each treaty of a table of ceded losses over `years` simulated years, by its name: the curves of what it pays
/// (`ceded: NAME`), and what it costs and how often it is reached.
///
/// # Errors
/// When the file can't be read or lacks a required column.
pub fn read_treaties(
    path: &Path,
    years: u32,
    return_periods: &[f64],
    rejects: &mut RejectLog,
) -> Result<(Vec<Figure>, Intake), Failure> {
    let (treaties, intake) = read_treaty_losses(path, years, rejects)?;
    let all = treaties.iter().flat_map(|own| own.curves_and_cost(return_periods));
    Ok((all.collect(), intake))
}

/// The years of each treaty of a table of ceded losses over `years` simulated years, by inuring number and name.
///
/// # Errors
/// When the file can't be read or lacks a required column.
pub fn read_treaty_losses(
    path: &Path,
    years: u32,
    rejects: &mut RejectLog,
) -> Result<(Vec<TreatyLosses>, Intake), Failure> {
    let read = |row: &Row| {
        let (ceded, mut faults) = CededLoss::read(row);
        let within = ceded.filter(|c| (1..=i64::from(years)).contains(&c.year));
        if within.is_none() && faults.is_empty() {
            let rule = format!("is not among the {years} years");
            faults.push(Fault::new("year", row.cell(0), rule).hint("say with --years how many years were simulated"));
        }
        (within, faults)
    };
    let (rows, intake) = read_rows(path, &CEDED, rejects, read)?;
    YearLosses::check(path, years, 1)?;
    let mut treaties: IndexMap<(u32, &str), TreatyLosses> = IndexMap::new();
    for row in &rows {
        let own = treaties
            .entry((row.inuring, &row.treaty))
            .or_insert_with(|| TreatyLosses::new(&row.treaty, row.inuring, years));
        own.add(row.year as u32, &row.cession);
    }
    treaties.sort_keys();
    Ok((treaties.into_values().collect(), intake))
}

impl TreatyLosses {
    /// Of a treaty that has taken nothing yet in any of `years` years.
    pub fn new(name: &str, inuring: u32, years: u32) -> TreatyLosses {
        let n = years as usize;
        TreatyLosses {
            name: name.to_string(),
            inuring,
            recovered: YearLosses::new(years, 1),
            premium: vec![Cents::ZERO; n],
            attached: vec![false; n],
            exhausted: vec![false; n],
        }
    }

    /// Takes what it took of an occurrence of a year, which counts from 1 and is among those that there are.
    pub fn add(&mut self, year: u32, cession: &Cession) {
        self.recovered.add(1, year, cession.ceded);
        let at = self.recovered.at(1, year) as usize;
        self.premium[at] += cession.reinstatement_premium;
        self.attached[at] |= cession.ceded > Cents::ZERO;
        self.exhausted[at] |= cession.exhausted;
    }

    /// What it pays and costs, and how often it is reached.
    pub fn figures(&self) -> TreatyFigures {
        treaty_figures(TreatyYears {
            recovered: &self.recovered.sums,
            reinstatement_premium: &self.premium,
            attached: &self.attached,
            exhausted: &self.exhausted,
        })
    }

    fn curves_and_cost(&self, return_periods: &[f64]) -> Vec<Figure> {
        let name = &format!("ceded: {}", self.name);
        let YearLosses { sums, largest, .. } = &self.recovered;
        let own = self.figures();
        let mut all = figures(name, &Curve::new(sums), &Curve::new(largest), return_periods);
        let of = |kind, estimate| Figure::of(name, kind, None, estimate);
        all.extend([
            of("reinstatement_premium", own.reinstatement_premium),
            Figure::signed(name, "ceded_less_premium", None, own.ceded_less_premium),
            Figure::of_share(name, "probability_of_attaching", own.attaching),
            Figure::of_share(name, "probability_of_exhausting", own.exhausting),
        ]);
        all
    }
}

/// How much of the spread of a perspective comes from not knowing the parameters: figures of two runs over the same years, each in
/// so many samples.
///
/// # Errors
/// When the runs have other numbers of years.
pub fn parameter_figures(
    perspective: &str,
    estimates: &[Cents],
    drawn: &[Cents],
    samples: usize,
) -> Result<Vec<Figure>, Failure> {
    let both = Decomposition::of_samples(estimates, drawn, samples).ok_or_else(|| {
        Failure::new(format!(
            "{} years with parameters at their estimates, {} with drawn ones",
            estimates.len(),
            drawn.len()
        ))
        .hint("both runs must have the same years, at least two")
    })?;
    let of = |kind, estimate| Figure::of(perspective, kind, None, estimate);
    Ok(vec![
        of("aal_at_estimates", both.mean_fixed),
        of("process_variance", both.process),
        of("total_variance", both.total),
        Figure::signed(perspective, "parameter_variance", None, both.parameter),
    ])
}
