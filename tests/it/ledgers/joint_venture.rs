//! Joint ventures: one that brings demand, with a floor and a promote; one that owns compute, with debt and a put; and what
//! becomes of calls that nobody answers, of a minimum return, of a buy-out and of a rent that is not paid.

use crate::common::ledger::Ledger;
use crate::common::model;
use crate::common::vectors::{ends, near};
use gapcast::engine::books::event;

/// A lab that sells for 100M USD a month, has a billion and no cost.
fn lab(months: u32, venture: &str) -> String {
    format!(
        "schema: 1
name: ventures
time: {{start: 2026-01, months: {months}}}
run: {{paths: 2, seed: 1}}
lab:
  opening: {{cash: 1B USD, shares: {{holders: 100%}}}}
  demand: {{growth: {{now: 0%/mo, later: 0%/mo, half_life: 12 mo}}, growth_is: underlying, saturation: none, segments: [{{all: {{run_rate: 1.2B USD/yr}}}}]}}
  compute: {{capacity: none, inference: {{gross_margin: {{now: 100%, later: 100%, over: 12 mo}}}}}}
  policy: {{distress_below: 0 mo, grace: 4 mo}}
instruments:
  - joint_venture: {venture}
"
    )
}

/// Called in months 3 to 6, a quarter each: 5M from the lab, 20M from the partners. The venture earns a quarter of the demand that it
/// brings, 1% more of 100M a month from month 3 to 12, and 60M a year from others once all is called: 1.25M a month for each call
/// that was made before. Capital itself is spent on people as it comes. A fifth of what is earned is the lab's stake.
const SERVICES: &str = "{name: services, kind: distribution, commitment: {lab: 20M USD, partners: 80M USD}, calls: {start: 2026-03, over: 4 mo}, demand_uplift: 10%, builds_up: 10 mo, commission: 25%, income: 60M USD/yr, floor: {rate: 17.5%/yr, most: 4M USD/yr}, waterfall: {hurdle: 8%/yr, accrual: simple, order: preferred_first, catch_up: 100%, promote: 20%}}";

