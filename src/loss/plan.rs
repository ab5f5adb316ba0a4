//! What a simulation needs, resolved: perils, and insureds with their probabilities, severities and layers.

use std::collections::{BTreeMap, HashMap};

use xxhash_rust::xxh3::xxh3_64;

use super::calendar::Mode;
use super::fitted::FittedSeverity;
use super::hazard::class_of;
use super::outage::{Hourly, hourly_loss};
use super::severity::{CappedLognormal, band_of};
use crate::catalogue::{Catalogue, Count, Distribution, Event, Factor, LARGEST_MEAN};
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
        model: u32,
        /// Logarithm of the insured's revenue over the model's reference.
        ln_revenue: f64,
        /// Reporting currency for one US dollar.
        rate: f64,
    },
    /// Of each hour of an outage.
    Hourly(Hourly),
}

/// One policy of an insured, in the reporting currency.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    /// Position among the plan's policies.
    pub policy: u32,
    /// Terms in the reporting currency.
    pub terms: Terms,
}

/// An insured in scope of a peril.
#[derive(Clone, Copy, Debug)]
pub struct Risk {
    /// Which of the plan's perils.
    pub peril: u32,
    /// Probability that the insured meets the event's condition.
    pub probability: f64,
    /// Its loss when hit.
    pub ground_up: GroundUp,
}

/// An insured: all its policies see the same loss.
#[derive(Clone, Debug)]
pub struct Insured {
    /// Hash of the insured's id: the name of its draws.
    pub key: u64,
    /// What it is in scope of, each peril once, in the order of perils.
    pub risks: Vec<Risk>,
    /// Its policies in force.
    pub layers: Vec<Layer>,
}

/// What all insureds of one occurrence share, as distributions.
#[derive(Clone, Copy, Debug)]
pub struct Shock {
    /// Share of customers in scope who are affected.
    pub affected: Distribution,
    /// Share of the affected who have a loss.
    pub hit: Distribution,
    /// Duration of an outage: location and scale of its lognormal hours.
    pub outage: Option<(f64, f64)>,
    /// Standard deviation of the logarithm of the severity level.
    pub level: f64,
}

/// An event as the simulation knows it.
#[derive(Clone, Debug)]
pub struct Peril {
    /// The event's id.
    pub id: String,
    /// Whose product it is.
    pub vendor: String,
    /// Hash of the id: the name of its draws.
    pub key: u64,
    /// Shared factors.
    pub shock: Shock,
    /// How often it happens in a year, where the event says so.
    pub frequency: Option<Count>,
    /// Coverages that respond, each once in the order of [`Coverage::ALL`], with each one's part of the loss.
    pub responding: Vec<(Coverage, f64)>,
}

impl Peril {
    /// How often it happens in a year, on average.
    fn times(&self, mode: Mode) -> f64 {
        self.frequency.filter(|_| mode == Mode::Catalogue).map_or(1.0, Count::mean)
    }
}

/// Events over a list of insureds.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Events.
    pub perils: Vec<Peril>,
    /// Insureds that something can happen to, in the order of [`Plan::order`].
    pub insureds: Vec<Insured>,
    /// Policies in force, by the row of the exposure list where each first stands.
    pub policies: Vec<usize>,
    /// Fitted severities that insureds refer to.
    pub models: Vec<FittedSeverity>,
}

