//! Correlation matrices: Cholesky factors, eigenvalues, and the nearest valid matrix to one that is not.
//!
//! Small and dense, as rows of a `Vec`; run once per scenario, so written for simplicity. The meaning of the numbers is
//! out of scope.

/// A square matrix, by rows.
pub type Matrix = Vec<Vec<f64>>;

/// A determinant down to minus this is rounding error, not an inconsistency.
pub const SLACK: f64 = 1e-10;

/// The lower factor `L` with `L Lᵀ = a`, or `None` if `a` is not positive semidefinite. A pivot within 1e-9 of zero is
/// zero (its column is left empty), so singular matrices, such as repaired ones, have a factor too.
pub fn cholesky(a: &Matrix) -> Option<Matrix> {
    const ZERO: f64 = 1e-9;
    let n = a.len();
    let mut l = vec![vec![0.0; n]; n];
    for j in 0..n {
        let dot = |l: &Matrix, i: usize| -> f64 { (0..j).map(|k| l[i][k] * l[j][k]).sum() };
        let pivot = a[j][j] - dot(&l, j);
        if pivot < -ZERO {
            return None;
        }
        let root = if pivot > ZERO { pivot.sqrt() } else { 0.0 };
        l[j][j] = root;
        for i in j + 1..n {
            let rest = a[i][j] - dot(&l, i);
            if root > 0.0 {
                l[i][j] = rest / root;
            } else if rest.abs() > 1e-4 {
                return None; // |rest| <= √(pivot × 1) in a semidefinite matrix
            }
        }
    }
    Some(l)
}

/// Maximum number of correlated variables: the cost of a factorisation is the cube of their number.
pub const MOST_TIED: usize = 600;
/// Maximum number of variables of a matrix that is replaced by the nearest valid one: the cost of each of many rounds
/// is the cube of their number.
pub const MOST_REPAIRED: usize = 40;

/// Why a matrix has no factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Impossible {
    /// It is not positive semidefinite.
    Contradiction {
        /// Its smallest eigenvalue.
        smallest: f64,
        /// Three variables whose three correlations are already inconsistent, if there are any.
        clash: Option<[usize; 3]>,
    },
    /// It is not positive semidefinite, and too many variables are connected for it to be repaired.
    TooLarge {
        /// How many are connected.
        tied: usize,
    },
}

/// The lower factor of a correlation matrix, and the Frobenius distance by which the matrix was moved to have one (0 if
/// it is valid). Groups of connected variables are checked and repaired separately, so that an inconsistency changes
/// only the group in which it occurs.
///
/// # Errors
/// The matrix is not positive semidefinite and may not, or cannot, be repaired.
pub fn factor(a: &Matrix, repair: bool) -> Result<(Matrix, f64), Impossible> {
    if let Some(lower) = cholesky(a) {
        return Ok((lower, 0.0));
    }
    let (mut valid, mut squares) = (a.clone(), 0.0);
    for members in components(a) {
        let part: Matrix = members.iter().map(|&i| members.iter().map(|&j| a[i][j]).collect()).collect();
        if cholesky(&part).is_some() {
            continue;
        }
        if !repair {
            let clash = clash(&part).map(|three| three.map(|i| members[i]));
            return Err(Impossible::Contradiction { smallest: smallest(&part), clash });
        }
        if part.len() > MOST_REPAIRED {
            return Err(Impossible::TooLarge { tied: part.len() });
        }
        let (near, moved) = nearest(&part);
        squares += moved * moved;
        for (row, &i) in near.iter().zip(&members) {
            for (value, &j) in row.iter().zip(&members) {
                valid[i][j] = *value;
            }
        }
    }
    Ok((towards_identity(valid), squares.sqrt()))
}

