//! One hit of one insured: its loss from the ground up, and what each of its policies pays of it.

use super::calendar::Occurrence;
use super::fitted::YearSeverity;
use super::plan::{GroundUp, Insured, Layer, Peril};
use super::terms::account::contribute;
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
}

/// What one coverage of one policy lost, and brought in: the weights of the allocation.
#[derive(Clone, Copy, Debug)]
struct Detail {
    ground_up: ByCoverage,
    covered: ByCoverage,
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
    gross: Vec<Cents>,
    details: Vec<Detail>,
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
        self.details.clear();
        for (at, layer) in insured.layers.iter().enumerate() {
            // Most losses neither wait nor are told by coverage: they go through without a copy.
            let gross = if loss.hours == 0.0 && !self.by_coverage {
                settle_each(&layer.terms, self.parts.iter(), &mut self.years[at], |_, _| ())
            } else {
                self.one(layer, at, waited(layer, self.parts, loss), with_expense(self.parts, loss))
            };
            self.gross.push(gross);
        }
        if self.gross.len() > 1 {
            contribute(loss.total, &mut self.gross);
        }
        &self.gross
    }

    /// What each layer pays of a hit of `total` by its own terms, from elsewhere: as if [`Settling::settle`] had found it.
    pub fn settled(&mut self, total: Cents, paid: impl Iterator<Item = Cents>) {
        self.gross.clear();
        self.gross.extend(paid);
        if self.gross.len() > 1 {
            contribute(total, &mut self.gross);
        }
    }

    /// What each layer pays of the last hit.
    pub fn gross(&self) -> &[Cents] {
        &self.gross
    }

    fn one(&mut self, layer: &Layer, at: usize, waited: Parts, ground_up: Parts) -> Cents {
        let year = &mut self.years[at];
        if !self.by_coverage {
            return settle_each(&layer.terms, waited.iter(), year, |_, _| ());
        }
        let mut detail = Detail { ground_up: [Cents::ZERO; Coverage::COUNT], covered: [Cents::ZERO; Coverage::COUNT] };
        ground_up.iter().for_each(|(coverage, loss)| detail.ground_up[coverage as usize] = loss);
        let brought = |coverage: Coverage, covered: Cents| detail.covered[coverage as usize] = covered;
        let gross = settle_each(&layer.terms, waited.iter(), year, brought);
        self.details.push(detail);
        gross
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
        let paid: Vec<ByCoverage> = self
            .details
            .iter()
            .zip(&self.gross)
            .map(|(detail, gross)| allocate(&detail.covered, *gross, &mut self.apportionment))
            .collect();
        let lost = self.details.first().map_or([Cents::ZERO; Coverage::COUNT], |detail| detail.ground_up);
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
mod tests {
    use super::*;
    use crate::catalogue::Distribution;
    use crate::loss::outage::Hourly;
    use crate::loss::plan::Shock;
    use crate::portfolio::{Terms, WaitingKind};

    fn peril(responding: &[(Coverage, f64)]) -> Peril {
        let point = Distribution::Point(1.0);
        let shock = Shock { affected: point, hit: point, outage: None, level: 0.0 };
        Peril {
            id: "made".into(),
            vendor: String::new(),
            key: 1,
            shock,
            frequency: None,
            responding: responding.to_vec(),
        }
    }

    fn insured(terms: &[Terms]) -> Insured {
        let layer = |(policy, terms): (usize, &Terms)| Layer { policy: policy as u32, terms: *terms };
        Insured { key: 1, risks: Vec::new(), layers: terms.iter().enumerate().map(layer).collect() }
    }

    fn occurrence(year: u32, hours: f64) -> Occurrence {
        Occurrence { year, peril: 0, number: 0, time: 0.0, rate: 1.0, hours, level: 1.0 }
    }

    fn plain(units: i64) -> Loss {
        Loss { total: Cents(units * 100), waits: Cents(units * 100), hours: 0.0 }
    }

    /// By hand, 1,000 a year of an unlimited layer above a retention of 100: claims of 700, 600 and 500 in one year pay 600,
    /// then the 400 that are left, then nothing; the next year pays again.
    #[test]
    fn an_annual_aggregate_is_used_up_through_the_year() {
        let terms = Terms { retention: Cents(10_000), aggregate: Cents(100_000), ..Terms::default() };
        let (own, peril) = (insured(&[terms]), peril(&[(Coverage::Extortion, 1.0)]));
        let mut settling = Settling::new(false);
        settling.begin(&own);
        let cases = [(0, 700, 600), (0, 600, 400), (0, 500, 0), (1, 500, 400)];
        let paid = cases.map(|(year, loss, _)| settling.settle(&own, &peril, &occurrence(year, 0.0), plain(loss))[0]);
        assert_eq!(paid, cases.map(|(_, _, pays)| Cents(pays * 100)));
    }

    /// By hand: a primary of 100 and 300 excess of 100 with a half share see a loss of 250: 100, and half of 150.
    #[test]
    fn layers_of_one_insured_see_the_same_loss() {
        let primary = Terms { limit: Cents(10_000), ..Terms::default() };
        let excess = Terms { limit: Cents(30_000), attachment: Cents(10_000), share: 0.5, ..Terms::default() };
        let (own, peril) =
            (insured(&[primary, excess]), peril(&[(Coverage::Extortion, 0.6), (Coverage::Liability, 0.4)]));
        let mut settling = Settling::new(true);
        settling.begin(&own);
        assert_eq!(settling.settle(&own, &peril, &occurrence(0, 0.0), plain(250)), [Cents(10_000), Cents(7_500)]);
        let mut rows = Vec::new();
        let units = |cents: Cents| cents.0 / 100;
        settling.rows(Cents(25_000), |at, c, lost, paid| rows.push((at, c.unwrap(), units(lost), units(paid))));
        // 75 of 250 are paid by none: 45 and 30 after what is left of each coverage, 150 − 105 and 100 − 70.
        let (extortion, liability) = (Coverage::Extortion, Coverage::Liability);
        let want = [(0, extortion, 105, 60), (0, liability, 70, 40), (1, extortion, 45, 45), (1, liability, 30, 30)];
        assert_eq!(rows, want);
    }

    /// By hand: two policies that would each pay a loss of 100 whole pay half each.
    #[test]
    fn policies_together_pay_no_more_than_the_loss() {
        let (own, peril) = (insured(&[Terms::default(); 2]), peril(&[(Coverage::Extortion, 1.0)]));
        let mut settling = Settling::new(false);
        settling.begin(&own);
        assert_eq!(settling.settle(&own, &peril, &occurrence(0, 0.0), plain(100)), [Cents(5_000); 2]);
    }

    /// By hand: an hour costs 1,000 of profit and 50 of expense. Ten hours with a wait of four: 6,000 + 500 where the wait is
    /// borne, 10,000 + 500 where it qualifies; three hours: 150 of expense alone.
    #[test]
    fn extra_expense_does_not_wait() {
        let hourly = GroundUp::Hourly(Hourly { profit: 1_000.0, expense: 50.0, second: 0.0, saves: 0.0 });
        let peril = peril(&[(Coverage::BusinessInterruption, 1.0)]);
        let cases = [
            (WaitingKind::Retention, 10.0, 650_000),
            (WaitingKind::Qualifying, 10.0, 1_050_000),
            (WaitingKind::Qualifying, 3.0, 15_000),
        ];
        for (waiting_kind, hours, pays) in cases {
            let own = insured(&[Terms { waiting_hours: 4.0, waiting_kind, ..Terms::default() }]);
            let at = occurrence(0, hours);
            let loss = loss(&hourly, &at, &[], (0.5, 0.0), |_| false);
            let mut settling = Settling::new(false);
            settling.begin(&own);
            assert_eq!(settling.settle(&own, &peril, &at, loss), [Cents(pays)], "{waiting_kind:?}");
        }
    }
}
