//! The lab's books: the closed list of lines that parts and rooms write, and the order in which payments are made.
//!
//! This is the widest interface of the program. A line is cash in, cash out with its rank of payment, or a memo.

use crate::engine::math::pick;
use crate::row;
use crate::units::Usd;

/// Section of the cash-flow statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Customers, suppliers, staff, interest and tax.
    Operating,
    /// Capital expenditure, stakes in vehicles.
    Investing,
    /// Equity and debt.
    Financing,
}
use Section::{Financing, Investing, Operating};

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Cash to the lab.
    In(Section),
    /// Cash from the lab, with its rank in the order of payments (0 is paid first).
    Out(usize, Section),
    /// No cash: capacity, shares, accruals, stocks.
    Memo,
}
use Kind::{In, Memo, Out};

/// The neutral amount of a line: minus zero, since `x + -0.0` is `x` to the bit, so that the compiler drops every line
/// that a room does not touch.
pub trait Amount: Copy {
    /// Minus zero.
    const NONE: Self;
}
impl Amount for f64 {
    const NONE: f64 = -0.0;
}
impl Amount for Usd {
    const NONE: Usd = Usd(-0.0);
}

macro_rules! lines {
    ($($(#[$d:meta])* $f:ident: $t:ty = $k:expr),* $(,)?) => {
        row! {
            /// The closed list of lines. Until payment an `Out` line is what falls due; afterwards it is what was paid.
            pub struct Lines { $($(#[$d])* pub $f: $t),* }
        }
        /// The kind of each line, in order.
        pub const KINDS: &[Kind] = &[$($k),*];
        /// The name of each line, in order.
        pub const LINE_NAMES: &[&str] = &[$(stringify!($f)),*];
        impl Lines {
            /// Nothing on any line.
            pub const NONE: Lines = Lines { $($f: <$t as Amount>::NONE),* };
            /// Line by line.
            #[inline(always)]
            #[must_use]
            pub fn plus(self, o: Lines) -> Lines { Lines { $($f: self.$f + o.$f),* } }
            /// Net cash to the lab.
            // Straight-line code: a loop over some fifty lines would not be unrolled, and the sweep would stay scalar.
            #[inline(always)]
            pub fn cash(&self) -> Usd {
                let mut sum = -0.0;
                $(match $k {
                    In(_) => sum += f64::from(self.$f),
                    Out(..) => sum -= f64::from(self.$f),
                    Memo => {}
                })*
                Usd(sum)
            }
            /// Net cash of one section of the cash-flow statement.
            #[inline(always)]
            pub fn section(&self, section: Section) -> Usd {
                let mut sum = -0.0;
                $(match $k {
                    In(s) if s as u8 == section as u8 => sum += f64::from(self.$f),
                    Out(_, s) if s as u8 == section as u8 => sum -= f64::from(self.$f),
                    _ => {}
                })*
                Usd(sum)
            }
            /// Cash in, and what is due by rank.
            #[inline(always)]
            pub fn due(&self) -> (f64, [f64; RANKS]) {
                let (mut cash, mut due) = (-0.0, [0.0; RANKS]);
                $(match $k {
                    In(_) => cash += f64::from(self.$f),
                    Out(rank, _) => due[rank] += f64::from(self.$f),
                    Memo => {}
                })*
                (cash, due)
            }
            /// What is paid when each rank pays its share.
            #[inline(always)]
            #[must_use]
            pub fn paid(&self, share: &[f64; RANKS]) -> Lines {
                Lines {
                    $($f: match $k {
                        Out(rank, _) => <$t>::from(f64::from(self.$f) * share[rank]),
                        _ => self.$f,
                    }),*
                }
            }
            /// From an array in the order of [`KINDS`].
            #[inline(always)]
            pub fn of(a: [f64; KINDS.len()]) -> Self { let [$($f),*] = a; Lines { $($f: <$t>::from($f)),* } }
            /// As an array in the order of [`KINDS`].
            #[inline(always)]
            pub fn list(&self) -> [f64; KINDS.len()] { [$(f64::from(self.$f)),*] }
        }
    };
}

lines! {
    // Cash in.
    /// Collected from customers: revenue less the growth of receivables.
    receipts: Usd = In(Operating),
    /// Interest on cash.
    interest_income: Usd = In(Operating),
    /// Refund of estimated tax.
    tax_refund: Usd = In(Operating),
    /// Idle power resold.
    resale: Usd = In(Operating),
    /// Growth of payables to compute suppliers; what they shrink by is paid with compute.
    supplier_credit: Usd = In(Operating),
    /// Received from vehicles in which the lab holds a stake.
    distributions: Usd = In(Investing),
    /// Equity raised, net of what underwriters withhold.
    equity_in: Usd = In(Financing),
    /// Debt drawn.
    debt_in: Usd = In(Financing),
    // Cash out, in order of payment.
    /// Staff, in cash.
    payroll: Usd = Out(0, Operating),
    /// Sales, data, legal, settlements.
    other: Usd = Out(1, Operating),
    /// Running cost of owned or leased racks: power, site, operation.
    running: Usd = Out(1, Operating),
    /// Share of revenue to cloud partners.
    partner_share: Usd = Out(2, Operating),
    /// Income tax.
    tax: Usd = Out(2, Operating),
    /// Interest on secured debt.
    secured_interest: Usd = Out(3, Operating),
    /// Scheduled principal of secured debt.
    secured_principal: Usd = Out(3, Financing),
    /// Rent to vehicles.
    rent: Usd = Out(4, Operating),
    /// Compute contracts, orders and market purchases.
    compute: Usd = Out(4, Operating),
    /// Interest and fees of revolving credit.
    revolver_interest: Usd = Out(5, Operating),
    /// Interest on unsecured debt.
    interest: Usd = Out(6, Operating),
    /// Owned hardware.
    capex: Usd = Out(7, Investing),
    /// Calls of joint ventures.
    contributions: Usd = Out(7, Investing),
    /// Principal of unsecured debt, scheduled and prepaid.
    principal: Usd = Out(8, Financing),
    // Capacity, GW unless said.
    /// Effective power in place.
    capacity_gw: f64 = Memo,
    /// Cost of that power when fully used, USD a month.
    capacity_cost: Usd = Memo,
    /// Power that is paid for by rent whatever its use, so it is used first.
    sunk_gw: f64 = Memo,
    /// Power that today's contracts will have in place when an order of today is delivered.
    ahead_gw: f64 = Memo,
    /// Power taken by this month's need.
    used_gw: f64 = Memo,
    /// Take-or-pay for power that was not used.
    idle_cost: Usd = Memo,
    /// Share by which joint ventures raise demand.
    uplift: f64 = Memo,
    // Accruals of the month.
    /// Invoices of compute, due or not.
    compute_expense: Usd = Memo,
    /// Rent to vehicles and its running cost.
    lease_expense: Usd = Memo,
    /// Running cost of own hardware.
    running_expense: Usd = Memo,
    /// Commissions to ventures.
    commission_expense: Usd = Memo,
    /// Interest and fees accrued.
    interest_expense: Usd = Memo,
    /// Own hardware delivered, due or not.
    capex_accrued: Usd = Memo,
    /// Depreciation of own hardware.
    depreciation: Usd = Memo,
    /// Gains: distributions beyond the carrying amount of a stake.
    other_income: Usd = Memo,
    // Equity.
    /// Proceeds net of fees, to paid-in capital.
    paid_in: Usd = Memo,
    /// Shares issued for money.
    issued: f64 = Memo,
    /// Shares added to the unallocated pool.
    pool_added: f64 = Memo,
    // Stocks, posted in `review`.
    /// The lab's own debt: principal with what was capitalised.
    debt: Usd = Memo,
    /// Owed by the lab on instruments, past due.
    arrears: Usd = Memo,
    /// Book value of own hardware.
    ppe: Usd = Memo,
    /// Carrying amount of stakes in vehicles.
    investment: Usd = Memo,
    /// Proceeds of processes under way.
    pending: Usd = Memo,
    /// Present value of the cheapest way out of each commitment.
    firm: Usd = Memo,
    /// Commitments as announced, not yet spent.
    headline: Usd = Memo,
    /// Debt of vehicles that lease to the lab.
    vehicle_debt: Usd = Memo,
    /// The larger of the lab's part of a vehicle's debt and the present value of its firm rent.
    off_balance: Usd = Memo,
    /// Most that guarantees of the lab can cost.
    guarantee: Usd = Memo,
}

/// Ranks in the order of payments.
pub const RANKS: usize = 9;
/// Rank of interest on secured debt and its principal.
pub const SECURED: usize = 3;
/// Rank of rent and compute.
pub const RENT: usize = 4;
/// Rank of interest and fees of revolving credit.
pub const REVOLVER: usize = 5;
/// Rank of interest on unsecured debt.
pub const INTEREST: usize = 6;
/// Rank of capital expenditure and calls.
pub const CAPEX: usize = 7;
/// Rank of unsecured principal.
pub const PRINCIPAL: usize = 8;
/// Rank of running costs.
pub const RUNNING: usize = 1;

/// Provider accounts of one room: tranches or partner classes, then equity.
pub const ACCOUNTS: usize = 5;

/// What a room writes in a phase. `provider` and `third` are signed from that party's side: plus is cash to them.
#[derive(Clone, Copy, Debug)]
pub struct Books {
    /// The lab's lines.
    pub lab: Lines,
    /// Cash to each provider account.
    pub provider: [f64; ACCOUNTS],
    /// Cash to third parties: suppliers, guarantors (minus when they pay), underwriters.
    pub third: f64,
    /// What happened, as bits of [`event`].
    pub events: u64,
}

impl Books {
    /// Nothing written.
    pub const NONE: Books = Books { lab: Lines::NONE, provider: [-0.0; ACCOUNTS], third: -0.0, events: 0 };

    /// Cash to a provider account.
    #[inline(always)]
    pub fn pay(&mut self, account: usize, amount: Usd) {
        self.provider[account] += amount.0;
    }

    /// Cash to third parties.
    #[inline(always)]
    pub fn third(&mut self, amount: Usd) {
        self.third += amount.0;
    }

    /// Records an event when `yes`.
    #[inline(always)]
    pub fn event(&mut self, yes: bool, bit: u64) {
        self.events |= pick(yes, bit, 0);
    }
}

/// Events of a month, one bit each. The first [`event::CAUSES`] are adverse: each can be the first cause of a ruin.
pub mod event {
    /// The regime turned to winter.
    pub const WINTER: u64 = 1;
    /// A competitor took demand.
    pub const COMPETITOR: u64 = 1 << 1;
    /// A round failed.
    pub const ROUND_FAILED: u64 = 1 << 2;
    /// A covenant stopped draws or was breached.
    pub const COVENANT: u64 = 1 << 3;
    /// A line of credit is drawn to its limit.
    pub const CREDIT_EXHAUSTED: u64 = 1 << 4;
    /// More than a tenth of the month's compute bill is take-or-pay for idle power.
    pub const IDLE: u64 = 1 << 5;
    /// A training run overran by more than half.
    pub const OVERRUN: u64 = 1 << 6;
    /// A settlement or another lump of cost.
    pub const LUMP: u64 = 1 << 7;
    /// A partner did not answer a call.
    pub const PARTNER_DEFAULT: u64 = 1 << 8;
    /// Adverse events, counted from bit 0.
    pub const CAUSES: usize = 9;
    /// What each adverse event is called in `outcomes.csv`.
    pub const CAUSE_NAMES: [&str; CAUSES] = [
        "winter",
        "competitor",
        "round_failed",
        "covenant",
        "credit_exhausted",
        "idle_commitments",
        "training_overrun",
        "lump_cost",
        "partner_default",
    ];
    /// A round closed.
    pub const ROUND_CLOSED: u64 = 1 << 16;
    /// A payment was missed this month.
    pub const SHORT: u64 = 1 << 17;
    /// The lab defaulted this month.
    pub const DEFAULT: u64 = 1 << 18;
    /// An own release came out.
    pub const RELEASE: u64 = 1 << 19;
}
