//! Venture debt: a whole term with warrants, and a loan on need that is called.

use crate::common::ledger::Ledger;
use crate::common::model;
use crate::common::vectors::near;
use gapcast::engine::books::event;
use gapcast::stats::irr::irr;

/// Cash enough; revenue of 60M a month grows by 2% (log); a share costs 20 × run-rate over a billion: 14.4 e^(0.02 t).
const TERM: &str = "
schema: 1
name: venture
time: {start: 2026-01, months: 14}
run: {paths: 1, seed: 1}
world: {sofr: {start: 0%/yr, long_run: 0%/yr}, equity_multiple: {now: 20x, later: 20x}}
lab:
  opening: {cash: 2B USD, shares: {holders: 100%}}
  demand: {growth: {now: 2%/mo, later: 2%/mo, half_life: 12 mo}, growth_is: underlying, saturation: none, segments: [{all: {run_rate: 720M USD/yr}}]}
  compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}
  people: {cost: 1.2B USD/yr}
  policy: {distress_below: 0 mo}
instruments:
  - venture_debt:
      name: loan
      commitment: 300M USD
      start: 2026-02
      draws: [{amount: 200M USD, date: 2026-02}, {amount: 100M USD, date: 2026-05}]
      rate: 12%/yr
      fee: 1%
      interest_only: 4 mo
      term: 10 mo
      profile: straight
      end_payment: 6%
      warrants: {cover: 8%, price: market}
";

#[test]
fn a_whole_term() {
    let model = model(TERM);
    let l = Ledger::of(&model, 0);
    let m = 1e6;
    // Interest of 1% on the opening balance: 2 on 200 in months 3 to 5, 3 on 300 in months 6 and 7. The fourth instalment (month
    // 6) is the last of interest alone; then 300 in six equal parts of 50.
    l.cents(
        "loan.interest",
        &[0.0, 0.0, 2. * m, 2. * m, 2. * m, 3. * m, 3. * m, 2.5 * m, 2. * m, 1.5 * m, m, 0.5 * m, 0.0],
    );
    let principal = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 50. * m, 50. * m, 50. * m, 50. * m, 50. * m, 50. * m, 0.0];
    l.cents("loan.principal", &principal);
    let balance = [
        0.0,
        200. * m,
        200. * m,
        200. * m,
        300. * m,
        300. * m,
        250. * m,
        200. * m,
        150. * m,
        100. * m,
        50. * m,
        0.0,
        0.0,
    ];
    l.cents("loan.balance", &balance);
    // 6% of 200 over ten instalments is 1.2 a month; from month 6 on the rest, 8.4, and 6% of 100 over the seven that are left:
    // 14.4/7 = 2.057142857. All 18 are paid with the last instalment.
    let end = [
        0.0,
        0.0,
        1.2e6,
        2.4e6,
        3.6e6,
        5_657_142.857,
        7_714_285.714,
        9_771_428.571,
        11_828_571.429,
        13_885_714.286,
        15_942_857.143,
        0.0,
    ];
    l.cents("loan.end", &end);
    l.cents("loan.end_paid", &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 18e6]);
    // The lender's side: 200 and 100 less 1%, and what is paid.
    for (t, flow) in [(2, -198.0), (5, 2.0 - 99.0), (7, 53.0), (12, 0.5 + 50.0 + 18.0), (13, 0.0)] {
        assert!((l.flow("loan", 0, t) - flow * m).abs() < 0.005, "month {t}: {}", l.flow("loan", 0, t));
    }
    // Warrants: 8% of 200M at 14.4 e^0.04 are 1067543.821280; 8% of 100M at 14.4 e^0.1 are 502687.454464 more. By Galai and
    // Schneller at 60%, ten and seven months before the end, worth 3451495.9026 and 1448918.2966 (a bisection outside the
    // program; without dilution the first would be 3452940.33).
    near("first", l.at("loan.warrants", 2), 1_067_543.821_280_359, 1e-12, 0.0);
    near("both", l.at("loan.warrants", 5), 1_067_543.821_280_359 + 502_687.454_464_422, 1e-12, 0.0);
    near("value", l.at("loan.warrant_value", 2), 3_451_495.902_616_646, 1e-9, 0.0);
    near("value", l.at("loan.warrant_value", 12), 4_900_414.199_207_575, 1e-9, 0.0);
    near("dilution", l.at("loan.dilution", 2), 1_067_543.821_280_359 / 1_001_067_543.821_280_4, 1e-12, 0.0);
    // In month 12 a share costs 14.4 e^0.24; without cash, 24M of exercise prices leave 259184.840634 shares.
    near("shares", l.at("loan.warrants.2", 12), 259_184.840_633_858, 1e-9, 0.0);
    near("all", l.lane(12).lab.shares, 1e9 + 259_184.840_633_858, 1e-15, 0.0);
    assert_eq!((l.at("loan.warrants", 12), l.lane(11).lab.shares), (0.0, 1e9));
}

