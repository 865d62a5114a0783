use super::*;
use crate::quantile::quantile;
use crate::special::normal_quantile;
use proptest::prelude::*;

const QS: [f64; 11] = [0.0, 0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 1.0];

/// A column filled block by block.
struct Column {
    counts: Vec<u32>,
    grid: Grid,
    extremes: Extremes,
}

impl Column {
    fn of(values: &[f64], grid: Grid) -> Column {
        let mut column = Column { counts: vec![0; SLOTS], grid, extremes: Extremes::default() };
        for chunk in values.chunks(LANES) {
            let (mut block, mut slots) = ([f64::NAN; LANES], [0; LANES]);
            block[..chunk.len()].copy_from_slice(chunk);
            let sums = keys(&block, chunk.len(), &Moments::default(), grid, &mut slots);
            add(&slots, chunk.len(), column.counts.first_chunk_mut().unwrap());
            column.extremes = column.extremes.merge(sums.1);
        }
        column
    }
    fn read(&self) -> Histogram<'_> {
        Histogram::new(self.counts.first_chunk().unwrap(), self.grid, self.extremes)
    }
}

/// Uniforms in (0, 1): a Weyl sequence, well spread but in no order.
fn uniforms(n: u32) -> impl Iterator<Item = f64> {
    (1..=n).map(|i| (f64::from(i) * 0.618_033_988_749_894_9).fract())
}

fn type7(values: &[f64], q: f64) -> f64 {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    quantile(&sorted, q)
}

#[test]
fn quantiles_of_dense_samples() {
    let n = 50_000;
    let lognormal: Vec<f64> = uniforms(n).map(|u| 1e9 * libm::exp(1.2 * normal_quantile(u))).collect();
    let normal: Vec<f64> = uniforms(n).map(|u| 3e9 * normal_quantile(u) - 1e9).collect();
    let unit = f64::from(1u32 << 20);
    for values in [lognormal, normal] {
        let column = Column::of(&values, Grid::new(unit));
        let h = column.read();
        assert_eq!(
            (h.n(), h.undefined(), h.saturated(), h.exactly(0.0), h.exactly(1.0)),
            (u64::from(n), 0, 0, Some(0), None)
        );
        for q in QS {
            let (a, b) = (h.quantile(q), type7(&values, q));
            // The bound everywhere; a tenth of a bin where bins are full. The extremes are exact.
            let bound = (b.abs() + unit) / 64.0 * if (0.01..=0.99).contains(&q) { 0.1 } else { 1.0 };
            let bound = if q == 0.0 || q == 1.0 { 0.0 } else { bound };
            assert!((a - b).abs() <= bound, "{q}: {a} instead of {b}");
            let share = values.iter().filter(|x| **x < b).count() as f64 / f64::from(n);
            assert!((h.share_below(b) - share).abs() < 1e-3);
        }
    }
}

/// Two hundred levels of a few values, which share ranks: each quantile is the one asked for alone.
#[test]
fn levels_may_lie_closer_together_than_values() {
    let levels: Vec<f64> = (0..200).map(|i| (f64::from(i) + 0.5) / 200.0).collect();
    for n in [1, 2, 3, 17, 64, 199] {
        let values: Vec<f64> = uniforms(n).map(|u| 1e9 * (u - 0.3)).collect();
        let column = Column::of(&values, Grid::new(f64::from(1u32 << 20)));
        let together = column.read().quantiles(&levels);
        for (q, (found, _)) in levels.iter().zip(together) {
            let alone = column.read().quantile(*q);
            assert!((found - alone).abs() <= 1e-12 * alone.abs(), "{n} values at {q}: {found} instead of {alone}");
        }
    }
}

