//! Shared by the tests of whole runs.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod ledger;
pub mod vectors;

use gapcast::job::{Job, Overrides};

/// A small lab with every part and every kind of room, twelve quarters long.
pub const SMALL: &str = include_str!("small.yaml");

/// A job from text that records all it can; the diagnostics are the panic message.
pub fn job(text: &str) -> Job {
    job_with(text, &Overrides { sets: vec!["run.metrics=all".to_owned()], ..Overrides::default() })
}

/// A job from text with overrides.
pub fn job_with(text: &str, overrides: &Overrides) -> Job {
    Job::parse("test.yaml", text, overrides)
        .unwrap_or_else(|r| panic!("{}", gapcast::cli::diagnostics::render(&r.issues, &r.sources, false)))
}
