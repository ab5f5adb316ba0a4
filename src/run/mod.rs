//! The whole run: from files to exposures, losses and reports, written whole or not at all.

mod annual;
mod commit;
mod durable;
mod files;
mod fit;
mod lock;
mod loss_tables;
mod losses;
mod manifest;
mod merge;
mod output;
mod pipeline;

pub use commit::same_command;
pub use files::{FileManifest, Written, manifest_of, replace_files};
pub use fit::{FitSettings, Fitted, fit_incidents};
pub use loss_tables::loss_files;
pub use losses::{Basis, LossManifest, project_losses};
pub use manifest::{Manifest, OutputFile, StageTime, peak_memory};
pub use merge::merge_losses;
pub use output::{OutputFolder, replace_file, write_file};
pub(crate) use pipeline::json;
pub use pipeline::{Assembled, Seen, Settings, assemble, look, write_all};
