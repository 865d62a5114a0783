//! A contract on fixed terms: no notice, no delay, one price. It takes half the time of [`Contract`](super::Contract) and
//! serves wherever a scenario asks for no more.

use super::{ContractPart, delivered};
use crate::engine::books::{Books, RENT};
use crate::engine::columns::Columns;
use crate::engine::math::{max, min, pick};
use crate::engine::resolution::{Award, Claim, Outcome, Rules};
use crate::engine::room::{CLOSE, Line, OPEN, REVIEW, Room, SETTLE, Unit, View, line, total};
use crate::language::prelude::Name;
use crate::language::quantity::Inputs;
use crate::units::Usd;
use crate::{posts, row};

row! {
    /// Terms: power in GW, price in USD per GW-month.
    pub struct PlainContract {
        power: f64, price: f64, value: f64, per_value: f64, start: f64, last: f64, per_ramp: f64, top: f64,
        credits: f64, credits_last: f64, discount: f64, firm: f64, headline: f64,
    }
    /// What the contract remembers.
    pub struct PlainContractState {
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
        pub firm: Usd,
        /// Given up so far when the lab failed.
        pub written_off: Usd,
        /// Claimed when it failed.
        pub claim: Usd,
        /// Lost of it.
        pub loss: Usd,
    }
}

impl PlainContract {
    #[inline(always)]
    fn in_place(&self, t: f64) -> f64 {
        self.power * delivered(t, self.start, self.last, self.per_ramp)
    }
    /// Present value of the rest of the take-or-pay at the end of month `t`, from that of the month before.
    #[inline(always)]
    fn rest(&self, t: f64, before: Usd) -> Usd {
        max(before * (1.0 + self.discount) - Usd(self.top * self.price * self.in_place(t)), Usd::ZERO)
    }
}

impl Room for PlainContract {
    type Spec = ContractPart;
    type State = PlainContractState;
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
        total("claim", Unit::Usd),
        total("loss", Unit::Usd),
    ];

    fn supplies(spec: &ContractPart) -> Option<&str> {
        spec.contract.supplier.as_ref().map(Name::as_str)
    }
    fn accounts(spec: &ContractPart) -> Vec<(String, usize)> {
        spec.account()
    }

    fn terms(part: &ContractPart, inputs: &Inputs<'_>) -> Self {
        let spec = &part.contract;
        let power = spec.power.at(inputs);
        let value = spec.capacity_value.as_ref().map_or(power, |q| q.at(inputs));
        let mut out = PlainContract {
            power,
            price: spec.price.at(inputs),
            value: if power > 0.0 { value / power } else { 1.0 },
            per_value: if value > 0.0 && power > 0.0 { power / value } else { 0.0 },
            start: spec.start.0,
            last: spec.last(),
            per_ramp: 1.0 / spec.ramp.0.round().max(0.5),
            top: spec.take_or_pay.at(inputs),
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

    fn opening(&self) -> PlainContractState {
        PlainContractState { credits: Usd(self.credits), firm: Usd(self.firm), ..Default::default() }
    }

    #[inline(always)]
    fn open(&self, see: &View, own: &mut PlainContractState, books: &mut Books) {
        own.power = pick(see.lab.alive > 0.0, self.in_place(see.t), 0.0);
        books.lab.capacity_gw += own.power * self.value;
        books.lab.capacity_cost += Usd(own.power * self.price);
        books.lab.ahead_gw += self.in_place(see.ahead) * self.value;
    }

    #[inline(always)]
    fn settle(&self, see: &View, own: &mut PlainContractState, books: &mut Books) {
        let taken = min(max(see.power, 0.0), own.power * self.value);
        own.used = taken * self.per_value;
        let firm = self.top * own.power;
        let full = Usd(self.price * max(firm, own.used));
        own.idle = Usd(self.price * max(0.0, firm - own.used));
        own.credits = pick(see.t <= self.credits_last, own.credits, Usd::ZERO);
        own.credited = min(full, own.credits);
        own.credits -= own.credited;
        own.invoice = full - own.credited;
        own.billed += own.invoice;
        own.due = own.invoice + own.arrears;
        books.lab.compute += own.due;
        books.lab.compute_expense += own.invoice;
        books.lab.used_gw += taken;
        books.lab.idle_cost += own.idle;
    }

    #[inline(always)]
    fn close(&self, see: &View, own: &mut PlainContractState, books: &mut Books) {
        own.paid = own.due * see.lab.paid[RENT];
        own.arrears = own.due - own.paid;
        books.pay(0, own.paid);
    }

    #[inline(always)]
    fn review(&self, see: &View, own: &mut PlainContractState, books: &mut Books) {
        let on = see.lab.alive > 0.0;
        own.firm = pick(on, self.rest(see.t, own.firm), Usd::ZERO);
        books.lab.firm += own.firm;
        books.lab.headline += pick(on, max(Usd(self.headline) - own.billed, Usd::ZERO), Usd::ZERO);
        books.lab.arrears += own.arrears;
    }

    fn claim(&self, see: &View, own: &PlainContractState, rules: &Rules) -> Claim {
        let damages = min(self.rest(see.t, own.firm), Usd(rules.damages * self.top * self.price * self.power));
        Claim { unsecured: own.arrears + damages, arrears: own.arrears, ..Claim::default() }
    }

    /// The plan puts no contract here that a restructuring could cut.
    fn resolve(&self, _: &View, own: &mut PlainContractState, award: &Award, books: &mut Books) {
        if award.outcome == Outcome::Going {
            return;
        }
        own.claim = award.claim.unsecured;
        if award.outcome.ends() {
            own.written_off += own.arrears;
            own.arrears = Usd::ZERO;
            own.loss += award.loss(self.discount);
            books.pay(0, award.cash());
            books.third(-award.cash());
        }
    }

    fn audit(&self, was: &PlainContractState, now: &PlainContractState) -> Usd {
        was.arrears + now.invoice - now.paid - (now.written_off - was.written_off) - now.arrears
    }
}
