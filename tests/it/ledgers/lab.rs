//! The lab by itself, rule by rule: demand, research, serving customers, staff, tax, working capital, the gap and what
//! follows from a shortage of cash. Each figure is worked out in the comment beside it.

use crate::common::ledger::Ledger;
use crate::common::model;
use crate::common::vectors::{near, z_share, z_variance};
use gapcast::engine::books::first_cause;
use gapcast::engine::component::Lane;

/// A lab without power that lives on `cash` and serves at no cost; `rest` follows in `lab:`, then comes what stands beside it.
fn lab(months: u32, opening: &str, demand: &str, rest: &str, beside: &str) -> String {
    format!(
        "
schema: 1
name: rules
time: {{start: 2026-01, months: {months}}}
run: {{paths: 1, seed: 1}}
lab:
  opening: {{{opening}, shares: {{holders: 100%}}}}
  demand: {{growth_is: underlying, saturation: none, {demand}}}
  policy: {{distress_below: 0 mo}}
{rest}
{beside}
"
    )
}

/// Demand that stays where it is.
fn flat(run_rate: &str) -> String {
    format!("growth: {{now: 0%/mo, later: 0%/mo, half_life: 12 mo}}, segments: [{{all: {{run_rate: {run_rate}}}}}]")
}

/// Cash, no power, no cost of serving.
const RICH: &str = "cash: 100B USD";
const FREE: &str = "  compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}";

/// A number of each month against what it should be, in millions.
#[track_caller]
fn millions(l: &Ledger<'_>, what: &str, of: impl Fn(&Lane) -> f64, expected: &[f64]) {
    for (k, &x) in expected.iter().enumerate() {
        near(&format!("{what}, month {}", k + 1), of(l.lane(k + 1)) / 1e6, x, 1e-9, 1e-6);
    }
}

/// Revenue 60M a month, staff 20M, wear of own hardware 10M; in the first nine months a contract of 60M that nobody uses. So
/// income is −30M for nine months, and 30M from then on. 100M of losses come from before.
const TAXED: &str = "
schema: 1
name: taxed
time: {start: 2026-07, months: 30}
run: {paths: 1, seed: 1}
lab:
  opening: {cash: 10B USD, losses_carried_forward: 100M USD, shares: {holders: 100%}}
  demand: {growth_is: underlying, saturation: none, growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, segments: [{all: {run_rate: 720M USD/yr}}]}
  compute:
    spot_limit: 0 GW
    inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}
    owned: [{pod: {power: 0.01 GW, cost: 600M USD, delivered: 2026-06, life: 60 mo}}]
    contracts: [{cloud: {power: 0.06 GW, price: 12B USD/GW-yr, start: 2026-07, term: 9 mo}}]
  people: {cost: 240M USD/yr}
  tax: {rate: 25%, loss_limit: 80%}
  policy: {distress_below: 0 mo}
";

#[test]
fn tax_of_a_year_and_losses_carried_forward() {
    let whole = model(TAXED);
    let l = Ledger::of(&whole, 0);
    // July to December: −180M; 280M are carried forward. The second year: 3 × −30 + 9 × 30 = 180M, of which losses may offset 80%:
    // 144M. Tax on 36M: 9M in December. 136M are left, less than 80% of the 360M of the third year: tax on 224M, 56M.
    let mut due = [0.0; 30];
    (due[17], due[29]) = (9.0, 56.0);
    millions(&l, "tax", |lane| lane.ops.tax.0, &due);
    for (t, nol) in [(5, 100.0), (6, 280.0), (17, 280.0), (18, 136.0), (30, 0.0)] {
        near(&format!("carried forward, month {t}"), l.lane(t).accounts.nol.0 / 1e6, nol, 1e-9, 1e-6);
    }
}

