//! The loss of an outage to a book, without sampling.
//!
//! Given its hours each hit insured's claim is a certain amount, or one of two where a second provider may stand in. The law of
//! the sum is worked out at some hours, over all rates at once; between them the loss of each probability is interpolated
//! (`law.rs`), and the hours are cut until that is near enough (`panel.rs`). So the hours are integrated over as a continuous
//! variable, however narrow the law of the loss given the hours.

use rayon::prelude::*;

use super::aggregate::Worked;
use super::book::{Book, Moments, State};
use super::fineness::Fineness;
use super::law::{Cells, Law};
use super::panel::{Cut, Hours, Panel, panels};
use super::quadrature::Node;
use super::shared::{cells_of_rate, moments, rate_nodes};
use super::state::{RateMoments, sum_of};
use super::swept::Moving;
use crate::fault::Failure;
use crate::loss::plan::{Peril, Plan};
use crate::portfolio::WaitingKind;

/// What a law leaves beyond the end of its grid.
const BEYOND: f64 = 1e-8;

/// Part of the mean loss by which laws may differ at least.
const SMALL: f64 = 0.02;

/// The loss of an outage of lognormal hours, from the ground up and gross.
///
/// # Errors
/// When amounts are beyond any grid.
pub fn outage(plan: &Plan, peril: &Peril, hours: Hours, fine: Fineness) -> Result<[Worked; 2], Failure> {
    let book = Book::new(plan, peril, fine.grain);
    let (affected, hit) = (moments(peril.shock.affected), moments(peril.shock.hit));
    let by_rate = (affected.0 * hit.0, affected.1 * hit.1);
    let usual = LOOKS.map(|z| book.claims(&state(hours.at(z))).moments);
    let cells = cells_of_rate(usual.iter().flatten(), by_rate, fine.rate);
    let laws = Laws {
        book,
        by_rate,
        rates: rate_nodes(peril.shock.affected, peril.shock.hit, cells),
        fine,
        cells: Cells::new(fine.cells),
        small: [0, 1].map(|at| SMALL * usual.iter().map(|own| own[at].of_sum(by_rate).0).fold(0.0, f64::max)),
    };
    let cut = Cut { width: fine.width, near: fine.near, most: (MOST_INSUREDS / plan.insureds.len() as f64) as usize };
    let (panels, own) = panels(
        hours,
        &breaks(plan),
        cut,
        |hours| laws.at(hours),
        |own, panel, at, to| laws.distance(own, panel, at, to),
    )?;
    let one = |at: usize| worked(hours, &panels, &own, at, (&laws, by_rate));
    let (ground_up, gross) = rayon::join(|| one(0), || one(1));
    Ok([ground_up?, gross?])
}

/// Where the spread of the loss given hours and rate is looked at: the median and 1 in 20, 100 and 1,000.
const LOOKS: [f64; 4] = [0.0, 1.644_853_627, 2.326_347_874, 3.090_232_306];

/// Insureds × hours at most.
pub const MOST_INSUREDS: f64 = 2e7;

fn state(hours: f64) -> State {
    State { weight: 1.0, hours, level: 1.0 }
}

/// Hours at which an insured's waiting or indemnity period ends. More of them than this do not fall together: each is a small
/// part of the book, and is found where it matters.
const MOST_BREAKS: usize = 64;

fn breaks(plan: &Plan) -> Vec<f64> {
    let terms = plan.insureds.iter().flat_map(|insured| &insured.layers).map(|layer| &layer.terms);
    let ends = |kind, waiting, indemnity| match kind {
        WaitingKind::Qualifying => [waiting, indemnity],
        WaitingKind::Retention => [waiting, waiting + indemnity],
    };
    let mut hours: Vec<f64> = terms.flat_map(|t| ends(t.waiting_kind, t.waiting_hours, t.indemnity_hours)).collect();
    hours.sort_by(f64::total_cmp);
    hours.dedup();
    if hours.len() > MOST_BREAKS { Vec::new() } else { hours }
}

/// Laws and moments at some hours, from the ground up and gross.
type Both = [(Law, Moments); 2];

/// Works out laws.
struct Laws<'a> {
    book: Book<'a>,
    by_rate: RateMoments,
    rates: Vec<Node>,
    fine: Fineness,
    cells: Cells,
    small: [f64; 2],
}

impl Laws<'_> {
    fn at(&self, hours: &[f64]) -> Result<Vec<Both>, Failure> {
        hours.par_iter().map(|hours| self.one(*hours)).collect()
    }

    fn one(&self, hours: f64) -> Result<Both, Failure> {
        let claims = self.book.claims(&state(hours));
        let law = |own: &[_], moments: Moments| {
            let sum = sum_of(own, &self.rates, (&moments, self.by_rate), self.fine.points, BEYOND)?;
            Ok((Law::of(&sum, &self.cells), moments))
        };
        let [before, after] = claims.moments;
        Ok([law(&claims.ground_up, before)?, law(&claims.gross, after)?])
    }

    /// How far a panel's parabola is from the laws at some hours, against their means.
    fn distance(&self, all: &[Both], panel: &Panel, hours: f64, own: &Both) -> f64 {
        let parts = panel.parts(hours);
        let off = |at: usize| {
            let law = &own[at].0;
            let between = Law::mixed(panel.values.map(|value| &all[value][at].0), parts);
            law.distance(&between, &self.cells) / law.mean(&self.cells).max(self.small[at]).max(f64::MIN_POSITIVE)
        };
        off(0).max(off(1))
    }
}

/// The mixture of one perspective.
fn worked(
    hours: Hours,
    panels: &[Panel],
    all: &[Both],
    at: usize,
    (laws, by_rate): (&Laws, RateMoments),
) -> Result<Worked, Failure> {
    let mut sums = [0.0; 3];
    for panel in panels {
        for (weight, value) in panel.weights(hours).into_iter().zip(panel.values) {
            let (law, moments) = &all[value][at];
            let (mean, square) = moments.of_sum(by_rate);
            sums.iter_mut().zip([mean, square, law.nothing]).for_each(|(sum, own)| *sum += weight * own);
        }
    }
    let [mean, square, nothing] = sums;
    let own = panels.iter().map(|panel| panel.values.map(|value| &all[value][at].0)).collect();
    let moving = Moving { hours, panels, laws: own, cells: &laws.cells };
    Ok(Worked {
        aggregate: moving.mixture(laws.fine.whole, mean, nothing)?,
        standard_deviation: (square - mean * mean).max(0.0).sqrt(),
    })
}
