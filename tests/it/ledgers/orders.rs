//! Orders: what is ordered, delivered, billed and expires, and what of it is firm.

use crate::common::ledger::Ledger;
use crate::common::model;
use crate::common::vectors::{near, num, read};
use gapcast::engine::math::normal_cdf;
use gapcast::lab::orders::{forecast_sd, shrinkage};

/// Customers need 1 GW in every month. Power costs 1B a GW-month, half as much again when it is bought for the month. An order
/// comes after three months and lasts four; suppliers take on 0.6 GW at once, and half of it is take-or-pay.
const LAB: &str = "
schema: 1
name: orders
time: {start: 2026-01, months: 16}
run: {paths: 1, seed: 1}
world: {compute_price: {contract: 12B USD/GW-yr, spot: 1.5x}}
lab:
  opening: {cash: 100B USD, shares: {holders: 100%}}
  demand: {growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, growth_is: underlying, saturation: none, segments: [{all: {run_rate: 24B USD/yr}}]}
  compute:
    inference: {power: {power: 0.5 GW, serves: 1B USD/mo}}
    orders: {share: 100%, growth_anchor: 0%/mo, lead: 3 mo, term: 4 mo, take_or_pay: 50%, supplier_limit: 0.6 GW, discount_rate: 12%/yr}
  policy: {distress_below: 0 mo}
";

#[test]
fn sixteen_months() {
    let model = model(LAB);
    let l = Ledger::of(&model, 0);
    // Orders in months 1, 4, 7, 10, 13. Month 1: 0.6 of 1 GW, there in months 4 to 7. Month 4: that will still stand in month 7, so
    // 0.4 for months 7 to 10. Month 7: of month 10 only those 0.4 are covered: 0.6 for months 10 to 13. Month 10: 0.4 for 13 to 16.
    let place = [0.0, 0.0, 0.0, 0.6, 0.6, 0.6, 1.0, 0.4, 0.4, 1.0, 0.6, 0.6, 1.0, 0.4, 0.4, 1.0];
    // The rest is bought at 1.5B: 1.5; 0.6 + 0.4 × 1.5 = 1.2; 1.0; 0.4 + 0.6 × 1.5 = 1.3; …
    let bill = [1.5, 1.5, 1.5, 1.2, 1.2, 1.2, 1.0, 1.3, 1.3, 1.0, 1.2, 1.2, 1.0, 1.3, 1.3, 1.0];
    for (k, (gw, usd)) in place.into_iter().zip(bill).enumerate() {
        let lane = l.lane(k + 1);
        assert!((lane.ops.place_gw - gw).abs() < 1e-12, "month {}: {} GW", k + 1, lane.ops.place_gw);
        assert!((lane.lines.compute_expense.0 - usd * 1e9).abs() < 0.005, "month {}: {usd}", k + 1);
        assert!((lane.ops.spot_gw - (1.0 - gw)).abs() < 1e-12);
    }
    // Firm, at 1% a month: half of 0.6B in months 4 to 7, seen from month 1: 0.3 (v³ + v⁴ + v⁵ + v⁶). At the close of month 4 three
    // of these payments are left, and 0.2 a month in months 7 to 10 have come. Month 6: 0.3 v + 0.2 (v + v² + v³ + v⁴).
    let v = |k: i32| 1.01_f64.powi(-k);
    for (t, firm) in [
        (1, 0.3 * (v(3) + v(4) + v(5) + v(6))),
        (3, 0.3 * (v(1) + v(2) + v(3) + v(4))),
        (4, 0.3 * (v(1) + v(2) + v(3)) + 0.2 * (v(3) + v(4) + v(5) + v(6))),
        (6, 0.3 * v(1) + 0.2 * (v(1) + v(2) + v(3) + v(4))),
        (7, 0.2 * (v(1) + v(2) + v(3)) + 0.3 * (v(3) + v(4) + v(5) + v(6))),
    ] {
        let found = l.lane(t).lines.firm.0;
        assert!((found - firm * 1e9).abs() < 1.0, "firm at {t}: {found} {firm}");
    }
}

