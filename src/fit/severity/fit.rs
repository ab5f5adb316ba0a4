//! One family fitted to one sample: multi-start on few records, then one climb over all.

use serde::Serialize;

use super::family::Family;
use super::model::Severity;
use super::sample::Sample;
use super::scaled::Scaled;
use super::shape::{Gamma, GeneralisedPareto, Lognormal, Pareto, Shape, Weibull};
use super::spliced::Spliced;
use super::start::{moments, starts};
use crate::fit::Refusal;
use crate::fit::estimate::Criteria;
use crate::fit::jet::Jet;
use crate::fit::linear::Matrix;
use crate::fit::maximise::{Likelihood, Maximum, best_of, maximise};

/// Records on which starts are tried; the rest join for the last climb.
const FIRST_LOOK: usize = 20_000;
/// Fewest losses known exactly on either side of a threshold.
const SIDE: usize = 15;

/// A fitted family.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeverityFit {
    /// Family.
    pub family: Family,
    /// Parameters on the unconstrained scale, in the order of [`Family::parameters`].
    pub at: Vec<f64>,
    /// Threshold of the spliced family, in currency units; nought of others.
    pub threshold: f64,
    /// Elasticity of revenue; nought where it is not fitted.
    pub elasticity: f64,
    /// Covariance of `at`, and of the elasticity in the last row where it is fitted.
    pub covariance: Matrix,
    /// Log-likelihood and information criteria.
    pub criteria: Criteria,
}

impl SeverityFit {
    /// The distribution at the reference revenue.
    pub fn model(&self) -> Severity {
        self.family.model(&self.at, self.threshold)
    }
}

/// ln f(x) of a model, x above nought.
pub fn log_density(model: &Severity, x: f64) -> f64 {
    let (ln, constant) = (libm::log(x), Jet::<0>::constant);
    let of = |density: Jet<0>| density.value - ln;
    match *model {
        Severity::Lognormal { mu, sigma } => of(Lognormal::log_density(constant(ln - mu), constant(libm::log(sigma)))),
        Severity::Gamma { shape, scale } => {
            of(Gamma::log_density(constant(ln - libm::log(scale)), constant(libm::log(shape))))
        }
        Severity::Weibull { shape, scale } => {
            of(Weibull::log_density(constant(ln - libm::log(scale)), constant(libm::log(shape))))
        }
        Severity::Pareto { shape, scale } => {
            of(Pareto::log_density(constant(ln - libm::log(scale)), constant(libm::log(shape))))
        }
        Severity::Spliced { mu, sigma, threshold, body_share, .. } if x <= threshold => {
            let body = Severity::Lognormal { mu, sigma };
            libm::log(body_share) + log_density(&body, x) - libm::log(body.cdf(threshold))
        }
        Severity::Spliced { threshold, body_share, tail_scale, tail_shape, .. } => {
            let z = libm::log((x - threshold) / tail_scale);
            let density = GeneralisedPareto::log_density(constant(z), constant(tail_shape)).value;
            libm::log1p(-body_share) + density - libm::log(x - threshold)
        }
    }
}

/// Fits one family by maximum likelihood, with a free elasticity of revenue where it is asked for and revenues differ.
///
/// # Errors
/// A [`Refusal`] where the records give no model.
pub fn fit(sample: &Sample, family: Family, elasticity: bool) -> Result<SeverityFit, Refusal> {
    let free = elasticity && sample.has_revenue;
    enough(sample, family, free)?;
    match family {
        Family::Lognormal => scaled::<Lognormal>(sample, family, free),
        Family::Gamma => scaled::<Gamma>(sample, family, free),
        Family::Weibull => scaled::<Weibull>(sample, family, free),
        Family::Pareto => scaled::<Pareto>(sample, family, free),
        Family::Spliced => spliced(sample, free),
    }
}

