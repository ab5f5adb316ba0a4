//! The walks of many insureds through occurrences, each step a loop of its own over all of them.

use std::ops::Range;

use super::calendar::Moment;
use super::hazard::{Guide, Hazard};
use crate::random::{Draws, LANES, Purpose, ln, name, short_uniform, uniform, widest};

/// Occurrences of one peril in one block, as insureds of one class walk through them.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    /// The peril's draws.
    pub draws: &'a Draws,
    /// The hazard for the class.
    pub hazard: &'a Hazard,
    /// Those at places before are of years that are not wanted: none is met.
    pub wanted: u32,
}

/// Where a walk stands at the end of a slice of its block.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stand {
    /// The first position beyond the slice.
    next: f64,
    /// The group of steps that led there.
    group: u32,
    /// Which of its steps did.
    lane: u32,
    /// The position that the group (of a dense walk, the step) went on from.
    from: f64,
}

/// The walk of one insured.
struct Walk<'a> {
    path: Path<'a>,
    /// Hash of the insured's id: the name of its draws.
    key: u64,
    /// A step is its uniform's logarithm times this.
    per_step: f64,
    stand: Stand,
    /// Lanes of the steps drawn at first.
    drawn: Range<usize>,
    /// The occurrences that it meets, in the columns of all.
    met: Range<usize>,
}

/// What a walk meets, in order, in columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Met<'a> {
    /// Places of the occurrences in the calendar.
    pub at: &'a [u32],
    /// Their severity levels.
    pub level: &'a [f64],
    /// Uniforms that decide which are kept.
    pub keep: &'a [f64],
    /// Uniforms of the severity.
    pub severity: &'a [f64],
}

