//! Evaluates an event's condition for each insured with a policy in force.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use rayon::prelude::*;

use super::in_scope::InScope;
use super::table::Exposure;
use super::tier::{State, Tier, judge};
use super::uses::{Use, Uses, states};
use crate::catalogue::{Catalogue, Condition, Event};
use crate::fault::Failure;
use crate::inventory::{Entry, Standing, odds};
use crate::moment::Moment;
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

/// One row a policy in force, in the order of [`Exposure::order`]; and how many insureds are in scope.
///
/// An insured is judged once, over the domains of all its policies in force; each of its policies then has its tier.
///
/// # Errors
/// When the event's condition is none, or no rate for the US dollar is known.
pub fn expose(scope: &Scope, policies: &[Policy], inventory: &[Entry]) -> Result<(Vec<Exposure>, InScope), Failure> {
    let models = scope.event.requires.models()?;
    let dollars = scope.rates.dollars()?;
    let products = scope.event.requires.products();
    let all = scope.event.products();
    let (mut by_domain, mut by_insured) = (HashMap::new(), HashMap::new());
    for entry in inventory.iter().filter(|e| all.contains(e.product.as_str())) {
        let (rows, name) = if entry.insured_id.is_empty() {
            (&mut by_domain, entry.domain.as_str())
        } else {
            (&mut by_insured, entry.insured_id.as_str())
        };
        rows.entry(name).or_insert_with(Vec::new).push(entry);
    }
    let second = scope.event.outage.as_ref().and_then(|o| o.redundancy.as_ref()).map(|r| &r.second_provider);
    let second = second.map(|condition| Ok((condition, condition.models()?))).transpose()?;
    let known = Known { by_domain, by_insured, products, second, dollars };
    let mut insureds: BTreeMap<&str, Vec<&Policy>> = BTreeMap::new();
    let mut owners: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for policy in policies.iter().filter(|p| p.in_force(scope.as_of)) {
        insureds.entry(&policy.insured_id).or_default().push(policy);
        for domain in &policy.domains {
            owners.entry(domain).or_default().insert(&policy.insured_id);
        }
    }
    let insureds: Vec<Vec<&Policy>> = insureds.into_values().collect();
    let verdicts: Vec<Verdict> = insureds.par_iter().map(|own| verdict(scope, &models, own, &known)).collect();
    let rows = insureds.par_iter().zip(&verdicts);
    let mut exposures: Vec<Exposure> =
        rows.flat_map_iter(|(own, verdict)| own.iter().map(move |policy| verdict.of(policy, scope, dollars))).collect();
    for exposure in &mut exposures {
        let shared = |domain: &&String| owners.get(domain.as_str()).is_some_and(|o| o.len() > 1);
        exposure.shared_domains = exposure.domains.iter().filter(shared).cloned().collect();
    }
    exposures.sort_by(Exposure::order);
    let uses: Vec<&[Uses]> = verdicts.iter().map(|v| v.uses.as_slice()).collect();
    let in_scope = InScope::of(scope.catalogue, scope.event, &models, &uses, Moment::end_of(scope.as_of));
    Ok((exposures, in_scope))
}

/// The inventory's rows of the event's products, by what they are of.
struct Known<'a> {
    by_domain: HashMap<&'a str, Vec<&'a Entry>>,
    by_insured: HashMap<&'a str, Vec<&'a Entry>>,
    products: BTreeSet<&'a str>,
    /// What a second provider is, with the condition's models.
    second: Option<(&'a Condition, Vec<u32>)>,
    dollars: f64,
}

/// What is known of one insured.
struct Verdict<'a> {
    tier: Tier,
    probability: f64,
    found: Vec<&'a Entry>,
    /// Products that were not looked for: by name, with what is said of them instead.
    blind: Vec<(String, String)>,
    several: bool,
    second_provider: f64,
    /// The uses that the probability follows from: of the insured as a whole, or of each domain where each is judged alone.
    uses: Vec<Uses<'a>>,
}

