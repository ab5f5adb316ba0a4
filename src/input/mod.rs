//! Getting bytes in: plain, gzip or zstd, by content; lines with their numbers; nothing held but the block in hand.

mod lines;
mod open;

pub use lines::{Batch, Line, LineFault, Lines, MAX_LINE};
pub use open::{Packing, empty, packing_of, sha256};
