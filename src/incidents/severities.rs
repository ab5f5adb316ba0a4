//! Severity models by segment, from the losses of incidents.
//!
//! Family and shape come from the losses of all incidents together, and of each cause that has enough of its own; every
//! segment has a scale of its own, pulled to its parent's by credibility ([`super::estimation::log_scale`]).

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt};
use rayon::prelude::*;

use super::cause::Cause;
use super::estimation::{LogScale, Scaled, between, log_scale};
use super::incident::Incident;
use super::model::SegmentSeverity;
use super::segment::Segment;
use super::study::{SeverityStudy, study};
use crate::fit::Refusal;
use crate::fit::covariance::packed;
use crate::fit::severity::{Family, Loss, Sample, SeverityEstimate};
use crate::portfolio::RevenueBand;

/// Fewest losses known exactly from which a family is chosen: of all incidents, and of a cause by itself.
pub const FEWEST: usize = 10;
/// Fewest with which a cause has a family and shape of its own.
pub const OF_ITS_OWN: usize = 100;

/// Losses of a segment from which on their likelihood of its scale is a parabola.
const MANY: usize = 1_000;

/// All severity models, and what they rest on.
#[derive(Clone, Debug, Default)]
pub struct Severities {
    /// One a segment with losses, and one of all.
    pub models: Vec<SegmentSeverity>,
    /// Segments with a family of their own.
    pub studies: Vec<SeverityStudy>,
    /// Segments that gave no family: why.
    pub refused: Vec<(Segment, Refusal)>,
    /// Revenue at which parameters hold, US dollars.
    pub reference_revenue: f64,
    /// Losses without a revenue, taken at the reference revenue.
    pub without_revenue: usize,
}

/// A loss, and the logarithm of its revenue over the reference.
struct Known {
    loss: Loss,
    ln_revenue: f64,
}

/// What a segment's children start from.
#[derive(Clone)]
struct Base {
    fit: SeverityEstimate,
    /// Own log scale on top of the fit, summed from the wider segments down.
    shift: f64,
    /// Variance of that log scale.
    variance: f64,
    fitted_on: Segment,
}

/// Fits severity models to the incidents with losses; `source` names the files.
pub fn severities(incidents: &[Incident], source: &str) -> Severities {
    let with_loss = incidents.iter().filter(|i| i.loss.is_some()).count();
    let revenues: Vec<f64> = incidents.iter().filter(|i| i.loss.is_some()).filter_map(|i| i.revenue).collect();
    let reference = reference_revenue(&revenues);
    let known = known(incidents, reference);
    let mut severities = Severities {
        reference_revenue: reference,
        without_revenue: with_loss - revenues.len(),
        ..Severities::default()
    };
    let members = members(incidents);
    let all = members.get(&Segment::ALL).cloned().unwrap_or_default();
    let Some(root) = severities.study(Segment::ALL, &known, &all, FEWEST) else { return severities };
    let mut bases = BTreeMap::from([(Segment::ALL, root.clone())]);
    severities.models.push(model(Segment::ALL, &root, &counts(&known, &all), 1.0, None, source));
    for level in levels(&members) {
        severities.level(&level, &members, &known, &mut bases, source);
    }
    severities.models.sort_by_key(|m| m.segment);
    severities.models.iter_mut().for_each(|m| m.reference_revenue = reference);
    severities
}

