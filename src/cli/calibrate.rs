//! `calibrate`: error rates of signals, prevalence and dependence from scans, with or without labels.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use clap::Args;
use rayon::prelude::*;
use serde::Serialize;

use super::config::{catalogue, date, scan_options};
use super::progress::Progress;
use super::stages::{RejectOptions, apart, finish, outputs};
use super::{Done, Format, show};
use crate::calibration::{
    Agreement, Bin, Fit, LABELS, Label, Studied, Study, agreement, domains, expected_error, half_lives, study,
};
use crate::catalogue::{Basis, Catalogue, SignalRate};
use crate::fault::{Failure, did_you_mean};
use crate::inventory::{DECLARED, Declared, Inventory, InventoryBuilder, latest};
use crate::moment::Moment;
use crate::portfolio::domains::DomainMap;
use crate::portfolio::{Policy, read_hosts};
use crate::run::write_file;
use crate::scan::read_scan;
use crate::table::{Format as TableFormat, Record, RejectLog, read_rows, write_table};

/// Error rates of signals, prevalence of products and dependence between signals, estimated from scans.
#[derive(Args, Debug)]
pub struct Calibrate {
    /// Scanner output or observations.
    #[arg(required = true, value_name = "FILE")]
    scan: Vec<PathBuf>,
    /// The figures, as --signal-rates reads them: Parquet, or CSV when the name ends in .csv.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Day of the look: evidence up to its end.
    #[arg(long, value_name = "DATE")]
    as_of: String,
    /// Only the domains of these policies, and not whatever was scanned.
    #[arg(long, value_name = "FILE")]
    policies: Option<PathBuf>,
    /// Labels: domain, product, answer (yes or no). One more signal, with error rates of its own.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// What insureds say they use, as for run: labels of the domains of their policies.
    #[arg(long, value_name = "FILE", requires = "policies")]
    declared: Option<PathBuf>,
    /// Also write, for each signal predicted from the others, what was predicted and what was there. The prediction for a
    /// domain is made with figures estimated from other domains.
    #[arg(long, value_name = "FILE")]
    reliability: Option<PathBuf>,
    /// Also write labels beside our verdict, with examples.
    #[arg(long, value_name = "FILE", requires = "labels")]
    agreement: Option<PathBuf>,
    /// Only these products [default: all that the scan shows].
    #[arg(long, value_name = "ID")]
    product: Vec<String>,
    /// What to name as the source of the estimates [default: the names of the scan files].
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// Folder with products of your own.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Figures to start from, in the place of the catalogue's.
    #[arg(long, value_name = "FILE")]
    signal_rates: Option<PathBuf>,
    /// Time of scan records that have none [default: the file's].
    #[arg(long, value_name = "TIME")]
    scan_time: Option<String>,
    #[command(flatten)]
    rejects: RejectOptions,
}

/// What is printed of a product.
#[derive(Serialize)]
struct Line {
    product: String,
    domains: u64,
    prevalence: String,
    signals: Vec<String>,
    calibration_error: Option<f64>,
    not_identifiable: bool,
}

impl Calibrate {
    /// Runs the command.
    pub fn run(self, format: Format) -> Result<Done, Failure> {
        let read: Vec<&Path> = self
            .scan
            .iter()
            .chain(&self.policies)
            .chain(&self.labels)
            .chain(&self.signal_rates)
            .map(PathBuf::as_path)
            .collect();
        apart(&read, &outputs(&self.out, [&self.reliability, &self.agreement, &self.rejects.rejects]))?;
        let day = date("as_of", &self.as_of)?;
        let catalogue = catalogue(self.data.as_deref(), self.signal_rates.as_deref())?.as_of(day);
        for id in &self.product {
            if catalogue.product(id).is_none() {
                let hint = did_you_mean(id, catalogue.products.iter().map(|p| p.id.as_str()));
                return Err(Failure::new(format!("product \"{id}\" is not in the catalogue")).hint(hint));
            }
        }
        let book = self.policies.as_deref().map(read_hosts).transpose()?;
        let scope = book.as_ref().map(|book| DomainMap::of(&book.policies));
        let builder = InventoryBuilder::new(&catalogue, scope, Moment::end_of(day));
        let mut rejects: RejectLog = book.iter().flat_map(|book| book.rejects.iter().cloned()).collect();
        let options = scan_options(self.scan_time.as_deref(), &[])?;
        let progress = Progress::start(self.scan.len() + 1);
        for path in &self.scan {
            progress.say(&format!("reading {}", path.display()));
            read_scan(path, &options, &mut rejects, &builder)?;
        }
        let mut labels = match &self.labels {
            Some(path) => read_rows(path, &LABELS, &mut rejects, |row| Label::read(row, &catalogue))?.0,
            None => Vec::new(),
        };
        if let (Some(path), Some(book)) = (&self.declared, &book) {
            labels.extend(declared_labels(path, &book.policies, &catalogue, Moment::end_of(day), &mut rejects)?);
        }
        if self.rejects.settle(rejects)? == Done::WithRejects {
            return Ok(Done::WithRejects);
        }
        progress.say("estimating");
        let inventory = builder.finish();
        let studies = self.studies(&inventory, &labels);
        drop(progress);
        self.write(&inventory, &studies, &labels, format)
    }

    fn studies(&self, inventory: &Inventory, labels: &[Label]) -> Vec<(u32, Study)> {
        let products = (0u32..).zip(&inventory.model.catalogue.products);
        let wanted: Vec<u32> = products
            .filter(|(_, p)| self.product.is_empty() || self.product.contains(&p.id))
            .map(|(at, _)| at)
            .collect();
        let domains = domains(inventory);
        let of = |product: &u32| {
            let id = &inventory.model.product(*product).id;
            let own: BTreeMap<&str, bool> =
                labels.iter().filter(|l| l.product == *id).map(|l| (l.domain.as_str(), l.yes)).collect();
            (*product, study(&inventory.model, &domains, *product, &own))
        };
        wanted.par_iter().map(of).collect()
    }

