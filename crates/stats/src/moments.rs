//! Count, mean and variance that merge, and exact extremes.
//!
//! Moments of a slice come from two passes with the rounding error of the mean taken out (Chan et al. 1983, "Algorithms
//! for computing the sample variance", eq. 1.7), those of a block from one pass over values shifted by a number near
//! their mean (their section 3). They are merged by their eq. 2.1. Merging in a fixed order is deterministic; merging
//! in another order may move the last digits.

use super::{LANES, PARTS, fold};

/// Count, mean and sum of squared deviations of the defined values seen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// Number of defined values.
    pub n: u64,
    /// Their mean, in the unit of the values; 0 when there are none.
    pub mean: f64,
    /// Sum of `(x − mean)²`, in the unit squared.
    pub m2: f64,
}

impl Moments {
    /// Moments of a slice; NaN is excluded.
    pub fn of(values: &[f64]) -> Moments {
        let defined = || values.iter().copied().filter(|x| !x.is_nan());
        let n = defined().count() as f64;
        if n == 0.0 {
            return Moments::default();
        }
        let mean = defined().sum::<f64>() / n;
        let off: f64 = defined().map(|x| x - mean).sum();
        let square: f64 = defined().map(|x| (x - mean) * (x - mean)).sum();
        Moments { n: n as u64, mean: mean + off / n, m2: nonnegative(square - off * off / n) }
    }

    /// The moments of both samples together (Chan et al., eq. 2.1).
    #[must_use]
    pub fn merge(self, other: Moments) -> Moments {
        if self.n == 0 {
            return other;
        }
        if other.n == 0 {
            return self;
        }
        let n = self.n + other.n;
        let (a, b, delta) = (self.n as f64, other.n as f64, other.mean - self.mean);
        Moments {
            n,
            mean: self.mean + delta * (b / (a + b)),
            m2: self.m2 + other.m2 + delta * delta * (a * b / (a + b)),
        }
    }

    /// Sample standard deviation `√(m2/(n−1))`; NaN below two values.
    pub fn sd(&self) -> f64 {
        if self.n < 2 { f64::NAN } else { (self.m2 / (self.n - 1) as f64).sqrt() }
    }

    /// Standard error of the mean, `sd/√n`, for independent values.
    pub fn se(&self) -> f64 {
        self.sd() / (self.n as f64).sqrt()
    }
}

/// Partial sums that are computed together: eight each of five kinds fill ten of the sixteen vector registers of AVX2.
const AT_ONCE: usize = 8;

/// Rounding may leave the sum of squares of a constant sample a hair below zero.
#[inline(always)]
fn nonnegative(m2: f64) -> f64 {
    if m2 < 0.0 { 0.0 } else { m2 }
}

/// Moments and extremes of the first `live` lanes of a block in one pass over the results of `value`, which may be
/// called twice for a lane; NaN is excluded, −0 counts as 0. The same bits at every instruction level.
///
/// `near` is a number near the mean, such as that of the blocks before: squares are taken about it, so that the error
/// of the variance is about `(1 + z²) ε` when `near` is `z` standard deviations off. `defined` says that no value is
/// likely to be NaN: the pass is then shorter, and if a value is NaN after all, so is the sum, and the pass is
/// repeated.
#[inline(always)]
pub fn of_block(live: usize, near: f64, defined: bool, mut value: impl FnMut(usize) -> f64) -> (Moments, Extremes) {
    // Nearly every block is full; not comparing lane numbers saves a third.
    if live < LANES {
        return one_pass::<false, false>(live, near, value);
    }
    if defined {
        let sums = one_pass::<true, true>(live, near, &mut value);
        if !sums.0.mean.is_nan() {
            return sums;
        }
    }
    one_pass::<true, false>(live, near, value)
}

