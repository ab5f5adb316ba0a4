//! The maximum of a log-likelihood that gives its own gradient and Hessian: Newton's method, damped until it rises.
//!
//! The step solves (−H + ν·diag|H|)·s = g; ν grows while the matrix is not positive definite or the likelihood falls short
//! of what its quadratic promised, and shrinks to nought otherwise (D. W. Marquardt, SIAM Journal 11, 1963; J. Nocedal, S. J.
//! Wright: *Numerical Optimization*, 2nd ed., 2006, chapter 4).

use super::linear::{Matrix, cholesky, solve};
use super::refusal::Refusal;

const STEPS: usize = 200;
/// Longest step of one parameter; all of them are logarithms, log odds or of that size.
const LONGEST: f64 = 3.0;
/// The search ends when the quadratic promises less than this; a statistical error is one half.
const GAIN: f64 = 1e-10;

/// A log-likelihood at one place.
#[derive(Clone, Debug)]
pub struct Point {
    /// Log-likelihood; not finite outside the parameter space.
    pub value: f64,
    /// First derivatives.
    pub gradient: Vec<f64>,
    /// Second derivatives.
    pub hessian: Matrix,
}

impl Point {
    /// A place outside the parameter space.
    pub fn outside() -> Point {
        Point { value: f64::NEG_INFINITY, gradient: Vec::new(), hessian: Vec::new() }
    }

    fn is_inside(&self) -> bool {
        self.value.is_finite()
            && self.gradient.iter().all(|g| g.is_finite())
            && self.hessian.iter().flatten().all(|h| h.is_finite())
    }
}

/// A log-likelihood on an unconstrained scale.
pub trait Likelihood {
    /// Value and derivatives at these parameters.
    fn at(&self, parameters: &[f64]) -> Point;

    /// The limit of the family that these parameters have run into, in words.
    fn boundary(&self, parameters: &[f64]) -> Option<&'static str>;

    /// Names of the parameters.
    fn names(&self) -> Vec<&'static str>;
}

/// A maximum.
#[derive(Clone, Debug)]
pub struct Maximum {
    /// Parameters there.
    pub at: Vec<f64>,
    /// Log-likelihood there.
    pub value: f64,
    /// Inverse of the observed information.
    pub covariance: Matrix,
    /// Steps taken.
    pub steps: usize,
}

/// A search that ended without a maximum.
#[derive(Clone, Debug)]
pub struct Stopped {
    /// Why.
    pub refusal: Refusal,
    /// Log-likelihood where it ended.
    pub value: f64,
}

/// Climbs from `start`.
///
/// # Errors
/// [`Refusal::Boundary`] when parameters run into a limit of the family, [`Refusal::Singular`] when the information at the
/// maximum has no inverse, [`Refusal::NoMaximum`] when the search does not settle.
pub fn maximise(likelihood: &impl Likelihood, start: &[f64]) -> Result<Maximum, Stopped> {
    let (mut at, mut point) = (start.to_vec(), likelihood.at(start));
    let mut damping = 0.0;
    if !point.is_inside() {
        return Err(Stopped { refusal: Refusal::NoMaximum, value: f64::NEG_INFINITY });
    }
    for steps in 0..STEPS {
        if let Some(towards) = likelihood.boundary(&at) {
            return Err(Stopped { refusal: Refusal::Boundary { towards }, value: point.value });
        }
        if let Some(newton) = newton_step(&point, 0.0) {
            let gain: f64 = newton.iter().zip(&point.gradient).map(|(s, g)| s * g).sum();
            if gain < GAIN * (1.0 + 1e-6 * point.value.abs()) {
                let (at, point) = last_step(likelihood, at, point, &newton);
                let stopped = |refusal| Stopped { refusal, value: point.value };
                return finish(likelihood, at, &point, steps).map_err(stopped);
            }
        }
        let Some((moved, next)) = rise(likelihood, &at, &point, &mut damping) else {
            let stopped = |refusal| Stopped { refusal, value: point.value };
            return finish(likelihood, at, &point, steps).map_err(stopped);
        };
        (at, point) = (moved, next);
    }
    Err(Stopped { refusal: Refusal::NoMaximum, value: point.value })
}

/// The best of several climbs.
///
/// # Errors
/// What stopped the highest climb, when it ended without a maximum.
pub fn best_of(likelihood: &impl Likelihood, starts: &[Vec<f64>]) -> Result<Maximum, Refusal> {
    let (mut best, mut highest): (Option<Maximum>, Option<Stopped>) = (None, None);
    for start in starts {
        match maximise(likelihood, start) {
            Ok(found) if best.as_ref().is_none_or(|b| found.value > b.value) => best = Some(found),
            Err(stop) if highest.as_ref().is_none_or(|h| stop.value > h.value) => highest = Some(stop),
            _ => {}
        }
    }
    match (best, highest) {
        (Some(best), Some(stop))
            if matches!(stop.refusal, Refusal::Boundary { .. }) && stop.value > best.value + 1e-3 =>
        {
            Err(stop.refusal)
        }
        (Some(best), _) => Ok(best),
        (None, Some(stop)) => Err(stop.refusal),
        (None, None) => Err(Refusal::NoMaximum),
    }
}

