//! A year of gross losses through a programme.

use std::collections::HashMap;
use std::sync::Arc;

use super::{CededLoss, Cession, GrossLoss, NetLoss, Programme, Reach, Subject, Workspace, YearState};
use crate::fault::Fault;
use crate::money::Cents;
use crate::portfolio::{Policy, Rates};

/// A gross loss in the reporting currency.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Occurrence within the year.
    pub occurrence: i64,
    /// What the loss is of; its sum insured is in the reporting currency.
    pub subject: Arc<Subject>,
    /// Loss after policy terms.
    pub gross: Cents,
}

/// A programme with the subjects met so far. Years are independent of each other.
pub struct Ledger<'a> {
    programme: &'a Programme,
    reaches: Vec<Reach>,
    names: Vec<Arc<str>>,
    currency: Arc<str>,
    numbers: HashMap<Arc<Subject>, u32>,
    state: YearState,
    workspace: Workspace,
    cessions: Vec<Cession>,
}

/// A year's losses after reinsurance, and what each treaty took.
#[derive(Debug, Default, PartialEq)]
pub struct YearResult {
    /// In order of occurrence, insured, policy, location and coverage.
    pub net: Vec<NetLoss>,
    /// In order of occurrence and treaty.
    pub ceded: Vec<CededLoss>,
}

impl<'a> Ledger<'a> {
    /// A ledger in which nothing is entered yet.
    pub fn new(programme: &'a Programme, currency: &str) -> Ledger<'a> {
        Ledger {
            programme,
            reaches: programme.reaches(),
            names: programme.treaties().iter().map(|treaty| treaty.name.as_str().into()).collect(),
            currency: currency.into(),
            numbers: HashMap::new(),
            state: YearState::new(programme),
            workspace: Workspace::default(),
            cessions: Vec::new(),
        }
    }

    /// What losses will be of, in any order. A surplus goes by the sum insured of a whole risk, of which some policies may come
    /// with a later year or have no loss: where a programme [goes by sums insured](Programme::goes_by_sums_insured), all must be
    /// told before the first year.
    pub fn foresee(&mut self, subject: &Arc<Subject>) {
        self.number(subject);
    }

    /// Takes a year's losses, in any order, through the programme. Their sum must fit 63 bits.
    pub fn year(&mut self, year: i64, mut entries: Vec<Entry>) -> YearResult {
        self.state.begin();
        entries.sort_unstable_by(|a, b| (a.occurrence, &a.subject).cmp(&(b.occurrence, &b.subject)));
        entries.dedup_by(|next, first| {
            let same = next.occurrence == first.occurrence && next.subject == first.subject;
            if same {
                first.gross += next.gross;
            }
            same
        });
        let mut result = YearResult::default();
        if self.programme.goes_by_sums_insured() {
            entries.iter().for_each(|entry| self.foresee(&entry.subject));
        }
        for entries in entries.chunk_by(|a, b| a.occurrence == b.occurrence) {
            self.occurrence(year, entries, &mut result);
        }
        result
    }

    /// What losses so far were of, in any order.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.numbers.keys().map(Arc::as_ref)
    }

    fn occurrence(&mut self, year: i64, entries: &[Entry], result: &mut YearResult) {
        let subjects: Vec<u32> = entries.iter().map(|entry| self.number(&entry.subject)).collect();
        let gross: Vec<Cents> = entries.iter().map(|entry| entry.gross).collect();
        let mut net = vec![Cents::ZERO; gross.len()];
        self.cessions.clear();
        let programme = (self.programme, self.reaches.as_slice());
        self.workspace.cede(programme, &mut self.state, (&subjects, &gross), &mut net, &mut self.cessions);
        let occurrence = entries[0].occurrence;
        result.net.extend(entries.iter().zip(net).map(|(entry, net)| NetLoss {
            year,
            occurrence,
            subject: entry.subject.clone(),
            currency: self.currency.clone(),
            gross: entry.gross,
            net,
        }));
        result.ceded.extend(self.cessions.iter().map(|cession| CededLoss {
            year,
            occurrence,
            treaty: self.names[cession.treaty].clone(),
            inuring: self.programme.treaties()[cession.treaty].inuring,
            currency: self.currency.clone(),
            cession: *cession,
        }));
    }

    fn number(&mut self, subject: &Arc<Subject>) -> u32 {
        if let Some(number) = self.numbers.get(subject) {
            return *number;
        }
        let number = self.numbers.len() as u32;
        for (treaty, reach) in self.programme.treaties().iter().zip(&mut self.reaches) {
            reach.add(treaty, subject);
        }
        self.numbers.insert(subject.clone(), number);
        number
    }
}

impl Entry {
    /// The entry of a row: what the row leaves blank is the policy's, amounts are in the reporting currency.
    ///
    /// # Errors
    /// When there is no rate for the row's currency.
    pub fn of(row: GrossLoss, policy: Option<&Policy>, rates: &Rates) -> Result<Entry, Fault> {
        let mut subject = Arc::unwrap_or_clone(row.subject);
        let insured = subject.sum_insured.take();
        if let Some(policy) = policy {
            fill(&mut subject, policy);
        }
        if subject.currency.is_empty() {
            subject.currency.clone_from(&rates.reporting);
        }
        if rates.rate(&subject.currency).is_none() {
            let rule = format!("no rate into the reporting currency {}", rates.reporting);
            let hint = format!("give one, such as --rate {}=1.0842", subject.currency);
            return Err(Fault::new("currency", &subject.currency, rule).hint(hint));
        }
        let gross = rates.convert(row.gross, &subject.currency);
        let own = insured.map(|sum| rates.convert(sum, &subject.currency));
        subject.sum_insured = own.or_else(|| policy.and_then(|policy| sum_insured(policy, rates)));
        Ok(Entry { occurrence: row.occurrence, subject: Arc::new(subject), gross })
    }
}

impl Subject {
    /// What a loss of `policy` is of, where it says nothing itself. Its sum insured is in the reporting currency, where there is a
    /// rate.
    pub fn of(policy: &Policy, rates: &Rates) -> Subject {
        Subject { sum_insured: sum_insured(policy, rates), ..Subject::named(policy) }
    }

    /// The same without a sum insured.
    pub fn named(policy: &Policy) -> Subject {
        let mut subject = Subject { policy_id: policy.id.clone(), ..Subject::default() };
        fill(&mut subject, policy);
        subject
    }
}

/// In the reporting currency; nothing without a limit or a rate.
fn sum_insured(policy: &Policy, rates: &Rates) -> Option<Cents> {
    rates.rate(&policy.currency)?;
    policy.terms.sum_insured().map(|sum| rates.convert(sum, &policy.currency))
}

fn fill(subject: &mut Subject, policy: &Policy) {
    let own = |field: &mut String, value: &str| {
        if field.is_empty() {
            value.clone_into(field);
        }
    };
    own(&mut subject.insured_id, &policy.insured_id);
    own(&mut subject.industry, &policy.industry);
    own(&mut subject.country, &policy.country);
    own(&mut subject.line, &policy.line);
    own(&mut subject.currency, &policy.currency);
}
