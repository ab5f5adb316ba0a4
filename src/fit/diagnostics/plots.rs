//! Points of the QQ plot and of the mean-excess plot.

use serde::Serialize;

use super::product_limit::{ProductLimit, Row, product_limit};
use crate::fit::severity::{Loss, SeverityEstimate};

/// A point of the QQ plot, both in currency units at the reference revenue.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct QuantilePair {
    /// What the model has at this probability.
    pub model: f64,
    /// The loss.
    pub observed: f64,
}

/// At most `points` losses known exactly against the model's quantiles at their product-limit probabilities, halfway up each
/// step; given that a loss exceeds the smallest truncation point. Losses are brought to the reference revenue first. Tail
/// ends are kept, the rest thinned.
pub fn quantile_pairs(losses: &[Loss], estimate: &SeverityEstimate, points: usize) -> Vec<QuantilePair> {
    let empirical = product_limit(&at_reference(losses, estimate.elasticity()));
    let (model, n) = (estimate.model(), empirical.at.len());
    let start = model.survival(empirical.above);
    let pair = |at: usize| {
        let before = if at == 0 { 1.0 } else { empirical.survival[at - 1] };
        let survival = start * (before + empirical.survival[at]) / 2.0;
        QuantilePair { model: model.quantile(1.0 - survival.clamp(1e-15, 1.0 - 1e-15)), observed: empirical.at[at] }
    };
    kept(n, points).into_iter().map(pair).collect()
}

/// Positions to show of `n` where there is room for `points`: the largest fifth of the room for the largest, the rest even.
fn kept(n: usize, points: usize) -> Vec<usize> {
    if n <= points {
        return (0..n).collect();
    }
    let top = points / 5;
    let (even, below) = (points - top, n - top);
    (0..even).map(|i| i * below / even).chain(below..n).collect()
}

/// Losses at the reference revenue.
fn at_reference(losses: &[Loss], elasticity: f64) -> Vec<Row> {
    let one = |loss: &Loss| {
        let factor = libm::pow(loss.revenue_ratio, elasticity);
        (loss.amount / factor, loss.truncation / factor, loss.censored, loss.weight)
    };
    losses.iter().map(one).collect()
}

/// A point of the mean-excess plot: straight and rising where the tail is a Pareto's, level where exponential.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MeanExcess {
    /// Threshold in currency units at the reference revenue.
    pub threshold: f64,
    /// Mean of X − threshold given X > threshold; where the largest losses are censored, up to the largest amount only.
    pub mean: f64,
    /// Its standard error: the excesses' standard deviation ÷ √(losses above known exactly).
    pub standard_error: f64,
    /// Losses above known exactly.
    pub exceedances: usize,
}

/// Mean excess at `points` quantiles of the losses known exactly, evenly spaced, as long as five lie above; from the
/// product-limit estimate, e(u) = ∫ S(x) dx ÷ S(u) from u on (*Loss Models*, 4th ed., section 3.1).
pub fn mean_excess(losses: &[Loss], elasticity: f64, points: usize) -> Vec<MeanExcess> {
    let empirical = product_limit(&at_reference(losses, elasticity));
    let n = empirical.at.len();
    let mut places: Vec<usize> = (0..points).map(|i| i * n / points.max(1)).filter(|at| at + 5 < n).collect();
    places.dedup();
    places.into_iter().filter_map(|at| excess(&empirical, at)).collect()
}

/// Moments of the excess over the loss at this place, from what survives beyond it.
fn excess(empirical: &ProductLimit, at: usize) -> Option<MeanExcess> {
    let (u, start) = (empirical.at[at], empirical.survival[at]);
    if start <= 0.0 {
        return None;
    }
    let (mut mean, mut square, mut from, mut survival) = (0.0, 0.0, u, start);
    let beyond = empirical.at[at + 1..].iter().zip(&empirical.survival[at + 1..]);
    for (x, after) in beyond.map(|(x, s)| (*x, *s)).chain([(empirical.largest, 0.0)]) {
        mean += survival * (x - from) / start;
        // ∫ 2·(x − u)·S(x) dx.
        square += survival * ((x - u) * (x - u) - (from - u) * (from - u)) / start;
        (from, survival) = (x, after);
    }
    let exceedances = empirical.at.len() - at - 1;
    let standard_error = ((square - mean * mean).max(0.0) / exceedances as f64).sqrt();
    Some(MeanExcess { threshold: u, mean, standard_error, exceedances })
}
