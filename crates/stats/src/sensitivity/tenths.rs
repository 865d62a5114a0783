//! The probability of an event where an input is in its lowest tenth and where it is in its highest.

use crate::interval::{proportion_se, wilson};
use crate::quantile::quantile;

/// Confidence level of the interval of the difference.
const LEVEL: f64 = 0.95;

/// Paths of one tenth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tenth {
    /// Number of paths.
    pub n: u64,
    /// Those with the event.
    pub events: u64,
    /// Share with the event.
    pub probability: f64,
    /// Its standard error, as in [`proportion_se`]; without or with nothing but events it is 0 and says little: then
    /// use the interval of [`wilson`].
    pub se: f64,
}

/// The probability in both tenths and its difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tenths {
    /// Paths where the input is at its 10% quantile or below.
    pub lowest: Tenth,
    /// Paths where it is at its 90% quantile or above.
    pub highest: Tenth,
    /// Probability in the highest tenth less that in the lowest.
    pub difference: f64,
    /// Its standard error; the tenths are different paths and independent.
    pub se: f64,
    /// 95% interval of the difference (Newcombe 1998, "Interval estimation for the difference between independent
    /// proportions", method 10), which stays wide without events.
    pub interval: (f64, f64),
}

/// Compares the probability of an event between the tenths of an input. Equal values stay together, so that a tenth of a
/// discrete input is larger than a tenth of the paths. `None` if a path is in both, as when 80% of the values are equal,
/// or no value is defined; paths where the input is NaN are excluded.
///
/// # Panics
/// If the columns differ in length.
pub fn tenths(input: &[f64], event: &[bool]) -> Option<Tenths> {
    assert_eq!(input.len(), event.len(), "both columns are on the same paths");
    let mut sorted: Vec<f64> = input.iter().copied().filter(|x| !x.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let (low, high) = (quantile(&sorted, 0.1), quantile(&sorted, 0.9));
    if low >= high || sorted.is_empty() {
        return None;
    }
    let tenth = |within: &dyn Fn(f64) -> bool| {
        let events = input.iter().zip(event).filter(|(x, _)| within(**x)).map(|(_, event)| u64::from(*event));
        let (n, events) = events.fold((0, 0), |(n, sum), event| (n + 1, sum + event));
        let probability = events as f64 / n as f64;
        Tenth { n, events, probability, se: proportion_se(probability, n) }
    };
    let (lowest, highest) = (tenth(&|x| x <= low), tenth(&|x| x >= high));
    let difference = highest.probability - lowest.probability;
    let [(bottom_low, top_low), (bottom_high, top_high)] = [lowest, highest].map(|t| wilson(t.events, t.n, LEVEL));
    let (l, h) = (lowest.probability, highest.probability);
    Some(Tenths {
        lowest,
        highest,
        difference,
        se: distance(lowest.se, highest.se),
        interval: (
            difference - distance(h - bottom_high, top_low - l),
            difference + distance(top_high - h, l - bottom_low),
        ),
    })
}

fn distance(a: f64, b: f64) -> f64 {
    (a * a + b * b).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn tenths_of_a_hundred() {
        // Values 0 to 99 in a mixed order; the event is a value of 8, 9, or 90 to 95.
        let input: Vec<f64> = (0..100).map(|i| f64::from(i * 37 % 100)).collect();
        let event: Vec<bool> = input.iter().map(|x| (8.0..10.0).contains(x) || (90.0..96.0).contains(x)).collect();
        let found = tenths(&input, &event).unwrap();
        assert_eq!((found.lowest.n, found.lowest.events, found.highest.n, found.highest.events), (10, 2, 10, 6));
        // √(0.16/9 + 0.24/9)
        assert!((found.difference - 0.4).abs() < 1e-15 && (found.se - (0.4_f64 / 9.0).sqrt()).abs() < 1e-15);
        // Wilson's (0.0567, 0.5098) and (0.3127, 0.8318): 0.4 − √(0.2873² + 0.3098²), 0.4 + √(0.2318² + 0.1433²).
        let (low, high) = found.interval;
        assert!((low + 0.0225).abs() < 2e-4 && (high - 0.6725).abs() < 2e-4, "{found:?}");
    }

    #[test]
    fn discrete_and_undefined_inputs() {
        let coin: Vec<f64> = (0..100).map(|i| f64::from(i % 2)).collect();
        let event: Vec<bool> = (0..100).map(|i| i % 4 == 1).collect();
        let found = tenths(&coin, &event).unwrap();
        assert_eq!((found.lowest.n, found.lowest.events, found.highest.n, found.highest.events), (50, 0, 50, 25));
        assert!(found.lowest.se == 0.0 && found.interval.0 > 0.3 && found.interval.1 < 0.7);
        assert_eq!(tenths(&[1.0; 100], &event), None);
        assert_eq!(tenths(&[f64::NAN; 100], &event), None);
        assert_eq!(tenths(&[], &[]), None);
        let mut holes = coin;
        holes[1] = f64::NAN;
        assert_eq!(tenths(&holes, &event).unwrap().highest.n, 49);
    }

    /// Events with probability `x²/2` of a uniform input: 1/600 in the lowest tenth, 0.2710/0.6 = 0.4517 in the highest.
    #[test]
    fn intervals_cover() {
        let mut random = Random::new(4, 0);
        let truth = (1.0 - 0.9_f64.powi(3)) / 0.6 - 0.001 / 0.6;
        let (runs, mut held) = (1000, 0);
        for _ in 0..runs {
            let input: Vec<f64> = (0..1000).map(|_| random.uniform()).collect();
            let event: Vec<bool> = input.iter().map(|x| random.uniform() < 0.5 * x * x).collect();
            let found = tenths(&input, &event).unwrap();
            held += u32::from(found.interval.0 < truth && truth < found.interval.1);
        }
        // 1000 runs: standard error 0.7 points about 95%; 4.3 of them: false alarm 2e-5.
        assert!((920..=980).contains(&held), "{held}");
    }
}
