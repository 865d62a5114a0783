//! The phases of a month.

use super::TRANCHES;
use super::rows::{Abs, AbsState};
use crate::engine::books::{Books, RENT, RUNNING, event};
use crate::engine::instrument::View;
use crate::engine::math::{max, min, select};
use crate::instruments::{cover, credit};
use crate::units::Usd;

const ZERO: Usd = Usd::ZERO;
/// Stages of the vehicle.
pub(super) const HELD: f64 = 0.0;
pub(super) const ISSUED: f64 = 1.0;
pub(super) const REPAID: f64 = 2.0;
pub(super) const GONE: f64 = 3.0;

impl Abs {
    /// Rent that the lab would owe in a later month.
    #[inline(always)]
    pub(super) fn rent_in(see: &View, own: &AbsState, month: f64) -> Usd {
        let leased = (own.stage != HELD) & (own.stage != GONE) & (see.lab.alive > 0.0);
        let on = leased & (month <= see.t + own.lease_left);
        select(on, own.level * own.with_lab, ZERO)
    }
    /// Monthly coupon of a tranche, adjusted for the change in credit spreads since the start; not below zero.
    #[inline(always)]
    fn coupon(&self, own: &AbsState, k: usize) -> f64 {
        self.stated(own, k) + own.added_spread[k]
    }
    /// The same without what the flow of new credit adds.
    #[inline(always)]
    fn stated(&self, own: &AbsState, k: usize) -> f64 {
        max(self.note[k].coupon + own.spread, 0.0)
    }

    /// `open`: capacity that the lab uses, as its own or under lease.
    #[inline(always)]
    pub(super) fn bring(&self, see: &View, own: &mut AbsState, books: &mut Books) {
        let held = own.stage == HELD;
        // The lab leaves when it ends; under a lease also when its arrears last too long or the lease expires. Before
        // closing it owns the pool.
        let over = (see.lab.alive == 0.0) | (!held & ((own.late >= self.lab_grace) | (own.lease_left == 0.0)));
        own.leaves = select((own.with_lab > 0.0) & over, 1.0, 0.0);
        own.with_lab -= own.leaves;
        let uses = (own.with_lab > 0.0) & (own.stage != GONE);
        let power = select(uses, self.power, 0.0);
        books.lab.capacity_gw += power;
        books.lab.sunk_gw += select(held, 0.0, power);
        books.lab.capacity_cost += select(uses, select(held, self.opex + self.wear, own.level), ZERO);
        books.lab.ahead_gw += select(see.ahead <= see.t + own.lease_left - 1.0, power, 0.0);
    }

