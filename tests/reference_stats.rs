//! The statistics against independent numbers:
//! `tests/vectors/{statistics_scoring,tvm_irr_annuity,operations_structuring}.json`.
//!
//! Every case is run at its file's tolerance; a kind of case that is not known here fails the test.

use std::collections::BTreeSet;

use gapcast::stats::irr::{self, Irr};
use gapcast::stats::moments::{Moments, lag1_autocorrelation};
use gapcast::stats::quantile::{QuantileType, quantile, tail_risk};
use gapcast::stats::{interval, ratios, score, special, tvm};
use serde_json::Value;

/// A file of vectors with its tolerance.
struct File {
    json: Value,
    rel: f64,
    abs: f64,
}

impl File {
    fn read(name: &str) -> File {
        let path = format!("{}/tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let json: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let (rel, abs) = (num(&json["tolerance"]["rel"]), num(&json["tolerance"]["abs"]));
        assert_eq!(json["n_cases"].as_u64().unwrap() as usize, json["cases"].as_array().unwrap().len());
        File { json, rel, abs }
    }
    fn cases(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        let cases = self.json["cases"].as_array().unwrap();
        cases.iter().map(|c| (c["id"].as_str().unwrap(), c["kind"].as_str().unwrap(), c))
    }
    fn close(&self, id: &str, found: f64, expected: &Value) {
        near(id, found, num(expected), self.rel, self.abs);
    }
}

fn near(id: &str, found: f64, expected: f64, rel: f64, abs: f64) {
    assert!((found - expected).abs() <= abs + rel * expected.abs(), "{id}: {found} instead of {expected}");
}

fn num(v: &Value) -> f64 {
    v.as_f64().unwrap_or_else(|| panic!("a number, not {v}"))
}

/// Optional arguments of spreadsheet functions are 0.
fn num_or_zero(v: &Value) -> f64 {
    if v.is_null() { 0.0 } else { num(v) }
}

fn int(v: &Value) -> u32 {
    v.as_u64().unwrap_or_else(|| panic!("a whole number, not {v}")).try_into().unwrap()
}

fn list(v: &Value) -> Vec<f64> {
    v.as_array().unwrap_or_else(|| panic!("a list, not {v}")).iter().map(num).collect()
}

fn sorted(v: &Value) -> Vec<f64> {
    let mut x = list(v);
    x.sort_unstable_by(f64::total_cmp);
    x
}

fn moments(file: &File, id: &str, input: &Value, expected: &Value) {
    let data = if input["data"].is_null() {
        let mut data = vec![num(&input["first"])];
        for _ in 0..int(&input["repeats"]) {
            data.extend(list(&input["alternate"]));
        }
        assert_eq!(data.len(), int(&input["n"]) as usize);
        data
    } else {
        list(&input["data"])
    };
    // The header's tolerances of the standard deviation, in words there.
    let (sd, lag) = match id {
        "NumAcc1" => (1e-14, 1e-14),
        "NumAcc2" => (1e-13, 1e-13),
        // The data are not exact in f64; the header gives no tolerance for the autocorrelation: that of the sd.
        "NumAcc3" => (1e-9, 1e-9),
        "NumAcc4" => (1e-8, 1e-8),
        _ => panic!("unknown set {id}"),
    };
    let mean = num(&file.json["tolerance"]["nist_mean_rel"]);
    let whole = Moments::of(&data);
    // Merged in pieces too: a long run is.
    let merged = data.chunks(100).map(Moments::of).fold(Moments::default(), Moments::merge);
    for m in [whole, merged] {
        near(id, m.mean, num(&expected["mean"]), mean, 0.0);
        near(id, m.sd(), num(&expected["sd_sample"]), sd, 0.0);
    }
    near(id, lag1_autocorrelation(&data), num(&expected["lag1_autocorrelation"]), lag, 0.0);
}

fn quantile_types(file: &File, id: &str, input: &Value, expected: &Value) {
    let x = sorted(&input["x"]);
    for (name, values) in expected.as_object().unwrap() {
        let kind = match name.as_str() {
            "type1" => QuantileType::Inverse,
            "type2" => QuantileType::InverseAveraged,
            "type4" => QuantileType::InverseLinear,
            "type5" => QuantileType::Hazen,
            "type6" => QuantileType::Weibull,
            "type7" => QuantileType::Linear,
            "type8" => QuantileType::MedianUnbiased,
            "type9" => QuantileType::NormalUnbiased,
            other => panic!("unknown {other}"),
        };
        for (p, value) in list(&input["p"]).into_iter().zip(values.as_array().unwrap()) {
            file.close(&format!("{id} {name} {p}"), quantile(&x, p, kind), value);
        }
    }
}

type Interval = fn(u64, u64, f64) -> (f64, f64);

fn binomial_interval(file: &File, id: &str, input: &Value, expected: &Value) {
    let (k, n, level) = (input["k"].as_u64().unwrap(), input["n"].as_u64().unwrap(), num(&input["level"]));
    let p = k as f64 / n as f64;
    file.close(id, p, &expected["estimate"]);
    // The vectors have √(p(1−p)/n); ours is of the sample's variance, with n − 1.
    let population = interval::proportion_se(p, n) * ((n - 1) as f64 / n as f64).sqrt();
    file.close(id, if n > 1 { population } else { (p * (1.0 - p)).sqrt() }, &expected["se"]);
    let methods: [(&str, Interval); 3] = [
        ("wilson", interval::wilson),
        ("clopper_pearson", interval::clopper_pearson),
        ("jeffreys", interval::jeffreys),
    ];
    for (name, method) in methods {
        let (low, high) = method(k, n, level);
        file.close(&format!("{id} {name} low"), low, &expected[name][0]);
        file.close(&format!("{id} {name} high"), high, &expected[name][1]);
    }
    let paths = interval::paths_for_relative_se(p, 0.1);
    match paths {
        Some(paths) => file.close(id, paths, &expected["n_for_se_10pct_of_p"]),
        None => assert!(expected["n_for_se_10pct_of_p"].is_null()),
    }
}

#[test]
fn statistics_and_scoring() {
    let file = File::read("statistics_scoring");
    let mut run = 0;
    for (id, kind, case) in file.cases() {
        let (input, expected) = (&case["input"], &case["expected"]);
        match kind {
            "moments" => moments(&file, id, input, expected),
            "quantile_types" => quantile_types(&file, id, input, expected),
            "var_cvar_upper_tail" => {
                let risk = tail_risk(&sorted(&input["losses"]), num(&input["alpha"]));
                file.close(id, risk.var, &expected["var_type1"]);
                file.close(id, risk.cvar, &expected["cvar"]);
            }
            "crps_normal" => {
                let forecast = score::Normal { mu: num(&input["mu"]), sigma: num(&input["sigma"]) };
                let y = num(&input["y"]);
                file.close(id, forecast.crps(y), &expected["crps"]);
                file.close(id, forecast.log_score(y), &expected["log_score"]);
                file.close(id, forecast.pit(y), &expected["pit"]);
            }
            "crps_lognormal" => {
                let crps = score::crps_lognormal(num(&input["mu_log"]), num(&input["sigma_log"]), num(&input["y"]));
                file.close(id, crps, &expected["crps"]);
            }
            "crps_ensemble" => {
                let crps = score::crps_ensemble(&sorted(&input["ensemble"]), num(&input["y"]));
                file.close(id, crps.standard, &expected["crps_standard"]);
                file.close(id, crps.fair, &expected["crps_fair"]);
            }
            "pinball_and_interval" => {
                let loss = score::pinball(num(&input["q"]), num(&input["tau"]), num(&input["y"]));
                file.close(id, loss, &expected["pinball"]);
            }
            "interval_score" => {
                let [lower, upper, alpha, y] = ["lower", "upper", "alpha", "y"].map(|k| num(&input[k]));
                file.close(id, score::interval_score(lower, upper, alpha, y), &expected["score"]);
            }
            "binomial_interval" => binomial_interval(&file, id, input, expected),
            "quantile_order_statistic_interval" => {
                let (n, p) = (input["n"].as_u64().unwrap(), num(&input["p"]));
                let ranks = interval::quantile_ranks(n, p, num(&input["level"]));
                assert_eq!(ranks.lower, expected["lower_rank"].as_u64().unwrap());
                assert_eq!(ranks.upper, expected["upper_rank"].as_u64().unwrap());
                file.close(id, ranks.coverage, &expected["coverage"]);
                let density = special::normal_pdf(special::normal_quantile(p));
                file.close(id, interval::quantile_se(n, p, density), &expected["asymptotic_se_standard_normal"]);
            }
            other => panic!("{id}: unknown kind {other}"),
        }
        run += 1;
    }
    assert_eq!(run, 24);
}

fn roots(file: &File, id: &str, found: &Irr, case: &Value) {
    let expected = case["expected_roots"].as_array().unwrap();
    assert_eq!(found.roots().len(), int(&case["n_roots"]) as usize, "{id}: {found:?}");
    for (root, value) in found.roots().iter().zip(expected) {
        file.close(id, *root, value);
    }
    match found {
        Irr::None => assert!(expected.is_empty()),
        Irr::One(_) => assert_eq!(expected.len(), 1),
        Irr::Several(all) => assert!(all.len() > 1),
    }
}

/// (days since 1970, amount) of a case.
fn dated(case: &Value) -> Vec<(f64, f64)> {
    let origin = jiff::civil::date(1970, 1, 1);
    let days = case["dates"].as_array().unwrap().iter().map(|date| {
        let date: jiff::civil::Date = date.as_str().unwrap().parse().unwrap();
        f64::from(date.since(origin).unwrap().get_days())
    });
    days.zip(list(&case["cashflows"])).collect()
}

fn due(args: &Value) -> tvm::Due {
    match args["due"].as_str() {
        None | Some("end") => tvm::Due::End,
        Some("begin") => tvm::Due::Begin,
        Some(other) => panic!("unknown {other}"),
    }
}

/// A spreadsheet function of one number.
fn function(id: &str, kind: &str, a: &Value) -> f64 {
    let of = |k: &str| num(&a[k]);
    match kind {
        "pmt" => tvm::pmt(of("rate"), of("nper"), of("pv"), num_or_zero(&a["fv"]), due(a)),
        "ppmt" => tvm::ppmt(of("rate"), int(&a["per"]), int(&a["nper"]), of("pv")),
        "ipmt" => tvm::ipmt(of("rate"), int(&a["per"]), int(&a["nper"]), of("pv")),
        "cumipmt" => tvm::cumipmt(of("rate"), int(&a["nper"]), of("pv"), int(&a["first"]), int(&a["last"])),
        "cumprinc" => tvm::cumprinc(of("rate"), int(&a["nper"]), of("pv"), int(&a["first"]), int(&a["last"])),
        "nper" => tvm::nper(of("rate"), of("pmt"), of("pv"), num_or_zero(&a["fv"]), due(a)).unwrap(),
        "rate" => match tvm::rate(int(&a["nper"]), of("pmt"), of("pv"), num_or_zero(&a["fv"]), due(a)) {
            Irr::One(r) => r,
            other => panic!("{id}: {other:?}"),
        },
        "effective_rate" => tvm::effective_rate(of("nominal"), int(&a["m"])),
        "nominal_rate" => tvm::nominal_rate(of("effective"), int(&a["m"])),
        "monthly_rate_from_effective_annual" => tvm::monthly_from_effective(of("effective")),
        "monthly_rate_from_nominal_annual" => tvm::monthly_from_nominal(of("nominal"), int(&a["m"])),
        "sln" => tvm::sln(of("cost"), of("salvage"), of("life")),
        "syd" => tvm::syd(of("cost"), of("salvage"), of("life"), of("per")),
        "ddb" => tvm::ddb(of("cost"), of("salvage"), of("life"), int(&a["per"]), of("factor")),
        other => panic!("{id}: unknown kind {other}"),
    }
}

#[test]
fn time_value_of_money() {
    let file = File::read("tvm_irr_annuity");
    let mut run = 0;
    for (id, kind, case) in file.cases() {
        match kind {
            "irr" => roots(&file, id, &irr::irr(&list(&case["cashflows"])), case),
            "xirr" => roots(&file, id, &irr::xirr(&dated(case)), case),
            "xnpv" => file.close(id, irr::xnpv(num(&case["rate"]), &dated(case)), &case["expected"]),
            "npv" => {
                let rate = num(&case["rate"]);
                let later = (1.0 + rate).powi(i32::try_from(int(&case["first_flow_at_period"])).unwrap());
                file.close(id, irr::npv(rate, &list(&case["cashflows"])) / later, &case["expected"]);
            }
            "mirr" => {
                let (finance, reinvest) = (num(&case["finance_rate"]), num(&case["reinvest_rate"]));
                file.close(id, irr::mirr(&list(&case["cashflows"]), finance, reinvest), &case["expected"]);
            }
            "macrs_half_year" => {
                let shares = tvm::macrs_half_year(int(&case["args"]["class_years"])).unwrap();
                let expected = case["expected"].as_array().unwrap();
                assert_eq!(shares.len(), expected.len());
                for (share, value) in shares.iter().zip(expected) {
                    file.close(id, *share, value);
                }
            }
            _ => file.close(id, function(id, kind, &case["args"]), &case["expected"]),
        }
        run += 1;
    }
    assert_eq!(run, 51);
}

/// Kinds of `operations_structuring.json` that belong to drivers, the lab and instruments, and are tested there.
const ELSEWHERE: [&str; 12] = [
    "average_balance_interest",
    "bass",
    "constant_elasticity",
    "construction_circularity",
    "lease_pv",
    "newsvendor_lognormal",
    "newsvendor_normal",
    "nol",
    "residual_value_guarantee",
    "s_curves",
    "sculpted_monthly",
    "wright_learning_curve",
];

fn fund_metrics(file: &File, id: &str, input: &Value, expected: &Value) {
    let [paid, received] = ["contributions_monthly", "distributions_monthly"].map(|k| list(&input[k]));
    let fund = ratios::fund_metrics(&paid, &received, num(&input["residual_nav"]));
    file.close(id, fund.dpi, &expected["dpi"]);
    file.close(id, fund.rvpi, &expected["rvpi"]);
    file.close(id, fund.tvpi, &expected["tvpi"]);
    file.close(id, fund.tvpi, &expected["moic"]);
    let Irr::One(monthly) = fund.irr else { panic!("{id}: {:?}", fund.irr) };
    file.close(id, monthly, &expected["irr_monthly"]);
    file.close(id, tvm::effective_from_monthly(monthly), &expected["irr_effective_annual"]);
}

fn funding_need(file: &File, id: &str, input: &Value, expected: &Value) {
    let flows = list(&input["monthly_net_flow_before_financing"]);
    let need = ratios::funding_need(num(&input["opening_cash"]), &flows);
    let month = |v: &Value| v.as_u64().map(|t| t as usize);
    assert_eq!(need.first_negative, month(&expected["first_month_cash_negative"]), "{id}");
    file.close(id, need.peak_deficit, &expected["peak_cumulative_deficit"]);
    file.close(id, need.external_peak, &expected["peak_external_funding"]);
    file.close(id, need.total, &expected["cumulative_end"]);
    file.close(id, need.burn, &expected["sum_negative_months"]);
    let even = ratios::sustained_break_even(&flows, 1);
    assert_eq!(even, month(&expected["first_sustained_breakeven_month"]), "{id}");
}

#[test]
fn ratios_of_cash() {
    let file = File::read("operations_structuring");
    let (mut run, mut elsewhere) = (0, BTreeSet::new());
    for (id, kind, case) in file.cases() {
        let (input, expected) = (&case["input"], &case["expected"]);
        match kind {
            "hhi" => {
                let amounts: Vec<f64> = input.as_object().unwrap().values().map(num).collect();
                let hhi = ratios::hhi(&amounts);
                file.close(id, hhi, &expected["hhi"]);
                file.close(id, 1.0 / hhi, &expected["effective_number"]);
                file.close(id, 1e4 * hhi, &expected["hhi_points"]);
            }
            "wacc" => {
                let debts: Vec<(f64, f64)> =
                    input["debts"].as_array().unwrap().iter().map(|d| (num(&d[0]), num(&d[1]))).collect();
                let [equity, cost, tax] = ["equity", "cost_of_equity", "tax_rate"].map(|k| num(&input[k]));
                file.close(id, ratios::wacc(equity, cost, &debts, tax), &expected["wacc"]);
            }
            "fund_metrics" => fund_metrics(&file, id, input, expected),
            "funding_need" => funding_need(&file, id, input, expected),
            "run_rate" => {
                let [consumed, subscribed] =
                    ["consumption_last_28_days", "monthly_subscription"].map(|k| num(&input[k]));
                file.close(id, ratios::run_rate(consumed, subscribed), &expected["annualised"]);
            }
            "run_rate_vs_recognised" => {
                let (first, growth) = (num(&input["month0_revenue"]), num(&input["monthly_growth"]));
                let months = int(&input["months"]);
                let (sum, rate) = ratios::recognised_and_run_rate(first, growth, months);
                let (before, _) = ratios::recognised_and_run_rate(first, growth, months - 12);
                file.close(id, sum, &expected["recognised_sum"]);
                file.close(id, rate, &expected["end_run_rate"]);
                // Both ratios are of the last twelve months.
                file.close(id, (sum - before) / rate, &expected["ratio"]);
                file.close(id, ratios::trailing_year_over_run_rate(growth), &expected["ratio_closed_form"]);
            }
            other => {
                assert!(ELSEWHERE.contains(&other), "{id}: unknown kind {other}");
                elsewhere.insert(other);
                continue;
            }
        }
        run += 1;
    }
    assert_eq!((run, elsewhere.len()), (9, ELSEWHERE.len()));
}
