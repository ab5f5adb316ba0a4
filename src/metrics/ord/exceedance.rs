//! EPT and PSEPT: exceedance curves over all samples, and of each.

use super::columns::SUMMARY;
use crate::metrics::curve::Curve;
use crate::money::Cents;
use crate::table::{Cell, Column, Kind, Record, Table, column};

const TYPE: Column = column("EPType", Kind::Integer32, "", true, "1 OEP, 2 TVaR of OEP, 3 AEP, 4 TVaR of AEP");
const PERIOD: Column = column("ReturnPeriod", Kind::Number, "periods", true, "Return period");
const LOSS: Column = column("Loss", Kind::Number, "currency of the losses", true, "Loss, or mean loss beyond");

/// The exceedance probability table.
pub const EPT: Table = Table {
    name: "EPT",
    meaning: "Open Results Data: exceedance probability table.",
    columns: &[
        SUMMARY,
        column(
            "EPCalc",
            Kind::Integer32,
            "",
            true,
            "2 full uncertainty: samples are more periods; 3 mean of the samples' curves; 4 curve of the mean over samples",
        ),
        TYPE,
        PERIOD,
        LOSS,
    ],
};

/// The per-sample exceedance probability table.
pub const PSEPT: Table = Table {
    name: "PSEPT",
    meaning: "Open Results Data: exceedance probability table of each sample.",
    columns: &[SUMMARY, column("SampleId", Kind::Integer32, "", true, "Counted from 1"), TYPE, PERIOD, LOSS],
};

const NAMED_TYPE: Column = column("EPType", Kind::Text, "", true, "OEP, TVAR_OEP, AEP or TVAR_AEP");

/// The exceedance probability table of version 2.
pub const EPT_2: Table = Table {
    name: "EPT of version 2",
    meaning: "Open Results Data, version 2: exceedance probability table.",
    columns: &[
        SUMMARY,
        column(
            "EPMethod",
            Kind::Text,
            "",
            true,
            "S_FULL full uncertainty: samples are more periods; S_PSMN mean of the samples' curves; S_MEAN curve of the mean over samples",
        ),
        NAMED_TYPE,
        PERIOD,
        LOSS,
    ],
};

/// The per-sample exceedance probability table of version 2.
pub const PSEPT_2: Table = Table {
    name: "PSEPT of version 2",
    meaning: "Open Results Data, version 2: exceedance probability table of each sample.",
    columns: &[SUMMARY, column("SampleId", Kind::Integer32, "", true, "Counted from 1"), NAMED_TYPE, PERIOD, LOSS],
};

/// A row of the EPT.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exceedance {
    /// SummaryId.
    pub summary: u32,
    /// EPCalc.
    pub calculation: u8,
    /// EPType.
    pub kind: u8,
    /// ReturnPeriod.
    pub return_period: f64,
    /// Loss.
    pub loss: f64,
}

/// A row of the PSEPT.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleExceedance {
    /// SummaryId.
    pub summary: u32,
    /// SampleId.
    pub sample: u32,
    /// EPType.
    pub kind: u8,
    /// ReturnPeriod.
    pub return_period: f64,
    /// Loss.
    pub loss: f64,
}

/// The EPT of one summary. `sums` and `largest` have one entry a period, sample after sample; rows go from the longest
/// return period to the shortest, without those that the periods are too few for.
///
/// Full uncertainty ranks periods × samples. The per-sample mean ranks each sample's periods and takes the mean over samples
/// at each rank; the sample mean takes the mean over samples in each period, and ranks those.
pub fn ept(summary: u32, sums: &[Cents], largest: &[Cents], samples: usize, return_periods: &[f64]) -> Vec<Exceedance> {
    let periods = sums.len() / samples.max(1);
    let mut rows = Vec::new();
    for calculation in [2, 3, 4] {
        for (first, losses) in [(1, largest), (3, sums)] {
            let (curve, divisor) = match calculation {
                2 => (Curve::new(losses), 1.0),
                3 => (Curve::new(&ranked(losses, periods)), samples as f64),
                _ => (Curve::new(&summed(losses.chunks_exact(periods.max(1)), periods)), samples as f64),
            };
            rows.extend(points(&curve, first, return_periods).map(|(kind, return_period, loss)| Exceedance {
                summary,
                calculation,
                kind,
                return_period,
                loss: loss / divisor,
            }));
        }
    }
    rows
}

