//! The list of components: drivers of the world and pieces of the lab, in the order in which a stage runs them.

use crate::drivers::{
    ApartRegime, Capability, ComputePrice, CreditSpread, EquityMarket, Regime, Resale, Sofr, VendorShare,
};
use crate::engine::component::Component;
use crate::lab::allocation::{Allocation, Ranked};
use crate::lab::costs::{Costs, Lumps};
use crate::lab::demand::{Churn, Common, Price, Releases};
use crate::lab::inference::{Intensity, Margin};
use crate::lab::market::{LetMarket, Market, TimedMarket};
use crate::lab::orders::{BullishOrders, GuidedOrders, NewsvendorOrders, Orders, PlannedOrders};
use crate::lab::research::{Pace, Research, SplitResearch, Training};
use crate::lab::scarcity::Scarcity;
use crate::lab::segment::{
    BassSegment, FreeSegment, GompertzSegment, LogisticSegment, RankedBassSegment, RankedFreeSegment,
    RankedGompertzSegment, RankedLogisticSegment,
};
use crate::lab::treasury::Treasury;

/// Declares the components as one enum of what their terms are made from; the engine sees each as an object.
macro_rules! components {
    ($($(#[$d:meta])* $Name:ident),* $(,)?) => {
        /// What a component's terms are made from.
        #[derive(Clone, Debug)]
        pub enum ComponentSpec { $($(#[$d])* $Name(<$Name as Component>::Spec)),* }

        impl ComponentSpec {
            /// Names of its correlated normal shocks.
            pub fn normals(&self) -> Vec<String> { match self { $(Self::$Name(s) => $Name::normals(s)),* } }
            /// Names of its uniform streams.
            pub fn uniforms(&self) -> Vec<String> { match self { $(Self::$Name(s) => $Name::uniforms(s)),* } }
            /// The lines that it sets.
            pub fn sets(&self) -> $crate::engine::columns::Columns { match self { $(Self::$Name(_) => $Name::SETS),* } }
            /// Columns of the board that it writes in some stage; payment by rank, which only scales what is due, left out.
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
    /// Boom and winter of some drivers by themselves.
    ApartRegime,
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
    /// A segment of demand that spreads by diffusion.
    BassSegment,
    /// The same four where customers under contract are served first.
    RankedFreeSegment,
    /// Under the logistic law.
    RankedLogisticSegment,
    /// Under the Gompertz law.
    RankedGompertzSegment,
    /// By diffusion.
    RankedBassSegment,
    /// Research compute in money.
    Research,
    /// The same with final runs apart.
    SplitResearch,
    /// Training in power.
    Training,
    /// Serving, by margin.
    Margin,
    /// Serving, by power.
    Intensity,
    /// The market for power, where it can be scarce.
    Scarcity,
    /// Who gets the power.
    Allocation,
    /// Who gets it by rank, of what is available.
    Ranked,
    /// How research that was cut slows releases.
    Pace,
    /// Lumps of cost.
    Lumps,
    /// Staff, other costs, partners.
    Costs,
    /// Power ordered ahead, a share of the forecast.
    Orders,
    /// The same with a planner's errors and bounds.
    GuidedOrders,
    /// Power ordered ahead by a newsvendor.
    NewsvendorOrders,
    /// Power ordered ahead by a fixed plan.
    PlannedOrders,
    /// Power ordered ahead for the best growth seen.
    BullishOrders,
    /// Power bought for the month, resale of what is idle.
    Market,
    /// The same where idle power is resold only at times.
    TimedMarket,
    /// The same where takers are found only in time, or at a price that follows the spot price.
    LetMarket,
    /// Cash.
    Treasury,
}
