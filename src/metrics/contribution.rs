//! Who makes the tail: contributions to the tail mean (co-TVaR) and to the average annual loss.
//!
//! The contribution of a group (a policy, an industry, a vendor …) is its mean loss in the years of the tail, with exactly
//! the weights that these years have in the tail mean; so contributions add up to it (D. Tasche, *Risk contributions and
//! performance measurement*, 1999; Euler allocation of the expected shortfall). Sums are of whole cents with rational
//! weights, and rounded once, by largest remainder.

use rayon::slice::ParallelSliceMut;
use serde::Serialize;

use super::estimate::{Estimate, square};
use super::order_statistics::ranks;
use super::sampling::Sampling;
use super::tail::Tail;
use crate::money::Cents;

/// One group's part of a tail mean.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Contribution {
    /// Its part, to the cent.
    pub amount: Cents,
    /// Standard error in currency units; nothing where the tail is a single year, or of samples of too few, or the group has no loss in it.
    pub standard_error: Option<f64>,
    /// Concentration index: its part over an equal share of all groups' sum; nought where that is nought.
    pub concentration: f64,
}

/// All groups' parts of the tail mean at one return period.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributions {
    /// In years.
    pub return_period: f64,
    /// The tail mean of the yearly losses, to the nearest cent.
    pub tail_mean: Cents,
    /// By group. Their amounts and `unexplained` add up to the tail mean.
    pub groups: Vec<Contribution>,
    /// What no claim explains: nought when the claims of each tail year add up to its loss.
    pub unexplained: Cents,
}

/// Claims in the years of the widest of several tails.
pub struct TailClaims {
    tails: Vec<Whole>,
    /// Position in the widest tail by year; `OUTSIDE` elsewhere.
    position: Vec<u32>,
    /// Group, position, cents: together with the tails all that contributions need.
    claims: Vec<(u32, u32, i64)>,
}

/// A tail with what is known of it before any claim.
struct Whole {
    tail: Tail,
    /// Mean of the yearly losses.
    mean: Cents,
    /// Position of the first of the years next to the edge.
    edge_from: u32,
    /// The loss at the edge over the sum of their losses.
    edge_share: f64,
    sampling: Sampling,
    /// Whether the years are enough to tell an error.
    told: bool,
}

const OUTSIDE: u32 = u32::MAX;

impl TailClaims {
    /// For the tails of `yearly` losses at those of the return periods that the years are enough for.
    pub fn new(yearly: &[Cents], return_periods: &[f64]) -> TailClaims {
        TailClaims::of_samples(yearly, 1, return_periods)
    }

    /// The same of several samples of each year, sample after sample: errors take those of a year together. Where claims name a year,
    /// they name its place among all.
    pub fn of_samples(yearly: &[Cents], samples: usize, return_periods: &[f64]) -> TailClaims {
        let sampling = Sampling::of(yearly.len(), samples);
        let whole = |period: &f64| Some(Whole::of(Tail::of(yearly, *period)?, yearly, sampling));
        let tails: Vec<Whole> = return_periods.iter().filter_map(whole).collect();
        let mut position = vec![OUTSIDE; yearly.len()];
        if let Some(Whole { tail: widest, .. }) = tails.iter().max_by_key(|whole| whole.tail.years.len()) {
            widest.years.iter().zip(0..).for_each(|((year, _), at)| position[*year as usize] = at);
        }
        TailClaims { tails, position, claims: Vec::new() }
    }

    /// Takes a claim; of years outside the tails nothing is kept. For an OEP curve give the claims of each year's largest
    /// occurrence.
    pub fn add(&mut self, year: u32, group: u32, loss: Cents) {
        if let Some(at) = self.position.get(year as usize).filter(|at| **at != OUTSIDE) {
            self.claims.push((group, *at, loss.0));
        }
    }

    /// The same claims of groups that have other numbers: that of each is at its old number.
    pub fn renumbered(mut self, numbers: &[u32]) -> TailClaims {
        for (group, ..) in &mut self.claims {
            *group = numbers.get(*group as usize).copied().unwrap_or(OUTSIDE);
        }
        self
    }