    /// `settle`: tenants come and go, rent falls due, the notes close.
    #[inline(always)]
    pub(super) fn post(&self, see: &View, own: &mut AbsState, books: &mut Books) {
        let alive = see.lab.alive > 0.0;
        let stands = own.stage != GONE;
        let held = own.stage == HELD;
        let spot = see.market.spot_price;
        own.per_price = select((see.t == 1.0) & (spot > 0.0), 1.0 / max(spot, f64::MIN_POSITIVE), own.per_price);
        let index = select(own.per_price > 0.0, spot * own.per_price, 1.0);
        own.market_rent = self.rent * (self.relet * index);
        own.level = select(see.t > 1.0, own.level * self.grow, own.level);
        // Vacant capacity is re-leased; a tenant defaults; leases expire.
        let lets = stands & (own.empty > 0.0) & (own.empty >= self.vacancy);
        books.event(lets, event::RELET);
        let mixed = own.level * own.occupied + own.market_rent * (1.0 - own.occupied);
        own.level = select(lets, mixed, own.level);
        own.occupied = select(lets, 1.0, own.occupied);
        own.lease_left = select(lets & (own.lease_left <= 0.0), self.term, own.lease_left);
        own.empty = select(lets | (own.empty == 0.0), 0.0, own.empty + 1.0);
        let hazard = select(see.market.winter > 0.0, self.lost_in_winter, self.lost);
        let lab_is_tenant = own.with_lab > 0.0;
        let by_chance = !lab_is_tenant & (see.uniforms[0] < hazard * self.count * own.occupied);
        let ends = own.lease_left == 0.0;
        let gone = select((own.leaves > 0.0) | ends, 1.0, select(by_chance, self.tenant, 0.0));
        let gone = min(gone, own.occupied) * select(stands, 1.0, 0.0);
        books.event((gone > 0.0) & !ends, event::CONTRACT_LOST);
        books.event((gone > 0.0) & ends, event::LEASE_ENDED);
        own.occupied -= gone;
        own.occupied = select(own.occupied < 1e-9, 0.0, own.occupied);
        own.empty = select(gone > 0.0, 1.0, own.empty);
        let own_use = lab_is_tenant & held;
        own.lease_left -= select(own_use, 0.0, 1.0);
        // Rent, and before closing the lab's own use.
        let full = own.level * own.occupied * select(stands, 1.0, 0.0);
        own.charge = select(own_use, ZERO, full);
        let rent = select(lab_is_tenant, own.charge, ZERO);
        own.rent_due = select(alive, rent + own.arrears, ZERO);
        let opex = select(own_use, self.opex, ZERO);
        own.running_due = select(alive, opex + own.running_owed, ZERO);
        own.charged = rent + opex;
        own.used = select(own_use, min(max(see.power, 0.0), self.power), 0.0);
        own.depreciation = select(held & alive, min(self.wear, own.book), ZERO);
        own.book -= own.depreciation;
        let later = max(own.firm_rent * (1.0 + self.discount) - own.level, ZERO);
        own.firm_rent = select(own_use, own.firm_rent * select(see.t > 1.0, self.grow, 1.0), later) * own.with_lab;
        // Closing: the notes are sold, and the pool leaves the lab's books.
        let open = (see.market.winter == 0.0) | (see.uniforms[1] < self.open_in_winter);
        let ready = held & alive & open & (see.t >= self.closing);
        let closes = ready & credit::drawn_whole(see, ready, self.amount, books);
        own.refused = select(ready & !closes, self.amount, ZERO);
        own.spread = select(closes, see.market.spread * (1.0 / 12.0), own.spread);
        let mut interest = ZERO;
        for k in 0..TRANCHES {
            own.added_spread[k] = select(closes, credit::added_spread(see, self.stated(own, k)), own.added_spread[k]);
            own.balance[k] = select(closes, self.note[k].amount, own.balance[k]);
            interest += self.note[k].amount * self.coupon(own, k);
            books.pay(k, -select(closes, self.note[k].amount, ZERO));
        }
        own.draw = select(closes, self.amount, ZERO);
        own.total += own.draw;
        let fee = own.draw * self.fee;
        let reserve = select(closes, min(interest * self.reserve, own.draw - fee), ZERO);
        own.reserve += reserve;
        let proceeds = own.draw - fee - reserve;
        let over_book = select(closes, proceeds - own.book, ZERO);
        own.gain = max(over_book, ZERO);
        own.carried += max(-over_book, ZERO);
        own.book = select(closes, ZERO, own.book);
        own.released = min(own.release, own.deferred);
        own.deferred += own.gain - own.released;
        own.release = select(closes, own.gain / self.expected, own.release);
        own.expected = select(closes, see.t + self.expected, own.expected);
        own.last = select(closes, see.t + self.last, own.last);
        own.stage = select(closes, ISSUED, own.stage);
        books.lab.rent += own.rent_due;
        books.lab.lease_expense += select(alive, rent, ZERO);
        books.lab.running += own.running_due;
        books.lab.running_expense += opex;
        books.lab.depreciation += own.depreciation;
        books.lab.used_gw += own.used;
        books.lab.asset_sales += proceeds;
        books.lab.other_income += own.released;
        books.lab.paid_in += select(see.t == 1.0, self.book, ZERO);
        books.third(fee);
    }

