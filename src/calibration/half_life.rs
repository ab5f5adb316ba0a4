//! How long evidence lasts, from records that stayed and records that went between rounds of scans.

use std::collections::BTreeMap;

use crate::catalogue::{Basis, Parameter, Place, SignalRate};
use crate::inventory::{Inventory, ROUND_DAYS, evidence::is_complete, gone};
use crate::scan::observation::Kind;

/// Records that must have gone for a half-life to be estimated.
const GONE: u64 = 20;

/// A record that was seen, and whether it still stood when its host last answered.
#[derive(Clone, Copy, Debug)]
struct Watched {
    /// Days from the first sighting to the last answer.
    days: f64,
    stands: bool,
}

/// Half-lives by kind of record.
///
/// A record seen first at one time stands at the host's last answer, d days later, with probability e^(−λd), whatever was
/// asked in between: the rate λ is where that likelihood is greatest, the half-life ln 2 ÷ λ.
///
/// A record that went is taken as a user who left: where records change while the vendor stays, a half-life comes out too
/// short, so a product's levels count as one record.
pub fn half_lives(inventory: &Inventory, source: &str) -> Vec<SignalRate> {
    let mut watched: BTreeMap<Kind, Vec<Watched>> = BTreeMap::new();
    for (evidence, _) in inventory.all() {
        for hit in evidence.hits() {
            let product = &inventory.model.products[hit.signal.product as usize];
            let item = &product.items[product.item_of[hit.signal.signal as usize]];
            let answers = item.questions.iter().filter_map(|question| evidence.last_answer(*question, &hit));
            let (true, Some(last)) = (is_complete(item.kind), answers.max()) else { continue };
            let stands = evidence
                .hits_of(hit.signal.product.into())
                .any(|other| item.signals.contains(&other.signal.signal) && gone(item, &other, &evidence).is_none());
            let days = (last.0 - hit.span().first.0) as f64 / 86_400.0;
            if days > ROUND_DAYS as f64 {
                watched.entry(item.kind).or_default().push(Watched { days, stands });
            }
        }
    }
    let row = |kind: &Kind| {
        let own = watched.get(kind).map_or(&[][..], Vec::as_slice);
        let left = own.iter().filter(|record| !record.stands).count() as u64;
        let place = Place { kind: Some(*kind), ..Place::default() };
        let known = inventory.model.catalogue.rates.half_life(*kind);
        let mut row = SignalRate {
            place,
            parameter: Parameter::HalfLife,
            estimate: known.map_or(crate::inventory::ASSUMED_HALF_LIFE, |r| r.estimate),
            standard_error: None,
            basis: Basis::Assumed,
            domains: Some(own.len() as u64),
            seen: Some(own.len() as u64 - left),
            source: known.map_or("assumption".to_string(), |r| r.source.clone()),
        };
        if left >= GONE {
            let (rate, error) = leaving(own);
            row.estimate = (std::f64::consts::LN_2 / rate).max(1.0);
            row.standard_error = Some(row.estimate * error / rate);
            row.basis = Basis::Estimated;
            row.source = source.to_string();
        }
        row
    };
    Kind::ALL.iter().filter(|kind| is_complete(**kind)).map(row).collect()
}

/// The rate a day at which records go, and its standard error: the root of the score, which falls in λ, by bisection on its
/// logarithm; the error from the second derivative.
fn leaving(records: &[Watched]) -> (f64, f64) {
    let score = |rate: f64| -> f64 {
        let one = |record: &Watched| {
            if record.stands { -record.days } else { record.days / libm::expm1(rate * record.days) }
        };
        records.iter().map(one).sum()
    };
    let (mut low, mut high) = (1e-9f64, 10.0f64);
    for _ in 0..200 {
        let middle = (low * high).sqrt();
        if score(middle) > 0.0 { low = middle } else { high = middle }
    }
    let rate = (low * high).sqrt();
    let curvature = |record: &Watched| {
        let grown = libm::exp(rate * record.days);
        if record.stands { 0.0 } else { record.days * record.days * grown / (grown - 1.0).powi(2) }
    };
    (rate, 1.0 / records.iter().map(curvature).sum::<f64>().sqrt())
}
