//! A vehicle that buys chips, or builds a campus, and leases them to the lab.
//!
//! # What it is
//! The vehicle draws on its tranches and on equity as the hardware is delivered. The lab rents each delivery for the
//! term of the lease at a level rent that repays every tranche and gives the equity its return. A guarantor may cover
//! part of what a tranche loses. The vehicle is bankruptcy-remote: it goes on when the lab defaults.
//!
//! # Monthly cash flows
//! | flow | lab | tranches | equity | third parties |
//! | --- | --- | --- | --- | --- |
//! | delivery | | − | − | + (maker) |
//! | rent, with arrears | − | + in order | + what is left | |
//! | site, power and operation | − | | | + |
//! | on the lab's default: sale of the hardware | | + in order | + what is left | − (buyer) |
//! | on the lab's default: guarantee of what is still short | | + | | − (guarantor) |
//!
//! # In YAML
//! `- spv: {name: tpu_lease, capex: 35B USD, power: 1 GW, deliveries: {start: 2026-09, over: 12 mo}, lease: {term: 5 yr},
//! tranches: [{a: {amount: 30B USD, rate: 5.75%/yr, guarantee: {by: chip_partner, covers: 85%, cap: 29B USD}}}]}`
//!
//! # Conventions and limits
//! A delivery is paid for at the end of its month and rented from the next. Each delivery's lease lasts the whole term
//! and repays in full: no residual value, no renewal, no refinancing, no reserve account. Tranches are paid in the order
//! of the list; what one misses stays in its balance and falls due again. Hardware is sold in the month after the
//! lab's default at capex × what age leaves × the resale index. Guarantees are third parties'.
//!
//! # Sources
//! MODEL §7.7 and §10; `structured_deals.csv` of the data for the terms of the vehicle of June 2026.

use crate::engine::books::{ACCOUNTS, Books, RENT, RUNNING};
use crate::engine::columns::Columns;
use crate::engine::math::{exp, max, min, pick};
use crate::engine::room::{CLOSE, Line, OPEN, REVIEW, Room, SETTLE, Unit, View, by_account, line};
use crate::instruments::term_loan::level_payment;
use crate::issues::Issues;
use crate::language::prelude::{Keyed, Months, Name, When};
use crate::language::quantity::{Inputs, Quantity};
use crate::units::Usd;
use crate::{posts, row, spec};

/// Tranches, at most.
pub const TRANCHES: usize = ACCOUNTS - 1;

spec! {
    /// A vehicle that owns hardware and leases it to the lab.
    pub struct SpvSpec {
        /// Its name.
        pub name: Name,
        /// Cost of all deliveries.
        pub capex: Quantity [Money],
        /// Power of all deliveries.
        pub power: Quantity [Power],
        /// When the hardware comes.
        pub deliveries: DeliveriesSpec,
        /// The lease.
        pub lease: LeaseSpec,
        /// Debt, most senior first.
        pub tranches: Keyed<TrancheSpec>,
        /// Return that the rent gives to the equity.
        pub equity_return: Quantity [Rate] = "12%/yr",
        /// Site, power and operation, which the lab pays itself.
        pub site: Quantity [PowerPrice] = "0 USD/GW-yr",
        /// Change of the hardware's value in its first year.
        pub value_first_year: Quantity [Share any] = "-35%",
        /// Change of its value in each later year.
        pub value_later: Quantity [Share any] = "-25%",
        /// Rate at which firm rent is discounted.
        pub discount: Quantity [Rate] = "8%/yr",
    }
    /// When the hardware comes.
    pub struct DeliveriesSpec {
        /// Month of the first delivery.
        pub start: When,
        /// Months over which deliveries are spread evenly.
        pub over: Months = "1 mo",
    }
    /// The lease of each delivery.
    pub struct LeaseSpec {
        /// Who rents.
        pub tenant: Tenant = "lab",
        /// Months of rent for each delivery.
        pub term: Months,
        /// Rent at full delivery; by default what repays the tranches and gives the equity its return.
        pub rent: Option<Quantity> [MoneyRate],
    }
    /// A tranche of debt.
    pub struct TrancheSpec {
        /// Its amount at full delivery.
        pub amount: Quantity [Money],
        /// Its interest, fixed.
        pub rate: Quantity [Rate],
        /// What it gets when rent and hardware do not suffice.
        pub guarantee: Option<GuaranteeSpec>,
    }
    /// A guarantee of a tranche by a third party.
    pub struct GuaranteeSpec {
        /// Who guarantees.
        pub by: Name,
        /// Share of the shortfall that is covered.
        pub covers: Quantity [Share] = "100%",
        /// Most that is paid.
        pub cap: Option<Quantity> [Money],
    }
}

