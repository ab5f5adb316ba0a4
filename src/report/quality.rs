//! What went in, and how good it was.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;

use crate::catalogue::{Catalogue, Event};
use crate::exposure::{Exposure, Tier};
use crate::input::Intake;
use crate::inventory::Inventory;
use crate::moment::Moment;
use crate::portfolio::{Book, Policy};
use crate::scan::ScanIntake;
use crate::table::{RejectCount, RejectLog};

/// What went in and how good it was.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Quality {
    /// Each input file.
    pub inputs: Vec<InputLine>,
    /// Policies in the book.
    pub policies: u64,
    /// Policies whose period ended before the day.
    pub expired: u64,
    /// Policies whose period begins after the day.
    pub not_yet_incepted: u64,
    /// Policies in force without any domain.
    pub without_domain: u64,
    /// Policies in force without a revenue.
    pub without_revenue: u64,
    /// Domains of policies in force.
    pub domains: u64,
    /// Those with any observation.
    pub scanned_domains: u64,
    /// For each kind of record that the event needs: share of domains at which it was asked for.
    pub coverage: Vec<KindCoverage>,
    /// Rejects by rule, the commonest first.
    pub rejects: Vec<RejectCount>,
    /// Observations later than the day, not read.
    pub observations_after: u64,
    /// Observations of domains outside the book.
    pub observations_outside: u64,
    /// Median age in days of the latest evidence of exposed and possible insureds.
    pub median_age_days: Option<i64>,
    /// Greatest such age.
    pub oldest_age_days: Option<i64>,
}

/// An input file in a summary: its rows and the hash of its contents, which are the same whatever the order of the rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InputLine {
    /// File as the user named it.
    pub file: String,
    /// What it was taken for.
    pub format: String,
    /// Rows or records in it.
    pub rows: u64,
    /// Rows used.
    pub used: u64,
    /// Rows not used.
    pub set_aside: u64,
    /// Hash of the rows whatever their order.
    pub content: String,
}

impl InputLine {
    /// The line of an input's account.
    pub fn of(intake: &Intake) -> InputLine {
        let Intake { file, format, rows, used, set_aside, content, .. } = intake.clone();
        InputLine { file, format, rows, used, set_aside, content }
    }
}

/// How much of the book was asked for a kind of record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindCoverage {
    /// Kind of record.
    pub kind: String,
    /// Domains asked.
    pub domains: u64,
    /// Share of the domains of policies in force.
    pub share: f64,
}

/// What the quality is told from.
pub struct Looked<'a> {
    /// The event.
    pub event: &'a Event,
    /// The catalogue.
    pub catalogue: &'a Catalogue,
    /// The day.
    pub as_of: Date,
    /// The book.
    pub book: &'a Book,
    /// Accounts of the scan files.
    pub scans: &'a [ScanIntake],
    /// Account of the insureds' answers.
    pub declared: Option<&'a Intake>,
    /// What was seen and asked.
    pub inventory: &'a Inventory<'a>,
    /// Policies in force.
    pub exposures: &'a [Exposure],
    /// All rejects.
    pub rejects: &'a RejectLog,
}

/// What went in and how good it was.
pub fn quality(looked: &Looked) -> Quality {
    let Looked { as_of: day, book, inventory, .. } = looked;
    let day = *day;
    let count = |of: &dyn Fn(&Policy) -> bool| book.policies.iter().filter(|p| of(p)).count() as u64;
    let in_force = book.policies.iter().filter(|p| p.in_force(day));
    let domains: BTreeSet<&str> = in_force.flat_map(|p| p.domains.iter().map(String::as_str)).collect();
    let mut ages: Vec<i64> = looked
        .exposures
        .iter()
        .filter(|e| matches!(e.tier, Tier::Exposed | Tier::Possible))
        .filter_map(|e| e.last_seen)
        .map(|seen| (Moment::end_of(day).0 - seen.0).div_euclid(86_400))
        .collect();
    ages.sort_unstable();
    Quality {
        inputs: std::iter::once(&book.intake)
            .chain(looked.scans.iter().map(|s| &s.intake))
            .chain(looked.declared)
            .map(InputLine::of)
            .collect(),
        policies: book.policies.len() as u64,
        expired: count(&|p| p.expiry <= day),
        not_yet_incepted: count(&|p| p.inception > day),
        without_domain: count(&|p| p.in_force(day) && p.domains.is_empty()),
        without_revenue: count(&|p| p.in_force(day) && p.revenue.is_none()),
        scanned_domains: domains.iter().filter(|d| inventory.evidence(d).is_some()).count() as u64,
        coverage: coverage_of(looked.event, looked.catalogue, inventory, &domains),
        domains: domains.len() as u64,
        rejects: looked.rejects.by_rule(),
        observations_after: inventory.after,
        observations_outside: inventory.outsiders,
        median_age_days: ages.get(ages.len() / 2).copied(),
        oldest_age_days: ages.last().copied(),
    }
}

/// For each kind of record that gives a signal of the event's products: how many of `domains` were asked for it.
fn coverage_of(
    event: &Event,
    catalogue: &Catalogue,
    inventory: &Inventory,
    domains: &BTreeSet<&str>,
) -> Vec<KindCoverage> {
    let products = event.requires.products();
    let kinds: BTreeSet<_> =
        products.iter().filter_map(|id| catalogue.product(id)).flat_map(|p| p.signal.iter().map(|s| s.kind)).collect();
    let line = |kind| {
        let of_kind = |question| inventory.question(question).is_some_and(|(own, _)| *own == kind);
        let asked = |domain: &&&str| inventory.evidence(domain).is_some_and(|e| e.questions().any(of_kind));
        let count = domains.iter().filter(asked).count() as u64;
        KindCoverage {
            kind: kind.as_str().to_string(),
            domains: count,
            share: count as f64 / domains.len().max(1) as f64,
        }
    };
    kinds.into_iter().map(line).collect()
}
