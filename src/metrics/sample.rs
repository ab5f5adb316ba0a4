//! Figures of a sample of losses, each with its sampling error.

use serde::Serialize;

use crate::random::normal;

/// A quantile with the interval that order statistics give it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quantile {
    /// Probability of staying at or below it.
    pub probability: f64,
    /// The smallest value with at least this share of the sample at or below it.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
}

/// Mean, spread and quantiles of a sample.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Size of the sample.
    pub trials: usize,
    /// Mean.
    pub mean: f64,
    /// Standard error of the mean.
    pub standard_error: f64,
    /// Sample standard deviation (n − 1).
    pub standard_deviation: f64,
    /// Share of the sample above zero.
    pub share_above_zero: f64,
    /// Quantiles, rising.
    pub quantiles: Vec<Quantile>,
    /// Mean of the worst 1 %.
    pub tvar_99: f64,
    /// Its standard error.
    pub tvar_99_standard_error: f64,
    /// Largest value.
    pub largest: f64,
}

/// Probabilities that reports show.
pub const PROBABILITIES: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.995];

/// The figures of `sample`, which must not be empty.
///
/// Quantiles are order statistics x₍⌈np⌉₎; their interval takes the ranks np − 1.96·√(np(1 − p)) and
/// np + 1.96·√(np(1 − p)) + 1, rounded up (normal approximation to the binomial; W. J. Conover, *Practical Nonparametric
/// Statistics*, section 3.2). The standard error of the tail mean T of the worst k of n beyond the quantile q is
/// √((s² + p·(T − q)²) ÷ k), s² being the variance within the tail (B. J. Manistre, G. H. Hancock, *Variance of the CTE
/// estimator*, North American Actuarial Journal 9, 2005).
pub fn summarise(sample: &[f64]) -> Summary {
    let n = sample.len().max(1) as f64;
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mean = sorted.iter().sum::<f64>() / n;
    let variance = sorted.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    let rank =
        |r: f64| sorted.get((r.ceil().max(1.0) as usize).min(sorted.len()).saturating_sub(1)).copied().unwrap_or(0.0);
    let quantile = |probability: f64| {
        let half = normal::quantile(0.975) * (n * probability * (1.0 - probability)).sqrt();
        let (low, high) = (rank(n * probability - half), rank(n * probability + half + 1.0));
        Quantile { probability, value: rank(n * probability - 1e-9), low, high }
    };
    let worst = &sorted[sorted.len() - (sorted.len() / 100).max(1).min(sorted.len())..];
    let (tvar_99, tvar_99_standard_error) = tail_mean(worst, n);
    Summary {
        trials: sample.len(),
        mean,
        standard_error: (variance / n).sqrt(),
        standard_deviation: variance.sqrt(),
        share_above_zero: sorted.iter().filter(|x| **x > 0.0).count() as f64 / n,
        quantiles: PROBABILITIES.map(quantile).to_vec(),
        tvar_99,
        tvar_99_standard_error,
        largest: sorted.last().copied().unwrap_or(0.0),
    }
}

/// Mean of the `worst` of `n` values, which are sorted, and its standard error.
fn tail_mean(worst: &[f64], n: f64) -> (f64, f64) {
    let k = worst.len().max(1) as f64;
    let mean = worst.iter().sum::<f64>() / k;
    let variance = worst.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (k - 1.0).max(1.0);
    let beyond = mean - worst.first().copied().unwrap_or(0.0);
    (mean, ((variance + (1.0 - k / n) * beyond * beyond) / k).sqrt())
}

/// The 90 % interval of a count that is, in each of several equally likely states, a sum of independent trials with this
/// mean and variance.
///
/// In one state the count is taken as a translated Poisson: ⌊m − v⌋ + Poisson(v + the fraction of m − v), which has the
/// mean and nearly the variance of the sum, is exact for rare trials and certain ones, and is near the normal for many
/// (A. Röllin, *Translated Poisson approximation using exchangeable pair couplings*, Annals of Applied Probability 17,
/// 2007).
pub fn count_interval(states: &[(f64, f64)]) -> (f64, f64) {
    let at_most =
        |n: f64| states.iter().map(|(m, v)| translated_poisson(*m, *v, n)).sum::<f64>() / states.len().max(1) as f64;
    let quantile = |level: f64| {
        let top = states.iter().map(|(m, v)| m + 12.0 * v.sqrt() + 20.0).fold(0.0, f64::max).ceil();
        let (mut low, mut high) = (-1.0, top);
        while high - low > 1.0 {
            let middle = ((low + high) / 2.0f64).floor();
            if at_most(middle) >= level { high = middle } else { low = middle }
        }
        high
    };
    (quantile(0.05), quantile(0.95))
}

