//! Error rates of signals, prevalence of products and dependence between signals, estimated from scans without knowing who
//! uses what: latent-class analysis over signals that should agree. Labels, where there are any, are one more signal.

mod agreement;
mod cells;
mod estimate;
mod half_life;
mod objective;
mod reliability;
mod rows;
mod study;

pub use agreement::{AGREEMENT, Agreement, LABELS, Label, agreement};
pub use cells::{Cells, Reason, Sighting, domains, sightings};
pub use estimate::{Estimated, Fit, estimate};
pub use half_life::half_lives;
pub use reliability::{Bin, RELIABILITY, expected_error, reliability};
pub use rows::Studied;
pub use study::{Study, reliability_of, study};

#[cfg(test)]
mod tests;
