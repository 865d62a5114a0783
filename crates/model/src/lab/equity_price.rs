//! The price of equity when investors see what the lab owes.
//!
//! The market's multiple is one of equity with the cash and the obligations of the opening. What investors see later is
//! the change since then, dollar for dollar: debt, guarantees, and the expected cost of firm obligations beyond their
//! use, less cash, hardware and prepaid compute. Scarce power costs margin, in proportion. The result replaces the multiple
//! wherever shares are priced; enterprise value keeps the market's.

use crate::drivers::capital::EquityPriceSpec;
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::instrument::{LAGS, YEARS, middle_of};
use crate::engine::math::{clamp, exp, ln, max, min, normal_cdf, select};
use crate::lab::treasury::opening_assets;
use crate::lab::{Capacity, LabSpec};
use crate::language::quantity::Inputs;
use crate::units::Usd;
use crate::{row, written};

/// What the component is made from.
#[derive(Clone, Debug)]
pub struct EquityPriceSetup {
    /// Terms.
    pub price: EquityPriceSpec,
    /// The lab: its opening balances, its growth, its orders and the resale of idle power.
    pub lab: Box<LabSpec>,
}

/// Long-run growth of need that investors expect, log per month, and the share of the distance to it that is left after
/// a month: a half-life of a year.
const NEED_GROWTH: f64 = 0.01;
/// Range of trailing growth of need that investors extrapolate, log per month.
const TRAILING: (f64, f64) = (-0.03, 0.05);
/// Months over which trailing growth of need is measured.
const MONTHS: usize = 6;
/// Share of last month's average that remains in the average cost of scarce power.
const KEPT: f64 = 0.7;
/// Least gross margin against which that cost is compared.
const LEAST_MARGIN: f64 = 0.2;
/// Expected resale price over the stated one where it follows the spot price.
const RESALE_AT_SPOT: f64 = 0.8;
/// Least need of power: a milliwatt.
const LEAST_NEED: f64 = 1e-12;

row! {
    /// Terms. `keep` is the share of the distance to long-run growth that is left after a month; `years` are the discount
    /// factors of twelve monthly payments in each year ahead, net of resale.
    pub struct EquityPrice {
        weight: f64, margin: f64, floor: f64, sd: f64, growth: f64, keep: f64, bare: f64, inference_is_power: f64,
        years: [f64; YEARS], ordered: [f64; YEARS], opening_cash: Usd, opening_assets: Usd,
    }
    /// State of the price of equity.
    pub struct EquityPriceState {
        /// Logarithm of the power needed.
        pub need: f64,
        /// The same in the first month.
        pub first: f64,
        /// Trailing growth of need, log per month.
        pub growth: f64,
        /// Average cost of scarce power, as a share of revenue.
        pub scarcity: f64,
        /// Gross margin.
        pub gross: f64,
        /// Take-or-pay of orders in the middle of each year ahead, USD of the month.
        pub orders: [f64; YEARS],
        /// Net obligations at the opening.
        pub base: Usd,
        /// Net obligations since then.
        pub excess: Usd,
    }
}

/// Expected payment beyond use in a month: of a firm amount `firm`, where use is lognormal with median `median` and
/// standard deviation of the log `sd`. That is a put on use (Black 1976).
#[inline(always)]
pub fn beyond_use(firm: f64, median: f64, sd: f64) -> f64 {
    let (firm_held, median_held) = (max(firm, f64::MIN_POSITIVE), max(median, f64::MIN_POSITIVE));
    let sd_held = max(sd, 1e-9);
    let d = ln(firm_held / median_held) / sd_held;
    let put = firm * normal_cdf(d) - median * exp(0.5 * sd * sd) * normal_cdf(d - sd_held);
    let certain = max(firm - median, 0.0);
    let put = select(sd > 1e-9, max(put, 0.0), certain);
    select(firm > 0.0, select(median > 0.0, put, firm), 0.0)
}

