//! The stages in order, each handing a table to the next.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use jiff::civil::Date;

use super::manifest::{Manifest, OutputFile, StageTime, peak_memory};
use super::output::OutputFolder;
use crate::catalogue::{Catalogue, Event};
use crate::exposure::{Exposure, Scope, Tier, expose};
use crate::fault::{Failure, Fault, Reject};
use crate::input::Intake;
use crate::inventory::{Coverage, Entry, Inventory, InventoryBuilder};
use crate::loss::{Plan, Projection, simulate};
use crate::moment::Moment;
use crate::portfolio::domains::DomainMap;
use crate::portfolio::{Book, Policy, read_book};
use crate::report::{Facts, InputLine, KindCoverage, Quality, RejectCount, Summary, page, summarise};
use crate::scan::{ScanIntake, ScanOptions, read_scan};
use crate::table::{Cell, Column, Fields, Format, Kind, Record, Row, Table, write_table};

/// Everything a run needs, resolved.
pub struct Settings {
    /// Policy table.
    pub policies: PathBuf,
    /// Scan files.
    pub scans: Vec<PathBuf>,
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
    /// Reporting currency; the book's commonest without it.
    pub currency: Option<String>,
    /// Rates into it.
    pub rates: BTreeMap<String, f64>,
    /// Scan options.
    pub scan_options: ScanOptions,
    /// Whether rejects are an error.
    pub strict: bool,
}

/// All tables of a run, in memory.
pub struct Assembled {
    /// The book.
    pub book: Book,
    /// Accounts of the scan files.
    pub scans: Vec<ScanIntake>,
    /// Inventory.
    pub entries: Vec<Entry>,
    /// What was asked.
    pub coverage: Vec<Coverage>,
    /// Policies in force.
    pub exposures: Vec<Exposure>,
    /// Losses.
    pub projection: Projection,
    /// Numbers of the report.
    pub summary: Summary,
    /// All rejects, sorted.
    pub rejects: Vec<Reject>,
    /// How long each stage took.
    pub timings: Vec<StageTime>,
}

/// Reads scan files against the domains of a book.
///
/// # Errors
/// Those of [`read_scan`].
pub fn observe<'a>(
    settings: &'a Settings,
    policies: &[Policy],
    progress: &dyn Fn(&str),
) -> Result<(Inventory<'a>, Vec<ScanIntake>), Failure> {
    let scope = DomainMap::of(policies);
    let mut builder = InventoryBuilder::new(&settings.catalogue, Some(scope), Moment::end_of(settings.as_of));
    let mut scans = Vec::new();
    for path in &settings.scans {
        progress(&format!("reading {}", path.display()));
        scans.push(read_scan(path, &settings.scan_options, |observation| builder.add(&observation))?);
    }
    Ok((builder.finish(), scans))
}

/// Runs every stage.
///
/// # Errors
/// When an input can't be read, or the event can't be evaluated.
pub fn assemble(settings: &Settings, progress: &dyn Fn(&str)) -> Result<Assembled, Failure> {
    let mut clock = Clock::start();
    progress("reading policies");
    let book = read_book(&settings.policies, settings.currency.as_deref(), &settings.rates)?;
    clock.lap("portfolio");
    let (inventory, scans) = observe(settings, &book.policies, progress)?;
    clock.lap("scan");
    progress("working out who uses what");
    let entries = inventory.entries(&settings.event.requires.products());
    let coverage = inventory.coverage();
    clock.lap("inventory");
    progress("finding who is in scope");
    let scope =
        Scope { event: &settings.event, catalogue: &settings.catalogue, as_of: settings.as_of, rates: &book.rates };
    let exposures = expose(&scope, &book.policies, &entries)?;
    clock.lap("exposure");
    progress("simulating losses");
    let plan = Plan::new(&settings.event, &settings.catalogue, &exposures, book.rates.dollars()?)?;
    let projection = simulate(&plan, exposures.len(), settings.trials, settings.seed);
    clock.lap("loss");
    progress("summing up");
    let mut rejects: Vec<Reject> = book.rejects.iter().chain(scans.iter().flat_map(|s| &s.rejects)).cloned().collect();
    rejects.sort();
    let quality = quality(settings, &book, &scans, &inventory, &exposures, &rejects);
    let summary = summarise(Facts {
        event: &settings.event,
        catalogue: &settings.catalogue,
        as_of: settings.as_of,
        seed: settings.seed,
        exposures: &exposures,
        projection: &projection,
        inventory: Some(&entries),
        quality: Some(quality),
    })?;
    clock.lap("summary");
    Ok(Assembled { book, scans, entries, coverage, exposures, projection, summary, rejects, timings: clock.laps })
}

