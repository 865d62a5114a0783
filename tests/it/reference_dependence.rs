//! Dependence between inputs: reference vectors, declared rank correlations in draws, and independence of the list.

use gapcast::engine::inputs::{Copula, Dependence, InputDraws, Law, Measure, correlation};
use serde_json::Value;

fn number(v: &Value, key: &str) -> f64 {
    v[key].as_f64().unwrap_or_else(|| panic!("no number {key} in {v}"))
}

fn matrix(v: &Value) -> correlation::Matrix {
    serde_json::from_value(v.clone()).expect("a matrix")
}

#[test]
fn reference_vectors() {
    let file: Value = serde_json::from_str(include_str!("../vectors/dependence.json")).unwrap();
    let (rel, abs) = (number(&file["tolerance"], "rel"), number(&file["tolerance"], "abs"));
    let nearest_abs = number(&file["tolerance"], "nearest_correlation_abs");
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len() as u64, file["n_cases"].as_u64().unwrap());
    for case in cases {
        let (id, input, expected) = (&case["id"], &case["input"], &case["expected"]);
        let same = |got: f64, want: f64, tolerance: f64| {
            assert!((got - want).abs() <= tolerance + rel * want.abs(), "{id}: {got} for {want}");
        };
        let check = |got: f64, key: &str| same(got, number(expected, key), abs);
        match case["kind"].as_str().unwrap() {
            "copula_relations" => {
                let (gaussian, t) = (Copula::Gaussian, Copula::T { df: number(input, "t_dof") });
                let rho = number(input, "rho");
                check(gaussian.spearman(rho), "spearman_gaussian");
                check(gaussian.tail_dependence(rho), "tail_dependence_gaussian");
                check(t.tail_dependence(rho), "tail_dependence_t");
                for family in [gaussian, t] {
                    check(family.kendall(rho), "kendall_gaussian_or_t");
                    check(family.both_below_median(rho), "p_both_below_median");
                    same(family.rho(Measure::Kendall, number(expected, "kendall_gaussian_or_t")), rho, abs);
                }
                same(gaussian.rho(Measure::Spearman, number(expected, "spearman_gaussian")), rho, abs);
            }
            "nearest_correlation_frobenius" => {
                let start = matrix(input);
                let (nearest, distance) = correlation::nearest(&start);
                for (got, want) in nearest.iter().flatten().zip(matrix(expected).iter().flatten()) {
                    same(*got, *want, nearest_abs);
                }
                same(distance, number(case, "distance"), nearest_abs);
                same(correlation::eigen(&start).0[0], number(case, "min_eigenvalue_input"), abs);
                assert!(correlation::cholesky(&start).is_none());
                assert!(correlation::cholesky(&nearest).is_some());
            }
            "cholesky_lower" => {
                let factor = correlation::cholesky(&matrix(input)).unwrap();
                for (got, want) in factor.iter().flatten().zip(matrix(expected).iter().flatten()) {
                    same(*got, *want, abs);
                }
            }
            // The program converts no correlation of amounts into one of logarithms.
            "lognormal_correlation" => {}
            other => panic!("{id}: unknown kind {other}"),
        }
    }
}

fn inputs(names: &[&str]) -> Vec<(String, Law)> {
    let law = |name: &str| match name {
        "growth" => Law::interval_lognormal(0.05, 0.15),
        "margin" => Law::beta_p5_p95(0.42, 0.72),
        "price" => Law::pert(1.0, 2.0, 4.0),
        "rate" => Law::interval_normal(-0.01, 0.05),
        _ => Law::uniform(0.0, 1.0),
    };
    names.iter().map(|n| ((*n).to_owned(), law(n).unwrap())).collect()
}

fn tied(copula: Copula, measure: Measure, pairs: &[(&str, &str, f64)]) -> Dependence {
    let pairs = pairs.iter().map(|(a, b, v)| ((*a).to_owned(), (*b).to_owned(), *v)).collect();
    Dependence { copula, measure, pairs, repair: false }
}

