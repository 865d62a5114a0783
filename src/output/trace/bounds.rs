//! The constraints that were binding in a month, that is, kept the lab from what it would otherwise have done,
//! recognised from states and events.
//!
//! | line | of | recognised when | value |
//! | --- | --- | --- | --- |
//! | `power_short` | lab | need exceeds the power in place and what the market sold | GW |
//! | `ceiling.<segment>` | lab | demand of a segment has reached nine tenths of its ceiling | demand over ceiling |
//! | `research_at_most`, `research_at_least` | lab | planned research is above or below its share of revenue | USD |
//! | `late_no_power`, `late_no_money` | lab | a release waits for its final run, which lacked power or was cut | USD |
//! | `minimum_cash` | lab | after all lending, cash would be below its minimum once all is paid | USD |
//! | `unpaid` | lab | cash was insufficient for all that was due | USD |
//! | `orders_in_winter`, `orders_in_distress` | lab | no orders are placed in an ordering month | 1 |
//! | `supplier_limit`, `cover_cash` | lab | an order is as large as suppliers, or months of cash, allow | GW |
//! | `distress.<step>` | lab | a step of the ladder with an effect in the scenario is in force | months in distress |
//! | `window_shut`, `winter`, `no_supply`, `book_short` | a round | a round failed: window shut, winter, nothing left of the supply of equity, or too few orders | 1 |
//! | `round_cut` | a round | a round closed below its target | USD |
//! | `limit` | an instrument | the amount drawn has reached the limit | 1 |
//! | `covenant`, `lock_up`, `no_refinancing` | an instrument | the event of the month | 1 |
//! | `no_credit` | an instrument | the supply of credit cut a draw, all of it or a part | USD refused |
//! | `draw_stopped` | an instrument | it lent nothing, although cash was requested | USD |
//!
//! What was wanted but never requested leaves no trace: a round that was not launched, an order that a policy did not
//! want.

use super::Mark;
use super::items::Seen;
use crate::components::ComponentSpec;
use crate::engine::books::event;
use crate::engine::component::Lane;
use crate::engine::instrument::Unit;
use crate::engine::month::inputs_of;
use crate::engine::objects::ScalarComponent;
use crate::instruments::InstrumentSpec;
use crate::lab::Capacity;
use crate::lab::market::{ResaleFrom, ResaleSpec};
use crate::lab::orders::{InWinter, OrderSpec, OrdersState};
use crate::lab::research::{FinalRunState, Research, ResearchState, SplitResearch};
use crate::lab::segment::SegmentState;
use crate::language::quantity::Inputs;
use crate::model::Model;
use crate::plan::{Plan, PlannedInstrument, component_spec, instrument_spec};

/// Fraction of its ceiling from which a segment counts as constrained by it.
const NEAR_CEILING: f64 = 0.9;

/// The constraints that can bind on one path.
pub(super) struct Bounds<'a> {
    plan: &'a Plan,
    /// Whether the scenario has any power.
    power: bool,
    /// Names of the segments, in the order of their components.
    segments: Vec<&'a str>,
    orders: Option<Orders>,
    /// Steps of the ladder with an effect in the scenario, with the months of distress after which each is taken.
    steps: Vec<(&'static str, f64)>,
}

/// The terms of orders on the path.
struct Orders {
    every: f64,
    stopped_in_winter: bool,
    stopped_after: f64,
    take_or_pay: f64,
    limit: Option<f64>,
    cover: Option<f64>,
}

