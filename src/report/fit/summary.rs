//! The numbers of the fit report, once: page, JSON and the terminal all take them from here.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::lines::{FrequencyLine, GrowthLine, SeverityLine, ShareLine, change};
use super::severity::StudyLine;
use crate::incidents::interval::Interval;
use crate::incidents::{
    Cause, CauseShare, FrequencyModel, Incident, PolicyYears, Reporting, Segment, Severities, VendorShare, YearLine,
};
use crate::input::Intake;
use crate::money::thousands;
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
    /// The vendor's part.
    pub vendors: &'a [VendorShare],
    /// Frequency models.
    pub frequencies: &'a [FrequencyModel],
    /// Severity models.
    pub severities: &'a Severities,
    /// Rules broken.
    pub rejects: Vec<RejectCount>,
}

/// A sentence of the headline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sentence {
    /// What it is about.
    pub about: &'static str,
    /// The sentence.
    pub text: String,
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
        reporting: facts.reporting.map(reporting),
        vendors: vendors.into_values().collect(),
        frequencies: widest(facts.frequencies, |m| (m.segment, m.incidents))
            .into_iter()
            .map(FrequencyLine::of)
            .collect(),
        severities: widest(&severities.models, |m| (m.segment, m.n)).into_iter().map(SeverityLine::of).collect(),
        studies: severities.studies.iter().map(StudyLine::of).collect(),
        refused: severities.refused.iter().map(refused).collect(),
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

/// What is known of a source's counts by year, by what a file was taken for.
fn notes(inputs: &[Intake]) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if inputs.iter().any(|i| i.format.starts_with("VERIS")) {
        notes.push(
            "VERIS records are collected from public reports: how many there are of a year follows the collecting, and is no growth of incidents.",
        );
    }
    if inputs.iter().any(|i| i.format.starts_with("HHS")) {
        notes.push(
            "HHS breaches are of 500 or more individuals, by the day on which they were reported. The export holds cases whose investigation is closed: its last two or three years are short of those still open, and a fall in them is none. A vendor that reports for many of its customers is one row for each: intervals are too short there. Industry unknown: vendors who report themselves.",
        );
    }
    notes
}

fn title(inputs: &[Intake]) -> String {
    let name = |intake: &Intake| {
        let path = std::path::Path::new(&intake.file);
        path.file_name().map_or_else(|| intake.file.clone(), |n| n.to_string_lossy().into_owned())
    };
    format!("Incident statistics of {}", inputs.iter().map(name).collect::<Vec<_>>().join(", "))
}

/// The latest year that the records cover whole, or nearly; else the latest.
fn last_whole<'a>(facts: &'a FitFacts) -> Option<&'a YearLine> {
    let with = || facts.growth.iter().rev().filter(|line| line.incidents > 0);
    with().find(|line| line.part > 0.98).or_else(|| with().next())
}

fn words(share: f64, ends: Interval) -> String {
    let percent = |x: f64| format!("{:.0} %", x * 100.0);
    format!("{} (90 % interval {} to {})", percent(share), percent(ends.low), percent(ends.high))
}

fn headline(facts: &FitFacts) -> String {
    let Some(year) = last_whole(facts) else { return "No incident can be used.".into() };
    let told = |line: &&CauseShare| line.year == Some(year.year) && line.cause != Cause::Unknown;
    match facts.causes.iter().find(told) {
        Some(line) => format!(
            "{} was the root cause of {:.0} % of the incidents of {}.",
            line.cause.words(),
            crate::incidents::ratio(line.incidents, line.of) * 100.0,
            year.year
        ),
        None => format!("{} incidents of {}; their causes are not told.", thousands(year.incidents as f64), year.year),
    }
}

fn sentences(facts: &FitFacts) -> Vec<Sentence> {
    let mut out = Vec::new();
    let Some(year) = last_whole(facts) else { return out };
    if let Some(line) = facts.causes.iter().find(|c| c.year == Some(year.year) && c.cause != Cause::Unknown) {
        let share = words(crate::incidents::ratio(line.incidents, line.of), line.share);
        let text = format!(
            "{share}: {} of {} incidents whose cause is told.",
            thousands(line.incidents as f64),
            thousands(line.of as f64)
        );
        out.push(Sentence { about: "Root cause", text });
    }
    out.push(Sentence { about: "Growth", text: growth_sentence(year) });
    let vendor = facts.vendors.iter().find(|v| v.by == "year" && v.group == year.year.to_string());
    let text = match vendor {
        Some(v) => format!(
            "{} of the incidents of {} came through a vendor.",
            words(crate::incidents::ratio(v.vendor, v.of), v.share),
            v.group
        ),
        None => "The records do not tell whether a vendor was involved.".into(),
    };
    out.push(Sentence { about: "Through a vendor", text });
    let text = match (facts.severities.models.is_empty(), facts.exposure.is_empty()) {
        (false, false) => "Frequency and severity models by segment are in the tables; thin segments lean on their parent.".into(),
        (false, true) => "Severity models are in the tables. Frequency needs exposure: give --exposure with policy-years or policies.".into(),
        (true, false) => "Frequency models are in the tables. The losses give no severity model.".into(),
        (true, true) => "Counts and shares only: frequency needs exposure (--exposure), severity needs losses.".to_string(),
    };
    out.push(Sentence { about: "Models", text });
    out
}

fn growth_sentence(year: &YearLine) -> String {
    let interval = |(ratio, ends): (f64, Interval)| {
        let high = if ends.high.is_finite() { change(ends.high) } else { "no upper end".into() };
        format!("{} (90 % interval {} to {high})", change(ratio), change(ends.low))
    };
    let late = if year.development.factor > 1.005 {
        format!(" Late reports are foretold: × {:.2}.", year.development.factor)
    } else {
        String::new()
    };
    match (year.growth, year.frequency_growth) {
        (Some(growth), Some(frequency)) => format!(
            "Incidents from {} to {}: {}. A policy-year: {}.{late}",
            year.year - 1,
            year.year,
            interval(growth),
            interval(frequency)
        ),
        (Some(growth), None) => {
            format!("Incidents from {} to {}: {}.{late}", year.year - 1, year.year, interval(growth))
        }
        _ => format!("{} incidents in {}; nothing to compare with.{late}", thousands(year.incidents as f64), year.year),
    }
}
