//! Adds observations to an inventory: finds their domains many at once, matches their values, and hands what they say to
//! the shards.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::build::{InventoryBuilder, OUTSIDE_SHARDS, SHARDS, lock};
use super::evidence::{Pen, Texts, part};
use super::lately::Lately;
use super::pending::{Gathered, Pending, Place};
use super::shard::Shard;
use crate::portfolio::domains::{Held, served_by};
use crate::scan::observation::{Kind, ObservationRef, Status};
use crate::scan::{Hand, Sink};

/// Records of one shard that are gathered before they are handed over.
const FULL: usize = 64;
/// Bytes of their texts.
const FULL_TEXT: usize = 1 << 13;
/// Parts of questions that a hand remembers.
const PARTS: usize = 16;
/// Beginnings of hosts that a hand remembers.
const BEFORES: usize = 1 << 8;

/// What a hand has in hand: it goes on from one part of a scan to the next.
pub(super) struct Tray {
    pub(super) pen: Pen,
    /// Records on their way, those for the book's shards first.
    pending: Vec<Pending>,
    /// Of the host whose records are gone through.
    gathered: Gathered,
    values: Lately,
    /// Beginnings of hosts met lately, by hash.
    befores: Vec<Before>,
    /// Parts of questions met lately, the last first.
    parts: Vec<(Kind, String, u16)>,
}

/// What stands before the registrable domain in a host.
#[derive(Clone, Default)]
struct Before {
    text: String,
    /// Its place among the hosts.
    host: u32,
    /// Whether such a host serves the domain: `www`, a DKIM selector.
    serves: bool,
}

impl Tray {
    pub(super) fn new(place: u16) -> Tray {
        Tray {
            pen: Pen { place, texts: Texts::default() },
            pending: (0..SHARDS + OUTSIDE_SHARDS).map(|_| Pending::default()).collect(),
            gathered: Gathered::default(),
            values: Lately::default(),
            befores: vec![Before::default(); BEFORES],
            parts: Vec::new(),
        }
    }
}

/// Records of one host, one after the other.
struct Run {
    /// Place of the first.
    start: usize,
    /// Hash of the registrable domain.
    domain: u128,
    /// What the book has of that domain.
    held: Held,
}

/// Adds observations to an inventory.
pub struct Adder<'b, 'a> {
    builder: &'b InventoryBuilder<'a>,
    tray: Tray,
    runs: Vec<Run>,
    after: u64,
    outsiders: u64,
}

/// Where the records of a host go.
struct Of {
    /// The shard (those outside the book come after the book's), and the place there; nothing when it is nobody's.
    place: Option<(usize, Place)>,
    /// Whether the host speaks for the domain: whatever it answers, and where it has the record.
    own: [bool; 2],
}

impl<'b, 'a> Adder<'b, 'a> {
    pub(super) fn new(builder: &'b InventoryBuilder<'a>, tray: Tray) -> Adder<'b, 'a> {
        Adder { builder, tray, runs: Vec::new(), after: 0, outsiders: 0 }
    }

    /// Takes observations; those of one host that follow each other are cheapest.
    pub fn take(&mut self, records: &[ObservationRef]) {
        let mut runs = std::mem::take(&mut self.runs);
        self.find_runs(records, &mut runs);
        for (at, run) in runs.iter().enumerate() {
            let end = runs.get(at + 1).map_or(records.len(), |next| next.start);
            let own = &records[run.start..end];
            let of = self.turn_to(&own[0], run);
            own.iter().enumerate().for_each(|(at, record)| self.add(at, record, &of));
            if let Some((shard, _)) = of.place {
                self.put(shard, own);
            }
        }
        self.runs = runs;
    }

    /// Finds the domains of all records before any is looked at closer: a large book's map is far from the processor, and
    /// what is asked for together is waited for together.
    fn find_runs(&self, records: &[ObservationRef], runs: &mut Vec<Run>) {
        runs.clear();
        let mut last = None;
        for (start, record) in records.iter().enumerate() {
            if last.is_none_or(|last: &str| !std::ptr::eq(last, record.host) && last != record.host) {
                last = Some(record.host);
                runs.push(Run { start, domain: xxh3_128(record.domain.as_bytes()), held: Held::Not });
            }
        }
        if let Some(scope) = &self.builder.scope {
            scope.fetch(runs.iter().map(|run| run.domain));
            runs.iter_mut().for_each(|run| run.held = scope.at(run.domain));
        }
    }

    /// Takes the observation at a place among its host's.
    fn add(&mut self, at: usize, record: &ObservationRef, of: &Of) {
        if record.observed_at > self.builder.model.as_of {
            self.after += 1;
            return;
        }
        let in_book = of.place.is_some_and(|(shard, _)| shard < SHARDS) || self.builder.scope.is_none();
        self.outsiders += u64::from(!in_book);
        let Some((_, place)) = of.place else { return };
        let question = self.question(record);
        let found = record.status == Status::Found;
        let signals = if found { self.tray.values.signals_of(&self.builder.matcher, record) } else { &[] };
        self.tray.gathered.add(place, question, of.own[0] || of.own[1] && found, (at, record), signals);
    }

