//! Which risk of a treaty each subject belongs to, worked out once.

use std::collections::HashMap;

use super::programme::ScopePart;
use super::{Ceded, RiskLevel, Subject, Treaty, surplus};
use crate::money::{Cents, Share};

/// No risk of the treaty.
const NONE: u32 = u32::MAX;

/// Subjects by their number, and what the treaty takes of each.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    risks: Vec<u32>,
    /// Ceded share of each subject; empty where they have one, or one by risk.
    shares: Vec<Share>,
    /// Of a surplus, by risk: its sum insured, and the share that is ceded of it.
    surplus: Vec<(Cents, Share)>,
    /// Of a surplus: sum insured of each policy of a risk.
    by_policy: HashMap<(u32, String), Cents>,
    by_key: HashMap<String, u32>,
    count: u32,
    by_insured: HashMap<String, Vec<u32>>,
    unnamed: Vec<u32>,
}

impl Reach {
    /// The reach of a treaty over no subjects yet.
    pub fn new(treaty: &Treaty) -> Reach {
        let mut reach = Reach::default();
        for (at, part) in treaty.scope.iter().enumerate() {
            if part.scope.insureds.is_empty() {
                reach.unnamed.push(at as u32);
            }
            for insured in &part.scope.insureds {
                reach.by_insured.entry(insured.clone()).or_default().push(at as u32);
            }
        }
        reach
    }

    /// Adds the next subject: its number is how many came before it.
    pub fn add(&mut self, treaty: &Treaty, subject: &Subject) {
        let part = self.part(treaty, subject);
        let risk = part.map_or(NONE, |_| self.risk(treaty.level, subject));
        self.risks.push(risk);
        match treaty.ceded {
            Ceded::Share(_) => {}
            Ceded::ByScope => self.shares.push(part.and_then(|p| p.ceded).unwrap_or(Share::NONE)),
            Ceded::Surplus { retained, capacity } => self.insure(risk, subject, (retained, capacity)),
        }
    }

    /// Adds what a policy insures to the sum insured of its risk, each policy once: where rows differ, the largest.
    fn insure(&mut self, risk: u32, subject: &Subject, (retained, capacity): (Cents, Cents)) {
        if risk == NONE {
            return;
        }
        self.surplus.resize(self.count as usize, (Cents::ZERO, Share::NONE));
        let own = subject.sum_insured.unwrap_or(Cents::ZERO);
        let before = self.by_policy.entry((risk, subject.policy_id.clone())).or_default();
        if own > *before {
            let (sum, share) = &mut self.surplus[risk as usize];
            *sum += own - *before;
            *share = surplus::ceded_share(*sum, retained, capacity);
            *before = own;
        }
    }

    /// The first part of the scope that covers `subject`.
    fn part<'a>(&self, treaty: &'a Treaty, subject: &Subject) -> Option<&'a ScopePart> {
        let named = self.by_insured.get(subject.account()).map_or(&[][..], Vec::as_slice);
        let covering = |at: &&u32| treaty.scope[**at as usize].scope.covers(subject);
        let first = |list: &[u32]| list.iter().find(covering).copied();
        let at = first(named).into_iter().chain(first(&self.unnamed)).min()?;
        treaty.scope.get(at as usize)
    }

    fn risk(&mut self, level: RiskLevel, subject: &Subject) -> u32 {
        let own = match level {
            RiskLevel::All => return self.number(String::new()),
            // An insured is told apart from a policy of the same name that has none.
            RiskLevel::Insured if subject.insured_id.is_empty() => &subject.policy_id,
            RiskLevel::Insured => "",
            RiskLevel::Location if !subject.location.is_empty() => &subject.location,
            RiskLevel::Policy | RiskLevel::Location => subject.policy_number(),
        };
        self.number(format!("{}\u{1f}{own}", subject.account()))
    }

    fn number(&mut self, key: String) -> u32 {
        let next = self.count;
        let number = *self.by_key.entry(key).or_insert(next);
        self.count += u32::from(number == next);
        number
    }

    /// The risk of a subject, from 0; nothing when the treaty does not cover it.
    pub fn risk_of(&self, subject: u32) -> Option<u32> {
        Some(self.risks[subject as usize]).filter(|risk| *risk != NONE)
    }

    /// The share that is ceded of a subject's losses before any other term. Of a surplus it is by the sum insured of the whole
    /// risk: all subjects must have been added before.
    pub fn share(&self, treaty: &Treaty, subject: u32) -> Share {
        match treaty.ceded {
            Ceded::Share(share) => share,
            Ceded::ByScope => self.shares[subject as usize],
            Ceded::Surplus { .. } => match self.risks[subject as usize] {
                NONE => Share::NONE,
                risk => self.surplus[risk as usize].1,
            },
        }
    }

    /// How many risks there are.
    pub fn risks(&self) -> usize {
        self.count as usize
    }
}
