//! A delayed-draw term loan on accelerators that a subsidiary of the lab buys, rents out and repays from the rent.
//!
//! # What it is
//! The hardware comes delivery by delivery. With each the lender pays a share of the cost and the lab the rest. The
//! hardware serves one offtaker under a contract; the margin follows the offtaker's credit. Rent pays opex, interest
//! and fees, principal, a reserve and a sweep; the rest goes to the lab. The lender is secured by hardware and
//! contract: value and cover are tested each month, and when the contract is lost everything goes to the lender. The
//! lab may be a cloud that does nothing else, or it may rent the hardware itself (`offtaker: {name: lab}`).
//!
//! # Monthly cash flows
//! | flow | lab | lender | third parties |
//! | --- | --- | --- | --- |
//! | delivery: the advance, and the lab's part | − | − | + (maker) |
//! | rent (of the lab itself: in the rank of rent, with arrears) | − or 0 | | − (offtaker) |
//! | opex, out of rent | | | + |
//! | interest on the opening balance, undrawn fee | | + | |
//! | scheduled principal; sweep of what is left | | + | |
//! | margin call, in the month after the test | − | + | |
//! | what the reserve does not need | + | | |
//! | a delivery whose contract is over, sold | + | + | − (buyer) |
//! | undrawn fee before the first delivery | − | + | |
//! | recourse: what a sale leaves unpaid | − | + | |
//!
//! # In YAML
//! ```yaml
//! - ddtl:
//!     name: ddtl_4
//!     commitment: 8.5B USD
//!     advance: 75%
//!     capex: 11.3B USD
//!     power: 0.26 GW
//!     deliveries: {start: 2026-07, over: 12 mo}
//!     margin: {investment: 225 bp, other: 450 bp}
//!     undrawn_fee: 50 bp
//!     repayment: {tail: 6 mo, schedule_rate: 6%/yr}
//!     offtaker: {name: big_platform, grade: investment, price: 15B USD/GW-yr, term: 72 mo, lost: 0.2%/yr, lost_in_winter: 1%/yr}
//!     opex: 2.5B USD/GW-yr
//!     covenants: {lock_up: 1.25x, default: 1.15x}
//! ```
//!
//! # Conventions and limits
//! A delivery comes at the end of its month and is rented from the next, for the contract's term; then it is sold. Each draw
//! has its own term, the contract's less `tail`. Its principal is scheduled when it is drawn, at `schedule_rate`; interest is
//! that of the month. `level` repays in equal instalments; `sculpted` follows the contract's cash flow and lends no more than
//! its present value over `dscr`. A sweep or a cure shortens the loan from its end. When a draw is refused the lab pays the
//! whole delivery; what it cannot pay comes later. Deliveries before the first month are taken as made on plan, with the
//! index of resale at 1 and interest at `schedule_rate`.
//!
//! Cover is rent less opex over interest and scheduled principal, of three months. Below `lock_up` nothing is distributed, below `default` the loan is in breach. A breach, a
//! margin call or a payment that stays unmended for `cure` months is a default, and so is the loss of the contract. Then all
//! cash goes to the lender. One that `holds` keeps the contract if there is one, lets the hardware again at the market's price
//! for the month after a vacancy if there is none, and sells at the last maturity; one that `sells` does so in the month
//! after. The loss is told as the value of what is missing, discounted to the default at the loan's rate; while the lender
//! holds, at the hardware's value of the month. Unpaid interest bears interest.
//!
//! The vehicle is the lab's and off its balance sheet: a stake at cost less distributions, which are income beyond; its debt,
//! or the lab's firm rent if that is more, counts off-balance in full, so that recourse is not counted again.
//!
//! Third-party rent is paid in full until the contract is lost as a whole. A lab that rents loses the contract with its end, or
//! when it has owed rent for `grace` months; its arrears and the rent of the months that count as damages are claims. In a
//! restructuring arrears and recourse are cut, the contract goes on. A lab that ends leaves the vehicle to a buyer, who gets
//! its distributions; the contract of a third party is then lost with probability `lost_with_lab`.
//!
//! Not modelled: several offtakers or draws of different terms in one facility (write one `ddtl` each), prepayment at will and
//! its premium, fixed tranches beside floating ones, hedges, parent guarantees for bad acts alone, partial payment by the
//! offtaker, renewal. Idle hardware costs no opex. Returns of a lender whose loan began before the first month are undefined.
//!
//! # Sources
//! [The model](../model.md); `tests/vectors/loan_schedules.csv` (level); for terms [CoreWeave's filing on its
//! debt](https://www.sec.gov/Archives/edgar/data/1769628/000114036125032095/R41.htm) and what `scenarios/coreweave-ddtl.yaml`
//! cites.

