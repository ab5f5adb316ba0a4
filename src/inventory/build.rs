//! Builds the inventory from a stream of observations: memory follows the domains of the book, not the scan.
//!
//! Scanned domains outside the book are kept too, as a sample of bounded size: those whose names have the smallest
//! hashes. Which they are does not depend on the order of the scan, and each kept one has all its evidence, since the
//! bound only ever falls (bottom-k sampling; E. Cohen, H. Kaplan, PODC 2007).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::evidence::DomainEvidence;
use super::posterior::{Assessment, Finding, assess};
use super::table::{Asked, Entry, Standing};
use crate::catalogue::{Catalogue, Matcher};
use crate::moment::Moment;
use crate::portfolio::domains::{DomainMap, served_by};
use crate::scan::observation::{Observation, Status};

/// Domains outside the book that are kept.
const OUTSIDE: usize = 50_000;

/// Takes observations one by one.
pub struct InventoryBuilder<'a> {
    catalogue: &'a Catalogue,
    matcher: Matcher<'a>,
    scope: Option<DomainMap>,
    as_of: Moment,
    evidence: HashMap<String, DomainEvidence>,
    others: BTreeMap<(u64, String), DomainEvidence>,
    after: u64,
    outside: u64,
}

/// The result: evidence by domain, and what was left out.
pub struct Inventory<'a> {
    catalogue: &'a Catalogue,
    /// Domains of the book with any observation, sorted. Without a book, all.
    pub domains: Vec<(String, DomainEvidence)>,
    /// A sample of the scanned domains outside the book, sorted.
    pub others: Vec<(String, DomainEvidence)>,
    /// Observations later than the as-of date, not read.
    pub after: u64,
    /// Observations of domains that are not in the book.
    pub outside: u64,
}

impl<'a> InventoryBuilder<'a> {
    /// Starts an inventory of the domains of a book (all registrable domains when none) from evidence up to `as_of`.
    pub fn new(catalogue: &'a Catalogue, scope: Option<DomainMap>, as_of: Moment) -> InventoryBuilder<'a> {
        let matcher = Matcher::new(catalogue);
        InventoryBuilder {
            catalogue,
            matcher,
            scope,
            as_of,
            evidence: HashMap::new(),
            others: BTreeMap::new(),
            after: 0,
            outside: 0,
        }
    }

    /// Takes an observation.
    pub fn add(&mut self, observation: &Observation) {
        if observation.observed_at > self.as_of {
            self.after += 1;
            return;
        }
        let named = served_by(&observation.host).unwrap_or(&observation.host);
        let (domain, own) = match self.scope.as_ref().map(|scope| (scope, scope.domain_of(&observation.host))) {
            None => (observation.domain.as_str(), named == observation.domain),
            // A listed host below its domain that has such a record is a domain for mail itself; that it has none says
            // nothing (shops and portals have none).
            Some((scope, Some(domain))) => {
                let listed = scope.lists(named) && observation.status == Status::Found;
                (domain, named == domain || listed)
            }
            Some((scope, None)) => {
                self.outside += 1;
                // A host under a domain of the book that is not the insured's: no row could tell whose it is.
                if scope.lists(&observation.domain) {
                    return;
                }
                if let Some(evidence) = other(&mut self.others, &observation.domain) {
                    note(&self.matcher, evidence, observation, named == observation.domain);
                }
                return;
            }
        };
        if !self.evidence.contains_key(domain) {
            self.evidence.insert(domain.to_string(), DomainEvidence::default());
        }
        if let Some(evidence) = self.evidence.get_mut(domain) {
            note(&self.matcher, evidence, observation, own);
        }
    }

    /// Ends the inventory.
    pub fn finish(self) -> Inventory<'a> {
        let mut domains: Vec<_> = self.evidence.into_iter().collect();
        domains.sort_by(|a, b| a.0.cmp(&b.0));
        let mut others: Vec<_> = self.others.into_iter().map(|((_, domain), evidence)| (domain, evidence)).collect();
        others.sort_by(|a, b| a.0.cmp(&b.0));
        Inventory { catalogue: self.catalogue, domains, others, after: self.after, outside: self.outside }
    }
}

/// The evidence of a domain outside the book, when it is (still) in the sample.
fn other<'m>(others: &'m mut BTreeMap<(u64, String), DomainEvidence>, domain: &str) -> Option<&'m mut DomainEvidence> {
    let key = (xxh3_64(domain.as_bytes()), domain.to_string());
    let full = others.len() >= OUTSIDE && !others.contains_key(&key);
    if full && others.last_key_value().is_some_and(|(last, _)| *last < key) {
        return None;
    }
    if full {
        others.pop_last();
    }
    Some(others.entry(key).or_default())
}

