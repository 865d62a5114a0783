//! A vehicle that builds a campus on borrowed money and lives on its rent: project finance.
//!
//! # What it is
//! Debt and equity pay for construction, with the interest and fees of construction themselves. Then the lab, or a third
//! party, rents the campus for a term that may be shorter than the debt's, and may renew. The rent runs down a waterfall:
//! service, reserves, tranches below, equity. Cover decides whether anything is distributed, and whether a missed payment is a
//! default. When the tenant goes, a guarantor may pay what a sale would leave of the debt, and the campus is let again or
//! sold. What is left of the debt at maturity must find a new lender.
//!
//! # Monthly cash flows
//! | flow | lab | senior and junior debt | equity | third parties |
//! | --- | --- | --- | --- | --- |
//! | construction, its interest and fees; reserve to the vehicle | − its equity and what it sponsors | −, + interest and fees | − | + (builders) |
//! | rent, with arrears | − | | | − (other tenants) |
//! | running cost under a net lease, and site | − | | | + |
//! | running cost under a gross lease, tax, major maintenance | | | | + |
//! | interest, principal, sweep, junior service | | + in order | | |
//! | distribution | + its share | | + | |
//! | the tenant goes: guarantee | − the month after, if the lab's | + in order | | − if a third party's |
//! | sale | + its share of what is left | + in order | + what is left | − (buyer) |
//! | end of the lab: claim out of the estate | | + in order | + what is left | − (estate) |
//!
//! # In YAML
//! `- campus: {name: hall, power: 0.5 GW, construction: {start: 2026-09, months: 24, cost: 6B USD}, funding: {gearing: 80%},
//! debt: {rate: 6.5%/yr, term: 15 yr, target_dscr: 1.3x}, lease: {rent: 700M USD/yr, escalation: 2%/yr, term: 15 yr}}`
//!
//! # Conventions and limits
//! *Construction.* A month's spending falls at its end; service begins in the month after the last, or as many months later as
//! construction is late, and the schedule of the debt begins with it. Fees on the debt fall in the first month, the reserve is
//! filled in the last. Uses beyond what was sized, such as an overrun, a delay or a rise of SOFR, are met by what is left of
//! debt and equity, then by equity that stands by, then by the sponsor; what the lab owes of it is owed to builders, who wait
//! for `patience`. After that, or at once where nobody stands behind it, the vehicle fails. Proceeds of a debt that is
//! drawn at the close earn interest from the month after.
//!
//! *Debt.* Service is sized on the base case: the rent of the lease and all its renewals, running cost, tax, and what is set aside
//! for maintenance, at base SOFR. It is the least of what gearing, cover and balloon allow. The plan stays as it was sized:
//! interest runs on what is owed, principal is the plan's and no more than what is owed, so that prepayment shortens the debt
//! from its end. Unpaid interest is added to what is owed. Unpaid principal is due at maturity. A junior tranche bears its
//! interest in construction by adding it; what it misses later falls due again the next month.
//!
//! *Waterfall.* Rent, trapped cash and reserve pay running cost, tax, interest and principal, then refill the reserve, then
//! maintenance, sweep, junior tranches, equity. Cover counts cash flow less what is set aside for maintenance over interest and
//! scheduled principal. Below `lock_up` over twelve months nothing is distributed: what is left stays trapped until cover is back. A
//! missed payment is a default when cover over twelve months is below `default`: what reserve and trapped cash pay is no miss.
//!
//! *Maturity.* All cash first pays what is left. A new lender comes when it is not winter, spreads have risen by less than
//! `spread_below`, and what is left is within `ltv` of what a sale would bring; it takes the old one's place, at `margin` and today's
//! spread over SOFR, fixed if the old rate was, and is repaid in equal parts. Otherwise the old lenders wait for `extension` at a
//! higher rate and try again each month; then the vehicle fails.
//!
//! *Tenant.* A term ends in its last month, in which the tenant says whether it renews; rent goes on rising by `escalation`. A tenant
//! that goes leaves at the month's end. The guarantee is `min(cap, covers × max(0, debt − sale value))`; paid by the lab it falls due
//! in the month after and is expensed then. When the lab is acquired or liquidated it has gone. The vehicle claims arrears, calls
//! on the guarantee and the rent to come, at most the months of damages of the lab's rules. The estate's payment is booked at once and
//! discounted in losses. A restructuring cuts all that by the haircut; shares that the vehicle gets are sold and run its debt
//! down. A tenant lost in construction stops it, and what stands is sold. A vehicle that fails under a lease is sold with
//! it: the lab goes on paying rent, to the new owner. The lab's unpaid calls for equity are not claimed.
//!
//! *Mark.* When the run ends first, the vehicle is carried on to the end of the lease and its renewals, and the campus is then sold. The
//! equity is worth the present value of what comes to it, at the rate that the plan gives to it. A tranche is worth what it is owed, less
//! what is not expected to be paid of it. Without a tenant both are worth what a sale of now leaves.
//!
//! *Not modelled:* step-in, change orders, hedges, make-whole, a reserve by letter of credit, distribution tests that look forward,
//! losses carried forward for the vehicle's tax, interest as a deduction, partial occupancy, several facilities of one rank.
//!
//! # Sources
//! [The model](../model.md); Yescombe, *Principles of Project Finance*; `pf_singleowner.json` and `operations_structuring.json` in
//! `tests/vectors/`; the reports that `scenarios/hyperion-campus.yaml` cites for terms.

