//! The stages in order, each handing a table to the next.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use jiff::civil::Date;

use super::annual::annual;
use super::losses::{Place, Projected, simulated};
use super::manifest::{Manifest, OutputFile, StageTime, peak_memory};
use super::output::OutputFolder;
use crate::calibration::{Bin, reliability_of};
use crate::catalogue::{Catalogue, Event};
use crate::exposure::{Exposure, InScope, Scope, expose};
use crate::fault::{Failure, Warning};
use crate::incidents::SeverityModels;
use crate::input::Intake;
use crate::inventory::{COVERAGE, Entry, INVENTORY, Inventory, InventoryBuilder, read_declared};
use crate::loss::{Mode, Parameters, Plan, Projection, Reinsurance, Simulation};
use crate::moment::Moment;
use crate::portfolio::domains::DomainMap;
use crate::portfolio::{Book, read_book};
use crate::report::{Facts, Looked, Quality, Summary, page, quality, summarise};
use crate::scan::{ScanIntake, ScanOptions, read_scan};
use crate::table::{Format, RejectLog};
use crate::treaty::{Programme, read_toml};

/// Everything a run needs, resolved.
pub struct Settings {
    /// Policy table.
    pub policies: PathBuf,
    /// Scan files.
    pub scans: Vec<PathBuf>,
    /// What insureds say they use.
    pub declared: Option<PathBuf>,
    /// The event.
    pub event: Event,
    /// The catalogue as of the day.
    pub catalogue: Catalogue,
    /// Day of the look.
    pub as_of: Date,
    /// Seed.
    pub seed: u64,
    /// Trials.
    pub trials: u32,
    /// Severities fitted to incidents, in the place of the catalogue's.
    pub models: Option<SeverityModels>,
    /// Whether their parameters are drawn anew for each trial.
    pub parameters: Parameters,
    /// Treaties (TOML).
    pub programme: Option<PathBuf>,
    /// Years to simulate over all known events, where they are wanted.
    pub annual_years: Option<u32>,
    /// Reporting currency; the book's commonest without it.
    pub currency: Option<String>,
    /// Rates into it.
    pub rates: BTreeMap<String, f64>,
    /// Scan options.
    pub scan_options: ScanOptions,
    /// Whether rejects are an error.
    pub strict: bool,
}

/// What is known before losses: enough for `check`.
pub struct Seen<'a> {
    /// The book.
    pub book: Book,
    /// Answers of insureds, and the account of their file.
    pub declared: Option<Intake>,
    /// Accounts of the scan files.
    pub scans: Vec<ScanIntake>,
    /// Evidence by domain.
    pub inventory: Inventory<'a>,
    /// The inventory's rows of the event's products.
    pub entries: Vec<Entry>,
    /// Rows of all answers.
    pub answers: Vec<Entry>,
    /// Policies in force.
    pub exposures: Vec<Exposure>,
    /// How many insureds are in scope.
    pub in_scope: InScope,
    /// Each signal of the event's products predicted from the others.
    pub reliability: Vec<Bin>,
    /// All rejects.
    pub rejects: RejectLog,
    /// What went in and how good it was.
    pub quality: Quality,
    /// How long each stage so far took.
    pub timings: Vec<StageTime>,
}

/// All tables of a run, in memory.
pub struct Assembled<'a> {
    /// Before losses.
    pub seen: Seen<'a>,
    /// Losses.
    pub projection: Projection,
    /// What may not be what is meant.
    pub warnings: Vec<Warning>,
    /// Tables of losses.
    pub loss_files: Vec<OutputFile>,
    /// Numbers of the report.
    pub summary: Summary,
}