#[test]
fn tax_estimated_month_by_month() {
    let estimated = TAXED.replace("loss_limit: 80%", "loss_limit: 80%, payment: estimated");
    let whole = model(&estimated);
    let l = Ledger::of(&whole, 0);
    // Nothing while the year's income is below zero, to month 12. Of income to date, taken to go on, losses offset 80%: a quarter of
    // the rest is 5% of income to date: 1.5M in each of the months 13 to 18. The third year: 56M in twelve parts.
    let mut due = [0.0; 30];
    due[12..18].fill(1.5);
    due[18..].fill(56.0 / 12.0);
    millions(&l, "tax", |lane| lane.ops.tax.0, &due);
    // Without the contract the first year is one of six months: 180M, of which 100M are offset. Tax of 20M in six parts.
    let text = estimated
        .replace("    contracts: [{cloud: {power: 0.06 GW, price: 12B USD/GW-yr, start: 2026-07, term: 9 mo}}]\n", "");
    assert_ne!(text, estimated);
    let short = model(&text);
    millions(&Ledger::of(&short, 0), "tax", |lane| lane.ops.tax.0, &[20.0 / 6.0; 6]);
}

#[test]
fn suppliers_who_are_owed_less_are_a_part_of_the_gap() {
    // Revenue 100M, staff 20M, a contract of 60M for three months that is paid a month late. Months 1 to 3: 80 − 100 = −20. In month 4
    // the last invoice is paid and none comes: 20 − (100 − 60) = −20. Then 20 − 100 = −80.
    let text = lab(
        6,
        "cash: 1B USD, payables: 60M USD",
        &flat("1.2B USD/yr"),
        "  people: {cost: 240M USD/yr}
  working_capital: {payable: 1 mo}
  compute:
    spot_limit: 0 GW
    inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}
    contracts: [{cloud: {power: 0.06 GW, price: 12B USD/GW-yr, start: 2026-01, term: 3 mo}}]",
        "",
    );
    let paid = model(&text);
    let l = Ledger::of(&paid, 0);
    millions(&l, "gap", |lane| lane.ops.gap.0, &[-20.0, -20.0, -20.0, -20.0, -80.0, -80.0]);
    millions(&l, "cash", |lane| lane.lab.cash.0, &[1020.0, 1040.0, 1060.0, 1080.0, 1160.0, 1240.0]);
    // Prepaid: invoices of months 1 to 3 are paid out of 180M that were paid in month 1, so nobody is owed anything.
    let text = text
        .replace("payables: 60M USD", "payables: 0 USD")
        .replace("term: 3 mo}", "term: 3 mo, prepayment: {amount: 180M USD, date: 2025-12, recovered_over: 3 mo}}");
    let prepaid = model(&text);
    let l = Ledger::of(&prepaid, 0);
    millions(&l, "payables", |lane| lane.accounts.payables.0, &[0.0; 6]);
    millions(&l, "cash", |lane| lane.lab.cash.0, &[1080.0, 1160.0, 1240.0, 1320.0]);
}

#[test]
fn customers_pay_late() {
    // Demand grows by 10% (log) from 100M; customers owe half a month's revenue, 50M at the start. Receipts of month t are revenue
    // less the rise of what is owed: 100 e^(0.1 t) − 50 (e^(0.1 t) − e^(0.1 (t − 1))).
    let demand = "growth: {now: 10%/mo, later: 10%/mo, half_life: 12 mo}, segments: [{all: {run_rate: 1.2B USD/yr}}]";
    let text = lab(4, RICH, demand, &format!("{FREE}\n  working_capital: {{receivable: 0.5 mo}}"), "");
    let late = model(&text);
    let l = Ledger::of(&late, 0);
    let e = |t: i32| 100.0 * (0.1 * f64::from(t)).exp();
    let receipts: Vec<f64> = (1..=4).map(|t| e(t) - 0.5 * (e(t) - e(t - 1))).collect();
    millions(&l, "receipts", |lane| lane.lines.receipts.0, &receipts);
    // Trailing growth of three months is 10% from the start on.
    for t in 1..=4 {
        near("growth", l.lane(t).lab.growth, 0.1, 1e-12, 0.0);
    }
}

