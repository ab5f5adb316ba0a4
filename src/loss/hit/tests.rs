//! A hit through the policies of its insured, by hand.

use super::*;
use crate::catalogue::Distribution;
use crate::loss::outage::Hourly;
use crate::loss::plan::Shock;
use crate::portfolio::{Terms, Waiting, WaitingKind};

fn peril(responding: &[(Coverage, f64)]) -> Peril {
    let point = Distribution::Point(1.0);
    let shock = Shock { affected: point, hit: point, outage: None, level: 0.0 };
    Peril { id: "made".into(), vendor: String::new(), key: 1, shock, frequency: None, responding: responding.to_vec() }
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
    let (own, peril) = (insured(&[primary, excess]), peril(&[(Coverage::Extortion, 0.6), (Coverage::Liability, 0.4)]));
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
