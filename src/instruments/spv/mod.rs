//! A vehicle that buys chips and leases them to the lab.
//!
//! # What it is
//! The vehicle draws on its tranches and on equity as the hardware is delivered. The lab rents each delivery for the
//! term of the lease at a level rent that repays every tranche and gives the equity its return. A guarantor may cover
//! part of what a tranche misses. The vehicle is bankruptcy-remote: it goes on when the lab defaults. A vehicle that builds,
//! has reserves, or rents for less than the life of what it owns is a `campus`.
//!
//! # Monthly cash flows
//! | flow | lab | tranches | equity | third parties |
//! | --- | --- | --- | --- | --- |
//! | delivery | | − | − | + (maker) |
//! | rent, with arrears | − | + in order | + what is left | |
//! | site, power and operation | − | | | + |
//! | end of a delivery's lease, under `at_end: sell`: sale | | + in order | + what is left | − (buyer) |
//! | end of the lab: sale of the hardware | | + in order | + what is left | − (buyer) |
//! | end of the lab: guarantee of what is still missed | | + | | − (guarantor) |
//! | end of the lab: claim for rent, out of the estate | | + in order | + what is left | − (estate), + (guarantor) |
//!
//! # In YAML
//! `- spv: {name: tpu_lease, capex: 35B USD, power: 1 GW, deliveries: {start: 2026-09, over: 12 mo}, lease: {term: 5 yr},
//! tranches: [{a: {amount: 30B USD, rate: 5.75%/yr, guarantee: {by: chip_partner, covers: 85%, cap: 29B USD}}}]}`
//!
//! # Conventions and limits
//! A delivery is paid for at the end of its month and rented from the next. Each delivery's lease lasts the whole term
//! and repays in full: no renewal, no refinancing, no reserve account. Tranches are paid in the order of the list; what one
//! misses stays in its balance and falls due again with its interest. Under `at_end: sell` the rent gives the equity its return together with the
//! sale, at what age leaves and a resale index of 1. When the lab is acquired or liquidated its lease is rejected: hardware
//! is sold in that month at capex × what age leaves × the resale index. The vehicle claims arrears and the rent to come,
//! at most the months of damages that the lab's rules give, without security. What comes out of the estate comes with its
//! delay: it is booked at once and discounted in losses. A restructuring cuts arrears and rent to come by the haircut; the
//! vehicle sells the shares it gets for them at once and runs its tranches down. A vehicle that still owes when its last
//! lease has ended and nobody is in arrears fails and sells its hardware. Guarantees are third parties'. The equity is all one
//! provider's.
//!
//! # Sources
//! [The model](../model.md); [a report on the vehicle of June
//! 2026](https://tensorfeed.ai/originals/broadcom-xpv-70b-residual-value-guarantee) for terms.

mod ending;
mod spec;

pub use crate::instruments::recovery::TRANCHES;
pub use spec::{AtEnd, DeliveriesSpec, GuaranteeSpec, LeaseSpec, SpvSpec, Tenant, TrancheSpec};

use crate::engine::books::{ACCOUNTS, Books, RENT, RUNNING, event};
use crate::engine::columns::Columns;
use crate::engine::math::{clamp, max, min, pick};
use crate::engine::resolution::{Award, Claim, Rules};
use crate::engine::room::{CLOSE, Line, OPEN, REVIEW, Room, SETTLE, Unit, View, by_account, flow, line};
use crate::instruments::term_loan::level_payment;
use crate::issues::Issues;
use crate::language::quantity::{Inputs, Quantity};
use crate::units::Usd;
use crate::{posts, row};

