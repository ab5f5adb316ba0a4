//! Severity: what a loss costs, from losses known above a retention and up to a limit.
//!
//! [`Sample::new`] checks losses, [`fit`] gives one family's model with covariance and criteria.

mod family;
mod fit;
mod model;
mod sample;
mod scaled;
mod shape;
mod spliced;
mod start;
mod tally;

pub use family::Family;
pub use fit::{SeverityFit, fit, log_density, thresholds};
pub use model::Severity;
pub use sample::{Loss, Sample};
