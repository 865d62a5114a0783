//! The list of parts: drivers of the world and pieces of the lab, in the order in which a stage runs them.

use crate::drivers::{Capability, ComputePrice, CreditSpread, EquityMarket, Regime, Resale, Sofr, VendorShare};
use crate::engine::part::Part;
use crate::lab::allocation::Allocation;
use crate::lab::costs::{Costs, Lumps};
use crate::lab::demand::{Churn, Common, FreeSegment, GompertzSegment, LogisticSegment, Price, Releases};
use crate::lab::inference::{Intensity, Margin};
use crate::lab::orders::{Market, Orders};
use crate::lab::research::{Research, Training};
use crate::lab::treasury::Treasury;

crate::parts! {
    /// Boom and winter.
    Regime,
    /// SOFR.
    Sofr,
    /// Credit spreads.
    CreditSpread,
    /// Price of equity and its window.
    EquityMarket,
    /// Prices of power.
    ComputePrice,
    /// Resale of accelerators.
    Resale,
    /// Share price of a vendor.
    VendorShare,
    /// Releases, frontier, competitors.
    Capability,
    /// What moves all demand.
    Common,
    /// Customers lost behind the frontier.
    Churn,
    /// Releases and their fading.
    Releases,
    /// The mix price.
    Price,
    /// A segment of demand without a ceiling.
    FreeSegment,
    /// A segment of demand under the logistic law.
    LogisticSegment,
    /// A segment of demand under the Gompertz law.
    GompertzSegment,
    /// Research compute in money.
    Research,
    /// Training in power.
    Training,
    /// Serving, by margin.
    Margin,
    /// Serving, by power.
    Intensity,
    /// Who gets the power.
    Allocation,
    /// Lumps of cost.
    Lumps,
    /// Staff, other costs, partners.
    Costs,
    /// Power ordered ahead.
    Orders,
    /// Power bought for the month, resale of what is idle.
    Market,
    /// Cash.
    Treasury,
}
