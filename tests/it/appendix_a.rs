//! Degenerate cases of docs/model.md that need no vectors: no volatility, one month by hand (A.8), scale
//! and split holders (A.9), instruments that are never used (A.10); and what must not move with paths, threads, levels
//! and inputs. A.1 to A.7 are in `worked_case.rs`, `processes.rs`, `reference_loans.rs`,
//! `reference_project_finance.rs`, `reference_waterfall.rs` and `capacity.rs`.

use crate::common::vectors::{near, pick, run_of};
use crate::common::{SMALL, model};
use gapcast::engine::columns::{Field, LANES};
use gapcast::engine::component::Lane;
use gapcast::engine::instrument::Unit;
use gapcast::engine::level::Level;
use gapcast::engine::month::Worker;
use gapcast::engine::record::Layout;
use gapcast::engine::reference::Path;
use gapcast::engine::run::Results;
use gapcast::plan::Plan;
use gapcast::stats::histogram::Histogram;
use gapcast::stats::moments::Moments;

/// A recorded column: name, unit, place.
type Recorded = (String, Unit, usize);

/// All columns of a run, monthly, at the end, cash by year.
fn recorded(plan: &Plan) -> Vec<Recorded> {
    let layout = Layout::of(plan);
    let m = &plan.metrics;
    let mut out = Vec::new();
    for t in 1..=plan.months {
        out.extend(m.monthly.iter().enumerate().map(|(k, x)| (format!("{} {t}", x.name), x.unit, layout.month(t, k))));
    }
    out.extend(m.at_end.iter().enumerate().map(|(k, x)| (format!("{} end", x.name), x.unit, layout.end(k))));
    for year in 0..layout.years {
        for k in 0..layout.cash {
            let name = m.cash.get(k).map_or("closing_cash", |l| l.name);
            out.push((format!("{name} year {year}"), Unit::Usd, layout.year(year, k)));
        }
    }
    assert_eq!(out.len(), layout.len());
    out
}

fn bits(m: &Moments) -> (u64, u64, u64) {
    (m.n, m.mean.to_bits(), m.m2.to_bits())
}

