//! Hardware that the lab buys itself.
//!
//! # What it is
//! A vintage of accelerators, paid for at order and at delivery, and used before any contract. It has a book value,
//! which is depreciated, and a market value, which moves with age, new generations and the market for used
//! accelerators.
//!
//! # Monthly cash flows
//! | flow | lab | supplier | buyer |
//! | --- | --- | --- | --- |
//! | share of the price at order | − | + | |
//! | rest of the price at delivery | − | + | |
//! | operating cost from the month of delivery | − | + | |
//! | sale in distress, if allowed | + | | − |
//! | sale at salvage value at the end of its life | + | | − |
//! | end of the lab: share of the estate for arrears | (estate) | + | |
//!
//! # In YAML
//! ```yaml
//! - first_pod:
//!     power: 0.2 GW
//!     cost: 7B USD
//!     ordered: 2026-06
//!     share_prepaid: 20%
//!     delivered: 2026-11
//!     life: 60 mo
//!     salvage: 5%
//!     opex: 1.2B USD/GW-yr
//!     value: {at_release: 5%}
//!     sold_in_distress: true
//! ```
//!
//! # Conventions and limits
//! *Book value* declines linearly from the month after delivery to `salvage` at the end of `life`; the hardware is then
//! sold for that value. If delivered before the first month, it opens at cost less depreciation, which is part of
//! opening paid-in capital, as is a deposit on an order placed before the first month.
//!
//! *Market value* is `cost` times an age factor (`value.first_year`, then `value.later` a year, both applied monthly),
//! times `1 − value.at_release` for each own release that lifts demand and `1 − value.at_competitor` for each
//! competitor move since delivery, times the resale index relative to that at delivery. For hardware in place before
//! the first month, the moves and the index count from the first month. There is no impairment.
//!
//! *Sale.* With `sold_in_distress` the whole vintage is sold in the month to which `policy.ladder` assigns resale, at
//! market value less `sale_discount`; it is out of service from that month. Amounts owed on it stay owed, and no
//! lender's consent is needed.
//!
//! Unpaid amounts stay owed and fall due again the next month, without interest. When the lab ends, they are an
//! unsecured claim, and the hardware goes to the estate at market value less `sale_discount`. Deposits on undelivered
//! hardware are lost.
//!
//! Not modelled: late delivery, cancellation of an order, partial sale, hardware as collateral (see loans and leases).
//!
//! # Sources
//! [The model](../model.md); straight-line depreciation and exponential decline of the market value are our
//! assumptions.

use crate::engine::books::{Books, CAPEX, RUNNING, event};
use crate::engine::columns::Columns;
use crate::engine::instrument::{CLOSE, Instrument, Line, OPEN, REVIEW, SETTLE, Unit, View, flow, line, total};
use crate::engine::math::{exp, max, min, select};
use crate::engine::resolution::{Award, Claim, Rules};
use crate::instruments::declared::{Declared, Facts, Provider};
use crate::issues::Issues;
use crate::language::prelude::{Months, Name, Node, Read, Reader, Shape, When};
use crate::language::quantity::{Inputs, Kind, Quantity};
use crate::language::unused;
use crate::units::Usd;
use crate::{posts, row, spec};

spec! {
    /// Hardware that the lab buys itself.
    pub struct OwnComputeSpec {
        /// Power of the hardware.
        pub power: Quantity [Power],
        /// Supplier, for instruments that track what the lab buys from a supplier.
        pub supplier: Option<Name>,
        /// Purchase price.
        pub cost: Quantity [Money],
        /// Month of the order; required if a share is prepaid. Order rules do not count on the hardware before it.
        pub ordered: Option<When>,
        /// Share of the price paid at order; the rest is paid at delivery.
        pub share_prepaid: Quantity [Share] = "0%",
        /// Month of delivery; may be before the first month.
        pub delivered: When,
        /// Useful life for depreciation, after which it is retired.
        pub life: Months,
        /// Salvage value at the end of its life, as a share of price.
        pub salvage: Quantity [Share] = "0%",
        /// Operating cost of power in place.
        pub opex: Quantity [PowerPrice] = "0 USD/GW-yr",
        /// Decline of the hardware's market value.
        pub value: OwnValueSpec = "{}",
        /// Whether it is sold in distress.
        pub sold_in_distress: bool = "false",
        /// Discount to market value in a forced sale.
        pub sale_discount: Quantity [Share] = "15%",
    }
    /// Decline of the market value of hardware that the lab owns.
    pub struct OwnValueSpec {
        /// Change in market value in the first year.
        pub first_year: Quantity [Share -1.0..1.0] = "-35%",
        /// Change in market value in each subsequent year.
        pub later: Quantity [Share -1.0..1.0] = "-25%",
        /// Loss of market value at each of the lab's own releases.
        pub at_release: Quantity [Share] = "0%",
        /// Loss of market value at each competitor move.
        pub at_competitor: Quantity [Share] = "0%",
    }
}

