//! Designs of sampling that vary less than independent draws, and the error of their means.

use super::moments::Moments;
use super::random::Random;

/// A Latin hypercube of `n` points in `d` dimensions: `d` columns of `n` uniforms on (0, 1), each with one point, uniform
/// within, in each of `n` equal cells, and the cells of each column in a random order of its own (`McKay`, Beckman &
/// Conover 1979, "A comparison of three methods for selecting values of input variables").
///
/// The points depend on each other, so that the spread of their values overstates the error of a mean of monotone
/// functions; estimate it from independent designs of different seeds. Each column has a stream of its own: another
/// dimension changes none of the others. Takes `8 n d` bytes.
pub fn latin_hypercube(n: usize, d: usize, seed: u64) -> Vec<Vec<f64>> {
    let column = |dimension: usize| {
        let mut random = Random::new(seed, dimension as u64);
        let mut cells: Vec<usize> = (0..n).collect();
        random.shuffle(&mut cells);
        // The last point of the last cell may round to 1, whose quantile is infinite.
        cells.into_iter().map(|cell| ((cell as f64 + random.uniform()) / n as f64).min(1.0 - f64::EPSILON)).collect()
    };
    (0..d).map(column).collect()
}

/// The mean over antithetic pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairMean {
    /// Pairs of which both values are defined.
    pub pairs: u64,
    /// Mean of all their values; NaN if there are none.
    pub mean: f64,
    /// Its standard error, from the means of the pairs; NaN below two.
    pub se: f64,
    /// Correlation of the two values of a pair; NaN if it is undefined.
    pub correlation: f64,
    /// Variance of the mean of as many independent values, over that of this mean; above 1 where pairs help.
    pub variance_ratio: f64,
}

/// The mean of values in antithetic pairs, `first[i]` from uniforms `u` and `second[i]` from `1 − u` (Hammersley & Morton
/// 1956, "A new Monte Carlo technique: antithetic variates"). The values of a pair depend on each other; pairs do not.
///
/// # Panics
/// If the columns differ in length.
pub fn pair_mean(first: &[f64], second: &[f64]) -> PairMean {
    assert_eq!(first.len(), second.len(), "each value has its antithetic value");
    let pairs = || first.iter().zip(second).filter(|(x, y)| !x.is_nan() && !y.is_nan());
    let means: Vec<f64> = pairs().map(|(x, y)| f64::midpoint(*x, *y)).collect();
    let (one, other): (Vec<f64>, Vec<f64>) = pairs().unzip();
    let [m, a, b] = [&means, &one, &other].map(|column| Moments::of(column));
    let products: f64 = one.iter().zip(&other).map(|(x, y)| (x - a.mean) * (y - b.mean)).sum();
    PairMean {
        pairs: m.n,
        mean: if m.n == 0 { f64::NAN } else { m.mean },
        se: m.se(),
        correlation: products / (a.m2 * b.m2).sqrt(),
        variance_ratio: 0.25 * (a.m2 + b.m2) / m.m2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cell_has_one_point() {
        for (n, d) in [(1, 3), (2, 2), (100, 4)] {
            let design = latin_hypercube(n, d, 7);
            assert_eq!(design.len(), d);
            for column in &design {
                let mut cells: Vec<usize> = column.iter().map(|u| (u * n as f64) as usize).collect();
                cells.sort_unstable();
                assert_eq!(cells, (0..n).collect::<Vec<_>>());
                assert!(column.iter().all(|u| *u > 0.0 && *u < 1.0));
            }
        }
        assert!(latin_hypercube(0, 2, 1).iter().all(Vec::is_empty) && latin_hypercube(5, 0, 1).is_empty());
    }

    #[test]
    fn columns_are_independent_of_each_other_and_of_their_number() {
        let (few, many) = (latin_hypercube(1000, 2, 3), latin_hypercube(1000, 5, 3));
        assert_eq!(few, many[..2]);
        assert_ne!(few, latin_hypercube(1000, 2, 4));
        for (k, x) in many.iter().enumerate() {
            for y in &many[..k] {
                // Ten correlations of 1000 in random order, each with standard error 0.032; 5 of them: 6e-6.
                let correlation = pair_mean(x, y).correlation;
                assert!(correlation.abs() < 0.16, "{correlation}");
            }
        }
    }

    #[test]
    fn pairs_by_hand() {
        // Means 2, 2, 5 of the pairs: 3, variance 3, standard error 1.
        let found = pair_mean(&[1.0, 3.0, 4.0, f64::NAN], &[3.0, 1.0, 6.0, 2.0]);
        assert_eq!((found.pairs, found.mean, found.se), (3, 3.0, 1.0));
        // Columns 1, 3, 4 and 3, 1, 6: squares 14/3 and 38/3, products (−5·−1 + 1·−7 + 4·8)/9 = 10/3; means 6.
        assert!((found.correlation - 10.0 / (14.0_f64 * 38.0).sqrt()).abs() < 1e-15, "{found:?}");
        assert!((found.variance_ratio - (52.0 / 3.0) / 4.0 / 6.0).abs() < 1e-15, "{found:?}");
        // Opposites cancel.
        let exact = pair_mean(&[0.25, 0.75, 0.125], &[0.75, 0.25, 0.875]);
        assert_eq!((exact.mean, exact.se), (0.5, 0.0));
        let none = pair_mean(&[], &[]);
        assert!(none.mean.is_nan() && none.se.is_nan() && none.correlation.is_nan());
    }
}