/// Every column of `a` is in `b` with the same bits, moments, bins and extremes; how many were compared.
fn same_columns(a: (&Plan, &Results), b: (&Plan, &Results)) -> usize {
    let others: std::collections::HashMap<String, usize> = recorded(b.0).into_iter().map(|c| (c.0, c.2)).collect();
    let columns = recorded(a.0);
    for (name, _, at) in &columns {
        let to = *others.get(name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(bits(&a.1.sums.moments[*at]), bits(&b.1.sums.moments[to]), "{name}");
        assert!(a.1.bins[*at] == b.1.bins[to], "{name}: bins");
        let (x, y) = (a.1.counts.extremes[*at], b.1.counts.extremes[to]);
        assert_eq!((x.min.to_bits(), x.max.to_bits()), (y.min.to_bits(), y.max.to_bits()), "{name}: extremes");
    }
    assert_eq!(a.1.counts.ruined, b.1.counts.ruined);
    assert_eq!(a.1.counts.defaulted, b.1.counts.defaulted);
    assert_eq!((&a.1.counts.causes, a.1.counts.no_cause), (&b.1.counts.causes, b.1.counts.no_cause));
    columns.len()
}

/// More than a chunk, so that the last chunk and its last block are not full.
const PATHS: u64 = 1200;

fn results(text: &str) -> (gapcast::model::Model, Results, Vec<f64>) {
    let model = model(text);
    let (results, rows) = run_of(&model.plan, PATHS, 2, Level::best());
    (model, results, rows)
}

const NOISE: [(&str, &str); 13] = [
    ("/*sofr*/", ", volatility: 0%/yr"),
    ("/*spread*/", ", volatility: 0%/yr"),
    ("/*multiple*/", ", volatility: 0%/yr"),
    ("/*price*/", ", volatility: 0%/yr"),
    (
        "/*world*/",
        "  resale: {volatility: 0%/yr}\n  competitors: {every: 24 mo, loss: 0%}\n  regime: {winter: {enters: 0%/mo, leaves: 6%/mo, growth: -4%/mo, multiple: 0.5x, spread: 300 bp, window_open: 15%, resale: -30%, compute_price: 0.6x}}\n  equity_window: {open: 100%}\n",
    ),
    ("/*demand*/", "    growth_shock: 0%/mo\n    volatility: 0%/mo\n    price: {volatility: 0%/mo, elasticity: 1.3}\n"),
    ("/*releases*/", ", late: 0%"),
    ("/*margin*/", ", volatility: 0%"),
    ("/*research*/", ", overruns: {spread: 0, restart: 0%}"),
    ("/*other*/", ", lumps: {chance: 0%/mo, median: 0.5B USD}"),
    ("/*calls*/", ", unanswered: 0%/mo"),
    ("/*round*/", ", probability: 100%"),
    ("/*rounds*/", ", book_least: 100%, book_most: 100%"),
];

const QUIET: &str = "schema: 1
name: quiet
time: {start: 2026-06, months: 40}
run: {paths: 1, seed: 5}
world:
  sofr: {start: 3.7%/yr, long_run: 3.5%/yr/*sofr*/}
  credit_spread: {level: 225 bp/*spread*/}
  equity_multiple: {now: 19x, later: 8x/*multiple*/}
  compute_price: {contract: 9B USD/GW-yr, spot: 1.1x/*price*/}
/*world*/lab:
  opening: {cash: 20B USD, shares: {founders: 40%, investors: 60%}, pool: 2%}
  demand:
    growth: {now: 6%/mo, later: 1%/mo, half_life: 12 mo}
    growth_is: underlying
/*demand*/    releases: {every: 6 mo, uplift: 12%, behind: 0.3/*releases*/}
    segments: [{api: {run_rate: 12B USD/yr}}]
  compute:
    inference: {gross_margin: {now: 50%, later: 60%, over: 36 mo/*margin*/}}
    research: {spend: 6B USD/yr, growth: 1.5x/yr, growth_later: 1.2x/yr, half_life: 15 mo, final_run_share: 20%/*research*/}
    contracts: [{alpha: {power: 1.0 GW, price: 9B USD/GW-yr, start: 2026-04, term: 60 mo}}]
    orders: {lead: 12 mo}
  people: {cost: 2B USD/yr, growth: 30%/yr, stock_compensation: 60%}
  other: {cost: 1B USD/yr/*other*/}
instruments:
  - joint_venture:
      name: campus
      kind: asset
      commitment: {lab: 400M USD, partners: 1.6B USD}
      calls: {start: 2026-12, over: 10 mo/*calls*/}
      power: 0.1 GW
      rent: 0.5B USD/yr
      term: 12 mo
  - term_loan: {name: loan, amount: 2B USD, date: 2026-09, term: 36 mo, rate: sofr + 450 bp}
  - equity_round: {name: ipo, date: 2027-06, size: 5B USD, pre_money: 300B USD/*round*/}
  - equity_round: {name: rounds, when: {runway_below: 18 mo}/*rounds*/}
";

/// A.8: every volatility and hazard at zero, against the same scenario without their keys: the same numbers.
#[test]
fn no_volatility_is_no_noise() {
    let (mut zero, mut absent) = (QUIET.to_owned(), QUIET.to_owned());
    for (mark, text) in NOISE {
        assert_eq!(QUIET.matches(mark).count(), 1, "{mark}");
        (zero, absent) = (zero.replace(mark, text), absent.replace(mark, ""));
    }
    let (zero, absent) = (model(&zero), model(&absent));
    for path in [0, 77] {
        let (mut a, mut b) = (Path::new(&zero.plan, path), Path::new(&absent.plan, path));
        let mut columns =
            [gapcast::engine::columns::columns(Lane::WIDTH), gapcast::engine::columns::columns(Lane::WIDTH)];
        for t in 1..=zero.plan.months {
            a.month(t).unwrap();
            b.month(t).unwrap();
            a.lane.store(&mut columns[0], 0);
            b.lane.store(&mut columns[1], 0);
            for (k, (x, y)) in columns[0].iter().zip(&columns[1]).enumerate() {
                let (x, y) = (x.0[0], y.0[0]);
                // −0 is 0.
                assert!(x.to_bits() == y.to_bits() || x == y, "month {t} column {k}: {x} {y}");
            }
            for (r, (x, y)) in a.instruments.iter().zip(&b.instruments).enumerate() {
                assert_eq!(x.values(), y.values(), "month {t} instrument {r}");
            }
        }
        // The scenario did something: money was raised and the venture paid.
        assert!(a.lane.accounts.equity_raised.0 > 5e9 - 1.0 && a.lane.lab.shares > 1e9);
    }
}

/// A.8: one month by hand, in B USD. Demand 1 grows to R = e^0.1 = 1.105170918. Customers owe a month: 1.0 comes in.
/// Interest 10 × 4.8 %/12 = 0.04; loan 1. Out: contract 0.1 GW × 1 = 0.1, staff 0.1, other 0.05 R, partners 0.1 R.
#[test]
fn one_month_by_hand() {
    let text = "schema: 1
name: hand
time: {start: 2026-01, months: 1}
run: {paths: 1, seed: 1}
lab:
  opening: {cash: 10B USD, shares: {holders: 100%}}
  demand: {growth: {now: 10%/mo, later: 10%/mo, half_life: 12 mo}, growth_is: underlying, saturation: none, segments: [{all: {run_rate: 12B USD/yr}}]}
  compute:
    spot_limit: 0 GW
    inference: {gross_margin: {now: 95%, later: 95%, over: 12 mo}, partner_share: 10%}
    contracts: [{cloud: {power: 0.1 GW, price: 12B USD/GW-yr, start: 2026-01, term: 12 mo}}]
  people: {cost: 1.2B USD/yr}
  other: {share_of_revenue: 5%}
  working_capital: {receivable: 1 mo}
  interest_on_cash: 4.8%/yr
instruments:
  - term_loan: {name: loan, amount: 1B USD, date: 2026-01, term: 12 mo, rate: 6%/yr}
";
    let model = model(text);
    let mut path = Path::new(&model.plan, 0);
    path.month(1).unwrap();
    let lane = &path.lane;
    let r = 1.105_170_918_075_647_7;
    for (what, found, by_hand) in [
        ("revenue", lane.lab.revenue.0, r),
        ("cash", lane.lab.cash.0, 11.674_224_362_288_653),
        ("receivables", lane.accounts.receivables.0, r),
        ("net income", lane.accounts.net_income.0, 0.779_395_280_364_300_5),
        ("gap", lane.ops.gap.0, -0.634_224_362_288_652_8),
        ("debt", lane.lines.debt.0, 1.0),
        ("idle", lane.ops.idle_cost.0, 0.1 - 0.05 * r),
        ("power used", lane.ops.used_gw * 1e9, 0.05 * r),
    ] {
        near(what, found / 1e9, by_hand, 1e-12, 1e-12);
    }
}

/// Multiplies every amount of money in a scenario by 1024; the numbers stay exact.
fn scaled(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(" USD") {
        let head = &rest[..at];
        let unit = usize::from(head.ends_with(['k', 'M', 'B', 'T']));
        let digits = head.len() - unit;
        let start = head[..digits].rfind(|c: char| !c.is_ascii_digit() && c != '.').map_or(0, |k| k + 1);
        let amount: f64 = head[start..digits].parse().unwrap();
        for part in [&head[..start], &(amount * 1024.0).to_string(), &head[digits..], " USD"] {
            out.push_str(part);
        }
        rest = &rest[at + 4..];
    }
    out + rest
}

/// `SMALL` with known amounts of money, the lower of each interval: the ends of an uncertain amount pass through logarithms,
/// which do not scale exactly. Shares of the holders stay.
fn known_money() -> String {
    let mut pieces = SMALL.split(" to ");
    let mut out = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let unit = out.rsplit(' ').next().unwrap_or_default();
        let end = piece.find([',', '}', '\n']).unwrap();
        if unit.starts_with("USD") {
            assert!(piece[..end].contains(" USD"), "{piece}");
            out.push_str(&piece[end..]);
        } else {
            out.push_str(" to ");
            out.push_str(piece);
        }
    }
    assert!(out.matches(" to ").count() + 8 < SMALL.matches(" to ").count());
    out
}