impl EquityPrice {
    /// Expected cost of firm obligations beyond their use, with the orders of `orders` and without.
    #[inline(always)]
    fn burdens(&self, growth: f64, need: f64, lane: &Lane, orders: &[f64; YEARS]) -> (Usd, Usd) {
        let (mut with, mut without) = (0.0, 0.0);
        // Written out year by year: a loop would index the lane, which could then not be kept in registers.
        macro_rules! years {
            ($($year:literal)*) => { $(
                let months = middle_of($year);
                let reach = (self.keep - exp((months + 1.0) * ln(self.keep))) / (1.0 - self.keep);
                let median = need * exp(NEED_GROWTH * months + (growth - NEED_GROWTH) * reach);
                let (firm, sd) = (lane.accounts.firm_by_year[$year].0, self.sd * months.sqrt());
                with += self.years[$year] * beyond_use(firm + orders[$year], median, sd);
                without += self.years[$year] * beyond_use(firm, median, sd);
            )* };
        }
        const { assert!(YEARS == 10, "as many as are written here") };
        years!(0 1 2 3 4 5 6 7 8 9);
        let counts = lane.lab.alive * (1.0 - self.bare);
        (Usd(with * counts), Usd(without * counts))
    }

    /// Value of equity over run-rate, from the market's multiple.
    #[inline(always)]
    fn equity(&self, multiple: f64, run_rate: Usd, own: &EquityPriceState) -> f64 {
        let least = self.floor * multiple;
        let lost = self.margin * min(1.0, own.scarcity / max(own.gross, LEAST_MARGIN));
        let owed = self.weight * (own.excess.0 / max(run_rate.0, f64::MIN_POSITIVE));
        // At a run-rate near zero the quotient may be beyond all numbers.
        let value = max(least, multiple * (1.0 - lost) - clamp(owed, -1e15, 1e15));
        select(run_rate > Usd::ZERO, value, least)
    }
}

impl Component for EquityPrice {
    type Spec = EquityPriceSetup;
    type State = EquityPriceState;
    const STAGES: u16 = 1 << stage::DRIVE | 1 << stage::VALUE | 1 << stage::QUARTER | 1 << stage::PRICE;
    const REMEMBERED: usize = 1;

    #[inline(always)]
    fn opens() -> Columns {
        written!(market.enterprise_multiple)
    }
    #[inline(always)]
    fn writes(at: u8) -> Columns {
        match at {
            stage::DRIVE => written!(market.multiple, market.enterprise_multiple),
            stage::VALUE => written!(accounts.firm_soon),
            stage::QUARTER => written!(accounts.burden),
            _ => written!(market.multiple, accounts.burden),
        }
    }
    fn lags(_: &EquityPriceSetup) -> [usize; LAGS] {
        [MONTHS, 0, 0]
    }
    fn terms(spec: &EquityPriceSetup, inputs: &Inputs<'_>) -> Self {
        let (price, compute) = (&spec.price, &spec.lab.compute);
        let flag = |yes: bool| f64::from(u8::from(yes));
        let orders = compute.orders.as_ref().map(|o| (o.lead.0.round(), o.term.0.round()));
        let rate = price.discount.at(inputs);
        let owned = compute.owned.0.iter().map(|(_, s)| s);
        let contracts = compute.contracts.0.iter().map(|(_, s)| s);
        let resold =
            compute.resale.share().at(inputs) * if compute.resale.follows_spot() { RESALE_AT_SPOT } else { 1.0 };
        let (mut years, mut ordered) = ([0.0; YEARS], [0.0; YEARS]);
        for year in 0..YEARS {
            let months = middle_of(year);
            years[year] = 12.0 * libm::exp(-(year as f64 + 0.5) * libm::log1p(rate)) * (1.0 - resold);
            ordered[year] = orders.map_or(0.0, |(lead, term)| flag(lead <= months && months < lead + term));
        }
        EquityPrice {
            weight: price.weight.at(inputs),
            margin: price.margin.at(inputs),
            floor: price.floor.at(inputs),
            sd: price.sd.at(inputs),
            growth: spec.lab.demand.growth.now.at(inputs),
            keep: crate::drivers::keep(12.0),
            bare: flag(compute.capacity == Capacity::None),
            inference_is_power: flag(compute.inference.power.is_some()),
            years,
            ordered,
            opening_cash: Usd(spec.lab.opening.cash.at(inputs)),
            opening_assets: Usd(opening_assets(owned, contracts, inputs)),
        }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> EquityPriceState {
        lane.market.enterprise_multiple = lane.market.multiple;
        EquityPriceState::default()
    }
    /// While the world moves, the multiple of the month meets what is known of last month; at the end of the month, all
    /// is of this month.
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut EquityPriceState, lane: &mut Lane) {
        match S {
            stage::DRIVE => {
                lane.market.enterprise_multiple = lane.market.multiple;
                lane.market.multiple = self.equity(lane.market.multiple, lane.lab.run_rate, own);
            }
            stage::VALUE => self.month(now, own, lane),
            stage::QUARTER => self.quarter(now, own, lane),
            _ => self.price(own, lane),
        }
    }
}

