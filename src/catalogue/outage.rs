//! Outages: how long, how deep, and what a second provider saves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::condition::Condition;

/// Duration and depth of an outage.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// Median hours of the lognormal duration.
    pub median_hours: f64,
    /// 95 % quantile of the duration, hours.
    pub p95_hours: f64,
    /// Share of an insured's gross profit that depends on the product.
    pub dependency: f64,
    /// Share of the dependent gross profit that is lost while it is down.
    pub impact: f64,
    /// Gross profit as a share of revenue.
    pub gross_margin: f64,
    /// Extra expense of an hour of outage, as a share of the revenue of an hour: what it costs to carry on. It falls due
    /// from the first minute, whatever the waiting period.
    #[serde(default)]
    pub extra_expense: f64,
    /// What a second provider saves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redundancy: Option<Redundancy>,
    /// Where the figures come from; `assumption` when no source supports them.
    pub source: String,
}

/// A second provider that takes over.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Redundancy {
    /// What an insured must use to have one: a condition over products, as in `requires`.
    pub second_provider: Condition,
    /// Share of the interruption that it saves.
    pub saves: f64,
    /// Where the share comes from; `assumption` when no source supports it.
    pub source: String,
}

impl Outage {
    /// Whether the figures make an outage.
    ///
    /// # Errors
    /// A sentence on what is out of range.
    pub fn checked(&self) -> Result<(), String> {
        let share = |x: f64| (0.0..=1.0).contains(&x);
        if !(self.median_hours > 0.0 && self.p95_hours > self.median_hours && self.p95_hours < 1e6) {
            return Err("0 < median_hours < p95_hours must hold".into());
        }
        if ![self.dependency, self.impact, self.gross_margin, self.extra_expense].into_iter().all(share) {
            return Err("dependency, impact, gross_margin and extra_expense lie in [0, 1]".into());
        }
        if self.redundancy.as_ref().is_some_and(|r| !share(r.saves)) {
            return Err("redundancy: saves lies in [0, 1]".into());
        }
        Ok(())
    }
}