struct Clock {
    since: Instant,
    laps: Vec<StageTime>,
}

impl Clock {
    fn start() -> Clock {
        Clock { since: Instant::now(), laps: Vec::new() }
    }

    fn lap(&mut self, stage: &'static str) {
        self.laps.push(StageTime { stage, milliseconds: self.since.elapsed().as_millis() as u64 });
        self.since = Instant::now();
    }
}

fn intakes<'a>(book: &'a Book, scans: &'a [ScanIntake]) -> impl Iterator<Item = &'a Intake> {
    std::iter::once(&book.intake).chain(scans.iter().map(|s| &s.intake))
}

/// What went in and how good it was.
pub fn quality(
    settings: &Settings,
    book: &Book,
    scans: &[ScanIntake],
    inventory: &Inventory,
    exposures: &[Exposure],
    rejects: &[Reject],
) -> Quality {
    let day = settings.as_of;
    let count = |of: &dyn Fn(&Policy) -> bool| book.policies.iter().filter(|p| of(p)).count() as u64;
    let domains: BTreeSet<&str> =
        book.policies.iter().filter(|p| p.in_force(day)).flat_map(|p| p.domains.iter().map(String::as_str)).collect();
    let mut ages: Vec<i64> = exposures
        .iter()
        .filter(|e| matches!(e.tier, Tier::Exposed | Tier::Possible))
        .filter_map(|e| e.last_seen)
        .map(|seen| (Moment::end_of(day).0 - seen.0).div_euclid(86_400))
        .collect();
    ages.sort_unstable();
    Quality {
        inputs: intakes(book, scans).map(InputLine::of).collect(),
        policies: book.policies.len() as u64,
        expired: count(&|p| p.expiry <= day),
        not_yet_incepted: count(&|p| p.inception > day),
        without_domain: count(&|p| p.in_force(day) && p.domains.is_empty()),
        without_revenue: count(&|p| p.in_force(day) && p.revenue.is_none()),
        scanned_domains: domains.iter().filter(|d| inventory.evidence(d).is_some()).count() as u64,
        coverage: coverage_of(&settings.event, &settings.catalogue, inventory, &domains),
        domains: domains.len() as u64,
        rejects: by_rule(rejects),
        observations_after: inventory.after,
        observations_outside: inventory.outside,
        median_age_days: ages.get(ages.len() / 2).copied(),
        oldest_age_days: ages.last().copied(),
    }
}

/// For each kind of record that gives a signal of the event's products: how many of `domains` were asked for it.
pub fn coverage_of(
    event: &Event,
    catalogue: &Catalogue,
    inventory: &Inventory,
    domains: &BTreeSet<&str>,
) -> Vec<KindCoverage> {
    let products = event.requires.products();
    let kinds: BTreeSet<_> =
        products.iter().filter_map(|id| catalogue.product(id)).flat_map(|p| p.signal.iter().map(|s| s.kind)).collect();
    let line = |kind| {
        let asked =
            |domain: &&&str| inventory.evidence(domain).is_some_and(|e| e.asked.keys().any(|(k, _)| *k == kind));
        let count = domains.iter().filter(asked).count() as u64;
        KindCoverage {
            kind: kind.as_str().to_string(),
            domains: count,
            share: count as f64 / domains.len().max(1) as f64,
        }
    };
    kinds.into_iter().map(line).collect()
}

