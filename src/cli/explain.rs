//! `explain`: why one policy is in its tier.

mod text;

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use super::progress::Progress;
use super::{Done, Format, RunConfig, show};
use crate::catalogue::{Match, Matcher, Signal};
use crate::exposure::{Exposure, Scope, advice, expose};
use crate::fault::{Failure, did_you_mean};
use crate::inventory::{
    Entry, Evidence, Finding, Fronts, Inventory, InventoryBuilder, Model, Weighed, assess, read_declared,
};
use crate::moment::Moment;
use crate::portfolio::domains::DomainMap;
use crate::portfolio::{Policy, read_book};
use crate::run::Settings;
use crate::scan::observation::{Observation, ObservationRef, Status};
use crate::scan::{InOrder, read_scan};
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
    /// What the insured says of the event's products, and what is usual for its kind.
    insured_products: Vec<InsuredLine>,
}

/// A product at the insured as a whole.
#[derive(Debug, Serialize)]
struct InsuredLine {
    product: String,
    visible: bool,
    /// Prior of organisations of its kind, when that differs from the general one.
    kind_prior: Option<f64>,
    kind: String,
    declared: String,
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
    prior_source: String,
    probability: f64,
    signals: Vec<SignalLine>,
}

/// One item: signals of a product that one question answers.
#[derive(Debug, Serialize)]
struct SignalLine {
    group: String,
    rules: Vec<String>,
    finding: &'static str,
    record: String,
    sensitivity: f64,
    false_positive: f64,
    /// Whether sensitivity or false-positive rate is only assumed.
    assumed: bool,
    /// Likelihood ratio on its own.
    alone: f64,
    /// Factor of the odds, given the signals of its group above.
    factor: f64,
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
            Some(reject) => format!("it was set aside: {}", reject.fatal()),
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
    let products = settings.event.requires.products();
    let mut entries = domains.entries(&products);
    let mut answers = Vec::new();
    if let Some(path) = &settings.declared {
        let (rows, _) = read_declared(path, &book.policies, &domains.model, &mut RejectLog::default())?;
        answers.extend(
            rows.into_iter().filter(|e| e.insured_id == policy.insured_id && products.contains(e.product.as_str())),
        );
        entries.extend(answers.iter().cloned());
    }
    let scope =
        Scope { event: &settings.event, catalogue: &settings.catalogue, as_of: settings.as_of, rates: &book.rates };
    let exposure = expose(&scope, &own, &entries)?.0.into_iter().find(|e| e.policy_id == policy.id);
    let matcher = Matcher::new(&settings.catalogue);
    let lines = names
        .iter()
        .map(|d| {
            domain_lines(
                &settings,
                &matcher,
                &records,
                &domains.model,
                domains.evidence(d).unwrap_or(Evidence::none(d)),
            )
        })
        .collect();
    drop(progress);
    let dollars = book.rates.dollars()?;
    let revenue = policy.revenue.map(|r| book.rates.convert(r, &policy.currency).units() * dollars);
    let insured = insured_lines(&settings, policy, revenue, &answers);
    let explanation = assemble(&settings, policy, exposure, lines, insured);
    match format {
        Format::Json => show::json(&explanation)?,
        Format::Text => show::print(&text::of(&explanation))?,
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
    let builder = InventoryBuilder::new(&settings.catalogue, Some(map.clone()), as_of);
    let mut records = Vec::new();
    let mut adder = builder.adder();
    let own = InOrder::new(|observation: &ObservationRef| {
        let Some(domain) = map.domain_of(observation.host).filter(|d| names.contains(d)) else {
            return;
        };
        adder.take(std::slice::from_ref(observation));
        if observation.observed_at <= as_of {
            records.push((domain.to_string(), observation.to_owned()));
        }
    });
    for path in &settings.scans {
        progress.say(&format!("reading {}", path.display()));
        read_scan(path, &settings.scan_options, &mut RejectLog::default(), &own)?;
    }
    drop(adder);
    records.sort();
    records.dedup();
    Ok((records, builder.finish()))
}

fn domain_lines(
    settings: &Settings,
    matcher: &Matcher,
    records: &[(String, Observation)],
    model: &Model,
    evidence: Evidence,
) -> DomainExplanation {
    let (catalogue, domain) = (&settings.catalogue, evidence.name);
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
    let fronts = Fronts::of(model, &evidence);
    let product = |at: u32, id: &str| {
        let assessment = assess(model, at, &fronts, &evidence);
        ProductLine {
            product: catalogue.product_name(id),
            prior: assessment.prior.share,
            prior_source: assessment.prior.source.clone(),
            probability: assessment.probability,
            signals: assessment.items.iter().map(|weighed| signal_line(model, at, weighed)).collect(),
        }
    };
    DomainExplanation {
        domain: domain.to_string(),
        records: records.iter().filter(|(own, _)| own == domain).map(|(_, o)| record(o)).collect(),
        products: products.map(|(at, p)| product(at, &p.id)).collect(),
    }
}

fn signal_line(model: &Model, product: u32, weighed: &Weighed) -> SignalLine {
    let record = match &weighed.finding {
        Finding::Seen(hit, _) => {
            format!("{} {} ({}, {})", hit.host(), hit.value(), hit.source(), hit.span().last.iso())
        }
        Finding::Gone(hit, answer) => {
            format!(
                "{} {} (last seen {}), no longer there {}",
                hit.host(),
                hit.value(),
                hit.span().last.iso(),
                answer.iso()
            )
        }
        Finding::NotSeen(span) => format!("last asked {}", span.last.iso()),
        Finding::Hidden | Finding::NotAsked => String::new(),
    };
    let item = weighed.item;
    let rules = |signals: &[u16]| signals.iter().map(|at| rule(&model.product(product).signal[*at as usize])).collect();
    SignalLine {
        group: model.products[product as usize].groups[item.group].name.clone(),
        rules: match weighed.finding {
            Finding::Seen(_, level) => rules(&item.signals[level..=level]),
            _ => rules(&item.signals),
        },
        finding: weighed.finding.word(),
        record,
        sensitivity: item.sensitivity.value,
        false_positive: item.false_positive.value,
        assumed: item.sensitivity.assumed || item.false_positive.assumed,
        alone: weighed.ratio,
        factor: weighed.weight,
    }
}

/// What the insured says of each product, and what is usual for its kind.
fn insured_lines(settings: &Settings, policy: &Policy, revenue: Option<f64>, answers: &[Entry]) -> Vec<InsuredLine> {
    let line = |id: &str| {
        let product = settings.catalogue.product(id)?;
        let (share, segment) = product.prior_of(&policy.industry, &policy.country, revenue);
        let answer = answers.iter().find(|e| e.product == id);
        Some(InsuredLine {
            product: settings.catalogue.product_name(id),
            visible: product.is_visible(),
            kind_prior: segment.map(|_| share),
            kind: segment.map_or(String::new(), |s| format!("{}; {}", s.words(), s.source)),
            declared: answer.map_or(String::new(), |e| format!("{}{}", e.evidence, e.not_found)),
        })
    };
    settings.event.requires.products().into_iter().filter_map(line).collect()
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
    insured_products: Vec<InsuredLine>,
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
        insured_products,
    }
}
