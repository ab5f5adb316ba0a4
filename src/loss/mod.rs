//! From exposure to money: seeded simulation of events over the exposed insureds, through policy terms and treaties.
//!
//! ```text
//! exposure × event × models ─► plan ─► calendar (occurrences, shared factors) ─► scene (what all workers read)
//!       ─► desk: walk (whom they hit) ─► batch (losses) ─► policy terms, side by side or hit by hit ─► tally
//!       ─► simulate (sums by occurrence and year) ─► net (treaties)
//! ```
//!
//! A block of years is gone through in slices, each as long as its claims and what a hit reads of its occurrences are not too much
//! to hold: `headway` keeps where each walk stands between them.
//!
//! The kernels ([`terms`], [`outage`], [`severity`]) take numbers, slices and the terms of one policy, and know no tables,
//! files or clock. A draw is a function of the seed, the event, the year (or its block), the occurrence and the insured:
//! never of order, of thread, or of who else is in the book.

mod batch;
mod by_policy;
pub mod calendar;
mod desk;
pub mod exact;
pub mod fitted;
mod hazard;
mod headway;
mod hit;
mod net;
mod occurrence;
pub mod outage;
pub mod plan;
mod scene;
pub mod severity;
pub mod simulate;
mod tally;
pub mod terms;
mod walk;
mod year;
mod year_events;
mod yearly_paid;

pub use by_policy::{LOSSES_BY_POLICY, PolicyLoss};
pub use calendar::{Mode, Occurrence};
pub use fitted::{UsedModel, used_models};
pub use net::Reinsurance;
pub use occurrence::{CLAIMS, ClaimLoss, OCCURRENCES, OccurrenceLoss};
pub use plan::{GroundUp, Insured, Layer, Peril, Plan, Risk, Shock};
pub use simulate::{Block, Claim, Parameters, Projection, Simulation};
pub use year::{Amounts, LOSSES, YearLoss};
pub use year_events::{YEAR_EVENTS, YearEvent};
pub use yearly_paid::YearlyPaid;
