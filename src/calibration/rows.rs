//! Estimates as rows of the table that the catalogue reads.

use super::cells::Cells;
use super::estimate::{Estimated, Fit};
use super::objective::Free;
use crate::catalogue::{Basis, Parameter, Place, Product, SignalRate};
use crate::inventory::ProductModel;

/// Why a figure that was not estimated stays the catalogue's.
const ALONE: &str = "fewer than two signals that can be set against each other, or too few domains that show one";
const HELD: &str = "held: this signal says what \"used\" means";

/// What is known of one product.
pub struct Studied<'a> {
    /// The product.
    pub product: &'a Product,
    /// Its model as the catalogue has it.
    pub model: &'a ProductModel,
    /// What was counted.
    pub cells: &'a Cells,
    /// What was estimated.
    pub fit: Option<&'a Fit>,
    /// Where the estimates come from.
    pub source: &'a str,
}

impl Studied<'_> {
    /// The figures of the product: those estimated, and for the rest the catalogue's with the reason.
    pub fn rows(&self) -> Vec<SignalRate> {
        let mut rows = self.priors();
        rows.extend((0..self.model.items.len()).flat_map(|item| self.of_item(item)));
        rows.extend(self.dependences());
        rows
    }

    fn found(&self, which: Free) -> Option<Estimated> {
        self.fit.and_then(|fit| fit.figure(which))
    }

    fn row(&self, place: Place, parameter: Parameter, found: Option<Estimated>, assumed: f64, why: &str) -> SignalRate {
        SignalRate {
            place,
            parameter,
            estimate: found.map_or(assumed, |f| f.value),
            standard_error: found.map(|f| f.error),
            basis: found.map_or(Basis::Assumed, |f| f.basis),
            domains: None,
            seen: None,
            source: if found.is_some() { self.source.to_string() } else { format!("catalogue: {why}") },
        }
    }

    fn of_product(&self, group: &str) -> Place {
        Place { product: self.product.id.clone(), group: group.to_string(), ..Place::default() }
    }

    fn priors(&self) -> Vec<SignalRate> {
        let open = self.found(Free::Prior(0));
        let mut rows = vec![self.row(self.of_product(""), Parameter::Prevalence, open, self.model.prior.value, ALONE)];
        if let Some(behind) = self.found(Free::Prior(1)) {
            rows.push(self.row(self.of_product(""), Parameter::PrevalenceBehind, Some(behind), 0.0, ALONE));
        }
        rows
    }

    /// Sensitivity and false-positive rate of an item, and of each of its signals where it has several.
    fn of_item(&self, at: usize) -> Vec<SignalRate> {
        let item = &self.model.items[at];
        let signal = |level: usize| &self.product.signal[item.signals[level] as usize];
        let [asked, _] = self.cells.asked[at];
        let mut rows = Vec::new();
        for (class, parameter) in [Parameter::Sensitivity, Parameter::FalsePositive].into_iter().enumerate() {
            let assumed = [item.sensitivity.value, item.false_positive.value][class];
            let whole = self.found(Free::Rate(at, class));
            let is_held = class == 1 && whole.is_none() && self.found(Free::Rate(at, 0)).is_some();
            let why = if is_held { HELD } else { self.cells.left_out[at].map_or(ALONE, super::Reason::words) };
            let counted = |row: SignalRate, seen: u64| SignalRate { domains: Some(asked), seen: Some(seen), ..row };
            let place = Place::of_item(&self.product.id, signal(0));
            rows.push(counted(self.row(place, parameter, whole, assumed, why), self.cells.asked[at][1]));
            if item.signals.len() < 2 {
                continue;
            }
            for (level, seen) in self.cells.levels[at].iter().enumerate() {
                let shares = self.fit.map_or(&item.levels, |fit| &fit.model.items[at].levels);
                let share = shares[level][class];
                let part = whole.map(|w| Estimated { value: (w.value * share).max(1e-9), error: w.error * share, ..w });
                let place = Place::of_signal(&self.product.id, signal(level));
                rows.push(counted(self.row(place, parameter, part, assumed * share, why), *seen));
            }
        }
        rows
    }

    fn dependences(&self) -> Vec<SignalRate> {
        let members = |at: usize| self.model.items.iter().filter(|item| item.group == at).count();
        let several = self.model.groups.iter().enumerate().filter(|(at, _)| members(*at) > 1);
        let row = |(at, group): (usize, &crate::inventory::Group)| {
            let (place, found) = (self.of_product(&group.name), self.found(Free::Dependence(at)));
            self.row(place, Parameter::Dependence, found, group.dependence.value, ALONE)
        };
        several.map(row).collect()
    }
}
