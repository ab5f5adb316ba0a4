//! Getting bytes in: plain, gzip or zstd, by content; lines with their numbers; nothing held but the block in hand.

mod intake;
mod lines;
mod open;

pub use intake::Intake;
pub use lines::{Batch, Line, LineFault, Lines, MAX_LINE};
pub use open::{Packing, empty, hexadecimal, packing_of, sha256, sha256_of};
