//! The campus: construction, sculpted debt and a year without its tenant; a tenant that does not renew; and what else can
//! happen to it, each on numbers that fit in the head.

use crate::common::ledger::Ledger;
use crate::common::{job_with, model};
use gapcast::engine::books::event;
use gapcast::model::{Model, Settings};

/// A lab that holds a fifth of a hall rented to somebody else: three months of construction at 100M each, debt of 75% of all uses at
/// 1% a month over 24 months, rent of 15M a month for six months, four empty months at 1M of running cost each, then 80% of the
/// market's 180M per GW and month on 0.1 GW, 14.4M.
const HALL: &str = "
schema: 1
name: hall
time: {start: 2026-01, months: 30}
run: {paths: 1, seed: 1}
world: {compute_price: {contract: 2.16B USD/GW-yr}}
lab:
  opening: {cash: 1B USD, shares: {holders: 100%}}
  demand: {growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, growth_is: underlying, saturation: none, segments: [{all: {run_rate: 12M USD/yr}}]}
  compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}
  policy: {distress_below: 0 mo}
instruments:
  - campus:
      name: hall
      power: 0.1 GW
      construction: {start: 2026-01, months: 3 mo, cost: 300M USD, spend: even}
      funding: {gearing: 75%}
      debt: {rate: 12%/yr, term: 24 mo, upfront_fee: 2%, commitment_fee: 1.2%/yr, reserve: 2 mo, sweep: 50%, covenants: {lock_up: 1.2x, default: 0.0x}}
      equity: {lab: 20%}
      lease: {tenant: cloud, rent: 15M USD/mo, term: 6 mo}
      opex: 1M USD/mo
      tail: {vacancy: 4 mo, market_rent: 80%}
";

