//! The price of equity and the window in which rounds can close.
//!
//! The logarithm of the multiple (pre-money value over run-rate) reverts to a mean that is linear in the lab's trailing
//! growth, through two stated points, and is shifted in winter.

use crate::drivers::{Reversion, WorldSpec};
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::math::{exp, max, min, select};
use crate::language::quantity::{Inputs, Quantity};
use crate::{row, spec, written};

spec! {
    /// Pre-money value over run-rate.
    pub struct MultipleSpec {
        /// Multiple at the start, at current growth.
        pub now: Quantity [Multiple],
        /// Multiple at long-run growth.
        pub later: Quantity [Multiple],
        /// Half-life of mean reversion.
        pub half_life: Quantity [Time] = "12 mo",
        /// Instantaneous volatility of the log multiple.
        pub volatility: Quantity [Volatility] = "0%/yr",
        /// Maximum multiple.
        pub cap: Quantity [Multiple] = "60x",
    }
    /// The equity window.
    pub struct WindowSpec {
        /// Monthly probability that it is open in boom.
        pub open: Quantity [Share] = "100%",
    }
    /// The equity window of a listed lab.
    pub struct ListedWindowSpec {
        /// Monthly probability that it is open in boom.
        pub open: Quantity [Share],
        /// Monthly probability in winter; by default as in boom.
        pub in_winter: Option<Quantity> [Share],
    }
}

/// Spec of the equity market: the world, and the lab's current and long-run growth at the medians of the inputs.
#[derive(Clone, Debug)]
pub struct EquityMarketSpec {
    /// The world.
    pub world: WorldSpec,
    /// Monthly log growth at which the mean multiple is `now`.
    pub growth_now: f64,
    /// Monthly log growth at which the mean multiple is `later`.
    pub growth_later: f64,
}

/// Range to which monthly trailing growth is limited before it determines a price.
const GROWTH_RANGE: (f64, f64) = (-0.05, 0.20);

row! {
    /// Terms: mean of the log multiple is `a + b g`, shifted in winter.
    pub struct EquityMarket {
        start: f64, intercept: f64, slope: f64, shift: f64, keep: f64, shock: f64, cap: f64,
        open: f64, open_in_winter: f64, listed: f64, listed_in_winter: f64,
    }
    /// Logarithm of the multiple.
    pub struct EquityMarketState { z: f64 }
}

impl Component for EquityMarket {
    type Spec = EquityMarketSpec;
    type State = EquityMarketState;
    const STAGES: u16 = 1 << stage::DRIVE;

    #[inline(always)]
    fn opens() -> Columns {
        written!(market.multiple, market.window)
    }
    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(market.multiple, market.window)
    }
    fn normals(spec: &EquityMarketSpec) -> Vec<String> {
        match &spec.world.equity_multiple {
            Some(s) if s.volatility.known() != Some(0.0) => vec!["equity_multiple".into()],
            _ => Vec::new(),
        }
    }
    fn uniforms(_: &EquityMarketSpec) -> Vec<String> {
        vec!["equity_window".into()]
    }
    fn terms(spec: &EquityMarketSpec, inputs: &Inputs<'_>) -> Self {
        let winter = spec.world.regime.as_ref().map(|r| &r.winter);
        let open = spec.world.equity_window.open.at(inputs);
        let open_in_winter = winter.and_then(|w| w.window_open.as_ref()).map_or(open, |w| w.at(inputs));
        let (listed, listed_in_winter) = spec.world.listed_window.as_ref().map_or((open, open_in_winter), |w| {
            let open = w.open.at(inputs);
            (open, w.in_winter.as_ref().map_or(open, |q| q.at(inputs)))
        });
        let window = EquityMarket { open, open_in_winter, listed, listed_in_winter, ..Default::default() };
        let Some(s) = &spec.world.equity_multiple else {
            return EquityMarket { start: 0.0, keep: 1.0, cap: 1.0, ..window };
        };
        let r = Reversion::of(&s.half_life, &s.volatility, inputs);
        let (now, later) = (libm::log(s.now.at(inputs).max(1e-6)), libm::log(s.later.at(inputs).max(1e-6)));
        let held = |g: f64| g.clamp(GROWTH_RANGE.0, GROWTH_RANGE.1);
        let (g_now, g_later) = (held(spec.growth_now), held(spec.growth_later));
        // Without two different growths the two points cannot both hold: the multiple then reverts to `later`.
        let slope = if (g_now - g_later).abs() > 1e-4 { (now - later) / (g_now - g_later) } else { 0.0 };
        EquityMarket {
            start: now,
            intercept: later - slope * g_later,
            slope,
            shift: winter.map_or(0.0, |w| libm::log(w.multiple.at(inputs).max(1e-6))),
            keep: r.a,
            shock: r.s,
            cap: s.cap.at(inputs),
            ..window
        }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> EquityMarketState {
        // A lab that starts in winter is priced as one: the shift applies at once.
        let z = self.start + self.shift * lane.market.winter;
        lane.market.multiple = min(exp(z), self.cap);
        lane.market.window = 1.0;
        EquityMarketState { z }
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut EquityMarketState, lane: &mut Lane) {
        let growth = min(max(lane.lab.growth, GROWTH_RANGE.0), GROWTH_RANGE.1);
        let mean = self.intercept + self.slope * growth + self.shift * lane.market.winter;
        own.z = mean + self.keep * (own.z - mean) + self.shock * now.normal[0];
        lane.market.multiple = min(exp(own.z), self.cap);
        let (boom, winter) = (
            select(lane.lab.listed > 0.0, self.listed, self.open),
            select(lane.lab.listed > 0.0, self.listed_in_winter, self.open_in_winter),
        );
        let open = select(lane.market.winter > 0.0, winter, boom);
        lane.market.window = select(now.uniform[0] < open, 1.0, 0.0);
    }
}
