//! What a thread has met lately: most values of a scan are among the few that thousands of domains share.

use xxhash_rust::xxh3::xxh3_64;

use crate::catalogue::{Matcher, SignalId};
use crate::scan::observation::ObservationRef;

/// Values that are remembered.
const VALUES: usize = 1 << 12;
/// Most signals of a value that is remembered.
const SIGNALS: usize = 5;

/// Signals of values met lately, by hash (64 bits and a place: two values of one scan do not share them).
#[derive(Debug)]
pub struct Lately {
    values: Vec<Value>,
    signals: Vec<SignalId>,
}

#[derive(Clone, Copy, Debug)]
struct Value {
    hash: u64,
    signals: [SignalId; SIGNALS],
    count: u8,
}

impl Default for Lately {
    fn default() -> Lately {
        // No value has the count of an empty place.
        let none = Value { hash: 0, signals: [SignalId::default(); SIGNALS], count: u8::MAX };
        Lately { values: vec![none; VALUES], signals: Vec::new() }
    }
}

impl Lately {
    /// The signals that a record gives.
    pub fn signals_of(&mut self, matcher: &Matcher, record: &ObservationRef) -> &[SignalId] {
        let key = if record.key.is_empty() { 0 } else { xxh3_64(record.key.as_bytes()) };
        let hash = (record.value_hash ^ key.rotate_left(29) ^ record.kind as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let value = &mut self.values[(hash >> 48) as usize % VALUES];
        if value.hash != hash || value.count == u8::MAX {
            self.signals.clear();
            matcher.each(record.kind, record.key, record.value, |signal| self.signals.push(signal));
            let count = self.signals.len();
            if count > SIGNALS {
                return &self.signals;
            }
            value.signals[..count].copy_from_slice(&self.signals);
            (value.hash, value.count) = (hash, count as u8);
        }
        &value.signals[..usize::from(value.count)]
    }
}
