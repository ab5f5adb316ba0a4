//! The loss of one occurrence of an event to a book, without sampling.
//!
//! The severity level changes the claims themselves: for each of its nodes the sum is worked out on a grid of its own, over all
//! nodes of the rate at once, and these are mixed; small losses of a small book are worked out on shorter grids too
//! (`closer.rs`). For hours of an outage see `outage.rs`. Everything is done once more with
//! fewer nodes, coarser cells and shorter grids: the difference is the error that is told beside each figure.

use rayon::prelude::*;

use super::aggregate::{Aggregate, Means, Worked};
use super::book::{Book, Claims, Moments, State};
use super::boxes::Boxes;
use super::closer::{Weighted, closer, points};
use super::conditional::{Claim, Conditional};
use super::fineness::{Fineness, fineness};
use super::grid::Grid;
use super::outage::outage;
use super::panel::Hours;
use super::quadrature::Node;
use super::shared::{MOST_EXACT, cells_of_rate, exact_rate_nodes, level_nodes, moments, rate_nodes};
use super::state::{RateMoments, sum_of};
use crate::fault::Failure;
use crate::loss::calendar::Mode;
use crate::loss::plan::{Peril, Plan};
use crate::loss::simulate::{Parameters, Simulation};

/// The loss of one occurrence.
#[derive(Clone, Debug, PartialEq)]
pub struct ExactLoss {
    /// Mean, by integration over the factors that insureds share.
    pub mean: f64,
    /// Standard deviation, in the same way.
    pub standard_deviation: f64,
    /// The distribution.
    pub aggregate: Aggregate,
    /// The same up to ever smaller amounts.
    looks: Vec<Aggregate>,
    /// The same with fewer nodes and a coarser grid.
    coarser: Worked,
}

/// A figure with the error that nodes and grid make.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WithError {
    /// The figure.
    pub value: f64,
    /// About how far off it may be.
    pub error: f64,
}

/// Before policies and after.
#[derive(Clone, Debug, PartialEq)]
pub struct ExactLosses {
    /// From the ground up.
    pub ground_up: ExactLoss,
    /// What policies pay.
    pub gross: ExactLoss,
}

impl ExactLoss {
    fn of(worked: Worked, coarser: Worked) -> ExactLoss {
        let Worked { aggregate, standard_deviation, looks } = worked;
        ExactLoss { mean: aggregate.mean(), standard_deviation, aggregate, looks, coarser }
    }

    /// The mean; as its error how far that of the grid and that of the coarser computation are from it.
    pub fn mean(&self) -> WithError {
        near(self.mean, [self.aggregate.mean_on_grid(), self.coarser.aggregate.mean()])
    }

    /// The standard deviation, and its error in the same way.
    pub fn standard_deviation(&self) -> WithError {
        near(self.standard_deviation, [self.aggregate.standard_deviation(), self.coarser.standard_deviation])
    }

    /// P(no loss).
    pub fn probability_of_nothing(&self) -> WithError {
        let of = Aggregate::probability_of_nothing;
        near(of(&self.aggregate), [of(&self.coarser.aggregate); 2])
    }

    /// Loss that is exceeded once in `return_period` occurrences, and the mean beyond; both with at least a step of the grid as
    /// error where the loss is above nought: else the mean beyond is that of all.
    pub fn at(&self, return_period: f64) -> (WithError, WithError) {
        let p = 1.0 - 1.0 / return_period;
        let of = |own: &Aggregate| (own.quantile_between(p), own.tail_mean(p));
        let own = Aggregate::closest(&self.aggregate, &self.looks, p);
        let ((loss, tail), (other, beyond)) = (of(own), of(self.coarser.at(p)));
        let step = if loss > 0.0 { own.grid.step } else { 0.0 };
        let figure = |value: f64, other: f64| WithError { value, error: (value - other).abs().max(step) };
        (figure(loss, other), figure(tail, beyond))
    }
}

fn near(value: f64, others: [f64; 2]) -> WithError {
    WithError { value, error: others.into_iter().map(|other| (other - value).abs()).fold(0.0, f64::max) }
}

