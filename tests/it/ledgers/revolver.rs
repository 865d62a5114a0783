//! The revolver: twelve months of a lab that burns, and the end of it.

use crate::common::ledger::Ledger;
use crate::common::model;
use gapcast::engine::books::event;

/// Staff of 1.2B a year, no revenue: 100M a month go out. Cash of 250M; the line of 500M costs 12% a year on what is drawn
/// and 1.2% on what is not. Cash is kept at 100M.
const LAB: &str = "
schema: 1
name: burning
time: {start: 2026-01, months: 12}
run: {paths: 1, seed: 1}
lab:
  opening: {cash: 250M USD, shares: {holders: 100%}}
  demand: {growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, saturation: none, segments: [{all: {run_rate: 0 USD/yr}}]}
  compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}
  people: {cost: 1.2B USD/yr}
  policy: {minimum_cash: 100M USD, distress_below: 0 mo, grace: 3 mo}
  default: {liquidation: 0.0x, cost: 0%, delay: 0 mo}
instruments:
  - revolver: {name: line, limit: 500M USD, rate: 12%/yr, commitment_fee: 1.2%/yr}
";

#[test]
fn twelve_months() {
    let model = model(LAB);
    let l = Ledger::of(&model, 0);
    // Fee of month 1: 500M × 0.1% = 0.5M. Cash 250 − 100 − 0.5 = 149.5; nothing is missing.
    // Month 2: 149.5 − 100.5 = 49; 51 are drawn to get to 100.
    // Month 3: 1% of 51 = 0.51, 0.1% of 449 = 0.449: 0.959; drawn 100.959. Balance 151.959.
    // Month 4: 1.51959 + 0.348041 = 1.867631; drawn 101.867631. Balance 253.826631.
    // Month 5: 2.53826631 + 0.246173369 = 2.784439679; drawn 102.784439679; balance 356.611070679.
    // Month 6: 3.56611070679 + 0.143388929321 = 3.709499636111; drawn 103.709499636; balance 460.320570315.
    // Month 7: 4.60320570315 + 0.039679429685 = 4.642885132835: 104.642885 are missing, 39.679429685 are left: cash 35.036544552.
    // Month 8: 5M of interest, no fee: 135.04 are due, 35.04 are there; staff ranks first: 35.036544552 of 100. Interest is added.
    l.cents("line.due", &[5e5, 5e5, 959e3, 1_867_631.0, 2_784_439.679, 3_709_499.636_111, 4_642_885.132_835, 5e6]);
    l.cents(
        "line.draw",
        &[0.0, 51e6, 100_959e3, 101_867_631.0, 102_784_439.679, 103_709_499.636_111, 39_679_429.684_889],
    );
    l.cents(
        "line.balance",
        &[0.0, 51e6, 151_959e3, 253_826_631.0, 356_611_070.679, 460_320_570.315_111, 500e6, 505e6, 510.05e6, 0.0],
    );
    assert!((l.lane(7).lab.cash.0 - 35_036_544.552_054).abs() < 0.005);
    assert!((l.lane(8).accounts.owed[0].0 - (100e6 - 35_036_544.552_054)).abs() < 0.005);
    // Month 10 is the third in arrears: the lab fails, has nothing, and the lender loses 515.1505M. Wages come first.
    assert_eq!(l.lane(10).accounts.ended, 10.0);
    assert!((l.at("line.loss", 10) - 515_150_500.0).abs() < 0.005, "{}", l.at("line.loss", 10));
    assert_eq!((l.at("line.claim", 12), l.at("line.balance", 12)), (l.at("line.loss", 10), 0.0));
}

#[test]
fn the_lender_shares_what_the_lab_leaves() {
    // Revenue of 60M a month, staff of 1.2B a year: 40M go out. The business brings 0.5 × 720M = 360M when it is broken up.
    let text = LAB
        .replace("run_rate: 0 USD/yr", "run_rate: 720M USD/yr")
        .replace(
            "liquidation: 0.0x, cost: 0%, delay: 0 mo",
            "liquidation: 0.5x, cost: 10%, delay: 12 mo, receivables: 0%",
        )
        .replace("months: 12", "months: 36");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    let end = l.lane(36).accounts.ended as usize;
    assert!(end > 12, "{end}");
    // Wages owed are paid first, the lender is next and alone; 1% a month is lost on what comes after twelve months.
    let wages = l.lane(end).accounts.claim[0].0;
    let estate = 0.9 * (0.5 * 720e6);
    let paid = estate - wages;
    let claim = l.at("line.claim", end);
    assert!(paid < claim && (l.flow("line", 0, end) - paid).abs() < 1e-6, "{paid} {claim}");
    let loss = claim - paid * 1.01_f64.powi(-12);
    assert!((l.at("line.loss", end) - loss).abs() < 0.005, "{} {loss}", l.at("line.loss", end));
    assert_eq!(l.lane(end).accounts.loss[0].0, 0.0);
}

