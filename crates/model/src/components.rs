//! The list of components, of the world and of the lab, in the order in which a stage runs them.

use crate::drivers::{
    ApartRegime, Competition, ComputePrice, CreditSpread, EquityMarket, Regime, Resale, Sofr, VendorShare,
};
use crate::engine::component::Component;
use crate::lab::allocation::{Allocation, Ranked};
use crate::lab::capability::Capability;
use crate::lab::costs::{Costs, Lumps};
use crate::lab::credit_supply::CreditSupply;
use crate::lab::demand::{Churn, Common, Price, Releases};
use crate::lab::equity_price::EquityPrice;
use crate::lab::equity_supply::{EquitySupply, FirmCover};
use crate::lab::inference::{Intensity, Margin};
use crate::lab::market::{LetMarket, Market, TimedMarket};
use crate::lab::orders::{BullishOrders, GuidedOrders, NewsvendorOrders, Orders, PlannedOrders};
use crate::lab::research::{FinalRun, Pace, Research, SplitResearch, Training};
use crate::lab::scarcity::Scarcity;
use crate::lab::segment::{
    BassSegment, FreeSegment, GompertzSegment, LogisticSegment, RankedBassSegment, RankedFreeSegment,
    RankedGompertzSegment, RankedLogisticSegment,
};
use crate::lab::treasury::Treasury;

/// Declares one enum of the specs of all components; the engine uses each as a trait object.
macro_rules! components {
    ($($(#[$d:meta])* $Name:ident),* $(,)?) => {
        /// The spec from which the terms of a component are made.
        #[derive(Clone, Debug)]
        pub enum ComponentSpec { $($(#[$d])* $Name(<$Name as Component>::Spec)),* }

        impl ComponentSpec {
            /// Names of its correlated normal shocks.
            pub fn normals(&self) -> Vec<String> { match self { $(Self::$Name(s) => $Name::normals(s)),* } }
            /// Names of its uniform streams.
            pub fn uniforms(&self) -> Vec<String> { match self { $(Self::$Name(s) => $Name::uniforms(s)),* } }
            /// The lines that it sets.
            pub fn sets(&self) -> $crate::engine::columns::Columns { match self { $(Self::$Name(_) => $Name::SETS),* } }
            /// Columns of the board that it writes in any stage, except payment by rank, which only scales amounts due.
            pub fn writes(&self) -> $crate::engine::columns::Columns {
                let mut all = $crate::engine::columns::Columns::NONE;
                for stage in 0..$crate::engine::component::stage::COUNT as u8 {
                    match self { $(Self::$Name(_) => if stage != $crate::engine::component::stage::SHORT && $Name::STAGES & (1 << stage) != 0 { all = all.and($Name::writes(stage)); }),* }
                }
                all
            }
        }

        impl $crate::engine::objects::ComponentKind for ComponentSpec {
            fn scalar(&self, inputs: &$crate::engine::draws::Inputs<'_>, lane: &mut $crate::engine::component::Lane) -> Box<dyn $crate::engine::objects::ScalarComponent> {
                match self { $(Self::$Name(s) => Box::new($crate::engine::objects::BoundComponent::<$Name>::new(s, inputs, lane))),* }
            }
            fn block<'p>(&'p self, medians: &[f64], months: usize, normals: Vec<usize>, uniforms: Vec<usize>) -> Box<dyn $crate::engine::objects::BlockComponent + 'p> {
                match self { $(Self::$Name(s) => Box::new($crate::engine::block::BoundComponentBlock::<$Name>::new(s, medians, months, normals, uniforms))),* }
            }
            fn any(&self) -> &dyn std::any::Any { self }
            fn history(&self) -> (usize, [usize; $crate::engine::instrument::LAGS]) { match self { $(Self::$Name(s) => ($Name::REMEMBERED, $Name::lags(s))),* } }
        }
    };
}

components! {
    /// Boom and winter.
    Regime,
    /// Boom and winter of some drivers, separate from those of the others.
    ApartRegime,
    /// SOFR.
    Sofr,
    /// Credit spreads.
    CreditSpread,
    /// Equity multiple and the window for new equity.
    EquityMarket,
    /// Prices of compute power.
    ComputePrice,
    /// Resale value of accelerators.
    Resale,
    /// Share price of a vendor.
    VendorShare,
    /// Releases, frontier, competitors.
    Competition,
    /// Effects common to all segments of demand.
    Common,
    /// Customers lost when the lab is behind the frontier.
    Churn,
    /// Effects of releases on demand, which fade.
    Releases,
    /// The mix price.
    Price,
    /// What research buys, against rivals.
    Capability,
    /// A segment of demand without a ceiling.
    FreeSegment,
    /// A segment of demand under the logistic law.
    LogisticSegment,
    /// A segment of demand under the Gompertz law.
    GompertzSegment,
    /// A segment of demand that spreads by diffusion.
    BassSegment,
    /// A segment without a ceiling, if customers under contract are served first.
    RankedFreeSegment,
    /// The same under the logistic law.
    RankedLogisticSegment,
    /// The same under the Gompertz law.
    RankedGompertzSegment,
    /// The same by diffusion.
    RankedBassSegment,
    /// Research compute, planned in money.
    Research,
    /// The same with final runs reported separately.
    SplitResearch,
    /// The final run of the next release.
    FinalRun,
    /// Training compute, planned in power.
    Training,
    /// Inference compute, by margin.
    Margin,
    /// Inference compute, by power.
    Intensity,
    /// The market for power, where it can be scarce.
    Scarcity,
    /// Allocation of power.
    Allocation,
    /// Allocation of available power by rank.
    Ranked,
    /// Effect of cuts to research on releases.
    Pace,
    /// One-off costs at random times.
    Lumps,
    /// Staff cost, other costs, payments to partners.
    Costs,
    /// Power ordered ahead, as a share of the forecast.
    Orders,
    /// The same with forecast errors or limits.
    GuidedOrders,
    /// Power ordered ahead by the newsvendor rule.
    NewsvendorOrders,
    /// Power ordered ahead by a fixed plan.
    PlannedOrders,
    /// Power ordered ahead for the most bullish growth seen.
    BullishOrders,
    /// Power bought for the month, and resale of idle power.
    Market,
    /// The same if resale of idle power depends on distress or winter.
    TimedMarket,
    /// The same where takers are found only in time, or at a price that follows the spot price.
    LetMarket,
    /// Price of equity less what the lab owes.
    EquityPrice,
    /// Supply of new equity, and what its flow does to the price of a round.
    EquitySupply,
    /// Supply of new credit, and what its flow does to spreads.
    CreditSupply,
    /// Firm obligations half a year ahead beyond what operations bring.
    FirmCover,
    /// Cash.
    Treasury,
}
