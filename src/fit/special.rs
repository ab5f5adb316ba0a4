//! Special functions of one variable, from one portable implementation of exponential and logarithm.

use std::f64::consts::{PI, SQRT_2};

use super::jet::Jet;

/// ½ ln 2π.
pub const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_8;

/// Φ(y), the standard normal distribution function.
pub fn normal_cdf(y: f64) -> f64 {
    0.5 * libm::erfc(-y / SQRT_2)
}

/// ln(1 − Φ(y)) with its derivatives −h and −h(h − y), h = φ(y) ÷ (1 − Φ(y)).
///
/// Above 20 the asymptotic series of Mills' ratio (NIST Handbook of Mathematical Functions, 7.12.1): its error there is
/// below 1e-15.
pub fn ln_normal_survival<const N: usize>(y: Jet<N>) -> Jet<N> {
    let v = y.value;
    let ln_density = -0.5 * v * v - HALF_LN_TWO_PI;
    if v > 20.0 {
        let r = 1.0 / (v * v);
        // 1 − r·(1 − 3r·(1 − 5r·(…))), up to the eighth power of r.
        let series = [15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0].iter().fold(1.0, |rest, odd| 1.0 - odd * r * rest);
        let mills = series / v;
        let h = 1.0 / mills;
        return y.chain(ln_density + libm::log(mills), -h, -h * (h - v));
    }
    let survival = normal_cdf(-v);
    let h = libm::exp(ln_density) / survival;
    y.chain(libm::log(survival), -h, -h * (h - v))
}

/// ln Γ(x) with its derivatives, x above nought.
pub fn ln_gamma<const N: usize>(x: Jet<N>) -> Jet<N> {
    if N == 0 {
        return Jet::constant(libm::lgamma(x.value));
    }
    x.chain(libm::lgamma(x.value), digamma(x.value), trigamma(x.value))
}

/// ψ(x) = d ln Γ ÷ dx for x above nought: recurrence up to 10, then the asymptotic series (NIST Handbook, 5.5.2, 5.11.2).
pub fn digamma(x: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum -= 1.0 / x;
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let series = r * (1.0 / 12.0 - r * (1.0 / 120.0 - r * (1.0 / 252.0 - r * (1.0 / 240.0 - r * (1.0 / 132.0)))));
    sum + libm::log(x) - 0.5 / x - series
}

/// ψ′(x) for x above nought: recurrence up to 10, then the asymptotic series (NIST Handbook, 5.15.5, 5.15.8).
pub fn trigamma(x: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let series = r * (1.0 / 6.0 - r * (1.0 / 30.0 - r * (1.0 / 42.0 - r * (1.0 / 30.0 - r * (5.0 / 66.0)))));
    sum + 1.0 / x + 0.5 * r + series / x
}

/// P(χ² with one degree of freedom > x) = erfc(√(x ÷ 2)).
pub fn chi_squared_1_survival(x: f64) -> f64 {
    libm::erfc((x.max(0.0) / 2.0).sqrt())
}

/// Γ(x) for moderate x.
pub fn gamma(x: f64) -> f64 {
    libm::exp(libm::lgamma(x)) * if x < 0.0 && (PI * x).sin() < 0.0 { -1.0 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::function::gamma as known;

    /// Values of ψ and ψ′ at one and one half are −γ, π²⁄6, −γ − 2 ln 2, π²⁄2.
    #[test]
    fn polygammas_have_their_known_values() {
        let euler = 0.577_215_664_901_532_9;
        assert!((digamma(1.0) + euler).abs() < 1e-13);
        assert!((digamma(0.5) + euler + 2.0 * std::f64::consts::LN_2).abs() < 1e-13);
        assert!((trigamma(1.0) - PI * PI / 6.0).abs() < 1e-13);
        assert!((trigamma(0.5) - PI * PI / 2.0).abs() < 1e-13);
        for x in [0.01, 0.7, 3.3, 9.99, 10.01, 250.0] {
            assert!((digamma(x) - known::digamma(x)).abs() < 1e-10 * (1.0 + known::digamma(x).abs()), "{x}");
        }
    }

    /// The published 1 − Φ(10) = 7.61985e-24 and Φ(−30) = 4.90671e-198 (NIST Handbook, table of the error function).
    #[test]
    fn the_normal_tail_is_known_far_out() {
        let ln = |y: f64| ln_normal_survival(Jet::<1>::variable(y, 0));
        assert!((ln(10.0).value - 7.619_853_024_160_527e-24f64.ln()).abs() < 1e-10);
        assert!((ln(30.0).value - 4.906_713_927_148_187e-198f64.ln()).abs() < 1e-10);
        let (below, above) = (ln(19.999_999), ln(20.000_001));
        assert!((below.value - above.value).abs() < 1e-4 && (below.hessian[0][0] - above.hessian[0][0]).abs() < 1e-9);
        assert!((chi_squared_1_survival(3.841_458_820_694_124) - 0.05).abs() < 1e-12);
    }
}