#[test]
fn minimum_cash_in_months_and_the_means_of_three_months() {
    // Revenue 40M, staff 100M: gross cost 100M, burn 60M a month. Cash 150M, kept at two months of gross cost by a line that costs
    // nothing. Month 1: no cost is known yet, cash 90M. Month 2: 90 − 60 = 30, so 170M are drawn; then 60M a month.
    let text = lab(
        4,
        "cash: 150M USD",
        &flat("480M USD/yr"),
        &format!("{FREE}\n  people: {{cost: 1.2B USD/yr}}"),
        "instruments:\n  - revolver: {name: line, limit: 1B USD, rate: 0%/yr}",
    )
    .replace("distress_below: 0 mo", "distress_below: 0 mo, minimum_cash: 2 mo, maximum_cash: 100 mo");
    let kept = model(&text);
    let l = Ledger::of(&kept, 0);
    l.cents("line.draw", &[0.0, 170e6, 60e6, 60e6]);
    // Burn and gross cost are means of the months so far, of three at most.
    millions(&l, "burn", |lane| lane.lab.burn.0, &[60.0; 4]);
    millions(&l, "gross cost", |lane| lane.lab.gross_cost.0, &[100.0; 4]);
    millions(&l, "peak of the gap", |lane| lane.accounts.peak_gap.0, &[60.0, 120.0, 180.0, 240.0]);
}

#[test]
fn hardware_is_no_gross_cost_and_even_is_even_over_three_months() {
    // Revenue 60M, staff 40M, a contract of 50M for two months; hardware of 600M comes in month 2. Operating flow: −30, −30, 20, 20;
    // over three months −30, −60, −40, 10: even since month 4. Gross cost 90, 90, 40, 40, hardware apart: means of 90, 90, 73.3, 56.7.
    let text = lab(
        5,
        RICH,
        &flat("720M USD/yr"),
        "  people: {cost: 480M USD/yr}
  compute:
    spot_limit: 0 GW
    inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}
    owned: [{pod: {power: 0.01 GW, cost: 600M USD, delivered: 2026-02, life: 60 mo}}]
    contracts: [{cloud: {power: 0.05 GW, price: 12B USD/GW-yr, start: 2026-01, term: 2 mo}}]",
        "",
    );
    let buys = model(&text);
    let l = Ledger::of(&buys, 0);
    millions(&l, "operating", |lane| lane.ops.operating.0, &[-30.0, -30.0, 20.0, 20.0, 20.0]);
    millions(&l, "gross cost", |lane| lane.lab.gross_cost.0, &[90.0, 90.0, 220.0 / 3.0, 170.0 / 3.0, 40.0]);
    for (t, since) in [(1, 0.0), (3, 0.0), (4, 4.0), (5, 4.0)] {
        assert_eq!(l.lane(t).accounts.even_since, since, "month {t}");
    }
}

#[test]
fn the_first_cause_of_a_ruin_lies_within_a_year() {
    // Event 0 in month 1, event 1 in month 5. A ruin in month 12 looks back to month 1, one in month 13 to month 2.
    let events = |t: usize| [0b01, 0, 0, 0, 0b10].get(t - 1).copied().unwrap_or(0);
    assert_eq!(first_cause(12, events), Some(0));
    assert_eq!(first_cause(13, events), Some(1));
    assert_eq!(first_cause(17, events), None);
    assert_eq!(first_cause(5, |t| if t == 5 { 0b110 } else { 0 }), Some(1));
}

#[test]
fn staff_in_distress() {
    // Staff of 100M grows by 1% (log) a month; no revenue. In distress from the close of month 1 on; two months later, in month 4,
    // hiring stops and 15% are cut.
    let text = lab(6, RICH, &flat("0 USD/yr"), &format!("{FREE}\n  people: {{cost: 1.2B USD/yr, growth: 1%/mo}}"), "")
        .replace("distress_below: 0 mo", "distress_below: 100000 mo, ladder: {hiring: 2 mo}");
    let cut = model(&text);
    let e = |t: f64| 100.0 * (0.01 * t).exp();
    let staff = [e(1.0), e(2.0), e(3.0), 0.85 * e(3.0), 0.85 * e(3.0), 0.85 * e(3.0)];
    millions(&Ledger::of(&cut, 0), "staff", |lane| lane.ops.staff.0, &staff);
}

