//! Root causes, growth and the vendor's part, each with its interval: what a claims article says in one sentence.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::cause::Cause;
use super::exposure::{PolicyYears, days_of};
use super::incident::Incident;
use super::interval::{Interval, poisson, rate_ratio, widened, wilson};
use super::lag::{Development, Reporting};
use crate::portfolio::RevenueBand;
use crate::table::{Cell, Kind, Record, Table, column};

/// How many incidents had a cause.
#[derive(Clone, Debug, PartialEq)]
pub struct CauseShare {
    /// Calendar year; nothing for all together.
    pub year: Option<i16>,
    /// The cause.
    pub cause: Cause,
    /// Incidents that had it.
    pub incidents: u64,
    /// Out of so many: those whose cause is told; for `unknown`, all.
    pub of: u64,
    /// Share with its interval.
    pub share: Interval,
}

impl Record for CauseShare {
    const TABLE: Table = Table {
        name: "causes",
        meaning: "Root causes by year: shares of the incidents whose cause is told, with 90 % intervals (Wilson).",
        columns: &[
            column("year", Kind::Integer, "", false, "Calendar year; blank: all"),
            column("cause", Kind::Text, "", true, "Root cause"),
            column("incidents", Kind::Integer, "", true, "Incidents that had it"),
            column("of", Kind::Integer, "", true, "Incidents whose cause is told; for unknown, all"),
            column("share", Kind::Share, "", true, "Their ratio"),
            column("share_low", Kind::Share, "", true, "Lower end"),
            column("share_high", Kind::Share, "", true, "Upper end"),
        ],
    };

    fn cells(&self) -> Vec<Cell> {
        vec![
            self.year.map_or(Cell::Null, |y| Cell::Integer(y.into())),
            Cell::text(self.cause.as_str()),
            Cell::Integer(self.incidents as i64),
            Cell::Integer(self.of as i64),
            Cell::Number(ratio(self.incidents, self.of)),
            Cell::Number(self.share.low),
            Cell::Number(self.share.high),
        ]
    }
}

/// `part` out of `whole`; zero of nothing.
pub fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Causes over all years and by year, the commonest first, those that never occur left out.
pub fn causes(incidents: &[Incident]) -> Vec<CauseShare> {
    let mut counts: BTreeMap<(Option<i16>, Cause), u64> = BTreeMap::new();
    for incident in incidents {
        for year in [None, Some(incident.year)] {
            *counts.entry((year, incident.cause)).or_default() += 1;
        }
    }
    let years: BTreeSet<Option<i16>> = counts.keys().map(|(year, _)| *year).collect();
    let of_year = |year: Option<i16>| {
        let own: Vec<(Cause, u64)> =
            Cause::ALL.iter().filter_map(|c| counts.get(&(year, *c)).map(|n| (*c, *n))).collect();
        let all: u64 = own.iter().map(|(_, n)| n).sum();
        let unknown: u64 = own.iter().filter(|(c, _)| *c == Cause::Unknown).map(|(_, n)| n).sum();
        let mut lines: Vec<CauseShare> = own
            .into_iter()
            .map(|(cause, n)| {
                let of = if cause == Cause::Unknown { all } else { all - unknown };
                CauseShare { year, cause, incidents: n, of, share: wilson(n, of) }
            })
            .collect();
        lines.sort_by_key(|l| (l.cause == Cause::Unknown, std::cmp::Reverse(l.incidents), l.cause));
        lines
    };
    years.into_iter().flat_map(of_year).collect()
}

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
        meaning: "Incidents by year and their growth from the year before (1 = no change), with 90 % intervals (exact conditional binomial for the ratio of two Poisson counts, widened by the error of the development factor).",
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
        for figure in [self.frequency, self.growth, self.frequency_growth] {
            let number = |x: f64| if x.is_finite() { Cell::Number(x) } else { Cell::Null };
            match figure {
                Some((value, ends)) => cells.extend([number(value), number(ends.low), number(ends.high)]),
                None => cells.extend([Cell::Null, Cell::Null, Cell::Null]),
            }
        }
        cells
    }
}

/// Incidents by year, from the first year with one to the as-of date's.
pub fn growth(
    incidents: &[Incident],
    exposure: &[PolicyYears],
    reporting: Option<&Reporting>,
    as_of: Date,
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
            frequency: policy_years.map(|e| frequency(n, e, development)),
            growth: None,
            frequency_growth: None,
        };
        if let Some(before) = lines.last() {
            line.growth = compare(&line, before, Some(line.part), Some(before.part));
            line.frequency_growth = compare(&line, before, line.policy_years, before.policy_years);
        }
        lines.push(line);
    }
    lines
}

fn frequency(n: u64, exposure: f64, development: Development) -> (f64, Interval) {
    let per = development.factor / exposure;
    let ends = poisson(n);
    let own = Interval { low: ends.low * per, high: ends.high * per };
    let value = n as f64 * per;
    (value, if n == 0 { own } else { widened(value, own, development.log_error) })
}

