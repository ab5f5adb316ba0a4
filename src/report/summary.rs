//! The numbers of a report, once: pages, JSON and the terminal all take them from here.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use serde::Serialize;

use super::assumptions::{Assumption, list};
use super::segments::{self, Segment};
use crate::catalogue::{Catalogue, Event, Source};
use crate::exposure::{Exposure, Tier};
use crate::fault::Failure;
use crate::input::Intake;
use crate::inventory::{Entry, Standing};
use crate::loss::Projection;
use crate::metrics::{self, count_interval};
use crate::money::{Cents, in_words, thousands};
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
    /// Their losses.
    pub projection: &'a Projection,
    /// Inventory, to compare with published market shares.
    pub inventory: Option<&'a [Entry]>,
    /// Inputs and their quality.
    pub quality: Option<Quality>,
}

/// What went in and how good it was.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Quality {
    /// Each input file.
    pub inputs: Vec<InputLine>,
    /// Policies in the book.
    pub policies: u64,
    /// Policies whose period ended before the day.
    pub expired: u64,
    /// Policies whose period begins after the day.
    pub not_yet_incepted: u64,
    /// Policies in force without any domain.
    pub without_domain: u64,
    /// Policies in force without a revenue.
    pub without_revenue: u64,
    /// Domains of policies in force.
    pub domains: u64,
    /// Those with any observation.
    pub scanned_domains: u64,
    /// For each kind of record that the event needs: share of domains at which it was asked for.
    pub coverage: Vec<KindCoverage>,
    /// Rejects by rule, the commonest first.
    pub rejects: Vec<RejectCount>,
    /// Observations later than the day, not read.
    pub observations_after: u64,
    /// Observations of domains outside the book.
    pub observations_outside: u64,
    /// Median age in days of the latest evidence of exposed and possible insureds.
    pub median_age_days: Option<i64>,
    /// Greatest such age.
    pub oldest_age_days: Option<i64>,
}

/// An input file in a summary: its rows and the hash of its contents, which are the same whatever the order of the rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InputLine {
    /// File as the user named it.
    pub file: String,
    /// What it was taken for.
    pub format: String,
    /// Rows or records in it.
    pub rows: u64,
    /// Rows used.
    pub used: u64,
    /// Rows not used.
    pub set_aside: u64,
    /// Hash of the rows whatever their order.
    pub content: String,
}

impl InputLine {
    /// The line of an input's account.
    pub fn of(intake: &Intake) -> InputLine {
        let Intake { file, format, rows, used, set_aside, content, .. } = intake.clone();
        InputLine { file, format, rows, used, set_aside, content }
    }
}

/// How much of the book was asked for a kind of record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindCoverage {
    /// Kind of record.
    pub kind: String,
    /// Domains asked.
    pub domains: u64,
    /// Share of the domains of policies in force.
    pub share: f64,
}

/// How often a rule was broken.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RejectCount {
    /// The rule.
    pub rule: String,
    /// What became of the rows.
    pub outcome: &'static str,
    /// Times.
    pub count: u64,
    /// File and value of one of them: the places of all are in the rejects table.
    pub example: String,
}

/// One tier.
#[derive(Clone, Debug, Serialize)]
pub struct TierLine {
    /// Word.
    pub tier: &'static str,
    /// Meaning.
    pub meaning: &'static str,
    /// Advice of the event.
    pub advice: String,
    /// Insureds, each once.
    pub insureds: u64,
    /// Share of insureds.
    pub share_insureds: f64,
    /// Limit at stake.
    pub limit: f64,
    /// Share of limit.
    pub share_limit: f64,
    /// Premium.
    pub premium: f64,
    /// Share of premium.
    pub share_premium: f64,
    /// Mean gross loss.
    pub expected_gross: f64,
}

/// A product's share in the book beside its published market share.
#[derive(Clone, Debug, Serialize)]
pub struct MarketLine {
    /// Product.
    pub product: String,
    /// Published share.
    pub published: f64,
    /// Of what.
    pub population: String,
    /// Who and when.
    pub source: String,
    /// Scanned insureds at which it counts as used: seen, and more likely than not.
    pub insureds: u64,
    /// Their share of scanned insureds.
    pub share: f64,
    /// How many the published share would have predicted.
    pub predicted: f64,
}

/// One of the largest exposed insureds.
#[derive(Clone, Debug, Serialize)]
pub struct TopLine {
    /// Insured.
    pub insured_id: String,
    /// Name.
    pub name: String,
    /// Policies.
    pub policies: Vec<String>,
    /// Domains.
    pub domains: String,
    /// Tier.
    pub tier: &'static str,
    /// Probability.
    pub probability: f64,
    /// Limit at stake.
    pub limit: f64,
    /// Mean gross loss.
    pub expected_gross: f64,
    /// Records.
    pub evidence: String,
    /// What was not found.
    pub not_found: String,
    /// Whether another insured has one of its domains.
    pub shared: bool,
}