#[inline(always)]
fn one_pass<const ALL: bool, const DEFINED: bool>(
    live: usize,
    near: f64,
    mut value: impl FnMut(usize) -> f64,
) -> (Moments, Extremes) {
    let (mut sum, mut square, mut count) = ([0.0; PARTS], [0.0; PARTS], [0.0; PARTS]);
    let (mut min, mut max) = ([f64::INFINITY; PARTS], [f64::NEG_INFINITY; PARTS]);
    // Partial sums in groups, so that the five of each stay in registers.
    for first in (0..PARTS).step_by(AT_ONCE) {
        for row in (first..LANES).step_by(PARTS) {
            for l in 0..AT_ONCE {
                let x = value(row + l);
                let x = if ALL || row + l < live { x } else { f64::NAN };
                let out = !DEFINED && x.is_nan();
                let d = if out { 0.0 } else { x - near };
                let l = first + l;
                sum[l] += d;
                square[l] += d * d;
                if !DEFINED {
                    count[l] += if out { 0.0 } else { 1.0 };
                }
                min[l] = if x < min[l] { x } else { min[l] };
                max[l] = if x > max[l] { x } else { max[l] };
            }
        }
    }
    let mut width = PARTS;
    while width > 1 {
        width /= 2;
        for l in 0..width {
            min[l] = if min[l + width] < min[l] { min[l + width] } else { min[l] };
            max[l] = if max[l + width] > max[l] { max[l + width] } else { max[l] };
        }
    }
    let (sum, square) = (fold(sum), fold(square));
    let n = if DEFINED { LANES as f64 } else { fold(count) };
    let moments = if n == 0.0 {
        Moments::default()
    } else {
        Moments { n: n as u64, mean: near + sum / n, m2: nonnegative(square - sum * sum / n) }
    };
    (moments, Extremes { min: min[0] + 0.0, max: max[0] + 0.0 })
}

/// The exact smallest and largest of the defined values seen; `(+∞, −∞)` when there are none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extremes {
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
}

impl Default for Extremes {
    fn default() -> Extremes {
        Extremes { min: f64::INFINITY, max: f64::NEG_INFINITY }
    }
}

impl Extremes {
    /// The extremes of both samples together; any order gives the same.
    #[inline(always)]
    #[must_use]
    pub fn merge(self, other: Extremes) -> Extremes {
        Extremes {
            min: if other.min < self.min { other.min } else { self.min },
            max: if other.max > self.max { other.max } else { self.max },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 256 values of a small multiplicative generator, in [0, 1).
    fn block() -> [f64; LANES] {
        let mut x = 12345u64;
        std::array::from_fn(|_| {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (x >> 11) as f64 / (1u64 << 53) as f64
        })
    }

    #[test]
    fn edges() {
        assert_eq!(Moments::of(&[]), Moments::default());
        assert!(Moments::of(&[3.0]).sd().is_nan());
        // (1 + 4 + 7)/3 = 4, deviations 9 + 0 + 9.
        let m = Moments::of(&[1.0, f64::NAN, 4.0, 7.0]);
        assert_eq!(m, Moments { n: 3, mean: 4.0, m2: 18.0 });
        assert_eq!((m.sd(), m.se()), (3.0, 3.0 / 3f64.sqrt()));
        assert_eq!(m.merge(Moments::default()), m);
        assert_eq!(Moments::default().merge(m), m);
    }

    #[test]
    fn blocks_are_slices_and_merge() {
        let mut x = block();
        x[7] = f64::NAN;
        let close = |a: Moments, b: Moments| {
            a.n == b.n && (a.mean - b.mean).abs() < 1e-15 && (a.m2 - b.m2).abs() <= 1e-13 * b.m2
        };
        assert_eq!(of_block(0, 0.0, false, |i| x[i]), (Moments::default(), Extremes::default()));
        assert_eq!(of_block(LANES, 0.0, false, |_| f64::NAN), (Moments::default(), Extremes::default()));
        assert_eq!(of_block(LANES, 0.1, false, |_| 0.1).0, Moments { n: 256, mean: 0.1, m2: 0.0 });
        for live in [1, 15, 16, 17, 100, 255, LANES] {
            // A shift of three standard deviations has no visible effect.
            for near in [0.0, 0.5, -0.4] {
                assert!(close(of_block(live, near, false, |i| x[i]).0, Moments::of(&x[..live])), "{live} {near}");
            }
            assert!(close(Moments::of(&x[..live]).merge(Moments::of(&x[live..])), Moments::of(&x)));
        }
    }

    #[test]
    fn a_block_far_from_zero_keeps_its_variance() {
        // 1e12 ± 1: about zero, squares of 1e24 would leave nothing of a variance of 1.
        let x: [f64; LANES] = std::array::from_fn(|i| 1e12 + if i % 2 == 0 { 1.0 } else { -1.0 });
        assert_eq!(of_block(LANES, x[0], false, |i| x[i]).0, Moments { n: 256, mean: 1e12, m2: 256.0 });
    }

    #[test]
    fn extremes() {
        let mut x = block();
        (x[3], x[200], x[250]) = (f64::NAN, -4.0, 9.0);
        let of = |live| of_block(live, 0.0, false, |i| x[i]).1;
        assert_eq!(of(251), Extremes { min: -4.0, max: 9.0 });
        assert_eq!(of(0), Extremes::default());
        let halves = of(201).merge(Extremes { min: 0.0, max: 9.0 });
        assert_eq!(halves, Extremes { min: -4.0, max: 9.0 });
    }
}
