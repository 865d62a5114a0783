//! The monthly phases of an asset venture.

use super::super::{LENDER, MANAGER, PARTNERS};
use super::{AssetVenture, AssetVentureState, BUY_OUT, MINIMUM, PUT};
use crate::engine::books::{Books, CAPEX, GUARANTEES, RENT, event};
use crate::engine::instrument::View;
use crate::engine::math::{max, min, select};
use crate::instruments::cover;
use crate::instruments::waterfall::{DEALS, European, Form};
use crate::units::Usd;

const ZERO: Usd = Usd::ZERO;

impl AssetVenture {
    /// Share of the plan that should be built by the end of month `t`.
    #[inline(always)]
    fn progress(&self, t: f64) -> f64 {
        max(0.0, min((t - self.build + 1.0) * self.per_build, 1.0))
    }
    /// Share of the venture not yet sold in month `t`.
    #[inline(always)]
    pub(super) fn active(&self, t: f64) -> f64 {
        let mut out = 0.0;
        for k in 0..DEALS {
            out += select(t <= self.until[k], self.share[k], 0.0);
        }
        out
    }
    /// Whether rent is due in month `t`.
    #[inline(always)]
    pub(super) fn rents(&self, t: f64) -> bool {
        (t >= self.first) & (t <= self.last)
    }
    /// Value at the end of month `t`, as a share of cost.
    #[inline(always)]
    fn worn(&self, t: f64) -> f64 {
        1.0 - self.wear * max(0.0, min(t - self.first + 1.0, self.term))
    }
    /// Market value of the hardware at the end of the month, as if none had been sold before.
    #[inline(always)]
    pub(super) fn hardware(&self, see: &View, spent: Usd) -> Usd {
        let market = max(0.0, 1.0 + self.exposure * (see.market.resale - 1.0));
        spent * ((1.0 + self.debt_per_equity) * self.worn(see.t) * market)
    }
    /// Rent less operating cost in month `t`, and sales at its end, of a venture built as planned.
    #[inline(always)]
    pub(super) fn net_in(&self, t: f64) -> f64 {
        let mut sold = select(t >= self.last, self.active(t), 0.0);
        for k in 0..DEALS {
            sold += select((t == self.until[k]) & (t < self.last), self.share[k], 0.0);
        }
        let cost = self.equity * (1.0 + self.debt_per_equity);
        (self.rent - self.running) * self.active(t) + sold * cost * self.worn(t)
    }
    /// Net assets at the end of the month: unsold hardware and cash less debt, at least 0; 0 once the venture has
    /// ended.
    #[inline(always)]
    pub(super) fn net_assets(&self, see: &View, own: &AssetVentureState) -> Usd {
        let rest = self.hardware(see, own.spent) * self.active(see.t + 1.0) + own.unspent - own.debt;
        select(own.ended == 0.0, max(rest, ZERO), ZERO)
    }

    /// Proceeds from the sale of deal `k` this month, given those of a sale of all hardware.
    #[inline(always)]
    fn sells(&self, t: f64, going: bool, ending: bool, k: usize, all: Usd) -> Usd {
        let sold = going & (t <= self.until[k]) & (ending | (t == self.until[k]));
        select(sold, all * self.share[k], ZERO)
    }

    /// `open`: power leased to the lab.
    #[inline(always)]
    pub(super) fn brings(&self, see: &View, own: &mut AssetVentureState, books: &mut Books) {
        let on = select((own.ended == 0.0) & (own.stepped == 0.0) & (see.lab.alive > 0.0), 1.0, 0.0);
        own.share = select(self.rents(see.t), self.active(see.t) * own.built, 0.0) * on;
        own.power = self.power * own.share;
        books.lab.capacity_gw += own.power;
        books.lab.sunk_gw += own.power * self.top;
        books.lab.capacity_cost += Usd(self.rent * own.share * own.kept);
        let built = select(see.t < self.first, 1.0, own.built);
        books.lab.ahead_gw += select(self.rents(see.ahead), self.power * self.active(see.ahead), 0.0) * built * on;
    }

