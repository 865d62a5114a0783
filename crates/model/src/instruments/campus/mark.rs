//! Marks of the positions when the run ends before the lease.
//!
//! The vehicle is projected to the end of the lease with all its renewals, by year of service: rent and operating cost
//! at their levels and escalation, tax, maintenance, senior service as scheduled on the balance, junior service. Debt
//! outstanding at maturity is refinanced. At the end the campus is sold at its age-adjusted value under the terms, at a
//! resale index of 1. Within a year the balance of a loan counts at its average, and cash in reserve is released when
//! the senior debt is repaid; a sweep, which moves cash from owners to the debt and back, is ignored. The equity's own
//! rate is its planned internal rate of return: the discount rate at which the present value of the planned cash flows
//! equals that of the planned contributions. Until service begins the equity is valued at its paid-in capital,
//! compounded at that rate; standby equity adds nothing.

use super::spec::JUNIOR;
use super::{Campus, CampusState};
use crate::engine::books::ACCOUNTS;
use crate::engine::instrument::View;
use crate::instruments::mark::{after, own_rate};
use crate::instruments::project_finance::Waits;
use crate::instruments::recovery::TRANCHES;
use crate::instruments::term_loan::pow_count;
use crate::units::Usd;

/// State of the vehicle from which it is projected.
#[derive(Clone, Copy, Debug)]
struct Stand {
    /// Months of service elapsed.
    served: f64,
    /// Month of service at whose end the campus is sold.
    until: f64,
    /// Senior debt: scheduled and actual balance, monthly rate, month of maturity, and monthly principal of a new loan.
    planned: f64,
    senior: f64,
    rate: f64,
    matures: f64,
    straight: f64,
    /// Junior tranches and their level payments.
    junior: [f64; JUNIOR],
    level: [f64; JUNIOR],
    /// What the flow of new credit added to their rates.
    added_spread: [f64; JUNIOR],
    rent_level: f64,
    base_level: f64,
    opex_level: f64,
    /// Share of the cost left after the decline with age.
    worn: f64,
    /// Reserves and trapped cash.
    cash: f64,
    /// Monthly interest rate of a new loan.
    new_rate: f64,
}

/// Outcome of the projection.
struct ToCome {
    /// Present value to the equity.
    equity: f64,
    /// Owed to each tranche at the end and not covered by the sale, and the months until then.
    unpaid: [f64; TRANCHES],
    months: f64,
}

/// Balance of a debt after `months` of level payments, at a monthly rate, and the amount paid.
fn repaid(balance: f64, rate: f64, level: f64, months: f64) -> (f64, f64) {
    let grown = pow_count(1.0 + rate, months);
    let payments = if rate.abs() < 1e-12 { months } else { (grown - 1.0) / rate };
    let left = (balance * grown - level * payments).max(0.0);
    // A debt repaid within the period bears interest for about half of it.
    let most = balance * (1.0 + rate * 0.5 * (months + 1.0));
    (left, if left > 0.0 { level * months } else { most.min(level * months) })
}

impl Campus {
    /// Months of the lease with all its renewals.
    fn lease_months(&self) -> f64 {
        let l = &self.lease;
        l.term * (1.0 + if l.renew > 0.0 { l.renewals } else { 0.0 })
    }

    /// Scheduled senior balance after another `months` of service, which lie within one year and one phase of the
    /// schedule.
    fn planned_after(&self, s: &Stand, months: f64, base: f64) -> f64 {
        let plan = &self.schedule;
        if s.served < plan.grace {
            return s.planned;
        }
        if plan.on_top > 0.0 {
            return (s.planned - plan.principal * months).max(0.0);
        }
        repaid(s.planned, plan.rate, base.max(0.0) * plan.share + plan.level, months).0
    }

    /// Projects the vehicle from the given state, discounting at a monthly rate.
    #[inline(never)]
    fn comes(&self, mut s: Stand, rate: f64) -> ToCome {
        let o = &self.operation;
        let (mut value, mut factor, mut months) = (0.0, 1.0, 0.0);
        while s.served < s.until {
            if s.served >= s.matures && s.senior > 0.0 {
                s.straight = s.senior * self.refinancing.per_term;
                s.rate = s.new_rate;
                s.matures = s.served + self.refinancing.term;
            }
            let year_begins = s.served > 0.0 && s.served % 12.0 == 0.0;
            if year_begins {
                s.rent_level *= o.grow;
                s.base_level *= o.grow;
                s.opex_level *= o.opex_grow;
            }
            // Up to the next change of year, of schedule phase or of loan.
            let mut m = 12.0 - s.served % 12.0;
            for mark in [self.schedule.grace, s.matures, s.until] {
                if mark > s.served {
                    m = m.min(mark - s.served);
                }
            }
            let j = s.served + 1.0;
            let cash = o.base(j, s.rent_level, s.opex_level);
            let planned = self.planned_after(&s, m, o.base(j, s.base_level, s.opex_level));
            let principal = if s.straight > 0.0 { s.straight * m } else { s.planned - planned };
            let principal = principal.clamp(0.0, s.senior);
            let interest = s.rate * (s.senior - principal * 0.5 * (m - 1.0) / m);
            (s.planned, s.senior) = (planned, s.senior - principal);
            let mut left = cash - interest - principal / m;
            for k in 0..JUNIOR {
                let paid;
                (s.junior[k], paid) = repaid(s.junior[k], self.junior[k].rate, s.level[k], m);
                left -= paid / m + s.added_spread[k] * s.junior[k];
            }
            // A shortfall is met from reserves; the rest stays owed.
            if left < 0.0 {
                let from_cash = (-left * m).min(s.cash);
                s.cash -= from_cash;
                s.senior += -left * m - from_cash;
                left = 0.0;
            }
            let v = after(rate, m);
            let annuity = if rate < 1e-9 { m } else { (1.0 - v) / rate };
            value += factor * left * annuity;
            factor *= v;
            let first = (12.0 - s.served).clamp(0.0, m);
            s.worn *= pow_count(self.residual.first, first) * pow_count(self.residual.later, m - first);
            s.served += m;
            months += m;
            if s.senior <= self.debt * 1e-9 {
                value += factor * s.cash;
                s.cash = 0.0;
            }
        }
        let mut left = self.cost * s.worn * self.residual.net + s.cash;
        let owed = [s.senior, s.junior[0], s.junior[1], s.junior[2]];
        let short = (owed.iter().sum::<f64>() - left).max(0.0);
        left += (short * self.residual.covers).min(self.cap(s.served).0);
        let mut unpaid = [0.0; TRANCHES];
        for (unpaid, owed) in unpaid.iter_mut().zip(owed) {
            *unpaid = (owed - left).max(0.0);
            left = (left - owed).max(0.0);
        }
        ToCome { equity: value + factor * left, unpaid, months }
    }

