//! Quantiles of millions of values in 16 KB: a symmetric log-linear histogram with integer counts.
//!
//! A value `x` falls into a bin by `y = |x|/unit + 1`, rounded to `f32`: 64 equal bins in each octave of `y`, 32
//! octaves, both signs. So bins are `unit/64` wide near zero and between 1/128 and 1/64 of the value far above `unit`.
//! Counts are integers: columns of counts merge by addition, in any order, to the same bits. `unit` is a power of two:
//! scaling the values and `unit` by one power of two scales all quantiles exactly.
//!
//! Counted separately: values exactly 0, values at the column's atoms (up to [`ATOMS`] numbers at which its values pile
//! up), NaN, and values beyond the last bin (`|x| ≥ (2³² − 1)·unit`, infinities), which the caller should report as out
//! of range. A column of whole numbers has a bin for each of them up to 2047, and is exact.
//!
//! Values smaller than the column's `dust` are rounding residues of zero and count as zero ([`Grid::settle`]).
//!
//! A column is `[u32; SLOTS]`; a flat slice of columns is split with `as_chunks`. The idea is that of HDR histograms
//! (G. Tene), with the key taken from the bits of a float.

use std::ops::Range;

use super::LANES;
use super::moments::{Extremes, Moments, of_block};

/// Bins of one sign: 32 octaves of 64.
const HALF: u32 = 32 << OCTAVE_BITS;
const OCTAVE_BITS: u32 = 6;
/// Bits of an `f32` mantissa below those of the bin.
const SHIFT: u32 = 23 - OCTAVE_BITS;
/// The key of `y = 1` before it is shifted to zero.
const FIRST: u32 = 1.0f32.to_bits() >> SHIFT;
/// Slots: 0 is saturation below, then negative bins, this one for zeros, positive bins, saturation above, …
const ZERO: u32 = HALF + 1;
const ABOVE: u32 = ZERO + 1 + HALF;
/// … the atoms, NaN, and padding to a cache line (not to a power of two: equal bins of neighbours would alias).
const ATOM: u32 = ABOVE + 1;
const UNDEFINED: u32 = ATOM + ATOMS as u32;
/// Numbers, besides 0, at which a column can pile up and be counted exactly.
pub const ATOMS: usize = 4;
/// Counters in a column.
pub const SLOTS: usize = 4112;

/// The smallest number of units from which a slot is computed.
const LEAST: f64 = f32::from_bits(1) as f64;

/// How values of a column map to slots.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    per_unit: f64,
    /// Values closer to zero than this count as zero.
    dust: f64,
    /// Whether all values are whole numbers, with a bin for each.
    whole: bool,
    /// Ascending; unused entries are NaN, which equals nothing.
    atoms: [f64; ATOMS],
}

impl Grid {
    /// Bins of `unit/64` near zero, for values up to `2³²·unit`.
    ///
    /// # Panics
    /// If `unit` is not a power of two between 2⁻⁵⁰⁰ and 2⁵⁰⁰.
    pub fn new(unit: f64) -> Grid {
        let mantissa = unit.to_bits() & ((1 << 52) - 1);
        assert!(mantissa == 0 && (3e-151..4e150).contains(&unit), "unit must be a power of two, not {unit}");
        Grid { per_unit: 1.0 / unit, dust: LEAST * unit, whole: false, atoms: [f64::NAN; ATOMS] }
    }

    /// A bin for each whole number; for values that are whole, such as months and flags.
    pub fn whole() -> Grid {
        Grid { whole: true, ..Grid::new(1.0) }
    }

    /// Values below `dust` in absolute value count as zero; so do those too small for `f32` in units, below `2⁻¹⁴⁹` of
    /// one.
    #[must_use]
    pub fn with_dust(self, dust: f64) -> Grid {
        Grid { dust: self.dust.max(dust), ..self }
    }

    /// Counts values at these numbers exactly, at most [`ATOMS`] of them; zeros are always counted exactly.
    #[must_use]
    pub fn with_atoms(self, numbers: &[f64]) -> Grid {
        let mut sorted: Vec<f64> = numbers.iter().copied().filter(|&x| x != 0.0 && x.is_finite()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted.dedup();
        let mut atoms = [f64::NAN; ATOMS];
        for (atom, number) in atoms.iter_mut().zip(sorted) {
            *atom = number;
        }
        Grid { atoms, ..self }
    }

    /// The numbers besides 0 that are counted exactly, ascending.
    pub fn atoms(&self) -> impl Iterator<Item = f64> + '_ {
        self.atoms.iter().copied().filter(|x| !x.is_nan())
    }

