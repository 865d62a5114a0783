//! A vehicle that buys chips and leases them to the lab.
//!
//! # What it is
//! The vehicle draws on its tranches and equity as the hardware is delivered. The lab rents each delivery for the lease
//! term at a level rent that repays every tranche and earns the equity its return. A guarantor may cover part of a
//! tranche's shortfall. The vehicle is bankruptcy-remote: it continues when the lab defaults. Use `campus` for a
//! vehicle that builds, has reserves, or leases for less than the life of its asset.
//!
//! # Monthly cash flows
//! | flow | lab | tranches | equity | third parties |
//! | --- | --- | --- | --- | --- |
//! | delivery | | − | − | + (maker) |
//! | rent, with arrears | − | + in order | + remainder | |
//! | site, power and operation | − | | | + |
//! | lease end of a delivery, under `at_end: sell`: sale | | + in order | + remainder | − (buyer) |
//! | lease end, under `at_end: sell`: shortfall of the sale against the guaranteed value | − if guarantor | + in order | + remainder | − (guarantor) |
//! | end of the lab: sale of the hardware | | + in order | + remainder | − (buyer) |
//! | end of the lab: guarantee of the remaining shortfall | | + | | − (guarantor) |
//! | end of the lab: claim for rent, out of the estate | | + in order | + remainder | − (estate), + (guarantor) |
//!
//! # In YAML
//! `- spv: {name: tpu_lease, capex: 35B USD, power: 1 GW, deliveries: {start: 2026-09, over: 12 mo}, lease: {term: 5 yr},
//! tranches: [{a: {amount: 30B USD, rate: 5.75%/yr, guarantee: {by: chip_partner, covers: 85%, cap: 29B USD}}}]}`
//!
//! `- spv: {name: racks, capex: 10B USD, power: 0.3 GW, deliveries: {start: 2026-09}, lease: {term: 36 mo, at_end: sell,
//! guarantee: {by: lab, value: 3B USD}}, tranches: [{a: {amount: 8B USD, rate: 7%/yr, balloon: 3B USD}}]}`
//!
//! # Conventions and limits
//! A delivery is paid for at the end of its month and rented from the next. Each delivery's lease runs the full term
//! and repays in full: no renewal, no refinancing, no reserve account. With `world.capital.credit` the tranches of a
//! delivery take what is left of the supply; what lenders refuse is paid in as equity, at the same rent, and a tranche of which a part was refused is repaid sooner. What the flow of new credit
//! adds to the coupons (the mean by draws) is added to the rent, also to a stated one, but not to damages or firm rent. Tranches are paid in the order of the list; a
//! missed payment stays in the balance and falls due again with interest. Under `at_end: sell` the rent, together with
//! the sale, earns the equity its return; the sale is assumed at the age-adjusted value with a resale index of 1, or at
//! the guaranteed value if higher, less the balloons. A balloon falls due in parts, as the leases end. The guarantor of
//! a lease pays the shortfall of a month's sale against its part of the guaranteed value; if the guarantor is the lab,
//! it pays in that month, in the rank of guarantees, and unpaid amounts stay owed. Hardware is valued at cost × its age
//! factor × the resale index relative to that of its delivery. When the lab is acquired or liquidated its lease is
//! rejected: hardware under lease is sold in that month. The vehicle has an unsecured claim for arrears, the shortfall
//! against the value that the lab guarantees, and future rent, up to the months of damages under the lab's rules.
//! Recoveries from the estate arrive with its delay: they are booked at once and discounted in losses. A restructuring
//! cuts arrears and future rent by the haircut; the vehicle sells the shares it receives at once and pays down its
//! tranches. A vehicle that still has debt when its last lease has ended and nobody is in arrears fails and sells its
//! hardware. Guarantees of tranches are given by third parties. The equity has a single holder.
//!
//! *Mark.* If the run ends first, the equity is marked at the present value of future rent less scheduled service, and
//! of sales, for what was delivered, at the return implied by its terms: `equity_return`, or if `rent` is stated, the
//! rate at which that rent repays it. A tranche is marked at its balance less the amount that rent, arrears, hardware
//! and its guarantee are not expected to pay.
//!
//! # Sources
//! [The model](../model.md); for terms, [a report on the vehicle of June
//! 2026](https://tensorfeed.ai/originals/broadcom-xpv-70b-residual-value-guarantee).

