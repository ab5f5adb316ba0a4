//! Which occurrences hit an insured, at a cost that follows the hits.
//!
//! Nobody flips a coin for every insured in every occurrence. With x = P·r, the hit probability in an occurrence of rate r
//! of an insured in scope with probability P, an insured with probability s·P, s in (½, 1], has points of a Poisson process
//! on the cumulative hazard Σ −ln(1 − x), at exponential steps divided by s. It meets the occurrences with a point, each with
//! probability 1 − (1 − x)ˢ, at least its own s·x (Bernoulli's inequality), and is then kept with the ratio of the two
//! (thinning; P. A. W. Lewis, G. S. Shedler, *Naval Research Logistics Quarterly* 26, 1979), which is at least
//! (1 + √(1 − x)) ÷ 2. The steps are the insured's own draws, so that another insured in the book moves none of them. The
//! hazards are worked out once for each halving of P.
//!
//! Where occurrences have many points each, a walk goes on from the end of the occurrence that it met instead, which by the
//! exponential's lack of memory is the same law at one step an occurrence.

use super::calendar::Occurrence;

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
    pub top: f64,
    /// Whether a walk goes from occurrence to occurrence.
    pub dense: bool,
    /// Cumulative hazard before each occurrence of the peril, and at last of all.
    cumulative: Vec<f64>,
    /// For each of [`PARTS`] times as many equal steps of the whole hazard, the first occurrence whose cumulative hazard reaches beyond
    /// the middle between it and the step before.
    guide: Vec<u32>,
    /// Parts for one unit of hazard.
    per_hazard: f64,
    /// Uniforms below are sure to keep an occurrence, whichever.
    sure: f64,
}

/// Mean of P·r above which a walk goes from occurrence to occurrence.
const DENSE: f64 = 0.1;

/// Parts of the guide for an occurrence.
const PARTS: usize = 2;

impl Hazard {
    /// The hazard of a peril's occurrences, whose rates are `mean` on average in all years. (How a walk goes must not depend on
    /// which years are simulated.)
    pub fn of(occurrences: &[Occurrence], mean: f64, class: usize) -> Hazard {
        let top = libm::exp2(-(class as f64));
        let mut hazard = Hazard { top, dense: top * mean > DENSE, cumulative: vec![0.0], ..Hazard::default() };
        let (mut sum, mut most): (f64, f64) = (0.0, 0.0);
        for occurrence in occurrences {
            let x = (top * occurrence.rate).min(1.0 - 1e-15);
            let own = -libm::log1p(-x);
            sum += own;
            most = most.max(own);
            hazard.cumulative.push(sum);
        }
        hazard.sure = 1.0 - most / 4.0;
        hazard.guide(sum);
        hazard
    }

    fn guide(&mut self, whole: f64) {
        let occurrences = self.cumulative.len() - 1;
        let parts = PARTS * occurrences;
        self.per_hazard = if whole > 0.0 { parts as f64 / whole } else { 0.0 };
        let mut at = 0;
        for part in 0..parts {
            // The part is the nearest whole number to a position's, and a little before it is never too late to begin.
            let begin = (part as f64 - 0.51) / self.per_hazard;
            while at < occurrences && self.cumulative[at + 1] <= begin {
                at += 1;
            }
            self.guide.push(at as u32);
        }
    }

    /// The hazard of all.
    pub fn whole(&self) -> f64 {
        self.cumulative.last().copied().unwrap_or(0.0)
    }

    /// Where the occurrence's part of the hazard ends.
    pub fn end(&self, at: u32) -> f64 {
        self.cumulative[at as usize + 1]
    }

    /// The first occurrence whose cumulative hazard is above a position, for each of some positions below the whole: from the
    /// guide of its part on (H.-C. Chen, Y. Asau, *On generating random variates from an empirical distribution*, AIIE
    /// Transactions 6, 1974). Of positions not below the whole it is some occurrence.
    #[inline(always)]
    pub fn find<const N: usize>(&self, positions: &[f64; N]) -> [u32; N] {
        // Adding 2⁵² rounds to the nearest whole number, which is then in the last bits.
        const ROUND: f64 = (1u64 << 52) as f64;
        let (guide, ends) = (&self.guide[..], &self.cumulative[1..]);
        let mut at = [0; N];
        for lane in 0..N {
            let part = (positions[lane] * self.per_hazard + ROUND).to_bits() - ROUND.to_bits();
            at[lane] = guide[(part as usize).min(guide.len() - 1)];
        }
        let mut later = [false; N];
        for lane in 0..N {
            at[lane] += u32::from(ends[at[lane] as usize] <= positions[lane]);
            later[lane] = ends.get(at[lane] as usize).is_some_and(|end| *end <= positions[lane]);
        }
        if later.contains(&true) {
            for lane in 0..N {
                while ends.get(at[lane] as usize).is_some_and(|end| *end <= positions[lane]) {
                    at[lane] += 1;
                }
            }
        }
        at
    }

    /// Whether an occurrence that was met is kept, at uniform `u`. With h = −ln(1 − x) that is sure below
    /// 1 − h ÷ 4 ≤ (1 + e^(−h ÷ 2)) ÷ 2, and h is at most x ÷ (1 − x).
    #[inline(always)]
    pub fn keeps(&self, probability: f64, rate: impl FnOnce() -> f64, u: f64) -> bool {
        u < self.sure || self.thinned(probability, rate(), u)
    }

    fn thinned(&self, probability: f64, rate: f64, u: f64) -> bool {
        let x = (self.top * rate).min(1.0 - 1e-15);
        let share = |h: f64| -libm::expm1(h * probability / self.top);
        u < 1.0 - x / (1.0 - x) / 4.0 || u * share(libm::log1p(-x)) < probability * rate
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
}
