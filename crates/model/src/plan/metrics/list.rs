//! The list of metrics that a scenario records.

use super::{
    CashLine, LINES_AT, Metric, Metrics, Peak, Place, Return, Source, accounts, events_of, lab, lines, market, ops,
    words,
};
use crate::engine::books::{KINDS, Kind, LINE_NAMES};
use crate::engine::component::OPENING_SHARES;
use crate::engine::component::OWN;
use crate::engine::instrument::Unit;
use crate::instruments::declared::Provider;
use crate::lab::Capacity;
use crate::lab::demand::Saturation;
use crate::language::quantity::Quantity;
use crate::plan::{PlannedInstrument, instrument_spec};
use crate::scenario::Scenario;
use crate::stats::histogram::Grid;

/// Values below this share of their scale are rounding errors of zero.
const DUST: f64 = 1e-9;

/// Makes metrics with bins that suit the size of the lab.
struct Maker {
    /// Unit of the bins of money, in USD.
    money: f64,
}

impl Maker {
    fn new(scenario: &Scenario) -> Maker {
        // Monthly revenue; a segment with an uncertain run-rate counts as a billion, since only the scale matters.
        let segments = &scenario.lab.demand.segments.0;
        let revenue: f64 = segments.iter().map(|(_, s)| s.run_rate.known().unwrap_or(1e9)).sum();
        // A power of two well below revenue: if all money is scaled, so is every bin. The last bin is at half a million
        // times revenue.
        Maker { money: if revenue > 0.0 { power_of_two_below(revenue / 8_192.0) } else { 1.0 } }
    }

    /// Bins for values in a unit. Values below 1e-9 of the unit's scale are rounding errors. The scale is a month's
    /// revenue for money, one for shares and ratios, a gigawatt for power, and the opening number of shares for stock.
    fn grid(&self, unit: Unit) -> Grid {
        match unit {
            Unit::Usd | Unit::UsdPerYear => self.money_grid(),
            // A gigawatt and month costs about a billion.
            Unit::UsdPerGwMonth => Grid::new(2.0_f64.powi(17)).with_dust(DUST * 2.0_f64.powi(30)),
            Unit::Share => Grid::new(2.0_f64.powi(-20)).with_atoms(&[1.0]).with_dust(DUST),
            Unit::Ratio => Grid::new(2.0_f64.powi(-12)).with_atoms(&[1.0]).with_dust(DUST),
            // Annual rates of return on a few months reach the millions.
            Unit::AnnualRate => Grid::new(2.0_f64.powi(-8)).with_dust(DUST),
            Unit::Gigawatt => Grid::new(2.0_f64.powi(-20)).with_dust(DUST),
            Unit::Months | Unit::Count => Grid::new(2.0_f64.powi(-10)).with_atoms(&[1.0]).with_dust(DUST),
            // A company of a billion shares may issue thousands of times as many before it ends.
            Unit::Stock => Grid::new(power_of_two_below(OPENING_SHARES / 8_192.0)).with_dust(DUST * OPENING_SHARES),
        }
    }

    fn money_grid(&self) -> Grid {
        Grid::new(self.money).with_dust(DUST * 8_192.0 * self.money)
    }

    /// A metric of the lab or the world; [its entry](words::WORDS) states its unit and whether it is a flow.
    fn metric(&self, name: impl Into<String>, source: Source) -> Metric {
        let name = name.into();
        let word = words::find(&name).expect("a metric of the lab has its words");
        Metric { flow: word.flow, ..self.of_unit(name, word.unit, source) }
    }
    /// A metric in a given unit, as a stock that is always recorded.
    fn of_unit(&self, name: String, unit: Unit, source: Source) -> Metric {
        let grid = if source.is_whole() { Grid::whole() } else { self.grid(unit) };
        Metric { name, unit, source, grid, flow: false, instrument: None, asked: false, seldom: false }
    }
}

