//! Claims of a block of years through the treaties.

use std::ops::Range;

use rayon::prelude::*;

use super::calendar::Occurrence;
use super::plan::Plan;
use crate::exposure::Exposure;
use crate::fault::{Failure, Warning};
use crate::money::Cents;
use crate::portfolio::Coverage;
use crate::treaty::{Cession, Named, Programme, Reach, Subject, Workspace, YearState};

/// A programme over the policies of a plan.
pub struct Reinsurance<'a> {
    /// Its treaties.
    pub programme: &'a Programme,
    reaches: Vec<Reach>,
    by_coverage: bool,
}

/// Years that one task takes through the treaties.
const YEARS: usize = 64;

impl<'a> Reinsurance<'a> {
    /// What each treaty covers of the plan's policies, which are rows of `exposures`.
    pub fn new(programme: &'a Programme, plan: &Plan, exposures: &[Exposure]) -> Reinsurance<'a> {
        let by_coverage = programme.tells_coverages();
        let mut reaches = programme.reaches();
        for row in &plan.policies {
            let exposure = &exposures[*row];
            let mut subject = subject(exposure);
            let coverages = if by_coverage { &Coverage::ALL[..] } else { &[] };
            let each = coverages.iter().copied().map(Some).chain((!by_coverage).then_some(None));
            for coverage in each {
                subject.coverage = coverage;
                for (treaty, reach) in programme.treaties().iter().zip(&mut reaches) {
                    reach.add(treaty, &subject);
                }
            }
        }
        Reinsurance { programme, reaches, by_coverage }
    }

    /// What scopes name and no policy in `exposures` has.
    ///
    /// # Errors
    /// When what they name is no code that there is.
    pub fn uncovered(programme: &Programme, exposures: &[Exposure]) -> Result<Vec<Warning>, Failure> {
        let mut named = Named::of_book(programme);
        for exposure in exposures {
            let covered = |coverage: &Coverage| exposure.terms.coverages[*coverage as usize].covered;
            named.see(&subject(exposure), Coverage::ALL.into_iter().filter(covered));
        }
        named.uncovered()
    }

    /// Whether claims must be told by coverage.
    pub fn by_coverage(&self) -> bool {
        self.by_coverage
    }

    /// The number of a policy's claim, under a coverage where claims are told by coverage.
    pub fn subject(&self, policy: u32, coverage: Option<Coverage>) -> u32 {
        match coverage {
            Some(coverage) if self.by_coverage => policy * Coverage::COUNT as u32 + coverage as u32,
            _ => policy,
        }
    }

    /// Takes the claims of all occurrences through the treaties: writes what is left of each, and gives what each treaty
    /// took, by position of the occurrence. `starts` has where each occurrence's claims begin, and the end of the last's.
    pub fn cede(
        &self,
        occurrences: &[Occurrence],
        starts: &[usize],
        (subjects, gross): (&[u32], &[Cents]),
        net: &mut [Cents],
    ) -> Vec<(u32, Cession)> {
        let mut tasks: Vec<(Range<usize>, &mut [Cents])> = Vec::new();
        let (mut left, mut first) = (net, 0);
        for years in tasks_of(occurrences) {
            let (own, rest) = left.split_at_mut(starts[years.end] - starts[first]);
            (left, first) = (rest, years.end);
            tasks.push((years, own));
        }
        let ceded: Vec<Vec<(u32, Cession)>> = tasks
            .into_par_iter()
            .map(|(range, net)| self.task(occurrences, range, starts, (subjects, gross), net))
            .collect();
        ceded.into_iter().flatten().collect()
    }

    fn task(
        &self,
        occurrences: &[Occurrence],
        range: Range<usize>,
        starts: &[usize],
        (subjects, gross): (&[u32], &[Cents]),
        net: &mut [Cents],
    ) -> Vec<(u32, Cession)> {
        let (mut workspace, mut state) = (Workspace::default(), YearState::new(self.programme));
        let (mut cessions, mut all) = (Vec::new(), Vec::new());
        let (begin, mut year) = (starts[range.start], None);
        for at in range {
            if year != Some(occurrences[at].year) {
                year = Some(occurrences[at].year);
                state.begin();
            }
            let (from, to) = (starts[at], starts[at + 1]);
            let losses = (&subjects[from..to], &gross[from..to]);
            cessions.clear();
            let programme = (self.programme, self.reaches.as_slice());
            workspace.cede(programme, &mut state, losses, &mut net[from - begin..to - begin], &mut cessions);
            all.extend(cessions.drain(..).map(|cession| (at as u32, cession)));
        }
        all
    }
}

/// Ranges of occurrences, each of whole years.
fn tasks_of(occurrences: &[Occurrence]) -> Vec<Range<usize>> {
    let mut tasks = Vec::new();
    let (mut begin, mut end, mut years) = (0, 0, 0);
    for year in occurrences.chunk_by(|a, b| a.year == b.year) {
        (end, years) = (end + year.len(), years + 1);
        if years == YEARS {
            tasks.push(begin..end);
            (begin, years) = (end, 0);
        }
    }
    if end > begin {
        tasks.push(begin..end);
    }
    tasks
}

fn subject(exposure: &Exposure) -> Subject {
    Subject {
        insured_id: exposure.insured_id.clone(),
        policy_id: exposure.policy_id.clone(),
        industry: exposure.industry.clone(),
        country: exposure.country.clone(),
        line: exposure.line.clone(),
        currency: exposure.currency.clone(),
        sum_insured: exposure.terms.sum_insured(),
        ..Subject::default()
    }
}
