//! The delayed-draw term loan: sixteen months from the first delivery to the last sale; a margin call; a contract that is
//! lost with the lab; recourse; the lab as its own offtaker.

use crate::common::ledger::Ledger;
use crate::common::model;
use crate::ledgers::ESTATE;
use gapcast::engine::books::event;

/// A lab without revenue or cost, and a loan for two deliveries of 60M. 80% is lent at 6 + 6% a year, so 1% a month;
/// the fee is 0.1% a month. Each delivery earns 7.2M of rent and costs 1M to run, for twelve months; each draw is repaid
/// in ten. One month of service is kept in reserve and a quarter of the rest prepays.
const LAB: &str = "
schema: 1
name: cloud
time: {start: 2026-01, months: 16}
run: {paths: 1, seed: 1}
world: {compute_price: {contract: 6B USD/GW-yr}}
lab:
  opening: {cash: 500M USD, shares: {holders: 100%}}
  demand: {growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, saturation: none, segments: [{all: {run_rate: 0 USD/yr}}]}
  compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}
  policy: {minimum_cash: 0 USD, distress_below: 0 mo, grace: 3 mo}
  default: {liquidation: 0.0x, cost: 0%, delay: 12 mo}
";
const LOAN: &str = "
instruments:
  - ddtl:
      name: loan
      commitment: 100M USD
      advance: 80%
      capex: 120M USD
      power: 0.012 GW
      deliveries: {start: 2026-02, over: 2 mo}
      rate: 6%/yr
      margin: {investment: 6%/yr}
      commitment_fee: 1.2%/yr
      repayment: {tail: 2 mo}
      offtaker: {name: platform, grade: investment, price: 14.4B USD/GW-yr, term: 12 mo}
      opex: 2B USD/GW-yr
      reserve: 1 mo
      sweep: 25%
";

