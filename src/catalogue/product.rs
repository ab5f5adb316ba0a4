//! Products and the signals that give them away, as catalogue files describe them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rates::{ASSUMED_SPREAD, Figure};
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
    /// Shares among organisations of an industry, country or size: the first that fits goes before `prior`.
    #[serde(default)]
    pub segment: Vec<SegmentPrior>,
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
    /// Standard deviation of its log odds, where it was estimated. Not a key of the file.
    #[serde(skip)]
    pub spread: Option<f64>,
}

impl Prior {
    /// The share as a figure with its uncertainty.
    pub fn figure(&self) -> Figure {
        let assumed = Figure::assumed(self.share, ASSUMED_SPREAD);
        Figure { spread: self.spread.unwrap_or(assumed.spread), assumed: self.spread.is_none(), ..assumed }
    }
}

/// The share that uses a product among organisations of one kind. What is left out fits all.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentPrior {
    /// NAICS prefixes.
    #[serde(default)]
    pub industry: Vec<String>,
    /// ISO 3166 two-letter codes.
    #[serde(default)]
    pub country: Vec<String>,
    /// Annual revenue in US dollars, from.
    #[serde(default)]
    pub revenue_from: Option<f64>,
    /// Annual revenue in US dollars, below.
    #[serde(default)]
    pub revenue_below: Option<f64>,
    /// Probability in (0, 1).
    pub share: f64,
    /// Where it comes from; `assumption` when no source supports it.
    pub source: String,
    /// `primary`, `press`, `second-hand` or `assumption`.
    pub grade: String,
}

impl SegmentPrior {
    /// Whether an organisation is of this kind; what is not known of it does not fit a bound.
    pub fn fits(&self, industry: &str, country: &str, revenue: Option<f64>) -> bool {
        let among = |list: &[String], fits: &dyn Fn(&str) -> bool| list.is_empty() || list.iter().any(|x| fits(x));
        among(&self.industry, &|prefix| industry.starts_with(prefix))
            && among(&self.country, &|code| country == code)
            && self.revenue_from.is_none_or(|from| revenue.is_some_and(|r| r >= from))
            && self.revenue_below.is_none_or(|below| revenue.is_some_and(|r| r < below))
    }

    /// The kind in words: `NAICS 62, US, from USD 1,000 million`.
    pub fn words(&self) -> String {
        let millions = |x: f64| format!("USD {} million", crate::money::thousands(x / 1e6));
        let industry = (!self.industry.is_empty()).then(|| format!("NAICS {}", self.industry.join("/")));
        let country = (!self.country.is_empty()).then(|| self.country.join("/"));
        let revenue = match (self.revenue_from, self.revenue_below) {
            (None, None) => None,
            (Some(from), None) => Some(format!("revenue from {}", millions(from))),
            (None, Some(below)) => Some(format!("revenue below {}", millions(below))),
            (Some(from), Some(below)) => Some(format!("revenue {} to {}", millions(from), millions(below))),
        };
        let words: Vec<String> = [industry, country, revenue].into_iter().flatten().collect();
        if words.is_empty() { "all others".to_string() } else { words.join(", ") }
    }
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

/// A file of vendors, products and patterns that the catalogue does without.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOutFile {
    /// What is left out.
    pub left_out: Vec<LeftOut>,
}

/// What the catalogue does without, or holds in another form, and why.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Vendor.
    pub vendor: String,
    /// Product.
    pub product: String,
    /// The pattern, with its kind of record.
    pub pattern: String,
    /// Why: merged, dead, not found, indistinguishable.
    pub reason: String,
    /// Where the pattern comes from.
    pub source: String,
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

impl Signal {
    /// The keys that are asked for one by one; none for kinds that one question answers.
    pub fn keys_asked(&self) -> &[String] {
        match self.kind {
            Kind::Dkim | Kind::Declared | Kind::Http => &self.keys,
            _ => &[],
        }
    }
}

impl Product {
    /// The prior of an organisation, and the segment that it is of.
    pub fn prior_of(&self, industry: &str, country: &str, revenue: Option<f64>) -> (f64, Option<&SegmentPrior>) {
        let segment = self.segment.iter().find(|s| s.fits(industry, country, revenue));
        (segment.map_or(self.prior.share, |s| s.share), segment)
    }

    /// Whether any signal shows from outside; else only a questionnaire tells.
    pub fn is_visible(&self) -> bool {
        self.signal.iter().any(|s| s.kind != Kind::Declared)
    }
}
