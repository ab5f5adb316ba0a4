//! The loss of one occurrence of an event to a book, without sampling.
//!
//! Hours of an outage or the severity level change the claims themselves: for each of their nodes the sum is worked out on a
//! grid of its own, over all nodes of the rate at once, and these are mixed. Everything is done once more with fewer nodes,
//! coarser cells and shorter grids: the difference is the error that is told beside each figure.

use rayon::prelude::*;

use super::aggregate::{Aggregate, Means};
use super::book::{Book, Claims, HALVINGS, Moments, State};
use super::conditional::{Claim, Conditional};
use super::grain::Grain;
use super::grid::Grid;
use super::quadrature::Node;
use super::shared::{level_location, lognormal_nodes, moments, rate_nodes};
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
    /// The same with fewer nodes and a coarser grid.
    coarser: Aggregate,
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
    /// The mean, and how far that of the grid is from it.
    pub fn mean(&self) -> WithError {
        WithError { value: self.mean, error: (self.aggregate.mean_on_grid() - self.mean).abs() }
    }

    /// The standard deviation, and how far that of the grid is from it.
    pub fn standard_deviation(&self) -> WithError {
        let value = self.standard_deviation;
        WithError { value, error: (self.aggregate.standard_deviation() - value).abs() }
    }

    /// P(no loss).
    pub fn probability_of_nothing(&self) -> WithError {
        let of = Aggregate::probability_of_nothing;
        WithError { value: of(&self.aggregate), error: (of(&self.aggregate) - of(&self.coarser)).abs() }
    }

    /// Loss that is exceeded once in `return_period` occurrences, and the mean beyond; both with at least a step of the grid as
    /// error.
    pub fn at(&self, return_period: f64) -> (WithError, WithError) {
        let ((loss, tail), (other, beyond)) = (self.aggregate.at(return_period), self.coarser.at(return_period));
        let figure = |value: f64, other: f64| {
            let step = if value > 0.0 { self.aggregate.grid.step } else { 0.0 };
            WithError { value, error: (value - other).abs().max(step) }
        };
        (figure(loss, other), figure(tail, beyond))
    }
}

/// How finely the factors are cut.
#[derive(Clone, Copy, Debug)]
struct Fineness {
    /// Of the normal variable of hours or level.
    width: f64,
    /// Of the rate, in standard deviations of the sum given the rate.
    rate: f64,
    grain: Grain,
    /// Fewest and most points of one state's grid.
    points: (usize, usize),
    /// Points of the mixture's grid.
    whole: usize,
}

impl Fineness {
    fn coarser(self) -> Fineness {
        Fineness {
            width: self.width * 2.0,
            rate: self.rate * 1.5,
            grain: Grain {
                per_doubling: self.grain.per_doubling.map(|per| per / 2.0),
                strata: (self.grain.strata / 2).max(32),
            },
            points: (self.points.0 / 2, self.points.1 / 2),
            whole: self.whole / 2,
        }
    }
}

/// Insureds up to which each is worked out on its own.
const FEW: usize = 200;

/// Claims that are worked out at most: insureds or groups × quantiles × states.
const MOST_CLAIMS: f64 = 4e7;

/// Up to which strata are made finer than need be.
const USUAL_CLAIMS: f64 = 3e6;

/// Strata of each halving of a severity's upper tail at least.
const LEAST_STRATA: usize = 64;

/// Insureds × states of an outage at most.
const MOST_INSUREDS: f64 = 1e7;

/// Groups of one severity and the same terms that are wanted at most.
const MOST_GROUPS: usize = 1_500;

/// Points of all groups' transforms at most: half a gigabyte.
const MOST_POINTS: usize = 1 << 26;

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
    Ok(Ok(ExactLosses { ground_up: ground_up.with(other_ground_up), gross: gross.with(other_gross) }))
}

