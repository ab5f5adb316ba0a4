//! What records say, on its way to the domains: gathered until there is enough of it for one shard.
//!
//! A scan goes through its domains in an order of its own, and the evidence of a large book does not fit a processor's
//! cache. Noted one by one, nearly every record would wait for memory.

use super::evidence::{is_complete, seconds};
use crate::catalogue::SignalId;
use crate::scan::observation::ObservationRef;

/// Where the evidence of a host is kept.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Place of its domain in the shard.
    pub slot: u32,
    /// Place among the hosts.
    pub host: u32,
    /// Hash of its name.
    pub name: u32,
}

/// That a question was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// Place of the domain in the shard.
    pub slot: u32,
    /// The host, for questions with complete answers.
    pub host: u32,
    /// When, in seconds.
    pub at: u32,
    /// Which question.
    pub question: u16,
    /// Whether the host speaks for the domain.
    pub own: bool,
}

/// A signal that a record gave.
#[derive(Clone, Copy, Debug)]
pub struct Sighting {
    /// Place of the domain in the shard.
    pub slot: u32,
    /// Place among the hosts.
    pub host: u32,
    /// When, in seconds.
    pub at: u32,
    /// Which.
    pub signal: SignalId,
    /// Tells records of one signal and moment apart, whatever the order they come in.
    pub fingerprint: u32,
    /// Place of the record's texts.
    texts: u32,
}

/// Where a record's key, value and source lie.
#[derive(Clone, Copy, Debug)]
struct TextsOf {
    start: u32,
    lengths: [u32; 3],
}

/// What the records of one host say, while they are gone through: what many of them say is held once.
#[derive(Debug, Default)]
pub struct Gathered {
    notes: Vec<Note>,
    /// With the place of the record among the host's.
    sightings: Vec<Sighting>,
}

/// What records of one shard say.
#[derive(Debug, Default)]
pub struct Pending {
    /// Questions asked.
    pub notes: Vec<Note>,
    /// Signals given.
    pub sightings: Vec<Sighting>,
    texts: Vec<TextsOf>,
    text: String,
}

/// How far back a host's notes and sightings are looked through for the same again.
const BACK: usize = 8;

/// Room for `more`, of which there will be `enough` at some time: of hundreds of lists none shall hold twice what it needs.
fn make_room<T>(list: &mut Vec<T>, more: usize, enough: usize) {
    let needed = list.len() + more;
    if needed > list.capacity() {
        list.reserve_exact(needed.max((2 * list.len()).min(enough + enough / 8)) - list.len());
    }
}

impl Gathered {
    /// Takes the record at a place among the host's, which gave these signals.
    pub fn add(&mut self, of: Place, question: u16, own: bool, record: (usize, &ObservationRef), signals: &[SignalId]) {
        let (place, record) = record;
        let (host, own) = if is_complete(record.kind) { (of.host, own) } else { (0, true) };
        let at = seconds(record.observed_at);
        let note = Note { slot: of.slot, host, at, question, own };
        if !self.notes.iter().rev().take(BACK).any(|known| *known == note) {
            self.notes.push(note);
        }
        if signals.is_empty() {
            return;
        }
        let fingerprint = of.name ^ record.fingerprint() as u32;
        for &signal in signals {
            let new = Sighting { slot: of.slot, host: of.host, at, signal, fingerprint, texts: place as u32 };
            let mut lately = self.sightings.iter_mut().rev().take(BACK);
            match lately.find(|known| known.signal == signal && known.at == at) {
                Some(known) if known.fingerprint >= fingerprint => {}
                Some(known) => *known = new,
                None => self.sightings.push(new),
            }
        }
    }
}

impl Pending {
    /// Takes what was gathered of a host's records, and leaves it empty.
    pub fn put(&mut self, gathered: &mut Gathered, records: &[ObservationRef]) {
        self.notes.append(&mut gathered.notes);
        let mut last = None;
        for sighting in gathered.sightings.drain(..) {
            if last != Some(sighting.texts) {
                last = Some(sighting.texts);
                let record = &records[sighting.texts as usize];
                self.put_texts([record.key, record.value, record.source]);
            }
            self.sightings.push(Sighting { texts: self.texts.len() as u32 - 1, ..sighting });
        }
    }

    fn put_texts(&mut self, parts: [&str; 3]) {
        self.texts.push(TextsOf { start: self.text.len() as u32, lengths: parts.map(|part| part.len() as u32) });
        parts.iter().for_each(|part| self.text.push_str(part));
    }

    /// Takes all that another holds, and leaves it empty; `enough` notes and sightings is all that will be held.
    pub fn append(&mut self, other: &mut Pending, enough: [usize; 2]) {
        make_room(&mut self.notes, other.notes.len(), enough[0]);
        make_room(&mut self.sightings, other.sightings.len(), enough[1]);
        let (texts, start) = (self.texts.len() as u32, self.text.len() as u32);
        self.notes.append(&mut other.notes);
        self.sightings.extend(other.sightings.iter().map(|s| Sighting { texts: s.texts + texts, ..*s }));
        self.texts.extend(other.texts.iter().map(|t| TextsOf { start: t.start + start, ..*t }));
        if self.text.len() + other.text.len() > self.text.capacity() {
            self.text.reserve_exact(other.text.len().max(self.text.len() / 2));
        }
        self.text.push_str(&other.text);
        other.clear_sightings();
    }

    /// Forgets the signals given.
    pub fn clear_sightings(&mut self) {
        self.sightings.clear();
        self.texts.clear();
        self.text.clear();
    }

    /// Bytes of text held.
    pub fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// Key, value and source of the record that gave a signal.
    pub fn texts_of(&self, sighting: &Sighting) -> [&str; 3] {
        let TextsOf { start, lengths } = self.texts[sighting.texts as usize];
        let mut from = start as usize;
        lengths.map(|length| {
            let text = &self.text[from..from + length as usize];
            from += length as usize;
            text
        })
    }
}
