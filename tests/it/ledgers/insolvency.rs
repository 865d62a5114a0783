//! The lab's failure by its rules: a rescue, odds that shrink with value, what proceedings cost, caps of preferences.

use crate::common::ledger::Ledger;
use crate::common::model;
use crate::common::vectors::{near, z_share};
use gapcast::engine::resolution::{Class, Outcome};
use gapcast::lab::insolvency::liquidation;
use gapcast::units::Usd;

/// Revenue 100M a month and staff of 1B, no cash: the lab fails in the first month and owes 900M of wages.
fn failing(terms: &str, beside: &str) -> String {
    format!(
        "
schema: 1
name: failing
time: {{start: 2026-01, months: 1}}
run: {{paths: 1, seed: 1}}
lab:
  opening: {{cash: 0 USD, shares: {{holders: 100%}}}}
  demand: {{growth: {{now: 0%/mo, later: 0%/mo, half_life: 12 mo}}, growth_is: underlying, saturation: none, segments: [{{all: {{run_rate: 1.2B USD/yr}}}}]}}
  compute: {{capacity: none, inference: {{gross_margin: {{now: 100%, later: 100%, over: 12 mo}}}}}}
  people: {{cost: 12B USD/yr}}
  policy: {{distress_below: 0 mo, grace: 1 mo}}
  default: {{{terms}}}
{beside}
"
    )
}

#[test]
fn a_rescue_gets_no_more_of_the_company_than_its_limit() {
    // At 30% of 10 × 1.2B the lab is worth 3.6B. Arrears and a year of burn are more than half of it after the money, so half is sold:
    // 3.6B for as many shares as there were.
    let text = failing(
        "outcomes: {rescue: 100%, liquidation: 0%}, rescue: {price: 30%, covers: 12 mo, max_dilution: 50%}",
        "world: {equity_multiple: {now: 10x, later: 10x}}",
    );
    let saved = model(&text);
    let l = Ledger::of(&saved, 0);
    near("raised", l.lane(1).accounts.equity_raised.0, 3.6e9, 1e-12, 0.0);
    near("shares", l.lane(1).lab.shares, 2e9, 1e-12, 0.0);
    assert_eq!(l.lane(1).accounts.outcome, f64::from(Outcome::Rescued as u8));
}

#[test]
fn a_lab_worth_less_than_it_owes_is_sold_less_often() {
    // As it runs the lab brings 0.5 × 1.2B = 600M of the 900M that it owes: two sales in three are still made, one becomes a break-up.
    let text = failing("acquisition: 0.5x, cost: 0%, outcomes: {acquisition: 100%, liquidation: 0%}", "");
    let sold = model(&text);
    let outcomes: Vec<f64> = (0..900).map(|path| Ledger::of(&sold, path).lane(1).accounts.outcome).collect();
    let acquired = f64::from(Outcome::Acquired as u8);
    assert!(z_share(&outcomes, 2.0 / 3.0, |x| x == acquired).abs() < 4.0);
}

#[test]
fn proceedings_cost_a_share_of_cash_too() {
    // The lab owns a pool that is worth 1B and lets it for 10M a month; that comes in after the month's payments, so it is there when the
    // lab fails. 80% of 1B and of 10M are left.
    let pool = "instruments:
  - abs:
      name: notes
      pool: {value: 1B USD, book: 1B USD, power: 0.1 GW}
      tenants: {price: 1.2B USD/GW-yr}
      opex: 0 USD/GW-yr
      servicer_fee: 0%
      closing: 2033-01
      tranches: [{a: {advance: 50%, rate: 6%/yr}}]
      refinancing: {dscr: 1.2x}
      sale_cost: 0%
";
    let text = failing("liquidation: 0.0x, receivables: 0%, cost: 20%", pool);
    let broken_up = model(&text);
    let l = Ledger::of(&broken_up, 0);
    near("estate", l.lane(1).accounts.estate.0, 0.8 * 1010e6, 1e-9, 0.0);
}

#[test]
fn a_cap_counts_the_preference() {
    // 260 for a class that is owed 100, shares in the rest up to 150 in all, and has half of the shares. 100 first; 50 of 160 are its
    // own until the cap; 110 are left to the others. Converted it would have 130.
    let class = Class { rank: 0.0, preference: Usd(100.0), shares: 50.0, participates: true, cap: Usd(150.0) };
    let (paid, rest) = liquidation(Usd(260.0), 50.0, &[class]);
    near("class", paid[0].0, 150.0, 1e-12, 0.0);
    near("common", rest.0, 110.0, 1e-12, 0.0);
}

#[test]
fn a_rejected_contract_claims_its_take_or_pay_less_what_was_prepaid() {
    // 0.1 GW at 1B a GW-month, half of it take-or-pay and none of it used: wages come first, so the invoice of 50M stays owed, and six
    // months of 50M are damages. With 200M prepaid, of which 10M are used each month, 40M are owed and 190M are left.
    for (more, claim) in
        [("", 350e6), (", prepayment: {amount: 200M USD, date: 2025-12, recovered_over: 20 mo}", 150e6)]
    {
        let contract = format!(
            "compute: {{inference: {{gross_margin: {{now: 100%, later: 100%, over: 12 mo}}}}, spot_limit: 0 GW, contracts: [{{cloud: {{power: 0.1 GW, price: 12B USD/GW-yr, start: 2026-01, term: 60 mo, take_or_pay: 50%{more}}}}}]}}"
        );
        let free = "compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}";
        let fails = model(&failing("damages: 6 mo", "").replace(free, &contract));
        let l = Ledger::of(&fails, 0);
        near("claim", l.at("cloud.claim", 1), claim, 1e-9, 0.0);
    }
}