/// As fine as the size of the book allows; or why it is too large.
fn fineness(plan: &Plan, peril: &Peril) -> Result<Fineness, String> {
    if peril.shock.outage.is_some() { fineness_of_outage(plan, peril) } else { fineness_of_severities(plan, peril) }
}

fn fineness_of_outage(plan: &Plan, peril: &Peril) -> Result<Fineness, String> {
    let insureds = plan.insureds.len();
    // The more insureds, the less one insured's kink at some hour matters.
    let width = (insureds as f64 / 1e5).clamp(0.1, 0.4);
    let grain = Grain { per_doubling: (insureds > FEW).then_some(16.0), strata: 1 };
    let hours = states(peril, &breaks(plan), width).len();
    if (insureds * hours) as f64 > MOST_INSUREDS {
        return Err(format!("{insureds} insureds are too many to work an outage out exactly."));
    }
    Ok(Fineness { width, rate: 2.0, grain, points: (1 << 11, 1 << 14), whole: 1 << 17 })
}

fn fineness_of_severities(plan: &Plan, peril: &Peril) -> Result<Fineness, String> {
    let width = 0.5;
    let levels = states(peril, &[], width).len();
    let points = if levels == 1 { (1 << 14, 1 << 16) } else { (1 << 11, 1 << 14) };
    let mut grain = Grain { per_doubling: (plan.insureds.len() > FEW).then_some(16.0), strata: 4_096 };
    let mut groups = Book::new(plan, peril, grain).different();
    while let Some(per) = grain.per_doubling.filter(|per| groups > MOST_GROUPS && *per > 4.0) {
        grain.per_doubling = Some(per / 2.0);
        groups = Book::new(plan, peril, grain).different();
    }
    let claims = |strata: usize| (groups * levels * strata) as f64 * HALVINGS as f64;
    while grain.strata > LEAST_STRATA && claims(grain.strata) > USUAL_CLAIMS {
        grain.strata /= 2;
    }
    if claims(grain.strata) > MOST_CLAIMS {
        return Err(format!("{groups} different claims at {levels} severity levels are too many to work out exactly."));
    }
    let most = (MOST_POINTS / groups.max(1)).next_power_of_two().clamp(1 << 12, points.1);
    Ok(Fineness { width, rate: 2.0, grain, points: (points.0.min(most), most), whole: 1 << 17 })
}

/// Hours at which an insured's waiting or indemnity period ends.
fn breaks(plan: &Plan) -> Vec<f64> {
    let terms = plan.insureds.iter().flat_map(|insured| &insured.layers).map(|layer| &layer.terms);
    let mut hours: Vec<f64> = terms.flat_map(|t| [t.waiting_hours, t.waiting_hours + t.indemnity_hours]).collect();
    hours.sort_by(f64::total_cmp);
    hours.dedup();
    // More of them than there are cells do not fall together: each is a small part of the book.
    if hours.len() > 64 { Vec::new() } else { hours }
}

fn states(peril: &Peril, breaks: &[f64], width: f64) -> Vec<State> {
    let state = |node: Node, hours: f64, level: f64| State { weight: node.weight, hours, level };
    match peril.shock.outage {
        Some((mu, sigma)) => {
            lognormal_nodes(mu, sigma, breaks, width).into_iter().map(|node| state(node, node.value, 1.0)).collect()
        }
        None => {
            let sigma = peril.shock.level;
            let nodes = lognormal_nodes(level_location(sigma), sigma, &[], width);
            nodes.into_iter().map(|node| state(node, 0.0, node.value)).collect()
        }
    }
}

/// A distribution with its standard deviation by integration.
struct Worked {
    aggregate: Aggregate,
    standard_deviation: f64,
}

impl Worked {
    fn with(self, coarser: Worked) -> ExactLoss {
        ExactLoss {
            mean: self.aggregate.mean(),
            standard_deviation: self.standard_deviation,
            aggregate: self.aggregate,
            coarser: coarser.aggregate,
        }
    }
}

