//! Simulates years of events over a plan, block by block, and a block in slices that go on from one another.
//!
//! Within a slice workers take some insureds at a time, each through all its hits in it; those that share a year go
//! through annual terms in their order. Sums by occurrence are whole cents and do not depend on who came first. Where treaties or
//! claims are wanted, the slice's claims are then brought into the order of occurrences. Memory follows the claims of a slice.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::calendar::{Calendar, Mode, Occurrence};
use super::desk::Desk;
use super::headway::Headway;
use super::net::Reinsurance;
use super::plan::Plan;
use super::scene::{Classes, Scene, used_classes};
use super::tally::{Gross, Tally};
use super::year::{Amounts, YearLoss};
use super::yearly_paid::YearlyPaid;
use crate::fault::Failure;
use crate::money::Cents;
use crate::portfolio::Coverage;
use crate::random::Draws;
use crate::treaty::Cession;

/// Which parameters fitted severities have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameters {
    /// Their estimates.
    Estimates,
    /// Drawn anew for each year from their covariance.
    Drawn,
}

/// What is simulated.
#[derive(Clone)]
pub struct Simulation<'a> {
    /// Insureds and events.
    pub plan: &'a Plan,
    /// How years are filled.
    pub mode: Mode,
    /// Which years, counted from 0.
    pub years: Range<u32>,
    /// Seed.
    pub seed: u64,
    /// Parameters of fitted severities.
    pub parameters: Parameters,
    /// Treaties, where there are any.
    pub reinsurance: Option<&'a Reinsurance<'a>>,
    /// Whether each claim is wanted, and not their sums alone.
    pub claims: bool,
    /// Whether what each policy pays in each year is wanted.
    pub yearly_by_policy: bool,
}

/// What one policy pays of one occurrence, as blocks hold it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Claim {
    /// Position of the occurrence in the block.
    pub occurrence: u32,
    /// Position of the policy in the plan.
    pub policy: u32,
    /// The coverage, where claims are told by coverage.
    pub coverage: Option<Coverage>,
    /// Losses.
    pub amounts: Amounts,
}

/// Losses of some years.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Years.
    pub years: Vec<YearLoss>,
    /// Occurrences in order.
    pub occurrences: Vec<Occurrence>,
    /// Insureds with a loss, policies that pay, and amounts, by occurrence.
    pub sums: Vec<Sum>,
    /// Claims in the order of occurrences, where they are wanted.
    pub claims: Vec<Claim>,
    /// What policies pay in each year, where that is wanted: each policy once, in the order of insureds.
    pub yearly: Vec<YearlyPaid>,
    /// What treaties took, by position of the occurrence.
    pub ceded: Vec<(u32, Cession)>,
}

/// What an occurrence comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    /// Insureds with a loss.
    pub hits: u32,
    /// Policies that pay.
    pub claims: u32,
    /// Amounts.
    pub amounts: Amounts,
}

/// All years, and each policy's gross loss over all of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    /// In order.
    pub years: Vec<YearLoss>,
    /// Gross loss of each of the plan's policies, summed over the years.
    pub by_policy: Vec<Cents>,
}

/// Insureds of one task.
const INSUREDS: usize = 256;

impl Simulation<'_> {
    /// Simulates the years, handing each block to `each` in order.
    ///
    /// # Errors
    /// Those of `each`.
    pub fn run(&self, mut each: impl FnMut(&Block) -> Result<(), Failure>) -> Result<Projection, Failure> {
        let mut projection = Projection {
            years: Vec::with_capacity(self.years.len()),
            by_policy: vec![Cents::ZERO; self.plan.policies.len()],
        };
        let (used, slices) = (used_classes(self.plan), self.slices());
        let mut headway = Headway::new(self.plan, INSUREDS, slices.iter().any(|(_, goes_on)| *goes_on));
        for (years, goes_on) in slices {
            if !goes_on {
                headway.begin();
            }
            let mut losses = Losses::of(self, years.clone(), goes_on, &used, &mut headway);
            for (policy, gross) in losses.tally.by_policy.drain(..).flatten() {
                projection.by_policy[policy as usize] += gross;
            }
            let block = losses.block(self, years);
            projection.years.extend_from_slice(&block.years);
            each(&block)?;
        }
        Ok(projection)
    }

    /// The years in pieces, each within a block: as many years as workers have near (see [`Simulation::near`]), and where claims
    /// are kept as have no more than [`KEPT`] of them on average; and whether each goes on where the one before it ends. Where
    /// the cuts are changes no draw.
    fn slices(&self) -> Vec<(Range<u32>, bool)> {
        let block = self.mode.block();
        let kept = if self.claims || self.reinsurance.is_some() {
            if self.by_coverage() { 3.0 } else { 1.0 }
        } else if self.yearly_by_policy {
            0.2
        } else {
            0.0
        };
        let claims = kept * self.plan.expected_claims(self.mode);
        let most = (KEPT / claims.max(1e-9)).min(self.near()).clamp(1.0, f64::from(block));
        let longest = block.div_ceil((f64::from(block) / most).ceil() as u32);
        let (mut slices, mut from) = (Vec::new(), self.years.start);
        while from < self.years.end {
            let to = ((from / block + 1) * block).min(from.saturating_add(longest));
            let goes_on = from > self.years.start && from % block > 0;
            slices.push((from..to.min(self.years.end), goes_on));
            from = to;
        }
        slices
    }

    /// Years whose occurrences, with all that a hit needs of them, fit into the memory next to a core; but no fewer than make a walk,
    /// and all of them, worth going on with.
    fn near(&self) -> f64 {
        let occurrences = self.plan.expected_occurrences(self.mode);
        let hits = self.plan.expected_hits(self.mode);
        let walks = self.plan.insureds.iter().map(|insured| insured.risks.len()).sum::<usize>() as f64;
        (NEAR / occurrences).max(WALK * walks / hits).max(SLICE / hits)
    }

    /// Whether claims are told by coverage.
    pub fn by_coverage(&self) -> bool {
        self.reinsurance.is_some_and(Reinsurance::by_coverage)
    }
}

