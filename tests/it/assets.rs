//! Loans on accelerators, sale and leaseback, and securitisation against independently computed values, and properties
//! that hold for any terms.

use crate::common::ledger::Ledger;
use crate::common::vectors::{FLAT, bare_lab, cases, ends, near, num, read};
use crate::common::{SMALL, job_with, model};
use gapcast::engine::books::event;
use gapcast::engine::reference::Path;
use gapcast::instruments::sale_leaseback::rent_factor;
use gapcast::model::{Model, Settings};
use gapcast::stats::irr::irr;
use serde_json::Value;

/// The markets for floating loan rates and for re-letting hardware.
const WORLD: &str = "world: {sofr: {start: 4%/yr, long_run: 3.5%/yr}, compute_price: {contract: 9B USD/GW-yr}, credit_spread: {level: 300 bp}}\n";

fn flows(input: &Value, key: &str) -> Vec<f64> {
    input[key].as_array().unwrap().iter().map(num).collect()
}

/// `pf_sale_leaseback.json`: the rates of lessor and lessee, and the level rent that gives the lessor the same return.
#[test]
fn lessor_and_lessee_earn_what_the_vectors_say() {
    let file = read("pf_sale_leaseback");
    let tolerance = num(&file["tolerance"]["irr_abs"]);
    let mut n = 0;
    for (id, input, expected) in cases(&file) {
        for who in ["lessor", "lessee"] {
            let found = irr(&flows(input, &format!("{who}_pretax_flows")));
            assert_eq!(found.roots().len(), 1, "{id} {who}");
            near(id, found.roots()[0], num(&expected[format!("{who}_pretax_irr")]), 0.0, tolerance);
            n += 1;
        }
        // Rents of the vector rise; a level rent on the same price at the same return is worth as much to the lessor.
        let lessor = flows(input, "lessor_pretax_flows");
        let (price, years, rate) = (-lessor[0], lessor.len() - 1, num(&expected["lessor_pretax_irr"]));
        let rent = price * rent_factor(rate, years as f64, 0.0);
        let mut level = vec![rent; years + 1];
        level[0] = -price;
        near(id, irr(&level).roots()[0], rate, 0.0, tolerance);
        let npv = |flows: &[f64]| flows.iter().rev().fold(0.0, |value, c| value / (1.0 + rate) + c);
        near(id, npv(&lessor), npv(&level), 0.0, price * 1e-6);
        // The same through the instrument, by month: the lessor's annual return is the stated one.
        let rest = format!(
            "instruments:
  - sale_leaseback:
      name: lease
      hardware: {{power: 0.1 GW, cost: {price} USD, delivered: 2025-12, life: 84 mo}}
      sale: {{date: 2026-03, advance: 80%}}
      lease: {{term: 48 mo, return: {:?}%/yr, residual: 25%, at_end: buy}}
",
            100.0 * rate
        );
        let model = model(&bare_lab(60, FLAT, &rest));
        for x in ends(&model, 2, "lease.irr") {
            near(id, x, rate, 0.0, tolerance);
        }
    }
    assert_eq!(n, 4);
}

/// `loan_schedules.csv`, `level-60m`: a facility drawn at once and repaid over its contract.
#[test]
fn a_draw_is_repaid_as_a_level_loan() {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/loan_schedules.csv")).unwrap();
    let table: Vec<Vec<f64>> = text
        .lines()
        .filter(|l| l.starts_with("level-60m,"))
        .map(|l| l.split(',').skip(1).map(|x| x.parse().unwrap()).collect())
        .collect();
    assert_eq!(table.len(), 60);
    let rest = "instruments:
  - ddtl:
      name: loan
      commitment: 1M USD
      advance: 100%
      capex: 1M USD
      power: 0.001 GW
      deliveries: {start: 2026-01}
      rate: 5%/yr
      margin: {other: 2.5%/yr}
      offtaker: {name: platform, grade: other, price: 1B USD/GW-yr, term: 60 mo}
";
    let model = model(&bare_lab(61, FLAT, rest));
    let l = Ledger::of(&model, 0);
    for row in table {
        let (t, what) = (row[0] as usize + 1, format!("month {}", row[0]));
        near(&what, l.at("loan.balance", t - 1), row[1], 1e-9, 1e-4);
        near(&what, l.at("loan.interest", t), row[2], 1e-9, 1e-4);
        near(&what, l.at("loan.principal", t), row[3], 1e-9, 1e-4);
        near(&what, l.at("loan.balance", t), row[5], 1e-9, 1e-4);
    }
    let rate = (1.0 + 0.075 / 12.0_f64).powi(12) - 1.0;
    near("irr", ends(&model, 1, "loan.irr")[0], rate, 1e-9, 0.0);
}

