use super::*;
use crate::fit::severity::Severity;

const LOGNORMAL: Severity = Severity::Lognormal { mu: 10.0, sigma: 1.5 };

fn near(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * b.abs().max(1e-300)
}

/// E S = E N·E X and Var S = E N·Var X + Var N·(E X)² (*Loss Models*, 4th ed., section 9.3), for each frequency.
#[test]
fn mean_and_variance_of_a_compound_have_their_closed_forms() {
    let grid = Grid::new(200.0, 1 << 16).unwrap();
    let claim = GridDistribution::layer(grid, &LOGNORMAL, 10_000.0, 500_000.0);
    let (mean, variance) = (claim.grid_mean(), claim.grid_variance());
    assert!(near(mean, claim.mean, 1e-9), "{mean} {}", claim.mean);
    for frequency in [
        Frequency::Poisson { mean: 7.5 },
        Frequency::NegativeBinomial { mean: 6.0, shape: 1.5 },
        Frequency::Binomial { trials: 300, probability: 0.03 },
        Frequency::Binomial { trials: 3, probability: 1.0 },
    ] {
        let sum = compound(&frequency, &claim);
        let sd = (frequency.mean() * variance + frequency.variance() * mean * mean).sqrt();
        assert!(near(sum.mean(), frequency.mean() * claim.mean, 1e-12), "{frequency:?}");
        assert!(sum.mean_error().abs() < 1e-9 && sum.beyond() < 1e-9, "{} {}", sum.mean_error(), sum.beyond());
        assert!(near(sum.standard_deviation(), sd, 1e-7), "{frequency:?}: {} {sd}", sum.standard_deviation());
        assert!(near(sum.stop_loss(0.0), sum.mean(), 1e-6));
    }
}

/// A Poisson number (mean 2) of claims of 100: S ÷ 100 is Poisson. E (S − 300)⁺ = 100·Σ_{k > 3} (k − 3)·P(k); P(S ≤ 300) by the
/// table is 0.8571, so that the 90 % quantile is 400.
#[test]
fn stop_loss_of_equal_claims_is_that_of_the_poisson() {
    let claim = GridDistribution::certain(Grid::new(100.0, 64).unwrap(), 100.0);
    let sum = compound(&Frequency::Poisson { mean: 2.0 }, &claim);
    let mut mass = (-2.0f64).exp();
    let mut expected = 0.0;
    for k in 0..60u32 {
        expected += 100.0 * f64::from(k.saturating_sub(3)) * mass;
        mass *= 2.0 / f64::from(k + 1);
    }
    assert!(near(sum.stop_loss(300.0), expected, 1e-9), "{} {expected}", sum.stop_loss(300.0));
    assert!((sum.cdf(300.0) - 0.857_123_460_5).abs() < 1e-9);
    assert_eq!(sum.quantile(0.9), 400.0);
    // (P(S ≤ 400) − 0.9)·400 + Σ_{k > 4} 100·k·P(k), over 0.1: by the stop-loss above 400, 400 + E (S − 400)⁺ ÷ 0.1.
    assert!(near(sum.tail_mean(0.9), 400.0 + sum.stop_loss(400.0) / 0.1, 1e-9));
    assert!(near(sum.probability_of_nothing(), (-2.0f64).exp(), 1e-12));
    let limited = sum.paid(|s| s.min(300.0));
    assert!(near(limited.mean(), sum.mean() - expected, 1e-9));
}

/// The sum over a few insureds, convolved one by one.
fn convolved(risks: &[Risk], rate: f64, points: usize) -> Vec<f64> {
    let mut sum = vec![0.0; points];
    sum[0] = 1.0;
    for risk in risks {
        let q = risk.probability * rate;
        let mut next: Vec<f64> = sum.iter().map(|m| m * (1.0 - q)).collect();
        for (j, m) in risk.claim.mass.iter().enumerate().filter(|(_, m)| **m > 0.0) {
            (0..points - j).for_each(|i| next[i + j] += q * m * sum[i]);
        }
        sum = next;
    }
    sum
}

