//! Philox4x32-10, a counter-based generator: each block is a function of key and counter, so a draw needs no history.
//!
//! J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw: *Parallel random numbers: as easy as 1, 2, 3*, SC '11. Pinned by
//! the known answers published with it (Random123). Counters and blocks are two words of 64 bits here, each of two of 32, the
//! lower one first.

use super::blocks::blocks;

const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// The keys of all rounds.
pub(super) type Rounds = [[u64; 2]; 10];

/// One block of two words.
pub fn philox(key: u64, counter: [u64; 2]) -> [u64; 2] {
    block(&rounds(key), counter)
}

/// The keys of the rounds.
pub(super) fn rounds(key: u64) -> Rounds {
    let halves = [key as u32, (key >> 32) as u32];
    let key = |round: u32, half: usize| u64::from(halves[half].wrapping_add(WEYL[half].wrapping_mul(round)));
    std::array::from_fn(|round| [key(round as u32, 0), key(round as u32, 1)])
}

/// Four numbers of 32 bits, each in the lower half of 64: what is above it takes no part, so that nothing has to clear it.
#[inline(always)]
pub(super) fn block(rounds: &Rounds, [name, thing]: [u64; 2]) -> [u64; 2] {
    const LOWER: u64 = 0xFFFF_FFFF;
    let mut x = [name, name >> 32, thing, thing >> 32];
    for key in rounds {
        let [first, second] = [(x[0] & LOWER) * MULTIPLIERS[0], (x[2] & LOWER) * MULTIPLIERS[1]];
        x = [second >> 32 ^ x[1] ^ key[0], second, first >> 32 ^ x[3] ^ key[1], first];
    }
    [x[0] & LOWER | x[1] << 32, x[2] & LOWER | x[3] << 32]
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
    rounds: Rounds,
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
    rounds: Rounds,
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

    /// Random123, `kat_vectors`: philox4x32 with 10 rounds.
    #[test]
    fn philox_gives_the_published_answers() {
        let two = |x: [u32; 4]| [0, 2].map(|at| u64::from(x[at]) | u64::from(x[at + 1]) << 32);
        let ones = u64::MAX;
        let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        let cases = [
            (0, [0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            (ones, [ones, ones], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (0x299f_31d0_a409_3822, two(pi), [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
        ];
        for (key, counter, answer) in cases {
            assert_eq!(philox(key, counter), two(answer));
        }
    }

    #[test]
    fn uniforms_stay_inside_the_open_interval() {
        assert!(uniform(0) > 0.0 && uniform(u64::MAX) < 1.0);
        assert!(short_uniform(0) > 0.0 && short_uniform(u32::MAX) < 1.0);
        assert_eq!(short_uniform(3), 3.5 / 4_294_967_296.0);
    }
}
