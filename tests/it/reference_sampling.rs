//! Designs of sampling against independent numbers: `tests/vectors/sampling_variance.json`.
//!
//! The closed forms of the file are at its tolerance where the program has them (the normal tail), and otherwise compared
//! with what samples show, at the tolerance stated with each.

use gapcast::engine::streams::Stream;
use gapcast::stats::design::latin_hypercube;
use gapcast::stats::moments::Moments;
use gapcast::stats::rare::importance::weighted;
use gapcast::stats::special::normal_cdf;
use serde_json::Value;

use crate::common::vectors::{near, num, read};

/// A normal above a threshold, from normals with another mean.
fn normal_tail(id: &str, input: &Value, expected: &Value, close: &impl Fn(&str, f64, &Value)) {
    let (threshold, shift) = (num(&input["threshold"]), num(&input["shift"]));
    let stream = Stream::new(20_260_101, id);
    let z: Vec<f64> = (0..100_000).map(|path| shift + stream.normal(path, 0)).collect();
    let values: Vec<f64> = z.iter().map(|z| f64::from(u8::from(*z > threshold))).collect();
    let weights: Vec<f64> = z.iter().map(|z| (-shift * z + 0.5 * shift * shift).exp()).collect();
    let found = weighted(&weights, &values).unwrap();
    let probability = normal_cdf(-threshold);
    close(id, probability, &expected["probability"]);
    let second_moment = (shift * shift).exp() * normal_cdf(-threshold - shift);
    close(id, second_moment, &expected["second_moment"]);
    close(id, second_moment - probability * probability, &expected["variance_per_sample"]);
    // 4.5 standard errors: false alarm 7e-6.
    near(id, found.estimate, probability, 0.0, 4.5 * found.se);
    // The squares of the products have a standard deviation of some three times their mean: 1% in 100,000.
    let variance = found.se * found.se * found.n as f64;
    near(id, variance, num(&expected["variance_per_sample"]), 0.05, 0.0);
    let ratio = probability * (1.0 - probability) / variance;
    near(id, ratio, num(&expected["variance_ratio_plain_over_is"]), 0.05, 0.0);
}

/// Variances of means over 4000 designs, whose standard error is 2.2% at most; 4.5 of them have a false alarm of 7e-6.
fn latin_hypercubes(id: &str, n: usize, expected: &Value) {
    let stream = Stream::new(20_260_101, id);
    let designs = 0..4000;
    let mean = |column: &[f64], f: fn(f64) -> f64| column.iter().map(|x| f(*x)).sum::<f64>() / n as f64;
    let stratified: Vec<Vec<f64>> = designs.clone().flat_map(|seed| latin_hypercube(n, 1, seed)).collect();
    let independent = designs.map(|path| (0..n as u64).map(|k| stream.uniform(path, k)).collect::<Vec<f64>>());
    let variance = |means: Vec<f64>| {
        let sd = Moments::of(&means).sd();
        sd * sd
    };
    let of = |f: fn(f64) -> f64| variance(stratified.iter().map(|column| mean(column, f)).collect());
    let check = |what: &str, found: f64| near(&format!("{id} {what}"), found, num(&expected[what]), 0.1, 0.0);
    check("var_mean_lhs", of(|x| x));
    check("var_mean_stratified_x2", of(|x| x * x));
    check("var_mean_srs", variance(independent.map(|column| mean(&column, |x| x)).collect()));
}

#[test]
fn every_case() {
    let file = read("sampling_variance");
    // Without the absolute tolerance, 1e-13: the second moments are as small as 5e-9.
    let rel = num(&file["tolerance"]["rel"]);
    let close = |id: &str, found: f64, expected: &Value| near(id, found, num(expected), rel, 0.0);
    for case in file["cases"].as_array().unwrap() {
        let (id, input, expected) = (case["id"].as_str().unwrap(), &case["input"], &case["expected"]);
        match case["kind"].as_str().unwrap() {
            "importance_sampling_normal_tail" => normal_tail(id, input, expected, &close),
            "lhs_variance" => latin_hypercubes(id, input["n"].as_u64().unwrap() as usize, expected),
            // The program draws no antithetic pairs, and its shocks month by month.
            "antithetic_lognormal" | "brownian_bridge_bisection" => {}
            other => panic!("{id}: unknown kind {other}"),
        }
    }
}
