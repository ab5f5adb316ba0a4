//! Where the search for a maximum starts: a coarse grid over shape and location, the best few places of it.
//!
//! Truncation can make the likelihood flat or give it two hills, so one start is not enough. Locations come from the mean
//! of ln x less none, one or several of its standard deviations, since a retention hides the body; shapes are those that
//! spread ln x about as much as the sample does, and wider ones.

use super::family::Family;
use super::sample::Sample;
use crate::fit::maximise::Likelihood;
use crate::fit::special::digamma;

/// Starts kept.
const BEST: usize = 3;
const LOCATIONS: [f64; 5] = [0.0, 1.0, -1.0, 2.5, 5.0];

/// Mean and standard deviation of ln x of events.
pub fn moments(sample: &Sample) -> (f64, f64) {
    let mean = sample.sums.ln / sample.sums.weight;
    (mean, (sample.sums.squares / sample.sums.weight).sqrt().max(1e-6))
}

/// The best places of the grid for a family of one scale and one shape, best first.
pub fn starts(family: Family, sample: &Sample, likelihood: &impl Likelihood, elasticity: Option<f64>) -> Vec<Vec<f64>> {
    let (mean, sd) = moments(sample);
    let mut places = Vec::new();
    for shape in shapes(family, sd) {
        for sds in LOCATIONS {
            let mut at = vec![mean - sds * sd - mean_of_log(family, shape), shape];
            at.extend(elasticity);
            places.push((likelihood.at(&at).value, at));
        }
    }
    places.retain(|(value, _)| value.is_finite());
    places.sort_by(|a, b| b.0.total_cmp(&a.0));
    places.into_iter().take(BEST).map(|(_, at)| at).collect()
}

/// Logarithms of shapes to try for this standard deviation of ln x.
fn shapes(family: Family, sd: f64) -> Vec<f64> {
    let ln = libm::log(sd);
    match family {
        Family::Lognormal | Family::Spliced => [-0.2, 0.0, 0.4, 0.9].map(|by| ln + by).to_vec(),
        // Var ln X = π²⁄6 ÷ τ².
        Family::Weibull => [-0.9, -0.4, 0.0, 0.4].map(|by| 0.249 - ln + by).to_vec(),
        // Var ln X = ψ′(α), near 1 ÷ α for large α and 1 ÷ α² for small.
        Family::Gamma => {
            let about = if sd < 1.0 { -2.0 * ln } else { -ln };
            [-1.5, -0.7, 0.0, 0.4, 1.0].map(|by| about + by).to_vec()
        }
        Family::Pareto => vec![-0.7, 0.0, 0.7, 1.5, 3.0],
    }
}

/// E ln(X ÷ θ) at this ln(shape).
fn mean_of_log(family: Family, s: f64) -> f64 {
    let shape = libm::exp(s);
    match family {
        Family::Lognormal | Family::Spliced => 0.0,
        Family::Weibull => digamma(1.0) / shape,
        Family::Gamma => digamma(shape),
        Family::Pareto => digamma(1.0) - digamma(shape),
    }
}
