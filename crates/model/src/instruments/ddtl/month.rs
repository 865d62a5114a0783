//! The phases of a month.

use super::rows::{Ddtl, DdtlState};
use crate::engine::books::{Books, CAPEX, GUARANTEES, RENT, event};
use crate::engine::instrument::View;
use crate::engine::math::{clamp, exp, ln, max, min, select};
use crate::instruments::hardware::at_one;
use crate::instruments::{cover, credit};
use crate::units::Usd;

const ZERO: Usd = Usd::ZERO;

impl Ddtl {
    /// Rent that the lab would owe in a later month.
    #[inline(always)]
    pub(super) fn rent_in(&self, see: &View, own: &DdtlState, month: f64) -> Usd {
        let on = (own.lost == 0.0) & (see.lab.alive > 0.0) & (self.by_lab > 0.0);
        let leased = |t: f64| {
            let delivered = |t: f64| clamp(t - self.start, 0.0, self.over);
            delivered(t) - delivered(t - self.term)
        };
        let left = leased(month) / max(leased(see.t), 1.0);
        let grown = exp((month - see.t) * ln(self.grow));
        select(on, own.contract * (left * grown), ZERO)
    }
    /// Monthly rate of the loan.
    #[inline(always)]
    pub(super) fn rate(&self, see: &View, own: &DdtlState) -> f64 {
        self.stated(see) + own.added_spread
    }
    /// The same without what the flow of new credit adds.
    #[inline(always)]
    fn stated(&self, see: &View) -> f64 {
        self.margin + self.floats * max(see.market.sofr, self.floor)
    }

    /// `open`: hardware under contract; the lab's capacity when it is the offtaker.
    #[inline(always)]
    pub(super) fn bring(&self, see: &View, own: &mut DdtlState, books: &mut Books) {
        // Hardware held by the lender is not sold delivery by delivery.
        let expired = Usd(see.past[1][0]) + self.before(see.t - self.term - 1.0);
        let expired = select(own.lost == 0.0, expired, ZERO);
        self.roll_contract(own, expired);
        let stays = (see.lab.alive > 0.0) & (own.late < self.grace);
        let on = (own.lost == 0.0) & (own.ended == 0.0) & stays & (self.by_lab > 0.0);
        let power = select(on, own.placed.0 * self.power, 0.0);
        books.lab.capacity_gw += power;
        books.lab.sunk_gw += power;
        books.lab.capacity_cost += select(on, own.contract, ZERO);
        let ahead = self.share_before(see.ahead) - self.share_before(see.ahead - self.term);
        books.lab.ahead_gw += select(on, ahead * self.cost.0 * self.power, 0.0);
    }

