//! `report`: the page of exposures and losses.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{EventOptions, RejectOptions, apart_with_manifest, file_or_table, outputs, read_exposures};
use crate::calibration::{Bin, RELIABILITY};
use crate::cli::Done;
use crate::cli::config::models;
use crate::exposure::{Draw, Exposure, IN_SCOPE};
use crate::fault::{Failure, Outcome};
use crate::incidents::SEVERITY_FILE;
use crate::input::Intake;
use crate::inventory::{Entry, INVENTORY};
use crate::loss::exact::ExactFigure;
use crate::loss::{LOSSES, LOSSES_BY_POLICY, PolicyLoss, Projection, YearLoss};
use crate::metrics::{TreatyLosses, read_treaty_losses};
use crate::money::Cents;
use crate::report::{AnnualTables, Facts, Known, page, read_exact, summarise};
use crate::run::{FileManifest, Written, json, replace_files};
use crate::table::{RejectLog, read_rows};

/// The report of exposures and losses.
///
/// Beside FILE of --out lies FILE.manifest.json: flags, inputs and outputs with hashes.
#[derive(Args, Debug, Serialize)]
pub struct ReportStage {
    /// Exposure, as `expose` writes it.
    #[arg(value_name = "FILE")]
    exposure: PathBuf,
    /// Losses by year or trial, as `project` writes them.
    #[arg(long, value_name = "FILE")]
    losses: PathBuf,
    /// Losses by policy, as `project` writes them.
    #[arg(long, value_name = "FILE")]
    by_policy: PathBuf,
    /// Inventory, to set the book beside published market shares.
    #[arg(long, value_name = "FILE")]
    inventory: Option<PathBuf>,
    /// Insureds in scope by draw, as `expose --in-scope` writes them, for what all insureds share of the uncertainty.
    #[arg(long, value_name = "FILE")]
    in_scope: Option<PathBuf>,
    /// Reliability of the event's products, as `inventory --reliability` writes it, for the appendix.
    #[arg(long, value_name = "FILE")]
    reliability: Option<PathBuf>,
    /// Exact figures of the losses, as `project` writes them, to set them beside the simulated ones.
    #[arg(long, value_name = "FILE")]
    exact: Option<PathBuf>,
    /// What treaties took, as `project` writes it: losses after reinsurance and figures of each treaty.
    #[arg(long, value_name = "FILE")]
    ceded: Option<PathBuf>,
    /// Folder with the tables of simulated years, as `run` with annual_years or `project --mode catalogue` writes them, for an
    /// average year [default: the folder `annual` beside the losses, where there is one].
    #[arg(long, value_name = "DIR")]
    annual: Option<PathBuf>,
    /// Severities fitted to incidents that the losses were simulated with, for the list of assumptions.
    #[arg(long, value_name = "DIR_OR_FILE")]
    models: Option<PathBuf>,
    /// Seed that the losses were simulated with, for the footer.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The page.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Also write its numbers as JSON.
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    #[command(flatten)]
    #[serde(flatten)]
    event: EventOptions,
    #[command(flatten)]
    #[serde(flatten)]
    rejects: RejectOptions,
}

/// Tables beside the exposures; of those that need not be given, nothing where they are not.
struct Read {
    projection: Projection,
    inventory: Option<Vec<Entry>>,
    reliability: Option<Vec<Bin>>,
    in_scope: Option<Vec<Draw>>,
    exact: Option<Vec<ExactFigure>>,
    ceded: Option<Vec<TreatyLosses>>,
}

/// Reads a table where it is given, and notes its account.
fn given<T>(
    path: &Option<PathBuf>,
    inputs: &mut Vec<Intake>,
    read: impl FnOnce(&Path) -> Result<(T, Intake), Failure>,
) -> Result<Option<T>, Failure> {
    let (table, intake) = path.as_deref().map(read).transpose()?.unzip();
    inputs.extend(intake);
    Ok(table)
}

/// The same failure with the first row that was set aside, without which tables may not add up.
fn because(failure: Failure, rejects: &RejectLog) -> Failure {
    let first = rejects.shown().find(|reject| reject.fault.outcome == Outcome::SetAside);
    first.map_or(failure.clone(), |first| first.behind(&format!("{}; rows were set aside", failure.message)))
}

