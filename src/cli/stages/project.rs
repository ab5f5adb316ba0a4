//! `project`: losses of an event, or of simulated years.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::programme::ProgrammeOptions;
use super::{RETURN_PERIODS, RejectOptions, apart, check_return_periods, file_or_table, read_exposures};
use crate::catalogue::{Catalogue, Event};
use crate::cli::config::{catalogue, models, rates};
use crate::cli::{Done, show};
use crate::exposure::Exposure;
use crate::fault::Failure;
use crate::incidents::{SEVERITY_FILE, VendorRates, band_of};
use crate::loss::{Mode, Parameters, Plan, Reinsurance, Simulation};
use crate::portfolio::{Rates, RevenueBand, sector};
use crate::run::{Basis, LossManifest, OutputFolder, loss_files, project_losses};
use crate::table::{Format, RejectLog};

/// Losses of an event, or of simulated years.
#[derive(Args, Debug, Serialize)]
pub struct Project {
    /// Exposure, as `expose` writes it; several when several events are simulated.
    #[arg(required = true, value_name = "FILE")]
    exposure: Vec<PathBuf>,
    /// Folder for the tables: losses, occurrences, losses_by_policy; in scenario mode of one event exact, in catalogue mode events; with treaties ceded; with --claims claims; with --policy-metrics policy_metrics.
    #[arg(long, value_name = "DIR")]
    #[serde(skip)]
    out: PathBuf,
    /// Event: an id of `blastradius events`, or a file; may be given several times [default: those that the exposure names].
    #[arg(long, value_name = "ID_OR_FILE")]
    event: Vec<String>,
    /// What a year is: `scenario`, a trial in which each event happens once; `catalogue`, a year in which events happen with
    /// the frequency that their files give.
    #[arg(long, value_enum, default_value_t = Simulated::Scenario)]
    mode: Simulated,
    /// Years or trials: how many, or which, such as 1..5000.
    #[arg(long, visible_alias = "trials", value_name = "N|A..B", default_value = "100000", value_parser = years)]
    #[serde(skip)]
    years: Range<u32>,
    /// Seed of the simulation.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Also write each claim.
    #[arg(long)]
    claims: bool,
    /// Also write each policy's own average, spread and exceedance curve.
    #[arg(long)]
    policy_metrics: bool,
    /// Return periods of the policies' curves, in years.
    #[arg(long, value_name = "YEARS", value_delimiter = ',', default_value = RETURN_PERIODS, requires = "policy_metrics")]
    return_periods: Vec<f64>,
    /// Draw the parameters of fitted severities anew for each year, from their covariance.
    #[arg(long, requires = "models")]
    parameter_uncertainty: bool,
    /// Write CSV instead of Parquet.
    #[arg(long)]
    csv: bool,
    /// Rate of another currency into the exposure's, such as USD=0.92: of the US dollar, and of treaties.
    #[arg(long, value_name = "CODE=RATE")]
    rate: Vec<String>,
    /// Severities fitted to incidents, as `fit` writes them (its folder or the table), in the place of the catalogue's.
    #[arg(long, value_name = "DIR_OR_FILE")]
    models: Option<PathBuf>,
    /// In catalogue mode: make events as frequent as incidents through vendors are, by the folder that `fit --exposure` wrote
    /// (frequency_models and vendor_share, which may be edited). Their frequencies among each other stay.
    #[arg(long, value_name = "DIR")]
    frequencies: Option<PathBuf>,
    /// Folder with products, events or severities of your own.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    #[serde(flatten)]
    treaties: ProgrammeOptions,
    #[command(flatten)]
    #[serde(flatten)]
    rejects: RejectOptions,
}

/// What a year is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
enum Simulated {
    /// A trial.
    Scenario,
    /// A year.
    Catalogue,
}

/// Most years of one simulation.
const MOST: u32 = 10_000_000;