#[test]
#[expect(clippy::too_many_lines, reason = "one ledger, month by month")]
fn a_year_without_its_tenant() {
    let model = model(HALL);
    let l = Ledger::of(&model, 0);
    // Cash flow is level, so that sculpted service is: 0.047073472 D a month over 24 months at 1%. Two months of it in reserve are
    // 0.094146944 D.
    // Debt after each month is a + bD, 75% of each use: with 1% on what is drawn, 0.1% on what is not, 2% of D at the close:
    //   1:  75,            b = 0.75 (0.001 + 0.02)                                     = 0.01575
    //   2:  75 + 75 (1 + 0.75 × 0.009) = 150.50625,   b + 0.75 (0.009 b + 0.001)         = 0.0166063125
    //   3:  226.5221671875,                           with the reserve                  = 0.0880786134443
    // D = 226.5221671875/(1 − 0.0880786134443) = 248.4009811888M; service 11.6930966882M; reserve 23.3861933764M; equity D/3.
    l.cents("hall.uses", &[105_216_420.605, 100_958_611.820, 125_026_275.827, 0.0]);
    l.cents("hall.balance", &[78_912_315.454, 154_631_274.319, 248_400_981.189]);
    l.cents("hall.reserve", &[0.0, 0.0, 23_386_193.376]);
    // A quarter of each use is equity; a fifth of it is called from the lab and stands among its assets.
    l.cents("hall.call", &[5_260_821.030, 5_047_930.591, 6_251_313.791, 0.0]);
    assert!((l.lane(3).lines.investment.0 - 16_560_065.413).abs() < 0.005, "{}", l.lane(3).lines.investment.0);
    assert!((l.flow("hall", 4, 1) + 4.0 * 5_260_821.030).abs() < 0.01);
    // The lender pays out its draw and gets interest, 0.1% on the rest and, in the first month, its fee.
    let second = 75_718_958.865 - 789_123.155 - 0.001 * (248_400_981.189 - 78_912_315.454);
    assert!((l.flow("hall", 0, 2) + second).abs() < 0.01, "{} {second}", l.flow("hall", 0, 2));

    // Months 4 to 9: 15M less service leave 3.3M, of which half prepays; the rest is distributed. Service falls a little as interest
    // does, since principal stays as it was planned, and so does the reserve: month 4 pays 2,484,009.81 + 9,209,086.88 and sweeps
    // 1,653,451.66; month 5 pays 2,375,384.43 + 9,301,177.75, and two months of its next service before the sweep are 23,353,124.34.
    // Months 10 to 13: the reserve pays 1M of running cost and 11.6M of service in month 10, 9.6M of 11.6M in month 11, nothing after
    // that; 1,639,327.01 and 1,655,720.28 of interest are added to the debt, two months of running cost are owed.
    // Month 14: 14.4M, less the 2M owed, pay 11,844,838.60 and put 555,161.40 into the reserve, which is full again in month 24.
    // Month 27 is the last: the reserve pays what the plan leaves, 11.4M, since principal was missed in months 11 to 13.
    let balance = [
        237_538_442.657,
        226_559_011.481,
        215_477_929.243,
        204_294_384.253,
        193_007_395.672,
        181_615_971.463,
        171_840_340.175,
        163_932_700.947,
        165_572_027.956,
        167_227_748.236,
        157_055_187.118,
        146_780_900.388,
        136_403_870.791,
        125_923_070.898,
        115_337_463.006,
        104_645_999.036,
        93_847_620.425,
        82_941_258.029,
        71_925_832.008,
        60_800_251.727,
        48_354_866.549,
        35_709_953.169,
        22_944_197.601,
        0.0,
        0.0,
    ];
    let reserve = [
        23_386_193.376,
        23_353_124.343,
        23_319_559.275,
        23_285_821.420,
        23_251_913.149,
        23_217_833.632,
        10_626_042.630,
        0.0,
        0.0,
        0.0,
        555_161.399,
        3_110_322.798,
        5_665_484.198,
        8_220_645.597,
        10_775_806.996,
        13_330_968.395,
        15_886_129.794,
        18_441_291.194,
        20_996_452.593,
        23_551_613.992,
        23_689_677.202,
        23_665_506.220,
        23_639_592.041,
        0.0,
        0.0,
    ];
    // Cover over twelve months falls below 1.2 in month 10 and is back in month 25: what month 24 leaves is trapped until then.
    let trapped = [0.0, 1_208_549.095, 0.0, 0.0, 0.0, 0.0];
    let distributed = [
        1_653_451.656,
        1_678_253.431,
        1_686_892.716,
        1_695_413.572,
        1_703_975.848,
        1_712_581.350,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        2_504_258.031,
        1_303_059.079,
        14_865_952.464,
        14_400_000.000,
    ];
    for (k, ((b, r), d)) in balance.iter().zip(reserve).zip(distributed).enumerate() {
        let t = k + 4;
        for (name, x) in [("hall.balance", *b), ("hall.reserve", r), ("hall.distributed", d)] {
            assert!((l.at(name, t) - x).abs() < 0.005, "{name}, month {t}: {} instead of {x}", l.at(name, t));
        }
    }
    for (k, x) in trapped.into_iter().enumerate() {
        assert!((l.at("hall.trapped", k + 23) - x).abs() < 0.005, "{}", l.at("hall.trapped", k + 23));
    }
    for (t, cover) in [(4, 15.0 / 11.693_096_688), (10, -1.0 / 11.591_791_002), (14, 14.4 / 11.844_838_601)] {
        assert!((l.at("hall.dscr", t) - cover).abs() < 1e-9, "{t}: {}", l.at("hall.dscr", t));
    }
    // The least cover is that of month 10; with no service due it stays.
    assert!((l.at("hall.min_dscr", 30) + 1.0 / 11.591_791_002).abs() < 1e-9);
    // After one month the base case's 23 months of 15M are worth 15 × 20.455821 = 306.837M.
    let llcr = (15e6 * (1.0 - 1.01_f64.powi(-23)) / 0.01 + 23_386_193.376) / 237_538_442.657;
    assert!((l.at("hall.llcr", 4) - llcr).abs() < 1e-9, "{} {llcr}", l.at("hall.llcr", 4));
    assert!(l.happened("hall", event::LOCK_UP, 10) && !l.happened("hall", event::LOCK_UP, 11));
    assert!(l.happened("hall", event::CONTRACT_LOST, 9) && l.happened("hall", event::RELET, 13));
    // The lab's fifth of distributions comes to it and takes its stake down.
    assert!((l.lane(4).lines.distributions.0 - 0.2 * 1_653_451.656).abs() < 0.005);
    assert!((l.lane(4).lines.investment.0 - (16_560_065.413 - 330_690.331)).abs() < 0.01);
}