    /// `settle`: possible loss of the contract; deliveries, margin calls and fees for the lab to pay; its rent, and its
    /// recourse obligations.
    #[inline(always)]
    pub(super) fn post(&self, see: &View, own: &mut DdtlState, books: &mut Books) {
        let alive = see.lab.alive > 0.0;
        let by_lab = self.by_lab > 0.0;
        let left_alone = !alive & (own.alone == 0.0);
        own.alone = select(alive, own.alone, 1.0);
        let hazard = select(see.market.winter > 0.0, self.lost_in_winter, self.lost);
        let hazard = select(left_alone, max(hazard, self.lost_with_lab), hazard);
        let gone = select(by_lab, !alive | (own.late >= self.grace), see.uniforms[0] < hazard);
        let going = (own.lost == 0.0) & (own.ended == 0.0);
        let begun = see.t >= self.start;
        let loses = going & begun & gone;
        own.lost = select(loses, 1.0, select(own.lost > 0.0, own.lost + 1.0, 0.0));
        books.event(loses, event::CONTRACT_LOST);
        let going = going & !loses;
        // Deliveries and draws.
        let growing = going & alive & (own.failed == 0.0);
        own.wanted = select(growing, self.planned(see.t) + own.missing, ZERO);
        let most = max(min(own.wanted * self.advance, self.commitment - own.drawn_total), ZERO);
        let open = see.t <= self.available;
        let refused = (own.stopped > 0.0) | ((see.market.winter > 0.0) & (see.uniforms[1] < self.refused));
        let wants = select(open & !refused, most, ZERO);
        own.asked = credit::drawn(see, self.is_new(), wants, books);
        own.refused = wants - own.asked;
        books.event(open & (most > ZERO) & (refused | (own.asked <= ZERO)), event::DRAW_STOPPED);
        let undrawn = select(growing & open & begun, max(self.commitment - own.drawn_total, ZERO), ZERO);
        let fee = undrawn * self.fee;
        own.fee_by_lab = select(own.placed > ZERO, ZERO, fee);
        let interest = (own.balance + own.unpaid) * self.rate(see, own);
        own.accrued = interest + fee;
        own.debt_service = interest;
        own.margin_call = select(alive, own.margin_call, ZERO);
        books.lab.contributions += own.wanted - own.asked + own.margin_call + own.fee_by_lab;
        // The lab's rent.
        own.contract = select(going, own.contract, ZERO);
        own.rent_due = select(by_lab & alive, own.contract + own.arrears, ZERO);
        books.lab.rent += own.rent_due;
        books.lab.lease_expense += select(by_lab & alive, own.contract, ZERO);
        // Recourse is an expense when it is called.
        own.owed += own.called;
        books.lab.other_income -= own.called;
        own.called = ZERO;
        books.lab.guarantees += select(alive, own.owed, ZERO);
    }

