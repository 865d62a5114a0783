//! Rent, renewal and vacancy: who uses the campus and what it pays.

use super::terms::turns;
use super::{Campus, CampusState};
use crate::engine::books::{Books, GUARANTEES, RENT, RUNNING, event};
use crate::engine::instrument::View;
use crate::engine::math::{exp, floor, ln, max, select};
use crate::units::Usd;

impl Campus {
    /// Whether the lease runs in month `j` of service.
    #[inline(always)]
    fn leased(own: &CampusState, j: f64) -> bool {
        (j >= 1.0) & (own.empty == 0.0) & (own.ended < 2.0)
    }

    /// Starts a new month of the lease: rent and cost levels, the lab's power now and in the month ahead.
    #[inline(always)]
    pub(super) fn lets(&self, see: &View, own: &mut CampusState, books: &mut Books) {
        let j = self.served(see.t);
        let (o, l) = (&self.operation, &self.lease);
        let new = turns(j);
        own.rent_level *= select(new, o.grow, 1.0);
        own.base_level *= select(new, o.grow, 1.0);
        own.opex_level *= select(new, o.opex_grow, 1.0);
        let to_lab = l.lab > 0.0;
        let on = select(Campus::leased(own, j) & ((see.lab.alive > 0.0) | !to_lab), 1.0, 0.0);
        own.rent = Usd(o.rent * own.rent_level * on);
        let power = self.power * on * l.lab;
        own.site = Usd(l.site * power + o.opex_tenant * own.opex_level * on * l.lab);
        books.lab.capacity_gw += power;
        books.lab.sunk_gw += power;
        books.lab.capacity_cost += own.rent * l.lab + own.site;
        // A delay is known once the planned month has come.
        let known = select(see.t >= self.start + self.months, self.serves, self.start + self.months);
        let ahead = see.ahead - known + 1.0;
        let last = l.term * (1.0 + select(l.renew > 0.0, l.renewals, 0.0));
        let stands = (ahead >= 1.0) & (ahead <= last) & (own.empty == 0.0) & (own.ended < 2.0);
        books.lab.ahead_gw += self.power * l.lab * select(stands, 1.0, 0.0);
    }

    /// Posts what falls due from the lab for rent, operating cost and its guarantee.
    #[inline(always)]
    pub(super) fn charges(&self, see: &View, own: &mut CampusState, books: &mut Books) {
        let alive = see.lab.alive;
        own.rent_due = own.rent * self.lease.lab + own.arrears * alive;
        own.site_due = own.site + own.site_owed * alive;
        own.guarantee_due = (own.called + own.guarantee_owed) * alive;
        books.lab.rent += own.rent_due;
        books.lab.running += own.site_due;
        books.lab.lease_expense += own.rent * self.lease.lab + own.site;
        books.lab.guarantees += own.guarantee_due;
        books.lab.other_income -= own.called * alive;
    }

    /// Decides whether the tenant renews, in the last month of a term, and whether a third-party tenant defaults, in
    /// any month.
    #[inline(always)]
    pub(super) fn decides(&self, see: &View, own: &mut CampusState, books: &mut Books) {
        let j = self.served(see.t);
        let (o, l, m) = (&self.operation, &self.lease, &see.market);
        let to_lab = l.lab > 0.0;
        let leased = Campus::leased(own, j);
        let last = leased & (own.left <= 1.0);
        let new = turns(j + 1.0);
        let rent = o.rent * own.rent_level * select(new, o.grow, 1.0);
        let on_top = l.site * self.power + o.opex_tenant * own.opex_level * select(new, o.opex_grow, 1.0);
        let cost = rent + select(to_lab, on_top, 0.0);
        let market = self.power * m.power_price * select(to_lab, 1.0, self.residual.market_rent);
        // The lab needs the campus when all its leased power is used; it makes no commitment in distress.
        let wants = !to_lab | ((see.power > 0.0) & (see.lab.distress == 0.0));
        let renews = (l.renew == 2.0) | ((l.renew == 1.0) & (cost <= market) & wants);
        let renews = last & renews & (own.renewed < l.renewals);
        let hazard = select(m.winter > 0.0, l.hazard_in_winter, l.hazard);
        let fails = leased & !to_lab & (see.uniforms[0] < hazard);
        let goes = (last & !renews) | fails;
        own.turn = select(goes, 1.0, select(renews, 2.0, 0.0));
        own.renewed += select(renews & !fails, 1.0, 0.0);
        books.event(goes, event::CONTRACT_LOST);
        books.event(renews & !fails, event::RENEWED);
    }