#[test]
fn sixteen_months() {
    let model = model(&format!("{LAB}{LOAN}"));
    let l = Ledger::of(&model, 0);
    // A draw of 48M at 1% over ten months: 48 · 0.105582077 = 5.067939674 a month.
    // Month 2: 12M of the first delivery and the fee on 100M, 0.1M, are the lab's.
    // Month 3: interest 0.48, fee on 52M 0.052, principal 5.067940 − 0.48 = 4.587940; of rent 7.2 less 1 there are 1.080060 left,
    // which go to the reserve (one month of service: 5.119940). The second delivery takes 12M of the lab.
    // Month 4: 14.4 − 2 = 12.4; interest on 91.412060; principal 4.633819 + 4.587940. And so on: cover is 1.2234.
    // Month 7: the reserve has its 10.135879, 0.000664 are left, a quarter of it prepays.
    // Month 13: what is owed is less than the instalments, 2.167543 repay it and the reserve is free: 12.4 + 10.113109 − 0.021675
    // − 2.167543. Months 15 and 16: a delivery is sold at age 13, 60 · 0.65 · 0.75^(1/12) · 0.9 = 34.268536.
    let m = |x: &[f64]| x.iter().map(|x| x * 1e6).collect::<Vec<_>>();
    l.cents("loan.draw", &m(&[0.0, 48.0, 48.0, 0.0]));
    l.cents("loan.contributed", &m(&[0.0, 12.1, 12.0, 0.0]));
    l.cents(
        "loan.rent",
        &m(&[0.0, 0.0, 7.2, 14.4, 14.4, 14.4, 14.4, 14.4, 14.4, 14.4, 14.4, 14.4, 14.4, 14.4, 7.2, 0.0]),
    );
    let near = |field: &str, expected: &[f64]| {
        for (k, &x) in expected.iter().enumerate() {
            let found = l.at(field, k + 1);
            assert!((found - x * 1e6).abs() < 1.0, "{field}, month {}: {found} instead of {x}M", k + 1);
        }
    };
    near(
        "loan.balance",
        &[
            0.0, 48.0, 91.412_060, 82.190_302, 72.876_325, 63.469_209, 53.967_856, 43.805_626, 33.544_604, 23.185_231,
            12.726_539, 2.167_543, 0.0, 0.0, 0.0, 0.0,
        ],
    );
    near(
        "loan.interest",
        &[
            0.0, 0.1, 0.532, 0.914_121, 0.821_903, 0.728_763, 0.634_692, 0.539_679, 0.438_056, 0.335_446, 0.231_852,
            0.127_265, 0.021_675, 0.0,
        ],
    );
    near(
        "loan.reserve",
        &[
            0.0, 0.0, 1.080_060, 3.344_181, 5.608_302, 7.872_422, 10.135_879, 10.135_878, 10.130_217, 10.124_529,
            10.118_826, 10.113_109, 0.0,
        ],
    );
    near(
        "loan.distributed",
        &[
            0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.000_498, 1.698_093, 1.706_582, 1.710_870, 1.715_158, 1.719_456, 20.323_890,
            12.4, 40.468_536, 34.268_536,
        ],
    );
    near(
        "loan.market_value",
        &[0.0, 60.0, 117.884_288, 113.727_468, 109.717_226, 105.848_392, 102.115_980, 98.515_180, 95.041_352],
    );
    near("loan.market_value", &[0.0, 60.0]);
    assert!((l.at("loan.market_value", 15) - 39e6).abs() < 1.0 && l.at("loan.market_value", 16).abs() < 1e-3);
    assert!(
        (l.at("loan.dscr", 4) - 1.223_376_835).abs() < 1e-8
            && (l.at("loan.ltv", 4) - 82.190_302 / 113.727_468).abs() < 1e-7
    );
    // The stake is carried at cost until distributions have returned it in month 13; beyond it is income.
    near("loan.carried", &[0.0, 12.1, 24.1, 24.1, 24.1, 24.1, 24.099_502, 22.401_409]);
    assert!((l.lane(12).lines.investment.0 - 15.549_343e6).abs() < 1.0);
    assert!((l.lane(13).lines.other_income.0 - 4.774_547e6).abs() < 1.0 && l.at("loan.carried", 13) == 0.0);
    assert!((l.lane(16).lab.cash.0 - 591.911_620e6).abs() < 1.0, "{}", l.lane(16).lab.cash.0);
    // The lender gets back what it lent, with 1% a month and fees.
    let flows: Vec<f64> = (1..=16).map(|t| l.flow("loan", 0, t)).collect();
    assert!((flows[1] + 47.9e6).abs() < 1e-6 && (flows[2] + 42.880_060e6).abs() < 1.0, "{flows:?}");
    assert!(l.at("loan.ended", 15) == 0.0 && l.at("loan.ended", 16) == 1.0 && l.at("loan.claim", 16) == 0.0);
    assert!(l.happened("loan", event::SOLD, 15) && !l.happened("loan", event::INSTRUMENT_DEFAULT, 16));
}

/// One delivery of 60M in month 1, 48M lent at 1% over sixty months; cash is held back for good.
const LONG: &str = "
instruments:
  - ddtl:
      name: loan
      commitment: 48M USD
      advance: 80%
      capex: 60M USD
      power: 0.006 GW
      deliveries: {start: 2026-01}
      rate: 12%/yr
      margin: {investment: 0%/yr}
      offtaker: {name: platform, grade: investment, price: 5B USD/GW-yr, term: 60 mo}
      opex: 2B USD/GW-yr
      covenants: {ltv: 85%, lock_up: 99x}
      enforcement: {lender: sells, sale_cost: 10%}
";

