//! Attribution of a difference to several changes by Shapley (1953), "A value for n-person games": the mean effect of a
//! change over all orders in which the changes can be made, so that the parts add up to the whole.
//!
//! A set of changes is a mask: bit `k` is set if change `k` is made. The value of a mask is the result with these
//! changes made.

use std::collections::BTreeMap;

use crate::moments::Moments;
use crate::random::Random;

/// Most changes for which every set is evaluated: 64 sets.
pub const MOST_EXACT: usize = 6;

/// Most changes of which orders can be sampled; a mask has a bit for each.
pub const MOST_SAMPLED: usize = 63;

/// The part of a difference that is due to one change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// The part, in the unit of the values.
    pub value: f64,
    /// Its standard error; NaN if it cannot be estimated.
    pub se: f64,
}

/// Attributes `value(all changes) − value(none)` to `changes` changes, from the values of all `2^changes` sets, each
/// evaluated once in ascending order of its mask.
///
/// # Errors
/// The first error of `value`.
///
/// # Panics
/// If there are more changes than [`MOST_EXACT`].
pub fn exact<E>(changes: usize, value: impl FnMut(u64) -> Result<f64, E>) -> Result<Vec<f64>, E> {
    assert!(changes <= MOST_EXACT, "every set of {changes} changes is evaluated, not of {MOST_EXACT} at most");
    let values = (0..1_u64 << changes).map(value).collect::<Result<Vec<f64>, E>>()?;
    Ok((0..changes).map(|change| mean_effect(changes, change, |mask| values[mask])).collect())
}

/// Attributes the mean difference between the last and the first of `2^m` columns, which are the results of all sets of
/// `m` changes on the same paths, in ascending order of their masks. Returns the number of paths on which every column is
/// defined, which alone are used, and for each change its part with the standard error over them; NaN below one path,
/// respectively two.
///
/// # Panics
/// If the number of columns is not a power of two up to `2^MOST_EXACT`, or they differ in length.
pub fn of_columns(columns: &[&[f64]]) -> (u64, Vec<Part>) {
    let changes = columns.len().trailing_zeros() as usize;
    assert!(columns.len().is_power_of_two() && changes <= MOST_EXACT, "{} columns are no set of sets", columns.len());
    let paths = columns[0].len();
    assert!(columns.iter().all(|column| column.len() == paths), "all columns are on the same paths");
    let defined: Vec<usize> = (0..paths).filter(|path| columns.iter().all(|c| !c[*path].is_nan())).collect();
    let part = |change| {
        let effect = |path: &usize| mean_effect(changes, change, |mask| columns[mask][*path]);
        part(&defined.iter().map(effect).collect::<Vec<f64>>())
    };
    (defined.len() as u64, (0..changes).map(part).collect())
}

fn part(effects: &[f64]) -> Part {
    let moments = Moments::of(effects);
    Part { value: if moments.n == 0 { f64::NAN } else { moments.mean }, se: moments.se() }
}

/// The mean over all orders of the effect of one change: sets `S` of the others count `|S|! (m − |S| − 1)!/m!`.
fn mean_effect(changes: usize, change: usize, value: impl Fn(usize) -> f64) -> f64 {
    let factorial = |n: usize| (1..=n).product::<usize>() as f64;
    let without = (0..1_usize << changes).filter(|mask| mask >> change & 1 == 0);
    without
        .map(|mask| {
            let size = mask.count_ones() as usize;
            let weight = factorial(size) * factorial(changes - size - 1) / factorial(changes);
            weight * (value(mask | 1 << change) - value(mask))
        })
        .sum()
}

/// Attributes `value(all changes) − value(none)` from `pairs` random orders, each with its reverse (Castro, Gómez &
/// Tejada 2009, "Polynomial calculation of the Shapley value based on sampling"; the reverse makes the two effects of a
/// change negatively dependent). The standard error is that over pairs, NaN for one pair; the values themselves are taken
/// as exact. The parts add up to the whole. A set is evaluated only once: at most `2 (changes − 1)` for each pair, and
/// two.
///
/// # Errors
/// The first error of `value`.
///
/// # Panics
/// If there are more changes than [`MOST_SAMPLED`].
pub fn sampled<E>(
    changes: usize,
    pairs: u32,
    seed: u64,
    mut value: impl FnMut(u64) -> Result<f64, E>,
) -> Result<Vec<Part>, E> {
    assert!(changes <= MOST_SAMPLED, "orders of {changes} changes are sampled, not of {MOST_SAMPLED} at most");
    let mut known = BTreeMap::new();
    let mut effects = vec![Vec::with_capacity(pairs as usize); changes];
    let mut order: Vec<usize> = (0..changes).collect();
    let mut random = Random::new(seed, 0);
    for _ in 0..pairs {
        random.shuffle(&mut order);
        for of_change in &mut effects {
            of_change.push(0.0);
        }
        for _ in 0..2 {
            let mut mask = 0;
            let mut before = remembered(&mut known, mask, &mut value)?;
            for &change in &order {
                mask |= 1 << change;
                let after = remembered(&mut known, mask, &mut value)?;
                if let Some(mean) = effects[change].last_mut() {
                    *mean += 0.5 * (after - before);
                }
                before = after;
            }
            order.reverse();
        }
    }
    Ok(effects.iter().map(|of_change| part(of_change)).collect())
}

