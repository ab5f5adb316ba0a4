//! Whether a severity model fits, and what a report draws of it: tests of fit, QQ plot, mean excess, threshold stability.
//!
//! Everything takes retentions, limits and revenue into account, and gives plain numbers.

mod goodness;
mod plots;
mod product_limit;
mod threshold;

pub use goodness::{Bootstrap, Goodness, goodness};
pub use plots::{MeanExcess, QuantilePair, mean_excess, quantile_pairs};
pub use product_limit::{ProductLimit, product_limit};
pub use threshold::{Stability, threshold_stability};

#[cfg(test)]
mod tests;
