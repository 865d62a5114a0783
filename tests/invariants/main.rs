//! Properties of generated scenarios: any combination of instruments and parts, with ordinary and extreme terms.
//!
//! On every path and in every month: every identity of the model to 1e-9 of assets (the plain engine checks them), no NaN,
//! no negative balance, ownership that sums to 1, rates of return above zero exactly where multiples are above 1, power used and idle and missing that add up, and the block engine equal
//! to the plain one bit for bit. A scenario that the reader refuses is a mistake of the generator and counted.
//!
//! `GAPCAST_CONFIGS` sets how many scenarios are drawn; a failing one prints its number and its text, and
//! `GAPCAST_CONFIG=<number>` runs it alone.

#[path = "../common/mod.rs"]
mod common;
mod found;
mod generate;

use std::collections::BTreeMap;

use gapcast::engine::books::Lines;
use gapcast::engine::columns::{Field, LANES, Row, columns};
use gapcast::engine::component::OPENING_SHARES;
use gapcast::engine::component::{Accounts, Lane, Ops};
use gapcast::engine::instrument::{Lab, Line, Market, Unit};
use gapcast::engine::level::Level;
use gapcast::engine::month::{Worker, view_of};
use gapcast::engine::reference::{Path, derive};
use gapcast::engine::resolution::Outcome;
use gapcast::instruments::InstrumentSpec;
use gapcast::model::{Model, Settings};
use gapcast::plan::metrics::Return;
use gapcast::plan::{Plan, PlannedInstrument};
use rayon::prelude::*;

/// Lines of instruments that may lie below zero: results, covers of cash flow that may be negative, uses net of what unspent money
/// earns, and what a joint venture does to demand.
const SIGNED: [&str; 9] = ["cfads", "dscr", "min_dscr", "llcr", "uses", "net_cash", "uplift", "earnings_12m", "margin"];

/// What the checks remember of a path: the month before, and the largest amount that each instrument has shown.
struct Memory {
    before: Lane,
    opening_pool: f64,
    restructured: bool,
    largest: Vec<f64>,
}

/// The columns of an instrument's line, one for each account where it has several.
fn columns_of(planned: &PlannedInstrument, line: &Line) -> Vec<usize> {
    let at = planned.spec.column(line.field).unwrap();
    if line.by_account { planned.spec.accounts().iter().map(|(_, k)| at + k).collect() } else { vec![at] }
}

/// Checks the end of a month that the identities do not.
fn check(plan: &Plan, path: &Path<'_>, t: usize, memory: &mut Memory) -> Result<(), String> {
    let lane = &path.lane;
    memory.restructured |= lane.accounts.outcome == f64::from(Outcome::Restructured as u8);
    for (k, x) in path.board().iter().enumerate() {
        // Bit masks are not numbers.
        let word = [gapcast::column!(events), gapcast::column!(lab.defaulted)].contains(&k);
        if !word && !x.is_finite() {
            return Err(format!("month {t}: column {k} of the board is {x}"));
        }
    }
    for (k, (planned, instrument)) in plan.instruments.iter().zip(&path.instruments).enumerate() {
        let values = instrument.values();
        if let Some((at, x)) = values.iter().enumerate().find(|(_, x)| !x.is_finite()) {
            let kind = planned.spec.kind();
            return Err(format!("month {t}: {} ({kind}): state column {at} is {x}\n{values:?}", planned.name));
        }
        let lines = planned.spec.lines();
        for line in lines.iter().filter(|line| line.unit == Unit::Usd) {
            memory.largest[k] =
                columns_of(planned, line).into_iter().fold(memory.largest[k], |most, at| most.max(values[at].abs()));
        }
        for line in lines.iter().filter(|line| !SIGNED.contains(&line.field)) {
            let least = -1e-9 * if line.unit == Unit::Usd { memory.largest[k] } else { 1.0 };
            // Creditors of a restructured lab can get more in shares than they gave up.
            let gain = line.field == "loss" && memory.restructured;
            if let Some(x) = columns_of(planned, line).into_iter().map(|at| values[at]).find(|&x| x < least && !gain) {
                let kind = planned.spec.kind();
                return Err(format!("month {t}: {} ({kind}): `{}` is {x}", planned.name, line.field));
            }
        }
        claims(planned, &values, lane).map_err(|why| format!("month {t}: {why}"))?;
        used(planned, &values).map_err(|why| format!("month {t}: {why}"))?;
    }
    ownership(lane, memory).map_err(|why| format!("month {t}: {why}"))?;
    headline(lane).map_err(|why| format!("month {t}: {why}"))?;
    estate(lane).map_err(|why| format!("month {t}: {why}"))?;
    let ops = &lane.ops;
    let most = ops.place_gw * (1.0 + 1e-12) + 1e-12;
    if !(0.0..=1.0 + 1e-12).contains(&ops.served) || ops.used_gw > most || ops.used_gw < 0.0 {
        return Err(format!("month {t}: served {}, used {} of {}", ops.served, ops.used_gw, ops.place_gw));
    }
    if ops.used_gw > ops.need_gw * (1.0 + 1e-12) {
        return Err(format!("month {t}: used {} GW and needed {}", ops.used_gw, ops.need_gw));
    }
    memory.before = *lane;
    Ok(())
}

