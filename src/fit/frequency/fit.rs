//! Maximum-likelihood fits of count models, chosen by likelihood.

use serde::Serialize;

use super::estimate::FrequencyEstimate;
use super::interval::{RateInterval, rate_interval};
use super::likelihood::{Cell, Counts};
use super::model::CountFamily;
use crate::fit::estimate::{Criteria, Link, Parameter};
use crate::fit::maximise::{Maximum, best_of};
use crate::fit::refusal::Refusal;
use crate::fit::special::{chi_squared_1_survival, trigamma};

/// A negative binomial is taken when the Poisson's p-value against it is below this.
const LEVEL: f64 = 0.05;

/// How to fit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// The time in years at which the rate is meant, with a log-linear trend through it; nothing: no trend.
    pub trend_at: Option<f64>,
    /// The family to take; nothing: chosen by likelihood.
    pub family: Option<CountFamily>,
}

/// One family as it fitted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// Family.
    pub family: CountFamily,
    /// Log-likelihood and criteria. A negative binomial that no dispersion improves has the Poisson's likelihood.
    pub criteria: Criteria,
    /// Twice the log-likelihood gained over the Poisson.
    pub likelihood_ratio: f64,
    /// Its p-value. The Poisson is at the edge of the negative binomial, so the statistic is nought with probability one half
    /// and χ² with one degree of freedom otherwise (S. G. Self, K.-Y. Liang, Journal of the American Statistical Association
    /// 82, 1987).
    pub p_value: f64,
    maximum: Option<MaximumAt>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct MaximumAt {
    at: Vec<f64>,
    covariance: Vec<Vec<f64>>,
}

/// A log-linear trend.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Trend {
    /// δ: growth of ln λ a year, with standard error and 90 % interval.
    pub slope: Parameter,
    /// e^δ − 1: growth a year, and its 90 % interval.
    pub growth: [f64; 3],
    /// Two-sided p-value of no trend (Wald).
    pub p_value: f64,
}

/// A fitted count model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FrequencyFit {
    /// The model with its uncertainty.
    pub estimate: FrequencyEstimate,
    /// λ, claims a policy-year (at the reference time), with standard error and 90 % interval: exact for the Poisson without
    /// trend, so not without width where there are no claims.
    pub rate: Parameter,
    /// β or α, unless Poisson.
    pub dispersion: Option<Parameter>,
    /// The trend, where one was asked for and the data have one.
    pub trend: Option<Trend>,
    /// All families with likelihoods and criteria; empty without claims.
    pub candidates: Vec<Candidate>,
    /// Claims.
    pub claims: u64,
    /// Policy-years.
    pub exposure: f64,
    /// Cells.
    pub cells: usize,
    /// What to know before using it, in words.
    pub notes: Vec<&'static str>,
}

/// Fits count models to cells.
///
/// # Errors
/// [`Refusal::NoData`] without cells, [`Refusal::Invalid`] for an exposure or time that isn't a number, and what the search for
/// a maximum refuses. No claims are no refusal: the model then has the exact upper bound of its rate.
pub fn fit(cells: &[Cell], options: &Options) -> Result<FrequencyFit, Refusal> {
    let (claims, exposure) = check(cells)?;
    if claims == 0 {
        return Ok(claim_free(cells.len(), exposure));
    }
    let grouped = grouped(cells);
    let mut notes = Vec::new();
    let trend = options.trend_at.filter(|_| {
        let known = has_trend(cells);
        notes.extend((!known).then_some("no trend: claims and exposure are needed in at least two periods"));
        known
    });
    let (trend, candidates) = match candidates(&grouped, trend, claims as f64 / exposure) {
        Err(Refusal::Boundary { .. } | Refusal::Singular { .. }) if trend.is_some() => {
            notes.push("no trend: the claims don't determine one");
            (None, candidates(&grouped, None, claims as f64 / exposure)?)
        }
        found => (trend, found?),
    };
    let chosen = choose(&candidates, options.family);
    if candidates[chosen].maximum.is_none() {
        notes.push("counts vary no more than the Poisson has it");
    }
    let maximum = candidates[chosen].maximum.clone().or_else(|| candidates[0].maximum.clone());
    let (family, MaximumAt { at, covariance }) = match maximum {
        Some(maximum) if candidates[chosen].maximum.is_some() => (candidates[chosen].family, maximum),
        Some(maximum) => (CountFamily::Poisson, maximum),
        None => return Err(Refusal::NoMaximum),
    };
    let reference_time = trend.unwrap_or(0.0);
    let estimate = FrequencyEstimate {
        family,
        at,
        covariance,
        has_trend: trend.is_some(),
        reference_time,
        claim_free_exposure: 0.0,
    };
    Ok(describe(estimate, candidates, claims, exposure, cells.len(), notes))
}

fn check(cells: &[Cell]) -> Result<(u64, f64), Refusal> {
    for (row, cell) in cells.iter().enumerate() {
        if !(cell.exposure.is_finite() && cell.exposure > 0.0) {
            let rule = "and must be a number above nought";
            return Err(Refusal::Invalid { row, field: "exposure", value: cell.exposure, rule });
        }
        if !cell.time.is_finite() {
            return Err(Refusal::Invalid { row, field: "time", value: cell.time, rule: "and must be a number" });
        }
    }
    if cells.is_empty() {
        return Err(Refusal::NoData);
    }
    Ok((cells.iter().map(|cell| cell.claims).sum(), cells.iter().map(|cell| cell.exposure).sum()))
}

