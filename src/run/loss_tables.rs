//! The tables of a simulation, written block by block.

use std::sync::Arc;

use super::commit::LAST;
use super::losses::Place;
use super::manifest::OutputFile;
use super::output::Stream;
use crate::exposure::Exposure;
use crate::fault::Failure;
use crate::loss::exact::ExactFigure;
use crate::loss::{
    Block, CLAIMS, ClaimLoss, Mode, OCCURRENCES, OccurrenceLoss, Plan, PolicyLoss, Projection, Reinsurance, Simulation,
    YearEvent,
};
use crate::metrics::{POLICY_METRICS, PolicyYears, TreatyLosses, policy_figures};
use crate::portfolio::sector;
use crate::table::{Format, Table};
use crate::treaty::{CEDED, CededLoss};

/// Tables of losses on their way into a folder.
pub struct LossTables<'a> {
    place: Place<'a>,
    plan: &'a Plan,
    exposures: &'a [Exposure],
    mode: Mode,
    events: Vec<Arc<str>>,
    vendors: Vec<Arc<str>>,
    policies: Vec<PolicyWords>,
    treaties: Vec<(Arc<str>, u32)>,
    /// First year, counted from 0, and what each treaty took since.
    first: u32,
    taken: Vec<TreatyLosses>,
    currency: Arc<str>,
    occurrences: Stream,
    ceded: Option<Stream>,
    claims: Option<Stream>,
    /// Yearly losses of each policy, and the return periods of their curves.
    by_policy: Option<(PolicyYears, &'a [f64])>,
}

/// What claims say of a policy.
struct PolicyWords {
    policy_id: Arc<str>,
    insured_id: Arc<str>,
    industry: Arc<str>,
    country: Arc<str>,
    revenue_band: Arc<str>,
}

impl PolicyWords {
    fn of(exposure: &Exposure) -> PolicyWords {
        PolicyWords {
            policy_id: exposure.policy_id.as_str().into(),
            insured_id: exposure.insured_id.as_str().into(),
            industry: sector(&exposure.industry).into(),
            country: exposure.country.as_str().into(),
            revenue_band: exposure.revenue_band.as_str().into(),
        }
    }
}

impl Place<'_> {
    fn named(&self, name: &str) -> String {
        format!("{}{name}.{}", self.under, self.format.end())
    }
}

/// Names of the tables that a projection may write.
const NAMES: [&str; 8] =
    ["losses", "losses_by_policy", "occurrences", "policy_metrics", "events", "exact", "ceded", "claims"];

/// Files that a folder of a projection may hold.
pub fn loss_files() -> impl Iterator<Item = String> {
    let of = |name: &'static str| [Format::Csv, Format::Parquet].map(|format| format!("{name}.{}", format.end()));
    NAMES.into_iter().flat_map(of).chain([LAST.to_string()])
}