/// Losses from ground up and gross.
#[derive(Clone, Debug, Serialize)]
pub struct Losses {
    /// What policies pay.
    pub gross: metrics::Summary,
    /// Before any policy.
    pub ground_up: metrics::Summary,
    /// Policies that pay.
    pub claims: metrics::Summary,
}

/// The headline as sentences.
#[derive(Clone, Debug, Serialize)]
pub struct Headline {
    /// Who is exposed and what is at stake.
    pub exposure: String,
    /// What it costs.
    pub loss: String,
    /// How sure, and why.
    pub confidence: String,
    /// What to do first.
    pub action: String,
}

/// Who wrote this, from what.
#[derive(Clone, Debug, Serialize)]
pub struct Origin {
    /// Engine and version.
    pub engine: String,
    /// Seed.
    pub seed: u64,
    /// Hash over the contents of all inputs, whatever the order of their rows.
    pub inputs: String,
}

/// Everything a report says.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Sentences.
    pub headline: Headline,
    /// Event id.
    pub event: String,
    /// Event title.
    pub title: String,
    /// Vendor.
    pub vendor: String,
    /// Day it became known.
    pub announced: String,
    /// What happened.
    pub what_happened: String,
    /// Who is in scope.
    pub condition: String,
    /// How far to trust the event file.
    pub event_evidence: String,
    /// Its sources.
    pub sources: Vec<Source>,
    /// Day of the look.
    pub as_of: String,
    /// Currency of all money.
    pub currency: String,
    /// Policies in force.
    pub policies: u64,
    /// Insureds with a policy in force.
    pub insureds: u64,
    /// Their limit at stake.
    pub limit: f64,
    /// Their premium.
    pub premium: f64,
    /// Expected insureds in scope, and the 90 % interval.
    pub in_scope: [f64; 3],
    /// By tier.
    pub tiers: Vec<TierLine>,
    /// By industry.
    pub by_industry: Vec<Segment>,
    /// By revenue band.
    pub by_revenue_band: Vec<Segment>,
    /// By country.
    pub by_country: Vec<Segment>,
    /// Beside published market shares.
    pub market: Vec<MarketLine>,
    /// Trials of the simulation.
    pub trials: usize,
    /// Losses.
    pub losses: Losses,
    /// The largest exposed insureds.
    pub largest: Vec<TopLine>,
    /// Inputs and their quality; absent in a report made from tables alone.
    pub quality: Option<Quality>,
    /// Figures and sources.
    pub assumptions: Vec<Assumption>,
    /// Origin.
    pub origin: Origin,
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
    let (mean, low, high) = count_interval(&insureds.iter().map(|i| i.probability).collect::<Vec<_>>());
    let sample = |of: &dyn Fn(&crate::loss::Trial) -> f64| {
        metrics::summarise(&facts.projection.trials.iter().map(of).collect::<Vec<_>>())
    };
    let losses = Losses {
        gross: sample(&|t| t.gross.units()),
        ground_up: sample(&|t| t.ground_up.units()),
        claims: sample(&|t| f64::from(t.claims)),
    };
    let currency = facts.exposures.first().map_or("USD", |e| &e.currency).to_string();
    let event = facts.event;
    Ok(Summary {
        headline: headline(&tiers, [mean, low, high], &losses, &currency),
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
        in_scope: [mean, low, high],
        by_industry: segments::by(&frame, "industry")?,
        by_revenue_band: by_size(segments::by(&frame, "revenue_band")?),
        by_country: segments::by(&frame, "country")?,
        market: facts.inventory.map(|inventory| market(&facts, inventory)).unwrap_or_default(),
        trials: facts.projection.trials.len(),
        losses,
        largest: largest(&insureds),
        assumptions: list(event, facts.catalogue),
        origin: origin(&facts),
        tiers,
        quality: facts.quality,
    })
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
    let trials = facts.projection.trials.len().max(1) as f64;
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
    let sum = |of: &dyn Fn(&Insured) -> f64| insureds.iter().map(of).sum::<f64>();
    let (limit, premium) = (sum(&|i| i.limit), sum(&|i| i.premium));
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    let advice = &facts.event.advice;
    let line = |tier: Tier| {
        let own = |of: &dyn Fn(&Insured) -> f64| insureds.iter().filter(|i| i.tier == tier).map(of).sum::<f64>();
        let count = own(&|_| 1.0);
        TierLine {
            tier: tier.as_str(),
            meaning: tier.meaning(),
            advice: [&advice.exposed, &advice.possible, &advice.unknown, &advice.unlikely][tier as usize].clone(),
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
        TopLine {
            insured_id: first.insured_id.clone(),
            name: first.insured_name.clone(),
            policies: insured.policies.iter().map(|p| p.policy_id.clone()).collect(),
            domains: first.domains.join(", "),
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

/// Published shares beside the book's, for the event's products that have one.
fn market(facts: &Facts, inventory: &[Entry]) -> Vec<MarketLine> {
    let mut users: BTreeMap<&str, HashSet<&str>> = BTreeMap::new();
    let mut scanned: HashSet<&str> = HashSet::new();
    for entry in inventory {
        scanned.insert(&entry.domain);
        if entry.standing == Standing::Seen && entry.probability >= 0.5 {
            users.entry(&entry.product).or_default().insert(&entry.domain);
        }
    }
    let insureds = |domains: &dyn Fn(&str) -> bool| {
        let with = facts.exposures.iter().filter(|e| e.domains.iter().any(|d| domains(d)));
        with.map(|e| e.insured_id.as_str()).collect::<HashSet<_>>().len() as u64
    };
    let all = insureds(&|domain| scanned.contains(domain));
    let line = |id: &str| {
        let product = facts.catalogue.product(id)?;
        let published =
            product.market_share.iter().find(|m| product.prior.source.ends_with(&format!("({})", m.month)))?;
        let own = insureds(&|domain| users.get(id).is_some_and(|u| u.contains(domain)));
        Some(MarketLine {
            product: facts.catalogue.product_name(id),
            published: published.share,
            population: published.population.clone(),
            source: format!("{}, {} ({})", published.source, published.month, published.grade),
            insureds: own,
            share: own as f64 / all.max(1) as f64,
            predicted: published.share * all as f64,
        })
    };
    facts.event.requires.products().into_iter().filter_map(line).collect()
}

fn headline(tiers: &[TierLine], in_scope: [f64; 3], losses: &Losses, currency: &str) -> Headline {
    let count: u64 = tiers.iter().map(|t| t.insureds).sum();
    let [exposed, possible, unknown, _] = tiers else { return empty_headline() };
    if count == 0 {
        return empty_headline();
    }
    let number = |n: u64| thousands(n as f64);
    let exposure = format!(
        "{} of {} insureds ({:.1} %) are exposed; {} of limit is at stake.",
        number(exposed.insureds),
        number(count),
        exposed.share_insureds * 100.0,
        in_words(currency, exposed.limit)
    );
    let hundred = losses.gross.quantiles.iter().find(|q| q.probability == 0.99).map_or(0.0, |q| q.value);
    let chance = losses.gross.share_above_zero * 100.0;
    let loss = if chance == 0.0 {
        format!("In {} simulated runs of the event no policy paid anything.", thousands(losses.gross.trials as f64))
    } else {
        let chance = if chance < 0.095 { format!("{chance:.2} %") } else { format!("{chance:.1} %") };
        let hundred = match hundred {
            0.0 => "and nothing in 99 of 100 cases".to_string(),
            amount => format!("and {} or more one time in a hundred", in_words(currency, amount)),
        };
        format!(
            "The expected loss to our policies is {}, {hundred}; the chance of any loss is {chance}.",
            in_words(currency, losses.gross.mean)
        )
    };
    let confidence = format!(
        "Counting every insured with its probability, {} are in scope (90 % interval {} to {}): {} were seen with everything the event needs, {} with a part of it, and {} could not be judged because the records that matter were not scanned.",
        thousands(in_scope[0].round()),
        thousands(in_scope[1]),
        thousands(in_scope[2]),
        number(exposed.insureds),
        number(possible.insureds),
        number(unknown.insureds)
    );
    let first = if exposed.insureds > 0 {
        format!(
            "Call the {} exposed first, then ask the {} possible.",
            number(exposed.insureds),
            number(possible.insureds)
        )
    } else if possible.insureds > 0 {
        format!("Nobody is exposed for certain. Ask the {} possible first.", number(possible.insureds))
    } else {
        "Nobody is known to be exposed.".to_string()
    };
    let rest = if unknown.insureds > 0 {
        format!(" Scan or ask the {} unknown.", number(unknown.insureds))
    } else {
        String::new()
    };
    Headline { exposure, loss, confidence, action: first + &rest }
}

fn empty_headline() -> Headline {
    Headline {
        exposure: "No policy of the book is in force on this day.".into(),
        loss: "There is nothing to project.".into(),
        confidence: "Every policy has expired or has not yet incepted.".into(),
        action: "Ask again with a day on which the book is in force (--as-of).".into(),
    }
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
