//! Worked examples by hand, and laws.

use proptest::prelude::*;

use super::account::{contribute, share_out};
use super::claim::{allocate, layer, retained};
use super::coverage::after_waiting;
use super::*;
use crate::money::Apportionment;
use crate::portfolio::{AccountTerms, CoverageTerms, Terms, Waiting, WaitingKind};

const INRE: usize = Coverage::IncidentResponse as usize;
const LIA: usize = Coverage::Liability as usize;

/// Thousands of units.
fn k(thousands: i64) -> Cents {
    Cents(thousands * 100_000)
}

fn one(loss: Cents) -> ByCoverage {
    let mut losses = [Cents::ZERO; Coverage::COUNT];
    losses[INRE] = loss;
    losses
}

fn own(change: impl Fn(&mut CoverageTerms)) -> Terms {
    let mut terms = Terms::default();
    change(&mut terms.coverages[INRE]);
    terms
}

/// The insurer's loss from one claim, with `aggregate_left` of the layer's annual aggregate still to be used and nothing else
/// of the year.
fn claim(terms: &Terms, losses: &ByCoverage, aggregate_left: Cents) -> Cents {
    let covered: Cents = Coverage::ALL.iter().map(|c| coverage_loss(terms, *c, losses[*c as usize])).sum();
    let retained = retained(terms, covered, terms.retention_aggregate);
    layer(terms, covered, retained).min(aggregate_left).scale(terms.share)
}

/// One claim in a fresh year, in thousands.
fn pays(terms: &Terms, losses: &ByCoverage) -> Cents {
    let settled = settle(terms, losses, &mut Year::new(terms)).gross;
    assert_eq!(settled, claim(terms, losses, terms.aggregate), "the year's way and the single claim's differ");
    settled
}

/// Each line: terms, the loss, and what is paid, in thousands, with the arithmetic.
#[test]
fn terms_are_taken_in_the_order_of_the_wording() {
    let plain = Terms::default();
    let cases = [
        (
            "(100 − 25) · 60 %, at most 50 before the share",
            Terms { retention: k(25), limit: k(50), share: 0.6, ..plain },
            100,
            30,
        ),
        ("1,800 above 1,000 of a layer of 1,000", Terms { attachment: k(1_000), limit: k(1_000), ..plain }, 1_800, 800),
        ("900 does not reach a layer above 1,000", Terms { attachment: k(1_000), limit: k(1_000), ..plain }, 900, 0),
        (
            "a limit below the attachment counts from it",
            Terms { attachment: k(1_000), limit: k(500), ..plain },
            1_800,
            500,
        ),
        (
            "retention, then attachment: 1,800 − 100 − 1,000",
            Terms { retention: k(100), attachment: k(1_000), ..plain },
            1_800,
            700,
        ),
        (
            "policy limit 1,200 under the layer above 1,000",
            Terms { policy_limit: k(1_200), attachment: k(1_000), ..plain },
            1_800,
            200,
        ),
        ("aggregate of 300 below the limit", Terms { limit: k(1_000), aggregate: k(300), ..plain }, 1_800, 300),
        ("share after the aggregate: 300 · 50 %", Terms { aggregate: k(300), share: 0.5, ..plain }, 1_800, 150),
        ("coverage deductible: 100 − 10", own(|c| c.deductible = k(10)), 100, 90),
        ("deductible, then coinsurance: (100 − 10) · 80 %", own(|c| c.deductible = k(10)).coinsurance(0.2), 100, 72),
        ("coinsurance, then sublimit: 80, at most 60", own(|c| c.sublimit = k(60)).coinsurance(0.2), 100, 60),
        ("sublimit, then retention: 60 − 25", Terms { retention: k(25), ..own(|c| c.sublimit = k(60)) }, 100, 35),
        ("a coverage that is not given", own(|c| c.covered = false), 100, 0),
        ("above a franchise: whole", own(|c| (c.deductible, c.franchise) = (k(10), true)), 11, 11),
        ("up to a franchise: nothing", own(|c| (c.deductible, c.franchise) = (k(10), true)), 10, 0),
        ("retention as a franchise: whole", Terms { retention: k(25), retention_franchise: true, ..plain }, 100, 100),
        ("up to it: nothing", Terms { retention: k(25), retention_franchise: true, ..plain }, 25, 0),
    ];
    for (what, terms, loss, paid) in cases {
        assert_eq!(pays(&terms, &one(k(loss))), k(paid), "{what}");
    }
}

