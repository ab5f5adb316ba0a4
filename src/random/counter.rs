//! Philox2x64-10, a counter-based generator: each block is a function of key and counter, so a draw needs no history.
//!
//! J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw: *Parallel random numbers: as easy as 1, 2, 3*, SC '11. Pinned by
//! the known answers published with it (Random123).

use super::blocks::blocks;

pub(super) const MULTIPLIER: u64 = 0xD2B7_4407_B1CE_6E93;
const WEYL: u64 = 0x9E37_79B9_7F4A_7C15;

/// One block of two words.
pub fn philox(key: u64, counter: [u64; 2]) -> [u64; 2] {
    block(&rounds(key), counter)
}

/// The key of each round.
pub(super) fn rounds(key: u64) -> [u64; 10] {
    std::array::from_fn(|round| key.wrapping_add(WEYL.wrapping_mul(round as u64)))
}

#[inline(always)]
pub(super) fn block(rounds: &[u64; 10], [mut left, mut right]: [u64; 2]) -> [u64; 2] {
    for key in rounds {
        let product = u128::from(MULTIPLIER) * u128::from(left);
        (left, right) = ((product >> 64) as u64 ^ key ^ right, product as u64);
    }
    [left, right]
}

/// What a draw is for: draws for different purposes never share a counter.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub enum Purpose {
    /// Which occurrences of a block hit an insured.
    Skip = 1,
    /// Whether an occurrence that was met is kept, and the loss.
    Claim = 2,
    /// Factors shared by all insureds of an occurrence.
    Shock = 3,
    /// How often and when an event happens.
    Frequency = 4,
    /// Whether a second provider stands in.
    Standby = 5,
    /// Parameters of a fitted model.
    Parameter = 8,
    /// Samples from a fitted model, to judge its fit.
    Bootstrap = 9,
}

/// Draws of one run.
#[derive(Clone, Copy, Debug)]
pub struct Draws {
    rounds: [u64; 10],
}

impl Draws {
    /// The draws of this seed.
    pub fn new(seed: u64) -> Draws {
        Draws { rounds: rounds(seed) }
    }

    /// Draws of their own for what has this key: another such thing moves none of them.
    pub fn of(&self, key: u64) -> Draws {
        Draws::new(block(&self.rounds, [u64::MAX, key])[0])
    }

    /// Two independent uniforms in (0, 1) for one insured in one occurrence of one year.
    #[inline(always)]
    pub fn pair(&self, purpose: Purpose, year: u32, occurrence: u32, insured: u64) -> [f64; 2] {
        self.named(name(purpose, year, occurrence), insured)
    }

    /// The same two uniforms, by the [`name`] of the draw.
    #[inline(always)]
    pub fn named(&self, name: u64, insured: u64) -> [f64; 2] {
        self.words(name, insured).map(uniform)
    }

    /// The words that they are made of.
    #[inline(always)]
    pub fn words(&self, name: u64, insured: u64) -> [u64; 2] {
        block(&self.rounds, [name, insured])
    }

    /// [`Draws::words`] of several names: the first and the second of each, into as many places.
    pub fn words_of(&self, names: &[u64], insured: u64, first: &mut [u64], second: &mut [u64]) {
        blocks(&self.rounds, names, insured, first, second);
    }

    /// A generator of its own for the shared factors of one year's occurrence.
    pub fn stream(&self, purpose: Purpose, year: u32, occurrence: u32) -> Stream {
        Stream { rounds: self.rounds, name: name(purpose, year, occurrence), next: 0, held: None }
    }
}

/// The name of a draw among those of one key.
#[inline(always)]
pub fn name(purpose: Purpose, year: u32, occurrence: u32) -> u64 {
    u64::from(year) << 32 | u64::from(occurrence << 8 | purpose as u32)
}

/// 52 bits and a half in (0, 1): exact in a double, and never either end.
#[inline(always)]
pub fn uniform(word: u64) -> f64 {
    // With the exponent of 2⁵² in front, the bits are 2⁵² and the number.
    const ABOVE: f64 = (1u64 << 52) as f64;
    (f64::from_bits(word >> 12 | ABOVE.to_bits()) - ABOVE + 0.5) / ABOVE
}

/// A uniform in (0, 1) of 32 bits and a half.
#[inline(always)]
pub fn short_uniform(half: u32) -> f64 {
    const ABOVE: f64 = (1u64 << 52) as f64;
    (f64::from_bits(u64::from(half) | ABOVE.to_bits()) - ABOVE + 0.5) * (1.0 / (1u64 << 32) as f64)
}

/// A stream of words for samplers that take a varying number of them.
pub struct Stream {
    rounds: [u64; 10],
    name: u64,
    next: u64,
    held: Option<u64>,
}

impl Stream {
    /// A uniform in (0, 1).
    pub fn uniform(&mut self) -> f64 {
        let word = self.held.take().unwrap_or_else(|| {
            let [first, second] = block(&self.rounds, [self.name, self.next]);
            self.next += 1;
            self.held = Some(second);
            first
        });
        uniform(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Random123, `kat_vectors`: philox2x64 with 10 rounds.
    #[test]
    fn philox_gives_the_published_answers() {
        let ones = u64::MAX;
        let cases = [
            (0, [0, 0], [0xca00_a045_9843_d731, 0x66c2_4222_c9a8_45b5]),
            (ones, [ones, ones], [0x65b0_21d6_0cd8_310f, 0x4d02_f322_2f86_df20]),
            (
                0xa409_3822_299f_31d0,
                [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344],
                [0x0a5e_742c_2997_341c, 0xb0f8_83d3_8000_de5d],
            ),
        ];
        for (key, counter, answer) in cases {
            assert_eq!(philox(key, counter), answer);
        }
    }

    #[test]
    fn uniforms_stay_inside_the_open_interval() {
        assert!(uniform(0) > 0.0 && uniform(u64::MAX) < 1.0);
        assert!(short_uniform(0) > 0.0 && short_uniform(u32::MAX) < 1.0);
        assert_eq!(short_uniform(3), 3.5 / 4_294_967_296.0);
    }
}
