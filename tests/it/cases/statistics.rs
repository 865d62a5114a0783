//! Quantiles, shares and checks: clustered values are counted exactly, and undefined values are reported.

use std::path::Path as File;

use crate::common::vectors::{board, run_of};
use crate::common::{SMALL, model};
use gapcast::engine::level::Level;
use gapcast::model::{Model, Settings};
use gapcast::outcome::{Outcome, Verdict};
use gapcast::plan::metrics::Source;
use gapcast::stats::quantile::quantile;

fn case(name: &str) -> Model {
    let at = File::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
    Model::load(&at, &Settings::default())
        .unwrap_or_else(|r| panic!("{}", gapcast::cli::diagnostics::render(&r.issues, &r.sources, false)))
}

/// The outcome of the checks of a case, and its end metrics path by path.
fn asked(model: &Model) -> (Vec<Verdict>, Vec<f64>) {
    let (results, ends) = run_of(&model.plan, model.scenario.run.paths, 2, Level::best());
    let outcome = Outcome::new(model.plan.clone(), results);
    (model.checks.iter().map(|check| outcome.verdict(check).expect("a metric of this run")).collect(), ends)
}

fn column<'a>(model: &Model, ends: &'a [f64], name: &str) -> impl Iterator<Item = f64> + 'a {
    let at = model.plan.metrics.find_end(name).unwrap_or_else(|| panic!("no metric {name}"));
    ends.chunks(model.plan.metrics.at_end.len()).map(move |row| row[at])
}

/// Cash of 150, 151 or 152B lasts 150, 151 or 152 months at 1B a month more than comes in: it is out one month later, on 40,
/// 30 and 30% of paths. So the median is 152, the 75% quantile 153, and the share below 152 that of the draws of 150B.
#[test]
fn months_that_bunch_are_counted_exactly() {
    let model = case("bunched-months.yaml");
    let (verdicts, ends) = asked(&model);
    let months: Vec<f64> = column(&model, &ends, "cash_out_month").collect();
    assert!(months.iter().all(|m| [151.0, 152.0, 153.0].contains(m)), "months are whole");
    let share = |m: f64| months.iter().filter(|&&x| x == m).count() as f64 / months.len() as f64;
    // n = 20000, |z| < 5: false alarm 6e-7.
    for (month, p) in [(151.0, 0.4), (152.0, 0.3), (153.0, 0.3)] {
        assert!((share(month) - p).abs() < 5.0 * (p * (1.0 - p) / months.len() as f64).sqrt(), "{month}");
    }
    let measured: Vec<f64> = verdicts.iter().map(|v| v.measured).collect();
    assert_eq!(measured[..2], [152.0, 153.0]);
    // 2038-07 is month 151 from 2026-01.
    assert_eq!(measured[2..], [share(151.0), share(151.0), 151.0]);
    assert_eq!(verdicts[0].shown, "152 mo ± 0 mo");
    assert!(verdicts.iter().all(|v| v.holds || v.measured == 0.41), "{verdicts:?}");
}

/// An opening cash of 5 to 40B against 0.5B a month: `break_even` and the loan's rate of return are defined nowhere, runway
/// on some paths.
#[test]
fn what_is_undefined_is_said_and_never_nan() {
    let model = case("undefined-in-checks.yaml");
    let (verdicts, ends) = asked(&model);
    assert!(verdicts.iter().all(|v| !v.shown.contains("NaN")), "{verdicts:?}");
    let of = |text: &str| verdicts.iter().find(|v| v.text.starts_with(text)).unwrap_or_else(|| panic!("no {text}"));
    let nowhere = of("p50(break_even)");
    assert_eq!((nowhere.shown.as_str(), nowhere.holds, nowhere.defined), ("undefined on every path", false, 0.0));
    assert_eq!(of("p(break_even").measured, 0.0);
    // Of all paths, the share on which cash is used up before month 100; not of the paths on which it is used up at
    // all.
    let runway: Vec<f64> = column(&model, &ends, "runway_months").collect();
    let defined = runway.iter().filter(|m| !m.is_nan()).count() as f64 / runway.len() as f64;
    assert!(defined > 0.0 && defined < 1.0, "{defined}");
    let below = of("p(runway_months < 100 mo)");
    assert_eq!(
        (below.measured, below.defined),
        (runway.iter().filter(|&&m| m < 100.0).count() as f64 / 400.0, defined)
    );
    assert!(below.shown.contains("(undefined on "), "{}", below.shown);
    assert!(of("p50(runway_months)").shown.contains("(defined on "), "{}", of("p50(runway_months)").shown);
}

/// By month: every quantile is within its resolution of the exact one of the same paths, a constant is a constant, and
/// quantiles rise.
#[test]
fn quantiles_by_month_are_within_their_resolution() {
    const LEVELS: [f64; 7] = [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0];
    let model = model(SMALL);
    let columns: Vec<(usize, usize)> = model
        .plan
        .metrics
        .monthly
        .iter()
        .enumerate()
        .filter_map(|(k, m)| match m.source {
            Source::Board(at) => Some((k, at)),
            _ => None,
        })
        .collect();
    assert!(columns.len() > 15);
    let (results, _) = run_of(&model.plan, 1024, 2, Level::best());
    let outcome = Outcome::new(model.plan.clone(), results);
    let values = board(&model.plan, 4, &columns.iter().map(|c| c.1).collect::<Vec<_>>());
    let (mut constants, mut exact) = (0, 0);
    for ((metric, _), months) in columns.iter().zip(values) {
        let recorded = &model.plan.metrics.monthly[*metric];
        for (t, month) in months.into_iter().enumerate() {
            let mut sorted: Vec<f64> = month.into_iter().map(|x| recorded.grid.settle(x)).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            let found = outcome.monthly(*metric, t + 1).quantiles(&LEVELS);
            for (level, q) in LEVELS.iter().zip(&found) {
                let right = quantile(&sorted, *level);
                let off = (q.value - right).abs();
                let at = || format!("{} month {}: {level}: {q:?} for {right}", recorded.name, t + 1);
                assert!(off <= q.resolution * (1.0 + 1e-9) + 1e-12 * right.abs(), "{}", at());
                exact += usize::from(q.resolution == 0.0);
                if sorted[0] == sorted[sorted.len() - 1] {
                    constants += 1;
                    assert!(q.value == sorted[0] && q.resolution == 0.0, "{}", at());
                }
            }
            assert!(found.windows(2).all(|pair| pair[0].value <= pair[1].value), "{}", recorded.name);
        }
    }
    assert!(constants > 100 && exact > constants, "{constants} {exact}");
}
