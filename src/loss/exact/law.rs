//! The law of a sum as the probability of no loss and the mean loss in each of some cells of probability, given that there is
//! one.
//!
//! Laws of neighbouring hours of an outage are interpolated loss by loss: what a book loses with one probability moves
//! smoothly with the hours, whereas probabilities of one amount jump wherever the loss is nearly certain given the hours. For a
//! family that differs in location and scale alone the interpolation of quantiles is exact (W. Gilchrist: *Statistical
//! Modelling with Quantile Functions*, 2000, section 3.2; of two laws it is the displacement interpolation of R. J. McCann,
//! *A convexity principle for interacting gases*, Advances in Mathematics 128, 1997).

use super::conditional::Conditional;

/// Cells of probability, from the least loss on: even up to one half, above it the upper tail halved again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct Cells {
    /// Each cell's probability; they add up to one.
    pub weights: Vec<f64>,
}

/// Halvings of the upper tail.
const HALVINGS: i32 = 14;

impl Cells {
    /// Each halving in `count` cells, the lower half in six times as many.
    pub fn new(count: usize) -> Cells {
        let part = |share: f64, count: usize| std::iter::repeat_n(share / count as f64, count);
        let halving = |n: i32| part(0.5f64.powi(n.min(HALVINGS)), count);
        Cells { weights: part(0.5, 6 * count).chain((2..=HALVINGS + 1).flat_map(halving)).collect() }
    }
}

/// A law of losses.
#[derive(Clone, Debug, PartialEq)]
pub struct Law {
    /// P(no loss).
    pub nothing: f64,
    /// Mean loss in each cell of probability, given that there is a loss, in currency units; rising.
    pub levels: Vec<f64>,
}

/// Probability of a loss below which there is none.
const NONE: f64 = 1e-14;

impl Law {
    /// No loss.
    pub fn nothing(cells: &Cells) -> Law {
        Law { nothing: 1.0, levels: vec![0.0; cells.weights.len()] }
    }

    /// Of a sum on its grid; what each amount of the grid has is spread half a step to both sides.
    pub fn of(sum: &Conditional, cells: &Cells) -> Law {
        let first = (sum.mass[0] - sum.nothing).max(0.0);
        let whole = first + sum.mass[1..].iter().sum::<f64>();
        if whole <= NONE {
            return Law::nothing(cells);
        }
        let step = sum.grid.step;
        let other = |(j, mass): (usize, &f64)| ((j as f64 + 0.5) * step, (j as f64 + 1.5) * step, mass / whole);
        let pieces =
            std::iter::once((0.0, step / 2.0, first / whole)).chain(sum.mass[1..].iter().enumerate().map(other));
        Law { nothing: sum.nothing.clamp(0.0, 1.0), levels: levels(pieces, &cells.weights) }
    }

    /// Of so many times the loss.
    pub fn scaled(&self, by: f64) -> Law {
        Law { nothing: self.nothing, levels: self.levels.iter().map(|level| level * by).collect() }
    }

    /// Parts of three laws.
    pub fn mixed(laws: [&Law; 3], parts: [f64; 3]) -> Law {
        let [a, b, c] = laws;
        let of = |x: f64, y: f64, z: f64| parts[0] * x + parts[1] * y + parts[2] * z;
        let levels = a.levels.iter().zip(&b.levels).zip(&c.levels).map(|((x, y), z)| of(*x, *y, *z));
        Law { nothing: of(a.nothing, b.nothing, c.nothing).clamp(0.0, 1.0), levels: levels.collect() }
    }

    /// The mean.
    pub fn mean(&self, cells: &Cells) -> f64 {
        let given = cells.weights.iter().zip(&self.levels).map(|(weight, level)| weight * level).sum::<f64>();
        (1.0 - self.nothing) * given
    }

    /// By how much losses differ at the same probability, on average: about Wasserstein's distance.
    pub fn distance(&self, other: &Law, cells: &Cells) -> f64 {
        let (own, others) = (1.0 - self.nothing, 1.0 - other.nothing);
        let pairs = self.levels.iter().zip(&other.levels).zip(&cells.weights);
        let moved = pairs.map(|((a, b), weight)| weight * (a - b).abs()).sum::<f64>() * own.max(others);
        let mean = |law: &Law| law.levels.iter().zip(&cells.weights).map(|(level, weight)| level * weight).sum::<f64>();
        moved + (own - others).abs() * mean(self).max(mean(other))
    }
}

