//! Losses before and after reinsurance as tables.

use std::sync::Arc;

use super::Subject;
use crate::fault::Fault;
use crate::money::Cents;
use crate::portfolio::Coverage;
use crate::table::{Cell, Column, Fields, Kind, Record, Row, Table, column};

const REPORTING: &str = "reporting currency";
const YEAR: Column =
    column("year", Kind::Integer, "", true, "Simulated or historical year: annual terms begin anew with each");
const OCCURRENCE: Column =
    column("occurrence", Kind::Integer, "", true, "Within the year, in the order in which annual terms are used up");
const INSURED: Column = column(
    "insured_id",
    Kind::Text,
    "",
    false,
    "Insured (OED's AccNumber): what treaties by insured and scopes of insureds go by; a policy without one stands alone",
);
const POLICY: Column = column(
    "policy_id",
    Kind::Text,
    "",
    true,
    "Policy. Where it is insured_id/PolNumber or insured_id/PolNumber/LayerNumber, as OED accounts have it, layers of one PolNumber are one policy; any other id, with slashes or without, is a policy by itself",
);
const LOCATION: Column = column("location", Kind::Text, "", false, "Location, where treaties are by location");
const COVERAGE: Column = column("coverage", Kind::Text, "", false, "OED code (NPBI, CBI, …) or name");

/// The table of losses after policy terms: what `terms` writes and `reinsure` reads.
pub const GROSS: Table = Table {
    name: "gross losses",
    meaning: "Losses after policy terms: one row a claim and coverage. Rows of one claim, coverage and location are added up.",
    columns: &[
        YEAR,
        OCCURRENCE,
        INSURED,
        POLICY,
        LOCATION,
        COVERAGE,
        column("line", Kind::Text, "", false, "Line of business, where treaties are by line"),
        column("industry", Kind::Text, "NAICS", false, "2 to 6 digits"),
        column("country", Kind::Text, "ISO 3166", false, "Two letters"),
        column(
            "currency",
            Kind::Text,
            "ISO 4217",
            false,
            "Currency of the row's amounts; the reporting one when blank",
        ),
        column(
            "sum_insured",
            Kind::Money,
            "row's currency",
            false,
            "The insurer's share of the policy's limit, for surplus treaties",
        ),
        column(
            "ground_up",
            Kind::Money,
            "row's currency",
            false,
            "Loss before policy terms; layers of one insured each see the whole",
        ),
        column("gross", Kind::Money, "row's currency", true, "What the policy pays"),
    ],
};

/// One row of the gross table.
#[derive(Clone, Debug, PartialEq)]
pub struct GrossLoss {
    /// Year.
    pub year: i64,
    /// Occurrence within the year.
    pub occurrence: i64,
    /// What the loss is of.
    pub subject: Arc<Subject>,
    /// Loss before policy terms.
    pub ground_up: Option<Cents>,
    /// Loss after them.
    pub gross: Cents,
}

impl GrossLoss {
    /// Reads one row: the loss when no fault sets the row aside.
    pub fn read(row: &Row) -> (Option<GrossLoss>, Vec<Fault>) {
        let mut fields = Fields::new(row, &GROSS);
        let coverage = fields.text("coverage");
        let parsed = Coverage::parse(coverage);
        if parsed.is_none() && !coverage.is_empty() {
            let codes = Coverage::ALL.map(Coverage::code).join(" ");
            fields.refuse("coverage", "not a coverage", &format!("codes are {codes}"));
        }
        let subject = Subject {
            insured_id: fields.text("insured_id").to_string(),
            policy_id: fields.required("policy_id"),
            location: fields.text("location").to_string(),
            coverage: parsed,
            line: fields.text("line").to_string(),
            industry: fields.text("industry").to_string(),
            country: fields.text("country").to_ascii_uppercase(),
            currency: fields.text("currency").to_ascii_uppercase(),
            sum_insured: fields.money("sum_insured"),
        };
        let loss = GrossLoss {
            year: fields.whole("year"),
            occurrence: fields.whole("occurrence"),
            subject: Arc::new(subject),
            ground_up: fields.money("ground_up"),
            gross: fields.required_money("gross"),
        };
        if let Some(whole) = loss.ground_up.filter(|whole| loss.gross > *whole) {
            let rule = format!("more than the loss from the ground up ({whole})");
            fields.refuse("gross", &rule, "are the two columns swapped? leave ground_up blank where it is not known");
        }
        fields.finish(loss)
    }
}

impl Record for GrossLoss {
    const TABLE: Table = GROSS;

    fn cells(&self) -> Vec<Cell> {
        let of = &self.subject;
        let amount = |cents: Option<Cents>| cents.map_or(Cell::Null, Cell::Money);
        let own = [&of.line, &of.industry, &of.country, &of.currency].map(Cell::text);
        let amounts = [amount(of.sum_insured), amount(self.ground_up), Cell::Money(self.gross)];
        place(self.year, self.occurrence, of).into_iter().chain(own).chain(amounts).collect()
    }
}

