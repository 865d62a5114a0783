//! Service: the vehicle's waterfall, maturity, distributions and cover ratios.

use super::tenancy::Received;
use super::terms::turns;
use super::{Campus, CampusState};
use crate::engine::books::{Books, event};
use crate::engine::instrument::View;
use crate::engine::math::{floor, max, min, select};
use crate::instruments::cover;
use crate::instruments::project_finance::{Loan, reserve_target};
use crate::instruments::recovery::TRANCHES;
use crate::units::Usd;

/// Cash left by the waterfall.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left {
    /// Cash for the equity, locked up or not.
    pool: Usd,
    /// Paid on the lab's guarantee.
    guaranteed: Usd,
}

impl Campus {
    /// Runs the waterfall from rent down to the equity.
    #[inline(always)]
    pub(super) fn serves_debt(&self, see: &View, own: &mut CampusState, r: Received, books: &mut Books) -> Left {
        let zero = Usd::ZERO;
        let (o, rf) = (&self.operation, &self.refinancing);
        let j = self.served(see.t);
        let serving = (j >= 1.0) & (own.ended == 0.0);
        let on = select(serving, 1.0, 0.0);
        let age = select(j <= 12.0, self.residual.first, self.residual.later);
        own.worn *= select(j >= 1.0, age, 1.0);
        let follows = 1.0 + self.residual.follows * (see.market.resale - 1.0);
        own.value = max(zero, Usd(self.cost * own.worn * follows * self.residual.net));
        // Operating cost and tax.
        let tax = o.tax_on(r.rent.0, r.opex, j) * on;
        own.cfads = (r.rent - Usd(r.opex + tax + o.set_aside)) * on;
        let trapped = own.trapped;
        let mut pool = select(serving, r.rent + trapped + own.reserve, zero);
        let running_due = Usd(r.opex) + own.opex_owed * on;
        let running = min(running_due, pool);
        own.opex_owed = select(serving, running_due - running, own.opex_owed);
        pool -= running;
        let taxed = min(Usd(tax), pool);
        pool -= taxed;
        // Senior debt service.
        let base = o.base(j, own.base_level, own.opex_level);
        let rate = self.rate(see, own) * on;
        let mut loan = Loan { balance: own.balance[0], planned: own.planned };
        let mut due = loan.due(&self.schedule, select(serving, j, f64::MAX), Usd(base), rate);
        let again = own.straight > zero;
        due.principal = select(again, min(own.straight, loan.balance) * on, due.principal);
        own.accrued += due.interest;
        own.debt_service = due.interest + due.principal;
        let paid = loan.pay(&due, pool);
        pool -= paid.interest + paid.principal;
        // Balance at maturity: paid from cash, refinanced, or extended.
        let matured = serving & (j >= own.matures);
        let repaid = select(matured, min(loan.balance, pool), zero);
        loan.balance -= repaid;
        pool -= repaid;
        let rest = select(matured, loan.balance, zero);
        let lends = (see.market.winter == 0.0) & (see.market.spread < rf.spread_below) & (rest <= own.value * rf.ltv);
        let refinanced = (rest > zero) & lends;
        let waits = (rest > zero) & !lends;
        let first = waits & (own.extended == 0.0);
        own.extended = select(refinanced, 0.0, own.extended + select(waits, 1.0, 0.0));
        let overdue = waits & (own.extended > rf.extension);
        let spread = see.market.spread * (1.0 / 12.0);
        let fixed = (1.0 / 12.0 - self.floats) * see.market.sofr;
        let stepped = own.margin + select(first, rf.step_up, 0.0);
        own.margin = select(refinanced, rf.margin + spread + fixed, stepped);
        own.matures = select(refinanced, j + rf.term, own.matures);
        own.straight = select(refinanced, rest * rf.per_term, own.straight);
        books.event(refinanced, event::REFINANCED);
        books.event(first, event::REFINANCING_FAILED);
        // Reserve for the next service.
        let new = turns(j + 1.0);
        let (rents, costs) = (select(new, o.grow, 1.0), select(new, o.opex_grow, 1.0));
        let next = o.base(j + 1.0, own.base_level * rents, own.opex_level * costs);
        let planned = self.schedule.service(j + 1.0, Usd(next), loan.planned) - loan.planned * self.schedule.rate;
        let principal = select(own.straight > zero, own.straight, max(planned, zero));
        let service = min(principal, loan.balance) + loan.balance * rate;
        let target = min(reserve_target(self.reserve, 1.0, service), loan.balance * (1.0 + rate));
        let target = select(j >= own.matures, zero, max(target, zero));
        let reserve = min(target, pool);
        own.reserve = select(serving, reserve, own.reserve);
        pool -= select(serving, reserve, zero);
        // Maintenance.
        let aside = min(Usd(o.set_aside * on), pool);
        pool -= aside;
        let spends = serving & (floor((j + 0.5) * o.per_every) > floor((j - 0.5) * o.per_every));
        own.maintained += aside;
        let spent = select(spends, own.maintained, zero);
        own.maintained -= spent;
        // Sweep of this month's cash, without trapped cash.
        let swept = loan.sweep(self.sweep * on, max(zero, pool - trapped));
        pool -= swept;
        let senior = paid.interest + paid.principal + repaid + swept;
        own.service += senior;
        own.balance[0] = loan.balance;
        own.planned = loan.planned;
        books.pay(0, senior);
        // Subordinated tranches.
        for k in 0..self.junior.len() {
            let x = &self.junior[k];
            let more = own.balance[k + 1] * (own.added_spread[k] * on);
            let interest = own.balance[k + 1] * (x.rate * on) + more;
            let owed = own.balance[k + 1] + interest;
            own.level[k] = select(j == 1.0, own.balance[k + 1] * x.level, own.level[k]);
            let due = min(owed, own.level[k] + own.missed[k] + more) * on;
            let paid = min(due, pool);
            pool -= paid;
            own.missed[k] = due - paid;
            own.balance[k + 1] = owed - paid;
            own.accrued += interest;
            own.service += paid;
            books.pay(k + 1, paid);
        }
        // DSCR covenants.
        own.year_cfads += own.cfads - Usd(see.past[0][0]);
        own.year_service += own.debt_service - Usd(see.past[0][1]);
        let locked = (own.balance[0] > zero) & (own.year_cfads < own.year_service * self.lock_up) & serving;
        books.event(locked & (own.locked == 0.0), event::LOCK_UP);
        own.locked = select(locked, 1.0, 0.0);
        let missed = paid.short > own.debt_service * 1e-9;
        let fails = serving & ((missed & (own.year_cfads < own.year_service * self.fails)) | overdue);
        own.failing = select(fails, 1.0, own.failing);
        books.event(fails, event::INSTRUMENT_DEFAULT);
        books.third(running + taxed + spent);
        Left { pool: select(serving, pool, own.trapped), guaranteed: r.guaranteed }
    }