#[test]
fn demand_with_a_floor_and_a_promote() {
    let model = model(&lab(30, SERVICES));
    let l = Ledger::of(&model, 0);
    // Commission: 0.25 x 1M in month 3, 0.25M more each month up to 2.5M in month 12.
    l.cents(
        "services.charge",
        &[0.0, 0.0, 0.25e6, 0.5e6, 0.75e6, 1e6, 1.25e6, 1.5e6, 1.75e6, 2e6, 2.25e6, 2.5e6, 2.5e6],
    );
    // With the income of others 0, 1.25, 2.5, 3.75, then 5M.
    l.cents(
        "services.earned",
        &[0.0, 0.0, 0.25e6, 1.75e6, 3.25e6, 4.75e6, 6.25e6, 6.5e6, 6.75e6, 7e6, 7.25e6, 7.5e6, 7.5e6],
    );
    // Four fifths of that go down the waterfall. Month 3: nothing was paid in before, so 0.2M are profit, 0.16M to the partners and
    // 0.04M promote. From month 4 on the preferred return of the month, 8 %/12 of the capital, is paid in full, the rest is capital.
    let mut partners = vec![0.0, 0.0, 0.16e6, 1.4e6, 2.6e6, 3.8e6, 5e6, 5.2e6, 5.4e6, 5.6e6, 5.8e6];
    partners.resize(19, 6e6);
    // Capital after the month: 20M; 20 - (1.4 - 0.133333) + 20 = 38.733333; 38.733333 - (2.6 - 0.258222) + 20 = 56.391556; and so on.
    let capital = [
        0.0,
        0.0,
        20e6,
        38_733_333.333,
        56_391_555.556,
        72_967_499.259,
        68_453_949.254,
        63_710_308.916,
        58_735_044.309,
        53_526_611.271,
        48_083_455.346,
        42_404_011.715,
        36_686_705.126,
        30_931_283.161,
        25_137_491.715,
        19_305_074.993,
        13_433_775.493,
        7_523_333.996,
        1_573_489.556,
        0.0,
        0.0,
    ];
    l.cents("services.standing", &capital);
    // Month 20: 6M. Preferred return 0.010490 and capital 1.573490 leave 4.416020. Profit of the partners so far: 0.16M, the preferred
    // returns of 4.21M (with this one) and the top-up of 4M, 8.543980M; the promote is due a quarter of it, 2.135995M, has had 0.04M and
    // catches up 2.095995M. The rest, 2.320025M, is split 4 to 1: the partners get 0.010490 + 1.573490 + 1.856020 = 3.44M in all.
    partners.push(3.44e6);
    partners.resize(30, 4.8e6);
    l.cents("services.distributed", &partners);
    // A month of the floor is 17.5 %/12 of the capital at its start, less what came beyond capital: -0.16M in month 3 (they had more);
    // + 0.291667 - 0.133333 in month 4; and so on.
    let short = [
        0.0,
        0.0,
        -160_000.0,
        -1_666.667,
        304_972.222,
        751_405.370,
        1_329_064.740,
        1_870_991.838,
        2_375_365.117,
        2_840_350.884,
        3_264_103.223,
        3_644_763.912,
        3_980_462.338,
    ];
    l.cents("services.short", &short);
    // Month 14 is the twelfth from the first call: 4,270,898.75 are missing, 4M are the most that a year can cost. They fall due in
    // month 15, and what lies above the limit lapses. The second year, months 15 to 26, brings more than the floor.
    assert!(l.happened("services", event::GUARANTEE_CALLED, 14));
    for t in 1..=30 {
        let (due, paid) = (if t == 14 { 4e6 } else { 0.0 }, if t == 15 { 4e6 } else { 0.0 });
        near("due", l.at("services.falls", t), due, 0.0, 0.005);
        near("paid", l.at("services.guaranteed", t), paid, 0.0, 0.005);
        let call = if (3..=6).contains(&t) { 20e6 } else { 0.0 };
        near("partners", l.flow("services", 0, t), partners[t - 1] + paid - call, 0.0, 0.005);
    }
    assert!(!l.happened("services", event::GUARANTEE_CALLED, 26));
    near("second year", l.at("services.short", 26), -29_880_943.631, 0.0, 0.005);
    // The lab: stake and promote; its 20M are returned first, the rest is income.
    near("to the lab", l.at("services.to_lab", 20), 7.5e6 - 3.44e6, 0.0, 0.005);
    near("to the lab", l.at("services.to_lab", 21), 2.7e6, 0.0, 0.005);
    // Worked apart: 4.8552537795% a month. Paid in net of what came in the same month: 80 - 0.16 - 1.4 - 2.6 - 3.8 = 72.04M; got:
    // 5 + 5.2 + 5.4 + 5.6 + 5.8 + 9 x 6 - 6 + 4 + ... = 138.4M in all, 130.44M beside those four months.
    near("return", ends(&model, 2, "services.irr")[0], 0.766_372_718_309, 1e-9, 0.0);
    near("multiple", ends(&model, 2, "services.moic")[0], 130.44 / 72.04, 1e-9, 0.0);
}

/// 20M of the lab and 60M of the partners over four months, as much again from a lender at 0.5% a month; rent of 5M less 0.5M of
/// running cost from month 5 on, for 36 months; a quarter of the cost of 160M is left then. Partners may sell at 12% a year from month
/// 13 on.
const ASSET: &str = "{name: hall, kind: asset, commitment: {lab: 20M USD, partners: 60M USD}, calls: {start: 2026-01, over: 4 mo}, power: 0.01 GW, rent: 60M USD/yr, opex: 6M USD/yr, term: 36 mo, residual: 25%, debt: {share: 50%, rate: 6%/yr, term: 24 mo}, put: {from: 2027-01, rate: 12%/yr}, waterfall: {hurdle: 8%/yr, catch_up: 50%, promote: 20%}}";