mod ending;
mod mark;
mod spec;

pub use crate::instruments::recovery::TRANCHES;
pub use spec::{AtEnd, DeliveriesSpec, GuaranteeSpec, LeaseSpec, ResidualSpec, SpvSpec, Tenant, TrancheSpec};

use crate::engine::books::{ACCOUNTS, Books, GUARANTEES, RENT, RUNNING, event};
use crate::engine::columns::Columns;
use crate::engine::instrument::{
    CLOSE, Instrument, LAGS, Line, OPEN, REVIEW, SETTLE, Unit, View, by_account, flow, line,
};
use crate::engine::math::{clamp, max, min, select};
use crate::engine::resolution::{Award, Claim, Rules};
use crate::instruments::declared::{Declared, Facts, Provider};
use crate::instruments::hardware::{Decline, Vintages, YEAR, at_one};
use crate::instruments::mark::own_rate;
use crate::instruments::term_loan::level_payment;
use crate::instruments::waterfall::monthly;
use crate::instruments::{cover, credit};
use crate::issues::Issues;
use crate::language::quantity::Inputs;
use crate::language::rules::KeyRules;
use crate::units::Usd;
use crate::{posts, row};

row! {
    /// A tranche: amount, monthly rate, level payment at full delivery, balloon, guarantee.
    pub struct Tranche { amount: f64, rate: f64, level: f64, balloon: f64, covers: f64, cap: f64 }
    /// Terms of the vehicle; money in USD, monthly rates. `per` is a month's share of the deliveries. `sells` is 1 if
    /// hardware is sold at lease end, `at_end` its value then as a share of cost, and `ends` the assumed proceeds of
    /// all hardware, at least the guaranteed value `guaranteed`. `last` is the value of all hardware when the last
    /// lease ends, 0 if it is sold. `own` is the return of the equity.
    pub struct Spv {
        capex: f64, power: f64, start: f64, over: f64, per: f64, term: f64, rent: f64, site: f64,
        decline: Decline, sells: f64, at_end: f64, guaranteed: f64, by_lab: f64, ends: f64, last: f64, own: f64,
        discount: f64, annuity: f64, tranche: [Tranche; TRANCHES],
    }
    /// State of the vehicle in a month. The first field is recorded in the history: hardware ages and its lease ends.
    pub struct SpvState {
        /// Cost of this month's deliveries, at a resale index of 1.
        pub arrived_at_one: Usd,
        /// Value of the hardware under lease, at a resale index of 1.
        pub vintages: Vintages,
        /// The same for unsold hardware whose lease has ended.
        pub retired: Vintages,
        /// Value at lease end of the hardware under lease, at a resale index of 1.
        pub at_end: Usd,
        /// Proceeds of hardware sold this month at lease end.
        pub sale: Usd,
        /// Shortfall of those proceeds against the guaranteed value.
        pub shortfall: Usd,
        /// Due under the lab's guarantee of the lease, including missed payments.
        pub guarantee_due: Usd,
        /// Guarantee payments in arrears.
        pub guarantee_owed: Usd,
        /// Paid under the lease guarantee this month, whoever the guarantor is.
        pub guaranteed: Usd,
        /// Outstanding balance of each tranche; for the equity, paid in less distributed.
        pub balance: [Usd; ACCOUNTS],
        /// Missed service of each tranche, due again next month.
        pub missed: [Usd; TRANCHES],
        /// Claim of each account when the vehicle ended.
        pub claim: [Usd; ACCOUNTS],
        /// Loss on the claim, in present value at the tranche's rate.
        pub loss: [Usd; ACCOUNTS],
        /// Paid by guarantors so far, excluding refunds.
        pub called: [Usd; ACCOUNTS],
        /// Drawn on tranches this month.
        pub draw: Usd,
        /// Drawn on tranches and paid in as equity so far.
        pub drawn_total: Usd,
        /// Drawn on tranches so far.
        pub lent: Usd,
        /// What the flow of new credit adds to the rate of each tranche, mean by draws; monthly.
        pub added_spread: [f64; TRANCHES],
        /// The rent's part that pays for it this month.
        pub surcharge: Usd,
        /// Refused this month for want of credit, and paid in as equity instead.
        pub refused: Usd,
        /// Equity paid in this month.
        pub equity_in: Usd,
        /// Interest accrued on tranches this month.
        pub accrued: Usd,
        /// Debt service paid on tranches this month.
        pub service: Usd,
        /// Written off this month.
        pub written_off: Usd,
        /// Distributed to the equity this month.
        pub distributed: Usd,
        /// Rent of the month.
        pub rent: Usd,
        /// Rent due, with arrears.
        pub rent_due: Usd,
        /// Cash flow available for debt service (CFADS): rent paid.
        pub cfads: Usd,
        /// Rent in arrears.
        pub arrears: Usd,
        /// Arrears written off this month when the lab failed.
        pub given_up: Usd,
        /// Site cost of the month.
        pub site: Usd,
        /// Site cost due, including arrears.
        pub site_due: Usd,
        /// Site cost in arrears.
        pub site_owed: Usd,
        /// Interest and scheduled principal of the month under current leases.
        pub debt_service: Usd,
        /// DSCR: rent paid over debt service due, where any is due; 0 while it would be due from a vehicle that left
        /// its lenders unpaid.
        pub dscr: f64,
        /// 1 where the DSCR is defined.
        pub has_dscr: f64,
        /// Present value of the remaining rent.
        pub firm_rent: Usd,
        /// Share of the rent remaining after restructurings of the lab.
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
    /// All tranches.
    #[inline(always)]
    fn debt(&self) -> f64 {
        let mut debt = 0.0;
        for k in 0..TRANCHES {
            debt += self.tranche[k].amount;
        }
        debt
    }
    /// Share of the deliveries under lease in month `t`.
    #[inline(always)]
    fn leased(&self, t: f64) -> f64 {
        self.delivered(t) - self.delivered(t - self.term)
    }
    /// Share of the deliveries whose lease ends in month `t`.
    #[inline(always)]
    fn ending(&self, t: f64) -> f64 {
        self.delivered(t - self.term + 1.0) - self.delivered(t - self.term)
    }
    /// Most that the lab's guarantee can cost.
    #[inline(always)]
    fn guarantees(&self, see: &View, own: &SpvState) -> Usd {
        let stands = (own.ended == 0.0) & (self.by_lab > 0.0) & (see.lab.alive > 0.0);
        select(stands, self.promised(own, self.leased(see.t + 1.0)), Usd::ZERO)
    }
    /// Guaranteed value of a share of the deliveries; a restructuring of the lab cuts what the lab guarantees.
    #[inline(always)]
    fn promised(&self, own: &SpvState, share: f64) -> Usd {
        Usd(self.guaranteed * share * select(self.by_lab > 0.0, own.kept, 1.0))
    }
    /// Months left after month `t` until the last lease ends.
    #[inline(always)]
    fn months_left(&self, t: f64) -> f64 {
        max(self.start + self.over + self.term - 1.0 - t, 0.0)
    }
}

impl Instrument for Spv {
    type Spec = SpvSpec;
    type State = SpvState;
    const FIRM: bool = true;
    const PHASES: u8 = OPEN | SETTLE | CLOSE | REVIEW;
    const POSTS: Columns = posts![
        capacity_gw,
        sunk_gw,
        capacity_cost,
        ahead_gw,
        rent,
        running,
        guarantees,
        lease_expense,
        other_income,
        vehicle_debt,
        off_balance,
        guarantee,
        guarantee_now,
        arrears,
        issued,
        paid_in,
        credit_asked,
        credit_drawn,
    ];
    const REMEMBERED: usize = 1;
    const EVENTS: u64 = event::CONTRACT_LOST | event::GUARANTEE_CALLED | event::INSTRUMENT_DEFAULT | event::SOLD;
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        by_account("balance", Unit::Usd),
        flow("draw", Unit::Usd).seldom(),
        flow("rent", Unit::Usd),
        line("arrears", Unit::Usd).seldom(),
        flow("service", Unit::Usd).seldom(),
        flow("distributed", Unit::Usd).seldom(),
        flow("sale", Unit::Usd).seldom(),
        flow("guaranteed", Unit::Usd).seldom(),
        flow("cfads", Unit::Usd).seldom(),
        flow("debt_service", Unit::Usd).seldom(),
        line("dscr", Unit::Ratio).where_positive("has_dscr"),
        line("firm_rent", Unit::Usd).seldom(),
        by_account("called", Unit::Usd),
        by_account("claim", Unit::Usd).at_end(),
        by_account("loss", Unit::Usd).at_end(),
    ];

    fn name(spec: &SpvSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }
    fn lags(spec: &SpvSpec) -> [usize; LAGS] {
        [12, spec.lease.term.0.round().max(1.0) as usize, 0]
    }
    fn accounts(spec: &SpvSpec) -> Vec<(String, usize)> {
        let tranches = spec.tranches.0.iter().enumerate().map(|(k, (n, _))| (n.as_str().to_string(), k));
        tranches.chain([("equity".to_string(), TRANCHES)]).collect()
    }
    fn terms(spec: &SpvSpec, inputs: &Inputs<'_>) -> Self {
        terms(spec, inputs)
    }
    fn opening(&self) -> SpvState {
        SpvState { kept: 1.0, ..SpvState::default() }
    }

    #[inline(always)]
    fn open(&self, see: &View, own: &mut SpvState, books: &mut Books) {
        let going = own.ended == 0.0;
        let share = self.leased(see.t) * select(going & (see.lab.alive > 0.0), 1.0, 0.0);
        let power = self.power * share;
        own.surcharge = Usd::ZERO;
        for k in 0..TRANCHES {
            own.surcharge += own.balance[k] * own.added_spread[k];
        }
        own.surcharge = select(share > 0.0, own.surcharge * own.kept, Usd::ZERO);
        own.rent = Usd(self.rent * share * own.kept) + own.surcharge;
        own.site = Usd(self.site * power);
        books.lab.capacity_gw += power;
        books.lab.sunk_gw += power;
        books.lab.capacity_cost += own.rent + own.site;
        books.lab.ahead_gw += self.power * self.leased(see.ahead) * select(going, 1.0, 0.0);
    }

    #[inline(always)]
    fn settle(&self, see: &View, own: &mut SpvState, books: &mut Books) {
        own.rent_due = own.rent + own.arrears * see.lab.alive;
        own.site_due = own.site + own.site_owed * see.lab.alive;
        books.lab.rent += own.rent_due;
        books.lab.running += own.site_due;
        books.lab.lease_expense += own.rent + own.site;
        // Leases that end: sale proceeds, and their shortfall against the guaranteed value.
        let sells = (self.sells > 0.0) & (own.ended == 0.0);
        own.sale = select(sells, Usd(see.past[1][0]) * (self.at_end * see.market.resale), Usd::ZERO);
        let promised = select(sells, self.promised(own, self.ending(see.t)), Usd::ZERO);
        own.shortfall = max(promised - own.sale, Usd::ZERO);
        let called = own.shortfall * (self.by_lab * see.lab.alive);
        own.guarantee_due = called + own.guarantee_owed * see.lab.alive;
        books.lab.guarantees += own.guarantee_due;
        books.lab.other_income -= called;
        books.event(own.shortfall > Usd(self.guaranteed * 1e-9), event::GUARANTEE_CALLED);
    }

    /// The vehicle's month: deliveries, rent to the tranches in order, the remainder to the equity.
    #[inline(always)]
    fn close(&self, see: &View, own: &mut SpvState, books: &mut Books) {
        let zero = Usd::ZERO;
        own.cfads = own.rent_due * see.lab.paid[RENT];
        own.arrears = select(see.lab.alive > 0.0, own.rent_due - own.cfads, own.arrears);
        let site = own.site_due * see.lab.paid[RUNNING];
        own.site_owed = select(see.lab.alive > 0.0, own.site_due - site, own.site_owed);
        let going = own.ended == 0.0;
        let delivers = going & (see.t >= self.start) & (see.t < self.start + self.over);
        let part = select(delivers, self.per, 0.0);
        self.ages(see, own, part);
        let by_lab = own.guarantee_due * see.lab.paid[GUARANTEES];
        own.guarantee_owed = select(see.lab.alive > 0.0, own.guarantee_due - by_lab, own.guarantee_owed);
        let by_third = own.shortfall * (1.0 - self.by_lab);
        own.guaranteed = by_lab + by_third;
        let sale = own.sale;
        let leased = self.leased(see.t);
        let back = self.ending(see.t);
        let (mut left, mut service, mut scheduled) = (own.cfads + sale + own.guaranteed, zero, zero);
        let (mut debt, mut lost) = (zero, zero);
        // What lenders refuse is paid in as equity.
        let asked = Usd(self.debt() * part);
        let lent = credit::drawn(see, true, asked, books);
        own.refused = asked - lent;
        let fill = select(lent < asked, lent / max(asked, Usd(f64::MIN_POSITIVE)), 1.0);
        (own.draw, own.accrued, own.written_off, own.given_up) = (zero, zero, zero, zero);
        for k in 0..TRANCHES {
            let x = &self.tranche[k];
            let interest = own.balance[k] * (x.rate + own.added_spread[k]);
            let owed = own.balance[k] + interest;
            // Missed service has borne interest since.
            let planned = Usd(x.level * leased) + own.missed[k] * x.rate + own.balance[k] * own.added_spread[k];
            let due = min(owed, planned + own.missed[k] + Usd(x.balloon * back));
            let paid = min(due, left);
            left -= paid;
            let draw = Usd(x.amount * part) * fill;
            own.added_spread[k] = credit::mean(own.added_spread[k], own.lent, credit::added_spread(see, x.rate), lent);
            own.missed[k] = due - paid;
            own.balance[k] = owed - paid + draw;
            own.draw += draw;
            own.accrued += interest;
            service += paid;
            scheduled += min(owed, planned);
            debt += own.balance[k];
            lost += own.loss[k];
            books.pay(k, paid - draw);
        }
        own.lent += own.draw;
        own.service = service;
        own.distributed = left;
        own.equity_in = Usd((self.capex * part) - own.draw.0);
        own.drawn_total += own.draw + own.equity_in;
        own.balance[TRANCHES] = max(zero, own.balance[TRANCHES] + own.equity_in - own.distributed);
        own.debt_service = select(leased > 0.0, scheduled, zero);
        let unpaid = (own.ended > 0.0) & (lost > Usd(self.capex * 1e-9)) & (leased > 0.0);
        (own.dscr, own.has_dscr) = cover::dscr(own.cfads, own.debt_service, unpaid);
        // Present value of future rent: last month's with interest, less rent due, plus that of new deliveries.
        let arrived = self.delivered(see.t + 1.0) - self.delivered(see.t);
        let rest = own.firm_rent * (1.0 + self.discount) - (own.rent - own.surcharge)
            + Usd(self.rent * arrived * self.annuity * own.kept);
        own.firm_rent = select(going & (see.lab.alive > 0.0), max(rest, zero), zero);
        // The vehicle fails: no further receipts are expected, and lenders are still owed.
        let last = see.t >= self.start + self.over + self.term - 1.0;
        let waits = own.arrears + own.guarantee_owed > zero;
        let fails = going & last & (debt > Usd(self.capex * 1e-9)) & !waits;
        own.ended = select(fails, 2.0, own.ended);
        books.event(fails, event::INSTRUMENT_DEFAULT);
        books.pay(TRANCHES, own.distributed - own.equity_in);
        books.third(Usd(self.capex * part) + site - sale - by_third);
    }

    #[inline(always)]
    fn review(&self, see: &View, own: &mut SpvState, books: &mut Books) {
        let mut debt = Usd::ZERO;
        for k in 0..TRANCHES {
            debt += own.balance[k];
        }
        books.lab.vehicle_debt += debt;
        books.lab.off_balance += own.firm_rent;
        books.lab.arrears += own.arrears + own.site_owed + own.guarantee_owed;
        // The lab's guarantee: at most the whole guaranteed value; now, the shortfall of the hardware at the current
        // index.
        let most = self.guarantees(see, own);
        books.lab.guarantee += most;
        books.lab.guarantee_now += max(most - own.at_end * see.market.resale, Usd::ZERO);
    }
    #[inline(always)]
    fn firm_in(&self, see: &View, own: &SpvState, month: f64) -> Usd {
        let on = (own.ended == 0.0) & (see.lab.alive > 0.0);
        let later = self.leased(month);
        let more = own.surcharge * (later / max(self.leased(see.t), self.per));
        select(on, Usd(self.rent * later * own.kept) + more, Usd::ZERO)
    }
    #[inline(always)]
    fn firm_guarantee(&self, see: &View, own: &SpvState) -> Usd {
        let most = self.guarantees(see, own);
        max(most - own.at_end * see.market.resale, Usd::ZERO)
    }

    fn claim(&self, see: &View, own: &SpvState, rules: &Rules) -> Claim {
        self.claims(see, own, *rules)
    }
    fn resolve(&self, see: &View, own: &mut SpvState, award: &Award, books: &mut Books) {
        self.resolved(see, own, award, books);
    }
    #[inline(always)]
    fn worth(&self, see: &View, own: &SpvState) -> [Usd; ACCOUNTS] {
        self.marks(see, own)
    }

    fn audit(&self, was: &SpvState, now: &SpvState) -> Usd {
        let debt = |s: &SpvState| s.balance[..TRANCHES].iter().fold(Usd::ZERO, |a, &b| a + b);
        let owed = was.arrears + now.rent - now.cfads - now.given_up - now.arrears;
        let rolls = debt(was) + now.accrued + now.draw - now.service - now.written_off - debt(now);
        let guarantee = was.guarantee_owed + now.shortfall - now.guaranteed - now.guarantee_owed;
        let guarantee = if now.ended == was.ended && now.kept == was.kept { guarantee } else { Usd::ZERO };
        Usd(owed.0.abs() + rolls.0.abs() + guarantee.0.abs())
    }
}
impl Declared for Spv {
    const FACTS: Facts = Facts::of(Provider::Vehicle).vehicle().capital("drawn_total");

