//! Scanner output of many formats, brought to one normal form.

mod emit;
pub mod format;
mod generic;
mod intake;
pub mod observation;
mod spf;

pub use emit::Emit;
pub use intake::{ScanIntake, ScanOptions, read_scan};
