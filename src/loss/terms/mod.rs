//! Policy terms, in the order of the wording.
//!
//! By coverage: waiting period, deductible (or franchise), coinsurance, sublimit ([`coverage`]). Over all coverages: the
//! policy's retention, its limit, then the layer: what lies above its attachment, up to the limit, as far as the annual
//! aggregate is not used up, and of that the insurer's share ([`settle`]). Over all policies of an account: no more than
//! the loss, then the account's own terms ([`account`]). What a year has used up is in [`Year`]. Each result is allocated
//! back to coverages in proportion to what each brought in, to the cent.

pub mod account;
pub mod claim;
pub mod coverage;
pub mod first_claim;
mod ground_up;
mod settlement;
#[cfg(test)]
mod tests;
mod year;

use crate::money::Cents;
use crate::portfolio::Coverage;

pub use claim::{settle, settle_each};
pub use coverage::coverage_loss;
pub use ground_up::{GROUND_UP, GroundUpLoss, Whose};
pub use settlement::{Loss, Settlement};
pub use year::Year;

/// Losses by coverage, in the order of [`Coverage::ALL`].
pub type ByCoverage = [Cents; Coverage::COUNT];
