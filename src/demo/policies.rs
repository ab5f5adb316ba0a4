//! The policy table of the demo. Every amount is in US dollars whatever the country: the demo then needs no exchange
//! rates, which would be one more made-up input.

use jiff::ToSpan;
use jiff::civil::Date;

use super::book::{Book, Insured, Term, plus};
use super::dice::Dice;

const HEADER: &str = "policy_id insured_id insured_name domains industry country annual_revenue employees records \
    currency inception expiry premium limit aggregate_limit retention attachment share waiting_hours waiting_kind \
    sublimit_fin sublimit_inre";

/// Rows of the policy table, the header first.
pub fn rows(book: &Book, dice: Dice) -> Vec<Vec<String>> {
    let mut rows = vec![HEADER.split(' ').map(str::to_string).collect()];
    for insured in &book.insureds {
        let primary = primary(insured, dice);
        rows.extend(inceptions(insured).into_iter().map(|day| row(insured, "", day, &primary, dice)));
        rows.extend(insured.layered.then(|| row(insured, "-X1", insured.start, &excess(&primary), dice)));
    }
    rows
}

fn inceptions(insured: &Insured) -> Vec<Date> {
    let (before, now, after) = (plus(insured.start, -1.year()), insured.start, plus(insured.start, 1.year()));
    match insured.term {
        Term::Current => vec![now],
        Term::Renewed => vec![before, now],
        Term::RenewedEarly => vec![now, after],
        Term::Lapsed => vec![before],
        Term::Future => vec![after],
    }
}

/// Layer of insurance, in US dollars.
struct Layer {
    limit: u64,
    retention: u64,
    attachment: u64,
    share: &'static str,
    premium: u64,
}

/// Revenue below which a class ends, its limits, its retentions, premium per mille of the limit. Assumptions: what a
/// small commercial cyber book of 2020 may look like.
const CLASSES: [(u64, [u64; 3], [u64; 3], u64); 4] = [
    (5_000_000, [250_000, 500_000, 1_000_000], [2_500, 5_000, 10_000], 4),
    (50_000_000, [1_000_000, 1_000_000, 2_000_000], [10_000, 10_000, 25_000], 9),
    (300_000_000, [2_000_000, 3_000_000, 5_000_000], [50_000, 50_000, 100_000], 14),
    (u64::MAX, [5_000_000, 10_000_000, 10_000_000], [250_000, 250_000, 500_000], 20),
];

fn primary(insured: &Insured, dice: Dice) -> Layer {
    let id = insured.number;
    let class = CLASSES.iter().find(|(below, ..)| insured.revenue < *below).unwrap_or(&CLASSES[3]);
    let limit = *dice.pick("limit", id, &class.1);
    let retention = *dice.pick("retention", id, &class.2);
    let per_cent = 75 + dice.below("rate", id, 51) as u64;
    let premium = limit / 1_000 * class.3 * insured.company.sector.hazard * per_cent / 10_000 / 10 * 10;
    Layer { limit, retention, attachment: 0, share: "", premium }
}

/// Half of the same limit once more above the primary policy, at 60 % of its rate.
fn excess(primary: &Layer) -> Layer {
    Layer { attachment: primary.limit, share: "0.5", premium: primary.premium * 3 / 100 * 10, ..*primary }
}

fn row(insured: &Insured, layer: &str, inception: Date, terms: &Layer, dice: Dice) -> Vec<String> {
    let id = insured.number;
    let employees = (insured.revenue / insured.company.sector.revenue_per_head).max(1);
    let some = |known: bool, amount: u64| if known { amount.to_string() } else { String::new() };
    let (hours, kind) = [("8", "retention"), ("10", ""), ("12", "qualifying")][dice.below("waiting period", id, 3)];
    let sublimits = dice.unit("sublimits", id);
    vec![
        format!("POL-{id:05}-{}{layer}", inception.year()),
        format!("INS-{id:05}"),
        insured.company.name.clone(),
        insured.domains.join(";"),
        insured.company.naics.to_string(),
        insured.company.country.to_string(),
        some(insured.revenue_known, insured.revenue),
        employees.to_string(),
        (employees * insured.company.sector.records_per_head).to_string(),
        "USD".to_string(),
        inception.to_string(),
        plus(inception, 1.year()).to_string(),
        terms.premium.to_string(),
        terms.limit.to_string(),
        some(!id.is_multiple_of(4), terms.limit),
        terms.retention.to_string(),
        some(terms.attachment > 0, terms.attachment),
        terms.share.to_string(),
        hours.to_string(),
        kind.to_string(),
        some(sublimits < 0.6, (terms.limit / 4).min(250_000)),
        some(!(0.2..0.8).contains(&sublimits), terms.limit / 2),
    ]
}