#[test]
fn compute_with_debt_and_a_put() {
    let model = model(&lab(24, ASSET));
    let l = Ledger::of(&model, 0);
    // Debt: 20M a month, interest added: 20; 40.1; 60.3005; 80.6020025M. From month 5 on level payments over 24 months,
    // 80.6020025M x 0.005/(1 - 1.005^-24) = 3,572,329.94.
    let mut debt = vec![20e6, 40.1e6, 60.300_5e6, 80.602_002_5e6];
    let level = 80_602_002.5 * 0.005 / (1.0 - 1.005_f64.powi(-24));
    near("level", level, 3_572_329.94, 0.0, 0.005);
    for t in 5..=24 {
        debt.push(debt[t - 2] * 1.005 - level);
    }
    near("debt", debt[12], 51_500_939.84, 0.0, 0.01);
    l.cents("hall.debt", &debt);
    // Of 5 - 0.5 = 4.5M the lender leaves 927,670.06: a quarter to the lab's stake, 695,752.55 to the partners.
    let part = 0.75 * (4.5e6 - level);
    let mut partners = vec![0.0; 4];
    partners.resize(13, part);
    l.cents("hall.distributed", &partners);
    near("cover", l.at("hall.dscr", 5), 4.5e6 / level, 1e-12, 0.0);
    near("to the lab", l.at("hall.to_lab", 5), part / 3.0, 0.0, 0.005);
    // Capital 60M less 695,752.55 a month; preferred return on both at 1.08^(1/12) - 1: 96,510.45 in month 2, 971,334.03 after month 5,
    // 4,017,657.80 after month 13.
    near("capital", l.at("hall.standing", 13), 60e6 - 9.0 * part, 0.0, 0.005);
    for (t, preferred) in [(2, 96_510.45), (5, 971_334.03), (13, 4_017_657.80)] {
        near("preferred", l.at("hall.standing.1", t), preferred, 0.0, 0.006);
    }
    // At 12% a year the partners' calls less what they got stand at 59,753,666.19 after month 13. The hardware is worth
    // 160M x (1 - 0.75 x 9/36) = 130M, less debt 78,499,060.16; 75% of it, 58,874,295.12: 53,738,227.08 capital, 4,017,657.80 preferred
    // return, and 1,118,410.23 of profit. The tier of the catch-up is 0.2 x (4,017,657.80 + 0)/(0.5 - 0.2) = 2.68M long: half of it, 559,205.12,
    // goes to the partners. They stand at 58,315,090.00, so they sell.
    near("at 12%", l.at("hall.value.1", 13), 59_753_666.19, 0.0, 0.006);
    near("net assets", l.at("hall.nav_partners", 13), 58_315_090.00, 0.0, 0.006);
    near("cost of the put", l.at("hall.guarantee_now", 13), 59_753_666.19 - 58_315_090.00, 0.0, 0.012);
    assert!(l.happened("hall", event::PUT, 13));
    assert!((1..=24).all(|t| t == 13 || !l.happened("hall", event::PUT, t)));
    // Due in month 14 with that month's return: × 1.12^(1/12) = 1.009488793, 60,320,656.36.
    near("due", l.at("hall.falls", 13), 60_320_656.36, 0.0, 0.006);
    // Paid in month 14, before its distribution, which is the lab's with all that follow.
    near("price", l.flow("hall", 0, 14), 60_320_656.36, 0.0, 0.006);
    for t in 14..=24 {
        near("held", l.at("hall.held", t), 0.0, 0.0, 0.0);
        near("to the lab", l.at("hall.to_lab", t), 4.5e6 - level, 0.0, 0.005);
    }
    // Cash of the lab: 1B + 24 x 100M - 20M - 20 x 5M + 9 x 231,917.52 - 60,320,656.36 + 11 x 927,670.06.
    let cash = 1e9 + 2_400e6 - 20e6 - 100e6 + 9.0 * part / 3.0 - 60_320_656.359 + 11.0 * (4.5e6 - level);
    near("cash", l.lane(24).lab.cash.0, cash, 0.0, 0.01);
    // What the price exceeds the stake by is an expense: 2,005,566.36. Carried: 20M less what came back, and the stake for its worth,
    // which is then returned by what the lab gets.
    let carried = 20e6 - 9.0 * part / 3.0 + 58_315_090.00 - 11.0 * (4.5e6 - level);
    near("carried", l.at("hall.carried", 24), carried, 0.0, 0.02);
    // The put gives the partners the 12% that it promises, whenever it is paid.
    near("return", ends(&model, 2, "hall.partners.irr")[0], 0.12, 1e-9, 0.0);
    let paid: f64 = (1..=14).map(|t| l.flow("hall", 0, t)).filter(|x| *x < 0.0).sum();
    let back: f64 = (1..=14).map(|t| l.flow("hall", 0, t)).filter(|x| *x > 0.0).sum();
    near("multiple", ends(&model, 2, "hall.partners.moic")[0], -back / paid, 1e-9, 0.0);
    // The lender gets 6% a year by month, whatever the partners do: 0.5% a month.
    near("lender", ends(&model, 2, "hall.lender.irr")[0], 1.005_f64.powi(12) - 1.0, 1e-9, 0.0);
}

