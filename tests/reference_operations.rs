//! Operations against `tests/vectors/operations_structuring.json`: S-curves, learning, elasticity, losses carried
//! forward and guarantees, through the parts and rooms that have them.

mod common;

use common::job;
use common::vectors::{FLAT, bare_lab, cases, near, num, read};
use gapcast::engine::books::Books;
use gapcast::engine::books::Lines;
use gapcast::engine::part::{Lane, Now, stage};
use gapcast::engine::reference::Path;
use gapcast::engine::resolution::{Award, Outcome};
use gapcast::engine::room::{LAGS, Market, Room, TAPE, View};
use gapcast::instruments::RoomSpec;
use gapcast::instruments::spv::Spv;
use gapcast::language::quantity::Inputs;
use gapcast::parts::{OnePart, PartSpec};
use gapcast::units::Usd;
use serde_json::Value;

/// Kinds that `tests/reference_stats.rs` and `tests/reference_project_finance.rs` cover.
const ELSEWHERE: [&str; 10] = [
    "average_balance_interest",
    "construction_circularity",
    "fund_metrics",
    "funding_need",
    "hhi",
    "lease_pv",
    "run_rate",
    "run_rate_vs_recognised",
    "sculpted_monthly",
    "wacc",
];
/// Kinds of what is not built: no Bass curve, no newsvendor order rule.
const NOT_BUILT: [&str; 3] = ["bass", "newsvendor_lognormal", "newsvendor_normal"];

/// The file's tolerance.
fn same(what: &str, found: f64, expected: &Value) {
    near(what, found, num(expected), 1e-9, 1e-9);
}

fn now(t: usize) -> Now {
    Now { t: t as f64, ahead: t as f64, normal: [0.0; 2], uniform: [1.0; 2], past: [[0.0; TAPE]; LAGS] }
}

/// The closed curves in monthly steps, `per` steps to the vector's unit of time.
fn s_curves(id: &str, input: &Value, expected: &Value) {
    let [k, start, r, b, t] = ["K", "N0", "logistic_r", "gompertz_b", "t"].map(|n| num(&input[n]));
    for per in [1.0, 4.0, 12.0] {
        let months = (t * per) as usize;
        // A Gompertz curve's growth today is `b ln(K/N0)`.
        for (form, x) in [("logistic", r / per), ("gompertz", b / per * (k / start).ln())] {
            let x = x * 100.0;
            let demand = format!(
                "{{growth: {{now: {x:?}%/mo, later: {x:?}%/mo, half_life: 12 mo}}, growth_is: underlying, saturation: {form}, ceiling: {k} USD/mo, segments: [{{all: {{run_rate: {start} USD/mo}}}}]}}"
            );
            let job = job(&bare_lab(months as u32, &demand, ""));
            let mut path = Path::new(&job.plan, 0);
            for t in 1..=months {
                path.month(t).unwrap();
            }
            same(&format!("{id} {form} {per}"), path.lane.ops.demand.0, &expected[form]);
            assert_eq!(path.lane.ops.clamps, 0.0);
        }
    }
}

/// Constant demand and one month of experience: before month `x` the cumulative work is `x`.
fn learning(id: &str, input: &Value, expected: &Value) {
    let [c0, rate, x0, x] = ["c0", "learning_rate", "x0", "x"].map(|n| num(&input[n]));
    let months = (x / x0) as usize;
    let rest = bare_lab(months as u32, FLAT, "").replace(
        "gross_margin: {now: 100%, later: 100%, over: 12 mo}",
        &format!("power: {{power: {c0} GW, serves: 1B USD/mo, learning: {}%, experience: 1 mo}}", rate * 100.0),
    );
    let job = job(&rest);
    let mut path = Path::new(&job.plan, 0);
    for t in 1..=months {
        path.month(t).unwrap();
        let b = num(&expected["b"]);
        near(id, path.lane.ops.inference_need, c0 * (t as f64).powf(-b), 1e-9, 1e-9);
    }
    same(id, path.lane.ops.inference_need, &expected["unit_cost"]);
}

/// Revenue of a lab whose mix price falls once: price and volume move by the elasticity.
fn elasticity(id: &str, input: &Value, expected: &Value) {
    let [p0, q0, e, p1] = ["p0", "q0", "elasticity", "p1"].map(|n| num(&input[n]));
    let demand = FLAT.replace("segments", &format!("price: {{volatility: 50%/mo, elasticity: {e}}}, segments"));
    let job = job(&bare_lab(1, &demand, ""));
    let spec = job.plan.parts.iter().map(|p| &p.spec).find(|s| matches!(s, PartSpec::Price(_))).unwrap();
    let mut lane = Lane::default();
    let mut part = spec.one(&Inputs::new(&[]), &mut lane);
    let mut month = now(1);
    month.normal[0] = (p0 / p1).ln() / 0.5;
    part.step::<{ stage::OPERATE }>(&month, &mut lane);
    let revenue = p0 * q0 * lane.ops.common.exp();
    same(id, revenue, &expected["revenue"]);
    same(id, revenue / p1, &expected["volume"]);
}

