//! Interest rate of a loan: a margin over SOFR, or a fixed rate.

use crate::engine::instrument::View;
use crate::engine::math::max;
use crate::language::prelude::FloatingRate;
use crate::language::quantity::Inputs;
use crate::row;

row! {
    /// A monthly rate: the nominal annual rate over twelve.
    pub struct Floating {
        /// Margin over SOFR, or the whole fixed rate; a fraction per month.
        pub margin: f64,
        /// 1/12 when SOFR is added, otherwise 0.
        pub floats: f64,
    }
}

impl Floating {
    /// The rate stated in a scenario.
    pub fn new(rate: &FloatingRate, inputs: &Inputs<'_>) -> Floating {
        Floating { margin: rate.margin.at(inputs) / 12.0, floats: f64::from(u8::from(rate.floats)) / 12.0 }
    }
    /// The month's rate with a further margin of `more`, a fraction per year; never below zero.
    #[inline(always)]
    pub fn rate(&self, see: &View, more: f64) -> f64 {
        max(self.margin + self.floats * see.market.sofr + more * (1.0 / 12.0), 0.0)
    }
}
