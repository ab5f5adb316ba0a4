//! How many insureds are in scope, and how sure that is.
//!
//! Three things are uncertain. Each insured on its own: given its probability, it is in scope or not. The error rates of
//! signals: they are the same for all insureds, so a scanner that misses more than thought understates all at once. And
//! what is usual where nobody looked: the priors, shared too. The shared figures are drawn ([`crate::inventory::draws`]);
//! in each draw every insured's probability is worked out anew, and the count has its mean and variance.

use std::collections::HashMap;

use rayon::prelude::*;

use super::tier::share;
use super::uses::{Use, Uses};
use crate::catalogue::{Catalogue, Event};
use crate::fault::Fault;
use crate::inventory::{DRAWS, Entry, Model, Pattern, ProductModel, Values, Vary, draws, evaluate, odds, probability};
use crate::moment::Moment;
use crate::table::{Cell, Fields, Kind, Record, Row, Table, column};

/// The number of insureds in scope in one draw of the shared figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Draw {
    /// Which; draw 0 has every figure at its central value.
    pub draw: u32,
    /// Expected number of insureds in scope.
    pub expected: f64,
    /// Its variance, insureds being independent of each other given the shared figures.
    pub variance: f64,
    /// Expected number when error rates alone are drawn.
    pub rates_alone: f64,
    /// Expected number when priors alone are drawn.
    pub priors_alone: f64,
}

/// Number of insureds in scope: its central value and draws.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InScope {
    /// Draw 0 is the central one.
    pub draws: Vec<Draw>,
}

/// The table of draws.
pub const IN_SCOPE: Table = Table {
    name: "in_scope",
    meaning: "Insureds in scope of the event in each draw of the figures that all insureds share.",
    columns: &[
        column("draw", Kind::Integer, "", true, "Draw; 0 has every figure at its central value"),
        column("expected", Kind::Number, "insureds", true, "Expected number of insureds in scope"),
        column(
            "variance",
            Kind::Number,
            "insureds²",
            true,
            "Its variance, each insured being in scope or not on its own",
        ),
        column(
            "rates_alone",
            Kind::Number,
            "insureds",
            true,
            "Expected number when only error rates of signals are drawn",
        ),
        column("priors_alone", Kind::Number, "insureds", true, "Expected number when only priors are drawn"),
    ],
};

impl Record for Draw {
    const TABLE: Table = IN_SCOPE;

    fn cells(&self) -> Vec<Cell> {
        let numbers = [self.expected, self.variance, self.rates_alone, self.priors_alone];
        std::iter::once(Cell::Integer(self.draw.into())).chain(numbers.map(Cell::Number)).collect()
    }
}

impl Draw {
    /// Reads one row.
    pub fn read(row: &Row) -> (Option<Draw>, Vec<Fault>) {
        let mut fields = Fields::new(row, &IN_SCOPE);
        let draw = fields.number("draw");
        let mut number = |name: &str| fields.number(name).unwrap_or(0.0);
        let [expected, variance, rates_alone, priors_alone] =
            ["expected", "variance", "rates_alone", "priors_alone"].map(&mut number);
        fields.finish(Draw { draw: draw.unwrap_or(0.0) as u32, expected, variance, rates_alone, priors_alone })
    }
}

/// What a row's odds come from: a pattern of findings, or a fixed probability (a table of the user's own has no findings).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Origin {
    Pattern(Pattern),
    /// Probability and prior, as bits.
    Fixed([u64; 2]),
}

/// A product at an insured, by the places of its rows' origins.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    rows: Vec<u32>,
    unasked: bool,
    declared: Option<u32>,
    shift: u64,
}

/// A product of the condition, and where its rows come from.
struct Origins {
    places: HashMap<Origin, u32>,
    model: Option<ProductModel>,
    id: String,
}

const WAYS: [Vary; 3] = [Vary::All, Vary::Rates, Vary::Priors];

