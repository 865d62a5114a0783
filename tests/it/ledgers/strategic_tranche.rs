//! A strategic investor who is the supplier: tranches at milestones, and what is short of the minimum spend.

use crate::common::ledger::Ledger;
use crate::common::model;
use crate::common::vectors::near;
use gapcast::engine::books::event;

/// A contract of 1 GW for 100M a month, all take-or-pay, that can be ended with a month's notice. `revenue` a year and `cash` are
/// the lab's; `tranches` the investor's.
fn scenario(revenue: &str, cash: &str, tranches: &str, more: &str) -> String {
    format!(
        "
schema: 1
name: strategic
time: {{start: 2026-01, months: 12}}
run: {{paths: 1, seed: 1}}
world: {{equity_multiple: {{now: 20x, later: 20x}}}}
lab:
  opening: {{cash: {cash}, shares: {{holders: 100%}}}}
  demand: {{growth: {{now: 0%/mo, later: 0%/mo, half_life: 12 mo}}, growth_is: underlying, saturation: none, segments: [{{all: {{run_rate: {revenue}}}}}]}}
  compute:
    inference: {{gross_margin: {{now: 100%, later: 100%, over: 12 mo}}}}
    spot_limit: 0 GW
    contracts:
      - cloud: {{supplier: alpha, power: 1 GW, price: 1.2B USD/GW-yr, start: 2026-01, term: 12 mo, notice: 30 d, discount_rate: 0%/yr}}
  policy: {{minimum_cash: 0 USD, distress_below: 0 mo, grace: 3 mo}}
  default: {{liquidation: 0.0x, receivables: 0%, cost: 0%, delay: 0 mo{more}}}
instruments:
  - strategic_tranche:
      name: deal
      supplier: alpha
      tranches: {tranches}
      minimum_spend: {{amount: 800M USD, from: 2026-03, to: 2026-08, discount_rate: 0%/yr}}
"
    )
}

/// Paid at a date; at 0.5 GW in place; at a discount; at a run-rate that does not come; at a fixed value but never.
const TRANCHES: &str = "[{first: {amount: 480M USD, date: 2026-03}}, {second: {amount: 240M USD, power: 0.5 GW}}, {third: {amount: 100M USD, date: 2026-03, discount: 20%}}, {fourth: {amount: 100M USD, run_rate: 100B USD/yr, lapses: 2026-06}}, {fifth: {amount: 100M USD, date: 2026-05, pre_money: 30B USD, probability: 0%}}]";

#[test]
fn tranches_and_a_shortfall() {
    let model = model(&scenario("2.4B USD/yr", "100M USD", TRANCHES, ""));
    let l = Ledger::of(&model, 0);
    // 20 × 2.4B over a billion shares is 48 a share. The power stands at the close of month 1, so the second tranche is paid in
    // month 2: 5M shares. The first in month 3 at 48B/1.005B = 47.761194: 10.05M. The third was due then too, one a month: month 4, at
    // 38.4B/1.01505B = 37.830649: 2643359.375. The fifth is not paid in month 5 and gone; the fourth is after month 6.
    l.cents("deal.paid", &[0.0, 240e6, 480e6, 100e6, 0.0, 0.0, 0.0]);
    l.cents("deal.price", &[0.0, 48.0, 48e9 / 1.005e9, 38.4e9 / 1.01505e9]);
    for (t, shares) in [(1, 0.0), (2, 5e6), (3, 15.05e6), (4, 17_693_359.375), (12, 17_693_359.375)] {
        near("shares", l.at("deal.shares", t), shares, 1e-12, 0.0);
        near("all", l.lane(t).lab.shares, 1e9 + shares, 1e-14, 0.0);
    }
    for t in 1..=12 {
        assert_eq!(l.happened("deal", event::TRANCHE_PAID, t), (2..=4).contains(&t), "month {t}");
        assert_eq!(l.happened("deal", event::TRANCHE_LAPSED, t), t == 5 || t == 7, "month {t}");
    }
    assert!((l.flow("deal", 0, 3) + 480e6).abs() < 0.005);
    // Equity over spend: 0/100, 240/200, 720/300, 820/400, …; after month 9, with the shortfall, 820/1100.
    for (t, share) in
        [(1, 0.0), (2, 1.2), (3, 2.4), (4, 2.05), (8, 820.0 / 800.0), (9, 820.0 / 1100.0), (12, 820.0 / 1400.0)]
    {
        near("circularity", l.at("deal.circularity", t), share, 1e-12, 0.0);
        near("net", l.at("deal.net_cash", t), l.at("deal.total", t) - l.at("deal.spend", t), 0.0, 0.0);
    }
    // 800 from month 3 to 8, of which 600 come by the contract: 200 short, due in month 9.
    l.cents("deal.shortfall", &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 200e6, 0.0]);
    assert_eq!(l.lane(9).lines.compute.0, 300e6);
    // Firm: 800 less what was spent in the period, less the month's notice of the contract, which is counted there.
    l.cents("deal.firm", &[700e6, 700e6, 600e6, 500e6, 400e6, 300e6, 200e6, 100e6, 0.0]);
    assert!((l.lane(5).lines.firm.0 - 500e6).abs() < 0.005);
    // Cash: 100 + 100 a month, + 240, + 480, + 100, − 200.
    assert!((l.lane(9).lab.cash.0 - 1620e6).abs() < 0.005, "{}", l.lane(9).lab.cash.0);
}

