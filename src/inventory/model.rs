//! The catalogue as the posterior reads it: the signals of a product as items, each answered by one question.
//!
//! The MX host of a mail service may end in one of several names: they are one item with several levels, of which a domain
//! shows the strongest. Items of one group (MX and SPF of one vendor) depend on each other.

use std::collections::BTreeMap;

use indexmap::IndexSet;

use super::evidence::{Question, is_complete, question};
use super::likelihood::Values;
use crate::catalogue::{
    ASSUMED_DEPENDENCE, ASSUMED_FALSE_POSITIVE_SPREAD, ASSUMED_SPREAD, Catalogue, Figure, Parameter, Place, Product,
    Signal, SignalRates,
};
use crate::moment::Moment;
use crate::scan::observation::Kind;

/// Signals of one product that one question answers.
#[derive(Clone, Debug)]
pub struct Item {
    /// Unique within the product: the kind of record, with its keys or group where the kind alone is not enough.
    pub name: String,
    /// Group, by its place in [`ProductModel::groups`].
    pub group: usize,
    /// Kind of record.
    pub kind: Kind,
    /// Questions of which any answers it; none for kinds whose answers are never complete.
    pub questions: Vec<u16>,
    /// Its signals, by their place in the product.
    pub signals: Vec<u16>,
    /// P(any of its signals seen | used).
    pub sensitivity: Figure,
    /// P(any of its signals seen | not used).
    pub false_positive: Figure,
    /// For each signal, the share of it among what is seen at users and at others.
    pub levels: Vec<[f64; 2]>,
    /// Days after which half of those who used the product have left.
    pub half_life: f64,
    /// Categories that hide it, as bits of [`Model::fronts`].
    pub hidden_by: u32,
}

/// A group of items that depend on each other.
#[derive(Clone, Debug)]
pub struct Group {
    /// Name in the catalogue.
    pub name: String,
    /// Share of domains at which its records are one decision.
    pub dependence: Figure,
}

/// A product's items and groups.
#[derive(Clone, Debug)]
pub struct ProductModel {
    /// Items, in the order of the catalogue.
    pub items: Vec<Item>,
    /// Groups, by name.
    pub groups: Vec<Group>,
    /// Share that uses it.
    pub prior: Figure,
    /// The same share where a product in front hides it; `prior` where the catalogue has none.
    pub prior_behind: Figure,
    /// Item of each signal.
    pub item_of: Vec<usize>,
    /// Its category as a bit of [`Model::fronts`]; none when it hides nothing.
    pub front: u32,
}

/// The catalogue on a day, ready to weigh evidence.
pub struct Model<'a> {
    /// The catalogue.
    pub catalogue: &'a Catalogue,
    /// The end of the day: evidence ages up to it.
    pub as_of: Moment,
    /// Products, in the catalogue's order.
    pub products: Vec<ProductModel>,
    /// Central values of each product's figures.
    pub central: Vec<Values>,
    /// Every question that the catalogue has an interest in.
    pub questions: IndexSet<Question>,
    /// Categories that hide others' signals.
    pub fronts: Vec<String>,
}

/// Half-life of evidence of a kind that the catalogue says nothing of: three years. Assumption.
pub const ASSUMED_HALF_LIFE: f64 = 1_096.0;

impl<'a> Model<'a> {
    /// The model of a catalogue at the end of a day.
    pub fn new(catalogue: &'a Catalogue, as_of: Moment) -> Model<'a> {
        let mut questions: IndexSet<Question> = Kind::ALL.into_iter().map(|kind| (kind, String::new())).collect();
        let hiding = catalogue.products.iter().flat_map(|p| &p.signal).flat_map(|s| s.hidden_by.iter().cloned());
        let mut fronts: Vec<String> = hiding.collect();
        fronts.sort_unstable();
        fronts.dedup();
        let products = catalogue.products.iter().map(|p| product_model(p, &catalogue.rates, &mut questions, &fronts));
        let products: Vec<ProductModel> = products.collect();
        let central = products.iter().map(Values::central).collect();
        Model { catalogue, as_of, products, central, questions, fronts }
    }

    /// The index of the product with this id.
    pub fn index(&self, id: &str) -> Option<u32> {
        self.catalogue.products.binary_search_by(|p| p.id.as_str().cmp(id)).ok().map(|at| at as u32)
    }

    /// The product with this index.
    pub fn product(&self, product: u32) -> &'a Product {
        &self.catalogue.products[product as usize]
    }
}

