//! When events happen: the occurrences of a block of years, with what all insureds share of each.

use std::cmp::Ordering;
use std::ops::Range;

use rayon::prelude::*;

use super::plan::{Peril, Plan, Shock};
use crate::catalogue::{Count, Distribution};
use crate::random::beta::beta;
use crate::random::{Draws, Purpose, name, normal};

/// How years are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The event has happened: each year is a trial with one occurrence of each event.
    Scenario,
    /// Events happen with their annual frequencies.
    Catalogue,
}

impl Mode {
    /// Years of one block, the unit of walks. A block is always drawn from its first year on, so that a year does not depend
    /// on how many are simulated, or which. In scenario mode each year has an occurrence of each event, else few have one.
    pub fn block(self) -> u32 {
        match self {
            Mode::Scenario => 1_024,
            Mode::Catalogue => 32_768,
        }
    }
}

/// One occurrence of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Occurrence {
    /// Year, counted from 0.
    pub year: u32,
    /// Which of the plan's perils.
    pub peril: u32,
    /// How many of this peril came before it in the year: with year and peril the name of its draws.
    pub number: u32,
    /// Part of the year that has passed, in [0, 1).
    pub time: f64,
    /// Affected share × hit share.
    pub rate: f64,
    /// Hours of the outage; 0 where it is none.
    pub hours: f64,
    /// Severity level: a factor on every insured's loss.
    pub level: f64,
}

/// What a walk needs of an occurrence.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Name of its draws.
    pub name: u64,
    /// Severity level.
    pub level: f64,
}

impl Moment {
    /// Of an occurrence.
    pub fn of(occurrence: &Occurrence) -> Moment {
        Moment { name: name(Purpose::Claim, occurrence.year, occurrence.number), level: occurrence.level }
    }

    /// Its year.
    #[inline(always)]
    pub fn year(&self) -> u32 {
        (self.name >> 32) as u32
    }
}

/// The occurrences of a block.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    /// Peril by peril, each's in order of year and time: an insured's walk meets neighbours.
    pub occurrences: Vec<Occurrence>,
    /// Where each peril's are.
    pub perils: Vec<Range<usize>>,
    /// The place of each in the order of year and time of all.
    pub ranks: Vec<u32>,
}

impl Calendar {
    /// The occurrences of these years, which are a block or its first part.
    pub fn of(plan: &Plan, draws: &Draws, mode: Mode, years: Range<u32>) -> Calendar {
        let each = |(at, peril): (usize, &Peril)| {
            let (draws, mut own) = (draws.of(peril.key), Vec::new());
            let count = peril.frequency.filter(|_| mode == Mode::Catalogue).map(Count::quantiles);
            // How often the event happens in a year.
            let happens =
                |year: u32| count.as_ref().map_or(1, |count| count(draws.pair(Purpose::Frequency, year, 0, 0)[0]));
            for year in years.clone() {
                let begin = own.len();
                own.extend((0..happens(year)).map(|number| occurrence(peril, at as u32, &draws, mode, year, number)));
                own[begin..].sort_by(|a: &Occurrence, b| a.order().partial_cmp(&b.order()).unwrap_or(Ordering::Equal));
            }
            own
        };
        let perils: Vec<Vec<Occurrence>> = plan.perils.par_iter().enumerate().map(each).collect();
        let mut calendar = Calendar::default();
        for own in perils {
            let begin = calendar.occurrences.len();
            calendar.occurrences.extend(own);
            calendar.perils.push(begin..calendar.occurrences.len());
        }
        let mut order: Vec<u32> = (0..calendar.occurrences.len() as u32).collect();
        let key = |at: u32| {
            let occurrence = &calendar.occurrences[at as usize];
            (occurrence.order(), plan.perils[occurrence.peril as usize].key)
        };
        // The perils' own orders are runs of it, which this sort merges.
        order.sort_by(|a, b| key(*a).partial_cmp(&key(*b)).unwrap_or(Ordering::Equal));
        calendar.ranks = vec![0; order.len()];
        order.iter().zip(0..).for_each(|(at, rank)| calendar.ranks[*at as usize] = rank);
        calendar
    }

