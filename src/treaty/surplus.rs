//! What a surplus treaty cedes of a risk.

use crate::money::{Cents, Share};

/// The ceded share of a risk of which `sum_insured` is at stake, when a line of `retained` is kept and the treaty takes
/// up to `capacity`: min(capacity, (sum insured − retained)⁺) ÷ sum insured.
///
/// The share holds for every loss of the risk, large or small (D. R. Clark, *Basics of Reinsurance Pricing*, Casualty
/// Actuarial Society study note, rev. 2014, on surplus share treaties). The sum insured is of all policies and layers that the
/// treaty takes for one risk. A risk without one is not ceded.
pub fn ceded_share(sum_insured: Cents, retained: Cents, capacity: Cents) -> Share {
    Share::ratio(capacity.min(sum_insured.above(retained)), sum_insured).unwrap_or(Share::NONE)
}