    /// Applies guarantee payments by the lab to the debt and distributes what is left to the equity.
    #[inline(always)]
    pub(super) fn distributes(&self, see: &View, own: &mut CampusState, left: Left, books: &mut Books) {
        let zero = Usd::ZERO;
        let alive = see.lab.alive > 0.0;
        let j = self.served(see.t);
        let ended = own.ended > 0.0;
        // All cash of a vehicle that has sold its campus goes to its lenders first.
        let mut cash = left.guaranteed + select(ended, left.pool, zero);
        for k in 0..TRANCHES {
            let paid = min(own.balance[k], cash);
            cash -= paid;
            own.balance[k] -= paid;
            own.service += paid;
            books.pay(k, paid);
        }
        let pool = cash + select(ended, zero, left.pool);
        // The lenders of such a vehicle will receive nothing more, and are still owed.
        let lost = ended & (own.guarantee_owed <= zero) & (Campus::debts(own) > Usd(self.cost * 1e-12));
        own.failing = select(lost, 3.0, own.failing);
        books.event(lost, event::INSTRUMENT_DEFAULT);
        let sells = (own.turn == 1.0) & (self.residual.relet == 0.0);
        let held = !ended & ((own.locked > 0.0) | (j < 1.0) | (own.failing > 0.0) | sells);
        own.distributed = select(held, zero, pool);
        own.trapped = pool - own.distributed;
        let share = own.distributed * self.lab;
        let provider = own.distributed - share;
        let to_lab = select(alive, share, zero);
        let back = min(to_lab, own.carried);
        let kept = own.carried - back;
        let written_off = select(ended, kept, zero);
        own.carried = kept - written_off;
        own.balance[TRANCHES] = select(ended, zero, max(zero, own.balance[TRANCHES] - provider));
        books.lab.distributions += to_lab;
        books.lab.other_income += to_lab - back - written_off;
        books.pay(TRANCHES, provider);
        books.third(share - to_lab);
    }

    /// DSCR of the month and LLCR, on closing balances.
    #[inline(always)]
    pub(super) fn covers(&self, see: &View, own: &mut CampusState) {
        let zero = Usd::ZERO;
        let o = &self.operation;
        let j = self.served(see.t);
        let serving = (j >= 1.0) & (own.ended == 0.0);
        let base = o.base(j, own.base_level, own.opex_level);
        let left = max(zero, own.present_value * (1.0 + self.schedule.rate) - Usd(base));
        own.present_value = select(serving & (j <= self.schedule.term), left, own.present_value);
        // Expected cash flow relative to the base case, times the present value of the base case.
        let market = self.power * see.market.power_price * self.residual.market_rent;
        let rent = select(own.empty > 0.0, market, own.rent.0);
        let opex = o.opex * own.opex_level;
        let run = rent - opex - o.tax_on(rent, opex, j) - o.set_aside;
        let measured = serving & (own.balance[0] > zero) & (j < self.schedule.term) & (base > 0.0);
        let over = select(measured, base * own.balance[0].0, 1.0);
        own.llcr = select(measured, (own.present_value.0 * run + own.reserve.0 * base) / over, 0.0);
        // What lenders have lost and, until a guarantee has paid, are still owed after a sale.
        let lost = own.loss[..TRANCHES].iter().fold(Campus::debts(own), |sum, &loss| sum + loss);
        let planned = (j >= 1.0) & (j <= own.matures);
        let unpaid = planned & (own.ended > 0.0) & (lost > Usd(self.cost * 1e-9));
        own.has_llcr = select(measured | unpaid, 1.0, 0.0);
        (own.dscr, own.has_dscr) = cover::dscr(own.cfads, own.debt_service, unpaid);
        let due = own.has_dscr > 0.0;
        let least = select((own.has_min_dscr == 0.0) | (own.dscr < own.min_dscr), own.dscr, own.min_dscr);
        own.min_dscr = select(due, least, own.min_dscr);
        own.has_min_dscr = select(due, 1.0, own.has_min_dscr);
    }
}
