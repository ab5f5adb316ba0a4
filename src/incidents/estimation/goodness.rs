//! How well a model fits: Kolmogorov–Smirnov and Anderson–Darling with truncation and censoring, QQ points, mean excess.

use super::scale::Scaled;
use crate::fit::severity::Severity;

/// Distances between a model and the losses that it was fitted to.
#[derive(Clone, Debug, PartialEq)]
pub struct Goodness {
    /// Kolmogorov–Smirnov: largest distance of the two distribution functions.
    pub kolmogorov_smirnov: f64,
    /// The distance that a model given beforehand exceeds in 5 of 100 cases, 1.358 ÷ √n: a fitted one exceeds it more rarely.
    pub kolmogorov_smirnov_5_percent: f64,
    /// Anderson–Darling A²: n·∫ (F̂ − F)² ÷ (F·(1 − F)) dF up to the largest known loss.
    pub anderson_darling: f64,
    /// Of the model and of the losses: standard exponential quantiles, at most 200 of them.
    pub qq: Vec<(f64, f64)>,
}

/// Distances of `losses` from `model`.
///
/// Each loss becomes u = (F(x) − F(d)) ÷ (1 − F(d)), which is uniform on (0, 1) if the model holds, whatever its retention d
/// and revenue; of the censored ones a lower bound of u is known. The product-limit estimate (E. L. Kaplan, P. Meier,
/// JASA 53, 1958) of the distribution of u stands against the diagonal: for complete data this is the usual statistic (M.
/// A. Stephens, *EDF statistics for goodness of fit*, JASA 69, 1974; S. A. Klugman, H. H. Panjer, G. E. Willmot, *Loss
/// Models*, 4th ed., section 16.4). The QQ points are −ln(1 − u) against those of the estimate.
pub fn goodness(model: &Severity, losses: &[Scaled]) -> Option<Goodness> {
    let mut places: Vec<(f64, bool)> = losses.iter().map(|loss| place(model, loss)).collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let known = places.iter().filter(|(_, censored)| !censored).count();
    if known < 2 {
        return None;
    }
    let n = places.len() as f64;
    let (mut survival, mut before, mut distance, mut square) = (1.0, 0.0, 0.0f64, 0.0);
    let mut qq = Vec::new();
    let every = known.div_ceil(200);
    let mut seen = 0;
    for (rank, (u, censored)) in places.iter().enumerate() {
        if *censored {
            continue;
        }
        let at_risk = n - rank as f64;
        square += anderson_darling_part(1.0 - survival, before, *u);
        distance = distance.max((1.0 - survival - u).abs());
        let next = survival * (1.0 - 1.0 / at_risk);
        distance = distance.max((1.0 - next - u).abs());
        // The middle of the step, so that the largest loss has a place.
        let middle = (survival + next) / 2.0;
        if seen % every == 0 && *u < 1.0 {
            qq.push((-libm::log(middle), -libm::log1p(-u)));
        }
        seen += 1;
        (survival, before) = (next, *u);
    }
    Some(Goodness {
        kolmogorov_smirnov: distance,
        kolmogorov_smirnov_5_percent: 1.358 / n.sqrt(),
        anderson_darling: n * square,
        qq,
    })
}

/// Where a loss lies in the distribution of those above its retention.
fn place(model: &Severity, loss: &Scaled) -> (f64, bool) {
    let factor = libm::exp(-loss.ln_factor);
    let above = model.survival(loss.truncation * factor).max(1e-300);
    ((1.0 - model.survival(loss.amount * factor) / above).clamp(1e-12, 1.0 - 1e-12), loss.censored)
}

/// ∫ (c − u)² ÷ (u·(1 − u)) du from a to b, c being constant: −(b − a) + c²·ln(b ÷ a) − (1 − c)²·ln((1 − b) ÷ (1 − a)).
fn anderson_darling_part(c: f64, a: f64, b: f64) -> f64 {
    let logs = if c > 0.0 { c * c * libm::log(b / a.max(1e-300)) } else { 0.0 };
    a - b + logs - (1.0 - c) * (1.0 - c) * (libm::log1p(-b) - libm::log1p(-a))
}