fn product_model(
    product: &Product,
    rates: &SignalRates,
    questions: &mut IndexSet<Question>,
    fronts: &[String],
) -> ProductModel {
    let mut places: IndexSet<Place> = IndexSet::new();
    let mut item_of = Vec::new();
    let mut signals: Vec<Vec<u16>> = Vec::new();
    for (at, signal) in (0u16..).zip(&product.signal) {
        let (item, new) = places.insert_full(Place::of_item(&product.id, signal));
        if new {
            signals.push(Vec::new());
        }
        signals[item].push(at);
        item_of.push(item);
    }
    let mut names: Vec<&str> = product.signal.iter().map(|s| s.group.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let names_of_items = item_names(&places);
    let bits = |categories: &[String]| {
        let bit = |c: &String| fronts.iter().position(|f| f == c).map_or(0, |at| 1u32 << at);
        categories.iter().map(bit).fold(0, |a, b| a | b)
    };
    let items = places.iter().zip(signals).zip(names_of_items).map(|((place, own), name)| {
        let of: Vec<&Signal> = own.iter().map(|at| &product.signal[*at as usize]).collect();
        let kind = of[0].kind;
        let (sensitivity, false_positive, levels) = rates_of(product, place, &of, rates);
        Item {
            name,
            group: names.iter().position(|g| *g == place.group).unwrap_or(0),
            kind,
            questions: questions_of(of[0], questions),
            signals: own,
            sensitivity,
            false_positive,
            levels,
            half_life: rates.half_life(kind).map_or(ASSUMED_HALF_LIFE, |r| r.estimate),
            hidden_by: of.iter().map(|s| bits(&s.hidden_by)).fold(0, |a, b| a | b),
        }
    });
    let group = |name: &str| {
        let place = Place { product: product.id.clone(), group: name.to_string(), ..Place::default() };
        let assumed = Figure::assumed(ASSUMED_DEPENDENCE, ASSUMED_SPREAD);
        Group { name: name.to_string(), dependence: Figure::of(rates.get(Parameter::Dependence, &place), assumed) }
    };
    ProductModel {
        items: items.collect(),
        groups: names.iter().map(|name| group(name)).collect(),
        prior: product.prior.figure(),
        prior_behind: product.prior_behind.as_ref().unwrap_or(&product.prior).figure(),
        item_of,
        front: bits(std::slice::from_ref(&product.category)),
    }
}

/// `mx`, or `spf/hosted SPF` where the product has two items of the kind.
fn item_names(places: &IndexSet<Place>) -> Vec<String> {
    let kind = |p: &Place| p.kind.map_or("", Kind::as_str).to_string();
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    places.iter().for_each(|p| *uses.entry(kind(p)).or_default() += 1);
    let name = |p: &Place| match kind(p) {
        word if uses[&word] < 2 => word,
        word if p.keys.is_empty() => format!("{word}/{}", p.group),
        word => format!("{word}/{}/{}", p.group, p.keys),
    };
    places.iter().map(name).collect()
}

/// The questions of which any answers a signal.
fn questions_of(signal: &Signal, questions: &mut IndexSet<Question>) -> Vec<u16> {
    let mut intern = |key: &str| questions.insert_full(question(signal.kind, key)).0 as u16;
    match signal.kind {
        kind if !is_complete(kind) => {
            signal.keys.iter().for_each(|key| _ = intern(key));
            Vec::new()
        }
        Kind::Dkim | Kind::Declared => signal.keys.iter().map(|key| intern(key)).collect(),
        _ => vec![intern("")],
    }
}

/// Sensitivity, false-positive rate and levels of an item.
///
/// Estimates are of the item as a whole. Where there are none, its signals are taken to be set up independently of each
/// other: P(any) = 1 − Π (1 − P(each)).
fn rates_of(
    product: &Product,
    item: &Place,
    signals: &[&Signal],
    rates: &SignalRates,
) -> (Figure, Figure, Vec<[f64; 2]>) {
    let any = |of: &dyn Fn(&Signal) -> f64| 1.0 - signals.iter().map(|s| 1.0 - of(s)).product::<f64>();
    let figure = |parameter, assumed: Figure| Figure::of(rates.get(parameter, item), assumed);
    let used = figure(Parameter::Sensitivity, Figure::assumed(any(&|s| s.sensitivity), ASSUMED_SPREAD));
    let unused =
        figure(Parameter::FalsePositive, Figure::assumed(any(&|s| s.false_positive), ASSUMED_FALSE_POSITIVE_SPREAD));
    let own =
        |parameter, signal: &Signal| rates.get(parameter, &Place::of_signal(&product.id, signal)).map(|r| r.estimate);
    let share = |s: &&Signal| match (own(Parameter::Sensitivity, s), own(Parameter::FalsePositive, s)) {
        (Some(used), Some(unused)) => [used, unused],
        // Where only users' shares are estimated, each level is worth as much as the item.
        (Some(used), None) => [used, used],
        _ => [s.sensitivity, s.false_positive],
    };
    let shares: Vec<[f64; 2]> = signals.iter().map(share).collect();
    let total = |class: usize| shares.iter().map(|s| s[class]).sum::<f64>();
    let (all_used, all_unused) = (total(0), total(1));
    (used, unused, shares.iter().map(|s| [s[0] / all_used, s[1] / all_unused]).collect())
}
