//! Shared by the tests of whole runs.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod ledger;
pub mod vectors;

use gapcast::model::{Model, Settings};

/// A small lab with every part and every kind of instrument, twelve quarters long.
pub const SMALL: &str = include_str!("small.yaml");

/// A small lab with the loops closed: research buys revenue, power is scarce, investors see what is owed.
pub const CLOSED: &str = include_str!("closed.yaml");

/// A model from text that records all it can; the diagnostics are the panic message.
pub fn model(text: &str) -> Model {
    job_with(text, &Settings { sets: vec!["run.metrics=all".to_owned()], ..Settings::default() })
}

/// A model from text with settings.
pub fn job_with(text: &str, settings: &Settings) -> Model {
    Model::parse("test.yaml", text, settings)
        .unwrap_or_else(|r| panic!("{}", gapcast::cli::diagnostics::render(&r.issues, &r.sources, false)))
}

/// Number of paths on which signs are tested: `usual`, or `GAPCAST_SIGN_PATHS`, for a test of all signs at 20,000 paths.
pub fn sign_paths(usual: u64) -> u64 {
    std::env::var("GAPCAST_SIGN_PATHS").map_or(usual, |n| n.parse().unwrap())
}

/// Whether a generated page is up to date. With `UPDATE_DOCS=1` a stale page is replaced in one step, so that no other test reads
/// half of it.
pub fn is_page(path: &std::path::Path, text: &str) -> bool {
    let same = || std::fs::read_to_string(path).is_ok_and(|there| there == text);
    if !same() && std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let new = path.with_extension("new");
        std::fs::write(&new, text).unwrap();
        std::fs::rename(new, path).unwrap();
    }
    same()
}
