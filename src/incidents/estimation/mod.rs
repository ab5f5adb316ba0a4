//! Estimates that segments need beside a family's fit: rates of counts, credibility, a segment's own scale, goodness of fit.
//! Pure functions over slices and numbers.

pub mod counts;
pub mod credibility;
mod density;
mod goodness;
mod scale;

pub use density::log_density;
pub use goodness::{Goodness, goodness, mean_excess};
pub use scale::{LogScale, Scaled, log_scale};
