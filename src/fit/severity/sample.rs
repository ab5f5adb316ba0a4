//! Losses as they are known: above a retention, up to a limit, with the insured's revenue.

use rayon::prelude::*;

use crate::fit::jet::Jet;
use crate::fit::refusal::Refusal;
use crate::fit::tally::{Tally, tally};

/// One loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    /// Ground-up amount in currency units, above nought; where `censored`, what it is known to exceed.
    pub amount: f64,
    /// Left truncation in currency units: a loss at or below it would not be in the records (the retention). Nought: none.
    pub truncation: f64,
    /// Whether the loss is only known to be more than `amount`: it met a limit, or the claim is open.
    pub censored: bool,
    /// How many losses the record stands for; one for a record.
    pub weight: f64,
    /// The insured's revenue ÷ the reference revenue; one where it plays no part.
    pub revenue_ratio: f64,
}

impl Loss {
    /// A loss known exactly, from the ground up.
    pub fn known(amount: f64) -> Loss {
        Loss { amount, truncation: 0.0, censored: false, weight: 1.0, revenue_ratio: 1.0 }
    }

    /// The same loss, seen only because it exceeds a retention.
    pub fn above(self, truncation: f64) -> Loss {
        Loss { truncation, ..self }
    }

    /// The same loss cut at a limit (a ground-up amount): censored where it is more.
    pub fn capped(self, limit: f64) -> Loss {
        if self.amount > limit { Loss { amount: limit, censored: true, ..self } } else { self }
    }
}

/// Logarithms of amounts with the logarithm of each one's revenue ratio and its weight.
#[derive(Clone, Debug, Default)]
pub(crate) struct Column {
    pub ln: Vec<f64>,
    pub revenue: Vec<f64>,
    pub weight: Vec<f64>,
}

impl Column {
    pub fn push(&mut self, ln: f64, revenue: f64, weight: f64) {
        self.ln.push(ln);
        self.revenue.push(revenue);
        self.weight.push(weight);
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.ln.len()
    }

    /// Σ w·term(ln x, c).
    pub fn tally<const K: usize>(&self, term: impl Fn(f64, f64) -> Jet<K> + Sync) -> Tally<K> {
        tally(self.len(), |row| (self.weight[row], self.revenue[row], term(self.ln[row], self.revenue[row])))
    }

    /// Σ w·ln x.
    pub fn weighted_ln(&self) -> f64 {
        total(&self.weight, |i| self.ln[i])
    }

    /// Equal rows counted once, in rising order: few retentions and limits stand for many records.
    pub fn grouped(self) -> Column {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.par_sort_unstable_by(|a, b| {
            self.ln[*a].total_cmp(&self.ln[*b]).then(self.revenue[*a].total_cmp(&self.revenue[*b])).then(a.cmp(b))
        });
        let mut out = Column::default();
        for row in order {
            let same = out.ln.last() == Some(&self.ln[row]) && out.revenue.last() == Some(&self.revenue[row]);
            match out.weight.last_mut().filter(|_| same) {
                Some(weight) => *weight += self.weight[row],
                None => out.push(self.ln[row], self.revenue[row], self.weight[row]),
            }
        }
        out
    }

    /// At most `most` rows, evenly spaced.
    fn thinned(&self, every: usize) -> Column {
        let pick = |from: &[f64]| from.iter().step_by(every).copied().collect();
        Column { ln: pick(&self.ln), revenue: pick(&self.revenue), weight: pick(&self.weight) }
    }

    /// Amounts brought to the reference revenue by an elasticity.
    fn rescaled(&self, elasticity: f64) -> Column {
        let ln = self.ln.iter().zip(&self.revenue).map(|(ln, c)| ln - elasticity * c).collect();
        Column { ln, revenue: vec![0.0; self.len()], weight: self.weight.clone() }
    }
}

/// Sums that some families need nothing beyond.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sums {
    /// Σ w.
    pub weight: f64,
    /// Σ w·ln x.
    pub ln: f64,
    /// Σ w·(ln x − their mean)².
    pub squares: f64,
    /// Σ w·x ÷ e^(the mean of ln x).
    pub relative: f64,
}

/// Losses checked and sorted into what is known exactly, what is censored, and where each is truncated.
#[derive(Clone, Debug)]
pub struct Sample {
    pub(crate) events: Column,
    pub(crate) censored: Column,
    pub(crate) truncations: Column,
    pub(crate) sums: Sums,
    /// Records.
    pub records: usize,
    /// Sum of weights.
    pub weight: f64,
    /// Censored records.
    pub records_censored: usize,
    /// Records with a retention.
    pub records_truncated: usize,
    /// Whether revenue ratios differ.
    pub has_revenue: bool,
    /// Different amounts known exactly, counted up to ten.
    pub distinct: usize,
}

impl Sample {
    /// Whether every loss is one that a model can take.
    ///
    /// # Errors
    /// As [`Sample::new`].
    pub fn check(losses: &[Loss]) -> Result<(), Refusal> {
        if losses.is_empty() {
            return Err(Refusal::NoData);
        }
        losses.iter().enumerate().try_for_each(|(row, loss)| check(row, loss))
    }

