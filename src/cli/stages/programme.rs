//! Treaties on the command line.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::fault::Failure;
use crate::input::Intake;
use crate::portfolio::Rates;
use crate::treaty::{Programme, read_oed, read_toml};

/// Where the treaties are.
#[derive(Args, Debug, Serialize)]
pub struct ProgrammeOptions {
    /// Treaties (TOML).
    #[arg(long, value_name = "FILE", conflicts_with = "reins_info")]
    programme: Option<PathBuf>,
    /// Treaties as OED reinsurance info.
    #[arg(long, value_name = "FILE", requires = "reins_scope")]
    reins_info: Option<PathBuf>,
    /// Their scope, as OED reinsurance scope.
    #[arg(long, value_name = "FILE", requires = "reins_info")]
    reins_scope: Option<PathBuf>,
}

impl ProgrammeOptions {
    /// The files that are read.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        [&self.programme, &self.reins_info, &self.reins_scope].into_iter().flatten().map(PathBuf::as_path)
    }

    /// The same as inputs of a run, of so many treaties.
    pub fn intakes(&self, treaties: usize) -> Result<Vec<Intake>, Failure> {
        self.files().map(|file| Intake::whole(file, "treaties", treaties as u64)).collect()
    }

    /// The programme, where one is given.
    pub fn read(&self, rates: &Rates) -> Result<Option<Programme>, Failure> {
        match (&self.programme, &self.reins_info, &self.reins_scope) {
            (Some(file), ..) => read_toml(file, rates).map(Some),
            (None, Some(info), Some(scope)) => read_oed(info, scope, rates).map(Some),
            _ => Ok(None),
        }
    }
}
