//! Designs of sampling that vary less than independent draws.

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
                // Uniforms have the variance 1/12.
                let products: f64 = x.iter().zip(y).map(|(a, b)| (a - 0.5) * (b - 0.5)).sum();
                let correlation = 12.0 * products / x.len() as f64;
                assert!(correlation.abs() < 0.16, "{correlation}");
            }
        }
    }
}