impl<'a> Bounds<'a> {
    pub fn new(model: &'a Model, path: u64) -> Bounds<'a> {
        let (lab, plan) = (&model.scenario.lab, &model.plan);
        let values = inputs_of(plan, path);
        let inputs = Inputs::new(&values);
        let (c, ladder) = (&lab.compute, &lab.policy.ladder);
        let orders = |spec: &OrderSpec| Orders {
            every: spec.every.0.round().max(1.0),
            stopped_in_winter: spec.in_winter == InWinter::None,
            stopped_after: ladder.orders.0,
            take_or_pay: spec.take_or_pay.at(&inputs),
            limit: spec.supplier_limit.as_ref().map(|q| q.at(&inputs)),
            cover: spec.cover_cash.as_ref().map(|q| q.at(&inputs)).filter(|months| *months > 0.0),
        };
        let placed = plan.components.iter().any(|p| is_orders(component_spec(p)));
        let cuts = |q: &crate::language::quantity::Quantity| q.at(&inputs) > 0.0;
        let sold_idle = matches!(&c.resale, ResaleSpec::Terms(terms) if terms.from == ResaleFrom::InDistress);
        let steps = [
            ("orders", ladder.orders.0, placed),
            ("notice", ladder.notice.0, c.contracts.0.iter().any(|(_, x)| x.notice.is_some())),
            ("resale", ladder.resale.0, sold_idle || c.owned.0.iter().any(|(_, x)| x.sold_in_distress)),
            ("renegotiate", ladder.renegotiate.0, c.contracts.0.iter().any(|(_, x)| x.renegotiable.is_some())),
            ("research", ladder.research.0, c.research.as_ref().is_some_and(|r| cuts(&r.cut_in_distress))),
            ("hiring", ladder.hiring.0, cuts(&lab.people.cost)),
        ];
        Bounds {
            plan,
            power: c.capacity != Capacity::None,
            segments: lab.demand.segments.0.iter().map(|(name, _)| name.as_str()).collect(),
            orders: c.orders.as_ref().filter(|_| placed).map(orders),
            steps: steps.into_iter().filter(|s| s.2).map(|s| (s.0, s.1)).collect(),
        }
    }

    /// The constraints that were binding in the month `seen`; `were` is the state of each instrument at the end of the
    /// previous month.
    pub fn month(&self, seen: &Seen<'_>, were: &[Vec<f64>], out: &mut Vec<Mark>) {
        if seen.before.lab.alive == 0.0 {
            return;
        }
        let mut tell = |entity: &str, line: String, unit: &'static str, value: f64| {
            out.push(Mark { month: seen.t, entity: entity.to_owned(), line, unit, value });
        };
        let (usd, gw) = (Unit::Usd.name(), Unit::Gigawatt.name());
        let mut lab = |line: &str, unit, value| tell("lab", line.to_owned(), unit, value);
        let (run, now, before) = (seen.run, &seen.run.lane, seen.before);
        let short = now.ops.need_gw - now.ops.used_gw - now.ops.spot_gw;
        if self.power && short > 1e-9 * now.ops.need_gw {
            lab("power_short", gw, short);
        }
        let mut names = self.segments.iter();
        for part in &run.components {
            if let Some((demand, limit)) = segment(part.as_ref())
                && let Some(name) = names.next()
                && limit > 0.0
                && demand >= NEAR_CEILING * limit
            {
                lab(&format!("ceiling.{name}"), Unit::Share.name(), demand / limit);
            }
            if let Some((line, amount)) = research(part.as_ref(), seen) {
                lab(line, usd, amount);
            }
            if let Some((line, amount)) = release(part.as_ref(), now) {
                lab(line, usd, amount);
            }
        }
        let missing = run.missing[1].0;
        if missing > 1e-9 * (now.lab.cash.0.abs() + before.lab.cash.0.abs()) {
            lab("minimum_cash", usd, missing);
        }
        let due: f64 = run.due.due().1.iter().zip(now.lab.paid).map(|(due, paid)| due * (1.0 - paid)).sum();
        if now.events & event::SHORT != 0 && due > 0.0 {
            lab("unpaid", usd, due);
        }
        if let Some(orders) = &self.orders {
            orders.month(seen, &mut lab);
        }
        for &(step, lag) in self.steps.iter().filter(|(_, lag)| before.lab.distress_months > *lag) {
            lab(&format!("distress.{step}"), Unit::Months.name(), before.lab.distress_months - lag);
        }
        for (k, instrument) in self.plan.instruments.iter().enumerate() {
            instrument_bounds(self.plan, seen, k, &were[k], |line, unit, value| {
                tell(&instrument.name, line.to_owned(), unit, value);
            });
        }
    }
}

fn is_orders(spec: &ComponentSpec) -> bool {
    matches!(
        spec,
        ComponentSpec::Orders(_)
            | ComponentSpec::GuidedOrders(_)
            | ComponentSpec::NewsvendorOrders(_)
            | ComponentSpec::PlannedOrders(_)
            | ComponentSpec::BullishOrders(_)
    )
}

/// Demand and ceiling of a segment.
fn segment(part: &dyn ScalarComponent) -> Option<(f64, f64)> {
    let own: &SegmentState = part.state().downcast_ref()?;
    Some((own.demand, own.limit))
}

/// By how much planned research spending fell outside the bounds set by its share of revenue.
fn research(part: &dyn ScalarComponent, seen: &Seen<'_>) -> Option<(&'static str, f64)> {
    let terms: &Research =
        part.terms().downcast_ref().or_else(|| part.terms().downcast_ref().map(SplitResearch::whole))?;
    let own: &ResearchState = part.state().downcast_ref()?;
    let a = &seen.before.accounts;
    let revenue = (a.revenues[0] + a.revenues[1] + a.revenues[2]).0 / 3.0;
    let (least, most) = terms.bounds(seen.t as f64);
    if own.plan > most * revenue {
        Some(("research_at_most", own.plan - most * revenue))
    } else if own.plan < least * revenue {
        Some(("research_at_least", least * revenue - own.plan))
    } else {
        None
    }
}

