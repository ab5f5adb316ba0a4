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

use super::evidence::{Pen, Place, Question, Shard, Shared, Texts, part};
use super::inventory::{Inventory, Outside};
use super::likelihood::Values;
use super::model::Model;
use crate::catalogue::{Catalogue, Matcher, SignalId};
use crate::moment::Moment;
use crate::portfolio::domains::{DomainMap, served_by};
use crate::scan::Sink;
use crate::scan::observation::{Kind, ObservationRef, Status};

/// Domains outside the book that are kept.
const OUTSIDE: usize = 50_000;

/// Shards of evidence.
pub const SHARDS: usize = 1024;

/// Takes observations, from several threads at once.
pub struct InventoryBuilder<'a> {
    model: Model<'a>,
    matcher: Matcher<'a>,
    scope: Option<DomainMap>,
    book: Vec<Mutex<Shard>>,
    outside: Vec<Mutex<OutsideShard>>,
    /// Most domains of each outside shard.
    bound: usize,
    /// Questions that scans asked and the catalogue has no interest in.
    others_asked: RwLock<IndexSet<Question>>,
    /// What stands before the registrable domain in hosts; the first is nothing.
    hosts: RwLock<IndexSet<Box<str>, foldhash::fast::RandomState>>,
    /// Texts that no hand holds, by their place.
    pens: Mutex<Vec<(u16, Texts)>>,
    next_pen: AtomicU64,
    after: AtomicU64,
    outsiders: AtomicU64,
}

