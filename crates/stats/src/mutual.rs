//! Mutual information between a quantity and membership of one of two matched groups, with a permutation test.
//!
//! The groups are matched: each pair has one member of either group. Under the null hypothesis that a quantity has
//! nothing to do with the group, the two members of any pair may be exchanged, so that every assignment within pairs is
//! equally likely: the test is exact, whatever the distribution of the quantity and its dependence between pairs.

/// Classes of about equal frequency, numbered from 0 to `most − 1`, in the order of `values`. Equal values share a class,
/// that of their mean rank; undefined values (NaN) form the class `most`.
pub fn classes(values: &[f64], most: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).filter(|&k| !values[k].is_nan()).collect();
    order.sort_by(|&a, &b| (values[a] + 0.0).total_cmp(&(values[b] + 0.0)));
    let n = order.len() as f64;
    let (mut out, mut before) = (vec![most; values.len()], 0);
    for equal in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let place = (before as f64 + 0.5 * equal.len() as f64) / n;
        for &k in equal {
            out[k] = ((most as f64 * place) as usize).min(most.saturating_sub(1));
        }
        before += equal.len();
    }
    out
}

/// What a quantity says about the group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shared {
    /// Mutual information of the class and the group, bits: 0 if they are independent in the sample, 1 if the class
    /// decides the group. This is the plug-in estimate: under independence its mean is about
    /// `(classes − 1)/(4 n ln 2)` for `n` pairs, not zero.
    pub bits: f64,
    /// Share of the assignments within pairs with as much information, `(1 + #≥)/(1 + B)`.
    pub p: f64,
    /// The same for the largest information of all quantities tested together: the probability that any of them has as
    /// much by chance (the single-step maximum of Westfall and Young, 1993), which accounts for their number and their
    /// dependence.
    pub p_adjusted: f64,
}

/// `x log₂ x` of the counts from 0 to `most`.
fn entropies(most: usize) -> Vec<f64> {
    (0..=most).map(|k| if k == 0 { 0.0 } else { k as f64 * libm::log2(k as f64) }).collect()
}

/// A quantity by pair: its classes in the two groups.
struct Counts<'a> {
    pairs: &'a [[usize; 2]],
    /// Members of a class in both groups.
    both: Vec<usize>,
    /// Members of a class in the first group, as observed.
    first: Vec<usize>,
}

