//! Exact figures as a plain table.

use super::event::{ExactLoss, ExactLosses, WithError};
use crate::table::{Cell, Kind, Record, Table, column};

/// The table of exact figures.
pub const EXACT: Table = Table {
    name: "exact",
    meaning: "Losses of one occurrence of the event worked out without sampling, one row a figure, each with the error that the grid of amounts and the nodes of shared factors make.",
    columns: &[
        column("perspective", Kind::Text, "", true, "ground_up or gross"),
        column(
            "kind",
            Kind::Text,
            "",
            true,
            "mean, standard_deviation, probability_of_no_loss; aep (loss at the return period; as there is one occurrence, also its OEP), aep_tvar (mean beyond it); probability_beyond_grid",
        ),
        column("return_period", Kind::Number, "occurrences", false, "Of a point of the curve"),
        column("value", Kind::Number, "reporting currency", true, "The figure; a probability as a share"),
        column(
            "error",
            Kind::Number,
            "reporting currency",
            true,
            "How far off it may be: the difference to a coarser computation, of mean and standard deviation also that of the grid and the integral; of a loss above nought at least one step of the grid",
        ),
    ],
};

/// Return periods of the table.
pub const RETURN_PERIODS: [f64; 11] = [2.0, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0, 200.0, 250.0, 500.0, 1_000.0];

/// One figure.
#[derive(Clone, Debug, PartialEq)]
pub struct ExactFigure {
    /// Perspective.
    pub perspective: &'static str,
    /// Kind.
    pub kind: &'static str,
    /// Return period, in occurrences.
    pub return_period: Option<f64>,
    /// The figure.
    pub figure: WithError,
}

impl ExactLosses {
    /// The rows of the table.
    pub fn figures(&self) -> Vec<ExactFigure> {
        [("ground_up", &self.ground_up), ("gross", &self.gross)].into_iter().flat_map(of).collect()
    }
}

fn of((perspective, loss): (&'static str, &ExactLoss)) -> Vec<ExactFigure> {
    let figure = |kind, return_period, figure| ExactFigure { perspective, kind, return_period, figure };
    let mut figures = vec![
        figure("mean", None, loss.mean()),
        figure("standard_deviation", None, loss.standard_deviation()),
        figure("probability_of_no_loss", None, loss.probability_of_nothing()),
    ];
    for period in RETURN_PERIODS {
        let (at, tail) = loss.at(period);
        figures.push(figure("aep", Some(period), at));
        figures.push(figure("aep_tvar", Some(period), tail));
    }
    let beyond = WithError { value: loss.aggregate.beyond(), error: 0.0 };
    figures.push(figure("probability_beyond_grid", None, beyond));
    figures
}

impl Record for ExactFigure {
    const TABLE: Table = EXACT;

    fn cells(&self) -> Vec<Cell> {
        let WithError { value, error } = self.figure;
        vec![
            Cell::text(self.perspective),
            Cell::text(self.kind),
            self.return_period.map_or(Cell::Null, Cell::Number),
            Cell::Number(value),
            Cell::Number(error),
        ]
    }
}
