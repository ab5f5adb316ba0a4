//! Segments that data do not describe.

use super::*;
use crate::fit::refusal::Refusal;

fn fitted(losses: &[Loss], family: Family) -> Result<SeverityFit, Refusal> {
    fit(&Sample::new(losses)?, family, &Options::default())
}

fn all_finite(fit: &SeverityFit) -> bool {
    let numbers = fit.estimate.at.iter().chain(fit.estimate.covariance.iter().flatten());
    let shown = fit.parameters.iter().flat_map(|p| [p.value, p.standard_error, p.low, p.high]);
    let criteria = [fit.criteria.log_likelihood, fit.criteria.aic, fit.criteria.bic];
    numbers.copied().chain(shown).chain(criteria).all(f64::is_finite)
}

#[test]
fn segments_without_information_are_refused_in_words() {
    let open = |amount: f64| Loss { censored: true, ..Loss::known(amount) };
    for family in Family::ALL {
        let cases: [(&str, Vec<Loss>, &str); 5] = [
            ("nothing", vec![], "no data"),
            ("one record", vec![Loss::known(5e4)], "too few"),
            ("all censored", vec![open(1e5), open(2e5), open(1e6)], "all censored"),
            ("all equal", vec![Loss::known(5e4); 30], "all equal"),
            ("all equal, one open", [vec![Loss::known(5e4); 30], vec![open(1e6)]].concat(), "all equal"),
        ];
        for (name, losses, key) in cases {
            let refusal = fitted(&losses, family).unwrap_err();
            assert_eq!(refusal.key(), key, "{family:?}: {name}");
            assert!(!refusal.to_string().is_empty() && !refusal.hint().is_empty());
        }
    }
}

#[test]
fn bad_values_are_named_with_their_row() {
    let good = Loss::known(1e5);
    let cases = [
        (Loss { amount: f64::NAN, ..good }, "amount"),
        (Loss { amount: 0.0, ..good }, "amount"),
        (Loss { amount: f64::INFINITY, ..good }, "amount"),
        (Loss { truncation: 1e5, ..good }, "amount"),
        (Loss { truncation: -1.0, ..good }, "truncation"),
        (Loss { weight: 0.0, ..good }, "weight"),
        (Loss { revenue_ratio: f64::NAN, ..good }, "revenue ratio"),
    ];
    for (bad, name) in cases {
        let Err(Refusal::Invalid { row, field, .. }) = Sample::new(&[good, bad]) else { panic!("{bad:?}") };
        assert_eq!((row, field), (1, name));
    }
}

/// Few, wild and ill-assorted losses: a model whose numbers are all finite, with a wide interval, or a refusal.
#[test]
fn a_few_wild_losses_give_a_wide_model_or_a_refusal() {
    let even = |n: u32| (1..=n).map(|i| Loss::known(1e4 * f64::from(i))).collect::<Vec<_>>();
    let cases = [
        vec![Loss::known(1e4), Loss::known(3e5)],
        vec![Loss::known(1.0), Loss::known(1e15)],
        vec![Loss::known(1e-3), Loss::known(1.1e-3), Loss::known(1e12)],
        [even(40), vec![Loss::known(1e15)]].concat(),
        [even(40), vec![Loss::known(1e-9)]].concat(),
        [even(3), vec![Loss { censored: true, ..Loss::known(1e9) }; 40]].concat(),
        even(20).into_iter().map(|l| l.above(l.amount * (1.0 - 1e-9))).collect(),
        even(20).into_iter().map(|l| l.above(9_999.0)).collect(),
        (0..30).map(|i| Loss::known(1e6 * (1.0 + 1e-12 * f64::from(i)))).collect(),
        (0..30).map(|i| Loss { weight: 1e-6, ..Loss::known(1e6 + f64::from(i)) }).collect(),
        (0..30).map(|i| Loss { weight: 1e9, ..Loss::known(1e6 + 1e4 * f64::from(i)) }).collect(),
    ];
    for (at, losses) in cases.iter().enumerate() {
        for family in Family::ALL {
            match fitted(losses, family) {
                Ok(found) => {
                    assert!(all_finite(&found), "{at} {family:?}: {found:?}");
                    let model = found.estimate.model();
                    let drawn = found.estimate.draw(&mut stream(at as u32, 5)).model();
                    for model in [model, drawn] {
                        let lev = model.limited_expected_value(1e6);
                        assert!((0.0..=1e6 * (1.0 + 1e-9)).contains(&lev), "{at} {family:?}: {model:?} {lev}");
                        assert!((0.0..=1.0).contains(&model.cdf(1e5)) && !model.quantile(0.99).is_nan(), "{model:?}");
                    }
                }
                Err(refusal) => assert!(!refusal.to_string().is_empty() && !refusal.hint().is_empty()),
            }
        }
    }
}