#[test]
fn a_margin_call_is_paid_and_then_not() {
    // The lab has 13M: 12M for the delivery, 1M for calls.
    let model = model(&format!("{LAB}{LONG}").replace("cash: 500M", "cash: 13M"));
    let l = Ledger::of(&model, 0);
    // Level payment 48 · 0.022244448 = 1.067733492. Balances: 48, 47.412267, 46.818656, 46.219109.
    // Values 60 · 0.65^(a/12): 57.884288, 55.843180, 53.874046. 85% of them: 49.201645, 47.466703, 45.792939, so that month 4 is short
    // by 46.219109 − 45.792939 = 0.426170.
    let close = |name: &str, t: usize, x: f64| {
        let found = l.at(name, t);
        assert!((found - x).abs() < 1.0, "{name}, month {t}: {found} instead of {x}");
    };
    close("loan.balance", 3, 46_818_655.9);
    assert_eq!(l.at("loan.margin_call", 3), 0.0);
    close("loan.margin_call", 4, 426_170.0);
    assert!(l.happened("loan", event::MARGIN_CALL, 4));
    // Month 5: it is paid, beside scheduled principal of 0.605542, and shortens the loan from its end: 45.187396. The value is 51.974346,
    // 85% are 44.178194: short again, by 1.009202.
    close("loan.contributed", 5, 426_170.0);
    close("loan.balance", 5, 45_187_396.0);
    close("loan.margin_call", 5, 1_009_202.0);
    assert!(!l.happened("loan", event::CURED, 5));
    // Month 6: the lab has 1.006097 left (1M, less the call, with the 0.432267 that month 2 distributed before its close locked it up),
    // so the call is not met in full and the loan is in default at its cure of a month. Principal is 0.611598 by schedule and 1.006097
    // of the call: 43.569702.
    close("loan.contributed", 6, 1_006_097.0);
    close("loan.balance", 6, 43_569_702.0);
    assert!(l.happened("loan", event::INSTRUMENT_DEFAULT, 6));
    close("loan.claim", 6, 43_569_702.0);
    // Held back of 1.5 a month, after interest and principal: 0.432267 in each of months 3 to 5, 0.436528 in month 6.
    close("loan.distributed", 2, 432_267.0);
    close("loan.trapped", 6, 1_733_328.0);
    // Month 7: sold at 60 · 0.65^(6/12) · 0.9 = 43.536192. With rent of 1.5 and what was held back that is 46.769520 against
    // 43.569702 and interest of 0.435697: the lender is whole, 2.764121 are the lab's.
    close("loan.distributed", 7, 2_764_121.0);
    assert!(l.happened("loan", event::SOLD, 7) && l.at("loan.balance", 7) == 0.0 && l.at("loan.loss", 7).abs() < 1e-6);
    // The stake ends there: what was paid in and does not come back is lost.
    assert_eq!(l.at("loan.carried", 7), 0.0);
    let lost = 12e6 + 1e6 - l.at("loan.distributed", 7);
    assert!((l.lane(7).lines.other_income.0 + lost).abs() < 1e-3);
}

#[test]
fn what_a_sale_leaves_is_the_labs_under_recourse() {
    // Hardware loses nine tenths in its first year; cover of 1.4 is below the level of 2 from the first test on.
    let loan = LONG.replace(
        "covenants: {ltv: 85%, lock_up: 99x}",
        "covenants: {default: 2x}\n      recourse: true\n      value: {first_year: -90%}",
    );
    for recourse in [true, false] {
        let model = model(&format!("{LAB}{loan}").replace("recourse: true", &format!("recourse: {recourse}")));
        let l = Ledger::of(&model, 0);
        // Month 2: cover 1.5/1.067733 = 1.40 < 2: breach. Month 3: it stands, default. Month 4: sold at 60 · 0.1^(3/12) · 0.9 = 30.366473.
        assert!(l.happened("loan", event::COVENANT, 2) && l.happened("loan", event::INSTRUMENT_DEFAULT, 3));
        // Claimed 46.818656; a month's interest 0.468187, rent 1.5: 15.420411 stay unpaid.
        let short = 46_818_655.687 * 1.01 - 1.5e6 - 60e6 * 0.1_f64.powf(0.25) * 0.9;
        assert!((short - 15_420_410.7).abs() < 1.0 && (l.at("loan.claim", 4) - 46_818_655.687).abs() < 1.0);
        let loss = |t: usize| l.at("loan.loss", t);
        assert!((loss(4) - short / 1.01).abs() < 1.0, "{}", loss(4));
        assert!((l.at("loan.called", 4) - if recourse { short } else { 0.0 }).abs() < 1.0);
        assert_eq!(l.happened("loan", event::GUARANTEE_CALLED, 4), recourse);
        // Month 5: the lab pays, two months after the default.
        assert!((l.lane(5).lines.guarantees.0 - if recourse { short } else { 0.0 }).abs() < 1.0);
        assert!((loss(5) - if recourse { short / 1.01 - short / 1.01_f64.powi(2) } else { short / 1.01 }).abs() < 1.0);
        assert!((l.flow("loan", 0, 5) - if recourse { short } else { 0.0 }).abs() < 1.0);
        assert_eq!(l.at("loan.owed", 5), 0.0);
    }
}

