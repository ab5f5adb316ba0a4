//! Records on their way to the shards: gathered until there are enough for one shard, then noted there in one go.
//!
//! A scan goes through its domains in an order of its own, and the evidence of a large book does not fit a processor's
//! cache. Noted one by one, nearly every record would wait for memory.

use std::sync::Mutex;

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::evidence::{Pen, Shard, is_complete, seconds};
use crate::catalogue::SignalId;
use crate::scan::observation::ObservationRef;

/// Records of one shard that are gathered.
const FULL: usize = 1_024;
/// Bytes of their texts.
const FULL_TEXT: usize = 1 << 17;

/// Where the evidence of a host is kept.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Place of its domain in the shard.
    pub slot: u32,
    /// Place among the hosts.
    pub host: u32,
}

/// A record: that its question was asked.
#[derive(Clone, Copy, Debug)]
pub struct Note {
    /// Of which domain and host. Of a question without complete answers the host does not matter: it is 0.
    pub of: Place,
    /// Which question.
    pub question: u16,
    /// Whether the host speaks for the domain.
    pub own: bool,
    /// When.
    pub at: u32,
    /// How many signals it gave.
    signals: u8,
    /// Place of the first signal.
    first: u32,
    /// Place of the record's texts.
    texts: u32,
}

/// What a record that gave signals says.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Place of its host.
    pub host: u32,
    /// Tells records of one signal and moment apart, whatever the order they come in.
    pub fingerprint: u32,
    /// Its key.
    pub key: &'a str,
    /// Its value.
    pub value: &'a str,
    /// Its scanner.
    pub source: &'a str,
}

/// Where a record's texts lie in the buffer.
#[derive(Clone, Copy, Debug)]
struct TextsOf {
    host: u32,
    fingerprint: u32,
    start: u32,
    lengths: [u32; 3],
}

/// Records gathered for one shard.
#[derive(Debug, Default)]
pub struct Buffer {
    notes: Vec<Note>,
    signals: Vec<SignalId>,
    texts: Vec<TextsOf>,
    text: String,
}

impl Buffer {
    /// Takes a record; whether there are now enough.
    pub fn put(&mut self, of: Place, question: u16, own: bool, record: &ObservationRef, signals: &[SignalId]) -> bool {
        let (host, own) = if is_complete(record.kind) { (of.host, own) } else { (0, true) };
        let (first, texts) = (self.signals.len() as u32, self.texts.len() as u32);
        let signals = &signals[..signals.len().min(usize::from(u8::MAX))];
        if !signals.is_empty() {
            let start = self.text.len() as u32;
            let parts = [record.key, record.value, record.source];
            parts.iter().for_each(|part| self.text.push_str(part));
            let lengths = parts.map(|part| part.len() as u32);
            self.texts.push(TextsOf { host: of.host, fingerprint: fingerprint(record), start, lengths });
            self.signals.extend_from_slice(signals);
        }
        self.notes.push(Note {
            of: Place { host, ..of },
            question,
            own,
            at: seconds(record.observed_at),
            signals: signals.len() as u8,
            first,
            texts,
        });
        self.notes.len() >= FULL || self.text.len() >= FULL_TEXT
    }

    /// Notes what was gathered, domain by domain.
    pub fn flush(&mut self, shard: &Mutex<Shard>, pen: &mut Pen) {
        if self.notes.is_empty() {
            return;
        }
        self.notes.sort_unstable_by_key(|note| note.of.slot);
        let mut shard = super::build::lock(shard);
        for note in &self.notes {
            shard.asked(note);
            let first = note.first as usize;
            for signal in &self.signals[first..first + usize::from(note.signals)] {
                shard.hit(note, *signal, &self.record(&self.texts[note.texts as usize]), pen);
            }
        }
        drop(shard);
        self.notes.clear();
        self.signals.clear();
        self.texts.clear();
        self.text.clear();
    }

    fn record(&self, of: &TextsOf) -> Record<'_> {
        let start = of.start as usize;
        let [key, value, source] = of.lengths.map(|length| length as usize);
        let ends = [start + key, start + key + value, start + key + value + source];
        Record {
            host: of.host,
            fingerprint: of.fingerprint,
            key: &self.text[start..ends[0]],
            value: &self.text[ends[0]..ends[1]],
            source: &self.text[ends[1]..ends[2]],
        }
    }
}

fn fingerprint(record: &ObservationRef) -> u32 {
    let host = xxh3_64_with_seed(record.host.as_bytes(), xxh3_64(record.source.as_bytes()));
    (xxh3_64_with_seed(record.value.as_bytes(), host) ^ xxh3_64(record.key.as_bytes())) as u32
}
