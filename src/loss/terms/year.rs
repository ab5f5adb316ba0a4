//! What is left of a policy's annual limits in the course of a year.

use super::ByCoverage;
use crate::money::Cents;
use crate::portfolio::Terms;

/// What a policy's year has not used up yet. Amounts are of 100 % of the layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Year {
    /// Of the annual aggregate limit: used up by what the layer pays, after contribution with other policies of the insured.
    pub aggregate: Cents,
    /// Of the most retention that the insured bears in a year: used up by what it bore.
    pub retention: Cents,
    /// Of annual sublimits: used up by the coverage's loss after deductible and coinsurance, before the policy's
    /// retention. All layers above one retention so see the same sublimit, and a higher retention frees none of it.
    pub sublimits: ByCoverage,
}

impl Year {
    /// A year in which nothing has happened yet.
    pub fn new(terms: &Terms) -> Year {
        let sublimit = |own: &crate::portfolio::CoverageTerms| {
            if own.annual_sublimit { own.sublimit } else { Cents::UNLIMITED }
        };
        Year {
            aggregate: terms.aggregate,
            retention: terms.retention_aggregate,
            sublimits: terms.coverages.each_ref().map(sublimit),
        }
    }

    /// Gives back what a claim took of the aggregate, of which `before` was left, beyond what the insurer pays in the end: `paid`,
    /// its `share` of the layer.
    pub fn give_back(&mut self, before: Cents, share: f64, paid: Cents) {
        if self.aggregate != Cents::UNLIMITED {
            let used = before - self.aggregate;
            self.aggregate = before - used.min(paid.scale(1.0 / share));
        }
    }
}

/// Takes `amount` from what is left; without a limit, nothing is used up.
#[inline]
pub(super) fn take(left: &mut Cents, amount: Cents) {
    if *left != Cents::UNLIMITED {
        *left = left.above(amount);
    }
}
