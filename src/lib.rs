//! gapcast.
pub mod answers;
pub mod cli;
pub mod drivers;
pub mod engine;
pub mod inputs;
pub mod instruments;
pub mod issues;
pub mod job;
pub mod lab;
pub mod language;
pub mod output;
pub mod parts;
pub mod plan;
pub mod scenario;
pub mod stats;
pub mod units;