/// A.9: all money × 1024: every amount × 1024 to the bit, every ratio, time and power unchanged, the same bins.
#[test]
fn money_times_1024() {
    let (a, x, _) = results(&known_money());
    let (_, y, _) = results(&scaled(&known_money()));
    assert!(scaled(&known_money()).contains("cash: 20480B USD"));
    let columns = recorded(&a.plan);
    let mut money = 0;
    for (name, unit, at) in &columns {
        let usd = matches!(unit, Unit::Usd | Unit::UsdPerYear);
        let f = if usd { 1024.0 } else { 1.0 };
        money += usize::from(usd);
        let (m, n) = (x.sums.moments[*at], y.sums.moments[*at]);
        assert_eq!((m.n, m.mean * f, m.m2 * f * f), (n.n, n.mean, n.m2), "{name}");
        let (m, n) = (x.counts.extremes[*at], y.counts.extremes[*at]);
        assert_eq!(((m.min * f).to_bits(), (m.max * f).to_bits()), (n.min.to_bits(), n.max.to_bits()), "{name}");
        let (p, q) = (&x.bins[*at], &y.bins[*at]);
        assert!(p == q, "{name}: bins");
        let (low, high) = (Histogram::new(p, x.grids[*at], m), Histogram::new(q, y.grids[*at], n));
        for u in [0.05, 0.5, 0.95] {
            assert_eq!((low.quantile(u) * f).to_bits(), high.quantile(u).to_bits(), "{name} {u}");
        }
    }
    assert!(money > 1000 && columns.len() - money > 1000);
    assert_eq!((x.counts.ruined, x.counts.causes), (y.counts.ruined, y.counts.causes));
}

