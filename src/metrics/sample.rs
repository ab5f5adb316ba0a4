//! Figures of a sample of losses, each with its sampling error.

use serde::Serialize;

use super::{Curve, Estimate};
use crate::money::Cents;

/// A quantile with the interval that order statistics give it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quantile {
    /// Probability of staying at or below it.
    pub probability: f64,
    /// The loss at the return period 1 ÷ (1 − probability).
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval; nothing where the sample is too small to tell.
    pub high: Option<f64>,
}

/// Mean, spread and quantiles of a sample.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Size of the sample.
    pub trials: usize,
    /// Mean.
    pub mean: f64,
    /// Standard error of the mean; nothing of a single value.
    pub standard_error: Option<f64>,
    /// Sample standard deviation (n − 1).
    pub standard_deviation: f64,
    /// Share of the sample above zero.
    pub share_above_zero: f64,
    /// Quantiles, rising.
    pub quantiles: Vec<Quantile>,
    /// Mean of the losses beyond the one that is exceeded once in a hundred.
    pub tvar_99: f64,
    /// Its standard error; nothing where the sample is too small to tell.
    pub tvar_99_standard_error: Option<f64>,
    /// Largest value.
    pub largest: f64,
}

/// Probabilities that reports show, each with the return period that exceeds it.
const LEVELS: [(f64, f64); 5] = [(0.5, 2.0), (0.9, 10.0), (0.95, 20.0), (0.99, 100.0), (0.995, 200.0)];

/// The figures of `sample` as its [`Curve`] has them, so that one figure has one value wherever it is told.
///
/// Of fewer values than a return period the largest stands for the quantile: a lower bound, with an interval from nought to what
/// is not known.
pub fn summarise(sample: &[Cents]) -> Summary {
    let curve = Curve::new(sample);
    let (mean, largest) = (curve.mean(), curve.largest());
    let quantile = |(probability, period): (f64, f64)| match curve.at(period) {
        Some(point) => Quantile { probability, value: point.loss, low: point.low, high: point.high },
        None => Quantile { probability, value: largest, low: 0.0, high: None },
    };
    let tail = curve.at(100.0).map_or(Estimate { value: largest, standard_error: None }, |point| point.tail);
    Summary {
        trials: sample.len(),
        mean: mean.value,
        standard_error: mean.standard_error,
        standard_deviation: curve.standard_deviation().value,
        share_above_zero: curve.probability_of_loss().value,
        quantiles: LEVELS.map(quantile).to_vec(),
        tvar_99: tail.value,
        tvar_99_standard_error: tail.standard_error,
        largest,
    }
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

    /// The 10th of 1,000 has the return period 100; the tail mean is that of the 9 above and of it.
    #[test]
    fn quantiles_and_tail_mean_are_those_of_the_curve() {
        let sample: Vec<Cents> = (1..=1000).rev().map(|x| Cents(x * 100)).collect();
        let summary = summarise(&sample);
        let values: Vec<f64> = summary.quantiles.iter().map(|q| q.value).collect();
        assert_eq!(values, [501.0, 901.0, 951.0, 991.0, 996.0]);
        assert_eq!((summary.mean, summary.tvar_99, summary.largest), (500.5, 995.5, 1000.0));
        assert!(
            summary.quantiles.iter().all(|q| q.low < q.value && q.high.is_some_and(|high| q.value < high)),
            "{:?}",
            summary.quantiles
        );
        // Of 1 to n the variance is n·(n + 1) ÷ 12.
        assert!((summary.standard_error.unwrap() - (1001.0f64 / 12.0).sqrt()).abs() < 1e-9, "{summary:?}");
        assert!((summary.standard_deviation - (1_001_000.0f64 / 12.0).sqrt()).abs() < 1e-9);
        let point = Curve::new(&sample).at(200.0).unwrap();
        let last = summary.quantiles[4];
        assert_eq!((last.value, last.low, last.high), (point.loss, point.low, point.high));
    }

    #[test]
    fn of_fewer_values_than_a_return_period_the_largest_stands_for_it() {
        let summary = summarise(&[Cents(300), Cents(0), Cents(900)]);
        assert_eq!(
            summary.quantiles.iter().map(|q| q.value).collect::<Vec<_>>(),
            [3.0 + 6.0 * 1.0 / 3.0, 9.0, 9.0, 9.0, 9.0]
        );
        assert_eq!((summary.tvar_99, summary.tvar_99_standard_error), (9.0, None));
        assert!(summary.quantiles.iter().all(|own| own.high.is_none()), "too few values for an upper end: not known");
        assert_eq!(summarise(&[Cents(300)]).standard_error, None);
        assert_eq!(summary.share_above_zero, 2.0 / 3.0);
        assert_eq!(summarise(&[]).largest, 0.0);
    }

    /// Of many samples of an exponential, whose tail mean beyond its 99 % quantile is 1 + ln 100, about 95 % should have it
    /// within two standard errors: of 200, at least 175 (the binomial stays above that with probability 0.999).
    #[test]
    fn the_tail_mean_has_an_honest_error() {
        let draws = crate::random::Draws::new(11);
        let truth = 1.0 + 100f64.ln();
        let within = |t: u32| {
            let mut stream = draws.stream(crate::random::Purpose::Shock, t, 0);
            let sample: Vec<Cents> = (0..5_000).map(|_| Cents((-libm::log(stream.uniform()) * 1e8) as i64)).collect();
            let summary = summarise(&sample);
            (summary.tvar_99 / 1e6 - truth).abs() < 2.0 * summary.tvar_99_standard_error.unwrap() / 1e6
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

    /// Of many rare trials, mean and variance 10,000: 10,000 ± 1.645·100 is 9,835.5 to 10,164.5.
    #[test]
    fn a_count_has_one_in_twenty_to_each_side() {
        let (low, high) = count_interval(&[(10_000.0, 10_000.0)]);
        assert!((low - 9_835.5).abs() <= 2.0 && (high - 10_164.5).abs() <= 2.0, "{low} {high}");
    }
}