fn remembered<E>(
    known: &mut BTreeMap<u64, f64>,
    mask: u64,
    value: &mut impl FnMut(u64) -> Result<f64, E>,
) -> Result<f64, E> {
    if let Some(seen) = known.get(&mask) {
        return Ok(*seen);
    }
    let new = value(mask)?;
    known.insert(mask, new);
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::convert::Infallible;

    fn all(changes: usize, value: impl Fn(u64) -> f64) -> Vec<f64> {
        exact(changes, |mask| Ok::<_, Infallible>(value(mask))).unwrap()
    }

    #[test]
    fn gloves() {
        // One left glove and two right ones; a pair is worth 1. The left one is there for 4 of the 6 orders' pairs.
        let gloves = |mask: u64| if mask & 1 == 1 && mask & 6 != 0 { 1.0 } else { 0.0 };
        for (found, part) in all(3, gloves).into_iter().zip([2.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0]) {
            assert!((found - part).abs() < 1e-15);
        }
        assert!(all(0, |_| 5.0).is_empty());
        assert_eq!(all(1, |mask| 3.0 * mask as f64), [3.0]);
    }

    #[test]
    fn the_first_error_is_returned_and_a_set_is_evaluated_once() {
        assert_eq!(exact(3, |mask| if mask == 5 { Err(mask) } else { Ok(0.0) }), Err(5));
        assert_eq!(sampled(3, 2, 0, |mask| if mask == 7 { Err(mask) } else { Ok(0.0) }), Err(7));
        let mut seen = Vec::new();
        sampled(4, 50, 0, |mask| {
            seen.push(mask);
            Ok::<_, Infallible>(0.0)
        })
        .unwrap();
        seen.sort_unstable();
        assert_eq!(seen, (0..16).collect::<Vec<u64>>());
    }

    #[test]
    fn columns_give_the_parts_of_their_means() {
        let columns: Vec<Vec<f64>> = (0..8)
            .map(|mask| (0..50).map(|path| f64::from(mask * mask * 7 + path * (mask + 3) % 11)).collect())
            .collect();
        let mut views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let mean = |mask: u64| Moments::of(&columns[mask as usize]).mean;
        let (n, parts) = of_columns(&views);
        assert_eq!(n, 50);
        for (part, value) in parts.iter().zip(all(3, mean)) {
            assert!((part.value - value).abs() < 1e-12 && part.se > 0.0, "{parts:?}");
        }
        // Without change 2, its part is zero on every path.
        let same: Vec<&[f64]> = (0..8).map(|mask| views[mask & 3]).collect();
        assert_eq!(of_columns(&same).1[2], Part { value: 0.0, se: 0.0 });
        let with_gap = [vec![f64::NAN], columns[6][1..].to_vec()].concat();
        views[6] = &with_gap;
        assert_eq!(of_columns(&views).0, 49);
        let (n, none) = of_columns(&[&[][..], &[][..]]);
        assert!(n == 0 && none[0].value.is_nan());
    }

    #[test]
    fn samples_find_the_exact_parts_within_their_errors() {
        let value = |mask: u64| (0..6).map(|k| ((mask >> k & 1) * (k + 1)) as f64).sum::<f64>().powi(3);
        let whole = all(6, value);
        let found = sampled(6, 400, 9, |mask| Ok::<_, Infallible>(value(mask))).unwrap();
        for (part, exact) in found.iter().zip(&whole) {
            // Six parts within 4.5 standard errors: false alarm 4e-5.
            assert!((part.value - exact).abs() < 4.5 * part.se && part.se < 0.05 * exact, "{part:?} {exact}");
        }
        // Two changes whose effects add up are exact after one pair.
        let sum = sampled(2, 1, 0, |mask| Ok::<_, Infallible>(mask as f64)).unwrap();
        assert!(sum[0].value == 1.0 && sum[1].value == 2.0 && sum[0].se.is_nan());
        assert!(sampled(2, 0, 0, |_| Ok::<_, Infallible>(0.0)).unwrap()[0].value.is_nan());
    }

    proptest! {
        #[test]
        fn parts_add_up_and_idle_changes_have_none(values in proptest::collection::vec(-1e3..1e3_f64, 16), seed: u64) {
            // Change 4 does nothing.
            let value = |mask: u64| values[(mask & 15) as usize];
            let parts = all(5, value);
            prop_assert!((parts.iter().sum::<f64>() - (values[15] - values[0])).abs() < 1e-9);
            prop_assert_eq!(parts[4], 0.0);
            let parts = sampled(5, 3, seed, |mask| Ok::<_, Infallible>(value(mask))).unwrap();
            prop_assert!((parts.iter().map(|p| p.value).sum::<f64>() - (values[15] - values[0])).abs() < 1e-9);
            prop_assert_eq!(parts[4], Part { value: 0.0, se: 0.0 });
        }
    }
}
