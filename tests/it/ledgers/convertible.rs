//! Convertibles: notes that become shares, are repaid, extended or floored; public ones that are called, put and mature;
//! a bridge; and what holders get from a lab that fails.

use crate::common::ledger::Ledger;
use crate::common::{model, vectors};
use gapcast::engine::books::event;
use gapcast::engine::level::Level;

/// Revenue of 1B a month, a multiple of ten: 120B on 1e9 shares, 120 each. No cost, a trillion in cash.
fn rich(months: u32, growth: &str, rest: &str) -> String {
    let demand = format!(
        "{{growth: {{now: {growth}, later: {growth}, half_life: 12 mo}}, growth_is: underlying, saturation: none, segments: [{{all: {{run_rate: 12B USD/yr}}}}]}}"
    );
    vectors::bare_lab(months, &demand, rest) + "world: {equity_multiple: {now: 10x, later: 10x}}\n"
}

#[track_caller]
fn near(l: &Ledger<'_>, name: &str, t: usize, expected: f64) {
    let found = l.at(name, t);
    assert!(
        (found - expected).abs() <= 1e-10 * expected.abs() + 1e-4,
        "{name}, month {t}: {found} instead of {expected}"
    );
}

#[test]
fn notes() {
    let text = rich(
        14,
        "0%/mo",
        "instruments:
  - equity_round: {name: round, date: 2026-07, size: 12B USD}
  - equity_round: {name: later, date: 2027-01, size: 10B USD, pre_money: 100B USD}
  - convertible: {name: pik, amount: 1B USD, date: 2026-01, rate: 12%/yr, accrual: pik, cap: 60B USD, conversion_discount: 20%, term: 24 mo}
  - convertible: {name: simple, amount: 500M USD, date: 2026-02, rate: 6%/yr, conversion_discount: 25%, term: 24 mo}
  - convertible: {name: repaid, amount: 300M USD, date: 2026-01, rate: 12%/yr, conversion_discount: 20%, term: 4 mo}
  - convertible: {name: extended, amount: 200M USD, date: 2026-08, rate: 12%/yr, term: 3 mo, at_maturity: extend, extension: 2 mo}
  - convertible: {name: floored, amount: 400M USD, date: 2026-08, rate: 6%/yr, term: 5 mo, at_maturity: convert, floor: 41B USD}
",
    );
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    // 1% a month on all: 1000, 1010, 1020.1, 1030.301, 1040.60401, 1051.0100501M. Half a per cent on 500M is 2.5M.
    l.cents("pik.balance", &[1e9, 1.01e9, 1.0201e9, 1.030_301e9, 1_040_604_010.0, 1_051_010_050.1, 0.0]);
    l.cents("simple.balance", &[0.0, 500e6, 502.5e6, 505e6, 507.5e6, 510e6, 0.0]);
    // Four months at 3M, then all falls due in month 5 and is paid.
    l.cents("repaid.balance", &[300e6, 303e6, 306e6, 309e6, 0.0]);
    assert_eq!((l.at("repaid.repaid", 5), l.flow("repaid", 0, 5), l.flow("repaid", 0, 1)), (312e6, 312e6, -300e6));
    // In month 4 it is no longer shown: it will not convert in month 5. The others are, with the interest of the coming
    // month: at the cap 1% more than 1030.301M over 60; money 507.5/0.75.
    let lines = &l.lane(4).lines;
    assert!((lines.notes.0 - 507.5e6 / 0.75).abs() < 1e-3 && (lines.note_shares - 1_040_604_010.0 / 60.0).abs() < 1e-6);
    // Month 7: 1061.520150601M at 60 are 17,692,002.510 shares, and 512.5M / 0.75 = 683.333M buy at the round's price,
    // (120,000 − 683.333) / 1,017.692002510 = 117.242...
    near(&l, "pik.converted", 7, 1_061_520_150.601);
    near(&l, "pik.shares", 7, 17_692_002.510_016_67);
    let price: f64 = (120e9 - 512.5e6 / 0.75) / (1e9 + 17_692_002.510_016_67);
    assert!((price - 117.242).abs() < 1e-3, "{price}");
    near(&l, "round.price", 7, price);
    near(&l, "simple.converted", 7, 512.5e6);
    near(&l, "simple.shares", 7, 512.5e6 / 0.75 / price);
    assert!(l.happened("pik", event::CONVERTED, 7) && l.happened("simple", event::CONVERTED, 7));
    // Post-money: 132B is the price of all shares.
    let after = 132e9 / price;
    assert!((l.lane(7).lab.shares - after).abs() < 1e-3, "{}", l.lane(7).lab.shares);
    // Debt became paid-in capital, without cash.
    assert_eq!((l.lane(7).lines.debt.0, l.flow("pik", 0, 7)), (0.0, 0.0));
    // Month 11 would be the maturity of 200M at 2M a month: two months more, 210M.
    near(&l, "extended.balance", 11, 206e6);
    near(&l, "extended.repaid", 13, 210e6);
    // Month 13: 410M at 41B are a hundredth of the shares before, and the round of that month counts them: 100B over 1.01
    // times the shares.
    near(&l, "floored.balance", 12, 408e6);
    near(&l, "floored.shares", 13, 0.01 * after);
    near(&l, "later.price", 13, 100e9 / (1.01 * after));
    assert!((l.lane(13).lab.shares - 1.01 * after * 1.1).abs() < 1e-2);
    // At the horizon: 120B over all shares, in twelve months from 400M.
    let (_, rows) = vectors::run_of(&model.plan, 1, 1, Level::best());
    let moic = vectors::pick(&model.plan, &rows, "floored.moic")[0];
    assert!((moic - 120e9 * 0.01 / 1.111 / 400e6).abs() < 1e-9, "{moic}");
    assert!((vectors::pick(&model.plan, &rows, "repaid.moic")[0] - 1.04).abs() < 1e-12);
}