#[test]
fn partners_up_to_their_cap_and_stock_out_of_the_pool() {
    // Revenue 100M, of which partners get 20M until 70M are paid. Staff of 120M is granted as much in stock: at 10 × 1.2B = 12B that is
    // 1% of all shares a month. The pool of 2% lasts two months; then shares are issued.
    let text = lab(
        5,
        "cash: 100B USD, pool: 2%",
        &flat("1.2B USD/yr"),
        "  compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}, partner_share: 20%, partner_cap: 70M USD}}
  people: {cost: 1.44B USD/yr, stock_compensation: 100%}",
        "world: {equity_multiple: {now: 10x, later: 10x}}",
    )
    .replace("shares: {holders: 100%}", "shares: {holders: 98%, employees: 2%}");
    let pays = model(&text);
    let l = Ledger::of(&pays, 0);
    millions(&l, "partners", |lane| lane.ops.partner.0, &[20.0, 20.0, 20.0, 10.0, 0.0]);
    millions(&l, "shares", |lane| lane.lab.shares, &[1000.0, 1000.0, 1010.0, 1010.0 * 1.01, 1010.0 * 1.01 * 1.01]);
    millions(&l, "pool", |lane| lane.lab.pool, &[10.0, 0.0, 0.0, 0.0, 0.0]);
    // A share that ends with the third month.
    let ends = model(&text.replace("partner_cap: 70M USD", "partner_until: 2026-03"));
    millions(&Ledger::of(&ends, 0), "partners", |lane| lane.ops.partner.0, &[20.0, 20.0, 20.0, 0.0, 0.0]);
}

#[test]
fn winter_pulls_on_growth() {
    // Growth of 2% a month and winter's pull of −4% with a half-life of a month: −2%, −3%, −3.5%, …
    let demand = "growth: {now: 2%/mo, later: 2%/mo, half_life: 12 mo}, segments: [{all: {run_rate: 1.2B USD/yr}}]";
    let winter =
        "world: {regime: {start: winter, winter: {enters: 0%/mo, leaves: 0%/mo, growth: -4%/mo, half_life: 1 mo}}}";
    let pulled = model(&lab(4, RICH, demand, FREE, winter));
    let logs = [0.0, -0.01, -0.025, -0.0425];
    millions(&Ledger::of(&pulled, 0), "demand", |lane| lane.ops.demand.0, &logs.map(|x: f64| 100.0 * x.exp()));
}

#[test]
fn releases_fade_and_total_growth_has_them_in_it() {
    // A release of 10% in months 3 and 6, half of which fades with a half-life of two months: d = 2^−½ a month, from the month after.
    let releases = "releases: {every: 3 mo, uplift: 10%, fading: 50%, half_life: 2 mo}, ";
    let text = lab(7, RICH, &format!("{releases}{}", flat("1.2B USD/yr")), FREE, "");
    let faded = |n: i32| 0.05 + 0.05 * 0.5_f64.powf(0.5 * f64::from(n));
    let logs = [0.0, 0.0, 0.1, faded(1), faded(2), faded(3) + 0.1, faded(4) + faded(1)];
    let underlying = model(&text);
    millions(&Ledger::of(&underlying, 0), "demand", |lane| lane.ops.demand.0, &logs.map(|x: f64| 100.0 * x.exp()));
    // Total growth of 0 contains what stays of 10% in three months: 5%/3 a month are taken off.
    let total = model(&text.replace("growth_is: underlying", "growth_is: total"));
    let logs: Vec<f64> = logs.iter().enumerate().map(|(k, x)| x - 0.05 / 3.0 * (k + 1) as f64).collect();
    let demand: Vec<f64> = logs.iter().map(|x| 100.0 * x.exp()).collect();
    millions(&Ledger::of(&total, 0), "demand", |lane| lane.ops.demand.0, &demand);
}

