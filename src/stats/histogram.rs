//! Quantiles of millions of values in 16 KB: a symmetric log-linear histogram with integer counts.
//!
//! A value `x` falls into a bin by `y = |x|/unit + 1`, rounded to `f32`: 64 equal bins in each octave of `y`, 32 octaves,
//! both signs. So bins are `unit/64` wide near zero and between 1/128 and 1/64 of the value far above `unit`. Counts are
//! integers: columns of counts merge by addition, in any order, to the same bits. `unit` is a power of two: scaling the
//! values and `unit` by one power of two scales all quantiles exactly.
//!
//! Counted apart: values exactly 0, values exactly 1 (where the column says that they may pile up there), NaN, and what
//! is beyond the last bin (`|x| ≥ (2³² − 1)·unit`, infinities), which the caller should report as an error of the range.
//!
//! A column is `[u32; SLOTS]`; a flat slice of columns is cut with `as_chunks`. The idea is that of HDR histograms
//! (G. Tene) with the key read off the bits of a float.

use std::ops::Range;

use super::LANES;
use super::moments::Extremes;

/// Bins of one sign: 32 octaves of 64.
const HALF: u32 = 32 << OCTAVE_BITS;
const OCTAVE_BITS: u32 = 6;
/// What is left of an `f32` mantissa below the bin.
const SHIFT: u32 = 23 - OCTAVE_BITS;
/// The key of `y = 1` before it is moved to zero.
const FIRST: u32 = 1.0f32.to_bits() >> SHIFT;
/// Slots: 0 is saturation below, then negative bins, this one for zeros, positive bins, saturation above, …
const ZERO: u32 = HALF + 1;
const ABOVE: u32 = ZERO + 1 + HALF;
/// … values exactly 1, NaN, and padding to a cache line (not to a power of two: equal bins of neighbours would alias).
const ONE: u32 = ABOVE + 1;
const UNDEFINED: u32 = ONE + 1;
/// Counters in a column.
pub const SLOTS: usize = 4112;

/// How values of a column map to slots.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    per_unit: f64,
    /// 1, or NaN, which equals nothing, in a column without an atom there.
    one: f64,
}

impl Grid {
    /// Bins of `unit/64` near zero, for values up to `2³²·unit`; `atom_at_one` when many values may be exactly 1.
    ///
    /// # Panics
    /// If `unit` is not a power of two between 2⁻⁵⁰⁰ and 2⁵⁰⁰.
    pub fn new(unit: f64, atom_at_one: bool) -> Grid {
        let mantissa = unit.to_bits() & ((1 << 52) - 1);
        assert!(mantissa == 0 && (3e-151..4e150).contains(&unit), "unit must be a power of two, not {unit}");
        Grid { per_unit: 1.0 / unit, one: if atom_at_one { 1.0 } else { f64::NAN } }
    }

    /// The slot of `x ≠ 0`, were there no atom at 1: monotone in `x`.
    #[inline(always)]
    fn bin(self, x: f64) -> u32 {
        let y = (x.abs() * self.per_unit) as f32 + 1.0;
        let bin = (y.to_bits() >> SHIFT).wrapping_sub(FIRST);
        let bin = if bin < HALF { bin } else { HALF };
        if x < 0.0 { ZERO - 1 - bin } else { ZERO + 1 + bin }
    }

    #[inline(always)]
    fn slot(self, x: f64) -> u32 {
        let slot = self.bin(x);
        let slot = if x == 0.0 { ZERO } else { slot };
        let slot = if x == self.one { ONE } else { slot };
        if x.is_nan() { UNDEFINED } else { slot }
    }

    /// `|x|` at the inner edge of a bin.
    fn edge(self, bin: u32) -> f64 {
        (f64::from(f32::from_bits((FIRST + bin) << SHIFT)) - 1.0) / self.per_unit
    }

    /// The interval of a slot up to [`ABOVE`].
    fn interval(self, slot: u32) -> (f64, f64) {
        match slot {
            0 => (f64::NEG_INFINITY, -self.edge(HALF)),
            ABOVE => (self.edge(HALF), f64::INFINITY),
            ZERO => (0.0, 0.0),
            s if s < ZERO => (-self.edge(ZERO - s), -self.edge(ZERO - 1 - s)),
            s => (self.edge(s - ZERO - 1), self.edge(s - ZERO)),
        }
    }

    /// The slots that values between these extremes can fill, atoms at 1 and NaN apart.
    fn used(self, extremes: Extremes) -> Range<usize> {
        let slot = |x: f64| if x == 0.0 { ZERO } else { self.bin(x) } as usize;
        if extremes.min > extremes.max { 0..0 } else { slot(extremes.min)..slot(extremes.max) + 1 }
    }
}

/// Slots of a block of values; a branch-free loop that vectorises. Inlined, to be compiled for each instruction level.
#[inline(always)]
pub fn keys(values: &[f64; LANES], grid: Grid, out: &mut [u16; LANES]) {
    for (key, &x) in out.iter_mut().zip(values) {
        *key = grid.slot(x) as u16;
    }
}

/// Counts the first `live` keys into a column.
#[inline(always)]
pub fn add(keys: &[u16; LANES], live: usize, column: &mut [u32; SLOTS]) {
    for &k in &keys[..live] {
        column[usize::from(k)] += 1;
    }
}

