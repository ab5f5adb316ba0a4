//! QELT and QPLT: quantiles of the samples of an event, and of an occurrence.

use super::columns::{DAY, EVENT, HOUR, LOSS, MINUTE, MONTH, PERIOD, Placed, QUANTILE, SUMMARY, WEIGHT, YEAR, whole};
use crate::money::Cents;
use crate::table::{Cell, Record, Table};

/// The quantile event loss table.
pub const QELT: Table = Table {
    name: "QELT",
    meaning: "Open Results Data: quantile event loss table. Samples are those of every occurrence of the event, also those without a loss.",
    columns: &[EVENT, SUMMARY, QUANTILE, LOSS],
};

/// The quantile period loss table.
pub const QPLT: Table = Table {
    name: "QPLT",
    meaning: "Open Results Data: quantile period loss table, of occurrences with a loss in some sample.",
    columns: &[PERIOD, WEIGHT, EVENT, YEAR, MONTH, DAY, HOUR, MINUTE, SUMMARY, QUANTILE, LOSS],
};

/// A row of the QELT.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EventQuantile {
    /// EventId.
    pub event: u32,
    /// SummaryId.
    pub summary: u32,
    /// Quantile.
    pub quantile: f64,
    /// Loss.
    pub loss: f64,
}

/// A row of the QPLT.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeriodQuantile {
    /// Period, PeriodWeight, EventId and calendar.
    pub placed: Placed,
    /// SummaryId.
    pub summary: u32,
    /// Quantile.
    pub quantile: f64,
    /// Loss.
    pub loss: f64,
}

/// The loss in currency units at each quantile q of `count` samples, of which these have a loss, the smallest first: with
/// x₁ ≤ … ≤ xₙ the position is h = q·(n − 1) + 1, and the loss is linear between the ranks ⌊h⌋ and ⌊h⌋ + 1 (`eltpy` and `pltpy` of
/// oasislmf, `eltcalc` of ktools). The worked example *SELT_MELT_QELT* of Open Results Data has h = q·(n + 1), which has no value
/// near 0 and 1; the tools that read and write these tables are followed.
pub fn quantiles_of(rising: &[Cents], count: usize, quantiles: &[f64]) -> Vec<f64> {
    let none = count.saturating_sub(rising.len());
    let ranked = |rank: usize| rank.checked_sub(none).and_then(|at| rising.get(at)).map_or(0.0, |loss| loss.units());
    let last = (none + rising.len()).saturating_sub(1);
    let at = |q: &f64| {
        let position = q.clamp(0.0, 1.0) * last as f64;
        let below = position.floor() as usize;
        let (low, high) = (ranked(below), ranked((below + 1).min(last)));
        low + (high - low) * (position - position.floor())
    };
    quantiles.iter().map(at).collect()
}

impl Record for EventQuantile {
    const TABLE: Table = QELT;

    fn cells(&self) -> Vec<Cell> {
        vec![whole(self.event), whole(self.summary), Cell::Number(self.quantile), Cell::Number(self.loss)]
    }
}

impl Record for PeriodQuantile {
    const TABLE: Table = QPLT;

    fn cells(&self) -> Vec<Cell> {
        let rest = [whole(self.summary), Cell::Number(self.quantile), Cell::Number(self.loss)];
        self.placed.cells().into_iter().chain(rest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ten samples of event 1 of Open Results Data's worked example. By hand: at 0.1 the position is 1.9, 76,973.45 + 0.9 ·
    /// 53,971.88; at 0.2 it is 2.8, 130,945.33 + 0.8 · 35,428.33; the median is the same by either rule.
    #[test]
    fn quantiles_lie_between_ranks() {
        let mut samples =
            [13094533, 73511275, 48315088, 16637366, 36271250, 7697345, 17867875, 57593338, 21451625, 26525012]
                .map(Cents);
        samples.sort();
        let expected = [76_973.45, 125_548.142, 159_287.994, 239_883.185, 735_112.75];
        let found = quantiles_of(&samples, 10, &[0.0, 0.1, 0.2, 0.5, 1.0]);
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }

    /// Of five samples three have a loss: 0, 0, 10, 20, 40.
    #[test]
    fn samples_without_a_loss_are_the_smallest() {
        let found = quantiles_of(&[Cents(1_000), Cents(2_000), Cents(4_000)], 5, &[0.0, 0.25, 0.375, 0.5, 0.875, 1.0]);
        assert_eq!(found, [0.0, 0.0, 5.0, 10.0, 30.0, 40.0]);
        assert_eq!(quantiles_of(&[Cents(700)], 1, &[0.0, 0.3, 1.0]), [7.0; 3]);
        assert_eq!(quantiles_of(&[], 0, &[0.5]), [0.0]);
    }
}
