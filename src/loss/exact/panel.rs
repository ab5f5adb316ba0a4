//! Hours of an outage in panels, each with a parabola through three of its hours; panels are halved until parabolas tell what
//! lies between.
//!
//! What an insured claims is a straight line in the hours between a few kinks (the wait, the indemnity period, a deductible, a
//! limit), so that parabolas are exact but where there is one. A panel ends at the end of each waiting period, where a claim may
//! jump; of other kinks nothing need be known: halving finds them (adaptive Simpson's rule, W. M. McKeeman, Algorithm 145,
//! *Communications of the ACM* 5, 1962).

use crate::fault::Failure;

/// Where the normal variable of the hours ends; what lies beyond counts with the last panels.
const REACH: f64 = 8.0;

/// Up to where panels are narrow at first; beyond they are thrice as wide.
const NARROW: f64 = 4.2;

/// Panels are not made narrower than this.
const NARROWEST: f64 = 1e-3;

/// Probability of a panel up to which it is cut less.
const LIGHT: f64 = 1e-3;

/// Part of hours by which a panel begins above the end of a waiting period.
const ABOVE: f64 = 1e-10;

/// Hours as exp(mu + sigma·Z).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hours {
    /// Location.
    pub mu: f64,
    /// Scale, above nought.
    pub sigma: f64,
}

impl Hours {
    /// At a value of the normal variable.
    pub fn at(self, z: f64) -> f64 {
        libm::exp(self.mu + self.sigma * z)
    }

    /// P(H ≤ hours) or P(H > hours), whichever is less.
    pub fn tail(self, hours: f64) -> f64 {
        if hours <= 0.0 { 0.0 } else { between(((libm::log(hours) - self.mu) / self.sigma).abs(), f64::INFINITY) }
    }

    /// E Hᵏ of the part with Z from `from` to `to`: exp(k·mu + k²·sigma² ÷ 2)·(Φ(to − k·sigma) − Φ(from − k·sigma)).
    fn moment(self, k: f64, (from, to): (f64, f64)) -> f64 {
        let shift = k * self.sigma;
        libm::exp(k * self.mu + shift * shift / 2.0) * between(from - shift, to - shift)
    }
}

/// Φ(to) − Φ(from).
pub fn between(from: f64, to: f64) -> f64 {
    let upper = |z: f64| 0.5 * libm::erfc(z / std::f64::consts::SQRT_2);
    if from > 0.0 { upper(from) - upper(to) } else { upper(-to) - upper(-from) }
}

/// A part of the hours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Panel {
    /// Ends, as values of the normal variable.
    pub ends: (f64, f64),
    /// Hours at the lower end, in the middle and at the upper end.
    pub hours: [f64; 3],
    /// Which value belongs to each.
    pub values: [usize; 3],
}

impl Panel {
    /// Its probability.
    pub fn probability(&self) -> f64 {
        between(self.ends.0, self.ends.1)
    }

    /// Each value's part in the parabola at some hours (Lagrange).
    pub fn parts(&self, hours: f64) -> [f64; 3] {
        let [a, b, c] = self.hours;
        let h = hours;
        [
            (h - b) * (h - c) / ((a - b) * (a - c)),
            (h - a) * (h - c) / ((b - a) * (b - c)),
            (h - a) * (h - b) / ((c - a) * (c - b)),
        ]
    }

    /// Weights that integrate the parabola over the panel: exact for what is a straight line or a parabola in the hours. The
    /// outermost panels count what lies beyond them.
    pub fn weights(&self, law: Hours) -> [f64; 3] {
        let beyond = |z: f64| if z.abs() >= REACH { z * 1e3 } else { z };
        let ends = (beyond(self.ends.0), beyond(self.ends.1));
        let [m0, m1, m2] = [0.0, 1.0, 2.0].map(|k| law.moment(k, ends));
        let [a, b, c] = self.hours;
        let part = |x: f64, y: f64, own: f64| (m2 - (x + y) * m1 + x * y * m0) / ((own - x) * (own - y));
        [part(b, c, a), part(a, c, b), part(a, b, c)]
    }

    /// Hours in the middle of its halves.
    fn quarters(&self, law: Hours) -> [f64; 2] {
        let (from, to) = self.ends;
        [0.25, 0.75].map(|part| law.at(from + (to - from) * part))
    }

    fn halves(&self, hours: [f64; 2], values: [usize; 2]) -> [Panel; 2] {
        let (from, to) = self.ends;
        let middle = (from + to) / 2.0;
        let half = |ends, at: usize| Panel {
            ends,
            hours: [self.hours[at], hours[at], self.hours[at + 1]],
            values: [self.values[at], values[at], self.values[at + 1]],
        };
        [half((from, middle), 0), half((middle, to), 1)]
    }
}

/// How finely hours are cut.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// Width of the first panels.
    pub width: f64,
    /// Distance of parabola and value that is small enough.
    pub near: f64,
    /// Values that may be worked out.
    pub most: usize,
}

