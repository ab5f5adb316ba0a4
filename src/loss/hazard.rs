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

/// Occurrences of one peril in a slice of a block, for insureds of one class.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hazard {
    /// P.
    pub top: f64,
    /// Whether a walk goes from occurrence to occurrence.
    pub dense: bool,
    /// Hazard of the block's occurrences before these.
    pub begin: f64,
    /// Hazard of the block's occurrences up to the last of these.
    pub end: f64,
    /// Uniforms below are sure to keep an occurrence, whichever.
    pub sure: f64,
    /// Parts for one unit of hazard.
    per_hazard: f64,
    /// The first and the last of its parts of the guide.
    parts: [u32; 2],
    /// An occurrence's place in the calendar is the place of its end in the guide and this.
    shift: u32,
}

/// Mean of P·r above which a walk goes from occurrence to occurrence.
const DENSE: f64 = 0.1;

/// Parts of the guide for an occurrence.
const PARTS: usize = 2;

/// Marks parts of the guide in which a search may go on for more than two occurrences.
const SEVERAL: u32 = 1 << 31;

/// The hazards of all perils and classes one after the other, so that positions on all of them are looked up in one loop.
///
/// An occurrence is found from the guide of its part on (H.-C. Chen, Y. Asau, *On generating random variates from an empirical
/// distribution*, AIIE Transactions 6, 1974).
#[derive(Clone, Debug, Default)]
pub struct Guide {
    /// Cumulative hazard, from the block's first occurrence on, up to the end of each; and infinity after the last of each hazard.
    ends: Vec<f64>,
    /// For each of [`PARTS`] times as many equal steps of a hazard as it has occurrences, the place of the first end beyond the middle
    /// between it and the step before; with [`SEVERAL`] where more than two lie before the middle after it.
    parts: Vec<u32>,
}

impl Guide {
    /// Adds the hazard of a peril's occurrences in a slice of a block, the first at `place` in the calendar, after those that come to
    /// `begin`. Rates are `mean` on average in all years. (How a walk goes must not depend on which years are simulated.)
    pub fn add(&mut self, (place, occurrences): (usize, &[Occurrence]), mean: f64, class: usize, begin: f64) -> Hazard {
        let (top, first) = (libm::exp2(-(class as f64)), self.ends.len());
        let (mut sum, mut most): (f64, f64) = (begin, 0.0);
        for occurrence in occurrences {
            let x = (top * occurrence.rate).min(1.0 - 1e-15);
            let own = -libm::log1p(-x);
            sum += own;
            most = most.max(own);
            self.ends.push(sum);
        }
        let parts = PARTS * occurrences.len();
        let hazard = Hazard {
            top,
            dense: top * mean > DENSE,
            begin,
            end: sum,
            sure: 1.0 - most / 4.0,
            per_hazard: if sum > begin { parts as f64 / (sum - begin) } else { 0.0 },
            parts: [self.parts.len(), (self.parts.len() + parts).saturating_sub(1)].map(|part| part as u32),
            shift: (place as u32).wrapping_sub(first as u32),
        };
        self.guide(&hazard, first);
        self.ends.push(f64::INFINITY);
        hazard
    }

    fn guide(&mut self, hazard: &Hazard, first: usize) {
        let (ends, mut at) = (&self.ends[first..], 0);
        let parts = PARTS * ends.len();
        for part in 0..parts {
            // The part is the nearest whole number to a position's, and a little before it is never too late to begin.
            let position = |part: f64| hazard.begin + part / hazard.per_hazard;
            let (begin, until) = (position(part as f64 - 0.51), position(part as f64 + 0.51));
            while at < ends.len() && ends[at] <= begin {
                at += 1;
            }
            let several = ends.get(at + 2).is_some_and(|end| *end <= until || part + 1 == parts);
            self.parts.push((first + at) as u32 | if several { SEVERAL } else { 0 });
        }
    }

    /// Adds what another guide has, and moves its hazards.
    pub fn append(&mut self, other: Guide, hazards: &mut [Hazard]) {
        let (parts, ends) = (self.parts.len() as u32, self.ends.len() as u32);
        for hazard in hazards {
            hazard.parts.iter_mut().for_each(|part| *part += parts);
            hazard.shift = hazard.shift.wrapping_sub(ends);
        }
        self.parts.extend(other.parts.iter().map(|part| part + ends));
        self.ends.extend(other.ends);
    }

    /// Turns the part that each position is in into the place of the first end above it. Of positions outside of their hazard it is
    /// some end of it.
    pub fn look_up(&self, positions: &[f64], at: &mut [u32]) {
        // A loop of its own: none of its parts waits for another's end to come from memory.
        at.iter_mut().for_each(|at| *at = self.parts[*at as usize]);
        let (ends, mut marks) = (&self.ends[..], 0);
        for (at, position) in at.iter_mut().zip(positions) {
            marks |= *at;
            let next = (*at & !SEVERAL) as usize;
            let next = next + usize::from(ends[next] <= *position);
            *at = *at & SEVERAL | (next + usize::from(ends[next] <= *position)) as u32;
        }
        if marks & SEVERAL > 0 {
            for (at, position) in at.iter_mut().zip(positions).filter(|(at, _)| **at & SEVERAL > 0) {
                *at &= !SEVERAL;
                while ends[*at as usize] <= *position {
                    *at += 1;
                }
            }
        }
    }

    /// The end of the first occurrence whose cumulative hazard is above a position of a hazard, and its place in the calendar.
    pub fn find(&self, hazard: &Hazard, position: f64) -> (f64, u32) {
        let mut at = [hazard.part(position)];
        self.look_up(&[position], &mut at);
        (self.ends[at[0] as usize], hazard.place(at[0]))
    }
}

impl Hazard {
    /// The part of the guide for a position; for one not between begin and end, some part of this hazard.
    #[inline(always)]
    pub fn part(&self, position: f64) -> u32 {
        // Adding 2⁵² rounds to the nearest whole number, which is then in the last bits.
        const ROUND: f64 = (1u64 << 52) as f64;
        let part = (position - self.begin) * self.per_hazard + ROUND;
        self.parts[0] + (part.to_bits() as u32).min(self.parts[1] - self.parts[0])
    }

    /// The place in the calendar of an occurrence, by the place of its end in the guide.
    #[inline(always)]
    pub fn place(&self, end: u32) -> u32 {
        end.wrapping_add(self.shift)
    }

    /// Whether an occurrence that was met is kept, at uniform `u`. With h = −ln(1 − x) that is sure below
    /// 1 − h ÷ 4 ≤ (1 + e^(−h ÷ 2)) ÷ 2, and h is at most x ÷ (1 − x).
    pub fn keeps(&self, probability: f64, rate: f64, u: f64) -> bool {
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
