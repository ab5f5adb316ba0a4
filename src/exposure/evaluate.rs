//! Evaluates an event's condition for each policy in force.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use rayon::prelude::*;

use super::table::Exposure;
use super::tier::{NOT_FOUND, OBSERVED, State, States, judge};
use crate::catalogue::{Catalogue, Event};
use crate::fault::Failure;
use crate::inventory::{Entry, Standing};

use crate::money::Cents;
use crate::portfolio::{Coverage, Policy, Rates, RevenueBand, Terms};

/// What policies are looked at against what.
pub struct Scope<'a> {
    /// The event.
    pub event: &'a Event,
    /// Products, for their priors and names.
    pub catalogue: &'a Catalogue,
    /// Policies in force on this day are looked at.
    pub as_of: Date,
    /// Rates into the reporting currency.
    pub rates: &'a Rates,
}

/// One row a policy in force, the most exposed first: by tier, then by probability × limit at stake, then by id.
///
/// # Errors
/// When the event's condition is none, or no rate for the US dollar is known.
pub fn expose(scope: &Scope, policies: &[Policy], inventory: &[Entry]) -> Result<Vec<Exposure>, Failure> {
    let models = scope.event.requires.models()?;
    let dollars = scope.rates.dollars()?;
    let products = scope.event.requires.products();
    let mut entries: HashMap<&str, Vec<&Entry>> = HashMap::new();
    for entry in inventory.iter().filter(|e| products.contains(e.product.as_str())) {
        entries.entry(&entry.domain).or_default().push(entry);
    }
    let mut owners: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for policy in policies {
        for domain in &policy.domains {
            owners.entry(domain).or_default().insert(&policy.insured_id);
        }
    }
    let in_force: Vec<&Policy> = policies.iter().filter(|p| p.in_force(scope.as_of)).collect();
    let mut exposures: Vec<Exposure> = in_force
        .into_par_iter()
        .map(|policy| {
            let found: Vec<&Entry> =
                policy.domains.iter().flat_map(|d| entries.get(d.as_str()).into_iter().flatten().copied()).collect();
            let mut exposure = base(policy, scope, dollars);
            let states: States = products.iter().map(|id| (*id, product_state(scope, policy, id, &found))).collect();
            (exposure.tier, exposure.probability) = judge(&scope.event.requires, &models, &states);
            describe(&mut exposure, scope, &states, &found);
            exposure.shared_domains = policy.domains.iter().filter(|d| owners[d.as_str()].len() > 1).cloned().collect();
            exposure
        })
        .collect();
    exposures.sort_by(|a, b| {
        let at_stake = |e: &Exposure| e.probability * e.limit_at_stake.units();
        a.tier.cmp(&b.tier).then(at_stake(b).total_cmp(&at_stake(a))).then(a.policy_id.cmp(&b.policy_id))
    });
    Ok(exposures)
}

/// State and probability of a product at a policy: those of the domain with the most of each. Domains of one insured
/// depend on each other, so a second one without evidence makes nothing likelier.
fn product_state(scope: &Scope, policy: &Policy, product: &str, found: &[&Entry]) -> (State, f64) {
    let prior = scope.catalogue.product(product).map_or(0.0, |p| p.prior.share);
    let own: Vec<&&Entry> = found.iter().filter(|e| e.product == product).collect();
    let state = |entry: &Entry| match entry.standing {
        Standing::Seen if entry.probability >= OBSERVED => State::Observed,
        Standing::Seen => State::Uncertain,
        Standing::NotSeen if entry.probability < NOT_FOUND => State::NotFound,
        Standing::NotSeen => State::Uncertain,
    };
    let unasked = own.len() < policy.domains.len().max(1);
    let states = own.iter().map(|e| state(e)).chain(unasked.then_some(State::NotLookedFor));
    let shares = own.iter().map(|e| e.probability).chain(unasked.then_some(prior));
    (states.max().unwrap_or(State::NotLookedFor), shares.fold(0.0, f64::max))
}

fn base(policy: &Policy, scope: &Scope, dollars: f64) -> Exposure {
    let convert = |amount: Cents| scope.rates.convert(amount, &policy.currency);
    let revenue = policy.revenue.map(convert);
    let terms = converted(&policy.terms, &convert);
    Exposure {
        policy_id: policy.id.clone(),
        insured_id: policy.insured_id.clone(),
        insured_name: policy.insured_name.clone(),
        domains: policy.domains.clone(),
        tier: super::Tier::Unknown,
        probability: 0.0,
        limit_at_stake: terms.limit_at_stake(),
        premium: convert(policy.premium),
        evidence: String::new(),
        not_found: String::new(),
        first_seen: None,
        last_seen: None,
        shared_domains: Vec::new(),
        industry: policy.industry.clone(),
        country: policy.country.clone(),
        revenue,
        revenue_band: RevenueBand::of(revenue.map(|r| r.units() * dollars)).words().to_string(),
        currency: scope.rates.reporting.clone(),
        terms,
    }
}

fn converted(terms: &Terms, convert: &dyn Fn(Cents) -> Cents) -> Terms {
    let mut coverages = terms.coverages;
    for coverage in Coverage::ALL {
        let own = &mut coverages[coverage as usize];
        own.sublimit = convert(own.sublimit);
        own.deductible = convert(own.deductible);
    }
    Terms {
        limit: convert(terms.limit),
        aggregate: convert(terms.aggregate),
        retention: convert(terms.retention),
        attachment: convert(terms.attachment),
        coverages,
        ..*terms
    }
}

/// Fills in what was seen, what was not, and when.
fn describe(exposure: &mut Exposure, scope: &Scope, states: &States, found: &[&Entry]) {
    let several = exposure.domains.len() > 1;
    let line = |entry: &Entry, text: &str| {
        let place = if several { format!(" at {}", entry.domain) } else { String::new() };
        format!("{}{place}: {text}", scope.catalogue.product_name(&entry.product))
    };
    let seen = || found.iter().filter(|e| e.standing == Standing::Seen);
    exposure.evidence = seen().map(|e| line(e, &e.evidence)).collect::<Vec<_>>().join(" | ");
    let mut missing: Vec<String> = found
        .iter()
        .filter(|e| !e.not_found.is_empty())
        .map(|e| line(e, &format!("not found in {}", e.not_found)))
        .collect();
    let blind = states.iter().filter(|(_, (state, _))| *state == State::NotLookedFor);
    missing.extend(blind.map(|(id, _)| format!("{}: not looked for", scope.catalogue.product_name(id))));
    exposure.not_found = missing.join(" | ");
    exposure.first_seen = seen().filter_map(|e| e.first_seen).min();
    exposure.last_seen = seen().filter_map(|e| e.last_seen).max();
}