    /// Checks and sorts losses.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with the row of the first value that no model takes; [`Refusal::NoData`] for none.
    pub fn new(losses: &[Loss]) -> Result<Sample, Refusal> {
        let (mut events, mut censored, mut truncations) = (Column::default(), Column::default(), Column::default());
        let mut truncated = 0;
        Sample::check(losses)?;
        let ln = |x: f64| if x == 1.0 { 0.0 } else { libm::log(x) };
        let ends = |loss: &Loss| [ln(loss.amount), ln(loss.revenue_ratio), ln(loss.truncation)];
        let logarithms: Vec<[f64; 3]> = losses.par_iter().map(ends).collect();
        for (loss, [amount, revenue, truncation]) in losses.iter().zip(logarithms) {
            let column = if loss.censored { &mut censored } else { &mut events };
            column.push(amount, revenue, loss.weight);
            if loss.truncation > 0.0 {
                truncations.push(truncation, revenue, loss.weight);
                truncated += 1;
            }
        }
        let records_censored = censored.len();
        Ok(Sample::of(events, censored.grouped(), truncations.grouped(), [losses.len(), records_censored, truncated]))
    }

    fn of(events: Column, censored: Column, truncations: Column, records: [usize; 3]) -> Sample {
        let first = events.revenue.first().or(censored.revenue.first()).copied().unwrap_or(0.0);
        let has_revenue = events.revenue.iter().chain(&censored.revenue).any(|c| *c != first);
        let (weight, ln) = (total(&events.weight, |_| 1.0), total(&events.weight, |i| events.ln[i]));
        let mean = ln / weight;
        let squares = total(&events.weight, |i| (events.ln[i] - mean) * (events.ln[i] - mean));
        let relative = total(&events.weight, |i| libm::exp(events.ln[i] - mean));
        Sample {
            sums: Sums { weight, ln, squares, relative },
            weight: weight + total(&censored.weight, |_| 1.0),
            records: records[0],
            records_censored: records[1],
            records_truncated: records[2],
            has_revenue,
            distinct: distinct(&events.ln),
            events,
            censored,
            truncations,
        }
    }

    /// Σ w·c over events.
    pub(crate) fn events_weighted_revenue(&self) -> f64 {
        total(&self.events.weight, |i| self.events.revenue[i])
    }

    /// Every so manieth record, for a first look at many.
    pub(crate) fn thinned(&self, most: usize) -> Sample {
        let every = |column: &Column| (column.len() / most).max(1);
        let [events, censored, truncations] =
            [&self.events, &self.censored, &self.truncations].map(|column| column.thinned(every(column)));
        // A thinned column stands for as much weight as the whole.
        let refill = |mut thin: Column, whole: &Column| {
            let factor = total(&whole.weight, |_| 1.0) / total(&thin.weight, |_| 1.0);
            thin.weight.iter_mut().for_each(|w| *w *= factor);
            thin
        };
        Sample::of(
            refill(events, &self.events),
            refill(censored, &self.censored),
            refill(truncations, &self.truncations),
            [self.records.min(most), self.records_censored.min(most), self.records_truncated.min(most)],
        )
    }

    /// All amounts brought to the reference revenue by an elasticity.
    pub(crate) fn rescaled(&self, elasticity: f64) -> Sample {
        let [events, censored, truncations] =
            [&self.events, &self.censored, &self.truncations].map(|column| column.rescaled(elasticity));
        let records = [self.records, self.records_censored, self.records_truncated];
        Sample::of(events, censored.grouped(), truncations.grouped(), records)
    }
}

/// Σ w·f in order.
fn total(weight: &[f64], f: impl Fn(usize) -> f64) -> f64 {
    weight.iter().enumerate().map(|(i, w)| w * f(i)).sum()
}

/// How many values differ, counted up to ten.
fn distinct(values: &[f64]) -> usize {
    let mut seen: Vec<f64> = Vec::new();
    for value in values {
        if !seen.contains(value) {
            seen.push(*value);
            if seen.len() == 10 {
                break;
            }
        }
    }
    seen.len()
}

fn check(row: usize, loss: &Loss) -> Result<(), Refusal> {
    let invalid = |field, value, rule| Err(Refusal::Invalid { row, field, value, rule });
    let positive = |x: f64| x.is_finite() && x > 0.0;
    if !positive(loss.amount) {
        return invalid("amount", loss.amount, "and must be a number above nought");
    }
    if !(loss.truncation.is_finite() && loss.truncation >= 0.0) {
        return invalid("truncation", loss.truncation, "and must be a number, nought or more");
    }
    if loss.amount <= loss.truncation {
        return invalid("amount", loss.amount, "and must be above the truncation point");
    }
    if !positive(loss.weight) {
        return invalid("weight", loss.weight, "and must be a number above nought");
    }
    if !positive(loss.revenue_ratio) {
        return invalid("revenue ratio", loss.revenue_ratio, "and must be a number above nought");
    }
    Ok(())
}
