//! The block engine against the plain one, bit for bit, at every instruction level; and the identities on every path.

use crate::common::{CLOSED, SMALL, job_with, model};
use gapcast::engine::columns::{Field, LANES, Row, columns};
use gapcast::engine::component::Lane;
use gapcast::engine::level::Level;
use gapcast::engine::month::Worker;
use gapcast::engine::record::Layout;
use gapcast::engine::reference::Path;
use gapcast::engine::run::{RunSettings, Silent, run};
use gapcast::instruments::InstrumentSpec;
use gapcast::model::{Model, Settings};
use gapcast::stats::moments::Moments;

/// A kind that is not in the small scenario is compared by no test of whole runs.
#[test]
fn the_small_scenario_has_every_kind_of_instrument() {
    let model = model(SMALL);
    let there: Vec<&str> = model.plan.instruments.iter().map(|i| InstrumentSpec::named_as(i.spec.kind())).collect();
    let missing: Vec<&str> = InstrumentSpec::written().filter(|kind| !there.contains(kind)).collect();
    assert!(missing.is_empty(), "not in tests/common/small.yaml: {missing:?}");
}

#[test]
fn blocks_equal_the_plain_engine_and_identities_hold() {
    blocks_equal_the_plain_engine(SMALL, 9);
}

#[test]
fn the_same_with_the_loops_closed() {
    blocks_equal_the_plain_engine(CLOSED, 4);
}

/// Every kind of debt under a supply of credit that is too small for all of them.
#[test]
fn the_same_with_little_credit() {
    let credit =
        "  capital: {credit: {supply: 1B USD/yr to 12B USD/yr, supply_growth: 5%/yr, in_winter: 40%, impact: 1}}\n";
    blocks_equal_the_plain_engine(&SMALL.replacen("world:\n", &format!("world:\n{credit}"), 1), 9);
}

/// At least `adverse_kinds` kinds of adverse events must be possible, and all of them seen.
fn blocks_equal_the_plain_engine(text: &str, adverse_kinds: u32) {
    let model = model(text);
    let plan = &model.plan;
    let (mut dead, mut events) = (0, 0);
    for level in Level::ALL.into_iter().filter(|l| l.available()) {
        let mut worker = Worker::new(plan, level);
        let blocks = if level == Level::best() { 3 } else { 1 };
        for block in 0..blocks {
            let first = block * LANES as u64;
            let mut boards = Vec::new();
            worker.block(first, |w, _| {
                boards.push((w.board.clone(), w.instruments.iter().map(|r| r.own().to_vec()).collect::<Vec<_>>()));
            });
            for lane in 0..LANES {
                let mut path = Path::new(plan, first + lane as u64);
                for (t, (board, owns)) in boards.iter().enumerate() {
                    path.month(t + 1).unwrap_or_else(|broken| panic!("{broken}"));
                    let mut c = columns(Lane::WIDTH);
                    path.lane.store(&mut c, 0);
                    for k in 0..Lane::WIDTH {
                        let (plain, fast) = (c[k].0[0], board[k].0[lane]);
                        assert_eq!(
                            plain.to_bits(),
                            fast.to_bits(),
                            "{}: lane {lane}, month {}, column {k} {}: {plain} {fast}",
                            level.name(),
                            t + 1,
                            name_of(k)
                        );
                    }
                    for (r, (instrument, own)) in path.instruments.iter().zip(owns).enumerate() {
                        for (k, value) in instrument.values().iter().enumerate() {
                            assert_eq!(
                                value.to_bits(),
                                own[k].0[lane].to_bits(),
                                "{}: instrument {r}, field {k}",
                                plan.instruments[r].name
                            );
                        }
                    }
                    events |= path.lane.events;
                }
                dead += u32::from(path.lane.lab.alive == 0.0);
            }
        }
    }
    // The scenario must reach what it is meant to test: ruin, and every adverse event.
    assert!(dead > 10, "only {dead} paths defaulted");
    let adverse = (1 << gapcast::engine::books::event::CAUSES) - 1;
    let possible = plan.metrics.events.iter().fold(0, |all, e| all | e.bit) & adverse;
    assert!(possible.count_ones() >= adverse_kinds, "{possible:b}");
    assert_eq!(events & adverse, possible, "events seen: {events:b}");
}

#[test]
fn levels_and_threads_give_the_same_bits() {
    let model = model(SMALL);
    let run = |level, threads| {
        let settings = RunSettings { paths: 2500, threads, level };
        run(&model.plan, &settings, &Silent).expect("nobody stops it")
    };
    let one = run(Level::Baseline, 1);
    for level in Level::ALL.into_iter().filter(|l| l.available()) {
        let two = run(level, 2);
        assert!(one.bins == two.bins, "histograms at {}", level.name());
        // As bits, since NaN is not equal to itself.
        let bits = |m: &Moments| (m.n, m.mean.to_bits(), m.m2.to_bits());
        let sums = one.sums.moments.iter().zip(&two.sums.moments);
        assert!(sums.into_iter().all(|(a, b)| bits(a) == bits(b)), "moments at {}", level.name());
        assert_eq!(one.counts.extremes, two.counts.extremes, "{}", level.name());
    }
}

#[test]
fn named_metrics_are_the_same_and_the_others_are_told() {
    let settings = |metrics: &str| Settings { sets: vec![format!("run.metrics={metrics}")], ..Settings::default() };
    let (all, few) = (model(SMALL), job_with(SMALL, &settings("[cash, stake.founders, revolver.irr]")));
    let run = |model: &Model| {
        run(&model.plan, &RunSettings { paths: 600, threads: 1, level: Level::best() }, &Silent).expect("runs")
    };
    let (a, b) = (run(&all), run(&few));
    assert_eq!(few.plan.metrics.monthly.len(), 2);
    for (name, t) in [("cash", 1), ("cash", 60), ("stake.founders", 30)] {
        let column = |model: &Model| Layout::of(&model.plan).month(t, model.plan.metrics.find(name).expect("a metric"));
        assert!(a.bins[column(&all)] == b.bins[column(&few)], "{name} in month {t}");
    }
    for name in ["cash", "revolver.irr"] {
        let column = |model: &Model| Layout::of(&model.plan).end(model.plan.metrics.find_end(name).expect("a metric"));
        assert!(a.bins[column(&all)] == b.bins[column(&few)], "{name} at the horizon");
    }
    let refused = Model::parse("test.yaml", SMALL, &settings("[cahs]")).expect_err("no such metric");
    let text = gapcast::cli::diagnostics::render(&refused.issues, &refused.sources, false);
    assert!(text.contains("unknown metric `cahs`") && text.contains("did you mean `cash`?"), "{text}");
}

fn name_of(column: usize) -> String {
    let mut at = 0;
    for (group, names) in [
        ("market", gapcast::engine::instrument::Market::NAMES),
        ("lab", gapcast::engine::instrument::Lab::NAMES),
        ("ops", gapcast::engine::component::Ops::NAMES),
        ("accounts", gapcast::engine::component::Accounts::NAMES),
        ("lines", gapcast::engine::books::Lines::NAMES),
    ] {
        for (name, width) in names {
            if column < at + width {
                return format!("{group}.{name}");
            }
            at += width;
        }
    }
    "left, power or events".to_owned()
}