/// Reads the book and the scans, and says who is in scope.
///
/// # Errors
/// When an input can't be read, or the event can't be evaluated.
pub fn look<'a>(settings: &'a Settings, progress: &dyn Fn(&str)) -> Result<Seen<'a>, Failure> {
    let Settings { event, catalogue, as_of, .. } = settings;
    let mut clock = Clock::start();
    progress("reading policies");
    let book = read_book(&settings.policies, settings.currency.as_deref(), &settings.rates)?;
    clock.lap("portfolio");
    let mut rejects: RejectLog = book.rejects.iter().cloned().collect();
    let map = DomainMap::of(&book.policies);
    let builder = InventoryBuilder::new(catalogue, Some(map), Moment::end_of(*as_of));
    let mut scans = Vec::new();
    for path in &settings.scans {
        progress(&format!("reading {}", path.display()));
        scans.push(read_scan(path, &settings.scan_options, &mut rejects, &builder)?);
    }
    let inventory = builder.finish();
    let declared = settings.declared.as_deref();
    let declared =
        declared.map(|path| read_declared(path, &book.policies, &inventory.model, &mut rejects)).transpose()?;
    let (answers, declared) = declared.unzip();
    let answers = answers.unwrap_or_default();
    clock.lap("scan");
    progress("working out who uses what");
    let products = event.products();
    let mut entries = inventory.entries(&products);
    entries.extend(answers.iter().filter(|e| products.contains(e.product.as_str())).cloned());
    let reliability = reliability_of(&inventory, &event.requires.products());
    clock.lap("inventory");
    progress("finding who is in scope");
    let scope = Scope { event, catalogue, as_of: *as_of, rates: &book.rates };
    let (exposures, in_scope) = expose(&scope, &book.policies, &entries)?;
    clock.lap("exposure");
    let looked = Looked {
        event,
        catalogue,
        as_of: *as_of,
        book: &book,
        scans: &scans,
        declared: declared.as_ref(),
        inventory: &inventory,
        exposures: &exposures,
        rejects: &rejects,
    };
    none_lost(&book, *as_of, &exposures)?;
    let quality = quality(&looked);
    clock.lap("quality");
    Ok(Seen {
        book,
        declared,
        scans,
        inventory,
        entries,
        answers,
        exposures,
        in_scope,
        reliability,
        rejects,
        quality,
        timings: clock.laps,
    })
}

fn none_lost(book: &Book, day: Date, exposures: &[Exposure]) -> Result<(), Failure> {
    let in_force = book.policies.iter().filter(|p| p.in_force(day)).count();
    if in_force == exposures.len() {
        return Ok(());
    }
    Err(Failure::new(format!("{in_force} policies in force, {} exposures: policies were lost", exposures.len()))
        .hint("this is a defect of blastradius: please report it"))
}

/// Runs every stage, and writes the tables of losses on the way.
///
/// # Errors
/// Those of [`look`], or when the event's losses can't be simulated.
pub fn assemble<'a>(
    settings: &'a Settings,
    folder: &OutputFolder,
    progress: &dyn Fn(&str),
) -> Result<Assembled<'a>, Failure> {
    let mut seen = look(settings, progress)?;
    let mut clock = Clock::start();
    let models = settings.models.as_ref();
    let programme = settings.programme.as_deref().map(|file| read_toml(file, &seen.book.rates)).transpose()?;
    let uncovered = programme.as_ref().map(|programme| Reinsurance::uncovered(programme, &seen.exposures));
    let warnings = uncovered.transpose()?.unwrap_or_default();
    progress("simulating losses");
    let Projected { projection, exact, treaties, mut files } = project(settings, &seen, programme.as_ref(), folder)?;
    clock.lap("loss");
    let years = match settings.annual_years {
        Some(years) => {
            progress("simulating years");
            Some(annual(settings, &seen, programme.as_ref(), folder, years)?)
        }
        None => None,
    };
    let years = years.map(|(facts, written)| {
        files.extend(written);
        facts
    });
    clock.lap("years");
    progress("summing up");
    let summary = summarise(Facts {
        event: &settings.event,
        catalogue: &settings.catalogue,
        as_of: settings.as_of,
        seed: settings.seed,
        exposures: &seen.exposures,
        in_scope: &seen.in_scope.draws,
        reliability: &seen.reliability,
        projection: &projection,
        exact: exact.as_ref(),
        treaties: treaties.as_deref(),
        annual: years.as_ref(),
        models,
        inventory: Some(&seen.entries),
        quality: Some(seen.quality.clone()),
        warnings: warnings.iter().map(|warning| warning.message.clone()).collect(),
    })?;
    clock.lap("summary");
    seen.timings.extend(clock.laps);
    Ok(Assembled { seen, projection, warnings, loss_files: files, summary })
}

/// Simulates the event, through treaties where there are any, and works its gross loss out exactly.
fn project(
    settings: &Settings,
    seen: &Seen,
    programme: Option<&Programme>,
    folder: &OutputFolder,
) -> Result<Projected, Failure> {
    let (events, rates) = (std::slice::from_ref(&settings.event), &seen.book.rates);
    let plan = Plan::new(events, &settings.catalogue, &seen.exposures, rates.dollars()?, settings.models.as_ref())?;
    let reinsurance = programme.map(|programme| Reinsurance::new(programme, &plan, &seen.exposures));
    let simulation = Simulation {
        plan: &plan,
        mode: Mode::Scenario,
        years: 0..settings.trials,
        seed: settings.seed,
        parameters: settings.parameters,
        reinsurance: reinsurance.as_ref(),
        claims: false,
        yearly_by_policy: false,
    };
    let place = Place { folder, under: "", format: Format::Parquet };
    simulated(&place, &simulation, &seen.exposures, &[], |_| ())
}

pub(super) struct Clock {
    since: Instant,
    pub laps: Vec<StageTime>,
}

impl Clock {
    pub fn start() -> Clock {
        Clock { since: Instant::now(), laps: Vec::new() }
    }