/// A sculpted loan: every instalment is the contract's cash flow divided by a constant cover ratio, and the draw is the
/// present value of the instalments.
#[test]
fn a_sculpted_draw_has_one_cover() {
    let rest = "instruments:
  - ddtl:
      name: loan
      commitment: 1B USD
      advance: 95%
      capex: 100M USD
      power: 0.01 GW
      deliveries: {start: 2026-01}
      rate: 12%/yr
      margin: {other: 0%/yr}
      repayment: {profile: sculpted, tail: 6 mo, dscr: 1.4x}
      offtaker: {name: platform, grade: other, price: 4.8B USD/GW-yr, escalation: -20%/yr, term: 42 mo}
      opex: 0.6B USD/GW-yr
";
    let model = model(&bare_lab(40, FLAT, rest));
    let l = Ledger::of(&model, 0);
    // By hand: rent of 4M falls by 0.8^(1/12) a month, opex is 0.5M; present value of 36 months at 1%.
    let cash = |k: i32| 4e6 * 0.8_f64.powf(f64::from(k - 1) / 12.0) - 0.5e6;
    let worth: f64 = (1..=36).map(|k| cash(k) / 1.01_f64.powi(k)).sum();
    near("draw", l.at("loan.draw", 1), worth / 1.4, 1e-12, 0.0);
    assert!(worth / 1.4 < 95e6);
    for t in 2..=37 {
        near("dscr", l.at("loan.dscr", t), 1.4, 1e-9, 0.0);
        near("service", l.at("loan.interest", t) + l.at("loan.principal", t), cash(t as i32 - 1) / 1.4, 1e-9, 0.0);
    }
    assert_eq!(l.at("loan.balance", 37), 0.0);
}

/// A loan whose deliveries began before the first month has the balance it would have if it had been run from its
/// beginning.
#[test]
fn deliveries_before_the_start_went_to_plan() {
    for lab_rents in [false, true] {
        let rest = |who: &str| {
            format!(
                "instruments:
  - ddtl:
      name: loan
      commitment: 300M USD
      advance: 80%
      capex: 400M USD
      power: 0.01 GW
      deliveries: {{start: 2025-03, over: 14 mo}}
      available: 16 mo
      rate: 8%/yr
      margin: {{other: 2%/yr}}
      repayment: {{profile: sculpted, tail: 3 mo, dscr: 1.3x}}
      offtaker: {{name: {who}, grade: other, price: 22B USD/GW-yr, escalation: 4%/yr, term: 30 mo}}
      opex: 2B USD/GW-yr
      reserve: 3 mo
"
            )
        };
        let text = bare_lab(60, FLAT, &format!("{WORLD}{}", rest(if lab_rents { "lab" } else { "platform" })));
        let (whole, later) = (model(&text.replace("2026-01", "2025-01")), model(&text));
        let (whole, later) = (Ledger::of(&whole, 0), Ledger::of(&later, 0));
        for t in 1..=48 {
            for field in [
                "balance",
                "draw",
                "interest",
                "principal",
                "rent",
                "reserve",
                "distributed",
                "carried",
                "market_value",
                "dscr",
                "placed",
                "arrears",
            ] {
                let name = format!("loan.{field}");
                let (a, b) = (whole.at(&name, t + 12), later.at(&name, t));
                assert!((a - b).abs() <= 1e-9 * a.abs() + 1e-3, "{field}, month {t}: {b} instead of {a}");
            }
        }
        assert!(later.at("loan.draw", 1) > 0.0 && later.at("loan.balance", 1) > later.at("loan.draw", 1));
    }
}

/// However a failed lab is resolved, every identity holds in every month: the plain engine checks them.
#[test]
fn identities_hold_however_a_failure_ends() {
    let settings = Settings {
        sets: vec![
            "lab.default.outcomes={rescue: 30%, restructuring: 40%, acquisition: 10%, liquidation: 20%}".into(),
            "lab.opening.cash=8B USD".into(),
            "run.seed=11".into(),
        ],
        ..Settings::default()
    };
    let model = job_with(SMALL, &settings);
    let mut seen = 0;
    for path in 0..300 {
        let mut run = Path::new(&model.plan, path);
        for t in 1..=model.plan.months {
            run.month(t).unwrap_or_else(|broken| panic!("{broken}"));
            seen |= run.lane.events;
        }
    }
    let ends = event::RESCUED | event::ACQUIRED | event::RESTRUCTURED | event::LIQUIDATED;
    assert_eq!(seen & ends, ends);
}

/// The example in an instrument's own documentation is a scenario.
#[test]
fn the_examples_of_the_documentation_read() {
    let sources = [
        include_str!("../../crates/model/src/instruments/ddtl/mod.rs"),
        include_str!("../../crates/model/src/instruments/sale_leaseback/mod.rs"),
        include_str!("../../crates/model/src/instruments/abs/mod.rs"),
    ];
    for source in sources {
        let lines = source.lines().skip_while(|l| *l != "//! ```yaml").skip(1).take_while(|l| *l != "//! ```");
        let example = lines.map(|l| &l[4..]).collect::<Vec<_>>().join("\n");
        assert!(!example.is_empty());
        model(&bare_lab(12, FLAT, &format!("{WORLD}instruments:\n{example}")));
    }
}

