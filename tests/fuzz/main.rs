//! Mutated scenarios. Whatever a file says, the reader refuses it with a message that has a place, or the program runs it.
//!
//! Shipped scenarios with every variant and every default written out are mutated: lines, words, numbers, units, dates and
//! bytes of the text, branches of the tree, settings and variants of the command line. What is refused must render. What is
//! accepted is run: two paths through the plain engine with every identity checked, their block beside it, bit for bit,
//! and every few times a whole run with its tables. A finding is a panic, a broken identity, a number that is not finite,
//! engines that differ, a text that is not a number in a table, or a case that takes more than five seconds.
//!
//! `GAPCAST_FUZZ_SECONDS` sets how long it runs; `GAPCAST_FUZZ_SEED` where it begins; `GAPCAST_FUZZ_CASE=<number>` runs one
//! case alone and prints its text, lines that no shipped scenario has behind `>`.

#[path = "../common/mod.rs"]
mod common;
mod mutate;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path as File;
use std::sync::Mutex;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use gapcast::cli::diagnostics::render;
use gapcast::engine::columns::{Field, LANES, columns};
use gapcast::engine::component::Lane;
use gapcast::engine::level::Level;
use gapcast::engine::month::Worker;
use gapcast::engine::reference::Path;
use gapcast::engine::run::{RunSettings, Silent, run as simulate};
use gapcast::model::{Model, Settings};
use gapcast::outcome::Outcome;
use gapcast::output::table::Table;
use gapcast::output::tables;
use gapcast::plan::Plan;
use mutate::{Case, Garden};

/// Maximum processor time of one case, in seconds.
const SLOW: f64 = 5.0;
/// One case in this many is run as a whole.
const WHOLE: u64 = 16;

/// Every scenario of the repository under each of its variants, with all defaults written out, and as it was written.
fn seeds() -> Vec<String> {
    let root = File::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = ["scenarios", "tests/common"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|x| x == "yaml"))
        .collect();
    files.sort();
    let mut out = Vec::new();
    for file in &files {
        let mut names = vec![None];
        let Ok(model) = Model::load(file, &Settings::default()) else { continue };
        names.extend(model.variants.iter().cloned().map(Some));
        for variant in names {
            let settings = Settings { variant, ..Settings::default() };
            out.push(Model::load(file, &settings).unwrap().resolved_yaml());
        }
        let text = std::fs::read_to_string(file).unwrap();
        if !text.contains("\nextends:") {
            out.push(text);
        }
    }
    assert!(out.len() > 40, "{} scenarios", out.len());
    out
}

/// The result of a case.
enum Fate {
    Invalid,
    Ran,
}

/// Reads a case, and runs it when it is accepted.
fn fate(number: u64, case: &Case) -> Result<Fate, String> {
    let model = match Model::parse("case.yaml", &case.text, &case.settings) {
        Ok(model) => model,
        Err(refused) => {
            if !refused.issues.has_errors() {
                return Err("refused without an error".to_owned());
            }
            let told = render(&refused.issues, &refused.sources, true);
            return if told.is_empty() { Err("refused without a word".to_owned()) } else { Ok(Fate::Invalid) };
        }
    };
    engines(&model.plan)?;
    if number.is_multiple_of(WHOLE) {
        whole(&model)?;
        let again = Model::parse("resolved.yaml", &model.resolved_yaml(), &Settings::default());
        if let Err(refused) = again {
            let told = render(&refused.issues, &refused.sources, false);
            return Err(format!("its resolved scenario is refused\n{told}"));
        }
    }
    Ok(Fate::Ran)
}

/// Two paths through the plain engine, and their block beside them.
fn engines(plan: &Plan) -> Result<(), String> {
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
        for t in 1..=plan.months {
            path.month(t).map_err(|broken| broken.to_string())?;
            for (at, x) in path.board().iter().enumerate() {
                // Bit masks are not numbers.
                let word = [gapcast::column!(events), gapcast::column!(lab.defaulted)].contains(&at);
                if !word && !x.is_finite() {
                    return Err(format!("month {t}: column {at} of the board is {x}"));
                }
            }
            for (planned, instrument) in plan.instruments.iter().zip(&path.instruments) {
                if let Some((at, x)) = instrument.values().iter().enumerate().find(|(_, x)| !x.is_finite()) {
                    return Err(format!(
                        "month {t}: an instrument of kind {}: column {at} is {x}",
                        planned.spec.kind()
                    ));
                }
            }
            let mut board = columns(Lane::WIDTH);
            path.lane.store(&mut board, 0);
            let instruments = path.states().into_iter().flatten();
            let plain = board.iter().map(|c| c.0[0]).chain(instruments).map(f64::to_bits);
            if let Some(at) = plain.zip(&boards[t - 1][k]).position(|(a, b)| a != *b) {
                return Err(format!("month {t}: the engines differ in value {at} of board and instruments"));
            }
        }
    }
    Ok(())
}