    /// `settle`: calls, rent, guarantees and a buy-out fall due.
    #[inline(always)]
    pub(super) fn asks(&self, see: &View, own: &mut AssetVentureState, books: &mut Books) {
        let (alive, c) = (see.lab.alive, &self.calls);
        let going = (own.ended == 0.0) & (own.stepped == 0.0) & (alive > 0.0);
        // As needed: each side is called for its share of planned spending that it has not yet paid in.
        let share = self.progress(see.t);
        let lab_needs = max(ZERO, Usd(c.lab * share) - (own.paid_in_total - own.covered_total + own.call_owed));
        let partners_need = max(ZERO, Usd(c.partners * share) - own.called_total - own.covered_total);
        let (lab_part, partners_part) = c.parts(c.on(see.t));
        let need = c.need > 0.0;
        let lab_call = select(going, select(need, lab_needs, lab_part), ZERO);
        let partners_call = select(going, select(need, partners_need, partners_part), ZERO);
        let (called, unanswered) = c.answer(see, partners_call);
        own.called = called;
        own.covered = c.covered(partners_call, called);
        own.call = lab_call + own.covered;
        own.call_due = (own.call + own.call_owed) * alive;
        books.event(unanswered, event::PARTNER_DEFAULT);
        // Rent: the firm part, and the rest by use.
        let flexible = min(max(see.power, 0.0), own.power * (1.0 - self.top));
        own.charge = Usd((self.rent * self.top * own.share + self.per_gw * flexible) * own.kept * alive);
        own.due = own.charge + own.arrears * alive;
        books.lab.used_gw += flexible;
        books.lab.rent += own.due;
        books.lab.lease_expense += own.charge;
        // The cost of guarantees, puts and clawback is an expense, except for the stake that it buys.
        own.owed += own.falls;
        books.lab.other_income -= (own.falls - own.buys) * alive;
        own.carried += own.buys * alive;
        (own.falls, own.buys) = (ZERO, ZERO);
        books.lab.guarantees += own.owed * alive;
        books.lab.contributions += own.call_due + own.price * alive;
    }