/// Mean excess over a threshold: e(u) = mean of x − u over the losses above u whose retention lies below it; of censored
/// ones the bound counts, which keeps it too low. A straight rising line is the mark of a Pareto tail (*Loss Models*, section
/// 3.4.3). Threshold, mean excess, its standard error and how many losses: at twenty quantiles that leave at least ten.
pub fn mean_excess(losses: &[Scaled]) -> Vec<(f64, f64, f64, usize)> {
    let mut amounts: Vec<(f64, f64)> = losses.iter().map(|l| (l.amount, l.truncation)).collect();
    amounts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut points = Vec::new();
    for step in 0..20 {
        let at = amounts.len() * (step * 5 + 1) / 100;
        let Some((threshold, _)) = amounts.get(at).copied() else { break };
        let excess: Vec<f64> = amounts[at..]
            .iter()
            .filter(|(x, d)| *x > threshold && *d <= threshold)
            .map(|(x, _)| x - threshold)
            .collect();
        let n = excess.len() as f64;
        if excess.len() < 10 {
            continue;
        }
        let mean = excess.iter().sum::<f64>() / n;
        let variance = excess.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
        points.push((threshold, mean, (variance / n).sqrt(), excess.len()));
    }
    points.dedup_by(|a, b| a.0 == b.0);
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draws, Purpose};

    const MODEL: Severity = Severity::Lognormal { mu: 10.0, sigma: 1.5 };

    fn made(n: u32, retention: f64, limit: f64) -> Vec<Scaled> {
        let draws = Draws::new(9);
        let loss = |i| {
            let x = MODEL.quantile(draws.pair(Purpose::Claim, i, 0, 0)[0]);
            Scaled { amount: x.min(limit), truncation: retention, censored: x > limit, ln_factor: 0.0 }
        };
        (0..n).map(loss).filter(|l| l.amount > retention).collect()
    }

    /// For complete data A² is −n − Σ (2i − 1)·(ln uᵢ + ln(1 − u₍n+1−i₎)) ÷ n, its textbook form, once the rest of the integral
    /// beyond the largest loss is added: −(1 − uₙ) − ln uₙ.
    #[test]
    fn complete_data_give_the_textbook_statistics() {
        let losses = made(50, 0.0, f64::INFINITY);
        let mut u: Vec<f64> = losses.iter().map(|l| 1.0 - MODEL.survival(l.amount)).collect();
        u.sort_by(f64::total_cmp);
        let n = u.len() as f64;
        let sum: f64 =
            (0..u.len()).map(|i| (2.0 * i as f64 + 1.0) * (u[i].ln() + (1.0 - u[u.len() - 1 - i]).ln())).sum();
        let last = u[u.len() - 1];
        let textbook = -n - sum / n - n * (-(1.0 - last) - last.ln());
        let found = goodness(&MODEL, &losses).unwrap();
        assert!((found.anderson_darling - textbook).abs() < 1e-6, "{} {textbook}", found.anderson_darling);
        let steps = |i: usize| (u[i] - i as f64 / n).abs().max((u[i] - (i as f64 + 1.0) / n).abs());
        let distance = (0..u.len()).map(steps).fold(0.0, f64::max);
        assert!((found.kolmogorov_smirnov - distance).abs() < 1e-9);
    }

    #[test]
    fn the_right_model_fits_behind_retention_and_limit_and_a_wrong_one_does_not() {
        let losses = made(3_000, 20_000.0, 200_000.0);
        let (right, wrong) = (goodness(&MODEL, &losses).unwrap(), Severity::Lognormal { mu: 10.6, sigma: 1.1 });
        let wrong = goodness(&wrong, &losses).unwrap();
        assert!(
            right.kolmogorov_smirnov < right.kolmogorov_smirnov_5_percent && right.anderson_darling < 2.5,
            "{right:?}"
        );
        assert!(wrong.kolmogorov_smirnov > wrong.kolmogorov_smirnov_5_percent, "{}", wrong.kolmogorov_smirnov);
        assert!(right.qq.len() <= 200 && right.qq.windows(2).all(|w| w[0].0 <= w[1].0 && w[0].1 <= w[1].1));
        assert_eq!(goodness(&MODEL, &losses[..1]), None);
    }

    #[test]
    fn the_mean_excess_of_an_exponential_is_flat() {
        let draws = Draws::new(3);
        let loss = |i| -draws.pair(Purpose::Claim, i, 0, 0)[0].ln() * 1_000.0;
        let losses: Vec<Scaled> =
            (0..5_000).map(|i| Scaled { amount: loss(i), truncation: 0.0, censored: false, ln_factor: 0.0 }).collect();
        for (_, mean, error, _) in mean_excess(&losses) {
            assert!((mean - 1_000.0).abs() < 4.0 * error);
        }
        assert!(mean_excess(&losses[..5]).is_empty());
    }
}
