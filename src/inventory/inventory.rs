//! The inventory: evidence by domain, and the tables made of it.

use std::collections::BTreeSet;

use indexmap::IndexSet;
use rayon::prelude::*;

use super::build::SHARDS;
use super::evidence::{Evidence, Question, Shared};
use super::likelihood::Pattern;
use super::model::Model;
use super::posterior::{Assessment, Finding, Fronts, assess, find, gone, posterior};
use super::shard::Shard;
use super::table::{Asked, Entry, Standing};
use crate::fault::Failure;
use crate::moment::Moment;
use crate::portfolio::domains::DomainMap;

/// Domains whose rows are made at once.
const BLOCK: usize = 1 << 13;

/// A domain outside the book.
pub(super) struct Outside {
    pub(super) name: String,
    pub(super) shard: u32,
    pub(super) slot: u32,
}

/// Evidence by domain, and what was left out.
pub struct Inventory<'a> {
    /// The catalogue on the day.
    pub model: Model<'a>,
    /// Every question that was asked.
    pub(super) questions: IndexSet<Question>,
    pub(super) has_book: bool,
    pub(super) domains: DomainMap,
    pub(super) shared: Shared,
    pub(super) book: Vec<Shard>,
    pub(super) outside: Vec<Outside>,
    pub(super) outside_shards: Vec<Shard>,
    /// Observations later than the as-of date, not read.
    pub after: u64,
    /// Observations of domains that are not in the book.
    pub outsiders: u64,
}

