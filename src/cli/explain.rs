//! `explain`: why one policy is in its tier.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use super::progress::Progress;
use super::{Done, Format, RunConfig, show};
use crate::catalogue::{Match, Matcher, Signal};
use crate::exposure::{Exposure, Scope, advice, expose};
use crate::fault::{Failure, did_you_mean};
use crate::inventory::{DomainEvidence, Finding, Inventory, InventoryBuilder, Weighed, assess};
use crate::moment::Moment;
use crate::portfolio::domains::DomainMap;
use crate::portfolio::{Policy, read_book};
use crate::run::Settings;
use crate::scan::observation::{Observation, Status};
use crate::scan::read_scan;
use crate::table::RejectLog;

/// Why a policy is in its tier.
#[derive(Debug, Serialize)]
struct Explanation {
    policy_id: String,
    insured: String,
    event: String,
    requires: String,
    as_of: String,
    in_force: bool,
    tier: Option<&'static str>,
    probability: Option<f64>,
    advice: Option<String>,
    domains: Vec<DomainExplanation>,
}

#[derive(Debug, Serialize)]
struct DomainExplanation {
    domain: String,
    records: Vec<RecordLine>,
    products: Vec<ProductLine>,
}

/// One record, and the rules that it met.
#[derive(Debug, Serialize)]
struct RecordLine {
    observed_at: String,
    source: String,
    host: String,
    kind: &'static str,
    key: String,
    value: String,
    status: &'static str,
    rules: Vec<String>,
}

/// The arithmetic of one product.
#[derive(Debug, Serialize)]
struct ProductLine {
    product: String,
    prior: f64,
    probability: f64,
    signals: Vec<SignalLine>,
}

#[derive(Debug, Serialize)]
struct SignalLine {
    rule: String,
    finding: &'static str,
    record: String,
    likelihood_ratio: f64,
    counts: bool,
}

/// Prints the explanation of one policy.
pub fn explain(policy_id: &str, file: Option<&Path>, flags: RunConfig, format: Format) -> Result<Done, Failure> {
    let (settings, _) = RunConfig::load(file, flags)?.resolve()?;
    let progress = Progress::start(settings.scans.len() + 1);
    progress.say("reading policies");
    let book = read_book(&settings.policies, settings.currency.as_deref(), &settings.rates)?;
    let policy = book.policies.iter().find(|p| p.id == policy_id).ok_or_else(|| {
        let line = book.set_aside.iter().find(|(id, _)| id == policy_id).map(|(_, line)| *line);
        let hint = match line.and_then(|line| book.rejects.iter().find(|r| r.line == line)) {
            Some(reject) => format!("it was set aside: {reject}"),
            None => did_you_mean(policy_id, book.policies.iter().map(|p| p.id.as_str())),
        };
        Failure::new(format!(
            "policy \"{policy_id}\" is not among the {} usable ones of {}",
            book.policies.len(),
            book.intake.file
        ))
        .hint(hint)
    })?;
    let of_insured =
        |p: &&Policy| p.insured_id == policy.insured_id && (p.id == policy.id || p.in_force(settings.as_of));
    let own: Vec<Policy> = book.policies.iter().filter(of_insured).cloned().collect();
    let names: BTreeSet<&str> = own.iter().flat_map(|p| p.domains.iter().map(String::as_str)).collect();
    let (records, domains) = gather(&settings, &book.policies, &names, &progress)?;
    let entries = domains.entries(&settings.event.requires.products());
    let scope =
        Scope { event: &settings.event, catalogue: &settings.catalogue, as_of: settings.as_of, rates: &book.rates };
    let exposure = expose(&scope, &own, &entries)?.into_iter().find(|e| e.policy_id == policy.id);
    let empty = DomainEvidence::default();
    let matcher = Matcher::new(&settings.catalogue);
    let lines = names
        .iter()
        .map(|d| domain_lines(&settings, &matcher, d, &records, domains.evidence(d).unwrap_or(&empty)))
        .collect();
    drop(progress);
    let explanation = assemble(&settings, policy, exposure, lines);
    match format {
        Format::Json => show::json(&explanation)?,
        Format::Text => show::print(&text(&explanation))?,
    }
    Ok(Done::Whole)
}

/// The records of the insured's domains up to the as-of date, and the evidence they make.
fn gather<'a>(
    settings: &'a Settings,
    book: &[Policy],
    names: &BTreeSet<&str>,
    progress: &Progress,
) -> Result<(Vec<(String, Observation)>, Inventory<'a>), Failure> {
    let map = DomainMap::of(book);
    let as_of = Moment::end_of(settings.as_of);
    let mut builder = InventoryBuilder::new(&settings.catalogue, Some(map.clone()), as_of);
    let mut records = Vec::new();
    for path in &settings.scans {
        progress.say(&format!("reading {}", path.display()));
        read_scan(path, &settings.scan_options, &mut RejectLog::default(), |observation| {
            let Some(domain) = map.domain_of(&observation.host).filter(|d| names.contains(d)) else {
                return;
            };
            builder.add(&observation);
            if observation.observed_at <= as_of {
                records.push((domain.to_string(), observation));
            }
        })?;
    }
    records.sort();
    records.dedup();
    Ok((records, builder.finish()))
}

