//! `reinsure`: a programme of treaties on gross losses of one's own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::programme::ProgrammeOptions;
use super::{RejectOptions, apart_with_manifest, finish, outputs};
use crate::cli::config::rates;
use crate::cli::{Done, show};
use crate::fault::{Failure, Warning};
use crate::input::Intake;
use crate::portfolio::{Book, Coverage, Policy, Rates, read_hosts};
use crate::run::{FileManifest, Written, replace_files};
use crate::table::{Dated, Format, RejectLog, Row, TableWriter, read_years};
use crate::treaty::{CEDED, Entry, GROSS, GrossLoss, Ledger, NET, Named, Programme, Subject};

/// A programme of treaties on gross losses of your own.
///
/// Sorted by year, no more than a year is held in memory; else the whole table is. Beside FILE of --out lies
/// FILE.manifest.json: flags, inputs and outputs with hashes.
#[derive(Args, Debug, Serialize)]
pub struct ReinsureStage {
    /// Losses by year, occurrence and policy, as `terms` writes them: CSV or Parquet.
    #[arg(value_name = "FILE")]
    gross: PathBuf,
    #[command(flatten)]
    #[serde(flatten)]
    treaties: ProgrammeOptions,
    /// Policies, for what losses leave blank: insured, industry, country, currency, sum insured.
    #[arg(long, value_name = "FILE")]
    policies: Option<PathBuf>,
    /// Net losses: Parquet, or CSV when the name ends in .csv.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Also write what each treaty took of each occurrence, with reinstatement premium.
    #[arg(long, value_name = "FILE")]
    ceded: Option<PathBuf>,
    /// Reporting currency: of results, and of amounts that name none.
    #[arg(long, value_name = "CODE", default_value = "USD")]
    currency: String,
    /// Rate of exchange into the reporting currency, such as EUR=1.08; may be given several times.
    #[arg(long, value_name = "CODE=RATE")]
    rate: Vec<String>,
    #[command(flatten)]
    #[serde(flatten)]
    rejects: RejectOptions,
}

impl ReinsureStage {
    /// Runs the stage.
    pub fn run(self) -> Result<Done, Failure> {
        let read: Vec<&Path> =
            outputs(&self.gross, [&self.policies]).into_iter().chain(self.treaties.files()).collect();
        apart_with_manifest(&read, &outputs(&self.out, [&self.ceded, &self.rejects.rejects]))?;
        let rates = Rates::new(&self.currency.to_ascii_uppercase(), &rates(&self.rate)?)?;
        let programme = self.treaties.read(&rates)?.ok_or_else(|| {
            Failure::new("no treaties given").hint("--programme FILE, or --reins-info and --reins-scope")
        })?;
        let book = self.policies.as_deref().map(read_hosts).transpose()?;
        let mut done = Done::Whole;
        let outs: Vec<&Path> = outputs(&self.out, [&self.ceded]);
        let written = replace_files(&outs, |staged| {
            for whole in [false, true] {
                let mut rejects: RejectLog = book.iter().flat_map(|b| b.rejects.iter().cloned()).collect();
                let pass = Pass { stage: &self, programme: &programme, rates: &rates, whole };
                let Some(net) = pass.run(book.as_ref(), staged, &mut rejects)? else { continue };
                done = self.rejects.settle(rejects)?;
                return if done == Done::Whole {
                    self.written(net, book.as_ref(), &programme).map(Some)
                } else {
                    Ok(None)
                };
            }
            Ok(None)
        })?;
        written.map_or(Ok(done), |rows| finish(rows[0], &self.out, "net losses"))
    }

    /// What was written, and from what.
    fn written(&self, net: Reinsured, book: Option<&Book>, programme: &Programme) -> Result<Written, Failure> {
        let Reinsured { rows, intake, warnings } = net;
        let mut inputs = vec![intake];
        inputs.extend(book.map(|book| book.intake.clone()));
        inputs.extend(self.treaties.intakes(programme.treaties().len())?);
        let mut manifest = FileManifest::new("reinsure", self, inputs)?;
        manifest.warnings = warnings.into_iter().map(|warning| warning.message).collect();
        manifest.outputs.extend(self.rejects.written()?);
        Ok(Written { rows: rows.into_iter().map(Some).collect(), manifest })
    }
}

/// Tables of net and ceded losses.
struct Reinsured {
    /// Rows of each.
    rows: Vec<u64>,
    intake: Intake,
    warnings: Vec<Warning>,
}

/// One reading of the losses.
struct Pass<'a> {
    stage: &'a ReinsureStage,
    programme: &'a Programme,
    rates: &'a Rates,
    whole: bool,
}

impl Pass<'_> {
    /// Writes the table of net losses and, where it is wanted, that of ceded ones; nothing when the rows are not sorted by year.
    fn run(
        &self,
        book: Option<&Book>,
        staged: &[PathBuf],
        rejects: &mut RejectLog,
    ) -> Result<Option<Reinsured>, Failure> {
        let by_id: HashMap<&str, &Policy> =
            book.iter().flat_map(|book| &book.policies).map(|policy| (policy.id.as_str(), policy)).collect();
        let mut ledger = Ledger::new(self.programme, &self.rates.reporting);
        let mut writer = TableWriter::create(&staged[0], Format::of(&self.stage.out), NET)?;
        let format = self.stage.ceded.as_deref().map_or(Format::Csv, Format::of);
        let mut by_treaty = staged.get(1).map(|path| TableWriter::create(path, format, CEDED)).transpose()?;
        let read = |row: &Row| {
            let (loss, mut faults) = GrossLoss::read(row);
            let dated = loss.and_then(|loss| {
                let (year, policy) = (loss.year, by_id.get(loss.subject.policy_id.as_str()).copied());
                match Entry::of(loss, policy, self.rates) {
                    Ok(value) => Some(Dated { year, amount: value.gross, value }),
                    Err(fault) => {
                        faults.push(fault);
                        None
                    }
                }
            });
            (dated, faults)
        };
        let mut each = |year: i64, entries: Vec<Entry>| {
            let result = ledger.year(year, entries);
            writer.write_all(&result.net)?;
            by_treaty.as_mut().map_or(Ok(()), |writer| writer.write_all(&result.ceded))
        };
        let Some(intake) = read_years(&self.stage.gross, &GROSS, rejects, self.whole, read, &mut each)? else {
            return Ok(None);
        };
        let warnings = self.uncovered(book, &ledger)?;
        show::warnings(&warnings);
        let rows = [Some(writer), by_treaty].into_iter().flatten().map(TableWriter::finish);
        Ok(Some(Reinsured { rows: rows.collect::<Result<_, Failure>>()?, intake, warnings }))
    }

    /// What scopes name and neither policies nor losses have.
    fn uncovered(&self, book: Option<&Book>, ledger: &Ledger) -> Result<Vec<Warning>, Failure> {
        let mut named = match book {
            Some(_) => Named::of_book(self.programme),
            None => Named::of_losses(self.programme),
        };
        for policy in book.iter().flat_map(|book| &book.policies) {
            let covered = |coverage: &Coverage| policy.terms.coverages[*coverage as usize].covered;
            named.see(&Subject::of(policy), Coverage::ALL.into_iter().filter(covered));
        }
        ledger.subjects().for_each(|subject| named.see(subject, std::iter::empty()));
        named.uncovered()
    }
}
