//! Axes with ticks of our own choice: round amounts and calendar dates, six at most.

use super::house::{MAX_TICKS, money_ticks, percent_ticks, short_month};
use super::small;
use crate::units::Month;

/// A range and its labelled ticks.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub lo: f64,
    pub hi: f64,
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis of US dollars that covers `lo..hi` and always includes zero.
    pub fn money(lo: f64, hi: f64) -> Axis {
        let nothing = lo >= 0.0 && hi <= 0.0;
        let (lo, hi) = padded(lo.min(0.0), hi.max(0.0));
        // An axis with nothing but zero needs no scale.
        let ticks = if nothing { vec![0.0] } else { round_ticks(lo, hi) };
        let text = money_ticks(&ticks);
        Axis { lo, hi, ticks: ticks.into_iter().zip(text).collect() }
    }

    /// The same for a mirrored chart: amounts below zero are written without a sign.
    pub fn mirrored(lo: f64, hi: f64) -> Axis {
        let mut axis = Axis::money(lo, hi);
        for (_, text) in &mut axis.ticks {
            *text = text.trim_start_matches('\u{2212}').to_owned();
        }
        axis
    }

    /// An axis that covers `lo..hi` and formats its ticks with `write`; it has a positive range even where the data
    /// have none.
    pub fn of(lo: f64, hi: f64, write: fn(&[f64]) -> Vec<String>) -> Axis {
        let bound = |v: f64| if v.is_finite() { v.clamp(-1e18, 1e18) } else { 0.0 };
        let (lo, hi) = (bound(lo), bound(hi));
        // In a smaller range ticks could not be told apart.
        let least = (1e-9 * lo.abs().max(hi.abs())).max(1e-9);
        let (lo, hi) = if hi - lo >= least { (lo, hi) } else { (lo - least, lo + least) };
        let ticks = round_ticks(lo, hi);
        let text = write(&ticks);
        Axis { lo, hi, ticks: ticks.into_iter().zip(text).collect() }
    }

    /// An axis of shares from `lo` to 1.
    pub fn share(lo: f64) -> Axis {
        let ticks = round_ticks(lo, 1.0);
        let text = percent_ticks(&ticks);
        Axis { lo, hi: 1.0, ticks: ticks.into_iter().zip(text).collect() }
    }

    /// An axis of months from the start of `start`: 0 is its first day, 1 its end. Ticks are round dates.
    pub fn months(start: Month, months: usize) -> Axis {
        let n = small(months.max(1));
        let inside = |every: i32| {
            // `Month` counts from January of year 0, so multiples of 12 are Januaries.
            let first = start.since(Month::new(0, 1)).div_euclid(every) * every;
            (0..=n / every + 1).map(move |i| Month::new(0, 1).plus(first + i * every)).filter(move |m| {
                let x = m.since(start);
                (0..=n).contains(&x)
            })
        };
        let steps = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200];
        let every = steps.into_iter().find(|s| inside(*s).count() <= MAX_TICKS).unwrap_or(n.max(1));
        let ticks = inside(every).map(|m| (f64::from(m.since(start)), short_month(m))).collect();
        Axis { lo: 0.0, hi: f64::from(n), ticks }
    }

    /// Position of `v` between the ends, 0 to 1.
    pub fn part(&self, v: f64) -> f64 {
        (v - self.lo) / (self.hi - self.lo)
    }
}

/// Some padding beyond the data, none beyond zero; a positive range even where the data have none.
fn padded(lo: f64, hi: f64) -> (f64, f64) {
    let (lo, hi) = (lo.clamp(-1e18, 0.0), hi.clamp(0.0, 1e18));
    if hi - lo <= 0.0 {
        return (0.0, 1.0);
    }
    let air = 0.05 * (hi - lo);
    (if lo < 0.0 { lo - air } else { 0.0 }, if hi > 0.0 { hi + air } else { 0.0 })
}

/// The multiples of the smallest round step (1, 2, 2.5, 3, 4 or 5 times a power of ten) for which there are at most
/// six.
pub(super) fn round_ticks(lo: f64, hi: f64) -> Vec<f64> {
    if !(hi > lo && (hi - lo).is_finite()) {
        return vec![lo];
    }
    // The step must not underflow to zero.
    let mut power = 10_f64.powi(((hi - lo) / MAX_TICKS as f64).log10().floor().max(-300.0) as i32);
    loop {
        for m in [1.0, 2.0, 2.5, 3.0, 4.0, 5.0] {
            let step = m * power;
            let (first, last) = ((lo / step - 1e-9).ceil(), (hi / step + 1e-9).floor());
            if last - first < MAX_TICKS as f64 {
                return (0..=(last - first).max(0.0) as u32).map(|i| (first + f64::from(i)) * step + 0.0).collect();
            }
        }
        power *= 10.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_few_and_round() {
        assert_eq!(round_ticks(0.0, 1.0), [0.0, 0.2, 0.4, 3.0 * 0.2, 0.8, 1.0]);
        assert_eq!(round_ticks(-3.0, 11.0), [-2.5, 0.0, 2.5, 5.0, 7.5, 10.0]);
        let mut hi = 1e-3;
        while hi < 1e17 {
            for lo in [-hi, -0.3 * hi, 0.0] {
                let n = round_ticks(lo, hi).len();
                assert!((2..=6).contains(&n), "{lo} {hi}: {n}");
            }
            hi *= 1.37;
        }
    }

    #[test]
    fn dates_are_round() {
        let text = |months| {
            let axis = Axis::months(Month::new(2026, 6), months);
            axis.ticks.into_iter().map(|t| t.1).collect::<Vec<_>>()
        };
        assert_eq!(text(1), ["Jun 2026", "Jul 2026"]);
        assert_eq!(text(60), ["Jan 2027", "Jan 2028", "Jan 2029", "Jan 2030", "Jan 2031"]);
        assert_eq!(text(84), ["Jan 2028", "Jan 2030", "Jan 2032"]);
        for n in 1..900 {
            assert!((1..=6).contains(&text(n).len()), "{n}");
        }
    }

    #[test]
    fn axes_have_a_range_whatever_the_data() {
        for (lo, hi) in [(0.0, 0.0), (-5.0, -5.0), (3.0, 3.0), (-1e30, 1e30), (1e13, 1e13)] {
            let axis = Axis::money(lo, hi);
            assert!(axis.hi > axis.lo && axis.ticks.iter().any(|t| t.0 == 0.0), "{axis:?}");
        }
        let tiny = f64::MIN_POSITIVE;
        for (lo, hi) in [(0.0, 0.0), (0.0, tiny), (-tiny, tiny), (5e11, 5e11), (f64::NAN, 1.0), (1e30, f64::INFINITY)] {
            let axis = Axis::of(lo, hi, percent_ticks);
            assert!(axis.hi > axis.lo && (1..=6).contains(&axis.ticks.len()), "{axis:?}");
        }
    }
}