#[test]
fn competitors_take_demand_of_which_a_part_returns() {
    // A move in every month (the chance is 1 − e^−1000) takes 10%, of which half returns with a half-life of a month. What returns in
    // month t is half of what waits: 0; 2.5%; then (2.5 + 5)/2 = 3.75%; (3.75 + 5)/2 = 4.375%.
    let world = "world: {competitors: {every: 0.001 mo, loss: 10%, returns: 50%, half_life: 1 mo}}";
    let text = lab(4, RICH, &flat("1.2B USD/yr"), FREE, world);
    let logs = [-0.1, -0.175, -0.2375, -0.29375];
    let taken = model(&text);
    millions(&Ledger::of(&taken, 0), "demand", |lane| lane.ops.demand.0, &logs.map(|x: f64| 100.0 * x.exp()));
    // Total growth of 0 contains the mean drag, 10% less what returns: 5% a month are added back.
    let total = model(&text.replace("growth_is: underlying", "growth_is: total"));
    let logs = [-0.05, -0.075, -0.0875, -0.09375];
    millions(&Ledger::of(&total, 0), "demand", |lane| lane.ops.demand.0, &logs.map(|x: f64| 100.0 * x.exp()));
}

#[test]
fn customers_leave_behind_the_frontier() {
    // The frontier moves on by a generation in two months and the lab by none: half a generation behind after a month. Churn of 2% at
    // the frontier rises by e for each generation, to 6% at most; only what is beyond 2% is no part of the growth.
    let churn = "churn: {base: 2%/mo, most: 6%/mo, behind: 1}, ";
    let world = "world: {frontier: {every: 2 mo}}";
    let text = lab(3, RICH, &format!("{churn}{}", flat("1.2B USD/yr")), FREE, world);
    let behind = model(&text);
    let more = |k: f64| (0.02 * (0.5 * k).exp()).min(0.06) - 0.02;
    let logs = [more(1.0), more(1.0) + more(2.0), more(1.0) + more(2.0) + 0.04];
    let demand = logs.map(|x: f64| 100.0 * (-x).exp());
    millions(&Ledger::of(&behind, 0), "demand", |lane| lane.ops.demand.0, &demand);
}

#[test]
fn segments_share_the_ceiling_and_grow_at_their_own_rate() {
    // A market of 400M a month for a lab of 60 + 40: ceilings of 240 and 160. Growth of 10% a month, and 5% for the second, by the
    // logistic law: D = K/(1 + (K/D₀ − 1) e^(−x t)).
    let demand = "growth: {now: 10%/mo, later: 10%/mo, half_life: 12 mo}, ceiling: 4.8B USD/yr, segments: [{one: {run_rate: 720M USD/yr}}, {two: {run_rate: 480M USD/yr, growth: 0.5x}}]";
    // The second's growth goes to that of the lab: with a half-life of ten thousand years it nearly stays.
    let text = lab(5, RICH, demand, FREE, "")
        .replace("saturation: none", "saturation: logistic")
        .replace("half_life: 12 mo}, c", "half_life: 120000 mo}, c");
    let two = model(&text);
    let by = |start: f64, grown: f64| 4.0 * start / (1.0 + 3.0 * (-grown).exp());
    let second = |t: i32| (1..=t).map(|k| 0.1 - 0.05 * (-f64::from(k) / 120_000.0).exp2()).sum::<f64>();
    let expected: Vec<f64> = (1..=5).map(|t| by(60.0, 0.1 * f64::from(t)) + by(40.0, second(t))).collect();
    millions(&Ledger::of(&two, 0), "demand", |lane| lane.ops.demand.0, &expected);
}

#[test]
fn research_within_its_share_of_revenue() {
    // Revenue of 100M grows by 10% (log) a month; the bounds are shares of the mean of the three months before. Planned are 50M.
    let demand = "growth: {now: 10%/mo, later: 10%/mo, half_life: 12 mo}, segments: [{all: {run_rate: 1.2B USD/yr}}]";
    let research = |bounds: &str, spend: &str| {
        format!(
            "  compute:
    capacity: none
    inference: {{gross_margin: {{now: 100%, later: 100%, over: 12 mo}}}}
    research: {{spend: {spend}, growth: 0%/mo, growth_later: 0%/mo, half_life: 12 mo, share_of_revenue: {{{bounds}}}}}"
        )
    };
    // From 30% to 10% in four months: 25%, 20%, 15%, 10%, and 10% from then on.
    let text = lab(6, RICH, demand, &research("at_most: 30%, at_most_later: 10%, over: 4 mo", "600M USD/yr"), "");
    let most = model(&text);
    let mean = |t: i32| (1..=3).map(|k| 100.0 * (0.1 * f64::from(t - k)).exp()).sum::<f64>() / 3.0;
    let held: Vec<f64> = [0.25, 0.20, 0.15, 0.1, 0.1, 0.1].iter().zip(1..).map(|(x, t)| x * mean(t)).collect();
    millions(&Ledger::of(&most, 0), "research", |lane| lane.ops.training_spend.0, &held);
    // At least 20%, where the plan is 5M.
    let text = lab(3, RICH, demand, &research("at_least: 20%, at_most: 40%", "60M USD/yr"), "");
    let least = model(&text);
    let held: Vec<f64> = (1..=3).map(|t| 0.2 * mean(t)).collect();
    millions(&Ledger::of(&least, 0), "research", |lane| lane.ops.training_spend.0, &held);
}

