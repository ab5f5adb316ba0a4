use rayon::prelude::*;

use super::*;
use crate::fit::severity::{Family, Options, Sample, Severity, Threshold, fit};
use crate::fit::severity::{Loss, SeverityFit};
use crate::random::{Draws, Purpose};

const MODEL: Severity = Severity::Lognormal { mu: 12.0, sigma: 1.4 };

fn losses(model: &Severity, n: usize, trial: u32) -> Vec<Loss> {
    let mut stream = Draws::new(3).stream(Purpose::Bootstrap, trial, 9);
    let mut out = Vec::new();
    while out.len() < n {
        let amount = model.quantile(stream.uniform());
        let retention = if out.len() % 2 == 0 { 0.0 } else { model.quantile(0.25) };
        let limit = if out.len() % 3 == 0 { model.quantile(0.8) } else { f64::INFINITY };
        if amount > retention {
            out.push(Loss::known(amount).above(retention).capped(limit));
        }
    }
    out
}

fn fitted(losses: &[Loss], family: Family) -> SeverityFit {
    fit(&Sample::new(losses).unwrap(), family, &Options::default()).unwrap()
}

/// *Loss Models*' definitions by hand: four losses 1, 2, 3 (censored) and 4 survive with 3⁄4, 1⁄2, then 0; with 2 seen only above
/// 1.5 the risk set at 1 is three: 2⁄3, then 2⁄3·2⁄3, then 0.
#[test]
fn product_limits_are_those_worked_out_by_hand() {
    let rows = |truncation: f64| {
        [(1.0, 0.0, false, 1.0), (2.0, truncation, false, 1.0), (3.0, 0.0, true, 1.0), (4.0, 0.0, false, 1.0)]
    };
    let near = |found: &[f64], known: &[f64]| found.iter().zip(known).all(|(a, b)| (a - b).abs() < 1e-12);
    let plain = product_limit(&rows(0.0));
    assert!(plain.at == [1.0, 2.0, 4.0] && near(&plain.survival, &[0.75, 0.5, 0.0]), "{plain:?}");
    assert!(near(&product_limit(&rows(1.5)).survival, &[2.0 / 3.0, 4.0 / 9.0, 0.0]));
}

/// With the statistics' usual formulas for complete samples, D = max(i⁄n − u, u − (i − 1)⁄n) and A² = −n − Σ (2i − 1)·(ln uᵢ +
/// ln(1 − u₍ₙ₊₁₋ᵢ₎)) ÷ n.
#[test]
fn complete_losses_have_the_usual_statistics() {
    let losses: Vec<Loss> = losses(&MODEL, 80, 1).iter().map(|l| Loss::known(l.amount)).collect();
    let found = fitted(&losses, Family::Lognormal);
    let model = found.estimate.model();
    let mut u: Vec<f64> = losses.iter().map(|l| model.cdf(l.amount)).collect();
    u.sort_by(f64::total_cmp);
    let n = u.len() as f64;
    let d = u.iter().enumerate().map(|(i, u)| ((i + 1) as f64 / n - u).max(u - i as f64 / n)).fold(0.0, f64::max);
    let term = |i: usize| (2 * i + 1) as f64 * (u[i].ln() + (1.0 - u[u.len() - 1 - i]).ln());
    let a2 = -n - (0..u.len()).map(term).sum::<f64>() / n;
    // Losses at a limit occur more than once: their formulas hold when each is counted.
    let options = Options::default();
    let none = Bootstrap { replications: 0, ..Bootstrap::default() };
    let own = goodness(&losses, &found, &options, &none).unwrap();
    assert!((own.kolmogorov_smirnov - d).abs() < 1e-12, "{own:?} {d}");
    assert!((own.anderson_darling - a2).abs() < 1e-8, "{own:?} {a2}");
    assert_eq!((own.kolmogorov_smirnov_p, own.replications), (None, 0));
}

