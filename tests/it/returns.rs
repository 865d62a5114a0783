//! Rates of return of capital providers: what the block engine records of a path is what the flows of the plain engine say, and
//! a path with several rates is counted as such.

use crate::common::vectors::{pick, run_of};
use crate::common::{SMALL, model};
use gapcast::engine::level::Level;
use gapcast::engine::month::view_of;
use gapcast::engine::reference::{Path, derive};
use gapcast::plan::metrics::{Return, Source};

#[test]
fn what_the_block_engine_records_is_what_the_plain_one_finds() {
    let model = model(SMALL);
    let plan = &model.plan;
    let (_, rows) = run_of(plan, 512, 2, Level::best());
    // One path in some ten, and those with several rates.
    let several = |path: usize| {
        let names = plan.metrics.at_end.iter().map(|m| m.name.as_str()).filter(|n| n.ends_with(".irr_several"));
        names.into_iter().any(|n| pick(plan, &rows, n)[path] == 1.0)
    };
    let mut seen = [0; 3];
    for path in (0..512).filter(|&path| path % 13 == 0 || several(path)).take(60) {
        let mut plain = Path::new(plan, path as u64);
        for t in 1..=plan.months {
            plain.month(t).unwrap_or_else(|broken| panic!("{broken}"));
        }
        let see = view_of(&plain.lane, plan.months, plan.ahead(plan.months));
        for metric in &plan.metrics.at_end {
            let Source::Return(k, account, what) = metric.source else { continue };
            let of = |all: &[f64]| account.map_or_else(|| all.iter().sum(), |a| all[a]);
            let flows: Vec<f64> = plain.flows[k].iter().map(|month| of(month)).collect();
            let worth = of(&plain.instruments[k].worth(&see).map(|w| w.0));
            let right = derive::returns(&flows, worth);
            let (found, right) = (pick(plan, &rows, &metric.name)[path], right[what as usize]);
            let near = (found - right).abs() < 1e-9 * (1.0 + right.abs()) || (found.is_nan() && right.is_nan());
            assert!(near, "{} on path {path}: {found} instead of {right}", metric.name);
            if what == Return::Irr {
                seen[usize::from(right.is_nan())] += 1;
            } else if what == Return::Several && right == 1.0 {
                seen[2] += 1;
            }
        }
    }
    assert!(seen[0] > 100 && seen[1] > 20, "{seen:?}");
}
