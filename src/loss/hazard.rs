//! Which occurrences hit an insured, at a cost that follows the hits.
//!
//! Nobody flips a coin for every insured in every occurrence. With x = P·r, the hit probability in an occurrence of rate r
//! of an insured in scope with probability P, an insured with probability s·P, s in (½, 1], walks through the occurrences in
//! exponential steps against the cumulative hazard Σ −ln(1 − x), its steps divided by s. It so meets an occurrence with
//! probability 1 − (1 − x)ˢ, at least its own s·x (Bernoulli's inequality), and is then kept with the ratio of the two
//! (thinning; P. A. W. Lewis, G. S. Shedler, *Naval Research Logistics Quarterly* 26, 1979), which is at least
//! (1 + √(1 − x)) ÷ 2. The steps are the insured's own draws, so that another insured in the book moves none of them. The
//! hazards are worked out once for each halving of P.

use super::calendar::Occurrence;
use crate::random::{Draws, Purpose, ln};

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
    /// For each of twice as many equal steps of the whole hazard, the first occurrence whose cumulative hazard reaches beyond
    /// the middle between it and the step before.
    guide: Vec<u32>,
    /// Parts for one unit of hazard.
    per_hazard: f64,
}

impl Hazard {
    /// The hazard of a peril's occurrences.
    pub fn of(occurrences: &[Occurrence], class: usize) -> Hazard {
        let top = libm::exp2(-(class as f64));
        let mut hazard = Hazard { top, ..Hazard::default() };
        let mut sum = 0.0;
        for occurrence in occurrences {
            let x = (top * occurrence.rate).min(1.0 - 1e-15);
            sum -= libm::log1p(-x);
            hazard.cumulative.push(sum);
        }
        hazard.guide(sum);
        hazard
    }

    fn guide(&mut self, whole: f64) {
        let occurrences = self.cumulative.len();
        let parts = 2 * occurrences;
        self.per_hazard = if whole > 0.0 { parts as f64 / whole } else { 0.0 };
        let mut at = 0;
        for part in 0..parts {
            // The part is the nearest whole number to a position's, and a little before it is never too late to begin.
            let begin = (part as f64 - 0.51) / self.per_hazard;
            while at < occurrences && self.cumulative[at] <= begin {
                at += 1;
            }
            self.guide.push(at as u32);
        }
    }

    /// Whether an occurrence that was met is kept, at probability `u`. With h = −ln(1 − x) that is sure below
    /// 1 − h ÷ 4 ≤ (1 + e^(−h ÷ 2)) ÷ 2.
    #[inline]
    fn keeps(&self, at: usize, probability: f64, rate: f64, u: f64) -> bool {
        let before = if at == 0 { 0.0 } else { self.cumulative[at - 1] };
        let own = self.cumulative[at] - before;
        if u < 1.0 - own / 4.0 {
            return true;
        }
        let met = -libm::expm1(-own * probability / self.top);
        u * met < probability * rate
    }

    /// The first occurrence whose cumulative hazard is above `position`: from the guide of its part on (H.-C. Chen, Y. Asau,
    /// *On generating random variates from an empirical distribution*, AIIE Transactions 6, 1974).
    #[inline]
    fn find(&self, position: f64) -> Option<usize> {
        if self.cumulative.last().is_none_or(|whole| position >= *whole) {
            return None;
        }
        // Adding 2⁵² rounds to the nearest whole number, which is then in the last bits.
        const ROUND: f64 = (1u64 << 52) as f64;
        let part = (position * self.per_hazard + ROUND).to_bits() - ROUND.to_bits();
        let part = (part as usize).min(self.guide.len() - 1);
        let mut at = self.guide[part] as usize;
        at += usize::from(self.cumulative[at] <= position);
        while self.cumulative[at] <= position {
            at += 1;
        }
        Some(at)
    }
}

/// Steps drawn at once, so that they don't wait for each other.
const AHEAD: usize = 4;

/// The insured that walks: its key, and its probability to be in scope.
#[derive(Clone, Copy, Debug)]
pub struct Walker {
    /// Hash of its id.
    pub key: u64,
    /// Probability.
    pub probability: f64,
}

impl Hazard {
    /// The hits of an insured among the occurrences of the hazard that are in the year `from` or later: `each` is told which,
    /// and a uniform for its severity. `draws` are the peril's; `met` is memory for the occurrences that are met.
    pub fn walk(
        &self,
        occurrences: &[Occurrence],
        draws: Draws,
        (block, from): (u32, u32),
        walker: Walker,
        met: &mut Vec<u32>,
        mut each: impl FnMut(usize, f64),
    ) {
        self.meet(draws, block, walker, met);
        // In a loop of its own, where nothing waits for the step before.
        for at in met.iter().map(|at| *at as usize) {
            let occurrence = &occurrences[at];
            if occurrence.year >= from {
                let [keep, severity] = draws.pair(Purpose::Claim, occurrence.year, occurrence.number, walker.key);
                if self.keeps(at, walker.probability, occurrence.rate, keep) {
                    each(at, severity);
                }
            }
        }
    }

    /// The occurrences that an insured meets, in order, from the block's first on.
    fn meet(&self, draws: Draws, block: u32, walker: Walker, met: &mut Vec<u32>) {
        met.clear();
        let per_step = -self.top / walker.probability;
        let (mut position, mut drawn) = (0.0, 0);
        loop {
            let mut steps = [0.0; AHEAD];
            for two in steps.chunks_exact_mut(2) {
                two.copy_from_slice(&draws.pair(Purpose::Skip, block, drawn, walker.key));
                drawn += 1;
            }
            for u in &mut steps {
                *u = ln(*u) * per_step;
            }
            for step in steps {
                let Some(at) = self.find(position + step) else { return };
                position = self.cumulative[at];
                met.push(at as u32);
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
        for p in [1.0, 0.9, 0.51, 0.5, 0.26, 0.03, 0.0017] {
            let hazard = Hazard::of(&occurrences, class_of(p));
            let (mut hits, walks, mut met) = ([0u32; 11], 400u32, Vec::new());
            for key in 0..walks {
                let walker = Walker { key: u64::from(key), probability: p };
                hazard.walk(&occurrences, Draws::new(3), (0, 0), walker, &mut met, |at, _| hits[at % 11] += 1);
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
