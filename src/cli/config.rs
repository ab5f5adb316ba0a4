//! The configuration of a run: one struct is the flags, the file's keys, their schema and the manifest's entry.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Catalogue, SIGNAL_RATES, SignalRate, parse_toml};
use crate::fault::Failure;
use crate::incidents::SeverityModels;
use crate::loss::Parameters;
use crate::moment::Moment;
use crate::run::Settings;
use crate::scan::ScanOptions;
use crate::table::read_every_row;

/// Configuration of a run. Every key is also a flag; a flag wins over the file, the file over the default.
#[derive(Args, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RunConfig {
    /// Policies: CSV or Parquet, in the engine's columns or as OED cyber accounts.
    #[arg(long, value_name = "FILE")]
    pub policies: Option<PathBuf>,
    /// Scanner output or observations; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub scan: Vec<PathBuf>,
    /// What insureds say they use: insured_id, product, answer (yes or no), date.
    #[arg(long, value_name = "FILE")]
    pub declared: Option<PathBuf>,
    /// Event: an id of `blastradius events`, or a file.
    #[arg(long, value_name = "ID_OR_FILE")]
    pub event: Option<String>,
    /// Day of the look: policies in force on it, evidence up to its end [default: the event's day].
    #[arg(long, value_name = "DATE")]
    #[serde(deserialize_with = "optional_day")]
    pub as_of: Option<String>,
    /// Seed of the simulation [default: 1].
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Trials of the simulation [default: 100000].
    #[arg(long, value_name = "N")]
    pub trials: Option<u32>,
    /// Output folder [default: blastradius-out].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Folder with products, events or severities that add to those built in, or replace them.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Error rates of signals, as `calibrate` writes them, in the place of the catalogue's.
    #[arg(long, value_name = "FILE")]
    pub signal_rates: Option<PathBuf>,
    /// Severities fitted to incidents, as `fit` writes them (its folder or the table), in the place of the catalogue's.
    #[arg(long, value_name = "DIR_OR_FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<PathBuf>,
    /// Draw the parameters of fitted severities anew for each trial, from their covariance.
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub parameter_uncertainty: bool,
    /// Treaties (TOML), for losses after reinsurance.
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub programme: Option<PathBuf>,
    /// Also simulate so many years over all known events with a frequency: what an average year costs.
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annual_years: Option<u32>,
    /// Currency of results [default: the one that most policies have].
    #[arg(long, value_name = "CODE")]
    pub currency: Option<String>,
    /// Rate of exchange into the currency of results, such as EUR=1.08; may be given several times.
    #[arg(long, value_name = "CODE=RATE")]
    pub rate: Vec<String>,
    /// Time of scan records that have none (checkdmarc) [default: the file's].
    #[arg(long, value_name = "TIME")]
    pub scan_time: Option<String>,
    /// Record types that dnsx was asked for, such as mx,txt [default: those that appear in the file].
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    pub dnsx_asked: Vec<String>,
    /// Threads [default: all cores]. Results are the same for any number.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Make rejects an error (exit code 1): nothing is written when a row was set aside.
    #[arg(long)]
    pub strict: bool,
}

fn optional_day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    crate::catalogue::day_text(deserializer).map(Some)
}

