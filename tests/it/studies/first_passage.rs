//! `solve` on the random walk whose probability of ruin is known: A.3 of `docs/model.md`, with the closed forms of
//! `tests/vectors/stochastic_processes.json`.

use super::{case, study};
use crate::common::vectors::{num, read};
use crate::processes::{of_kind, walk};
use gapcast::study::files::Common;
use gapcast::study::solve::{self, Found, Vary};
use gapcast::study::{Answer, Ask};

/// Opening cash at which ruin has the probability that the vector states, in the interval of at least 19 of 20 seeds: a
/// sound interval of 99% misses more than once with probability 1.7%, and the seeds are fixed.
#[test]
fn the_answer_lies_in_its_interval() {
    let file = read("stochastic_processes");
    for (id, input, expected) in of_kind(&file, "first_passage", 6) {
        if !["fp-burn-24", "fp-profit-36"].contains(&id) {
            continue;
        }
        let [cash, mu, s, months] =
            ["initial_cash", "drift_per_month", "sd_per_sqrt_month", "months"].map(|k| num(&input[k]));
        let text = walk(cash, mu, s, months);
        let p = num(&expected["p_ruin_month_end_monitoring"]);
        let hits = (0..20).filter(|seed| {
            let common = Common { paths: Some(4096), seed: Some(1000 + seed), ..Common::default() };
            let ask = solve::Ask {
                case: case(None, &[]),
                vary: vec![Vary::read(&format!("lab.opening.cash={} USD..{} USD", 0.4 * cash, 2.0 * cash)).unwrap()],
                until: format!("p(cash_out) < {}%", 100.0 * p),
                ..solve::Ask::default()
            };
            let found = study(&text, common, Ask::Solve(ask)).unwrap_or_else(|error| panic!("{error}"));
            let Answer::Solve(found) = found.answer else { panic!("another answer") };
            let root = &found.roots[0];
            assert_eq!((root.found, root.largest), (Found::Value, false), "{id} {seed}");
            let [low, high] = root.interval.map(|end| end.0);
            assert!(low < root.x.0 && root.x.0 < high, "{id} {seed}: {low} {} {high}", root.x.0);
            // It says something: a seventh of the answer either way at most.
            assert!(high - low < 0.3 * cash, "{id} {seed}: {low} to {high}");
            low <= cash && cash <= high
        });
        let hits = hits.count();
        assert!(hits >= 19, "{id}: {hits} of 20 intervals contain {cash}");
    }
}
