//! The charts of a run: which numbers go into which drawing.

use crate::answers::Answers;
use crate::engine::part::Lane;
use crate::engine::reference::Path;
use crate::output::charts::{
    Band, CapTable, Cash, Chart, Fan, Flow, Frame, Gap, Holder, Line, Role, SourcesUses, SpendRevenue, Survival,
    SurvivalCurve,
};
use crate::output::csv::sides;
use crate::output::record::VERSION;
use crate::stats::interval::wilson;

/// What a real path shows in a month.
struct Seen {
    spend: f64,
    revenue: f64,
    gap: f64,
    cumulative: f64,
    cash: f64,
}

impl Seen {
    fn of(lane: &Lane) -> Seen {
        Seen {
            spend: lane.ops.spend.0 * lane.lab.alive,
            revenue: lane.lab.revenue.0,
            gap: lane.ops.gap.0,
            cumulative: lane.accounts.cumulative_gap.0,
            cash: lane.lab.cash.0,
        }
    }
}

/// What all charts of the run say.
pub fn frame(answers: &Answers<'_>, name: &str, variant: Option<&str>) -> Frame {
    Frame {
        scenario: name.to_owned(),
        variant: variant.map(str::to_owned),
        seed: answers.plan.seed,
        version: VERSION.to_owned(),
        paths: answers.results.paths,
        start: answers.plan.start,
    }
}

/// Charts 1 to 6. `real` are the numbers of the paths to draw as themselves, `variants` the survival of other variants.
pub fn charts(
    answers: &Answers<'_>,
    variant: Option<&str>,
    real: &[u64],
    variants: Vec<(String, Vec<f64>)>,
) -> Vec<Chart> {
    let plan = answers.plan;
    let seen: Vec<Vec<Seen>> = real
        .iter()
        .map(|&path| {
            let mut lane = Path::new(plan, path);
            // The audit of the run has checked the identities already; here the path is only drawn.
            (1..=plan.months).map_while(|t| lane.month(t).ok().map(|()| Seen::of(&lane.lane))).collect()
        })
        .collect();
    let fan = |label: &str, metric: &str, scale: f64, pick: fn(&Seen) -> f64| Fan {
        label: label.to_owned(),
        band: band(answers, metric, scale),
        paths: seen.iter().map(|p| p.iter().map(|s| pick(s) * scale).collect()).collect(),
    };
    let ruined = answers.ruined();
    let n = answers.results.paths;
    let ends: Vec<(f64, f64)> = ruined.iter().map(|&k| wilson(k, n, 0.95)).collect();
    let curve = SurvivalCurve {
        label: variant.unwrap_or("base").to_owned(),
        alive: ruined.iter().map(|&k| 1.0 - k as f64 / n as f64).collect(),
        band: Some((ends.iter().map(|e| 1.0 - e.1).collect(), ends.iter().map(|e| 1.0 - e.0).collect())),
    };
    let others = variants.into_iter().map(|(label, alive)| SurvivalCurve { label: words(&label), alive, band: None });
    let curves = std::iter::once(curve).chain(others).collect();
    vec![
        Chart::SpendRevenue(SpendRevenue {
            spend: fan("Spending", "spend", 12.0, |s| s.spend),
            revenue: fan("Revenue", "revenue", 12.0, |s| s.revenue),
            flow: Flow::Annualised,
            covered: None,
        }),
        Chart::Gap(Gap {
            gap: fan("Gap", "gap", 12.0, |s| s.gap),
            flow: Flow::Annualised,
            cumulative: fan("Cumulative gap", "cumulative_gap", 1.0, |s| s.cumulative),
            open: open_gap(answers),
        }),
        Chart::Cash(Cash { cash: fan("Cash", "cash", 1.0, |s| s.cash), ruined }),
        Chart::Survival(Survival { curves }),
        Chart::SourcesUses(sources_uses(answers)),
        Chart::CapTable(cap_table(answers)),
    ]
}

