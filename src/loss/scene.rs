//! A slice of years as insureds meet it: what all workers read.

use std::ops::Range;

use rayon::prelude::*;

use super::calendar::{Calendar, Moment, Occurrence};
use super::fitted::YearSeverity;
use super::hazard::{CLASSES, Guide, Hazard, class_of};
use super::headway::Headway;
use super::plan::{Insured, Peril, Plan, Risk};
use super::simulate::{Parameters, Simulation};
use super::walk::Path;
use crate::random::Draws;

/// Which classes of probability a peril's insureds have.
pub type Classes = [bool; CLASSES + 1];

/// Those of each of the plan's perils.
pub fn used_classes(plan: &Plan) -> Vec<Classes> {
    let none = || vec![[false; CLASSES + 1]; plan.perils.len()];
    let add = |mut used: Vec<Classes>, insured: &Insured| {
        for risk in &insured.risks {
            used[risk.peril as usize][class_of(risk.probability)] = true;
        }
        used
    };
    let both = |mut used: Vec<Classes>, other: Vec<Classes>| {
        used.iter_mut().flatten().zip(other.iter().flatten()).for_each(|(a, b)| *a |= *b);
        used
    };
    plan.insureds.par_iter().fold(none, add).reduce(none, both)
}

/// One peril's part of a slice.
pub struct Part {
    /// Its draws.
    pub draws: Draws,
    /// The place of its first occurrence in the years that are wanted; 0 where all are.
    wanted: u32,
    /// How many of its occurrences one year has at most.
    most_in_a_year: u32,
    /// By class; those that no insured has are empty.
    pub hazards: Vec<Hazard>,
}

/// A slice of years as insureds meet it.
pub struct Scene<'a> {
    /// What is simulated.
    pub simulation: &'a Simulation<'a>,
    /// Which block.
    pub block: u32,
    /// The years that are wanted, which end the calendar's.
    pub years: Range<u32>,
    /// When events happen: from where the slice before ended, or from the block's first year on.
    pub calendar: &'a Calendar,
    /// By peril.
    pub perils: Vec<Part>,
    /// Their hazards' guide.
    pub guide: Guide,
    /// What walks need of each occurrence.
    pub moments: Vec<Moment>,
    /// Fitted severities of each occurrence's year, or for all.
    models: Vec<Vec<YearSeverity>>,
    /// Whether claims are told by coverage.
    pub by_coverage: bool,
    /// Whether claims are kept.
    pub claims: bool,
    /// Whether what policies pay in each year is kept.
    pub yearly: bool,
}

impl<'a> Scene<'a> {
    /// The slice of `simulation` in a block, whose calendar begins where `headway` is. `used` says which classes of probability
    /// each peril's insureds have.
    pub fn new(
        simulation: &'a Simulation<'a>,
        draws: Draws,
        (block, years): (u32, Range<u32>),
        calendar: &'a Calendar,
        used: &[Classes],
        headway: &Headway,
    ) -> Scene<'a> {
        let plan = simulation.plan;
        let part = |(at, peril): (usize, &Peril)| {
            let range = calendar.perils[at].clone();
            let occurrences = &calendar.occurrences[range.clone()];
            let mean = peril.shock.affected.mean() * peril.shock.hit.mean();
            let (before, mut guide) = (occurrences.partition_point(|o| o.year < years.start), Guide::default());
            let mut hazard = |class: usize| {
                let begin = headway.hazard(at, class);
                let own = (range.start, occurrences);
                if used[at][class] { guide.add(own, mean, class, begin) } else { Hazard::default() }
            };
            let part = Part {
                draws: draws.of(peril.key),
                wanted: if before > 0 { (range.start + before) as u32 } else { 0 },
                most_in_a_year: occurrences.iter().map(|o| o.number + 1).max().unwrap_or(0),
                hazards: (0..=CLASSES).map(&mut hazard).collect(),
            };
            (part, guide)
        };
        let parts: Vec<(Part, Guide)> = plan.perils.par_iter().enumerate().map(part).collect();
        let (mut guide, mut perils) = (Guide::default(), Vec::with_capacity(parts.len()));
        for (mut part, own) in parts {
            guide.append(own, &mut part.hazards);
            perils.push(part);
        }
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
            moments: calendar.occurrences.par_iter().map(Moment::of).collect(),
            perils,
            guide,
            models,
            by_coverage: simulation.by_coverage(),
            claims: simulation.claims || simulation.reinsurance.is_some(),
            yearly: simulation.yearly_by_policy,
        }
    }

    /// Of an occurrence, by its place in the calendar.
    #[inline(always)]
    pub fn moment(&self, place: u32) -> &Moment {
        &self.moments[place as usize]
    }

    /// How an insured walks through a peril's occurrences.
    pub fn path(&self, risk: &Risk) -> Path<'_> {
        let part = &self.perils[risk.peril as usize];
        let hazard = &part.hazards[class_of(risk.probability)];
        Path { draws: &part.draws, hazard, wanted: part.wanted }
    }

    /// How many occurrences of the peril of one of them, by its place in the calendar, a year has at most.
    pub fn most_in_a_year(&self, place: u32) -> u32 {
        self.perils[self.calendar.occurrences[place as usize].peril as usize].most_in_a_year
    }

    /// The place of no occurrence.
    pub fn nowhere(&self) -> u32 {
        self.calendar.occurrences.len() as u32
    }

    /// Fitted severities in the year of an occurrence.
    pub fn models(&self, place: u32) -> &[YearSeverity] {
        match self.models.as_slice() {
            [all] => all,
            each => &each[place as usize],
        }
    }
}
