//! What a capital market supplies in any twelve months, of equity as of credit.
//!
//! A year's supply grows and is smaller in winter. What was taken of it in the eleven months before counts against it, and
//! the month may take what is left.

use crate::engine::component::Now;
use crate::engine::math::{exp, max, select};
use crate::language::quantity::{Inputs, Quantity};
use crate::row;
use crate::units::Usd;

/// Months before the current one that count against a year's supply.
pub const MONTHS: usize = 11;

row! {
    /// Terms: USD a year at the start, its log growth by month, and the share of it that remains in winter.
    pub struct Supply { pub yearly: f64, pub growth: f64, pub in_winter: f64 }
    /// What was taken in the months before, the last month first.
    pub struct Taken { pub by_month: [f64; MONTHS] }
}

impl Supply {
    /// The terms, from the supply in USD a month.
    pub fn new(supply: &Quantity, growth: &Quantity, in_winter: &Quantity, inputs: &Inputs<'_>) -> Supply {
        Supply {
            yearly: 12.0 * supply.at(inputs),
            growth: libm::log1p(growth.at(inputs)) / 12.0,
            in_winter: in_winter.at(inputs),
        }
    }
    /// Growth of the supply since the start, as a factor.
    #[inline(always)]
    pub fn grown(&self, now: &Now) -> f64 {
        exp(self.growth * now.t)
    }
    /// What is left of a year's `supply` after what was `taken`; `winter` is above 0 in winter.
    #[inline(always)]
    pub fn left(&self, supply: f64, taken: f64, winter: f64) -> Usd {
        let there = select(winter > 0.0, self.in_winter, 1.0);
        max(Usd(supply * there - taken), Usd::ZERO)
    }
}

impl Taken {
    /// In all months together.
    #[inline(always)]
    pub fn sum(&self) -> f64 {
        let mut sum = 0.0;
        for month in self.by_month {
            sum += month;
        }
        sum
    }
    /// Adds what was taken this month.
    #[inline(always)]
    pub fn push(&mut self, month: Usd) {
        for k in (1..MONTHS).rev() {
            self.by_month[k] = self.by_month[k - 1];
        }
        self.by_month[0] = month.0;
    }
}
