//! Which occurrences hit an insured, at a cost that follows the hits.
//!
//! Nobody flips a coin for every insured in every occurrence. With x = P·r, the hit probability in an occurrence of rate r
//! of an insured in scope with probability P, an insured with probability s·P, s in (½, 1], walks through the occurrences in
//! exponential steps against the cumulative hazard Σ −ln(1 − x), its steps divided by s. It so meets an occurrence with
//! probability 1 − (1 − x)ˢ, at least its own s·x (Bernoulli's inequality), and is then kept with the ratio of the two
//! (thinning; P. A. W. Lewis, G. S. Shedler, *Naval Research Logistics Quarterly* 26, 1979), which is at least
//! (1 + √(1 − x)) ÷ 2. The steps are the insured's own draws, so that another insured in the book moves none of them. The
//! hazards are worked out once for each halving of P.

use super::calendar::{Calendar, Occurrence};
use crate::random::{Draws, Purpose};

/// Probabilities at or below 2⁻⁶³ are none.
pub const CLASSES: usize = 63;

/// The halving P = 2⁻ᶜ with P ÷ 2 < p ≤ P.
pub fn class_of(p: f64) -> usize {
    // Exact: the exponent of a double, and whether it is a power of two.
    let (bits, mut class) = (p.to_bits(), 1022i64 - (p.to_bits() >> 52) as i64);
    if bits & ((1 << 52) - 1) == 0 {
        class += 1;
    }
    class.clamp(0, CLASSES as i64) as usize
}

/// Occurrences of one peril in one block, for insureds of one class.
#[derive(Clone, Debug, Default)]
pub struct Hazard {
    /// P.
    top: f64,
    /// Cumulative hazard up to and with each occurrence of the peril.
    cumulative: Vec<f64>,
    /// What is kept of those met, at least.
    sure: Vec<f64>,
}

impl Hazard {
    /// The hazard of a peril's occurrences.
    pub fn of(calendar: &Calendar, peril: usize, class: usize) -> Hazard {
        let top = libm::exp2(-(class as f64));
        let mut hazard = Hazard { top, ..Hazard::default() };
        let mut sum = 0.0;
        for at in &calendar.by_peril[peril] {
            let x = (top * calendar.occurrences[*at as usize].rate).min(1.0 - 1e-15);
            sum -= libm::log1p(-x);
            hazard.cumulative.push(sum);
            hazard.sure.push((1.0 + (1.0 - x).sqrt()) / 2.0);
        }
        hazard
    }

    /// Whether an occurrence that was met is kept, at probability `u`.
    fn keeps(&self, at: usize, probability: f64, rate: f64, u: f64) -> bool {
        if u < self.sure[at] {
            return true;
        }
        let before = if at == 0 { 0.0 } else { self.cumulative[at - 1] };
        let met = -libm::expm1(-(self.cumulative[at] - before) * probability / self.top);
        u * met < probability * rate
    }

    /// The first occurrence from `from` on whose cumulative hazard is above `position`: by doubling steps, then halving.
    fn find(&self, from: usize, position: f64) -> usize {
        let (mut low, mut step) = (from, 1);
        while low + step < self.cumulative.len() && self.cumulative[low + step] <= position {
            low += step;
            step *= 2;
        }
        let high = (low + step + 1).min(self.cumulative.len());
        low + self.cumulative[low.min(high)..high].partition_point(|h| *h <= position)
    }
}

/// The hits of one insured among a peril's occurrences.
pub struct Walk<'a> {
    hazard: &'a Hazard,
    draws: Draws,
    block: u32,
    key: u64,
    probability: f64,
    per_step: f64,
    position: f64,
    next: usize,
    step: u32,
    spare: Option<f64>,
}

impl<'a> Walk<'a> {
    /// A walk that begins with the block. `draws` are the peril's.
    pub fn new(hazard: &'a Hazard, draws: Draws, block: u32, key: u64, probability: f64) -> Walk<'a> {
        let per_step = -hazard.top / probability;
        Walk { hazard, draws, block, key, probability, per_step, position: 0.0, next: 0, step: 0, spare: None }
    }

    /// The next hit: its place among the peril's occurrences, and a uniform for its severity.
    pub fn next_hit(&mut self, occurrence: impl Fn(usize) -> &'a Occurrence) -> Option<(usize, f64)> {
        loop {
            let u = self.spare.take().unwrap_or_else(|| {
                let [first, second] = self.draws.pair(Purpose::Skip, self.block, self.step, self.key);
                self.step += 1;
                self.spare = Some(second);
                first
            });
            self.position += libm::log(u) * self.per_step;
            let at = self.hazard.find(self.next, self.position);
            if at >= self.hazard.cumulative.len() {
                return None;
            }
            (self.next, self.position) = (at + 1, self.hazard.cumulative[at]);
            let met = occurrence(at);
            let [keep, severity] = self.draws.pair(Purpose::Claim, met.year, met.number, self.key);
            if self.hazard.keeps(at, self.probability, met.rate, keep) {
                return Some((at, severity));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_halvings() {
        let cases = [(1.0, 0), (0.75, 0), (0.5000001, 0), (0.5, 1), (0.3, 1), (0.25, 2), (1e-3, 9), (1e-300, CLASSES)];
        for (p, class) in cases {
            assert_eq!(class_of(p), class, "{p}");
        }
    }

    /// 4,000 occurrences of rates from 0 to 1, insureds of seven probabilities, 400 walks each: every occurrence's hits, in
    /// tenths of the rate, lie within five standard deviations of the binomial p·r.
    #[test]
    fn every_occurrence_hits_with_its_own_probability() {
        let occurrence = |at: u32| Occurrence {
            year: at,
            peril: 0,
            number: 0,
            time: 0.0,
            rate: f64::from(at % 11) / 10.0,
            hours: 0.0,
            level: 1.0,
        };
        let occurrences: Vec<Occurrence> = (0..4_000).map(occurrence).collect();
        let calendar = Calendar { by_peril: vec![(0..4_000).collect()], occurrences };
        for p in [1.0, 0.9, 0.51, 0.5, 0.26, 0.03, 0.0017] {
            let hazard = Hazard::of(&calendar, 0, class_of(p));
            let (mut hits, walks) = ([0u32; 11], 400u32);
            for key in 0..walks {
                let mut walk = Walk::new(&hazard, Draws::new(3), 0, u64::from(key), p);
                while let Some((at, _)) = walk.next_hit(|at| &calendar.occurrences[at]) {
                    hits[at % 11] += 1;
                }
            }
            for (tenth, hits) in hits.into_iter().enumerate() {
                let n = f64::from(walks) * (0..4_000).filter(|at| at % 11 == tenth).count() as f64;
                let q = p * tenth as f64 / 10.0;
                let (mean, sd) = (n * q, (n * q * (1.0 - q)).sqrt());
                assert!((f64::from(hits) - mean).abs() <= 5.0 * sd + 1e-9, "p {p}, rate {tenth}/10: {hits}, {mean}");
            }
        }
    }
}
