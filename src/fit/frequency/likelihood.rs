//! Log-likelihood of counts with exposure.
//!
//! With m = e·exp(η), η = ln λ + δ·(t − t₀), L(x) = ln(1 + x) ÷ x, and the sum over j from nought to n − 1:
//!
//! * Poisson: n·ln m − m − ln n!
//! * variance m·(1 + β): Σ ln(m + j·β) − (m + n·β)·L(β) − ln n!
//! * variance m + α·m²: Σ ln(1 + j·α) + n·ln m − (m + n·α·m)·L(α·m) − ln n!
//!
//! These are the usual forms with gamma functions, written so that they have the Poisson as their limit without loss of
//! digits.

use super::model::CountFamily;
use crate::fit::jet::Jet;
use crate::fit::maximise::{Likelihood, Point};
use crate::fit::special::ln_gamma;
use crate::fit::tally::{blank, tally};

/// Counts above which sums of logarithms become gamma functions.
const DIRECT: u64 = 64;

/// The claims of an insured or segment in a period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Claims or incidents.
    pub claims: u64,
    /// Policy-years, above nought.
    pub exposure: f64,
    /// When, in years; for the trend only.
    pub time: f64,
}

/// The log-likelihood of one family.
pub struct Counts<'a> {
    /// Cells and how many times each occurs.
    pub cells: &'a [(Cell, f64)],
    /// Family.
    pub family: CountFamily,
    /// Where a trend is free, the time at which the rate is meant.
    pub trend: Option<f64>,
}

impl Counts<'_> {
    fn dispersed(&self) -> bool {
        self.family != CountFamily::Poisson
    }

    fn term(&self, cell: &Cell, eta: f64, dispersion: f64) -> Jet<2> {
        let n = cell.claims as f64;
        let ln_mean = Jet::<2>::variable(eta + libm::log(cell.exposure), 0);
        let m = ln_mean.exp();
        let d = Jet::<2>::variable(dispersion, 1).exp();
        let log_probability = match self.family {
            CountFamily::Poisson => ln_mean.scale(n) - m,
            CountFamily::NegativeBinomial => rising(m, d, cell.claims) - (m + d.scale(n)) * d.ln_1p_over(),
            CountFamily::SharedNegativeBinomial => {
                let odds = d * m;
                rising(Jet::constant(1.0), d, cell.claims) + ln_mean.scale(n) - (m + odds.scale(n)) * odds.ln_1p_over()
            }
        };
        log_probability.plus(-libm::lgamma(n + 1.0))
    }
}

/// Σ ln(a + j·b) over j < n. For many terms n·ln b + ln Γ(a ÷ b + n) − ln Γ(a ÷ b), by Stirling's series where a ÷ b is large.
fn rising(a: Jet<2>, b: Jet<2>, n: u64) -> Jet<2> {
    if n <= DIRECT {
        return (0..n).fold(Jet::constant(0.0), |sum, j| sum + (a + b.scale(j as f64)).ln());
    }
    let n = n as f64;
    let size = a * b.recip();
    if size.value < 1e3 {
        return b.ln().scale(n) + ln_gamma(size.plus(n)) - ln_gamma(size);
    }
    let (end, share) = (a + b.scale(n), (b * a.recip()).scale(n));
    let ends = b * (end.recip() - a.recip());
    let cubes = |x: Jet<2>| x * x * x;
    end.ln().scale(n) + share.ln_1p_over().scale(n).plus(-n) - share.ln_1p().scale(0.5) + ends.scale(1.0 / 12.0)
        - (cubes(b * end.recip()) - cubes(b * a.recip())).scale(1.0 / 360.0)
}

impl Likelihood for Counts<'_> {
    fn at(&self, parameters: &[f64]) -> Point {
        let dispersion = if self.dispersed() { parameters[1] } else { 0.0 };
        let slope_at = self.trend.map(|_| parameters.len() - 1);
        let slope = slope_at.map_or(0.0, |at| parameters[at]);
        let mut point = blank(parameters.len());
        let sum = tally(self.cells.len(), |row| {
            let (cell, weight) = &self.cells[row];
            let c = self.trend.map_or(0.0, |t0| cell.time - t0);
            (*weight, c, self.term(cell, parameters[0] + slope * c, dispersion))
        });
        if self.dispersed() {
            sum.scatter(&mut point, 1.0, [0, 1], slope_at);
        } else {
            sum.first().scatter(&mut point, 1.0, [0], slope_at);
        }
        point
    }

    fn boundary(&self, parameters: &[f64]) -> Option<&'static str> {
        match parameters {
            [_, d, ..] if self.dispersed() && *d < -20.0 => Some("the Poisson: counts vary no more"),
            [_, d, ..] if self.dispersed() && *d > 12.0 => Some("a dispersion without bound"),
            [.., slope] if self.trend.is_some() && slope.abs() > 12.0 => Some("a trend without bound"),
            [rate, ..] if rate.abs() > 100.0 => Some("a rate without bound"),
            _ => None,
        }
    }

    fn names(&self) -> Vec<&'static str> {
        let dispersion = self.dispersed().then_some("dispersion");
        let trend = self.trend.map(|_| "trend");
        ["rate"].into_iter().chain(dispersion).chain(trend).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Direct sums, gamma functions and Stirling's series are the same function.
    #[test]
    fn long_products_agree_however_they_are_summed() {
        for (a, b, n) in [(3.0, 0.7, 300), (5.0, 1e-4, 4000), (2e3, 1.0, 500), (1.0, 1e-9, 100)] {
            let (a, b) = (Jet::<2>::variable(a, 0), Jet::<2>::variable(b, 1));
            let direct = (0..n).fold(Jet::constant(0.0), |sum, j| sum + (a + b.scale(j as f64)).ln());
            let short = rising(a, b, n);
            let near = |x: f64, y: f64| (x - y).abs() <= 1e-9 * (1.0 + x.abs());
            assert!(near(direct.value, short.value), "{direct:?} {short:?}");
            assert!(near(direct.gradient[0], short.gradient[0]) && near(direct.gradient[1], short.gradient[1]));
            assert!((direct.hessian[1][1] / short.hessian[1][1] - 1.0).abs() < 1e-5, "{direct:?} {short:?}");
        }
    }
}