#[test]
fn two_rounds_and_a_note_in_one_month() {
    // At the market's value both sell at (120 − 1/0.8) / 1e9 shares = 118.75, and the note gets its part at that price.
    let text = rich(
        3,
        "0%/mo",
        "instruments:
  - equity_round: {name: first, date: 2026-02, size: 12B USD}
  - convertible: {name: safe, kind: safe, amount: 1B USD, date: 2026-01, conversion_discount: 20%}
  - equity_round: {name: second, date: 2026-02, size: 6B USD}
",
    );
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    for (name, expected) in [
        ("first.price", 118.75),
        ("second.price", 118.75),
        ("safe.shares", 1.25e9 / 118.75),
        ("second.shares", 6e9 / 118.75),
    ] {
        near(&l, name, 2, expected);
    }
    assert!((l.lane(2).lab.shares * 118.75 - 138e9).abs() < 1.0);
}

#[test]
fn public() {
    // The price grows by 5% a month (log). A bond of month 1 converts at 1.25 or 1.8 times that month's price; k months
    // later the price is e^{0.05 k} times it: 1.49 after eight months.
    let text = rich(
        13,
        "5%/mo",
        "instruments:
  - convertible: {name: called, kind: public, amount: 10B USD, date: 2026-01, rate: 6%/yr, term: 60 mo, premium: 25%, call: {from: 2026-09, above: 130%}}
  - convertible: {name: pays, kind: public, amount: 10B USD, date: 2026-01, rate: 6%/yr, term: 8 mo, premium: 25%, puts: [2026-08]}
  - convertible: {name: fails, kind: public, amount: 10B USD, date: 2026-01, rate: 6%/yr, term: 8 mo, premium: 80%}
  - convertible: {name: put, kind: public, amount: 10B USD, date: 2026-01, rate: 6%/yr, term: 60 mo, premium: 80%, puts: [2026-05, 2026-06]}
",
    );
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    let price = 120.0 * libm::exp(0.05);
    // The call needs 1.3 · 1.25 = 1.625 times. Without other shares that would be in month 11 (e^{0.5} = 1.65). But the 63.4M
    // shares of the second bond take 6% off the price from month 10 on: e^{0.5}/1.0634 = 1.55 does not do, in month 12
    // e^{0.55}/1.0634 = 1.63 does. 50M of coupon go out until then.
    near(&l, "called.shares", 11, 0.0);
    near(&l, "called.coupon", 12, 50e6);
    near(&l, "called.shares", 12, 10e9 / (1.25 * price));
    near(&l, "called.coupon", 13, 0.0);
    assert!(l.happened("called", event::CONVERTED, 12));
    // At maturity in month 9 the one converts and the other is repaid.
    near(&l, "pays.shares", 9, 10e9 / (1.25 * price));
    assert_eq!((l.flow("pays", 0, 9), l.flow("fails", 0, 9)), (50e6, 10.05e9));
    near(&l, "fails.shares", 12, 0.0);
    // Put in month 5; there is nothing left to be put in month 6.
    assert!(l.happened("put", event::PUT, 5) && !l.happened("put", event::PUT, 6));
    assert_eq!((l.flow("put", 0, 5), l.flow("put", 0, 6)), (10.05e9, 0.0));
    // Nobody puts what is worth more as shares: e^{0.35} = 1.42 in month 8.
    assert!(!l.happened("pays", event::PUT, 8));
    // Coupons are interest, and no share was issued without a conversion.
    assert!((l.lane(4).lines.interest.0 - 200e6).abs() < 1e-6);
    let all = 1e9 + l.at("called.shares", 12) + l.at("pays.shares", 12);
    assert!((l.lane(12).lab.shares - all).abs() < 1e-3);
    // Six coupons to the put: the bond's price is its return, 6% nominal.
    let (_, rows) = vectors::run_of(&model.plan, 1, 1, Level::best());
    let irr = vectors::pick(&model.plan, &rows, "put.irr")[0];
    assert!((irr - (1.005_f64.powi(12) - 1.0)).abs() < 1e-9, "{irr}");
}

