//! The block engine against the plain one, bit for bit, at every instruction level; and the identities on every path.

use crate::common::{CLOSED, SMALL, job_with, model};
use gapcast::engine::columns::{Field, LANES, Row, columns};
use gapcast::engine::component::Lane;
use gapcast::engine::inputs::Treatment;
use gapcast::engine::level::Level;
use gapcast::engine::month::Worker;
use gapcast::engine::plan::Plan;
use gapcast::engine::record::Layout;
use gapcast::engine::reference::Path;
use gapcast::engine::run::{EXACT_PATHS, RunSettings, Silent, resume, run};
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

/// The boards of the block of paths that begins with `first`, after the last month, and the inputs of its lanes.
fn block_of(plan: &Plan, first: u64) -> (Vec<[u64; LANES]>, Vec<Vec<f64>>) {
    let mut worker = Worker::new(plan, Level::best());
    worker.block(first, |_, _| ());
    (worker.board.iter().map(|column| column.0.map(f64::to_bits)).collect(), worker.draws.clone())
}

/// A run whose inputs and months are all drawn for other paths is that of the other paths, and one in which only the
/// months are has the same inputs and other months.
#[test]
fn inputs_and_months_drawn_for_other_paths_are_theirs() {
    const OFFSET: u64 = 40 * LANES as u64;
    let plan = model(SMALL).plan;
    let mut months = Plan::clone(&plan);
    months.months_from = OFFSET;
    let mut both = months.clone();
    (0..both.draws.len()).for_each(|input| both.draws.treat(input, Treatment::Elsewhere(OFFSET)));
    both.draws.treat_dependence(OFFSET);
    let (here, there, mixed) = (block_of(&plan, 0), block_of(&plan, OFFSET), block_of(&months, 0));
    assert!(block_of(&both, 0) == there);
    assert!(mixed.1 == here.1 && mixed.0 != here.0 && mixed.0 != there.0);
}

/// The block and the plain engine agree where inputs are treated and the months are drawn for other paths.
#[test]
fn treated_inputs_are_the_same_in_both_engines() {
    let mut plan = Plan::clone(&model(SMALL).plan);
    plan.months_from = u64::MAX - 77;
    plan.draws.treat(0, Treatment::Pinned(1.0));
    plan.draws.treat(1, Treatment::Shifted(-0.5));
    plan.draws.treat(2, Treatment::Elsewhere(1 << 50));
    let (board, draws) = block_of(&plan, 512);
    for lane in [0, 76, 77, 78, 255] {
        let mut path = Path::new(&plan, 512 + lane as u64);
        for t in 1..=plan.months {
            path.month(t).unwrap_or_else(|broken| panic!("{broken}"));
        }
        let mut row = columns(Lane::WIDTH);
        path.lane.store(&mut row, 0);
        for (k, (plain, fast)) in row.iter().zip(&board).enumerate() {
            assert_eq!(plain.0[0].to_bits(), fast[lane], "lane {lane}, column {k} {}", name_of(k));
        }
    }
    assert!(draws.iter().all(|row| row[0] == draws[0][0]) && draws[0][1] != draws[1][1]);
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

/// A run in batches has the bits of a run of all its paths, below and above the number of paths up to which every value
/// is kept.
#[test]
#[expect(clippy::large_stack_arrays, reason = "two scenarios")]
fn a_continued_run_is_the_whole_run() {
    let short = ["time.months=2", "run.metrics=[cash]"].map(str::to_owned).to_vec();
    for (model, batches) in [
        (model(SMALL), vec![2048, 3072, 3100]),
        (
            job_with(SMALL, &Settings { sets: short, ..Settings::default() }),
            vec![EXACT_PATHS - 1024, EXACT_PATHS, EXACT_PATHS + 1500],
        ),
    ] {
        let to = |paths, threads| RunSettings { paths, threads, level: Level::best() };
        let mut so_far = run(&model.plan, &to(batches[0], 2), &Silent).expect("nobody stops it");
        for &paths in &batches[1..] {
            so_far = resume(&model.plan, so_far, &to(paths, 1), &Silent).expect("nobody stops it");
            let whole = run(&model.plan, &to(paths, 2), &Silent).expect("nobody stops it");
            assert_eq!((so_far.paths, so_far.threads), (paths, 2));
            assert!(so_far.bins == whole.bins, "histograms of {paths} paths");
            // As text, since NaN is not equal to itself.
            assert!(format!("{:?}", so_far.ends) == format!("{:?}", whole.ends), "values of {paths} paths");
            assert_eq!(so_far.ends.iter().all(Option::is_some), paths <= EXACT_PATHS);
            let bits = |m: &Moments| (m.n, m.mean.to_bits(), m.m2.to_bits());
            let sums = so_far.sums.moments.iter().zip(&whole.sums.moments);
            assert!(sums.into_iter().all(|(a, b)| bits(a) == bits(b)), "{paths} paths");
            assert_eq!(so_far.counts.extremes, whole.counts.extremes, "{paths} paths");
            assert_eq!(so_far.counts.ruined, whole.counts.ruined, "{paths} paths");
        }
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
