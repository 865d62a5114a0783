//! The lab's cash: interest, tax, working capital, the gap, payment by rank, burn and runway, distress and default, and
//! the statements (the steps from bill to mark).

use crate::engine::books::{RANKS, Section, event, total};
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, NO_BURN, Now, OPENING_SHARES, OWN, stage};
use crate::engine::math::{floor, ln, max, min, select};
use crate::instruments::contract::ContractSpec;
use crate::instruments::own_compute::OwnComputeSpec;
use crate::lab::ladder::LadderSpec;
use crate::lab::{LabSpec, OpeningSpec};
use crate::language::prelude::FloatingRate;
use crate::language::quantity::{Inputs, Kind, Quantity};
use crate::language::reader::{Read, Reader};
use crate::language::spec::Shape;
use crate::language::tree::Node;
use crate::units::Usd;
use crate::{choice, posts, row, spec, written};

spec! {
    /// Receivables and payables.
    pub struct WorkingCapitalSpec {
        /// Payment period of customers.
        pub receivable: Quantity [Time 0.0..24.0] = "0 d",
        /// Payment period of the lab for compute.
        pub payable: Quantity [Time 0.0..24.0] = "0 d",
    }
    /// Income tax.
    pub struct TaxSpec {
        /// Tax rate.
        pub rate: Quantity [Share] = "0%",
        /// Share of annual income that loss carry-forwards may offset.
        pub loss_limit: Quantity [Share] = "80%",
        /// When tax is paid.
        pub payment: Payment = "annual",
        /// When the tax year ends.
        pub year: TaxYear = "calendar",
    }
    /// Liquidity policy, and measures when cash runs short.
    pub struct PolicySpec {
        /// Minimum cash, below which credit is drawn: an amount, or months of gross cost.
        pub minimum_cash: MoneyOrTime = "0.5 mo",
        /// Maximum cash, above which credit is repaid: an amount, or months of gross cost.
        pub maximum_cash: MoneyOrTime = "3 mo",
        /// Runway below which the lab is on watch; reported as an event, with no other effect.
        pub watch_below: Quantity [Time] = "12 mo",
        /// Runway below which the lab is in distress and the steps of `ladder` are taken.
        pub distress_below: Quantity [Time] = "6 mo",
        /// What happens when cash is insufficient.
        pub negative_cash: NegativeCash = "arrears",
        /// Consecutive months of arrears after which the lab is in default.
        pub grace: Quantity [Time] = "3 mo",
        /// Share of surplus cash allocated to research over the following year.
        pub surplus_to_research: Quantity [Share] = "0%",
        /// Surplus is cash above this many months of gross cost.
        pub surplus_above: Quantity [Time] = "24 mo",
        /// Delay of each step in distress.
        pub ladder: LadderSpec = "{}",
    }
}

/// A level of cash: money, or months of gross cost.
#[derive(Clone, Debug, PartialEq)]
pub struct MoneyOrTime {
    /// The amount or the months.
    pub value: Quantity,
    /// Whether it is months of gross cost.
    pub months: bool,
}

impl MoneyOrTime {
    /// Money, and months of gross cost; one of them is zero.
    pub fn at(&self, inputs: &Inputs<'_>) -> (f64, f64) {
        let x = self.value.at(inputs);
        if self.months { (0.0, x) } else { (x, 0.0) }
    }
}

impl Read for MoneyOrTime {
    const SHAPE: Shape = Shape::MoneyOrTime;
    fn read(node: &mut Node, _: Option<Kind>, reader: &mut Reader) -> Option<Self> {
        // The unit decides; anything else is read, and reported, as money, the more common of the two.
        let text = node.get("value").unwrap_or(node).text().unwrap_or("").trim_end().to_owned();
        let months = ["mo", "yr", "d"].iter().any(|unit| text.ends_with(unit)) && !text.contains("USD");
        let kind = if months { Kind::Time } else { Kind::Money };
        Some(MoneyOrTime { value: Quantity::read(node, Some(kind), reader)?, months })
    }
}

