//! Frequency: how often an insured has an incident, from counts with exposure or from published probabilities.
//!
//! # Which negative binomial
//!
//! A cell's count has the mean m = λ·e, e being its policy-years. Two negative binomials are fitted:
//!
//! * [`CountFamily::NegativeBinomial`], variance m·(1 + β): a policy-year is negative binomial with mean λ and policy-years are
//!   independent, so that e of them are again negative binomial with the same β. Cells may be split or joined in any way:
//!   the parameters mean the same, and those of a published table of single insureds too. (NB1 of A. C. Cameron, P. K.
//!   Trivedi: *Regression Analysis of Count Data*, 2nd ed., 2013, section 3.3.)
//! * [`CountFamily::SharedNegativeBinomial`], variance m + α·m²: all policy-years of a cell share one gamma factor with mean one
//!   and variance α (a bad year for all), so that α doesn't shrink as the cell grows, and does depend on what a cell is.
//!   (NB2 there.)
//!
//! The one of higher likelihood is tested against the Poisson; [`FrequencyFit::candidates`] shows all three.

mod estimate;
mod fit;
mod interval;
mod likelihood;
mod model;
mod published;

pub use estimate::FrequencyEstimate;
pub use fit::{Candidate, FrequencyFit, Options, Trend, fit};
pub use interval::{RateInterval, rate_interval, rate_interval_of};
pub use likelihood::Cell;
pub use model::{CountFamily, Frequency};
pub use published::from_probabilities;

#[cfg(test)]
mod tests;