/// Revenue of 5M a month, cash of 20M. A hall of 200M, built in a month, is rented for six months at 3M; debt of 160M at 1% a month is
/// due in two years. It loses three quarters of its value in a year, and a sale costs 5%. The lab guarantees up to 60M.
const LEFT: &str = "
schema: 1
name: left
time: {start: 2026-01, months: 14}
run: {paths: 1, seed: 1}
world: {sofr: {start: 0%/yr, long_run: 0%/yr}, compute_price: {contract: 2.16B USD/GW-yr}}
lab:
  opening: {cash: 20M USD, shares: {holders: 100%}}
  demand: {growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, growth_is: underlying, saturation: none, segments: [{all: {run_rate: 60M USD/yr}}]}
  compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}
  policy: {distress_below: 0 mo, grace: 12 mo}
  default: {liquidation: 0.1x, cost: 0%, delay: 10 mo, receivables: 0%}
instruments:
  - campus:
      name: hall
      power: 0.1 GW
      construction: {start: 2026-01, months: 1 mo, cost: 200M USD}
      debt: {amount: 160M USD, rate: 12%/yr, term: 24 mo, profile: bullet, reserve: 0 mo}
      lease: {rent: 3M USD/mo, term: 6 mo, renewals: 3, renew: never}
      value: {first_year: -75%}
      guarantee: {by: lab, cap: 60M USD}
      tail: {empty: sell}
      discount_rate: 0%/yr
";

#[test]
fn the_lab_does_not_renew_and_pays_its_guarantee() {
    let model = model(LEFT);
    let l = Ledger::of(&model, 0);
    // Rent 3M, interest 1.6M: 1.4M a month to the equity.
    l.cents("hall.distributed", &[0.0, 1.4e6, 1.4e6, 1.4e6, 1.4e6, 1.4e6, 0.0]);
    l.cents("hall.firm_rent", &[18e6, 15e6, 12e6, 9e6, 6e6, 3e6, 0.0]);
    // A sale would bring 200M × 0.25^(j/12) × 0.95: 150,803,099.94 after two months of service, when the guarantee would cost
    // 9,196,900.06; at most it costs 60M.
    assert_eq!(l.lane(3).lines.guarantee.0, 60e6);
    assert!((l.lane(3).lines.guarantee_now.0 - 9_196_900.063).abs() < 0.005, "{}", l.lane(3).lines.guarantee_now.0);
    // Month 7, the sixth of service: sold for 95M. With 1.4M of rent that is 96.4M to the lender, who is still owed 63.6M. The
    // guarantee is called for min(60, 160 − 95) = 60M and falls due in month 8.
    assert!(l.happened("hall", event::CONTRACT_LOST | event::SOLD, 7));
    assert!(l.happened("hall", event::GUARANTEE_CALLED, 7));
    assert!((l.flow("hall", 0, 7) - 98e6).abs() < 0.01, "{}", l.flow("hall", 0, 7));
    l.cents("hall.balance", &[160e6, 160e6, 160e6, 160e6, 160e6, 160e6, 63.6e6, 21.6e6, 16.6e6, 11.6e6, 6.6e6, 0.0]);
    assert_eq!((l.lane(7).lines.guarantee.0, l.lane(7).lines.guarantee_now.0), (60e6, 60e6));
    // Cash: 20 + 5 in month 1, 2 a month in 2 to 7: 37. Month 8: 42 of 60 are paid, then 5 a month, 3 in month 12: 2M are left.
    let cash = [25e6, 27e6, 29e6, 31e6, 33e6, 35e6, 37e6, 0.0, 0.0, 0.0, 0.0, 2e6];
    for (t, x) in cash.into_iter().enumerate() {
        assert!((l.lane(t + 1).lab.cash.0 - x).abs() < 0.005, "cash, month {}: {}", t + 1, l.lane(t + 1).lab.cash.0);
    }
    for (t, owed) in [(8, 18e6), (9, 13e6), (10, 8e6), (11, 3e6), (12, 0.0)] {
        assert!((l.at("hall.guarantee_owed", t) - owed).abs() < 0.005);
        assert!((l.lane(t).lines.arrears.0 - owed).abs() < 0.005);
    }
    // The whole 60M is an expense of month 8. When it is paid, the last 3.6M are lost; of the equity's 40M, 7M had come back.
    assert!((l.lane(8).accounts.net_income.0 + 55e6).abs() < 0.005, "{}", l.lane(8).accounts.net_income.0);
    l.cents("hall.claim", &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 160e6, 160e6]);
    assert!((l.at("hall.loss", 12) - 3.6e6).abs() < 0.005 && l.at("hall.loss", 11) == 0.0);
    assert!((l.at("hall.loss.4", 14) - 33e6).abs() < 0.005);
}