fn enough(sample: &Sample, family: Family, free: bool) -> Result<(), Refusal> {
    let needed = family.parameters().len() + usize::from(free);
    match sample.distinct {
        0 => Err(Refusal::AllCensored { records: sample.records }),
        1 if sample.events.len() > 1 => Err(Refusal::AllEqual { amount: libm::exp(sample.events.ln[0]) }),
        distinct if distinct < needed => Err(Refusal::TooFew { distinct, needed }),
        _ => Ok(()),
    }
}

fn scaled<S: Shape>(sample: &Sample, family: Family, free: bool) -> Result<SeverityFit, Refusal> {
    let limits = family.limits();
    let few = (sample.events.len() > 2 * FIRST_LOOK).then(|| sample.thinned(FIRST_LOOK));
    let first = few.as_ref().unwrap_or(sample);
    let likelihood = Scaled::<S>::new(first, limits, free);
    let places = starts(family, first, &likelihood, free.then_some(0.0));
    let found = best_of(&likelihood, &places)?;
    let found = match few {
        Some(_) => whole(&Scaled::<S>::new(sample, limits, free), &found)?,
        None => found,
    };
    Ok(result(sample, family, found, 0.0, free))
}

fn whole(likelihood: &impl Likelihood, found: &Maximum) -> Result<Maximum, Refusal> {
    maximise(likelihood, &found.at).map_err(|stopped| stopped.refusal)
}

fn result(sample: &Sample, family: Family, found: Maximum, threshold: f64, free: bool) -> SeverityFit {
    let k = family.parameters().len();
    let parameters = k + usize::from(free) + usize::from(family == Family::Spliced);
    SeverityFit {
        family,
        elasticity: if free { found.at[k] } else { 0.0 },
        at: found.at[..k].to_vec(),
        threshold,
        covariance: found.covariance,
        criteria: Criteria::new(found.value, parameters, sample.weight),
    }
}

/// Shares of the exactly known losses below which the body of a spliced model may end.
const PLACES: [f64; 8] = [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95];

/// Spliced fits at each place where the threshold may be, elasticity held at nought: ln u and the fit. Each is over few
/// records where there are many.
pub fn thresholds(sample: &Sample) -> Vec<SeverityFit> {
    let few = (sample.events.len() > 2 * FIRST_LOOK).then(|| sample.thinned(FIRST_LOOK));
    let first = few.as_ref().unwrap_or(sample);
    let mut ln = first.events.ln.clone();
    ln.sort_by(f64::total_cmp);
    let place = |share: f64| {
        let at = ((ln.len() as f64 * share) as usize).min(ln.len().saturating_sub(1));
        (at >= SIDE && ln.len() - at > SIDE).then(|| ln[at])
    };
    let mut places: Vec<f64> = PLACES.into_iter().filter_map(place).collect();
    places.dedup();
    places.into_iter().filter_map(|u| at_threshold(first, u, false, 0.0).ok()).collect()
}

/// The spliced fit whose threshold gives the highest likelihood; the threshold counts as one parameter more.
fn spliced(sample: &Sample, free: bool) -> Result<SeverityFit, Refusal> {
    // An elasticity moves the threshold with the revenue: it is taken from the lognormal, and held for the threshold.
    let elasticity = if free { fit(sample, Family::Lognormal, true)?.elasticity } else { 0.0 };
    let plain = if free { sample.rescaled(elasticity) } else { sample.clone() };
    let tried = thresholds(&plain);
    let best = tried.iter().max_by(|a, b| a.criteria.log_likelihood.total_cmp(&b.criteria.log_likelihood));
    let best = best.ok_or(Refusal::TooFew { distinct: sample.distinct, needed: 2 * SIDE })?;
    at_threshold(sample, libm::log(best.threshold), free, elasticity)
}

