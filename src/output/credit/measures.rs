//! Loss given default and the tail of the loss, with their standard errors.

use crate::stats::interval::quantile_ranks;
use crate::stats::moments::Moments;

/// Mean loss over mean claim, over the paths with a claim, and its standard error as a ratio of two means (the delta
/// method). NaN without a claim; the error needs two.
pub(super) fn lgd(claims: &[f64], losses: &[f64]) -> (f64, f64) {
    let with: Vec<(f64, f64)> = claims.iter().zip(losses).filter(|(c, _)| **c > 0.0).map(|(c, l)| (*c, *l)).collect();
    let n = with.len() as f64;
    let (claimed, lost) = with.iter().fold((0.0, 0.0), |(a, b), (claim, loss)| (a + claim, b + loss));
    let ratio = lost / claimed;
    let squares: f64 = with.iter().map(|(claim, loss)| loss - ratio * claim).map(|off| off * off).sum();
    (ratio, (squares * n / (n - 1.0)).sqrt() / claimed)
}

/// The tail of the loss, each figure with its standard error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tail {
    /// The 99% quantile: the smallest of the worst hundredth of the paths.
    pub quantile: (f64, f64),
    /// The expected shortfall at 99%: the mean of the worst hundredth.
    pub shortfall: (f64, f64),
}

/// Confidence level of the tail.
const LEVEL: f64 = 0.99;

/// The tail of the loss over all paths, of which there is at least one. The error of the quantile is a quarter of the
/// width of its distribution-free 95% interval by order statistics, or NaN where there are too few paths for one; that of
/// the shortfall accounts for the quantile being estimated: `√((variance of the worst + 0.99 (ES − P99)²)/number)`.
pub(super) fn tail(losses: &[f64]) -> Tail {
    let mut sorted = losses.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len();
    let worst = &sorted[n - (n.div_ceil(100)).clamp(1, n)..];
    let quantile = worst[0];
    let ranks = quantile_ranks(n as u64, LEVEL, 0.95);
    let at = |rank: u64| usize::try_from(rank).ok()?.checked_sub(1).and_then(|k| sorted.get(k)).copied();
    let error = at(ranks.lower).zip(at(ranks.upper)).map_or(f64::NAN, |(low, high)| (high - low) / (2.0 * 1.96));
    let moments = Moments::of(worst);
    let beyond = moments.mean - quantile;
    let variance = if moments.n > 1 { moments.sd() * moments.sd() } else { f64::NAN };
    let shortfall_error = ((variance + LEVEL * beyond * beyond) / worst.len() as f64).sqrt();
    Tail { quantile: (quantile, error), shortfall: (moments.mean, shortfall_error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loss_given_default_by_hand() {
        // Claims of 10 and 30, losses of 8 and 12: 20/40. Residuals 3 and −3: √(18 × 2/1)/40 = 0.15.
        let (ratio, error) = lgd(&[0.0, 10.0, 30.0], &[0.0, 8.0, 12.0]);
        assert!((ratio - 0.5).abs() < 1e-15 && (error - 0.15).abs() < 1e-15, "{ratio} {error}");
        assert!(lgd(&[0.0], &[0.0]).0.is_nan() && lgd(&[5.0], &[1.0]).1.is_nan());
    }

    #[test]
    fn the_tail_is_the_worst_hundredth() {
        // Of 400 losses 0, 1, … 399 the worst four are 396 to 399: mean 397.5, variance 5/3, 1.5 beyond the quantile.
        let losses: Vec<f64> = (0..400).rev().map(f64::from).collect();
        let tail = tail(&losses);
        assert_eq!((tail.quantile.0, tail.shortfall.0), (396.0, 397.5));
        let by_hand = ((5.0 / 3.0 + 0.99 * 2.25) / 4.0_f64).sqrt();
        assert!((tail.shortfall.1 - by_hand).abs() < 1e-12, "{tail:?}");
        // Bin(400, 99%) has 95% between 391 and 399: x_(391) = 390 and x_(400) = 399.
        assert!((tail.quantile.1 - 9.0 / 3.92).abs() < 1.0, "{tail:?}");
        let one = super::tail(&[3.0]);
        assert!(one.quantile.0 == 3.0 && one.quantile.1.is_nan() && one.shortfall.1.is_nan());
    }
}