/// Panels in order, and the values at their hours. `value` works out the value at some hours; `distance` says how far the
/// parabola of a panel is from a value at some hours.
///
/// # Errors
/// Those of `value`.
pub fn panels<T>(
    law: Hours,
    breaks: &[f64],
    cut: Cut,
    value: impl Fn(&[f64]) -> Result<Vec<T>, Failure>,
    distance: impl Fn(&[T], &Panel, f64, &T) -> f64,
) -> Result<(Vec<Panel>, Vec<T>), Failure> {
    let (mut open, hours) = first(law, breaks, cut.width);
    let mut values = value(&hours)?;
    let mut done = Vec::new();
    while !open.is_empty() {
        let hours: Vec<f64> = open.iter().flat_map(|panel| panel.quarters(law)).collect();
        let begin = values.len();
        values.extend(value(&hours)?);
        let last = values.len() + 4 * open.len() > cut.most;
        let mut next = Vec::new();
        for (at, panel) in open.iter().enumerate() {
            let own = [begin + 2 * at, begin + 2 * at + 1];
            let quarters = [hours[2 * at], hours[2 * at + 1]];
            let far = |n: usize| distance(&values, panel, quarters[n], &values[own[n]]);
            let (off, width) = (far(0).max(far(1)), panel.ends.1 - panel.ends.0);
            let enough = cut.near * (LIGHT / panel.probability()).clamp(1.0, 10.0);
            let halves = panel.halves(quarters, own);
            if last || off <= enough || width < 2.0 * NARROWEST { done.extend(halves) } else { next.extend(halves) }
        }
        open = next;
    }
    done.sort_by(|a, b| a.ends.0.total_cmp(&b.ends.0));
    Ok((done, values))
}

/// The first panels, and their hours.
fn first(law: Hours, breaks: &[f64], width: f64) -> (Vec<Panel>, Vec<f64>) {
    let part = |from: f64, to: f64, width: f64| {
        let count = ((to - from) / width).ceil().max(1.0);
        (0..=count as usize).map(move |n| from + (to - from) * n as f64 / count)
    };
    let outer = part(-REACH, -NARROW, 3.0 * width).chain(part(NARROW, REACH, 3.0 * width));
    let even = part(-NARROW, NARROW, width).chain(outer).map(|z| (z, None));
    let own = breaks.iter().filter(|hours| **hours > 0.0).map(|at| ((libm::log(*at) - law.mu) / law.sigma, Some(*at)));
    let mut edges: Vec<(f64, Option<f64>)> = even.chain(own.filter(|(z, _)| z.abs() < REACH)).collect();
    edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.is_some().cmp(&a.1.is_some())));
    edges.dedup_by(|later, kept| later.0 - kept.0 < 2.0 * NARROWEST && later.1.is_none());
    let (mut panels, mut hours) = (Vec::new(), Vec::new());
    for edge in edges.windows(2).filter(|edge| edge[1].0 - edge[0].0 > 1e-9) {
        let ((from, below), (to, at)) = (edge[0], edge[1]);
        let begin = hours.len();
        let own = [
            below.map_or(law.at(from), |hours| hours * (1.0 + ABOVE)),
            law.at((from + to) / 2.0),
            at.unwrap_or(law.at(to)),
        ];
        hours.extend(own);
        panels.push(Panel { ends: (from, to), hours: own, values: [begin, begin + 1, begin + 2] });
    }
    (panels, hours)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAW: Hours = Hours { mu: 2.0, sigma: 1.2 };

    fn integral(breaks: &[f64], f: impl Fn(f64) -> f64) -> (f64, usize) {
        let cut = Cut { width: 0.7, near: 1e-5, most: 2_000 };
        let value = |hours: &[f64]| Ok(hours.iter().map(|h| f(*h)).collect::<Vec<f64>>());
        let distance = |values: &[f64], panel: &Panel, hours: f64, own: &f64| {
            let parabola: f64 = panel.parts(hours).iter().zip(panel.values).map(|(part, at)| part * values[at]).sum();
            (parabola - own).abs()
        };
        let (panels, values) = panels(LAW, breaks, cut, value, distance).unwrap();
        assert!((panels.iter().map(Panel::probability).sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(panels.windows(2).all(|w| w[0].ends.1 == w[1].ends.0));
        let one =
            |panel: &Panel| panel.weights(LAW).iter().zip(panel.values).map(|(w, at)| w * values[at]).sum::<f64>();
        (panels.iter().map(one).sum(), values.len())
    }

    /// E H = exp(mu + sigma² ÷ 2), E H² = exp(2·mu + 2·sigma²).
    #[test]
    fn hours_and_their_square_are_integrated_exactly() {
        assert!((integral(&[], |h| h).0 / (2.0 + 0.72f64).exp() - 1.0).abs() < 1e-12);
        assert!((integral(&[9.0], |h| h * h).0 / (4.0 + 2.88f64).exp() - 1.0).abs() < 1e-9);
    }

    /// E (H − d)⁺ = E H·Φ(s − z) − d·Φ(−z), z = (ln d − mu) ÷ s: a kink that nobody told of is found, and a jump that was told.
    #[test]
    fn kinks_are_found_and_jumps_are_told() {
        let upper = |z: f64| between(z, 40.0);
        let z = |hours: f64| (hours.ln() - 2.0) / 1.2;
        let excess = (2.72f64).exp() * upper(z(20.0) - 1.2) - 20.0 * upper(z(20.0));
        let (own, worked) = integral(&[], |h| (h - 20.0).max(0.0));
        assert!((own / excess - 1.0).abs() < 1e-5, "{own} {excess}");
        assert!(worked < 250, "{worked}");
        let (own, worked) = integral(&[12.0], |h| if h <= 12.0 { 0.0 } else { 5.0 });
        assert!((own / (5.0 * upper(z(12.0))) - 1.0).abs() < 1e-9 && worked < 100, "{own} {worked}");
    }
}