/// Equal cells once, with how often they occur.
fn grouped(cells: &[Cell]) -> Vec<(Cell, f64)> {
    let mut sorted = cells.to_vec();
    sorted.sort_by(|a, b| {
        a.claims.cmp(&b.claims).then(a.exposure.total_cmp(&b.exposure)).then(a.time.total_cmp(&b.time))
    });
    let mut out: Vec<(Cell, f64)> = Vec::new();
    for cell in sorted {
        match out.last_mut() {
            Some((last, times)) if *last == cell => *times += 1.0,
            _ => out.push((cell, 1.0)),
        }
    }
    out
}

/// Claims in at least one period, and exposure in another.
fn has_trend(cells: &[Cell]) -> bool {
    cells.iter().any(|cell| cell.time != cells[0].time)
}

fn candidates(cells: &[(Cell, f64)], trend: Option<f64>, rate: f64) -> Result<Vec<Candidate>, Refusal> {
    let likelihood = |family| Counts { cells, family, trend };
    let slope = trend.map(|_| 0.0);
    let start = |dispersion: Option<f64>| [libm::log(rate)].into_iter().chain(dispersion).chain(slope).collect();
    let poisson = best_of(&likelihood(CountFamily::Poisson), &[start(None)])?;
    let n: f64 = cells.iter().map(|(_, times)| times).sum();
    let of = |family: CountFamily| {
        let found: Option<Maximum> = if family == CountFamily::Poisson {
            Some(poisson.clone())
        } else {
            let starts = [-3.0, 0.0, 2.0].map(|d| start(Some(d)));
            best_of(&likelihood(family), &starts).ok().filter(|found| found.value > poisson.value + 1e-9)
        };
        let value = found.as_ref().map_or(poisson.value, |found| found.value);
        let likelihood_ratio = 2.0 * (value - poisson.value);
        let tail = chi_squared_1_survival(likelihood_ratio);
        Candidate {
            family,
            criteria: Criteria::new(value, poisson.at.len() + usize::from(family != CountFamily::Poisson), n),
            likelihood_ratio,
            p_value: if likelihood_ratio > 0.0 { 0.5 * tail } else { 1.0 },
            maximum: found.map(|found| MaximumAt { at: found.at, covariance: found.covariance }),
        }
    };
    Ok(CountFamily::ALL.into_iter().map(of).collect())
}

fn choose(candidates: &[Candidate], wanted: Option<CountFamily>) -> usize {
    if let Some(at) = wanted.and_then(|family| candidates.iter().position(|c| c.family == family)) {
        return at;
    }
    let higher = |a: &usize, b: &usize| candidates[*a].likelihood_ratio.total_cmp(&candidates[*b].likelihood_ratio);
    let best = (1..candidates.len()).rev().max_by(higher).unwrap_or(0);
    if candidates[best].p_value < LEVEL { best } else { 0 }
}

fn describe(
    estimate: FrequencyEstimate,
    candidates: Vec<Candidate>,
    claims: u64,
    exposure: f64,
    cells: usize,
    mut notes: Vec<&'static str>,
) -> FrequencyFit {
    let variance = |at: usize| estimate.covariance[at][at];
    let mut rate = Parameter::new("rate", Link::Log, estimate.at[0], variance(0));
    if estimate.family == CountFamily::Poisson && !estimate.has_trend {
        let RateInterval { low, high } = rate_interval(claims, exposure, 0.9);
        (rate.low, rate.high) = (low, high);
    }
    let dispersed = estimate.family != CountFamily::Poisson;
    let dispersion = dispersed.then(|| Parameter::new("dispersion", Link::Log, estimate.at[1], variance(1)));
    let last = estimate.at.len() - 1;
    let trend = estimate.has_trend.then(|| {
        let slope = Parameter::new("trend", Link::Identity, estimate.at[last], variance(last));
        let p_value = libm::erfc((slope.value / slope.standard_error).abs() / std::f64::consts::SQRT_2);
        Trend { slope, growth: [slope.value, slope.low, slope.high].map(libm::expm1), p_value }
    });
    notes.extend((claims < 5).then_some("fewer than 5 claims: the interval is wide, and skew"));
    FrequencyFit { estimate, rate, dispersion, trend, candidates, claims, exposure, cells, notes }
}

/// The model after no claims: Jeffreys' mean as rate, the exact interval around it.
fn claim_free(cells: usize, exposure: f64) -> FrequencyFit {
    let RateInterval { low, high } = rate_interval(0, exposure, 0.9);
    let value = 0.5 / exposure;
    let rate = Parameter { name: "rate", value, standard_error: libm::sqrt(0.5) / exposure, low, high };
    let estimate = FrequencyEstimate {
        family: CountFamily::Poisson,
        at: vec![libm::log(value)],
        covariance: vec![vec![trigamma(0.5)]],
        has_trend: false,
        reference_time: 0.0,
        claim_free_exposure: exposure,
    };
    let notes = vec!["no claims: the rate is half a claim over the exposure, its upper bound 3.0 claims over it"];
    let (dispersion, trend, candidates) = (None, None, Vec::new());
    FrequencyFit { estimate, rate, dispersion, trend, candidates, claims: 0, exposure, cells, notes }
}