fn work(plan: &Plan, peril: &Peril, fine: Fineness) -> Result<[Worked; 2], Failure> {
    let book = Book::new(plan, peril, fine.grain);
    let breaks = breaks(plan);
    let states = states(peril, &breaks, fine.width);
    let shock = &peril.shock;
    let (affected, hit) = (moments(shock.affected), moments(shock.hit));
    let by_rate: RateMoments = (affected.0 * hit.0, affected.1 * hit.1);
    let cells = rate_cells(&book, &states, by_rate, fine.rate);
    let rates = rate_nodes(shock.affected, shock.hit, cells);
    let one = |state: &State| -> Result<[(f64, Conditional, Moments); 2], Failure> {
        let Claims { ground_up, gross, moments: [before, after] } = book.claims(state);
        let beyond = (1e-8 / state.weight).clamp(1e-8, 1e-4);
        let sum = |claims: &[Claim], own: Moments| {
            let sum = sum_of(claims, &rates, (&own, by_rate), fine.points, beyond)?;
            Ok((state.weight, sum, own))
        };
        Ok([sum(&ground_up, before)?, sum(&gross, after)?])
    };
    let worked: Vec<[(f64, Conditional, Moments); 2]> = states.par_iter().map(one).collect::<Result<_, Failure>>()?;
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for [ground_up, gross] in worked {
        before.push(ground_up);
        after.push(gross);
    }
    Ok([mixed(&before, by_rate, fine.whole)?, mixed(&after, by_rate, fine.whole)?])
}

/// Cells of the rate, each as wide as `width` standard deviations of the gross loss given the rate.
fn rate_cells(book: &Book, states: &[State], by_rate: RateMoments, width: f64) -> usize {
    let Some(state) = states.get(states.len() / 2) else { return 1 };
    let (r1, r2) = by_rate;
    let spread = (r2 - r1 * r1).max(0.0).sqrt();
    let [_, own] = book.claims(state).moments;
    let deviation = (r1 * own.second - r2 * own.squares).max(0.0).sqrt();
    let cells = 8.0 * spread * own.first / (width * deviation).max(f64::MIN_POSITIVE);
    (cells.min(1e6) as usize).clamp(16, 128)
}

/// All states together.
fn mixed(parts: &[(f64, Conditional, Moments)], by_rate: RateMoments, points: usize) -> Result<Worked, Failure> {
    let sum =
        |of: &dyn Fn(&(f64, Conditional, Moments)) -> f64| parts.iter().map(|part| part.0 * of(part)).sum::<f64>();
    let mean = sum(&|(_, _, own)| own.of_sum(by_rate).0);
    let square = sum(&|(_, _, own)| own.of_sum(by_rate).1);
    let means = Means { exact: mean, grid: sum(&|(_, part, _)| part.mean), nothing: sum(&|(_, part, _)| part.nothing) };
    let grid = Grid::reaching(end(parts), points)?;
    let mut mass = vec![0.0; points];
    for (weight, part, _) in parts {
        for (j, own) in part.mass.iter().enumerate() {
            let amount = part.grid.step * j as f64;
            if *own > 0.0 && amount <= grid.top() {
                grid.put(&mut mass, amount, weight * own);
            }
        }
    }
    let standard_deviation = (square - mean * mean).max(0.0).sqrt();
    Ok(Worked { aggregate: Aggregate::new(grid, mass, means), standard_deviation })
}

/// Probability of what the mixture's grid leaves beyond its end.
const BEYOND: f64 = 1e-6;

/// Where the mixture's grid ends.
fn end(parts: &[(f64, Conditional, Moments)]) -> f64 {
    let highest = parts.iter().map(|(_, part, _)| part.grid.top()).fold(0.0, f64::max);
    let above = |amount: f64| {
        let own = |(weight, part, _): &(f64, Conditional, Moments)| {
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