/// Domains outside the book (all, where there is none), those with the smallest hashes.
#[derive(Default)]
struct OutsideShard {
    places: BTreeMap<u128, (u32, String)>,
    shard: Shard,
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
            others_asked: RwLock::default(),
            hosts: RwLock::new(std::iter::once("".into()).collect()),
            pens: Mutex::default(),
            next_pen: AtomicU64::new(0),
            after: AtomicU64::new(0),
            outsiders: AtomicU64::new(0),
        }
    }

    /// A hand that adds observations; each thread has its own, and no two on one thread at the same time.
    pub fn adder(&self) -> Adder<'_, 'a> {
        let free = lock(&self.pens).pop();
        let (place, texts) =
            free.unwrap_or_else(|| (self.next_pen.fetch_add(1, Ordering::Relaxed) as u16, Texts::default()));
        Adder {
            builder: self,
            pen: Pen { place, texts },
            befores: Vec::new(),
            host: String::new(),
            held: Held::Nothing,
            own: [false; 2],
            signals: Vec::new(),
            parts: Vec::new(),
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
        let mut pens = self.pens.into_inner().unwrap_or_else(PoisonError::into_inner);
        pens.sort_by_key(|(place, _)| *place);
        let shared = Shared {
            hosts: self.hosts.into_inner().unwrap_or_else(PoisonError::into_inner),
            texts: pens.into_iter().map(|(_, texts)| texts).collect(),
        };
        let (mut outside, mut shards) = (Vec::new(), Vec::new());
        for (at, own) in self.outside.into_iter().enumerate() {
            let mut own = own.into_inner().unwrap_or_else(PoisonError::into_inner);
            own.shard.settle();
            outside.extend(own.places.into_values().map(|(slot, name)| Outside { name, shard: at as u32, slot }));
            shards.push(own.shard);
        }
        outside.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        let mut questions = self.model.questions.clone();
        questions.extend(self.others_asked.into_inner().unwrap_or_else(PoisonError::into_inner));
        Inventory {
            central: self.model.products.iter().map(Values::central).collect(),
            model: self.model,
            has_book: self.scope.is_some(),
            domains: self.scope.unwrap_or_default(),
            shared,
            book: self.book.into_par_iter().map(open).collect(),
            outside,
            outside_shards: shards,
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

/// The shard that the last host belongs to, its lock held: records of one host mostly come together.
enum Held<'b> {
    Nothing,
    Book(MutexGuard<'b, Shard>, Place),
    Outside(MutexGuard<'b, OutsideShard>, Place),
}

/// Adds observations to an inventory.
pub struct Adder<'b, 'a> {
    builder: &'b InventoryBuilder<'a>,
    pen: Pen,
    /// Beginnings of hosts met before, with their places, the last first.
    befores: Vec<(String, u32)>,
    host: String,
    held: Held<'b>,
    /// Whether the host speaks for the domain: whatever it answers, and where it has the record.
    own: [bool; 2],
    signals: Vec<SignalId>,
    /// Parts of questions met before, the last first.
    parts: Vec<(Kind, String, u16)>,
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
        if let Some((.., at)) = self.parts.iter().find(|(kind, own, _)| *kind == record.kind && own == part) {
            return *at;
        }
        let at = self.builder.question(record.kind, part);
        self.parts.truncate(REMEMBERED - 1);
        self.parts.insert(0, (record.kind, part.to_string(), at));
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
        let question = self.question(record);
        let in_book = matches!(self.held, Held::Book(..)) || self.builder.scope.is_none();
        self.outsiders += u64::from(!in_book);
        let (shard, place) = match &mut self.held {
            Held::Nothing => return,
            Held::Book(shard, place) => (&mut **shard, *place),
            Held::Outside(outside, place) => (&mut outside.shard, *place),
        };
        self.signals.clear();
        if record.status == Status::Found {
            self.builder.matcher.each(record.kind, record.key, record.value, |signal| self.signals.push(signal));
        }
        let own = self.own[0] || self.own[1] && record.status == Status::Found;
        shard.note(place, question, own, record, &self.signals, &mut self.pen);
    }

    /// The place of what stands before the registrable domain of a record's host.
    fn host_of(&mut self, record: &ObservationRef) -> u32 {
        let before = record.host.strip_suffix(record.domain).and_then(|head| head.strip_suffix('.')).unwrap_or("");
        if before.is_empty() {
            return 0;
        }
        if let Some((_, at)) = self.befores.iter().find(|(own, _)| own == before) {
            return *at;
        }
        let known = self.builder.hosts.read().unwrap_or_else(PoisonError::into_inner).get_index_of(before);
        let new = || self.builder.hosts.write().unwrap_or_else(PoisonError::into_inner).insert_full(before.into()).0;
        let at = known.unwrap_or_else(new) as u32;
        self.befores.truncate(REMEMBERED - 1);
        self.befores.insert(0, (before.to_string(), at));
        at
    }

    /// Finds the domain of another host.
    fn turn_to(&mut self, record: &ObservationRef) {
        self.held = Held::Nothing;
        self.host.clear();
        self.host.push_str(record.host);
        let named = served_by(record.host).unwrap_or(record.host);
        self.own = [named == record.domain, false];
        if let Some(scope) = &self.builder.scope {
            if let Some(at) = scope.find(record.host, record.domain) {
                // A listed host below its domain that has such a record is a domain for mail itself; that it has none says
                // nothing (shops and portals have none).
                let domain = scope.domains()[at as usize].as_str();
                self.own = [named == domain, named != record.domain && scope.lists(named)];
                let place = Place { slot: at / SHARDS as u32, host: self.host_of(record) };
                self.held = Held::Book(lock(&self.builder.book[at as usize % SHARDS]), place);
                return;
            }
            // A host under a domain of the book that is not the insured's: no row could tell whose it is.
            if scope.lists(record.domain) {
                return;
            }
        }
        let (hash, host) = (xxh3_128(record.domain.as_bytes()), self.host_of(record));
        let mut outside = lock(&self.builder.outside[(hash >> 64) as usize % SHARDS]);
        if let Some(slot) = outside.place(hash, record.domain, self.builder.bound) {
            self.held = Held::Outside(outside, Place { slot, host });
        }
    }
}

impl Drop for Adder<'_, '_> {
    fn drop(&mut self) {
        let texts = std::mem::take(&mut self.pen.texts);
        lock(&self.builder.pens).push((self.pen.place, texts));
        self.builder.after.fetch_add(self.after, Ordering::Relaxed);
        self.builder.outsiders.fetch_add(self.outsiders, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl OutsideShard {
    /// The place of a domain's evidence, when it is (still) among those that are kept.
    fn place(&mut self, hash: u128, domain: &str, bound: usize) -> Option<u32> {
        if let Some((slot, _)) = self.places.get(&hash) {
            return Some(*slot);
        }
        let mut slot = self.places.len() as u32;
        if self.places.len() >= bound {
            if self.places.last_key_value().is_none_or(|(last, _)| *last < hash) {
                return None;
            }
            let (_, (freed, _)) = self.places.pop_last()?;
            self.shard.forget(freed);
            slot = freed;
        }
        self.places.insert(hash, (slot, domain.to_string()));
        Some(slot)
    }
}
