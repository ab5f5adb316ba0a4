//! The inventory of a large made book against DuckDB's plain joins over the same files: seconds and peak memory.
//!
//! `cargo bench --bench inventory [-- ROWS]` makes ROWS observations (50,000,000 by default) and a policy for each fifty,
//! once; then the inventory and DuckDB run in turns, so that a busy machine slows both. `-- --linear` runs the inventory
//! alone over four sizes, `-- ROWS --generate` only makes the files. DuckDB is Python's: of `BLASTRADIUS_PYTHON`, of the
//! project's environment in the cache folder, or of the system.

mod generate;
mod names;
mod zone;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use arrow::array::AsArray;
use blastradius::catalogue::Catalogue;
use blastradius::inventory::{Evidence, Inventory, InventoryBuilder};
use blastradius::moment::Moment;
use blastradius::portfolio::domains::DomainMap;
use blastradius::scan::{ScanOptions, read_scan};
use blastradius::table::RejectLog;
use generate::Made;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rayon::prelude::*;

const ROWS: u64 = 50_000_000;
const LINEAR: [u64; 4] = [5_000_000, 10_000_000, 20_000_000, 50_000_000];
const RUNS: usize = 3;

/// One run of the inventory.
struct Measured {
    seconds: f64,
    rows: u64,
    entries: u64,
    exposed: u64,
    peak_bytes: u64,
    phases: String,
}

/// Seconds and peak bytes of several runs of one thing.
#[derive(Default)]
struct Runs {
    name: String,
    seconds: Vec<f64>,
    peak_bytes: u64,
    found: String,
}

impl Runs {
    fn add(&mut self, seconds: f64, peak_bytes: u64) {
        self.seconds.push(seconds);
        self.seconds.sort_by(f64::total_cmp);
        self.peak_bytes = self.peak_bytes.max(peak_bytes);
    }

    fn best(&self) -> f64 {
        self.seconds[0]
    }

