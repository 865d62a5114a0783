//! Mutual information of a variable and an event, in bits: how much knowing the class of the variable says about whether
//! the event occurs (Cover & Thomas 2006, "Elements of information theory", §2.3).

use super::groups::Classes;
use crate::random::Random;

/// Mutual information of one variable with an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Information {
    /// Number of paths.
    pub n: u64,
    /// Those with the event.
    pub events: u64,
    /// Classes of the variable.
    pub classes: usize,
    /// Mutual information of the class and the event, bits. Biased upwards, see the next.
    pub bits: f64,
    /// Its mean over random orders of the event, which have no information: the bias where there is little dependence.
    pub bits_by_chance: f64,
    /// Entropy of the event, bits: the most that any variable can tell.
    pub entropy: f64,
    /// `(1 + orders with at least these bits)/(1 + orders)`: the p value of a permutation test of independence.
    pub p_value: f64,
}

/// Information of a variable, cut at quantiles into at most `classes` classes of about equal size, about an event on the
/// same paths, with `permutations` random orders for the test. Equal values stay together; NaN is a class of its own.
/// `None` if there are no paths, `classes` is 0, or the event occurs on all of them or none: then there is nothing to
/// tell.
///
/// Takes time `permutations × events`, or those without if they are fewer.
///
/// # Panics
/// If the columns differ in length.
pub fn information(
    variable: &[f64],
    event: &[bool],
    classes: usize,
    permutations: u32,
    seed: u64,
) -> Option<Information> {
    assert_eq!(variable.len(), event.len(), "both columns are on the same paths");
    let (n, events) = (event.len(), event.iter().filter(|event| **event).count());
    if events == 0 || events == n || classes == 0 {
        return None;
    }
    let mut of = Classes::of(variable, classes);
    let mut sizes = vec![0; of.count];
    of.of_row.iter().for_each(|class| sizes[*class as usize] += 1);
    // Counting the rarer of the event and its absence gives the same information.
    let rare = events <= n - events;
    let mut hits = vec![0; of.count];
    of.of_row.iter().zip(event).filter(|(_, e)| **e == rare).for_each(|(class, _)| hits[*class as usize] += 1);
    let bits = mutual(&hits, &sizes);
    let (count, mut sum, mut as_large) = (events.min(n - events), 0.0, 0);
    let mut random = Random::new(seed, 0);
    for _ in 0..permutations {
        random.choose(&mut of.of_row, count);
        hits.fill(0);
        of.of_row[..count].iter().for_each(|class| hits[*class as usize] += 1);
        let by_chance = mutual(&hits, &sizes);
        sum += by_chance;
        // Equal counts in other classes may differ in the last digits.
        as_large += u32::from(by_chance >= bits - 1e-12);
    }
    Some(Information {
        n: n as u64,
        events: events as u64,
        classes: of.count,
        bits,
        bits_by_chance: sum / f64::from(permutations),
        entropy: mutual(&[count, 0], &[count, n - count]),
        p_value: (1.0 + f64::from(as_large)) / (1.0 + f64::from(permutations)),
    })
}

/// Mutual information of a class and an event from the events and the size of each class, bits; not below zero.
fn mutual(events: &[usize], sizes: &[usize]) -> f64 {
    let (n, k) = (sizes.iter().sum::<usize>() as f64, events.iter().sum::<usize>() as f64);
    let cell = |count: f64, expected: f64| if count == 0.0 { 0.0 } else { count * libm::log2(count / expected) };
    let of_class = |(events, size): (&usize, &usize)| {
        let (events, size) = (*events as f64, *size as f64);
        cell(events, size * k / n) + cell(size - events, size * (n - k) / n)
    };
    (events.iter().zip(sizes).map(of_class).sum::<f64>() / n).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_by_hand() {
        // Events in 3 of 4 and 1 of 4: 1 bit less the entropy of a quarter, 0.811278.
        let variable = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
        let event = [true, true, true, false, false, false, false, true];
        let found = information(&variable, &event, 10, 1000, 1).unwrap();
        assert!((found.bits - (1.0 - 0.811_278_124_459)).abs() < 1e-9 && found.entropy == 1.0, "{found:?}");
        assert_eq!((found.n, found.events, found.classes), (8, 4, 2));
        // Of C(8, 4) = 70 orders, 16 + 16 have 3 and 1, and 2 have 4 and 0: 34/70. Standard error of 1000: 0.016, 4.4 of
        // them have a false alarm of 1e-5; likewise for the mean.
        assert!((found.p_value - 34.0 / 70.0).abs() < 0.07, "{found:?}");
        let by_chance = (32.0 * (1.0 - 0.811_278_124_459) + 2.0) / 70.0;
        assert!((found.bits_by_chance - by_chance).abs() < 0.025, "{found:?} {by_chance}");
        // The absence of the event has the same information.
        let absent = information(&variable, &event.map(|e| !e), 10, 10, 1).unwrap();
        assert!((absent.bits - found.bits).abs() < 1e-15);
    }

    #[test]
    fn undefined_values_are_a_class() {
        let variable: Vec<f64> = (0..100).map(|i| if i % 4 == 0 { f64::NAN } else { f64::from(i) }).collect();
        let event: Vec<bool> = (0..100).map(|i| i % 4 == 0).collect();
        let found = information(&variable, &event, 5, 99, 1).unwrap();
        assert_eq!((found.classes, found.p_value), (6, 0.01));
        assert!((found.bits - found.entropy).abs() < 1e-12);
        assert!((found.entropy - 0.811_278_124_459).abs() < 1e-9);
    }

    #[test]
    fn nothing_to_tell() {
        assert_eq!(information(&[], &[], 5, 10, 1), None);
        assert_eq!(information(&[1.0, 2.0], &[true, true], 5, 10, 1), None);
        assert_eq!(information(&[1.0, 2.0], &[false, false], 5, 10, 1), None);
        assert_eq!(information(&[1.0, 2.0], &[false, true], 0, 10, 1), None);
        let constant = information(&[7.0; 4], &[true, false, false, false], 5, 10, 1).unwrap();
        assert_eq!((constant.classes, constant.bits, constant.p_value), (1, 0.0, 1.0));
    }

    /// The p value of an independent variable is uniform: at most 10% in 10% of 500 samples, standard error 1.3 points;
    /// 4.5 of them have a false alarm of 7e-6.
    #[test]
    fn the_test_keeps_its_level() {
        let mut rejected = 0;
        for seed in 0..500 {
            let mut random = Random::new(seed, 1);
            let variable: Vec<f64> = (0..200).map(|_| random.uniform()).collect();
            let event: Vec<bool> = (0..200).map(|_| random.uniform() < 0.2).collect();
            let found = information(&variable, &event, 8, 99, seed).unwrap();
            rejected += u32::from(found.p_value <= 0.1);
        }
        assert!((20..=80).contains(&rejected), "{rejected}");
    }
}
