//! The sale and leaseback: twenty months with a gain and a buy-back, with a loss, with renewals and a return; a sale decided
//! by runway; the lab's end.

use crate::common::ledger::Ledger;
use crate::common::model;
use crate::ledgers::ESTATE;
use gapcast::engine::books::event;
use gapcast::stats::irr::irr;

/// A lab without revenue or other cost. Hardware of 60M came in month −5 (five months before the first less one) and lives 24
/// months: book value 60 · 19/24 = 47.5 at the start, 2.5 of depreciation a month. It runs for 1M a month. The lessor's return of
/// 12.6825% a year is 1% a month.
const LAB: &str = "
schema: 1
name: seller
time: {start: 2026-01, months: 20}
run: {paths: 1, seed: 1}
lab:
  opening: {cash: 500M USD, shares: {holders: 100%}}
  demand: {growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, saturation: none, segments: [{all: {run_rate: 0 USD/yr}}]}
  compute: {inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}
  policy: {minimum_cash: 0 USD, distress_below: 0 mo, grace: 3 mo}
  default: {liquidation: 0.0x, cost: 0%, delay: 12 mo}
world: {compute_price: {contract: 6B USD/GW-yr}}
instruments:
  - sale_leaseback:
      name: lease
      hardware: {power: 0.01 GW, cost: 60M USD, delivered: 2025-07, life: 24 mo, opex: 1.2B USD/GW-yr}
      sale: {date: 2026-04, advance: 100%, fee: 1%}
      lease: {term: 12 mo, return: 12.682503013196972%/yr, residual: 20%, at_end: buy}
";

#[track_caller]
fn near(l: &Ledger<'_>, field: &str, expected: &[f64]) {
    for (k, &x) in expected.iter().enumerate() {
        let found = l.at(field, k + 1);
        assert!((found - x * 1e6).abs() < 1.0, "{field}, month {}: {found} instead of {x}M", k + 1);
    }
}

/// What the lessor's flows earn a month.
fn earned(l: &Ledger<'_>, months: usize) -> f64 {
    irr(&(1..=months).map(|t| l.flow("lease", 0, t)).collect::<Vec<_>>()).roots()[0]
}

#[test]
fn twenty_months_with_a_gain() {
    let model = model(LAB);
    let l = Ledger::of(&model, 0);
    // Values 60 · 0.65^(age/12), age 6 in month 1; then 0.75 a year. Month 4: 43.434644 is paid, less 1% 43.000298; book value
    // 37.5, so 5.500298 is deferred, 0.458358 for each of twelve months.
    // Rent: (43.434644 − 8.686929/1.01^12) · 0.088848789 = 3.174162. Bought back for 8.686929 in month 16; two months of life are left.
    near(
        &l,
        "lease.market_value",
        &[48.373_546, 46.667_805, 45.022_211, 43.434_644, 41.903_058, 40.425_478, 39.0, 38.076_151],
    );
    near(
        &l,
        "lease.book",
        &[
            45.0, 42.5, 40.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 8.686_929, 4.343_464, 0.0,
            0.0, 0.0,
        ],
    );
    let rent: Vec<f64> = (1..=20).map(|t| if (5..=16).contains(&t) { 3.174_162 } else { 0.0 }).collect();
    near(&l, "lease.rent", &rent);
    let deferred: Vec<f64> =
        (1..=20).map(|t: i32| if t < 4 { 0.0 } else { 5.500_298 * f64::from((16 - t).max(0)) / 12.0 }).collect();
    near(&l, "lease.deferred", &deferred);
    near(
        &l,
        "lease.firm_rent",
        &[
            0.0, 0.0, 0.0, 36.489_470, 33.558_572, 30.608_134, 27.638_026, 24.648_118, 21.638_277, 18.608_371,
            15.558_265, 12.487_825, 9.396_915, 6.285_400, 3.153_141, 0.0,
        ],
    );
    near(&l, "lease.net_investment", &[0.0, 0.0, 0.0, 43.434_644, 40.694_829, 37.927_615]);
    let cash = |t: usize| l.lane(t).lab.cash.0 / 1e6;
    for (t, x) in [
        (3, 497.0),
        (4, 539.000_298),
        (5, 534.826_136),
        (15, 493.084_519),
        (16, 480.223_428),
        (18, 478.223_428),
        (20, 478.223_428),
    ] {
        assert!((cash(t) - x).abs() < 1e-5, "cash of month {t}: {} instead of {x}", cash(t));
    }
    // The lab goes on using it: owned, under rent, owned to the end of its life in month 18.
    for t in 1..=20 {
        let lines = &l.lane(t).lines;
        let (here, rented) = (t <= 18, (5..=16).contains(&t));
        assert!((lines.capacity_gw - if here { 0.01 } else { 0.0 }).abs() < 1e-15, "month {t}");
        assert!((lines.sunk_gw - if rented { 0.01 } else { 0.0 }).abs() < 1e-15, "month {t}");
        assert!((lines.running.0 - if here { 1e6 } else { 0.0 }).abs() < 1e-6);
    }
    // Income: the gain as it is earned; rent, running cost and depreciation are expenses, and in the end all of it is in the cash.
    assert!(
        (l.lane(5).lines.other_income.0 - 458_358.2).abs() < 0.1
            && (l.lane(5).lines.lease_expense.0 - 3_174_161.8).abs() < 1.0
    );
    assert!((l.lane(20).accounts.retained.0 + 500e6 + 47.5e6 - l.lane(20).lab.cash.0).abs() < 1.0);
    assert!((earned(&l, 20) - 0.01).abs() < 1e-12);
}

