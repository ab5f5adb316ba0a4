//! The log-likelihood of a family of one scale and one shape, with truncation, censoring and elasticity.
//!
//! Σ w·[ln f(x) or, where censored, ln S(x)] − Σ w·ln S(d), d being the retention of each record that has one (S. A. Klugman,
//! H. H. Panjer, G. E. Willmot: *Loss Models*, 4th ed., 2012, section 13.2.3). Parameters: λ = ln θ, s = ln(shape), ε.

use std::marker::PhantomData;

use super::sample::Sample;
use super::shape::{Form, Shape};
use crate::fit::jet::Jet;
use crate::fit::maximise::{Likelihood, Point};
use crate::fit::tally::{Tally, blank};

/// What limits a family's shape: its name, bounds of its logarithm, and what lies beyond each, in words.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Names of scale and shape on the unconstrained scale.
    pub names: [&'static str; 2],
    /// Least ln(shape), and what lies below.
    pub low: (f64, &'static str),
    /// Greatest ln(shape), and what lies above.
    pub high: (f64, &'static str),
}

/// The log-likelihood of one family for one sample.
pub struct Scaled<'a, S: Shape> {
    sample: &'a Sample,
    limits: Limits,
    free_elasticity: bool,
    family: PhantomData<S>,
}

impl<'a, S: Shape> Scaled<'a, S> {
    /// Of this sample, with ε free or nought.
    pub fn new(sample: &'a Sample, limits: Limits, free_elasticity: bool) -> Scaled<'a, S> {
        Scaled { sample, limits, free_elasticity, family: PhantomData }
    }

    fn events(&self, m: f64, s: f64, elasticity: f64) -> Tally<2> {
        let shape = Form::of(Jet::variable(s, 1));
        let sums = (!self.free_elasticity && self.sample.events.len() > 0)
            .then(|| S::log_density_of_sums(&self.sample.sums, Jet::variable(m, 0), &shape));
        if let Some(sum) = sums.flatten() {
            return Tally::of(sum);
        }
        self.sample.events.tally(|ln, c| S::log_density(offset(ln, m + elasticity * c), &shape))
    }
}

/// z = ln x − m, m being the first variable.
fn offset(ln: f64, m: f64) -> Jet<2> {
    let mut z = Jet::constant(ln - m);
    z.gradient[0] = -1.0;
    z
}

impl<S: Shape> Likelihood for Scaled<'_, S> {
    fn at(&self, parameters: &[f64]) -> Point {
        let (m, s) = (parameters[0], parameters[1]);
        let free = self.free_elasticity.then_some(2);
        let elasticity = free.map_or(0.0, |e| parameters[e]);
        let shape = Form::of(Jet::<2>::variable(s, 1));
        let survival = |ln: f64, c: f64| S::log_survival(offset(ln, m + elasticity * c), &shape);
        let mut point = blank(parameters.len());
        point.value = -self.sample.sums.ln;
        self.events(m, s, elasticity).scatter(&mut point, 1.0, [0, 1], free);
        self.sample.censored.tally(survival).scatter(&mut point, 1.0, [0, 1], free);
        self.sample.truncations.tally(survival).scatter(&mut point, -1.0, [0, 1], free);
        point
    }

    fn boundary(&self, parameters: &[f64]) -> Option<&'static str> {
        let away = (parameters[0] - self.sample.sums.ln / self.sample.sums.weight).abs();
        match parameters[1] {
            s if s < self.limits.low.0 => Some(self.limits.low.1),
            s if s > self.limits.high.0 => Some(self.limits.high.1),
            _ if away > 60.0 => Some("a scale without bound: the retention or the limits hide the body"),
            _ => None,
        }
    }

    fn names(&self) -> Vec<&'static str> {
        let elasticity = self.free_elasticity.then_some("elasticity");
        self.limits.names.into_iter().chain(elasticity).collect()
    }
}
