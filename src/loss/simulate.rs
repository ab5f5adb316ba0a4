//! Simulates an event: one occurrence a trial, shared factors drawn once, cost in proportion to the claims.
//!
//! Nobody flips a coin for every insured in every trial. Each insured walks through a block of trials in geometric
//! steps at the highest rate that the block's shared factors allow, and is then kept with the ratio of the trial's own
//! rate to that highest rate (thinning; P. A. W. Lewis, G. S. Shedler, *Naval Research Logistics Quarterly* 26, 1979).
//! The steps are the insured's own draws, so that another insured in the book moves none of them.

use rayon::prelude::*;

use super::plan::{GroundUp, Insured, Layer, Plan};
use super::terms::{self, ByCoverage, claim};
use crate::catalogue::Distribution;
use crate::fault::Fault;
use crate::money::Cents;
use crate::portfolio::{Coverage, Terms};
use crate::random::beta::beta;
use crate::random::normal;
use crate::random::{Draws, Purpose};
use crate::table::{Cell, Fields, Kind, Record, Row, Table, column};

/// Trials of one block: the unit of work, and of the walk. Always drawn whole, so that a trial does not depend on how many
/// there are.
const BLOCK: u32 = 1024;

/// Blocks held before their sums are taken.
const HELD: usize = 64;

/// Result of one trial: one occurrence of the event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// Counted from 1.
    pub trial: u32,
    /// Insureds with a loss.
    pub hits: u32,
    /// Policies that pay.
    pub claims: u32,
    /// Losses of the insureds before any policy.
    pub ground_up: Cents,
    /// What the policies pay.
    pub gross: Cents,
}

/// The table of trials.
pub const LOSSES: Table = Table {
    name: "losses",
    meaning: "Scenario losses: one row a trial in which the event happens once; every trial is there, also those without a loss.",
    columns: &[
        column("trial", Kind::Integer, "", true, "Counted from 1"),
        column("hits", Kind::Integer, "insureds", true, "Insureds with a loss"),
        column("claims", Kind::Integer, "policies", true, "Policies that pay"),
        column("ground_up", Kind::Money, "reporting currency", true, "Losses before any policy"),
        column("gross", Kind::Money, "reporting currency", true, "What the policies pay"),
    ],
};

impl Record for Trial {
    const TABLE: Table = LOSSES;

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::Integer(self.trial.into()),
            Cell::Integer(self.hits.into()),
            Cell::Integer(self.claims.into()),
            Cell::Money(self.ground_up),
            Cell::Money(self.gross),
        ]
    }
}

impl Trial {
    /// Reads one row of a loss table, the engine's own or the user's: the trial when no fault sets the row aside.
    pub fn read(row: &Row) -> (Option<Trial>, Vec<Fault>) {
        let mut fields = Fields::new(row, &LOSSES);
        let mut count = |column: &str| fields.number(column).map_or(0, |x| x as u32);
        let (trial, hits, claims) = (count("trial"), count("hits"), count("claims"));
        let trial = Trial {
            trial,
            hits,
            claims,
            ground_up: fields.required_money("ground_up"),
            gross: fields.required_money("gross"),
        };
        fields.finish(trial)
    }
}

/// All trials, and each policy's gross loss over all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// In order.
    pub trials: Vec<Trial>,
    /// Gross loss by index of the exposure list, summed over the trials.
    pub by_policy: Vec<Cents>,
}

/// What a trial's occurrence shares.
#[derive(Clone, Copy, Debug)]
struct Factors {
    /// Affected share × hit share.
    rate: f64,
    /// Hours of the outage; 0 where it is none.
    hours: f64,
}

/// Simulates `trials` occurrences of the plan's event over a list of `policies` exposures.
pub fn simulate(plan: &Plan, policies: usize, trials: u32, seed: u64) -> Projection {
    let draws = Draws::new(seed);
    let starts: Vec<u32> = (0..trials).step_by(BLOCK as usize).collect();
    let mut projection =
        Projection { trials: Vec::with_capacity(trials as usize), by_policy: vec![Cents::ZERO; policies] };
    for held in starts.chunks(HELD) {
        let blocks: Vec<Block> =
            held.par_iter().map(|start| block(plan, &draws, *start, BLOCK.min(trials - start))).collect();
        for block in blocks {
            projection.trials.extend(block.trials);
            block.by_policy.into_iter().for_each(|(at, gross)| projection.by_policy[at] += gross);
        }
    }
    projection
}

struct Block {
    trials: Vec<Trial>,
    by_policy: Vec<(usize, Cents)>,
}

fn block(plan: &Plan, draws: &Draws, start: u32, len: u32) -> Block {
    let factors: Vec<Factors> = (start..start + BLOCK).map(|trial| factors(plan, draws, trial)).collect();
    let highest = factors.iter().map(|f| f.rate).fold(0.0, f64::max);
    let trials = (start..start + len).map(|t| Trial { trial: t + 1, ..Trial::default() }).collect();
    let mut block = Block { trials, by_policy: Vec::new() };
    let mut sums = Vec::new();
    for insured in &plan.insureds {
        let rate = (insured.probability * highest).min(1.0);
        if rate <= 0.0 {
            continue;
        }
        sums.clear();
        sums.resize(insured.layers.len(), Cents::ZERO);
        let mut steps = Steps::new(draws, start, insured.key, rate);
        while let Some(at) = steps.next_below(len) {
            let [keep, severity] = draws.pair(Purpose::Claim, start + at, 0, insured.key);
            let own = factors[at as usize];
            if keep * highest < own.rate {
                let loss = ground_up(plan, draws, insured.ground_up, own, severity, start + at);
                hit(plan, insured, own, loss, &mut block.trials[at as usize], &mut sums);
            }
        }
        let paid = insured.layers.iter().zip(&sums).filter(|(_, sum)| **sum > Cents::ZERO);
        block.by_policy.extend(paid.map(|(layer, sum)| (layer.exposure, *sum)));
    }
    block
}

