//! The whole run: from files to exposures, losses and reports, written whole or not at all.

mod manifest;
mod output;
mod pipeline;

pub use manifest::{Manifest, OutputFile, StageTime, peak_memory};
pub use output::{OutputFolder, replace_file};
pub use pipeline::{
    Assembled, LOSSES_BY_POLICY, PolicyLoss, RejectRow, Settings, assemble, coverage_of, observe, quality, write_all,
};
