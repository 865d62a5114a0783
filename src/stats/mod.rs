//! Statistics of paths: moments, histograms, quantiles, intervals, internal rates of return, scores and cash ratios.
//!
//! Everything here knows numbers only: no files, no names, no threads. What is computed inside a run merges exactly
//! (histogram counts) or deterministically in a fixed order (moments). Functions marked `#[inline(always)]` are plain
//! loops over [`LANES`] values; the engine compiles them once for each instruction level and gets the same bits from
//! each, because they use only `+ − × ÷`, comparisons and selects, with a fixed number of partial sums.
//!
//! An undefined value is NaN: it is left out of every statistic and counted apart.

#![expect(
    clippy::inline_always,
    reason = "a helper that is not inlined is not compiled for the caller's instruction level"
)]

pub mod histogram;
pub mod interval;
pub mod irr;
pub mod moments;
pub mod quantile;
pub mod ratios;
pub mod score;
pub mod special;
pub mod tvm;

/// Paths in a block.
pub const LANES: usize = 256;

/// Partial sums in a block loop: enough that the loop over them stays a loop, which becomes vectors at every level; one
/// of sixteen is unrolled first and then only pairs of values are found in it (four times slower).
const PARTS: usize = 64;

/// Sums partial sums two by two, always in the same order.
#[inline(always)]
fn fold(mut parts: [f64; PARTS]) -> f64 {
    let mut width = PARTS;
    while width > 1 {
        width /= 2;
        for l in 0..width {
            parts[l] += parts[l + width];
        }
    }
    parts[0]
}
