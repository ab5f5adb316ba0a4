//! The discrete Fourier transform of 2ᵏ numbers, and its use on distributions with exponential tilting.
//!
//! J. W. Cooley, J. W. Tukey: *An algorithm for the machine calculation of complex Fourier series*, Mathematics of
//! Computation 19, 1965. Always the same operations in the same order: libraries choose other ones on other processors.

use std::f64::consts::PI;

use super::complex::Complex;

/// θ·n: how much the end of the grid is tilted down. What lies beyond the end comes back e^(−10) as large.
const TILT: f64 = 10.0;

/// Transforms of one length.
pub(super) struct Fourier {
    points: usize,
    /// e^(−2πi·k ÷ n), k below n ÷ 2.
    turns: Vec<Complex>,
    /// e^(−θj).
    tilts: Vec<f64>,
}

impl Fourier {
    /// For a power of two.
    pub fn new(points: usize) -> Fourier {
        let turn = |k: usize| {
            let angle = -2.0 * PI * k as f64 / points as f64;
            Complex { re: libm::cos(angle), im: libm::sin(angle) }
        };
        let tilt = |j: usize| libm::exp(-TILT * j as f64 / points as f64);
        Fourier { points, turns: (0..points / 2).map(turn).collect(), tilts: (0..points).map(tilt).collect() }
    }

    /// Frequencies that tell the whole transform of real numbers: the others are their conjugates.
    pub fn frequencies(&self) -> usize {
        self.points / 2 + 1
    }

    /// e^(−2πi·m ÷ n).
    pub fn turn(&self, m: usize) -> Complex {
        let (half, at) = (self.points / 2, m & (self.points - 1));
        if at < half { self.turns[at] } else { self.turns[at - half].scale(-1.0) }
    }

    /// Σ xⱼ·e^(−2πi·jk ÷ n), in place.
    fn forward(&self, x: &mut [Complex]) {
        let n = self.points;
        let shift = usize::BITS - n.trailing_zeros();
        for at in 0..n {
            let mirrored = at.reverse_bits().checked_shr(shift).unwrap_or(0);
            if at < mirrored {
                x.swap(at, mirrored);
            }
        }
        let mut half = 1;
        while half < n {
            let stride = n / (2 * half);
            for block in x.chunks_exact_mut(2 * half) {
                let (low, high) = block.split_at_mut(half);
                for (k, (a, b)) in low.iter_mut().zip(high).enumerate() {
                    let turned = *b * self.turns[k * stride];
                    (*a, *b) = (*a + turned, *a - turned);
                }
            }
            half *= 2;
        }
    }

    /// The transform of probabilities tilted by e^(−θj), at the first half of the frequencies.
    ///
    /// Tilting makes what the transform wraps around the end of the grid small (R. Grübel, R. Hermesmeier: *Computation of
    /// compound distributions I: aliasing errors and exponential tilting*, ASTIN Bulletin 29, 1999).
    pub fn of_mass(&self, mass: &[f64]) -> Vec<Complex> {
        let tilted = mass.iter().enumerate().map(|(j, m)| Complex::real(m * self.tilt(j)));
        let mut x: Vec<Complex> = tilted.collect();
        x.resize(self.points, Complex::default());
        self.forward(&mut x);
        x.truncate(self.frequencies());
        x
    }

    /// The probabilities of a transform at the first half of the frequencies: inverted, and tilted back. What rounding puts
    /// below nought is nought.
    pub fn to_mass(&self, mut transform: Vec<Complex>) -> Vec<f64> {
        let n = self.points;
        // The inverse of x is the forward transform of its conjugate, conjugated; of a real result the real part.
        transform.resize(n, Complex::default());
        for k in self.frequencies()..n {
            transform[k] = transform[n - k];
        }
        for value in &mut transform[..self.frequencies()] {
            value.im = -value.im;
        }
        self.forward(&mut transform);
        transform.iter().enumerate().map(|(j, x)| (x.re / (n as f64 * self.tilt(j))).max(0.0)).collect()
    }

    /// e^(−θj).
    pub fn tilt(&self, j: usize) -> f64 {
        self.tilts[j]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_transform_is_the_sum_that_defines_it() {
        let fourier = Fourier::new(16);
        let x: Vec<Complex> = (0..16).map(|j| Complex { re: f64::from(j * 7 % 5), im: f64::from(j % 3) }).collect();
        let mut fast = x.clone();
        fourier.forward(&mut fast);
        for (k, value) in fast.iter().enumerate() {
            let sum = x.iter().enumerate().fold(Complex::default(), |sum, (j, x)| {
                sum + *x * Complex { re: 0.0, im: -2.0 * PI * (j * k) as f64 / 16.0 }.exp()
            });
            assert!((sum.re - value.re).abs() < 1e-12 && (sum.im - value.im).abs() < 1e-12, "{k}");
        }
    }

    #[test]
    fn there_and_back_again() {
        let fourier = Fourier::new(1024);
        let mass: Vec<f64> = (0..700).map(|j| 1.0 / 700.0 + if j == 5 { 0.1 } else { 0.0 }).collect();
        let back = fourier.to_mass(fourier.of_mass(&mass));
        assert!(back.iter().enumerate().all(|(j, m)| (m - mass.get(j).unwrap_or(&0.0)).abs() < 1e-12));
    }
}