/// A.9: one holder as two: their stakes add up, nothing else moves.
#[test]
fn a_holder_split_in_two() {
    let (a, _, x) = results(SMALL);
    let split = SMALL.replace("founders: 20%", "first: 12.5%, second: 7.5%").replace("[founders]", "[first, second]");
    let (b, _, y) = results(&split);
    let whole = pick(&a.plan, &x, "stake.founders");
    let parts = [pick(&b.plan, &y, "stake.first"), pick(&b.plan, &y, "stake.second")];
    for (i, w) in whole.iter().enumerate() {
        near("stake", parts[0][i] + parts[1][i], *w, 1e-12, 0.0);
    }
    for metric in a.plan.metrics.at_end.iter().filter(|m| !m.name.ends_with(".founders")) {
        let (p, q) = (pick(&a.plan, &x, &metric.name), pick(&b.plan, &y, &metric.name));
        assert!(p.iter().zip(&q).all(|(p, q)| p.to_bits() == q.to_bits()), "{}", metric.name);
    }
}

/// A.9: two loans of one rank in the other order: the totals are the same but for the order of a sum.
#[test]
fn instruments_of_one_rank_change_places() {
    let loans = [
        "  - term_loan: {name: one, amount: 1B USD, date: 2026-08, term: 30 mo, rate: 9%/yr}\n",
        "  - term_loan: {name: two, amount: 3B USD, date: 2026-09, term: 24 mo, rate: 7%/yr, profile: straight}\n",
    ];
    let (a, _, x) = results(&format!("{SMALL}{}{}", loans[0], loans[1]));
    let (b, _, y) = results(&format!("{SMALL}{}{}", loans[1], loans[0]));
    for name in ["cash", "debt", "cumulative_gap", "equity_raised", "one.irr", "two.irr"] {
        for (p, q) in pick(&a.plan, &x, name).iter().zip(pick(&b.plan, &y, name)) {
            assert!((p.is_nan() && q.is_nan()) || (p - q).abs() <= 1e-9 * p.abs().max(1e9), "{name}: {p} {q}");
        }
    }
}

