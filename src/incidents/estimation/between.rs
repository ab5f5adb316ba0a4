//! How far segments lie from their parents: the variance between them, and what is known of it.

use crate::fit::special::{HALF_LN_TWO_PI, normal_cdf};

/// A variance between segments.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Between {
    /// The moment estimate, cut off at nought: the weight that segments' own losses get rests on it.
    pub variance: f64,
    /// What to expect of it given that estimate and its error: above nought wherever two segments were compared, since few and
    /// thin segments look alike by chance too. The width of a segment's model rests on it.
    pub expected: f64,
}

impl Between {
    /// Variance of a segment's estimate, I being what its own data tell of it and Z the weight that they were given.
    ///
    /// What is left of the variance between segments a once its own data are known, a ÷ (1 + a·I), and the parent's own as far
    /// as it leans on it, (1 − Z)² (H. Bühlmann, A. Gisler, *A Course in Credibility Theory*, 2005, section 4.4). The variance
    /// between is the expected one, so that a segment leaning on its parent altogether still has a width of its own.
    pub fn width(self, information: f64, weight: f64, above: f64) -> f64 {
        let rest = 1.0 - weight;
        self.expected / (1.0 + self.expected * information) + rest * rest * above
    }
}

/// Variance of segments' values about their parents', from groups of siblings together: each its own value with the information
/// that its data have of it (1 ÷ variance).
///
/// DerSimonian and Laird's moment estimator, Σ (Q − (k − 1)) ÷ C with w = I, Q = Σ w·(δ − δ̄)² and C = Σ (Σw − Σw² ÷ Σw); it is
/// Bühlmann and Straub's with within-variances known from the likelihood (R. DerSimonian, N. Laird, *Meta-analysis in
/// clinical trials*, Controlled Clinical Trials 7, 1986). With τ² the estimate the variance of Q is 2·(k − 1) + 4·C·τ² + 2·(Σw² −
/// 2·Σw³ ÷ Σw + (Σw²)² ÷ (Σw)²)·τ⁴ (B. J. Biggerstaff, R. L. Tweedie, *Incorporating variability in estimates of heterogeneity in
/// the random effects model in meta-analysis*, Statistics in Medicine 16, 1997), and what is expected is the mean of a normal
/// with the estimate's mean and error, given that it is above nought.
pub fn between(groups: impl Iterator<Item = Vec<[f64; 2]>>) -> Between {
    let (mut excess, mut size, mut freedom, mut fourth) = (0.0, 0.0, 0.0, 0.0);
    for group in groups {
        let own: Vec<[f64; 2]> = group.into_iter().filter(|[_, information]| *information > 0.0).collect();
        if own.len() < 2 {
            continue;
        }
        let total = |of: fn(f64) -> f64| own.iter().map(|[_, w]| of(*w)).sum::<f64>();
        let (sum, squares, cubes) = (total(|w| w), total(|w| w * w), total(|w| w * w * w));
        let mean = own.iter().map(|[x, w]| w * x).sum::<f64>() / sum;
        excess += own.iter().map(|[x, w]| w * (x - mean) * (x - mean)).sum::<f64>();
        excess -= own.len() as f64 - 1.0;
        freedom += own.len() as f64 - 1.0;
        size += sum - squares / sum;
        fourth += squares - 2.0 * cubes / sum + squares * squares / (sum * sum);
    }
    if size <= 0.0 {
        return Between::default();
    }
    let estimate = excess / size;
    let variance = estimate.max(0.0);
    let error = (2.0 * freedom + 4.0 * size * variance + 2.0 * fourth * variance * variance).max(0.0).sqrt() / size;
    Between { variance, expected: above_nought(estimate, error) }
}

/// The mean of a normal given that it is above nought: m + s·φ(m ÷ s) ÷ Φ(m ÷ s).
fn above_nought(mean: f64, error: f64) -> f64 {
    let z = mean / error;
    // Far below nought it nears s ÷ |z|; the quotient is lost in rounding there.
    let density = libm::exp(-0.5 * z * z - HALF_LN_TWO_PI);
    if z < -8.0 { error / -z } else { mean + error * density / normal_cdf(z) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: two segments with δ of ±0.5 and information 10 each have Q = 5, C = 10 and the variance (5 − 1) ÷ 10 = 0.4.
    #[test]
    fn the_moment_estimate_is_the_one_by_hand() {
        let found = between([vec![[0.5, 10.0], [-0.5, 10.0]]].into_iter());
        assert!((found.variance - 0.4).abs() < 1e-12 && found.expected > 0.4, "{found:?}");
    }

    /// Segments that are alike may be so by chance: the fewer and thinner they are, the more they may differ in truth. With two
    /// of information 10 and no spread the estimate is −0.1 with error √2 ÷ 10, z = −0.7071, φ ÷ Φ = 0.3107 ÷ 0.2398, and the mean above
    /// nought is −0.1 + 0.14142·1.2958 = 0.0833.
    #[test]
    fn segments_that_look_alike_may_still_differ() {
        let alike = |k: usize, information: f64| between([vec![[0.1, information]; k]].into_iter());
        let (few, many, large) = (alike(2, 10.0), alike(20, 10.0), alike(2, 1_000.0));
        assert!(few.variance == 0.0 && (few.expected - 0.0833).abs() < 1e-4, "{few:?}");
        assert!(many.expected < few.expected && large.expected < few.expected / 50.0, "{many:?} {large:?}");
        assert!(many.expected > 0.0 && large.expected > 0.0);
    }

    #[test]
    fn with_many_large_segments_what_is_expected_is_what_is_estimated() {
        let apart = (0..200).map(|n| [f64::from(n % 20) / 10.0, 500.0]).collect();
        let found = between([apart].into_iter());
        assert!((found.expected / found.variance - 1.0).abs() < 0.01, "{found:?}");
    }

    /// By hand: nothing known, all of the variance between and of the parent's; with I = 10 and a weight of one half, 0.4 ÷ 5 and a
    /// quarter of the parent's.
    #[test]
    fn a_segment_is_as_wide_as_segments_lie_apart_and_as_its_parent_is_unsure() {
        let found = Between { variance: 0.0, expected: 0.4 };
        assert!((found.width(0.0, 0.0, 0.1) - 0.5).abs() < 1e-12);
        assert!((found.width(10.0, 0.5, 0.1) - 0.105).abs() < 1e-12);
    }

    #[test]
    fn one_segment_alone_tells_nothing() {
        assert_eq!(between([vec![[0.5, 10.0]], Vec::new()].into_iter()), Between::default());
    }
}
