//! Which domain a host of the book stands for.
//!
//! An insured that lists `firma.example` owns whatever is seen under it. One that lists `shop.firma.example` is the
//! organisation behind `firma.example`: what is seen at that name counts too, but not at other hosts under it, which may be
//! others'. And where several insureds list different hosts under one registrable domain (the councils of a
//! state, each under the state's domain), each keeps its own host: what one of them uses says nothing of the others.

use std::collections::HashSet;

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_128;

use super::by_hash::ByHash;
use super::policy::Policy;
use crate::name::{registrable, with_parents};

/// Fills in the domains of each policy from the hosts that the whole book lists.
pub fn assign(policies: &mut [Policy]) {
    let listed = policies.iter().flat_map(|p| p.hosts.iter().map(|host| (host.as_str(), p.insured_id.as_str())));
    let listed: Vec<(&str, &str)> = listed.collect();
    let listed: Vec<Listed> = listed.into_par_iter().map(Listed::of).collect();
    let shared: HashSet<String> = shared(&listed).into_iter().map(str::to_string).collect();
    for policy in policies {
        policy.domains = policy
            .hosts
            .iter()
            .map(|host| stands_for(host, organisation(host), &|d| shared.contains(d)).to_string())
            .collect();
        policy.domains.sort();
        policy.domains.dedup();
    }
}

/// A host that an insured lists.
struct Listed<'a> {
    host: &'a str,
    insured: &'a str,
    /// Its registrable domain; none for a public suffix.
    registrable: Option<&'a str>,
}

impl<'a> Listed<'a> {
    fn of((host, insured): (&'a str, &'a str)) -> Listed<'a> {
        Listed { host, insured, registrable: registrable(host) }
    }

    fn organisation(&self) -> &'a str {
        self.registrable.unwrap_or(self.host)
    }
}

/// The registrable domains under which different insureds list different hosts. (The same host listed by two is theirs
/// together.)
fn shared<'a>(listed: &[Listed<'a>]) -> HashSet<&'a str> {
    // Where hosts differ, one at least is below the domain.
    let below = listed.par_iter().filter(|own| own.host != own.organisation());
    let below: HashSet<&str, foldhash::fast::RandomState> = below.map(Listed::organisation).collect();
    let several = listed.par_iter().filter(|own| !below.is_empty() && below.contains(own.organisation()));
    let mut several: Vec<(&str, &str, &str)> = several.map(|own| (own.organisation(), own.host, own.insured)).collect();
    several.par_sort_unstable();
    let differ = |own: &[(&str, &str, &str)]| {
        let (_, host, insured) = own[0];
        own.iter().any(|other| other.1 != host) && own.iter().any(|other| other.2 != insured)
    };
    several.chunk_by(|a, b| a.0 == b.0).filter(|own| differ(own)).map(|own| own[0].0).collect()
}

/// The domain that a host stands for.
fn stands_for<'a>(host: &'a str, organisation: &'a str, is_shared: &dyn Fn(&str) -> bool) -> &'a str {
    if is_shared(organisation) { host } else { organisation }
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

/// What a book has of a registrable domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Neither the name nor any below it.
    Not,
    /// The name or some below it, and not all.
    InPart,
    /// All of it: the place of the domain, which stands for itself with all below it.
    Whole(u32),
}

/// Finds the domain of a book that a host belongs to.
#[derive(Clone, Debug, Default)]
pub struct DomainMap {
    /// The domains, sorted, each once.
    domains: Vec<String>,
    /// Listed hosts and domains, by their hashes.
    names: ByHash<Name>,
    /// Hashes of the registrable domains that hosts are listed below.
    below: HashSet<u128, foldhash::fast::RandomState>,
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

/// A listed host with the domain that it stands for.
struct Standing<'a> {
    host: &'a str,
    /// Its registrable domain; none for a public suffix.
    registrable: Option<&'a str>,
    stands_for: &'a str,
}

/// A domain that hosts stand for.
struct Domain<'a> {
    /// The name's first bytes as a number, which is in the order of the names: most are told apart by it.
    first: u64,
    name: &'a str,
    /// Whether the book lists the name itself, and it has a registrable domain.
    is_listed: bool,
    /// Whether that is the name itself.
    is_organisation: bool,
}