/// Instruments of each kind with which nothing happens: nothing to draw, dated after the horizon, or never asked for. Those
/// with covenants stand for the instruments that `breach` and `kind` make of a kind.
fn idle(kind: &str) -> Vec<&'static str> {
    match kind {
        "equity_round" => vec![
            "date: 2033-12, size: 9B USD",
            "date: 2033-12, size: 9B USD, pre_money: 90B USD, preference: {multiple: 2x}, anti_dilution: ratchet",
            "kind: ipo, date: 2033-12, size: 9B USD, fee: 4%, listing_cost: 50M USD, ipo_lock_up: 6 mo",
        ],
        "convertible" => vec![
            "date: 2033-01, amount: 1B USD, term: 12 mo, cap: 90B USD, conversion_discount: 20%",
            "date: 2027-01, amount: 0 USD, term: 12 mo, rate: 8%/yr, cap: 90B USD",
            "kind: safe, date: 2027-01, amount: 0 USD, conversion_discount: 20%",
            "kind: public, date: 2027-01, amount: 0 USD, rate: 2%/yr, term: 36 mo, premium: 30%, puts: [2028-01]",
        ],
        "revolver" => vec![
            "limit: 0 USD, rate: 9%/yr, commitment_fee: 50 bp",
            "limit: 0 USD, rate: sofr + 3%/yr, commitment_fee: 50 bp, minimum_cash: 900B USD, breach: {cure: 1 mo, fee: 5%}, cross_default: [line]",
        ],
        "term_loan" => vec![
            "amount: 2B USD, date: 2032-01, term: 12 mo, rate: 9%/yr",
            "amount: 0 USD, date: 2026-09, term: 12 mo, rate: 9%/yr, minimum_cash: 900B USD, breach: {cure: 1 mo, waiver: 50%/mo, fee: 5%}",
            "finances: 0%, term: 12 mo, rate: 9%/yr, secured: true",
        ],
        "campus" => vec![
            "power: 0.1 GW, construction: {start: 2033-01, months: 9 mo, cost: 1B USD}, funding: {gearing: 70%, sponsor: lab}, debt: {rate: 7%/yr, term: 36 mo}, equity: {lab: 50%}, lease: {rent: 200M USD/yr, term: 60 mo}, guarantee: {by: lab}",
            "power: 0.1 GW, construction: {start: 2033-01, months: 9 mo, cost: 1B USD}, debt: {amount: 0.5B USD, rate: 7%/yr, term: 36 mo}, lease: {tenant: cloud, rent: 200M USD/yr, term: 60 mo}",
        ],
        "ddtl" => vec![
            "commitment: 1B USD, advance: 80%, capex: 1.2B USD, power: 0.04 GW, deliveries: {start: 2033-01}, rate: 6%/yr, margin: {other: 3%/yr}, commitment_fee: 1%/yr, offtaker: {name: lab, grade: other, price: 20B USD/GW-yr, term: 36 mo}, recourse: true",
            "commitment: 1B USD, advance: 80%, capex: 1.2B USD, power: 0.04 GW, deliveries: {start: 2033-01}, rate: 6%/yr, margin: {other: 3%/yr}, offtaker: {name: startup, grade: other, price: 20B USD/GW-yr, term: 36 mo, lost: 50%/yr, lost_with_lab: 50%}",
        ],
        "sale_leaseback" => vec![
            "hardware: {power: 0.03 GW, cost: 1B USD, delivered: 2033-09, life: 48 mo}, sale: {date: 2034-03, advance: 100%}, lease: {term: 24 mo, return: 9%/yr}",
            "hardware: {power: 0.03 GW, cost: 1B USD, delivered: 2033-09, life: 48 mo}, sale: {runway_below: 90 mo, advance: 100%}, lease: {term: 24 mo, return: 9%/yr}",
        ],
        "venture_debt" => vec![
            "commitment: 1B USD, start: 2032-01, rate: 9%/yr, term: 30 mo, warrants: {cover: 10%}",
            "commitment: 1B USD, start: 2026-08, draws: [{amount: 0 USD, date: 2026-08}], rate: 9%/yr, term: 30 mo, end_payment: 5%, warrants: {cover: 10%, price: market}, minimum_cash: 900B USD, breach: {cure: 1 mo, fee: 5%}, cross_default: [line]",
        ],
        "vendor_finance" => vec![
            "kind: loan, finances: 0%, term: 12 mo, rate: 9%/yr, warrants: {share: 1%, per: 1B USD}",
            "kind: loan, finances: 50%, limit: 0 USD, term: 12 mo, rate: 9%/yr, secured: false",
            "kind: warrants, supplier: maker, tranches: [{never: {value: 1B USD, power: 900 GW}}]",
            "kind: warrants, supplier: maker, tranches: [{nothing: {value: 0 USD}}]",
        ],
        "strategic_tranche" => vec![
            "supplier: alpha, tranches: [{late: {amount: 1B USD, date: 2033-01}}], investor: {fails: 0%/mo}",
            "supplier: alpha, tranches: [{never: {amount: 1B USD, power: 900 GW}}], minimum_spend: {amount: 0 USD, from: 2026-09, to: 2028-01}",
        ],
        "spv" => vec![
            "capex: 1B USD, power: 0.03 GW, deliveries: {start: 2033-01, over: 3 mo}, lease: {term: 36 mo}, tranches: [{a: {amount: 0.7B USD, rate: 6%/yr, guarantee: {by: maker}}}]",
        ],
        // What the lab contributes is in its books from the start, hence a pool without power or book value.
        "abs" => vec![
            "pool: {value: 1B USD, book: 0 USD, power: 0 GW}, tenants: {price: 1.6B USD/GW-yr}, closing: 2033-01, tranches: [{a: {advance: 50%, rate: 6%/yr}}], refinancing: {dscr: 1.2x}",
            "pool: {value: 1B USD, book: 0 USD, power: 0 GW}, tenants: {who: lab, price: 1.6B USD/GW-yr}, closing: 2033-01, tranches: [{a: {advance: 50%, rate: 6%/yr}}]",
        ],
        "joint_venture" => vec![
            "kind: distribution, commitment: {partners: 1B USD}, calls: {start: 2033-01}, demand_uplift: 5%, commission: 20%",
            "kind: asset, commitment: {lab: 1B USD, partners: 1B USD}, calls: {start: 2033-01}, power: 0.1 GW, rent: 0.5B USD/yr",
        ],
        other => panic!("no idle `{other}`: add one, so that it is known to move nothing"),
    }
}