/// The factor of a matrix that is valid except for rounding: the matrix is moved towards the identity until it has one.
fn towards_identity(mut a: Matrix) -> Matrix {
    let mut share = 1e-14;
    loop {
        if let Some(lower) = cholesky(&a) {
            return lower;
        }
        for (i, row) in a.iter_mut().enumerate() {
            row.iter_mut().enumerate().filter(|(j, _)| *j != i).for_each(|(_, x)| *x *= 1.0 - share);
        }
        share = (4.0 * share).min(0.5);
    }
}

/// Groups of connected variables, each in ascending order.
fn components(a: &Matrix) -> Vec<Vec<usize>> {
    let mut seen = vec![false; a.len()];
    let mut out = Vec::new();
    for first in 0..a.len() {
        if seen[first] {
            continue;
        }
        seen[first] = true;
        let (mut members, mut next) = (vec![first], 0);
        while let Some(&i) = members.get(next) {
            next += 1;
            for (j, value) in a[i].iter().enumerate().filter(|(_, value)| **value != 0.0) {
                debug_assert!(value.is_finite(), "correlations are numbers");
                if !std::mem::replace(&mut seen[j], true) {
                    members.push(j);
                }
            }
        }
        members.sort_unstable();
        out.push(members);
    }
    out
}

/// The smallest eigenvalue; for a large matrix to three digits, by bisection on the shift of the diagonal.
fn smallest(a: &Matrix) -> f64 {
    if a.len() <= MOST_REPAIRED {
        return eigen(a).0.first().copied().unwrap_or(1.0);
    }
    // Gershgorin: no eigenvalue lies further from 1 than the sum of a row's correlations.
    let sum = |row: &Vec<f64>| row.iter().map(|x| x.abs()).sum::<f64>();
    let (mut low, mut high) = (2.0 - a.iter().map(sum).fold(1.0, f64::max), 0.0);
    while high - low > 5e-4 {
        let middle = 0.5 * (low + high);
        let mut shifted = a.clone();
        shifted.iter_mut().enumerate().for_each(|(i, row)| row[i] -= middle);
        if cholesky(&shifted).is_some() { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// Eigenvalues, ascending, and for each its unit eigenvector, of a symmetric matrix; error about 1e-15 of its norm.
/// Cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, §8.5).
pub fn eigen(a: &Matrix) -> (Vec<f64>, Matrix) {
    let n = a.len();
    let mut a = a.clone();
    let mut v: Matrix = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for _ in 0..60 {
        let off: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i][j] * a[i][j]).sum();
        if off < 1e-34 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q] == 0.0 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = libm::copysign(1.0, theta) / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                let turn = |x: f64, y: f64| (c * x - s * y, s * x + c * y);
                for row in &mut a {
                    (row[p], row[q]) = turn(row[p], row[q]);
                }
                // Rows p and q of `a`; and of `v`, where row p is the eigenvector of a[p][p].
                for rows in [&mut a, &mut v] {
                    let (before, from_q) = rows.split_at_mut(q);
                    for (x, y) in before[p].iter_mut().zip(&mut from_q[0]) {
                        (*x, *y) = turn(*x, *y);
                    }
                }
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|i, j| a[*i][*i].total_cmp(&a[*j][*j]));
    (order.iter().map(|i| a[*i][*i]).collect(), order.iter().map(|i| v[*i].clone()).collect())
}

/// The Frobenius distance: the root of the sum of squared differences of all entries.
pub fn distance(a: &Matrix, b: &Matrix) -> f64 {
    let squares = a.iter().flatten().zip(b.iter().flatten()).map(|(x, y)| (x - y) * (x - y));
    squares.sum::<f64>().sqrt()
}

