//! Which domain a host of the book stands for.
//!
//! An insured that lists `firma.example` owns whatever is seen under it. One that lists `shop.firma.example` is the
//! organisation behind `firma.example`: what is seen at that name counts too, but not at other hosts under it, which may be
//! others'. And where several insureds list different hosts under one registrable domain (the councils of a
//! state, each under the state's domain), each keeps its own host: what one of them uses says nothing of the others.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_128;

use super::policy::Policy;
use crate::name::{registrable, with_parents};

/// Fills in the domains of each policy from the hosts that the whole book lists.
pub fn assign(policies: &mut [Policy]) {
    let listed = policies.iter().flat_map(|p| p.hosts.iter().map(|host| (host.as_str(), p.insured_id.as_str())));
    let listed: Vec<(&str, &str)> = listed.collect();
    let shared: HashSet<String> = shared(&listed).into_iter().map(str::to_string).collect();
    for policy in policies {
        policy.domains =
            policy.hosts.iter().map(|host| stands_for(host, &|d| shared.contains(d)).to_string()).collect();
        policy.domains.sort();
        policy.domains.dedup();
    }
}

/// The registrable domains under which different insureds list different hosts, `listed` being each host with its insured.
/// (The same host listed by two is theirs together.)
fn shared<'a>(listed: &[(&'a str, &'a str)]) -> HashSet<&'a str> {
    let mut listed: Vec<(&str, &str, &str)> =
        listed.par_iter().map(|(host, insured)| (organisation(host), *host, *insured)).collect();
    listed.par_sort_unstable();
    let several = |own: &[(&str, &str, &str)]| {
        let (_, host, insured) = own[0];
        own.iter().any(|other| other.1 != host) && own.iter().any(|other| other.2 != insured)
    };
    listed.chunk_by(|a, b| a.0 == b.0).filter(|own| several(own)).map(|own| own[0].0).collect()
}

/// The domain that a host stands for.
fn stands_for<'a>(host: &'a str, is_shared: &dyn Fn(&str) -> bool) -> &'a str {
    let domain = organisation(host);
    if is_shared(domain) { host } else { domain }
}

fn organisation(host: &str) -> &str {
    registrable(host).unwrap_or(host)
}

/// The name that a service host (autodiscover, DMARC, DKIM selector, www) serves.
pub fn served_by(host: &str) -> Option<&str> {
    let (first, rest) = host.split_once('.')?;
    match first {
        "autodiscover" | "_dmarc" | "www" => Some(rest),
        _ => rest.strip_prefix("_domainkey.").or_else(|| host.split_once("._domainkey.").map(|(_, rest)| rest)),
    }
}

/// Finds the domain of a book that a host belongs to.
#[derive(Clone, Debug, Default)]
pub struct DomainMap {
    /// The domains, sorted, each once.
    domains: Vec<String>,
    /// Listed hosts and domains, by a hash of 128 bits: no two names of a book have the same.
    names: HashMap<u128, Name, foldhash::fast::RandomState>,
}

/// A listed host, or a domain.
#[derive(Clone, Copy, Debug, Default)]
struct Name {
    /// Place of the domain that it stands for.
    domain: u32,
    /// Listed: it counts, and all below it. Of a domain that is not (the registrable domain above a listed host, whose other
    /// hosts may be others': the towns under a state's domain; listed public suffixes) only the name itself and its service
    /// hosts count.
    is_listed: bool,
    /// Whether it is a domain of the book.
    is_domain: bool,
    /// Whether the book lists a host below it too.
    listed_below: bool,
    /// Whether it is a registrable domain and stands for itself.
    is_organisation: bool,
}

impl DomainMap {
    /// The map of a book's policies.
    pub fn of(policies: &[Policy]) -> DomainMap {
        let pairs = policies.iter().flat_map(|policy| {
            policy.hosts.iter().map(|host| {
                let stands_for = if policy.domains.contains(host) { host } else { organisation(host) };
                (host.as_str(), stands_for)
            })
        });
        DomainMap::new(pairs.collect())
    }

