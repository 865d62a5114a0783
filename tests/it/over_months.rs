//! What checks ask over several months: the extreme of a monthly metric on each path, in the block engine and the plain one.

use std::sync::Mutex;

use gapcast::engine::level::Level;
use gapcast::engine::record::Chunk;
use gapcast::engine::reference::Path;
use gapcast::engine::run::{Observer, RunSettings, run};
use gapcast::model::{Invalid, Model, Settings};
use gapcast::outcome::Outcome;
use gapcast::plan::metrics::Source;

const SMALL: &str = include_str!("../common/small.yaml");

/// The first chunk.
#[derive(Default)]
struct First(Mutex<Option<Chunk>>);

impl Observer for First {
    fn paths(&self, first: u64, chunk: &Chunk, _: &[u8]) {
        if first == 0 {
            *self.0.lock().unwrap() = Some(chunk.clone());
        }
    }
}

fn with_checks(lines: &[&str]) -> Result<Model, Box<Invalid>> {
    let text = SMALL
        .lines()
        .take_while(|line| !line.starts_with("checks:"))
        .map(|l| format!("{l}\n"))
        .collect::<Vec<_>>()
        .concat();
    let lines = lines.iter().map(|line| format!("  - {line}\n")).collect::<Vec<_>>().concat();
    Model::parse("small.yaml", &format!("{text}checks:\n{lines}"), &Settings::default())
}

#[test]
fn extremes_are_those_of_the_path() {
    let model = with_checks(&[
        "p95(debt max) < 900B USD",
        "p05(run_rate min) > 0 USD/yr",
        "p(cash by 2028-05 < 15B USD) < 90%",
        "p50(capacity_gw max) < 900 GW",
        "p05(cash min) > -900B USD",
    ])
    .expect("it reads");
    let plan = &model.plan;
    let names: Vec<&str> = plan.metrics.at_end.iter().map(|m| m.name.as_str()).collect();
    let asked = ["debt.max", "run_rate.min", "cash.min_by_2028-05", "capacity_gw.max"];
    assert_eq!(&names[names.len() - 4..], asked, "behind all others; the least cash of all months is there anyway");
    let n = 300;
    let first = First::default();
    let results =
        run(plan, &RunSettings { paths: n, threads: 1, level: Level::best() }, &first).expect("it is not stopped");
    let chunk = first.0.into_inner().unwrap().expect("a first chunk");
    for path in [0, 1, 17, 299] {
        let mut plain = Path::new(plan, path);
        let mut kept = [f64::NAN; 4];
        for t in 1..=plan.months {
            plain.month(t).expect("identities hold");
            let board = plain.board();
            for (k, (metric, most, until)) in
                [("debt", true, 60), ("run_rate", false, 60), ("cash", false, 24), ("capacity_gw", true, 60)]
                    .into_iter()
                    .enumerate()
            {
                let Source::Board(at) = plan.metrics.monthly[plan.metrics.find(metric).unwrap()].source else {
                    panic!("{metric} stands on the board");
                };
                if t <= until {
                    kept[k] = if most { kept[k].max(board[at]) } else { kept[k].min(board[at]) };
                }
            }
        }
        let row = &chunk.ends[path as usize * names.len()..(path as usize + 1) * names.len()];
        let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&row[names.len() - 4..]), bits(&kept), "path {path}");
    }
    // The verdict is that of these values.
    let outcome = Outcome::new(model.plan.clone(), results);
    let column = names.len() - 2;
    let below = (0..n as usize).filter(|p| chunk.ends[p * names.len() + column] < 15e9).count();
    let verdict = outcome.verdict(&model.checks[2]).expect("it is measured");
    assert!(below > 0 && (verdict.measured - below as f64 / n as f64).abs() < 0.01, "{below} of {n}: {verdict:?}");
}

#[test]
fn times_that_mean_nothing_are_told() {
    for (line, want) in [
        ("p50(peak_funding at 2029-01) < 9B USD", "one value per path"),
        ("p50(peak_funding max) < 9B USD", "one value per path"),
        ("p(cash_out min) < 10%", "no `min` and no `max`"),
        ("mean(cash by 2029-01) > 0 USD", "tests whether an event has happened"),
        ("p(cash_out by 2032-01) < 10%", "from 2026-06 to 2031-05"),
        ("p05(cash) > 1B USD/yr", "a different unit"),
        ("p05(cash) > 1x", "a different unit"),
        ("p50(gap at 2029-01) < 1B USD/mo", ""),
    ] {
        let issues = with_checks(&[line]).map_or_else(|invalid| invalid.issues, |model| model.reader.issues);
        let told = issues.iter().map(|i| format!("{} {}", i.title, i.label)).collect::<Vec<_>>().concat();
        assert_eq!(issues.has_errors(), !want.is_empty(), "{line}: {told}");
        assert!(told.contains(want), "{line}: {told}");
    }
}
