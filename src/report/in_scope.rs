//! How many insureds are in scope: the number, its interval, and what makes it uncertain.

use serde::Serialize;

use crate::exposure::Draw;
use crate::metrics::count_interval;

/// The number of insureds in scope.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct InScopeLine {
    /// Expected number, every insured counting with its probability.
    pub expected: f64,
    /// Lower end of the 90 % interval.
    pub low: f64,
    /// Upper end of the 90 % interval.
    pub high: f64,
    /// Of the expected, those that the scan could not judge: they count with what is usual for their kind.
    pub not_looked_for: f64,
    /// Standard deviation from each insured's own uncertainty.
    pub own: f64,
    /// Standard deviation from error rates of signals, which all insureds share; absent when they were not drawn.
    pub rates: Option<f64>,
    /// Standard deviation from priors, which stand for what was not scanned and are shared; absent when not drawn.
    pub priors: Option<f64>,
}

/// The number from its draws; without any, from each insured's probability alone.
pub fn in_scope(draws: &[Draw], probabilities: &[f64], not_looked_for: f64) -> InScopeLine {
    let central = (probabilities.iter().sum::<f64>(), probabilities.iter().map(|p| p * (1.0 - p)).sum::<f64>());
    let drawn: Vec<&Draw> = draws.iter().filter(|d| d.draw > 0).collect();
    let states: Vec<(f64, f64)> = match drawn.as_slice() {
        [] => vec![central],
        drawn => drawn.iter().map(|d| (d.expected, d.variance)).collect(),
    };
    let (low, high) = count_interval(&states);
    let deviation = |of: fn(&Draw) -> f64| {
        let n = drawn.len() as f64;
        let mean = drawn.iter().map(|d| of(d)).sum::<f64>() / n;
        (drawn.len() > 1).then(|| (drawn.iter().map(|d| (of(d) - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
    };
    let own = (states.iter().map(|(_, variance)| variance).sum::<f64>() / states.len() as f64).sqrt();
    let (rates, priors) = (deviation(|d| d.rates_alone), deviation(|d| d.priors_alone));
    InScopeLine { expected: central.0, low, high, not_looked_for, own, rates, priors }
}
