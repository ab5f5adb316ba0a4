//! Evaluates an event's condition for each insured with a policy in force.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use rayon::prelude::*;

use super::table::Exposure;
use super::tier::{NOT_FOUND, OBSERVED, State, States, Tier, UNINFORMATIVE, judge};
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

/// One row a policy in force, in the order of [`Exposure::order`].
///
/// An insured is judged once, over the domains of all its policies in force; each of its policies then has its tier.
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
    let mut insureds: BTreeMap<&str, Vec<&Policy>> = BTreeMap::new();
    let mut owners: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for policy in policies.iter().filter(|p| p.in_force(scope.as_of)) {
        insureds.entry(&policy.insured_id).or_default().push(policy);
        for domain in &policy.domains {
            owners.entry(domain).or_default().insert(&policy.insured_id);
        }
    }
    let insureds: Vec<Vec<&Policy>> = insureds.into_values().collect();
    let mut exposures: Vec<Exposure> = insureds
        .par_iter()
        .flat_map_iter(|own| {
            let verdict = verdict(scope, &models, &products, own, &entries);
            own.iter().map(move |policy| verdict.of(policy, scope, dollars))
        })
        .collect();
    for exposure in &mut exposures {
        let shared = |domain: &&String| owners.get(domain.as_str()).is_some_and(|o| o.len() > 1);
        exposure.shared_domains = exposure.domains.iter().filter(shared).cloned().collect();
    }
    exposures.sort_by(Exposure::order);
    Ok(exposures)
}

/// What is known of one insured.
struct Verdict<'a> {
    tier: Tier,
    probability: f64,
    found: Vec<&'a Entry>,
    /// Products that were not looked for, by name.
    blind: Vec<String>,
    several: bool,
}

fn verdict<'a>(
    scope: &Scope,
    models: &[u32],
    products: &BTreeSet<&str>,
    policies: &[&Policy],
    entries: &HashMap<&str, Vec<&'a Entry>>,
) -> Verdict<'a> {
    let domains: BTreeSet<&str> = policies.iter().flat_map(|p| p.domains.iter().map(String::as_str)).collect();
    let of = |domain: &str| entries.get(domain).into_iter().flatten().copied();
    let found: Vec<&Entry> = domains.iter().flat_map(|d| of(d)).collect();
    let states = |found: &[&Entry], domains: usize| -> States {
        products.iter().map(|id| (*id, product_state(scope, id, found, domains))).collect()
    };
    let whole = states(&found, domains.len());
    let requires = &scope.event.requires;
    // "Not a second provider" is said of one domain: another domain's provider is no second one of this.
    let (tier, probability) = if requires.has_not() && domains.len() > 1 {
        let each = domains.iter().map(|d| judge(requires, models, &states(&of(d).collect::<Vec<_>>(), 1)));
        each.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((Tier::Unknown, 0.0))
    } else {
        judge(requires, models, &whole)
    };
    let blind = whole.iter().filter(|(_, (state, _))| *state == State::NotLookedFor);
    let blind = blind.map(|(id, _)| scope.catalogue.product_name(id)).collect();
    Verdict { tier, probability, found, blind, several: domains.len() > 1 }
}

/// State and probability of a product at an insured: those of the domain with the most of each. Domains of one insured
/// depend on each other, so a second one without evidence makes nothing likelier.
fn product_state(scope: &Scope, product: &str, found: &[&Entry], domains: usize) -> (State, f64) {
    let prior = scope.catalogue.product(product).map_or(0.0, |p| p.prior.share);
    let own: Vec<&&Entry> = found.iter().filter(|e| e.product == product).collect();
    let unasked = own.len() < domains.max(1);
    let states = own.iter().map(|e| entry_state(e, prior)).chain(unasked.then_some(State::NotLookedFor));
    let shares = own.iter().map(|e| e.probability).chain(unasked.then_some(prior));
    (states.max().unwrap_or(State::NotLookedFor), shares.fold(0.0, f64::max))
}

/// Not seen is *not found* only where the looking itself made the product much less likely.
fn entry_state(entry: &Entry, catalogue_prior: f64) -> State {
    let odds = |p: f64| p / (1.0 - p).max(f64::MIN_POSITIVE);
    let prior = entry.prior.unwrap_or(catalogue_prior);
    match entry.standing {
        Standing::Seen if entry.probability >= OBSERVED => State::Observed,
        Standing::Seen => State::Uncertain,
        Standing::NotSeen
            if entry.probability < NOT_FOUND && odds(entry.probability) <= UNINFORMATIVE * odds(prior) =>
        {
            State::NotFound
        }
        Standing::NotSeen | Standing::Hidden => State::NotLookedFor,
    }
}

