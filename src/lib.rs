//! gapcast.
pub mod cli;
pub mod issues;
pub mod language;
pub mod units;