/// Research of 10M a month of which 40% are final runs, over the two months before a release; a release every four months.
fn runs(more: &str) -> String {
    format!(
        "  compute:
    capacity: none
    inference: {{gross_margin: {{now: 100%, later: 100%, over: 12 mo}}}}
    research: {{spend: 120M USD/yr, growth: 0%/mo, growth_later: 0%/mo, half_life: 12 mo, final_run_share: 40%, final_run: 2 mo{more}}}"
    )
}

#[test]
fn final_runs_come_before_releases_and_cost_more_than_planned() {
    let demand = format!("releases: {{every: 4 mo, uplift: 0%}}, {}", flat("1.2B USD/yr"));
    // 6M a month, and in months 2 and 3, 6 and 7 the runs of four months in two: 8M more. The mean is 10M.
    let plan = model(&lab(8, RICH, &demand, &runs(""), ""));
    let even = [6.0, 14.0, 14.0, 6.0, 6.0, 14.0, 14.0, 6.0];
    millions(&Ledger::of(&plan, 0), "research", |lane| lane.ops.training_spend.0, &even);
    // Half as much again from the second run on; and with a restart each time, a whole run more.
    for (overruns, run) in [("median: 1.5x", 6.0 + 1.5 * 8.0), ("median: 1.5x, restart: 100%", 6.0 + 2.5 * 8.0)] {
        let over = model(&lab(8, RICH, &demand, &runs(&format!(", overruns: {{{overruns}}}")), ""));
        let spend = [6.0, 14.0, 14.0, 6.0, 6.0, run, run, 6.0];
        millions(&Ledger::of(&over, 0), overruns, |lane| lane.ops.training_spend.0, &spend);
    }
}

#[test]
fn cuts_slow_the_next_release() {
    // No final runs: 10M a month. Distress from the close of month 1 on cuts research by half from month 5 on. The release of month 4
    // brings 10%. That of month 8 looks at months 4 to 7, the month of the last release with it: 10 + 3 × 5 of 40, so 6.25%; that of
    // month 12 at months of 5: half.
    let demand = format!("releases: {{every: 4 mo, uplift: 10%, fading: 0%}}, {}", flat("1.2B USD/yr"));
    let research =
        runs(", slows_releases: 1, cut_in_distress: 50%").replace("final_run_share: 40%", "final_run_share: 0%");
    let text = lab(12, RICH, &demand, &format!("{research}\n  people: {{cost: 2.4B USD/yr, cut_in_distress: 0%}}"), "")
        .replace("distress_below: 0 mo", "distress_below: 100000 mo, ladder: {research: 3 mo}");
    let slowed = model(&text);
    let l = Ledger::of(&slowed, 0);
    let log = |t: usize| (l.lane(t).ops.demand.0 / 100e6).ln();
    for (t, x) in [(3, 0.0), (4, 0.1), (7, 0.1), (8, 0.1625), (12, 0.2125)] {
        near(&format!("log of demand, month {t}"), log(t), x, 1e-9, 1e-12);
    }
}

