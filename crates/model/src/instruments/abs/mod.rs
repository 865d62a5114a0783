//! A securitisation of leased data-centre capacity.
//!
//! # What it is
//! The lab contributes a pool of leased capacity (one campus or several) to a vehicle that issues tranched notes
//! against its appraised value. Tenants pay rent; the vehicle pays operating cost, the servicer and the notes, and
//! distributes the remainder to the lab. The notes are expected to be refinanced at an anticipated repayment date, long
//! before legal final maturity: until then they pay interest and little principal, afterwards all cash goes to
//! principal. A low DSCR first traps cash, then triggers early amortisation. The tenants are third parties or the lab
//! itself (`who: lab`).
//!
//! # Monthly cash flows
//! | flow | lab | tranches | third parties |
//! | --- | --- | --- | --- |
//! | before closing: rent less opex (own use: opex) | + (−) | | − |
//! | closing: notes, less fee and reserve | + | − | + (arranger) |
//! | rent (of the lab: ranking as rent, with arrears) | − or 0 | | − (tenants) |
//! | opex, servicer | | | + |
//! | interest, most senior first; scheduled principal | | + | |
//! | after a trigger or the anticipated date: all cash to principal, in order | | + | |
//! | remaining cash that is not trapped | + | | |
//! | refinancing fee, paid by the vehicle | | | + |
//! | default of the vehicle: sale of the pool | | + in order | − (buyer) |
//!
//! # In YAML
//! ```yaml
//! - abs:
//!     name: campus_notes
//!     pool: {value: 4B USD, book: 3B USD, power: 0.3 GW, life: 240 mo}
//!     tenants: {count: 6, price: 1.4B USD/GW-yr, lost: 1%/yr, lost_in_winter: 4%/yr}
//!     opex: 0.2B USD/GW-yr
//!     closing: 2026-12
//!     tranches: [{a: {advance: 55%, rate: 5.3%/yr}}, {b: {advance: 15%, rate: 7%/yr}}]
//! ```
//!
//! # Conventions and limits
//! The pool is in the opening balance sheet at book value, against paid-in capital. At closing it leaves the lab's
//! books: the proceeds are a sale of assets, any shortfall to book value becomes the carrying amount of the stake (at
//! cost less distributions), and any excess is a gain recognised over the expected life. The notes, or the lab's firm
//! rent if higher, count as off-balance-sheet. The notes close in the first month from `closing` in which credit is
//! open: in boom, or in winter with probability `open_in_winter`. Coupons are those of the start and move with credit
//! spreads until closing and at each refinancing. With `world.capital.credit` they close as a whole once the supply of
//! credit suffices, at coupons whose excess over SOFR rises with the flow of new credit. A refinancing takes nothing from
//! the supply, and bears the premium of its month.
//!
//! Tenants are identical and pay in full until one defaults; at most one defaults in a month. All vacant capacity is
//! re-leased together, `vacancy` months after the last loss, at `relet` × the initial rent × the current price of power
//! bought for the month relative to its initial price. When the leases' `term` ends, the whole pool is vacant and is
//! re-leased. If the lab is the tenant, it leaves when it ends, or after `grace` months of arrears. Vacant capacity
//! costs no opex.
//!
//! DSCR is rent less opex and servicer fee over interest and scheduled principal, over three months. Below `lock_up`
//! there are no distributions; below `early_amortisation` all cash goes to principal in order until the notes are
//! refinanced. At the anticipated date they are refinanced if credit is open and DSCR is at least `refinancing.dscr`;
//! otherwise coupons step up and refinancing is attempted each month. A refinancing replaces the balance with new notes
//! of the same tranches, at the current spread, with new dates. The step-up accrues without interest and is paid after
//! principal. Unpaid interest bears interest at the coupon. Scheduled principal not covered by cash does not fall due
//! again.
//!
//! The vehicle defaults when interest on its most senior tranche is missed for `grace` months, or at legal final
//! maturity. The pool is then sold in that month: income of a fully leased pool, vacant parts at market rent,
//! capitalised at the appraisal's capitalisation rate plus the change in credit spreads, less `sale_cost`. Tranches
//! bear losses in reverse order. If the lab ends, its stake passes to a buyer; damages for its lease are a claim of the
//! vehicle.
//!
//! Not modelled: leases of different lengths, voluntary prepayment and its premium, variable funding notes, servicer
//! advances, valuation covenants, taxes, leasing costs.
//!
//! # Sources
//! [The model](../model.md).

mod failure;
mod month;
mod rows;
mod terms;

pub use rows::{Abs, AbsState};

