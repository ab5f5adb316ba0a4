//! How long evidence lasts, from records that stayed and records that went between rounds of scans.

use std::collections::BTreeMap;

use crate::catalogue::{Basis, Parameter, Place, SignalRate};
use crate::inventory::{Inventory, ROUND_DAYS, evidence::is_complete, gone};
use crate::scan::observation::Kind;

/// Records that must have gone for a half-life to be estimated.
const GONE: u64 = 20;

/// What was seen of records of one kind over time.
#[derive(Clone, Copy, Debug, Default)]
struct Watched {
    /// Records watched for longer than a round.
    records: u64,
    /// Days over which they were seen to stand.
    days: f64,
    /// Those that went.
    gone: u64,
}

/// Half-lives by kind of record: ln 2 × days watched ÷ records gone, the maximum of the likelihood of an exponential
/// lifetime (a record that went between two looks counts half of the time between them).
///
/// A record that went is taken as a user who left: where records change while the vendor stays, a half-life comes out too
/// short, so a product's levels count as one record.
pub fn half_lives(inventory: &Inventory, source: &str) -> Vec<SignalRate> {
    let mut watched: BTreeMap<Kind, Watched> = BTreeMap::new();
    for (evidence, _) in inventory.all() {
        for hit in evidence.hits() {
            let product = &inventory.model.products[hit.signal.product as usize];
            let item = &product.items[product.item_of[hit.signal.signal as usize]];
            if !is_complete(item.kind) {
                continue;
            }
            let left = gone(item, &hit, &evidence);
            let stays = evidence
                .hits_of(hit.signal.product)
                .any(|other| item.signals.contains(&other.signal.signal) && gone(item, &other, &evidence).is_none());
            let left = left.filter(|_| !stays);
            let days = |from: i64, to: i64| (to - from) as f64 / 86_400.0;
            let stood = days(hit.span().first.0, hit.span().last.0);
            let half = left.map_or(0.0, |answer| days(hit.span().last.0, answer.0) / 2.0);
            if stood + half > ROUND_DAYS as f64 {
                let own = watched.entry(item.kind).or_default();
                own.records += 1;
                own.days += stood + half;
                own.gone += u64::from(left.is_some());
            }
        }
    }
    let row = |kind: &Kind| {
        let own = watched.get(kind).copied().unwrap_or_default();
        let place = Place { kind: Some(*kind), ..Place::default() };
        let known = inventory.model.catalogue.rates.half_life(*kind);
        let mut row = SignalRate {
            place,
            parameter: Parameter::HalfLife,
            estimate: known.map_or(crate::inventory::ASSUMED_HALF_LIFE, |r| r.estimate),
            standard_error: None,
            basis: Basis::Assumed,
            domains: Some(own.records),
            seen: Some(own.records - own.gone),
            source: known.map_or("assumption".to_string(), |r| r.source.clone()),
        };
        if own.gone >= GONE {
            row.estimate = (std::f64::consts::LN_2 * own.days / own.gone as f64).max(1.0);
            row.standard_error = Some(row.estimate / (own.gone as f64).sqrt());
            row.basis = Basis::Estimated;
            row.source = source.to_string();
        }
        row
    };
    Kind::ALL.iter().filter(|kind| is_complete(**kind)).map(row).collect()
}