impl Plan {
    /// The plan of `events` over `exposures`, each row being of the event that it names. `dollar` is what one unit of the
    /// reporting currency is worth in US dollars. With `models`, severities fitted to incidents take the place of the
    /// catalogue's; an outage keeps its hours.
    ///
    /// # Errors
    /// When an event's figures make no distribution, no model covers an insured, a row is of none of the events, or a policy
    /// has other terms under another event.
    pub fn new(
        events: &[Event],
        catalogue: &Catalogue,
        exposures: &[Exposure],
        dollar: f64,
        models: Option<&SeverityModels>,
    ) -> Result<Plan, Failure> {
        let mut plan = Plan {
            perils: events.iter().map(peril).collect::<Result<_, Failure>>()?,
            insureds: Vec::new(),
            policies: Vec::new(),
            models: Vec::new(),
        };
        let numbers = plan.number(exposures)?;
        let mut insureds: BTreeMap<&str, Insured> = BTreeMap::new();
        let mut chosen = Chosen { models, used: Vec::new() };
        for ((at, event), rows) in events.iter().enumerate().zip(by_event(&plan.perils, exposures)?) {
            let found = Found { event, catalogue, dollar };
            for (id, rows) in rows {
                let key = xxh3_64(id.as_bytes());
                let insured = insureds.entry(id).or_insert_with(|| Insured { key, risks: vec![], layers: vec![] });
                for row in &rows {
                    let policy = numbers[row.policy_id.as_str()];
                    if insured.layers.iter().all(|layer| layer.policy != policy) {
                        insured.layers.push(Layer { policy, terms: row.terms });
                    }
                }
                let probability = rows.iter().map(|e| e.probability).fold(0.0, f64::max);
                if probability > 0.0 {
                    let ground_up = found.ground_up(&rows, &mut chosen)?;
                    insured.risks.push(Risk { peril: at as u32, probability, ground_up });
                }
            }
        }
        plan.insureds = insureds.into_values().filter(|insured| !insured.risks.is_empty()).collect();
        plan.order()?;
        plan.models = chosen.used.into_iter().map(FittedSeverity::of).collect();
        Ok(plan)
    }

    /// Mean number of insureds that are hit in a year, counted once an occurrence.
    pub fn expected_hits(&self, mode: Mode) -> f64 {
        self.expected(mode, |_| 1.0)
    }

    /// Mean number of occurrences of a year.
    pub fn expected_occurrences(&self, mode: Mode) -> f64 {
        self.perils.iter().map(|peril| peril.times(mode)).sum()
    }

    /// Mean number of claims of a year, also of those below a retention.
    pub fn expected_claims(&self, mode: Mode) -> f64 {
        self.expected(mode, |insured| insured.layers.len() as f64)
    }

    fn expected(&self, mode: Mode, each: impl Fn(&Insured) -> f64) -> f64 {
        let rate = |peril: &Peril| peril.times(mode) * peril.shock.affected.mean() * peril.shock.hit.mean();
        let rates: Vec<f64> = self.perils.iter().map(rate).collect();
        let own = |insured: &Insured| {
            let hits = insured.risks.iter().map(|risk| risk.probability * rates[risk.peril as usize]).sum::<f64>();
            hits * each(insured)
        };
        self.insureds.iter().map(own).sum()
    }

    /// Makes all events more or less frequent by one factor, so that insureds are hit `hits` times a year in all, on average:
    /// which events are frequent among them stays as their files say. Gives the factor.
    ///
    /// # Errors
    /// When no event can hit anybody, or one would happen more often than can be simulated.
    pub fn scale_frequencies(&mut self, hits: f64) -> Result<f64, Failure> {
        let own = self.expected_hits(Mode::Catalogue);
        if own <= 0.0 {
            return Err(Failure::new("no event hits anybody: its frequency can't be fitted to incident statistics"));
        }
        let factor = hits / own;
        for peril in &mut self.perils {
            let Some(count) = &mut peril.frequency else { continue };
            *count = count.times(factor);
            if count.mean() > LARGEST_MEAN {
                return Err(Failure::new(format!(
                    "event {}: would have to happen {:.1} times a year to explain the incidents",
                    peril.id,
                    count.mean()
                ))
                .hint("the events reach too few insureds for the incidents that come through vendors: add events"));
            }
        }
        Ok(factor)
    }

