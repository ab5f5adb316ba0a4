//! A year of ground-up losses under the policies of a book.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::account::{contribute_by_coverage, share_out};
use super::claim::{Settled, allocate, settle};
use super::coverage::after_waiting;
use super::{ByCoverage, GroundUpLoss, Whose, Year};
use crate::fault::{Fault, did_you_mean_or};
use crate::money::{Apportionment, Cents};
use crate::portfolio::{Coverage, Policy};
use crate::treaty::{GrossLoss, Subject};

/// A ground-up loss whose policy or insured is in the book.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    occurrence: i64,
    insured: u32,
    /// The policy; nothing when all policies of the insured see the loss.
    policy: Option<u32>,
    coverage: Coverage,
    loss: Cents,
    hours: f64,
}

/// Policies of a book with what their year has used up.
pub struct Settlement<'a> {
    policies: &'a [Policy],
    by_id: HashMap<&'a str, u32>,
    numbers: HashMap<&'a str, u32>,
    /// Policies of each insured; insureds by id.
    insureds: Vec<Vec<u32>>,
    years: Vec<Year>,
    used: Vec<u32>,
    subjects: HashMap<(u32, Coverage), Arc<Subject>>,
    apportionment: Apportionment,
}

/// One policy in one claim.
struct Claim {
    policy: u32,
    ground_up: ByCoverage,
    settled: Settled,
    /// What was left of the policy's aggregate before.
    aggregate: Cents,
}