fn note(matcher: &Matcher, evidence: &mut DomainEvidence, observation: &Observation, own: bool) {
    evidence.ask(observation, own);
    if observation.status == Status::Found {
        matcher
            .each(observation.kind, &observation.key, &observation.value, |signal| evidence.hit(signal, observation));
    }
}

impl Inventory<'_> {
    /// Rows of the inventory table, by domain and product: what was seen, and of the products in `watched` what was
    /// looked for at the book's domains.
    pub fn entries(&self, watched: &BTreeSet<&str>) -> Vec<Entry> {
        let ids = |of: &dyn Fn(&str) -> bool| -> Vec<u32> {
            (0u32..).zip(&self.catalogue.products).filter(|(_, p)| of(&p.id)).map(|(at, _)| at).collect()
        };
        let watched = ids(&|id| watched.contains(id));
        let mut entries: Vec<Entry> = self.domains.par_iter().flat_map_iter(|d| self.of_domain(d, &watched)).collect();
        let others: Vec<Entry> = self.others.par_iter().flat_map_iter(|d| self.of_domain(d, &[])).collect();
        if !others.is_empty() {
            entries.extend(others);
            entries.sort_by(|a, b| (&a.domain, &a.product).cmp(&(&b.domain, &b.product)));
        }
        entries
    }

    fn of_domain(&self, (domain, evidence): &(String, DomainEvidence), watched: &[u32]) -> Vec<Entry> {
        let seen = evidence.hits.keys().map(|signal| signal.product);
        let products: BTreeSet<u32> = seen.chain(watched.iter().copied()).collect();
        let row = |product: u32| {
            let assessment = assess(self.catalogue, product, evidence);
            assessment.touched().then(|| entry(domain, &self.catalogue.products[product as usize].id, &assessment))
        };
        products.into_iter().filter_map(row).collect()
    }

    /// Rows of the coverage table.
    pub fn coverage(&self) -> Vec<Asked> {
        let rows = |(domain, evidence): &(String, DomainEvidence)| {
            let row = |((kind, part), span): (&(_, String), &super::Span)| Asked {
                domain: domain.clone(),
                kind: *kind,
                part: part.clone(),
                first_asked: span.first,
                last_asked: span.last,
            };
            evidence.asked.iter().map(row).collect::<Vec<_>>()
        };
        self.domains.iter().flat_map(rows).collect()
    }

    /// The evidence of one domain.
    pub fn evidence(&self, domain: &str) -> Option<&DomainEvidence> {
        self.domains.binary_search_by(|(d, _)| d.as_str().cmp(domain)).ok().map(|at| &self.domains[at].1)
    }
}

fn standing(assessment: &Assessment) -> Standing {
    if assessment.seen() {
        Standing::Seen
    } else if assessment.looked_for() {
        Standing::NotSeen
    } else {
        Standing::Hidden
    }
}

fn entry(domain: &str, product: &str, assessment: &Assessment) -> Entry {
    let mut evidence = Vec::new();
    let mut not_found = BTreeSet::new();
    let (mut first_seen, mut last_seen) = (None::<Moment>, None::<Moment>);
    for weighed in &assessment.signals {
        let kind = weighed.signal.kind.as_str();
        match &weighed.finding {
            Finding::Seen(hit) => {
                let at = if hit.host == domain { String::new() } else { format!(" at {}", hit.host) };
                evidence.push(format!("{kind} {}{at} ({} {})", hit.value, hit.source, hit.span.last.day()));
                first_seen = Some(first_seen.map_or(hit.span.first, |t| t.min(hit.span.first)));
                last_seen = Some(last_seen.map_or(hit.span.last, |t| t.max(hit.span.last)));
            }
            Finding::NotSeen(_) => drop(not_found.insert(kind.to_string())),
            Finding::Gone(hit, _) => drop(not_found.insert(format!("{kind} (gone since {})", hit.span.last.day()))),
            Finding::Hidden => drop(not_found.insert(format!("{kind} (hidden by a gateway)"))),
            Finding::NotAsked => {}
        }
    }
    let seen_kinds: BTreeSet<&str> = assessment
        .signals
        .iter()
        .filter(|w| matches!(w.finding, Finding::Seen(_)))
        .map(|w| w.signal.kind.as_str())
        .collect();
    not_found.retain(|kind| !seen_kinds.contains(kind.split(' ').next().unwrap_or("")));
    evidence.dedup();
    Entry {
        domain: domain.to_string(),
        product: product.to_string(),
        standing: standing(assessment),
        prior: Some(assessment.prior.share),
        probability: assessment.probability,
        first_seen,
        last_seen,
        evidence: evidence.join("; "),
        not_found: not_found.into_iter().collect::<Vec<_>>().join(", "),
    }
}