/// Means in cells of these weights of a law that is even on each of some rising pieces (from, to, probability).
fn levels(pieces: impl Iterator<Item = (f64, f64, f64)>, weights: &[f64]) -> Vec<f64> {
    let mut levels = Vec::with_capacity(weights.len());
    let (mut filled, mut sum, mut highest) = (0.0, 0.0, 0.0);
    for (from, to, mass) in pieces.filter(|(_, _, mass)| *mass > 0.0) {
        let (mut at, mut left) = (from, mass);
        while left > 0.0 {
            let room = if levels.len() + 1 < weights.len() { weights[levels.len()] - filled } else { f64::INFINITY };
            let take = left.min(room);
            let next = at + (to - from) * take / mass;
            (filled, sum) = (filled + take, sum + take * (at + next) / 2.0);
            (at, left) = (next, if take < left { left - take } else { 0.0 });
            if take >= room {
                levels.push(sum / filled);
                (filled, sum) = (0.0, 0.0);
            }
        }
        highest = to;
    }
    if filled > 0.0 {
        levels.push(sum / filled);
    }
    levels.resize(weights.len(), highest);
    levels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::exact::grid::Grid;

    /// Even on (0, 1): the mean of a cell is its middle.
    #[test]
    fn cells_of_an_even_law_have_their_middles() {
        let cells = Cells::new(8);
        assert!((cells.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let pieces = (0..10).map(|j| (f64::from(j) / 10.0, f64::from(j + 1) / 10.0, 0.1));
        let mut upto = 0.0;
        for (level, weight) in levels(pieces, &cells.weights).iter().zip(&cells.weights) {
            assert!((level - upto - weight / 2.0).abs() < 1e-12);
            upto += weight;
        }
    }

    /// The mean of the sum stays, and no loss is told apart from a small one.
    #[test]
    fn a_law_keeps_the_mean_and_what_is_no_loss() {
        let grid = Grid::new(100.0, 8).unwrap();
        let mass = vec![0.4, 0.1, 0.2, 0.0, 0.0, 0.3, 0.0, 0.0];
        let sum = Conditional { grid, mass, nothing: 0.35, mean: 200.0 };
        let cells = Cells::new(16);
        let law = Law::of(&sum, &cells);
        assert_eq!(law.nothing, 0.35);
        // 0.05 of small losses lie below half a step, at 25 on average.
        assert!((law.mean(&cells) - 201.25).abs() < 1e-9, "{}", law.mean(&cells));
        assert!(law.levels.windows(2).all(|w| w[0] <= w[1]));
        let twice = law.scaled(2.0);
        let middle = Law::mixed([&law, &law, &twice], [0.25, 0.25, 0.5]);
        assert!((middle.mean(&cells) - 1.5 * 201.25).abs() < 1e-9);
        assert!((law.distance(&twice, &cells) - 201.25).abs() < 1e-9);
    }

    /// By hand: none with 0.2 and always 10, none with 0.5 and always 20: at the same probability losses differ by 10 where there
    /// are some in one of them, 0.8, and a loss of 20 is there with 0.3 more.
    #[test]
    fn laws_that_differ_in_whether_there_is_a_loss_are_apart_by_it() {
        let cells = Cells::new(4);
        let law = |nothing: f64, level: f64| Law { nothing, levels: vec![level; cells.weights.len()] };
        let (often, large) = (law(0.2, 10.0), law(0.5, 20.0));
        assert!((often.distance(&large, &cells) - (0.8 * 10.0 + 0.3 * 20.0)).abs() < 1e-12);
        assert!((law(0.2, 10.0).distance(&law(0.5, 10.0), &cells) - 3.0).abs() < 1e-12);
    }

    /// By hand: a quarter of 0.2, a quarter of 0.5 and a half of 0.6.
    #[test]
    fn the_probability_of_no_loss_is_mixed_as_losses_are() {
        let cells = Cells::new(4);
        let law = |nothing: f64| Law { nothing, ..Law::nothing(&cells) };
        let mixed = Law::mixed([&law(0.2), &law(0.5), &law(0.6)], [0.25, 0.25, 0.5]);
        assert!((mixed.nothing - 0.475).abs() < 1e-12, "{}", mixed.nothing);
    }
}
