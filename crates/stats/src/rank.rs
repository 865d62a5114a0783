//! Rank correlation: how one column of values moves with another, whatever their distributions.

/// Maximum number of values that can be ranked together; their indices take 14 bits of the sort keys.
pub const MOST: usize = 1 << 14;

/// Ranks from 1, with ties given their mean rank, less the mean of all ranks; in the order of `values`. Values equal in
/// their first 50 bits (12 digits) count as ties. At most [`MOST`] values, none of them NaN.
///
/// # Panics
/// If there are more values than [`MOST`].
pub fn centred_ranks(values: &[f64]) -> Vec<f64> {
    assert!(values.len() <= MOST, "{} values are ranked at once, not {MOST} at most", values.len());
    let index = MOST as u64 - 1;
    let key = |(i, v): (usize, &f64)| {
        let bits = (v + 0.0).to_bits();
        let ordered = if bits >> 63 == 0 { bits | 1 << 63 } else { !bits };
        ordered & !index | i as u64
    };
    let mut keys: Vec<u64> = values.iter().enumerate().map(key).collect();
    keys.sort_unstable();
    let mut out = vec![0.0; values.len()];
    let middle = 0.5 * (values.len() as f64 + 1.0);
    let mut before = 0;
    for equal in keys.chunk_by(|a, b| a & !index == b & !index) {
        let rank = before as f64 + 0.5 * (equal.len() as f64 + 1.0) - middle;
        for k in equal {
            out[(k & index) as usize] = rank;
        }
        before += equal.len();
    }
    out
}

/// Spearman's rank correlation of two columns, from their [`centred_ranks`], and its standard error by Bonett and
/// Wright (2000): `(1 − ρ²) √((1 + ρ²/2)/(n − 3))`. Both are NaN if a column is empty or has only one distinct value;
/// the standard error is also NaN for up to three values.
pub fn spearman(a: &[f64], b: &[f64]) -> (f64, f64) {
    let n = a.len().min(b.len()) as f64;
    let rho = dot(a, b) / (dot(a, a) * dot(b, b)).sqrt();
    if !rho.is_finite() {
        return (f64::NAN, f64::NAN);
    }
    let rho = rho.clamp(-1.0, 1.0);
    let se = if n > 3.0 { (1.0 - rho * rho) * ((1.0 + 0.5 * rho * rho) / (n - 3.0)).sqrt() } else { f64::NAN };
    (rho, se)
}

/// Sum of products, in eight partial sums that vectorise.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (eights, rest) = a.as_chunks::<8>();
    let (others, last) = b.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (x, y) in eights.iter().zip(others) {
        for k in 0..8 {
            sums[k] += x[k] * y[k];
        }
    }
    sums.iter().sum::<f64>() + rest.iter().zip(last).map(|(x, y)| x * y).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_shared_by_equals() {
        // 1 and 2 for the first two, 3.5 for both of the next, 5: less the mean of 3.
        assert_eq!(centred_ranks(&[7.0, -1.0, 9.0, 7.0, 0.0]), [0.5, -2.0, 2.0, 0.5, -1.0]);
        assert_eq!(centred_ranks(&[-0.0, 0.0, -1e300, 1e300]), [0.0, 0.0, -1.5, 1.5]);
        assert!(centred_ranks(&[]).is_empty());
        assert_eq!(centred_ranks(&[3.0; 4]), [0.0; 4]);
    }

    #[test]
    fn correlation_of_ranks() {
        let rho = |a: &[f64], b: &[f64]| spearman(&centred_ranks(a), &centred_ranks(b));
        let a = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(rho(&a, &a.map(|x: f64| x * x * x)), (1.0, 0.0));
        assert_eq!(rho(&a, &a.map(|x| -x)), (-1.0, 0.0));
        // Differences of ranks 1, 1, 1, 1, 0: 1 − 6 × 4/(5 × 24) = 0.8; 0.36 × √(1.32/2) = 0.29247.
        let (value, se) = rho(&a, &[2.0, 1.0, 4.0, 3.0, 5.0]);
        assert!((value - 0.8).abs() < 1e-12 && (se - 0.292_465).abs() < 1e-6, "{value} {se}");
        // Ties: ranks 1.5, 1.5, 3.5, 3.5 against 1 to 4: 4/√(4 × 5).
        assert!((rho(&[0.0, 0.0, 1.0, 1.0], &a[..4]).0 - 4.0 / 20.0_f64.sqrt()).abs() < 1e-12);
        assert!(rho(&[1.0; 5], &a).0.is_nan() && rho(&[], &[]).0.is_nan());
    }
}