row! {
    /// A tranche: amount, monthly rate, level payment at full delivery, guarantee.
    pub struct Tranche { amount: f64, rate: f64, level: f64, covers: f64, cap: f64 }
    /// Terms of the vehicle; money in USD, rates a month. `per` is a month's share of the deliveries, `first_year` and
    /// `later` are log changes of value a month, `end_value` is what all hardware fetches when its lease has ended.
    pub struct Spv {
        capex: f64, power: f64, start: f64, over: f64, per: f64, term: f64, rent: f64, site: f64,
        first_year: f64, later: f64, end_value: f64, discount: f64, annuity: f64, tranche: [Tranche; TRANCHES],
    }
    /// The vehicle's month.
    pub struct SpvState {
        /// Owed to each tranche; of the equity, what was paid in and not distributed.
        pub balance: [Usd; ACCOUNTS],
        /// Missed service of each tranche, due again next month.
        pub missed: [Usd; TRANCHES],
        /// Owed to each account when the vehicle ended.
        pub claim: [Usd; ACCOUNTS],
        /// Lost of it, in present value at the tranche's rate.
        pub loss: [Usd; ACCOUNTS],
        /// Paid by guarantors so far, refunds apart.
        pub called: [Usd; ACCOUNTS],
        /// Drawn on tranches this month.
        pub draw: Usd,
        /// Drawn on tranches and paid in as equity so far.
        pub drawn_total: Usd,
        /// Equity paid in this month.
        pub equity_in: Usd,
        /// Interest accrued on tranches this month.
        pub accrued: Usd,
        /// Paid to tranches this month.
        pub service: Usd,
        /// Written off this month.
        pub written_off: Usd,
        /// Distributed to the equity this month.
        pub distributed: Usd,
        /// Rent of the month.
        pub rent: Usd,
        /// Rent due, with arrears.
        pub rent_due: Usd,
        /// Rent paid.
        pub rent_paid: Usd,
        /// Rent in arrears.
        pub arrears: Usd,
        /// Arrears given up this month when the lab failed.
        pub given_up: Usd,
        /// Site cost of the month, due with arrears, and owed.
        pub site: Usd,
        /// Site cost due, with arrears.
        pub site_due: Usd,
        /// Site cost owed.
        pub site_owed: Usd,
        /// Due to tranches this month under leases that run, with what was missed before.
        pub service_due: Usd,
        /// Rent paid over service due, where any is due.
        pub dscr: f64,
        /// Present value of the rent to come.
        pub firm_rent: Usd,
        /// Share of the rent that a restructuring of the lab has left.
        pub kept: f64,
        /// 1 once the lease has ended by default, 2 once the vehicle has failed.
        pub ended: f64,
    }
}

impl Spv {
    /// Share of the deliveries made before month `t`.
    #[inline(always)]
    fn delivered(&self, t: f64) -> f64 {
        clamp(t - self.start, 0.0, self.over) * self.per
    }
    /// Share of the deliveries under lease in month `t`.
    #[inline(always)]
    fn leased(&self, t: f64) -> f64 {
        self.delivered(t) - self.delivered(t - self.term)
    }
}

