//! Contracts on fixed terms: one price and no delay, with or without notice. They run in a fraction of the time of
//! [`Contract`](super::Contract) and are used wherever a scenario needs no more.

use super::{ContractSetup, delivered};
use crate::engine::books::{Books, RENT, event};
use crate::engine::columns::Columns;
use crate::engine::instrument::{CLOSE, Instrument, Line, OPEN, REVIEW, SETTLE, View};
use crate::engine::math::{max, min, select};
use crate::engine::resolution::{Award, Claim, Outcome, Rules};
use crate::instruments::declared::{Declared, Facts, Provider};
use crate::language::prelude::Name;
use crate::language::quantity::Inputs;
use crate::units::Usd;
use crate::{posts, row};

row! {
    /// Terms: power in GW, price in USD per GW-month; firm amounts at the opening.
    pub struct Fixed {
        power: f64, price: f64, value: f64, per_value: f64, start: f64, last: f64, per_ramp: f64, top: f64,
        notice: f64, notice_after: f64, end_factor: f64, fee: f64,
        credits: f64, credits_last: f64, discount: f64, headline: f64, to_term: f64, by_notice: f64,
    }
    /// State of the contract.
    pub struct FixedState {
        /// Months until notice takes effect; −1 if none was given.
        pub ends_in: f64,
        /// 1 in the last month of a contract terminated by notice.
        pub ending: f64,
        /// Power delivered, GW.
        pub power: f64,
        /// Power used, GW.
        pub used: f64,
        /// Invoice of the month, after credits.
        pub invoice: Usd,
        /// Due, including arrears.
        pub due: Usd,
        /// Paid.
        pub paid: Usd,
        /// Arrears.
        pub arrears: Usd,
        /// Take-or-pay for unused power.
        pub idle: Usd,
        /// Prepayment balance; these terms have none.
        pub prepaid: Usd,
        /// Remaining share of the take-or-pay; under these terms all.
        pub kept: f64,
        /// Remaining credits.
        pub credits: Usd,
        /// Credits used this month.
        pub credited: Usd,
        /// Invoiced since the first month.
        pub billed: Usd,
        /// Present value of the take-or-pay part to the end of the term.
        pub to_term: Usd,
        /// Present value of the take-or-pay during a notice period and of the termination fee.
        pub by_notice: Usd,
        /// Firm commitment: the cheapest way out.
        pub firm: Usd,
        /// Announced commitment not yet spent, or the cheapest way out if that is higher.
        pub headline: Usd,
        /// Written off so far in failures of the lab.
        pub written_off: Usd,
        /// Claim when the lab failed.
        pub claim: Usd,
        /// Loss on the claim.
        pub loss: Usd,
    }
}

impl Fixed {
    fn new(setup: &ContractSetup, inputs: &Inputs<'_>) -> Fixed {
        let spec = &setup.contract;
        let power = spec.power.at(inputs);
        let value = spec.capacity_value.as_ref().map_or(power, |q| q.at(inputs));
        let discount = spec.discount_rate.at(inputs) / 12.0;
        let notice = spec.notice.as_ref().map_or(-1.0, |q| q.at(inputs).ceil());
        let mut out = Fixed {
            power,
            price: spec.price.as_ref().map_or(0.0, |q| q.at(inputs)),
            value: if power > 0.0 { value / power } else { 1.0 },
            per_value: if value > 0.0 && power > 0.0 { power / value } else { 0.0 },
            start: spec.start.0,
            last: spec.last(),
            per_ramp: 1.0 / spec.ramp.0.round().max(0.5),
            top: spec.take_or_pay.at(inputs),
            notice,
            notice_after: setup.lags.0,
            end_factor: libm::exp(-notice.max(0.0) * libm::log1p(discount)),
            fee: spec.termination_fee.at(inputs),
            credits: spec.credits.at(inputs),
            credits_last: spec.credits_until.as_ref().map_or(f64::MAX, |w| w.0),
            discount,
            headline: 0.0,
            to_term: 0.0,
            by_notice: 0.0,
        };
        let (mut before, mut whole, mut t) = (0.0, 0.0, out.start);
        while t <= out.last {
            let full = out.price * out.in_place(t);
            before += if t <= 0.0 { full } else { 0.0 };
            whole += full;
            t += 1.0;
        }
        out.headline = (spec.headline.as_ref().map_or(whole, |q| q.at(inputs)) - before).max(0.0);
        out.by_notice = out.fee * out.end_factor;
        let (v, mut factor, mut month) = (1.0 / (1.0 + out.discount), 1.0, 1.0);
        while month <= out.last {
            factor *= v;
            let due = factor * out.top * out.price * out.in_place(month);
            out.to_term += due;
            out.by_notice += if month <= notice { due } else { 0.0 };
            month += 1.0;
        }
        out
    }

