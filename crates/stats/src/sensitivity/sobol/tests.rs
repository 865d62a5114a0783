use super::*;
use crate::random::Random;
use crate::special::normal_quantile;

const SETTINGS: Bootstrap = Bootstrap { resamples: 200, level: 0.95, seed: 1 };

/// Indices of a function of `d` independent uniforms.
fn of(function: impl Fn(&[f64]) -> f64, d: usize, n: usize, seed: u64) -> Vec<Option<Indices>> {
    let mut random = Random::new(seed, 0);
    let mut draw = || -> Vec<Vec<f64>> { (0..n).map(|_| (0..d).map(|_| random.uniform()).collect()).collect() };
    let (a, b) = (draw(), draw());
    let evaluate = |points: &[Vec<f64>]| -> Vec<f64> { points.iter().map(|x| function(x)).collect() };
    let ab: Vec<Vec<f64>> = (0..d)
        .map(|k| {
            let mixed = |(x, y): (&Vec<f64>, &Vec<f64>)| {
                let mut x = x.clone();
                x[k] = y[k];
                function(&x)
            };
            a.iter().zip(&b).map(mixed).collect()
        })
        .collect();
    let views: Vec<&[f64]> = ab.iter().map(Vec::as_slice).collect();
    indices(&evaluate(&a), &evaluate(&b), &views, &SETTINGS)
}

/// The estimates of each input lie within `errors` of their standard errors of the truth.
fn check(found: &[Option<Indices>], first: &[f64], total: &[f64], errors: f64) {
    for ((found, first), total) in found.iter().zip(first).zip(total) {
        let found = found.as_ref().unwrap();
        for (estimate, truth) in [(found.first, first), (found.first_centred, first), (found.total, total)] {
            assert!((estimate.value - truth).abs() <= errors * estimate.se + 1e-12, "{truth}: {estimate:?}");
            assert!(estimate.se < 0.1 && estimate.low <= estimate.value && estimate.value <= estimate.high);
        }
    }
}

/// Three, two, one and no times a normal, the third with a standard deviation of two: variances 9, 4, 4, 0 of 17.
#[test]
fn an_additive_function_has_equal_indices() {
    let normal = |u: f64| normal_quantile(u);
    let found = of(|x| 3.0 * normal(x[0]) + 2.0 * normal(x[1]) + 2.0 * normal(x[2]), 4, 4096, 2);
    let truth = [9.0 / 17.0, 4.0 / 17.0, 4.0 / 17.0, 0.0];
    // Twelve estimates within 4 standard errors: false alarm 8e-4, fixed seed.
    check(&found, &truth, &truth, 4.0);
    let idle = found[3].unwrap();
    assert_eq!((idle.first.value, idle.total.value, idle.total.se), (0.0, 0.0, 0.0));
}

/// Sobol's g: variance parts `1/(3 (1 + a)²)`, multiplied over inputs.
#[test]
fn interactions_count_in_the_total_only() {
    let a = [0.5, 2.0, 8.0];
    let found = of(|x| x.iter().zip(a).map(|(x, a)| ((4.0 * x - 2.0).abs() + a) / (1.0 + a)).product(), 3, 4096, 3);
    let parts = a.map(|a: f64| 1.0 / (3.0 * (1.0 + a) * (1.0 + a)));
    let all = parts.iter().map(|v| 1.0 + v).product::<f64>();
    let first = parts.map(|v| v / (all - 1.0));
    let total = parts.map(|v| v * all / (1.0 + v) / (all - 1.0));
    check(&found, &first, &total, 4.0);
}

/// Of 200 samples of the sum of two uniforms, the 95% intervals of the three estimates hold 1/2: standard error 1.5
/// points, and percentile intervals of 256 paths may lose two; below 87% has a false alarm of 1e-4.
#[test]
fn intervals_cover() {
    let mut held = [0; 3];
    for seed in 0..200 {
        let found = of(|x| x[0] + x[1], 2, 256, 100 + seed)[0].unwrap();
        for (held, estimate) in held.iter_mut().zip([found.first, found.first_centred, found.total]) {
            *held += u32::from(estimate.low <= 0.5 && 0.5 <= estimate.high);
        }
    }
    assert!(held.iter().all(|held| *held >= 174), "{held:?}");
}

#[test]
fn the_centred_form_ignores_a_large_mean() {
    let found = of(|x| 1000.0 + x[0] + x[1], 2, 1000, 4);
    let found = found[0].unwrap();
    assert!(found.first_centred.se < 0.1 && found.first.se > 10.0, "{found:?}");
}

#[test]
fn constant_and_undefined_results() {
    assert_eq!(of(|_| 0.1, 2, 100, 5), [None, None]);
    assert_eq!(of(|_| f64::NAN, 1, 100, 5), [None]);
    assert_eq!(of(|x| if x[0] < 0.5 { f64::INFINITY } else { 0.0 }, 1, 100, 5), [None]);
    assert_eq!(indices(&[], &[], &[&[]], &SETTINGS), [None]);
    // A fifth of the evaluations is undefined, so 0.64 of the rows are left, ± 15 of 1000; the second input has no effect.
    let found = of(|x| if x[0] < 0.2 { f64::NAN } else { x[0] }, 2, 1000, 6);
    let [first, second] = [found[0].unwrap(), found[1].unwrap()];
    assert!((565..715).contains(&first.n) && second.n == first.n);
    assert!((first.total.value - 1.0).abs() < 0.2 && second.total.value == 0.0);
    // Two events in a thousand rows: too many resamples have none.
    let rare = indices(
        &[vec![1.0], vec![0.0; 999]].concat(),
        &[0.0; 1000],
        &[&[vec![0.0; 999], vec![1.0]].concat()],
        &SETTINGS,
    );
    let rare = rare[0].unwrap();
    assert!(rare.total.value > 0.0 && rare.total.se.is_nan(), "{rare:?}");
}