    fn check(spec: &SpvSpec, issues: &mut Issues) {
        spec.check(issues);
    }
    fn key_rules(spec: &SpvSpec, rules: &mut KeyRules<'_>) {
        spec.key_rules(rules);
    }
}

impl Spv {
    /// Ages the hardware by a month: deliveries of one lease term ago leave their lease, and a share `part` of all
    /// hardware is delivered.
    #[inline(always)]
    fn ages(&self, see: &View, own: &mut SpvState, part: f64) {
        let zero = Usd::ZERO;
        // Hardware whose lease is shorter than a year turns a year old after the lease has ended.
        let short = self.term < YEAR;
        let (year_old, expired) = (Usd(see.past[0][0]), Usd(see.past[1][0]));
        own.vintages.age(&self.decline, select(short, zero, year_old));
        own.retired.age(&self.decline, select(short & (self.sells == 0.0), year_old, zero));
        let worn = expired * self.at_end;
        own.vintages.remove_young(select(short, worn, zero));
        own.vintages.remove(select(short, zero, worn));
        let kept = select(self.sells > 0.0, zero, worn);
        own.retired.young += select(short, kept, zero);
        own.retired.old += select(short, zero, kept);
        own.arrived_at_one = at_one(Usd(self.capex * part), see.market.resale);
        own.vintages.add(own.arrived_at_one);
        own.at_end = max(own.at_end + (own.arrived_at_one - expired) * self.at_end, zero);
    }
}

