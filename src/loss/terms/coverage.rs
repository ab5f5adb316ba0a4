//! What the terms of one coverage leave of its loss.

use crate::loss::outage::payable_hours;
use crate::money::Cents;
use crate::portfolio::{Coverage, CoverageTerms, Terms};

/// The loss of one coverage after its deductible, the insured's coinsurance and its sublimit:
/// min((loss − deductible)⁺ · (1 − coinsurance), sublimit); with a franchise the whole loss once it is above it.
///
/// An annual sublimit is taken as if nothing of it were used up: see [`super::Year`].
#[inline]
pub fn coverage_loss(terms: &Terms, coverage: Coverage, loss: Cents) -> Cents {
    let own = &terms.coverages[coverage as usize];
    if !own.covered {
        return Cents::ZERO;
    }
    after_deductible(own, loss).scale(1.0 - own.coinsurance).min(own.sublimit)
}

/// A deductible is borne from the first cent. A franchise (Klugman, Panjer, Willmot, *Loss Models*, 4th ed., § 8.2) only
/// decides whether there is a claim: a loss above it is paid whole, one up to it not at all.
#[inline]
fn after_deductible(own: &CoverageTerms, loss: Cents) -> Cents {
    match own.franchise {
        true if loss > own.deductible => loss,
        true => Cents::ZERO,
        false => loss.above(own.deductible),
    }
}

/// Of the loss of an outage of `hours`, the part that waiting and indemnity periods leave: in proportion to the hours
/// that are paid. Only business interruption, own and contingent, waits.
pub fn after_waiting(terms: &Terms, coverage: Coverage, loss: Cents, hours: f64) -> Cents {
    match terms.waiting_of(coverage) {
        Some(waiting) if hours > 0.0 => loss.scale(payable_hours(hours, waiting) / hours),
        _ => loss,
    }
}