fn verdict<'a>(scope: &Scope<'a>, models: &[u32], policies: &[&Policy], known: &Known<'a>) -> Verdict<'a> {
    let domains: BTreeSet<&str> = policies.iter().flat_map(|p| p.domains.iter().map(String::as_str)).collect();
    let of = |domain: &str| known.by_domain.get(domain).into_iter().flatten().copied();
    let declared = || known.by_insured.get(policies[0].insured_id.as_str()).into_iter().flatten().copied();
    let all: Vec<&Entry> = domains.iter().flat_map(|d| of(d)).collect();
    let own = |e: &&Entry| known.products.contains(e.product.as_str());
    let found: Vec<&Entry> = all.iter().copied().filter(own).collect();
    let kind = |id: &str| prior_of(scope, id, policies, known.dollars);
    let uses_of = |products: &BTreeSet<&'a str>, found: &[&'a Entry], domains: usize| -> Uses<'a> {
        let of_product = |id: &&'a str| {
            let rows: Vec<&Entry> = found.iter().filter(|e| e.product == *id).copied().collect();
            let (general, shift, _) = kind(id);
            let unasked = rows.len() < domains.max(1);
            let declared = declared().find(|e| e.product == *id);
            (*id, Use { domains: rows, unasked, declared, general, shift })
        };
        products.iter().map(of_product).collect()
    };
    let uses = |found: &[&'a Entry], domains: usize| uses_of(&known.products, found, domains);
    let requires = &scope.event.requires;
    let whole = uses(&found, domains.len());
    let blind = whole.iter().filter(|(_, own)| own.state().0 == State::NotLookedFor);
    let blind = blind.map(|(id, _)| (scope.catalogue.product_name(id), instead(scope, id, &kind))).collect();
    // "Not a second provider" is said of one domain: another domain's provider is no second one of this.
    let uses = if requires.has_not() && domains.len() > 1 {
        domains.iter().map(|d| uses(&of(d).collect::<Vec<_>>(), 1)).collect()
    } else {
        vec![whole]
    };
    let judged = uses.iter().map(|uses| judge(requires, models, &states(uses)));
    let (tier, probability) = judged.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((Tier::Unknown, 0.0));
    let second_provider = known.second.as_ref().map_or(0.0, |(condition, models)| {
        judge(condition, models, &states(&uses_of(&condition.products(), &all, domains.len()))).1
    });
    let found = found.into_iter().chain(declared().filter(own)).collect();
    Verdict { second_provider, tier, probability, found, blind, several: domains.len() > 1, uses }
}

/// The general prior of a product, how the insured's kind shifts its odds, and that kind in words with its source.
fn prior_of(scope: &Scope, product: &str, policies: &[&Policy], dollars: f64) -> (f64, f64, String) {
    let Some(product) = scope.catalogue.product(product) else { return (0.0, 1.0, String::new()) };
    let revenue =
        policies.iter().filter_map(|p| p.revenue.map(|r| scope.rates.convert(r, &p.currency).units() * dollars));
    let text = |of: fn(&Policy) -> &String| policies.iter().map(|p| of(p).as_str()).find(|t| !t.is_empty());
    let (industry, country) = (text(|p| &p.industry).unwrap_or(""), text(|p| &p.country).unwrap_or(""));
    let (share, segment) = product.prior_of(industry, country, revenue.reduce(f64::max));
    let words = segment.map_or_else(
        || format!("{} of all organisations ({})", percent(share), product.prior.source),
        |s| format!("{} of its kind ({}; {})", percent(share), s.words(), s.source),
    );
    (product.prior.share, odds(share) / odds(product.prior.share), words)
}

/// What is said of a product that was not looked for.
fn instead(scope: &Scope, product: &str, kind: &dyn Fn(&str) -> (f64, f64, String)) -> String {
    let visible = scope.catalogue.product(product).is_none_or(crate::catalogue::Product::is_visible);
    if visible {
        "not looked for".to_string()
    } else {
        format!("can't be seen from outside; used by {}", kind(product).2)
    }
}

