//! One family fitted, and where the tail of the spliced one begins.

use rayon::prelude::*;

use crate::fit::Refusal;
use crate::fit::severity::{Elasticity, Family, Options, Sample, SeverityFit, Threshold, fit};

/// Shares of the exactly known losses below which the body of a spliced model may end.
const PLACES: [f64; 8] = [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95];
/// Fewest losses known exactly on either side of a threshold.
const SIDE: usize = 15;
/// Losses on which thresholds are tried, where there are many.
const TRIED: usize = 20_000;

/// Spliced fits with the threshold at several places, the elasticity taken from the lognormal.
pub fn tails(sample: &Sample) -> Vec<SeverityFit> {
    let known = sample.records - sample.records_censored;
    let first = if known > 2 * TRIED { sample.thinned(TRIED) } else { sample.clone() };
    let known = known.min(TRIED) as f64;
    let elasticity = match one(&first, Family::Lognormal, &[]) {
        Ok(fit) => fit.estimate.elasticity(),
        Err(_) => return Vec::new(),
    };
    let places: Vec<f64> = PLACES.into_iter().filter(|p| known * p.min(1.0 - p) >= SIDE as f64).collect();
    let at = |p: &f64| {
        let options = Options { elasticity: Elasticity::Fixed(elasticity), threshold: Threshold::Quantile(*p) };
        fit(&first, Family::Spliced, &options).ok()
    };
    places.par_iter().filter_map(at).collect()
}

/// One family, with the elasticity of revenue free where revenues differ.
pub fn one(sample: &Sample, family: Family, tails: &[SeverityFit]) -> Result<SeverityFit, Refusal> {
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
