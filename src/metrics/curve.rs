//! Exceedance curve, average annual loss and spread of simulated years, as Open Results Data has them.

use rayon::slice::ParallelSliceMut;
use serde::Serialize;

use super::estimate::{Estimate, Share};
use super::order_statistics::ranks;
use super::tail::RankWeights;
use crate::money::Cents;

/// One amount a year, of every simulated year: its sum for an AEP curve, its largest occurrence for an OEP curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Largest first; years that are not there have none.
    losses: Vec<Cents>,
    years: usize,
    sum: i128,
}

/// The curve at one return period, in currency units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// In years.
    pub return_period: f64,
    /// Loss that is exceeded once in that time (VaR).
    pub loss: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end; nothing where the simulation is too short to tell.
    pub high: Option<f64>,
    /// Mean of the losses beyond (TVaR).
    pub tail: Estimate,
}

impl Curve {
    /// The curve of `yearly` losses: their order does not matter.
    pub fn new(yearly: &[Cents]) -> Curve {
        Curve::of_some(yearly.to_vec(), yearly.len())
    }

    /// The curve of `years` years, of which these have losses of nought or more and the others have none.
    pub fn of_some(mut losses: Vec<Cents>, years: usize) -> Curve {
        // Below, what other threads would take off is less than what they cost.
        if losses.len() < 100_000 {
            losses.sort_unstable_by(|a, b| b.cmp(a));
        } else {
            losses.par_sort_unstable_by(|a, b| b.cmp(a));
        }
        let sum = losses.iter().map(|x| i128::from(x.0)).sum();
        Curve { years: years.max(losses.len()), losses, sum }
    }

    /// Simulated years.
    pub fn years(&self) -> usize {
        self.years
    }

    /// Share of years with a loss.
    pub fn probability_of_loss(&self) -> Share {
        Share::of_count(self.losses.partition_point(|x| *x > Cents::ZERO), self.years)
    }

    /// The largest loss.
    pub fn largest(&self) -> f64 {
        self.losses.first().map_or(0.0, |x| x.units())
    }

    /// Average annual loss; standard error s ÷ √n.
    pub fn mean(&self) -> Estimate {
        let n = self.years;
        let error = (n > 1).then(|| (self.central(2) / (n as f64 - 1.0)).sqrt());
        Estimate { value: self.average(), standard_error: error }
    }

    /// Standard deviation s, s² = Σ(x − x̄)² ÷ (n − 1).
    ///
    /// Its standard error is √((m₄ − s⁴·(n − 3) ÷ (n − 1)) ÷ n) ÷ 2s, m₄ = Σ(x − x̄)⁴ ÷ n (variance of s²: A. M. Mood, F. A.
    /// Graybill, D. C. Boes, *Introduction to the Theory of Statistics*, 3rd ed., section VI.2; then the delta method).
    pub fn standard_deviation(&self) -> Estimate {
        let n = self.years as f64;
        if n < 2.0 {
            return Estimate::default();
        }
        let variance = self.central(2) * n / (n - 1.0);
        let of_variance = ((self.central(4) - variance * variance * (n - 3.0) / (n - 1.0)) / n).max(0.0);
        let value = variance.sqrt();
        let error = if value > 0.0 { of_variance.sqrt() / (2.0 * value) } else { 0.0 };
        Estimate { value, standard_error: Some(error) }
    }

    /// The curve at a return period; nothing when that is below a year or longer than the simulation.
    ///
    /// Rank i of n years has the return period n ÷ i, and between two ranks the loss is interpolated linearly in the return
    /// period; where the lower of the two is nought, so is the loss. The tail mean is the mean of the losses ranked above
    /// and of that loss (Open Results Data: `lecpy` of oasislmf, `ordleccalc` of ktools).
    ///
    /// The interval takes the ranks of [`ranks`]. The standard error of the tail mean T of k values beyond the loss q is
    /// √((s² + (1 − 1 ÷ R)·(T − q)²) ÷ k), s² being their variance with the weights that they have in T (B. J. Manistre, G. H.
    /// Hancock, *Variance of the CTE estimator*, North American Actuarial Journal 9, 2005); nothing of a single value.
    pub fn at(&self, return_period: f64) -> Option<Point> {
        let weights = RankWeights::at(self.years, return_period)?;
        let (higher, lower) =
            (self.ranked(weights.above.saturating_sub(1)).units(), self.ranked(weights.above).units());
        let loss = weights.between(higher, lower);
        let above = &self.losses[..weights.above.min(self.losses.len())];
        let none = (weights.above - above.len()) as f64;
        let count = weights.above as f64 + 1.0;
        let sum: i128 = above.iter().map(|x| i128::from(x.0)).sum();
        let tail = (sum as f64 / 100.0 + loss) / count;
        let squares: f64 = above.iter().map(|x| (x.units() - tail) * (x.units() - tail)).sum();
        let squares = squares + none * tail * tail;
        let part = if loss > lower { weights.share() } else { 0.0 };
        let edge = part * (higher - tail) * (higher - tail) + (1.0 - part) * (lower - tail) * (lower - tail);
        let variance = (squares + edge) / (count - 1.0);
        let beyond = (1.0 - 1.0 / return_period) * (tail - loss) * (tail - loss);
        let error = (count > 1.0).then(|| ((variance + beyond) / count).sqrt());
        let (upper, lower) = ranks(self.years, return_period);
        let ranked = |rank: usize| self.ranked(rank.min(self.years) - 1).units();
        Some(Point {
            return_period,
            loss,
            low: lower.map_or(0.0, ranked).min(loss),
            high: upper.map(|rank| ranked(rank).max(loss)),
            tail: Estimate { value: tail, standard_error: error },
        })
    }

    /// The curve at those of the return periods that the simulation is long enough for.
    pub fn points(&self, return_periods: &[f64]) -> Vec<Point> {
        return_periods.iter().filter_map(|period| self.at(*period)).collect()
    }

    /// The loss of a rank, counted from nought.
    fn ranked(&self, rank: usize) -> Cents {
        self.losses.get(rank).copied().unwrap_or(Cents::ZERO)
    }

    fn average(&self) -> f64 {
        self.sum as f64 / 100.0 / self.years.max(1) as f64
    }

    /// Mean of (x − x̄)^power, added up from the largest: whatever the order of the years, the same.
    fn central(&self, power: i32) -> f64 {
        let mean = self.average();
        let sum: f64 = self.losses.iter().map(|x| (x.units() - mean).powi(power)).sum();
        let none = (self.years - self.losses.len()) as f64;
        (sum + none * (-mean).powi(power)) / self.years.max(1) as f64
    }
}

#[cfg(test)]
mod tests;
