//! The distribution of a sum of losses, on a grid.

use super::grid::Grid;
use crate::fault::Failure;

/// An aggregate loss: probabilities of amounts 0, step, 2·step, …
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// The grid.
    pub grid: Grid,
    mass: Vec<f64>,
    /// P(at most this amount).
    upto: Vec<f64>,
    /// Amount × probability, up to each amount.
    partial: Vec<f64>,
    means: Means,
}

/// What is known without inversion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Means {
    /// From the means of claims before they were put on the grid.
    pub exact: f64,
    /// From their means on the grid.
    pub grid: f64,
    /// P(no loss).
    pub nothing: f64,
    /// Σ amount²·probability of what lies beyond the grid's end, where it is known.
    pub square_beyond: Option<f64>,
}

/// An aggregate with its standard deviation by integration.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Worked {
    pub aggregate: Aggregate,
    pub standard_deviation: f64,
    /// The same up to ever smaller amounts.
    pub looks: Vec<Aggregate>,
}

impl Worked {
    /// The closest look at the loss of this probability.
    pub fn at(&self, p: f64) -> &Aggregate {
        Aggregate::closest(&self.aggregate, &self.looks, p)
    }
}

impl Aggregate {
    pub(super) fn new(grid: Grid, mass: Vec<f64>, means: Means) -> Aggregate {
        let running = |value: &dyn Fn(usize) -> f64| {
            let mut sum = Sum::default();
            (0..mass.len()).map(|j| sum.add(value(j))).collect()
        };
        let (upto, partial) = (running(&|j| mass[j]), running(&|j| grid.step * j as f64 * mass[j]));
        Aggregate { grid, mass, upto, partial, means }
    }

    /// One of several distributions, each with its weight: over a factor that changes the claims themselves, such as a
    /// severity level or the hours of an outage, with a distribution for each of its nodes. Weights add up to one.
    ///
    /// # Errors
    /// When there is none, or they are on different grids.
    pub fn mixture(parts: &[(f64, Aggregate)]) -> Result<Aggregate, Failure> {
        let Some((_, first)) = parts.first() else {
            return Err(Failure::new("a mixture of no distribution"));
        };
        if parts.iter().any(|(_, part)| part.grid != first.grid) {
            return Err(Failure::new("distributions are on different grids").hint("put all claims on one grid"));
        }
        let mean = |of: fn(&Means) -> f64| parts.iter().map(|(weight, part)| weight * of(&part.means)).sum();
        let mass = |j: usize| parts.iter().map(|(weight, part)| weight * part.mass[j]).sum();
        let means = Means {
            exact: mean(|m| m.exact),
            grid: mean(|m| m.grid),
            nothing: mean(|m| m.nothing),
            square_beyond: None,
        };
        Ok(Aggregate::new(first.grid, (0..first.grid.points).map(mass).collect(), means))
    }

    /// Exact mean, from the means of claims before they were put on the grid.
    pub fn mean(&self) -> f64 {
        self.means.exact
    }

    /// Mean of the claims as they are on the grid.
    pub fn mean_on_grid(&self) -> f64 {
        self.means.grid
    }

    /// Relative error of the mean that the grid makes; losses beyond its end are counted as if it had none.
    pub fn mean_error(&self) -> f64 {
        if self.means.exact == 0.0 { 0.0 } else { self.means.grid / self.means.exact - 1.0 }
    }

    /// Probability that lies beyond the end of the grid: a longer grid is needed where it is not small against one minus
    /// the probabilities that are asked for.
    pub fn beyond(&self) -> f64 {
        (1.0 - self.upto.last().copied().unwrap_or(1.0)).max(0.0)
    }

    /// Exact probability of no loss at all.
    pub fn probability_of_nothing(&self) -> f64 {
        self.means.nothing
    }

    /// Standard deviation on the grid, with what lies beyond its end where that is known.
    pub fn standard_deviation(&self) -> f64 {
        let mean = self.means.grid / self.grid.step;
        let mut sum = Sum::default();
        let squares = self.mass.iter().enumerate().fold(0.0, |_, (j, m)| {
            let off = j as f64 - mean;
            sum.add(off * off * m)
        });
        let beyond = self.means.square_beyond.map_or(0.0, |square| {
            let first = self.means.grid - self.partial.last().copied().unwrap_or(0.0);
            let mean = self.means.grid;
            (square - 2.0 * mean * first + mean * mean * self.beyond()).max(0.0)
        });
        (squares * self.grid.step * self.grid.step + beyond).sqrt()
    }

