//! The log-likelihood of a lognormal body with a generalised Pareto tail.
//!
//! At or below the threshold u the lognormal truncated there, with weight π; above it u plus a generalised Pareto excess,
//! with weight 1 − π (S. A. Klugman, H. H. Panjer, G. E. Willmot: *Loss Models*, 4th ed., 2012, section 5.2.6; tail after J.
//! Pickands, Annals of Statistics 3, 1975):
//!
//! S(x) = 1 − π·F(x) ÷ F(u) for x ≤ u, and (1 − π)·(1 + ξ·(x − u) ÷ β)^(−1/ξ) above.
//!
//! The weight is free (the density may jump at u). The threshold is given, not estimated. Parameters: μ, ln σ, logit π, ln β, ξ
//! and ε, which scales body and tail; the threshold of a record is u·(revenue ratio)^ε₀ with ε₀ held while the others move.

use super::sample::{Column, Sample};
use super::shape::{Form, GeneralisedPareto, Lognormal, Shape};
use crate::fit::incomplete_gamma::ln_one_minus;
use crate::fit::jet::Jet;
use crate::fit::maximise::{Likelihood, Point};
use crate::fit::special::ln_normal_survival;
use crate::fit::tally::{Tally, blank};

const PLACE_SHARE: usize = 2;

/// One side of the threshold of events, censoring points or truncation points.
#[derive(Clone, Debug, Default)]
struct Sides {
    /// Rows at or below their threshold.
    below: Column,
    /// Excesses over their threshold.
    above: Column,
    above_weight: f64,
}

impl Sides {
    fn of(column: &Column, threshold: impl Fn(f64) -> f64) -> Sides {
        let mut sides = Sides::default();
        for row in 0..column.len() {
            let (ln, c, weight) = (column.ln[row], column.revenue[row], column.weight[row]);
            let u = threshold(c);
            if ln <= u {
                sides.below.push(ln, c, weight);
            } else {
                sides.above.push(u + libm::log(libm::expm1(ln - u)), c, weight);
                sides.above_weight += weight;
            }
        }
        sides
    }
}

/// The log-likelihood for one sample and threshold.
pub struct Spliced {
    threshold: f64,
    threshold_elasticity: f64,
    free_elasticity: bool,
    /// Σ w·ln x of events below and of excesses above: densities are of amounts, terms of their logarithms.
    logarithms: f64,
    events: Sides,
    censored: Sides,
    truncations: Sides,
    /// Thresholds of the events below.
    thresholds: Column,
}

impl Spliced {
    /// Of this sample, with the logarithm of the threshold at the reference revenue and ε₀.
    pub fn new(sample: &Sample, threshold: f64, threshold_elasticity: f64, free_elasticity: bool) -> Spliced {
        let at = |c: f64| threshold + threshold_elasticity * c;
        let events = Sides::of(&sample.events, at);
        let mut thresholds = Column::default();
        (0..events.below.len()).for_each(|row| {
            let c = events.below.revenue[row];
            thresholds.push(at(c), c, events.below.weight[row]);
        });
        Spliced {
            logarithms: [&events.below, &events.above].into_iter().map(Column::weighted_ln).sum(),
            threshold,
            threshold_elasticity,
            free_elasticity,
            censored: Sides::of(&sample.censored, at),
            truncations: Sides::of(&sample.truncations, at),
            thresholds: if sample.has_revenue { thresholds } else { thresholds.grouped() },
            events,
        }
    }

    /// Events at or below the threshold, and above.
    pub fn events(&self) -> [usize; 2] {
        [self.events.below.len(), self.events.above.len()]
    }

    /// Mean and standard deviation of ln x of events below.
    pub fn body_moments(&self) -> (f64, f64) {
        let (body, weight) = (&self.events.below, self.events.below.weight.iter().sum::<f64>());
        let mean = body.weighted_ln() / weight;
        let square = |row: usize| body.weight[row] * (body.ln[row] - mean) * (body.ln[row] - mean);
        (mean, ((0..body.len()).map(square).sum::<f64>() / weight).sqrt().max(1e-6))
    }

    /// The logarithm of the mean excess of events above.
    pub fn ln_mean_excess(&self) -> f64 {
        let tail = &self.events.above;
        let excess: f64 = tail.ln.iter().zip(&tail.weight).map(|(ln, w)| w * libm::exp(*ln)).sum();
        libm::log(excess / self.events.above_weight)
    }

