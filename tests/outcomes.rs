//! `outcomes.csv` and `summary.csv` of every shipped scenario say the same.

use std::fs;
use std::path::{Path as File, PathBuf};
use std::process::Command;

use gapcast::stats::quantile::{QuantileType, quantile};

/// A table as rows of cells, and its heading.
fn table(at: &File) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_path(at).unwrap_or_else(|e| panic!("{}: {e}", at.display()));
    let text = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let heading = text(reader.headers().unwrap());
    (heading, reader.records().map(|row| text(&row.unwrap())).collect())
}

/// For every shipped scenario: a quantile of `summary.csv` is that of the column of `outcomes.csv`, to 1e-9, and lies between
/// two neighbouring values; floats have a point, flags and months have none.
#[test]
fn the_summary_is_that_of_the_outcomes() {
    let out = tempfile::tempdir().unwrap();
    let mut scenarios: Vec<PathBuf> = fs::read_dir(File::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .collect();
    scenarios.sort();
    for scenario in scenarios {
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
                let right = quantile(&values, level, QuantileType::Linear);
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