    /// What belongs to each occurrence, brought into the order of year and time.
    pub fn in_time<T: Copy + Default>(&self, of: &[T]) -> Vec<T> {
        let mut ordered = vec![T::default(); of.len()];
        of.iter().zip(&self.ranks).for_each(|(value, rank)| ordered[*rank as usize] = *value);
        ordered
    }
}

impl Occurrence {
    fn order(&self) -> (u32, f64, u32) {
        (self.year, self.time, self.number)
    }
}

fn occurrence(peril: &Peril, at: u32, draws: &Draws, mode: Mode, year: u32, number: u32) -> Occurrence {
    let Shock { affected, hit, outage, level } = peril.shock;
    let mut stream = draws.stream(Purpose::Shock, year, number);
    let mut share = |distribution: Distribution| match distribution {
        Distribution::Point(x) => x,
        Distribution::Uniform(low, high) => low + (high - low) * stream.uniform(),
        Distribution::Beta(a, b) => beta(&mut stream, a, b),
    };
    let rate = share(affected) * share(hit);
    let hours = outage.map_or(0.0, |(mu, sigma)| libm::exp(mu + sigma * normal::quantile(stream.uniform())));
    let level =
        if level > 0.0 { libm::exp(level * normal::quantile(stream.uniform()) - level * level / 2.0) } else { 1.0 };
    let time = if mode == Mode::Catalogue { draws.pair(Purpose::Frequency, year, number + 1, 0)[0] } else { 0.0 };
    Occurrence { year, peril: at, number, time, rate, hours, level }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance.
    fn moments(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        (mean, values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n)
    }

    /// Two events with r = 0.5·U(0.2, 0.6), ln hours normal (2, 0.7), ln level normal (−0.125, 0.5), and a number a year of mean 0.8 and
    /// variance 2. Of 20,000 years: means within five standard errors, variances within a twelfth.
    #[test]
    fn occurrences_have_the_law_of_their_event() {
        let shock = Shock {
            affected: Distribution::Uniform(0.2, 0.6),
            hit: Distribution::Point(0.5),
            outage: Some((2.0, 0.7)),
            level: 0.5,
        };
        let peril = |key: u64| Peril {
            id: key.to_string(),
            vendor: String::new(),
            key,
            shock,
            frequency: Some(Count::NegativeBinomial { size: 0.8 / 1.5, odds: 1.5 }),
            responding: Vec::new(),
        };
        let perils = [1, 2].map(peril).to_vec();
        let plan = Plan { perils, insureds: Vec::new(), policies: Vec::new(), models: Vec::new() };
        let calendar = Calendar::of(&plan, &Draws::new(3), Mode::Catalogue, 0..20_000);
        let place = |own: &Occurrence| (own.year, own.time);
        assert!(calendar.in_time(&calendar.occurrences).is_sorted_by_key(place), "of all events");
        for own in calendar.perils.iter().map(|range| &calendar.occurrences[range.clone()]) {
            assert!(own.is_sorted_by_key(place), "of one event");
            let mut counts = vec![0.0; 20_000];
            own.iter().for_each(|one| counts[one.year as usize] += 1.0);
            for pair in own.windows(2).filter(|pair| pair[0].year == pair[1].year) {
                assert!(pair[0].rate != pair[1].rate && pair[0].hours != pair[1].hours, "{pair:?}");
            }
            let of = |value: fn(&Occurrence) -> f64| own.iter().map(value).collect::<Vec<f64>>();
            let even = 1.0 / 12.0;
            for (what, values, mean, variance) in [
                ("number", counts, 0.8, 2.0),
                ("rate", of(|own| own.rate), 0.2, 0.04 * even),
                ("ln hours", of(|own| own.hours.ln()), 2.0, 0.49),
                ("ln level", of(|own| own.level.ln()), -0.125, 0.25),
                ("time", of(|own| own.time), 0.5, even),
            ] {
                let (m, v) = moments(&values);
                let error = (variance / values.len() as f64).sqrt();
                assert!((m - mean).abs() < 5.0 * error && (v / variance - 1.0).abs() < even, "{what}: {m} {v}");
            }
        }
    }
}
