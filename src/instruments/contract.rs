//! A compute contract with a supplier: power over a term, with a ramp, take-or-pay, notice and credits.
//!
//! # What it is
//! The lab rents power from a cloud or another lab. It pays for the take-or-pay share of the power in place whether it
//! uses it or not, and for what it uses beyond. A contract with notice can be ended: the lab gives notice in distress.
//!
//! # Monthly cash flows
//! | flow | lab | supplier |
//! | --- | --- | --- |
//! | invoice `price × max(take-or-pay × power, used)`, less credits | − | + |
//! | arrears of earlier months | − | + |
//! | termination fee | − | + |
//!
//! # In YAML
//! `- google: {supplier: google, power: 2.0 GW, price: 9B USD/GW-yr, start: 2026-04, ramp: 24 mo, end: 2033-07,
//! take_or_pay: 100%, total: 111.1B USD, headline: 200B USD}`
//!
//! # Conventions and limits
//! A linear ramp of `r` months costs `r/2` months of the full price. `capacity_value` is the power that the contract
//! stands for at market price, when its own price is far from it. Firm commitment is the cheapest way out of the
//! take-or-pay part: the present value of the rest of the term, or notice and fee. Credits reduce the cost when they
//! are used; they are no asset before. After the lab's default the supplier stops and what is owed stays owed.
//!
//! # Sources
//! MODEL §5.1.

use crate::engine::books::{Books, RENT};
use crate::engine::columns::Columns;
use crate::engine::math::{max, min, pick};
use crate::engine::room::{CLOSE, Line, OPEN, REVIEW, Room, SETTLE, Unit, View, line, total};
use crate::issues::Issues;
use crate::language::prelude::{Months, Name, When};
use crate::language::quantity::{Inputs, Quantity};
use crate::units::Usd;
use crate::{posts, row, spec};

spec! {
    /// A compute contract.
    pub struct ContractSpec {
        /// Who supplies; contracts of one supplier count together in concentration.
        pub supplier: Option<Name>,
        /// Power at full delivery.
        pub power: Quantity [Power],
        /// Price of power.
        pub price: Quantity [PowerPrice],
        /// Power that it stands for at market price, when its own price is far from it.
        pub capacity_value: Option<Quantity> [Power],
        /// First month of service.
        pub start: When,
        /// Months over which the power is delivered, in a straight line.
        pub ramp: Months = "0 mo",
        /// Last month of service; or say `term`.
        pub end: Option<When>,
        /// Months of service; or say `end`.
        pub term: Option<Months>,
        /// What the whole life costs at full use; must agree with power, price and ramp within 5 %.
        pub total: Option<Quantity> [Money],
        /// What was announced.
        pub headline: Option<Quantity> [Money],
        /// Share of the power that is paid for whether used or not.
        pub take_or_pay: Quantity [Share] = "100%",
        /// Notice with which the contract can be ended.
        pub notice: Option<Quantity> [Time],
        /// Fee for ending it.
        pub termination_fee: Quantity [Money] = "0 USD",
        /// Credits that reduce invoices before cash.
        pub credits: Quantity [Money] = "0 USD",
        /// Last month in which credits can be used.
        pub credits_until: Option<When>,
        /// Rate at which the firm commitment is discounted.
        pub discount: Quantity [Rate] = "8%/yr",
    }
}

impl ContractSpec {
    /// Last month of service.
    pub fn last(&self) -> f64 {
        match (&self.end, &self.term) {
            (Some(end), _) => end.0,
            (None, Some(term)) => self.start.0 + term.0.round() - 1.0,
            (None, None) => 0.0,
        }
    }
}

