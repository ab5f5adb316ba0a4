//! Everything in a result that rests on a figure, with its source; what no source supports says "assumption".

use std::collections::BTreeSet;

use serde::Serialize;

use crate::catalogue::{
    ASSUMED_FALSE_POSITIVE_SPREAD, ASSUMED_SPREAD, Basis, Catalogue, CountShape, Distribution, Event, Factor, Outage,
    Parameter, Place, Product, Response, SeverityBand,
};
use crate::exposure::{NOT_FOUND, OBSERVED, UNINFORMATIVE};
use crate::inventory::{ASSUMED_HALF_LIFE, Model, ProductModel, ROUND_DAYS};
use crate::loss::UsedModel;
use crate::loss::plan::ASSUMED_REVENUE;
use crate::moment::Moment;
use crate::money::thousands;
use crate::scan::observation::Kind;

/// One figure that results rest on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assumption {
    /// What it is.
    pub what: String,
    /// Its value.
    pub value: String,
    /// Where it comes from.
    pub source: String,
    /// What a reader should know of it.
    pub note: String,
}

impl Assumption {
    fn new(what: impl Into<String>, value: String, source: &str) -> Assumption {
        Assumption { what: what.into(), value, source: source.to_string(), note: String::new() }
    }

    fn note(mut self, note: &str) -> Assumption {
        self.note = note.to_string();
        self
    }
}

/// The figures behind an event's exposure and losses.
pub fn list(event: &Event, catalogue: &Catalogue, fitted: &[UsedModel]) -> Vec<Assumption> {
    // Error rates and half-lives do not depend on the day.
    let model = Model::new(catalogue, Moment(0));
    let indexes: Vec<u32> = event.requires.products().into_iter().filter_map(|id| model.index(id)).collect();
    let products = || indexes.iter().map(|at| model.product(*at));
    let of = |at: &u32| of_product(model.product(*at), catalogue, &model.products[*at as usize]);
    let mut list: Vec<Assumption> = indexes.iter().flat_map(of).collect();
    list.extend(of_half_lives(products(), catalogue));
    let value = format!("{ASSUMED_SPREAD} and {ASSUMED_FALSE_POSITIVE_SPREAD}");
    list.push(Assumption::new(
        "Standard deviation of the log odds of figures that are only assumed, and of assumed false-positive rates",
        value,
        "assumption",
    ));
    let value = format!("above {} observed, below {} not found", percent(OBSERVED), percent(NOT_FOUND));
    list.push(Assumption::new(
        "Probability at which a product counts as observed or as not found",
        value,
        "assumption",
    ));
    let value = format!("at most {} of the odds before", percent(UNINFORMATIVE));
    list.push(Assumption::new("What looking must leave for a product to count as not found", value, "assumption"));
    let value = format!("{ROUND_DAYS} days");
    list.push(Assumption::new(
        "How far apart answers of one round of scans may lie; a record gone after it counts as gone",
        value,
        "assumption",
    ));
    let affected = Assumption::new(
        "Share of customers in scope who were affected",
        words(&event.affected),
        &event.affected.source,
    );
    list.push(affected.note(&event.affected.note));
    let hit = Assumption::new("Share of the affected who had a loss", words(&event.hit), &event.hit.source);
    list.push(hit.note(&event.hit.note));
    list.extend(event.outage.iter().flat_map(of_outage));
    list.extend(fitted.iter().map(of_fitted));
    let published = event.severity.as_ref().filter(|_| fitted.is_empty());
    let model = published.and_then(|id| catalogue.severities.get(id));
    list.extend(model.into_iter().flat_map(|model| model.band.iter().map(|band| of_band(band).note(&model.note))));
    if fitted.is_empty() {
        let value = format!("USD {:.0} million", ASSUMED_REVENUE / 1e6);
        list.push(Assumption::new("Revenue of an insured that gives none", value, "assumption"));
    }
    let part = |part: &Response| {
        let what = format!("Part of the loss that falls under {}", part.name.words());
        Assumption::new(what, percent(part.weight), &part.source)
    };
    list.extend(event.coverage.iter().map(part));
    list
}

/// How often an event happens in a year, where its file says so.
pub fn frequency(event: &Event) -> Option<Assumption> {
    let frequency = event.frequency.as_ref()?;
    let shape = match frequency.distribution {
        CountShape::Poisson => "Poisson",
        CountShape::NegativeBinomial => "negative binomial",
    };
    let what = format!("{}: occurrences in a year", event.title);
    Some(Assumption::new(what, format!("{} on average, {shape}", frequency.mean), &frequency.source))
}

fn of_product(product: &Product, catalogue: &Catalogue, model: &ProductModel) -> Vec<Assumption> {
    let name = &catalogue.product_name(&product.id);
    let what = format!("{name}: share of organisations that use it, before anything is looked at");
    let mut list = vec![Assumption::new(what, percent(product.prior.share), &product.prior.source)];
    if let Some(behind) = &product.prior_behind {
        let what = format!("{name}: the same share among organisations behind an email gateway, which hides it");
        list.push(Assumption::new(what, percent(behind.share), &behind.source));
    }
    for segment in &product.segment {
        let what = format!("{name}: share of organisations that use it: {}", segment.words());
        list.push(Assumption::new(what, percent(segment.share), &segment.source).note(&segment.grade));
    }
    list.extend(of_signals(product, name, catalogue, model));
    list
}

