//! How much more counts vary than a Poisson's: what widens the intervals of growth.
//!
//! Incidents come in clusters (one vendor, many customers; one campaign, many victims), and the variance of a count is φ times
//! its mean. φ is Pearson's χ² over its degrees of freedom (P. McCullagh, J. A. Nelder, *Generalized Linear Models*, 2nd ed.,
//! 1989, sections 4.5 and 6.2), of months about each year's own log-linear course, so that growth from year to year is no part
//! of it; where days are not known, of years about a log-linear trend. Seasons are left alone: they count as spread. Shocks
//! that a whole year shares are not told apart from its growth.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::growth::YearLine;
use super::incident::Incident;
use super::lag::Reporting;
use crate::fit::frequency::{Cell, CountFamily, Options, fit};
use crate::fit::incomplete_gamma::upper;

/// Fewest degrees of freedom that months or years must leave.
const FREEDOM: [usize; 2] = [10, 3];
/// Share of a year's incidents whose day must be known.
const KNOWN: f64 = 0.9;

/// What the spread was seen over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Months about their year's course.
    Months,
    /// Years about their trend.
    Years,
    /// There are too few of either: counts are taken for Poisson's.
    Nothing,
}

/// Variance over mean of counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dispersion {
    /// φ, at least one: counts that vary less than a Poisson's do so by chance.
    pub factor: f64,
    /// Pearson's χ² over its degrees of freedom.
    pub estimate: f64,
    /// Degrees of freedom.
    pub freedom: usize,
    /// Probability of a χ² as large if counts were Poisson's.
    pub p_value: f64,
    /// What it was seen over.
    pub over: Over,
}

impl Dispersion {
    /// A Poisson's.
    pub const POISSON: Dispersion =
        Dispersion { factor: 1.0, estimate: 1.0, freedom: 0, p_value: 1.0, over: Over::Nothing };

    /// Of the incidents, `years` being their counts by year.
    pub fn of(incidents: &[Incident], years: &[YearLine], reporting: Option<&Reporting>, as_of: Date) -> Dispersion {
        let months = of_months(incidents, years, reporting, as_of);
        let found = months.or_else(|| from(&of_years(years), Over::Years, FREEDOM[1]));
        found.unwrap_or(Dispersion::POISSON)
    }
}

/// χ² and degrees of freedom of cells about their log-linear course.
fn pearson(cells: &[Cell]) -> Option<(f64, usize)> {
    let middle = cells.iter().map(|c| c.time).sum::<f64>() / cells.len() as f64;
    let options = Options { trend_at: Some(middle), family: Some(CountFamily::Poisson) };
    let fitted = fit(cells, &options).ok().filter(|fitted| fitted.claims > 0)?;
    let used = 1 + usize::from(fitted.trend.is_some());
    let off = |c: &Cell| {
        let expected = fitted.estimate.at_time(c.time).rate * c.exposure;
        (c.claims as f64 - expected) * (c.claims as f64 - expected) / expected
    };
    (cells.len() > used).then(|| (cells.iter().map(off).sum(), cells.len() - used))
}

fn from(groups: &[Vec<Cell>], over: Over, fewest: usize) -> Option<Dispersion> {
    let parts = groups.iter().filter_map(|cells| pearson(cells));
    let (squares, freedom) = parts.fold((0.0, 0), |(sum, n), (square, own)| (sum + square, n + own));
    let estimate = squares / freedom.max(1) as f64;
    (freedom >= fewest && estimate.is_finite()).then(|| Dispersion {
        factor: estimate.max(1.0),
        estimate,
        freedom,
        p_value: upper(freedom as f64 / 2.0, squares / 2.0),
        over,
    })
}

/// Whole years as one group of cells.
fn of_years(years: &[YearLine]) -> Vec<Vec<Cell>> {
    let whole = years.iter().filter(|line| line.part > 0.98);
    let cell = |line: &YearLine| Cell {
        claims: line.incidents,
        exposure: line.policy_years.unwrap_or(1.0) * line.part / line.development.factor,
        time: f64::from(line.year),
    };
    let told = years.iter().all(|line| line.policy_years.is_some());
    let one = |line: &YearLine| if told { cell(line) } else { cell(&YearLine { policy_years: None, ..line.clone() }) };
    vec![whole.map(one).collect()]
}