    /// `close`: deliveries to the extent that the lab paid, then the vehicle's waterfall.
    #[inline(always)]
    #[expect(clippy::too_many_lines, reason = "a waterfall in its order")]
    pub(super) fn pay(&self, see: &View, own: &mut DdtlState, books: &mut Books) {
        let alive = see.lab.alive > 0.0;
        let paid = &see.lab.paid;
        // Schedule and collateral roll forward with last month's draw and delivery.
        let repaid = Usd(see.past[2][2]) + self.drawn_before(see.t - self.instalments - 1.0);
        let scheduled = max(self.roll_schedule(own, repaid), ZERO);
        own.vintages.age(&self.decline, Usd(see.past[0][1]) + self.before(see.t - 12.0));
        let expired = Usd(see.past[1][1]) + self.before(see.t - self.term - 1.0);
        let expired = select((own.lost == 0.0) & (own.ended == 0.0), expired * self.at_end, ZERO);
        own.vintages.remove(expired);
        // Contributions of the lab: its share of the delivery, a margin call, a fee.
        let part = paid[CAPEX];
        own.arrived = own.wanted * part;
        own.arrived_at_one = at_one(own.arrived, see.market.resale);
        own.draw = own.asked * part;
        own.missing = own.wanted - own.arrived;
        credit::not_drawn(see, self.is_new(), own.asked - own.draw, books);
        let added_spread = select(self.is_new(), credit::added_spread(see, self.stated(see)), 0.0);
        own.added_spread = credit::mean(own.added_spread, own.drawn_total, added_spread, own.draw);
        own.drawn_total += own.draw;
        let cure = own.margin_call * part;
        let fee = own.fee_by_lab * part;
        own.contributed = own.arrived - own.draw + cure + fee;
        // Rent: from the lab as paid, from the offtaker in full, at market after a vacancy.
        let by_lab = self.by_lab > 0.0;
        own.rent_paid = own.rent_due * paid[RENT];
        own.arrears = select(alive, own.rent_due - own.rent_paid, own.arrears);
        own.late = select(own.arrears > ZERO, own.late + 1.0, 0.0);
        let held = (own.lost > 0.0) & (own.ended == 0.0);
        let let_again = held & (own.lost > self.vacancy);
        let market = Usd(own.placed.0 * (self.power * self.relet) * see.market.spot_price);
        let outside = select(let_again, market, select(by_lab, ZERO, own.contract));
        books.event(let_again & (own.lost <= self.vacancy + 1.0) & (own.placed > ZERO), event::RELET);
        own.rent = own.rent_paid + outside;
        let runs = select(held & !let_again, ZERO, own.placed);
        let opex = min(runs * self.opex, own.rent);
        own.cfads = own.rent - opex;
        // Hardware is sold when its contract ends, and all of it when the lender sells.
        let sweeping = (own.lost > 0.0) | (own.failed > 0.0);
        let last = see.t >= self.last;
        let forced = (own.failed > 0.0) & ((self.sells > 0.0) | last) & (own.balance + own.unpaid > ZERO);
        let sells = (own.ended == 0.0) & (forced | ((own.lost > 0.0) & last));
        let value = select(sells, own.vintages.value(see.market.resale), expired * see.market.resale);
        let sale = value * self.kept;
        books.event(sale > ZERO, event::SOLD);
        let pool = own.reserve + own.trapped + own.cfads + sale + fee;
        // Interest, principal, reserve, sweep, distribution.
        let interest_due = own.accrued + own.unpaid;
        own.interest = min(interest_due, pool);
        let pool = pool - own.interest;
        let dust = self.commitment * 1e-9;
        let by_schedule = min(scheduled + own.missed, own.balance);
        let all = sweeping | last | (own.balance - by_schedule <= dust);
        let due = select(all, own.balance, by_schedule);
        let serviced = min(due, pool);
        let pool = pool - serviced;
        let left = own.balance - serviced;
        let cured = min(cure, left);
        let (pool, left) = (pool + (cure - cured), left - cured);
        own.debt_service += min(scheduled, own.balance);
        let target = select((left > ZERO) & !sweeping, own.debt_service * self.reserve, ZERO);
        let reserve = min(target, pool);
        let excess = pool - reserve;
        let fresh = max(excess - own.trapped, ZERO);
        let swept = min(fresh * self.sweep, left);
        let excess = excess - swept;
        let left = left - swept;
        let locks = (own.locked > 0.0) & (left > ZERO);
        own.reserve = reserve;
        own.trapped = select(locks, excess, ZERO);
        own.distributed = excess - own.trapped;
        own.missed = select(sweeping, ZERO, due - serviced);
        own.principal = serviced + cured + swept;
        own.unpaid = interest_due - own.interest;
        // Defaults.
        let bare = (own.missed > ZERO) | (own.unpaid > ZERO);
        own.short = select(bare & !sweeping, own.short + 1.0, 0.0);
        let unmet = (own.margin_call > ZERO) & (part < 1.0) & (left > ZERO);
        own.uncured = select(unmet, own.uncured + 1.0, 0.0);
        let owes = left + own.unpaid + own.draw > ZERO;
        let breach = max(max(own.short, own.uncured), own.weak) >= self.cure;
        let fails =
            (own.failed == 0.0) & (own.ended == 0.0) & owes & (breach | (last & (left > ZERO)) | (own.lost > 0.0));
        books.event(fails, event::INSTRUMENT_DEFAULT);
        own.claim = select(fails, left + own.unpaid + own.draw, own.claim);
        // A sale ends the loan; the shortfall is written off, and owed by the lab if there is recourse.
        let short = select(sells, left + own.unpaid, ZERO);
        own.factor = select(own.failed > 0.0, own.factor / (1.0 + self.rate(see, own)), 1.0);
        own.failed = select(fails, 1.0, own.failed);
        own.called = select((self.recourse > 0.0) & alive, short, ZERO);
        books.event(own.called > ZERO, event::GUARANTEE_CALLED);
        own.written_off += short;
        own.loss_final += short * own.factor;
        own.balance = select(sells, ZERO, left) + own.draw;
        own.on_schedule += own.draw;
        own.unpaid = select(sells, ZERO, own.unpaid);
        own.placed = select(sells, ZERO, own.placed);
        let over = (see.t >= self.start + self.over + self.term) & (own.placed + own.missing <= self.cost * 1e-9);
        own.ended = select(sells | (over & (own.balance + own.unpaid <= ZERO)), 1.0, own.ended);
        own.vintages.young = select(own.ended > 0.0, ZERO, own.vintages.young + own.arrived_at_one);
        own.vintages.old = select(own.ended > 0.0, ZERO, own.vintages.old);
        // Recourse paid goes to the lender.
        own.recourse_paid = select(alive, own.owed, ZERO) * paid[GUARANTEES];
        own.owed -= own.recourse_paid;
        own.loss_final -= own.recourse_paid * own.factor;
        // The lab's stake: at cost less distributions; any remainder is written off at the end.
        own.carried += own.contributed;
        let to_lab = select(alive, own.distributed, ZERO);
        let back = min(to_lab, own.carried);
        own.carried -= back;
        let gone = select(own.ended > 0.0, own.carried, ZERO);
        own.carried -= gone;
        books.lab.distributions += to_lab;
        books.lab.other_income += to_lab - back - gone;
        books.lab.paid_in += select(see.t == 1.0, self.carried, ZERO);
        books.pay(0, own.interest + own.principal + own.recourse_paid - own.draw);
        books.third(own.arrived + opex - outside - sale + (own.distributed - to_lab));
    }

