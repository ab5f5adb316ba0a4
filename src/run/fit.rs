//! `fit`: from incident records to models, tables, a report and a manifest, written whole or not at all.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use jiff::civil::Date;
use serde::Serialize;

use super::manifest::{OutputFile, StageTime, peak_memory};
use super::output::OutputFolder;
use super::pipeline::{Clock, json, text};
use crate::fault::Failure;
use crate::incidents::{
    CauseShare, CoverageShares, Dispersion, FrequencyModel, Incident, PolicyYears, Reporting, SEVERITY_FILE,
    Severities, VendorShare, YearLine, causes, coverage_shares, frequencies, growth, read_incidents, read_policy_years,
    severities, vendor_shares,
};
use crate::input::Intake;
use crate::portfolio::Rates;
use crate::report::{FitFacts, FitSummary, fit_page, summarise_fit};
use crate::table::{Format, RejectLog};

/// Everything a fit needs, resolved.
pub struct FitSettings {
    /// Incident files and folders.
    pub incidents: Vec<PathBuf>,
    /// Policy-years, or policies to derive them from.
    pub exposure: Option<PathBuf>,
    /// Day of the look; the latest that the records know of without it.
    pub as_of: Option<Date>,
    /// Rates into US dollars.
    pub rates: BTreeMap<String, f64>,
}

/// What was read and fitted.
pub struct Fitted {
    /// Incidents.
    pub incidents: Vec<Incident>,
    /// Accounts of all files.
    pub inputs: Vec<Intake>,
    /// Day of the look.
    pub as_of: Date,
    /// Exposure.
    pub exposure: Vec<PolicyYears>,
    /// Report lags.
    pub reporting: Option<Reporting>,
    /// Causes.
    pub causes: Vec<CauseShare>,
    /// Years.
    pub growth: Vec<YearLine>,
    /// How much more counts vary than a Poisson's.
    pub dispersion: Dispersion,
    /// How losses fall on coverages.
    pub coverages: CoverageShares,
    /// The vendor's part.
    pub vendors: Vec<VendorShare>,
    /// Frequency models.
    pub frequencies: Vec<FrequencyModel>,
    /// Severity models.
    pub severities: Severities,
    /// All rejects.
    pub rejects: RejectLog,
    /// How long each stage took.
    pub timings: Vec<StageTime>,
}

/// The manifest of a fit. All but `timings`, `peak_memory_bytes` and `threads` is the same for the same inputs.
#[derive(Debug, Serialize)]
struct FitManifest {
    engine: &'static str,
    version: &'static str,
    command: &'static str,
    configuration: serde_json::Value,
    as_of: String,
    inputs: Vec<Intake>,
    stages: Vec<(&'static str, u64)>,
    outputs: Vec<OutputFile>,
    threads: usize,
    timings: Vec<StageTime>,
    peak_memory_bytes: Option<u64>,
}

/// Reads incidents and exposure, and fits.
///
/// # Errors
/// When a file can't be read, or no incident can be used.
pub fn fit_incidents(settings: &FitSettings, progress: &dyn Fn(&str)) -> Result<Fitted, Failure> {
    let mut clock = Clock::start();
    let mut rejects = RejectLog::default();
    let rates = Rates::new("USD", &settings.rates)?;
    progress("reading incidents");
    let records = read_incidents(&settings.incidents, &rates, settings.as_of, &mut rejects)?;
    if records.incidents.is_empty() {
        return Err(nothing_usable(&records.intakes, &rejects));
    }
    let (incidents, mut inputs) = (records.incidents, records.intakes);
    let source = inputs.iter().map(|i| i.file.clone()).collect::<Vec<_>>().join("; ");
    let as_of = settings.as_of.or_else(|| incidents.iter().map(latest).max()).unwrap_or(Date::MIN);
    clock.lap("incidents");
    progress("reading exposure");
    let exposure = settings.exposure.as_deref();
    let exposure = exposure.map(|path| read_policy_years(path, &rates, as_of, &mut rejects)).transpose()?;
    let (exposure, intake) = exposure.unzip();
    inputs.extend(intake);
    let exposure = exposure.unwrap_or_default();
    clock.lap("exposure");
    progress("counting causes and years");
    let reporting = Reporting::of(&incidents, as_of);
    let by_year = |dispersion| growth(&incidents, &exposure, reporting.as_ref(), as_of, dispersion);
    let dispersion = Dispersion::of(&incidents, &by_year(1.0), reporting.as_ref(), as_of);
    let growth = by_year(dispersion.factor);
    let developed = growth.iter().map(|line| (line.year, line.development.factor)).collect();
    let (causes, vendors) = (causes(&incidents), vendor_shares(&incidents));
    let frequencies = frequencies(&incidents, &exposure, &developed, &source);
    clock.lap("frequency");
    progress("fitting severities");
    let severities = severities(&incidents, &source);
    let coverages = coverage_shares(&incidents);
    clock.lap("severity");
    Ok(Fitted {
        incidents,
        inputs,
        as_of,
        exposure,
        reporting,
        causes,
        growth,
        dispersion,
        coverages,
        vendors,
        frequencies,
        severities,
        rejects,
        timings: clock.laps,
    })
}

/// The last day that a record speaks of: of one that tells only its year, the year's last.
fn latest(incident: &Incident) -> Date {
    let end = Date::new(incident.year, 12, 31).unwrap_or(Date::MIN);
    incident.reported.or(incident.date).unwrap_or(end)
}

fn nothing_usable(intakes: &[Intake], rejects: &RejectLog) -> Failure {
    let files = intakes.iter().map(|i| i.file.as_str()).collect::<Vec<_>>().join(", ");
    let rows: u64 = intakes.iter().map(|i| i.rows).sum();
    match rejects.shown().next() {
        Some(first) => {
            let failure = first.behind(&format!("{files}: none of {rows} records can be used"));
            let columns = "`blastradius schema tables` prints the columns of the incident table";
            if failure.hint.is_empty() { failure.hint(columns) } else { failure }
        }
        None => Failure::new(format!("{files}: there is no incident in it")),
    }
}

impl Fitted {
    /// The numbers of the report.
    pub fn summary(&self) -> FitSummary {
        summarise_fit(&self.facts())
    }

