//! The standard normal quantile by rational approximation, accurate to about 1e-16.
//!
//! M. J. Wichura: *Algorithm AS 241: The percentage points of the normal distribution*, Applied Statistics 37 (1988),
//! routine PPND16.

use super::{LANES, ln, widest};

const A: [f64; 8] = [
    3.387_132_872_796_366_5,
    1.331_416_678_917_843_8e2,
    1.971_590_950_306_551_3e3,
    1.373_169_376_550_946e4,
    4.592_195_393_154_987e4,
    6.726_577_092_700_87e4,
    3.343_057_558_358_813e4,
    2.509_080_928_730_122_7e3,
];
const B: [f64; 8] = [
    1.0,
    4.231_333_070_160_091e1,
    6.871_870_074_920_579e2,
    5.394_196_021_424_751e3,
    2.121_379_430_158_659_7e4,
    3.930_789_580_009_271e4,
    2.872_908_573_572_194_3e4,
    5.226_495_278_852_545e3,
];
const C: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    2.417_807_251_774_506e-1,
    2.272_384_498_926_918_4e-2,
    7.745_450_142_783_414e-4,
];
const D: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    6.897_673_349_851e-1,
    1.481_039_764_274_800_8e-1,
    1.519_866_656_361_645_7e-2,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const E: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    2.965_605_718_285_048_7e-1,
    2.653_218_952_657_612_4e-2,
    1.242_660_947_388_078_4e-3,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const F: [f64; 8] = [
    1.0,
    5.998_322_065_558_88e-1,
    1.369_298_809_227_358e-1,
    1.487_536_129_085_061_5e-2,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];

#[inline(always)]
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    let [others @ .., last] = coefficients;
    others.iter().rev().fold(*last, |sum, c| sum * x + c)
}

/// No quantile of a uniform of 52 bits and a half is larger: z at 1 − 2⁻⁵³ is 8.2.
pub const LARGEST: f64 = 8.3;

/// Up to this distance from ½, the quantile is that of the central part.
const CENTRAL: f64 = 0.425;

#[inline(always)]
fn central(q: f64) -> f64 {
    let r = 0.180_625 - q * q;
    q * polynomial(&A, r) / polynomial(&B, r)
}

/// The probability beyond, on the nearer side.
#[inline(always)]
fn tail(p: f64) -> f64 {
    if p < 0.5 { p } else { 1.0 - p }
}

/// Up to here the outer part's first approximation holds: e⁻²⁵.
const OUTER: f64 = 5.0;

/// The outer part where √(−ln tail) = `r` is at most [`OUTER`].
#[inline(always)]
fn outer(p: f64, r: f64) -> f64 {
    let z = polynomial(&C, r - 1.6) / polynomial(&D, r - 1.6);
    if p < 0.5 { -z } else { z }
}

fn outside(p: f64) -> f64 {
    let tail = tail(p);
    let r = (-if tail.is_normal() { ln(tail) } else { libm::log(tail) }).sqrt();
    if r <= OUTER {
        return outer(p, r);
    }
    let z = polynomial(&E, r - 5.0) / polynomial(&F, r - 5.0);
    if p < 0.5 { -z } else { z }
}

/// z with Φ(z) = p, for p in (0, 1).
#[inline]
pub fn quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= CENTRAL { central(q) } else { outside(p) }
}

widest! {
    /// The quantile at each of many probabilities, to the same bits: the central part of all of them, without branches, then
    /// what lies outside of it, `LANES` at a time. `beyond` is memory.
    pub fn quantiles(probabilities: &[f64], z: &mut [f64], beyond: &mut Vec<u32>) {
        z.iter_mut().zip(probabilities).for_each(|(z, p)| *z = central(p - 0.5));
        beyond.resize(beyond.len().max(probabilities.len() + LANES), 0);
        let mut n = 0;
        for (p, at) in probabilities.iter().zip(0..) {
            beyond[n] = at;
            n += usize::from((p - 0.5).abs() > CENTRAL);
        }
        for group in beyond[..n].chunks(LANES) {
            outer_quantiles(probabilities, group, z);
        }
    }
}

/// The quantiles outside of the central part, of a few.
#[inline(always)]
fn outer_quantiles(probabilities: &[f64], group: &[u32], z: &mut [f64]) {
    let (mut p, mut r, mut near) = ([0.25; LANES], [0.0; LANES], [0.0; LANES]);
    group.iter().zip(&mut p).for_each(|(at, p)| *p = probabilities[*at as usize]);
    for lane in 0..LANES {
        r[lane] = (-ln(tail(p[lane]))).sqrt();
    }
    for lane in 0..LANES {
        near[lane] = outer(p[lane], r[lane]);
    }
    for (lane, at) in group.iter().enumerate() {
        z[*at as usize] = if r[lane] > OUTER { outside(p[lane]) } else { near[lane] };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Normal};

    /// AS 241 gives four checks of its own; the distribution function of `statrs` checks the rest.
    #[test]
    fn the_quantile_inverts_the_distribution_function() {
        let published =
            [(0.25, -0.674_489_750_196_081_7), (0.001, -3.090_232_306_167_813_5), (1e-20, -9.262_340_089_798_408)];
        for (p, z) in published {
            assert!((quantile(p) - z).abs() < 1e-13, "{p}: {}", quantile(p));
        }
        let normal = Normal::new(0.0, 1.0).unwrap();
        for i in 1..2000 {
            let p = f64::from(i) / 2000.0;
            assert!((normal.cdf(quantile(p)) - p).abs() < 1e-10, "{p}");
        }
    }

    #[test]
    fn many_quantiles_are_those_of_each() {
        let ends = [1e-300, 1e-20, 0.075, 0.925, 0.5, 1.0 - f64::EPSILON / 2.0];
        let p: Vec<f64> = (1..4_000).map(|i| f64::from(i) / 4_000.0).chain(ends).collect();
        let mut z = vec![7.0; p.len()];
        quantiles(&p, &mut z, &mut Vec::new());
        assert_eq!(z, p.iter().map(|p| quantile(*p)).collect::<Vec<_>>());
    }
}
