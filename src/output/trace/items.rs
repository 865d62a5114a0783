//! The lines of the statements: names, units, and where each value is found in the plain engine.

use super::{How, Series, Statement};
use crate::column;
use crate::components::ComponentSpec;
use crate::engine::books::{KINDS, Kind, LINE_NAMES, Section};
use crate::engine::component::Lane;
use crate::engine::instrument::Unit;
use crate::engine::reference::{Path, derive};
use crate::lab::Capacity;
use crate::plan::metrics::Source;
use crate::plan::{Plan, PlannedInstrument, component_spec};

/// What can be read at the end of a month.
pub(super) struct Seen<'a> {
    /// The path at the end of the month.
    pub run: &'a Path<'a>,
    /// The lane's values, in the order of the board's columns.
    pub board: &'a [f64],
    /// The state of each instrument, in the order of its columns.
    pub instruments: &'a [Vec<f64>],
    /// The lane at the end of the previous month.
    pub before: &'a Lane,
    /// The month, 1 for the first.
    pub t: usize,
}

impl Seen<'_> {
    fn lane(&self) -> &Lane {
        &self.run.lane
    }

    /// A metric by the same formula as in all tables.
    fn metric(&self, source: &Source) -> f64 {
        derive::value(source, self.board, self.instruments).unwrap_or(f64::NAN)
    }
}

/// A line and how its value is found.
pub(super) struct Item {
    entity: String,
    statement: Statement,
    line: String,
    unit: &'static str,
    how: How,
    rank: Option<usize>,
    /// Its value in a month.
    pub value: Value,
}

