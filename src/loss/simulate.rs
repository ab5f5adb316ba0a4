//! Simulates years of events over a plan, block by block.
//!
//! Within a block insureds are taken one by one, each through all its hits in the order of the years, so that annual terms
//! see them in order; sums by occurrence are whole cents and do not depend on who came first. Where treaties or claims are
//! wanted, the block's claims are then brought into the order of occurrences. Memory follows the claims of a block.

use std::ops::Range;

use rayon::prelude::*;

use super::calendar::{BLOCK, Calendar, Mode, Occurrence};
use super::fitted::YearSeverity;
use super::hazard::{CLASSES, Hazard, Walk, class_of};
use super::hit::{Settling, loss};
use super::net::Reinsurance;
use super::plan::{Insured, Plan};
use super::year::{Amounts, YearLoss};
use crate::fault::Failure;
use crate::money::{Apportionment, Cents};
use crate::portfolio::Coverage;
use crate::random::{Draws, Purpose};
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

/// Losses of a block of years.
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
        let block = block_of(self.mode);
        for number in self.years.start / block..self.years.end.div_ceil(block) {
            let (begin, end) = (number * block, ((number + 1) * block).min(self.years.end));
            let mut losses = Losses::of(self, number, begin..end);
            losses.by_policy.drain(..).for_each(|(policy, gross)| projection.by_policy[policy as usize] += gross);
            let block = losses.block(self, begin.max(self.years.start)..end);
            projection.years.extend_from_slice(&block.years);
            each(&block)?;
        }
        Ok(projection)
    }
}

/// In scenario mode a block holds an occurrence a year.
fn block_of(mode: Mode) -> u32 {
    match mode {
        Mode::Scenario => BLOCK / 8,
        Mode::Catalogue => BLOCK / 2,
    }
}

/// What tasks add up.
#[derive(Default)]
struct Losses {
    calendar: Calendar,
    sums: Vec<Sum>,
    by_policy: Vec<(u32, Cents)>,
    /// By number of the task.
    claims: Vec<(usize, Vec<Claim>)>,
}

impl Losses {
    fn of(simulation: &Simulation, block: u32, years: Range<u32>) -> Losses {
        let draws = Draws::new(simulation.seed);
        let calendar = Calendar::of(simulation.plan, &draws, simulation.mode, years);
        let scene = Scene::new(simulation, draws, block, &calendar);
        let empty = || Losses { sums: vec![Sum::default(); calendar.occurrences.len()], ..Losses::default() };
        let tasks = simulation.plan.insureds.par_chunks(INSUREDS).enumerate();
        let mut losses = tasks
            .fold(empty, |mut losses, (number, insureds)| {
                losses.claims.push((number, Vec::new()));
                let mut settling = Settling::default();
                insureds.iter().for_each(|insured| scene.insured(insured, &mut settling, &mut losses));
                losses
            })
            .reduce(empty, Losses::with);
        losses.claims.sort_unstable_by_key(|(number, _)| *number);
        losses.calendar = calendar;
        losses
    }

