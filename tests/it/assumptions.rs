//! The table of assumptions: every number of a scenario, and what it rests on.

use gapcast::cli::diagnostics::render;
use gapcast::language::assumption::{self, Basis};
use gapcast::model::{Model, Settings};

const PLAIN: &str = "schema: 1
name: plain
time: {start: 2026-01, months: 12}
run: {paths: 1, seed: 1}
inputs:
  margin: {dist: beta, p5: 50%, p95: 70%, source: accounts}
  noise: {dist: lognormal, p5: 2%/mo, p95: 6%/mo, evidence: fitted, note: run-rates}
  later: 0%/mo to 2%/mo
dependence:
  spearman: [[margin, later, 0.3, 0 to 0.5]]
world:
  sofr: {start: 4%/yr, long_run: 3.5%/yr, volatility: 0%/yr, note: judgement}
lab:
  note: all of it is judgement
  opening: {cash: 1B USD, shares: {holders: 100%}}
  demand:
    growth: {now: {value: 5%/mo, range: 3%/mo to 8%/mo}, later: later, half_life: 12 mo}
    growth_is: underlying
    volatility: noise
    saturation: none
    segments: [{all: {run_rate: 1.2B USD/yr, source: filing, url: \"https://example.com/a\"}}]
  compute: {capacity: none, inference: {gross_margin: {now: margin, later: 0.9 * margin, over: 12 mo}}}
  interest_on_cash: {value: sofr - 10 bp, range: -30 bp to 10 bp}
  policy: {minimum_cash: 0 USD, evidence: choice}
";

fn rows(text: &str) -> Vec<Basis> {
    let model = Model::parse("t.yaml", text, &Settings::default())
        .unwrap_or_else(|refused| panic!("{}", render(&refused.issues, &refused.sources, false)));
    assumption::table(&model.reader)
}

#[test]
fn a_number_has_the_source_of_the_nearest_map_around_it() {
    let rows = rows(PLAIN);
    let of = |path: &str| rows.iter().find(|row| row.path == path).unwrap_or_else(|| panic!("{path}: {rows:#?}"));
    let told = |path: &str| {
        let row = of(path);
        (row.text.as_str(), row.evidence, row.range.as_str(), row.stated_at.as_str(), row.source.as_str())
    };
    assert_eq!(told("inputs.margin"), ("beta, p5 50%, p95 70%", "sourced", "50% to 70%", "inputs.margin", "accounts"));
    assert_eq!(told("inputs.noise").1, "fitted");
    assert_eq!(told("inputs.later"), ("0%/mo to 2%/mo", "", "0%/mo to 2%/mo", "", ""));
    assert_eq!(told("dependence.spearman.0"), ("margin, later: 0.3", "", "0 to 0.5", "", ""));
    assert_eq!(told("world.sofr.start"), ("4%/yr", "judgement", "", "world.sofr", ""));
    assert_eq!(told("lab.opening.cash"), ("1B USD", "judgement", "", "lab", ""));
    assert_eq!(told("lab.demand.growth.now"), ("5%/mo", "judgement", "3%/mo to 8%/mo", "lab", ""));
    let filing = ("1.2B USD/yr", "sourced", "", "lab.demand.segments.all", "filing");
    assert_eq!(told("lab.demand.segments.all.run_rate"), filing);
    assert_eq!(of("lab.demand.segments.all.run_rate").url, "https://example.com/a");
    assert_eq!(told("lab.compute.inference.gross_margin.later").0, "0.9 * margin");
    assert_eq!(told("lab.interest_on_cash"), ("sofr - 10 bp", "judgement", "-30 bp to 10 bp", "lab", ""));
    assert_eq!(told("lab.policy.minimum_cash").1, "choice");
    // A name alone is a number that stands elsewhere, and a default is not stated.
    for absent in ["lab.demand.growth.later", "lab.demand.volatility", "lab.policy.grace", "lab.demand.releases"] {
        assert!(rows.iter().all(|row| row.path != absent), "{absent}");
    }
    // A map without numbers of its own is listed with its note, once, before them.
    let lab: Vec<usize> = rows.iter().enumerate().filter(|(_, row)| row.path == "lab").map(|(k, _)| k).collect();
    assert_eq!((lab.len(), rows[lab[0]].text.as_str(), rows[lab[0]].evidence), (1, "", ""));
    assert!(rows[lab[0] + 1..].iter().any(|row| row.path == "lab.opening.cash"));
    let mut paths: Vec<&str> = rows.iter().map(|row| row.path.as_str()).collect();
    paths.sort_unstable();
    assert!(paths.windows(2).all(|pair| pair[0] != pair[1]), "{paths:?}");
}

#[test]
fn a_range_contains_its_value_in_its_unit() {
    let with = |from: &str, to: &str| {
        assert!(PLAIN.contains(from));
        let refused = Model::parse("t.yaml", &PLAIN.replace(from, to), &Settings::default()).expect_err(to);
        render(&refused.issues, &refused.sources, false)
    };
    for (range, want) in [
        ("6%/mo to 8%/mo", "the range does not contain its value"),
        ("8%/mo to 3%/mo", "the range does not contain its value"),
        ("5%/mo", "a range has two ends"),
        ("3 mo to 8 mo", "the range has another unit than its value"),
        ("3 parsecs to 8 parsecs", "parsecs"),
        ("[3%/mo, 8%/mo]", "a range is an interval"),
    ] {
        let told = with("range: 3%/mo to 8%/mo", &format!("range: {range}"));
        assert!(told.contains(want) && told.contains("t.yaml:17:"), "{told}");
    }
    let told = with("later: 0.9 * margin", "later: {value: 0.9 * margin, range: 40% to 60%}");
    assert!(told.contains("an uncertain value has the range of its law"), "{told}");
    let told = with("evidence: fitted", "evidence: fited");
    assert!(told.contains("did you mean `fitted`?"), "{told}");
    let told = with("0.3, 0 to 0.5]", "0.3, 0.4 to 0.5]");
    assert!(told.contains("a range that contains it may follow"), "{told}");
}

#[test]
fn shipped_scenarios_say_of_every_number_what_it_rests_on() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let model = Model::load(&path, &Settings::default()).unwrap();
        let rows = assumption::table(&model.reader);
        for row in rows.iter().filter(|row| !row.text.is_empty()) {
            assert!(!row.evidence.is_empty(), "{}: {} has no evidence", path.display(), row.path);
            let bare = row.evidence == "judgement" && row.range.is_empty();
            assert!(!bare, "{}: {} is judgement without a range", path.display(), row.path);
            seen += 1;
        }
    }
    assert!(seen > 1000, "{seen} numbers");
}
