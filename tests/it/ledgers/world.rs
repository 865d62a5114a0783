//! The world without chance: what winter does to prices, spreads and windows, and what growth does to the multiple.

use crate::common::ledger::Ledger;
use crate::common::model;
use crate::common::vectors::{FLAT, bare_lab, near};

#[test]
fn the_multiple_goes_through_both_points_and_no_higher_than_its_cap() {
    // 6x at today's growth of 5%, 24x at the later growth of 1%, and between them on a line in logarithms: 24 × 4^((1% − g)/4%).
    // Growth falls at once, and the multiple forgets in a month what it was.
    let growth = "growth: {now: 5%/mo, later: 1%/mo, half_life: 0.001 mo}";
    let demand = FLAT.replace("growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}", growth);
    let world =
        |cap: &str| format!("world: {{equity_multiple: {{now: 6x, later: 24x, half_life: 0.001 mo, cap: {cap}}}}}\n");
    // Month t sees growth up to month t − 1: 5%, then means with one, two and three months of 1%: 11%/3, 7%/3, 1%.
    let by_growth = |g: f64| 24.0 * 4.0_f64.powf((0.01 - g) / 0.04);
    let free = [6.0, by_growth(0.11 / 3.0), by_growth(0.07 / 3.0), 24.0, 24.0];
    for (cap, most) in [("60x", 60.0), ("10x", 10.0_f64)] {
        let priced = model(&bare_lab(5, &demand, &world(cap)));
        let l = Ledger::of(&priced, 0);
        for (k, x) in free.into_iter().enumerate() {
            near(&format!("multiple, month {}", k + 1), l.lane(k + 1).market.multiple, x.min(most), 1e-9, 0.0);
        }
    }
}

#[test]
fn what_a_winter_does_from_its_first_month_on() {
    // Winter begins in month 1 and stays. Spreads rise by 300 bp from 200 bp and forget at once; used hardware falls by 30%, once.
    // Contracted power falls by 2% (log) a month from 12M a GW-month; power for the month costs half as much again, in winter times 0.6.
    let world = "world:
  regime: {winter: {enters: 100%/mo, leaves: 0%/mo, spread: 300 bp, resale: -30%, compute_price: 0.6x}}
  credit_spread: {level: 200 bp, half_life: 0.001 mo}
  compute_price: {contract: 144M USD/GW-yr, change: -2%/mo, spot: 1.5x, half_life: 0.001 mo}
";
    let winter = model(&bare_lab(4, FLAT, world));
    let l = Ledger::of(&winter, 0);
    for t in 1..=4 {
        let m = &l.lane(t).market;
        let price = 12e6 * (-0.02 * t as f64).exp();
        near("spread", m.spread, 0.03, 1e-9, 0.0);
        near("resale", m.resale, 0.7, 1e-12, 0.0);
        near("contracted power", m.power_price, price, 1e-12, 0.0);
        near("power for the month", m.spot_price, price * 1.5 * 0.6, 1e-9, 0.0);
    }
    // Without winter spreads do not change and nothing falls.
    let boom = model(&bare_lab(4, FLAT, &world.replace("enters: 100%/mo", "enters: 0%/mo")));
    let m = &Ledger::of(&boom, 0).months[3].lane.market;
    assert_eq!((m.spread, m.resale), (0.0, 1.0));
    near("power for the month", m.spot_price, m.power_price * 1.5, 1e-12, 0.0);
}

#[test]
fn a_listed_lab_has_a_window_of_its_own() {
    // In winter the window is open for labs that are not listed and shut for those that are; the lab lists in month 2.
    let world = "world:
  regime: {start: winter, winter: {enters: 0%/mo, leaves: 0%/mo, window_open: 100%}}
  equity_multiple: {now: 10x, later: 10x}
  listed_window: {open: 100%, in_winter: 0%}
instruments:
  - equity_round: {name: ipo, kind: ipo, date: 2026-02, size: 1B USD, in_winter: true}
";
    let lists = model(&bare_lab(5, FLAT, world));
    let l = Ledger::of(&lists, 0);
    assert_eq!(l.lane(2).lab.listed, 1.0);
    let open: Vec<f64> = (1..=5).map(|t| l.lane(t).market.window).collect();
    assert_eq!(open, [1.0, 1.0, 0.0, 0.0, 0.0]);
}