/// What an instrument's providers claimed, got and lost: they lose no more than they claimed.
fn claims(planned: &PlannedInstrument, values: &[f64], lane: &Lane) -> Result<(), String> {
    let lines = planned.spec.lines();
    let of = |name: &str| lines.iter().find(|line| line.field == name).map(|line| columns_of(planned, line));
    let (Some(claim), Some(loss)) = (of("claim"), of("loss")) else { return Ok(()) };
    for (claim, loss) in claim.into_iter().zip(loss) {
        let (claim, loss) = (values[claim], values[loss]);
        if loss > claim * (1.0 + 1e-9) + 1e-9 * lane.accounts.estate.0.abs() {
            let kind = planned.spec.kind();
            return Err(format!("{} ({kind}) lost {loss} of a claim of {claim}", planned.name));
        }
    }
    Ok(())
}

/// Power used is in place.
fn used(planned: &PlannedInstrument, values: &[f64]) -> Result<(), String> {
    let of = |name: &str| {
        let listed = planned.spec.lines().iter().any(|line| line.field == name);
        if listed { planned.spec.column(name).map(|at| values[at]) } else { None }
    };
    let (Some(power), Some(used)) = (of("power"), of("used")) else { return Ok(()) };
    if used > power * (1.0 + 1e-12) + 1e-15 {
        Err(format!("{} uses {used} of {power} GW", planned.name))
    } else {
        Ok(())
    }
}

/// Who owns the lab: opening holders, employees and new holders own all of it, and it grows by what is issued.
fn ownership(lane: &Lane, Memory { before, opening_pool, .. }: &Memory) -> Result<(), String> {
    let (lab, a) = (&lane.lab, &lane.accounts);
    // What employees were granted came out of the pool first.
    let employees = a.employee_shares + lab.pool - opening_pool;
    let sum = (OPENING_SHARES + employees + a.new_shares) / lab.shares;
    let shrunk = a.employee_shares < before.accounts.employee_shares || a.new_shares < before.accounts.new_shares;
    if (sum - 1.0).abs() > 1e-9 || shrunk || lab.pool > lab.shares {
        let new = a.new_shares;
        return Err(format!("ownership is {sum}: employees got {employees}, new holders {new}, pool {}", lab.pool));
    }
    Ok(())
}

/// Opening cash lasts no longer than cash with new money does, and as long where none came. What is announced is no less than
/// what of it is firm, and no debt of the month before is above its peak.
fn headline(lane: &Lane) -> Result<(), String> {
    let (a, lines) = (&lane.accounts, &lane.lines);
    let (runway, out) = (a.first_short, a.cash_out);
    let late = out > 0.0 && (runway == 0.0 || runway > out);
    let alone = a.equity_raised.0 == 0.0 && a.debt_raised.0 == 0.0;
    if late || (alone && runway != out) {
        return Err(format!("cash runs out in month {out}, without new money in month {runway} (none came: {alone})"));
    }
    if lines.headline.0 < lines.firm.0 * (1.0 - 1e-12) {
        return Err(format!("{:?} of commitments is announced and {:?} firm", lines.headline, lines.firm));
    }
    if a.stocks[0] > a.peak_debt {
        return Err(format!("debt was {:?}, at most {:?}", a.stocks[0], a.peak_debt));
    }
    Ok(())
}

