//! The measures of sensitivity against independent numbers: `tests/vectors/sensitivity.json`.
//!
//! Values on fixed samples are held at the file's tolerance. Closed forms are compared with estimates from samples, within
//! four of their bootstrap errors as the file says: 45 estimates with a false alarm of 6e-5 each, under a fixed seed.

use std::f64::consts::PI;

use gapcast::engine::streams::Stream;
use gapcast::stats::bootstrap::{Bootstrap, Estimate};
use gapcast::stats::rank::{centred_ranks, spearman};
use gapcast::stats::sensitivity::delta::delta;
use gapcast::stats::sensitivity::regression::regression;
use gapcast::stats::sensitivity::sobol::{Indices, indices};
use gapcast::stats::special::normal_quantile;
use serde_json::Value;

use crate::common::vectors::{near, num, read};

const SETTINGS: Bootstrap = Bootstrap { resamples: 200, level: 0.95, seed: 5 };

fn list(v: &Value) -> Vec<f64> {
    v.as_array().unwrap_or_else(|| panic!("a list, not {v}")).iter().map(num).collect()
}

fn lists(v: &Value) -> Vec<Vec<f64>> {
    v.as_array().unwrap().iter().map(list).collect()
}

fn views(columns: &[Vec<f64>]) -> Vec<&[f64]> {
    columns.iter().map(Vec::as_slice).collect()
}

/// Indices of a function of `d` independent uniforms from a sample; independent of that under another name.
fn sampled(name: &str, d: usize, function: impl Fn(&[f64]) -> f64) -> Vec<Indices> {
    let stream = Stream::new(20_260_101, name);
    let point = |path: u64, set: usize| (0..d).map(|k| stream.uniform(path, (set * d + k) as u64)).collect();
    let paths = 16_384;
    let [a, b] = [0, 1].map(|set| (0..paths).map(|path| point(path, set)).collect::<Vec<Vec<f64>>>());
    let mixed = |k: usize| {
        let one = |(x, y): (&Vec<f64>, &Vec<f64>)| {
            let mut x = x.clone();
            x[k] = y[k];
            function(&x)
        };
        a.iter().zip(&b).map(one).collect::<Vec<f64>>()
    };
    let ab: Vec<Vec<f64>> = (0..d).map(mixed).collect();
    let [a, b] = [&a, &b].map(|points| points.iter().map(|x| function(x)).collect::<Vec<f64>>());
    indices(&a, &b, &views(&ab), &SETTINGS).into_iter().map(Option::unwrap).collect()
}

fn within_four_errors(id: &str, found: Estimate, expected: f64) {
    assert!(found.se < 0.1, "{id}: {found:?}");
    assert!((found.value - expected).abs() <= 4.0 * found.se + 1e-12, "{id}: {found:?} instead of {expected}");
}

/// First-order and total indices of a sample against closed forms.
fn analytic(id: &str, found: &[Indices], expected: &Value) {
    for (k, of) in found.iter().enumerate() {
        within_four_errors(&format!("{id} S1 {k}"), of.first_centred, num(&expected["S1"][k]));
        within_four_errors(&format!("{id} ST {k}"), of.total, num(&expected["ST"][k]));
        if !expected["variance"].is_null() {
            // 32,768 values with a kurtosis of 4 at most: standard error 1% at most; 4.5 of them.
            near(id, of.variance, num(&expected["variance"]), 0.045, 0.0);
        }
    }
}

fn fixed_sample(id: &str, input: &Value, expected: &Value, close: &impl Fn(&str, f64, &Value)) {
    let found = indices(&list(&input["fA"]), &list(&input["fB"]), &views(&lists(&input["fAB"])), &SETTINGS);
    for (k, of) in found.into_iter().map(Option::unwrap).enumerate() {
        close(id, of.variance, &expected["variance_population_of_A_and_B"]);
        close(id, of.first.value, &expected["S1_saltelli2010"][k]);
        close(id, of.first_centred.value, &expected["S1_saltelli2010_centred"][k]);
        close(id, of.total.value, &expected["ST_jansen"][k]);
    }
    // The program has no first-order index by Jansen's formula (`S1_jansen`).
    assert_eq!(expected.as_object().unwrap().len(), 5);
}

