//! Numbers that carry their first and second derivatives: a formula is written once and gives value, gradient and Hessian.
//!
//! Second-order forward differentiation (A. Griewank, A. Walther: *Evaluating Derivatives*, 2nd ed., 2008, chapter 13). A
//! jet of no variables is a plain number. Transcendental functions come from one portable implementation.

use std::ops::{Add, Mul, Neg, Sub};

/// A value with its derivatives by `N` variables.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jet<const N: usize> {
    /// Value.
    pub value: f64,
    /// First derivatives.
    pub gradient: [f64; N],
    /// Second derivatives, symmetric.
    pub hessian: [[f64; N]; N],
}

impl<const N: usize> Jet<N> {
    /// A number that depends on nothing.
    pub fn constant(value: f64) -> Jet<N> {
        Jet { value, gradient: [0.0; N], hessian: [[0.0; N]; N] }
    }

    /// The variable number `which`, at this value.
    pub fn variable(value: f64, which: usize) -> Jet<N> {
        let mut jet = Jet::constant(value);
        if let Some(slope) = jet.gradient.get_mut(which) {
            *slope = 1.0;
        }
        jet
    }

    /// A function of it, from the function's value, first and second derivative there.
    pub fn chain(self, f: f64, first: f64, second: f64) -> Jet<N> {
        let mut out = Jet::constant(f);
        for i in 0..N {
            out.gradient[i] = first * self.gradient[i];
            for j in 0..N {
                out.hessian[i][j] = first * self.hessian[i][j] + second * self.gradient[i] * self.gradient[j];
            }
        }
        out
    }

    /// eˣ.
    pub fn exp(self) -> Jet<N> {
        let e = libm::exp(self.value);
        self.chain(e, e, e)
    }

    /// ln x.
    pub fn ln(self) -> Jet<N> {
        let r = 1.0 / self.value;
        self.chain(libm::log(self.value), r, -r * r)
    }

    /// ln(1 + x).
    pub fn ln_1p(self) -> Jet<N> {
        let r = 1.0 / (1.0 + self.value);
        self.chain(libm::log1p(self.value), r, -r * r)
    }

    /// 1 ÷ x.
    pub fn recip(self) -> Jet<N> {
        let r = 1.0 / self.value;
        self.chain(r, -r * r, 2.0 * r * r * r)
    }

    /// ln(1 + eˣ).
    pub fn softplus(self) -> Jet<N> {
        let x = self.value;
        let (f, p) = if x > 0.0 {
            let e = libm::exp(-x);
            (x + libm::log1p(e), 1.0 / (1.0 + e))
        } else {
            let e = libm::exp(x);
            (libm::log1p(e), e / (1.0 + e))
        };
        self.chain(f, p, p * (1.0 - p))
    }

    /// ln(1 + x) ÷ x, which is one at nought.
    pub fn ln_1p_over(self) -> Jet<N> {
        let x = self.value;
        if x.abs() < 0.05 {
            // Σ (−x)ᵏ ÷ (k + 1) and its derivatives; the 14th power is below 1e-18.
            let (mut f, mut first, mut second) = (0.0, 0.0, 0.0);
            for k in (0..15u32).rev() {
                let term = if k % 2 == 0 { 1.0 } else { -1.0 } / f64::from(k + 1);
                second = second * x + 2.0 * first;
                first = first * x + f;
                f = f * x + term;
            }
            return self.chain(f, first, second);
        }
        let r = 1.0 / (1.0 + x);
        let f = libm::log1p(x) / x;
        let first = (r - f) / x;
        self.chain(f, first, (-r * r - 2.0 * first) / x)
    }

    /// The number times a plain factor.
    pub fn scale(self, factor: f64) -> Jet<N> {
        self.chain(factor * self.value, factor, 0.0)
    }

    /// The number plus a plain one.
    pub fn plus(mut self, number: f64) -> Jet<N> {
        self.value += number;
        self
    }

    /// Whether value and derivatives are all finite.
    pub fn is_finite(&self) -> bool {
        self.value.is_finite()
            && self.gradient.iter().all(|g| g.is_finite())
            && self.hessian.iter().flatten().all(|h| h.is_finite())
    }