#[test]
fn the_lab_fails_while_it_owes_its_guarantee() {
    // With three months of grace it fails in month 10, its third in arrears, owing 8M; the lender is owed 11.6M. The business brings
    // 0.1 × 60M = 6M ten months later, all for that claim: 5.6M are never paid, and 6M come late.
    let text = LEFT.replace("grace: 12 mo", "grace: 3 mo");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    assert_eq!(l.lane(10).accounts.ended, 10.0);
    assert!((l.flow("hall", 0, 10) - (5e6 + 6e6)).abs() < 0.005, "{}", l.flow("hall", 0, 10));
    let lost = 5.6e6 + 6e6 * (1.0 - 1.01_f64.powi(-10));
    assert!((l.at("hall.loss", 14) - lost).abs() < 0.005, "{} {lost}", l.at("hall.loss", 14));
    assert_eq!(l.at("hall.balance", 10), 0.0);
}

fn with(text: &str, sets: &[&str]) -> Model {
    let sets = sets.iter().map(|&s| s.to_owned()).collect();
    job_with(text, &Settings { sets, ..Settings::default() })
}

#[test]
fn a_hall_that_is_let_again_runs_its_debt_down_by_the_guarantee() {
    // As above, but the hall is let again after two months, at 2.4M of market rent less 0.2M of running cost only while it is empty.
    let text = LEFT.replace("tail: {empty: sell}", "tail: {vacancy: 2 mo, market_rent: 40%}\n      opex: 0.2M USD/mo");
    let text = text.replace("contract: 2.16B", "contract: 0.72B").replace("cash: 20M", "cash: 200M");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    // Month 8: empty. 60M come from the lab and prepay; 0.2M of running cost and 1.6M of interest find nothing, and interest is added.
    assert!((l.at("hall.balance", 7) - 160e6).abs() < 0.005);
    assert!((l.at("hall.balance", 8) - 101.6e6).abs() < 0.005, "{}", l.at("hall.balance", 8));
    // Below a cover of 1 over twelve months a missed payment is a default: 5 × 3M … but cover is 18/9.6 still, and so no default.
    assert!(!l.happened("hall", event::INSTRUMENT_DEFAULT, 8));
    // Month 9: 1.016M more. Month 10: 0.1 GW × 60M × 40% = 2.4M, less 0.4M owed, pay 1,026,160 of interest; 973,840 are left.
    assert!((l.at("hall.balance", 9) - 102.616e6).abs() < 0.005);
    assert!((l.at("hall.distributed", 10) - 973_840.0).abs() < 0.005, "{}", l.at("hall.distributed", 10));
    assert!(l.happened("hall", event::RELET, 9));
}

#[test]
fn an_overrun_is_met_in_order() {
    // Two months at 100M, debt 120M without interest, equity 80M: 60% and 40%. An overrun of half makes 300M of it. Month 1: 150M, 90M by
    // debt and 60M by equity. Month 2: 150M, of which debt still has 30M and equity 20M; 50M stand by, 50M are the sponsor's.
    let text = LEFT
        .replace("months: 1 mo, cost: 200M USD", "months: 2 mo, cost: 200M USD, spend: even, overrun: 50%")
        .replace("amount: 160M USD, rate: 12%/yr", "amount: 120M USD, rate: 0%/yr")
        .replace("debt: {", "funding: {standby: 50M USD, sponsor: lab}\n      equity: {lab: 25%}\n      debt: {")
        .replace("cash: 20M USD", "cash: 1B USD");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    l.cents("hall.balance", &[90e6, 120e6, 120e6]);
    // The lab: a quarter of the equity and of what stands by, and all of the rest.
    l.cents("hall.call", &[15e6, 5e6 + 12.5e6 + 50e6, 0.0]);
    assert!((l.flow("hall", 4, 2) + 15e6 + 37.5e6).abs() < 0.005);
    assert_eq!(l.at("hall.builders", 2), 0.0);
}

