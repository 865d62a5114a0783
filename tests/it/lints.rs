//! Lints of `check`: each warns where it should, and not where it should not; shipped scenarios have none left.

use std::path::Path;

use std::fmt::Write as _;

use gapcast::cli::diagnostics::render;
use gapcast::model::{Model, Settings};

/// A scenario without a lint.
const SOUND: &str = "schema: 1
name: sound
time: {start: 2026-01, months: 60}
run: {paths: 100, seed: 1}
inputs:
  growth_now: {value: 5%/mo to 12%/mo, note: judgement}
  growth_later: {value: 0.2%/mo to 1.6%/mo, note: judgement}
  ceiling: {value: 100B USD/yr to 900B USD/yr, note: judgement}
  margin_later: {dist: beta, p5: 50%, p95: 72%, note: judgement}
  training: {value: 2x/yr to 3x/yr, note: judgement}
  multiple_later: {value: 6x to 14x, note: judgement}
  price: {value: 8B USD/GW-yr to 12B USD/GW-yr, note: judgement}
dependence:
  shocks: [[demand, equity_multiple, 0.25]]
world:
  equity_multiple: {now: 19x, later: multiple_later, half_life: 12 mo, volatility: 35%/yr, note: judgement}
  compute_price: {available: 1 GW, contract: price}
  rivals: {research_growth: 2x/yr to 3x/yr, research_growth_later: 1.2x/yr, half_life: 15 mo}
  sofr: {start: 4%/yr, long_run: 3.5%/yr, note: judgement}
lab:
  opening: {cash: 10B USD, shares: {holders: 100%}}
  demand:
    growth: {now: growth_now, later: growth_later, half_life: 9 mo}
    growth_is: underlying
    growth_shock: 1%/mo
    volatility: 5%/mo
    ceiling: ceiling
    capability: {elasticity: 0.35, spillover: 40%, half_life: 15 mo, customers_half_life: 6 mo}
    segments: [{all: {run_rate: 20B USD/yr}}]
  compute:
    inference: {gross_margin: {now: 50%, later: margin_later, over: 24 mo}}
    research: {spend: 4B USD/yr, growth: training, growth_later: 1.5x/yr, half_life: 12 mo}
    orders: {lead: 15 mo}
  default: {outcomes: {restructuring: 100%, liquidation: 0%}}
instruments:
  - revolver: {name: line, limit: 1B USD, rate: sofr + 200 bp}
checks:
  - p(cash_out) < 10%
";

fn model(text: &str) -> Model {
    Model::parse("t.yaml", text, &Settings::default())
        .unwrap_or_else(|refused| panic!("{}", render(&refused.issues, &refused.sources, false)))
}

/// Codes of the lints of a text.
fn codes(text: &str) -> Vec<&'static str> {
    model(text).lints().iter().map(|issue| issue.code).collect()
}

/// The sound scenario with each pair replaced.
fn patched(pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(SOUND.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "`{from}` is in the scenario");
        text.replacen(from, to, 1)
    })
}

#[test]
fn a_sound_scenario_has_none() {
    let model = model(SOUND);
    let found = model.lints();
    assert!(found.is_empty(), "{}", render(&found, &model.sources, false));
}

/// Texts and what stands there instead.
type Patches = &'static [(&'static str, &'static str)];

