//! The distribution of one claim, after terms, on a grid.
//!
//! S. A. Klugman, H. H. Panjer, G. E. Willmot: *Loss Models*, 4th ed., section 9.6.5.

use super::grid::Grid;
use crate::fit::severity::Severity;

/// Probabilities of amounts 0, step, 2·step, …; they add up to one.
#[derive(Clone, Debug, PartialEq)]
pub struct GridDistribution {
    /// The grid.
    pub grid: Grid,
    pub(super) mass: Vec<f64>,
    /// Mean before it was put on the grid, in currency units.
    pub mean: f64,
    /// P(no loss) before it was put on the grid.
    pub nothing: f64,
}

/// Strata of equal probability in each halving of the upper tail.
const STRATA: usize = 4096;

/// Halvings of the upper tail.
const HALVINGS: usize = 40;

impl GridDistribution {
    /// By rounding (section 9.6.5.1): each amount gets the probability of what is nearest to it. `cdf` is P(claim ≤ y), `mean`
    /// the exact mean. What lies beyond the end of the grid is put there.
    pub fn rounded(grid: Grid, cdf: impl Fn(f64) -> f64, mean: f64) -> GridDistribution {
        let mut mass = Vec::with_capacity(grid.points);
        let mut below = 0.0;
        for j in 0..grid.points {
            let upto = if j + 1 == grid.points { 1.0 } else { cdf((j as f64 + 0.5) * grid.step) };
            mass.push((upto - below).max(0.0));
            below = upto.max(below);
        }
        GridDistribution { grid, mass, mean, nothing: cdf(0.0) }
    }

    /// By matching the mean locally (section 9.6.5.2, one moment): with `limited`(y) = E min(claim, y), the amount j·h gets
    /// (2·limited(jh) − limited((j − 1)h) − limited((j + 1)h)) ÷ h. The mean on the grid is exact up to the grid's end.
    pub fn matched(grid: Grid, limited: impl Fn(f64) -> f64, mean: f64, nothing: f64) -> GridDistribution {
        let h = grid.step;
        // P(claim > y) on average over each step: falling, whatever rounding does.
        let mut mass = Vec::with_capacity(grid.points);
        let (mut before, mut value) = (1.0, 0.0);
        for j in 1..grid.points {
            let next = limited(j as f64 * h);
            let above = ((next - value) / h).clamp(0.0, before);
            mass.push(before - above);
            (before, value) = (above, next);
        }
        mass.push(before);
        GridDistribution { grid, mass, mean, nothing }
    }

    /// The claim of a layer: min((X − retention)⁺, limit) of a severity X, by matching the mean.
    pub fn layer(grid: Grid, severity: &Severity, retention: f64, limit: f64) -> GridDistribution {
        let below = severity.limited_expected_value(retention);
        let limited = |y: f64| severity.limited_expected_value(retention + y.min(limit)) - below;
        GridDistribution::matched(grid, limited, limited(f64::INFINITY), severity.cdf(retention))
    }

    /// Of any claim function: `claim`(u) is what is paid where the severity is at its quantile u in (0, 1). The upper tail is
    /// cut into halves, each into strata of equal probability; each stratum's claim is put on the grid so that the mean stays.
    pub fn of_claims(grid: Grid, claim: impl Fn(f64) -> f64) -> GridDistribution {
        let mut mass = vec![0.0; grid.points];
        let (mut mean, mut nothing) = (0.0, 0.0);
        let mut above = 1.0;
        for halving in 0..=HALVINGS {
            let share = if halving == HALVINGS { above } else { above / 2.0 };
            let weight = share / STRATA as f64;
            for stratum in 0..STRATA {
                let survival = above - weight * (stratum as f64 + 0.5);
                let amount = claim(1.0 - survival);
                mean += weight * amount;
                nothing += if amount > 0.0 { 0.0 } else { weight };
                grid.put(&mut mass, amount, weight);
            }
            above -= share;
        }
        GridDistribution { grid, mass, mean, nothing }
    }

    /// A certain amount.
    pub fn certain(grid: Grid, amount: f64) -> GridDistribution {
        let mut mass = vec![0.0; grid.points];
        grid.put(&mut mass, amount, 1.0);
        GridDistribution { grid, mass, mean: amount, nothing: if amount > 0.0 { 0.0 } else { 1.0 } }
    }

    /// Mean on the grid: what it differs from `mean` is the error of the grid.
    pub fn grid_mean(&self) -> f64 {
        self.mass.iter().enumerate().map(|(j, m)| j as f64 * m).sum::<f64>() * self.grid.step
    }

    /// Variance on the grid.
    pub fn grid_variance(&self) -> f64 {
        let mean = self.grid_mean() / self.grid.step;
        let squares: f64 = self.mass.iter().enumerate().map(|(j, m)| (j as f64 - mean) * (j as f64 - mean) * m).sum();
        squares * self.grid.step * self.grid.step
    }
}
