//! gapcast.
pub mod output;
pub mod units;
