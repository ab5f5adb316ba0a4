//! What a thread has met lately: most values of a scan are among the few that thousands of domains share.

use xxhash_rust::xxh3::xxh3_64;

use crate::catalogue::{Matcher, SignalId};
use crate::scan::observation::ObservationRef;

/// Values that are remembered.
const VALUES: usize = 1 << 11;
/// Most signals of a value that is remembered.
const SIGNALS: usize = 5;

/// Signals of values met lately, by hash (64 bits and a place: two values of one scan do not share them).
#[derive(Debug)]
pub struct Lately {
    /// Apart from the rest, so that they stay at hand: of a value that is met once nothing else is looked at.
    hashes: Vec<u64>,
    values: Vec<Value>,
    signals: Vec<SignalId>,
}

#[derive(Clone, Copy, Debug)]
struct Value {
    signals: [SignalId; SIGNALS],
    count: u8,
}

impl Default for Lately {
    fn default() -> Lately {
        // No value has the hash of an empty place: its place is another.
        let hashes = (0..VALUES).map(|at| if at == 0 { u64::MAX } else { 0 }).collect();
        let none = Value { signals: [SignalId::default(); SIGNALS], count: 0 };
        Lately { hashes, values: vec![none; VALUES], signals: Vec::new() }
    }
}

impl Lately {
    /// The signals that a record gives.
    pub fn signals_of(&mut self, matcher: &Matcher, record: &ObservationRef) -> &[SignalId] {
        let key = if record.key.is_empty() { 0 } else { xxh3_64(record.key.as_bytes()) };
        let hash = (record.value_hash ^ key.rotate_left(29) ^ record.kind as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let at = (hash >> 48) as usize % VALUES;
        if self.hashes[at] != hash {
            self.signals.clear();
            matcher.each(record.kind, record.key, record.value, |signal| self.signals.push(signal));
            let count = self.signals.len();
            if count > SIGNALS {
                return &self.signals;
            }
            let value = &mut self.values[at];
            value.signals[..count].copy_from_slice(&self.signals);
            value.count = count as u8;
            self.hashes[at] = hash;
        }
        let value = &self.values[at];
        &value.signals[..usize::from(value.count)]
    }
}