/// Counts four columns at once: repeated bins of one column then do not wait for their own store.
#[inline(always)]
pub fn add4(keys: [&[u16; LANES]; 4], live: usize, columns: &mut [[u32; SLOTS]; 4]) {
    let ([a, b, c, d], [k, l, m, n]) = (columns, keys);
    for (((&k, &l), &m), &n) in k[..live].iter().zip(&l[..live]).zip(&m[..live]).zip(&n[..live]) {
        a[usize::from(k)] += 1;
        b[usize::from(l)] += 1;
        c[usize::from(m)] += 1;
        d[usize::from(n)] += 1;
    }
}

/// A filled column with its exact extremes, to be asked questions.
#[derive(Clone, Copy, Debug)]
pub struct Histogram<'a> {
    counts: &'a [u32; SLOTS],
    grid: Grid,
    extremes: Extremes,
    n: u64,
}

/// `count` values between `low` and `high`, taken as evenly spread; an atom when these are equal.
struct Segment {
    low: f64,
    high: f64,
    count: u64,
}

impl<'a> Histogram<'a> {
    /// Reads a column; `extremes` must be those of exactly the values counted.
    pub fn new(counts: &'a [u32; SLOTS], grid: Grid, extremes: Extremes) -> Histogram<'a> {
        let n = grid.used(extremes).chain([ONE as usize]).map(|i| u64::from(counts[i])).sum();
        Histogram { counts, grid, extremes, n }
    }

    /// Number of defined values.
    pub fn n(&self) -> u64 {
        self.n
    }
    /// Number of NaN.
    pub fn undefined(&self) -> u64 {
        self.at(UNDEFINED)
    }
    /// Number of values beyond the last bin: above zero, quantiles among them are guesses.
    pub fn saturated(&self) -> u64 {
        self.at(0) + self.at(ABOVE)
    }
    /// Number of values exactly 0.
    pub fn zeros(&self) -> u64 {
        self.at(ZERO)
    }
    /// Number of values exactly 1; 0 if the column has no atom there.
    pub fn ones(&self) -> u64 {
        self.at(ONE)
    }
    fn at(&self, slot: u32) -> u64 {
        u64::from(self.counts[slot as usize])
    }

    /// Bins in ascending order, cut at the exact extremes and, where there is an atom, at 1.
    fn segments(&self) -> impl Iterator<Item = Segment> + '_ {
        let (Extremes { min, max }, split) = (self.extremes, self.grid.bin(self.grid.one) as usize);
        // Most slots are empty: they are passed over before anything is computed.
        let filled = self.grid.used(self.extremes).filter(move |&slot| self.counts[slot] > 0 || slot == split);
        filled.flat_map(move |slot| {
            let (low, high) = self.grid.interval(slot as u32);
            let (low, high, count) = (low.max(min), high.min(max), u64::from(self.counts[slot]));
            let (ones, below) = if slot == split && self.ones() > 0 {
                let part = if high > low { (1.0 - low) / (high - low) } else { 0.0 };
                (self.ones(), (count as f64 * part).round() as u64)
            } else {
                (0, 0)
            };
            [
                Segment { low, high: if ones > 0 { 1.0 } else { low }, count: below },
                Segment { low: 1.0, high: 1.0, count: ones },
                Segment { low: if ones > 0 { 1.0 } else { low }, high, count: count - below },
            ]
            .into_iter()
            .filter(|s| s.count > 0)
        })
    }

    /// The `q`-quantile of the defined values, type 7: at rank `q·(n−1)` from 0, between neighbours linearly. NaN if none.
    ///
    /// Each order statistic is placed inside its own bin, so the error is below one bin, `(|x| + unit)/64`; where the bin
    /// is well filled, interpolation makes it far smaller (a few 1e−4 of the value). Exact at q = 0 and 1 and on atoms.
    pub fn quantile(&self, q: f64) -> f64 {
        if self.n == 0 {
            return f64::NAN;
        }
        let target = q.clamp(0.0, 1.0) * (self.n - 1) as f64;
        let rank = target as u64;
        let (mut seen, mut below) = (0, f64::NAN);
        for s in self.segments() {
            let place = |rank: u64| {
                if rank == 0 {
                    self.extremes.min
                } else if rank == self.n - 1 {
                    self.extremes.max
                } else {
                    s.low + (s.high - s.low) * (((rank - seen) as f64 + 0.5) / s.count as f64)
                }
            };
            if (seen..seen + s.count).contains(&rank) {
                below = place(rank);
                if target == rank as f64 {
                    return below;
                }
            }
            if (seen..seen + s.count).contains(&(rank + 1)) {
                let above = place(rank + 1);
                return below + (above - below) * (target - rank as f64);
            }
            seen += s.count;
        }
        self.extremes.max
    }

    /// Share of the defined values `< x`, linear inside a bin. Exact at 0 and outside the extremes, and at an atom at 1
    /// unless its bin holds other values on both sides.
    pub fn share_below(&self, x: f64) -> f64 {
        self.share(x, |atom| atom < x)
    }

    /// Share of the defined values `≤ x`: [`Histogram::share_below`] and the atom at `x`, if any.
    pub fn share_at_most(&self, x: f64) -> f64 {
        self.share(x, |atom| atom <= x)
    }

    fn share(&self, x: f64, atom_counts: impl Fn(f64) -> bool) -> f64 {
        if self.n == 0 || x.is_nan() {
            return f64::NAN;
        }
        let mut below = 0.0;
        for s in self.segments() {
            let part = if s.low == s.high {
                if atom_counts(s.low) { 1.0 } else { 0.0 }
            } else {
                ((x - s.low) / (s.high - s.low)).clamp(0.0, 1.0)
            };
            below += s.count as f64 * part;
        }
        below / self.n as f64
    }
}

#[cfg(test)]
mod tests;