#[test]
fn take_or_pay_and_distress() {
    // Demand falls by 10% a month from 2B: need is e^(−0.1 t). Opening growth is that too, and the anchor is not weighed, so the
    // forecast is e^(−0.1) e^(−0.3) = 0.670 in month 1: limited to 0.6. It comes in month 4, where need is e^(−0.4) = 0.670.
    let text = LAB
        .replace("now: 0%/mo, later: 0%/mo", "now: -10%/mo, later: -10%/mo")
        .replace("growth_anchor: 0%/mo", "growth_weight: 100%");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    let need = |t: i32| (-0.1 * f64::from(t)).exp();
    let order = [0.6, need(7) - 0.6];
    assert!(order[1] < 0.0, "what stands suffices in month 7");
    // Months 4 and 5: all 0.6 are used. Months 6 and 7: 0.549 and 0.497 are used, more than half: no idle cost.
    for t in 4..=7 {
        let used = need(t).min(0.6);
        let bill = used + (need(t) - used) * 1.5;
        assert!((l.lane(t as usize).lines.compute_expense.0 - bill * 1e9).abs() < 0.005, "month {t}");
    }
    // Month 7, for month 10: need(10) = 0.368, and nothing stands then.
    assert!((l.lane(10).ops.place_gw - need(10)).abs() < 1e-9, "{}", l.lane(10).ops.place_gw);
    assert_eq!(l.lane(8).ops.place_gw, 0.0);
    // In distress from the close of month 1 on, orders stop at once; with a lag of 6 months the one of month 7 is still placed.
    for (lag, gw) in [("0 mo", 0.0), ("6 mo", need(10)), ("5 mo", 0.0)] {
        let text = text
            .replace("distress_below: 0 mo", &format!("distress_below: 10000 mo, ladder: {{orders: {lag}}}"))
            .replace("  policy", "  people: {cost: 36B USD/yr, cut_in_distress: 0%}\n  policy");
        let model = crate::common::model(&text);
        let l = Ledger::of(&model, 0);
        assert!((l.lane(10).ops.place_gw - gw).abs() < 1e-9, "{lag}: {}", l.lane(10).ops.place_gw);
    }
}

#[test]
fn a_planned_order_and_one_that_cash_covers() {
    // 0.3 GW ordered in month 2 and 0.5 in month 3, whatever is needed: there from months 5 and 6, for four months each.
    let text = LAB.replace(
        "orders: {share: 100%, growth_anchor: 0%/mo,",
        "orders: {policy: fixed_plan, plan: [{date: 2026-02, power: 0.3 GW}, {date: 2026-03, power: 0.5 GW}],",
    );
    let planned = model(&text);
    let l = Ledger::of(&planned, 0);
    let place = [0.0, 0.0, 0.0, 0.0, 0.3, 0.8, 0.8, 0.8, 0.5, 0.0];
    for (k, gw) in place.into_iter().enumerate() {
        assert!((l.lane(k + 1).ops.place_gw - gw).abs() < 1e-12, "month {}", k + 1);
    }
    // Cash that must cover ten months of take-or-pay. Opening cash of month 1: 2B. A GW adds 0.5B a month: 2/10/0.5 = 0.4 GW.
    let text = LAB.replace("supplier_limit: 0.6 GW", "cover_cash: 10 mo").replace("cash: 100B", "cash: 2B");
    let covered = model(&text);
    let l = Ledger::of(&covered, 0);
    assert!((l.lane(4).ops.place_gw - 0.4).abs() < 1e-12, "{}", l.lane(4).ops.place_gw);
    // Month 4: cash is 2 + 3 × (2 − 1.5) = 3.5B; what stands costs 0.2B a month: (3.5 − 2)/5 = 0.3 GW more, there in month 7.
    assert!((l.lane(7).ops.place_gw - 0.7).abs() < 1e-12, "{}", l.lane(7).ops.place_gw);
}

