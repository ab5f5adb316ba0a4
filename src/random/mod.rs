//! Draws that are functions of what they are for, and the distributions made of them.

pub mod beta;
mod blocks;
mod counter;
mod exp;
mod ln;
pub mod normal;
mod widest;

pub use counter::{Draws, Purpose, Stream, name, philox, short_uniform, uniform};
pub use exp::{ORDINARY, exp, ordinary as ordinary_exp};
pub use ln::ln;
pub(crate) use widest::widest;

/// Numbers that are worked out side by side: as many doubles as the widest vectors hold.
pub const LANES: usize = 8;
