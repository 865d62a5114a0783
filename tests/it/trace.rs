//! `gapcast trace` and the files of `trace/`: statements that tie, the same path as the run's, the same numbers as its tables.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Output};

use crate::common::SMALL;
use gapcast::model::Model;
use gapcast::output::trace::{Statement, trace};

fn gapcast(dir: &std::path::Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gapcast")).current_dir(dir).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Rows of a trace by (month, entity, statement, line).
fn rows(csv: &str) -> BTreeMap<(String, String, String, String), f64> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(reader.headers().unwrap(), vec!["path", "month", "entity", "statement", "line", "unit", "value"]);
    let mut out = BTreeMap::new();
    for row in reader.records() {
        let row = row.unwrap();
        let key = (row[1].to_owned(), row[2].to_owned(), row[3].to_owned(), row[4].to_owned());
        let value = if row[6].is_empty() { f64::NAN } else { row[6].parse().unwrap() };
        assert!(out.insert(key, value).is_none(), "twice: {row:?}");
    }
    out
}

/// Everything adds up in every month of every kind of instrument, alive or not, and something fails on the way.
#[test]
fn statements_tie_on_every_path() {
    let model = crate::common::model(SMALL);
    let (mut ended, mut marks) = (0, BTreeMap::new());
    for path in 0..60 {
        let trace = trace(&model, path).unwrap_or_else(|broken| panic!("{broken}"));
        for tie in trace.ties(1, trace.months()) {
            assert!(tie.holds, "path {path}: {} is off by {}", tie.what, tie.off);
        }
        for mark in trace.events.iter().chain(&trace.bounds) {
            *marks.entry(mark.line.clone()).or_insert(0) += 1;
        }
        let assets = trace.lab(Statement::Balance, "assets").unwrap();
        ended += usize::from(assets.values.iter().any(|x| x.is_nan()));
    }
    assert!(ended > 0, "no lab ended");
    for bound in ["unpaid", "minimum_cash", "draw_stopped", "window_shut", "covenant", "distress.research"] {
        assert!(marks.contains_key(bound), "`{bound}` was never told: {marks:?}");
    }
}

/// An identity that does not hold is reported: the check can fail.
#[test]
fn a_wrong_statement_does_not_tie() {
    let model = crate::common::model(SMALL);
    let mut trace = trace(&model, 3).unwrap();
    let line = trace.series.iter_mut().find(|s| s.line == "receipts").unwrap();
    line.values[5] += 1e6;
    let ties = trace.ties(1, 12);
    assert!(ties.iter().any(|t| !t.holds && t.off > 0.9e6), "{ties:?}");
    assert!(trace.ties(7, 12).iter().all(|t| t.holds));
}