#[test]
fn surplus_cash_goes_to_research_over_a_year() {
    // Revenue 100M, staff 20M, research 10M: gross cost 30M. What exceeds ten months of it, 300M, is surplus, of which 12% are spent
    // over a year: 1% a month, from month 2 on. Cash after month 1: 1000 + 70 = 1070: 7.7M more in month 2, and cash of 1132.3.
    let text = lab(
        3,
        "cash: 1B USD",
        &flat("1.2B USD/yr"),
        &format!(
            "{}\n  people: {{cost: 240M USD/yr}}",
            runs("").replace("final_run_share: 40%", "final_run_share: 0%")
        ),
        "",
    )
    .replace("distress_below: 0 mo", "distress_below: 0 mo, surplus_to_research: 12%, surplus_above: 10 mo");
    let spends = model(&text);
    let l = Ledger::of(&spends, 0);
    // Month 3: gross cost is the mean of 30 and 37.7.
    let third = 10.0 + 0.01 * (1132.3 - 10.0 * 33.85);
    millions(&l, "research", |lane| lane.ops.training_spend.0, &[10.0, 17.7, third]);
}

#[test]
fn the_margin_goes_its_way() {
    // From 40% to 60% in eight months along a logistic curve from −4 to 4. After two of eight months it has come by
    // (1/(1 + e²) − 1/(1 + e⁴))/(1 − 2/(1 + e⁴)) of the way, after four by half.
    let text = lab(
        10,
        RICH,
        &flat("1.2B USD/yr"),
        &FREE.replace("now: 100%, later: 100%, over: 12 mo", "now: 40%, later: 60%, over: 8 mo"),
        "",
    );
    let way = model(&text);
    let l = Ledger::of(&way, 0);
    let low = 1.0 / (1.0 + 4.0_f64.exp());
    let second = (1.0 / (1.0 + 2.0_f64.exp()) - low) / (1.0 - 2.0 * low);
    for (t, x) in [(2, second), (4, 0.5), (6, 1.0 - second), (8, 1.0), (10, 1.0)] {
        near(&format!("need, month {t}"), l.lane(t).ops.inference_spend.0 / 100e6, 0.6 - 0.2 * x, 1e-9, 0.0);
    }
}

#[test]
fn power_per_demand_falls_with_time_and_experience() {
    // 1 GW for 100M a month; 2% less (log) a month. Each doubling of all work done takes a fifth: twelve months of today's demand
    // before the first month, so that work has doubled by month 13.
    let serving = |more: &str| {
        lab(
            13,
            RICH,
            &flat("1.2B USD/yr"),
            &format!("  compute: {{inference: {{power: {{power: 1 GW, serves: 100M USD/mo, {more}}}}}}}"),
            "world: {compute_price: {contract: 12M USD/GW-yr}}",
        )
    };
    let falls = model(&serving("progress: 2%/mo"));
    let l = Ledger::of(&falls, 0);
    for t in [1, 2, 12] {
        near("need", l.lane(t).ops.need_gw, (-0.02 * t as f64).exp(), 1e-12, 0.0);
    }
    let learns = model(&serving("learning: 20%, experience: 12 mo"));
    let l = Ledger::of(&learns, 0);
    near("need", l.lane(1).ops.need_gw, 1.0, 1e-12, 0.0);
    near("need", l.lane(13).ops.need_gw, 0.8, 1e-12, 0.0);
}

#[test]
fn ventures_raise_demand_of_the_segments_alone() {
    // 100M from customers; one venture raises that by 10%; another brings 100 companies that buy for 1M each: 210M.
    let ventures = "instruments:
  - joint_venture: {name: services, kind: distribution, commitment: {partners: 1M USD}, demand_uplift: 10%, builds_up: 1 mo, commission: 0%}
  - joint_venture: {name: deployment, kind: distribution, commitment: {partners: 1M USD}, portfolio: {companies: 100, adopts: 100%/mo, sales: 12M USD/yr}, commission: 0%}
";
    let raised = model(&lab(2, RICH, &flat("1.2B USD/yr"), FREE, ventures));
    millions(&Ledger::of(&raised, 0), "demand", |lane| lane.ops.demand.0, &[210.0]);
}

