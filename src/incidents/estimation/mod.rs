//! Estimates that segments need beside a family's fit: densities, and a segment's own scale.
//! Pure functions over slices and numbers.

mod density;
mod scale;

pub use density::log_density;
pub use scale::{LogScale, Scaled, log_scale};
