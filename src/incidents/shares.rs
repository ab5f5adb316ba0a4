//! Shares of incidents with their intervals: root causes, and the vendor's part.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::Cause;
use super::incident::Incident;
use super::interval::{Interval, wilson};
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

    #[test]
    fn the_vendors_part_is_of_those_who_tell() {
        let mut all = vec![Incident::new(2019, Cause::Email); 10];
        all.iter_mut().take(8).enumerate().for_each(|(n, i)| i.vendor = Some(n < 2));
        all[0].records = Some(5_000);
        let lines = vendor_shares(&all);
        assert_eq!((lines[0].by, lines[0].vendor, lines[0].of), ("all", 2, 8));
        assert!(lines.iter().any(|l| l.by == "records affected" && l.group == "1,000-10,000" && l.of == 1));
        assert!(vendor_shares(&[Incident::new(2019, Cause::Email)]).is_empty());
    }
}
