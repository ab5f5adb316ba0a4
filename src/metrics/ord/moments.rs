//! MELT and MPLT: mean, spread and largest of the samples of an event, and of an occurrence.

use super::columns::{
    CHANCE, DAY, DEVIATION, EVENT, FOOTPRINT, HOUR, MAX, MAX_IMPACTED, MEAN, MEAN_IMPACTED, MINUTE, MONTH, PERIOD,
    Placed, SAMPLE_TYPE, SUMMARY, WEIGHT, YEAR, whole,
};
use crate::money::Cents;
use crate::table::{Cell, Kind, Record, Table, column};

/// The moment event loss table.
pub const MELT: Table = Table {
    name: "MELT",
    meaning: "Open Results Data: moment event loss table. Samples are those of every occurrence of the event, also those without a loss: the sum of EventRate · MeanLoss is the average annual loss of named events.",
    columns: &[
        EVENT,
        SUMMARY,
        SAMPLE_TYPE,
        column("EventRate", Kind::Number, "a period", true, "Occurrences of the event over periods"),
        CHANCE,
        MEAN,
        DEVIATION,
        MAX,
        FOOTPRINT,
        MEAN_IMPACTED,
        MAX_IMPACTED,
    ],
};

/// The moment period loss table.
pub const MPLT: Table = Table {
    name: "MPLT",
    meaning: "Open Results Data: moment period loss table, of occurrences with a loss in some sample.",
    columns: &[
        PERIOD,
        WEIGHT,
        EVENT,
        YEAR,
        MONTH,
        DAY,
        HOUR,
        MINUTE,
        SUMMARY,
        SAMPLE_TYPE,
        CHANCE,
        MEAN,
        DEVIATION,
        MAX,
        FOOTPRINT,
        MEAN_IMPACTED,
        MAX_IMPACTED,
    ],
};

/// Moments of samples of a loss.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// ChanceOfLoss.
    pub chance: f64,
    /// MeanLoss.
    pub mean: f64,
    /// SDLoss.
    pub standard_deviation: f64,
    /// MaxLoss.
    pub largest: Cents,
}

impl Moments {
    /// Of `count` samples, of which these have a loss: mean Σx ÷ n, standard deviation √(Σ(x − x̄)² ÷ (n − 1)), nought of a
    /// single sample (Open Results Data, worked example *SELT_MELT_QELT*).
    pub fn of(losses: &[Cents], count: usize) -> Moments {
        let n = count.max(losses.len()).max(1) as f64;
        let sum: i128 = losses.iter().map(|x| i128::from(x.0)).sum();
        let mean = sum as f64 / 100.0 / n;
        let squares: f64 = losses.iter().map(|x| (x.units() - mean) * (x.units() - mean)).sum();
        let squares = squares + (n - losses.len() as f64) * mean * mean;
        Moments {
            chance: losses.iter().filter(|x| **x > Cents::ZERO).count() as f64 / n,
            mean,
            standard_deviation: if n > 1.0 { (squares / (n - 1.0)).sqrt() } else { 0.0 },
            largest: losses.iter().copied().max().unwrap_or(Cents::ZERO),
        }
    }

    fn cells(&self) -> [Cell; 7] {
        let figures = [self.chance, self.mean, self.standard_deviation].map(Cell::Number);
        let [chance, mean, deviation] = figures;
        [chance, mean, deviation, Cell::Money(self.largest), Cell::Null, Cell::Null, Cell::Null]
    }
}

/// A row of the MELT.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EventMoments {
    /// EventId.
    pub event: u32,
    /// SummaryId.
    pub summary: u32,
    /// EventRate.
    pub rate: f64,
    /// The rest.
    pub moments: Moments,
}

/// A row of the MPLT.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeriodMoments {
    /// Period, PeriodWeight, EventId and calendar.
    pub placed: Placed,
    /// SummaryId.
    pub summary: u32,
    /// The rest.
    pub moments: Moments,
}

impl Record for EventMoments {
    const TABLE: Table = MELT;

    fn cells(&self) -> Vec<Cell> {
        let first = [whole(self.event), whole(self.summary), Cell::Integer(2), Cell::Number(self.rate)];
        first.into_iter().chain(self.moments.cells()).collect()
    }
}

impl Record for PeriodMoments {
    const TABLE: Table = MPLT;

    fn cells(&self) -> Vec<Cell> {
        let middle = [whole(self.summary), Cell::Integer(2)];
        self.placed.cells().into_iter().chain(middle).chain(self.moments.cells()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand, in units: 6, 3 and a sample without a loss: mean 3, s² = (9 + 0 + 9) ÷ 2.
    #[test]
    fn samples_without_a_loss_count() {
        let moments = Moments::of(&[Cents(600), Cents(300)], 3);
        assert_eq!((moments.chance, moments.mean, moments.standard_deviation), (2.0 / 3.0, 3.0, 3.0));
        assert_eq!(moments.largest, Cents(600));
        let single = Moments::of(&[Cents(600)], 1);
        assert_eq!((single.chance, single.mean, single.standard_deviation), (1.0, 6.0, 0.0));
    }
}