/// Revenue of 60M a month that shrinks by 2% (log), staff of 66M; customers pay a month late. Cash of 120M is kept at 100M.
const SHRINKING: &str = "
schema: 1
name: shrinking
time: {start: 2026-01, months: 12}
run: {paths: 1, seed: 1}
lab:
  opening: {cash: 120M USD, shares: {holders: 100%}}
  demand: {growth: {now: -2%/mo, later: -2%/mo, half_life: 12 mo}, growth_is: underlying, saturation: none, segments: [{all: {run_rate: 720M USD/yr}}]}
  compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}
  people: {cost: 792M USD/yr}
  working_capital: {receivable: 1 mo}
  policy: {minimum_cash: 100M USD, distress_below: 0 mo}
instruments:
  - revolver: {name: line, limit: 500M USD, base: 80%, rate: 12%/yr, commitment_fee: 1.2%/yr}
";

#[test]
fn a_borrowing_base_shrinks_with_receivables() {
    let model = model(SHRINKING);
    let l = Ledger::of(&model, 0);
    // What is owed by customers at the end of month t is its revenue, 60M e^(−0.02 t), collected in t + 1. So month t can draw
    // 0.8 × 60M e^(−0.02 (t − 1)): 48M, 47.05M, 46.12M …
    let base: Vec<f64> = (0..12).map(|t| 48e6 * (-0.02 * f64::from(t)).exp()).collect();
    l.cents("line.available", &base);
    // Month 3: 105.811920 + 57.647366 collected − 66 − fee 0.5 = 96.959287; 3.040713 are missing.
    // Month 4: 1% of 3.040713 and 0.1% of 496.959287 are 0.527366; 100 + 56.505872 − 66.527366 = 89.978506: 10.021494.
    // Months 5 and 6: 11.230579 and 12.428390. Month 7: 13.5 are missing, 42.572181 − 36.721177 are left.
    // Month 8: the base has gone down to 41.729195, so 0.842986 fall due and nothing can be drawn; and so on, each month the
    // base falls by 2%.
    l.cents(
        "line.draw",
        &[
            0.0,
            0.0,
            3_040_713.252,
            10_021_494.404,
            11_230_579.086,
            12_428_389.999,
            5_851_004.222,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
        ],
    );
    l.cents(
        "line.matures",
        &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 842_985.663, 826_293.429, 809_931.723, 793_894.0, 778_173.846],
    );
    l.cents(
        "line.balance",
        &[
            0.0,
            0.0,
            3_040_713.252,
            13_062_207.657,
            24_292_786.742,
            36_721_176.741,
            42_572_180.962,
            41_729_195.299,
            40_902_901.87,
            40_092_970.148,
            39_299_076.148,
            38_520_902.302,
        ],
    );
    assert!((l.lane(12).lab.cash.0 - 4_524_401.463).abs() < 0.005);
    assert!(l.happened("line", event::CREDIT_EXHAUSTED, 7) && !l.happened("line", event::CREDIT_EXHAUSTED, 6));
}

/// Revenue of 60M a month and staff of 100M: 40M go out. Cash of 250M is kept at 100M; a line of 120M at 1% a month.
fn burning(line: &str, months: u32, rest: &str) -> String {
    format!(
        "
schema: 1
name: burning
time: {{start: 2026-01, months: {months}}}
run: {{paths: 1, seed: 1}}
{rest}
lab:
  opening: {{cash: 250M USD, shares: {{holders: 100%}}}}
  demand: {{growth: {{now: 0%/mo, later: 0%/mo, half_life: 12 mo}}, growth_is: underlying, saturation: none, segments: [{{all: {{run_rate: 720M USD/yr}}}}]}}
  compute: {{capacity: none, inference: {{gross_margin: {{now: 100%, later: 100%, over: 12 mo}}}}}}
  people: {{cost: 1.2B USD/yr}}
  policy: {{minimum_cash: 100M USD, distress_below: 0 mo, grace: 3 mo}}
  default: {{liquidation: 0.0x, receivables: 0%, cost: 0%, delay: 0 mo}}
instruments:
  - revolver: {{name: line, {line}}}
"
    )
}

