//! Simulates an event: one occurrence a trial, shared factors drawn once, cost in proportion to the claims.
//!
//! Nobody flips a coin for every insured in every trial. Each insured walks through a block of trials in geometric
//! steps at the highest rate that the block's shared factors allow, and is then kept with the ratio of the trial's own
//! rate to that highest rate (thinning; P. A. W. Lewis, G. S. Shedler, *Naval Research Logistics Quarterly* 26, 1979).
//! The steps are the insured's own draws, so that another insured in the book moves none of them.

use rand_distr::{Beta, Distribution as _};
use rayon::prelude::*;

use super::normal;
use super::outage::payable_hours;
use super::plan::{GroundUp, Insured, Plan};
use super::random::{Draws, Purpose};
use super::terms::{ByCoverage, claim};
use crate::catalogue::Distribution;
use crate::exposure::Tier;
use crate::fault::Fault;
use crate::money::Cents;
use crate::portfolio::{Coverage, Terms};
use crate::table::{Cell, Column, Fields, Kind, Record, Row, Table};

/// Trials of one block: the unit of work.
const BLOCK: u32 = 1024;

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
        Column { name: "trial", kind: Kind::Integer, unit: "", required: true, meaning: "Counted from 1" },
        Column { name: "hits", kind: Kind::Integer, unit: "insureds", required: true, meaning: "Insureds with a loss" },
        Column { name: "claims", kind: Kind::Integer, unit: "policies", required: true, meaning: "Policies that pay" },
        Column {
            name: "ground_up",
            kind: Kind::Money,
            unit: "reporting currency",
            required: true,
            meaning: "Losses before any policy",
        },
        Column {
            name: "gross",
            kind: Kind::Money,
            unit: "reporting currency",
            required: true,
            meaning: "What the policies pay",
        },
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
    /// Reads one row of a loss table, the engine's own or the user's.
    ///
    /// # Errors
    /// The faults that set the row aside.
    pub fn read(row: &Row) -> Result<Trial, Vec<Fault>> {
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
        if fields.faults.is_empty() { Ok(trial) } else { Err(fields.faults) }
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

impl Projection {
    /// Mean gross loss of the policies whose index satisfies `of`.
    pub fn mean_gross(&self, of: impl Fn(usize) -> bool) -> f64 {
        let total: Cents = self.by_policy.iter().enumerate().filter(|(at, _)| of(*at)).map(|(_, gross)| *gross).sum();
        total.units() / self.trials.len().max(1) as f64
    }
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
    let blocks: Vec<Block> =
        starts.into_par_iter().map(|start| block(plan, &draws, start, BLOCK.min(trials - start))).collect();
    let mut projection =
        Projection { trials: Vec::with_capacity(trials as usize), by_policy: vec![Cents::ZERO; policies] };
    for block in blocks {
        projection.trials.extend(block.trials);
        block.by_policy.into_iter().for_each(|(at, gross)| projection.by_policy[at] += gross);
    }
    projection
}

struct Block {
    trials: Vec<Trial>,
    by_policy: Vec<(usize, Cents)>,
}

fn block(plan: &Plan, draws: &Draws, start: u32, len: u32) -> Block {
    let factors: Vec<Factors> = (start..start + len).map(|trial| factors(plan, draws, trial)).collect();
    let highest = factors.iter().map(|f| f.rate).fold(0.0, f64::max);
    let trials = (start..start + len).map(|t| Trial { trial: t + 1, ..Trial::default() }).collect();
    let mut block = Block { trials, by_policy: Vec::new() };
    for insured in &plan.insureds {
        let rate = (insured.probability * highest).min(1.0);
        if rate <= 0.0 {
            continue;
        }
        let mut steps = Steps::new(draws, start, insured.key, rate);
        while let Some(at) = steps.next_below(len) {
            let [keep, severity] = draws.pair(Purpose::Claim, start + at, 0, insured.key);
            let own = factors[at as usize];
            if keep * highest < own.rate {
                hit(plan, insured, own, severity, at as usize, &mut block);
            }
        }
    }
    block
}

/// Trials of a block in which an insured is a candidate: geometric steps.
struct Steps<'a> {
    draws: &'a Draws,
    start: u32,
    key: u64,
    /// ln(1 − rate), or negative infinity when every trial is one.
    log_miss: f64,
    next: u64,
    step: u32,
    spare: Option<f64>,
}