#[test]
fn a_hall_that_nobody_finishes_is_sold() {
    // The same overrun with nobody behind it: in month 2 100M are missing, and the vehicle fails. 300M of work fetch half, 150M: 120M to
    // the lender and 30M to the equity a month later, which loses 50M of its 80M.
    let text = LEFT
        .replace("months: 1 mo, cost: 200M USD", "months: 2 mo, cost: 200M USD, spend: even, overrun: 50%")
        .replace("amount: 160M USD, rate: 12%/yr", "amount: 120M USD, rate: 0%/yr");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    assert!(l.happened("hall", event::INSTRUMENT_DEFAULT, 2) && !l.happened("hall", event::GUARANTEE_CALLED, 2));
    assert!((l.flow("hall", 0, 2) - (120e6 - 30e6)).abs() < 0.005, "{}", l.flow("hall", 0, 2));
    assert!((l.flow("hall", 4, 3) - 30e6).abs() < 0.005);
    assert!((l.at("hall.loss.4", 4) - 50e6).abs() < 0.005 && l.at("hall.loss", 4) == 0.0);
    assert_eq!((l.at("hall.ended", 3), l.at("hall.rent", 4)), (2.0, 0.0));
}

#[test]
fn a_delay_costs_interest_that_stands_by() {
    // Two months at 100M, 60% debt at 1%: month 1 100M; month 2 100M + 0.6M of interest. All that was sized is used. Service is two
    // months late: interest of 1% in months 3 and 4 comes from what stands by.
    let text = LEFT
        .replace("months: 1 mo, cost: 200M USD", "months: 2 mo, cost: 200M USD, spend: even, delay: 2 mo")
        .replace("debt: {amount: 160M USD", "funding: {gearing: 60%, standby: 10M USD}\n      debt: {amount: null");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    l.cents("hall.uses", &[100e6, 100.6e6, 1_203_600.0, 1_203_600.0, 0.0]);
    l.cents("hall.balance", &[60e6, 120.36e6, 120.36e6, 120.36e6]);
    l.cents("hall.stood", &[0.0, 0.0, 1_203_600.0, 2_407_200.0]);
    l.cents("hall.rent", &[0.0, 0.0, 0.0, 0.0, 3e6]);
    // Rent to come is firm from the close on and does not grow nearer while the hall is late.
    l.cents("hall.firm_rent", &[18e6, 18e6, 18e6, 18e6, 15e6]);
}

#[test]
fn equity_first_or_last() {
    // 100M a month for two months, debt 120M without interest. First: 80M of equity, then 20M and 100M of debt. Last, with a letter of
    // credit at 1% a month on what is not paid in: equity E pays for 2 × 0.01 E too, so that 200 + 0.02 E = 120 + E, E = 81.632653M:
    // month 1 takes 100.816327M of debt, month 2 the last 19.183673M and all equity.
    let text = LEFT
        .replace("months: 1 mo, cost: 200M USD", "months: 2 mo, cost: 200M USD, spend: even")
        .replace("amount: 160M USD, rate: 12%/yr", "amount: 120M USD, rate: 0%/yr");
    let path = "instruments.hall.funding";
    let first = with(&text, &[&format!("{path}.order=equity_first")]);
    let l = Ledger::of(&first, 0);
    l.cents("hall.balance", &[20e6, 120e6]);
    l.cents("hall.paid", &[80e6, 80e6]);
    let last = with(&text, &[&format!("{path}.order=equity_last"), &format!("{path}.letter_of_credit=12%/yr")]);
    let l = Ledger::of(&last, 0);
    l.cents("hall.balance", &[100_816_326.531, 120e6]);
    l.cents("hall.paid", &[0.0, 81_632_653.061]);
}

