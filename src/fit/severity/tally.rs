//! Sums of log-likelihood terms over many records, in a fixed order on any number of threads.
//!
//! The first variable of a term is the location m = λ + ε·c, c being the logarithm of the record's revenue ratio; what the
//! sum needs for derivatives by λ and ε follows from those by m, times powers of c.

use rayon::prelude::*;

use super::sample::Column;
use crate::fit::jet::Jet;
use crate::fit::maximise::Point;

/// Rows summed by one thread at a time; fixed, so that sums don't depend on the number of threads.
const CHUNK: usize = 8_192;

/// Σ w·f with derivatives by `K` variables, and those by the location once and twice times c.
#[derive(Clone, Copy, Debug)]
pub struct Tally<const K: usize> {
    sum: Jet<K>,
    with_c: [f64; K],
    slope_c: f64,
    with_cc: f64,
}

impl<const K: usize> Tally<K> {
    fn nought() -> Tally<K> {
        Tally { sum: Jet::constant(0.0), with_c: [0.0; K], slope_c: 0.0, with_cc: 0.0 }
    }

    /// A sum without covariate.
    pub fn of(sum: Jet<K>) -> Tally<K> {
        Tally { sum, ..Tally::nought() }
    }

    fn add(&mut self, weight: f64, c: f64, term: Jet<K>) {
        self.sum.value += weight * term.value;
        for i in 0..K {
            self.sum.gradient[i] += weight * term.gradient[i];
            for j in 0..K {
                self.sum.hessian[i][j] += weight * term.hessian[i][j];
            }
            self.with_c[i] += weight * c * term.hessian[0][i];
        }
        self.slope_c += weight * c * term.gradient[0];
        self.with_cc += weight * c * c * term.hessian[0][0];
    }

    fn join(&mut self, other: &Tally<K>) {
        self.sum = self.sum + other.sum;
        self.with_c.iter_mut().zip(&other.with_c).for_each(|(a, b)| *a += b);
        self.slope_c += other.slope_c;
        self.with_cc += other.with_cc;
    }

    /// Adds the sum, times `sign`, to the log-likelihood: `place` says which parameter each variable is, `elasticity` which
    /// one ε is, where it is free.
    pub fn scatter(&self, point: &mut Point, sign: f64, place: [usize; K], elasticity: Option<usize>) {
        point.value += sign * self.sum.value;
        for i in 0..K {
            point.gradient[place[i]] += sign * self.sum.gradient[i];
            for j in 0..K {
                point.hessian[place[i]][place[j]] += sign * self.sum.hessian[i][j];
            }
        }
        if let Some(e) = elasticity {
            point.gradient[e] += sign * self.slope_c;
            point.hessian[e][e] += sign * self.with_cc;
            for i in 0..K {
                point.hessian[e][place[i]] += sign * self.with_c[i];
                point.hessian[place[i]][e] += sign * self.with_c[i];
            }
        }
    }
}

/// Σ w·term(ln x, c) over a column.
pub fn tally<const K: usize>(column: &Column, term: impl Fn(f64, f64) -> Jet<K> + Sync) -> Tally<K> {
    let part = |start: usize| {
        let mut sum = Tally::nought();
        let end = (start + CHUNK).min(column.len());
        for row in start..end {
            let c = column.revenue[row];
            sum.add(column.weight[row], c, term(column.ln[row], c));
        }
        sum
    };
    if column.len() <= CHUNK {
        return part(0);
    }
    let starts: Vec<usize> = (0..column.len()).step_by(CHUNK).collect();
    let parts: Vec<Tally<K>> = starts.into_par_iter().map(part).collect();
    let mut sum = Tally::nought();
    parts.iter().for_each(|part| sum.join(part));
    sum
}

/// An empty log-likelihood of so many parameters.
pub fn blank(parameters: usize) -> Point {
    Point { value: 0.0, gradient: vec![0.0; parameters], hessian: vec![vec![0.0; parameters]; parameters] }
}
