//! An even grid of money.

use crate::fault::Failure;

/// Amounts 0, step, 2·step, … in currency units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Distance of neighbours, above nought.
    pub step: f64,
    /// Number of amounts: a power of two.
    pub points: usize,
}

/// The longest grid: a gigabyte for a handful of transforms.
const MOST: usize = 1 << 24;

impl Grid {
    /// A grid with this step.
    ///
    /// # Errors
    /// When the step is not above nought, or the number of points no power of two from 2 to 2²⁴.
    pub fn new(step: f64, points: usize) -> Result<Grid, Failure> {
        if !(step > 0.0 && step.is_finite()) {
            return Err(Failure::new(format!("a grid with steps of {step}")).hint("the step is an amount above nought"));
        }
        if !points.is_power_of_two() || !(2..=MOST).contains(&points) {
            return Err(Failure::new(format!("a grid of {points} points"))
                .hint("the number of points is a power of two, such as 65536, up to 16777216"));
        }
        Ok(Grid { step, points })
    }

    /// The finest grid of that many points that reaches `top` with steps of 1, 2 or 5 times a power of ten.
    ///
    /// # Errors
    /// Those of [`Grid::new`].
    pub fn reaching(top: f64, points: usize) -> Result<Grid, Failure> {
        let least = (top / points.max(1) as f64).max(0.01);
        let decade = libm::pow(10.0, libm::floor(libm::log10(least)));
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|s| s * decade).find(|s| *s >= least * (1.0 - 1e-12));
        Grid::new(step.unwrap_or(least), points)
    }

    /// The last amount.
    pub fn top(&self) -> f64 {
        self.step * (self.points - 1) as f64
    }

    /// Adds `weight` of probability at `amount` to the two neighbours of the grid such that the mean stays; beyond the ends,
    /// to the end.
    pub(super) fn put(&self, mass: &mut [f64], amount: f64, weight: f64) {
        for (at, part) in self.split(amount) {
            if part > 0.0 {
                mass[at] += weight * part;
            }
        }
    }

    /// Adds `weight` of probability that lies evenly between two rising amounts, such that the mean stays. What lies beyond the end
    /// goes to the end, or where `cut` is so nowhere.
    pub(super) fn spread(&self, mass: &mut [f64], (from, to): (f64, f64), weight: f64, cut: bool) {
        let end = (self.points - 1) as f64;
        let (from, to) = (from / self.step, to / self.step);
        if to <= end && to.floor() == from.floor() || from >= end {
            if !cut || to <= end {
                self.put(mass, (from + to) / 2.0 * self.step, weight);
            }
            return;
        }
        let density = weight / (to - from);
        let (last, mut at) = (to.min(end), from);
        while at < last {
            let cell = at.floor();
            let next = (cell + 1.0).min(last);
            let (own, part) = (density * (next - at), (at + next) / 2.0 - cell);
            mass[cell as usize] += own * (1.0 - part);
            mass[cell as usize + 1] += own * part;
            at = next;
        }
        if !cut && to > end {
            mass[self.points - 1] += density * (to - end);
        }
    }

    /// The two neighbours of an amount with each one's part, so that the mean stays.
    pub(super) fn split(&self, amount: f64) -> [(usize, f64); 2] {
        let at = (amount / self.step).clamp(0.0, (self.points - 1) as f64);
        let (low, part) = (at.floor() as usize, at - at.floor());
        [(low, 1.0 - part), (low + 1, part)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_reaches_its_top_with_round_steps() {
        let grid = Grid::reaching(10e6, 65_536).unwrap();
        assert_eq!(grid.step, 200.0);
        assert!(grid.top() >= 10e6);
        assert!(Grid::new(0.0, 8).is_err() && Grid::new(1.0, 12).is_err());
    }

    /// By hand, steps of 1: 0.8 even from ½ to 2½ is 0.4 a step. Of the half step to 1 a quarter goes to nought on average, of the one to 2
    /// a half to each end, of the last a quarter to 3. Of 0.6 even from 6 to 9, of seven amounts above nought, two thirds lie beyond.
    #[test]
    fn what_is_even_between_amounts_keeps_its_mean() {
        let grid = Grid::new(1.0, 8).unwrap();
        let spread = |ends, weight, cut| {
            let mut mass = vec![0.0; 8];
            grid.spread(&mut mass, ends, weight, cut);
            mass
        };
        let near = |own: Vec<f64>, expected: [f64; 8]| {
            assert!(own.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{own:?}");
        };
        near(spread((0.5, 2.5), 0.8, true), [0.05, 0.35, 0.35, 0.05, 0.0, 0.0, 0.0, 0.0]);
        near(spread((6.0, 9.0), 0.6, true), [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.1]);
        near(spread((6.0, 9.0), 0.6, false), [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.5]);
        near(spread((2.25, 2.75), 0.4, true), [0.0, 0.0, 0.2, 0.2, 0.0, 0.0, 0.0, 0.0]);
        near(spread((3.0, 3.0), 0.4, true), [0.0, 0.0, 0.0, 0.4, 0.0, 0.0, 0.0, 0.0]);
        near(spread((8.0, 8.0), 0.4, true), [0.0; 8]);
    }
}
