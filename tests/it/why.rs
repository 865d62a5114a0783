//! Why paths run out of cash, and what lenders lose, in scenarios whose answers can be worked by hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Revenue is 1B USD a month and staff cost is the only input with an effect: cash of 20B lasts 36 months if
/// 36 (cost − 12)/12 ≤ 20, that is up to 18.667B a year.
const PLANTED: &str = "
schema: 1
name: planted
time: {start: 2026-01, months: 36}
run: {paths: 400, seed: 1}
inputs:
  cost: {dist: uniform, min: 12B USD/yr, max: 24B USD/yr}
  multiple: {dist: uniform, min: 5x, max: 15x}
  rate: {dist: uniform, min: 1%/yr, max: 5%/yr}
world:
  equity_multiple: {now: multiple, later: multiple, volatility: 0%/yr}
  sofr: {start: rate, long_run: rate}
lab:
  opening: {cash: 20B USD, shares: {founders: 100%}}
  demand:
    growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}
    growth_is: underlying
    saturation: none
    segments: [{all: {run_rate: 12B USD/yr}}]
  compute:
    inference: {gross_margin: {now: 100%, later: 100%, over: 1 mo}}
    capacity: none
  people: {cost: cost, growth: 0%/yr}
  policy: {minimum_cash: 0 USD, maximum_cash: 1000B USD, distress_below: 0 mo}
";

/// Largest annual cost that a path survives, B USD.
const SURVIVED: f64 = 12.0 + 20.0 / 3.0;

struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn new(scenario: &str) -> Bench {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.yaml"), scenario).unwrap();
        Bench { dir }
    }
    /// What a command prints, and its exit code.
    fn gapcast(&self, arguments: &[&str]) -> (String, Option<i32>) {
        let out =
            Command::new(env!("CARGO_BIN_EXE_gapcast")).current_dir(self.dir.path()).args(arguments).output().unwrap();
        (String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr), out.status.code())
    }
    fn run(&self, more: &[&str]) -> PathBuf {
        let (said, code) = self.gapcast(&[&["run", "a.yaml", "--name", "a", "--force"], more].concat());
        assert_eq!(code, Some(0), "{said}");
        self.dir.path().join("output/a")
    }
}

/// Rows of a table, each by the names of its columns.
fn table(at: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(at).unwrap_or_else(|e| panic!("{}: {e}", at.display()));
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or(f64::NAN)
}

#[test]
fn a_planted_cause_is_found() {
    let bench = Bench::new(PLANTED);
    let folder = bench.run(&["-q"]);
    let shared: Vec<_> = table(&folder.join("why.csv")).into_iter().filter(|row| row["part"] == "shared").collect();
    let of = |name: &str| shared.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("no {name}"));
    // Pooled pairs are half ruined, and the cost decides: its quarters give the whole bit. Of 999 exchanges none does.
    let cost = of("cost");
    assert_eq!((number(cost, "bits"), number(cost, "p"), number(cost, "p_adjusted")), (1.0, 0.001, 0.001));
    assert!(number(cost, "ruined") > SURVIVED * 1e9 && number(cost, "survivors") < SURVIVED * 1e9, "{cost:?}");
    assert_eq!(shared[..2].iter().filter(|row| row["name"] == "cost").count(), 1);
    // Inputs without an effect: an adjusted p value of at most 5% has a probability of at most 5%, at this fixed seed.
    for name in ["multiple", "rate"] {
        assert!(number(of(name), "p_adjusted") > 0.05, "{:?}", of(name));
    }
    let page = fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(page.contains("What ruined paths share most") && page.contains("the input “cost”"));
}

