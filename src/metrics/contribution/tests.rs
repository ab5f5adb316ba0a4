use proptest::prelude::*;

use super::*;
use crate::metrics::Curve;
use crate::random::{Draws, Purpose};

fn contributions(years: usize, claims: &[(u32, u32, i64)], groups: usize, periods: &[f64]) -> Vec<Contributions> {
    let mut yearly = vec![Cents::ZERO; years];
    claims.iter().for_each(|(year, _, loss)| yearly[*year as usize] += Cents(*loss));
    let mut tail = TailClaims::new(&yearly, periods);
    claims.iter().for_each(|(year, group, loss)| tail.add(*year, *group, Cents(*loss)));
    tail.contributions(groups)
}

/// By hand: ten years; the worst are 100 (60 + 40), 90 (90 + 0) and 50 (10 + 40). Once in four years their weights are 1, 1.4
/// and 0.6, so that group 0 has (60 + 126 + 6) ÷ 3 = 64 and group 1 (40 + 24) ÷ 3 = 21⅓; together 85⅓. The variance of group 0
/// is (16 + 1.4 · 26² + 0.6 · 54²) ÷ 2 = 1,356; of the two years next to the edge it has 100 of 140, and so 330 ÷ 7 of the loss at
/// the return period, 66: 118 ÷ 7 less than 64. Its error is √((1,356 + 0.75 · (118 ÷ 7)²) ÷ 3) = √(76,887 ÷ 147).
#[test]
fn contributions_have_the_weights_of_the_tail_mean() {
    let claims = [(3, 0, 6000), (3, 1, 4000), (7, 0, 9000), (8, 0, 1000), (8, 1, 4000), (1, 1, 300)];
    let [result] = contributions(10, &claims, 2, &[4.0]).try_into().unwrap();
    assert_eq!(result.tail_mean, Cents(8533));
    assert_eq!(result.groups.iter().map(|g| g.amount.0).collect::<Vec<_>>(), [6400, 2133]);
    assert!((result.groups[0].concentration - 6400.0 / 4266.5).abs() < 1e-12);
    assert!(
        (result.groups[0].standard_error.unwrap() - (76_887.0f64 / 147.0).sqrt()).abs() < 1e-9,
        "{:?}",
        result.groups[0]
    );
    // Group 1: 40, nought with the weight 1.4 and 40 with 0.6 about 21⅓; at the edge 66 · 40 ÷ 140.
    let variance = (1.6 * (56.0f64 / 3.0).powi(2) + 1.4 * (64.0f64 / 3.0).powi(2)) / 2.0;
    let beyond = 64.0 / 3.0 - 132.0 / 7.0;
    let error = ((variance + 0.75 * beyond * beyond) / 3.0).sqrt();
    assert!((result.groups[1].standard_error.unwrap() - error).abs() < 1e-9, "{:?}", result.groups[1]);
    assert_eq!(result.unexplained, Cents::ZERO);
}

/// By hand: of ten years two have a loss, 100 and 20; once in two years five are in the tail, three of them without a loss, and the loss
/// there is nought. The mean is 24, the variance (76² + 4² + 3 · 24²) ÷ 4 = 1,880, and half of 24² more comes from the edge: √(2,168 ÷ 5).
/// Of a group that has the 20 alone: mean 4, variance (16² + 4 · 4²) ÷ 4 = 80, √((80 + 8) ÷ 5).
#[test]
fn the_edge_of_a_tail_with_years_without_a_loss_is_nought() {
    let [whole] = contributions(10, &[(3, 0, 10_000), (5, 0, 2_000)], 1, &[2.0]).try_into().unwrap();
    assert!((whole.groups[0].standard_error.unwrap() - 433.6f64.sqrt()).abs() < 1e-9, "{whole:?}");
    let [parts] = contributions(10, &[(3, 0, 10_000), (5, 1, 2_000)], 2, &[2.0]).try_into().unwrap();
    assert!((parts.groups[1].standard_error.unwrap() - 17.6f64.sqrt()).abs() < 1e-9, "{parts:?}");
}

