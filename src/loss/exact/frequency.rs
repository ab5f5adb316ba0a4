//! The number of claims in a year.

use super::complex::Complex;

/// A distribution of the number of claims.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Frequency {
    /// Poisson.
    Poisson {
        /// λ.
        mean: f64,
    },
    /// Negative binomial with variance mean + mean² ÷ shape: a Poisson with a gamma mean.
    NegativeBinomial {
        /// Mean.
        mean: f64,
        /// r.
        shape: f64,
    },
    /// Binomial.
    Binomial {
        /// Insureds.
        trials: u64,
        /// Of a claim of each.
        probability: f64,
    },
}

impl Frequency {
    /// Expected number.
    pub fn mean(&self) -> f64 {
        match *self {
            Frequency::Poisson { mean } | Frequency::NegativeBinomial { mean, .. } => mean,
            Frequency::Binomial { trials, probability } => trials as f64 * probability,
        }
    }

    /// Its variance.
    pub fn variance(&self) -> f64 {
        match *self {
            Frequency::Poisson { mean } => mean,
            Frequency::NegativeBinomial { mean, shape } => mean + mean * mean / shape,
            Frequency::Binomial { trials, probability } => trials as f64 * probability * (1.0 - probability),
        }
    }

    /// E z^N (*Loss Models*, 4th ed., appendix B): e^(λ(z − 1)), (1 − (mean ÷ r)(z − 1))^(−r), (1 + q(z − 1))^m.
    pub(super) fn generating(&self, z: Complex) -> Complex {
        let less = z - Complex::ONE;
        match *self {
            Frequency::Poisson { mean } => less.scale(mean).exp(),
            Frequency::NegativeBinomial { mean, shape } => {
                (Complex::ONE - less.scale(mean / shape)).ln().scale(-shape).exp()
            }
            Frequency::Binomial { trials, probability } => (Complex::ONE + less.scale(probability)).power(trials),
        }
    }
}
