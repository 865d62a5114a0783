//! Rates of return of capital providers: what the block engine records of a path is what the flows of the plain engine say, and
//! a path with several rates is counted as such.

mod common;

use common::vectors::{pick, run_of};
use common::{SMALL, job};
use gapcast::engine::level::Level;
use gapcast::engine::month::view_of;
use gapcast::engine::reference::Path;
use gapcast::stats::irr::{Irr, irr, npv};

#[test]
fn several_rates_are_counted_and_found_again_by_the_plain_engine() {
    let job = job(SMALL);
    let plan = &job.plan;
    let (_, rows) = run_of(plan, 512, 2, Level::best());
    let mut seen = [0; 2];
    for (k, room) in plan.rooms.iter().enumerate() {
        let name = |what: &str| format!("{}.{what}", room.name);
        if plan.metrics.find_end(&name("irr_several")).is_none() {
            continue;
        }
        let (several, rate) = (pick(plan, &rows, &name("irr_several")), pick(plan, &rows, &name("irr")));
        // Some paths of each kind: with several rates, and with one.
        let with = |x: f64| several.iter().zip(&rate).enumerate().filter(move |(_, (s, _))| **s == x);
        let chosen = with(1.0).take(3).chain(with(0.0).filter(|(_, (_, r))| r.is_finite()).take(2));
        for (path, (&several, &rate)) in chosen {
            let mut plain = Path::new(plan, path as u64);
            for t in 1..=plan.months {
                plain.month(t).unwrap_or_else(|broken| panic!("{broken}"));
            }
            let mut flows: Vec<f64> = plain.flows[k].iter().map(|month| month.iter().sum()).collect();
            let see = view_of(&plain.lane, plan.months, plan.ahead(plan.months));
            let worth: f64 = plain.rooms[k].worth(&see).iter().map(|w| w.0).sum();
            *flows.last_mut().unwrap() += worth;
            let sizes: Vec<f64> = flows.iter().map(|x| x.abs()).collect();
            match irr(&flows) {
                Irr::Several(all) => {
                    assert_eq!(several, 1.0, "{} on path {path}", room.name);
                    assert!(rate.is_nan() && all.iter().all(|&r| npv(r, &flows).abs() < 1e-6 * npv(r, &sizes)));
                    seen[1] += 1;
                }
                found => {
                    assert_eq!(several, 0.0, "{} on path {path}", room.name);
                    let year = (1.0 + found.roots()[0]).powi(12) - 1.0;
                    assert!((year - rate).abs() < 1e-9 * (1.0 + year.abs()), "{}: {year} {rate}", room.name);
                    seen[0] += 1;
                }
            }
        }
    }
    assert!(seen[0] > 20 && seen[1] > 0, "{seen:?}");
}
