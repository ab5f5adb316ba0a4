//! Which losses a treaty covers.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{Deserializer, Error, Expected, Visitor};
use serde::{Deserialize, Serialize};

use super::Subject;
use crate::portfolio::{Coverage, naics_range, sector};

/// What a treaty covers: a loss that meets every list that is given. Without any list, everything.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scope {
    /// Policies: their ids, or OED's PolNumber.
    pub policies: BTreeSet<String>,
    /// Insureds (OED's accounts).
    pub insureds: BTreeSet<String>,
    /// Locations.
    pub locations: BTreeSet<String>,
    /// Coverages, by name such as "extortion" or by OED's code such as "EXT". A loss without a coverage is none of them.
    #[serde(deserialize_with = "names_or_codes")]
    #[schemars(with = "Vec<String>")]
    pub coverages: Vec<Coverage>,
    /// Lines of business.
    pub lines: BTreeSet<String>,
    /// Countries, two letters.
    pub countries: BTreeSet<String>,
    /// Industries: NAICS codes, of which the first digits are enough, sectors of several such as "31-33", or sectors by
    /// name such as "healthcare".
    pub industries: BTreeSet<String>,
}

impl Scope {
    /// Whether the scope covers losses of `subject`.
    pub fn covers(&self, subject: &Subject) -> bool {
        let among = |list: &BTreeSet<String>, value: &str| list.is_empty() || list.contains(value);
        among(&self.insureds, subject.account())
            && (among(&self.policies, &subject.policy_id) || self.policies.contains(subject.policy_number()))
            && among(&self.locations, &subject.location)
            && among(&self.lines, &subject.line)
            && among(&self.countries, &subject.country)
            && (self.coverages.is_empty() || subject.coverage.is_some_and(|c| self.coverages.contains(&c)))
            && (self.industries.is_empty() || self.covers_industry(&subject.industry))
    }

    fn covers_industry(&self, code: &str) -> bool {
        let first_digits = (1..=code.len()).filter_map(|len| code.get(..len));
        let wider = [sector(code), naics_range(code)].into_iter().filter(|name| !name.is_empty());
        first_digits.chain(wider).any(|part| self.industries.contains(part))
    }

    /// The same with countries in capitals, as losses have them.
    pub(super) fn normal(&self) -> Scope {
        let countries = self.countries.iter().map(|code| code.to_ascii_uppercase()).collect();
        Scope { countries, ..self.clone() }
    }

    /// Whether policies, insureds or locations are named.
    pub fn names_risks(&self) -> bool {
        !(self.policies.is_empty() && self.insureds.is_empty() && self.locations.is_empty())
    }
}

/// A coverage as it is written in a scope.
struct Written(Coverage);

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Written, D::Error> {
        deserializer.deserialize_str(NameOrCode)
    }
}

/// Refuses a word where it stands, so that the message has its line and column.
struct NameOrCode;

impl Visitor<'_> for NameOrCode {
    type Value = Written;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let all = Coverage::ALL.map(|own| format!("`{}` or `{}`", own.name(), own.code())).join(", ");
        write!(f, "{all}")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Written, E> {
        let unknown = || E::custom(format!("unknown coverage `{text}`, expected {}", &self as &dyn Expected));
        Coverage::parse(text).map(Written).ok_or_else(unknown)
    }
}

fn names_or_codes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Coverage>, D::Error> {
    let written: Vec<Written> = Vec::deserialize(deserializer)?;
    Ok(written.into_iter().map(|Written(coverage)| coverage).collect())
}