/// A lint, what makes it arise, and what looks like it and does not.
const CASES: &[(&str, Patches, Patches)] = &[
    (
        "lint-point-estimate",
        &[
            ("later: growth_later", "later: 1%/mo"),
            ("  growth_later: {value: 0.2%/mo to 1.6%/mo, note: judgement}\n", ""),
        ],
        // The author has said why.
        &[
            ("later: growth_later", "later: {value: 1%/mo, note: as published}"),
            ("  growth_later: {value: 0.2%/mo to 1.6%/mo, note: judgement}\n", ""),
        ],
    ),
    (
        "lint-point-estimate",
        &[("price: {value: 8B USD/GW-yr to 12B USD/GW-yr, note: judgement}", "price: 9B USD/GW-yr")],
        // A price that moves is a range.
        &[
            (
                "price: {value: 8B USD/GW-yr to 12B USD/GW-yr, note: judgement}",
                "price: {value: 9B USD/GW-yr, note: judgement}",
            ),
            ("contract: price}", "contract: price, volatility: 20%/yr}"),
        ],
    ),
    (
        "lint-no-source",
        &[("training: {value: 2x/yr to 3x/yr, note: judgement}", "training: 2x/yr to 3x/yr")],
        // A note on an enclosing map is enough.
        &[
            ("training: {value: 2x/yr to 3x/yr, note: judgement}", "training: 2x/yr to 3x/yr"),
            ("research: {", "research: {note: judgement, "),
        ],
    ),
    (
        "lint-independent",
        &[("shocks: [[demand, equity_multiple, 0.25]]", "spearman: [[growth_now, training, 0.4]]")],
        &[("shocks: [[demand, equity_multiple, 0.25]]", "spearman: [[growth_now, multiple_later, 0.4]]")],
    ),
    (
        "lint-independent",
        &[("world:\n", "world:\n  regime: {winter: {enters: 1.5%/mo, leaves: 6%/mo, multiple: 0.5x}}\n")],
        &[(
            "world:\n",
            "world:\n  regime: {winter: {enters: 1.5%/mo, leaves: 6%/mo, multiple: 0.5x, growth: -3%/mo}}\n",
        )],
    ),
    (
        "lint-debt-on-median",
        &[("instruments:\n", CAMPUS)],
        &[
            ("instruments:\n", CAMPUS),
            ("gearing: 80%}", "gearing: 80%}, debt: {rate: 6%/yr, term: 10 yr, target_dscr: 1.3x}"),
            ("debt: {rate: 6%/yr, term: 10 yr}, ", ""),
        ],
    ),
    (
        "lint-debt-unserved",
        // 8B at 7% over five years take 0.0198012 × 8B = 158.4M a month, 1.9B a year.
        &[("instruments:\n", VEHICLE)],
        &[("instruments:\n", VEHICLE), ("rent: 1B USD/yr", "rent: 2B USD/yr")],
    ),
    (
        "lint-unused-input",
        // Named among the correlated, and used nowhere.
        &[
            ("contract: price}", "contract: {value: 9B USD/GW-yr, note: judgement}}"),
            ("dependence:\n", "dependence:\n  spearman: [[price, training, 0.3]]\n"),
        ],
        // Used by a variant alone.
        &[
            ("contract: price}", "contract: {value: 9B USD/GW-yr, note: judgement}}"),
            ("checks:\n", "variants: {other: {set: {world.compute_price.contract: 1.1 * price}}}\nchecks:\n"),
        ],
    ),
    ("lint-unused-capital", &[CREDIT], &[CREDIT, ("instruments:\n", VEHICLE)]),
    // What was drawn before the first month takes nothing.
    (
        "lint-unused-capital",
        &[
            CREDIT,
            (
                "instruments:\n",
                "instruments:\n  - term_loan: {name: old, amount: 1B USD, date: 2025-06, term: 36 mo, rate: 8%/yr}\n",
            ),
        ],
        &[
            CREDIT,
            (
                "instruments:\n",
                "instruments:\n  - convertible: {name: note, amount: 1B USD, date: 2026-09, term: 24 mo}\n",
            ),
        ],
    ),
    (
        "lint-unused-capital",
        &[("world:\n", "world:\n  capital: {equity: {supply: 50B USD/yr}}\n")],
        &[
            ("world:\n", "world:\n  capital: {equity: {supply: 50B USD/yr}}\n"),
            ("instruments:\n", "instruments:\n  - equity_round: {name: rounds, when: {runway_below: 12 mo}}\n"),
        ],
    ),
    ("lint-unused-capital", &[("world:\n", "world:\n  capital: {}\n")], &[]),
    (
        "lint-check-cannot-fail",
        &[("p(cash_out) < 10%", "p(cash_out) <= 100%")],
        &[("p(cash_out) < 10%", "p(cash_out) <= 99%")],
    ),
    (
        "lint-check-cannot-fail",
        &[("p(cash_out) < 10%", "p05(cash min) > -1e20 USD")],
        &[("p(cash_out) < 10%", "p05(cash min) > -1B USD")],
    ),
    (
        "lint-check-cannot-fail",
        &[("p(cash_out) < 10%", "p50(stake.holders) >= 0%")],
        &[("p(cash_out) < 10%", "p50(stake.holders) >= 40%")],
    ),
    (
        "lint-check-cannot-hold",
        &[("p(cash_out) < 10%", "p(cash min < -1e20 USD) > 5%")],
        &[("p(cash_out) < 10%", "p(cash min < 1B USD) > 5%")],
    ),
    (
        "lint-check-cannot-hold",
        &[("p(cash_out) < 10%", "p50(line.balance max) < 0 USD")],
        &[("p(cash_out) < 10%", "p50(line.balance max) < 1B USD")],
    ),
    (
        "lint-growth-twice",
        &[
            (
                "growth_now: {value: 5%/mo to 12%/mo, note: judgement}",
                "growth_now: {value: 5%/mo to 12%/mo, source: run-rates}",
            ),
            RELEASES,
        ],
        &[RELEASES],
    ),
    (
        "lint-growth-twice",
        &[
            (
                "growth_now: {value: 5%/mo to 12%/mo, note: judgement}",
                "growth_now: {value: 5%/mo to 12%/mo, source: run-rates}",
            ),
            RELEASES,
        ],
        &[
            (
                "growth_now: {value: 5%/mo to 12%/mo, note: judgement}",
                "growth_now: {value: 5%/mo to 12%/mo, source: run-rates}",
            ),
            RELEASES,
            ("growth_is: underlying", "growth_is: total"),
        ],
    ),
    ("lint-loop-gain", &[("elasticity: 0.35", "elasticity: 0.8")], &[("elasticity: 0.35", "elasticity: 0.6")]),
    ("lint-open-research", &[NO_CAPABILITY, NO_RIVALS], &[NO_CAPABILITY, NO_RIVALS, SMALL]),
    ("lint-endless-power", &[("available: 1 GW, ", "")], &[("available: 1 GW, ", ""), SMALL]),
    (
        "lint-endless-power",
        &[("available: 1 GW, ", "")],
        &[("available: 1 GW, ", ""), ("    orders:", "    spot_limit: 1 GW\n    orders:")],
    ),
    ("lint-endless-equity", &[("instruments:\n", ROUNDS)], &[("instruments:\n", DATED)]),
    ("lint-endless-equity", &[("instruments:\n", ROUNDS)], &[("instruments:\n", ROUNDS), SUPPLY]),
    ("lint-blind-price", &[("instruments:\n", ROUNDS), SUPPLY], &[("instruments:\n", ROUNDS), PRICE]),
    ("lint-no-outcome", &[NO_DEFAULT], &[NO_DEFAULT, SMALL]),
    (
        "lint-log-sd",
        &[("growth_shock: 1%/mo", "growth_shock: 2.5%/mo")],
        &[("growth_shock: 1%/mo", "growth_shock: 1.2%/mo")],
    ),
    ("lint-range", &[("half_life: 9 mo", "half_life: 40 mo")], &[("half_life: 9 mo", "half_life: 18 mo")]),
    // A small lab is not compared with reported values of the frontier.
    (
        "lint-range",
        &[("lead: 15 mo", "lead: 4 mo")],
        &[("lead: 15 mo", "lead: 4 mo"), ("run_rate: 20B USD/yr", "run_rate: 20M USD/yr")],
    ),
    (
        "lint-range",
        &[("lead: 15 mo", "lead: 4 mo")],
        &[("lead: 15 mo", "lead: 4 mo, note: a supplier with power to spare")],
    ),
    (
        "lint-range",
        &[("now: 50%, later", "now: 90%, later")],
        &[("now: 50%, later", "now: {value: 90%, source: accounts}, later")],
    ),
    (
        "lint-unused-allow",
        &[("checks:\n", "allow: {lint-range: nothing is out of range}\nchecks:\n")],
        &[
            ("checks:\n", "allow: {lint-range: a supplier with power to spare}\nchecks:\n"),
            ("lead: 15 mo", "lead: 4 mo"),
        ],
    ),
];