/// Each line: a year's claims and what is paid for each, in thousands.
#[test]
fn a_year_uses_up_its_annual_terms() {
    let plain = Terms::default();
    let annual = own(|c| (c.sublimit, c.annual_sublimit) = (k(150), true));
    let cases: [(&str, Terms, &[i64], &[i64]); 6] = [
        (
            "aggregate 1,500: 800 and 600 leave 100",
            Terms { limit: k(1_000), aggregate: k(1_500), ..plain },
            &[800, 600, 900],
            &[800, 600, 100],
        ),
        (
            "aggregate 1,500: the limit of each, then what is left",
            Terms { limit: k(1_000), aggregate: k(1_500), ..plain },
            &[5_000, 5_000, 1],
            &[1_000, 500, 0],
        ),
        (
            "the aggregate counts 100 % of the layer",
            Terms { aggregate: k(100), share: 0.5, ..plain },
            &[80, 80],
            &[40, 10],
        ),
        (
            "retention 100, at most 150 a year",
            Terms { retention: k(100), retention_aggregate: k(150), ..plain },
            &[80, 200, 200],
            &[0, 130, 200],
        ),
        ("annual sublimit 150", annual, &[100, 100, 100], &[100, 50, 0]),
        (
            "annual sublimit, used up before the retention",
            Terms { retention: k(30), ..annual },
            &[100, 100, 100],
            &[70, 20, 0],
        ),
    ];
    for (what, terms, losses, paid) in cases {
        let mut year = Year::new(&terms);
        let found: Vec<Cents> = losses.iter().map(|loss| settle(&terms, &one(k(*loss)), &mut year).gross).collect();
        assert_eq!(found, paid.iter().map(|p| k(*p)).collect::<Vec<_>>(), "{what}");
    }
}

/// An outage of 20 hours that costs 10 an hour, a wait of 8 hours, in thousands. Qualifying: 20 hours · 10; retention:
/// (20 − 8) · 10. A wait of 20 pays nothing; an indemnity period of 5 hours 50; another coverage does not wait. The two kinds
/// are those of cyber wordings: a time deductible, or a qualifying period.
#[test]
fn both_kinds_of_waiting_period() {
    use Coverage::{BusinessInterruption, ContingentBusinessInterruption, Extortion};
    use WaitingKind::{Qualifying, Retention};
    let cases = [
        (BusinessInterruption, 8.0, Qualifying, 8_760.0, 200),
        (BusinessInterruption, 8.0, Retention, 8_760.0, 120),
        (ContingentBusinessInterruption, 8.0, Retention, 8_760.0, 120),
        (BusinessInterruption, 20.0, Qualifying, 8_760.0, 0),
        (BusinessInterruption, 8.0, Retention, 5.0, 50),
        (Extortion, 8.0, Retention, 8_760.0, 200),
    ];
    for (coverage, hours, kind, indemnity_hours, paid) in cases {
        let terms = Terms::default().waiting(Waiting { hours, kind, indemnity_hours });
        assert_eq!(after_waiting(&terms, coverage, k(200), 20.0), k(paid), "{coverage:?} {kind:?}");
    }
    let contingent_waiting = Waiting { hours: 12.0, ..Waiting::default() };
    let terms = Terms { contingent_waiting, ..Terms::default() };
    let paid = [BusinessInterruption, ContingentBusinessInterruption].map(|c| after_waiting(&terms, c, k(200), 20.0));
    assert_eq!(paid, [k(200), k(80)], "a wait of 12 hours of contingent business interruption alone");
}

