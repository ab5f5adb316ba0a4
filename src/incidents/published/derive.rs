//! Parameters from published figures.

use crate::random::normal;

/// Location and scale of the lognormal through two quantiles, (probability, value) each: σ = ln(b ÷ a) ÷ (z_b − z_a),
/// μ = ln a − σ·z_a. Nothing when they are not in order.
pub fn lognormal_of_quantiles(a: (f64, f64), b: (f64, f64)) -> Option<(f64, f64)> {
    let (za, zb) = (normal::quantile(a.0), normal::quantile(b.0));
    let sigma = libm::log(b.1 / a.1) / (zb - za);
    let mu = libm::log(a.1) - sigma * za;
    (sigma.is_finite() && sigma > 0.0 && mu.is_finite()).then_some((mu, sigma))
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
}
