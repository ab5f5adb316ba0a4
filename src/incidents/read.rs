//! Incident files of any of the known kinds, told apart by content; every record accounted for.

use std::path::{Path, PathBuf};

use foldhash::{HashMap, HashMapExt};
use jiff::civil::Date;

use super::incident::{self, INCIDENTS, Incident};
use super::json::read_json_file;
use super::{hhs, veris};
use crate::fault::{Failure, Fault};
use crate::input::{Batch, Intake, Lines, Packing, packing_of, sha256};
use crate::portfolio::Rates;
use crate::table::{RejectLog, Row, Table, TableFile};

/// All incidents of some files, and the account of each.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Incidents, in the order of files and rows.
    pub incidents: Vec<Incident>,
    /// One account a file or folder.
    pub intakes: Vec<Intake>,
}

/// A record with its place, until duplicates are told.
pub struct Candidate {
    /// Index of the file's account.
    pub file: usize,
    /// File as rejects name it.
    pub name: usize,
    /// Line or row.
    pub line: u64,
    /// The incident.
    pub incident: Incident,
}

/// What is read so far.
pub struct Reading<'a> {
    /// Rates into US dollars.
    pub rates: &'a Rates,
    /// Records known only after this day are set aside.
    pub as_of: Option<Date>,
    /// Where faults go.
    pub rejects: &'a mut RejectLog,
    /// Usable records.
    pub candidates: Vec<Candidate>,
    /// Names of files.
    pub names: Vec<String>,
    /// Accounts so far.
    pub intakes: Vec<Intake>,
}

impl Reading<'_> {
    /// Takes one record with its faults; whether it is used.
    pub fn take(&mut self, line: u64, value: Option<Incident>, mut faults: Vec<Fault>) -> bool {
        let late = value.as_ref().filter(|i| self.as_of.is_some_and(|day| i.known_on() > day)).map(Incident::known_on);
        if let Some(day) = late {
            faults.push(Fault::new("date", &day.to_string(), "known only after the as-of date"));
        }
        let name = self.names.len() - 1;
        let file = &self.names[name];
        self.rejects.extend(faults.into_iter().map(|fault| fault.at(file, line)));
        let value = value.filter(|_| late.is_none());
        let used = value.is_some();
        let place = self.intakes.len();
        self.candidates.extend(value.map(|incident| Candidate { file: place, name, line, incident }));
        used
    }
}

/// Reads incident files and folders of VERIS records.
///
/// # Errors
/// When one can't be read, or is of no known kind. Bad records are no errors.
pub fn read_incidents(
    paths: &[PathBuf],
    rates: &Rates,
    as_of: Option<Date>,
    rejects: &mut RejectLog,
) -> Result<Records, Failure> {
    let mut reading = Reading { rates, as_of, rejects, candidates: Vec::new(), names: Vec::new(), intakes: Vec::new() };
    for path in paths {
        let intake = read_one(path, &mut reading)?;
        reading.intakes.push(intake);
    }
    let (candidates, mut intakes, names) = (reading.candidates, reading.intakes, reading.names);
    let incidents = unique(candidates, &names, &mut intakes, rejects);
    let intakes: Result<Vec<Intake>, Failure> = intakes.into_iter().map(Intake::balanced).collect();
    Ok(Records { incidents, intakes: intakes? })
}

fn read_one(path: &Path, reading: &mut Reading) -> Result<Intake, Failure> {
    if path.is_dir() {
        return read_folder(path, reading);
    }
    reading.names.push(path.display().to_string());
    if packing_of(path)? != Packing::Parquet && begins_json(path)? {
        return account(path, "VERIS JSON", read_json_file(path, reading)?);
    }
    let file = TableFile::open(path)?;
    let has = |name: &str| file.positions([name])[0].is_some();
    let rates = reading.rates;
    if has("Breach Submission Date") {
        read_table(path, &file, &hhs::HHS, reading, hhs::read)
    } else if has("timeline.incident.year") {
        read_table(path, &file, &veris::VERIS_SAMPLE, reading, veris::read_sample)
    } else {
        read_table(path, &file, &INCIDENTS, reading, |row| incident::read(row, rates))
    }
}

/// Records in it, used, and the hash of their contents whatever their order.
pub type Count = (u64, u64, u128);

fn account(path: &Path, format: &str, (rows, used, content): Count) -> Result<Intake, Failure> {
    Ok(Intake {
        file: path.display().to_string(),
        format: format.to_string(),
        rows,
        used,
        set_aside: rows - used,
        time_given: None,
        sha256: sha256(path)?,
        content: format!("{content:032x}"),
    })
}

