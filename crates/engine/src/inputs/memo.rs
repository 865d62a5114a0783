//! Cached results for repeated queries, as made by the variants of a scenario.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Answers are forgotten when there are so many.
const MOST: usize = 256;

/// What a pure and costly function answered. Keys are the bits of its arguments, so that an answer is the one it would give.
pub(super) struct Memo<const N: usize, V>(Mutex<BTreeMap<[u64; N], V>>);

impl<const N: usize, V: Clone> Memo<N, V> {
    pub(super) const fn new() -> Memo<N, V> {
        Memo(Mutex::new(BTreeMap::new()))
    }

    /// The answer for these arguments. It is worked out without the lock, so two threads may both do it.
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
        // A thread that panicked leaves nothing half-written: an answer is put in as a whole.
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