    /// The contributions of groups 0 to `groups` − 1, for each return period. Claims of other groups are unexplained.
    pub fn contributions(mut self, groups: usize) -> Vec<Contributions> {
        self.claims.par_sort_unstable();
        let mut merged: Vec<(u32, u32, i64)> = Vec::with_capacity(self.claims.len());
        for (group, at, loss) in self.claims {
            match merged.last_mut() {
                Some(last) if (last.0, last.1) == (group, at) => last.2 = last.2.saturating_add(loss),
                _ => merged.push((group, at, loss)),
            }
        }
        self.tails.iter().map(|whole| whole.contributions(&merged, groups)).collect()
    }
}

/// `part` ÷ `of` to the nearest, half up.
fn nearest(part: i128, of: i128) -> Cents {
    Cents(((2 * part + of).div_euclid(2 * of)) as i64)
}

impl Whole {
    fn of(tail: Tail, yearly: &[Cents], sampling: Sampling) -> Whole {
        let loss = |(year, _): &(u32, i128)| i128::from(yearly[*year as usize].0);
        let sum = tail.years.iter().map(|own| own.1 * loss(own)).sum();
        let mean = nearest(sum, tail.total);
        let values: Vec<u32> = tail.years.iter().map(|(value, _)| *value).collect();
        let told = sampling.samples == 1 || ranks(sampling.independent(&values), tail.return_period).0.is_some();
        let near = (tail.size().sqrt().ceil() as usize).min(tail.years.len());
        let edge_from = tail.years.len() - near;
        let at_edge: i128 = tail.years[edge_from..].iter().map(loss).sum();
        let edge_share = if at_edge > 0 { tail.loss / at_edge as f64 } else { 0.0 };
        Whole { tail, mean, edge_from: edge_from as u32, edge_share, sampling, told }
    }

    fn contributions(&self, claims: &[(u32, u32, i64)], groups: usize) -> Contributions {
        let tail = &self.tail;
        let mut sums = vec![0i128; groups];
        let mut results = vec![Contribution::default(); groups];
        for own in claims.chunk_by(|a, b| a.0 == b.0) {
            let group = own[0].0 as usize;
            if group >= groups {
                continue;
            }
            let inside = &own[..own.partition_point(|(_, at, _)| (*at as usize) < tail.years.len())];
            sums[group] = inside.iter().map(|(_, at, loss)| tail.years[*at as usize].1 * i128::from(*loss)).sum();
            results[group].standard_error = self.standard_error(inside, sums[group]);
        }
        let explained = nearest(sums.iter().sum(), tail.total);
        share_out(&sums, tail.total, explained, &mut results);
        let equal = explained.0 as f64 / groups.max(1) as f64;
        for one in results.iter_mut().filter(|_| equal > 0.0) {
            one.concentration = one.amount.0 as f64 / equal;
        }
        Contributions {
            return_period: tail.return_period,
            tail_mean: self.mean,
            groups: results,
            unexplained: Cents(self.mean.0 - explained.0),
        }
    }

    /// The standard error of a group's mean C over a tail of k years: √((s² + (1 − 1 ÷ R)·(C − m)²) ÷ k), s² being the
    /// variance of its loss within the tail and m its mean loss at the edge of the tail: of the loss at the return period the
    /// part that it has of the √k years next to the edge; nought where that loss is.
    ///
    /// The influence function of a conditional mean over the worst years; with the group's loss in the place of the whole it
    /// is the variance of B. J. Manistre and G. H. Hancock, for which m is the quantile itself: a group that is the whole has
    /// the error of [`super::Curve::at`].
    fn standard_error(&self, claims: &[(u32, u32, i64)], sum: i128) -> Option<f64> {
        let (tail, years) = (&self.tail, self.tail.size());
        if years <= 1.0 || sum == 0 || !self.told {
            return None;
        }
        let mean = sum as f64 / tail.total as f64;
        let (mut squares, mut weights, mut edge) = (0.0, 0.0, 0.0);
        for (_, at, loss) in claims {
            let weight = tail.years[*at as usize].1 as f64 / tail.unit as f64;
            let off = *loss as f64 - mean;
            squares += weight * off * off;
            weights += weight;
            edge += if *at >= self.edge_from { *loss as f64 } else { 0.0 };
        }
        let variance = (squares + (years - weights).max(0.0) * mean * mean) / (years - 1.0);
        let at_edge = edge * self.edge_share;
        let p = 1.0 - 1.0 / tail.return_period;
        let alone = (variance + p * (mean - at_edge) * (mean - at_edge)) / years;
        Some((alone * self.effect(claims, at_edge)?).sqrt() / 100.0)
    }