/// What `check` reports for an instrument with one change.
fn told(instrument: &str, from: &str, to: &str) -> String {
    assert!(instrument.contains(from), "{from}");
    let text = bare_lab(24, FLAT, &format!("instruments:\n{}", instrument.replace(from, to)));
    match Model::parse("test.yaml", &text, &Settings::default()) {
        Ok(_) => panic!("`{to}` is accepted"),
        Err(refused) => gapcast::cli::diagnostics::render(&refused.issues, &refused.sources, false),
    }
}

#[test]
fn bad_terms_are_told() {
    let loan = "  - ddtl:
      name: loan
      commitment: 1B USD
      advance: 80%
      capex: 1B USD
      power: 0.02 GW
      deliveries: {start: 2026-02, over: 2 mo}
      margin: {investment: 225 bp}
      repayment: {tail: 2 mo, schedule_rate: 6%/yr}
      offtaker: {name: platform, grade: investment, price: 20B USD/GW-yr, term: 24 mo}
      opex: 2B USD/GW-yr
";
    for (from, to, says) in [
        ("grade: investment", "grade: other", "no margin for an offtaker of grade `other`"),
        (", schedule_rate: 6%/yr", "", "requires a rate to schedule principal"),
        ("term: 24 mo", "term: 8 mo", "the contract is shorter than a year"),
        ("tail: 2 mo", "tail: 24 mo", "no time is left to repay a draw"),
        ("over: 2 mo", "over: 0 mo", "`over` is shorter than a month"),
        ("start: 2026-02", "start: 2020-02", "all contracts are over before the first month"),
        ("opex: 2B", "opex: 20B", "the rent does not exceed the operating cost"),
        ("name: platform,", "name: lab, lost: 1%/yr,", "the lab's own contract is not lost at random"),
        ("opex: 2B USD/GW-yr", "covenants: {ltv_later: 70%}", "`ltv_later` without `ltv`"),
    ] {
        let text = told(loan, from, to);
        assert!(text.contains(says), "{to}: {text}");
    }
    let lease = "  - sale_leaseback:
      name: lease
      hardware: {power: 0.2 GW, cost: 7B USD, delivered: 2025-12, life: 60 mo}
      sale: {date: 2026-06, advance: 65%}
      lease: {term: 36 mo, return: 15%/yr}
";
    for (from, to, says) in [
        ("date: 2026-06", "date: 2026-06, runway_below: 6 mo", "a sale requires either `date` or `runway_below`"),
        ("date: 2026-06, ", "", "a sale requires either `date` or `runway_below`"),
        ("date: 2026-06", "date: 2025-06", "the sale is before the first month or before delivery"),
        ("term: 36 mo", "term: 54 mo", "the lease is longer than the life of the hardware"),
        ("delivered: 2025-12", "delivered: 2019-12", "the hardware's life is over before the first month"),
        ("return: 15%/yr", "return: -1%/yr", "it must be at least 0%/yr"),
    ] {
        let text = told(lease, from, to);
        assert!(text.contains(says), "{to}: {text}");
    }
    let notes = "  - abs:
      name: notes
      pool: {value: 4B USD, book: 3B USD, power: 0.3 GW}
      tenants: {count: 6, price: 1.4B USD/GW-yr, lost: 1%/yr}
      opex: 0.2B USD/GW-yr
      closing: 2026-12
      tranches: [{a: {advance: 55%, rate: 5.3%/yr}}, {b: {advance: 15%, rate: 7%/yr}}]
";
    for (from, to, says) in [
        ("advance: 15%", "advance: 50%", "the notes exceed the appraised value"),
        (
            "tranches: [{a: {advance: 55%, rate: 5.3%/yr}}, {b: {advance: 15%, rate: 7%/yr}}]",
            "tranches: []",
            "`tranches` has 0 entries",
        ),
        ("closing: 2026-12", "closing: 2025-12", "the notes close before the first month"),
        (
            "closing: 2026-12",
            "closing: 2026-12\n      expected: 60 mo\n      final: 60 mo",
            "the legal final maturity is not after",
        ),
        ("opex: 0.2B", "opex: 1.4B", "the rent does not exceed opex and servicer fee"),
        ("count: 6", "who: lab, count: 6", "the lab as tenant does not leave at random"),
        ("lost: 1%/yr", "term: 0 mo", "`term` is shorter than a month"),
    ] {
        let text = told(notes, from, to);
        assert!(text.contains(says), "{to}: {text}");
    }
}
