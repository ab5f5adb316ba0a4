//! Reinsurance: treaties in inuring order over the losses of an occurrence, year by year.
//!
//! ```text
//! programme.toml ──────────┐
//! ReinsInfo + ReinsScope ──┴► wording ─► treaty ─► programme ─┐
//! gross losses ─► subjects (what a loss is of) ─► reach ──────┴► cession: net, ceded by treaty, reinstatement premium
//! ```
//!
//! One formula holds for every kind of treaty, in OED's order (*Reinsurance Percentages and Calculation Order*): the ceded
//! share, then the terms of a risk, of an occurrence and of a year, and last the placed share. See [`layer`] for a layer,
//! [`surplus`] for what a surplus cedes of a risk, [`reinstatement`] for what reinstating costs, and [`cession`] for the
//! order of treaties and the way back to each loss. Kernels take slices and numbers; amounts are in whole cents of the
//! reporting currency, shares exact fractions.

pub mod cession;
mod columns;
mod essentials;
pub mod layer;
mod ledger;
mod meant;
mod oed;
mod places;
mod programme;
mod reach;
pub mod reinstatement;
mod scope;
mod source;
mod subject;
pub mod surplus;
#[cfg(test)]
mod tests;
mod uncovered;
mod wording;

pub use cession::{Cession, Workspace, YearState};
pub use columns::{CEDED, CededLoss, GROSS, GrossLoss, NET, NetLoss};
pub use layer::Layer;
pub use ledger::{Entry, Ledger, YearResult};
pub use oed::{REINS_INFO, REINS_SCOPE, read_oed};
pub use programme::{Ceded, Programme, RiskLevel, Treaty};
pub use reach::Reach;
pub use reinstatement::Reinstatements;
pub use scope::Scope;
pub use subject::Subject;
pub use uncovered::Named;
pub use wording::{ProgrammeFile, TreatyKind, TreatyWording, read_toml};
