//! The natural logarithm: one portable result on every machine, without branches for ordinary numbers.
//!
//! x = 2ᵏ·m with √½ ≤ m < √2, and ln m = 2·artanh s, s = (m − 1) ÷ (m + 1), by its series up to s²¹ (J.-M. Muller: *Elementary
//! Functions*, 3rd ed., 2016, section 11.2); |s| ≤ 0.1716, so that what is left out is below 2⁻⁵⁷ of it.

const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Bits of √½.
const LOWEST: u64 = 0x3FE6_A09E_667F_3BCD;
/// 1.5 · 2⁵²: a whole number added to its bits is added to it.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// ln x of an ordinary number: above zero, not subnormal, and finite. Within 2 in the last place.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    debug_assert!(x.is_normal() && x > 0.0);
    let bits = x.to_bits();
    // k + 1023, which is never below zero.
    let k = bits.wrapping_add(1023 << 52).wrapping_sub(LOWEST) >> 52;
    let m = f64::from_bits(bits.wrapping_sub(k.wrapping_sub(1023) << 52));
    let s = (m - 1.0) / (m + 1.0);
    let s2 = s * s;
    let s4 = s2 * s2;
    let s8 = s4 * s4;
    let low = (1.0 / 3.0 + s2 * (1.0 / 5.0)) + s4 * (1.0 / 7.0 + s2 * (1.0 / 9.0));
    let middle = (1.0 / 11.0 + s2 * (1.0 / 13.0)) + s4 * (1.0 / 15.0 + s2 * (1.0 / 17.0));
    let high = 1.0 / 19.0 + s2 * (1.0 / 21.0);
    let series = s2 * (low + s8 * (middle + s8 * high));
    let k = f64::from_bits(WHOLE.to_bits() + k) - (WHOLE + 1023.0);
    // 2·s is exact, and m − 1 is: what is added to it is small.
    k * LN_2_HIGH + (2.0 * s + (2.0 * s * series + k * LN_2_LOW))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A million points over all magnitudes and near 1, and the ends. Near 1 the logarithm is near 0, where places are small.
    #[test]
    fn it_is_within_two_ulps_of_a_correctly_rounded_one() {
        let ends = [1.0, 0.5, 2.0, f64::MIN_POSITIVE, f64::MAX, 1.0 - f64::EPSILON / 2.0];
        let magnitudes = (0..500_000).map(|i| libm::exp(-700.0 + 1_400.0 * f64::from(i) / 5e5));
        let near_one = (1..500_000).map(|i| f64::from(i) / 2.5e5);
        for x in ends.into_iter().chain(magnitudes).chain(near_one) {
            let (own, other) = (ln(x), libm::log(x));
            let ulps = (own.to_bits() as i64 - other.to_bits() as i64).abs();
            assert!(ulps <= 2, "{x}: {own} {other}");
        }
    }
}