/// The PSEPT of one summary; arguments as of [`ept`].
pub fn psept(
    summary: u32,
    sums: &[Cents],
    largest: &[Cents],
    samples: usize,
    return_periods: &[f64],
) -> Vec<SampleExceedance> {
    let periods = (sums.len() / samples.max(1)).max(1);
    let mut rows = Vec::new();
    for (first, losses) in [(1, largest), (3, sums)] {
        for (own, sample) in losses.chunks_exact(periods).zip(1..) {
            let points: Vec<_> = points(&Curve::new(own), first, return_periods).collect();
            rows.extend(points.into_iter().map(|(kind, return_period, loss)| SampleExceedance {
                summary,
                sample,
                kind,
                return_period,
                loss,
            }));
        }
    }
    rows
}

/// (EPType, return period, loss) of a curve, its losses first.
fn points(curve: &Curve, kind: u8, return_periods: &[f64]) -> impl Iterator<Item = (u8, f64, f64)> + use<> {
    let mut falling = return_periods.to_vec();
    falling.sort_by(|a, b| b.total_cmp(a));
    falling.dedup();
    let points = curve.points(&falling);
    let losses: Vec<_> = points.iter().map(|p| (kind, p.return_period, p.loss)).collect();
    losses.into_iter().chain(points.into_iter().map(move |p| (kind + 1, p.return_period, p.tail.value)))
}

/// The sum over samples at each rank.
fn ranked(losses: &[Cents], periods: usize) -> Vec<Cents> {
    let mut sorted = losses.to_vec();
    sorted.chunks_exact_mut(periods.max(1)).for_each(|sample| sample.sort_unstable_by(|a, b| b.cmp(a)));
    summed(sorted.chunks_exact(periods.max(1)), periods)
}

fn summed<'a>(samples: impl Iterator<Item = &'a [Cents]>, periods: usize) -> Vec<Cents> {
    let mut sums = vec![Cents::ZERO; periods];
    samples.for_each(|sample| sums.iter_mut().zip(sample).for_each(|(sum, loss)| *sum += *loss));
    sums
}

impl Record for Exceedance {
    const TABLE: Table = EPT;

    fn cells(&self) -> Vec<Cell> {
        let codes = [self.summary.into(), self.calculation.into(), self.kind.into()].map(Cell::Integer);
        codes.into_iter().chain([self.return_period, self.loss].map(Cell::Number)).collect()
    }
}

impl Record for SampleExceedance {
    const TABLE: Table = PSEPT;

    fn cells(&self) -> Vec<Cell> {
        let codes = [self.summary.into(), self.sample.into(), self.kind.into()].map(Cell::Integer);
        codes.into_iter().chain([self.return_period, self.loss].map(Cell::Number)).collect()
    }
}

/// The same row with the codes of version 2: text in the place of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coded<T>(pub T);

/// EPMethod of an EPCalc.
fn method(calculation: u8) -> &'static str {
    ["A_MEAN", "S_FULL", "S_PSMN", "S_MEAN"][usize::from(calculation.clamp(1, 4) - 1)]
}

/// EPType as version 2 has it.
fn kind_name(kind: u8) -> &'static str {
    ["OEP", "TVAR_OEP", "AEP", "TVAR_AEP"][usize::from(kind.clamp(1, 4) - 1)]
}

impl Record for Coded<Exceedance> {
    const TABLE: Table = EPT_2;

    fn cells(&self) -> Vec<Cell> {
        let Exceedance { summary, calculation, kind, return_period, loss } = self.0;
        let codes = [Cell::Integer(summary.into()), Cell::text(method(calculation)), Cell::text(kind_name(kind))];
        codes.into_iter().chain([return_period, loss].map(Cell::Number)).collect()
    }
}

impl Record for Coded<SampleExceedance> {
    const TABLE: Table = PSEPT_2;

    fn cells(&self) -> Vec<Cell> {
        let SampleExceedance { summary, sample, kind, return_period, loss } = self.0;
        let codes = [Cell::Integer(summary.into()), Cell::Integer(sample.into()), Cell::text(kind_name(kind))];
        codes.into_iter().chain([return_period, loss].map(Cell::Number)).collect()
    }
}