#[test]
fn a_loss_counts_at_once() {
    let model = model(&LAB.replace("advance: 100%, fee: 1%", "advance: 70%"));
    let l = Ledger::of(&model, 0);
    // 30.404251 is paid for a book value of 37.5: 7.095749 are lost in month 4. Rent 2.221913; bought back for 6.080850.
    assert!((l.lane(4).lines.other_income.0 + 7_095_749.0).abs() < 1.0 && l.at("lease.deferred", 4) == 0.0);
    assert!((l.at("lease.rent", 5) - 2_221_913.0).abs() < 1.0 && (l.at("lease.book", 16) - 6_080_850.0).abs() < 1.0);
    assert!((l.lane(20).lab.cash.0 - 479_660_442.0).abs() < 1.0);
    assert!((earned(&l, 20) - 0.01).abs() < 1e-12);
}

#[test]
fn renewed_while_life_lasts_and_returned() {
    let text = LAB.replace("term: 12 mo", "term: 6 mo").replace("at_end: buy", "at_end: renew, renewal: 5 mo");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    // Six months to month 10; five more to month 15 on the value of month 10, 36.293590: (1 − 0.2/1.01^5) · 0.206039800 of it,
    // 6.054951. Life ends after month 18, before another five months would: returned in month 15 and sold for 0.9 · 32.193791.
    assert!(l.happened("lease", event::RENEWED, 10) && !l.happened("lease", event::RENEWED, 15));
    let level = 0.01 / (1.0 - 1.01_f64.powi(-5));
    let rent = 36.293_590e6 * (1.0 - 0.2 / 1.01_f64.powi(5)) * level;
    assert!((rent - 6_054_951.0).abs() < 50.0, "{rent}");
    for t in 11..=15 {
        assert!((l.at("lease.rent", t) - rent).abs() < 1.0, "month {t}");
    }
    assert!(l.happened("lease", event::LEASE_ENDED, 15) && l.at("lease.rent", 16) == 0.0);
    assert!((l.flow("lease", 0, 15) - rent - 0.9 * 32.193_791e6).abs() < 2.0);
    assert!(
        l.lane(15).lines.capacity_gw > 0.0 && l.lane(16).lines.capacity_gw == 0.0 && l.lane(16).lines.running.0 == 0.0
    );
}

