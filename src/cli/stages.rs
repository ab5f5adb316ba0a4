//! The stages one by one: each reads the table that the former wrote, or the user's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;

use super::config::{date, rates, scan_options};
use super::inputs::ended;
use super::progress::Progress;
use super::{Done, show};
use crate::catalogue::{Catalogue, Event};
use crate::exposure::{EXPOSURES, Exposure, Scope, expose};
use crate::fault::{Failure, Fault, Reject};
use crate::inventory::{Entry, INVENTORY, InventoryBuilder};
use crate::loss::{LOSSES, LOSSES_BY_POLICY, Plan, PolicyLoss, Projection, Trial, simulate};
use crate::moment::Moment;
use crate::money::Cents;
use crate::portfolio::domains::DomainMap;
use crate::portfolio::{Rates, read_book, read_hosts};
use crate::report::{Facts, page, summarise};
use crate::run::{json, replace_file};
use crate::scan::read_scan;
use crate::table::{Format, RejectRow, Row, Table, TableFile, TableWriter, write_table};

/// What every stage may say of rejects.
#[derive(Args, Debug)]
struct RejectOptions {
    /// Write rejects to this CSV.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Make rejects an error (exit code 1): nothing is written when a row was set aside.
    #[arg(long)]
    strict: bool,
}

impl RejectOptions {
    /// Tells and writes rejects; whether the stage may write its result.
    fn settle(&self, mut rejects: Vec<Reject>) -> Result<Done, Failure> {
        rejects.sort();
        show::rejects(&rejects, 5);
        if let Some(path) = &self.rejects {
            let rows: Vec<RejectRow> = rejects.iter().map(RejectRow).collect();
            replace_file(path, |staged| write_table(staged, Format::Csv, &rows))?;
        }
        Ok(ended(self.strict, &rejects))
    }
}

/// Which event, as of when.
#[derive(Args, Debug)]
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
}

impl EventOptions {
    fn resolve(&self) -> Result<(Catalogue, Event, Date), Failure> {
        let catalogue = Catalogue::load(self.data.as_deref())?;
        let event = catalogue.event(&self.event)?;
        let day = date("as_of", self.as_of.as_deref().unwrap_or(&event.announced))?;
        Ok((catalogue.as_of(day), event, day))
    }
}

/// Scanner output to observations.
#[derive(Args, Debug)]
pub struct Ingest {
    /// Scanner output, of any of the known formats.
    #[arg(required = true, value_name = "FILE")]
    scan: Vec<PathBuf>,
    /// Observations: Parquet, or CSV when the name ends in .csv.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Time of records that have none [default: the file's].
    #[arg(long, value_name = "TIME")]
    scan_time: Option<String>,
    /// Record types that dnsx was asked for [default: those that appear in the file].
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    dnsx_asked: Vec<String>,
    #[command(flatten)]
    rejects: RejectOptions,
}

impl Ingest {
    /// Runs the stage.
    pub fn run(self) -> Result<Done, Failure> {
        let inputs: Vec<&Path> = self.scan.iter().map(PathBuf::as_path).collect();
        apart(&inputs, &outputs(&self.out, [&self.rejects.rejects]))?;
        let options = scan_options(self.scan_time.as_deref(), &self.dnsx_asked)?;
        let progress = Progress::start(self.scan.len());
        let mut done = Done::Whole;
        let written = replace_file(&self.out, |staged| {
            let mut writer =
                TableWriter::create(staged, Format::of(&self.out), crate::scan::observation::OBSERVATIONS)?;
            let (mut failed, mut rejects) = (None, Vec::new());
            for path in &self.scan {
                progress.say(&format!("reading {}", path.display()));
                let intake = read_scan(path, &options, |observation| {
                    if failed.is_none() {
                        failed = writer.write(&observation).err();
                    }
                })?;
                rejects.extend(intake.rejects);
            }
            if let Some(failure) = failed {
                return Err(failure);
            }
            done = self.rejects.settle(rejects)?;
            if done == Done::WithRejects { Err(Failure::new("rejects under --strict")) } else { writer.finish() }
        });
        finish(done, written, &self.out, "observations")
    }
}

/// Observations to who uses what.
#[derive(Args, Debug)]
pub struct InventoryStage {
    /// Observations, as `ingest` writes them, or scanner output.
    #[arg(required = true, value_name = "FILE")]
    observations: Vec<PathBuf>,
    /// Inventory: Parquet, or CSV when the name ends in .csv.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Also write what was asked of each domain.
    #[arg(long, value_name = "FILE")]
    coverage: Option<PathBuf>,
    /// Time of scan records that have none [default: the file's].
    #[arg(long, value_name = "TIME")]
    scan_time: Option<String>,
    /// Only the domains of these policies; insureds under a shared registrable domain are told apart by their hosts.
    #[arg(long, value_name = "FILE")]
    policies: Option<PathBuf>,
    #[command(flatten)]
    event: EventOptions,
    #[command(flatten)]
    rejects: RejectOptions,
}

