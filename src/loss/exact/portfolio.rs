//! The sum over a book of insureds that are hit independently, given what they share.
//!
//! With the rate r that all share, the transform is Π (1 + r·pᵢ·zᵢ), zᵢ = φᵢ − 1; its logarithm is Σ_m (−1)^(m+1) ÷ m · r^m ·
//! Σᵢ pᵢ^m·zᵢ^m where r·pᵢ·|zᵢ| < 1. The inner sums do not depend on r: computed once, a further value of r costs nothing
//! per insured. Where r·p is above a quarter, insureds of equal p and claim are multiplied as they stand.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::aggregate::{Aggregate, Means};
use super::complex::Complex;
use super::distribution::GridDistribution;
use super::fourier::Fourier;
use super::quadrature::Node;
use crate::fault::Failure;

/// An insured in reach of an event.
#[derive(Clone, Copy, Debug)]
pub struct Risk<'a> {
    /// Of being hit where the shared rate is one.
    pub probability: f64,
    /// What it then claims. Insureds that point to the same distribution are taken together.
    pub claim: &'a GridDistribution,
}

/// r·p up to which the series is used: |z| is at most two, so each term is at most half the one before it.
const SERIES: f64 = 0.25;

/// What the series leaves out of the logarithm, at most.
const LEFT_OUT: f64 = 1e-15;

/// Insureds with one distribution of claims.
struct Group<'a> {
    claim: &'a GridDistribution,
    probabilities: Vec<f64>,
}

/// The distribution of the sum over `risks`, of which each is hit with probability `rate`·p, independently given the rate;
/// `rates` are its nodes.
///
/// # Errors
/// When there is no risk or no rate, a probability or a rate lies outside [0, 1], or claims are on different grids.
pub fn scenario(risks: &[Risk], rates: &[Node]) -> Result<Aggregate, Failure> {
    check(risks, rates)?;
    let groups = grouped(risks);
    let grid = risks[0].claim.grid;
    let fourier = Fourier::new(grid.points);
    let highest = risks.iter().map(|risk| risk.probability).fold(0.0, f64::max);
    let (narrow, wide): (Vec<Node>, Vec<Node>) = rates.iter().copied().partition(|node| node.value * highest <= SERIES);
    let reach = narrow.iter().map(|node| node.value * highest).fold(0.0, f64::max);
    let terms = terms(reach, risks.len());
    // The frequencies, and one place more for the probability of no loss, which is the same product at P(claim = 0).
    let places = fourier.frequencies() + 1;
    let mut series = vec![Complex::default(); terms * places];
    let mut logarithms = vec![vec![Complex::default(); places]; wide.len()];
    for group in &groups {
        let phi = fourier.of_mass(&group.claim.mass).into_iter().chain([Complex::real(group.claim.nothing)]);
        let z: Vec<Complex> = phi.map(|phi| phi - Complex::ONE).collect();
        let sums = power_sums(&group.probabilities, terms);
        series.par_chunks_mut(terms).zip(&z).for_each(|(series, z)| add_powers(series, &sums, *z));
        for (logarithm, node) in logarithms.iter_mut().zip(&wide) {
            let factor = Factor::new(&group.probabilities, node.value);
            logarithm.par_iter_mut().zip(&z).for_each(|(sum, z)| *sum += factor.logarithm(*z));
        }
    }
    let at = |k: usize| {
        let of_narrow = narrow.iter().map(|node| {
            let own = &series[k * terms..(k + 1) * terms];
            let sum = own.iter().rev().fold(Complex::default(), |sum, c| (sum + *c).scale(node.value));
            sum.exp().scale(node.weight)
        });
        let of_wide = wide.iter().zip(&logarithms).map(|(node, own)| own[k].exp().scale(node.weight));
        of_narrow.chain(of_wide).fold(Complex::default(), |sum, one| sum + one)
    };
    let mut transform: Vec<Complex> = (0..places).into_par_iter().map(at).collect();
    let nothing = transform.pop().map_or(0.0, |product| product.re);
    Ok(Aggregate::new(grid, fourier.to_mass(transform), means(&groups, rates, nothing)))
}

