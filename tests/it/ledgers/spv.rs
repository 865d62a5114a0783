//! The chips lease: twelve months and more of a lab that cannot pay its rent, and what its lenders get.

use crate::common::ledger::Ledger;
use crate::common::model;
use gapcast::engine::books::event;

/// Revenue of 3M a month, cash of 8M. Two deliveries of 60M each, leased for 24 months; the site costs 6M USD per GW and month,
/// 0.6M in full. The lab fails in its fourth month of arrears.
const LAB: &str = "
schema: 1
name: chips
time: {start: 2026-01, months: 14}
run: {paths: 1, seed: 1}
lab:
  opening: {cash: 8M USD, shares: {holders: 100%}}
  demand: {growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, growth_is: underlying, saturation: none, segments: [{all: {run_rate: 36M USD/yr}}]}
  compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}
  policy: {distress_below: 0 mo, grace: 4 mo}
  default: {liquidation: 0.5x, cost: 0%, delay: 10 mo, damages: 6 mo, receivables: 0%}
instruments:
  - spv:
      name: chips
      capex: 120M USD
      power: 0.1 GW
      deliveries: {start: 2026-01, over: 2 mo}
      lease: {term: 24 mo}
      tranches:
        - a: {amount: 80M USD, rate: 12%/yr, guarantee: {by: maker, covers: 75%, cap: 9M USD}}
        - b: {amount: 20M USD, rate: 18%/yr}
      equity_return: 12.682503013196972%/yr
      opex: 72M USD/GW-yr
      value: {first_year: -80%}
      discount_rate: 0%/yr
";

#[test]
fn a_lab_that_fails() {
    let model = model(LAB);
    let l = Ledger::of(&model, 0);
    // Level payments over 24 months, 0.01/(1 − 1.01^−24) = 0.047073472 and 0.015/(1 − 1.015^−24) = 0.049924102:
    // 80M → 3,765,877.78; 20M at 1.5% → 998,482.04; the equity's 20M at 1% → 941,469.44. Rent 5,705,829.26, half of it in month 2.
    l.cents("chips.rent", &[0.0, 2_852_914.630_858, 5_705_829.261_717, 5_705_829.261_717]);
    // Cash: 8 + 3 = 11; + 3 − 0.3 − 2.852915 = 10.847085; then 3 − 0.6 − 5.705829 = −3.305829 a month: 7.541256, 4.235427,
    // 0.929598. Month 6: 0.929598 + 3 − 0.6 (the site ranks first) = 3.329598 for rent, 2.376232 are missed. From then on 2.4 a
    // month: arrears 5.682061, 8.987890, 12.293719.
    l.cents("chips.cfads", &[0.0, 2_852_914.63, 5_705_829.26, 5_705_829.26, 5_705_829.26, 3_329_597.584]);
    assert!((l.lane(5).lab.cash.0 - 929_597.584).abs() < 0.005, "{}", l.lane(5).lab.cash.0);
    for (t, arrears) in [(6, 2_376_231.677_7), (7, 5_682_060.939_4), (8, 8_987_890.201_2)] {
        assert!((l.at("chips.arrears", t) - arrears).abs() < 0.005, "month {t}: {}", l.at("chips.arrears", t));
    }
    // Tranche a: 40; 40 × 1.01 − 1,882,938.89 + 40 = 78,517,061.11; then × 1.01 − 3,765,877.78. In month 6 all 3,329,597.58 go to
    // it, 436,280.19 short of 3,765,877.78; from month 7 on 2.4M a month.
    let a = [40e6, 78_517_061.111, 75_536_353.944, 72_525_839.706, 69_485_220.325, 66_850_474.944, 65_118_979.694];
    l.cents("chips.balance", &a);
    // Tranche b misses all from month 6 on: its balance grows by 1.5%, and so does what it missed.
    let b = [10e6, 19_650_758.980, 18_947_038.326, 18_232_761.861, 17_507_771.250, 17_770_387.819, 18_036_943.636];
    l.cents("chips.balance.1", &b);
    l.cents("chips.missed.1", &[0.0, 0.0, 0.0, 0.0, 0.0, 998_482.039, 998_482.039_4 * 2.015]);
    // The equity gets half of 941,469.44 in month 2, all in months 3 to 5: 16,704,856.94 of 20M are left.
    l.cents("chips.balance.4", &[10e6, 19_529_265.278, 18_587_795.833, 17_646_326.389, 16_704_856.944, 16_704_856.944]);
    assert!((l.at("chips.dscr", 6) - 3_329_597.584 / 4_764_359.817).abs() < 1e-9);

    // Month 9 is the fourth in arrears. Owed then: a 65,118,979.69 × 1.01 − 2.4M, twice over: 61,603,871.19; b 18,036,943.64 × 1.015²: 18,582,110.26.
    assert_eq!(l.lane(9).accounts.ended, 9.0);
    assert!(l.happened("chips", event::CONTRACT_LOST | event::SOLD, 9));
    assert!((l.at("chips.claim", 9) - 61_603_871.186).abs() < 0.005, "{}", l.at("chips.claim", 9));
    assert!((l.at("chips.claim.1", 9) - 18_582_110.257).abs() < 0.005, "{}", l.at("chips.claim.1", 9));
    // Claim on the lab: arrears of 12,293,719.46 and six months of rent, 34,234,975.57, since 16.5 months of rent are to come. Its
    // business brings 0.5 × 36M = 18M, and nobody else claims: 18M, ten months later.
    // The racks are 8 and 7 months old: 60M × (0.2^(8/12) + 0.2^(7/12)) = 20,519,711.36 + 23,464,902.17 = 43,984,613.53. a misses
    // 17,619,257.66; 75% are 13.2M, the cap is 9M. The estate fills 8,619,257.66 of a and brings 9,380,742.34 of b's 18,582,110.26.
    let sale = 60e6 * (0.2_f64.powf(8.0 / 12.0) + 0.2_f64.powf(7.0 / 12.0));
    let left = 61_603_871.185_6 - sale - 9e6;
    let to_b = 18e6 - left;
    assert!((l.at("chips.called", 9) - 9e6).abs() < 0.005);
    assert!(l.happened("chips", event::GUARANTEE_CALLED, 9));
    assert!((l.flow("chips", 0, 9) - (2.4e6 + sale + 9e6 + left)).abs() < 0.005, "{}", l.flow("chips", 0, 9));
    assert!((l.flow("chips", 1, 9) - to_b).abs() < 0.005, "{}", l.flow("chips", 1, 9));
    // Lost: of a the wait, 8.6M × (1 − 1.01^−10); of b the wait at 1.5% and what never comes.
    let a_lost = left * (1.0 - 1.01_f64.powi(-10));
    let b_lost = to_b * (1.0 - 1.015_f64.powi(-10)) + 18_582_110.257_0 - to_b;
    assert!((l.at("chips.loss", 14) - a_lost).abs() < 0.005, "{} {a_lost}", l.at("chips.loss", 14));
    assert!((l.at("chips.loss.1", 14) - b_lost).abs() < 0.005, "{} {b_lost}", l.at("chips.loss.1", 14));
    assert!((l.at("chips.loss.4", 14) - 16_704_856.944).abs() < 0.005);
    for t in 9..=14 {
        assert_eq!((l.at("chips.balance", t), l.at("chips.balance.1", t), l.at("chips.firm_rent", t)), (0.0, 0.0, 0.0));
    }
}

