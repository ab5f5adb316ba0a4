//! Reads a book: good rows and failures together, every row accounted for.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use super::coverage::Coverage;
use super::currency::Rates;
use super::policy::Policy;
use super::{domains, native, oed};
use crate::fault::{Failure, Fault, Outcome, Reject};
use crate::input::{Intake, sha256};
use crate::table::{Fields, Table, TableFile};

/// A checked book.
#[derive(Clone, Debug)]
pub struct Book {
    /// Policies, sorted by id.
    pub policies: Vec<Policy>,
    /// What was set aside or noted.
    pub rejects: Vec<Reject>,
    /// The file's account.
    pub intake: Intake,
    /// Rates into the reporting currency; every policy's currency has one.
    pub rates: Rates,
    /// Policy ids of rows that were set aside, with their lines.
    pub set_aside: Vec<(String, u64)>,
}

/// A row that became a policy.
struct Candidate {
    line: u64,
    policy: Policy,
}

/// Reads policies from the engine's columns or OED accounts, told apart by their header.
///
/// `reporting` is the currency of results; without it, the one that most policies have.
///
/// # Errors
/// When the file can't be read or lacks a required column, or rates are wrong. Bad rows are no errors.
pub fn read_book(path: &Path, reporting: Option<&str>, rates: &BTreeMap<String, f64>) -> Result<Book, Failure> {
    read(path, reporting, Some(rates))
}

/// Reads policies for their hosts, or for terms in their own currencies: whatever these are, no rate is needed.
///
/// # Errors
/// Those of [`read_book`], but for rates.
pub fn read_hosts(path: &Path) -> Result<Book, Failure> {
    read(path, None, None)
}

fn read(path: &Path, reporting: Option<&str>, rates: Option<&BTreeMap<String, f64>>) -> Result<Book, Failure> {
    let file = TableFile::open(path)?;
    let name = path.display().to_string();
    let (table, parse) = layout(&file);
    file.require(table)?;
    let (mut candidates, mut set_aside) = (Vec::new(), Vec::new());
    let mut rejects: Vec<Reject> = file.misspelt(table).into_iter().map(|fault| fault.at(&name, 1)).collect();
    let counts = file.for_each(&file.positions(table.header()), |line, row| match row {
        Err(fault) => rejects.push(fault.at(&name, line)),
        Ok(row) => {
            let mut fields = Fields::new(&row, table);
            let policy = parse(&mut fields);
            let stands = fields.faults.iter().all(|f| f.outcome == Outcome::Kept);
            keep_most_serious(fields.faults, stands).into_iter().for_each(|f| rejects.push(f.at(&name, line)));
            if stands {
                candidates.push(Candidate { line, policy });
            } else {
                set_aside.push((policy.id, line));
            }
        }
    })?;
    let candidates = unique(candidates, &name, &mut rejects);
    let reporting = reporting.map_or_else(|| commonest(&candidates), str::to_ascii_uppercase);
    let any_currency = rates.is_none();
    let rates = Rates::new(&reporting, rates.unwrap_or(&BTreeMap::new()))?;
    let mut policies = if any_currency {
        candidates.into_iter().map(|c| c.policy).collect()
    } else {
        in_known_currency(candidates, &name, &rates, &mut rejects)
    };
    policies.sort_by(|a, b| a.id.cmp(&b.id));
    domains::assign(&mut policies);
    let lost = rejects.iter().filter(|r| r.fault.outcome == Outcome::SetAside);
    let lost: BTreeSet<u64> = lost.map(|r| r.line).collect();
    let intake = Intake {
        file: name,
        format: table.name.to_string(),
        rows: counts.rows,
        used: policies.len() as u64,
        set_aside: lost.len() as u64,
        time_given: None,
        sha256: sha256(path)?,
        content: format!("{:032x}", counts.content),
    };
    rejects.sort();
    if policies.is_empty() {
        return Err(nothing_usable(&intake, &rejects));
    }
    Ok(Book { policies, rejects, intake: intake.balanced()?, rates, set_aside })
}

fn nothing_usable(intake: &Intake, rejects: &[Reject]) -> Failure {
    let Intake { file, rows, .. } = intake;
    match rejects.iter().find(|r| r.fault.outcome == Outcome::SetAside) {
        Some(first) => first.behind(&format!("{file}: none of its {rows} rows can be used")),
        None => Failure::new(format!("{file}: there is no policy in it, only a header")),
    }
}

/// Whose columns the file has, and who reads them.
fn layout(file: &TableFile) -> (&'static Table, fn(&mut Fields) -> Policy) {
    let has = |name: &str| file.header.iter().any(|h| h.trim().eq_ignore_ascii_case(name));
    if has("AccNumber") && !has("policy_id") {
        (&oed::OED_ACCOUNTS, oed::policy)
    } else {
        (&native::POLICIES, native::policy)
    }
}

/// Of a row that is set aside, the faults that set it aside; of a row that stands, its notes.
fn keep_most_serious(faults: Vec<Fault>, stands: bool) -> Vec<Fault> {
    faults.into_iter().filter(|f| stands || f.outcome == Outcome::SetAside).collect()
}

/// One policy an id. Of several, the one with the largest limit stays (of equals, the one that sorts first), whatever
/// the order of the rows.
fn unique(candidates: Vec<Candidate>, file: &str, rejects: &mut Vec<Reject>) -> Vec<Candidate> {
    let mut best: HashMap<String, Candidate> = HashMap::with_capacity(candidates.len());
    for candidate in candidates {
        let Some(held) = best.remove(&candidate.policy.id) else {
            best.insert(candidate.policy.id.clone(), candidate);
            continue;
        };
        let (kept, left) = if rank(&held) <= rank(&candidate) { (held, candidate) } else { (candidate, held) };
        let rule = format!("duplicate policy id; line {} is used", kept.line);
        let hint =
            "of rows with one id the one with the largest limit is used: give layers and renewals ids of their own";
        rejects.push(Fault::new("policy_id", &left.policy.id, rule).hint(hint).at(file, left.line));
        best.insert(kept.policy.id.clone(), kept);
    }
    best.into_values().collect()
}

fn rank(candidate: &Candidate) -> (std::cmp::Reverse<i64>, String, u64) {
    (
        std::cmp::Reverse(candidate.policy.terms.limit_at_stake(&Coverage::ALL).0),
        format!("{:?}", candidate.policy),
        candidate.line,
    )
}

/// The currency of most policies; of equals, the US dollar or else the first by name.
fn commonest(candidates: &[Candidate]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    candidates.iter().for_each(|c| *counts.entry(&c.policy.currency).or_default() += 1);
    let commonest = counts.iter().max_by_key(|(code, n)| (**n, **code == "USD", std::cmp::Reverse(**code)));
    commonest.map_or("USD", |(code, _)| code).to_string()
}

fn in_known_currency(candidates: Vec<Candidate>, file: &str, rates: &Rates, rejects: &mut Vec<Reject>) -> Vec<Policy> {
    let mut policies = Vec::with_capacity(candidates.len());
    for Candidate { line, policy } in candidates {
        if rates.rate(&policy.currency).is_some() {
            policies.push(policy);
            continue;
        }
        let rule = format!("no rate into the reporting currency {}", rates.reporting);
        let hint = format!("give one, such as --rate {}=1.0842", policy.currency);
        rejects.push(Fault::new("currency", &policy.currency, rule).hint(hint).at(file, line));
    }
    policies
}