/// `N` or `A..B`, counted from 1 and with B; as a range counted from 0.
fn years(text: &str) -> Result<Range<u32>, String> {
    let number = |part: &str| part.trim().replace('_', "").parse::<u32>().ok().filter(|n| (1..=MOST).contains(n));
    let range = match text.split_once("..") {
        Some((from, to)) => number(from).zip(number(to.trim_start_matches('='))),
        None => number(text).map(|to| (1, to)),
    };
    let range = range.filter(|(from, to)| from <= to);
    range.map(|(from, to)| from - 1..to).ok_or_else(|| format!("a number from 1 to {MOST}, or two such as 1..5000"))
}

impl Project {
    /// Runs the stage.
    pub fn run(mut self) -> Result<Done, Failure> {
        check_return_periods(&mut self.return_periods)?;
        if self.policy_metrics && self.years.start > 0 {
            return Err(Failure::new(
                "--policy-metrics: figures of a part of the years can't be put together with others",
            )
            .hint("give --years N, all years at once"));
        }
        self.apart()?;
        let catalogue = catalogue(self.data.as_deref(), None)?;
        let mut rejects = RejectLog::default();
        let (mut exposures, mut inputs) = read_exposures(&self.exposure, &mut rejects)?;
        if self.rejects.settle(rejects)? == Done::WithRejects {
            return Ok(Done::WithRejects);
        }
        let events = self.events(&catalogue, &exposures)?;
        if self.event.is_empty() {
            self.event = events.iter().map(|event| event.id.clone()).collect();
        }
        let currency = exposures.first().map_or("USD".to_string(), |e| e.currency.clone());
        let given = rates(&self.rate)?;
        let rates = Rates::new(&currency, &given)?;
        let dollars = rates.dollars()?;
        exposures.iter_mut().for_each(|exposure| exposure.band_by_revenue(dollars));
        let models = models(self.models.as_deref())?;
        inputs.extend(models.iter().map(|models| models.intake.clone()));
        let mut plan = Plan::new(&events, &catalogue, &exposures, dollars, models.as_ref())?;
        if let Some(folder) = &self.frequencies {
            let rates = VendorRates::read(folder)?;
            self.fit_frequencies(&mut plan, &exposures, &rates)?;
            inputs.extend(rates.intakes);
        }
        let programme = self.treaties.read(&rates)?;
        let uncovered = programme.as_ref().map(|programme| Reinsurance::uncovered(programme, &exposures));
        let warnings = uncovered.transpose()?.unwrap_or_default();
        show::warnings(&warnings);
        let treaties = self.treaties.files().collect();
        let basis =
            Basis { catalogue: &catalogue, events: &events, currency: &currency, rates: &given, inputs, treaties };
        let reinsurance = programme.as_ref().map(|programme| Reinsurance::new(programme, &plan, &exposures));
        let simulation = Simulation {
            plan: &plan,
            mode: if self.mode == Simulated::Scenario { Mode::Scenario } else { Mode::Catalogue },
            years: self.years.clone(),
            seed: self.seed,
            parameters: if self.parameter_uncertainty { Parameters::Drawn } else { Parameters::Estimates },
            reinsurance: reinsurance.as_ref(),
            claims: self.claims,
            yearly_by_policy: self.policy_metrics,
        };
        let mut manifest = LossManifest::new(&simulation, basis, &self)?;
        manifest.warnings = warnings.into_iter().map(|warning| warning.message).collect();
        self.write(&simulation, &exposures, manifest)
    }