mod failure;
mod month;
mod rows;
mod terms;

pub use rows::{Ddtl, DdtlState};

use crate::engine::books::{ACCOUNTS, Books, event};
use crate::engine::columns::Columns;
use crate::engine::resolution::{Award, Claim, Rules};
use crate::engine::room::{CLOSE, LAGS, Line, OPEN, REVIEW, Room, SETTLE, Unit, View, first, flow, line, total};
use crate::instruments::declared::Declared;
use crate::issues::Issues;
use crate::language::prelude::{FloatingRate, Months, Name, When};
use crate::language::quantity::{Inputs, Quantity};
use crate::language::rules::KeyRules;
use crate::units::Usd;
use crate::{choice, posts, spec};

spec! {
    /// A delayed-draw term loan of a subsidiary that buys accelerators and rents them out.
    pub struct DdtlSpec {
        /// Its name.
        pub name: Name,
        /// Most that is lent in all.
        pub commitment: Quantity [Money],
        /// Share of the cost of a delivery that is lent.
        pub advance: Quantity [Share],
        /// Cost of all deliveries.
        pub capex: Quantity [Money positive],
        /// Power of all deliveries.
        pub power: Quantity [Power],
        /// When the hardware comes; before the first month it is taken as come and lent against.
        pub deliveries: DeliveriesSpec,
        /// Months from the first delivery in which the lender lends; by default those of the deliveries.
        pub available: Option<Months>,
        /// Interest before the margin: `sofr`, or a fixed rate.
        pub rate: FloatingRate = "sofr",
        /// Least that SOFR counts for.
        pub floor: Quantity [Rate] = "0%/yr",
        /// What the offtaker's credit adds.
        pub margin: MarginSpec,
        /// Fee on what is committed and not drawn, while it can be drawn.
        pub undrawn_fee: Quantity [Rate] = "0 bp",
        /// How a draw is repaid.
        pub repayment: RepaymentSpec = "{}",
        /// Who rents, and on what terms.
        pub offtaker: Box<OfftakerSpec>,
        /// Running cost of the power that is rented, paid by the vehicle.
        pub opex: Quantity [PowerPrice] = "0 USD/GW-yr",
        /// What is tested each month.
        pub covenants: Box<CovenantsSpec> = "{}",
        /// Months of service that are kept in reserve.
        pub reserve: Quantity [Time] = "0 mo",
        /// Share of what is left after service and reserve that prepays the loan.
        pub sweep: Quantity [Share] = "0%",
        /// Probability that the lender refuses a draw in a month of winter.
        pub refused_in_winter: Quantity [Share] = "0%",
        /// What happens after a default or the loss of the contract.
        pub enforcement: EnforcementSpec = "{}",
        /// Whether the lab owes what a sale leaves unpaid.
        pub recourse: bool = "false",
        /// Change of the hardware's value in its first year.
        pub value_first_year: Quantity [Share -1.0..1.0] = "-35%",
        /// Change of its value in each later year.
        pub value_later: Quantity [Share -1.0..1.0] = "-25%",
        /// Rate at which firm rent of the lab is discounted.
        pub discount: Quantity [Rate] = "8%/yr",
    }
    /// When the hardware comes.
    pub struct DeliveriesSpec {
        /// Month of the first delivery.
        pub start: When,
        /// Months over which deliveries are spread evenly.
        pub over: Months = "1 mo",
    }
    /// Margin by the offtaker's credit.
    pub struct MarginSpec {
        /// Investment grade.
        pub investment: Option<Quantity> [Rate],
        /// Below it, or not rated.
        pub other: Option<Quantity> [Rate],
    }
    /// How a draw is repaid.
    pub struct RepaymentSpec {
        /// Shape of the instalments.
        pub profile: RepaymentProfile = "level",
        /// Months by which a draw is repaid before its contract ends.
        pub tail: Months = "0 mo",
        /// Rate at which principal is scheduled; by default the loan's own when it is fixed.
        pub schedule_rate: Option<Quantity> [Rate],
        /// Sculpted: least cover of each instalment by the contract's cash flow.
        pub dscr: Quantity [Multiple positive] = "1.3x",
    }
    /// Who rents, and on what terms.
    pub struct OfftakerSpec {
        /// Its name; `lab` for the lab itself.
        pub name: Name,
        /// Its credit.
        pub grade: Grade,
        /// Rent of delivered power.
        pub price: Quantity [PowerPrice],
        /// Change of the rent of a delivery from its first month on.
        pub escalation: Quantity [Growth] = "0%/yr",
        /// Months of rent for each delivery.
        pub term: Months,
        /// Probability that the contract is lost: the offtaker fails or ends it.
        pub lost: Quantity [Hazard] = "0%/yr",
        /// The same in winter.
        pub lost_in_winter: Option<Quantity> [Hazard],
        /// Probability that it is lost when the lab, which runs the hardware, ends.
        pub lost_with_lab: Quantity [Share] = "0%",
        /// The lab as offtaker: months of owed rent after which the contract is ended.
        pub grace: Months = "3 mo",
    }
    /// What is tested on closing balances.
    pub struct CovenantsSpec {
        /// Most of the hardware's market value that the loan may be; no test when absent.
        pub ltv: Option<Quantity> [Share >= 0.0],
        /// The same once `over` has passed since the first delivery, to which it moves in a straight line.
        pub ltv_later: Option<Quantity> [Share >= 0.0],
        /// Time in which it gets there.
        pub over: Quantity [Time positive] = "36 mo",
        /// Cover below which nothing is distributed.
        pub lock_up: Quantity [Multiple] = "0.0x",
        /// Cover below which the loan is in breach.
        pub default: Quantity [Multiple] = "0.0x",
        /// Months for which a breach, a margin call or a missed payment may last.
        pub cure: Months = "1 mo",
    }
    /// What happens after a default or the loss of the contract.
    pub struct EnforcementSpec {
        /// What the lender does.
        pub lender: Enforcement = "holds",
        /// Months without rent after the loss of the contract.
        pub vacancy: Quantity [Time] = "6 mo",
        /// Rent then, as a share of the market's price of power bought for the month.
        pub relet: Quantity [Share] = "70%",
        /// Share of the hardware's market value that a sale costs.
        pub sale_cost: Quantity [Share] = "10%",
    }
}