mod build;
mod ending;
mod mark;
mod service;
mod spec;
mod tenancy;
mod terms;

pub use spec::CampusSpec;
use spec::JUNIOR;
use terms::{Junior, Lease, Operation, Refinancing, Residual};

use crate::engine::books::{ACCOUNTS, Books, event};
use crate::engine::columns::Columns;
use crate::engine::math::{max, min, pick};
use crate::engine::resolution::{Award, Claim, Rules};
use crate::engine::room::{CLOSE, LAGS, Line, OPEN, REVIEW, Room, SETTLE, Unit, View, by_account, flow, line, total};
use crate::instruments::declared::Declared;
use crate::instruments::project_finance::{Build, Schedule, Spend, guaranteed};
use crate::instruments::recovery::TRANCHES;
use crate::issues::Issues;
use crate::language::quantity::Inputs;
use crate::language::rules::KeyRules;
use crate::units::Usd;
use crate::{posts, row};

row! {
    /// Terms of the vehicle; money in USD, rates a month.
    pub struct Campus {
        power: f64, start: f64, months: f64, per_month: f64, serves: f64, cost: f64, spends: f64, spend: Spend,
        build: Build, commitment: f64, cash_floats: f64, cash_margin: f64, debt: f64, equity: f64, gearing: f64,
        junior: [Junior; JUNIOR], lab: f64, standby: f64, sponsor: f64, patience: f64,
        floats: f64, margin: f64, schedule: Schedule, reserve: f64, sweep: f64, lock_up: f64, fails: f64,
        present_value: f64, refinancing: Refinancing, operation: Operation, lease: Lease, residual: Residual,
        discount: f64, firm: f64, firm_at_close: f64, own: f64,
    }
    /// The vehicle's month. The first two fields are taped, for cover over twelve months.
    pub struct CampusState {
        /// Cash flow for debt service.
        pub cfads: Usd,
        /// Interest and scheduled principal due on the senior debt.
        pub service_due: Usd,
        /// Sum of the cash flow over twelve months.
        pub year_cfads: Usd,
        /// Sum of service due over twelve months.
        pub year_service: Usd,
        /// Owed to each tranche; of the provider's equity, what was paid in and not distributed.
        pub balance: [Usd; ACCOUNTS],
        /// Owed to each account when the vehicle ended.
        pub claim: [Usd; ACCOUNTS],
        /// Lost of it, in present value at the tranche's rate.
        pub loss: [Usd; ACCOUNTS],
        /// Missed service of junior tranches, due again next month.
        pub missed: [Usd; JUNIOR],
        /// Level payment of junior tranches.
        pub level: [Usd; JUNIOR],
        /// Senior debt by its plan.
        pub planned: Usd,
        /// Fixed part of the senior debt's rate, a month.
        pub margin: f64,
        /// Month of service in which the senior debt matures.
        pub matures: f64,
        /// Principal a month of a loan that refinanced it.
        pub straight: Usd,
        /// Months for which its lenders have waited after maturity.
        pub extended: f64,
        /// Present value of the base case's cash flow to maturity.
        pub present_value: Usd,
        /// Reserve for debt service.
        pub reserve: Usd,
        /// Cash that may not be distributed, or is not yet.
        pub trapped: Usd,
        /// Reserve for maintenance.
        pub maintained: Usd,
        /// Proceeds of the senior debt not yet spent on construction.
        pub proceeds: Usd,
        /// Owed to builders; below zero, cash in hand for them.
        pub builders: Usd,
        /// Paid in so far below the senior debt, of what was sized.
        pub paid: Usd,
        /// What the provider's equity has paid in, grown at its own rate: what it is worth until service begins.
        pub grown: Usd,
        /// Of what stands by, used so far.
        pub stood: Usd,
        /// Months for which builders have waited.
        pub waits: f64,
        /// Uses of construction this month.
        pub uses: Usd,
        /// The lab's call of the month.
        pub call: Usd,
        /// Calls on the lab due, with those it missed.
        pub call_due: Usd,
        /// Calls that it owes.
        pub call_owed: Usd,
        /// Rent of the month, from whoever has the lease.
        pub rent: Usd,
        /// Rent due from the lab, with arrears.
        pub rent_due: Usd,
        /// Rent that the lab paid.
        pub rent_paid: Usd,
        /// Rent in arrears.
        pub arrears: Usd,
        /// Running and site cost that the lab pays: of the month.
        pub site: Usd,
        /// The same, due with arrears.
        pub site_due: Usd,
        /// The same, owed.
        pub site_owed: Usd,
        /// Running cost of the vehicle that was not paid.
        pub opex_owed: Usd,
        /// Level of rent; of rent in the base case; of running cost. 1 in the first year of service.
        pub rent_level: f64,
        /// Level of rent in the base case.
        pub base_level: f64,
        /// Level of running cost.
        pub opex_level: f64,
        /// Months left of the term of the lease.
        pub left: f64,
        /// Renewals so far.
        pub renewed: f64,
        /// In the last month of a term: 1 when the tenant goes, 2 when it renews.
        pub turn: f64,
        /// 1 once the tenant has gone.
        pub empty: f64,
        /// Months left of the vacancy.
        pub vacancy: f64,
        /// Share of the cost that age has left.
        pub worn: f64,
        /// What a sale would bring.
        pub value: Usd,
        /// Called on the lab's guarantee and due next month.
        pub called: Usd,
        /// Due on its guarantee, with what it missed.
        pub guarantee_due: Usd,
        /// Owed on its guarantee.
        pub guarantee_owed: Usd,
        /// Called on the guarantee so far, whoever gave it.
        pub called_total: Usd,
        /// Most that the lab's guarantee can cost.
        pub guarantee: Usd,
        /// Given up by the vehicle this month when the lab failed.
        pub given_up: Usd,
        /// Drawn on all tranches this month.
        pub draw: Usd,
        /// Drawn on tranches and paid in by the equity's provider so far.
        pub drawn_total: Usd,
        /// Interest of the month on all tranches.
        pub accrued: Usd,
        /// Paid to all tranches this month.
        pub service: Usd,
        /// Written off this month.
        pub written_off: Usd,
        /// Distributed this month, the lab's share included.
        pub distributed: Usd,
        /// Carrying amount of the lab's equity.
        pub carried: Usd,
        /// Present value of the rent to come in this term of the lease.
        pub firm_rent: Usd,
        /// Cover of service, where any is due; 0 while it would be due of a vehicle that left its lenders unpaid.
        pub dscr: f64,
        /// 1 where there is such a cover.
        pub has_dscr: f64,
        /// Least cover so far.
        pub min_dscr: f64,
        /// 1 once there was any.
        pub has_min_dscr: f64,
        /// Cover of the debt to its maturity; 0 of a vehicle that left its lenders unpaid.
        pub llcr: f64,
        /// 1 where there is such a cover.
        pub has_llcr: f64,
        /// 1 while distributions are locked up.
        pub locked: f64,
        /// 1 when the vehicle fails in service this month, 2 in construction, 3 when lenders lose what a sale left.
        pub failing: f64,
        /// 1 once the vehicle has sold its campus, 2 once construction was stopped.
        pub ended: f64,
    }
}