/// A whole run of a block, its tables and the outcome of its checks.
fn whole(model: &Model) -> Result<(), String> {
    let settings = RunSettings { paths: LANES as u64, threads: 1, level: Level::best() };
    let results = simulate(&model.plan, &settings, &Silent).ok_or("the run stopped")?;
    let outcome = Outcome::new(model.plan.clone(), results);
    for check in &model.checks {
        let verdict = outcome.verdict(check).ok_or_else(|| format!("no verdict on `{}`", check.text))?;
        if verdict.se < 0.0 {
            return Err(format!("`{}` has the error {}", check.text, verdict.se));
        }
    }
    let makers: [fn(&Outcome) -> Table; 6] =
        [tables::monthly, tables::instruments, tables::summary, tables::sources_uses, tables::events, tables::claims];
    for make in makers {
        let bytes = make(&outcome).csv();
        let text = std::str::from_utf8(&bytes).map_err(|e| e.to_string())?;
        let odd = |cell: &str| matches!(cell, "NaN" | "inf" | "-inf");
        if let Some(line) = text.lines().find(|line| line.split(',').any(odd)) {
            return Err(format!("a table holds what is not a number: {line}"));
        }
    }
    Ok(())
}

/// Processor time of this thread in seconds; wall time if the system does not report it.
fn spent(began: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanos.map_or(began.elapsed().as_secs_f64(), |n| n / 1e9)
}

/// Runs one case; the finding, if it is one.
fn judge(number: u64, case: &Case) -> Result<Fate, String> {
    let began = Instant::now();
    let before = spent(began);
    let out = catch_unwind(AssertUnwindSafe(|| fate(number, case)));
    let took = spent(began) - before;
    match out {
        Err(what) => {
            let text = what.downcast_ref::<String>().cloned();
            let text = text.or_else(|| what.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            Err(format!("panic: {}", text.unwrap_or_default()))
        }
        Ok(Ok(_)) if took > SLOW => Err(format!("slow: {took:.1} s")),
        Ok(out) => out,
    }
}

/// A key that is equal for findings that are likely the same defect: the first line without digits.
fn kind_of(why: &str) -> String {
    why.lines().next().unwrap_or_default().chars().filter(|c| !c.is_ascii_digit()).take(90).collect()
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|n| n.parse().unwrap_or_else(|_| panic!("{name} is a whole number")))
}

#[test]
fn mutated_scenarios_are_refused_or_run() {
    let garden = Garden::new(seeds());
    if let Some(number) = variable("GAPCAST_FUZZ_CASE") {
        let case = garden.case(number);
        for line in case.text.lines() {
            println!("{} {line}", if garden.has_line(line) { ' ' } else { '>' });
        }
        println!("# {:?}", case.settings);
        judge(number, &case).unwrap_or_else(|why| panic!("{why}"));
        return;
    }
    let seconds = variable("GAPCAST_FUZZ_SECONDS").unwrap_or(4);
    let first = variable("GAPCAST_FUZZ_SEED").unwrap_or(0).wrapping_mul(1_000_000_000);
    // Panics are findings, reported with their case.
    std::panic::set_hook(Box::new(|_| {}));
    let now = Mutex::new(first);
    let (done, waiting) = channel();
    let mut kinds: BTreeMap<String, (u64, u64, String)> = BTreeMap::new();
    let (mut refused, mut ran) = (0_u64, 0_u64);
    std::thread::scope(|scope| {
        let work = scope.spawn(|| {
            let began = Instant::now();
            let mut found = Vec::new();
            let (mut refused, mut ran) = (0_u64, 0_u64);
            let mut number = first;
            while began.elapsed() < Duration::from_secs(seconds) {
                *now.lock().unwrap() = number;
                match judge(number, &garden.case(number)) {
                    Ok(Fate::Invalid) => refused += 1,
                    Ok(Fate::Ran) => ran += 1,
                    Err(why) => {
                        if seconds > 60 {
                            eprintln!("case {number}: {why}");
                        }
                        found.push((number, why));
                    }
                }
                number += 1;
            }
            let _ = done.send(());
            (found, refused, ran)
        });
        // A case that never ends cannot be stopped from outside, only named.
        let mut last = (first, Instant::now());
        while let Err(RecvTimeoutError::Timeout) = waiting.recv_timeout(Duration::from_millis(200)) {
            let at = *now.lock().unwrap();
            if at != last.0 {
                last = (at, Instant::now());
            } else if last.1.elapsed() > Duration::from_secs(120) {
                eprintln!("case {at} does not end; GAPCAST_FUZZ_CASE={at} shows it");
                std::process::abort();
            }
        }
        let (found, no, yes) = work.join().expect("judging does not panic");
        (refused, ran) = (no, yes);
        for (number, why) in found {
            kinds.entry(kind_of(&why)).or_insert((0, number, why)).0 += 1;
        }
    });
    drop(std::panic::take_hook());
    println!("{refused} refused, {ran} run");
    assert!(refused > 20 && ran > 5, "{refused} refused and {ran} run: the mutations are too mild or too wild");
    let mut told = String::new();
    for (kind, (count, number, why)) in &kinds {
        let why: String = why.chars().take(600).collect();
        let _ = write!(told, "\n{count} × {kind}, as in GAPCAST_FUZZ_CASE={number}: {why}");
    }
    assert!(kinds.is_empty(), "{told}");
}