    /// P(loss ≤ amount).
    pub fn cdf(&self, amount: f64) -> f64 {
        let at = (amount / self.grid.step + 1e-9).floor();
        if at < 0.0 { 0.0 } else { self.upto[(at as usize).min(self.upto.len() - 1)].min(1.0) }
    }

    /// VaR: the least amount of the grid that is not exceeded with probability `p`; its end where that lies beyond it.
    pub fn quantile(&self, p: f64) -> f64 {
        self.rank(p) as f64 * self.grid.step
    }

    /// The same between amounts of the grid, each one's probability being spread half a step to both sides; nought where the loss
    /// is nought with probability `p`.
    pub fn quantile_between(&self, p: f64) -> f64 {
        let at = self.rank(p);
        if at == 0 || self.mass[at] <= 0.0 {
            return at as f64 * self.grid.step;
        }
        let part = ((p - self.upto[at - 1]) / self.mass[at]).clamp(0.0, 1.0);
        (at as f64 - 0.5 + part) * self.grid.step
    }

    /// The last of some ever shorter grids that reaches well beyond the loss of this probability.
    pub(super) fn closest<'a>(first: &'a Aggregate, looks: &'a [Aggregate], p: f64) -> &'a Aggregate {
        let reaches = |look: &&Aggregate| look.rank(p) < look.grid.points / 10 * 9;
        looks.iter().rev().find(reaches).unwrap_or(first)
    }

    fn rank(&self, p: f64) -> usize {
        self.upto.partition_point(|f| *f < p - 1e-13).min(self.upto.len() - 1)
    }

    /// TVaR: the mean of the worst 1 − `p`, below one: with q the quantile, (E S − Σ_{x ≤ q} x·P(x) + q·(P(S ≤ q) − p)) ÷
    /// (1 − p). What lies beyond the grid's end counts through the mean.
    pub fn tail_mean(&self, p: f64) -> f64 {
        let at = self.rank(p);
        let q = at as f64 * self.grid.step;
        ((self.means.grid - self.partial[at] + q * (self.upto[at] - p)) / (1.0 - p)).max(q)
    }

    /// Loss that is exceeded once in `return_period` years, and the mean beyond.
    pub fn at(&self, return_period: f64) -> (f64, f64) {
        let p = 1.0 - 1.0 / return_period;
        (self.quantile(p), self.tail_mean(p))
    }

    /// E (S − retention)⁺, for a retention on the grid exact: E S − Σ_{x ≤ d} x·P(x) − d·P(S > d).
    pub fn stop_loss(&self, retention: f64) -> f64 {
        let at = ((retention / self.grid.step).floor().max(0.0) as usize).min(self.upto.len() - 1);
        self.means.grid - self.partial[at] - retention * (1.0 - self.upto[at])
    }

    /// The distribution of f(S), f being what is paid of the sum: an annual aggregate limit or deductible, a share. Between
    /// amounts of the grid the mean stays; what lies beyond the grid's end is taken at its end.
    pub fn paid(&self, f: impl Fn(f64) -> f64) -> Aggregate {
        let mut mass = vec![0.0; self.mass.len()];
        let (mut mean, mut nothing) = (0.0, 0.0);
        for (j, m) in self.mass.iter().enumerate() {
            let weight = if j + 1 == self.mass.len() { m + self.beyond() } else { *m };
            let amount = f(j as f64 * self.grid.step);
            self.grid.put(&mut mass, amount, weight);
            mean += weight * amount;
            nothing += if amount > 0.0 { 0.0 } else { weight };
        }
        Aggregate::new(self.grid, mass, Means { exact: mean, grid: mean, nothing, square_beyond: None })
    }
}

/// A sum that carries along what rounding loses (W. Kahan, *Further remarks on reducing truncation errors*, CACM 8, 1965).
#[derive(Default)]
struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, x: f64) -> f64 {
        let x = x - self.lost;
        let sum = self.sum + x;
        self.lost = (sum - self.sum) - x;
        self.sum = sum;
        sum
    }
}
