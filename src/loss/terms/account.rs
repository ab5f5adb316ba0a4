//! All policies of one insured on one loss: together no more than the loss, then the account's own terms.

use crate::money::{Apportionment, Cents};
use crate::portfolio::AccountTerms;

/// What each policy pays when all of them together would pay more than the loss: contribution in proportion, rounded
/// down to the cent (double insurance; for example the UK's Marine Insurance Act 1906, s. 80).
pub fn contribute(loss: Cents, paid: &mut [Cents]) {
    let all: i128 = paid.iter().map(|p| i128::from(p.0)).sum();
    if all <= i128::from(loss.0) {
        return;
    }
    for one in paid {
        *one = Cents((i128::from(one.0) * i128::from(loss.0) / all) as i64);
    }
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