#[test]
fn bonds_drawn_at_the_close_cost_their_carry() {
    // 60% of uses at 1% a month, drawn at once; cash earns 0.25%. Uses: 100M, and 100M with 1% on 60M spent and 0.75% on the rest,
    // D − 60: 100.15 + 0.0075 D. D = 0.6 (200.15 + 0.0075 D): 120.09/0.9955 = 120.632848M.
    let text = LEFT.replace("months: 1 mo, cost: 200M USD", "months: 2 mo, cost: 200M USD, spend: even").replace(
        "debt: {amount: 160M USD",
        "funding: {gearing: 60%}\n      debt: {prefunded: true, cash_interest: 3%/yr",
    );
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    let debt = 120.09e6 / 0.9955;
    l.cents("hall.balance", &[debt, debt, debt]);
    l.cents("hall.proceeds", &[debt - 60e6, 0.0]);
    l.cents("hall.uses", &[100e6, 100.15e6 + 0.0075 * debt]);
    // The lender pays all in month 1 and gets 1% on all of it in month 2.
    assert!((l.flow("hall", 0, 1) + debt).abs() < 0.005 && (l.flow("hall", 0, 2) - 0.01 * debt).abs() < 0.005);
}

/// SOFR at zero.
const NO_SOFR: &str = "sofr: {start: 0%/yr, long_run: 0%/yr}, ";

/// A lease and its renewals to the horizon; 150M of debt are due after a year of service.
fn bullet(more: &str, world: &str) -> String {
    LEFT.replace("months: 14", "months: 30")
        .replace("cash: 20M USD", "cash: 1B USD")
        .replace(
            "amount: 160M USD, rate: 12%/yr, term: 24 mo",
            &format!("amount: 150M USD, rate: 12%/yr, term: 12 mo, {more}"),
        )
        .replace("renewals: 3, renew: never", "renewals: 8, renew: always")
        .replace("first_year: -75%", "first_year: 0%")
        .replace(NO_SOFR, if world.contains("sofr") { "" } else { NO_SOFR })
        .replace("world: {", &format!("world: {{{world}"))
}

#[test]
fn a_balloon_finds_a_new_lender() {
    // Rent 3M, interest 1.5M, 1.5M to the equity. Month 13 is the twelfth of service: its 1.5M repay, and 148.5M are refinanced, since
    // a sale would bring 190M: at most 85% of that, 161.5M. SOFR is 4%, the new margin 2%: 0.5% a month fixed, equal parts over 99
    // months, 1.5M each. Month 14: 742,500 of interest and 1.5M of principal leave 757,500; interest falls by 7,500 a month.
    let sofr = "sofr: {start: 4%/yr, long_run: 4%/yr}, ";
    let text = bullet("refinancing: {ltv: 85%, margin: 200 bp, term: 99 mo}", sofr);
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    assert!(l.happened("hall", event::REFINANCED, 13) && !l.happened("hall", event::INSTRUMENT_DEFAULT, 13));
    let after: Vec<f64> = (0..4).map(|k| 148.5e6 - 1.5e6 * f64::from(k)).collect();
    for (k, x) in after.into_iter().enumerate() {
        assert!((l.at("hall.balance", 13 + k) - x).abs() < 0.005, "{}", l.at("hall.balance", 13 + k));
    }
    assert!((l.at("hall.distributed", 14) - 757_500.0).abs() < 0.005 && l.at("hall.distributed", 13) == 0.0);
    assert!((l.at("hall.distributed", 15) - 765_000.0).abs() < 0.005);
    assert!(l.happened("hall", event::RENEWED, 7) && l.happened("hall", event::RENEWED, 13));
}

