//! Project finance: a vehicle that builds a campus with debt and services it from rent.
//!
//! # What it is
//! Debt and equity fund construction, including interest and fees during construction. The lab or a third party then
//! rents the campus for a term that may be shorter than the debt's, and may renew. Rent flows through a waterfall: debt
//! service, reserves, subordinated tranches, equity. The DSCR decides whether there are distributions, and whether a
//! missed payment is an event of default. When the tenant leaves, a guarantor may cover the debt shortfall after a
//! sale, and the campus is re-leased or sold. Any balance at maturity must be refinanced.
//!
//! # Monthly cash flows
//! | flow | lab | senior and junior debt | equity | third parties |
//! | --- | --- | --- | --- | --- |
//! | construction, with interest and fees; reserve to the vehicle | − its equity and sponsor support | −, + interest and fees | − | + (contractors) |
//! | rent, with arrears | − | | | − (other tenants) |
//! | operating cost under a net lease, and site | − | | | + |
//! | operating cost under a gross lease, tax, major maintenance | | | | + |
//! | interest, principal, sweep, subordinated service | | + in order | | |
//! | distribution | + its share | | + | |
//! | tenant leaves: guarantee | − the month after, if the lab's | + in order | | − if a third party's |
//! | sale | + its share of the remainder | + in order | + remainder | − (buyer) |
//! | end of the lab: recovery from the estate | | + in order | + remainder | − (estate) |
//!
//! # In YAML
//! `- campus: {name: hall, power: 0.5 GW, construction: {start: 2026-09, months: 24, cost: 6B USD}, funding: {gearing: 80%},
//! debt: {rate: 6.5%/yr, term: 15 yr, target_dscr: 1.3x}, lease: {rent: 700M USD/yr, escalation: 2%/yr, term: 15 yr}}`
//!
//! # Conventions and limits
//! *Construction.* A month's spending falls at its end; service begins in the month after the last, later by any
//! construction delay, and the debt schedule begins with it. Debt fees fall in the first month; the reserve is funded
//! in the last. Uses beyond the sized funding, such as an overrun, a delay or a rise in SOFR, are met from remaining
//! debt and equity, then from standby equity, then by the sponsor; amounts the lab fails to pay are owed to
//! contractors, who wait for `patience`. After that, or at once without a sponsor, the vehicle fails. Proceeds of a
//! debt fully drawn at financial close earn interest from the following month. With `world.capital.credit` lenders commit
//! at financial close, senior and subordinated alike, what is left of the supply, at a spread that rises with the flow of
//! new credit; what they refuse falls to equity, standby equity and the sponsor. Later draws are of that commitment, and a
//! refinancing takes nothing from the supply.
//!
//! *Debt.* Debt is sized on the base case: rent of the lease and all its renewals, operating cost, tax and maintenance
//! reserve contributions, at base SOFR. It is the lowest of the limits set by gearing, DSCR and balloon. The schedule
//! stays as sized: interest accrues on the balance; principal is the scheduled amount, at most the balance, so that
//! prepayments apply in inverse order of maturity. Unpaid interest is added to the balance. Unpaid principal is due at
//! maturity. Subordinated tranches capitalise interest during construction; later missed payments fall due again in the
//! next month.
//!
//! *Waterfall.* Rent, trapped cash and the reserve pay operating cost, tax, interest and principal, then replenish the
//! reserve, then fund maintenance, sweep, subordinated tranches and equity. DSCR is CFADS, net of maintenance reserve
//! contributions, over interest and scheduled principal. Below `lock_up` over twelve months there are no distributions:
//! the remainder stays trapped until the DSCR recovers. A missed payment is an event of default when the twelve-month
//! DSCR is below `default`; a payment made from the reserve or trapped cash is not missed.
//!
//! *Maturity.* All cash is first applied to the remaining balance. A new lender refinances it if it is not winter,
//! spreads have widened by less than `spread_below`, and the balance is within `ltv` of estimated sale proceeds; the
//! new loan bears `margin` and the current spread over SOFR, fixed if the old rate was, and is repaid in equal
//! instalments. Otherwise the existing lenders wait for `extension` at a higher rate, with an attempt each month; then
//! the vehicle fails.
//!
//! *Tenant.* A term ends in its last month, in which the tenant decides whether to renew; rent continues to rise by
//! `escalation`. A tenant that does not renew leaves at the end of the month. The guarantee pays `min(cap, covers ×
//! max(0, debt − sale value))`; if paid by the lab, it falls due in the following month and is expensed then. A lab
//! that is acquired or liquidated leaves. The vehicle claims arrears, guarantee calls and future rent, up to the months
//! of damages under the lab's rules. The estate's payment is booked at once and discounted in losses. A restructuring
//! reduces these claims by the haircut; shares received by the vehicle are sold and pay down its debt. If the tenant is
//! lost during construction, construction stops and the unfinished campus is sold. A vehicle that fails while leased is
//! sold with its lease: the lab continues to pay rent, to the new owner. The lab's unpaid equity calls are not claimed.
//!
//! *Mark.* If the run ends first, the vehicle is projected to the end of the lease and its renewals, when the campus is
//! sold. The equity is marked at the present value of its cash flows, at the return implied by the plan. A tranche is
//! marked at its balance less expected loss. Without a tenant, both are marked at what an immediate sale would leave.
//!
//! *Not modelled:* step-in, change orders, hedges, make-whole, a reserve backed by a letter of credit, forward-looking
//! distribution tests, tax losses carried forward in the vehicle, deduction of interest, partial occupancy, several
//! facilities of equal rank.
//!
//! # Sources
//! [The model](../model.md); Yescombe, *Principles of Project Finance*; `pf_singleowner.json` and
//! `operations_structuring.json` in `tests/vectors/`; for terms, the reports cited in `scenarios/hyperion-campus.yaml`.

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
use crate::engine::instrument::{
    CLOSE, Instrument, LAGS, Line, OPEN, REVIEW, SETTLE, Unit, View, by_account, flow, line, total,
};
use crate::engine::math::{max, min, select};
use crate::engine::resolution::{Award, Claim, Rules};
use crate::instruments::declared::{Declared, Facts, Market, Need, Provider};
use crate::instruments::project_finance::{Build, Schedule, Spend, guaranteed};
use crate::instruments::recovery::TRANCHES;
use crate::issues::Issues;
use crate::language::quantity::Inputs;
use crate::language::rules::KeyRules;
use crate::units::Usd;
use crate::{posts, row};

