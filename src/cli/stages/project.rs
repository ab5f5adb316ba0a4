//! `project`: losses of an event.

use std::path::PathBuf;

use clap::Args;

use super::{EventOptions, RejectOptions, apart, finish, outputs, read_exposures};
use crate::cli::Done;
use crate::cli::config::{models, rates};
use crate::fault::Failure;
use crate::loss::{Plan, PolicyLoss, simulate};
use crate::portfolio::Rates;
use crate::run::write_file;
use crate::table::{Format, RejectLog, write_table};

/// Losses of an event.
#[derive(Args, Debug)]
pub struct Project {
    /// Exposure, as `expose` writes it.
    #[arg(value_name = "FILE")]
    exposure: PathBuf,
    /// Losses by trial: Parquet, or CSV when the name ends in .csv.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Also write the losses of each policy.
    #[arg(long, value_name = "FILE")]
    by_policy: Option<PathBuf>,
    /// Seed of the simulation.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Trials.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    trials: u32,
    /// Rate of the US dollar into the exposure's currency, such as USD=0.92.
    #[arg(long, value_name = "CODE=RATE")]
    rate: Vec<String>,
    /// Severities fitted to incidents, as `fit` writes them (its folder or the table), in the place of the catalogue's.
    #[arg(long, value_name = "DIR_OR_FILE")]
    models: Option<PathBuf>,
    #[command(flatten)]
    event: EventOptions,
    #[command(flatten)]
    rejects: RejectOptions,
}

impl Project {
    /// Runs the stage.
    pub fn run(self) -> Result<Done, Failure> {
        apart(&[&self.exposure], &outputs(&self.out, [&self.by_policy, &self.rejects.rejects]))?;
        let (catalogue, event, _) = self.event.resolve()?;
        let mut rejects = RejectLog::default();
        let exposures = read_exposures(&self.exposure, &mut rejects)?;
        if self.rejects.settle(rejects)? == Done::WithRejects {
            return Ok(Done::WithRejects);
        }
        let currency = exposures.first().map_or("USD", |e| &e.currency);
        let dollar = Rates::new(currency, &rates(&self.rate)?)?.dollars()?;
        let models = models(self.models.as_deref())?;
        let plan = Plan::with_models(&event, &catalogue, &exposures, dollar, models.as_ref())?;
        let projection = simulate(&plan, exposures.len(), self.trials, self.seed);
        if let Some(path) = &self.by_policy {
            let losses = PolicyLoss::of(&exposures, &projection);
            write_file(path, |staged| write_table(staged, Format::of(path), &losses))?;
        }
        let written = write_file(&self.out, |staged| write_table(staged, Format::of(&self.out), &projection.trials));
        finish(written?, &self.out, "trials")
    }
}
