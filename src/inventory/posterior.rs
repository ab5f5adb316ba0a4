//! The probability that a domain uses a product, from what was seen and what was looked for and not seen.
//!
//! Bayes' rule in odds: prior odds × the likelihood ratio of each group of signals, which is that of [`super::likelihood`].
//!
//! Two things are no evidence against a product. A signal that a gateway hides: then the prior is that of organisations
//! behind one. And a signal of a kind that has no complete answer, such as a web page or a CNAME: it may stand at a host
//! that nobody asked. A record that its own host no longer holds when it answers later counts as not seen.

use super::evidence::{Evidence, Hit, Span, is_complete};
use super::likelihood::{Aged, Pattern, Said, Values, age, evaluate, odds, probability, ratio};
use super::model::{Item, Model, ProductModel};
use crate::catalogue::Prior;
use crate::moment::Moment;
use crate::scan::observation::Kind;

/// What one item said.
#[derive(Clone, Copy, Debug)]
pub enum Finding<'a> {
    /// Seen: its strongest signal, and that one's place among the item's.
    Seen(Hit<'a>, usize),
    /// Seen once; when its host last answered, it was not there any more.
    Gone(Hit<'a>, Moment),
    /// Looked for, and not seen.
    NotSeen(Span),
    /// Not seen, and hidden by a product in front: it says nothing.
    Hidden,
    /// Not looked for where it would have been.
    NotAsked,
}

impl Finding<'_> {
    /// In a word.
    pub fn word(&self) -> &'static str {
        match self {
            Finding::Seen(..) => "seen",
            Finding::Gone(..) => "gone",
            Finding::NotSeen(_) => "looked for, not found",
            Finding::Hidden => "hidden by a gateway in front",
            Finding::NotAsked => "not looked for",
        }
    }
}

/// An item with what it said and what that is worth.
#[derive(Clone, Copy, Debug)]
pub struct Weighed<'a> {
    /// The item.
    pub item: &'a Item,
    /// What it said.
    pub finding: Finding<'a>,
    /// Likelihood ratio on its own; 1 when it says nothing.
    pub ratio: f64,
    /// Factor of the odds, given what stronger items of its group said: the factors of all items multiply.
    pub weight: f64,
}

/// The reasoning for one domain and product.
#[derive(Clone, Debug)]
pub struct Assessment<'a> {
    /// The prior in use.
    pub prior: &'a Prior,
    /// Posterior probability.
    pub probability: f64,
    /// What the probability depends on.
    pub pattern: Pattern,
    /// Each item: those that said something first, by group and strength.
    pub items: Vec<Weighed<'a>>,
}

impl Assessment<'_> {
    /// Whether any signal is seen.
    pub fn seen(&self) -> bool {
        self.pattern.said.iter().any(|s| s.level.is_some())
    }

    /// Whether any signal was looked for, be it behind a product that hides it.
    pub fn touched(&self) -> bool {
        self.pattern.behind || self.looked_for()
    }

    /// Whether any signal was looked for, with a result that says something.
    pub fn looked_for(&self) -> bool {
        !self.pattern.said.is_empty()
    }
}

/// Categories seen in front of a domain: by kind of record, as bits of [`Model::fronts`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Fronts([u32; Kind::ALL.len()]);

impl Fronts {
    /// Those of a domain: products seen whose records are still there.
    pub fn of(model: &Model, evidence: &Evidence) -> Fronts {
        let mut fronts = Fronts::default();
        for hit in evidence.hits() {
            let product = &model.products[hit.signal.product as usize];
            if product.front != 0 {
                let item = &product.items[product.item_of[hit.signal.signal as usize]];
                if gone(item, &hit, evidence).is_none() {
                    fronts.0[item.kind as usize] |= product.front;
                }
            }
        }
        fronts
    }

    /// A product that hides the item is seen in MX, or in a record of the item's own kind.
    fn hide(&self, item: &Item) -> bool {
        item.hidden_by & (self.0[Kind::Mx as usize] | self.0[item.kind as usize]) != 0
    }
}

/// Days by which answers of one round of scans may lie apart. Assumption.
pub const ROUND_DAYS: i64 = 3;

/// When the hit's own host answered later, more than one round after, without the record.
pub fn gone(item: &Item, hit: &Hit, evidence: &Evidence) -> Option<Moment> {
    let answers = item.questions.iter().filter_map(|question| evidence.last_answer(*question, hit));
    answers.max().filter(|answer| answer.0 > hit.span().last.0 + ROUND_DAYS * 86_400)
}