crate::choice! {
    /// Who rents.
    pub enum Tenant {
        /// The lab.
        Lab = "lab",
    }
}

row! {
    /// A tranche: amount, monthly rate, level payment at full delivery, guarantee.
    pub struct Tranche { amount: f64, rate: f64, level: f64, covers: f64, cap: f64 }
    /// Terms of the vehicle; money in USD, rates a month.
    pub struct Spv {
        capex: f64, power: f64, start: f64, over: f64, term: f64, rent: f64, equity: f64, site: f64,
        first_year: f64, later: f64, discount: f64, annuity: f64, tranche: [Tranche; TRANCHES],
    }
    /// The vehicle's month.
    pub struct SpvState {
        /// Owed to each tranche.
        pub balance: [Usd; ACCOUNTS],
        /// Service due to each tranche this month.
        pub due: [Usd; ACCOUNTS],
        /// Missed service of each tranche, due again next month.
        pub missed: [Usd; ACCOUNTS],
        /// Lost by each tranche so far, and by the equity.
        pub loss: [Usd; ACCOUNTS],
        /// Paid by guarantors so far.
        pub called: [Usd; ACCOUNTS],
        /// Drawn on tranches this month.
        pub draw: Usd,
        /// Drawn on tranches and paid in as equity so far.
        pub drawn_total: Usd,
        /// Equity paid in this month.
        pub equity_in: Usd,
        /// Interest accrued on tranches this month.
        pub accrued: Usd,
        /// Paid to tranches this month: rent, sale and guarantee.
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
        /// Site cost of the month, due with arrears, and owed.
        pub site: Usd,
        /// Site cost due, with arrears.
        pub site_due: Usd,
        /// Site cost owed.
        pub site_owed: Usd,
        /// Rent over service, 0 when none is due.
        pub dscr: f64,
        /// Present value of the rent to come.
        pub firm_rent: Usd,
        /// 1 once the lease has ended by default.
        pub ended: f64,
        /// Equity paid in less distributions, at least 0.
        pub equity: Usd,
    }
}