    /// `close`: payments, construction, sales, the lender, the waterfall.
    #[inline(always)]
    #[expect(clippy::too_many_lines, reason = "a month from top to bottom")]
    pub(super) fn runs(&self, see: &View, own: &mut AssetVentureState, books: &mut Books) {
        let alive = see.lab.alive > 0.0;
        let paid = &see.lab.paid;
        let going = own.ended == 0.0;
        let out_before = own.called_total - own.received_total;
        own.paid_in = own.call_due * paid[CAPEX];
        own.call_owed = select(alive, own.call_due - own.paid_in, own.call_owed);
        own.paid_in_total += own.paid_in;
        own.covered_total += own.covered * paid[CAPEX];
        own.paid = own.due * paid[RENT];
        own.arrears = select(alive, own.due - own.paid, own.arrears);
        own.late = select(alive & (own.arrears > ZERO), own.late + 1.0, 0.0);
        // A stake is transferred as its price is paid, before the month's distribution.
        own.guaranteed = own.owed * paid[GUARANTEES];
        own.owed -= own.guaranteed;
        own.guaranteed_total += own.guaranteed;
        own.bought = own.price * paid[CAPEX];
        let passes = select(own.put > 0.0, paid[GUARANTEES], select(own.price > ZERO, paid[CAPEX], 0.0));
        own.held *= 1.0 - passes;
        own.price = ZERO;
        books.event(own.bought > ZERO, event::BOUGHT_OUT);
        let beside = select(own.put > 0.0, ZERO, own.guaranteed);
        self.sharing.receive(beside, 1.0, &mut own.standing);

        // Capital is spent as planned, as far as it is available; debt is drawn in proportion.
        own.called_total += own.called;
        own.unspent += own.called + own.paid_in;
        let wanted = max(ZERO, Usd(self.equity * self.progress(see.t)) - own.spent);
        let spend = select(going, min(wanted, own.unspent), ZERO);
        own.spent += spend;
        own.unspent -= spend;
        own.built = min(own.spent.0 * self.calls.per_capital, 1.0);
        own.draw = spend * self.debt_per_equity;
        own.stake = self.calls.stake_of(own.called_total, own.paid_in_total, own.covered_total);

        // Replacement tenant.
        own.stepped += select(own.stepped > 0.0, 1.0, 0.0);
        let out = own.stepped - 1.0;
        let found = going & (own.stepped > 0.0) & (out > self.vacancy) & self.rents(see.t);
        let live = self.active(see.t) * own.built;
        own.relet = select(found, Usd(self.rent * self.relet * live), ZERO);
        books.event(found & ((out <= self.vacancy + 1.0) | (see.t == self.first)), event::RELET);
        let occupied = select(found, live, own.share);
        own.running = min(Usd(self.running * occupied), own.paid + own.relet);

        // The venture ends with its term, at the partners' exit, with the lab, or by political termination.
        let political = going & (see.uniforms[1] < self.hazard) & (see.t >= self.calls.start);
        let last = select(own.held > 0.0, self.exit, self.last);
        let ending = going & ((see.t >= last) | (!alive & (own.stepped == 0.0)) | political);
        books.event(political, event::CONTRACT_LOST);
        let market = self.hardware(see, own.spent) * select(political, self.recovers, 1.0);
        let sell = |k: usize| self.sells(see.t, going, ending, k, market);
        let sales = [sell(0), sell(1), sell(2), sell(3)];
        own.sale = sales[0] + sales[1] + sales[2] + sales[3];
        let mut rest_scale = 1.0;
        for k in 0..DEALS {
            rest_scale = select(going & (see.t > self.until[k]), self.after[k], rest_scale);
        }
        books.event(own.sale > ZERO, event::SOLD);

        // Debt service.
        let operating = own.paid + own.relet - own.running;
        let back = select(ending, own.unspent, ZERO);
        own.unspent -= back;
        let mut left = operating + own.sale + own.cash + back;
        own.cash = ZERO;
        let was_owed = own.debt;
        own.interest = select(going, own.debt * self.rate, ZERO);
        let owed = own.debt + own.interest + own.draw;
        own.level = select(see.t == self.first, own.debt * self.level, own.level);
        let all = ending | !going | (own.accelerated > 0.0);
        let due = select(all, owed, select(see.t >= self.first, min(owed, own.level + own.missed), ZERO));
        own.service = min(due, left);
        left -= own.service;
        own.missed = select(ending | !going, ZERO, due - own.service);
        own.missed_months = select(own.missed > ZERO, own.missed_months + 1.0, 0.0);
        let defaults = (own.missed_months >= self.grace) & (own.accelerated == 0.0);
        own.accelerated = select(defaults, 1.0, own.accelerated);
        books.event(defaults, event::INSTRUMENT_DEFAULT);
        let serves = going & !ending & (see.t >= self.first);
        own.debt_service = select(serves, min(owed, own.level), ZERO);
        own.debt = owed - own.service;

        // The fee is paid from operating cash after debt service.
        let base = own.called_total - own.called - own.shared_total;
        let fee_due = select(going, self.calls.fee(see.t, base) * own.held, ZERO) + own.fee_owed;
        let fee = min(fee_due, max(ZERO, operating - own.service));
        own.fee_owed = select(ending, ZERO, fee_due - fee);

        // The waterfall. Preferred return accrues on balances at the start of the month.
        self.sharing.accrue(&mut own.standing);
        self.sharing.european.accrue_deals(&mut own.deals);
        let x = left - fee;
        let theirs = 1.0 - own.stake;
        let pool = x * theirs;
        let (pooled, _) = self.sharing.partners(pool, &mut own.standing);
        let rest = (x - own.sale) * (theirs * rest_scale);
        let mut parts = sales;
        for k in 0..DEALS {
            let on = !going | (see.t <= self.until[k]);
            parts[k] = select(on, rest * self.share[k], ZERO) + sales[k] * theirs;
        }
        let by_deal = self.sharing.european.distribute_deals(parts, &mut own.deals);
        let deals = self.sharing.is(Form::Deals);
        let too_much = European::clawback(&own.deals, &own.standing.account);
        let clawback = select(deals & ending, too_much, ZERO);
        let manager = self.manager > 0.0;
        // A manager repays clawback at once, the lab next month.
        let shared = select(deals, by_deal, pooled) + select(manager, clawback, ZERO);
        own.shared_total += shared;
        own.distributed = shared * own.held;
        own.distributed_total += own.distributed;
        let to_manager = select(manager, pool - shared + fee, ZERO);
        own.to_lab = left - own.distributed - to_manager;

        // Capital paid in this month earns a return from the next.
        self.sharing.end(shared, own.called, &mut own.standing);
        for k in 0..DEALS {
            own.deals.of[k].capital += own.called * self.share[k];
        }
        for k in 0..3 {
            own.value[k] = own.value[k] * self.growth[k] - shared - beside + own.called;
        }
        let guaranteed =
            ending & !political & alive & (self.has_minimum > 0.0) & (own.tested == 0.0) & (own.put == 0.0);
        // It is paid in the following month, including that month's return.
        let short = max(ZERO, min(own.value[MINIMUM] * (own.held * self.growth[MINIMUM]), Usd(self.most)));
        let top_up = select(guaranteed, short, ZERO);
        own.tested = select(ending, 1.0, own.tested);
        books.event(top_up > ZERO, event::GUARANTEE_CALLED);
        own.falls += top_up + select(manager | !alive, ZERO, clawback * own.held);
        own.received_total += own.distributed + own.guaranteed + own.bought;
        own.ended = select(ending, 1.0, own.ended);
        own.call_owed = select(own.ended > 0.0, ZERO, own.call_owed);

        // Losses.
        let over = own.ended > 0.0;
        own.loss[PARTNERS] = select(over, max(ZERO, own.called_total - own.received_total), ZERO);
        own.loss[LENDER] = select(over, own.debt, ZERO);
        let unpaid = over & (own.loss[LENDER] > own.level * 1e-9) & (see.t >= self.first) & (see.t <= self.repaid);
        own.cfads = operating;
        (own.dscr, own.has_dscr) = cover::dscr(own.cfads, own.debt_service, unpaid);
        // Claims outstanding if the venture ends after the lab has ended, or with a loss.
        let hit = ending & (!alive | (own.loss[PARTNERS] > ZERO) | (own.loss[LENDER] > ZERO));
        own.claim[PARTNERS] = select(hit, max(ZERO, out_before + own.called), own.claim[PARTNERS]);
        own.claim[LENDER] = select(hit, was_owed + own.interest + own.draw, own.claim[LENDER]);

        // The lab's books. The remaining carrying amount is written off at the end; once the lab has ended, a buyer
        // holds the stake.
        own.carried += own.paid_in + own.bought;
        let returned = min(own.to_lab, own.carried);
        own.carried -= returned;
        let written_off = select(over, own.carried, ZERO);
        own.carried -= written_off;
        books.lab.distributions += select(alive, own.to_lab, ZERO);
        books.lab.other_income += select(alive, own.to_lab - returned - written_off, ZERO);
        books.pay(PARTNERS, own.distributed + own.guaranteed + own.bought - own.called);
        books.pay(LENDER, own.service - own.draw);
        books.pay(MANAGER, to_manager);
        books.third(spend + own.draw + own.running - own.relet - own.sale + select(alive, ZERO, own.to_lab));
    }