/// An estate goes to the lab's own creditors, to those of instruments and to shares: none of them gets less than nothing.
fn estate(lane: &Lane) -> Result<(), String> {
    let a = &lane.accounts;
    for (claim, loss) in a.claim.iter().zip(&a.loss) {
        if loss.0 < 0.0 || loss.0 > claim.0 * (1.0 + 1e-9) {
            return Err(format!("the lab's creditors lost {loss:?} of {claim:?}"));
        }
    }
    let fits = a.to_common.0 >= 0.0 && a.to_common.0 <= a.to_shares.0 * (1.0 + 1e-9) && a.to_shares.0 >= 0.0;
    if fits { Ok(()) } else { Err(format!("{:?} of {:?} for shares go to common ones", a.to_common, a.to_shares)) }
}

/// Names of the board's columns that are not finite, to see where a mistake began.
fn odd(path: &Path<'_>) -> String {
    let groups = [
        ("market", Market::NAMES),
        ("lab", Lab::NAMES),
        ("ops", Ops::NAMES),
        ("accounts", Accounts::NAMES),
        ("lines", Lines::NAMES),
    ];
    let names = groups.iter().flat_map(|(group, names)| {
        names.iter().flat_map(move |(name, width)| (0..*width).map(move |k| format!("{group}.{name}.{k}")))
    });
    let odd: Vec<String> =
        names.zip(path.board()).filter(|(_, x)| !x.is_finite()).map(|(n, x)| format!("{n} = {x}")).collect();
    odd.join(", ")
}

/// Of each instrument's providers, together and account by account: a rate of return is above zero exactly when more came back
/// than was paid in; both are finite, and no position is worth less than nothing.
fn returns(plan: &Plan, path: &Path<'_>) -> Result<(), String> {
    let see = view_of(&path.lane, plan.months, plan.ahead(plan.months));
    for (k, planned) in plan.instruments.iter().enumerate().filter(|(_, planned)| planned.keeps_flows) {
        let worth = path.instruments[k].worth(&see);
        let accounts = planned.spec.accounts();
        let largest = path.flows[k].iter().flatten().fold(0.0_f64, |most, x| most.max(x.abs()));
        for slot in accounts.iter().map(|(_, slot)| Some(*slot)).chain([None]) {
            let of = |all: &[f64]| slot.map_or_else(|| all.iter().sum(), |a| all[a]);
            let flows: Vec<f64> = path.flows[k].iter().map(|month| of(month)).collect();
            let worth = of(&worth.map(|w| w.0));
            let out = derive::returns(&flows, worth);
            let (rate, multiple) = (out[Return::Irr as usize], out[Return::Moic as usize]);
            let agrees = rate.is_nan() || (multiple - 1.0).abs() < 1e-9 || (rate > 0.0) == (multiple > 1.0);
            if !agrees || rate.is_infinite() || !worth.is_finite() || worth < -1e-9 * largest {
                let kind = planned.spec.kind();
                let whose = slot.map_or("all", |s| accounts.iter().find(|a| a.1 == s).map_or("?", |a| a.0.as_str()));
                return Err(format!(
                    "{} ({kind}), {whose}: a rate of {rate} with a multiple of {multiple} and a worth of {worth}",
                    planned.name
                ));
            }
        }
    }
    Ok(())
}

/// Runs two paths through the plain engine, and their block beside them.
fn run(plan: &Plan) -> Result<(), String> {
    let mut worker = Worker::new(plan, Level::best());
    let mut boards = Vec::new();
    let lanes = [0, LANES - 1];
    worker.block(0, |w, _| {
        let of = |lane: usize| -> Vec<u64> {
            let board = w.board.iter();
            board.chain(w.instruments.iter().flat_map(|r| r.own().iter())).map(|c| c.0[lane].to_bits()).collect()
        };
        boards.push(lanes.map(of));
    });
    for (k, lane) in lanes.into_iter().enumerate() {
        let mut path = Path::new(plan, lane as u64);
        let mut memory = Memory {
            before: path.lane,
            opening_pool: path.lane.lab.pool,
            restructured: false,
            largest: vec![0.0; plan.instruments.len()],
        };
        for t in 1..=plan.months {
            path.month(t).map_err(|broken| format!("{broken}\n{}", odd(&path)))?;
            check(plan, &path, t, &mut memory)?;
            let mut board = columns(Lane::WIDTH);
            path.lane.store(&mut board, 0);
            let instruments = path.states().into_iter().flatten();
            let plain = board.iter().map(|c| c.0[0]).chain(instruments).map(f64::to_bits);
            if let Some(at) = plain.zip(&boards[t - 1][k]).position(|(a, b)| a != *b) {
                return Err(format!(
                    "month {t}, lane {lane}: the engines differ in value {at} of board and instruments"
                ));
            }
        }
        returns(plan, &path)?;
    }
    Ok(())
}

