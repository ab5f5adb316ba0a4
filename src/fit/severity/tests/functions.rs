//! What models say of losses.

use super::*;

const MODELS: [Severity; 8] = [
    LOGNORMAL,
    GAMMA,
    WEIBULL,
    PARETO,
    SPLICED,
    Severity::Pareto { shape: 1.0, scale: 1e5 },
    Severity::Pareto { shape: 0.6, scale: 1e5 },
    Severity::Spliced { mu: 11.0, sigma: 1.0, threshold: 2e5, body_share: 0.9, tail_scale: 1e5, tail_shape: -0.2 },
];

#[test]
fn quantiles_invert_the_distribution_function() {
    for model in MODELS {
        for u in [1e-6, 0.01, 0.3, 0.5, 0.799, 0.801, 0.95, 0.999, 1.0 - 1e-9] {
            let x = model.quantile(u);
            assert!((model.cdf(x) - u).abs() < 1e-10, "{model:?} {u}: {x} {}", model.cdf(x));
            assert!((model.survival(x) / (1.0 - u) - 1.0).abs() < 1e-6, "{model:?} {u}");
        }
    }
}

/// E min(X, d) = ∫ S over [0, d], by Simpson's rule on the logarithm.
#[test]
fn limited_expected_values_are_integrals_of_the_survival_function() {
    for model in MODELS {
        for limit in [1e4, 2e5, 4e5, 3e6, 1e9] {
            let (low, high, n) = (-10.0, f64::ln(limit), 20_000);
            let h = (high - low) / f64::from(n);
            let f = |i: i32| {
                let x = (low + h * f64::from(i)).exp();
                x * model.survival(x)
            };
            let weight = |i: i32| {
                if i == 0 || i == n {
                    1.0
                } else if i % 2 == 1 {
                    4.0
                } else {
                    2.0
                }
            };
            let sum: f64 = (0..=n).map(|i| weight(i) * f(i)).sum::<f64>() * h / 3.0 + low.exp();
            let found = model.limited_expected_value(limit);
            assert!((found / sum - 1.0).abs() < 1e-5, "{model:?} {limit}: {found} {sum}");
        }
    }
}

#[test]
fn means_are_limits_of_limited_expected_values_or_infinite() {
    for model in MODELS {
        let far = model.limited_expected_value(1e25);
        match model.mean() {
            Some(mean) => assert!((mean / far - 1.0).abs() < 1e-3, "{model:?}: {mean} {far}"),
            None => assert!(far > 2.0 * model.limited_expected_value(1e9) || far > 1e6, "{model:?}"),
        }
    }
    let endless: Vec<Severity> = MODELS.into_iter().filter(|m| m.mean().is_none()).collect();
    assert_eq!(endless, [MODELS[5], MODELS[6]]);
}

#[test]
fn a_scaled_model_is_the_model_of_scaled_losses() {
    for model in MODELS {
        for u in [0.1, 0.7, 0.95] {
            assert!((model.scaled(3.0).quantile(u) / model.quantile(u) / 3.0 - 1.0).abs() < 1e-12);
        }
        assert!(
            (model.scaled(3.0).limited_expected_value(3e5) / model.limited_expected_value(1e5) / 3.0 - 1.0).abs()
                < 1e-9
        );
    }
}

/// Draws have the estimate as mean and its covariance; the same stream gives the same draw.
#[test]
fn draws_of_parameters_have_their_covariance() {
    let losses = claims(&SPLICED, 3_000, &mut stream(0, 40), 0.0);
    let options = Options { threshold: Threshold::At(4e5), ..Options::default() };
    let found = fit(&Sample::new(&losses).unwrap(), Family::Spliced, &options).unwrap().estimate;
    let draws: Vec<Vec<f64>> = (0..4_000).map(|trial| found.draw(&mut stream(trial, 41)).at).collect();
    assert_eq!(draws[7], found.draw(&mut stream(7, 41)).at);
    for i in 0..5 {
        for j in 0..5 {
            let sum: f64 = draws.iter().map(|d| (d[i] - found.at[i]) * (d[j] - found.at[j])).sum();
            let scale = (found.covariance[i][i] * found.covariance[j][j]).sqrt();
            assert!((sum / 4_000.0 - found.covariance[i][j]).abs() < 0.08 * scale, "{i} {j}");
        }
    }
}

#[test]
fn words_name_families_both_ways() {
    for family in Family::ALL {
        assert_eq!(Family::parse(family.as_str()), Some(family));
    }
    assert_eq!(Family::parse("cauchy"), None);
}