impl ReportStage {
    /// Runs the stage.
    pub fn run(mut self) -> Result<Done, Failure> {
        self.apart()?;
        let (catalogue, event, as_of) = self.event.resolve()?;
        let mut rejects = RejectLog::default();
        let (exposures, mut inputs) = read_exposures(std::slice::from_ref(&self.exposure), &mut rejects)?;
        let read = self.read(&exposures, &mut rejects, &mut inputs).map_err(|failure| because(failure, &rejects))?;
        let Read { projection, inventory, reliability, in_scope, exact, ceded } = read;
        let models = models(self.models.as_deref())?;
        inputs.extend(models.iter().map(|models| models.intake.clone()));
        let known = Known { event: &event, catalogue: &catalogue, exposures: &exposures, models: models.as_ref() };
        let annual = self.annual_tables()?.map(|tables| tables.read(&known, &mut rejects)).transpose();
        let (annual, of_years) = annual.map_err(|failure| because(failure, &rejects))?.unzip();
        inputs.extend(of_years.into_iter().flatten().chain(self.event.intake(&catalogue)?));
        if self.rejects.settle(rejects)? == Done::WithRejects {
            return Ok(Done::WithRejects);
        }
        let summary = summarise(Facts {
            event: &event,
            catalogue: &catalogue,
            as_of,
            seed: self.seed,
            exposures: &exposures,
            in_scope: &in_scope.unwrap_or_default(),
            reliability: &reliability.unwrap_or_default(),
            projection: &projection,
            exact: exact.map(Ok).as_ref(),
            treaties: ceded.as_deref(),
            annual: annual.as_ref(),
            models: models.as_ref(),
            inventory: inventory.as_deref(),
            quality: None,
            warnings: Vec::new(),
        })?;
        let mut manifest = FileManifest::new("report", &self, inputs)?.about(&event, &catalogue);
        manifest.outputs.extend(self.rejects.written()?);
        let texts = [page(&summary, &projection.years)?, json(&summary)?];
        replace_files(&outputs(&self.out, [&self.summary]), |staged| {
            for (path, text) in staged.iter().zip(&texts) {
                std::fs::write(path, text).map_err(|e| Failure::io("write", path, &e))?;
            }
            Ok(Some(Written { rows: vec![None; staged.len()], manifest }))
        })?;
        tell!("wrote {}", self.out.display());
        Ok(Done::Whole)
    }

    /// That nothing which is read would be written over.
    fn apart(&self) -> Result<(), Failure> {
        let models = self.models.as_deref().and_then(|path| file_or_table(path, SEVERITY_FILE));
        let annual = self.annual_tables()?;
        let read = [&self.exposure, &self.losses, &self.by_policy].into_iter();
        let read = read.chain(
            [&self.inventory, &self.in_scope, &self.reliability, &self.exact, &self.ceded, &models]
                .into_iter()
                .flatten(),
        );
        let read =
            read.map(PathBuf::as_path).chain(annual.iter().flat_map(AnnualTables::files)).chain(self.event.files());
        apart_with_manifest(&read.collect::<Vec<_>>(), &outputs(&self.out, [&self.summary, &self.rejects.rejects]))
    }

    /// Reads the tables beside the exposures.
    fn read(&self, exposures: &[Exposure], rejects: &mut RejectLog, inputs: &mut Vec<Intake>) -> Result<Read, Failure> {
        let (years, of_years) = read_rows(&self.losses, &LOSSES, rejects, YearLoss::reader())?;
        let (losses, of_policies) = read_rows(&self.by_policy, &LOSSES_BY_POLICY, rejects, PolicyLoss::reader())?;
        inputs.extend([of_years, of_policies]);
        let projection = self.one_run(years, &losses, exposures)?;
        let trials = projection.years.len() as u32;
        Ok(Read {
            projection,
            inventory: given(&self.inventory, inputs, |path| read_rows(path, &INVENTORY, rejects, Entry::read))?,
            reliability: given(&self.reliability, inputs, |path| read_rows(path, &RELIABILITY, rejects, Bin::read))?,
            in_scope: given(&self.in_scope, inputs, |path| read_rows(path, &IN_SCOPE, rejects, Draw::read))?,
            exact: given(&self.exact, inputs, |path| read_exact(path, rejects))?,
            ceded: given(&self.ceded, inputs, |path| read_treaty_losses(path, trials, rejects))?,
        })
    }

    /// The tables of simulated years: of the folder that is named, or of one beside the losses, where it is there.
    fn annual_tables(&self) -> Result<Option<AnnualTables>, Failure> {
        let Some(dir) = &self.annual else { return Ok(AnnualTables::find(&self.losses.with_file_name("annual"))) };
        let missing = || {
            Failure::new(format!("{}: no tables events, losses and occurrences in it", dir.display()))
                .hint("give the folder `annual` of a run with annual_years, or one of `project --mode catalogue`")
        };
        AnnualTables::find(dir).ok_or_else(missing).map(Some)
    }

    /// Losses by year and by policy as one projection: they must add up to the same cents over the same policies.
    fn one_run(
        &self,
        years: Vec<YearLoss>,
        losses: &[PolicyLoss],
        exposures: &[Exposure],
    ) -> Result<Projection, Failure> {
        let totals: BTreeMap<&str, Cents> = losses.iter().map(|l| (l.policy_id.as_str(), l.total)).collect();
        let by_policy: Vec<Cents> =
            exposures.iter().map(|e| totals.get(e.policy_id.as_str()).copied().unwrap_or_default()).collect();
        let (by_year, all) =
            (years.iter().map(|y| y.sum.gross).sum::<Cents>(), by_policy.iter().copied().sum::<Cents>());
        if years.is_empty() {
            return Err(Failure::new(format!("{}: there is no year in it", self.losses.display())));
        }
        if by_year == all {
            return Ok(Projection { years, by_policy });
        }
        let (losses, policies, exposure) = (self.losses.display(), self.by_policy.display(), self.exposure.display());
        Err(Failure::new(format!("{losses} adds up to {by_year}, {policies} over the policies of {exposure} to {all}"))
            .hint("give the three tables of one run of expose and project"))
    }
}
