//! Own hardware: a pod that stands already and retires, one that is ordered, delivered and sold in distress, and what
//! becomes of one that was not paid for.

use crate::common::ledger::Ledger;
use crate::common::model;
use gapcast::engine::books::event;

/// Revenue of 1B a month, staff of 1.2B, 4.705B of cash. One pod came in November 2025, one is ordered in month 2.
const LAB: &str = "
schema: 1
name: pods
time: {start: 2026-01, months: 12}
run: {paths: 1, seed: 1}
lab:
  opening: {cash: 4.705B USD, shares: {holders: 100%}}
  demand: {growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, growth_is: underlying, saturation: none, segments: [{all: {run_rate: 12B USD/yr}}]}
  compute:
    spot_limit: 0 GW
    inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}
    owned:
      - old: {power: 0.1 GW, cost: 600M USD, delivered: 2025-11, life: 12 mo, salvage: 20%}
      - new: {power: 0.1 GW, cost: 1.2B USD, ordered: 2026-02, share_prepaid: 25%, delivered: 2026-05, life: 40 mo, salvage: 10%, opex: 0.6B USD/GW-yr, sold_in_distress: true}
  people: {cost: 14.4B USD/yr, cut_in_distress: 0%}
  policy: {distress_below: 6 mo}
";

#[test]
fn twelve_months() {
    let model = model(LAB);
    let l = Ledger::of(&model, 0);
    // The old pod wears by 0.8 × 600/12 = 40M a month from December 2025 on: 560M at the opening, 520M after month 1. In month 11 it
    // has worn for twelve months and goes for the 120M that are left.
    let old: Vec<f64> = (1..=10).map(|t| 560e6 - 40e6 * f64::from(t)).chain([0.0, 0.0]).collect();
    l.cents("old.book", &old);
    assert!(
        (l.at("old.sale", 11) - 120e6).abs() < 0.005 && l.at("old.power", 10) == 0.1 && l.at("old.power", 11) == 0.0
    );
    // The new one: 300M at order, 900M at delivery, then 5M a month for power; wear of 0.9 × 1 200/40 = 27M from month 6 on.
    l.cents("new.paid", &[0.0, 300e6, 0.0, 0.0, 905e6, 5e6, 0.0, 0.0]);
    l.cents("new.book", &[0.0, 300e6, 300e6, 300e6, 1_200e6, 1_173e6, 0.0, 0.0]);
    // Market value: 0.65 a year: 1 200M at delivery, × 0.65^(1/12) a month later. Sold in month 7, after two months, for 85% of
    // 1 200 × 0.65^(1/6) = 1 116.863 551M: 949.334 018M, 223.665 982M below its book value.
    let value = 1.2e9 * 0.65_f64.powf(1.0 / 6.0);
    let sale = 0.85 * value;
    assert!((sale - 949.334e6).abs() < 1e3, "{sale}");
    l.cents("new.value", &[0.0, 0.0, 0.0, 0.0, 1.2e9, 1.2e9 * 0.65_f64.powf(1.0 / 12.0), 0.0]);
    l.cents("new.sale", &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, sale, 0.0]);
    // Why in month 7: cash falls by 0.2, 0.5, 0.2, 0.2, 1.105 to 2.5 at the close of month 5, where burn is a mean of 0.5017: 5.0
    // months, below 6. Month 6 is the first in distress; the ladder sells a month later, since 2.295/0.5033 is below 6 too.
    for t in 1..=12 {
        assert_eq!(l.happened("new", event::SOLD, t), t == 7, "month {t}");
    }
    let cash = [4.505, 4.005, 3.805, 3.605, 2.5, 2.295];
    for (k, x) in cash.into_iter().enumerate() {
        assert!((l.lane(k + 1).lab.cash.0 - x * 1e9).abs() < 0.005, "month {}", k + 1);
    }
    let after = 2.295e9 - 0.2e9 + sale;
    assert!((l.lane(7).lab.cash.0 - after).abs() < 0.005);
    assert!((l.lane(11).lab.cash.0 - (after - 4.0 * 0.2e9 + 120e6)).abs() < 0.005);
    // Income of month 7: −200M, 40M of wear of the old pod, the loss on the new.
    let income = -200e6 - 40e6 + (sale - 1_173e6);
    assert!((l.lane(7).accounts.net_income.0 - income).abs() < 0.005);
    // What stood before the first month is opening capital: cash and 560M.
    assert!((l.lane(1).accounts.paid_in.0 - 5.265e9).abs() < 0.005);
}

#[test]
fn hardware_that_was_not_paid_for_goes_to_the_estate() {
    // No revenue, no wages, 500M of cash; 1.2B fall due in month 2.
    let text = LAB
        .replace("run_rate: 12B", "run_rate: 0B")
        .replace("4.705B", "500M")
        .replace("      - old: {power: 0.1 GW, cost: 600M USD, delivered: 2025-11, life: 12 mo, salvage: 20%}\n", "")
        .replace("ordered: 2026-02, share_prepaid: 25%, delivered: 2026-05", "delivered: 2026-02")
        .replace(", opex: 0.6B USD/GW-yr, sold_in_distress: true", "")
        .replace("14.4B", "0B")
        .replace("distress_below: 6 mo}", "distress_below: 0 mo}\n  default: {cost: 0%, delay: 0 mo}");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    // 500M are paid and 700M owed; months 2 to 4 are short: the lab fails in month 4.
    l.cents("new.paid", &[0.0, 500e6, 0.0, 0.0, 0.0]);
    l.cents("new.price_owed", &[0.0, 700e6, 700e6, 0.0]);
    assert_eq!(l.lane(4).accounts.ended, 4.0);
    // After two months it is worth 1 116.86M, sold in haste 949.33M: the estate. The supplier gets its 700M, shares the rest.
    let estate = 0.85 * 1.2e9 * 0.65_f64.powf(1.0 / 6.0);
    let a = &l.lane(4).accounts;
    assert!((a.estate.0 - estate).abs() < 0.5 && (a.to_shares.0 - (estate - 700e6)).abs() < 0.5);
    assert!((l.flow("new", 0, 4) - 700e6).abs() < 0.5);
    assert_eq!((l.at("new.claim", 12), l.at("new.book", 12), l.at("new.value", 12)), (700e6, 0.0, 0.0));
    assert!(l.at("new.loss", 12).abs() < 0.5);
}

#[test]
fn new_generations_take_from_its_value() {
    // A release every 6 months takes 10%: from month 6 on. Half a point of demand comes with it, which changes nothing here.
    let text = LAB
        .replace("sold_in_distress: true", "value: {at_release: 10%}")
        .replace("saturation: none,", "saturation: none, releases: {every: 6 mo, uplift: 0.5%},");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    for (t, age, jumps) in [(5, 0.0, 1.0), (6, 1.0, 0.9), (11, 6.0, 0.9), (12, 7.0, 0.81)] {
        let value = 1.2e9 * 0.65_f64.powf(age / 12.0) * jumps;
        assert!((l.at("new.value", t) - value).abs() < 0.5, "month {t}");
    }
}
