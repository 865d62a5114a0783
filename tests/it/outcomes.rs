//! `outcomes.csv` and `summary.csv` of every shipped scenario agree, and the errors of its monthly quantiles are within
//! the stated resolution.

use std::fs;
use std::path::{Path as File, PathBuf};
use std::process::Command;

use gapcast::engine::level::Level;
use gapcast::engine::run::{RunSettings, Silent, run};
use gapcast::model::{Model, Settings};
use gapcast::outcome::Outcome;
use gapcast::plan::metrics::Metric;
use gapcast::stats::quantile::quantile;

/// A table as rows of cells, and its heading.
fn table(at: &File) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_path(at).unwrap_or_else(|e| panic!("{}: {e}", at.display()));
    let text = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let heading = text(reader.headers().unwrap());
    (heading, reader.records().map(|row| text(&row.unwrap())).collect())
}

/// All shipped scenarios.
fn scenarios() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(File::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .collect();
    all.sort();
    all
}

/// For every shipped scenario: a quantile of `summary.csv` is that of the column of `outcomes.csv`, to 1e-9, and lies between
/// two neighbouring values; floats have a point, flags and months have none.
#[test]
fn the_summary_is_that_of_the_outcomes() {
    let out = tempfile::tempdir().unwrap();
    for scenario in scenarios() {
        let run = Command::new(env!("CARGO_BIN_EXE_gapcast"))
            .args(["run", "-q", "--no-charts", "-n", "700", "--name", "run", "--force", "-o"])
            .arg(out.path())
            .arg(&scenario)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(matches!(run.status.code(), Some(0 | 3)), "{}: {said}", scenario.display());
        let folder = out.path().join("run");
        let ((names, rows), (heading, summary)) =
            (table(&folder.join("outcomes.csv")), table(&folder.join("summary.csv")));
        assert_eq!(rows.len(), 700);
        assert_eq!(heading[6..], ["p05", "p25", "p50", "p75", "p95", "resolution"]);
        let mut compared = 0;
        for row in &summary {
            let at = names.iter().position(|name| *name == row[0]).unwrap_or_else(|| panic!("no column {}", row[0]));
            let cells: Vec<&str> = rows.iter().map(|row| row[at].as_str()).filter(|cell| !cell.is_empty()).collect();
            let pointed = cells.iter().filter(|cell| cell.contains('.')).count();
            assert!(pointed == 0 || pointed == cells.len(), "{} mixes whole numbers and floats", row[0]);
            let mut values: Vec<f64> = cells.iter().map(|cell| cell.parse().unwrap()).collect();
            values.sort_unstable_by(f64::total_cmp);
            assert_eq!(row[2], values.len().to_string(), "{}", row[0]);
            for (level, cell) in [0.05, 0.25, 0.5, 0.75, 0.95].into_iter().zip(&row[6..11]) {
                let right = quantile(&values, level);
                if right.is_nan() {
                    assert_eq!(cell, "", "{}", row[0]);
                    continue;
                }
                let found: f64 = cell.parse().unwrap();
                // The cells of the two neighbours are rounded to ten digits.
                let size = values[((values.len() - 1) as f64 * level) as usize].abs().max(right.abs());
                assert!((found - right).abs() <= 1e-9 * size, "{} {}: {found} for {right}", scenario.display(), row[0]);
                compared += 1;
            }
            assert_eq!(row[11], if values.is_empty() { "" } else { "0.0" }, "{}", row[0]);
        }
        assert!(compared > 100, "{}: {compared}", scenario.display());
    }
}

/// The quantiles of `monthly.csv` are counted in bins: the exact quantile of the same values lies within the stated
/// resolution. `GAPCAST_PATHS=20000` tests every month with that number of paths.
#[test]
fn monthly_quantiles_lie_within_their_resolution() {
    const LEVELS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
    let asked: Option<u64> = std::env::var("GAPCAST_PATHS").ok().map(|n| n.parse().unwrap());
    let paths = asked.unwrap_or(700);
    let settings = Settings { paths: Some(paths), ..Settings::default() };
    for scenario in scenarios() {
        let plain = Model::load(&scenario, &settings).unwrap_or_else(|e| panic!("{:?}", e.issues));
        let plan = &plain.plan;
        let all: Vec<usize> =
            if asked.is_some() { (1..=plan.months).collect() } else { vec![1, plan.months / 3, plan.months - 1] };
        let (mut compared, mut worst) = (0, 0.0f64);
        for some in all.chunks(6) {
            // A check uses exact values: those of each metric in each of these months are kept on every path.
            let date = |t: usize| plan.start.plus(t as i32 - 1);
            let check = |metric: &Metric, t: usize| {
                let zero = match metric.unit.name() {
                    "share" | "1/yr" => "0%",
                    "months" => "0 mo",
                    "x" => "0x",
                    "count" | "shares" => "0",
                    "GW" => "0 GW",
                    "USD/GW-mo" => "0 USD/GW-yr",
                    "USD/yr" => "0 USD/yr",
                    _ => "0 USD",
                };
                format!("\"p50({} at {}) >= {zero}\"", metric.name, date(t))
            };
            let checks: Vec<String> =
                plan.metrics.monthly.iter().flat_map(|m| some.iter().map(move |&t| check(m, t))).collect();
            let over = format!("extends: the scenario\nchecks: [{}]\n", checks.join(", "));
            let files = plain.sources.files().map(|(name, text)| (name.to_owned(), text.to_owned()));
            let texts: Vec<(String, String)> = [("over.yaml".to_owned(), over)].into_iter().chain(files).collect();
            let plan = Model::from_texts(&texts, &settings).unwrap_or_else(|e| panic!("{:?}", e.issues)).plan;
            let settings = RunSettings { paths, threads: 0, level: Level::best() };
            let results = run(&plan, &settings, &Silent).unwrap();
            let outcome = Outcome::new(plan.clone(), results);
            for (k, metric) in plan.metrics.monthly.iter().enumerate() {
                for &t in some {
                    let what = format!("{}: {} in {}", scenario.display(), metric.name, date(t));
                    let exact = outcome.metric(&format!("{}.at_{}", metric.name, date(t)));
                    let exact = exact.unwrap_or_else(|| panic!("{what} is not kept"));
                    let binned = outcome.monthly(k, t);
                    assert_eq!(binned.n(), exact.n(), "{what}");
                    for (found, right) in binned.quantiles(&LEVELS).into_iter().zip(exact.quantiles(&LEVELS)) {
                        assert_eq!(right.resolution, 0.0, "{what}");
                        assert_eq!(found.value.is_nan(), right.value.is_nan(), "{what}");
                        if !right.value.is_nan() {
                            let off = (found.value - right.value).abs();
                            let slack = 1e-12 * right.value.abs();
                            assert!(off <= found.resolution + slack, "{what}: {found:?} for {}", right.value);
                            worst = worst.max(off / found.resolution.max(slack));
                            compared += 1;
                        }
                    }
                }
            }
        }
        println!("{}: {compared} quantiles, at most {worst:.2} of the stated resolution", scenario.display());
        assert!(compared > 100, "{}: {compared}", scenario.display());
    }
}
