//! A delayed-draw term loan on accelerators that a subsidiary of the lab buys and leases out.
//!
//! # What it is
//! The hardware arrives in deliveries. For each the lender funds a share of the cost and the lab the rest. The hardware
//! serves one offtaker under a contract; the margin depends on the offtaker's credit grade. Rent pays opex, interest
//! and fees, principal, a reserve and a sweep; the remainder goes to the lab. The lender is secured by hardware and
//! contract: loan-to-value and DSCR are tested each month, and after loss of the contract all cash goes to the lender.
//! The lab may be a cloud that does nothing else, or it may rent the hardware itself (`offtaker: {name: lab}`).
//!
//! # Monthly cash flows
//! | flow | lab | lender | third parties |
//! | --- | --- | --- | --- |
//! | delivery: the advance, and the lab's share | − | − | + (maker) |
//! | rent (of the lab itself: ranking as rent, with arrears) | − or 0 | | − (offtaker) |
//! | opex, out of rent | | | + |
//! | interest on the opening balance, commitment fee | | + | |
//! | scheduled principal; cash sweep | | + | |
//! | margin call, in the month after the test | − | + | |
//! | cash not needed for the reserve | + | | |
//! | sale of a delivery at the end of its contract | + | + | − (buyer) |
//! | commitment fee before the first delivery | − | + | |
//! | recourse: shortfall after a sale | − | + | |
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
//!     commitment_fee: 50 bp
//!     repayment: {tail: 6 mo, schedule_rate: 6%/yr}
//!     offtaker: {name: big_platform, grade: investment, price: 15B USD/GW-yr, term: 72 mo, lost: 0.2%/yr, lost_in_winter: 1%/yr}
//!     opex: 2.5B USD/GW-yr
//!     covenants: {lock_up: 1.25x, default: 1.15x}
//! ```
//!
//! # Conventions and limits
//! A delivery arrives at the end of its month and is rented from the next, for the contract's term; then it is sold.
//! Each draw has its own term, the contract's less `tail`. Its principal is scheduled when it is drawn, at
//! `schedule_rate`; interest is at the current rate. `level` repays in equal instalments; `sculpted` follows the
//! contract's cash flow and lends at most its present value over `dscr`. A sweep or a cure prepays in inverse order of
//! maturity. When a draw is refused, the lab pays for the whole delivery; whatever it cannot pay is delivered later.
//! With `world.capital.credit` draws take what is left of the supply, at a spread that rises with the flow of new credit
//! (the mean by draws, on interest alone), unless deliveries began before the first month: that facility was signed then.
//! Deliveries before the first month are treated as made on plan, with the resale index at 1 and interest at
//! `schedule_rate`.
//!
//! DSCR is rent less opex over interest and scheduled principal, over three months. Below `lock_up` there are no
//! distributions; below `default` the loan is in breach. A breach, a margin call or a missed payment that is not cured
//! within `cure` months is a default, and so is the loss of the contract. All cash then goes to the lender. A lender
//! that `holds` keeps the contract if it is in force, otherwise re-leases the hardware at the market price of power
//! bought for the month after a vacancy, and sells at the last maturity; one that `sells` does so in the following
//! month. The reported loss is the value of the shortfall, discounted to the default at the loan's rate; while the
//! lender holds, it is based on the hardware's current value. Unpaid interest bears interest.
//!
//! The vehicle is owned by the lab and off its balance sheet: the stake is carried at cost less distributions, and
//! further distributions are income; its debt, or the lab's firm rent if higher, counts off-balance-sheet in full, so
//! recourse is not counted again.
//!
//! Third-party rent is paid in full until the whole contract is lost. If the lab is the offtaker, it loses the contract
//! when it ends, or after `grace` months of arrears; its arrears and the rent for the months that count as damages are
//! claims. In a restructuring arrears and recourse are cut and the contract continues. If the lab ends, the vehicle
//! passes to a buyer, who receives its distributions; a third-party contract is then lost with probability
//! `lost_with_lab`.
//!
//! Not modelled: several offtakers, or draws of different terms, in one facility (write one `ddtl` each), voluntary
//! prepayment and its premium, fixed tranches alongside floating ones, hedges, bad-act parent guarantees, partial
//! payment by the offtaker, renewal. Idle hardware costs no opex. Returns are undefined for a lender whose loan began
//! before the first month.
//!
//! # Sources
//! [The model](../model.md); `tests/vectors/loan_schedules.csv` (level); for terms [CoreWeave's filing on its
//! debt](https://www.sec.gov/Archives/edgar/data/1769628/000114036125032095/R41.htm) and the sources cited in
//! `scenarios/coreweave-ddtl.yaml`.

