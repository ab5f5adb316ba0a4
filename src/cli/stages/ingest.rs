//! `ingest`: scanner output to observations.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{RejectOptions, apart, finish, outputs};
use crate::cli::Done;
use crate::cli::config::scan_options;
use crate::cli::progress::Progress;
use crate::fault::Failure;
use crate::run::replace_file;
use crate::scan::observation::{OBSERVATIONS, ObservationRef};
use crate::scan::{InOrder, read_scan};
use crate::table::{Format, RejectLog, TableWriter};

/// Scanner output to observations.
#[derive(Args, Debug)]
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
    rejects: RejectOptions,
}

impl Ingest {
    /// Runs the stage.
    pub fn run(self) -> Result<Done, Failure> {
        let inputs: Vec<&Path> = self.scan.iter().map(PathBuf::as_path).collect();
        apart(&inputs, &outputs(&self.out, [&self.rejects.rejects]))?;
        let options = scan_options(self.scan_time.as_deref(), &self.dnsx_asked)?;
        let progress = Progress::start(self.scan.len());
        let written = replace_file(&self.out, |staged| {
            let mut writer = TableWriter::create(staged, Format::of(&self.out), OBSERVATIONS)?;
            let (mut failed, mut rejects) = (None, RejectLog::default());
            let write = InOrder::new(|observation: &ObservationRef| {
                if failed.is_none() {
                    failed = writer.write(observation).err();
                }
            });
            for path in &self.scan {
                progress.say(&format!("reading {}", path.display()));
                read_scan(path, &options, &mut rejects, &write)?;
            }
            if let Some(failure) = failed {
                return Err(failure);
            }
            let done = self.rejects.settle(rejects)?;
            if done == Done::WithRejects { Ok(None) } else { writer.finish().map(Some) }
        })?;
        written.map_or(Ok(Done::WithRejects), |rows| finish(rows, &self.out, "observations"))
    }
}