    /// Collects this month's receipts: rent, which goes to the vehicle or to the buyer of the campus with its lease,
    /// and payments on the lab's guarantee.
    #[inline(always)]
    pub(super) fn collects(&self, see: &View, own: &mut CampusState, books: &mut Books) -> Received {
        let zero = Usd::ZERO;
        let alive = see.lab.alive > 0.0;
        let (o, l) = (&self.operation, &self.lease);
        let j = self.served(see.t);
        own.rent_paid = own.rent_due * see.lab.paid[RENT];
        own.arrears = select(alive, own.rent_due - own.rent_paid, own.arrears);
        let site = own.site_due * see.lab.paid[RUNNING];
        own.site_owed = select(alive, own.site_due - site, own.site_owed);
        let guaranteed = own.guarantee_due * see.lab.paid[GUARANTEES];
        own.guarantee_owed = select(alive, own.guarantee_due - guaranteed, own.guarantee_owed);
        own.called = zero;
        let serving = (j >= 1.0) & (own.ended == 0.0);
        let vacant = (own.empty > 0.0) & (own.vacancy > 0.0);
        let market = Usd(self.power * see.market.power_price * self.residual.market_rent);
        let let_again = serving & (own.empty > 0.0) & !vacant;
        let by_third = select(l.lab > 0.0, zero, own.rent) + select(let_again, market, zero);
        let rent = select(serving, own.rent_paid + by_third, zero);
        // The vehicle bears all operating cost of a vacant campus.
        let opex = select(serving, (o.opex + select(vacant, o.opex_tenant, 0.0)) * own.opex_level, 0.0);
        // A new owner receives the rent of a campus that was sold with its lease.
        books.third(site + own.rent_paid - select(serving, own.rent_paid, zero) - select(serving, by_third, zero));
        let leased = Campus::leased(own, j);
        own.left = select(own.turn == 2.0, l.term, own.left - select(leased, 1.0, 0.0));
        let over = serving & (own.empty > 0.0) & (own.vacancy == 1.0);
        own.vacancy = max(0.0, own.vacancy - select(own.empty > 0.0, 1.0, 0.0));
        books.event(over, event::RELET);
        Received { rent, opex, guaranteed }
    }

    /// Rent of a later month in the current lease term, if the lab is the tenant and construction has begun.
    #[inline(always)]
    pub(super) fn rent_in(&self, see: &View, own: &CampusState, month: f64) -> Usd {
        let from = max(see.t, self.serves - 1.0);
        let (o, l) = (&self.operation, &self.lease);
        let on = (see.lab.alive > 0.0) & (own.ended == 0.0) & (own.empty == 0.0) & (see.t >= self.start);
        let years = floor((month - from) * (1.0 / 12.0));
        let grown = exp(years * ln(o.grow));
        let due = (month > from) & (month <= from + own.left);
        select(on & due, Usd(o.rent * own.rent_level * grown * l.lab), Usd::ZERO)
    }

    /// Present value at month end of the remaining rent in the current lease term, or in the next one if the tenant
    /// renews.
    #[inline(always)]
    pub(super) fn rent_to_come(&self, see: &View, own: &CampusState) -> Usd {
        let j = self.served(see.t);
        let new = select(turns(j + 1.0), self.operation.grow, 1.0);
        let renewed = Usd(self.operation.rent * own.rent_level * new * self.firm);
        // The firm rent of a lease whose service is delayed does not accrete.
        let accrues = select((see.t < self.start + self.months) | (j >= 1.0), 1.0 + self.discount, 1.0);
        let rest = max(own.firm_rent * accrues - own.rent, Usd::ZERO);
        let firm = select(see.t == self.start, Usd(self.firm_at_close), select(own.turn == 2.0, renewed, rest));
        let holds = (own.ended < 2.0) & (own.empty == 0.0) & (own.turn != 1.0);
        select(holds & ((see.lab.alive > 0.0) | (self.lease.lab == 0.0)), firm, Usd::ZERO)
    }
}

/// Receipts of a month.
#[derive(Clone, Copy, Debug)]
pub(super) struct Received {
    /// Rent to the vehicle.
    pub rent: Usd,
    /// Operating cost borne by the vehicle.
    pub opex: f64,
    /// Paid on the lab's guarantee.
    pub guaranteed: Usd,
}