fn check(risks: &[Risk], rates: &[Node]) -> Result<(), Failure> {
    let (Some(first), false) = (risks.first(), rates.is_empty()) else {
        return Err(Failure::new("no insured in reach of the event, or no rate: there is no distribution to compute"));
    };
    let shares = risks.iter().map(|risk| risk.probability).chain(rates.iter().map(|node| node.value));
    if let Some(out) = shares.into_iter().find(|share| !(0.0..=1.0).contains(share)) {
        return Err(Failure::new(format!("{out} is no probability")).hint("probabilities and rates lie in [0, 1]"));
    }
    match risks.iter().find(|risk| risk.claim.grid != first.claim.grid) {
        Some(_) => Err(Failure::new("claims are on different grids").hint("put all claims on one grid")),
        None => Ok(()),
    }
}

/// Groups in the order in which they first come.
fn grouped<'a>(risks: &[Risk<'a>]) -> Vec<Group<'a>> {
    let mut numbers: HashMap<*const GridDistribution, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for risk in risks {
        let number = *numbers.entry(std::ptr::from_ref(risk.claim)).or_insert(groups.len());
        if number == groups.len() {
            groups.push(Group { claim: risk.claim, probabilities: Vec::new() });
        }
        groups[number].probabilities.push(risk.probability);
    }
    groups.iter_mut().for_each(|group| group.probabilities.sort_by(f64::total_cmp));
    groups
}

/// Terms of the series such that what is left out of `insureds` · Σ_{m > M} (2·reach)^m ÷ m is small.
fn terms(reach: f64, insureds: usize) -> usize {
    let ratio = 2.0 * reach;
    if ratio <= 0.0 {
        return 1;
    }
    (libm::log(LEFT_OUT / insureds as f64) / libm::log(ratio)).ceil().clamp(1.0, 128.0) as usize
}

/// (−1)^(m+1) ÷ m · Σ pᵢ^m, m from 1.
fn power_sums(probabilities: &[f64], terms: usize) -> Vec<f64> {
    let mut sums = vec![0.0; terms];
    for p in probabilities {
        let mut power = 1.0;
        for sum in &mut sums {
            power *= p;
            *sum += power;
        }
    }
    let signed = |(at, sum): (usize, &f64)| sum / (at + 1) as f64 * if at % 2 == 0 { 1.0 } else { -1.0 };
    sums.iter().enumerate().map(signed).collect()
}

fn add_powers(series: &mut [Complex], sums: &[f64], z: Complex) {
    let mut power = z;
    for (term, sum) in series.iter_mut().zip(sums) {
        *term += power.scale(*sum);
        power = power * z;
    }
}

/// Π (1 + r·pᵢ·z) over a group at one rate: the series for small r·p, the others counted by equal value.
struct Factor {
    series: Vec<f64>,
    others: Vec<(f64, f64)>,
}

impl Factor {
    fn new(probabilities: &[f64], rate: f64) -> Factor {
        let hit: Vec<f64> = probabilities.iter().map(|p| p * rate).collect();
        let few = hit.partition_point(|q| *q <= SERIES);
        let mut others: BTreeMap<u64, f64> = BTreeMap::new();
        hit[few..].iter().for_each(|q| *others.entry(q.to_bits()).or_default() += 1.0);
        let reach = hit[..few].last().copied().unwrap_or(0.0);
        Factor {
            series: power_sums(&hit[..few], terms(reach, few.max(1))),
            others: others.into_iter().map(|(bits, count)| (f64::from_bits(bits), count)).collect(),
        }
    }

    fn logarithm(&self, z: Complex) -> Complex {
        let series = self.series.iter().rev().fold(Complex::default(), |sum, c| (sum + Complex::real(*c)) * z);
        self.others.iter().fold(series, |sum, (q, count)| sum + (Complex::ONE + z.scale(*q)).ln().scale(*count))
    }
}

fn means(groups: &[Group], rates: &[Node], nothing: f64) -> Means {
    let rate: f64 = rates.iter().map(|node| node.weight * node.value).sum();
    let (mut exact, mut grid) = (0.0, 0.0);
    for group in groups {
        let hits = rate * group.probabilities.iter().sum::<f64>();
        exact += hits * group.claim.mean;
        grid += hits * group.claim.grid_mean();
    }
    Means { exact, grid, nothing, square_beyond: None }
}
