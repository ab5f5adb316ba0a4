//! What scopes name and the book does not have: a treaty that covers nothing says so.

use std::collections::{BTreeMap, BTreeSet};

use super::places::{Key, Places};
use super::{Ceded, Programme, Reach, Scope, Subject, Treaty};
use crate::fault::{Failure, Fault, Warning, did_you_mean};
use crate::money::Cents;
use crate::portfolio::{Coverage, country_meant, is_country, is_naics, naics_range, sector, sector_names};

/// Values of a book that a hint lists.
const LISTED: usize = 8;

/// Values of a book among which a hint looks for the nearest.
const SEARCHED: usize = 20_000;

/// What a book has, as far as the scopes of a programme ask for it.
pub struct Named<'a> {
    programme: &'a Programme,
    /// By key.
    asked: [bool; Key::COUNT],
    values: [BTreeSet<String>; Key::COUNT],
    /// By treaty: what it covers, until that is something.
    reaches: Vec<Reach>,
    /// By treaty, of a surplus: the policies that it covers, and whether a sum insured is known of them.
    insured: Vec<BTreeMap<String, bool>>,
    /// What there is one of: `policy of this book`.
    of: &'static str,
    /// Whether all of the book was seen, and not only what had a loss.
    whole: bool,
}

impl<'a> Named<'a> {
    /// Nothing seen yet; the policies of a book will be.
    pub fn of_book(programme: &'a Programme) -> Named<'a> {
        Named::new(programme, "policy of this book", true)
    }

    /// The same of a table of losses, in which a policy without a loss is not.
    pub fn of_losses(programme: &'a Programme) -> Named<'a> {
        Named::new(programme, "loss of this table", false)
    }

    fn new(programme: &'a Programme, of: &'static str, whole: bool) -> Named<'a> {
        let asks = |key: Key| scopes(programme).any(|scope| !key.entries(scope).is_empty());
        Named {
            programme,
            asked: Key::ALL.map(asks),
            values: Default::default(),
            reaches: programme.reaches(),
            insured: vec![BTreeMap::new(); programme.treaties().len()],
            of,
            whole,
        }
    }

    /// Sees a subject under its coverage, or where it has none under each of `coverages`.
    pub fn see(&mut self, subject: &Subject, coverages: impl Iterator<Item = Coverage>) {
        let texts = [
            [subject.policy_id.as_str(), subject.policy_number()],
            [subject.account(), ""],
            [&subject.location, ""],
            ["", ""],
            [&subject.line, ""],
            [&subject.country, ""],
            [&subject.industry, ""],
        ];
        for (key, texts) in Key::ALL.into_iter().zip(texts).filter(|(key, _)| self.asked[*key as usize]) {
            for text in texts.into_iter().filter(|text| !text.is_empty()) {
                insert(&mut self.values[key as usize], text);
            }
        }
        if !self.asked[Key::Coverages as usize] {
            return self.reach(subject);
        }
        let mut subject = subject.clone();
        let coverages: Vec<Coverage> = subject.coverage.map_or_else(|| coverages.collect(), |own| vec![own]);
        subject.coverage = None;
        self.reach(&subject);
        for coverage in coverages {
            insert(&mut self.values[Key::Coverages as usize], &coverage.words().replace(' ', "_"));
            subject.coverage = Some(coverage);
            self.reach(&subject);
        }
    }

    fn reach(&mut self, subject: &Subject) {
        for (treaty, reach) in self.programme.treaties().iter().zip(&mut self.reaches) {
            if reach.risks() == 0 {
                reach.add(treaty, subject);
            }
        }
        for (treaty, insured) in self.programme.treaties().iter().zip(&mut self.insured) {
            let covers = || treaty.scope.iter().any(|part| part.scope.covers(subject));
            if matches!(treaty.ceded, Ceded::Surplus { .. }) && covers() {
                let known = subject.sum_insured.is_some_and(|sum| sum > Cents::ZERO);
                *insured.entry(subject.policy_id.clone()).or_default() |= known;
            }
        }
    }

    fn has(&self, key: Key, entry: &str) -> bool {
        let values = &self.values[key as usize];
        let of_industry = |code: &str| code.starts_with(entry) || sector(code) == entry || naics_range(code) == entry;
        match key {
            Key::Industries => values.iter().any(|code| of_industry(code)),
            _ => values.contains(entry),
        }
    }

    /// Scopes that cover none of what was seen, and surpluses that know of no sum insured.
    ///
    /// Of a table of losses, a list is told only when none of its entries has a loss: that some have none is no surprise.
    ///
    /// # Errors
    /// When an entry that covers nothing is no code that there is.
    pub fn uncovered(&self) -> Result<Vec<Warning>, Failure> {
        let mut warnings: Vec<Warning> = self.uninsured().collect();
        for (treaty, reach) in self.programme.treaties().iter().zip(&self.reaches) {
            let before = warnings.len();
            for key in Key::ALL {
                warnings.extend(self.list(treaty, key)?);
            }
            if reach.risks() == 0 && warnings.len() == before {
                warnings.push(self.nothing(treaty));
            }
        }
        Ok(warnings)
    }

    /// Surpluses that can't cede, for want of a sum insured.
    fn uninsured(&self) -> impl Iterator<Item = Warning> {
        self.programme.treaties().iter().zip(&self.insured).filter_map(|(Treaty { name, .. }, insured)| {
            let mut without = insured.iter().filter(|(_, known)| !**known).map(|(policy, _)| policy);
            let first = without.next()?;
            let (count, all) = (1 + without.count(), insured.len());
            let policies = if all == 1 { "policy has" } else { "policies have" };
            Some(Warning {
                file: self.places().file.clone(),
                line: self.places().treaty(name),
                message: format!(
                    "treaty \"{name}\": {count} of {all} {policies} no sum insured, such as \"{first}\": nothing is ceded for it"
                ),
                hint: "give sum_insured with the losses, or a limit with the policies".into(),
            })
        })
    }

    /// One treaty's entries under one key.
    fn list(&self, treaty: &Treaty, key: Key) -> Result<Option<Warning>, Failure> {
        let entries: BTreeSet<String> = treaty.scope.iter().flat_map(|part| key.entries(&part.scope)).collect();
        let missing: Vec<&String> = entries.iter().filter(|entry| !self.has(key, entry)).collect();
        if let Some((entry, rule)) = missing.iter().find_map(|entry| no_code(key, entry).map(|rule| (entry, rule))) {
            return Err(self.impossible(treaty, key, entry, rule));
        }
        let some = missing.len() < entries.len();
        let Some(first) = missing.first().filter(|_| self.whole || !some) else { return Ok(None) };
        let Treaty { name, .. } = treaty;
        let more = match missing.len() - 1 {
            0 => "matches".to_string(),
            others => format!("and {others} more match"),
        };
        Ok(Some(Warning {
            file: self.places().file.clone(),
            line: self.places().line(name, key, first),
            message: format!(
                "treaty \"{name}\": scope {} = \"{first}\" {more} no {}",
                self.places().word(key),
                self.of
            ),
            hint: self.hint(key, first),
        }))
    }

    fn impossible(&self, treaty: &Treaty, key: Key, entry: &str, rule: &str) -> Failure {
        let (places, name) = (self.places(), &treaty.name);
        let message = format!(
            "{}:{}: treaty \"{name}\": scope {} = \"{entry}\" matches no {}, and {rule}",
            places.file,
            places.line(name, key, entry),
            places.word(key),
            self.of
        );
        Failure::new(message).hint(self.hint(key, entry))
    }

    fn nothing(&self, treaty: &Treaty) -> Warning {
        let Treaty { name, .. } = treaty;
        let message = match self.of {
            _ if treaty.scope.iter().all(|part| part.scope == Scope::default()) => {
                format!("treaty \"{name}\" covers nothing: there is no {}", self.of)
            }
            of => format!("treaty \"{name}\": its scope as a whole covers no {of}, though each entry matches one"),
        };
        Warning {
            file: self.places().file.clone(),
            line: self.places().treaty(name),
            message,
            hint: "a loss must meet every list of a scope".into(),
        }
    }

    fn places(&self) -> &Places {
        self.programme.places()
    }

    /// The nearest that there is, or what there is.
    fn hint(&self, key: Key, entry: &str) -> String {
        let values = &self.values[key as usize];
        let within = |id: &String| id.strip_prefix(entry).is_some_and(|rest| rest.starts_with('/'));
        let known = match key {
            Key::Insureds if values.iter().any(within) => {
                Some(format!("losses have policies such as `{entry}/…` without an insured_id: give it"))
            }
            Key::Countries => country_meant(entry).map(|code| format!("did you mean `{code}`?")),
            Key::Industries => {
                let names = sector_names();
                let meant = did_you_mean(&entry.to_lowercase(), names.iter().copied().filter(|_| !is_naics(entry)));
                Some(meant).filter(|hint| !hint.is_empty())
            }
            _ => Some(did_you_mean(entry, values.iter().take(SEARCHED).map(String::as_str))).filter(|h| !h.is_empty()),
        };
        known.unwrap_or_else(|| match values.len() {
            0 if self.whole => format!("policies of this book have no {}", singular(key)),
            0 => format!("losses of this table have no {}", singular(key)),
            _ => listed(key, values),
        })
    }
}

impl Programme {
    /// Why scopes can't tell whether they cover a loss: they go by countries or industries, and it has one that is no code.
    pub fn unreadable(&self, subject: &Subject) -> Option<Fault> {
        let asked = |key: Key| scopes(self).any(|scope| !key.entries(scope).is_empty());
        let wrong = |key: Key, code: &str, is_one: fn(&str) -> bool| !code.is_empty() && asked(key) && !is_one(code);
        let Subject { country, industry, .. } = subject;
        if wrong(Key::Countries, country, is_country) {
            let meant = country_meant(country).map(|code| format!("did you mean `{code}`?"));
            let hint = meant.unwrap_or_else(|| "use ISO 3166, such as GB".into());
            let rule = "no two-letter code of ISO 3166, and a treaty goes by countries";
            return Some(Fault::new("country", country, rule).hint(hint));
        }
        let rule = "no NAICS code, and a treaty goes by industries";
        let hint = "write digits, of which the first two are enough, such as 511210 or 51";
        wrong(Key::Industries, industry, is_naics).then(|| Fault::new("industry", industry, rule).hint(hint))
    }
}

/// The commonest first is not known: the first few by name.
fn listed(key: Key, values: &BTreeSet<String>) -> String {
    let first: Vec<&str> = values.iter().take(LISTED).map(String::as_str).collect();
    let more = if values.len() > LISTED { ", …" } else { "" };
    format!("{} that there are: {}{more}", key.name(), first.join(", "))
}

fn singular(key: Key) -> &'static str {
    ["id", "insured", "location", "coverage", "line of business", "country", "industry"][key as usize]
}

/// Why no book can have such a code.
fn no_code(key: Key, entry: &str) -> Option<&'static str> {
    match key {
        Key::Countries if !is_country(entry) => Some("is no two-letter code of ISO 3166"),
        Key::Industries if !is_naics(entry) && !sector_names().contains(&entry) => {
            Some("is neither a NAICS code nor a sector")
        }
        _ => None,
    }
}

fn insert(values: &mut BTreeSet<String>, text: &str) {
    if !values.contains(text) {
        values.insert(text.to_string());
    }
}

fn scopes(programme: &Programme) -> impl Iterator<Item = &Scope> {
    programme.treaties().iter().flat_map(|treaty| &treaty.scope).map(|part| &part.scope)
}