/// Paths that still have a gap in the last month; the histogram is exact at zero.
fn open_gap(answers: &Answers<'_>) -> Option<u64> {
    let d = answers.monthly(answers.plan.metrics.find("gap")?, answers.plan.months);
    Some(((1.0 - d.share_at_most(0.0)) * d.n() as f64).round() as u64)
}

fn band(answers: &Answers<'_>, metric: &str, scale: f64) -> Band {
    let Some(k) = answers.plan.metrics.find(metric) else { return Band::default() };
    let at = |q: f64| (1..=answers.plan.months).map(|t| answers.monthly(k, t).quantile(q) * scale).collect();
    Band { p05: at(0.05), p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95) }
}

/// What a line of the books is called on a chart, and whose colour it has.
fn cash_line(name: &str) -> (&'static str, Role) {
    match name {
        "receipts" => ("Customers", Role::Customers),
        "interest_income" => ("Interest on cash", Role::Cash),
        "tax_refund" | "tax" => ("Tax", Role::State),
        "resale" => ("Idle power resold", Role::Compute(2)),
        "supplier_credit" => ("Suppliers' credit", Role::Compute(3)),
        "distributions" => ("Joint ventures", Role::Vehicle(1)),
        "equity_in" => ("Equity", Role::Investor(0)),
        "debt_in" => ("Debt drawn", Role::Lender(0)),
        "payroll" => ("Staff", Role::Employees),
        "running" => ("Running own racks", Role::Compute(1)),
        "partner_share" => ("Cloud partners", Role::Partner(0)),
        "secured_interest" | "revolver_interest" | "interest" => ("Interest", Role::Lender(2)),
        "secured_principal" | "principal" => ("Debt repaid", Role::Lender(1)),
        "rent" => ("Rent to vehicles", Role::Vehicle(0)),
        "compute" => ("Compute", Role::Compute(0)),
        "capex" => ("Own hardware", Role::Compute(2)),
        "contributions" => ("Calls of ventures", Role::Vehicle(2)),
        "cash_built" => ("Cash built up", Role::Cash),
        "cash_drawn" => ("Cash drawn down", Role::Cash),
        _ => ("Other costs", Role::Other),
    }
}

fn sources_uses(answers: &Answers<'_>) -> SourcesUses {
    let years = answers.years();
    let (mut sources, mut uses): (Vec<Line>, Vec<Line>) = (Vec::new(), Vec::new());
    for year in 0..years.len() {
        let rows = sides(answers, year);
        let cash = |name: &str| rows.iter().find(|r| r.1 == name).map_or(0.0, |r| r.2);
        // A bar shows what came and went; of cash it shows the change.
        let built = cash("closing_cash") - cash("opening_cash");
        let change = if built > 0.0 { ("use", "cash_built", built) } else { ("source", "cash_drawn", -built) };
        let flows = rows.iter().filter(|r| !r.1.ends_with("_cash")).map(|r| (r.0, r.1, r.2));
        for (side, name, mean) in flows.chain([change]) {
            let (label, role) = cash_line(name);
            let list = if side == "source" { &mut sources } else { &mut uses };
            let at = list.iter().position(|l| l.label == label).unwrap_or_else(|| {
                list.push(Line { label: label.to_owned(), role, values: vec![0.0; years.len()] });
                list.len() - 1
            });
            list[at].values[year] += mean;
        }
    }
    SourcesUses { years, months: answers.plan.months, sources, uses }
}

/// `other_investors` reads "Other investors".
fn words(name: &str) -> String {
    let mut text = name.replace(['_', '-'], " ");
    if let Some(first) = text.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    text
}

fn cap_table(answers: &Answers<'_>) -> CapTable {
    let mut partners = 0;
    let holders = answers
        .plan
        .metrics
        .monthly
        .iter()
        .enumerate()
        .filter_map(|(k, metric)| {
            let name = metric.name.strip_prefix("stake.")?;
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
            let share = (1..=answers.plan.months).map(|t| answers.monthly(k, t).mean()).collect();
            Some(Holder { label: words(name), role, share })
        })
        .collect();
    CapTable { holders, statistic: "means".to_owned() }
}