const CAMPUS: &str = "instruments:
  - campus: {name: campus, power: 1 GW, construction: {start: 2026-03, months: 24 mo, cost: 10B USD}, debt: {rate: 6%/yr, term: 10 yr}, lease: {rent: 2B USD/yr, term: 15 yr}, funding: {gearing: 80%}}
";

const VEHICLE: &str = "instruments:
  - spv: {name: chips, capex: 10B USD, power: 0.3 GW, deliveries: {start: 2026-06}, lease: {term: 60 mo, rent: 1B USD/yr}, tranches: [{a: {amount: 8B USD, rate: 7%/yr}}]}
";

const NO_CAPABILITY: (&str, &str) =
    ("    capability: {elasticity: 0.35, spillover: 40%, half_life: 15 mo, customers_half_life: 6 mo}\n", "");
const NO_RIVALS: (&str, &str) =
    ("  rivals: {research_growth: 2x/yr to 3x/yr, research_growth_later: 1.2x/yr, half_life: 15 mo}\n", "");
const NO_DEFAULT: (&str, &str) = ("  default: {outcomes: {restructuring: 100%, liquidation: 0%}}\n", "");
/// Nobody notices it.
const SMALL: (&str, &str) = ("run_rate: 20B USD/yr", "run_rate: 20M USD/yr");
const ROUNDS: &str = "instruments:
  - equity_round: {name: rounds, when: {runway_below: 18 mo}, covers: 24 mo, max_dilution: 12%}
";
const DATED: &str = "instruments:
  - equity_round: {name: round, date: 2026-09, size: 1B USD}
