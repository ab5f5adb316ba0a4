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

/// Steps that an exact count may take.
const EXACT_STEPS: usize = 500_000_000;

/// Mean and 90 % interval of how many of independent trials with these probabilities succeed.
///
/// Exact (the Poisson-binomial distribution by convolution, cut where less than 1e-12 is left above) as far as that takes
/// no more than half a billion steps, beyond by the normal approximation with a continuity correction. Probabilities of 0
/// and 1 are set apart first.
pub fn count_interval(probabilities: &[f64]) -> (f64, f64, f64) {
    let certain = probabilities.iter().filter(|p| **p >= 1.0).count() as f64;
    let mut uncertain: Vec<f64> = probabilities.iter().copied().filter(|p| *p > 0.0 && *p < 1.0).collect();
    uncertain.sort_by(f64::total_cmp);
    let mean = certain + uncertain.iter().sum::<f64>();
    let sd = uncertain.iter().map(|p| p * (1.0 - p)).sum::<f64>().sqrt();
    let longest = ((mean - certain + 12.0 * sd + 20.0) as usize).min(uncertain.len());
    if uncertain.len() * longest > EXACT_STEPS {
        let half = normal::quantile(0.95) * sd + 0.5;
        return (mean, (mean - half).max(certain).floor(), (mean + half).min(certain + uncertain.len() as f64).ceil());
    }
    let mut mass = vec![1.0];
    for p in uncertain {
        if mass.len() <= longest {
            mass.push(0.0);
        }
        for k in (0..mass.len()).rev() {
            mass[k] = mass[k] * (1.0 - p) + if k > 0 { mass[k - 1] * p } else { 0.0 };
        }
    }
    let at = |level: f64| {
        let mut sum = 0.0;
        let position = mass.iter().position(|m| {
            sum += m;
            sum >= level
        });
        position.unwrap_or(mass.len() - 1) as f64
    };
    (mean, certain + at(0.05), certain + at(0.95))
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

    /// Two coins and a certainty: 1 + Binomial(2, ½).
    #[test]
    fn a_count_of_uncertain_insureds_has_its_exact_interval() {
        assert_eq!(count_interval(&[0.5, 1.0, 0.5, 0.0]), (2.0, 1.0, 3.0));
    }

    #[test]
    fn the_normal_approximation_meets_the_exact_count() {
        // 25,000 at 0.9 are as uncertain as 25,000 at 0.1, but take more steps than are allowed.
        let (exact, approximate) = (count_interval(&vec![0.1; 25_000]), count_interval(&vec![0.9; 25_000]));
        assert!((exact.1 - (25_000.0 - approximate.2)).abs() <= 2.0, "{exact:?} {approximate:?}");
        assert!((exact.2 - (25_000.0 - approximate.1)).abs() <= 2.0, "{exact:?} {approximate:?}");
    }
}