/// Every metric that a scenario can record.
pub fn all(scenario: &Scenario, instruments: &[PlannedInstrument]) -> Metrics {
    let make = Maker::new(scenario);
    let holders: Vec<(String, f64)> =
        scenario.lab.opening.shares.0.iter().map(|(n, s)| (n.as_str().to_owned(), s.known().unwrap_or(0.0))).collect();
    let (stakes, dilutions) = ownership(scenario, &holders, &make);
    let (mut monthly, mut at_end) = (by_month(scenario, &make), at_the_end(scenario, &make));
    let bought = scenario.lab.compute.capacity == Capacity::Contracted;
    monthly.extend(stakes.iter().cloned());
    at_end.extend(stakes);
    at_end.extend(dilutions);
    at_end.push(make.metric("hhi.compute", Source::Concentration(suppliers(instruments, bought))));
    at_end.push(make.metric("hhi.capital", Source::Concentration(capital(instruments))));
    for (k, instrument) in instruments.iter().enumerate() {
        of_instrument(k, instrument, &make, &mut monthly, &mut at_end);
    }
    at_end.extend(estate(&make));
    Metrics {
        monthly,
        at_end,
        watched: Vec::new(),
        events: events_of(instruments, scenario.lab.demand.capability.is_some()),
        cash: cash(),
        cash_grid: make.money_grid(),
        holders,
    }
}

/// Stakes of holders, and their dilution.
fn ownership(scenario: &Scenario, holders: &[(String, f64)], make: &Maker) -> (Vec<Metric>, Vec<Metric>) {
    let (mut stakes, mut dilutions): (Vec<Metric>, Vec<Metric>) = (Vec::new(), Vec::new());
    for (name, share) in holders {
        let source = if name == "employees" { Source::Employees(*share) } else { Source::Holder(*share) };
        let lost = Source::Dilution(Box::new(source.clone()), *share);
        stakes.push(make.metric(format!("stake.{name}"), source));
        dilutions.push(make.metric(format!("dilution.{name}"), lost));
    }
    if holders.iter().all(|(n, _)| n != "employees") {
        stakes.push(make.metric("stake.employees", Source::Employees(0.0)));
    }
    stakes.push(make.metric("stake.new_investors", Source::NewInvestors));
    if let Some(control) = &scenario.lab.opening.control {
        let among = |name: &str| control.holders.iter().any(|h| h.as_str() == name);
        let share = holders.iter().filter(|(name, _)| among(name)).map(|(_, share)| share).sum();
        let (votes, below) = (control.votes, control.threshold);
        stakes.push(make.metric("control", Source::Control { share, votes }));
        stakes.push(make.metric("control_lost", Source::ControlLost { share, votes, below }));
    }
    (stakes, dilutions)
}

