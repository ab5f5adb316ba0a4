//! A slice of years as insureds meet it, one by one.

use std::ops::Range;

use rayon::prelude::*;

use super::calendar::{Calendar, Occurrence};
use super::fitted::YearSeverity;
use super::hazard::{CLASSES, Hazard, Walker, class_of};
use super::hit::{Loss, Settling, loss};
use super::plan::{GroundUp, Insured, Plan};
use super::simulate::{Claim, Parameters, Simulation, Sum};
use super::year::Amounts;
use crate::money::Cents;
use crate::random::normal::quantiles;
use crate::random::{Draws, Purpose};

/// What tasks add up.
pub struct Tally {
    /// By occurrence.
    pub sums: Vec<Sum>,
    /// Gross losses of policies.
    pub by_policy: Vec<(u32, Cents)>,
    /// Claims by number of the task, each in the order of insureds.
    pub claims: Vec<(usize, Vec<Claim>)>,
}

impl Tally {
    /// Nothing yet, for so many occurrences.
    pub fn new(occurrences: usize) -> Tally {
        Tally { sums: vec![Sum::default(); occurrences], by_policy: Vec::new(), claims: Vec::new() }
    }

    /// Both together.
    pub fn with(mut self, other: Tally) -> Tally {
        for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
            sum.hits += more.hits;
            sum.claims += more.claims;
            sum.amounts += more.amounts;
        }
        self.by_policy.extend(other.by_policy);
        self.claims.extend(other.claims);
        self
    }
}

/// One hit of the insured in hand.
#[derive(Clone, Copy)]
struct Hit {
    /// Position of the occurrence.
    at: u32,
    /// Which of the insured's risks.
    risk: u32,
    /// Uniform of its severity.
    u: f64,
}

/// Brings hits into the order of their occurrences: each risk's are, and `runs` says where they end.
fn merge(ranks: &[u32], runs: &[usize], hits: &mut [Hit], spare: &mut Vec<Hit>) {
    let rank = |hit: &Hit| ranks[hit.at as usize];
    for next in runs.windows(2) {
        let (mut left, mut right) = (0, next[0]);
        spare.clear();
        spare.extend_from_slice(&hits[..next[1]]);
        for place in &mut hits[..next[1]] {
            let first = right == next[1] || (left < next[0] && rank(&spare[left]) < rank(&spare[right]));
            *place = spare[if first { left } else { right }];
            left += usize::from(first);
            right += usize::from(!first);
        }
    }
}

/// Memory of a task.
#[derive(Default)]
struct Desk {
    /// Occurrences that the insured meets.
    met: Vec<u32>,
    /// Its hits, and where those of each risk end.
    hits: Vec<Hit>,
    runs: Vec<usize>,
    spare: Vec<Hit>,
    /// Probabilities of the severities, and the standard normal's quantiles.
    uniforms: Vec<f64>,
    normals: Vec<f64>,
    losses: Vec<Loss>,
    settling: Settling,
    by_layer: Vec<Cents>,
}

/// Which classes of probability each peril's insureds have.
fn used_classes(plan: &Plan) -> Vec<[bool; CLASSES + 1]> {
    let none = || vec![[false; CLASSES + 1]; plan.perils.len()];
    let add = |mut used: Vec<[bool; CLASSES + 1]>, insured: &Insured| {
        for risk in &insured.risks {
            used[risk.peril as usize][class_of(risk.probability)] = true;
        }
        used
    };
    let both = |mut used: Vec<[bool; CLASSES + 1]>, other: Vec<[bool; CLASSES + 1]>| {
        used.iter_mut().flatten().zip(other.iter().flatten()).for_each(|(a, b)| *a |= *b);
        used
    };
    plan.insureds.par_iter().fold(none, add).reduce(none, both)
}