/// Rare and certain, by the series and as they stand, at rates between nought and one: as convolution gives it.
#[test]
fn a_small_book_is_as_its_convolution() {
    let grid = Grid::new(1_000.0, 512).unwrap();
    let claims = [8_000.0, 20_000.0].map(|limit| GridDistribution::layer(grid, &LOGNORMAL, 5_000.0, limit));
    let probabilities = [0.9, 0.03, 1.0, 0.2, 0.9, 0.5, 0.001, 0.0, 0.03, 0.24, 0.26];
    let risks: Vec<Risk> = probabilities
        .iter()
        .zip([0, 1].into_iter().cycle())
        .map(|(p, of)| Risk { probability: *p, claim: &claims[of] })
        .collect();
    let rates = beta_nodes(6, 0.4, 0.8);
    let book = scenario(&risks, &rates).unwrap();
    let mut expected = vec![0.0; 512];
    for node in &rates {
        let own = convolved(&risks, node.value, 512);
        expected.iter_mut().zip(own).for_each(|(sum, m)| *sum += node.weight * m);
    }
    let mut upto = 0.0;
    for (j, m) in expected.iter().enumerate() {
        upto += m;
        assert!((book.cdf(j as f64 * 1_000.0) - upto).abs() < 1e-11, "{j}");
    }
    assert!(book.mean_error().abs() < 1e-9, "{}", book.mean_error());
    let nobody: f64 = rates
        .iter()
        .map(|n| {
            n.weight * risks.iter().map(|r| 1.0 - n.value * r.probability * (1.0 - r.claim.nothing)).product::<f64>()
        })
        .sum();
    assert!(near(book.probability_of_nothing(), nobody, 1e-12));
}

/// Forty insureds with p = 1, claims of one and a beta rate: beta-binomial, whose probabilities are products; 24 nodes are
/// exact up to degree 47.
#[test]
fn a_shared_beta_rate_makes_the_beta_binomial() {
    let claim = GridDistribution::certain(Grid::new(1.0, 64).unwrap(), 1.0);
    let (a, b, n) = (0.7, 6.0, 40);
    let risks = vec![Risk { probability: 1.0, claim: &claim }; n];
    let book = scenario(&risks, &beta_nodes(24, a, b)).unwrap();
    // P(0) = Π (b + i) ÷ (a + b + i); P(k + 1) ÷ P(k) = (n − k)(a + k) ÷ ((k + 1)(b + n − k − 1)).
    let mut mass: f64 = (0..n).map(|i| (b + i as f64) / (a + b + i as f64)).product();
    let mut upto = 0.0;
    for k in 0..n {
        upto += mass;
        assert!((book.cdf(k as f64) - upto).abs() < 1e-10, "{k}: {} {upto}", book.cdf(k as f64));
        let (k, n) = (k as f64, n as f64);
        mass *= (n - k) * (a + k) / ((k + 1.0) * (b + n - k - 1.0));
    }
}

