//! The numbers of a report, once: pages, JSON and the terminal all take them from here.

use serde::Serialize;

use super::annual::Annual;
use super::assumptions::Assumption;
use super::check::Check;
use super::in_scope::InScopeLine;
use super::market::MarketLine;
use super::quality::Quality;
use super::reliability::ReliabilityLine;
use super::segments::Segment;
use super::treaties::TreatyLine;
use crate::catalogue::Source;
use crate::metrics;

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

/// Losses from ground up, gross, and where there are treaties net.
#[derive(Clone, Debug, Serialize)]
pub struct Losses {
    /// What policies pay.
    pub gross: metrics::Summary,
    /// What treaties leave of it; absent without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net: Option<metrics::Summary>,
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
    /// How many insureds are in scope.
    pub in_scope: InScopeLine,
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
    /// Treaties in inuring order; absent without any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub treaties: Vec<TreatyLine>,
    /// What a year over all known events costs; absent where it was not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annual: Option<Annual>,
    /// Simulated beside exact; absent in a report made from tables alone.
    pub exact: Option<Check>,
    /// The largest exposed insureds.
    pub largest: Vec<TopLine>,
    /// Inputs and their quality; absent in a report made from tables alone.
    pub quality: Option<Quality>,
    /// What may not be what is meant, such as a treaty whose scope covers none of the book.
    pub warnings: Vec<String>,
    /// How well each signal of the event's products is predicted from the others.
    pub reliability: Vec<ReliabilityLine>,
    /// Figures and sources.
    pub assumptions: Vec<Assumption>,
    /// Origin.
    pub origin: Origin,
}