impl InScope {
    /// Counts insureds, each with its uses: of the insured as a whole, or of each domain where each is judged alone.
    pub fn of(catalogue: &Catalogue, event: &Event, models: &[u32], insureds: &[&[Uses]], as_of: Moment) -> InScope {
        let model = Model::new(catalogue, as_of);
        let ids: Vec<&str> = event.requires.products().into_iter().collect();
        let mut origins: Vec<Origins> = ids.iter().map(|id| Origins::new(catalogue, &model, id)).collect();
        let mut kinds: HashMap<Vec<Vec<Key>>, u64> = HashMap::new();
        for uses in insureds {
            let key = uses.iter().map(|uses| uses.iter().zip(&mut origins).map(|((_, own), of)| of.key(own)).collect());
            *kinds.entry(key.collect()).or_default() += 1;
        }
        let mut kinds: Vec<(Vec<Vec<Key>>, u64)> = kinds.into_iter().collect();
        // Sums are taken in one order, whatever the order of the map.
        kinds.sort_unstable();
        let odds: Vec<OddsOf> = origins.iter().map(Origins::odds).collect();
        let count = |way: usize, draw: usize| {
            let mut sum = (0.0, 0.0);
            for (alternatives, insureds) in &kinds {
                let each = alternatives.iter().map(|keys| {
                    let shares: Vec<f64> =
                        keys.iter().zip(&odds).map(|(key, odds)| odds.share(key, way, draw)).collect();
                    share(models, &shares)
                });
                let p = each.fold(0.0, f64::max);
                sum = (sum.0 + p * *insureds as f64, sum.1 + p * (1.0 - p) * *insureds as f64);
            }
            sum
        };
        let draws = (0..=DRAWS).into_par_iter().map(|draw| {
            let ((expected, variance), rates, priors) = (count(0, draw), count(1, draw), count(2, draw));
            Draw { draw: draw as u32, expected, variance, rates_alone: rates.0, priors_alone: priors.0 }
        });
        InScope { draws: draws.collect() }
    }
}

/// For each way to vary and each draw (0 the central one): the prior's odds, and each origin's posterior and prior odds.
struct OddsOf {
    prior: [Vec<f64>; 3],
    origins: Vec<[Vec<[f64; 2]>; 3]>,
}

impl OddsOf {
    fn share(&self, key: &Key, way: usize, draw: usize) -> f64 {
        let shift = f64::from_bits(key.shift);
        let answer = key.declared.map_or(1.0, |at| {
            let [after, before] = self.origins[at as usize][way][draw];
            after / before
        });
        let rows = key.rows.iter().map(|at| self.origins[*at as usize][way][draw][0]);
        let unasked = key.unasked.then(|| self.prior[way][draw]);
        probability(rows.chain(unasked).fold(0.0, f64::max) * shift * answer)
    }
}

impl Origins {
    fn new(catalogue: &Catalogue, model: &Model, id: &str) -> Origins {
        let at = catalogue.products.iter().position(|p| p.id == id);
        Origins { places: HashMap::new(), model: at.map(|at| model.products[at].clone()), id: id.to_string() }
    }

    fn key(&mut self, own: &Use) -> Key {
        let mut rows: Vec<u32> = own.domains.iter().map(|entry| self.origin(entry, own)).collect();
        rows.sort_unstable();
        rows.dedup();
        let declared = own.declared.map(|entry| self.origin(entry, own));
        Key { rows, unasked: own.unasked, declared, shift: own.shift.to_bits() }
    }

    fn origin(&mut self, entry: &Entry, own: &Use) -> u32 {
        let parsed = self.model.as_ref().and_then(|model| Pattern::parse(&entry.findings, model));
        let pattern = parsed.filter(|_| !entry.findings.is_empty()).map(Origin::Pattern);
        let origin =
            pattern.unwrap_or(Origin::Fixed([entry.probability, entry.prior.unwrap_or(own.general)].map(f64::to_bits)));
        let next = self.places.len() as u32;
        *self.places.entry(origin).or_insert(next)
    }

    fn odds(&self) -> OddsOf {
        let Some(model) = &self.model else {
            return OddsOf { prior: WAYS.map(|_| vec![0.0; DRAWS + 1]), origins: Vec::new() };
        };
        let values = WAYS.map(|way| {
            let mut all = vec![Values::central(model)];
            all.extend(draws(&self.id, model, way));
            all
        });
        let of_way = |origin: &Origin, values: &[Values]| -> Vec<[f64; 2]> {
            let of_draw = |values: &Values| match origin {
                Origin::Fixed(shares) => shares.map(|bits| odds(f64::from_bits(bits))),
                Origin::Pattern(pattern) => {
                    let before = odds(values.prior_of(pattern));
                    [before * evaluate(model, values, pattern), before]
                }
            };
            values.iter().map(of_draw).collect()
        };
        let mut origins: Vec<(&Origin, u32)> = self.places.iter().map(|(origin, at)| (origin, *at)).collect();
        origins.sort_by_key(|(_, at)| *at);
        OddsOf {
            prior: [0, 1, 2].map(|way| values[way].iter().map(|v| odds(v.prior[0])).collect()),
            origins: origins.par_iter().map(|(origin, _)| [0, 1, 2].map(|way| of_way(origin, &values[way]))).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