#[test]
fn what_no_group_explains_is_told() {
    let mut tail = TailClaims::new(&[Cents(10_000), Cents(500)], &[2.0]);
    // Of the group 5, which is not among those asked for; of a year that is not in the tail; of one that there is none of.
    [(0, 0, 7_000), (0, 5, 2_000), (1, 0, 500), (9, 0, 500)].iter().for_each(|(y, g, x)| tail.add(*y, *g, Cents(*x)));
    let result = &tail.contributions(1)[0];
    assert_eq!(
        (result.tail_mean, result.groups[0].amount, result.unexplained),
        (Cents(10_000), Cents(7_000), Cents(3_000))
    );
}

/// Two exponential groups of mean 1: each has half the tail mean of a gamma(2) sum, whose quantile q at 1 in 50 solves
/// (1 + q)·e^(−q) = 0.02 and whose tail mean is (q² + 2q + 2) ÷ (1 + q). Of 200 simulations about 95 % hold it within two
/// standard errors: at least 177 with probability 0.999, 0.935 allowed for the approximation at the edge.
#[test]
fn a_contribution_has_an_honest_error() {
    let mut q = 5.0f64;
    for _ in 0..50 {
        q = libm::log((1.0 + q) / 0.02);
    }
    let truth = (q * q + 2.0 * q + 2.0) / (1.0 + q) / 2.0;
    let draws = Draws::new(3);
    let within = |t: u32| {
        let mut stream = draws.stream(Purpose::Shock, t, 0);
        let mut claims = Vec::new();
        for year in 0..5_000 {
            for group in 0..2 {
                claims.push((year, group, (-libm::log(stream.uniform()) * 1e6) as i64));
            }
        }
        let group = contributions(5_000, &claims, 2, &[50.0])[0].groups[0];
        (group.amount.units() / 1e4 - truth).abs() < 2.0 * group.standard_error.unwrap() / 1e4
    };
    let good = (0..200).filter(|t| within(*t)).count();
    assert!((177..200).contains(&good), "{good}");
}

/// Forty years in three samples, none of the 120 losses the same: a group that is the whole has the error of the curve of samples, and
/// one with ten times each loss ten times that.
#[test]
fn errors_of_parts_take_samples_of_a_year_together() {
    let yearly: Vec<Cents> = (0..120).map(|at| Cents((at * 49 + at % 40 * 700) % 2_003)).collect();
    for period in [3.0, 5.5, 7.7] {
        let mut tail = TailClaims::of_samples(&yearly, 3, &[period]);
        yearly.iter().zip(0..).for_each(|(loss, at)| {
            tail.add(at, 0, *loss);
            tail.add(at, 1, Cents(loss.0 * 10));
        });
        let groups = tail.contributions(2).pop().unwrap().groups;
        let (curve, alone) = (Curve::of_samples(&yearly, 3), Curve::new(&yearly));
        let error = |curve: &Curve| curve.at(period).unwrap().tail.standard_error.unwrap();
        assert!((groups[0].standard_error.unwrap() / error(&curve) - 1.0).abs() < 1e-9, "{period}");
        assert!((groups[1].standard_error.unwrap() / error(&curve) - 10.0).abs() < 1e-8, "{period}");
        assert!((error(&curve) / error(&alone) - 1.0).abs() > 1e-3, "{period}");
    }
    // Of forty years one or two are beyond the loss of once in thirty, of which samples tell no error.
    let mut few = TailClaims::of_samples(&yearly, 3, &[30.0]);
    yearly.iter().zip(0..).for_each(|(loss, at)| few.add(at, 0, *loss));
    assert_eq!(few.contributions(1)[0].groups[0].standard_error, None);
    assert_eq!(Curve::of_samples(&yearly, 3).at(30.0).unwrap().tail.standard_error, None);
}

#[test]
fn contributions_to_the_average_add_up() {
    let mut means = MeansByGroup::new(2);
    [(0, 0, 300), (0, 1, 100), (0, 0, 100), (4, 0, 200)].iter().for_each(|(y, g, x)| means.add(*y, *g, Cents(*x)));
    let (mut first, mut later) = (MeansByGroup::new(1), MeansByGroup::default());
    [(0, 0, 300), (0, 1, 100), (0, 0, 100)].iter().for_each(|(y, g, x)| first.add(*y, *g, Cents(*x)));
    later.add(4, 0, Cents(200));
    first.append(later);
    let means = means.finish(10);
    assert_eq!(first.finish(10), means, "years cut in two");
    assert_eq!(means.iter().map(|m| m.mean.value).collect::<Vec<_>>(), [0.6, 0.1]);
    assert!((means[0].concentration - 6.0 / 3.5).abs() < 1e-12);
    // Group 0 by year in units: 4, 2 and eight times nought: Σ(x − 0.6)² ÷ 9 = 16.4 ÷ 9.
    assert!((means[0].mean.standard_error.unwrap() - (16.4f64 / 90.0).sqrt()).abs() < 1e-12);
}