#[test]
fn atoms_are_exact() {
    // 30% zeros, 25% ones, the rest spread over (−0.5, 0.5) and (0.2, 1): shares with piles at the ends.
    let values: Vec<f64> = uniforms(20_000)
        .map(|u| match u {
            u if u < 0.3 => 0.0,
            u if u < 0.55 => 1.0,
            u if u < 0.75 => (u - 0.65) * 5.0,
            u => 0.2 + (u - 0.75) * 3.2,
        })
        .collect();
    for unit in [1.0 / 64.0, 2f64.powi(-20)] {
        let column = Column::of(&values, Grid::new(unit).with_atoms(&[1.0]));
        let h = column.read();
        let count = |f: &dyn Fn(f64) -> bool| values.iter().filter(|x| f(**x)).count() as u64;
        assert_eq!((h.exactly(0.0), h.exactly(1.0)), (Some(count(&|x| x == 0.0)), Some(count(&|x| x == 1.0))));
        let share = |n: u64| n as f64 / h.n() as f64;
        assert!((h.share_below(0.0) - share(count(&|x| x < 0.0))).abs() < 1e-15);
        assert!((h.share_at_most(0.0) - share(count(&|x| x <= 0.0))).abs() < 1e-15);
        assert!((h.share_below(1.0) - share(count(&|x| x < 1.0))).abs() < 1e-15);
        assert_eq!((h.share_at_most(1.0), h.share_below(-3.0), h.share_below(3.0)), (1.0, 0.0, 1.0));
        for q in [0.1, 0.2, 0.35, 0.5, 0.7, 0.76, 0.9, 0.99] {
            let (a, b) = (h.quantile(q), type7(&values, q));
            assert!(if b == 0.0 || b == 1.0 { a == b } else { (a - b).abs() < 1e-3 }, "{q}: {a} instead of {b}");
        }
    }
    // An atom inside a bin, with neighbours on both sides of it.
    let around = [0.999_999, 1.0, 1.0, 1.0, 1.000_001];
    let column = Column::of(&around, Grid::new(2f64.powi(-10)).with_atoms(&[1.0]));
    assert_eq!([0.0, 0.25, 0.5, 0.75, 1.0].map(|q| column.read().quantile(q)), around);
    let without = Column::of(&around, Grid::new(2f64.powi(-10)));
    assert_eq!((without.read().exactly(1.0), without.read().n()), (None, 5));
}

#[test]
fn edges() {
    let grid = Grid::new(1.0);
    let empty = Column::of(&[f64::NAN; 3], grid);
    assert!(empty.read().quantile(0.5).is_nan() && empty.read().share_below(0.0).is_nan());
    assert_eq!((empty.read().n(), empty.read().undefined()), (0, 3));
    let one = Column::of(&[-7.25], grid);
    assert_eq!(QS.map(|q| one.read().quantile(q)), [-7.25; 11]);
    assert_eq!((one.read().share_below(-7.25), one.read().share_at_most(-7.25)), (0.0, 1.0));
    let zeros = Column::of(&[0.0, -0.0, 0.0], grid);
    assert_eq!((zeros.read().exactly(0.0), zeros.read().quantile(0.4)), (Some(3), 0.0));
    // 2³² − 1 is beyond the last bin, as are infinities; half of it is not.
    let wide = Column::of(&[-1e12, 2f64.powi(31), 5e9, f64::INFINITY], grid);
    assert_eq!((wide.read().saturated(), wide.read().quantile(0.0), wide.read().n()), (3, -1e12, 4));
    assert!(std::panic::catch_unwind(|| Grid::new(3.0)).is_err());
}

#[test]
fn bins_meet_and_hold_their_values() {
    let grid = Grid::new(4.0);
    for slot in 0..ABOVE {
        assert_eq!(grid.interval(slot).1, grid.interval(slot + 1).0);
    }
    for x in [-1e9, -70.0, -4.0, -1e-30, 1e-30, 3.99, 4.0, 123.456, 7e9] {
        let (low, high) = grid.interval(grid.bin(x));
        assert!(low <= x && x <= high && high - low <= (x.abs() + 4.0) / 64.0, "{x}: {low} {high}");
    }
}

