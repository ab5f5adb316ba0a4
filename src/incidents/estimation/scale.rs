//! How much larger or smaller a segment's losses are than a model says: its own log scale δ, X = e^δ·Y with Y of the model.
//!
//! The log-likelihood of δ with truncation and censoring, under a normal prior N(0, a) where one is given: its mode is the
//! credibility estimate (with many losses ln L is a parabola with curvature I, and the mode is Z·δ̂ with Z = a ÷ (a + 1 ÷ I),
//! Bühlmann and Straub's weight; H. Bühlmann, A. Gisler, *A Course in Credibility Theory*, 2005, section 2.5 and chapter 4).
//! With few or only censored losses the likelihood is no parabola, and the mode is still right.

use rayon::prelude::*;

use super::likelihood::Likelihood;
use crate::fit::jet::Jet;
use crate::fit::severity::{Loss, Severity};

/// A loss beside the model: logarithms over what its revenue multiplies the model by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaled {
    /// Of the amount; a lower bound when censored.
    pub ln_amount: f64,
    /// Of the left truncation, where there is one.
    pub ln_truncation: Option<f64>,
    /// Whether it is a lower bound.
    pub censored: bool,
}

impl Scaled {
    /// A loss whose revenue multiplies the model by e^`ln_factor`.
    pub fn of(loss: &Loss, ln_factor: f64) -> Scaled {
        Scaled {
            ln_amount: libm::log(loss.amount) - ln_factor,
            ln_truncation: (loss.truncation > 0.0).then(|| libm::log(loss.truncation) - ln_factor),
            censored: loss.censored,
        }
    }
}

/// A log scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogScale {
    /// δ.
    pub value: f64,
    /// I: minus the second derivative of the log-likelihood there, without the prior; nought where the losses say nothing.
    pub information: f64,
}

impl LogScale {
    /// The mode under a prior of this variance where the likelihood is a parabola: Z·δ̂.
    pub fn pulled(self, prior: f64) -> LogScale {
        LogScale { value: self.value * prior * self.information / (1.0 + prior * self.information), ..self }
    }
}

/// Losses on which the search begins where there are many; two steps over all of them then end it.
const FEW: usize = 2_000;
/// Largest |δ| looked at: a factor of three million.
const FARTHEST: f64 = 15.0;
const CHUNK: usize = 8_192;

/// The most likely log scale of `losses` under `model`, with a prior of this variance or none. Nothing when it has no
/// bound: all losses censored, and no prior.
pub fn log_scale(model: &Severity, losses: &[Scaled], prior: Option<f64>) -> Option<LogScale> {
    if losses.is_empty() {
        return prior.map(|_| LogScale { value: 0.0, information: 0.0 });
    }
    let likelihood = Likelihood::of(model);
    if losses.len() > 4 * FEW {
        let thin: Vec<Scaled> = losses.iter().step_by(losses.len() / FEW).copied().collect();
        let start = climb(&likelihood, &thin, None, 0.0, 60)?.value;
        return climb(&likelihood, losses, prior, start, 2);
    }
    climb(&likelihood, losses, prior, 0.0, 60)
}

/// Climbs from `d` in at most so many steps. A prior of no variance holds it at nought.
fn climb(likelihood: &Likelihood, losses: &[Scaled], prior: Option<f64>, mut d: f64, steps: usize) -> Option<LogScale> {
    let precision = prior.map_or(0.0, |a| 1.0 / a);
    if precision.is_infinite() {
        return Some(LogScale { value: 0.0, information: (-sum(likelihood, losses, 0.0, 0.0).hessian[0][0]).max(0.0) });
    }
    let penalty = |d: f64| -d * d * precision / 2.0;
    let mut point = sum(likelihood, losses, d, d);
    for _ in 0..steps {
        let (slope, curve) = (point.gradient[0] - d * precision, point.hessian[0][0] - precision);
        // Uphill: Newton where the likelihood is a hill, else a fixed step.
        let step = if curve < 0.0 { (-slope / curve).clamp(-1.0, 1.0) } else { slope.signum() };
        if step.abs() < 1e-7 {
            break;
        }
        // A sum of many terms has no more digits than this.
        let (mut share, from) = (1.0, point.value + penalty(d) - 1e-12 * point.value.abs());
        let mut moved = d + step;
        let mut next = sum(likelihood, losses, moved, d);
        while next.value + penalty(moved) < from && share > 1e-4 {
            share /= 2.0;
            moved = d + step * share;
            next = sum(likelihood, losses, moved, d);
        }
        if next.value + penalty(moved) < from {
            break;
        }
        d = moved;
        point = if likelihood.holds_a_threshold() { sum(likelihood, losses, d, d) } else { next };
        if d.abs() > FARTHEST {
            return None;
        }
    }
    let information = (-point.hessian[0][0]).max(0.0);
    (prior.is_some() || information > 0.0).then_some(LogScale { value: d, information })
}