row! {
    /// Terms of the vehicle; money in USD, monthly rates.
    pub struct Campus {
        power: f64, start: f64, months: f64, per_month: f64, serves: f64, cost: f64, spends: f64, spend: Spend,
        build: Build, commitment: f64, cash_floats: f64, cash_margin: f64, debt: f64, equity: f64, gearing: f64,
        junior: [Junior; JUNIOR], lab: f64, standby: f64, sponsor: f64, patience: f64,
        floats: f64, margin: f64, schedule: Schedule, reserve: f64, sweep: f64, lock_up: f64, fails: f64,
        present_value: f64, refinancing: Refinancing, operation: Operation, lease: Lease, residual: Residual,
        discount: f64, firm: f64, firm_at_close: f64, own: f64,
    }
    /// State of the vehicle in a month. The first two fields are remembered, for the twelve-month DSCR.
    pub struct CampusState {
        /// Cash flow available for debt service (CFADS).
        pub cfads: Usd,
        /// Interest and scheduled principal due on the senior debt.
        pub debt_service: Usd,
        /// CFADS over twelve months.
        pub year_cfads: Usd,
        /// Debt service due over twelve months.
        pub year_service: Usd,
        /// Outstanding balance of each tranche; for third-party equity, paid in less distributed.
        pub balance: [Usd; ACCOUNTS],
        /// Claim of each account when the vehicle ended.
        pub claim: [Usd; ACCOUNTS],
        /// Loss on the claim, in present value at the tranche's rate.
        pub loss: [Usd; ACCOUNTS],
        /// Missed service of junior tranches, due again next month.
        pub missed: [Usd; JUNIOR],
        /// Level payment of junior tranches.
        pub level: [Usd; JUNIOR],
        /// Scheduled balance of the senior debt.
        pub planned: Usd,
        /// Fixed part of the senior debt's rate, a month.
        pub margin: f64,
        /// Share of the debt that lenders committed at financial close.
        pub lent: f64,
        /// Refused at financial close for want of credit.
        pub refused: Usd,
        /// What the flow of new credit adds to the rates of the junior tranches; monthly.
        pub added_spread: [f64; JUNIOR],
        /// Month of service in which the senior debt matures.
        pub matures: f64,
        /// Monthly principal of a loan that refinanced it.
        pub straight: Usd,
        /// Months for which its lenders have waited since maturity.
        pub extended: f64,
        /// Present value of base-case CFADS to maturity.
        pub present_value: Usd,
        /// Debt service reserve.
        pub reserve: Usd,
        /// Cash that is trapped or not yet distributed.
        pub trapped: Usd,
        /// Major maintenance reserve.
        pub maintained: Usd,
        /// Proceeds of the senior debt not yet spent on construction.
        pub proceeds: Usd,
        /// Owed to contractors; if negative, cash in hand for them.
        pub builders: Usd,
        /// Paid in so far of the sized equity and subordinated tranches.
        pub paid: Usd,
        /// Third-party equity paid in, compounded at its own rate: its mark until service begins.
        pub grown: Usd,
        /// Standby equity used so far.
        pub stood: Usd,
        /// Months for which contractors have waited.
        pub waits: f64,
        /// Uses of construction this month.
        pub uses: Usd,
        /// Call on the lab this month.
        pub call: Usd,
        /// Calls due from the lab, including those it missed.
        pub call_due: Usd,
        /// Missed calls that the lab owes.
        pub call_owed: Usd,
        /// Rent of the month, from the current tenant.
        pub rent: Usd,
        /// Rent due from the lab, with arrears.
        pub rent_due: Usd,
        /// Rent paid by the lab.
        pub rent_paid: Usd,
        /// Rent in arrears.
        pub arrears: Usd,
        /// Operating and site cost borne by the lab this month.
        pub site: Usd,
        /// Operating and site cost due from the lab, including arrears.
        pub site_due: Usd,
        /// Operating and site cost of the lab in arrears.
        pub site_owed: Usd,
        /// Unpaid operating cost of the vehicle.
        pub opex_owed: Usd,
        /// Rent level; 1 in the first year of service.
        pub rent_level: f64,
        /// Base-case rent level; 1 in the first year of service.
        pub base_level: f64,
        /// Operating cost level; 1 in the first year of service.
        pub opex_level: f64,
        /// Remaining months of the current lease term.
        pub left: f64,
        /// Lease renewals so far.
        pub renewed: f64,
        /// 1 in the month in which the tenant leaves, 2 in the month in which it renews, otherwise 0.
        pub turn: f64,
        /// 1 once the tenant has left.
        pub empty: f64,
        /// Remaining months of the vacancy.
        pub vacancy: f64,
        /// Share of the cost left after the decline with age.
        pub worn: f64,
        /// Estimated sale value.
        pub value: Usd,
        /// Called on the lab's guarantee and due next month.
        pub called: Usd,
        /// Due on the lab's guarantee, including missed payments.
        pub guarantee_due: Usd,
        /// In arrears on the lab's guarantee.
        pub guarantee_owed: Usd,
        /// Guarantee calls so far, whoever the guarantor is.
        pub called_total: Usd,
        /// Maximum cost of the lab's guarantee.
        pub guarantee: Usd,
        /// Given up by the vehicle this month in a failure of the lab.
        pub given_up: Usd,
        /// Drawn on all tranches this month.
        pub draw: Usd,
        /// Drawn on tranches and paid in by third-party equity so far.
        pub drawn_total: Usd,
        /// Interest of the month on all tranches.
        pub accrued: Usd,
        /// Debt service paid on all tranches this month.
        pub service: Usd,
        /// Written off this month.
        pub written_off: Usd,
        /// Distributions this month, including the lab's share.
        pub distributed: Usd,
        /// Carrying amount of the lab's equity.
        pub carried: Usd,
        /// Present value of the remaining rent in the current lease term.
        pub firm_rent: Usd,
        /// DSCR, where debt service is due; 0 while it would be due from a vehicle that left its lenders unpaid.
        pub dscr: f64,
        /// 1 where the DSCR is defined.
        pub has_dscr: f64,
        /// Lowest DSCR so far.
        pub min_dscr: f64,
        /// 1 once a DSCR has been defined.
        pub has_min_dscr: f64,
        /// Loan life cover ratio (LLCR) to maturity; 0 for a vehicle that left its lenders unpaid.
        pub llcr: f64,
        /// 1 where the LLCR is defined.
        pub has_llcr: f64,
        /// 1 while distributions are locked up.
        pub locked: f64,
        /// 1 when the vehicle fails in service this month, 2 in construction, 3 when lenders lose what a sale left
        /// unpaid.
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
    /// Monthly interest rate of the senior debt.
    #[inline(always)]
    fn rate(&self, see: &View, own: &CampusState) -> f64 {
        max(own.margin + self.floats * see.market.sofr, 0.0)
    }
    /// Maximum payment under the guarantee in month `j` of service.
    #[inline(always)]
    fn cap(&self, j: f64) -> Usd {
        Usd(self.residual.cap * max(0.0, 1.0 - self.residual.falls * max(0.0, j - 1.0)))
    }
    /// Total owed to all tranches.
    #[inline(always)]
    fn debts(own: &CampusState) -> Usd {
        let b = &own.balance;
        b[0] + b[1] + b[2] + b[3]
    }
}

impl Instrument for Campus {
    type Spec = CampusSpec;
    type State = CampusState;
    const FIRM: bool = true;
    const PHASES: u8 = OPEN | SETTLE | CLOSE | REVIEW;
    const UNIFORMS: bool = true;
    const REMEMBERED: usize = 2;
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
        credit_asked,
        credit_drawn,
    ];
    const EVENTS: u64 = event::CONTRACT_LOST
        | event::GUARANTEE_CALLED
        | event::REFINANCING_FAILED
        | event::INSTRUMENT_DEFAULT
        | event::LOCK_UP
        | event::RENEWED
        | event::RELET
        | event::SOLD
        | event::REFINANCED;
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        by_account("balance", Unit::Usd),
        flow("uses", Unit::Usd).seldom(),
        flow("rent", Unit::Usd),
        line("arrears", Unit::Usd).seldom(),
        flow("cfads", Unit::Usd),
        flow("debt_service", Unit::Usd),
        flow("service", Unit::Usd).seldom(),
        line("dscr", Unit::Ratio).where_positive("has_dscr"),
        total("min_dscr", Unit::Ratio).where_positive("has_min_dscr"),
        line("llcr", Unit::Ratio).where_positive("has_llcr"),
        line("reserve", Unit::Usd).seldom(),
        line("trapped", Unit::Usd).seldom(),
        flow("distributed", Unit::Usd).seldom(),
        line("firm_rent", Unit::Usd).seldom(),
        line("guarantee", Unit::Usd).seldom(),
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
            lent: 1.0,
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
        self.closes_debt(see, own, books);
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
        let now = select(j >= 1.0, guaranteed(debts, own.value, covers, cap), Usd::ZERO);
        own.guarantee = select(guarantees, most, Usd::ZERO) + own.called;
        books.lab.guarantee += own.guarantee;
        books.lab.guarantee_now += select(guarantees, now, Usd::ZERO) + own.called;
        books.lab.vehicle_debt += debts * self.lease.lab;
        books.lab.off_balance += select(alive, max(own.firm_rent * self.lease.lab, debts * self.lab), Usd::ZERO);
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
    fn firm_in(&self, see: &View, own: &CampusState, month: f64) -> Usd {
        self.rent_in(see, own, month)
    }
    #[inline(always)]
    fn firm_guarantee(&self, see: &View, own: &CampusState) -> Usd {
        let stands = (see.lab.alive > 0.0) & (self.residual.lab > 0.0) & (own.ended == 0.0);
        let j = self.served(see.t);
        let now = guaranteed(Campus::debts(own), own.value, self.residual.covers, self.cap(j));
        select(stands & (j >= 1.0), now, Usd::ZERO) * self.lease.lab
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
    const FACTS: Facts = Facts::of(Provider::Vehicle).vehicle().capital("drawn_total");

    fn needs(spec: &CampusSpec, needs: &mut Vec<Need>) {
        Need::of_rates(&spec.name, &[&spec.debt.rate, &spec.debt.cash_interest], needs);
        if spec.is_refinanced() {
            let title =
                format!("the balance of `{}` at maturity is refinanced over SOFR, which is not specified", spec.name);
            needs.push(Need::of(Market::Sofr, Some(spec.debt.refinancing.margin.place()), title));
        }
        if spec.needs_price() {
            let title = format!("`{}` is re-leased or renewed at a market price, which is not specified", spec.name);
            let instead = ", or `tail: {empty: sell}` and no renewal `if_cheaper`";
            needs.push(Need { instead, ..Need::of(Market::ComputePrice, Some(spec.name.place()), title) });
        }
    }
    fn key_rules(spec: &CampusSpec, rules: &mut KeyRules<'_>) {
        spec.key_rules(rules);
    }
    fn check(spec: &CampusSpec, issues: &mut Issues) {
        spec.check(issues);
    }
}