use crate::engine::books::{ACCOUNTS, Books, event};
use crate::engine::columns::Columns;
use crate::engine::instrument::{
    CLOSE, Instrument, Line, OPEN, REVIEW, SETTLE, Unit, View, by_account, flow, line, total,
};
use crate::engine::resolution::{Award, Claim, Rules};
use crate::instruments::declared::{Declared, Facts, Provider};
use crate::issues::Issues;
use crate::language::prelude::{Keyed, Months, Name, When};
use crate::language::quantity::{Inputs, Quantity};
use crate::language::rules::KeyRules;
use crate::units::Usd;
use crate::{choice, posts, spec};

/// Maximum number of tranches.
pub const TRANCHES: usize = 4;

spec! {
    /// A securitisation of leased data-centre capacity.
    pub struct AbsSpec {
        /// Its name.
        pub name: Name,
        /// The pool that the lab contributes.
        pub pool: PoolSpec,
        /// The tenants and the lease terms.
        pub tenants: TenantsSpec,
        /// Operating cost of leased capacity.
        pub opex: Quantity [PowerPrice] = "0 USD/GW-yr",
        /// Servicer fee, as a share of rent.
        pub servicer_fee: Quantity [Share] = "0%",
        /// First month in which the notes can close.
        pub closing: When,
        /// Tranches of notes, most senior first.
        pub tranches: Keyed<NoteSpec>,
        /// Issuance fee, as a share of the notes.
        pub fee: Quantity [Share] = "0%",
        /// Interest reserve in months, funded at closing.
        pub reserve: Quantity [Time] = "0 mo",
        /// Scheduled principal, as a share of the initial balance.
        pub amortisation: Quantity [Rate] = "0%/yr",
        /// Months from closing to the anticipated repayment date.
        pub expected: Months = "60 mo",
        /// Months from closing to legal final maturity.
        pub last: Months as "final" = "300 mo",
        /// Coupon step-up if the notes are not repaid at the anticipated repayment date.
        pub step_up: Quantity [Rate] = "500 bp",
        /// Covenants on the three-month DSCR, which redirect cash.
        pub covenants: CovenantsSpec = "{}",
        /// Refinancing terms.
        pub refinancing: RefinancingSpec = "{}",
        /// Consecutive months for which interest on the most senior tranche may be missed.
        pub grace: Months = "3 mo",
        /// Cost of selling the pool, as a share of its value.
        pub sale_cost: Quantity [Share] = "5%",
        /// Discount rate for the lab's firm rent.
        pub discount_rate: Quantity [Rate] = "8%/yr",
    }
    /// The pool that the lab contributes.
    pub struct PoolSpec {
        /// Appraised value, fully leased.
        pub value: Quantity [Money positive],
        /// Book value at the opening, before the first month.
        pub book: Quantity [Money],
        /// Power of the pool.
        pub power: Quantity [Power],
        /// Months over which the book value is depreciated on a straight line.
        pub life: Months = "240 mo",
    }
    /// The tenants and the lease terms.
    pub struct TenantsSpec {
        /// Whether the tenants are third parties or the lab.
        pub who: Who = "others",
        /// Number of tenants, all of equal size.
        pub count: u32 [Number 1.0..1000.0] = "1",
        /// Rent at the start.
        pub price: Quantity [PowerPrice],
        /// Rent escalation.
        pub escalation: Quantity [Growth] = "0%/yr",
        /// Remaining lease term at the start in months, and the term of each re-lease.
        pub term: Months = "120 mo",
        /// Probability that a tenant defaults.
        pub lost: Quantity [Hazard] = "0%/yr",
        /// Probability that a tenant defaults in winter.
        pub lost_in_winter: Option<Quantity> [Hazard],
        /// Months of vacancy before capacity is re-leased.
        pub vacancy: Quantity [Time] = "9 mo",
        /// Re-leasing rent, as a share of market rent.
        pub relet: Quantity [Share >= 0.0] = "100%",
        /// If the lab is the tenant: months of arrears after which it must leave.
        pub grace: Months = "3 mo",
    }
    /// A tranche of notes.
    pub struct NoteSpec {
        /// Advance rate: tranche amount as a share of appraised value.
        pub advance: Quantity [Share],
        /// Coupon at the initial credit spreads.
        pub rate: Quantity [Rate],
    }
    /// Covenants on the three-month DSCR, which redirect cash.
    pub struct CovenantsSpec {
        /// Lock-up (cash trap): no distributions below this DSCR.
        pub lock_up: Quantity [Multiple] = "0.0x",
        /// Early amortisation: below this DSCR all cash goes to principal.
        pub early_amortisation: Quantity [Multiple] = "0.0x",
    }
    /// Refinancing terms.
    pub struct RefinancingSpec {
        /// Minimum DSCR for a refinancing.
        pub dscr: Quantity [Multiple] = "1x",
        /// Refinancing fee, as a share of the notes.
        pub fee: Quantity [Share] = "0%",
        /// Probability that notes can be placed in a winter month.
        pub open_in_winter: Quantity [Share] = "0%",
    }
}

