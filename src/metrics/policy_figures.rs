//! The figures of each policy's own yearly losses, as a table.

use std::sync::Arc;

use super::curve::Curve;
use super::figures::{FIGURE, Figure, figures_of};
use crate::table::{Cell, Kind, Record, Table, column};

/// The table of figures by policy.
pub const POLICY_METRICS: Table = Table {
    name: "policy metrics",
    meaning: "Figures of what each policy pays in a year, each with its sampling error: aal, standard_deviation, probability_of_loss, and at each return period aep and aep_tvar.",
    columns: &[
        column("policy_id", Kind::Text, "", true, "Policy"),
        FIGURE[0],
        FIGURE[1],
        FIGURE[2],
        FIGURE[3],
        FIGURE[4],
        FIGURE[5],
    ],
};

/// One figure of one policy.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyFigure {
    /// Policy.
    pub policy_id: Arc<str>,
    /// Its figure, gross.
    pub figure: Figure,
}

impl Record for PolicyFigure {
    const TABLE: Table = POLICY_METRICS;

    fn cells(&self) -> Vec<Cell> {
        [Cell::text(&*self.policy_id)].into_iter().chain(self.figure.numbers()).collect()
    }
}

/// The figures of a policy with this curve, at those return periods that the years are enough for.
pub fn policy_figures(policy_id: &Arc<str>, curve: &Curve, return_periods: &[f64]) -> Vec<PolicyFigure> {
    let own = figures_of("gross", curve, return_periods).into_iter();
    own.map(|figure| PolicyFigure { policy_id: policy_id.clone(), figure }).collect()
}