/// Walks through the occurrences of a block.
pub struct Walks<'a> {
    block: u32,
    guide: &'a Guide,
    /// Of each occurrence of the calendar.
    moments: &'a [Moment],
    walks: Vec<Walk<'a>>,
    /// Half words, one a step, in groups of [`LANES`].
    halves: Vec<u32>,
    per_step: Vec<f64>,
    positions: Vec<f64>,
    /// Ends in the guide, beyond the positions.
    found: Vec<u32>,
    /// What all walks meet, the first `len` of each column, and the names and words of its draws.
    len: usize,
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
    /// Walks through this block, along the guide of its occurrences.
    pub fn new(block: u32, guide: &'a Guide, moments: &'a [Moment]) -> Walks<'a> {
        Walks {
            block,
            guide,
            moments,
            walks: Vec::new(),
            halves: Vec::new(),
            per_step: Vec::new(),
            positions: Vec::new(),
            found: Vec::new(),
            len: 0,
            at: Vec::new(),
            names: Vec::new(),
            words: Default::default(),
            level: Vec::new(),
            keep: Vec::new(),
            severity: Vec::new(),
            expected: 0.0,
        }
    }

    /// Forgets all walks.
    pub fn clear(&mut self) {
        self.walks.clear();
        self.halves.clear();
        self.per_step.clear();
        self.expected = 0.0;
    }

    /// Adds the walk of an insured that is in scope with this probability, from where it stands on, and draws the steps that it is
    /// likely to need.
    pub fn add(&mut self, path: Path<'a>, key: u64, probability: f64, stand: Stand) {
        let hazard = path.hazard;
        let points = (hazard.end - hazard.begin) * probability / hazard.top;
        self.expected += points;
        let groups = if hazard.dense || points == 0.0 || stand.next >= hazard.end {
            0
        } else {
            (points + points.sqrt() + f64::from(stand.lane)) as usize / LANES + 1
        };
        let per_step = -hazard.top / probability;
        self.per_step.resize(self.per_step.len() + groups, per_step);
        let drawn = self.halves.len()..self.halves.len() + groups * LANES;
        self.halves.resize(drawn.end, 0);
        draw(&mut self.halves[drawn.clone()], path.draws, (self.block, stand.group), key);
        self.walks.push(Walk { path, key, per_step, stand, drawn, met: 0..0 });
    }

    /// Goes all walks.
    pub fn go(&mut self) {
        self.positions.resize(self.per_step.len() * LANES, 0.0);
        partial_sums(&self.halves, &self.per_step, &mut self.positions);
        self.found.resize(self.positions.len(), 0);
        for Walk { path, stand, drawn, .. } in &self.walks {
            parts(path.hazard, stand.from, &mut self.positions[drawn.clone()], &mut self.found[drawn.clone()]);
        }
        self.guide.look_up(&self.positions, &mut self.found);
        self.len = 0;
        for walk in &mut self.walks {
            let begin = self.len;
            if walk.path.hazard.dense {
                self.len += walk.one_by_one(self.block, self.guide, begin, &mut self.at);
            } else if !walk.drawn.is_empty() {
                let found = (&self.positions[walk.drawn.clone()], &self.found[walk.drawn.clone()]);
                self.len += walk.points(self.block, self.guide, found, begin, &mut self.at);
            }
            if walk.path.wanted > 0 {
                let before = begin + self.at[begin..self.len].partition_point(|at| *at < walk.path.wanted);
                self.at.copy_within(before..self.len, begin);
                self.len -= before - begin;
            }
            walk.met = begin..self.len;
        }
        self.uniforms();
    }

    /// The uniforms of all that was met.
    fn uniforms(&mut self) {
        let all = self.len;
        if self.keep.len() < all {
            self.names.resize(all, 0);
            self.words.iter_mut().for_each(|words| words.resize(all, 0));
            let columns = [&mut self.level, &mut self.keep, &mut self.severity];
            columns.into_iter().for_each(|column| column.resize(all, 0.0));
        }
        let [first, second] = &mut self.words;
        for ((name, level), at) in self.names.iter_mut().zip(&mut self.level).zip(&self.at[..all]) {
            let moment = self.moments[*at as usize];
            (*name, *level) = (moment.name, moment.level);
        }
        for Walk { path, key, met, .. } in &self.walks {
            let names = &self.names[met.clone()];
            path.draws.words_of(names, *key, &mut first[met.clone()], &mut second[met.clone()]);
        }
        uniforms(&first[..all], &mut self.keep);
        uniforms(&second[..all], &mut self.severity);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.walks.len()
    }

    /// Where each stands now.
    pub fn stands(&self) -> impl Iterator<Item = Stand> {
        self.walks.iter().map(|walk| walk.stand)
    }

    /// What each walk meets.
    pub fn met(&self, walk: usize) -> Met<'_> {
        let met = self.walks[walk].met.clone();
        let [level, keep, severity] = [&self.level, &self.keep, &self.severity].map(|column| &column[met.clone()]);
        Met { at: &self.at[met], level, keep, severity }
    }
}

