//! Reads one scan file of whatever format, block by block, and accounts for every record.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use serde_json::Value;

use super::columns;
use super::emit::Emit;
use super::format::{Context, recognise};
use super::generic;
use super::observation::{Observation, ObservationRef};
use crate::fault::{Failure, Fault, Outcome, Reject};
use crate::input::{Batch, Intake, Lines, Packing, packing_of, sha256};
use crate::moment::Moment;
use crate::table::{RejectLog, TableFile};

/// What the user may say of scan files.
#[derive(Clone, Debug, Default)]
pub struct ScanOptions {
    /// Time of records that have none; the file's modification time without it.
    pub scan_time: Option<Moment>,
    /// Record types that dnsx asked for; those that appear in the file without it.
    pub dnsx_asked: Option<Vec<String>>,
}

/// The account of one scan file.
#[derive(Clone, Debug)]
pub struct ScanIntake {
    /// Rows and hashes.
    pub intake: Intake,
    /// Observations made of it.
    pub observations: u64,
}

/// What became of one record.
struct Outcomes {
    line: u64,
    rows: Vec<Observation>,
    faults: Vec<Fault>,
    format: Option<&'static str>,
}

/// How the file is laid out.
enum Layout {
    Table(TableFile),
    Lines,
    Document,
}

/// Takes observations, several at a time.
pub type Hand<'a> = dyn FnMut(&[ObservationRef]) + 'a;

/// Where observations go.
pub trait Sink: Sync {
    /// A hand that takes observations, several at a time. Several hands may be at work at once.
    fn hand(&self) -> Box<Hand<'_>>;

    /// Whether observations must come in the order of the file, to one hand.
    fn in_order(&self) -> bool;
}

/// Hands each observation to a function, in the order of the file.
pub struct InOrder<F>(Mutex<F>);

impl<F: FnMut(&ObservationRef) + Send> InOrder<F> {
    /// Hands on to `take`.
    pub fn new(take: F) -> InOrder<F> {
        InOrder(Mutex::new(take))
    }
}

