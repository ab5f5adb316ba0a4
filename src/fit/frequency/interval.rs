//! Exact interval of a Poisson rate.

use serde::Serialize;

use crate::fit::incomplete_gamma::quantile;

/// A two-sided interval of a rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RateInterval {
    /// Lower end, claims a policy-year; nought without claims.
    pub low: f64,
    /// Upper end, claims a policy-year; above nought even without claims.
    pub high: f64,
}

/// The interval of a Poisson rate after `claims` in `exposure` policy-years, holding the rate with at least this
/// probability: the ends are gamma quantiles, G⁻¹(claims; (1 − p) ÷ 2) and G⁻¹(claims + 1; (1 + p) ÷ 2) (F. Garwood, *Fiducial
/// limits for the Poisson distribution*, Biometrika 28, 1936). Without claims the upper end at 90 % is 3.00 ÷ exposure.
pub fn rate_interval(claims: u64, exposure: f64, probability: f64) -> RateInterval {
    rate_interval_of(claims as f64, exposure, probability)
}

/// The same of a count that need not be whole: that of clusters, where claims come in clusters.
pub fn rate_interval_of(n: f64, exposure: f64, probability: f64) -> RateInterval {
    let outside = (1.0 - probability) / 2.0;
    let low = if n == 0.0 { 0.0 } else { quantile(n, outside) / exposure };
    RateInterval { low, high: quantile(n + 1.0, 1.0 - outside) / exposure }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Garwood's table: 95 % limits of 0, 1, 10 and 50 events.
    #[test]
    fn limits_are_those_of_garwoods_table() {
        for (claims, low, high) in
            [(0, 0.0, 3.688_9), (1, 0.025_3, 5.571_6), (10, 4.795_4, 18.390_4), (50, 37.110_9, 65.918_8)]
        {
            let found = rate_interval(claims, 1.0, 0.95);
            assert!((found.low - low).abs() < 1e-4 && (found.high - high).abs() < 1e-4, "{claims}: {found:?}");
        }
        assert!((rate_interval(0, 100.0, 0.9).high - 0.029_957).abs() < 1e-6);
    }
}
