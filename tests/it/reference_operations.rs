//! Operations against `tests/vectors/operations_structuring.json`: S-curves, learning, elasticity, losses carried
//! forward and guarantees, through the parts and instruments that have them.

use crate::common::model;
use crate::common::vectors::{FLAT, bare_lab, cases, near, num, read};
use gapcast::components::ComponentSpec;
use gapcast::engine::books::Books;
use gapcast::engine::books::Lines;
use gapcast::engine::component::{Lane, Now, stage};
use gapcast::engine::instrument::{HISTORY, Instrument, LAGS, Market, View};
use gapcast::engine::math::{normal_cdf, normal_quantile};
use gapcast::engine::reference::Path;
use gapcast::engine::resolution::{Award, Outcome};
use gapcast::instruments::InstrumentSpec;
use gapcast::instruments::spv::Spv;
use gapcast::language::quantity::Inputs;
use gapcast::plan::{component_spec, instrument_spec};
use gapcast::units::Usd;
use serde_json::Value;

/// Kinds that `tests/it/reference_stats.rs`, `tests/it/reference_project_finance.rs` and the worked case cover (concentration, funding), and
/// those that the program does not compute (`run_rate` of a consumption, cost of capital).
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
/// The file's tolerance.
fn same(what: &str, found: f64, expected: &Value) {
    near(what, found, num(expected), 1e-9, 1e-9);
}

fn now(t: usize) -> Now {
    Now { t: t as f64, ahead: t as f64, normal: [0.0; 2], uniform: [1.0; 2], past: [[0.0; HISTORY]; LAGS] }
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
            let model = model(&bare_lab(months as u32, &demand, ""));
            let mut path = Path::new(&model.plan, 0);
            for t in 1..=months {
                path.month(t).unwrap();
            }
            same(&format!("{id} {form} {per}"), path.lane.ops.demand.0, &expected[form]);
            assert_eq!(path.lane.ops.clamps, 0.0);
        }
    }
}

/// Diffusion from where the closed curve is after one unit of time, in monthly steps.
fn bass(id: &str, input: &Value, expected: &Value) {
    let [m, p, q, t] = ["m", "p", "q", "t"].map(|n| num(&input[n]));
    let fallen = (-(p + q)).exp();
    let start = m * (1.0 - fallen) / (1.0 + q / p * fallen);
    for per in [1.0, 4.0, 12.0] {
        let (months, peak) = (((t - 1.0) * per) as usize, num(&expected["peak_time"]));
        let all = months.max(((peak + 1.0) * per) as usize);
        let [innovation, imitation] = [p, q].map(|x| x / per * 100.0);
        let demand = format!(
            "{{growth: {{now: 0%/mo, later: 0%/mo, half_life: 12 mo}}, growth_is: underlying, saturation: bass, bass: {{innovation: {innovation:?}%/mo, imitation: {imitation:?}%/mo}}, ceiling: {m} USD/mo, segments: [{{all: {{run_rate: {start:?} USD/mo}}}}]}}"
        );
        let model = model(&bare_lab(all as u32, &demand, ""));
        let mut path = Path::new(&model.plan, 0);
        let (mut before, mut most, mut at) = (start, 0.0, 0);
        for month in 1..=all {
            path.month(month).unwrap();
            let now = path.lane.ops.demand.0;
            if now - before > most {
                (most, at) = (now - before, month);
            }
            before = now;
            if month == months {
                same(&format!("{id} {per}"), now, &expected["cumulative"]);
                let filled = now / m;
                same(&format!("{id} {per} rate"), (p + q * filled) * (m - now), &expected["rate"]);
            }
        }
        assert_eq!(path.lane.ops.clamps, 0.0);
        // The month with the largest increase contains the peak; its growth is that of the peak, less the decline
        // within the month.
        let found = (at as f64 - 0.5) / per + 1.0;
        assert!((found - peak).abs() <= 0.51 / per, "{id} {per}: peak at {found}");
        let rate = most * per / num(&expected["peak_rate"]);
        assert!(rate <= 1.0 + 1e-12 && rate > 1.0 - 0.02 / per, "{id} {per}: {rate}");
    }
}

