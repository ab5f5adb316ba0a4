//! An average year: what all known events together cost in a year, and whose products make the bad years.

use indexmap::IndexMap;
use serde::Serialize;

use super::assumptions::{Assumption, frequency, list};
use super::treaties::{TreatyLine, lines};
use crate::catalogue::{Catalogue, Event};
use crate::loss::{Amounts, UsedModel, YearLoss};
use crate::metrics::{Curve, Estimate, MeansByGroup, Point, Share, TailClaims, TreatyLosses};
use crate::money::{Cents, in_words, thousands};

/// Return periods that are told, in years.
const RETURN_PERIODS: [f64; 3] = [10.0, 100.0, 250.0];
/// That of the tail whose contributions are told.
const TAIL: f64 = 100.0;

/// An event of the simulated years.
pub struct AnnualEvent<'a> {
    /// The event.
    pub event: Event,
    /// Expected number of insureds in scope.
    pub in_scope: f64,
    /// Severities fitted to incidents that its losses rest on.
    pub fitted: Vec<UsedModel<'a>>,
}

/// What one occurrence comes to.
#[derive(Clone, Copy, Debug)]
pub struct OccurrenceSum {
    /// Year, counted from 0.
    pub year: u32,
    /// Position of its event.
    pub event: u32,
    /// Its losses.
    pub amounts: Amounts,
}

/// What the view of an average year is made of.
pub struct AnnualFacts<'a> {
    /// Events that can happen.
    pub events: Vec<AnnualEvent<'a>>,
    /// Titles of events without a frequency.
    pub left_out: Vec<String>,
    /// Simulated years.
    pub years: Vec<YearLoss>,
    /// All occurrences, in order of years.
    pub occurrences: Vec<OccurrenceSum>,
    /// What treaties took, where there are any.
    pub treaties: Option<Vec<TreatyLosses>>,
}

/// An event as the view tells it.
#[derive(Clone, Debug, Serialize)]
pub struct EventLine {
    /// Id.
    pub event: String,
    /// Title.
    pub title: String,
    /// Vendor.
    pub vendor: String,
    /// Mean number of occurrences in a year.
    pub frequency: f64,
    /// Where that comes from.
    pub source: String,
    /// Expected number of insureds in scope.
    pub in_scope: f64,
}

/// What years cost, gross or net.
#[derive(Clone, Debug, Serialize)]
pub struct AnnualLoss {
    /// Average annual loss.
    pub average: Estimate,
    /// Standard deviation of a year.
    pub standard_deviation: Estimate,
    /// Probability of a year with a loss.
    pub probability_of_loss: Share,
    /// The year's sum (AEP) by return period, where the years are enough for it, with the mean beyond.
    pub points: Vec<Point>,
}

/// A part of losses, gross or net.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// Its average annual loss.
    pub average: Estimate,
    /// The share of it.
    pub share_of_average: f64,
    /// Its part of the mean of the worst years (co-TVaR); nothing where there are too few years.
    pub tail: Option<Estimate>,
    /// The share of it.
    pub share_of_tail: Option<f64>,
    /// That share over an equal share.
    pub concentration: Option<f64>,
}

/// One vendor's part of the losses.
#[derive(Clone, Debug, Serialize)]
pub struct VendorLine {
    /// Vendor.
    pub vendor: String,
    /// Of what policies pay, and of the years that are worst by that.
    #[serde(flatten)]
    pub gross: Part,
    /// Of what treaties leave, and of the years that are worst by that; absent without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net: Option<Part>,
}

/// The view of an average year.
#[derive(Clone, Debug, Serialize)]
pub struct Annual {
    /// For a reader without the jargon.
    pub sentence: String,
    /// Simulated years.
    pub years: usize,
    /// Events that can happen.
    pub events: Vec<EventLine>,
    /// Titles of events without a frequency.
    pub left_out: Vec<String>,
    /// What policies pay.
    pub gross: AnnualLoss,
    /// What treaties leave of it; absent without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net: Option<AnnualLoss>,
    /// Average annual gross loss over the premium in force; nothing where that is nought.
    pub average_over_premium: Option<f64>,
    /// Treaties in inuring order; absent without any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub treaties: Vec<TreatyLine>,
    /// Vendors, the one that costs most in the worst years first.
    pub vendors: Vec<VendorLine>,
    /// Figures that it rests on beyond those of the event that the report is about.
    pub assumptions: Vec<Assumption>,
}

/// The view; `own` are the assumptions that the report lists already, `premium` that of the policies in force.
pub fn annual(facts: &AnnualFacts, catalogue: &Catalogue, own: &[Assumption], premium: f64, currency: &str) -> Annual {
    let of = |of: fn(&YearLoss) -> Cents| facts.years.iter().map(of).collect::<Vec<Cents>>();
    let yearly = of(|year| year.sum.gross);
    let yearly_net = facts.treaties.as_ref().map(|_| of(|year| year.sum.net));
    let (gross, net) = (loss(&yearly), yearly_net.as_deref().map(loss));
    let vendors = vendors(facts, &yearly, yearly_net.as_deref());
    let average_over_premium = (premium > 0.0).then(|| gross.average.value / premium);
    Annual {
        sentence: sentence(facts.years.len(), &gross, net.as_ref(), average_over_premium, &vendors, currency),
        years: facts.years.len(),
        events: facts.events.iter().map(event_line).collect(),
        left_out: facts.left_out.clone(),
        treaties: lines(facts.treaties.as_deref().unwrap_or_default(), gross.average.value),
        gross,
        net,
        average_over_premium,
        vendors,
        assumptions: assumptions(facts, catalogue, own),
    }
}

