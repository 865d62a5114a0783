//! gapcast.
pub mod units;
