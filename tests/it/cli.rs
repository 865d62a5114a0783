//! The program as a user runs it: exit codes, messages, what is written and what is not, the same bytes every time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SMALL: &str = include_str!("../common/small.yaml");

struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Bench {
        Bench { dir: tempfile::tempdir().unwrap() }
    }
    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }
    fn gapcast(&self, arguments: &[&str], level: Option<&str>) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gapcast"));
        command.current_dir(self.dir.path()).args(arguments).env_remove("GAPCAST_LEVEL");
        if let Some(level) = level {
            command.env("GAPCAST_LEVEL", level);
        }
        command.output().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// All tables of a run folder, by name.
fn tables(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut out: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "csv"))
        .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&p).unwrap()))
        .collect();
    out.sort();
    out
}

#[test]
fn a_run_writes_its_folder_and_prints_the_answer() {
    let b = Bench::new();
    b.file("small.yaml", SMALL);
    let out = b.gapcast(&["run", "small.yaml", "--name", "small", "--paths", "512"], None);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let summary = text(&out.stdout);
    assert!(summary.contains("Cash runs out by 2031-05 in "), "{summary}");
    assert!(summary.lines().count() <= 25, "{summary}");
    let folder = b.path("output/small");
    for file in [
        "run.json",
        "scenario.resolved.yaml",
        "summary.csv",
        "summary.json",
        "monthly.csv",
        "instruments.csv",
        "sources_uses.csv",
        "outcomes.csv",
        "charts/01-spend-and-revenue.svg",
        "charts/06-ownership.svg",
    ] {
        assert!(folder.join(file).is_file(), "{file} is missing");
    }
    let rows = fs::read_to_string(folder.join("outcomes.csv")).unwrap();
    assert_eq!(rows.lines().count(), 513);
    let run: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("run.json")).unwrap()).unwrap();
    assert_eq!(run["paths"], 512);
    assert_eq!(run["seed"], 7);
    assert!(run["files_sha256"]["outcomes.csv"].is_string());
}

#[test]
fn threads_levels_and_the_resolved_scenario_give_the_same_bytes() {
    let b = Bench::new();
    b.file("small.yaml", SMALL);
    let run = |out: &str, file: &str, threads: &str, level: Option<&str>| {
        let args =
            ["run", file, "--name", "small", "-n", "2300", "-j", threads, "--out", out, "--no-charts", "--quiet"];
        let done = b.gapcast(&args, level);
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        assert!(done.stdout.is_empty());
        tables(&b.path(out).join("small"))
    };
    let base = run("a", "small.yaml", "1", None);
    assert_eq!(base.len(), 14);
    assert!(base == run("b", "small.yaml", "2", None), "two threads differ from one");
    for level in gapcast::engine::level::Level::ALL.into_iter().filter(|l| l.available()) {
        assert!(base == run("c", "small.yaml", "2", Some(level.name())), "{} differs", level.name());
    }
    fs::copy(b.path("a/small/scenario.resolved.yaml"), b.path("again.yaml")).unwrap();
    // Defaults are written numbers there, which the table of assumptions lists.
    let results = |tables: Vec<(String, Vec<u8>)>| -> Vec<(String, Vec<u8>)> {
        tables.into_iter().filter(|(name, _)| name != "assumptions.csv").collect()
    };
    assert!(results(base) == results(run("d", "again.yaml", "1", None)), "the resolved scenario differs");
}

#[test]
fn the_first_paths_of_a_longer_run_are_the_shorter_run() {
    let b = Bench::new();
    b.file("small.yaml", SMALL);
    for (out, n) in [("short", "300"), ("long", "1500")] {
        let done = b.gapcast(&["run", "small.yaml", "--name", "small", "-n", n, "-o", out, "--no-charts", "-q"], None);
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    }
    let rows = |out: &str| fs::read_to_string(b.path(out).join("small/outcomes.csv")).unwrap();
    let (short, long) = (rows("short"), rows("long"));
    assert!(long.starts_with(&short));
}

/// Each mistake: what is replaced by what, and words that the message must contain.
const MISTAKES: &[(&str, &str, &str, &[&str])] = &[
    (
        "misspelt key",
        "growth_shock: 1%/mo to 2%/mo",
        "growth_shok: 1%/mo to 2%/mo",
        &["growth_shok", "did you mean `growth_shock`?"],
    ),
    ("wrong unit", "cash: 20B USD", "cash: 20 GW", &["small.yaml:", "USD"]),
    ("missing number", "cash: 20B USD,", "", &["cash", "opening"]),
    ("duplicate key", "run: {paths: 2048, seed: 7}", "run: {paths: 2048, seed: 7, seed: 8}", &["seed"]),
    ("bare money", "cash: 20B USD", "cash: 1.5", &["1.5", "1.5B USD"]),
    ("interval upside down", "growth_now: 3%/mo to 12%/mo", "growth_now: 12%/mo to 3%/mo", &["growth_now"]),
    ("law upside down", "{dist: beta, p5: 50%, p95: 75%}", "{dist: beta, p5: 75%, p95: 50%}", &["p5"]),
    ("unknown instrument", "  - revolver: {name", "  - revolvr: {name", &["revolvr", "did you mean `revolver`?"]),
    ("unknown input", "now: growth_now", "now: growth_nwo", &["growth_nwo", "growth_now"]),
    ("impossible correlation", "[[growth_now, growth_later, 0.3]]", "[[growth_now, growth_later, 1.3]]", &["−1 to 1"]),
    ("catch-up that never ends", "catch_up: 50%, promote: 20%", "catch_up: 10%, promote: 20%", &["catch-up"]),
    ("tranches above capex", "amount: 7B USD", "amount: 9B USD", &["tranches"]),
    ("ownership incomplete", "founders: 20%", "founders: 10%", &["90"]),
    ("unknown shock", "[demand, resale, 0.2]", "[demand, resail, 0.2]", &["resail", "resale"]),
];