    fn median(&self) -> f64 {
        self.seconds[self.seconds.len() / 2]
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let given = arguments.iter().find_map(|argument| argument.replace(['_', ','], "").parse().ok());
    if let Some(at) = arguments.iter().position(|argument| argument == "--ours") {
        return run_ours(Path::new(&arguments[at + 1]));
    }
    if has("--linear") {
        return linear();
    }
    let made = make(given.unwrap_or(ROWS));
    if !has("--generate") {
        compare(&made);
    }
}

fn make(rows: u64) -> Made {
    let made = generate::make(rows);
    let size = |path: PathBuf| std::fs::metadata(path).map_or(0, |file| file.len()) as f64 / f64::from(1 << 20);
    let (scan, book) = (size(made.observations()), size(made.policies()));
    let how = made.seconds.map_or("was there".to_string(), |seconds| format!("made in {seconds:.1} s"));
    println!("{}: scan {scan:.0} MiB, book {book:.0} MiB, {how}", made.folder.display());
    made
}

/// The inventory and DuckDB in turns.
fn compare(made: &Made) {
    let python = python();
    if python.is_none() {
        println!("DuckDB skipped: no python3 with the duckdb module (set BLASTRADIUS_PYTHON, or pip install duckdb)");
    }
    let mut own = Runs { name: "inventory".into(), ..Runs::default() };
    let mut theirs: Vec<Runs> = Vec::new();
    for _ in 0..RUNS {
        let measured = ours(&made.folder);
        own.add(measured.seconds, measured.peak_bytes);
        own.found = format!(
            "{} rows to {} probabilities, {} policies use both products; seconds: {}",
            measured.rows, measured.entries, measured.exposed, measured.phases
        );
        if let Some(python) = &python {
            duckdb(python, &made.folder, &mut theirs);
        }
    }
    println!("\n{:>12} rows            best s  median s  peak MiB  ours is", made.rows);
    for runs in std::iter::once(&own).chain(&theirs) {
        let (ratio, peak) = (own.best() / runs.best(), runs.peak_bytes as f64 / f64::from(1 << 20));
        println!("{:<28} {:>8.2}  {:>8.2}  {peak:>8.0}  {ratio:>6.2} x", runs.name, runs.best(), runs.median());
    }
    println!();
    std::iter::once(&own).chain(&theirs).for_each(|runs| println!("{}: {}", runs.name, runs.found));
}

/// The inventory alone: its seconds should grow as the rows do.
fn linear() {
    println!("        rows    best s  s a million rows  peak MiB");
    for rows in LINEAR {
        let made = generate::make(rows);
        let mut runs = Runs::default();
        for _ in 0..RUNS {
            let measured = ours(&made.folder);
            runs.add(measured.seconds, measured.peak_bytes);
        }
        let (best, peak) = (runs.best(), runs.peak_bytes as f64 / f64::from(1 << 20));
        println!("{rows:>12}  {best:>8.2}  {:>16.3}  {peak:>8.0}", best / (rows as f64 / 1e6));
    }
}

/// Policies and scan of a folder to the inventory, in a process of its own.
fn ours(folder: &Path) -> Measured {
    let own = std::env::current_exe().expect("this program");
    let output = Command::new(own).arg("--ours").arg(folder).stderr(Stdio::inherit()).output().expect("it starts");
    assert!(output.status.success(), "the inventory of {} failed", folder.display());
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let number = |key: &str| answer[key].as_f64().unwrap_or(f64::NAN);
    let phases = answer["phases"].as_object().into_iter().flatten();
    Measured {
        seconds: number("seconds"),
        rows: number("rows") as u64,
        entries: number("entries") as u64,
        exposed: number("exposed") as u64,
        peak_bytes: number("peak_bytes") as u64,
        phases: phases
            .map(|(name, s)| format!("{name} {:.2}", s.as_f64().unwrap_or(0.0)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// The same in this process: every signal of the catalogue matched, evidence grouped by domain, a probability for each
/// domain and product seen, and the policies that use both products of the event.
fn run_ours(folder: &Path) {
    let start = Instant::now();
    let mut phases = serde_json::Map::new();
    let mut last = start;
    let mut lap = |name: &str| {
        phases.insert(name.to_string(), last.elapsed().as_secs_f64().into());
        last = Instant::now();
    };
    let catalogue = Catalogue::load(None).expect("the catalogue");
    let day = jiff::civil::date(2026, 12, 31);
    let catalogue = catalogue.as_of(day);
    let listed = listed(&folder.join("policies.parquet"));
    lap("policies");
    let scope = DomainMap::of_hosts(
        listed.iter().flat_map(|(insured, hosts)| hosts.split(';').map(|host| (host, insured.as_str()))),
    );
    lap("domains");
    let builder = InventoryBuilder::new(&catalogue, Some(scope), Moment::end_of(day));
    let scan = folder.join("observations.parquet");
    let intake = read_scan(&scan, &ScanOptions::default(), &mut RejectLog::default(), &builder).expect("the scan");
    lap("scan");
    let inventory = builder.finish();
    let event = catalogue.event("mimecast-2021").expect("the event");
    let wanted: Vec<&str> = event.requires.products().into_iter().collect();
    let (entries, both) = probabilities(&inventory, &wanted);
    lap("probabilities");
    let exposed = listed.iter().filter(|(_, hosts)| hosts.split(';').any(|host| both.contains(host))).count();
    lap("join");
    let answer = serde_json::json!({
        "seconds": start.elapsed().as_secs_f64(), "rows": intake.observations, "entries": entries, "exposed": exposed,
        "peak_bytes": peak_of(std::process::id()), "phases": phases,
    });
    println!("{answer}");
}

/// Each policy's insured and the domains that it lists, all of them registrable.
fn listed(path: &Path) -> Vec<(String, String)> {
    let file = std::fs::File::open(path).expect("policies");
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
    let mask = ProjectionMask::columns(builder.parquet_schema(), ["insured_id", "domains"]);
    let batches = builder.with_projection(mask).build().expect("a reader");
    let rows = batches.flat_map(|batch| {
        let batch = batch.expect("rows");
        let [insureds, domains] = [0, 1].map(|at| batch.column(at).as_string::<i32>().clone());
        let row = |at: usize| (insureds.value(at).to_string(), domains.value(at).to_string());
        (0..batch.num_rows()).map(row).collect::<Vec<_>>()
    });
    rows.collect()
}

/// A probability for each domain and product seen: how many, and the domains that probably use all of `wanted`.
fn probabilities<'a>(inventory: &'a Inventory, wanted: &[&str]) -> (u64, HashSet<&'a str>) {
    let wanted: Vec<u32> = wanted.iter().filter_map(|id| inventory.model.index(id)).collect();
    let of = |(mut entries, mut all): (u64, Vec<&'a str>), evidence: Evidence<'a>| {
        let mut used = 0;
        inventory.each_probability(&evidence, &wanted, &mut |product, p| {
            entries += 1;
            used += usize::from(p > 0.5 && wanted.contains(&product));
        });
        all.extend((used == wanted.len()).then_some(evidence.name));
        (entries, all)
    };
    let parts: Vec<(u64, Vec<&str>)> = inventory.domains().fold(|| (0, Vec::new()), of).collect();
    (parts.iter().map(|(n, _)| n).sum(), parts.into_iter().flat_map(|(_, names)| names).collect())
}

/// Largest resident memory so far of a running process (Linux).
fn peak_of(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// One run of each of DuckDB's queries.
fn duckdb(python: &Path, folder: &Path, runs: &mut Vec<Runs>) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/inventory/duckdb.py");
    let output = Command::new(python).arg(script).arg(folder).arg("1").output().expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    for (query, result) in answer {
        let name = format!("DuckDB, {query}");
        let at = runs.iter().position(|own| own.name == name).unwrap_or_else(|| {
            runs.push(Runs { name, ..Runs::default() });
            runs.len() - 1
        });
        let number = |key: &str| result[key][0].as_f64().unwrap_or(f64::NAN);
        runs[at].add(number("seconds"), number("peak_bytes") as u64);
        runs[at].found = result["rows"].to_string();
    }
}

/// A Python that has DuckDB. The project's own environment is given it when it lacks it.
fn python() -> Option<PathBuf> {
    let has = |python: &PathBuf| {
        let check = Command::new(python).args(["-c", "import duckdb"]).stderr(Stdio::null()).status();
        check.is_ok_and(|status| status.success())
    };
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let own = home.join(".cache/blastradius-python/bin/python");
    let given = std::env::var_os("BLASTRADIUS_PYTHON").map(PathBuf::from);
    let found = given.into_iter().chain([own.clone(), PathBuf::from("python3")]).find(has);
    found.or_else(|| {
        let install = Command::new(&own).args(["-m", "pip", "install", "-q", "duckdb"]).status();
        install.is_ok_and(|status| status.success()).then_some(own).filter(has)
    })
}
