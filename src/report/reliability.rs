//! Whether probabilities mean what they say, for the appendix.

use serde::Serialize;

use crate::calibration::{Bin, expected_error};
use crate::catalogue::Catalogue;

/// One signal of a product, predicted from the others.
#[derive(Clone, Debug, Serialize)]
pub struct ReliabilityLine {
    /// Product.
    pub product: String,
    /// The signal that was taken away.
    pub held_out: String,
    /// Domains at which it was asked, and something else too.
    pub domains: u64,
    /// Expected calibration error over them.
    pub error: f64,
    /// Domains among them at which the rest shows the product.
    pub domains_shown: u64,
    /// Expected calibration error over those: there the prediction is not simply "no".
    pub error_shown: f64,
    /// Bins over all domains.
    pub bins: Vec<Bin>,
}

/// A line for each product and signal.
pub fn reliability_lines(bins: &[Bin], catalogue: &Catalogue) -> Vec<ReliabilityLine> {
    let mut lines: Vec<ReliabilityLine> = Vec::new();
    for group in bins.chunk_by(|a, b| (&a.product, &a.held_out) == (&b.product, &b.held_out)) {
        let of = |set: &str| group.iter().filter(|b| b.domains_with == set).cloned().collect::<Vec<Bin>>();
        let (all, shown) = (of("all"), of("rest seen"));
        let count = |bins: &[Bin]| bins.iter().map(|b| b.domains).sum();
        lines.push(ReliabilityLine {
            product: catalogue.product_name(&group[0].product),
            held_out: group[0].held_out.clone(),
            domains: count(&all),
            error: expected_error(&all),
            domains_shown: count(&shown),
            error_shown: expected_error(&shown),
            bins: all,
        });
    }
    lines
}