    /// `close`: rent as paid, then the vehicle's waterfall; refinancing, default.
    #[inline(always)]
    #[expect(clippy::too_many_lines, reason = "a waterfall in its order")]
    #[expect(clippy::needless_range_loop, reason = "tranches index several arrays")]
    pub(super) fn pay(&self, see: &View, own: &mut AbsState, books: &mut Books) {
        let alive = see.lab.alive > 0.0;
        let from_lab = own.rent_due * see.lab.paid[RENT];
        let running = own.running_due * see.lab.paid[RUNNING];
        own.arrears = select(alive, own.rent_due - from_lab, own.arrears);
        own.running_owed = select(alive, own.running_due - running, own.running_owed);
        own.late = select(own.arrears > ZERO, own.late + 1.0, 0.0);
        own.paid = from_lab + running;
        let outside = select(own.with_lab > 0.0, ZERO, own.charge);
        own.rent = from_lab + outside;
        // Notes issued this month are serviced from the next; until then the pool's income belongs to the lab.
        let issued = (own.stage == ISSUED) & (own.draw <= ZERO);
        let servicer = own.rent * select((own.stage == HELD) | (own.draw > ZERO), 0.0, self.servicer);
        let let_out = select((own.with_lab > 0.0) & (own.rent <= ZERO), 0.0, own.occupied);
        let opex = min(self.opex * let_out, own.rent - servicer);
        own.cfads = own.rent - opex - servicer;
        // Refinancing is attempted from the anticipated repayment date on.
        let due = issued & (see.t >= own.expected) & (own.failed == 0.0);
        let open = (see.market.winter == 0.0) | (see.uniforms[1] < self.open_in_winter);
        let renews = due & open & (own.covered > 0.0);
        let fails = due & !renews & (own.stepped_up == 0.0);
        books.event(fails, event::REFINANCING_FAILED);
        books.event(fails, event::STEPPED_UP);
        books.event(renews, event::REFINANCED);
        own.stepped_up = select(fails, 1.0, own.stepped_up);
        // Interest, most senior first; the step-up accrues.
        let mut pool = own.cfads + own.reserve + own.trapped;
        let (mut interest, mut first_missed, mut above) = (ZERO, ZERO, ZERO);
        (own.service, own.accrued) = (ZERO, ZERO);
        let mut paid = [ZERO; TRANCHES];
        let on = select(issued, 1.0, 0.0);
        let steps = self.step_up * own.stepped_up * on;
        for k in 0..TRANCHES {
            let accrued = (own.balance[k] + own.unpaid[k]) * (self.coupon(own, k) * on);
            let step = own.balance[k] * steps;
            own.accrued += accrued + step;
            own.stepped[k] += step;
            interest += own.balance[k] * (self.coupon(own, k) * on);
            let owed = own.unpaid[k] + accrued;
            let pays = min(owed, pool) * on;
            pool -= pays;
            own.unpaid[k] = owed - pays;
            paid[k] = pays;
            first_missed += select(above <= ZERO, own.unpaid[k], ZERO);
            above += own.balance[k];
        }
        // Scheduled principal, unless a trigger is in force.
        let all = (own.amortising > 0.0) | (own.stepped_up > 0.0);
        let schedule = select(all | !issued, 0.0, self.amortisation);
        let (mut scheduled, mut left) = (ZERO, ZERO);
        for k in 0..TRANCHES {
            let wants = min(self.note[k].amount * schedule, own.balance[k]);
            let pays = min(wants, pool);
            pool -= pays;
            scheduled += wants;
            own.balance[k] -= pays;
            left += own.balance[k] + own.unpaid[k] + own.stepped[k];
            paid[k] += pays;
        }
        own.debt_service = interest + scheduled;
        // The fee of new notes, then the reserve, which is kept until the available cash repays everything.
        let refinancing = select(renews, min(left * self.refinancing_fee, pool), ZERO);
        pool -= refinancing;
        let target = select(issued & !(all & (left <= pool)), interest * self.reserve, ZERO);
        let target = select(own.draw > ZERO, own.reserve, target);
        own.reserve = min(target, pool);
        pool -= own.reserve;
        // After a trigger or the anticipated date: principal in order of rank, then unpaid interest and the accrued
        // step-up.
        let mut sweep = select(all & !renews, min(pool, left), ZERO);
        pool -= sweep;
        for k in 0..TRANCHES {
            let pays = min(sweep, own.balance[k]);
            sweep -= pays;
            own.balance[k] -= pays;
            paid[k] += pays;
        }
        let mut debt = ZERO;
        for k in 0..TRANCHES {
            let late = min(sweep, own.unpaid[k]);
            sweep -= late;
            let step = min(sweep, own.stepped[k]);
            sweep -= step;
            own.unpaid[k] -= late;
            own.stepped[k] -= step;
            paid[k] += late + step;
            // New notes capitalise unpaid interest and step-up.
            let rolled = select(renews, own.unpaid[k] + own.stepped[k], ZERO);
            own.balance[k] += rolled;
            own.unpaid[k] = select(renews, ZERO, own.unpaid[k]);
            own.stepped[k] = select(renews, ZERO, own.stepped[k]);
            debt += own.balance[k] + own.unpaid[k] + own.stepped[k];
            own.service += paid[k];
            books.pay(k, paid[k]);
        }
        pool += sweep;
        own.spread = select(renews, see.market.spread * (1.0 / 12.0), own.spread);
        for k in 0..TRANCHES {
            own.added_spread[k] = select(renews, credit::added_spread(see, self.stated(own, k)), own.added_spread[k]);
        }
        own.expected = select(renews, see.t + self.expected, own.expected);
        own.last = select(renews, see.t + self.last, own.last);
        own.stepped_up = select(renews, 0.0, own.stepped_up);
        own.amortising = select(renews, 0.0, own.amortising);
        // The remainder is trapped or distributed to the lab.
        let traps = (own.traps > 0.0) & (debt > ZERO) & issued;
        own.trapped = select(traps, pool, ZERO);
        own.distributed = pool - own.trapped;
        let repaid = issued & (debt <= ZERO);
        own.stage = select(repaid, REPAID, own.stage);
        // Default: interest on the most senior tranche missed for too long, or legal final maturity.
        own.short = select(first_missed > ZERO, own.short + 1.0, 0.0);
        let defaults = issued & (own.failed == 0.0) & (debt > ZERO);
        let defaults = defaults & ((own.short >= self.grace) | (see.t >= own.last));
        books.event(defaults, event::INSTRUMENT_DEFAULT);
        own.failed = select(defaults, 1.0, own.failed);
        for k in 0..TRANCHES {
            own.claim[k] = select(defaults, own.balance[k] + own.unpaid[k] + own.stepped[k], own.claim[k]);
        }
        // The lab: before closing it receives the pool's income, afterwards distributions on a stake carried at cost.
        let earns = (own.stage == HELD) | (own.draw > ZERO);
        let to_lab = select(alive, own.distributed, ZERO);
        let back = select(earns, ZERO, min(to_lab, own.carried));
        own.carried -= back;
        let lost = select(own.stage == GONE, own.carried, ZERO);
        own.carried -= lost;
        books.lab.distributions += to_lab;
        books.lab.other_income += to_lab - back - lost;
        books.third(running + servicer + opex + refinancing - outside + (own.distributed - to_lab));
    }