/// Places among the losses of each segment's own.
fn members(incidents: &[Incident]) -> BTreeMap<Segment, Vec<u32>> {
    let mut finest: HashMap<(Cause, RevenueBand, &'static str), (usize, [Segment; 6])> = HashMap::new();
    let mut own: Vec<Vec<u32>> = Vec::new();
    for (at, incident) in (0..).zip(incidents.iter().filter(|i| i.loss.is_some())) {
        let key = (incident.cause, incident.band(), incident.industry);
        let (place, _) = *finest.entry(key).or_insert_with(|| {
            own.push(Vec::new());
            (own.len() - 1, Segment::of(incident))
        });
        own[place].push(at);
    }
    let mut members: BTreeMap<Segment, Vec<u32>> = BTreeMap::new();
    for (place, segments) in finest.values() {
        segments.iter().for_each(|s| members.entry(*s).or_default().extend(&own[*place]));
    }
    // In the order of the losses, whatever the order of the finest segments.
    members.par_iter_mut().for_each(|(_, own)| own.par_sort_unstable());
    members
}

/// Segments below all, from wide to fine, those with one parent's cause together: causes, then bands, then industries.
fn levels(members: &BTreeMap<Segment, Vec<u32>>) -> Vec<Vec<Segment>> {
    let depth = |s: &Segment| (u8::from(s.band.is_some()) + u8::from(s.industry.is_some()), s.cause.is_some());
    let mut levels: BTreeMap<(u8, bool), Vec<Segment>> = BTreeMap::new();
    for segment in members.keys().filter(|s| **s != Segment::ALL) {
        levels.entry(depth(segment)).or_default().push(*segment);
    }
    levels.into_values().collect()
}

impl Severities {
    /// Fits all families to a segment, keeps what was found, and gives the base of its children.
    fn study(&mut self, segment: Segment, known: &[Known], own: &[u32], fewest: usize) -> Option<Base> {
        let losses: Vec<Loss> = own.iter().map(|at| known[*at as usize].loss).collect();
        let [_, uncensored, _] = counts(known, own);
        let studied = Sample::new(&losses).and_then(|sample| {
            if uncensored < fewest && uncensored > 0 {
                return Err(Refusal::TooFew { distinct: uncensored, needed: fewest });
            }
            study(segment, &losses, &sample, counts(known, own))
        });
        match studied {
            Err(refusal) => {
                self.refused.push((segment, refusal));
                None
            }
            Ok(study) => {
                let fit = study.fit().map(|f| f.estimate.clone())?;
                self.studies.push(study);
                Some(Base { fit, shift: 0.0, variance: 0.0, fitted_on: segment })
            }
        }
    }

    /// One level of segments: families of their own for large causes, scales of their own for all others.
    fn level(
        &mut self,
        level: &[Segment],
        members: &BTreeMap<Segment, Vec<u32>>,
        known: &[Known],
        bases: &mut BTreeMap<Segment, Base>,
        source: &str,
    ) {
        let (mut thin, mut whole) = (Vec::new(), Vec::new());
        for segment in level {
            let own = &members[segment];
            let is_cause = segment.band.is_none() && segment.industry.is_none();
            if is_cause
                && counts(known, own)[1] >= OF_ITS_OWN
                && let Some(base) = self.study(*segment, known, own, OF_ITS_OWN)
            {
                self.models.push(model(*segment, &base, &counts(known, own), 1.0, Some(Segment::ALL), source));
                bases.insert(*segment, base);
                whole.push(*segment);
                continue;
            }
            thin.push(*segment);
        }
        let against = |segment: &Segment| {
            let parent = segment.parent()?;
            Some((*segment, parent, scaled(known, &members[segment], bases.get(&parent)?)))
        };
        let beside: Vec<(Segment, Segment, Vec<Scaled>)> = thin.iter().filter_map(against).collect();
        // Causes with a family of their own tell how far causes lie apart, too.
        let others: Vec<(Segment, Segment, Vec<Scaled>)> = whole.iter().filter_map(against).collect();
        let alone = |(_, parent, losses): &(Segment, Segment, Vec<Scaled>)| {
            (*parent, log_scale(&bases[parent].fit.model(), losses, None))
        };
        let scales: Vec<(Segment, Option<LogScale>)> = beside.par_iter().chain(&others).map(alone).collect();
        let between = between(families(&scales));
        let pulled: Vec<Option<LogScale>> = beside
            .par_iter()
            .zip(&scales)
            .map(|((_, parent, losses), (_, alone))| match alone {
                // With many losses the likelihood is a parabola, and its mode under the prior is known.
                Some(own) if losses.len() > MANY => Some(own.pulled(between.variance)),
                _ => log_scale(&bases[parent].fit.model(), losses, Some(between.variance)),
            })
            .collect();
        for ((segment, parent, _), own) in beside.iter().zip(pulled) {
            let own = own.unwrap_or(LogScale { value: 0.0, information: 0.0 });
            let weight = between.variance * own.information / (1.0 + between.variance * own.information);
            let above = &bases[parent];
            let base = Base {
                shift: above.shift + own.value,
                variance: between.width(own.information, weight, above.variance),
                ..above.clone()
            };
            self.models.push(model(*segment, &base, &counts(known, &members[segment]), weight, Some(*parent), source));
            bases.insert(*segment, base);
        }
    }
}

/// Scales by parent, each with its information.
fn families(scales: &[(Segment, Option<LogScale>)]) -> impl Iterator<Item = Vec<[f64; 2]>> {
    let mut parents: BTreeMap<Segment, Vec<[f64; 2]>> = BTreeMap::new();
    for (parent, scale) in scales {
        parents.entry(*parent).or_default().extend(scale.map(|own| [own.value, own.information]));
    }
    parents.into_values()
}

/// Geometric mean of revenues, to two digits: a figure that people can read. A million where there is none.
fn reference_revenue(revenues: &[f64]) -> f64 {
    if revenues.is_empty() {
        return 1e6;
    }
    let ln = revenues.iter().map(|r| libm::log(*r)).sum::<f64>() / revenues.len() as f64;
    let power = libm::pow(10.0, libm::floor(ln / std::f64::consts::LN_10) - 1.0);
    libm::round(libm::exp(ln) / power) * power
}

fn known(incidents: &[Incident], reference: f64) -> Vec<Known> {
    let one = |incident: &Incident| {
        let loss = incident.loss?;
        let revenue_ratio = incident.revenue.map_or(1.0, |r| r / reference);
        let loss = Loss {
            amount: loss.amount,
            truncation: loss.retention,
            censored: loss.censored,
            weight: 1.0,
            revenue_ratio,
        };
        Some(Known { loss, ln_revenue: libm::log(revenue_ratio) })
    };
    incidents.par_iter().filter_map(one).collect()
}

/// Losses, of them known exactly, of them above a retention.
fn counts(known: &[Known], own: &[u32]) -> [usize; 3] {
    let count = |test: fn(&Loss) -> bool| own.iter().filter(|at| test(&known[**at as usize].loss)).count();
    [own.len(), count(|l| !l.censored), count(|l| l.truncation > 0.0)]
}

fn scaled(known: &[Known], own: &[u32], base: &Base) -> Vec<Scaled> {
    let elasticity = base.fit.elasticity();
    let one = |at: &u32| {
        let Known { loss, ln_revenue } = &known[*at as usize];
        Scaled::of(loss, base.shift + elasticity * ln_revenue)
    };
    own.par_iter().map(one).collect()
}

fn model(
    segment: Segment,
    base: &Base,
    counts: &[usize; 3],
    weight: f64,
    parent: Option<Segment>,
    source: &str,
) -> SegmentSeverity {
    let (fit, factor) = (&base.fit, libm::exp(base.shift));
    let mut at = fit.at[..fit.family.parameters().len()].to_vec();
    at[0] += base.shift;
    if fit.family == Family::Spliced {
        at[3] += base.shift;
    }
    let covariance = packed(&fit.covariance);
    let model = SegmentSeverity {
        segment,
        family: fit.family,
        at,
        threshold: fit.threshold * factor,
        elasticity: fit.elasticity(),
        reference_revenue: 1.0,
        cap: None,
        covariance,
        scale_log_error: base.variance.sqrt(),
        fitted_on: base.fitted_on.to_string(),
        n: counts[0] as u64,
        uncensored: counts[1] as u64,
        weight,
        parent: parent.map_or(String::new(), |p| p.to_string()),
        source: source.to_string(),
        note: String::new(),
    };
    let endless = model.severity().mean().is_none();
    let note = if endless { "the mean is infinite: policy limits, or a cap, bound what is paid" } else { "" };
    SegmentSeverity { note: note.to_string(), ..model }
}

#[cfg(test)]
mod tests;
