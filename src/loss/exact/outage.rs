//! The loss of an outage to a book, without sampling.
//!
//! Given its hours each hit insured's claim is a certain amount, or one of two where a second provider may stand in. The law of
//! the sum is worked out at some hours, over all rates at once; between them the loss of each probability is interpolated
//! (`law.rs`), and the hours are cut until that is near enough (`panel.rs`). So the hours are integrated over as a continuous
//! variable, however narrow the law of the loss given the hours.

use rayon::prelude::*;

use super::aggregate::Worked;
use super::book::{Book, Claims, Moments, State};
use super::conditional::{Cell, Claim};
use super::fineness::Fineness;
use super::law::{Cells, Law};
use super::panel::{Cut, Hours, Panel, panels};
use super::quadrature::Node;
use super::shared::{cells_of_rate, moments, rate_nodes};
use super::state::{RateMoments, sum_of};
use super::swept::Moving;
use crate::fault::Failure;
use crate::loss::plan::{Peril, Plan};
use crate::portfolio::{Waiting, WaitingKind};

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
    let usual = LOOKS.map(|z| book.claims(&state(hours.at(z))));
    let cells = cells_of_rate(usual.iter().flat_map(|own| &own.moments), by_rate, fine.rate);
    let laws = Laws {
        book,
        by_rate,
        rates: rate_nodes(peril.shock.affected, peril.shock.hit, cells),
        fine,
        cells: Cells::new(fine.cells),
        small: SMALL * usual.iter().map(|own| own.moments[1].of_sum(by_rate).0).fold(0.0, f64::max),
    };
    let cut = Cut { width: fine.width, near: fine.near, most: (MOST_INSUREDS / plan.insureds.len() as f64) as usize };
    let value = |hours: &[f64]| hours.par_iter().map(|hours| laws.gross(*hours)).collect();
    let (panels, gross) =
        panels(hours, &breaks(plan, hours), cut, value, |own, panel, at, to| laws.distance(own, panel, at, to))?;
    let ground_up = laws.ground_up(&usual[3], hours.at(LOOKS[3]), &gross)?;
    let (ground_up, gross) =
        rayon::join(|| laws.worked(hours, &panels, &ground_up), || laws.worked(hours, &panels, &gross));
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

/// Probability up to which hours are too short or too long for a break to matter.
const RARE: f64 = 1e-5;

fn breaks(plan: &Plan, law: Hours) -> Vec<f64> {
    let terms = plan.insureds.iter().flat_map(|insured| &insured.layers).map(|layer| &layer.terms);
    let ends = |waiting: Waiting| match waiting.kind {
        WaitingKind::Qualifying => [waiting.hours, waiting.indemnity_hours],
        WaitingKind::Retention => [waiting.hours, waiting.hours + waiting.indemnity_hours],
    };
    let waits = terms.flat_map(|terms| [terms.waiting, terms.contingent_waiting]);
    let mut hours: Vec<f64> = waits.flat_map(ends).collect();
    hours.sort_by(f64::total_cmp);
    hours.dedup();
    hours.retain(|hours| law.tail(*hours) > RARE);
    if hours.len() > MOST_BREAKS { Vec::new() } else { hours }
}

/// The loss at some hours.
struct Given {
    hours: f64,
    law: Law,
    /// E S and E S².
    means: (f64, f64),
}

/// Works out laws.
struct Laws<'a> {
    book: Book<'a>,
    by_rate: RateMoments,
    rates: Vec<Node>,
    fine: Fineness,
    cells: Cells,
    /// A small gross loss.
    small: f64,
}

