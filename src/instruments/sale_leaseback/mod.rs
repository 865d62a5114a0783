//! Hardware of the lab that is sold to a lessor and leased back.
//!
//! # What it is
//! A vintage of accelerators that the lab owns, as `own_compute`, until it sells it: at a date, or when its runway falls
//! below a level. The lessor pays a share of the market value; the lab goes on using the hardware and pays rent that gives
//! the lessor its return on what it paid, counting on a residual value. When the lease ends the lab buys the hardware back,
//! renews, or returns it.
//!
//! # Monthly cash flows
//! | flow | lab | lessor | third parties |
//! | --- | --- | --- | --- |
//! | price at delivery, when it falls into the run | − | | + (maker) |
//! | running cost while the lab uses it | − | | + |
//! | sale, less the fee | + | − | + (arranger) |
//! | rent from the month after, with arrears | − | + | |
//! | at the end: price when bought | − | + | |
//! | at the end: sale when returned | | + | − (buyer) |
//! | on the lab's end: sale, share of the estate | | + | − |
//!
//! # In YAML
//! ```yaml
//! - sale_leaseback:
//!     name: leaseback
//!     hardware: {power: 0.2 GW, cost: 7B USD, delivered: 2026-03, life: 72 mo, running: 1.2B USD/GW-yr}
//!     sale: {runway_below: 9 mo, advance: 65%, process: 2 mo}
//!     lease: {term: 36 mo, return: 15%/yr, residual: 20%, at_end: buy}
//! ```
//!
//! # Conventions and limits
//! Hardware delivered before the first month stands in the opening balance sheet at cost less depreciation, against paid-in
//! capital, with the resale index then at 1. `return` is effective a year: what the lessor's flows earn when all is paid and
//! the residual comes in. `residual` is a share of what the lessor paid. A gain over book value is deferred and earned evenly
//! over the lease; a loss counts at once. The lease is an operating lease: rent is an expense, the present value of what is
//! still firm stands off-balance. Power under lease is sunk and used first.
//!
//! The sale closes `process` months after the month whose close asked for it. It does not close when the hardware's life would
//! end within the lease; then the next month that asks may try again and the lab keeps the hardware. `buy` is paid in the
//! rank of capital expenditure in the month of the last rent; what is not paid stays owed to the lessor, and the hardware runs
//! on to the end of its life. `renew` fixes rent on the market value of that month, again and again while life lasts, and
//! returns the hardware when what is left is shorter than `renewal`. Rent in arrears bears no interest.
//!
//! When the lab ends the lessor takes the hardware back and sells it. It claims arrears and, as damages, what the sale leaves of
//! its net investment (the present value of rent and residual at its own return), at most the rent of the months that count.
//! Its claim as told is arrears and net investment; the loss is what sale and estate, discounted, leave of it, at least 0.
//! Hardware that the lab owns then belongs to the estate. In a restructuring arrears are cut and the lease goes on.
//!
//! Not modelled: purchase options before the end, repossession for arrears alone, tax benefits of the lessor, several sales of
//! one vintage, finance-lease accounting.
//!
//! # Sources
//! [The model](../model.md); `tests/vectors/pf_sale_leaseback.json`; [an index of
//! leases](https://gpuleaseindex.com/financing/sale-leaseback), which the scenarios cite for the share of value that is paid.

mod month;
mod terms;

pub use terms::{SaleLeaseback, SaleLeasebackState, rent_factor};

use crate::engine::books::{ACCOUNTS, Books, event};
use crate::engine::columns::Columns;
use crate::engine::resolution::{Award, Claim, Rules};
use crate::engine::room::{CLOSE, Line, OPEN, REVIEW, Room, SETTLE, Unit, View, flow, line, total};
use crate::instruments::declared::Declared;
use crate::issues::Issues;
use crate::language::prelude::{Months, Name, When};
use crate::language::quantity::{Inputs, Quantity};
use crate::units::Usd;
use crate::{choice, posts, spec};

