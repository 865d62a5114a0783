//! The statistics against independent numbers:
//! `tests/vectors/{statistics_scoring,tvm_irr_annuity,operations_structuring}.json`.
//!
//! Every case of a kind that the program computes is run at its file's tolerance. Kinds that it does not compute are listed; one that is
//! in neither list fails the test.

use gapcast::engine::reference::derive::returns;
use gapcast::instruments::term_loan::level_payment;
use gapcast::plan::metrics::Return;
use gapcast::stats::interval;
use gapcast::stats::irr::{self, Irr};
use gapcast::stats::moments::Moments;
use gapcast::stats::quantile::quantile;
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
    // The header's tolerances of the standard deviation, in words there; the data of the last two are not exact in f64.
    let sd = match id {
        "NumAcc1" => 1e-14,
        "NumAcc2" => 1e-13,
        "NumAcc3" => 1e-9,
        "NumAcc4" => 1e-8,
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
}

/// Quantiles of type 7; the program has no other.
fn quantiles(file: &File, id: &str, input: &Value, expected: &Value) {
    let x = sorted(&input["x"]);
    for (p, value) in list(&input["p"]).into_iter().zip(expected["type7"].as_array().unwrap()) {
        file.close(&format!("{id} {p}"), quantile(&x, p), value);
    }
}

fn binomial_interval(file: &File, id: &str, input: &Value, expected: &Value) {
    let (k, n, level) = (input["k"].as_u64().unwrap(), input["n"].as_u64().unwrap(), num(&input["level"]));
    let p = k as f64 / n as f64;
    file.close(id, p, &expected["estimate"]);
    // The vectors have √(p(1−p)/n); ours is of the sample's variance, with n − 1.
    let population = interval::proportion_se(p, n) * ((n - 1) as f64 / n as f64).sqrt();
    file.close(id, if n > 1 { population } else { (p * (1.0 - p)).sqrt() }, &expected["se"]);
    let (low, high) = interval::wilson(k, n, level);
    file.close(&format!("{id} low"), low, &expected["wilson"][0]);
    file.close(&format!("{id} high"), high, &expected["wilson"][1]);
}

/// Kinds of `statistics_scoring.json` that the program does not compute.
const NO_STATISTIC: [&str; 6] =
    ["crps_ensemble", "crps_lognormal", "crps_normal", "interval_score", "pinball_and_interval", "var_cvar_upper_tail"];

#[test]
fn statistics() {
    let file = File::read("statistics_scoring");
    let mut run = 0;
    for (id, kind, case) in file.cases() {
        let (input, expected) = (&case["input"], &case["expected"]);
        match kind {
            "moments" => moments(&file, id, input, expected),
            "quantile_types" => quantiles(&file, id, input, expected),
            "binomial_interval" => binomial_interval(&file, id, input, expected),
            "quantile_order_statistic_interval" => {
                let (n, p) = (input["n"].as_u64().unwrap(), num(&input["p"]));
                let ranks = interval::quantile_ranks(n, p, num(&input["level"]));
                assert_eq!(ranks.lower, expected["lower_rank"].as_u64().unwrap());
                assert_eq!(ranks.upper, expected["upper_rank"].as_u64().unwrap());
                file.close(id, ranks.coverage, &expected["coverage"]);
            }
            other => {
                assert!(NO_STATISTIC.contains(&other), "{id}: unknown kind {other}");
                continue;
            }
        }
        run += 1;
    }
    assert_eq!(run, 11);
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

/// Kinds of `tvm_irr_annuity.json` that the program does not compute: functions of spreadsheets beside the level payment.
const NO_FUNCTION: [&str; 18] = [
    "cumipmt",
    "cumprinc",
    "ddb",
    "effective_rate",
    "ipmt",
    "macrs_half_year",
    "mirr",
    "monthly_rate_from_effective_annual",
    "monthly_rate_from_nominal_annual",
    "nominal_rate",
    "nper",
    "npv",
    "ppmt",
    "rate",
    "sln",
    "syd",
    "xirr",
    "xnpv",
];

#[test]
fn rates_of_return_and_level_payments() {
    let file = File::read("tvm_irr_annuity");
    let mut run = 0;
    for (id, kind, case) in file.cases() {
        let args = &case["args"];
        match kind {
            "irr" => roots(&file, id, &irr::irr(&list(&case["cashflows"])), case),
            // A loan is repaid in arrears and whole.
            "pmt" if args["due"].as_str() != Some("begin") && num_or_zero(&args["fv"]) == 0.0 => {
                let [rate, n, owed] = ["rate", "nper", "pv"].map(|k| num(&args[k]));
                file.close(id, -owed * level_payment(rate, n), &case["expected"]);
            }
            "pmt" => continue,
            other => {
                assert!(NO_FUNCTION.contains(&other), "{id}: unknown kind {other}");
                continue;
            }
        }
        run += 1;
    }
    assert_eq!(run, 16);
}
/// What a fund's investors made of it, as the plain engine has it for the providers of an instrument.
#[test]
fn multiples_of_a_fund() {
    let file = File::read("operations_structuring");
    let mut run = 0;
    for (id, _, case) in file.cases().filter(|case| case.1 == "fund_metrics") {
        let (input, expected) = (&case["input"], &case["expected"]);
        let [paid, received] = ["contributions_monthly", "distributions_monthly"].map(|k| list(&input[k]));
        let flows: Vec<f64> = received.iter().zip(&paid).map(|(got, given)| got - given).collect();
        let found = returns(&flows, num(&input["residual_nav"]));
        for (what, name) in [
            (Return::Dpi, "dpi"),
            (Return::Rvpi, "rvpi"),
            (Return::Moic, "moic"),
            (Return::Moic, "tvpi"),
            (Return::Irr, "irr_effective_annual"),
        ] {
            file.close(&format!("{id} {name}"), found[what as usize], &expected[name]);
        }
        run += 1;
    }
    assert_eq!(run, 1);
}