#[test]
fn what_is_rented_serves_first_and_what_is_idle_is_resold() {
    // Customers need 0.6 GW. From month 2 on a vehicle rents out 1 GW for 1B a month; a contract has 0.5 GW at 1B a GW-month, half of
    // it take-or-pay. The contract stands idle: 0.25B. Of the rented power 0.4 GW are idle, at the mean price of 1B. 40% of 0.65B.
    let text = lab(
        3,
        RICH,
        &format!("unserved_lost: 0%, {}", flat("12B USD/yr")),
        "  compute:
    inference: {power: {power: 0.6 GW, serves: 1B USD/mo}}
    spot_limit: 0 GW
    contracts: [{cloud: {power: 0.5 GW, price: 12B USD/GW-yr, start: 2026-01, term: 12 mo, take_or_pay: 50%}}]
    resale: 40%",
        "instruments:
  - spv: {name: chips, capex: 10B USD, power: 1 GW, deliveries: {start: 2026-01, over: 1 mo}, lease: {term: 36 mo, rent: 12B USD/yr}, opex: 0 USD/GW-yr, tranches: [{a: {amount: 5B USD, rate: 6%/yr}}]}",
    );
    let rents = model(&text);
    let l = Ledger::of(&rents, 0);
    for t in [2, 3] {
        let lane = l.lane(t);
        near("power", lane.ops.place_gw, 1.5, 1e-12, 0.0);
        near("invoice", lane.lines.compute_expense.0 / 1e9, 0.25, 1e-9, 0.0);
        near("resale", lane.lines.resale.0 / 1e9, 0.4 * 0.65, 1e-9, 0.0);
    }
}

#[test]
fn the_glut_of_a_winter_lasts_its_months() {
    // 1 GW of take-or-pay at 1B a month that nobody uses. In winter, which has begun, it brings 10% for two months, then 40%.
    let text = lab(
        3,
        RICH,
        &flat("12B USD/yr"),
        "  compute:
    inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}
    contracts: [{cloud: {power: 1 GW, price: 12B USD/GW-yr, start: 2026-01, term: 12 mo}}]
    spot_limit: 0 GW
    resale: {share: 40%, in_winter: 10%, in_winter_for: 2 mo}",
        "world: {regime: {start: winter, winter: {enters: 0%/mo, leaves: 0%/mo}}}",
    );
    let glut = model(&text);
    millions(&Ledger::of(&glut, 0), "resale", |lane| lane.lines.resale.0, &[100.0, 100.0, 400.0]);
}

#[test]
fn power_that_cannot_be_used_is_nobodys_cost() {
    // Customers take 60M of power at 1B a GW-month: 0.06 GW. Half of what stands can be used, so 0.12 GW are needed for it.
    let text = lab(
        2,
        RICH,
        &flat("1.2B USD/yr"),
        "  compute:
    inference: {gross_margin: {now: 40%, later: 40%, over: 12 mo}}
    u_max: 50%
    spot_limit: 0 GW
    contracts: [{cloud: {power: 0.2 GW, price: 12B USD/GW-yr, start: 2026-01, term: 12 mo}}]",
        "",
    );
    let half = model(&text);
    let l = Ledger::of(&half, 0);
    millions(&l, "attributed", |lane| lane.ops.inference_spend.0, &[60.0, 60.0]);
    near("need", l.lane(1).ops.need_gw, 0.12, 1e-12, 0.0);
}

#[test]
fn half_of_all_lumps_are_below_their_median() {
    // A lump in every month, 10M at the median, with a deviation of 0.8 in logarithms: the mean would be 10M e^0.32, and 34% of lumps
    // lie above it.
    let text = lab(
        600,
        RICH,
        &flat("1.2B USD/yr"),
        &format!("{FREE}\n  other: {{lumps: {{chance: 100%/mo, median: 10M USD, spread: 0.8}}}}"),
        "",
    );
    let lumps = model(&text);
    let mut sizes = Vec::new();
    for path in 0..4 {
        let l = Ledger::of(&lumps, path);
        sizes.extend((1..=600).map(|t| l.lane(t).ops.lump.0));
    }
    assert!(z_share(&sizes, 0.5, |x| x < 10e6).abs() < 4.0);
    let logs: Vec<f64> = sizes.iter().map(|x| (x / 10e6).ln()).collect();
    assert!(z_variance(&logs, 0.64).abs() < 4.0);
}
