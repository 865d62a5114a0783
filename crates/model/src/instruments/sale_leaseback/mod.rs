//! Hardware of the lab that is sold to a lessor and leased back.
//!
//! # What it is
//! A vintage of accelerators that the lab owns, like `own_compute`, until it sells it: on a date, or when its runway
//! falls below a level. The lessor pays a share of the market value; the lab continues to use the hardware and pays
//! rent that earns the lessor its return on the purchase price, assuming a residual value. At lease end the lab buys
//! the hardware back, renews, or returns it.
//!
//! # Monthly cash flows
//! | flow | lab | lessor | third parties |
//! | --- | --- | --- | --- |
//! | price at delivery, if within the run | − | | + (maker) |
//! | operating cost while the lab uses it | − | | + |
//! | sale, less the fee | + | − | + (arranger) |
//! | rent from the following month, with arrears | − | + | |
//! | lease end: price if bought | − | + | |
//! | lease end: sale if returned | | + | − (buyer) |
//! | end of the lab: sale, share of the estate | | + | − |
//!
//! # In YAML
//! ```yaml
//! - sale_leaseback:
//!     name: leaseback
//!     hardware: {power: 0.2 GW, cost: 7B USD, delivered: 2026-03, life: 72 mo, opex: 1.2B USD/GW-yr}
//!     sale: {runway_below: 9 mo, advance: 65%, process: 2 mo}
//!     lease: {term: 36 mo, return: 15%/yr, residual: 20%, at_end: buy}
//! ```
//!
//! # Conventions and limits
//! Hardware delivered before the first month is in the opening balance sheet at cost less depreciation, against paid-in
//! capital, with the resale index then at 1. `return` is an effective annual rate: the lessor's return if everything is
//! paid and the residual is realised. `residual` is a share of the purchase price. A gain over book value is deferred
//! and recognised evenly over the lease; a loss is recognised at once. The lease is an operating lease: rent is an
//! expense, and the present value of the remaining firm rent is off-balance-sheet. Leased power is a sunk cost and used
//! first.
//!
//! The sale closes `process` months after the month whose close triggered it. It does not close if the hardware's life
//! would end within the lease; the next month that meets the trigger may then try again, and the lab keeps the
//! hardware. `buy` is paid in the rank of capital expenditure in the month of the last rent; any unpaid part stays owed
//! to the lessor, and the hardware serves to the end of its life. `renew` sets rent on the market value of that month,
//! repeatedly while life lasts, and returns the hardware when the remaining life is shorter than `renewal`. Rent in
//! arrears bears no interest.
//!
//! When the lab ends, the lessor repossesses the hardware and sells it. It claims arrears and, as damages, its net
//! investment (the present value of rent and residual at its own return) less sale proceeds, up to the rent for the
//! months that count. Its reported claim is arrears plus net investment; the loss is that claim less sale proceeds and
//! the discounted recovery from the estate, at least 0. Hardware that the lab owns then belongs to the estate. In a
//! restructuring arrears are cut and the lease continues.
//!
//! Not modelled: early purchase options, repossession for arrears alone, tax benefits of the lessor, several sales of
//! one vintage, finance-lease accounting.
//!
//! # Sources
//! [The model](../model.md); `tests/vectors/pf_sale_leaseback.json`; [an index of
//! leases](https://gpuleaseindex.com/financing/sale-leaseback), cited in the scenarios for the advance rate.

mod month;
mod terms;

pub use terms::{SaleLeaseback, SaleLeasebackState, rent_factor};

use crate::engine::books::{ACCOUNTS, Books, event};
use crate::engine::columns::Columns;
use crate::engine::instrument::{CLOSE, Instrument, Line, OPEN, REVIEW, SETTLE, Unit, View, flow, line, total};
use crate::engine::resolution::{Award, Claim, Rules};
use crate::instruments::declared::{Declared, Facts, Provider};
use crate::instruments::hardware::ValueSpec;
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
        /// Timing and price of the sale.
        pub sale: SaleSpec,
        /// The lease.
        pub lease: LeasebackSpec,
        /// Cost of a sale to third parties, as a share of market value.
        pub sale_cost: Quantity [Share] = "10%",
        /// Decline of the hardware's market value.
        pub value: ValueSpec = "{}",
        /// Discount rate for firm rent.
        pub discount_rate: Quantity [Rate] = "8%/yr",
    }
    /// The hardware.
    pub struct HardwareSpec {
        /// Power of the hardware.
        pub power: Quantity [Power],
        /// Price, paid at delivery.
        pub cost: Quantity [Money positive],
        /// Month of delivery; if before the first month, it is in the opening balance sheet.
        pub delivered: When,
        /// Useful life.
        pub life: Months,
        /// Operating cost of power in place.
        pub opex: Quantity [PowerPrice] = "0 USD/GW-yr",
    }
    /// Timing and price of the sale.
    pub struct SaleSpec {
        /// Month of the sale; alternative to `runway_below`.
        pub date: Option<When>,
        /// Runway below which the lab sells; alternative to `date`.
        pub runway_below: Option<Quantity> [Time],
        /// Months from the decision to the sale.
        pub process: Months = "2 mo",
        /// Advance rate: purchase price as a share of market value.
        pub advance: Quantity [Share],
        /// Arranger's fee, as a share of the purchase price.
        pub fee: Quantity [Share] = "0%",
    }
    /// The lease.
    pub struct LeasebackSpec {
        /// Months of rent.
        pub term: Months,
        /// Lessor's return implied by the rent, effective.
        pub returns: Quantity as "return" [Rate],
        /// Lessor's residual value at lease end, as a share of the purchase price.
        pub residual: Quantity [Share] = "0%",
        /// What the lab does at lease end.
        pub at_end: AtEnd = "return",
        /// Purchase price if the lab buys.
        pub price: BuyPrice = "residual",
        /// Months of each renewal.
        pub renewal: Months = "12 mo",
    }
}

choice! {
    /// What the lab does at lease end.
    pub enum AtEnd {
        /// Buys the hardware back.
        Buy = "buy",
        /// Renews the lease.
        Renew = "renew",
        /// Returns the hardware.
        Return = "return",
    }
    /// Price at which the lab buys the hardware back.
    pub enum BuyPrice {
        /// The lessor's residual value.
        Residual = "residual",
        /// Market value.
        Fair = "fair",
    }
}

impl Instrument for SaleLeaseback {
    type Spec = SaleLeasebackSpec;
    type State = SaleLeasebackState;
    const FIRM: bool = true;
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
        line("firm_rent", Unit::Usd).seldom(),
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
    fn firm_in(&self, see: &View, own: &SaleLeasebackState, month: f64) -> Usd {
        Self::rent_in(see, own, month)
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
    const FACTS: Facts = Facts::of(Provider::Vehicle).vehicle().capital("total");

    fn check(spec: &SaleLeasebackSpec, issues: &mut Issues) {
        terms::check(spec, issues);
    }
}
