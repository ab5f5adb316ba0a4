//! Treaties as the engine uses them: resolved, in the reporting currency, in inuring order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::places::Places;
use super::{Layer, Reach, Reinstatements, Scope};
use crate::money::{Cents, Share};

/// What counts as one risk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    /// A policy with all its layers (OED `POL`).
    #[default]
    Policy,
    /// An insured with all its policies (OED `ACC`).
    Insured,
    /// A location of an insured (OED `LOC`).
    Location,
    /// Everything in scope together.
    All,
}

/// What is ceded before any other term.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ceded {
    /// The same share of every loss.
    Share(Share),
    /// A share that the scope gives for each risk.
    ByScope,
    /// What a surplus takes above a retained line.
    Surplus {
        /// The line that is kept of each risk.
        retained: Cents,
        /// The most that is taken of a risk's sum insured.
        capacity: Cents,
    },
}

/// One part of a treaty's scope, with the share that it cedes where that differs by risk.
#[derive(Clone, Debug, PartialEq)]
pub struct ScopePart {
    /// What is covered.
    pub scope: Scope,
    /// Ceded share of its risks.
    pub ceded: Option<Share>,
}

/// A treaty. Amounts are of 100 % of it, in the reporting currency.
#[derive(Clone, Debug, PartialEq)]
pub struct Treaty {
    /// For reading; unique in the programme.
    pub name: String,
    /// Treaties with a lower number come first and inure to the benefit of those after them.
    pub inuring: u32,
    /// Ceded share.
    pub ceded: Ceded,
    /// What is a risk.
    pub level: RiskLevel,
    /// Terms of each risk in an occurrence.
    pub risk: Layer,
    /// Terms of an occurrence.
    pub occurrence: Layer,
    /// Terms of a year: annual aggregate deductible and limit.
    pub annual: Layer,
    /// Reinstatements, where they are limited.
    pub reinstatements: Option<Reinstatements>,
    /// Placed share × the reinsurer's share of the treaty.
    pub placed: Share,
    /// Parts of the scope: a loss is covered by the first that covers it.
    pub scope: Vec<ScopePart>,
}

/// Treaties in the order in which they apply.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Programme {
    treaties: Vec<Treaty>,
    places: Places,
}

impl Programme {
    /// A programme of these treaties. Those of one inuring number stay in the given order.
    pub fn new(mut treaties: Vec<Treaty>) -> Programme {
        treaties.sort_by_key(|treaty| treaty.inuring);
        Programme { treaties, places: Places::default() }
    }

    /// The same with the places of its scopes.
    pub(super) fn written(self, places: Places) -> Programme {
        Programme { places, ..self }
    }

    /// Where its scopes are written.
    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    /// Treaties, in inuring order.
    pub fn treaties(&self) -> &[Treaty] {
        &self.treaties
    }

    /// Whether a treaty covers some coverages and not others, so that losses must be told by coverage.
    pub fn tells_coverages(&self) -> bool {
        self.treaties.iter().flat_map(|treaty| &treaty.scope).any(|part| !part.scope.coverages.is_empty())
    }

    /// Whether a treaty goes by the sum insured of a whole risk, so that all policies must be known before the first loss.
    pub fn goes_by_sums_insured(&self) -> bool {
        self.treaties.iter().any(|treaty| matches!(treaty.ceded, Ceded::Surplus { .. }))
    }

    /// The reach of each treaty, over no subjects yet.
    pub fn reaches(&self) -> Vec<Reach> {
        self.treaties.iter().map(Reach::new).collect()
    }
}