/// What a run writes is what `trace` prints, it is ranked as said, and its last month is the path's row of outcomes.
#[test]
fn named_paths_are_those_of_the_run() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("small.yaml"), SMALL).unwrap();
    let done = gapcast(dir.path(), &["run", "small.yaml", "--name", "small", "-n", "700", "--no-charts", "-q"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let folder = dir.path().join("output/small");
    let outcomes = fs::read_to_string(folder.join("outcomes.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(outcomes.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let at = |name: &str| heads.iter().position(|h| h == name).unwrap();
    let table: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let number = |row: &csv::StringRecord, name: &str| row[at(name)].parse::<f64>().unwrap_or(f64::INFINITY);
    // Worst first: by month of ruin, never being last, then by final cash.
    let mut order: Vec<usize> = (0..700).collect();
    order.sort_by(|&a, &b| {
        let key = |k: usize| (number(&table[k], "cash_out_month"), number(&table[k], "cash"));
        key(a).partial_cmp(&key(b)).unwrap().then(a.cmp(&b))
    });
    for (who, rank) in [("p05", 35), ("p25", 175), ("p50", 350), ("p75", 524), ("p95", 664), ("first_ruin", 0)] {
        let written = fs::read_to_string(folder.join(format!("trace/{who}.csv"))).unwrap();
        let path = order[rank];
        assert!(written.lines().nth(1).unwrap().starts_with(&format!("{path},")), "{who}");
        let printed =
            gapcast(dir.path(), &["trace", "small.yaml", "-n", "700", "--path", &who.replace('_', "-"), "--csv"]);
        assert_eq!(text(&printed.stdout), written, "{who}: {}", text(&printed.stderr));
        let rows = rows(&written);
        let last = rows.keys().last().unwrap().0.clone();
        for (statement, line, metric) in [
            ("cash_flow", "closing_cash", "cash"),
            ("cash_flow", "cumulative_gap", "cumulative_gap"),
            ("balance", "debt", "debt"),
            ("balance", "valuation", "valuation"),
            ("balance", "look_through_leverage", "look_through_leverage"),
            ("balance", "stake.founders", "stake.founders"),
            ("balance", "stake.employees", "stake.employees"),
            ("balance", "stake.new_investors", "stake.new_investors"),
        ] {
            // A line that is zero throughout has no row.
            let told = rows.get(&(last.clone(), "lab".into(), statement.into(), line.into())).copied().unwrap_or(0.0);
            let end = table[path][at(metric)].parse::<f64>().unwrap_or(f64::NAN);
            // Outcomes have ten digits.
            let near = (told - end).abs() <= 5.1e-10 * end.abs().max(1.0);
            assert!(near || (told.is_nan() && end.is_nan()), "{who}: {metric} is {told}, not {end}");
        }
        // Opening cash and all flows make closing cash, from the file alone.
        for month in rows.keys().map(|k| &k.0).collect::<std::collections::BTreeSet<_>>() {
            let cash = rows.iter().filter(|(k, _)| k.0 == *month && k.2 == "cash_flow");
            let (mut sum, mut size, mut closing) = (0.0, 0.0, 0.0);
            for ((.., line), x) in cash {
                match line.as_str() {
                    "closing_cash" => closing = *x,
                    "operating_flow" | "investing_flow" | "financing_flow" | "spend" | "gap" | "cumulative_gap"
                    | "net_flow" => {}
                    line if line.strip_suffix(".due").is_some() => {}
                    _ => (sum, size) = (sum + x, size + x.abs()),
                }
            }
            assert!((sum - closing).abs() <= 1e-9 * size, "{who}, {month}: {sum} and {closing}");
        }
    }
}

#[test]
fn a_table_fits_eighty_columns_and_says_that_it_ties() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("small.yaml"), SMALL).unwrap();
    for more in [&[] as &[&str], &["--months", "2027-01..2027-12"], &["--path", "first-ruin", "--months", "..2026-12"]]
    {
        let done = gapcast(dir.path(), &[&["trace", "small.yaml", "-n", "300", "-q"], more].concat());
        let said = text(&done.stdout);
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        for head in ["MARKET", "INCOME", "CASH FLOW", "BALANCE SHEET", "CAPACITY", "INSTRUMENT revolver", "EVENTS"] {
            assert!(said.contains(head), "no {head} in\n{said}");
        }
        assert!(said.lines().all(|l| l.chars().count() <= 80), "{said}");
        assert!(said.contains("✓ opening cash + in − out = closing cash") && !said.contains('✗'), "{said}");
    }
    let done = gapcast(dir.path(), &["trace", "small.yaml", "--instrument", "revolver", "-n", "64", "-q"]);
    assert!(text(&done.stdout).contains("INSTRUMENT revolver") && !text(&done.stdout).contains("INCOME"));
    let done = gapcast(dir.path(), &["trace", "small.yaml", "--path", "7", "-o", "seven.json", "-n", "64"]);
    assert!(done.stdout.is_empty(), "{}", text(&done.stdout));
    let seven: serde_json::Value = serde_json::from_slice(&fs::read(dir.path().join("seven.json")).unwrap()).unwrap();
    assert_eq!((seven["path"].as_u64(), seven["ties"][1]["holds"].as_bool()), (Some(7), Some(true)));
}

#[test]
fn what_cannot_be_traced_is_told() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("small.yaml"), SMALL).unwrap();
    for (arguments, words) in [
        (&["--path", "64"] as &[&str], "there is no path 64 among 64"),
        (&["--path", "p33"], "a number, p05"),
        (&["--instrument", "revolvr"], "did you mean `revolver`?"),
        (&["--months", "2025-01..2025-06"], "contains none of the simulated months, 2026-06 to"),
        (&["--months", "2028-01..2027-06"], "2028-01 is after 2027-06"),
    ] {
        let done = gapcast(dir.path(), &[&["trace", "small.yaml", "-n", "64"], arguments].concat());
        assert_eq!(done.status.code(), Some(2), "{arguments:?}");
        assert!(text(&done.stderr).contains(words), "{}", text(&done.stderr));
        assert!(done.stdout.is_empty());
    }
}

/// Lines of instruments in `trace` have the names, units and places of `instruments.csv`.
#[test]
fn lines_of_instruments_are_those_of_the_tables() {
    let model: Model = crate::common::model(SMALL);
    let trace = trace(&model, 0).unwrap();
    let plan = &model.plan;
    let all = plan
        .metrics
        .monthly
        .iter()
        .filter_map(|m| m.instrument.map(|instrument| (m, &plan.instruments[instrument].name)));
    for (metric, instrument) in all {
        let line = metric.name.strip_prefix(&format!("{instrument}.")).unwrap();
        let found = trace.series.iter().find(|s| s.entity == *instrument && s.line == line);
        let found = found.unwrap_or_else(|| panic!("no line {}", metric.name));
        assert_eq!(found.unit, metric.unit.name(), "{}", metric.name);
    }
}