";
const SUPPLY: (&str, &str) = ("world:\n", "world:\n  capital: {equity: {supply: 100B USD/yr}}\n");
const PRICE: (&str, &str) = ("world:\n", "world:\n  capital: {price: {floor: 15%, discount: 10%/yr, sd: 35%/yr}}\n");
const CREDIT: (&str, &str) = ("world:\n", "world:\n  capital: {credit: {supply: 20B USD/yr}}\n");

const RELEASES: (&str, &str) = ("    segments:", "    releases: {every: 6 mo, uplift: 12%}\n    segments:");

#[test]
fn each_warns_where_it_should_and_not_where_it_should_not() {
    for (code, wrong, right) in CASES {
        let found = codes(&patched(wrong));
        assert!(found.contains(code), "{code} does not arise of {wrong:?}: {found:?}");
        let found = codes(&patched(right));
        assert!(!found.contains(code), "{code} arises of {right:?}");
    }
    // Every lint is among the cases.
    for code in gapcast::language::codes::lints() {
        assert!(CASES.iter().any(|(listed, ..)| *listed == code), "{code} has no case");
    }
}

#[test]
fn an_allowed_lint_is_silent_and_needs_a_reason() {
    let wrong = ("lead: 15 mo", "lead: 4 mo");
    let allowed = ("checks:\n", "allow: {lint-range: a supplier with power to spare}\nchecks:\n");
    assert_eq!(codes(&patched(&[wrong])), ["lint-range"]);
    assert_eq!(codes(&patched(&[wrong, allowed])), Vec::<&str>::new());
    for (allow, want) in [
        ("{lint-rang: why}", "did you mean `lint-range`?"),
        ("{lint-range: \"\"}", "without a reason"),
        ("[lint-range]", "a map of lints and reasons"),
    ] {
        let text = patched(&[("checks:\n", &format!("allow: {allow}\nchecks:\n"))]);
        let refused = Model::parse("t.yaml", &text, &Settings::default()).expect_err(allow);
        let told = render(&refused.issues, &refused.sources, false);
        assert!(told.contains(want) && told.contains("t.yaml:"), "{told}");
    }
}

/// `ln D_t` of known growth: a shock `j` months ago has been added `1 + ρ + … + ρ^(j−1)` times to the level.
#[test]
fn the_spread_of_revenue_is_the_sum_of_its_shocks() {
    let known = [
        ("now: growth_now, later: growth_later, half_life: 9 mo", "now: 8%/mo, later: 1%/mo, half_life: 9 mo"),
        ("growth_shock: 1%/mo", "growth_shock: 3%/mo"),
        ("volatility: 5%/mo", "volatility: 10%/mo"),
    ];
    let kept = 0.5_f64.powf(1.0 / 9.0);
    let mut variance = 60.0 * 0.1 * 0.1;
    for month in 1..=60 {
        let added: f64 = (month..=60).map(|later| kept.powi(later - month)).sum();
        variance += (0.03 * added).powi(2);
    }
    let model = model(&patched(&known));
    let found = model.lints();
    let told = found.iter().find(|issue| issue.code == "lint-log-sd").expect("the spread is beyond belief");
    let want = format!("a standard deviation of {:.2} after 60 months", variance.sqrt());
    assert!(told.title.contains(&want), "{} instead of {want}", told.title);
    // Uncertain growth adds: at these intervals, by a fifth of the variance or more.
    let known_growth = variance.sqrt();
    let wide = [("growth_now: {value: 5%/mo to 12%/mo", "growth_now: {value: -10%/mo to 30%/mo"), known[1], known[2]];
    let of = self::model(&patched(&wide)).lints();
    let told = of.iter().find(|issue| issue.code == "lint-log-sd").expect("wider still");
    let sd: f64 = told.title.split("deviation of ").nth(1).and_then(|t| t.split(' ').next()).unwrap().parse().unwrap();
    // sd of growth now is 40% / 3.29 = 12.2 %/mo, taken Σρ^k = 12.4 times at a half-life of 9 months: 1.5 more in quadrature.
    let more = (0.4 / 3.2897 * (1..=60).map(|k| kept.powi(k)).sum::<f64>()).hypot(known_growth);
    assert!((sd - more).abs() < 0.12 * more, "{sd} against {more}");
}

#[test]
fn shipped_scenarios_have_none_left() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut said = String::new();
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "yaml") {
            let (model, variants) = Model::load_all(&path, &Settings::default());
            let model = model.unwrap_or_else(|refused| panic!("{}", render(&refused.issues, &refused.sources, false)));
            said += &render(&model.lints(), &model.sources, false);
            for (name, issues) in variants {
                let told = render(&issues, &model.sources, false);
                if !told.is_empty() {
                    let _ = writeln!(said, "{} {name}\n{told}", path.display());
                }
            }
            seen += 1;
        }
    }
    assert!(seen >= 9 && said.is_empty(), "{said}");
}
