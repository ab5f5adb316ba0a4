//! `statistics`: the published figures, and the parameters derived from them.

use std::fmt::Write;

use serde_json::json;

use super::{Done, Format, show};
use crate::fault::Failure;
use crate::incidents::published::{Figure, PublishedFrequency, PublishedSeverity, figures, frequencies, severities};
use crate::money::thousands;

/// Prints the figures and what is derived from them.
pub fn statistics(format: Format) -> Result<Done, Failure> {
    let (figures, frequencies, severities) = (figures(), frequencies(), severities());
    match format {
        Format::Json => {
            show::json(&json!({ "figures": figures, "frequencies": frequencies, "severities": severities }))?
        }
        Format::Text => show::print(&text(&figures, &frequencies, &severities))?,
    }
    Ok(Done::Whole)
}

fn text(figures: &[Figure], frequencies: &[PublishedFrequency], severities: &[PublishedSeverity]) -> String {
    let mut out = String::from(
        "Incidents a year by revenue (negative binomial through the first two figures; the third is the check)\n",
    );
    let _ = writeln!(
        out,
        "{:<10} {:<24} {:>7} {:>7} {:>7} {:>8} {:>7} {:>7}  taken",
        "revenue", "edition", "P(≥1)", "P(≥2)", "P(≥3)", "model", "mean", "size"
    );
    for row in frequencies {
        let share = |at: usize| row.published.get(at).map_or(String::new(), |p| format!("{p:.4}"));
        let _ = writeln!(
            out,
            "{:<10} {:<24} {:>7} {:>7} {:>7} {:>8.4} {:>7.4} {:>7.3}  {}",
            row.revenue,
            row.edition,
            share(0),
            share(1),
            share(2),
            row.at_least_3,
            row.mean,
            row.size,
            if row.chosen { "yes".to_string() } else { format!("no: {}", row.reason) }
        );
    }
    out += "\nLoss of an incident, US dollars (lognormal through two quantiles; to be used with a cap)\n";
    for row in severities {
        let _ = writeln!(
            out,
            "{:<13} {:<36} median {:>10}  {:.0} % within {:>12}  mu {:.4}  sigma {:.4}",
            row.segment_kind,
            row.segment,
            thousands(row.median),
            row.probability * 100.0,
            thousands(row.quantile),
            row.mu,
            row.sigma
        );
    }
    let mut topic = "";
    for figure in figures {
        if figure.topic != topic {
            topic = &figure.topic;
            let _ = writeln!(out, "\n{topic}");
        }
        let value = if figure.value >= 1_000.0 { thousands(figure.value) } else { figure.value.to_string() };
        let chosen = match (figure.chosen.as_str(), figure.reason.as_str()) {
            ("", _) => String::new(),
            ("yes", reason) => format!("; taken: {reason}"),
            (_, reason) => format!("; not taken: {reason}"),
        };
        let edition = if figure.edition.is_empty() { String::new() } else { format!(", {}", figure.edition) };
        let _ = writeln!(
            out,
            "  {}, {}: {} {} ({})\n      {}{edition}; {}{chosen}",
            figure.segment, figure.statistic, value, figure.unit, figure.year, figure.source, figure.grade
        );
    }
    out
}
