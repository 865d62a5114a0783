//! Market value of accelerators: collateral of a loan, a sale and leaseback, or a lender's sale.
//!
//! A vintage aged `a` months has the value `cost · decline(a) · I_t / I_delivery`, with `I` the resale index of the
//! market and `decline` a constant rate in the first year and another one later. A pool of deliveries keeps two sums
//! instead of a list: deliveries younger than a year and older ones, both at an index of 1. Each falls by its own
//! monthly factor; a delivery moves from one to the other when it is a year old. The sums are exact for any pattern of
//! deliveries, if the instrument remembers deliveries for twelve months.
//!
//! Not modelled: jumps of value with each generation, and spread between models of accelerators.

use crate::engine::math::{exp, max, min, select};
use crate::language::quantity::{Inputs, Quantity};
use crate::units::Usd;
use crate::{row, spec};

spec! {
    /// Decline of the market value of hardware that secures a loan or a lease.
    pub struct ValueSpec {
        /// Change in market value in the first year.
        pub first_year: Quantity [Share -1.0..1.0] = "-35%",
        /// Change in market value in each subsequent year.
        pub later: Quantity [Share -1.0..1.0] = "-25%",
    }
}

row! {
    /// Decline of value with age.
    pub struct Decline {
        /// Log of the monthly factor in the first year.
        pub first_log: f64,
        /// Log of the monthly factor in later years.
        pub later_log: f64,
        /// Monthly factor in the first year.
        pub first: f64,
        /// Monthly factor in later years.
        pub later: f64,
        /// Share of the value left after the first year.
        pub year: f64,
    }
    /// Value of a pool of deliveries, at a resale index of 1.
    pub struct Vintages {
        /// Deliveries less than a year old.
        pub young: Usd,
        /// Older deliveries.
        pub old: Usd,
    }
}

/// Months for which the first-year rate applies.
pub const YEAR: f64 = 12.0;

impl Decline {
    /// Decline as stated in a scenario.
    pub fn of(value: &ValueSpec, inputs: &Inputs<'_>) -> Decline {
        Decline::from_changes(value.first_year.at(inputs), value.later.at(inputs))
    }

    /// Decline from two annual changes, such as −0.35 and −0.25; a change of −100% leaves a millionth.
    pub fn from_changes(first_year: f64, later: f64) -> Decline {
        let log = |change: f64| libm::log((1.0 + change).max(1e-6)) / YEAR;
        let (first_log, later_log) = (log(first_year), log(later));
        Decline {
            first_log,
            later_log,
            first: libm::exp(first_log),
            later: libm::exp(later_log),
            year: libm::exp(first_log * YEAR),
        }
    }

    /// Share of the value left at an age of `age` months.
    #[inline(always)]
    pub fn left(&self, age: f64) -> f64 {
        exp(self.first_log * max(0.0, min(age, YEAR)) + self.later_log * max(0.0, age - YEAR))
    }

    /// Factor of the month in which a vintage reaches an age of `age` months; 1 before it is delivered.
    #[inline(always)]
    pub fn month(&self, age: f64) -> f64 {
        select(age < 1.0, 1.0, select(age <= YEAR, self.first, self.later))
    }
}

/// Amount at which a delivery enters [`Vintages`]: its cost over the index in the month of delivery.
#[inline(always)]
pub fn at_one(cost: Usd, index: f64) -> Usd {
    cost / max(index, f64::MIN_POSITIVE)
}

impl Vintages {
    /// Ages the pool by a month. `year_old` is the delivery of twelve months ago, at the amount that was added then.
    #[inline(always)]
    pub fn age(&mut self, decline: &Decline, year_old: Usd) {
        let moved = year_old * decline.year;
        self.young = max(self.young * decline.first - moved, Usd::ZERO);
        self.old = self.old * decline.later + moved;
    }

    /// Adds this month's delivery.
    #[inline(always)]
    pub fn add(&mut self, delivered: Usd) {
        self.young += delivered;
    }

    /// Removes hardware at least a year old.
    #[inline(always)]
    pub fn remove(&mut self, gone: Usd) {
        self.old = max(self.old - gone, Usd::ZERO);
    }

    /// Removes hardware less than a year old.
    #[inline(always)]
    pub fn remove_young(&mut self, gone: Usd) {
        self.young = max(self.young - gone, Usd::ZERO);
    }

    /// Market value at this index.
    #[inline(always)]
    pub fn value(&self, index: f64) -> Usd {
        (self.young + self.old) * index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vintage_loses_its_two_rates() {
        let d = Decline::from_changes(-0.35, -0.25);
        // By hand: 0.65 after a year, 0.65 · 0.75 after two, 0.65 · √0.75 after a year and a half.
        for (age, left) in [(0.0, 1.0), (12.0, 0.65), (24.0, 0.4875), (18.0, 0.65 * 0.866_025_403_784), (-3.0, 1.0)] {
            assert!((d.left(age) - left).abs() < 1e-12, "{age}: {}", d.left(age));
        }
        let mut by_months = 1.0;
        for age in 0..=30 {
            by_months *= d.month(f64::from(age));
            assert!((by_months - d.left(f64::from(age))).abs() < 1e-14, "{age}");
        }
    }

    #[test]
    fn two_sums_are_as_good_as_a_list() {
        let d = Decline::from_changes(-0.4, -0.2);
        let index = |t: usize| 1.0 + 0.3 * ((t * 7 % 11) as f64 / 11.0 - 0.5);
        let cost = |t: usize| Usd(if t % 5 == 2 || (3..9).contains(&t) { 10.0 + t as f64 } else { 0.0 });
        let mut pool = Vintages::default();
        for t in 1..60 {
            let year_old = if t > 12 { at_one(cost(t - 12), index(t - 12)) } else { Usd::ZERO };
            pool.age(&d, year_old);
            pool.add(at_one(cost(t), index(t)));
            let one_by_one: f64 = (1..=t).map(|s| cost(s).0 * d.left((t - s) as f64) * index(t) / index(s)).sum();
            assert!((pool.value(index(t)).0 - one_by_one).abs() < 1e-9 * one_by_one.max(1.0), "{t}");
        }
        // A sold vintage is removed from the sum of the older ones.
        let before = pool;
        pool.remove(Usd(1.0));
        assert!(((before.old - pool.old).0 - 1.0).abs() < 1e-9 && before.young == pool.young);
        pool.remove(Usd(1e9));
        assert_eq!(pool.old, Usd::ZERO);
    }
}
