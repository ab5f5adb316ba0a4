//! Sums of log-likelihood terms over many records, in a fixed order on any number of threads.
//!
//! The first variable of a term is the location m = λ + ε·c, c being the record's covariate (the logarithm of its revenue
//! ratio, or its time); what the sum needs for derivatives by λ and ε follows from those by m, times powers of c.

use rayon::prelude::*;

use super::jet::Jet;
use super::maximise::Point;

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
    pub fn nought() -> Tally<K> {
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

    /// The sum as a function of the location alone.
    pub fn first(&self) -> Tally<1> {
        let mut sum = Jet::constant(self.sum.value);
        sum.gradient[0] = self.sum.gradient[0];
        sum.hessian[0][0] = self.sum.hessian[0][0];
        Tally { sum, with_c: [self.with_c[0]], slope_c: self.slope_c, with_cc: self.with_cc }
    }

    /// Adds the sum, times `sign`, to the log-likelihood: `place` says which parameter each variable is, `elasticity` which
    /// one ε is, where it is free.
    pub fn scatter(&self, point: &mut Point, sign: f64, place: [usize; K], elasticity: Option<usize>) {
        point.value += sign * self.sum.value;
        for (i, row) in place.into_iter().enumerate() {
            point.gradient[row] += sign * self.sum.gradient[i];
            for (j, column) in place.into_iter().enumerate() {
                point.hessian[row][column] += sign * self.sum.hessian[i][j];
            }
        }
        if let Some(e) = elasticity {
            point.gradient[e] += sign * self.slope_c;
            point.hessian[e][e] += sign * self.with_cc;
            for (both, with_c) in place.into_iter().zip(self.with_c) {
                point.hessian[e][both] += sign * with_c;
                point.hessian[both][e] += sign * with_c;
            }
        }
    }
}

/// Σ w·term over rows, each giving its weight, covariate and term.
pub fn tally<const K: usize>(rows: usize, row: impl Fn(usize) -> (f64, f64, Jet<K>) + Sync) -> Tally<K> {
    let part = |start: usize| {
        let mut sum = Tally::nought();
        for at in start..(start + CHUNK).min(rows) {
            let (weight, c, term) = row(at);
            sum.add(weight, c, term);
        }
        sum
    };
    if rows <= CHUNK {
        return part(0);
    }
    let starts: Vec<usize> = (0..rows).step_by(CHUNK).collect();
    let parts: Vec<Tally<K>> = starts.into_par_iter().map(part).collect();
    let mut sum = Tally::nought();
    parts.iter().for_each(|part| sum.join(part));
    sum
}

/// An empty log-likelihood of so many parameters.
pub fn blank(parameters: usize) -> Point {
    Point { value: 0.0, gradient: vec![0.0; parameters], hessian: vec![vec![0.0; parameters]; parameters] }
}