/// One step more, where it doesn't fall: Newton's method squares the distance that is left.
fn last_step(likelihood: &impl Likelihood, at: Vec<f64>, point: Point, step: &[f64]) -> (Vec<f64>, Point) {
    let moved: Vec<f64> = at.iter().zip(step).map(|(x, s)| x + s).collect();
    let next = likelihood.at(&moved);
    let rounding = 1e-13 * (1.0 + point.value.abs());
    if next.is_inside() && next.value >= point.value - rounding { (moved, next) } else { (at, point) }
}

/// The next place, higher than this one; nothing when no step rises.
fn rise(likelihood: &impl Likelihood, at: &[f64], point: &Point, damping: &mut f64) -> Option<(Vec<f64>, Point)> {
    while *damping < 1e12 {
        if let Some(mut step) = newton_step(point, *damping) {
            let longest = step.iter().fold(0.0f64, |most, s| most.max(s.abs()));
            let shrink = (LONGEST / longest).min(1.0);
            step.iter_mut().for_each(|s| *s *= shrink);
            let moved: Vec<f64> = at.iter().zip(&step).map(|(x, s)| x + s).collect();
            let next = likelihood.at(&moved);
            if next.is_inside() && next.value > point.value {
                let share = (next.value - point.value) / promised(point, &step);
                *damping = match share {
                    s if s > 0.75 && *damping < 1e-3 => 0.0,
                    s if s > 0.75 => *damping / 10.0,
                    s if s < 0.25 => (*damping * 4.0).max(1e-3),
                    _ => *damping,
                };
                return Some((moved, next));
            }
        }
        *damping = (*damping * 8.0).max(1e-3);
    }
    *damping = 0.0;
    None
}

/// What the quadratic promises of a step.
fn promised(point: &Point, step: &[f64]) -> f64 {
    let curve = |i: usize| point.hessian[i].iter().zip(step).map(|(h, s)| h * s).sum::<f64>();
    step.iter().enumerate().map(|(i, s)| s * (point.gradient[i] + curve(i) / 2.0)).sum::<f64>().max(1e-300)
}

/// (−H + ν·diag|H|)⁻¹·g, where that matrix is positive definite.
fn newton_step(point: &Point, damping: f64) -> Option<Vec<f64>> {
    let damped =
        |i: usize, j: usize| -point.hessian[i][j] + if i == j { damping * point.hessian[i][i].abs() } else { 0.0 };
    let n = point.gradient.len();
    let matrix: Matrix = (0..n).map(|i| (0..n).map(|j| damped(i, j)).collect()).collect();
    Some(solve(&cholesky(&matrix, 1e-14).ok()?, &point.gradient))
}

/// The maximum with its covariance, where the information has an inverse.
fn finish(likelihood: &impl Likelihood, at: Vec<f64>, point: &Point, steps: usize) -> Result<Maximum, Refusal> {
    let names = likelihood.names();
    let covariance = covariance(&point.hessian).map_err(|row| Refusal::Singular { parameter: names[row] })?;
    let gain: f64 = (0..at.len())
        .map(|i| covariance[i].iter().zip(&point.gradient).map(|(c, g)| c * g).sum::<f64>() * point.gradient[i])
        .sum();
    // No step rises, yet the gradient is not nought: the likelihood has an edge here, not a maximum.
    if gain > 1e-4 {
        return Err(Refusal::NoMaximum);
    }
    Ok(Maximum { at, value: point.value, covariance, steps })
}

/// The inverse of −H, or the parameter that the others determine to ten digits. Scaled by its diagonal first, so that units
/// don't matter.
pub fn covariance(hessian: &Matrix) -> Result<Matrix, usize> {
    let n = hessian.len();
    let scale: Vec<f64> = (0..n).map(|i| 1.0 / (-hessian[i][i]).sqrt()).collect();
    if let Some(bad) = scale.iter().position(|s| !s.is_finite()) {
        return Err(bad);
    }
    let scaled: Matrix = (0..n).map(|i| (0..n).map(|j| -hessian[i][j] * scale[i] * scale[j]).collect()).collect();
    let lower = cholesky(&scaled, 1e-10)?;
    let unit = |column: usize| (0..n).map(|i| f64::from(u8::from(i == column))).collect::<Vec<f64>>();
    let inverse: Matrix = (0..n).map(|column| solve(&lower, &unit(column))).collect();
    Ok((0..n).map(|i| (0..n).map(|j| (inverse[i][j] + inverse[j][i]) / 2.0 * scale[i] * scale[j]).collect()).collect())
}
