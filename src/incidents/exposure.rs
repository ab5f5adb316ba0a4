//! Policy-years: what a frequency is a frequency of.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;

use crate::fault::{Failure, Fault};
use crate::input::Intake;
use crate::portfolio::{Policy, Rates, RevenueBand, read_hosts, sector};
use crate::table::{Cell, Fields, Kind, Record, RejectLog, Row, Table, TableFile, column, read_rows};

/// Policy-years of one year, and of a segment where it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyYears {
    /// Calendar year.
    pub year: i16,
    /// Sector; nothing where the table does not tell it.
    pub industry: Option<&'static str>,
    /// Revenue band; nothing where the table does not tell it.
    pub band: Option<RevenueBand>,
    /// Years that insureds were covered in it.
    pub policy_years: f64,
}

/// The table of policy-years.
pub const POLICY_YEARS: Table = Table {
    name: "policy-years",
    meaning: "Years of cover by calendar year: two policies of one insured at one time are one.",
    columns: &[
        column("year", Kind::Integer, "", true, "Calendar year"),
        column("industry", Kind::Text, "NAICS", false, "2 to 6 digits, or the sector's name; blank: all together"),
        column(
            "revenue_band",
            Kind::Text,
            "",
            false,
            "<10M, 10M-50M, 50M-300M, 300M-2B, 2B-10B, >10B or unknown; blank: all",
        ),
        column("policy_years", Kind::Number, "years", true, "Years that insureds were covered"),
    ],
};

impl Record for PolicyYears {
    const TABLE: Table = POLICY_YEARS;

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::Integer(self.year.into()),
            Cell::text(self.industry.unwrap_or("")),
            Cell::text(self.band.map_or("", RevenueBand::words)),
            Cell::Number(self.policy_years),
        ]
    }
}

/// Reads a table of policy-years, or derives them from a book of policies: told apart by their columns.
///
/// # Errors
/// When it can't be read.
pub fn read_policy_years(
    path: &Path,
    rates: &Rates,
    as_of: Date,
    rejects: &mut RejectLog,
) -> Result<(Vec<PolicyYears>, Intake), Failure> {
    let file = TableFile::open(path)?;
    let has = |name: &str| file.positions([name])[0].is_some();
    if !has("policy_years") && (has("policy_id") || has("AccNumber")) {
        let book = read_hosts(path)?;
        rejects.extend(book.rejects);
        return Ok((earned(&book.policies, rates, as_of), book.intake));
    }
    let (rows, intake) = read_rows(path, &POLICY_YEARS, rejects, read_row)?;
    let (rows, after): (Vec<PolicyYears>, Vec<PolicyYears>) = rows.into_iter().partition(|r| r.year <= as_of.year());
    if let Some(row) = after.first() {
        let fault = Fault::new("year", &row.year.to_string(), "after the as-of date; not read").kept();
        rejects.push(fault.at(&path.display().to_string(), 0));
    }
    if rows.is_empty() {
        return Err(Failure::new(format!("{}: no row of it can be used as policy-years", path.display()))
            .hint("the columns are year, industry, revenue_band, policy_years; or give the policies themselves"));
    }
    Ok((rows, intake))
}

fn read_row(row: &Row) -> (Option<PolicyYears>, Vec<Fault>) {
    let mut fields = Fields::new(row, &POLICY_YEARS);
    let year = fields.text("year").parse::<f64>().ok();
    let year = year.filter(|year| (1900.0..=2200.0).contains(year) && year.fract() == 0.0).unwrap_or_else(|| {
        fields.refuse("year", "a year between 1900 and 2200 is needed", "write it like 2023");
        0.0
    });
    let (industry, band) = (industry(&mut fields), band(&mut fields));
    if fields.text("policy_years").is_empty() {
        fields.refuse("policy_years", "required, and blank", "");
    }
    let policy_years = fields.number("policy_years").unwrap_or(0.0);
    fields.finish(PolicyYears { year: year as i16, industry, band, policy_years })
}

/// The sector that a NAICS code or a sector's name stands for.
pub fn sector_of(text: &str) -> Option<&'static str> {
    let known = || (11..=92).map(|code: u32| sector(&code.to_string())).chain([sector("")]);
    let digits = text.len() >= 2 && text.bytes().all(|b| b.is_ascii_digit());
    if digits { Some(sector(text)) } else { known().find(|name| name.eq_ignore_ascii_case(text)) }
}

