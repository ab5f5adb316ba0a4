//! Philox4x32-10, a counter-based generator: each block is a function of key and counter, so a draw needs no history.
//!
//! J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw: *Parallel random numbers: as easy as 1, 2, 3*, SC '11. Pinned by
//! the known answers published with it (Random123).

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// One block of four words.
pub fn philox(key: [u32; 2], counter: [u32; 4]) -> [u32; 4] {
    let (mut key, mut block) = (key, counter);
    for _ in 0..10 {
        let wide = |m: u32, x: u32| u64::from(m) * u64::from(x);
        let (p0, p1) = (wide(MULTIPLIERS[0], block[0]), wide(MULTIPLIERS[1], block[2]));
        block = [(p1 >> 32) as u32 ^ block[1] ^ key[0], p1 as u32, (p0 >> 32) as u32 ^ block[3] ^ key[1], p0 as u32];
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    block
}

/// What a draw is for: draws for different purposes never share a counter.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub enum Purpose {
    /// Which trials of a block an insured is a candidate in.
    Skip = 1,
    /// Whether a candidate is hit, and its loss.
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
    key: [u32; 2],
}

impl Draws {
    /// The draws of this seed.
    pub fn new(seed: u64) -> Draws {
        Draws { key: [seed as u32, (seed >> 32) as u32] }
    }

    /// Draws of their own for what has this key: another such thing moves none of them.
    pub fn of(&self, key: u64) -> Draws {
        let w = philox(self.key, [key as u32, (key >> 32) as u32, 0, u32::MAX]);
        Draws { key: [w[0], w[1]] }
    }

    /// Two independent uniforms in (0, 1) for one insured in one occurrence of one trial.
    pub fn pair(&self, purpose: Purpose, trial: u32, occurrence: u32, insured: u64) -> [f64; 2] {
        let counter = [trial, occurrence << 8 | purpose as u32, insured as u32, (insured >> 32) as u32];
        let w = philox(self.key, counter);
        [uniform(w[0], w[1]), uniform(w[2], w[3])]
    }

    /// A generator of its own for one trial's shared factors.
    pub fn stream(&self, purpose: Purpose, trial: u32, occurrence: u32) -> Stream {
        Stream { key: self.key, counter: [trial, occurrence << 8 | purpose as u32, 0, 0], held: [0; 4], left: 0 }
    }
}

/// 52 bits and a half in (0, 1): exact in a double, and never either end.
fn uniform(low: u32, high: u32) -> f64 {
    let bits = (u64::from(high) << 32 | u64::from(low)) >> 12;
    (bits as f64 + 0.5) / (1u64 << 52) as f64
}

/// A stream of words for samplers that take a varying number of them.
pub struct Stream {
    key: [u32; 2],
    counter: [u32; 4],
    held: [u32; 4],
    left: usize,
}

impl Stream {
    fn word(&mut self) -> u32 {
        if self.left == 0 {
            self.held = philox(self.key, self.counter);
            self.counter[2] += 1;
            self.left = 4;
        }
        self.left -= 1;
        self.held[3 - self.left]
    }

    /// A uniform in (0, 1).
    pub fn uniform(&mut self) -> f64 {
        let (low, high) = (self.word(), self.word());
        uniform(low, high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Random123, `kat_vectors`: philox4x32 with 10 rounds.
    #[test]
    fn philox_gives_the_published_answers() {
        let ones = u32::MAX;
        let cases = [
            ([0; 4], [0; 2], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]),
            ([ones; 4], [ones; 2], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]),
            (
                [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
                [0xa4093822, 0x299f31d0],
                [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
            ),
        ];
        for (counter, key, answer) in cases {
            assert_eq!(philox(key, counter), answer);
        }
    }

    #[test]
    fn uniforms_stay_inside_the_open_interval() {
        assert!(uniform(0, 0) > 0.0 && uniform(u32::MAX, u32::MAX) < 1.0);
    }
}
