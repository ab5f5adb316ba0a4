//! One state's sum, on a grid that fits it.

use super::book::Moments;
use super::conditional::{Claim, Conditional};
use super::grid::Grid;
use super::quadrature::Node;
use super::shared::gathered;
use crate::fault::Failure;

/// First and second moment of the rate.
pub type RateMoments = (f64, f64);

/// Points of the grids on which a sum is looked at to find how far it reaches.
const SKETCH: usize = 1 << 8;

/// Cells of the rate that tell how far a sum reaches.
const FEW_RATES: usize = 8;

/// Part of the variance that putting claims on the grid may add.
const ADDED: f64 = 2e-4;

impl Moments {
    /// E S, and E S² given the state: with rates r, E S = r·Σ p·E X, Var S = r·Σ p·E X² − r²·Σ p²·(E X)².
    pub fn of_sum(&self, (r1, r2): RateMoments) -> (f64, f64) {
        (r1 * self.first, r1 * self.second - r2 * self.squares + r2 * self.first * self.first)
    }
}

/// The sum of claims at these rates, on the coarsest grid of `points` that adds little variance; up to probability `beyond`
/// lies above its end.
///
/// # Errors
/// When amounts are beyond any grid.
pub fn sum_of(
    claims: &[Claim],
    rates: &[Node],
    moments: (&Moments, RateMoments),
    points: (usize, usize),
    beyond: f64,
) -> Result<Conditional, Failure> {
    let end = reach(claims, rates, beyond)?;
    let most = affordable(claims, rates, points);
    let (mean, square) = moments.0.of_sum(moments.1);
    let allowed = ADDED * (square - mean * mean);
    let mut grid = even(end, points.0)?;
    while grid.points < most && moments.1.0 * added(claims, grid.step) > allowed {
        grid = even(end, 2 * grid.points)?;
    }
    Ok(Conditional::of(grid, claims, rates))
}

/// Factors of one state's products at most.
const FACTORS: usize = 1 << 30;

/// The most points, or as many as the number of factors allows.
fn affordable(claims: &[Claim], rates: &[Node], (least, most): (usize, usize)) -> usize {
    let cells = claims.iter().map(|claim| claim.cells.len()).sum::<usize>();
    let mut points = most;
    while points > least && points * cells * rates.len() > FACTORS {
        points /= 2;
    }
    points
}

fn even(end: f64, points: usize) -> Result<Grid, Failure> {
    Grid::new(end.max(0.01) / (points - 1) as f64, points)
}

/// Variance of one hit that comes of splitting its amount between neighbours of the grid, summed over hits at rate one: a part
/// t of a step above the lower neighbour has t·(1 − t)·step².
fn added(claims: &[Claim], step: f64) -> f64 {
    let split = |x: f64| {
        let part = x / step - (x / step).floor();
        part * (1.0 - part) * step * step
    };
    claims.iter().map(|claim| claim.hits() * claim.mean(split)).sum()
}

/// An amount that the sum exceeds with about probability `beyond`: from a bound, by sketches on ever shorter grids.
fn reach(claims: &[Claim], rates: &[Node], beyond: f64) -> Result<f64, Failure> {
    let mut end = bound(claims, rates);
    let rates = &gathered(rates.to_vec(), FEW_RATES);
    for _ in 0..3 {
        let sketch = Conditional::of(even(end, SKETCH)?, claims, rates);
        let mut above = 0.0;
        let last = sketch.mass.iter().rposition(|mass| {
            above += mass;
            above > beyond
        });
        let shorter = sketch.grid.step * (last.unwrap_or(0) + 3) as f64;
        if shorter > 0.75 * end {
            break;
        }
        end = shorter;
    }
    Ok(end)
}

/// −ln of the probability that [`bound`] leaves above it.
const BOUND: f64 = 16.0;

/// The sum of all claims, or with mean m, variance v and largest claim M at the highest rate the bound of Bernstein,
/// P(S > m + √(2·v·t) + M·t ÷ 3) ≤ e^(−t) (S. Boucheron, G. Lugosi, P. Massart: *Concentration Inequalities*, 2013, theorem 2.10).
fn bound(claims: &[Claim], rates: &[Node]) -> f64 {
    let rate = rates.iter().map(|node| node.value).fold(0.0, f64::max);
    let (mut all, mut mean, mut variance, mut largest) = (0.0f64, 0.0f64, 0.0f64, 0.0f64);
    for claim in claims {
        let most = claim.largest();
        all += most * claim.cells.iter().map(|cell| cell.insureds as f64).sum::<f64>();
        mean += rate * claim.hits() * claim.mean(|x| x);
        variance += rate * claim.hits() * claim.mean(|x| x * x);
        largest = largest.max(most);
    }
    all.min(mean + (2.0 * variance * BOUND).sqrt() + largest * BOUND / 3.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::exact::conditional::Cell;

    fn claim(amount: f64, probability: f64, insureds: u64) -> Claim {
        Claim { amounts: vec![(amount, 1.0)], spread: false, cells: vec![Cell { probability, insureds }] }
    }

    /// By hand: two insureds of 100 with probability a half and one of 300 with a third: E S = r·200, Σ p·E X² = 40,000, Σ p²·(E
    /// X)² = 15,000; at the rate 0.6 for certain Var S = 0.6·40,000 − 0.36·15,000, which is 2·0.3·0.7·100² + 0.2·0.8·300².
    #[test]
    fn a_sum_of_independent_insureds_has_the_variance_of_each() {
        let own = Moments { first: 200.0, second: 40_000.0, squares: 15_000.0 };
        let (mean, square) = own.of_sum((0.6, 0.36));
        assert!((mean - 120.0).abs() < 1e-9);
        assert!((square - mean * mean - (2.0 * 2_100.0 + 14_400.0)).abs() < 1e-9, "{square}");
    }

    /// A hundred insureds of 1,000 with probability 0.001, by hand: 100 + √(2·100,000·16) + 1,000·16 ÷ 3. More than seven hits, which are
    /// beyond it, have a binomial probability below e⁻¹⁶; two hits, which would be beyond it without the last term, do not.
    #[test]
    fn a_bound_leaves_next_to_nothing_above_it() {
        let bound = bound(&[claim(1_000.0, 0.001, 100)], &Node::certain(1.0));
        assert!((bound - (100.0 + 3_200_000f64.sqrt() + 16_000.0 / 3.0)).abs() < 1e-9, "{bound}");
        let (mut mass, mut above) = (0.999f64.powi(100), 1.0);
        for hits in 0..=(bound / 1_000.0) as i32 {
            above -= mass;
            mass *= f64::from(100 - hits) / f64::from(hits + 1) * 0.001 / 0.999;
        }
        assert!(above < (-16.0f64).exp(), "{above}");
        // Few insureds can't lose more than all that they have.
        assert_eq!(super::bound(&[claim(1_000.0, 0.9, 2)], &Node::certain(1.0)), 2_000.0);
    }
}
