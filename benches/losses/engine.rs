//! The engine's own side.

use blastradius::loss::{Mode, Parameters, Plan, Simulation};
use blastradius::metrics::{Curve, Estimate};
use blastradius::money::Cents;

use super::measure::{Cost, measured};

/// A simulation and what it took.
pub struct Result {
    pub cost: Cost,
    /// Insureds with a loss, over all years.
    pub claims: f64,
    /// Of a year.
    pub hits: Estimate,
    pub ground_up: Curve,
    pub gross: Curve,
}

/// The catalogue mode's simulation of a plan.
pub fn simulation(plan: &Plan, years: u32, yearly_by_policy: bool) -> Simulation<'_> {
    let (mode, parameters) = (Mode::Catalogue, Parameters::Estimates);
    Simulation { plan, mode, years: 0..years, seed: 1, parameters, reinsurance: None, claims: false, yearly_by_policy }
}

/// Through policy terms to the year table.
pub fn run(plan: &Plan, years: u32) -> Result {
    let (projection, cost) = measured(|| simulation(plan, years, false).run(|_| Ok(())).expect("a simulation"));
    let column =
        |of: fn(&blastradius::loss::YearLoss) -> Cents| -> Vec<Cents> { projection.years.iter().map(of).collect() };
    let hits = Estimate::mean(&column(|year| Cents(i64::from(year.hits) * 100)));
    Result {
        cost,
        claims: hits.value * f64::from(years),
        hits,
        ground_up: Curve::new(&column(|year| year.sum.ground_up)),
        gross: Curve::new(&column(|year| year.sum.gross)),
    }
}

/// The best of several runs of each plan, in turns.
pub fn best<const N: usize>(plans: [&Plan; N], years: u32, runs: usize) -> [Result; N] {
    let mut results = plans.map(|plan| run(plan, years));
    for _ in 1..runs {
        for (result, plan) in results.iter_mut().zip(plans) {
            result.cost = result.cost.best(run(plan, years).cost);
        }
    }
    results
}