    /// Brings insureds into the order of their first peril and how likely they are in scope of it, so that those that walk
    /// through the same occurrences stand together; last by key. Their place among each other depends on nobody else.
    ///
    /// # Errors
    /// When two insureds share a key.
    pub fn order(&mut self) -> Result<(), Failure> {
        let place = |insured: &Insured| {
            (insured.risks.first().map(|risk| (risk.peril, class_of(risk.probability))), insured.key)
        };
        self.insureds.sort_by_key(place);
        // Side by side in memory, too.
        self.insureds = self.insureds.to_vec();
        let mut keys: Vec<u64> = self.insureds.iter().map(|insured| insured.key).collect();
        keys.sort_unstable();
        if keys.windows(2).any(|w| w[0] == w[1]) {
            return Err(Failure::new("two insured ids have the same 64-bit hash").hint("change one of the ids"));
        }
        Ok(())
    }

    /// Numbers the policies in the order of the list, and checks that each has one set of terms.
    fn number<'a>(&mut self, exposures: &'a [Exposure]) -> Result<BTreeMap<&'a str, u32>, Failure> {
        let mut numbers = BTreeMap::new();
        for (row, exposure) in exposures.iter().enumerate() {
            let next = self.policies.len() as u32;
            let number = *numbers.entry(exposure.policy_id.as_str()).or_insert(next);
            if number == next {
                self.policies.push(row);
                continue;
            }
            let first = &exposures[self.policies[number as usize]];
            if first.terms != exposure.terms || first.insured_id != exposure.insured_id {
                return Err(Failure::new(format!(
                    "policy {} has other terms or another insured for event {} than for event {}",
                    exposure.policy_id, exposure.event, first.event
                ))
                .hint("the exposure tables must be of one book"));
            }
        }
        Ok(numbers)
    }
}

/// Which peril an exposure is of, by the id of the event that it names.
pub(super) struct ByName<'a>(HashMap<&'a str, usize>);

impl<'a> ByName<'a> {
    pub fn of(perils: &'a [Peril]) -> ByName<'a> {
        ByName(perils.iter().enumerate().map(|(at, peril)| (peril.id.as_str(), at)).collect())
    }

    /// Its position. A table of one event need not name it.
    ///
    /// # Errors
    /// When it is of none of them.
    pub fn find(&self, exposure: &Exposure) -> Result<usize, Failure> {
        let own = self.0.get(exposure.event.as_str()).copied();
        own.or_else(|| (exposure.event.is_empty() && self.0.len() == 1).then_some(0)).ok_or_else(|| {
            Failure::new(format!(
                "policy {}: exposure to event \"{}\", which is not simulated",
                exposure.policy_id, exposure.event
            ))
            .hint("name the event with --event, or leave its table out")
        })
    }
}

/// Of each peril the rows by insured, each insured's by policy.
fn by_event<'a>(
    perils: &[Peril],
    exposures: &'a [Exposure],
) -> Result<Vec<BTreeMap<&'a str, Vec<&'a Exposure>>>, Failure> {
    let names = ByName::of(perils);
    let mut rows: Vec<BTreeMap<&str, Vec<&Exposure>>> = vec![BTreeMap::new(); perils.len()];
    for exposure in exposures {
        rows[names.find(exposure)?].entry(&exposure.insured_id).or_default().push(exposure);
    }
    rows.iter_mut().flat_map(BTreeMap::values_mut).for_each(|own| own.sort_by(|a, b| a.policy_id.cmp(&b.policy_id)));
    Ok(rows)
}