/// The loss of one occurrence of the simulation's only event; or why there is none, as a sentence.
///
/// # Errors
/// When a grid can't be made.
pub fn exact_losses(simulation: &Simulation) -> Result<Result<ExactLosses, String>, Failure> {
    let Simulation { plan, mode, parameters, .. } = simulation;
    let refused = |reason: &str| Ok(Err(reason.to_string()));
    let [peril] = plan.perils.as_slice() else {
        return refused("There are several events: their sum is not worked out exactly.");
    };
    if *mode == Mode::Catalogue {
        return refused("Years with several occurrences are not worked out exactly.");
    }
    if *parameters == Parameters::Drawn && !plan.models.is_empty() {
        return refused(
            "The parameters of severities are drawn anew in each trial: exact figures would be of their estimates.",
        );
    }
    if plan.insureds.is_empty() {
        return refused("Nobody can be hit: every loss is nought.");
    }
    let fine = match fineness(plan, peril) {
        Ok(fine) => fine,
        Err(reason) => return Ok(Err(reason)),
    };
    let [ground_up, gross] = work(plan, peril, fine)?;
    let [other_ground_up, other_gross] = work(plan, peril, fine.coarser())?;
    Ok(Ok(ExactLosses {
        ground_up: ExactLoss::of(ground_up, other_ground_up),
        gross: ExactLoss::of(gross, other_gross),
    }))
}

/// Severity levels, or the hours of an outage where they are known.
fn states(peril: &Peril, width: f64) -> Vec<State> {
    if let Some((mu, _)) = peril.shock.outage {
        return vec![State { weight: 1.0, hours: libm::exp(mu), level: 1.0 }];
    }
    let state = |node: Node| State { weight: node.weight, hours: 0.0, level: node.value };
    level_nodes(peril.shock.level, width).into_iter().map(state).collect()
}

fn work(plan: &Plan, peril: &Peril, fine: Fineness) -> Result<[Worked; 2], Failure> {
    if let Some((mu, sigma)) = peril.shock.outage.filter(|(_, sigma)| *sigma > 0.0) {
        return outage(plan, peril, Hours { mu, sigma }, fine);
    }
    let book = Book::new(plan, peril, fine.grain);
    let states = states(peril, fine.width);
    let shock = &peril.shock;
    let (affected, hit) = (moments(shock.affected), moments(shock.hit));
    let by_rate: RateMoments = (affected.0 * hit.0, affected.1 * hit.1);
    let usual = book.claims(&states[states.len() / 2]);
    let insureds = plan.insureds.iter().map(|insured| insured.risks.len()).sum::<usize>();
    let rates = if insureds <= MOST_EXACT {
        exact_rate_nodes(shock.affected, shock.hit, insureds)
    } else {
        rate_nodes(shock.affected, shock.hit, cells_of_rate(usual.moments.iter(), by_rate, fine.rate))
    };
    let looks = [&usual.ground_up, &usual.gross].map(|claims| points(claims, states.len(), &rates, fine.look));
    let one = |state: &State| -> Result<[Given; 2], Failure> {
        let Claims { ground_up, gross, moments: [before, after] } = book.claims(state);
        let beyond = (1e-8 / state.weight).clamp(1e-8, 1e-4);
        let sum = |claims: Vec<Claim>, own: Moments, looks: Option<usize>| {
            let sum = sum_of(&claims, &rates, (&own, by_rate), fine.points, beyond)?;
            let claims = if looks.is_some() { claims } else { Vec::new() };
            Ok(Given { weight: state.weight, sum, own, claims })
        };
        Ok([sum(ground_up, before, looks[0])?, sum(gross, after, looks[1])?])
    };
    let worked: Vec<[Given; 2]> = states.par_iter().map(one).collect::<Result<_, Failure>>()?;
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for [ground_up, gross] in worked {
        before.push(ground_up);
        after.push(gross);
    }
    let all = |parts: Vec<Given>, looks: Option<usize>| -> Result<Worked, Failure> {
        let own = mixed(&parts, by_rate, fine.whole)?;
        let Some(points) = looks else { return Ok(own) };
        let step = parts.iter().map(|part| part.weight * part.sum.grid.step).sum::<f64>();
        let step = step.max(own.aggregate.grid.step);
        let claims: Vec<Weighted> = parts.into_iter().map(|part| (part.weight, part.claims)).collect();
        let looks = closer((&own.aggregate, step), &claims, &rates, points)?;
        Ok(Worked { looks, ..own })
    };
    Ok([all(before, looks[0])?, all(after, looks[1])?])
}

/// The sum in one state.
struct Given {
    weight: f64,
    sum: Conditional,
    own: Moments,
    /// Where they are looked at again.
    claims: Vec<Claim>,
}

