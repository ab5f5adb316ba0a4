//! What is known of a book's names, by a hash of 128 bits: no two names of a book have the same.
//!
//! A scan asks for its names in an order of its own, and a large book's table is far from the processor. Each answer lies
//! where its search begins, or right after, so that one line of memory is waited for (open addressing with linear probing:
//! D. E. Knuth, *The Art of Computer Programming* 3, section 6.4, algorithm L).

/// Values by hash; none is ever removed.
#[derive(Clone, Debug)]
pub struct ByHash<T> {
    places: Vec<Place<T>>,
    held: usize,
}

/// Of 32 bytes for small values, none of them across two lines of memory.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct Place<T> {
    hash: u128,
    value: Option<T>,
}

impl<T> Default for ByHash<T> {
    fn default() -> ByHash<T> {
        ByHash { places: Vec::new(), held: 0 }
    }
}

impl<T: Copy> ByHash<T> {
    /// Room for this many: a third of the places stays free.
    pub fn with_room(many: usize) -> ByHash<T> {
        ByHash { places: vec![Place { hash: 0, value: None }; many + many / 2 + 1], held: 0 }
    }

    /// The value of a hash.
    #[inline]
    pub fn get(&self, hash: u128) -> Option<&T> {
        self.places.get(self.place(hash)?).and_then(|place| place.value.as_ref())
    }

    /// Brings near what will be asked for: all of it is waited for at once, not one after the other.
    pub fn fetch(&self, hashes: impl Iterator<Item = u128>) {
        let held = hashes.filter_map(|hash| self.places.get(self.start(hash))).map(|place| place.hash as u8);
        std::hint::black_box(held.fold(0, u8::wrapping_add));
    }

    /// The value of a hash, to be changed.
    pub fn get_mut(&mut self, hash: u128) -> Option<&mut T> {
        let at = self.place(hash)?;
        self.places[at].value.as_mut()
    }

    /// The value of a hash, which is this one where there was none.
    pub fn or_insert(&mut self, hash: u128, value: T) -> &mut T {
        // One place at least stays free: there the search for what is not held ends.
        if self.places.len() <= self.held + self.held / 2 + 1 {
            self.grow();
        }
        let at = self.place(hash).unwrap_or(0);
        let place = &mut self.places[at];
        self.held += usize::from(place.value.is_none());
        place.hash = hash;
        place.value.get_or_insert(value)
    }

    /// The place of a hash: its own, or the free one where it would be put.
    #[inline]
    fn place(&self, hash: u128) -> Option<usize> {
        let (many, mut at) = (self.places.len(), self.start(hash));
        while self.places.get(at)?.value.is_some() && self.places[at].hash != hash {
            at = if at + 1 == many { 0 } else { at + 1 };
        }
        Some(at)
    }

    /// Where the search for a hash begins: its first half as a share of the places.
    #[inline]
    fn start(&self, hash: u128) -> usize {
        (((hash >> 64) * self.places.len() as u128) >> 64) as usize
    }

    fn grow(&mut self) {
        let larger = ByHash::with_room((2 * self.held).max(16));
        let old = std::mem::replace(self, larger);
        for place in old.places {
            if let Some(value) = place.value {
                self.or_insert(place.hash, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_down_is_found_and_nothing_else() {
        let hash = |n: u128| n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        for room in [0, 10, 5_000] {
            let mut table = ByHash::with_room(room);
            table.fetch((0..10).map(hash));
            (0..3_000).for_each(|n| assert_eq!(*table.or_insert(hash(n), n), n));
            (0..3_000).for_each(|n| assert_eq!(*table.or_insert(hash(n), 0), n, "the first stays"));
            *table.get_mut(hash(7)).unwrap() = 70;
            for n in 0..6_000 {
                let held = if n == 7 { Some(70) } else { (n < 3_000).then_some(n) };
                assert_eq!(table.get(hash(n)).copied(), held, "{n} with room for {room}");
            }
        }
        assert_eq!(ByHash::<u8>::default().get(1), None);
    }

    #[test]
    fn hashes_that_begin_at_the_last_place_go_on_at_the_first() {
        let mut table = ByHash::with_room(4);
        (0..4).for_each(|n| _ = table.or_insert(u128::MAX - n, n));
        (0..4).for_each(|n| assert_eq!(table.get(u128::MAX - n), Some(&n)));
        assert_eq!(table.get(u128::MAX - 4), None);
    }
}
