//! Vendor financing in both directions.

use crate::common::ledger::Ledger;
use crate::common::model;
use crate::common::vectors::near;
use gapcast::engine::books::event;

/// Revenue of 60M a month and staff of 40M; a share costs 20 × 720M over a billion: 14.40. Two vintages, of 120M in month 2 and of 60M
/// in month 5; `rest` holds world and instruments.
fn scenario(rest: &str) -> String {
    format!(
        "
schema: 1
name: vendor
time: {{start: 2026-01, months: 13}}
run: {{paths: 1, seed: 1}}
lab:
  opening: {{cash: 500M USD, shares: {{holders: 100%}}}}
  demand: {{growth: {{now: 0%/mo, later: 0%/mo, half_life: 12 mo}}, growth_is: underlying, saturation: none, segments: [{{all: {{run_rate: 720M USD/yr}}}}]}}
  compute:
    inference: {{gross_margin: {{now: 100%, later: 100%, over: 12 mo}}}}
    spot_limit: 0 GW
    owned:
      - one: {{power: 0.1 GW, supplier: maker, cost: 120M USD, delivered: 2026-02, life: 60 mo}}
      - two: {{power: 0.05 GW, supplier: maker, cost: 60M USD, delivered: 2026-05, life: 60 mo}}
  people: {{cost: 480M USD/yr}}
  policy: {{distress_below: 0 mo}}
{rest}"
    )
}

#[test]
fn each_delivery_is_a_loan_of_its_own() {
    let model = model(&scenario(
        "world: {equity_multiple: {now: 20x, later: 20x}}
instruments:
  - vendor_finance: {name: loan, kind: loan, finances: 50%, term: 6 mo, rate: 12%/yr, warrants: {share: 1%, per: 100M USD, exercise: 2026-08}}
",
    ));
    let l = Ledger::of(&model, 0);
    // Level payments at 1%: 60M in months 3 to 8, of 10352902.0027 each; 30M in months 6 to 11, of 5176451.0013. Each loan's table by
    // itself, and their sums.
    l.cents("loan.draw", &[0.0, 60e6, 0.0, 0.0, 30e6, 0.0]);
    l.cents(
        "loan.interest",
        &[
            0.0,
            0.0,
            600e3,
            502_470.98,
            403_966.67,
            604_477.316,
            455_228.56,
            304_487.315,
            152_238.658,
            101_996.535,
            51_251.99,
            0.0,
        ],
    );
    l.cents(
        "loan.principal",
        &[
            0.0,
            0.0,
            9_752_902.003,
            9_850_431.023,
            9_948_935.333,
            14_924_875.688,
            15_074_124.444,
            15_224_865.689,
            5_024_212.343,
            5_074_454.467,
            5_125_199.011,
            0.0,
        ],
    );
    l.cents(
        "loan.balance",
        &[
            0.0,
            60e6,
            50_247_097.997,
            40_396_666.975,
            60_447_731.642,
            45_522_855.954,
            30_448_731.51,
            15_223_865.821,
            10_199_653.478,
            5_125_199.011,
            0.0,
            0.0,
        ],
    );
    // The lab pays half of the first vintage itself: 500 + 20, then 20 − 120 + 60.
    assert!((l.lane(2).lab.cash.0 - 480e6).abs() < 0.005);
    // 1% of a billion shares for each 100M: 6M shares for 60M, 3M for 30M; worth 14.40 each.
    near("granted", l.at("loan.warrants", 2), 6e6, 1e-12, 0.0);
    near("granted", l.at("loan.warrants", 5), 9e6, 1e-12, 0.0);
    near("value", l.at("loan.warrant_value", 5), 9e6 * 14.4, 1e-12, 0.0);
    near("dilution", l.at("loan.dilution", 7), 9.0 / 1009.0, 1e-12, 0.0);
    // In month 8 they are shares.
    assert_eq!(l.lane(7).lab.shares, 1e9);
    near("all", l.lane(8).lab.shares, 1.009e9, 1e-12, 0.0);
    near("dilution", l.at("loan.dilution", 8), 9.0 / 1009.0, 1e-12, 0.0);
}

