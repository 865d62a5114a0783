//! Failure as a going concern: where liquidation is left to the value of the lab, it is liquidated only while it is worth more
//! broken up.
//!
//! Numbers hold within 1e-9 unless stated otherwise. Statistical claims are those of paired differences on the same worlds: at
//! 4,096 paths each must exceed two paired standard errors, which chance alone would do on one run in 44; seed and paths are
//! fixed, so the result is always the same.

use crate::common::vectors::{board, ends, near, paired};
use crate::common::{CLOSED, job_with};
use gapcast::column;
use gapcast::engine::books::event;
use gapcast::engine::columns::Field;
use gapcast::engine::component::Lane;
use gapcast::engine::draws::Inputs;
use gapcast::engine::resolution::{Claim, Outcome, Resolver};
use gapcast::issues::Severity;
use gapcast::lab::insolvency::{InsolvencySpec, Terms};
use gapcast::model::{Model, Settings};
use gapcast::units::Usd;

/// A lab with this `lab.default`.
fn lab(default: &str) -> String {
    format!(
        "
schema: 1
name: failing
time: {{start: 2026-01, months: 2}}
run: {{paths: 1, seed: 1}}
world: {{equity_multiple: {{now: 10x, later: 10x}}}}
lab:
  opening: {{cash: 1B USD, shares: {{holders: 100%}}}}
  demand: {{growth: {{now: 0%/mo, later: 0%/mo, half_life: 12 mo}}, growth_is: underlying, saturation: none, segments: [{{all: {{run_rate: 1.2B USD/yr}}}}]}}
  compute: {{capacity: none, inference: {{gross_margin: {{now: 50%, later: 50%, over: 12 mo}}}}}}
{default}"
    )
}

/// The terms of a failure under a `default` in a scenario.
fn terms_of(model: &Model) -> Terms {
    let lab = &model.scenario.lab;
    let spec = InsolvencySpec { default: lab.default.clone(), preferences: lab.opening.preferences.clone() };
    Terms::new(&spec, &Inputs::new(&[]))
}

fn terms(default: &str) -> Terms {
    terms_of(&crate::common::model(&lab(&format!("  default: {{{default}}}\n"))))
}

/// A lab that sells 1.2B a year and has failed, at a multiple of 10.
fn failed() -> Lane {
    let mut lane = Lane::default();
    (lane.lab.alive, lane.lab.shares, lane.lab.run_rate) = (1.0, 1e9, Usd(1.2e9));
    lane.market.multiple = 10.0;
    lane
}

/// What becomes of it when the uniform number is `u`.
fn outcome(terms: &Terms, lane: &Lane, claims: &[Claim], u: f64) -> Outcome {
    let mut lane = *lane;
    let awards = terms.decide(u, &mut lane, claims);
    assert_eq!(lane.accounts.outcome, f64::from(awards[0].outcome as u8));
    awards[0].outcome
}

/// 900M are owed to one creditor, 100M of it overdue.
const OWED: Claim = Claim { unsecured: Usd(900e6), arrears: Usd(100e6), ..NONE };
const NONE: Claim = Claim {
    secured: Usd(0.0),
    collateral: Usd(0.0),
    recourse: false,
    arrears: Usd(0.0),
    unsecured: Usd(0.0),
    assets: Usd(0.0),
    hardware: Usd(0.0),
    lien: Usd(0.0),
    class: gapcast::engine::resolution::Class {
        rank: 0.0,
        preference: Usd(0.0),
        shares: 0.0,
        participates: false,
        cap: Usd(0.0),
    },
};

