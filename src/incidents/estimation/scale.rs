//! How much larger or smaller a segment's losses are than a model says: its own log scale δ, X = e^δ·Y with Y of the model.
//!
//! The log-likelihood of δ with truncation and censoring, under a normal prior N(0, a) where one is given: its mode is the
//! credibility estimate (with many losses ln L is a parabola with curvature I, and the mode is Z·δ̂ with Z = a ÷ (a + 1 ÷ I),
//! Bühlmann and Straub's weight; H. Bühlmann, A. Gisler, *A Course in Credibility Theory*, 2005, section 2.5 and chapter 4).
//! With few or only censored losses the likelihood is no parabola, and the mode is still right.

use rayon::prelude::*;

use super::density::log_density;
use crate::fit::severity::Severity;

/// A loss beside the model: logarithm of what its revenue multiplies the model by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaled {
    /// Amount; a lower bound when censored.
    pub amount: f64,
    /// Left truncation; nought: none.
    pub truncation: f64,
    /// Whether it is a lower bound.
    pub censored: bool,
    /// Logarithm of the factor on the model's scale.
    pub ln_factor: f64,
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
/// Step of the numerical derivatives of ln L by δ.
const STEP: f64 = 1e-2;
const CHUNK: usize = 8_192;

/// The most likely log scale of `losses` under `model`, with a prior of this variance or none. Nothing when it has no
/// bound: all losses censored, and no prior.
pub fn log_scale(model: &Severity, losses: &[Scaled], prior: Option<f64>) -> Option<LogScale> {
    if losses.is_empty() || prior == Some(0.0) {
        return Some(LogScale { value: 0.0, information: 0.0 }).filter(|_| prior.is_some());
    }
    if losses.len() > 4 * FEW {
        let thin: Vec<Scaled> = losses.iter().step_by(losses.len() / FEW).copied().collect();
        let start = climb(model, &thin, None, 0.0, 60)?.value;
        return climb(model, losses, prior, start, 2);
    }
    climb(model, losses, prior, 0.0, 60)
}

/// Climbs from `d` in at most so many steps.
fn climb(model: &Severity, losses: &[Scaled], prior: Option<f64>, mut d: f64, steps: usize) -> Option<LogScale> {
    let penalty = |d: f64| prior.map_or(0.0, |a| -d * d / (2.0 * a));
    let at = |d: f64| log_likelihood(model, losses, d);
    let mut point = derivatives(&at, d);
    for _ in 0..steps {
        let (slope, curve) = prior.map_or((point.1, point.2), |a| (point.1 - d / a, point.2 - 1.0 / a));
        // Uphill: Newton where the likelihood is a hill, else a fixed step.
        let step = if curve < 0.0 { (-slope / curve).clamp(-1.0, 1.0) } else { slope.signum() };
        if step.abs() < 1e-7 {
            break;
        }
        // A sum of many terms has no more digits than this.
        let (mut share, from) = (1.0, point.0 + penalty(d) - 1e-12 * point.0.abs());
        let mut moved = d + step;
        let mut next = derivatives(&at, moved);
        while next.0 + penalty(moved) < from && share > 1e-4 {
            share /= 2.0;
            moved = d + step * share;
            next = derivatives(&at, moved);
        }
        if next.0 + penalty(moved) < from {
            break;
        }
        (d, point) = (moved, next);
        if d.abs() > FARTHEST {
            return None;
        }
    }
    let information = (-point.2).max(0.0);
    (prior.is_some() || information > 0.0).then_some(LogScale { value: d, information })
}

/// Value, slope and curvature by central differences.
fn derivatives(at: &impl Fn(f64) -> f64, d: f64) -> (f64, f64, f64) {
    let (below, here, above) = (at(d - STEP), at(d), at(d + STEP));
    (here, (above - below) / (2.0 * STEP), (above - 2.0 * here + below) / (STEP * STEP))
}

fn log_likelihood(model: &Severity, losses: &[Scaled], d: f64) -> f64 {
    let survival = |x: f64| libm::log(model.survival(x).max(1e-300));
    let term = |loss: &Scaled| {
        let ln = loss.ln_factor + d;
        let factor = libm::exp(-ln);
        let own = match loss.censored {
            true => survival(loss.amount * factor),
            false => log_density(model, loss.amount * factor) - ln,
        };
        if loss.truncation > 0.0 { own - survival(loss.truncation * factor) } else { own }
    };
    // Chunks are summed in order: the same on any number of threads.
    let sums: Vec<f64> = losses.par_chunks(CHUNK).map(|chunk| chunk.iter().map(term).sum()).collect();
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(amount: f64) -> Scaled {
        Scaled { amount, truncation: 0.0, censored: false, ln_factor: 0.0 }
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
        let mean = losses.iter().map(|l| l.amount.ln() - 10.0).sum::<f64>() / losses.len() as f64;
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
