//! Makes the summary from the tables.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;

use super::annual::{AnnualFacts, annual};
use super::assumptions::list;
use super::check::{Check, check};
use super::headline::headline;
use super::in_scope::in_scope;
use super::market::market;
use super::quality::Quality;
use super::reliability::reliability_lines;
use super::segments::{self, Segment};
use super::summary::{Losses, Origin, Summary, TierLine, TopLine};
use super::treaties;
use crate::calibration::Bin;
use crate::catalogue::{Catalogue, Event};
use crate::exposure::{Draw, Exposure, Tier, advice};
use crate::fault::Failure;
use crate::incidents::SeverityModels;
use crate::inventory::Entry;
use crate::loss::exact::ExactFigure;
use crate::loss::{Projection, YearLoss, used_models};
use crate::metrics;
use crate::metrics::TreatyLosses;
use crate::money::Cents;
use crate::portfolio::RevenueBand;

/// What a summary is made of.
pub struct Facts<'a> {
    /// The event.
    pub event: &'a Event,
    /// The catalogue as of the day.
    pub catalogue: &'a Catalogue,
    /// The day.
    pub as_of: Date,
    /// Seed of the simulation.
    pub seed: u64,
    /// Policies in force.
    pub exposures: &'a [Exposure],
    /// Draws of how many insureds are in scope; may be none.
    pub in_scope: &'a [Draw],
    /// Signals of the event's products predicted from the others; may be none.
    pub reliability: &'a [Bin],
    /// Their losses.
    pub projection: &'a Projection,
    /// The same without sampling, or why not; absent where it was not asked for.
    pub exact: Option<&'a Result<Vec<ExactFigure>, String>>,
    /// What treaties took, where there are any.
    pub treaties: Option<&'a [TreatyLosses]>,
    /// Years over all known events, where they were asked for.
    pub annual: Option<&'a AnnualFacts<'a>>,
    /// Severities fitted to incidents, where the losses were simulated with them.
    pub models: Option<&'a SeverityModels>,
    /// Inventory, to compare with published market shares.
    pub inventory: Option<&'a [Entry]>,
    /// Inputs and their quality.
    pub quality: Option<Quality>,
    /// What may not be what is meant.
    pub warnings: Vec<String>,
}

/// How many insureds a report lists by name.
const LISTED: usize = 20;

/// Makes the summary.
///
/// # Errors
/// When the table engine fails.
pub fn summarise(facts: Facts) -> Result<Summary, Failure> {
    let insureds = group(&facts);
    let frame = segments::insureds(facts.exposures);
    let tiers = tier_lines(&facts, &insureds);
    let total = |of: fn(&Exposure) -> Cents| facts.exposures.iter().map(of).sum::<Cents>().units();
    let probabilities: Vec<f64> = insureds.iter().map(|i| i.probability).collect();
    let unknown = insureds.iter().filter(|i| i.tier == Tier::Unknown).map(|i| i.probability).sum::<f64>() + 0.0;
    let in_scope = in_scope(facts.in_scope, &probabilities, unknown);
    let losses = losses(&facts);
    let treaties = treaties::lines(facts.treaties.unwrap_or_default(), losses.gross.mean);
    let reinstatement = treaties::reinstatement(&treaties);
    let currency = facts.exposures.first().map_or("USD", |e| &e.currency).to_string();
    let event = facts.event;
    let assumptions = list(event, facts.catalogue, &used_models(event, facts.exposures, facts.models));
    let premium = total(|e| e.premium);
    let years = facts.annual.map(|own| annual(own, facts.catalogue, &assumptions, premium, &currency));
    Ok(Summary {
        headline: headline(&tiers, &in_scope, &losses, reinstatement, &currency),
        event: event.id.clone(),
        title: event.title.clone(),
        vendor: event.vendor.clone(),
        announced: event.announced.clone(),
        what_happened: event.summary.clone(),
        condition: event.requires.words(&|id| facts.catalogue.product_name(id)),
        event_evidence: event.evidence.clone(),
        sources: event.sources.clone(),
        as_of: facts.as_of.to_string(),
        currency,
        policies: facts.exposures.len() as u64,
        insureds: insureds.len() as u64,
        limit: total(|e| e.limit_at_stake),
        premium: total(|e| e.premium),
        in_scope,
        by_industry: segments::by(&frame, "industry")?,
        by_revenue_band: by_size(segments::by(&frame, "revenue_band")?),
        by_country: segments::by(&frame, "country")?,
        market: facts.inventory.map(|all| market(event, facts.catalogue, facts.exposures, all)).unwrap_or_default(),
        trials: facts.projection.years.len(),
        losses,
        treaties,
        exact: facts.exact.map(|exact| checked(&facts, exact)),
        largest: largest(&insureds),
        assumptions,
        annual: years,
        reliability: reliability_lines(facts.reliability, facts.catalogue),
        origin: origin(&facts),
        tiers,
        quality: facts.quality,
        warnings: facts.warnings,
    })
}

