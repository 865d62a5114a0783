//! Shared by the tests of whole runs.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod ledger;
pub mod vectors;

use gapcast::engine::reference::Path;
use gapcast::issues::Severity;
use gapcast::model::{Model, Settings};

/// A small lab with every part and every kind of instrument, twelve quarters long.
pub const SMALL: &str = include_str!("small.yaml");

/// A small lab with the loops closed: research buys revenue, power is scarce, investors see what is owed.
pub const CLOSED: &str = include_str!("closed.yaml");

/// A model from text that records all it can; the diagnostics are the panic message.
pub fn model(text: &str) -> Model {
    job_with(text, &Settings { sets: vec!["run.metrics=all".to_owned()], ..Settings::default() })
}

/// The same under settings such as `lab.opening.cash=1B USD`.
pub fn model_with(text: &str, sets: &[&str]) -> Model {
    let sets = sets.iter().map(|&s| s.to_owned()).chain(["run.metrics=all".to_owned()]).collect();
    job_with(text, &Settings { sets, ..Settings::default() })
}

/// The code and the title of the first error of a text under settings.
pub fn first_error(text: &str, sets: &[&str]) -> (&'static str, String) {
    let sets = sets.iter().map(|&s| s.to_owned()).collect();
    let wrong = Model::parse("test.yaml", text, &Settings { sets, ..Settings::default() }).expect_err("it is an error");
    let first = wrong.issues.iter().find(|i| i.severity == Severity::Error).expect("an error");
    (first.code, first.title.clone())
}

/// The first path after so many months of the reference engine, which checks every identity.
pub fn after(model: &Model, months: usize) -> Path<'_> {
    let mut path = Path::new(&model.plan, 0);
    for t in 1..=months {
        path.month(t).expect("identities hold");
    }
    path
}

/// A lab without randomness that earns 12B USD a year at a margin of half and spends nothing else; `world` and
/// `instruments` are lines of those sections.
pub fn still(months: u32, cash: &str, world: &str, instruments: &str) -> String {
    format!(
        "
schema: 1
name: still
time: {{start: 2026-01, months: {months}}}
run: {{paths: 1, seed: 3}}
world:
  equity_multiple: {{now: 20x, later: 20x}}
{world}lab:
  opening: {{cash: {cash}, shares: {{holders: 100%}}}}
  demand:
    growth: {{now: 0%/mo, later: 0%/mo, half_life: 12 mo}}
    growth_is: underlying
    saturation: none
    segments: [{{all: {{run_rate: 12B USD/yr}}}}]
  compute:
    capacity: none
    inference: {{gross_margin: {{now: 50%, later: 50%, over: 12 mo}}}}
  policy: {{distress_below: 0 mo}}
instruments:
{instruments}"
    )
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