    /// How many times the variance is that of independent years: each year of the tail weighs on the mean with what its loss
    /// differs from that at the edge.
    fn effect(&self, claims: &[(u32, u32, i64)], at_edge: f64) -> Option<f64> {
        if self.sampling.samples == 1 {
            return Some(1.0);
        }
        let years = &self.tail.years;
        let mut influence: Vec<(u32, f64)> = years.iter().map(|(value, _)| (*value, -at_edge)).collect();
        claims.iter().for_each(|(_, at, loss)| influence[*at as usize].1 += *loss as f64);
        influence.iter_mut().zip(years).for_each(|(own, (_, weight))| own.1 *= *weight as f64 / self.tail.unit as f64);
        self.sampling.effect(&influence)
    }
}

/// Rounds each sum ÷ `of` such that all together are `explained`: down, and the cents that are left to the largest
/// remainders, of equal ones to the first.
fn share_out(sums: &[i128], of: i128, explained: Cents, results: &mut [Contribution]) {
    let mut left = i128::from(explained.0);
    let mut remainders = Vec::with_capacity(sums.len());
    for (at, (sum, result)) in sums.iter().zip(results.iter_mut()).enumerate() {
        result.amount = Cents(sum.div_euclid(of) as i64);
        left -= sum.div_euclid(of);
        remainders.push((-sum.rem_euclid(of), at));
    }
    remainders.sort_unstable();
    remainders.iter().take(left.max(0) as usize).for_each(|(_, at)| results[*at].amount.0 += 1);
}

impl MeanContribution {
    /// Of a year's sum over so many samples, the same of their mean.
    pub fn over(self, samples: u32) -> MeanContribution {
        let samples = f64::from(samples);
        let Estimate { value, standard_error } = self.mean;
        let mean = Estimate { value: value / samples, standard_error: standard_error.map(|error| error / samples) };
        MeanContribution { mean, ..self }
    }
}

/// Sums of a group's losses by year, for its part of the average annual loss.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    sum: i128,
    squares: u128,
    year: u32,
    in_year: i128,
}

/// Contributions to the average annual loss: exact sums, in one pass over the claims in order of years.
#[derive(Clone, Debug, Default)]
pub struct MeansByGroup {
    groups: Vec<Sums>,
}

/// One group's part of the average annual loss.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MeanContribution {
    /// Its own average annual loss, in currency units.
    pub mean: Estimate,
    /// Over an equal share of the sum of all groups; nought where that is nought.
    pub concentration: f64,
}

impl MeansByGroup {
    /// For groups 0 to `groups` − 1, and any further that claims name.
    pub fn new(groups: usize) -> MeansByGroup {
        MeansByGroup { groups: vec![Sums::default(); groups] }
    }

    /// Takes a claim. The mean is right in any order; the standard error where the claims of a group come with its years
    /// together.
    pub fn add(&mut self, year: u32, group: u32, loss: Cents) {
        if group as usize >= self.groups.len() {
            self.groups.resize(group as usize + 1, Sums::default());
        }
        let group = &mut self.groups[group as usize];
        if group.year != year {
            group.close();
            group.year = year;
        }
        group.in_year += i128::from(loss.0);
    }

    /// Takes the claims of later years, added up elsewhere.
    pub fn append(&mut self, later: MeansByGroup) {
        if later.groups.len() > self.groups.len() {
            self.groups.resize(later.groups.len(), Sums::default());
        }
        for (own, mut later) in self.groups.iter_mut().zip(later.groups) {
            own.close();
            later.close();
            own.sum += later.sum;
            own.squares = own.squares.saturating_add(later.squares);
        }
    }

    /// The means over `years` simulated years.
    pub fn finish(mut self, years: usize) -> Vec<MeanContribution> {
        self.groups.iter_mut().for_each(Sums::close);
        let all: i128 = self.groups.iter().map(|g| g.sum).sum();
        let equal = all as f64 / self.groups.len().max(1) as f64;
        let of = |g: &Sums| MeanContribution {
            mean: Estimate::of_sums(g.sum, g.squares, years.max(1) as f64),
            concentration: if all > 0 { g.sum as f64 / equal } else { 0.0 },
        };
        self.groups.iter().map(of).collect()
    }
}

impl Sums {
    fn close(&mut self) {
        self.sum += self.in_year;
        self.squares = self.squares.saturating_add(square(self.in_year));
        self.in_year = 0;
    }
}

#[cfg(test)]
mod tests;