row! {
    /// Terms: power in GW, price in USD per GW-month.
    pub struct Contract {
        power: f64, price: f64, value: f64, per_value: f64, start: f64, last: f64, ramp: f64, top: f64,
        notice: f64, fee: f64, credits: f64, credits_last: f64, discount: f64, firm: f64, headline: f64,
    }
    /// What the contract remembers.
    pub struct ContractState {
        /// Months until a notice given takes effect; −1 when none was given.
        pub ends_in: f64,
        /// Power in place, GW.
        pub power: f64,
        /// Power used, GW.
        pub used: f64,
        /// Invoice of the month, after credits.
        pub invoice: Usd,
        /// Due with arrears.
        pub due: Usd,
        /// Paid.
        pub paid: Usd,
        /// Owed from earlier months.
        pub arrears: Usd,
        /// Take-or-pay for power not used.
        pub idle: Usd,
        /// Credits left.
        pub credits: Usd,
        /// Credits used this month.
        pub credited: Usd,
        /// Invoiced since the first month.
        pub billed: Usd,
        /// Present value of the take-or-pay part to the end of the term.
        pub to_term: Usd,
        /// Cheapest way out.
        pub firm: Usd,
    }
}

impl Contract {
    /// Power in place in month `t`.
    #[inline(always)]
    fn in_place(&self, t: f64) -> f64 {
        let age = t - self.start;
        let share = min(1.0, (age + 0.5) / max(self.ramp, 0.5));
        pick((age >= 0.0) & (t <= self.last), self.power * share, 0.0)
    }
}