    /// That nothing which is read would be written over, nor taken for a table of an earlier run.
    fn apart(&self) -> Result<(), Failure> {
        let events = self.event.iter().map(Path::new).filter(|event| event.is_file());
        let tables = [
            (&self.models, SEVERITY_FILE),
            (&self.frequencies, "frequency_models"),
            (&self.frequencies, "vendor_share"),
        ];
        let tables = tables.map(|(path, name)| path.as_deref().and_then(|path| file_or_table(path, name)));
        let read = self.exposure.iter().chain(tables.iter().flatten()).map(PathBuf::as_path);
        let read: Vec<&Path> = read.chain(self.treaties.files()).chain(events).collect();
        let written: Vec<PathBuf> =
            loss_files().map(|file| self.out.join(file)).chain(self.rejects.rejects.clone()).collect();
        apart(&read, &written.iter().map(PathBuf::as_path).collect::<Vec<_>>())
    }

    /// Simulates, and writes every table.
    fn write(
        &self,
        simulation: &Simulation,
        exposures: &[Exposure],
        mut manifest: LossManifest,
    ) -> Result<Done, Failure> {
        if self.policy_metrics {
            manifest.return_periods = self.return_periods.clone();
        }
        let folder = OutputFolder::open(&self.out, "project")?;
        let format = if self.csv { Format::Csv } else { Format::Parquet };
        let (written, manifest) = project_losses(folder, format, simulation, exposures, manifest)?;
        if let Some(reason) = manifest.not_exact {
            tell!("no exact figures: {reason}");
        }
        tell!("wrote {} years to {}", written.years.len(), self.out.display());
        Ok(Done::Whole)
    }

    /// Makes events so frequent that insureds are hit as often as their incidents through vendors happen.
    fn fit_frequencies(&self, plan: &mut Plan, exposures: &[Exposure], rates: &VendorRates) -> Result<(), Failure> {
        if self.mode == Simulated::Scenario {
            return Err(
                Failure::new("--frequencies: in scenario mode the event has happened").hint("give --mode catalogue")
            );
        }
        let insureds: BTreeMap<&str, &Exposure> = exposures.iter().map(|e| (e.insured_id.as_str(), e)).collect();
        let own =
            |e: &&Exposure| rates.of(band_of(&e.revenue_band).unwrap_or(RevenueBand::Unknown), sector(&e.industry));
        let factor = plan.scale_frequencies(insureds.values().map(own).sum())?;
        tell!("events are made {factor:.3} times as frequent as their files say");
        Ok(())
    }

    /// The events that are simulated, by id.
    fn events(&self, catalogue: &Catalogue, exposures: &[Exposure]) -> Result<Vec<Event>, Failure> {
        let named: BTreeSet<&str> = exposures.iter().map(|e| e.event.as_str()).filter(|id| !id.is_empty()).collect();
        let wanted: Vec<&str> = if self.event.is_empty() {
            named.into_iter().collect()
        } else {
            self.event.iter().map(String::as_str).collect()
        };
        if exposures.is_empty() {
            return Err(Failure::new("no exposure is left to simulate")
                .hint("give a table with a row that can be used: those set aside are told above"));
        }
        if wanted.is_empty() {
            return Err(Failure::new("the exposure names no event").hint("give one with --event"));
        }
        let mut events = wanted.into_iter().map(|id| catalogue.event(id)).collect::<Result<Vec<Event>, Failure>>()?;
        events.sort_by(|a, b| a.id.cmp(&b.id));
        events.dedup_by(|a, b| a.id == b.id);
        let never = events.iter().find(|event| event.frequency.is_none());
        if let Some(event) = never.filter(|_| self.mode == Simulated::Catalogue) {
            return Err(Failure::new(format!("event {}: no frequency, so it can't happen in a year", event.id))
                .hint("give its file a [frequency] with distribution, mean and source"));
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_a_number_or_a_range() {
        assert_eq!(years("100"), Ok(0..100));
        assert_eq!(years("1..12500"), Ok(0..12_500));
        assert_eq!(years("12_501..=25_000"), Ok(12_500..25_000));
        for wrong in ["0", "5..4", "0..4", "x", "", "1..", "1..99999999999", "-3"] {
            assert!(years(wrong).is_err(), "{wrong}");
        }
    }
}
