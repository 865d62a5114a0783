//! The world, independent of the lab: the regime, rates, the equity market, the compute market, and the frontier. Two
//! capital structures under one seed face the same world.

pub mod capital;
pub mod competition;
pub mod compute_market;
pub mod equity_market;
pub mod rates;
pub mod regime;
pub mod vendor_share;

use crate::language::quantity::{Inputs, Quantity};
use crate::spec;

pub use competition::{Competition, CompetitionSpec};
pub use compute_market::{ComputePrice, Resale};
pub use equity_market::{EquityMarket, EquityMarketSpec};
pub use rates::{CreditSpread, Sofr};
pub use regime::{ApartRegime, ApartRegimeSpec, Regime, RegimeSpec, Winters};
pub use vendor_share::VendorShare;

spec! {
    /// The world: drivers common to all labs and lenders.
    pub struct WorldSpec {
        /// Regime of boom and winter.
        pub regime: Option<RegimeSpec>,
        /// Secured overnight financing rate.
        pub sofr: Option<rates::SofrSpec>,
        /// Credit spreads of new borrowing.
        pub credit_spread: Option<rates::CreditSpreadSpec>,
        /// Price of equity: pre-money value over run-rate.
        pub equity_multiple: Option<equity_market::MultipleSpec>,
        /// Whether rounds can close.
        pub equity_window: equity_market::WindowSpec = "{}",
        /// The equity window once the lab is listed; unchanged by default.
        pub listed_window: Option<equity_market::ListedWindowSpec>,
        /// Price of power from compute suppliers.
        pub compute_price: Option<compute_market::PriceSpec>,
        /// Capital markets that see what the lab has promised.
        pub capital: Option<capital::CapitalSpec>,
        /// Resale value of accelerators.
        pub resale: Option<compute_market::ResaleSpec>,
        /// Share price of a vendor of hardware.
        pub vendor_share: Option<vendor_share::VendorShareSpec>,
        /// Competitor moves: releases, price wars, outages.
        pub competitors: Option<competition::CompetitorSpec>,
        /// The capability frontier.
        pub frontier: Option<competition::FrontierSpec>,
        /// Rivals' research, against which `lab.demand.capability` measures the lab's.
        pub rivals: Option<competition::RivalsSpec>,
    }
}

/// An Ornstein–Uhlenbeck step taken exactly over a month: `z' = zbar + a (z − zbar) + s e`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reversion {
    /// Persistence over a month, `2^(−1/half-life)`.
    pub a: f64,
    /// Standard deviation of the month's shock.
    pub s: f64,
}

impl Reversion {
    /// From a half-life in months and an instantaneous volatility per root month: the exact step.
    pub fn new(half_life: f64, volatility: f64) -> Self {
        let k = std::f64::consts::LN_2 / half_life;
        let a = libm::exp(-k);
        Reversion { a, s: volatility * libm::sqrt((1.0 - a * a) / (2.0 * k)) }
    }

    /// The same from quantities; a negative volatility counts as zero.
    pub fn of(half_life: &Quantity, volatility: &Quantity, inputs: &Inputs<'_>) -> Self {
        Reversion::new(half_life.at(inputs).max(1e-3), volatility.at(inputs).max(0.0))
    }
}

/// Share that remains after a month of decay with this half-life, in months.
pub fn keep(half_life: f64) -> f64 {
    libm::exp2(-1.0 / half_life.max(1e-3))
}
