//! Growth from year to year with its interval: what a claims article says in one sentence.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::exposure::{PolicyYears, days_of};
use super::incident::Incident;
use super::interval::{Interval, count, rate_ratio, widened};
use super::lag::{Development, Reporting};
use crate::table::{Cell, Kind, Record, Table, column};

/// One year's incidents, and how many more than the year before.
#[derive(Clone, Debug, PartialEq)]
pub struct YearLine {
    /// Calendar year.
    pub year: i16,
    /// Incidents in the records.
    pub incidents: u64,
    /// Part of the year that the records cover.
    pub part: f64,
    /// Expected ever reported ÷ reported so far.
    pub development: Development,
    /// Policy-years, where exposure is given.
    pub policy_years: Option<f64>,
    /// Incidents a policy-year once all are reported, with its interval.
    pub frequency: Option<(f64, Interval)>,
    /// Incidents a year ÷ those of the year before, both whole and fully reported.
    pub growth: Option<(f64, Interval)>,
    /// The same of the frequency: the growth of the book taken out.
    pub frequency_growth: Option<(f64, Interval)>,
    /// Variance of a count over its mean, which the intervals are widened by: see [`super::Dispersion`].
    pub dispersion: f64,
    /// Intervals of both kinds of growth if counts were Poisson's.
    pub as_poisson: [Option<Interval>; 2],
}

impl YearLine {
    /// Expected number ever reported of the whole year.
    pub fn expected(&self) -> f64 {
        self.incidents as f64 * self.development.factor / self.part.max(1e-9)
    }
}

impl Record for YearLine {
    const TABLE: Table = Table {
        name: "growth",
        meaning: "Incidents by year and their growth from the year before (1 = no change), with 90 % intervals: conditional binomial for the ratio of two counts, each standing for as many independent clusters as the dispersion has it, widened by the error of the development factor.",
        columns: &[
            column("year", Kind::Integer, "", true, "Calendar year"),
            column("incidents", Kind::Integer, "", true, "Incidents in the records"),
            column("part_of_year", Kind::Share, "", true, "Part of the year that the records cover"),
            column("development_factor", Kind::Number, "", true, "Expected ever reported ÷ reported so far"),
            column("development_log_error", Kind::Number, "", true, "Standard error of its logarithm"),
            column("expected_incidents", Kind::Number, "", true, "Of the whole year, once all are reported"),
            column("policy_years", Kind::Number, "years", false, "Exposure"),
            column("frequency", Kind::Number, "a policy-year", false, "Incidents a policy-year, once all are reported"),
            column("frequency_low", Kind::Number, "a policy-year", false, "Lower end"),
            column("frequency_high", Kind::Number, "a policy-year", false, "Upper end"),
            column("growth", Kind::Number, "", false, "Incidents ÷ those of the year before"),
            column("growth_low", Kind::Number, "", false, "Lower end"),
            column("growth_high", Kind::Number, "", false, "Upper end; blank where there is none"),
            column("frequency_growth", Kind::Number, "", false, "Frequency ÷ that of the year before"),
            column("frequency_growth_low", Kind::Number, "", false, "Lower end"),
            column("frequency_growth_high", Kind::Number, "", false, "Upper end; blank where there is none"),
            column(
                "dispersion",
                Kind::Number,
                "",
                true,
                "Variance of a count over its mean, in all intervals above; 1: Poisson",
            ),
            column("growth_poisson_low", Kind::Number, "", false, "Lower end of growth if counts were Poisson's"),
            column("growth_poisson_high", Kind::Number, "", false, "Upper end"),
            column(
                "frequency_growth_poisson_low",
                Kind::Number,
                "",
                false,
                "Lower end of the frequency's growth if counts were Poisson's",
            ),
            column("frequency_growth_poisson_high", Kind::Number, "", false, "Upper end"),
        ],
    };

    fn cells(&self) -> Vec<Cell> {
        let mut cells = vec![
            Cell::Integer(self.year.into()),
            Cell::Integer(self.incidents as i64),
            Cell::Number(self.part),
            Cell::Number(self.development.factor),
            Cell::Number(self.development.log_error),
            Cell::Number(self.expected()),
            self.policy_years.map_or(Cell::Null, Cell::Number),
        ];
        let number = |x: f64| if x.is_finite() { Cell::Number(x) } else { Cell::Null };
        for figure in [self.frequency, self.growth, self.frequency_growth] {
            match figure {
                Some((value, ends)) => cells.extend([number(value), number(ends.low), number(ends.high)]),
                None => cells.extend([Cell::Null, Cell::Null, Cell::Null]),
            }
        }
        cells.push(Cell::Number(self.dispersion));
        for ends in self.as_poisson {
            cells.extend(ends.map_or([Cell::Null, Cell::Null], |ends| [number(ends.low), number(ends.high)]));
        }
        cells
    }
}