/// A lab that orders by the newsvendor: an order of month 1 comes in month 2 and stands until the next one could come; demand
/// varies by 60% a month till then. Power costs 1B a GW-month, and `1 + u` of that when it is bought for the month; the take-or-pay
/// share is the cost of idle power. The program takes the expectation over 31 equally likely values of demand, so that its target
/// is within one of them of the exact quantile.
fn newsvendor(id: &str, log: bool, input: &Value, expected: &Value) {
    let [mu, sigma, under, over] = ["mu", "sigma", "underage_cost", "overage_cost"].map(|n| num(&input[n]));
    let critical = under / (under + over);
    same(id, critical, &expected["critical_fractile"]);
    let at = mu + sigma * normal_quantile(critical);
    same(id, if log { at.exp() } else { at }, &expected["quantity"]);
    let demand =
        FLAT.replace("half_life: 12 mo", "half_life: 0.01 mo").replace("segments", "volatility: 60%/mo, segments");
    let market = format!("world: {{compute_price: {{contract: 12B USD/GW-yr, spot: {:?}x}}}}\n", 1.0 + under);
    let text = bare_lab(2, &demand, &market).replace(
        "compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}",
        &format!(
            "compute: {{inference: {{power: {{power: 0.5 GW, serves: 1B USD/mo}}}}, orders: {{policy: newsvendor, lead: 1 mo, every: 3 mo, term: 3 mo, take_or_pay: {:?}%}}}}",
            over * 100.0
        ),
    );
    let model = model(&text);
    for k in 0..8 {
        let mut path = Path::new(&model.plan, k);
        path.month(1).unwrap();
        let need = path.lane.ops.need_gw;
        path.month(2).unwrap();
        let below = normal_cdf((path.lane.ops.place_gw / need).ln() / 0.6);
        assert!((below - critical).abs() <= 1.0 / 31.0, "{id}: ordered up to {below} instead of {critical}");
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
    let model = model(&rest);
    let mut path = Path::new(&model.plan, 0);
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
    let model = model(&bare_lab(1, &demand, ""));
    let spec =
        &model.plan.components.iter().find(|p| matches!(component_spec(p), ComponentSpec::Price(_))).unwrap().spec;
    let mut lane = Lane::default();
    let mut part = spec.scalar(&Inputs::new(&[]), &mut lane);
    let mut month = now(1);
    month.normal[0] = (p0 / p1).ln() / 0.5;
    part.step(stage::OPERATE, &month, &mut lane);
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
        let model = model(&text);
        let last = model.plan.components.last().unwrap();
        assert!(matches!(component_spec(last), ComponentSpec::Treasury(_)));
        let mut lane = Lane::default();
        lane.lab.alive = 1.0;
        let mut part = last.spec.scalar(&Inputs::new(&[]), &mut lane);
        let mut total = 0.0;
        for (year, income) in incomes.iter().enumerate() {
            let mut paid = 0.0;
            for month in 1..=12 {
                lane.lines = Lines::default();
                lane.lab.revenue = Usd(income.max(0.0) / 12.0);
                lane.ops.other = Usd((-income).max(0.0) / 12.0);
                let t = now(year * 12 + month);
                part.step(stage::BILL, &t, &mut lane);
                part.step(stage::PAY, &t, &mut lane);
                part.step(stage::MARK, &t, &mut lane);
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
      value: {{first_year: 0%, later: 0%}}
      tranches: [{{a: {{amount: {loan} USD, rate: 0%/yr, guarantee: {{by: maker, covers: 100%, cap: {cap} USD}}}}}}]
"
    );
    let model = model(&bare_lab(3, FLAT, &rest));
    let InstrumentSpec::Spv(spec) = instrument_spec(&model.plan.instruments[0]) else { panic!() };
    let instrument = Spv::terms(spec, &Inputs::new(&[]));
    let mut own = instrument.opening();
    (own.balance[0], own.vintages.old) = (Usd(loan), Usd(loan));
    let market = Market { resale: value / loan, ..Default::default() };
    let see = View { t: 2.0, ahead: 2.0, market, ..View::default() };
    let mut books = Books::NONE;
    let award = Award { outcome: Outcome::Liquidated, ..Award::default() };
    instrument.resolve(&see, &mut own, &award, &mut books);
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
            "bass" => bass(id, input, expected),
            "newsvendor_normal" | "newsvendor_lognormal" => {
                newsvendor(id, kind.ends_with("lognormal"), input, expected);
            }
            "residual_value_guarantee" => guarantee(id, input, expected),
            other => {
                assert!(ELSEWHERE.contains(&other), "{id}: unknown kind {other}");
                skipped.insert(other);
                continue;
            }
        }
        run += 1;
    }
    assert_eq!((run, skipped.len()), (13, ELSEWHERE.len()));
}