/// By hand, both years once a year: a tail mean of half a cent more than a whole one is rounded up, and the cent that is left goes to
/// the group whose part was rounded down by most, of equal ones to the first.
#[test]
fn cents_that_rounding_leaves_go_to_the_largest_remainders() {
    let of = |first: i64, second: i64| {
        let [result] = contributions(2, &[(0, 0, first), (1, 1, second)], 2, &[1.0]).try_into().unwrap();
        (result.tail_mean.0, [result.groups[0].amount.0, result.groups[1].amount.0])
    };
    assert_eq!(of(101, 100), (101, [51, 50]));
    assert_eq!(of(100, 101), (101, [50, 51]));
    assert_eq!(of(101, 101), (101, [51, 50]));
}

/// By hand: 3 and 1 among four groups, of which an equal share is 1.
#[test]
fn a_group_without_a_loss_counts_in_the_equal_share() {
    let mut means = MeansByGroup::new(4);
    [(0, 0, 300), (2, 1, 100)].iter().for_each(|(year, group, loss)| means.add(*year, *group, Cents(*loss)));
    let concentration: Vec<f64> = means.finish(5).iter().map(|own| own.concentration).collect();
    assert_eq!(concentration, [3.0, 1.0, 0.0, 0.0]);
}

proptest! {
    #[test]
    fn contributions_add_up_to_the_tail_mean_to_the_cent(
        claims in prop::collection::vec((0u32..40, 0u32..7, 0i64..50), 1..300),
        huge in prop::collection::vec((0u32..40, 0u32..7, 0i64..1 << 50), 0..60),
        periods in prop::collection::vec(1.0f64..40.0, 1..6),
    ) {
        let all: Vec<(u32, u32, i64)> = claims.into_iter().chain(huge).collect();
        let mut yearly = vec![Cents::ZERO; 40];
        all.iter().for_each(|(year, _, loss)| yearly[*year as usize] += Cents(*loss));
        let curve = Curve::new(&yearly);
        for result in contributions(40, &all, 7, &periods) {
            let sum: i64 = result.groups.iter().map(|g| g.amount.0).sum();
            prop_assert_eq!(sum, result.tail_mean.0);
            prop_assert_eq!(result.unexplained, Cents::ZERO);
            let tail = curve.at(result.return_period).map_or(0.0, |p| p.tail.value);
            prop_assert!((tail - result.tail_mean.units()).abs() <= 0.0051 + 1e-12 * tail, "{tail} {result:?}");
        }
    }

    #[test]
    fn a_group_that_is_the_whole_has_the_error_of_the_tail_mean(
        losses in prop::collection::vec(prop_oneof![Just(0i64), 0i64..9, 0i64..1 << 40], 1..60),
        periods in prop::collection::vec(1.0f64..60.0, 1..6),
    ) {
        let yearly: Vec<Cents> = losses.iter().copied().map(Cents).collect();
        let mut tail = TailClaims::new(&yearly, &periods);
        yearly.iter().zip(0..).for_each(|(loss, year)| tail.add(year, 0, *loss));
        for result in tail.contributions(1) {
            let whole = Curve::new(&yearly).at(result.return_period).unwrap().tail.standard_error;
            // Of a group without a claim in the tail there is nothing to tell an error from.
            let own = if result.tail_mean == Cents::ZERO { whole } else { result.groups[0].standard_error };
            prop_assert_eq!(whole.is_some(), own.is_some());
            let (whole, own) = (whole.unwrap_or(0.0), own.unwrap_or(0.0));
            prop_assert!((whole - own).abs() <= 1e-6 * whole + 1e-6, "{whole} {own} {result:?}");
        }
    }

    #[test]
    fn the_order_of_claims_does_not_matter(claims in prop::collection::vec((0u32..20, 0u32..5, 0i64..30), 1..200)) {
        let mut reversed = claims.clone();
        reversed.reverse();
        prop_assert_eq!(contributions(20, &claims, 5, &[2.0, 3.7, 20.0]), contributions(20, &reversed, 5, &[2.0, 3.7, 20.0]));
    }
}