impl Laws<'_> {
    fn gross(&self, hours: f64) -> Result<Given, Failure> {
        let claims = self.book.claims(&state(hours));
        self.given(hours, &claims.gross, claims.moments[1])
    }

    fn given(&self, hours: f64, claims: &[Claim], moments: Moments) -> Result<Given, Failure> {
        if claims.is_empty() {
            return Ok(Given { hours, law: Law::nothing(&self.cells), means: (0.0, 0.0) });
        }
        let sum = sum_of(claims, &self.rates, (&moments, self.by_rate), self.points(claims), BEYOND)?;
        Ok(Given { hours, law: Law::of(&sum, &self.cells), means: moments.of_sum(self.by_rate) })
    }

    /// The fewer different claims, the more a single amount weighs, and the less a long grid costs.
    fn points(&self, claims: &[Claim]) -> (usize, usize) {
        // A power takes as many multiplications as its exponent has digits, and about as many again.
        let work = |cell: &Cell| 1 + 2 * cell.insureds.max(1).ilog2() as usize;
        let products = claims.iter().flat_map(|claim| &claim.cells).map(work).sum::<usize>() * self.rates.len();
        let (least, most) = self.fine.points;
        let usual = self.fine.products / products.max(1);
        (if usual < 2 * least { least } else { 1 << usual.min(most).ilog2() }, most)
    }

    /// Before policies a loss is in proportion to the hours: one law, worked out at some long hours, tells all.
    fn ground_up(&self, claims: &Claims, hours: f64, others: &[Given]) -> Result<Vec<Given>, Failure> {
        let own = self.given(hours, &claims.ground_up, claims.moments[0])?;
        let at = |other: &Given| {
            let by = other.hours / hours;
            Given { hours: other.hours, law: own.law.scaled(by), means: (own.means.0 * by, own.means.1 * by * by) }
        };
        Ok(others.iter().map(at).collect())
    }

    /// How far a panel's parabola is from the law at some hours: the loss against its mean, or a quarter of
    /// how far the probability of none is, which matters for itself alone.
    fn distance(&self, all: &[Given], panel: &Panel, hours: f64, own: &Given) -> f64 {
        let between = Law::mixed(panel.values.map(|value| &all[value].law), panel.parts(hours));
        let mean = own.law.mean(&self.cells).max(self.small).max(f64::MIN_POSITIVE);
        (own.law.distance(&between, &self.cells) / mean).max((own.law.nothing - between.nothing).abs() / 4.0)
    }

    /// The mixture over all hours.
    fn worked(&self, hours: Hours, panels: &[Panel], all: &[Given]) -> Result<Worked, Failure> {
        let mut sums = [0.0; 3];
        for panel in panels {
            for (weight, value) in panel.weights(hours).into_iter().zip(panel.values) {
                let Given { law, means: (mean, square), .. } = &all[value];
                sums.iter_mut().zip([*mean, *square, law.nothing]).for_each(|(sum, own)| *sum += weight * own);
            }
        }
        let [mean, square, nothing] = sums;
        let laws = panels.iter().map(|panel| panel.values.map(|value| &all[value].law)).collect();
        let moving = Moving { hours, panels, laws, cells: &self.cells };
        Ok(Worked {
            aggregate: moving.mixture(self.fine.whole, mean, nothing)?,
            standard_deviation: (square - mean * mean).max(0.0).sqrt(),
            looks: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::plan::{Insured, Layer};
    use crate::portfolio::Terms;

    /// By hand: a wait of 8 hours that is borne and 24 hours of indemnity end at 8 and 32; where the wait qualifies, 12 and 48.
    #[test]
    fn hours_break_where_a_wait_or_an_indemnity_period_ends() {
        let terms = |kind, hours, indemnity_hours| {
            let terms = Terms::default().waiting(Waiting { hours, kind, indemnity_hours });
            Layer { policy: 0, terms }
        };
        let layers = vec![terms(WaitingKind::Retention, 8.0, 24.0), terms(WaitingKind::Qualifying, 12.0, 48.0)];
        let insureds = vec![Insured { key: 1, risks: Vec::new(), layers }];
        let plan = Plan { perils: Vec::new(), insureds, policies: Vec::new(), models: Vec::new() };
        assert_eq!(breaks(&plan, Hours { mu: 2.5, sigma: 1.0 }), [8.0, 12.0, 32.0, 48.0]);
    }
}