/// Incidents by year, from the first year with one to the as-of date's; variances of counts are `dispersion` times their means.
pub fn growth(
    incidents: &[Incident],
    exposure: &[PolicyYears],
    reporting: Option<&Reporting>,
    as_of: Date,
    dispersion: f64,
) -> Vec<YearLine> {
    let mut counts: BTreeMap<i16, u64> = BTreeMap::new();
    incidents.iter().for_each(|i| *counts.entry(i.year).or_default() += 1);
    let mut covered: BTreeMap<i16, f64> = BTreeMap::new();
    exposure.iter().for_each(|e| *covered.entry(e.year).or_default() += e.policy_years);
    let (Some(first), Some(last)) = (counts.keys().next().copied(), counts.keys().next_back().copied()) else {
        return Vec::new();
    };
    let mut lines: Vec<YearLine> = Vec::new();
    for year in first..=last.max(as_of.year()) {
        let n = counts.get(&year).copied().unwrap_or(0);
        let part = if year == first { since_first(incidents, year, n, as_of) } else { until(year, as_of) };
        let development = reporting.map_or(Development::NONE, |r| developed(r, year, as_of));
        let policy_years = covered.get(&year).copied().filter(|e| *e > 0.0);
        let mut line = YearLine {
            year,
            incidents: n,
            part,
            development,
            policy_years,
            frequency: policy_years.map(|e| frequency(n, e, development, dispersion)),
            growth: None,
            frequency_growth: None,
            dispersion,
            as_poisson: [None, None],
        };
        if let Some(before) = lines.last() {
            let parts = |dispersion| compare(&line, before, Some(line.part), Some(before.part), dispersion);
            let rates = |dispersion| compare(&line, before, line.policy_years, before.policy_years, dispersion);
            (line.growth, line.frequency_growth, line.as_poisson) = (
                parts(dispersion),
                rates(dispersion),
                [parts(1.0), rates(1.0)].map(|growth| growth.map(|(_, ends)| ends)),
            );
        }
        lines.push(line);
    }
    lines
}

fn frequency(n: u64, exposure: f64, development: Development, dispersion: f64) -> (f64, Interval) {
    let per = development.factor / exposure;
    let ends = count(n, dispersion);
    let own = Interval { low: ends.low * per, high: ends.high * per };
    let value = n as f64 * per;
    (value, if n == 0 { own } else { widened(value, own, development.log_error) })
}

/// The ratio of two years' rates over what each count is out of.
fn compare(
    now: &YearLine,
    before: &YearLine,
    over: Option<f64>,
    over_before: Option<f64>,
    dispersion: f64,
) -> Option<(f64, Interval)> {
    let (over, over_before) = (over? / now.development.factor, over_before? / before.development.factor);
    let (ratio, ends) = rate_ratio(now.incidents, over, before.incidents, over_before, dispersion)?;
    let error = now.development.log_error.hypot(before.development.log_error);
    Some((ratio, widened(ratio, ends, error)))
}

fn developed(reporting: &Reporting, year: i16, as_of: Date) -> Development {
    match (Date::new(year, 1, 1), Date::new(year, 12, 31)) {
        (Ok(from), Ok(to)) if from <= as_of => reporting.development(from, to.min(as_of), as_of),
        _ => Development::NONE,
    }
}

/// Part of a year that has passed on the as-of date.
fn until(year: i16, as_of: Date) -> f64 {
    if year == as_of.year() { f64::from(as_of.day_of_year()) / days_of(year) } else { 1.0 }
}

