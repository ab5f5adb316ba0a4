//! Products and the signals that give them away, as catalogue files describe them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scan::observation::Kind;

/// A catalogue file: one vendor's products.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductFile {
    /// The products of the file.
    pub product: Vec<Product>,
}

/// A product as the insured would name it; regional hosts and tokens are its signals.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// `vendor/product`, lower case, stable.
    pub id: String,
    /// Company that runs it.
    pub vendor: String,
    /// Name as the vendor writes it.
    pub name: String,
    /// What it does for the insured, such as `email security`, `email hosting`, `dns`, `cloud`, `file transfer`.
    pub category: String,
    /// What it can reach at the insured, such as `mail`, `identity`, `endpoints`, `files`, `payments`, `web`, `dns`.
    pub access: Vec<String>,
    /// Share of organisations that use it when nothing was looked at; a published market share goes before it.
    pub prior: Prior,
    /// The same share among organisations at which a product in front hides this one's signals.
    #[serde(default)]
    pub prior_behind: Option<Prior>,
    /// Published market shares, to compare a book with.
    #[serde(default)]
    pub market_share: Vec<MarketShare>,
    /// The published share nearest to the as-of date: the prior in use. Not a key of the file.
    #[serde(skip)]
    pub nearest_share: Option<MarketShare>,
    /// What gives it away; none for a product that can't be seen from outside.
    #[serde(default)]
    pub signal: Vec<Signal>,
}

/// A prior probability with its origin.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prior {
    /// Probability in (0, 1).
    pub share: f64,
    /// Where it comes from; `assumption` when no source supports it.
    pub source: String,
}

/// A published market share.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketShare {
    /// Month of the figure, `YYYY-MM`.
    pub month: String,
    /// Share in (0, 1).
    pub share: f64,
    /// Of what, in words.
    pub population: String,
    /// Who published it.
    pub source: String,
    /// `primary`, `press` or `second-hand`.
    pub grade: String,
}

/// How a pattern is compared with a value. Comparison ignores case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// The value is the pattern.
    Exact,
    /// The value is the pattern, or ends in a dot and the pattern.
    Suffix,
    /// The value begins with the pattern.
    Prefix,
    /// The value holds the pattern.
    Contains,
    /// The regular expression is found in the value.
    Regex,
    /// Any value at all.
    Exists,
    /// A value that is neither the pattern nor ends in a dot and the pattern: somebody else, beside it.
    NotSuffix,
}

/// One way in which a product shows itself.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// Kind of observation it is looked for in.
    pub kind: Kind,
    /// Key of the observation (SPF mechanisms, header names …); any of them when several, any key when none.
    #[serde(default)]
    pub keys: Vec<String>,
    /// How to compare.
    #[serde(rename = "match")]
    pub how: Match,
    /// What to compare with; blank for `exists`.
    #[serde(default)]
    pub pattern: String,
    /// Signals of one group depend on each other and count once, the strongest.
    pub group: String,
    /// P(seen | used), when looked for.
    pub sensitivity: f64,
    /// P(seen | not used).
    pub false_positive: f64,
    /// Where sensitivity and false-positive rate come from; `assumption` when no source supports them.
    pub rates_source: String,
    /// Where the pattern comes from.
    pub source: String,
    /// Products of these categories, when seen, hide this signal: not seeing it then says nothing.
    #[serde(default)]
    pub hidden_by: Vec<String>,
    /// A value that matches.
    pub example: String,
    /// A value that must not match.
    pub counter_example: String,
}