/// The claim function of a layer gives what matching the mean of the layer gives, and so does rounding, each within its error.
#[test]
fn the_ways_onto_the_grid_agree() {
    let grid = Grid::new(500.0, 1 << 12).unwrap();
    let paid = |x: f64| (x - 20_000.0).clamp(0.0, 1_000_000.0);
    let matched = GridDistribution::layer(grid, &LOGNORMAL, 20_000.0, 1_000_000.0);
    let drawn = GridDistribution::of_claims(grid, |u| paid(LOGNORMAL.quantile(u)));
    let cdf = |y: f64| if y < 1_000_000.0 { LOGNORMAL.cdf(20_000.0 + y) } else { 1.0 };
    let rounded = GridDistribution::rounded(grid, cdf, matched.mean);
    assert!(near(drawn.mean, matched.mean, 1e-6), "{} {}", drawn.mean, matched.mean);
    assert!(near(drawn.grid_mean(), drawn.mean, 1e-12) && near(rounded.grid_mean(), matched.mean, 1e-4));
    assert!((drawn.nothing - matched.nothing).abs() < 1e-4);
    let sd = matched.grid_variance();
    assert!(near(drawn.grid_variance(), sd, 1e-5) && near(rounded.grid_variance(), sd, 1e-4));
    for claim in [&matched, &drawn, &rounded] {
        assert!((claim.mass.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}

/// A grid that is too short says so: what lies beyond is told, and the tail mean still counts it.
#[test]
fn what_lies_beyond_the_grid_is_told() {
    let claim = |points| GridDistribution::layer(Grid::new(1_000.0, points).unwrap(), &LOGNORMAL, 0.0, 200_000.0);
    let frequency = Frequency::Poisson { mean: 6.0 };
    let (short, long) = (compound(&frequency, &claim(256)), compound(&frequency, &claim(4096)));
    assert!((short.beyond() - (1.0 - long.cdf(255_000.0))).abs() < 1e-4, "{}", short.beyond());
    assert!(long.beyond() < 1e-12 && near(short.mean(), long.mean(), 1e-9));
    assert!(near(short.tail_mean(0.2), long.tail_mean(0.2), 1e-3));
}

#[test]
fn what_is_no_book_is_refused() {
    let claim = GridDistribution::certain(Grid::new(1.0, 8).unwrap(), 1.0);
    let other = GridDistribution::certain(Grid::new(2.0, 8).unwrap(), 1.0);
    let risk = |probability, claim| Risk { probability, claim };
    assert!(scenario(&[], &Node::certain(0.5)).is_err());
    assert!(scenario(&[risk(0.5, &claim)], &[]).is_err());
    assert!(scenario(&[risk(1.5, &claim)], &Node::certain(0.5)).is_err());
    assert!(scenario(&[risk(f64::NAN, &claim)], &Node::certain(0.5)).is_err());
    assert!(scenario(&[risk(0.5, &claim), risk(0.5, &other)], &Node::certain(0.5)).is_err());
}

/// A severity level that all share, one half or one and a half: the variance within, and that of the means.
#[test]
fn a_mixture_has_the_variance_within_and_between() {
    let grid = Grid::new(100.0, 1 << 12).unwrap();
    let sum = |level: f64| {
        let claim =
            GridDistribution::layer(grid, &Severity::Lognormal { mu: 8.0 + level.ln(), sigma: 0.8 }, 0.0, 20_000.0);
        compound(&Frequency::Poisson { mean: 3.0 }, &claim)
    };
    let (low, high) = (sum(0.5), sum(1.5));
    let mixed = Aggregate::mixture(&[(0.5, low.clone()), (0.5, high.clone())]).unwrap();
    let within = (low.standard_deviation().powi(2) + high.standard_deviation().powi(2)) / 2.0;
    let between = ((high.mean() - low.mean()) / 2.0).powi(2);
    assert!(near(mixed.standard_deviation().powi(2), within + between, 1e-6));
    assert!(near(mixed.mean(), (low.mean() + high.mean()) / 2.0, 1e-12));
    assert!((mixed.cdf(9_000.0) - (low.cdf(9_000.0) + high.cdf(9_000.0)) / 2.0).abs() < 1e-12);
    assert!(Aggregate::mixture(&[]).is_err());
}

/// 5,000 insureds, 280 hits expected, a rate that varies by two thirds: with 48 nodes quantiles and tails are those of 192.
#[test]
fn a_book_of_thousands_needs_few_nodes() {
    let grid = Grid::reaching(150e6, 1 << 14).unwrap();
    let claim = GridDistribution::layer(grid, &LOGNORMAL, 10_000.0, 500_000.0);
    let risks = vec![Risk { probability: 0.9, claim: &claim }; 5_000];
    let [few, many] = [48, 192].map(|n| scenario(&risks, &beta_nodes(n, 2.0, 30.0)).unwrap());
    for period in [2.0, 20.0, 100.0, 200.0, 1000.0] {
        let ((a, b), (x, y)) = (few.at(period), many.at(period));
        println!("{period}: {a} {x} {:.1e}, tail {:.1e}", a / x - 1.0, b / y - 1.0);
        assert!((a - x).abs() < 1e-3 * x + grid.step && near(b, y, 1e-3), "{period}: {a} {x}, {b} {y}");
    }
}

/// By hand: nought with 0.5, 100 with 0.3 spread over 50 to 150, 200 with 0.2 spread over 150 to 250.
#[test]
fn a_quantile_between_amounts_is_even_over_half_a_step_to_both_sides() {
    let grid = Grid::new(100.0, 4).unwrap();
    let means = aggregate::Means { exact: 70.0, grid: 70.0, nothing: 0.5, square_beyond: None };
    let own = Aggregate::new(grid, vec![0.5, 0.3, 0.2, 0.0], means);
    for (p, expected) in
        [(0.3, 0.0), (0.5, 0.0), (0.65, 100.0), (0.8, 150.0), (0.85, 175.0), (0.9, 200.0), (0.95, 225.0)]
    {
        assert!((own.quantile_between(p) - expected).abs() < 1e-9, "{p}: {}", own.quantile_between(p));
    }
}

/// By hand, steps of 100 up to 300: a claim of 1,000 for certain lies at the end of the grid by rounding, by matching the mean and as
/// an amount.
#[test]
fn what_a_claim_has_beyond_the_grid_is_at_its_end() {
    let grid = Grid::new(100.0, 4).unwrap();
    let rounded = GridDistribution::rounded(grid, |y| f64::from(y >= 1_000.0), 1_000.0);
    let matched = GridDistribution::matched(grid, |y| y.min(1_000.0), 1_000.0, 0.0);
    for claim in [rounded, matched, GridDistribution::certain(grid, 1_000.0)] {
        assert!(claim.mass.iter().zip([0.0, 0.0, 0.0, 1.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{:?}", claim.mass);
    }
}

/// By hand: a Poisson number (mean 2) of claims of nought or 140, each with a half: none costs anything with e^(−1); the mean is 140, on
/// a grid of steps of 100, to which 140 is rounded down, 100: two sevenths less.
#[test]
fn a_compound_tells_what_the_grid_makes_of_its_mean() {
    let grid = Grid::new(100.0, 64).unwrap();
    let claim = GridDistribution::rounded(grid, |y| if y >= 140.0 { 1.0 } else { 0.5 }, 70.0);
    let sum = compound(&Frequency::Poisson { mean: 2.0 }, &claim);
    assert!(near(sum.probability_of_nothing(), (-1.0f64).exp(), 1e-12), "{}", sum.probability_of_nothing());
    assert!(near(sum.mean(), 140.0, 1e-12) && near(sum.mean_on_grid(), 100.0, 1e-12));
    assert!(near(sum.mean_error(), -2.0 / 7.0, 1e-12), "{}", sum.mean_error());
}

/// By hand: a Poisson number (mean 2) of claims of 100, on a grid that ends at 300, up to 200 of which is paid: 100·P(1) + 200·P(more),
/// what lies beyond the grid among it. (What the grid wraps around is e^(−10) as large.)
#[test]
fn what_is_paid_of_losses_beyond_the_grid_is_not_lost() {
    let claim = GridDistribution::certain(Grid::new(100.0, 4).unwrap(), 100.0);
    let sum = compound(&Frequency::Poisson { mean: 2.0 }, &claim);
    assert!(sum.beyond() > 0.1, "{}", sum.beyond());
    let (none, single) = ((-2.0f64).exp(), 2.0 * (-2.0f64).exp());
    let expected = 100.0 * single + 200.0 * (1.0 - none - single);
    assert!(near(sum.paid(|s| s.min(200.0)).mean(), expected, 1e-4), "{}", sum.paid(|s| s.min(200.0)).mean());
}

/// By hand: 100 with a fifth, 200 else.
#[test]
fn parts_of_a_mixture_have_their_weights() {
    let once = Frequency::Binomial { trials: 1, probability: 1.0 };
    let sum = |amount: f64| compound(&once, &GridDistribution::certain(Grid::new(100.0, 16).unwrap(), amount));
    let mixed = Aggregate::mixture(&[(0.2, sum(100.0)), (0.8, sum(200.0))]).unwrap();
    assert!((mixed.cdf(100.0) - 0.2).abs() < 1e-9 && near(mixed.mean(), 180.0, 1e-12), "{}", mixed.cdf(100.0));
}