impl<'a> Counts<'a> {
    fn of(pairs: &'a [[usize; 2]]) -> Counts<'a> {
        let classes = pairs.iter().flatten().max().map_or(0, |c| c + 1);
        let (mut both, mut first) = (vec![0; classes], vec![0; classes]);
        for &[a, b] in pairs {
            both[a] += 1;
            both[b] += 1;
            first[a] += 1;
        }
        Counts { pairs, both, first }
    }

    /// Bits of information, for the members of each class in the first group.
    fn bits(&self, first: &[usize], entropies: &[f64]) -> f64 {
        let of = |(&a, &both): (&usize, &usize)| entropies[a] + entropies[both - a] - entropies[both];
        let sum: f64 = first.iter().zip(&self.both).map(of).sum();
        (1.0 + sum / (2 * self.pairs.len()) as f64).max(0.0)
    }

    /// Members of each class in the first group once the pairs whose bit is set in `exchanged` are exchanged.
    fn exchange(&self, exchanged: &[u64], first: &mut Vec<usize>) {
        first.clone_from(&self.first);
        for (k, &[a, b]) in self.pairs.iter().enumerate() {
            if exchanged[k / 64] >> (k % 64) & 1 == 1 {
                first[a] -= 1;
                first[b] += 1;
            }
        }
    }
}

/// The information of each quantity about the group. A quantity is given by its [`classes`] in the first and in the
/// second group, pair by pair, and all have the same pairs; `words` yields the random words for `permutations`
/// assignments, the same for all quantities. Without pairs every quantity has no information and p values of 1.
///
/// # Panics
/// If quantities have different numbers of pairs.
pub fn matched(quantities: &[Vec<[usize; 2]>], permutations: usize, mut words: impl FnMut() -> u64) -> Vec<Shared> {
    let pairs = quantities.first().map_or(0, Vec::len);
    assert!(quantities.iter().all(|q| q.len() == pairs), "all quantities have the same pairs");
    if pairs == 0 {
        return vec![Shared { bits: 0.0, p: 1.0, p_adjusted: 1.0 }; quantities.len()];
    }
    let entropies = entropies(2 * pairs);
    let all: Vec<Counts<'_>> = quantities.iter().map(|q| Counts::of(q)).collect();
    let bits: Vec<f64> = all.iter().map(|counts| counts.bits(&counts.first, &entropies)).collect();
    // Equal counts in another order of addition count as equal.
    let reaches = |chance: f64, bits: f64| u64::from(chance >= bits - 1e-12);
    let (mut own, mut any) = (vec![1_u64; all.len()], vec![1_u64; all.len()]);
    let (mut exchanged, mut first) = (vec![0_u64; pairs.div_ceil(64)], Vec::new());
    for _ in 0..permutations {
        exchanged.fill_with(&mut words);
        let mut largest = 0.0_f64;
        for (k, counts) in all.iter().enumerate() {
            counts.exchange(&exchanged, &mut first);
            let chance = counts.bits(&first, &entropies);
            own[k] += reaches(chance, bits[k]);
            largest = largest.max(chance);
        }
        for (count, &bits) in any.iter_mut().zip(&bits) {
            *count += reaches(largest, bits);
        }
    }
    let share = |count: u64| count as f64 / (1 + permutations) as f64;
    (0..all.len()).map(|k| Shared { bits: bits[k], p: share(own[k]), p_adjusted: share(any[k]) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `SplitMix64` (Steele, Lea and Flood, 2014).
    fn generator(mut state: u64) -> impl FnMut() -> u64 {
        move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }
    }

    #[test]
    fn classes_have_equal_frequency_and_ties_share_one() {
        assert_eq!(classes(&[4.0, 1.0, 3.0, 2.0], 2), [1, 0, 1, 0]);
        // Three zeros have mean place 1.5/4, which is in the second of four classes; the one is in the last.
        assert_eq!(classes(&[0.0, -0.0, 1.0, 0.0], 4), [1, 1, 3, 1]);
        assert_eq!(classes(&[5.0, f64::NAN, 5.0], 4), [2, 4, 2]);
        assert!(classes(&[], 4).is_empty());
    }

    #[test]
    fn information_of_small_tables() {
        let bits = |pairs: &[[usize; 2]]| matched(&[pairs.to_vec()], 0, || 0)[0].bits;
        // The class decides the group: one bit. The same classes in both groups: none.
        assert_eq!(bits(&[[0, 1]; 4]), 1.0);
        assert_eq!(bits(&[[0, 0], [1, 1]]), 0.0);
        // First group 3 and 1, second 1 and 3: 1 − H(1/4) = 1 − 0.811278.
        let table = [[0, 1], [0, 1], [0, 0], [1, 1]];
        assert!((bits(&table) - 0.188_722).abs() < 1e-6, "{}", bits(&table));
        assert_eq!(matched(&[vec![]], 9, || 0)[0], Shared { bits: 0.0, p: 1.0, p_adjusted: 1.0 });
    }

    #[test]
    fn what_decides_the_group_is_found() {
        let mut word = generator(1);
        let cause = vec![[0, 3]; 40];
        let noise =
            |word: &mut dyn FnMut() -> u64| (0..40).map(|_| [word() as usize % 4, word() as usize % 4]).collect();
        let mut all: Vec<Vec<[usize; 2]>> = (0..30).map(|_| noise(&mut word)).collect();
        all.push(cause);
        let found = matched(&all, 999, generator(2));
        assert_eq!(found[30], Shared { bits: 1.0, p: 0.001, p_adjusted: 0.001 });
        assert!(found[..30].iter().all(|f| f.bits < 0.3 && f.p_adjusted >= f.p), "{found:?}");
        // The same words give the same answer.
        assert_eq!(found, matched(&all, 999, generator(2)));
    }

    #[test]
    fn false_alarms_are_as_frequent_as_stated() {
        // 400 tests of five independent quantities on 24 pairs. Each p value is at most 5% with a probability of at most
        // 5%, and the smallest adjusted one too: of 400, more than 20 + 5 × 4.4 have a probability below 1e-5; of the
        // 2 000 single ones, more than 100 + 5 × 9.8 below 1e-6.
        let mut word = generator(3);
        let (mut single, mut any) = (0, 0);
        for _ in 0..400 {
            let draw =
                |word: &mut dyn FnMut() -> u64| (0..24).map(|_| [word() as usize % 4, word() as usize % 4]).collect();
            let all: Vec<Vec<[usize; 2]>> = (0..5).map(|_| draw(&mut word)).collect();
            let found = matched(&all, 99, &mut word);
            single += found.iter().filter(|f| f.p <= 0.05).count();
            any += usize::from(found.iter().any(|f| f.p_adjusted <= 0.05));
        }
        assert!((20..=149).contains(&single) && (4..=42).contains(&any), "{single} {any}");
    }
}
