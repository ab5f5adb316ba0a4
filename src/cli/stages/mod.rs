//! The stages one by one: each reads the table that the former wrote, or the user's own.

mod expose;
mod ingest;
mod inventory;
mod merge;
mod metrics;
mod programme;
mod project;
mod reinsure;
mod report;
mod terms;

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;
use serde::Serialize;

use super::config::{catalogue, date};
use super::inputs::ended;
use super::{Done, show};
use crate::catalogue::{Catalogue, Event, SIGNAL_RATES, SignalRate};
use crate::exposure::{EXPOSURES, Exposure};
use crate::fault::Failure;
use crate::input::{Intake, sha256};
use crate::run::{OutputFile, manifest_of, write_file};
use crate::table::{Format, RejectLog, read_every_row, read_rows};

pub use expose::ExposeStage;
pub use ingest::Ingest;
pub use inventory::InventoryStage;
pub use merge::Merge;
pub use metrics::MetricsStage;
pub use project::Project;
pub use reinsure::ReinsureStage;
pub use report::ReportStage;
pub use terms::TermsStage;

/// What every stage may say of rejects.
#[derive(Args, Debug, Serialize)]
pub struct RejectOptions {
    /// Write rejects to this CSV.
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// Make rejects an error (exit code 1): nothing is written when a row was set aside.
    #[arg(long)]
    strict: bool,
}

impl RejectOptions {
    /// Tells and writes rejects; whether the stage may write its result.
    pub fn settle(&self, mut rejects: RejectLog) -> Result<Done, Failure> {
        show::rejects(&rejects, 5);
        if let Some(path) = &self.rejects {
            write_file(path, |staged| rejects.write(staged, Format::Csv))?;
        }
        Ok(ended(self.strict, &rejects))
    }

    /// The table of rejects just written, for the manifest.
    pub fn written(&self) -> Result<Option<OutputFile>, Failure> {
        let of =
            |path: &PathBuf| Ok(OutputFile { file: path.display().to_string(), rows: None, sha256: sha256(path)? });
        self.rejects.as_ref().map(of).transpose()
    }
}

/// Which event, as of when.
#[derive(Args, Debug, Serialize)]
struct EventOptions {
    /// Event: an id of `blastradius events`, or a file.
    #[arg(long, value_name = "ID_OR_FILE")]
    event: String,
    /// Day of the look [default: the event's day].
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Folder with products, events or severities of your own.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Error rates of signals, as `calibrate` writes them, in the place of the catalogue's.
    #[arg(long, value_name = "FILE")]
    signal_rates: Option<PathBuf>,
}

impl EventOptions {
    /// The catalogue as of the day, the event, and the day, which is the event's own where none was given.
    fn resolve(&mut self) -> Result<(Catalogue, Event, Date), Failure> {
        let catalogue = catalogue(self.data.as_deref(), self.signal_rates.as_deref())?;
        let event = catalogue.event(&self.event)?;
        let day = date("as_of", self.as_of.get_or_insert_with(|| event.announced.clone()))?;
        Ok((catalogue.as_of(day), event, day))
    }

    /// Files that are read.
    fn files(&self) -> impl Iterator<Item = &Path> {
        let event = Path::new(&self.event);
        self.signal_rates.as_deref().into_iter().chain(event.is_file().then_some(event))
    }

    /// Rows of the file that is read beside the catalogue, where there is one.
    fn intake(&self, catalogue: &Catalogue) -> Result<Option<Intake>, Failure> {
        let read = |path: &PathBuf| read_every_row(path, &SIGNAL_RATES, |row| SignalRate::read(row, catalogue.ids()));
        Ok(self.signal_rates.as_ref().map(read).transpose()?.map(|(_, intake)| intake))
    }
}

