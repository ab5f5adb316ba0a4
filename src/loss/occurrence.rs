//! Losses of each occurrence, and of each claim in it.

use std::sync::Arc;

use super::year::Amounts;
use crate::fault::Fault;
use crate::portfolio::Coverage;
use crate::table::{Cell, Fields, Kind, Record, Row, Table, column};

/// Losses of one occurrence of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct OccurrenceLoss {
    /// Year, counted from 1.
    pub year: u32,
    /// Counted from 1 in the order of the year.
    pub occurrence: u32,
    /// The event.
    pub event: Arc<str>,
    /// Day of the year, 1 to 365; nothing in scenario mode.
    pub day: Option<u32>,
    /// Share of the insureds in scope that it hits: affected share × hit share.
    pub hit_share: f64,
    /// Hours of the outage; 0 where it is none.
    pub outage_hours: f64,
    /// Severity level.
    pub level: f64,
    /// Insureds with a loss.
    pub hits: u32,
    /// Policies that pay.
    pub claims: u32,
    /// Losses.
    pub amounts: Amounts,
}

const MONEY: &str = "reporting currency";

/// The table of occurrences.
pub const OCCURRENCES: Table = Table {
    name: "occurrences",
    meaning: "Simulated occurrences of events in the order of years, with what all insureds share of each and its losses.",
    columns: &[
        column("year", Kind::Integer, "", true, "Simulated year, or trial, counted from 1"),
        column("occurrence", Kind::Integer, "", true, "Counted from 1 in the order of the year"),
        column("event", Kind::Text, "", false, "Event"),
        column("day", Kind::Integer, "", false, "Day of the year, 1 to 365; blank in scenario mode"),
        column("hit_share", Kind::Share, "", false, "Share of the insureds in scope that it hits"),
        column("outage_hours", Kind::Number, "hours", false, "Length of the outage; 0 where it is none"),
        column("severity_level", Kind::Number, "", false, "Factor on the loss of every insured, mean 1"),
        column("hits", Kind::Integer, "insureds", false, "Insureds with a loss"),
        column("claims", Kind::Integer, "policies", false, "Policies that pay"),
        column("ground_up", Kind::Money, MONEY, true, "Losses before any policy"),
        column("gross", Kind::Money, MONEY, true, "What the policies pay"),
        column("net", Kind::Money, MONEY, false, "What treaties leave of it; gross when blank"),
    ],
};

impl Record for OccurrenceLoss {
    const TABLE: Table = OCCURRENCES;

    fn cells(&self) -> Vec<Cell> {
        let a = &self.amounts;
        vec![
            Cell::Integer(self.year.into()),
            Cell::Integer(self.occurrence.into()),
            Cell::text(&*self.event),
            self.day.map_or(Cell::Null, |day| Cell::Integer(day.into())),
            Cell::Number(self.hit_share),
            Cell::Number(self.outage_hours),
            Cell::Number(self.level),
            Cell::Integer(self.hits.into()),
            Cell::Integer(self.claims.into()),
            Cell::Money(a.ground_up),
            Cell::Money(a.gross),
            Cell::Money(a.net),
        ]
    }
}

impl OccurrenceLoss {
    /// Reads one row of the engine's own table or the user's: the occurrence when no fault sets the row aside.
    pub fn read(row: &Row) -> (Option<OccurrenceLoss>, Vec<Fault>) {
        let mut fields = Fields::new(row, &OCCURRENCES);
        let (year, occurrence) = (fields.counted("year"), fields.counted("occurrence"));
        fields.required("ground_up");
        let amounts = Amounts::of_row(&mut fields);
        let day = fields.optional_whole("day");
        if day.is_some_and(|day| !(1..=365).contains(&day)) {
            fields.refuse("day", "no day of a year of 365 days", "give days from 1 to 365, or leave it blank");
        }
        let hit_share = fields.probability("hit_share").unwrap_or(1.0);
        let mut number = |column: &str, blank: f64| fields.number(column).unwrap_or(blank);
        let (outage_hours, level) = (number("outage_hours", 0.0), number("severity_level", 1.0));
        let mut count = |column: &str| fields.optional_whole(column).unwrap_or(0);
        let (hits, claims) = (count("hits"), count("claims"));
        let event = fields.text("event").into();
        let occurrence =
            OccurrenceLoss { year, occurrence, event, day, hit_share, outage_hours, level, hits, claims, amounts };
        fields.finish(occurrence)
    }
}