fn one(number: u64) -> Result<(), String> {
    sound(&format!("scenario {number}"), &generate::scenario(number))
}

/// Reads a scenario. Keys are generated without regard to whether they do anything beside others: those that are refused for
/// that alone are taken out, one after the other.
fn read(text: &str) -> Result<Model, (Box<gapcast::model::Invalid>, String)> {
    let mut text = text.to_owned();
    loop {
        let refused = match Model::parse("generated.yaml", &text, &Settings::default()) {
            Ok(model) => return Ok(model),
            Err(refused) => refused,
        };
        let unused = refused.issues.iter().find(|issue| issue.code == "unused").and_then(|issue| issue.place);
        let Some(place) = unused else { return Err((refused, text)) };
        text.replace_range(entry(&text, place.start as usize), "");
    }
}

/// The entry of a map in braces that `at` is in: up to the comma behind its value, or from the one before it.
fn entry(text: &str, at: usize) -> std::ops::Range<usize> {
    let before = text[..at].rfind([',', '{']).expect("a map in braces") + 1;
    let start = before + text[before..].len() - text[before..].trim_start().len();
    let mut depth = 0;
    for (at, c) in text[start..].char_indices() {
        match c {
            '{' | '[' => depth += 1,
            ',' if depth == 0 => return start..start + at + 2,
            '}' | ']' if depth == 0 => return text[..start].rfind(',').expect("an entry before it")..start + at,
            '}' | ']' => depth -= 1,
            _ => {}
        }
    }
    panic!("an entry that does not end");
}

/// Reads and runs a scenario.
fn sound(name: &str, text: &str) -> Result<(), String> {
    let refused = |(r, text): (Box<gapcast::model::Invalid>, String)| {
        let told = gapcast::cli::diagnostics::render(&r.issues, &r.sources, false);
        let mut errors = told.lines().skip_while(|line| !line.starts_with("error["));
        let first = errors.next().unwrap_or("").to_owned();
        let what = errors.find(|line| line.contains('^')).unwrap_or("").trim().trim_start_matches(['|', ' ', '^']);
        format!("{name}: refused: {first}: {what}\n{told}\n{text}")
    };
    let model = read(text).map_err(refused)?;
    run(&model.plan).map_err(|why| format!("{name}: {why}\n{text}"))
}

#[test]
fn identities_hold_where_they_once_did_not() {
    let failed: Vec<String> =
        found::scenarios().into_iter().filter_map(|(what, text)| sound(what, &text).err()).collect();
    let first: Vec<&str> = failed.iter().filter_map(|why| why.lines().next()).collect();
    assert!(failed.is_empty(), "{}\nthe first:\n{}", first.join("\n"), failed[0]);
}

/// A kind that is never generated is tested with no extreme terms.
#[test]
fn every_kind_of_instrument_is_generated() {
    let texts: Vec<String> = (0..200).map(generate::scenario).collect();
    let written = |kind: &&str| texts.iter().any(|text| text.contains(&format!("- {kind}:")));
    let missing: Vec<&str> = InstrumentSpec::instruments().filter(|kind| !written(kind)).collect();
    assert!(missing.is_empty(), "not generated in tests/invariants/generate: {missing:?}");
}

#[test]
fn identities_hold_on_generated_scenarios() {
    if let Ok(number) = std::env::var("GAPCAST_CONFIG") {
        one(number.parse().unwrap()).unwrap_or_else(|why| panic!("{why}"));
        return;
    }
    let count: u64 = std::env::var("GAPCAST_CONFIGS").map_or(1000, |n| n.parse().unwrap());
    let failed: Vec<(u64, String)> =
        (0..count).into_par_iter().filter_map(|number| one(number).err().map(|why| (number, why))).collect();
    // The failure message without its numbers, and its place: if many scenarios share it, it is one defect.
    let mut kinds: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (number, why) in &failed {
        let line = why.lines().next().unwrap_or_default().split_once(": ").map_or("", |(_, what)| what);
        let kind = line.chars().filter(|c| !c.is_ascii_digit()).collect();
        kinds.entry(kind).or_default().push(*number);
    }
    let kinds: Vec<String> =
        kinds.iter().map(|(kind, at)| format!("{} × {kind}: {:?}", at.len(), &at[..at.len().min(5)])).collect();
    let (number, kinds) = (failed.len(), kinds.join("\n"));
    assert!(failed.is_empty(), "{number} of {count} scenarios fail:\n{kinds}\nthe first:\n{}", failed[0].1);
}
