//! gapcast.
pub mod engine;
pub mod inputs;
pub mod units;
