//! Losses of each policy.

use super::plan::Plan;
use super::simulate::Projection;
use crate::exposure::Exposure;
use crate::fault::Fault;
use crate::money::Cents;
use crate::table::{Cell, Fields, Kind, Record, Row, Table, column, once};

/// Mean gross loss of one policy.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyLoss {
    /// Policy.
    pub policy_id: String,
    /// Gross loss summed over all years.
    pub total: Cents,
    /// Years, or trials.
    pub years: u64,
}

/// The table of losses by policy.
pub const LOSSES_BY_POLICY: Table = Table {
    name: "losses by policy",
    meaning: "Simulated losses of each policy in force, over all years.",
    columns: &[
        column("policy_id", Kind::Text, "", true, "Policy"),
        column("total_gross", Kind::Money, "reporting currency", true, "Gross loss summed over all years"),
        column("years", Kind::Integer, "", true, "Simulated years, or trials"),
        column(
            "expected_gross",
            Kind::Number,
            "reporting currency",
            false,
            "Mean gross loss of a year; in scenario mode of one occurrence of the event",
        ),
    ],
};

impl Record for PolicyLoss {
    const TABLE: Table = LOSSES_BY_POLICY;

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(&self.policy_id),
            Cell::Money(self.total),
            Cell::Integer(self.years as i64),
            Cell::Number(self.total.units() / self.years.max(1) as f64),
        ]
    }
}

impl PolicyLoss {
    /// Reads one row of a table of losses by policy: the loss when no fault sets the row aside.
    pub fn read(row: &Row) -> (Option<PolicyLoss>, Vec<Fault>) {
        let mut fields = Fields::new(row, &LOSSES_BY_POLICY);
        let loss = PolicyLoss {
            policy_id: fields.required("policy_id"),
            total: fields.required_money("total_gross"),
            years: fields.whole("years") as u64,
        };
        fields.finish(loss)
    }

    /// Reads the rows of a table of losses by policy, each policy once.
    pub fn reader() -> impl Fn(&Row) -> (Option<PolicyLoss>, Vec<Fault>) {
        once("policy_id", |loss: &PolicyLoss| loss.policy_id.clone(), PolicyLoss::read)
    }

    /// The losses of each of the plan's policies, which are rows of `exposures`.
    pub fn of(plan: &Plan, exposures: &[Exposure], projection: &Projection) -> Vec<PolicyLoss> {
        let years = projection.years.len() as u64;
        let losses = plan.policies.iter().zip(&projection.by_policy);
        let of = |(row, total): (&usize, &Cents)| PolicyLoss {
            policy_id: exposures[*row].policy_id.clone(),
            total: *total,
            years,
        };
        losses.map(of).collect()
    }
}
