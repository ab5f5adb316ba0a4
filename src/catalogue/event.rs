//! Vendor compromises and outages, as event files describe them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::frequency::Frequency;
use super::outage::Outage;
use crate::portfolio::Coverage;

/// An event file.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Short name with the year, such as `mimecast-2021`.
    pub id: String,
    /// Headline.
    pub title: String,
    /// Whose product it is.
    pub vendor: String,
    /// Day on which it became known, ISO 8601; the default as-of date.
    #[serde(deserialize_with = "super::day_text")]
    pub announced: String,
    /// What happened, in two or three sentences for a reader without the jargon.
    pub summary: String,
    /// How far to trust this file: `figures read`, `checked date and CVE`, or `unverified`.
    pub evidence: String,
    /// Where the facts come from.
    pub sources: Vec<Source>,
    /// What an insured must use to be in scope.
    pub requires: Condition,
    /// Conditions that `requires` may refer to as `"$name"`.
    #[serde(default)]
    pub define: BTreeMap<String, Condition>,
    /// Share of the customers in scope who were affected.
    pub affected: Factor,
    /// Share of the affected who had a loss.
    pub hit: Factor,
    /// How often an event like it happens in a year: needed to simulate years instead of the event itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency: Option<Frequency>,
    /// How severe this occurrence is for everybody, where it is not an outage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Root cause in the words of incident records, where one is clear: which of the models fitted to incidents is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Severity model of the loss of one hit insured, where it is not an outage.
    #[serde(default)]
    pub severity: Option<String>,
    /// How long it lasted, where it is an outage.
    #[serde(default)]
    pub outage: Option<Outage>,
    /// Coverages that respond, and each one's part of the loss.
    pub coverage: Vec<Response>,
    /// What to tell an insured, by tier.
    pub advice: Advice,
}

/// A source of facts.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Publisher and title.
    pub name: String,
    /// Address, where it is on the web.
    #[serde(default)]
    pub url: String,
    /// `primary`, `press`, `second-hand` or `unverified`.
    pub grade: String,
}

/// Severity level of an occurrence: a lognormal factor of mean 1 on the loss of every insured, so that losses of one
/// occurrence are large or small together.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Standard deviation of its logarithm.
    pub sigma: f64,
    /// Where it comes from; `assumption` when no source supports it.
    pub source: String,
}

impl Event {
    /// Products of which the exposure must know who uses them: those of the condition, and second providers.
    pub fn products(&self) -> BTreeSet<&str> {
        let second = self.outage.iter().flat_map(|o| &o.redundancy).flat_map(|r| r.second_provider.products());
        self.requires.products().into_iter().chain(second).collect()
    }
}

/// A share that is shared by all insureds of an occurrence, with its distribution.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// How it is distributed.
    pub distribution: Shape,
    /// `point`: the share.
    #[serde(default)]
    pub value: Option<f64>,
    /// `uniform`: lower bound.
    #[serde(default)]
    pub low: Option<f64>,
    /// `uniform`: upper bound.
    #[serde(default)]
    pub high: Option<f64>,
    /// `beta`: mean.
    #[serde(default)]
    pub mean: Option<f64>,
    /// `beta`: standard deviation.
    #[serde(default)]
    pub sd: Option<f64>,
    /// Where it comes from; `assumption` when no source supports it.
    pub source: String,
    /// What a reader should know of it.
    #[serde(default)]
    pub note: String,
}

/// Families of a share's distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Known.
    Point,
    /// Equally likely between two bounds.
    Uniform,
    /// Beta, by mean and standard deviation.
    Beta,
}

/// The distribution of a share in [0, 1], its parameters checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distribution {
    /// Known.
    Point(f64),
    /// Equally likely between two bounds.
    Uniform(f64, f64),
    /// Beta with shape parameters alpha and beta.
    Beta(f64, f64),
}

impl Factor {
    /// The distribution, when its parameters make one.
    ///
    /// # Errors
    /// A sentence on what is missing or out of range.
    pub fn checked(&self) -> Result<Distribution, String> {
        // Half a pair is none, and is not nothing either.
        let pair = |a: Option<f64>, b: Option<f64>| {
            if a.is_some() || b.is_some() { Some((a.unwrap_or(f64::NAN), b.unwrap_or(f64::NAN))) } else { None }
        };
        let share = |x: &f64| (0.0..=1.0).contains(x);
        match (self.distribution, self.value, pair(self.low, self.high), pair(self.mean, self.sd)) {
            (Shape::Point, Some(x), None, None) if share(&x) => Ok(Distribution::Point(x)),
            (Shape::Point, ..) => Err("a point needs `value` in [0, 1], and nothing else".into()),
            (Shape::Uniform, None, Some((low, high)), None) if share(&low) && share(&high) && low <= high => {
                Ok(Distribution::Uniform(low, high))
            }
            (Shape::Uniform, ..) => {
                Err("a uniform needs `low` and `high` with 0 ≤ low ≤ high ≤ 1, and nothing else".into())
            }
            (Shape::Beta, None, None, Some((mean, sd)))
                if mean > 0.0 && mean < 1.0 && sd > 1e-6 && sd * sd < mean * (1.0 - mean) =>
            {
                let size = mean * (1.0 - mean) / (sd * sd) - 1.0;
                Ok(Distribution::Beta(mean * size, (1.0 - mean) * size))
            }
            (Shape::Beta, ..) => {
                Err("a beta needs `mean` in (0, 1) and `sd` above 1e-6 with sd² < mean·(1 − mean), and nothing else"
                    .into())
            }
        }
    }
}

impl Distribution {
    /// Its mean.
    pub fn mean(self) -> f64 {
        match self {
            Distribution::Point(x) => x,
            Distribution::Uniform(low, high) => (low + high) / 2.0,
            Distribution::Beta(a, b) => a / (a + b),
        }
    }
}

/// A coverage that responds.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// The coverage.
    pub name: Coverage,
    /// Its part of the loss; the parts add up to 1.
    pub weight: f64,
    /// Where the part comes from; `assumption` when no source supports it.
    pub source: String,
}

/// What to tell an insured.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Advice {
    /// Every requirement observed.
    pub exposed: String,
    /// Some observed, the rest not observable or uncertain.
    pub possible: String,
    /// Not scanned, or not for the kinds that matter.
    pub unknown: String,
    /// Looked for, not found.
    pub unlikely: String,
}
