//! What is left of a policy's annual limits in the course of a year.

use super::ByCoverage;
use crate::money::Cents;
use crate::portfolio::Terms;

/// What a policy's year has not used up yet. Amounts are of 100 % of the layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Year {
    /// Of the annual aggregate limit: used up by what the layer pays.
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
}

/// Takes `amount` from what is left; without a limit, nothing is used up.
#[inline]
pub(super) fn take(left: &mut Cents, amount: Cents) {
    if *left != Cents::UNLIMITED {
        *left = left.above(amount);
    }
}