/// The band of this name.
pub fn band_of(text: &str) -> Option<RevenueBand> {
    RevenueBand::ALL.into_iter().find(|band| band.words().eq_ignore_ascii_case(text))
}

fn industry(fields: &mut Fields) -> Option<&'static str> {
    let text = fields.text("industry");
    if text.is_empty() {
        return None;
    }
    let found = sector_of(text);
    if found.is_none() {
        fields.refuse("industry", "neither a NAICS code nor a sector's name", "use 2 to 6 digits, such as 62");
    }
    found
}

fn band(fields: &mut Fields) -> Option<RevenueBand> {
    let text = fields.text("revenue_band");
    if text.is_empty() {
        return None;
    }
    let found = band_of(text);
    if found.is_none() {
        let words = RevenueBand::ALL.map(RevenueBand::words).join(", ");
        fields.refuse("revenue_band", "no band of revenue", &format!("bands are {words}"));
    }
    found
}

/// Policy-years earned by a book up to and with the as-of date: each insured counts once on a day, however many policies
/// it has, with the industry and revenue of the policy that began first among those not ended.
pub fn earned(policies: &[Policy], rates: &Rates, as_of: Date) -> Vec<PolicyYears> {
    let mut order: Vec<&Policy> = policies.iter().collect();
    order.sort_by(|a, b| (&a.insured_id, a.inception, &a.id).cmp(&(&b.insured_id, b.inception, &b.id)));
    let end = as_of.tomorrow().unwrap_or(as_of);
    let mut days: BTreeMap<(i16, &'static str, RevenueBand), i64> = BTreeMap::new();
    for own in order.chunk_by(|a, b| a.insured_id == b.insured_id) {
        let mut covered = Date::MIN;
        for policy in own {
            let revenue = policy.revenue.zip(rates.rate(&policy.currency)).map(|(r, rate)| r.units() * rate);
            let (from, to) = (policy.inception.max(covered), policy.expiry.min(end));
            covered = covered.max(to);
            for (year, count) in by_year(from, to) {
                *days.entry((year, sector(&policy.industry), RevenueBand::of(revenue))).or_default() += count;
            }
        }
    }
    let row = |((year, industry, band), days): ((i16, &'static str, RevenueBand), i64)| PolicyYears {
        year,
        industry: Some(industry),
        band: Some(band),
        policy_years: days as f64 / days_of(year),
    };
    days.into_iter().map(row).collect()
}

/// Days of each year from `from` up to, but without, `to`.
fn by_year(from: Date, to: Date) -> Vec<(i16, i64)> {
    let mut parts = Vec::new();
    let mut begin = from;
    while begin < to {
        let next = Date::new(begin.year() + 1, 1, 1).unwrap_or(to).min(to);
        parts.push((begin.year(), i64::from((next - begin).get_days())));
        begin = next;
    }
    parts
}

/// Days of a calendar year.
pub fn days_of(year: i16) -> f64 {
    Date::new(year, 1, 1).map_or(365.0, |day| f64::from(day.days_in_year()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::testing::policy;
    use jiff::civil::date;

    /// By hand: from July 2020 to June 2021, 184 of 366 days and 181 of 365; a layer above it adds nothing, and what lies
    /// after the as-of date is not earned.
    #[test]
    fn an_insured_is_covered_once_a_day() {
        let rates = Rates::new("USD", &BTreeMap::new()).unwrap();
        let primary = policy("a", &[]);
        let excess = Policy { id: "X".into(), inception: date(2020, 9, 1), ..primary.clone() };
        let all = earned(&[excess, primary.clone()], &rates, date(2030, 1, 1));
        // The layer runs to the same day: nothing is added to the primary's year.
        let years: Vec<(i16, f64)> = all.iter().map(|y| (y.year, y.policy_years)).collect();
        assert_eq!(years, [(2020, 184.0 / 366.0), (2021, 181.0 / 365.0)]);
        assert_eq!((all[0].industry, all[0].band), (Some("retail"), Some(RevenueBand::From10M)));
        let early = earned(&[primary], &rates, date(2020, 7, 10));
        assert_eq!(early[0].policy_years, 10.0 / 366.0);
    }

    #[test]
    fn sectors_are_known_by_code_and_by_name() {
        assert_eq!(sector_of("6211"), Some("healthcare"));
        assert_eq!(sector_of("Healthcare"), Some("healthcare"));
        assert_eq!(sector_of("space"), None);
        assert_eq!(band_of("<10m"), Some(RevenueBand::Under10M));
    }
}