/// Where a loss belongs: the first cells of both tables.
fn place(year: i64, occurrence: i64, of: &Subject) -> [Cell; 6] {
    [
        Cell::Integer(year),
        Cell::Integer(occurrence),
        Cell::text(&of.insured_id),
        Cell::text(&of.policy_id),
        Cell::text(&of.location),
        Cell::text(of.coverage.map_or("", Coverage::code)),
    ]
}

/// The table of losses after reinsurance.
pub const NET: Table = Table {
    name: "net losses",
    meaning: "Losses after reinsurance: one row a claim, coverage and location; gross = ceded + net in every row, to the cent. Reinstatement premium is in the table of ceded losses.",
    columns: &[
        YEAR,
        OCCURRENCE,
        INSURED,
        POLICY,
        LOCATION,
        COVERAGE,
        column("currency", Kind::Text, "ISO 4217", true, "Reporting currency"),
        column("gross", Kind::Money, REPORTING, true, "What the policy pays"),
        column("ceded", Kind::Money, REPORTING, true, "What all treaties together pay of it"),
        column("net", Kind::Money, REPORTING, true, "What is left"),
    ],
};

/// One row of the net table.
#[derive(Clone, Debug, PartialEq)]
pub struct NetLoss {
    /// Year.
    pub year: i64,
    /// Occurrence within the year.
    pub occurrence: i64,
    /// What the loss is of.
    pub subject: Arc<Subject>,
    /// Reporting currency.
    pub currency: Arc<str>,
    /// Before reinsurance.
    pub gross: Cents,
    /// After it.
    pub net: Cents,
}

impl Record for NetLoss {
    const TABLE: Table = NET;

    fn cells(&self) -> Vec<Cell> {
        let amounts = [self.gross, self.gross - self.net, self.net].map(Cell::Money);
        let currency = Cell::text(&*self.currency);
        place(self.year, self.occurrence, &self.subject).into_iter().chain([currency]).chain(amounts).collect()
    }
}

/// The table of what each treaty took.
pub const CEDED: Table = Table {
    name: "ceded losses",
    meaning: "What each treaty took of each occurrence of which it covers a loss.",
    columns: &[
        YEAR,
        OCCURRENCE,
        column("treaty", Kind::Text, "", true, "Its name"),
        column("inuring", Kind::Integer, "", true, "Its place: lower numbers come first"),
        column("currency", Kind::Text, "ISO 4217", true, "Reporting currency"),
        column("subject", Kind::Money, REPORTING, true, "Losses in its scope, after treaties with lower numbers"),
        column(
            "layer",
            Kind::Money,
            REPORTING,
            true,
            "Its loss after risk and occurrence terms, before annual ones (100 %)",
        ),
        column("ceded", Kind::Money, REPORTING, true, "What it pays (placed share), after annual terms"),
        column(
            "reinstatement_premium",
            Kind::Money,
            REPORTING,
            true,
            "Premium due for reinstating what the occurrence used up (placed share)",
        ),
        column(
            "exhausted",
            Kind::Integer,
            "",
            false,
            "1 when nothing is left of what the treaty pays in a year (where a year has no limit: of an occurrence), else 0",
        ),
    ],
};

/// One row of the table of ceded losses.
#[derive(Clone, Debug, PartialEq)]
pub struct CededLoss {
    /// Year.
    pub year: i64,
    /// Occurrence within the year.
    pub occurrence: i64,
    /// Name of the treaty.
    pub treaty: Arc<str>,
    /// Its inuring number.
    pub inuring: u32,
    /// Reporting currency.
    pub currency: Arc<str>,
    /// What it took.
    pub cession: super::Cession,
}

impl Record for CededLoss {
    const TABLE: Table = CEDED;

    fn cells(&self) -> Vec<Cell> {
        let c = &self.cession;
        vec![
            Cell::Integer(self.year),
            Cell::Integer(self.occurrence),
            Cell::text(&*self.treaty),
            Cell::Integer(self.inuring.into()),
            Cell::text(&*self.currency),
            Cell::Money(c.subject),
            Cell::Money(c.layer),
            Cell::Money(c.ceded),
            Cell::Money(c.reinstatement_premium),
            Cell::Integer(c.exhausted.into()),
        ]
    }
}

impl CededLoss {
    /// Reads one row: the loss when no fault sets the row aside. The treaty's position in its programme is not told.
    pub fn read(row: &Row) -> (Option<CededLoss>, Vec<Fault>) {
        let mut fields = Fields::new(row, &CEDED);
        let (year, occurrence) = (fields.whole("year"), fields.whole("occurrence"));
        let inuring = fields.counted("inuring");
        let treaty = fields.required("treaty").into();
        let currency = fields.text("currency").into();
        let mut money = |column: &str| fields.required_money(column);
        let cession = super::Cession {
            treaty: 0,
            subject: money("subject"),
            layer: money("layer"),
            ceded: money("ceded"),
            reinstatement_premium: money("reinstatement_premium"),
            exhausted: fields.number("exhausted") == Some(1.0),
        };
        fields.finish(CededLoss { year, occurrence, treaty, inuring, currency, cession })
    }
}