#[test]
fn a_contract_lost_with_the_lab_is_let_again() {
    // The delivery takes 12M of 32M of cash, staff 10M a month: nothing is left after month 2; months 3, 4 and 5 are short, and the
    // lab ends in month 5.
    let loan = LONG
        .replace("covenants: {ltv: 85%, lock_up: 99x}", "")
        .replace("term: 60 mo}", "term: 14 mo, lost_with_lab: 100%}")
        .replace("5B USD/GW-yr", "9B USD/GW-yr")
        .replace("lender: sells, sale_cost: 10%", "vacancy: 2 mo, relet: 50%, sale_cost: 10%");
    let lab =
        LAB.replace("cash: 500M USD", "cash: 32M USD").replace("  policy:", "  people: {cost: 120M USD/yr}\n  policy:");
    let model = model(&format!("{lab}{loan}"));
    let l = Ledger::of(&model, 0);
    let end = l.lane(16).accounts.ended as usize;
    // Level payment 48 · 0.076901172 = 3.691256 over fourteen months, but rent is 4.5 − 1 = 3.5: the loan is short from its first month.
    // So the default comes in month 2, before the contract is lost, and all cash goes to the lender.
    assert!(l.happened("loan", event::INSTRUMENT_DEFAULT, 2));
    let mut balance = 48e6;
    // Interest 0.48, principal 3.02: claimed 44.98.
    balance -= 3.02e6;
    assert!((l.at("loan.claim", 2) - balance).abs() < 1e-3 && (l.at("loan.balance", 2) - balance).abs() < 1e-3);
    assert_eq!(end, 5);
    for t in 3..=end {
        balance = balance * 1.01 - 3.5e6;
        assert!((l.at("loan.balance", t) - balance).abs() < 0.01, "month {t}");
    }
    // The month after: lost, empty for two months; interest is not paid and bears interest.
    assert!(l.happened("loan", event::CONTRACT_LOST, end + 1) && l.at("loan.rent", end + 1) == 0.0);
    let owed = |t: usize| l.at("loan.balance", t) + l.at("loan.unpaid", t);
    assert!((owed(end + 2) - balance * 1.01 * 1.01).abs() < 0.01);
    // Then half of 6B a GW-year: 1.5M a month for 0.006 GW, less 1M.
    assert!(l.happened("loan", event::RELET, end + 3) && (l.at("loan.rent", end + 3) - 1.5e6).abs() < 1e-6);
    let mut rest = balance * 1.01 * 1.01;
    for t in end + 3..15 {
        rest = rest * 1.01 - 0.5e6;
        assert!((owed(t) - rest).abs() < 0.01, "month {t}");
        // Told while the lender holds: what a sale of the month would leave, at the default's date.
        let value = 60e6
            * if t <= 13 { 0.65_f64.powf((t - 1) as f64 / 12.0) } else { 0.65 * 0.75_f64.powf((t - 13) as f64 / 12.0) };
        let loss = (rest - 0.9 * value).max(0.0) * 1.01_f64.powi(2 - t as i32);
        assert!((l.at("loan.loss", t) - loss).abs() < 0.01, "month {t}");
    }
    // The last maturity is month 15: sold at age 14 for 60 · 0.65 · 0.75^(2/12) · 0.9 = 33.456769. 44.98 have become 35.737589 in month
    // 5, 36.455915 in month 7 and 35.478907 in month 14, with interest 35.833696: 1.876928 are lost, 1.649186 at the default.
    assert!(l.happened("loan", event::SOLD, 15) && owed(15) == 0.0);
    let short = rest * 1.01 - 0.5e6 - 60e6 * 0.65 * 0.75_f64.powf(2.0 / 12.0) * 0.9;
    assert!((l.at("loan.written_off", 15) - short).abs() < 0.01 && short > 0.0, "{short}");
    assert!((l.at("loan.loss", 15) - short * 1.01_f64.powi(-13)).abs() < 0.01);
    assert_eq!(l.at("loan.loss", 16), l.at("loan.loss", 15));
    // Nothing of it reaches a lab that is no more.
    assert_eq!((l.lane(15).lines.distributions.0, l.lane(15).lab.cash.0), (0.0, 0.0));
}

