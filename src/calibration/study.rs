//! All that a scan says of one product: estimates, and whether they predict what they were not shown.

use std::collections::{BTreeMap, BTreeSet};

use xxhash_rust::xxh3::xxh3_64;

use super::cells::{Cells, Sighting, domains, sightings};
use super::estimate::{Fit, estimate};
use super::reliability::{Bin, merged, reliability};
use crate::inventory::{Evidence, Fronts, Inventory, Model, ProductModel};
use crate::scan::observation::Kind;

/// What a scan says of one product.
pub struct Study {
    /// What was counted.
    pub cells: Cells,
    /// Estimates from all domains; none when they can't be told apart.
    pub fit: Option<Fit>,
    /// Each signal predicted from the others, at each half of the domains with figures estimated from the other half.
    pub bins: Vec<Bin>,
}

/// Studies the product with this index.
pub fn study(all: &Model, domains: &[(Evidence, Fronts)], product: u32, labels: &BTreeMap<&str, bool>) -> Study {
    let (model, id) = (&all.products[product as usize], &all.product(product).id);
    let all = sightings(all, domains, product, labels);
    let kinds = kinds(model);
    let cells = Cells::of(&kinds, &all);
    let fit = estimate(model, &cells);
    let mut halves: [Vec<Sighting>; 2] = [Vec::new(), Vec::new()];
    for sighting in all {
        halves[(xxh3_64(sighting.domain.as_bytes()) % 2) as usize].push(sighting);
    }
    let learnt = halves.each_ref().map(|half| learnt(model, &kinds, half));
    let [first, second] = &halves;
    let out = &cells.left_out;
    let bins = merged(reliability(id, &learnt[1], out, first), reliability(id, &learnt[0], out, second));
    Study { cells, fit, bins }
}

/// The reliability of these products' probabilities as the catalogue has them, over the domains of an inventory.
pub fn reliability_of(inventory: &Inventory, products: &BTreeSet<&str>) -> Vec<Bin> {
    let domains = domains(inventory);
    let of = |product: u32| {
        let model = &inventory.model.products[product as usize];
        let all = sightings(&inventory.model, &domains, product, &BTreeMap::new());
        let cells = Cells::of(&kinds(model), &all);
        reliability(&inventory.model.product(product).id, model, &cells.left_out, &all)
    };
    products.iter().filter_map(|id| inventory.model.index(id)).flat_map(of).collect()
}

/// Kind and number of levels of each item.
pub(super) fn kinds(model: &ProductModel) -> Vec<(Kind, usize)> {
    model.items.iter().map(|item| (item.kind, item.levels.len())).collect()
}

/// The model with what these domains teach.
fn learnt(model: &ProductModel, kinds: &[(Kind, usize)], half: &[Sighting]) -> ProductModel {
    estimate(model, &Cells::of(kinds, half)).map_or_else(|| model.clone(), |fit| fit.model)
}
