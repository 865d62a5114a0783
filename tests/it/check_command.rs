//! `gapcast check`: variants, lints and origins as a user sees them.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

const SMALL: &str = include_str!("../common/small.yaml");

struct Bench(tempfile::TempDir);

impl Bench {
    fn new() -> Bench {
        Bench(tempfile::tempdir().unwrap())
    }
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }
    fn gapcast(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_gapcast")).current_dir(self.0.path()).args(arguments).output().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The small scenario without its checks and what follows them, and these lines in their place.
fn ending(lines: &str) -> String {
    let kept =
        SMALL.lines().take_while(|l| !l.starts_with("checks:")).map(|l| format!("{l}\n")).collect::<Vec<_>>().concat();
    kept + lines
}

#[test]
fn problems_of_variants_are_told_once_with_their_names() {
    let b = Bench::new();
    b.file(
        "a.yaml",
        &ending(
            "checks: [p50(services.irr) > 0%/yr]
variants:
  a: {set: {instruments.services.name: other}}
  b: {set: {instruments.services.name: other, run.seed: 5}}
  d: {set: {lab.opening.cash: 5 GW}}
",
        ),
    );
    let out = b.gapcast(&["check", "a.yaml"]);
    let said = text(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{said}");
    for want in [
        "unknown metric `services.irr`",
        "this applies only to the variants `a`, `b`",
        "expected money, found a value in `GW`",
        "this applies only to the variant `d`",
        "2 errors",
    ] {
        assert!(said.contains(want), "{want} in\n{said}");
    }
    // The file itself is sound, and so is a variant that is asked for by name.
    assert_eq!(
        b.gapcast(&["check", "a.yaml", "--variant", "b", "--set", "checks=[p(default) < 50%]"]).status.code(),
        Some(0)
    );
}

#[test]
fn variants_that_change_nothing_or_cannot_be_folders_are_refused() {
    for (variants, want) in [
        ("{none: {}}", "empty-variant"),
        ("{none: {about: as it is}}", "empty-variant"),
        ("{none: {set: {}, remove: []}}", "empty-variant"),
        ("{\"../up\": {set: {run.seed: 5}}}", "error[name]"),
        ("{con: {set: {run.seed: 5}}}", "Windows"),
        ("[a, b]", "`variants` is a map of names"),
        ("{a: [run.seed]}", "a variant is a map"),
        ("{a: {sets: {run.seed: 5}}}", "did you mean `set`?"),
    ] {
        let b = Bench::new();
        b.file("a.yaml", &ending(&format!("variants: {variants}\n")));
        let out = b.gapcast(&["check", "a.yaml"]);
        let said = text(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{variants}: {said}");
        assert!(said.contains(want), "{variants}: {want} in\n{said}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_at_its_line() {
    // What is replaced by what, the code, and what the caret stands under.
    for (from, to, code, under) in [
        ("term: 60 mo, credits", "term: 0 mo, credits", "dates-order", "0 mo"),
        ("lease: {term: 36 mo}", "lease: {term: 0 mo}", "range", "0 mo"),
        ("orders: {lead: 12 mo}", "orders: {lead: 0 mo}", "range", "0 mo"),
        ("orders: {lead: 12 mo}", "orders: {lead: 6 mo to 12 mo}", "uncertain", "6 mo to 12 mo"),
        ("start: 2026-10, over", "start: 2026-10 to 2027-02, over", "uncertain", "2026-10 to 2027-02"),
        (
            "[growth_now, growth_later, 0.3]",
            "[growth_now, growth_later, 0.3], [growth_later, growth_now, 0.2]",
            "correlation",
            "[growth_later, growth_now, 0.2]",
        ),
        (
            "[demand, resale, 0.2]",
            "[demand, resale, 0.2], [resale, demand, 0.1]",
            "correlation",
            "[resale, demand, 0.1]",
        ),
        ("growth_later: 0.2%/mo to 2%/mo", "growth_later: 0.5 * growth_now", "input-of-inputs", "growth_now"),
        ("growth_later: 0.2%/mo to 2%/mo", "growth_later: 0.2%/mo to 2%/mo\n  max: 1x to 2x", "name", "max"),
        ("{t: {df: 4}}", "{t: {df: 4, of: 3}}", "unknown-key", "of"),
        ("name: services", "name: lease", "duplicate-name", "lease"),
        ("name: services", "name: alpha", "duplicate-name", "alpha"),
        ("name: services", "name: world", "name", "world"),
        ("investors: 60%", "new_investors: 60%", "name", "new_investors"),
        ("pool: 2%", "pool: 22%", "range", "22%"),
        ("at_most_later: 45%", "at_most_later: 15%", "range", "15%"),
        ("most: 8%/mo, behind", "most: 1%/mo, behind", "range", "1%/mo"),
        ("volatility: 35%/yr}\n  equity_window", "volatility: 35%/yr, cap: 12x}\n  equity_window", "range", "12x"),
    ] {
        let b = Bench::new();
        assert!(SMALL.contains(from), "`{from}` is in the scenario");
        b.file("small.yaml", &SMALL.replacen(from, to, 1));
        let out = b.gapcast(&["check", "small.yaml", "--json"]);
        let told: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        let issues = told[0]["issues"].as_array().unwrap();
        let found = issues.iter().find(|i| i["code"] == code && i["severity"] == "error");
        let found = found.unwrap_or_else(|| panic!("{to}: no {code} in {issues:#?}"));
        assert_eq!(out.status.code(), Some(2), "{to}");
        let line = found["place"]["line"].as_u64().unwrap() as usize;
        let column = found["place"]["column"].as_u64().unwrap() as usize;
        let text = fs::read_to_string(b.0.path().join("small.yaml")).unwrap();
        let at = &text.lines().nth(line - 1).unwrap()[column - 1..];
        assert!(at.starts_with(under), "{to}: {code} points at `{at}`");
    }
}

#[test]
fn an_hour_of_an_accelerator_over_its_power_is_a_price_of_power() {
    let b = Bench::new();
    let price = "compute_price: {contract: 9B USD/GW-yr";
    let with = |value: &str| SMALL.replacen(price, &format!("compute_price: {{contract: {value}"), 1);
    b.file("bare.yaml", &with("2.10 USD/gpu-hour"));
    let said = text(&b.gapcast(&["check", "bare.yaml"]).stderr);
    assert!(said.contains("`2.10 USD/gpu-hour / 1.4 kW`"), "{said}");
    // 2 USD × 8 766 h / 2 kW is 8 766 USD a kW-year.
    b.file("hours.yaml", &with("2 USD/gpu-hour / 2 kW"));
    b.file("years.yaml", &with("8.766B USD/GW-yr"));
    let outcomes = |file: &str| {
        let out =
            b.gapcast(&["run", file, "--name", "small", "--force", "-n", "256", "--no-charts", "-q", "--out", "out"]);
        assert!(matches!(out.status.code(), Some(0 | 3)), "{}", text(&out.stderr));
        fs::read_to_string(b.0.path().join("out/small/summary.csv")).unwrap()
    };
    assert_eq!(outcomes("hours.yaml"), outcomes("years.yaml"));
    assert_eq!(b.gapcast(&["check", "hours.yaml"]).status.code(), Some(0));
}

#[test]
fn origins_are_shown_beside_values() {
    let b = Bench::new();
    b.file("base.yaml", SMALL);
    b.file(
        "over.yaml",
        "extends: base.yaml
name: over
lab: {opening: {cash: 25B USD}}
variants: {late: {set: {time.start: 2026-05}}}
",
    );
    let out = b.gapcast(&[
        "check",
        "over.yaml",
        "--show-origin",
        "--variant",
        "late",
        "--set",
        "lab.people.growth=20%/yr",
        "-n",
        "512",
        "--quiet",
    ]);
    let shown = text(&out.stdout);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let line = |start: &str| {
        shown
            .lines()
            .find(|l| l.trim_start().starts_with(start))
            .unwrap_or_else(|| panic!("{start} in\n{shown}"))
            .to_owned()
    };
    for (start, want) in [
        ("name: over", "# over.yaml:2"),
        ("cash: 25B USD", "# over.yaml:3"),
        ("start: 2026-05", "# variant late over.yaml:4"),
        ("months: 60", "# extends base.yaml:3"),
        ("paths: 512", "# --paths 512"),
        ("growth: 20%/yr", "# --set lab.people.growth=20%/yr"),
        ("saturation: logistic", "# default"),
        ("seed: 7", "# extends base.yaml:4"),
    ] {
        assert!(line(start).ends_with(want), "{start}: {}", line(start));
    }
    // Aligned: all origins of short values begin in one column.
    let at: Vec<usize> = shown.lines().filter(|l| l.len() < 100).filter_map(|l| l.find("  # ")).collect();
    assert!(at.len() > 100 && at.iter().filter(|x| **x == at[0]).count() * 10 > at.len() * 9, "{at:?}");
    let out = b.gapcast(&["check", "over.yaml", "--show-origin", "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let values = told[0]["values"].as_array().unwrap();
    let of = |path: &str| values.iter().find(|v| v["path"] == path).unwrap_or_else(|| panic!("{path}"));
    assert_eq!(of("lab.opening.cash")["origin"], "file");
    assert_eq!(of("lab.opening.cash")["line"], 3);
    assert_eq!(of("time.start")["origin"], "extends");
    assert_eq!(of("lab.compute.contracts.alpha.take_or_pay")["origin"], "default");
    assert_eq!(of("instruments.lease.capex")["value"], "10B USD");
}

#[test]
fn lints_are_told_by_check_and_not_by_run() {
    let b = Bench::new();
    b.file("small.yaml", &ending("checks: [p(default) <= 100%]\n"));
    let out = b.gapcast(&["check", "small.yaml"]);
    let said = text(&out.stderr);
    assert_eq!(out.status.code(), Some(0), "warnings are no errors: {said}");
    assert!(said.contains("warning[lint-check-cannot-fail]"), "{said}");
    let out = b.gapcast(&["run", "small.yaml", "--name", "small", "-n", "256", "--no-charts"]);
    assert!(!text(&out.stderr).contains("lint-"), "{}", text(&out.stderr));
}

/// In a file of one lab the supply of equity is what this lab can get, which `check` says.
#[test]
fn whom_the_supply_of_equity_is_for() {
    let b = Bench::new();
    b.file("closed.yaml", crate::common::CLOSED);
    let out = b.gapcast(&["check", "closed.yaml"]);
    let said = text(&out.stdout) + &text(&out.stderr);
    let line = said.lines().find(|line| line.starts_with("supply of equity:")).expect("a line on it");
    assert!(line.contains("is the supply to this lab, not to all labs") && line.contains("10.0B USD"), "{line}");
    let line = said.lines().find(|line| line.starts_with("supply of credit:")).expect("a line on it");
    assert!(line.contains("4.0B USD") && line.contains("to this lab and its vehicles, not to all labs"), "{line}");
}
