//! Where our probabilities and somebody's labels agree, and where not.

use std::collections::BTreeMap;

use crate::catalogue::Catalogue;
use crate::fault::{Fault, did_you_mean};
use crate::inventory::{Entry, Inventory};
use crate::table::{Cell, Fields, Kind, Record, Row, Table, column};

/// A label: somebody's view of who uses what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Domain.
    pub domain: String,
    /// Product.
    pub product: String,
    /// Whether it is used.
    pub yes: bool,
}

/// The table of labels.
pub const LABELS: Table = Table {
    name: "labels",
    meaning: "Somebody's view of who uses what: one row a domain and product.",
    columns: &[
        column("domain", Kind::Text, "", true, "Domain"),
        column("product", Kind::Text, "", true, "Product id in the catalogue"),
        column("answer", Kind::Text, "", true, "yes or no"),
    ],
};

impl Label {
    /// Reads one row.
    pub fn read(row: &Row, catalogue: &Catalogue) -> (Option<Label>, Vec<Fault>) {
        let mut fields = Fields::new(row, &LABELS);
        let mut domains = fields.hosts("domain");
        if domains.len() != 1 {
            fields.refuse("domain", "one domain is needed in each row", "");
        }
        let product = fields.required("product");
        if !product.is_empty() && catalogue.product(&product).is_none() {
            let hint = did_you_mean(&product, catalogue.products.iter().map(|p| p.id.as_str()));
            fields.refuse("product", "not in the catalogue", &hint);
        }
        let yes = fields.yes_or_no("answer");
        fields.finish(Label { domain: domains.pop().unwrap_or_default(), product, yes })
    }
}

/// Domains with one label, one verdict of ours and one pattern of findings.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreement {
    /// Product.
    pub product: String,
    /// The label.
    pub label: bool,
    /// Whether we find it more likely used than not.
    pub ours: bool,
    /// What was found.
    pub findings: String,
    /// Domains.
    pub domains: u64,
    /// Mean of our probability.
    pub probability: f64,
    /// One of them, with its records.
    pub example: String,
    /// Its records.
    pub evidence: String,
}

/// The agreement table.
pub const AGREEMENT: Table = Table {
    name: "agreement",
    meaning: "Labels beside our verdict: a row for each label, verdict and pattern of findings, with an example.",
    columns: &[
        column("product", Kind::Text, "", true, "Product id"),
        column("label", Kind::Text, "", true, "yes or no"),
        column("ours", Kind::Text, "", true, "yes when more likely used than not"),
        column("agree", Kind::Text, "", true, "yes or no"),
        column(
            "findings",
            Kind::Text,
            "",
            false,
            "What was found, as in the inventory; blank when nothing was looked for",
        ),
        column("domains", Kind::Integer, "domains", true, "How many"),
        column("probability", Kind::Share, "", true, "Mean of our probability"),
        column("example", Kind::Text, "", true, "The first of them"),
        column("evidence", Kind::Text, "", false, "Its records"),
    ],
};

impl Record for Agreement {
    const TABLE: Table = AGREEMENT;

    fn cells(&self) -> Vec<Cell> {
        let word = |yes: bool| Cell::text(if yes { "yes" } else { "no" });
        vec![
            Cell::text(&self.product),
            word(self.label),
            word(self.ours),
            word(self.label == self.ours),
            Cell::text(&self.findings),
            Cell::Integer(self.domains as i64),
            Cell::Number(self.probability),
            Cell::text(&self.example),
            Cell::text(&self.evidence),
        ]
    }
}

/// Sets labels beside the inventory; domains that were never scanned are left out. Disagreements come first, the commonest
/// of each product at its head.
pub fn agreement(inventory: &Inventory, labels: &[Label]) -> Vec<Agreement> {
    let products: std::collections::BTreeSet<&str> = labels.iter().map(|l| l.product.as_str()).collect();
    let entries = inventory.entries(&products);
    let known: BTreeMap<(&str, &str), &Entry> =
        entries.iter().map(|e| ((e.domain.as_str(), e.product.as_str()), e)).collect();
    let mut groups: BTreeMap<(&str, bool, bool, String), Agreement> = BTreeMap::new();
    let mut sorted: Vec<&Label> = labels.iter().filter(|l| inventory.evidence(&l.domain).is_some()).collect();
    sorted.sort_by(|a, b| (&a.domain, &a.product).cmp(&(&b.domain, &b.product)));
    for label in sorted {
        let entry = known.get(&(label.domain.as_str(), label.product.as_str()));
        let prior = inventory.model.catalogue.product(&label.product).map_or(0.0, |p| p.prior.share);
        let probability = entry.map_or(prior, |e| e.probability);
        let findings = entry.map_or(String::new(), |e| without_ages(&e.findings));
        let ours = probability > 0.5;
        let group = groups.entry((&label.product, label.yes, ours, findings.clone())).or_insert_with(|| Agreement {
            product: label.product.clone(),
            label: label.yes,
            ours,
            findings,
            domains: 0,
            probability: 0.0,
            example: label.domain.clone(),
            evidence: entry.map_or(String::new(), |e| e.evidence.clone()),
        });
        group.domains += 1;
        group.probability += probability;
    }
    let mut groups: Vec<Agreement> = groups.into_values().collect();
    groups.iter_mut().for_each(|g| g.probability /= g.domains as f64);
    groups.sort_by(|a, b| {
        let place = |g: &Agreement| (g.product.clone(), g.label == g.ours, std::cmp::Reverse(g.domains));
        place(a).cmp(&place(b)).then_with(|| a.findings.cmp(&b.findings))
    });
    groups
}

/// A pattern's text without ages, which would split groups.
fn without_ages(findings: &str) -> String {
    let part = |part: &str| part.split_once(" @").map_or(part.to_string(), |(said, _)| said.to_string());
    findings.split(" | ").map(part).collect::<Vec<_>>().join(" | ")
}
