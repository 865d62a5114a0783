//! The months of a distribution venture: what it brings, what falls due, what it spends and distributes.

use super::super::{MANAGER, PARTNERS};
use super::{DistributionVenture, DistributionVentureState, ZERO};
use crate::engine::books::{Books, CAPEX, GUARANTEES, RENT, event};
use crate::engine::instrument::View;
use crate::engine::math::{max, min, select};
use crate::units::Usd;

impl DistributionVenture {
    /// Payments of third parties to the venture this month.
    #[inline(always)]
    fn others(&self, see: &View, own: &DistributionVentureState) -> Usd {
        let income = select(see.market.winter > 0.0, self.income[1], self.income[0]);
        let paid_in = own.called_total.0 * self.per_partner;
        let going = (own.ended == 0.0) & (see.lab.alive > 0.0);
        select(going, Usd(income * paid_in + own.serviced.0), ZERO)
    }
    /// Price of a firm that is bought this month.
    #[inline(always)]
    fn purchase(&self, see: &View, own: &DistributionVentureState) -> Usd {
        let buys = (see.t == self.bought_at) & (own.ended == 0.0) & (see.lab.alive > 0.0);
        select(buys, Usd(self.price), ZERO)
    }

    /// `open`: demand that the venture brings, companies that adopt, and the cost of the month.
    #[inline(always)]
    pub(super) fn sells(&self, see: &View, own: &mut DistributionVentureState, books: &mut Books) {
        let going = (own.ended == 0.0) & (see.lab.alive > 0.0);
        let on = select(going, 1.0, 0.0);
        let built = max(0.0, min((see.t - self.calls.start + 1.0) / self.builds_up, 1.0));
        own.uplift = self.uplift * built * on * own.funded;
        // Churn applies to last month's users, adoption to companies that were not yet users.
        let chance = select(see.market.winter > 0.0, self.adopts[1], self.adopts[0]);
        let begun = going & (see.t >= self.calls.start);
        own.joined += own.joins;
        let free = self.companies + own.joined - own.joins - own.adopters;
        let come = select(begun, max(0.0, free) * chance * own.funded, 0.0);
        own.adopters = (own.adopters * self.stays + come + own.joins) * on;
        own.joins = 0.0;
        own.brought = Usd(own.adopters * self.sales * own.index);
        own.index *= self.sales_growth;
        own.serviced = Usd(self.services * own.adopters * own.services_index);
        own.services_index *= self.services_growth;
        let people = self.people * own.adopters + self.overhead * select(begun, 1.0, 0.0);
        let people = people + own.serviced.0 * self.people_share;
        let deployment = self.deployment * come;
        own.staff = Usd(people);
        own.cost = Usd(people + deployment);
        own.payable = Usd(people * self.pays_people + deployment * self.pays_deployment);
        books.lab.uplift += own.uplift;
        books.lab.brought += own.brought;
    }

