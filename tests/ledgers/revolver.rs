//! The revolver: twelve months of a lab that burns, and the end of it.

use crate::common::job;
use crate::common::ledger::Ledger;

/// Staff of 1.2B a year, no revenue: 100M a month go out. Cash of 250M; the line of 500M costs 12 % a year on what is drawn
/// and 1.2 % on what is not. Cash is kept at 100M.
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
  - revolver: {name: line, limit: 500M USD, rate: 12%/yr, undrawn_fee: 1.2%/yr}
";

#[test]
fn twelve_months() {
    let job = job(LAB);
    let l = Ledger::of(&job, 0);
    // Fee of month 1: 500M × 0.1 % = 0.5M. Cash 250 − 100 − 0.5 = 149.5; nothing is missing.
    // Month 2: 149.5 − 100.5 = 49; 51 are drawn to get to 100.
    // Month 3: 1 % of 51 = 0.51, 0.1 % of 449 = 0.449: 0.959; drawn 100.959. Balance 151.959.
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
    let job = job(&text);
    let l = Ledger::of(&job, 0);
    let end = l.lane(36).accounts.ended as usize;
    assert!(end > 12, "{end}");
    // Wages owed are paid first, the lender is next and alone; 1 % a month is lost on what comes after twelve months.
    let wages = l.lane(end).accounts.claim[0].0;
    let estate = 0.9 * (0.5 * 720e6);
    let paid = estate - wages;
    let claim = l.at("line.claim", end);
    assert!(paid < claim && (l.flow("line", 0, end) - paid).abs() < 1e-6, "{paid} {claim}");
    let loss = claim - paid * 1.01_f64.powi(-12);
    assert!((l.at("line.loss", end) - loss).abs() < 0.005, "{} {loss}", l.at("line.loss", end));
    assert_eq!(l.lane(end).accounts.loss[0].0, 0.0);
}