impl Inventory<'_> {
    /// The evidence of one domain.
    pub fn evidence(&self, domain: &str) -> Option<Evidence<'_>> {
        if self.has_book {
            return self.of_book(self.domains.domains().binary_search_by(|d| d.as_str().cmp(domain)).ok()?);
        }
        let at = self.outside.binary_search_by(|o| o.name.as_str().cmp(domain)).ok()?;
        self.of_outside(at)
    }

    fn of_book(&self, at: usize) -> Option<Evidence<'_>> {
        self.book[at % SHARDS].evidence((at / SHARDS) as u32, &self.domains.domains()[at], &self.shared)
    }

    fn of_outside(&self, at: usize) -> Option<Evidence<'_>> {
        let Outside { name, shard, slot } = &self.outside[at];
        self.outside_shards[*shard as usize].evidence(*slot, name, &self.shared)
    }

    /// Domains of the book with any observation (without a book, all), in no order.
    pub fn domains(&self) -> impl ParallelIterator<Item = Evidence<'_>> {
        let outside = if self.has_book { 0 } else { self.outside.len() };
        // Shard by shard: the evidence of one lies together.
        let of_shard = |shard| (shard..self.domains.domains().len()).step_by(SHARDS).filter_map(|at| self.of_book(at));
        let book = (0..SHARDS).into_par_iter().flat_map_iter(of_shard);
        book.chain((0..outside).into_par_iter().filter_map(|at| self.of_outside(at)))
    }

    /// Domains with any observation, in order, and whether they are the book's (without a book all are). Of those outside
    /// it, a sample.
    pub fn all(&self) -> Vec<(Evidence<'_>, bool)> {
        let book = (0..self.domains.domains().len()).filter_map(|at| Some((self.of_book(at)?, true)));
        let outside = (0..self.outside.len()).filter_map(|at| Some((self.of_outside(at)?, !self.has_book)));
        let mut all: Vec<_> = book.chain(outside).collect();
        all.sort_by_key(|(evidence, _)| evidence.name);
        all
    }

    /// Products with these ids.
    fn ids(&self, wanted: &BTreeSet<&str>) -> Vec<u32> {
        let products = (0u32..).zip(&self.model.catalogue.products);
        products.filter(|(_, p)| wanted.contains(p.id.as_str())).map(|(at, _)| at).collect()
    }

    /// Rows of the inventory table, by domain and product, in blocks: what was seen, and of the products in `watched` what
    /// was looked for at the book's domains.
    ///
    /// # Errors
    /// Those of `take`.
    pub fn each_block(
        &self,
        watched: &BTreeSet<&str>,
        mut take: impl FnMut(&[Entry]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let watched = self.ids(watched);
        for block in self.all().chunks(BLOCK) {
            let rows = block.par_iter().flat_map_iter(|(evidence, in_book)| {
                let seen = evidence.products();
                let looked_for = watched.iter().copied().filter(|_| *in_book);
                let products: BTreeSet<u32> = seen.chain(looked_for).collect();
                self.rows(*evidence, products)
            });
            take(&rows.collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// The rows of all domains for these products only.
    pub fn entries(&self, wanted: &BTreeSet<&str>) -> Vec<Entry> {
        let wanted = self.ids(wanted);
        let all = self.all();
        let rows = all.par_iter().flat_map_iter(|(evidence, in_book)| {
            let seen: BTreeSet<u32> = evidence.products().collect();
            let products = wanted.iter().copied().filter(|p| *in_book || seen.contains(p));
            self.rows(*evidence, products.collect())
        });
        rows.collect()
    }

    fn rows<'e>(&'e self, evidence: Evidence<'e>, products: BTreeSet<u32>) -> impl Iterator<Item = Entry> + use<'e> {
        let fronts = Fronts::of(&self.model, &evidence);
        products.into_iter().filter_map(move |product| {
            let assessment = assess(&self.model, product, &fronts, &evidence);
            assessment.touched().then(|| self.entry(product, &evidence, &assessment))
        })
    }

    /// The probability of each product seen at a domain, and of those in `watched` that were looked for.
    pub fn each_probability(&self, evidence: &Evidence, watched: &[u32], give: &mut impl FnMut(u32, f64)) {
        let fronts = Fronts::of(&self.model, evidence);
        let mut products: Vec<u32> = evidence.products().chain(watched.iter().copied()).collect();
        products.sort_unstable();
        products.dedup();
        let mut pattern = Pattern::default();
        for product in products {
            find(&self.model, product, &fronts, evidence, &mut pattern);
            if pattern.behind || !pattern.said.is_empty() {
                let of_product = &self.model.products[product as usize];
                give(product, posterior(of_product, &self.model.central[product as usize], &pattern));
            }
        }
    }

    fn entry(&self, product: u32, evidence: &Evidence, assessment: &Assessment) -> Entry {
        let domain = evidence.name;
        let of_product = &self.model.products[product as usize];
        let mut shown = Vec::new();
        let mut not_found = Vec::new();
        let (mut first_seen, mut last_seen) = (None::<Moment>, None::<Moment>);
        for weighed in &assessment.items {
            let item = weighed.item;
            let factor = factor(weighed.weight);
            match &weighed.finding {
                Finding::Seen(..) => {
                    let own = evidence
                        .hits_of(product)
                        .filter(|h| item.signals.contains(&h.signal.signal) && gone(item, h, evidence).is_none());
                    let records = own.map(|hit| {
                        first_seen = Some(first_seen.map_or(hit.span().first, |t| t.min(hit.span().first)));
                        last_seen = Some(last_seen.map_or(hit.span().last, |t| t.max(hit.span().last)));
                        let host = hit.host();
                        let at = if host == domain { String::new() } else { format!(" at {host}") };
                        format!(
                            "{} {}{at} ({} {})",
                            item.kind.as_str(),
                            hit.value(),
                            hit.source(),
                            hit.span().last.day()
                        )
                    });
                    let mut records: Vec<String> = records.collect();
                    records.dedup();
                    shown.push(format!("{} {factor}", records.join(", ")));
                }
                Finding::NotSeen(_) => not_found.push(format!("{} {factor}", item.name)),
                Finding::Gone(hit, _) => {
                    not_found.push(format!("{} (gone since {}) {factor}", item.name, hit.span().last.day()))
                }
                Finding::Hidden => not_found.push(format!("{} (hidden by a gateway)", item.name)),
                Finding::NotAsked => {}
            }
        }
        Entry {
            domain: domain.to_string(),
            insured_id: String::new(),
            product: self.model.product(product).id.clone(),
            standing: standing(assessment),
            prior: Some(assessment.prior.share),
            probability: assessment.probability,
            first_seen,
            last_seen,
            evidence: shown.join("; "),
            not_found: not_found.join(", "),
            findings: assessment.pattern.to_text(of_product),
        }
    }

    /// Rows of the coverage table, in blocks.
    ///
    /// # Errors
    /// Those of `take`.
    pub fn each_asked(&self, mut take: impl FnMut(&[Asked]) -> Result<(), Failure>) -> Result<(), Failure> {
        let own: Vec<Evidence> =
            self.all().into_iter().filter(|(_, in_book)| *in_book).map(|(evidence, _)| evidence).collect();
        for block in own.chunks(BLOCK) {
            let rows = block.iter().flat_map(|evidence| {
                let mut rows: Vec<Asked> = evidence
                    .questions()
                    .filter_map(|at| {
                        let (kind, part) = self.questions.get_index(usize::from(at))?;
                        let span = evidence.asked(at)?;
                        Some(Asked {
                            domain: evidence.name.to_string(),
                            kind: *kind,
                            part: part.clone(),
                            first_asked: span.first,
                            last_asked: span.last,
                        })
                    })
                    .collect();
                rows.sort_by(|a, b| (a.kind, &a.part).cmp(&(b.kind, &b.part)));
                rows
            });
            take(&rows.collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// The kind and part of a question.
    pub fn question(&self, at: u16) -> Option<&Question> {
        self.questions.get_index(usize::from(at))
    }
}

/// A factor of the odds for reading: `×1,158`, `×0.42`.
pub fn factor(weight: f64) -> String {
    match weight {
        w if w >= 10.0 => format!("×{}", crate::money::thousands(w.round())),
        w if w >= 0.095 => format!("×{w:.2}"),
        w => format!("×{w:.4}"),
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