fn loss(yearly: &[Cents]) -> AnnualLoss {
    let curve = Curve::new(yearly);
    AnnualLoss {
        average: curve.mean(),
        standard_deviation: curve.standard_deviation(),
        probability_of_loss: curve.probability_of_loss(),
        points: curve.points(&RETURN_PERIODS),
    }
}

fn event_line(line: &AnnualEvent) -> EventLine {
    let AnnualEvent { event, in_scope, .. } = line;
    EventLine {
        event: event.id.clone(),
        title: event.title.clone(),
        vendor: event.vendor.clone(),
        frequency: event.frequency.as_ref().map_or(0.0, |frequency| frequency.mean),
        source: event.frequency.as_ref().map_or(String::new(), |frequency| frequency.source.clone()),
        in_scope: *in_scope,
    }
}

/// Each vendor's part of the average and of the mean of the worst years, the one that costs most in the worst years first.
fn vendors(facts: &AnnualFacts, gross: &[Cents], net: Option<&[Cents]>) -> Vec<VendorLine> {
    let mut numbers: IndexMap<&str, u32> = IndexMap::new();
    let group: Vec<u32> = facts
        .events
        .iter()
        .map(|line| {
            let next = numbers.len() as u32;
            *numbers.entry(&line.event.vendor).or_insert(next)
        })
        .collect();
    let parts = |yearly: &[Cents], of: fn(&Amounts) -> Cents| parts(facts, &group, numbers.len(), yearly, of);
    let mut net = net.map(|yearly| parts(yearly, |amounts| amounts.net).into_iter());
    let gross = parts(gross, |amounts| amounts.gross);
    let line = |(vendor, gross): (&&str, Part)| {
        let net = net.as_mut().and_then(Iterator::next);
        VendorLine { vendor: vendor.to_string(), gross, net }
    };
    let mut lines: Vec<VendorLine> = numbers.keys().zip(gross).map(line).collect();
    let weight = |line: &VendorLine| (line.gross.share_of_tail.unwrap_or(0.0), line.gross.share_of_average);
    lines.sort_by(|a, b| weight(b).partial_cmp(&weight(a)).unwrap_or(std::cmp::Ordering::Equal));
    lines
}

/// The part of each of `groups` groups of events in the average and in the mean of the worst years; of each the parts add up to
/// the whole. `group` has the group of each event, `of` the amount of an occurrence that counts, `yearly` its sums by year.
fn parts(facts: &AnnualFacts, group: &[u32], groups: usize, yearly: &[Cents], of: fn(&Amounts) -> Cents) -> Vec<Part> {
    let (mut means, mut tail) = (MeansByGroup::new(groups), TailClaims::new(yearly, &[TAIL]));
    for one in &facts.occurrences {
        let own = group[one.event as usize];
        means.add(one.year, own, of(&one.amounts));
        tail.add(one.year, own, of(&one.amounts));
    }
    let means = means.finish(yearly.len());
    let whole: f64 = means.iter().map(|mean| mean.mean.value).sum();
    let tail = tail.contributions(groups).pop();
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    let part = |at: usize| {
        let part = tail.as_ref().map(|all| (all.groups[at], all.tail_mean.units()));
        Part {
            average: means[at].mean,
            share_of_average: share(means[at].mean.value, whole),
            tail: part.map(|(own, _)| Estimate { value: own.amount.units(), standard_error: own.standard_error }),
            share_of_tail: part.map(|(own, all)| share(own.amount.units(), all)),
            concentration: part.map(|(own, _)| own.concentration),
        }
    };
    (0..groups).map(part).collect()
}

fn sentence(
    years: usize,
    gross: &AnnualLoss,
    net: Option<&AnnualLoss>,
    over_premium: Option<f64>,
    vendors: &[VendorLine],
    currency: &str,
) -> String {
    if gross.average.value == 0.0 {
        return format!("In {} simulated years no policy paid anything.", thousands(years as f64));
    }
    let words = |units: f64| in_words(currency, units);
    let hundred = |loss: &AnnualLoss| loss.points.iter().find(|p| p.return_period == TAIL).map(|p| p.loss);
    let premium = over_premium.map_or(String::new(), |share| format!(", {:.1} % of the premium", share * 100.0));
    let mut text = format!("In an average year such events cost our policies {}{premium}", words(gross.average.value));
    if let Some(bad) = hundred(gross) {
        text += &format!("; one year in a hundred costs {} or more", words(bad));
    }
    text += ".";
    if let Some(net) = net {
        text += &format!(" After reinsurance, {} a year is left", words(net.average.value));
        text +=
            &hundred(net).map_or(String::new(), |bad| format!(", and {} or more one year in a hundred", words(bad)));
        text += ".";
    }
    let first = vendors.first().and_then(|v| Some((v, v.gross.share_of_tail.filter(|s| *s > 0.0)?)));
    if let Some((VendorLine { vendor, net, .. }, share)) = first {
        text += &format!(" Of what the worst years cost, {:.0} % comes through {vendor}", share * 100.0);
        let left = net.as_ref().and_then(|part| part.share_of_tail);
        text += &left
            .map_or(String::new(), |share| format!(", of what is then left after reinsurance {:.0} %", share * 100.0));
        text += ".";
    }
    text
}

/// How often each event happens, and what the other events rest on, each figure once.
fn assumptions(facts: &AnnualFacts, catalogue: &Catalogue, own: &[Assumption]) -> Vec<Assumption> {
    let mut all: Vec<Assumption> = facts.events.iter().filter_map(|line| frequency(&line.event)).collect();
    for AnnualEvent { event, fitted, .. } in &facts.events {
        for mut one in list(event, catalogue, fitted) {
            if own.contains(&one) {
                continue;
            }
            one.what = format!("{}: {}", event.title, one.what);
            all.push(one);
        }
    }
    all
}