/// Trials of a block in which an insured is a candidate: geometric steps.
struct Steps<'a> {
    draws: &'a Draws,
    start: u32,
    key: u64,
    /// 1 ÷ ln(1 − rate): negative, and zero from below when every trial is one.
    per_log: f64,
    next: u64,
    step: u32,
    spare: Option<f64>,
}

impl<'a> Steps<'a> {
    fn new(draws: &'a Draws, start: u32, key: u64, rate: f64) -> Steps<'a> {
        Steps { draws, start, key, per_log: 1.0 / libm::log1p(-rate), next: 0, step: 0, spare: None }
    }

    fn next_below(&mut self, len: u32) -> Option<u32> {
        let u = self.spare.take().unwrap_or_else(|| {
            let [first, second] = self.draws.pair(Purpose::Skip, self.start, self.step, self.key);
            self.step += 1;
            self.spare = Some(second);
            first
        });
        let gap = (libm::log(u) * self.per_log).floor();
        if gap >= f64::from(len) {
            self.next = u64::from(len);
            return None;
        }
        let at = self.next + gap as u64;
        self.next = at + 1;
        (at < u64::from(len)).then_some(at as u32)
    }
}

fn factors(plan: &Plan, draws: &Draws, trial: u32) -> Factors {
    let mut stream = draws.stream(Purpose::Shock, trial, 0);
    let mut share = |distribution: Distribution| match distribution {
        Distribution::Point(x) => x,
        Distribution::Uniform(low, high) => low + (high - low) * stream.uniform(),
        Distribution::Beta(a, b) => beta(&mut stream, a, b),
    };
    let rate = share(plan.shock.affected) * share(plan.shock.hit);
    let hours = plan.shock.outage.map_or(0.0, |(mu, sigma)| libm::exp(mu + sigma * normal::quantile(stream.uniform())));
    Factors { rate, hours }
}

/// The loss of a hit insured before any policy, at probability `u` of its severity.
fn ground_up(plan: &Plan, draws: &Draws, own: GroundUp, factors: Factors, u: f64, trial: u32) -> Cents {
    let loss = match own {
        GroundUp::Severity { severity, rate } => severity.quantile(u) * rate,
        GroundUp::Fitted { model, ln_revenue, rate } => plan.models[model].loss(u, ln_revenue, draws, trial) * rate,
        GroundUp::Hourly(hourly) => hourly * factors.hours,
    };
    Cents::from_units(loss).unwrap_or(Cents::UNLIMITED)
}

/// One hit: what each layer pays of its loss.
fn hit(plan: &Plan, insured: &Insured, factors: Factors, loss: Cents, trial: &mut Trial, sums: &mut [Cents]) {
    let parts = split(plan, loss);
    trial.hits += 1;
    trial.ground_up += loss;
    let layer = |l: &Layer| claim(&l.terms, &after_waiting(&l.terms, &parts, factors.hours), l.terms.aggregate);
    let over = match insured.layers.as_slice() {
        [_] => 0,
        layers => layers.iter().map(layer).sum::<Cents>().above(loss).0,
    };
    for (l, sum) in insured.layers.iter().zip(sums) {
        let mut gross = layer(l);
        if over > 0 {
            // Policies that would together pay more than the loss contribute in proportion.
            gross = contribution(gross, loss, over);
        }
        if gross > Cents::ZERO {
            trial.claims += 1;
            trial.gross += gross;
            *sum += gross;
        }
    }
}

/// A policy's part of `loss` when all policies together would pay `over` more than it: rounded down to the cent.
fn contribution(gross: Cents, loss: Cents, over: i64) -> Cents {
    let all = i128::from(loss.0) + i128::from(over);
    Cents((i128::from(gross.0) * i128::from(loss.0) / all) as i64)
}

/// The loss by responding coverage, to the cent: each part is the rounded running total less what went before.
fn split(plan: &Plan, loss: Cents) -> ByCoverage {
    let mut losses = [Cents::ZERO; Coverage::COUNT];
    let (mut share, mut before) = (0.0, Cents::ZERO);
    for (at, (coverage, weight)) in plan.responding.iter().enumerate() {
        share += weight;
        let total = if at + 1 == plan.responding.len() { loss } else { loss.scale(share) };
        losses[*coverage as usize] += total - before;
        before = total;
    }
    losses
}

/// Of an interruption, the part of the outage that waiting and indemnity periods leave.
fn after_waiting(policy: &Terms, losses: &ByCoverage, hours: f64) -> ByCoverage {
    if hours == 0.0 {
        return *losses;
    }
    let mut left = *losses;
    for coverage in [Coverage::BusinessInterruption, Coverage::ContingentBusinessInterruption] {
        left[coverage as usize] = terms::coverage::after_waiting(policy, coverage, left[coverage as usize], hours);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: a loss of 100 and policies that would pay 100, 60 and 40 pay 50, 30 and 20.
    #[test]
    fn policies_together_pay_no_more_than_the_loss() {
        let (loss, over) = (Cents(10_000), 10_000);
        let parts = [10_000, 6_000, 4_000].map(|gross| contribution(Cents(gross), loss, over).0);
        assert_eq!(parts, [5_000, 3_000, 2_000]);
    }
}