    /// `review`: collateral and DSCR, the draw stop, next month's margin call; stocks.
    #[inline(always)]
    pub(super) fn test(&self, see: &View, own: &mut DdtlState, books: &mut Books) {
        let alive = see.lab.alive > 0.0;
        own.market_value = own.vintages.value(see.market.resale);
        let tiny = Usd(f64::MIN_POSITIVE);
        // Hardware without value has no LTV.
        let worth = own.market_value > self.cost * 1e-6;
        own.ltv = select((own.balance > ZERO) & worth, own.balance / max(own.market_value, tiny), 0.0);
        let left_unpaid = (own.ended > 0.0) & (own.written_off > self.commitment * 1e-9);
        let unpaid = left_unpaid & (see.t <= self.last);
        (own.dscr, own.has_dscr) = cover::dscr(own.cfads, own.debt_service, unpaid);
        let tested = (own.failed == 0.0) & (own.lost == 0.0) & (own.ended == 0.0) & (own.balance > ZERO);
        let asked = own.margin_call > ZERO;
        let short = max(own.balance - own.market_value * self.most_ltv(see.t), ZERO);
        own.margin_call = select(tested & alive, short, ZERO);
        let calls = own.margin_call > ZERO;
        books.event(calls & !asked, event::MARGIN_CALL);
        books.event(asked & !calls & tested, event::CURED);
        let cover = own.cfads + own.cash_flows[0] + own.cash_flows[1];
        let service = own.debt_service + own.services[0] + own.services[1];
        own.cash_flows = [own.cfads, own.cash_flows[0]];
        own.services = [own.debt_service, own.services[0]];
        let locks = tested & (cover < service * self.lock_up);
        books.event(locks & (own.locked == 0.0), event::LOCK_UP);
        own.locked = select(locks, 1.0, 0.0);
        let weak = tested & (cover < service * self.breach);
        books.event(weak & (own.weak == 0.0), event::COVENANT);
        own.weak = select(weak, own.weak + 1.0, 0.0);
        own.stopped = select(weak | calls, 1.0, 0.0);
        // While the lender holds, the loss is the shortfall after an immediate sale.
        let holds = (own.failed > 0.0) & (own.ended == 0.0);
        let after_sale = own.balance + own.unpaid - own.market_value * self.kept - own.reserve - own.trapped;
        own.loss_expected = select(holds, max(after_sale, ZERO), ZERO);
        own.loss = own.loss_final + own.loss_expected * own.factor;
        let contract = select((own.lost == 0.0) & alive & (self.by_lab > 0.0), 1.0, 0.0);
        let firm = own.firm_rent * (1.0 + self.discount) - own.contract + own.arrived * self.firm;
        own.firm_rent = max(firm, ZERO) * contract;
        let debt = own.balance + own.unpaid;
        books.lab.vehicle_debt += debt;
        books.lab.off_balance += max(debt, own.firm_rent);
        books.lab.investment += own.carried;
        books.lab.arrears += own.arrears + own.owed;
    }
}
