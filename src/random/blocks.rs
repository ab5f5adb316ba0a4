//! Many Philox blocks at once: the same words as one by one, with wide vectors where the machine has them.

use super::counter::block;

/// The blocks of several first counters with one second counter: the left and the right word of each, into as many places.
pub fn blocks(rounds: &[u64; 10], counters: &[u64], second: u64, left: &mut [u64], right: &mut [u64]) {
    #[cfg(target_arch = "x86_64")]
    if counters.len() >= vectors::FEW && is_x86_feature_detected!("avx512f") {
        // SAFETY: the machine has these instructions.
        return unsafe { vectors::blocks(rounds, counters, second, left, right) };
    }
    one_by_one(rounds, counters, second, left, right);
}

#[inline]
fn one_by_one(rounds: &[u64; 10], counters: &[u64], second: u64, left: &mut [u64], right: &mut [u64]) {
    for (counter, (left, right)) in counters.iter().zip(left.iter_mut().zip(right)) {
        [*left, *right] = block(rounds, [*counter, second]);
    }
}

#[cfg(target_arch = "x86_64")]
mod vectors {
    use std::arch::x86_64::*;
    use std::mem::transmute;

    use super::super::LANES;
    use super::super::counter::MULTIPLIER;
    use super::one_by_one;

    /// Fewer blocks than this are faster one by one.
    pub const FEW: usize = 4;

    #[target_feature(enable = "avx512f")]
    pub fn blocks(rounds: &[u64; 10], counters: &[u64], second: u64, left: &mut [u64], right: &mut [u64]) {
        let whole = counters.len() / LANES * LANES;
        let (left, last_left) = left.split_at_mut(whole);
        let (right, last_right) = right.split_at_mut(whole);
        let words = left.as_chunks_mut().0.iter_mut().zip(right.as_chunks_mut().0);
        for (counters, (left, right)) in counters.as_chunks().0.iter().zip(words) {
            [*left, *right] = abreast(rounds, counters, second);
        }
        let rest = &counters[whole..];
        if rest.len() < FEW {
            return one_by_one(rounds, rest, second, last_left, last_right);
        }
        let filled = std::array::from_fn(|lane| rest.get(lane).copied().unwrap_or(0));
        let [first, other] = abreast(rounds, &filled, second);
        rest.iter().zip(first).zip(last_left).for_each(|((_, word), left)| *left = word);
        rest.iter().zip(other).zip(last_right).for_each(|((_, word), right)| *right = word);
    }

    /// The product's halves come from those of 32-bit halves, as a vector has no wider ones.
    #[target_feature(enable = "avx512f")]
    #[inline]
    fn abreast(rounds: &[u64; 10], counters: &[u64; LANES], second: u64) -> [[u64; LANES]; 2] {
        let half = _mm512_set1_epi64(0xFFFF_FFFF);
        let (low, high) = (_mm512_set1_epi64(MULTIPLIER as i64), _mm512_set1_epi64((MULTIPLIER >> 32) as i64));
        // SAFETY: both are 512 bits, of any value.
        let mut left: __m512i = unsafe { transmute(*counters) };
        let mut right = _mm512_set1_epi64(second as i64);
        for key in rounds {
            // Products are of the lower halves of 64 bits.
            let above = _mm512_srli_epi64::<32>(left);
            let least = _mm512_mul_epu32(left, low);
            let middle = _mm512_add_epi64(_mm512_mul_epu32(above, low), _mm512_srli_epi64::<32>(least));
            let other = _mm512_add_epi64(_mm512_mul_epu32(left, high), _mm512_and_si512(middle, half));
            let most = _mm512_add_epi64(_mm512_mul_epu32(above, high), _mm512_srli_epi64::<32>(middle));
            let most = _mm512_add_epi64(most, _mm512_srli_epi64::<32>(other));
            left = _mm512_xor_si512(_mm512_xor_si512(most, right), _mm512_set1_epi64(*key as i64));
            right = _mm512_or_si512(_mm512_slli_epi64::<32>(other), _mm512_and_si512(least, half));
        }
        // SAFETY: both are 512 bits, of any value.
        unsafe { [transmute::<__m512i, [u64; LANES]>(left), transmute::<__m512i, [u64; LANES]>(right)] }
    }
}

#[cfg(test)]
mod tests {
    use super::super::counter::{philox, rounds};
    use super::*;

    #[test]
    fn blocks_at_once_are_those_of_each() {
        for seed in 0..2_000u64 {
            let [key, second] = philox(seed, [1, 2]);
            let counters: Vec<u64> = (0..seed % 40).map(|n| philox(seed, [3, n])[0] >> (seed % 64)).collect();
            let (mut left, mut right) = (vec![0; counters.len()], vec![0; counters.len()]);
            blocks(&rounds(key), &counters, second, &mut left, &mut right);
            for (counter, words) in counters.iter().zip(left.into_iter().zip(right)) {
                assert_eq!(<[u64; 2]>::from(words), philox(key, [*counter, second]));
            }
        }
    }
}
