//! Single terms of instruments, each by hand: what planted changes showed to be held by nothing else.

use crate::common::ledger::Ledger;
use crate::common::model;
use crate::common::vectors::{FLAT, bare_lab, near};

/// A rich lab without compute, whose revenue is 1B a month, with `instruments` and a world beside it.
fn rich(months: u32, beside: &str) -> gapcast::model::Model {
    model(&bare_lab(months, FLAT, beside))
}

/// The same with what stands in `compute:`; serving customers takes nothing.
fn with_compute(months: u32, compute: &str, beside: &str) -> gapcast::model::Model {
    let text = bare_lab(months, FLAT, beside).replace(
        "compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}",
        &format!("compute: {{inference: {{gross_margin: {{now: 100%, later: 100%, over: 12 mo}}}}, spot_limit: 0 GW, {compute}}}"),
    );
    assert!(text.contains("spot_limit"));
    model(&text)
}

#[test]
fn a_round_sells_no_more_of_the_company_than_its_limit() {
    // 10 × 1.2B: 12B before the money. Burn of 1B a month for two years would be 24B; a fifth of the company after it is 3B.
    let text = bare_lab(
        2,
        &FLAT.replace("12B USD/yr", "1.2B USD/yr"),
        "world: {equity_multiple: {now: 10x, later: 10x}}
instruments:
  - equity_round: {name: rounds, when: {runway_below: 18 mo}, covers: 24 mo, max_dilution: 20%, process: 1 mo, book_least: 100%, book_most: 100%}
",
    )
    .replace("cash: 1000B USD", "cash: 5B USD")
    .replace("  policy:", "  people: {cost: 13.2B USD/yr}\n  policy:");
    let sells = model(&text);
    let l = Ledger::of(&sells, 0);
    l.cents("rounds.raised", &[0.0, 3e9]);
    near("shares", l.lane(2).lab.shares, 1.25e9, 1e-12, 0.0);
}

#[test]
fn credits_hold_to_the_end_of_their_last_month() {
    // 60M a month; credits of 150M until February: 120M are used, the rest lapses.
    let credited = with_compute(
        4,
        "contracts: [{cloud: {power: 0.06 GW, price: 12B USD/GW-yr, start: 2026-01, term: 12 mo, credits: 150M USD, credits_until: 2026-02}}]",
        "",
    );
    Ledger::of(&credited, 0).cents("cloud.invoice", &[0.0, 0.0, 60e6, 60e6]);
}

#[test]
fn a_price_that_follows_the_market_by_half() {
    // The market falls by 2% (log) a month from the first month of service on; the contract by half of what it has fallen.
    let follows = with_compute(
        4,
        "contracts: [{cloud: {power: 0.1 GW, price: 12B USD/GW-yr, start: 2026-01, term: 12 mo, follows_market: 50%}}]",
        "world: {compute_price: {contract: 9B USD/GW-yr, change: -2%/mo}}\n",
    );
    let invoice: Vec<f64> = (0..4).map(|t| 100e6 * (1.0 + 0.5 * ((-0.02 * f64::from(t)).exp() - 1.0))).collect();
    Ledger::of(&follows, 0).cents("cloud.invoice", &invoice);
}

#[test]
fn interest_in_kind_then_interest_alone_then_principal() {
    // 100M at 1% a month: three months in kind, 103.0301M; three months of interest alone; the rest in six equal parts.
    let loan = rich(
        9,
        "instruments:
  - term_loan: {name: loan, amount: 100M USD, date: 2026-01, term: 12 mo, rate: 12%/yr, profile: straight, in_kind: 3 mo, interest_only: 3 mo}
",
    );
    let l = Ledger::of(&loan, 0);
    let (owed, part) = (103_030_100.0, 103_030_100.0 / 6.0);
    l.cents("loan.balance", &[100e6, 101e6, 102.01e6, owed, owed, owed, owed, owed - part, owed - 2.0 * part]);
    l.cents("loan.interest", &[0.0, 0.0, 0.0, 0.0, 1_030_301.0, 1_030_301.0, 1_030_301.0, 1_030_301.0]);
}

#[test]
fn a_loans_margin_is_that_of_the_month_of_its_draw() {
    // Winter begins in month 1: spreads go from 200 to 500 bp, half of the way, in logarithms, in a month: 2% (√2.5 − 1) more at the draw.
    // What they rise by later is no matter of this loan.
    let loan = rich(
        4,
        "world: {regime: {winter: {enters: 100%/mo, leaves: 0%/mo, spread: 300 bp}}, credit_spread: {level: 200 bp, half_life: 1 mo}}
instruments:
  - term_loan: {name: loan, amount: 100M USD, date: 2026-01, term: 12 mo, rate: 12%/yr, profile: bullet}
",
    );
    let due = 100e6 * (0.12 + 0.02 * (2.5_f64.sqrt() - 1.0)) / 12.0;
    Ledger::of(&loan, 0).cents("loan.interest", &[0.0, due, due, due]);
}

#[test]
fn the_base_rate_has_a_floor() {
    // 960M drawn in month 1 at 3% over the higher of SOFR, 1%, and 2%: 4M a month.
    let drawn = rich(
        2,
        "world: {sofr: {start: 1%/yr, long_run: 1%/yr}}
instruments:
  - ddtl: {name: loan, commitment: 960M USD, advance: 80%, capex: 1.2B USD, power: 0.04 GW, deliveries: {start: 2026-01, over: 1 mo}, rate: sofr, floor: 2%/yr, margin: {other: 3%/yr}, repayment: {schedule_rate: 5%/yr}, offtaker: {name: startup, grade: other, price: 20B USD/GW-yr, term: 36 mo}}
",
    );
    Ledger::of(&drawn, 0).cents("loan.interest", &[0.0, 4e6]);
}

