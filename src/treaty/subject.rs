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
    /// The account: the insured, or where it is blank the policy by itself.
    pub fn account(&self) -> &str {
        if self.insured_id.is_empty() { &self.policy_id } else { &self.insured_id }
    }

    /// The policy without account and layer, where its id is that of an OED account: the insured, a policy number and, where
    /// there is one, a layer number, with `/` between them. Any other id is a policy by itself: `2026/CYB/001` of no insured, or
    /// of an insured that is not called `2026`, has no part in common with `2026/CYB/002`.
    pub fn policy_number(&self) -> &str {
        let whole = self.policy_id.as_str();
        let own = whole.strip_prefix(self.insured_id.as_str()).and_then(|rest| rest.strip_prefix('/'));
        match own.filter(|rest| !self.insured_id.is_empty() && !rest.is_empty()) {
            None => whole,
            Some(rest) => match rest.rsplit_once('/') {
                Some((number, layer)) if !number.is_empty() && is_layer(layer) => number,
                _ => rest,
            },
        }
    }
}

/// OED's LayerNumber is a whole number.
fn is_layer(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