impl RunConfig {
    /// The configuration of a file (when given) with `flags` over it.
    ///
    /// # Errors
    /// When the file can't be read or has an unknown key.
    pub fn load(file: Option<&Path>, flags: RunConfig) -> Result<RunConfig, Failure> {
        let Some(path) = file else { return Ok(flags) };
        let text = std::fs::read_to_string(path).map_err(|e| Failure::io("read", path, &e))?;
        let mut config: RunConfig = parse_toml(&path.display().to_string(), &text)?;
        config.rebase(path.parent().unwrap_or(Path::new("")));
        let list = |own: Vec<String>, flag: Vec<String>| if flag.is_empty() { own } else { flag };
        Ok(RunConfig {
            policies: flags.policies.or(config.policies),
            scan: if flags.scan.is_empty() { config.scan } else { flags.scan },
            declared: flags.declared.or(config.declared),
            event: flags.event.or(config.event),
            as_of: flags.as_of.or(config.as_of),
            seed: flags.seed.or(config.seed),
            trials: flags.trials.or(config.trials),
            out: flags.out.or(config.out),
            data: flags.data.or(config.data),
            signal_rates: flags.signal_rates.or(config.signal_rates),
            models: flags.models.or(config.models),
            parameter_uncertainty: flags.parameter_uncertainty || config.parameter_uncertainty,
            programme: flags.programme.or(config.programme),
            annual_years: flags.annual_years.or(config.annual_years),
            currency: flags.currency.or(config.currency),
            rate: list(config.rate, flags.rate),
            scan_time: flags.scan_time.or(config.scan_time),
            dnsx_asked: list(config.dnsx_asked, flags.dnsx_asked),
            threads: flags.threads.or(config.threads),
            strict: flags.strict || config.strict,
        })
    }

    /// Makes paths relative to the configuration file's folder.
    fn rebase(&mut self, folder: &Path) {
        let one = [
            &mut self.policies,
            &mut self.declared,
            &mut self.out,
            &mut self.data,
            &mut self.signal_rates,
            &mut self.models,
            &mut self.programme,
        ];
        for path in one.into_iter().flatten().chain(&mut self.scan) {
            *path = folder.join(&*path);
        }
        if let Some(event) =
            self.event.as_mut().filter(|event| event.ends_with(".toml") || folder.join(event.as_str()).is_file())
        {
            *event = folder.join(&*event).display().to_string();
        }
    }

    /// The same configuration with every default filled in.
    fn with_defaults(mut self, event: &crate::catalogue::Event) -> RunConfig {
        self.as_of.get_or_insert_with(|| event.announced.clone());
        self.seed.get_or_insert(1);
        self.trials.get_or_insert(100_000);
        self.out.get_or_insert_with(|| PathBuf::from("blastradius-out"));
        self
    }

    /// Resolves files, event and values into what a run needs, with the configuration after defaults.
    ///
    /// # Errors
    /// When something needed is missing or out of range.
    pub fn resolve(self) -> Result<(Settings, RunConfig), Failure> {
        start_threads(self.threads)?;
        let catalogue = catalogue(self.data.as_deref(), self.signal_rates.as_deref())?;
        let event = catalogue.event(self.event.as_deref().ok_or_else(|| {
            let known = catalogue.events.keys().cloned().collect::<Vec<_>>().join(", ");
            missing("event", &format!("known are {known}"))
        })?)?;
        let config = self.with_defaults(&event);
        let as_of = date("as_of", config.as_of.as_deref().unwrap_or_default())?;
        let trials = config.trials.unwrap_or_default();
        if !(1..=10_000_000).contains(&trials) {
            return Err(Failure::new(format!("trials = {trials}: must lie between 1 and 10,000,000")));
        }
        if let Some(out) = config.annual_years.filter(|years| !(1..=10_000_000).contains(years)) {
            return Err(Failure::new(format!("annual_years = {out}: must lie between 1 and 10,000,000")));
        }
        if config.scan.is_empty() {
            return Err(missing("scan", "give scanner output, or a table of observations"));
        }
        let settings = Settings {
            policies: config.policies.clone().ok_or_else(|| missing("policies", "give a CSV or Parquet file"))?,
            scans: config.scan.clone(),
            declared: config.declared.clone(),
            catalogue: catalogue.as_of(as_of),
            event,
            as_of,
            seed: config.seed.unwrap_or_default(),
            trials,
            models: models(config.models.as_deref())?,
            parameters: if config.parameter_uncertainty { Parameters::Drawn } else { Parameters::Estimates },
            programme: config.programme.clone(),
            annual_years: config.annual_years,
            currency: config.currency.clone(),
            rates: rates(&config.rate)?,
            scan_options: scan_options(config.scan_time.as_deref(), &config.dnsx_asked)?,
            strict: config.strict,
        };
        Ok((settings, config))
    }
}

