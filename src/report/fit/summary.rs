//! The numbers of the fit report, once: page, JSON and the terminal all take them from here.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::coverage::{CoverageTable, coverage_tables};
use super::lines::{FrequencyLine, GrowthLine, SeverityLine, ShareLine};
use super::sentences::{Sentence, headline, notes, sentences, spread};
use super::severity::StudyLine;
use crate::incidents::{
    Cause, CauseShare, CoverageShares, Dispersion, FrequencyModel, Incident, PolicyYears, Reporting, Segment,
    Severities, VendorShare, YearLine,
};
use crate::input::Intake;
use crate::table::RejectCount;

/// What a fit report is made of.
pub struct FitFacts<'a> {
    /// Incidents.
    pub incidents: &'a [Incident],
    /// Files read, the exposure among them.
    pub inputs: &'a [Intake],
    /// Day of the look.
    pub as_of: Date,
    /// Exposure.
    pub exposure: &'a [PolicyYears],
    /// Report lags.
    pub reporting: Option<&'a Reporting>,
    /// Causes by year.
    pub causes: &'a [CauseShare],
    /// Years.
    pub growth: &'a [YearLine],
    /// How much more counts vary than a Poisson's.
    pub dispersion: Dispersion,
    /// How losses fall on coverages.
    pub coverages: &'a CoverageShares,
    /// The vendor's part.
    pub vendors: &'a [VendorShare],
    /// Frequency models.
    pub frequencies: &'a [FrequencyModel],
    /// Severity models.
    pub severities: &'a Severities,
    /// Rules broken.
    pub rejects: Vec<RejectCount>,
}

/// Shares of one grouping.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shares {
    /// Grouping.
    pub by: String,
    /// Its lines.
    pub lines: Vec<ShareLine>,
}

/// A segment without a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RefusedLine {
    /// Segment.
    pub segment: String,
    /// Why.
    pub why: String,
    /// A way out.
    pub hint: &'static str,
}

/// Report lags.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReportingLine {
    /// Incidents with both dates.
    pub incidents: u64,
    /// Months, and the share reported within them.
    pub within: Vec<(usize, f64)>,
}

/// Everything the fit report says.
#[derive(Clone, Debug, Serialize)]
pub struct FitSummary {
    /// What is fitted.
    pub title: String,
    /// The first sentence.
    pub headline: String,
    /// The others.
    pub sentences: Vec<Sentence>,
    /// Day of the look.
    pub as_of: String,
    /// Incidents used.
    pub incidents: u64,
    /// First and last year with one.
    pub years: Option<(i16, i16)>,
    /// With a loss that can be used.
    pub losses: u64,
    /// Whose cause is not told.
    pub unknown_causes: u64,
    /// Policy-years.
    pub policy_years: f64,
    /// What to know of the sources before reading counts by year.
    pub notes: Vec<&'static str>,
    /// Files.
    pub inputs: Vec<Intake>,
    /// Causes over all years.
    pub causes: Vec<ShareLine>,
    /// Causes by year.
    pub causes_by_year: Vec<Shares>,
    /// Years.
    pub growth: Vec<GrowthLine>,
    /// How much more counts vary than a Poisson's, in words.
    pub spread: String,
    /// Report lags, where they can be estimated.
    pub reporting: Option<ReportingLine>,
    /// The vendor's part.
    pub vendors: Vec<Shares>,
    /// Frequency models.
    pub frequencies: Vec<FrequencyLine>,
    /// Severity models.
    pub severities: Vec<SeverityLine>,
    /// Segments with families of their own.
    pub studies: Vec<StudyLine>,
    /// Segments without.
    pub refused: Vec<RefusedLine>,
    /// How losses fall on coverages, by cause.
    pub coverages: Vec<CoverageTable>,
    /// Records whose loss is told by coverage.
    pub told_by_coverage: u64,
    /// Of them open, and left out.
    pub open_by_coverage: u64,
    /// Revenue at which severity parameters hold.
    pub reference_revenue: f64,
    /// Losses without a revenue.
    pub without_revenue: usize,
    /// Rules broken.
    pub rejects: Vec<RejectCount>,
    /// Engine and version.
    pub engine: String,
}