/// Losses of the trials; net only where there are treaties.
fn losses(facts: &Facts) -> Losses {
    let years = &facts.projection.years;
    let sample = |of: fn(&YearLoss) -> Cents| metrics::summarise(&years.iter().map(of).collect::<Vec<_>>());
    let reinsured = facts.treaties.is_some() || years.iter().any(|year| year.sum.net != year.sum.gross);
    Losses {
        gross: sample(|year| year.sum.gross),
        net: reinsured.then(|| sample(|year| year.sum.net)),
        ground_up: sample(|year| year.sum.ground_up),
        // A claim counts as a unit of currency.
        claims: sample(|year| Cents(i64::from(year.claims) * 100)),
    }
}

fn checked(facts: &Facts, exact: &Result<Vec<ExactFigure>, String>) -> Check {
    let gross: Vec<Cents> = facts.projection.years.iter().map(|year| year.sum.gross).collect();
    check(&gross, exact.as_deref().map_err(String::as_str))
}

/// Revenue bands from small to large.
fn by_size(mut bands: Vec<Segment>) -> Vec<Segment> {
    let place = |band: &Segment| RevenueBand::ALL.iter().position(|b| b.words() == band.name);
    bands.sort_by_key(place);
    bands
}

/// An insured with its policies in force, the first the most exposed.
struct Insured<'a> {
    policies: Vec<&'a Exposure>,
    tier: Tier,
    probability: f64,
    limit: f64,
    premium: f64,
    expected_gross: f64,
}

/// Insureds in the order of their most exposed policy.
fn group<'a>(facts: &Facts<'a>) -> Vec<Insured<'a>> {
    let trials = facts.projection.years.len().max(1) as f64;
    let mut at: HashMap<&str, usize> = HashMap::new();
    let mut insureds: Vec<Insured> = Vec::new();
    for (row, e) in facts.exposures.iter().enumerate() {
        let place = *at.entry(&e.insured_id).or_insert_with(|| {
            insureds.push(Insured {
                policies: Vec::new(),
                tier: e.tier,
                probability: 0.0,
                limit: 0.0,
                premium: 0.0,
                expected_gross: 0.0,
            });
            insureds.len() - 1
        });
        let insured = &mut insureds[place];
        insured.policies.push(e);
        insured.tier = insured.tier.min(e.tier);
        insured.probability = insured.probability.max(e.probability);
        insured.limit += e.limit_at_stake.units();
        insured.premium += e.premium.units();
        insured.expected_gross += facts.projection.by_policy.get(row).map_or(0.0, |c| c.units()) / trials;
    }
    insureds
}

fn tier_lines(facts: &Facts, insureds: &[Insured]) -> Vec<TierLine> {
    let sum = |of: &dyn Fn(&Insured) -> f64| insureds.iter().map(of).sum::<f64>() + 0.0;
    let (limit, premium) = (sum(&|i| i.limit), sum(&|i| i.premium));
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    let line = |tier: Tier| {
        let own = |of: &dyn Fn(&Insured) -> f64| insureds.iter().filter(|i| i.tier == tier).map(of).sum::<f64>() + 0.0;
        let count = own(&|_| 1.0);
        TierLine {
            tier: tier.as_str(),
            meaning: tier.meaning(),
            advice: advice(&facts.event.advice, tier).to_string(),
            insureds: count as u64,
            share_insureds: share(count, insureds.len() as f64),
            limit: own(&|i| i.limit),
            share_limit: share(own(&|i| i.limit), limit),
            premium: own(&|i| i.premium),
            share_premium: share(own(&|i| i.premium), premium),
            expected_gross: own(&|i| i.expected_gross),
        }
    };
    Tier::ALL.map(line).to_vec()
}

fn largest(insureds: &[Insured]) -> Vec<TopLine> {
    let mut listed: Vec<&Insured> =
        insureds.iter().filter(|i| matches!(i.tier, Tier::Exposed | Tier::Possible)).collect();
    listed.sort_by(|a, b| {
        a.tier
            .cmp(&b.tier)
            .then(b.limit.total_cmp(&a.limit))
            .then(a.policies[0].policy_id.cmp(&b.policies[0].policy_id))
    });
    let line = |insured: &&Insured| {
        let first = insured.policies[0];
        let domains: BTreeSet<&str> =
            insured.policies.iter().flat_map(|p| p.domains.iter().map(String::as_str)).collect();
        TopLine {
            insured_id: first.insured_id.clone(),
            name: first.insured_name.clone(),
            policies: insured.policies.iter().map(|p| p.policy_id.clone()).collect(),
            domains: domains.into_iter().collect::<Vec<_>>().join(", "),
            tier: insured.tier.as_str(),
            probability: insured.probability,
            limit: insured.limit,
            expected_gross: insured.expected_gross,
            evidence: first.evidence.clone(),
            not_found: first.not_found.clone(),
            shared: insured.policies.iter().any(|p| !p.shared_domains.is_empty()),
        }
    };
    listed.iter().take(LISTED).map(line).collect()
}

fn origin(facts: &Facts) -> Origin {
    let mut hash = xxhash_rust::xxh3::Xxh3::new();
    let mut contents: Vec<&str> = facts.quality.iter().flat_map(|q| &q.inputs).map(|i| i.content.as_str()).collect();
    contents.sort_unstable();
    contents.iter().for_each(|content| hash.update(content.as_bytes()));
    Origin {
        engine: format!("blastradius {}", env!("CARGO_PKG_VERSION")),
        seed: facts.seed,
        inputs: if contents.is_empty() { String::new() } else { format!("{:032x}", hash.digest128()) },
    }
}
