//! A law that moves with the hours of an outage, swept over all of them: the law of the mixture on a grid.

use super::aggregate::Aggregate;
use super::boxes::Boxes;
use super::grid::Grid;
use super::law::{Cells, Law};
use super::panel::{Hours, Panel, between};
use crate::fault::Failure;

/// Width of the steps in which a panel is swept, of the normal variable.
const STEP: f64 = 0.01;

/// Probability of what the grid leaves beyond its end.
const BEYOND: f64 = 1e-5;

/// Panels with the laws at their hours.
pub struct Moving<'a> {
    /// The hours' own law.
    pub hours: Hours,
    /// In order.
    pub panels: &'a [Panel],
    /// Each panel's three laws.
    pub laws: Vec<[&'a Law; 3]>,
    /// Cells of the laws.
    pub cells: &'a Cells,
}

impl Moving<'_> {
    /// The mixture on a grid of so many points; its exact mean and probability of no loss are told.
    ///
    /// Within a step of the hours what a cell of probability loses moves evenly from its value at the one end to that at the
    /// other, so that the cell's probability is spread evenly in between.
    ///
    /// # Errors
    /// When amounts are beyond any grid.
    pub fn mixture(&self, points: usize, mean: f64, nothing: f64) -> Result<Aggregate, Failure> {
        let end = self.end().max(0.01);
        let mut boxes = Boxes::new(Grid::new(end / (points - 1) as f64, points)?);
        for (panel, laws) in self.panels.iter().zip(&self.laws) {
            let (from, to) = panel.ends;
            let steps = ((to - from) / STEP).ceil().max(1.0) as usize;
            let z = |step: usize| from + (to - from) * step as f64 / steps as f64;
            let law = |step: usize| {
                let hours = self.hours.at(z(step)).clamp(panel.hours[0], panel.hours[2]);
                Law::mixed(*laws, panel.parts(hours))
            };
            let mut low = law(0);
            for step in 0..steps {
                let high = law(step + 1);
                let weight = between(z(step), z(step + 1));
                boxes.law(weight, &low, &high, self.cells);
                low = high;
            }
        }
        Ok(boxes.aggregate(mean, nothing))
    }

    /// Where the grid ends: by the laws in the middle of panels, and at their upper ends.
    fn end(&self) -> f64 {
        let highest = |laws: &[&Law; 3]| laws[2].levels.last().copied().unwrap_or(0.0);
        let above = |amount: f64| {
            let own = |(panel, laws): (&Panel, &[&Law; 3])| {
                if highest(laws) <= amount {
                    return 0.0;
                }
                let from = laws[2].levels.partition_point(|level| *level <= amount);
                let weight = self.cells.weights[from..].iter().sum::<f64>();
                panel.probability() * (1.0 - laws[2].nothing) * weight
            };
            self.panels.iter().zip(&self.laws).map(own).sum::<f64>()
        };
        let (mut low, mut high) = (0.0, self.laws.iter().map(highest).fold(0.0, f64::max));
        for _ in 0..30 {
            let middle = (low + high) / 2.0;
            if above(middle) > BEYOND { low = middle } else { high = middle }
        }
        high
    }
}
