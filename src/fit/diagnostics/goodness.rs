//! Kolmogorov–Smirnov and Anderson–Darling statistics for truncated and censored losses, with bootstrap p-values.
//!
//! Each loss becomes its probability given that it exceeds its truncation point, u = 1 − S(x) ÷ S(d), under its own revenue's
//! model: uniform if the model is right, censored where the loss is. With F the product-limit estimate of these and τ the
//! largest, or one where that is not censored,
//!
//! D = sup |F(u) − u| over u ≤ τ,  A² = n·∫ (F(u) − u)² ÷ (u·(1 − u)) du over u ≤ τ
//!
//! (S. A. Klugman, H. H. Panjer, G. E. Willmot: *Loss Models*, 4th ed., 2012, section 16.4). Tables of critical values are for
//! known parameters and complete data; the p-values here come from samples of the fitted model with the same truncation
//! points, revenues and distribution of limits, each fitted in turn (W. Stute, W. González Manteiga, M. Presedo Quindimil,
//! *Bootstrap based goodness-of-fit tests*, Metrika 40, 1993).

use rayon::prelude::*;
use serde::Serialize;

use super::product_limit::{ProductLimit, Row, product_limit};
use crate::fit::refusal::Refusal;
use crate::fit::severity::{Loss, Options, Sample, Severity, SeverityEstimate, SeverityFit, Threshold, fit_from};
use crate::random::{Draws, Purpose};

/// How p-values are found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// Samples drawn; nought: statistics without p-values.
    pub replications: u32,
    /// Records above which there are no p-values: with so many, every model is false.
    pub most_records: usize,
    /// Seed.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Bootstrap {
        Bootstrap { replications: 199, most_records: 5_000, seed: 1 }
    }
}

/// Statistics of fit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Goodness {
    /// D.
    pub kolmogorov_smirnov: f64,
    /// A².
    pub anderson_darling: f64,
    /// Share of samples of the fitted model with a D at least as large, (1 + how many) ÷ (1 + samples).
    pub kolmogorov_smirnov_p: Option<f64>,
    /// The same for A².
    pub anderson_darling_p: Option<f64>,
    /// Samples that could be fitted.
    pub replications: u32,
}

/// How well a model fits the losses it was fitted to.
///
/// # Errors
/// What [`Sample::new`] refuses.
pub fn goodness(
    losses: &[Loss],
    fit: &SeverityFit,
    options: &Options,
    bootstrap: &Bootstrap,
) -> Result<Goodness, Refusal> {
    Sample::check(losses)?;
    let rows = uniforms(losses, &fit.estimate);
    let [d, a2] = statistics(&rows);
    let wanted = if losses.len() > bootstrap.most_records { 0 } else { bootstrap.replications };
    let options = match fit.estimate.threshold {
        u if u > 0.0 => Options { threshold: Threshold::At(u), ..*options },
        _ => *options,
    };
    let limits = if wanted > 0 { limits(&rows) } else { ProductLimit::default() };
    let draws = Draws::new(bootstrap.seed);
    let one = |trial: u32| {
        let mut stream = draws.stream(Purpose::Bootstrap, trial, 0);
        let made: Vec<Loss> =
            losses.iter().map(|l| redrawn(l, &fit.estimate, &limits, [stream.uniform(), stream.uniform()])).collect();
        let again = fit_from(&Sample::new(&made).ok()?, fit.estimate.family, &options, Some(&fit.estimate.at)).ok()?;
        Some(statistics(&uniforms(&made, &again.estimate)))
    };
    let made: Vec<[f64; 2]> = (0..wanted).into_par_iter().filter_map(one).collect();
    let p = |which: usize, own: f64| {
        let beyond = made.iter().filter(|s| s[which] >= own).count();
        (!made.is_empty()).then(|| (1 + beyond) as f64 / (1 + made.len()) as f64)
    };
    Ok(Goodness {
        kolmogorov_smirnov: d,
        anderson_darling: a2,
        kolmogorov_smirnov_p: p(0, d),
        anderson_darling_p: p(1, a2),
        replications: made.len() as u32,
    })
}

/// The distribution of censoring points, where losses are what censors.
fn limits(rows: &[Row]) -> ProductLimit {
    let turned: Vec<Row> = rows.iter().map(|(u, d, censored, w)| (*u, *d, !censored, *w)).collect();
    product_limit(&turned)
}

fn model_of(loss: &Loss, estimate: &SeverityEstimate) -> Severity {
    if loss.revenue_ratio == 1.0 { estimate.model() } else { estimate.at_revenue(loss.revenue_ratio) }
}

/// Each loss's probability given that it exceeds its truncation point.
fn uniforms(losses: &[Loss], estimate: &SeverityEstimate) -> Vec<Row> {
    let one = |loss: &Loss| {
        let model = model_of(loss, estimate);
        let u = 1.0 - model.survival(loss.amount) / model.survival(loss.truncation);
        // The product-limit estimate takes truncation points below all amounts for none.
        (if u.is_finite() { u.clamp(0.0, 1.0) } else { 1.0 }, -1.0, loss.censored, loss.weight)
    };
    losses.par_iter().map(one).collect()
}

/// A loss under the same policy, drawn from the model.
fn redrawn(loss: &Loss, estimate: &SeverityEstimate, limits: &ProductLimit, [u, v]: [f64; 2]) -> Loss {
    let model = model_of(loss, estimate);
    let reached = limits.survival.partition_point(|survival| *survival > v);
    let limit = limits.at.get(reached).copied().unwrap_or(1.0);
    let survival = model.survival(loss.truncation) * (1.0 - u.min(limit));
    let amount = model.quantile((1.0 - survival).clamp(1e-300, 1.0 - 1e-16)).max(loss.truncation * (1.0 + 1e-9));
    Loss { amount: amount.max(1e-300), censored: limit < u, ..*loss }
}

/// D and A².
fn statistics(rows: &[Row]) -> [f64; 2] {
    let estimate = product_limit(rows);
    let complete = estimate.survival.last() == Some(&0.0);
    let end = if complete { 1.0 } else { estimate.largest };
    let n: f64 = rows.iter().map(|row| row.3).sum();
    let (mut d, mut a2, mut from, mut f) = (0.0f64, 0.0, 0.0, 0.0);
    for (u, survival) in estimate.at.iter().zip(&estimate.survival) {
        d = d.max((f - u).abs()).max((1.0 - survival - u).abs());
        a2 += piece(f, from, *u);
        (from, f) = (*u, 1.0 - survival);
    }
    d = d.max((f - end).abs());
    a2 += piece(f, from, end);
    [d, n * a2]
}

/// ∫ (c − u)² ÷ (u·(1 − u)) du from a to b = c²·ln(b ÷ a) + (1 − c)²·ln((1 − a) ÷ (1 − b)) − (b − a).
fn piece(c: f64, a: f64, b: f64) -> f64 {
    // Probabilities that round to nought or one would make a logarithm endless.
    let ln = |x: f64| libm::log(x.max(1e-300));
    let low = if c > 0.0 { c * c * (ln(b) - ln(a)) } else { 0.0 };
    let high = if c < 1.0 { (1.0 - c) * (1.0 - c) * (ln(1.0 - a) - ln((1.0 - b).max(1e-17))) } else { 0.0 };
    low + high - (b - a)
}