fn domain_lines(
    settings: &Settings,
    matcher: &Matcher,
    domain: &str,
    records: &[(String, Observation)],
    evidence: &DomainEvidence,
) -> DomainExplanation {
    let catalogue = &settings.catalogue;
    let wanted = settings.event.requires.products();
    let record = |o: &Observation| {
        let mut rules = Vec::new();
        if o.status == Status::Found {
            matcher.each(o.kind, &o.key, &o.value, |hit| {
                let product = &catalogue.products[hit.product as usize];
                rules.push(format!("{}: {}", catalogue.product_name(&product.id), rule(matcher.signal(hit))));
            });
        }
        RecordLine {
            observed_at: o.observed_at.iso(),
            source: o.source.clone(),
            host: o.host.clone(),
            kind: o.kind.as_str(),
            key: o.key.clone(),
            value: o.value.clone(),
            status: o.status.as_str(),
            rules,
        }
    };
    let products = (0u32..).zip(&catalogue.products).filter(|(_, p)| wanted.contains(p.id.as_str()));
    let product = |at: u32, id: &str| {
        let assessment = assess(catalogue, at, evidence);
        ProductLine {
            product: catalogue.product_name(id),
            prior: assessment.prior.share,
            probability: assessment.probability,
            signals: assessment.signals.iter().map(signal_line).collect(),
        }
    };
    DomainExplanation {
        domain: domain.to_string(),
        records: records.iter().filter(|(own, _)| own == domain).map(|(_, o)| record(o)).collect(),
        products: products.map(|(at, p)| product(at, &p.id)).collect(),
    }
}

fn signal_line(weighed: &Weighed) -> SignalLine {
    let (finding, record) = match &weighed.finding {
        Finding::Seen(hit) => ("seen", format!("{} {} ({}, {})", hit.host, hit.value, hit.source, hit.span.last.iso())),
        Finding::Gone(hit, answer) => (
            "gone",
            format!("{} {} (last seen {}), no longer there {}", hit.host, hit.value, hit.span.last.iso(), answer.iso()),
        ),
        Finding::NotSeen(span) => ("looked for, not found", format!("last asked {}", span.last.iso())),
        Finding::Hidden => ("hidden by a gateway in front", String::new()),
        Finding::NotAsked => ("not looked for", String::new()),
    };
    SignalLine { rule: rule(weighed.signal), finding, record, likelihood_ratio: weighed.ratio, counts: weighed.counts }
}

fn rule(signal: &Signal) -> String {
    let how = match signal.how {
        Match::Exact => "is",
        Match::Suffix => "ends in",
        Match::Prefix => "begins with",
        Match::Contains => "holds",
        Match::Regex => "matches",
        Match::Exists => "is there",
        Match::NotSuffix => "ends in none of",
    };
    let keys = if signal.keys.is_empty() { String::new() } else { format!(" ({})", signal.keys.join(", ")) };
    format!("{}{keys} {how} {}", signal.kind.as_str(), signal.pattern).trim_end().to_string()
}

fn assemble(
    settings: &Settings,
    policy: &Policy,
    exposure: Option<Exposure>,
    domains: Vec<DomainExplanation>,
) -> Explanation {
    let event = &settings.event;
    Explanation {
        policy_id: policy.id.clone(),
        insured: format!("{} {}", policy.insured_id, policy.insured_name).trim().to_string(),
        event: format!("{}: {}", event.id, event.title),
        requires: event.requires.words(&|id| settings.catalogue.product_name(id)),
        as_of: settings.as_of.to_string(),
        in_force: exposure.is_some(),
        tier: exposure.as_ref().map(|e| e.tier.as_str()),
        probability: exposure.as_ref().map(|e| e.probability),
        advice: exposure.as_ref().map(|e| advice(&event.advice, e.tier).to_string()),
        domains,
    }
}

fn text(e: &Explanation) -> String {
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
    if let Some(advice) = &e.advice {
        out += &format!("\nAdvice: {advice}\n");
    }
    out
}

/// The arithmetic: prior odds times the ratio of each group's strongest signal.
fn product_text(p: &ProductLine) -> String {
    let mut out = format!("  {}: prior {}", p.product, percent(p.prior));
    let counted = p.signals.iter().filter(|s| s.counts);
    counted.for_each(|s| out += &format!(" × {}", short(s.likelihood_ratio)));
    out += &format!(" → {}\n", percent(p.probability));
    for s in p.signals.iter().filter(|s| s.finding != "not looked for") {
        let weight = match (s.counts, s.likelihood_ratio) {
            (_, 1.0) => "says nothing".to_string(),
            (true, ratio) => format!("odds × {}", short(ratio)),
            (false, _) => "counted with its group".to_string(),
        };
        let record = if s.record.is_empty() { String::new() } else { format!(": {}", s.record) };
        out += &format!("      {}: {}{record} [{weight}]\n", s.rule, s.finding);
    }
    let blind: Vec<&str> =
        p.signals.iter().filter(|s| s.finding == "not looked for").map(|s| s.rule.as_str()).collect();
    if !blind.is_empty() {
        out += &format!("      not looked for: {}\n", blind.join("; "));
    }
    out
}

fn percent(p: f64) -> String {
    if p > 0.999 {
        "over 99.9 %".into()
    } else if p > 0.0 && p < 0.0005 {
        "under 0.05 %".into()
    } else {
        format!("{:.1} %", p * 100.0)
    }
}

fn short(ratio: f64) -> String {
    if ratio >= 10.0 { format!("{ratio:.0}") } else { format!("{ratio:.2}") }
}
