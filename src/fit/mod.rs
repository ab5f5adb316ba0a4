//! Estimation for incident statistics: frequency from counts with exposure, severity from losses with retentions and limits,
//! credibility, goodness of fit. Kernels over slices and numbers: no files, no tables, no clock.
//!
//! Everything is by maximum likelihood on an unconstrained scale with exact derivatives ([`jet`]), and keeps the covariance
//! of its parameters; where data give no model there is a [`Refusal`] with words and a hint, never a number that isn't one.

pub(crate) mod covariance;
pub mod credibility;
pub mod diagnostics;
pub mod estimate;
pub mod frequency;
pub(crate) mod incomplete_gamma;
pub mod interval;
pub mod jet;
pub(crate) mod linear;
pub mod maximise;
mod refusal;
pub mod severity;
pub(crate) mod special;
pub(crate) mod tally;

pub use estimate::{Criteria, Link, Parameter};
pub use refusal::Refusal;
