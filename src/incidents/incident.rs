//! An incident as the engine uses it, and the table that users bring.

use jiff::civil::Date;

use super::cause::Cause;
use super::loss::{self, Loss, Split};
use crate::fault::Fault;
use crate::portfolio::{Rates, RevenueBand, currency, sector};
use crate::table::{Fields, Kind, Row, Table, column};

/// One incident or claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// Hash of its id; nothing where it has none.
    pub key: Option<u64>,
    /// Hash of who had it, when, why and how large it was, for records without an id; nothing where nobody is named.
    pub twin: Option<u64>,
    /// Calendar year.
    pub year: i16,
    /// Day, where it is known.
    pub date: Option<Date>,
    /// Day on which it was reported, where it is known.
    pub reported: Option<Date>,
    /// Root cause.
    pub cause: Cause,
    /// Whether it came through a vendor, where that is told.
    pub vendor: Option<bool>,
    /// Sector of its NAICS code; `unknown` without.
    pub industry: &'static str,
    /// Revenue a year, US dollars.
    pub revenue: Option<f64>,
    /// Personal records affected.
    pub records: Option<u64>,
    /// Its loss, where it is known and above the retention.
    pub loss: Option<Loss>,
    /// How its loss falls on coverages, where that is told.
    pub by_coverage: Option<Box<Split>>,
}

impl Incident {
    /// An incident of which only the year and the cause are known.
    pub fn new(year: i16, cause: Cause) -> Incident {
        Incident {
            key: None,
            twin: None,
            year,
            date: None,
            reported: None,
            cause,
            vendor: None,
            industry: sector(""),
            revenue: None,
            records: None,
            loss: None,
            by_coverage: None,
        }
    }

    /// Band of its revenue.
    pub fn band(&self) -> RevenueBand {
        RevenueBand::of(self.revenue)
    }

    /// The day by which it was known: when it was reported, else when it happened, else the first day of its year.
    pub fn known_on(&self) -> Date {
        let begin = Date::new(self.year, 1, 1).unwrap_or(Date::MIN);
        self.reported.or(self.date).unwrap_or(begin)
    }
}

const MONEY: &str = "row's currency";

/// The incident table.
pub const INCIDENTS: Table = Table {
    name: "incidents",
    meaning: "Incident or claim records: one row an incident.",
    columns: &[
        column("date", Kind::Text, "ISO 8601", true, "When it happened: a day, a month (2024-05) or a year"),
        column("cause", Kind::Text, "", true, "Root cause; blank when it is not known"),
        column("incident_id", Kind::Text, "", false, "Unique among the records"),
        column("organisation", Kind::Text, "", false, "Who had it"),
        column("report_date", Kind::Date, "", false, "When it was reported"),
        column("industry", Kind::Text, "NAICS", false, "2 to 6 digits"),
        column("country", Kind::Text, "ISO 3166", false, "Two letters"),
        column("annual_revenue", Kind::Money, MONEY, false, "Revenue a year"),
        column("employees", Kind::Integer, "", false, "Employees"),
        column("records", Kind::Integer, "", false, "Personal records affected"),
        column(
            "vendor_involved",
            Kind::Text,
            "",
            false,
            "yes or no: whether it came through a vendor; blank: not told",
        ),
        column("currency", Kind::Text, "ISO 4217", false, "Currency of the row's amounts; USD when blank"),
        column("loss", Kind::Money, MONEY, false, "Loss over all coverages; their sum when blank"),
        column("loss_npbi", Kind::Money, MONEY, false, "Part under business interruption"),
        column("loss_cbi", Kind::Money, MONEY, false, "Part under contingent business interruption"),
        column("loss_dias", Kind::Money, MONEY, false, "Part under digital assets"),
        column("loss_ext", Kind::Money, MONEY, false, "Part under extortion"),
        column("loss_fin", Kind::Money, MONEY, false, "Part under financial fraud"),
        column("loss_inre", Kind::Money, MONEY, false, "Part under incident response"),
        column("loss_lia", Kind::Money, MONEY, false, "Part under liability"),
        column("loss_reg", Kind::Money, MONEY, false, "Part under regulatory"),
        column("loss_eno", Kind::Money, MONEY, false, "Part under errors and omissions"),
        column(
            "basis",
            Kind::Text,
            "",
            false,
            "ground up (default: retention included) or paid (what the insurer paid)",
        ),
        column("retention", Kind::Money, MONEY, false, "That applied: smaller losses are not in the records"),
        column("limit", Kind::Money, MONEY, false, "That applied: the most that was paid above the retention"),
        column("status", Kind::Text, "", false, "open (the loss so far is a lower bound) or closed (default)"),
    ],
};

/// The incident of one row of the engine's own table; amounts are taken into US dollars at `rates`.
pub fn read(row: &Row, rates: &Rates) -> (Option<Incident>, Vec<Fault>) {
    let mut fields = Fields::new(row, &INCIDENTS);
    let (year, date) = when(&mut fields, "date");
    let rate = rate(&mut fields, rates);
    let cause = cause(&mut fields);
    let mut incident = Incident::new(year, cause);
    incident.key = key(fields.text("incident_id"));
    incident.date = date;
    incident.reported = reported(&mut fields, date);
    incident.vendor = answer(&mut fields, "vendor_involved");
    incident.industry = sector(&fields.naics("industry"));
    fields.country("country");
    fields.optional_count("employees");
    incident.revenue = fields.money("annual_revenue").map(|m| m.units() * rate).filter(|r| *r > 0.0);
    incident.records = fields.optional_count("records");
    (incident.loss, incident.by_coverage) = loss::read(&mut fields, rate);
    if incident.key.is_none() {
        incident.twin = twin(&["organisation", "date", "cause", "loss", "records"].map(|column| fields.text(column)));
    }
    fields.finish(incident)
}