/// Makes the summary.
pub fn summarise_fit(facts: &FitFacts) -> FitSummary {
    let incidents = facts.incidents;
    let years: Vec<i16> = incidents.iter().map(|i| i.year).collect();
    let of_year = |year: Option<i16>| -> Vec<ShareLine> {
        facts.causes.iter().filter(|c| c.year == year).map(ShareLine::cause).collect()
    };
    let mut shown: Vec<Option<i16>> = facts.causes.iter().map(|c| c.year).filter(Option::is_some).collect();
    shown.dedup();
    let by_year =
        |year: &Option<i16>| Shares { by: year.map_or(String::new(), |y| y.to_string()), lines: of_year(*year) };
    let mut vendors: BTreeMap<usize, Shares> = BTreeMap::new();
    let groupings = ["all", "year", "revenue band", "records affected", "industry", "cause"];
    for line in facts.vendors {
        let at = groupings.iter().position(|by| *by == line.by).unwrap_or(groupings.len());
        let own = vendors.entry(at).or_insert_with(|| Shares { by: line.by.to_string(), lines: Vec::new() });
        own.lines.push(ShareLine::vendor(line));
    }
    let refused = |(segment, refusal): &(Segment, crate::fit::Refusal)| RefusedLine {
        segment: segment.to_string(),
        why: refusal.to_string(),
        hint: if *segment == Segment::ALL { WITHOUT_MODEL } else { refusal.hint() },
    };
    let severities = facts.severities;
    FitSummary {
        title: title(facts.inputs),
        headline: headline(facts),
        sentences: sentences(facts),
        as_of: facts.as_of.to_string(),
        incidents: incidents.len() as u64,
        years: years.iter().copied().min().zip(years.iter().copied().max()),
        losses: incidents.iter().filter(|i| i.loss.is_some()).count() as u64,
        unknown_causes: incidents.iter().filter(|i| i.cause == Cause::Unknown).count() as u64,
        policy_years: facts.exposure.iter().map(|e| e.policy_years).sum::<f64>() + 0.0,
        notes: notes(facts.inputs),
        inputs: facts.inputs.to_vec(),
        causes: of_year(None),
        causes_by_year: shown.iter().map(by_year).collect(),
        growth: facts.growth.iter().map(GrowthLine::of).collect(),
        spread: spread(&facts.dispersion),
        reporting: facts.reporting.map(reporting),
        vendors: vendors.into_values().collect(),
        frequencies: widest(facts.frequencies, |m| (m.segment, m.incidents))
            .into_iter()
            .map(FrequencyLine::of)
            .collect(),
        severities: widest(&severities.models, |m| (m.segment, m.n)).into_iter().map(SeverityLine::of).collect(),
        studies: severities.studies.iter().map(StudyLine::of).collect(),
        refused: severities.refused.iter().map(refused).collect(),
        coverages: coverage_tables(facts.coverages),
        told_by_coverage: facts.coverages.told,
        open_by_coverage: facts.coverages.open,
        reference_revenue: severities.reference_revenue,
        without_revenue: severities.without_revenue,
        rejects: facts.rejects.clone(),
        engine: format!("blastradius {}", env!("CARGO_PKG_VERSION")),
    }
}

/// Models of wide segments first, of equally wide ones those with the most data.
fn widest<M>(models: &[M], of: impl Fn(&M) -> (Segment, u64)) -> Vec<&M> {
    let mut order: Vec<&M> = models.iter().collect();
    order.sort_by_key(|m| {
        let (segment, n) = of(m);
        let parts = [segment.cause.is_some(), segment.band.is_some(), segment.industry.is_some()];
        (parts.iter().filter(|told| **told).count(), std::cmp::Reverse(n), segment)
    });
    order
}

fn reporting(reporting: &Reporting) -> ReportingLine {
    let at = |months: usize| reporting.within.get(months).copied().unwrap_or(1.0);
    let within = [1, 2, 3, 6, 12, 24, 36].into_iter().filter(|m| *m < reporting.within.len()).map(|m| (m, at(m)));
    ReportingLine { incidents: reporting.incidents, within: within.collect() }
}

/// What to do when the losses of all incidents together give no model.
const WITHOUT_MODEL: &str = "bring more records with losses, or leave the severities of the catalogue in place";

fn title(inputs: &[Intake]) -> String {
    let name = |intake: &Intake| {
        let path = std::path::Path::new(&intake.file);
        path.file_name().map_or_else(|| intake.file.clone(), |n| n.to_string_lossy().into_owned())
    };
    format!("Incident statistics of {}", inputs.iter().map(name).collect::<Vec<_>>().join(", "))
}