/// A slice of years as insureds meet it.
pub struct Scene<'a> {
    simulation: &'a Simulation<'a>,
    block: u32,
    years: Range<u32>,
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
    /// The slice of `simulation` in a block, whose calendar begins with the block.
    pub fn new(
        simulation: &'a Simulation<'a>,
        draws: Draws,
        (block, years): (u32, Range<u32>),
        calendar: &'a Calendar,
    ) -> Scene<'a> {
        let plan = simulation.plan;
        let used = used_classes(plan);
        let hazard = |(peril, used): (usize, &[bool; CLASSES + 1])| {
            let of = |class: usize| {
                if used[class] {
                    Hazard::of(&calendar.occurrences[calendar.perils[peril].clone()], class)
                } else {
                    Hazard::default()
                }
            };
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
            years,
            calendar,
            hazards: used.par_iter().enumerate().map(hazard).collect(),
            draws: plan.perils.iter().map(|peril| draws.of(peril.key)).collect(),
            models,
            by_coverage: simulation.by_coverage(),
            claims: simulation.claims || simulation.reinsurance.is_some(),
        }
    }

    /// Adds the losses of some insureds to a tally.
    pub fn task(&self, number: usize, insureds: &[Insured], mut tally: Tally) -> Tally {
        let mut claims = Vec::new();
        let mut desk = Desk { settling: Settling::new(self.by_coverage), ..Desk::default() };
        for insured in insureds {
            self.hits(insured, &mut desk);
            self.losses(insured, &mut desk);
            self.settle(insured, &mut desk, &mut tally, &mut claims);
        }
        if self.claims {
            tally.claims.push((number, claims));
        }
        tally
    }

    /// The hits of an insured in the years that are wanted, in the order of their occurrences.
    fn hits(&self, insured: &Insured, desk: &mut Desk) {
        desk.hits.clear();
        desk.runs.clear();
        for risk in 0..insured.risks.len() {
            self.walk(insured, risk, desk);
            desk.runs.push(desk.hits.len());
        }
        merge(&self.calendar.ranks, &desk.runs, &mut desk.hits, &mut desk.spare);
    }

    /// The hits of an insured by one peril.
    fn walk(&self, insured: &Insured, risk: usize, desk: &mut Desk) {
        let own = &insured.risks[risk];
        let peril = own.peril as usize;
        let hazard = &self.hazards[peril][class_of(own.probability)];
        let walker = Walker { key: insured.key, probability: own.probability };
        let (range, years) = (self.calendar.perils[peril].clone(), (self.block, self.years.start));
        let (begin, hits) = (range.start, &mut desk.hits);
        hazard.walk(&self.calendar.occurrences[range], self.draws[peril], years, walker, &mut desk.met, |at, u| {
            hits.push(Hit { at: (begin + at) as u32, risk: risk as u32, u });
        });
    }

    /// The losses of the hits: in loops of their own, so that none waits for another's terms.
    fn losses(&self, insured: &Insured, desk: &mut Desk) {
        desk.uniforms.clear();
        desk.uniforms.extend(desk.hits.iter().map(|hit| hit.u));
        let normal = insured.risks.iter().any(|risk| matches!(risk.ground_up, GroundUp::Severity { .. }));
        if normal {
            quantiles(&desk.uniforms, &mut desk.normals);
        } else {
            desk.normals.clear();
            desk.normals.resize(desk.hits.len(), 0.0);
        }
        desk.losses.clear();
        desk.losses.extend(desk.hits.iter().zip(&desk.normals).map(|(hit, z)| self.loss(insured, hit, *z)));
    }

    #[inline]
    fn loss(&self, insured: &Insured, hit: &Hit, z: f64) -> Loss {
        let (risk, occurrence) = (&insured.risks[hit.risk as usize], &self.calendar.occurrences[hit.at as usize]);
        let models = if self.models.len() == 1 { &self.models[0] } else { &self.models[hit.at as usize] };
        loss(&risk.ground_up, occurrence, models, (hit.u, z), |second| {
            let draws = &self.draws[risk.peril as usize];
            draws.pair(Purpose::Standby, occurrence.year, occurrence.number, insured.key)[0] < second
        })
    }

    /// Takes the insured's hits through its policies.
    fn settle(&self, insured: &Insured, desk: &mut Desk, tally: &mut Tally, claims: &mut Vec<Claim>) {
        if desk.hits.is_empty() {
            return;
        }
        desk.settling.begin(insured);
        desk.by_layer.clear();
        desk.by_layer.resize(insured.layers.len(), Cents::ZERO);
        for (hit, loss) in desk.hits.iter().zip(&desk.losses) {
            let occurrence = &self.calendar.occurrences[hit.at as usize];
            let peril = &self.simulation.plan.perils[occurrence.peril as usize];
            let paid = desk.settling.settle(insured, peril, occurrence, *loss);
            let sum = &mut tally.sums[hit.at as usize];
            sum.hits += 1;
            sum.amounts.ground_up += loss.total;
            for (gross, by_layer) in paid.iter().zip(&mut desk.by_layer) {
                sum.claims += u32::from(*gross > Cents::ZERO);
                sum.amounts.gross += *gross;
                *by_layer += *gross;
            }
            if self.claims {
                self.keep(insured, hit.at, loss.total, &mut desk.settling, claims);
            }
        }
        let paid = insured.layers.iter().zip(&desk.by_layer).filter(|(_, sum)| **sum > Cents::ZERO);
        tally.by_policy.extend(paid.map(|(layer, sum)| (layer.policy, *sum)));
    }

    /// Keeps the claims of the last hit.
    fn keep(&self, insured: &Insured, at: u32, total: Cents, settling: &mut Settling, claims: &mut Vec<Claim>) {
        let occurrence = self.calendar.ranks[at as usize];
        settling.rows(total, |place, coverage, ground_up, gross| {
            let amounts = Amounts { ground_up, gross, net: gross };
            claims.push(Claim { occurrence, policy: insured.layers[place].policy, coverage, amounts });
        });
    }
}
