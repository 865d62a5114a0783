//! The newsvendor: the power at which one more ordered now is worth its cost.
//!
//! Costs are per dollar of today's contract price and month. Power that is missing a lead time from now is bought for the
//! month, dearer; beyond what the market has, research goes short, and then customers. Power that is idle costs its
//! take-or-pay less its resale. An order stands for its term, while one forgone can be made at the next date, so an order
//! also carries the idle cost of later years (`docs/model.md`, bill).

use super::OrdersSetup;
use super::policy::{MOST_GROWTH, forecast_sd, shrinkage};
use crate::drivers::{RegimeSpec, keep};
use crate::engine::component::Lane;
use crate::engine::math::{clamp, exp, max, min, normal_cdf, select};
use crate::lab::scarcity::squeezed;
use crate::language::quantity::Inputs;
use crate::row;

/// Dates for which need is forecast: delivery, and each year after it, up to nine.
const DATES: usize = 10;
/// Equally likely values of the need at delivery.
const NODES: usize = 31;
/// Their standard scores, `Φ⁻¹((i − ½)/31)`.
const SCORES: [f64; NODES] = [
    -2.141_198_120_972_018_4,
    -1.660_697_610_554_041_6,
    -1.400_745_061_130_576_6,
    -1.211_232_130_921_345_1,
    -1.057_414_228_486_381,
    -0.925_244_559_854_151_7,
    -0.807_541_042_120_076_6,
    -0.700_090_212_607_566_8,
    -0.600_178_775_989_845_3,
    -0.505_933_654_165_811_8,
    -0.415_987_220_189_674_9,
    -0.329_291_346_978_122_26,
    -0.245_006_223_037_320_63,
    -0.162_429_372_641_285_68,
    -0.080_947_290_481_295_97,
    0.0,
    0.080_947_290_481_295_97,
    0.162_429_372_641_285_68,
    0.245_006_223_037_320_63,
    0.329_291_346_978_122_26,
    0.415_987_220_189_674_9,
    0.505_933_654_165_811_8,
    0.600_178_775_989_845_3,
    0.700_090_212_607_566_8,
    0.807_541_042_120_076_6,
    0.925_244_559_854_151_7,
    1.057_414_228_486_381,
    1.211_232_130_921_345_1,
    1.400_745_061_130_576_6,
    1.660_697_610_554_041_6,
    2.141_198_120_972_018_4,
];
/// Range of the target in logs around the median forecast, and how often it is halved.
const RANGE: (f64, f64, usize) = (-4.0, 3.0, 24);
/// Maximum cost of missing power, per dollar of power.
const MOST_COST: f64 = 1e12;

row! {
    /// What is known at the opening of the need some months from an order. Winter is by the state of the month of ordering,
    /// boom first.
    pub struct Horizon { months: f64, reach: f64, variance: f64, pull: f64, drag: [f64; 2], winter_variance: [f64; 2] }
    /// Terms of the rule. The effects of scarcity are per unit of the log of need.
    pub struct Newsvendor {
        later: f64, future: f64, per_usable: f64, top: f64, every: f64, years: f64, research_worth: f64,
        spot: f64, premium: f64, squeeze: f64, elasticity: f64, available: f64, trend: f64, spot_limit: f64,
        resale: f64, follows_spot: f64,
        horizons: [Horizon; DATES],
    }
}

/// Median and standard deviation of the log of need at delivery and each year after it.
#[derive(Clone, Copy, Debug)]
pub struct Outlook {
    /// Logs of the medians.
    pub median: [f64; DATES],
    /// Standard deviations of the logs.
    pub sd: [f64; DATES],
}

/// Need at delivery and what a unit of power is then worth, at equally likely scores.
#[derive(Clone, Copy, Debug)]
pub struct Costs {
    /// Power needed, GW.
    need: [f64; NODES],
    /// Of that, what goes short before any customer does.
    buffer: [f64; NODES],
    /// Power that can be bought for the month.
    available: [f64; NODES],
    /// What missing power costs while it can be bought, while research is short of it, and beyond.
    missing: [[f64; NODES]; 3],
    /// What idle power costs.
    idle: [f64; NODES],
}

impl Horizon {
    fn new(months: usize, setup: &OrdersSetup, inputs: &Inputs<'_>) -> Horizon {
        let d = &setup.demand;
        let rho = keep(d.growth.half_life.at(inputs));
        let sd = forecast_sd(rho, d.growth_shock.at(inputs), d.volatility.at(inputs), months);
        let reach = shrinkage(rho, months) * months as f64;
        let mut out = Horizon { months: months as f64, reach, variance: sd * sd, ..Default::default() };
        if let Some(regime) = &setup.regime {
            out.winters(months, regime, inputs);
        }
        out
    }