    /// `review`: DSCR and its triggers, value of the pool, stocks.
    #[inline(always)]
    pub(super) fn test(&self, see: &View, own: &mut AbsState, books: &mut Books) {
        let tiny = Usd(f64::MIN_POSITIVE);
        let issued = own.stage == ISSUED;
        let lost = own.loss.iter().fold(ZERO, |sum, &loss| sum + loss);
        let unpaid = (own.stage == GONE) & (lost > self.amount * 1e-9) & (see.t <= own.expected);
        (own.dscr, own.has_dscr) = cover::dscr(own.cfads, own.debt_service, unpaid);
        let cover = own.cfads + own.cash_flows[0] + own.cash_flows[1];
        let service = own.debt_service + own.services[0] + own.services[1];
        // Income before closing does not count for the notes.
        let counts = issued & (own.debt_service > ZERO);
        own.cash_flows = [select(counts, own.cfads, ZERO), own.cash_flows[0]];
        own.services = [select(counts, own.debt_service, ZERO), own.services[0]];
        let tested = counts & (own.failed == 0.0);
        let traps = tested & (cover < service * self.trap);
        books.event(traps & (own.traps == 0.0), event::LOCK_UP);
        own.traps = select(traps, 1.0, 0.0);
        let thin = tested & (cover < service * self.trigger);
        books.event(thin & (own.amortising == 0.0), event::COVENANT);
        own.amortising = select(thin, 1.0, own.amortising);
        own.covered = select(tested & (cover >= service * self.refinancing), 1.0, 0.0);
        own.market_value = self.value(see, own);
        let mut debt = ZERO;
        for k in 0..TRANCHES {
            debt += own.balance[k] + own.unpaid[k] + own.stepped[k];
        }
        own.debt = debt;
        // A pool without value has no LTV.
        let worth = own.market_value > self.amount * 1e-6;
        own.ltv = select((debt > ZERO) & worth, debt / max(own.market_value, tiny), 0.0);
        let firm = select((own.stage != HELD) & (own.stage != GONE) & (see.lab.alive > 0.0), own.firm_rent, ZERO);
        books.lab.ppe += own.book;
        books.lab.investment += own.carried;
        books.lab.deferred += own.deferred;
        books.lab.arrears += own.arrears + own.running_owed;
        books.lab.vehicle_debt += debt;
        books.lab.off_balance += max(debt, firm);
    }

    /// Value of the pool: income when fully leased, with vacant parts at market rent, over the appraisal's
    /// capitalisation rate plus the change in credit spreads; the rate used does not fall below half the appraisal's.
    #[inline(always)]
    pub(super) fn value(&self, see: &View, own: &AbsState) -> Usd {
        let full = own.level * own.occupied + own.market_rent * (1.0 - own.occupied);
        let income = max(full * (1.0 - self.servicer) - self.opex, ZERO) * 12.0;
        let rate = self.cap_rate + max(see.market.spread, -0.5 * self.cap_rate);
        select(own.stage == GONE, ZERO, income / rate)
    }
}