    /// `settle`: calls, commission and top-ups fall due.
    #[inline(always)]
    pub(super) fn asks(&self, see: &View, own: &mut DistributionVentureState, books: &mut Books) {
        let (alive, c) = (see.lab.alive, &self.calls);
        let going = (own.ended == 0.0) & (alive > 0.0);
        // Commission on the revenue that the venture brought. A negative uplift earns and costs no commission.
        let (served, raises) = (own.brought * see.lab.served, max(own.uplift, 0.0));
        let raised = max(ZERO, see.lab.revenue - served) * (raises / (1.0 + raises));
        own.charge = (raised + served) * self.commission * alive;
        own.due = own.charge + own.arrears * alive;
        // As needed: the month's cost beyond income, earnings retained and unspent capital, as far as capital may pay
        // for it, and the purchase of a firm, up to the remaining commitments.
        let need = (c.need > 0.0) & (see.t >= c.start);
        let income = own.charge + self.others(see, own);
        let beyond = own.cost - income - own.retained;
        let beyond = select(self.restricted > 0.0, min(beyond, own.payable), beyond);
        let purchase = self.purchase(see, own) * self.pays_acquisition;
        let short = max(ZERO, max(ZERO, beyond) + purchase - own.unspent);
        let left = max(ZERO, Usd(c.partners) - own.called_total - own.covered_total);
        let lab_left = max(ZERO, Usd(c.lab) - (own.paid_in_total - own.covered_total + own.call_owed));
        let part = min(short * (c.partners * c.per_capital), left);
        let lab_need = min(short * (c.lab * c.per_capital), lab_left);
        let (lab_part, partners_part) = c.parts(c.on(see.t));
        let lab_call = select(going, select(c.need > 0.0, select(need, lab_need, ZERO), lab_part), ZERO);
        let partners_call = select(going, select(c.need > 0.0, select(need, part, ZERO), partners_part), ZERO);
        let (called, unanswered) = c.answer(see, partners_call);
        own.called = called;
        own.covered = c.covered(partners_call, called);
        own.call = lab_call + own.covered;
        own.asked_total += partners_call + lab_call;
        own.missing_total += partners_call - called - own.covered;
        own.call_due = (own.call + own.call_owed) * alive;
        books.event(unanswered, event::PARTNER_DEFAULT);
        own.owed += own.falls;
        books.lab.other_income -= own.falls * alive;
        own.falls = ZERO;
        books.lab.contributions += own.call_due;
        books.lab.rent += own.due;
        books.lab.commission_expense += own.charge;
        books.lab.guarantees += own.owed * alive;
    }

