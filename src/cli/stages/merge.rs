//! `merge`: parts of a projection that ran apart.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Done;
use crate::fault::Failure;
use crate::run::{OutputFolder, merge_losses};

/// Parts of a projection, put together.
#[derive(Args, Debug)]
pub struct Merge {
    /// Folders that `project --years A..B` wrote: one projection's, their years following on one another.
    #[arg(required = true, num_args = 2.., value_name = "DIR")]
    parts: Vec<PathBuf>,
    /// Folder for the tables.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Merge {
    /// Runs the stage.
    pub fn run(self) -> Result<Done, Failure> {
        let real = |path: &PathBuf| std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        if self.parts.iter().any(|part| real(part) == real(&self.out)) {
            return Err(Failure::new(format!("{}: would be written over", self.out.display()))
                .hint("give --out a folder of its own"));
        }
        let (from, to) = merge_losses(&self.parts, OutputFolder::open(&self.out, "project")?)?;
        tell!("wrote years {from} to {to} to {}", self.out.display());
        Ok(Done::Whole)
    }
}
