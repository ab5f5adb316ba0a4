//! Parameters from published figures.

use serde::Serialize;

use crate::random::normal;

/// Location and scale of the lognormal through two quantiles, (probability, value) each: σ = ln(b ÷ a) ÷ (z_b − z_a),
/// μ = ln a − σ·z_a. Nothing when they are not in order.
pub fn lognormal_of_quantiles(a: (f64, f64), b: (f64, f64)) -> Option<(f64, f64)> {
    let (za, zb) = (normal::quantile(a.0), normal::quantile(b.0));
    let sigma = libm::log(b.1 / a.1) / (zb - za);
    let mu = libm::log(a.1) - sigma * za;
    (sigma.is_finite() && sigma > 0.0 && mu.is_finite()).then_some((mu, sigma))
}

/// A negative binomial number of incidents in a year: P(0) = (1 + β)^(−r), mean rβ.
///
/// Klugman, Panjer, Willmot: *Loss Models*, 4th ed., section 6.3.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct NegativeBinomial {
    /// Size r.
    pub size: f64,
    /// Mean rβ.
    pub mean: f64,
}

impl NegativeBinomial {
    /// P(N = 0), P(N = 1), P(N = 2), …
    pub fn probability(&self, n: u32) -> f64 {
        let beta = self.mean / self.size;
        let none = libm::exp(-self.size * libm::log1p(beta));
        (1..=n).fold(none, |p, k| p * (self.size + f64::from(k) - 1.0) / f64::from(k) * beta / (1.0 + beta))
    }

    /// P(N ≥ n).
    pub fn at_least(&self, n: u32) -> f64 {
        1.0 - (0..n).map(|k| self.probability(k)).sum::<f64>()
    }

    /// Variance ÷ mean: 1 + β.
    pub fn dispersion(&self) -> f64 {
        1.0 + self.mean / self.size
    }
}

/// The negative binomial with these P(N ≥ 1) and P(N ≥ 2). Nothing when there is none: the variance must exceed the mean.
///
/// From P(1) ÷ P(0) = rβ ÷ (1 + β) and −ln P(0) = r·ln(1 + β) the ratio (β ÷ (1 + β)) ÷ ln(1 + β) follows, which falls from
/// 1 (Poisson) to 0 as β rises: bisection on ln β.
pub fn negative_binomial_of_probabilities(one: f64, two: f64) -> Option<NegativeBinomial> {
    if !(0.0 < two && two < one && one < 1.0) {
        return None;
    }
    let none = 1.0 - one;
    let ratio = (one - two) / none / -libm::log(none);
    if ratio >= 1.0 {
        return None;
    }
    let (mut low, mut high) = (-30.0, 30.0);
    for _ in 0..200 {
        let middle: f64 = (low + high) / 2.0;
        let beta = libm::exp(middle);
        if beta / (1.0 + beta) / libm::log1p(beta) > ratio { low = middle } else { high = middle }
    }
    let beta = libm::exp((low + high) / 2.0);
    let size = -libm::log(none) / libm::log1p(beta);
    Some(NegativeBinomial { size, mean: size * beta })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lognormal_goes_through_its_quantiles() {
        let (mu, sigma) = lognormal_of_quantiles((0.5, 357_000.0), (0.95, 9_100_000.0)).unwrap();
        assert!((libm::exp(mu) / 357_000.0 - 1.0).abs() < 1e-12);
        assert!((libm::exp(mu + sigma * normal::quantile(0.95)) / 9_100_000.0 - 1.0).abs() < 1e-12);
        assert_eq!(lognormal_of_quantiles((0.5, 2.0), (0.95, 1.0)), None);
        assert_eq!(lognormal_of_quantiles((0.5, 0.0), (0.95, 1.0)), None);
    }

    #[test]
    fn a_negative_binomial_is_found_again_from_two_of_its_probabilities() {
        for (size, mean) in [(0.3, 0.08), (2.0, 0.5), (50.0, 3.0), (0.05, 4.0)] {
            let truth = NegativeBinomial { size, mean };
            let found = negative_binomial_of_probabilities(truth.at_least(1), truth.at_least(2)).unwrap();
            assert!((found.size / size - 1.0).abs() < 1e-6 && (found.mean / mean - 1.0).abs() < 1e-6, "{found:?}");
        }
    }

    /// A Poisson of mean 1 has P(≥1) = 0.632 and P(≥2) = 0.264; with fewer second incidents than that the counts are less
    /// spread than Poisson, and no negative binomial is.
    #[test]
    fn counts_less_spread_than_poisson_have_no_negative_binomial() {
        assert_eq!(negative_binomial_of_probabilities(0.632, 0.20), None);
        assert!(negative_binomial_of_probabilities(0.632, 0.30).is_some());
        for (one, two) in [(0.0, 0.0), (0.5, 0.6), (1.0, 0.5), (f64::NAN, 0.1)] {
            assert_eq!(negative_binomial_of_probabilities(one, two), None);
        }
    }
}