#[test]
fn sold_when_runway_is_short_and_lost_with_the_lab() {
    // Staff of 9M and running cost of 1M use 10M of 88M a month. Runway is below six months at the close of month 3 (58/10 = 5.8);
    // the sale closes two months later, in month 5: 41.903058 · 0.7 = 29.332141, against book value of 35: 5.667859 are lost.
    let text = LAB
        .replace("cash: 500M USD", "cash: 88M USD")
        .replace("  policy:", "  people: {cost: 108M USD/yr}\n  policy:")
        .replace("date: 2026-04, advance: 100%, fee: 1%", "runway_below: 6 mo, process: 2 mo, advance: 70%")
        .replace("at_end: buy}", "at_end: buy}\n      sale_cost: 70%");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    assert!(l.at("lease.waits", 3) == 2.0 && l.at("lease.total", 4) == 0.0);
    assert!((l.lane(3).lines.pending.0 - 0.7 * 45_022_211.0).abs() < 1.0);
    assert!((l.at("lease.total", 5) - 29_332_141.0).abs() < 1.0);
    assert!((l.lane(5).lines.other_income.0 + 5_667_859.0).abs() < 1.0);
    // Rent: (29.332141 − 5.866428/1.01^12) · 0.088848788 = 2.143564. 88 − 50 + 29.332141 = 67.332141; 12.143564 a month from month 6
    // are paid five times, and 6.614321 are left for wages of 9 in month 11, which rank first.
    let rent = 29_332_141.0 * (1.0 - 0.2 / 1.01_f64.powi(12)) * 0.088_848_788_678;
    assert!((l.at("lease.rent", 6) - rent).abs() < 1.0, "{} {rent}", l.at("lease.rent", 6));
    assert!((l.lane(10).lab.cash.0 - (67_332_141.0 - 5.0 * (10e6 + rent))).abs() < 2.0);
    assert!((l.at("lease.arrears", 11) - rent).abs() < 1.0, "{} {rent}", l.at("lease.arrears", 11));
    assert!((l.at("lease.running_owed", 11) - 1e6).abs() < 1e-6, "{}", l.at("lease.running_owed", 11));
    // The third month short is 13: the lab ends. The lessor's investment then: 29.332141 after eight rents.
    assert_eq!(l.lane(13).accounts.ended, 13.0);
    let mut invested = 29_332_141.0;
    for _ in 0..8 {
        invested = invested * 1.01 - rent;
    }
    let claim = invested + 3.0 * rent;
    assert!((l.at("lease.claim", 13) - claim).abs() < 2.0, "{} {claim}", l.at("lease.claim", 13));
    // It sells the hardware at once, 33.774991 · 0.3; the estate is empty.
    let sale = 0.3 * 33_774_991.0;
    assert!(claim - sale > 9e6);
    assert!((l.flow("lease", 0, 13) - sale).abs() < 1.0 && l.happened("lease", event::SOLD, 13));
    assert!((l.at("lease.loss", 13) - (claim - sale)).abs() < 2.0);
    assert_eq!((l.lane(14).lines.capacity_gw, l.at("lease.book", 14), l.at("lease.arrears", 14)), (0.0, 0.0, 0.0));
}

#[test]
fn damages_are_what_the_sale_leaves() {
    // The lab of the last ledger, whose estate pays at once and every claim: it still owns a pool of 10B.
    let text = LAB
        .replace("cash: 500M USD", "cash: 88M USD")
        .replace("  policy:", "  people: {cost: 108M USD/yr}\n  policy:")
        .replace("cost: 0%, delay: 12 mo", "cost: 0%, delay: 0 mo")
        .replace("date: 2026-04, advance: 100%, fee: 1%", "runway_below: 6 mo, process: 2 mo, advance: 70%")
        .replace("at_end: buy}", "at_end: buy}\n      sale_cost: 70%");
    let model = model(&(text + ESTATE));
    let l = Ledger::of(&model, 0);
    assert_eq!(l.lane(13).accounts.ended, 13.0);
    let (rent, sale) = (l.at("lease.rent", 6), 0.3 * 33_774_991.0);
    let invested = l.at("lease.net_investment", 12) * 1.01 - rent;
    // Less than the four rents that are left, so that these are no limit.
    assert!(invested - sale < 4.0 * rent / 1.05);
    let got = l.flow("lease", 0, 13);
    let expected = sale + 3.0 * rent + (invested - sale);
    assert!((got - expected).abs() < 2.0, "{got} instead of {expected}");
}