/// A policy pays 100.00 for coverages that brought in 1, 1 and 1, and 50.00 for 60, 30 and 30: 25, 12.50, 12.50.
#[test]
fn what_is_paid_goes_back_to_coverages_in_proportion() {
    let mut covered = [Cents::ZERO; Coverage::COUNT];
    covered[..3].copy_from_slice(&[k(1), k(1), k(1)]);
    let by = &mut Apportionment::default();
    assert_eq!(allocate(&covered, Cents(10_000), by)[..4], [3_334, 3_333, 3_333, 0].map(Cents));
    covered[..3].copy_from_slice(&[k(60), k(30), k(30)]);
    assert_eq!(allocate(&covered, k(50), by)[..3], [Cents(2_500_000), Cents(1_250_000), Cents(1_250_000)]);
}

/// A loss of 100 under policies that would pay 100, 60 and 40 costs them 50, 30 and 20. An account deductible of 20 of what
/// is left, at most 60, of which half: (100 − 20 = 80, 60, 30), back to them as 15, 9 and 6.
#[test]
fn policies_of_one_insured_pay_together_no_more_than_the_loss_and_the_account() {
    let mut paid = [k(100), k(60), k(40)];
    assert!(contribute(k(100), &mut paid, &mut Apportionment::default()));
    assert_eq!(paid, [k(50), k(30), k(20)]);
    let terms = AccountTerms { deductible: k(20), limit: k(60), share: 0.5 };
    share_out(&terms, &mut paid, &mut Vec::new(), &mut Apportionment::default());
    assert_eq!(paid, [k(15), k(9), k(6)]);
}

/// Three policies on a loss of 100.00 pay all of it: 33.34, 33.33 and 33.33. Less than the loss, each pays its own.
#[test]
fn contribution_leaves_no_cent_unpaid() {
    let (mut paid, by) = ([Cents(10_000); 3], &mut Apportionment::default());
    assert!(contribute(Cents(10_000), &mut paid, by));
    assert_eq!(paid, [3_334, 3_333, 3_333].map(Cents));
    assert!(!contribute(Cents(10_001), &mut paid, by));
    assert_eq!(paid, [3_334, 3_333, 3_333].map(Cents));
}

/// Open Exposure Data's cyber example as Oasis LMF solves it (its published validation suite, case CyberPort/C1/1):
/// nine coverages of 100,000, NPBI deductible 10,000, CBI 25,000, policy deductible 50,000, 10 M excess of 10,000 at
/// 10 %: 80,500, allocated NPBI 8,375.72, CBI 6,979.77, the other seven 9,306.36 each, but that cents add up.
#[test]
fn the_oed_cyber_example_agrees_with_oasis_to_the_cent() {
    let mut terms = Terms { retention: k(50), attachment: k(10), limit: k(10_000), share: 0.1, ..Terms::default() };
    terms.coverages[0].deductible = k(10);
    terms.coverages[1].deductible = k(25);
    let settled = settle(&terms, &[k(100); Coverage::COUNT], &mut Year::new(&terms));
    assert_eq!(settled.gross, Cents(8_050_000));
    let parts = allocate(&settled.covered, settled.gross, &mut Apportionment::default());
    assert_eq!(parts[..2], [Cents(837_572), Cents(697_977)]);
    assert!(parts[2..].iter().all(|part| (930_635..=930_636).contains(&part.0)), "{parts:?}");
    assert_eq!(parts.into_iter().sum::<Cents>(), settled.gross);
}

/// The exception to "a higher retention never raises a loss": with a most of 10 a year and a limit of 5 each claim, claims
/// of 100 and 6 cost 5 + 1 under a retention of 5, and 5 + 5 under one of 10, which the first claim uses up whole.
#[test]
fn with_a_most_a_year_a_higher_retention_may_be_used_up_sooner() {
    let year = |retention| {
        let terms = Terms { retention, retention_aggregate: k(10), limit: k(5), ..Terms::default() };
        total(&terms, &[one(k(100)), one(k(6))])
    };
    assert_eq!((year(k(5)), year(k(10))), (k(6), k(10)));
}

