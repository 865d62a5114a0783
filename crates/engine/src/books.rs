//! The lab's books: the closed list of lines that components and instruments write, and the order of payments.
//!
//! This is the widest interface of the program. A line is cash in, cash out with its rank of payment, or a memo item.

use crate::math::select;
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

/// The kind of a line.
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
/// that an instrument does not touch.
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
    ($($(#[doc = $d:literal])* $f:ident: $t:ty = $k:expr),* $(,)?) => {
        row! {
            /// The closed list of lines. Before payment an `Out` line is the amount due; afterwards it is the amount
            /// paid.
            pub struct Lines { $($(#[doc = $d])* pub $f: $t),* }
        }
        /// The kind of each line, in order.
        pub const KINDS: &[Kind] = &[$($k),*];
        /// The name of each line, in order.
        pub const LINE_NAMES: &[&str] = &[$(stringify!($f)),*];
        impl Lines {
            /// No amount on any line.
            pub const NONE: Lines = Lines { $($f: <$t as Amount>::NONE),* };
            /// The sum of two sets of lines, line by line.
            #[inline(always)]
            #[must_use]
            pub fn plus(self, o: Lines) -> Lines { Lines { $($f: self.$f + o.$f),* } }
            /// Net cash to the lab.
            #[inline(always)]
            pub fn cash(&self) -> Usd {
                let (cash, due) = self.due();
                Usd(cash - total(&due))
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
            /// Cash in, and the amounts due by rank. They are separate sums, so that none is a long chain of additions.
            // Straight-line code: a loop over some fifty lines would not be unrolled, and the sweep would stay scalar.
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
            /// The lines as paid: each `Out` line is multiplied by the share that its rank pays.
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
    /// Growth of payables to compute suppliers; a decrease is paid as part of compute.
    supplier_credit: Usd = In(Operating),
    /// Received from vehicles in which the lab holds a stake.
    distributions: Usd = In(Investing),
    /// Own hardware sold.
    asset_sales: Usd = In(Investing),
    /// Hardware rebates from vendors: their warrants, sold by the lab.
    rebates: Usd = In(Investing),
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
    /// Calls of joint ventures, equity of vehicles, cures.
    contributions: Usd = Out(7, Investing),
    /// Paid to suppliers before service.
    prepayments: Usd = Out(7, Operating),
    /// Principal of unsecured debt, scheduled and prepaid.
    principal: Usd = Out(8, Financing),
    /// Calls on guarantees, puts and minimum returns of the lab.
    guarantees: Usd = Out(8, Financing),
    /// Handed over to the estate when the lab ends.
    estate: Usd = Out(8, Financing),
    // Capacity, in GW unless stated otherwise.
    /// Effective power in place.
    capacity_gw: f64 = Memo,
    /// Cost of that power when fully used, USD a month.
    capacity_cost: Usd = Memo,
    /// Power that is paid for by rent whether or not it is used, and is therefore used first.
    sunk_gw: f64 = Memo,
    /// Power that current contracts will have in place when an order placed today is delivered.
    ahead_gw: f64 = Memo,
    /// Where take-or-pay power is used first: power in place beyond it; once power has been allocated, the need still
    /// to be served beyond all power that is paid for in any case.
    beyond_gw: f64 = Memo,
    /// Power taken by this month's need.
    used_gw: f64 = Memo,
    /// Take-or-pay for power that was not used.
    idle_cost: Usd = Memo,
    /// Of that, for power that may not be resold.
    idle_tied: Usd = Memo,
    /// What contracts cost beyond their price if power were not scarce.
    dear_compute: Usd = Memo,
    /// Share by which joint ventures raise demand.
    uplift: f64 = Memo,
    /// Demand that joint ventures bring in addition to the uplift, USD of the month.
    brought: Usd = Memo,
    // Accruals of the month.
    /// Invoices for compute, whether or not they are due.
    compute_expense: Usd = Memo,
    /// The part of them that had been prepaid.
    prepaid_used: Usd = Memo,
    /// Rent to vehicles and its running cost.
    lease_expense: Usd = Memo,
    /// Running cost of own hardware.
    running_expense: Usd = Memo,
    /// Commissions to ventures.
    commission_expense: Usd = Memo,
    /// Interest and fees accrued.
    interest_expense: Usd = Memo,
    /// Own hardware delivered, whether or not it is due.
    capex_accrued: Usd = Memo,
    /// Depreciation of own hardware.
    depreciation: Usd = Memo,
    /// Gains: distributions beyond the carrying amount of a stake; less stakes written off and the cost of guarantees.
    other_income: Usd = Memo,
    // Equity.
    /// Proceeds net of fees, to paid-in capital.
    paid_in: Usd = Memo,
    /// Shares issued for money.
    issued: f64 = Memo,
    /// Shares added to the unallocated pool.
    pool_added: f64 = Memo,
    /// Money raised in this month's priced rounds.
    round_money: Usd = Memo,
    /// Shares issued for that money.
    round_shares: f64 = Memo,
    /// 1 in the month in which the lab is listed.
    listed: f64 = Memo,
    /// What the rounds of the month that depend on the market's supply would raise on their own terms.
    equity_asked: Usd = Memo,
    /// What they raised.
    equity_filled: Usd = Memo,
    /// New debt of the month that depends on the market's supply, as the borrowers ask for it.
    credit_asked: Usd = Memo,
    /// What lenders advance of it; between `settle` and `close`, what they have promised.
    credit_drawn: Usd = Memo,
    // Stocks, posted in `review`.
    /// The lab's own debt: principal including capitalised amounts.
    debt: Usd = Memo,
    /// Owed by the lab on instruments, past due.
    arrears: Usd = Memo,
    /// Book value of own hardware.
    ppe: Usd = Memo,
    /// Carrying amount of stakes in vehicles.
    investment: Usd = Memo,
    /// Paid to suppliers and not yet used.
    prepaid: Usd = Memo,
    /// Gains not yet recognised, such as that on a sale and leaseback.
    deferred: Usd = Memo,
    /// Value of the shares into which discounted notes would convert, at the undiscounted price of a round:
    /// amount / (1 − discount).
    notes: Usd = Memo,
    /// Shares of capped notes.
    note_shares: f64 = Memo,
    /// Expected proceeds of transactions in process.
    pending: Usd = Memo,
    /// Present value of the cheapest exit from each commitment.
    firm: Usd = Memo,
    /// Commitments as announced, not yet spent.
    headline: Usd = Memo,
    /// Debt of vehicles that lease to the lab.
    vehicle_debt: Usd = Memo,
    /// The larger of the lab's share of a vehicle's debt and the present value of its firm rent.
    off_balance: Usd = Memo,
    /// Maximum cost of the lab's guarantees.
    guarantee: Usd = Memo,
    /// Cost of the lab's guarantees if they were called at current values.
    guarantee_now: Usd = Memo,
}

/// Ranks in the order of payments.
pub const RANKS: usize = 9;

/// The total due in all ranks, summed in pairs.
#[inline(always)]
pub fn total(due: &[f64; RANKS]) -> f64 {
    let [a, b, c, d, e, f, g, h, i] = due;
    (((a + b) + (c + d)) + ((e + f) + (g + h))) + i
}

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

/// Rank of guarantees.
pub const GUARANTEES: usize = 8;

/// Provider accounts of one instrument: tranches or partner classes, then equity.
pub const ACCOUNTS: usize = 5;

/// The lines that an instrument posts, `posts![rent, lease_expense]`, as columns of [`Lines`].
#[cfg_attr(doc, doc(hidden))]
#[macro_export]
macro_rules! posts {
    ($($line:ident),* $(,)?) => {
        const {
            $crate::columns::Columns::NONE
                $(.with(std::mem::offset_of!($crate::books::Lines, $line) / 8, 1))*
        }
    };
}

/// The entries of an instrument in a phase. `provider` and `third` are signed from that party's side: positive is cash
/// to it.
#[derive(Clone, Copy, Debug)]
pub struct Books {
    /// The lab's lines.
    pub lab: Lines,
    /// Cash to each provider account.
    pub provider: [f64; ACCOUNTS],
    /// Cash to third parties: suppliers, guarantors (negative when they pay), underwriters.
    pub third: f64,
    /// Events, as bits of [`event`].
    pub events: u64,
}

impl Books {
    /// No entries.
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
        self.events |= select(yes, bit, 0);
    }
}

/// Events of a month, one bit each. The first [`event::CAUSES`] are adverse: each can be the first cause of a ruin.
pub mod event {
    /// Declares the bits in order, with the names that the tables give them.
    macro_rules! events {
        ($($(#[doc = $d:literal])* $Name:ident = $bit:literal $name:literal;)*) => {
            $($(#[doc = $d])* pub const $Name: u64 = 1 << $bit;)*
            /// Each bit and its name in the tables.
            pub const ALL: &[(u64, &str)] = &[$((1 << $bit, $name)),*];
            /// The description of each event, in the same order.
            pub const ABOUT: &[&str] = &[$(concat!($($d, "\n",)* "")),*];
        };
    }
    events! {
        /// The regime switched to winter.
        WINTER = 0 "winter";
        /// A competitor took market share.
        COMPETITOR = 1 "competitor";
        /// A round failed.
        ROUND_FAILED = 2 "round_failed";
        /// A covenant was breached.
        COVENANT = 3 "covenant";
        /// A credit line is drawn to its limit.
        CREDIT_EXHAUSTED = 4 "credit_exhausted";
        /// More than a tenth of the month's compute bill is take-or-pay for idle power.
        IDLE = 5 "idle_commitments";
        /// A training run overran by more than half.
        OVERRUN = 6 "training_overrun";
        /// A one-off cost, such as a settlement.
        LUMP = 7 "lump_cost";
        /// A partner failed to fund a capital call.
        PARTNER_DEFAULT = 8 "partner_default";
        /// Collateral fell short, and a margin call was made.
        MARGIN_CALL = 9 "margin_call";
        /// A guarantee was called.
        GUARANTEE_CALLED = 10 "guarantee_called";
        /// A vehicle lost its customer or tenant.
        CONTRACT_LOST = 11 "contract_lost";
        /// Maturing debt could not be refinanced.
        REFINANCING_FAILED = 12 "refinancing_failed";
        /// A partner exercised its put on the lab, or holders put a convertible to it.
        PUT = 13 "put_exercised";
        /// A strategic investor withdrew.
        INVESTOR_WITHDREW = 14 "investor_withdrew";
        /// A lender refused a draw.
        DRAW_STOPPED = 15 "draw_stopped";
        /// Over twelve months, research behind rivals' has cost more than a tenth of demand.
        FELL_BEHIND = 16 "fell_behind";
        /// A round closed.
        ROUND_CLOSED = 17 "round_closed";
        /// A payment was missed this month.
        SHORT = 18 "arrears";
        /// The lab defaulted this month.
        DEFAULT = 19 "default";
        /// The lab released a model.
        RELEASE = 20 "release";
        /// Runway fell below the watch level.
        WATCH = 21 "watch";
        /// The lab entered distress.
        DISTRESS = 22 "distress";
        /// Notice was given to a supplier.
        NOTICE = 23 "notice_given";
        /// A commitment was cut by agreement.
        RENEGOTIATED = 24 "renegotiated";
        /// The lab was rescued.
        RESCUED = 25 "rescued";
        /// The lab was acquired.
        ACQUIRED = 26 "acquired";
        /// The lab was restructured.
        RESTRUCTURED = 27 "restructured";
        /// The lab was liquidated.
        LIQUIDATED = 28 "liquidated";
        /// An instrument or its vehicle defaulted.
        INSTRUMENT_DEFAULT = 29 "instrument_default";
        /// Distributions of a vehicle were locked up.
        LOCK_UP = 30 "lock_up";
        /// A note was converted into shares.
        CONVERTED = 31 "converted";
        /// A tranche was paid in.
        TRANCHE_PAID = 32 "tranche_paid";
        /// A tranche lapsed.
        TRANCHE_LAPSED = 33 "tranche_lapsed";
        /// The lab was listed.
        LISTED = 34 "listed";
        /// A lease was renewed.
        RENEWED = 35 "lease_renewed";
        /// A lease ended.
        LEASE_ENDED = 36 "lease_ended";
        /// Hardware or a campus found another tenant.
        RELET = 37 "relet";
        /// The lab bought a partner out.
        BOUGHT_OUT = 38 "bought_out";
        /// Partners took over what the lab had rented.
        STEP_IN = 39 "step_in";
        /// A debt was accelerated.
        ACCELERATED = 40 "accelerated";
        /// A breach was cured in cash.
        CURED = 41 "cured";
        /// A breach was waived for a fee.
        WAIVED = 42 "waived";
        /// Hardware of a vehicle was sold.
        SOLD = 43 "hardware_sold";
        /// Debt was refinanced.
        REFINANCED = 44 "refinanced";
        /// A tranche of a securitisation passed its anticipated repayment date.
        STEPPED_UP = 45 "stepped_up";
        /// Warrants vested.
        VESTED = 46 "warrants_vested";
    }
    /// Adverse events, counted from bit 0.
    pub const CAUSES: usize = 17;
    /// The name of an adverse event by its bit.
    pub fn cause_name(cause: usize) -> &'static str {
        ALL[cause].1
    }
    /// Events that need [`resolve`](crate::resolution): a lab or a vehicle has failed, or a vehicle has lost its
    /// tenant.
    pub const FAILURES: u64 = DEFAULT | INSTRUMENT_DEFAULT | CONTRACT_LOST;
}

/// The first cause of a ruin in month `month`: the bit of the earliest adverse event in that month or the eleven before
/// it (the lowest bit in case of a tie), or `None` if there was none. `events` gives the events of a month, 1 for the
/// first.
pub fn first_cause(month: usize, events: impl Fn(usize) -> u64) -> Option<usize> {
    const ADVERSE: u64 = (1 << event::CAUSES) - 1;
    let first = month.saturating_sub(11).max(1);
    let adverse = (first..=month).map(|t| events(t) & ADVERSE).find(|&bits| bits != 0)?;
    Some(adverse.trailing_zeros() as usize)
}