#[test]
fn over_sofr_principal_is_equal_and_the_limit_holds() {
    let model = model(&scenario(
        "world: {sofr: {start: 3%/yr, long_run: 3%/yr}}
instruments:
  - vendor_finance: {name: loan, kind: loan, finances: 50%, limit: 55M USD, term: 5 mo, rate: sofr + 900 bp}
",
    ));
    let l = Ledger::of(&model, 0);
    // 55M of the 60M: 11 a month and 1% of the balance. In month 5 two instalments have been paid and one is due: 33 owed at
    // its beginning leave room for 22. Then 11 + 4.4 of principal, the last 11 in month 7.
    l.cents("loan.draw", &[0.0, 55e6, 0.0, 0.0, 22e6, 0.0]);
    l.cents("loan.interest", &[0.0, 0.0, 550e3, 440e3, 330e3, 440e3, 286e3, 132e3, 88e3, 44e3, 0.0]);
    l.cents("loan.principal", &[0.0, 0.0, 11e6, 11e6, 11e6, 15.4e6, 15.4e6, 4.4e6, 4.4e6, 4.4e6, 0.0]);
}

#[test]
fn the_vendors_warrants_make_the_hardware_cheaper() {
    let model = model(&scenario(
        "world: {vendor_share: {drift: 2%/mo, volatility: 0%/yr}}
instruments:
  - vendor_finance:
      name: rebate
      kind: warrants
      supplier: maker
      haircut: 5%
      life: 6 mo
      tranches: [{first: {value: 100M USD, power: 0.1 GW}}, {second: {value: 50M USD, power: 0.1 GW, price: 1.1x}}, {third: {value: 70M USD, power: 0.2 GW}}]
",
    ));
    let l = Ledger::of(&model, 0);
    // The price is e^(0.02 t). The first vintage stands at the close of month 2: the first tranche vests in month 3, for 100M × e^0.06 ×
    // 0.95 = 100874471.92. The second waits for e^(0.02 t) ≥ 1.1: month 5, 50M × e^0.1 × 0.95 = 52495618.61. 0.2 GW never stand.
    let (first, second) = (95e6 * 0.06_f64.exp(), 47.5e6 * 0.1_f64.exp());
    assert!((first - 100_874_471.92).abs() < 0.005 && (second - 52_495_618.61).abs() < 0.005);
    l.cents("rebate.proceeds", &[0.0, 0.0, first, 0.0, second, 0.0]);
    for t in 1..=6 {
        assert_eq!(l.happened("rebate", event::VESTED, t), t == 3 || t == 5, "month {t}");
    }
    // A sixth of each is written back in each of the six months after it.
    let (a, b) = (first / 6.0, second / 6.0);
    l.cents("rebate.write_back", &[0.0, 0.0, 0.0, a, a, a + b, a + b, a + b, a + b, b, b, 0.0]);
    l.cents(
        "rebate.deferred",
        &[0.0, 0.0, 6. * a, 5. * a, 4. * a + 6. * b, 3. * a + 5. * b, 2. * a + 4. * b, a + 3. * b, 2. * b, b, 0.0, 0.0],
    );
    // It is a lower price and no revenue: in month 3 the gap falls by it (staff 40 − revenue 60), and the income is revenue less staff and the
    // first vintage's depreciation of 2M; the write-back comes in month 4.
    assert!((l.lane(3).ops.gap.0 - (-20e6 - first)).abs() < 0.005);
    assert_eq!(l.lane(3).lab.revenue.0, 60e6);
    assert!((l.lane(3).accounts.net_income.0 - 18e6).abs() < 0.005);
    assert!((l.lane(4).accounts.net_income.0 - (18e6 + a)).abs() < 0.005);
    // 500 + 20 − 100 + 20 + rebate.
    assert!((l.lane(3).lab.cash.0 - (440e6 + first)).abs() < 0.005);
    // Month 4: 120M can still vest, at e^0.08.
    l.cents(
        "rebate.unvested",
        &[220e6 * 0.02_f64.exp(), 220e6 * 0.04_f64.exp(), 120e6 * 0.06_f64.exp(), 120e6 * 0.08_f64.exp()],
    );
}
