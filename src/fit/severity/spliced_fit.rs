//! The maximum of the spliced model's likelihood, and its threshold.

use super::family::Family;
use super::fit::{Elasticity, MANY, Options, THIN, Threshold, fit};
use super::sample::Sample;
use super::spliced::Spliced;
use crate::fit::linear::{Matrix, times};
use crate::fit::maximise::{Likelihood, Maximum, best_of};
use crate::fit::refusal::Refusal;

/// Rounds in which the threshold's elasticity follows the estimated one.
const ROUNDS: usize = 12;
/// Standard errors by which the elasticity may still move when the rounds end: what is left is lost in the sampling error.
const SETTLED: f64 = 1e-2;

/// The maximum, and the threshold in currency units at the reference revenue.
///
/// Where the elasticity is free, thresholds grow with revenue as losses do: the fit is repeated with each round's estimate
/// until it stays, starting from the lognormal's.
pub fn maximum(
    sample: &Sample,
    threshold: Threshold,
    free: bool,
    start: Option<&[f64]>,
) -> Result<(Maximum, f64), Refusal> {
    let mut elasticity = match start {
        _ if !free => 0.0,
        Some(start) => start[5],
        None => elasticity_of_lognormal(sample),
    };
    let ln = match threshold {
        Threshold::At(amount) if amount > 0.0 && amount.is_finite() => libm::log(amount),
        Threshold::At(value) => return Err(invalid(value, "and must be a number above nought")),
        Threshold::Quantile(p) if p > 0.0 && p < 1.0 => quantile(sample, elasticity, p),
        Threshold::Quantile(value) => return Err(invalid(value, "and must be between nought and one")),
    };
    let thinned = (start.is_none() && sample.records > MANY)
        .then(|| maximum(&sample.thinned(THIN), Threshold::At(libm::exp(ln)), free, None).ok());
    let near = thinned.flatten().map(|(found, _)| found.at);
    let start = start.or(near.as_deref());
    let mut found: Option<Maximum> = None;
    for _ in 0..ROUNDS {
        let likelihood = Spliced::new(sample, ln, elasticity, free);
        let next = match (&found, start) {
            (Some(last), _) => best_of(&likelihood, std::slice::from_ref(&last.at))?,
            (None, Some(start)) => best_of(&likelihood, &[start.to_vec()])?,
            (None, None) => best_of(&likelihood, &starts(&likelihood, sample, free.then_some(elasticity))?)?,
        };
        let moved = if free { (next.at[5] - elasticity).abs() / next.covariance[5][5].sqrt() } else { 0.0 };
        elasticity = if free { next.at[5] } else { 0.0 };
        found = Some(next);
        if moved < SETTLED {
            break;
        }
    }
    let mut found = found.ok_or(Refusal::NoMaximum)?;
    if free {
        found.covariance = with_moving_threshold(sample, ln, &found);
    }
    Ok((found, libm::exp(ln)))
}

/// The covariance when the thresholds follow the estimated elasticity.
///
/// The estimate solves g(θ, ε₀ = ε) = 0, g being the score with thresholds at ε₀. So its variance is that of the score between
/// the inverses of the whole derivative H + d·eᵀ, d = ∂g ÷ ∂ε₀ and e the unit of ε (P. J. Huber, *The behavior of maximum
/// likelihood estimates under nonstandard conditions*, 1967): with C the inverse information, k = C·d ÷ (1 − (C·d)_ε) and c
/// its column of ε, that is C + k·cᵀ + c·kᵀ + C_εε·k·kᵀ. Losses cross their threshold one by one, so d is taken over a standard
/// error to each side.
fn with_moving_threshold(sample: &Sample, ln: f64, found: &Maximum) -> Matrix {
    let (c, e) = (&found.covariance, found.at.len() - 1);
    let h = c[e][e].sqrt();
    let score = |elasticity: f64| Spliced::new(sample, ln, elasticity, true).at(&found.at).gradient;
    let (up, down) = (score(found.at[e] + h), score(found.at[e] - h));
    let d: Vec<f64> = up.iter().zip(&down).map(|(up, down)| (up - down) / (2.0 * h)).collect();
    if d.iter().any(|x| !x.is_finite()) {
        return c.clone();
    }
    let mut k = times(c, &d);
    // Where thresholds run away from the estimate there is no fixed point to speak of; the rounds would not have settled.
    let rest = (1.0 - k[e]).max(0.1);
    k.iter_mut().for_each(|x| *x /= rest);
    let cell = |i: usize, j: usize| c[i][j] + k[i] * c[e][j] + c[i][e] * k[j] + c[e][e] * k[i] * k[j];
    (0..=e).map(|i| (0..=e).map(|j| cell(i, j)).collect()).collect()
}

fn invalid(value: f64, rule: &'static str) -> Refusal {
    Refusal::Invalid { row: 0, field: "threshold", value, rule }
}

fn elasticity_of_lognormal(sample: &Sample) -> f64 {
    let options = Options { elasticity: Elasticity::Free, ..Options::default() };
    fit(sample, Family::Lognormal, &options).map_or(0.0, |fit| fit.estimate.elasticity())
}

/// The quantile of events brought to the reference revenue, halfway to the next larger, as a logarithm.
fn quantile(sample: &Sample, elasticity: f64, p: f64) -> f64 {
    let events = &sample.events;
    let mut rows: Vec<(f64, f64)> =
        (0..events.len()).map(|row| (events.ln[row] - elasticity * events.revenue[row], events.weight[row])).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f64 = rows.iter().map(|row| row.1).sum();
    let mut below = 0.0;
    for (row, (ln, weight)) in rows.iter().enumerate() {
        below += weight;
        if below >= p * all {
            return (ln + rows.get(row + 1).map_or(*ln, |next| next.0)) / 2.0;
        }
    }
    rows.last().map_or(0.0, |row| row.0)
}

/// Starts: body from the events below with the location moved for what a retention hides, tail from the mean excess.
fn starts(likelihood: &Spliced, sample: &Sample, elasticity: Option<f64>) -> Result<Vec<Vec<f64>>, Refusal> {
    let [below, above] = likelihood.events();
    if below < 2 || above < 2 {
        return Err(Refusal::TooFew { distinct: below.min(above), needed: 2 });
    }
    let (mean, sd) = likelihood.body_moments();
    let (ln_excess, share) = (likelihood.ln_mean_excess(), below as f64 / (below + above) as f64);
    let hidden: &[f64] = if sample.records_truncated > 0 { &[0.0, 1.0, 2.5] } else { &[-0.5, 0.0, 1.0] };
    let mut places = Vec::new();
    for sds in hidden {
        for wider in [0.0, 0.4, 0.8] {
            for xi in [0.05, 0.5, 1.0] {
                // The mean of a generalised Pareto is β ÷ (1 − ξ).
                let beta = ln_excess + libm::log((1.0f64 - xi).max(0.2));
                let logit = libm::log(share / (1.0 - share));
                let mut at = vec![mean - sds * sd, libm::log(sd) + wider, logit, beta, xi];
                at.extend(elasticity);
                places.push((likelihood.at(&at).value, at));
            }
        }
    }
    places.retain(|(value, _)| value.is_finite());
    places.sort_by(|a, b| b.0.total_cmp(&a.0));
    Ok(places.into_iter().take(3).map(|(_, at)| at).collect())
}
