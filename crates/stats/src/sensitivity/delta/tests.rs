use super::*;
use crate::moments::Moments;
use crate::special::normal_quantile;

const SETTINGS: Bootstrap = Bootstrap { resamples: 100, level: 0.95, seed: 1 };

/// Normals of which the input explains a share of the variance of the output.
fn normals(n: usize, explained: f64, seed: u64) -> (Vec<f64>, Vec<f64>) {
    let mut random = Random::new(seed, 7);
    let mut normal = || normal_quantile(random.uniform());
    let pair = |()| {
        let (x, e) = (normal(), normal());
        (x, explained.sqrt() * x + (1.0 - explained).sqrt() * e)
    };
    std::iter::repeat_n((), n).map(pair).unzip()
}

#[test]
fn a_table_by_hand() {
    // Two classes each: 3 and 1 of four below the middle, 1 and 3 above; each cell is 1 off its 2.
    let x = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
    let y = [5.0, 5.0, 5.0, 6.0, 6.0, 6.0, 6.0, 5.0];
    let found = delta(&x, &y, 50, &SETTINGS).unwrap();
    assert_eq!(found.raw, 0.25);
    assert!(found.p_value > 0.05 && found.without_dependence > 0.0);
    assert_eq!(delta(&x, &y, 50, &SETTINGS), Some(found));
    assert_eq!(delta(&x, &[1.0; 8], 50, &SETTINGS), None);
    assert_eq!(delta(&[f64::NAN; 8], &y, 50, &SETTINGS), None);
    assert_eq!(delta(&[], &[], 50, &SETTINGS), None);
}

/// Standard errors are those of repeated samples within a third, which is 6 of the standard errors of their ratio; there
/// are 100.
#[test]
fn errors_are_those_of_repetition() {
    for explained in [0.1, 0.5] {
        let all: Vec<Delta> = (0..100)
            .map(|seed| {
                let (x, y) = normals(1000, explained, seed);
                delta(&x, &y, 5, &SETTINGS).unwrap()
            })
            .collect();
        let values = Moments::of(&all.iter().map(|d| d.corrected.value).collect::<Vec<_>>());
        let se = Moments::of(&all.iter().map(|d| d.corrected.se).collect::<Vec<_>>()).mean;
        assert!((se / values.sd() - 1.0).abs() < 0.33, "{explained}: {se} {}", values.sd());
        let held = all.iter().filter(|d| d.corrected.low <= values.mean && values.mean <= d.corrected.high).count();
        assert!(held >= 84, "{explained}: {held}");
    }
}

#[test]
fn independence_and_dependence_are_told_apart() {
    let (x, z) = normals(2000, 0.0, 3);
    let none = delta(&x, &z, 200, &SETTINGS).unwrap();
    assert!(none.corrected.value < 0.06 && none.p_value > 0.01, "{none:?}");
    // The square is uncorrelated with the input and a function of it.
    let square: Vec<f64> = x.iter().map(|x| x * x).collect();
    let all = delta(&x, &square, 200, &SETTINGS).unwrap();
    assert!(all.corrected.value > 0.7 && all.p_value == 1.0 / 201.0, "{all:?}");
    // Monotone changes of scale do nothing.
    let scaled: Vec<f64> = x.iter().map(|x| libm::exp(*x)).collect();
    assert_eq!(delta(&scaled, &square, 200, &SETTINGS), Some(all));
    // Whether the output is defined depends on the input: 1/2, less up to half of the middle one of 13 classes.
    let defined: Vec<f64> = x.iter().map(|x| if *x > 0.0 { 1.0 } else { f64::NAN }).collect();
    let seen = delta(&x, &defined, 20, &SETTINGS).unwrap();
    assert!(seen.raw <= 0.5 && seen.raw > 0.5 - 0.5 / 13.0 - 0.01, "{seen:?}");
}
