//! Domains whose evidence is kept together: one after the other in one list, and what is new since beside it.
//!
//! What is new is sorted in when there is enough of it for the domains and for what there was: each record is moved a few
//! times, always to memory at hand, and no domain holds a list of its own (a log-structured merge; P. O'Neil et al., Acta
//! Informatica 33, 1996).

use super::evidence::{Answer, Evidence, Pen, Seconds, Shared, Stored};
use super::pending::{Note, Pending, Sighting};

/// Least number of questions, and of signals, that are sorted in at once.
const FEW: [usize; 2] = [1 << 12, 1 << 11];
/// The same for each domain there is.
const EACH: [usize; 2] = [3, 1];
/// Share of what is there that is sorted in at once.
const PART: usize = 8;
/// Bytes of text for each signal that are held before it is known which are needed.
const TEXT: usize = 64;

/// Rows by slot, those of one slot together, in blocks of one size: those that are passed hold what comes next.
#[derive(Debug)]
struct Runs<T> {
    places: Vec<Run>,
    blocks: Vec<Vec<T>>,
    /// Rows in all.
    rows: usize,
}

/// Where the rows of a slot are.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    block: u32,
    start: u32,
    length: u32,
}

/// Rows of a block, but for a slot that has more.
const BLOCK: usize = 1 << 10;

impl<T> Default for Runs<T> {
    fn default() -> Runs<T> {
        Runs { places: Vec::new(), blocks: Vec::new(), rows: 0 }
    }
}

impl<T: Copy> Runs<T> {
    fn of(&self, slot: usize) -> &[T] {
        let run = self.places.get(slot).copied().unwrap_or_default();
        let (start, length) = (run.start as usize, run.length as usize);
        if length == 0 { &[] } else { &self.blocks[run.block as usize][start..start + length] }
    }

    /// Each slot's rows, to be changed in place.
    fn each(&mut self, change: impl Fn(&mut [T])) {
        for run in self.places.iter().filter(|run| run.length > 0) {
            change(&mut self.blocks[run.block as usize][run.start as usize..(run.start + run.length) as usize]);
        }
    }

    /// The block that the rows of the next slot go to, `most` at most: a spare one where a new one is needed.
    fn block_for(&mut self, most: usize, spare: &mut Vec<Vec<T>>) -> usize {
        let full = |block: &Vec<T>| block.len() + most > block.capacity();
        if most > 0 && self.blocks.last().is_none_or(full) {
            let large = spare.pop().filter(|block| block.capacity() >= most);
            self.blocks.push(large.unwrap_or_else(|| Vec::with_capacity(most.max(BLOCK))));
        }
        self.blocks.len().saturating_sub(1)
    }

    /// Sorts in what is new: `add` takes it to the rows of its slot, which are the last ones of the list from a place on.
    fn merge<N: Copy>(&mut self, new: &[N], slot_of: impl Fn(&N) -> u32, mut add: impl FnMut(&mut Vec<T>, usize, &N)) {
        let Some(last) = new.iter().map(&slot_of).max() else { return };
        let slots = self.places.len().max(last as usize + 1);
        let (new, ends) = sorted_by_slot(new, slots, slot_of);
        let mut old = std::mem::replace(self, Runs { places: Vec::with_capacity(slots), ..Runs::default() });
        let (mut spare, mut from, mut passed) = (Vec::new(), 0, 0);
        for (slot, end) in ends.into_iter().enumerate() {
            let (rows, news) = (old.of(slot), &new[from..end as usize]);
            from = end as usize;
            let block = self.block_for(rows.len() + news.len(), &mut spare);
            let mut run = Run { block: block as u32, ..Run::default() };
            if let Some(block) = self.blocks.get_mut(block) {
                let start = block.len();
                block.extend_from_slice(rows);
                news.iter().for_each(|one| add(block, start, one));
                (run.start, run.length) = (start as u32, (block.len() - start) as u32);
            }
            self.places.push(run);
            self.rows += run.length as usize;
            let next = old.places.get(slot + 1).map_or(passed, |run| run.block as usize);
            for block in &mut old.blocks[passed..next] {
                block.clear();
                spare.push(std::mem::take(block));
            }
            passed = next;
        }
    }
}