impl Verdict<'_> {
    /// The exposure of one of the insured's policies.
    fn of(&self, policy: &Policy, scope: &Scope, dollars: f64) -> Exposure {
        let convert = |amount: Cents| scope.rates.convert(amount, &policy.currency);
        let revenue = policy.revenue.map(convert);
        let terms = converted(&policy.terms, &convert);
        let responding: Vec<Coverage> =
            scope.event.coverage.iter().filter(|c| c.weight > 0.0).map(|c| c.name).collect();
        let seen = || self.found.iter().filter(|e| e.standing == Standing::Seen);
        Exposure {
            policy_id: policy.id.clone(),
            insured_id: policy.insured_id.clone(),
            insured_name: policy.insured_name.clone(),
            domains: policy.domains.clone(),
            tier: self.tier,
            probability: self.probability,
            limit_at_stake: terms.limit_at_stake(&responding),
            premium: convert(policy.premium),
            evidence: seen().map(|e| self.line(scope, e, &e.evidence)).collect::<Vec<_>>().join(" | "),
            not_found: self.not_found(scope),
            first_seen: seen().filter_map(|e| e.first_seen).min(),
            last_seen: seen().filter_map(|e| e.last_seen).max(),
            shared_domains: Vec::new(),
            industry: policy.industry.clone(),
            country: policy.country.clone(),
            revenue,
            revenue_band: RevenueBand::of(revenue.map(|r| r.units() * dollars)).words().to_string(),
            currency: scope.rates.reporting.clone(),
            terms,
        }
    }

    fn line(&self, scope: &Scope, entry: &Entry, text: &str) -> String {
        let place = if self.several { format!(" at {}", entry.domain) } else { String::new() };
        format!("{}{place}: {text}", scope.catalogue.product_name(&entry.product))
    }

    fn not_found(&self, scope: &Scope) -> String {
        let missing = self.found.iter().filter(|e| !e.not_found.is_empty());
        let missing = missing.map(|e| self.line(scope, e, &format!("not found in {}", e.not_found)));
        let without = |name: &&String| !self.found.iter().any(|e| scope.catalogue.product_name(&e.product) == **name);
        let blind = self.blind.iter().filter(without).map(|name| format!("{name}: not looked for"));
        missing.chain(blind).collect::<Vec<_>>().join(" | ")
    }
}

fn converted(terms: &Terms, convert: &dyn Fn(Cents) -> Cents) -> Terms {
    let mut coverages = terms.coverages;
    for own in &mut coverages {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::domains;
    use std::collections::BTreeMap;

    fn entry(domain: &str, product: &str, standing: Standing, probability: f64) -> Entry {
        Entry {
            domain: domain.into(),
            product: product.into(),
            standing,
            prior: None,
            probability,
            first_seen: None,
            last_seen: None,
            evidence: "record".into(),
            not_found: String::new(),
        }
    }

    fn exposed(event: &str, insureds: &[(&str, &str, &[&str])], inventory: &[Entry]) -> Vec<(String, Tier, f64)> {
        let catalogue = Catalogue::load(None).unwrap();
        let rates = Rates::new("USD", &BTreeMap::new()).unwrap();
        let event = catalogue.event(event).unwrap();
        let mut policies: Vec<Policy> = insureds
            .iter()
            .map(|(id, insured, hosts)| Policy {
                id: id.to_string(),
                ..crate::portfolio::testing::policy(insured, hosts)
            })
            .collect();
        domains::assign(&mut policies);
        let as_of = jiff::civil::date(2021, 1, 12);
        let scope = Scope { event: &event, catalogue: &catalogue, as_of, rates: &rates };
        let exposures = expose(&scope, &policies, inventory).unwrap();
        exposures.into_iter().map(|e| (e.policy_id, e.tier, e.probability)).collect()
    }

    #[test]
    fn an_insured_is_judged_over_the_domains_of_all_its_policies() {
        let seen = |domain, product| entry(domain, product, Standing::Seen, 0.9);
        let inventory = [seen("a.example", "mimecast/email-security"), seen("b.example", "microsoft/365")];
        let book: [(&str, &str, &[&str]); 3] =
            [("P1", "I", &["a.example"]), ("P2", "I", &["b.example"]), ("P3", "I", &[])];
        for (policy, tier, probability) in exposed("mimecast-2021", &book, &inventory) {
            assert_eq!((tier, (probability * 100.0).round()), (Tier::Exposed, 81.0), "{policy}");
        }
    }

    #[test]
    fn a_second_provider_counts_for_its_own_domain_only() {
        let only = entry("only.example", "oracle/dyn-managed-dns", Standing::Seen, 0.99);
        let alone = entry("only.example", "oracle/dns-beside-dyn", Standing::NotSeen, 0.001);
        let other = entry("other.example", "oracle/dns-beside-dyn", Standing::Seen, 0.99);
        let not_dyn = entry("other.example", "oracle/dyn-managed-dns", Standing::NotSeen, 0.0001);
        let got =
            exposed("dyn-2016", &[("P1", "I", &["only.example", "other.example"])], &[only, alone, other, not_dyn]);
        assert_eq!(got[0].1, Tier::Exposed);
        assert!(got[0].2 > 0.95, "{got:?}");
    }

    #[test]
    fn looking_that_could_not_have_found_it_is_not_a_no() {
        let weak = entry("a.example", "mimecast/email-security", Standing::NotSeen, 0.028);
        assert_eq!(exposed("mimecast-2021", &[("P1", "I", &["a.example"])], &[weak])[0].1, Tier::Unknown);
    }
}