/// P(count ≤ n).
fn translated_poisson(mean: f64, variance: f64, n: f64) -> f64 {
    let shift = (mean - variance + 1e-9).floor();
    let rate = (mean - shift).max(0.0);
    let n = n - shift;
    if n < 0.0 {
        0.0
    } else if rate < 1e-9 {
        1.0
    } else {
        statrs::function::gamma::gamma_ur(n + 1.0, rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_order_statistics_with_an_interval_around_them() {
        let sample: Vec<f64> = (1..=1000).rev().map(f64::from).collect();
        let summary = summarise(&sample);
        let values: Vec<f64> = summary.quantiles.iter().map(|q| q.value).collect();
        assert_eq!(values, [500.0, 900.0, 950.0, 990.0, 995.0]);
        assert_eq!((summary.mean, summary.tvar_99), (500.5, 995.5));
        assert!(summary.quantiles.iter().all(|q| q.low < q.value && q.value < q.high), "{:?}", summary.quantiles);
    }

    /// Of many samples of an exponential, whose tail mean beyond its 99 % quantile is 1 + ln 100, about 95 % should have it
    /// within two standard errors: of 200, at least 175 (the binomial stays above that with probability 0.999).
    #[test]
    fn the_tail_mean_has_an_honest_error() {
        let draws = crate::random::Draws::new(11);
        let truth = 1.0 + 100f64.ln();
        let within = |t: u32| {
            let mut stream = draws.stream(crate::random::Purpose::Shock, t, 0);
            let sample: Vec<f64> = (0..5_000).map(|_| -stream.uniform().ln()).collect();
            let summary = summarise(&sample);
            (summary.tvar_99 - truth).abs() < 2.0 * summary.tvar_99_standard_error
        };
        let good = (0..200).filter(|t| within(*t)).count();
        assert!((175..200).contains(&good), "{good}");
    }

    /// P(successes ≤ n) of independent trials, by convolution.
    fn exact(probabilities: &[f64], n: usize) -> f64 {
        let mut mass = vec![1.0];
        for p in probabilities {
            mass.push(0.0);
            for k in (0..mass.len()).rev() {
                mass[k] = mass[k] * (1.0 - p) + if k > 0 { mass[k - 1] * p } else { 0.0 };
            }
        }
        mass.iter().take(n + 1).sum()
    }

    /// Few and many, rare and certain: the interval's ends are those of the exact distribution, or one beside them.
    #[test]
    fn a_count_of_uncertain_insureds_has_its_interval() {
        let mixed: Vec<f64> = (0..400).map(|i| if i % 4 == 0 { 0.97 } else { 0.001 * f64::from(i) / 4.0 }).collect();
        for trials in [vec![0.01; 30], vec![0.5; 3], vec![1.0; 7], vec![0.3; 200], mixed] {
            let (mean, variance) = (trials.iter().sum::<f64>(), trials.iter().map(|p| p * (1.0 - p)).sum::<f64>());
            let (low, high) = count_interval(&[(mean, variance)]);
            let quantile = |level: f64| (0..).find(|n| exact(&trials, *n) >= level - 1e-12).unwrap() as f64;
            assert!((low - quantile(0.05)).abs() <= 1.0 && (high - quantile(0.95)).abs() <= 1.0, "{trials:?}");
        }
    }

    /// What all insureds share does not average out: with half a chance of 10 and of 90, both ends are far apart.
    #[test]
    fn what_is_shared_widens_the_interval() {
        let (low, high) = count_interval(&[(10.0, 9.0), (90.0, 9.0)]);
        assert!(low < 10.0 && high > 90.0, "{low} {high}");
    }
}
