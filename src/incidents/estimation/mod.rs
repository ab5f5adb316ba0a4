//! Estimates that segments need beside a family's fit: densities, a segment's own scale, goodness of fit.
//! Pure functions over slices and numbers.

mod density;
mod goodness;
mod scale;

pub use density::log_density;
pub use goodness::{Goodness, goodness, mean_excess};
pub use scale::{LogScale, Scaled, log_scale};
