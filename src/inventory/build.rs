//! Builds the inventory from a stream of observations: memory follows the domains of the book, not the scan.
//!
//! Evidence lies in shards, each behind a lock of its own, so that several threads can add to it; what is remembered does
//! not depend on who comes first.
//!
//! Scanned domains outside the book are kept too, as a sample of bounded size: those whose names have the smallest
//! hashes. Which they are does not depend on the order of the scan, and each kept one has all its evidence, since the
//! bound only ever falls (bottom-k sampling; E. Cohen, H. Kaplan, PODC 2007).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use indexmap::IndexSet;
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_128;

use super::evidence::{Pen, Question, Shard, Shared, Texts, part};
use super::inventory::{Inventory, Outside};
use super::model::Model;
use super::pending::{Buffer, Place};
use crate::catalogue::{Catalogue, Matcher, SignalId};
use crate::moment::Moment;
use crate::portfolio::domains::{DomainMap, served_by};
use crate::scan::Sink;
use crate::scan::observation::{Kind, ObservationRef, Status};

/// Domains outside the book that are kept.
const OUTSIDE: usize = 50_000;

/// Shards of evidence.
pub const SHARDS: usize = 512;

/// Takes observations, from several threads at once.
pub struct InventoryBuilder<'a> {
    model: Model<'a>,
    matcher: Matcher<'a>,
    scope: Option<DomainMap>,
    book: Vec<Mutex<Shard>>,
    outside: Vec<Mutex<Outsiders>>,
    outside_shards: Vec<Mutex<Shard>>,
    /// Most domains of each outside shard.
    bound: usize,
    /// Questions that scans asked and the catalogue has no interest in.
    others_asked: RwLock<IndexSet<Question>>,
    /// What stands before the registrable domain in hosts; the first is nothing.
    hosts: RwLock<IndexSet<Box<str>, foldhash::fast::RandomState>>,
    /// What hands put down that are not at work.
    trays: Mutex<Vec<Tray>>,
    next_pen: AtomicU64,
    after: AtomicU64,
    outsiders: AtomicU64,
}

/// Domains outside the book (all, where there is none), those with the smallest hashes.
#[derive(Default)]
struct Outsiders {
    places: BTreeMap<u128, (u32, String)>,
    /// Places ever given: evidence may still be on its way to one that was given up.
    given: u32,
}

impl<'a> InventoryBuilder<'a> {
    /// Starts an inventory of the domains of a book (all registrable domains when none) from evidence up to `as_of`.
    pub fn new(catalogue: &'a Catalogue, scope: Option<DomainMap>, as_of: Moment) -> InventoryBuilder<'a> {
        InventoryBuilder {
            model: Model::new(catalogue, as_of),
            matcher: Matcher::new(catalogue),
            bound: if scope.is_some() { OUTSIDE / SHARDS } else { usize::MAX },
            scope,
            book: (0..SHARDS).map(|_| Mutex::default()).collect(),
            outside: (0..SHARDS).map(|_| Mutex::default()).collect(),
            outside_shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            others_asked: RwLock::default(),
            hosts: RwLock::new(std::iter::once("".into()).collect()),
            trays: Mutex::default(),
            next_pen: AtomicU64::new(0),
            after: AtomicU64::new(0),
            outsiders: AtomicU64::new(0),
        }
    }

    /// A hand that adds observations; each thread has its own, and no two on one thread at the same time.
    pub fn adder(&self) -> Adder<'_, 'a> {
        let left = lock(&self.trays).pop();
        let new = || Tray {
            pen: Pen { place: self.next_pen.fetch_add(1, Ordering::Relaxed) as u16, texts: Texts::default() },
            buffers: (0..2 * SHARDS).map(|_| Buffer::default()).collect(),
            befores: Vec::new(),
            parts: Vec::new(),
        };
        Adder {
            builder: self,
            tray: left.unwrap_or_else(new),
            host: String::new(),
            place: None,
            own: [false; 2],
            signals: Vec::new(),
            after: 0,
            outsiders: 0,
        }
    }

    /// Ends the inventory.
    pub fn finish(self) -> Inventory<'a> {
        let open = |shard: Mutex<Shard>| {
            let mut shard = shard.into_inner().unwrap_or_else(PoisonError::into_inner);
            shard.settle();
            shard
        };
        let mut trays = std::mem::take(&mut *lock(&self.trays));
        trays.par_iter_mut().for_each(|tray| (0..2 * SHARDS).for_each(|shard| tray.flush(&self, shard)));
        trays.sort_by_key(|tray| tray.pen.place);
        let shared = Shared {
            hosts: self.hosts.into_inner().unwrap_or_else(PoisonError::into_inner),
            texts: trays.into_iter().map(|tray| tray.pen.texts).collect(),
        };
        let mut outside = Vec::new();
        for (at, own) in self.outside.into_iter().enumerate() {
            let own = own.into_inner().unwrap_or_else(PoisonError::into_inner);
            outside.extend(own.places.into_values().map(|(slot, name)| Outside { name, shard: at as u32, slot }));
        }
        outside.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        let mut questions = self.model.questions.clone();
        questions.extend(self.others_asked.into_inner().unwrap_or_else(PoisonError::into_inner));
        Inventory {
            model: self.model,
            has_book: self.scope.is_some(),
            domains: self.scope.unwrap_or_default(),
            shared,
            book: self.book.into_par_iter().map(open).collect(),
            outside,
            outside_shards: self.outside_shards.into_par_iter().map(open).collect(),
            questions,
            after: self.after.into_inner(),
            outsiders: self.outsiders.into_inner(),
        }
    }

