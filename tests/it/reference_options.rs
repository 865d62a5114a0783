//! Options and structural default against `tests/vectors/options_structural_default.json`.

use crate::common::vectors::{cases, near, num, read};
use gapcast::engine::math::options::{European, Structural, warrant};
use serde_json::Value;

/// The file's tolerance.
fn same(what: &str, found: f64, expected: &Value) {
    near(what, found, num(expected), 1e-8, 1e-9);
}

#[test]
fn every_case() {
    let file = read("options_structural_default");
    let kinds: Vec<&str> = file["cases"].as_array().unwrap().iter().map(|c| c["kind"].as_str().unwrap()).collect();
    let mut seen = 0;
    for ((id, input, expected), kind) in cases(&file).zip(kinds) {
        let get = |key: &str| num(&input[key]);
        let option = |asset: f64, strike: f64, income: f64| European {
            asset,
            strike,
            rate: get("r"),
            income,
            volatility: get("sigma"),
            years: get("T"),
        };
        match kind {
            "black_scholes" => {
                let o = option(get("S"), get("K"), get("q"));
                same(id, o.call().0, &expected["call"]);
                same(id, o.put(), &expected["put"]);
                same(id, o.call().1, &expected["delta_call"]);
                same(id, o.gamma(), &expected["gamma"]);
                same(id, o.vega(), &expected["vega"]);
                same(id, o.digital(), &expected["digital_call"]);
                seen += 6;
            }
            "down_and_out_call" => {
                let o = option(get("S"), get("K"), get("q"));
                same(id, o.down_and_out_call(get("barrier")), &expected["value"]);
                seen += 1;
            }
            "structural_default" => {
                let s = Structural {
                    assets: get("asset_value"),
                    face: get("debt_face"),
                    drift: get("drift"),
                    volatility: get("sigma"),
                    years: get("T_years"),
                };
                same(id, s.merton(), &expected["merton_pd"]);
                same(id, s.distance_to_default(), &expected["distance_to_default"]);
                same(id, s.assets_in_default(), &expected["expected_asset_given_default"]);
                same(id, s.loss_given_default(), &expected["lgd"]);
                same(id, s.black_cox(), &expected["black_cox_pd_barrier_at_face"]);
                seen += 5;
            }
            "warrant_with_dilution" => {
                let o = option(get("equity_value") / get("shares"), get("strike"), 0.0);
                same(id, warrant(&o, get("shares"), get("warrants")), &expected["warrant_value"]);
                seen += 1;
            }
            other => panic!("{id}: no test for {other}"),
        }
    }
    // Four options with six numbers each, one barrier, two defaults with five, one warrant.
    assert_eq!(seen, 4 * 6 + 1 + 2 * 5 + 1);
}
