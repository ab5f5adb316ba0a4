//! What a loss is of: the attributes that scopes and risks are decided by.

use crate::money::Cents;
use crate::portfolio::Coverage;

/// A policy's coverage, or a part of it that losses tell apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    /// Insured or account; may be blank.
    pub insured_id: String,
    /// Policy.
    pub policy_id: String,
    /// Location; may be blank.
    pub location: String,
    /// Coverage, where losses have one.
    pub coverage: Option<Coverage>,
    /// Line of business; may be blank.
    pub line: String,
    /// NAICS code; may be blank.
    pub industry: String,
    /// ISO 3166 two-letter code; may be blank.
    pub country: String,
    /// ISO 4217; blank means the reporting currency.
    pub currency: String,
    /// Sum insured, for surplus treaties.
    pub sum_insured: Option<Cents>,
}

impl Subject {
    /// The account: the insured, or where it is blank the policy id up to its first `/`.
    pub fn account(&self) -> &str {
        if self.insured_id.is_empty() { first_part(&self.policy_id) } else { &self.insured_id }
    }

    /// The policy without account and layer: the middle part of OED's `account/policy/layer`, else the whole id.
    pub fn policy_number(&self) -> &str {
        let rest = self.policy_id.strip_prefix(self.account()).and_then(|rest| rest.strip_prefix('/'));
        rest.map_or(&self.policy_id, first_part)
    }
}

fn first_part(id: &str) -> &str {
    id.split('/').next().unwrap_or(id)
}