#[test]
fn hardware_sold_at_the_end_of_its_lease() {
    // All falls to the equity: 100M of capex, no debt but 1 USD. Worth 0.65 × 0.75 = 48.75% after 24 months, 48.75M. At 1% a month
    // the equity needs 100M × 0.047073472 − 48.75M × 0.037073472 = 2,900,015.46 a month.
    let text = LAB
        .replace("months: 14", "months: 30")
        .replace("cash: 8M USD", "cash: 1B USD")
        .replace("capex: 120M USD", "capex: 100M USD")
        .replace("amount: 80M USD", "amount: 1 USD")
        .replace("amount: 20M USD", "amount: 0 USD")
        .replace("value: {first_year: -80%}", "value: {first_year: -35%}")
        .replace("lease: {term: 24 mo}", "lease: {term: 24 mo, at_end: sell}");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    let rent = 100e6 * 0.047_073_472_222 - 48.75e6 * 0.037_073_472_222;
    assert!((l.at("chips.rent", 4) - rent).abs() < 1.0, "{} {rent}", l.at("chips.rent", 4));
    // Each delivery is sold after its last month, 25 and 26.
    for t in [25, 26] {
        let month = l.at("chips.rent", t) + 48.75e6 / 2.0;
        assert!((l.at("chips.distributed", t) - month).abs() < 0.5, "{}", l.at("chips.distributed", t));
    }
    // The equity earns 1% a month: what it paid in and got is worth nothing at that rate.
    let npv: f64 = (1..=30).map(|t| l.flow("chips", 4, t) * 1.01_f64.powi(-(t as i32))).sum();
    assert!(npv.abs() < 2.0, "{npv}");
}