/// Months that the records cover whole, by year.
fn of_months(
    incidents: &[Incident],
    years: &[YearLine],
    reporting: Option<&Reporting>,
    as_of: Date,
) -> Option<Dispersion> {
    let mut counts: BTreeMap<(i16, i8), u64> = BTreeMap::new();
    for incident in incidents {
        if let Some(day) = incident.date.or(incident.reported).filter(|day| day.year() == incident.year) {
            *counts.entry((day.year(), day.month())).or_default() += 1;
        }
    }
    let begin = *counts.keys().next()?;
    let groups = years.iter().filter_map(|line| {
        let known: u64 = counts.range((line.year, 1)..=(line.year, 12)).map(|(_, n)| n).sum();
        let enough = line.incidents > 0 && known as f64 >= KNOWN * line.incidents as f64;
        // The first month may be covered in part, and so may the as-of date's.
        let months = (1..=12i8).filter(|month| line.part > 0.98 || (line.year, *month) > begin);
        let cell = |month: i8| {
            let from = Date::new(line.year, month, 1).ok()?;
            let to = from.last_of_month();
            let late = reporting.map_or(1.0, |r| r.development(from, to, as_of).factor);
            let claims = counts.get(&(line.year, month)).copied().unwrap_or(0);
            (to <= as_of).then(|| Cell { claims, exposure: f64::from(to.day()) / late, time: f64::from(month) })
        };
        enough.then(|| months.filter_map(cell).collect::<Vec<Cell>>())
    });
    from(&groups.collect::<Vec<_>>(), Over::Months, FREEDOM[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::{Cause, growth};
    use crate::random::{Draws, Purpose};
    use jiff::ToSpan;
    use jiff::civil::date;

    /// Incidents of six years that double over them, on days drawn evenly, each day with `size` of them.
    fn made(size: u32, with_days: bool) -> Vec<Incident> {
        let draws = Draws::new(3);
        let mut all = Vec::new();
        for year in 0..6i16 {
            let clusters = (f64::from(400 / size) * libm::exp(0.14 * f64::from(year))) as u32;
            for n in 0..clusters {
                let day = (draws.pair(Purpose::Claim, n, year as u32, 0)[0] * 365.0) as i64;
                let date = date(2015 + year, 1, 1) + day.days();
                let one = Incident { date: with_days.then_some(date), ..Incident::new(2015 + year, Cause::Email) };
                all.extend(vec![one; size as usize]);
            }
        }
        all
    }

    fn of(incidents: &[Incident]) -> Dispersion {
        let as_of = date(2020, 12, 31);
        Dispersion::of(incidents, &growth(incidents, &[], None, as_of, 1.0), None, as_of)
    }

    /// Single incidents on days drawn evenly have a dispersion of one, groups of eight one of eight; each within three standard
    /// errors √(2 ÷ degrees of freedom) of it. Growth is no part of it.
    #[test]
    fn incidents_that_come_in_groups_are_told_by_their_months() {
        for (size, is_poisson) in [(1, true), (8, false)] {
            let found = of(&made(size, true));
            let error = f64::from(size) * (2.0 / found.freedom as f64).sqrt();
            assert_eq!((found.over, found.freedom), (Over::Months, 60));
            assert!((found.estimate - f64::from(size)).abs() < 3.0 * error, "{found:?}");
            assert_eq!(found.p_value > 1e-3, is_poisson, "{found:?}");
            assert!(found.factor >= 1.0);
        }
    }

    /// Without days years tell: six of them, of which a trend takes two.
    #[test]
    fn without_days_years_tell_and_two_years_tell_nothing() {
        let years = of(&made(1, false));
        assert_eq!((years.over, years.freedom), (Over::Years, 4));
        // Clusters drawn by year were not: their number is the trend's, to a whole one.
        assert!(years.factor == 1.0 && years.estimate < 0.1, "{years:?}");
        let two: Vec<Incident> = made(1, false).into_iter().filter(|i| i.year > 2018).collect();
        assert_eq!(of(&two), Dispersion::POISSON);
    }

    #[test]
    fn nothing_is_a_poissons() {
        assert_eq!(Dispersion::of(&[], &[], None, date(2020, 12, 31)), Dispersion::POISSON);
    }
}