#[test]
fn a_bridge() {
    // As in the ledger of rounds: revenue falls, the round of month 2 fails and is tried again in month 4 for month 5.
    let text = rich(
        14,
        "0%/mo",
        "  people: {cost: 1.2B USD/yr}
instruments:
  - equity_round: {name: rounds, when: {runway_below: 0 mo, multiple_above: 9x, gap: 20 mo}, covers: 0 mo, covers_at_least: 10 mo,
      process: 1 mo, retry: 2 mo, fill_min: 97%}
  - convertible: {name: bridge, amount: 400M USD, when: {round_failed: true}, process: 1 mo, rate: 12%/yr, conversion_discount: 20%, term: 12 mo}
  - convertible: {name: rolled, amount: 50M USD, when: {cash_below: 100000 mo}, issues: 2, term: 2 mo}
",
    )
    .replace("now: 0%/mo, later: 0%/mo, half_life: 12 mo", "now: -20%/mo, later: 0%/mo, half_life: 1 mo");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    assert!(l.happened("rounds", event::ROUND_FAILED, 2) && l.happened("rounds", event::ROUND_CLOSED, 5));
    near(&l, "bridge.closes_in", 2, 1.0);
    assert!((l.lane(2).lines.pending.0 - 400e6).abs() < 1e-6);
    l.cents("bridge.issued", &[0.0, 0.0, 400e6, 0.0]);
    // Two months of interest, then the round: its price leaves 408M / 0.8 = 510M to the note.
    near(&l, "bridge.converted", 5, 408e6);
    let value = 120e9 * libm::exp(-0.2 * (1.0 - 0.5_f64.powi(5)));
    near(&l, "rounds.price", 5, (value - 510e6) / 1e9);
    near(&l, "bridge.shares", 5, 510e6 * 1e9 / (value - 510e6));
    // It is issued once. The other is launched whenever it is gone, but twice at most: issued in months 2 and 5, repaid in 4
    // and 7; what is issued in the month of a round does not convert in it.
    near(&l, "bridge.count", 14, 1.0);
    l.cents("rolled.balance", &[0.0, 50e6, 50e6, 0.0, 50e6, 50e6, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    near(&l, "rolled.shares", 14, 0.0);
}

/// 60M of revenue a month, staff of 100M: 40M go out. 250M of cash and 80M of notes last eight months, with 10M over. Then
/// 30, 70, 110M of wages are owed, and in month 11 the lab fails.
const FAILING: &str = "
schema: 1
name: failing
time: {start: 2026-01, months: 13}
run: {paths: 1, seed: 1}
world: {equity_multiple: {now: 10x, later: 10x}}
lab:
  opening: {cash: 250M USD, shares: {holders: 100%}}
  demand: {growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, saturation: none, segments: [{all: {run_rate: 720M USD/yr}}]}
  compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}
  people: {cost: 1.2B USD/yr, cut_in_distress: 0%}
  policy: {minimum_cash: 0 USD, distress_below: 0 mo, grace: 3 mo}
  default: {outcomes: {acquisition: 100%, liquidation: 0%}, acquisition: 0.25x, cost: 0%, delay: 0 mo}
instruments:
  - convertible: {name: note, amount: 50M USD, date: 2026-01, rate: 12%/yr, cap: 2B USD, term: 36 mo}
  - convertible: {name: safe, kind: safe, amount: 30M USD, date: 2026-01, cap: 2B USD}
";

#[test]
fn holders_of_a_lab_that_is_sold() {
    let model = model(FAILING);
    let l = Ledger::of(&model, 0);
    // 180M: 110M of wages, then 50M and ten months of half a million; 15M are left to shares, of which the SAFE has 30M first.
    assert_eq!(l.lane(11).accounts.ended, 11.0);
    for (instrument, claim, got) in [("note", 55e6, 55e6), ("safe", 30e6, 15e6)] {
        near(&l, &format!("{instrument}.claim"), 11, claim);
        near(&l, &format!("{instrument}.loss"), 11, claim - got);
        assert!((l.flow(instrument, 0, 11) - got).abs() < 0.005, "{instrument}");
        near(&l, &format!("{instrument}.balance"), 11, 0.0);
    }
    assert!(l.lane(11).accounts.to_common.0.abs() < 0.005);
}

#[test]
fn holders_who_became_shareholders() {
    // A round in month 2 of 20M: 50.5M and 30M at the cap of 2B on 1e9 shares, 2 a share: 25.25M and 15M shares.
    let text = FAILING.to_owned() + "  - equity_round: {name: round, date: 2026-02, size: 20M USD}\n";
    let model = model(&text.replace("acquisition: 0.25x", "acquisition: 1x"));
    let l = Ledger::of(&model, 0);
    near(&l, "note.shares", 2, 25.25e6);
    near(&l, "safe.shares", 2, 15e6);
    near(&l, "round.price", 2, 7.2e9 / 1_040.25e6);
    // 350M of cash and 40M a month: 30M after month 8, 90M for 100M in month 9. Wages of 10, 50, 90M are owed; 720M less
    // 90M go to shares, all alike.
    assert_eq!(l.lane(11).accounts.ended, 11.0);
    let all = 1_040.25e6 * (1.0 + 20.0 / 7200.0);
    let each = 630e6 / all;
    assert!((l.flow("note", 0, 11) - each * 25.25e6).abs() < 0.005);
    assert!((l.flow("safe", 0, 11) - each * 15e6).abs() < 0.005);
    assert!((l.lane(11).accounts.to_common.0 - 630e6).abs() < 0.005);
    // They had put 50.5M (with interest) and 30M into shares.
    near(&l, "note.claim", 11, 50.5e6);
    near(&l, "note.loss", 11, 50.5e6 - each * 25.25e6);
}

#[test]
fn creditors_of_a_lab_that_is_restructured() {
    let text = FAILING.replace("acquisition: 100%, liquidation", "restructuring: 100%, liquidation");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    // Unsecured is the note alone: 60% of 55M are given up. Three quarters of 7.2B are more than that, so the note gets as much as
    // it gives up: 33 of 7,200 parts of the company, 1e9 × 33/7167 new shares; the SAFE stays.
    let shares = 1e9 * 33.0 / 7167.0;
    near(&l, "note.balance", 11, 22e6);
    near(&l, "note.shares", 11, shares);
    near(&l, "safe.balance", 11, 30e6);
    assert!((l.lane(11).lab.shares - 1e9 - shares).abs() < 1.0 && l.lane(11).lab.alive == 1.0);
    near(&l, "note.loss", 11, 0.0);
}

#[test]
fn what_a_failing_lab_owes() {
    // A bond of 60M at 1% a month that matures in month 10. Cash: 310 − 40 in month 1, then 40.6M a month: 26.4M after month 7.
    // Wages of 13.6, 53.6 and 93.6M are owed after months 8 to 10, and nothing is paid on the bond: coupons of 0.6, of 0.606
    // and of 0.61206M, each on all that is owed, and the principal.
    let bond = "  - convertible: {name: bond, kind: public, amount: 60M USD, date: 2026-01, rate: 12%/yr, term: 9 mo, premium: 900%}\n";
    let at = FAILING.find("  - convertible").expect("instruments");
    let text = FAILING[..at].to_owned() + bond;
    let sold = model(&text);
    let l = Ledger::of(&sold, 0);
    l.cents("bond.coupon", &[0.0, 6e5, 6e5, 6e5, 6e5, 6e5, 6e5, 0.0, 0.0]);
    l.cents("bond.arrears", &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 6e5, 1_206_000.0]);
    assert_eq!((l.at("bond.due", 9), l.at("bond.due", 10), l.at("bond.repaid", 10)), (0.0, 60e6, 0.0));
    // 180M less wages: all is paid in the end.
    near(&l, "bond.claim", 10, 61_818_060.0);
    assert!((l.flow("bond", 0, 10) - 61_818_060.0).abs() < 0.005);
    assert_eq!(l.lane(10).accounts.ended, 10.0);
    // Rescued: the new money pays everything in month 11, with 1% of 61.81806M.
    let rescued = model(&text.replace("acquisition: 100%, liquidation", "rescue: 100%, liquidation"));
    let l = Ledger::of(&rescued, 0);
    near(&l, "bond.balance", 10, 60e6);
    near(&l, "bond.coupon", 11, 2_436_240.6);
    near(&l, "bond.repaid", 11, 60e6);
    near(&l, "bond.arrears", 11, 0.0);
}

#[test]
fn a_round_below_the_notes_fails() {
    // 1B at a discount of a fifth takes 1.25B of the company: a value of 1.2B leaves nothing to sell.
    for (value, closes) in [("1.2B", false), ("1.25B", false), ("1.5B", true)] {
        let rest = format!(
            "instruments:
  - convertible: {{name: note, amount: 1B USD, date: 2026-01, conversion_discount: 20%, term: 24 mo}}
  - equity_round: {{name: round, date: 2026-02, size: 300M USD, pre_money: {value} USD}}
"
        );
        let model = model(&rich(3, "0%/mo", &rest));
        let l = Ledger::of(&model, 0);
        assert_eq!(l.happened("round", event::ROUND_CLOSED, 2), closes, "{value}");
        assert_eq!(l.happened("round", event::ROUND_FAILED, 2), !closes, "{value}");
        // 0.25B over 1e9 shares: 25 cents, at which 1.25B buy 5e9.
        near(&l, "note.shares", 3, if closes { 5e9 } else { 0.0 });
    }
}
