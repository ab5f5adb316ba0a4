//! Columns that several tables of Open Results Data have.

use super::day::{OrdDay, cells};
use crate::table::{Cell, Column, Kind, column};

const OF_LOSSES: &str = "currency of the losses";

pub(super) const PERIOD: Column = column("Period", Kind::Integer32, "", true, "Simulated year");
pub(super) const WEIGHT: Column =
    column("PeriodWeight", Kind::Number, "", true, "Probability of the period: one over their number");
pub(super) const EVENT: Column = column("EventId", Kind::Integer32, "", true, "Event; 0 where none is named");
pub(super) const YEAR: Column = column(
    "Year",
    Kind::Integer32,
    "",
    false,
    "Of the occurrence; the period where losses tell the day of the year and no date",
);
pub(super) const MONTH: Column = column("Month", Kind::Integer32, "", false, "Of the occurrence");
pub(super) const DAY: Column = column("Day", Kind::Integer32, "", false, "Of the month");
pub(super) const HOUR: Column = column("Hour", Kind::Integer32, "", false, "Not told");
pub(super) const MINUTE: Column = column("Minute", Kind::Integer32, "", false, "Not told");
pub(super) const SUMMARY: Column =
    column("SummaryId", Kind::Integer32, "", true, "What the losses are summed over: 1, all losses");
pub(super) const SAMPLE_TYPE: Column = column("SampleType", Kind::Integer32, "", true, "2: sampled");
pub(super) const CHANCE: Column = column("ChanceOfLoss", Kind::Number, "", true, "Share of samples with a loss");
pub(super) const MEAN: Column = column("MeanLoss", Kind::Number, OF_LOSSES, true, "Mean over samples");
pub(super) const DEVIATION: Column =
    column("SDLoss", Kind::Number, OF_LOSSES, true, "Standard deviation over samples (n − 1); 0 of a single one");
pub(super) const MAX: Column = column("MaxLoss", Kind::Money, OF_LOSSES, true, "Largest loss of a sample");
pub(super) const FOOTPRINT: Column = exposure("FootprintExposure");
pub(super) const MEAN_IMPACTED: Column = exposure("MeanImpactedExposure");
pub(super) const MAX_IMPACTED: Column = exposure("MaxImpactedExposure");
pub(super) const QUANTILE: Column =
    column("Quantile", Kind::Number, "", true, "Probability of a loss not above, over samples");
pub(super) const LOSS: Column = column("Loss", Kind::Number, OF_LOSSES, true, "Loss at the quantile");

const fn exposure(name: &'static str) -> Column {
    column(name, Kind::Money, OF_LOSSES, false, "Exposure; blank: not known")
}

/// An occurrence in its period: the first eight columns of SPLT, MPLT and QPLT.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// Period.
    pub period: u32,
    /// PeriodWeight.
    pub weight: f64,
    /// EventId.
    pub event: u32,
    /// Year, Month and Day.
    pub calendar: Option<OrdDay>,
}

impl Placed {
    pub(super) fn cells(&self) -> Vec<Cell> {
        let first = [whole(self.period), Cell::Number(self.weight), whole(self.event)];
        first.into_iter().chain(cells(self.calendar)).collect()
    }
}

pub(super) fn whole(x: u32) -> Cell {
    Cell::Integer(x.into())
}