#[test]
fn each_mistake_ends_with_code_2_the_place_and_a_hint_and_writes_nothing() {
    for (what, from, to, words) in MISTAKES {
        let b = Bench::new();
        assert!(SMALL.contains(from), "{what}: `{from}` is not in the scenario");
        b.file("small.yaml", SMALL.replacen(from, to, 1));
        let out = b.gapcast(&["run", "small.yaml", "--name", "small", "-n", "256"], None);
        let said = text(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{what}: {said}");
        assert!(said.contains("small.yaml:"), "{what}: no place in\n{said}");
        for word in *words {
            assert!(said.contains(word), "{what}: no `{word}` in\n{said}");
        }
        assert!(!b.path("output").exists(), "{what}: something was written");
        assert!(out.stdout.is_empty());
    }
}

#[test]
fn files_that_are_no_scenarios_are_refused() {
    let b = Bench::new();
    b.file("broken.yaml", "schema: 1\nname: [unclosed\n");
    b.file("bytes.yaml", [0xff, 0xfe, 0x00, 0x01]);
    b.file("empty.yaml", "");
    for (file, word) in [
        ("broken.yaml", "broken.yaml"),
        ("bytes.yaml", "bytes.yaml"),
        ("empty.yaml", "empty.yaml"),
        ("none.yaml", "none.yaml"),
    ] {
        let out = b.gapcast(&["run", file], None);
        assert_eq!(out.status.code(), Some(2), "{file}: {}", text(&out.stderr));
        assert!(text(&out.stderr).contains(word), "{}", text(&out.stderr));
        assert!(!b.path("output").exists());
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let b = Bench::new();
    let broken = SMALL.replacen("cash: 20B USD", "cash: 1.5", 1).replacen("growth_shock:", "growth_shok:", 1);
    b.file("small.yaml", broken);
    let out = b.gapcast(&["check", "small.yaml"], None);
    let said = text(&out.stderr);
    assert_eq!(out.status.code(), Some(2));
    assert!(said.contains("1.5B USD") && said.contains("growth_shock") && said.contains("2 errors"), "{said}");
}

#[test]
fn checks_decide_the_exit_code() {
    let b = Bench::new();
    b.file(
        "small.yaml",
        format!("{SMALL}checks:\n  - p(cash_out) < 99.9%\n  - p50(stake.founders at 2031-05) > 99%\n"),
    );
    let out = b.gapcast(&["run", "small.yaml", "--name", "small", "-n", "512", "--no-charts"], None);
    let said = text(&out.stdout);
    assert_eq!(out.status.code(), Some(3), "{}", text(&out.stderr));
    assert!(
        said.contains("✓ p(cash_out) < 99.9%") && said.contains("✗ p50(stake.founders at 2031-05) > 99%"),
        "{said}"
    );
    b.file("small.yaml", format!("{SMALL}checks: [p(cash_owt) < 5%]\n"));
    let out = b.gapcast(&["run", "small.yaml"], None);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("did you mean `cash_out`?"), "{}", text(&out.stderr));
}

#[test]
fn values_can_be_set_and_a_wrong_path_names_the_nearest() {
    let b = Bench::new();
    b.file("small.yaml", SMALL);
    let set = |value: &str| {
        b.gapcast(
            &["run", "small.yaml", "--name", "small", "--force", "-n", "256", "--no-charts", "--json", "--set", value],
            None,
        )
    };
    let out = set("instruments.revolver.limit=0 USD");
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let said: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(said[0]["paths"], 256);
    let resolved = fs::read_to_string(b.path("output/small/scenario.resolved.yaml")).unwrap();
    assert!(resolved.contains("limit: 0 USD"));
    let out = set("instruments.revolver.limt=0 USD");
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stdout).contains("did you mean `limit`?"), "{}", text(&out.stdout));
}

#[test]
fn a_folder_that_is_not_ours_is_left_alone() {
    let b = Bench::new();
    b.file("small.yaml", SMALL);
    fs::create_dir_all(b.path("output/small")).unwrap();
    fs::write(b.path("output/small/thesis.txt"), "years of work").unwrap();
    let out = b.gapcast(&["run", "small.yaml", "--name", "small", "-n", "256"], None);
    assert_eq!(out.status.code(), Some(5));
    assert_eq!(fs::read_to_string(b.path("output/small/thesis.txt")).unwrap(), "years of work");
}

#[test]
fn usage_errors_end_with_code_2_and_help_with_0() {
    let b = Bench::new();
    assert_eq!(b.gapcast(&["run"], None).status.code(), Some(2));
    assert_eq!(b.gapcast(&["run", "x.yaml", "--paths", "0"], None).status.code(), Some(2));
    assert_eq!(b.gapcast(&["--help"], None).status.code(), Some(0));
    assert_eq!(b.gapcast(&["run", "x.yaml"], Some("avx1024")).status.code(), Some(2));
}
