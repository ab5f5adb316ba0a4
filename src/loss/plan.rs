//! What a simulation needs, resolved: insureds with their probability, severity and layers, and the shared factors.

use xxhash_rust::xxh3::xxh3_64;

use super::outage::hourly_loss;
use super::severity::{CappedLognormal, band_of};
use crate::catalogue::{Catalogue, Distribution, Event};
use crate::exposure::{Exposure, Tier};
use crate::fault::Failure;
use crate::portfolio::{Coverage, Terms};

/// The loss of one hit insured, before any policy.
#[derive(Clone, Copy, Debug)]
pub enum GroundUp {
    /// A severity, in cents of the reporting currency for a loss of one US dollar.
    Severity {
        /// Loss in US dollars.
        severity: CappedLognormal,
        /// Reporting currency for one US dollar.
        rate: f64,
    },
    /// Gross profit lost in one hour, in units of the reporting currency.
    Hourly(f64),
}

/// One policy of an insured, in the reporting currency.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    /// Index in the exposure list.
    pub exposure: usize,
    /// Terms in the reporting currency.
    pub terms: Terms,
}

/// An insured in scope: all its policies see the same loss.
#[derive(Clone, Debug)]
pub struct Insured {
    /// Hash of the insured's id: the name of its draws.
    pub key: u64,
    /// Probability that the insured meets the event's condition.
    pub probability: f64,
    /// The best-supported tier among its policies.
    pub tier: Tier,
    /// Its loss when hit.
    pub ground_up: GroundUp,
    /// Its policies in force.
    pub layers: Vec<Layer>,
}

/// What all insureds of one occurrence share.
#[derive(Clone, Copy, Debug)]
pub struct Shock {
    /// Share of customers in scope who are affected.
    pub affected: Distribution,
    /// Share of the affected who have a loss.
    pub hit: Distribution,
    /// Duration of an outage: location and scale of its lognormal hours.
    pub outage: Option<(f64, f64)>,
}

/// An event over a list of insureds.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Shared factors.
    pub shock: Shock,
    /// Each coverage's part of the loss.
    pub weights: [f64; Coverage::COUNT],
    /// Insureds, by key.
    pub insureds: Vec<Insured>,
}

impl Plan {
    /// The plan of `event` over `exposures`. `dollar` is what one unit of the reporting currency is worth in US dollars.
    ///
    /// # Errors
    /// When the event's figures make no distribution, or two insureds share a key.
    pub fn new(event: &Event, catalogue: &Catalogue, exposures: &[Exposure], dollar: f64) -> Result<Plan, Failure> {
        let factor = |name: &str, factor: &crate::catalogue::Factor| {
            factor.checked().map_err(|rule| Failure::new(format!("{}: {name}: {rule}", event.id)))
        };
        let outage = event
            .outage
            .as_ref()
            .map(|o| (o.median_hours.ln(), (o.p95_hours / o.median_hours).ln() / super::normal::quantile(0.95)));
        let shock = Shock { affected: factor("affected", &event.affected)?, hit: factor("hit", &event.hit)?, outage };
        let mut weights = [0.0; Coverage::COUNT];
        event.coverage.iter().for_each(|c| weights[c.name as usize] += c.weight);
        let mut order: Vec<usize> = (0..exposures.len()).collect();
        order.sort_by(|a, b| {
            (&exposures[*a].insured_id, &exposures[*a].policy_id)
                .cmp(&(&exposures[*b].insured_id, &exposures[*b].policy_id))
        });
        let mut insureds = Vec::new();
        for policies in order.chunk_by(|a, b| exposures[*a].insured_id == exposures[*b].insured_id) {
            insureds.push(insured(event, catalogue, exposures, policies, dollar));
        }
        insureds.sort_by_key(|i: &Insured| i.key);
        if insureds.windows(2).any(|w| w[0].key == w[1].key) {
            return Err(Failure::new("two insured ids have the same 64-bit hash").hint("change one of the ids"));
        }
        Ok(Plan { shock, weights, insureds })
    }
}

fn insured(event: &Event, catalogue: &Catalogue, exposures: &[Exposure], policies: &[usize], dollar: f64) -> Insured {
    let all = || policies.iter().map(|at| &exposures[*at]);
    let revenue = all().filter_map(|e| e.revenue).max();
    let dollars = revenue.map(|r| r.units() * dollar);
    let ground_up = match (&event.outage, event.severity.as_ref().and_then(|id| catalogue.severities.get(id))) {
        (Some(outage), _) => {
            // Without a revenue, 20 million US dollars: the assumption of the report's list.
            let revenue = revenue.map_or(ASSUMED_REVENUE / dollar, |r| r.units());
            GroundUp::Hourly(hourly_loss(revenue, outage.gross_margin, outage.dependency, outage.impact))
        }
        (None, Some(model)) => GroundUp::Severity {
            severity: CappedLognormal::of(&model.band[band_of(model, dollars)]),
            rate: 1.0 / dollar,
        },
        (None, None) => GroundUp::Hourly(0.0),
    };
    Insured {
        key: xxh3_64(exposures[policies[0]].insured_id.as_bytes()),
        probability: all().map(|e| e.probability).fold(0.0, f64::max),
        tier: all().map(|e| e.tier).min().unwrap_or(Tier::Unlikely),
        ground_up,
        layers: policies.iter().map(|at| Layer { exposure: *at, terms: exposures[*at].terms }).collect(),
    }
}

/// Revenue in US dollars of an insured whose revenue is unknown.
pub const ASSUMED_REVENUE: f64 = 20e6;