#[test]
fn what_is_bought_counts_towards_two_minimums() {
    let small = "
  - strategic_tranche:
      name: small
      supplier: alpha
      tranches: [{first: {amount: 1M USD, date: 2026-03}}]
      minimum_spend: {amount: 500M USD, from: 2026-03, to: 2026-08, discount_rate: 0%/yr}
  - strategic_tranche:
      name: deal
";
    let text = scenario("2.4B USD/yr", "100M USD", TRANCHES, "");
    let model = model(&text.replace("\n  - strategic_tranche:\n      name: deal\n", small));
    let l = Ledger::of(&model, 0);
    // A month's notice of the contract is firm, 100; the smaller minimum adds 400 to it, the larger another 300: 800 have to be spent
    // with the supplier and no more. Announced are the 1,100 that are left of the contract, and nothing on top.
    l.cents("small.firm", &[400e6, 400e6, 300e6]);
    l.cents("deal.firm", &[300e6, 300e6, 300e6]);
    assert!((l.lane(1).lines.firm.0 - 800e6).abs() < 0.005);
    assert!((l.lane(1).lines.headline.0 - 1100e6).abs() < 0.005);
}

#[test]
fn an_investor_that_withdraws_pays_nothing_and_the_minimum_stays() {
    let text = scenario("2.4B USD/yr", "500M USD", TRANCHES, "") + "      investor: {fails: 100%/mo}\n";
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    for t in 1..=12 {
        assert_eq!(l.happened("deal", event::INVESTOR_WITHDREW, t), t == 1, "month {t}");
        assert!(!l.happened("deal", event::TRANCHE_PAID | event::TRANCHE_LAPSED, t));
    }
    assert_eq!((l.at("deal.total", 12), l.lane(12).lab.shares), (0.0, 1e9));
    l.cents("deal.shortfall", &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 200e6]);
}

#[test]
fn a_lab_that_fails_owes_the_rest_as_damages() {
    let later = "[{first: {amount: 1M USD, date: 2027-01}}]";
    for (damages, claim) in [("36 mo", 500e6), ("2 mo", 250e6)] {
        let model = model(&scenario("0 USD/yr", "250M USD", later, &format!(", damages: {damages}")));
        let l = Ledger::of(&model, 0);
        // 100M a month: cash ends in month 3, and month 5 is the third in arrears. At the close of month 4 there were 800 − 200 less the
        // notice of 100 to come, over months 5 to 8: 500, of which two months are half.
        assert_eq!(l.lane(5).accounts.ended, 5.0);
        assert!((l.at("deal.firm", 4) - 500e6).abs() < 0.005, "{}", l.at("deal.firm", 4));
        assert!((l.at("deal.claim", 5) - claim).abs() < 0.005, "{damages}: {}", l.at("deal.claim", 5));
        assert!((l.at("deal.loss", 12) - claim).abs() < 0.005);
        assert_eq!(l.at("deal.firm", 6), 0.0);
    }
}

#[test]
fn a_supplier_who_supplies_nothing_is_refused() {
    let text =
        scenario("2.4B USD/yr", "500M USD", TRANCHES, "").replace("      supplier: alpha", "      supplier: alhpa");
    let refused =
        gapcast::model::Model::parse("test.yaml", &text, &gapcast::model::Settings::default()).expect_err("a bad name");
    let text = gapcast::cli::diagnostics::render(&refused.issues, &refused.sources, false);
    assert!(text.contains("`deal` names the supplier `alhpa`") && text.contains("did you mean `alpha`?"), "{text}");
}
