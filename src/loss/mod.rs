//! From exposure to money: seeded simulation of an event over the exposed insureds, through policy terms.
//!
//! The kernels ([`terms`], [`outage`], [`severity`]) take numbers, slices and the terms of
//! one policy, and know no tables, files or clock. A draw is a function of the seed, of what it is for, of the trial (or
//! its block of 1,024) and of the insured: never of order, of thread, or of who else is in the book.

mod by_policy;
pub mod exact;
pub mod fitted;
pub mod outage;
pub mod plan;
pub mod severity;
pub mod simulate;
pub mod terms;

pub use by_policy::{LOSSES_BY_POLICY, PolicyLoss};
pub use fitted::{UsedModel, used_models};
pub use plan::{Insured, Layer, Plan, Shock};
pub use simulate::{LOSSES, Projection, Trial, simulate};
