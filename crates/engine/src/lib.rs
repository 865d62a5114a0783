//! The engine: numbers and blocks only. It knows no YAML, no files and no clock.

pub mod block;
pub mod books;
pub mod columns;
pub mod component;
pub mod draws;
pub mod inputs;
pub mod instrument;
pub mod level;
pub mod lineage;
pub mod math;
pub mod metrics;
pub mod month;
pub mod objects;
pub mod plan;
pub mod rare;
pub mod record;
pub mod reference;
pub mod resolution;
pub mod run;
pub mod schedule;
pub mod shocks;
pub mod streams;
pub mod units;

pub use gapcast_stats as stats;
