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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::catalogue::Catalogue;
    use crate::exposure::{Scope, expose};
    use crate::portfolio::{Policy, Rates, testing};
    use crate::treaty::{Entry, Ledger, read_toml};

    /// A treaty for each thing that a scope may ask for, each of what those before it leave, and one that a year uses up.
    const PROGRAMME: &str = "
[[treaty]]
name = 'Insured'
placed = 0.5
scope = { insureds = ['A'] }
[[treaty]]
name = 'Country'
inuring = 2
placed = 0.4
scope = { countries = ['GB'] }
[[treaty]]
name = 'Industry'
inuring = 3
placed = 0.3
scope = { industries = ['62'] }
[[treaty]]
name = 'Coverage'
inuring = 4
placed = 0.2
scope = { coverages = ['extortion'] }
[[treaty]]
name = 'Surplus'
kind = 'surplus'
inuring = 5
retained_line = 600_000
lines = 1
[[treaty]]
name = 'Year'
kind = 'aggregate_excess'
inuring = 6
annual_deductible = 100_000
";

    /// Claims of a simulation, by position, and the same claims as a table: each treaty takes as much of both, and something.
    #[test]
    fn treaties_take_of_simulated_claims_what_they_take_of_the_same_in_a_table() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("programme.toml");
        std::fs::write(&path, PROGRAMME).unwrap();
        let rates = Rates::new("USD", &BTreeMap::new()).unwrap();
        let programme = read_toml(&path, &rates).unwrap();
        let catalogue = Catalogue::load(None).unwrap();
        let event = catalogue.event("mimecast-2021").unwrap();
        let scope =
            Scope { event: &event, catalogue: &catalogue, as_of: jiff::civil::date(2021, 1, 12), rates: &rates };
        let policies = [("A", "62", "US"), ("B", "44", "GB"), ("C", "44", "US")].map(|(insured, industry, country)| {
            Policy { industry: industry.into(), country: country.into(), ..testing::policy(insured, &[]) }
        });
        let (exposures, _) = expose(&scope, &policies, &[]).unwrap();
        let row = |policy: &Policy| exposures.iter().position(|own| own.policy_id == policy.id).unwrap();
        let rows = policies.iter().map(row);
        let plan = Plan { perils: Vec::new(), insureds: Vec::new(), policies: rows.collect(), models: Vec::new() };
        let reinsurance = Reinsurance::new(&programme, &plan, &exposures);
        // Each occurrence costs every policy something under two coverages; three in the first year, one in the second.
        let years = [0, 0, 0, 1];
        let coverages = [Coverage::Extortion, Coverage::Liability].map(Some);
        let claims: Vec<(u32, Option<Coverage>)> =
            (0..3).flat_map(|policy| coverages.map(|coverage| (policy, coverage))).collect();
        let gross = |at: usize, n: usize| Cents((1_000_000 + 250_000 * n as i64) * (at as i64 + 1));
        let occurrences = years.map(|year| Occurrence { year, ..Occurrence::default() });
        let subjects: Vec<u32> = years.iter().flat_map(|_| &claims).map(|(p, c)| reinsurance.subject(*p, *c)).collect();
        let amounts: Vec<Cents> =
            (0..years.len()).flat_map(|at| (0..claims.len()).map(move |n| gross(at, n))).collect();
        let starts: Vec<usize> = (0..=years.len()).map(|at| at * claims.len()).collect();
        let mut net = vec![Cents::ZERO; amounts.len()];
        let taken = reinsurance.cede(&occurrences, &starts, (&subjects, &amounts), &mut net);
        let mut ledger = Ledger::new(&programme, "USD");
        let (mut other_net, mut other_taken) = (Vec::new(), Vec::new());
        for year in 0..2 {
            let own = (0..years.len()).filter(|at| years[*at] == year);
            let entry = |at: usize, n: usize| {
                let subject = Subject { coverage: claims[n].1, ..Subject::of(&policies[claims[n].0 as usize], &rates) };
                Entry { occurrence: at as i64, subject: Arc::new(subject), gross: gross(at, n) }
            };
            let entries = own.flat_map(|at| (0..claims.len()).map(move |n| (at, n))).map(|(at, n)| entry(at, n));
            let result = ledger.year(year.into(), entries.collect());
            other_net.extend(result.net.iter().map(|row| row.net));
            other_taken.extend(result.ceded.iter().map(|row| (row.occurrence as u32, row.cession)));
        }
        assert_eq!((net, &taken), (other_net, &other_taken));
        for (at, treaty) in programme.treaties().iter().enumerate() {
            let all: Cents = taken.iter().filter(|(_, own)| own.treaty == at).map(|(_, own)| own.ceded).sum();
            assert!(all > Cents::ZERO, "{}", treaty.name);
        }
    }
}