spec! {
    /// Hardware of the lab that is sold to a lessor and leased back.
    pub struct SaleLeasebackSpec {
        /// Its name.
        pub name: Name,
        /// The hardware.
        pub hardware: HardwareSpec,
        /// When it is sold and for how much.
        pub sale: SaleSpec,
        /// The lease.
        pub lease: LeasebackSpec,
        /// Share of the market value that a sale to others costs.
        pub sale_cost: Quantity [Share] = "10%",
        /// Change of the hardware's value in its first year.
        pub value_first_year: Quantity [Share -1.0..1.0] = "-35%",
        /// Change of its value in each later year.
        pub value_later: Quantity [Share -1.0..1.0] = "-25%",
        /// Rate at which firm rent is discounted.
        pub discount: Quantity [Rate] = "8%/yr",
    }
    /// The hardware.
    pub struct HardwareSpec {
        /// Power.
        pub power: Quantity [Power],
        /// Price, paid at delivery.
        pub cost: Quantity [Money positive],
        /// Month of delivery; before the first month it stands in the opening balance sheet.
        pub delivered: When,
        /// Useful life.
        pub life: Months,
        /// Running cost of the power in place.
        pub running: Quantity [PowerPrice] = "0 USD/GW-yr",
    }
    /// When it is sold and for how much.
    pub struct SaleSpec {
        /// Month of the sale; or say `runway_below`.
        pub date: Option<When>,
        /// Runway below which the lab sells; or say `date`.
        pub runway_below: Option<Quantity> [Time],
        /// Months from the decision to the sale.
        pub process: Months = "2 mo",
        /// Share of the market value that the lessor pays.
        pub advance: Quantity [Share],
        /// Share of that which the arranger takes.
        pub fee: Quantity [Share] = "0%",
    }
    /// The lease.
    pub struct LeasebackSpec {
        /// Months of rent.
        pub term: Months,
        /// Return that the rent gives to the lessor, effective.
        pub returns: Quantity as "return" [Rate],
        /// What the lessor counts on at the end, as a share of what it paid.
        pub residual: Quantity [Share] = "0%",
        /// What the lab does when it ends.
        pub at_end: AtEnd = "return",
        /// Price when it buys.
        pub price: BuyPrice = "residual",
        /// Months of each renewal.
        pub renewal: Months = "12 mo",
    }
}

choice! {
    /// What the lab does when the lease ends.
    pub enum AtEnd {
        /// Buys the hardware.
        Buy = "buy",
        /// Renews the lease.
        Renew = "renew",
        /// Gives it back.
        Return = "return",
    }
    /// Price of hardware that is bought back.
    pub enum BuyPrice {
        /// What the lessor counted on.
        Residual = "residual",
        /// Market value.
        Fair = "fair",
    }
}

impl Room for SaleLeaseback {
    type Spec = SaleLeasebackSpec;
    type State = SaleLeasebackState;
    const PHASES: u8 = OPEN | SETTLE | CLOSE | REVIEW;
    const POSTS: Columns = posts![
        capacity_gw,
        sunk_gw,
        capacity_cost,
        ahead_gw,
        used_gw,
        capex,
        capex_accrued,
        running,
        running_expense,
        depreciation,
        asset_sales,
        rent,
        lease_expense,
        other_income,
        ppe,
        deferred,
        arrears,
        off_balance,
        pending,
        issued,
        paid_in,
    ];
    const EVENTS: u64 = event::RENEWED | event::LEASE_ENDED | event::SOLD;
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        line("power", Unit::Gigawatt),
        line("used", Unit::Gigawatt),
        line("market_value", Unit::Usd),
        line("book", Unit::Usd),
        line("leased", Unit::Share).seldom(),
        flow("rent", Unit::Usd),
        line("arrears", Unit::Usd).seldom(),
        line("deferred", Unit::Usd).seldom(),
        line("firm_rent", Unit::Usd),
        total("total", Unit::Usd),
        total("claim", Unit::Usd),
        total("loss", Unit::Usd),
    ];

    fn name(spec: &SaleLeasebackSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }
    fn accounts(_: &SaleLeasebackSpec) -> Vec<(String, usize)> {
        vec![("lessor".into(), 0)]
    }
    fn terms(spec: &SaleLeasebackSpec, inputs: &Inputs<'_>) -> Self {
        terms::terms(spec, inputs)
    }
    fn opening(&self) -> SaleLeasebackState {
        self.before_the_start()
    }
    #[inline(always)]
    fn open(&self, see: &View, own: &mut SaleLeasebackState, books: &mut Books) {
        self.bring(see, own, books);
    }
    #[inline(always)]
    fn settle(&self, see: &View, own: &mut SaleLeasebackState, books: &mut Books) {
        self.post(see, own, books);
    }
    #[inline(always)]
    fn close(&self, see: &View, own: &mut SaleLeasebackState, books: &mut Books) {
        Self::pay(see, own, books);
    }
    #[inline(always)]
    fn review(&self, see: &View, own: &mut SaleLeasebackState, books: &mut Books) {
        self.look(see, own, books);
    }
    fn claim(&self, see: &View, own: &SaleLeasebackState, rules: &Rules) -> Claim {
        self.claims(see, own, *rules)
    }
    fn resolve(&self, see: &View, own: &mut SaleLeasebackState, award: &Award, books: &mut Books) {
        self.learn(see, own, award, books);
    }
    #[inline(always)]
    fn worth(&self, _: &View, own: &SaleLeasebackState) -> [Usd; ACCOUNTS] {
        Self::position(own)
    }
    fn audit(&self, was: &SaleLeasebackState, now: &SaleLeasebackState) -> Usd {
        Self::rolls(was, now)
    }
}
impl Declared for SaleLeaseback {
    fn check(spec: &SaleLeasebackSpec, issues: &mut Issues) {
        terms::check(spec, issues);
    }
}
