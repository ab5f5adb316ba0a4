//! ALT: average loss and its standard deviation.

use crate::metrics::curve::Curve;
use crate::table::{Cell, Kind, Record, Table, column};

/// The average loss table.
pub const ALT: Table = Table {
    name: "ALT",
    meaning: "Open Results Data: average loss table.",
    columns: &[
        column("SummaryId", Kind::Integer32, "", true, "What the losses are summed over"),
        column("SampleType", Kind::Integer32, "", true, "2: sampled"),
        column("MeanLoss", Kind::Number, "currency of the losses", true, "Mean over periods and samples"),
        column("SDLoss", Kind::Number, "currency of the losses", true, "Standard deviation over them (n − 1)"),
    ],
};

/// A row of the ALT.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AverageLoss {
    /// SummaryId.
    pub summary: u32,
    /// MeanLoss.
    pub mean: f64,
    /// SDLoss.
    pub standard_deviation: f64,
}

/// The ALT of one summary, of the curve of its sums over all periods and samples.
pub fn average(summary: u32, aep: &Curve) -> AverageLoss {
    AverageLoss { summary, mean: aep.mean().value, standard_deviation: aep.standard_deviation().value }
}

impl Record for AverageLoss {
    const TABLE: Table = ALT;

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::Integer(self.summary.into()),
            Cell::Integer(2),
            Cell::Number(self.mean),
            Cell::Number(self.standard_deviation),
        ]
    }
}