choice! {
    /// When tax is paid.
    pub enum Payment {
        /// In the last month of the tax year.
        Annual = "annual",
        /// Every month on the income to date, trued up in the last month.
        Estimated = "estimated",
    }
    /// When the tax year ends.
    pub enum TaxYear {
        /// In December.
        Calendar = "calendar",
        /// Every twelfth month of the simulation.
        Simulated = "simulated",
    }
    /// What happens when cash is insufficient.
    pub enum NegativeCash {
        /// Payments are withheld in reverse order of rank and stay owed.
        Arrears = "arrears",
        /// Everything is paid and cash becomes negative.
        Carry = "carry",
    }
}

/// Spec of the component.
#[derive(Clone, Debug)]
pub struct TreasurySpec {
    /// Opening balances.
    pub opening: OpeningSpec,
    /// Working capital.
    pub working_capital: WorkingCapitalSpec,
    /// Tax.
    pub tax: TaxSpec,
    /// Interest on cash.
    pub interest_on_cash: FloatingRate,
    /// Policy.
    pub policy: PolicySpec,
    /// First month in which a tax year ends, 1 for the first month of the scenario.
    pub first_year_end: f64,
    /// Own hardware, some of which may have been delivered or ordered before the first month.
    pub owned: Vec<OwnComputeSpec>,
    /// Contracts, for some of which the lab may have paid before the first month.
    pub contracts: Vec<ContractSpec>,
}

impl TreasurySpec {
    /// From the lab; `start_month` is the calendar month of the first simulated one (1 for January).
    pub fn new(lab: &LabSpec, start_month: i32) -> Self {
        TreasurySpec {
            opening: lab.opening.clone(),
            working_capital: lab.working_capital.clone(),
            tax: lab.tax.clone(),
            interest_on_cash: lab.interest_on_cash.clone(),
            policy: lab.policy.clone(),
            first_year_end: if lab.tax.year == TaxYear::Simulated { 12.0 } else { f64::from(13 - start_month) },
            owned: lab.compute.owned.0.iter().map(|(_, s)| s.clone()).collect(),
            contracts: lab.compute.contracts.0.iter().map(|(_, s)| s.clone()).collect(),
        }
    }
}

/// Assets that the lab paid for before the first month: hardware at book value, and prepayments, USD.
pub fn opening_assets<'a>(
    owned: impl Iterator<Item = &'a OwnComputeSpec>,
    contracts: impl Iterator<Item = &'a ContractSpec>,
    inputs: &Inputs<'_>,
) -> f64 {
    let books: f64 = owned.map(|s| s.opening_book(inputs)).sum();
    books + contracts.map(|s| s.opening_prepaid(inputs)).sum::<f64>()
}

row! {
    /// Terms.
    pub struct Treasury {
        cash: Usd, receivables: Usd, payables: Usd, nol: Usd, pool: f64,
        receivable: f64, payable: f64, tax: f64, loss_limit: f64, estimated: f64, first_year_end: f64,
        floats: f64, margin: f64, floor: Usd, floor_months: f64, ceiling: Usd, ceiling_months: f64,
        watch: f64, distress: f64, grace: f64, carry: f64, assets: Usd,
    }
    /// Opening cash of the month, and the taxable income known when billing.
    pub struct TreasuryState { opening: Usd, taxable: Usd }
}

/// Ranks of the lab's own payments, in the order of `own_due`.
const OWN_RANKS: [usize; OWN] = [0, 1, 2, 2, 4];

impl Component for Treasury {
    type Spec = TreasurySpec;
    type State = TreasuryState;
    const STAGES: u16 = 1 << stage::BILL | 1 << stage::PAY | 1 << stage::SHORT | 1 << stage::MARK;
    const SETS: Columns = posts![interest_income, receipts, supplier_credit, tax, tax_refund];