choice! {
    /// Shape of a draw's instalments.
    pub enum RepaymentProfile {
        /// Level payments of interest and principal.
        Level = "level",
        /// In proportion to the contract's cash flow.
        Sculpted = "sculpted",
    }
    /// Credit of the offtaker.
    pub enum Grade {
        /// Investment grade.
        Investment = "investment",
        /// Below it, or not rated.
        Other = "other",
    }
    /// What a lender does after a default.
    pub enum Enforcement {
        /// Takes all cash and sells at the last maturity.
        Holds = "holds",
        /// Sells in the month after.
        Sells = "sells",
    }
}

impl DdtlSpec {
    /// Whether the lender can come to let the hardware again, at the price of power bought for the month.
    pub fn lets_again(&self) -> bool {
        let o = &self.offtaker;
        let chances = [Some(&o.lost), o.lost_in_winter.as_ref(), Some(&o.lost_with_lab)];
        let lost = self.by_lab() || chances.into_iter().flatten().any(|q| q.known() != Some(0.0));
        let e = &self.enforcement;
        lost && e.lender == Enforcement::Holds && e.relet.known() != Some(0.0)
    }
    /// Whether the lab itself rents.
    fn by_lab(&self) -> bool {
        self.offtaker.name.as_str() == "lab"
    }
    /// Margin for the offtaker's credit.
    fn margin(&self) -> Option<&Quantity> {
        match self.offtaker.grade {
            Grade::Investment => self.margin.investment.as_ref(),
            Grade::Other => self.margin.other.as_ref(),
        }
    }
    /// Months of rent for each delivery.
    fn contract_term(&self) -> f64 {
        self.offtaker.term.0.round()
    }
    /// Instalments of a draw.
    fn loan_term(&self) -> f64 {
        (self.contract_term() - self.repayment.tail.0.round()).max(1.0)
    }
    /// Rate at which principal is scheduled, a year.
    fn schedule_rate(&self, inputs: &Inputs<'_>) -> f64 {
        let own = || self.rate.margin.at(inputs) + self.margin().map_or(0.0, |q| q.at(inputs));
        self.repayment.schedule_rate.as_ref().map_or_else(own, |q| q.at(inputs))
    }
}

