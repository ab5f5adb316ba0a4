//! What insureds say of themselves: answers to questionnaires and applications, a signal with its own error rates.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use super::inventory::factor;
use super::likelihood::{Aged, Pattern, Said, age};
use super::model::Model;
use super::posterior::posterior;
use super::table::{Entry, Standing};
use crate::catalogue::Catalogue;
use crate::fault::{Failure, Fault, did_you_mean_or};
use crate::input::Intake;
use crate::moment::Moment;
use crate::portfolio::Policy;
use crate::scan::observation::Kind as RecordKind;
use crate::table::{Fields, Kind, RejectLog, Row, Table, column, read_rows};

/// The table of answers.
pub const DECLARED: Table = Table {
    name: "declared",
    meaning: "What insureds say they use: one row an answer. Of several to one question the latest counts.",
    columns: &[
        column("insured_id", Kind::Text, "", true, "Insured, as in the policy table"),
        column("product", Kind::Text, "", true, "Product id in the catalogue"),
        column("answer", Kind::Text, "", true, "yes or no"),
        column("date", Kind::Date, "", true, "Day of the answer"),
    ],
};

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Who.
    pub insured_id: String,
    /// Of what.
    pub product: String,
    /// Whether it is used.
    pub yes: bool,
    /// The day, at its first second.
    pub at: Moment,
}

impl Declared {
    /// Reads one row; `insureds` are those of the book.
    pub fn read(row: &Row, catalogue: &Catalogue, insureds: &HashSet<&str>) -> (Option<Declared>, Vec<Fault>) {
        let mut fields = Fields::new(row, &DECLARED);
        let (insured_id, product) = (fields.required("insured_id"), fields.required("product"));
        if !insured_id.is_empty() && !insureds.contains(insured_id.as_str()) {
            fields.refuse("insured_id", "no policy of the book has this insured", "the id is that of the policy table");
        }
        if !product.is_empty() && catalogue.product(&product).is_none() {
            let hint = did_you_mean_or(&product, catalogue.products.iter().map(|p| p.id.as_str()), || {
                "`blastradius products` lists them; others can be added with --data DIR".to_string()
            });
            fields.refuse("product", "not in the catalogue", &hint);
        }
        let yes = fields.yes_or_no("answer");
        let day = fields.date("date");
        let at = day.and_then(|day| Moment::parse(&day.to_string())).unwrap_or(Moment(0));
        fields.finish(Declared { insured_id, product, yes, at })
    }
}

/// Reads a table of answers of the insureds of a book, as rows of the inventory.
///
/// # Errors
/// When the file can't be read or lacks a required column.
pub fn read_declared(
    path: &Path,
    policies: &[Policy],
    model: &Model,
    rejects: &mut RejectLog,
) -> Result<(Vec<Entry>, Intake), Failure> {
    let insureds: HashSet<&str> = policies.iter().map(|p| p.insured_id.as_str()).collect();
    let read = |row: &Row| Declared::read(row, model.catalogue, &insureds);
    let (answers, intake) = read_rows(path, &DECLARED, rejects, read)?;
    Ok((declared_entries(model, &answers), intake))
}

/// Rows of the inventory for the answers up to the day of the model.
pub fn declared_entries(model: &Model, answers: &[Declared]) -> Vec<Entry> {
    let known = newest(answers, model.as_of);
    known.into_iter().filter_map(|((insured, product), (at, yes))| entry(model, insured, product, at, yes)).collect()
}

/// The latest answer of each insured to each question up to `as_of`: insured, product, whether it is used.
pub fn latest(answers: &[Declared], as_of: Moment) -> impl Iterator<Item = (&str, &str, bool)> {
    newest(answers, as_of).into_iter().map(|((insured, product), (_, yes))| (insured, product, yes))
}

/// Of two answers of one day, a yes counts.
fn newest(answers: &[Declared], as_of: Moment) -> BTreeMap<(&str, &str), (Moment, bool)> {
    let mut newest: BTreeMap<(&str, &str), (Moment, bool)> = BTreeMap::new();
    for answer in answers.iter().filter(|a| a.at <= as_of) {
        let own = newest.entry((&answer.insured_id, &answer.product)).or_insert((answer.at, answer.yes));
        *own = (*own).max((answer.at, answer.yes));
    }
    newest
}

fn entry(model: &Model, insured: &str, product: &str, at: Moment, yes: bool) -> Option<Entry> {
    let place = model.catalogue.products.iter().position(|p| p.id == product)?;
    let own = &model.products[place];
    let item = own.items.iter().position(|item| item.kind == RecordKind::Declared)?;
    let said = Said { item: item as u8, level: yes.then_some(0), age: age(model, own.items[item].half_life, at) };
    let pattern = Pattern { behind: false, said: vec![said] };
    let values = &model.central[place];
    let weight = factor(Aged::of(own, values, said, values.prior_of(&pattern)).ratio());
    let (day, seen) = (at.day(), yes.then_some(at));
    Some(Entry {
        domain: String::new(),
        insured_id: insured.to_string(),
        product: product.to_string(),
        standing: if yes { Standing::Seen } else { Standing::NotSeen },
        prior: Some(own.prior.value),
        probability: posterior(own, values, &pattern),
        first_seen: seen,
        last_seen: seen,
        evidence: if yes { format!("declared yes ({day}) {weight}") } else { String::new() },
        not_found: if yes { String::new() } else { format!("declared no ({day}) {weight}") },
        findings: pattern.to_text(own),
    })
}