choice! {
    /// Who the tenants are.
    pub enum Who {
        /// Third parties.
        Others = "others",
        /// The lab.
        Lab = "lab",
    }
}

impl Instrument for Abs {
    type Spec = AbsSpec;
    type State = AbsState;
    const FIRM: bool = true;
    const PHASES: u8 = OPEN | SETTLE | CLOSE | REVIEW;
    const UNIFORMS: bool = true;
    const POSTS: Columns = posts![
        capacity_gw,
        sunk_gw,
        capacity_cost,
        ahead_gw,
        used_gw,
        running,
        running_expense,
        depreciation,
        asset_sales,
        rent,
        lease_expense,
        distributions,
        other_income,
        ppe,
        investment,
        deferred,
        arrears,
        vehicle_debt,
        off_balance,
        issued,
        paid_in,
        credit_asked,
        credit_drawn,
    ];
    const EVENTS: u64 = event::COVENANT
        | event::CONTRACT_LOST
        | event::REFINANCING_FAILED
        | event::INSTRUMENT_DEFAULT
        | event::LOCK_UP
        | event::RELET
        | event::LEASE_ENDED
        | event::SOLD
        | event::REFINANCED
        | event::STEPPED_UP;
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        by_account("balance", Unit::Usd),
        flow("rent", Unit::Usd),
        line("occupied", Unit::Share).seldom(),
        line("arrears", Unit::Usd).seldom(),
        flow("cfads", Unit::Usd).seldom(),
        flow("debt_service", Unit::Usd).seldom(),
        line("dscr", Unit::Ratio).where_positive("has_dscr"),
        line("market_value", Unit::Usd),
        line("ltv", Unit::Ratio).where_positive("ltv"),
        line("reserve", Unit::Usd).seldom(),
        line("trapped", Unit::Usd).seldom(),
        flow("distributed", Unit::Usd).seldom(),
        line("amortising", Unit::Share).seldom(),
        line("stepped_up", Unit::Share).seldom(),
        total("total", Unit::Usd),
        by_account("claim", Unit::Usd).at_end(),
        by_account("loss", Unit::Usd).at_end(),
    ];

    fn name(spec: &AbsSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }
    fn accounts(spec: &AbsSpec) -> Vec<(String, usize)> {
        spec.tranches.iter().take(TRANCHES).enumerate().map(|(k, (name, _))| (name.as_str().to_owned(), k)).collect()
    }
    fn terms(spec: &AbsSpec, inputs: &Inputs<'_>) -> Self {
        terms::terms(spec, inputs)
    }
    fn opening(&self) -> AbsState {
        self.before_the_start()
    }
    #[inline(always)]
    fn open(&self, see: &View, own: &mut AbsState, books: &mut Books) {
        self.bring(see, own, books);
    }
    #[inline(always)]
    fn settle(&self, see: &View, own: &mut AbsState, books: &mut Books) {
        self.post(see, own, books);
    }
    #[inline(always)]
    fn close(&self, see: &View, own: &mut AbsState, books: &mut Books) {
        self.pay(see, own, books);
    }
    #[inline(always)]
    fn review(&self, see: &View, own: &mut AbsState, books: &mut Books) {
        self.test(see, own, books);
    }
    fn claim(&self, see: &View, own: &AbsState, rules: &Rules) -> Claim {
        self.claims(see, own, *rules)
    }
    fn resolve(&self, see: &View, own: &mut AbsState, award: &Award, books: &mut Books) {
        self.learn(see, own, award, books);
    }
    #[inline(always)]
    fn firm_in(&self, see: &View, own: &AbsState, month: f64) -> Usd {
        Self::rent_in(see, own, month)
    }
    #[inline(always)]
    fn worth(&self, _: &View, own: &AbsState) -> [Usd; ACCOUNTS] {
        own.positions()
    }
    fn audit(&self, was: &AbsState, now: &AbsState) -> Usd {
        AbsState::rolls(was, now)
    }
    fn vehicle_cash(own: &AbsState) -> Usd {
        own.reserve + own.trapped
    }
}
impl Declared for Abs {
    const FACTS: Facts = Facts::of(Provider::Vehicle).vehicle().capital("total");

    fn check(spec: &AbsSpec, issues: &mut Issues) {
        terms::check(spec, issues);
    }
    fn key_rules(spec: &AbsSpec, rules: &mut KeyRules<'_>) {
        terms::key_rules(spec, rules);
    }
}
