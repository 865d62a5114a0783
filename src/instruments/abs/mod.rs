//! A securitisation of leased data-centre capacity.
//!
//! # What it is
//! The lab contributes a pool of leased capacity, a campus or several, to a vehicle that issues notes in tranches on its
//! appraised value. Tenants pay rent; the vehicle pays the operation, the servicer and the notes, and what is left comes to
//! the lab. Notes are expected to be repaid by new ones at a date long before their legal final: until then interest and
//! little principal, afterwards all cash. Thin cover traps cash, then turns the notes to early amortisation. The tenants
//! are others, or the lab itself (`who: lab`).
//!
//! # Monthly cash flows
//! | flow | lab | tranches | third parties |
//! | --- | --- | --- | --- |
//! | before closing: rent less opex (own use: opex) | + (−) | | − |
//! | closing: notes, less fee and reserve | + | − | + (arranger) |
//! | rent (of the lab: in the rank of rent, with arrears) | − or 0 | | − (tenants) |
//! | opex, servicer | | | + |
//! | interest, most senior first; scheduled principal | | + | |
//! | after a trigger or the expected date: all cash to principal, in order | | + | |
//! | what is left and not trapped | + | | |
//! | refinancing: its fee, out of the vehicle | | | + |
//! | on a default of the vehicle: sale of the pool | | + in order | − (buyer) |
//!
//! # In YAML
//! ```yaml
//! - abs:
//!     name: campus_notes
//!     pool: {value: 4B USD, book: 3B USD, power: 0.3 GW, life: 240 mo}
//!     tenants: {count: 6, price: 1.4B USD/GW-yr, lost: 1%/yr, lost_in_winter: 4%/yr}
//!     opex: 0.2B USD/GW-yr
//!     closing: 2026-12
//!     tranches: [{a: {advance: 55%, coupon: 5.3%/yr}}, {b: {advance: 15%, coupon: 7%/yr}}]
//! ```
//!
//! # Conventions and limits
//! The pool stands in the opening balance sheet at book value, against paid-in capital. At closing it leaves the lab's books:
//! proceeds are a sale of assets, what they lack of book value becomes the carrying amount of the stake (at cost less
//! distributions), what they exceed it by is a gain earned over the expected life. The notes, or the lab's firm rent if that is
//! more, count off-balance. The notes close in the first month from
//! `closing` in which credit is open: in boom, in winter with probability `open_in_winter`. Coupons are those of the start
//! and move with credit spreads until closing and at each refinancing.
//!
//! Tenants are alike and pay in full until one fails, at most one a month. What is vacant is let whole, `vacancy` months after
//! the last loss, at `relet` of the rent of the start times the price of power bought for the month over that of the start.
//! When the leases' `term` is over the whole pool is vacant and let again. A lab that rents leaves with its end, or when it
//! has owed rent for `grace` months. Vacant capacity costs no opex.
//!
//! Cover is rent less opex and servicer over interest and scheduled principal, of three months. Below `cash_trap` nothing is
//! distributed; below `amortisation` all cash goes to principal in order until the notes are refinanced. At the expected
//! date they are refinanced when credit is open and cover is `refinancing.dscr` at least; otherwise they step up, and it is tried
//! again each month. A refinancing turns what is owed into new notes of the same tranches, at today's spread, with new dates.
//! The step-up accrues without interest and is paid after principal. Unpaid interest bears the coupon. Scheduled principal
//! that cash does not cover is not due again.
//!
//! The vehicle defaults when the interest of its most senior tranche is missed for `grace` months, or at the legal final. The
//! pool is then sold in that month: the income of a full pool, vacant parts at the market's rent, capitalised at the rate of
//! the appraisal plus the change of credit spreads, less `sale_cost`. Tranches lose in reverse order. A lab that ends
//! leaves its stake to a buyer; damages for its lease are a claim of the vehicle.
//!
//! Not modelled: leases of different length, prepayment at will and its premium, variable funding notes, servicer advances,
//! valuation covenants, taxes, the cost of letting.
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
use crate::engine::resolution::{Award, Claim, Rules};
use crate::engine::room::{CLOSE, Line, OPEN, REVIEW, Room, SETTLE, Unit, View, by_account, flow, line, total};
use crate::instruments::declared::Declared;
use crate::issues::Issues;
use crate::language::prelude::{Keyed, Months, Name, When};
use crate::language::quantity::{Inputs, Quantity};
use crate::language::rules::KeyRules;
use crate::units::Usd;
use crate::{choice, posts, spec};

/// Tranches, at most.
pub const TRANCHES: usize = 4;