/// Stated are 20% rescue, 10% restructuring and 30% acquisition.
#[test]
fn probabilities_by_hand() {
    use Outcome::{Acquired, Liquidated, Rescued, Restructured};
    let third = 1.0 / 3.0;
    // (acquisition, liquidation, what else is stated, ends of rescue, restructuring and acquisition, what the rest becomes).
    let cases = [
        // 2.4B cover the 900M: odds as stated.
        ("2x", "0.3x", "", [0.2, 0.3, 0.6], Restructured),
        // 600M are two thirds of them: rescue and acquisition lose a third to the rest. 600M are more than 360M.
        ("0.5x", "0.3x", "", [0.4 * third, 0.4 * third + 0.1, 1.0 * third + 0.1], Restructured),
        // Broken up it brings 720M, or the same 600M.
        ("0.5x", "0.6x", "", [0.4 * third, 0.4 * third + 0.1, 1.0 * third + 0.1], Liquidated),
        ("0.5x", "0.5x", "", [0.4 * third, 0.4 * third + 0.1, 1.0 * third + 0.1], Liquidated),
        // Liquidation is stated: its value does not matter.
        ("2x", "0.3x", ", liquidation: 40%", [0.2, 0.3, 0.6], Liquidated),
    ];
    for (acquisition, liquidation, stated, ends, rest) in cases {
        let terms = terms(&format!(
            "acquisition: {acquisition}, liquidation: {liquidation}, cost: 0%, outcomes: {{rescue: 20%, restructuring: 10%, acquisition: 30%{stated}}}"
        ));
        let all = [Rescued, Restructured, Acquired, rest];
        for (k, end) in ends.into_iter().enumerate() {
            for (u, expected) in [(end - 1e-9, all[k]), (end + 1e-9, all[k + 1])] {
                let found = outcome(&terms, &failed(), &[OWED], u);
                assert_eq!(found, expected, "{acquisition}, {liquidation}{stated}: {u}");
            }
        }
        assert_eq!(outcome(&terms, &failed(), &[OWED], 1.0 - 1e-12), rest);
    }
    // Proceedings cost a share of either value, and cash is part of both: 0.85 (600M + 75M) pay 573.75M of 900M.
    let terms = terms("acquisition: 0.5x, cost: 15%, outcomes: {rescue: 20%, restructuring: 10%, acquisition: 30%}");
    let mut lane = failed();
    lane.lab.cash = Usd(75e6);
    let x = 573.75 / 900.0;
    for (u, expected) in [(0.2 * x, Rescued), (0.2 * x + 0.1, Restructured), (0.5 * x + 0.1, Acquired)] {
        assert_eq!(outcome(&terms, &lane, &[OWED], u - 1e-9), expected);
        assert_ne!(outcome(&terms, &lane, &[OWED], u + 1e-9), expected);
    }
}

/// A rescue that cannot pay the arrears is not one.
#[test]
fn a_rescue_that_fails_goes_where_the_rest_goes() {
    let mut lane = failed();
    // At 30% of a hundredth of revenue, 80% of the company bring 14.4M: less than the 100M that are overdue.
    lane.market.multiple = 0.01;
    for (acquisition, expected) in [("2x", Outcome::Restructured), ("0.2x", Outcome::Liquidated)] {
        let terms = terms(&format!("acquisition: {acquisition}, liquidation: 0.3x, outcomes: {{rescue: 100%}}"));
        assert_eq!(outcome(&terms, &lane, &[OWED], 0.0), expected);
    }
}

/// Hardware pledged for 400M, assets of 100M, 80% of receivables of 50M, and 0.3 × 1.2B: broken up the whole brings 900M beside
/// cash, which is 0.75 of run-rate.
#[test]
fn collateral_counts_on_both_sides() {
    let secured = Claim { secured: Usd(500e6), collateral: Usd(400e6), recourse: true, assets: Usd(100e6), ..NONE };
    let mut lane = failed();
    lane.lab.cash = Usd(70e6);
    lane.accounts.receivables = Usd(50e6);
    for (acquisition, expected) in
        [("0.7499x", Outcome::Liquidated), ("0.7501x", Outcome::Restructured), ("0.2x", Outcome::Liquidated)]
    {
        let terms = terms(&format!("acquisition: {acquisition}, liquidation: 0.3x, outcomes: {{rescue: 0%}}"));
        assert_eq!(outcome(&terms, &lane, &[secured], 0.5), expected, "{acquisition}");
    }
}

