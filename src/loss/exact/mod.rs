//! The distribution of an aggregate loss without sampling: by Fourier inversion on an even grid of money.
//!
//! A claim's distribution, after policy terms, is put on the grid ([`GridDistribution`]); its discrete Fourier transform φ
//! at each frequency gives that of the sum: the probability generating function of the number of claims at φ
//! ([`compound()`]), or for a book of insureds that are hit independently with probability r·p each, Π (1 + r·pᵢ·(φᵢ − 1)).
//! Factors that all insureds share are integrated over by quadrature: the transform of the mixture is the mean of the
//! transforms, so that one inversion serves all ([`scenario`]). See S. A. Klugman, H. H. Panjer, G. E. Willmot: *Loss Models*,
//! 4th ed., 2012, sections 9.6 and 9.7.
//!
//! [`compound()`] and [`scenario`] are for other programs; no command calls them.
//!
//! [`exact_losses`] is all of this for one event over a book, through the losses and policy terms of the simulation: the
//! severity level and the hours of an outage change the claims, so that each of their nodes has a sum of its own. Of an outage
//! the laws between the nodes are interpolated.
//!
//! What the grid costs is told: each result knows the exact mean beside the mean on the grid, and the probability that lies
//! beyond the grid's end. Transforms are computed here, in one order and with portable sines, so that every machine gives
//! the same bytes.

mod aggregate;
mod book;
mod boxes;
mod closer;
mod complex;
mod compound;
mod conditional;
mod distribution;
mod event;
mod figures;
mod fineness;
mod fourier;
mod frequency;
mod grain;
mod grid;
mod groups;
mod law;
mod outage;
mod panel;
mod portfolio;
mod quadrature;
mod shared;
mod state;
mod stretch;
mod swept;

pub use aggregate::Aggregate;
pub use compound::compound;
pub use distribution::GridDistribution;
pub use event::{ExactLoss, ExactLosses, WithError, exact_losses};
pub use figures::{EXACT, ExactFigure};
pub use frequency::Frequency;
pub use grid::Grid;
pub use portfolio::{Risk, scenario};
pub use quadrature::{Node, beta_nodes, product, uniform_nodes};

#[cfg(test)]
mod tests;