    #[inline(always)]
    fn opens() -> Columns {
        written![
            lab.cash,
            lab.shares,
            lab.pool,
            lab.paid,
            lab.runway,
            accounts.receivables,
            accounts.payables,
            accounts.nol,
            accounts.paid_in,
            accounts.minimum_cash,
            accounts.opening_cash,
        ]
    }
    #[inline(always)]
    #[expect(clippy::too_many_lines, reason = "a list of columns, one a line")]
    fn writes(stage: u8) -> Columns {
        match stage {
            stage::BILL => written![
                ops.tax,
                ops.spend,
                ops.gap,
                accounts.receivables,
                accounts.payables,
                accounts.year_tax,
                accounts.nol,
                accounts.own_due,
                accounts.year_income,
                accounts.cumulative_gap,
                accounts.peak_gap,
                accounts.peak_debt,
                accounts.peak_debt_month,
                accounts.peak_leverage,
                accounts.peak_leverage_month,
                lines.interest_income,
                lines.receipts,
                lines.supplier_credit,
                lines.compute,
                lines.tax,
                lines.tax_refund,
                left,
            ],
            stage::PAY => {
                written![
                    lab.paid,
                    lab.cash,
                    ops.net_flow,
                    ops.operating,
                    ops.unpaid,
                    accounts.owed,
                    accounts.unpaid,
                    accounts.unpaid_operating,
                    accounts.unpaid_ahead,
                    left,
                    moved,
                ]
            }
            stage::SHORT => written![
                lab.paid,
                lab.cash,
                ops.net_flow,
                ops.operating,
                accounts.owed,
                accounts.unpaid,
                accounts.unpaid_operating,
                accounts.unpaid_ahead,
                lines.payroll,
                lines.other,
                lines.running,
                lines.partner_share,
                lines.tax,
                lines.secured_interest,
                lines.secured_principal,
                lines.rent,
                lines.compute,
                lines.revolver_interest,
                lines.interest,
                lines.capex,
                lines.contributions,
                lines.prepayments,
                lines.principal,
                lines.guarantees,
                lines.estate,
                left,
                events,
            ],
            _ => written![
                lab.cash,
                lab.growth,
                lab.burn,
                lab.gross_cost,
                lab.runway,
                lab.shares,
                lab.pool,
                lab.distress,
                lab.distress_months,
                lab.listed,
                ops.net_flow,
                accounts.paid_in,
                accounts.retained,
                accounts.net_income,
                accounts.year_income,
                accounts.short_without_new_money,
                accounts.first_short,
                accounts.cumulative_flow,
                accounts.minimum_cash,
                accounts.cash_out,
                accounts.default,
                accounts.short_months,
                accounts.burns,
                accounts.costs,
                accounts.revenues,
                accounts.even_since,
                accounts.operating,
                accounts.new_shares,
                accounts.equity_raised,
                accounts.debt_raised,
                left,
                events,
            ],
        }
    }
    fn terms(spec: &TreasurySpec, inputs: &Inputs<'_>) -> Self {
        let (p, w) = (&spec.policy, &spec.working_capital);
        let flag = |yes: bool| f64::from(u8::from(yes));
        let receivable = w.receivable.at(inputs);
        let (floor, floor_months) = p.minimum_cash.at(inputs);
        let (ceiling, ceiling_months) = p.maximum_cash.at(inputs);
        Treasury {
            cash: Usd(spec.opening.cash.at(inputs)),
            // −1 stands for "receivable time × opening revenue", which is known only in the lane.
            receivables: Usd(spec.opening.receivables.as_ref().map_or(-1.0, |q| q.at(inputs))),
            payables: Usd(spec.opening.payables.at(inputs)),
            nol: Usd(spec.opening.losses_carried_forward.at(inputs)),
            pool: spec.opening.pool.at(inputs) * OPENING_SHARES,
            receivable,
            payable: w.payable.at(inputs),
            tax: spec.tax.rate.at(inputs),
            loss_limit: spec.tax.loss_limit.at(inputs),
            estimated: flag(spec.tax.payment == Payment::Estimated),
            first_year_end: spec.first_year_end,
            floats: flag(spec.interest_on_cash.floats),
            margin: spec.interest_on_cash.margin.at(inputs),
            floor: Usd(floor),
            floor_months,
            ceiling: Usd(ceiling),
            ceiling_months,
            watch: p.watch_below.at(inputs),
            distress: p.distress_below.at(inputs),
            grace: p.grace.at(inputs).max(1.0),
            carry: flag(p.negative_cash == NegativeCash::Carry),
            assets: Usd(opening_assets(spec.owned.iter(), spec.contracts.iter(), inputs)),
        }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> TreasuryState {
        let (lab, a) = (&mut lane.lab, &mut lane.accounts);
        lab.cash = self.cash;
        lab.shares = OPENING_SHARES;
        lab.pool = self.pool;
        lab.paid = [1.0; RANKS];
        lab.runway = NO_BURN;
        a.receivables = select(self.receivables < Usd::ZERO, lab.revenue * self.receivable, self.receivables);
        a.payables = self.payables;
        a.nol = self.nol;
        a.paid_in = a.receivables + self.cash + self.assets - self.payables;
        a.minimum_cash = self.cash;
        a.opening_cash = self.cash;
        TreasuryState { opening: self.cash, taxable: Usd::ZERO }
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut TreasuryState, lane: &mut Lane) {
        match S {
            stage::BILL => self.bill(now, own, lane),
            stage::PAY => self.pay(lane),
            stage::SHORT => self.short(own, lane),
            _ => self.mark(now, own, lane),
        }
    }
}

impl Treasury {
    /// Interest on cash, working capital, tax, the gap.
    #[inline(always)]
    fn bill(&self, now: &Now, own: &mut TreasuryState, lane: &mut Lane) {
        peaks(now.t, lane);
        let (a, lines, ops, lab) = (&mut lane.accounts, &mut lane.lines, &mut lane.ops, &lane.lab);
        own.opening = lab.cash;
        let rate = (self.margin + self.floats * lane.market.sofr) * (1.0 / 12.0);
        lines.interest_income = lab.cash * (rate * lab.alive);
        // Customers and the lab pay late; a lab that has ended collects nothing more here. Receivables and payables
        // grow by at most a month's revenue and a month's invoices: payments already made are not reversed.
        let receivables = min(lab.revenue * self.receivable, a.receivables + lab.revenue);
        let receivables = select(lab.alive > 0.0, receivables, a.receivables);
        lines.receipts = lab.revenue - (receivables - a.receivables);
        a.receivables = receivables;
        let invoiced = lines.compute_expense - lines.prepaid_used;
        let most = a.payables + max(invoiced, Usd::ZERO);
        let payables = select(self.payable > 0.0, min(invoiced * self.payable, most), a.payables);
        let payables = select(lab.alive > 0.0, payables, a.payables);
        // An increase in payables is supplier credit; a decrease is a payment like any other, and the unpaid part stays
        // owed.
        let growth = payables - a.payables;
        lines.supplier_credit = max(growth, Usd::ZERO);
        let fall = max(-growth, Usd::ZERO);
        a.own_due[4] += fall;
        lines.compute += fall;
        a.payables = payables;
        // Tax on the income known so far this year; income from vehicles that arrives in `close` counts next month.
        let earned = lab.revenue + lines.interest_income + lines.resale + lines.other_income
            - (ops.staff + ops.other + ops.partner + ops.sbc)
            - (ops.compute_spend + lines.commission_expense + lines.interest_expense + lines.depreciation);
        own.taxable = earned * lab.alive;
        let to_date = a.year_income + own.taxable;
        let month = now.t - self.first_year_end;
        let year_month = month - 12.0 * floor(month / 12.0); // 0 in the last month of the tax year
        let last = year_month == 0.0;
        // The first year may be short; estimated tax extrapolates the year to date.
        let length = select(now.t <= self.first_year_end, min(self.first_year_end, 12.0), 12.0);
        let elapsed = length - select(last, 0.0, 12.0 - year_month);
        let (scale, back) =
            (select(self.estimated > 0.0, length / elapsed, 1.0), select(self.estimated > 0.0, elapsed / length, 1.0));
        let annual = max(0.0, to_date.0 * scale);
        let used = min(a.nol.0, annual * self.loss_limit);
        let owed = (annual - used) * self.tax * back;
        let due = select(last, owed - a.year_tax.0, select(self.estimated > 0.0, max(0.0, owed - a.year_tax.0), 0.0));
        let due = due * lab.alive;
        ops.tax = Usd(due);
        a.year_tax += ops.tax;
        // At year end, losses add to the loss carry-forwards and profits use them.
        let nol = select(to_date < Usd::ZERO, a.nol - to_date, a.nol - Usd(used));
        a.nol = select(last, nol, a.nol);
        a.own_due[3] = Usd(max(0.0, due)) + a.owed[3];
        lines.tax = a.own_due[3];
        lines.tax_refund = Usd(max(0.0, -due));
        a.year_income = select(last, Usd::ZERO, to_date);
        a.year_tax = select(last, Usd::ZERO, a.year_tax);
        // The gap, before interest, tax and financing.
        ops.spend =
            ops.staff + ops.other + ops.partner + lines.commission_expense + ops.compute_spend + lines.capex_accrued;
        let received = lines.receipts + lines.supplier_credit - fall + lines.resale + lines.rebates;
        // Prepayments requested and not paid are requested again, and count once.
        let ahead = lines.prepayments - a.unpaid_ahead - lines.prepaid_used;
        ops.gap = (ops.spend + ahead - received) * lab.alive;
        a.cumulative_gap += ops.gap;
        a.peak_gap = Usd(max(a.peak_gap.0, a.cumulative_gap.0));
        // Shortfall from minimum cash once all amounts due are paid.
        let floor = self.floor + lab.gross_cost * self.floor_months;
        lane.left = (floor - (lab.cash + lines.cash())) * lab.alive;
    }