/// A restructuring takes 60% of payables to suppliers, of bills, of commission and of damages for orders, as of every unsecured
/// claim; wages and tax stay whole.
#[test]
fn a_restructuring_cuts_payables_and_orders() {
    let terms = terms("outcomes: {restructuring: 100%}, restructuring: {haircut: 60%, creditors: 75%}");
    let mut lane = failed();
    let a = &mut lane.accounts;
    (a.payables, a.order_damages) = (Usd(100e6), Usd(50e6));
    // Payroll, other, commission, tax, compute.
    a.owed = [10e6, 20e6, 5e6, 7e6, 40e6].map(Usd);
    let awards = terms.decide(0.5, &mut lane, &[OWED]);
    let a = &lane.accounts;
    near("payables", a.payables.0, 40e6, 1e-12, 0.0);
    near("orders", a.order_cut, 0.6, 1e-12, 0.0);
    for (found, left) in a.owed.iter().zip([10e6, 8e6, 2e6, 7e6, 16e6]) {
        near("owed", found.0, left, 1e-12, 0.0);
    }
    // What is no longer owed is paid-in capital; damages for orders were not on the books.
    near("paid in", a.paid_in.0, 0.6 * (100e6 + 20e6 + 5e6 + 40e6), 1e-12, 0.0);
    // Unsecured are 900 + 100 + 50 + 65 = 1 115M, of which 669M are given up. The lab is worth 12B, so that they are worth 669M of
    // it: 1e9 × 0.669/(12 − 0.669) new shares, of which those without an instrument get 129/669.
    let issued = 1e9 * 0.669 / (12.0 - 0.669);
    near("shares of its own creditors", lane.lab.shares - 1e9, issued * 129.0 / 669.0, 1e-9, 0.0);
    near("shares for a dollar", awards[0].shares_per_usd, issued / 669e6, 1e-9, 0.0);
}

/// Codes of the errors of a `lab.default`.
fn errors(text: &str) -> Vec<&'static str> {
    match Model::parse("t.yaml", text, &Settings::default()) {
        Ok(_) => Vec::new(),
        Err(wrong) => wrong.issues.iter().filter(|i| i.severity == Severity::Error).map(|i| i.code).collect(),
    }
}

#[test]
fn what_may_be_stated() {
    for (outcomes, expected) in [
        ("", vec![]),
        ("liquidation: 100%", vec![]),
        ("rescue: 60%", vec![]),
        ("rescue: 50%, acquisition: 50%", vec![]),
        ("rescue: 60%, acquisition: 50%", vec!["shares-sum"]),
        ("rescue: 60%, liquidation: 30%", vec!["shares-sum"]),
        ("liquidation: 90%", vec!["shares-sum"]),
    ] {
        assert_eq!(errors(&lab(&format!("  default: {{outcomes: {{{outcomes}}}}}\n"))), expected, "{outcomes}");
    }
    // A lab that may be restructured has a price.
    let text = lab("  default: {outcomes: {acquisition: 50%}}\n");
    let unpriced = text.replace("world: {equity_multiple: {now: 10x, later: 10x}}\n", "");
    assert_eq!(errors(&unpriced), ["missing"]);
    assert_eq!(errors(&unpriced.replace("acquisition: 50%", "acquisition: 50%, liquidation: 50%")), [""; 0]);
}

/// Where no outcome is stated a lab is liquidated, whatever it is worth; and the resolved scenario says what was said.
#[test]
fn nothing_stated_is_liquidation() {
    let rich = "acquisition: 10x, liquidation: 0x";
    for (default, expected) in [
        (String::new(), Outcome::Liquidated),
        (format!("  default: {{{rich}}}\n"), Outcome::Liquidated),
        (format!("  default: {{{rich}, outcomes: {{}}}}\n"), Outcome::Liquidated),
        (format!("  default: {{{rich}, outcomes: {{liquidation: 100%}}}}\n"), Outcome::Liquidated),
        (format!("  default: {{{rich}, outcomes: {{acquisition: 10%}}}}\n"), Outcome::Restructured),
    ] {
        let model = crate::common::model(&lab(&default));
        let again = crate::common::model(&model.resolved_yaml());
        for terms in [terms_of(&model), terms_of(&again)] {
            assert_eq!(outcome(&terms, &failed(), &[OWED], 0.9), expected, "{default}");
        }
    }
    // A setting or a variant takes a stated liquidation away.
    let text = lab(&format!("  default: {{{rich}, outcomes: {{acquisition: 10%, liquidation: 90%}}}}\n"));
    for (sets, expected) in [
        (vec![], Outcome::Liquidated),
        (vec!["lab.default.outcomes.liquidation=null".to_owned()], Outcome::Restructured),
    ] {
        let model = job_with(&text, &Settings { sets, ..Settings::default() });
        assert_eq!(outcome(&terms_of(&model), &failed(), &[OWED], 0.9), expected);
    }
}