/// What is missing of the final run that a release waits for, by what it lacked.
fn release(part: &dyn ScalarComponent, now: &Lane) -> Option<(&'static str, f64)> {
    let run: &FinalRunState = part.state().downcast_ref()?;
    let line = if run.unpowered >= run.unfunded { "late_no_power" } else { "late_no_money" };
    (now.market.waiting > 0.0).then_some((line, now.market.run_owed))
}

impl Orders {
    fn month(&self, seen: &Seen<'_>, lab: &mut impl FnMut(&str, &'static str, f64)) {
        let (now, before): (&Lane, &Lane) = (&seen.run.lane, seen.before);
        if (seen.t as f64 - 1.0) % self.every != 0.0 {
            return;
        }
        let count = Unit::Count.name();
        if self.stopped_in_winter && now.market.winter > 0.0 {
            lab("orders_in_winter", count, 1.0);
        }
        if before.lab.distress_months > self.stopped_after {
            lab("orders_in_distress", count, 1.0);
        }
        let Some(own) = seen.run.components.iter().find_map(|part| book(part.as_ref())) else { return };
        let placed = own.placed * own.kept;
        let near = |most: f64| placed > 0.0 && placed >= most * (1.0 - 1e-9);
        if self.limit.is_some_and(near) {
            lab("supplier_limit", Unit::Gigawatt.name(), placed);
        }
        // The bound that the policy puts on an order: existing orders are paid for first.
        let covered = self.cover.map(|months| {
            let stood = own.ahead_cost - own.placed_cost;
            let standing = now.lines.ahead_gw * now.ops.power_price + self.take_or_pay * stood * own.kept;
            let room = before.lab.cash.0.max(0.0) - months * standing;
            room.max(0.0) / (months * self.take_or_pay * now.market.power_price).max(f64::MIN_POSITIVE)
        });
        if covered.is_some_and(near) {
            lab("cover_cash", Unit::Gigawatt.name(), placed);
        }
    }
}

fn book(part: &dyn ScalarComponent) -> Option<OrdersState> {
    part.state().downcast_ref().copied()
}

/// What was left of the supply of equity when it was the turn of instrument `k`.
fn left(seen: &Seen<'_>, plan: &Plan, k: usize) -> f64 {
    let raised = |(instrument, own): (&PlannedInstrument, &Vec<f64>)| {
        let field = match instrument_spec(instrument) {
            InstrumentSpec::LimitedRound(_) => "raised",
            InstrumentSpec::StrategicTranche(_) => "paid",
            _ => return 0.0,
        };
        instrument.spec.column(field).map_or(0.0, |at| own[at])
    };
    let above: f64 = plan.instruments[..k].iter().zip(seen.instruments).map(raised).sum();
    seen.run.lane.market.equity_left.0 - above
}

fn instrument_bounds(
    plan: &Plan,
    seen: &Seen<'_>,
    k: usize,
    was: &[f64],
    mut tell: impl FnMut(&str, &'static str, f64),
) {
    let instrument = &plan.instruments[k];
    let (events, market, own) = (seen.run.events[k], &seen.run.lane.market, &seen.instruments[k]);
    let at = |list: &[f64], field: &str| instrument.spec.column(field).map(|column| list[column]);
    let (count, usd) = (Unit::Count.name(), Unit::Usd.name());
    if let InstrumentSpec::EquityRound(spec) | InstrumentSpec::LimitedRound(spec) = instrument_spec(instrument) {
        if events & event::ROUND_FAILED != 0 {
            let why = if market.window == 0.0 && !spec.committed {
                "window_shut"
            } else if market.winter > 0.0 && !spec.in_winter {
                "winter"
            } else if market.equity_limited > 0.0 && !spec.committed && left(seen, plan, k) <= 0.0 {
                "no_supply"
            } else {
                "book_short"
            };
            tell(why, count, 1.0);
        }
        let cut = at(own, "target").unwrap_or(0.0) - at(own, "raised").unwrap_or(0.0);
        if events & event::ROUND_CLOSED != 0 && cut > 1.0 {
            tell("round_cut", usd, cut);
        }
    }
    for (bit, line) in [
        (event::CREDIT_EXHAUSTED, "limit"),
        (event::COVENANT, "covenant"),
        (event::LOCK_UP, "lock_up"),
        (event::REFINANCING_FAILED, "no_refinancing"),
    ] {
        if events & bit != 0 {
            tell(line, count, 1.0);
        }
    }
    // The reason is shown instead of the stop.
    let refused = at(own, "refused").unwrap_or(0.0);
    if refused > 0.0 {
        tell("no_credit", usd, refused);
        return;
    }
    // A line that was stopped at the end of the previous month lends nothing in this one.
    let asked = seen.run.missing[0].0;
    let stopped = at(was, "stopped").is_some_and(|stopped| stopped > 0.0) && asked > 0.0;
    if stopped || events & event::DRAW_STOPPED != 0 {
        tell("draw_stopped", usd, asked.max(0.0));
    }
}
