//! One hit of one insured: its loss from the ground up, and what each of its policies pays of it.

use super::calendar::Occurrence;
use super::fitted::YearSeverity;
use super::plan::{GroundUp, Insured, Layer, Peril};
use super::terms::account::{contribute, contribute_by_coverage};
use super::terms::claim::allocate;
use super::terms::coverage::after_waiting;
use super::terms::{ByCoverage, Year, settle_each};
use crate::money::{Apportionment, Cents};
use crate::portfolio::Coverage;

/// A loss from the ground up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    /// All of it.
    pub total: Cents,
    /// The part that a waiting period may take from.
    waits: Cents,
    hours: f64,
}

/// The loss of an insured that an occurrence hits, at probability `u` of its severity, which is the standard normal's at `z`.
/// `stands_in` is drawn only where a second provider may.
#[inline]
pub fn loss(
    own: &GroundUp,
    occurrence: &Occurrence,
    models: &[YearSeverity],
    (u, z): (f64, f64),
    stands_in: impl FnOnce(f64) -> bool,
) -> Loss {
    let cents = |amount: f64| Cents::from_units(amount).unwrap_or(Cents::UNLIMITED);
    let plain = |amount: f64| {
        let total = cents(amount);
        Loss { total, waits: total, hours: 0.0 }
    };
    match own {
        GroundUp::Severity { severity, rate } => plain(severity.at(z, occurrence.level) * rate),
        GroundUp::Fitted { model, ln_revenue, rate } => {
            plain(models[*model as usize].loss(u, *ln_revenue, occurrence.level) * rate)
        }
        GroundUp::Hourly(hourly) => {
            let helped = hourly.second > 0.0 && stands_in(hourly.second);
            let (interruption, expense) = hourly.loss(occurrence.hours, helped);
            let waits = cents(interruption);
            Loss { total: cents(waits.units() + expense).max(waits), waits, hours: occurrence.hours }
        }
    }
}

/// Losses of some coverages, in the order of [`Coverage::ALL`].
#[derive(Clone, Copy, Debug)]
struct Parts {
    parts: [(Coverage, Cents); Coverage::COUNT],
    len: usize,
}

impl Default for Parts {
    fn default() -> Parts {
        Parts { parts: [(Coverage::BusinessInterruption, Cents::ZERO); Coverage::COUNT], len: 0 }
    }
}

impl Parts {
    fn push(&mut self, coverage: Coverage, loss: Cents) {
        self.parts[self.len] = (coverage, loss);
        self.len += 1;
    }

    fn iter(&self) -> impl Iterator<Item = (Coverage, Cents)> {
        self.parts[..self.len].iter().copied()
    }

    fn by_coverage(&self) -> ByCoverage {
        let mut losses = [Cents::ZERO; Coverage::COUNT];
        self.iter().for_each(|(coverage, loss)| losses[coverage as usize] = loss);
        losses
    }
}

/// Memory held between hits.
#[derive(Default)]
pub struct Settling {
    /// Whether what each policy pays is wanted by coverage.
    by_coverage: bool,
    /// Years of the insured's layers in which nothing has happened yet.
    fresh: Vec<Year>,
    years: Vec<Year>,
    year: Option<u32>,
    parts: Parts,
    /// What each layer pays.
    gross: Vec<Cents>,
    /// What was lost under each coverage, and what it brought in to each layer: where that is wanted.
    lost: ByCoverage,
    covered: Vec<ByCoverage>,
    /// What was left of each layer's aggregate before the hit.
    aggregates: Vec<Cents>,
    /// What each layer pays by coverage, where layers contributed.
    paid: Vec<ByCoverage>,
    contributed: bool,
    apportionment: Apportionment,
}

impl Settling {
    /// For losses by policy, or by policy and coverage.
    pub fn new(by_coverage: bool) -> Settling {
        Settling { by_coverage, ..Settling::default() }
    }

    /// Begins another insured.
    pub fn begin(&mut self, insured: &Insured) {
        self.year = None;
        self.years.clear();
        self.fresh.clear();
        self.fresh.extend(insured.layers.iter().map(|layer| Year::new(&layer.terms)));
    }

