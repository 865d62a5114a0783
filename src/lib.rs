//! gapcast.
pub mod stats;
pub mod engine;
pub mod inputs;
pub mod units;