/// The log-likelihood at δ with the threshold at δ₀, up to a number that depends on neither where there is no threshold.
fn sum(likelihood: &Likelihood, losses: &[Scaled], d: f64, held: f64) -> Jet<1> {
    let term = |loss: &Scaled| {
        let own = match loss.censored {
            true => likelihood.survival(loss.ln_amount, d, held),
            false => likelihood.density(loss.ln_amount, d, held),
        };
        loss.ln_truncation.map_or(own, |ln| own - likelihood.survival(ln, d, held))
    };
    let part = |chunk: &[Scaled]| chunk.iter().map(term).fold(Jet::constant(0.0), |sum, term| sum + term);
    // Chunks are summed in order: the same on any number of threads.
    let parts: Vec<Jet<1>> = losses.par_chunks(CHUNK).map(part).collect();
    parts.into_iter().fold(Jet::constant(0.0), |sum, part| sum + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(amount: f64) -> Scaled {
        Scaled::of(&Loss::known(amount), 0.0)
    }

    const MODEL: Severity = Severity::Lognormal { mu: 10.0, sigma: 1.5 };

    /// Of a lognormal, by hand: δ̂ is the mean of ln x less μ, and I = n ÷ σ².
    #[test]
    fn the_scale_of_a_lognormal_is_the_mean_of_its_logarithms() {
        let losses: Vec<Scaled> = [9.0f64, 11.0, 12.0].map(|ln| known(ln.exp())).to_vec();
        let found = log_scale(&MODEL, &losses, None).unwrap();
        assert!((found.value - 2.0 / 3.0).abs() < 1e-6 && (found.information - 3.0 / 2.25).abs() < 1e-4, "{found:?}");
        // With a prior of variance 0.75 the weight is 0.75 ÷ (0.75 + 0.75) = one half.
        let pulled = log_scale(&MODEL, &losses, Some(0.75)).unwrap();
        assert!((pulled.value - 1.0 / 3.0).abs() < 1e-6, "{pulled:?}");
    }

    #[test]
    fn censored_losses_alone_have_no_scale_without_a_prior_and_an_honest_one_with() {
        let losses = vec![Scaled { censored: true, ..known(1e6) }; 5];
        assert_eq!(log_scale(&MODEL, &losses, None), None);
        let pulled = log_scale(&MODEL, &losses, Some(0.5)).unwrap();
        assert!(pulled.value > 0.3 && pulled.value < 5.0 && pulled.information.is_finite(), "{pulled:?}");
        assert_eq!(log_scale(&MODEL, &[], Some(0.5)), Some(LogScale { value: 0.0, information: 0.0 }));
    }

    /// Of many losses a few tell where to begin, and all of them end there: the same as by hand, mean of ln x less μ.
    #[test]
    fn many_losses_are_used_to_the_last() {
        let losses: Vec<Scaled> = (0..20_000).map(|i| known((10.7 + f64::from(i % 97) / 97.0).exp())).collect();
        let mean = losses.iter().map(|l| l.ln_amount - 10.0).sum::<f64>() / losses.len() as f64;
        let found = log_scale(&MODEL, &losses, None).unwrap();
        assert!(
            (found.value - mean).abs() < 1e-5 && (found.information * 2.25 / 20_000.0 - 1.0).abs() < 1e-4,
            "{found:?}"
        );
        let (quick, slow) = (found.pulled(1e-4), log_scale(&MODEL, &losses, Some(1e-4)).unwrap());
        assert!((quick.value - slow.value).abs() < 1e-5, "{quick:?} {slow:?}");
    }

    #[test]
    fn one_absurd_outlier_moves_the_scale_no_further_than_the_prior_lets_it() {
        let found = log_scale(&MODEL, &[known(1e30)], Some(0.2)).unwrap();
        assert!(found.value.is_finite() && found.value < 15.0 && found.information.is_finite(), "{found:?}");
    }
}
