//! The regularised incomplete gamma function, with derivatives by shape as well as by argument.
//!
//! Q(a, x) = Γ(a, x) ÷ Γ(a), P = 1 − Q. For x below a + 1 the series of P, else the continued fraction of Q (NIST Handbook
//! of Mathematical Functions, 8.7.1 and 8.9.2, by Lentz's method). Both run on [`Jet`]s until derivatives too have settled.

use super::jet::Jet;
use super::special::ln_gamma;

/// Steps after which a sum is taken as it is: enough for shapes up to 1e6.
const STEPS: usize = 20_000;
const PRECISION: f64 = 1e-16;

/// ln Q(a, x), a and x above nought.
pub fn ln_upper<const N: usize>(a: Jet<N>, x: Jet<N>) -> Jet<N> {
    ln_upper_of(a, ln_gamma(a), x, x.ln())
}

/// ln Q(a, x) where ln Γ(a) and ln x are known already.
pub fn ln_upper_of<const N: usize>(a: Jet<N>, ln_gamma: Jet<N>, x: Jet<N>, ln_x: Jet<N>) -> Jet<N> {
    let power = a * ln_x - x - ln_gamma;
    if x.value < a.value + 1.0 { ln_one_minus(power + series(a, x)) } else { power + fraction(a, x) }
}

/// ln P(a, x), a and x above nought.
pub fn ln_lower<const N: usize>(a: Jet<N>, x: Jet<N>) -> Jet<N> {
    let power = a * x.ln() - x - ln_gamma(a);
    if x.value < a.value + 1.0 { power + series(a, x) } else { ln_one_minus(power + fraction(a, x)) }
}

/// P(a, x).
pub fn lower(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x == f64::INFINITY {
        return 1.0;
    }
    libm::exp(ln_lower(Jet::<0>::constant(a), Jet::constant(x)).value)
}

/// Q(a, x).
pub fn upper(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x == f64::INFINITY {
        return 0.0;
    }
    libm::exp(ln_upper(Jet::<0>::constant(a), Jet::constant(x)).value)
}

/// ln(1 − eˡ) for l below nought.
pub fn ln_one_minus<const N: usize>(l: Jet<N>) -> Jet<N> {
    let e = libm::exp(l.value);
    let rest = -libm::expm1(l.value);
    let odds = e / rest;
    l.chain(libm::log(rest), -odds, -odds * (1.0 + odds))
}

/// ln P − (a·ln x − x − ln Γ(a)) = ln(Σ xⁿ ÷ ((a + 1)…(a + n)) ÷ a).
fn series<const N: usize>(a: Jet<N>, x: Jet<N>) -> Jet<N> {
    let (mut term, mut sum) = (Jet::constant(1.0), Jet::constant(1.0));
    for n in 1..STEPS {
        term = term * x * a.plus(n as f64).recip();
        sum = sum + term;
        if term.size() < PRECISION * sum.value {
            break;
        }
    }
    (sum * a.recip()).ln()
}

/// ln Q − (a·ln x − x − ln Γ(a)) = ln(1 ÷ (x + 1 − a − 1·(1 − a) ÷ (x + 3 − a − …))).
fn fraction<const N: usize>(a: Jet<N>, x: Jet<N>) -> Jet<N> {
    let mut b = x - a.plus(-1.0);
    let mut c = Jet::constant(1e300);
    let mut d = b.recip();
    let mut h = d;
    for n in 1..STEPS {
        let n = n as f64;
        let step = (a.plus(-n)).scale(n);
        b = b.plus(2.0);
        d = (step * d + b).recip();
        c = if n == 1.0 { b } else { b + step * c.recip() };
        let change = c * d;
        h = h * change;
        if change.plus(-1.0).size() < 4.0 * PRECISION {
            break;
        }
    }
    h.ln()
}

/// x with P(a, x) = p, for p in (0, 1): bisection on the logarithm, then Newton.
pub fn quantile(a: f64, p: f64) -> f64 {
    // P(a, x) < xᵃ ÷ Γ(a + 1) gives a lower bound.
    let mut low = (libm::log(p) + libm::lgamma(a + 1.0)) / a;
    let mut high = libm::log(a + 1.0).max(low) + 1.0;
    let rest = |l: f64| if p < 0.5 { lower(a, libm::exp(l)) - p } else { (1.0 - p) - upper(a, libm::exp(l)) };
    while rest(high) < 0.0 && high < 700.0 {
        high += 1.0;
    }
    low = low.min(high - 1e-9);
    let mut l = (low + high) / 2.0;
    for _ in 0..200 {
        let f = rest(l);
        if f > 0.0 {
            high = l
        } else {
            low = l
        }
        let slope = libm::exp(a * l - libm::exp(l) - libm::lgamma(a));
        let newton = l - f / slope;
        let next = if newton > low && newton < high { newton } else { (low + high) / 2.0 };
        if (next - l).abs() <= 1e-15 * l.abs().max(1e-3) || high - low < 1e-300 {
            l = next;
            break;
        }
        l = next;
    }
    libm::exp(l)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::function::gamma::{gamma_lr, gamma_ur};

    const CASES: [(f64, f64); 9] = [
        (0.1, 0.01),
        (0.1, 3.0),
        (0.5, 0.3),
        (1.0, 2.0),
        (2.5, 2.4),
        (2.5, 30.0),
        (40.0, 35.0),
        (40.0, 90.0),
        (900.0, 1000.0),
    ];

    #[test]
    fn both_sides_agree_with_a_known_implementation() {
        for (a, x) in CASES {
            assert!(
                (lower(a, x) / gamma_lr(a, x) - 1.0).abs() < 1e-11,
                "P({a}, {x}) {} {}",
                lower(a, x),
                gamma_lr(a, x)
            );
            assert!(
                (upper(a, x) / gamma_ur(a, x) - 1.0).abs() < 1e-10,
                "Q({a}, {x}) {} {}",
                upper(a, x),
                gamma_ur(a, x)
            );
        }
    }

    #[test]
    fn derivatives_by_shape_and_argument_are_those_of_small_differences() {
        for (a, x) in CASES {
            let jet = ln_upper(Jet::<2>::variable(a, 0), Jet::variable(x, 1));
            let value = |a: f64, x: f64| ln_upper(Jet::<0>::constant(a), Jet::constant(x)).value;
            for (i, scale) in [a, x].into_iter().enumerate() {
                let h = 1e-4 * scale;
                let (up, down) =
                    if i == 0 { (value(a + h, x), value(a - h, x)) } else { (value(a, x + h), value(a, x - h)) };
                let first = (up - down) / (2.0 * h);
                let second = (up - 2.0 * jet.value + down) / (h * h);
                assert!(
                    (jet.gradient[i] - first).abs() < 1e-6 * (first.abs() + 1.0 / scale),
                    "{a} {x} {i}: {jet:?} {first}"
                );
                let tolerance = 1e-3 * (second.abs() + first.abs() / scale) + 1e-6 / (scale * scale);
                assert!((jet.hessian[i][i] - second).abs() < tolerance, "{a} {x} {i}: {jet:?} {second}");
            }
        }
    }

    #[test]
    fn quantiles_invert_the_function() {
        for a in [0.05, 0.5, 1.0, 3.7, 60.0, 4000.0] {
            for p in [1e-9, 0.01, 0.3, 0.5, 0.9, 0.999_999] {
                let x = quantile(a, p);
                assert!((lower(a, x) - p).abs() < 1e-12, "{a} {p}: {x} {}", lower(a, x));
            }
        }
    }
}
