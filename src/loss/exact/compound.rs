//! The sum of a random number of independent claims.

use rayon::prelude::*;

use super::aggregate::{Aggregate, Means};
use super::complex::Complex;
use super::distribution::GridDistribution;
use super::fourier::Fourier;
use super::frequency::Frequency;

/// The distribution of X₁ + … + X_N, on the grid of the claim: the transform is E φ^N (*Loss Models*, 4th ed., section 9.7).
/// Mean E N·E X, on the grid and exactly.
pub fn compound(frequency: &Frequency, claim: &GridDistribution) -> Aggregate {
    let fourier = Fourier::new(claim.grid.points);
    let transform = fourier.of_mass(&claim.mass).into_par_iter().map(|z| frequency.generating(z)).collect();
    let means = Means {
        exact: frequency.mean() * claim.mean,
        grid: frequency.mean() * claim.grid_mean(),
        nothing: frequency.generating(Complex::real(claim.nothing)).re,
        square_beyond: None,
    };
    Aggregate::new(claim.grid, fourier.to_mass(transform), means)
}
