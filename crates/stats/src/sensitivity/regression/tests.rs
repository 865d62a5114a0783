use super::*;
use crate::random::Random;
use crate::special::normal_quantile;

const SETTINGS: Bootstrap = Bootstrap { resamples: 200, level: 0.95, seed: 1 };

fn normals(n: usize, random: &mut Random) -> Vec<f64> {
    (0..n).map(|_| normal_quantile(random.uniform())).collect()
}

/// `y = 3 x₀ − x₁ + e` with `x₁` correlated with `x₀`, and an idle third input.
fn linear(n: usize, seed: u64) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut random = Random::new(seed, 0);
    let [a, z, c, e] = [(); 4].map(|()| normals(n, &mut random));
    let b: Vec<f64> = a.iter().zip(&z).map(|(a, z)| 0.6 * a + 0.8 * z).collect();
    let y = (0..n).map(|i| 3.0 * a[i] - b[i] + e[i]).collect();
    (vec![a, b, c], y)
}

fn of(inputs: &[Vec<f64>], output: &[f64]) -> Option<Regression> {
    let views: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
    regression(&views, output, &SETTINGS)
}

#[test]
fn coefficients_are_those_of_the_population() {
    // var(y) = 9 + 1 − 2·3·0.6 + 1 = 7.4; R² = 6.4/7.4.
    let truth = [3.0 / 7.4_f64.sqrt(), -1.0 / 7.4_f64.sqrt(), 0.0];
    let (runs, mut errors, mut held) = (200, [0.0; 3], 0);
    for seed in 0..runs {
        let (inputs, y) = linear(200, seed);
        let found = of(&inputs, &y).unwrap();
        for k in 0..3 {
            let src = found.inputs[k].unwrap().src;
            errors[k] += ((src.value - truth[k]) / src.se).powi(2) / runs as f64;
            held += u32::from(src.low <= truth[k] && truth[k] <= src.high);
        }
    }
    // Mean squares of errors in standard errors: 1 ± 0.1 in 200 runs, and some 10% more as errors are estimated; 5 of
    // them: false alarm 2e-6. 600 intervals at 95%, in expectation at 93% or more: below 89% has 1e-4.
    assert!(errors.iter().all(|square| (0.5..1.6).contains(square)), "{errors:?}");
    assert!(held >= 534, "{held}");
    let (inputs, y) = linear(20_000, 77);
    let found =
        regression(&[&inputs[0], &inputs[1], &inputs[2]], &y, &Bootstrap { resamples: 20, ..SETTINGS }).unwrap();
    // The error of R² is 2 √R² (1 − R²)/√n = 0.0018.
    assert!((found.r_squared.value - 6.4 / 7.4).abs() < 0.009, "{found:?}");
    // Ranks of normals have nearly the same partial correlation as the normals: −1·0.8/√(0.64 + 1) = −0.625 is that of b.
    assert!((found.inputs[1].unwrap().prcc.value + 0.60).abs() < 0.03, "{found:?}");
    assert!(found.inputs[2].unwrap().prcc.value.abs() < 0.036);
}

/// Given one input, the partial correlation is Spearman's.
#[test]
fn one_input_has_its_rank_correlation() {
    let (inputs, y) = linear(500, 5);
    let y: Vec<f64> = y.iter().map(|y| libm::exp(*y)).collect();
    let found = of(&inputs[..1], &y).unwrap().inputs[0].unwrap();
    let ranks = [&inputs[0], &y].map(|x| crate::rank::centred_ranks(x));
    let (rho, se) = crate::rank::spearman(&ranks[0], &ranks[1]);
    assert!((found.prcc.value - rho).abs() < 1e-12 && (found.srrc.value - rho).abs() < 1e-12);
    // 200 resamples: 5% error of a standard deviation, and the formula is for normals.
    assert!((found.prcc.se / se - 1.0).abs() < 0.3, "{found:?} {se}");
}

#[test]
fn inputs_that_are_not_determined_have_no_coefficient() {
    let (mut inputs, y) = linear(300, 6);
    let before = of(&inputs, &y).unwrap();
    // A combination of two inputs takes the coefficients of both, a constant its own; the idle one keeps its own.
    inputs.push(inputs[0].iter().zip(&inputs[1]).map(|(a, b)| 2.0 * a - b).collect());
    inputs.push(vec![0.1; 300]);
    let found = of(&inputs, &y).unwrap();
    let srcs: Vec<bool> = found.inputs.iter().map(|x| x.is_some_and(|x| !x.src.value.is_nan())).collect();
    assert_eq!(srcs, [false, false, true, false, false]);
    assert_eq!(found.inputs[4], None);
    assert!((found.r_squared.value - before.r_squared.value).abs() < 1e-9);
    let [after, before] = [found, before].map(|x| x.inputs[2].unwrap().src.value);
    assert!((after - before).abs() < 1e-9);
    // A copy is not determined on ranks either.
    let copies = of(&[inputs[0].clone(), inputs[0].clone()], &y).unwrap();
    assert_eq!(copies.inputs, [None, None]);
}

#[test]
fn edges() {
    let (mut inputs, mut y) = linear(300, 7);
    assert_eq!(of(&inputs, &[2.0; 300]), None);
    assert_eq!(of(&inputs, &[f64::NAN; 300]), None);
    let first = |n: usize| of(&inputs.iter().map(|x| x[..n].to_vec()).collect::<Vec<_>>(), &y[..n]);
    assert!(first(4).is_none() && first(5).is_some());
    // Without inputs, nothing is explained.
    assert_eq!(of(&[], &y).unwrap().r_squared.value, 0.0);
    // An output that is one of the inputs: ±1, and nothing to say of the others.
    let own = of(&inputs, &inputs[0]).unwrap();
    assert_eq!(own.inputs[0].unwrap().prcc.value, 1.0);
    assert!(own.inputs[2].unwrap().prcc.value.is_nan() && (own.r_squared.value - 1.0).abs() < 1e-12);
    (y[3], y[4], inputs[0][5]) = (f64::NAN, f64::INFINITY, f64::NAN);
    assert_eq!(of(&inputs, &y).unwrap().n, 297);
}
