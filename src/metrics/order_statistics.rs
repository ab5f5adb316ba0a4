//! Which ranks hold a quantile with 95 % confidence.

use crate::random::normal;

/// Years expected to exceed, or not to, up to which the binomial distribution is added up term by term.
const EXACT: f64 = 500.0;

/// The ranks, counted from the largest of `n` values, between which the value that is exceeded once in `period` lies with
/// at least 95 % confidence: (that of the upper end, that of the lower end). Nothing for an end that the sample is too
/// small for: with fewer than about 3.7 exceedances expected, not even the largest value is an upper bound.
///
/// The number of exceedances is binomial (n, 1 ÷ period). The value of rank r is below the quantile when fewer than r
/// exceed it, and above when at least r do: each is allowed 2.5 % (H. A. David, H. N. Nagaraja, *Order Statistics*, 3rd ed.,
/// section 7.1). By the normal approximation with continuity correction where more than 500 years are expected to exceed and more than
/// 500 not to. Where most years exceed, those that do not are counted.
pub fn ranks(n: usize, period: f64) -> (Option<usize>, Option<usize>) {
    let q = 1.0 / period;
    let expected = n as f64 * q;
    let (few, many) = if q >= 1.0 {
        (n as f64, n as f64)
    } else if expected.min(n as f64 - expected) > EXACT {
        let half = normal::quantile(0.975) * (expected * (1.0 - q)).sqrt();
        ((expected - half + 0.5).floor(), (expected + half - 0.5).ceil())
    } else if q > 0.5 {
        let (few, many) = binomial(n, 1.0 - q);
        (n as f64 - many, n as f64 - few)
    } else {
        binomial(n, q)
    };
    // `few` is the largest count with P(exceedances < count) ≤ 2.5 %, `many` the least with P(exceedances > count) ≤ 2.5 %.
    let upper = (few >= 1.0).then_some(few as usize);
    let lower = (many < n as f64).then_some(many as usize + 1);
    (upper, lower)
}

/// `few` and `many` for q up to a half, where the probability of no exceedance, at least e^(−500 · 2 ln 2), is no number too small.
fn binomial(n: usize, q: f64) -> (f64, f64) {
    let mut mass = libm::exp(n as f64 * libm::log1p(-q));
    let (mut below, mut few) = (0.0, 0);
    for count in 0..=n {
        // `below` is P(exceedances < count).
        if below <= 0.025 {
            few = count;
        }
        below += mass;
        if below >= 0.975 {
            return (few as f64, count as f64);
        }
        mass *= (n - count) as f64 / (count + 1) as f64 * q / (1.0 - q);
    }
    (few as f64, n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables of the binomial: of 100 with 1 in 10, P(≤ 3) = 0.0078, P(≤ 4) = 0.0237, P(≤ 5) = 0.0576; P(≤ 15) = 0.9601,
    /// P(≤ 16) = 0.9794.
    #[test]
    fn ranks_are_those_of_the_binomial_tables() {
        assert_eq!(ranks(100, 10.0), (Some(5), Some(17)));
        assert_eq!(ranks(300, 100.0), (None, Some(8)));
        assert_eq!(ranks(10, 1.0), (Some(10), None));
    }

    /// Of 500 years 10 of 11 are beyond: 500 ÷ 11 ± 1.96 · √(500 · 10 ÷ 121), 32.9 to 58.1, are not. Of 10,000 years with all but one in
    /// 101 beyond: 99.0 ± 19.4 are not. By term the ends are 33 and 58, and 80 and 119.
    #[test]
    fn nearly_all_years_beyond_have_the_ranks_of_the_few_that_are_not() {
        assert_eq!(ranks(500, 1.1), (Some(500 - 58), Some(500 - 33 + 1)));
        assert_eq!(ranks(10_000, 1.01), (Some(10_000 - 119), Some(10_000 - 80 + 1)));
        // As in the table above, from the other side.
        assert_eq!(ranks(100, 10.0 / 9.0), (Some(100 - 16), Some(100 - 5 + 1)));
    }

    /// What an interval is: fewer than `upper` exceedances have at most 2.5 %, and one more would have more; so at the other end.
    #[test]
    fn either_end_misses_with_at_most_two_and_a_half_percent() {
        for n in [1u32, 2, 37, 100, 499, 700, 5_000, 20_000] {
            for period in [1.000_1, 1.01, 1.1, 1.3, 1.9, 2.0, 2.1, 5.0, 20.0, 100.0, 999.0] {
                let (count, q) = (f64::from(n), 1.0 / period);
                // P(exceedances < k), from logarithms of factorials.
                let below = |k: u32| {
                    let mass = |j: u32| {
                        let j = f64::from(j);
                        let ways = libm::lgamma(count + 1.0) - libm::lgamma(j + 1.0) - libm::lgamma(count - j + 1.0);
                        libm::exp(ways + j * libm::log(q) + (count - j) * libm::log1p(-q))
                    };
                    (0..k).map(mass).sum::<f64>()
                };
                let (upper, lower) = ranks(n as usize, period);
                let upper = upper.unwrap_or(0) as u32;
                // By the normal distribution an end may be one beside.
                let beside = u32::from(count * q.min(1.0 - q) > EXACT);
                assert!(below(upper.saturating_sub(beside)) <= 0.025, "{n} {period} {upper}");
                assert!(upper == n || below(upper + 1 + beside) > 0.025, "{n} {period} {upper}");
                let above = |k: u32| 1.0 - below(k);
                let lower = lower.map_or(n + 1, |rank| rank as u32);
                assert!(lower > n || above(lower + beside) <= 0.025 + 1e-9, "{n} {period} {lower}");
                assert!(lower <= 1 || above(lower - 1 - beside) > 0.025 - 1e-9, "{n} {period} {lower}");
            }
        }
    }

    /// Where both can be had they agree: 5,000 years, once in ten; the exact limits by term are 459 and 542.
    #[test]
    fn the_approximation_takes_over_smoothly() {
        let (few, many) = binomial(5_000, 0.1);
        let half = 1.959_964 * (500.0f64 * 0.9).sqrt();
        assert!((few - (500.5 - half).floor()).abs() <= 1.0, "{few}");
        assert!((many - (499.5 + half).ceil()).abs() <= 1.0, "{many}");
    }

    /// By hand: 6,000 years, once in ten: 600 ± 1.959964·√540 is 554.45 to 645.55, with half a year's correction 554.95 to 645.05: the
    /// ranks 554 and 646 + 1. Term by term the same, or one beside.
    #[test]
    fn many_exceedances_have_the_ranks_of_the_normal_approximation() {
        assert_eq!(ranks(6_000, 10.0), (Some(554), Some(647)));
        let (few, many) = binomial(6_000, 0.1);
        assert!((few - 554.0).abs() <= 1.0 && (many - 646.0).abs() <= 1.0, "{few} {many}");
    }

    /// By hand: 7,000 years, once in ten: 700 ± 1.959964·√630 is 650.80 to 749.20, with half a year's correction 651.30 to 748.70:
    /// the ranks 651 and 749 + 1. Without it they would be 650 and 751.
    #[test]
    fn the_approximation_is_corrected_by_half_a_year() {
        assert_eq!(ranks(7_000, 10.0), (Some(651), Some(750)));
    }
}