#[test]
fn a_balloon_that_finds_none_waits_and_then_fails() {
    // At most 50% of 190M, 95M. The lenders wait three months at 1.1% a month, and all cash prepays: 148.5M, then less 3M − 1,633,500,
    // and so on; in the fourth month after maturity the vehicle fails. Sold for 190M with its lease, it repays them.
    let text = bullet("refinancing: {ltv: 50%, extension: 3 mo, step_up: 120 bp}", "");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    assert!(l.happened("hall", event::REFINANCING_FAILED, 13) && !l.happened("hall", event::REFINANCING_FAILED, 14));
    let mut owed = 148.5e6;
    for t in 14..=15 {
        owed = owed * 1.011 - 3e6;
        assert!((l.at("hall.balance", t) - owed).abs() < 0.005, "month {t}: {}", l.at("hall.balance", t));
    }
    assert!(l.happened("hall", event::INSTRUMENT_DEFAULT, 16), "month 16");
    let claim = owed * 1.011 - 3e6;
    assert!((l.at("hall.claim", 16) - claim).abs() < 0.005 && (l.flow("hall", 0, 16) - (3e6 + claim)).abs() < 0.005);
    assert!((l.flow("hall", 4, 17) - (190e6 - claim)).abs() < 0.005);
    // The lab goes on paying rent, to the new owner, and loses nothing by it.
    assert_eq!((l.at("hall.rent_paid", 20), l.at("hall.distributed", 20), l.at("hall.arrears", 20)), (3e6, 0.0, 0.0));
    // In winter nobody lends, whatever the value.
    let winter = "regime: {start: winter, winter: {enters: 1%/mo, leaves: 0%/mo}}, ";
    let text = bullet("refinancing: {ltv: 85%, term: 99 mo}", winter);
    let model = crate::common::model(&text);
    let l = Ledger::of(&model, 0);
    assert!(l.happened("hall", event::REFINANCING_FAILED | event::INSTRUMENT_DEFAULT, 13));
    assert!(!l.happened("hall", event::REFINANCED, 13));
}

#[test]
fn the_lab_fails_as_tenant() {
    // The lab of `LEFT` without revenue: 20M of cash pay six rents less a month. Guaranteed by a third party for three quarters of what a
    // sale leaves, up to 40M, and let again. Cash: 20M − 3M a month from month 2: 2M after month 7, 1M short in month 8.
    let text = LEFT
        .replace("run_rate: 60M", "run_rate: 0M")
        .replace("term: 6 mo, renewals: 3, renew: never", "term: 60 mo")
        .replace("guarantee: {by: lab, cap: 60M USD}", "guarantee: {by: maker, covers: 75%, cap: 40M USD}")
        .replace("tail: {empty: sell}", "tail: {vacancy: 1 mo, market_rent: 25%}")
        .replace("grace: 12 mo", "grace: 2 mo")
        .replace("amount: 160M", "amount: 150M")
        .replace("reserve: 0 mo", "reserve: 2 mo")
        .replace("months: 14", "months: 20");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    // Two months of interest, 3M, are in reserve, paid for by the debt and the equity like the rest. Month 8 pays 2M of 3M, month 9
    // nothing of 4M: interest of 1.5M comes out of rent, then out of the reserve, and 0.5M of month 8 refill nothing, as it is full.
    assert!((l.at("hall.reserve", 7) - 3e6).abs() < 0.005 && (l.at("hall.arrears", 8) - 1e6).abs() < 0.005);
    assert!((l.at("hall.distributed", 8) - 0.5e6).abs() < 0.005);
    assert!((l.at("hall.reserve", 9) - 1.5e6).abs() < 0.005);
    // Month 9 is its second in arrears. A sale would bring 190M × 0.25^(8/12) = 75,402,...; 150M − that, three quarters of it are 56M: the
    // cap of 40M prepays. The estate is empty.
    assert_eq!(l.lane(9).accounts.ended, 9.0);
    assert!(l.happened("hall", event::CONTRACT_LOST, 9) && l.happened("hall", event::GUARANTEE_CALLED, 9));
    assert!((l.at("hall.balance", 9) - 110e6).abs() < 0.005, "{}", l.at("hall.balance", 9));
    // Month 10 is empty: 1.1M out of the reserve. From month 11 on 0.1 GW × 180M × 25% = 4.5M: 1.1M of interest, 1.8M refill the reserve
    // of two months of interest, 2.2M.
    assert!((l.at("hall.reserve", 10) - 0.4e6).abs() < 0.005, "{}", l.at("hall.reserve", 10));
    assert!((l.at("hall.reserve", 11) - 2.2e6).abs() < 0.005 && (l.at("hall.distributed", 11) - 1.6e6).abs() < 0.005);
    assert_eq!(l.at("hall.loss", 20), 0.0);
}

