//! What treaties take as figures: their cost and use, and the curves of their recoveries.

use std::path::Path;

use indexmap::IndexMap;

use super::curve::Curve;
use super::decomposition::Decomposition;
use super::figures::{Figure, figures};
use super::treaty::{TreatyYears, treaty_figures};
use super::year_losses::YearLosses;
use crate::fault::{Failure, Fault};
use crate::input::Intake;
use crate::money::Cents;
use crate::table::{RejectLog, Row, read_rows};
use crate::treaty::{CEDED, CededLoss};

/// The years of one treaty.
struct Years {
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
    let mut treaties: IndexMap<(u32, String), Years> = IndexMap::new();
    for row in &rows {
        let own = treaties.entry((row.inuring, row.treaty.to_string())).or_insert_with(|| Years::new(years));
        own.add(row);
    }
    treaties.sort_keys();
    let all = treaties.iter().flat_map(|((_, name), own)| own.figures(&format!("ceded: {name}"), return_periods));
    Ok((all.collect(), intake))
}

impl Years {
    fn new(years: u32) -> Years {
        let n = years as usize;
        Years {
            recovered: YearLosses::new(years, 1),
            premium: vec![Cents::ZERO; n],
            attached: vec![false; n],
            exhausted: vec![false; n],
        }
    }

    fn add(&mut self, row: &CededLoss) {
        let (year, cession) = (row.year as u32, &row.cession);
        self.recovered.add(1, year, cession.ceded);
        let at = self.recovered.at(1, year) as usize;
        self.premium[at] += cession.reinstatement_premium;
        self.attached[at] |= cession.ceded > Cents::ZERO;
        self.exhausted[at] |= cession.exhausted;
    }

    fn figures(&self, name: &str, return_periods: &[f64]) -> Vec<Figure> {
        let YearLosses { sums, largest, .. } = &self.recovered;
        let own = treaty_figures(TreatyYears {
            recovered: sums,
            reinstatement_premium: &self.premium,
            attached: &self.attached,
            exhausted: &self.exhausted,
        });
        let mut all = figures(name, &Curve::new(sums), &Curve::new(largest), return_periods);
        for (kind, estimate) in [
            ("reinstatement_premium", own.reinstatement_premium),
            ("ceded_less_premium", own.ceded_less_premium),
            ("probability_of_attaching", own.attaching),
            ("probability_of_exhausting", own.exhausting),
        ] {
            all.push(Figure::of(name, kind, None, estimate));
        }
        all
    }
}

/// How much of the spread of a perspective comes from not knowing the parameters: figures of two runs over the same years.
///
/// # Errors
/// When the runs have other numbers of years.
pub fn parameter_figures(perspective: &str, estimates: &[Cents], drawn: &[Cents]) -> Result<Vec<Figure>, Failure> {
    let both = Decomposition::of(estimates, drawn).ok_or_else(|| {
        Failure::new(format!(
            "{} years with parameters at their estimates, {} with drawn ones",
            estimates.len(),
            drawn.len()
        ))
        .hint("both runs must have the same years, at least two")
    })?;
    let of = |(kind, estimate)| Figure { low: None, high: None, ..Figure::of(perspective, kind, None, estimate) };
    let kinds = [
        ("aal_at_estimates", both.mean_fixed),
        ("process_variance", both.process),
        ("total_variance", both.total),
        ("parameter_variance", both.parameter),
    ];
    Ok(kinds.into_iter().map(of).collect())
}
