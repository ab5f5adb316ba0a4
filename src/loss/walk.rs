//! The walks of many insureds through occurrences, each step a loop of its own over all of them.

use std::ops::Range;

use super::calendar::Occurrence;
use super::hazard::Hazard;
use crate::random::{Draws, LANES, Purpose, ln, name, short_uniform, uniform, widest};

/// Occurrences of one peril in one block, as insureds of one class walk through them.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    /// The peril's draws.
    pub draws: &'a Draws,
    /// The hazard for the class.
    pub hazard: &'a Hazard,
    /// Of each occurrence.
    pub moments: &'a [Moment],
    /// Those before are of years that are not wanted: none is met.
    pub wanted: u32,
}

/// What a walk needs of an occurrence.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Name of its draws.
    pub name: u64,
    /// Severity level.
    pub level: f64,
}

impl Moment {
    /// Of an occurrence.
    pub fn of(occurrence: &Occurrence) -> Moment {
        Moment { name: name(Purpose::Claim, occurrence.year, occurrence.number), level: occurrence.level }
    }

    /// Its year.
    #[inline(always)]
    pub fn year(&self) -> u32 {
        (self.name >> 32) as u32
    }
}

/// The walk of one insured.
struct Walk<'a> {
    path: Path<'a>,
    /// Hash of the insured's id: the name of its draws.
    key: u64,
    /// A step is its uniform's logarithm times this.
    per_step: f64,
    /// Groups of steps drawn at first.
    groups: usize,
    /// The occurrences that it meets, in the columns of all.
    met: Range<usize>,
}

/// What a walk meets, in order, in columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Met<'a> {
    /// Which of the peril's occurrences.
    pub at: &'a [u32],
    /// Their severity levels.
    pub level: &'a [f64],
    /// Uniforms that decide which are kept.
    pub keep: &'a [f64],
    /// Uniforms of the severity.
    pub severity: &'a [f64],
}

/// Walks through the occurrences of a block.
#[derive(Default)]
pub struct Walks<'a> {
    block: u32,
    walks: Vec<Walk<'a>>,
    /// Half words, one a step, in groups of [`LANES`].
    halves: Vec<u32>,
    per_step: Vec<f64>,
    positions: Vec<f64>,
    /// What all walks meet, and the names and words of its draws.
    at: Vec<u32>,
    names: Vec<u64>,
    words: [Vec<u64>; 2],
    level: Vec<f64>,
    keep: Vec<f64>,
    severity: Vec<f64>,
    /// Points that are expected in all.
    pub expected: f64,
}

impl<'a> Walks<'a> {
    /// Walks through this block.
    pub fn new(block: u32) -> Walks<'a> {
        Walks { block, ..Walks::default() }
    }

    /// Forgets all walks.
    pub fn clear(&mut self) {
        self.walks.clear();
        self.halves.clear();
        self.per_step.clear();
        self.expected = 0.0;
    }

    /// Adds the walk of an insured that is in scope with this probability, and draws the steps that it is likely to need.
    pub fn add(&mut self, path: Path<'a>, key: u64, probability: f64) {
        let hazard = path.hazard;
        let points = hazard.whole() * probability / hazard.top;
        self.expected += points;
        let groups = if hazard.dense || points == 0.0 { 0 } else { (points + points.sqrt()) as usize / LANES + 1 };
        let per_step = -hazard.top / probability;
        self.walks.push(Walk { path, key, per_step, groups, met: 0..0 });
        self.per_step.resize(self.per_step.len() + groups, per_step);
        let begin = self.halves.len();
        self.halves.resize(begin + groups * LANES, 0);
        draw(&mut self.halves[begin..], path.draws, (self.block, 0), key);
    }

    /// Goes all walks.
    pub fn go(&mut self) {
        self.positions.resize(self.per_step.len() * LANES, 0.0);
        partial_sums(&self.halves, &self.per_step, &mut self.positions);
        self.at.clear();
        let mut positions = self.positions.as_chunks::<LANES>().0;
        for walk in &mut self.walks {
            let (own, others) = positions.split_at(walk.groups);
            positions = others;
            let begin = self.at.len();
            if walk.path.hazard.dense {
                walk.one_by_one(self.block, &mut self.at);
            } else if walk.groups > 0 {
                walk.points(self.block, own, &mut self.at);
            }
            if walk.path.wanted > 0 {
                let before = self.at[begin..].partition_point(|at| *at < walk.path.wanted);
                self.at.drain(begin..begin + before);
            }
            walk.met = begin..self.at.len();
        }
        self.uniforms();
    }

    /// The uniforms of all that was met.
    fn uniforms(&mut self) {
        let all = self.at.len();
        if self.keep.len() < all {
            self.names.resize(all, 0);
            self.words.iter_mut().for_each(|words| words.resize(all, 0));
            let columns = [&mut self.level, &mut self.keep, &mut self.severity];
            columns.into_iter().for_each(|column| column.resize(all, 0.0));
        }
        let [first, second] = &mut self.words;
        for Walk { path, key, met, .. } in &self.walks {
            let (names, levels) = (&mut self.names[met.clone()], &mut self.level[met.clone()]);
            for ((name, level), at) in names.iter_mut().zip(levels).zip(&self.at[met.clone()]) {
                let moment = path.moments[*at as usize];
                (*name, *level) = (moment.name, moment.level);
            }
            path.draws.words_of(names, *key, &mut first[met.clone()], &mut second[met.clone()]);
        }
        uniforms(&first[..all], &mut self.keep);
        uniforms(&second[..all], &mut self.severity);
    }

    /// What each walk meets.
    pub fn met(&self, walk: usize) -> Met<'_> {
        let met = self.walks[walk].met.clone();
        let [level, keep, severity] = [&self.level, &self.keep, &self.severity].map(|column| &column[met.clone()]);
        Met { at: &self.at[met], level, keep, severity }
    }
}

