//! The figures of a perspective as a plain table.

use serde::Serialize;

use super::curve::{Curve, Point};
use super::estimate::{Estimate, Share};
use crate::random::normal;
use crate::table::{Cell, Column, Kind, Record, Table, column};

/// The table of figures.
pub const METRICS: Table = Table {
    name: "metrics",
    meaning: "Figures of simulated years, one row a figure, each with its sampling error. Several samples of the same years count as more years for the figures, not for their errors: these take the samples of a year together.",
    columns: &[
        column("perspective", Kind::Text, "", true, "ground_up, gross or net; ceded: and the name of a treaty"),
        FIGURE[0],
        FIGURE[1],
        FIGURE[2],
        FIGURE[3],
        FIGURE[4],
        FIGURE[5],
    ],
};

/// The columns of a figure.
pub(super) const FIGURE: [Column; 6] = [
    column(
        "kind",
        Kind::Text,
        "",
        true,
        "aal, standard_deviation, probability_of_loss; aep and oep (loss at the return period: of the year's sum, of its largest occurrence), aep_tvar and oep_tvar (mean beyond it); of a treaty also reinstatement_premium, ceded_less_premium, probability_of_attaching and probability_of_exhausting in a year; where a run with parameters at their estimates is given, aal_at_estimates, process_variance, total_variance and parameter_variance",
    ),
    column("return_period", Kind::Number, "years", false, "Of a point of a curve"),
    column("value", Kind::Number, "currency of the losses", true, "The figure; a probability as a share"),
    column(
        "standard_error",
        Kind::Number,
        "currency of the losses",
        false,
        "Sampling error; blank where the interval alone tells (a loss at a return period, a probability of 0 or 1) or the years are too few",
    ),
    column(
        "low",
        Kind::Number,
        "currency of the losses",
        false,
        "Lower end of the 95 % interval: order statistics for a loss at a return period, Wilson's for a probability, else 1.96 standard errors below",
    ),
    column(
        "high",
        Kind::Number,
        "currency of the losses",
        false,
        "Upper end; blank where the years are too few to tell",
    ),
];

/// One figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// Perspective.
    pub perspective: String,
    /// Kind.
    pub kind: &'static str,
    /// Return period, in years.
    pub return_period: Option<f64>,
    /// Value.
    pub value: f64,
    /// Standard error.
    pub standard_error: Option<f64>,
    /// Lower end of the 95 % interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

impl Figure {
    /// A figure that is never below nought, as losses are; its interval is that of the normal distribution, cut there.
    pub fn of(perspective: &str, kind: &'static str, return_period: Option<f64>, estimate: Estimate) -> Figure {
        let own = Figure::signed(perspective, kind, return_period, estimate);
        Figure { low: own.low.map(|low| low.max(0.0)), ..own }
    }

    /// A share of years, with its own interval.
    pub fn of_share(perspective: &str, kind: &'static str, share: Share) -> Figure {
        let own = Figure::signed(perspective, kind, None, share.estimate());
        Figure { low: Some(share.low), high: Some(share.high), ..own }
    }

    /// A figure that may be below nought, as a difference is.
    pub fn signed(perspective: &str, kind: &'static str, return_period: Option<f64>, estimate: Estimate) -> Figure {
        let half = estimate.standard_error.map(|error| normal::quantile(0.975) * error);
        Figure {
            perspective: perspective.to_string(),
            kind,
            return_period,
            value: estimate.value,
            standard_error: estimate.standard_error,
            low: half.map(|half| estimate.value - half),
            high: half.map(|half| estimate.value + half),
        }
    }
}

/// The figures of a perspective: average, spread, and both curves with their tails at those return periods that the years
/// are enough for.
pub fn figures(perspective: &str, aep: &Curve, oep: &Curve, return_periods: &[f64]) -> Vec<Figure> {
    let mut figures = figures_of(perspective, aep, return_periods);
    figures.extend(points(perspective, oep, ["oep", "oep_tvar"], return_periods));
    figures
}

/// The same of the year's sums alone.
pub(super) fn figures_of(perspective: &str, aep: &Curve, return_periods: &[f64]) -> Vec<Figure> {
    let mut figures = vec![
        Figure::of(perspective, "aal", None, aep.mean()),
        Figure::of(perspective, "standard_deviation", None, aep.standard_deviation()),
        Figure::of_share(perspective, "probability_of_loss", aep.probability_of_loss()),
    ];
    figures.extend(points(perspective, aep, ["aep", "aep_tvar"], return_periods));
    figures
}

/// A curve at return periods: the loss, and the mean beyond it.
fn points(perspective: &str, curve: &Curve, [loss, tail]: [&'static str; 2], return_periods: &[f64]) -> Vec<Figure> {
    let both = |point: Point| {
        let period = Some(point.return_period);
        let loss = Figure {
            perspective: perspective.to_string(),
            kind: loss,
            return_period: period,
            value: point.loss,
            standard_error: None,
            low: Some(point.low),
            high: point.high,
        };
        [loss, Figure::of(perspective, tail, period, point.tail)]
    };
    curve.points(return_periods).into_iter().flat_map(both).collect()
}

impl Record for Figure {
    const TABLE: Table = METRICS;

    fn cells(&self) -> Vec<Cell> {
        [Cell::text(&self.perspective)].into_iter().chain(self.numbers()).collect()
    }
}

impl Figure {
    /// The cells of [`FIGURE`].
    pub(super) fn numbers(&self) -> impl Iterator<Item = Cell> {
        let number = |x: Option<f64>| x.map_or(Cell::Null, Cell::Number);
        let figures = [self.return_period, Some(self.value), self.standard_error, self.low, self.high].map(number);
        [Cell::text(self.kind)].into_iter().chain(figures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 1 ± 1.96 · 10; what can't be below nought ends there.
    #[test]
    fn only_a_figure_that_cannot_be_negative_ends_at_nought() {
        let estimate = Estimate { value: 1.0, standard_error: Some(10.0) };
        let lows = [Figure::of, Figure::signed].map(|of| of("net", "any", None, estimate).low.unwrap());
        assert!(lows[0] == 0.0 && (lows[1] + 18.599_639_845_4).abs() < 1e-9, "{lows:?}");
        assert_eq!(Figure::of("net", "any", None, estimate).high, Figure::signed("net", "any", None, estimate).high);
    }
}
