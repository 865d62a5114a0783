//! Statistics of paths: moments, histograms, quantiles, intervals, internal rates of return and option values.
//!
//! Everything here works on numbers only: no files, no names, no threads. What is computed inside a run merges exactly
//! (histogram counts) or deterministically in a fixed order (moments). Functions marked `#[inline(always)]` are plain
//! loops over [`LANES`] values; the engine compiles them once for each instruction level and gets the same bits from
//! each, because they use only `+ − × ÷`, comparisons and selects, with a fixed number of partial sums.
//!
//! An undefined value is NaN: it is excluded from every statistic and counted separately.

#![expect(
    clippy::inline_always,
    reason = "a helper that is not inlined is not compiled for the caller's instruction level"
)]

pub mod bootstrap;
pub mod design;
pub mod histogram;
pub mod interval;
pub mod irr;
pub mod moments;
pub mod mutual;
pub mod paired;
pub mod quantile;
mod random;
pub mod rank;
pub mod rare;
pub mod sensitivity;
pub mod special;
pub mod tree;
pub mod values;

/// Paths in a block.
pub const LANES: usize = 256;

/// Partial sums in a block loop: two vectors of eight, so that the five sums of [`moments::of_block`] stay in registers
/// (64 were a quarter slower on whole runs, 8 a tenth).
const PARTS: usize = 16;

/// Adds up partial sums pairwise, always in the same order.
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