    fn with(mut self, other: Losses) -> Losses {
        for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
            sum.hits += more.hits;
            sum.claims += more.claims;
            sum.amounts += more.amounts;
        }
        self.by_policy.extend(other.by_policy);
        self.claims.extend(other.claims);
        self
    }

    /// The block's years from the first that is wanted.
    fn block(mut self, simulation: &Simulation, years: Range<u32>) -> Block {
        let before = self.calendar.occurrences.partition_point(|o| o.year < years.start);
        let mut block = Block {
            years: years.clone().map(|year| YearLoss { year: year + 1, ..YearLoss::default() }).collect(),
            occurrences: self.calendar.occurrences.split_off(before),
            sums: self.sums.split_off(before),
            claims: Vec::new(),
            ceded: Vec::new(),
        };
        block.sums.iter_mut().for_each(|sum| sum.amounts.net = sum.amounts.gross);
        if simulation.claims || simulation.reinsurance.is_some() {
            let starts = block.order(&self.claims, before as u32);
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

/// A block as its insureds meet it.
struct Scene<'a> {
    simulation: &'a Simulation<'a>,
    block: u32,
    calendar: &'a Calendar,
    /// By peril and class; those that no insured has are empty.
    hazards: Vec<Vec<Hazard>>,
    /// Draws of each peril.
    draws: Vec<Draws>,
    /// Fitted severities of each occurrence's year, or for all.
    models: Vec<Vec<YearSeverity>>,
    by_coverage: bool,
    claims: bool,
}

impl<'a> Scene<'a> {
    fn new(simulation: &'a Simulation<'a>, draws: Draws, block: u32, calendar: &'a Calendar) -> Scene<'a> {
        let plan = simulation.plan;
        let mut used = vec![[false; CLASSES + 1]; plan.perils.len()];
        for risk in plan.insureds.iter().flat_map(|insured| &insured.risks) {
            used[risk.peril as usize][class_of(risk.probability)] = true;
        }
        let hazard = |(peril, used): (usize, &[bool; CLASSES + 1])| {
            let of = |class: usize| if used[class] { Hazard::of(calendar, peril, class) } else { Hazard::default() };
            (0..=CLASSES).map(of).collect()
        };
        let models = match simulation.parameters {
            Parameters::Estimates => vec![plan.models.iter().map(|model| model.central()).collect()],
            Parameters::Drawn => {
                let of = |o: &Occurrence| plan.models.iter().map(|m| m.in_year(&draws, o.year)).collect();
                calendar.occurrences.par_iter().map(of).collect()
            }
        };
        Scene {
            simulation,
            block,
            calendar,
            hazards: used.iter().enumerate().map(hazard).collect(),
            draws: plan.perils.iter().map(|peril| draws.of(peril.key)).collect(),
            models,
            by_coverage: simulation.reinsurance.is_some_and(Reinsurance::by_coverage),
            claims: simulation.claims || simulation.reinsurance.is_some(),
        }
    }

    fn insured(&self, insured: &Insured, settling: &mut Settling, losses: &mut Losses) {
        settling.begin();
        let mut sums = [Cents::ZERO; FEW];
        let mut many = Vec::new();
        let sums = if insured.layers.len() <= FEW {
            &mut sums[..insured.layers.len()]
        } else {
            many.resize(insured.layers.len(), Cents::ZERO);
            &mut many[..]
        };
        if insured.risks.len() == 1 {
            self.each_hit(insured, 0, |at, u| self.hit(insured, 0, at, u, settling, losses, sums));
        } else {
            let mut hits = Vec::new();
            for risk in 0..insured.risks.len() {
                self.each_hit(insured, risk, |at, u| hits.push((at, risk, u)));
            }
            hits.sort_unstable_by_key(|(at, ..)| *at);
            hits.into_iter().for_each(|(at, risk, u)| self.hit(insured, risk, at, u, settling, losses, sums));
        }
        let paid = insured.layers.iter().zip(&*sums).filter(|(_, sum)| **sum > Cents::ZERO);
        losses.by_policy.extend(paid.map(|(layer, sum)| (layer.policy, *sum)));
    }

    /// The hits of an insured by one peril, in the years that are wanted.
    fn each_hit(&self, insured: &Insured, risk: usize, mut each: impl FnMut(u32, f64)) {
        let risk = &insured.risks[risk];
        let peril = risk.peril as usize;
        let hazard = &self.hazards[peril][class_of(risk.probability)];
        let places = &self.calendar.by_peril[peril];
        let mut walk = Walk::new(hazard, self.draws[peril], self.block, insured.key, risk.probability);
        let occurrence = |at: usize| &self.calendar.occurrences[places[at] as usize];
        while let Some((at, severity)) = walk.next_hit(occurrence) {
            if occurrence(at).year >= self.simulation.years.start {
                each(places[at], severity);
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn hit(
        &self,
        insured: &Insured,
        risk: usize,
        at: u32,
        u: f64,
        settling: &mut Settling,
        losses: &mut Losses,
        by_layer: &mut [Cents],
    ) {
        let (risk, occurrence) = (&insured.risks[risk], &self.calendar.occurrences[at as usize]);
        let models = if self.models.len() == 1 { &self.models[0] } else { &self.models[at as usize] };
        let loss = loss(&risk.ground_up, occurrence, models, u, |second| {
            let draws = &self.draws[risk.peril as usize];
            draws.pair(Purpose::Standby, occurrence.year, occurrence.number, insured.key)[0] < second
        });
        let paid = settling.settle(insured, &self.simulation.plan.perils[risk.peril as usize], occurrence, loss);
        let sum = &mut losses.sums[at as usize];
        sum.hits += 1;
        sum.amounts.ground_up += loss.total;
        for ((layer, paid), by_layer) in insured.layers.iter().zip(paid).zip(by_layer) {
            sum.claims += u32::from(paid.gross > Cents::ZERO);
            sum.amounts.gross += paid.gross;
            *by_layer += paid.gross;
            if !self.claims {
                continue;
            }
            let Some((_, claims)) = losses.claims.last_mut() else { continue };
            let claim = |coverage, ground_up, gross| Claim {
                occurrence: at,
                policy: layer.policy,
                coverage,
                amounts: Amounts { ground_up, gross, net: gross },
            };
            if self.by_coverage {
                let parts = paid.by_coverage(&mut Apportionment::default());
                for coverage in Coverage::ALL {
                    let (ground_up, gross) = (paid.ground_up[coverage as usize], parts[coverage as usize]);
                    if ground_up > Cents::ZERO {
                        claims.push(claim(Some(coverage), ground_up, gross));
                    }
                }
            } else {
                claims.push(claim(None, loss.total, paid.gross));
            }
        }
    }
}

/// Layers of an insured whose sums need no memory of their own.
const FEW: usize = 4;