fn percent(share: f64) -> String {
    format!("{} %", (share * 1e3).round() / 10.0)
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
            evidence: seen()
                .filter(|e| !e.evidence.is_empty())
                .map(|e| self.line(scope, e, &e.evidence))
                .collect::<Vec<_>>()
                .join(" | "),
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
            event: scope.event.id.clone(),
            second_provider: self.second_provider,
            line: policy.line.clone(),
        }
    }

    fn line(&self, scope: &Scope, entry: &Entry, text: &str) -> String {
        let at_domain = self.several && !entry.domain.is_empty();
        let place = if at_domain { format!(" at {}", entry.domain) } else { String::new() };
        format!("{}{place}: {text}", scope.catalogue.product_name(&entry.product))
    }

    fn not_found(&self, scope: &Scope) -> String {
        let missing = self.found.iter().filter(|e| !e.not_found.is_empty());
        let missing = missing.map(|e| {
            let words = if e.domain.is_empty() { e.not_found.clone() } else { format!("not found in {}", e.not_found) };
            self.line(scope, e, &words)
        });
        let without = |name: &str| !self.found.iter().any(|e| scope.catalogue.product_name(&e.product) == name);
        let blind = self.blind.iter().filter(|(name, _)| without(name)).map(|(name, words)| format!("{name}: {words}"));
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
        retention_aggregate: convert(terms.retention_aggregate),
        policy_limit: convert(terms.policy_limit),
        coverages,
        ..*terms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::{Waiting, domains};
    use std::collections::BTreeMap;

    fn entry(domain: &str, product: &str, standing: Standing, probability: f64) -> Entry {
        Entry {
            domain: domain.into(),
            insured_id: String::new(),
            product: product.into(),
            standing,
            prior: None,
            probability,
            first_seen: None,
            last_seen: None,
            evidence: "record".into(),
            not_found: String::new(),
            findings: String::new(),
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
        let (exposures, _) = expose(&scope, &policies, inventory).unwrap();
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

    /// A euro is 1.5 dollars: every amount of a policy in euro is one and a half times as large, what has no limit has none, shares
    /// and hours stay.
    #[test]
    fn every_amount_of_a_policy_is_in_the_reporting_currency() {
        let mut coverages = Terms::default().coverages;
        (coverages[0].sublimit, coverages[0].deductible) = (Cents(2_000), Cents(200));
        let terms = Terms {
            limit: Cents(4_000),
            aggregate: Cents(6_000),
            retention: Cents(100),
            attachment: Cents(1_000),
            share: 0.5,
            waiting: Waiting { hours: 8.0, ..Waiting::default() },
            retention_aggregate: Cents(800),
            policy_limit: Cents(9_000),
            coverages,
            ..Terms::default()
        };
        let (mut wanted, half) = (terms, |amount: Cents| Cents(amount.0 / 2 * 3));
        (wanted.coverages[0].sublimit, wanted.coverages[0].deductible) = (Cents(3_000), Cents(300));
        for amount in [
            &mut wanted.limit,
            &mut wanted.aggregate,
            &mut wanted.retention,
            &mut wanted.attachment,
            &mut wanted.retention_aggregate,
            &mut wanted.policy_limit,
        ] {
            *amount = half(*amount);
        }
        let catalogue = Catalogue::load(None).unwrap();
        let event = catalogue.event("mimecast-2021").unwrap();
        let rates = Rates::new("USD", &BTreeMap::from([("EUR".to_string(), 1.5)])).unwrap();
        let scope =
            Scope { event: &event, catalogue: &catalogue, as_of: jiff::civil::date(2021, 1, 12), rates: &rates };
        let policy = Policy {
            currency: "EUR".into(),
            premium: Cents(10_000),
            revenue: Some(Cents(70_000)),
            terms,
            ..crate::portfolio::testing::policy("I", &["a.example"])
        };
        let (exposures, _) = expose(&scope, &[policy], &[]).unwrap();
        let own = &exposures[0];
        assert_eq!(own.terms, wanted);
        assert_eq!((own.revenue, own.premium, own.currency.as_str()), (Some(Cents(105_000)), Cents(15_000), "USD"));
    }
}