/// How a value is found.
type Value = Box<dyn Fn(&Seen<'_>) -> f64>;

impl Item {
    /// The series of this line, without values yet.
    pub fn series(&self, months: usize) -> Series {
        Series {
            entity: self.entity.clone(),
            statement: self.statement,
            line: self.line.clone(),
            unit: self.unit,
            how: self.how,
            rank: self.rank,
            values: Vec::with_capacity(months),
        }
    }
}

/// Lines of `cash_flow` and `income` that are not part of the sum: balances, subtotals, amounts due, and the gap.
const APART: [&str; 10] = [
    "opening_cash",
    "closing_cash",
    "operating_flow",
    "investing_flow",
    "financing_flow",
    "spend",
    "gap",
    "cumulative_gap",
    "net_flow",
    "net_income",
];

/// Whether a line of the lab is one that adds up to the statement's last line.
pub(super) fn adds_up(series: &Series) -> bool {
    !APART.contains(&series.line.as_str()) && series.due_of().is_none()
}

/// The lines of a plan, in order.
pub(super) fn of(plan: &Plan) -> Vec<Item> {
    let mut list = List(Vec::new());
    list.market(plan);
    list.income();
    list.cash_flow();
    list.balance(plan);
    list.capacity(plan);
    for (k, instrument) in plan.instruments.iter().enumerate() {
        list.instrument(k, instrument);
    }
    list.0
}

struct List(Vec<Item>);

impl List {
    fn add(
        &mut self,
        statement: Statement,
        line: impl Into<String>,
        unit: Unit,
        how: How,
        value: impl Fn(&Seen<'_>) -> f64 + 'static,
    ) -> &mut Item {
        let entity = if statement == Statement::Market { "world" } else { "lab" };
        self.0.push(Item {
            entity: entity.to_owned(),
            statement,
            line: line.into(),
            unit: unit.name(),
            how,
            rank: None,
            value: Box::new(value),
        });
        self.0.last_mut().expect("one was just added")
    }

    /// A metric of the tables, taken at the end of the month.
    fn metric(&mut self, statement: Statement, line: impl Into<String>, unit: Unit, source: Source) {
        self.add(statement, line, unit, How::Last, move |m| m.metric(&source));
    }

    fn market(&mut self, plan: &Plan) {
        use How::{Last, Mean};
        let s = Statement::Market;
        self.add(s, "winter", Unit::Share, Mean, |m| m.lane().market.winter);
        self.add(s, "sofr", Unit::AnnualRate, Last, |m| m.lane().market.sofr);
        self.add(s, "credit_spread", Unit::AnnualRate, Last, |m| m.lane().market.spread);
        self.add(s, "equity_multiple", Unit::Ratio, Last, |m| m.lane().market.multiple);
        self.add(s, "equity_window", Unit::Share, Mean, |m| m.lane().market.window);
        let per_gw = "USD/GW-mo";
        self.add(s, "power_price", Unit::Usd, Last, |m| m.lane().market.power_price).unit = per_gw;
        self.add(s, "spot_price", Unit::Usd, Last, |m| m.lane().market.spot_price).unit = per_gw;
        if plan.components.iter().any(|p| matches!(component_spec(p), ComponentSpec::Scarcity(_))) {
            self.add(s, "tightness", Unit::Ratio, Last, |m| m.lane().market.tightness);
        }
        self.add(s, "resale_index", Unit::Ratio, Last, |m| m.lane().market.resale);
        if plan.components.iter().any(|p| matches!(component_spec(p), ComponentSpec::VendorShare(_))) {
            self.add(s, "vendor_share", Unit::Ratio, Last, |m| m.lane().market.vendor_share);
        }
    }

    fn income(&mut self) {
        /// The lab is alive until the month in which it ends is over.
        fn alive(m: &Seen<'_>) -> f64 {
            m.before.lab.alive
        }
        let mut add = |line: &str, value: fn(&Lane) -> f64| {
            self.add(Statement::Income, line, Unit::Usd, How::Flow, move |m| value(m.lane()) * alive(m));
        };
        add("revenue", |l| l.lab.revenue.0);
        add("interest_income", |l| l.lines.interest_income.0);
        add("resale", |l| l.lines.resale.0);
        add("other_income", |l| l.lines.other_income.0);
        add("compute_cost", |l| -l.lines.compute_expense.0);
        add("lease_cost", |l| -l.lines.lease_expense.0);
        add("running_cost", |l| -l.lines.running_expense.0);
        add("staff_cost", |l| -l.ops.staff.0);
        add("stock_compensation", |l| -l.ops.sbc.0);
        add("other_cost", |l| -l.ops.other.0);
        add("partner_cost", |l| -l.ops.partner.0);
        add("commissions", |l| -l.lines.commission_expense.0);
        add("interest_cost", |l| -l.lines.interest_expense.0);
        add("depreciation", |l| -l.lines.depreciation.0);
        add("tax_cost", |l| -l.ops.tax.0);
        self.add(Statement::Income, "net_income", Unit::Usd, How::Flow, |m| m.lane().accounts.net_income.0);
    }

    fn cash_flow(&mut self) {
        let s = Statement::CashFlow;
        self.add(s, "opening_cash", Unit::Usd, How::First, |m| m.before.lab.cash.0);
        for section in [Section::Operating, Section::Investing, Section::Financing] {
            for (k, kind) in KINDS.iter().enumerate() {
                match *kind {
                    Kind::In(of) if of == section => {
                        self.add(s, LINE_NAMES[k], Unit::Usd, How::Flow, move |m| m.lane().lines.list()[k]);
                    }
                    Kind::Out(rank, of) if of == section => {
                        let paid = move |m: &Seen<'_>| -m.lane().lines.list()[k];
                        self.add(s, LINE_NAMES[k], Unit::Usd, How::Flow, paid).rank = Some(rank);
                        // An amount paid outside the payment by rank, such as a prepayment, was voluntary and counts as
                        // due when paid.
                        let due = move |m: &Seen<'_>| {
                            let (due, shares) = (&m.run.due, &m.lane().lab.paid);
                            let (asked, paid) = (due.list()[k], due.paid(shares).list()[k]);
                            if asked == paid {
                                -m.lane().lines.list()[k]
                            } else {
                                -(asked + (m.lane().lines.list()[k] - paid))
                            }
                        };
                        let line = format!("{}.due", LINE_NAMES[k]);
                        self.add(s, line, Unit::Usd, How::Flow, due).rank = Some(rank);
                    }
                    _ => {}
                }
            }
            let total = match section {
                Section::Operating => "operating_flow",
                Section::Investing => "investing_flow",
                Section::Financing => "financing_flow",
            };
            self.add(s, total, Unit::Usd, How::Flow, move |m| m.lane().lines.section(section).0);
        }
        self.add(s, "closing_cash", Unit::Usd, How::Last, |m| m.lane().lab.cash.0);
        self.add(s, "spend", Unit::Usd, How::Flow, |m| m.lane().ops.spend.0);
        self.add(s, "gap", Unit::Usd, How::Flow, |m| m.lane().ops.gap.0);
        self.add(s, "cumulative_gap", Unit::Usd, How::Last, |m| m.lane().accounts.cumulative_gap.0);
        self.add(s, "net_flow", Unit::Usd, How::Flow, |m| m.lane().ops.net_flow.0);
    }

    fn balance(&mut self, plan: &Plan) {
        let s = Statement::Balance;
        let mut add = |line: &str, value: fn(&Lane) -> f64| {
            self.add(s, line, Unit::Usd, How::Last, move |m| value(m.lane()));
        };
        add("cash", |l| l.lab.cash.0);
        add("receivables", |l| l.accounts.receivables.0);
        add("own_hardware", |l| l.lines.ppe.0);
        add("stakes", |l| l.lines.investment.0);
        add("prepaid", |l| l.lines.prepaid.0);
        add("assets", |l| if l.lab.alive > 0.0 { assets(l) } else { f64::NAN });
        add("payables", |l| l.accounts.payables.0);
        add("owed", owed);
        add("arrears", |l| l.lines.arrears.0);
        add("debt", |l| l.lines.debt.0);
        add("deferred", |l| l.lines.deferred.0);
        add("liabilities", |l| if l.lab.alive > 0.0 { liabilities(l) } else { f64::NAN });
        add("paid_in", |l| l.accounts.paid_in.0);
        add("retained", |l| l.accounts.retained.0);
        add("equity", |l| if l.lab.alive > 0.0 { (l.accounts.paid_in + l.accounts.retained).0 } else { f64::NAN });
        add("off_balance", |l| l.lines.off_balance.0);
        add("vehicle_debt", |l| l.lines.vehicle_debt.0);
        add("guarantees", |l| l.lines.guarantee.0);
        add("firm_commitments", |l| l.lines.firm.0);
        add("headline_commitments", |l| l.lines.headline.0);
        add("losses_carried_forward", |l| l.accounts.nol.0);
        add("equity_raised", |l| l.accounts.equity_raised.0);
        add("debt_raised", |l| l.accounts.debt_raised.0);
        self.metric(s, "valuation", Unit::Usd, Source::Valuation);
        self.add(s, "run_rate", Unit::UsdPerYear, How::Last, |m| m.lane().lab.run_rate.0);
        self.metric(s, "burn_months", Unit::Months, Source::Runway(column!(lab.runway)));
        self.metric(s, "look_through_leverage", Unit::Ratio, Source::Leverage { most: false });
        let holders = &plan.metrics.holders;
        let held = holders.iter().find(|(name, _)| name == "employees").map_or(0.0, |(_, share)| *share);
        for (name, share) in holders.iter().filter(|(name, _)| name != "employees") {
            self.metric(s, format!("stake.{name}"), Unit::Share, Source::Holder(*share));
        }
        self.metric(s, "stake.employees", Unit::Share, Source::Employees(held));
        self.metric(s, "stake.new_investors", Unit::Share, Source::NewInvestors);
    }

    fn capacity(&mut self, plan: &Plan) {
        let s = Statement::Capacity;
        let bare = plan
            .components
            .iter()
            .any(|p| matches!(component_spec(p), ComponentSpec::Allocation(c) if c.capacity == Capacity::None));
        let ranked = plan.components.iter().any(|p| matches!(component_spec(p), ComponentSpec::Ranked(_)));
        if !bare {
            let mut add = |line: &str, value: fn(&Lane) -> f64| {
                self.add(s, line, Unit::Gigawatt, How::Last, move |m| value(m.lane()));
            };
            add("need_gw", |l| l.ops.need_gw);
            add("capacity_gw", |l| l.ops.place_gw);
            add("used_gw", if ranked { |l: &Lane| l.ops.serving_gw } else { |l: &Lane| l.ops.used_gw });
            add("spot_gw", |l| l.ops.spot_gw);
        }
        self.add(s, "served", Unit::Share, How::Mean, |m| m.lane().ops.served);
        let mut add = |line: &str, value: fn(&Lane) -> f64| {
            self.add(s, line, Unit::Usd, How::Flow, move |m| value(m.lane()));
        };
        add("demand", |l| l.ops.demand.0);
        add("unserved_revenue", |l| l.ops.unserved.0);
        add("inference_spend", |l| l.ops.inference_spend.0);
        add("training_spend", |l| l.ops.training_spend.0);
        add("compute_spend", |l| l.ops.compute_spend.0);
        add("idle_cost", |l| l.ops.idle_cost.0);
        if plan.components.iter().any(|p| matches!(component_spec(p), ComponentSpec::Capability(_))) {
            self.capability();
        }
    }

    fn capability(&mut self) {
        let s = Statement::Capacity;
        self.add(s, "research_served", Unit::Share, How::Mean, |m| m.lane().ops.research_served);
        self.add(s, "research_stock", Unit::Ratio, How::Last, |m| m.lane().ops.research_stock);
        self.add(s, "rivals_stock", Unit::Ratio, How::Last, |m| m.lane().ops.rivals_stock);
        self.add(s, "capability", Unit::Share, How::Last, |m| m.lane().ops.capability);
        self.add(s, "capability_effect", Unit::Share, How::Last, |m| m.lane().ops.capability_effect);
    }

    fn instrument(&mut self, k: usize, instrument: &PlannedInstrument) {
        let mut add = |line: String, unit: Unit, how: How, value: Value| {
            let item = self.add(Statement::Instrument, line, unit, how, value);
            item.entity.clone_from(&instrument.name);
        };
        for (name, line, source) in instrument.lines(k) {
            let how = if line.flow { How::Flow } else { How::Last };
            add(name, line.unit, how, Box::new(move |m| m.metric(&source)));
        }
        for (name, slot) in instrument.spec.accounts() {
            add(format!("{name}.flow"), Unit::Usd, How::Flow, Box::new(move |m| m.run.flows[k][m.t][slot]));
        }
    }
}

fn assets(l: &Lane) -> f64 {
    (l.lab.cash + l.accounts.receivables + l.lines.ppe + l.lines.investment + l.lines.prepaid).0
}

/// The lab's own payments that were not made.
fn owed(l: &Lane) -> f64 {
    l.accounts.owed.iter().fold(0.0, |sum, x| sum + x.0)
}

fn liabilities(l: &Lane) -> f64 {
    l.accounts.payables.0 + owed(l) + l.lines.arrears.0 + l.lines.debt.0 + l.lines.deferred.0
}