fn at_threshold(sample: &Sample, u: f64, free: bool, elasticity: f64) -> Result<SeverityFit, Refusal> {
    let likelihood = Spliced::new(sample, u, elasticity, free);
    let [below, above] = likelihood.events();
    if below < SIDE || above < SIDE {
        return Err(Refusal::TooFew { distinct: below.min(above), needed: SIDE });
    }
    let (mean, sd) = moments(sample);
    let logit = libm::log(below as f64 / above as f64);
    let start = |xi: f64, sds: f64| {
        let mut at = vec![mean - sds * sd, libm::log(sd) + 0.1 * sds, logit, u + libm::log(0.8), xi];
        at.extend(free.then_some(elasticity));
        at
    };
    let found = best_of(&likelihood, &[start(0.3, 0.0), start(0.8, 0.0), start(0.3, 1.0)])?;
    Ok(result(sample, Family::Spliced, found, libm::exp(u), free))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::severity::Loss;
    use crate::random::{Draws, Purpose};

    fn made(model: Severity, n: u32, retention: f64, limit: f64) -> Vec<Loss> {
        let draws = Draws::new(5);
        let loss =
            |i| Loss::known(model.quantile(draws.pair(Purpose::Claim, i, 0, 0)[0])).above(retention).capped(limit);
        (0..n).map(loss).filter(|l| l.amount > retention).collect()
    }

    /// Each family's own draws, cut at a retention and a limit, give its parameters back within four standard errors.
    #[test]
    fn every_family_finds_its_parameters_behind_retention_and_limit() {
        let models = [
            Severity::Lognormal { mu: 11.0, sigma: 1.5 },
            Severity::Gamma { shape: 0.8, scale: 2e5 },
            Severity::Weibull { shape: 0.7, scale: 1e5 },
            Severity::Pareto { shape: 1.8, scale: 2e5 },
        ];
        for (model, family) in models.into_iter().zip(Family::ALL) {
            let sample = Sample::new(&made(model, 6_000, 25_000.0, 1e6)).unwrap();
            let found = fit(&sample, family, false).unwrap_or_else(|e| panic!("{family:?}: {e}"));
            let truth: [f64; 2] = match model {
                Severity::Lognormal { mu, sigma } => [mu, sigma.ln()],
                Severity::Gamma { shape, scale }
                | Severity::Weibull { shape, scale }
                | Severity::Pareto { shape, scale } => [scale.ln(), shape.ln()],
                Severity::Spliced { .. } => unreachable!(),
            };
            for (k, want) in truth.iter().enumerate() {
                let error = found.covariance[k][k].sqrt();
                assert!((found.at[k] - want).abs() < 4.0 * error, "{family:?} {k}: {} {want} {error}", found.at[k]);
            }
            let direct: f64 = made(model, 6_000, 25_000.0, 1e6)
                .iter()
                .map(|l| {
                    let own = if l.censored {
                        found.model().survival(l.amount).ln()
                    } else {
                        log_density(&found.model(), l.amount)
                    };
                    own - found.model().survival(l.truncation).ln()
                })
                .sum();
            assert!((direct / found.criteria.log_likelihood - 1.0).abs() < 1e-9, "{direct}");
        }
    }

    #[test]
    fn a_heavy_tail_over_a_light_body_is_found() {
        let truth = Severity::Spliced {
            mu: 10.5,
            sigma: 0.8,
            threshold: 1e5,
            body_share: 0.8,
            tail_scale: 1e5,
            tail_shape: 0.6,
        };
        let losses = made(truth, 5_000, 10_000.0, f64::INFINITY);
        let sample = Sample::new(&losses).unwrap();
        let [lognormal, spliced] = [Family::Lognormal, Family::Spliced].map(|f| fit(&sample, f, false).unwrap());
        assert!(spliced.criteria.aic < lognormal.criteria.aic - 10.0);
        assert!((spliced.at[4] - 0.6).abs() < 0.25, "{spliced:?}");
    }

    #[test]
    fn what_gives_no_model_is_refused_in_words() {
        let of = |losses: &[Loss]| fit(&Sample::new(losses).unwrap(), Family::Lognormal, false).unwrap_err().key();
        assert_eq!(of(&[Loss::known(5.0)]), "too few");
        assert_eq!(of(&[Loss::known(5.0); 9]), "all equal");
        assert_eq!(of(&[Loss { censored: true, ..Loss::known(5.0) }; 9]), "all censored");
    }
}