/// Monthly metrics of the lab and the world, except stakes.
fn by_month(scenario: &Scenario, make: &Maker) -> Vec<Metric> {
    let compute = &scenario.lab.compute;
    // Whether part of the power in place is not operational.
    let cut = [&compute.availability, &compute.u_max].iter().any(|q: &&Quantity| q.known() != Some(1.0));
    let mut monthly = vec![
        make.metric("revenue", Source::Board(lab("revenue"))),
        make.metric("run_rate", Source::Board(lab("run_rate"))),
        make.metric("revenue.alive", alive(Source::Board(lab("revenue")))),
        make.metric("run_rate.alive", alive(Source::Board(lab("run_rate")))),
        make.metric("compute_spend", Source::Board(ops("compute_spend"))),
        make.metric("training_spend", Source::Board(ops("training_spend"))),
        make.metric("inference_spend", Source::Board(ops("inference_spend"))),
        make.metric("spend", Source::Board(ops("spend"))),
        make.metric("gap", Source::Board(ops("gap"))),
        make.metric("cumulative_gap", Source::Board(accounts("cumulative_gap"))),
        make.metric("cash", Source::Board(lab("cash"))),
        make.metric("net_flow", Source::Board(ops("net_flow"))),
        make.metric("net_income", Source::Board(accounts("net_income"))),
        make.metric("burn_months", Source::Runway(lab("runway"))),
        make.metric("debt", Source::Board(lines("debt"))),
        make.metric("off_balance", Source::Board(lines("off_balance"))),
        make.metric("vehicle_debt", Source::Board(lines("vehicle_debt"))),
        make.metric("look_through_leverage", Source::Leverage { most: false }),
        make.metric("look_through_leverage_most", Source::Leverage { most: true }),
        make.metric("guarantees", Source::Board(lines("guarantee"))),
        make.metric("capacity_gw", Source::Board(ops("place_gw"))),
        make.metric("used_gw", Source::Board(ops(if cut { "serving_gw" } else { "used_gw" }))),
        make.metric("utilisation", Source::Over(ops("used_gw"), ops("place_gw"))),
        make.metric("spot_gw", Source::Board(ops("spot_gw"))),
        make.metric("idle_cost", Source::Board(ops("idle_cost"))),
        make.metric("unserved_revenue", Source::Board(ops("unserved"))),
        make.metric("lost_margin", Source::LostMargin),
        make.metric("firm_commitments", Source::Board(lines("firm"))),
        make.metric("headline_commitments", Source::Board(lines("headline"))),
        make.metric("equity_raised", Source::Board(accounts("equity_raised"))),
        make.metric("winter", Source::Board(market("winter"))),
        make.metric("resale_index", Source::Board(market("resale"))),
        make.metric("cash_out", Source::Happened(accounts("cash_out"))),
        make.metric("default", Source::Happened(accounts("default"))),
        make.metric("ended", Source::Happened(accounts("ended"))),
    ];
    if cut {
        monthly.push(make.metric("unavailable_gw", Source::Board(ops("unavailable_gw"))));
    }
    if scenario.lab.demand.has_contracted() && compute.capacity == Capacity::Contracted {
        for name in ["served_contracted", "served_others"] {
            monthly.push(make.metric(name, Source::Board(ops(name))));
        }
    }
    monthly.extend(capability(scenario, make));
    monthly.extend(power(scenario, make));
    // A market that is not specified is not recorded: it would read as zero.
    monthly.extend(valuation(scenario, make));
    let priced = equity_price(scenario, make);
    if scenario.world.equity_multiple.is_some() {
        let column = if priced.is_empty() { "multiple" } else { "enterprise_multiple" };
        monthly.push(make.metric("equity_multiple", Source::Board(market(column))));
    }
    monthly.extend(priced);
    monthly.extend(equity_supply(scenario, make));
    monthly.extend(credit_supply(scenario, make));
    if scenario.world.sofr.is_some() {
        monthly.push(make.metric("sofr", Source::Board(market("sofr"))));
    }
    if scenario.world.vendor_share.is_some() {
        monthly.push(make.metric("vendor_share", Source::Board(market("vendor_share"))));
    }
    // Charts of scarce power and of the price of equity need two metrics that other runs record on request.
    let charted: Vec<&str> = [("tightness", "unserved_revenue"), ("burden", "valuation")]
        .into_iter()
        .filter(|(block, _)| monthly.iter().any(|metric| metric.name == *block))
        .map(|(_, name)| name)
        .collect();
    for metric in &mut monthly {
        metric.seldom = words::find(&metric.name).is_some_and(|word| word.when.is_asked_by_month())
            && !charted.contains(&metric.name.as_str());
    }
    monthly
}

/// Capability and the research behind it, if the scenario has them.
fn capability(scenario: &Scenario, make: &Maker) -> Vec<Metric> {
    if scenario.lab.demand.capability.is_none() {
        return Vec::new();
    }
    let columns = ["capability", "capability_effect", "research_stock", "rivals_stock", "research_served"];
    columns.into_iter().map(|name| make.metric(name, Source::Board(ops(name)))).collect()
}

/// Scarcity of power and its resale, where the scenario says more of them than prices.
fn power(scenario: &Scenario, make: &Maker) -> Vec<Metric> {
    let price = scenario.world.compute_price.as_ref().filter(|price| price.is_scarce());
    let mut out = Vec::new();
    if let Some(price) = price {
        out.push(make.metric("tightness", Source::Board(market("tightness"))));
        out.push(make.metric("contract_price", Source::Board(market("power_price"))));
        out.push(make.metric("spot_price", Source::Board(market("spot_price"))));
        if price.available.is_some() {
            out.push(make.metric("available_gw", Source::Board(ops("available_gw"))));
        }
        out.push(make.metric("unserved_research", Source::Board(ops("unserved_research"))));
        out.push(make.metric("cost_of_scarcity", Source::Scarcity));
    }
    if price.is_some() || scenario.lab.compute.resale.is_let() {
        out.push(make.metric("resale_income", Source::Board(lines("resale"))));
    }
    out
}

/// Valuation of the lab, if the scenario specifies an equity multiple.
fn valuation(scenario: &Scenario, make: &Maker) -> Vec<Metric> {
    if scenario.world.equity_multiple.is_none() {
        return Vec::new();
    }
    vec![make.metric("valuation", Source::Valuation), make.metric("valuation.alive", alive(Source::Valuation))]
}

