//! Losses by occurrence of an event, each over its samples.

use super::columns::Placed;
use super::day::OrdDay;
use super::losses::{EventLoss, PeriodLoss};
use super::moments::{EventMoments, Moments, PeriodMoments};
use super::quantiles::{EventQuantile, PeriodQuantile, quantiles_of};
use crate::money::Cents;

/// One sample of the loss of an event's occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SampleLoss {
    /// Simulated year, counted from 1.
    pub year: u32,
    /// Occurrence within the year.
    pub occurrence: i64,
    /// Number of the event; 0 where none is named.
    pub event: u32,
    /// Counted from 1.
    pub sample: u32,
    /// When.
    pub calendar: Option<OrdDay>,
    /// Loss; may be nought.
    pub loss: Cents,
}

impl SampleLoss {
    fn of(&self) -> (u32, i64, u32) {
        (self.year, self.occurrence, self.event)
    }
}

/// All losses of one perspective, and how many periods and samples were simulated.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    losses: Vec<SampleLoss>,
    years: u32,
    samples: u32,
    summary: u32,
}

/// Rows of one sample, year, occurrence and event as one, with the first day of them.
fn merged(mut losses: Vec<SampleLoss>) -> Vec<SampleLoss> {
    losses.sort_unstable_by_key(|own| (own.of(), own.sample, own.calendar.is_none(), own.calendar));
    losses.dedup_by(|next, first| {
        let same = (next.of(), next.sample) == (first.of(), first.sample);
        if same {
            first.loss += next.loss;
        }
        same
    });
    losses
}

impl Samples {
    /// Of losses over `years` and `samples`, each of which counts whether it has a loss or not.
    pub fn new(losses: Vec<SampleLoss>, (years, samples): (u32, u32), summary: u32) -> Samples {
        Samples { losses: merged(losses), years, samples, summary }
    }

    fn placed(&self, loss: &SampleLoss) -> Placed {
        let SampleLoss { year, event, calendar, .. } = *loss;
        Placed { period: year, weight: 1.0 / f64::from(self.years), event, calendar }
    }

    /// The occurrences with a loss in some sample, in order of year.
    fn occurrences(&self) -> impl Iterator<Item = &[SampleLoss]> {
        let occurrences = self.losses.chunk_by(|a, b| a.of() == b.of());
        occurrences.filter(|own| own.iter().any(|sample| sample.loss > Cents::ZERO))
    }

    /// Rows of the SPLT, in order of sample and year.
    pub fn splt(&self) -> Vec<PeriodLoss> {
        let some = self.losses.iter().filter(|own| own.loss > Cents::ZERO);
        let row = |own: &SampleLoss| PeriodLoss {
            placed: self.placed(own),
            summary: self.summary,
            sample: own.sample,
            loss: own.loss,
            impacted: None,
        };
        let mut rows: Vec<PeriodLoss> = some.map(row).collect();
        rows.sort_by_key(|row| row.sample);
        rows
    }

