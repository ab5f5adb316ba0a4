//! An incident as the engine uses it, and the table that users bring.

use jiff::civil::Date;

use super::cause::Cause;
use crate::fault::Fault;
use crate::portfolio::{Coverage, Rates, RevenueBand, currency, sector};
use crate::table::{Fields, Kind, Row, Table, column};

/// What is known of the loss of one incident, in US dollars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    /// From ground up, retention included; a lower bound when `censored`. Above zero.
    pub amount: f64,
    /// Losses at or below it would not be in the records (left truncation); zero when all are.
    pub retention: f64,
    /// The loss is at least the amount: cut off at the policy's limit, or the claim is still open.
    pub censored: bool,
}

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

/// How a loss falls on coverages.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// Shares of the loss, in the order of [`Coverage::ALL`]; they add up to one.
    pub shares: [f64; Coverage::COUNT],
    /// Whether the claim is open: the whole may fall otherwise than what is known so far.
    pub open: bool,
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
    let open = status(&mut fields);
    let parts = parts(&mut fields);
    incident.by_coverage = split(&parts, open).map(Box::new);
    incident.loss = loss(&mut fields, &parts, open, rate);
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

/// The loss of a row in US dollars.
///
/// A loss is known only above the retention (left truncation) and only up to retention and limit together, or up to what
/// is paid so far while the claim is open (right censoring): Klugman, Panjer, Willmot, *Loss Models*, 4th ed., section
/// 13.2 on truncated and censored data.
fn loss(fields: &mut Fields, parts: &[f64], open: bool, rate: f64) -> Option<Loss> {
    let retention = fields.money("retention").map_or(0.0, |m| m.units());
    let limit = fields.money("limit").map(|m| m.units());
    if limit == Some(0.0) {
        fields.refuse(
            "limit",
            "a claim under a limit of zero says nothing of its loss",
            "leave blank what did not apply",
        );
    }
    let total = total(fields, parts)?;
    let paid = basis(fields);
    if paid && limit.is_some_and(|limit| total > limit + 0.005) {
        fields.refuse(
            "loss",
            "paid more than the limit",
            "is it a loss from ground up, or the limit another policy's?",
        );
    }
    let ground_up = if paid { total + retention } else { total };
    let most = limit.map_or(f64::INFINITY, |limit| retention + limit);
    if ground_up > most + 0.005 {
        fields.warn("loss", "above retention and limit together; counted as at least their sum", "");
    }
    if ground_up <= retention || ground_up <= 0.0 {
        if ground_up > 0.0 {
            let hint = "losses below the retention are known by chance: severities are fitted to those above it";
            fields.warn("loss", "not above the retention; the incident is counted, its loss is not used", hint);
        }
        return None;
    }
    let censored = open || ground_up >= most;
    Some(Loss { amount: ground_up.min(most) * rate, retention: retention * rate, censored })
}

/// What the row has under each coverage; nothing where it tells none.
fn parts(fields: &mut Fields) -> Vec<f64> {
    let amounts = BY_COVERAGE.map(|column| fields.money(column).map(|m| m.units()));
    if amounts.iter().all(Option::is_none) { Vec::new() } else { amounts.map(|m| m.unwrap_or(0.0)).to_vec() }
}

/// Columns of losses by coverage, in the order of [`Coverage::ALL`].
const BY_COVERAGE: [&str; Coverage::COUNT] =
    ["loss_npbi", "loss_cbi", "loss_dias", "loss_ext", "loss_fin", "loss_inre", "loss_lia", "loss_reg", "loss_eno"];

fn split(parts: &[f64], open: bool) -> Option<Split> {
    let sum: f64 = parts.iter().sum();
    let mut shares = [0.0; Coverage::COUNT];
    shares.iter_mut().zip(parts).for_each(|(share, part)| *share = part / sum);
    (sum > 0.0).then_some(Split { shares, open })
}

/// Total loss: the column `loss`, or the sum of the coverages; both must agree.
fn total(fields: &mut Fields, parts: &[f64]) -> Option<f64> {
    let sum: f64 = parts.iter().sum();
    match fields.money("loss").map(|m| m.units()) {
        Some(total) if !parts.is_empty() && (total - sum).abs() > 0.01 * total.max(sum) + 0.05 => {
            let rule = format!("not the sum of its coverages, {sum}");
            fields.refuse("loss", &rule, "leave the total blank, or mend the parts");
            None
        }
        Some(total) => Some(total),
        None if parts.is_empty() => None,
        None => Some(sum),
    }
}