/// The closed scenario with other terms of a failure.
fn closed(sets: &[&str]) -> Model {
    let sets = sets.iter().map(|&s| s.to_owned()).chain(["run.metrics=all".to_owned()]).collect();
    job_with(CLOSED, &Settings { sets, ..Settings::default() })
}

const ABOVE: [&str; 2] = ["lab.default.acquisition=4x", "lab.default.liquidation=0.3x"];
const BELOW: [&str; 2] = ["lab.default.acquisition=0.2x", "lab.default.liquidation=3x"];
/// The rest of the odds of the closed scenario, stated.
const STATED: &str = "lab.default.outcomes.liquidation=25%";

/// Whether an event happens on a path by the horizon, for each of 4,096 paths.
fn happens(model: &Model, bit: u64) -> Vec<f64> {
    let months = &board(&model.plan, crate::common::sign_paths(4096) / 256, &[column!(events)])[0];
    let any = |path: usize| months.iter().any(|month| month[path].to_bits() & bit != 0);
    (0..months[0].len()).map(|path| f64::from(u8::from(any(path)))).collect()
}

fn sum(x: &[f64]) -> f64 {
    x.iter().sum()
}

/// With the going concern above the break-up nobody is liquidated, and suppliers lose less than 97% of what they claim. The
/// reverse: nobody is restructured but by the stated odds.
#[test]
fn the_value_of_the_lab_decides() {
    let above = closed(&ABOVE);
    assert_eq!(sum(&happens(&above, event::LIQUIDATED)), 0.0);
    assert!(sum(&happens(&above, event::RESTRUCTURED)) > 100.0);
    let lgd = |model: &Model| {
        let [claim, loss] = ["cloud.claim", "cloud.loss"].map(|name| sum(&ends(model, 4096, name)));
        assert!(claim > 0.0);
        loss / claim
    };
    let ended = closed(&[
        ABOVE[0],
        ABOVE[1],
        "lab.default.outcomes={rescue: 0%, restructuring: 0%, acquisition: 0%, liquidation: 100%}",
    ]);
    let (going, broken) = (lgd(&above), lgd(&ended));
    assert!(going < 0.97 && going < broken, "{going} {broken}");
    let below = closed(&[BELOW[0], BELOW[1], "lab.default.outcomes.restructuring=0%"]);
    assert_eq!(sum(&happens(&below, event::RESTRUCTURED)), 0.0);
    assert!(sum(&happens(&below, event::LIQUIDATED)) > 100.0);
}

/// The rule makes liquidation rarer.
#[test]
fn fewer_are_liquidated() {
    let of = |sets: &[&str]| happens(&closed(sets), event::LIQUIDATED);
    let (difference, error) = paired(&of(&[STATED]), &of(&[]));
    assert!(difference > 2.0 * error && error > 0.0, "{difference} ± {error}");
}

/// Until a lab fails nothing differs from the same odds with liquidation stated, and then only liquidated labs do.
#[test]
fn no_draw_shifts() {
    let all: Vec<usize> = (0..Lane::WIDTH).collect();
    let [stated, left] = [&[ABOVE[0], ABOVE[1], STATED][..], &ABOVE[..]].map(|sets| board(&closed(sets).plan, 1, &all));
    let events = column!(events);
    let (mut same, mut other) = (0, 0);
    for path in 0..stated[0][0].len() {
        for t in 0..stated[0].len() {
            let bits = [&stated, &left].map(|b| b[events][t][path].to_bits());
            if bits[0] & event::DEFAULT != 0 {
                let liquidated = bits[0] & event::LIQUIDATED != 0;
                let expected = if liquidated { bits[0] & !event::LIQUIDATED | event::RESTRUCTURED } else { bits[0] };
                let ways = event::RESCUED | event::RESTRUCTURED | event::ACQUIRED | event::LIQUIDATED;
                assert_eq!(bits[1] & ways, expected & ways, "path {path}, month {}", t + 1);
                if liquidated {
                    other += 1;
                    break;
                }
                same += 1;
            }
            for (k, (a, b)) in stated.iter().zip(&left).enumerate() {
                assert_eq!(a[t][path].to_bits(), b[t][path].to_bits(), "path {path}, month {}, column {k}", t + 1);
            }
        }
    }
    assert!(same > 5 && other > 5, "{same} {other}");
}