impl<'a> Settlement<'a> {
    /// For policies sorted by id. All are taken as in force.
    pub fn new(policies: &'a [Policy]) -> Settlement<'a> {
        let mut insureds: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (at, policy) in policies.iter().enumerate() {
            insureds.entry(&policy.insured_id).or_default().push(at as u32);
        }
        Settlement {
            policies,
            by_id: policies.iter().zip(0..).map(|(policy, at)| (policy.id.as_str(), at)).collect(),
            numbers: insureds.keys().copied().zip(0..).collect(),
            insureds: insureds.into_values().collect(),
            years: policies.iter().map(|policy| Year::new(&policy.terms)).collect(),
            used: Vec::new(),
            subjects: HashMap::new(),
            apportionment: Apportionment::default(),
        }
    }

    /// Finds whose loss a row is.
    ///
    /// # Errors
    /// When no such policy or insured is in the book, or currencies differ.
    pub fn find(&self, row: &GroundUpLoss) -> Result<Loss, Fault> {
        let (insured, policy) = match &row.whose {
            Whose::Policy(id) => {
                let policy = *self.by_id.get(id.as_str()).ok_or_else(|| self.unknown("policy_id", id, &self.by_id))?;
                (self.numbers[self.policies[policy as usize].insured_id.as_str()], Some(policy))
            }
            Whose::Insured(id) => {
                (*self.numbers.get(id.as_str()).ok_or_else(|| self.unknown("insured_id", id, &self.numbers))?, None)
            }
        };
        let own = policy.as_ref().map_or(&self.insureds[insured as usize][..], std::slice::from_ref);
        let currencies = || own.iter().map(|at| self.policies[*at as usize].currency.as_str());
        let first = currencies().next().unwrap_or_default();
        if currencies().any(|code| code != first) {
            return Err(Fault::new("insured_id", first, "the insured's policies are in several currencies")
                .hint("give the loss of each policy, by policy_id"));
        }
        if !row.currency.is_empty() && row.currency != first {
            return Err(Fault::new("currency", &row.currency, format!("the policy is in {first}"))
                .hint("convert the loss to the policy's currency"));
        }
        let GroundUpLoss { occurrence, coverage, loss, hours, .. } = *row;
        Ok(Loss { occurrence, insured, policy, coverage, loss, hours })
    }

    fn unknown(&self, column: &str, id: &str, known: &HashMap<&str, u32>) -> Fault {
        let hint = if known.len() > 10_000 {
            "the book has no such row, or set it aside".to_string()
        } else {
            let mut known: Vec<&str> = known.keys().copied().collect();
            known.sort_unstable();
            did_you_mean_or(id, known, || "the book has no such row, or set it aside".to_string())
        };
        Fault::new(column, id, "not in the book").hint(hint)
    }

    /// Settles the losses of one year, claim by claim in order of occurrence and insured.
    pub fn year(&mut self, year: i64, mut losses: Vec<Loss>) -> Vec<GrossLoss> {
        for policy in self.used.drain(..) {
            self.years[policy as usize] = Year::new(&self.policies[policy as usize].terms);
        }
        let key = |l: &Loss| (l.occurrence, l.insured, l.policy, l.coverage, l.hours.to_bits(), l.loss);
        losses.sort_unstable_by_key(key);
        let mut rows = Vec::new();
        for claim in losses.chunk_by(|a, b| (a.occurrence, a.insured) == (b.occurrence, b.insured)) {
            self.one(year, claim, &mut rows);
        }
        rows
    }

    /// One occurrence for one insured: each policy's own terms, then what they may pay together.
    fn one(&mut self, year: i64, losses: &[Loss], rows: &mut Vec<GrossLoss>) {
        let mut claims: Vec<Claim> = Vec::new();
        for at in 0..self.insureds[losses[0].insured as usize].len() {
            let policy = self.insureds[losses[0].insured as usize][at];
            claims.extend(self.claim(policy, losses));
        }
        let mut paid: Vec<Cents> = claims.iter().map(|claim| claim.settled.gross).collect();
        let mut weights: Vec<ByCoverage> = claims.iter().map(|claim| claim.settled.covered).collect();
        let (mut lost, mut parts) = ([Cents::ZERO; Coverage::COUNT], Vec::new());
        losses.iter().for_each(|l| lost[l.coverage as usize] += l.loss);
        if contribute_by_coverage(&lost, &weights, &mut paid, &mut parts, &mut self.apportionment) {
            weights = parts;
            for (claim, paid) in claims.iter().zip(&paid) {
                let share = self.policies[claim.policy as usize].terms.share;
                self.years[claim.policy as usize].give_back(claim.aggregate, share, *paid);
            }
        }
        if let Some(first) = claims.first() {
            let account = &self.policies[first.policy as usize].account;
            share_out(account, &mut paid, &mut Vec::new(), &mut self.apportionment);
        }
        for ((claim, gross), weights) in claims.iter().zip(paid).zip(weights) {
            let parts = allocate(&weights, gross, &mut self.apportionment);
            for coverage in Coverage::ALL {
                let ground_up = claim.ground_up[coverage as usize];
                if ground_up > Cents::ZERO {
                    rows.push(GrossLoss {
                        year,
                        occurrence: losses[0].occurrence,
                        subject: self.subject(claim.policy, coverage),
                        ground_up: Some(ground_up),
                        gross: parts[coverage as usize],
                    });
                }
            }
        }
    }

    /// What a policy pays of the losses that it sees; nothing when it sees none.
    fn claim(&mut self, policy: u32, losses: &[Loss]) -> Option<Claim> {
        let terms = &self.policies[policy as usize].terms;
        let (mut ground_up, mut waited) = ([Cents::ZERO; Coverage::COUNT], [Cents::ZERO; Coverage::COUNT]);
        for loss in losses.iter().filter(|l| l.policy.is_none_or(|own| own == policy)) {
            ground_up[loss.coverage as usize] += loss.loss;
            waited[loss.coverage as usize] += after_waiting(terms, loss.coverage, loss.loss, loss.hours);
        }
        if ground_up.iter().all(|loss| *loss == Cents::ZERO) {
            return None;
        }
        self.used.push(policy);
        let year = &mut self.years[policy as usize];
        Some(Claim { policy, ground_up, aggregate: year.aggregate, settled: settle(terms, &waited, year) })
    }

    fn subject(&mut self, policy: u32, coverage: Coverage) -> Arc<Subject> {
        let of = || {
            let policy = &self.policies[policy as usize];
            let sum_insured = policy.terms.sum_insured();
            Arc::new(Subject { coverage: Some(coverage), sum_insured, ..Subject::named(policy) })
        };
        self.subjects.entry((policy, coverage)).or_insert_with(of).clone()
    }
}