/// Claims that are held at once, on average; or five times as many sums of a policy's year.
const KEPT: f64 = 3e6;

/// Occurrences that are near: about half of 1 MiB, at 56 bytes each for its sums, moment, hazard and guide.
const NEAR: f64 = 17_000.0;

/// Hits of a walk, on average, that are worth going on with it in another slice.
const WALK: f64 = 64.0;

/// Hits that are worth a slice.
const SLICE: f64 = 2e5;

/// What a slice of years comes to, before its claims are in order.
struct Losses {
    calendar: Calendar,
    tally: Tally,
}

impl Losses {
    fn of(
        simulation: &Simulation,
        years: Range<u32>,
        goes_on: bool,
        used: &[Classes],
        headway: &mut Headway,
    ) -> Losses {
        let draws = Draws::new(simulation.seed);
        let block = years.start / simulation.mode.block();
        let first = if goes_on { years.start } else { block * simulation.mode.block() };
        let calendar = Calendar::of(simulation.plan, &draws, simulation.mode, first..years.end);
        let scene = Scene::new(simulation, draws, (block, years), &calendar, used, headway);
        headway.pass(&scene);
        let empty = || Tally::new(calendar.occurrences.len());
        // No more tallies than workers: each is as long as the calendar.
        let idle = Mutex::new(Vec::new());
        let tasks = simulation.plan.insureds.par_chunks(INSUREDS).zip(headway.stands()).enumerate();
        tasks.for_each(|(number, (insureds, stands))| {
            let own = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let (mut tally, mut desk) = own.unwrap_or_else(|| (empty(), Desk::new(&scene)));
            desk.task(number, insureds, stands, &mut tally);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push((tally, desk));
        });
        let tallies = idle.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().map(|(tally, _)| tally);
        let mut tally = tallies.reduce(Tally::with).unwrap_or_else(empty);
        tally.sums.pop();
        tally.claims.sort_unstable_by_key(|(number, _)| *number);
        tally.yearly.sort_unstable_by_key(|(number, _)| *number);
        Losses { calendar, tally }
    }

    /// The years, without those of the block before the first of them.
    fn block(mut self, simulation: &Simulation, years: Range<u32>) -> Block {
        let mut occurrences = self.calendar.in_time(&self.calendar.occurrences);
        let sums = self.calendar.in_time(&self.tally.sums);
        let before = occurrences.partition_point(|o| o.year < years.start);
        let mut block = Block {
            years: years.clone().map(|year| YearLoss { year: year + 1, ..YearLoss::default() }).collect(),
            occurrences: occurrences.split_off(before),
            sums: sums[before..].iter().map(Gross::sum).collect(),
            claims: Vec::new(),
            yearly: self.tally.yearly.drain(..).map(|(_, yearly)| yearly).collect(),
            ceded: Vec::new(),
        };
        if simulation.claims || simulation.reinsurance.is_some() {
            let starts = block.order(&self.tally.claims, before as u32);
            drop(self);
            if let Some(reinsurance) = simulation.reinsurance {
                block.cede(reinsurance, &starts);
            }
        }
        block.add_up(years.start);
        block
    }
}

impl Block {
    /// Brings claims into the order of occurrences, those of one staying in the order of insureds, and says where each
    /// occurrence's begin.
    fn order(&mut self, tasks: &[(usize, Vec<Claim>)], before: u32) -> Vec<usize> {
        let claims = || tasks.iter().flat_map(|(_, claims)| claims);
        let mut starts = vec![0; self.occurrences.len() + 1];
        claims().for_each(|claim| starts[(claim.occurrence - before) as usize + 1] += 1);
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let (mut next, none) = (starts.clone(), Amounts::default());
        self.claims = vec![Claim { occurrence: 0, policy: 0, coverage: None, amounts: none }; starts[starts.len() - 1]];
        for claim in claims() {
            let occurrence = claim.occurrence - before;
            let place = &mut next[occurrence as usize];
            self.claims[*place] = Claim { occurrence, ..*claim };
            *place += 1;
        }
        starts
    }

    fn cede(&mut self, reinsurance: &Reinsurance, starts: &[usize]) {
        let subjects: Vec<u32> = self.claims.iter().map(|c| reinsurance.subject(c.policy, c.coverage)).collect();
        let gross: Vec<Cents> = self.claims.iter().map(|c| c.amounts.gross).collect();
        let mut net = vec![Cents::ZERO; gross.len()];
        self.ceded = reinsurance.cede(&self.occurrences, starts, (&subjects, &gross), &mut net);
        for (claim, net) in self.claims.iter_mut().zip(net) {
            claim.amounts.net = net;
        }
        for (sum, range) in self.sums.iter_mut().zip(starts.windows(2)) {
            sum.amounts.net = self.claims[range[0]..range[1]].iter().map(|c| c.amounts.net).sum();
        }
    }

    fn add_up(&mut self, first: u32) {
        for (occurrence, sum) in self.occurrences.iter().zip(&self.sums) {
            let year = &mut self.years[(occurrence.year - first) as usize];
            year.occurrences += 1;
            year.hits += sum.hits;
            year.claims += sum.claims;
            year.sum += sum.amounts;
            year.largest = year.largest.max(sum.amounts);
        }
        for (at, cession) in &self.ceded {
            let year = self.occurrences[*at as usize].year - first;
            self.years[year as usize].reinstatement_premium += cession.reinstatement_premium;
        }
    }
}