#[test]
fn the_smallest_saving_change_is_that_worked_by_hand() {
    let bench = Bench::new(PLANTED);
    let folder = bench.run(&["-q"]);
    let levers = table(&folder.join("levers.csv"));
    let of = |name: &str| levers.iter().find(|row| row["lever"] == name).unwrap_or_else(|| panic!("no {name}"));
    let path: usize = levers[0]["path"].parse().unwrap();
    let cost = number(&table(&folder.join("outcomes.csv"))[path], "input.cost") / 1e9;
    assert!(cost > SURVIVED);
    // cost × (1 − x) ≤ 18.667, and 20 (1 + x) ≥ 3 (cost − 12).
    let lower = (100.0 * (1.0 - SURVIVED / cost)).ceil();
    let higher = (100.0 * (3.0 * (cost - 12.0) / 20.0 - 1.0)).ceil();
    for (lever, change) in [("staff_cost", -lower), ("opening_cash", higher)] {
        let row = of(lever);
        assert_eq!((number(row, "saved"), (100.0 * number(row, "change")).round()), (1.0, change), "{row:?}");
    }
    assert_eq!(number(of("minimum_cash"), "saved"), 0.0);
    // The settings can be given to `--set`, and save the path.
    let (said, code) = bench.gapcast(&[
        "trace",
        "a.yaml",
        "--path",
        &path.to_string(),
        "--csv",
        "--set",
        &of("staff_cost")["settings"],
    ]);
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains(",event,arrears,"), "{said}");
    // The nearest survivor has a lower cost, and little else about it matters.
    let twin = table(&folder.join("twin.csv"));
    let own = twin.iter().find(|row| row["name"] == "cost").unwrap();
    assert!(number(own, "value") > SURVIVED * 1e9 && number(own, "twin_value") <= SURVIVED * 1e9, "{own:?}");
    let page = fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(page.contains(&format!("would have had cash to the horizon with staff cost {lower:.0}% lower")));
}

