//! How losses fall on coverages, as people read it.

use serde::Serialize;

use super::lines::Ranged;
use crate::incidents::{Cause, CoverageShare, CoverageShares};

/// One coverage of a cause.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CoverageLine {
    /// Coverage.
    pub name: &'static str,
    /// Claims with a loss under it.
    pub with_loss: u64,
    /// Mean share of a claim's loss.
    pub mean: Ranged,
    /// Share of all losses.
    pub of_losses: Ranged,
    /// The share of all losses, as a number.
    pub number: f64,
}

/// A cause with its coverages.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CoverageTable {
    /// Cause, or `all causes`.
    pub cause: String,
    /// Claims that it rests on.
    pub incidents: u64,
    /// Coverages, in OED's order.
    pub lines: Vec<CoverageLine>,
}

/// All causes first, then each, those with the most claims first.
pub fn coverage_tables(shares: &CoverageShares) -> Vec<CoverageTable> {
    let mut causes: Vec<(Option<Cause>, u64)> = shares.lines.iter().map(|l| (l.cause, l.incidents)).collect();
    causes.dedup();
    causes.sort_by_key(|(cause, n)| (cause.is_some(), std::cmp::Reverse(*n), *cause));
    let table = |(cause, incidents): &(Option<Cause>, u64)| CoverageTable {
        cause: cause.map_or("all causes", Cause::as_str).to_string(),
        incidents: *incidents,
        lines: shares.lines.iter().filter(|l| l.cause == *cause).map(line).collect(),
    };
    causes.iter().map(table).collect()
}

fn line(share: &CoverageShare) -> CoverageLine {
    CoverageLine {
        name: share.coverage.words(),
        with_loss: share.with_loss,
        mean: Ranged::share(share.mean.0, share.mean.1),
        of_losses: Ranged::share(share.of_losses.0, share.of_losses.1),
        number: share.of_losses.0,
    }
}
