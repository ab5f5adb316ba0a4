//! One hit of one insured: its loss from the ground up, and what each of its policies pays of it.

use super::calendar::Occurrence;
use super::fitted::YearSeverity;
use super::plan::{GroundUp, Insured, Layer, Peril};
use super::terms::account::contribute;
use super::terms::claim::allocate;
use super::terms::coverage::after_waiting;
use super::terms::{ByCoverage, Settled, Year, settle};
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

/// The loss of an insured that an occurrence hits, at probability `u` of its severity. `stands_in` is drawn only where a
/// second provider may.
pub fn loss(
    own: &GroundUp,
    occurrence: &Occurrence,
    models: &[YearSeverity],
    u: f64,
    stands_in: impl FnOnce(f64) -> bool,
) -> Loss {
    let cents = |amount: f64| Cents::from_units(amount).unwrap_or(Cents::UNLIMITED);
    let plain = |amount: f64| {
        let total = cents(amount);
        Loss { total, waits: total, hours: 0.0 }
    };
    match own {
        GroundUp::Severity { severity, rate } => plain(severity.loss(u, occurrence.level) * rate),
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

/// What one policy pays of one hit.
#[derive(Clone, Copy, Debug)]
pub struct Paid {
    /// The insurer's loss.
    pub gross: Cents,
    /// What each coverage lost.
    pub ground_up: ByCoverage,
    /// What each coverage brought in: the weights of the allocation.
    pub covered: ByCoverage,
}

impl Paid {
    /// The insurer's loss by coverage, to the cent.
    pub fn by_coverage(&self, apportionment: &mut Apportionment) -> ByCoverage {
        allocate(&self.covered, self.gross, apportionment)
    }
}

/// Memory held between hits.
#[derive(Default)]
pub struct Settling {
    years: Vec<Year>,
    year: Option<u32>,
    paid: Vec<Paid>,
    gross: Vec<Cents>,
}

impl Settling {
    /// Begins another insured.
    pub fn begin(&mut self) {
        self.year = None;
    }

    /// What each layer of an insured pays of a hit. Hits come in the order of their occurrences: annual limits begin anew
    /// with each year, and policies together pay no more than the loss.
    pub fn settle(&mut self, insured: &Insured, peril: &Peril, occurrence: &Occurrence, loss: Loss) -> &[Paid] {
        if self.year != Some(occurrence.year) {
            self.year = Some(occurrence.year);
            self.years.clear();
            self.years.extend(insured.layers.iter().map(|layer| Year::new(&layer.terms)));
        }
        let parts = split(peril, loss.waits);
        let expense = loss.total - loss.waits;
        self.paid.clear();
        for (layer, year) in insured.layers.iter().zip(&mut self.years) {
            self.paid.push(one(layer, year, peril, parts, expense, loss.hours));
        }
        if self.paid.len() > 1 {
            self.gross.clear();
            self.gross.extend(self.paid.iter().map(|paid| paid.gross));
            contribute(loss.total, &mut self.gross);
            self.paid.iter_mut().zip(&self.gross).for_each(|(paid, gross)| paid.gross = *gross);
        }
        &self.paid
    }
}

fn one(layer: &Layer, year: &mut Year, peril: &Peril, parts: ByCoverage, expense: Cents, hours: f64) -> Paid {
    let (mut ground_up, mut waited) = (parts, parts);
    if hours > 0.0 {
        for coverage in [Coverage::BusinessInterruption, Coverage::ContingentBusinessInterruption] {
            let part = &mut waited[coverage as usize];
            *part = after_waiting(&layer.terms, coverage, *part, hours);
        }
        if let Some((first, _)) = peril.responding.first() {
            ground_up[*first as usize] += expense;
            waited[*first as usize] += expense;
        }
    }
    let Settled { gross, covered } = settle(&layer.terms, &waited, year);
    Paid { gross, ground_up, covered }
}

/// The loss by responding coverage, to the cent: each part is the rounded running total less what went before.
fn split(peril: &Peril, loss: Cents) -> ByCoverage {
    let mut losses = [Cents::ZERO; Coverage::COUNT];
    let Some(((last, _), others)) = peril.responding.split_last() else { return losses };
    let (mut share, mut before) = (0.0, Cents::ZERO);
    for (coverage, weight) in others {
        share += weight;
        let total = loss.scale(share).min(loss);
        losses[*coverage as usize] += total - before;
        before = total;
    }
    losses[*last as usize] += loss - before;
    losses
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
        Peril { id: "made".into(), key: 1, shock, frequency: None, responding: responding.to_vec() }
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
        let mut settling = Settling::default();
        let cases = [(0, 700, 600), (0, 600, 400), (0, 500, 0), (1, 500, 400)];
        let paid =
            cases.map(|(year, loss, _)| settling.settle(&own, &peril, &occurrence(year, 0.0), plain(loss))[0].gross);
        assert_eq!(paid, cases.map(|(_, _, pays)| Cents(pays * 100)));
    }

    /// By hand: a primary of 100 and 300 excess of 100 with a half share see a loss of 250: 100, and half of 150.
    #[test]
    fn layers_of_one_insured_see_the_same_loss() {
        let primary = Terms { limit: Cents(10_000), ..Terms::default() };
        let excess = Terms { limit: Cents(30_000), attachment: Cents(10_000), share: 0.5, ..Terms::default() };
        let (own, peril) =
            (insured(&[primary, excess]), peril(&[(Coverage::Liability, 0.4), (Coverage::Extortion, 0.6)]));
        let mut settling = Settling::default();
        let paid = settling.settle(&own, &peril, &occurrence(0, 0.0), plain(250)).to_vec();
        assert_eq!((paid[0].gross, paid[1].gross), (Cents(10_000), Cents(7_500)));
        let parts = paid[0].by_coverage(&mut Apportionment::default());
        assert_eq!(
            (parts[Coverage::Liability as usize], parts[Coverage::Extortion as usize]),
            (Cents(4_000), Cents(6_000))
        );
    }

    /// By hand: two policies that would each pay a loss of 100 whole pay half each.
    #[test]
    fn policies_together_pay_no_more_than_the_loss() {
        let (own, peril) = (insured(&[Terms::default(); 2]), peril(&[(Coverage::Extortion, 1.0)]));
        let mut settling = Settling::default();
        let paid = settling.settle(&own, &peril, &occurrence(0, 0.0), plain(100));
        assert!(paid.iter().all(|p| p.gross == Cents(5_000)), "{paid:?}");
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
            let loss = loss(&hourly, &at, &[], 0.5, |_| false);
            assert_eq!(Settling::default().settle(&own, &peril, &at, loss)[0].gross, Cents(pays), "{waiting_kind:?}");
        }
    }
}
