use proptest::prelude::*;

use super::*;
use crate::random::{Draws, Purpose, normal};

fn curve(units: &[i64]) -> Curve {
    Curve::new(&units.iter().map(|x| Cents(x * 100)).collect::<Vec<_>>())
}

/// By hand: ten years of 100, 90, … 10. Once in 4 years: between 90 (5 years) and 80 (3⅓ years), 0.4 of the way: 84; the
/// tail is (100 + 90 + 84) ÷ 3. Once in 5 years: 90 and (100 + 90) ÷ 2. s² = 8,250 ÷ 9.
#[test]
fn a_curve_of_ten_years_by_hand() {
    let curve = curve(&[10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    let of = |period: f64| curve.at(period).map(|p| (p.loss, p.tail.value));
    assert_eq!(of(4.0), Some((84.0, 274.0 / 3.0)));
    assert_eq!(of(5.0), Some((90.0, 95.0)));
    assert_eq!(of(10.0), Some((100.0, 100.0)));
    assert_eq!(of(1.0), Some((10.0, 55.0)));
    assert_eq!(of(11.0), None);
    assert_eq!(curve.mean().value, 55.0);
    assert!((curve.standard_deviation().value - (8250.0f64 / 9.0).sqrt()).abs() < 1e-12);
    assert_eq!(curve.at(10.0).unwrap().tail.standard_error, None);
}

/// Of 300 simulations of 2,000 years of exponential losses (mean 1, quantile ln R, tail mean 1 + ln R, standard deviation 1)
/// about 95 % should hold the truth within two standard errors, or in the interval; each count stays within 268 to 300 with
/// probability 0.999 (binomial, 0.935 to 0.975 allowed for the approximations).
#[test]
fn errors_are_honest() {
    let draws = Draws::new(5);
    let mut held = [0; 4];
    for t in 0..300u32 {
        let mut stream = draws.stream(Purpose::Shock, t, 0);
        let yearly: Vec<Cents> =
            (0..2_000).map(|_| Cents((-libm::log(stream.uniform()) * 1e6).round() as i64)).collect();
        let curve = Curve::new(&yearly);
        let point = curve.at(50.0).unwrap();
        let near = |e: Estimate, truth: f64| (e.value / 1e4 - truth).abs() < 2.0 * e.standard_error.unwrap() / 1e4;
        let q = libm::log(50.0);
        held[0] += u32::from(near(curve.mean(), 1.0));
        held[1] += u32::from(near(curve.standard_deviation(), 1.0));
        held[2] += u32::from(point.low / 1e4 <= q && q <= point.high.unwrap() / 1e4);
        held[3] += u32::from(near(point.tail, 1.0 + q));
    }
    assert!(held.iter().all(|h| (268..=300).contains(h)), "{held:?}");
}

/// Years of 1 to 100, once in ten: the interval takes the ranks 5 and 17 (see `order_statistics`), which are 96 and 84; once in
/// fifty, 2 years are expected beyond, and not even the largest is an upper end.
#[test]
fn an_interval_takes_the_ranks_of_order_statistics() {
    let years: Vec<i64> = (1..=100).collect();
    let point = curve(&years).at(10.0).unwrap();
    assert_eq!((point.low, point.loss, point.high), (84.0, 91.0, Some(96.0)));
    assert_eq!(curve(&years).at(50.0).unwrap().high, None);
}

/// By hand, of the ten years 10 to 100 once in four: 100, 1.4 times 90 and 0.6 times 80 about 274 ÷ 3 have the variance (676 + 22.4 +
/// 693.6) ÷ 9 ÷ 2 = 232 ÷ 3, and (1 − 1 ÷ 4)·(22 ÷ 3)² is 121 ÷ 3: √((232 + 121) ÷ 9). Of 0, 0, 0 and 4: m₂ = 3, s² = 4, m₄ = 21, so that s² has the variance (21 − 16 ÷ 3) ÷ 4.
#[test]
fn errors_of_a_tail_mean_and_a_standard_deviation_by_hand() {
    let tail = curve(&[10, 20, 30, 40, 50, 60, 70, 80, 90, 100]).at(4.0).unwrap().tail;
    assert!((tail.standard_error.unwrap() - 353f64.sqrt() / 3.0).abs() < 1e-12, "{tail:?}");
    let spread = curve(&[0, 4, 0, 0]).standard_deviation();
    assert_eq!(spread.value, 2.0);
    assert!((spread.standard_error.unwrap() - (47f64 / 12.0).sqrt() / 4.0).abs() < 1e-12, "{spread:?}");
}

/// A year that is left out is one without a loss.
#[test]
fn years_that_are_not_there_have_none() {
    let (some, all) = (Curve::of_some([4, 9].map(|x| Cents(x * 100)).to_vec(), 6), curve(&[0, 9, 0, 4, 0, 0]));
    let near = |a: Estimate, b: Estimate| {
        let error = |own: Estimate| own.standard_error.unwrap_or(-1.0);
        assert!((a.value - b.value).abs() < 1e-12 && (error(a) - error(b)).abs() < 1e-12, "{a:?} {b:?}");
    };
    near(some.mean(), all.mean());
    near(some.standard_deviation(), all.standard_deviation());
    for period in [1.0, 1.1, 1.9, 2.5, 3.0, 6.0] {
        let (some, all) = (some.at(period).unwrap(), all.at(period).unwrap());
        near(some.tail, all.tail);
        assert_eq!((some.loss, some.low, some.high), (all.loss, all.low, all.high), "{period}");
    }
    // By hand: all six years have the mean 13 ÷ 6 and Σ(x − 13 ÷ 6)² = 97 − 169 ÷ 6; the loss of the last is nought.
    let tail = some.at(1.0).unwrap().tail;
    assert!((tail.standard_error.unwrap() - ((97.0 - 169.0 / 6.0) / 30.0f64).sqrt()).abs() < 1e-12, "{tail:?}");
}

/// By hand: three years of 10, 40 and 60 in one sample and 20, 20 and 30 in the other have the means 15, 30 and 45: mean 30, error
/// √(225 ÷ 3). As six years they would have √(320 ÷ 6), 16 % less. One of four years has a loss in both samples: share ¼, and with years'
/// shares 1, 0, 0 and 0 an error of √(¼ ÷ 4), in the proportion of √(7 ÷ 8) that a share of N has for N − 1.
#[test]
fn samples_of_one_year_are_not_years_of_their_own() {
    let cents = |units: &[i64]| units.iter().map(|x| Cents(x * 100)).collect::<Vec<_>>();
    let mean = Curve::of_samples(&cents(&[10, 40, 60, 20, 20, 30]), 2).mean();
    assert_eq!(mean.value, 30.0);
    assert!((mean.standard_error.unwrap() - 75f64.sqrt()).abs() < 1e-12, "{mean:?}");
    let share = Curve::of_samples(&cents(&[5, 0, 0, 0, 7, 0, 0, 0]), 2).probability_of_loss();
    assert_eq!(share.value, 0.25);
    assert!((share.standard_error.unwrap() - (7.0f64 / 128.0).sqrt()).abs() < 1e-12, "{share:?}");
    let one = Curve::of_samples(&cents(&[1, 2, 3]), 3);
    let tail = one.at(1.5).unwrap();
    assert_eq!(
        [one.mean().standard_error, one.standard_deviation().standard_error, tail.tail.standard_error],
        [None; 3]
    );
    assert_eq!(tail.high, None, "of a single year nothing is known");
    // The worst two of six values are of one year.
    assert_eq!(Curve::of_samples(&cents(&[90, 1, 2, 80, 3, 4]), 2).at(3.0).unwrap().tail.standard_error, None);
}

/// Years of 1 to 400, twice: nothing is known better than from one sample.
#[test]
fn a_sample_that_says_the_same_makes_nothing_surer() {
    let yearly: Vec<Cents> = (1..=400).map(|x| Cents(x * 100)).collect();
    let (one, two) = (Curve::new(&yearly), Curve::of_samples(&[yearly.clone(), yearly.clone()].concat(), 2));
    let same = |a: Estimate, b: Estimate| {
        let (a, b) = (a.standard_error.unwrap(), b.standard_error.unwrap());
        assert!((a / b - 1.0).abs() < 0.03, "{a} {b}");
    };
    same(one.mean(), two.mean());
    same(one.standard_deviation(), two.standard_deviation());
    for period in [2.0, 10.0, 20.0, 80.0] {
        let (one, two) = (one.at(period).unwrap(), two.at(period).unwrap());
        assert_eq!((one.low, one.high), (two.low, two.high), "{period}");
        same(one.tail, two.tail);
    }
    // Beyond what the years can tell the samples do not tell it.
    assert_eq!(two.at(500.0).unwrap().high, None);
}

/// Of 300 simulations of 600 years in five samples, lognormal losses e^(0.4·Y + 0.3·Z) with Y of the year and Z of the sample, as many
/// hold the truth as in `errors_are_honest`. As years of their own the samples would have the mean in about four of five.
#[test]
fn errors_of_samples_are_honest() {
    let draws = Draws::new(6);
    let (mut held, mut naive) = ([0; 5], 0);
    let z = normal::quantile(0.95);
    let beyond = 20.0 * libm::exp(0.125) * 0.5 * libm::erfc((z - 0.5) / std::f64::consts::SQRT_2);
    for t in 0..300u32 {
        let mut stream = draws.stream(Purpose::Shock, t, 0);
        let mut normal = || normal::quantile(stream.uniform());
        let years: Vec<f64> = (0..600).map(|_| normal()).collect();
        let loss = |year: &f64, own: f64| Cents((libm::exp(0.4 * year + 0.3 * own) * 1e6).round() as i64);
        let yearly: Vec<Cents> =
            (0..5).flat_map(|_| years.iter().map(|year| loss(year, normal())).collect::<Vec<_>>()).collect();
        let curve = Curve::of_samples(&yearly, 5);
        let point = curve.at(20.0).unwrap();
        let near = |e: Estimate, truth: f64| (e.value / 1e4 - truth).abs() < 2.0 * e.standard_error.unwrap() / 1e4;
        let mean = libm::exp(0.125);
        held[0] += u32::from(near(curve.mean(), mean));
        held[1] += u32::from(near(curve.standard_deviation(), mean * libm::expm1(0.25).sqrt()));
        let q = libm::exp(0.5 * z);
        held[2] += u32::from(point.low / 1e4 <= q && q <= point.high.unwrap() / 1e4);
        held[3] += u32::from(near(point.tail, beyond));
        let some: Vec<Cents> = yearly.iter().map(|x| if *x > Cents(1_000_000) { *x } else { Cents::ZERO }).collect();
        let share = Curve::of_samples(&some, 5).probability_of_loss();
        held[4] += u32::from(share.low <= 0.5 && 0.5 <= share.high);
        naive += u32::from(near(Curve::new(&yearly).mean(), mean));
    }
    assert!(held.iter().all(|h| (264..=300).contains(h)), "{held:?}");
    assert!(naive < 250, "{naive}");
}

/// One year of four has a loss, 12. Once in three years lies half way between ranks 1 and 2, of which the lower is nought: so is the
/// loss, and the tail mean is (12 + 0) ÷ 2.
#[test]
fn beside_a_year_without_a_loss_nothing_is_interpolated() {
    let point = curve(&[0, 12, 0, 0]).at(3.0).unwrap();
    assert_eq!((point.loss, point.tail.value), (0.0, 6.0));
}

/// Ten years, nearly every one beyond: the upper rank is the tenth, and the loss lies a little above it.
#[test]
fn an_interval_is_never_below_its_loss() {
    let point = curve(&[10, 20, 30, 40, 50, 60, 70, 80, 90, 100]).at(1.002).unwrap();
    assert!((point.loss - 10.18).abs() < 1e-9 && point.high == Some(point.loss), "{point:?}");
}

proptest! {
    #[test]
    fn a_curve_never_rises_with_the_probability_and_its_tail_is_never_below_it(
        losses in prop::collection::vec(0i64..1000, 1..300), periods in prop::collection::vec(1.0f64..400.0, 2..20)
    ) {
        let curve = curve(&losses);
        let mut periods = periods;
        periods.sort_by(f64::total_cmp);
        let points = curve.points(&periods);
        for pair in points.windows(2) {
            prop_assert!(pair[0].loss <= pair[1].loss + 1e-9 && pair[0].low <= pair[1].low + 1e-9);
            prop_assert!(pair[0].tail.value <= pair[1].tail.value + 1e-9, "{pair:?}");
            prop_assert!(pair[1].high.is_none_or(|high| pair[0].high.is_some_and(|before| before <= high + 1e-9)));
        }
        prop_assert!(points.iter().all(|p| p.low <= p.loss && p.loss <= p.tail.value + 1e-9));
    }

    #[test]
    fn scaling_money_scales_the_figures(losses in prop::collection::vec(0i64..100_000, 2..200), k in 2i64..50) {
        let (one, many) = (curve(&losses), curve(&losses.iter().map(|x| x * k).collect::<Vec<_>>()));
        let near = |a: f64, b: f64| (a * k as f64 - b).abs() <= 1e-9 * b.abs() + 1e-6;
        prop_assert!(near(one.mean().value, many.mean().value));
        prop_assert!(near(one.standard_deviation().value, many.standard_deviation().value));
        for (a, b) in one.points(&[1.0, 2.0, 3.3, 10.0]).iter().zip(many.points(&[1.0, 2.0, 3.3, 10.0])) {
            prop_assert!(near(a.loss, b.loss) && near(a.tail.value, b.tail.value) && near(a.low, b.low));
        }
    }

    #[test]
    fn the_order_of_years_does_not_matter(losses in prop::collection::vec(0i64..1 << 40, 1..200)) {
        let (a, mut reversed) = (curve(&losses), losses.clone());
        reversed.reverse();
        let b = curve(&reversed);
        prop_assert_eq!(a.mean(), b.mean());
        prop_assert_eq!(a.standard_deviation(), b.standard_deviation());
        prop_assert_eq!(a.points(&[1.5, 7.0, 20.0]), b.points(&[1.5, 7.0, 20.0]));
    }

    #[test]
    fn the_years_sum_exceeds_its_largest_occurrence(
        years in prop::collection::vec(prop::collection::vec(0i64..1000, 0..4), 1..200)
    ) {
        let sums = curve(&years.iter().map(|y| y.iter().sum()).collect::<Vec<_>>());
        let largest = curve(&years.iter().map(|y| y.iter().copied().max().unwrap_or(0)).collect::<Vec<_>>());
        for (aep, oep) in sums.points(&[1.0, 2.0, 5.5, 50.0]).iter().zip(largest.points(&[1.0, 2.0, 5.5, 50.0])) {
            prop_assert!(aep.loss >= oep.loss && aep.tail.value >= oep.tail.value);
        }
    }
}
