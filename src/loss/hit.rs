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
mod tests {
    use super::*;
    use crate::catalogue::Distribution;
    use crate::loss::outage::Hourly;
    use crate::loss::plan::Shock;
    use crate::portfolio::{Terms, Waiting, WaitingKind};

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

    /// By hand, of a loss of 100, 60 of extortion and 40 of liability: two policies that give extortion alone pay 30 each; with a
    /// third that gives both, extortion has 180 for 60, so that each bears 20 of it, and the third the 40 of liability.
    #[test]
    fn policies_contribute_to_the_coverages_that_they_give() {
        let mut extortion_alone = Terms::default();
        extortion_alone.coverages[Coverage::Liability as usize].covered = false;
        let peril = peril(&[(Coverage::Extortion, 0.6), (Coverage::Liability, 0.4)]);
        let two = ([extortion_alone; 2].to_vec(), vec![30, 30]);
        let three = (vec![extortion_alone, extortion_alone, Terms::default()], vec![20, 20, 60]);
        for (terms, pays) in [two, three] {
            let own = insured(&terms);
            let mut settling = Settling::new(true);
            settling.begin(&own);
            let paid = settling.settle(&own, &peril, &occurrence(0, 0.0), plain(100)).to_vec();
            assert_eq!(paid, pays.iter().map(|pays| Cents(pays * 100)).collect::<Vec<_>>());
            let (mut lost, mut extortion) = (Cents::ZERO, Cents::ZERO);
            settling.rows(Cents(10_000), |_, c, ground_up, gross| {
                lost += ground_up;
                extortion += if c == Some(Coverage::Extortion) { gross } else { Cents::ZERO };
            });
            assert_eq!((lost, extortion), (Cents(10_000), Cents(6_000)));
        }
    }

    /// By hand: two policies with 100 a claim and a year, and two losses of 90. Of each loss both pay 45, which leaves 55 of each
    /// aggregate for the second. Of two with half a share each nothing is double: the first takes 90 of each aggregate's 100
    /// (100 % of the layer), and the second finds 10, of which half is 5.
    #[test]
    fn an_aggregate_is_used_up_by_what_is_paid_after_contribution() {
        let whole = Terms { limit: Cents(10_000), aggregate: Cents(10_000), ..Terms::default() };
        let half = Terms { share: 0.5, ..whole };
        let peril = peril(&[(Coverage::Extortion, 1.0)]);
        for (terms, pays) in [(whole, [4_500, 4_500]), (half, [4_500, 500])] {
            let own = insured(&[terms; 2]);
            let mut settling = Settling::new(false);
            settling.begin(&own);
            for pays in pays {
                assert_eq!(settling.settle(&own, &peril, &occurrence(0, 0.0), plain(90)), [Cents(pays); 2]);
            }
        }
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
        for (kind, hours, pays) in cases {
            let own = insured(&[Terms::default().waiting(Waiting { hours: 4.0, kind, ..Waiting::default() })]);
            let at = occurrence(0, hours);
            let loss = loss(&hourly, &at, &[], (0.5, 0.0), |_| false);
            let mut settling = Settling::new(false);
            settling.begin(&own);
            assert_eq!(settling.settle(&own, &peril, &at, loss), [Cents(pays)], "{kind:?}");
        }
    }

    /// By hand: ten hours cost 10,000 of profit, half to each coverage, and 500 of expense, which is the first's: of a policy that gives
    /// the first alone 5,500, of one that gives the second alone 5,000.
    #[test]
    fn extra_expense_falls_to_the_first_coverage() {
        let hourly = GroundUp::Hourly(Hourly { profit: 1_000.0, expense: 50.0, second: 0.0, saves: 0.0 });
        let both = [Coverage::BusinessInterruption, Coverage::Extortion];
        let peril = peril(&both.map(|coverage| (coverage, 0.5)));
        for (not_given, pays) in [(both[1], 550_000), (both[0], 500_000)] {
            let mut terms = Terms::default();
            terms.coverages[not_given as usize].covered = false;
            let (own, at) = (insured(&[terms]), occurrence(0, 10.0));
            let loss = loss(&hourly, &at, &[], (0.5, 0.0), |_| false);
            let mut settling = Settling::new(false);
            settling.begin(&own);
            assert_eq!(settling.settle(&own, &peril, &at, loss), [Cents(pays)], "without {not_given:?}");
        }
    }

    /// By hand: an hour costs 1,000; a second provider that saves four fifths leaves 2,000 of ten hours, where it stands in.
    #[test]
    fn a_second_provider_is_asked_for_with_its_probability() {
        let hourly = GroundUp::Hourly(Hourly { profit: 1_000.0, expense: 0.0, second: 0.3, saves: 0.8 });
        let lost = |stands_in: bool| {
            let asked = |probability: f64| probability == 0.3 && stands_in;
            loss(&hourly, &occurrence(0, 10.0), &[], (0.5, 0.0), asked).total
        };
        assert_eq!([true, false].map(lost), [Cents(200_000), Cents(1_000_000)]);
    }

    /// By hand: 100 of each of two coverages, of which the policy gives half of the first: 50 of it are paid. Told by policy the
    /// row has the whole loss; by coverage what none pays is what is left of each, 50 and 100.
    #[test]
    fn what_no_policy_pays_is_told_with_the_first() {
        let mut terms = Terms::default();
        terms.coverages[Coverage::Extortion as usize].sublimit = Cents(5_000);
        terms.coverages[Coverage::Liability as usize].covered = false;
        let (own, peril) = (insured(&[terms]), peril(&[(Coverage::Extortion, 0.5), (Coverage::Liability, 0.5)]));
        for (by_coverage, want) in [(false, vec![(200, 50)]), (true, vec![(100, 50), (100, 0)])] {
            let mut settling = Settling::new(by_coverage);
            settling.begin(&own);
            settling.settle(&own, &peril, &occurrence(0, 0.0), plain(200));
            let mut rows = Vec::new();
            settling.rows(Cents(20_000), |_, _, lost, paid| rows.push((lost.0 / 100, paid.0 / 100)));
            assert_eq!(rows, want, "by coverage: {by_coverage}");
        }
    }
}
