//! Severity: what a loss costs, from losses known above a retention and up to a limit.
//!
//! [`Sample::new`] checks losses, [`fit`] gives one family's model with covariance and criteria, [`compare`] all families,
//! best first. [`SeverityEstimate::draw`] draws a model from the parameters' covariance.

mod estimate;
mod family;
mod fit;
mod model;
mod sample;
mod scaled;
mod shape;
mod spliced;
mod spliced_fit;
mod start;

pub use estimate::SeverityEstimate;
pub use family::Family;
pub(crate) use fit::fit_from;
pub use fit::{Elasticity, Options, SeverityFit, Threshold, compare, fit};
pub use model::Severity;
pub use sample::{Loss, Sample};
pub(crate) use scaled::{Limits, Scaled};
pub(crate) use shape::{Form, Gamma, GeneralisedPareto, Lognormal, Pareto, Shape, Weibull};

#[cfg(test)]
mod tests;