impl Room for Contract {
    type Spec = ContractSpec;
    type State = ContractState;
    const PHASES: u8 = OPEN | SETTLE | CLOSE | REVIEW;
    const POSTS: Columns = posts![
        capacity_gw,
        capacity_cost,
        ahead_gw,
        compute,
        compute_expense,
        used_gw,
        idle_cost,
        firm,
        headline,
        arrears,
        issued,
        paid_in,
    ];
    const LINES: &'static [Line] = &[
        line("power", Unit::Gigawatt),
        line("used", Unit::Gigawatt),
        line("invoice", Unit::Usd),
        line("idle", Unit::Usd),
        line("arrears", Unit::Usd),
        line("firm", Unit::Usd),
        total("billed", Unit::Usd),
    ];

    fn supplies(spec: &ContractSpec) -> Option<&str> {
        spec.supplier.as_ref().map(Name::as_str)
    }

    fn check(spec: &ContractSpec, issues: &mut Issues) {
        let place = Some(spec.power.place());
        if spec.end.is_some() == spec.term.is_some() {
            let title = if spec.end.is_some() {
                "`end` and `term` are both given"
            } else {
                "neither `end` nor `term` is given"
            };
            issues.error("one-of", place, title, "say once how long the contract lasts");
        }
        if spec.last() < spec.start.0 {
            issues.error("dates-order", place, "the contract ends before it starts", "`end` must not precede `start`");
        }
        let certain = [spec.power.known(), spec.price.known(), spec.total.as_ref().and_then(Quantity::known)];
        if let [Some(power), Some(price), Some(total)] = certain {
            let months = (spec.last() - spec.start.0 + 1.0).max(0.0);
            let cost = power * price * (months - spec.ramp.0.round() / 2.0);
            if (cost - total).abs() > 0.05 * total.abs() {
                issues.error(
                    "total-differs",
                    spec.total.as_ref().map(Quantity::place),
                    format!("power × price × term is {:.1}B USD, not {:.1}B USD", cost / 1e9, total / 1e9),
                    "a linear ramp of r months costs r/2 months less; the total must agree within 5 %",
                );
            }
        }
    }

    fn accounts(spec: &ContractSpec) -> Vec<(String, usize)> {
        vec![(spec.supplier.as_ref().map_or_else(|| "supplier".to_string(), |n| n.as_str().to_string()), 0)]
    }

    fn terms(spec: &ContractSpec, inputs: &Inputs<'_>) -> Self {
        let power = spec.power.at(inputs);
        let value = spec.capacity_value.as_ref().map_or(power, |q| q.at(inputs));
        let mut out = Contract {
            power,
            price: spec.price.at(inputs),
            value: if power > 0.0 { value / power } else { 1.0 },
            per_value: if value > 0.0 && power > 0.0 { power / value } else { 0.0 },
            start: spec.start.0,
            last: spec.last(),
            ramp: spec.ramp.0.round(),
            top: spec.take_or_pay.at(inputs),
            notice: spec.notice.as_ref().map_or(-1.0, |q| q.at(inputs).ceil()),
            fee: spec.termination_fee.at(inputs),
            credits: spec.credits.at(inputs),
            credits_last: spec.credits_until.as_ref().map_or(f64::MAX, |w| w.0),
            discount: spec.discount.at(inputs) / 12.0,
            firm: 0.0,
            headline: 0.0,
        };
        let (mut before, mut t) = (0.0, out.start);
        while t <= 0.0 && t <= out.last {
            before += out.price * out.in_place(t);
            t += 1.0;
        }
        out.headline = spec.headline.as_ref().map_or(0.0, |q| (q.at(inputs) - before).max(0.0));
        let (v, mut factor, mut month) = (1.0 / (1.0 + out.discount), 1.0, 1.0);
        while month <= out.last {
            factor *= v;
            out.firm += factor * out.top * out.price * out.in_place(month);
            month += 1.0;
        }
        out
    }

    fn opening(&self) -> ContractState {
        ContractState { ends_in: -1.0, credits: Usd(self.credits), to_term: Usd(self.firm), ..Default::default() }
    }

    #[inline(always)]
    fn open(&self, see: &View, own: &mut ContractState, books: &mut Books) {
        // Notice is given in distress; the service and its cost go on until it takes effect.
        let running = own.ends_in != 0.0;
        let gives = (self.notice >= 0.0) & (see.lab.distress > 0.0) & (own.ends_in < 0.0);
        own.ends_in = pick(gives, self.notice, max(own.ends_in - 1.0, pick(own.ends_in >= 0.0, 0.0, -1.0)));
        own.power = pick(running & (see.lab.alive > 0.0), self.in_place(see.t), 0.0);
        books.lab.capacity_gw += own.power * self.value;
        books.lab.capacity_cost += Usd(own.power * self.price);
        books.lab.ahead_gw += pick(own.ends_in < 0.0, self.in_place(see.ahead) * self.value, 0.0);
    }

    #[inline(always)]
    fn settle(&self, see: &View, own: &mut ContractState, books: &mut Books) {
        let taken = min(max(see.power, 0.0), own.power * self.value);
        own.used = taken * self.per_value;
        let firm = self.top * own.power;
        let full = Usd(self.price * max(firm, own.used));
        own.idle = Usd(self.price * max(0.0, firm - own.used));
        own.credits = pick(see.t <= self.credits_last, own.credits, Usd::ZERO);
        own.credited = min(full, own.credits);
        own.credits -= own.credited;
        // The fee falls due with the last month of service.
        let fee = pick((own.ends_in == 0.0) & (own.power > 0.0), Usd(self.fee), Usd::ZERO);
        own.invoice = full - own.credited + fee;
        own.billed += own.invoice;
        own.due = own.invoice + own.arrears;
        books.lab.compute += own.due;
        books.lab.compute_expense += own.invoice;
        books.lab.used_gw += taken;
        books.lab.idle_cost += own.idle;
    }

    #[inline(always)]
    fn close(&self, see: &View, own: &mut ContractState, books: &mut Books) {
        own.paid = own.due * see.lab.paid[RENT];
        own.arrears = own.due - own.paid;
        books.pay(0, own.paid);
    }

    #[inline(always)]
    fn review(&self, see: &View, own: &mut ContractState, books: &mut Books) {
        let on = (see.lab.alive > 0.0) & (own.ends_in != 0.0);
        let rest = own.to_term * (1.0 + self.discount) - Usd(self.top * self.price * self.in_place(see.t));
        own.to_term = pick(on, max(rest, Usd::ZERO), Usd::ZERO);
        // Before delivery notice costs nothing but its own span.
        let notice = pick(own.ends_in > 0.0, own.ends_in, self.notice);
        let way_out = Usd(notice * self.top * self.price * own.power + self.fee);
        own.firm = pick(self.notice >= 0.0, min(way_out, own.to_term), own.to_term);
        books.lab.firm += own.firm;
        books.lab.headline += pick(on, max(Usd(self.headline) - own.billed, Usd::ZERO), Usd::ZERO);
        books.lab.arrears += own.arrears;
    }

    fn audit(&self, was: &ContractState, now: &ContractState) -> Usd {
        was.arrears + now.invoice - now.paid - now.arrears
    }
}
