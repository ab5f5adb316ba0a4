//! What is printed: the headline, tables in text or JSON, rejects.

use serde::Serialize;

use super::Format;
use crate::fault::{Failure, Reject, Warning};
use crate::money::{in_words, thousands};
use crate::report::{Quality, Summary};
use crate::table::RejectLog;

/// Prints a value as indented JSON.
///
/// # Errors
/// When it can't be written.
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    print(&crate::run::json(value)?)
}

/// Prints a text with a final newline; a reader that has gone away is no error.
///
/// # Errors
/// When standard output can't be written.
pub fn print(text: &str) -> Result<(), Failure> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("cannot write to standard output: {e}")))
        }
        _ => Ok(()),
    }
}

/// The headline of a run in ten lines.
///
/// # Errors
/// When standard output can't be written.
pub fn headline(summary: &Summary, report: &str, format: Format) -> Result<(), Failure> {
    if format == Format::Json {
        return json(summary);
    }
    let tier = |at: usize| {
        summary.tiers.get(at).map_or(String::new(), |t| format!("{} {}", thousands(t.insureds as f64), t.tier))
    };
    let quantile = |at: usize| summary.losses.gross.quantiles.get(at).map_or(0.0, |q| q.value);
    let money = |units: f64| in_words(&summary.currency, units);
    let scanned = summary.quality.as_ref().map_or(String::new(), |q| {
        format!(
            "{} of {} domains scanned; {} rows set aside",
            thousands(q.scanned_domains as f64),
            thousands(q.domains as f64),
            thousands(q.inputs.iter().map(|i| i.set_aside).sum::<u64>() as f64)
        )
    });
    let net = summary.losses.net.as_ref().map(|net| {
        let at = |at: usize| money(net.quantiles.get(at).map_or(0.0, |q| q.value));
        let mean = money(net.mean);
        format!("Net          {mean} expected; 1 in 20 {}; 1 in 100 {}; 1 in 200 {}", at(2), at(3), at(4))
    });
    let lines = [
        format!("{} ({}, as of {})", summary.title, summary.vendor, summary.as_of),
        format!("In scope     {}", summary.condition),
        format!("Insureds     {}, {}, {}, {}", tier(0), tier(1), tier(2), tier(3)),
        format!("Headline     {}", summary.headline.exposure),
        format!(
            "In all       {:.1} insureds expected in scope, 90 % interval {:.0} to {:.0}",
            summary.in_scope.expected, summary.in_scope.low, summary.in_scope.high
        ),
        format!(
            "Expected     {} gross (standard error {})",
            money(summary.losses.gross.mean),
            summary.losses.gross.standard_error.map_or("not known: too few trials".to_string(), money)
        ),
        format!(
            "1 in 20      {}; 1 in 100 {}; 1 in 200 {}",
            money(quantile(2)),
            money(quantile(3)),
            money(quantile(4))
        ),
        net.unwrap_or_default(),
        summary.annual.as_ref().map_or(String::new(), |annual| format!("A year       {}", annual.sentence)),
        format!("Evidence     {scanned}"),
        format!("First        {}", summary.headline.action),
        format!("Report       {report}"),
    ];
    print(&lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n"))
}

/// Rejects as JSON: the first thousand of each outcome.
pub fn listed(rejects: &RejectLog) -> Vec<serde_json::Value> {
    let one = |Reject { file, line, fault }: &Reject| {
        serde_json::json!({
            "file": file, "line": line, "column": fault.column, "value": fault.value, "rule": fault.rule,
            "outcome": fault.outcome.as_str(), "hint": fault.hint,
        })
    };
    rejects.shown().map(one).collect()
}

/// Tells rejects on standard error: how many, and the first few.
pub fn rejects(rejects: &RejectLog, most: usize) {
    if rejects.is_empty() {
        return;
    }
    let rows = if rejects.set_aside() == 1 { "row" } else { "rows" };
    tell!("{} {rows} set aside, {} noted and kept", rejects.set_aside(), rejects.kept());
    for reject in rejects.shown().take(most) {
        tell!("  {}", reject.to_string().replace('\n', "\n  "));
    }
    if rejects.len() > most as u64 {
        tell!("  … and {} more", rejects.len() - most as u64);
    }
}

/// Tells warnings on standard error.
pub fn warnings(warnings: &[Warning]) {
    warnings.iter().for_each(|warning| tell!("{warning}"));
}

/// The state of the inputs, for reading.
pub fn quality(quality: &Quality, as_of: &str) -> String {
    let mut out = String::from("Inputs\n");
    for input in &quality.inputs {
        out += &format!(
            "  {}: {}; {} rows, {} used, {} set aside\n",
            input.file,
            input.format,
            thousands(input.rows as f64),
            thousands(input.used as f64),
            thousands(input.set_aside as f64)
        );
    }
    let in_force = quality.policies - quality.expired - quality.not_yet_incepted;
    out += &format!(
        "Book on {as_of}\n  {} policies in force, {} expired, {} not yet incepted\n  {} without a domain, {} without a revenue\n",
        thousands(in_force as f64),
        thousands(quality.expired as f64),
        thousands(quality.not_yet_incepted as f64),
        quality.without_domain,
        quality.without_revenue
    );
    let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64 * 100.0;
    out += &format!(
        "Scan coverage of its {} domains\n  any record        {:5.1} %\n",
        thousands(quality.domains as f64),
        share(quality.scanned_domains, quality.domains)
    );
    for kind in &quality.coverage {
        out += &format!("  {:<17} {:5.1} %\n", kind.kind, kind.share * 100.0);
    }
    out += &format!(
        "Not read: {} observations after the day, {} of domains outside the book\n",
        thousands(quality.observations_after as f64),
        thousands(quality.observations_outside as f64)
    );
    if !quality.rejects.is_empty() {
        out += "Rows set aside or noted\n";
    }
    for reject in &quality.rejects {
        out += &format!("  {:>6}  {} ({}), such as {}\n", reject.count, reject.rule, reject.outcome, reject.example);
    }
    out
}