    fn question(&self, kind: Kind, part: &str) -> u16 {
        let question = (kind, part.to_string());
        let known = |set: &IndexSet<Question>| set.get_index_of(&question);
        if let Some(at) = known(&self.model.questions) {
            return at as u16;
        }
        let first = self.model.questions.len();
        if let Some(at) = known(&self.others_asked.read().unwrap_or_else(PoisonError::into_inner)) {
            return (first + at) as u16;
        }
        let mut others = self.others_asked.write().unwrap_or_else(PoisonError::into_inner);
        // Beyond 65,000 different selectors the rest count as the kind alone.
        if first + others.len() >= usize::from(u16::MAX) {
            return kind as u16;
        }
        (first + others.insert_full(question).0) as u16
    }
}

impl Sink for InventoryBuilder<'_> {
    fn hand(&self) -> Box<dyn FnMut(&ObservationRef) + '_> {
        let mut adder = self.adder();
        Box::new(move |record| adder.add(record))
    }

    fn in_order(&self) -> bool {
        false
    }
}

/// What a hand has in hand: it goes on from one part of a scan to the next.
struct Tray {
    pen: Pen,
    /// Records on their way, those for the book's shards first.
    buffers: Vec<Buffer>,
    /// Beginnings of hosts met before, with their places, the last first.
    befores: Vec<(String, u32)>,
    /// Parts of questions met before, the last first.
    parts: Vec<(Kind, String, u16)>,
}

impl Tray {
    fn flush(&mut self, builder: &InventoryBuilder, shard: usize) {
        let of = builder.book.get(shard).unwrap_or_else(|| &builder.outside_shards[shard - SHARDS]);
        self.buffers[shard].flush(of, &mut self.pen);
    }
}

/// Adds observations to an inventory.
pub struct Adder<'b, 'a> {
    builder: &'b InventoryBuilder<'a>,
    tray: Tray,
    host: String,
    /// The shard that the last host belongs to (those outside the book come after the book's), and its place there.
    place: Option<(usize, Place)>,
    /// Whether the host speaks for the domain: whatever it answers, and where it has the record.
    own: [bool; 2],
    signals: Vec<SignalId>,
    after: u64,
    outsiders: u64,
}

/// Parts of questions and beginnings of hosts that a hand remembers.
const REMEMBERED: usize = 16;

