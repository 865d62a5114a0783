//! The term loan's covenant, and the line that defaults with it.

use crate::common::ledger::Ledger;
use crate::common::model;
use gapcast::engine::books::event;

/// Revenue of 60M a month and staff of 100M: 40M go out. 250M of cash and a loan of 120M at 1% a month, all due at the end. A line
/// of 50M that nobody needs before cash is gone.
fn scenario(cross: &str) -> String {
    format!(
        "
schema: 1
name: covenant
time: {{start: 2026-01, months: 13}}
run: {{paths: 1, seed: 1}}
lab:
  opening: {{cash: 250M USD, shares: {{holders: 100%}}}}
  demand: {{growth: {{now: 0%/mo, later: 0%/mo, half_life: 12 mo}}, growth_is: underlying, saturation: none, segments: [{{all: {{run_rate: 720M USD/yr}}}}]}}
  compute: {{capacity: none, inference: {{gross_margin: {{now: 100%, later: 100%, over: 12 mo}}}}}}
  people: {{cost: 1.2B USD/yr}}
  policy: {{minimum_cash: 0 USD, distress_below: 0 mo, grace: 3 mo}}
  default: {{liquidation: 0.0x, receivables: 0%, cost: 0%, delay: 0 mo}}
instruments:
  - revolver: {{name: line, limit: 50M USD, rate: 12%/yr, cross_default: [{cross}]}}
  - term_loan: {{name: bank, amount: 120M USD, date: 2026-01, term: 60 mo, rate: 12%/yr, profile: bullet, minimum_cash: 150M USD, breach: {{cure: 2 mo}}}}
"
    )
}

#[test]
fn a_breach_is_called_and_the_line_goes_with_it() {
    let model = model(&scenario("bank"));
    let l = Ledger::of(&model, 0);
    // Cash: 250 + 120 − 40 = 330, then 41.2 less each month: 288.8, 247.6, 206.4, 165.2, 124, 82.8, 41.6.
    for (t, cash) in [330.0, 288.8, 247.6, 206.4, 165.2, 124.0, 82.8, 41.6].into_iter().enumerate() {
        assert!((l.lane(t + 1).lab.cash.0 - cash * 1e6).abs() < 0.005, "month {}", t + 1);
    }
    // Below 150 from month 6 on: two months to mend it, called in the third.
    for t in 1..=8 {
        assert_eq!(l.happened("bank", event::COVENANT, t), t >= 6, "month {t}");
        assert_eq!(l.happened("bank", event::ACCELERATED, t), t == 8, "month {t}");
    }
    assert!(l.happened("bank", event::INSTRUMENT_DEFAULT, 8));
    // Month 9: 120 and 1.2 are due. 41.6 + 60 − 100 = 1.6 are left after staff; interest comes first, 0.4 is principal. The line asked
    // in that month is closed, since the bank has defaulted.
    l.cents("bank.principal_due", &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 120e6]);
    l.cents("bank.principal", &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.4e6]);
    assert!(l.happened("line", event::DRAW_STOPPED, 9) && l.at("line.draw", 9) == 0.0);
    assert_eq!(l.lane(9).lab.defaulted.count_ones(), 1);
    // Month 10: 1.196 of interest on 119.6; month 11: 1% of 120.796 on top. Three months in arrears: the lab fails.
    assert!((l.at("bank.arrears", 10) - 1.196e6).abs() < 0.005);
    assert_eq!(l.lane(11).accounts.ended, 11.0);
    assert!((l.at("bank.claim", 11) - (119.6e6 + 1.196e6 + 1.207_96e6)).abs() < 0.005, "{}", l.at("bank.claim", 11));
    assert_eq!((l.at("bank.loss", 11), l.at("bank.balance", 12)), (l.at("bank.claim", 11), 0.0));
}

#[test]
fn without_cross_default_the_line_pays_the_bank() {
    let model = model(&scenario(""));
    let l = Ledger::of(&model, 0);
    // Month 9: 119.6 are missing; the line gives its 50.
    assert!((l.at("line.draw", 9) - 50e6).abs() < 0.005);
    assert!((l.at("bank.principal", 9) - 50.4e6).abs() < 0.005);
}

#[test]
fn names_that_cannot_default_are_refused() {
    for (cross, word) in
        [("bnak", "`bnak` is not an instrument that can default"), ("line", "cannot cross-default on itself")]
    {
        let refused = gapcast::model::Model::parse("test.yaml", &scenario(cross), &gapcast::model::Settings::default());
        let refused = refused.expect_err("a bad name");
        let text = gapcast::cli::diagnostics::render(&refused.issues, &refused.sources, false);
        assert!(text.contains(word), "{text}");
    }
    let unkept = scenario("bank").replace(", breach: {cure: 2 mo}", "");
    let refused = gapcast::model::Model::parse("test.yaml", &unkept, &gapcast::model::Settings::default());
    let text = format!("{:?}", refused.expect_err("no breach").issues);
    assert!(text.contains("a breach of this covenant has no consequence"), "{text}");
}
