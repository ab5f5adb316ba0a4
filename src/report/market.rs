//! The book's technology shares beside published market shares.

use std::collections::HashSet;

use serde::Serialize;

use crate::catalogue::{Catalogue, Event};
use crate::exposure::Exposure;
use crate::inventory::{Entry, Standing};

/// A product's share in the book beside its published market share.
#[derive(Clone, Debug, Serialize)]
pub struct MarketLine {
    /// Product.
    pub product: String,
    /// Published share.
    pub published: f64,
    /// Of what.
    pub population: String,
    /// Who and when.
    pub source: String,
    /// Insureds with a domain at which the product was seen or looked for.
    pub looked_at: u64,
    /// Those at which it counts as used: seen, and more likely than not.
    pub insureds: u64,
    /// Their share.
    pub share: f64,
    /// How many the published share would have predicted.
    pub predicted: f64,
    /// How many more there are than predicted.
    pub difference: f64,
}

/// A line for each of the event's products that has a published share.
pub fn market(event: &Event, catalogue: &Catalogue, exposures: &[Exposure], inventory: &[Entry]) -> Vec<MarketLine> {
    let insureds = |domains: &HashSet<&str>| {
        let with = exposures.iter().filter(|e| e.domains.iter().any(|d| domains.contains(d.as_str())));
        with.map(|e| e.insured_id.as_str()).collect::<HashSet<_>>().len() as u64
    };
    let line = |id: &str| {
        let published = catalogue.product(id)?.nearest_share.as_ref()?;
        let of = || inventory.iter().filter(|e| e.product == id && e.standing != Standing::Hidden);
        let used = |e: &&Entry| e.standing == Standing::Seen && e.probability >= 0.5;
        let looked_at = insureds(&of().map(|e| e.domain.as_str()).collect());
        let own = insureds(&of().filter(used).map(|e| e.domain.as_str()).collect());
        let predicted = published.share * looked_at as f64;
        Some(MarketLine {
            product: catalogue.product_name(id),
            published: published.share,
            population: published.population.clone(),
            source: format!("{}, {} ({})", published.source, published.month, published.grade),
            looked_at,
            insureds: own,
            share: own as f64 / looked_at.max(1) as f64,
            predicted,
            difference: own as f64 - predicted,
        })
    };
    event.requires.products().into_iter().filter_map(line).collect()
}