impl Adder<'_, '_> {
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
        self.tray.parts.truncate(REMEMBERED - 1);
        self.tray.parts.insert(0, (record.kind, part.to_string(), at));
        at
    }

    /// Takes an observation.
    pub fn add(&mut self, record: &ObservationRef) {
        if record.observed_at > self.builder.model.as_of {
            self.after += 1;
            return;
        }
        if self.host != record.host {
            self.turn_to(record);
        }
        let in_book = self.place.is_some_and(|(shard, _)| shard < SHARDS) || self.builder.scope.is_none();
        self.outsiders += u64::from(!in_book);
        let Some((shard, place)) = self.place else { return };
        let question = self.question(record);
        self.signals.clear();
        if record.status == Status::Found {
            self.builder.matcher.each(record.kind, record.key, record.value, |signal| self.signals.push(signal));
        }
        let own = self.own[0] || self.own[1] && record.status == Status::Found;
        if self.tray.buffers[shard].put(place, question, own, record, &self.signals) {
            self.tray.flush(self.builder, shard);
        }
    }

    /// The place of what stands before the registrable domain of a record's host.
    fn host_of(&mut self, record: &ObservationRef) -> u32 {
        let before = record.host.strip_suffix(record.domain).and_then(|head| head.strip_suffix('.')).unwrap_or("");
        if before.is_empty() {
            return 0;
        }
        if let Some((_, at)) = self.tray.befores.iter().find(|(own, _)| own == before) {
            return *at;
        }
        let known = self.builder.hosts.read().unwrap_or_else(PoisonError::into_inner).get_index_of(before);
        let new = || self.builder.hosts.write().unwrap_or_else(PoisonError::into_inner).insert_full(before.into()).0;
        let at = known.unwrap_or_else(new) as u32;
        self.tray.befores.truncate(REMEMBERED - 1);
        self.tray.befores.insert(0, (before.to_string(), at));
        at
    }

    /// Finds the domain of another host.
    fn turn_to(&mut self, record: &ObservationRef) {
        self.host.clear();
        self.host.push_str(record.host);
        let named = served_by(record.host).unwrap_or(record.host);
        self.own = [named == record.domain, false];
        let host = self.host_of(record);
        let in_book = |at: u32| Some((at as usize % SHARDS, Place { slot: at / SHARDS as u32, host }));
        if let Some(scope) = &self.builder.scope {
            if let Some(at) = scope.whole(record.domain) {
                self.place = in_book(at);
                return;
            }
            if let Some(at) = scope.find(record.host, record.domain) {
                // A listed host below its domain that has such a record is a domain for mail itself; that it has none says
                // nothing (shops and portals have none).
                let domain = scope.domains()[at as usize].as_str();
                self.own = [named == domain, named != record.domain && scope.lists(named)];
                self.place = in_book(at);
                return;
            }
            // A host under a domain of the book that is not the insured's: no row could tell whose it is.
            if scope.lists(record.domain) {
                self.place = None;
                return;
            }
        }
        let hash = xxh3_128(record.domain.as_bytes());
        let shard = (hash >> 64) as usize % SHARDS;
        let slot = lock(&self.builder.outside[shard]).place(hash, record.domain, self.builder.bound);
        self.place = slot.map(|slot| (SHARDS + shard, Place { slot, host }));
    }
}

impl Drop for Adder<'_, '_> {
    fn drop(&mut self) {
        let empty = Pen { place: 0, texts: Texts::default() };
        let none = Tray { pen: empty, buffers: Vec::new(), befores: Vec::new(), parts: Vec::new() };
        lock(&self.builder.trays).push(std::mem::replace(&mut self.tray, none));
        self.builder.after.fetch_add(self.after, Ordering::Relaxed);
        self.builder.outsiders.fetch_add(self.outsiders, Ordering::Relaxed);
    }
}

/// Locks what a thread that failed may have left locked too.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Outsiders {
    /// The place of a domain's evidence, when it is (still) among those that are kept. A place is given once: what is on its
    /// way to one that was given up does no harm there.
    fn place(&mut self, hash: u128, domain: &str, bound: usize) -> Option<u32> {
        if let Some((slot, _)) = self.places.get(&hash) {
            return Some(*slot);
        }
        if self.places.len() >= bound {
            if self.places.last_key_value().is_none_or(|(last, _)| *last < hash) {
                return None;
            }
            self.places.pop_last();
        }
        let slot = self.given;
        self.given += 1;
        self.places.insert(hash, (slot, domain.to_string()));
        Some(slot)
    }
}

#[cfg(test)]
mod tests;