impl OwnComputeSpec {
    /// Book value before the first month.
    pub fn opening_book(&self, inputs: &Inputs<'_>) -> f64 {
        let (cost, life) = (self.cost.at(inputs), self.life.0.round().max(1.0));
        if self.delivered.0 < 1.0 {
            let worn = (-self.delivered.0).min(life) / life;
            let gone = self.delivered.0 + life < 1.0;
            return if gone { 0.0 } else { cost - cost * (1.0 - self.salvage.at(inputs)) * worn };
        }
        let paid = self.ordered.as_ref().is_some_and(|w| w.0 < 1.0);
        if paid { cost * self.share_prepaid.at(inputs) } else { 0.0 }
    }

    /// Reports errors that `Reader` does not detect.
    pub fn check(&self, issues: &mut Issues) {
        if self.life.0.round() < 1.0 {
            issues.error(
                "range",
                self.life.place(),
                "hardware must serve at least one month",
                "write for example `48 mo`",
            );
        } else if self.delivered.0 + self.life.0.round() < 1.0 {
            let title = "the hardware's life is over before the first month";
            issues.warn("date-outside", self.delivered.place(), title, "it has no effect");
        }
        if !self.sold_in_distress {
            let discount = [unused::quantity(OwnComputeSpec::FIELDS, "sale_discount", &self.sale_discount)];
            unused::report(
                &discount,
                "unless the hardware is sold in distress",
                "write `sold_in_distress: true`",
                issues,
            );
        }
        match &self.ordered {
            Some(ordered) if ordered.0 > self.delivered.0 => {
                issues.error(
                    "dates-order",
                    Some(ordered.place()),
                    "own hardware is ordered after its delivery",
                    "`ordered` must not come after `delivered`",
                );
            }
            None if self.share_prepaid.known() != Some(0.0) => {
                issues
                    .error(
                        "missing",
                        Some(self.share_prepaid.place()),
                        "a share is paid at order, but the month of the order is missing",
                        "`ordered` is missing",
                    )
                    .help("write for example `ordered: 2026-06`");
            }
            _ => {}
        }
    }
}

/// Input from which the instrument's terms are built.
#[derive(Clone, Debug)]
pub struct OwnComputeSetup {
    /// The hardware.
    pub hardware: OwnComputeSpec,
    /// Months of distress after which it is sold, if it may be sold.
    pub sold_after: f64,
}

impl Read for OwnComputeSetup {
    const SHAPE: Shape = OwnComputeSpec::SHAPE;
    fn read(node: &mut Node, kind: Option<Kind>, reader: &mut Reader) -> Option<Self> {
        Some(OwnComputeSetup { hardware: OwnComputeSpec::read(node, kind, reader)?, sold_after: 0.0 })
    }
}

row! {
    /// Terms; money in USD, changes of value as monthly logarithms.
    pub struct OwnCompute {
        power: f64, cost: f64, deposit: f64, ordered: f64, delivered: f64, life: f64, wear: f64, salvage: f64,
        running: f64, first_year: f64, later: f64, at_release: f64, at_competitor: f64,
        sells: f64, sold_after: f64, sale: f64, book: f64,
    }
    /// Amounts due, in arrears and on the books.
    pub struct OwnComputeState {
        /// Power in place, GW.
        pub power: f64,
        /// Power used, GW.
        pub used: f64,
        /// Price due, including arrears.
        pub price_due: Usd,
        /// Operating cost due, including arrears.
        pub running_due: Usd,
        /// Price in arrears.
        pub price_owed: Usd,
        /// Operating cost in arrears.
        pub running_owed: Usd,
        /// Paid this month.
        pub paid: Usd,
        /// Charged this month: price and operating cost.
        pub charged: Usd,
        /// Price charged since the first month.
        pub billed: Usd,
        /// Depreciation of the month.
        pub depreciation: Usd,
        /// Book value.
        pub book: Usd,
        /// Share of the market value left after new generations.
        pub jumps: f64,
        /// Resale index at delivery; 0 before.
        pub index: f64,
        /// Market value.
        pub value: Usd,
        /// 1 once it is sold.
        pub sold: f64,
        /// Sale proceeds this month.
        pub sale: Usd,
        /// Written off so far in failures of the lab.
        pub written_off: Usd,
        /// Claim when the lab failed.
        pub claim: Usd,
        /// Loss on the claim.
        pub loss: Usd,
    }
}