#[test]
fn no_more_growth_is_planned_for_than_the_cap() {
    // Need grows by 10% (log) a month and the planner sees it; 5% are planned for at most. Month 1, for month 4: e^0.1 e^0.15 GW.
    let text = LAB
        .replace("now: 0%/mo, later: 0%/mo", "now: 10%/mo, later: 10%/mo")
        .replace("supplier_limit: 0.6 GW", "growth_weight: 100%, growth_cap: 5%/mo");
    let capped = model(&text);
    assert!((Ledger::of(&capped, 0).lane(4).ops.place_gw - 0.25_f64.exp()).abs() < 1e-9);
    // Weighed at 30% against an anchor of 2%: 2% + 0.3 × 8% = 4.4%.
    let weighed = model(
        &text.replace("growth_weight: 100%", "growth_weight: 30%").replace("growth_anchor: 0%", "growth_anchor: 2%"),
    );
    assert!((Ledger::of(&weighed, 0).lane(4).ops.place_gw - (0.1 + 3.0 * 0.044_f64).exp()).abs() < 1e-9);
}

#[test]
fn the_most_bullish_growth_is_not_forgotten() {
    // Growth of 10% until today and none from the first month on. Month 1, for months 4 to 7: e^0.3 GW. In month 4 that stands for
    // month 7 too. In month 7 growth has long been nothing, and e^0.3 GW are ordered again.
    let text = LAB
        .replace("now: 0%/mo, later: 0%/mo, half_life: 12 mo", "now: 10%/mo, later: 0%/mo, half_life: 0.001 mo")
        .replace("share: 100%, growth_anchor: 0%/mo,", "policy: match_bullish,")
        .replace(", supplier_limit: 0.6 GW", "");
    let bold = model(&text);
    let l = Ledger::of(&bold, 0);
    for (t, gw) in [(4, 0.3_f64.exp()), (7, 0.3_f64.exp()), (8, 0.0), (10, 0.3_f64.exp())] {
        assert!((l.lane(t).ops.place_gw - gw).abs() < 1e-9, "month {t}: {}", l.lane(t).ops.place_gw);
    }
}

#[test]
fn how_far_demand_strays_by_the_reference() {
    // The variance of log demand after some months of shocks that persist, as another program has it.
    let file = read("stochastic_processes");
    let all = file["cases"].as_array().unwrap().iter().filter(|c| c["kind"] == "ar1_log_growth_revenue");
    let mut n = 0;
    for case in all {
        let [rho, eta, months] = ["rho", "eta", "months"].map(|k| num(&case["input"][k]));
        let sd = num(&case["expected"]["var_log"]).sqrt();
        near("deviation", forecast_sd(rho, eta, 0.0, months as usize), sd, 1e-9, 0.0);
        // Noise of the level adds its own, month by month.
        let both = (sd * sd + 0.04 * months).sqrt();
        near("with noise", forecast_sd(rho, eta, 0.2, months as usize), both, 1e-9, 0.0);
        let mean = rho * (1.0 - rho.powf(months)) / (months * (1.0 - rho));
        near("shrinkage", shrinkage(rho, months as usize), mean, 1e-9, 0.0);
        n += 1;
    }
    assert_eq!(n, 2);
}

#[test]
fn what_idle_power_brings_lets_more_be_ordered() {
    // Power that is missing is bought for half as much again, power that is idle costs 1 less the 40% for which it is resold: the
    // fractile is 0.5/1.1, and 0.5/1.5 without resale. Demand varies by 60% over the month until delivery. An order stands for a
    // year, so that later years do not count. The expectation is over 31 equally likely values of demand.
    let text = LAB
        .replace("half_life: 12 mo}, growth_is", "half_life: 0.001 mo}, volatility: 60%/mo, growth_is")
        .replace(
            "share: 100%, growth_anchor: 0%/mo, lead: 3 mo, term: 4 mo, take_or_pay: 50%, supplier_limit: 0.6 GW,",
            "policy: newsvendor, lead: 1 mo, term: 12 mo, take_or_pay: 100%,",
        )
        .replace("    orders:", "    resale: 40%\n    orders:");
    for (resale, fractile) in [("40%", 0.5 / 1.1), ("0%", 0.5 / 1.5)] {
        let plans = model(&text.replace("resale: 40%", &format!("resale: {resale}")));
        for path in 0..3 {
            let l = Ledger::of(&plans, path);
            let ordered = l.lane(2).ops.place_gw / l.lane(1).ops.need_gw;
            let below = normal_cdf(ordered.ln() / 0.6);
            assert!((below - fractile).abs() <= 1.0 / 31.0, "{resale}: ordered up to {below} instead of {fractile}");
        }
    }
}
