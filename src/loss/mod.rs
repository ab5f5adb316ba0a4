//! From exposure to money: seeded simulation of an event over the exposed insureds, through policy terms.
//!
//! The kernels ([`terms`], [`outage`], [`random`], [`normal`], [`severity`]) take numbers and slices, and know no tables,
//! files or clock. A draw is a function of (seed, trial, occurrence, insured): never of order or thread.

pub mod normal;
pub mod outage;
pub mod plan;
pub mod random;
pub mod severity;
pub mod simulate;
pub mod terms;

pub use plan::{Insured, Layer, Plan, Shock};
pub use simulate::{LOSSES, Projection, Trial, simulate};