impl Walk<'_> {
    /// Meets the occurrences with a point of the process: at first those that were found for the positions that are there, then as many
    /// more as it takes. Writes them from place `begin` on; gives their number.
    fn points(
        &mut self,
        block: u32,
        guide: &Guide,
        (positions, found): (&[f64], &[u32]),
        begin: usize,
        met: &mut Vec<u32>,
    ) -> usize {
        let (hazard, mut last, mut more, mut at) = (self.path.hazard, u32::MAX, [0.0; LANES], [0; LANES]);
        let mut n = self.meet(positions, found, &mut last, room(met, begin, found.len()));
        while self.stand.next < hazard.end {
            self.steps(block, self.stand.group, &mut more);
            parts(hazard, self.stand.from, &mut more, &mut at);
            guide.look_up(&more, &mut at);
            n += self.meet(&more, &at, &mut last, room(met, begin + n, LANES));
        }
        n
    }

    /// Meets the occurrences that were found for some positions, but for the `last` that was met; gives their number.
    fn meet(&mut self, positions: &[f64], found: &[u32], last: &mut u32, met: &mut [u32]) -> usize {
        let (hazard, stood) = (self.path.hazard, self.stand);
        let beyond = positions[positions.len() - 1];
        let mut inside = positions.len();
        if beyond < hazard.end {
            let group = stood.group + (inside / LANES) as u32;
            self.stand = Stand { next: 0.0, group, lane: 0, from: beyond };
        } else {
            inside = positions.partition_point(|position| *position < hazard.end);
            let (group, lane) = (inside / LANES, (inside % LANES) as u32);
            let from = if group == 0 { stood.from } else { positions[group * LANES - 1] };
            self.stand = Stand { next: positions[inside], group: stood.group + group as u32, lane, from };
        }
        each_once(hazard, &found[stood.lane as usize..inside], last, met)
    }

    /// Meets occurrences where many of them have a point: each is gone on from at its end. Writes them from place `begin` on; gives
    /// their number.
    fn one_by_one(&mut self, block: u32, guide: &Guide, begin: usize, met: &mut Vec<u32>) -> usize {
        let (hazard, mut steps, mut n) = (self.path.hazard, [0.0; LANES], 0);
        let Stand { next, group, lane, mut from } = self.stand;
        if next >= hazard.end {
            return 0;
        }
        let mut first = lane as usize;
        for group in group.. {
            self.steps(block, group, &mut steps);
            let met = room(met, begin + n, LANES);
            for lane in first..LANES {
                let before = if lane == 0 { 0.0 } else { steps[lane - 1] };
                let position = from + (steps[lane] - before);
                if position >= hazard.end {
                    self.stand = Stand { next: position, group, lane: lane as u32, from };
                    return n + lane - first;
                }
                (from, met[lane - first]) = guide.find(hazard, position);
            }
            (n, first) = (n + LANES - first, 0);
        }
        n
    }

    /// The partial sums of a group of steps.
    fn steps(&self, block: u32, group: u32, steps: &mut [f64; LANES]) {
        let mut halves = [0; LANES];
        draw(&mut halves, self.path.draws, (block, group), self.key);
        partial_sums(&halves, &[self.per_step], steps);
    }
}

/// Places of a column from one on.
fn room(column: &mut Vec<u32>, begin: usize, places: usize) -> &mut [u32] {
    column.resize(column.len().max(begin + places), 0);
    &mut column[begin..begin + places]
}

widest! {
    /// Turns steps from a position on into positions, and gives their parts of the hazard's guide.
    fn parts(hazard: &Hazard, from: f64, steps: &mut [f64], parts: &mut [u32]) {
        let mut from = from;
        let groups = steps.as_chunks_mut::<LANES>().0.iter_mut().zip(parts.as_chunks_mut::<LANES>().0);
        for (steps, parts) in groups {
            *steps = steps.map(|step| from + step);
            *parts = steps.map(|position| hazard.part(position));
            from = steps[LANES - 1];
        }
    }
}

/// Meets those of the found occurrences that differ from the one before them; gives their number.
fn each_once(hazard: &Hazard, found: &[u32], last: &mut u32, met: &mut [u32]) -> usize {
    let (groups, rest) = found.as_chunks::<LANES>();
    let mut n = 0;
    for group in groups {
        let mut again = u32::from(group[0] == *last);
        for lane in 1..LANES {
            again |= u32::from(group[lane] == group[lane - 1]);
        }
        if again == 0 {
            met[n..n + LANES].copy_from_slice(&group.map(|end| hazard.place(end)));
            (n, *last) = (n + LANES, group[LANES - 1]);
        } else {
            n += others(hazard, group, last, &mut met[n..]);
        }
    }
    n + others(hazard, rest, last, &mut met[n..])
}

/// The same, one by one.
#[inline(always)]
fn others(hazard: &Hazard, found: &[u32], last: &mut u32, met: &mut [u32]) -> usize {
    let mut n = 0;
    for at in found {
        met[n] = hazard.place(*at);
        n += usize::from(at != last);
        *last = *at;
    }
    n
}

/// Half words of an insured's steps in a block, from this group of steps on.
fn draw(halves: &mut [u32], draws: &Draws, (block, group): (u32, u32), key: u64) {
    let mut number = group * (LANES / 4) as u32;
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
mod tests;
