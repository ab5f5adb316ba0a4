//! Chance, always the same: every draw is a function of what it decides and of whom, never of order.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::random::uniform;

/// The draws of the demo: hashes, so that another generator of the simulation leaves the demo as it is.
#[derive(Clone, Copy)]
pub struct Dice(u64);

impl Dice {
    /// The dice of this seed.
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// A uniform in (0, 1) for `topic`, a word for what it decides.
    pub fn unit(self, topic: &str, id: usize) -> f64 {
        let name = [topic.as_bytes(), &[0], &(id as u64).to_le_bytes()].concat();
        uniform(xxh3_64_with_seed(&name, self.0))
    }

    /// A whole number below `n`.
    pub fn below(self, topic: &str, id: usize, n: usize) -> usize {
        (self.unit(topic, id) * n as f64) as usize
    }

    /// One of several, each as likely.
    pub fn pick<'a, T>(self, topic: &str, id: usize, from: &'a [T]) -> &'a T {
        &from[self.below(topic, id, from.len())]
    }

    /// The position of one of several, as likely as its weight.
    pub fn weighted(self, topic: &str, id: usize, weights: &[usize]) -> usize {
        let mut left = self.below(topic, id, weights.iter().sum());
        let past = |weight: &usize| left.checked_sub(*weight).map(|rest| left = rest).is_none();
        weights.iter().position(past).unwrap_or(0)
    }

    /// The numbers below `n`, shuffled: the way to give out quotas, so that shares are exact.
    pub fn shuffled(self, topic: &str, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|a, b| self.unit(topic, *a).total_cmp(&self.unit(topic, *b)).then(a.cmp(b)));
        order
    }
}
