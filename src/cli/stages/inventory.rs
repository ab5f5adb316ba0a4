//! `inventory`: observations to who uses what.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{EventOptions, RejectOptions, apart, finish, outputs};
use crate::calibration::reliability_of;
use crate::cli::Done;
use crate::cli::config::scan_options;
use crate::cli::progress::Progress;
use crate::fault::Failure;
use crate::inventory::{COVERAGE, INVENTORY, InventoryBuilder, read_declared};
use crate::moment::Moment;
use crate::portfolio::domains::DomainMap;
use crate::portfolio::read_hosts;
use crate::run::write_file;
use crate::scan::read_scan;
use crate::table::{Format, RejectLog, TableWriter, write_table};

/// Observations to who uses what.
#[derive(Args, Debug)]
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
    event: EventOptions,
    #[command(flatten)]
    rejects: RejectOptions,
}

impl InventoryStage {
    /// Runs the stage.
    pub fn run(self) -> Result<Done, Failure> {
        let inputs: Vec<&Path> =
            self.observations.iter().chain(&self.policies).chain(&self.declared).map(PathBuf::as_path).collect();
        apart(&inputs, &outputs(&self.out, [&self.coverage, &self.reliability, &self.rejects.rejects]))?;
        let (catalogue, event, day) = self.event.resolve()?;
        let book = self.policies.as_deref().map(read_hosts).transpose()?;
        let scope = book.as_ref().map(|book| DomainMap::of(&book.policies));
        let options = scan_options(self.scan_time.as_deref(), &[])?;
        let builder = InventoryBuilder::new(&catalogue, scope, Moment::end_of(day));
        let progress = Progress::start(self.observations.len());
        let mut rejects: RejectLog = book.iter().flat_map(|book| book.rejects.iter().cloned()).collect();
        for path in &self.observations {
            progress.say(&format!("reading {}", path.display()));
            read_scan(path, &options, &mut rejects, &builder)?;
        }
        let inventory = builder.finish();
        let answers = match (&self.declared, &book) {
            (Some(path), Some(book)) => read_declared(path, &book.policies, &inventory.model, &mut rejects)?.0,
            (Some(_), None) => {
                return Err(Failure::new("--declared names insureds, and there are no policies")
                    .hint("give --policies, whose insureds they are"));
            }
            (None, _) => Vec::new(),
        };
        if self.rejects.settle(rejects)? == Done::WithRejects {
            return Ok(Done::WithRejects);
        }
        if let Some(path) = &self.coverage {
            write_file(path, |staged| {
                let mut writer = TableWriter::create(staged, Format::of(path), COVERAGE)?;
                inventory.each_asked(|rows| writer.write_all(rows))?;
                writer.finish()
            })?;
        }
        if let Some(path) = &self.reliability {
            let bins = reliability_of(&inventory, &event.requires.products());
            write_file(path, |staged| write_table(staged, Format::of(path), &bins))?;
        }
        let written = write_file(&self.out, |staged| {
            let mut writer = TableWriter::create(staged, Format::of(&self.out), INVENTORY)?;
            inventory.each_block(&event.products(), |rows| writer.write_all(rows))?;
            writer.write_all(&answers)?;
            writer.finish()
        });
        finish(written?, &self.out, "inventory rows")
    }
}
