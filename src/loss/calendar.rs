//! When events happen: the occurrences of a block of years, with what all insureds share of each.

use std::ops::Range;

use super::plan::{Peril, Plan, Shock};
use crate::catalogue::{Count, Distribution};
use crate::random::beta::beta;
use crate::random::{Draws, Purpose, normal};

/// Years of one block: the unit of work. Always drawn from its first year on, so that a year does not depend on how many
/// are simulated, or which.
pub const BLOCK: u32 = 8192;

/// How years are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The event has happened: each year is a trial with one occurrence of each event.
    Scenario,
    /// Events happen with their annual frequencies.
    Catalogue,
}

/// One occurrence of an event.
#[derive(Clone, Copy, Debug, PartialEq)]
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

/// The occurrences of a block.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    /// In order of year and time.
    pub occurrences: Vec<Occurrence>,
    /// Positions of each peril's occurrences, rising.
    pub by_peril: Vec<Vec<u32>>,
}

impl Calendar {
    /// The occurrences of these years, which are a block or its first part.
    pub fn of(plan: &Plan, draws: &Draws, mode: Mode, years: Range<u32>) -> Calendar {
        let mut occurrences = Vec::new();
        for (at, peril) in plan.perils.iter().enumerate() {
            let draws = draws.of(peril.key);
            let count = peril.frequency.filter(|_| mode == Mode::Catalogue);
            for year in years.clone() {
                for number in 0..count.map_or(1, |count| happens(count, &draws, year)) {
                    occurrences.push(occurrence(peril, at as u32, &draws, mode, year, number));
                }
            }
        }
        let key = |o: &Occurrence| (o.year, plan.perils[o.peril as usize].key, o.number);
        occurrences.sort_by(|a, b| a.year.cmp(&b.year).then(a.time.total_cmp(&b.time)).then(key(a).cmp(&key(b))));
        let mut by_peril = vec![Vec::new(); plan.perils.len()];
        for (at, occurrence) in occurrences.iter().enumerate() {
            by_peril[occurrence.peril as usize].push(at as u32);
        }
        Calendar { occurrences, by_peril }
    }
}

/// How often an event happens in a year.
fn happens(count: Count, draws: &Draws, year: u32) -> u32 {
    count.quantile(draws.pair(Purpose::Frequency, year, 0, 0)[0])
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