#[test]
fn the_lab_as_offtaker_pays_in_its_rank() {
    // Staff of 10M, rent of 4.5M, cash of 41.5M: 12 + 10 in month 1, 14.5 in month 2 leave 5.8 with the distribution of 0.8; month 3
    // pays 5.8 of staff and no rent.
    let loan = LONG
        .replace("covenants: {ltv: 85%, lock_up: 99x}", "")
        .replace("name: platform, grade", "name: lab, grade")
        .replace("5B USD/GW-yr", "9B USD/GW-yr");
    let lab = LAB
        .replace("cash: 500M USD", "cash: 41.5M USD")
        .replace("  policy:", "  people: {cost: 120M USD/yr}\n  policy:")
        .replace("grace: 3 mo", "grace: 4 mo")
        .replace("capacity: none, ", "");
    let model = model(&format!("{lab}{loan}"));
    let l = Ledger::of(&model, 0);
    assert!((l.lane(2).lines.capacity_gw - 0.006).abs() < 1e-15 && l.lane(1).lines.capacity_gw == 0.0);
    assert!((l.at("loan.rent_paid", 2) - 4.5e6).abs() < 1e-6);
    // 3.5 less service of 1.067733.
    assert!((l.at("loan.distributed", 2) - 2_432_266.5).abs() < 1.0);
    let cash = 41.5e6 - 12e6 - 10e6 - 14.5e6 + l.at("loan.distributed", 2);
    assert!((l.lane(2).lab.cash.0 - cash).abs() < 1e-3 && cash < 10e6);
    // Month 3: nothing for rent, so nothing for opex and service: the loan is in default at once.
    assert_eq!((l.at("loan.rent_paid", 3), l.at("loan.rent", 3)), (0.0, 0.0));
    assert!((l.at("loan.arrears", 3) - 4.5e6).abs() < 1e-6 && l.happened("loan", event::INSTRUMENT_DEFAULT, 3));
    // It sells in the next month, 60 · 0.65^(3/12) · 0.9 = 48.486638 against 47.412267 and two months of interest; but the lab still
    // owes two months of rent, and the contract is gone with the hardware.
    assert!(l.happened("loan", event::SOLD, 4) && l.at("loan.balance", 4) == 0.0);
    let surplus = 60e6 * 0.65_f64.powf(0.25) * 0.9 - 47_412_266.508 * 1.01 * 1.01;
    assert!((l.at("loan.distributed", 4) - surplus).abs() < 1.0, "{} {surplus}", l.at("loan.distributed", 4));
    assert_eq!(l.lane(5).lines.capacity_gw, 0.0);
    // Its distribution of month 4 pays a part of what it owes only after wages.
    assert!(l.at("loan.arrears", 5) > 0.0 && l.at("loan.rent_due", 6) == l.at("loan.arrears", 5));
}