fn read_table(
    path: &Path,
    file: &TableFile,
    table: &Table,
    reading: &mut Reading,
    read: impl Fn(&Row) -> (Option<Incident>, Vec<Fault>) + Sync,
) -> Result<Intake, Failure> {
    file.require(table)?;
    let name = path.display().to_string();
    reading.rejects.extend(file.misspelt(table).into_iter().map(|fault| fault.at(&name, 1)));
    let mut used = 0;
    let one = |row: Result<Row, Fault>| row.map_or_else(|fault| (None, vec![fault]), |row| read(&row));
    let counts = file.map_each(&file.positions(table.header()), one, |line, (value, faults)| {
        used += u64::from(reading.take(line, value, faults));
    })?;
    account(path, table.name, (counts.rows, used, counts.content))
}

/// Every file of a folder whose name ends in `.json` or `.jsonl`, in any letters; other files are noted.
fn read_folder(path: &Path, reading: &mut Reading) -> Result<Intake, Failure> {
    let entries = std::fs::read_dir(path).map_err(|e| Failure::io("read", path, &e))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).filter(|p| p.is_file()).collect();
    files.sort();
    let is_json =
        |p: &Path| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("json") || e.eq_ignore_ascii_case("jsonl"));
    if !files.iter().any(|p| is_json(p)) {
        return Err(Failure::new(format!("{}: no .json file in the folder", path.display()))
            .hint("a folder is read as VERIS records, one or several to a file; name tables one by one"));
    }
    let (mut all, mut hashes) = ((0, 0, 0u128), String::new());
    for file in files {
        let name = file.display().to_string();
        if !is_json(&file) {
            reading.rejects.push(Fault::new("", "", "not a .json file; not read").kept().at(&name, 0));
            continue;
        }
        reading.names.push(name.clone());
        hashes += &sha256(&file)?;
        match packing_of(&file).and_then(|_| read_json_file(&file, reading)) {
            Ok((rows, used, content)) => all = (all.0 + rows, all.1 + used, all.2.wrapping_add(content)),
            Err(failure) => {
                // One damaged file of a folder is one record that can't be used.
                reading.rejects.push(Fault::new("", "", failure.message).hint(failure.hint).at(&name, 0));
                all.0 += 1;
            }
        }
    }
    let (rows, used, content) = all;
    Ok(Intake {
        file: path.display().to_string(),
        format: "VERIS JSON, folder".to_string(),
        rows,
        used,
        set_aside: rows - used,
        time_given: None,
        sha256: format!("{:032x}", xxhash_rust::xxh3::xxh3_128(hashes.as_bytes())),
        content: format!("{content:032x}"),
    })
}

/// Whether the first line begins as JSON does.
fn begins_json(path: &Path) -> Result<bool, Failure> {
    let mut batch = Batch::default();
    Lines::open(path)?.next_batch(&mut batch)?;
    let first = batch.lines().next().and_then(|(_, line)| line.ok().map(|l| l.trim_start().starts_with(['{', '['])));
    Ok(first.unwrap_or(false))
}

/// One incident an id: of several, the one with the largest loss stays, of equals the first. Records without an id that
/// look alike are noted and kept: two thefts on one day are possible.
fn unique(
    candidates: Vec<Candidate>,
    names: &[String],
    intakes: &mut [Intake],
    rejects: &mut RejectLog,
) -> Vec<Incident> {
    let mut best: HashMap<u64, usize> = HashMap::new();
    let mut twins: HashMap<u64, usize> = HashMap::new();
    let mut kept = vec![true; candidates.len()];
    let amount = |at: usize| candidates[at].incident.loss.map_or(0.0, |l| l.amount);
    let place = |at: usize| format!("{}:{}", names[candidates[at].name], candidates[at].line);
    for (at, candidate) in candidates.iter().enumerate() {
        let incident = &candidate.incident;
        let mut told = |out: usize, fault: Fault| {
            rejects.push(fault.at(&names[candidates[out].name], candidates[out].line));
        };
        if let Some(before) = incident.key.and_then(|key| best.insert(key, at)) {
            let (stays, out) = if amount(at) > amount(before) { (at, before) } else { (before, at) };
            incident.key.map(|key| best.insert(key, stays));
            kept[out] = false;
            intakes[candidates[out].file].used -= 1;
            intakes[candidates[out].file].set_aside += 1;
            let rule = format!("duplicate incident id; {} is used", place(stays));
            told(
                out,
                Fault::new("incident_id", "", rule)
                    .hint("of records with one id the one with the largest loss is used"),
            );
        } else if let (None, Some(twin)) = (incident.key, incident.twin)
            && let Some(before) = twins.insert(twin, at)
        {
            let rule = format!("looks like {} once more; both are counted", place(before));
            told(
                at,
                Fault::new("", "", rule).hint("give records an incident_id, so that duplicates can be told").kept(),
            );
        }
    }
    let mut kept = kept.into_iter();
    candidates.into_iter().filter(|_| kept.next().unwrap_or(true)).map(|c| c.incident).collect()
}
