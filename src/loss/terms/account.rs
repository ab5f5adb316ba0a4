//! All policies of one insured on one loss: together no more than the loss, then the account's own terms.

use super::ByCoverage;
use super::claim::allocate;
use crate::money::{Apportionment, Cents};
use crate::portfolio::{AccountTerms, Coverage};

/// What each policy pays when all of them together would pay more than the loss: contribution in proportion, to the cent
/// (double insurance; for example the UK's Marine Insurance Act 1906, s. 80). Says whether they would.
pub fn contribute(loss: Cents, paid: &mut [Cents], by: &mut Apportionment) -> bool {
    let all: i128 = paid.iter().map(|p| i128::from(p.0)).sum();
    let cut = all > i128::from(loss.0);
    if cut {
        let before = paid.to_vec();
        by.divide(loss, &before, paid);
    }
    cut
}

/// The same for each coverage by itself: a policy that does not give a coverage bears nothing of it. `covered` is what the
/// coverages brought in to each policy. Where policies contribute, `paid` falls, and `parts` are its parts by coverage.
pub fn contribute_by_coverage(
    lost: &ByCoverage,
    covered: &[ByCoverage],
    paid: &mut [Cents],
    parts: &mut Vec<ByCoverage>,
    by: &mut Apportionment,
) -> bool {
    // No coverage of a policy is allocated more than it brought in, nor than the policy pays.
    let most = |c: usize| -> Cents { covered.iter().zip(&*paid).map(|(own, paid)| own[c].min(*paid)).sum() };
    if (0..Coverage::COUNT).all(|c| most(c) <= lost[c]) {
        return false;
    }
    parts.clear();
    parts.extend(covered.iter().zip(&*paid).map(|(own, paid)| allocate(own, *paid, by)));
    let (mut cut, mut of_coverage) = (false, vec![Cents::ZERO; parts.len()]);
    for c in 0..Coverage::COUNT {
        of_coverage.iter_mut().zip(&*parts).for_each(|(one, own)| *one = own[c]);
        cut |= contribute(lost[c], &mut of_coverage, by);
        of_coverage.iter().zip(&mut *parts).for_each(|(one, own)| own[c] = *one);
    }
    paid.iter_mut().zip(&*parts).for_each(|(paid, own)| *paid = own.iter().copied().sum());
    cut
}

/// Takes an account's terms from what its policies pay, in proportion to the cent:
/// share · min((Σ paid − deductible)⁺, limit).
pub fn share_out(terms: &AccountTerms, paid: &mut [Cents], before: &mut Vec<Cents>, by: &mut Apportionment) {
    if *terms == AccountTerms::default() {
        return;
    }
    before.clear();
    before.extend_from_slice(paid);
    let all: Cents = paid.iter().copied().sum();
    by.divide(all.above(terms.deductible).min(terms.limit).scale(terms.share), before, paid);
}
