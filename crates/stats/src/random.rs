//! Reproducible random numbers for resampling, permutations and designs.
//!
//! `SplitMix64` of Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators": a few integer operations,
//! so that a seed gives the same numbers on every machine and with every version of a library. The streams of the
//! engine are above this crate.

/// Odd increment of the state, 2⁶⁴ over the golden ratio.
const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finalizer of `SplitMix64`.
fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A generator.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The generator of a seed and the number of a stream. The streams of a seed start at unrelated places of one cycle
    /// of 2⁶⁴ numbers.
    pub(crate) fn new(seed: u64, stream: u64) -> Random {
        Random(mix(mix(seed.wrapping_add(GAMMA)).wrapping_add(stream.wrapping_add(1).wrapping_mul(GAMMA))))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mix(self.0)
    }

    /// A uniform on (0, 1): the centres of 2⁵² cells.
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.next() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// A whole number from 0 to `n − 1`, each with the same probability (Lemire 2019, "Fast random integer generation in
    /// an interval"). `n` is at least 1.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        let n = n as u64;
        let uneven = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.next()) * u128::from(n);
            if product as u64 >= uneven {
                return (product >> 64) as usize;
            }
        }
    }

    /// Moves a random sample of `count` elements, in random order, to the front (Fisher and Yates).
    pub(crate) fn choose<T>(&mut self, items: &mut [T], count: usize) {
        for k in 0..count.min(items.len().saturating_sub(1)) {
            let other = k + self.below(items.len() - k);
            items.swap(k, other);
        }
    }

    /// Puts the elements in random order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        self.choose(items, items.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_paper() {
        // `SplitMix64` from the state 0, as in the reference implementation of Vigna.
        let mut first = Random(0);
        assert_eq!([first.next(), first.next()], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
        let draws = |seed, stream| Random::new(seed, stream).next();
        assert_ne!(draws(1, 0), draws(1, 1));
        assert_ne!(draws(1, 0), draws(2, 0));
    }

    #[test]
    fn numbers_below_and_orders_are_even() {
        let mut random = Random::new(5, 0);
        let (mut numbers, mut orders) = ([0.0_f64; 6], [0.0_f64; 6]);
        for _ in 0..60_000 {
            numbers[random.below(6)] += 1.0;
            let mut order = [0, 1, 2];
            random.shuffle(&mut order);
            orders[2 * order[0] + usize::from(order[1] > order[2])] += 1.0;
        }
        // n = 60,000: a count of 10,000 has a standard deviation of 91; 12 counts within 5.1: false alarm 4e-6.
        for count in numbers.into_iter().chain(orders) {
            assert!((count - 1e4_f64).abs() < 470.0, "{numbers:?} {orders:?}");
        }
        assert_eq!(random.below(1), 0);
        random.shuffle::<u8>(&mut []);
    }

    #[test]
    fn uniforms_lie_inside() {
        let mut random = Random::new(3, 1);
        let all: Vec<f64> = (0..10_000).map(|_| random.uniform()).collect();
        assert!(all.iter().all(|u| *u > 0.0 && *u < 1.0));
        // The mean has the standard error 1/√(12 n) = 0.0029; 5 of them: false alarm 6e-7.
        assert!((all.iter().sum::<f64>() / 1e4 - 0.5).abs() < 0.0145);
    }
}