    /// Planned state at the start of service; junior tranches have accrued interest since they were drawn.
    fn planned_stand(&self, sofr: f64, waited: Waits) -> Stand {
        let mut s = Stand {
            served: 0.0,
            until: self.lease_months(),
            planned: self.debt,
            senior: self.debt,
            rate: (self.margin + self.floats * sofr).max(0.0),
            matures: self.schedule.term,
            straight: 0.0,
            junior: [0.0; JUNIOR],
            level: [0.0; JUNIOR],
            added_spread: [0.0; JUNIOR],
            rent_level: 1.0,
            base_level: 1.0,
            opex_level: 1.0,
            worn: 1.0,
            cash: self.build.reserve * self.debt,
            new_rate: self.refinancing.margin + sofr * (1.0 / 12.0),
        };
        for k in 0..JUNIOR {
            let x = &self.junior[k];
            s.junior[k] = self.equity * x.share * waited.grown(x.rate);
            s.level[k] = s.junior[k] * x.level;
        }
        s
    }

    /// Average number of the `months` of construction for which the funding below the senior debt is paid in.
    fn waits(&self, months: f64) -> f64 {
        let first = 0.5 * months * (1.0 - self.gearing);
        let waits = match self.build.order {
            1.0 => months - first,
            2.0 => first,
            _ => 0.5 * months,
        };
        waits.round()
    }

    /// Planned monthly return of the equity, at base SOFR, given the time from contribution to service.
    pub(super) fn equity_rate(&self, base_sofr: f64, waits: Waits) -> f64 {
        let stand = self.planned_stand(base_sofr, waits);
        let paid_in = self.equity * (1.0 - self.junior_share());
        if paid_in <= 0.0 {
            return 0.0;
        }
        own_rate(0.0, |rate| self.comes(stand, rate).equity - paid_in * waits.grown(rate))
    }

    /// Marks: each tranche at its balance less expected loss; third-party equity at the present value of its projected
    /// cash flows, at its planned return. Without a tenant, and after the end, equity is marked at what an immediate
    /// sale would leave.
    pub(super) fn marks(&self, see: &View, own: &CampusState) -> [Usd; ACCOUNTS] {
        let j = self.served(see.t);
        let mut out = own.balance;
        let provider = 1.0 - self.lab;
        let cash = (own.reserve + own.trapped + own.maintained).0;
        if own.ended > 0.0 || own.empty > 0.0 {
            let stands = if own.ended == 0.0 { own.value.0 } else { 0.0 };
            out[TRANCHES] = Usd((stands + cash - Campus::debts(own).0).max(0.0) * provider);
            return out;
        }
        if see.t < self.start {
            return out;
        }
        let waits = if j < 0.0 { -j } else { 0.0 };
        let mut s = self.planned_stand(see.market.sofr, Waits { mean: waits, variance: 0.0 });
        let builds = j < 1.0 && waits > 0.0;
        s.added_spread = own.added_spread;
        if builds {
            s.senior *= own.lent;
            s.rate += own.margin - self.margin;
            let to_pay = (self.equity - own.paid.0).max(0.0);
            let late = self.waits(waits);
            for k in 0..JUNIOR {
                let x = &self.junior[k];
                let to_draw = to_pay * x.share * own.lent * pow_count(1.0 + x.rate, late);
                s.junior[k] = own.balance[k + 1].0 * pow_count(1.0 + x.rate, waits) + to_draw;
                s.level[k] = s.junior[k] * x.level;
            }
        } else {
            (s.served, s.planned, s.senior) = (j, own.planned.0, own.balance[0].0);
            (s.rate, s.matures, s.straight) = (self.rate(see, own), own.matures, own.straight.0);
            (s.rent_level, s.base_level, s.opex_level) = (own.rent_level, own.base_level, own.opex_level);
            (s.worn, s.cash) = (own.worn, own.reserve.0 + own.trapped.0);
            for k in 0..JUNIOR {
                s.junior[k] = own.balance[k + 1].0;
                s.level[k] = if j < 1.0 { s.junior[k] * self.junior[k].level } else { own.level[k].0 };
            }
        }
        let come = self.comes(s, self.own);
        out[TRANCHES] =
            if builds { own.grown } else { Usd((come.equity * after(self.own, waits)).max(0.0) * provider) };
        let rates = [s.rate, self.junior[0].rate, self.junior[1].rate, self.junior[2].rate];
        for k in 0..TRANCHES {
            let lost = come.unpaid[k] * after(rates[k], come.months + waits);
            out[k] = Usd((own.balance[k].0 - lost).max(0.0));
        }
        out
    }
}