/// What an item said; the evidence is that with the signals of its product only.
fn finding<'a>(item: &Item, fronts: &Fronts, evidence: &Evidence<'a>) -> Finding<'a> {
    let mut strongest: Option<(Hit, usize)> = None;
    let mut left: Option<(Hit, Moment)> = None;
    for hit in evidence.hits() {
        let Some(level) = item.signals.iter().position(|s| *s == hit.signal.signal) else { continue };
        match gone(item, &hit, evidence) {
            None => {
                let strength = |level: usize| item.levels[level][0] / item.levels[level][1];
                if strongest.is_none_or(|(_, best)| strength(level) > strength(best)) {
                    strongest = Some((hit, level));
                }
            }
            Some(answer) => left = left.filter(|(_, at)| *at >= answer).or(Some((hit, answer))),
        }
    }
    if let Some((hit, level)) = strongest {
        return Finding::Seen(hit, level);
    }
    let asked = || {
        let spans = item.questions.iter().filter_map(|question| evidence.asked(*question));
        spans.reduce(|a, b| Span { first: a.first.min(b.first), last: a.last.max(b.last) })
    };
    match (left, is_complete(item.kind).then(asked).flatten()) {
        (_, Some(_)) if fronts.hide(item) => Finding::Hidden,
        (Some((hit, answer)), _) => Finding::Gone(hit, answer),
        (None, Some(span)) => Finding::NotSeen(span),
        (None, None) => Finding::NotAsked,
    }
}

/// What was found of the product with this index at a domain.
pub fn pattern(model: &Model, product: u32, fronts: &Fronts, evidence: &Evidence) -> Pattern {
    let mut pattern = Pattern::default();
    find(model, product, fronts, evidence, &mut pattern);
    pattern
}

/// The same, in the place of what `pattern` held.
pub fn find(model: &Model, product: u32, fronts: &Fronts, evidence: &Evidence, pattern: &mut Pattern) {
    let (items, own) = (&model.products[product as usize].items, evidence.only(product));
    fill(pattern, model, items, items.iter().map(|item| finding(item, fronts, &own)));
}

/// The pattern of what each item said.
fn fill<'a>(pattern: &mut Pattern, model: &Model, items: &[Item], findings: impl Iterator<Item = Finding<'a>>) {
    pattern.behind = false;
    pattern.said.clear();
    for (at, (item, found)) in items.iter().zip(findings).enumerate() {
        pattern.behind |= matches!(found, Finding::Hidden);
        pattern.said.extend(said(model, at, item, &found));
    }
}

fn said(model: &Model, at: usize, item: &Item, finding: &Finding) -> Option<Said> {
    let (level, then) = match finding {
        Finding::Seen(hit, level) => (Some(*level as u8), hit.span().last),
        Finding::Gone(_, answer) => (None, *answer),
        Finding::NotSeen(span) => (None, span.last),
        Finding::Hidden | Finding::NotAsked => return None,
    };
    Some(Said { item: at as u8, level, age: age(model, item.half_life, then) })
}

/// The probability of a pattern under these values.
pub fn posterior(product: &ProductModel, values: &Values, pattern: &Pattern) -> f64 {
    probability(odds(values.prior_of(pattern)) * evaluate(product, values, pattern))
}

/// Weighs everything known of a domain for the product with this index in the catalogue.
pub fn assess<'a>(model: &'a Model, product: u32, fronts: &Fronts, evidence: &Evidence<'a>) -> Assessment<'a> {
    let own = &model.products[product as usize];
    let values = &model.central[product as usize];
    let of_product = evidence.only(product);
    let findings: Vec<Finding> = own.items.iter().map(|item| finding(item, fronts, &of_product)).collect();
    let mut pattern = Pattern::default();
    fill(&mut pattern, model, &own.items, findings.iter().copied());
    let prior = values.prior_of(&pattern);
    let mut items: Vec<Weighed> = Vec::with_capacity(own.items.len());
    for (at, group) in own.groups.iter().enumerate() {
        let members = own.items.iter().enumerate().filter(|(_, item)| item.group == at);
        let mut found: Vec<(Finding, &Item, Option<Aged>)> = members
            .map(|(place, item)| {
                let aged = pattern.said.iter().find(|s| s.item as usize == place);
                let aged = aged.map(|said| Aged::of(own, values, *said, prior));
                (findings[place], item, aged)
            })
            .collect();
        let rank = |aged: &Option<Aged>| aged.map_or((2, 0.0), |a| (u8::from(!a.seen()), -a.ratio().ln().abs()));
        found.sort_by(|(_, _, a), (_, _, b)| rank(a).partial_cmp(&rank(b)).unwrap_or(std::cmp::Ordering::Equal));
        let (mut before, mut so_far) = (Vec::new(), 1.0);
        for (finding, item, aged) in found {
            before.extend(aged);
            let together = ratio(&before, group.dependence.value);
            let weight = aged.map_or(1.0, |_| together / so_far);
            so_far = together;
            items.push(Weighed { item, finding, ratio: aged.map_or(1.0, |a| a.ratio()), weight });
        }
    }
    let behind = model.product(product).prior_behind.as_ref().filter(|_| pattern.behind);
    Assessment {
        prior: behind.unwrap_or(&model.product(product).prior),
        probability: posterior(own, values, &pattern),
        pattern,
        items,
    }
}

#[cfg(test)]
mod tests;