/// Rejects by rule, the commonest first. Line numbers stay in the rejects table: a summary is the same whatever the order
/// of the rows.
fn by_rule(rejects: &[Reject]) -> Vec<RejectCount> {
    let mut rules: BTreeMap<(String, &'static str), RejectCount> = BTreeMap::new();
    for Reject { file, fault, .. } in rejects {
        let rule = general(&fault.rule);
        let rule = if fault.column.is_empty() { rule } else { format!("{}: {rule}", fault.column) };
        let example = format!("{file}: {}", fault.value);
        let outcome = fault.outcome.as_str();
        let line = rules.entry((rule.clone(), outcome)).or_insert(RejectCount {
            rule,
            outcome,
            count: 0,
            example: example.clone(),
        });
        line.count += 1;
        line.example = example.min(std::mem::take(&mut line.example));
    }
    let mut rules: Vec<RejectCount> = rules.into_values().collect();
    rules.sort_by(|a, b| b.count.cmp(&a.count).then(a.rule.cmp(&b.rule)));
    rules
}

/// A rule without the numbers that it quotes: `12 cells where the header has 16` is one rule with `13 cells …`.
fn general(rule: &str) -> String {
    let mut text = String::new();
    for c in rule.chars() {
        match c {
            '0'..='9' if text.ends_with('#') => {}
            '0'..='9' => text.push('#'),
            c => text.push(c),
        }
    }
    text.replace("#-#-#", "#")
}

/// Mean gross loss of one policy.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyLoss {
    /// Policy.
    pub policy_id: String,
    /// Gross loss summed over all trials.
    pub total: crate::money::Cents,
    /// Trials.
    pub trials: u64,
}

/// The table of losses by policy.
pub const LOSSES_BY_POLICY: Table = Table {
    name: "losses by policy",
    meaning: "Scenario losses of each policy in force, over all trials.",
    columns: &[
        Column { name: "policy_id", kind: Kind::Text, unit: "", required: true, meaning: "Policy" },
        Column {
            name: "total_gross",
            kind: Kind::Money,
            unit: "reporting currency",
            required: true,
            meaning: "Gross loss summed over all trials",
        },
        Column { name: "trials", kind: Kind::Integer, unit: "", required: true, meaning: "Trials" },
        Column {
            name: "expected_gross",
            kind: Kind::Number,
            unit: "reporting currency",
            required: false,
            meaning: "Mean gross loss of one occurrence of the event",
        },
    ],
};

impl Record for PolicyLoss {
    const TABLE: Table = LOSSES_BY_POLICY;

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(&self.policy_id),
            Cell::Money(self.total),
            Cell::Integer(self.trials as i64),
            Cell::Number(self.total.units() / self.trials.max(1) as f64),
        ]
    }
}

impl PolicyLoss {
    /// Reads one row of a table of losses by policy.
    ///
    /// # Errors
    /// The faults that set the row aside.
    pub fn read(row: &Row) -> Result<PolicyLoss, Vec<Fault>> {
        let mut fields = Fields::new(row, &LOSSES_BY_POLICY);
        let loss = PolicyLoss {
            policy_id: fields.required("policy_id"),
            total: fields.required_money("total_gross"),
            trials: fields.number("trials").map_or(0, |n| n as u64),
        };
        if fields.faults.is_empty() { Ok(loss) } else { Err(fields.faults) }
    }

    /// The losses of each exposure.
    pub fn of(exposures: &[Exposure], projection: &Projection) -> Vec<PolicyLoss> {
        let trials = projection.trials.len() as u64;
        let losses = exposures.iter().zip(&projection.by_policy);
        losses.map(|(e, total)| PolicyLoss { policy_id: e.policy_id.clone(), total: *total, trials }).collect()
    }
}

/// A reject as a row of a table.
pub struct RejectRow<'a>(pub &'a Reject);

impl Record for RejectRow<'_> {
    const TABLE: Table = Table {
        name: "rejects",
        meaning: "What was set aside or noted, with its place and the rule it broke.",
        columns: &[
            Column { name: "file", kind: Kind::Text, unit: "", required: true, meaning: "File as it was named" },
            Column {
                name: "line",
                kind: Kind::Integer,
                unit: "",
                required: true,
                meaning: "Line, or row of a Parquet file, from 1",
            },
            Column {
                name: "column",
                kind: Kind::Text,
                unit: "",
                required: false,
                meaning: "Column or key; blank for the whole row",
            },
            Column { name: "value", kind: Kind::Text, unit: "", required: false, meaning: "Value seen" },
            Column { name: "rule", kind: Kind::Text, unit: "", required: true, meaning: "Rule that was broken" },
            Column {
                name: "outcome",
                kind: Kind::Text,
                unit: "",
                required: true,
                meaning: "set aside, or kept (the row is used)",
            },
            Column { name: "hint", kind: Kind::Text, unit: "", required: false, meaning: "A way out" },
        ],
    };

    fn cells(&self) -> Vec<Cell> {
        let Reject { file, line, fault } = self.0;
        vec![
            Cell::text(file),
            Cell::Integer(*line as i64),
            Cell::text(&fault.column),
            Cell::text(&fault.value),
            Cell::text(&fault.rule),
            Cell::text(fault.outcome.as_str()),
            Cell::text(&fault.hint),
        ]
    }
}