#[test]
fn rent_rises_and_costs_are_the_vehicles() {
    // Gross lease: 12M a year rising by 5%, 2.4M of running cost by 10%, tax of 25% on what is left after depreciation of 200M over
    // 250 months (0.8M), 0.05M a month for maintenance, spent every 6 months. Debt of 12M over 24 months, level at 0%: 0.5M a month.
    let text = LEFT
        .replace("months: 14", "months: 30")
        .replace("cash: 20M USD", "cash: 1B USD")
        .replace("amount: 160M USD, rate: 12%/yr, term: 24 mo, profile: bullet", "amount: 12M USD, rate: 0%/yr, term: 24 mo, profile: level")
        .replace("rent: 3M USD/mo, term: 6 mo, renewals: 3, renew: never", "rent: 1M USD/mo, term: 60 mo, escalation: 5%/yr, basis: gross")
        .replace("tail:", "opex: 0.2M USD/mo\n      opex_growth: 10%/yr\n      tax: {rate: 25%, life: 250 mo}\n      maintenance: {set_aside: 0.05M USD/mo, every: 6 mo}\n      tail:");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    // First year: 1 − 0.2 = 0.8, no profit: 0.75M after maintenance, cover 1.5. From month 14, the thirteenth of service: 1.05 − 0.22 =
    // 0.83, profit 0.03, tax 7,500: 772,500.
    assert!((l.at("hall.cfads", 13) - 750_000.0).abs() < 0.005 && (l.at("hall.dscr", 13) - 1.5).abs() < 1e-12);
    assert!((l.at("hall.cfads", 14) - 772_500.0).abs() < 0.005, "{}", l.at("hall.cfads", 14));
    assert!((l.at("hall.rent", 26) - 1.1025e6).abs() < 0.005);
    // Set aside for five months and spent with the sixth's.
    l.cents("hall.maintained", &[0.0, 0.05e6, 0.1e6, 0.15e6, 0.2e6, 0.25e6, 0.0, 0.05e6]);
    assert!((l.at("hall.distributed", 13) - 250_000.0).abs() < 0.005);
    assert_eq!(l.at("hall.balance", 25), 0.0);
    // Rent to come over 60 months at no discount: 12M × (1 + 1.05 + 1.05² + 1.05³ + 1.05⁴) = 66.307575M.
    assert!((l.at("hall.firm_rent", 1) - 66_307_575.0).abs() < 0.005, "{}", l.at("hall.firm_rent", 1));
}

#[test]
fn identities_hold_whatever_becomes_of_the_lab() {
    // Every identity of every month of the plain engine, with all four outcomes of a failure, and with an annex that is let again.
    let outcomes = "lab.default.outcomes={rescue: 25%, restructuring: 35%, acquisition: 20%, liquidation: 20%}";
    for annex in ["relet", "sell"] {
        let model = with(crate::common::SMALL, &[outcomes, &format!("instruments.annex.tail.empty={annex}")]);
        let mut seen = 0;
        for path in 0..400 {
            let l = Ledger::of(&model, path);
            seen |= (1..=60).fold(0, |all, t| all | l.lane(t).events);
        }
        for bit in
            [event::RESCUED, event::RESTRUCTURED, event::ACQUIRED, event::LIQUIDATED, event::RELET, event::REFINANCED]
        {
            assert!(seen & bit != 0, "{seen:b} without {bit:b}");
        }
    }
}

#[test]
fn the_reserve_holds_the_service_of_the_next_month() {
    // Rent rises by 10% with the first month of the second year of the lease, and sculpted service with it.
    let text = HALL
        .replace(
            "reserve: 2 mo, sweep: 50%, covenants: {lock_up: 1.2x, default: 0.0x}",
            "reserve: 1 mo, covenants: {default: 0.0x}",
        )
        .replace("rent: 15M USD/mo, term: 6 mo", "rent: 15M USD/mo, escalation: 10%/yr, term: 24 mo");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    let service = |t: usize| l.at("hall.debt_service", t);
    assert!(service(16) > 1.09 * service(15));
    for t in 4..=26 {
        let found = l.at("hall.reserve", t);
        assert!((found - service(t + 1)).abs() < 0.01, "month {t}: {found} instead of {}", service(t + 1));
    }
}
