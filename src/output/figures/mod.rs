//! From a run folder to the data of its charts: which numbers go into which chart. A chart without data is omitted.

mod capital;
mod closed;
mod credit;
mod findings;
mod headline;
pub(in crate::output) mod terms;

use std::collections::BTreeMap;

use super::reading::{Folder, TRACED};
use crate::output::charts::{
    Band, CapTable, Cash, Chart, Fan, Gap, Holder, Line, Role, SourcesUses, SpendRevenue, Survival, SurvivalCurve,
    spoken,
};
pub(in crate::output) use capital::{claimed, covered};
pub(in crate::output) use closed::{capability, power_market};
pub(in crate::output) use headline::{Entry, entries};
use terms::Terms;

/// Every chart for which the folder has data.
pub fn charts(folder: &Folder) -> Vec<Chart> {
    let terms = Terms::of(folder);
    let all = [
        headline::headline(folder).map(Chart::Headline),
        spend_revenue(folder).map(Chart::SpendRevenue),
        gap(folder).map(Chart::Gap),
        cash(folder).map(Chart::Cash),
        survival(folder).map(Chart::Survival),
        sources_uses(folder, &terms).map(Chart::SourcesUses),
        cap_table(folder).map(Chart::CapTable),
        capital::liabilities(folder).map(Chart::Liabilities),
        capital::cover(folder, &terms).map(Chart::Cover),
        findings::exceedance(folder).map(Chart::Exceedance),
        findings::drivers(folder).map(Chart::Drivers),
        findings::anatomy(folder).map(Chart::Anatomy),
        capital::losses(folder, &terms).map(Chart::Losses),
        capital::commitments(folder).map(Chart::Commitments),
        capital::returns(folder, &terms).map(Chart::Returns),
        findings::convergence(folder).map(Chart::Convergence),
        closed::capability(folder).map(Chart::Capability),
        closed::power_market(folder).map(Chart::PowerMarket),
        closed::equity_supply(folder).map(Chart::EquitySupply),
        closed::valuation(folder).map(Chart::Valuation),
        credit::by_state(folder, &terms).map(Chart::LossByState),
    ];
    all.into_iter().flatten().collect()
}

/// A metric of the lab with its quantiles.
fn fan(folder: &Folder, label: &str, metric: &str) -> Option<Fan> {
    let series = folder.monthly(metric)?;
    let at = |statistic: &str| series.get(statistic);
    let band = Band { p05: at("p05"), p25: at("p25"), p50: at("p50"), p75: at("p75"), p95: at("p95") };
    Some(Fan { label: label.to_owned(), band, paths: Vec::new() })
}

/// The same with three traced paths: a bad one, a middle one and a good one. More would look like a tangle.
fn with_paths(folder: &Folder, label: &str, metric: &str) -> Option<Fan> {
    let paths = [TRACED[0], TRACED[2], TRACED[4]].iter().filter_map(|who| folder.path(who, metric));
    Some(Fan { paths: paths.map(<[f64]>::to_vec).collect(), ..fan(folder, label, metric)? })
}

fn spend_revenue(folder: &Folder) -> Option<SpendRevenue> {
    Some(SpendRevenue {
        spend: fan(folder, "Spending", "spend")?,
        revenue: fan(folder, "Revenue", "revenue")?,
        covered: None,
    })
}

fn gap(folder: &Folder) -> Option<Gap> {
    let table = folder.table("exceedance.csv");
    let open = (0..table.rows())
        .find(|&row| table.text("metric", row) == "gap" && table.number("value", row) == 0.0)
        .map(|row| hits(table.number("share_above", row), folder.paths()));
    Some(Gap {
        gap: fan(folder, "Gap", "gap")?,
        cumulative: with_paths(folder, "Cumulative gap", "cumulative_gap")?,
        open,
    })
}

/// Number of paths, out of `n`, from which a share was computed.
fn hits(share: f64, n: u64) -> u64 {
    (share * n as f64).round() as u64
}

fn cash(folder: &Folder) -> Option<Cash> {
    let own = curves(folder).into_iter().next();
    let ruined = own.map_or_else(Vec::new, |c| c.alive.iter().map(|a| hits(1.0 - a, folder.paths())).collect());
    Some(Cash { cash: with_paths(folder, "Cash", "cash")?, ruined })
}

/// Survival of the run, then of the variants run alongside it.
fn curves(folder: &Folder) -> Vec<SurvivalCurve> {
    let table = folder.table("survival.csv");
    let Ok(months) = folder.months_of(table) else { return Vec::new() };
    let empty = || vec![f64::NAN; folder.months()];
    let names = table.words("variant");
    let mut out: Vec<SurvivalCurve> = names
        .iter()
        .enumerate()
        .map(|(k, name)| SurvivalCurve {
            label: if name.is_empty() { "base".into() } else { spoken(name) },
            alive: empty(),
            band: (k == 0).then(|| (empty(), empty())),
        })
        .collect();
    for (row, &month) in months.iter().enumerate() {
        let Some(curve) = out.get_mut(table.word("variant", row) as usize) else { continue };
        curve.alive[month] = table.number("alive", row);
        if let Some((low, high)) = &mut curve.band {
            (low[month], high[month]) = (table.number("low", row), table.number("high", row));
        }
    }
    out
}

