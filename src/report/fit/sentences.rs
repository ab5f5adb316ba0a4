//! What the fit report says in sentences.

use serde::Serialize;

use super::lines::{change_to, decimals};
use super::summary::FitFacts;
use crate::incidents::interval::Interval;
use crate::incidents::{Cause, CauseShare, Dispersion, Over, YearLine, ratio};
use crate::input::Intake;
use crate::money::thousands;

/// A sentence of the headline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sentence {
    /// What it is about.
    pub about: &'static str,
    /// The sentence.
    pub text: String,
}

/// What is known of a source's counts by year, by what a file was taken for.
pub fn notes(inputs: &[Intake]) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if inputs.iter().any(|i| i.format.starts_with("VERIS")) {
        notes.push(
            "VERIS records are collected from public reports: how many there are of a year follows the collecting, and is no growth of incidents.",
        );
    }
    if inputs.iter().any(|i| i.format.starts_with("HHS")) {
        notes.push(
            "HHS breaches are of 500 or more individuals, by the day on which they were reported. The portal lists cases under investigation that were reported in the last 24 months apart from its archive of those resolved or older: an export of the archive is short of the last two years or so, and a fall in them may be none. A vendor that reports for many of its customers is one row for each. Industry unknown: vendors who report themselves.",
        );
    }
    notes
}

/// The latest year that the records cover whole, or nearly; else the latest.
fn last_whole<'a>(facts: &'a FitFacts) -> Option<&'a YearLine> {
    let with = || facts.growth.iter().rev().filter(|line| line.incidents > 0);
    with().find(|line| line.part > 0.98).or_else(|| with().next())
}

fn words(share: f64, ends: Interval) -> String {
    let decimals = decimals(ends);
    let percent = |x: f64| format!("{:.decimals$} %", x * 100.0);
    format!("{} (90 % interval {} to {})", percent(share), percent(ends.low), percent(ends.high))
}

/// Incidents below which the headline gives counts and no percentage.
const FEW: u64 = 20;

pub fn headline(facts: &FitFacts) -> String {
    let Some(year) = last_whole(facts) else { return "No incident can be used.".into() };
    let told = |line: &&CauseShare| line.year == Some(year.year) && line.cause != Cause::Unknown;
    match facts.causes.iter().find(told) {
        // A share of a handful looks like more than it is.
        Some(line) if line.of < FEW => format!(
            "{} was the root cause of {} of the {} incidents of {} whose cause is told.",
            line.cause.words(),
            line.incidents,
            line.of,
            year.year
        ),
        Some(line) => format!(
            "{} was the root cause of {:.0} % of the incidents of {}.",
            line.cause.words(),
            ratio(line.incidents, line.of) * 100.0,
            year.year
        ),
        None => format!("{} incidents of {}; their causes are not told.", thousands(year.incidents as f64), year.year),
    }
}

pub fn sentences(facts: &FitFacts) -> Vec<Sentence> {
    let mut out = Vec::new();
    let Some(year) = last_whole(facts) else { return out };
    if let Some(line) = facts.causes.iter().find(|c| c.year == Some(year.year) && c.cause != Cause::Unknown) {
        let share = words(ratio(line.incidents, line.of), line.share);
        let text = format!(
            "{share}: {} of {} incidents whose cause is told.",
            thousands(line.incidents as f64),
            thousands(line.of as f64)
        );
        out.push(Sentence { about: "Root cause", text });
    }
    let of_source =
        if notes(facts.inputs).is_empty() { "" } else { " That is of these records: see the note on them." };
    out.push(Sentence { about: "Growth", text: growth_sentence(year) + of_source });
    let vendor = facts.vendors.iter().find(|v| v.by == "year" && v.group == year.year.to_string());
    let text = match vendor {
        Some(v) => {
            format!("{} of the incidents of {} came through a vendor.", words(ratio(v.vendor, v.of), v.share), v.group)
        }
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

/// How much more counts vary than a Poisson's.
pub fn spread(dispersion: &Dispersion) -> String {
    let Dispersion { factor, estimate, freedom, p_value, over } = *dispersion;
    let over = match over {
        Over::Months => "months about the course of their year",
        Over::Years => "years about their trend",
        Over::Nothing => {
            return "Counts are taken for a Poisson's: the records tell too few months or years to see their spread."
                .to_string();
        }
    };
    let p = if p_value < 0.001 { "p below 0.001".to_string() } else { format!("p {p_value:.3}") };
    let taken = if factor > 1.0 {
        format!("Intervals are of counts whose variance is {factor:.2} times their mean")
    } else {
        "Intervals are those of a Poisson".to_string()
    };
    format!(
        "{taken}: so much do {over} vary (Pearson's χ² ÷ degrees of freedom {estimate:.2}, {freedom} degrees of freedom, {p} if counts were a Poisson's)."
    )
}

fn growth_sentence(year: &YearLine) -> String {
    let interval = |(ratio, ends): (f64, Interval)| {
        let write = |ratio: f64| change_to(ratio, decimals(ends));
        let high = if ends.high.is_finite() { write(ends.high) } else { "no upper end".into() };
        format!("{} (90 % interval {} to {high})", write(ratio), write(ends.low))
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
        _ => {
            let incidents = if year.incidents == 1 { "incident" } else { "incidents" };
            let n = thousands(year.incidents as f64);
            format!("{n} {incidents} in {}; nothing to compare with.{late}", year.year)
        }
    }
}
