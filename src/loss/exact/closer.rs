//! Closer looks at small losses.
//!
//! The sum of a few insureds reaches over many orders of magnitude: a grid up to its largest losses has hardly an amount where
//! its small ones are. What lies below an amount depends on the claims below it alone, so that the law up to there can be worked
//! out on a grid that ends there: larger claims are left out with their probability. The mean beyond an amount needs the mean of
//! all and the law below, and so is had from the same grid.

use rayon::prelude::*;

use super::aggregate::{Aggregate, Means};
use super::conditional::{Cell, Claim, UNLIKELY, below, by_series};
use super::figures::RETURN_PERIODS;
use super::fourier::Fourier;
use super::grid::Grid;
use super::quadrature::Node;
use crate::fault::Failure;

/// The claims of some of the states, each with its weight.
pub type Weighted = (f64, Vec<Claim>);

/// What closer looks may cost.
#[derive(Clone, Copy, Debug)]
pub struct Looking {
    /// Points × claims × rates × states.
    pub factors: usize,
    /// Points, at least.
    pub least: usize,
}

impl Looking {
    /// With half as many points.
    pub fn coarser(self) -> Looking {
        Looking { factors: self.factors / 3, least: self.least / 4 }
    }
}

/// Points of a look, at most.
const MOST_POINTS: usize = 1 << 14;

/// Steps of a grid below which losses are looked at more closely: as part of a short grid, of a long one, and so many else.
const LOW: (f64, f64, f64) = (0.5, 0.25, 1024.0);

/// How far a grid reaches above the loss that it is for.
const ABOVE: f64 = 1.25;

/// Looks at most.
const MOST: usize = 24;

/// Terms of a series, about.
const TERMS: usize = 8;

/// Factors that a point of a claim's transform takes as long as.
const TRANSFORM: usize = 80;

/// Points of a look that costs no more, or none.
pub fn points(claims: &[Claim], states: usize, rates: &[Node], look: Looking) -> Option<usize> {
    let highest = rates.iter().map(|node| node.value).fold(0.0, f64::max);
    let series = by_series(claims);
    let is_unlikely = |cell: &Cell| series && cell.probability * highest <= UNLIKELY;
    let likely = claims.iter().flat_map(|claim| &claim.cells).filter(|cell| !is_unlikely(cell)).count();
    let unlikely = claims.iter().filter(|claim| claim.cells.iter().any(is_unlikely)).count();
    let sums = if unlikely > 0 { TERMS * (unlikely + rates.len()) } else { 0 };
    let each = likely * rates.len() + sums + claims.len() * TRANSFORM;
    let most = 2 * look.factors / (states * each).max(1);
    (most >= look.least).then(|| (1 << most.ilog2()).min(MOST_POINTS))
}

/// Looks at the losses of all return periods, each shorter than the one before it, where `first` has not enough amounts below
/// them: its states are on grids with steps of `step` on average.
///
/// # Errors
/// When amounts are below any grid.
pub fn closer(
    (first, step): (&Aggregate, f64),
    states: &[Weighted],
    rates: &[Node],
    points: usize,
) -> Result<Vec<Aggregate>, Failure> {
    let fourier = Fourier::new(points);
    let mean = states.iter().map(|(weight, claims)| weight * mean(claims, rates)).sum::<f64>();
    let means = Means { exact: first.mean(), grid: mean, nothing: first.probability_of_nothing(), square_beyond: None };
    let low = LOW.2.clamp(LOW.1 * points as f64, LOW.0 * points as f64);
    let mut looks: Vec<Aggregate> = Vec::new();
    for p in RETURN_PERIODS.iter().rev().map(|period| 1.0 - 1.0 / period) {
        while p > means.nothing + 1e-12 && looks.len() < MOST {
            let closest = Aggregate::closest(first, &looks, p);
            let step = if looks.is_empty() { step } else { closest.grid.step };
            let loss = closest.quantile_between(p).max(step);
            if loss >= low * step || looks.last().is_some_and(|look| look.grid.step < closest.grid.step) {
                break;
            }
            let grid = Grid::new(ABOVE * (loss + 2.0 * step) / (points - 1) as f64, points)?;
            let one = |(weight, claims): &Weighted| (*weight, below(&fourier, grid, claims, rates));
            let each: Vec<(f64, Vec<f64>)> = states.par_iter().map(one).collect();
            let mut mass = vec![0.0; points];
            for (weight, own) in &each {
                mass.iter_mut().zip(own).for_each(|(sum, own)| *sum += weight * own);
            }
            looks.push(Aggregate::new(grid, mass, means));
        }
    }
    Ok(looks)
}

fn mean(claims: &[Claim], rates: &[Node]) -> f64 {
    let rate: f64 = rates.iter().map(|node| node.weight * node.value).sum();
    rate * claims.iter().map(|claim| claim.hits() * claim.mean(|x| x)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::exact::conditional::Conditional;

    /// Two insureds of an amount that is even between 0 and 100 for one and 1,000,000 for certain for the other, each hit with 0.5: half
    /// of losses are below 100, evenly but for the quarter that is none. By hand P(S ≤ x) = ¼ + x ÷ 400.
    #[test]
    fn small_losses_are_told_apart_beside_large_ones() {
        let cells = vec![Cell { probability: 0.5, insureds: 1 }];
        let small = Claim { amounts: vec![(0.0, 0.0), (100.0, 1.0)], spread: true, cells: cells.clone() };
        let large = Claim { amounts: vec![(1e6, 0.0), (1e6, 1.0)], spread: true, cells };
        let (claims, rates) = (vec![small, large], Node::certain(1.0));
        let coarse = Conditional::of(Grid::new(100.0, 1 << 14).unwrap(), &claims, &rates);
        let means = Means { exact: 500_025.0, grid: coarse.mean, nothing: coarse.nothing, square_beyond: None };
        let first = Aggregate::new(coarse.grid, coarse.mass, means);
        let looks = closer((&first, 100.0), &[(1.0, claims)], &rates, 1 << 12).unwrap();
        let last = looks.last().unwrap();
        assert!(last.grid.top() > 99.0 && last.grid.top() < 400.0, "{}", last.grid.top());
        // Of no return period of the table: 1 ÷ (1 − 0.45) has the loss 80, and the mean beyond it (500,025 − 80² ÷ 800) ÷ 0.55.
        assert!((last.quantile_between(0.45) - 80.0).abs() < 0.01, "{}", last.quantile_between(0.45));
        assert!((last.tail_mean(0.45) / ((500_025.0 - 8.0) / 0.55) - 1.0).abs() < 1e-6, "{}", last.tail_mean(0.45));
    }
}