fn ranks_and_regression(id: &str, input: &Value, expected: &Value, close: &impl Fn(&str, f64, &Value)) {
    let (rows, y) = (lists(&input["X"]), list(&input["y"]));
    let columns: Vec<Vec<f64>> = (0..rows[0].len()).map(|k| rows.iter().map(|row| row[k]).collect()).collect();
    let found = regression(&views(&columns), &y, &SETTINGS).unwrap();
    close(id, found.r_squared.value, &expected["r_squared"]);
    for (k, of) in found.inputs.into_iter().map(Option::unwrap).enumerate() {
        close(
            &format!("{id} spearman"),
            spearman(&centred_ranks(&columns[k]), &centred_ranks(&y)).0,
            &expected["spearman"][k],
        );
        close(&format!("{id} prcc"), of.prcc.value, &expected["prcc"][k]);
        close(&format!("{id} src"), of.src.value, &expected["src"][k]);
        close(&format!("{id} srrc"), of.srrc.value, &expected["srrc"][k]);
    }
}

/// Normals of which the input explains a share of the variance. The estimator's classes make it up to 3% low where the
/// share is large (`delta`'s documentation), which its errors do not contain.
fn delta_of_normals(id: &str, share: f64, expected: f64) {
    let stream = Stream::new(20_260_101, id);
    let paths = 0..40_000;
    let x: Vec<f64> = paths.clone().map(|path| stream.normal(path, 0)).collect();
    let y: Vec<f64> =
        paths.map(|p| share.sqrt() * x[p as usize] + (1.0 - share).sqrt() * stream.normal(p, 1)).collect();
    let found = delta(&x, &y, 50, &SETTINGS).unwrap().corrected;
    near(id, found.value, expected, 0.03, 4.0 * found.se);
    assert!(found.se < 0.01, "{id}: {found:?}");
}

#[test]
fn every_case() {
    let file = read("sensitivity");
    let tolerance = &file["tolerance"];
    let (rel, abs) = (num(&tolerance["rel"]), num(&tolerance["abs"]));
    let close = |id: &str, found: f64, expected: &Value| near(id, found, num(expected), rel, abs);
    for case in file["cases"].as_array().unwrap() {
        let (id, input, expected) = (case["id"].as_str().unwrap(), &case["input"], &case["expected"]);
        match case["kind"].as_str().unwrap() {
            // Its mean is that of the function and no estimate; `S13` is `ST1 − S1`, as there is no other interaction.
            "ishigami_analytic" => {
                let (a, b) = (num(&input["a"]), num(&input["b"]));
                let angle = |u: f64| PI * (2.0 * u - 1.0);
                let found = sampled(id, 3, |u| {
                    let (sine, second) = (angle(u[0]).sin(), angle(u[1]).sin());
                    sine + a * second * second + b * angle(u[2]).powi(4) * sine
                });
                analytic(id, &found, expected);
            }
            "sobol_g_analytic" => {
                let a = list(&input["a"]);
                let factor = |(x, a): (&f64, &f64)| ((4.0 * x - 2.0).abs() + a) / (1.0 + a);
                analytic(id, &sampled(id, a.len(), |x| x.iter().zip(&a).map(factor).product()), expected);
            }
            "additive_analytic" => {
                let (slopes, sds) = (list(&input["coefficients"]), list(&input["sd"]));
                let term = |k: usize, u: f64| slopes[k] * sds[k] * normal_quantile(u);
                let sum = |x: &[f64]| x.iter().enumerate().map(|(k, u)| term(k, *u)).sum();
                analytic(id, &sampled(id, slopes.len(), sum), expected);
            }
            "sobol_estimators_fixed_sample" => fixed_sample(id, input, expected, &close),
            "rank_and_regression" => ranks_and_regression(id, input, expected, &close),
            "borgonovo_delta_gaussian_linear" => {
                delta_of_normals(id, num(&input["share_of_variance"]), num(&expected["delta"]));
            }
            other => panic!("{id}: unknown kind {other}"),
        }
    }
}