#[test]
fn a_call_that_nobody_answers_is_paid_by_the_lab() {
    let venture = "{name: hall, kind: asset, commitment: {lab: 10M USD, partners: 40M USD}, calls: {over: 2 mo, unanswered: 100%/mo, gap: lab_covers}, power: 0.01 GW, rent: 24M USD/yr, term: 12 mo}";
    let model = model(&lab(14, venture));
    let l = Ledger::of(&model, 0);
    // 25M a month, 20M of it in the partners' place; so all is the lab's. Rent of 2M a month for the whole plan.
    l.cents("hall.paid_in", &[25e6, 25e6, 0.0]);
    l.cents("hall.called", &[0.0, 0.0, 0.0]);
    l.cents("hall.charge", &[0.0, 0.0, 2e6, 2e6]);
    l.cents("hall.to_lab", &[0.0, 0.0, 2e6, 2e6]);
    assert!(l.happened("hall", event::PARTNER_DEFAULT, 1) && !l.happened("hall", event::PARTNER_DEFAULT, 3));
    near("stake", l.at("hall.stake", 2), 1.0, 1e-15, 0.0);
    // When what is not paid is gone, the venture is a fifth of its plan, and rents for a fifth.
    let model = crate::common::model(&lab(14, &venture.replace(", gap: lab_covers", "")));
    let l = Ledger::of(&model, 0);
    l.cents("hall.paid_in", &[5e6, 5e6, 0.0]);
    l.cents("hall.charge", &[0.0, 0.0, 0.4e6, 0.4e6]);
    near("stake", l.at("hall.stake", 2), 1.0, 1e-15, 0.0);
}

#[test]
fn a_minimum_return_is_topped_up_at_the_end() {
    let venture = "{name: hall, kind: asset, commitment: {partners: 60M USD}, calls: {over: 1 mo}, power: 0.01 GW, rent: 24M USD/yr, term: 12 mo, residual: 20%, minimum_return: {rate: 10%/yr}}";
    let model = model(&lab(15, venture));
    let l = Ledger::of(&model, 0);
    // 60M at 10% a year are 66M after twelve months. 2M a month, compounded, are 2M x 0.1/(1.1^(1/12) - 1) = 25,081,071.9M, and the sale
    // brings 12M in month 13: 28.92M are missing, and paid in month 14.
    let missing = 66e6 - 2e6 * 0.1 / (1.1_f64.powf(1.0 / 12.0) - 1.0) - 12e6;
    near("missing", missing, 28.92e6, 0.0, 5e3);
    l.cents("hall.sale", &[0.0; 12]);
    near("sale", l.at("hall.sale", 13), 12e6, 0.0, 0.005);
    near("last", l.flow("hall", 0, 13), 14e6, 0.0, 0.005);
    assert!(l.happened("hall", event::GUARANTEE_CALLED | event::SOLD, 13));
    // With the return of the month that it waits: × 1.1^(1/12) = 1.007974140. So the partners have earned their 10%.
    let month = 1.1_f64.powf(1.0 / 12.0);
    near("top-up", l.flow("hall", 0, 14), missing * month, 0.0, 0.005);
    near("return", ends(&model, 2, "hall.irr")[0], 0.1, 1e-9, 0.0);
    // Before the end it stands in the lab's guarantees at what it would cost: 60M x 1.1^(6/12) - 2M x (1.1^(6/12) - 1)/(1.1^(1/12) - 1) less
    // the hardware of 60M x (1 - 0.8 x 6/12) = 36M after month 7, with a month's return.
    let half = 1.1_f64.sqrt();
    let now = 60e6 * half - 2e6 * (half - 1.0) / (1.1_f64.powf(1.0 / 12.0) - 1.0) - 36e6;
    near("guarantee", l.lane(7).lines.guarantee_now.0, now * month, 0.0, 0.005);
}

#[test]
fn the_lab_buys_the_partners_out() {
    let venture = "{name: hall, kind: asset, commitment: {partners: 60M USD}, calls: {over: 1 mo}, power: 0.01 GW, rent: 60M USD/yr, term: 24 mo, residual: 20%, discount_rate: 8%/yr, buy_out: {from: 2026-06, irr: 10%/yr, moic: 1.3x, keeps: 0 mo}}";
    let model = model(&lab(27, venture));
    let l = Ledger::of(&model, 0);
    // Five rents of 5M were paid by month 6. A multiple of 1.3 asks for 78 - 25 = 53M; the hardware is worth 60M x (1 - 0.8 x 5/24) = 50M; a
    // return of 10% asks for 37M. To the lab nineteen rents and a sale of 12M are worth more than 53M.
    near("price", l.at("hall.price", 6), 53e6, 0.0, 0.005);
    assert!(l.happened("hall", event::BOUGHT_OUT, 7));
    near("bought", l.flow("hall", 0, 7), 53e6, 0.0, 0.005);
    near("to the lab", l.at("hall.to_lab", 7), 5e6, 0.0, 0.005);
    near("sale", l.at("hall.to_lab", 25), 17e6, 0.0, 0.005);
    near("multiple", ends(&model, 2, "hall.moic")[0], 1.3, 1e-12, 0.0);
}