impl Walk<'_> {
    /// Meets the occurrences with a point of the process. None of its positions waits for an occurrence to be found.
    fn points(&self, block: u32, groups: &[[f64; LANES]], met: &mut Vec<u32>) {
        let (hazard, mut before, mut last) = (self.path.hazard, 0.0, u32::MAX);
        let whole = hazard.whole();
        let mut more = [0.0; LANES];
        for group in 0.. {
            let positions = groups.get(group).unwrap_or_else(|| {
                self.steps(block, group, &mut more);
                &more
            });
            let positions = positions.map(|position| before + position);
            let inside = positions.iter().filter(|position| **position < whole).count();
            let mut n = met.len();
            met.resize(n + LANES, 0);
            for at in &hazard.find(&positions)[..inside] {
                met[n] = *at;
                n += usize::from(*at != last);
                last = *at;
            }
            met.truncate(n);
            if inside < LANES {
                return;
            }
            before = positions[LANES - 1];
        }
    }

    /// Meets occurrences where many of them have a point: each is gone on from at its end.
    fn one_by_one(&self, block: u32, met: &mut Vec<u32>) {
        let (hazard, mut from) = (self.path.hazard, 0.0);
        let (whole, mut steps) = (hazard.whole(), [0.0; LANES]);
        for group in 0.. {
            self.steps(block, group, &mut steps);
            let mut before = 0.0;
            for sum in steps {
                let position = from + (sum - before);
                before = sum;
                if position >= whole {
                    return;
                }
                let [at] = hazard.find(&[position]);
                from = hazard.end(at);
                met.push(at);
            }
        }
    }

    /// The partial sums of a group of steps.
    fn steps(&self, block: u32, group: usize, steps: &mut [f64; LANES]) {
        let mut halves = [0; LANES];
        draw(&mut halves, self.path.draws, (block, group), self.key);
        partial_sums(&halves, &[self.per_step], steps);
    }
}

/// Half words of an insured's steps in a block, from this group of steps on.
fn draw(halves: &mut [u32], draws: &Draws, (block, group): (u32, usize), key: u64) {
    let mut number = (group * LANES / 4) as u32;
    for some in halves.chunks_mut(4 * LANES) {
        let (mut left, mut right, blocks) = ([0; LANES], [0; LANES], some.len() / 4);
        let names: [u64; LANES] = std::array::from_fn(|lane| name(Purpose::Skip, block, number + lane as u32));
        draws.words_of(&names[..blocks], key, &mut left[..blocks], &mut right[..blocks]);
        for (four, (left, right)) in some.as_chunks_mut::<4>().0.iter_mut().zip(left.into_iter().zip(right)) {
            *four = [left as u32, (left >> 32) as u32, right as u32, (right >> 32) as u32];
        }
        number += blocks as u32;
    }
}

widest! {
    /// Exponential steps, those of each group added up: from half words and, for each group, what the logarithm is multiplied
    /// with.
    fn partial_sums(halves: &[u32], per_step: &[f64], sums: &mut [f64]) {
        let groups = halves.as_chunks::<LANES>().0.iter().zip(per_step);
        for ((halves, per_step), sums) in groups.zip(sums.as_chunks_mut::<LANES>().0) {
            let mut steps = [0.0; LANES];
            for lane in 0..LANES {
                steps[lane] = ln(short_uniform(halves[lane])) * per_step;
            }
            *sums = added_up(added_up(added_up(steps, 1), 2), 4);
        }
    }
}

