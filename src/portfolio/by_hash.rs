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

#[derive(Clone, Copy, Debug)]
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
        let many = self.places.len();
        // The hash's first half as a share of the places.
        let mut at = (((hash >> 64) * many as u128) >> 64) as usize;
        while self.places.get(at)?.value.is_some() && self.places[at].hash != hash {
            at = if at + 1 == many { 0 } else { at + 1 };
        }
        Some(at)
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