/// The hash of what tells a record without an id from others, the organisation first; nothing where that is blank.
pub fn twin(parts: &[&str]) -> Option<u64> {
    parts.first().filter(|organisation| !organisation.is_empty()).and_then(|_| key(&parts.join("\u{1f}")))
}

/// The hash of an id; nothing for a blank one.
pub fn key(id: &str) -> Option<u64> {
    (!id.is_empty()).then(|| xxhash_rust::xxh3::xxh3_64(id.as_bytes()))
}

/// Year and, where it is told, day: `2024-05-31`, `2024-05` or `2024`.
fn when(fields: &mut Fields, column: &str) -> (i16, Option<Date>) {
    let text = fields.text(column).trim_end_matches(".0");
    let parts: Vec<Option<i16>> = text.split('-').map(|part| part.parse().ok()).collect();
    let (year, month) = match parts.as_slice() {
        [Some(year)] => (*year, 1),
        [Some(year), Some(month)] => (*year, *month),
        _ => match fields.date(column) {
            Some(day) => return (day.year(), Some(day)),
            None => return (0, None),
        },
    };
    if !(1900..=2200).contains(&year) {
        fields.refuse(column, "a year between 1900 and 2200 is needed", "write ISO 8601: 2026-05-31, 2026-05 or 2026");
    } else if !(1..=12).contains(&month) {
        fields.refuse(column, "not a month", "write ISO 8601: 2026-05");
    }
    (year, None)
}

fn rate(fields: &mut Fields, rates: &Rates) -> f64 {
    if fields.text("currency").is_empty() {
        return 1.0;
    }
    let code = currency::read(fields, "currency");
    if !currency::is_known(&code) {
        return 1.0;
    }
    rates.rate(&code).unwrap_or_else(|| {
        fields.refuse("currency", "no rate into US dollars", &format!("give one, such as --rate {code}=1.0842"));
        1.0
    })
}

fn cause(fields: &mut Fields) -> Cause {
    Cause::parse(fields.text("cause")).unwrap_or_else(|hint| {
        fields.warn("cause", "not a cause that is known; counted as unknown", &hint);
        Cause::Unknown
    })
}

/// The report date; one before the incident is noted and left out.
fn reported(fields: &mut Fields, date: Option<Date>) -> Option<Date> {
    let text = fields.text("report_date");
    if text.is_empty() {
        return None;
    }
    let day = text.parse::<Date>().ok().filter(|d| (1900..=2200).contains(&d.year()));
    match day {
        None => fields.warn("report_date", "not a date; left out", "write ISO 8601: 2026-05-31"),
        Some(day) if date.is_some_and(|date| day < date) => {
            fields.warn("report_date", "before the incident; left out", "are the two columns swapped?");
            return None;
        }
        Some(_) => {}
    }
    day
}

fn answer(fields: &mut Fields, column: &str) -> Option<bool> {
    match fields.text(column).to_ascii_lowercase().as_str() {
        "" | "unknown" => None,
        "yes" | "y" | "true" | "1" => Some(true),
        "no" | "n" | "false" | "0" => Some(false),
        _ => {
            fields.warn(column, "neither yes nor no; counted as not told", "");
            None
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::collections::BTreeMap;

    pub fn read_one(cells: &[(&str, &str)]) -> (Option<Incident>, Vec<Fault>) {
        let own: Vec<String> = INCIDENTS
            .header()
            .map(|name| cells.iter().find(|(n, _)| *n == name).map_or(String::new(), |(_, v)| v.to_string()))
            .collect();
        let columns: Vec<Option<usize>> = (0..own.len()).map(Some).collect();
        let rates = Rates::new("USD", &BTreeMap::from([("EUR".to_string(), 2.0)])).unwrap();
        read(&Row::new(&own, &columns), &rates)
    }

    #[test]
    fn what_contradicts_itself_is_set_aside_and_what_is_unclear_is_noted() {
        let refused = [
            [("loss", "-5"), ("", "")],
            [("loss", "100"), ("loss_ext", "70")],
            [("loss", "200"), ("limit", "0")],
            [("status", "maybe"), ("", "")],
            [("currency", "GBP"), ("", "")],
            [("date", "31.5.2020"), ("", "")],
            [("date", "2020-13"), ("", "")],
            [("date", "0020"), ("", "")],
        ];
        for case in refused {
            let all = [&case[..], &[("date", "2020"), ("cause", "email")]].concat();
            let (incident, faults) = read_one(&all);
            assert!(incident.is_none() && !faults.is_empty(), "{case:?}");
        }
        let (paid_too_much, _) = read_one(&[("date", "2020"), ("loss", "300"), ("limit", "200"), ("basis", "paid")]);
        assert_eq!(paid_too_much, None);
        let (incident, faults) =
            read_one(&[("date", "2020-02-03"), ("cause", "gremlins"), ("report_date", "2020-01-01")]);
        let incident = incident.unwrap();
        assert_eq!((incident.cause, incident.reported, faults.len()), (Cause::Unknown, None, 2));
    }

    #[test]
    fn a_year_or_a_month_is_enough() {
        for (text, year, day) in
            [("2020", 2020, false), ("2013.0", 2013, false), ("2020-05", 2020, false), ("2020-05-31", 2020, true)]
        {
            let (incident, faults) = read_one(&[("date", text)]);
            let incident = incident.unwrap_or_else(|| panic!("{faults:?}"));
            assert_eq!((incident.year, incident.date.is_some()), (year, day));
        }
    }
}