impl Room for Spv {
    type Spec = SpvSpec;
    type State = SpvState;
    const PHASES: u8 = OPEN | SETTLE | CLOSE | REVIEW;
    const POSTS: Columns = posts![
        capacity_gw,
        sunk_gw,
        capacity_cost,
        ahead_gw,
        rent,
        running,
        lease_expense,
        vehicle_debt,
        off_balance,
        arrears,
        issued,
        paid_in,
    ];
    const EVENTS: u64 = event::CONTRACT_LOST | event::GUARANTEE_CALLED | event::ROOM_DEFAULT | event::SOLD;
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        by_account("balance", Unit::Usd),
        flow("draw", Unit::Usd),
        flow("rent", Unit::Usd),
        flow("rent_paid", Unit::Usd),
        line("arrears", Unit::Usd),
        flow("service", Unit::Usd),
        flow("distributed", Unit::Usd),
        line("dscr", Unit::Ratio).where_positive("service_due"),
        line("firm_rent", Unit::Usd),
        by_account("called", Unit::Usd),
        by_account("claim", Unit::Usd).at_end(),
        by_account("loss", Unit::Usd).at_end(),
    ];

    fn name(spec: &SpvSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }
    fn check(spec: &SpvSpec, issues: &mut Issues) {
        spec.check(issues);
    }
    fn accounts(spec: &SpvSpec) -> Vec<(String, usize)> {
        let tranches = spec.tranches.0.iter().enumerate().map(|(k, (n, _))| (n.as_str().to_string(), k));
        tranches.chain([("equity".to_string(), TRANCHES)]).collect()
    }
    fn terms(spec: &SpvSpec, inputs: &Inputs<'_>) -> Self {
        let term = spec.lease.term.0.round().max(1.0);
        let mut tranche = [Tranche::default(); TRANCHES];
        let (mut debt, mut rent) = (0.0, 0.0);
        for (slot, (_, t)) in tranche.iter_mut().zip(&spec.tranches.0) {
            let (amount, rate) = (t.amount.at(inputs), t.rate.at(inputs) / 12.0);
            let level = amount * level_payment(rate, term);
            let cap = t.guarantee.as_ref().map_or(0.0, |g| g.cap.as_ref().map_or(f64::MAX, |q| q.at(inputs)));
            let covers = t.guarantee.as_ref().map_or(0.0, |g| g.covers.at(inputs));
            *slot = Tranche { amount, rate, level, covers, cap };
            debt += amount;
            rent += level;
        }
        let capex = spec.capex.at(inputs);
        let log_change = |q: &Quantity| libm::log((1.0 + q.at(inputs)).max(1e-6)) / 12.0;
        let (first_year, later) = (log_change(&spec.value_first_year), log_change(&spec.value_later));
        let sells = spec.lease.at_end == AtEnd::Sell;
        let end_value =
            if sells { capex * libm::exp(first_year * term.min(12.0) + later * (term - 12.0).max(0.0)) } else { 0.0 };
        // What is sold at the end pays its present value of the equity: `E a − S (a − r)` for an annuity `a` at rate `r`.
        let yearly = spec.equity_return.at(inputs) / 12.0;
        let annuity = level_payment(yearly, term);
        rent += ((capex - debt).max(0.0) * annuity - end_value * (annuity - yearly)).max(0.0);
        let over = spec.deliveries.over.0.round().max(1.0);
        let discount = spec.discount.at(inputs) / 12.0;
        Spv {
            capex,
            power: spec.power.at(inputs),
            start: spec.deliveries.start.0,
            over,
            per: 1.0 / over,
            term,
            rent: spec.lease.rent.as_ref().map_or(rent, |q| q.at(inputs)),
            site: spec.site.at(inputs),
            first_year,
            later,
            end_value,
            discount,
            annuity: 1.0 / level_payment(discount, term),
            tranche,
        }
    }
    fn opening(&self) -> SpvState {
        SpvState { kept: 1.0, ..SpvState::default() }
    }

    #[inline(always)]
    fn open(&self, see: &View, own: &mut SpvState, books: &mut Books) {
        let going = own.ended == 0.0;
        let share = self.leased(see.t) * pick(going & (see.lab.alive > 0.0), 1.0, 0.0);
        let power = self.power * share;
        own.rent = Usd(self.rent * share * own.kept);
        own.site = Usd(self.site * power);
        books.lab.capacity_gw += power;
        books.lab.sunk_gw += power;
        books.lab.capacity_cost += own.rent + own.site;
        books.lab.ahead_gw += self.power * self.leased(see.ahead) * pick(going, 1.0, 0.0);
    }

    #[inline(always)]
    fn settle(&self, see: &View, own: &mut SpvState, books: &mut Books) {
        own.rent_due = own.rent + own.arrears * see.lab.alive;
        own.site_due = own.site + own.site_owed * see.lab.alive;
        books.lab.rent += own.rent_due;
        books.lab.running += own.site_due;
        books.lab.lease_expense += own.rent + own.site;
    }

    /// The vehicle's month: deliveries, rent to the tranches in order, what is left to the equity.
    #[inline(always)]
    fn close(&self, see: &View, own: &mut SpvState, books: &mut Books) {
        let zero = Usd::ZERO;
        own.rent_paid = own.rent_due * see.lab.paid[RENT];
        own.arrears = pick(see.lab.alive > 0.0, own.rent_due - own.rent_paid, own.arrears);
        let site = own.site_due * see.lab.paid[RUNNING];
        own.site_owed = pick(see.lab.alive > 0.0, own.site_due - site, own.site_owed);
        let going = own.ended == 0.0;
        let delivers = going & (see.t >= self.start) & (see.t < self.start + self.over);
        let part = pick(delivers, self.per, 0.0);
        let back = self.delivered(see.t - self.term + 1.0) - self.delivered(see.t - self.term);
        let sale = Usd(pick(going, self.end_value * back * see.market.resale, 0.0));
        let leased = self.leased(see.t);
        let (mut left, mut service, mut needed, mut debt) = (own.rent_paid + sale, zero, zero, zero);
        (own.draw, own.accrued, own.written_off, own.given_up) = (zero, zero, zero, zero);
        for k in 0..TRANCHES {
            let x = &self.tranche[k];
            let interest = own.balance[k] * x.rate;
            let owed = own.balance[k] + interest;
            // What was missed has borne interest since.
            let due = min(owed, Usd(x.level * leased) + own.missed[k] * (1.0 + x.rate));
            let paid = min(due, left);
            left -= paid;
            let draw = Usd(x.amount * part);
            own.missed[k] = due - paid;
            own.balance[k] = owed - paid + draw;
            own.draw += draw;
            own.accrued += interest;
            service += paid;
            needed += due;
            debt += own.balance[k];
            books.pay(k, paid - draw);
        }
        own.service = service;
        own.distributed = left;
        own.equity_in = Usd((self.capex * part) - own.draw.0);
        own.drawn_total += own.draw + own.equity_in;
        own.balance[TRANCHES] = max(zero, own.balance[TRANCHES] + own.equity_in - own.distributed);
        own.service_due = pick(leased > 0.0, needed, zero);
        own.dscr = pick(own.service_due > zero, own.rent_paid / max(needed, Usd(f64::MIN_POSITIVE)), 0.0);
        // Rent to come: last month's value, less what fell due, more what was delivered.
        let arrived = self.delivered(see.t + 1.0) - self.delivered(see.t);
        let rest =
            own.firm_rent * (1.0 + self.discount) - own.rent + Usd(self.rent * arrived * self.annuity * own.kept);
        own.firm_rent = pick(going & (see.lab.alive > 0.0), max(rest, zero), zero);
        // Nothing more comes, and lenders are still owed.
        let last = see.t >= self.start + self.over + self.term - 1.0;
        let fails = going & last & (debt > Usd(self.capex * 1e-9)) & (own.arrears <= zero);
        own.ended = pick(fails, 2.0, own.ended);
        books.event(fails, event::ROOM_DEFAULT);
        books.pay(TRANCHES, own.distributed - own.equity_in);
        books.third(Usd(self.capex * part) + site - sale);
    }

    #[inline(always)]
    fn review(&self, _: &View, own: &mut SpvState, books: &mut Books) {
        let mut debt = Usd::ZERO;
        for k in 0..TRANCHES {
            debt += own.balance[k];
        }
        books.lab.vehicle_debt += debt;
        books.lab.off_balance += own.firm_rent;
        books.lab.arrears += own.arrears + own.site_owed;
    }

    fn claim(&self, see: &View, own: &SpvState, rules: &Rules) -> Claim {
        self.claims(see, own, *rules)
    }
    fn resolve(&self, see: &View, own: &mut SpvState, award: &Award, books: &mut Books) {
        self.resolved(see, own, award, books);
    }
    /// What is owed to each tranche, and the equity's capital not yet returned; once the last lease is over that is gone.
    #[inline(always)]
    fn worth(&self, see: &View, own: &SpvState) -> [Usd; ACCOUNTS] {
        let mut out = own.balance;
        let over = see.t >= self.start + self.over + self.term - 1.0;
        out[TRANCHES] = pick(over, Usd::ZERO, out[TRANCHES]);
        out
    }

    fn audit(&self, was: &SpvState, now: &SpvState) -> Usd {
        let debt = |s: &SpvState| s.balance[..TRANCHES].iter().fold(Usd::ZERO, |a, &b| a + b);
        let owed = was.arrears + now.rent - now.rent_paid - now.given_up - now.arrears;
        let rolls = debt(was) + now.accrued + now.draw - now.service - now.written_off - debt(now);
        Usd(owed.0.abs() + rolls.0.abs())
    }
}
