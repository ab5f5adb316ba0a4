//! The probability that a domain uses a product, from what was seen and what was looked for and not seen.
//!
//! Bayes' rule in odds: prior odds × the likelihood ratio of each group of signals. Seen: P(seen | used) ÷ P(seen | not
//! used). Looked for and not seen: (1 − sensitivity) ÷ (1 − false-positive rate). Signals of one group depend on each
//! other (the MX and SPF records of one vendor are set up together), so a group counts once, with its strongest signal.

use super::evidence::{DomainEvidence, Hit, Span, question};
use crate::catalogue::{Catalogue, Product, Signal, SignalId};
use crate::scan::observation::Kind;

/// What one signal said.
#[derive(Clone, Debug)]
pub enum Finding<'a> {
    /// Seen.
    Seen(&'a Hit),
    /// Looked for, and not seen.
    NotSeen(Span),
    /// Not seen, and hidden by a product in front: it says nothing.
    Hidden,
    /// Never looked for.
    NotAsked,
}

/// A signal with what it said and what that is worth.
#[derive(Clone, Debug)]
pub struct Weighed<'a> {
    /// The signal.
    pub signal: &'a Signal,
    /// What it said.
    pub finding: Finding<'a>,
    /// Likelihood ratio on its own; 1 when it says nothing.
    pub ratio: f64,
    /// Whether it is the one that counts for its group.
    pub counts: bool,
}

/// The reasoning for one domain and product.
#[derive(Clone, Debug)]
pub struct Assessment<'a> {
    /// Prior probability.
    pub prior: f64,
    /// Posterior probability.
    pub probability: f64,
    /// Each signal, in the catalogue's order.
    pub signals: Vec<Weighed<'a>>,
}

impl Assessment<'_> {
    /// Whether any signal was seen.
    pub fn seen(&self) -> bool {
        self.signals.iter().any(|s| matches!(s.finding, Finding::Seen(_)))
    }

    /// Whether any signal was looked for, with a result that says something.
    pub fn looked_for(&self) -> bool {
        self.signals.iter().any(|s| matches!(s.finding, Finding::Seen(_) | Finding::NotSeen(_)))
    }
}

/// Weighs everything known of a domain for the product with this index in the catalogue.
pub fn assess<'a>(catalogue: &'a Catalogue, product: u32, evidence: &'a DomainEvidence) -> Assessment<'a> {
    let p: &Product = &catalogue.products[product as usize];
    let mut signals: Vec<Weighed> = (0u32..)
        .zip(&p.signal)
        .map(|(at, signal)| {
            let finding = finding(catalogue, SignalId { product, signal: at }, signal, evidence);
            let ratio = match finding {
                Finding::Seen(_) => signal.sensitivity / signal.false_positive,
                Finding::NotSeen(_) => (1.0 - signal.sensitivity) / (1.0 - signal.false_positive),
                Finding::Hidden | Finding::NotAsked => 1.0,
            };
            Weighed { signal, finding, ratio, counts: false }
        })
        .collect();
    let prior = p.prior.share;
    let mut odds = prior / (1.0 - prior);
    let mut groups: Vec<&str> = p.signal.iter().map(|s| s.group.as_str()).collect();
    groups.sort_unstable();
    groups.dedup();
    for group in groups {
        if let Some(strongest) = strongest(&signals, group) {
            signals[strongest].counts = true;
            odds *= signals[strongest].ratio;
        }
    }
    Assessment { prior, probability: odds / (1.0 + odds), signals }
}

/// Of a group's signals: the strongest of those seen; when none was, the strongest of those looked for.
fn strongest(signals: &[Weighed], group: &str) -> Option<usize> {
    let of = |seen: bool| {
        let member = move |s: &Weighed| match s.finding {
            Finding::Seen(_) => seen,
            Finding::NotSeen(_) => !seen,
            _ => false,
        };
        let group = signals.iter().enumerate().filter(move |(_, s)| s.signal.group == group && member(s));
        group
            .max_by(|(i, a), (j, b)| a.ratio.ln().abs().total_cmp(&b.ratio.ln().abs()).then(j.cmp(i)))
            .map(|(at, _)| at)
    };
    of(true).or_else(|| of(false))
}

fn finding<'a>(catalogue: &Catalogue, id: SignalId, signal: &Signal, evidence: &'a DomainEvidence) -> Finding<'a> {
    if let Some(hit) = evidence.hits.get(&id) {
        return Finding::Seen(hit);
    }
    let asked = if signal.keys.is_empty() || !matches!(signal.kind, Kind::Http | Kind::Declared) {
        evidence.asked.iter().find(|((kind, _), _)| *kind == signal.kind).map(|(_, span)| *span)
    } else {
        signal.keys.iter().find_map(|key| evidence.asked.get(&question(signal.kind, key)).copied())
    };
    match asked {
        None => Finding::NotAsked,
        Some(_) if hidden(catalogue, signal, evidence) => Finding::Hidden,
        Some(span) => Finding::NotSeen(span),
    }
}

/// A product of one of the hiding categories stands in front: one of its MX signals was seen.
fn hidden(catalogue: &Catalogue, signal: &Signal, evidence: &DomainEvidence) -> bool {
    !signal.hidden_by.is_empty()
        && evidence.hits.keys().any(|hit| {
            let front = &catalogue.products[hit.product as usize];
            front.signal[hit.signal as usize].kind == Kind::Mx && signal.hidden_by.contains(&front.category)
        })
}