impl Room for Ddtl {
    type Spec = DdtlSpec;
    type State = DdtlState;
    const PHASES: u8 = OPEN | SETTLE | CLOSE | REVIEW;
    const LUCK: bool = true;
    const TAPED: usize = 3;
    const POSTS: Columns = posts![
        capacity_gw,
        sunk_gw,
        capacity_cost,
        ahead_gw,
        rent,
        lease_expense,
        contributions,
        guarantees,
        distributions,
        other_income,
        investment,
        arrears,
        vehicle_debt,
        off_balance,
        issued,
        paid_in,
    ];
    const EVENTS: u64 = event::COVENANT
        | event::MARGIN_CALL
        | event::GUARANTEE_CALLED
        | event::CONTRACT_LOST
        | event::DRAW_STOPPED
        | event::ROOM_DEFAULT
        | event::LOCK_UP
        | event::RELET
        | event::CURED
        | event::SOLD;
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        line("balance", Unit::Usd),
        flow("draw", Unit::Usd),
        flow("interest", Unit::Usd),
        flow("principal", Unit::Usd),
        line("market_value", Unit::Usd),
        line("ltv", Unit::Ratio).where_positive("ltv"),
        line("dscr", Unit::Ratio).where_positive("has_dscr"),
        flow("rent", Unit::Usd),
        line("reserve", Unit::Usd),
        flow("margin_call", Unit::Usd),
        flow("contributed", Unit::Usd),
        flow("distributed", Unit::Usd),
        line("lost", Unit::Share),
        total("drawn_total", Unit::Usd),
        total("claim", Unit::Usd),
        total("loss", Unit::Usd),
    ];

    fn name(spec: &DdtlSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }
    fn lags(spec: &DdtlSpec) -> [usize; LAGS] {
        [12, spec.contract_term() as usize + 1, spec.loan_term() as usize + 1]
    }
    fn accounts(_: &DdtlSpec) -> Vec<(String, usize)> {
        vec![("lender".into(), 0)]
    }
    fn terms(spec: &DdtlSpec, inputs: &Inputs<'_>) -> Self {
        terms::terms(spec, inputs)
    }
    fn opening(&self) -> DdtlState {
        self.before_the_start()
    }
    #[inline(always)]
    fn open(&self, see: &View, own: &mut DdtlState, books: &mut Books) {
        self.bring(see, own, books);
    }
    #[inline(always)]
    fn settle(&self, see: &View, own: &mut DdtlState, books: &mut Books) {
        self.post(see, own, books);
    }
    #[inline(always)]
    fn close(&self, see: &View, own: &mut DdtlState, books: &mut Books) {
        self.pay(see, own, books);
    }
    #[inline(always)]
    fn review(&self, see: &View, own: &mut DdtlState, books: &mut Books) {
        self.test(see, own, books);
    }
    fn claim(&self, see: &View, own: &DdtlState, rules: &Rules) -> Claim {
        self.claims(see, own, *rules)
    }
    fn resolve(&self, _: &View, own: &mut DdtlState, award: &Award, books: &mut Books) {
        self.learn(own, award, books);
    }
    #[inline(always)]
    fn worth(&self, _: &View, own: &DdtlState) -> [Usd; ACCOUNTS] {
        first(own.balance + own.unpaid - own.loss_expected)
    }
    fn audit(&self, was: &DdtlState, now: &DdtlState) -> Usd {
        DdtlState::rolls(was, now)
    }
    fn vehicle_cash(own: &DdtlState) -> Usd {
        own.reserve + own.trapped
    }
}
impl Declared for Ddtl {
    fn key_rules(spec: &DdtlSpec, rules: &mut KeyRules<'_>) {
        terms::key_rules(spec, rules);
    }
    fn check(spec: &DdtlSpec, issues: &mut Issues) {
        terms::check(spec, issues);
    }
}
