//! What decides whether the lab of `scenarios/openai-2026-06.yaml` runs out of cash, shown by variants that face the
//! same world path by path. Each difference must exceed 4 paired standard errors: by chance alone one run in 30 000
//! would show it. Seed and paths are fixed, so the result is always the same.

use crate::common::vectors::{paired, pick, run_of};
use gapcast::engine::level::Level;
use gapcast::model::Settings;

/// A metric at the horizon on every path, under settings and a variant.
fn outcomes(paths: u64, variant: Option<&str>, sets: &[&str], metric: &str) -> Vec<f64> {
    let sets = sets.iter().map(|&s| s.to_owned()).collect();
    let over = Settings { variant: variant.map(str::to_owned), sets, ..Settings::default() };
    let model = crate::common::job_with(include_str!("../../scenarios/openai-2026-06.yaml"), &over);
    pick(&model.plan, &run_of(&model.plan, paths, 2, Level::best()).1, metric)
}

#[track_caller]
fn above(what: &str, (difference, error): (f64, f64)) {
    assert!(difference > 4.0 * error && error > 0.0, "{what}: {difference} ± {error}");
}

#[test]
fn a_window_that_shuts_in_winter_costs_more_than_one_that_never_does() {
    let (shuts, never) =
        (outcomes(8192, None, &[], "cash_out"), outcomes(8192, Some("window_never_shuts"), &[], "cash_out"));
    above("cash-out", paired(&shuts, &never));
}

#[test]
fn firm_contracts_are_worse_than_cancellable_ones() {
    let firm = outcomes(8192, Some("all_firm"), &[], "cash_out");
    let base = outcomes(8192, None, &[], "cash_out");
    let free = outcomes(8192, Some("all_cancellable"), &[], "cash_out");
    above("firm", paired(&firm, &base));
    above("as written", paired(&base, &free));
}

/// A winter that lowers demand, multiple, window, resale and credit together, against winters of each by the same odds at their
/// own times: more paths run out of cash, and more labs end.
#[test]
fn what_falls_together_makes_the_tail_fatter() {
    let apart = ["world.regime.winters=apart"];
    for metric in ["cash_out", "ended"] {
        above(metric, paired(&outcomes(65_536, None, &[], metric), &outcomes(65_536, None, &apart, metric)));
    }
}