    #[inline(always)]
    fn in_place(&self, t: f64) -> f64 {
        self.power * delivered(t, self.start, self.last, self.per_ramp)
    }
    /// Take-or-pay of month `t`.
    #[inline(always)]
    fn pays(&self, t: f64) -> Usd {
        Usd(self.top * self.price * self.in_place(t))
    }
    /// Present value of the remaining take-or-pay at the end of month `t`.
    #[inline(always)]
    fn rest(&self, t: f64, own: &FixedState) -> Usd {
        max(own.to_term * (1.0 + self.discount) - self.pays(t), Usd::ZERO)
    }
    /// Present value at the end of month `t` of the cost of a notice: given now, or the rest of one already given.
    #[inline(always)]
    fn notice_at(&self, t: f64, own: &FixedState) -> Usd {
        let grown = 1.0 + self.discount;
        // A notice not yet given would begin now: one month leaves the window, one enters it, and the fee stays equally
        // far away.
        let rolls = (own.ends_in < 0.0) | (own.ends_in == self.notice);
        let comes = self.pays(t + self.notice) * self.end_factor - Usd(self.fee * self.end_factor * self.discount);
        let left = own.by_notice * grown - self.pays(t) - Usd(self.fee * own.ending);
        max(left + select(rolls & (own.ending == 0.0), comes, Usd::ZERO), Usd::ZERO)
    }
    /// The cheaper of the two ways out.
    #[inline(always)]
    fn cheapest(notice: bool, own: &FixedState, to_term: Usd, by_notice: Usd) -> Usd {
        if notice { select(own.ends_in != 0.0, min(by_notice, to_term), Usd::ZERO) } else { to_term }
    }

    #[inline(always)]
    fn open(&self, notice: bool, see: &View, own: &mut FixedState, books: &mut Books) {
        let alive = see.lab.alive;
        let mut runs = alive;
        if notice {
            // Notice is given in distress; the service and its cost continue until it takes effect.
            let was = own.ends_in;
            let distress = (see.lab.distress_months > self.notice_after) & (alive > 0.0);
            let gives = distress & (was < 0.0) & (see.t <= self.last);
            own.ends_in = select(gives, self.notice, max(was - 1.0, select(was >= 0.0, 0.0, -1.0)));
            own.ending = select((was != 0.0) & (own.ends_in == 0.0), alive, 0.0);
            runs = select(was != 0.0, alive, 0.0);
            books.event(gives, event::NOTICE);
        }
        own.power = self.in_place(see.t) * runs;
        books.lab.capacity_gw += own.power * self.value;
        books.lab.capacity_cost += Usd(own.power * self.price);
        let ahead = self.in_place(see.ahead) * self.value;
        books.lab.ahead_gw += if notice { select(own.ends_in < 0.0, ahead, 0.0) } else { ahead };
    }

    #[inline(always)]
    fn settle(&self, notice: bool, see: &View, own: &mut FixedState, books: &mut Books) {
        let taken = min(max(see.power, 0.0), own.power * self.value);
        own.used = taken * self.per_value;
        let firm = self.top * own.power;
        let full = Usd(self.price * max(firm, own.used));
        own.idle = Usd(self.price * max(0.0, firm - own.used));
        own.credits = select(see.t <= self.credits_last, own.credits, Usd::ZERO);
        own.credited = min(full, own.credits);
        own.credits -= own.credited;
        // The fee falls due with the last month of service.
        let fee = if notice { Usd(own.ending * self.fee) } else { Usd::ZERO };
        own.invoice = full - own.credited + fee;
        own.billed += own.invoice;
        own.due = own.invoice + own.arrears;
        books.lab.compute += own.due;
        books.lab.compute_expense += own.invoice;
        books.lab.used_gw += taken;
        books.lab.idle_cost += own.idle;
    }

    #[inline(always)]
    fn review(&self, notice: bool, see: &View, own: &mut FixedState, books: &mut Books) {
        // Products rather than selects, which would make the compiler gather the terms lane by lane.
        let on = if notice { select(own.ends_in != 0.0, see.lab.alive, 0.0) } else { see.lab.alive };
        // After the last month the amounts are exactly zero, without rounding residue.
        let runs = on * select(see.t < self.last, 1.0, 0.0);
        own.to_term = self.rest(see.t, own) * runs;
        if notice {
            own.by_notice = self.notice_at(see.t, own) * runs;
        }
        own.firm = Self::cheapest(notice, own, own.to_term, own.by_notice);
        books.lab.firm += own.firm;
        own.headline = max((Usd(self.headline) - own.billed) * runs, own.firm);
        books.lab.headline += own.headline;
        books.lab.arrears += own.arrears;
    }