#[test]
fn firm_rent_is_that_of_what_has_been_delivered() {
    // Two deliveries, in months 1 and 2, are rented for 36 months each, 0.5B a month each, from the month after on; nothing is
    // discounted. After month 1: 18B; after month 2, in which 0.5B fell due, 17.5B and another 18B; then 1B less a month.
    let rented = rich(
        4,
        "instruments:
  - spv: {name: chips, capex: 10B USD, power: 1 GW, deliveries: {start: 2026-01, over: 2 mo}, lease: {term: 36 mo, rent: 12B USD/yr}, opex: 0 USD/GW-yr, discount_rate: 0%/yr, tranches: [{a: {amount: 5B USD, rate: 6%/yr}}]}
",
    );
    Ledger::of(&rented, 0).cents("chips.firm_rent", &[18e9, 35.5e9, 34.5e9, 33.5e9]);
}

#[test]
fn a_release_takes_from_hardware_that_stands() {
    // Releases in months 2 and 4, hardware of 1B in month 3, which does not age here: the second takes 10%.
    let text = bare_lab(5, &FLAT.replace("segments:", "releases: {every: 2 mo, uplift: 1%}, segments:"), "").replace(
        "compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}",
        "compute: {inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}, spot_limit: 0 GW, owned: [{pod: {power: 0.1 GW, cost: 1B USD, delivered: 2026-03, life: 60 mo, value: {first_year: 0%, later: 0%, at_release: 10%}}}]}",
    );
    let ages = model(&text);
    Ledger::of(&ages, 0).cents("pod.value", &[0.0, 0.0, 1e9, 0.9e9, 0.9e9]);
}

#[test]
fn companies_leave_before_others_come() {
    // Half of those who do not use it come each month; a fifth of those who used it last month leave. 50; 40 + 25; 52 + 17.5.
    let grows = rich(
        3,
        "instruments:
  - joint_venture: {name: deployment, kind: distribution, commitment: {partners: 1M USD}, portfolio: {companies: 100, adopts: 50%/mo, churns: 20%/mo, sales: 12M USD/yr}, commission: 0%}
",
    );
    Ledger::of(&grows, 0).cents("deployment.adopters", &[50.0, 65.0, 69.5]);
}

#[test]
fn what_the_lab_pays_for_its_partners_weighs_like_their_money() {
    // The lab commits 100M for a stake of 30%, the partners 400M: a dollar of the lab weighs 0.3 × 4 = 1.2, one of theirs 0.7. Month 1 is
    // boom, and they pay half; in month 2, a winter, they do not, and the lab pays 200M for them: 120 + 140 of 120 + 140 + 140.
    let covers = rich(
        3,
        "world: {regime: {start: winter, winter: {enters: 100%/mo, leaves: 100%/mo}}}
instruments:
  - joint_venture: {name: deployment, kind: distribution, stake: 30%, commitment: {lab: 100M USD, partners: 400M USD}, calls: {over: 2 mo, unanswered: 0%/mo, unanswered_in_winter: 100%/mo, gap: lab_covers}, demand_uplift: 1%, commission: 0%}
",
    );
    let l = Ledger::of(&covers, 0);
    l.cents("deployment.paid_in", &[50e6, 250e6, 0.0]);
    near("stake", l.at("deployment.stake", 2), 260.0 / 400.0, 1e-12, 0.0);
}

#[test]
fn firm_rent_at_the_close_and_a_cap_that_falls() {
    // Three months of construction, then six rents of 10M, at 1% a month: seen from the close of month 1 they are three to eight months
    // away. The guarantee of all debt is capped at 40M in the first month of service, and falls by 1% of that a month.
    let hall = rich(
        6,
        "instruments:
  - campus: {name: hall, power: 0.1 GW, construction: {start: 2026-01, months: 3 mo, cost: 300M USD}, debt: {amount: 200M USD, rate: 6%/yr, term: 600 mo, profile: straight}, tail: {empty: sell}, lease: {rent: 10M USD/mo, term: 6 mo}, discount_rate: 12%/yr, guarantee: {by: lab, covers: 100%, cap: 40M USD, cap_falls: 12%/yr}}
",
    );
    let l = Ledger::of(&hall, 0);
    let firm: f64 = (3..=8).map(|k| 10e6 * 1.01_f64.powi(-k)).sum();
    near("firm rent", l.at("hall.firm_rent", 1), firm, 1e-9, 0.0);
    for (t, cap) in [(4, 40e6), (5, 39.6e6), (6, 39.2e6)] {
        near("guarantee", l.at("hall.guarantee", t), cap, 1e-9, 0.0);
    }
}

#[test]
fn the_owners_pay_what_junior_tranches_leave() {
    // 200M in one month: 100M of debt, 50M from a mezzanine lender, and 50M from the lab, which owns all of the equity.
    let hall = rich(
        1,
        "instruments:
  - campus: {name: hall, power: 0.1 GW, construction: {start: 2026-01, months: 1 mo, cost: 200M USD}, debt: {amount: 100M USD, rate: 0%/yr, term: 60 mo, reserve: 0 mo}, subordinated: [{mezzanine: {amount: 50M USD, rate: 0%/yr, term: 60 mo}}], equity: {lab: 100%}, tail: {empty: sell}, lease: {tenant: cloud, rent: 10M USD/mo, term: 60 mo}}
",
    );
    let l = Ledger::of(&hall, 0);
    near("called", l.at("hall.call", 1), 50e6, 1e-9, 0.0);
    near("mezzanine", l.at("hall.balance.1", 1), 50e6, 1e-9, 0.0);
}