    /// The largest of value and derivatives, by size.
    pub fn size(&self) -> f64 {
        let mut most = self.value.abs();
        for (slope, row) in self.gradient.iter().zip(&self.hessian) {
            most = row.iter().fold(most.max(slope.abs()), |most, x| most.max(x.abs()));
        }
        most
    }
}

impl<const N: usize> Add for Jet<N> {
    type Output = Jet<N>;
    fn add(mut self, other: Jet<N>) -> Jet<N> {
        self.value += other.value;
        for i in 0..N {
            self.gradient[i] += other.gradient[i];
            for j in 0..N {
                self.hessian[i][j] += other.hessian[i][j];
            }
        }
        self
    }
}

impl<const N: usize> Sub for Jet<N> {
    type Output = Jet<N>;
    fn sub(self, other: Jet<N>) -> Jet<N> {
        self + -other
    }
}

impl<const N: usize> Neg for Jet<N> {
    type Output = Jet<N>;
    fn neg(self) -> Jet<N> {
        self.scale(-1.0)
    }
}

impl<const N: usize> Mul for Jet<N> {
    type Output = Jet<N>;
    fn mul(self, other: Jet<N>) -> Jet<N> {
        let mut out = Jet::constant(self.value * other.value);
        for i in 0..N {
            out.gradient[i] = self.gradient[i] * other.value + self.value * other.gradient[i];
            for j in 0..N {
                out.hessian[i][j] = self.hessian[i][j] * other.value
                    + self.gradient[i] * other.gradient[j]
                    + self.gradient[j] * other.gradient[i]
                    + self.value * other.hessian[i][j];
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A formula that uses every function.
    fn formula<const N: usize>(x: Jet<N>, y: Jet<N>) -> Jet<N> {
        (x * y).exp().scale(0.3) - x.ln() * y.ln_1p() + (x - y).softplus() * y.recip() + (y.scale(0.01)).ln_1p_over()
            - (x * y).ln_1p_over().plus(2.0)
    }

    #[test]
    fn derivatives_are_those_of_small_differences() {
        let at = [0.7, 1.3];
        let jet = formula(Jet::<2>::variable(at[0], 0), Jet::<2>::variable(at[1], 1));
        let value = |x: f64, y: f64| formula(Jet::<0>::constant(x), Jet::<0>::constant(y)).value;
        let h = 1e-4;
        assert!((jet.value - value(0.7, 1.3)).abs() < 1e-15);
        for i in 0..2 {
            let step = |by: f64, other: f64| {
                let mut p = at;
                p[i] += by;
                p[1 - i] += other;
                value(p[0], p[1])
            };
            let first = (step(h, 0.0) - step(-h, 0.0)) / (2.0 * h);
            let second = (step(h, 0.0) - 2.0 * jet.value + step(-h, 0.0)) / (h * h);
            let mixed = (step(h, h) - step(h, -h) - step(-h, h) + step(-h, -h)) / (4.0 * h * h);
            assert!((jet.gradient[i] - first).abs() < 1e-7, "{i}: {} {first}", jet.gradient[i]);
            assert!((jet.hessian[i][i] - second).abs() < 1e-6, "{i}: {} {second}", jet.hessian[i][i]);
            assert!((jet.hessian[i][1 - i] - mixed).abs() < 1e-6, "{i}: {} {mixed}", jet.hessian[i][1 - i]);
        }
    }

    #[test]
    fn the_series_near_nought_meets_the_formula() {
        for x in [0.049_999_999, -0.049_999_999] {
            let (near, far) =
                (Jet::<1>::variable(x, 0).ln_1p_over(), Jet::<1>::variable(x * 1.000_001, 0).ln_1p_over());
            assert!((near.value - far.value).abs() < 1e-7 && (near.hessian[0][0] - far.hessian[0][0]).abs() < 1e-6);
            assert!((near.gradient[0] - far.gradient[0]).abs() < 1e-7, "{near:?} {far:?}");
        }
    }
}
