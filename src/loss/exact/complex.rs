//! Complex numbers, with portable exponential, logarithm and powers.

use std::ops::{Add, AddAssign, Mul, Sub};

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Complex {
    pub re: f64,
    pub im: f64,
}

impl Complex {
    pub const ONE: Complex = Complex { re: 1.0, im: 0.0 };

    pub fn real(re: f64) -> Complex {
        Complex { re, im: 0.0 }
    }

    pub fn scale(self, by: f64) -> Complex {
        Complex { re: self.re * by, im: self.im * by }
    }

    pub fn exp(self) -> Complex {
        Complex { re: libm::cos(self.im), im: libm::sin(self.im) }.scale(libm::exp(self.re))
    }

    /// Principal value; of nought, −∞.
    pub fn ln(self) -> Complex {
        Complex { re: libm::log(libm::hypot(self.re, self.im)), im: libm::atan2(self.im, self.re) }
    }

    /// Square of the modulus.
    pub fn square(self) -> f64 {
        self.re * self.re + self.im * self.im
    }

    /// By squaring.
    pub fn power(self, mut exponent: u64) -> Complex {
        let (mut base, mut result) = (self, Complex::ONE);
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = result * base;
            }
            base = base * base;
            exponent >>= 1;
        }
        result
    }
}

impl Add for Complex {
    type Output = Complex;
    fn add(self, other: Complex) -> Complex {
        Complex { re: self.re + other.re, im: self.im + other.im }
    }
}

impl AddAssign for Complex {
    fn add_assign(&mut self, other: Complex) {
        *self = *self + other;
    }
}

impl Sub for Complex {
    type Output = Complex;
    fn sub(self, other: Complex) -> Complex {
        Complex { re: self.re - other.re, im: self.im - other.im }
    }
}

impl Mul for Complex {
    type Output = Complex;
    fn mul(self, other: Complex) -> Complex {
        Complex { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }
}
