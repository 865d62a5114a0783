//! Cost of one more instrument, for every kind: CPU nanoseconds per path-month of the benchmark scenario with it, less
//! those without it, each the smallest of several interleaved rounds, with nothing recorded.
//!
//! `cargo bench --bench instruments` prints a line `instrument <kind>` for each; it panics at a kind without a case
//! here. `cargo bench --bench instruments -- campus avx2` measures one kind at one level.

use std::fmt::Write as _;
use std::sync::Arc;

use gapcast::engine::columns::LANES;
use gapcast::engine::level::Level;
use gapcast::engine::month::Worker;
use gapcast::instruments::InstrumentSpec;
use gapcast::model::{Model, Settings};
use gapcast::plan::Plan;

/// Blocks of one measurement: some tens of milliseconds, many times the resolution of the system clock.
const BLOCKS: u64 = 16;
/// Number of interleaved rounds.
const ROUNDS: usize = 9;

/// Terms of an active instrument of this kind in the benchmark scenario, as written in `kind: {…}`; variants that the
/// terms of a kind select have cases of their own. No term is uncertain.
fn terms(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "contract" => {
            "supplier: other, power: 0.2 GW, price: 9.6B USD/GW-yr, start: 2026-01, ramp: 12 mo, end: 2034-12, indexation: 2%/yr"
        }
        "plain_contract" => {
            "supplier: other, power: 0.2 GW, price: 9.6B USD/GW-yr, start: 2026-01, ramp: 12 mo, end: 2034-12"
        }
        "notice_contract" => {
            "supplier: other, power: 0.2 GW, price: 9.6B USD/GW-yr, start: 2026-01, ramp: 12 mo, end: 2034-12, notice: 90 d"
        }
        "own_compute" => "power: 0.05 GW, cost: 1B USD, delivered: 2027-01, life: 60 mo, opex: 1.2B USD/GW-yr",
        "equity_round" => "when: {runway_below: 12 mo}, preference: {multiple: 1x}, anti_dilution: weighted_average",
        "limited_round" => "when: {runway_below: 12 mo}, min_dilution: 4%",
        "convertible" => {
            "amount: 1B USD, when: {runway_below: 9 mo}, issues: 3, rate: 8%/yr, cap: 100B USD, conversion_discount: 20%, term: 18 mo"
        }
        "revolver" => "limit: 1B USD, rate: sofr + 250 bp, commitment_fee: 50 bp",
        "covenant_revolver" => {
            "limit: 1B USD, base: 70%, rate: sofr + 250 bp, minimum_cash: 1B USD, breach: {waiver: 20%/mo}, clean_down: {months: 1}"
        }
        "term_loan" => "amount: 1B USD, date: 2026-06, term: 84 mo, rate: sofr + 450 bp",
        "covenant_loan" => {
            "amount: 1B USD, date: 2026-06, term: 84 mo, rate: sofr + 450 bp, minimum_cash: 1B USD, breach: {waiver: 20%/mo}"
        }
        "venture_debt" => {
            "commitment: 1B USD, start: 2026-06, rate: 11%/yr, term: 84 mo, end_payment: 5%, warrants: {cover: 10%}"
        }
        "vendor_finance" => {
            "kind: loan, finances: 30%, term: 36 mo, rate: sofr + 500 bp, warrants: {share: 0.5%, per: 1B USD}"
        }
        "vendor_warrants" => {
            "kind: warrants, supplier: cloud, tranches: [{first: {value: 0.5B USD, power: 0.2 GW}}, {second: {value: 0.5B USD, power: 0.5 GW, price: 1.5x}}]"
        }
        "campus" => {
            "power: 0.1 GW, construction: {start: 2026-03, months: 12 mo, cost: 1.2B USD}, funding: {gearing: 75%}, debt: {rate: sofr + 250 bp, base_sofr: 3.5%/yr, term: 84 mo, target_dscr: 1.25x, sweep: 30%}, lease: {rent: 400M USD/yr, term: 60 mo, renewals: 1}, opex: 20M USD/yr"
        }
        "ddtl" => {
            "commitment: 1B USD, advance: 80%, capex: 1.3B USD, power: 0.04 GW, deliveries: {start: 2026-04, over: 8 mo}, rate: 6%/yr, margin: {other: 4%/yr}, offtaker: {name: startup, grade: other, price: 16B USD/GW-yr, term: 60 mo, lost: 5%/yr}, opex: 3B USD/GW-yr, covenants: {ltv: 85%, lock_up: 1.3x}, reserve: 2 mo"
        }
        "sale_leaseback" => {
            "hardware: {power: 0.03 GW, cost: 1B USD, delivered: 2026-03, life: 96 mo}, sale: {date: 2026-09, advance: 80%}, lease: {term: 48 mo, return: 12%/yr, residual: 15%, at_end: renew}"
        }
        "strategic_tranche" => {
            "supplier: cloud, tranches: [{first: {amount: 0.5B USD, date: 2026-12}}, {second: {amount: 0.5B USD, power: 0.5 GW}}], minimum_spend: {amount: 20B USD, from: 2026-06, to: 2029-06}"
        }
        "spv" => {
            "capex: 1B USD, power: 0.03 GW, deliveries: {start: 2026-07, over: 6 mo}, lease: {term: 84 mo}, tranches: [{senior: {amount: 0.7B USD, rate: 7%/yr}}]"
        }
        "abs" => {
            "pool: {value: 2B USD, book: 1.5B USD, power: 0.15 GW}, tenants: {count: 3, price: 1.6B USD/GW-yr, lost: 3%/yr}, closing: 2026-04, tranches: [{a: {advance: 55%, rate: 5.5%/yr}}, {b: {advance: 15%, rate: 7%/yr}}], reserve: 3 mo, refinancing: {dscr: 1.4x}"
        }
        "joint_venture" => {
            "kind: asset, commitment: {lab: 0.4B USD, partners: 1.6B USD}, calls: {start: 2026-06, over: 10 mo}, power: 0.1 GW, rent: 0.5B USD/yr, term: 84 mo, waterfall: {hurdle: 8%/yr, catch_up: 50%, promote: 20%}"
        }
        "distribution_venture" => {
            "kind: distribution, commitment: {lab: 0.4B USD, partners: 1.6B USD}, calls: {start: 2026-06, over: 6 mo}, stake: 20%, demand_uplift: 3%"
        }
        _ => return None,
    })
}