#[test]
fn the_answers_are_the_same_on_any_threads_and_are_redrawn() {
    let bench = Bench::new(PLANTED);
    let files = ["why.csv", "twin.csv", "levers.csv", "report.html"];
    let read = |folder: &Path| files.map(|file| fs::read(folder.join(file)).unwrap());
    let first = read(&bench.run(&["-q", "-j", "1"]));
    let folder = bench.run(&["-q", "-j", "3"]);
    assert!(first == read(&folder));
    fs::remove_file(folder.join("report.html")).unwrap();
    let (said, code) = bench.gapcast(&["report", "output/a"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(first == read(&folder));
    let (said, code) = bench.gapcast(&["verify", "output/a"]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn without_ruin_or_without_survivors_there_is_little_to_tell() {
    let all = PLANTED.replace("min: 12B USD/yr, max: 24B USD/yr", "min: 20B USD/yr, max: 24B USD/yr");
    let folder = Bench::new(&all);
    let at = folder.run(&["-q"]);
    assert!(!at.join("why.csv").exists() && !at.join("twin.csv").exists() && at.join("levers.csv").exists());
    let page = fs::read_to_string(at.join("report.html")).unwrap();
    assert!(page.contains("there is no survivor to compare with"));
    let none = PLANTED.replace("min: 12B USD/yr, max: 24B USD/yr", "min: 12B USD/yr, max: 18B USD/yr");
    let folder = Bench::new(&none);
    let at = folder.run(&["-q"]);
    assert!(!at.join("why.csv").exists() && !at.join("levers.csv").exists());
    assert!(!fs::read_to_string(at.join("report.html")).unwrap().contains("id=\"why\""));
}

/// A term loan of 10B to the planted lab, without amortisation before its end.
fn lent() -> String {
    PLANTED.to_owned() + "  default: {outcomes: {rescue: 0%, restructuring: 0%, acquisition: 50%, liquidation: 50%}, acquisition: 1.5x, liquidation: 0.2x}
instruments:
  - term_loan: {name: loan, amount: 10B USD, date: 2026-02, term: 60 mo, rate: sofr + 400 bp, interest_only: 48 mo}
"
}

#[test]
fn credit_answers_are_those_of_the_outcomes() {
    let bench = Bench::new(&lent());
    let folder = bench.run(&["-q"]);
    let paths = table(&folder.join("outcomes.csv"));
    let column = |name: &str| paths.iter().map(|row| number(row, name)).collect::<Vec<_>>();
    let (claims, losses, rates) = (column("loan.claim"), column("loan.loss"), column("loan.irr"));
    let n = paths.len() as f64;
    let all: Vec<_> = table(&folder.join("credit.csv")).into_iter().filter(|row| row["claimant"] == "loan").collect();
    let value = |measure: &str| {
        let row = all.iter().find(|row| row["measure"] == measure && row["year"].is_empty());
        number(row.unwrap_or_else(|| panic!("no {measure}")), "value")
    };
    // The outcomes are rounded to ten digits.
    let near = |measure: &str, by_hand: f64| {
        assert!((value(measure) - by_hand).abs() <= 1e-8 * by_hand.abs(), "{measure}: {} {by_hand}", value(measure));
    };
    let failed = claims.iter().filter(|claim| **claim > 0.0).count() as f64;
    let sum = |values: &[f64]| values.iter().sum::<f64>();
    assert!(failed > 20.0 && failed < n && sum(&losses) > 0.0);
    near("pd", failed / n);
    near("commitment", 1e10);
    near("expected_loss", sum(&losses) / n);
    near("expected_loss_bp", sum(&losses) / n / 1e6);
    near("expected_loss_bp_a_year", sum(&losses) / n / 3e6);
    near("lgd", sum(&losses) / sum(&claims));
    // Four of 400 paths are the worst hundredth.
    let mut sorted = losses.clone();
    sorted.sort_by(|a, b| b.total_cmp(a));
    near("loss_p99", sorted[3]);
    near("loss_es99", sum(&sorted[..4]) / 4.0);
    let lossy: Vec<f64> = rates
        .iter()
        .zip(&losses)
        .filter(|(rate, loss)| **loss > 0.0 && !rate.is_nan())
        .map(|(rate, _)| *rate)
        .collect();
    near("irr_given_loss", sum(&lossy) / lossy.len() as f64);
    // All failures were replayed, so that the probabilities by year add up, to the total and by the dates of default.
    let by_year = all.iter().filter(|row| row["measure"] == "pd" && !row["year"].is_empty());
    let by_year: BTreeMap<String, f64> = by_year.map(|row| (row["year"].clone(), number(row, "events"))).collect();
    let mut by_hand: BTreeMap<String, f64> = by_year.keys().map(|year| (year.clone(), 0.0)).collect();
    for row in paths.iter().filter(|row| !row["default_date"].is_empty()) {
        *by_hand.get_mut(&row["default_date"][..4]).unwrap() += 1.0;
    }
    assert_eq!(by_year, by_hand);
    // There is no winter in this world.
    assert_eq!(value("state.winter"), 0.0);
}

#[test]
fn what_the_scenario_names_first_comes_first() {
    let usual = Bench::new(&lent());
    let (said, _) = usual.gapcast(&["run", "a.yaml", "--name", "a"]);
    assert!(said.lines().nth(1).unwrap().starts_with("Cash runs out by"), "{said}");
    let page = fs::read_to_string(usual.dir.path().join("output/a/report.html")).unwrap();
    assert!(
        page.contains("<h1>Cash runs out by") && !usual.dir.path().join("output/a/charts/00-headline.svg").exists()
    );
    let bench = Bench::new(&lent().replace("\ntime:", "\nheadline: [loan.irr, default, run_rate]\ntime:"));
    let (said, code) = bench.gapcast(&["run", "a.yaml", "--name", "a"]);
    assert_eq!(code, Some(0), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[1].starts_with("  loan: IRR") && lines[2].starts_with("The lab defaults by 2028-12 in"), "{said}");
    assert!(lines[3].starts_with("  run-rate at the end") && lines[4].starts_with("Cash runs out by"), "{said}");
    let folder = bench.dir.path().join("output/a");
    let page = fs::read_to_string(folder.join("report.html")).unwrap();
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text}"));
    // The first metric is that of a lender: the report opens with credit, then the answer with the named metrics.
    assert!(
        at("<h1>Loan: IRR: median") < at("<section id=\"credit\"")
            && at("<section id=\"credit\"") < at("<section id=\"answer\"")
    );
    assert!(at("<h3>Loan: IRR, P50") < at("<h3>The lab defaults by"));
    assert!(
        folder.join("charts/00-headline.svg").exists() && page.contains("The metrics that the scenario names first")
    );
    let summary: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("summary.json")).unwrap()).unwrap();
    assert_eq!(summary["headline"], serde_json::json!(["loan.irr", "default", "run_rate"]));
    let (said, code) = bench.gapcast(&["verify", "output/a"]);
    assert_eq!(code, Some(0), "{said}");
}