    /// `review`: net assets, cost of guarantees, puts, buy-outs and step-in.
    #[inline(always)]
    pub(super) fn weighs(&self, see: &View, own: &mut AssetVentureState, books: &mut Books) {
        let alive = see.lab.alive > 0.0;
        let going = own.ended == 0.0;
        own.nav = self.net_assets(see, own);
        let theirs = self.sharing.would_get(own.nav * (1.0 - own.stake), own.standing);
        own.nav_partners = theirs * own.held;

        let open = going & alive & (own.put == 0.0);
        let minimum = open & (self.has_minimum > 0.0) & (own.tested == 0.0);
        // The shortfall measured here is paid in the following month, including that month's return at its rate.
        let next = own.held * self.growth[MINIMUM];
        let short = max(ZERO, min((own.value[MINIMUM] - theirs) * next, Usd(self.most)));
        let minimum_now = select(minimum, short, ZERO);
        let tests = minimum & (see.t == self.tested_at);
        own.tested = select(tests, 1.0, own.tested);
        own.falls += select(tests, minimum_now, ZERO);
        books.event(tests & (minimum_now > ZERO), event::GUARANTEE_CALLED);

        let puts = open & (see.t >= self.put_from) & (own.held > 0.0);
        let price = own.value[PUT] * own.held;
        let put_now = select(puts, max(ZERO, price - own.nav_partners), ZERO);
        let stress = (see.market.winter > 0.0) | (see.lab.distress > 0.0) | (self.stress == 0.0);
        let exercised = (put_now > ZERO) & stress & !tests;
        own.put = select(exercised, 1.0, own.put);
        own.falls += select(exercised, price * self.growth[PUT], ZERO);
        own.buys = select(exercised, own.nav_partners, ZERO);
        books.event(exercised, event::PUT);

        // Present values of remaining rent and net cash flows, for the venture as planned.
        let begins = see.t == self.first - 1.0;
        let firm_now = select(self.rents(see.t), self.rent * self.top * self.active(see.t), 0.0);
        let grown = max(ZERO, own.firm * (1.0 + self.discount) - Usd(firm_now));
        own.firm = select(begins, Usd(self.firm), grown);
        let net = select(self.rents(see.t), self.net_in(see.t), 0.0);
        own.outlook = select(begins, Usd(self.outlook), own.outlook * (1.0 + self.discount) - Usd(net));
        own.firm_rent = select(going & alive & (own.stepped == 0.0), own.firm * (own.built * own.kept), ZERO);

        // The lab buys if the stake is worth more to it than its price and its cash suffices.
        let may =
            open & !exercised & (own.put == 0.0) & (own.held > 0.0) & (see.t >= self.buy_from) & (own.stepped == 0.0);
        let multiple = own.called_total * self.moic - own.shared_total;
        let price = max(theirs, max(own.value[BUY_OUT] * self.growth[BUY_OUT], multiple)) * own.held;
        let worth = (own.outlook * (own.built * own.kept) - own.debt) * ((1.0 - own.stake) * own.held);
        let cash = see.lab.cash - price >= see.lab.gross_cost * self.keeps;
        own.price = select(may & (price > ZERO) & (worth > price) & cash, price, ZERO);

        let late = going & alive & (self.steps_in > 0.0) & (own.stepped == 0.0) & (own.late >= self.step_after);
        own.stepped = select(late, 1.0, own.stepped);
        books.event(late, event::STEP_IN);

        // The maximum cost of a guarantee excludes what the firm rent pays to the partners: that is counted as firm
        // rent.
        own.guarantee_now = select(going, max(minimum_now, put_now), own.falls);
        let capped = min(own.value[MINIMUM] * own.held, Usd(self.most));
        let has_put = open & (self.put_from < super::NEVER);
        let full = max(select(minimum, capped, ZERO), select(has_put, own.value[PUT] * own.held, ZERO));
        let by_rent = max(ZERO, own.firm_rent - own.debt) * ((1.0 - own.stake) * own.held);
        books.lab.guarantee += max(own.guarantee_now, full - by_rent);
        books.lab.guarantee_now += own.guarantee_now;
        books.lab.investment += own.carried;
        books.lab.arrears += own.arrears + own.owed;
        let debt = select(going, own.debt, ZERO);
        books.lab.vehicle_debt += debt;
        books.lab.off_balance += select(alive, max(debt * own.stake, own.firm_rent), ZERO);
    }
}