/// Two losses say little: the 90 % interval of the lognormal's median spans more than both of them.
#[test]
fn two_losses_leave_a_wide_interval() {
    let found = fitted(&[Loss::known(1e4), Loss::known(3e5)], Family::Lognormal).unwrap();
    let mu = found.parameters[0];
    assert!(mu.low < 1e4f64.ln() + 0.1 && mu.high > 3e5f64.ln() - 0.4, "{mu:?}");
    assert!(found.notes.iter().any(|note| note.starts_with("fewer than 30")));
}

/// Exponential losses have no Pareto: its index rises without end. One absurd outlier among even losses leaves each family that
/// stands with finite numbers.
#[test]
fn a_pareto_is_refused_where_the_tail_is_no_heavier_than_the_exponential() {
    let light: Vec<Loss> = (0..200).map(|i| Loss::known(1e5 * (1.0 + 0.01 * f64::from(i % 100)))).collect();
    let refusal = fitted(&light, Family::Pareto).unwrap_err();
    assert_eq!(refusal.key(), "boundary", "{refusal}");
}

#[test]
fn equal_revenues_determine_no_elasticity() {
    let losses = claims(&LOGNORMAL, 50, &mut stream(0, 9), 0.0);
    let options = Options { elasticity: Elasticity::Free, ..Options::default() };
    let refusal = fit(&Sample::new(&losses).unwrap(), Family::Lognormal, &options).unwrap_err();
    assert_eq!(refusal, Refusal::Singular { parameter: "elasticity" });
}

/// A fixed elasticity is the free one's maximum when it is held there; with another value the likelihood is less.
#[test]
fn a_fixed_elasticity_has_the_likelihood_of_the_free_one_at_the_same_value() {
    let losses = claims(&WEIBULL, 300, &mut stream(0, 10), 0.5);
    let sample = Sample::new(&losses).unwrap();
    let with = |elasticity| fit(&sample, Family::Weibull, &Options { elasticity, ..Options::default() }).unwrap();
    let free = with(Elasticity::Free);
    let held = with(Elasticity::Fixed(free.estimate.elasticity()));
    assert!((free.criteria.log_likelihood - held.criteria.log_likelihood).abs() < 1e-7);
    assert!((free.estimate.at[0] - held.estimate.at[0]).abs() < 1e-5);
    assert!(with(Elasticity::None).criteria.log_likelihood < free.criteria.log_likelihood - 3.0);
    let doubled = free.estimate.at_revenue(4.0).quantile(0.5) / free.estimate.model().quantile(0.5);
    assert!((doubled - 4f64.powf(free.estimate.elasticity())).abs() < 1e-9);
}

/// A weight of three is three records, whatever the family.
#[test]
fn a_weight_counts_as_so_many_records() {
    let losses = claims(&WEIBULL, 100, &mut stream(0, 11), 0.0);
    let thrice: Vec<Loss> = losses.iter().flat_map(|l| [*l; 3]).collect();
    let weighted: Vec<Loss> = losses.iter().map(|l| Loss { weight: 3.0, ..*l }).collect();
    for family in [Family::Lognormal, Family::Gamma, Family::Weibull] {
        let (a, b) = (fitted(&thrice, family).unwrap(), fitted(&weighted, family).unwrap());
        assert!((a.criteria.bic - b.criteria.bic).abs() < 1e-6, "{family:?}");
        assert!((a.parameters[1].standard_error / b.parameters[1].standard_error - 1.0).abs() < 1e-6);
    }
}

#[test]
fn the_same_bits_come_from_any_number_of_threads() {
    let losses = claims(&GAMMA, 30_000, &mut stream(0, 12), 0.2);
    let sample = Sample::new(&losses).unwrap();
    let options = Options { elasticity: Elasticity::Free, ..Options::default() };
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fit(&sample, Family::Gamma, &options).unwrap())
    };
    assert_eq!(with(1), with(3));
}
