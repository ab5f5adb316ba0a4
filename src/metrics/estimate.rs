//! A figure with its standard error.

use serde::Serialize;

use crate::fit::interval::wilson;
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

    /// The same figure with a variance so many times as large; without an error where that is not known.
    pub(super) fn times_variance(self, effect: Option<f64>) -> Estimate {
        let standard_error = self.standard_error.zip(effect).map(|(error, effect)| error * effect.sqrt());
        Estimate { standard_error, ..self }
    }

    /// The mean over `n` years of amounts in cents with this sum and this sum of squares.
    pub fn of_sums(sum: i128, square: u128, n: f64) -> Estimate {
        let mean = sum as f64 / n;
        let variance = ((square as f64 - mean * sum as f64) / (n - 1.0)).max(0.0);
        Estimate { value: mean / 100.0, standard_error: (n > 1.0).then(|| (variance / n).sqrt() / 100.0) }
    }
}

/// Level of every interval of simulated figures.
pub(super) const LEVEL: f64 = 0.95;

/// The share of simulated years in which something happens, with its standard error and interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Share {
    /// The share p.
    pub value: f64,
    /// √(p(1 − p) ÷ n); nothing where it happens in no year or in all, which does not make it known: see the interval.
    pub standard_error: Option<f64>,
    /// Lower end of Wilson's 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Share {
    /// Of years in which it happens or not.
    pub fn of(happens: impl ExactSizeIterator<Item = bool>) -> Share {
        let n = happens.len();
        Share::of_count(happens.filter(|yes| *yes).count(), n)
    }

    /// Of `n` years in `count` of which it happens.
    pub fn of_count(count: usize, n: usize) -> Share {
        Share::known(count as f64 / n.max(1) as f64, n as f64, n as f64)
    }

    /// With the variance that it has from so many independent years, and the interval that it has from so many.
    pub(super) fn known(p: f64, of_variance: f64, of_interval: f64) -> Share {
        let standard_error = (p > 0.0 && p < 1.0 && of_variance > 0.0).then(|| (p * (1.0 - p) / of_variance).sqrt());
        let ends = wilson(p, of_interval, LEVEL);
        Share { value: p, standard_error, low: ends.low, high: ends.high }
    }

    /// The share and its standard error alone.
    pub fn estimate(&self) -> Estimate {
        Estimate { value: self.value, standard_error: self.standard_error }
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
        let share = Share::of([true, false, false, false].into_iter());
        assert_eq!((share.value, share.standard_error), (0.25, Some((0.1875f64 / 4.0).sqrt())));
    }

    /// Of none and of all of 100 years Wilson's ends are z² ÷ (100 + z²) = 0.036 993 5 and one less that, z² = 3.841 459; of no year
    /// nothing is known.
    #[test]
    fn what_happens_in_no_year_or_in_all_is_not_certain() {
        let near = |share: Share, low: f64, high: f64| {
            assert!((share.low - low).abs() < 1e-6 && (share.high - high).abs() < 1e-6, "{share:?}");
            assert_eq!(share.standard_error, None);
        };
        near(Share::of_count(0, 100), 0.0, 0.036_993_5);
        near(Share::of_count(100, 100), 0.963_006_5, 1.0);
        near(Share::of_count(0, 0), 0.0, 1.0);
    }
}