impl Campus {
    /// Month of service, 1 for the first.
    #[inline(always)]
    fn served(&self, t: f64) -> f64 {
        t - self.serves + 1.0
    }
    /// Whether the vehicle builds in month `t`.
    #[inline(always)]
    fn builds(&self, t: f64, own: &CampusState) -> bool {
        (t >= self.start) & (t < self.serves) & (own.ended == 0.0)
    }
    /// Interest a month on the senior debt.
    #[inline(always)]
    fn rate(&self, see: &View, own: &CampusState) -> f64 {
        max(own.margin + self.floats * see.market.sofr, 0.0)
    }
    /// The most that the guarantee pays in month `j` of service.
    #[inline(always)]
    fn cap(&self, j: f64) -> Usd {
        Usd(self.residual.cap * max(0.0, 1.0 - self.residual.falls * max(0.0, j - 1.0)))
    }
    /// All that tranches are owed.
    #[inline(always)]
    fn debts(own: &CampusState) -> Usd {
        let b = &own.balance;
        b[0] + b[1] + b[2] + b[3]
    }
}

impl Room for Campus {
    type Spec = CampusSpec;
    type State = CampusState;
    const PHASES: u8 = OPEN | SETTLE | CLOSE | REVIEW;
    const LUCK: bool = true;
    const TAPED: usize = 2;
    const POSTS: Columns = posts![
        capacity_gw,
        sunk_gw,
        capacity_cost,
        ahead_gw,
        rent,
        running,
        lease_expense,
        contributions,
        distributions,
        other_income,
        guarantees,
        investment,
        vehicle_debt,
        off_balance,
        guarantee,
        guarantee_now,
        arrears,
        issued,
        paid_in,
    ];
    const EVENTS: u64 = event::CONTRACT_LOST
        | event::GUARANTEE_CALLED
        | event::REFINANCING_FAILED
        | event::ROOM_DEFAULT
        | event::LOCK_UP
        | event::RENEWED
        | event::RELET
        | event::SOLD
        | event::REFINANCED;
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        by_account("balance", Unit::Usd),
        flow("uses", Unit::Usd),
        flow("rent", Unit::Usd),
        line("arrears", Unit::Usd).seldom(),
        flow("cfads", Unit::Usd),
        flow("service_due", Unit::Usd),
        flow("service", Unit::Usd).seldom(),
        line("dscr", Unit::Ratio).where_positive("has_dscr"),
        total("min_dscr", Unit::Ratio).where_positive("has_min_dscr"),
        line("llcr", Unit::Ratio).where_positive("has_llcr"),
        line("reserve", Unit::Usd),
        line("trapped", Unit::Usd).seldom(),
        flow("distributed", Unit::Usd),
        line("firm_rent", Unit::Usd),
        line("guarantee", Unit::Usd),
        line("value", Unit::Usd),
        total("called_total", Unit::Usd),
        total("renewed", Unit::Count),
        total("ended", Unit::Count),
        by_account("claim", Unit::Usd).at_end(),
        by_account("loss", Unit::Usd).at_end(),
    ];

    fn name(spec: &CampusSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }
    fn lags(_: &CampusSpec) -> [usize; LAGS] {
        let mut lags = [0; LAGS];
        lags[0] = 12;
        lags
    }
    fn accounts(spec: &CampusSpec) -> Vec<(String, usize)> {
        let junior = spec.subordinated.0.iter().enumerate().map(|(k, (n, _))| (n.as_str().to_string(), k + 1));
        [("senior".to_string(), 0)].into_iter().chain(junior).chain([("equity".to_string(), TRANCHES)]).collect()
    }
    fn terms(spec: &CampusSpec, inputs: &Inputs<'_>) -> Self {
        terms::terms(spec, inputs)
    }
    fn opening(&self) -> CampusState {
        CampusState {
            planned: Usd(self.debt),
            margin: self.margin,
            matures: self.schedule.term,
            present_value: Usd(self.present_value),
            rent_level: 1.0,
            base_level: 1.0,
            opex_level: 1.0,
            left: self.lease.term,
            worn: 1.0,
            ..CampusState::default()
        }
    }

    #[inline(always)]
    fn open(&self, see: &View, own: &mut CampusState, books: &mut Books) {
        self.lets(see, own, books);
    }
    #[inline(always)]
    fn settle(&self, see: &View, own: &mut CampusState, books: &mut Books) {
        self.charges(see, own, books);
        self.calls(see, own, books);
        self.decides(see, own, books);
    }
    #[inline(always)]
    fn close(&self, see: &View, own: &mut CampusState, books: &mut Books) {
        (own.draw, own.accrued, own.service, own.written_off) = (Usd::ZERO, Usd::ZERO, Usd::ZERO, Usd::ZERO);
        (own.given_up, own.failing) = (Usd::ZERO, 0.0);
        let received = self.collects(see, own, books);
        self.draws(see, own, books);
        let left = self.serves_debt(see, own, received, books);
        self.distributes(see, own, left, books);
    }
    #[inline(always)]
    fn review(&self, see: &View, own: &mut CampusState, books: &mut Books) {
        self.covers(see, own);
        own.firm_rent = self.rent_to_come(see, own);
        let alive = see.lab.alive > 0.0;
        let debts = Campus::debts(own);
        let guarantees = alive & (self.residual.lab > 0.0) & (own.ended == 0.0);
        let j = self.served(see.t);
        let (covers, cap) = (self.residual.covers, self.cap(j));
        let most = guaranteed(debts, Usd::ZERO, covers, cap);
        let now = pick(j >= 1.0, guaranteed(debts, own.value, covers, cap), Usd::ZERO);
        own.guarantee = pick(guarantees, most, Usd::ZERO) + own.called;
        books.lab.guarantee += own.guarantee;
        books.lab.guarantee_now += pick(guarantees, now, Usd::ZERO) + own.called;
        books.lab.vehicle_debt += debts * self.lease.lab;
        books.lab.off_balance += pick(alive, max(own.firm_rent * self.lease.lab, debts * self.lab), Usd::ZERO);
        books.lab.investment += own.carried;
        books.lab.arrears += own.arrears + own.site_owed + own.guarantee_owed;
    }

    fn claim(&self, see: &View, own: &CampusState, rules: &Rules) -> Claim {
        self.claims(see, own, *rules)
    }
    fn resolve(&self, see: &View, own: &mut CampusState, award: &Award, books: &mut Books) {
        self.resolved(see, own, award, books);
    }
    #[inline(always)]
    fn worth(&self, see: &View, own: &CampusState) -> [Usd; ACCOUNTS] {
        self.marks(see, own)
    }

    fn audit(&self, was: &CampusState, now: &CampusState) -> Usd {
        let debts = Campus::debts(was) + now.accrued + now.draw - now.service - now.written_off - Campus::debts(now);
        let lab = self.lease.lab;
        let rent = was.arrears + now.rent * lab - now.rent_paid - now.given_up - now.arrears;
        let negative = |x: Usd| min(x, Usd::ZERO).0.abs();
        let floors = [now.reserve, now.trapped, now.maintained, now.proceeds, now.opex_owed];
        let below = floors.iter().chain(&now.balance).fold(0.0, |sum, &x| sum + negative(x));
        Usd(debts.0.abs() + rent.0.abs() + below)
    }
    fn vehicle_cash(own: &CampusState) -> Usd {
        own.reserve + own.trapped + own.maintained + own.proceeds + max(-own.builders, Usd::ZERO)
    }
}
impl Declared for Campus {
    fn key_rules(spec: &CampusSpec, rules: &mut KeyRules<'_>) {
        spec.key_rules(rules);
    }
    fn check(spec: &CampusSpec, issues: &mut Issues) {
        spec.check(issues);
    }
}
