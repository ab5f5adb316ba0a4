//! Severity models by revenue band, from published figures.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A severity file.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeverityModel {
    /// Short name.
    pub id: String,
    /// For reading.
    pub title: String,
    /// What the figures are and what they are not.
    pub note: String,
    /// Where they come from.
    pub sources: Vec<super::event::Source>,
    /// Bands by annual revenue, from small to large.
    pub band: Vec<SeverityBand>,
}

/// The loss of one insured in a band of revenue: lognormal, capped.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeverityBand {
    /// Revenue below this many US dollars; none for the last band.
    #[serde(default)]
    pub revenue_below: Option<f64>,
    /// Median loss, US dollars; either this or `mean`.
    #[serde(default)]
    pub median: Option<f64>,
    /// Mean of the loss after the cap, US dollars; either this or `median`.
    #[serde(default)]
    pub mean: Option<f64>,
    /// Ratio of the 95 % quantile to the median.
    pub p95_over_median: f64,
    /// Largest loss, US dollars: the uncapped lognormal has a mean that no data support.
    pub cap: f64,
    /// Where the band's figures come from.
    pub source: String,
}
