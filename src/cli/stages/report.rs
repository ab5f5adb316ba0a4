//! `report`: the page of exposures and losses.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::{EventOptions, RejectOptions, apart, outputs, read_exposures, write_text};
use crate::calibration::{Bin, RELIABILITY};
use crate::cli::Done;
use crate::cli::config::models;
use crate::exposure::{Draw, Exposure, IN_SCOPE};
use crate::fault::Failure;
use crate::inventory::{Entry, INVENTORY};
use crate::loss::{LOSSES, LOSSES_BY_POLICY, PolicyLoss, Projection, YearLoss};
use crate::metrics::read_treaty_losses;
use crate::money::Cents;
use crate::report::{AnnualTables, Facts, Known, page, read_exact, summarise};
use crate::run::json;
use crate::table::{RejectLog, read_rows};

/// The report of exposures and losses.
#[derive(Args, Debug)]
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
    event: EventOptions,
    #[command(flatten)]
    rejects: RejectOptions,
}

impl ReportStage {
    /// Runs the stage.
    pub fn run(self) -> Result<Done, Failure> {
        apart(
            &[&self.exposure, &self.losses, &self.by_policy],
            &outputs(&self.out, [&self.summary, &self.rejects.rejects]),
        )?;
        let (catalogue, event, as_of) = self.event.resolve()?;
        let mut rejects = RejectLog::default();
        let (exposures, _) = read_exposures(std::slice::from_ref(&self.exposure), &mut rejects)?;
        let (years, _) = read_rows(&self.losses, &LOSSES, &mut rejects, YearLoss::read)?;
        let (losses, _) = read_rows(&self.by_policy, &LOSSES_BY_POLICY, &mut rejects, PolicyLoss::read)?;
        let projection = self.one_run(years, &losses, &exposures)?;
        let inventory = self.inventory.as_deref();
        let inventory = inventory.map(|path| read_rows(path, &INVENTORY, &mut rejects, Entry::read)).transpose()?;
        let reliability = self.reliability.as_deref();
        let reliability = reliability.map(|path| read_rows(path, &RELIABILITY, &mut rejects, Bin::read)).transpose()?;
        let in_scope = self.in_scope.as_deref();
        let in_scope = in_scope.map(|path| read_rows(path, &IN_SCOPE, &mut rejects, Draw::read)).transpose()?;
        let exact = self.exact.as_deref().map(|path| read_exact(path, &mut rejects)).transpose()?.map(Ok);
        let trials = projection.years.len() as u32;
        let ceded = self.ceded.as_deref();
        let ceded = ceded.map(|path| read_treaty_losses(path, trials, &mut rejects)).transpose()?;
        let models = models(self.models.as_deref())?;
        let known = Known { event: &event, catalogue: &catalogue, exposures: &exposures, models: models.as_ref() };
        let annual = self.annual_tables()?.map(|tables| tables.read(&known, &mut rejects)).transpose()?;
        if self.rejects.settle(rejects)? == Done::WithRejects {
            return Ok(Done::WithRejects);
        }
        let summary = summarise(Facts {
            event: &event,
            catalogue: &catalogue,
            as_of,
            seed: self.seed,
            exposures: &exposures,
            in_scope: in_scope.as_ref().map_or(&[], |(rows, _)| rows.as_slice()),
            reliability: reliability.as_ref().map_or(&[], |(rows, _)| rows.as_slice()),
            projection: &projection,
            exact: exact.as_ref(),
            treaties: ceded.as_ref().map(|(treaties, _)| treaties.as_slice()),
            annual: annual.as_ref(),
            models: models.as_ref(),
            inventory: inventory.as_ref().map(|(rows, _)| rows.as_slice()),
            quality: None,
            warnings: Vec::new(),
        })?;
        if let Some(path) = &self.summary {
            write_text(path, &json(&summary)?)?;
        }
        write_text(&self.out, &page(&summary, &projection.years)?)?;
        eprintln!("wrote {}", self.out.display());
        Ok(Done::Whole)
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
