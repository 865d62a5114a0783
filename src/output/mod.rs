//! What a run leaves on disk: tables, charts and the record of the run, in one folder that is replaced as a whole.

pub mod audit;
mod beside;
pub mod charts;
pub mod credit;
pub mod figures;
pub mod findings;
pub mod folder;
pub(crate) mod names;
pub mod number;
pub mod outcomes;
pub mod reading;
pub mod record;
pub mod report;
pub mod sample;
pub mod structural;
pub mod summary;
pub mod table;
pub mod tables;
pub mod trace;
mod why;
pub mod write;