#[test]
fn a_restructured_lab_pays_less_and_the_vehicle_fails_at_the_end_of_its_lease() {
    let text = LAB
        .replace("months: 14", "months: 30")
        .replace("damages: 6 mo,", "damages: 6 mo, outcomes: {restructuring: 100%, liquidation: 0%}, restructuring: {haircut: 90%, creditors: 40%},")
        .replace("run: {paths", "world: {equity_multiple: {now: 2x, later: 2x}}\nrun: {paths");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    // Nine tenths of the arrears, 12,293,719.46, and of the rent to come are given up. The lab is worth 2 × 36M = 72M; its creditors
    // get 40% of the company for it, and the vehicle is the only one of them: 28.8M of shares, which it sells.
    let arrears = 12_293_719.462_9;
    assert!((l.at("chips.arrears", 9) - arrears / 10.0).abs() < 0.005);
    assert!((l.flow("chips", 0, 9) - (2.4e6 + 28.8e6)).abs() < 0.005, "{}", l.flow("chips", 0, 9));
    assert!((l.lane(9).lab.shares - 1e9 / 0.6).abs() < 1.0, "{}", l.lane(9).lab.shares);
    let rent = 570_582.926_172;
    assert!((l.at("chips.rent", 10) - rent).abs() < 0.005);
    // The rent is 0.57M a month, the arrears are paid at once, and all goes to tranche a: 61,603,871.19 − 28.8M = 32,803,871.19 grow at
    // 1% less 570,582.93 for 15 months and half of that in month 26, when the second delivery alone is under lease; month 10 brings the
    // arrears too.
    let mut owed = 61_603_871.185_6 - 28.8e6;
    for t in 10..=26 {
        let came = if t == 26 { rent / 2.0 } else { rent } + if t == 10 { arrears / 10.0 } else { 0.0 };
        owed = owed * 1.01 - came;
    }
    assert!(l.happened("chips", event::INSTRUMENT_DEFAULT, 26));
    assert!((l.at("chips.claim", 26) - owed).abs() < 0.01, "{} {owed}", l.at("chips.claim", 26));
    // The racks are 25 and 24 months old: 60M × 0.2 × (0.75^(13/12) + 0.75) = 17,786,804.18. Of the 9.39M that a then misses 75% are
    // guaranteed, 7.04M.
    let sale = 60e6 * 0.2 * (0.75_f64.powf(13.0 / 12.0) + 0.75);
    let call = 0.75 * (owed - sale);
    assert!((call - 7.04e6).abs() < 5e3, "{call}");
    assert!((l.flow("chips", 0, 26) - (rent / 2.0 + sale + call)).abs() < 0.01, "{}", l.flow("chips", 0, 26));
    assert!((l.at("chips.loss", 26) - 0.25 * (owed - sale)).abs() < 0.01);
    assert!((l.at("chips.loss.1", 26) - 18_582_110.257_0 * 1.015_f64.powi(17)).abs() < 0.05);
    assert!(l.lane(30).lab.alive > 0.0 && l.at("chips.balance.1", 26) == 0.0);
}

/// One delivery of 100M in month 1, leased for the twelve months after it and sold then at half of its cost. The lab guarantees 60M,
/// out of which and of the rent a tranche with a balloon of 50M is paid.
const RESIDUAL: &str = "
schema: 1
name: residual
time: {start: 2026-01, months: 16}
run: {paths: 1, seed: 1}
lab:
  opening: {cash: 100M USD, shares: {holders: 100%}}
  demand: {growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, growth_is: underlying, saturation: none, segments: [{all: {run_rate: 120M USD/yr}}]}
  compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}
  policy: {distress_below: 0 mo}
instruments:
  - spv:
      name: chips
      capex: 100M USD
      power: 0.1 GW
      deliveries: {start: 2026-01}
      lease: {term: 12 mo, at_end: sell, guarantee: {by: lab, value: 60M USD}}
      tranches: [{a: {amount: 80M USD, rate: 12%/yr, balloon: 50M USD}}]
      equity_return: 12.682503013196972%/yr
      value: {first_year: -50%}
";