    fn write(
        &self,
        inventory: &Inventory,
        studies: &[(u32, Study)],
        labels: &[Label],
        format: Format,
    ) -> Result<Done, Failure> {
        let names = self.scan.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ");
        let source = self.source.clone().unwrap_or_else(|| format!("calibrate, {names}, as of {}", self.as_of));
        // A product that the scan shows nowhere has nothing to say, unless it was asked for.
        let told = |study: &Study| !self.product.is_empty() || study.cells.asked.iter().any(|[_, seen]| *seen > 0);
        let told: Vec<&(u32, Study)> = studies.iter().filter(|(_, s)| told(s)).collect();
        let model = &inventory.model;
        let mut rows: Vec<SignalRate> = Vec::new();
        for (product, study) in &told {
            let studied = Studied {
                product: model.product(*product),
                model: &model.products[*product as usize],
                cells: &study.cells,
                fit: study.fit.as_ref(),
                source: &source,
            };
            rows.extend(studied.rows());
        }
        rows.extend(half_lives(inventory, &source));
        let bins: Vec<Bin> = told.iter().flat_map(|(_, study)| study.bins.clone()).collect();
        if let Some(path) = &self.reliability {
            write_all(path, &bins)?;
        }
        if let Some(path) = &self.agreement {
            let found: Vec<Agreement> = agreement(inventory, labels);
            write_all(path, &found)?;
        }
        let lines: Vec<Line> = told.iter().map(|(product, study)| line(&model.product(*product).id, study)).collect();
        match format {
            Format::Json => show::json(&lines)?,
            Format::Text => show::print(&text(&lines))?,
        }
        finish(write_all(&self.out, &rows)?, &self.out, "figures")
    }
}

/// Answers of insureds as labels of their domains.
fn declared_labels(
    path: &Path,
    policies: &[Policy],
    catalogue: &Catalogue,
    as_of: Moment,
    rejects: &mut RejectLog,
) -> Result<Vec<Label>, Failure> {
    let mut domains: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for policy in policies {
        domains.entry(&policy.insured_id).or_default().extend(policy.domains.iter().map(String::as_str));
    }
    let insureds: HashSet<&str> = domains.keys().copied().collect();
    let (answers, _) = read_rows(path, &DECLARED, rejects, |row| Declared::read(row, catalogue, &insureds))?;
    let known = latest(&answers, as_of);
    let labels = known.flat_map(|(insured, product, yes)| {
        let label = move |domain: &&str| Label { domain: domain.to_string(), product: product.to_string(), yes };
        domains.get(insured).into_iter().flatten().map(label)
    });
    Ok(labels.collect())
}

fn write_all<R: Record>(path: &Path, rows: &[R]) -> Result<u64, Failure> {
    write_file(path, |staged| write_table(staged, TableFormat::of(path), rows))
}

fn line(id: &str, study: &Study) -> Line {
    let domains = (0..study.cells.patterns.len()).map(|cell| study.cells.total(cell)).sum::<f64>() as u64;
    let held_out = study.bins.iter().filter(|bin| bin.domains_with == "all");
    Line {
        product: id.to_string(),
        domains,
        prevalence: study.fit.as_ref().map_or(String::new(), prevalence),
        signals: study.fit.as_ref().map_or(Vec::new(), signals),
        calibration_error: study.fit.as_ref().map(|_| expected_error(held_out)),
        not_identifiable: study.fit.is_none(),
    }
}

fn prevalence(fit: &Fit) -> String {
    let share = |x: f64| format!("{:.2}", x * 100.0);
    fit.priors()
        .map(|e| format!("{} % ±{}", share(e.value), share(e.error)))
        .collect::<Vec<_>>()
        .join(", behind a gateway ")
}

fn signals(fit: &Fit) -> Vec<String> {
    let share = |x: f64| if x < 0.01 { format!("{:.3}", x * 100.0) } else { format!("{:.1}", x * 100.0) };
    let mark = |basis: Basis| if basis == Basis::Estimated { "" } else { " (assumption weighs)" };
    let rate = fit.rates().map(|(name, [used, unused])| {
        format!(
            "{name}: {} % ±{}{} of users, {} % ±{}{} of others",
            share(used.value),
            share(used.error),
            mark(used.basis),
            share(unused.value),
            share(unused.error),
            mark(unused.basis)
        )
    });
    let together = fit
        .dependences()
        .map(|(name, e)| format!("{name}: one decision at {} % ±{}{}", share(e.value), share(e.error), mark(e.basis)));
    rate.chain(together).collect()
}

fn text(lines: &[Line]) -> String {
    let mut out = String::new();
    let (told, silent): (Vec<&Line>, Vec<&Line>) = lines.iter().partition(|line| !line.not_identifiable);
    for line in told {
        let error = line.calibration_error.map_or(String::new(), |e| format!("; expected calibration error {e:.4}"));
        let domains = crate::money::thousands(line.domains as f64);
        out += &format!("{}: used by {} of {domains} domains{error}\n", line.product, line.prevalence);
        line.signals.iter().for_each(|signal| out += &format!("    {signal}\n"));
    }
    if !silent.is_empty() {
        let names: Vec<&str> = silent.iter().map(|line| line.product.as_str()).collect();
        out += &format!(
            "Not identifiable, the catalogue's figures stay (fewer than two signals that can be set against each other, or too few domains): {}\n",
            names.join(", ")
        );
    }
    out
}