fn status(fields: &mut Fields) -> bool {
    match fields.text("status").to_ascii_lowercase().as_str() {
        "open" | "reopened" | "re-opened" => true,
        "" | "closed" => false,
        _ => {
            fields.refuse("status", "must be open or closed", "");
            false
        }
    }
}

fn basis(fields: &mut Fields) -> bool {
    match fields.text("basis").to_ascii_lowercase().replace(['_', '-'], " ").as_str() {
        "" | "ground up" => false,
        "paid" | "incurred" => true,
        _ => {
            fields.refuse("basis", "must be ground up or paid", "");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn read_one(cells: &[(&str, &str)]) -> (Option<Incident>, Vec<Fault>) {
        let own: Vec<String> = INCIDENTS
            .header()
            .map(|name| cells.iter().find(|(n, _)| *n == name).map_or(String::new(), |(_, v)| v.to_string()))
            .collect();
        let columns: Vec<Option<usize>> = (0..own.len()).map(Some).collect();
        let rates = Rates::new("USD", &BTreeMap::from([("EUR".to_string(), 2.0)])).unwrap();
        read(&Row::new(&own, &columns), &rates)
    }

    fn loss_of(cells: &[(&str, &str)]) -> Option<Loss> {
        let (incident, faults) = read_one(&[&[("date", "2020-05-31"), ("cause", "email")], cells].concat());
        incident.unwrap_or_else(|| panic!("{faults:?}")).loss
    }

    /// By hand: a loss of 150,000 under a retention of 25,000 and a limit of 100,000 is known to be at least 125,000; one of
    /// 100,000 is known. Paid 75,000 above 25,000 is 100,000 from ground up. In euros at 2, twice that.
    #[test]
    fn retention_truncates_and_the_limit_censors() {
        let terms = [("retention", "25000"), ("limit", "100000")];
        let with = |more: &[(&'static str, &'static str)]| loss_of(&[&terms[..], more].concat());
        let loss = |amount: f64, censored| Some(Loss { amount, retention: 25_000.0, censored });
        assert_eq!(with(&[("loss", "150000")]), loss(125_000.0, true));
        assert_eq!(with(&[("loss", "125000")]), loss(125_000.0, true));
        assert_eq!(with(&[("loss", "100000")]), loss(100_000.0, false));
        assert_eq!(with(&[("loss", "75000"), ("basis", "paid")]), loss(100_000.0, false));
        assert_eq!(with(&[("loss", "100000"), ("basis", "paid")]), loss(125_000.0, true));
        assert_eq!(with(&[("loss", "100000"), ("status", "open")]), loss(100_000.0, true));
        assert_eq!(with(&[("loss", "25000")]), None);
        assert_eq!(with(&[("loss_inre", "60000"), ("loss_ext", "40000")]), loss(100_000.0, false));
        let euros = with(&[("loss", "100000"), ("currency", "EUR")]).unwrap();
        assert_eq!((euros.amount, euros.retention), (200_000.0, 50_000.0));
    }

    /// The columns by coverage are those of the coverages' codes, and a loss of 60,000 and 40,000 falls by 60 and 40 %.
    #[test]
    fn a_loss_by_coverage_tells_how_it_falls_on_them() {
        let codes = Coverage::ALL.map(|c| format!("loss_{}", c.code().to_ascii_lowercase()));
        assert_eq!(codes, BY_COVERAGE);
        let parts = [("date", "2020"), ("loss_inre", "60000"), ("loss_ext", "40000"), ("status", "open")];
        let split = read_one(&parts).0.unwrap().by_coverage.unwrap();
        assert_eq!(split.shares[Coverage::IncidentResponse as usize], 0.6);
        assert!(split.open && split.shares[Coverage::Extortion as usize] == 0.4);
        assert_eq!(read_one(&[("date", "2020"), ("loss", "100")]).0.unwrap().by_coverage, None);
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
