//! Draws that are functions of what they are for, and the distributions made of them.

pub mod beta;
mod counter;
mod exp;
mod ln;
pub mod normal;

pub use counter::{Draws, Purpose, Stream, philox};
pub use exp::exp;
pub use ln::ln;
