//! Things by key. A tree holds their numbers: it is compiled once for each kind of key, whatever is
//! kept under it.

use std::collections::BTreeMap;

/// Things by key.
#[derive(Clone, Debug)]
pub struct Index<K, T> {
    numbers: BTreeMap<K, usize>,
    things: Vec<T>,
}

impl<K, T> Default for Index<K, T> {
    fn default() -> Self {
        Index { numbers: BTreeMap::new(), things: Vec::new() }
    }
}

impl<K: Ord, T> Index<K, T> {
    /// What is kept under a key.
    pub fn get(&self, key: &K) -> Option<&T> {
        self.numbers.get(key).and_then(|number| self.things.get(*number))
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut T> {
        self.numbers.get(key).and_then(|number| self.things.get_mut(*number))
    }

    /// Whether something is kept under a key.
    pub fn has(&self, key: &K) -> bool {
        self.numbers.contains_key(key)
    }

    /// Keeps a thing, in place of what was kept under this key; tells whether the key is new.
    pub fn insert(&mut self, key: K, thing: T) -> bool {
        if let Some(known) = self.get_mut(&key) {
            *known = thing;
            return false;
        }
        self.numbers.insert(key, self.things.len());
        self.things.push(thing);
        true
    }
}