    /// Take-or-pay of a later month; up to the end of a notice, where there can be one.
    #[inline(always)]
    fn firm_in(&self, notice: bool, see: &View, own: &FixedState, month: f64) -> Usd {
        let months = if notice { select(own.ends_in < 0.0, self.notice, own.ends_in) } else { f64::MAX };
        let on = (see.lab.alive > 0.0) & (month <= see.t + months);
        select(on, self.pays(month), Usd::ZERO)
    }

    fn claim(&self, notice: bool, see: &View, own: &FixedState, damages: f64) -> Claim {
        let out = Self::cheapest(notice, own, self.rest(see.t, own), self.notice_at(see.t, own));
        let damages = min(out, Usd(damages * self.top * self.price * self.power));
        Claim { unsecured: own.arrears + damages, arrears: own.arrears, ..Claim::default() }
    }

    /// The plan does not use this instrument where a restructuring is possible, so there is no cut here.
    fn resolve(&self, own: &mut FixedState, award: &Award, books: &mut Books) {
        if award.outcome == Outcome::Going {
            return;
        }
        own.claim = award.claimed(own.claim, own.loss, award.claim.unsecured);
        if award.outcome.ends() {
            own.written_off += own.arrears;
            own.arrears = Usd::ZERO;
            own.loss += award.loss(self.discount);
            books.pay(0, award.cash());
            books.third(-award.cash());
        }
    }
}

/// Defines an instrument on fixed terms, with or without notice.
macro_rules! fixed {
    ($($(#[$d:meta])* $Name:ident = $notice:literal),* $(,)?) => { $(
        row! {
            $(#[$d])*
            pub struct $Name { terms: Fixed }
        }
        impl Instrument for $Name {
            type Spec = ContractSetup;
            type State = FixedState;
            const PHASES: u8 = OPEN | SETTLE | CLOSE | REVIEW;
            const FIRM: bool = true;
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
            const EVENTS: u64 = if $notice { event::NOTICE } else { 0 };
            const LINES: &'static [Line] = super::LINES;

            fn supplies(spec: &ContractSetup) -> Option<&str> {
                spec.contract.supplier.as_ref().map(Name::as_str)
            }
            fn accounts(spec: &ContractSetup) -> Vec<(String, usize)> {
                spec.account()
            }
            fn terms(setup: &ContractSetup, inputs: &Inputs<'_>) -> Self {
                $Name { terms: Fixed::new(setup, inputs) }
            }
            fn opening(&self) -> FixedState {
                let (credits, to_term) = (Usd(self.terms.credits), Usd(self.terms.to_term));
                let by_notice = Usd(self.terms.by_notice);
                FixedState { ends_in: -1.0, kept: 1.0, credits, to_term, by_notice, ..Default::default() }
            }
            #[inline(always)]
            fn open(&self, see: &View, own: &mut FixedState, books: &mut Books) {
                self.terms.open($notice, see, own, books);
            }
            #[inline(always)]
            fn settle(&self, see: &View, own: &mut FixedState, books: &mut Books) {
                self.terms.settle($notice, see, own, books);
            }
            #[inline(always)]
            fn close(&self, see: &View, own: &mut FixedState, books: &mut Books) {
                own.paid = own.due * see.lab.paid[RENT];
                own.arrears = own.due - own.paid;
                books.pay(0, own.paid);
            }
            #[inline(always)]
            fn review(&self, see: &View, own: &mut FixedState, books: &mut Books) {
                self.terms.review($notice, see, own, books);
            }
            #[inline(always)]
            fn firm_in(&self, see: &View, own: &FixedState, month: f64) -> Usd {
                self.terms.firm_in($notice, see, own, month)
            }
            fn claim(&self, see: &View, own: &FixedState, rules: &Rules) -> Claim {
                self.terms.claim($notice, see, own, rules.damages)
            }
            fn resolve(&self, _: &View, own: &mut FixedState, award: &Award, books: &mut Books) {
                self.terms.resolve(own, award, books);
            }
            fn audit(&self, was: &FixedState, now: &FixedState) -> Usd {
                was.arrears + now.invoice - now.paid - (now.written_off - was.written_off) - now.arrears
            }
        }
        impl Declared for $Name {
            const FACTS: Facts = Facts::of(Provider::Supplier).written_as("contract");
        }
    )* };
}
fixed! {
    /// A contract on fixed terms that runs to its end.
    PlainContract = false,
    /// A contract on fixed terms that can be ended by notice.
    NoticeContract = true,
}