#[test]
fn partners_step_in_when_the_rent_is_not_paid() {
    let venture = "{name: hall, kind: asset, commitment: {partners: 60M USD}, calls: {over: 1 mo}, power: 0.01 GW, rent: 60M USD/yr, term: 24 mo, residual: 20%, step_in: {after: 2 mo, vacancy: 2 mo, rent: 50%}}";
    let text = lab(14, venture)
        .replace("cash: 1B USD", "cash: 5M USD")
        .replace("run_rate: 1.2B USD/yr", "run_rate: 36M USD/yr");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    // Cash: 8M after month 1, then 2M less each month: 6, 4, 2, 0. Month 6: 3M of 5M are paid, month 7: 3M of 7M. That is the second month in
    // arrears: from month 8 on the lab has no power and pays the arrears of 4M: 3M and 1M. Two months are empty, then there is a tenant at half
    // the rent.
    let paid = [0.0, 5e6, 5e6, 5e6, 5e6, 3e6, 3e6, 3e6, 1e6, 2.5e6, 2.5e6];
    l.cents("hall.arrears", &[0.0, 0.0, 0.0, 0.0, 0.0, 2e6, 4e6, 1e6, 0.0]);
    l.cents("hall.distributed", &paid);
    assert!(l.happened("hall", event::STEP_IN, 7) && l.happened("hall", event::RELET, 10));
    near("cash", l.lane(9).lab.cash.0, 2e6, 0.0, 0.005);
    assert_eq!(l.lane(8).lines.capacity_gw + 0.0, 0.0);
    assert!(l.lane(14).lab.alive > 0.0);
}

#[test]
fn a_lab_that_fails_under_a_venture() {
    // As above, but nobody steps in: arrears of 2, 4, 6M after months 6 to 8, and month 9 is the fourth, when the lab fails.
    let venture = "{name: hall, kind: asset, commitment: {partners: 60M USD}, calls: {over: 1 mo}, power: 0.01 GW, rent: 60M USD/yr, term: 24 mo, residual: 20%, minimum_return: {rate: 10%/yr}}";
    let text = lab(14, venture)
        .replace("cash: 1B USD", "cash: 5M USD")
        .replace("run_rate: 1.2B USD/yr", "run_rate: 36M USD/yr")
        .replace(
            "instruments:",
            "  default: {liquidation: 0.5x, cost: 0%, delay: 0 mo, damages: 6 mo, receivables: 0%}\ninstruments:",
        );
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    assert_eq!(l.lane(9).accounts.ended, 9.0);
    // Its estate is 0.5 x 36M = 18M, and the venture alone claims, more than that: all of it goes to the venture and its partners.
    // Arrears are 8M; damages six months of 5M at 8 %/12; the minimum return 60M x 1.1^(8/12) less what came, compounded, less the hardware of
    // 60M x (1 - 0.8 x 8/24) = 44M.
    let (i, g) = (0.08 / 12.0, 1.1_f64.powf(1.0 / 12.0));
    let damages = 5e6 * (1.0 - (1.0_f64 + i).powi(-6)) / i;
    let came = [(2, 5e6), (3, 5e6), (4, 5e6), (5, 5e6), (6, 3e6), (7, 3e6), (8, 3e6), (9, 3e6)];
    let compounded = 60e6 * g.powi(8) - came.iter().map(|&(t, x)| x * g.powi(9 - t)).sum::<f64>();
    let claim = 8e6 + damages + (compounded - 44e6).max(0.0);
    near("claimed", l.at("hall.claimed", 9), claim, 0.0, 0.02);
    let to_partners = 18e6 * (compounded - 44e6).max(0.0) / claim;
    near("partners", l.flow("hall", 0, 9), 3e6 + to_partners, 0.0, 0.02);
    // The rest goes down the waterfall in month 10, with the sale of 60M x (1 - 0.8 x 9/24) = 42M.
    near("wound up", l.flow("hall", 0, 10), 18e6 - to_partners + 42e6, 0.0, 0.02);
    let got: f64 = 32e6 + 18e6 + 42e6;
    near("loss", l.at("hall.loss", 14), (60e6 - got).max(0.0), 0.0, 0.02);
}
