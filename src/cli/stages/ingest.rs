//! `ingest`: scanner output to observations.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{RejectOptions, apart_with_manifest, finish, outputs};
use crate::cli::Done;
use crate::cli::config::scan_options;
use crate::cli::progress::Progress;
use crate::fault::Failure;
use crate::run::{FileManifest, Written, replace_files};
use crate::scan::observation::{OBSERVATIONS, ObservationRef};
use crate::scan::{InOrder, read_scan};
use crate::table::{Format, RejectLog, TableWriter};

/// Scanner output to observations.
///
/// Beside FILE of --out lies FILE.manifest.json: flags, inputs and outputs with hashes.
#[derive(Args, Debug, Serialize)]
pub struct Ingest {
    /// Scanner output, of any of the known formats.
    #[arg(required = true, value_name = "FILE")]
    scan: Vec<PathBuf>,
    /// Observations: Parquet, or CSV when the name ends in .csv.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Time of records that have none [default: the file's].
    #[arg(long, value_name = "TIME")]
    scan_time: Option<String>,
    /// Record types that dnsx was asked for [default: those that appear in the file].
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    dnsx_asked: Vec<String>,
    #[command(flatten)]
    #[serde(flatten)]
    rejects: RejectOptions,
}

impl Ingest {
    /// Runs the stage.
    pub fn run(self) -> Result<Done, Failure> {
        let inputs: Vec<&Path> = self.scan.iter().map(PathBuf::as_path).collect();
        apart_with_manifest(&inputs, &outputs(&self.out, [&self.rejects.rejects]))?;
        let options = scan_options(self.scan_time.as_deref(), &self.dnsx_asked)?;
        let progress = Progress::start(self.scan.len());
        let written = replace_files(&[&self.out], |staged| {
            let mut writer = TableWriter::create(&staged[0], Format::of(&self.out), OBSERVATIONS)?;
            let (mut failed, mut rejects, mut inputs) = (None, RejectLog::default(), Vec::new());
            let write = InOrder::new(|observation: &ObservationRef| {
                if failed.is_none() {
                    failed = writer.write(observation).err();
                }
            });
            for path in &self.scan {
                progress.say(&format!("reading {}", path.display()));
                inputs.push(read_scan(path, &options, &mut rejects, &write)?.intake);
            }
            if let Some(failure) = failed {
                return Err(failure);
            }
            if self.rejects.settle(rejects)? == Done::WithRejects {
                return Ok(None);
            }
            let mut manifest = FileManifest::new("ingest", &self, inputs)?;
            manifest.outputs.extend(self.rejects.written()?);
            Ok(Some(Written { rows: vec![Some(writer.finish()?)], manifest }))
        })?;
        written.map_or(Ok(Done::WithRejects), |rows| finish(rows[0], &self.out, "observations"))
    }
}