/// Error rates, dependence and half-lives of a product's signals.
fn of_signals(product: &Product, name: &str, catalogue: &Catalogue, model: &ProductModel) -> Vec<Assumption> {
    let mut list = Vec::new();
    for item in &model.items {
        let signals = || item.signals.iter().map(|at| &product.signal[*at as usize]);
        let place = signals().next().map(|s| Place::of_item(&product.id, s)).unwrap_or_default();
        let sources = [Parameter::Sensitivity, Parameter::FalsePositive].map(|parameter| {
            catalogue.rates.get(parameter, &place).map(|rate| format!("{} ({})", rate.source, rate.basis.as_str()))
        });
        let own = || signals().map(|s| s.rates_source.clone()).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
        let source = match sources {
            [Some(a), Some(b)] if a == b => a,
            [None, None] => own().join("; "),
            [a, b] => [a, b].map(|s| s.unwrap_or_else(|| own().join("; "))).join("; of others: "),
        };
        let what =
            format!("{name}, {}: how often it is seen where the product is used, and where it is not", item.name);
        let value = [&item.sensitivity, &item.false_positive].map(|f| percent(f.value)).join(" and ");
        list.push(Assumption::new(what, value, &source));
    }
    for (at, group) in model.groups.iter().enumerate() {
        if model.items.iter().filter(|item| item.group == at).count() > 1 {
            let place = Place { product: product.id.clone(), group: group.name.clone(), ..Place::default() };
            let source = catalogue.rates.get(Parameter::Dependence, &place);
            let source = source.map_or("assumption".to_string(), |r| format!("{} ({})", r.source, r.basis.as_str()));
            let what = format!("{name}, {}: share of domains at which these records are one decision", group.name);
            list.push(Assumption::new(what, percent(group.dependence.value), &source));
        }
    }
    list
}

/// Half-lives of the kinds of record that give signals of these products.
fn of_half_lives<'a>(products: impl Iterator<Item = &'a Product>, catalogue: &Catalogue) -> Vec<Assumption> {
    let kinds: BTreeSet<_> = products.flat_map(|p| p.signal.iter().map(|s| s.kind)).collect();
    let line = |kind: Kind| {
        let known = catalogue.rates.half_life(kind);
        let days = known.map_or(ASSUMED_HALF_LIFE, |r| r.estimate);
        let what = format!("{}: days after which half of those who used what it showed have left", kind.as_str());
        let source = known.map_or("assumption", |r| r.source.as_str());
        let mark = known.is_some_and(|r| r.basis == Basis::Partly);
        Assumption::new(what, thousands(days), source).note(if mark { "part assumption" } else { "" })
    };
    kinds.into_iter().map(line).collect()
}

fn of_outage(outage: &Outage) -> [Assumption; 3] {
    let hours = format!("median {} h, 95 % within {} h", outage.median_hours, outage.p95_hours);
    let depth = [outage.gross_margin, outage.dependency, outage.impact].map(percent).join(" × ");
    [
        Assumption::new("Duration of the outage", hours, &outage.source)
            .note("The same for all insureds of one trial."),
        Assumption::new("Gross margin × dependency on the product × impact while it is down", depth, &outage.source),
        Assumption::new(
            "Where a policy does not say: waiting period and its kind, indemnity period",
            "none; the wait is borne by the insured; 365 days".into(),
            "assumption; indemnity period: default of Open Exposure Data",
        ),
    ]
}

/// A severity fitted to incidents, and how many policies it stands for.
fn of_fitted(used: &UsedModel) -> Assumption {
    let model = used.model;
    let severity = model.severity();
    let mut value = format!(
        "{}, median {}, 95 % within {}",
        model.family.as_str(),
        thousands(severity.quantile(0.5)),
        thousands(severity.quantile(0.95))
    );
    if model.elasticity != 0.0 {
        let reference = thousands(model.reference_revenue);
        value += &format!(" at a revenue of {reference}, which it follows with the power {:.2}", model.elasticity);
    }
    let policies = if used.policies == 1 { "policy" } else { "policies" };
    let what = format!("Loss of a hit insured, USD, fitted to incidents: {}", model.segment);
    let uncertain = if model.covariance.is_empty() && model.scale_log_error == 0.0 {
        "parameters taken as known"
    } else {
        "parameters drawn anew in each trial from their covariance"
    };
    let mut note = format!(
        "Used for {} {policies}. {} losses, {} of them known exactly; weight {:.2} against {}; {uncertain}.",
        thousands(used.policies as f64),
        thousands(model.n as f64),
        thousands(model.uncensored as f64),
        model.weight,
        if model.parent.is_empty() { "no parent" } else { &model.parent }
    );
    if !model.note.is_empty() {
        note += &format!(" {}", model.note);
    }
    Assumption::new(what, value, &model.source).note(&note)
}

fn of_band(band: &SeverityBand) -> Assumption {
    let below = |top: f64| format!("below USD {:.0} million", top / 1e6);
    let top = band.revenue_below.map_or_else(|| "and larger".to_string(), below);
    let level = match (band.mean, band.median) {
        (Some(mean), _) => format!("mean {}", thousands(mean)),
        (None, median) => format!("median {}", thousands(median.unwrap_or(0.0))),
    };
    let value = format!("{level}, at most {}", thousands(band.cap));
    Assumption::new(format!("Loss of a hit insured, USD, revenue {top}"), value, &band.source)
}

fn percent(share: f64) -> String {
    format!("{} %", (share * 1e4).round() / 100.0)
}

fn words(factor: &Factor) -> String {
    match factor.checked() {
        Ok(Distribution::Point(x)) => percent(x),
        Ok(Distribution::Uniform(low, high)) => format!("between {} and {}", percent(low), percent(high)),
        Ok(Distribution::Beta(a, b)) => format!("{} on average, beta({a:.2}, {b:.2})", percent(a / (a + b))),
        Err(rule) => rule,
    }
}