impl EquityPrice {
    /// What the month adds: the average cost of scarce power, growth of need, orders.
    #[inline(always)]
    fn month(&self, now: &Now, own: &mut EquityPriceState, lane: &mut Lane) {
        let (ops, revenue) = (&lane.ops, lane.lab.revenue);
        let scarcity = select(revenue > Usd::ZERO, ops.scarcity_cost.0 / max(revenue.0, f64::MIN_POSITIVE), 0.0);
        own.scarcity = KEPT * own.scarcity + (1.0 - KEPT) * clamp(scarcity, -1e6, 1e6);
        let serving = ops.inference_need * select(self.inference_is_power > 0.0, ops.power_price, 1.0);
        let cost = serving / max(ops.demand.0, f64::MIN_POSITIVE);
        own.gross = select(ops.demand > Usd::ZERO, 1.0 - min(cost, 1.0), 0.0);
        own.need = ln(max(ops.need_gw, LEAST_NEED));
        own.first = select(now.t == 1.0, own.need, own.first);
        // Before the start need grew as demand did.
        let months = MONTHS as f64;
        let early = own.first + self.growth * (now.t - 1.0 - months);
        let before = select(now.t > months, now.past[0][0], early);
        own.growth = clamp((own.need - before) / months, TRAILING.0, TRAILING.1);
        // Orders roll down the years, and those of the month are added.
        let kept = 1.0 - lane.accounts.order_cut;
        for year in 0..YEARS {
            let next = if year + 1 < YEARS { own.orders[year + 1] } else { 0.0 };
            let rolled = own.orders[year] + (next - own.orders[year]) / 12.0;
            own.orders[year] = (rolled + ops.ordered.0 * self.ordered[year]) * kept;
        }
        lane.accounts.firm_soon = Usd(lane.accounts.firm_by_year[0].0 + own.orders[0]);
    }

    /// The burden, and in the first month what was owed at the opening.
    #[inline(always)]
    fn quarter(&self, now: &Now, own: &mut EquityPriceState, lane: &mut Lane) {
        let need = lane.ops.need_gw * lane.ops.power_price;
        let (with, without) = self.burdens(own.growth, need, lane, &own.orders);
        lane.accounts.burden = with;
        // A bolder rule of ordering must not be forgiven by its own baseline.
        let lines = &lane.lines;
        let owed = lines.debt - lines.debt_in + lines.principal + lines.secured_principal;
        let base = owed + guarantees(lane) + without - self.opening_cash - self.opening_assets;
        own.base = select(now.t == 1.0, base, own.base);
    }

    /// The multiple of the month from what is owed.
    #[inline(always)]
    fn price(&self, own: &mut EquityPriceState, lane: &mut Lane) {
        lane.accounts.burden = lane.accounts.burden * lane.lab.alive;
        let lines = &lane.lines;
        let owed = lines.debt + guarantees(lane) + lane.accounts.burden;
        own.excess = owed - lane.lab.cash - lines.ppe - lines.prepaid - own.base;
        lane.market.multiple = self.equity(lane.market.enterprise_multiple, lane.lab.run_rate, own);
    }
}

/// Current cost of guarantees, without those in support of rent that is counted as such.
#[inline(always)]
fn guarantees(lane: &Lane) -> Usd {
    max(lane.lines.guarantee_now - lane.accounts.firm_guarantees, Usd::ZERO)
}
