//! Builds the inventory from a stream of observations: memory follows the domains of the book, not the scan.
//!
//! Evidence lies in shards, each behind a lock of its own, so that several threads can add to it; what is remembered does
//! not depend on who comes first.
//!
//! Scanned domains outside the book are kept too, as a sample of bounded size: those whose names have the smallest
//! hashes. Which they are does not depend on the order of the scan, and each kept one has all its evidence, since the
//! bound only ever falls (bottom-k sampling; E. Cohen, H. Kaplan, PODC 2007).

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use indexmap::IndexSet;
use rayon::prelude::*;

use super::adder::{Adder, Tray};
use super::evidence::{Question, Shared};
use super::inventory::{Inventory, Outside};
use super::model::Model;
use super::shard::Shard;
use crate::catalogue::{Catalogue, Matcher};
use crate::moment::Moment;
use crate::portfolio::domains::DomainMap;
use crate::scan::observation::Kind;

/// Domains outside the book that are kept.
const OUTSIDE: usize = 50_000;

/// Shards of evidence: what is on its way to all of them stays near the processor.
pub const SHARDS: usize = 128;
/// Shards of the evidence of domains outside the book.
pub const OUTSIDE_SHARDS: usize = 512;

/// Takes observations, from several threads at once.
pub struct InventoryBuilder<'a> {
    pub(super) model: Model<'a>,
    pub(super) matcher: Matcher<'a>,
    pub(super) scope: Option<DomainMap>,
    pub(super) book: Vec<Mutex<Shard>>,
    pub(super) outside: Vec<Mutex<Outsiders>>,
    pub(super) outside_shards: Vec<Mutex<Shard>>,
    /// The greatest hash that each outside shard has room for, its first half: it only ever falls.
    pub(super) farthest: Vec<AtomicU64>,
    /// Most domains of each outside shard.
    pub(super) bound: usize,
    /// Questions that scans asked and the catalogue has no interest in.
    pub(super) others_asked: RwLock<IndexSet<Question>>,
    /// What stands before the registrable domain in hosts; the first is nothing.
    pub(super) hosts: RwLock<IndexSet<Box<str>, foldhash::fast::RandomState>>,
    /// What hands put down that are not at work.
    pub(super) trays: Mutex<Vec<Tray>>,
    pub(super) next_pen: AtomicU64,
    pub(super) after: AtomicU64,
    pub(super) outsiders: AtomicU64,
}

/// Domains outside the book (all, where there is none), those with the smallest hashes.
#[derive(Default)]
pub(super) struct Outsiders {
    places: HashMap<u128, (u32, String), foldhash::fast::RandomState>,
    hashes: BTreeSet<u128>,
    /// Places ever given: evidence may still be on its way to one that was given up.
    given: u32,
}

impl<'a> InventoryBuilder<'a> {
    /// Starts an inventory of the domains of a book (all registrable domains when none) from evidence up to `as_of`.
    pub fn new(catalogue: &'a Catalogue, scope: Option<DomainMap>, as_of: Moment) -> InventoryBuilder<'a> {
        InventoryBuilder {
            model: Model::new(catalogue, as_of),
            matcher: Matcher::new(catalogue),
            bound: if scope.is_some() { OUTSIDE / OUTSIDE_SHARDS } else { usize::MAX },
            scope,
            book: (0..SHARDS).map(|_| Mutex::default()).collect(),
            outside: (0..OUTSIDE_SHARDS).map(|_| Mutex::default()).collect(),
            outside_shards: (0..OUTSIDE_SHARDS).map(|_| Mutex::default()).collect(),
            farthest: (0..OUTSIDE_SHARDS).map(|_| AtomicU64::new(u64::MAX)).collect(),
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
        Adder::new(self, left.unwrap_or_else(|| Tray::new(self.next_pen.fetch_add(1, Ordering::Relaxed) as u16)))
    }

    /// Ends the inventory.
    pub fn finish(self) -> Inventory<'a> {
        let left = std::mem::take(&mut *lock(&self.trays));
        left.into_par_iter().for_each(|tray| Adder::new(&self, tray).flush());
        let shards = self.book.par_iter().chain(&self.outside_shards);
        shards.for_each_init(|| self.adder(), |adder, shard| adder.settle(&mut lock(shard)));
        let open = |shard: Mutex<Shard>| shard.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut trays = std::mem::take(&mut *lock(&self.trays));
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
            book: self.book.into_iter().map(open).collect(),
            outside,
            outside_shards: self.outside_shards.into_iter().map(open).collect(),
            questions,
            after: self.after.into_inner(),
            outsiders: self.outsiders.into_inner(),
        }
    }

    /// The place of the evidence of a domain outside the book with this hash: its shard, and the place there, when it is
    /// among those that are kept.
    pub(super) fn place_outside(&self, hash: u128, domain: &str) -> Option<(usize, u32)> {
        let half = (hash >> 64) as u64;
        let shard = half as usize % OUTSIDE_SHARDS;
        if half > self.farthest[shard].load(Ordering::Relaxed) {
            return None;
        }
        let mut own = lock(&self.outside[shard]);
        if let Some((slot, _)) = own.places.get(&hash) {
            return Some((shard, *slot));
        }
        let slot = own.place(hash, domain, self.bound);
        self.farthest[shard].store(own.farthest(self.bound), Ordering::Relaxed);
        Some((shard, slot?))
    }

    pub(super) fn question(&self, kind: Kind, part: &str) -> u16 {
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

/// Locks what a thread that failed may have left locked too.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Outsiders {
    /// A place for a new domain's evidence, when it is (still) among those that are kept. A place is given once: what is on
    /// its way to one that was given up does no harm there.
    pub(super) fn place(&mut self, hash: u128, domain: &str, bound: usize) -> Option<u32> {
        if self.places.len() >= bound {
            let last = self.hashes.last().copied().filter(|last| *last > hash)?;
            self.hashes.remove(&last);
            self.places.remove(&last);
        }
        let slot = self.given;
        self.given += 1;
        self.hashes.insert(hash);
        self.places.insert(hash, (slot, domain.to_string()));
        Some(slot)
    }

    /// The first half of the greatest hash that there is room for.
    fn farthest(&self, bound: usize) -> u64 {
        let full = self.places.len() >= bound;
        self.hashes.last().filter(|_| full).map_or(u64::MAX, |last| (last >> 64) as u64)
    }
}

#[cfg(test)]
mod tests;
