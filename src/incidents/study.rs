//! Which family fits the losses of a segment, and how well.

use rayon::prelude::*;
use serde::Serialize;

use super::segment::Segment;
use crate::fit::Refusal;
use crate::fit::diagnostics::{
    Bootstrap, Goodness, MeanExcess, QuantilePair, Stability, goodness, mean_excess, quantile_pairs,
    threshold_stability,
};
use crate::fit::severity::{Elasticity, Family, Loss, Options, Sample, SeverityEstimate, SeverityFit, Threshold, fit};

/// A family beside others.
#[derive(Clone, Debug, Serialize)]
pub struct Candidate {
    /// Family.
    pub family: Family,
    /// Its fit, or why there is none.
    #[serde(skip)]
    pub result: Result<SeverityFit, Refusal>,
}

impl Candidate {
    /// Its Bayesian information criterion, with the spliced family's threshold counted as a parameter: it was chosen.
    pub fn bic(&self) -> Option<f64> {
        let fit = self.result.as_ref().ok()?;
        let threshold = if self.family == Family::Spliced { libm::log(fit.records as f64) } else { 0.0 };
        Some(fit.criteria.bic + threshold)
    }
}

/// What was tried on the losses of one segment that has a family of its own.
#[derive(Clone, Debug)]
pub struct SeverityStudy {
    /// The segment.
    pub segment: Segment,
    /// Losses, of them known exactly, and of them above a retention.
    pub counts: [usize; 3],
    /// All families.
    pub candidates: Vec<Candidate>,
    /// Which one was taken.
    pub chosen: usize,
    /// Its distances from the losses, with p-values where there are not too many.
    pub goodness: Option<Goodness>,
    /// Quantiles of the losses against the model's.
    pub quantiles: Vec<QuantilePair>,
    /// Mean excess by threshold.
    pub mean_excess: Vec<MeanExcess>,
    /// Generalised Pareto fits above several thresholds.
    pub stability: Vec<Stability>,
}

impl SeverityStudy {
    /// The fit that was taken.
    pub fn fit(&self) -> Option<&SeverityFit> {
        self.candidates.get(self.chosen).and_then(|c| c.result.as_ref().ok())
    }
}

/// The family to take: of those whose Bayesian information criterion is within [`INDISTINCT`] of the smallest, the one with
/// the largest 99.9 % quantile. What lies beyond limits the losses do not tell, and the larger answer is the prudent one.
fn choose(candidates: &[Candidate]) -> usize {
    let best = candidates.iter().filter_map(Candidate::bic).fold(f64::INFINITY, f64::min);
    let close = |c: &Candidate| c.bic().is_some_and(|bic| bic <= best + INDISTINCT);
    let tail = |c: &Candidate| c.result.as_ref().map_or(0.0, |fit| fit.estimate.model().quantile(0.999));
    let places = (0..candidates.len()).filter(|at| close(&candidates[*at]));
    places.max_by(|a, b| tail(&candidates[*a]).total_cmp(&tail(&candidates[*b]))).unwrap_or(0)
}

/// Difference of criteria that is "not worth more than a bare mention" (R. E. Kass, A. E. Raftery, *Bayes factors*, JASA 90,
/// 1995).
pub const INDISTINCT: f64 = 2.0;

/// All families on one sample, and the one that is taken.
pub fn study(segment: Segment, losses: &[Loss], sample: &Sample, counts: [usize; 3]) -> Result<SeverityStudy, Refusal> {
    // Of many losses an even choice tells the families apart; the one that is taken is fitted to all.
    let few = (counts[1] > 2 * TRIED).then(|| sample.thinned(TRIED));
    let first = few.as_ref().unwrap_or(sample);
    let tails = tails(first);
    let mut candidates: Vec<Candidate> = Family::ALL
        .par_iter()
        .map(|family| Candidate { family: *family, result: one(first, *family, &tails) })
        .collect();
    let chosen = choose(&candidates);
    if few.is_some() {
        candidates[chosen].result = one(sample, candidates[chosen].family, &tails);
    }
    let taken = candidates[chosen].result.clone()?;
    // Pictures of many losses are drawn from an even choice; their errors are those of the choice.
    let few: Vec<Loss> = losses.iter().step_by(losses.len().div_ceil(2 * TRIED)).copied().collect();
    let power = taken.estimate.elasticity();
    Ok(SeverityStudy {
        segment,
        counts,
        chosen,
        goodness: goodness(losses, &taken, &options(sample, &taken.estimate), &BOOTSTRAP).ok(),
        quantiles: quantile_pairs(&few, &taken.estimate, 200),
        mean_excess: mean_excess(&few, power, 20),
        stability: threshold_stability(&few, power, 12),
        candidates,
    })
}

/// p-values from 199 samples, where a study has no more losses than a fit of each takes a few seconds for.
const BOOTSTRAP: Bootstrap = Bootstrap { replications: 199, most_records: 2_000, seed: 1 };

/// How an estimate was fitted.
fn options(sample: &Sample, estimate: &SeverityEstimate) -> Options {
    let free = estimate.at.len() > estimate.family.parameters().len() && sample.has_revenue;
    let elasticity = if free { Elasticity::Free } else { Elasticity::Fixed(estimate.fixed_elasticity) };
    Options { elasticity, ..Options::default() }
}

/// One family, with the elasticity of revenue free where revenues differ.
fn one(sample: &Sample, family: Family, tails: &[SeverityFit]) -> Result<SeverityFit, Refusal> {
    let elasticity = if sample.has_revenue { Elasticity::Free } else { Elasticity::None };
    let mut options = Options { elasticity, ..Options::default() };
    if family == Family::Spliced {
        let best = tails.iter().max_by(|a, b| a.criteria.log_likelihood.total_cmp(&b.criteria.log_likelihood));
        let best = best.ok_or(Refusal::TooFew { distinct: sample.distinct, needed: 2 * SIDE })?;
        options.threshold = Threshold::At(best.estimate.threshold);
    }
    // A free elasticity that the losses do not determine is taken as nought.
    let free = fit(sample, family, &options);
    match free {
        Err(Refusal::Singular { .. }) => fit(sample, family, &Options { elasticity: Elasticity::None, ..options }),
        other => other,
    }
}

/// Shares of the exactly known losses below which the body of a spliced model may end.
const PLACES: [f64; 8] = [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95];
/// Fewest losses known exactly on either side of a threshold.
const SIDE: usize = 15;
/// Losses on which families are compared, where there are more than twice as many.
pub const TRIED: usize = 10_000;
/// Losses on which thresholds are tried, where there are more than twice as many.
const THIN: usize = 3_000;

/// Spliced fits with the threshold at several places, the elasticity taken from the lognormal.
fn tails(sample: &Sample) -> Vec<SeverityFit> {
    let known = sample.records - sample.records_censored;
    let thin = (known > 2 * THIN).then(|| sample.thinned(THIN));
    let sample = thin.as_ref().unwrap_or(sample);
    let known = known.min(THIN) as f64;
    let elasticity = match one(sample, Family::Lognormal, &[]) {
        Ok(fit) => fit.estimate.elasticity(),
        Err(_) => return Vec::new(),
    };
    let places: Vec<f64> = PLACES.into_iter().filter(|p| known * p.min(1.0 - p) >= SIDE as f64).collect();
    let at = |p: &f64| {
        let options = Options { elasticity: Elasticity::Fixed(elasticity), threshold: Threshold::Quantile(*p) };
        fit(sample, Family::Spliced, &options).ok()
    };
    places.par_iter().filter_map(at).collect()
}
