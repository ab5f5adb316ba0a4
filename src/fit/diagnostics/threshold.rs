//! Threshold stability: shape and modified scale of a generalised Pareto against the threshold it begins at.
//!
//! Above a threshold that is high enough the shape ξ stays, and so does the modified scale β − ξ·u (S. Coles: *An Introduction to
//! Statistical Modeling of Extreme Values*, 2001, section 4.3.4); thresholds from where both are level are fit to begin a
//! tail.

use serde::Serialize;

use crate::fit::maximise::{Likelihood, best_of};
use crate::fit::severity::{GeneralisedPareto, Limits, Loss, Sample, Scaled};

/// A generalised Pareto above one threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Stability {
    /// Threshold in currency units at the reference revenue.
    pub threshold: f64,
    /// Losses above, known exactly.
    pub exceedances: usize,
    /// ξ.
    pub shape: f64,
    /// Its standard error.
    pub shape_error: f64,
    /// β − ξ·u, currency units.
    pub modified_scale: f64,
    /// Its standard error by the delta method.
    pub modified_scale_error: f64,
}

/// Fits at the `points` quantiles of the known losses from one half to 98 %, as long as 15 lie above. Losses are brought to the
/// reference revenue first; retentions above a threshold and limits count as they should. Thresholds where there is no
/// maximum are left out.
pub fn threshold_stability(losses: &[Loss], elasticity: f64, points: usize) -> Vec<Stability> {
    let brought: Vec<Loss> = losses.iter().map(|loss| at_reference(loss, elasticity)).collect();
    let mut known: Vec<f64> = brought.iter().filter(|loss| !loss.censored).map(|loss| loss.amount).collect();
    known.sort_by(f64::total_cmp);
    let place = |i: usize| {
        let share = 0.5 + 0.48 * i as f64 / points.saturating_sub(1).max(1) as f64;
        (share * known.len() as f64) as usize
    };
    let mut places: Vec<usize> = (0..points).map(place).filter(|at| at + 15 < known.len()).collect();
    places.dedup();
    places.into_iter().filter_map(|at| above(&brought, known[at])).collect()
}

fn at_reference(loss: &Loss, elasticity: f64) -> Loss {
    let factor = libm::pow(loss.revenue_ratio, elasticity);
    Loss { amount: loss.amount / factor, truncation: loss.truncation / factor, revenue_ratio: 1.0, ..*loss }
}

/// The fit to excesses over `threshold`.
fn above(losses: &[Loss], threshold: f64) -> Option<Stability> {
    let excesses: Vec<Loss> = losses
        .iter()
        .filter(|loss| loss.amount > threshold)
        .map(|l| Loss { amount: l.amount - threshold, truncation: (l.truncation - threshold).max(0.0), ..*l })
        .filter(|loss| loss.amount > loss.truncation)
        .collect();
    let exceedances = excesses.iter().filter(|loss| !loss.censored).count();
    let mean = excesses.iter().map(|loss| loss.amount).sum::<f64>() / excesses.len() as f64;
    let sample = Sample::new(&excesses).ok()?;
    let limits = Limits {
        names: ["ln scale", "shape"],
        low: (-0.5, "a tail with an end (shape below −0.5), where errors have no formula"),
        high: (8.0, "a tail without index"),
    };
    let likelihood = Scaled::<GeneralisedPareto>::new(&sample, limits, false);
    let starts: Vec<Vec<f64>> = [0.05, 0.5, 1.0]
        .iter()
        .map(|xi: &f64| vec![libm::log(mean * (1.0 - xi).max(0.2)), *xi])
        .filter(|start| likelihood.at(start).value.is_finite())
        .collect();
    let found = best_of(&likelihood, &starts).ok()?;
    let (scale, shape, c) = (libm::exp(found.at[0]), found.at[1], &found.covariance);
    let variance = scale * scale * c[0][0] - 2.0 * threshold * scale * c[0][1] + threshold * threshold * c[1][1];
    Some(Stability {
        threshold,
        exceedances,
        shape,
        shape_error: c[1][1].sqrt(),
        modified_scale: scale - shape * threshold,
        modified_scale_error: variance.max(0.0).sqrt(),
    })
}