impl InventoryStage {
    /// Runs the stage.
    pub fn run(self) -> Result<Done, Failure> {
        let inputs: Vec<&Path> = self.observations.iter().chain(&self.policies).map(PathBuf::as_path).collect();
        apart(&inputs, &outputs(&self.out, [&self.coverage, &self.rejects.rejects]))?;
        let (catalogue, event, day) = self.event.resolve()?;
        let book = self.policies.as_deref().map(read_hosts).transpose()?;
        let scope = book.as_ref().map(|book| DomainMap::of(&book.policies));
        let options = scan_options(self.scan_time.as_deref(), &[])?;
        let mut builder = InventoryBuilder::new(&catalogue, scope, Moment::end_of(day));
        let progress = Progress::start(self.observations.len());
        let mut rejects = book.map_or_else(Vec::new, |book| book.rejects);
        for path in &self.observations {
            progress.say(&format!("reading {}", path.display()));
            rejects.extend(read_scan(path, &options, |observation| builder.add(&observation))?.rejects);
        }
        if self.rejects.settle(rejects)? == Done::WithRejects {
            return Ok(Done::WithRejects);
        }
        let inventory = builder.finish();
        let entries = inventory.entries(&event.requires.products());
        if let Some(path) = &self.coverage {
            replace_file(path, |staged| write_table(staged, Format::of(path), &inventory.coverage()))?;
        }
        let written = replace_file(&self.out, |staged| write_table(staged, Format::of(&self.out), &entries));
        finish(Done::Whole, written, &self.out, "inventory rows")
    }
}

/// Who is in scope of an event.
#[derive(Args, Debug)]
pub struct ExposeStage {
    /// Inventory, as `inventory` writes it, or one of your own (domain, product, probability).
    #[arg(value_name = "FILE")]
    inventory: PathBuf,
    /// Policies.
    #[arg(long, value_name = "FILE")]
    policies: PathBuf,
    /// Exposure: Parquet, or CSV when the name ends in .csv.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Currency of results [default: the one that most policies have].
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// Rate of exchange into it, such as EUR=1.08.
    #[arg(long, value_name = "CODE=RATE")]
    rate: Vec<String>,
    #[command(flatten)]
    event: EventOptions,
    #[command(flatten)]
    rejects: RejectOptions,
}

impl ExposeStage {
    /// Runs the stage.
    pub fn run(self) -> Result<Done, Failure> {
        apart(&[&self.inventory, &self.policies], &outputs(&self.out, [&self.rejects.rejects]))?;
        let (catalogue, event, as_of) = self.event.resolve()?;
        let book = read_book(&self.policies, self.currency.as_deref(), &rates(&self.rate)?)?;
        let (entries, mut rejects) = read_rows(&self.inventory, &INVENTORY, Entry::read)?;
        rejects.extend(book.rejects);
        if self.rejects.settle(rejects)? == Done::WithRejects {
            return Ok(Done::WithRejects);
        }
        let exposures = expose(
            &Scope { event: &event, catalogue: &catalogue, as_of, rates: &book.rates },
            &book.policies,
            &entries,
        )?;
        let written = replace_file(&self.out, |staged| write_table(staged, Format::of(&self.out), &exposures));
        finish(Done::Whole, written, &self.out, "policies in force")
    }
}

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
        let (exposures, rejects) = read_exposures(&self.exposure)?;
        if self.rejects.settle(rejects)? == Done::WithRejects {
            return Ok(Done::WithRejects);
        }
        let currency = exposures.first().map_or("USD", |e| &e.currency);
        let dollar = Rates::new(currency, &rates(&self.rate)?)?.dollars()?;
        let plan = Plan::new(&event, &catalogue, &exposures, dollar)?;
        let projection = simulate(&plan, exposures.len(), self.trials, self.seed);
        if let Some(path) = &self.by_policy {
            let losses = PolicyLoss::of(&exposures, &projection);
            replace_file(path, |staged| write_table(staged, Format::of(path), &losses))?;
        }
        let written = replace_file(&self.out, |staged| write_table(staged, Format::of(&self.out), &projection.trials));
        finish(Done::Whole, written, &self.out, "trials")
    }
}

