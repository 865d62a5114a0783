//! gapcast.
pub mod stats;
pub mod units;