/// The catalogue with the user's own files and figures.
///
/// # Errors
/// When one of them is wrong: a figure is never left out in silence.
pub fn catalogue(data: Option<&Path>, signal_rates: Option<&Path>) -> Result<Catalogue, Failure> {
    let catalogue = Catalogue::load(data)?;
    let Some(path) = signal_rates else { return Ok(catalogue) };
    let (rates, _) = read_every_row(path, &SIGNAL_RATES, |row| SignalRate::read(row, catalogue.ids()))?;
    Ok(catalogue.with_rates(rates))
}

/// The severities fitted to incidents, where some are given.
///
/// # Errors
/// When the table is wrong: a figure is never left out in silence.
pub fn models(path: Option<&Path>) -> Result<Option<SeverityModels>, Failure> {
    path.map(SeverityModels::read).transpose()
}

fn missing(key: &str, hint: &str) -> Failure {
    Failure::new(format!("no {key} given")).hint(format!("--{key}, or `{key}` in RUN.toml: {hint}"))
}

/// A date of the configuration.
///
/// # Errors
/// When it is none.
pub fn date(key: &str, text: &str) -> Result<Date, Failure> {
    text.parse().map_err(|_| Failure::new(format!("{key} = \"{text}\": not a date")).hint("write ISO 8601: 2026-05-31"))
}

/// Rates written as `CODE=RATE`.
///
/// # Errors
/// When one is not.
pub fn rates(written: &[String]) -> Result<BTreeMap<String, f64>, Failure> {
    let pair = |text: &String| {
        let (code, rate) = text.split_once('=')?;
        Some((code.trim().to_ascii_uppercase(), rate.trim().parse().ok()?))
    };
    written
        .iter()
        .map(|text| {
            pair(text).ok_or_else(|| Failure::new(format!("rate \"{text}\": not CODE=RATE")).hint("write EUR=1.08"))
        })
        .collect()
}

/// Options of scan files.
///
/// # Errors
/// When the time is none.
pub fn scan_options(scan_time: Option<&str>, dnsx_asked: &[String]) -> Result<ScanOptions, Failure> {
    let time = |text: &str| {
        Moment::parse(text).ok_or_else(|| {
            Failure::new(format!("scan_time = \"{text}\": not a time")).hint("write ISO 8601: 2026-05-31T12:00:00Z")
        })
    };
    let known = ["mx", "txt", "ns", "cname", "a", "soa", "caa"];
    if let Some(unknown) = dnsx_asked.iter().find(|k| !known.contains(&k.trim().to_ascii_lowercase().as_str())) {
        let hint = crate::fault::did_you_mean_or(unknown, known, || format!("types are: {}", known.join(", ")));
        return Err(Failure::new(format!("dnsx_asked: unknown record type \"{unknown}\"")).hint(hint));
    }
    let dnsx_asked =
        (!dnsx_asked.is_empty()).then(|| dnsx_asked.iter().map(|k| k.trim().to_ascii_lowercase()).collect());
    Ok(ScanOptions { scan_time: scan_time.map(time).transpose()?, dnsx_asked })
}

/// Sizes the thread pools.
///
/// # Errors
/// When no thread is asked for.
pub fn start_threads(threads: Option<usize>) -> Result<(), Failure> {
    let Some(threads) = threads else { return Ok(()) };
    if !(1..=256).contains(&threads) {
        return Err(Failure::new(format!("threads = {threads}: must lie between 1 and 256")));
    }
    // SAFETY: no other thread of this program is running yet: commands size the pools before they start anything.
    unsafe { std::env::set_var("POLARS_MAX_THREADS", threads.to_string()) };
    // A pool that is already there keeps its size: results do not depend on it.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    Ok(())
}