/// The lab's cash part with a stated income each month, in equal months of each year.
fn nol(id: &str, input: &Value, expected: &Value) {
    let incomes: Vec<f64> = input["taxable_income_before_nol"].as_array().unwrap().iter().map(num).collect();
    for (payment, start) in [("annual", "2026-01"), ("estimated", "2026-01"), ("annual", "2026-07")] {
        let tax = format!(
            "  tax: {{rate: {}%, loss_limit: {}%, payment: {payment}, year: {}}}\n",
            num(&input["rate"]) * 100.0,
            num(&input["limit_fraction"]) * 100.0,
            if start == "2026-07" { "simulated" } else { "calendar" },
        );
        let text = bare_lab(72, FLAT, &tax).replace("2026-01", start);
        let job = job(&text);
        let PartSpec::Treasury(_) = &job.plan.parts.last().unwrap().spec else { panic!() };
        let mut lane = Lane::default();
        lane.lab.alive = 1.0;
        let mut part: OnePart = job.plan.parts.last().unwrap().spec.one(&Inputs::new(&[]), &mut lane);
        let mut total = 0.0;
        for (year, income) in incomes.iter().enumerate() {
            let mut paid = 0.0;
            for month in 1..=12 {
                lane.lines = Lines::default();
                lane.lab.revenue = Usd(income.max(0.0) / 12.0);
                lane.ops.other = Usd((-income).max(0.0) / 12.0);
                let t = now(year * 12 + month);
                part.step::<{ stage::BILL }>(&t, &mut lane);
                part.step::<{ stage::PAY }>(&t, &mut lane);
                part.step::<{ stage::MARK }>(&t, &mut lane);
                paid += lane.lines.tax.0 - lane.lines.tax_refund.0;
                let in_year = payment == "estimated" || month == 12;
                assert!(in_year || lane.lines.tax.0 == 0.0, "{id}: annual tax falls due in the last month");
            }
            let row = &expected["by_year"][year];
            same(&format!("{id} {payment} year {} tax", year + 1), paid, &row["tax"]);
            same(&format!("{id} {payment} year {} balance", year + 1), lane.accounts.nol.0, &row["balance"]);
            total += paid;
        }
        same(id, total, &expected["total_tax"]);
        let earned: f64 = incomes.iter().sum();
        near(id, lane.accounts.retained.0, earned - total, 1e-9, 1e-9);
    }
}

/// The vehicle when the lab ends: what the hardware fetches goes to the tranche, the guarantor pays the rest up to the cap.
fn guarantee(id: &str, input: &Value, expected: &Value) {
    let [value, cap, loan] = ["asset_value", "guarantee_cap", "loan_balance"].map(|n| num(&input[n]));
    let rest = format!(
        "instruments:
  - spv:
      name: lease
      capex: {loan} USD
      power: 0.1 GW
      deliveries: {{start: 2026-01}}
      lease: {{term: 12 mo}}
      value_first_year: 0%
      value_later: 0%
      tranches: [{{a: {{amount: {loan} USD, rate: 0%/yr, guarantee: {{by: maker, covers: 100%, cap: {cap} USD}}}}}}]
"
    );
    let job = job(&bare_lab(3, FLAT, &rest));
    let RoomSpec::Spv(spec) = &job.plan.rooms[0].spec else { panic!() };
    let room = Spv::terms(spec, &Inputs::new(&[]));
    let mut own = room.opening();
    own.balance[0] = Usd(loan);
    let market = Market { resale: value / loan, ..Default::default() };
    let see = View { t: 2.0, ahead: 2.0, market, ..View::default() };
    let mut books = Books::NONE;
    let award = Award { outcome: Outcome::Liquidated, ..Award::default() };
    room.resolve(&see, &mut own, &award, &mut books);
    same(id, own.called[0].0, &expected["guarantor_pays"]);
    same(id, own.loss[0].0, &expected["lender_loss"]);
    same(id, own.loss[0].0 / loan, &expected["lgd"]);
    assert_eq!((own.claim[0], own.balance[0]), (Usd(loan), Usd::ZERO));
    // Buyer and guarantor are third parties: the tranche and the equity get what they pay.
    near(id, books.provider.iter().sum::<f64>() + books.third, 0.0, 0.0, 1e-9);
    near(id, books.provider[0], loan - num(&expected["lender_loss"]), 1e-12, 0.0);
}

#[test]
fn every_case_that_is_built() {
    let file = read("operations_structuring");
    let kinds: Vec<&str> = file["cases"].as_array().unwrap().iter().map(|c| c["kind"].as_str().unwrap()).collect();
    let (mut run, mut skipped) = (0, std::collections::BTreeSet::new());
    for ((id, input, expected), kind) in cases(&file).zip(kinds) {
        match kind {
            "s_curves" => s_curves(id, input, expected),
            "wright_learning_curve" => learning(id, input, expected),
            "constant_elasticity" => elasticity(id, input, expected),
            "nol" => nol(id, input, expected),
            "residual_value_guarantee" => guarantee(id, input, expected),
            other => {
                assert!(ELSEWHERE.contains(&other) || NOT_BUILT.contains(&other), "{id}: unknown kind {other}");
                skipped.insert(other);
                continue;
            }
        }
        run += 1;
    }
    assert_eq!((run, skipped.len()), (8, ELSEWHERE.len() + NOT_BUILT.len()));
}
