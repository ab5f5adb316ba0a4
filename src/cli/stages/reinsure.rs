//! `reinsure`: a programme of treaties on gross losses of one's own.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use super::programme::ProgrammeOptions;
use super::{RejectOptions, apart_with_manifest, finish, outputs};
use crate::cli::config::rates;
use crate::cli::{Done, show};
use crate::fault::{Failure, Fault, Warning, did_you_mean_or};
use crate::input::Intake;
use crate::portfolio::{Book, Coverage, Policy, Rates, read_hosts};
use crate::run::{FileManifest, Written, replace_files};
use crate::table::{Dated, Format, RejectLog, Row, TableWriter, read_rows, read_years};
use crate::treaty::{CEDED, Entry, GROSS, GrossLoss, Ledger, NET, Named, Programme, Subject};

/// Bring your own losses: a programme of treaties on a gross table.
///
/// Columns are in `blastradius schema tables gross-losses`; treaties are told in docs/treaties.md, their keys in `blastradius schema
/// programme`, OED's columns in `blastradius schema tables OED-reinsurance-info` and `OED-reinsurance-scope`.
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
    /// Policies, for what losses leave blank: insured, industry, country, currency, sum insured. A loss of a policy that is not
    /// among them is set aside.
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
        let by_id = book.iter().flat_map(|book| &book.policies).map(|policy| (policy.id.as_str(), policy)).collect();
        let reading = Reading { stage: &self, programme: &programme, rates: &rates, book: book.as_ref(), by_id };
        let foreseen = reading.foreseen()?;
        let mut done = Done::Whole;
        let outs: Vec<&Path> = outputs(&self.out, [&self.ceded]);
        let written = replace_files(&outs, |staged| {
            for whole in [false, true] {
                let mut rejects: RejectLog = book.iter().flat_map(|b| b.rejects.iter().cloned()).collect();
                let Some(net) = reading.run(&foreseen, whole, staged, &mut rejects)? else { continue };
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

/// What losses are read with.
struct Reading<'a> {
    stage: &'a ReinsureStage,
    programme: &'a Programme,
    rates: &'a Rates,
    book: Option<&'a Book>,
    by_id: HashMap<&'a str, &'a Policy>,
}

/// Policies of a book among which a hint looks for the nearest.
const SEARCHED: usize = 10_000;

impl Reading<'_> {
    /// The loss of a row with what its policy tells: what no policy of the book covers, and what scopes can't read, is set aside.
    fn entry(&self, row: &Row) -> (Option<Dated<Entry>>, Vec<Fault>) {
        let (loss, mut faults) = GrossLoss::read(row);
        let dated = loss.and_then(|loss| match self.of_policy(loss) {
            Ok(dated) => Some(dated),
            Err(fault) => {
                faults.push(fault);
                None
            }
        });
        (dated, faults)
    }

    fn of_policy(&self, loss: GrossLoss) -> Result<Dated<Entry>, Fault> {
        let (year, policy) = (loss.year, self.by_id.get(loss.subject.policy_id.as_str()).copied());
        if let (None, Some(_)) = (policy, self.book) {
            return Err(self.unknown(&loss.subject.policy_id));
        }
        let value = Entry::of(loss, policy, self.rates)?;
        match self.programme.unreadable(&value.subject) {
            Some(fault) => Err(fault),
            None => Ok(Dated { year, amount: value.gross, value }),
        }
    }

    fn unknown(&self, policy: &str) -> Fault {
        let otherwise = || "the book has no such row, or set it aside".to_string();
        let hint = if self.by_id.len() > SEARCHED {
            otherwise()
        } else {
            let mut known: Vec<&str> = self.by_id.keys().copied().collect();
            known.sort_unstable();
            did_you_mean_or(policy, known, otherwise)
        };
        Fault::new("policy_id", policy, "not in the book").hint(hint)
    }

    /// What losses will be of, where a treaty goes by the sum insured of a whole risk: all policies, and all rows of the table.
    fn foreseen(&self) -> Result<HashSet<Arc<Subject>>, Failure> {
        let subjects: RefCell<HashSet<Arc<Subject>>> = RefCell::default();
        if !self.programme.goes_by_sums_insured() {
            return Ok(subjects.into_inner());
        }
        let by_coverage = self.programme.tells_coverages();
        for policy in self.book.iter().flat_map(|book| &book.policies) {
            let subject = Subject::of(policy, self.rates);
            let covered = |coverage: &Coverage| by_coverage && policy.terms.coverages[*coverage as usize].covered;
            let each = Coverage::ALL.into_iter().filter(covered).map(Some).chain([None]);
            let each = each.map(|coverage| Arc::new(Subject { coverage, ..subject.clone() }));
            subjects.borrow_mut().extend(each);
        }
        read_rows(&self.stage.gross, &GROSS, &mut RejectLog::default(), |row| {
            let entry = self.entry(row).0;
            subjects.borrow_mut().extend(entry.map(|dated| dated.value.subject));
            (None::<()>, Vec::new())
        })?;
        Ok(subjects.into_inner())
    }

    /// Writes the table of net losses and, where it is wanted, that of ceded ones; nothing when the rows are not sorted by year
    /// and the table is not read as a `whole`.
    fn run(
        &self,
        foreseen: &HashSet<Arc<Subject>>,
        whole: bool,
        staged: &[PathBuf],
        rejects: &mut RejectLog,
    ) -> Result<Option<Reinsured>, Failure> {
        let mut ledger = Ledger::new(self.programme, &self.rates.reporting);
        foreseen.iter().for_each(|subject| ledger.foresee(subject));
        let mut writer = TableWriter::create(&staged[0], Format::of(&self.stage.out), NET)?;
        let format = self.stage.ceded.as_deref().map_or(Format::Csv, Format::of);
        let mut by_treaty = staged.get(1).map(|path| TableWriter::create(path, format, CEDED)).transpose()?;
        let mut each = |year: i64, entries: Vec<Entry>| {
            let result = ledger.year(year, entries);
            writer.write_all(&result.net)?;
            by_treaty.as_mut().map_or(Ok(()), |writer| writer.write_all(&result.ceded))
        };
        let read = |row: &Row| self.entry(row);
        let Some(intake) = read_years(&self.stage.gross, &GROSS, rejects, whole, read, &mut each)? else {
            return Ok(None);
        };
        let warnings = self.uncovered(&ledger)?;
        show::warnings(&warnings);
        let rows = [Some(writer), by_treaty].into_iter().flatten().map(TableWriter::finish);
        Ok(Some(Reinsured { rows: rows.collect::<Result<_, Failure>>()?, intake, warnings }))
    }

    /// What scopes name and neither policies nor losses have.
    fn uncovered(&self, ledger: &Ledger) -> Result<Vec<Warning>, Failure> {
        let mut named = match self.book {
            Some(_) => Named::of_book(self.programme),
            None => Named::of_losses(self.programme),
        };
        for policy in self.book.iter().flat_map(|book| &book.policies) {
            let covered = |coverage: &Coverage| policy.terms.coverages[*coverage as usize].covered;
            named.see(&Subject::of(policy, self.rates), Coverage::ALL.into_iter().filter(covered));
        }
        ledger.subjects().for_each(|subject| named.see(subject, std::iter::empty()));
        named.uncovered()
    }
}