    /// Adds the pull of winters: its mean and variance over the months, exactly, for a chain of two states.
    ///
    /// Winter in month `i` moves need by `a_i = 1 − keep^(L−i+1)` of its drag. Given the state of today it has the
    /// probability `p_i`, and two months have the covariance `p (1 − p) λ^|i−j|` of the earlier one.
    fn winters(&mut self, months: usize, regime: &RegimeSpec, inputs: &Inputs<'_>) {
        let winter = &regime.winter;
        let kept = keep(winter.half_life.at(inputs));
        let (enters, leaves) = (winter.enters.at(inputs), winter.leaves.at(inputs));
        let (drag, lambda) = (winter.growth.at(inputs), 1.0 - enters - leaves);
        let settled = if enters + leaves > 0.0 { enters / (enters + leaves) } else { 0.0 };
        self.pull = kept * shrunk(kept, months);
        for (state, now) in [0.0, 1.0].into_iter().enumerate() {
            let (mut mean, mut variance) = (0.0, 0.0);
            // From the last month back: `effect` is `a_i`, `rest` the sum of the later ones, each times `λ^(j−i)`.
            let (mut effect, mut rest, mut power) = (0.0, 0.0, 1.0);
            for i in (1..=months).rev() {
                rest = lambda * (effect + rest);
                power *= kept;
                effect = 1.0 - power;
                let p = settled + (now - settled) * libm::pow(lambda, i as f64);
                mean += effect * p;
                variance += effect * p * (1.0 - p) * (effect + 2.0 * rest);
            }
            self.drag[state] = drag * mean;
            self.winter_variance[state] = (drag * drag * variance).max(0.0);
        }
    }
}

/// `1 + k + … + k^(n−1)`.
fn shrunk(k: f64, n: usize) -> f64 {
    (0..n).fold((0.0, 1.0), |(sum, power), _| (sum + power, power * k)).0
}

impl Newsvendor {
    /// The rule on a path.
    pub fn new(setup: &OrdersSetup, inputs: &Inputs<'_>) -> Newsvendor {
        let (spec, price) = (&setup.orders, setup.price.as_ref());
        let (lead, term) = (spec.lead.0.round() as usize, spec.term.0.round() as usize);
        let follows = price.map_or(0.0, |p| p.follows_lab.at(inputs));
        let mut horizons = [Horizon::default(); DATES];
        for (k, horizon) in horizons.iter_mut().enumerate() {
            *horizon = Horizon::new(lead + 12 * k, setup, inputs);
        }
        Newsvendor {
            later: setup.demand.growth.later.at(inputs),
            future: 1.0 + spec.future_customers.at(inputs),
            per_usable: 1.0 / (setup.usable[0].at(inputs) * setup.usable[1].at(inputs)),
            top: spec.take_or_pay.at(inputs),
            every: spec.every.0.round().max(1.0),
            years: (term.div_ceil(12).saturating_sub(1)).min(DATES - 1) as f64,
            research_worth: spec.research_worth.at(inputs),
            spot: price.map_or(1.0, |p| p.spot.at(inputs)),
            premium: price.map_or(0.0, |p| p.premium.at(inputs)) * follows,
            squeeze: price.map_or(0.0, |p| p.squeeze.at(inputs)) * follows,
            elasticity: price.map_or(0.0, |p| p.available_elasticity.at(inputs)) * follows,
            available: price.and_then(|p| p.available.as_ref()).map_or(f64::MAX, |q| q.at(inputs)),
            trend: price.map_or(0.0, |p| p.available_growth.at(inputs)),
            spot_limit: setup.spot_limit.as_ref().map_or(f64::MAX, |q| q.at(inputs)),
            resale: setup.resale.share().at(inputs),
            follows_spot: f64::from(u8::from(setup.resale.follows_spot())),
            horizons,
        }
    }

    /// Forecast of need, of a planner whose log forecast is off by `error`.
    #[inline(always)]
    pub fn outlook(&self, error: f64, lane: &Lane) -> Outlook {
        let winter = lane.market.winter > 0.0;
        // Trailing growth contains the pull of winter, which has a forecast of its own.
        let growth = clamp(lane.lab.growth - lane.ops.pull, -MOST_GROWTH, MOST_GROWTH) - self.later;
        let start = crate::engine::math::ln(max(lane.ops.need_gw, f64::MIN_POSITIVE)) + error;
        let mut out = Outlook { median: [0.0; DATES], sd: [0.0; DATES] };
        for k in 0..DATES {
            let h = &self.horizons[k];
            let trend = self.later * h.months + growth * h.reach;
            let pull = lane.ops.pull * h.pull + select(winter, h.drag[1], h.drag[0]);
            out.median[k] = start + trend + pull;
            let variance = h.variance + select(winter, h.winter_variance[1], h.winter_variance[0]);
            out.sd[k] = max(variance.sqrt(), 1e-6);
        }
        out
    }