impl<F: FnMut(&ObservationRef) + Send> Sink for InOrder<F> {
    fn hand(&self) -> Box<Hand<'_>> {
        Box::new(|records| records.iter().for_each(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    fn in_order(&self) -> bool {
        true
    }
}

/// Reads a scan file and hands on each observation and each reject.
///
/// # Errors
/// When the file can't be read to its end, or no record of it is output of a known scanner.
pub fn read_scan(
    path: &Path,
    options: &ScanOptions,
    rejects: &mut RejectLog,
    sink: &dyn Sink,
) -> Result<ScanIntake, Failure> {
    let mut tally = Tally::new(path, rejects);
    let layout = layout(path)?;
    if let Layout::Table(table) = layout {
        let content = read_table(path, &table, &mut tally, sink)?;
        return tally.close(path, content);
    }
    let take = &mut *sink.hand();
    let context = context(path, options);
    let content = match layout {
        Layout::Document => read_document(path, &context, &mut tally, take)?,
        _ => read_lines(path, &context, &mut tally, take)?,
    };
    tally.time_given = context.time_given().map(Moment::iso);
    if let Some(time) = context.time_given().filter(|_| options.scan_time.is_none()) {
        let fault = Fault::new("", &time.iso(), "records without a time were given the file's modification time")
            .hint("say when the scan was made: --scan-time");
        tally.rejects.push(fault.kept().at(&tally.file, 0));
    }
    tally.close(path, content)
}

fn layout(path: &Path) -> Result<Layout, Failure> {
    if packing_of(path)? == Packing::Parquet {
        let table = TableFile::open(path)?;
        return if generic::is_header(&table.header) {
            Ok(Layout::Table(table))
        } else {
            Err(unknown_table(path, &table.header))
        };
    }
    let mut batch = Batch::default();
    Lines::open(path)?.next_batch(&mut batch)?;
    let texts = || batch.lines().filter_map(|(_, line)| line.ok());
    let Some(first) = texts().next().map(str::trim_start) else {
        return if batch.is_empty() { Err(crate::input::empty(path)) } else { Ok(Layout::Lines) };
    };
    let list = first.strip_prefix('[').map(str::trim_start);
    if list.is_some_and(|rest| rest.is_empty() || rest.starts_with('{') || rest.starts_with(']')) {
        return Ok(Layout::Document);
    }
    if texts().any(|line| line.trim_start().starts_with('{') && is_object(line)) {
        return Ok(Layout::Lines);
    }
    if first.trim_end() == "{" {
        return Ok(Layout::Document);
    }
    if first.starts_with(['{', '[']) {
        return Ok(Layout::Lines);
    }
    let table = TableFile::open(path)?;
    if generic::is_header(&table.header) { Ok(Layout::Table(table)) } else { Err(unknown_table(path, &table.header)) }
}

fn is_object(line: &str) -> bool {
    serde_json::from_str::<Value>(line).is_ok_and(|v| v.is_object())
}

fn unknown_table(path: &Path, header: &[String]) -> Failure {
    let header: Vec<String> = header.iter().take(8).map(|h| crate::fault::shorten(h)).collect();
    Failure::new(format!("{}: neither scanner output nor an observation table; its first line is: {}", path.display(), header.join(", ")))
        .hint("give JSON lines of dnsx, httpx, zdns, nuclei, tlsx, Shodan, Censys or checkdmarc, or a table with the columns domain, kind, value, observed_at")
}

fn context(path: &Path, options: &ScanOptions) -> Context {
    let modified = || {
        let time = std::fs::metadata(path).and_then(|m| m.modified()).ok()?;
        let seconds = time.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
        Some(Moment(seconds as i64))
    };
    let fallback_time = options.scan_time.or_else(modified).unwrap_or(Moment(0));
    let (given, path) = (options.dnsx_asked.clone(), path.to_path_buf());
    // A file that can't be read to its end fails in the pass that reads its records.
    Context::new(fallback_time, move || given.or_else(|| dnsx_types(&path).ok()).unwrap_or_default())
}

/// Record types that some line of a dnsx file has at a plain host. dnsx leaves empty answers out, but asks every host for
/// the same types: what one line has, all were asked for.
fn dnsx_types(path: &Path) -> Result<Vec<String>, Failure> {
    const TYPES: [&str; 7] = ["mx", "txt", "ns", "cname", "a", "soa", "caa"];
    let mut lines = Lines::open(path)?;
    let (mut batch, mut seen) = (Batch::default(), [false; TYPES.len()]);
    while lines.next_batch(&mut batch)? {
        let plain = batch.lines().filter_map(|(_, line)| line.ok()).filter(|line| {
            let has = |word: &str| memchr::memmem::find(line.as_bytes(), word.as_bytes()).is_some();
            has("\"status_code\"") && !has("\"autodiscover.") && !has("._domainkey.") && !has("\"_dmarc.")
        });
        for line in plain {
            for (at, kind) in TYPES.iter().enumerate().filter(|(at, _)| !seen[*at]).collect::<Vec<_>>() {
                let list = |space: &str| format!("\"{kind}\":{space}[");
                let has = |word: String| memchr::memmem::find(line.as_bytes(), word.as_bytes()).is_some();
                seen[at] |= has(list("")) || has(list(" "));
            }
        }
        if seen.iter().all(|s| *s) {
            break;
        }
    }
    Ok(TYPES.iter().zip(seen).filter(|(_, seen)| *seen).map(|(kind, _)| kind.to_string()).collect())
}

fn read_lines(path: &Path, context: &Context, tally: &mut Tally<'_>, take: &mut Hand) -> Result<u128, Failure> {
    let mut lines = Lines::open(path)?;
    let mut batch = Batch::default();
    while lines.next_batch(&mut batch)? {
        let texts: Vec<_> = batch.lines().collect();
        let outcomes: Vec<Outcomes> = texts
            .into_par_iter()
            .map(|(line, text)| match text {
                Err(fault) => Outcomes { line, rows: Vec::new(), faults: vec![fault.fault()], format: None },
                Ok(text) => match serde_json::from_str::<Value>(text) {
                    Ok(record) => read_record(line, &record, context),
                    Err(error) => {
                        Outcomes { line, rows: Vec::new(), faults: vec![not_json(text, &error)], format: None }
                    }
                },
            })
            .collect();
        outcomes.into_iter().for_each(|outcome| tally.add(outcome, take));
    }
    Ok(lines.content_hash())
}

fn not_json(text: &str, error: &serde_json::Error) -> Fault {
    if text.trim_start().starts_with('{') {
        let hint = "one whole record a line: the scan may have been cut off here, or two lines run together";
        Fault::new("", text, format!("malformed JSON at column {}: {error}", error.column())).hint(hint)
    } else {
        Fault::new("", text, "not a JSON record")
            .hint("a log line among the records? send the scanner's log elsewhere (2>scan.log)")
    }
}

fn read_record(line: u64, record: &Value, context: &Context) -> Outcomes {
    let Some(format) = recognise(record) else {
        let keys = record.as_object().map(|o| o.keys().take(8).map(String::as_str).collect::<Vec<_>>().join(", "));
        let fault = Fault::new("", &keys.unwrap_or_default(), "not a record of a known scanner")
            .hint("known are dnsx, httpx, zdns, nuclei, tlsx, Shodan, Censys and checkdmarc; anything else can come as a table");
        return Outcomes { line, rows: Vec::new(), faults: vec![fault], format: None };
    };
    let mut emit = Emit::new(format.name());
    let result = format.read(record, context, &mut emit);
    let Emit { rows, faults, .. } = emit;
    match result {
        Ok(()) => Outcomes { line, rows, faults, format: Some(format.name()) },
        Err(fault) => Outcomes { line, rows: Vec::new(), faults: vec![fault], format: Some(format.name()) },
    }
}

/// A JSON document: a list of records, or one record over several lines.
fn read_document(path: &Path, context: &Context, tally: &mut Tally<'_>, take: &mut Hand) -> Result<u128, Failure> {
    let text: String = Lines::of_document(path)?.iter().flat_map(|(_, line)| [line.as_str(), "\n"]).collect();
    let document: Value = serde_json::from_str(&text).map_err(|error| {
        Failure::new(format!(
            "{}:{}: malformed JSON at column {}: {error}",
            path.display(),
            error.line(),
            error.column()
        ))
        .hint("the file may be cut short; one record a line (JSON lines) is safer")
    })?;
    let records = match document {
        Value::Array(records) => records,
        record => vec![record],
    };
    let mut content = 0u128;
    for (line, record) in (1..).zip(&records) {
        content = content.wrapping_add(xxhash_rust::xxh3::xxh3_128(record.to_string().as_bytes()));
        tally.add(read_record(line, record, context), take);
    }
    Ok(content)
}

fn read_table(path: &Path, table: &TableFile, tally: &mut Tally<'_>, sink: &dyn Sink) -> Result<u128, Failure> {
    let source = tally.file.clone();
    let by_column = if table.is_parquet() { columns::read(path, table, &source, sink)? } else { None };
    if let Some(accounts) = by_column {
        return Ok(accounts.into_iter().fold(0, |content, account| content.wrapping_add(tally.absorb(account))));
    }
    let take = &mut *sink.hand();
    let columns = table.positions(super::observation::OBSERVATIONS.header());
    let counts = table.for_each(&columns, |line, row| {
        let mut emit = Emit::new(&source);
        let result = row.map_err(|fault| vec![fault]).and_then(|row| generic::read(&row, &mut emit));
        let outcome = match result {
            Ok(()) => Outcomes { line, rows: emit.rows, faults: emit.faults, format: Some(TABLE) },
            Err(faults) => Outcomes { line, rows: Vec::new(), faults, format: None },
        };
        tally.add(outcome, take);
    })?;
    Ok(counts.content)
}

/// What a table of observations is called in accounts.
const TABLE: &str = "observations";

/// Counts records while they pass.
struct Tally<'a> {
    file: String,
    formats: std::collections::BTreeSet<&'static str>,
    rows: u64,
    used: u64,
    set_aside: u64,
    observations: u64,
    rejects: &'a mut RejectLog,
    first: Option<Reject>,
    time_given: Option<String>,
}

impl<'a> Tally<'a> {
    fn new(path: &Path, rejects: &'a mut RejectLog) -> Tally<'a> {
        let file = path.display().to_string();
        Tally {
            file,
            formats: Default::default(),
            rows: 0,
            used: 0,
            set_aside: 0,
            observations: 0,
            rejects,
            first: None,
            time_given: None,
        }
    }

    fn add(&mut self, outcome: Outcomes, take: &mut Hand) {
        self.rows += 1;
        self.formats.extend(outcome.format);
        if outcome.faults.iter().any(|f| f.outcome == Outcome::SetAside) {
            self.set_aside += 1
        } else {
            self.used += 1
        }
        for reject in outcome.faults.into_iter().map(|f| f.at(&self.file, outcome.line)) {
            self.first.get_or_insert_with(|| reject.clone());
            self.rejects.push(reject);
        }
        self.observations += outcome.rows.len() as u64;
        take(&outcome.rows.iter().map(ObservationRef::from).collect::<Vec<_>>());
    }

    /// Adds the account of a row group, and gives back the sum of its rows' hashes.
    fn absorb(&mut self, account: columns::Account) -> u128 {
        self.rows += account.rows;
        self.used += account.used;
        self.set_aside += account.rows - account.used;
        self.observations += account.observations;
        if account.used > 0 {
            self.formats.insert(TABLE);
        }
        for (line, fault) in account.faults {
            let reject = fault.at(&self.file, line);
            self.first.get_or_insert_with(|| reject.clone());
            self.rejects.push(reject);
        }
        account.content
    }

    fn close(self, path: &Path, content: u128) -> Result<ScanIntake, Failure> {
        if self.used == 0 {
            let none = format!("{}: none of its {} records can be used", self.file, self.rows);
            return Err(self.first.map_or_else(|| Failure::new(&none), |first| first.behind(&none)));
        }
        let intake = Intake {
            file: self.file,
            format: self.formats.into_iter().collect::<Vec<_>>().join(", "),
            rows: self.rows,
            used: self.used,
            set_aside: self.set_aside,
            time_given: self.time_given,
            sha256: sha256(path)?,
            content: format!("{content:032x}"),
        };
        Ok(ScanIntake { intake: intake.balanced()?, observations: self.observations })
    }
}
