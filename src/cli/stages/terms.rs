//! `terms`: policy terms on ground-up losses of one's own.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{RejectOptions, apart_with_manifest, finish, outputs};
use crate::cli::Done;
use crate::fault::Failure;
use crate::input::Intake;
use crate::loss::terms::{GROUND_UP, GroundUpLoss, Loss, Settlement};
use crate::portfolio::{Policy, read_hosts};
use crate::run::{FileManifest, Written, replace_files};
use crate::table::{Dated, Format, RejectLog, Row, TableWriter, read_years};
use crate::treaty::GROSS;

/// Bring your own losses: policy terms on a ground-up table.
///
/// Columns are in `blastradius schema tables ground-up-losses`, and what is written in `blastradius schema tables gross-losses`.
///
/// All policies are taken as in force; losses are in each policy's own currency. Sorted by year, no more than a year is
/// held in memory; else the whole table is. Beside FILE of --out lies FILE.manifest.json: flags, inputs and outputs with hashes.
#[derive(Args, Debug, Serialize)]
pub struct TermsStage {
    /// Losses by year, occurrence, policy (or insured) and coverage: CSV or Parquet.
    #[arg(value_name = "FILE")]
    ground_up: PathBuf,
    /// Policies: CSV or Parquet, in the engine's columns or as OED cyber accounts.
    #[arg(long, value_name = "FILE")]
    policies: PathBuf,
    /// Gross losses: Parquet, or CSV when the name ends in .csv.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    #[serde(flatten)]
    rejects: RejectOptions,
}

impl TermsStage {
    /// Runs the stage.
    pub fn run(self) -> Result<Done, Failure> {
        apart_with_manifest(&[&self.ground_up, &self.policies], &outputs(&self.out, [&self.rejects.rejects]))?;
        let mut book = read_hosts(&self.policies)?;
        let policies = std::mem::take(&mut book.policies);
        let mut done = Done::Whole;
        let written = replace_files(&[&self.out], |staged| {
            for whole in [false, true] {
                let mut rejects: RejectLog = book.rejects.iter().cloned().collect();
                let Some((rows, intake)) = self.settle(&policies, whole, &staged[0], &mut rejects)? else { continue };
                done = self.rejects.settle(rejects)?;
                let mut manifest = FileManifest::new("terms", &self, vec![intake, book.intake.clone()])?;
                manifest.outputs.extend(self.rejects.written()?);
                return Ok((done == Done::Whole).then_some(Written { rows: vec![Some(rows)], manifest }));
            }
            Ok(None)
        })?;
        written.map_or(Ok(done), |rows| finish(rows[0], &self.out, "gross losses"))
    }

    /// Writes the gross losses and gives their number and the account of their table; nothing when the rows are not sorted by year.
    fn settle(
        &self,
        policies: &[Policy],
        whole: bool,
        staged: &Path,
        rejects: &mut RejectLog,
    ) -> Result<Option<(u64, Intake)>, Failure> {
        let finder = Settlement::new(policies);
        let mut settlement = Settlement::new(policies);
        let mut writer = TableWriter::create(staged, Format::of(&self.out), GROSS)?;
        let read = |row: &Row| {
            let (loss, mut faults) = GroundUpLoss::read(row);
            let dated = loss.and_then(|loss| match finder.find(&loss) {
                Ok(value) => Some(Dated { year: loss.year, amount: loss.loss, value }),
                Err(fault) => {
                    faults.push(fault);
                    None
                }
            });
            (dated, faults)
        };
        let mut each = |year: i64, losses: Vec<Loss>| writer.write_all(&settlement.year(year, losses));
        let intake = read_years(&self.ground_up, &GROUND_UP, rejects, whole, read, &mut each)?;
        intake.map(|intake| Ok((writer.finish()?, intake))).transpose()
    }
}