    /// Puts what was gathered of a host's records on its way to a shard.
    fn put(&mut self, shard: usize, records: &[ObservationRef]) {
        let pending = &mut self.tray.pending[shard];
        pending.put(&mut self.tray.gathered, records);
        if pending.notes.len() >= FULL || pending.text_bytes() >= FULL_TEXT {
            self.hand_over(shard);
        }
    }

    fn hand_over(&mut self, shard: usize) {
        let of = self.builder.book.get(shard).unwrap_or_else(|| &self.builder.outside_shards[shard - SHARDS]);
        lock(of).take(&mut self.tray.pending[shard], &mut self.tray.pen);
    }

    /// Hands over all that is gathered.
    pub(super) fn flush(&mut self) {
        (0..SHARDS + OUTSIDE_SHARDS).for_each(|shard| self.hand_over(shard));
    }

    /// Ends a shard that all has been handed to.
    pub(super) fn settle(&mut self, shard: &mut Shard) {
        shard.settle(&mut self.tray.pen);
    }

    /// The question that a record answers.
    fn question(&mut self, record: &ObservationRef) -> u16 {
        let part = part(record.kind, record.key);
        if part.is_empty() {
            return record.kind as u16;
        }
        if let Some((.., at)) = self.tray.parts.iter().find(|(kind, own, _)| *kind == record.kind && own == part) {
            return *at;
        }
        let at = self.builder.question(record.kind, part);
        self.tray.parts.truncate(PARTS - 1);
        self.tray.parts.insert(0, (record.kind, part.to_string(), at));
        at
    }

    /// The place of what stands before the registrable domain of a record's host, and whether it serves the domain.
    fn before(&mut self, record: &ObservationRef) -> (u32, bool) {
        if record.host.len() == record.domain.len() {
            return (0, true);
        }
        let before = record.host.strip_suffix(record.domain).and_then(|head| head.strip_suffix('.')).unwrap_or("");
        if before.is_empty() {
            return (0, false);
        }
        let known = &mut self.tray.befores[xxh3_64(before.as_bytes()) as usize % BEFORES];
        if known.text != before {
            let hosts = &self.builder.hosts;
            let held = hosts.read().unwrap_or_else(PoisonError::into_inner).get_index_of(before);
            let new = || hosts.write().unwrap_or_else(PoisonError::into_inner).insert_full(before.into()).0;
            let (host, serves) = (held.unwrap_or_else(new) as u32, served_by(record.host) == Some(record.domain));
            *known = Before { text: before.to_string(), host, serves };
        }
        (known.host, known.serves)
    }

    /// Finds the place of a host.
    fn turn_to(&mut self, record: &ObservationRef, run: &Run) -> Of {
        let (host, serves) = self.before(record);
        let name = xxh3_64(record.host.as_bytes()) as u32;
        let in_book = |at: u32| Some((at as usize % SHARDS, Place { slot: at / SHARDS as u32, host, name }));
        if let Held::Whole(at) = run.held {
            return Of { place: in_book(at), own: [serves, false] };
        }
        // Where the book has neither the domain nor a host below it, the host is nobody's.
        let served = || served_by(record.host).is_none_or(|name| name.len() >= record.domain.len());
        let nobodys = run.held == Held::Not && served();
        if let Some(scope) = self.builder.scope.as_ref().filter(|_| !nobodys) {
            if let Some(at) = scope.find(record.host, record.domain) {
                // A listed host below its domain that has such a record is a domain for mail itself; that it has none says
                // nothing (shops and portals have none).
                let domain = scope.domains()[at as usize].as_str();
                let named = served_by(record.host).unwrap_or(record.host);
                let own = [named == domain, named != record.domain && scope.lists(named)];
                return Of { place: in_book(at), own };
            }
            // A host under a domain of the book that is not the insured's: no row could tell whose it is.
            if scope.lists(record.domain) {
                return Of { place: None, own: [false; 2] };
            }
        }
        let place = self.builder.place_outside(run.domain, record.domain);
        let place = place.map(|(shard, slot)| (SHARDS + shard, Place { slot, host, name }));
        Of { place, own: [serves, false] }
    }
}

impl Sink for InventoryBuilder<'_> {
    fn hand(&self) -> Box<Hand<'_>> {
        let mut adder = self.adder();
        Box::new(move |records| adder.take(records))
    }

    fn in_order(&self) -> bool {
        false
    }
}

impl Drop for Adder<'_, '_> {
    fn drop(&mut self) {
        lock(&self.builder.trays).push(std::mem::replace(&mut self.tray, Tray::new(0)));
        self.builder.after.fetch_add(self.after, Ordering::Relaxed);
        self.builder.outsiders.fetch_add(self.outsiders, Ordering::Relaxed);
    }
}