/// Each lane with the one so many lanes before it. Once for 1, 2, 4, ... gives partial sums (W. D. Hillis, G. L. Steele, *Data
/// parallel algorithms*, Communications of the ACM 29, 1986).
#[inline(always)]
fn added_up(lanes: [f64; LANES], before: usize) -> [f64; LANES] {
    let mut sums = lanes;
    for lane in before..LANES {
        sums[lane] = lanes[lane] + lanes[lane - before];
    }
    sums
}

widest! {
    fn uniforms(words: &[u64], uniforms: &mut [f64]) {
        words.iter().zip(uniforms).for_each(|(word, u)| *u = uniform(*word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::hazard::class_of;

    fn occurrence(at: u32) -> Occurrence {
        let rate = f64::from(at % 11) / 10.0;
        Occurrence { year: at, peril: 0, number: 0, time: 0.0, rate, hours: 0.0, level: 1.0 }
    }

    /// 4,000 occurrences of rates from 0 to 1, insureds of seven probabilities, 400 walks each, through points and from one to
    /// the next: every occurrence's hits, in tenths of the rate, lie within five standard deviations of the binomial p·r.
    #[test]
    fn every_occurrence_hits_with_its_own_probability() {
        let occurrences: Vec<Occurrence> = (0..4_000).map(occurrence).collect();
        let moments: Vec<Moment> = occurrences.iter().map(Moment::of).collect();
        let draws = Draws::new(3);
        for (p, mean) in [1.0, 0.9, 0.51, 0.5, 0.26, 0.03, 0.0017].into_iter().flat_map(|p| [(p, 0.0), (p, 1e9)]) {
            let hazard = Hazard::of(&occurrences, mean, class_of(p));
            let path = Path { draws: &draws, hazard: &hazard, moments: &moments, wanted: 0 };
            let mut walks = Walks::new(0);
            (0..400).for_each(|key| walks.add(path, key, p));
            walks.go();
            let mut hits = [0u32; 11];
            for met in (0..400).map(|walk| walks.met(walk)) {
                for (at, keep) in met.at.iter().zip(met.keep) {
                    let rate = || occurrences[*at as usize].rate;
                    hits[*at as usize % 11] += u32::from(hazard.keeps(p, rate, *keep));
                }
            }
            for (tenth, hits) in hits.into_iter().enumerate() {
                let n = 400.0 * (0..4_000).filter(|at| at % 11 == tenth).count() as f64;
                let q = p * tenth as f64 / 10.0;
                let (mean, sd) = (n * q, (n * q * (1.0 - q)).sqrt());
                assert!((f64::from(hits) - mean).abs() <= 5.0 * sd + 1e-9, "p {p}, rate {tenth}/10: {hits}, {mean}");
            }
        }
    }

    /// A walk of its own and one among others meet the same, also where more steps are needed than were drawn at first.
    #[test]
    fn a_walk_depends_on_no_other() {
        let occurrences: Vec<Occurrence> = (0..300).map(occurrence).collect();
        let moments: Vec<Moment> = occurrences.iter().map(Moment::of).collect();
        let draws = Draws::new(4);
        let hazard = Hazard::of(&occurrences, 0.05, class_of(0.06));
        let path = Path { draws: &draws, hazard: &hazard, moments: &moments, wanted: 0 };
        let mut all = Walks::new(2);
        (0..2_000).for_each(|key| all.add(path, key, 0.06));
        all.go();
        for walk in 0..2_000 {
            let mut alone = Walks::new(2);
            alone.add(path, walk as u64, 0.06);
            alone.go();
            assert_eq!(alone.met(0), all.met(walk));
            assert!(all.met(walk).at.is_sorted_by(|a, b| a < b), "{walk}");
        }
        assert!((0..2_000).any(|walk| all.met(walk).at.len() > all.walks[walk].groups * LANES));
    }

    /// Two occurrences of one year, and what keeps a hit and how large it is, have draws of their own.
    #[test]
    fn each_occurrence_has_its_own_draws() {
        let occurrences = [0, 1].map(|number| Occurrence { number, rate: 1.0, ..occurrence(7) });
        let moments = occurrences.map(|own| Moment::of(&own));
        let hazard = Hazard::of(&occurrences, 1.0, class_of(1.0));
        let draws = Draws::new(3);
        let mut walks = Walks::new(0);
        walks.add(Path { draws: &draws, hazard: &hazard, moments: &moments, wanted: 0 }, 5, 1.0);
        walks.go();
        let met = walks.met(0);
        assert_eq!((met.at, moments.map(|own| own.year())), (&[0, 1][..], [7, 7]));
        let mut all = [met.keep, met.severity].concat();
        all.sort_by(f64::total_cmp);
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{all:?}");
    }
}