/// Part of the first year that the records cover. Records that begin during it show it by the day of the first: with n
/// incidents spread evenly over the covered part, the span from the first of them to its end is n ÷ (n + 1) of it on
/// average. Where no day is known the year is taken as whole.
fn since_first(incidents: &[Incident], year: i16, n: u64, as_of: Date) -> f64 {
    let whole = until(year, as_of);
    let of_year = incidents.iter().filter(|i| i.year == year);
    let days: Option<Vec<Date>> = of_year.map(|i| i.date.or(i.reported).filter(|d| d.year() == year)).collect();
    let Some(first) = days.and_then(|days| days.into_iter().min()) else { return whole };
    let span = whole - (f64::from(first.day_of_year()) - 1.0) / days_of(year);
    (span * (n as f64 + 1.0) / n.max(1) as f64).clamp(0.0, whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::{Cause, causes, ratio};
    use jiff::civil::date;

    /// With a dispersion of four the interval is about twice as wide on the logarithm, and the Poisson's stays beside it.
    #[test]
    fn growth_of_counts_in_clusters_has_the_wider_interval_beside_the_poissons() {
        let all = [some(100, 2019, Cause::Email), some(167, 2020, Cause::Email)].concat();
        let last = growth(&all, &[], None, date(2020, 12, 31), 4.0).pop().unwrap();
        let ((ratio, wide), narrow) = (last.growth.unwrap(), last.as_poisson[0].unwrap());
        let width = |ends: Interval| libm::log(ends.high / ends.low);
        assert!((ratio - 1.67).abs() < 1e-12 && (width(wide) / width(narrow) - 2.0).abs() < 0.1, "{wide:?} {narrow:?}");
    }

    fn some(n: u64, year: i16, cause: Cause) -> Vec<Incident> {
        (0..n).map(|_| Incident::new(year, cause)).collect()
    }

    /// The founding article: email the root cause of 54 % of the events of 2020, claims up 67 % from 2019. With 100 claims in
    /// 2019 and a third more policies in 2020, the frequency rose by a quarter.
    #[test]
    fn the_founding_article_is_told_with_intervals() {
        let mut all = some(100, 2019, Cause::Hacking);
        all.extend(some(90, 2020, Cause::Email));
        all.extend(some(77, 2020, Cause::Hacking));
        all.extend(some(10, 2018, Cause::Unknown));
        let lines = causes(&all);
        let email = lines.iter().find(|l| l.year == Some(2020) && l.cause == Cause::Email).unwrap();
        assert_eq!((email.incidents, email.of), (90, 167));
        assert!((ratio(90, 167) - 0.54).abs() < 0.005 && email.share.low > 0.45 && email.share.high < 0.62);
        let row = |year, policy_years| PolicyYears { year, industry: None, band: None, policy_years };
        let years = growth(&all, &[row(2019, 3_000.0), row(2020, 4_000.0)], None, date(2020, 12, 31), 1.0);
        let (ratio, ends) = years[2].growth.unwrap();
        assert!((ratio - 1.67).abs() < 1e-12 && ends.low > 1.3 && ends.high < 2.15, "{ends:?}");
        let (frequency, ends) = years[2].frequency_growth.unwrap();
        assert!((frequency - 1.2525).abs() < 1e-12 && ends.low < 1.0 + 0.05 && ends.high > 1.5, "{ends:?}");
        assert_eq!(years[1].frequency_growth, None);
    }

    /// Ten incidents in the first half of the as-of year are twenty a year: no fall from twenty, and none rises from nothing.
    #[test]
    fn a_part_of_a_year_is_compared_as_a_part() {
        let all = [some(20, 2019, Cause::Email), some(10, 2021, Cause::Email)].concat();
        let years = growth(&all, &[], None, date(2021, 7, 2), 1.0);
        assert_eq!(years.iter().map(|y| y.incidents).collect::<Vec<_>>(), [20, 0, 10]);
        assert!((years[2].part - 183.0 / 365.0).abs() < 1e-12 && years[2].growth.is_none());
        assert!((years[2].expected() - 19.9).abs() < 0.1);
        assert_eq!(years[1].growth.unwrap().0, 0.0);
    }

    #[test]
    fn the_first_year_counts_from_its_first_record_where_days_are_known() {
        let mut all = some(3, 2019, Cause::Email);
        for (n, incident) in all.iter_mut().enumerate() {
            incident.date = Some(date(2019, 10, 2 + n as i8));
        }
        // From 2 October 91 of 365 days are left; with three incidents a third more.
        let years = growth(&all, &[], None, date(2020, 12, 31), 1.0);
        assert!((years[0].part - 91.0 / 365.0 * 4.0 / 3.0).abs() < 1e-9, "{}", years[0].part);
    }
}
