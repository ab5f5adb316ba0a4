//! Maximum-likelihood fits of severity families.

use serde::Serialize;

use super::estimate::SeverityEstimate;
use super::family::Family;
use super::sample::Sample;
use super::scaled::Scaled;
use super::shape::{Gamma, Lognormal, Pareto, Shape, Weibull};
use super::spliced_fit;
use super::start::starts;
use crate::fit::estimate::{Criteria, Parameter};
use crate::fit::maximise::{Maximum, best_of};
use crate::fit::refusal::Refusal;

/// Records above which a search begins on a thinned sample.
pub(super) const MANY: usize = 8_000;
/// Rows of a thinned sample.
pub(super) const THIN: usize = 2_000;

/// What is done with revenue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Elasticity {
    /// Losses don't depend on it.
    None,
    /// Losses grow with revenue to this power, taken from elsewhere (a parent segment).
    Fixed(f64),
    /// The power is estimated along with the other parameters.
    Free,
}

/// Where the tail of the spliced model begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    /// At this amount, in currency units at the reference revenue.
    At(f64),
    /// At this quantile of the losses known exactly, brought to the reference revenue.
    Quantile(f64),
}

/// How to fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// What is done with revenue.
    pub elasticity: Elasticity,
    /// Where the tail of the spliced model begins.
    pub threshold: Threshold,
}

impl Default for Options {
    fn default() -> Options {
        Options { elasticity: Elasticity::None, threshold: Threshold::Quantile(0.9) }
    }
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeverityFit {
    /// The model with its uncertainty.
    pub estimate: SeverityEstimate,
    /// Parameters as people read them.
    pub parameters: Vec<Parameter>,
    /// Log-likelihood and information criteria; n is the sum of weights. The threshold of the spliced model is given, so
    /// its choice is not counted.
    pub criteria: Criteria,
    /// Records used.
    pub records: usize,
    /// Of them, censored.
    pub records_censored: usize,
    /// Of them, with a retention.
    pub records_truncated: usize,
    /// Steps of the search.
    pub steps: usize,
    /// What to know before using it, in words.
    pub notes: Vec<&'static str>,
}

/// Fits one family.
///
/// # Errors
/// A [`Refusal`] where the data give no model: too few, all censored, all equal, a likelihood without maximum.
pub fn fit(sample: &Sample, family: Family, options: &Options) -> Result<SeverityFit, Refusal> {
    fit_from(sample, family, options, None)
}

/// Fits one family, searching from these parameters only where they are given.
pub(crate) fn fit_from(
    sample: &Sample,
    family: Family,
    options: &Options,
    start: Option<&[f64]>,
) -> Result<SeverityFit, Refusal> {
    let free = options.elasticity == Elasticity::Free;
    enough(sample, family.parameters().len().min(3) + usize::from(free))?;
    if free && !sample.has_revenue {
        return Err(Refusal::Singular { parameter: "elasticity" });
    }
    let fixed_elasticity = if let Elasticity::Fixed(power) = options.elasticity { power } else { 0.0 };
    let brought = (!free).then(|| sample.rescaled(fixed_elasticity));
    let used = brought.as_ref().unwrap_or(sample);
    let (mut maximum, threshold) = match family {
        Family::Lognormal => (scaled::<Lognormal>(used, family, free, start)?, 0.0),
        Family::Gamma => (scaled::<Gamma>(used, family, free, start)?, 0.0),
        Family::Weibull => (scaled::<Weibull>(used, family, free, start)?, 0.0),
        Family::Pareto => (scaled::<Pareto>(used, family, free, start)?, 0.0),
        Family::Spliced => spliced_fit::maximum(used, options.threshold, free, start)?,
    };
    // Densities of amounts as they are, not of those brought to the reference revenue.
    maximum.value -= fixed_elasticity * sample.events_weighted_revenue();
    let estimate =
        SeverityEstimate { family, at: maximum.at, covariance: maximum.covariance, threshold, fixed_elasticity };
    Ok(SeverityFit {
        parameters: estimate.parameters(),
        criteria: Criteria::new(maximum.value, estimate.at.len(), sample.weight),
        records: sample.records,
        records_censored: sample.records_censored,
        records_truncated: sample.records_truncated,
        steps: maximum.steps,
        notes: notes(sample, &estimate),
        estimate,
    })
}

/// Fits all families: those that could be, by rising AIC; then those that could not, with their refusals.
pub fn compare(sample: &Sample, options: &Options) -> Vec<(Family, Result<SeverityFit, Refusal>)> {
    let mut fits: Vec<_> = Family::ALL.into_iter().map(|family| (family, fit(sample, family, options))).collect();
    let aic = |fit: &Result<SeverityFit, Refusal>| fit.as_ref().map_or(f64::INFINITY, |fit| fit.criteria.aic);
    fits.sort_by(|a, b| aic(&a.1).total_cmp(&aic(&b.1)));
    fits
}

/// Whether there is anything that tells a level and a spread.
fn enough(sample: &Sample, needed: usize) -> Result<(), Refusal> {
    let events = sample.events.len();
    if events == 0 {
        return Err(Refusal::AllCensored { records: sample.records });
    }
    if sample.distinct == 1 && events > 1 {
        return Err(Refusal::AllEqual { amount: libm::exp(sample.events.ln[0]) });
    }
    if sample.distinct < needed {
        return Err(Refusal::TooFew { distinct: sample.distinct, needed });
    }
    Ok(())
}

fn notes(sample: &Sample, estimate: &SeverityEstimate) -> Vec<&'static str> {
    let known = sample.events.len();
    let few = known < 30;
    let mostly = sample.records_censored * 2 > sample.records;
    [
        few.then_some("fewer than 30 losses known exactly: errors and intervals are rough"),
        mostly.then_some("more than half of the losses are censored: the tail rests on the family"),
        estimate.model().mean().is_none().then_some("the mean is infinite: use it under a limit only"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The maximum of a family of one scale and one shape.
fn scaled<S: Shape>(sample: &Sample, family: Family, free: bool, start: Option<&[f64]>) -> Result<Maximum, Refusal> {
    let likelihood = Scaled::<S>::new(sample, family.limits(), free);
    if let Some(start) = start {
        return best_of(&likelihood, &[start.to_vec()]);
    }
    let elasticity = free.then_some(0.0);
    if sample.records > MANY {
        let thin = sample.thinned(THIN);
        let first = Scaled::<S>::new(&thin, family.limits(), free);
        if let Ok(near) = best_of(&first, &starts(family, &thin, &first, elasticity))
            && let Ok(found) = best_of(&likelihood, &[near.at])
        {
            return Ok(found);
        }
    }
    best_of(&likelihood, &starts(family, sample, &likelihood, elasticity))
}