/// Enterprise value and the expected cost of obligations, if equity is priced less what the lab owes.
fn equity_price(scenario: &Scenario, make: &Maker) -> Vec<Metric> {
    if scenario.world.capital.as_ref().is_none_or(|capital| capital.price.is_none()) {
        return Vec::new();
    }
    vec![
        make.metric("enterprise_value", Source::EnterpriseValue),
        make.metric("burden", Source::Board(accounts("burden"))),
    ]
}

/// What rounds ask for and get, and what that does to their price, where the supply of equity is limited.
fn equity_supply(scenario: &Scenario, make: &Maker) -> Vec<Metric> {
    if scenario.world.capital.as_ref().is_none_or(|capital| capital.equity.is_none()) {
        return Vec::new();
    }
    vec![
        make.metric("equity_asked", Source::Board(lines("equity_asked"))),
        make.metric("equity_filled", Source::Board(lines("equity_filled"))),
        make.metric("price_impact", Source::Board(market("price_factor"))),
    ]
}

/// What borrowers ask of a limited supply of credit and get, what is left of it, and what that does to spreads.
fn credit_supply(scenario: &Scenario, make: &Maker) -> Vec<Metric> {
    if scenario.world.capital.as_ref().is_none_or(|capital| capital.credit.is_none()) {
        return Vec::new();
    }
    vec![
        make.metric("credit_asked", Source::Board(lines("credit_asked"))),
        make.metric("credit_drawn", Source::Board(lines("credit_drawn"))),
        make.metric("credit_left", Source::Board(market("credit_left"))),
        make.metric("credit_premium", Source::Board(market("credit_premium"))),
    ]
}

/// Metrics of the lab at the horizon, except stakes.
fn at_the_end(scenario: &Scenario, make: &Maker) -> Vec<Metric> {
    let horizon = Some(scenario.time.months as usize);
    let mut at_end = vec![
        make.metric("cash_out", Source::Happened(accounts("cash_out"))),
        make.metric("default", Source::Happened(accounts("default"))),
        make.metric("ended", Source::Happened(accounts("ended"))),
        make.metric("cash_out_month", Source::Month(accounts("cash_out"))),
        make.metric("default_month", Source::Month(accounts("default"))),
        make.metric("runway_months", Source::Month(accounts("first_short"))),
        make.metric("break_even", Source::Month(accounts("even_since"))),
        make.metric("peak_funding", Source::PeakFunding),
        make.metric("peak_cumulative_gap", Source::Board(accounts("peak_gap"))),
        make.metric("cumulative_gap", Source::Board(accounts("cumulative_gap"))),
        make.metric("short_without_new_money", Source::Board(accounts("short_without_new_money"))),
        make.metric("opening_cash", Source::Board(accounts("opening_cash"))),
        make.metric("minimum_cash", Source::Board(accounts("minimum_cash"))),
        make.metric("cash", Source::Board(lab("cash"))),
        make.metric("run_rate", Source::Board(lab("run_rate"))),
        make.metric("run_rate.alive", alive(Source::Board(lab("run_rate")))),
        make.metric("debt", Source::Board(lines("debt"))),
        make.metric("peak_debt", Source::Peak { of: Peak::Debt, month: None }),
        make.metric("peak_debt_month", Source::Peak { of: Peak::Debt, month: horizon }),
        make.metric("off_balance", Source::Board(lines("off_balance"))),
        make.metric("firm_commitments", Source::Board(lines("firm"))),
        make.metric("look_through_leverage", Source::Leverage { most: false }),
        make.metric("look_through_leverage_most", Source::Leverage { most: true }),
        make.metric("peak_leverage", Source::Peak { of: Peak::Leverage, month: None }),
        make.metric("peak_leverage_month", Source::Peak { of: Peak::Leverage, month: horizon }),
        make.metric("equity_raised", Source::Board(accounts("equity_raised"))),
        make.metric("debt_raised", Source::Board(accounts("debt_raised"))),
        make.metric("clamped_growth", Source::Board(ops("clamps"))),
    ];
    at_end.extend(capability(scenario, make));
    at_end.extend(valuation(scenario, make));
    let priced = equity_price(scenario, make);
    if !priced.is_empty() {
        at_end.push(make.metric("holders_value", Source::HoldersValue));
    }
    at_end.extend(priced);
    if scenario.lab.demand.ceiling.is_some() && scenario.lab.demand.saturation != Saturation::None {
        at_end.push(make.metric("ceiling_floored", Source::Happened(ops("floored"))));
    }
    at_end
}