    /// Hands each row of the MPLT to `each`, and those of the QPLT.
    ///
    /// # Errors
    /// Those of `each`.
    pub fn by_period<E>(
        &self,
        quantiles: &[f64],
        mut each: impl FnMut(PeriodMoments, Vec<PeriodQuantile>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (count, summary) = (self.samples as usize, self.summary);
        for own in self.occurrences() {
            let placed = self.placed(&own[0]);
            let losses = rising(own);
            let at = |(quantile, loss): (&f64, f64)| PeriodQuantile { placed, summary, quantile: *quantile, loss };
            let own = quantiles.iter().zip(quantiles_of(&losses, count, quantiles)).map(at).collect();
            each(PeriodMoments { placed, summary, moments: Moments::of(&losses, count) }, own)?;
        }
        Ok(())
    }

    /// Rows of SELT, MELT and QELT, of events that are named.
    pub fn by_event(&self, quantiles: &[f64]) -> (Vec<EventLoss>, Vec<EventMoments>, Vec<EventQuantile>) {
        let mut named: Vec<SampleLoss> = self.losses.iter().filter(|own| own.event > 0).copied().collect();
        named.sort_unstable_by_key(|own| (own.event, own.of(), own.sample));
        let (mut samples, mut moments, mut at_quantiles) = (Vec::new(), Vec::new(), Vec::new());
        let summary = self.summary;
        for own in named.chunk_by(|a, b| a.event == b.event) {
            let (event, occurrences) = (own[0].event, own.chunk_by(|a, b| a.of() == b.of()).count());
            let count = occurrences * self.samples as usize;
            let first = samples.len();
            for (losses, place) in own.chunk_by(|a, b| a.of() == b.of()).zip(1..) {
                for SampleLoss { sample, loss, .. } in losses.iter().filter(|own| own.loss > Cents::ZERO) {
                    let sample = (sample - 1) * occurrences as u32 + place;
                    samples.push(EventLoss { event, summary, sample, loss: *loss, impacted: None });
                }
            }
            samples[first..].sort_by_key(|row| row.sample);
            let losses = rising(own);
            let rate = occurrences as f64 / f64::from(self.years);
            moments.push(EventMoments { event, summary, rate, moments: Moments::of(&losses, count) });
            let of = quantiles.iter().zip(quantiles_of(&losses, count, quantiles));
            at_quantiles.extend(of.map(|(q, loss)| EventQuantile { event, summary, quantile: *q, loss }));
        }
        (samples, moments, at_quantiles)
    }
}

/// Losses, the smallest first.
fn rising(own: &[SampleLoss]) -> Vec<Cents> {
    let mut losses: Vec<Cents> = own.iter().map(|own| own.loss).collect();
    losses.sort_unstable();
    losses
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(year: u32, occurrence: i64, event: u32, sample: u32, units: i64) -> SampleLoss {
        SampleLoss { year, occurrence, event, sample, calendar: None, loss: Cents(units * 100) }
    }

    /// Event 5 happens in years 1 and 3 of 10, in two samples: four samples of its loss, 4, 0, 8 and 2. Event 6 has no loss.
    #[test]
    fn an_event_has_a_sample_for_each_occurrence_and_sample() {
        let losses = vec![
            loss(3, 1, 5, 1, 8),
            loss(1, 1, 5, 1, 3),
            loss(1, 1, 5, 1, 1),
            loss(3, 1, 5, 2, 2),
            loss(1, 2, 6, 1, 0),
            loss(2, 1, 0, 1, 9),
        ];
        let all = Samples::new(losses, (10, 2), 1);
        let (selt, melt, qelt) = all.by_event(&[0.0, 0.5, 1.0]);
        assert_eq!(selt.iter().map(|row| (row.sample, row.loss.0)).collect::<Vec<_>>(), [(1, 400), (2, 800), (4, 200)]);
        let of: Vec<(u32, f64, f64, f64)> =
            melt.iter().map(|row| (row.event, row.rate, row.moments.chance, row.moments.mean)).collect();
        assert_eq!(of, [(5, 0.2, 0.75, 3.5), (6, 0.1, 0.0, 0.0)]);
        assert_eq!(qelt.iter().map(|row| row.loss).collect::<Vec<_>>(), [0.0, 3.0, 8.0, 0.0, 0.0, 0.0]);
        let mut periods = Vec::new();
        let each = |moments: PeriodMoments, quantiles: Vec<PeriodQuantile>| {
            assert_eq!((moments.placed.weight, quantiles[0].placed), (0.1, moments.placed), "one of ten periods");
            periods.push((moments.placed.period, moments.moments.mean, quantiles.iter().map(|q| q.loss).sum::<f64>()));
            Ok::<(), ()>(())
        };
        all.by_period(&[0.0, 1.0], each).unwrap();
        assert_eq!(periods, [(1, 2.0, 4.0), (2, 4.5, 9.0), (3, 5.0, 10.0)]);
        assert_eq!(all.splt().iter().map(|row| row.placed.period).collect::<Vec<_>>(), [1, 2, 3, 3]);
    }

    /// Two rows of one occurrence, and one that tells no day: it is on the first day that is told.
    #[test]
    fn an_occurrence_is_on_the_first_day_of_its_rows() {
        let day = |day: u16| OrdDay::of_day(1, day);
        let row = |calendar, units| SampleLoss { calendar, ..loss(1, 1, 5, 1, units) };
        let rows = vec![row(None, 1), row(day(70), 2), row(day(40), 4)];
        let told = Samples::new(rows, (2, 1), 1).splt();
        let found: Vec<_> = told.iter().map(|row| (row.placed.calendar, row.placed.weight, row.loss.0)).collect();
        assert_eq!(found, [(day(40), 0.5, 700)]);
    }

    /// An event in both of two years, in two samples: rows go by sample, and within it by year.
    #[test]
    fn rows_are_in_order_of_sample_and_year() {
        let losses = vec![loss(2, 1, 5, 2, 4), loss(1, 1, 5, 2, 2), loss(2, 1, 5, 1, 3), loss(1, 1, 5, 1, 1)];
        let all = Samples::new(losses, (2, 2), 1);
        let splt: Vec<_> = all.splt().iter().map(|row| (row.sample, row.placed.period, row.loss.0)).collect();
        assert_eq!(splt, [(1, 1, 100), (1, 2, 300), (2, 1, 200), (2, 2, 400)]);
        let selt: Vec<_> = all.by_event(&[]).0.iter().map(|row| (row.sample, row.loss.0)).collect();
        assert_eq!(selt, [(1, 100), (2, 300), (3, 200), (4, 400)]);
    }
}
