//! The claims of an event's insureds, given hours of an outage and severity level: through the same losses and policy terms as
//! the simulation.
//!
//! Insureds whose claims are the same are taken together. So are those of a large book whose claims or probabilities differ by
//! little: the mean of the book stays, and its variance moves by the square of the difference.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::conditional::Claim;
use super::grain::{Gathered, Grain, Two, cells};
use super::groups::{Group, groups};
use super::stretch::{amounts, moments, stretches};
use crate::loss::calendar::Occurrence;
use crate::loss::fitted::YearSeverity;
use crate::loss::hit::{Settling, loss};
use crate::loss::plan::{GroundUp, Insured, Peril, Plan};
use crate::money::Cents;
use crate::random::normal;

/// What insureds share of one occurrence, but for the rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// Its probability.
    pub weight: f64,
    /// Hours of the outage; 0 where it is none.
    pub hours: f64,
    /// Severity level.
    pub level: f64,
}

/// Sums over a book that give mean and variance of its loss, insured by insured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// Σ p·E X.
    pub first: f64,
    /// Σ p·E X².
    pub second: f64,
    /// Σ p²·(E X)².
    pub squares: f64,
}

impl Moments {
    fn add(&mut self, p: f64, mean: f64, square: f64) {
        self.first += p * mean;
        self.second += p * square;
        self.squares += p * p * mean * mean;
    }
}

/// Claims before policies and after, with their moments.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// From the ground up.
    pub ground_up: Vec<Claim>,
    /// What policies pay.
    pub gross: Vec<Claim>,
    /// Moments of both.
    pub moments: [Moments; 2],
}

/// An event's insureds.
pub struct Book<'a> {
    insureds: &'a [Insured],
    peril: &'a Peril,
    models: Vec<YearSeverity>,
    /// Insureds with a severity, by what they claim.
    groups: Vec<Group<'a>>,
    grain: Grain,
}

impl<'a> Book<'a> {
    /// The insureds of a plan's only event.
    pub fn new(plan: &'a Plan, peril: &'a Peril, grain: Grain) -> Book<'a> {
        let models: Vec<YearSeverity> = plan.models.iter().map(|model| model.central()).collect();
        let groups = if peril.shock.outage.is_some() { Vec::new() } else { groups(&plan.insureds, &models, grain) };
        Book { insureds: &plan.insureds, peril, models, groups, grain }
    }

    /// Different claims that are worked out for a state.
    pub fn different(&self) -> usize {
        if self.groups.is_empty() { self.insureds.len() } else { self.groups.len() }
    }

    /// The claims in a state.
    pub fn claims(&self, state: &State) -> Claims {
        if self.groups.is_empty() { self.outage(state) } else { self.severities(state) }
    }

    fn desk(&self, state: &State) -> Desk<'_> {
        let State { hours, level, .. } = *state;
        let occurrence = Occurrence { hours, level, ..Occurrence::default() };
        Desk { peril: self.peril, models: &self.models, settling: Settling::new(false), occurrence }
    }

    fn severities(&self, state: &State) -> Claims {
        let one = |group: &Group| {
            let mut desk = self.desk(state);
            desk.settling.begin(group.insured);
            let stretches = stretches(|u| desk.pays(group.insured, &group.ground_up, u, false), self.grain.bend);
            let cells = cells(&group.probabilities, self.grain);
            let claim = |which| Claim { amounts: amounts(&stretches, which), spread: true, cells: cells.clone() };
            [0, 1].map(|which| (claim(which), moments(&stretches, which)))
        };
        let both: Vec<[(Claim, (f64, f64)); 2]> = self.groups.par_iter().map(one).collect();
        let mut claims = Claims::default();
        for (group, [ground_up, gross]) in self.groups.iter().zip(both) {
            for (moments, (mean, square)) in claims.moments.iter_mut().zip([ground_up.1, gross.1]) {
                group.probabilities.iter().for_each(|p| moments.add(*p, mean, square));
            }
            claims.ground_up.push(ground_up.0);
            claims.gross.push(gross.0);
        }
        claims
    }

    fn outage(&self, state: &State) -> Claims {
        let mut desk = self.desk(state);
        let mut claims = Claims::default();
        let mut gathered = [BTreeMap::new(), BTreeMap::new()];
        for (insured, risk) in self.insureds.iter().flat_map(|insured| insured.risks.iter().map(move |r| (insured, r)))
        {
            desk.settling.begin(insured);
            let second = match risk.ground_up {
                GroundUp::Hourly(hourly) if hourly.saves > 0.0 => hourly.second,
                _ => 0.0,
            };
            let alone = desk.pays(insured, &risk.ground_up, 0.5, false);
            let helped = if second > 0.0 { desk.pays(insured, &risk.ground_up, 0.5, true) } else { alone };
            for at in 0..2 {
                let two = Two { alone: alone[at], helped: helped[at], second };
                claims.moments[at].add(risk.probability, two.mean(1), two.mean(2));
                if two.alone > 0.0 || two.helped > 0.0 {
                    let own: &mut Gathered = gathered[at].entry(two.key(self.grain)).or_default();
                    own.add(risk.probability, two);
                }
            }
        }
        let [ground_up, gross] =
            gathered.map(|all| all.into_values().map(|own| own.claim(self.grain)).collect::<Vec<Claim>>());
        Claims { ground_up, gross, ..claims }
    }
}

/// Where one insured's loss goes through its policies.
struct Desk<'a> {
    peril: &'a Peril,
    models: &'a [YearSeverity],
    settling: Settling,
    occurrence: Occurrence,
}

impl Desk<'_> {
    /// Loss from the ground up and gross, at probability `u` of its severity.
    fn pays(&mut self, insured: &Insured, ground_up: &GroundUp, u: f64, helped: bool) -> [f64; 2] {
        // Another year: nothing of its limits is used up.
        self.occurrence.year += 1;
        let at = (u, normal::quantile(u));
        let loss = loss(ground_up, &self.occurrence, self.models, at, |_| helped);
        let paid: Cents = self.settling.settle(insured, self.peril, &self.occurrence, loss).iter().copied().sum();
        [loss.total.units(), paid.units()]
    }
}
