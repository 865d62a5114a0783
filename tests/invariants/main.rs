//! Properties of generated scenarios: any combination of instruments and parts, with ordinary and extreme terms.
//!
//! On every path and in every month: every identity of the model to 1e-9 of assets (the plain engine checks them), no NaN,
//! no negative balance, ownership that sums to 1, power used and idle and missing that add up, and the block engine equal
//! to the plain one bit for bit. A scenario that the reader refuses is a mistake of the generator and counted.
//!
//! `GAPCAST_CONFIGS` sets how many scenarios are drawn; a failing one prints its number and its text, and
//! `GAPCAST_CONFIG=<number>` runs it alone.

#[path = "../common/mod.rs"]
mod common;
mod generate;

use gapcast::engine::books::Lines;
use gapcast::engine::columns::{Field, LANES, Row, columns};
use gapcast::engine::level::Level;
use gapcast::engine::month::Worker;
use gapcast::engine::part::{Accounts, Lane, Ops};
use gapcast::engine::reference::Path;
use gapcast::engine::room::{Lab, Market};
use gapcast::job::{Job, Overrides};
use gapcast::plan::Plan;
use rayon::prelude::*;

/// State fields that may lie below zero, by name: flows, gains, growth, logarithms.
const SIGNED: [&str; 0] = [];

/// Checks the end of a month that the identities do not.
fn check(plan: &Plan, path: &Path<'_>, t: usize) -> Result<(), String> {
    let lane = &path.lane;
    for (k, x) in path.board().iter().enumerate() {
        // Words of bits are not numbers.
        let word = [gapcast::column!(events), gapcast::column!(lab.defaulted)].contains(&k);
        if !word && !x.is_finite() {
            return Err(format!("month {t}: column {k} of the board is {x}"));
        }
    }
    for (planned, room) in plan.rooms.iter().zip(&path.rooms) {
        for (k, x) in room.values().iter().enumerate() {
            if !x.is_finite() {
                return Err(format!("month {t}: {}: state column {k} is {x}", planned.name));
            }
        }
        for line in planned.spec.lines() {
            let at = planned.spec.column(line.field).unwrap();
            let stock = ["balance", "arrears", "book", "reserve", "firm", "claim", "power", "used", "idle"];
            if stock.contains(&line.field) && !SIGNED.contains(&line.field) {
                let x = room.values()[at];
                let size = lane.lab.cash.0.abs() + lane.accounts.paid_in.0.abs() + 1.0;
                if x < -1e-9 * size {
                    return Err(format!("month {t}: {}.{} is {x}", planned.name, line.field));
                }
            }
        }
    }
    // Ownership: what opened, what employees got, what new holders got.
    let (lab, a) = (&lane.lab, &lane.accounts);
    let opening = gapcast::lab::treasury::OPENING_SHARES;
    let employees = lab.shares - opening - a.new_shares;
    let sum = (opening + employees + a.new_shares) / lab.shares;
    if (sum - 1.0).abs() > 1e-12 || employees < -1e-12 * lab.shares || a.new_shares < 0.0 {
        return Err(format!("month {t}: ownership is {sum}, employees got {employees}"));
    }
    let ops = &lane.ops;
    if !(-1e-12..=1.0 + 1e-12).contains(&ops.served) || ops.used_gw > ops.place_gw * (1.0 + 1e-12) + 1e-12 {
        return Err(format!("month {t}: served {}, used {} of {}", ops.served, ops.used_gw, ops.place_gw));
    }
    Ok(())
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

/// Runs two paths through the plain engine, and their block beside them.
fn run(plan: &Plan) -> Result<(), String> {
    let mut worker = Worker::new(plan, Level::best());
    let mut boards = Vec::new();
    let lanes = [0, LANES - 1];
    worker.block(0, |w, _| {
        let of = |lane: usize| -> Vec<u64> {
            let board = w.board.iter();
            board.chain(w.rooms.iter().flat_map(|r| r.own().iter())).map(|c| c.0[lane].to_bits()).collect()
        };
        boards.push(lanes.map(of));
    });
    for (k, lane) in lanes.into_iter().enumerate() {
        let mut path = Path::new(plan, lane as u64);
        for t in 1..=plan.months {
            path.month(t).map_err(|broken| format!("{broken}\n{}", odd(&path)))?;
            check(plan, &path, t)?;
            let mut board = columns(Lane::WIDTH);
            path.lane.store(&mut board, 0);
            let rooms = path.rooms.iter().flat_map(gapcast::instruments::One::values);
            let plain = board.iter().map(|c| c.0[0]).chain(rooms).map(f64::to_bits);
            if let Some(at) = plain.zip(&boards[t - 1][k]).position(|(a, b)| a != *b) {
                return Err(format!("month {t}, lane {lane}: the engines differ in value {at} of board and rooms"));
            }
        }
    }
    Ok(())
}

fn one(number: u64) -> Result<(), String> {
    let text = generate::scenario(number);
    let refused = |r: Box<gapcast::job::Refused>| {
        let told = gapcast::cli::diagnostics::render(&r.issues, &r.sources, false);
        let first = told.lines().next().unwrap_or("").to_owned();
        format!("scenario {number} is refused: {first}\n{told}\n{text}")
    };
    let job = Job::parse("generated.yaml", &text, &Overrides::default()).map_err(refused)?;
    run(&job.plan).map_err(|why| format!("scenario {number}: {why}\n{text}"))
}

#[test]
fn identities_hold_on_generated_scenarios() {
    if let Ok(number) = std::env::var("GAPCAST_CONFIG") {
        one(number.parse().unwrap()).unwrap_or_else(|why| panic!("{why}"));
        return;
    }
    let count: u64 = std::env::var("GAPCAST_CONFIGS").map_or(1000, |n| n.parse().unwrap());
    let failed: Vec<String> = (0..count).into_par_iter().filter_map(|number| one(number).err()).collect();
    // The first line of each says what failed: the same line for many scenarios is one mistake.
    let mut kinds: Vec<&str> = failed.iter().filter_map(|why| why.lines().next()).collect();
    kinds.truncate(40);
    let kinds = kinds.join("\n");
    assert!(failed.is_empty(), "{} of {count} scenarios fail:\n{kinds}\nthe first:\n{}", failed.len(), failed[0]);
}
