//! Many Philox blocks side by side: the same words as one by one.

use super::LANES;
use super::counter::{Rounds, block};
use super::widest;

widest! {
    /// The blocks of several first counters with one second counter: the left and the right word of each, into as many places.
    pub fn blocks(rounds: &Rounds, counters: &[u64], second: u64, left: &mut [u64], right: &mut [u64]) {
        let (counters, others) = counters.as_chunks::<LANES>();
        let whole = counters.len() * LANES;
        let (left, last_left) = left.split_at_mut(whole);
        let (right, last_right) = right.split_at_mut(whole);
        let words = left.iter_mut().zip(right);
        for (counter, (left, right)) in counters.as_flattened().iter().zip(words) {
            [*left, *right] = block(rounds, [*counter, second]);
        }
        if !others.is_empty() {
            let filled = std::array::from_fn(|lane| others.get(lane).copied().unwrap_or(0));
            let [first, other] = abreast(rounds, &filled, second);
            last_left.copy_from_slice(&first[..others.len()]);
            last_right.copy_from_slice(&other[..others.len()]);
        }
    }
}

#[inline(always)]
fn abreast(rounds: &Rounds, counters: &[u64; LANES], second: u64) -> [[u64; LANES]; 2] {
    let mut words = [[0; LANES]; 2];
    for lane in 0..LANES {
        [words[0][lane], words[1][lane]] = block(rounds, [counters[lane], second]);
    }
    words
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
