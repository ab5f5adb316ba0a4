//! What a scan shows of one product, counted: how many domains show which pattern of signals.

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::evidence::is_complete;
use crate::inventory::{Evidence, Fronts, Inventory, Model, Pattern, Said, pattern};
use crate::scan::observation::Kind;

/// Least share of the domains asked for anything of the product at which an item must have been asked. A scan that asked
/// few may have asked where it expected to find: that can't be told from detection.
const ASKED: f64 = 0.5;

/// Domains of which fewer show anything of a product tell nothing of it.
const SEEN: u64 = 30;

/// Why an item can't be estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its kind has no complete answers: that it is not seen says nothing.
    Incomplete,
    /// Asked at too few domains.
    AskedFew,
    /// Every answer shows it: rows without are not in the data.
    OnlySeen,
    /// No answer shows it.
    NeverSeen,
}

impl Reason {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Reason::Incomplete => "answers of this kind are never complete, so not seeing it says nothing",
            Reason::AskedFew => {
                "asked at less than half of the domains: where it was asked may depend on what was expected"
            }
            Reason::OnlySeen => "every answer shows it: rows without it are not in the data",
            Reason::NeverSeen => "seen at no domain",
        }
    }
}

/// Patterns of one product, counted.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    /// Patterns of items that can be estimated, ages left out.
    pub patterns: Vec<Pattern>,
    /// How many domains show each, by cluster: domains under one public suffix may share a host's habits.
    pub counts: Vec<BTreeMap<u32, u64>>,
    /// For each item of the product, why it can't be estimated.
    pub left_out: Vec<Option<Reason>>,
    /// For each item, domains asked and domains that showed it.
    pub asked: Vec<[u64; 2]>,
    /// For each item and level, domains that showed it as the strongest.
    pub levels: Vec<Vec<u64>>,
}

/// The pattern of one product at one domain, with the cluster that the domain is of.
pub struct Sighting<'a> {
    /// Domain.
    pub domain: &'a str,
    /// What was found, ages left out.
    pub pattern: Pattern,
}

/// Each domain's evidence with what stands in front of it: the same for every product.
pub fn domains<'a>(inventory: &'a Inventory) -> Vec<(Evidence<'a>, Fronts)> {
    inventory.all().into_iter().map(|(evidence, _)| (evidence, Fronts::of(&inventory.model, &evidence))).collect()
}

/// The pattern of a product at each domain that was asked anything of it. A label is put in as the product's questionnaire.
pub fn sightings<'a>(
    model: &Model,
    domains: &[(Evidence<'a>, Fronts)],
    product: u32,
    labels: &BTreeMap<&str, bool>,
) -> Vec<Sighting<'a>> {
    let declared = model.products[product as usize].items.iter().position(|item| item.kind == Kind::Declared);
    let of = |(evidence, fronts): &(Evidence<'a>, Fronts)| {
        let mut pattern = pattern(model, product, fronts, evidence);
        pattern.said.iter_mut().for_each(|said| said.age = 0);
        if let (Some(item), Some(yes)) = (declared, labels.get(evidence.name)) {
            pattern.said.retain(|said| said.item as usize != item);
            pattern.said.push(Said { item: item as u8, level: yes.then_some(0), age: 0 });
            pattern.said.sort_unstable();
        }
        (!pattern.said.is_empty()).then_some(Sighting { domain: evidence.name, pattern })
    };
    domains.iter().filter_map(of).collect()
}

impl Cells {
    /// Counts patterns of a product with this many levels for each of its items.
    pub fn of(kinds: &[(Kind, usize)], sightings: &[Sighting]) -> Cells {
        let mut asked = vec![[0u64; 2]; kinds.len()];
        let mut levels: Vec<Vec<u64>> = kinds.iter().map(|(_, levels)| vec![0; *levels]).collect();
        for said in sightings.iter().flat_map(|s| &s.pattern.said) {
            let own = &mut asked[said.item as usize];
            own[0] += 1;
            if let Some(level) = said.level {
                own[1] += 1;
                levels[said.item as usize][level as usize] += 1;
            }
        }
        let most =
            asked.iter().zip(kinds).filter(|(_, (kind, _))| is_complete(*kind)).map(|(a, _)| a[0]).max().unwrap_or(0);
        let reason = |(kind, _): &(Kind, usize), [asked, seen]: &[u64; 2]| match () {
            () if !is_complete(*kind) => Some(Reason::Incomplete),
            () if *seen == 0 => Some(Reason::NeverSeen),
            // Labels are asked where one has them; their error rates are those of who answers.
            () if *kind == Kind::Declared => None,
            () if *asked == *seen => Some(Reason::OnlySeen),
            () if (*asked as f64) < ASKED * most as f64 => Some(Reason::AskedFew),
            () => None,
        };
        let left_out: Vec<Option<Reason>> = kinds.iter().zip(&asked).map(|(kind, asked)| reason(kind, asked)).collect();
        let mut cells = Cells { left_out, asked, levels, ..Cells::default() };
        cells.count(sightings);
        cells
    }

    fn count(&mut self, sightings: &[Sighting]) {
        let suffix = |domain: &str| domain.split_once('.').map_or(domain, |(_, rest)| rest).to_string();
        let names: BTreeSet<String> = sightings.iter().map(|s| suffix(s.domain)).collect();
        let clusters: BTreeMap<String, u32> = names.into_iter().zip(0..).collect();
        let mut counts: BTreeMap<Pattern, BTreeMap<u32, u64>> = BTreeMap::new();
        for sighting in sightings {
            let mut pattern = sighting.pattern.clone();
            pattern.said.retain(|said| self.left_out[said.item as usize].is_none());
            if !pattern.said.is_empty() {
                let cluster = clusters.get(&suffix(sighting.domain)).copied().unwrap_or(0);
                *counts.entry(pattern).or_default().entry(cluster).or_default() += 1;
            }
        }
        (self.patterns, self.counts) = counts.into_iter().unzip();
    }

    /// Items that can be estimated.
    pub fn items(&self) -> Vec<usize> {
        (0..self.left_out.len()).filter(|item| self.left_out[*item].is_none()).collect()
    }

    /// Whether two or more items can be set against each other, and enough domains show one.
    pub fn is_identifiable(&self) -> bool {
        self.items().len() > 1 && self.items().iter().any(|item| self.asked[*item][1] >= SEEN)
    }

    /// Domains that show a pattern.
    pub fn total(&self, cell: usize) -> f64 {
        self.counts[cell].values().sum::<u64>() as f64
    }
}