#[test]
fn the_all_in_cost_counts_fee_end_payment_and_shares() {
    let model = model(TERM);
    let flows = [-198.0, 2.0, 2.0, -97.0, 3.0, 53.0, 52.5, 52.0, 51.5, 51.0, 68.5, 0.0];
    // The shares at the horizon, month 14: 259184.84 × 14.4 e^0.28 × 1e9 / 1000259184.84.
    let shares = 259_184.840_633_858 / 1.000_259_184_840_634 * 14.4e-6 * 0.28_f64.exp();
    let mut all = flows.to_vec();
    all.push(shares);
    let rate = (1.0 + irr(&all).roots()[0]).powi(12) - 1.0;
    let told = crate::common::vectors::ends(&model, 1, "loan.irr")[0];
    near("irr", told, rate, 1e-9, 0.0);
    // 12% nominal is 12.68%: the rest is what the lab pays besides.
    assert!(rate > 0.25, "{rate}");
}

/// 40M go out a month. On need the lab draws so that it is left with 100M after a fee of 2%; the lender calls what it has lent
/// as soon as cash closes below 50M.
const NEED: &str = "
schema: 1
name: need
time: {start: 2026-01, months: 12}
run: {paths: 1, seed: 1}
lab:
  opening: {cash: 150M USD, shares: {holders: 100%}}
  demand: {growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, growth_is: underlying, saturation: none, segments: [{all: {run_rate: 720M USD/yr}}]}
  compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}
  people: {cost: 1.2B USD/yr, cut_in_distress: 0%}
  policy: {minimum_cash: 100M USD, distress_below: 0 mo, grace: 3 mo}
  default: {liquidation: 0.1x, receivables: 0%, cost: 0%, delay: 0 mo}
instruments:
  - venture_debt: {name: loan, commitment: 100M USD, start: 2026-01, available: 3 mo, rate: 12%/yr, fee: 2%, interest_only: 6 mo, term: 36 mo, end_payment: 5%, minimum_cash: 50M USD, breach: {cure: 0 mo}}
";

#[test]
fn drawn_on_need_called_and_lost() {
    let model = model(NEED);
    let l = Ledger::of(&model, 0);
    // Month 1: 110 are left. Month 2: 70, so 30 are missing: 30/0.98 = 30.612245 drawn. Month 3: interest 0.306122, 59.693878 are
    // left: 40.306122/0.98 = 41.128696. From month 4 on nothing is available.
    l.cents("loan.draw", &[0.0, 30_612_244.898, 41_128_696.377, 0.0, 0.0]);
    assert!((l.lane(3).lab.cash.0 - 100e6).abs() < 0.005);
    // Month 4: interest 0.717409: 59.282591. Month 5: 18.565181, below 50: called at once.
    assert!((l.lane(5).lab.cash.0 - 18_565_181.175).abs() < 0.005, "{}", l.lane(5).lab.cash.0);
    assert!(l.happened("loan", event::COVENANT, 5) && l.happened("loan", event::ACCELERATED, 5));
    assert!(!l.happened("loan", event::ACCELERATED, 4));
    // Month 6: principal, interest and the whole end payment, 5% of 71.740941, are due; staff takes all there is.
    l.cents("loan.principal_due", &[0.0, 0.0, 0.0, 0.0, 0.0, 71_740_941.274]);
    l.cents("loan.end_due", &[0.0, 0.0, 0.0, 0.0, 0.0, 3_587_047.064]);
    l.cents("loan.principal", &[0.0; 6]);
    // Interest in arrears bears interest: 71.740941 × (1.01³ − 1) by month 8, the third in arrears. The lab fails with nothing
    // but 72M for its business (0.1 × 720M), and staff comes first.
    let claim = 71_740_941.274 * 1.01_f64.powi(3) + 3_587_047.064;
    assert_eq!(l.lane(8).accounts.ended, 8.0);
    assert!((l.at("loan.claim", 8) - claim).abs() < 0.005, "{} {claim}", l.at("loan.claim", 8));
    // Wages: 40 − 18.565181 in month 6, 40 more in each of the next two: 101.434819, more than the 72M. Nothing is left.
    assert!((l.lane(8).accounts.claim[0].0 - (120e6 - 18_565_181.175)).abs() < 0.01);
    assert_eq!(l.at("loan.loss", 8), l.at("loan.claim", 8));
}
