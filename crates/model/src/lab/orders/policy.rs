//! Ordering policies: how much is ordered.

use super::book::{Book, OrdersState};
use super::newsvendor::Newsvendor;
use super::{OrdersSetup, PLANNED};
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::instrument::LAGS;
use crate::engine::math::{exp, max, min, select};
use crate::language::quantity::Inputs;
use crate::row;

/// Weight of trailing growth in the mean growth of the next `lead` months, if growth has the monthly persistence `rho`:
/// `ρ(1 − ρ^L)/(L(1 − ρ))`.
pub fn shrinkage(rho: f64, lead: usize) -> f64 {
    let (mut sum, mut power) = (0.0, 1.0);
    for _ in 0..lead {
        power *= rho;
        sum += power;
    }
    sum / lead.max(1) as f64
}

/// Standard deviation of log demand over `lead` months: persistent shocks to growth,
/// `η² Σ_j ((1 − ρ^(L−j+1))/(1 − ρ))²`, and noise in the level, `σ² L`, as in `docs/model.md` under degenerate cases.
pub fn forecast_sd(rho: f64, shock: f64, noise: f64, lead: usize) -> f64 {
    let (mut variance, mut reach, mut power) = (0.0, 0.0, 1.0);
    for _ in 0..lead {
        reach += power;
        power *= rho;
        variance += shock * shock * reach * reach + noise * noise;
    }
    libm::sqrt(variance)
}

/// Maximum monthly log growth that a planner uses: the maximum growth of demand. Revenue served can grow by more when
/// power returns after months without it.
pub(super) const MOST_GROWTH: f64 = 1.0;

row! {
    /// A share of a shrunk forecast.
    pub struct ForecastShare { share: f64, anchor: f64, weight: f64, cap: f64 }
    /// The planner's forecast errors and the limits on an order.
    pub struct Guide { bias: f64, error: f64, limit: f64, cover: f64 }
    /// Orders of a fixed plan.
    pub struct Planned { date: [f64; PLANNED], power: [f64; PLANNED] }
}

impl ForecastShare {
    fn new(setup: &OrdersSetup, inputs: &Inputs<'_>) -> ForecastShare {
        let spec = &setup.orders;
        ForecastShare {
            share: spec.share.at(inputs),
            anchor: spec.growth_anchor.at(inputs),
            weight: spec.growth_weight.at(inputs),
            cap: spec.growth_cap.at(inputs),
        }
    }
    #[inline(always)]
    fn growth(&self, lane: &Lane) -> f64 {
        min(self.anchor + self.weight * (lane.lab.growth - self.anchor), self.cap)
    }
}

impl Guide {
    fn new(setup: &OrdersSetup, inputs: &Inputs<'_>) -> Guide {
        let spec = &setup.orders;
        Guide {
            bias: spec.bias.at(inputs),
            error: spec.forecast_error.at(inputs),
            limit: spec.supplier_limit.as_ref().map_or(f64::MAX, |q| q.at(inputs)),
            cover: spec.cover_cash.as_ref().map_or(0.0, |q| q.at(inputs)),
        }
    }
    /// Log of the planner's forecast over the unbiased one.
    #[inline(always)]
    fn error(&self, now: &Now) -> f64 {
        self.bias + self.error * now.normal[0]
    }
    /// Limits `gw` to what suppliers accept and cash covers: the take-or-pay that can be added is opening cash over the
    /// months to be covered, less the monthly payments for power that will be in place already.
    #[inline(always)]
    fn bound(&self, gw: f64, book: &Book, own: &OrdersState, lane: &Lane) -> f64 {
        let standing = lane.lines.ahead_gw * lane.ops.power_price + book.top * own.ahead_cost * own.kept;
        let headroom = max(lane.lab.cash.0, 0.0) - self.cover * standing;
        let each = self.cover * book.top * lane.market.power_price;
        let covered = select(each > 0.0, max(headroom, 0.0) / max(each, f64::MIN_POSITIVE), f64::MAX);
        min(gw, min(self.limit, covered))
    }
}

impl Planned {
    fn new(setup: &OrdersSetup, inputs: &Inputs<'_>) -> Planned {
        let mut out = Planned::default();
        let plan = setup.orders.plan.iter().flatten().take(PLANNED);
        for ((date, power), order) in out.date.iter_mut().zip(&mut out.power).zip(plan) {
            (*date, *power) = (order.date.0, order.power.at(inputs));
        }
        out
    }
    /// Power that the plan orders in month `t`.
    #[inline(always)]
    fn ordered(&self, t: f64) -> f64 {
        let mut sum = 0.0;
        for k in 0..PLANNED {
            sum += select(self.date[k] == t, self.power[k], 0.0);
        }
        sum
    }
}

row! {
    /// Orders for a share of the forecast.
    pub struct Orders { book: Book, share: ForecastShare }
    /// The same with forecast errors or limits.
    pub struct GuidedOrders { book: Book, guide: Guide, share: ForecastShare }
    /// Orders up to the power at which one more is worth its cost.
    pub struct NewsvendorOrders { book: Book, guide: Guide, rule: Newsvendor }
    /// Orders of a fixed plan.
    pub struct PlannedOrders { book: Book, guide: Guide, rule: Planned }
    /// Orders for the most bullish growth seen.
    pub struct BullishOrders { book: Book, guide: Guide }
}

