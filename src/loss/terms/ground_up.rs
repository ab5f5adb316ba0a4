//! Ground-up losses as a table.

use crate::fault::Fault;
use crate::money::Cents;
use crate::portfolio::Coverage;
use crate::table::{Fields, Kind, Row, Table, column};

/// The table of losses before any policy terms.
pub const GROUND_UP: Table = Table {
    name: "ground-up losses",
    meaning: "Losses before any policy terms: one row a loss under one coverage; rows of one claim (year, occurrence, policy) are taken together.",
    columns: &[
        column("year", Kind::Integer, "", true, "Simulated or historical year: annual limits begin anew with each"),
        column(
            "occurrence",
            Kind::Integer,
            "",
            true,
            "Within the year, in the order in which annual limits are used up",
        ),
        column("policy_id", Kind::Text, "", false, "Policy; blank where insured_id is given"),
        column(
            "insured_id",
            Kind::Text,
            "",
            false,
            "Insured: all its policies see the loss, and together pay no more than it",
        ),
        column("coverage", Kind::Text, "", true, "OED code (NPBI, CBI, …) or name (business_interruption, …)"),
        column("loss", Kind::Money, "policy currency", true, "Loss from the ground up"),
        column(
            "outage_hours",
            Kind::Number,
            "hours",
            false,
            "Length of the outage, for the waiting period; blank: the loss is what the wait leaves",
        ),
        column("currency", Kind::Text, "ISO 4217", false, "The policy's own; blank: taken as such"),
    ],
};

/// Who has a loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// One policy.
    Policy(String),
    /// An insured: each of its policies sees the loss.
    Insured(String),
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct GroundUpLoss {
    /// Year.
    pub year: i64,
    /// Occurrence within the year.
    pub occurrence: i64,
    /// Who has the loss.
    pub whose: Whose,
    /// Coverage.
    pub coverage: Coverage,
    /// Loss.
    pub loss: Cents,
    /// Hours of the outage; 0 when not given.
    pub hours: f64,
    /// Currency; blank when not given.
    pub currency: String,
}

impl GroundUpLoss {
    /// Reads one row: the loss when no fault sets the row aside.
    pub fn read(row: &Row) -> (Option<GroundUpLoss>, Vec<Fault>) {
        let mut fields = Fields::new(row, &GROUND_UP);
        let coverage = Coverage::parse(fields.text("coverage"));
        if coverage.is_none() {
            let codes = Coverage::ALL.map(Coverage::code).join(" ");
            fields.refuse("coverage", "not a coverage", &format!("codes are {codes}"));
        }
        let (policy, insured) = (fields.text("policy_id"), fields.text("insured_id"));
        if policy.is_empty() && insured.is_empty() {
            fields.refuse("policy_id", "neither a policy nor an insured is given", "give one of them");
        }
        let whose =
            if policy.is_empty() { Whose::Insured(insured.to_string()) } else { Whose::Policy(policy.to_string()) };
        let loss = GroundUpLoss {
            year: fields.whole("year"),
            occurrence: fields.whole("occurrence"),
            whose,
            coverage: coverage.unwrap_or(Coverage::IncidentResponse),
            loss: fields.required_money("loss"),
            hours: fields.number("outage_hours").unwrap_or(0.0),
            currency: fields.text("currency").to_ascii_uppercase(),
        };
        fields.finish(loss)
    }
}
