//! Losses of each policy.

use super::simulate::Projection;
use crate::exposure::Exposure;
use crate::fault::Fault;
use crate::money::Cents;
use crate::table::{Cell, Fields, Kind, Record, Row, Table, column};

/// Mean gross loss of one policy.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyLoss {
    /// Policy.
    pub policy_id: String,
    /// Gross loss summed over all trials.
    pub total: Cents,
    /// Trials.
    pub trials: u64,
}

/// The table of losses by policy.
pub const LOSSES_BY_POLICY: Table = Table {
    name: "losses by policy",
    meaning: "Scenario losses of each policy in force, over all trials.",
    columns: &[
        column("policy_id", Kind::Text, "", true, "Policy"),
        column("total_gross", Kind::Money, "reporting currency", true, "Gross loss summed over all trials"),
        column("trials", Kind::Integer, "", true, "Trials"),
        column(
            "expected_gross",
            Kind::Number,
            "reporting currency",
            false,
            "Mean gross loss of one occurrence of the event",
        ),
    ],
};

impl Record for PolicyLoss {
    const TABLE: Table = LOSSES_BY_POLICY;

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(&self.policy_id),
            Cell::Money(self.total),
            Cell::Integer(self.trials as i64),
            Cell::Number(self.total.units() / self.trials.max(1) as f64),
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
            trials: fields.number("trials").map_or(0, |n| n as u64),
        };
        fields.finish(loss)
    }

    /// The losses of each exposure.
    pub fn of(exposures: &[Exposure], projection: &Projection) -> Vec<PolicyLoss> {
        let trials = projection.trials.len() as u64;
        let losses = exposures.iter().zip(&projection.by_policy);
        losses.map(|(e, total)| PolicyLoss { policy_id: e.policy_id.clone(), total: *total, trials }).collect()
    }
}