/// All states together: what an amount of a state's grid has is spread half a step to both sides, but for nought, so that the
/// mean stays.
fn mixed(parts: &[Given], by_rate: RateMoments, points: usize) -> Result<Worked, Failure> {
    let sum = |of: &dyn Fn(&Given) -> f64| parts.iter().map(|part| part.weight * of(part)).sum::<f64>();
    let mean = sum(&|part| part.own.of_sum(by_rate).0);
    let square = sum(&|part| part.own.of_sum(by_rate).1);
    let (grid, nothing) = (sum(&|part| part.sum.mean), sum(&|part| part.sum.nothing));
    let means = Means { exact: mean, grid, nothing, square_beyond: None };
    let standard_deviation = (square - mean * mean).max(0.0).sqrt();
    let worked =
        |grid, mass| Worked { aggregate: Aggregate::new(grid, mass, means), standard_deviation, looks: Vec::new() };
    if let [only] = parts {
        return Ok(worked(only.sum.grid, only.sum.mass.clone()));
    }
    let grid = Grid::reaching(end(parts), points)?;
    let mut boxes = Boxes::new(grid);
    for Given { weight, sum, .. } in parts {
        let step = sum.grid.step;
        boxes.put(0.0, 0.0, weight * sum.mass[0]);
        for (j, own) in sum.mass.iter().enumerate().skip(1).filter(|(_, own)| **own > 0.0) {
            let middle = j as f64;
            boxes.put((middle - 0.5) * step, (middle + 0.5) * step, weight * own);
        }
    }
    Ok(worked(grid, boxes.mass()))
}

/// Probability of what the mixture's grid leaves beyond its end.
const BEYOND: f64 = 1e-6;

/// Where the mixture's grid ends.
fn end(parts: &[Given]) -> f64 {
    let highest = parts.iter().map(|part| part.sum.grid.top()).fold(0.0, f64::max);
    let above = |amount: f64| {
        let own = |Given { weight, sum: part, .. }: &Given| {
            let from = ((amount / part.grid.step).floor() + 1.0).min(part.mass.len() as f64) as usize;
            weight * part.mass[from..].iter().sum::<f64>()
        };
        parts.iter().map(own).sum::<f64>()
    };
    let (mut low, mut high) = (0.0, highest);
    for _ in 0..20 {
        let middle = (low + high) / 2.0;
        if above(middle) > BEYOND { low = middle } else { high = middle }
    }
    high.max(0.01)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_that_is_told_is_the_larger_of_two_differences() {
        assert_eq!(near(10.0, [9.5, 13.0]), WithError { value: 10.0, error: 3.0 });
        assert_eq!(near(10.0, [7.0, 10.0]), WithError { value: 10.0, error: 3.0 });
    }

    /// None with a half, else 400, on steps of 100.
    fn half(amount: usize) -> ExactLoss {
        let mut mass = vec![0.0; 16];
        (mass[0], mass[amount / 100]) = (0.5, 0.5);
        let mean = amount as f64 / 2.0;
        let means = Means { exact: mean, grid: mean, nothing: 0.5, square_beyond: None };
        let aggregate = Aggregate::new(Grid::new(100.0, 16).unwrap(), mass, means);
        let own = || Worked { aggregate: aggregate.clone(), standard_deviation: mean, looks: Vec::new() };
        ExactLoss::of(own(), own())
    }

    /// Where the coarser computation gives the same, a loss may still be off by a step; one of nought is not.
    #[test]
    fn a_loss_above_nought_may_be_off_by_a_step() {
        let own = half(400);
        assert_eq!([5.0, 1.5].map(|period| own.at(period).0.error), [100.0, 0.0]);
    }

    /// By hand: 1 in 5 is 400 less half a step and 3 fifths of one: 410; the mean beyond is 400, at least the loss.
    #[test]
    fn the_table_tells_each_figure_of_each_perspective() {
        let losses = ExactLosses { ground_up: half(400), gross: half(200) };
        let of = |perspective: &str, kind: &str, period: Option<f64>| {
            let figures = losses.figures();
            let own = figures
                .iter()
                .find(|own| (own.perspective, own.kind, own.return_period) == (perspective, kind, period));
            own.unwrap_or_else(|| panic!("{perspective} {kind}")).figure.value
        };
        for (perspective, amount) in [("ground_up", 400.0), ("gross", 200.0)] {
            assert_eq!(of(perspective, "mean", None), amount / 2.0);
            assert!((of(perspective, "aep", Some(5.0)) - (amount + 10.0)).abs() < 1e-9);
            assert!((of(perspective, "aep_tvar", Some(5.0)) - amount).abs() < 1e-9);
        }
    }
}