/// The correlation matrix nearest to `a` in Frobenius norm, and its distance. Alternating projections on the positive
/// semidefinite matrices (with Dykstra's correction) and on those of unit diagonal: Higham, "Computing the nearest
/// correlation matrix — a problem from finance", IMA Journal of Numerical Analysis 22 (2002), algorithm 3.3. Stops when
/// a round moves no entry by 1e-14, or after 100 000 rounds.
pub fn nearest(a: &Matrix) -> (Matrix, f64) {
    let n = a.len();
    let mut y = a.clone();
    let mut correction = vec![vec![0.0; n]; n];
    for _ in 0..100_000 {
        let r: Matrix = (0..n).map(|i| (0..n).map(|j| y[i][j] - correction[i][j]).collect()).collect();
        let (values, vectors) = eigen(&r);
        let mut moved: f64 = 0.0;
        for i in 0..n {
            for j in 0..=i {
                let x: f64 = values.iter().zip(&vectors).filter(|(l, _)| **l > 0.0).map(|(l, v)| l * v[i] * v[j]).sum();
                (correction[i][j], correction[j][i]) = (x - r[i][j], x - r[i][j]);
                let unit = if i == j { 1.0 } else { x };
                moved = crate::math::max(moved, (unit - y[i][j]).abs());
                (y[i][j], y[j][i]) = (unit, unit);
            }
        }
        if moved < 1e-14 {
            break;
        }
    }
    let far = distance(a, &y);
    (y, far)
}

/// Three indices whose own 3×3 matrix is already inconsistent, the worst of all such, or `None` if the inconsistency
/// involves more variables. For correlations `a`, `b`, `c`: the determinant `1 + 2abc − a² − b² − c²` is negative.
pub fn clash(m: &Matrix) -> Option<[usize; 3]> {
    let n = m.len();
    let mut worst = (-SLACK, None);
    for i in 0..n {
        for j in i + 1..n {
            for k in j + 1..n {
                let (a, b, c) = (m[i][j], m[j][k], m[i][k]);
                let determinant = 1.0 + 2.0 * a * b * c - a * a - b * b - c * c;
                if determinant < worst.0 {
                    worst = (determinant, Some([i, j, k]));
                }
            }
        }
    }
    worst.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn triple(a: f64, b: f64, c: f64) -> Matrix {
        vec![vec![1.0, a, b], vec![a, 1.0, c], vec![b, c, 1.0]]
    }

    #[test]
    fn eigenvalues_and_vectors_rebuild_the_matrix() {
        // Eigenvalues of (1, a, a, 1) are 1 ± a; of the triple (1, 0, 1) they are 1 and 1 ± √2.
        assert_eq!(eigen(&vec![vec![1.0, 0.5], vec![0.5, 1.0]]).0.len(), 2);
        let m = triple(1.0, 0.0, 1.0);
        let (values, vectors) = eigen(&m);
        for (got, want) in values.iter().zip([1.0 - 2f64.sqrt(), 1.0, 1.0 + 2f64.sqrt()]) {
            assert!((got - want).abs() < 1e-14);
        }
        for i in 0..3 {
            for j in 0..3 {
                let x: f64 = values.iter().zip(&vectors).map(|(l, v)| l * v[i] * v[j]).sum();
                assert!((x - m[i][j]).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn singular_matrices_have_factors_and_impossible_ones_have_not() {
        let l = cholesky(&triple(1.0, 0.5, 0.5)).unwrap();
        assert_eq!(l[1], [1.0, 0.0, 0.0]);
        assert!(cholesky(&triple(1.0, 0.5, 0.4)).is_none());
        assert!(cholesky(&triple(0.9, -0.9, 0.9)).is_none());
        assert!(cholesky(&nearest(&triple(0.9, -0.9, 0.9)).0).is_some());
    }

    #[test]
    fn a_valid_matrix_is_its_own_nearest() {
        let m = triple(0.5, 0.3, -0.2);
        let (same, far) = nearest(&m);
        assert!(far < 1e-14 && distance(&m, &same) < 1e-14);
        assert_eq!(clash(&m), None);
        assert_eq!(clash(&triple(0.9, -0.9, 0.9)), Some([0, 1, 2]));
    }
}
