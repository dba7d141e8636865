//! Sorting, compiled once. The standard library's is compiled anew for each type that is sorted, some
//! 3 KB of WebAssembly each; here the numbers of the items are sorted, whatever they are.

use core::cmp::Ordering;

/// Sorts `items` by `compare`; equal ones stay in their order.
pub fn sort_by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    for (a, b) in swaps(items.len(), &mut |a, b| compare(&items[a], &items[b])) {
        items.swap(a, b);
    }
}

/// Sorts `items` by what `key` says of each.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], mut key: impl FnMut(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts `items`.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Which places to swap, one pair after the other, so that the items below `count` are ordered by
/// `compare` and then as they were.
fn swaps(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    if (1..count).all(|next| compare(next - 1, next) != Ordering::Greater) {
        return Vec::new();
    }
    let mut from: Vec<usize> = (0..count).collect();
    from.sort_unstable_by(|a, b| compare(*a, *b).then(a.cmp(b)));
    // Where each item goes, from where the item of each place comes from.
    let mut to = vec![0; count];
    for (place, item) in from.into_iter().enumerate() {
        to[item] = place;
    }
    let mut swaps = Vec::new();
    for place in 0..count {
        while to[place] != place {
            let target = to[place];
            swaps.push((place, target));
            to.swap(place, target);
        }
    }
    swaps
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_stable_order(items in proptest::collection::vec((0_u8..9, 0_u8..9), 0..60)) {
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            let mut sorted = items.clone();
            sort_by_key(&mut sorted, |item| item.0);
            prop_assert_eq!(&sorted, &expected);
            expected.sort();
            sort(&mut sorted);
            prop_assert_eq!(sorted, expected);
        }
    }
}
