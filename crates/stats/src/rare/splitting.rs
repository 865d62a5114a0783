//! Multilevel splitting with fixed effort: a rare event is reached over levels; at each, a fixed number of paths starts
//! from states in which the level before was entered, and the share that reaches the next is counted (Garvels 2000, "The
//! splitting method in rare event simulation", ch. 2). The product of the shares is an estimate without bias.
//!
//! Shares of one replicate depend on each other, as states are used again, so its error is that of independent replicates.

use crate::moments::Moments;
use crate::special::student_quantile;

/// The probability of a rare event from independent replicates.
#[derive(Clone, Debug, PartialEq)]
pub struct Splitting {
    /// Number of replicates.
    pub replicates: u64,
    /// Mean of the products.
    pub estimate: f64,
    /// Its standard error over replicates; NaN for one.
    pub se: f64,
    /// Interval `estimate × exp(±t se/estimate)` with Student's `t`, at most 1: products of shares are skewed and positive.
    /// NaN for one replicate, or if none has the event.
    pub interval: (f64, f64),
    /// For each level, the mean over replicates of the share that reaches the next. A level where it is far below the
    /// others needs another between.
    pub levels: Vec<f64>,
}

/// The estimate from replicates, each of them the shares of its levels, 0 after the first 0, and its interval at a
/// confidence level such as 0.95. `None` if there are no replicates, they differ in their number of levels, or a share is
/// outside 0 to 1.
pub fn splitting(replicates: &[&[f64]], confidence: f64) -> Option<Splitting> {
    let levels = replicates.first()?.len();
    let sound = |shares: &&[f64]| shares.len() == levels && shares.iter().all(|p| (0.0..=1.0).contains(p));
    if !replicates.iter().all(sound) {
        return None;
    }
    let n = replicates.len() as f64;
    let products: Vec<f64> = replicates.iter().map(|shares| shares.iter().product()).collect();
    let moments = Moments::of(&products);
    let (estimate, se) = (moments.mean, moments.se());
    let interval = if n > 1.0 && estimate > 0.0 {
        let factor = libm::exp(student_quantile(n - 1.0, f64::midpoint(1.0, confidence)) * se / estimate);
        (estimate / factor, (estimate * factor).min(1.0))
    } else {
        (f64::NAN, f64::NAN)
    };
    let mean = |level: usize| replicates.iter().map(|shares| shares[level]).sum::<f64>() / n;
    Some(Splitting { replicates: moments.n, estimate, se, interval, levels: (0..levels).map(mean).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn by_hand() {
        // Products 0.02 and 0.06: mean 0.04, standard error 0.02; t with one degree of freedom at 75% is 1.
        let found = splitting(&[&[0.1, 0.2], &[0.2, 0.3]], 0.5).unwrap();
        assert!((found.estimate - 0.04).abs() < 1e-15 && (found.se - 0.02).abs() < 1e-15);
        let root = libm::exp(0.5);
        assert!((found.interval.0 - 0.04 / root).abs() < 1e-12 && (found.interval.1 - 0.04 * root).abs() < 1e-12);
        assert!((found.levels[0] - 0.15).abs() < 1e-15 && (found.levels[1] - 0.25).abs() < 1e-15);
        let one = splitting(&[&[0.5]], 0.95).unwrap();
        assert!(one.estimate == 0.5 && one.se.is_nan() && one.interval.0.is_nan());
        let none = splitting(&[&[0.5, 0.0], &[0.4, 0.0]], 0.95).unwrap();
        assert!(none.estimate == 0.0 && none.se == 0.0 && none.interval.1.is_nan());
        let bad: [&[&[f64]]; 4] = [&[], &[&[0.1], &[0.1, 0.2]], &[&[1.5]], &[&[f64::NAN]]];
        assert!(bad.iter().all(|replicates| splitting(replicates, 0.95).is_none()));
    }

    /// One replicate for a walk that starts at 1, goes up with probability 0.3 or else down, and ends at 0 or 8, with
    /// levels 2, 4, 6 and 8: each is entered at its own height.
    fn replicate(effort: u32, random: &mut Random) -> Vec<f64> {
        let share = |(from, to): (i32, i32), random: &mut Random| {
            let reached = (0..effort).filter(|_| {
                let mut at = from;
                while at > 0 && at < to {
                    at += if random.uniform() < 0.3 { 1 } else { -1 };
                }
                at == to
            });
            reached.count() as f64 / f64::from(effort)
        };
        let mut shares = Vec::new();
        for step in [(1, 2), (2, 4), (4, 6), (6, 8)] {
            let lost = shares.last() == Some(&0.0);
            shares.push(if lost { 0.0 } else { share(step, random) });
        }
        shares
    }

    #[test]
    fn the_ruin_of_a_gambler() {
        // (r − 1)/(r⁸ − 1) with r = 7/3: 0.0015.
        let ratio: f64 = 7.0 / 3.0;
        let truth = (ratio - 1.0) / (ratio.powi(8) - 1.0);
        let mut random = Random::new(6, 0);
        let (runs, mut held, mut estimates) = (400, 0, Vec::new());
        for _ in 0..runs {
            let all: Vec<Vec<f64>> = (0..10).map(|_| replicate(100, &mut random)).collect();
            let found = splitting(&all.iter().map(Vec::as_slice).collect::<Vec<_>>(), 0.95).unwrap();
            held += u32::from(found.interval.0 < truth && truth < found.interval.1);
            estimates.push(found.estimate);
        }
        // 400 runs at 95%: standard error 1.1 points; within 4.5: false alarm 5e-6.
        assert!((361..=398).contains(&held), "{held}");
        // The mean of all is without bias: 4.5 standard errors, false alarm 7e-6.
        let moments = Moments::of(&estimates);
        assert!(
            (moments.mean - truth).abs() < 4.5 * moments.se() && moments.se() < 0.02 * truth,
            "{moments:?} {truth}"
        );
    }
}