/// An ordering policy: `wants` is the power to order this month, if the lab may order.
trait Policy: Sized {
    fn new(setup: &OrdersSetup, inputs: &Inputs<'_>) -> Self;
    fn book(&self) -> &Book;
    fn wants(&self, now: &Now, own: &mut OrdersState, lane: &Lane) -> f64;
}

/// Target power in excess of what will be in place a lead time from now; zero unless orders are placed this month.
#[inline(always)]
fn missing(turn: bool, target: f64, own: &OrdersState, lane: &Lane) -> f64 {
    select(turn, max(0.0, target - Book::stands(own, lane)), 0.0)
}

impl Policy for Orders {
    fn new(setup: &OrdersSetup, inputs: &Inputs<'_>) -> Self {
        Orders { book: Book::new(setup, inputs), share: ForecastShare::new(setup, inputs) }
    }
    #[inline(always)]
    fn book(&self) -> &Book {
        &self.book
    }
    #[inline(always)]
    fn wants(&self, now: &Now, own: &mut OrdersState, lane: &Lane) -> f64 {
        let forecast = lane.ops.need_gw * exp(self.share.growth(lane) * self.book.lead);
        missing(self.book.turn(now.t), self.share.share * forecast, own, lane)
    }
}

impl Policy for GuidedOrders {
    fn new(setup: &OrdersSetup, inputs: &Inputs<'_>) -> Self {
        let book = Book::new(setup, inputs);
        GuidedOrders { book, guide: Guide::new(setup, inputs), share: ForecastShare::new(setup, inputs) }
    }
    #[inline(always)]
    fn book(&self) -> &Book {
        &self.book
    }
    #[inline(always)]
    fn wants(&self, now: &Now, own: &mut OrdersState, lane: &Lane) -> f64 {
        let log = self.share.growth(lane) * self.book.lead + self.guide.error(now);
        let target = self.share.share * lane.ops.need_gw * exp(log);
        let wanted = missing(self.book.turn(now.t), target, own, lane);
        self.guide.bound(wanted, &self.book, own, lane)
    }
}

impl Policy for NewsvendorOrders {
    fn new(setup: &OrdersSetup, inputs: &Inputs<'_>) -> Self {
        let book = Book::new(setup, inputs);
        NewsvendorOrders { book, guide: Guide::new(setup, inputs), rule: Newsvendor::new(setup, inputs) }
    }
    #[inline(always)]
    fn book(&self) -> &Book {
        &self.book
    }
    #[inline(always)]
    fn wants(&self, now: &Now, own: &mut OrdersState, lane: &Lane) -> f64 {
        // The target takes far longer than the rest, so it is computed only where something may be ordered.
        if !(self.book.turn(now.t) & self.book.may(lane)) {
            return 0.0;
        }
        let target = self.rule.target(now.t, self.guide.error(now), lane);
        self.guide.bound(missing(true, target, own, lane), &self.book, own, lane)
    }
}

impl Policy for PlannedOrders {
    fn new(setup: &OrdersSetup, inputs: &Inputs<'_>) -> Self {
        let book = Book::new(setup, inputs);
        PlannedOrders { book, guide: Guide::new(setup, inputs), rule: Planned::new(setup, inputs) }
    }
    #[inline(always)]
    fn book(&self) -> &Book {
        &self.book
    }
    #[inline(always)]
    fn wants(&self, now: &Now, own: &mut OrdersState, lane: &Lane) -> f64 {
        let wanted = self.rule.ordered(now.t) * exp(self.guide.error(now));
        self.guide.bound(wanted, &self.book, own, lane)
    }
}

impl Policy for BullishOrders {
    fn new(setup: &OrdersSetup, inputs: &Inputs<'_>) -> Self {
        BullishOrders { book: Book::new(setup, inputs), guide: Guide::new(setup, inputs) }
    }
    #[inline(always)]
    fn book(&self) -> &Book {
        &self.book
    }
    #[inline(always)]
    fn wants(&self, now: &Now, own: &mut OrdersState, lane: &Lane) -> f64 {
        own.seen = max(own.seen, min(lane.lab.growth, MOST_GROWTH));
        let target = lane.ops.need_gw * exp(own.seen * self.book.lead + self.guide.error(now));
        let wanted = missing(self.book.turn(now.t), target, own, lane);
        self.guide.bound(wanted, &self.book, own, lane)
    }
}

/// Implements each policy as a component.
macro_rules! policies {
    ($($Name:ident),*) => { $(
        impl Component for $Name {
            type Spec = OrdersSetup;
            type State = OrdersState;
            const STAGES: u16 = 1 << stage::OPEN | 1 << stage::BILL;
            const REMEMBERED: usize = 3;

            #[inline(always)]
            fn writes(stage: u8) -> Columns {
                Book::writes(stage)
            }
            fn normals(setup: &OrdersSetup) -> Vec<String> {
                let exact = setup.orders.forecast_error.known() == Some(0.0);
                if exact { Vec::new() } else { vec!["forecast".into()] }
            }
            fn lags(setup: &OrdersSetup) -> [usize; LAGS] {
                Book::lags(setup)
            }
            fn terms(setup: &OrdersSetup, inputs: &Inputs<'_>) -> Self {
                <$Name as Policy>::new(setup, inputs)
            }
            #[inline(always)]
            fn opening(&self, lane: &mut Lane) -> OrdersState {
                OrdersState { kept: 1.0, seen: lane.lab.growth, ..Default::default() }
            }
            #[inline(always)]
            fn step<const S: u8>(&self, now: &Now, own: &mut OrdersState, lane: &mut Lane) {
                let book = self.book();
                if S == stage::OPEN {
                    Book::open(now, own, lane);
                } else {
                    book.bill(now, own, lane);
                    let wanted = self.wants(now, own, lane);
                    let gw = select(book.may(lane), wanted, 0.0);
                    book.place(gw, own, lane);
                }
            }
        }
    )* };
}
policies!(Orders, GuidedOrders, NewsvendorOrders, PlannedOrders, BullishOrders);