impl<'a> LossTables<'a> {
    /// Tables of a simulation over `exposures`; with curves of policies at `return_periods`, where it keeps their years.
    ///
    /// # Errors
    /// When a file can't be made.
    pub fn open(
        place: Place<'a>,
        simulation: &Simulation<'a>,
        exposures: &'a [Exposure],
        return_periods: &'a [f64],
    ) -> Result<LossTables<'a>, Failure> {
        let plan = simulation.plan;
        let stream = |name: &str, table: Table| place.folder.stream(&place.named(name), table);
        let reinsured = simulation.reinsurance.map(|_| stream("ceded", CEDED)).transpose()?;
        let claims = simulation.claims.then(|| stream("claims", CLAIMS)).transpose()?;
        let words = |row: &usize| PolicyWords::of(&exposures[*row]);
        let treaties =
            |r: &Reinsurance| r.programme.treaties().iter().map(|t| (t.name.as_str().into(), t.inuring)).collect();
        let treaties: Vec<(Arc<str>, u32)> = simulation.reinsurance.map(treaties).unwrap_or_default();
        let years = simulation.years.len() as u32;
        let taken = treaties.iter().map(|(name, inuring)| TreatyLosses::new(name, *inuring, years)).collect();
        Ok(LossTables {
            place,
            plan,
            exposures,
            mode: simulation.mode,
            events: plan.perils.iter().map(|peril| peril.id.as_str().into()).collect(),
            vendors: plan.perils.iter().map(|peril| peril.vendor.as_str().into()).collect(),
            policies: if claims.is_some() { plan.policies.iter().map(words).collect() } else { Vec::new() },
            treaties,
            first: simulation.years.start,
            taken,
            currency: exposures.first().map_or("USD", |e| &e.currency).into(),
            occurrences: stream("occurrences", OCCURRENCES)?,
            ceded: reinsured,
            claims,
            by_policy: simulation.yearly_by_policy.then(|| (PolicyYears::new(plan.policies.len()), return_periods)),
        })
    }

    /// Writes a block.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn block(&mut self, block: &Block) -> Result<(), Failure> {
        let numbers = numbers(block);
        for ((occurrence, sum), number) in block.occurrences.iter().zip(&block.sums).zip(&numbers) {
            self.occurrences.writer.write(&OccurrenceLoss {
                year: occurrence.year + 1,
                occurrence: *number,
                event: self.events[occurrence.peril as usize].clone(),
                day: (self.mode == Mode::Catalogue).then_some((occurrence.time * 365.0) as u32 + 1),
                hit_share: occurrence.rate,
                outage_hours: occurrence.hours,
                level: occurrence.level,
                hits: sum.hits,
                claims: sum.claims,
                amounts: sum.amounts,
            })?;
        }
        if let Some(ceded) = &mut self.ceded {
            for (at, cession) in &block.ceded {
                let (treaty, inuring) = self.treaties[cession.treaty].clone();
                let year = block.occurrences[*at as usize].year + 1;
                self.taken[cession.treaty].add(year - self.first, cession);
                ceded.writer.write(&CededLoss {
                    year: year.into(),
                    occurrence: numbers[*at as usize].into(),
                    treaty,
                    inuring,
                    currency: self.currency.clone(),
                    cession: *cession,
                })?;
            }
        }
        if let Some((years, _)) = &mut self.by_policy {
            years.add(block);
        }
        if let Some(claims) = &mut self.claims {
            for claim in &block.claims {
                let (occurrence, policy) =
                    (&block.occurrences[claim.occurrence as usize], &self.policies[claim.policy as usize]);
                claims.writer.write(&ClaimLoss {
                    year: occurrence.year + 1,
                    occurrence: numbers[claim.occurrence as usize],
                    event: self.events[occurrence.peril as usize].clone(),
                    policy_id: policy.policy_id.clone(),
                    insured_id: policy.insured_id.clone(),
                    vendor: self.vendors[occurrence.peril as usize].clone(),
                    industry: policy.industry.clone(),
                    country: policy.country.clone(),
                    revenue_band: policy.revenue_band.clone(),
                    coverage: claim.coverage,
                    amounts: claim.amounts,
                })?;
            }
        }
        Ok(())
    }

    /// Ends the tables with those of years, policies and exact figures; gives their files, and what each treaty took.
    ///
    /// # Errors
    /// When the disk refuses one.
    pub fn finish(
        self,
        projection: &Projection,
        exact: Option<&[ExactFigure]>,
    ) -> Result<(Vec<OutputFile>, Vec<TreatyLosses>), Failure> {
        let by_policy = PolicyLoss::of(self.plan, self.exposures, projection);
        let (folder, name) = (self.place.folder, |table: &str| self.place.named(table));
        let mut files = vec![
            folder.table(&name("losses"), &projection.years)?,
            folder.table(&name("losses_by_policy"), &by_policy)?,
            self.occurrences.close()?,
        ];
        if let Some((years, return_periods)) = &self.by_policy {
            let mut table = folder.stream(&name("policy_metrics"), POLICY_METRICS)?;
            let id = |policy: usize| self.exposures[self.plan.policies[policy]].policy_id.as_str().into();
            for begin in (0..years.policies()).step_by(TOGETHER) {
                let policies = begin..years.policies().min(begin + TOGETHER);
                for own in years.each(policies, |policy, curve| policy_figures(&id(policy), &curve, return_periods)) {
                    table.writer.write_all(&own)?;
                }
            }
            files.push(table.close()?);
        }
        if self.mode == Mode::Catalogue {
            files.push(folder.table(&name("events"), &YearEvent::of(self.plan, self.exposures)?)?);
        }
        if let Some(exact) = exact {
            files.push(folder.table(&name("exact"), exact)?);
        }
        for stream in [self.ceded, self.claims].into_iter().flatten() {
            files.push(stream.close()?);
        }
        Ok((files, self.taken))
    }
}

/// Policies whose figures are held at once.
const TOGETHER: usize = 4_096;

/// The place of each occurrence in its year, from 1.
fn numbers(block: &Block) -> Vec<u32> {
    let years = block.occurrences.chunk_by(|a, b| a.year == b.year);
    years.flat_map(|year| 1..=year.len() as u32).collect()
}
