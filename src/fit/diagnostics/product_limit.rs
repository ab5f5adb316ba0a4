//! The product-limit estimate of a distribution function from losses with retentions and limits.
//!
//! E. L. Kaplan, P. Meier, *Nonparametric estimation from incomplete observations*, Journal of the American Statistical
//! Association 53 (1958); with truncation, the risk set at x holds the losses whose truncation point is below x (S. A.
//! Klugman, H. H. Panjer, G. E. Willmot: *Loss Models*, 4th ed., 2012, section 12.1).

use rayon::prelude::*;
use serde::Serialize;

/// A survival function that falls at each loss known exactly.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ProductLimit {
    /// Losses known exactly, rising, each once.
    pub at: Vec<f64>,
    /// P(X > x | X > the smallest truncation point) after each.
    pub survival: Vec<f64>,
    /// Largest amount seen, censored or not.
    pub largest: f64,
    /// Smallest truncation point; nought where some loss has none.
    pub above: f64,
}

/// One loss: amount, truncation point, whether censored, weight.
pub type Row = (f64, f64, bool, f64);

/// The product-limit estimate. Where the risk set is empty or one loss wide at the smallest amounts, as truncation can make
/// it, the estimate would fall to nought at once; such falls are passed over.
pub fn product_limit(rows: &[Row]) -> ProductLimit {
    let mut order: Vec<Row> = rows.to_vec();
    order.par_sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
    let mut entries: Vec<(f64, f64)> = rows.iter().map(|row| (row.1, row.3)).collect();
    entries.par_sort_by(|a, b| a.0.total_cmp(&b.0));
    let above = entries.first().map_or(0.0, |entry| entry.0);
    let largest = order.last().map_or(0.0, |row| row.0);
    let mut out = ProductLimit { largest, above, ..ProductLimit::default() };
    let (mut entered, mut next, mut left, mut survival) = (0.0, 0, 0.0, 1.0);
    let mut start = 0;
    while start < order.len() {
        let x = order[start].0;
        while next < entries.len() && entries[next].0 < x {
            entered += entries[next].1;
            next += 1;
        }
        let end = start + order[start..].iter().take_while(|row| row.0 == x).count();
        let weight =
            |censored: bool| order[start..end].iter().filter(|row| row.2 == censored).map(|row| row.3).sum::<f64>();
        let (died, lost) = (weight(false), weight(true));
        let at_risk = entered - left;
        let last = end == order.len();
        if died > 0.0 && (died < at_risk * (1.0 - 1e-12) || last) {
            survival *= if last && lost == 0.0 { 0.0 } else { 1.0 - died / at_risk };
            out.at.push(x);
            out.survival.push(survival);
        }
        left += died + lost;
        start = end;
    }
    out
}

impl ProductLimit {
    /// P(X > x).
    pub fn survival_at(&self, x: f64) -> f64 {
        let falls = self.at.partition_point(|at| *at <= x);
        if falls == 0 { 1.0 } else { self.survival[falls - 1] }
    }
}
