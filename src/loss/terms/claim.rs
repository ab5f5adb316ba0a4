//! One claim under one policy.

use super::year::take;
use super::{ByCoverage, Year, coverage_loss};
use crate::money::{Apportionment, Cents};
use crate::portfolio::{Coverage, Terms};

/// What a policy pays for one claim.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settled {
    /// The insurer's share of the layer.
    pub gross: Cents,
    /// What each coverage brought in, after its own terms: the weights of the allocation.
    pub covered: ByCoverage,
}

/// The insurer's loss from one claim in the course of a year, which it uses up.
///
/// With b the losses of the coverages after their terms: r = min(retention, what is left of its annual maximum, Σb);
/// x = min((min(Σb − r, policy limit) − attachment)⁺, limit, what is left of the aggregate); gross = share · x.
pub fn settle(terms: &Terms, losses: &ByCoverage, year: &mut Year) -> Settled {
    let mut covered = [Cents::ZERO; Coverage::COUNT];
    let losses = Coverage::ALL.into_iter().map(|coverage| (coverage, losses[coverage as usize]));
    let gross = settle_each(terms, losses, year, |coverage, brought| covered[coverage as usize] = brought);
    Settled { gross, covered }
}

/// The same for the losses of some coverages, each once in the order of [`Coverage::ALL`]; `brought` is told what each
/// brought in.
#[inline]
pub fn settle_each(
    terms: &Terms,
    losses: impl Iterator<Item = (Coverage, Cents)>,
    year: &mut Year,
    mut brought: impl FnMut(Coverage, Cents),
) -> Cents {
    let mut sum = Cents::ZERO;
    for (coverage, loss) in losses {
        if loss > Cents::ZERO {
            let left = &mut year.sublimits[coverage as usize];
            let covered = coverage_loss(terms, coverage, loss).min(*left);
            take(left, covered);
            sum += covered;
            brought(coverage, covered);
        }
    }
    let retained = retained(terms, sum, year.retention);
    take(&mut year.retention, retained);
    let paid = layer(terms, sum, retained).min(year.aggregate);
    take(&mut year.aggregate, paid);
    paid.scale(terms.share)
}

/// What the insured bears of a claim, with `left` of the most that it bears in a year. As a franchise, the retention is
/// borne only by a claim that is not above it.
#[inline]
pub(super) fn retained(terms: &Terms, covered: Cents, left: Cents) -> Cents {
    if terms.retention_franchise && covered > terms.retention {
        return Cents::ZERO;
    }
    terms.retention.min(left).min(covered)
}

/// What lies in the layer: above the retention and the attachment, up to the limit. A limit counts from its attachment:
/// taken first, a limit below the attachment would pay nothing.
#[inline]
pub(super) fn layer(terms: &Terms, covered: Cents, retained: Cents) -> Cents {
    covered.above(retained).min(terms.policy_limit).above(terms.attachment).min(terms.limit)
}

/// Allocates a policy's loss back to coverages in proportion to what each brought in, to the cent: the cents that
/// rounding leaves go to the largest remainders, of equal ones to the first.
pub fn allocate(covered: &ByCoverage, gross: Cents, apportionment: &mut Apportionment) -> ByCoverage {
    let mut parts = [Cents::ZERO; Coverage::COUNT];
    apportionment.divide(gross, covered, &mut parts);
    parts
}
