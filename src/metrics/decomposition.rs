//! How much of the spread of annual losses comes from not knowing the parameters.

use serde::Serialize;

use super::estimate::Estimate;
use super::sampling::Sampling;
use crate::money::Cents;

/// Variance of the annual loss with parameters fixed and with parameters drawn once a year, in currency units squared.
///
/// Var S = E Var(S | θ) + Var E(S | θ). What parameters add is the difference of the two runs' variances; it also holds
/// what E Var(S | θ) differs from Var(S | the fitted θ), which is small where the process is nearly linear in θ.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Decomposition {
    /// Mean with parameters fixed.
    pub mean_fixed: Estimate,
    /// Mean with parameters drawn.
    pub mean_drawn: Estimate,
    /// Process variance: parameters fixed.
    pub process: Estimate,
    /// Total variance: parameters drawn.
    pub total: Estimate,
    /// Total less process: what parameters add. May come out below nought by chance; see its error.
    pub parameter: Estimate,
    /// `parameter` ÷ `total`.
    pub share: f64,
}

impl Decomposition {
    /// Of two runs over the same years; nothing when they differ in length or have fewer than two.
    ///
    /// The difference is Σ(d_y) ÷ (n − 1), d_y = (x_y − x̄)² − (z_y − z̄)², and its standard error s(d) ÷ √n: right both
    /// where the runs are independent and where they share their draws, which makes the difference sharper.
    pub fn of(fixed: &[Cents], drawn: &[Cents]) -> Option<Decomposition> {
        Decomposition::of_samples(fixed, drawn, 1)
    }

    /// The same of several samples of each year, sample after sample: errors take those of a year together.
    pub fn of_samples(fixed: &[Cents], drawn: &[Cents], samples: usize) -> Option<Decomposition> {
        if fixed.len() != drawn.len() || fixed.len() < 2 {
            return None;
        }
        let sampling = Sampling::of(fixed.len(), samples);
        let units = |yearly: &[Cents]| yearly.iter().map(|x| x.units()).collect::<Vec<f64>>();
        let [mean_fixed, mean_drawn] =
            [fixed, drawn].map(|own| Estimate::mean(own).times_variance(effect(&units(own), sampling)));
        let squares = |yearly: &[Cents], mean: f64| -> Vec<f64> {
            yearly.iter().map(|x| (x.units() - mean) * (x.units() - mean)).collect()
        };
        let of_fixed = squares(fixed, mean_fixed.value);
        let of_drawn = squares(drawn, mean_drawn.value);
        let differences: Vec<f64> = of_drawn.iter().zip(&of_fixed).map(|(d, f)| d - f).collect();
        let (process, total) = (spread(&of_fixed, sampling), spread(&of_drawn, sampling));
        let parameter = spread(&differences, sampling);
        let share = if total.value > 0.0 { parameter.value / total.value } else { 0.0 };
        Some(Decomposition { mean_fixed, mean_drawn, process, total, parameter, share })
    }
}

/// The sum of squares over n − 1, and the standard error of that.
fn spread(squares: &[f64], sampling: Sampling) -> Estimate {
    let n = squares.len() as f64;
    let mean = squares.iter().sum::<f64>() / n;
    let variance = squares.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    let own = Estimate { value: mean * n / (n - 1.0), standard_error: Some((variance / n).sqrt()) };
    own.times_variance(effect(squares, sampling))
}

fn effect(influence: &[f64], sampling: Sampling) -> Option<f64> {
    sampling.effect(&(0..).zip(influence.iter().copied()).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::normal;
    use crate::random::{Draws, Purpose};

    /// x = 1,000 + 100·Z, and 1,000 + 50·P + 100·Z with P drawn once a year: variances 10,000 and 12,500. Of 200 pairs of
    /// runs with the same Z about 95 % hold 2,500 within two standard errors (at least 177 with probability 0.999 at 0.94),
    /// and so do runs of their own.
    #[test]
    fn parameters_add_their_variance() {
        for shared in [true, false] {
            let within = |t: u32| {
                let mut stream = Draws::new(9).stream(Purpose::Shock, t, u32::from(shared));
                let mut z = || normal::quantile(stream.uniform());
                let cents = |x: f64| Cents((x * 100.0).round() as i64);
                let (mut fixed, mut drawn) = (Vec::new(), Vec::new());
                for _ in 0..2_000 {
                    let process = z();
                    fixed.push(cents(1000.0 + 100.0 * process));
                    let process = if shared { process } else { z() };
                    drawn.push(cents(1000.0 + 50.0 * z() + 100.0 * process));
                }
                let found = Decomposition::of(&fixed, &drawn).unwrap().parameter;
                (found.value - 2_500.0).abs() < 2.0 * found.standard_error.unwrap()
            };
            let good = (0..200).filter(|t| within(*t)).count();
            assert!((177..=200).contains(&good), "{shared}: {good}");
        }
        assert_eq!(Decomposition::of(&[Cents(1)], &[Cents(1)]), None);
    }

    /// By hand: 1, 3 and 5 have the mean 3 and squares 4, 0 and 4, variance 4; 0, 3 and 9 the mean 4 and squares 16, 1 and 25,
    /// variance 21. Differences 12, 1 and 21 make 34 ÷ 2 = 17, with the variance Σ(d − 34 ÷ 3)² ÷ 2 = 602 ÷ 6.
    #[test]
    fn variances_and_their_errors_by_hand() {
        let cents = |units: [i64; 3]| units.map(|x| Cents(x * 100));
        let own = Decomposition::of(&cents([1, 3, 5]), &cents([0, 3, 9])).unwrap();
        assert_eq!((own.mean_fixed.value, own.mean_drawn.value), (3.0, 4.0));
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        near(own.process.value, 4.0);
        near(own.total.value, 21.0);
        near(own.parameter.value, 17.0);
        near(own.share, 17.0 / 21.0);
        near(own.parameter.standard_error.unwrap(), (602.0f64 / 6.0 / 3.0).sqrt());
        // A second sample that is the same makes nothing surer.
        let twice = |units: [i64; 3]| [cents(units), cents(units)].concat();
        let both = Decomposition::of_samples(&twice([1, 3, 5]), &twice([0, 3, 9]), 2).unwrap();
        let error = |estimate: Estimate| estimate.standard_error.unwrap();
        near(error(both.parameter), error(own.parameter));
        near(error(both.mean_drawn), error(own.mean_drawn));
    }
}