    /// Whether all values of the column are whole numbers.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// The value as it is counted: a rounding residue of zero is zero, and −0 is 0.
    #[inline(always)]
    pub fn settle(self, x: f64) -> f64 {
        // Dust is above zero, so that −0 is dust too.
        if x.abs() < self.dust { 0.0 } else { x }
    }

    /// A settled value in units, from which its slot is computed.
    #[inline(always)]
    fn scaled(self, x: f64) -> f32 {
        (x * self.per_unit) as f32
    }

    /// The slot of a value, ignoring atoms.
    #[inline(always)]
    fn bin(self, x: f64) -> u32 {
        bin(self.scaled(x), self.whole)
    }

    /// `|x|` at the inner edge of a bin.
    fn edge(self, bin: u32) -> f64 {
        if self.whole {
            return f64::from(bin);
        }
        (f64::from(f32::from_bits((FIRST + bin) << SHIFT)) - 1.0) / self.per_unit
    }

    /// The interval of a slot up to [`ABOVE`].
    fn interval(self, slot: u32) -> (f64, f64) {
        match slot {
            0 => (f64::NEG_INFINITY, -self.edge(HALF)),
            ABOVE => (self.edge(HALF), f64::INFINITY),
            ZERO => (0.0, 0.0),
            s if self.whole && s < ZERO => (-self.edge(ZERO - 1 - s), -self.edge(ZERO - 1 - s)),
            s if self.whole => (self.edge(s - ZERO - 1), self.edge(s - ZERO - 1)),
            s if s < ZERO => (-self.edge(ZERO - s), -self.edge(ZERO - 1 - s)),
            s => (self.edge(s - ZERO - 1), self.edge(s - ZERO)),
        }
    }

    /// The slots that values between these extremes can fill, except those of atoms and NaN.
    fn used(self, extremes: Extremes) -> Range<usize> {
        let slot = |x: f64| self.bin(x) as usize;
        if extremes.min > extremes.max { 0..0 } else { slot(extremes.min)..slot(extremes.max) + 1 }
    }
}

/// The slot of a value in units, ignoring atoms: monotone in it, except for NaN.
#[inline(always)]
fn bin(y: f32, whole: bool) -> u32 {
    // For a whole number the last bits of `2²³ + |y|`, otherwise the first ones of `1 + |y|`.
    let (one, shift) = if whole { (8_388_608.0_f32, 0) } else { (1.0_f32, SHIFT) };
    let size = f32::from_bits(y.to_bits() & (u32::MAX >> 1)) + one;
    let bin = (size.to_bits() >> shift).wrapping_sub(one.to_bits() >> shift);
    let off = 1 + if bin < HALF { bin } else { HALF };
    // −1 below zero, 0 above: `(off ^ side) − side` is `±off`.
    let side = (y.to_bits().cast_signed() >> 31).cast_unsigned();
    let slot = ZERO.wrapping_add((off ^ side).wrapping_sub(side));
    let slot = if y == 0.0 { ZERO } else { slot };
    if y.is_nan() { UNDEFINED } else { slot }
}

/// The slot of a value in units between zero and the last bin.
#[inline(always)]
fn bin_above_zero(y: f32, whole: bool) -> u32 {
    let (one, shift) = if whole { (8_388_608.0_f32, 0) } else { (1.0_f32, SHIFT) };
    let bin = ((y + one).to_bits() >> shift).wrapping_sub(one.to_bits() >> shift);
    ZERO + bin + u32::from(y > 0.0)
}

/// Slots of a block of values in a column, with the moments and extremes of the first `live` of them ([`of_block`]),
/// given the moments of the blocks before; loops without a branch, which vectorise. Inlined, so that it is compiled for
/// each instruction level.
#[inline(always)]
pub fn keys(
    values: &[f64; LANES],
    live: usize,
    before: &Moments,
    grid: Grid,
    out: &mut [u16; LANES],
) -> (Moments, Extremes) {
    let first = || values.iter().copied().find(|x| !x.is_nan()).map_or(0.0, |x| grid.settle(x));
    let near = if before.n > 0 { before.mean } else { first() };
    // All blocks except the last are full: if none had a NaN, the number of their values is a multiple of the lanes.
    let defined = before.n.is_multiple_of(LANES as u64);
    let mut scaled = [0.0; LANES];
    let sums = of_block(live, near, defined, |i| {
        let x = grid.settle(values[i]);
        scaled[i] = grid.scaled(x);
        x
    });
    let (Moments { n, .. }, Extremes { min, max }) = sums;
    // Most columns are defined on all paths, never below zero, and far below the last bin.
    let plain = n == LANES as u64 && min >= 0.0 && grid.bin(max) < ABOVE;
    // Written out for each case, so that the loop knows its constants.
    match (grid.whole, plain) {
        (true, true) => each(&scaled, out, |y| bin_above_zero(y, true)),
        (true, false) => each(&scaled, out, |y| bin(y, true)),
        (false, true) => each(&scaled, out, |y| bin_above_zero(y, false)),
        (false, false) => each(&scaled, out, |y| bin(y, false)),
    }
    for (k, atom) in grid.atoms().enumerate() {
        // Most values are not at an atom, and in most blocks none is.
        if values.iter().fold(false, |any, &x| any | (x == atom)) {
            for (key, &x) in out.iter_mut().zip(values) {
                *key = if x == atom { (ATOM + k as u32) as u16 } else { *key };
            }
        }
    }
    sums
}