#[test]
fn four_columns_are_four_times_one() {
    let grid = Grid::new(0.5).with_atoms(&[1.0]);
    let blocks: [[f64; LANES]; 4] =
        std::array::from_fn(|k| std::array::from_fn(|i| (i * (k + 1)) as f64 * 0.37 - 40.0));
    let mut slots = [[0; LANES]; 4];
    let mut flat = vec![0; 4 * SLOTS];
    let (columns, _) = flat.as_chunks_mut();
    for (block, slots) in blocks.iter().zip(&mut slots) {
        keys(block, LANES, &Moments::default(), grid, slots);
    }
    add4(slots.each_ref(), 200, &mut columns.first_chunk_mut().unwrap().each_mut());
    for (block, column) in blocks.iter().zip(&*columns) {
        assert!(column[..] == Column::of(&block[..200], grid).counts);
    }
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    let one = prop_oneof![
        4 => -1e6..1e6f64,
        1 => Just(0.0),
        1 => Just(1.0),
        2 => -2.0..2.0f64,
        1 => Just(f64::NAN),
        1 => 1e11..1e13f64,
    ];
    prop::collection::vec(one, 1..400)
}

#[test]
fn several_atoms_are_exact_and_in_order() {
    // Three atoms in one bin of 1/64, with one value between two of them, and one in another.
    let (a, b, c, d) = (1.300, 1.301, 1.302, -0.75);
    let mut values = vec![d; 10];
    values.extend([a; 20]);
    values.push(1.3015);
    values.extend([b; 30]);
    values.extend([c; 40]);
    let column = Column::of(&values, Grid::new(1.0).with_atoms(&[c, a, b, d, a]));
    let h = column.read();
    assert_eq!([a, b, c, d].map(|x| h.exactly(x)), [Some(20), Some(30), Some(40), Some(10)]);
    for q in QS {
        let (found, off) = h.quantiles(&[q])[0];
        let right = type7(&values, q);
        assert!((found - right).abs() <= off, "{q}: {found} ± {off}, not {right}");
        // Only the bin that atoms share with another value has a width.
        assert!(off == 0.0 || (1.28..1.32).contains(&right), "{q}: {off}");
    }
    // The one value beside the atoms is placed somewhere in its bin: a share can be off by it.
    let near =
        |share: f64, count: f64| assert!((share - count / 101.0).abs() <= 1.0 / 101.0 + 1e-12, "{share} {count}");
    near(h.share_below(a), 10.0);
    near(h.share_at_most(a), 30.0);
    near(h.share_below(c), 61.0);
    assert_eq!(h.share_at_most(c), 1.0);
}

#[test]
fn whole_numbers_are_exact() {
    // Months 151, 152, 153 on 40, 30 and 30 of 100 paths: in bins of 1/64 of their size they would be one.
    let values: Vec<f64> = [vec![151.0; 40], vec![152.0; 30], vec![153.0; 30], vec![-3.0; 5], vec![0.0; 5]].concat();
    let column = Column::of(&values, Grid::whole());
    let h = column.read();
    for k in 0..=100 {
        let q = f64::from(k) / 100.0;
        assert_eq!(h.quantiles(&[q])[0], (type7(&values, q), 0.0), "{q}");
    }
    assert_eq!((h.share_below(152.0), h.share_at_most(152.0)), (50.0 / 110.0, 80.0 / 110.0));
    assert_eq!((h.exactly(0.0), h.saturated()), (Some(5), 0));
    assert_eq!(Column::of(&[2047.0, 2048.0, -1e300], Grid::whole()).read().saturated(), 2);
}