impl OwnCompute {
    #[inline(always)]
    fn in_place(&self, t: f64, own: &OwnComputeState) -> f64 {
        select((t >= self.delivered) & (t < self.delivered + self.life) & (own.sold == 0.0), self.power, 0.0)
    }
}

impl Instrument for OwnCompute {
    type Spec = OwnComputeSetup;
    type State = OwnComputeState;
    const PHASES: u8 = OPEN | SETTLE | CLOSE | REVIEW;
    const POSTS: Columns = posts![
        capacity_gw,
        capacity_cost,
        ahead_gw,
        capex,
        capex_accrued,
        running,
        running_expense,
        depreciation,
        asset_sales,
        other_income,
        used_gw,
        ppe,
        arrears,
        issued,
        paid_in,
    ];
    const EVENTS: u64 = event::SOLD;
    const LINES: &'static [Line] = &[
        line("power", Unit::Gigawatt),
        line("used", Unit::Gigawatt),
        flow("paid", Unit::Usd),
        line("book", Unit::Usd),
        line("value", Unit::Usd),
        flow("sale", Unit::Usd).seldom(),
        total("claim", Unit::Usd),
        total("loss", Unit::Usd),
    ];

    fn supplies(setup: &OwnComputeSetup) -> Option<&str> {
        setup.hardware.supplier.as_ref().map(Name::as_str)
    }
    fn terms(setup: &OwnComputeSetup, inputs: &Inputs<'_>) -> Self {
        let spec = &setup.hardware;
        let (cost, life) = (spec.cost.at(inputs), spec.life.0.round().max(1.0));
        let salvage = cost * spec.salvage.at(inputs);
        let log_change = |q: &Quantity| libm::log((1.0 + q.at(inputs)).max(1e-6)) / 12.0;
        OwnCompute {
            power: spec.power.at(inputs),
            cost,
            deposit: cost * spec.share_prepaid.at(inputs),
            ordered: spec.ordered.as_ref().map_or(f64::MIN, |w| w.0),
            delivered: spec.delivered.0,
            life,
            wear: (cost - salvage) / life,
            salvage,
            running: spec.opex.at(inputs),
            first_year: log_change(&spec.value.first_year),
            later: log_change(&spec.value.later),
            at_release: 1.0 - spec.value.at_release.at(inputs),
            at_competitor: 1.0 - spec.value.at_competitor.at(inputs),
            sells: f64::from(u8::from(spec.sold_in_distress)),
            sold_after: setup.sold_after,
            sale: 1.0 - spec.sale_discount.at(inputs),
            book: spec.opening_book(inputs),
        }
    }
    fn accounts(_: &OwnComputeSetup) -> Vec<(String, usize)> {
        vec![("supplier".into(), 0)]
    }
    fn opening(&self) -> OwnComputeState {
        OwnComputeState { book: Usd(self.book), jumps: 1.0, ..Default::default() }
    }

    #[inline(always)]
    fn open(&self, see: &View, own: &mut OwnComputeState, books: &mut Books) {
        let (t, alive) = (see.t, see.lab.alive > 0.0);
        // Market value: age, generations since delivery, the market for used hardware.
        let age = t - self.delivered;
        let m = &see.market;
        let jump = select(m.release > 0.0, self.at_release, 1.0) * select(m.moved > 0.0, self.at_competitor, 1.0);
        own.jumps *= select(age >= 1.0, jump, 1.0);
        own.index = select((age >= 0.0) & (own.index == 0.0), m.resale, own.index);
        let worn = exp(self.first_year * min(max(age, 0.0), 12.0) + self.later * max(0.0, age - 12.0));
        let market = m.resale / max(own.index, f64::MIN_POSITIVE);
        let stands = (age >= 0.0) & (age < self.life) & (own.sold == 0.0) & alive;
        own.value = select(stands, Usd(self.cost * worn * own.jumps * market), Usd::ZERO);
        // It may be sold in distress; at the end of its life it always is.
        let distress = see.lab.distress_months > self.sold_after;
        let forced = (self.sells > 0.0) & distress & stands & (age >= 1.0);
        let retired = (age == self.life) & (own.sold == 0.0) & alive;
        own.sale = select(forced, own.value * self.sale, select(retired, Usd(self.salvage), Usd::ZERO));
        own.sold = select(forced | retired, 1.0, own.sold);
        own.value = select(forced, Usd::ZERO, own.value);
        books.event(forced, event::SOLD);
        own.power = self.in_place(t, own) * see.lab.alive;
        books.lab.capacity_gw += own.power;
        books.lab.capacity_cost += Usd(own.power * self.running + select(own.power > 0.0, self.wear, 0.0));
        books.lab.ahead_gw += select(t >= self.ordered, self.in_place(see.ahead, own), 0.0);
    }
    #[inline(always)]
    fn settle(&self, see: &View, own: &mut OwnComputeState, books: &mut Books) {
        let (t, alive, zero) = (see.t, see.lab.alive > 0.0, Usd::ZERO);
        own.used = min(max(see.power, 0.0), own.power);
        let at_order = select((t == self.ordered) & alive, Usd(self.deposit), zero);
        let at_delivery = select((t == self.delivered) & alive, Usd(self.cost - self.deposit), zero);
        let price = at_order + at_delivery;
        let running = Usd(self.running * own.power);
        own.charged = price + running;
        own.billed += price;
        own.price_due = price + own.price_owed;
        own.running_due = running + own.running_owed;
        let age = t - self.delivered;
        let sells = own.sale > zero;
        // The last month of its life is depreciated too, before it is retired.
        let wears = (age >= 1.0) & (age <= self.life) & (own.book > zero) & (!sells | (age == self.life));
        own.depreciation = select(wears, min(Usd(self.wear), own.book + price), zero);
        own.book += price - own.depreciation;
        let gain = select(sells, own.sale - own.book, zero);
        own.book = select(sells, zero, own.book);
        books.lab.capex += own.price_due;
        books.lab.capex_accrued += price;
        books.lab.running += own.running_due;
        books.lab.running_expense += running;
        books.lab.depreciation += own.depreciation;
        books.lab.asset_sales += own.sale;
        books.lab.other_income += gain;
        books.lab.used_gw += own.used;
        books.third(-own.sale);
    }
    #[inline(always)]
    fn close(&self, see: &View, own: &mut OwnComputeState, books: &mut Books) {
        let price = own.price_due * see.lab.paid[CAPEX];
        let running = own.running_due * see.lab.paid[RUNNING];
        own.price_owed = own.price_due - price;
        own.running_owed = own.running_due - running;
        own.paid = price + running;
        books.pay(0, own.paid);
    }
    #[inline(always)]
    fn review(&self, _: &View, own: &mut OwnComputeState, books: &mut Books) {
        books.lab.ppe += own.book;
        books.lab.arrears += own.price_owed + own.running_owed;
    }

    fn claim(&self, _: &View, own: &OwnComputeState, _: &Rules) -> Claim {
        let owed = own.price_owed + own.running_owed;
        let hardware = own.value * self.sale;
        Claim { unsecured: owed, arrears: owed, assets: hardware, hardware, ..Claim::default() }
    }
    fn resolve(&self, _: &View, own: &mut OwnComputeState, award: &Award, books: &mut Books) {
        let owed = own.price_owed + own.running_owed;
        let settled = award.settle(owed, 0.0);
        let kept = if owed > Usd::ZERO { settled.left / owed } else { 1.0 };
        own.claim = award.claimed(own.claim, own.loss, owed);
        own.loss += settled.loss;
        own.written_off += settled.written_off;
        own.price_owed = own.price_owed * kept;
        own.running_owed = settled.left - own.price_owed;
        settled.post(0, books);
        if award.outcome.ends() {
            (own.book, own.value, own.sold) = (Usd::ZERO, Usd::ZERO, 1.0);
        }
    }
    fn audit(&self, was: &OwnComputeState, now: &OwnComputeState) -> Usd {
        let written_off = now.written_off - was.written_off;
        let owed = now.price_owed + now.running_owed;
        was.price_owed + was.running_owed + now.charged - now.paid - written_off - owed
    }
}
impl Declared for OwnCompute {
    const FACTS: Facts = Facts::of(Provider::Own);
}