#[inline(always)]
fn each(scaled: &[f32; LANES], out: &mut [u16; LANES], slot: impl Fn(f32) -> u32) {
    for (key, &y) in out.iter_mut().zip(scaled) {
        *key = slot(y) as u16;
    }
}

/// The slot of one value, as computed by [`keys`].
pub fn key(x: f64, grid: Grid) -> u16 {
    let atom = grid.atoms().position(|atom| x == atom);
    atom.map_or_else(|| grid.bin(grid.settle(x)), |k| ATOM + k as u32) as u16
}

/// The numbers at which a block of values piles up, the most frequent first: each is the value of at least one lane in
/// thirty-two. At least two of the first sixty-four lanes must have it, so that a column without any is recognised at
/// once.
pub fn piles(values: &[f64; LANES]) -> Vec<f64> {
    let mut first: [f64; LANES / 4] = std::array::from_fn(|i| values[i]);
    first.sort_unstable_by(f64::total_cmp);
    let mut found: Vec<(usize, f64)> = Vec::new();
    for pair in first.windows(2) {
        let x = pair[0];
        if x == pair[1] && found.iter().all(|&(_, y)| y != x) {
            let count = values.iter().filter(|&&y| y == x).count();
            if count >= LANES / 32 {
                found.push((count, x));
            }
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.total_cmp(&b.1)));
    found.into_iter().map(|(_, x)| x).collect()
}

/// Counts the first `live` keys into a column.
#[inline(always)]
pub fn add(keys: &[u16; LANES], live: usize, column: &mut [u32; SLOTS]) {
    for &k in &keys[..live] {
        column[usize::from(k)] += 1;
    }
}

/// Counts four columns at once, so that repeated bins of one column do not wait for their own store.
#[inline(always)]
pub fn add4(keys: [&[u16; LANES]; 4], live: usize, columns: &mut [&mut [u32; SLOTS]; 4]) {
    let ([a, b, c, d], [k, l, m, n]) = (columns, keys);
    for (((&k, &l), &m), &n) in k[..live].iter().zip(&l[..live]).zip(&m[..live]).zip(&n[..live]) {
        a[usize::from(k)] += 1;
        b[usize::from(l)] += 1;
        c[usize::from(m)] += 1;
        d[usize::from(n)] += 1;
    }
}

/// A filled column with its exact extremes, for queries.
#[derive(Clone, Copy, Debug)]
pub struct Histogram<'a> {
    counts: &'a [u32; SLOTS],
    grid: Grid,
    extremes: Extremes,
    n: u64,
}

/// `count` values between `low` and `high`, assumed to be evenly spread; an atom if both are equal.
struct Segment {
    low: f64,
    high: f64,
    count: u64,
    /// Interval in which a value of its rank can lie: its bin, since atoms and spread values share the ranks of a bin.
    within: (f64, f64),
}