fn survival(folder: &Folder) -> Option<Survival> {
    let (curves, table) = (curves(folder), folder.table("survival.csv"));
    let paired = (0..table.rows()).find(|&row| table.word("variant", row) > 0).map(|row| table.number("paths", row));
    let left_out = folder.summary.variants_beside.not_run.iter().map(|name| spoken(name)).collect();
    let paired = paired.filter(|n| n.is_finite()).map_or(0, |n| n as u64);
    (!curves.is_empty()).then_some(Survival { curves, paired, left_out })
}

/// Label of a cash line on a chart, and the role that decides its colour.
fn cash_line(name: &str, terms: &Terms) -> (&'static str, Role) {
    let vehicles = terms.has_vehicle();
    match name {
        "receipts" => ("Customers", Role::Customers),
        "interest_income" => ("Interest on cash", Role::Cash),
        "tax_refund" | "tax" => ("Tax", Role::State),
        "resale" => ("Idle power resold", Role::Compute(2)),
        "supplier_credit" => ("Suppliers' credit", Role::Compute(3)),
        "distributions" if vehicles => ("Distributions of vehicles", Role::Vehicle(1)),
        "distributions" => ("Distributions of joint ventures", Role::Vehicle(1)),
        "equity_in" => ("Equity investors", Role::Investor(0)),
        "debt_in" => ("Debt drawn", Role::Lender(0)),
        "payroll" => ("Staff", Role::Employees),
        "running" => ("Power and site of own hardware", Role::Compute(1)),
        "partner_share" => ("Cloud partners", Role::Partner(0)),
        "secured_interest" | "revolver_interest" | "interest" => ("Interest", Role::Lender(2)),
        "secured_principal" | "principal" => ("Debt repaid", Role::Lender(1)),
        "rent" => ("Rent to vehicles", Role::Vehicle(0)),
        "compute" => ("Compute", Role::Compute(0)),
        "capex" => ("Own hardware", Role::Compute(2)),
        "contributions" if vehicles => ("Paid into vehicles", Role::Vehicle(2)),
        "contributions" => ("Paid into joint ventures", Role::Vehicle(2)),
        "cash_built" => ("Cash built up", Role::Cash),
        "cash_drawn" => ("Cash drawn down", Role::Cash),
        _ => ("Other costs", Role::Other),
    }
}

fn sources_uses(folder: &Folder, terms: &Terms) -> Option<SourcesUses> {
    let table = folder.table("sources_uses.csv");
    // Flows of each year by side and line, in file order.
    let mut years: BTreeMap<i32, Vec<(bool, &str, f64)>> = BTreeMap::new();
    for row in 0..table.rows() {
        let flow = (table.text("side", row) == "source", table.text("line", row), table.number("mean", row));
        years.entry(table.number("year", row) as i32).or_default().push(flow);
    }
    let (mut sources, mut uses): (Vec<Line>, Vec<Line>) = (Vec::new(), Vec::new());
    for (year, rows) in years.values().enumerate() {
        let cash = |name: &str| rows.iter().find(|r| r.1 == name).map_or(0.0, |r| r.2);
        // A bar shows inflows and outflows; for cash it shows the change.
        let built = cash("closing_cash") - cash("opening_cash");
        let change = if built > 0.0 { (false, "cash_built", built) } else { (true, "cash_drawn", -built) };
        let flows = rows.iter().filter(|r| !r.1.ends_with("_cash")).copied();
        for (source, name, mean) in flows.chain([change]) {
            let (label, role) = cash_line(name, terms);
            let list = if source { &mut sources } else { &mut uses };
            let at = list.iter().position(|l| l.label == label).unwrap_or_else(|| {
                list.push(Line { label: label.to_owned(), role, values: vec![0.0; years.len()] });
                list.len() - 1
            });
            list[at].values[year] += mean;
        }
    }
    let years: Vec<i32> = years.into_keys().collect();
    (!years.is_empty()).then(|| SourcesUses { years, months: folder.months(), sources, uses })
}

fn cap_table(folder: &Folder) -> Option<CapTable> {
    let mut partners = 0;
    let holder = |metric: &String| {
        let name = metric.strip_prefix("stake.")?;
        let role = match name {
            "founders" => Role::Founders,
            "employees" => Role::Employees,
            "foundation" => Role::Foundation,
            "new_investors" => Role::Investor(0),
            n if n.contains("investors") => Role::Investor(2),
            _ => {
                partners += 1;
                Role::Partner((partners - 1) % 4)
            }
        };
        Some(Holder { label: spoken(name), role, share: folder.monthly(metric)?.get("mean") })
    };
    let holders: Vec<Holder> = folder.metrics().iter().filter_map(holder).collect();
    (!holders.is_empty()).then(|| CapTable { holders, statistic: "means".to_owned() })
}
