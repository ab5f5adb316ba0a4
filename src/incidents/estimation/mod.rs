//! What segments need beside a family's fit: a scale of their own, and how far scales lie apart.
//! Pure functions over slices and numbers.

mod between;
mod likelihood;
mod scale;

pub use between::{Between, between};
pub use scale::{LogScale, Scaled, log_scale};