#[test]
fn a_refused_draw_is_the_labs_to_pay_and_what_it_cannot_pay_comes_later() {
    // Two deliveries of 30M in months 1 and 2, each worth 1.25M of rent less 0.5M; in winter the lender refuses.
    let loan = LONG
        .replace("covenants: {ltv: 85%, lock_up: 99x}", "refused_in_winter: 100%")
        .replace("deliveries: {start: 2026-01}", "deliveries: {start: 2026-01, over: 2 mo}");
    let lab = LAB
        .replace("cash: 500M USD", "cash: 40M USD")
        .replace("grace: 3 mo", "grace: 24 mo")
        .replace("world: {", "world: {regime: {start: winter, winter: {enters: 0%/mo, leaves: 0%/mo}}, ");
    let model = model(&format!("{lab}{loan}"));
    let l = Ledger::of(&model, 0);
    // Month 1: 30M of 40M. Month 2: 10M pay a third of the second; the vehicle distributes 0.75M, which month 3 pays for hardware;
    // it then has 40M in place and distributes 1M, and so on: 0.75M on each 30M.
    let mut placed = 30e6;
    assert_eq!((l.at("loan.arrived", 1), l.at("loan.arrived", 2)), (30e6, 10e6));
    assert!(l.happened("loan", event::DRAW_STOPPED, 1) && l.happened("loan", event::DRAW_STOPPED, 2));
    let mut distributed = 0.75e6;
    let (mut missing, mut arrived) = (20e6, 10e6);
    for t in 3..=16 {
        placed += arrived;
        arrived = distributed;
        missing -= arrived;
        distributed = 0.025 * placed;
        assert!((l.at("loan.arrived", t) - arrived).abs() < 0.01, "month {t}: {} {arrived}", l.at("loan.arrived", t));
        assert!((l.at("loan.missing", t) - missing).abs() < 0.01, "month {t}");
        assert!((l.at("loan.distributed", t) - distributed).abs() < 0.01, "month {t}");
        assert_eq!(l.at("loan.draw", t), 0.0);
        // Nothing could be drawn any more: nothing is refused.
        assert!(!l.happened("loan", event::DRAW_STOPPED, t));
    }
}

#[test]
fn what_a_month_brings_is_swept_and_what_was_trapped_is_not() {
    let model = model(
        &format!("{LAB}{LONG}")
            .replace("covenants: {ltv: 85%, lock_up: 99x}", "covenants: {lock_up: 99x}\n      sweep: 50%"),
    );
    let l = Ledger::of(&model, 0);
    // Rent of 2.5 less 1 of running cost; principal grows by 1% a month as planned. Half of what is left prepays; the other half is
    // trapped from month 3 on, since the close of month 2 is the first to lock up.
    let close = |name: &str, t: usize, x: f64| {
        let found = l.at(name, t);
        assert!((found - x).abs() < 1.0, "{name}, month {t}: {found} instead of {x}");
    };
    let (mut balance, mut trapped, mut principal) = (48e6, 0.0, 48e6 * (0.022_244_447_684_9 - 0.01));
    for t in 2..=10 {
        let left = 1.5e6 - 0.01 * balance - principal;
        balance -= principal + left / 2.0;
        trapped += if t == 2 { 0.0 } else { left / 2.0 };
        principal *= 1.01;
        close("loan.balance", t, balance);
        close("loan.trapped", t, trapped);
    }
}

#[test]
fn recourse_is_for_what_the_rent_claim_leaves() {
    // The lab is the offtaker, at 4.5M a month, and guarantees the loan. Its staff costs 10M a month.
    let loan = LONG
        .replace("covenants: {ltv: 85%, lock_up: 99x}", "recourse: true\n      value: {first_year: -90%}")
        .replace("name: platform", "name: lab")
        .replace("price: 5B", "price: 9B")
        .replace("lender: sells", "lender: holds");
    let lab = LAB
        .replace("capacity: none, ", "")
        .replace("cash: 500M", "cash: 41.5M")
        .replace("  policy:", "  people: {cost: 120M USD/yr}\n  policy:")
        .replace("grace: 3 mo", "grace: 2 mo")
        .replace("cost: 0%, delay: 12 mo", "cost: 0%, delay: 0 mo, damages: 1 mo");
    let model = model(&format!("{lab}{loan}{ESTATE}"));
    let l = Ledger::of(&model, 0);
    assert_eq!(l.lane(4).accounts.ended, 4.0);
    // Owed after month 2 is 47.412267, and two months of interest since; the hardware would bring 60 · 0.1^(3/12) · 0.9. The estate pays
    // the rent that it owes and a month of damages; the guarantee is for no more than what they leave of the debt, so that the vehicle
    // gets what it is short of and not the rent on top.
    let short = 47_412_266.511 * 1.01 * 1.01 - 60e6 * 0.1_f64.powf(0.25) * 0.9;
    assert!(short > 13.5e6);
    assert!((l.at("loan.reserve", 4) - short).abs() < 2.0, "{} {short}", l.at("loan.reserve", 4));
}
