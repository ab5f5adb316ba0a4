//! Intervals of the incident statistics: of shares, counts and their ratios, exact where they can be.

use crate::fit::interval::clopper_pearson;

pub use crate::fit::interval::Interval;

/// Level of every interval of the incident statistics: 90 %, as of the headline's.
pub const LEVEL: f64 = 0.90;

/// The interval of a share when `hits` of `n` had it: (0, 1) for none.
pub fn wilson(hits: u64, n: u64) -> Interval {
    wilson_of(hits as f64 / n.max(1) as f64, n as f64)
}

/// The interval of a share `p` known as well as from `n` independent records.
pub fn wilson_of(p: f64, n: f64) -> Interval {
    crate::fit::interval::wilson(p, n, LEVEL)
}

/// The interval of the mean of a count of which `n` were seen and whose variance is `dispersion` times its mean: n ÷ φ independent
/// clusters of φ each, with the exact interval of a Poisson for the clusters (Garwood; see
/// [`crate::fit::frequency::rate_interval`]); a Poisson's with a dispersion of one.
pub fn count(n: u64, dispersion: f64) -> Interval {
    let ends = crate::fit::frequency::rate_interval_of(n as f64 / dispersion, 1.0 / dispersion, LEVEL);
    Interval { low: ends.low, high: ends.high }
}

/// The ratio of two rates, `now` counted over the exposure `now_over` and `before` over `before_over`, with its interval when
/// variances are `dispersion` times the means. Given their sum the later of two Poisson counts is binomial with p = ρ·e₁ ÷
/// (ρ·e₁ + e₀), and the interval is exact; over-dispersed counts stand for n ÷ φ clusters each. Nothing when nothing was counted
/// before, or over no exposure.
///
/// J. Przyborowski, H. Wilenski, *Homogeneity of results in testing samples from Poisson series*, Biometrika 31 (1940);
/// variance φ·mean: P. McCullagh, J. A. Nelder, *Generalized Linear Models*, 2nd ed., 1989, section 6.2.
pub fn rate_ratio(now: u64, now_over: f64, before: u64, before_over: f64, dispersion: f64) -> Option<(f64, Interval)> {
    if before == 0 || !(now_over > 0.0 && before_over > 0.0) {
        return None;
    }
    let odds = |p: f64| if p >= 1.0 { f64::INFINITY } else { p / (1.0 - p) };
    let (per, clusters) = (before_over / now_over, |n: u64| n as f64 / dispersion);
    let share = clopper_pearson(clusters(now), clusters(now) + clusters(before), LEVEL);
    Some((now as f64 / before as f64 * per, Interval { low: odds(share.low) * per, high: odds(share.high) * per }))
}

/// An interval of a positive figure widened by an independent error of its logarithm.
pub fn widened(value: f64, interval: Interval, log_error: f64) -> Interval {
    let z = crate::random::normal::quantile(0.5 + LEVEL / 2.0) * log_error;
    let end = |end: f64, sign: f64| {
        if !(value > 0.0 && end > 0.0 && end.is_finite()) {
            return end;
        }
        let own = libm::log(end / value);
        value * libm::exp(sign * (own * own + z * z).sqrt())
    };
    Interval { low: end(interval.low, -1.0), high: end(interval.high, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: Interval, low: f64, high: f64, tolerance: f64) {
        assert!((got.low - low).abs() < tolerance && (got.high - high).abs() < tolerance, "{got:?}");
    }

    /// Garwood's are half the χ² quantiles that tables print for 20 and 22 degrees of freedom (10.851 and 33.924).
    #[test]
    fn intervals_of_counts_are_those_of_the_tables() {
        // Garwood: χ²/2 quantiles, tabulated for 10 events at 90 %: 5.425 and 16.962.
        near(count(10, 1.0), 5.425_4, 16.962_2, 1e-3);
        near(count(0, 1.0), 0.0, 2.995_7, 1e-3);
    }

    #[test]
    fn the_ratio_of_rates_takes_exposure_and_has_an_end_where_the_data_give_one() {
        let (ratio, interval) = rate_ratio(167, 1.0, 100, 1.0, 1.0).unwrap();
        assert!((ratio - 1.67).abs() < 1e-12 && interval.low > 1.3 && interval.low < 1.67 && interval.high < 2.1);
        let (grown, _) = rate_ratio(167, 2.0, 100, 1.0, 1.0).unwrap();
        assert!((grown - 0.835).abs() < 1e-12);
        assert_eq!(rate_ratio(5, 1.0, 0, 1.0, 1.0), None);
        let (none, interval) = rate_ratio(0, 1.0, 5, 1.0, 1.0).unwrap();
        assert!(none == 0.0 && interval.low == 0.0 && interval.high < 1.0);
    }

    /// Forty counts that come in fours are ten clusters: four times the interval of ten. The interval of a ratio widens about by
    /// the square root of the dispersion on the logarithm.
    #[test]
    fn counts_that_come_in_clusters_are_known_less_well() {
        let (ten, forty) = (count(10, 1.0), count(40, 4.0));
        near(forty, 4.0 * ten.low, 4.0 * ten.high, 1e-9);
        let width = |dispersion| {
            let (_, ends) = rate_ratio(670, 1.0, 400, 1.0, dispersion).unwrap();
            libm::log(ends.high / ends.low)
        };
        assert!((width(4.0) / width(1.0) - 2.0).abs() < 0.05, "{} {}", width(4.0), width(1.0));
    }

    #[test]
    fn an_error_of_the_development_widens_both_ends() {
        let (ratio, interval) = rate_ratio(167, 1.0, 100, 1.0, 1.0).unwrap();
        let wide = widened(ratio, interval, 0.1);
        assert!(wide.low < interval.low && wide.high > interval.high);
        let same = widened(ratio, interval, 0.0);
        assert!((same.low / interval.low - 1.0).abs() < 1e-12 && (same.high / interval.high - 1.0).abs() < 1e-12);
    }
}