/// Terms on the path of these inputs.
fn terms(spec: &SpvSpec, inputs: &Inputs<'_>) -> Spv {
    let flag = |yes: bool| f64::from(u8::from(yes));
    let term = spec.lease.term.0.round().max(1.0);
    let mut tranche = [Tranche::default(); TRANCHES];
    let (mut debt, mut service, mut balloons) = (0.0, 0.0, 0.0);
    // On a draw too rare to be sampled in validation, the tranches may exceed the cost; all are then scaled down pro
    // rata.
    let capex = spec.capex.at(inputs);
    let asked: f64 = spec.tranches.0.iter().map(|(_, t)| t.amount.at(inputs)).sum();
    let granted = if asked > capex { capex / asked } else { 1.0 };
    for (slot, (_, t)) in tranche.iter_mut().zip(&spec.tranches.0) {
        let (amount, rate) = (t.amount.at(inputs) * granted, t.rate.at(inputs) / 12.0);
        let balloon = t.balloon.at(inputs).min(amount);
        let level = (amount - balloon * libm::exp(-term * libm::log1p(rate))) * level_payment(rate, term);
        let cap = t.guarantee.as_ref().map_or(0.0, |g| g.cap.as_ref().map_or(f64::MAX, |q| q.at(inputs)));
        let covers = t.guarantee.as_ref().map_or(0.0, |g| g.covers.at(inputs));
        *slot = Tranche { amount, rate, level, balloon, covers, cap };
        debt += amount;
        service += level;
        balloons += balloon;
    }
    let decline = Decline::of(&spec.value, inputs);
    let at_end = decline.left(term);
    let sells = spec.lease.at_end == AtEnd::Sell;
    let residual = spec.lease.guarantee.as_ref().filter(|_| sells);
    let guaranteed = residual.map_or(0.0, |g| g.value.at(inputs));
    let ends = if sells { (capex * at_end).max(guaranteed) } else { 0.0 };
    // The sale at lease end repays its present value of the equity: `E a − S (a − r)` for an annuity `a` at rate `r`.
    let (equity, sale) = ((capex - debt).max(0.0), (ends - balloons).max(0.0));
    let returns = monthly(spec.equity_return.at(inputs));
    let annuity = level_payment(returns, term);
    let for_equity = equity * annuity - sale * (annuity - returns);
    let by_return = service + for_equity.max(0.0);
    let rent = spec.lease.rent.as_ref().map(|q| q.at(inputs));
    let later = |rate: f64| libm::exp(-term * libm::log1p(rate));
    let planned = |rate: f64| (rent.unwrap_or(by_return) - service) / level_payment(rate, term) + sale * later(rate);
    // If the sale alone earns more than the return, or the rent is stated, the plan implies a rate of its own.
    let by_plan = (rent.is_some() || for_equity < 0.0) && equity > 0.0;
    let own = if by_plan { own_rate(equity, planned) } else { returns.max(0.0) };
    let over = spec.deliveries.over.0.round().max(1.0);
    let discount = spec.discount_rate.at(inputs) / 12.0;
    let last = (0..over as usize).fold(0.0, |sum, k| sum + decline.left(term + k as f64));
    Spv {
        capex,
        power: spec.power.at(inputs),
        start: spec.deliveries.start.0,
        over,
        per: 1.0 / over,
        term,
        rent: rent.unwrap_or(by_return),
        site: spec.opex.at(inputs),
        decline,
        sells: flag(sells),
        at_end,
        guaranteed,
        by_lab: flag(residual.is_some_and(|g| g.by.as_str() == "lab")),
        ends,
        last: if sells { 0.0 } else { capex * last / over },
        own,
        discount,
        annuity: 1.0 / level_payment(discount, term),
        tranche,
    }
}