/// The files that a stage writes.
pub fn outputs<'a, const N: usize>(out: &'a Path, others: [&'a Option<PathBuf>; N]) -> Vec<&'a Path> {
    std::iter::once(out).chain(others.into_iter().flatten().map(PathBuf::as_path)).collect()
}

/// The same of a stage that tells of them in a manifest beside the first.
fn apart_with_manifest(read: &[&Path], written: &[&Path]) -> Result<(), Failure> {
    let manifest = written.first().map(|out| manifest_of(out));
    apart(read, &written.iter().copied().chain(manifest.as_deref()).collect::<Vec<_>>())
}

/// The file itself, or of a folder the table of this name in it, where there is one.
fn file_or_table(path: &Path, name: &str) -> Option<PathBuf> {
    if path.is_dir() { Format::find(path, name) } else { Some(path.to_path_buf()) }
}

/// Where a path leads, also to a file that is not there yet.
fn real(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = || Some(std::fs::canonicalize(folder).ok()?.join(path.file_name()?));
    std::fs::canonicalize(path).ok().or_else(beside).unwrap_or_else(|| path.to_path_buf())
}

/// Files that a stage writes must be several, and none may be one that it reads.
pub fn apart(read: &[&Path], written: &[&Path]) -> Result<(), Failure> {
    let read: Vec<PathBuf> = read.iter().map(|p| real(p)).collect();
    let written: Vec<PathBuf> = written.iter().map(|p| real(p)).collect();
    for (at, path) in written.iter().enumerate() {
        if read.contains(path) || written[..at].contains(path) {
            return Err(Failure::new(format!("{}: would be written over", path.display()))
                .hint("give each output a name of its own"));
        }
    }
    Ok(())
}

/// Exposures of one currency, each policy once an event, in the order of [`Exposure::order`].
fn read_exposures(paths: &[PathBuf], rejects: &mut RejectLog) -> Result<(Vec<Exposure>, Vec<Intake>), Failure> {
    let (mut exposures, mut intakes): (Vec<Exposure>, _) = (Vec::new(), Vec::new());
    for path in paths {
        let (rows, intake) = read_rows(path, &EXPOSURES, rejects, Exposure::read)?;
        one_currency(path, exposures.first().or(rows.first()).map(|e| e.currency.clone()), &rows)?;
        exposures.extend(rows);
        intakes.push(intake);
    }
    let mut ids: Vec<(&str, &str)> = exposures.iter().map(|e| (e.policy_id.as_str(), e.event.as_str())).collect();
    ids.sort_unstable();
    if let Some(twice) = ids.windows(2).find(|w| w[0] == w[1]) {
        let files: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
        let policy = twice[0].0;
        return Err(Failure::new(format!("{}: policy {policy} is there twice", files.join(", ")))
            .hint("one row a policy, or one a policy and event"));
    }
    // Whatever the order of the rows, sums are taken in one order.
    exposures.sort_by(|a, b| Exposure::order(a, b).then(a.event.cmp(&b.event)));
    Ok((exposures, intakes))
}

fn one_currency(path: &Path, currency: Option<String>, rows: &[Exposure]) -> Result<(), Failure> {
    let Some(other) = rows.iter().find(|e| Some(&e.currency) != currency.as_ref()) else { return Ok(()) };
    Err(Failure::new(format!(
        "{}: policy {} is in {}, others in {}",
        path.display(),
        other.policy_id,
        other.currency,
        currency.unwrap_or_default()
    ))
    .hint("an exposure table has one currency: convert with expose --currency and --rate"))
}

/// Says what was written.
pub fn finish(written: u64, path: &Path, what: &str) -> Result<Done, Failure> {
    tell!("wrote {written} {what} to {}", path.display());
    Ok(Done::Whole)
}

/// Return periods where none are given.
const RETURN_PERIODS: &str = "10,50,100,200,250,500,1000";

/// Checks return periods, and puts them in order.
fn check_return_periods(periods: &mut Vec<f64>) -> Result<(), Failure> {
    if let Some(out) = periods.iter().find(|period| !(1.0..=1e9).contains(*period)) {
        return Err(Failure::new(format!("--return-periods: {out} is no return period"))
            .hint("years, from 1 up, separated by commas: 10,100,250"));
    }
    periods.sort_by(f64::total_cmp);
    periods.dedup();
    Ok(())
}