impl<'a> Steps<'a> {
    fn new(draws: &'a Draws, start: u32, key: u64, rate: f64) -> Steps<'a> {
        Steps { draws, start, key, log_miss: (-rate).ln_1p(), next: 0, step: 0, spare: None }
    }

    fn next_below(&mut self, len: u32) -> Option<u32> {
        let u = self.spare.take().unwrap_or_else(|| {
            let [first, second] = self.draws.pair(Purpose::Skip, self.start, self.step, self.key);
            self.step += 1;
            self.spare = Some(second);
            first
        });
        let gap = (u.ln() / self.log_miss).floor();
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
        Distribution::Beta(a, b) => Beta::new(a, b).map_or(a / (a + b), |beta| beta.sample(&mut stream)),
    };
    let rate = share(plan.shock.affected) * share(plan.shock.hit);
    let hours = plan.shock.outage.map_or(0.0, |(mu, sigma)| (mu + sigma * normal::quantile(stream.uniform())).exp());
    Factors { rate, hours }
}

fn hit(plan: &Plan, insured: &Insured, factors: Factors, u: f64, at: usize, block: &mut Block) {
    let loss = match insured.ground_up {
        GroundUp::Severity { severity, rate } => severity.quantile(u) * rate,
        GroundUp::Hourly(hourly) => hourly * factors.hours,
    };
    let loss = Cents::from_units(loss).unwrap_or(Cents::UNLIMITED);
    let losses = plan.weights.map(|w| loss.scale(w));
    let trial = &mut block.trials[at];
    trial.hits += 1;
    trial.ground_up += losses.into_iter().sum();
    for layer in &insured.layers {
        let gross =
            claim(&layer.terms, &after_waiting(&layer.terms, &losses, factors.hours), layer.terms.aggregate).gross;
        if gross > Cents::ZERO {
            trial.claims += 1;
            trial.gross += gross;
            block.by_policy.push((layer.exposure, gross));
        }
    }
}

/// Interruption is paid by the hour: the part of the outage that the waiting and indemnity periods leave.
fn after_waiting(terms: &Terms, losses: &ByCoverage, hours: f64) -> ByCoverage {
    if hours == 0.0 {
        return *losses;
    }
    let paid = payable_hours(hours, terms.waiting_hours, terms.waiting_kind, terms.indemnity_hours) / hours;
    let mut left = *losses;
    for coverage in [Coverage::BusinessInterruption, Coverage::ContingentBusinessInterruption] {
        left[coverage as usize] = left[coverage as usize].scale(paid);
    }
    left
}

/// Mean claim of an insured that is hit, by 64 equally likely losses: for ranking whom to call, not for totals.
pub fn mean_if_hit(plan: &Plan, insured: &Insured) -> f64 {
    const POINTS: u32 = 64;
    let mean_hours = plan.shock.outage.map_or(0.0, |(mu, sigma)| (mu + sigma * sigma / 2.0).exp());
    let total: f64 = (0..POINTS)
        .map(|i| {
            let factors = Factors { rate: 1.0, hours: mean_hours };
            let mut block = Block { trials: vec![Trial::default()], by_policy: Vec::new() };
            hit(plan, insured, factors, (f64::from(i) + 0.5) / f64::from(POINTS), 0, &mut block);
            block.trials[0].gross.units()
        })
        .sum();
    total / f64::from(POINTS)
}

/// Whether expected losses of this tier rest on what was seen at the insured itself.
pub fn is_observed(tier: Tier) -> bool {
    matches!(tier, Tier::Exposed | Tier::Possible)
}