    /// `close`: payments, staff and purchases, earnings, distributions, and the test of the floor.
    #[inline(always)]
    pub(super) fn runs(&self, see: &View, own: &mut DistributionVentureState, books: &mut Books) {
        let alive = see.lab.alive > 0.0;
        let going = own.ended == 0.0;
        own.paid_in = own.call_due * see.lab.paid[CAPEX];
        own.call_owed = select(alive, own.call_due - own.paid_in, own.call_owed);
        own.paid_in_total += own.paid_in;
        own.covered_total += own.covered * see.lab.paid[CAPEX];
        let others = self.others(see, own);
        own.called_total += own.called;
        own.stake = self.calls.stake_of(own.called_total, own.paid_in_total, own.covered_total);
        own.paid = own.due * see.lab.paid[RENT];
        own.arrears = select(alive, own.due - own.paid, own.arrears);
        own.guaranteed = own.owed * see.lab.paid[GUARANTEES];
        own.owed -= own.guaranteed;
        own.guaranteed_total += own.guaranteed;
        // What the lab pays under a minimum return also stands for capital.
        self.sharing.receive(own.guaranteed, own.tested, &mut own.standing);

        // Staff are paid from earnings of the month, then from those retained, then from capital as far as it may pay
        // for them. Without a portfolio, capital is spent as it is paid in.
        let ending = going & !alive;
        let portfolio = self.has_portfolio > 0.0;
        let income = own.paid + others;
        let there = own.unspent + own.called + own.paid_in;
        let cost = select(going, own.cost, ZERO);
        let from_income = select(portfolio, min(cost, income), ZERO);
        let from_retained = select(portfolio, min(cost - from_income, own.retained), ZERO);
        let rest = cost - from_income - from_retained;
        let allowed = select(self.restricted > 0.0, min(rest, own.payable), rest);
        let from_capital = select(portfolio, min(allowed, there), there);
        let unpaid = own.cost - from_income - from_retained - from_capital;
        let lacks = select(portfolio, unpaid, own.missing_total + own.call_owed);
        let of = max(select(portfolio, own.cost, own.asked_total), Usd(f64::MIN_POSITIVE));
        own.funded = 1.0 - min(lacks / of, 1.0);
        // A firm is bought as far as there is money for it, and brings as large a part of its companies.
        let purchase = self.purchase(see, own);
        let left = there - from_capital;
        let by_capital = min(purchase * self.pays_acquisition, left);
        let by_retained = min(purchase - by_capital, own.retained - from_retained);
        own.acquired = by_capital + by_retained;
        own.joins = self.brings * (own.acquired / max(purchase, Usd(f64::MIN_POSITIVE)));
        let back = select(ending, left - by_capital, ZERO);
        own.unspent = left - by_capital - back;
        own.earned = income - from_income;

        // Earnings of twelve months, as accrued.
        let runs = going & alive;
        own.turnover = select(runs, own.charge + others, ZERO);
        own.earnings = select(runs, own.charge + others - own.staff, ZERO);
        own.turnover_12m = select(runs, own.turnover_12m + own.turnover - Usd(see.past[0][1]), ZERO);
        own.earnings_12m = select(runs, own.earnings_12m + own.earnings - Usd(see.past[0][0]), ZERO);
        let margin = own.earnings_12m / max(own.turnover_12m, Usd(f64::MIN_POSITIVE));
        own.margin = select(own.turnover_12m > ZERO, margin, 0.0);

        // Preferred return accrues on balances at the start of the month; this month's call earns it from the next.
        let was = own.standing.account;
        self.sharing.accrue(&mut own.standing);
        let base = max(ZERO, own.called_total - own.called - own.received_total);
        let fee_due = select(going, self.calls.fee(see.t, base), ZERO) + own.fee_owed;
        let available = own.earned + (own.retained - from_retained - by_retained);
        let fee = min(fee_due, available);
        own.fee_owed = select(ending, ZERO, fee_due - fee);
        // Retained: all of it before distributions begin, then what the reserve lacks beside unspent capital.
        let reserve = max(ZERO, Usd(self.reserve) - own.unspent);
        let retains = select(see.t < self.distributes_from, available, reserve);
        own.retained = select((self.retains > 0.0) & runs, min(available - fee, retains), ZERO);
        let all = available - own.retained + own.cash + back;
        own.cash = ZERO;
        let pool = (all - fee) * (1.0 - own.stake);
        let (shared, capital) = self.sharing.partners(pool, &mut own.standing);
        let manager = self.manager > 0.0;
        own.distributed = shared;
        own.distributed_total += own.distributed;
        let to_manager = select(manager, pool - shared + fee, ZERO);
        own.to_lab = all - own.distributed - to_manager;
        self.sharing.end(shared, own.called, &mut own.standing);

        // The floor: return on capital at the start of the month, less distributions beyond returned capital; tested
        // every twelfth month.
        let floored = select(self.sharing.pooled(), was.capital, own.called_total - own.called);
        let returned = select(self.sharing.pooled(), capital, ZERO);
        let owes = going & alive & (see.t <= self.floor_until) & (self.floor > 0.0);
        own.short += select(owes, floored * self.floor - (shared - returned), ZERO);
        let starts = see.t >= self.calls.start;
        own.floor_months += select(owes & starts, 1.0, 0.0);
        let year = (own.floor_months >= 12.0) | (owes & (see.t == self.floor_until));
        let top_up = max(ZERO, min(own.short, Usd(self.floor_most)));
        own.falls += select(year & owes, top_up, ZERO);
        own.short = select(year, min(own.short, ZERO), own.short);
        own.floor_months = select(year, 0.0, own.floor_months);
        books.event(year & owes & (top_up > ZERO), event::GUARANTEE_CALLED);

        own.received_total += own.distributed + own.guaranteed;
        own.promised = own.promised * self.growth - own.distributed - own.guaranteed + own.called;
        own.ended = select(ending, 1.0, own.ended);
        let over = own.ended > 0.0;
        own.call_owed = select(over, ZERO, own.call_owed);
        own.loss[PARTNERS] = select(over, max(ZERO, own.called_total - own.received_total), ZERO);
        own.carried += own.paid_in;
        let returned = min(own.to_lab, own.carried);
        own.carried -= returned;
        books.lab.distributions += select(alive, own.to_lab, ZERO);
        books.lab.other_income += select(alive, own.to_lab - returned, ZERO);
        books.pay(PARTNERS, own.distributed + own.guaranteed - own.called);
        books.pay(MANAGER, to_manager);
        let spent = from_income + from_capital + (from_retained + own.acquired);
        books.third(spent - others + select(alive, ZERO, own.to_lab));
    }
}
