//! Intervals of a share, exact where they can be.

/// An estimate with the two ends of its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end; infinite where the data give none.
    pub high: f64,
}

/// Wilson's interval, at a level such as 0.95, of a share `p` known as well as from `n` independent trials: (0, 1) for none.
///
/// E. B. Wilson, *Probable inference, the law of succession, and statistical inference*, JASA 22 (1927); recommended by
/// L. D. Brown, T. T. Cai, A. DasGupta, *Interval estimation for a binomial proportion*, Statistical Science 16 (2001).
pub fn wilson(p: f64, n: f64, level: f64) -> Interval {
    if n <= 0.0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let z = crate::random::normal::quantile(0.5 + level / 2.0);
    let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    // At the ends the interval is closed exactly; rounding must not move it.
    let low = if p == 0.0 { 0.0 } else { (middle - half).max(0.0) };
    let high = if p == 1.0 { 1.0 } else { (middle + half).min(1.0) };
    Interval { low, high }
}

/// The exact interval of a share at a level, of counts that need not be whole: those of an over-dispersed count stand for fewer.
///
/// C. J. Clopper, E. S. Pearson, *The use of confidence or fiducial limits illustrated in the case of the binomial*,
/// Biometrika 26 (1934).
pub fn clopper_pearson(k: f64, n: f64, level: f64) -> Interval {
    let tail = (1.0 - level) / 2.0;
    let low = if k == 0.0 { 0.0 } else { beta_quantile(tail, k, n - k + 1.0) };
    let high = if k >= n { 1.0 } else { beta_quantile(1.0 - tail, k + 1.0, n - k) };
    Interval { low, high }
}

/// The x in (0, 1) at which the beta distribution function is `p`.
fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    bisect(0.0, 1.0, |x| statrs::function::beta::beta_reg(a, b, x) < p)
}

/// The end of a range below which `below` holds.
fn bisect(mut low: f64, mut high: f64, below: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..200 {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if below(middle) { low = middle } else { high = middle }
    }
    // Special functions differ in the last bits from one mathematical library to the next: what is kept is the same.
    let digits = low + (high - low) / 2.0;
    format!("{digits:.10e}").parse().unwrap_or(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clopper and Pearson's ends leave 5 % in each tail, which is their definition; Wilson by hand from its formula, of none of a
    /// hundred at 95 % z² ÷ (100 + z²) with z² = 3.841 459.
    #[test]
    fn intervals_agree_with_the_formulas() {
        let near = |got: Interval, low: f64, high: f64, tolerance: f64| {
            assert!((got.low - low).abs() < tolerance && (got.high - high).abs() < tolerance, "{got:?}");
        };
        let exact = clopper_pearson(54.0, 100.0, 0.9);
        let tail = |p: f64, from: u64, to: u64| {
            (from..=to)
                .map(|k| {
                    libm::exp(libm::lgamma(101.0) - libm::lgamma(k as f64 + 1.0) - libm::lgamma(101.0 - k as f64))
                        * p.powi(k as i32)
                        * (1.0 - p).powi(100 - k as i32)
                })
                .sum::<f64>()
        };
        assert!((tail(exact.low, 54, 100) - 0.05).abs() < 1e-8 && (tail(exact.high, 0, 54) - 0.05).abs() < 1e-8);
        near(wilson(0.0, 10.0, 0.9), 0.0, 0.212_94, 1e-4);
        near(wilson(0.54, 100.0, 0.9), 0.458_1, 0.619_8, 1e-3);
        near(wilson(0.0, 100.0, 0.95), 0.0, 3.841_459 / 103.841_459, 1e-7);
        near(wilson(1.0, 100.0, 0.95), 100.0 / 103.841_459, 1.0, 1e-7);
    }
}