fn draws(inputs: &InputDraws, paths: u64) -> Vec<Vec<f64>> {
    let mut columns = vec![Vec::new(); inputs.len()];
    let mut row = vec![0.0; inputs.len()];
    for path in 0..paths {
        inputs.draw(7, path, &mut row);
        columns.iter_mut().zip(&row).for_each(|(c, x)| c.push(*x));
    }
    columns
}

/// Ranks from 0, scaled to mean zero and variance one. Laws here are continuous, so there are no ties.
fn ranks(column: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..column.len()).collect();
    order.sort_by(|i, j| column[*i].total_cmp(&column[*j]));
    let n = column.len() as f64;
    let mut ranks = vec![0.0; column.len()];
    for (rank, i) in order.into_iter().enumerate() {
        ranks[i] = (rank as f64 + 0.5 - 0.5 * n) / ((n * n - 1.0) / 12.0).sqrt();
    }
    ranks
}

fn spearman(x: &[f64], y: &[f64]) -> f64 {
    ranks(x).iter().zip(&ranks(y)).map(|(p, q)| p * q).sum::<f64>() / x.len() as f64
}

#[test]
fn declared_rank_correlations_show_in_draws() {
    // n = 2e5 paths. The standard error of Spearman's is that of 100 batches of 2000 (|t| < 5.5 of 99 degrees: false alarm
    // 3e-7); tau from disjoint pairs of paths has sd √(1 − τ²)/√(n/2) (|z| < 5.5: 4e-8). 24 looks.
    let n: u64 = 200_000;
    let pairs = [("growth", "margin", 0.4), ("margin", "price", -0.3), ("growth", "rate", 0.5)];
    for copula in [Copula::Gaussian, Copula::T { df: 3.0 }, Copula::T { df: 4.0 }] {
        for measure in [Measure::Spearman, Measure::Kendall] {
            let names = ["growth", "margin", "price", "other", "rate"];
            let compiled = InputDraws::new(inputs(&names), Some(&tied(copula, measure, &pairs))).unwrap();
            let columns = draws(&compiled, n);
            let column = |name: &str| &columns[compiled.position(name).unwrap()];
            for (a, b, target) in pairs.into_iter().chain([("other", "growth", 0.0)]) {
                let (x, y) = (column(a), column(b));
                let z = if measure == Measure::Spearman {
                    let batches: Vec<f64> = x.chunks(2000).zip(y.chunks(2000)).map(|(p, q)| spearman(p, q)).collect();
                    let mean = batches.iter().sum::<f64>() / 100.0;
                    let variance = batches.iter().map(|b| (b - mean) * (b - mean)).sum::<f64>() / 99.0;
                    (spearman(x, y) - target) / (variance / 100.0).sqrt()
                } else {
                    let signs = x.chunks_exact(2).zip(y.chunks_exact(2));
                    let sum: f64 = signs.map(|(p, q)| ((p[1] - p[0]) * (q[1] - q[0])).signum()).sum();
                    let half = n as f64 / 2.0;
                    (sum / half - target) * half.sqrt() / f64::sqrt(1.0 - target * target)
                };
                assert!(z.abs() < 5.5, "{copula:?} {measure:?} {a} {b}: {z} standard errors");
            }
        }
    }
}