#[test]
fn dust_is_zero_and_piles_are_found() {
    let grid = Grid::new(1.0).with_dust(1e-9);
    assert_eq!(
        [1e-10, -1e-16, 1e-9, -0.0, 2.0].map(|x| grid.settle(x).to_bits()),
        [0.0, 0.0, 1e-9, 0.0, 2.0f64].map(f64::to_bits)
    );
    assert!(grid.settle(f64::NAN).is_nan());
    // A third at 7, a thirtieth at 2, and each other value once.
    let block: [f64; LANES] = std::array::from_fn(|i| match i % 30 {
        0..10 => 7.0,
        10 => 2.0,
        _ => i as f64 + 0.5,
    });
    assert_eq!(piles(&block), [7.0, 2.0]);
    assert!(piles(&std::array::from_fn(|i| i as f64)).is_empty() && piles(&[f64::NAN; LANES]).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn quantiles_lie_within_their_error(values in values(), q in 0.0..1.0f64) {
        let values: Vec<f64> = values.into_iter().filter(|x| x.is_nan() || x.abs() <= 1e9).collect();
        let column = Column::of(&values, Grid::new(1.0).with_atoms(&[1.0]));
        let h = column.read();
        prop_assume!(h.n() > 0);
        let (found, off) = h.quantiles(&[q])[0];
        let exact = type7(&values, q);
        prop_assert!((found - exact).abs() <= off * (1.0 + 1e-12) + 1e-12 * exact.abs(), "{found} ± {off}, not {exact}");
    }

    /// Whatever shorter way a block takes, because all its values are defined or none is below zero.
    #[test]
    fn a_block_is_its_values_one_by_one(values in values(), shape in 0..3, whole: bool) {
        let block: [f64; LANES] = std::array::from_fn(|i| match (shape, values[i % values.len()]) {
            (0, x) => x,
            (1, x) => x.abs(),
            (_, x) => if x.is_nan() { 0.5 } else { x.abs().min(1e9) },
        });
        let grid = if whole { Grid::whole() } else { Grid::new(0.25).with_atoms(&[1.0]) }.with_dust(1e-6);
        for (live, n) in [(LANES, 256), (LANES, 100), (200, 512)] {
            let before = Moments { n, mean: 3.0, m2: 9.0 };
            let mut slots = [0; LANES];
            let sums = keys(&block, live, &before, grid, &mut slots);
            prop_assert_eq!(sums, of_block(live, before.mean, false, |i| grid.settle(block[i])));
            for (&slot, &x) in slots[..live].iter().zip(&block) {
                prop_assert_eq!(slot, key(x, grid), "{}", x);
            }
        }
    }

    #[test]
    fn counting_in_any_order_is_the_same(a in values(), b in values(), c in values()) {
        let of = |order: [&[f64]; 3]| Column::of(&order.concat(), Grid::new(1.0).with_atoms(&[1.0]));
        let (one, other) = (of([&a, &b, &c]), of([&c, &a, &b]));
        prop_assert!(one.counts == other.counts && one.extremes == other.extremes);
    }

    #[test]
    fn quantiles_rise_and_keep_their_bound(values in values()) {
        let column = Column::of(&values, Grid::new(1.0).with_atoms(&[1.0]));
        let h = column.read();
        prop_assume!(h.n() > 0);
        let mut before = h.quantile(0.0);
        for i in 1..=97 {
            let q = f64::from(i) / 97.0;
            let (now, exact) = (h.quantile(q), type7(&values, q));
            prop_assert!(now >= before);
            // Between two order statistics of different size, the error may be that of the larger.
            let largest = (exact.abs() + 1.0).max(type7(&values, (q + 1.0 / h.n() as f64).min(1.0)).abs() + 1.0)
                .max(type7(&values, (q - 1.0 / h.n() as f64).max(0.0)).abs() + 1.0);
            prop_assert!(h.saturated() > 0 || (now - exact).abs() <= largest / 64.0, "{q}: {now} {exact}");
            let share = h.share_below(now);
            prop_assert!(share <= q + 1.0 / h.n() as f64 && (0.0..=1.0).contains(&share));
            before = now;
        }
    }

    #[test]
    fn scaling_all_by_1024_scales_exactly(values in values()) {
        let scaled: Vec<f64> = values.iter().map(|x| x * 1024.0).collect();
        let (a, b) = (Column::of(&values, Grid::new(0.25)), Column::of(&scaled, Grid::new(256.0)));
        prop_assert!(a.counts == b.counts);
        for q in QS {
            let (a, b) = (a.read().quantile(q) * 1024.0, b.read().quantile(q));
            prop_assert!(a == b || (a.is_nan() && b.is_nan()));
        }
    }
}