/// The domains of these hosts, sorted, each once.
fn domains_of<'a>(hosts: &[Standing<'a>]) -> Vec<Domain<'a>> {
    let domain = |own: &Standing<'a>| {
        let (name, is_listed) = (own.stands_for, own.host == own.stands_for && own.registrable.is_some());
        let mut first = [0; 8];
        first.iter_mut().zip(name.bytes()).for_each(|(to, byte)| *to = byte);
        let is_organisation = is_listed && own.registrable == Some(name);
        Domain { first: u64::from_be_bytes(first), name, is_listed, is_organisation }
    };
    let mut domains: Vec<Domain> = hosts.par_iter().map(domain).collect();
    domains.par_sort_unstable_by(|a, b| a.first.cmp(&b.first).then_with(|| a.name.cmp(b.name)));
    domains.dedup_by(|again, first| {
        let same = again.first == first.first && again.name == first.name;
        first.is_listed |= same && again.is_listed;
        first.is_organisation |= same && again.is_organisation;
        same
    });
    domains
}

impl DomainMap {
    /// The map of a book's policies.
    pub fn of(policies: &[Policy]) -> DomainMap {
        let pairs = policies.iter().flat_map(|policy| policy.hosts.iter().map(move |host| (host, policy)));
        let pairs: Vec<(&String, &Policy)> = pairs.collect();
        let stand = pairs.into_par_iter().map(|(host, policy)| {
            let registrable = registrable(host);
            let stands_for = if policy.domains.contains(host) { host } else { registrable.unwrap_or(host) };
            Standing { host, registrable, stands_for }
        });
        DomainMap::new(&stand.collect::<Vec<_>>())
    }

    /// The map of hosts that insureds list, each host with its insured.
    pub fn of_hosts<'a>(listed: impl Iterator<Item = (&'a str, &'a str)>) -> DomainMap {
        let listed: Vec<(&str, &str)> = listed.collect();
        let listed: Vec<Listed> = listed.into_par_iter().map(Listed::of).collect();
        let shared = shared(&listed);
        let stand = |own: &Listed<'a>| Standing {
            host: own.host,
            registrable: own.registrable,
            stands_for: stands_for(own.host, own.organisation(), &|d| shared.contains(d)),
        };
        DomainMap::new(&listed.par_iter().map(stand).collect::<Vec<_>>())
    }

    fn new(hosts: &[Standing]) -> DomainMap {
        let domains = domains_of(hosts);
        let mut map =
            DomainMap { domains: domains.par_iter().map(|own| own.name.to_string()).collect(), ..DomainMap::default() };
        let named = (0u32..domains.len() as u32).into_par_iter().zip(&domains).map(|(domain, own)| {
            let Domain { is_listed, is_organisation, .. } = *own;
            (hashed(own.name), Name { domain, is_listed, is_domain: true, listed_below: false, is_organisation })
        });
        let named: Vec<(u128, Name)> = named.collect();
        map.names = ByHash::with_room(named.len());
        named.into_iter().for_each(|(hash, name)| _ = map.names.or_insert(hash, name));
        for own in hosts.iter().filter(|own| own.registrable.is_some() && own.host != own.stands_for) {
            if let Some(domain) = map.get(own.stands_for).map(|name| name.domain) {
                let new = Name { domain, is_listed: true, ..Name::default() };
                let held = map.names.or_insert(hashed(own.host), new);
                (held.is_listed, held.is_organisation) = (true, false);
            }
        }
        let below = || hosts.iter().filter(|own| own.registrable.is_some_and(|domain| domain != own.host));
        map.below = below().filter_map(|own| own.registrable).map(hashed).collect();
        for parent in below().flat_map(|own| with_parents(own.host).skip(1)) {
            if let Some(name) = map.names.get_mut(hashed(parent)) {
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

    /// Brings near what will be asked of [`DomainMap::at`].
    pub fn fetch(&self, organisations: impl Iterator<Item = u128>) {
        self.names.fetch(organisations);
    }

    /// What the book has of a registrable domain, by the domain's [`xxh3_128`].
    #[inline]
    pub fn at(&self, organisation: u128) -> Held {
        match self.names.get(organisation) {
            None if self.below.contains(&organisation) => Held::InPart,
            None => Held::Not,
            Some(name) if name.is_organisation && !name.listed_below => Held::Whole(name.domain),
            Some(_) => Held::InPart,
        }
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
        self.names.get(hashed(name))
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
