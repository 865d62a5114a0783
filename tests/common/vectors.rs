//! Reference vectors, small labs, and runs whose paths are kept.

use std::sync::Mutex;

use gapcast::engine::columns::LANES;
use gapcast::engine::level::Level;
use gapcast::engine::month::Worker;
use gapcast::engine::objects::ScalarInstrument;
use gapcast::engine::record::Chunk;
use gapcast::engine::reference::Path;
use gapcast::engine::run::{Observer, Results, RunSettings, run};
use gapcast::model::{Model, Settings};
use gapcast::plan::Plan;
use serde_json::Value;

/// A file of `tests/vectors`; its number of cases is checked.
pub fn read(name: &str) -> Value {
    let path = format!("{}/tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let json: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(json["n_cases"].as_u64().unwrap() as usize, json["cases"].as_array().unwrap().len());
    json
}

/// Cases of a file of vectors.
pub fn cases(file: &Value) -> impl Iterator<Item = (&str, &Value, &Value)> {
    let cases = file["cases"].as_array().unwrap();
    cases.iter().map(|c| (c["id"].as_str().unwrap(), &c["input"], &c["expected"]))
}

pub fn num(v: &Value) -> f64 {
    v.as_f64().unwrap_or_else(|| panic!("a number, not {v}"))
}

/// Within `abs + rel × |expected|`.
#[track_caller]
pub fn near(what: &str, found: f64, expected: f64, rel: f64, abs: f64) {
    assert!((found - expected).abs() <= abs + rel * expected.abs(), "{what}: {found} instead of {expected}");
}

/// A lab whose revenue is what `demand` says, without cost, with a trillion in cash; `rest` follows at top level.
pub fn bare_lab(months: u32, demand: &str, rest: &str) -> String {
    format!(
        "schema: 1
name: bare
time: {{start: 2026-01, months: {months}}}
run: {{paths: 1, seed: 3}}
lab:
  opening: {{cash: 1000B USD, shares: {{holders: 100%}}}}
  demand: {demand}
  compute: {{capacity: none, inference: {{gross_margin: {{now: 100%, later: 100%, over: 12 mo}}}}}}
  policy: {{distress_below: 0 mo}}
{rest}"
    )
}

/// Demand that stays where it is.
pub const FLAT: &str = "{growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, growth_is: underlying, saturation: none, segments: [{all: {run_rate: 12B USD/yr}}]}";

/// An instrument of the plain engine by its place.
pub fn instrument<'a>(path: &'a Path<'_>, plan: &Plan, name: &str) -> &'a dyn ScalarInstrument {
    path.instruments
        [plan.instruments.iter().position(|r| r.name == name).unwrap_or_else(|| panic!("no instrument {name}"))]
    .as_ref()
}

/// The state of an instrument whose kind is known.
pub fn state<S: Copy + 'static>(path: &Path<'_>, plan: &Plan, name: &str) -> S {
    *instrument(path, plan, name).state().downcast_ref().expect("an instrument of this kind")
}

/// Keeps the end metrics of every path.
#[derive(Default)]
pub struct Keep(pub Mutex<Vec<f64>>);
impl Observer for Keep {
    fn paths(&self, _: u64, rows: &Chunk, _: &[u8]) {
        self.0.lock().unwrap().extend_from_slice(&rows.ends);
    }
}

/// A run with the end metrics of its paths, path by path.
pub fn run_of(plan: &Plan, paths: u64, threads: usize, level: Level) -> (Results, Vec<f64>) {
    let keep = Keep::default();
    let results = run(plan, &RunSettings { paths, threads, level }, &keep).unwrap();
    (results, keep.0.into_inner().unwrap())
}

/// One end metric of every path of a run.
pub fn ends(model: &Model, paths: u64, name: &str) -> Vec<f64> {
    let (_, all) = run_of(&model.plan, paths, 0, Level::best());
    pick(&model.plan, &all, name)
}

/// One metric out of the end metrics of every path.
pub fn pick(plan: &Plan, all: &[f64], name: &str) -> Vec<f64> {
    let at = plan.metrics.find_end(name).unwrap_or_else(|| panic!("no metric {name}"));
    all.chunks(plan.metrics.at_end.len()).map(|row| row[at]).collect()
}

/// Columns of the board in every month for `blocks` blocks of paths: `[column][month − 1][path]`.
pub fn board(plan: &Plan, blocks: u64, columns: &[usize]) -> Vec<Vec<Vec<f64>>> {
    let mut out = vec![vec![Vec::new(); plan.months]; columns.len()];
    let mut worker = Worker::new(plan, Level::best());
    for block in 0..blocks {
        worker.block(block * LANES as u64, |w, t| {
            for (k, &c) in columns.iter().enumerate() {
                out[k][t - 1].extend_from_slice(&w.board[c].0);
            }
        });
    }
    out
}

/// Standard errors between a sample's mean and a stated mean; the standard error is the sample's own.
pub fn z_mean(sample: &[f64], mean: f64) -> f64 {
    let m = gapcast::stats::moments::Moments::of(sample);
    (m.mean - mean) / m.se()
}

/// Standard errors between a sample's variance and that of a normal law.
pub fn z_variance(sample: &[f64], variance: f64) -> f64 {
    let m = gapcast::stats::moments::Moments::of(sample);
    (m.sd() * m.sd() / variance - 1.0) / (2.0 / (sample.len() - 1) as f64).sqrt()
}

/// Standard errors between a share of a sample and a probability.
pub fn z_share(sample: &[f64], p: f64, holds: impl Fn(f64) -> bool) -> f64 {
    let n = sample.len() as f64;
    let k = sample.iter().filter(|&&x| holds(x)).count() as f64;
    (k / n - p) / (p * (1.0 - p) / n).sqrt()
}

/// Mean of `a − b` over paths, and its standard error.
pub fn paired(a: &[f64], b: &[f64]) -> (f64, f64) {
    let n = a.len() as f64;
    let d = || a.iter().zip(b).map(|(a, b)| a - b);
    let mean = d().sum::<f64>() / n;
    let variance = d().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// Asserts that the first mean is above the second by more than two paired standard errors.
#[track_caller]
pub fn above(what: &str, a: &[f64], b: &[f64]) {
    let (difference, error) = paired(a, b);
    assert!(difference > 2.0 * error && error > 0.0, "{what}: {difference} ± {error}");
}

/// Metrics at the horizon on the paths on which signs are tested.
pub fn many(model: &Model, metrics: &[&str]) -> Vec<Vec<f64>> {
    let all = run_of(&model.plan, super::sign_paths(4096), 0, Level::best()).1;
    metrics.iter().map(|metric| pick(&model.plan, &all, metric)).collect()
}

/// The same of the scenario of a large lab, `anthropic` or `openai`, in its variant `closed_base` under further settings.
pub fn many_of_lab(lab: &str, sets: &[&str], metrics: &[&str]) -> Vec<Vec<f64>> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{lab}-2026-06.yaml"));
    let sets =
        sets.iter().map(|&s| s.to_owned()).chain(["run.metrics=all".to_owned(), "checks=[]".to_owned()]).collect();
    let settings = Settings { variant: Some("closed_base".to_owned()), sets, ..Settings::default() };
    many(&Model::load(file, &settings).unwrap_or_else(|refused| panic!("{refused}")), metrics)
}