/// The benchmark scenario, with an instrument of this kind if one is given.
fn plan(kind: Option<&str>) -> Arc<Plan> {
    let mut text = include_str!("../scenarios/benchmark.yaml")
        .replace("\nworld:\n", "\nworld:\n  vendor_share: {volatility: 40%/yr}\n");
    if let Some(kind) = kind {
        let terms =
            terms(kind).unwrap_or_else(|| panic!("no case for instruments of kind `{kind}`: say what one costs"));
        let contracts = "    contracts:\n";
        match InstrumentSpec::named_as(kind) {
            "contract" => text = text.replace(contracts, &format!("{contracts}      - extra: {{{terms}}}\n")),
            "own_compute" => {
                text = text.replace(contracts, &format!("    owned:\n      - extra: {{{terms}}}\n{contracts}"));
            }
            written => {
                let _ = writeln!(text, "  - {written}: {{name: extra, {terms}}}");
            }
        }
    }
    let sets = vec!["run.metrics=[cash]".to_owned()];
    Model::parse("bench.yaml", &text, &Settings { sets, ..Settings::default() })
        .unwrap_or_else(|r| panic!("{}", gapcast::cli::diagnostics::render(&r.issues, &r.sources, false)))
        .plan
}

/// CPU nanoseconds used by this thread; always 0 if the system does not report them.
fn cpu_ns() -> f64 {
    let line = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    line.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0.0)
}

/// CPU nanoseconds per path-month over `BLOCKS` blocks.
fn blocks(worker: &mut Worker<'_>, months: usize) -> f64 {
    let before = cpu_ns();
    (0..BLOCKS).for_each(|k| worker.block(k * LANES as u64, |_, _| {}));
    (cpu_ns() - before) / (BLOCKS * LANES as u64 * months as u64) as f64
}

fn main() {
    let level = std::env::args().find_map(|a| Level::named(&a)).unwrap_or_else(Level::best);
    let named: Vec<String> = std::env::args().filter(|a| InstrumentSpec::KINDS.contains(&a.as_str())).collect();
    let bare = plan(None);
    let mut without = Worker::new(&bare, level);
    for kind in InstrumentSpec::KINDS.iter().filter(|k| named.is_empty() || named.iter().any(|n| n == *k)) {
        let more = plan(Some(kind));
        let instrument = more.instruments.iter().find(|r| r.name == "extra").map(|r| r.spec.kind());
        assert_eq!(instrument, Some(*kind), "the terms of `{kind}` make another instrument");
        let mut with = Worker::new(&more, level);
        let mut best = [f64::INFINITY; 2];
        for _ in 0..ROUNDS {
            best[0] = best[0].min(blocks(&mut without, bare.months));
            best[1] = best[1].min(blocks(&mut with, more.months));
        }
        println!("instrument {kind:24} {:6.1} ns", best[1] - best[0]);
    }
}