mod failure;
mod month;
mod rows;
mod terms;

pub use rows::{Ddtl, DdtlState};

use crate::engine::books::{ACCOUNTS, Books, event};
use crate::engine::columns::Columns;
use crate::engine::instrument::{
    CLOSE, Instrument, LAGS, Line, OPEN, REVIEW, SETTLE, Unit, View, first, flow, line, total,
};
use crate::engine::resolution::{Award, Claim, Rules};
use crate::instruments::declared::{Declared, Facts, Market, Need, Provider};
use crate::instruments::hardware::ValueSpec;
use crate::issues::Issues;
use crate::language::prelude::{FloatingRate, Months, Name, When};
use crate::language::quantity::{Inputs, Quantity};
use crate::language::rules::KeyRules;
use crate::units::Usd;
use crate::{choice, posts, spec};

spec! {
    /// A delayed-draw term loan to a subsidiary that buys accelerators and leases them out.
    pub struct DdtlSpec {
        /// Its name.
        pub name: Name,
        /// Total commitment.
        pub commitment: Quantity [Money],
        /// Advance rate on the cost of each delivery.
        pub advance: Quantity [Share],
        /// Total cost of all deliveries.
        pub capex: Quantity [Money positive],
        /// Total power of all deliveries.
        pub power: Quantity [Power],
        /// Delivery schedule; deliveries before the first month are treated as made and financed.
        pub deliveries: DeliveriesSpec,
        /// Availability period in months from the first delivery; by default the delivery period.
        pub available: Option<Months>,
        /// Reference rate before the margin: `sofr`, or a fixed rate.
        pub rate: FloatingRate = "sofr",
        /// SOFR floor.
        pub floor: Quantity [Rate] = "0%/yr",
        /// Margin by credit grade of the offtaker.
        pub margin: MarginSpec,
        /// Commitment fee on the undrawn amount during the availability period.
        pub commitment_fee: Quantity [Rate] = "0 bp",
        /// Repayment terms of each draw.
        pub repayment: RepaymentSpec = "{}",
        /// The offtaker and its contract.
        pub offtaker: Box<OfftakerSpec>,
        /// Operating cost of leased power, paid by the vehicle.
        pub opex: Quantity [PowerPrice] = "0 USD/GW-yr",
        /// Covenants, tested monthly.
        pub covenants: Box<CovenantsSpec> = "{}",
        /// Debt service reserve in months.
        pub reserve: Quantity [Time] = "0 mo",
        /// Cash sweep: share of cash after debt service and reserve that prepays the loan.
        pub sweep: Quantity [Share] = "0%",
        /// Probability that the lender refuses a draw in a winter month.
        pub refused_in_winter: Quantity [Share] = "0%",
        /// Enforcement after a default or the loss of the contract.
        pub enforcement: EnforcementSpec = "{}",
        /// Whether the lender has recourse to the lab for the shortfall after a sale.
        pub recourse: bool = "false",
        /// Decline of the hardware's market value.
        pub value: ValueSpec = "{}",
        /// Discount rate for the lab's firm rent.
        pub discount_rate: Quantity [Rate] = "8%/yr",
    }
    /// Delivery schedule.
    pub struct DeliveriesSpec {
        /// Month of the first delivery.
        pub start: When,
        /// Months over which deliveries are spread evenly.
        pub over: Months = "1 mo",
    }
    /// Margin by credit grade of the offtaker.
    pub struct MarginSpec {
        /// Margin for an investment-grade offtaker.
        pub investment: Option<Quantity> [Rate],
        /// Margin for a sub-investment-grade or unrated offtaker.
        pub other: Option<Quantity> [Rate],
    }
    /// Repayment terms of each draw.
    pub struct RepaymentSpec {
        /// Repayment profile.
        pub profile: RepaymentProfile = "level",
        /// Months between the last instalment of a draw and the end of its contract.
        pub tail: Months = "0 mo",
        /// Interest rate used to schedule principal; by default the loan's own rate if fixed.
        pub schedule_rate: Option<Quantity> [Rate],
        /// Sculpted profile: minimum DSCR of each instalment on contract cash flow.
        pub dscr: Quantity [Multiple positive] = "1.3x",
    }
    /// The offtaker and its contract.
    pub struct OfftakerSpec {
        /// Its name; `lab` for the lab itself.
        pub name: Name,
        /// Its credit grade.
        pub grade: Grade,
        /// Rent for delivered power.
        pub price: Quantity [PowerPrice],
        /// Rent escalation of each delivery from its first month.
        pub escalation: Quantity [Growth] = "0%/yr",
        /// Contract term of each delivery in months.
        pub term: Months,
        /// Probability that the contract is lost: the offtaker defaults or terminates.
        pub lost: Quantity [Hazard] = "0%/yr",
        /// Probability that the contract is lost in winter.
        pub lost_in_winter: Option<Quantity> [Hazard],
        /// Probability that the contract is lost when the lab, which operates the hardware, ends.
        pub lost_with_lab: Quantity [Share] = "0%",
        /// If the lab is the offtaker: months of arrears after which the contract is terminated.
        pub grace: Months = "3 mo",
    }
    /// Covenants, tested on closing balances.
    pub struct CovenantsSpec {
        /// Maximum loan-to-value on the hardware's market value; not tested if absent.
        pub ltv: Option<Quantity> [Share >= 0.0],
        /// Maximum loan-to-value after `over` months from the first delivery; the limit moves to it linearly.
        pub ltv_later: Option<Quantity> [Share >= 0.0],
        /// Months over which the limit moves to `ltv_later`.
        pub over: Quantity [Time positive] = "36 mo",
        /// Lock-up: no distributions below this DSCR.
        pub lock_up: Quantity [Multiple] = "0.0x",
        /// Default covenant: the loan is in breach below this DSCR.
        pub default: Quantity [Multiple] = "0.0x",
        /// Cure period in months for a breach, a margin call or a missed payment.
        pub cure: Months = "1 mo",
    }
    /// Enforcement after a default or the loss of the contract.
    pub struct EnforcementSpec {
        /// The lender's course of action.
        pub lender: Enforcement = "holds",
        /// Months of vacancy after the loss of the contract.
        pub vacancy: Quantity [Time] = "6 mo",
        /// Re-leasing rent, as a share of the market price of power bought for the month.
        pub relet: Quantity [Share] = "70%",
        /// Cost of a sale, as a share of the hardware's market value.
        pub sale_cost: Quantity [Share] = "10%",
    }
}

