//! Probabilities that are even between two amounts, put on a grid. The cell of an amount of the grid is half a step to both
//! sides.

use super::aggregate::{Aggregate, Means};
use super::grid::Grid;
use super::law::{Cells, Law};

/// Probabilities on a grid.
pub struct Boxes {
    grid: Grid,
    mass: Vec<f64>,
    /// What each cell has more than the one before it of boxes that cover both.
    rises: Vec<f64>,
    /// Σ amount·probability and Σ amount²·probability beyond the grid's end.
    beyond: (f64, f64),
}

impl Boxes {
    /// None yet.
    pub fn new(grid: Grid) -> Boxes {
        Boxes { grid, mass: vec![0.0; grid.points], rises: vec![0.0; grid.points + 1], beyond: (0.0, 0.0) }
    }

    /// Parts of two laws at the same probabilities, spread evenly in between.
    pub fn law(&mut self, weight: f64, low: &Law, high: &Law, cells: &Cells) {
        let nothing = (low.nothing + high.nothing) / 2.0;
        self.mass[0] += weight * nothing;
        if nothing >= 1.0 {
            return;
        }
        let levels = low.levels.iter().zip(&high.levels).zip(&cells.weights);
        levels.for_each(|((a, b), own)| self.put(*a, *b, weight * (1.0 - nothing) * own));
    }

    /// A probability that is even between two amounts.
    pub fn put(&mut self, a: f64, b: f64, mut weight: f64) {
        let place = |amount: f64| (amount / self.grid.step).max(0.0) + 0.5;
        let (from, mut to) = (place(a.min(b)), place(a.max(b)));
        let end = self.grid.points as f64;
        if to >= end {
            let (low, high) = (from.max(end), to);
            let part = if high > from { weight * (high - low) / (high - from) } else { weight };
            let [low, high] = [low, high].map(|at| (at - 0.5) * self.grid.step);
            self.beyond.0 += part * (low + high) / 2.0;
            self.beyond.1 += part * (low * low + low * high + high * high) / 3.0;
            if from >= end {
                return;
            }
            (weight, to) = (weight - part, end);
        }
        if to - from < 1.0 {
            return self.grid.put(&mut self.mass, ((from + to) / 2.0 - 0.5) * self.grid.step, weight);
        }
        let density = weight / (to - from);
        let (first, last) = (from as usize, to as usize);
        self.mass[first] += density * ((first + 1) as f64 - from);
        self.rises[first + 1] += density;
        self.rises[last] -= density;
        if last < self.mass.len() {
            self.mass[last] += density * (to - last as f64);
        }
    }

    /// Each amount's probability.
    pub fn mass(mut self) -> Vec<f64> {
        self.settle();
        self.mass
    }

    fn settle(&mut self) {
        let mut even = 0.0;
        for (mass, rise) in self.mass.iter_mut().zip(&self.rises) {
            even += rise;
            *mass = (*mass + even).max(0.0);
        }
    }

    /// All of it as a distribution, whose exact mean and probability of no loss are told.
    pub fn aggregate(mut self, exact: f64, nothing: f64) -> Aggregate {
        self.settle();
        let within: f64 = self.mass.iter().enumerate().map(|(j, mass)| j as f64 * mass).sum::<f64>() * self.grid.step;
        let grid = within + self.beyond.0;
        let means = Means { exact, grid, nothing, square_beyond: Some(self.beyond.1) };
        Aggregate::new(self.grid, self.mass, means)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand, steps of 1: from 2 to 4 with probability 0.6 is 0.15 at 2, 0.3 at 3, 0.15 at 4; 0.4 at 6.25 goes to 6 and 7 as 3 to
    /// 1; of what is even from 7 to 11 three quarters less an eighth lie beyond 7½.
    #[test]
    fn boxes_are_cut_at_the_ends_of_cells() {
        let mut boxes = Boxes::new(Grid::new(1.0, 8).unwrap());
        boxes.put(2.0, 4.0, 0.6);
        boxes.put(6.25, 6.25, 0.4);
        boxes.put(11.0, 7.0, 0.8);
        let own = boxes.aggregate(0.0, 0.0);
        for (amount, upto) in [(1.0, 0.0), (2.0, 0.15), (3.0, 0.45), (4.0, 0.6), (6.0, 0.9), (7.0, 1.1)] {
            assert!((own.cdf(amount).min(1.0) - f64::min(upto, 1.0)).abs() < 1e-12, "{amount}: {}", own.cdf(amount));
        }
        // 2·0.15 + 3·0.3 + 4·0.15 + 6.25·0.4 + 7·0.1 + 9.25·0.7.
        assert!((own.mean_on_grid() - 11.475).abs() < 1e-12, "{}", own.mean_on_grid());
    }

    /// By hand, a grid that ends at 3: nought with a half and 10 with a half have the mean 5 and the standard deviation 5, though the 10
    /// is beyond the grid.
    #[test]
    fn the_spread_has_what_lies_beyond_the_grid() {
        let mut boxes = Boxes::new(Grid::new(1.0, 4).unwrap());
        boxes.put(0.0, 0.0, 0.5);
        boxes.put(10.0, 10.0, 0.5);
        let own = boxes.aggregate(5.0, 0.5);
        assert!((own.standard_deviation() - 5.0).abs() < 1e-9, "{}", own.standard_deviation());
    }
}