/// The same of a coverage deductible under an annual sublimit of 100 and a limit of 50 each claim: two claims of 100 cost 50
/// and nothing without a deductible, as the first uses the sublimit up; with one of 50 they cost 50 each.
#[test]
fn under_an_annual_sublimit_a_deductible_may_save_it_for_later_claims() {
    let year = |deductible| {
        let own = own(|c| (c.deductible, c.sublimit, c.annual_sublimit) = (deductible, k(100), true));
        total(&Terms { limit: k(50), ..own }, &[one(k(100)), one(k(100))])
    };
    assert_eq!((year(k(0)), year(k(50))), (k(50), k(100)));
}

/// What a policy pays in a year.
fn total(terms: &Terms, claims: &[ByCoverage]) -> Cents {
    let mut year = Year::new(terms);
    claims.iter().map(|losses| settle(terms, losses, &mut year).gross).sum()
}

fn changed(terms: &Terms, change: &dyn Fn(&mut Terms)) -> Terms {
    let mut other = *terms;
    change(&mut other);
    other
}

/// A hundred units of currency, in cents.
const HUNDRED: i64 = 10_000;

/// By hand, in thousands, side by side with whole lanes of the same loss: what lies at the edge of a franchise is borne, a cent above
/// it is paid; the other lines are those of a claim by itself.
#[test]
fn losses_side_by_side_are_paid_as_by_hand() {
    use super::first_claim::{FirstClaim, pay};
    let plain = Terms::default();
    let franchise = own(|c| (c.deductible, c.franchise) = (k(10), true));
    let borne = Terms { retention: k(25), retention_franchise: true, ..plain };
    let cases = [
        ("at a franchise: nothing", franchise, k(10), k(0)),
        ("a cent above it: whole", franchise, Cents(k(10).0 + 1), Cents(k(10).0 + 1)),
        ("at a franchise of the retention: nothing", borne, k(25), k(0)),
        ("a cent above it: whole", borne, Cents(k(25).0 + 1), Cents(k(25).0 + 1)),
        (
            "(100 − 10) · 80 %, at most 60, less 25",
            Terms { retention: k(25), ..own(|c| (c.deductible, c.sublimit) = (k(10), k(60))) }.coinsurance(0.2),
            k(100),
            k(35),
        ),
        (
            "(400 − 100, at most 250) − 50, at most 120, half of it",
            Terms { retention: k(100), policy_limit: k(250), attachment: k(50), limit: k(120), share: 0.5, ..plain },
            k(400),
            k(60),
        ),
    ];
    for (what, terms, loss, want) in cases {
        let mut claim = FirstClaim::default();
        claim.set(&terms, &[(Coverage::IncidentResponse, 1.0)]);
        let mut paid = [0.0; crate::random::LANES];
        pay(&claim, &[loss.0 as f64; crate::random::LANES], &mut paid);
        assert_eq!(paid, [want.0 as f64; crate::random::LANES], "{what}");
        assert_eq!(pays(&terms, &one(loss)), want, "{what}, by itself");
    }
}

prop_compose! {
    /// Terms in hundreds of units, shares in whole per cents: the product of two shares and an amount is then a whole
    /// number of cents, and laws hold exactly. Otherwise each claim is rounded by up to half a cent.
    fn any_terms()(
        retention in 0i64..500_000, limit in 1i64..5_000_000, attachment in 0i64..1_000_000, aggregate in 1i64..9_000_000,
        share in 1u8..=100, coinsurance in 0u8..90, own in prop::array::uniform9((0i64..100_000, 1i64..3_000_000, any::<[bool; 3]>())),
        policy_limit in 1i64..9_000_000,
    ) -> Terms {
        let units = |x: i64| Cents(x * HUNDRED);
        let coverage = |(deductible, sublimit, [covered, franchise, annual_sublimit]): (i64, i64, [bool; 3])| CoverageTerms {
            covered, sublimit: units(sublimit), deductible: units(deductible), franchise, annual_sublimit,
            ..CoverageTerms::default()
        };
        Terms {
            retention: units(retention), limit: units(limit), attachment: units(attachment), aggregate: units(aggregate),
            share: f64::from(share) / 100.0, policy_limit: units(policy_limit),
            coverages: own.map(coverage), ..Terms::default()
        }.coinsurance(f64::from(coinsurance) / 100.0)
    }
}

