//! A contract on any terms.

use super::{ContractSetup, delivered, indexed};
use crate::engine::books::{Books, CAPEX, RENT, event};
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
    /// Terms: power in GW, price in USD per GW-month, amounts in USD. The `agreed` dates are contractual, the others
    /// actual; the firm amounts at the opening, and when a delay becomes known, are computed in advance.
    pub struct Contract {
        power: f64, price: f64, value: f64, per_value: f64,
        agreed_start: f64, agreed_last: f64, start: f64, last: f64, per_ramp: f64, top: f64,
        yearly: f64, follows: f64, ordered: f64,
        notice: f64, notice_after: f64, end_factor: f64, fee: f64,
        chance: f64, cut: f64, extends: f64, better_fee: f64, better_months: f64, better_after: f64,
        prepay: f64, prepay_date: f64, per_month: f64, prepaid: f64,
        credits: f64, credits_last: f64, discount: f64, headline: f64, least_cost: f64, tied: f64, market: f64, market_headline: f64,
        opening: Outlook, known: Outlook, opening_longer: Outlook, known_longer: Outlook,
    }
    /// Present values of the take-or-pay, at the price of the first month, to the end of the term and during a notice
    /// period; and of the termination fee.
    pub struct Outlook {
        /// To the end of the term.
        pub term: f64,
        /// During a notice period that begins now, or during the rest of one that has begun.
        pub notice: f64,
        /// Of the termination fee at the end of the notice period.
        pub fee: f64,
    }
    /// State of the contract.
    pub struct ContractState {
        /// Months until notice takes effect; −1 if none was given.
        pub ends_in: f64,
        /// 1 in the last month of a contract terminated by notice.
        pub ending: f64,
        /// Power delivered, GW.
        pub power: f64,
        /// Power used, GW.
        pub used: f64,
        /// Price of the month, USD per GW-month.
        pub price: Usd,
        /// Market price in the first simulated month of service, USD per GW-month.
        pub base: Usd,
        /// Price factor from moves of the market price since then.
        pub moved: f64,
        /// The same market price and factor if power were not scarce.
        pub calm_base: Usd,
        /// Price factor without scarcity.
        pub calm: f64,
        /// Market price in the month of signing over that without scarcity, where the contract is at the market's price.
        pub struck: f64,
        /// Remaining share of the take-or-pay.
        pub kept: f64,
        /// 1 once relief was agreed.
        pub agreed: f64,
        /// Months by which relief made the contract longer.
        pub extended: f64,
        /// Renegotiation fee, in the month in which relief was agreed.
        pub better: Usd,
        /// Accrued this month: invoice after credits, fees and any prepayment written off.
        pub invoice: Usd,
        /// Due in cash this month.
        pub charged: Usd,
        /// Due, including arrears.
        pub due: Usd,
        /// Paid.
        pub paid: Usd,
        /// Arrears.
        pub arrears: Usd,
        /// Take-or-pay for unused power.
        pub idle: Usd,
        /// Remaining credits.
        pub credits: Usd,
        /// Credits used this month.
        pub credited: Usd,
        /// Prepayment due this month.
        pub prepay_due: Usd,
        /// Prepayment paid this month.
        pub prepay_paid: Usd,
        /// Prepayment due and not paid.
        pub prepay_missed: Usd,
        /// Prepayment balance.
        pub prepaid: Usd,
        /// Prepayment applied to this month's invoice or written off.
        pub prepaid_used: Usd,
        /// Prepayment written off so far.
        pub prepaid_lost: Usd,
        /// Invoiced since the first month.
        pub billed: Usd,
        /// Present values behind the firm commitment.
        pub outlook: Outlook,
        /// The same for the contract as relief makes it longer.
        pub longer: Outlook,
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

impl Contract {
    /// Whether a delay is known in month `t`.
    #[inline(always)]
    fn knows(&self, t: f64) -> bool {
        t >= self.agreed_start
    }
    /// Last month of service as known in month `t`, of a contract that relief has made `more` months longer.
    #[inline(always)]
    fn last(&self, t: f64, more: f64) -> f64 {
        select(self.knows(t), self.last, self.agreed_last) + more
    }
    /// First month of service as known in month `t`.
    #[inline(always)]
    fn start(&self, t: f64) -> f64 {
        select(self.knows(t), self.start, self.agreed_start)
    }
    /// Take-or-pay of month `when` as known in month `t`, at the price of the first month, of a contract that is `more`
    /// months longer.
    #[inline(always)]
    fn pays(&self, when: f64, t: f64, more: f64) -> f64 {
        let (start, last) = (self.start(t), self.last(t, more));
        self.top
            * self.price
            * self.power
            * delivered(when, start, last, self.per_ramp)
            * indexed(when, start, self.yearly)
    }
    /// Rolls the firm amounts forward from the end of the previous month to the end of month `t`.
    #[inline(always)]
    fn outlook(&self, t: f64, own: &ContractState) -> Outlook {
        let (longer, known) = (own.extended > 0.0, &self.known);
        let known = Outlook {
            term: select(longer, self.known_longer.term, known.term),
            notice: select(longer, self.known_longer.notice, known.notice),
            ..*known
        };
        self.rolled(t, own, &own.outlook, &known, own.extended)
    }
    /// Rolls firm amounts `before` forward to the end of month `t`, of a contract that is `more` months longer and whose
    /// firm amounts are `known` when a delay becomes known.
    #[inline(always)]
    fn rolled(&self, t: f64, own: &ContractState, before: &Outlook, known: &Outlook, more: f64) -> Outlook {
        let (grown, paid) = (1.0 + self.discount, self.pays(t, t, more));
        // A notice not yet given would begin now: one month leaves the window, one enters it.
        let rolls = (own.ends_in < 0.0) | (own.ends_in == self.notice);
        let comes = select(rolls, self.end_factor * self.pays(t + self.notice, t, more), 0.0);
        let runs = before.notice * grown - paid + comes;
        // A service that begins only after the notice period costs nothing.
        let runs = select(!rolls & (self.start > t + own.ends_in) & self.knows(t), 0.0, runs);
        let learns = (t == self.agreed_start) & (self.start > self.agreed_start);
        Outlook {
            term: max(0.0, select(learns, known.term, before.term * grown - paid)),
            notice: max(0.0, select(learns & rolls, known.notice, runs)),
            fee: select(rolls, before.fee, before.fee * grown),
        }
    }
    /// The cheapest way out at the end of month `t`, before deduction of the prepayment.
    #[inline(always)]
    fn way_out(&self, t: f64, own: &ContractState, outlook: &Outlook) -> Usd {
        let level = own.kept * own.moved * own.struck;
        let (to_term, by_notice) = (outlook.term * level, outlook.notice * level + outlook.fee);
        let out = select(self.notice >= 0.0, min(by_notice, to_term), to_term);
        let on = (own.ends_in != 0.0) & (t >= self.ordered) & (t < self.last(t, own.extended));
        Usd(select(on, out, 0.0))
    }
    /// Present values at the end of month `from` when the service runs from `start` to `last`.
    fn present(&self, from: f64, start: f64, last: f64) -> Outlook {
        let v = 1.0 / (1.0 + self.discount);
        let mut out = Outlook { fee: self.fee * self.end_factor, ..Outlook::default() };
        let (mut factor, mut month) = (1.0, from + 1.0);
        while month <= last {
            factor *= v;
            let due = self.top * self.price * self.power;
            let due = due * delivered(month, start, last, self.per_ramp) * indexed(month, start, self.yearly);
            out.term += factor * due;
            out.notice += if month <= from + self.notice { factor * due } else { 0.0 };
            month += 1.0;
        }
        out
    }
}

impl Instrument for Contract {
    type Spec = ContractSetup;
    type State = ContractState;
    const FIRM: bool = true;
    const PHASES: u8 = OPEN | SETTLE | CLOSE | REVIEW;
    const UNIFORMS: bool = true;
    const POSTS: Columns = posts![
        capacity_gw,
        capacity_cost,
        ahead_gw,
        beyond_gw,
        compute,
        compute_expense,
        prepayments,
        prepaid_used,
        prepaid,
        used_gw,
        idle_cost,
        idle_tied,
        dear_compute,
        firm,
        headline,
        arrears,
        issued,
        paid_in,
    ];
    const EVENTS: u64 = event::NOTICE | event::RENEGOTIATED;
    const LINES: &'static [Line] = super::LINES;

    fn supplies(spec: &ContractSetup) -> Option<&str> {
        spec.contract.supplier.as_ref().map(Name::as_str)
    }
    fn accounts(spec: &ContractSetup) -> Vec<(String, usize)> {
        spec.account()
    }

    fn terms(setup: &ContractSetup, inputs: &Inputs<'_>) -> Self {
        let spec = &setup.contract;
        let power = spec.power.at(inputs);
        let value = spec.capacity_value.as_ref().map_or(power, |q| q.at(inputs));
        let delay = spec.delay.at(inputs).round();
        let late_end = if spec.end.is_some() { 0.0 } else { delay };
        let discount = spec.discount_rate.at(inputs) / 12.0;
        let notice = spec.notice.as_ref().map_or(-1.0, |q| q.at(inputs).ceil());
        let better = spec.renegotiable.as_ref();
        let prepayment = spec.prepayment.as_ref();
        let prepay = prepayment.map_or(0.0, |p| p.amount.at(inputs));
        // The market's price in the month of signing, without scarcity.
        let at = spec.ordered.as_ref().map_or(0.0, |w| w.0);
        let signed = setup.market.as_ref().map_or(0.0, |[p, c]| p.at(inputs) * libm::exp(c.at(inputs) * at));
        let mut out = Contract {
            power,
            price: spec.price.as_ref().map_or(signed, |q| q.at(inputs)),
            value: if power > 0.0 { value / power } else { 1.0 },
            per_value: if value > 0.0 && power > 0.0 { power / value } else { 0.0 },
            agreed_start: spec.start.0,
            agreed_last: spec.last(),
            start: spec.start.0 + delay,
            last: spec.last() + late_end,
            per_ramp: 1.0 / spec.ramp.0.round().max(0.5),
            top: spec.take_or_pay.at(inputs),
            yearly: spec.indexation.at(inputs) * 12.0,
            follows: spec.follows_market.at(inputs),
            ordered: spec.ordered.as_ref().map_or(f64::MIN, |w| w.0),
            notice,
            notice_after: setup.lags.0,
            end_factor: libm::exp(-notice.max(0.0) * libm::log1p(discount)),
            fee: spec.termination_fee.at(inputs),
            chance: better.map_or(0.0, |b| b.probability.at(inputs)),
            cut: better.map_or(0.0, |b| b.cut.at(inputs)),
            extends: better.map_or(0.0, |b| b.extends.at(inputs).round()),
            better_fee: better.map_or(0.0, |b| b.fee.at(inputs)),
            better_months: better.map_or(0.0, |b| b.fee_months.at(inputs)),
            better_after: setup.lags.1,
            prepay,
            prepay_date: prepayment.map_or(f64::MAX, |p| p.date.0),
            per_month: prepayment.map_or(0.0, |p| prepay / p.recovered_over.0.round().max(1.0)),
            prepaid: spec.opening_prepaid(inputs),
            credits: spec.credits.at(inputs),
            credits_last: spec.credits_until.as_ref().map_or(f64::MAX, |w| w.0),
            discount,
            headline: 0.0,
            least_cost: f64::from(u8::from(setup.least_cost)),
            tied: f64::from(u8::from(!spec.resale)),
            market: f64::from(u8::from(spec.price.is_none())),
            market_headline: f64::from(u8::from(spec.price.is_none() && spec.headline.is_none())),
            opening: Outlook::default(),
            known: Outlook::default(),
            opening_longer: Outlook::default(),
            known_longer: Outlook::default(),
        };
        let (mut before, mut whole, mut t) = (0.0, 0.0, out.start);
        while t <= out.last {
            let full = out.price
                * out.power
                * delivered(t, out.start, out.last, out.per_ramp)
                * indexed(t, out.start, out.yearly);
            before += if t <= 0.0 { full } else { 0.0 };
            whole += full;
            t += 1.0;
        }
        out.headline = (spec.headline.as_ref().map_or(whole, |q| q.at(inputs)) - before).max(0.0);
        out.opening = out.present(0.0, out.start(0.0), out.last(0.0, 0.0));
        out.known = out.present(out.agreed_start, out.start, out.last);
        out.opening_longer = out.present(0.0, out.start(0.0), out.last(0.0, out.extends));
        out.known_longer = out.present(out.agreed_start, out.start, out.last + out.extends);
        out
    }

    fn opening(&self) -> ContractState {
        ContractState {
            ends_in: -1.0,
            credits: Usd(self.credits),
            prepaid: Usd(self.prepaid),
            outlook: self.opening,
            longer: self.opening_longer,
            kept: 1.0,
            moved: 1.0,
            calm: 1.0,
            struck: 1.0,
            ..Default::default()
        }
    }

    #[inline(always)]
    fn open(&self, see: &View, own: &mut ContractState, books: &mut Books) {
        let (t, alive) = (see.t, see.lab.alive > 0.0);
        // Notice is given in distress; the service and its cost continue until it takes effect.
        let (was, ordered) = (own.ends_in, t >= self.ordered);
        let distress = see.lab.distress_months > self.notice_after;
        let gives = (self.notice >= 0.0) & distress & (was < 0.0) & ordered & (t <= self.last(t, own.extended)) & alive;
        own.ends_in = select(gives, self.notice, max(was - 1.0, select(was >= 0.0, 0.0, -1.0)));
        own.ending = select((was != 0.0) & (own.ends_in == 0.0) & alive, 1.0, 0.0);
        books.event(gives, event::NOTICE);
        // The supplier may grant relief, once; before power is allocated, since take-or-pay may be used first.
        let going = (own.ends_in < 0.0) & ordered & (t <= self.last(t, own.extended)) & alive;
        let asks = going & (see.lab.distress_months > self.better_after) & (own.agreed == 0.0);
        let agrees = asks & (see.uniforms[0] < self.chance);
        own.agreed = select(agrees, 1.0, own.agreed);
        own.kept *= select(agrees, 1.0 - self.cut, 1.0);
        own.extended = select(agrees, self.extends, own.extended);
        own.outlook.term = select(agrees, own.longer.term, own.outlook.term);
        own.outlook.notice = select(agrees, own.longer.notice, own.outlook.notice);
        books.event(agrees, event::RENEGOTIATED);
        let runs = (was != 0.0) & alive;
        own.power = select(runs, self.power * delivered(t, self.start, self.last + own.extended, self.per_ramp), 0.0);
        // The market moves the price from the first month of service on.
        let serves = t >= self.start;
        let market = Usd(see.market.power_price);
        own.base = select(serves & (own.base == Usd::ZERO), market, own.base);
        let change = market / max(own.base, Usd(f64::MIN_POSITIVE)) - 1.0;
        own.moved = select(own.base > Usd::ZERO, max(0.0, 1.0 + self.follows * change), 1.0);
        let indexed = indexed(t, self.start, self.yearly);
        let base = max(see.market.base_price, f64::MIN_POSITIVE);
        let struck = (self.market > 0.0) & (t == self.ordered);
        own.struck = select(struck, see.market.power_price / base, own.struck);
        own.price = Usd(self.price * own.moved * indexed * own.struck);
        let fee = Usd(self.better_fee) + own.price * (self.better_months * self.power);
        own.better = select(agrees, fee, Usd::ZERO);
        // Needs in money become power at prices without scarcity: expensive power costs margin, not work.
        let calm = Usd(see.market.base_price);
        own.calm_base = select(serves & (own.calm_base == Usd::ZERO), calm, own.calm_base);
        let change = calm / max(own.calm_base, Usd(f64::MIN_POSITIVE)) - 1.0;
        own.calm = select(own.calm_base > Usd::ZERO, max(0.0, 1.0 + self.follows * change), 1.0);
        books.lab.capacity_gw += own.power * self.value;
        books.lab.capacity_cost += Usd(self.price * own.calm * indexed) * own.power;
        let (start, last) = (self.start(t), self.last(t, own.extended));
        let ahead = self.power * delivered(see.ahead, start, last, self.per_ramp);
        books.lab.ahead_gw += select((own.ends_in < 0.0) & ordered, ahead * self.value, 0.0);
        books.lab.beyond_gw += self.least_cost * (1.0 - self.top * own.kept) * own.power * self.value;
    }

    #[inline(always)]
    fn settle(&self, see: &View, own: &mut ContractState, books: &mut Books) {
        let (t, alive, zero) = (see.t, see.lab.alive > 0.0, Usd::ZERO);
        let going = (own.ends_in < 0.0) & (t >= self.ordered) & (t <= self.last(t, own.extended)) & alive;
        // Power: in the order of the list, or take-or-pay of all contracts first.
        let firm = self.top * own.kept * own.power;
        let whole = own.power * self.value;
        let left = max(see.power, 0.0);
        let within = min(firm * self.value, whole);
        let above = min(max(see.beyond, 0.0), whole - within);
        let taken = select(self.least_cost > 0.0, min(left, within) + above, min(left, whole));
        books.lab.beyond_gw -= self.least_cost * above;
        own.used = taken * self.per_value;
        let full = own.price * max(firm, own.used);
        let calm = Usd(self.price * own.calm * indexed(t, self.start, self.yearly));
        books.lab.dear_compute += (own.price - calm) * max(firm, own.used);
        own.idle = own.price * max(0.0, firm - own.used);
        own.credits = select(t <= self.credits_last, own.credits, zero);
        own.credited = min(full, own.credits);
        own.credits -= own.credited;
        let fees = Usd(own.ending * self.fee) + own.better;
        let bill = full - own.credited + fees;
        // The prepayment reduces the cash part of invoices; any balance left after the last invoice is lost.
        let last = (own.ending > 0.0) | ((t == self.last + own.extended) & (own.ends_in != 0.0) & alive);
        let quota = select(last, own.prepaid, select(t >= self.start, Usd(self.per_month), zero));
        own.prepaid_used = min(min(quota, own.prepaid), bill);
        let lost = select(last, own.prepaid - own.prepaid_used, zero);
        own.prepaid -= own.prepaid_used + lost;
        own.prepaid_lost += lost;
        own.invoice = bill + lost;
        own.charged = bill - own.prepaid_used;
        own.billed += bill;
        own.due = own.charged + own.arrears;
        let asked = select(t == self.prepay_date, Usd(self.prepay), zero) + own.prepay_missed;
        own.prepay_due = select(going, asked, zero);
        books.lab.compute += own.due;
        books.lab.compute_expense += own.invoice;
        books.lab.prepayments += own.prepay_due;
        books.lab.prepaid_used += own.prepaid_used + lost;
        books.lab.used_gw += taken;
        books.lab.idle_cost += own.idle;
        books.lab.idle_tied += own.idle * self.tied;
    }

    #[inline(always)]
    fn close(&self, see: &View, own: &mut ContractState, books: &mut Books) {
        own.paid = own.due * see.lab.paid[RENT];
        own.arrears = own.due - own.paid;
        own.prepay_paid = own.prepay_due * see.lab.paid[CAPEX];
        own.prepay_missed = own.prepay_due - own.prepay_paid;
        own.prepaid += own.prepay_paid;
        books.pay(0, own.paid + own.prepay_paid);
    }

    #[inline(always)]
    fn review(&self, see: &View, own: &mut ContractState, books: &mut Books) {
        let on = (see.lab.alive > 0.0) & (own.ends_in != 0.0) & (see.t >= self.ordered);
        own.outlook = self.outlook(see.t, own);
        own.longer = self.rolled(see.t, own, &own.longer, &self.known_longer, self.extends);
        let out = max(self.way_out(see.t, own, &own.outlook) - own.prepaid, Usd::ZERO);
        own.firm = select(on, out, Usd::ZERO);
        books.lab.firm += own.firm;
        let announced = Usd(self.headline * select(self.market_headline > 0.0, own.struck, 1.0));
        let rest = select(see.t < self.last(see.t, own.extended), announced - own.billed, Usd::ZERO);
        own.headline = select(on, max(rest, own.firm), Usd::ZERO);
        books.lab.headline += own.headline;
        books.lab.arrears += own.arrears;
        books.lab.prepaid += own.prepaid;
    }

    #[inline(always)]
    fn firm_in(&self, see: &View, own: &ContractState, month: f64) -> Usd {
        let given = select(own.ends_in < 0.0, self.notice, own.ends_in);
        let months = select(self.notice >= 0.0, given, f64::MAX);
        let on = (see.lab.alive > 0.0) & (own.ends_in != 0.0) & (see.t >= self.ordered) & (month <= see.t + months);
        select(on, Usd(self.pays(month, see.t, own.extended) * own.kept * own.moved * own.struck), Usd::ZERO)
    }
    /// Claims arrears and damages, less the prepayment; any excess of the prepayment belongs to the estate.
    fn claim(&self, see: &View, own: &ContractState, rules: &Rules) -> Claim {
        let out = self.way_out(see.t, own, &self.outlook(see.t, own));
        let month = own.price * (self.top * own.kept * self.power);
        let all = own.arrears + min(out, month * rules.damages);
        Claim {
            unsecured: max(all - own.prepaid, Usd::ZERO),
            arrears: own.arrears,
            assets: max(own.prepaid - all, Usd::ZERO),
            ..Claim::default()
        }
    }

    fn resolve(&self, _: &View, own: &mut ContractState, award: &Award, books: &mut Books) {
        if award.outcome == Outcome::Going {
            return;
        }
        own.claim = award.claimed(own.claim, own.loss, award.claim.unsecured);
        if award.outcome == Outcome::Restructured {
            let (cut, given_up) = (own.arrears * award.haircut, award.claim.unsecured * award.haircut);
            let shares = given_up.0 * award.shares_per_usd;
            own.arrears -= cut;
            own.written_off += cut;
            own.kept *= 1.0 - award.haircut;
            own.loss += given_up - award.price * shares;
            books.lab.issued += shares;
            books.lab.paid_in += cut;
        }
        if award.outcome.ends() {
            own.written_off += own.arrears;
            own.arrears = Usd::ZERO;
            own.prepaid_lost += own.prepaid;
            own.prepaid = Usd::ZERO;
            own.loss += award.loss(self.discount);
            let got = award.cash() - award.claim.assets;
            books.pay(0, got);
            books.third(-got);
        }
    }

    fn audit(&self, was: &ContractState, now: &ContractState) -> Usd {
        let owed = was.arrears + now.charged - now.paid - (now.written_off - was.written_off) - now.arrears;
        let lost = now.prepaid_lost - was.prepaid_lost;
        let prepaid = was.prepaid + now.prepay_paid - now.prepaid_used - lost - now.prepaid;
        let asked = now.prepay_due - now.prepay_paid - now.prepay_missed;
        Usd(owed.0.abs() + prepaid.0.abs() + asked.0.abs())
    }
}
impl Declared for Contract {
    const FACTS: Facts = Facts::of(Provider::Supplier);
}