/// Lines of an instrument, and the returns of its providers.
fn of_instrument(
    k: usize,
    instrument: &PlannedInstrument,
    make: &Maker,
    monthly: &mut Vec<Metric>,
    at_end: &mut Vec<Metric>,
) {
    let own = |name: &str, unit: Unit, source: Source| Metric {
        instrument: Some(k),
        ..make.of_unit(format!("{}.{name}", instrument.name), unit, source)
    };
    for (name, line, source) in instrument.lines(k) {
        let m = Metric { flow: line.flow, seldom: line.seldom, ..own(&name, line.unit, source) };
        if line.at_end {
            at_end.push(m.clone());
        }
        // Running sums are usually read at the horizon.
        monthly.push(Metric { seldom: line.seldom || line.at_end, ..m });
    }
    if instrument.keeps_flows {
        let accounts = instrument.spec.accounts();
        let each = accounts.iter().filter(|_| accounts.len() > 1).map(|(name, slot)| (format!("{name}."), Some(*slot)));
        for (account, slot) in std::iter::once((String::new(), None)).chain(each) {
            let told = if slot.is_none() { Return::COUNT } else { Return::OF_ACCOUNT };
            for (what, name, unit) in Return::ALL.into_iter().take(told) {
                let seldom = !matches!(what, Return::Irr | Return::Moic | Return::Rvpi);
                let source = Source::Return(k, slot, what);
                at_end.push(Metric { seldom, ..own(&format!("{account}{name}"), unit, source) });
            }
        }
    }
}

/// Claims and losses of the lab's own creditors, and the distribution of the estate.
fn estate(make: &Maker) -> Vec<Metric> {
    let mut out = Vec::new();
    for (k, name) in OWN_NAMES.iter().enumerate() {
        for (what, first) in [("claim", accounts("claim")), ("loss", accounts("loss"))] {
            out.push(make.metric(format!("{name}.{what}"), Source::Board(first + k)));
        }
    }
    for (name, field) in [("estate", "estate"), ("estate.to_shares", "to_shares"), ("estate.to_common", "to_common")] {
        out.push(make.metric(name, Source::Board(accounts(field))));
    }
    out
}

/// Lines of sources and uses.
fn cash() -> Vec<CashLine> {
    let line = |(k, kind): (usize, &Kind)| {
        let (source, section) = match kind {
            Kind::In(section) => (true, *section),
            Kind::Out(_, section) => (false, *section),
            Kind::Memo => return None,
        };
        Some(CashLine { name: LINE_NAMES[k], column: LINES_AT + k, source, section })
    };
    KINDS.iter().enumerate().filter_map(line).collect()
}

/// The lab's own creditors, in the order of its own payments.
const OWN_NAMES: [&str; OWN] =
    ["lab.employees", "lab.other_costs", "lab.cloud_partners", "lab.tax", "lab.compute_suppliers"];

/// Sellers of compute: contracts by supplier and, if power comes from the market, orders and spot purchases as one
/// further seller.
fn suppliers(instruments: &[PlannedInstrument], market: bool) -> Vec<Vec<Place>> {
    let mut groups: Vec<(&str, Vec<Place>)> = Vec::new();
    for (k, instrument) in instruments.iter().enumerate() {
        let sells = instrument_spec(instrument).own_facts().provider == Provider::Supplier;
        if let Some(at) = instrument.spec.column("billed").filter(|_| sells) {
            let (name, place) =
                (instrument_spec(instrument).supplier().unwrap_or(&instrument.name), Place::Instrument(k, at));
            match groups.iter_mut().find(|g| g.0 == name) {
                Some(group) => group.1.push(place),
                None => groups.push((name, vec![place])),
            }
        }
    }
    let unnamed = market.then(|| vec![Place::Board(accounts("unnamed_billed"))]);
    groups.into_iter().map(|g| g.1).chain(unnamed).collect()
}

fn capital(instruments: &[PlannedInstrument]) -> Vec<Vec<Place>> {
    instruments
        .iter()
        .enumerate()
        .filter_map(|(k, instrument)| {
            let field = instrument_spec(instrument).own_facts().capital?;
            let at = instrument.spec.column(field).expect("`FACTS` name a field of the state");
            Some(vec![Place::Instrument(k, at)])
        })
        .collect()
}

/// The same for labs that have not ended.
fn alive(source: Source) -> Source {
    Source::Alive(Box::new(source))
}

/// The largest power of two not above `x`, for positive normal `x`.
fn power_of_two_below(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0x7ff0_0000_0000_0000)
}