fn any_claims() -> impl Strategy<Value = Vec<ByCoverage>> {
    let losses = prop::array::uniform9(prop_oneof![Just(0i64), 0i64..2_000_000]);
    prop::collection::vec(losses.prop_map(|units| units.map(|x| Cents(x * HUNDRED))), 1..6)
}

proptest! {
    #[test]
    fn gross_lies_between_nothing_and_the_ground_up_loss_and_goes_back_whole(terms in any_terms(), claims in any_claims()) {
        let mut year = Year::new(&terms);
        for losses in &claims {
            let settled = settle(&terms, losses, &mut year);
            prop_assert!(settled.gross >= Cents::ZERO && settled.gross <= losses.iter().copied().sum());
            let parts = allocate(&settled.covered, settled.gross, &mut Apportionment::default());
            prop_assert_eq!(parts.iter().copied().sum::<Cents>(), settled.gross);
            prop_assert!(parts.iter().zip(losses).all(|(part, loss)| *part >= Cents::ZERO && part <= loss));
        }
    }

    #[test]
    fn a_higher_retention_or_deductible_never_raises_a_years_loss(terms in any_terms(), claims in any_claims(), more in 0i64..1_000_000) {
        let terms = changed(&terms, &|t| t.coverages[LIA].annual_sublimit = false);
        let base = total(&terms, &claims);
        let add = |amount: &mut Cents| amount.0 += more * HUNDRED;
        let changes: [&dyn Fn(&mut Terms); 3] =
            [&|t| add(&mut t.retention), &|t| add(&mut t.attachment), &|t| add(&mut t.coverages[LIA].deductible)];
        for change in changes {
            prop_assert!(total(&changed(&terms, change), &claims) <= base);
        }
    }

    #[test]
    fn a_higher_limit_never_lowers_a_years_loss(terms in any_terms(), claims in any_claims(), more in 0i64..1_000_000) {
        let base = total(&terms, &claims);
        let add = |amount: &mut Cents| amount.0 += more * HUNDRED;
        let changes: [&dyn Fn(&mut Terms); 4] = [
            &|t| add(&mut t.limit),
            &|t| add(&mut t.aggregate),
            &|t| add(&mut t.policy_limit),
            &|t| add(&mut t.coverages[LIA].sublimit),
        ];
        for change in changes {
            prop_assert!(total(&changed(&terms, change), &claims) >= base);
        }
    }

    #[test]
    fn scaling_all_money_scales_every_claim(terms in any_terms(), claims in any_claims(), factor in 1i64..50) {
        let by = |amount: Cents| if amount == Cents::UNLIMITED { amount } else { Cents(amount.0 * factor) };
        let mut larger = terms;
        let amounts = [&mut larger.retention, &mut larger.limit, &mut larger.attachment, &mut larger.aggregate, &mut larger.policy_limit];
        amounts.into_iter().for_each(|amount| *amount = by(*amount));
        for own in &mut larger.coverages {
            (own.deductible, own.sublimit) = (by(own.deductible), by(own.sublimit));
        }
        let (mut year, mut other) = (Year::new(&terms), Year::new(&larger));
        for losses in &claims {
            let gross = settle(&terms, losses, &mut year).gross;
            prop_assert_eq!(settle(&larger, &losses.map(by), &mut other).gross, by(gross));
        }
    }
}
