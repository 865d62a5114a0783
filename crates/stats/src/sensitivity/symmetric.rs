//! The inverse of a correlation matrix, where it has one.

/// Eigenvalues below this share of the largest are zero but for rounding.
const SINGULAR: f64 = 1e-10;

/// Share of a direction without variance in a variable, beyond which its coefficient is not determined.
const INVOLVED: f64 = 1e-6;

/// The Moore-Penrose inverse of a correlation matrix, and which variables it determines.
pub(super) struct Inverse {
    d: usize,
    /// Row by row, `[d × d]`.
    elements: Vec<f64>,
    /// For each variable, whether it is no linear combination of the others, and they alone are.
    pub(super) determined: Vec<bool>,
}

impl Inverse {
    /// From a symmetric matrix without negative eigenvalues, `[d × d]` row by row. A variable without variance has a row
    /// of zeros.
    pub(super) fn of(mut matrix: Vec<f64>, d: usize) -> Inverse {
        let vectors = diagonalise(&mut matrix, d);
        let values: Vec<f64> = (0..d).map(|k| matrix[k * d + k]).collect();
        let least = SINGULAR * values.iter().copied().fold(0.0, f64::max);
        let (mut elements, mut involved) = (vec![0.0; d * d], vec![0.0; d]);
        for (k, value) in values.iter().enumerate() {
            let vector: Vec<f64> = (0..d).map(|i| vectors[i * d + k]).collect();
            for i in 0..d {
                if *value <= least {
                    involved[i] += vector[i] * vector[i];
                } else {
                    (0..d).for_each(|j| elements[i * d + j] += vector[i] * vector[j] / value);
                }
            }
        }
        Inverse { d, elements, determined: involved.into_iter().map(|share| share <= INVOLVED).collect() }
    }

    pub(super) fn diagonal(&self, k: usize) -> f64 {
        self.elements[k * self.d + k]
    }

    pub(super) fn times(&self, vector: &[f64]) -> Vec<f64> {
        self.elements.chunks(self.d.max(1)).map(|row| row.iter().zip(vector).map(|(x, y)| x * y).sum()).collect()
    }
}

/// Makes a symmetric matrix diagonal by Jacobi's rotations, row by row (Golub & Van Loan 2013, "Matrix computations",
/// §8.5), and returns the eigenvectors in columns. Converges quadratically, in about six sweeps.
fn diagonalise(matrix: &mut [f64], d: usize) -> Vec<f64> {
    const SWEEPS: usize = 50;
    let mut vectors = vec![0.0; d * d];
    (0..d).for_each(|k| vectors[k * d + k] = 1.0);
    for _ in 0..SWEEPS {
        let square = |(i, j): (usize, usize)| matrix[i * d + j] * matrix[i * d + j];
        let off: f64 = (0..d).flat_map(|i| (0..i).map(move |j| (i, j))).map(square).sum();
        let on: f64 = (0..d).map(|k| square((k, k))).sum();
        if off <= 1e-32 * on {
            break;
        }
        for p in 0..d {
            for q in p + 1..d {
                rotate(matrix, &mut vectors, d, (p, q));
            }
        }
    }
    vectors
}

/// Makes the element at `(p, q)` zero.
fn rotate(matrix: &mut [f64], vectors: &mut [f64], d: usize, (p, q): (usize, usize)) {
    let off = matrix[p * d + q];
    if off == 0.0 {
        return;
    }
    let ratio = (matrix[q * d + q] - matrix[p * d + p]) / (2.0 * off);
    let tangent = 1.0_f64.copysign(ratio) / (ratio.abs() + (ratio * ratio + 1.0).sqrt());
    let c = 1.0 / (tangent * tangent + 1.0).sqrt();
    let s = tangent * c;
    let turn = |x: f64, y: f64| (c * x - s * y, s * x + c * y);
    for k in 0..d {
        (matrix[k * d + p], matrix[k * d + q]) = turn(matrix[k * d + p], matrix[k * d + q]);
        (vectors[k * d + p], vectors[k * d + q]) = turn(vectors[k * d + p], vectors[k * d + q]);
    }
    for k in 0..d {
        (matrix[p * d + k], matrix[q * d + k]) = turn(matrix[p * d + k], matrix[q * d + k]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn two_by_two_and_a_copy() {
        // 1/(1 − ¼) on the diagonal, −½ of it beside.
        let inverse = Inverse::of(vec![1.0, 0.5, 0.5, 1.0], 2);
        assert_eq!(inverse.determined, [true, true]);
        assert!((inverse.diagonal(0) - 4.0 / 3.0).abs() < 1e-15);
        assert!((inverse.times(&[0.0, 1.0])[0] + 2.0 / 3.0).abs() < 1e-15);
        // The first two are copies; the fourth has no variance.
        let inverse =
            Inverse::of(vec![1.0, 1.0, 0.5, 0.0, 1.0, 1.0, 0.5, 0.0, 0.5, 0.5, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0], 4);
        assert_eq!(inverse.determined, [false, false, true, false]);
        assert!((inverse.diagonal(2) - 4.0 / 3.0).abs() < 1e-12);
        assert!(Inverse::of(vec![], 0).times(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn the_product_is_one(rows in proptest::collection::vec(-1.0..1.0_f64, 60)) {
            // 5 × 5 from twelve rows, with 0.1 on the diagonal so that it is never nearly singular.
            let d = 5;
            let at = |i: usize, j: usize| {
                let own = if i == j { 0.1 } else { 0.0 };
                own + rows.chunks(d).map(|row| row[i] * row[j]).sum::<f64>()
            };
            let matrix: Vec<f64> = (0..d * d).map(|k| at(k / d, k % d)).collect();
            let inverse = Inverse::of(matrix.clone(), d);
            for (k, row) in matrix.chunks(d).enumerate() {
                let unit = inverse.times(row);
                for (j, x) in unit.iter().enumerate() {
                    prop_assert!((x - f64::from(u8::from(j == k))).abs() < 1e-11, "{:?}", unit);
                }
            }
        }
    }
}