#[test]
fn a_waiver_then_missed_payments_then_the_whole_falls_due() {
    let model = model(&burning(
        "limit: 120M USD, rate: 12%/yr, minimum_cash: 90M USD, breach: {cure: 1 mo, waiver: 100%/mo, fee: 1%, holds: 2 mo}",
        12,
        "",
    ));
    let l = Ledger::of(&model, 0);
    // Cash 210, 170, 130; month 4: 90, so 10 are drawn. Month 5: 0.1 of interest, 40.1 drawn; month 6: 0.501, 40.501 drawn;
    // month 7: 0.90601, so 40.90601 are missing and 29.399 are left: cash 88.49299, below 90. The lender waives for 1% of 120M.
    l.cents("line.draw", &[0.0, 0.0, 0.0, 10e6, 40.1e6, 40.501e6, 29.399e6, 0.0]);
    assert!(l.happened("line", event::COVENANT, 7) && l.happened("line", event::WAIVED, 7));
    // Month 8: interest 1.2 and the fee 1.2: cash 46.09299; month 9: 4.89299. The waiver holds for both.
    l.cents("line.due", &[0.0, 0.0, 0.0, 0.0, 0.1e6, 501e3, 906_010.0, 2.4e6, 1.2e6, 1.2e6, 1.212e6, 122.412e4]);
    assert!((l.lane(9).lab.cash.0 - 4_892_990.0).abs() < 0.005);
    for t in [8, 9] {
        assert!(!l.happened("line", event::COVENANT | event::WAIVED | event::ACCELERATED, t), "month {t}");
    }
    // Month 10: staff takes all; interest is added to the balance. A missed payment is not waived, whatever the uniforms; the month to
    // mend it passes, and in month 11 the line is called.
    assert!(!l.happened("line", event::WAIVED | event::ACCELERATED, 10));
    assert!(l.happened("line", event::ACCELERATED, 11) && l.happened("line", event::INSTRUMENT_DEFAULT, 11));
    // Month 12: 122.412 fall due, nothing is there, and the lab fails: 122.412 × 1.01 are lost.
    l.cents("line.matures", &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 122.412e6]);
    assert_eq!(l.lane(12).accounts.ended, 12.0);
    assert!((l.at("line.loss", 12) - 123_636_120.0).abs() < 0.005, "{}", l.at("line.loss", 12));
}

#[test]
fn winter_moves_the_margin_and_refuses_draws() {
    let winter = "world: {regime: {start: winter, winter: {enters: 0%/mo, leaves: 0%/mo, spread: 300 bp}}, credit_spread: {level: 200 bp}}";
    let line = |refused: &str| {
        burning(
            &format!("limit: 120M USD, rate: 9%/yr, moves_with_credit: true, refused_in_winter: {refused}"),
            12,
            winter,
        )
    };
    // 9% and the winter's 3%: 1% a month. The same draws as above.
    let (open, shut) = (model(&line("0%")), model(&line("100%")));
    let l = Ledger::of(&open, 0);
    l.cents("line.draw", &[0.0, 0.0, 0.0, 10e6, 40.1e6, 40.501e6, 29.399e6]);
    // The lender refuses each draw that is asked for: from month 4 on, not before.
    let l = Ledger::of(&shut, 0);
    l.cents("line.draw", &[0.0; 12]);
    for t in 1..=6 {
        assert_eq!(l.happened("line", event::DRAW_STOPPED, t), t >= 4, "month {t}");
    }
}

#[test]
fn a_line_that_is_never_clean_is_stopped() {
    // Periods of six months, in each two at zero: months 1 to 3 are; from month 4 on the line is drawn. At the end of month 12 a
    // clean-down is owed, and the draw of month 13 is refused. Without the clean-down it is made.
    let model = model(&burning("limit: 2B USD, rate: 0%/yr, clean_down: {months: 2, every: 6 mo}", 14, ""));
    let l = Ledger::of(&model, 0);
    l.cents("line.draw", &[0.0, 0.0, 0.0, 10e6, 40e6, 40e6, 40e6, 40e6, 40e6, 40e6, 40e6, 40e6, 0.0, 0.0]);
    assert!(l.happened("line", event::DRAW_STOPPED, 13) && !l.happened("line", event::DRAW_STOPPED, 12));
    let plain = crate::common::model(&burning("limit: 2B USD, rate: 0%/yr", 14, ""));
    Ledger::of(&plain, 0)
        .cents("line.draw", &[0.0, 0.0, 0.0, 10e6, 40e6, 40e6, 40e6, 40e6, 40e6, 40e6, 40e6, 40e6, 40e6]);
}
