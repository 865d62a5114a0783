//! Cached results for repeated queries, such as those of the variants of a scenario.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Number of cached results at which the cache is cleared.
const MOST: usize = 256;

/// Cache of a pure and costly function. Keys are the bits of its arguments, so that a cached result is the one that the
/// function would return.
pub(super) struct Memo<const N: usize, V>(Mutex<BTreeMap<[u64; N], V>>);

impl<const N: usize, V: Clone> Memo<N, V> {
    pub(super) const fn new() -> Memo<N, V> {
        Memo(Mutex::new(BTreeMap::new()))
    }

    /// The result for these arguments. It is computed without holding the lock, so two threads may both compute it.
    pub(super) fn get(&self, key: [f64; N], answer: impl FnOnce() -> V) -> V {
        let key = key.map(f64::to_bits);
        if let Some(known) = self.lock().get(&key) {
            return known.clone();
        }
        let answer = answer();
        let mut kept = self.lock();
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(key, answer.clone());
        answer
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<[u64; N], V>> {
        // A thread that panicked leaves nothing half-written: a result is inserted as a whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_once_and_forgets_when_full() {
        let memo: Memo<1, f64> = Memo::new();
        let mut asked = 0;
        for _ in 0..3 {
            let mut half = || {
                asked += 1;
                0.5
            };
            assert_eq!(memo.get([1.0], &mut half), 0.5);
        }
        assert_eq!(asked, 1);
        for n in 0..2 * MOST {
            assert_eq!(memo.get([n as f64 + 2.0], || n as f64), n as f64);
            assert!(memo.lock().len() <= MOST);
        }
    }
}
