//! A figure with its standard error.

use serde::Serialize;

use crate::money::Cents;

/// A figure of a simulation and the standard deviation that it would have over simulations of the same length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Its standard error; nothing where the sample is too small to tell.
    pub standard_error: Option<f64>,
}

impl Estimate {
    /// The mean of one amount a year, in currency units; its standard error is s ÷ √n, s² with n − 1.
    pub fn mean(yearly: &[Cents]) -> Estimate {
        let n = yearly.len().max(1) as f64;
        let sum: i128 = yearly.iter().map(|x| i128::from(x.0)).sum();
        let square = yearly.iter().map(|x| square(i128::from(x.0))).fold(0u128, u128::saturating_add);
        Estimate::of_sums(sum, square, n)
    }

    /// The mean over `n` years of amounts in cents with this sum and this sum of squares.
    pub fn of_sums(sum: i128, square: u128, n: f64) -> Estimate {
        let mean = sum as f64 / n;
        let variance = ((square as f64 - mean * sum as f64) / (n - 1.0)).max(0.0);
        Estimate { value: mean / 100.0, standard_error: (n > 1.0).then(|| (variance / n).sqrt() / 100.0) }
    }

    /// The share of years in which something happens: standard error √(p(1 − p) ÷ n).
    pub fn share(happens: impl ExactSizeIterator<Item = bool>) -> Estimate {
        let n = happens.len();
        Estimate::of_share(happens.filter(|yes| *yes).count(), n)
    }

    /// The same of `n` years in `count` of which it happens.
    pub fn of_share(count: usize, n: usize) -> Estimate {
        let n = n.max(1) as f64;
        let p = count as f64 / n;
        Estimate { value: p, standard_error: Some((p * (1.0 - p) / n).sqrt()) }
    }
}

/// x²; the largest number where it is beyond 128 bits.
pub(super) fn square(x: i128) -> u128 {
    x.unsigned_abs().saturating_mul(x.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 1, 2, 6 (in units): mean 3, s² = (4 + 1 + 9) ÷ 2 = 7, standard error √(7 ÷ 3).
    #[test]
    fn a_mean_has_its_standard_error() {
        let estimate = Estimate::mean(&[Cents(100), Cents(200), Cents(600)]);
        assert_eq!(estimate.value, 3.0);
        assert!((estimate.standard_error.unwrap() - (7.0f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!(Estimate::mean(&[Cents(100)]).standard_error, None);
        let share = Estimate::share([true, false, false, false].into_iter());
        assert_eq!((share.value, share.standard_error), (0.25, Some((0.1875f64 / 4.0).sqrt())));
    }
}