spec! {
    /// A securitisation of leased data-centre capacity.
    pub struct AbsSpec {
        /// Its name.
        pub name: Name,
        /// What the lab contributes.
        pub pool: PoolSpec,
        /// Who rents, and on what terms.
        pub tenants: TenantsSpec,
        /// Running cost of capacity that is let.
        pub opex: Quantity [PowerPrice] = "0 USD/GW-yr",
        /// Share of rent for the servicer.
        pub servicer_fee: Quantity [Share] = "0%",
        /// Month from which the notes can close.
        pub closing: When,
        /// Notes, most senior first.
        pub tranches: Keyed<NoteSpec>,
        /// Share of the notes that issuing them costs.
        pub fee: Quantity [Share] = "0%",
        /// Months of interest kept in reserve, funded at closing.
        pub reserve: Quantity [Time] = "0 mo",
        /// Scheduled principal, a share of the first balance.
        pub amortisation: Quantity [Rate] = "0%/yr",
        /// Months from closing to the anticipated repayment date.
        pub expected: Months = "60 mo",
        /// Months from closing to the legal final.
        pub last: Months as "final" = "300 mo",
        /// What coupons rise by when the notes are not repaid at the anticipated date.
        pub step_up: Quantity [Rate] = "500 bp",
        /// Levels of cover that change where cash goes.
        pub triggers: TriggersSpec = "{}",
        /// Terms of new notes.
        pub refinancing: RefinancingSpec = "{}",
        /// Months in a row in which the most senior interest may be missed.
        pub grace: Months = "3 mo",
        /// Share of its value that a sale of the pool costs.
        pub sale_cost: Quantity [Share] = "5%",
        /// Rate at which firm rent of the lab is discounted.
        pub discount: Quantity [Rate] = "8%/yr",
    }
    /// What the lab contributes.
    pub struct PoolSpec {
        /// Appraised value, fully let.
        pub value: Quantity [Money positive],
        /// Book value before the first month.
        pub book: Quantity [Money],
        /// Power.
        pub power: Quantity [Power],
        /// Months over which the book value is depreciated.
        pub life: Months = "240 mo",
    }
    /// Who rents, and on what terms.
    pub struct TenantsSpec {
        /// Others, or the lab.
        pub who: Who = "others",
        /// Number of tenants, all alike.
        pub count: u32 [Number 1.0..1000.0] = "1",
        /// Rent of the start.
        pub price: Quantity [PowerPrice],
        /// Change of the rent.
        pub escalation: Quantity [Growth] = "0%/yr",
        /// Months that the leases have to run at the start, and for which capacity is let again.
        pub term: Months = "120 mo",
        /// Probability that a tenant fails.
        pub lost: Quantity [Hazard] = "0%/yr",
        /// The same in winter.
        pub lost_in_winter: Option<Quantity> [Hazard],
        /// Months without rent before vacant capacity is let again.
        pub vacancy: Quantity [Time] = "9 mo",
        /// Rent then, as a share of the market's.
        pub relet: Quantity [Share >= 0.0] = "100%",
        /// The lab as tenant: months of owed rent after which it has to leave.
        pub grace: Months = "3 mo",
    }
    /// A tranche.
    pub struct NoteSpec {
        /// Its amount as a share of the appraised value.
        pub advance: Quantity [Share],
        /// Its interest, at credit spreads of the start.
        pub coupon: Quantity [Rate],
    }
    /// Levels of cover that change where cash goes.
    pub struct TriggersSpec {
        /// Below it nothing is distributed.
        pub cash_trap: Quantity [Multiple] = "0.0x",
        /// Below it all cash goes to principal.
        pub amortisation: Quantity [Multiple] = "0.0x",
    }
    /// Terms of new notes.
    pub struct RefinancingSpec {
        /// Least cover at which notes are refinanced.
        pub dscr: Quantity [Multiple] = "1x",
        /// Share of the notes that it costs.
        pub fee: Quantity [Share] = "0%",
        /// Probability that notes can be placed in a month of winter.
        pub open_in_winter: Quantity [Share] = "0%",
    }
}

choice! {
    /// Who rents.
    pub enum Who {
        /// Others.
        Others = "others",
        /// The lab.
        Lab = "lab",
    }
}

impl Room for Abs {
    type Spec = AbsSpec;
    type State = AbsState;
    const PHASES: u8 = OPEN | SETTLE | CLOSE | REVIEW;
    const LUCK: bool = true;
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
    ];
    const EVENTS: u64 = event::COVENANT
        | event::CONTRACT_LOST
        | event::REFINANCING_FAILED
        | event::ROOM_DEFAULT
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
        line("dscr", Unit::Ratio).where_positive("has_dscr"),
        line("market_value", Unit::Usd),
        line("ltv", Unit::Ratio).where_positive("ltv"),
        line("reserve", Unit::Usd),
        line("trapped", Unit::Usd).seldom(),
        flow("distributed", Unit::Usd),
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
    fn check(spec: &AbsSpec, issues: &mut Issues) {
        terms::check(spec, issues);
    }
    fn key_rules(spec: &AbsSpec, rules: &mut KeyRules<'_>) {
        terms::key_rules(spec, rules);
    }
}