/// Writes every table, the report and the manifest.
///
/// # Errors
/// When the disk refuses one: then none appears.
pub fn write_all(
    folder: OutputFolder,
    settings: &Settings,
    run: &Assembled,
    configuration: serde_json::Value,
    started: Instant,
) -> Result<(), Failure> {
    let writing = Instant::now();
    let mut outputs = Vec::new();
    let mut table =
        |name: &str, write: &dyn Fn(&std::path::Path, Format) -> Result<u64, Failure>| -> Result<(), Failure> {
            let path = folder.path(name);
            let rows = write(&path, Format::of(&path))?;
            outputs.push(OutputFile::of(&path, Some(rows))?);
            Ok(())
        };
    let rejects: Vec<RejectRow> = run.rejects.iter().map(RejectRow).collect();
    let losses = PolicyLoss::of(&run.exposures, &run.projection);
    table("exposure.csv", &|path, format| write_table(path, format, &run.exposures))?;
    table("exposure.parquet", &|path, format| write_table(path, format, &run.exposures))?;
    table("inventory.parquet", &|path, format| write_table(path, format, &run.entries))?;
    table("coverage.parquet", &|path, format| write_table(path, format, &run.coverage))?;
    table("losses.parquet", &|path, format| write_table(path, format, &run.projection.trials))?;
    table("losses_by_policy.parquet", &|path, format| write_table(path, format, &losses))?;
    table("rejects.csv", &|path, format| write_table(path, format, &rejects))?;
    let gross: Vec<f64> = run.projection.trials.iter().map(|t| t.gross.units()).collect();
    let text = [("summary.json", json(&run.summary)?), ("report.html", page(&run.summary, &gross)?)];
    for (name, content) in text {
        let path = folder.path(name);
        std::fs::write(&path, content).map_err(|e| Failure::io("write", &path, &e))?;
        outputs.push(OutputFile::of(&path, None)?);
    }
    let mut timings = run.timings.clone();
    timings.push(StageTime { stage: "write", milliseconds: writing.elapsed().as_millis() as u64 });
    timings.push(StageTime { stage: "total", milliseconds: started.elapsed().as_millis() as u64 });
    let manifest = Manifest {
        engine: "blastradius",
        version: env!("CARGO_PKG_VERSION"),
        configuration,
        seed: settings.seed,
        inputs: intakes(&run.book, &run.scans).cloned().collect(),
        stages: stages(run),
        outputs,
        threads: rayon::current_num_threads(),
        timings,
        peak_memory_bytes: peak_memory(),
    };
    let path = folder.path("manifest.json");
    std::fs::write(&path, json(&manifest)?).map_err(|e| Failure::io("write", &path, &e))?;
    folder.commit()
}

fn stages(run: &Assembled) -> Vec<(String, u64)> {
    let observations: u64 = run.scans.iter().map(|s| s.observations).sum();
    let quality = run.summary.quality.as_ref();
    [
        ("policies", run.book.policies.len() as u64),
        ("policies in force", run.exposures.len() as u64),
        ("observations", observations),
        ("observations outside the book", quality.map_or(0, |q| q.observations_outside)),
        ("observations after the as-of date", quality.map_or(0, |q| q.observations_after)),
        ("inventory", run.entries.len() as u64),
        ("exposure", run.exposures.len() as u64),
        ("trials", run.projection.trials.len() as u64),
    ]
    .map(|(stage, rows)| (stage.to_string(), rows))
    .to_vec()
}

/// Indented JSON with a final newline.
fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .map_err(|e| Failure::new(format!("cannot write JSON: {e}")))
}