/// What one policy pays of one occurrence.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimLoss {
    /// Year, counted from 1.
    pub year: u32,
    /// Occurrence within the year.
    pub occurrence: u32,
    /// The event.
    pub event: Arc<str>,
    /// Policy.
    pub policy_id: Arc<str>,
    /// Insured.
    pub insured_id: Arc<str>,
    /// Vendor of the event.
    pub vendor: Arc<str>,
    /// Industry in words.
    pub industry: Arc<str>,
    /// Two-letter country code.
    pub country: Arc<str>,
    /// Revenue band.
    pub revenue_band: Arc<str>,
    /// Coverage, where losses are told by coverage.
    pub coverage: Option<Coverage>,
    /// Losses.
    pub amounts: Amounts,
}

/// The table of claims.
pub const CLAIMS: Table = Table {
    name: "simulated claims",
    meaning: "Claims of a simulation: one row a policy that an occurrence hits, also when its terms leave nothing. Rows add up to the insured's loss: each has what the policy pays, and of an insured with several the first also what none pays.",
    columns: &[
        column("year", Kind::Integer, "", true, "Simulated year, or trial, counted from 1"),
        column("occurrence", Kind::Integer, "", true, "Within the year"),
        column("event", Kind::Text, "", false, "Event"),
        column("policy_id", Kind::Text, "", true, "Policy"),
        column("insured_id", Kind::Text, "", false, "Insured"),
        column("vendor", Kind::Text, "", false, "Vendor of the event"),
        column("industry", Kind::Text, "", false, "Sector of the insured"),
        column("country", Kind::Text, "ISO 3166", false, "Two letters"),
        column("revenue_band", Kind::Text, "USD", false, "Band of annual revenue"),
        column("coverage", Kind::Text, "", false, "OED code, where losses are told by coverage"),
        column("ground_up", Kind::Money, MONEY, false, "Its part of the loss before policy terms; gross when blank"),
        column("gross", Kind::Money, MONEY, true, "What the policy pays"),
        column("net", Kind::Money, MONEY, false, "What treaties leave of it; gross when blank"),
    ],
};

impl Record for ClaimLoss {
    const TABLE: Table = CLAIMS;

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::Integer(self.year.into()),
            Cell::Integer(self.occurrence.into()),
            Cell::text(&*self.event),
            Cell::text(&*self.policy_id),
            Cell::text(&*self.insured_id),
            Cell::text(&*self.vendor),
            Cell::text(&*self.industry),
            Cell::text(&*self.country),
            Cell::text(&*self.revenue_band),
            self.coverage.map_or(Cell::Null, |coverage| Cell::text(coverage.code())),
            Cell::Money(self.amounts.ground_up),
            Cell::Money(self.amounts.gross),
            Cell::Money(self.amounts.net),
        ]
    }
}

impl ClaimLoss {
    /// Reads one row of the engine's own table or the user's: the claim when no fault sets the row aside.
    pub fn read(row: &Row) -> (Option<ClaimLoss>, Vec<Fault>) {
        let mut fields = Fields::new(row, &CLAIMS);
        let (year, occurrence) = (fields.counted("year"), fields.counted("occurrence"));
        let (amounts, coverage) = (Amounts::of_row(&mut fields), Coverage::parse(fields.text("coverage")));
        if coverage.is_none() && !fields.text("coverage").is_empty() {
            let codes = Coverage::ALL.map(Coverage::code).join(" ");
            fields.refuse("coverage", "not a coverage", &format!("codes are {codes}; or leave it blank"));
        }
        let claim = ClaimLoss {
            year,
            occurrence,
            event: fields.text("event").into(),
            policy_id: fields.required("policy_id").into(),
            insured_id: fields.text("insured_id").into(),
            vendor: fields.text("vendor").into(),
            industry: fields.text("industry").into(),
            country: fields.text("country").into(),
            revenue_band: fields.text("revenue_band").into(),
            coverage,
            amounts,
        };
        fields.finish(claim)
    }
}