    /// What each layer of the insured pays of a hit. Hits come in the order of their occurrences: annual limits begin anew
    /// with each year, and policies together pay no more than the loss.
    pub fn settle(&mut self, insured: &Insured, peril: &Peril, occurrence: &Occurrence, loss: Loss) -> &[Cents] {
        if self.year != Some(occurrence.year) {
            self.year = Some(occurrence.year);
            match (self.years.as_mut_slice(), self.fresh.as_slice()) {
                ([year], [fresh]) => *year = *fresh,
                _ => self.years.clone_from(&self.fresh),
            }
        }
        split(peril, loss.waits, &mut self.parts);
        self.gross.clear();
        self.covered.clear();
        self.aggregates.clear();
        let several = insured.layers.len() > 1;
        if several || self.by_coverage {
            self.lost = with_expense(self.parts, loss).by_coverage();
        }
        for (layer, year) in insured.layers.iter().zip(&mut self.years) {
            // Most losses do not wait: they go through without a copy.
            let waited = (loss.hours > 0.0).then(|| waited(layer, self.parts, loss));
            let parts = waited.as_ref().unwrap_or(&self.parts).iter();
            self.aggregates.push(year.aggregate);
            self.gross.push(if several || self.by_coverage {
                let mut covered = [Cents::ZERO; Coverage::COUNT];
                let gross =
                    settle_each(&layer.terms, parts, year, |coverage, brought| covered[coverage as usize] = brought);
                self.covered.push(covered);
                gross
            } else {
                settle_each(&layer.terms, parts, year, |_, _| ())
            });
        }
        self.contributed = several
            && contribute_by_coverage(
                &self.lost,
                &self.covered,
                &mut self.gross,
                &mut self.paid,
                &mut self.apportionment,
            );
        if self.contributed {
            let left = self.years.iter_mut().zip(&self.aggregates);
            for ((layer, paid), (year, before)) in insured.layers.iter().zip(&self.gross).zip(left) {
                year.give_back(*before, layer.terms.share, *paid);
            }
        }
        &self.gross
    }

    /// What each layer pays by its own terms of a hit of `total` that falls on one coverage, from elsewhere: as if
    /// [`Settling::settle`] had found it.
    pub fn settled(&mut self, total: Cents, paid: impl Iterator<Item = Cents>) {
        self.gross.clear();
        self.gross.extend(paid);
        if self.gross.len() > 1 {
            contribute(total, &mut self.gross, &mut self.apportionment);
        }
    }

    /// What each layer pays of the last hit.
    pub fn gross(&self) -> &[Cents] {
        &self.gross
    }

    /// What each layer of the last hit of `total` stands for, from the ground up and gross, by coverage where that is wanted:
    /// `each` is told the place of the layer. Rows add up to the loss: a layer's row has what it pays, and the first's also
    /// what none pays.
    pub fn rows(&mut self, total: Cents, mut each: impl FnMut(usize, Option<Coverage>, Cents, Cents)) {
        let unpaid = total - self.gross.iter().copied().sum();
        if !self.by_coverage {
            for (at, gross) in self.gross.iter().enumerate() {
                each(at, None, if at == 0 { *gross + unpaid } else { *gross }, *gross);
            }
            return;
        }
        if !self.contributed {
            self.paid.clear();
            let each = self.covered.iter().zip(&self.gross);
            self.paid.extend(each.map(|(covered, gross)| allocate(covered, *gross, &mut self.apportionment)));
        }
        let (lost, paid) = (&self.lost, &self.paid);
        let by_coverage = |c: Coverage| paid.iter().map(|own| own[c as usize]).sum::<Cents>();
        let left = Coverage::ALL.map(|c| lost[c as usize].above(by_coverage(c)));
        let mut unpaid_of = [Cents::ZERO; Coverage::COUNT];
        self.apportionment.divide(unpaid, &left, &mut unpaid_of);
        for (at, own) in paid.iter().enumerate() {
            for coverage in Coverage::ALL.into_iter().filter(|c| lost[*c as usize] > Cents::ZERO) {
                let gross = own[coverage as usize];
                let ground_up = if at == 0 { gross + unpaid_of[coverage as usize] } else { gross };
                each(at, Some(coverage), ground_up, gross);
            }
        }
    }
}

/// The parts of an outage that are left after a layer's waiting period, with extra expense.
fn waited(layer: &Layer, mut parts: Parts, loss: Loss) -> Parts {
    for (coverage, part) in &mut parts.parts[..parts.len] {
        *part = after_waiting(&layer.terms, *coverage, *part, loss.hours);
    }
    with_expense(parts, loss)
}

/// Extra expense falls to the first coverage that responds.
fn with_expense(mut parts: Parts, loss: Loss) -> Parts {
    if parts.len > 0 {
        parts.parts[0].1 += loss.total - loss.waits;
    }
    parts
}

/// The loss by responding coverage, to the cent: each part is the rounded running total less what went before.
fn split(peril: &Peril, loss: Cents, parts: &mut Parts) {
    parts.len = 0;
    let Some(((last, _), others)) = peril.responding.split_last() else { return };
    let (mut share, mut before) = (0.0, Cents::ZERO);
    for (coverage, weight) in others {
        share += weight;
        let total = loss.scale(share).min(loss);
        parts.push(*coverage, total - before);
        before = total;
    }
    parts.push(*last, loss - before);
}

#[cfg(test)]
mod tests;