    /// Costs at delivery of an order of month `t`.
    #[inline(always)]
    pub fn costs(&self, t: f64, outlook: &Outlook, lane: &Lane) -> Costs {
        let (ops, market) = (&lane.ops, &lane.market);
        // A GW serving customers earns revenue less the partner share, and costs its price. `cost` is the cost of power
        // for customers as a share of revenue, at the mean price of power; it is higher if part of the power is not
        // usable.
        let revenue = max(lane.lab.revenue.0, f64::MIN_POSITIVE);
        let (cost, partner) = (ops.inference_spend.0 * self.per_usable / revenue, ops.partner.0 / revenue);
        let earns = (1.0 - partner) * ops.power_price / max(cost * market.power_price, f64::MIN_POSITIVE);
        let customers = min((earns - 1.0) * self.future, MOST_COST);
        let scarce = market.power_price / max(market.base_price, f64::MIN_POSITIVE);
        let per_price = select((market.base_price > 0.0) & (scarce > 0.0), 1.0 / scarce, 1.0);
        let research = ops.buffer_gw / max(ops.need_gw, f64::MIN_POSITIVE);
        let months = self.horizons[0].months;
        let nodes = [0.0; NODES];
        let mut out = Costs { need: nodes, buffer: nodes, available: nodes, missing: [nodes; 3], idle: nodes };
        for (i, score) in SCORES.into_iter().enumerate() {
            let log = outlook.sd[0] * score;
            let need = exp(outlook.median[0] + log);
            // The spot price at delivery over the contract price then, and over that of today.
            let ratio = self.spot * squeezed(self.squeeze * log);
            let spot = ratio * exp(self.premium * log) * per_price;
            let worth = max(self.research_worth * per_price, spot);
            let resold = self.resale * select(self.follows_spot > 0.0, min(1.0, ratio), 1.0);
            let idle = self.top * (1.0 - resold);
            let available = self.available * exp(self.trend * (t + months) - self.elasticity * log);
            out.need[i] = need;
            out.buffer[i] = research * need;
            out.available[i] = min(self.spot_limit, min(available, f64::MAX));
            // Whoever can buy cheaper leaves his own power idle.
            out.missing[0][i] = max(spot - 1.0, -idle);
            out.missing[1][i] = max(worth - 1.0, -idle);
            out.missing[2][i] = max(max(customers, worth - 1.0), -idle);
            out.idle[i] = idle;
        }
        out
    }

    /// What one more dollar a month of power is worth at delivery of an order of this month, against one at the next date,
    /// when `power` is in place then; months × dollars.
    #[inline(always)]
    pub fn worth(&self, power: f64, outlook: &Outlook, costs: &Costs) -> f64 {
        let (mut sum, mut idle) = (0.0, 0.0);
        for i in 0..NODES {
            let (need, available) = (costs.need[i], costs.available[i]);
            let short = need - power;
            let starved = select(short <= available + costs.buffer[i], costs.missing[1][i], costs.missing[2][i]);
            let missing = select(short <= available, costs.missing[0][i], starved);
            sum += select(need > power, missing, -costs.idle[i]);
            idle += costs.idle[i];
        }
        let log = crate::engine::math::ln(max(power, f64::MIN_POSITIVE));
        let mut later = 0.0;
        for k in 1..=self.years as usize {
            later += normal_cdf((log - outlook.median[k]) / outlook.sd[k]);
        }
        (sum * self.every - 12.0 * idle * later) * (1.0 / NODES as f64)
    }

    /// Power to have in place at delivery of an order of month `t`, GW.
    #[inline(always)]
    pub fn target(&self, t: f64, error: f64, lane: &Lane) -> f64 {
        let outlook = self.outlook(error, lane);
        let costs = self.costs(t, &outlook, lane);
        if self.worth(0.0, &outlook, &costs) <= 0.0 {
            return 0.0;
        }
        let (mut low, mut high) = (outlook.median[0] + RANGE.0, outlook.median[0] + RANGE.1);
        for _ in 0..RANGE.2 {
            let middle = 0.5 * (low + high);
            let more = self.worth(exp(middle), &outlook, &costs) > 0.0;
            low = select(more, middle, low);
            high = select(more, high, middle);
        }
        exp(0.5 * (low + high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::math::normal_quantile;

    #[test]
    fn the_scores_are_those_of_equally_likely_values() {
        for (i, score) in SCORES.into_iter().enumerate() {
            let exact = normal_quantile((i as f64 + 0.5) / NODES as f64);
            assert!((score - exact).abs() < 1e-14, "{i}: {score} {exact}");
        }
    }

    #[test]
    fn a_sum_of_powers() {
        assert!((shrunk(0.5, 4) - 1.875).abs() < 1e-15);
    }
}
