//! Severity: what a loss costs, from losses known above a retention and up to a limit.
//!
//! [`Sample::new`] checks losses, [`fit`] gives one family's model with covariance and criteria.

mod family;
mod fit;
mod goodness;
mod model;
mod sample;
mod scale;
mod scaled;
mod shape;
mod spliced;
mod start;
mod tally;

pub use family::Family;
pub use fit::{SeverityFit, fit, log_density, thresholds};
pub use goodness::{Goodness, goodness, mean_excess};
pub use model::Severity;
pub use sample::{Loss, Sample};
pub use scale::{LogScale, Scaled as ScaledLoss, log_scale};
