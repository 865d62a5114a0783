//! The share price of a vendor of hardware, as an index that starts at 1: geometric Brownian motion with a jump when
//! winter begins.
//!
//! The lab holds warrants on it ([`crate::instruments::vendor_finance`]). Its shock, `vendor_share`, can be correlated
//! with demand and the price of equity.

use crate::drivers::WorldSpec;
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::math::exp;
use crate::language::quantity::{Inputs, Quantity};
use crate::{row, spec, written};

spec! {
    /// Share price of a vendor relative to the start.
    pub struct VendorShareSpec {
        /// Growth of its expected value, excluding winters.
        pub drift: Quantity [Growth] = "0%/yr",
        /// Volatility of its log.
        pub volatility: Quantity [Volatility],
        /// Jump when winter begins.
        pub winter: Quantity [Share -1.0..1.0] = "0%",
    }
}

row! {
    /// Terms: mean and standard deviation of a month's log change, and the jump.
    pub struct VendorShare { mean: f64, shock: f64, jump: f64 }
    /// Logarithm of the price.
    pub struct VendorShareState { z: f64 }
}

impl Component for VendorShare {
    type Spec = WorldSpec;
    type State = VendorShareState;
    const STAGES: u16 = 1 << stage::DRIVE;

    #[inline(always)]
    fn opens() -> Columns {
        written!(market.vendor_share)
    }
    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(market.vendor_share)
    }
    fn normals(spec: &WorldSpec) -> Vec<String> {
        match &spec.vendor_share {
            Some(s) if s.volatility.known() != Some(0.0) => vec!["vendor_share".into()],
            _ => Vec::new(),
        }
    }
    fn terms(spec: &WorldSpec, inputs: &Inputs<'_>) -> Self {
        let Some(s) = &spec.vendor_share else { return VendorShare::default() };
        let shock = s.volatility.at(inputs);
        VendorShare {
            mean: s.drift.at(inputs) - 0.5 * shock * shock,
            shock,
            jump: libm::log((1.0 + s.winter.at(inputs)).max(1e-6)),
        }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> VendorShareState {
        lane.market.vendor_share = 1.0;
        VendorShareState::default()
    }
    /// The step is exact: the logarithm of a geometric Brownian motion has independent normal changes.
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut VendorShareState, lane: &mut Lane) {
        own.z += self.mean + self.shock * now.normal[0] + self.jump * lane.market.entered;
        lane.market.vendor_share = exp(own.z);
    }
}
