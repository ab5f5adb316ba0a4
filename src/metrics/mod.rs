//! Figures of simulated losses, each with its sampling error.
//!
//! [`sample`]: mean, quantiles and tail mean for a report. [`Curve`]: what the years of a simulation say: average annual
//! loss, standard deviation, exceedance curve and tail means by return period, as the tools of Open Results Data compute
//! them. [`contribution`]: which part of a tail mean comes from whom, adding up to the cent. [`treaty_figures`]: what a
//! treaty pays and how often. [`Decomposition`]: how much of the spread comes from not knowing the parameters.
//!
//! Input is one number a year, every year, also those without a loss; amounts are whole cents, results currency units.

pub mod claims;
pub mod contribution;
mod curve;
mod decomposition;
mod estimate;
mod figures;
pub mod occurrences;
pub mod ord;
mod order_statistics;
mod policy_figures;
mod policy_years;
pub mod sample;
mod sampling;
mod tail;
mod treaties;
mod treaty;
mod year_losses;

pub use contribution::{Contribution, Contributions, MeanContribution, MeansByGroup, TailClaims};
pub use curve::{Curve, Point};
pub use decomposition::Decomposition;
pub use estimate::{Estimate, Share};
pub use figures::{Figure, METRICS, figures};
pub use order_statistics::ranks;
pub use policy_figures::{POLICY_METRICS, PolicyFigure, policy_figures};
pub use policy_years::PolicyYears;
pub use sample::{Quantile, Summary, count_interval, summarise};
pub use tail::{RankWeights, Tail};
pub use treaties::{TreatyLosses, parameter_figures, read_treaties, read_treaty_losses};
pub use treaty::{TreatyFigures, TreatyYears, treaty_figures};
pub use year_losses::YearLosses;
