//! An explanation in words and numbers.

use super::{Explanation, InsuredLine, ProductLine};
use crate::inventory::{factor, odds};

/// The explanation for reading.
pub fn of(e: &Explanation) -> String {
    let mut out =
        format!("Policy {} of {}\nEvent {}\nIn scope: insureds with {}\n", e.policy_id, e.insured, e.event, e.requires);
    match (e.tier, e.probability) {
        (Some(tier), Some(p)) => out += &format!("As of {}: {tier}, probability {}\n", e.as_of, percent(p)),
        _ => out += &format!("As of {}: not in force\n", e.as_of),
    }
    if e.domains.is_empty() {
        out += "\nThe insured has no domain: nothing can be looked for from outside.\n";
    }
    for domain in &e.domains {
        out += &format!("\n{}\n", domain.domain);
        if domain.records.is_empty() {
            out += "  never scanned, or not before the as-of date\n";
        }
        for r in &domain.records {
            let place = if r.host == domain.domain { String::new() } else { format!(" at {}", r.host) };
            let value = if r.value.is_empty() { r.status.to_string() } else { r.value.clone() };
            let key = if r.key.is_empty() { String::new() } else { format!(" {}", r.key) };
            out += &format!("  {} {:<8} {}{key}{place}: {value}\n", r.observed_at, r.source, r.kind);
            r.rules.iter().for_each(|rule| out += &format!("      → {rule}\n"));
        }
        domain.products.iter().for_each(|p| out += &product_text(p));
    }
    e.insured_products.iter().for_each(|line| out += &insured_text(line));
    if let Some(advice) = &e.advice {
        out += &format!("\nAdvice: {advice}\n");
    }
    out
}

/// What is known of a product beyond the domains' records; nothing when that is nothing.
fn insured_text(line: &InsuredLine) -> String {
    let mut parts = Vec::new();
    if let Some(prior) = line.kind_prior {
        parts.push(format!(
            "of organisations of its kind {} use it ({}): the odds above move by that",
            percent(prior),
            line.kind
        ));
    }
    match line.declared.as_str() {
        "" if !line.visible => parts.push("can't be seen from outside, and the insured has not said".to_string()),
        "" => {}
        words => parts.push(format!("{words} on the odds above")),
    }
    if parts.is_empty() { String::new() } else { format!("\n{}: {}\n", line.product, parts.join("; ")) }
}

/// The arithmetic: prior odds times a factor for each signal, which depends on the signals of its group above it.
fn product_text(p: &ProductLine) -> String {
    let mut out = format!("  {}: prior {} ({})\n", p.product, percent(p.prior), p.prior_source);
    let spoke = || p.signals.iter().filter(|s| !matches!(s.finding, "not looked for" | "hidden by a gateway in front"));
    out += &format!("      odds {}", odds_text(p.prior));
    spoke().for_each(|s| out += &format!(" {}", factor(s.factor)));
    out += &format!(" = {}, probability {}\n", odds_text(p.probability), percent(p.probability));
    for s in p.signals.iter().filter(|s| s.finding != "not looked for") {
        let record = if s.record.is_empty() { String::new() } else { format!(": {}", s.record) };
        let weight = if s.finding.starts_with("hidden") {
            "says nothing".to_string()
        } else {
            let basis = if s.assumed { ", partly assumed" } else { "" };
            let alone = if (s.alone / s.factor - 1.0).abs() > 0.01 {
                format!("; on its own {}, but it goes with the signal of \"{}\" above", factor(s.alone), s.group)
            } else {
                String::new()
            };
            format!(
                "odds {}: shown by {} of users, {} of others{basis}{alone}",
                factor(s.factor),
                percent(s.sensitivity),
                percent(s.false_positive)
            )
        };
        out += &format!("      {}: {}{record}\n          [{weight}]\n", s.rules.join(" or "), s.finding);
    }
    let blind: Vec<String> =
        p.signals.iter().filter(|s| s.finding == "not looked for").map(|s| s.rules.join(" or ")).collect();
    if !blind.is_empty() {
        out += &format!("      not looked for: {}\n", blind.join("; "));
    }
    out
}

/// Odds for reading: `1 : 4.2`, `830 : 1`.
fn odds_text(p: f64) -> String {
    let number = |x: f64| if x >= 10.0 { crate::money::thousands(x.round()) } else { format!("{x:.2}") };
    match odds(p) {
        o if o >= 1.0 => format!("{} : 1", number(o)),
        o => format!("1 : {}", number(1.0 / o)),
    }
}

fn percent(p: f64) -> String {
    if p > 0.999 {
        "over 99.9 %".into()
    } else if p > 0.0 && p < 0.0005 {
        "under 0.05 %".into()
    } else if p < 0.01 {
        format!("{:.2} %", p * 100.0)
    } else {
        format!("{:.1} %", p * 100.0)
    }
}