/// The report of exposures and losses.
#[derive(Args, Debug)]
pub struct ReportStage {
    /// Exposure, as `expose` writes it.
    #[arg(value_name = "FILE")]
    exposure: PathBuf,
    /// Losses by trial, as `project` writes them.
    #[arg(long, value_name = "FILE")]
    losses: PathBuf,
    /// Losses by policy, as `project --by-policy` writes them.
    #[arg(long, value_name = "FILE")]
    by_policy: PathBuf,
    /// Inventory, to set the book beside published market shares.
    #[arg(long, value_name = "FILE")]
    inventory: Option<PathBuf>,
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
        let (exposures, mut rejects) = read_exposures(&self.exposure)?;
        let (trials, more) = read_rows(&self.losses, &LOSSES, Trial::read)?;
        rejects.extend(more);
        let (losses, more) = read_rows(&self.by_policy, &LOSSES_BY_POLICY, PolicyLoss::read)?;
        rejects.extend(more);
        let projection = self.one_run(trials, &losses, &exposures)?;
        let mut inventory = None;
        if let Some(path) = &self.inventory {
            let (entries, more) = read_rows(path, &INVENTORY, Entry::read)?;
            rejects.extend(more);
            inventory = Some(entries);
        }
        if self.rejects.settle(rejects)? == Done::WithRejects {
            return Ok(Done::WithRejects);
        }
        let summary = summarise(Facts {
            event: &event,
            catalogue: &catalogue,
            as_of,
            seed: self.seed,
            exposures: &exposures,
            projection: &projection,
            inventory: inventory.as_deref(),
            quality: None,
        })?;
        let gross: Vec<f64> = projection.trials.iter().map(|t| t.gross.units()).collect();
        if let Some(path) = &self.summary {
            write_text(path, &json(&summary)?)?;
        }
        write_text(&self.out, &page(&summary, &gross)?)?;
        eprintln!("wrote {}", self.out.display());
        Ok(Done::Whole)
    }

    /// Losses by trial and by policy as one projection: they must add up to the same cents over the same policies.
    fn one_run(
        &self,
        trials: Vec<Trial>,
        losses: &[PolicyLoss],
        exposures: &[Exposure],
    ) -> Result<Projection, Failure> {
        let totals: BTreeMap<&str, Cents> = losses.iter().map(|l| (l.policy_id.as_str(), l.total)).collect();
        let by_policy: Vec<Cents> =
            exposures.iter().map(|e| totals.get(e.policy_id.as_str()).copied().unwrap_or_default()).collect();
        let (by_trial, all) = (trials.iter().map(|t| t.gross).sum::<Cents>(), by_policy.iter().copied().sum::<Cents>());
        if trials.is_empty() {
            return Err(Failure::new(format!("{}: there is no trial in it", self.losses.display())));
        }
        if by_trial == all {
            return Ok(Projection { trials, by_policy });
        }
        let (losses, policies, exposure) = (self.losses.display(), self.by_policy.display(), self.exposure.display());
        Err(Failure::new(format!(
            "{losses} adds up to {by_trial}, {policies} over the policies of {exposure} to {all}"
        ))
        .hint("give the three tables of one run of expose and project"))
    }
}

/// The files that a stage writes.
fn outputs<'a, const N: usize>(out: &'a Path, others: [&'a Option<PathBuf>; N]) -> Vec<&'a Path> {
    std::iter::once(out).chain(others.into_iter().flatten().map(PathBuf::as_path)).collect()
}

/// Files that a stage writes must be several, and none may be one that it reads.
fn apart(read: &[&Path], written: &[&Path]) -> Result<(), Failure> {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
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

fn write_text(path: &Path, text: &str) -> Result<(), Failure> {
    replace_file(path, |staged| std::fs::write(staged, text).map_err(|e| Failure::io("write", staged, &e)))
}

fn read_exposures(path: &Path) -> Result<(Vec<Exposure>, Vec<Reject>), Failure> {
    let (mut exposures, rejects) = read_rows(path, &EXPOSURES, Exposure::read)?;
    let mut ids: Vec<&str> = exposures.iter().map(|e: &Exposure| e.policy_id.as_str()).collect();
    ids.sort_unstable();
    if let Some(twice) = ids.windows(2).find(|w| w[0] == w[1]) {
        return Err(
            Failure::new(format!("{}: policy {} is there twice", path.display(), twice[0])).hint("one row a policy")
        );
    }
    let first = exposures.first().map(|e| e.currency.clone());
    match exposures.iter().find(|e| Some(&e.currency) != first.as_ref()) {
        Some(other) => Err(Failure::new(format!(
            "{}: policy {} is in {}, others in {}",
            path.display(),
            other.policy_id,
            other.currency,
            first.unwrap_or_default()
        ))
        .hint("an exposure table has one currency: convert with expose --currency and --rate")),
        None => {
            // Whatever the order of the rows, sums are taken in one order.
            exposures.sort_by(Exposure::order);
            Ok((exposures, rejects))
        }
    }
}

/// The rows of a table that can be used, and the others.
fn read_rows<T>(
    path: &Path,
    table: &Table,
    read: impl Fn(&Row) -> Result<T, Vec<Fault>>,
) -> Result<(Vec<T>, Vec<Reject>), Failure> {
    let file = TableFile::open(path)?;
    let name = path.display().to_string();
    let positions = file.positions(table.header());
    file.require(table)?;
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    file.for_each(&positions, |line, row| match row.map_err(|fault| vec![fault]).and_then(|row| read(&row)) {
        Ok(value) => rows.push(value),
        Err(faults) => rejects.extend(faults.into_iter().map(|fault| fault.at(&name, line))),
    })?;
    Ok((rows, rejects))
}

/// Says what was written, unless rejects under `--strict` kept it from being so.
fn finish(done: Done, written: Result<u64, Failure>, path: &Path, what: &str) -> Result<Done, Failure> {
    if done == Done::WithRejects {
        return Ok(done);
    }
    eprintln!("wrote {} {what} to {}", written?, path.display());
    Ok(done)
}