    /// Payment in nearly all months, when cash covers all amounts due; otherwise [`Treasury::short`] follows.
    #[inline(always)]
    fn pay(&self, lane: &mut Lane) {
        let (received, due) = lane.lines.due();
        let (due, lab) = (total(&due), &mut lane.lab);
        let lives = lab.alive > 0.0;
        let unpaid = (lives & (lab.cash.0 + received < due)) | (!lives & (due != 0.0));
        lane.ops.unpaid = select(unpaid, 1.0, 0.0);
        lab.paid = [lab.alive; RANKS];
        let a = &mut lane.accounts;
        a.owed = [Usd::ZERO; OWN];
        a.unpaid = [Usd::ZERO, a.unpaid[0]];
        a.unpaid_operating = [Usd::ZERO, a.unpaid_operating[0]];
        a.unpaid_ahead = Usd::ZERO;
        self.pay_out(lab.cash, Usd(received - due * lab.alive), lane);
        lane.moved = Usd::ZERO;
    }

    /// Pays amounts due in order of rank; a path pays at most one rank in part, so one division is enough.
    #[inline(always)]
    #[expect(clippy::needless_range_loop, reason = "ranks index several arrays")]
    fn short(&self, own: &TreasuryState, lane: &mut Lane) {
        let lab = &mut lane.lab;
        let (received, due) = lane.lines.due();
        // Cash left before each rank; negative once a rank was not paid in full. Under `negative_cash: carry` it is
        // unlimited.
        let mut left = select(self.carry > 0.0, f64::INFINITY, max(own.opening.0 + received, 0.0));
        let (mut part, mut of) = (0.0, 1.0);
        let mut share = [0.0; RANKS];
        for rank in 0..RANKS {
            let after = left - due[rank];
            let full = (after >= 0.0) | (due[rank] == 0.0);
            let some = !full & (left > 0.0);
            // −1 marks payment in part.
            share[rank] = select(full, 1.0, select(some, -1.0, 0.0));
            part = select(some, left, part);
            of = select(some, due[rank], of);
            left = after;
        }
        let (part, short) = (part / of, left < 0.0);
        let mut spent = [0.0; RANKS];
        for rank in 0..RANKS {
            lab.paid[rank] = select(share[rank] < 0.0, part, share[rank]) * lab.alive;
            spent[rank] = due[rank] * lab.paid[rank];
        }
        let (operating, ahead) = (lane.lines.section(Section::Operating), lane.lines.prepayments);
        lane.lines = lane.lines.paid(&lab.paid);
        let a = &mut lane.accounts;
        a.unpaid[0] = Usd(total(&due) - total(&spent)) * lab.alive;
        a.unpaid_operating[0] = (lane.lines.section(Section::Operating) - operating) * lab.alive;
        a.unpaid_ahead = (ahead - lane.lines.prepayments) * lab.alive;
        for k in 0..OWN {
            lane.accounts.owed[k] = lane.accounts.own_due[k] * (1.0 - lab.paid[OWN_RANKS[k]]) * lab.alive;
        }
        self.pay_out(own.opening, Usd(received - total(&spent)), lane);
        let short = (short | (lane.lab.cash < Usd::ZERO)) & (lane.lab.alive > 0.0);
        lane.events |= select(short, event::SHORT, 0);
    }

