//! Scanner output of many formats, brought to one normal form.

mod columns;
mod emit;
pub mod format;
mod generic;
mod intake;
pub mod observation;
mod plain;
mod spf;

pub use emit::Emit;
pub use intake::{Hand, InOrder, ScanIntake, ScanOptions, Sink, read_scan};