/// A.10: an instrument that is never used, of every kind, and an input that nothing reads, leave every column as it was, to
/// the bit.
#[test]
fn what_is_not_used_moves_nothing() {
    let (a, x, rows) = results(SMALL);
    let unmoved = |what: &str, text: &str| {
        println!("{what}");
        let (b, y, _) = results(text);
        assert_eq!(same_columns((&a.plan, &x), (&b.plan, &y)), Layout::of(&a.plan).len(), "{what}");
    };
    for kind in gapcast::instruments::InstrumentSpec::instruments() {
        for terms in idle(kind) {
            let line = format!("  - {kind}: {{name: idle, {terms}}}\n");
            unmoved(&line, &format!("{SMALL}{line}"));
        }
        // In front of all others too, so that what runs down the list is not touched.
        let first = format!("  - {kind}: {{name: idle, {}}}\n", idle(kind)[0]);
        unmoved(&first, &SMALL.replace("instruments:\n", &format!("instruments:\n{first}")));
    }
    let input = SMALL.replace("inputs:\n", "inputs:\n  aside: 1x to 2x\n");
    assert_ne!(input, SMALL);
    unmoved("an input", &input);
    // And one that is used does move it: the comparison can fail.
    let used = "  - term_loan: {name: soon, amount: 2B USD, date: 2026-09, term: 12 mo, rate: 9%/yr}\n";
    let (b, _, other) = results(&format!("{SMALL}{used}"));
    assert_ne!(pick(&a.plan, &rows, "cash"), pick(&b.plan, &other, "cash"));
}

/// Independent inputs in another order are the same draws.
#[test]
fn inputs_change_places() {
    let copula = "  copula: {t: {df: 4}}\n  spearman: [[growth_now, growth_later, 0.3]]\n";
    assert!(SMALL.contains(copula));
    let free = SMALL.replace(copula, "");
    let (now, later) = ("  growth_now: 3%/mo to 12%/mo\n", "  growth_later: 0.2%/mo to 2%/mo\n");
    let swapped = free.replace(&format!("{now}{later}"), &format!("{later}{now}"));
    assert_ne!(swapped, free);
    let (a, x, _) = results(&free);
    let (b, y, _) = results(&swapped);
    same_columns((&a.plan, &x), (&b.plan, &y));
}

/// The first paths of a longer run are the shorter run; nothing moves with threads or the instruction level.
#[test]
fn paths_threads_and_levels() {
    let model = model(SMALL);
    let plan = &model.plan;
    let (base, rows) = run_of(plan, 2500, 1, Level::best());
    assert_eq!(rows.len(), 2500 * plan.metrics.at_end.len());
    for paths in [1, LANES as u64 - 1, 1024, 1300] {
        let (_, first) = run_of(plan, paths, 2, Level::best());
        assert!(first.iter().zip(&rows).all(|(a, b)| a.to_bits() == b.to_bits()), "{paths}");
        assert_eq!(first.len() as u64, paths * plan.metrics.at_end.len() as u64);
    }
    for (threads, level) in Level::ALL.into_iter().filter(|l| l.available()).map(|l| (2, l)).chain([(3, Level::best())])
    {
        let (other, again) = run_of(plan, 2500, threads, level);
        same_columns((plan, &base), (plan, &other));
        assert!(rows.iter().zip(&again).all(|(a, b)| a.to_bits() == b.to_bits()), "{}", level.name());
    }
    // A block does not depend on the one before it.
    let mut worker = Worker::new(plan, Level::best());
    let mut last = [0.0; 2];
    for slot in &mut last {
        worker.block(0, |_, _| {});
        worker.block(512, |w, _| *slot = w.board[gapcast::plan::metrics::lab("cash")].0[7]);
    }
    assert_eq!(last[0].to_bits(), last[1].to_bits());
}