/// The ratio of two years' rates over what each count is out of.
fn compare(now: &YearLine, before: &YearLine, over: Option<f64>, over_before: Option<f64>) -> Option<(f64, Interval)> {
    let (over, over_before) = (over? / now.development.factor, over_before? / before.development.factor);
    let (ratio, ends) = rate_ratio(now.incidents, over, before.incidents, over_before)?;
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

/// How many incidents came through a vendor.
#[derive(Clone, Debug, PartialEq)]
pub struct VendorShare {
    /// `all`, `year`, `revenue band`, `records affected`, `industry` or `cause`.
    pub by: &'static str,
    /// Which of them.
    pub group: String,
    /// Incidents that came through a vendor.
    pub vendor: u64,
    /// Incidents of which that is told.
    pub of: u64,
    /// Share with its interval.
    pub share: Interval,
}

impl Record for VendorShare {
    const TABLE: Table = Table {
        name: "vendor share",
        meaning: "Incidents that came through a vendor, of those that tell, with 90 % intervals (Wilson).",
        columns: &[
            column("by", Kind::Text, "", true, "all, year, revenue band, records affected, industry or cause"),
            column("group", Kind::Text, "", true, "Which of them"),
            column("vendor", Kind::Integer, "", true, "Incidents that came through a vendor"),
            column("of", Kind::Integer, "", true, "Incidents of which that is told"),
            column("share", Kind::Share, "", true, "Their ratio"),
            column("share_low", Kind::Share, "", true, "Lower end"),
            column("share_high", Kind::Share, "", true, "Upper end"),
        ],
    };

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(self.by),
            Cell::text(&self.group),
            Cell::Integer(self.vendor as i64),
            Cell::Integer(self.of as i64),
            Cell::Number(ratio(self.vendor, self.of)),
            Cell::Number(self.share.low),
            Cell::Number(self.share.high),
        ]
    }
}

/// Bands of records affected: name and upper end.
const RECORDS: [(&str, u64); 5] = [
    ("<1,000", 1_000),
    ("1,000-10,000", 10_000),
    ("10,000-100,000", 100_000),
    ("100,000-1M", 1_000_000),
    (">1M", u64::MAX),
];

/// The vendor's part over all, by year, size, industry and cause; nothing where no record tells.
pub fn vendor_shares(incidents: &[Incident]) -> Vec<VendorShare> {
    type Place = (usize, &'static str, usize, String);
    let mut counts: BTreeMap<Place, (u64, u64)> = BTreeMap::new();
    for incident in incidents {
        let Some(vendor) = incident.vendor else { continue };
        let mut places: Vec<Place> = vec![
            (0, "all", 0, "all".to_string()),
            (1, "year", incident.year as usize, incident.year.to_string()),
            (4, "industry", 0, incident.industry.to_string()),
            (5, "cause", incident.cause as usize, incident.cause.as_str().to_string()),
        ];
        if incident.revenue.is_some() {
            let band = incident.band();
            let at = RevenueBand::ALL.iter().position(|b| *b == band).unwrap_or(0);
            places.push((2, "revenue band", at, band.words().to_string()));
        }
        if let Some(records) = incident.records {
            let at = RECORDS.iter().position(|(_, below)| records < *below).unwrap_or(RECORDS.len() - 1);
            places.push((3, "records affected", at, RECORDS[at].0.to_string()));
        }
        for place in places {
            let count = counts.entry(place).or_default();
            count.0 += u64::from(vendor);
            count.1 += 1;
        }
    }
    let line = |((_, by, _, group), (vendor, of)): (Place, (u64, u64))| VendorShare {
        by,
        group,
        vendor,
        of,
        share: wilson(vendor, of),
    };
    counts.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

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
        let years = growth(&all, &[row(2019, 3_000.0), row(2020, 4_000.0)], None, date(2020, 12, 31));
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
        let years = growth(&all, &[], None, date(2021, 7, 2));
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
        let years = growth(&all, &[], None, date(2020, 12, 31));
        assert!((years[0].part - 91.0 / 365.0 * 4.0 / 3.0).abs() < 1e-9, "{}", years[0].part);
    }

    #[test]
    fn the_vendors_part_is_of_those_who_tell() {
        let mut all = some(10, 2019, Cause::Email);
        all.iter_mut().take(8).enumerate().for_each(|(n, i)| i.vendor = Some(n < 2));
        all[0].records = Some(5_000);
        let lines = vendor_shares(&all);
        assert_eq!((lines[0].by, lines[0].vendor, lines[0].of), ("all", 2, 8));
        assert!(lines.iter().any(|l| l.by == "records affected" && l.group == "1,000-10,000" && l.of == 1));
        assert!(vendor_shares(&some(3, 2019, Cause::Email)).is_empty());
    }
}
