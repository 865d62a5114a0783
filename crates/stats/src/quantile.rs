//! Exact quantiles of stored samples.

/// Rounding of `n·p` that still counts as a whole number, as in R's `quantile`.
const FUZZ: f64 = 4.0 * f64::EPSILON;

/// Integer part and remainder of a rank; a remainder that is only rounding counts as zero.
fn split(rank: f64) -> (f64, f64) {
    let fuzz = FUZZ * rank.abs().max(1.0);
    let whole = (rank + fuzz).floor();
    let rest = rank - whole;
    (whole, if rest.abs() <= fuzz { 0.0 } else { rest })
}

/// The `p`-quantile of an ascending sample without NaN; NaN if it is empty. Type 7 of Hyndman & Fan (1996), "Sample
/// quantiles in statistical packages": at rank `p·(n−1)` from 0, interpolated linearly between neighbours, the default
/// of numpy, R and spreadsheets.
pub fn quantile(sorted: &[f64], p: f64) -> f64 {
    if sorted.is_empty() {
        return f64::NAN;
    }
    let n = sorted.len() as f64;
    // Ranks from 1, as in the paper.
    let (rank, rest) = split(n * p + (1.0 - p));
    let at = |rank: f64| sorted[(rank.clamp(1.0, n) - 1.0) as usize];
    let (low, high) = (at(rank), at(rank + 1.0));
    if rest == 0.0 { low } else { low + rest * (high - low) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges() {
        assert!(quantile(&[], 0.5).is_nan());
        assert_eq!([0.0, 0.3, 1.0].map(|p| quantile(&[7.0], p)), [7.0; 3]);
        assert_eq!([0.0, 0.25, 1.0].map(|p| quantile(&[1.0, 2.0, 4.0], p)), [1.0, 1.5, 4.0]);
        // 0.1 · 3 · 10 rounds to a neighbour of 3, which still counts as a whole rank.
        let eleven: Vec<f64> = (0..=10).map(f64::from).collect();
        assert_eq!(quantile(&eleven, 0.1 * 3.0), 3.0);
    }
}
