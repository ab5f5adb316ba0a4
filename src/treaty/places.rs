//! Where each entry of a scope is written, so that a message can say it.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::Scope;
use crate::portfolio::Coverage;

/// What a scope lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// Policies.
    Policies,
    /// Insureds.
    Insureds,
    /// Locations.
    Locations,
    /// Coverages.
    Coverages,
    /// Lines of business.
    Lines,
    /// Countries.
    Countries,
    /// Industries.
    Industries,
}

impl Key {
    /// How many there are.
    pub const COUNT: usize = 7;

    /// All, in the order of the scope's lists.
    pub const ALL: [Key; Key::COUNT] =
        [Key::Policies, Key::Insureds, Key::Locations, Key::Coverages, Key::Lines, Key::Countries, Key::Industries];

    /// The key of a TOML file.
    pub fn name(self) -> &'static str {
        ["policies", "insureds", "locations", "coverages", "lines", "countries", "industries"][self as usize]
    }

    /// The column of an OED reinsurance scope file; blank where it has none.
    pub fn column(self) -> &'static str {
        ["PolNumber", "AccNumber", "LocNumber", "", "LOB", "CountryCode", ""][self as usize]
    }

    /// What the entries of `scope` under this key are.
    pub fn entries(self, scope: &Scope) -> Vec<String> {
        let texts = match self {
            Key::Policies => &scope.policies,
            Key::Insureds => &scope.insureds,
            Key::Locations => &scope.locations,
            Key::Lines => &scope.lines,
            Key::Countries => &scope.countries,
            Key::Industries => &scope.industries,
            Key::Coverages => return scope.coverages.iter().map(|c| c.name()).collect(),
        };
        texts.iter().cloned().collect()
    }
}

/// The file of the scopes, and the line of each entry in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Places {
    /// File as the user named it.
    pub file: String,
    /// Whether it is a table of Open Exposure Data.
    pub oed: bool,
    entries: BTreeMap<(String, Key, String), u64>,
    treaties: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    treaty: Vec<Treaty>,
}

#[derive(Deserialize)]
struct Treaty {
    name: Spanned<String>,
    #[serde(default)]
    scope: BTreeMap<String, Vec<Spanned<String>>>,
    #[serde(default)]
    cession: Vec<Cession>,
}

#[derive(Deserialize)]
struct Cession {
    #[serde(default)]
    scope: BTreeMap<String, Vec<Spanned<String>>>,
}

impl Places {
    /// The places of a TOML file's entries; a file that is no programme has none.
    pub fn of_toml(file: &str, text: &str) -> Places {
        let mut places = Places { file: file.into(), ..Places::default() };
        let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let line = |at: usize| starts.partition_point(|start| *start <= at) as u64;
        let Ok(File { treaty }) = toml::from_str(text) else { return places };
        for treaty in treaty {
            let name = treaty.name.get_ref();
            places.treaties.insert(name.clone(), line(treaty.name.span().start));
            for scope in treaty.cession.iter().map(|c| &c.scope).chain([&treaty.scope]) {
                let key = |word: &str| Key::ALL.into_iter().find(|key| key.name() == word);
                for (key, list) in scope.iter().filter_map(|(word, list)| key(word).zip(Some(list))) {
                    list.iter().for_each(|entry| places.add(name, key, entry.get_ref(), line(entry.span().start)));
                }
            }
        }
        places
    }

    /// Those of a table of Open Exposure Data, to which rows are added.
    pub fn of_oed(file: &str) -> Places {
        Places { file: file.into(), oed: true, ..Places::default() }
    }

    /// Adds a row of a treaty's scope.
    pub fn row(&mut self, treaty: &str, scope: &Scope, line: u64) {
        self.treaties.entry(treaty.into()).or_insert(line);
        for key in Key::ALL {
            key.entries(scope).iter().for_each(|entry| self.add(treaty, key, entry, line));
        }
    }

    fn add(&mut self, treaty: &str, key: Key, entry: &str, line: u64) {
        let entry = match key {
            Key::Countries => entry.to_ascii_uppercase(),
            Key::Coverages => Coverage::parse(entry).map_or_else(|| entry.to_string(), Coverage::name),
            _ => entry.to_string(),
        };
        self.entries.entry((treaty.into(), key, entry)).or_insert(line);
    }

    /// The line of an entry; of its treaty where it is not known, 0 where neither is.
    pub fn line(&self, treaty: &str, key: Key, entry: &str) -> u64 {
        let own = self.entries.get(&(treaty.into(), key, entry.into())).copied();
        own.unwrap_or_else(|| self.treaty(treaty))
    }

    /// The line of a treaty; 0 where it is not known.
    pub fn treaty(&self, treaty: &str) -> u64 {
        self.treaties.get(treaty).copied().unwrap_or(0)
    }

    /// What the file calls a key.
    pub fn word(&self, key: Key) -> &'static str {
        if self.oed { key.column() } else { key.name() }
    }
}