#[test]
fn margins_are_untouched_by_the_copula() {
    // Kolmogorov–Smirnov of scores against the normal, n = 1e5: √n D < 2.7, false alarm 1e-6.
    let pairs = [("growth", "margin", 0.5), ("margin", "price", -0.3)];
    for copula in [Copula::Gaussian, Copula::T { df: 1.0 }, Copula::T { df: 4.0 }, Copula::T { df: 7.5 }] {
        let dependence = tied(copula, Measure::Spearman, &pairs);
        let compiled = InputDraws::new(inputs(&["growth", "margin", "price", "rate"]), Some(&dependence)).unwrap();
        let mut row = [0.0; 4];
        let mut columns = vec![Vec::new(); 4];
        for path in 0..100_000 {
            compiled.scores(11, path, &mut row);
            columns.iter_mut().zip(row).for_each(|(c, x)| c.push(x));
        }
        for mut column in columns {
            column.sort_by(f64::total_cmp);
            let n = column.len() as f64;
            let gap = |(i, z): (usize, &f64)| {
                (0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2) - (i as f64 + 0.5) / n).abs()
            };
            let d = column.iter().enumerate().map(gap).fold(0.0, f64::max);
            assert!(d * n.sqrt() < 2.7, "{copula:?}: {}", d * n.sqrt());
        }
    }
}

#[test]
fn joint_tails_are_those_of_the_t_copula() {
    // P(both below the 1% point)/1% tends to the tail dependence from above as the point falls; by Monte Carlo,
    // n = 1e6, it must lie above the limit less 4.9 standard errors, and the Gaussian's must lie below it.
    let n: u64 = 1_000_000;
    let share = |copula: Copula| {
        let dependence = tied(copula, Measure::Normal, &[("a", "b", 0.5)]);
        let compiled = InputDraws::new(inputs(&["a", "b"]), Some(&dependence)).unwrap();
        let mut row = [0.0; 2];
        let both = (0..n).filter(|path| {
            compiled.draw(5, *path, &mut row);
            row[0] < 0.01 && row[1] < 0.01
        });
        both.count() as f64 / (0.01 * n as f64)
    };
    let t = Copula::T { df: 3.0 };
    let limit = t.tail_dependence(0.5);
    let error = 4.9 * (limit / (0.01 * n as f64)).sqrt();
    let got = share(t);
    assert!(got > limit - error && got < limit + 0.1, "{got} against {limit}");
    assert!(share(Copula::Gaussian) < limit - error);
}

#[test]
fn no_input_moves_another() {
    let pairs = [("growth", "margin", 0.5), ("margin", "price", -0.3)];
    for copula in [Copula::Gaussian, Copula::T { df: 4.0 }] {
        let dependence = tied(copula, Measure::Spearman, &pairs);
        let column = |names: &[&str], dependence: &Dependence, name: &str| -> Vec<u64> {
            let compiled = InputDraws::new(inputs(names), Some(dependence)).unwrap();
            let place = compiled.position(name).unwrap();
            draws(&compiled, 300)[place].iter().map(|x| x.to_bits()).collect()
        };
        let base = ["growth", "margin", "price", "rate"];
        let lists: [&[&str]; 3] = [
            &["rate", "price", "margin", "growth"],
            &["new", "growth", "newer", "margin", "price", "rate", "newest"],
            &["price", "growth", "margin"],
        ];
        for list in lists {
            for name in list.iter().filter(|n| base.contains(n)) {
                assert_eq!(column(list, &dependence, name), column(&base, &dependence, name), "{name} of {list:?}");
            }
        }
        // Naming one more input at the end of the dependence moves only that one.
        let more = tied(copula, Measure::Spearman, &[pairs[0], pairs[1], ("growth", "rate", 0.4)]);
        for name in ["growth", "margin", "price"] {
            assert_eq!(column(&base, &more, name), column(&base, &dependence, name), "{name}");
        }
        assert_ne!(column(&base, &more, "rate"), column(&base, &dependence, "rate"));
    }
}

#[test]
fn repair_is_reported() {
    let mut dependence = tied(Copula::Gaussian, Measure::Normal, &[("a", "b", 1.0), ("b", "c", 1.0), ("a", "c", 0.0)]);
    assert!(InputDraws::new(inputs(&["a", "b", "c"]), Some(&dependence)).is_err());
    dependence.repair = true;
    let repaired = InputDraws::new(inputs(&["a", "b", "c"]), Some(&dependence)).unwrap();
    assert!((repaired.repair_distance() - 0.527_790_463_581_828_5).abs() < 1e-8); // vector higham-3x3
}