choice! {
    /// Repayment profile of a draw.
    pub enum RepaymentProfile {
        /// Level payments of principal and interest.
        Level = "level",
        /// In proportion to the contract's cash flow.
        Sculpted = "sculpted",
    }
    /// Credit grade of the offtaker.
    pub enum Grade {
        /// Investment grade.
        Investment = "investment",
        /// Sub-investment grade or unrated.
        Other = "other",
    }
    /// The lender's course of action after a default.
    pub enum Enforcement {
        /// Collects all cash and sells at the last maturity.
        Holds = "holds",
        /// Sells in the following month.
        Sells = "sells",
    }
}

impl DdtlSpec {
    /// Whether the lender may have to re-lease the hardware, at the price of power bought for the month.
    pub fn lets_again(&self) -> bool {
        let o = &self.offtaker;
        let chances = [Some(&o.lost), o.lost_in_winter.as_ref(), Some(&o.lost_with_lab)];
        let lost = self.by_lab() || chances.into_iter().flatten().any(|q| q.known() != Some(0.0));
        let e = &self.enforcement;
        lost && e.lender == Enforcement::Holds && e.relet.known() != Some(0.0)
    }
    /// Whether the lab itself is the offtaker.
    fn by_lab(&self) -> bool {
        self.offtaker.name.as_str() == "lab"
    }
    /// Margin for the offtaker's credit grade.
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
    /// Number of instalments of a draw.
    fn loan_term(&self) -> f64 {
        (self.contract_term() - self.repayment.tail.0.round()).max(1.0)
    }
    /// Annual rate at which principal is scheduled.
    fn schedule_rate(&self, inputs: &Inputs<'_>) -> f64 {
        let own = || self.rate.margin.at(inputs) + self.margin().map_or(0.0, |q| q.at(inputs));
        self.repayment.schedule_rate.as_ref().map_or_else(own, |q| q.at(inputs))
    }
}