fn peril(event: &Event) -> Result<Peril, Failure> {
    let told = |name: &str, rule: String| Failure::new(format!("{}: {name}: {rule}", event.id));
    let distribution = |name: &str, factor: &Factor| factor.checked().map_err(|rule| told(name, rule));
    let outage = event
        .outage
        .as_ref()
        .map(|o| (libm::log(o.median_hours), libm::log(o.p95_hours / o.median_hours) / normal::quantile(0.95)));
    let frequency = event.frequency.as_ref().map(|f| f.checked().map_err(|rule| told("frequency", rule)));
    Ok(Peril {
        id: event.id.clone(),
        vendor: event.vendor.clone(),
        key: xxh3_64(event.id.as_bytes()),
        shock: Shock {
            affected: distribution("affected", &event.affected)?,
            hit: distribution("hit", &event.hit)?,
            outage,
            level: event.level.as_ref().map_or(0.0, |level| level.sigma),
        },
        frequency: frequency.transpose()?,
        responding: responding(event),
    })
}

/// Coverages that respond, each once in the order of [`Coverage::ALL`].
fn responding(event: &Event) -> Vec<(Coverage, f64)> {
    let weight = |coverage: Coverage| event.coverage.iter().filter(|c| c.name == coverage).map(|c| c.weight).sum();
    Coverage::ALL.into_iter().map(|coverage| (coverage, weight(coverage))).filter(|(_, weight)| *weight > 0.0).collect()
}

/// What the losses of an event's insureds are worked out from.
struct Found<'a> {
    event: &'a Event,
    catalogue: &'a Catalogue,
    dollar: f64,
}

impl Found<'_> {
    /// The loss of an insured with these policies.
    fn ground_up(&self, rows: &[&Exposure], chosen: &mut Chosen) -> Result<GroundUp, Failure> {
        let Found { event, catalogue, dollar } = *self;
        let known = rows.iter().filter_map(|e| e.revenue).max().map(|r| r.units());
        let revenue = known.unwrap_or(ASSUMED_REVENUE / dollar);
        if let Some(o) = &event.outage {
            let second = rows.iter().map(|e| e.second_provider).fold(0.0, f64::max);
            return Ok(GroundUp::Hourly(Hourly {
                profit: hourly_loss(revenue, o.gross_margin, o.dependency, o.impact),
                expense: hourly_loss(revenue, o.extra_expense, 1.0, 1.0),
                second,
                saves: o.redundancy.as_ref().map_or(0.0, |r| r.saves),
            }));
        }
        if let Some((model, ln_revenue)) = chosen.of(event, rows[0], known.map(|r| r * dollar))? {
            return Ok(GroundUp::Fitted { model, ln_revenue, rate: 1.0 / dollar });
        }
        let model = event.severity.as_ref().and_then(|id| catalogue.severities.get(id));
        let model =
            model.ok_or_else(|| Failure::new(format!("{}: its severity model is not in the catalogue", event.id)))?;
        let band = &model.band[band_of(model, revenue * dollar)];
        Ok(GroundUp::Severity { severity: CappedLognormal::of(band), rate: 1.0 / dollar })
    }
}

/// Which fitted severities a plan uses.
struct Chosen<'a> {
    models: Option<&'a SeverityModels>,
    used: Vec<&'a SegmentSeverity>,
}

impl Chosen<'_> {
    /// Index of the model of an insured, and the logarithm of its revenue (US dollars) over the model's reference.
    fn of(&mut self, event: &Event, exposure: &Exposure, revenue: Option<f64>) -> Result<Option<(u32, f64)>, Failure> {
        let Some(models) = self.models else { return Ok(None) };
        let cause = event.cause.as_deref().and_then(|c| Cause::parse(c).ok());
        let revenue = revenue.filter(|r| *r > 0.0);
        let model = models.choose(cause, RevenueBand::of(revenue), sector(&exposure.industry))?;
        let known = self.used.iter().position(|used| used.segment == model.segment);
        let at = known.unwrap_or_else(|| {
            self.used.push(model);
            self.used.len() - 1
        });
        Ok(Some((at as u32, libm::log(revenue.unwrap_or(model.reference_revenue) / model.reference_revenue))))
    }
}

/// Revenue in US dollars of an insured whose revenue is unknown.
pub const ASSUMED_REVENUE: f64 = 20e6;

#[cfg(test)]
mod tests;