/// p-values of a right model are even: of 60 samples about 6 are below 0.1, and between 1 and 13 with probability 0.997. A
/// gamma fitted to lognormal losses is told from them.
#[test]
fn p_values_are_even_for_the_right_family_and_small_for_a_wrong_one() {
    let bootstrap = Bootstrap { replications: 59, ..Bootstrap::default() };
    let p = |family: Family, n: usize, trial: u32| {
        let losses = losses(&MODEL, n, trial);
        let found = goodness(&losses, &fitted(&losses, family), &Options::default(), &bootstrap).unwrap();
        [found.kolmogorov_smirnov_p.unwrap(), found.anderson_darling_p.unwrap()]
    };
    let right: Vec<[f64; 2]> = (0..60).into_par_iter().map(|trial| p(Family::Lognormal, 100, trial)).collect();
    for which in 0..2 {
        let small = right.iter().filter(|p| p[which] <= 0.1).count();
        let mean = right.iter().map(|p| p[which]).sum::<f64>() / 60.0;
        assert!((1..=13).contains(&small) && (mean - 0.5).abs() < 0.12, "{which}: {small} {mean}");
    }
    let wrong = p(Family::Gamma, 800, 100);
    assert!(wrong.iter().all(|p| *p < 0.05), "{wrong:?}");
}

/// Behind retentions and limits the points of the right model lie on the diagonal, within 15 % where they are many.
#[test]
fn quantile_pairs_of_the_right_model_lie_on_the_diagonal() {
    let losses = losses(&MODEL, 4_000, 5);
    let pairs = quantile_pairs(&losses, &fitted(&losses, Family::Lognormal).estimate, 200);
    assert_eq!(pairs.len(), 200);
    let inner = pairs.iter().filter(|p| p.observed > MODEL.quantile(0.05) && p.observed < MODEL.quantile(0.98));
    assert!(inner.clone().count() > 100 && inner.clone().all(|p| (p.model / p.observed - 1.0).abs() < 0.15));
    assert!(pairs.windows(2).all(|two| two[0].model <= two[1].model && two[0].observed < two[1].observed));
}

/// Of a Pareto with index 3 and scale θ the mean excess over u is (u + θ) ÷ 2, straight; of losses limited, up to the limit.
#[test]
fn the_mean_excess_of_a_pareto_is_straight() {
    let model = Severity::Pareto { shape: 3.0, scale: 1e5 };
    let points = mean_excess(&losses(&model, 8_000, 6), 0.0, 20);
    assert!(points.len() >= 15);
    for p in points.iter().filter(|p| p.exceedances > 300) {
        let known = (p.threshold + 1e5) / 2.0;
        assert!((p.mean - known).abs() < 4.0 * p.standard_error + 0.05 * known, "{p:?} {known}");
    }
}

/// Of a Pareto with index 2 every threshold has ξ = ½ and the modified scale θ·ξ, within four standard errors.
#[test]
fn a_pareto_has_one_shape_at_every_threshold() {
    let model = Severity::Pareto { shape: 2.0, scale: 1e5 };
    let points = threshold_stability(&losses(&model, 6_000, 7), 0.0, 12);
    assert_eq!(points.len(), 12);
    for p in &points {
        assert!((p.shape - 0.5).abs() < 4.0 * p.shape_error && p.shape_error < 0.3, "{p:?}");
        assert!((p.modified_scale - 0.5e5).abs() < 4.0 * p.modified_scale_error, "{p:?}");
    }
    let spliced = Options { threshold: Threshold::Quantile(0.8), ..Options::default() };
    let sample = Sample::new(&losses(&model, 3_000, 8)).unwrap();
    assert!(fit(&sample, Family::Spliced, &spliced).unwrap().estimate.threshold > 5e4);
}

#[test]
fn few_losses_have_no_points_rather_than_wrong_ones() {
    let few = [Loss::known(1e5), Loss::known(2e5), Loss::known(4e5)];
    assert!(mean_excess(&few, 0.0, 10).is_empty() && threshold_stability(&few, 0.0, 10).is_empty());
    assert!(mean_excess(&[], 0.0, 10).is_empty() && threshold_stability(&[], 0.0, 0).is_empty());
    assert_eq!(quantile_pairs(&few, &fitted(&few, Family::Lognormal).estimate, 10).len(), 3);
}