/// A list's members by their slots, and where those of each slot end.
fn sorted_by_slot<N: Copy>(new: &[N], slots: usize, slot_of: impl Fn(&N) -> u32) -> (Vec<N>, Vec<u32>) {
    let mut next = vec![0u32; slots + 1];
    new.iter().for_each(|one| next[slot_of(one) as usize + 1] += 1);
    (0..slots).for_each(|slot| next[slot + 1] += next[slot]);
    next.pop();
    let mut sorted = new.to_vec();
    for one in new {
        let place = &mut next[slot_of(one) as usize];
        sorted[*place as usize] = *one;
        *place += 1;
    }
    (sorted, next)
}

/// Domains whose evidence is kept together.
#[derive(Debug, Default)]
pub struct Shard {
    pending: Pending,
    answers: Runs<Answer>,
    hits: Runs<Stored>,
}

impl Shard {
    /// Takes what records say, and leaves it empty.
    pub fn take(&mut self, new: &mut Pending, pen: &mut Pen) {
        let (domains, rows) = (self.answers.places.len(), [self.answers.rows, self.hits.rows]);
        let enough = [0, 1].map(|of| FEW[of].max(EACH[of] * domains).max(rows[of] / PART));
        self.pending.append(new, enough);
        if self.pending.notes.len() >= enough[0] {
            self.note();
        }
        let many = self.pending.sightings.len() >= enough[1];
        if many || self.pending.text_bytes() >= TEXT * enough[1] {
            self.keep(pen);
        }
    }

    /// Ends the taking: signals are in the order of the catalogue from here on, whatever the order they came in.
    pub fn settle(&mut self, pen: &mut Pen) {
        self.note();
        self.keep(pen);
        self.pending = Pending::default();
        self.hits.each(|hits| hits.sort_unstable_by_key(|hit| hit.signal));
    }

    /// Notes which questions were asked.
    fn note(&mut self) {
        self.answers.merge(
            &self.pending.notes,
            |note| note.slot,
            |rows, from, note| {
                let Note { question, own, host, at, .. } = *note;
                match rows[from..].iter_mut().find(|a| a.question == question && a.host == host && a.own == own) {
                    Some(answer) => answer.at.include(at),
                    None => rows.push(Answer { question, own, host, at: Seconds { first: at, last: at } }),
                }
            },
        );
        self.pending.notes.clear();
    }

    /// Keeps the signals given. Of several records at one moment that with the greatest fingerprint is remembered, whoever
    /// comes first.
    fn keep(&mut self, pen: &mut Pen) {
        let pending = &self.pending;
        self.hits.merge(
            &pending.sightings,
            |sighting| sighting.slot,
            |rows, from, new| {
                let Some(old) = rows[from..].iter_mut().find(|hit| hit.signal == new.signal) else {
                    rows.push(Stored::new(
                        new,
                        pending.texts_of(new),
                        Seconds { first: new.at, last: new.at },
                        pen,
                        None,
                    ));
                    return;
                };
                let newer = new.at > old.at.last || new.at == old.at.last && new.fingerprint > old.fingerprint;
                old.at.include(new.at);
                if newer {
                    *old = Stored::new(new, pending.texts_of(new), old.at, pen, Some(old));
                }
            },
        );
        self.pending.clear_sightings();
    }

    /// The evidence of the domain with this place and name.
    pub fn evidence<'a>(&'a self, slot: u32, name: &'a str, shared: &'a Shared) -> Option<Evidence<'a>> {
        let (answers, hits) = (self.answers.of(slot as usize), self.hits.of(slot as usize));
        (!answers.is_empty()).then_some(Evidence { name, shared: Some(shared), answers, hits })
    }
}

impl Stored {
    /// The same text as in `old` needs no second copy, where the same hand wrote the first.
    fn new(new: &Sighting, texts: [&str; 3], at: Seconds, pen: &mut Pen, old: Option<&Stored>) -> Stored {
        let held = old.filter(|old| old.pen == pen.place).map(|old| [old.key, old.value, old.source]);
        let mut put = |of: usize| {
            let again = held.map(|held| held[of]).filter(|held| pen.texts.holds(*held, texts[of]));
            again.unwrap_or_else(|| pen.texts.put(texts[of]))
        };
        let [value, key, source] = [1, 0, 2].map(&mut put);
        let Sighting { signal, host, fingerprint, .. } = *new;
        Stored { signal, host, pen: pen.place, key, value, source, at, fingerprint }
    }
}
