//! What a simulation needs, resolved: insureds with their probability, severity and layers, and the shared factors.

use xxhash_rust::xxh3::xxh3_64;

use super::fitted::FittedSeverity;
use super::outage::hourly_loss;
use super::severity::{CappedLognormal, band_of};
use crate::catalogue::{Catalogue, Distribution, Event, Factor};
use crate::exposure::Exposure;
use crate::fault::Failure;
use crate::incidents::{Cause, SegmentSeverity, SeverityModels};
use crate::portfolio::{Coverage, RevenueBand, Terms, sector};
use crate::random::normal;

/// The loss of one hit insured, before any policy.
#[derive(Clone, Copy, Debug)]
pub enum GroundUp {
    /// A severity.
    Severity {
        /// Loss in US dollars.
        severity: CappedLognormal,
        /// Reporting currency for one US dollar.
        rate: f64,
    },
    /// A severity fitted to incidents.
    Fitted {
        /// Which of the plan's models.
        model: usize,
        /// Logarithm of the insured's revenue over the model's reference.
        ln_revenue: f64,
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
    /// Coverages that respond, with each one's part of the loss.
    pub responding: Vec<(Coverage, f64)>,
    /// Insureds, by key.
    pub insureds: Vec<Insured>,
    /// Fitted severities that insureds refer to.
    pub models: Vec<FittedSeverity>,
}

impl Plan {
    /// The plan of `event` over `exposures`. `dollar` is what one unit of the reporting currency is worth in US dollars.
    ///
    /// # Errors
    /// When the event's figures make no distribution, or two insureds share a key.
    pub fn new(event: &Event, catalogue: &Catalogue, exposures: &[Exposure], dollar: f64) -> Result<Plan, Failure> {
        Plan::with_models(event, catalogue, exposures, dollar, None)
    }

    /// The same with severities fitted to incidents in the place of the catalogue's; an outage keeps its hours.
    ///
    /// # Errors
    /// Those of [`Plan::new`], and when no model covers an insured.
    pub fn with_models(
        event: &Event,
        catalogue: &Catalogue,
        exposures: &[Exposure],
        dollar: f64,
        models: Option<&SeverityModels>,
    ) -> Result<Plan, Failure> {
        let mut order: Vec<usize> = (0..exposures.len()).collect();
        let name = |at: &usize| (&exposures[*at].insured_id, &exposures[*at].policy_id);
        order.sort_by(|a, b| name(a).cmp(&name(b)));
        let own = order.chunk_by(|a, b| exposures[*a].insured_id == exposures[*b].insured_id);
        let mut chosen = Chosen {
            event,
            models,
            cause: event.cause.as_deref().and_then(|c| Cause::parse(c).ok()),
            used: Vec::new(),
        };
        let insureds: Result<Vec<Insured>, Failure> =
            own.map(|policies| insured(event, catalogue, exposures, policies, dollar, &mut chosen)).collect();
        let mut insureds = insureds?;
        insureds.sort_by_key(|i| i.key);
        if insureds.windows(2).any(|w| w[0].key == w[1].key) {
            return Err(Failure::new("two insured ids have the same 64-bit hash").hint("change one of the ids"));
        }
        let responding = event.coverage.iter().filter(|c| c.weight > 0.0).map(|c| (c.name, c.weight)).collect();
        Ok(Plan { shock: shock(event)?, responding, insureds, models: chosen.fitted() })
    }
}

fn shock(event: &Event) -> Result<Shock, Failure> {
    let distribution = |name: &str, factor: &Factor| {
        factor.checked().map_err(|rule| Failure::new(format!("{}: {name}: {rule}", event.id)))
    };
    let outage = event
        .outage
        .as_ref()
        .map(|o| (libm::log(o.median_hours), libm::log(o.p95_hours / o.median_hours) / normal::quantile(0.95)));
    Ok(Shock { affected: distribution("affected", &event.affected)?, hit: distribution("hit", &event.hit)?, outage })
}

fn insured(
    event: &Event,
    catalogue: &Catalogue,
    exposures: &[Exposure],
    policies: &[usize],
    dollar: f64,
    chosen: &mut Chosen,
) -> Result<Insured, Failure> {
    let all = || policies.iter().map(|at| &exposures[*at]);
    let revenue = all().filter_map(|e| e.revenue).max().map_or(ASSUMED_REVENUE / dollar, |r| r.units());
    let severity = event.severity.as_ref().and_then(|id| catalogue.severities.get(id));
    let fitted =
        chosen.of(&exposures[policies[0]], all().filter_map(|e| e.revenue).max().map(|r| r.units() * dollar))?;
    let ground_up = match (&event.outage, severity) {
        (Some(o), _) => GroundUp::Hourly(hourly_loss(revenue, o.gross_margin, o.dependency, o.impact)),
        (None, _) if let Some((model, ln_revenue)) = fitted => {
            GroundUp::Fitted { model, ln_revenue, rate: 1.0 / dollar }
        }
        (None, Some(model)) => {
            let band = &model.band[band_of(model, revenue * dollar)];
            GroundUp::Severity { severity: CappedLognormal::of(band), rate: 1.0 / dollar }
        }
        (None, None) => return Err(Failure::new(format!("{}: its severity model is not in the catalogue", event.id))),
    };
    Ok(Insured {
        key: xxh3_64(exposures[policies[0]].insured_id.as_bytes()),
        probability: all().map(|e| e.probability).fold(0.0, f64::max),
        ground_up,
        layers: policies.iter().map(|at| Layer { exposure: *at, terms: exposures[*at].terms }).collect(),
    })
}

/// Which fitted severities a plan uses.
struct Chosen<'a> {
    event: &'a Event,
    models: Option<&'a SeverityModels>,
    cause: Option<Cause>,
    used: Vec<&'a SegmentSeverity>,
}

impl Chosen<'_> {
    /// Index of the model of an insured, and the logarithm of its revenue (US dollars) over the model's reference.
    fn of(&mut self, exposure: &Exposure, revenue: Option<f64>) -> Result<Option<(usize, f64)>, Failure> {
        let Some(models) = self.models.filter(|_| self.event.outage.is_none()) else { return Ok(None) };
        let revenue = revenue.filter(|r| *r > 0.0);
        let model = models.choose(self.cause, RevenueBand::of(revenue), sector(&exposure.industry))?;
        let known = self.used.iter().position(|used| used.segment == model.segment);
        let at = known.unwrap_or_else(|| {
            self.used.push(model);
            self.used.len() - 1
        });
        Ok(Some((at, libm::log(revenue.unwrap_or(model.reference_revenue) / model.reference_revenue))))
    }

    fn fitted(&self) -> Vec<FittedSeverity> {
        self.used.iter().map(|model| FittedSeverity::of(model)).collect()
    }
}

/// Revenue in US dollars of an insured whose revenue is unknown.
pub const ASSUMED_REVENUE: f64 = 20e6;
