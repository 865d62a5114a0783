//! Invalid terms of joint ventures are reported at their line.

use gapcast::cli::diagnostics::render;
use gapcast::{Model, Settings};

const LAB: &str = "schema: 1
name: terms
time: {start: 2026-01, months: 24}
run: {paths: 1, seed: 1}
lab:
  opening: {cash: 1B USD, shares: {holders: 100%}}
  demand: {growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, saturation: none, segments: [{all: {run_rate: 1B USD/yr}}]}
  compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}
instruments:
  - joint_venture:
      name: campus
      commitment: {lab: 10M USD, partners: 40M USD}
";
const ASSET: &str = "      kind: asset
      calls: {start: 2026-01, over: 4 mo}
      power: 0.01 GW
      rent: 24M USD/yr
      term: 36 mo
";

/// The messages for a venture with these keys, each key on its own line.
fn messages(keys: &str) -> String {
    match Model::parse("t.yaml", &format!("{LAB}{keys}"), &Settings::default()) {
        Ok(_) => String::new(),
        Err(invalid) => render(&invalid.issues, &invalid.sources, false),
    }
}

#[test]
fn valid_terms_are_accepted() {
    assert_eq!(messages(ASSET), "");
    let all = "      debt: {share: 60%, rate: 7%/yr, term: 30 mo}\n      put: {from: 2026-06, rate: 12%/yr}\n      exit: 2028-01\n";
    assert_eq!(messages(&format!("{ASSET}{all}")), "");
    assert_eq!(messages("      kind: distribution\n      demand_uplift: 0% to 6%\n"), "");
}

#[test]
fn invalid_terms_are_reported_at_their_line() {
    let asset = [
        ("waterfall: {hurdle: -120%/yr}", "range"),
        ("waterfall: {promote: 120%}", "range"),
        ("waterfall: {catch_up: 20%, promote: 20%}", "waterfall-never-ends"),
        ("waterfall: {look_back: [{hurdle: 12%/yr, share: 90%}, {hurdle: 8%/yr, share: 80%}]}", "tiers-order"),
        ("waterfall: {look_back: [{hurdle: 12%/yr, share: 0%}]}", "waterfall-never-ends"),
        (
            "waterfall: {look_back: [{hurdle: 1%/yr, share: 9%}, {hurdle: 2%/yr, share: 9%}, {hurdle: 3%/yr, share: 9%}, {hurdle: 4%/yr, share: 9%}]}",
            "too-many",
        ),
        (
            "waterfall: {look_back: [{hurdle: 8%/yr, share: 90%}], flip: {target: 9%/yr, before: 90%, after: 50%}}",
            "one-of",
        ),
        ("waterfall: {deals: [{share: 50%, until: 2027-01}]}", "shares-sum"),
        ("waterfall: {deals: [{share: 50%, until: 2027-02}, {share: 50%, until: 2027-01}]}", "dates-order"),
        ("debt: {share: 100%, rate: 7%/yr, term: 30 mo}", "range"),
        ("debt: {share: 110%, rate: 7%/yr, term: 30 mo}", "range"),
        ("debt: {rate: 7%/yr, term: 30 mo}", "one-of"),
        ("debt: {share: 50%, amount: 1M USD, rate: 7%/yr, term: 30 mo}", "one-of"),
        ("debt: {share: 50%, rate: 7%/yr, term: 0 mo}", "range"),
        ("put: {from: 2026-03, rate: 12%/yr}", "dates-order"),
        ("put: {from: 2032-01, rate: 12%/yr}", "dates-order"),
        ("buy_out: {from: 2026-04}", "dates-order"),
        ("minimum_return: {rate: 8%/yr, at: 2026-02}", "dates-order"),
        ("minimum_return: {rate: -100%/yr}", "range"),
        ("exit: 2026-03", "dates-order"),
        ("build: {start: 2025-11, over: 3 mo}", "date-outside"),
        ("demand_uplift: 5%", "wrong-kind"),
    ];
    let distribution = [
        ("calls: {start: 2025-11}", "date-outside"),
        ("calls: {over: 0 mo}", "range"),
        ("calls: {by: need}", "missing"),
        ("demand_uplift: -120%", "range"),
        ("builds_up: 0 mo", "range"),
        ("floor: {rate: 8%/yr, until: 2025-12}", "dates-order"),
        ("floor: {rate: -8%/yr}", "range"),
        ("put: {from: 2027-01, rate: 12%/yr}", "wrong-kind"),
    ];
    let of_asset = asset.iter().map(|c| (ASSET, c));
    for (kind, (key, code)) in of_asset.chain(distribution.iter().map(|c| ("      kind: distribution\n", c))) {
        let text = messages(&format!("{kind}      {key}\n"));
        // The line shown is that of the error; a long line is cut.
        let at = LAB.lines().count() + kind.lines().count() + 1;
        assert!(text.contains(&format!("error[{code}]")), "{key}: {text}");
        // A missing key is reported at the map it belongs to, not on a line of its own.
        if *code != "missing" {
            assert!(text.contains(&format!("t.yaml:{at}:")), "{key}: line {at}: {text}");
        }
    }
}
