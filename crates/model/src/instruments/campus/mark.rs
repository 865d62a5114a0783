//! Value of the positions when the run ends before the lease does.
//!
//! The vehicle is projected to the end of the lease with all its renewals, by year of service: rent and operating cost at
//! their levels and escalation, tax, maintenance, senior service as scheduled on the balance, junior service. Debt outstanding
//! at maturity is refinanced. At the end the campus is sold at its age-adjusted value under the terms, at a resale index of 1. Within a
//! year the balance of a loan counts at its average, and cash in reserve is released when the senior debt is repaid; a sweep, which moves cash from owners to
//! the debt and back, is ignored. The equity's own rate is the one at which the planned cash flows are worth what the plan pays
//! in. Until service begins the equity is valued at its paid-in capital, grown at that rate; standby equity adds nothing.

use super::spec::JUNIOR;
use super::{Campus, CampusState};
use crate::engine::books::ACCOUNTS;
use crate::engine::instrument::View;
use crate::instruments::mark::{after, own_rate};
use crate::instruments::project_finance::Waits;
use crate::instruments::recovery::TRANCHES;
use crate::instruments::term_loan::pow_count;
use crate::units::Usd;

/// Where the vehicle stands, as far as what is to come depends on it.
#[derive(Clone, Copy, Debug)]
struct Stand {
    /// Months of service that are over.
    served: f64,
    /// Months of service at whose end it is sold.
    until: f64,
    /// Senior debt, by its plan and as it is; its rate a month, when it matures, and the principal a month of a new loan.
    planned: f64,
    senior: f64,
    rate: f64,
    matures: f64,
    straight: f64,
    /// Junior tranches and their level payments.
    junior: [f64; JUNIOR],
    level: [f64; JUNIOR],
    rent_level: f64,
    base_level: f64,
    opex_level: f64,
    /// Share of the cost that age has left.
    worn: f64,
    /// Reserves and trapped cash.
    cash: f64,
    /// Interest a month of a new loan.
    new_rate: f64,
}

/// What is to come.
struct ToCome {
    /// Present value to the equity.
    equity: f64,
    /// Owed to each tranche at the end and not paid by the sale, and in how many months.
    unpaid: [f64; TRANCHES],
    months: f64,
}

/// What is left of a debt after `months` of level payments, at a rate a month; and what was paid.
fn repaid(balance: f64, rate: f64, level: f64, months: f64) -> (f64, f64) {
    let grown = pow_count(1.0 + rate, months);
    let payments = if rate.abs() < 1e-12 { months } else { (grown - 1.0) / rate };
    let left = (balance * grown - level * payments).max(0.0);
    // What is repaid within the period bears interest for about half of it.
    let most = balance * (1.0 + rate * 0.5 * (months + 1.0));
    (left, if left > 0.0 { level * months } else { most.min(level * months) })
}

impl Campus {
    /// Months of the lease with all its renewals.
    fn lease_months(&self) -> f64 {
        let l = &self.lease;
        l.term * (1.0 + if l.renew > 0.0 { l.renewals } else { 0.0 })
    }

    /// Planned senior debt after `months` of service more, which end no year and no phase of its plan.
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

    /// What is to come from where the vehicle stands, at a rate a month.
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
            // Up to the next change: of the year, of the plan's phase, of the loan.
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
                left -= paid / m;
            }
            // What is missing comes out of reserves, then it stays owed.
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

    /// The plan at the beginning of service; what lies below the senior debt has waited for it.
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

    /// Of `months` of construction, how many money below the senior debt is there on average.
    fn waits(&self, months: f64) -> f64 {
        let first = 0.5 * months * (1.0 - self.gearing);
        let waits = match self.build.order {
            1.0 => months - first,
            2.0 => first,
            _ => 0.5 * months,
        };
        waits.round()
    }

    /// The rate a month that the plan gives to the equity, at base SOFR, when it waits so long for service.
    pub(super) fn equity_rate(&self, base_sofr: f64, waits: Waits) -> f64 {
        let stand = self.planned_stand(base_sofr, waits);
        let paid_in = self.equity * self.equity_share();
        if paid_in <= 0.0 {
            return 0.0;
        }
        own_rate(0.0, |rate| self.comes(stand, rate).equity - paid_in * waits.grown(rate))
    }

    /// Each tranche at what it is owed, less what is not expected to be paid of it; the provider's equity at the present value of
    /// what is to come, at the rate of its plan. Without a tenant, and after the end, what a sale now leaves.
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
        if builds {
            let to_pay = (self.equity - own.paid.0).max(0.0);
            let late = self.waits(waits);
            for k in 0..JUNIOR {
                let x = &self.junior[k];
                let to_draw = to_pay * x.share * pow_count(1.0 + x.rate, late);
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
