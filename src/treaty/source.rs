//! Where a treaty's terms are written and what they are called there, so that a message can say it.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::fault::Failure;

/// A rule that a treaty breaks. Keys stand in it between backticks, and are told as the file calls them.
#[derive(Debug)]
pub struct Broken {
    /// The key whose line is told; the treaty's where it is blank or not given.
    pub key: &'static str,
    /// What is wrong.
    pub rule: String,
    /// A way out.
    pub hint: String,
}

impl Broken {
    /// A rule that `key` breaks.
    pub fn new(key: &'static str, rule: impl Into<String>, hint: impl Into<String>) -> Broken {
        Broken { key, rule: rule.into(), hint: hint.into() }
    }
}

/// Lines of one treaty.
#[derive(Clone, Debug, Default)]
struct Lines {
    own: u64,
    keys: BTreeMap<String, u64>,
}

/// The file of a programme.
#[derive(Clone, Debug)]
pub struct Source {
    /// As the user named it.
    pub file: String,
    /// Whether it is a table of Open Exposure Data.
    oed: bool,
    treaties: Vec<Lines>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    treaty: Vec<Spanned<BTreeMap<String, Spanned<toml::Value>>>>,
}

impl Source {
    /// A TOML file.
    pub fn of_toml(file: &str, text: &str) -> Source {
        let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let line = |at: usize| starts.partition_point(|start| *start <= at) as u64;
        let treaties = toml::from_str(text).map_or_else(|_| Vec::new(), |File { treaty }| treaty);
        let lines = |treaty: Spanned<BTreeMap<String, Spanned<toml::Value>>>| {
            let own = line(treaty.span().start);
            let keys = treaty.into_inner().into_iter().map(|(key, value)| (key, line(value.span().start)));
            Lines { own, keys: keys.collect() }
        };
        Source { file: file.into(), oed: false, treaties: treaties.into_iter().map(lines).collect() }
    }

    /// A table of Open Exposure Data whose treaties are on these lines.
    pub fn of_oed(file: &str, lines: impl IntoIterator<Item = u64>) -> Source {
        let lines = lines.into_iter().map(|own| Lines { own, keys: BTreeMap::new() });
        Source { file: file.into(), oed: true, treaties: lines.collect() }
    }

    /// What is told of the rule that the treaty at this position breaks.
    pub fn told(&self, at: usize, name: &str, broken: &Broken) -> Failure {
        let lines = self.treaties.get(at).cloned().unwrap_or_default();
        let line = match lines.keys.get(broken.key).copied().unwrap_or(lines.own) {
            0 => String::new(),
            line => format!(":{line}"),
        };
        let message = format!("{}{line}: treaty \"{name}\": {}", self.file, self.in_its_words(&broken.rule));
        Failure::new(message).hint(self.in_its_words(&broken.hint))
    }

    /// A text with keys between backticks, as the file calls them.
    fn in_its_words(&self, text: &str) -> String {
        let name = |(at, part): (usize, &str)| match TERMS.iter().find(|(key, _)| *key == part) {
            Some((_, column)) if at % 2 == 1 && self.oed => (*column).to_string(),
            _ => part.to_string(),
        };
        text.split('`').enumerate().map(name).collect()
    }
}

/// Keys of a TOML file, and the columns of OED that say the same.
const TERMS: [(&str, &str); 20] = [
    ("name", "ReinsNumber"),
    ("kind", "ReinsType"),
    ("inuring", "InuringPriority"),
    ("ceded", "CededPercent"),
    ("placed", "PlacedPercent"),
    ("treaty_share", "TreatyShare"),
    ("risk", "RiskLevel"),
    ("risk_attachment", "RiskAttachment"),
    ("risk_limit", "RiskLimit"),
    ("occurrence_attachment", "OccAttachment"),
    ("occurrence_limit", "OccLimit"),
    ("annual_deductible", "AggAttachment"),
    ("annual_limit", "AggLimit"),
    ("reinstatements", "Reinstatement"),
    ("premium", "ReinsPremium"),
    ("currency", "ReinsCurrency"),
    ("quota_share", "QS"),
    ("event_excess", "CXL"),
    ("risk_excess", "PR"),
    ("scope", "the reinsurance scope"),
];