impl Spv {
    /// Share of the deliveries made before month `t`.
    #[inline(always)]
    fn delivered(&self, t: f64) -> f64 {
        max(0.0, min(t - self.start, self.over)) / self.over
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
    ];
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        by_account("balance", Unit::Usd),
        line("draw", Unit::Usd),
        line("rent", Unit::Usd),
        line("rent_paid", Unit::Usd),
        line("arrears", Unit::Usd),
        line("service", Unit::Usd),
        line("distributed", Unit::Usd),
        line("dscr", Unit::Ratio).where_positive("dscr"),
        line("firm_rent", Unit::Usd),
        by_account("called", Unit::Usd),
        by_account("loss", Unit::Usd),
    ];

    fn name(spec: &SpvSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }

    fn check(spec: &SpvSpec, issues: &mut Issues) {
        let n = spec.tranches.0.len();
        let place = Some(spec.capex.place());
        if n == 0 || n > TRANCHES {
            issues.error(
                "too-many",
                place,
                format!("`tranches` has {n} entries"),
                format!("the engine holds 1 to {TRANCHES}"),
            );
        }
        if spec.deliveries.start.0 < 1.0 {
            issues.error(
                "date-outside",
                place,
                "deliveries begin before the first month",
                "only deliveries during the simulation are modelled",
            );
        }
        let debt: Option<f64> = spec.tranches.0.iter().map(|(_, t)| t.amount.known()).sum();
        if let (Some(debt), Some(capex)) = (debt, spec.capex.known())
            && debt > capex * (1.0 + 1e-9)
        {
            issues.error(
                "tranches-sum",
                place,
                format!("tranches sum to {:.3}B USD, more than the capex of {:.3}B USD", debt / 1e9, capex / 1e9),
                "the rest is equity, which cannot be negative",
            );
        }
        if (spec.lease.term.0.round() as usize) == 0 || (spec.deliveries.over.0.round() as usize) == 0 {
            issues.error(
                "out-of-range",
                place,
                "a lease and its deliveries take at least one month",
                "write `5 yr`, `12 mo`",
            );
        }
        for (_, tranche) in &spec.tranches.0 {
            if tranche.guarantee.as_ref().is_some_and(|g| g.by.as_str() == "lab") {
                issues.error(
                    "unsupported",
                    Some(tranche.amount.place()),
                    "a guarantee by the lab pays nothing here: it is called when the lab has defaulted",
                    "name a third party, or leave the guarantee out",
                );
            }
        }
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
        let equity = (capex - debt).max(0.0);
        rent += equity * level_payment(spec.equity_return.at(inputs) / 12.0, term);
        let discount = spec.discount.at(inputs) / 12.0;
        let log_change = |q: &Quantity| libm::log((1.0 + q.at(inputs)).max(1e-6)) / 12.0;
        Spv {
            capex,
            power: spec.power.at(inputs),
            start: spec.deliveries.start.0,
            over: spec.deliveries.over.0.round().max(1.0),
            term,
            rent: spec.lease.rent.as_ref().map_or(rent, |q| q.at(inputs)),
            equity,
            site: spec.site.at(inputs),
            first_year: log_change(&spec.value_first_year),
            later: log_change(&spec.value_later),
            discount,
            annuity: 1.0 / level_payment(discount, term),
            tranche,
        }
    }

    #[inline(always)]
    fn open(&self, see: &View, own: &mut SpvState, books: &mut Books) {
        let share = self.leased(see.t) * pick((own.ended == 0.0) & (see.lab.alive > 0.0), 1.0, 0.0);
        let power = self.power * share;
        books.lab.capacity_gw += power;
        books.lab.sunk_gw += power;
        books.lab.capacity_cost += Usd(self.rent * share + self.site * power);
        books.lab.ahead_gw += self.power * self.leased(see.ahead) * pick(own.ended == 0.0, 1.0, 0.0);
        own.rent = Usd(self.rent * share);
        own.site = Usd(self.site * power);
    }

    #[inline(always)]
    fn settle(&self, see: &View, own: &mut SpvState, books: &mut Books) {
        own.rent_due = own.rent + own.arrears * see.lab.alive;
        own.site_due = own.site + own.site_owed * see.lab.alive;
        books.lab.rent += own.rent_due;
        books.lab.running += own.site_due;
        books.lab.lease_expense += own.rent + own.site;
    }

    /// The vehicle's month: deliveries, rent to the tranches in order, what is left to the equity; on the lab's default
    /// the hardware is sold and the guarantees are called.
    #[inline(always)]
    fn close(&self, see: &View, own: &mut SpvState, books: &mut Books) {
        let zero = Usd::ZERO;
        own.rent_paid = own.rent_due * see.lab.paid[RENT];
        own.arrears = pick(see.lab.alive > 0.0, own.rent_due - own.rent_paid, own.arrears);
        let site = own.site_due * see.lab.paid[RUNNING];
        own.site_owed = pick(see.lab.alive > 0.0, own.site_due - site, own.site_owed);
        // The lab's default ends the lease: the hardware goes for what age and market leave.
        let ending = (see.lab.alive == 0.0) & (own.ended == 0.0);
        own.ended = pick(ending, 1.0, own.ended);
        let going = own.ended == 0.0;
        let age = max(0.0, see.t - self.start - 0.5 * self.over);
        let worn = exp(self.first_year * min(age, 12.0) + self.later * max(0.0, age - 12.0));
        let sale = pick(ending, Usd(self.capex * self.leased(see.t) * worn * see.market.resale), zero);
        let mut left = own.rent_paid + sale;
        let delivers = going & (see.t >= self.start) & (see.t < self.start + self.over);
        let part = pick(delivers, 1.0 / self.over, 0.0);
        let leased = self.leased(see.t);
        let (mut service, mut guaranteed, mut needed) = (zero, zero, zero);
        (own.draw, own.accrued, own.written_off) = (zero, zero, zero);
        for k in 0..TRANCHES {
            let x = &self.tranche[k];
            let interest = own.balance[k] * x.rate;
            let owed = own.balance[k] + interest;
            let due = min(owed, Usd(x.level * leased) + own.missed[k]);
            let due = pick(going, due, owed);
            let paid = min(due, left);
            left -= paid;
            let short = due - paid;
            let called = pick(going, zero, max(zero, min(short * x.covers, Usd(x.cap) - own.called[k])));
            let lost = pick(going, zero, short - called);
            let draw = Usd(x.amount * part);
            own.due[k] = due;
            own.missed[k] = pick(going, short, zero);
            own.called[k] += called;
            own.loss[k] += lost;
            own.balance[k] = owed - paid - called - lost + draw;
            own.draw += draw;
            own.accrued += interest;
            own.written_off += lost;
            guaranteed += called;
            service += paid + called;
            needed += due;
            books.pay(k, paid + called - draw);
        }
        own.service = service;
        own.distributed = left;
        own.equity_in = Usd((self.capex * part) - own.draw.0);
        own.drawn_total += own.draw + own.equity_in;
        own.equity = max(zero, own.equity + own.equity_in - own.distributed);
        own.loss[TRANCHES] += pick(ending, own.equity, zero);
        own.equity = pick(going, own.equity, zero);
        own.dscr = pick(needed > zero, own.rent_paid / max(needed, Usd(f64::MIN_POSITIVE)), 0.0);
        books.pay(TRANCHES, own.distributed - own.equity_in);
        books.third(Usd(self.capex * part) + site - sale - guaranteed);
    }

    #[inline(always)]
    fn review(&self, see: &View, own: &mut SpvState, books: &mut Books) {
        let going = (own.ended == 0.0) & (see.lab.alive > 0.0);
        let arrived = self.delivered(see.t + 1.0) - self.delivered(see.t);
        let rest = own.firm_rent * (1.0 + self.discount) - own.rent + Usd(self.rent * arrived * self.annuity);
        own.firm_rent = pick(going, max(rest, Usd::ZERO), Usd::ZERO);
        let mut debt = Usd::ZERO;
        for k in 0..TRANCHES {
            debt += own.balance[k];
        }
        books.lab.vehicle_debt += debt;
        books.lab.off_balance += own.firm_rent;
        books.lab.arrears += own.arrears + own.site_owed;
    }

    /// What is owed to each tranche, and the equity's capital not yet returned.
    #[inline(always)]
    fn worth(&self, _: &View, own: &SpvState) -> [Usd; ACCOUNTS] {
        let mut out = own.balance;
        out[TRANCHES] = own.equity;
        out
    }

    fn audit(&self, was: &SpvState, now: &SpvState) -> Usd {
        let debt = |s: &SpvState| s.balance[..TRANCHES].iter().fold(Usd::ZERO, |a, &b| a + b);
        debt(was) + now.accrued + now.draw - now.service - now.written_off - debt(now)
    }
}