#[test]
fn the_lab_pays_what_a_sale_lacks_of_the_guaranteed_value() {
    let model = model(RESIDUAL);
    let l = Ledger::of(&model, 0);
    // 1.01^−12 = 0.887449225, 0.01/(1 − 0.887449225) = 0.088848788678. The tranche: (80M − 50M × 0.887449225) × 0.088848788678 =
    // 3,165,463.66 a month. The equity counts on 60M less the balloon: 20M × 0.088848788678 − 10M × 0.078848788678 = 988,487.89.
    // Rent 4,153,951.55 in months 2 to 13.
    let v12 = 1.01_f64.powi(-12);
    let level = (80e6 - 50e6 * v12) * 0.088_848_788_678;
    let equity: f64 = 20e6 * 0.088_848_788_678 - 10e6 * 0.078_848_788_678;
    assert!((level - 3_165_463.66).abs() < 0.01 && (equity - 988_487.887).abs() < 0.01, "{level} {equity}");
    for t in 2..=13 {
        assert!((l.at("chips.cfads", t) - (level + equity)).abs() < 0.01, "month {t}");
    }
    // Cash: 100 + 10 a month less rent. Month 13 brings a sale of 50M; 10M are called on the guarantee and paid in that month.
    assert!((l.lane(12).lab.cash.0 - (220e6 - 11.0 * (level + equity))).abs() < 0.1);
    assert!((l.lane(13).lab.cash.0 - (220e6 - 12.0 * (level + equity))).abs() < 0.1);
    assert!(
        (l.lane(13).lines.guarantees.0 - 10e6).abs() < 1e-3 && (l.lane(13).lines.other_income.0 + 10e6).abs() < 1e-3
    );
    assert!((l.at("chips.sale", 13) - 50e6).abs() < 0.01 && (l.at("chips.guaranteed", 13) - 10e6).abs() < 0.01);
    assert!(l.happened("chips", event::GUARANTEE_CALLED, 13) && !l.happened("chips", event::GUARANTEE_CALLED, 12));
    // The tranche owes 50M before the balloon, and nothing after it; the equity gets the rest, 1% a month in all.
    assert!((l.at("chips.balance", 12) - (50e6 + level) / 1.01).abs() < 0.01, "{}", l.at("chips.balance", 12));
    assert!((l.flow("chips", 0, 13) - (level + 50e6)).abs() < 0.01 && l.at("chips.balance", 13).abs() < 0.01);
    assert!((l.flow("chips", 4, 13) - (equity + 10e6)).abs() < 0.01, "{}", l.flow("chips", 4, 13));
    let npv: f64 = (1..=13).map(|t| l.flow("chips", 4, t) * 1.01_f64.powi(-(t as i32))).sum();
    assert!(npv.abs() < 0.1, "{npv}");
    // Until then the guarantee can cost 60M, and would cost 10M.
    for t in [1, 7, 12] {
        let lines = &l.lane(t).lines;
        assert!((lines.guarantee.0 - 60e6).abs() < 0.01 && (lines.guarantee_now.0 - 10e6).abs() < 0.01, "month {t}");
    }
    assert_eq!((l.lane(13).lines.guarantee.0, l.lane(13).lines.guarantee_now.0), (0.0, 0.0));

    // Guaranteed by the maker it costs the lab nothing, and nobody else gets less.
    let model = crate::common::model(&RESIDUAL.replace("by: lab", "by: maker"));
    let m = Ledger::of(&model, 0);
    assert_eq!((m.lane(13).lines.guarantees.0, m.lane(7).lines.guarantee.0), (0.0, 0.0));
    assert!((m.flow("chips", 0, 13) - l.flow("chips", 0, 13)).abs() < 1e-6);
    assert!((m.flow("chips", 4, 13) - l.flow("chips", 4, 13)).abs() < 1e-6);
    assert!((m.lane(13).lab.cash.0 - l.lane(13).lab.cash.0 - 10e6).abs() < 0.01);
}

#[test]
fn a_guarantee_that_the_lab_cannot_pay_at_once_stays_owed() {
    // The lab earns as much as its rent and has 5M: of the 10M that are called in month 13 it pays what it has, and the rest in the month
    // after, out of revenue of 4.15M.
    let text = RESIDUAL
        .replace("cash: 100M USD", "cash: 5M USD")
        .replace("run_rate: 120M USD/yr", "run_rate: 49.84741866M USD/yr");
    let text = text.replace("policy: {", "policy: {grace: 9 mo, ");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    let month = 49_847_418.66 / 12.0;
    let there = 5e6 + month + 12.0 * (month - l.at("chips.rent", 5));
    assert!((l.at("chips.guarantee_owed", 13) - (10e6 - there)).abs() < 0.1, "{}", l.at("chips.guarantee_owed", 13));
    // The balloon is paid first: what is missing is the equity's, which gets it the month after, with nothing added.
    assert!(l.at("chips.balance", 13).abs() < 0.01 && !l.happened("chips", event::INSTRUMENT_DEFAULT, 13));
    assert!((l.flow("chips", 4, 14) - (10e6 - there).min(month)).abs() < 0.1, "{}", l.flow("chips", 4, 14));
}