    pub fn lap(&mut self, stage: &'static str) {
        self.laps.push(StageTime::since(stage, self.since));
        self.since = Instant::now();
    }
}

/// Writes every table, the report and the manifest.
///
/// # Errors
/// When the disk refuses one: then none appears.
pub fn write_all(
    folder: OutputFolder,
    settings: &Settings,
    run: &mut Assembled<'_>,
    configuration: serde_json::Value,
    started: Instant,
) -> Result<(), Failure> {
    let writing = Instant::now();
    let mut outputs = tables(&folder, &settings.event, run)?;
    let page = page(&run.summary, &run.projection.years)?;
    for (name, content) in [("summary.json", json(&run.summary)?), ("report.html", page)] {
        outputs.push(OutputFile::of(&text(&folder, name, content)?, None)?);
    }
    let mut timings = run.seen.timings.clone();
    timings.extend([StageTime::since("write", writing), StageTime::since("total", started)]);
    let models = settings.models.as_ref().map(|models| &models.intake);
    let treaties = settings.programme.as_deref();
    let treaties =
        treaties.map(|file| Intake::whole(file, "treaties", run.summary.treaties.len() as u64)).transpose()?;
    let scans = run.seen.scans.iter().map(|s| &s.intake).chain(&run.seen.declared).chain(models).chain(&treaties);
    let manifest = Manifest {
        engine: "blastradius",
        version: env!("CARGO_PKG_VERSION"),
        command: "run",
        configuration,
        currency: run.summary.currency.clone(),
        event: settings.event.clone(),
        catalogue: settings.catalogue.digest.clone(),
        seed: settings.seed,
        warnings: run.summary.warnings.clone(),
        inputs: std::iter::once(&run.seen.book.intake).chain(scans).cloned().collect(),
        stages: stages(run),
        outputs,
        threads: rayon::current_num_threads(),
        timings,
        peak_memory_bytes: peak_memory(),
    };
    text(&folder, "manifest.json", json(&manifest)?)?;
    folder.commit()
}

pub(super) fn text(folder: &OutputFolder, name: &str, content: String) -> Result<PathBuf, Failure> {
    let path = folder.path(name);
    std::fs::write(&path, content).map_err(|e| Failure::io("write", &path, &e))?;
    Ok(path)
}

fn tables(folder: &OutputFolder, event: &Event, run: &mut Assembled) -> Result<Vec<OutputFile>, Failure> {
    let path = folder.path("rejects.csv");
    let rows = run.seen.rejects.write(&path, Format::Csv)?;
    let rejects = OutputFile::of(&path, Some(rows))?;
    let Seen { inventory: evidence, answers, .. } = &run.seen;
    let watched = event.products();
    let mut inventory = folder.stream("inventory.parquet", INVENTORY)?;
    evidence.each_block(&watched, |rows| inventory.writer.write_all(rows))?;
    inventory.writer.write_all(answers)?;
    let mut coverage = folder.stream("coverage.parquet", COVERAGE)?;
    evidence.each_asked(|rows| coverage.writer.write_all(rows))?;
    let mut files = vec![
        folder.table("exposure.csv", &run.seen.exposures)?,
        folder.table("exposure.parquet", &run.seen.exposures)?,
        inventory.close()?,
        coverage.close()?,
        folder.table("in_scope.parquet", &run.seen.in_scope.draws)?,
        folder.table("reliability.parquet", &run.seen.reliability)?,
        rejects,
    ];
    files.append(&mut run.loss_files);
    Ok(files)
}

fn stages(run: &Assembled) -> Vec<(String, u64)> {
    let Seen { book, scans, entries, exposures, quality, .. } = &run.seen;
    [
        ("policies", book.policies.len() as u64),
        ("observations", scans.iter().map(|s| s.observations).sum()),
        ("observations outside the book", quality.observations_outside),
        ("observations after the as-of date", quality.observations_after),
        ("inventory rows of the event's products", entries.len() as u64),
        ("exposure", exposures.len() as u64),
        ("trials", run.projection.years.len() as u64),
    ]
    .into_iter()
    .chain(run.summary.annual.iter().map(|annual| ("simulated years", annual.years as u64)))
    .map(|(stage, rows)| (stage.to_string(), rows))
    .collect()
}

/// Flags, or keys of a file, as the manifest has them.
///
/// # Errors
/// When they have no JSON.
pub(crate) fn configuration(flags: &impl serde::Serialize) -> Result<serde_json::Value, Failure> {
    serde_json::to_value(flags).map_err(|e| Failure::new(format!("cannot write the configuration: {e}")))
}

/// Indented JSON with a final newline.
///
/// # Errors
/// When the value has no JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .map_err(|e| Failure::new(format!("cannot write JSON: {e}")))
}
