//! Which domain a host of the book stands for.
//!
//! An insured that lists `firma.example` owns whatever is seen under it. One that lists `shop.firma.example` is the
//! organisation behind `firma.example`: what is seen at that name counts too, but not at other hosts under it, which may be
//! others'. And where several insureds list different hosts under one registrable domain (the councils of a
//! state, each under the state's domain), each keeps its own host: what one of them uses says nothing of the others.

use std::collections::{BTreeSet, HashMap};

use super::policy::Policy;
use crate::name::{registrable, with_parents};

/// Fills in the domains of each policy from the hosts that the whole book lists.
pub fn assign(policies: &mut [Policy]) {
    let mut listed: HashMap<String, BTreeSet<(&str, &str)>> = HashMap::new();
    for policy in policies.iter() {
        for host in &policy.hosts {
            listed.entry(organisation(host).to_string()).or_default().insert((host, &policy.insured_id));
        }
    }
    let shared: BTreeSet<String> =
        listed.into_iter().filter(|(_, uses)| is_shared(uses)).map(|(domain, _)| domain).collect();
    for policy in policies {
        let stands_for = |host: &String| {
            let domain = organisation(host);
            if shared.contains(domain) { host.clone() } else { domain.to_string() }
        };
        policy.domains = policy.hosts.iter().map(stands_for).collect();
        policy.domains.sort();
        policy.domains.dedup();
    }
}

fn organisation(host: &str) -> &str {
    registrable(host).unwrap_or(host)
}

/// The name that a service host (autodiscover, DMARC, DKIM selector, www) serves.
pub fn served_by(host: &str) -> Option<&str> {
    let rest = ["autodiscover.", "_dmarc.", "www."].iter().find_map(|service| host.strip_prefix(service));
    rest.or_else(|| host.split_once("._domainkey.").map(|(_, rest)| rest))
}

/// Different insureds list different hosts. (The same host listed by two is theirs together.)
fn is_shared(uses: &BTreeSet<(&str, &str)>) -> bool {
    let hosts: BTreeSet<&str> = uses.iter().map(|(host, _)| *host).collect();
    let insureds: BTreeSet<&str> = uses.iter().map(|(_, insured)| *insured).collect();
    hosts.len() > 1 && insureds.len() > 1
}

/// Finds the domain of a book that a host belongs to.
#[derive(Clone, Debug, Default)]
pub struct DomainMap {
    /// Listed hosts: they and all below them.
    trees: HashMap<String, String>,
    /// Names of which only the name itself and its service hosts count: the registrable domain above a listed host, whose
    /// other hosts may be others' (the towns under a state's domain), and listed public suffixes.
    names: HashMap<String, String>,
}

impl DomainMap {
    /// The map of a book's policies.
    pub fn of(policies: &[Policy]) -> DomainMap {
        let mut map = DomainMap::default();
        for policy in policies {
            for domain in &policy.domains {
                map.names.insert(domain.clone(), domain.clone());
            }
            for host in policy.hosts.iter().filter(|host| registrable(host).is_some()) {
                let stands_for = if policy.domains.contains(host) { host } else { organisation(host) };
                map.trees.insert(host.clone(), stands_for.to_string());
            }
        }
        map
    }

    /// The domain of the nearest listed host at or above `host`, or of the name that it serves.
    pub fn domain_of(&self, host: &str) -> Option<&str> {
        let organisation = organisation(host);
        let within = with_parents(host).take_while(|name| name.len() >= organisation.len());
        let below = within.filter_map(|name| self.trees.get(name)).next();
        let served = || std::iter::once(host).chain(served_by(host)).find_map(|name| self.names.get(name));
        below.or_else(served).map(String::as_str)
    }

    /// Whether the book lists this very host, or it is a domain of the book.
    pub fn lists(&self, host: &str) -> bool {
        self.trees.contains_key(host) || self.names.contains_key(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(rows: &[(&str, &[&str])]) -> Vec<Policy> {
        let mut policies: Vec<Policy> =
            rows.iter().map(|(insured, hosts)| super::super::testing::policy(insured, hosts)).collect();
        assign(&mut policies);
        policies
    }

    #[test]
    fn a_host_stands_for_its_registrable_domain() {
        let book = book(&[("a", &["shop.firma.example", "firma.example"]), ("b", &["other.example"])]);
        assert_eq!(book[0].domains, ["firma.example"]);
        let map = DomainMap::of(&book);
        assert_eq!(map.domain_of("autodiscover.firma.example"), Some("firma.example"));
        assert_eq!(map.domain_of("nobody.example"), None);
    }

    #[test]
    fn hosts_beside_a_listed_one_may_be_somebody_elses() {
        let book = book(&[("a", &["a.state.example"])]);
        let map = DomainMap::of(&book);
        assert_eq!(book[0].domains, ["state.example"]);
        for own in ["a.state.example", "autodiscover.a.state.example", "state.example", "_dmarc.state.example"] {
            assert_eq!(map.domain_of(own), Some("state.example"), "{own}");
        }
        assert_eq!(map.domain_of("b.state.example"), None);
    }

    #[test]
    fn insureds_under_one_registrable_domain_keep_their_own_hosts() {
        let book = book(&[("a", &["a.state.gov.au"]), ("b", &["b.state.gov.au"]), ("c", &["state.gov.au"])]);
        let map = DomainMap::of(&book);
        assert_eq!(book[0].domains, ["a.state.gov.au"]);
        assert_eq!(map.domain_of("autodiscover.a.state.gov.au"), Some("a.state.gov.au"));
        assert_eq!(map.domain_of("www.state.gov.au"), Some("state.gov.au"));
    }

    #[test]
    fn what_is_registered_under_a_listed_public_suffix_is_somebody_elses() {
        let book = book(&[("a", &["torun.pl"])]);
        let map = DomainMap::of(&book);
        assert_eq!(map.domain_of("torun.pl"), Some("torun.pl"));
        assert_eq!(map.domain_of("autodiscover.torun.pl"), Some("torun.pl"));
        assert_eq!(map.domain_of("selector1._domainkey.torun.pl"), Some("torun.pl"));
        assert_eq!(map.domain_of("shop.torun.pl"), None);
    }

    #[test]
    fn customers_of_a_listed_provider_are_not_the_provider() {
        let map = DomainMap::of(&book(&[("a", &["amazonaws.com"])]));
        assert_eq!(map.domain_of("www.amazonaws.com"), Some("amazonaws.com"));
        assert_eq!(map.domain_of("bucket.s3.amazonaws.com"), None);
    }

    #[test]
    fn one_host_of_two_insureds_is_theirs_together() {
        let book = book(&[("a", &["firma.example"]), ("b", &["firma.example"])]);
        assert_eq!(
            (&book[0].domains, &book[1].domains),
            (&vec!["firma.example".to_string()], &vec!["firma.example".to_string()])
        );
    }
}