impl<'a> Histogram<'a> {
    /// Reads a column; `extremes` must be those of exactly the values counted.
    pub fn new(counts: &'a [u32; SLOTS], grid: Grid, extremes: Extremes) -> Histogram<'a> {
        let atoms = ATOM as usize..UNDEFINED as usize;
        let n = grid.used(extremes).chain(atoms).map(|i| u64::from(counts[i])).sum();
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
    /// Number of values beyond the last bin: if there are any, quantiles among them are unreliable.
    pub fn saturated(&self) -> u64 {
        self.at(0) + self.at(ABOVE)
    }
    /// Number of values exactly `x`, if that is 0 or an atom.
    pub fn exactly(&self, x: f64) -> Option<u64> {
        let atom = self.grid.atoms.iter().position(|&atom| atom == x).map(|k| self.at(ATOM + k as u32));
        if x == 0.0 { Some(self.at(ZERO)) } else { atom }
    }
    fn at(&self, slot: u32) -> u64 {
        u64::from(self.counts[slot as usize])
    }

    /// Its pieces in ascending order: lower and upper end, equal for a single number, and count. Values are spread evenly
    /// between the ends.
    pub fn pieces(&self) -> Vec<(f64, f64, u64)> {
        self.segments().into_iter().map(|s| (s.low, s.high, s.count)).collect()
    }

    /// Bins in ascending order, cut at the exact extremes and at the atoms inside them.
    fn segments(&self) -> Vec<Segment> {
        let Extremes { min, max } = self.extremes;
        let mut home = [usize::MAX; ATOMS];
        for (home, atom) in home.iter_mut().zip(self.grid.atoms()) {
            *home = self.grid.bin(atom) as usize;
        }
        let mut out: Vec<Segment> = Vec::new();
        // Most slots are empty: they are skipped before anything is computed.
        for slot in self.grid.used(self.extremes).filter(|slot| self.counts[*slot] > 0 || home.contains(slot)) {
            let (low, high) = self.grid.interval(slot as u32);
            let (low, high) = (low.max(min), high.min(max));
            let mut left = u64::from(self.counts[slot]);
            let (mut from, spread) = (low, left > 0);
            for (k, atom) in self.grid.atoms().enumerate().filter(|&(k, _)| home[k] == slot) {
                let count = self.at(ATOM + k as u32);
                if count == 0 {
                    continue;
                }
                // Binned values are spread evenly over the remainder of the bin.
                let part = if high > from { ((atom - from) / (high - from)).clamp(0.0, 1.0) } else { 0.0 };
                let below = (left as f64 * part).round() as u64;
                left -= below;
                let alone = if spread { (low, high) } else { (atom, atom) };
                out.push(Segment { low: from, high: atom, count: below, within: (low, high) });
                out.push(Segment { low: atom, high: atom, count, within: alone });
                from = atom;
            }
            out.push(Segment { low: from, high: high.max(from), count: left, within: (low, high) });
        }
        out.retain(|s| s.count > 0);
        out
    }

    /// The `q`-quantile of the defined values, type 7: at rank `q·(n−1)` from 0, interpolated linearly between
    /// neighbours. NaN if there are none.
    ///
    /// Each order statistic is placed inside its own bin, so the error is below one bin, `(|x| + unit)/64`; where the
    /// bin is well filled, interpolation makes it far smaller (a few 1e−4 of the value). Exact at q = 0 and 1 and on
    /// atoms.
    pub fn quantile(&self, q: f64) -> f64 {
        self.quantiles(&[q])[0].0
    }

    /// Quantiles at ascending levels, each with its maximum error from binning.
    pub fn quantiles(&self, levels: &[f64]) -> Vec<(f64, f64)> {
        if self.n == 0 {
            return vec![(f64::NAN, f64::NAN); levels.len()];
        }
        let mut out: Vec<(f64, f64)> = Vec::with_capacity(levels.len());
        let segments = self.segments();
        // The segment looked at last, and the number of values before it.
        let (mut at, mut seen) = (0, 0);
        let mut highest = f64::NEG_INFINITY;
        // The order statistic of a rank, and its maximum error. Ranks ascend, but for the neighbour of the one before:
        // levels may lie closer together than values.
        let mut place = |rank: u64| {
            if rank == 0 {
                return (self.extremes.min, 0.0);
            }
            if rank >= self.n - 1 {
                return (self.extremes.max, 0.0);
            }
            while rank < seen {
                at -= 1;
                seen -= segments[at].count;
            }
            while let Some(s) = segments.get(at) {
                if rank < seen + s.count {
                    let x = s.low + (s.high - s.low) * (((rank - seen) as f64 + 0.5) / s.count as f64);
                    return (x, (x - s.within.0).max(s.within.1 - x).max(0.0));
                }
                seen += s.count;
                at += 1;
            }
            (self.extremes.max, 0.0)
        };
        for q in levels {
            let target = q.clamp(0.0, 1.0) * (self.n - 1) as f64;
            let rank = target as u64;
            let (below, off) = place(rank);
            let (x, off) = if target == rank as f64 {
                (below, off)
            } else {
                let (above, more) = place(rank + 1);
                (below + (above - below) * (target - rank as f64), off.max(more))
            };
            // Rounding must not reverse the order of two quantiles.
            highest = if x > highest { x } else { highest };
            out.push((highest, off));
        }
        out
    }

    /// Share of the defined values `< x`, linear inside a bin. Exact at 0, at atoms that are alone in their bin, and
    /// outside the extremes.
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