impl Instrument for Ddtl {
    type Spec = DdtlSpec;
    type State = DdtlState;
    const FIRM: bool = true;
    const PHASES: u8 = OPEN | SETTLE | CLOSE | REVIEW;
    const UNIFORMS: bool = true;
    const REMEMBERED: usize = 3;
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
        credit_asked,
        credit_drawn,
    ];
    const EVENTS: u64 = event::COVENANT
        | event::MARGIN_CALL
        | event::GUARANTEE_CALLED
        | event::CONTRACT_LOST
        | event::DRAW_STOPPED
        | event::INSTRUMENT_DEFAULT
        | event::LOCK_UP
        | event::RELET
        | event::CURED
        | event::SOLD;
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        line("balance", Unit::Usd),
        flow("draw", Unit::Usd).seldom(),
        flow("interest", Unit::Usd).seldom(),
        flow("principal", Unit::Usd).seldom(),
        line("market_value", Unit::Usd),
        line("ltv", Unit::Ratio).where_positive("ltv"),
        flow("cfads", Unit::Usd).seldom(),
        flow("debt_service", Unit::Usd).seldom(),
        line("dscr", Unit::Ratio).where_positive("has_dscr"),
        flow("rent", Unit::Usd),
        line("reserve", Unit::Usd).seldom(),
        flow("margin_call", Unit::Usd).seldom(),
        flow("contributed", Unit::Usd).seldom(),
        flow("distributed", Unit::Usd).seldom(),
        line("lost", Unit::Share).seldom(),
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
    fn firm_in(&self, see: &View, own: &DdtlState, month: f64) -> Usd {
        self.rent_in(see, own, month)
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
    const FACTS: Facts = Facts::of(Provider::Lender).vehicle().capital("drawn_total");

    fn needs(spec: &DdtlSpec, needs: &mut Vec<Need>) {
        Need::of_rates(&spec.name, &[&spec.rate], needs);
        if spec.lets_again() {
            let title = format!("hardware of `{}` is re-leased at a market price, which is not specified", spec.name);
            needs.push(Need::of(Market::ComputePrice, Some(spec.enforcement.relet.place()), title));
        }
    }
    fn key_rules(spec: &DdtlSpec, rules: &mut KeyRules<'_>) {
        terms::key_rules(spec, rules);
    }
    fn check(spec: &DdtlSpec, issues: &mut Issues) {
        terms::check(spec, issues);
    }
}
