//! `inventory`: observations to who uses what.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{EventOptions, RejectOptions, apart_with_manifest, finish, outputs};
use crate::calibration::reliability_of;
use crate::catalogue::Event;
use crate::cli::Done;
use crate::cli::config::scan_options;
use crate::cli::progress::Progress;
use crate::fault::Failure;
use crate::inventory::{COVERAGE, Entry, INVENTORY, Inventory, InventoryBuilder, read_declared};
use crate::moment::Moment;
use crate::portfolio::domains::DomainMap;
use crate::portfolio::read_hosts;
use crate::run::{FileManifest, Written, replace_files};
use crate::scan::read_scan;
use crate::table::{Format, RejectLog, TableWriter, write_table};

/// Observations to who uses what.
///
/// Beside FILE of --out lies FILE.manifest.json: flags, inputs and outputs with hashes.
#[derive(Args, Debug, Serialize)]
pub struct InventoryStage {
    /// Observations, as `ingest` writes them, or scanner output.
    #[arg(required = true, value_name = "FILE")]
    observations: Vec<PathBuf>,
    /// Inventory: Parquet, or CSV when the name ends in .csv.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Also write what was asked of each domain.
    #[arg(long, value_name = "FILE")]
    coverage: Option<PathBuf>,
    /// Also write how well each signal of the event's products is predicted from the others.
    #[arg(long, value_name = "FILE")]
    reliability: Option<PathBuf>,
    /// Time of scan records that have none [default: the file's].
    #[arg(long, value_name = "TIME")]
    scan_time: Option<String>,
    /// Only the domains of these policies; insureds under a shared registrable domain are told apart by their hosts.
    #[arg(long, value_name = "FILE")]
    policies: Option<PathBuf>,
    /// What insureds say they use: insured_id, product, answer (yes or no), date.
    #[arg(long, value_name = "FILE")]
    declared: Option<PathBuf>,
    #[command(flatten)]
    #[serde(flatten)]
    event: EventOptions,
    #[command(flatten)]
    #[serde(flatten)]
    rejects: RejectOptions,
}

impl InventoryStage {
    /// Runs the stage.
    pub fn run(mut self) -> Result<Done, Failure> {
        let read = self.observations.iter().chain(&self.policies).chain(&self.declared).map(PathBuf::as_path);
        let read: Vec<&Path> = read.chain(self.event.files()).collect();
        apart_with_manifest(&read, &outputs(&self.out, [&self.coverage, &self.reliability, &self.rejects.rejects]))?;
        let (catalogue, event, day) = self.event.resolve()?;
        let book = self.policies.as_deref().map(read_hosts).transpose()?;
        let scope = book.as_ref().map(|book| DomainMap::of(&book.policies));
        let options = scan_options(self.scan_time.as_deref(), &[])?;
        let builder = InventoryBuilder::new(&catalogue, scope, Moment::end_of(day));
        let progress = Progress::start(self.observations.len());
        let mut rejects: RejectLog = book.iter().flat_map(|book| book.rejects.iter().cloned()).collect();
        let mut inputs = Vec::new();
        for path in &self.observations {
            progress.say(&format!("reading {}", path.display()));
            inputs.push(read_scan(path, &options, &mut rejects, &builder)?.intake);
        }
        let inventory = builder.finish();
        inputs.extend(book.as_ref().map(|book| book.intake.clone()));
        let answers = match (&self.declared, &book) {
            (Some(path), Some(book)) => {
                let (answers, intake) = read_declared(path, &book.policies, &inventory.model, &mut rejects)?;
                inputs.push(intake);
                answers
            }
            (Some(_), None) => {
                return Err(Failure::new("--declared names insureds, and there are no policies")
                    .hint("give --policies, whose insureds they are"));
            }
            (None, _) => Vec::new(),
        };
        if self.rejects.settle(rejects)? == Done::WithRejects {
            return Ok(Done::WithRejects);
        }
        inputs.extend(self.event.intake(&catalogue)?);
        let mut manifest = FileManifest::new("inventory", &self, inputs)?.about(&event, &catalogue);
        manifest.outputs.extend(self.rejects.written()?);
        let outs = outputs(&self.out, [&self.coverage, &self.reliability]);
        let written = replace_files(&outs, |staged| {
            let rows = self.write(staged, &inventory, &event, &answers)?;
            Ok(Some(Written { rows: rows.into_iter().map(Some).collect(), manifest }))
        })?;
        written.map_or(Ok(Done::WithRejects), |rows| finish(rows[0], &self.out, "inventory rows"))
    }

    /// Writes every table, and gives their rows.
    fn write(
        &self,
        staged: &[PathBuf],
        inventory: &Inventory,
        event: &Event,
        answers: &[Entry],
    ) -> Result<Vec<u64>, Failure> {
        let mut writer = TableWriter::create(&staged[0], Format::of(&staged[0]), INVENTORY)?;
        inventory.each_block(&event.products(), |rows| writer.write_all(rows))?;
        writer.write_all(answers)?;
        let (mut written, mut rest) = (vec![writer.finish()?], staged[1..].iter());
        if let Some(path) = self.coverage.as_ref().and_then(|_| rest.next()) {
            let mut writer = TableWriter::create(path, Format::of(path), COVERAGE)?;
            inventory.each_asked(|rows| writer.write_all(rows))?;
            written.push(writer.finish()?);
        }
        if let Some(path) = self.reliability.as_ref().and_then(|_| rest.next()) {
            let bins = reliability_of(inventory, &event.requires.products());
            written.push(write_table(path, Format::of(path), &bins)?);
        }
        Ok(written)
    }
}