    /// The part of the body.
    fn body(&self, point: &mut Point, p: &[f64], elasticity: f64) {
        let (free, s) = (self.free(), Form::of(Jet::<2>::variable(p[1], 1)));
        let z = |ln: f64, c: f64| minus_first::<2>(ln - p[0] - elasticity * c);
        self.events.below.tally(|ln, c| Lognormal::log_density(z(ln, c), &s)).scatter(point, 1.0, [0, 1], free);
        // ln F(u) = ln(1 − Φ(−y)).
        let distribution = |ln: f64, c: f64| ln_normal_survival(-(z(ln, c) * s.inverse));
        self.thresholds.tally(distribution).scatter(point, -1.0, [0, 1], free);
    }

    /// The part of the tail.
    fn tail(&self, point: &mut Point, p: &[f64], elasticity: f64) {
        let (free, xi) = (self.free(), Form::of(Jet::<2>::variable(p[4], 1)));
        let z = |ln: f64, c: f64| minus_first::<2>(ln - p[3] - elasticity * c);
        let survival = |ln: f64, c: f64| GeneralisedPareto::log_survival(z(ln, c), &xi);
        let density = |ln: f64, c: f64| GeneralisedPareto::log_density(z(ln, c), &xi);
        self.events.above.tally(density).scatter(point, 1.0, [3, 4], free);
        self.censored.above.tally(survival).scatter(point, 1.0, [3, 4], free);
        self.truncations.above.tally(survival).scatter(point, -1.0, [3, 4], free);
    }

    /// The weights of both sides, and what is censored or truncated below the threshold.
    fn share(&self, point: &mut Point, p: &[f64], elasticity: f64) {
        let free = self.free();
        let logit = Jet::<1>::variable(p[2], 0);
        let ln_tail = -logit.softplus();
        let below: f64 = self.events.below.weight.iter().sum();
        let above = self.events.above_weight + self.censored.above_weight - self.truncations.above_weight;
        let weights = (logit + ln_tail).scale(below) + ln_tail.scale(above);
        Tally::of(weights).scatter(point, 1.0, [PLACE_SHARE], None);
        let (inverse, logit) = ((-Jet::<3>::variable(p[1], 1)).exp(), Jet::<3>::variable(p[2], 2));
        let ln_share = logit - logit.softplus();
        let survival = |ln: f64, c: f64| {
            let m = p[0] + elasticity * c;
            let u = self.threshold + self.threshold_elasticity * c;
            let ln_cdf = |at: f64| ln_normal_survival(-(minus_first::<3>(at - m) * inverse));
            let share = ln_share + ln_cdf(ln) - ln_cdf(u);
            ln_one_minus(share)
        };
        self.censored.below.tally(survival).scatter(point, 1.0, [0, 1, PLACE_SHARE], free);
        self.truncations.below.tally(survival).scatter(point, -1.0, [0, 1, PLACE_SHARE], free);
    }

    fn free(&self) -> Option<usize> {
        self.free_elasticity.then_some(5)
    }
}

/// A number that falls as the first variable rises.
fn minus_first<const N: usize>(value: f64) -> Jet<N> {
    let mut z = Jet::constant(value);
    z.gradient[0] = -1.0;
    z
}

impl Likelihood for Spliced {
    fn at(&self, p: &[f64]) -> Point {
        let elasticity = self.free().map_or(0.0, |e| p[e]);
        let mut point = blank(p.len());
        point.value = -self.logarithms;
        self.body(&mut point, p, elasticity);
        self.tail(&mut point, p, elasticity);
        self.share(&mut point, p, elasticity);
        point
    }

    fn boundary(&self, p: &[f64]) -> Option<&'static str> {
        let away = (p[0] - self.threshold).abs();
        match p {
            [_, s, ..] if *s < -8.0 => Some("a body without spread"),
            [_, s, ..] if *s > 5.0 || away > 60.0 => {
                Some("a body without bound: below the threshold it is no lognormal")
            }
            [_, _, logit, ..] if logit.abs() > 15.0 => Some("a share of nought on one side of the threshold"),
            [_, _, _, _, xi, ..] if *xi < -0.5 => {
                Some("a tail with an end (shape below −0.5), where errors have no formula")
            }
            _ => None,
        }
    }

    fn names(&self) -> Vec<&'static str> {
        let elasticity = self.free_elasticity.then_some("elasticity");
        ["mu", "ln sigma", "logit body share", "ln tail scale", "tail shape"].into_iter().chain(elasticity).collect()
    }
}