    /// The map of hosts that insureds list, each host with its insured.
    pub fn of_hosts<'a>(listed: impl Iterator<Item = (&'a str, &'a str)>) -> DomainMap {
        let listed: Vec<(&str, &str)> = listed.collect();
        let shared = shared(&listed);
        let pair = |(host, _): &(&'a str, &'a str)| (*host, stands_for(host, &|d| shared.contains(d)));
        DomainMap::new(listed.par_iter().map(pair).collect())
    }

    /// Each listed host with the domain that it stands for.
    fn new(pairs: Vec<(&str, &str)>) -> DomainMap {
        let mut domains: Vec<&str> = pairs.iter().map(|(_, domain)| *domain).collect();
        domains.par_sort_unstable();
        domains.dedup();
        let mut map =
            DomainMap { domains: domains.par_iter().map(|d| d.to_string()).collect(), ..DomainMap::default() };
        let own =
            |(at, domain): (u32, &&str)| (hashed(domain), Name { domain: at, is_domain: true, ..Name::default() });
        map.names = (0..).zip(&domains).map(own).collect();
        let listed = pairs.par_iter().filter_map(|(host, stands_for)| {
            let (organisation, domain) = (registrable(host)?, map.get(stands_for)?.domain);
            let is_organisation = *host == organisation && stands_for == host;
            let name = Name { domain, is_listed: true, is_organisation, ..Name::default() };
            Some((hashed(host), name, (*host != organisation).then_some(*host)))
        });
        let listed: Vec<(u128, Name, Option<&str>)> = listed.collect();
        for (host, name, _) in &listed {
            let held = map.names.entry(*host).or_insert(*name);
            (held.is_listed, held.is_organisation) = (true, name.is_organisation);
        }
        let below = listed.into_iter().filter_map(|(_, _, below)| below);
        for parent in below.flat_map(|host| with_parents(host).skip(1)) {
            if let Some(name) = map.names.get_mut(&hashed(parent)) {
                name.listed_below = true;
            }
        }
        map
    }

    /// The domains, sorted.
    pub fn domains(&self) -> &[String] {
        &self.domains
    }

    /// The domain of the nearest listed host at or above `host`, or of the name that it serves.
    pub fn domain_of(&self, host: &str) -> Option<&str> {
        self.find(host, organisation(host)).map(|at| self.domains[at as usize].as_str())
    }

    /// The place of a registrable domain that stands for itself with all below it, by the domain's [`xxh3_128`].
    pub fn whole(&self, organisation: u128) -> Option<u32> {
        self.names.get(&organisation).filter(|name| name.is_organisation && !name.listed_below).map(|name| name.domain)
    }

    /// The place of that domain among [`DomainMap::domains`]; `organisation` is the host's registrable domain.
    pub fn find(&self, host: &str, organisation: &str) -> Option<u32> {
        if let Some(name) = self.get(organisation).filter(|name| name.is_listed && !name.listed_below) {
            return Some(name.domain);
        }
        let within = with_parents(host).take_while(|name| name.len() >= organisation.len());
        let listed = within.filter_map(|name| self.get(name)).find(|name| name.is_listed);
        let served = || std::iter::once(host).chain(served_by(host)).filter_map(|name| self.get(name));
        listed.copied().or_else(|| served().find(|name| name.is_domain).copied()).map(|name| name.domain)
    }

    fn get(&self, name: &str) -> Option<&Name> {
        self.names.get(&hashed(name))
    }

    /// Whether the book lists this very host, or it is a domain of the book.
    pub fn lists(&self, host: &str) -> bool {
        self.get(host).is_some()
    }
}

fn hashed(name: &str) -> u128 {
    xxh3_128(name.as_bytes())
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