    fn facts(&self) -> FitFacts<'_> {
        FitFacts {
            incidents: &self.incidents,
            inputs: &self.inputs,
            as_of: self.as_of,
            exposure: &self.exposure,
            reporting: self.reporting.as_ref(),
            causes: &self.causes,
            growth: &self.growth,
            dispersion: self.dispersion,
            coverages: &self.coverages,
            vendors: &self.vendors,
            frequencies: &self.frequencies,
            severities: &self.severities,
            rejects: self.rejects.by_rule(),
        }
    }

    /// Writes every table, the report and the manifest.
    ///
    /// # Errors
    /// When the disk refuses one: then none appears.
    pub fn write(
        &mut self,
        folder: OutputFolder,
        summary: &FitSummary,
        configuration: serde_json::Value,
        started: Instant,
    ) -> Result<(), Failure> {
        let writing = Instant::now();
        let path = folder.path("rejects.csv");
        let rows = self.rejects.write(&path, Format::Csv)?;
        let mut outputs = vec![OutputFile::of(&path, Some(rows))?];
        for format in [Format::Csv, Format::Parquet] {
            let name = |table: &str| format!("{table}.{}", format.end());
            outputs.push(folder.table(&name("causes"), &self.causes)?);
            outputs.push(folder.table(&name("growth"), &self.growth)?);
            outputs.push(folder.table(&name("vendor_share"), &self.vendors)?);
            outputs.push(folder.table(&name("policy_years"), &self.exposure)?);
            outputs.push(folder.table(&name("frequency_models"), &self.frequencies)?);
            outputs.push(folder.table(&name(SEVERITY_FILE), &self.severities.models)?);
            outputs.push(folder.table(&name("coverage_shares"), &self.coverages.lines)?);
        }
        let page = fit_page(summary, &self.facts())?;
        for (name, content) in [("summary.json", json(summary)?), ("report.html", page)] {
            outputs.push(OutputFile::of(&text(&folder, name, content)?, None)?);
        }
        let mut timings = std::mem::take(&mut self.timings);
        timings.extend([StageTime::since("write", writing), StageTime::since("total", started)]);
        let manifest = FitManifest {
            engine: "blastradius",
            version: env!("CARGO_PKG_VERSION"),
            command: "fit",
            configuration,
            as_of: self.as_of.to_string(),
            inputs: self.inputs.clone(),
            stages: vec![
                ("incidents", self.incidents.len() as u64),
                ("incidents with a loss", summary.losses),
                ("rows of exposure", self.exposure.len() as u64),
                ("frequency models", self.frequencies.len() as u64),
                ("severity models", self.severities.models.len() as u64),
            ],
            outputs,
            threads: rayon::current_num_threads(),
            timings,
            peak_memory_bytes: peak_memory(),
        };
        text(&folder, "manifest.json", json(&manifest)?)?;
        folder.commit()
    }
}