    /// The month's cash flow, once the lines hold the amounts paid.
    #[inline(always)]
    fn pay_out(&self, opening: Usd, flow: Usd, lane: &mut Lane) {
        let (lab, lines) = (&mut lane.lab, &lane.lines);
        lab.cash = opening + flow;
        // Payments here were due; prepayments in `close` are the lab's choice and do not count as burn.
        let raised = lines.equity_in + lines.debt_in;
        lane.ops.net_flow = flow - raised;
        lane.ops.operating = flow - lines.section(Section::Investing) - lines.section(Section::Financing);
        let ceiling = self.ceiling + lab.gross_cost * self.ceiling_months;
        lane.left = (lab.cash - ceiling) * lab.alive;
    }

    /// Burn, runway, distress, default; the income statement.
    #[inline(always)]
    fn mark(&self, now: &Now, own: &mut TreasuryState, lane: &mut Lane) {
        let (a, lines, ops, lab) = (&mut lane.accounts, &lane.lines, &mut lane.ops, &mut lane.lab);
        // If payment by rank left nothing, the rounding error of a sum is not cash.
        let at_payment = lab.cash;
        let cash = lab.cash + lane.moved;
        let moved = own.opening.0 + max(lines.receipts.0, 0.0);
        lab.cash = select(max(cash.0, -cash.0) <= 1e-12 * moved, Usd::ZERO, cash);
        lane.left = Usd::ZERO;
        // Shares and capital raised.
        lab.shares += lines.issued + lines.pool_added;
        lab.pool += lines.pool_added;
        a.new_shares += lines.issued;
        a.equity_raised += lines.equity_in;
        a.debt_raised += lines.debt_in;
        // Opening cash and flows to date, without new equity and debt, once all amounts due are paid; vehicles
        // distribute only after that. It is capped at cash including the new money, and unpaid amounts are deducted.
        let committed = self.cash + a.cumulative_flow + ops.net_flow;
        let hole = -(min(committed.0, at_payment.0) - a.unpaid[0].0);
        let hole = select(hole > 1e-9 * (max(self.cash.0, -self.cash.0) + moved), hole, 0.0);
        a.short_without_new_money = Usd(max(a.short_without_new_money.0, hole));
        let short = lane.events & event::SHORT != 0;
        a.first_short = select(((hole > 0.0) | short) & (a.first_short == 0.0), now.t, a.first_short);
        // Burn before new financing, and gross cost, as means of up to three months. Amounts due count as burn whether
        // or not they are paid.
        ops.net_flow += lines.distributions;
        a.cumulative_flow += ops.net_flow;
        let burn = a.unpaid[0] - a.unpaid[1] - ops.net_flow;
        let gross = ops.spend - lines.capex_accrued + ops.tax + lines.interest_expense;
        let third = 1.0 / min(now.t, 3.0);
        lab.burn = (burn + a.burns[0] + a.burns[1]) * third;
        lab.gross_cost = (gross + a.costs[0] + a.costs[1]) * third;
        (a.burns[1], a.burns[0]) = (a.burns[0], burn);
        (a.costs[1], a.costs[0]) = (a.costs[0], gross);
        lab.runway = select(lab.burn > Usd::ZERO, max(0.0, lab.cash.0) / max(lab.burn.0, f64::MIN_POSITIVE), NO_BURN);
        lab.runway = min(lab.runway, NO_BURN);
        // Trailing growth of revenue over three months.
        let alive_revenue = max(lab.revenue.0, f64::MIN_POSITIVE);
        let growth = ln(alive_revenue / max(a.revenues[2].0, f64::MIN_POSITIVE)) * (1.0 / 3.0);
        lab.growth = select(lab.revenue > Usd::ZERO, growth, 0.0);
        (a.revenues[2], a.revenues[1], a.revenues[0]) = (a.revenues[1], a.revenues[0], lab.revenue);
        // Break-even on trailing operating cash flow, as if all amounts due were paid.
        let operating = ops.operating - (a.unpaid_operating[0] - a.unpaid_operating[1]);
        let sum = operating + a.operating[0] + a.operating[1];
        (a.operating[1], a.operating[0]) = (a.operating[0], operating);
        let even = (sum >= Usd::ZERO) & (lab.alive > 0.0);
        a.even_since = select(even, select(a.even_since > 0.0, a.even_since, now.t), 0.0);
        // Arrears, distress, default.
        a.minimum_cash = Usd(min(a.minimum_cash.0, lab.cash.0));
        let first = short & (a.cash_out == 0.0);
        a.cash_out = select(first, now.t, a.cash_out);
        a.short_months = select(short, a.short_months + 1.0, 0.0);
        let defaults = (a.short_months >= self.grace) & (lab.alive > 0.0) & (self.carry == 0.0);
        a.default = select(defaults & (a.default == 0.0), now.t, a.default);
        lane.events |= select(defaults, event::DEFAULT, 0);
        let distress = (lab.runway < self.distress) | (short & (self.carry == 0.0));
        lane.events |= select(distress & (lab.distress == 0.0), event::DISTRESS, 0);
        lane.events |= select(lab.runway < self.watch, event::WATCH, 0);
        lab.distress = select(distress, 1.0, 0.0);
        lab.distress_months = select(distress, lab.distress_months + 1.0, 0.0);
        lab.listed = max(lab.listed, lines.listed);
        // The income statement. Income from vehicles in `close` is included, and enters next month's tax base.
        let late = lines.other_income;
        let income = lab.revenue + lines.interest_income + lines.resale + late
            - (ops.staff + ops.other + ops.partner + ops.sbc)
            - (ops.compute_spend + lines.commission_expense + lines.interest_expense + lines.depreciation)
            - ops.tax;
        a.net_income = income * lab.alive;
        a.year_income += (income + ops.tax) * lab.alive - own.taxable;
        a.retained += a.net_income;
        a.paid_in += lines.paid_in + ops.sbc * lab.alive;
    }
}

/// Updates the peaks of debt and look-through leverage with last month's closing stocks, which were carried over. This
/// month's close is included when the peaks are reported.
#[inline(always)]
fn peaks(t: f64, lane: &mut Lane) {
    let a = &mut lane.accounts;
    let debt = a.stocks[0];
    let more = debt > a.peak_debt;
    a.peak_debt = select(more, debt, a.peak_debt);
    a.peak_debt_month = select(more, t - 1.0, a.peak_debt_month);
    let owed = a.stocks[0] + a.stocks[1] + a.stocks[2] + a.stocks[3];
    let earns = a.last_run_rate > Usd::ZERO;
    let leverage = select(earns, owed.0 / max(a.last_run_rate.0, f64::MIN_POSITIVE), 0.0);
    let more = leverage > a.peak_leverage;
    a.peak_leverage = select(more, leverage, a.peak_leverage);
    a.peak_leverage_month = select(more, t - 1.0, a.peak_leverage_month);
}
